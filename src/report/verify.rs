//! What a provider said of a key, and what became of its revocation: for people, for AI agents and for programs.

use std::io::{self, Write};

use bstr::BString;
use serde::Serialize;

use super::Style;
use super::ascii::line;
use super::page::{LABEL, Page, Paint};
use crate::count::first_of;
use crate::finding::{Finding, Secret};
use crate::shell::shown;
use crate::store::Store;
use crate::verify::{Fact, FactKind, Revocation, Shown, State, Verdict};

/// A bound: paths that are named.
const NAMED: usize = 4;

/// Which key it is about.
#[derive(Clone, Copy)]
pub(crate) struct Head<'a> {
    /// Empty for one that was typed.
    pub(crate) id: &'a str,
    pub(crate) finding: &'a Finding,
    pub(crate) paths: &'a [BString],
}

/// What came of a question.
pub(crate) struct Answered<'a> {
    pub(crate) head: Head<'a>,
    pub(crate) verdict: &'a Verdict,
    /// A command or a page; empty where there is nothing left to do.
    pub(crate) next: String,
}

/// What became of a revocation.
pub(crate) struct Revoked<'a> {
    pub(crate) head: Head<'a>,
    /// `None` where no call does it.
    pub(crate) revocation: Option<&'a Revocation>,
    /// Whether the provider said that it is done.
    pub(crate) done: bool,
    /// Why it is not.
    pub(crate) why: String,
    /// What was asked afterwards.
    pub(crate) after: Option<&'a Verdict>,
    pub(crate) next: String,
}

impl Head<'_> {
    fn secret(&self) -> String {
        let secret = self.finding.secret.as_ref();
        secret.map_or(String::new(), Secret::redacted)
    }

    fn places(&self) -> String {
        first_of(self.paths, NAMED, |path| shown(path))
    }

    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let id = match self.id {
            "" => String::new(),
            id => format!("{id}  "),
        };
        let headline = format!("keyward: {id}{}  {}", self.finding.name, self.secret());
        page.fill((Paint::Plain, ""), &[(Paint::Alarm, &headline)], 2)?;
        match self.paths.is_empty() {
            true => Ok(()),
            false => page.labelled("in", &self.places(), ""),
        }
    }
}

/// What a state says, in a sentence without its end.
fn sentence(verdict: &Verdict) -> String {
    let why = verdict.why.as_str();
    match (verdict.state, why) {
        (State::Live, "") => "the provider takes it".to_owned(),
        (State::Limited, "") => {
            "the provider knows it, and does not let it do what was asked".to_owned()
        }
        (State::Dead, "") => "the provider refuses it".to_owned(),
        (State::Dead, why) => format!("the provider refuses it; {why}"),
        (_, why) => why.to_owned(),
    }
}

/// What is told of one kind, in one line.
fn told(facts: &[Fact], kind: FactKind) -> String {
    let facts = facts.iter().filter(|it| it.kind == kind);
    let facts: Vec<String> = facts.map(|it| format!("{} {}", it.name, it.text)).collect();
    facts.join("; ")
}

const KINDS: [FactKind; 3] = [FactKind::Owner, FactKind::Scopes, FactKind::Expiry];

/// The lines of a verdict.
fn verdict(page: &mut Page<'_>, verdict: &Verdict) -> io::Result<()> {
    page.labelled(verdict.state.name(), &sentence(verdict), "")?;
    for kind in KINDS {
        let told = told(&verdict.facts, kind);
        if !told.is_empty() {
            page.labelled(kind.name(), &told, "")?;
        }
    }
    for asked in &verdict.asked {
        page.labelled("asked", asked, "")?;
    }
    match verdict.note.as_str() {
        "" => Ok(()),
        note => page.labelled("note", note, ""),
    }
}

fn next(page: &mut Page<'_>, next: &str) -> io::Result<()> {
    match next {
        "" => Ok(()),
        next => page.told("next", "", Some(next), ""),
    }
}

/// For people.
pub(crate) fn write_human(
    answered: &Answered<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page::new(style, Store::default(), out);
    answered.head.write(&mut page)?;
    verdict(&mut page, answered.verdict)?;
    next(&mut page, &answered.next)
}

/// For AI agents.
pub(crate) fn write_agent(answered: &Answered<'_>, out: &mut dyn Write) -> io::Result<()> {
    let verdict = answered.verdict;
    writeln!(
        out,
        "keyward verify: {}: {}",
        verdict.state.name(),
        sentence(verdict)
    )?;
    for kind in KINDS {
        let told = told(&verdict.facts, kind);
        if !told.is_empty() {
            writeln!(out, "{}: {told}", kind.name())?;
        }
    }
    agent_head(&answered.head, &answered.next, out)
}

fn agent_head(head: &Head<'_>, next: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "what: {} {}", head.finding.name, head.id)?;
    if !head.paths.is_empty() {
        writeln!(out, "in: {}", head.places())?;
    }
    match next {
        "" => Ok(()),
        next => writeln!(out, "next: a person decides on it: {next}"),
    }
}

/// For people.
pub(crate) fn revoked_human(
    revoked: &Revoked<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page::new(style, Store::default(), out);
    revoked.head.write(&mut page)?;
    if let Some(revocation) = revoked.revocation {
        let undo = match revocation.undo() {
            "" => "it can't be undone",
            undo => undo,
        };
        page.labelled("does", &format!("{}; {undo}", revocation.does()), "")?;
        for shown in revocation.shown() {
            sent(&mut page, shown)?;
        }
    }
    if revoked.done {
        page.labelled("done", "the provider says that it is revoked", "")?;
    }
    if !revoked.why.is_empty() {
        page.labelled("failed", &revoked.why, "")?;
    }
    if let Some(after) = revoked.after {
        let told = match (revoked.done, after.state) {
            (true, State::Live | State::Limited) => {
                "the provider still takes it: it may take some minutes".to_owned()
            }
            _ => sentence(after),
        };
        page.labelled(after.state.name(), &told, "")?;
    }
    next(&mut page, &revoked.next)
}

/// What goes to the provider.
fn sent(page: &mut Page<'_>, shown: &Shown) -> io::Result<()> {
    page.told("sends", "", Some(&shown.line), "")?;
    let indent = " ".repeat(LABEL);
    let headers = shown.headers.iter();
    let headers = headers.map(|(name, value)| format!("{name}: {value}"));
    for text in headers
        .chain([shown.body.clone()])
        .filter(|it| !it.is_empty())
    {
        page.fill((Paint::Plain, &indent), &[(Paint::Plain, &text)], LABEL)?;
    }
    Ok(())
}

/// For AI agents.
pub(crate) fn revoked_agent(revoked: &Revoked<'_>, out: &mut dyn Write) -> io::Result<()> {
    let state = revoked.after.map_or("unknown", |it| it.state.name());
    let told = match (revoked.done, revoked.why.as_str()) {
        (true, _) => "done",
        (false, why) => why,
    };
    writeln!(out, "keyward revoke: {told}")?;
    writeln!(out, "state: {state}")?;
    agent_head(&revoked.head, &revoked.next, out)
}

/// Which key it is.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct HeadLine<'a> {
    id: Option<&'a str>,
    rule: &'a str,
    name: &'a str,
    paths: Vec<String>,
}

impl<'a> HeadLine<'a> {
    fn new(head: &Head<'a>) -> Self {
        Self {
            id: Some(head.id).filter(|it| !it.is_empty()),
            rule: &head.finding.rule,
            name: &head.finding.name,
            paths: head.paths.iter().map(|path| shown(path)).collect(),
        }
    }
}

/// What `keyward verify --json` prints. No field holds a secret.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct VerdictLine<'a> {
    kind: &'static str,
    #[serde(flatten)]
    head: HeadLine<'a>,
    state: &'static str,
    /// Why, where the state alone does not say it.
    why: &'a str,
    facts: Vec<FactLine<'a>>,
    asked: &'a [String],
    note: &'a str,
    next: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FactLine<'a> {
    kind: &'static str,
    name: &'a str,
    text: &'a str,
}

/// What `keyward revoke --json` prints. No field holds a secret.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RevokedLine<'a> {
    kind: &'static str,
    #[serde(flatten)]
    head: HeadLine<'a>,
    /// What is sent, without the key.
    sends: Vec<SentLine<'a>>,
    done: bool,
    why: &'a str,
    /// Whether it lives afterwards; null where nobody asked.
    state: Option<&'static str>,
    next: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SentLine<'a> {
    line: &'a str,
    headers: Vec<String>,
    body: &'a str,
}

/// For programs.
pub(crate) fn write_json(answered: &Answered<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Answered {
        head,
        verdict,
        next,
    } = answered;
    let facts = verdict.facts.iter().map(|it| FactLine {
        kind: it.kind.name(),
        name: &it.name,
        text: &it.text,
    });
    line(
        &VerdictLine {
            kind: "verdict",
            head: HeadLine::new(head),
            state: verdict.state.name(),
            why: &verdict.why,
            facts: facts.collect(),
            asked: &verdict.asked,
            note: &verdict.note,
            next,
        },
        out,
    )
}

/// For programs.
pub(crate) fn revoked_json(revoked: &Revoked<'_>, out: &mut dyn Write) -> io::Result<()> {
    let sends = revoked.revocation.into_iter().flat_map(Revocation::shown);
    let sends = sends.map(|it| SentLine {
        line: &it.line,
        headers: it
            .headers
            .iter()
            .map(|(name, it)| format!("{name}: {it}"))
            .collect(),
        body: &it.body,
    });
    line(
        &RevokedLine {
            kind: "revocation",
            head: HeadLine::new(&revoked.head),
            sends: sends.collect(),
            done: revoked.done,
            why: &revoked.why,
            state: revoked.after.map(|it| it.state.name()),
            next: &revoked.next,
        },
        out,
    )
}

#[cfg(test)]
mod tests {
    use crate::report::samples::hold_schema_of;

    #[test]
    fn the_schema_of_the_documents_is_that_of_the_types() {
        hold_schema_of::<super::VerdictLine<'_>>("verify.schema.json");
        hold_schema_of::<super::RevokedLine<'_>>("revoke.schema.json");
    }
}
