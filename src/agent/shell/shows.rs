//! What a command would show or send that holds secrets: variables, and files by their names. What the
//! files hold is looked at elsewhere.

use super::reader::Simple;
use super::{Command, Judge, NAME_IT, base};
use crate::words::name::{Strength, reading};

/// Commands that show the files that they are given.
const READERS: &[&str] = &[
    "awk",
    "base32",
    "base64",
    "bat",
    "batcat",
    "cat",
    "comm",
    "cut",
    "diff",
    "egrep",
    "expand",
    "fgrep",
    "fold",
    "gawk",
    "gc",
    "get-content",
    "glow",
    "grep",
    "head",
    "hexdump",
    "hexyl",
    "jq",
    "less",
    "more",
    "nl",
    "od",
    "openssl",
    "paste",
    "pr",
    "rev",
    "rg",
    "sed",
    "select-string",
    "shuf",
    "sort",
    "strings",
    "tac",
    "tail",
    "tee",
    "tr",
    "type",
    "uniq",
    "xxd",
    "yq",
    "zcat",
];

/// Commands that take a text or a program before their files.
const PROGRAMMED: &[&str] = &[
    "awk", "egrep", "fgrep", "gawk", "grep", "jq", "rg", "sed", "yq",
];

/// Commands that send what they are given.
const SENDERS: &[&str] = &[
    "curl", "ftp", "http", "httpie", "nc", "ncat", "netcat", "rsync", "scp", "wget", "xh",
];

/// Commands that show a secret of a store, by their first words.
const STORES: &[&[&str]] = &[
    &["aws", "configure", "export-credentials"],
    &["az", "account", "get-access-token"],
    &["gcloud", "auth", "print-access-token"],
    &["gcloud", "auth", "print-identity-token"],
    &["gh", "auth", "token"],
    &["heroku", "auth:token"],
];

/// Commands that show their arguments.
const SAYERS: &[&str] = &["echo", "printf", "print", "write-host", "write-output"];

/// Whether a command shows or sends what it is given.
pub(super) fn tells(name: &str) -> bool {
    SAYERS.contains(&name) || SENDERS.contains(&name)
}

/// Whether the name of a variable speaks of a secret: as people write it in an environment, or surely.
fn is_secret(name: &str) -> bool {
    let read = reading(name.as_bytes());
    let is_loud = !name.bytes().any(|b| b.is_ascii_lowercase());
    let least = match is_loud {
        true => Strength::Weak,
        false => Strength::Fair,
    };
    read.turned_by.is_none() && read.strength.is_some_and(|strength| strength >= least)
}

impl Judge {
    /// Judges what a command shows.
    pub(super) fn shows(&mut self, name: &str, command: &Command<'_>) {
        let words = command.words();
        let rest = &words[1..];
        if !command.is_seen {
            return;
        }
        match name {
            "printenv" => {
                let named: Vec<&&str> = rest.iter().filter(|word| !word.starts_with('-')).collect();
                match named.is_empty() {
                    true => self.environment(command),
                    false => {
                        if let Some(secret) = named.iter().find(|name| is_secret(name)) {
                            self.variable(secret);
                        }
                    }
                }
            }
            // With a command behind it, it shows nothing.
            "env"
                if !rest
                    .iter()
                    .any(|word| matches!(*word, "-i" | "--help" | "--version" | "-")) =>
            {
                self.environment(command);
            }
            "set" if rest.is_empty() => self.environment(command),
            name if SAYERS.contains(&name) => {
                let is_shown = command.piped_to.first().is_none_or(shows_input);
                let secret = command
                    .fields
                    .iter()
                    .flat_map(|field| &field.shows)
                    .find(|name| is_secret(name));
                if let Some(secret) = secret.filter(|_| is_shown) {
                    self.variable(secret);
                }
            }
            name if READERS.contains(&name) => self.reader(name, rest, command),
            name if SENDERS.contains(&name) => self.sender(rest, command),
            _ => {
                let is_of_store =
                    |store: &&&[&str]| store[0] == name && rest.starts_with(&store[1..]);
                if STORES.iter().any(|store| is_of_store(&store)) && command.piped_to.is_empty() {
                    self.refuse(format!("{} shows a secret", words[..2].join(" ")), NAME_IT);
                }
            }
        }
    }

    pub(super) fn exports(&mut self, name: &str, rest: &[&str], command: &Command<'_>) {
        let options = || rest.iter().filter(|word| word.starts_with('-'));
        let mut is_bare = true;
        for word in rest.iter().filter(|word| !word.starts_with('-')) {
            is_bare = false;
            let Some((variable, value)) = word.split_once('=') else {
                continue;
            };
            let is_plain =
                variable != "SKIP" || value.contains("keyward") || value.contains("pre-commit");
            if name != "local" && is_plain && super::git::goes_around(variable, value) {
                self.refuse(
                    "a variable would switch the hooks off",
                    super::LET_HOOKS_RUN,
                );
            }
            if !value.contains("$()") {
                self.known.insert(variable.to_owned(), value.to_owned());
            }
        }
        let shows = options().all(|option| matches!(*option, "-p" | "-x" | "-px" | "-xp"));
        if is_bare && shows && name != "local" && command.is_seen {
            self.environment(command);
        }
    }

    fn environment(&mut self, command: &Command<'_>) {
        if command.piped_to.iter().any(|next| !shows_values(next)) {
            return;
        }
        self.refuse(
            "it shows every variable with its value",
            "the names alone: env | cut -d= -f1",
        );
    }

    fn variable(&mut self, name: &str) {
        let name = crate::shell::shown_start(name, 40);
        self.refuse(format!("it shows the value of {name}"), NAME_IT);
    }

    fn reader(&mut self, name: &str, rest: &[&str], command: &Command<'_>) {
        if is_harmless(name, rest) || command.piped_to.iter().any(|next| !shows_values(next)) {
            return;
        }
        let mut skip = usize::from(
            PROGRAMMED.contains(&name) && !rest.iter().any(|word| matches!(*word, "-e" | "-f")),
        );
        let mut words = rest.iter();
        while let Some(word) = words.next() {
            match *word {
                word if is_valued(name, word) => {
                    words.next();
                }
                word if word.starts_with('-') && word.len() > 1 => {}
                _ if skip > 0 => skip -= 1,
                word => self.reads(word),
            }
        }
        if let Some(from) = &command.from {
            self.reads(from);
        }
    }

    fn sender(&mut self, rest: &[&str], command: &Command<'_>) {
        for word in rest {
            let file = match word.split_once('@') {
                Some((before, file))
                    if before.is_empty() || before.ends_with('=') || before.starts_with('-') =>
                {
                    file.split(';').next().unwrap_or(file)
                }
                Some(_) => continue,
                None => word,
            };
            if !file.contains("://") && !file.starts_with('-') && !file.is_empty() {
                self.reads(file);
            }
        }
        if let Some(from) = &command.from {
            self.reads(from);
        }
    }
}

/// Whether an option of a reader has a value behind it.
fn is_valued(name: &str, option: &str) -> bool {
    match name {
        "grep" | "egrep" | "fgrep" | "rg" => matches!(
            option,
            "-e" | "-f" | "-A" | "-B" | "-C" | "-m" | "-g" | "-t"
        ),
        "sed" => matches!(option, "-e" | "-f"),
        "awk" | "gawk" => matches!(option, "-F" | "-f"),
        "head" | "tail" => matches!(option, "-n" | "-c"),
        "cut" => matches!(option, "-d" | "-f" | "-c"),
        "sort" => matches!(option, "-k" | "-t"),
        _ => false,
    }
}

/// Whether a reader shows no values: it counts, or shows what stands before the sign of equality.
fn is_harmless(name: &str, rest: &[&str]) -> bool {
    let has = |option: &str| rest.contains(&option);
    match name {
        "grep" | "egrep" | "fgrep" | "rg" => rest.iter().any(|word| {
            matches!(
                *word,
                "--count"
                    | "--quiet"
                    | "--silent"
                    | "--files-with-matches"
                    | "--files-without-match"
            ) || (word.starts_with('-')
                && !word.starts_with("--")
                && word.contains(['c', 'q', 'l', 'L']))
        }),
        "cut" => (has("-d=") || has("-d")) && (has("-f1") || has("1")),
        "sed" => rest.iter().any(|word| word.starts_with("s/=.*/")),
        "awk" | "gawk" => {
            has("-F=") && rest.iter().any(|word| word.replace(' ', "") == "{print$1}")
        }
        _ => false,
    }
}

/// The literal words of a command that reads a pipe.
fn literal(simple: &Simple) -> Vec<String> {
    let words = simple.words.iter();
    words
        .map(|word| {
            let parts = word.0.iter().map(|part| match part {
                super::Part::Plain(text) | super::Part::Quoted(text) => text.as_str(),
                _ => "$",
            });
            parts.collect()
        })
        .collect()
}

/// Whether the values that a command is piped come out of it again.
fn shows_values(next: &Simple) -> bool {
    let words = literal(next);
    let Some((name, rest)) = words.split_first() else {
        return true;
    };
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    let name = base(name);
    match name {
        "wc" | "md5sum" | "sha1sum" | "sha256sum" | "shasum" | "cksum" => false,
        _ if is_harmless(name, &rest) => false,
        // What is sought by a word that speaks of no secret is none.
        "grep" | "egrep" | "rg" => {
            let pattern = rest.iter().find(|word| !word.starts_with('-'));
            let inverts = rest
                .iter()
                .any(|word| word.starts_with('-') && word.contains('v'));
            let speaks = |pattern: &&str| {
                let mut words = pattern.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                pattern.len() < 3 || words.any(|word| is_secret(&word.to_ascii_uppercase()))
            };
            inverts || pattern.is_none_or(speaks)
        }
        _ => true,
    }
}

/// Whether a command shows what it is piped.
fn shows_input(next: &Simple) -> bool {
    let words = literal(next);
    let name = words.first().map_or("", |name| base(name));
    READERS.contains(&name) && name != "openssl" && shows_values(next)
}
