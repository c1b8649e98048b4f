use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::super::{Pieces, Says, entries};
use super::*;
use crate::encoding::encode_base64_padded;

/// Texts that were given to the programs, as `tried.toml` has them.
#[derive(Deserialize)]
struct Table {
    tried: Vec<Tried>,
}

#[derive(Deserialize)]
struct Tried {
    text: String,
    /// The dialects that were not tried on it.
    #[serde(default)]
    but: String,
    read: BTreeMap<String, HashMap<String, String>>,
}

fn table() -> Vec<Tried> {
    let table: Table = toml::from_str(include_str!("tried.toml")).expect("TOML");
    table.tried
}

fn has(words: &str, dialect: Dialect) -> bool {
    words.split(' ').any(|word| word == dialect.word())
}

/// What a dialect makes of each variable of a text; of several entries of a name the last counts.
fn read(text: &[u8], dialect: Dialect) -> BTreeMap<String, Reading> {
    let name = |entry: &Entry| text[entry.name.clone()].to_str_lossy().into_owned();
    let entries = entries(text).map(|entry| (name(&entry), dialect.read(text, &entry)));
    entries.collect()
}

fn told(reading: &Reading) -> String {
    match reading {
        Value(value) => format!("={}", value.to_str_lossy()),
        Unset => "unset".to_owned(),
        Refused => "refused".to_owned(),
        Varies => "varies".to_owned(),
    }
}

#[test]
fn each_dialect_reads_as_its_program_did() {
    let table = table();
    assert!(table.len() > 150);
    for tried in &table {
        for &dialect in Dialect::ALL.iter().filter(|it| !has(&tried.but, **it)) {
            let read = read(tried.text.as_bytes(), dialect);
            assert_eq!(read.len(), tried.read.len(), "{:?}", tried.text);
            for (name, reading) in &read {
                let all = &tried.read[name];
                let own = all.iter().find(|(_, who)| has(who, dialect));
                let expected = own.or_else(|| all.iter().find(|(_, who)| who.is_empty()));
                let expected = expected.map(|(expected, _)| &**expected);
                let said = told(reading);
                assert_eq!(Some(&*said), expected, "{dialect:?} {:?}", tried.text);
            }
        }
    }
}

/// The parsers that read in the way of each dialect.
const PARSERS: &[(&str, Dialect)] = &[
    ("dotenv", Dialect::Node),
    ("dotenv-expand", Dialect::Next),
    ("@next/env", Dialect::Next),
    ("vite", Dialect::Vite),
    ("@dotenvx/dotenvx", Dialect::Dotenvx),
    ("node --env-file", Dialect::EnvFile),
    ("python-dotenv", Dialect::Python),
    ("environs", Dialect::Python),
    ("pydantic-settings", Dialect::Python),
    ("django-environ", Dialect::Django),
    ("docker compose", Dialect::Compose),
    ("bash", Dialect::Shell),
];

/// The variables of a text as a parser has them; `None` if it refuses the file.
type Set = Option<BTreeMap<String, String>>;

/// What the parsers make of texts that a program hands to them.
fn parsed(program: &str, args: &[&str], texts: &[&str]) -> HashMap<String, Vec<Set>> {
    let texts: Vec<String> = texts
        .iter()
        .map(|text| String::from_utf8(encode_base64_padded(text.as_bytes())).expect("ASCII"))
        .collect();
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let input = serde_json::to_vec(&texts).expect("JSON");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(&input).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{program} {args:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Whether a text is one of those of which keyward makes something else, and says so.
fn is_told_apart(text: &str) -> bool {
    let pieces: Vec<Says> = Pieces::of(text.as_bytes()).map(|it| it.says).collect();
    // A line that is none: some refuse the file, some lose the next line. It is told by its number.
    let is_odd = |says: &Says| matches!(says, Says::Other | Says::Inherited);
    // A quote that nothing closes: keyward refuses the file.
    let is_open = |says: &Says| matches!(says, Says::Entry(entry) if entry.open);
    // Lines that end as on an old Mac: to some all of it is one line.
    let lone = text.replace("\r\n", "").contains('\r');
    // What stands between quotes on lines of its own is more variables to who reads line by line.
    let spans =
        |says: &Says| matches!(says, Says::Entry(entry) if text[entry.raw.clone()].contains('\n'));
    lone || pieces
        .iter()
        .any(|says| is_odd(says) || is_open(says) || spans(says))
}

/// What differs between a dialect's reading and that of its parser.
fn difference(text: &str, dialect: Dialect, set: &Set) -> Option<String> {
    /// What makes a value depend on something else than the text.
    const FILLED: [&str; 6] = ["$", "`", "~", "\\\n", "\t", "export  "];
    let lenient = is_told_apart(text);
    let read = read(text.as_bytes(), dialect);
    for (name, reading) in &read {
        let real = set.as_ref().and_then(|set| set.get(name));
        let fits = match reading {
            Value(value) => match real {
                Some(real) => value.to_str() == Ok(real),
                None => lenient,
            },
            Unset | Refused => real.is_none(),
            Varies => lenient || FILLED.iter().any(|sign| text.contains(sign)),
        };
        if !fits {
            return Some(format!("{name}: {reading:?}, and really {real:?}"));
        }
    }
    let is_name = |name: &str| {
        let is_fit = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        !name.is_empty() && name.chars().all(is_fit)
    };
    let mut unseen = set.iter().flat_map(BTreeMap::keys);
    let unseen = unseen.find(|name| is_name(name) && !read.contains_key(*name) && !lenient)?;
    Some(format!("{unseen} is not seen"))
}

/// Runs each text through the parsers that `.ci/run` has fetched: `KEYWARD_TEST_NODE_PARSERS` names the directory of
/// those of npm, `KEYWARD_TEST_PYTHON` the Python that has those of PyPI.
#[test]
#[ignore = "the parsers come from elsewhere"]
fn each_dialect_reads_as_its_own_parser() {
    let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/parsers");
    let table = table();
    let texts: Vec<&str> = table.iter().map(|tried| &*tried.text).collect();
    let mut found = HashMap::new();
    if let Ok(directory) = std::env::var("KEYWARD_TEST_NODE_PARSERS") {
        let script = format!("{scripts}/node.mjs");
        found.extend(parsed("node", &[&script, &directory], &texts));
    }
    if let Ok(python) = std::env::var("KEYWARD_TEST_PYTHON") {
        let script = format!("{scripts}/python.py");
        found.extend(parsed(&python, &[&script], &texts));
    }
    assert!(!found.is_empty(), "no parser was there to be tried");
    let mut differ = Vec::new();
    for (parser, dialect) in PARSERS {
        let Some(sets) = found.remove(*parser) else {
            eprintln!("not tried, since it is not here: {parser}");
            continue;
        };
        assert_eq!(sets.len(), texts.len(), "{parser}");
        eprintln!("tried on {} texts: {parser}", sets.len());
        for (text, set) in texts.iter().zip(&sets) {
            let difference = difference(text, *dialect, set);
            differ.extend(difference.map(|how| format!("{parser} {text:?}: {how}")));
        }
    }
    assert!(found.is_empty(), "{:?} have no dialect", found.keys());
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

#[test]
fn no_text_stops_a_reader() {
    let mut random = crate::lab::Random::new(9);
    for _ in 0..3000 {
        let text = format!("A={}", random.text(b"ab'\"`\\# \t$({=;~:\r\n", 14));
        for &dialect in Dialect::ALL {
            read(text.as_bytes(), dialect);
        }
    }
}

#[test]
fn quotes_that_nothing_closes_are_sought_once() {
    for line in ["A=\"x\nB='\nC=`\\\n", "A=b\r"] {
        let text = line.repeat(20_000);
        for entry in entries(text.as_bytes()) {
            for &dialect in Dialect::ALL {
                dialect.read(text.as_bytes(), &entry);
            }
        }
    }
}

#[test]
fn what_is_read_alike_needs_nobody_to_say_how() {
    let agreed = |text: &str| {
        let pieces = Pieces::of(text.as_bytes()).next().expect("a line");
        match pieces.says {
            Says::Entry(entry) => Agreement::of(text.as_bytes(), &entry),
            _ => panic!("{text}"),
        }
    };
    for text in [
        "A=b",
        "A='b c' # d",
        "export A=\"b\"",
        "A = b",
        "A=b\r\n",
        "\u{feff}A=b\n",
    ] {
        assert!(matches!(agreed(text), Agreement::On(_)), "{text}");
    }
    for text in ["A=b#c", "A=\"b\\nc\"", "A=b$C", "A=b\\c", "A='b\\'c'"] {
        assert!(matches!(agreed(text), Agreement::Not(_)), "{text}");
    }
}
