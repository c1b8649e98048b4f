//! What a sweep found, for people and for programs.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

use serde::Serialize;

use super::advice;
use super::facts::Facts;
use super::json::Path;
use super::page::{Page, Paint, position, what};
use super::{Detail, Style, json_line};
use crate::count::{count, counted, digits, first_of};
use crate::finding::Finding;
use crate::shell::{quoted, quoted_word, shown};
use crate::store::{self, Store};
use crate::sweep::home::Readers;
use crate::sweep::{Entry, Swept};

/// How many keys of a file are told one by one.
const KEYS: usize = 4;

/// How many of the paths that were not looked at are named for each reason.
const NAMED: usize = 3;

/// A bound: a command that deletes lines names no more of them.
const MOST_LINES: usize = 30;

/// What stands for the program where a store asks for one.
const APP: &str = "shell";

/// A path below the home directory as people write it.
fn at_home(path: &[u8]) -> String {
    match path {
        b"" => "~".to_owned(),
        path => format!("~/{}", shown(path)),
    }
}

/// The same as one word of a shell.
fn word(path: &[u8]) -> String {
    let word = quoted(path);
    format!("~/{}", word.strip_prefix("./").unwrap_or(&word))
}

/// What mends an entry: words, and the command, if there is one.
fn mend(entry: &Entry, store: Store) -> (String, Option<String>) {
    let variable = entry.first().map_or_else(String::new, advice::env);
    let fill = |text: &str| {
        let file = word(&entry.path);
        text.replace("{env}", &variable)
            .replace("{file}", &file)
            .replace("{start}", &start(entry))
            .replace("{value}", &value(store, &variable))
    };
    let words = fill(&entry.place.mend);
    let command = &entry.place.command;
    let command = match command.contains("{delete}") {
        true => delete(entry).map(|delete| command.replace("{delete}", &delete)),
        false => Some(fill(command)).filter(|command| !command.is_empty()),
    };
    (words, command)
}

/// The command that prints the value of a variable from the store of the settings.
fn value(store: Store, variable: &str) -> String {
    let place = |store: Store| store::Place {
        store,
        vault: store.usual_vault(),
        app: APP,
    };
    let mut words = place(store).read(variable);
    if words.is_empty() {
        words = place(Store::Keychain).read(variable);
    }
    words.join(" ")
}

/// As much of the first key as may be shown, as one word of a shell.
fn start(entry: &Entry) -> String {
    let facts = entry.first().map(Facts::of);
    let redacted = facts.and_then(|facts| facts.redacted).unwrap_or_default();
    quoted_word(redacted.trim_end_matches('…').as_bytes())
}

/// The command that deletes the lines with keys; `None` where a program can't be told which they are.
fn delete(entry: &Entry) -> Option<String> {
    let lines = entry.lines();
    if lines.is_empty() || cfg!(windows) {
        return None;
    }
    let lines = lines.iter().take(MOST_LINES).map(|lines| match lines {
        (first, last) if first == last => format!("{first}d"),
        (first, last) => format!("{first},{last}d"),
    });
    let lines = lines.collect::<Vec<_>>().join(";");
    // That of macOS asks for a word behind `-i`.
    let in_place = if cfg!(target_os = "macos") {
        "-i ''"
    } else {
        "-i"
    };
    Some(format!("sed {in_place} '{lines}' {}", word(&entry.path)))
}

fn readers(readers: Readers) -> Option<&'static str> {
    match readers {
        Readers::Nobody => None,
        Readers::Group => Some("group"),
        Readers::Everybody => Some("everybody"),
    }
}

/// Writes it for people.
pub(crate) fn write(
    swept: &Swept,
    store: Store,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page::new(style, store, out);
    let keys: HashSet<_> = swept.entries.iter().flat_map(Entry::fingerprints).collect();
    if !keys.is_empty() {
        let headline = format!(
            "keyward: {} in {} of your home directory",
            counted(keys.len(), "key"),
            counted(swept.entries.len(), "file")
        );
        page.fill((Paint::Plain, ""), &[(Paint::Alarm, &headline)], 2)?;
    }
    let mut told: BTreeMap<&str, HashSet<_>> = BTreeMap::new();
    let mut again: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in &swept.entries {
        let known = told.entry(&entry.place.id).or_default();
        let before = known.len();
        known.extend(entry.fingerprints());
        if known.len() == before && style.detail != Detail::Verbose {
            *again.entry(&entry.place.name).or_default() += 1;
            continue;
        }
        page.gap()?;
        page.entry(entry)?;
    }
    if !swept.entries.is_empty() {
        page.gap()?;
    }
    for (name, files) in again {
        page.plain(&format!(
            "The same keys stand in {} ({name}): keyward sweep --verbose",
            count(files, "more file", "more files")
        ))?;
    }
    page.left(swept)?;
    page.plain(&summary(swept, keys.len()))
}

fn summary(swept: &Swept, keys: usize) -> String {
    let found = match keys {
        0 if swept.has_gaps() => "no key in what was looked at".to_owned(),
        0 => "no key lies where it should not".to_owned(),
        keys => format!(
            "{} to move or to delete; revoke what others may have seen",
            counted(keys, "key")
        ),
    };
    let possible = match swept.possible {
        0 => String::new(),
        possible => format!(
            "; {} that only you can tell: keyward sweep --possible",
            digits(possible)
        ),
    };
    format!(
        "keyward: {found}. {} of {} looked at, nothing changed{possible}",
        digits(swept.looked),
        counted(swept.seen, "file"),
    )
}

impl Page<'_> {
    fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        let most = match self.is_verbose() {
            true => usize::MAX,
            false => KEYS,
        };
        for key in entry.keys.iter().take(most) {
            let place = place(&key.finding);
            let also = match key.lines.len() {
                0 | 1 => String::new(),
                lines => format!("  (and {})", count(lines - 1, "more line", "more lines")),
            };
            self.headed(&place, &format!("{}{also}", what(&key.finding)))?;
        }
        if entry.keys.len() > most {
            let more = counted(entry.keys.len() - most, "key");
            self.labelled("", &format!("and {more} more of this file"), "")?;
        }
        let open = match entry.readers {
            Readers::Nobody => String::new(),
            Readers::Group => "; its group can read it".to_owned(),
            Readers::Everybody => "; everybody on this machine can read it".to_owned(),
        };
        self.labelled("where", &format!("{}{open}", entry.place.name), "")?;
        let (words, command) = mend(entry, self.store);
        self.told("mend", &words, command.as_deref(), "")?;
        let pages: Vec<_> = entry
            .keys
            .iter()
            .filter_map(|key| advice::revoke(&key.finding))
            .collect();
        let mut known = HashSet::new();
        for page in pages
            .into_iter()
            .filter(|page| known.insert(*page))
            .take(KEYS)
        {
            self.told("revoke", advice::WHEN_TO_REVOKE, Some(page), "")?;
        }
        Ok(())
    }

    /// What was not looked at.
    fn left(&mut self, swept: &Swept) -> io::Result<()> {
        let (left, all) = &swept.left;
        let mut by_reason: BTreeMap<String, Vec<&[u8]>> = BTreeMap::new();
        for left in left {
            by_reason
                .entry(left.why.told())
                .or_default()
                .push(&left.path);
        }
        for (reason, paths) in &by_reason {
            let most = if self.is_verbose() { usize::MAX } else { NAMED };
            let named = first_of(paths, most, |path| at_home(path).to_string());
            self.plain(&format!("not looked at, {reason}: {named}"))?;
        }
        match all - left.len() {
            0 => Ok(()),
            more => self.plain(&format!("not looked at: {} more", digits(more))),
        }
    }
}

fn place(finding: &Finding) -> String {
    let position = position(finding).map_or(String::new(), |position| format!(":{position}"));
    format!("{}{position}", at_home(&finding.path))
}

/// What `keyward sweep --json` prints.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Report<'s> {
    /// The home directory.
    home: String,
    /// How many files there are in it.
    files: usize,
    /// How many of them were read.
    looked_at: usize,
    /// How many keys are left out, since only a human can tell them from what is none.
    possible: usize,
    /// The keys, each once a file.
    findings: Vec<KeyLine<'s>>,
    /// What was not looked at; of very much, a part.
    not_looked_at: Vec<LeftLine>,
    /// How much that is in all.
    not_looked_at_in_all: usize,
}

/// A key in a file.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct KeyLine<'s> {
    /// From the home directory.
    #[serde(flatten)]
    path: Path,
    /// The id of the place that the file is: `bash-history`.
    place: &'s str,
    /// What people call the place.
    place_name: &'s str,
    /// `avoidable`, `residue` or `store`.
    kind: &'static str,
    /// `group` or `everybody`; null if nobody else can read the file.
    readable_by: Option<&'static str>,
    /// From 1; null where the file is packed or has no lines.
    line: Option<usize>,
    /// From 1, in characters.
    column: Option<usize>,
    /// Every line on which it starts.
    lines: Vec<usize>,
    /// The id of the rule.
    rule: &'s str,
    /// What the rule finds.
    name: &'s str,
    /// The id of the provider; null if none is known.
    provider: Option<&'s str>,
    /// `possible`, `likely` or `certain`.
    confidence: &'static str,
    /// What names the secret, wherever it stands.
    fingerprint: &'s str,
    /// The start of the fingerprint, as people type it.
    id: &'s str,
    /// The public prefix and at most four characters.
    redacted: Option<String>,
    /// Why it counts.
    why: &'s str,
    /// What to do.
    mend: String,
    /// The command that does it; null if there is none.
    command: Option<String>,
    /// The page on which it is revoked; null if none is known.
    revoke: Option<&'s str>,
}

/// What was not looked at.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LeftLine {
    /// From the home directory.
    #[serde(flatten)]
    path: Path,
    /// `unreadable`, `too-long`, `out-of-time`, `too-many`, `too-deep`, `packed`, `other-file-system`, `link-out` or
    /// `no-file`.
    reason: &'static str,
    /// The same in words.
    message: String,
}

/// Writes it for programs.
pub(crate) fn write_json(swept: &Swept, store: Store, out: &mut dyn Write) -> io::Result<()> {
    let findings = swept.entries.iter().flat_map(|entry| {
        let (words, command) = mend(entry, store);
        entry.keys.iter().map(move |key| {
            let finding = &key.finding;
            let facts = Facts::of(finding);
            KeyLine {
                path: Path::new(&finding.path),
                place: &entry.place.id,
                place_name: &entry.place.name,
                kind: entry.place.kind.word(),
                readable_by: readers(entry.readers),
                line: finding.span.map(|span| span.line as usize),
                column: finding.span.map(|span| span.column as usize),
                lines: key.lines.iter().map(|(first, _)| *first).collect(),
                rule: &finding.rule,
                name: &finding.name,
                provider: facts.provider,
                confidence: finding.confidence.as_str(),
                fingerprint: finding.fingerprint.as_str(),
                id: finding.fingerprint.id(),
                redacted: facts.redacted,
                why: &finding.why,
                mend: words.clone(),
                command: command.clone(),
                revoke: advice::revoke(finding),
            }
        })
    });
    let (left, all) = &swept.left;
    let report = Report {
        home: swept.home.to_string_lossy().into_owned(),
        files: swept.seen,
        looked_at: swept.looked,
        possible: swept.possible,
        findings: findings.collect(),
        not_looked_at: left
            .iter()
            .map(|left| LeftLine {
                path: Path::new(&left.path),
                reason: left.why.word(),
                message: left.why.told(),
            })
            .collect(),
        not_looked_at_in_all: *all,
    };
    json_line(&report, out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schema_of_the_documents_is_that_of_the_types() {
        crate::report::samples::hold_schema_of::<super::Report<'_>>("sweep.schema.json");
    }
}
