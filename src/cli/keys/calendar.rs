//! `keyward keys calendar`: a reminder for each key, on the day on which it is to be replaced.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::gather::{Gathered, Key};
use crate::allow::Date;
use crate::cli::{Exit, Misuse, voice};
use crate::count::count;
use crate::disk;
use crate::keys::calendar::{Event, calendar};
use crate::shell::{shown, shown_path};

/// Write reminders to replace each key, for a calendar
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file that is written, and written anew
    #[arg(value_name = "FILE", default_value = "keyward-keys.ics")]
    file: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let name = shown_path(&args.file);
    let gathered = Gathered::of(&[])?;
    if let Some(why) = &gathered.unknown {
        anyhow::bail!("{why}");
    }
    // One key has one day, wherever it stands.
    let mut keys: BTreeMap<&str, &Key> = BTreeMap::new();
    for key in &gathered.keys {
        keys.entry(&key.mark).or_insert(key);
    }
    let events: Vec<Event> = keys
        .into_values()
        .filter_map(|key| event(key, &gathered))
        .collect();
    if events.is_empty() {
        let told = "no key here is to be replaced: see what there is by: keyward keys";
        return Err(Misuse(told.to_owned()).into());
    }
    let old =
        disk::read_regular(&args.file, 4 << 20).with_context(|| format!("cannot read {name}"))?;
    if old.is_some_and(|old| !old.starts_with(b"BEGIN:VCALENDAR")) {
        let told = format!("{name} is there and is no calendar: name another file");
        return Err(Misuse(told).into());
    }
    let made = calendar(&events, Date::from_days(gathered.today));
    disk::replace(&args.file, made.as_bytes()).with_context(|| format!("cannot write {name}"))?;
    let mut out = voice::out();
    writeln!(
        out,
        "wrote {name}: {}; open it with your calendar",
        count(events.len(), "reminder", "reminders")
    )?;
    out.flush()?;
    Ok(Exit::Clean)
}

fn event(key: &Key, gathered: &Gathered) -> Option<Event> {
    let every = key.rotate_after?;
    let file = &gathered.files[key.file].name;
    let variable = shown(key.held.name.as_bytes());
    let provider = &key.held.provider;
    let page = match &*provider.revoke {
        "" => String::new(),
        page => format!("\nThe keys of {}: {page}", provider.name),
    };
    Some(Event {
        // A part of what names the key, which tells nothing of it.
        id: key.mark.clone(),
        day: Date::from_days(key.due()?),
        summary: voice::fit_for_programs(&format!("Replace {variable} in {file}")),
        description: format!("keyward keys rotate {variable}{page}"),
        every,
    })
}
