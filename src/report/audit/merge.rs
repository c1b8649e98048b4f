//! Puts together what audits of several machines wrote: one line a secret, however many repositories hold it, and what
//! is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::AuditStyle;
use crate::audit::Urgency;
use crate::count::{count, counted, digits, first_of};
use crate::report::ascii::line;
use crate::report::page::{Page, Paint};
use crate::report::text::cut;
use crate::shell::escaped;
use crate::store::Store;

/// A bound: lines of secrets, and of what is missing, that fit a screen.
const MOST: usize = 20;

/// A bound: the longest that a name is in a line, in characters.
const LONGEST: usize = 60;

/// A bound: repositories that are named of many.
const NAMED: usize = 2;

/// The fields by which a secret is the same in every repository.
const SHARED: [&str; 8] = [
    "kind",
    "id",
    "fingerprint",
    "rule",
    "name",
    "provider",
    "redacted",
    "revoke",
];

/// What a repository said, by its name.
type Of<T> = BTreeMap<String, T>;

/// What several audits said.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    /// The lines of each secret, by its kind and its fingerprint.
    found: BTreeMap<(String, String), Of<Map<String, Value>>>,
    /// What could not be read, and into which nobody looked.
    notes: BTreeMap<(String, String, String), Map<String, Value>>,
    /// The last line of each repository.
    summaries: Of<Map<String, Value>>,
    /// Repositories that could not be looked at.
    failed: Of<Map<String, Value>>,
    /// The shares that there are, by how many there have to be.
    shares: BTreeMap<u64, BTreeSet<u64>>,
    /// The repositories that there have to be.
    listed: BTreeSet<String>,
    /// Lines that are no line of a report: the file, and the number.
    broken: Vec<(String, usize)>,
}

/// What is not there.
#[derive(Debug, PartialEq, Eq)]
enum Missing {
    Share(u64, u64),
    Repository(String),
    Line(String, usize),
}

impl Merged {
    /// Takes in a report; `file` is what it is called.
    pub(crate) fn add(&mut self, file: &str, content: &[u8]) {
        for (at, text) in content.split(|&byte| byte == b'\n').enumerate() {
            if !text.trim_ascii().is_empty() && self.take(file, text).is_none() {
                self.broken.push((file.to_owned(), at + 1));
            }
        }
    }

    /// Takes in that a repository has to be there.
    pub(crate) fn expect(&mut self, repository: String) {
        self.listed.insert(repository);
    }

    /// Takes in a line. What a repository said twice, since somebody tried again, counts as it was said last.
    fn take(&mut self, file: &str, text: &[u8]) -> Option<()> {
        let Ok(Value::Object(mut line)) = serde_json::from_slice(text) else {
            return None;
        };
        let word =
            |line: &Map<String, Value>, name: &str| line.get(name)?.as_str().map(str::to_owned);
        let kind = word(&line, "kind")?;
        let of = word(&line, "repository").unwrap_or_else(|| file.to_owned());
        line.insert("repository".to_owned(), of.as_str().into());
        match kind.as_str() {
            "share" => {
                let number = |name: &str| line.get(name)?.as_u64();
                self.shares
                    .entry(number("of")?)
                    .or_default()
                    .insert(number("number")?);
                let names = line.get("repositories")?.as_array()?.iter();
                self.listed
                    .extend(names.filter_map(|name| Some(name.as_str()?.to_owned())));
            }
            "secret" | "file" => {
                let key = (kind, word(&line, "fingerprint")?);
                self.found.entry(key).or_default().insert(of, line);
            }
            "summary" => {
                self.failed.remove(&of);
                self.summaries.insert(of, line);
            }
            "failed" if self.summaries.contains_key(&of) => {}
            "failed" => {
                self.failed.insert(of, line);
            }
            _ => {
                let path = word(&line, "path").unwrap_or_default();
                self.notes.insert((of, kind, path), line);
            }
        }
        Some(())
    }

    /// What is missing: shares, repositories of which nothing is said to the end, and lines that were cut off.
    fn missing(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        for (&of, there) in &self.shares {
            // A hostile report names no more shares than there are machines.
            let numbers = (1..=of.min(100_000)).filter(|number| !there.contains(number));
            missing.extend(numbers.map(|number| Missing::Share(number, of)));
        }
        let is_told =
            |name: &&String| self.summaries.contains_key(*name) || self.failed.contains_key(*name);
        let untold = self.listed.iter().filter(|name| !is_told(name));
        missing.extend(untold.cloned().map(Missing::Repository));
        let cut = self.broken.iter().cloned();
        missing.extend(cut.map(|(file, line)| Missing::Line(file, line)));
        missing
    }

    /// Whether anything was found.
    pub(crate) fn has_found(&self) -> bool {
        !self.found.is_empty()
    }

    /// Whether something that there is was not looked at, or is not told here.
    pub(crate) fn is_incomplete(&self) -> bool {
        let is_whole = |line: &Map<String, Value>| line.get("complete") == Some(&Value::Bool(true));
        !self.failed.is_empty()
            || !self.summaries.values().all(is_whole)
            || !self.missing().is_empty()
    }

    /// The secrets, the most urgent first.
    fn entries(&self) -> Vec<(usize, &Of<Map<String, Value>>)> {
        let urgency = |line: &Map<String, Value>| {
            let name = line.get("urgency").and_then(Value::as_str);
            let known = Urgency::ALL.iter().position(|it| Some(it.name()) == name);
            known.unwrap_or(Urgency::ALL.len())
        };
        let entries = self.found.values();
        let mut entries: Vec<_> = entries
            .map(|lines| (lines.values().map(urgency).min().unwrap_or_default(), lines))
            .collect();
        // Those of one urgency stay in the order of their fingerprints.
        entries.sort_by_key(|entry| entry.0);
        entries
    }

    fn sum(&self, field: &str) -> u64 {
        let numbers = self
            .summaries
            .values()
            .filter_map(|line| line.get(field)?.as_u64());
        numbers.fold(0, u64::saturating_add)
    }

    /// Writes it for programs: a JSON object a line.
    ///
    /// # Errors
    /// When `out` can't be written to.
    pub(crate) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        for (urgency, lines) in self.entries() {
            let mut whole = Map::new();
            for (name, value) in lines.values().next().into_iter().flatten() {
                if SHARED.contains(&name.as_str()) {
                    whole.insert(name.clone(), value.clone());
                }
            }
            let name = Urgency::ALL.get(urgency).map(|it| it.name());
            whole.insert("urgency".to_owned(), name.into());
            let each = lines.values().map(|line| {
                let own = line
                    .iter()
                    .filter(|(name, _)| !SHARED.contains(&name.as_str()));
                Value::Object(
                    own.map(|(name, value)| (name.clone(), value.clone()))
                        .collect(),
                )
            });
            whole.insert("repositories".to_owned(), each.collect());
            line(&whole, out)?;
        }
        for note in self.notes.values().chain(self.failed.values()) {
            line(note, out)?;
        }
        let missing = self.missing();
        for missing in &missing {
            line(&missing.line(), out)?;
        }
        let summary = json!({
            "kind": "summary",
            "repositories": self.summaries.len() + self.failed.len(),
            "secrets": self.found.len(),
            "commits": self.sum("commits"),
            "blobs": self.sum("blobs"),
            "failed": self.failed.len(),
            "missing": missing.len(),
            "complete": !self.is_incomplete(),
        });
        line(&summary, out)
    }

    /// Writes it for people.
    ///
    /// # Errors
    /// When `out` can't be written to.
    pub(crate) fn write_human(&self, style: &AuditStyle, out: &mut dyn Write) -> io::Result<()> {
        let mut page = Page::new(&style.style, Store::default(), out);
        let entries = self.entries();
        for (_, lines) in entries.iter().take(MOST) {
            let Some(any) = lines.values().next() else {
                continue;
            };
            let word = |name: &str| {
                let word = any.get(name).and_then(Value::as_str).unwrap_or_default();
                cut(&escaped(word), LONGEST).into_owned()
            };
            let names: Vec<&String> = lines.keys().collect();
            let told = |name: &&String| cut(&escaped(name), LONGEST).into_owned();
            let start = format!("  {}  ", word("id"));
            let rest = [
                (
                    Paint::Plain,
                    format!("{}  {}  ", word("name"), word("redacted")),
                ),
                (Paint::Name, first_of(&names, NAMED, told)),
            ];
            let rest: Vec<(Paint, &str)> = rest
                .iter()
                .map(|(paint, text)| (*paint, text.as_str()))
                .collect();
            page.fill((Paint::Plain, &start), &rest, 12)?;
        }
        if entries.len() > MOST {
            let more = digits(entries.len() - MOST);
            page.plain(&format!(
                "and {more} more: keyward report merge --json has all"
            ))?;
        }
        for (name, line) in self.failed.iter().take(MOST) {
            let why = line
                .get("message")
                .and_then(Value::as_str)
                .unwrap_or_default();
            page.labelled(
                "failed",
                &cut(&escaped(name), LONGEST),
                &cut(&escaped(why), LONGEST),
            )?;
        }
        let missing = self.missing();
        for missing in missing.iter().take(MOST) {
            page.labelled("missing", &missing.told(), "")?;
        }
        let told = format!(
            "keyward: {} in {}; {} could not be looked at, {} missing",
            counted(self.found.len(), "secret"),
            count(
                self.summaries.len() + self.failed.len(),
                "repository",
                "repositories"
            ),
            digits(self.failed.len()),
            digits(missing.len()),
        );
        let paint = match self.has_found() || self.is_incomplete() {
            true => Paint::Alarm,
            false => Paint::Plain,
        };
        page.fill((Paint::Plain, ""), &[(paint, &told)], 2)
    }
}

impl Missing {
    fn line(&self) -> Value {
        match self {
            Self::Share(number, of) => json!({"kind": "missing", "number": number, "of": of}),
            Self::Repository(name) => json!({"kind": "missing", "repository": name}),
            Self::Line(file, line) => json!({"kind": "missing", "file": file, "line": line}),
        }
    }

    fn told(&self) -> String {
        match self {
            Self::Share(number, of) => format!("the share {number}/{of}: run it again"),
            Self::Repository(name) => format!("{}: audit it again", cut(&escaped(name), LONGEST)),
            Self::Line(file, line) => {
                format!(
                    "line {line} of {}, which is no line of a report",
                    cut(&escaped(file), LONGEST)
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(files: &[&str]) -> Merged {
        let mut merged = Merged::default();
        for (at, content) in files.iter().enumerate() {
            merged.add(&format!("{at}.jsonl"), content.as_bytes());
        }
        merged
    }

    fn json(merged: &Merged) -> String {
        let mut out = Vec::new();
        merged.write_json(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn entry(repository: &str, fingerprint: &str, urgency: &str) -> String {
        let line = json!({"kind": "secret", "repository": repository, "fingerprint": fingerprint,
            "name": "n", "urgency": urgency, "paths": [repository]});
        format!("{line}\n")
    }

    fn end(repository: &str) -> String {
        let line = json!({"kind": "summary", "repository": repository, "commits": 2, "blobs": 3, "complete": true});
        format!("{line}\n")
    }

    #[test]
    fn one_secret_in_several_repositories_is_one_and_the_most_urgent_first() {
        let parts = [
            entry("a", "f1", "left") + &entry("a", "f2", "pushed") + &end("a"),
            entry("b", "f1", "here") + &end("b"),
            // Somebody tried again.
            entry("b", "f1", "here") + &end("b"),
        ];
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let whole = merged(&parts);
        let told = json(&whole);
        let lines: Vec<Value> = told
            .lines()
            .map(|it| serde_json::from_str(it).unwrap())
            .collect();
        assert_eq!(lines.len(), 3, "{told}");
        assert_eq!(
            (&lines[0]["fingerprint"], &lines[0]["urgency"]),
            (&json!("f2"), &json!("pushed"))
        );
        assert_eq!(lines[1]["urgency"], "here");
        assert_eq!(lines[1]["repositories"].as_array().unwrap().len(), 2);
        let expected = json!({"kind": "summary", "repositories": 2, "secrets": 2, "commits": 4, "blobs": 6,
            "failed": 0, "missing": 0, "complete": true});
        assert_eq!(lines[2], expected);
        // In whatever order they come.
        let turned: Vec<&str> = parts.iter().rev().copied().collect();
        assert_eq!(json(&merged(&turned)), told);
        assert_eq!(json(&merged(&[&parts.concat()])), told);
    }

    #[test]
    fn what_is_missing_is_said() {
        let share = |number: u64, names: &[&str]| {
            let line = json!({"kind": "share", "number": number, "of": 3, "repositories": names});
            format!("{line}\n")
        };
        let failed = "{\"kind\": \"failed\", \"repository\": \"c\", \"path\": \"c\", \"message\": \"why\"}\n";
        let cut_off = share(1, &["a", "b", "c"]) + &end("a") + failed + "{\"kind\": \"sec";
        let mut found = merged(&[&cut_off, &share(3, &[])]);
        found.expect("d".to_owned());
        let expected = [
            Missing::Share(2, 3),
            Missing::Repository("b".to_owned()),
            Missing::Repository("d".to_owned()),
            Missing::Line("0.jsonl".to_owned(), 4),
        ];
        assert_eq!(found.missing(), expected);
        assert!(found.is_incomplete() && !found.has_found());
        found.add("again", (end("b") + &end("c") + &end("d")).as_bytes());
        assert!(found.failed.is_empty());
        for odd in [
            "[]",
            "1",
            "{}",
            "{\"kind\": 1}",
            "{\"kind\": \"secret\"}",
            "\u{0}",
        ] {
            assert_eq!(merged(&[odd]).broken.len(), 1, "{odd}");
        }
        let many =
            "{\"kind\":\"share\",\"number\":1,\"of\":18446744073709551615,\"repositories\":[]}";
        assert!(merged(&[many]).missing().len() <= 100_000);
    }
}
