//! `keyward agent-hook AGENT`: what the settings of AI agents call.
//!
//! An agent waits for it at every step, so no repository is opened before something was found. Whatever
//! comes in, there is an answer: no event ends in an error that an agent would take for a yes.

mod command;
mod output;
mod write;

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use bstr::{BString, ByteVec};

use super::session::Session;
use super::{Exit, input, kinds, voice};
use crate::agent::{Agent, Answer, Event, Lines, Look, MOST_BYTES, Moment, Reply};
use crate::allow::{self, AllowList};
use crate::change::{Change, EntryKind, InMemory, Status};
use crate::config::{self, Layer};
use crate::disk;
use crate::filetype::FileType;
use crate::finding::{Finding, Fingerprint};
use crate::report::agent::{self, Refusal};
use crate::shell::{quoted, shown_path};
use crate::verdict::Verdict;

/// Answer an AI agent that asks before it acts; its settings name this command
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Whose event stands on standard input
    #[arg(value_name = "AGENT", value_parser = kinds::agents())]
    agent: Agent,
}

impl Args {
    /// The arguments, if they are nothing but the command and an agent; everything else is told by the
    /// whole of the command line.
    pub(super) fn typed(mut arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        if arguments.next()? != "agent-hook" {
            return None;
        }
        let agent = Agent::named(arguments.next()?.to_str()?)?;
        arguments.next().is_none().then_some(Self { agent })
    }
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let reply = answer(args.agent);
    // An agent that has gone needs no answer.
    let _ = say(&reply);
    // The code that every agent takes for a refusal.
    Ok(match reply.refuses {
        true => Exit::Usage,
        false => Exit::Clean,
    })
}

fn say(reply: &Reply) -> io::Result<()> {
    let mut out = voice::to_programs();
    out.write_all(reply.out.as_bytes())?;
    out.flush()?;
    if !reply.err.is_empty() {
        let mut err = voice::err();
        writeln!(err, "{}", reply.err)?;
        err.flush()?;
    }
    Ok(())
}

/// What became of an event.
fn answer(agent: Agent) -> Reply {
    let came = input::came(MOST_BYTES + 1);
    let mut input = came.content;
    let unread = |error| format!("the event could not be read to its end ({error})");
    let nothing = came.is_nothing.then(|| input::NOTHING.to_owned());
    let mut trouble = came.error.map(unread).or(nothing);
    let event = match input.len() as u64 > MOST_BYTES {
        true => {
            input.truncate(usize::try_from(MOST_BYTES).unwrap_or(usize::MAX));
            trouble = Some(format!("the event is longer than {MOST_BYTES} bytes"));
            None
        }
        false => Event::read(agent, &input).ok(),
    };
    if event.is_none() {
        trouble.get_or_insert_with(|| "the event is not JSON that keyward knows".to_owned());
    }
    let directory = event.as_ref().and_then(|event| event.directory.clone());
    let mut desk = Desk::open(directory);
    desk.trouble = trouble.or(desk.trouble.take());
    let Some(event) = event else {
        // What can't be understood is looked at all the same.
        let text = String::from_utf8_lossy(&input).into_owned();
        let refused = desk.text("event.json", text, "this event");
        return Reply::by_status(&desk.concluded(refused.map_or(Answer::Pass, Answer::Refuse)));
    };
    let judged = desk.judge(&event);
    event.reply(&desk.concluded(judged))
}

const COMMAND: &str = "this command";
const PROMPT: &str = "this prompt";
const OUTPUT: &str = "this output";

/// A bound: so many bytes of files are looked at for one event, so that its answer is in time.
const MOST_LOOKED_AT: u64 = 4 * MOST_BYTES;

/// Where an agent works, and what holds there.
struct Desk {
    directory: PathBuf,
    /// The top of the repository, if there is one.
    top: Option<PathBuf>,
    session: Session,
    /// Why something could not be looked at.
    trouble: Option<String>,
    /// How many bytes of files were looked at.
    looked_at: u64,
    /// The secrets that may be shown, since they stand where somebody allowed them.
    passing: Vec<Fingerprint>,
}

impl Desk {
    /// Reads what holds in a directory. Settings that nobody can understand hold nothing up: what is built in
    /// is looked for, and that it was so is told.
    fn open(directory: Option<PathBuf>) -> Self {
        let directory = directory
            .filter(|directory| directory.is_absolute())
            .or_else(|| std::env::current_dir().ok())
            .unwrap_or_default();
        let top = directory
            .ancestors()
            .find(|above| above.join(".git").symlink_metadata().is_ok())
            .map(Path::to_owned);
        let loaded = settings(top.as_deref()).and_then(|layers| {
            let allowed = match &top {
                Some(top) => AllowList::read(&top.join(allow::FILE_NAME))?,
                None => AllowList::default(),
            };
            Session::new(layers, allowed)
        });
        let mut trouble = None;
        let mut session = loaded.unwrap_or_else(|error| {
            trouble = Some(format!("{error:#}"));
            let machine = config::machine().unwrap_or_default();
            Session::new(machine, AllowList::default()).unwrap_or_else(|_| built_in())
        });
        session.progress = false;
        Self {
            directory,
            top,
            session,
            trouble,
            looked_at: 0,
            passing: Vec::new(),
        }
    }

    /// The answer, once it is known that something could not be looked at.
    fn concluded(&self, answer: Answer) -> Answer {
        let Some(trouble) = self.trouble.as_ref().filter(|_| answer == Answer::Pass) else {
            return answer;
        };
        let is_closed = self.session.config.agents_fail_closed();
        let told = format!(
            "keyward: could not look at this: {}",
            voice::fit_for_programs(trouble)
        );
        match is_closed {
            true => Answer::Refuse(format!(
                "{told}\nnext: a person mends that; until then `agents.failure = \"closed\"` refuses it"
            )),
            false => Answer::Note(told),
        }
    }

    fn judge(&mut self, event: &Event) -> Answer {
        let what = match event.moment {
            Moment::Prompt => PROMPT,
            Moment::After => OUTPUT,
            _ => "this call",
        };
        let mut refused = event.looks.iter().find_map(|look| self.refusal(look, what));
        if refused.is_some() && !event.asked.is_empty() {
            // What may be read may be answered.
            for look in &event.asked {
                self.refusal(look, what);
            }
            refused = event.looks.iter().find_map(|look| self.refusal(look, what));
        }
        match (refused, &event.output) {
            (None, _) => Answer::Pass,
            (Some(reason), Some(output)) => Answer::Replace {
                output: self.masked(output),
                reason,
            },
            (Some(reason), None) => Answer::Refuse(reason),
        }
    }

    /// Why something may not be, if it may not.
    fn refusal(&mut self, look: &Look, what: &str) -> Option<String> {
        match look {
            Look::Text { name, text } => self.text(name, text.clone(), what),
            Look::Command(command) => self.command(command),
            // Some tools take a pattern for a path.
            Look::Read {
                path,
                content: None,
                lines,
            } if path.contains(['*', '?', '[']) && !self.absolute(path).exists() => {
                let fitting = self.fitting(path);
                fitting.iter().find_map(|path| self.read(path, None, lines))
            }
            Look::Read {
                path,
                content,
                lines,
            } => self.read(path, content.as_deref(), lines),
            Look::Write { path, content } => self.write(path, |_| content.clone().into()),
            Look::Edit { path, parts, all } => self.edit(path, parts, *all),
            Look::Touch { path } => self.keeps_in_check(path, None),
        }
    }

    /// Looks at a text.
    fn text(&mut self, name: &'static str, text: String, what: &str) -> Option<String> {
        let origin = InMemory {
            content: text.into_bytes(),
            ..InMemory::default()
        };
        let change = Change::new(name, Status::Added, EntryKind::Message, origin);
        let mut found = self.look(change).blocking;
        found.retain(|finding| !self.passing.contains(&finding.fingerprint));
        let next = match what {
            OUTPUT => "go on without the value, and tell a person where it was shown",
            PROMPT => {
                "take the secret out of the prompt and name the variable that holds it; revoke it if it \
                 was sent before"
            }
            _ => "name the variable that holds the secret, and never the secret itself",
        };
        (!found.is_empty()).then(|| {
            Refusal {
                deed: match what {
                    OUTPUT => "withheld",
                    _ => "refused",
                },
                what,
                why: "it holds a secret",
                findings: &found,
                next,
            }
            .told()
        })
    }

    fn look(&mut self, change: Change<'_>) -> Verdict {
        self.session.look(std::iter::once(Ok(change)))
    }

    /// Looks at a file that is about to be read.
    fn read(&mut self, path: &str, content: Option<&str>, lines: &Lines) -> Option<String> {
        let file = self.absolute(path);
        let content = match content {
            Some(content) => content.as_bytes().to_vec(),
            None => match disk::read_regular(&file, MOST_BYTES) {
                Ok(Some(content)) => content,
                // A directory, or what is not there, is no file to be read.
                _ if !file.is_file() => return None,
                _ => {
                    let why = format!("{} could not be read", shown_path(&file));
                    self.trouble.get_or_insert(why);
                    return None;
                }
            },
        };
        self.looked_at = self.looked_at.saturating_add(content.len() as u64);
        if self.looked_at > MOST_LOOKED_AT {
            let why = format!("it would take more than {MOST_LOOKED_AT} bytes of files");
            self.trouble.get_or_insert(why);
            return None;
        }
        let shown = lines.of(&String::from_utf8_lossy(&content));
        if shown.is_empty() {
            return None;
        }
        let named = self.named(&file);
        let is_example = FileType::of_path(&named).example;
        let origin = InMemory {
            content,
            ..InMemory::default()
        };
        let change = Change::new(named.clone(), Status::Added, EntryKind::File, origin);
        let verdict = self.look(change);
        let (example, mut found): (Vec<Finding>, Vec<Finding>) = verdict
            .blocking
            .into_iter()
            .partition(|finding| is_example && finding.may_be_held());
        let allowed = verdict.allowed.into_iter().map(|allowed| allowed.finding);
        let passing = allowed.chain(example).map(|finding| finding.fingerprint);
        self.passing.extend(passing);
        // A part of a key is too much of it.
        found.retain(|finding| {
            finding.span.is_none_or(|span| {
                let own = span.lines();
                let after = shown.partition_point(|lines| lines.end() < own.start());
                let lines = shown.get(after);
                lines.is_some_and(|lines| lines.start() <= own.end())
            })
        });
        if found.is_empty() {
            return None;
        }
        let next = instead(path, lines, &found);
        // Whoever only reads has nothing to mend.
        for finding in &mut found {
            finding.kind = EntryKind::Message;
        }
        Some(
            Refusal {
                deed: "refused",
                what: "this read",
                why: "the file holds secrets, and what you read is sent to a model",
                findings: &found,
                next: &next,
            }
            .told(),
        )
    }

    /// A path that an agent names, without any way up in it.
    fn absolute(&self, path: &str) -> PathBuf {
        let home = || std::env::home_dir().unwrap_or_default();
        let named = match path.strip_prefix("~/") {
            Some(below) => home().join(below),
            None if path == "~" => home(),
            None => self.directory.join(&*expanded(path)),
        };
        let mut plain = PathBuf::new();
        for part in named.components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => drop(plain.pop()),
                part => plain.push(part),
            }
        }
        plain
    }

    /// A file from the top of the repository, as an entry that allows something names it.
    fn named(&self, file: &Path) -> BString {
        let below = self
            .top
            .as_ref()
            .and_then(|top| file.strip_prefix(top).ok());
        let bytes = Vec::from_path_lossy(below.unwrap_or(file)).into_owned();
        match cfg!(windows) {
            true => bytes
                .into_iter()
                .map(|b| if b == b'\\' { b'/' } else { b })
                .collect::<Vec<_>>()
                .into(),
            false => bytes.into(),
        }
    }
}

/// What is done instead of reading a file in which something was found.
fn instead(path: &str, lines: &Lines, found: &[Finding]) -> String {
    let guard = found.iter().find(|finding| finding.span.is_none());
    match (guard, lines.are_all()) {
        (Some(guard), _) if guard.rule == "guard-env-file" => format!(
            "the names without the values: keyward keys --names, or cut -d= -f1 {}",
            quoted(path.as_bytes())
        ),
        (Some(_), _) => "go on without it, or ask a person for what you need to know".to_owned(),
        (None, true) => format!(
            "read other lines of it, or search it for what you need; the secret goes to the \
             environment: {}",
            agent::mend(&found[0])
        ),
        (None, false) => "read other lines of it".to_owned(),
    }
}

/// A path whose first part is a variable, with the value that it has here, if it is one of a path.
fn expanded(path: &str) -> Cow<'_, str> {
    let value = || {
        let named = path.strip_prefix('$')?;
        let (name, below) = named.split_once('/').unwrap_or((named, ""));
        let value = std::env::var(name).ok()?;
        Path::new(&value)
            .is_absolute()
            .then(|| format!("{value}/{below}"))
    };
    value().map_or(Cow::Borrowed(path), Cow::Owned)
}

/// The settings of the machine, and of a repository as they lie in its working tree.
fn settings(top: Option<&Path>) -> Result<Vec<Layer>> {
    let mut layers = config::machine()?;
    if let Some(top) = top {
        let own = config::repository(&|path| Ok(config::in_working_tree(top, path)?));
        layers.extend(own.context("the settings can't be understood")?);
    }
    Ok(layers)
}

fn built_in() -> Session {
    Session::new(Vec::new(), AllowList::default()).expect("what is built in is valid")
}
