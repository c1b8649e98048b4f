//! The files and streams of a script: what is read from them, what goes into them, and what stays open.

use std::mem;

use super::super::lines::Lines;
use super::script::{Command, Kind, Redirect, Sign};
use super::value::Field;
use super::{Judge, MOST_WORDS, Said, Source};

impl Judge {
    /// What a command reads by its redirections, and the file that it writes to; an empty one is nowhere.
    pub(super) fn redirected(
        &mut self,
        redirects: &[Redirect],
        input: Said,
    ) -> (Said, Option<String>) {
        let mut input = input;
        let mut goes: Option<String> = None;
        for redirect in redirects {
            let field = self.field(&redirect.word);
            let is_output = matches!(redirect.stream, None | Some(1));
            match redirect.sign {
                Sign::Text => {
                    input = Said {
                        sources: field.sources,
                        text: Some(field.text),
                        ..Said::default()
                    };
                }
                Sign::In => {
                    let before = mem::take(&mut input);
                    input = match field.process {
                        Some(said) => *said,
                        None => self.read_from(&field),
                    };
                    input.is_aside = true;
                    if let Some(stream) = redirect.stream.filter(|stream| *stream > 0) {
                        let opened = mem::replace(&mut input, before);
                        self.open(stream, opened);
                    }
                }
                Sign::Out | Sign::Both => {
                    let path = self.path(&field.text);
                    self.touch(&field.text);
                    if is_output || redirect.sign == Sign::Both {
                        goes = (!is_terminal(&field.text)).then_some(path);
                    }
                }
                // `<&3`
                Sign::Same if self.stream(&field.text).is_some() => {
                    input = self.stream(&field.text).cloned().unwrap_or_default();
                    if self.spend(input.size()) {
                        return (Said::default(), goes);
                    }
                }
                Sign::Same if is_output && redirect.stream.is_some() || field.text == "2" => {
                    goes = (field.text == "-").then(String::new);
                }
                Sign::Same => {}
            }
        }
        (input, goes)
    }

    /// Remembers what stays open for reading.
    pub(super) fn open(&mut self, stream: u32, said: Said) {
        if self.opened.len() < MOST_WORDS && !self.spend(said.size()) {
            self.opened.insert(stream, said);
        }
    }

    /// What stays open for reading under a number, with a dash behind it if it is moved.
    pub(super) fn stream(&self, number: &str) -> Option<&Said> {
        let number = number.trim_end_matches('-').parse().ok()?;
        self.opened.get(&number)
    }

    /// What is left to be seen of what a command says, some of which may go into a file.
    pub(super) fn gone(&mut self, said: Said, goes: Option<String>) -> Said {
        let Some(path) = goes else {
            return said;
        };
        if let (Some(text), true) = (&said.text, !path.is_empty()) {
            self.followed.placed.push((path.clone(), text.clone()));
        }
        if !path.is_empty() && path != "/dev/null" {
            self.copy(path, said);
        }
        Said::default()
    }

    /// Remembers what goes into a file.
    pub(super) fn copy(&mut self, path: String, said: Said) {
        if self.copied.len() < MOST_WORDS && !self.spend(said.size()) {
            self.copied.insert(plain(&path), said);
        }
    }

    /// What the script wrote into a file.
    pub(super) fn written(&self, path: &str) -> Option<&Said> {
        self.copied.get(&plain(&self.path(path)))
    }

    /// What a file holds that is a script: what stands for it, or what was written into it.
    pub(super) fn held<'s>(&'s self, field: &'s Field, input: &'s Said) -> Option<&'s str> {
        const STDIN: &[&str] = &["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];
        let said = field.process.as_deref();
        let said = said.or_else(|| STDIN.contains(&field.text.as_str()).then_some(input));
        let said = said.or_else(|| self.written(&field.text))?;
        said.text.as_deref()
    }

    /// What comes of a file that is read.
    pub(super) fn read_from(&mut self, field: &Field) -> Said {
        self.read_lines(field, &Lines::All)
    }

    /// What comes of some lines of a file.
    pub(super) fn read_lines(&mut self, field: &Field, lines: &Lines) -> Said {
        let environ = field.text.starts_with("/proc/") && field.text.ends_with("/environ");
        if environ {
            return Said::from(vec![Source::Environment]);
        }
        let streams = ["/dev/fd/", "/proc/self/fd/"];
        let stream = streams
            .iter()
            .find_map(|start| field.text.strip_prefix(start));
        let opened = stream.and_then(|number| self.stream(number));
        if let Some(opened) = opened.cloned() {
            self.spend(opened.size());
            return opened;
        }
        let path = self.path(&field.text);
        let mut said = self.written(&field.text).cloned().unwrap_or_default();
        if self.spend(said.size()) {
            return Said::default();
        }
        let lines = || lines.clone();
        // Where nobody knows where it is, it may be here.
        if self.directory.contains('$') && path != field.text {
            let path = field.text.clone();
            said.sources.push(Source::File {
                path,
                lines: lines(),
            });
        }
        if let Some(pattern) = &field.pattern {
            let pattern = self.path(pattern);
            said.sources.push(Source::Pattern {
                pattern,
                lines: lines(),
            });
        }
        said.sources.push(Source::File {
            path,
            lines: lines(),
        });
        said
    }
}

/// `exec` without a command: what it opens stays open.
pub(super) fn is_exec(command: &Command) -> bool {
    match &command.kind {
        Kind::Simple(_, words) => matches!(words.as_slice(), [word] if word.bare() == Some("exec")),
        _ => false,
    }
}

/// Whether a file is what a person or an agent sees, or what is sent.
pub(super) fn is_terminal(path: &str) -> bool {
    matches!(path, "/dev/stdout" | "/dev/stderr" | "/dev/tty")
        || path.starts_with("/dev/tcp/")
        || path.starts_with("/dev/udp/")
        || path.starts_with("/dev/fd/")
        || path.starts_with("/proc/self/fd/")
}

/// A path without what leads nowhere in it.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            "" if !parts.is_empty() => {}
            ".." if parts.last().is_some_and(|last| !matches!(*last, "" | "..")) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
