//! `keyward keys rotate VARIABLE`: another key in the place of one, in every file that holds it, and in its store.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::gather::{self, Gathered, Key};
use super::shelves::{self, Shelves};
use crate::allow::Date;
use crate::cli::{Exit, Misuse, ask, input, voice};
use crate::count::count;
use crate::disk;
use crate::dotenv;
use crate::filetype::FileType;
use crate::keys::held::{self, Held};
use crate::ledger::{Ledger, Rotation};
use crate::rules::{ProviderRef, RuleSet};
use crate::shell::{shown, shown_path};
use crate::text::Text;
use crate::words::reference;

/// A bound: no key that is pasted is longer.
const MOST_BYTES: u64 = 64 << 10;

/// Put a new key in the place of one, in every file that holds it and in the store
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The variable that holds the key
    #[arg(value_name = "VARIABLE")]
    variable: String,
    /// The file whose key is meant, where files give the variable different ones
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    shelves: shelves::ShelfArgs,
    /// Take a key of another kind than the one that goes
    #[arg(long)]
    other: bool,
    /// Do not ask before files are written
    #[arg(long)]
    yes: bool,
}

/// What is known of the key that goes.
struct Going {
    /// What a rotation is called that was begun.
    id: String,
    provider: ProviderRef,
    /// A name for the new key on the page of its provider.
    own_name: String,
    /// What the key is: "Anthropic API key".
    what: String,
    rule: String,
    public: Vec<u8>,
    rotation: Rotation,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let gathered = Gathered::of(&[])?;
    if let Some(why) = gathered.unknown {
        anyhow::bail!("{why}");
    }
    let id = format!("{} {}", args.variable, fs::canonicalize(".")?.display());
    let ledger = remembered()?;
    let begun = ledger.rotation(&id).cloned();
    if let Some(rotation) = begun
        && let Some(new) = arrived(&rotation, &ledger)?
    {
        let mut out = voice::out();
        writeln!(
            out,
            "going on where it stopped: the new key is in one place already"
        )?;
        out.flush()?;
        drop(out);
        let provider = provider_of(&gathered.keys, &rotation);
        return finish(&id, &rotation, &new, &provider);
    }
    let shelves = Shelves {
        args: &args.shelves,
        session: &gathered.session,
        repo: gathered.repo.as_ref(),
    };
    let mut going = going(args, id, &gathered, &shelves, &ledger)?;
    tell_first(&going)?;
    let new = asked(args)?;
    check(args, &going, &new, &gathered.session.rules)?;
    tell_places(&going)?;
    if !args.yes {
        ask::agreed("Write it?", ask::NOBODY, "nothing was written")?;
    }
    let mut ledger = Ledger::open()?;
    going.rotation.new = ledger.mark(&new);
    ledger.begin(&going.id, going.rotation.clone());
    ledger.save()?;
    drop(ledger);
    finish(&going.id, &going.rotation, &new, &going.provider)
}

/// What was remembered a moment ago.
fn remembered() -> Result<Ledger> {
    Ledger::look()?.context("what is remembered of keys is gone: run the same command again")
}

/// The key that goes, with all its places.
fn going(
    args: &Args,
    id: String,
    gathered: &Gathered,
    shelves: &Shelves<'_>,
    ledger: &Ledger,
) -> Result<Going> {
    let wanted = args.file.as_ref().map(fs::canonicalize).transpose();
    let wanted =
        wanted.map_err(|_| Misuse("there is no such file: name one that is here".to_owned()))?;
    let named: Vec<&Key> = gathered
        .keys
        .iter()
        .filter(|key| key.held.name == args.variable)
        .filter(|key| wanted.as_ref().is_none_or(|file| *file == key.path))
        .collect();
    let Some(key) = named.last() else {
        return match in_store_alone(args, &id, gathered, shelves, ledger)? {
            Some(going) => Ok(going),
            None => Err(Misuse(
                "no file here gives that variable a key: see which do by: keyward keys; if a store alone keeps it, \
                 say which: --for STORE"
                    .to_owned(),
            )
            .into()),
        };
    };
    let marks: BTreeSet<&str> = named.iter().map(|key| &*key.mark).collect();
    if marks.len() > 1 {
        let files: BTreeSet<String> = named.iter().map(|key| shown_path(&key.path)).collect();
        let files: Vec<String> = files.into_iter().collect();
        let told = format!(
            "{} give it different keys: say which is meant by --file FILE",
            files.join(" and ")
        );
        return Err(Misuse(told).into());
    }
    let mut places: BTreeSet<(PathBuf, String)> = key.elsewhere.iter().cloned().collect();
    places.insert((key.path.clone(), key.held.name.clone()));
    let stores = shelves.with(&places, |value| ledger.mark(value) == key.mark)?;
    let rotation = Rotation {
        old: key.mark.clone(),
        new: String::new(),
        places,
        stores,
    };
    Ok(Going::new(id, &key.held, key.own_name(), rotation))
}

/// A key that is in no file any more, since `template --store` has handed it over.
fn in_store_alone(
    args: &Args,
    id: &str,
    gathered: &Gathered,
    shelves: &Shelves<'_>,
    ledger: &Ledger,
) -> Result<Option<Going>> {
    let file = args.file.clone().unwrap_or_else(|| ".env".into());
    let file = std::path::absolute(file)?;
    let Some((shelf, value)) = shelves.kept(&file, &args.variable)? else {
        return Ok(None);
    };
    let held = held_as(&args.variable, &value, &gathered.session.rules);
    let Some(held) = held.filter(|held| held.value == value) else {
        return Ok(None);
    };
    let mark = ledger.mark(&value);
    let rotation = Rotation {
        old: mark.clone(),
        new: String::new(),
        places: BTreeSet::new(),
        stores: BTreeSet::from([shelf]),
    };
    let key = Key {
        file: 0,
        path: file,
        held,
        mark,
        first: gathered.today,
        rotate_after: None,
        elsewhere: Vec::new(),
        sort: None,
    };
    let own_name = key.own_name();
    Ok(Some(Going::new(
        id.to_owned(),
        &key.held,
        own_name,
        rotation,
    )))
}

/// What a value is, as that of a variable.
fn held_as(variable: &str, value: &[u8], rules: &RuleSet) -> Option<Held> {
    let line = dotenv::assigned(variable, value)?;
    let text = Text::decode(&line).at(FileType::of_path(b".env"));
    let built_in = RuleSet::builtin();
    Held::of(&text, &[rules, &built_in]).into_iter().next()
}

impl Going {
    fn new(id: String, held: &Held, own_name: String, rotation: Rotation) -> Self {
        Self {
            id,
            provider: held.provider.clone(),
            own_name,
            what: held.what.clone(),
            rule: held.rule.clone(),
            public: held.public.clone(),
            rotation,
        }
    }
}

fn provider_of(keys: &[Key], rotation: &Rotation) -> ProviderRef {
    let of = |key: &&Key| {
        let place = (key.path.clone(), key.held.name.clone());
        rotation.places.contains(&place)
    };
    let key = keys.iter().find(of);
    key.map(|key| key.held.provider.clone()).unwrap_or_default()
}

fn tell_first(going: &Going) -> Result<()> {
    let mut out = voice::out();
    let provider = &going.provider;
    let page = match (&*provider.name, &*provider.revoke) {
        ("", _) => "where the old one comes from".to_owned(),
        (name, "") => format!("at {name}"),
        (name, page) => format!("at {name}: {page}"),
    };
    writeln!(out, "1. make a new key, called {}, {page}", going.own_name)?;
    out.flush()?;
    Ok(())
}

/// The new key, as somebody pastes it, which no terminal shows; or all of standard input.
fn asked(args: &Args) -> Result<Vec<u8>> {
    let mut new = if input::is_terminal() {
        let question = format!(
            "2. paste it as {} (it is not shown): ",
            shown(args.variable.as_bytes())
        );
        rpassword::prompt_password(question)
            .context("cannot read from the terminal")?
            .into_bytes()
    } else {
        input::handed(MOST_BYTES)?
    };
    while new.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
        new.pop();
    }
    Ok(new)
}

/// Sees whether the new key can be one, and one of the same kind.
fn check(args: &Args, going: &Going, new: &[u8], rules: &RuleSet) -> Result<()> {
    let refuse = |told: String| Err(anyhow::Error::from(Misuse(told)));
    if new.is_empty() {
        return refuse("no key was given: paste it, or hand it over on standard input".to_owned());
    }
    if reference::refers(new) {
        return refuse("that is a reference and no key: paste the key itself".to_owned());
    }
    let ledger = remembered()?;
    let mark = ledger.mark(new);
    if mark == going.rotation.old {
        return refuse("that is the key that is there already: make a new one".to_owned());
    }
    if let Some(known) = ledger.of(&mark) {
        if let Some(day) = known.rotated {
            let day = Date::from_days(day);
            return refuse(format!("that key was replaced on {day}: make a new one"));
        }
        if let Some(file) = known.places.keys().next()
            && !args.other
        {
            let file = shown_path(file);
            return refuse(format!(
                "that key is in {file} already: make one for this place alone, or say by --other that it is meant"
            ));
        }
    }
    if dotenv::assigned(&args.variable, new).is_none() {
        return refuse("no way to write that key is read alike by all loaders: see whether all of it is the key".to_owned());
    }
    if args.other || going.rule.is_empty() {
        return Ok(());
    }
    let found = held_as(&args.variable, new, rules);
    let found = found.as_ref();
    let is_same = found.is_some_and(|it| it.rule == going.rule && it.public == going.public);
    if !is_same {
        let is = match found.map(|it| &*it.what) {
            None | Some("") => "none that keyward knows".to_owned(),
            Some(what) => format!("a {what}"),
        };
        return refuse(format!(
            "the key that goes is a {}, and this is {is}, of another kind or for another environment: see whether \
             all of it was pasted, or say by --other that it is meant",
            going.what
        ));
    }
    Ok(())
}

fn tell_places(going: &Going) -> Result<()> {
    let mut out = voice::out();
    let Rotation { places, stores, .. } = &going.rotation;
    let all = places.len() + stores.len();
    writeln!(out, "3. it goes into {}:", count(all, "place", "places"))?;
    for (file, name) in places {
        writeln!(out, "   {} as {}", shown_path(file), shown(name.as_bytes()))?;
    }
    for shelf in stores {
        writeln!(out, "   {}", shelves::told(shelf))?;
    }
    out.flush()?;
    Ok(())
}

fn content(file: &Path) -> Result<Option<Vec<u8>>> {
    disk::read_regular(file, gather::MOST_BYTES)
        .with_context(|| format!("cannot read {}", shown_path(file)))
}

/// The new key, if it is in one of the places already.
fn arrived(rotation: &Rotation, ledger: &Ledger) -> Result<Option<Vec<u8>>> {
    for (file, name) in &rotation.places {
        let Some(blob) = content(file)? else {
            continue;
        };
        let mut values = held::values(&blob, name).into_iter();
        if let Some(new) = values.find(|value| ledger.mark(value) == rotation.new) {
            return Ok(Some(new));
        }
    }
    for shelf in &rotation.stores {
        let kept = shelves::value(shelf)?;
        if let Some(new) = kept.filter(|kept| ledger.mark(kept) == rotation.new) {
            return Ok(Some(new));
        }
    }
    Ok(None)
}

/// Writes the new key wherever the old one stands, files first, and says what is left to do.
fn finish(id: &str, rotation: &Rotation, new: &[u8], provider: &ProviderRef) -> Result<Exit> {
    let mut ledger = Ledger::open()?;
    for (file, name) in &rotation.places {
        let Some(blob) = content(file)? else {
            continue;
        };
        let is_old = |value: &[u8]| ledger.mark(value) == rotation.old;
        let written = held::with_key(&blob, name, is_old, new);
        let written = written.map_err(|_| Misuse("the new key can't be written".to_owned()))?;
        if written != blob {
            ensure!(
                content(file)?.as_ref() == Some(&blob),
                "{} has changed meanwhile: run the same command again, and it goes on",
                shown_path(file)
            );
            disk::replace_private_from(ledger.directory(), file, &written)
                .with_context(|| format!("cannot write {}", shown_path(file)))?;
        }
    }
    shelves::put(rotation, new, &ledger)?;
    tell_rest(provider)?;
    // Whoever was not told is told by the same command again.
    ledger.finish(id, Date::days_now());
    ledger.save()?;
    drop(ledger);
    // What the hook reminds of is another key now.
    Gathered::of(&[])?;
    Ok(Exit::Clean)
}

/// Says what is left to do.
fn tell_rest(provider: &ProviderRef) -> Result<()> {
    let mut out = voice::out();
    writeln!(
        out,
        "   done. Where the old key is in CI or in another store, too, change it there: keyward cannot see it"
    )?;
    writeln!(
        out,
        "4. see that it works: first in staging, then in production"
    )?;
    let page = match &*provider.revoke {
        "" => "where it comes from".to_owned(),
        page => format!("at {}: {page}", provider.name),
    };
    writeln!(
        out,
        "5. then revoke the old key {page}. A commit that brings it back is told the day of today"
    )?;
    out.flush()?;
    Ok(())
}
