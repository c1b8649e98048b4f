//! `keyward agent-hook AGENT`: what the settings of AI agents call.
//!
//! An agent waits for it at every step, so no repository is opened before something was found. Whatever
//! comes in, there is an answer: no event ends in an error that an agent would take for a yes.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use bstr::{BString, ByteVec};
use gix_glob::wildmatch;
use serde_json::Value;

use super::session::Session;
use super::{Exit, kinds, voice};
use crate::agent::shell::{Step, steps};
use crate::agent::{
    Agent, Answer, Event, Guarded, Lines, Look, MOST_BYTES, Moment, Reply, guarded,
};
use crate::allow::{self, AllowList};
use crate::change::{Change, EntryKind, InMemory, Status};
use crate::config::{self, Layer};
use crate::detect::Detector;
use crate::disk;
use crate::filetype::FileType;
use crate::finding::{Finding, Fingerprint};
use crate::git::Repo;
use crate::guard::Guards;
use crate::report::agent::{self, Refusal};
use crate::scan;
use crate::shell::{quoted, shown, shown_path};
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
    let mut input = Vec::new();
    let read = io::stdin()
        .lock()
        .take(MOST_BYTES + 1)
        .read_to_end(&mut input);
    let mut trouble = match read {
        Err(error) => Some(format!("the event could not be read ({error})")),
        Ok(_) if input.len() as u64 > MOST_BYTES => {
            input.truncate(usize::try_from(MOST_BYTES).unwrap_or(usize::MAX));
            Some(format!("the event is longer than {MOST_BYTES} bytes"))
        }
        Ok(_) => None,
    };
    let event = match trouble {
        None => Event::read(agent, &input)
            .map_err(|_| trouble = Some("the event is not JSON that keyward knows".to_owned()))
            .ok(),
        Some(_) => None,
    };
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

/// What stands in the place of a text of which nothing may be shown.
const WITHHELD: &str = "[withheld by keyward]";

/// Where an agent works, and what holds there.
struct Desk {
    directory: PathBuf,
    /// The top of the repository, if there is one.
    top: Option<PathBuf>,
    session: Session,
    guards: Option<Guards>,
    /// Why something could not be looked at.
    trouble: Option<String>,
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
            guards: session.guards.take(),
            directory,
            top,
            session,
            trouble,
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
            Look::Command(command) => self
                .text("command.sh", command.clone(), COMMAND)
                .or_else(|| steps(command).iter().find_map(|step| self.step(step))),
            Look::Read {
                path,
                content,
                lines,
            } => self.read(path, content.as_deref(), lines),
            Look::Write { path, content } => self.write(path, |_| content.clone().into()),
            Look::Edit { path, parts, all } => self.write(path, |old| edited(old, parts, *all)),
            Look::Touch { path } => self.keeps_in_check(path, None),
        }
    }

    /// Why a command may not do what it would.
    fn step(&mut self, step: &Step) -> Option<String> {
        match step {
            Step::Look(Look::Read { path, .. }) if path.contains(['*', '?', '[']) => self
                .fitting(path)
                .iter()
                .find_map(|path| self.read(path, None, &Lines::All)),
            Step::Look(look) => self.refusal(look, COMMAND),
            Step::Allow if !self.session.config.agents_propose() => None,
            Step::Allow => Some(
                Refusal {
                    deed: "refused",
                    what: COMMAND,
                    why: "what keyward lets pass is for a person to decide",
                    findings: &[],
                    next: "mend it; if it is no secret: keyward allow --propose ID --reason \"...\", and tell a \
                           person to confirm it",
                }
                .told(),
            ),
            Step::Refuse { why, next } => Some(
                Refusal {
                    deed: "refused",
                    what: COMMAND,
                    why,
                    findings: &[],
                    next,
                }
                .told(),
            ),
        }
    }

    /// The files that a pattern of a shell stands for, whose directory is none.
    fn fitting(&self, pattern: &str) -> Vec<String> {
        /// A bound: of a larger directory the first entries are asked.
        const MOST: usize = 10_000;
        let pattern = self.absolute(pattern);
        let (Some(directory), Some(name)) = (pattern.parent(), pattern.file_name()) else {
            return Vec::new();
        };
        let name = name.to_string_lossy();
        let fits = |entry: &String| {
            wildmatch(
                name.as_bytes().into(),
                entry.as_bytes().into(),
                wildmatch::Mode::empty(),
            )
        };
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        entries
            .take(MOST)
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(fits)
            .map(|entry| directory.join(entry).to_string_lossy().into_owned())
            .collect()
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
        self.session.guards = self.guards.take();
        let verdict = self.look(change);
        self.guards = self.session.guards.take();
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
                let after = shown.partition_point(|lines| *lines.end() < span.line);
                let lines = shown.get(after);
                lines.is_some_and(|lines| *lines.start() <= span.end_line)
            })
        });
        if found.is_empty() {
            return None;
        }
        let guard = found.iter().find(|finding| finding.span.is_none());
        let next = match (guard, lines.are_all()) {
            (Some(guard), _) if guard.rule == "guard-env-file" => format!(
                "the names without the values: cut -d= -f1 {}",
                quoted(path.as_bytes())
            ),
            (Some(_), _) => {
                "go on without it, or ask a person for what you need to know".to_owned()
            }
            (None, true) => format!(
                "read other lines of it, or search it for what you need; the secret goes to the \
                 environment: {}",
                agent::mend(&found[0])
            ),
            (None, false) => "read other lines of it".to_owned(),
        };
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

    /// Looks at a file that is about to be written; `new` makes of what it holds what it will hold.
    fn write(&mut self, path: &str, new: impl FnOnce(Option<&str>) -> Written) -> Option<String> {
        let file = self.absolute(path);
        let old = disk::read_regular(&file, MOST_BYTES).ok().flatten();
        let old_text = old.as_deref().map(String::from_utf8_lossy);
        let written = new(old_text.as_deref());
        if let Some(reason) = self.keeps_in_check(path, Some(&written.content)) {
            return Some(reason);
        }
        let named = self.named(&file);
        let status = match old {
            Some(_) => Status::Modified,
            None => Status::Added,
        };
        let origin = InMemory {
            content: written.content.into_bytes(),
            replaced: old.into_iter().chain(written.replaced).collect(),
            ..InMemory::default()
        };
        let change = Change::new(named.clone(), status, EntryKind::File, origin);
        self.session.guards = self.guards.take();
        let mut verdict = self.look(change);
        self.guards = self.session.guards.take();
        let mut found = verdict.blocking;
        let by_comment = verdict
            .allowed
            .extract_if(.., |allowed| allowed.finding.comment.is_some())
            .map(|allowed| allowed.finding);
        let commented: Vec<Finding> = by_comment.collect();
        let is_comment = found.is_empty() && !commented.is_empty();
        found.extend(commented);
        if found.is_empty() || self.is_out_of_git(&file) {
            return None;
        }
        self.note(&file, &found);
        let refusal = Refusal {
            deed: "refused",
            what: "this write",
            why: match is_comment {
                true => "an agent may not allow a secret by a comment",
                false => "git tracks the file, or would",
            },
            findings: &found,
            next: "write it without the secret; the value goes into .env, which git must ignore",
        };
        Some(refusal.told())
    }

    /// Whether a file is ignored by git, or in no repository: a key there is in no commit. Asked only about
    /// what holds one.
    fn is_out_of_git(&self, file: &Path) -> bool {
        match repository_of(file) {
            Ok(None) => true,
            Ok(Some(repo)) => repo.passes_over(file).unwrap_or(false),
            Err(_) => false,
        }
    }

    /// Writes down what was refused in a file, so that an agent can propose it.
    fn note(&self, file: &Path, findings: &[Finding]) {
        if let Ok(Some(repo)) = repository_of(file)
            && repo.worktree().ok() == self.top.as_deref()
        {
            let _ = allow::told::note(repo.git_dir(), findings);
        }
    }

    /// Refuses a change of what keeps agents in check. `new` is what the file will hold, if that is known.
    fn keeps_in_check(&self, path: &str, new: Option<&str>) -> Option<String> {
        let kind = guarded(path)?;
        if kind == Guarded::Starter {
            let starts = |text: &str| text.matches("keyward").count();
            let old = fs::read_to_string(self.absolute(path)).unwrap_or_default();
            if new.map_or(0, starts) >= starts(&old) {
                return None;
            }
        }
        let why = format!("{}: {}", shown(path.as_bytes()), kind.about());
        Some(
            Refusal {
                deed: "refused",
                what: "this write",
                why: &why,
                findings: &[],
                next: "tell a person what should change there, and why",
            }
            .told(),
        )
    }

    /// What a tool answered, with its secrets redacted; without any text where that is not enough.
    fn masked(&mut self, output: &Value) -> Value {
        let detector = Detector::new(&self.session.rules);
        let least = self.session.threshold;
        let redacted =
            |text: &str| scan::name::redacted(&detector, text.as_bytes(), least, &self.passing);
        let is_clean = |value: &Value| redacted(&format!("{value:#}")).is_none();
        let mask = |text: &str| redacted(text).map(|text| text.to_string());
        let masked = each_text(output, &mask, &mask);
        if is_clean(&masked) {
            return masked;
        }
        let withheld = each_text(output, &|_| Some(WITHHELD.to_owned()), &mask);
        match is_clean(&withheld) {
            true => withheld,
            false => WITHHELD.into(),
        }
    }

    /// A path that an agent names, without any way up in it.
    fn absolute(&self, path: &str) -> PathBuf {
        let named = match path.strip_prefix("~/") {
            Some(below) => std::env::home_dir().unwrap_or_default().join(below),
            None => self.directory.join(path),
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

/// The repository in which a file lies or would lie.
fn repository_of(file: &Path) -> Result<Option<Repo>> {
    let directory = file.ancestors().skip(1).find(|above| above.is_dir());
    Repo::around(directory.context("there is no such directory")?)
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

/// What a file will hold.
struct Written {
    content: String,
    /// What it replaces, beside what the file holds.
    replaced: Vec<Vec<u8>>,
}

impl From<String> for Written {
    fn from(content: String) -> Self {
        Self {
            content,
            replaced: Vec::new(),
        }
    }
}

/// A file with some parts replaced. Where an old part is not found, or all of it would be too much, what is new
/// is all that is known.
fn edited(old: Option<&str>, parts: &[(String, String)], all: bool) -> Written {
    /// A bound: so many bytes are gone through for the parts of one edit.
    const MOST_WORK: usize = 1 << 30;
    let alone = || Written {
        content: parts.iter().map(|(_, new)| format!("{new}\n")).collect(),
        replaced: parts
            .iter()
            .map(|(old, _)| old.clone().into_bytes())
            .collect(),
    };
    let mut content = old.unwrap_or_default().to_owned();
    let mut work = 0_usize;
    for (old, new) in parts {
        let places = match old.is_empty() {
            true => 1,
            false if all => content.matches(old.as_str()).count(),
            false => usize::from(content.contains(old.as_str())),
        };
        let longest = content
            .len()
            .saturating_add(places.saturating_mul(new.len()));
        work = work.saturating_add(longest);
        if places == 0 || work > MOST_WORK || longest as u64 > 4 * MOST_BYTES {
            return alone();
        }
        if old.is_empty() {
            content.push('\n');
            content.push_str(new);
        } else {
            content = content.replacen(old.as_str(), new, places);
        }
    }
    content.into()
}

/// A text as another one, if there is another.
type Other<'c> = &'c dyn Fn(&str) -> Option<String>;

/// A value with each of its texts changed for which there is another, and each of its names.
fn each_text(value: &Value, text: Other<'_>, name: Other<'_>) -> Value {
    let changed = |old: &str, other: Other<'_>| other(old).unwrap_or_else(|| old.to_owned());
    match value {
        Value::String(old) => Value::String(changed(old, text)),
        Value::Array(list) => list.iter().map(|it| each_text(it, text, name)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(own, value)| (changed(own, name), each_text(value, text, name)))
            .collect(),
        other => other.clone(),
    }
}

fn built_in() -> Session {
    Session::new(Vec::new(), AllowList::default()).expect("what is built in is valid")
}
