//! Values without a format under names, in every notation: how many of each kind are found, and what must stay
//! silent. The rates are promises about kinds, not about samples: every value is drawn.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

mod support;

use std::collections::BTreeMap;

use keyward::parts::confidence::Confidence;
use keyward::parts::detect::Detector;
use keyward::parts::filetype::FileType;
use keyward::parts::lab::Random;
use keyward::parts::rules::RuleSet;
use keyward::parts::text::Text;
use support::is_thorough;

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const SIGNS: &str = "!@#$%^&*";
const MANY_SIGNS: &str = "!@#$%^&*()-_=+[]{}<>?/.:|~";

/// A kind of value: what it is called, what it is drawn from, how long it is.
struct Value {
    name: &'static str,
    alphabet: &'static [&'static str],
    len: usize,
    group: Group,
}

/// Which promise holds for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    /// Letters and digits of 16 and more.
    Plain,
    /// 20 and more with eight signs.
    Signs,
    /// 24 and more of what may be typed.
    Printable,
    /// Hex digits of 32 and more.
    Hex,
    /// Too short to be promised, or of one case alone.
    Short,
}

const VALUES: &[Value] = &[
    value("base62 of 16", &[LOWER, UPPER, DIGITS], 16, Group::Plain),
    value("base62 of 18", &[LOWER, UPPER, DIGITS], 18, Group::Plain),
    value("base62 of 20", &[LOWER, UPPER, DIGITS], 20, Group::Plain),
    value("base62 of 24", &[LOWER, UPPER, DIGITS], 24, Group::Plain),
    value("base62 of 32", &[LOWER, UPPER, DIGITS], 32, Group::Plain),
    value("base62 of 40", &[LOWER, UPPER, DIGITS], 40, Group::Plain),
    value("base62 of 64", &[LOWER, UPPER, DIGITS], 64, Group::Plain),
    value(
        "base64url of 22",
        &[LOWER, UPPER, DIGITS, "-_"],
        22,
        Group::Plain,
    ),
    value(
        "base64url of 32",
        &[LOWER, UPPER, DIGITS, "-_"],
        32,
        Group::Plain,
    ),
    value(
        "base64url of 43",
        &[LOWER, UPPER, DIGITS, "-_"],
        43,
        Group::Plain,
    ),
    value("base36 of 24", &[LOWER, DIGITS], 24, Group::Plain),
    value("base36 of 32", &[LOWER, DIGITS], 32, Group::Plain),
    value(
        "capitals and digits of 24",
        &[UPPER, DIGITS],
        24,
        Group::Plain,
    ),
    value("base32 of 32", &[UPPER, "234567"], 32, Group::Plain),
    value("letters of 24", &[LOWER, UPPER], 24, Group::Plain),
    value(
        "with signs of 20",
        &[LOWER, UPPER, DIGITS, SIGNS],
        20,
        Group::Signs,
    ),
    value(
        "with signs of 24",
        &[LOWER, UPPER, DIGITS, SIGNS],
        24,
        Group::Signs,
    ),
    value(
        "with signs of 32",
        &[LOWER, UPPER, DIGITS, SIGNS],
        32,
        Group::Signs,
    ),
    value(
        "printable of 24",
        &[LOWER, UPPER, DIGITS, MANY_SIGNS],
        24,
        Group::Printable,
    ),
    value(
        "printable of 32",
        &[LOWER, UPPER, DIGITS, MANY_SIGNS],
        32,
        Group::Printable,
    ),
    value(
        "Django's of 50",
        &[LOWER, DIGITS, "!@#$%^&*(-_=+)"],
        50,
        Group::Printable,
    ),
    value("hex of 32", &[DIGITS, "abcdef"], 32, Group::Hex),
    value("hex of 64", &[DIGITS, "abcdef"], 64, Group::Hex),
    value("base62 of 10", &[LOWER, UPPER, DIGITS], 10, Group::Short),
    value("small letters of 14", &[LOWER], 14, Group::Short),
];

const fn value(
    name: &'static str,
    alphabet: &'static [&'static str],
    len: usize,
    group: Group,
) -> Value {
    Value {
        name,
        alphabet,
        len,
        group,
    }
}

/// How names are written.
#[derive(Clone, Copy)]
enum Style {
    Snake,
    Capitals,
    Camel,
    Pascal,
    Kebab,
    Dotted,
}

use Style::{Camel, Capitals, Dotted, Kebab, Pascal, Snake};

/// A notation: the file, how its names are written, the text with `%` for the name and `@` for the value, and the
/// signs that mean something else there.
type Notation = (&'static str, Style, &'static str, &'static str);

const NOTATIONS: &[Notation] = &[
    ("a.py", Snake, "% = \"@\"\n", "\"\\{}"),
    ("b.py", Capitals, "%: str = '@'\n", "'\\"),
    ("c.py", Snake, "config[\"%\"] = \"@\"\n", "\"\\"),
    ("d.py", Snake, "connect(user=\"x\", %=\"@\")\n", "\"\\"),
    (
        "e.py",
        Capitals,
        "x = os.environ.get(\"%\", \"@\")\n",
        "\"\\",
    ),
    ("a.js", Camel, "const % = '@';\n", "'\\"),
    (
        "b.js",
        Camel,
        "const settings = { %: \"@\", n: 1 };\n",
        "\"\\",
    ),
    (
        "c.js",
        Capitals,
        "const it = process.env.% || '@';\n",
        "'\\",
    ),
    (
        "a.ts",
        Camel,
        "  private readonly %: string = '@';\n",
        "'\\",
    ),
    ("a.go", Camel, "\t% := \"@\"\n", "\"\\"),
    ("b.go", Pascal, "const % string = \"@\"\n", "\"\\"),
    ("c.go", Pascal, "\tcfg := Config{%: \"@\"}\n", "\"\\"),
    ("a.rs", Snake, "    let %: &str = \"@\";\n", "\"\\"),
    (
        "A.java",
        Capitals,
        "    private static final String % = \"@\";\n",
        "\"\\",
    ),
    ("B.java", Dotted, "props.put(\"%\", \"@\");\n", "\"\\"),
    ("a.cs", Pascal, "var % = \"@\";\n", "\"\\"),
    ("a.kt", Camel, "val % = \"@\"\n", "\"\\$"),
    ("a.swift", Camel, "let %: String = \"@\"\n", "\"\\"),
    ("a.php", Capitals, "define('%', '@');\n", "'\\"),
    ("b.php", Snake, "    '%' => '@',\n", "'\\"),
    ("a.rb", Snake, "  :% => \"@\",\n", "\"\\#"),
    ("a.c", Snake, "char %[] = \"@\";\n", "\"\\"),
    ("b.c", Capitals, "#define % \"@\"\n", "\"\\"),
    (".env", Capitals, "%=@\n", "\"'\\#$"),
    (".env.local", Capitals, "export %=\"@\"\n", "\"\\$"),
    ("a.properties", Dotted, "%=@\n", "\\#!"),
    ("a.ini", Snake, "[main]\n% = @\n", "\"';#"),
    ("a.yml", Snake, "it:\n  %: @\n", "\"'#:{}[]&*!|>%@?-,<="),
    ("b.yml", Camel, "it:\n  %: \"@\"\n", "\"\\"),
    (
        "docker-compose.yml",
        Capitals,
        "    environment:\n      - %=@\n",
        "\"'#$:{}[]&*!|>@",
    ),
    (
        "deploy.yaml",
        Capitals,
        "        - name: %\n          value: \"@\"\n",
        "\"\\",
    ),
    ("a.toml", Snake, "% = \"@\"\n", "\"\\"),
    ("a.json", Camel, "{\n  \"%\": \"@\"\n}\n", "\"\\"),
    (
        "b.json",
        Capitals,
        "{\"name\": \"%\", \"value\": \"@\"}\n",
        "\"\\",
    ),
    ("a.sh", Capitals, "export %='@'\n", "'"),
    (
        "b.sh",
        Kebab,
        "deploy --% @ --verbose\n",
        "\"'\\$#&*(){}[]<>?!|;`~",
    ),
    ("Dockerfile", Capitals, "FROM x\nENV %=@\n", "\"'\\$#&"),
    ("main.tf", Snake, "  % = \"@\"\n", "\"\\$%{}"),
    (
        "web.config",
        Pascal,
        "<add key=\"%\" value=\"@\" />\n",
        "\"<>&'",
    ),
    ("settings.xml", Camel, "<%>@</%>\n", "<>&\"'"),
];

/// More notations, which hold the promises of [`NOTATIONS`] one by one. They were thought of when all of those held:
/// what of them did not was mended.
const FURTHER: &[Notation] = &[
    ("a.exs", Snake, "config :app, :%, \"@\"\n", "\"\\#"),
    ("b.rb", Snake, "set :%, '@'\n", "'\\"),
    ("c.rb", Snake, "  % = <<~EOS\n    @\n  EOS\n", "\\#"),
    ("a.erl", Snake, "-define(%, \"@\").\n", "\"\\"),
    ("b.erl", Snake, "{%, <<\"@\">>}.\n", "\"\\"),
    ("a.clj", Kebab, "{:% \"@\" :b 1}\n", "\"\\"),
    ("a.el", Capitals, "(setenv \"%\" \"@\")\n", "\"\\"),
    ("a.scala", Snake, "Map(\"%\" -> \"@\")\n", "\"\\"),
    ("a.R", Snake, "% <- \"@\"\n", "\"\\"),
    ("b.kt", Camel, "val % by lazy { \"@\" }\n", "\"\\$"),
    ("b.swift", Camel, "var %: String { return \"@\" }\n", "\"\\"),
    ("d.js", Camel, "  get %() { return \"@\"; }\n", "\"\\"),
    ("e.js", Camel, "const % = () => \"@\";\n", "\"\\"),
    ("f.js", Camel, "  static #% = \"@\";\n", "\"\\"),
    ("f.py", Snake, "% = lambda: \"@\"\n", "\"\\{}"),
    (
        "b.rs",
        Capitals,
        "env::var(\"%\").unwrap_or_else(|_| \"@\".into());\n",
        "\"\\",
    ),
    ("c.rs", Snake, "let % = r#\"@\"#;\n", "\"\\"),
    ("b.ts", Camel, "const % = <string>\"@\";\n", "\"\\"),
    ("c.c", Snake, "strcpy(config.%, \"@\");\n", "\"\\"),
    ("a.tcl", Snake, "set % \"@\"\n", "\"\\$[]"),
    (
        "a.cbl",
        Kebab,
        "       01 WS-% PIC X(40) VALUE \"@\".\n",
        "\"\\",
    ),
    ("a.nix", Camel, "  % = ''@'';\n", "'\\$"),
    ("a.cue", Camel, "%: string | *\"@\"\n", "\"\\"),
    ("a.jsonnet", Camel, "{ %:: '@' }\n", "'\\"),
    (
        "a.sql",
        Snake,
        "INSERT INTO users (id, %) VALUES (1, '@');\n",
        "'\\",
    ),
    (
        "b.sql",
        Snake,
        "UPDATE settings SET value = '@' WHERE name = '%';\n",
        "'\\",
    ),
    ("nginx.conf", Snake, "    set $% \"@\";\n", "\"\\$"),
    ("b.conf", Kebab, "RequestHeader set X-% \"@\"\n", "\"\\"),
    (
        "haproxy.cfg",
        Kebab,
        "  http-request set-header X-% @\n",
        "\"'\\#$",
    ),
    ("c.sh", Kebab, "git config --global acme.% '@'\n", "'"),
    ("d.sh", Capitals, "vercel env add % <<< \"@\"\n", "\"\\$!`"),
    ("a.xml", Camel, "<%>\n  <value>@</value>\n</%>\n", "<>&\"'"),
    (
        "b.xml",
        Pascal,
        "<Setting Name=\"%\"><Value>@</Value></Setting>\n",
        "<>&\"'",
    ),
    (
        "a.xaml",
        Pascal,
        "<sys:String x:Key=\"%\">@</sys:String>\n",
        "<>&\"'",
    ),
    (
        "a.gradle",
        Snake,
        "        resValue 'string', '%', '@'\n",
        "'\\$",
    ),
    ("a.robot", Capitals, "${%}    @\n", "\"'\\#$"),
    (
        "c.swift",
        Kebab,
        "req.setValue(\"@\", forHTTPHeaderField: \"X-%\")\n",
        "\"\\",
    ),
    ("a.tpl", Camel, "{{ .Values.% | default \"@\" }}\n", "\"\\"),
    ("a.j2", Snake, "{{ % | default('@') }}\n", "'\\"),
    ("a.dart", Camel, "static const String % = '@';\n", "'\\$"),
    ("a.jl", Snake, "const % = \"@\"\n", "\"\\$"),
    ("a.lua", Snake, "local % = \"@\"\n", "\"\\"),
    ("a.nim", Camel, "const % = \"@\"\n", "\"\\"),
    ("a.zig", Snake, "const %: []const u8 = \"@\";\n", "\"\\"),
    ("a.hs", Camel, "% :: String\n% = \"@\"\n", "\"\\"),
    ("a.ps1", Pascal, "$% = \"@\"\n", "\"\\$`"),
    (
        "a.service",
        Capitals,
        "[Service]\nEnvironment=\"A=1\" \"%=@\"\n",
        "\"\\'#$",
    ),
    ("a.csv", Snake, "user,%\na,@\n", "\"\\',"),
    (
        "a.patch",
        Capitals,
        "--- a/.env\n+++ b/.env\n-A=1\n+%=@\n",
        "\"'\\#$",
    ),
    (
        "a.ipynb",
        Snake,
        "{\"cells\":[{\"source\":[\"% = \\\"@\\\"\\n\"]}]}\n",
        "\"\\",
    ),
    (
        "a.plist",
        Pascal,
        "<key>%</key>\n<string>@</string>\n",
        "<>&\"'",
    ),
];

/// A group of names, and what it promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Password,
    Key,
    Token,
    Unknown,
    Silent,
}

const NAMES: &[(Kind, &[&str])] = &[
    (
        Kind::Password,
        &[
            "password",
            "db password",
            "admin password",
            "smtp pass",
            "redis cache password",
            "container registry password",
            "mysql root password",
            "user passwd",
            "ldap bind password",
            "keystore passphrase",
            "backup password",
            "grafana admin password",
            "postgres password",
            "ftp password",
            "sync service password",
        ],
    ),
    (
        Kind::Key,
        &[
            "api key",
            "secret",
            "secret key",
            "client secret",
            "access key",
            "primary access key",
            "object storage secret key",
            "webhook secret",
            "jwt secret",
            "session secret",
            "signing key",
            "encryption key",
            "app secret",
            "private key",
            "service api key",
        ],
    ),
    (
        Kind::Token,
        &[
            "access token",
            "auth token",
            "token",
            "api token",
            "facebook page access token",
            "refresh token",
            "bot token",
            "bearer token",
            "deploy token",
            "registry auth token",
        ],
    ),
    (
        Kind::Unknown,
        &[
            "acme key",
            "nimbusly key",
            "tomtom key",
            "stormapi key",
            "weatherly key",
            "mapper key",
            "plenti key",
            "zenhub key",
            "viewstate validation key",
            "orbit key",
        ],
    ),
    (
        Kind::Silent,
        &[
            "public key",
            "csrf token",
            "next page token",
            "cache key",
            "password hash",
            "secret name",
            "sha256 password",
            "token type",
            "site key",
            "client request token",
        ],
    ),
];

/// The least share that is found, of a group of values under a kind of names.
fn promise(group: Group, kind: Kind) -> Option<f64> {
    Some(match (group, kind) {
        (_, Kind::Silent) | (Group::Short, _) => return None,
        // In code a password's hash, and an id as often as a token: see the test of settings.
        (Group::Hex, Kind::Password | Kind::Unknown | Kind::Token) => return None,
        (Group::Hex, _) => 0.95,
        (Group::Plain, Kind::Unknown) => 0.95,
        (Group::Plain, _) => 0.99,
        (Group::Signs, _) => 0.95,
        (Group::Printable, _) => 0.90,
    })
}

fn written(words: &str, style: Style) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let words: Vec<&str> = words.split(' ').collect();
    match style {
        Snake => words.join("_"),
        Capitals => words.join("_").to_uppercase(),
        Kebab => words.join("-"),
        Dotted => words.join("."),
        Pascal => words.iter().map(|word| capital(word)).collect(),
        Camel => {
            let (first, rest) = words.split_first().unwrap();
            rest.iter()
                .fold((*first).to_owned(), |name, word| name + &capital(word))
        }
    }
}

/// Whether a drawn value is found as a secret that stops a commit: whole, but for a sign at each end that may belong
/// to the notation.
fn is_found(detector: &Detector<'_>, notation: &Notation, name: &str, secret: &str) -> bool {
    let (path, style, template, _) = notation;
    let content = template
        .replace('%', &written(name, *style))
        .replace('@', secret);
    let text = Text::decode(content.as_bytes()).at(FileType::of_path(path.as_bytes()));
    detector.detect(&text).iter().any(|detection| {
        detection.judgement.confidence > Confidence::Possible
            && std::str::from_utf8(detection.candidate.secret())
                .is_ok_and(|found| secret.contains(found) && found.len() + 2 >= secret.len())
    })
}

fn draw(value: &Value, notation: &Notation, random: &mut Random) -> String {
    let letters: Vec<u8> = value
        .alphabet
        .concat()
        .bytes()
        .filter(|&b| !notation.3.as_bytes().contains(&b))
        .collect();
    random.text(&letters, value.len)
}

/// Found and drawn.
#[derive(Clone, Copy, Default)]
struct Count {
    found: u32,
    drawn: u32,
}

impl Count {
    fn add(&mut self, found: bool) {
        self.found += u32::from(found);
        self.drawn += 1;
    }

    fn share(self) -> f64 {
        f64::from(self.found) / f64::from(self.drawn.max(1))
    }
}

#[test]
fn each_kind_of_value_is_found_under_each_kind_of_name() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let mut random = Random::new(20);
    let mut cells: BTreeMap<(Kind, &str), (Group, Count)> = BTreeMap::new();
    let draws = if is_thorough() { 10 } else { 1 };
    let mut silent = Count::default();
    for (kind, names) in NAMES {
        for value in VALUES {
            let (_, count) = cells
                .entry((*kind, value.name))
                .or_insert((value.group, Count::default()));
            for name in *names {
                for notation in NOTATIONS {
                    for _ in 0..draws {
                        let secret = draw(value, notation, &mut random);
                        let found = is_found(&detector, notation, name, &secret);
                        count.add(found);
                        if *kind == Kind::Silent {
                            silent.add(found);
                        }
                    }
                }
            }
        }
    }
    let broken: Vec<String> = cells
        .iter()
        .filter_map(|((kind, value), (group, count))| {
            let least = promise(*group, *kind)?;
            (count.share() < least).then(|| {
                format!(
                    "{kind:?} {value}: {:.3} of {}, not {least}",
                    count.share(),
                    count.drawn
                )
            })
        })
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
    assert_eq!(
        silent.found, 0,
        "of {} under names that say otherwise",
        silent.drawn
    );
}

/// What is drawn in each notation: a kind of value under a name of a kind, and how the column of the document is
/// called.
const CARRIED: &[(Kind, &str, &str, &str)] = &[
    (
        Kind::Password,
        "db password",
        "base62 of 16",
        "letters and digits, 16",
    ),
    (Kind::Token, "access token", "base62 of 20", "the same, 20"),
    (
        Kind::Password,
        "db password",
        "with signs of 20",
        "with signs, 20",
    ),
    (Kind::Key, "api key", "printable of 24", "printable, 24"),
    (Kind::Unknown, "acme key", "base62 of 32", "`acme_key`"),
    (Kind::Key, "client secret", "hex of 32", "hex digits, 32"),
];

/// How many of so many drawn values of a kind are found in a notation.
fn carried(
    detector: &Detector<'_>,
    notation: &Notation,
    (name, value): (&str, &Value),
    draws: usize,
    random: &mut Random,
) -> Count {
    let mut count = Count::default();
    for _ in 0..draws {
        let secret = draw(value, notation, random);
        count.add(is_found(detector, notation, name, &secret));
    }
    count
}

#[test]
fn each_notation_carries_each_kind_of_value() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let mut random = Random::new(21);
    // A few of 300 draws are chance.
    let (draws, slack) = match is_thorough() {
        true => (10_000, 0.0),
        false => (300, 0.02),
    };
    let further = draws / 10;
    let all = NOTATIONS.iter().map(|it| (it, draws, slack));
    let all = all.chain(FURTHER.iter().map(|it| (it, further, 0.03)));
    let mut broken = Vec::new();
    for (notation, draws, slack) in all {
        for &(kind, name, value, _) in CARRIED {
            let value = VALUES.iter().find(|it| it.name == value).unwrap();
            // In a bare value of the further ones other signs may mean something else.
            if value.group == Group::Printable && draws == further {
                continue;
            }
            let least = promise(value.group, kind).unwrap();
            let count = carried(&detector, notation, (name, value), draws, &mut random);
            if count.share() < least - slack {
                let (path, _, template, _) = notation;
                broken.push(format!(
                    "{path} {template:?}: {kind:?} {}: {:.3}, not {least}",
                    value.name,
                    count.share()
                ));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Where `docs/accuracy.md` holds the rates by notation.
const MARKS: [&str; 2] = [
    "<!-- rates by notation -->\n",
    "<!-- end of the rates -->\n",
];

/// Writes the rates by notation, of 10,000 draws each, into `docs/accuracy.md`.
#[test]
#[ignore = "a measurement: cargo test --test matrix -- --ignored writes it down"]
fn the_rates_by_notation_are_written_down() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let mut random = Random::new(23);
    let titles: Vec<&str> = CARRIED.iter().map(|it| it.3).collect();
    let mut table = format!("| notation | {} |\n|---|", titles.join(" | "));
    table += &"---|".repeat(titles.len());
    for notation in NOTATIONS.iter().chain(FURTHER) {
        let (path, style, template, _) = notation;
        let line = template
            .replace('%', &written("acme key", *style))
            .replace('@', "…");
        let line = line
            .trim()
            .replace('\t', "")
            .replace('\n', " ⏎ ")
            .replace('|', "\\|");
        let fence = if line.contains('`') { "``" } else { "`" };
        table += &format!("\n| {path}: {fence}{line}{fence} |");
        for &(_, name, value, _) in CARRIED {
            let value = VALUES.iter().find(|it| it.name == value).unwrap();
            let count = carried(&detector, notation, (name, value), 10_000, &mut random);
            table += &format!(" {:.1}% |", 100.0 * count.share());
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/accuracy.md");
    let document = std::fs::read_to_string(path).unwrap();
    let (before, rest) = document.split_once(MARKS[0]).unwrap();
    let (_, after) = rest.split_once(MARKS[1]).unwrap();
    let [start, end] = MARKS;
    std::fs::write(path, format!("{before}{start}\n{table}\n\n{end}{after}")).unwrap();
}

#[test]
fn hex_digits_may_be_a_password_in_settings_alone() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let mut random = Random::new(22);
    let draws = if is_thorough() { 10_000 } else { 300 };
    let hex = VALUES.iter().find(|it| it.name == "hex of 32").unwrap();
    let settings = [
        ".env",
        ".env.local",
        "a.properties",
        "a.ini",
        "a.yml",
        "b.yml",
        "docker-compose.yml",
        "deploy.yaml",
        "a.toml",
        "a.json",
        "a.sh",
        "Dockerfile",
    ];
    for notation in NOTATIONS {
        let (path, _, template, _) = notation;
        let mut count = Count::default();
        for _ in 0..draws {
            let secret = draw(hex, notation, &mut random);
            count.add(is_found(&detector, notation, "db password", &secret));
        }
        if settings.contains(path) {
            assert!(count.share() >= 0.95, "{path}: {}", count.share());
        } else if path.ends_with(".py") || path.ends_with(".go") || path.ends_with(".java") {
            // A draw of digits alone is no digest.
            assert!(
                count.share() <= 0.001,
                "{path}: {template}: {}",
                count.share()
            );
        }
    }
}

/// One fixed word in each place of a name, so that what is silent is so for its words, not for its value.
#[test]
fn written_values_are_silent_under_every_name() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    for (_, names) in NAMES {
        for name in *names {
            // WordPress's rule takes what people make up, and `a.php` is as its settings are.
            let notations = NOTATIONS.iter().chain(FURTHER);
            for notation in notations.filter(|it| it.0 != "a.php") {
                for written in [
                    "correct-horse-battery",
                    "my.application.settings",
                    "getAccessTokenProvider",
                    "production_database_main",
                    "ReplaceThisBeforeRelease",
                    "request.headers.authorization",
                ] {
                    assert!(
                        !is_found(&detector, notation, name, written),
                        "{}: {name}: {written}",
                        notation.0
                    );
                }
            }
        }
    }
}
