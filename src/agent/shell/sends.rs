//! What a command sends over a network: files that it is given, and what is piped into it.

use super::value::Field;
use super::{Call, Judge, Said, Source};

/// How a command is told what it sends.
struct Sender {
    /// Its first words.
    words: &'static [&'static str],
    /// Its short options that have a value.
    valued: &'static str,
    /// Those whose value is a text that may name a file by `@`.
    texts: &'static str,
    /// Those whose value is a file.
    files: &'static str,
    /// The long options of both, without their dashes.
    long: &'static [&'static str],
    /// What its operands are.
    operands: Operands,
    /// Whether it sends what it is piped, whatever else it is told.
    sends_input: bool,
}

/// What stands behind the options of a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operands {
    /// Addresses.
    Addresses,
    /// Fields, of which some name a file by `@`.
    Fields,
    /// Files.
    Files,
    /// Files and, as the last, where they go.
    FilesTo,
}

/// The senders.
const SENDERS: &[Sender] = {
    const fn copier(words: &'static [&'static str], valued: &'static str) -> Sender {
        Sender {
            words,
            valued,
            texts: "",
            files: "",
            long: &[],
            operands: Operands::FilesTo,
            sends_input: false,
        }
    }
    const fn giver(words: &'static [&'static str]) -> Sender {
        Sender {
            operands: Operands::Files,
            sends_input: true,
            ..copier(words, "dftF")
        }
    }
    const fn stream(word: &'static [&'static str]) -> Sender {
        Sender {
            operands: Operands::Addresses,
            sends_input: true,
            ..copier(word, "")
        }
    }
    const fn asker(word: &'static [&'static str]) -> Sender {
        Sender {
            operands: Operands::Fields,
            sends_input: true,
            ..copier(word, "")
        }
    }
    &[
        Sender {
            words: &["curl"],
            valued: "AbcCdDeEFhHKmoPQrtTuUwxXyYz",
            texts: "dFH",
            files: "TK",
            long: &[
                "config",
                "data",
                "data-ascii",
                "data-binary",
                "data-urlencode",
                "form",
                "header",
                "json",
                "upload-file",
                "url-query",
            ],
            operands: Operands::Addresses,
            sends_input: false,
        },
        Sender {
            words: &["wget"],
            valued: "OoaePUi",
            texts: "",
            files: "",
            long: &["post-file", "body-file"],
            operands: Operands::Addresses,
            sends_input: false,
        },
        asker(&["http"]),
        asker(&["https"]),
        asker(&["httpie"]),
        asker(&["xh"]),
        copier(&["scp"], "iFoSJPclDX"),
        copier(&["pscp"], "iP"),
        copier(&["rsync"], "efTBM"),
        copier(&["aws", "s3", "cp"], ""),
        copier(&["aws", "s3", "mv"], ""),
        copier(&["gcloud", "storage", "cp"], ""),
        copier(&["gsutil", "cp"], ""),
        copier(&["rclone", "copy"], ""),
        copier(&["rclone", "copyto"], ""),
        giver(&["croc", "send"]),
        giver(&["ftp"]),
        giver(&["gh", "gist", "create"]),
        giver(&["gh", "release", "upload"]),
        giver(&["wormhole", "send"]),
        stream(&["mail"]),
        stream(&["nc"]),
        stream(&["ncat"]),
        stream(&["netcat"]),
        stream(&["sendmail"]),
        stream(&["socat"]),
        stream(&["ssh"]),
        stream(&["telnet"]),
    ]
};

/// Long options of copiers that have a value behind them.
const LONG_VALUED: &[&str] = &[
    "--rsh",
    "--exclude",
    "--include",
    "--exclude-from",
    "--include-from",
    "--files-from",
    "--password-file",
    "--rsync-path",
    "--log-file",
    "--profile",
    "--region",
    "--description",
    "--desc",
    "--filename",
];

impl Judge {
    /// Tells what a command sends, if it is one that sends.
    pub(super) fn sends(&mut self, name: &str, rest: &[&str], call: &Call) -> bool {
        let is_it =
            |sender: &&Sender| sender.words[0] == name && rest.starts_with(&sender.words[1..]);
        let Some(sender) = SENDERS.iter().find(is_it) else {
            return false;
        };
        let skip = sender.words.len() - 1;
        // What comes of a substitution is a part of what is sent.
        let mut sent: Vec<Source> = call
            .fields
            .iter()
            .flat_map(|field| field.sources.clone())
            .collect();
        let mut is_input = sender.sends_input;
        let mut operands: Vec<&str> = Vec::new();
        let mut words = rest[skip..].iter();
        while let Some(word) = words.next() {
            if let Some(long) = word.strip_prefix("--") {
                let (option, attached) = match long.split_once('=') {
                    Some((option, value)) => (option, Some(value)),
                    None => (long, None),
                };
                let is_sent =
                    option.len() > 2 && sender.long.iter().any(|known| known.starts_with(option));
                if is_sent {
                    let value = attached
                        .or_else(|| words.next().copied())
                        .unwrap_or_default();
                    let is_file = option.ends_with("file") || "config".starts_with(option);
                    is_input |= self.given(value, is_file, &mut sent);
                } else if attached.is_none() && LONG_VALUED.contains(word) {
                    let _ = words.next();
                }
                continue;
            }
            let Some(cluster) = word.strip_prefix('-').filter(|it| !it.is_empty()) else {
                operands.push(word);
                continue;
            };
            let valued = cluster
                .char_indices()
                .find(|(_, letter)| sender.valued.contains(*letter));
            let Some((at, letter)) = valued else {
                continue;
            };
            let value = match &cluster[at + letter.len_utf8()..] {
                "" => words.next().copied().unwrap_or_default(),
                attached => attached,
            };
            if sender.texts.contains(letter) || sender.files.contains(letter) {
                is_input |= self.given(value, sender.files.contains(letter), &mut sent);
            }
        }
        let seen = self.operands(sender, &operands, &mut sent);
        if is_input {
            sent.extend(call.input.sources.clone());
        }
        // A variable is what a program is given by its name, and so is what a store hands over.
        sent.retain(|source| !matches!(source, Source::Variable(_) | Source::Store(_)));
        self.tell(sent);
        self.tell(seen);
        true
    }

    /// Takes the operands of a sender: what it sends, and as the result what it shows.
    fn operands(
        &mut self,
        sender: &Sender,
        operands: &[&str],
        sent: &mut Vec<Source>,
    ) -> Vec<Source> {
        let mut seen = Vec::new();
        match sender.operands {
            Operands::Addresses => {
                for file in operands.iter().filter_map(|it| it.strip_prefix("file://")) {
                    seen.extend(self.read_from(&Field::of(file)).sources);
                }
            }
            Operands::Fields => {
                for field in operands {
                    self.given(field, false, sent);
                }
            }
            Operands::Files | Operands::FilesTo => {
                let files = match (sender.operands, operands) {
                    (Operands::FilesTo, [files @ .., to]) => {
                        let is_far = |path: &&str| path.contains(':');
                        // From here to here, or from there to here.
                        match is_far(to) {
                            true => files,
                            false => &[],
                        }
                    }
                    _ => operands,
                };
                let near = files.iter().filter(|path| !path.contains(':'));
                for file in near {
                    sent.extend(self.read_from(&Field::unquoted(file)).sources);
                }
            }
        }
        seen
    }

    /// Takes a value that a sender is given: a file, or a text that may name one. Whether it is what stands on
    /// standard input.
    fn given(&mut self, value: &str, is_file: bool, sent: &mut Vec<Source>) -> bool {
        let file = match is_file {
            true => Some(value),
            false => value
                .strip_prefix('@')
                .or_else(|| value.split_once("=@").map(|(_, file)| file))
                .or_else(|| value.split_once("=<").map(|(_, file)| file))
                .or_else(|| {
                    let (name, file) = value.split_once('@')?;
                    let is_name = name
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"_-:".contains(&b));
                    is_name.then_some(file)
                }),
        };
        let Some(file) = file else {
            return false;
        };
        let files = file.split(';').next().unwrap_or(file);
        if matches!(files, "-" | ".") {
            return true;
        }
        for file in files.split(',') {
            let Said { sources, .. } = self.read_from(&Field::of(file.trim_matches('"')));
            sent.extend(sources);
        }
        false
    }
}
