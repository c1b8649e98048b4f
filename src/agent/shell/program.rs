//! Programs in other languages that are given to their interpreters on the command line.

use super::git::is_no_verify;
use super::handed::plain_name;
use super::readers::has_letter;
use super::shows::is_secret;
use super::value::Field;
use super::wrappers::edits_in_place;
use super::{Call, Judge, LET_HOOKS_RUN, Said, Source};

/// What reads a file, right before its name.
const OPENERS: &[&str] = &[
    "open(",
    "Path(",
    "readFileSync(",
    "readFile(",
    "File.read(",
    "File.read ",
    "readTextFile(",
    "readTextFileSync(",
    "IO.read(",
    "file_get_contents(",
    "readfile(",
    "Bun.file(",
];

/// What shows something.
const PRINTERS: &[&str] = &[
    "print", "console.", "puts", "echo", "write(", "pp ", "p ", "say ", "dump", "show",
];

/// What sends something.
const SENDERS: &[&str] = &[
    "requests.",
    "urlopen",
    "httpx.",
    "fetch(",
    "axios",
    "socket",
    "http.",
    "https.",
    "Net::HTTP",
];

/// What changes a file.
const CHANGERS: &[&str] = &[
    "'w",
    "\"w",
    "'a'",
    "\"a\"",
    "write",
    "unlink",
    "remove",
    "rmtree",
    "rmSync",
    "rm(",
    "chmod",
    "rename",
    "delete",
    "put_contents",
];

/// How programs name the environment.
const ENVIRONMENTS: &[&str] = &[
    "os.environ",
    "process.env",
    "Deno.env",
    "ENVIRON",
    "ENV",
    "%ENV",
    "$ENV",
    "$_ENV",
    "os.getenv",
    "getenv",
];

impl Judge {
    /// What `awk` has a shell run.
    pub(super) fn calls(&mut self, rest: &[&str]) {
        let may_call = |word: &&&str| word.contains("system") || word.contains('|');
        for program in rest.iter().filter(may_call) {
            for (_, text) in texts_in(program) {
                self.text(&text, Said::default());
            }
        }
    }

    /// What `sed` has a shell run: behind its `e`.
    pub(super) fn calls_by_sed(&mut self, rest: &[&str]) {
        for word in rest {
            let command = word.trim_start_matches(|c: char| c.is_ascii_digit() || "$,".contains(c));
            if let Some(script) = command.strip_prefix("e ") {
                self.text(script, Said::default());
            }
        }
    }

    /// What a program has git do: by a text for a shell, by a list of words, or by a library.
    fn runs_git(&mut self, program: &str, texts: &[(usize, String)], set: &[(String, String)]) {
        /// A bound: so many calls are looked at.
        const MOST: usize = 50;
        for (_, text) in texts {
            if text.contains("git") {
                self.text(text, Said::default());
            }
        }
        let calls = texts.iter().enumerate();
        let calls = calls.filter(|(_, (_, text))| plain_name(text) == "git");
        let calls: Vec<usize> = calls.map(|(at, _)| at).take(MOST).collect();
        for at in calls {
            let rest: Vec<&str> = texts[at + 1..].iter().map(|it| it.1.as_str()).collect();
            if self.spend(rest.len()) {
                return;
            }
            self.git(&rest, set);
        }
        let has = |signs: &[&str]| signs.iter().any(|sign| program.contains(sign));
        let is_short = texts
            .windows(2)
            .any(|pair| pair[0].1 == "commit" && pair[1].1 == "-n");
        let skips = has(&[
            "no_verify=True",
            "skip_hooks=True",
            "commit('-n'",
            "commit(\"-n\"",
        ]) || is_short
            || texts.iter().any(|(_, text)| is_no_verify(text));
        let by_library = has(&["git.", "Git"]) && has(&["commit", "push", "merge"]);
        if by_library && skips {
            self.refuse("it skips the hooks", LET_HOOKS_RUN);
        }
    }

    /// Programs in other languages: each text in them, and each list of texts, may be a command; and they may
    /// show variables and files.
    pub(super) fn literals(&mut self, name: &str, rest: &[&str], call: Call) -> Said {
        let is_program = |option: &str| {
            let letters = option.strip_prefix('-').unwrap_or_default();
            let is_short = !letters.is_empty()
                && letters.len() < 6
                && letters.ends_with(['c', 'e', 'E', 'r', 'p']);
            is_short || matches!(option, "--eval" | "--print" | "eval")
        };
        let behind = rest.iter().zip(rest.iter().skip(1));
        let behind = behind.filter(|(option, _)| is_program(option));
        let attached = rest.iter().filter_map(attached);
        let mut programs: Vec<String> = behind
            .map(|(_, program)| *program)
            .chain(attached)
            .map(str::to_owned)
            .collect();
        if programs.is_empty() {
            let mut files = call.fields.iter().skip(1);
            let file = files.find(|field| !field.text.starts_with('-'));
            let held = file.and_then(|file| self.held(file, &call.input));
            programs.extend(held.map(str::to_owned));
        }
        let is_printed = rest
            .iter()
            .any(|word| *word == "--print" || word.starts_with("-p") && word.len() < 5);
        if rest.iter().all(|word| word.starts_with('-')) {
            programs.extend(call.input.text.clone());
        }
        let mut said = Said::default();
        // `perl -ne print FILE`
        let is_of_lines = |word: &&str| has_letter(word, "np", "eEIMmFxl0rC");
        if matches!(name, "perl" | "ruby")
            && rest.iter().any(is_of_lines)
            && !edits_in_place(name, rest)
        {
            let files = call.fields[1..]
                .iter()
                .filter(|it| !it.text.starts_with('-'));
            for file in files.skip(1) {
                said.add(self.read_from(file));
            }
            said.text = None;
            if rest.iter().filter(|word| !word.starts_with('-')).count() < 2 {
                said.sources.extend(call.input.sources.clone());
            }
        }
        // What is piped into a program may come out of it.
        if !call.input.is_aside {
            said.sources.extend(call.input.sources);
        }
        for program in programs {
            if self.spend(program.len()) {
                break;
            }
            let texts = texts_in(&program);
            self.runs_git(&program, &texts, &call.set);
            let has = |signs: &[&str]| signs.iter().any(|sign| program.contains(sign));
            if has(CHANGERS) {
                self.touch_all(texts.iter().map(|(_, text)| text.as_str()));
            }
            if !is_printed && !has(PRINTERS) && !has(SENDERS) {
                continue;
            }
            said.sources.extend(environment(&program, is_printed));
            for (at, text) in &texts {
                if OPENERS
                    .iter()
                    .any(|opener| program[..*at].ends_with(opener))
                {
                    let read = self.read_from(&Field::of(text));
                    said.sources.extend(read.sources);
                }
            }
        }
        said
    }
}

/// The program in an option that it is written onto: `--eval=…`, `-e…`.
fn attached<'w>(word: &&'w str) -> Option<&'w str> {
    let long = ["--eval=", "--print=", "--execute="];
    let found = long.iter().find_map(|option| word.strip_prefix(option));
    let short = || {
        let program = word
            .strip_prefix("-e")
            .or_else(|| word.strip_prefix("-c"))?;
        program.contains(['(', ' ', '`']).then_some(program)
    };
    found.or_else(short)
}

/// Whether what stands at a place of a program is given to what shows it, and to nothing in between. What is said of
/// all of the program is that it shows its value.
fn is_told(program: &str, at: usize, is_printed: bool) -> bool {
    /// A bound: so many bytes before it are asked.
    const MOST: usize = 8192;
    let mut near = at.saturating_sub(MOST)..at;
    let near = near.find(|at| program.is_char_boundary(*at)).unwrap_or(at);
    let before = &program[near..at];
    let start = before.rfind(['\n', ';']).map_or(0, |start| start + 1);
    let before = &before[start..];
    let printed = PRINTERS.iter().filter_map(|printer| {
        let found = before.rfind(printer)?;
        Some(&before[found + printer.len()..])
    });
    let behind = printed.min_by_key(|behind| behind.len());
    let Some(behind) = behind.or(is_printed.then_some(before)) else {
        return false;
    };
    let behind = behind.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '.');
    let mut behind = behind.strip_prefix('(').unwrap_or(behind).to_owned();
    for text in ["str(", "repr(", "String("] {
        behind = behind.replace(text, "");
    }
    !behind.contains('(')
}

/// What a program shows of the environment.
pub(super) fn environment(program: &str, is_printed: bool) -> Vec<Source> {
    /// A bound: so many places are asked.
    const MOST: usize = 100;
    let mut found = Vec::new();
    for name in ENVIRONMENTS {
        for (at, _) in program.match_indices(name).take(MOST) {
            let before = program[..at].chars().next_back();
            let is_start =
                before.is_none_or(|c| !(c.is_ascii_alphanumeric() || "_.%$".contains(c)));
            if !is_start {
                continue;
            }
            let behind = program[at + name.len()..].trim_start();
            let calls = [".get(", ".fetch(", "[", "(", ".", "{"];
            let of = calls.iter().find_map(|call| behind.strip_prefix(call));
            let is_call = name.ends_with("getenv");
            let named = of.map(|behind| {
                let behind = behind.trim_start_matches(['"', '\'', ' ']);
                let end = behind
                    .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                    .unwrap_or(behind.len());
                &behind[..end]
            });
            match named {
                Some(
                    "items" | "values" | "copy" | "toObject" | "to_h" | "to_a" | "inspect" | "each",
                ) => {
                    found.push(Source::Environment);
                }
                Some("") if is_call => found.push(Source::Environment),
                Some(named) if is_secret(named) && is_told(program, at, is_printed) => {
                    found.push(Source::Variable(named.to_owned()));
                }
                None if !is_call
                    && !behind.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') =>
                {
                    found.push(Source::Environment);
                }
                _ => {}
            }
        }
    }
    found
}

/// The texts in quotes of a program in some language, each with where its quote stands; those of `qw(…)` and `%x(…)`, too.
fn texts_in(program: &str) -> Vec<(usize, String)> {
    let mut texts = listed_in(program);
    let mut quote: Option<(usize, char)> = None;
    let mut text = String::new();
    let mut chars = program.char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            None if "\"'`".contains(c) => quote = Some((at, c)),
            None => {}
            Some((start, open)) if open == c => {
                quote = None;
                texts.push((start, std::mem::take(&mut text)));
            }
            Some(_) if c == '\\' => text.extend(chars.next().map(|(_, c)| c)),
            Some(_) => text.push(c),
        }
    }
    texts
}

/// What stands between brackets behind a sign that makes a text of it, or a list of words.
fn listed_in(program: &str) -> Vec<(usize, String)> {
    /// A bound: so many are looked at.
    const MOST: usize = 100;
    let mut found = Vec::new();
    for sign in ["qw", "qx", "%x", "%w", "%q"] {
        for (at, _) in program.match_indices(sign).take(MOST) {
            let behind = program[at + sign.len()..].trim_start();
            let close = match behind.chars().next() {
                Some('(') => ')',
                Some('[') => ']',
                Some('{') => '}',
                Some('<') => '>',
                Some(same @ ('/' | '|' | '!')) => same,
                _ => continue,
            };
            let inner = &behind[1..];
            if let Some(end) = inner.find(close) {
                found.push((at, inner[..end].to_owned()));
            }
        }
    }
    found
}
