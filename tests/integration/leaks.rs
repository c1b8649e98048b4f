//! Nothing leaks: every command and every format runs where secrets stand in all the places that they get
//! into, and nothing that is written, and nothing that a child is given, has nine characters in a row of any.

#![cfg(unix)]

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use keyward::parts::lab::{Random, sample};
use keyward::parts::rules::{Reach, RuleSet};

use crate::FORMATS;
use crate::support::contexts::Context;
use crate::support::{Ran, Reading, Scratch, is_thorough, write_script};

/// How many characters in a row are a leak.
const RUN: usize = 9;

/// How many secrets stand in one repository.
const PLANTED: usize = 40;

/// So many of them have no format. They come first and stand in contents alone: in a name nobody can tell one from a
/// word.
const LIKE_WORDS: usize = 8;

/// A secret, and how much of its start is public.
struct Planted {
    text: String,
    public: usize,
    /// Another of its kind: what both have is no secret.
    other: String,
}

/// Secrets of so many formats, and passwords that only their names give away.
fn planted(random: &mut Random) -> Vec<Planted> {
    let rules = RuleSet::builtin();
    let is_plain = |text: &str| {
        let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        (24..=200).contains(&text.len()) && text.bytes().all(is_fit)
    };
    let mut all = Vec::from_iter((0..LIKE_WORDS).map(|_| Planted {
        text: random.token(24),
        public: 0,
        other: String::new(),
    }));
    let anchored: Vec<_> = rules
        .iter()
        .filter(|rule| rule.reach == Reach::Anchored && !rule.public)
        .collect();
    while all.len() < PLANTED {
        let rule = anchored[random.below(anchored.len())];
        let [one, other] = [(); 2].map(|()| sample(rule, random).map(String::from_utf8));
        let (Some(Ok(text)), Some(Ok(other))) = (one, other) else {
            continue;
        };
        let starts = rule.literals.iter().map(|literal| &literal.text);
        let starts = starts.filter(|start| text.starts_with(&***start));
        let public = starts.map(|start| start.len()).max().unwrap_or_default();
        // In a name, a shorter start is one of a word.
        if is_plain(&text) && public > 3 && text.len() >= public + 2 * RUN {
            all.push(Planted {
                text,
                public,
                other,
            });
        }
    }
    all
}

/// What is sought: every run of every secret, as it is and as it may be written.
#[derive(Default)]
struct Sought {
    runs: BTreeMap<usize, HashSet<Vec<u8>>>,
    starts: HashSet<[u8; 2]>,
}

impl Sought {
    fn of(all: &[Planted]) -> Self {
        let mut sought = Self::default();
        for secret in all {
            let body = &secret.text.as_bytes()[secret.public..];
            let known = plain(secret.other.as_bytes());
            let known: HashSet<&[u8]> = known.windows(RUN).collect();
            for run in plain(body).windows(RUN) {
                if !known.contains(run) {
                    sought.add(run.to_vec());
                    sought.add(run.iter().rev().copied().collect());
                }
            }
            for run in body.windows(RUN) {
                if known.contains(&*plain(run)) {
                    continue;
                }
                let hex = run.iter().map(|byte| format!("{byte:02x}"));
                sought.add(hex.collect::<String>().into_bytes());
                for before in 0..3 {
                    // Eleven characters of it are of these nine bytes alone, wherever they begin.
                    let padded = [&[0; 3][..before], run].concat();
                    let text = base64(&padded);
                    sought.add(plain(&text[(before * 8).div_ceil(6)..][..11]));
                }
            }
        }
        sought
    }

    fn add(&mut self, run: Vec<u8>) {
        self.starts.insert([run[0], run[1]]);
        self.runs.entry(run.len()).or_default().insert(run);
    }

    /// The first run that stands in some bytes; of it, only where it stands may be told.
    fn find(&self, bytes: &[u8]) -> Option<usize> {
        let views = [plain(bytes), plain(&unescaped(bytes))];
        views.iter().find_map(|view| {
            (0..view.len().saturating_sub(1)).find(|&at| {
                self.starts.contains(&[view[at], view[at + 1]])
                    && self.runs.iter().any(|(&length, runs)| {
                        let run = view.get(at..at + length);
                        run.is_some_and(|run| runs.contains(run))
                    })
            })
        })
    }
}

/// In small letters and without what parts the words of names: a name is made of a secret so, too.
fn plain(bytes: &[u8]) -> Vec<u8> {
    let kept = bytes.iter().filter(|byte| !b"-_+/\0".contains(byte));
    kept.map(u8::to_ascii_lowercase).collect()
}

fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let digit = |at: usize| {
        let digit = char::from(*bytes.get(at)?).to_digit(16)?;
        u8::try_from(digit).ok()
    };
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = |at: usize| {
        let of = |bit: usize| {
            bytes
                .get(bit / 8)
                .is_some_and(|byte| byte >> (7 - bit % 8) & 1 == 1)
        };
        (0..6).fold(0, |sextet, bit| sextet << 1 | usize::from(of(6 * at + bit)))
    };
    let count = (bytes.len() * 8).div_ceil(6);
    (0..count).map(|at| ALPHABET[bits(at)]).collect()
}

/// A repository with secrets in it, and what watches what becomes of them.
struct Field {
    scratch: Scratch,
    sought: Sought,
    secrets: Vec<String>,
    log: PathBuf,
    known: BTreeMap<PathBuf, Vec<u8>>,
    leaks: Vec<String>,
    /// Whether a child was heard.
    heard: bool,
}

impl Field {
    fn new(reading: Reading, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let all = planted(&mut random);
        let mut scratch = Scratch::new(reading);
        let root = scratch.root();
        let log = root.join("children");
        let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .map(|dir| dir.join("git"))
            .find(|git| git.is_file())
            .unwrap();
        let record = format!("{{ printf '%s\\n' \"$@\"; env; }} >>'{}'\n", log.display());
        let git = format!("#!/bin/sh\n{record}exec '{}' \"$@\"\n", real.display());
        write_script(&root.join("bin/git"), &git);
        // No command may reach a network from a test.
        for program in ["curl", "wget", "gh", "op", "vault", "ssh"] {
            write_script(
                &root.join("bin").join(program),
                &format!("#!/bin/sh\n{record}exit 1\n"),
            );
        }
        fs::create_dir(root.join("tmp")).unwrap();
        let secrets: Vec<String> = all.iter().map(|secret| secret.text.clone()).collect();
        plant(&scratch, &secrets);
        scratch.first_on_path(&root.join("bin"));
        // Nor any other program: nothing is there.
        scratch.set("HTTPS_PROXY", "http://127.0.0.1:1");
        scratch.set("TMPDIR", root.join("tmp").to_str().unwrap());
        let mut field = Self {
            scratch,
            sought: Sought::of(&all),
            secrets,
            log,
            known: BTreeMap::new(),
            leaks: Vec::new(),
            heard: false,
        };
        field.take_stock();
        field
    }

    /// Every file that can be written, but for what git packs: the secrets are in it. Gives those that are new.
    fn take_stock(&mut self) -> Vec<(PathBuf, Vec<u8>)> {
        let root = self.scratch.root();
        let mut now = BTreeMap::new();
        let mut left = vec![root.clone()];
        while let Some(directory) = left.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                let is_gits = [".git/objects", ".git/index", ".git/logs", "bin", "children"]
                    .iter()
                    .any(|gits| path.ends_with(gits));
                if path.is_dir() && !is_gits && !path.is_symlink() {
                    left.push(path);
                } else if !is_gits && !path.is_dir() {
                    now.insert(path.clone(), fs::read(&path).unwrap_or_default());
                }
            }
        }
        let is_new =
            |(path, content): &(&PathBuf, &Vec<u8>)| self.known.get(*path) != Some(*content);
        let new = now.iter().filter(is_new);
        let new = new
            .map(|(path, content)| (path.clone(), content.clone()))
            .collect();
        self.known = now;
        new
    }

    /// Runs a command, and looks at all that came of it.
    fn run(&mut self, arguments: &[&str], input: &str) -> Ran {
        self.run_as(arguments, input, arguments.join(" "))
    }

    /// As `run`, of arguments that somebody typed and that must not be told: nor are they looked for in what git
    /// is given of them.
    fn run_typed(&mut self, arguments: &[&str], name: &str) {
        let _ = fs::write(&self.log, "");
        let ran = self.scratch.keyward(arguments);
        assert!(matches!(ran.code, Some(0..=3)), "{name}: {:?}", ran.code);
        self.look(ran.told().as_bytes(), name, "the output");
    }

    fn run_as(&mut self, arguments: &[&str], input: &str, name: String) -> Ran {
        fs::write(&self.log, "").unwrap();
        let ran = self.scratch.keyward_fed(arguments, input);
        // It says how it ended: no signal, no panic.
        assert!(matches!(ran.code, Some(0..=3)), "{name}: {:?}", ran.code);
        self.look(ran.stdout.as_bytes(), &name, "standard output");
        self.look(ran.stderr.as_bytes(), &name, "standard error");
        let given = fs::read(&self.log).unwrap();
        self.heard |= !given.is_empty();
        self.look(&given, &name, "what a child is given");
        for (path, content) in self.take_stock() {
            // There the value of a key belongs, and the other one says for this user alone in which files keys lie.
            if !path.ends_with(".env") && !path.ends_with("keyward/keys.json") {
                let place = path
                    .strip_prefix(self.scratch.root())
                    .unwrap()
                    .to_path_buf();
                self.look(&content, &name, &place.to_string_lossy());
                self.look(
                    place.to_string_lossy().as_bytes(),
                    &name,
                    "the name of a file",
                );
            }
        }
        ran
    }

    fn look(&mut self, bytes: &[u8], command: &str, place: &str) {
        if let Some(at) = self.sought.find(bytes) {
            let line = bytes[..at.min(bytes.len())]
                .iter()
                .filter(|&&byte| byte == b'\n');
            let line = line.count() + 1;
            self.leaks
                .push(format!("{command}: {place}, near line {line}"));
        }
    }
}

/// Puts the secrets where they get.
fn plant(scratch: &Scratch, secrets: &[String]) {
    scratch.write("README.md", "A test.\n");
    scratch.commit_all();
    let mut next = secrets.iter();
    let mut take = || next.next().unwrap().clone();
    for (at, context) in Context::ALL.into_iter().enumerate() {
        let key = take();
        let written = context.write("ACME_API_KEY", key.as_bytes());
        scratch.write(format!("src/{at}.txt"), written.line);
    }
    scratch.write("one.py", format!("api_key = \"{}\"\n", take()));
    scratch.write(
        ".env",
        format!(
            "A_KEY={}\nDB_PASSWORD={}\nAPP_SECRET={}\n",
            take(),
            take(),
            secrets[0]
        ),
    );
    scratch.write(
        "url.sh",
        format!("curl https://u:{}@x.acme.io/{}\n", take(), take()),
    );
    let names = (take(), take(), take());
    scratch.write(format!("{}/x.py", names.0), format!("k = '{}'\n", take()));
    scratch.write(format!("{}.env", names.1), format!("A={}\n", take()));
    scratch.write(
        "n.json",
        format!("{{\"{}\": {{\"password\": \"{}\"}}}}\n", names.2, take()),
    );
    scratch.write("p.py", format!("{}_password = \"{}\"\n", take(), take()));
    let wide: Vec<u8> = take().bytes().flat_map(|byte| [byte, 0]).collect();
    scratch.write("wide.bin", [b"\xff\xfe", &wide[..]].concat());
    scratch.write(
        "b64.txt",
        [b"x = ", &base64(format!("key={}\n", take()).as_bytes())[..]].concat(),
    );
    // What other tools were told to pass.
    scratch.write(
        ".gitleaksignore",
        format!("{}:a.py:rule:1\n{}\n", take(), take()),
    );
    scratch.write(
        ".gitleaks.toml",
        format!("[allowlist]\nregexes = ['{}']\npaths = ['(']\n", take()),
    );
    scratch.write(
        ".secretsignore",
        format!("*.lock\n[secrets]\n{}\n(\n", take()),
    );
    // A pipeline that lets out what it is given, in a job that a key is the name of.
    scratch.write(
        ".github/workflows/ci.yml",
        format!(
            "on: pull_request_target\njobs:\n  {}:\n    runs-on: x\n    steps:\n      - run: echo ${{{{ secrets.{} }}}}\n",
            take(),
            // As the name of a secret a word of letters and digits is read, and as one of these only what has a start.
            secrets[LIKE_WORDS..]
                .iter()
                .find(|secret| !secret.contains('-'))
                .expect("most have no dash")
        ),
    );
    scratch.git(&["add", "--all", "--force"]);
    let author = format!("--author=A {} <a@example.com>", take());
    let message = format!("a key {}", take());
    scratch.git(&["commit", "-q", "--no-verify", "-m", &message, &author]);
    let (branch, tag) = (take(), take());
    scratch.git(&["branch", &branch]);
    scratch.git(&[
        "tag",
        "-a",
        &format!("v-{tag}"),
        "-m",
        &format!("of {}", secrets[12]),
    ]);
    scratch.git(&["notes", "add", "-m", &secrets[13]]);
    // And what is staged now.
    scratch.add("staged.py", format!("token = \"{}\"\n", secrets[14]));
    scratch.add(
        &format!("{}/y.txt", secrets[15]),
        format!("key: {}\n", secrets[16]),
    );
}

/// Every command that the program names, with the words that lead to it.
fn commands(scratch: &Scratch, words: &[String], found: &mut Vec<Vec<String>>) {
    let help = [words, &["--help".to_owned()][..]].concat();
    let help = scratch.keyward(&help).stdout;
    let Some((_, list)) = help.split_once("\nCommands:\n") else {
        return found.push(words.to_vec());
    };
    for line in list.lines().take_while(|line| !line.is_empty()) {
        let name = line.strip_prefix("  ").unwrap_or(line);
        let name = name.split(' ').next().unwrap_or_default();
        if !name.is_empty() && name != "help" {
            commands(scratch, &[words, &[name.to_owned()][..]].concat(), found);
        }
    }
}

/// What is run of commands that want more than a word, `ID` for the id of a finding, and what they read.
const MORE: &[(&str, &str)] = &[
    ("scan --staged", ""),
    ("scan --history", ""),
    ("scan --explain .", ""),
    ("scan --stdin", "STDIN"),
    ("audit --unreachable", ""),
    ("audit ID", ""),
    ("audit --json", ""),
    ("audit --repos .", ""),
    ("respond ID --json", ""),
    ("respond ID --markdown", ""),
    ("respond ID --alert-text", ""),
    ("respond --stdin", "STDIN"),
    ("verify ID", ""),
    ("verify ID --json", ""),
    ("verify --stdin", "STDIN"),
    ("revoke ID --dry-run", ""),
    ("revoke ID --yes", ""),
    ("revoke --stdin --yes --format agent", "STDIN"),
    ("keys --names", ""),
    ("keys calendar", ""),
    ("keys rotate A_KEY --yes", "STDIN"),
    ("allow --propose ID --reason x", ""),
    ("allow --confirm", ""),
    ("allow ID --reason made-up", ""),
    ("allow --list", ""),
    ("allow --remove ID", ""),
    ("fix ID", ""),
    ("fix ID --yes", ""),
    ("allow --import .gitleaksignore", ""),
    ("allow --import .gitleaks.toml", ""),
    ("allow --import .secretsignore", ""),
    ("allow --all --history --reason made-up", ""),
    ("doctor --json", ""),
    ("doctor --prune", ""),
    ("doctor --ci", ""),
    ("doctor --forge=gh", ""),
    ("keys rotate APP_SECRET --yes", "KEY"),
    ("template --for pass --yes", ""),
    ("template --for 1password --force", ""),
    ("init --yes", ""),
    ("ignore one.py", ""),
    ("rules show anthropic-api-key", ""),
    ("rules check .keyward.toml", ""),
    ("completions bash", ""),
    ("agents-md --write", ""),
    ("hook pre-commit", ""),
    ("hook pre-merge-commit", ""),
    ("hook commit-msg MESSAGE", ""),
    ("hook prepare-commit-msg MESSAGE message", ""),
    ("hook post-commit", ""),
    ("hook pre-push origin URL", "REFS"),
    ("hook pre-receive", "RECEIVED"),
    ("agent-hook claude-code", "EVENT"),
    ("agent-hook codex", "EVENT"),
    ("agent-hook cursor", "EVENT"),
    ("agent-hook gemini", "EVENT"),
    ("install", ""),
    ("install --agents", ""),
    ("install --agents claude-code", ""),
    ("uninstall", ""),
];

/// Those of them that ask somebody who is not there, or are told what can't be, and say so.
const UNASKED: &[&str] = &["keys rotate A_KEY --yes", "fix ID", "install --agents"];

/// Settings that hold a secret where it does not belong; `@` stands for it.
const SETTINGS: &[&str] = &[
    "api_key = \"@\"\n",
    "[scan]\nthreshold = \"@\"\n",
    "[scan]\nexclude = [\"\\\\q@\"]\n",
    "[rules]\noff = [\"@ x\"]\n",
    "[[rule]]\nid = \"@\"\nformat = \"x\"\n",
    "[[rule]]\nid = \"our-key\"\nname = \"x\"\nformat = \"our_<base62:32>\"\nexamples = [\"@\"]\n",
    "extends = [{ git = \"https://u:@@h.example/x\", rev = \"v1\", path = \"a.toml\" }]\n",
    "extends = [\"/@\"]\n",
    "@\n",
    "[scan]\n\"@\" = 1\n",
    "lock = [\"@\"]\n",
];

#[test]
fn what_is_sought_is_found_however_it_is_written() {
    let all = planted(&mut Random::new(1));
    let sought = Sought::of(&all);
    assert_eq!(
        sought.find(b"nothing of the kind, 0123456789abcdef, in any place"),
        None
    );
    for secret in &all {
        let body = &secret.text.as_bytes()[secret.public..];
        let part = &body[body.len() - RUN - 4..];
        let hex: String = part.iter().map(|byte| format!("{byte:02X}")).collect();
        let percent: String = part.iter().map(|byte| format!("%{byte:02x}")).collect();
        let reversed: Vec<u8> = part.iter().rev().copied().collect();
        for written in [
            part.to_vec(),
            hex.into_bytes(),
            percent.into_bytes(),
            reversed,
        ] {
            assert!(
                sought
                    .find(&[b"x \"", &written[..], b"\""].concat())
                    .is_some()
            );
        }
        for before in ["", "u", "us", "use"] {
            let text = base64(&[before.as_bytes(), part].concat());
            assert!(sought.find(&text).is_some(), "{before}");
        }
        // What every report shows is none.
        let shown = &secret.text[..secret.public + 4];
        assert_eq!(sought.find(shown.as_bytes()), None);
    }
}

#[test]
fn nothing_leaks() {
    let readings = match is_thorough() {
        true => &[Reading::Default, Reading::Git][..],
        false => &[Reading::Default],
    };
    for (round, &reading) in readings.iter().enumerate() {
        let mut field = Field::new(reading, 0x1eac + round as u64);
        let top = field.scratch.top().to_path_buf();
        let head = field.scratch.git(&["rev-parse", "HEAD"]);
        let before = field.scratch.git(&["rev-parse", "HEAD^"]);
        let secrets = field.secrets.clone();
        let message = field.scratch.root().join("message");
        fs::write(&message, format!("subject {}\n", secrets[17])).unwrap();
        field.take_stock();

        // What looks does see, or nothing that follows says anything.
        field.look(secrets[LIKE_WORDS].as_bytes(), "control", "a secret");
        assert_eq!(field.leaks.drain(..).count(), 1);
        let found = field.run(&["scan", "--format", "json"], "").stdout;
        // In a file that `fix` mends.
        let line = found.lines().find(|line| line.contains("\"one.py\""));
        let id = line.and_then(|line| line.split("\"id\":\"").nth(1));
        let id = id.map(|rest| rest[..8].to_owned());
        let id = id.expect("a finding has an id");
        assert!(found.lines().count() >= PLANTED / 2, "{found}");
        for format in FORMATS {
            for source in [&["--staged"][..], &["--range", "HEAD^..HEAD"], &[]] {
                field.run(&[&["scan", "--format", format], source].concat(), "");
            }
        }
        let refs = format!("refs/heads/x {head} refs/heads/{} {before}\n", secrets[18]);
        let received = format!("{before} {head} refs/heads/{}\n", secrets[18]);
        let event = format!(
            "{{\"hook_event_name\":\"PreToolUse\",\"session_id\":\"x\",\"cwd\":\"{}\",\"tool_name\":\"Write\",\
             \"tool_input\":{{\"file_path\":\"a.py\",\"content\":\"k = '{}'\",\"command\":\"echo {}\"}},\
             \"prompt\":\"use {}\"}}",
            top.display(),
            secrets[19],
            secrets[20],
            secrets[21]
        );
        let mut known = Vec::new();
        commands(&field.scratch, &[], &mut known);
        assert!(known.len() >= 20, "{known:?}");
        // A command that nobody wrote a row for is run as people would. To check all rules takes long, and what it
        // tells is of made-up keys.
        known.retain(|words| words.join(" ") != "rules check");
        for words in &known {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            for more in [&[][..], &[&*id], &["one.py"], &["--json"]] {
                field.run(&[&words[..], more].concat(), "");
            }
            // What is written into a file of that name would be taken for what the id names.
            let _ = fs::remove_file(top.join(&id));
            field.take_stock();
        }
        // `ignore one.py` was among them, and `fix` puts no value into a file that git tracks.
        field.scratch.git(&["add", "--force", "one.py"]);
        let (env, aside) = (top.join(".env"), field.scratch.root().join("aside.env"));
        fs::rename(&env, &aside).unwrap();
        field
            .scratch
            .git(&["commit", "-q", "--no-verify", "-m", "x", "--", ".env"]);
        fs::rename(&aside, &env).unwrap();
        for (row, input) in MORE {
            let url = format!("https://u:{}@example.invalid/x", secrets[22]);
            let words = row.split(' ').map(|word| match word {
                "ID" => &*id,
                "MESSAGE" => message.to_str().unwrap(),
                "URL" => &*url,
                word => word,
            });
            let words: Vec<&str> = words.collect();
            let input = match *input {
                "STDIN" => format!("key = \"{}\"\n", secrets[23]),
                "KEY" => format!("{}\n", secrets[1]),
                "REFS" => refs.clone(),
                "RECEIVED" => received.clone(),
                "EVENT" => event.clone(),
                other => other.to_owned(),
            };
            let ran = field.run_as(&words, &input, (*row).to_owned());
            for mistake in ["there is no", "Usage:"] {
                let is_mistaken = ran.stderr.contains(mistake);
                assert!(!is_mistaken, "{row} is run in vain: {}", ran.stderr);
            }
            // An agent is refused what it would do by the same code.
            let is_refused = row.starts_with("agent-hook") && ran.code == Some(2);
            // Without a network nobody is asked about a key.
            let is_offline = ran.stderr.contains("built without a network");
            let is_to_be_asked = UNASKED.contains(row) || is_refused || is_offline;
            assert_eq!(
                (ran.code == Some(2), ran.code == Some(3)),
                (is_to_be_asked, false),
                "{row} ended with {:?}: {}",
                ran.code,
                ran.stderr
            );
        }
        settings_and_lists(&mut field, &top);
        for words in [
            &["allow", "@", "--reason", "x"][..],
            &["scan", "@"],
            &["@"],
            &["scan", "--range", "@..HEAD"],
        ] {
            let typed: Vec<String> = words
                .iter()
                .map(|word| word.replace('@', &secrets[12]))
                .collect();
            let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
            field.run_typed(&typed, &words.join(" "));
        }
        assert!(field.heard, "no child of any command was heard");
        field.leaks.sort();
        field.leaks.dedup();
        assert!(
            field.leaks.is_empty(),
            "round {round}, {reading:?}:\n{}",
            field.leaks.join("\n")
        );
    }
}

fn settings_and_lists(field: &mut Field, top: &Path) {
    const COMMANDS: [&str; 8] = [
        "config check",
        "config show",
        "config update",
        "hook pre-commit",
        "rules check .keyward.toml",
        "rules list",
        "doctor --json",
        "scan --staged",
    ];
    let lists = [
        "@ anthropic-api-key * - x\n",
        "0123456789abcdef acme /@ - @\n",
        "0123456789abcdef acme x @\n",
    ];
    let settings = SETTINGS.iter().map(|text| (".keyward.toml", *text));
    for (at, (name, text)) in settings
        .chain(lists.map(|text| (".keyward.allow", text)))
        .enumerate()
    {
        let secret = &field.secrets[LIKE_WORDS + at];
        fs::write(
            top.join(name),
            text.replacen('@', secret, 1)
                .replace(" - @", &format!(" - {secret}")),
        )
        .unwrap();
        field.scratch.git(&["add", "--force", name]);
        field.take_stock();
        for command in COMMANDS {
            let words: Vec<&str> = command.split(' ').collect();
            field.run_as(&words, "", format!("{command}, with {name} {at}"));
        }
        field
            .scratch
            .git(&["rm", "-q", "--force", "--cached", name]);
        fs::remove_file(top.join(name)).unwrap();
        field.take_stock();
    }
}
