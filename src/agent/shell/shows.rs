//! What a command shows that may be a secret: variables, and files by their names. What the files hold is
//! looked at elsewhere.

use super::readers::{
    SEEKERS, has_letter, is_harmless, is_recursive, is_valued, seeks_everyday, shown_lines,
};
use super::value::Field;
use super::wrappers::edits_in_place;
use super::{Call, Judge, Said, Source, program, stores};
use crate::encoding;
use crate::words::name::{Strength, reading};

/// Commands that show the files that they are given, sorted.
const READERS: &[&str] = &[
    "ack",
    "ag",
    "awk",
    "base32",
    "base64",
    "bat",
    "batcat",
    "bzip2",
    "cat",
    "column",
    "comm",
    "cut",
    "diff",
    "egrep",
    "expand",
    "fgrep",
    "fmt",
    "fold",
    "gawk",
    "gc",
    "get-content",
    "glow",
    "grep",
    "gzip",
    "head",
    "hexdump",
    "hexyl",
    "iconv",
    "jq",
    "less",
    "mawk",
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
    "tar",
    "tr",
    "uniq",
    "xxd",
    "xz",
    "yq",
    "zcat",
    "zgrep",
    "zip",
    "zstd",
];

/// Commands that take a text or a program before their files.
const PROGRAMMED: &[&str] = &[
    "ack", "ag", "awk", "egrep", "fgrep", "gawk", "grep", "jq", "mawk", "rg", "sed", "tr", "yq",
    "zgrep",
];

/// Commands that run programs which they are given.
const INTERPRETERS: &[&str] = &[
    "bun",
    "deno",
    "elixir",
    "emacs",
    "groovy",
    "irb",
    "julia",
    "lua",
    "luajit",
    "node",
    "osascript",
    "perl",
    "php",
    "python",
    "python2",
    "python3",
    "rscript",
    "ruby",
    "swift",
    "tclsh",
    "tsx",
];

/// Commands of whose input nothing comes out again, sorted: they count it, keep it, or use it.
const USERS: &[&str] = &[
    "aws",
    "az",
    "b2sum",
    "cksum",
    "clip",
    "cryptsetup",
    "docker",
    "doctl",
    "fly",
    "flyctl",
    "gcloud",
    "gh",
    "glab",
    "gpg",
    "gpg2",
    "helm",
    "heroku",
    "htpasswd",
    "kubectl",
    "kubeseal",
    "md5",
    "md5sum",
    "mysql",
    "netlify",
    "npm",
    "oc",
    "op",
    "pass",
    "passwd",
    "pbcopy",
    "podman",
    "psql",
    "railway",
    "redis-cli",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "shasum",
    "sqlite3",
    "ssh-add",
    "sum",
    "twine",
    "type",
    "vault",
    "vercel",
    "wc",
    "wl-copy",
    "wrangler",
    "xclip",
    "xsel",
];

/// Commands that show their arguments.
const SAYERS: &[&str] = &["echo", "printf", "print", "write-host", "write-output"];

/// Whether a command runs programs.
pub(super) fn is_interpreter(name: &str) -> bool {
    INTERPRETERS.contains(&name)
}

/// Whether a command takes its words for texts and files, and starts none of them.
pub(super) fn takes_texts(name: &str) -> bool {
    PROGRAMMED.contains(&name) || SAYERS.contains(&name) || READERS.contains(&name)
}

/// Whether the name of a variable speaks of a secret: as people write it in an environment, or surely.
pub(super) fn is_secret(name: &str) -> bool {
    let read = reading(name.as_bytes());
    let is_loud = !name.bytes().any(|b| b.is_ascii_lowercase());
    let least = match is_loud {
        true => Strength::Weak,
        false => Strength::Fair,
    };
    read.turned_by.is_none() && read.strength.is_some_and(|strength| strength >= least)
}

impl Judge {
    /// What a command says.
    pub(super) fn says(&mut self, name: &str, rest: &[&str], call: Call) -> Said {
        match name {
            "printenv" => {
                let mut named = rest.iter().filter(|word| !word.starts_with('-')).peekable();
                if named.peek().is_none() {
                    return Said::from(vec![Source::Environment]);
                }
                let secret = named.filter(|name| is_secret(name));
                Said::from(
                    secret
                        .map(|name| Source::Variable((*name).to_owned()))
                        .collect(),
                )
            }
            // With a command behind it, it shows nothing.
            "env" => {
                let is_none = |word: &&str| matches!(*word, "-i" | "--help" | "--version" | "-");
                match rest.iter().any(is_none) {
                    true => Said::default(),
                    false => Said::from(vec![Source::Environment]),
                }
            }
            "set" if rest.is_empty() => Said::from(vec![Source::Environment]),
            // `ps eww` shows what its processes were given.
            "ps" if rest.first().is_some_and(|word| shows_environment(word)) => {
                Said::from(vec![Source::Environment])
            }
            "pwd" => Said::of(self.here()),
            // What is found is a program of that name.
            "which" => match rest.iter().find(|word| !word.starts_with('-')) {
                Some(program) => Said::of(format!("/bin/{program}")),
                None => Said::default(),
            },
            "command" if matches!(rest, ["-v" | "-V", _]) => Said::of(format!("/bin/{}", rest[1])),
            "base64" | "gbase64" if decodes(rest) && call.input.text.is_some() => {
                decoded(call.input)
            }
            "realpath" | "readlink" | "ls" => {
                let operands = call.fields[1..]
                    .iter()
                    .filter(|it| !it.text.starts_with('-'));
                let texts: Vec<&str> = operands.map(|field| field.text.as_str()).collect();
                match texts.is_empty() {
                    true => Said::default(),
                    false => Said {
                        is_pattern: true,
                        ..Said::of(texts.join("\n"))
                    },
                }
            }
            name if SAYERS.contains(&name) => said_by(name, call.fields),
            "bzip2" | "gzip" | "xz" | "zstd" if !rest.iter().any(|it| has_letter(it, "c", "")) => {
                Said::silent()
            }
            "tar" | "zip" if !rest.contains(&"-") => Said::default(),
            name if READERS.contains(&name) => self.reader(name, rest, call),
            _ if self.sends(name, rest, &call) => Said::default(),
            _ => {
                if let Some(store) = stores::shown(name, rest) {
                    return Said::from(vec![Source::Store(store)]);
                }
                if call.input.is_aside || USERS.binary_search(&name).is_ok() {
                    return Said::default();
                }
                // What nobody knows may show what it is piped; a variable is more often used than shown.
                let mut sources = call.input.sources;
                sources.retain(|it| !matches!(it, Source::Variable(_) | Source::Store(_)));
                Said::from(sources)
            }
        }
    }

    pub(super) fn exports(&mut self, name: &str, call: &Call) -> Said {
        let mut options = String::new();
        let mut named = Vec::new();
        for field in &call.fields[1..] {
            let word = field.text.as_str();
            if word == "--help" {
                return Said::silent();
            }
            if let Some(letters) = word.strip_prefix('-') {
                options.push_str(letters);
                continue;
            }
            named.push(word);
            let Some((variable, value)) = word.split_once('=') else {
                continue;
            };
            let is_plain =
                variable != "SKIP" || value.contains("keyward") || value.contains("pre-commit");
            if name != "local" && is_plain {
                self.switched_off(&[(variable, value)]);
            }
            if !value.contains("$()") || !field.sources.is_empty() {
                let value = Field {
                    sources: field.sources.clone(),
                    ..Field::of(value)
                };
                self.know(variable, vec![value]);
            }
        }
        let shows = options.contains('p') || options.is_empty() || options == "x";
        let is_other = options.contains(['f', 'F']) || name == "local" && options.is_empty();
        if !shows || is_other {
            return Said::silent();
        }
        if named.is_empty() {
            return Said::from(vec![Source::Environment]);
        }
        for name in named.iter().filter(|_| !options.contains('n')) {
            let values = self.known.get(*name).cloned();
            if let Some(value) = values.as_ref().and_then(|values| values.first()) {
                self.switched_off(&[(*name, value.text.as_str())]);
            }
        }
        let shown = named.into_iter().filter(|_| options.contains('p'));
        let secret = shown.filter(|name| is_secret(name));
        Said::from(
            secret
                .map(|name| Source::Variable(name.to_owned()))
                .collect(),
        )
    }

    fn reader(&mut self, name: &str, rest: &[&str], call: Call) -> Said {
        if is_harmless(name, rest) || name == "sed" && edits_in_place(name, rest) {
            return Said::default();
        }
        let mut said = Said::from(shown_by_program(name, rest));
        let (lines, matches_all) = shown_lines(name, rest);
        let is_deep = SEEKERS.contains(&name) && is_recursive(name, rest);
        let is_given = |word: &&str| matches!(*word, "-e" | "-f") || word.starts_with("--regexp");
        let mut skip = usize::from(PROGRAMMED.contains(&name) && !rest.iter().any(is_given));
        let mut is_input = true;
        let mut fields = call.fields.iter().skip(1);
        while let Some(field) = fields.next() {
            match field.text.as_str() {
                word if name == "openssl" => {
                    if word == "-in"
                        && let Some(file) = fields.next()
                    {
                        said.add(self.read_from(file));
                    }
                }
                "-" | "/dev/stdin" | "/dev/fd/0" => {}
                _ if name == "tr" => {}
                word if is_valued(name, word) => drop(fields.next()),
                word if word.starts_with('-') => {}
                _ if skip > 0 => skip -= 1,
                word => {
                    is_input = false;
                    let read = match &field.process {
                        Some(process) => process.as_ref().clone(),
                        None => self.read_lines(field, &lines),
                    };
                    said.add(read);
                    if is_deep && matches_all != Some(false) {
                        let directory = self.path(word);
                        let lines = lines.clone();
                        said.sources.push(Source::Below { directory, lines });
                    }
                }
            }
        }
        if is_input && is_deep && call.input.is_aside && matches_all != Some(false) {
            let directory = self.path(".");
            said.sources.push(Source::Below {
                directory,
                lines: lines.clone(),
            });
        }
        said.text = None;
        if is_input || rest.contains(&"-") {
            let text = call.input.text.clone().filter(|_| name == "cat");
            let is_everyday = SEEKERS.contains(&name) && seeks_everyday(rest);
            let input = call
                .input
                .sources
                .into_iter()
                .filter_map(|source| match source {
                    Source::Environment if is_everyday => None,
                    Source::File { path, lines: all } if all.are_all() => {
                        let lines = lines.clone();
                        Some(Source::File { path, lines })
                    }
                    other => Some(other),
                });
            said.sources.extend(input);
            said.text = text;
        }
        said
    }
}

/// What the program of a reader shows of the environment.
fn shown_by_program(name: &str, rest: &[&str]) -> Vec<Source> {
    let program = rest.iter().find(|word| !word.starts_with('-'));
    let ("awk" | "gawk" | "mawk" | "jq" | "yq", Some(program)) = (name, program) else {
        return Vec::new();
    };
    let mut shown = program::environment(program, false);
    match program.strip_prefix("env.") {
        Some(named) if is_secret(named) => shown.push(Source::Variable(named.to_owned())),
        None if matches!(*program, "env" | "$ENV") => shown.push(Source::Environment),
        _ => {}
    }
    shown
}

/// What `printf` makes of its values: the format goes on for as long as there are some.
fn formatted(format: &str, values: &[&str]) -> String {
    let pieces: Vec<&str> = format.split("%s").collect();
    let places = pieces.len() - 1;
    let mut text = String::new();
    let mut left = values.iter();
    loop {
        for (at, piece) in pieces.iter().enumerate() {
            text.push_str(piece);
            if at < places {
                text.push_str(left.next().unwrap_or(&""));
            }
        }
        if places == 0 || left.len() == 0 {
            break;
        }
    }
    // What another sign stands for is somewhere in it.
    for value in left {
        text.push(' ');
        text.push_str(value);
    }
    text
}

/// Whether `base64` is told to read what it writes elsewhere.
fn decodes(rest: &[&str]) -> bool {
    rest.iter()
        .any(|word| matches!(*word, "-d" | "-D" | "-di" | "--decode"))
}

fn decoded(input: Said) -> Said {
    let text = input.text.as_deref().unwrap_or_default();
    let bytes = encoding::decode_base64(text.trim().as_bytes());
    let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Said {
        text,
        is_pattern: false,
        ..input
    }
}

/// Whether options of `ps` without a dash are among them that for what processes were given.
fn shows_environment(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_alphabetic()) && word.contains('e')
}

/// What `echo` and its kin say.
fn said_by(name: &str, fields: Vec<Field>) -> Said {
    let texts: Vec<&str> = fields[1..].iter().map(|it| it.text.as_str()).collect();
    let is_option = |word: &&&str| matches!(**word, "-n" | "-e" | "-ne" | "-en" | "-E" | "--");
    let options = texts.iter().take_while(is_option).count();
    let texts = &texts[options..];
    let text = match (name, texts) {
        ("printf", [format, values @ ..]) => formatted(format, values),
        _ => texts.join(" "),
    };
    let is_pattern = fields.iter().any(|field| field.pattern.is_some());
    Said {
        text: Some(match name {
            "printf" => text.replace("\\n", "\n"),
            _ => text.replace("\\n", "\n") + "\n",
        }),
        sources: fields.into_iter().flat_map(|field| field.sources).collect(),
        is_pattern,
        is_aside: false,
    }
}

/// Whether the names are in order, and none is in two lists.
#[cfg(test)]
pub(super) fn are_sorted() -> bool {
    READERS.is_sorted() && USERS.is_sorted() && USERS.iter().all(|name| !READERS.contains(name))
}
