//! How readers are told which lines to show: the options of those that seek, count, cut and take a part.

use super::super::lines::{Lines, Sought};
use super::shows::is_secret;

/// Commands that seek a pattern in lines.
pub(super) const SEEKERS: &[&str] = &["ack", "ag", "egrep", "fgrep", "grep", "rg", "zgrep"];

/// Variables that hold no secret, by the pieces of their names, sorted.
const EVERYDAY: &[&str] = &[
    "ARCH",
    "CI",
    "COLOR",
    "COLUMNS",
    "DEBUG",
    "DIR",
    "DISPLAY",
    "EDITOR",
    "ENV",
    "GOPATH",
    "GOROOT",
    "HOME",
    "HOST",
    "HOSTNAME",
    "LANG",
    "LC",
    "LEVEL",
    "LINES",
    "LOCALE",
    "LOG",
    "LOGNAME",
    "MODE",
    "OS",
    "PAGER",
    "PATH",
    "PORT",
    "PREFIX",
    "PROXY",
    "PWD",
    "PYTHONPATH",
    "REGION",
    "ROOT",
    "SHELL",
    "SHLVL",
    "TERM",
    "TIMEZONE",
    "TMPDIR",
    "TZ",
    "USER",
    "VERSION",
    "XDG",
];

/// Whether a word is a cluster of short options with one of these letters; behind a letter that has a value
/// stands no other.
pub(super) fn has_letter(word: &str, letters: &str, valued: &str) -> bool {
    let Some(cluster) = word.strip_prefix('-').filter(|it| !it.starts_with('-')) else {
        return false;
    };
    for letter in cluster.chars() {
        if letters.contains(letter) {
            return true;
        }
        if valued.contains(letter) {
            return false;
        }
    }
    false
}

/// Whether an option of a reader has a value behind it.
pub(super) fn is_valued(name: &str, option: &str) -> bool {
    match name {
        name if SEEKERS.contains(&name) => matches!(
            option,
            "-e" | "-f"
                | "-A"
                | "-B"
                | "-C"
                | "-m"
                | "-g"
                | "-t"
                | "-T"
                | "--include"
                | "--exclude"
        ),
        "sed" => matches!(option, "-e" | "-f"),
        "awk" | "gawk" | "mawk" => matches!(option, "-F" | "-f" | "-v"),
        "head" | "tail" => matches!(option, "-n" | "-c"),
        "cut" => matches!(option, "-d" | "-f" | "-c" | "-b"),
        "sort" => matches!(option, "-k" | "-t" | "-o"),
        "jq" => matches!(option, "--indent" | "-L"),
        _ => false,
    }
}

/// The value of an option, attached or behind it.
pub(super) fn value_of<'w>(rest: &[&'w str], short: &str, long: &str) -> Option<&'w str> {
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        if *word == short || *word == long {
            return words.next().copied();
        }
        let attached = word
            .strip_prefix(long)
            .and_then(|value| value.strip_prefix('='))
            .or_else(|| word.strip_prefix(short));
        if attached.is_some() {
            return attached;
        }
    }
    None
}

/// The pattern that a seeker seeks.
fn pattern<'w>(rest: &[&'w str]) -> Option<&'w str> {
    let given = value_of(rest, "-e", "--regexp");
    given.or_else(|| {
        let mut words = rest.iter();
        while let Some(word) = words.next() {
            match *word {
                word if is_valued("grep", word) => drop(words.next()),
                word if word.starts_with('-') && word.len() > 1 => {}
                word => return Some(word),
            }
        }
        None
    })
}

/// Short options of seekers that have a value.
const SOUGHT_BY: &str = "efABCmgtTdD";

/// Whether a seeker is given one of these long options, or one of these letters in a cluster.
fn has(rest: &[&str], letters: &str, long: &[&str]) -> bool {
    let mut words = rest.iter();
    words.any(|word| long.contains(word) || has_letter(word, letters, SOUGHT_BY))
}

/// The lines that a reader shows, and of a seeker of which nobody can tell whether it shows each.
pub(super) fn shown_lines(name: &str, rest: &[&str]) -> (Lines, Option<bool>) {
    let all = (Lines::All, None);
    let number = |text: &str| text.parse::<usize>().ok();
    match name {
        "head" => {
            let short = rest.iter().find_map(|word| number(word.strip_prefix('-')?));
            let most = value_of(rest, "-n", "--lines").map(number);
            match (short, most) {
                _ if value_of(rest, "-c", "--bytes").is_some() => all,
                (Some(most), _) | (None, Some(Some(most))) => (Lines::Between(1, most), None),
                (None, None) => (Lines::Between(1, 10), None),
                (None, Some(None)) => all,
            }
        }
        "tail" => {
            let short = rest.iter().find_map(|word| number(word.strip_prefix('-')?));
            let most = value_of(rest, "-n", "--lines");
            let from = most.and_then(|most| number(most.strip_prefix('+')?));
            match (short, from, most.map(number)) {
                _ if value_of(rest, "-c", "--bytes").is_some() => all,
                (_, Some(from), _) => (Lines::Between(from, usize::MAX), None),
                (Some(most), ..) | (None, None, Some(Some(most))) => (Lines::Last(most), None),
                (None, None, None) => (Lines::Last(10), None),
                _ => all,
            }
        }
        "sed"
            if rest
                .iter()
                .any(|word| matches!(*word, "-n" | "--quiet" | "-ne" | "-nE")) =>
        {
            let program = rest.iter().find(|word| !word.starts_with('-'));
            let range = program.and_then(|program| program.strip_suffix('p'));
            let range = range.and_then(|range| match range.split_once(',') {
                Some((first, "$")) => Some((number(first)?, usize::MAX)),
                Some((first, last)) => Some((number(first)?, number(last)?)),
                None => number(range).map(|line| (line, line)),
            });
            range.map_or(all, |(first, last)| (Lines::Between(first, last), None))
        }
        name if SEEKERS.contains(&name) => sought_lines(name, rest),
        _ => all,
    }
}

fn sought_lines(name: &str, rest: &[&str]) -> (Lines, Option<bool>) {
    let has = |letters: &str, long: &str| has(rest, letters, &[long]);
    let pattern = pattern(rest).unwrap_or_default();
    let fits_all = pattern.chars().all(|c| ".*+^$".contains(c));
    if has("v", "--invert-match") || rest.contains(&"-f") || fits_all {
        return (Lines::All, Some(true));
    }
    let is_regex = !has("F", "--fixed-strings") && name != "fgrep";
    let in_any_case = has("iS", "--ignore-case") || name == "ag";
    let around = [
        ("-A", "--after-context"),
        ("-B", "--before-context"),
        ("-C", "--context"),
    ];
    let around = around
        .iter()
        .filter_map(|(short, long)| value_of(rest, short, long))
        .map(|value| value.parse().unwrap_or(usize::MAX))
        .max()
        .unwrap_or(0);
    match Sought::by(pattern, is_regex, in_any_case) {
        Some(sought) => (Lines::With(sought.around(around)), Some(true)),
        None => (Lines::All, Some(false)),
    }
}

/// Whether a seeker goes through directories, and through what is hidden there.
pub(super) fn is_recursive(name: &str, rest: &[&str]) -> bool {
    match name {
        "rg" => has(rest, "u.", &["--hidden"]),
        "ag" | "ack" => rest.contains(&"--hidden"),
        _ => has(rest, "rR", &["--recursive"]),
    }
}

/// Whether what is sought among the variables is none that holds a secret.
pub(super) fn seeks_everyday(rest: &[&str]) -> bool {
    let inverts = has(rest, "v", &["--invert-match"]);
    let is_everyday = |name: &str| {
        let name = name.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let name = name.split('=').next().unwrap_or(name).to_ascii_uppercase();
        let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let mut pieces = name.split('_');
        is_name && !is_secret(&name) && pieces.any(|it| EVERYDAY.binary_search(&it).is_ok())
    };
    let pattern = pattern(rest).unwrap_or_default().replace("\\|", "|");
    let pattern = pattern.trim_matches(['(', ')']);
    !inverts && !pattern.is_empty() && pattern.split('|').all(is_everyday)
}

/// Whether a reader shows no values: it counts, or shows what stands before the sign of equality.
pub(super) fn is_harmless(name: &str, rest: &[&str]) -> bool {
    match name {
        name if SEEKERS.contains(&name) => {
            const SILENT: &[&str] = &[
                "--count",
                "--quiet",
                "--silent",
                "--files-with-matches",
                "--files-without-match",
                "--files",
            ];
            has(rest, "cqlL", SILENT) || has(rest, "o", &["--only-matching"]) && seeks_names(rest)
        }
        "cut" => {
            value_of(rest, "-d", "--delimiter") == Some("=")
                && value_of(rest, "-f", "--fields") == Some("1")
        }
        "sed" => {
            let mut programs = rest.iter().filter(|word| !word.starts_with('-'));
            let hides = |program: &&str| {
                let end = program.strip_prefix("s/=.*/");
                end.is_some_and(|end| !end.contains(['&', '\\']))
            };
            programs.next().is_some_and(hides)
        }
        "awk" | "gawk" | "mawk" => {
            let is_first = |word: &&str| word.replace(' ', "") == "{print$1}";
            value_of(rest, "-F", "--field-separator") == Some("=") && rest.iter().any(is_first)
        }
        "openssl" => {
            let has = |option: &str| rest.contains(&option);
            let is_key = !has("enc") && !has("base64") && !has("asn1parse");
            let is_hidden = has("-pubout") || has("-noout") && !has("-text") || has("-pubin");
            is_key && is_hidden
                || has("-out")
                || matches!(
                    rest.first(),
                    Some(&("x509" | "req" | "verify" | "dgst" | "s_client" | "rand" | "crl"))
                )
        }
        _ => false,
    }
}

/// Whether a pattern fits names alone: it starts a line, and has no value in it.
fn seeks_names(rest: &[&str]) -> bool {
    let pattern = pattern(rest).unwrap_or_default();
    let class = pattern
        .strip_prefix("^[")
        .and_then(|rest| rest.split_once(']'));
    class.is_some_and(|(class, behind)| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
        let is_plain = class == "^=" || class.chars().all(is_name);
        is_plain && matches!(behind, "*" | "+" | "\\+" | "*=" | "+=")
    })
}

/// Whether the names are in order.
#[cfg(test)]
pub(super) fn are_sorted() -> bool {
    SEEKERS.is_sorted() && EVERYDAY.is_sorted()
}
