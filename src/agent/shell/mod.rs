//! What a command for a shell would do that an agent may not: commit or push without the hooks, change what
//! keeps it in check, or show secrets.
//!
//! The script is [read](reader) as a shell reads it, and followed where it leads: into substitutions,
//! functions, other shells, and what starts another command. What it would do with files becomes
//! [looks](Look), as from any tool. A value that only a run would give is unknown, and nothing is guessed.

mod git;
mod reader;
mod shows;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::patch;
use super::tool::{Look, whole};
use reader::{Part, Simple, Word};

/// A bound: what is nested deeper is refused unread.
const DEEPEST: usize = 12;

/// A bound: so many commands of one script are followed.
const MOST_COMMANDS: usize = 5000;

/// A bound: a longer script is refused unread.
const LONGEST: usize = 1 << 20;

/// A bound: so many words come of one with braces.
const MOST_WORDS: usize = 64;

/// A bound: a longer value of a variable is not followed.
const LONGEST_VALUE: usize = 4096;

/// What a command would do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Something to look at.
    Look(Look),
    /// It writes down what keyward lets pass.
    Allow,
    /// It is refused.
    Refuse {
        /// Why.
        why: String,
        /// What to do next.
        next: &'static str,
    },
}

const TOO_DEEP: &str = "it is too long, or nested too deeply, to be read";

/// What is done instead of going around the hooks.
const LET_HOOKS_RUN: &str =
    "let the hooks run: commit and push without that, mend what they refuse, or ask a person";

/// What is done instead of showing a secret.
const NAME_IT: &str =
    "use the variable by its name, where the program reads it; nobody needs to see the value";

/// What a script would do.
pub(crate) fn steps(script: &str) -> Vec<Step> {
    let mut judge = Judge {
        steps: Vec::new(),
        known: HashMap::new(),
        directory: String::new(),
        depth: 0,
        commands: 0,
    };
    judge.script(script, true);
    judge.steps
}

/// A word, once its known variables are put in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Field {
    text: String,
    /// The variables whose values it shows, and that nobody knows.
    shows: Vec<String>,
}

/// A command that would run, without what stands around it.
struct Command<'c> {
    fields: Vec<Field>,
    /// What is set for it alone.
    set: Vec<(String, String)>,
    /// What it reads from standard input, where the script says it.
    input: Option<Field>,
    /// The file that it reads from standard input.
    from: Option<String>,
    /// Whether what it writes is seen: it goes to no file, no variable and no other command.
    is_seen: bool,
    /// The commands behind it in its pipe.
    piped_to: &'c [Simple],
    /// What the command before it in the pipe was.
    before: Option<&'c Simple>,
}

impl Command<'_> {
    fn words(&self) -> Vec<&str> {
        self.fields
            .iter()
            .map(|field| field.text.as_str())
            .collect()
    }
}

struct Judge {
    steps: Vec<Step>,
    /// Variables whose values the script says.
    known: HashMap<String, String>,
    /// Where `cd` led.
    directory: String,
    depth: usize,
    commands: usize,
}

impl Judge {
    fn refuse(&mut self, why: impl Into<String>, next: &'static str) {
        let why = why.into();
        self.steps.push(Step::Refuse { why, next });
    }

    /// Follows a script. What it writes is seen, or goes where the value is only used.
    fn script(&mut self, script: &str, is_seen: bool) {
        if self.depth >= DEEPEST || script.len() > LONGEST {
            self.refuse(TOO_DEEP, "write it as a script of fewer levels");
            return;
        }
        self.depth += 1;
        let simples = reader::read(script);
        for (at, simple) in simples.iter().enumerate() {
            self.commands += 1;
            if self.commands > MOST_COMMANDS {
                self.refuse(TOO_DEEP, LET_HOOKS_RUN);
                break;
            }
            let pipe = match simple.is_piped {
                true => &simples[at + 1..],
                false => &[],
            };
            let end = pipe.iter().position(|it| !it.is_piped);
            let pipe = &pipe[..end.map_or(pipe.len(), |end| end + 1)];
            let before = at.checked_sub(1).map(|before| &simples[before]);
            let before = before.filter(|before| before.is_piped);
            self.simple(simple, pipe, before, is_seen);
        }
        self.depth -= 1;
    }

    fn simple(
        &mut self,
        simple: &Simple,
        piped_to: &[Simple],
        before: Option<&Simple>,
        is_seen: bool,
    ) {
        let fields: Vec<Field> = simple
            .words
            .iter()
            .flat_map(|word| self.fields(word))
            .collect();
        let name = fields.first().map(|field| base(&field.text).to_owned());
        // What such a command is given, it shows or sends.
        let tells = name.is_some_and(|name| shows::tells(&name)) && is_seen && piped_to.is_empty();
        for word in &simple.words {
            for script in word.scripts() {
                self.script(script, tells);
            }
        }
        for (_, word) in simple.assigned.iter().chain(&simple.redirected) {
            for script in word.scripts() {
                self.script(script, false);
            }
        }
        let mut from = None;
        let mut is_written = false;
        for (sign, word) in &simple.redirected {
            let file = self.field(word).text;
            if sign == "<" {
                from = Some(file);
            } else if sign.contains('>') {
                is_written = !file.starts_with("/dev/");
                self.touch(&file);
            }
        }
        let set: Vec<(String, String)> = simple
            .assigned
            .iter()
            .map(|(name, word)| (name.clone(), self.field(word).text))
            .collect();
        if fields.is_empty() {
            for ((name, value), (_, word)) in set.into_iter().zip(&simple.assigned) {
                match word.scripts().next().is_none() && value.len() <= LONGEST_VALUE {
                    true => drop(self.known.insert(name, value)),
                    false => drop(self.known.remove(&name)),
                }
            }
            return;
        }
        let input = simple.input.as_ref().map(|word| {
            for script in word.scripts() {
                self.script(script, is_seen);
            }
            self.field(word)
        });
        self.run(Command {
            fields,
            set,
            input,
            from,
            is_seen: is_seen && !is_written,
            piped_to,
            before,
        });
    }

    /// A word as one field.
    fn field(&self, word: &Word) -> Field {
        let mut field = Field::default();
        for part in &word.0 {
            match part {
                Part::Plain(text) | Part::Quoted(text) => field.text.push_str(text),
                Part::Variable { name, shows, .. } => match self.known.get(name) {
                    Some(value) => field.text.push_str(value),
                    None => {
                        field.text.push_str(&format!("${name}"));
                        field.shows.extend(shows.then(|| name.clone()));
                    }
                },
                Part::Output(_) => field.text.push_str("$()"),
            }
        }
        field
    }

    /// The fields of a word: more than one where it has braces, or a known variable with blanks.
    fn fields(&self, word: &Word) -> Vec<Field> {
        let is_split = |part: &Part| match part {
            Part::Plain(text) => text.contains('{') && text.contains(','),
            Part::Variable {
                quoted: false,
                name,
                ..
            } => self.known.contains_key(name),
            _ => false,
        };
        let field = self.field(word);
        if !word.0.iter().any(is_split) {
            return vec![field];
        }
        let texts = braces(&field.text);
        let words = texts.iter().flat_map(|text| text.split_whitespace());
        words
            .take(MOST_WORDS)
            .map(|text| Field {
                text: text.to_owned(),
                shows: field.shows.clone(),
            })
            .collect()
    }

    /// A path from where `cd` led.
    fn path(&self, path: &str) -> String {
        let is_rooted = path.starts_with(['/', '~', '$']) || path.contains(':');
        match self.directory.is_empty() || is_rooted {
            true => path.to_owned(),
            false => format!("{}/{path}", self.directory),
        }
    }

    fn touch(&mut self, path: &str) {
        let path = self.path(path);
        if super::guarded(&path).is_some() {
            self.steps.push(Step::Look(Look::Touch { path }));
        }
    }

    fn touch_all<'w>(&mut self, words: impl IntoIterator<Item = &'w str>) {
        for word in words {
            self.touch(word);
        }
    }

    fn reads(&mut self, path: &str) {
        let path = self.path(path);
        self.steps.push(Step::Look(whole(path)));
    }

    /// Follows a command to the one that it starts, and judges that.
    fn run(&mut self, mut command: Command<'_>) {
        if self.depth >= DEEPEST {
            self.refuse(TOO_DEEP, LET_HOOKS_RUN);
            return;
        }
        for _ in 0..DEEPEST {
            let texts: Vec<String> = command
                .fields
                .iter()
                .map(|field| field.text.clone())
                .collect();
            let words: Vec<&str> = texts.iter().map(String::as_str).collect();
            let Some((&first, rest)) = words.split_first() else {
                return;
            };
            let name = base(first).to_ascii_lowercase();
            let Some(starts) = starts(&name, rest) else {
                return self.judge(&name, &command);
            };
            match starts {
                Starts::At(skip) => {
                    let mut skip = skip + 1;
                    // What `env` and `sudo` set for the command.
                    while let Some((name, value)) = words.get(skip).and_then(|word| set(word)) {
                        let (name, value) = (name.to_owned(), value.to_owned());
                        command.set.push((name, value));
                        skip += 1;
                    }
                    if skip >= words.len() {
                        return self.judge(&name, &command);
                    }
                    command.fields.drain(..skip);
                }
                Starts::Script(script) => return self.nested(&script, &command),
            }
        }
        self.refuse(TOO_DEEP, LET_HOOKS_RUN);
    }

    /// A script that a command runs, with what is set for it.
    fn nested(&mut self, script: &str, command: &Command<'_>) {
        if command
            .set
            .iter()
            .any(|(name, value)| git::goes_around(name, value))
            && script.contains("git")
        {
            self.refuse(
                "the hooks would be switched off by a variable",
                LET_HOOKS_RUN,
            );
        }
        self.script(script, command.is_seen);
    }

    fn judge(&mut self, name: &str, command: &Command<'_>) {
        let words = command.words();
        let rest = &words[1..];
        let operands = || rest.iter().copied().filter(|word| !word.starts_with('-'));
        match name {
            "git" | "hub" | "git.exe" => self.git(rest, &command.set),
            "jj" | "gh" | "lefthook" | "pre-commit" | "prek" | "husky" | "keyward" => {
                self.tool(name, rest, &command.set);
            }
            "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash" | "fish" => self.shell(rest, command),
            "eval" => self.nested(&rest.join(" "), command),
            "trap" => self.nested(rest.first().unwrap_or(&""), command),
            "alias" => {
                for alias in rest {
                    if let Some((_, value)) = alias.split_once('=') {
                        self.nested(value, command);
                    }
                }
            }
            "cd" | "pushd" | "set-location" => {
                let to = operands().next().unwrap_or("~");
                self.directory = self.path(to);
            }
            "export" | "declare" | "typeset" | "readonly" | "local" | "setenv" => {
                self.exports(name, rest, command);
            }
            "for" | "select" => {
                // Its variable goes through what the script says.
                if let Some(variable) = rest.first() {
                    self.known.insert((*variable).to_owned(), String::new());
                }
            }
            // What stays as it is may be copied, and run.
            "cp" | "ln" | "install" | "copy-item" => self.touch_all(operands().next_back()),
            "chmod" if operands().next().is_some_and(|mode| mode.ends_with("+x")) => {}
            "rm" | "mv" | "chmod" | "chown" | "chattr" | "truncate" | "tee" | "unlink"
            | "shred" | "rmdir" | "remove-item" | "move-item" | "set-content" | "del" => {
                self.touch_all(operands());
            }
            "dd" => self.touch_all(rest.iter().filter_map(|word| word.strip_prefix("of="))),
            "sed" | "perl" | "ruby" if rest.iter().any(|word| edits_in_place(word)) => {
                self.touch_all(operands());
                self.literals(rest, command);
            }
            "find" => self.find(rest, command),
            "apply_patch" | "applypatch" => self.patch(rest, command),
            "python" | "python3" | "node" | "deno" | "bun" | "perl" | "ruby" | "php" => {
                self.literals(rest, command);
            }
            _ => {}
        }
        self.shows(name, command);
    }

    /// A shell that is given a script: as an argument, on standard input, or by a pipe.
    fn shell(&mut self, rest: &[&str], command: &Command<'_>) {
        let mut words = rest.iter();
        let mut is_script = false;
        while let Some(word) = words.next() {
            match *word {
                "-o" | "+o" | "-O" | "--rcfile" | "--init-file" => {
                    let _ = words.next();
                }
                "-c" => is_script = true,
                word if word.starts_with('-') && !word.starts_with("--") => {
                    is_script |= word.contains('c');
                }
                word if word.starts_with('-') || word.starts_with('+') => {}
                word => {
                    if is_script {
                        self.nested(word, command);
                    }
                    return;
                }
            }
        }
        if let Some(input) = &command.input {
            self.nested(&input.text.clone(), command);
        } else if let Some(before) = command.before {
            // `echo 'git commit -n' | sh`
            let fields: Vec<Field> = before
                .words
                .iter()
                .flat_map(|word| self.fields(word))
                .collect();
            let said = fields
                .split_first()
                .filter(|(name, _)| matches!(&*name.text, "echo" | "printf"));
            if let Some((_, said)) = said {
                let texts: Vec<&str> = said.iter().map(|field| field.text.as_str()).collect();
                self.nested(&texts.join(" ").replace("\\n", "\n"), command);
            }
        }
    }

    /// Programs in other languages: each text in them, and each list of texts, may be a command.
    fn literals(&mut self, rest: &[&str], command: &Command<'_>) {
        let mut programs: Vec<String> = rest
            .iter()
            .zip(rest.iter().skip(1))
            .filter(|(option, _)| {
                matches!(
                    **option,
                    "-c" | "-e" | "-E" | "-r" | "-p" | "--eval" | "eval"
                )
            })
            .map(|(_, program)| (*program).to_owned())
            .collect();
        programs.extend(command.input.iter().map(|input| input.text.clone()));
        for program in programs {
            let texts = texts_in(&program);
            for text in &texts {
                if text.contains("git") {
                    self.script(text, false);
                }
            }
            if let Some(at) = texts.iter().position(|text| base(text) == "git") {
                let rest: Vec<&str> = texts[at + 1..].iter().map(String::as_str).collect();
                self.git(&rest, &command.set);
            }
        }
    }

    fn find(&mut self, rest: &[&str], command: &Command<'_>) {
        let runs = rest
            .iter()
            .position(|word| matches!(*word, "-exec" | "-execdir" | "-ok" | "-okdir"));
        let starts = rest
            .iter()
            .take_while(|word| !word.starts_with('-'))
            .copied();
        let removes = |word: &&str| matches!(*word, "-delete" | "rm" | "chmod" | "mv" | "unlink");
        if rest.iter().any(removes) {
            let starts: Vec<&str> = starts.collect();
            self.touch_all(starts);
        }
        if let Some(at) = runs {
            let words = &command.fields[at + 2..];
            let end = words
                .iter()
                .position(|word| matches!(&*word.text, ";" | "+"));
            let fields = words[..end.unwrap_or(words.len())].to_vec();
            self.depth += 1;
            self.run(Command {
                fields,
                set: command.set.clone(),
                input: None,
                from: None,
                is_seen: command.is_seen,
                piped_to: command.piped_to,
                before: None,
            });
            self.depth -= 1;
        }
    }

    fn patch(&mut self, rest: &[&str], command: &Command<'_>) {
        let input = command.input.as_ref().map(|input| input.text.clone());
        let given = rest.iter().map(|word| (*word).to_owned()).chain(input);
        for patch in given.filter(|text| patch::is_one(text)) {
            self.steps
                .extend(patch::looks(&patch).into_iter().map(Step::Look));
        }
    }
}

/// What a command starts.
enum Starts {
    /// Another command, behind so many of its arguments.
    At(usize),
    /// A script of its own.
    Script(String),
}

/// What a command starts that is there to start others; `None` for every other command.
fn starts(name: &str, rest: &[&str]) -> Option<Starts> {
    // The options that have a value of their own behind them.
    let valued: &[&str] = match name {
        "env" => &["-u", "--unset", "-C", "--chdir"],
        "sudo" | "doas" => &[
            "-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-U", "-r", "-t", "--user",
        ],
        "xargs" | "parallel" => &["-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E", "-j"],
        "nice" | "ionice" | "chrt" => &["-n", "-c", "-p"],
        "timeout" => &["-s", "-k", "--signal", "--kill-after"],
        "stdbuf" => &["-i", "-o", "-e"],
        "watch" => &["-n", "--interval"],
        "exec" => &["-a"],
        "command" | "builtin" | "nohup" | "time" | "setsid" | "chronic" | "unbuffer"
        | "busybox" | "noglob" | "nocorrect" | "caffeinate" | "npx" | "bunx" => &[],
        "pnpm" | "yarn" | "npm" if matches!(rest.first(), Some(&("exec" | "dlx"))) => &[],
        _ => return None,
    };
    if name == "command" && matches!(rest.first(), Some(&("-v" | "-V"))) {
        return None;
    }
    let mut at = match name {
        "pnpm" | "yarn" | "npm" => 1,
        _ => 0,
    };
    while let Some(word) = rest.get(at) {
        if name == "env" && (*word == "-S" || word.starts_with("--split-string")) {
            let script = match word.split_once('=') {
                Some((_, script)) => script.to_owned(),
                None => rest[at + 1..].join(" "),
            };
            return Some(Starts::Script(script));
        }
        if *word == "--" {
            at += 1;
            break;
        }
        if !word.starts_with('-') {
            break;
        }
        at += if valued.contains(word) { 2 } else { 1 };
    }
    // How long stands before the command.
    if name == "timeout" {
        at += 1;
    }
    if name == "watch" {
        return Some(Starts::Script(rest.get(at..).unwrap_or_default().join(" ")));
    }
    Some(Starts::At(at))
}

/// `NAME=VALUE` as an argument.
fn set(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then_some((name, value))
}

/// The name of a program without its directory.
fn base(program: &str) -> &str {
    program.rsplit(['/', '\\']).next().unwrap_or(program)
}

fn edits_in_place(word: &str) -> bool {
    word.starts_with("--in-place")
        || (word.starts_with('-') && !word.starts_with("--") && word.contains('i'))
}

/// What comes of a word with one pair of braces or more: `a{b,c}` is `ab` and `ac`.
fn braces(text: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut pending = vec![text.to_owned()];
    while let Some(text) = pending.pop() {
        let open = text.rfind('{').filter(|at| !text[..*at].ends_with('$'));
        let close = open.and_then(|open| Some(open + text[open..].find('}')?));
        let inner = open
            .zip(close)
            .map(|(open, close)| (open, close, &text[open + 1..close]));
        match inner.filter(|(.., inner)| inner.contains(',')) {
            Some((open, close, inner)) if done.len() + pending.len() < MOST_WORDS => {
                let put = |part: &str| format!("{}{part}{}", &text[..open], &text[close + 1..]);
                pending.extend(inner.rsplit(',').map(put));
            }
            _ => done.push(text),
        }
    }
    done
}

/// The texts in quotes of a program in some language.
fn texts_in(program: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut quote = None;
    let mut text = String::new();
    let mut chars = program.chars();
    while let Some(c) = chars.next() {
        match quote {
            None if "\"'`".contains(c) => quote = Some(c),
            None => {}
            Some(open) if open == c => {
                quote = None;
                texts.push(std::mem::take(&mut text));
            }
            Some(_) if c == '\\' => text.extend(chars.next()),
            Some(_) => text.push(c),
        }
    }
    texts
}
