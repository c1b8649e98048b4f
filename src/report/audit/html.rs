//! One page for a browser: what was found, since when it is there and who has it on an axis of time, and what to do
//! about each. It fetches nothing and runs no script but its own, which its policy names by their digests; whatever
//! comes from a repository is text.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Write};

use bstr::BString;
use sha2::{Digest, Sha256};

use super::human::{heading, not_read, summary};
use crate::audit::{Audit, CommitFacts, Entry, Urgency};
use crate::count::{counted, digits};
use crate::encoding::encode_base64_padded;
use crate::report::facts::Facts;
use crate::report::short;
use crate::respond::{Line, Playbook};
use crate::shell::{escaped, shown};

const STYLE: &str = include_str!("html.css");
const SCRIPT: &str = include_str!("html.js");

/// A bound: names that are told of many.
const NAMED: usize = 20;

/// How many units the axis of time is wide.
const WIDTH: i64 = 1000;

/// A repository of the page.
pub(crate) struct Chapter {
    pub(crate) audit: Audit,
    /// What it is called; empty where there is one alone.
    pub(crate) repository: String,
    /// What to do about each entry, in the order of the entries.
    pub(crate) playbooks: Vec<Playbook>,
}

/// Writes the page.
///
/// # Errors
/// When `out` can't be written to.
pub(crate) fn write(chapters: &[Chapter], out: &mut dyn Write) -> io::Result<()> {
    let (style, script) = (source(STYLE), source(SCRIPT));
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{style}'; \
         script-src '{script}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>Secrets in git history</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>Secrets in git history</h1>\n"
    )?;
    for chapter in chapters {
        let told = summary(&chapter.audit, &chapter.repository);
        writeln!(out, "<p>{}</p>", text(&told))?;
    }
    writeln!(out, "</header>\n<main>")?;
    let all = || {
        chapters
            .iter()
            .flat_map(|chapter| chapter.audit.entries.iter().map(move |it| (chapter, it)))
    };
    let span = Span::of(all().map(|(_, entry)| entry));
    if all().next().is_some() {
        let several = chapters.len() > 1;
        filters(all(), several, out)?;
        writeln!(out, "<h2>What was found, the most urgent first</h2>")?;
        if let Some((start, end)) = span.ends() {
            writeln!(
                out,
                "<p class=\"ends\"><span>{start}</span><span>time</span><span>{end}</span></p>"
            )?;
        }
        writeln!(out, "<ol class=\"entries\">")?;
        for urgency in Urgency::ALL {
            for chapter in chapters {
                for (at, entry) in chapter.audit.entries.iter().enumerate() {
                    if entry.urgency() == urgency {
                        one(chapter, entry, chapter.playbooks.get(at), &span, out)?;
                    }
                }
            }
        }
        writeln!(out, "</ol>")?;
    }
    unread(chapters, out)?;
    writeln!(
        out,
        "</main>\n<footer><p>Made by keyward audit. It holds no secret, and tells where secrets are: give it to those \
         who mend them. What is not a secret: <code>keyward allow ID --reason \"...\"</code></p></footer>\n\
         <script>{SCRIPT}</script>\n</body>\n</html>"
    )
}

/// By what the policy of the page knows a text of its own.
fn source(text: &str) -> String {
    let digest = encode_base64_padded(&Sha256::digest(text.as_bytes()));
    format!("sha256-{}", String::from_utf8_lossy(&digest))
}

/// Text as it may stand between tags and in quoted attributes.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in escaped(raw).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The name of a repository before what is told of it, where there are several.
fn whose(chapter: &Chapter) -> String {
    match chapter.repository.as_str() {
        "" => String::new(),
        name => format!("{}: ", text(name)),
    }
}

/// What an entry is looked up by.
struct Keys<'a> {
    provider: Cow<'a, str>,
    state: &'static str,
    author: String,
    repository: &'a str,
}

impl<'a> Keys<'a> {
    fn of(chapter: &'a Chapter, entry: &'a Entry) -> Self {
        let author = entry.first.as_ref().map(|it| shown(&it.author));
        Self {
            provider: match Facts::of(&entry.finding).provider {
                Some(provider) => Cow::Owned(provider.to_owned()),
                None => Cow::Borrowed(&entry.finding.name),
            },
            state: state(entry.urgency()).0,
            author: author.unwrap_or_default(),
            repository: &chapter.repository,
        }
    }
}

/// A state in a word or two, and how it looks.
fn state(urgency: Urgency) -> (&'static str, &'static str) {
    match urgency {
        Urgency::PushedInHead => ("pushed, in use", "pushed"),
        Urgency::Pushed => ("pushed", "pushed"),
        Urgency::MayBePushed => ("may be pushed", "unknown"),
        Urgency::InHead => ("in the files here", "unknown"),
        Urgency::Here => ("in history here", "here"),
        Urgency::Left => ("in git's store here", "here"),
        Urgency::Revoked => ("revoked", "gone"),
    }
}

fn filters<'a>(
    all: impl Iterator<Item = (&'a Chapter, &'a Entry)>,
    several: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut providers = BTreeSet::new();
    let mut authors = BTreeSet::new();
    let mut repositories = BTreeSet::new();
    let mut states = BTreeSet::new();
    for (chapter, entry) in all {
        let keys = Keys::of(chapter, entry);
        providers.insert(keys.provider.into_owned());
        authors.insert(keys.author);
        repositories.insert(keys.repository.to_owned());
        states.insert(entry.urgency());
    }
    authors.remove("");
    // Shown by the script, without which nothing is filtered.
    writeln!(
        out,
        "<form class=\"filters\" hidden>\n<label>Text<input type=\"search\" name=\"text\"></label>"
    )?;
    let states = states.into_iter().map(|it| state(it).0.to_owned());
    choice("state", "State", states, out)?;
    choice("provider", "Kind", providers, out)?;
    choice("author", "First author", authors, out)?;
    match several {
        true => choice("repository", "Repository", repositories, out)?,
        false => writeln!(
            out,
            "<input type=\"hidden\" name=\"repository\" value=\"\">"
        )?,
    }
    writeln!(out, "</form>\n<p id=\"count\" role=\"status\"></p>")
}

fn choice(
    name: &str,
    label: &str,
    options: impl IntoIterator<Item = String>,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(
        out,
        "<label>{label}<select name=\"{name}\"><option value=\"\">all</option>"
    )?;
    for option in options {
        let option = text(&option);
        write!(out, "<option value=\"{option}\">{option}</option>")?;
    }
    writeln!(out, "</select></label>")
}

/// From when to when the axis goes, in seconds since 1970.
struct Span {
    start: i64,
    end: i64,
}

impl Span {
    fn of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Self {
        let mut span = Self {
            start: i64::MAX,
            end: i64::MIN,
        };
        for entry in entries {
            let since = entry.pushed.iter().filter_map(|it| it.since.as_ref());
            for commit in entry.first.iter().chain(&entry.last).chain(since) {
                span.start = span.start.min(commit.time);
                span.end = span.end.max(commit.time);
            }
        }
        span
    }

    /// The days at its ends; `None` where nothing is in a commit.
    fn ends(&self) -> Option<(String, String)> {
        let day = |time| crate::allow::Date::of_time(time).to_string();
        (self.start <= self.end).then(|| (day(self.start), day(self.end)))
    }

    /// Where a time stands, from 0 to [`WIDTH`].
    fn place(&self, time: i64) -> i64 {
        let len = i128::from(self.end) - i128::from(self.start);
        let at = i128::from(time) - i128::from(self.start);
        let place = at * i128::from(WIDTH) / len.max(1);
        i64::try_from(place).unwrap_or_default().clamp(0, WIDTH)
    }

    /// How long it was there, and when a remote got it.
    fn bar(&self, entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
        let (Some(first), Some(last)) = (&entry.first, &entry.last) else {
            return Ok(());
        };
        let from = self.place(first.time);
        let (to, until) = match entry.in_head {
            true => (WIDTH, "now".to_owned()),
            false => (self.place(last.time), last.date().to_string()),
        };
        let pushes = entry.pushed.iter().filter_map(|it| it.since.as_ref());
        let told = format!("in commits from {} to {until}", first.date());
        let since: Vec<String> = pushes.clone().map(|it| it.date().to_string()).collect();
        let told = match since.is_empty() {
            true => told,
            false => format!("{told}, on a remote by the commit of {}", since.join(", ")),
        };
        // What is as wide as a point is seen, too.
        let (from, to) = (from.min(WIDTH - 6), to.max(from.min(WIDTH - 6) + 6));
        write!(
            out,
            "<svg class=\"axis\" role=\"img\" aria-label=\"{told}\" viewBox=\"0 0 {WIDTH} 14\" \
             preserveAspectRatio=\"none\"><rect class=\"time\" x=\"{from}\" y=\"4\" width=\"{}\" height=\"6\"/>",
            to - from
        )?;
        for push in pushes {
            let at = self.place(push.time).min(WIDTH - 4);
            write!(
                out,
                "<rect class=\"push\" x=\"{at}\" y=\"0\" width=\"4\" height=\"14\"/>"
            )?;
        }
        writeln!(out, "</svg>")
    }
}

/// What an element of the page is called, of which a repository may have one as another has.
fn anchor(chapter: &Chapter, id: &str) -> String {
    match chapter.repository.as_str() {
        "" => format!("s-{id}"),
        name => {
            let digest = Sha256::digest(name.as_bytes());
            format!("s-{}-{id}", crate::encoding::hex(&digest[..6]))
        }
    }
}

fn one(
    chapter: &Chapter,
    entry: &Entry,
    playbook: Option<&Playbook>,
    span: &Span,
    out: &mut dyn Write,
) -> io::Result<()> {
    let keys = Keys::of(chapter, entry);
    let (state, look) = state(entry.urgency());
    write!(
        out,
        "<li id=\"{}\" data-provider=\"{}\" data-state=\"{}\" data-author=\"{}\" data-repository=\"{}\"><details><summary>",
        anchor(chapter, entry.id()),
        text(&keys.provider),
        text(keys.state),
        text(&keys.author),
        text(keys.repository),
    )?;
    let what = match &entry.finding.secret {
        Some(secret) => format!(
            "{} <code>{}</code>",
            text(&entry.finding.name),
            text(&secret.redacted())
        ),
        None => text(&entry.finding.name),
    };
    let more = match entry.paths.len() {
        0 | 1 => String::new(),
        paths => format!(" and {} more", digits(paths - 1)),
    };
    let of = whose(chapter);
    writeln!(
        out,
        "<span class=\"state {look}\">{state}</span><span class=\"what\">{what}</span>\
         <span class=\"where\">{of}{}{more}</span>",
        text(&shown(&entry.place()))
    )?;
    span.bar(entry, out)?;
    writeln!(out, "</summary>\n<div class=\"facts\">")?;
    facts(chapter, entry, out)?;
    if let Some(playbook) = playbook {
        steps(playbook, out)?;
    }
    writeln!(out, "</div></details></li>")
}

fn facts(chapter: &Chapter, entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    let commit = |commit: &CommitFacts| {
        format!(
            "{}, <code>{}</code>, {}",
            commit.date(),
            short(&commit.id),
            text(&shown(&commit.author))
        )
    };
    writeln!(out, "<p>{}</p>\n<dl>", heading(entry.urgency()))?;
    let mut row = |name: &str, value: String| match value.is_empty() {
        true => Ok(()),
        false => writeln!(out, "<dt>{name}</dt><dd>{value}</dd>"),
    };
    row("id", format!("<code>{}</code>", text(entry.id())))?;
    row("sure", entry.confidence.as_str().to_owned())?;
    row(
        "first",
        entry.first.as_ref().map(commit).unwrap_or_default(),
    )?;
    row("last", entry.last.as_ref().map(commit).unwrap_or_default())?;
    for pushed in &entry.pushed {
        let since = pushed.since.as_ref();
        let since = since.map_or(String::new(), |it| format!(" since {}", commit(it)));
        let had = if pushed.now { "has it" } else { "had it" };
        row(&text(&pushed.remote), format!("{had}{since}"))?;
    }
    row("files", names(&entry.paths))?;
    row("branches", names(&entry.branches))?;
    row("tags", names(&entry.tags))?;
    row("held by", names(&entry.held_by))?;
    let beside = entry.beside.iter().take(NAMED).map(|other| {
        let id = other.id();
        format!("<a href=\"#{}\">{id}</a>", anchor(chapter, id))
    });
    row("beside it", beside.collect::<Vec<_>>().join(", "))?;
    for (name, date) in [("rotated", entry.rotated), ("revoked", entry.revoked)] {
        row(name, date.map_or(String::new(), |date| date.to_string()))?;
    }
    writeln!(out, "</dl>")
}

/// Names, a line each.
fn names(all: &[BString]) -> String {
    let mut told: Vec<String> = all.iter().take(NAMED).map(|it| text(&shown(it))).collect();
    if all.len() > NAMED {
        told.push(format!("and {} more", digits(all.len() - NAMED)));
    }
    told.join("<br>")
}

fn steps(playbook: &Playbook, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<h3>What to do</h3>\n<p>{}</p>\n<ol class=\"steps\">",
        text(&playbook.who)
    )?;
    for step in &playbook.steps {
        match step.done {
            Some(date) => writeln!(
                out,
                "<li class=\"done\">{} (done on {date})</li>",
                text(&step.title)
            )?,
            None => {
                writeln!(out, "<li>{}", text(&step.title))?;
                for line in &step.lines {
                    match line {
                        Line::Text(words) => writeln!(out, "<br>{}", text(words))?,
                        Line::Page(page) if page.starts_with("https://") => {
                            let page = text(page);
                            writeln!(out, "<br><a href=\"{page}\" rel=\"noreferrer\">{page}</a>")?;
                        }
                        Line::Page(page) => writeln!(out, "<br>{}", text(page))?,
                        Line::Command(command) => {
                            writeln!(out, "<pre><code>{}</code></pre>", text(command))?;
                        }
                    }
                }
                writeln!(out, "</li>")?;
            }
        }
    }
    writeln!(out, "</ol>")
}

/// What nobody looked at.
fn unread(chapters: &[Chapter], out: &mut dyn Write) -> io::Result<()> {
    let all: Vec<(&Chapter, String, &str)> = chapters
        .iter()
        .flat_map(|chapter| {
            let told = not_read(&chapter.audit).into_iter();
            told.map(move |(what, mend)| (chapter, what, mend))
        })
        .collect();
    if all.is_empty() {
        return Ok(());
    }
    let places = counted(all.len(), "place");
    writeln!(out, "<h2>What was not read, in {places}</h2>\n<ul>")?;
    for (chapter, what, mend) in all {
        let of = whose(chapter);
        let mend = match mend {
            "" => String::new(),
            mend => format!(": {}", text(mend)),
        };
        writeln!(out, "<li>{of}{}{mend}</li>", text(&what))?;
    }
    writeln!(out, "</ul>")
}
