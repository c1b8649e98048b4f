//! What is told of keys.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;

use super::gather::{Gathered, Key, files};
use crate::allow::Date;
use crate::cli::voice::Reader;
use crate::cli::{Exit, voice};
use crate::count::{count, first_of};
use crate::keys::held;
use crate::report::json_line;
use crate::shell::{shown, shown_path};

/// The names of all variables: what somebody may see who is to see no value.
pub(super) fn names(paths: &[PathBuf]) -> Result<Exit> {
    let mut out = voice::out();
    for file in files(paths)?.0 {
        match &file.content {
            Ok(blob) => {
                for name in held::names(blob) {
                    writeln!(out, "{}: {}", file.name, shown(name.as_bytes()))?;
                }
            }
            Err(why) => writeln!(out, "{} {why}", file.name)?,
        }
    }
    out.flush()?;
    Ok(Exit::Clean)
}

impl Key {
    /// What it is, in a few words.
    fn is(&self) -> String {
        let provider = &*self.held.provider.name;
        match (&*self.held.what, provider) {
            ("", "") => "a key".to_owned(),
            ("", provider) => format!("a key of {provider}"),
            (what, _) => what.to_owned(),
        }
    }

    /// Since when it is known, and when another is due.
    fn age(&self, gathered: &Gathered) -> String {
        if gathered.unknown.is_some() {
            return String::new();
        }
        let age = match gathered.today - self.first {
            0 => "seen today for the first time".to_owned(),
            days => format!("known for {}", count(days as usize, "day", "days")),
        };
        let due = match self.due() {
            None => String::new(),
            Some(due) if due <= gathered.today => format!(
                ", due to be replaced since {}: keyward keys rotate {}",
                Date::from_days(due),
                self.held.name
            ),
            Some(due) => format!(
                ", to be replaced in {}",
                count((due - gathered.today) as usize, "day", "days")
            ),
        };
        format!(", {age}{due}")
    }

    /// What somebody should think of.
    fn notes(&self) -> Vec<String> {
        /// A bound: of more places nobody wants to be told.
        const MOST: usize = 3;
        let mut notes = Vec::new();
        if self.held.is_bundled() {
            notes.push(
                "a bundler puts it into what every visitor gets: use it on a server, under a name without that start"
                    .to_owned(),
            );
        }
        if self.is_admin() {
            notes.push(
                "it opens all: make a key that can do no more than this program needs".to_owned(),
            );
        }
        if !self.elsewhere.is_empty() {
            let told = first_of(&self.elsewhere, MOST, |(file, name)| {
                format!("{} ({})", shown_path(file), shown(name.as_bytes()))
            });
            notes.push(format!(
                "it is also in {told}: one leak takes all, so make one for each, named like {}",
                self.own_name()
            ));
        }
        notes
    }

    /// A name by which a key is told from others on its provider's page: `claude-key-dev-shop`.
    pub(super) fn own_name(&self) -> String {
        let app = self.path.parent().and_then(Path::file_name);
        let app = app.unwrap_or_default().to_string_lossy().to_lowercase();
        let file = self.path.file_name().unwrap_or_default().to_string_lossy();
        let stage = file.strip_prefix(".env.").unwrap_or("dev");
        let id = match &*self.held.provider.id {
            "" => "key",
            id => id,
        };
        let name = format!("{id}-{}-{app}", stage.replace("local", "dev"));
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '-'
            }
        };
        name.chars().map(plain).collect()
    }
}

/// For people.
pub(super) fn people(gathered: &Gathered) -> Result<Exit> {
    let mut out = voice::out();
    for (number, file) in gathered.files.iter().enumerate() {
        for note in &file.notes {
            writeln!(out, "{}: {note}", file.name)?;
        }
        if file.plain {
            writeln!(
                out,
                "{}: its keys are plain text; to keep them in {}: keyward template {}",
                file.name,
                gathered.session.config.store().name(),
                file.name
            )?;
        }
        for key in gathered.keys.iter().filter(|key| key.file == number) {
            writeln!(
                out,
                "{}:{}: {}: {}{}",
                file.name,
                key.held.line,
                shown(key.held.name.as_bytes()),
                key.is(),
                key.age(gathered)
            )?;
            for note in key.notes() {
                writeln!(out, "    {note}")?;
            }
        }
    }
    let mut pages: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for key in &gathered.keys {
        let provider = &key.held.provider;
        if !provider.limit.is_empty() || !provider.usage.is_empty() {
            pages.insert(&provider.name, (&provider.limit, &provider.usage));
        }
    }
    for (name, (limit, usage)) in pages {
        match (limit, usage) {
            ("", usage) => writeln!(out, "{name}: what its keys were used for: {usage}")?,
            (limit, "") => writeln!(
                out,
                "{name}: set a limit of twice your usual month: {limit}"
            )?,
            (limit, usage) => writeln!(
                out,
                "{name}: set a limit of twice your usual month: {limit}   (usage: {usage})"
            )?,
        }
    }
    match &gathered.unknown {
        Some(why) => writeln!(out, "since when a key is there is not known: {why}")?,
        None => {
            let is_due = |key: &&Key| key.due().is_some_and(|due| due <= gathered.today);
            let due = gathered.keys.iter().filter(is_due).count();
            let files = count(gathered.files.len(), "file", "files");
            let keys = count(gathered.keys.len(), "key", "keys");
            let told = match due {
                0 => String::new(),
                due => format!(", {due} due to be replaced"),
            };
            writeln!(out, "{keys} in {files}{told}")?;
        }
    }
    out.flush()?;
    Ok(Exit::Clean)
}

/// What `keyward keys --json` prints.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Report<'k> {
    /// The keys, in the order of their files.
    keys: Vec<Line<'k>>,
    /// What somebody should do about the files.
    notes: Vec<Note<'k>>,
}

/// One key. Its value is nowhere.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Line<'k> {
    /// The file, as it was named.
    file: &'k str,
    /// The line, from 1.
    line: usize,
    /// The variable.
    variable: &'k str,
    /// The provider's name; null where it is not known.
    provider: Option<&'k str>,
    /// The id of the rule that knows it; null where none does.
    rule: Option<&'k str>,
    /// What sort of key it is, such as `admin`, `live` or `test`; null where that is not known.
    sort: Option<&'static str>,
    /// The day on which it was seen first; null where nothing is remembered.
    first_seen: Option<String>,
    /// The day on which it is to be replaced; null where it is not.
    rotate_by: Option<String>,
    /// Where the same key is, too: a file and the variable there.
    also_in: Vec<(String, &'k str)>,
    /// Whether a bundler puts it into a browser.
    in_browser: bool,
    /// Whether a reference to the team's store could stand there.
    plain: bool,
    /// The page on which it is limited; null where that is not known.
    limit: Option<&'k str>,
    /// The page that shows what it was used for.
    usage: Option<&'k str>,
    /// The page on which it is revoked.
    revoke: Option<&'k str>,
}

/// What somebody should do about a file.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Note<'k> {
    /// The file, as it was named.
    file: &'k str,
    /// What is wrong with it, and what to do.
    note: &'k str,
}

/// A text, if there is one.
fn said(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

impl Gathered {
    fn line<'k>(&'k self, key: &'k Key) -> Line<'k> {
        let held = &key.held;
        let provider = &*held.provider;
        let file = &self.files[key.file];
        let is_known = self.unknown.is_none();
        let day = |day| Date::from_days(day).to_string();
        let also_in = key.elsewhere.iter();
        Line {
            file: &file.name,
            line: held.line,
            variable: &held.name,
            provider: said(&provider.name),
            rule: said(&held.rule),
            sort: key.sort,
            first_seen: is_known.then(|| day(key.first)),
            rotate_by: key.due().filter(|_| is_known).map(day),
            also_in: also_in
                .map(|(file, name)| (shown_path(file), &**name))
                .collect(),
            in_browser: held.is_bundled(),
            plain: file.plain,
            limit: said(&provider.limit),
            usage: said(&provider.usage),
            revoke: said(&provider.revoke),
        }
    }
}

/// For a program.
pub(super) fn json(gathered: &Gathered) -> Result<Exit> {
    let notes = gathered.files.iter().flat_map(|file| {
        let notes = file.notes.iter();
        notes.map(|note| Note {
            file: &file.name,
            note,
        })
    });
    let report = Report {
        keys: gathered.keys.iter().map(|key| gathered.line(key)).collect(),
        notes: notes.collect(),
    };
    Reader::Programs.tell(|out| Ok(json_line(&report, out)?))?;
    Ok(Exit::Clean)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schema_of_the_documents_is_that_of_the_types() {
        crate::report::samples::hold_schema_of::<super::Report<'_>>("keys.schema.json");
    }
}
