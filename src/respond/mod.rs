//! What to do about a leak, in the right order and with everything filled in: revoke first, and clean last.
//!
//! [`playbook`] makes the steps of what an audit knows of one secret; [`clean`] knows which commands take it
//! out of a repository. Which steps were done, the [ledger](Ledger) knows. No step holds a secret.

mod clean;
mod forge;
mod ledger;

pub(crate) use self::clean::{Shape, rewritten};
pub(crate) use self::forge::{Place, Remote, program};
pub(crate) use self::ledger::{Ledger, NAME as NOTES};

use bstr::BString;

use crate::allow::Date;
use crate::audit::{CommitFacts, Entry, Pushed};
use crate::change::EntryKind;
use crate::count::first_of;
use crate::filetype;
use crate::finding::{Found, Secret};
use crate::rules::Provider;
use crate::shell::{quoted, shown};

/// The steps, as people type them, in their order.
pub(crate) const STEPS: &[&str] = &[
    step::REVOKE,
    step::USAGE,
    step::RELATIVES,
    step::WHERE,
    step::FILES,
    step::HISTORY,
    step::PUSH,
    step::REMOTE,
    step::FORGET,
    step::CHECK,
    step::OTHERS,
    step::IGNORE,
    step::LIMIT,
    step::SCANNING,
    step::ALERT,
];

/// The names of steps.
pub(crate) mod step {
    pub(crate) const REVOKE: &str = "revoke";
    pub(crate) const USAGE: &str = "usage";
    pub(crate) const RELATIVES: &str = "relatives";
    pub(crate) const WHERE: &str = "where";
    pub(crate) const FILES: &str = "files";
    pub(crate) const HISTORY: &str = "history";
    pub(crate) const PUSH: &str = "push";
    pub(crate) const REMOTE: &str = "remote";
    pub(crate) const FORGET: &str = "forget";
    pub(crate) const CHECK: &str = "check";
    pub(crate) const OTHERS: &str = "others";
    pub(crate) const IGNORE: &str = "ignore";
    pub(crate) const LIMIT: &str = "limit";
    pub(crate) const SCANNING: &str = "scanning";
    pub(crate) const ALERT: &str = "alert";
}

/// A bound: names that are told of many.
const NAMED: usize = 8;

/// What to do about a leak.
#[derive(Clone, Debug)]
pub(crate) struct Playbook {
    /// What names the secret; empty where it is none that was found.
    pub(crate) id: String,
    /// What it is, with as much of it as may be shown.
    pub(crate) what: String,
    /// Who has it, in a sentence.
    pub(crate) who: String,
    pub(crate) steps: Vec<Step>,
}

/// One thing to do.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// As it is ticked off.
    pub(crate) name: &'static str,
    /// What to do and why, in a sentence without its end.
    pub(crate) title: String,
    pub(crate) lines: Vec<Line>,
    /// When it was done.
    pub(crate) done: Option<Date>,
}

/// A line of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Words.
    Text(String),
    /// A page to open.
    Page(String),
    /// A command to be copied as a whole.
    Command(String),
}

impl Line {
    fn text(words: impl Into<String>) -> Self {
        Self::Text(words.into())
    }

    fn command(command: impl Into<String>) -> Self {
        Self::Command(command.into())
    }
}

/// What is known of a leak.
#[derive(Clone, Debug)]
pub(crate) struct Case<'a> {
    pub(crate) entry: &'a Entry,
    /// The other secrets that stood in the same files.
    pub(crate) relatives: Vec<&'a Entry>,
    pub(crate) remotes: &'a [Remote],
    /// How the commits lie that have it.
    pub(crate) shape: Shape,
    /// How the code reads it from now on, in words.
    pub(crate) mend: String,
    /// Whether the text was replaced in history already, and it is still there.
    pub(crate) replaced: bool,
    /// What this program can ask the provider to do.
    pub(crate) asks: Asks,
}

/// What a provider can be asked by this program.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asks {
    /// Whether a key lives: `keyward verify`.
    pub(crate) verify: bool,
    /// To end it: `keyward revoke`.
    pub(crate) revoke: bool,
}

/// The steps about what an audit found.
pub(crate) fn playbook(case: &Case<'_>, ledger: &Ledger) -> Playbook {
    let entry = case.entry;
    let mut steps = Vec::new();
    first_of_all(case, &mut steps);
    steps.push(Step::new(
        step::WHERE,
        "Know where it is, and since when",
        places(entry),
    ));
    clean::steps(case, &mut steps);
    prevent(case, &mut steps);
    for step in &mut steps {
        step.done = ledger.done(entry.id(), step.name);
    }
    Playbook {
        id: entry.id().to_owned(),
        what: what(entry),
        who: who(entry),
        steps,
    }
}

/// The steps about a key of a provider that was seen anywhere else.
pub(crate) fn of_provider(provider: &Provider) -> Playbook {
    let mut steps = vec![
        Step::new(
            step::REVOKE,
            "Revoke it now: who has it, has it",
            page_or(
                &provider.revoke,
                "no page is known: where it was made, it is revoked",
            ),
        ),
        Step::new(
            step::USAGE,
            "See what it was used for",
            page_or(&provider.usage, "ask the provider for the log of its use"),
        ),
        Step::new(
            step::WHERE,
            "Look for it in each repository that may have it",
            vec![
                Line::command("keyward respond --stdin"),
                Line::text(
                    "reads the key without showing it, and looks for it in all that git keeps",
                ),
            ],
        ),
    ];
    steps.extend(limit(provider));
    Playbook {
        id: String::new(),
        what: format!("a key of {}", provider.name),
        who: "it was seen somewhere, and counts as known to everybody".to_owned(),
        steps,
    }
}

impl Step {
    fn new(name: &'static str, title: impl Into<String>, lines: Vec<Line>) -> Self {
        Self {
            name,
            title: title.into(),
            lines,
            done: None,
        }
    }
}

/// Its name, and as much of it as may be shown.
pub(crate) fn what(entry: &Entry) -> String {
    let finding = &entry.finding;
    match &finding.secret {
        Some(secret) => format!("{}  {}", finding.name, secret.redacted()),
        None => format!("{}  {}", finding.name, shown(&finding.path)),
    }
}

fn provider(entry: &Entry) -> Option<&Provider> {
    match &entry.finding.found {
        Found::Secret { provider, .. } => Some(provider),
        Found::File { .. } | Found::TrackedFile => None,
    }
}

fn secret(entry: &Entry) -> Option<&Secret> {
    entry.finding.secret.as_ref()
}

/// Who has it, in a sentence.
fn who(entry: &Entry) -> String {
    match entry.pushed.as_slice() {
        [] if entry.doubts.is_empty() => "on no remote, as far as is known here".to_owned(),
        [] => "nobody can tell from here whether a remote has it".to_owned(),
        [one] => on(one),
        [one, rest @ ..] => format!("{}, and on {} more", on(one), rest.len()),
    }
}

fn on(pushed: &Pushed) -> String {
    let place = match pushed.branches.first() {
        Some(branch) => shown(branch),
        None => shown(pushed.remote.as_bytes()),
    };
    let is = if pushed.now { "on" } else { "it was on" };
    match &pushed.since {
        Some(commit) => format!("{is} {place} since {}", commit.date()),
        None => format!("{is} {place}"),
    }
}

/// Revoke, look at the use, and go on with what stood beside it.
fn first_of_all(case: &Case<'_>, steps: &mut Vec<Step>) {
    let entry = case.entry;
    let is_pushed = !entry.pushed.is_empty() || !entry.doubts.is_empty();
    let title = match (provider(entry), is_pushed) {
        (Some(_), true) => "Revoke it now: who has it, has it, whatever becomes of history",
        (Some(_), false) => {
            "Revoke it if anybody else may have it: it is on no remote that is known here"
        }
        (None, true) => {
            "Revoke all that the file holds: who has it, has it, whatever becomes of history"
        }
        (None, false) => "Revoke what the file holds, if anybody else may have it",
    };
    let lines = match provider(entry) {
        Some(provider) => page_or(
            &provider.revoke,
            "no page is known: change it where it was made, and where it is used",
        ),
        None => Vec::new(),
    };
    let mut lines = lines;
    if case.asks.revoke {
        lines.push(Line::command(format!("keyward revoke {}", entry.id())));
        lines.push(Line::text(
            "shows what it would send to the provider, and asks first",
        ));
    }
    if case.asks.verify {
        lines.push(Line::command(format!("keyward verify {}", entry.id())));
        lines.push(Line::text("asks the provider whether it still lives"));
    }
    lines.push(Line::text("make the new key first where a service stands still without one; while somebody abuses it, revoke first"));
    steps.push(Step::new(step::REVOKE, title, lines));
    if let Some(provider) = provider(entry) {
        let since = entry.pushed.iter().find_map(|it| it.since.as_ref());
        let since = since.or(entry.first.as_ref());
        let title = match since {
            Some(commit) => format!("See what it was used for since {}", commit.date()),
            None => "See what it was used for".to_owned(),
        };
        let lines = page_or(
            &provider.usage,
            "ask the provider for the log of its use, and look for addresses and hours that are not yours",
        );
        steps.push(Step::new(step::USAGE, title, lines));
    }
    if !case.relatives.is_empty() {
        let title = "Do the same for what stood in the same files: who has one has the others";
        steps.push(Step::new(
            step::RELATIVES,
            title,
            relatives(&case.relatives),
        ));
    }
}

fn relatives(relatives: &[&Entry]) -> Vec<Line> {
    let mut lines = Vec::new();
    for other in relatives.iter().take(NAMED) {
        lines.push(Line::text(what(other)));
        let page = provider(other).map(|it| &it.revoke);
        if let Some(page) = page.filter(|page| !page.is_empty()) {
            lines.push(Line::Page(page.to_string()));
        }
        lines.push(Line::command(format!("keyward respond {}", other.id())));
    }
    if relatives.len() > NAMED {
        let more = relatives.len() - NAMED;
        lines.push(Line::text(format!(
            "and {more} more: keyward audit --json has all"
        )));
    }
    lines
}

fn page_or(page: &str, words: &str) -> Vec<Line> {
    match page {
        "" => vec![Line::text(words)],
        page => vec![Line::Page(page.to_owned())],
    }
}

/// Where git holds it, and who has it.
fn places(entry: &Entry) -> Vec<Line> {
    let mut lines = Vec::new();
    let commit = |what: &str, commit: &CommitFacts| {
        let author = shown(&commit.author);
        Line::text(format!(
            "{what} {} by {author}, {}",
            commit.date(),
            commit.id
        ))
    };
    lines.extend(entry.first.as_ref().map(|it| commit("first commit", it)));
    if entry.last != entry.first {
        lines.extend(entry.last.as_ref().map(|it| commit("last commit", it)));
    }
    for (what, names) in [
        ("paths", &entry.paths),
        ("branches", &entry.branches),
        ("tags", &entry.tags),
        ("held by", &entry.held_by),
    ] {
        if !names.is_empty() {
            lines.push(Line::text(format!("{what}: {}", listed(names))));
        }
    }
    let now: Vec<&str> = [
        ("HEAD", entry.in_head),
        ("the index", entry.staged),
        ("the working tree", entry.in_worktree),
    ]
    .into_iter()
    .filter_map(|(place, is_there)| is_there.then_some(place))
    .collect();
    if !now.is_empty() {
        lines.push(Line::text(format!("now in {}", now.join(", "))));
    }
    for remote in &entry.pushed {
        let since = remote.since.as_ref();
        let since = since.map(|it| format!(" since {} ({})", it.date(), it.id));
        let told = format!(
            "on the remote {}{}: {}",
            shown(remote.remote.as_bytes()),
            since.unwrap_or_default(),
            listed(&remote.branches)
        );
        lines.push(Line::text(told));
    }
    if entry.pushed.is_empty() && !entry.doubts.is_empty() {
        lines.push(Line::text(
            "nobody can tell from here whether a remote has it; ask it: git ls-remote REMOTE",
        ));
    } else if entry.pushed.is_empty() {
        lines.push(Line::text(
            "on no remote, as far as is known here; ask again: git fetch --all",
        ));
    }
    lines
}

fn listed(names: &[BString]) -> String {
    first_of(names, NAMED, |name| shown(name))
}

/// Where the provider has a page for it.
fn limit(provider: &Provider) -> Option<Step> {
    let page = Line::Page(provider.limit.to_string());
    let step = Step::new(step::LIMIT, "Limit what the next key can cost", vec![page]);
    (!provider.limit.is_empty()).then_some(step)
}

/// So that it does not happen again, and is noticed if the old key is used or shown somewhere.
fn prevent(case: &Case<'_>, steps: &mut Vec<Step>) {
    let entry = case.entry;
    let is_file = provider(entry).is_none();
    let mut paths = entry
        .paths
        .iter()
        .filter(|_| entry.finding.kind == EntryKind::File);
    let kept_out = paths.find(|path| is_file || filetype::mend(path).ignore);
    if let Some(path) = kept_out {
        let command = format!("keyward ignore {}", quoted(path));
        steps.push(Step::new(
            step::IGNORE,
            "Keep the file out of git from now on",
            vec![Line::command(command)],
        ));
    }
    steps.extend(provider(entry).and_then(limit));
    let mut lines = vec![Line::command("keyward install")];
    for remote in case.remotes {
        if let Place::There(server) = &remote.place {
            let page = server.scanning();
            if let (Some(forge), Some(_)) = (server.forge, &page) {
                let told = format!(
                    "let {} look for keys in what is pushed, and refuse it:",
                    forge.name
                );
                lines.push(Line::text(told));
            }
            lines.extend(page.map(Line::Page));
            lines.extend(server.command().map(Line::Command));
        }
    }
    steps.push(Step::new(
        step::SCANNING,
        "Have commits checked here, and pushes where they arrive",
        lines,
    ));
    if secret(entry).is_some_and(|secret| secret.mark().is_some()) {
        let command = format!("keyward respond {} --alert-text", entry.id());
        steps.push(Step::new(
            step::ALERT,
            "Be told where it turns up: have a search look for the start of its random part",
            vec![Line::command(command)],
        ));
    }
}
