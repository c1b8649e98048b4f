//! Commands, followed to what they start: other commands, scripts, functions, and programs that run shells.

use std::rc::Rc;

use super::super::patch;
use super::handed::{assigned, is_of_windows, is_shell, plain_name};
use super::readers::value_of;
use super::script::{DEEPEST, Script};
use super::value::Field;
use super::wrappers::{Starts, edits_in_place, elsewhere, set, starts};
use super::{Call, Judge, MOST_WORDS, Said, Source, Step, base, shows};

impl Judge {
    /// Follows a command to the one that it starts, and judges that.
    pub(super) fn run(&mut self, call: Call) -> Said {
        if self.depth >= DEEPEST {
            self.stop();
            return Said::default();
        }
        self.depth += 1;
        let said = self.started(call);
        self.depth -= 1;
        said
    }

    fn started(&mut self, mut call: Call) -> Said {
        for _ in 0..DEEPEST {
            let texts = call.words();
            let words: Vec<&str> = texts.iter().map(String::as_str).collect();
            let Some((&first, rest)) = words.split_first() else {
                return Said::default();
            };
            if self.spend(texts.iter().map(|text| text.len() + 1).sum()) {
                return Said::default();
            }
            let name = plain_name(first);
            let is_plain = matches!(name.as_str(), "command" | "builtin");
            if let Some((name, value)) = assigned(&words) {
                self.switched_off(&[(name, value)]);
                return Said::silent();
            }
            if let Some(body) = self.functions.get(first).cloned() {
                return self.function(&body, call);
            }
            if first.contains('/')
                && let Some(script) = self.written(first).and_then(|said| said.text.clone())
            {
                return self.nested(&script, call);
            }
            if let Some(at) = elsewhere(&name, rest) {
                self.sends(&name, rest, &call);
                return self.elsewhere(at + 1, call);
            }
            let Some(starts) = starts(&name, rest) else {
                return self.judge(&name, call);
            };
            match starts {
                Starts::At(skip) => {
                    let mut skip = skip + 1;
                    // What `env` and `sudo` set for the command.
                    while let Some((name, value)) = words.get(skip).and_then(|word| set(word)) {
                        let (name, value) = (name.to_owned(), value.to_owned());
                        call.set.push((name, value));
                        skip += 1;
                    }
                    // `env $(cat .env) make`
                    while name == "env" && words.get(skip) == Some(&"$()") {
                        skip += 1;
                    }
                    let is_alone = skip >= words.len();
                    if matches!(name.as_str(), "xargs" | "parallel") {
                        if let Some(file) = value_of(rest, "-a", "--arg-file") {
                            call.input = self.read_from(&Field::of(file));
                        }
                        if is_alone {
                            return call.input;
                        }
                        call.fields.drain(..skip);
                        given(&mut call);
                        continue;
                    }
                    if is_alone {
                        return self.judge(&name, call);
                    }
                    call.fields.drain(..skip);
                    if is_plain
                        && call
                            .fields
                            .first()
                            .is_some_and(|it| self.functions.contains_key(&it.text))
                    {
                        let name = base(&call.fields[0].text).to_owned();
                        return self.judge(&name, call);
                    }
                }
                Starts::Script(script) => return self.nested(&script, call),
            }
        }
        self.stop();
        Said::default()
    }

    /// A function, with what it is given.
    fn function(&mut self, body: &Script, mut call: Call) -> Said {
        let arguments = call.fields.split_off(1);
        self.switched_off(&call.set);
        self.arguments.push(Rc::new(arguments));
        let said = self.script(body, call.input);
        self.arguments.pop();
        said
    }

    /// What runs on another machine: its files are not those that are here, but what it shows is seen.
    fn elsewhere(&mut self, at: usize, mut call: Call) -> Said {
        call.fields.drain(..at.min(call.fields.len()));
        let fields = match call.fields.as_slice() {
            // A whole script for a shell.
            [field] if field.text.contains(' ') => {
                vec![Field::of("sh"), Field::of("-c"), field.clone()]
            }
            _ => call.fields,
        };
        let mut said = self.run(Call {
            fields,
            set: call.set,
            input: Said::default(),
        });
        said.sources
            .retain(|source| matches!(source, Source::Environment | Source::Variable(_)));
        Said::from(said.sources)
    }

    /// A script that a command runs, with what is set for it.
    pub(super) fn nested(&mut self, script: &str, call: Call) -> Said {
        if script.contains("git") {
            self.switched_off(&call.set);
        }
        self.text(script, call.input)
    }

    fn judge(&mut self, name: &str, call: Call) -> Said {
        let texts = call.words();
        let words: Vec<&str> = texts.iter().map(String::as_str).collect();
        let rest = &words[1..];
        let operands = || rest.iter().copied().filter(|word| !word.starts_with('-'));
        if self.assigns(name, rest, &call) {
            return Said::silent();
        }
        match name {
            "git" | "hub" => return self.git(rest, &call.set),
            "jj" | "gh" | "lefthook" | "pre-commit" | "prek" | "husky" | "keyward" => {
                self.tool(name, rest, &call.set);
            }
            name if is_shell(name) => return self.shell(rest, call),
            name if is_of_windows(name) => return self.shell_of_windows(name, rest, call),
            "awk" | "gawk" | "mawk" | "nawk" => {
                let in_place = rest.windows(2).any(|pair| pair == ["-i", "inplace"]);
                self.touch_all(operands().filter(|_| in_place));
                self.calls(rest);
            }
            "sed" if !edits_in_place(name, rest) => self.calls_by_sed(rest),
            "eval" | "iex" | "invoke-expression" => return self.nested(&rest.join(" "), call),
            "source" | "." => {
                let text = call
                    .fields
                    .get(1)
                    .and_then(|field| self.held(field, &call.input));
                let text = text.map(str::to_owned);
                return text.map_or_else(Said::default, |text| self.nested(&text, call));
            }
            "trap" => return self.nested(rest.first().unwrap_or(&""), call),
            "alias" => return self.aliases(rest),
            "cd" | "pushd" | "popd" | "set-location" => {
                self.goes(name, rest);
                return Said::silent();
            }
            "true" | "false" | ":" | "test" | "[" | "[[" | "mkdir" | "shift" | "unset" => {
                return Said::silent();
            }
            "export" | "declare" | "typeset" | "readonly" | "local" | "setenv" => {
                return self.exports(name, &call);
            }
            "for" | "select" => self.goes_through(&call),
            "read" | "mapfile" | "readarray" => self.takes(name, rest, &call),
            "tee" => return self.tees(rest, call.input),
            "dd" => {
                let to: Vec<&str> = rest
                    .iter()
                    .filter_map(|it| it.strip_prefix("of="))
                    .collect();
                self.touch_all(to.iter().copied());
                let from = rest.iter().find_map(|word| word.strip_prefix("if="));
                if let (Some(from), true) = (from, to.is_empty()) {
                    return self.read_from(&Field::of(from));
                }
            }
            "sed" | "perl" | "ruby" if edits_in_place(name, rest) => {
                self.edits(rest);
                return self.literals(name, rest, call);
            }
            "find" => return self.find(rest, call),
            "apply_patch" | "applypatch" => self.patch(rest, &call),
            _ if shows::is_interpreter(name) => {
                self.changes(name, rest, &call);
                return self.literals(name, rest, call);
            }
            _ => {
                if let Some(subcommand) = name.strip_prefix("git-").filter(|it| !it.is_empty()) {
                    let words: Vec<&str> = [&[subcommand], rest].concat();
                    return self.git(&words, &call.set);
                }
                return self.any(name, rest, call);
            }
        }
        self.says(name, rest, call)
    }

    /// A program that is known by what it changes, by what it says, or not at all. What it starts says something, too.
    fn any(&mut self, name: &str, rest: &[&str], call: Call) -> Said {
        self.takes_away(name, rest);
        self.changes(name, rest, &call);
        let started = self.handed(name, rest, &call);
        let mut said = self.says(name, rest, call);
        said.sources.extend(started.sources);
        said
    }

    /// Commands that change files in their places, by what they are told in words.
    fn edits(&mut self, rest: &[&str]) {
        let operands = || rest.iter().copied().filter(|word| !word.starts_with('-'));
        self.touch_all(operands());
        for path in operands().skip(1) {
            if self.spend(rest.iter().map(|word| word.len()).sum()) {
                break;
            }
            let path = self.path(path);
            let texts = rest.iter().map(|word| (path.clone(), (*word).to_owned()));
            self.followed.placed.extend(texts);
        }
    }

    /// Commands that change the files that they are given.
    fn changes(&mut self, name: &str, rest: &[&str], call: &Call) {
        let operands = || rest.iter().copied().filter(|word| !word.starts_with('-'));
        match name {
            // What stays as it is may be copied, and run.
            "cp" | "ln" | "install" | "copy-item" | "copy" | "xcopy" => {
                let to = value_of(rest, "-t", "--target-directory");
                self.touch_all(to.or_else(|| operands().next_back()));
                self.copies(call);
            }
            "chmod" if operands().next().is_some_and(|mode| mode.ends_with("+x")) => {}
            "mv" | "move-item" | "move" | "rename" | "rename-item" | "ren" | "prename" => {
                self.touch_all(operands());
                self.copies(call);
            }
            "rm" | "chmod" | "chown" | "chattr" | "truncate" | "unlink" | "shred" | "rmdir"
            | "setfacl" | "trash" | "sponge" | "patch" | "attrib" | "icacls" | "takeown"
            | "remove-item" | "set-content" | "add-content" | "clear-content" | "out-file"
            | "new-item" | "set-itemproperty" | "ri" | "rni" | "sc" | "ac" | "ni" | "del"
            | "erase" | "rd" | "ed" | "ex" | "vi" | "vim" | "nvim" | "nano" | "emacs" => {
                self.touch_all(operands());
            }
            "curl" => self.touch_all(value_of(rest, "-o", "--output")),
            "wget" => {
                self.touch_all(value_of(rest, "-O", "--output-document"));
                self.touch_all(value_of(rest, "-P", "--directory-prefix"));
            }
            "rsync" => self.touch_all(operands().next_back()),
            "tar" => self.touch_all(value_of(rest, "-C", "--directory")),
            "unzip" => self.touch_all(value_of(rest, "-d", "-d")),
            _ => {}
        }
    }

    /// `tee`: what it reads goes into files, and on.
    fn tees(&mut self, rest: &[&str], mut input: Said) -> Said {
        for word in rest.iter().filter(|word| !word.starts_with('-')) {
            if self.spend(input.size()) {
                return Said::default();
            }
            if super::streams::is_terminal(word) {
                input.is_aside = false;
                self.tell(input.sources.clone());
                continue;
            }
            self.touch(word);
            let path = self.path(word);
            if let Some(text) = &input.text {
                self.followed.placed.push((path.clone(), text.clone()));
            }
            self.copy(path, input.clone());
        }
        input.is_aside = false;
        input
    }

    fn goes(&mut self, name: &str, rest: &[&str]) {
        let to = rest
            .iter()
            .find(|word| **word == "-" || !word.starts_with('-'));
        let (now, before) = (self.directory.clone(), self.before.clone());
        self.directory = match (name, to.copied()) {
            ("popd", _) => self.stack.pop().unwrap_or_default(),
            (_, Some("-")) => before,
            ("pushd", None) => self.stack.pop().unwrap_or_default(),
            (_, None) => self.place.home.clone(),
            (_, Some("")) => now.clone(),
            (_, Some(to)) => self.path(to),
        };
        if name == "pushd" && self.stack.len() < MOST_WORDS {
            self.stack.push(now.clone());
        }
        self.before = now;
        self.spend(self.directory.len());
    }

    /// The variable of a loop goes through what the script says.
    fn goes_through(&mut self, call: &Call) {
        let Some(variable) = call.fields.get(1) else {
            return;
        };
        let values = match call.fields.get(2) {
            Some(field) if field.text == "in" => call.fields[3..].to_vec(),
            _ => self
                .arguments
                .last()
                .map(|it| it.to_vec())
                .unwrap_or_default(),
        };
        let values = match values.is_empty() {
            true => vec![Field::default()],
            false => values,
        };
        self.know(&variable.text.clone(), values);
    }

    /// `read`: a variable takes a line of what is read.
    fn takes(&mut self, name: &str, rest: &[&str], call: &Call) {
        let mut names: Vec<&str> = Vec::new();
        let stream = value_of(rest, "-u", "-u").and_then(|number| self.stream(number));
        let opened = stream.cloned();
        let mut words = rest.iter();
        while let Some(word) = words.next() {
            match *word {
                "-p" | "-d" | "-n" | "-N" | "-O" | "-u" | "-i" | "-C" | "-c" => {
                    let _ = words.next();
                }
                "-t" if name == "read" => {
                    let _ = words.next();
                }
                word if word.starts_with('-') => {}
                word => names.push(word),
            }
        }
        if names.is_empty() {
            names.push(if name == "read" { "REPLY" } else { "MAPFILE" });
        }
        let input = opened.as_ref().unwrap_or(&call.input);
        for name in names {
            let known = input.text.as_ref().map(|text| {
                let as_field = |line: &str| Field {
                    pattern: input.is_pattern.then(|| line.trim().to_owned()),
                    sources: input.sources.clone(),
                    ..Field::of(line.trim())
                };
                text.lines().take(MOST_WORDS).map(as_field).collect()
            });
            let unknown = || {
                vec![Field {
                    sources: input.sources.clone(),
                    ..Field::of(format!("${name}"))
                }]
            };
            let values: Vec<Field> = known
                .filter(|it: &Vec<_>| !it.is_empty())
                .unwrap_or_else(unknown);
            if self.spend(values.len() * (1 + input.sources.len())) {
                return;
            }
            self.know(name, values);
        }
    }

    /// `cp`, `mv` and `ln`: one file becomes another.
    fn copies(&mut self, call: &Call) {
        let mut files: Vec<Field> = call.fields[1..].to_vec();
        files.retain(|field| !field.text.starts_with('-'));
        let Some(to) = files.pop() else {
            return;
        };
        for file in &files {
            let said = self.read_from(file);
            let below = format!("{}/{}", to.text, base(&file.text));
            let (to, below) = (self.path(&to.text), self.path(&below));
            self.copy(to, said.clone());
            self.copy(below, said);
        }
    }

    fn aliases(&mut self, rest: &[&str]) -> Said {
        for alias in rest {
            if let Some((name, value)) = alias.split_once('=') {
                self.text(value, Said::default());
                // What stands behind its name is given to it.
                let script = super::reader::read(&format!("{value} \"$@\""), self.depth);
                self.functions.insert(name.to_owned(), Rc::new(script));
            }
        }
        Said::default()
    }

    /// A shell that is given a script: as an argument, on standard input, by a pipe, or as a file.
    fn shell(&mut self, rest: &[&str], mut call: Call) -> Said {
        let mut at = 0;
        let mut is_script = false;
        while let Some(word) = rest.get(at) {
            match *word {
                "+o" | "-O" | "--rcfile" | "--init-file" => at += 1,
                word if word.starts_with('-') && !word.starts_with("--") => {
                    is_script |= word.contains('c');
                    // `-euo pipefail`
                    at += usize::from(word.ends_with('o'));
                }
                word if word.starts_with('-') || word.starts_with('+') => {}
                _ => break,
            }
            at += 1;
        }
        let Some(word) = rest.get(at) else {
            let script = call.input.text.take();
            let input = Said::default();
            return script.map_or_else(Said::default, |script| {
                self.nested(&script, Call { input, ..call })
            });
        };
        let script = match is_script {
            true => Some((*word).to_owned()),
            false => self
                .held(&call.fields[at + 1], &call.input)
                .map(str::to_owned),
        };
        let Some(script) = script else {
            return Said::default();
        };
        // Behind a script stands its name, behind a file what it is given.
        let skip = at + 2 + usize::from(is_script);
        let arguments = call.fields.drain(skip.min(call.fields.len())..).collect();
        self.arguments.push(Rc::new(arguments));
        let said = self.alone(|judge| judge.nested(&script, call));
        self.arguments.pop();
        said
    }

    fn find(&mut self, rest: &[&str], call: Call) -> Said {
        let starts: Vec<&str> = rest
            .iter()
            .take_while(|word| !word.starts_with('-') && !matches!(**word, "(" | "!"))
            .copied()
            .collect();
        let removes = |word: &&str| matches!(*word, "-delete" | "rm" | "chmod" | "mv" | "unlink");
        if rest.iter().any(removes) {
            self.touch_all(starts.iter().copied());
        }
        let mut pairs = rest.windows(2);
        let name =
            pairs.find(|pair| matches!(pair[0], "-name" | "-iname" | "-path" | "-wholename"));
        let found: Vec<String> = match name {
            Some(pair) => {
                let starts = if starts.is_empty() {
                    &["."][..]
                } else {
                    &starts
                };
                let at = |start: &&str| format!("{start}/**/{}", pair[1].trim_start_matches("*/"));
                starts.iter().map(at).collect()
            }
            // What is no directory is found itself.
            None => starts.iter().map(|start| (*start).to_owned()).collect(),
        };
        let runs = |word: &&str| matches!(*word, "-exec" | "-execdir" | "-ok" | "-okdir");
        let Some(at) = rest.iter().position(runs) else {
            return Said {
                is_pattern: true,
                ..Said::of(found.join("\n"))
            };
        };
        let words = &call.fields[at + 2..];
        let end = words
            .iter()
            .position(|word| matches!(&*word.text, ";" | "+"));
        let mut fields = Vec::new();
        for field in &words[..end.unwrap_or(words.len())] {
            if fields.len() > MOST_WORDS {
                self.stop();
                return Said::default();
            }
            match field.text.as_str() {
                "{}" => fields.extend(found.iter().map(|path| Field {
                    pattern: Some(path.clone()),
                    ..Field::of(path)
                })),
                text if text.contains("{}") => {
                    let paths = found.iter().take(MOST_WORDS);
                    fields.extend(paths.map(|path| Field::of(text.replace("{}", path))));
                }
                _ => fields.push(field.clone()),
            }
        }
        self.run(Call {
            fields,
            set: call.set,
            input: Said::default(),
        })
    }

    fn patch(&mut self, rest: &[&str], call: &Call) {
        let given = rest.iter().map(|word| (*word).to_owned());
        for patch in given.chain(call.input.text.clone()) {
            if patch::is_one(&patch) {
                let looks = patch::looks(&patch).into_iter().map(Step::Look);
                self.followed.steps.extend(looks);
            }
        }
    }
}

/// Gives a command what `xargs` reads.
fn given(call: &mut Call) {
    let input = std::mem::take(&mut call.input);
    let words: Vec<Field> = match &input.text {
        Some(text) => text
            .split_whitespace()
            .take(MOST_WORDS)
            .map(|word| Field {
                pattern: input.is_pattern.then(|| word.to_owned()),
                sources: input.sources.clone(),
                ..Field::of(word)
            })
            .collect(),
        None if input.sources.is_empty() => return,
        None => vec![Field {
            sources: input.sources.clone(),
            ..Field::of("$()")
        }],
    };
    match call.fields.iter().position(|field| field.text == "{}") {
        Some(at) => drop(call.fields.splice(at..=at, words)),
        None => call.fields.extend(words),
    }
}
