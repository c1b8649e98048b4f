//! What a command for a shell would do that an agent may not: commit or push without the hooks, change what
//! keeps it in check, or show secrets.
//!
//! The script is [read](reader) as a shell reads it, and followed where it leads: through pipes, substitutions,
//! functions, loops, other shells, and what starts another command. Each command is given what the one before
//! it [says](Said), and says something itself; what comes out at the end is seen. What it would do with files
//! becomes [looks](Look), as from any tool. A value that only a run would give is unknown.

mod git;
mod handed;
mod program;
mod reader;
mod readers;
mod script;
mod sends;
mod shows;
mod starts;
mod stores;
mod streams;
#[cfg(test)]
mod tests;
mod value;
mod wrappers;

use std::collections::HashMap;
use std::mem;
use std::rc::Rc;

use super::lines::Lines;
use super::tool::Look;
use script::{Command, DEEPEST, Kind, Pipe, Script};
use streams::is_exec;
use value::Field;

/// A bound: so many commands of one script are followed.
const MOST_COMMANDS: usize = 5000;

/// A bound: a longer script is refused unread.
const LONGEST: usize = 1 << 20;

/// A bound: so many characters are gone through for one script, however it is folded.
const MOST_WORK: usize = 1 << 24;

/// A bound: so many words come of one, and so many values of one variable.
const MOST_WORDS: usize = 1000;

/// A bound: so many files and variables are shown by one command.
const MOST_SOURCES: usize = 1000;

/// What a command would do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Something to look at.
    Look(Look),
    /// The files that a pattern stands for are read.
    Pattern {
        /// The pattern.
        pattern: String,
        /// The lines that are shown.
        lines: Lines,
    },
    /// What lies below a directory is searched.
    Below {
        /// The directory.
        directory: String,
        /// The lines that are shown.
        lines: Lines,
    },
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

/// Where a command runs, as far as it is known.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The directory.
    pub directory: String,
    /// The top of the repository.
    pub top: String,
    /// The directory of who is logged in.
    pub home: String,
}

/// What became of a script.
#[derive(Clone, Debug, Default)]
pub(crate) struct Followed {
    /// What it would do.
    pub steps: Vec<Step>,
    /// Texts of it that go into a file and nowhere else, each with the file.
    pub placed: Vec<(String, String)>,
}

const TOO_DEEP: &str = "it is too long, or nested too deeply, to be read";

const SHORTER: &str = "write it in fewer words and levels, or one command after the other";

/// What is done instead of going around the hooks.
const LET_HOOKS_RUN: &str =
    "let the hooks run: commit and push without that, mend what they refuse, or ask a person";

/// What is done instead of showing a secret.
const NAME_IT: &str =
    "use the variable by its name, where the program reads it; nobody needs to see the value";

/// What a script would do.
pub(crate) fn followed(script: &str, place: &Place) -> Followed {
    let mut judge = Judge {
        followed: Followed::default(),
        place: place.clone(),
        known: HashMap::new(),
        functions: HashMap::new(),
        copied: HashMap::new(),
        opened: HashMap::new(),
        arguments: Vec::new(),
        directory: String::new(),
        before: String::new(),
        stack: Vec::new(),
        depth: 0,
        commands: 0,
        work: 0,
        is_stopped: false,
    };
    let said = judge.text(script, Said::default());
    judge.tell(said.sources);
    judge.followed
}

/// Where something comes from that may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// A variable whose name speaks of one.
    Variable(String),
    /// A file.
    File { path: String, lines: Lines },
    /// The files that a pattern stands for.
    Pattern { pattern: String, lines: Lines },
    /// The files below a directory.
    Below { directory: String, lines: Lines },
    /// Every variable.
    Environment,
    /// A store of secrets, by the command that asks it.
    Store(String),
}

/// What a command writes, or reads.
#[derive(Clone, Debug, Default)]
struct Said {
    /// Where it comes from.
    sources: Vec<Source>,
    /// The text, if it is known.
    text: Option<String>,
    /// Whether the text is of patterns of paths.
    is_pattern: bool,
    /// Whether a command reads it only if it asks for it: it comes from a file, or goes to a group.
    is_aside: bool,
}

impl Said {
    fn of(text: String) -> Self {
        Self {
            text: Some(text),
            ..Self::default()
        }
    }

    /// What a command says that says nothing.
    fn silent() -> Self {
        Self::of(String::new())
    }

    fn from(sources: Vec<Source>) -> Self {
        Self {
            sources,
            ..Self::default()
        }
    }

    /// How much of it there is to copy.
    fn size(&self) -> usize {
        self.sources.len() + self.text.as_ref().map_or(0, String::len)
    }

    fn add(&mut self, other: Self) {
        self.sources.extend(other.sources);
        self.text = match (self.text.take(), other.text) {
            (Some(before), Some(text)) => Some(before + &text),
            _ => None,
        };
        self.is_pattern |= other.is_pattern;
    }
}

/// A command that would run, without what stands around it.
struct Call {
    fields: Vec<Field>,
    /// What is set for it alone.
    set: Vec<(String, String)>,
    /// What it reads from standard input.
    input: Said,
}

impl Call {
    fn words(&self) -> Vec<String> {
        self.fields.iter().map(|it| it.text.clone()).collect()
    }
}

struct Judge {
    followed: Followed,
    place: Place,
    /// Variables whose values the script says.
    known: HashMap<String, Rc<Vec<Field>>>,
    functions: HashMap<String, Rc<Script>>,
    /// Files that the script writes, with what goes into each.
    copied: HashMap<String, Said>,
    /// Files that stay open for reading, by the numbers of their streams.
    opened: HashMap<u32, Said>,
    /// What functions and scripts are given.
    arguments: Vec<Rc<Vec<Field>>>,
    /// Where `cd` led.
    directory: String,
    /// Where it was before.
    before: String,
    /// What `popd` goes back to.
    stack: Vec<String>,
    depth: usize,
    commands: usize,
    work: usize,
    /// Whether it is refused as too long, and followed no more.
    is_stopped: bool,
}

impl Judge {
    fn refuse(&mut self, why: impl Into<String>, next: &'static str) {
        let why = why.into();
        self.followed.steps.push(Step::Refuse { why, next });
    }

    /// Follows no more, and says so.
    fn stop(&mut self) {
        if !mem::replace(&mut self.is_stopped, true) {
            self.refuse(TOO_DEEP, SHORTER);
        }
    }

    /// Counts work; whether there is too much of it.
    fn spend(&mut self, work: usize) -> bool {
        self.work = self.work.saturating_add(work);
        if self.work > MOST_WORK {
            self.stop();
        }
        self.is_stopped
    }

    /// Follows a text as a script.
    fn text(&mut self, script: &str, input: Said) -> Said {
        if script.len() > LONGEST || self.depth >= DEEPEST {
            self.stop();
        }
        if self.spend(script.len()) {
            return Said::default();
        }
        let script = reader::read(script, self.depth);
        self.script(&script, input)
    }

    fn script(&mut self, script: &Script, input: Said) -> Said {
        if script.is_too_deep || self.depth >= DEEPEST {
            self.stop();
        }
        self.depth += 1;
        let mut said = Said::silent();
        for pipe in &script.pipes {
            if self.is_stopped {
                break;
            }
            let part = self.pipe(pipe, &input);
            let is_much = said.sources.len() + part.sources.len() > MOST_SOURCES;
            if is_much || self.spend(part.text.as_ref().map_or(0, String::len)) {
                self.stop();
            }
            said.add(part);
        }
        self.depth -= 1;
        said
    }

    /// A script in a shell of its own: what it sets and where it goes ends with it.
    fn apart(&mut self, script: &Script, input: Said) -> Said {
        self.alone(|judge| judge.script(script, input))
    }

    /// What is followed in a shell of its own.
    fn alone(&mut self, follow: impl FnOnce(&mut Self) -> Said) -> Said {
        let size: usize = self.known.values().map(|values| 1 + values.len()).sum();
        if self.spend(size) {
            return Said::default();
        }
        let known = self.known.clone();
        let directory = self.directory.clone();
        let said = follow(self);
        self.known = known;
        self.directory = directory;
        said
    }

    fn pipe(&mut self, pipe: &Pipe, input: &Said) -> Said {
        if self.spend(1 + input.size()) {
            return Said::default();
        }
        let mut said = Said {
            is_aside: true,
            ..input.clone()
        };
        // `exec < file`: what everything reads from then on.
        if let Some(opened) = self.opened.get(&0).filter(|_| input.sources.is_empty()) {
            said = opened.clone();
            if self.spend(said.size()) {
                return Said::default();
            }
        }
        let directory = self.directory.clone();
        for command in pipe {
            self.commands += 1;
            if self.commands > MOST_COMMANDS {
                self.stop();
            }
            if self.is_stopped {
                return Said::default();
            }
            said = self.command(command, said);
        }
        if pipe.len() > 1 {
            self.directory = directory;
        }
        said
    }

    fn command(&mut self, command: &Command, input: Said) -> Said {
        let (input, goes) = self.redirected(&command.redirects, input);
        if is_exec(command) && !command.redirects.is_empty() && !input.sources.is_empty() {
            self.open(0, input);
            return Said::silent();
        }
        let said = match &command.kind {
            Kind::Simple(assigned, words) if words.is_empty() => {
                for (name, word) in assigned {
                    let values = self.fields_whole(word);
                    self.know(name, values);
                }
                // `$(<file)`
                match assigned.is_empty() && !command.redirects.is_empty() {
                    true => input,
                    false => Said::silent(),
                }
            }
            Kind::Simple(assigned, words) => {
                let mut set = Vec::new();
                for (name, word) in assigned {
                    set.push((name.clone(), self.field(word).text));
                }
                let fields: Vec<Field> = words.iter().flat_map(|word| self.fields(word)).collect();
                let spent = fields.iter().map(|field| field.text.len() + 1).sum();
                if self.spend(spent) {
                    return Said::default();
                }
                self.run(Call { fields, set, input })
            }
            Kind::Group(body, is_apart) => match is_apart {
                true => self.apart(body, input),
                false => self.script(body, input),
            },
            Kind::Function(name, body) => {
                self.functions.insert(name.clone(), Rc::clone(body));
                self.apart(body, Said::default());
                Said::silent()
            }
        };
        self.gone(said, goes)
    }

    /// Remembers the values of a variable.
    fn know(&mut self, name: &str, values: Vec<Field>) {
        let size = values.iter().map(|value| value.text.len() + 1).sum();
        if values.len() > MOST_WORDS {
            self.stop();
        }
        if !self.spend(size) {
            self.known.insert(name.to_owned(), Rc::new(values));
        }
    }

    /// A path from where `cd` led.
    fn path(&self, path: &str) -> String {
        let is_rooted = path.starts_with(['/', '~', '$']) || path.contains(':');
        match self.directory.is_empty() || is_rooted {
            true => path.to_owned(),
            false => format!("{}/{path}", self.directory),
        }
    }

    /// Where the shell is.
    fn here(&self) -> String {
        let base = &self.place.directory;
        match self.directory.as_str() {
            "" => base.clone(),
            at if at.starts_with(['/', '~', '$']) => at.to_owned(),
            below => format!("{base}/{below}"),
        }
    }

    fn touch(&mut self, path: &str) {
        let path = self.path(path);
        let known = Step::Look(Look::Touch { path });
        if self.followed.steps.len() < MOST_COMMANDS {
            self.followed.steps.push(known);
        } else {
            self.stop();
        }
    }

    fn touch_all<'w>(&mut self, words: impl IntoIterator<Item = &'w str>) {
        for word in words {
            self.touch(word);
        }
    }

    /// Tells what is shown or sent.
    fn tell(&mut self, sources: Vec<Source>) {
        for source in sources {
            if self.spend(1 + self.followed.steps.len()) {
                return;
            }
            let step = match source {
                Source::Variable(name) => {
                    let name = crate::shell::shown_start(&name, 40);
                    Step::Refuse {
                        why: format!("it shows the value of {name}"),
                        next: NAME_IT,
                    }
                }
                Source::File { path, lines } => Step::Look(Look::Read {
                    path,
                    content: None,
                    lines,
                }),
                Source::Pattern { pattern, lines } => Step::Pattern { pattern, lines },
                Source::Below { directory, lines } => Step::Below { directory, lines },
                Source::Environment => Step::Refuse {
                    why: "it shows every variable with its value".to_owned(),
                    next: "the names alone: env | cut -d= -f1",
                },
                Source::Store(command) => Step::Refuse {
                    why: format!("{command} shows a secret"),
                    next: NAME_IT,
                },
            };
            if !self.followed.steps.contains(&step) {
                self.followed.steps.push(step);
            }
        }
    }
}

/// The name of a program without its directory.
fn base(program: &str) -> &str {
    program.rsplit(['/', '\\']).next().unwrap_or(program)
}
