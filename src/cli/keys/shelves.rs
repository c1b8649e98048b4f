//! The stores that keep a key which is replaced: which they are, and the new key put there.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bstr::ByteSlice;

use super::gather;
use crate::cli::session::Session;
use crate::cli::template::{checked_name, usual_app};
use crate::cli::{kinds, voice};
use crate::deposit;
use crate::disk;
use crate::dotenv;
use crate::git::Repo;
use crate::ledger::{Ledger, Rotation, Shelf};
use crate::shell::shown;
use crate::store::{Place, Store};

#[derive(Debug, clap::Args)]
pub(super) struct ShelfArgs {
    /// The store that keeps the key, too; `none` leaves stores alone [default: the one that .env.tpl refers to, or the
    /// setting `store`]
    #[arg(long = "for", value_name = "STORE", value_parser = kinds::stores())]
    store: Option<Store>,
    /// What the key is for, as a part of its name in the store [default: as .env.tpl has it, or the directory's name]
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
    /// The part of the store: a vault of 1Password or Azure, a mount of Vault
    #[arg(long, value_name = "NAME")]
    vault: Option<String>,
}

/// The stores in which to look for keys.
pub(super) struct Shelves<'s> {
    pub(super) args: &'s ShelfArgs,
    pub(super) session: &'s Session,
    pub(super) repo: Option<&'s Repo>,
}

impl Shelves<'_> {
    /// Where a store would keep the variable of a file.
    fn of(&self, file: &Path, variable: &str) -> Result<Option<Shelf>> {
        let referred = match self.args.store {
            Some(Store::None) => return Ok(None),
            _ => referred(file, variable),
        };
        let referred = referred.filter(|(it, ..)| self.args.store.is_none_or(|store| store == *it));
        let (store, vault, app) = match referred {
            Some(found) => found,
            None => {
                let store = self.args.store;
                let store = store.unwrap_or_else(|| self.session.config.store());
                let app = usual_app(file, self.repo)?;
                (store, store.usual_vault().to_owned(), app)
            }
        };
        if store.save().is_err() {
            return Ok(None);
        }
        let named = |said: &Option<String>, usual| said.clone().unwrap_or(usual);
        let shelf = Shelf {
            store: store.word().to_owned(),
            vault: named(&self.args.vault, vault),
            app: named(&self.args.app, app),
            variable: variable.to_owned(),
        };
        checked_name("--app", &shelf.app, false)?;
        checked_name("--vault", &shelf.vault, !store.is_sourced())?;
        Ok(Some(shelf))
    }

    /// What a store keeps for the variable of a file, and where.
    pub(super) fn kept(&self, file: &Path, variable: &str) -> Result<Option<(Shelf, Vec<u8>)>> {
        let Some(shelf) = self.of(file, variable)? else {
            return Ok(None);
        };
        let kept = value(&shelf).context("to leave stores alone: --for none")?;
        Ok(kept.map(|value| (shelf, value)))
    }

    /// The stores that keep this key for files of this repository, or of this directory.
    pub(super) fn with(
        &self,
        places: &BTreeSet<(PathBuf, String)>,
        is_it: impl Fn(&[u8]) -> bool,
    ) -> Result<BTreeSet<Shelf>> {
        let here = match self.repo {
            Some(repo) => repo.worktree()?.canonicalize()?,
            None => Path::new(".").canonicalize()?,
        };
        let mut found = BTreeSet::new();
        for (file, variable) in places.iter().filter(|(file, _)| file.starts_with(&here)) {
            let kept = self.kept(file, variable)?;
            found.extend(
                kept.filter(|(_, value)| is_it(value))
                    .map(|(shelf, _)| shelf),
            );
        }
        Ok(found)
    }
}

/// The store to which the file of references beside a file refers for a variable, with the part of it and the program.
fn referred(file: &Path, variable: &str) -> Option<(Store, String, String)> {
    let references = disk::with_suffix(file, ".tpl");
    let text = disk::read_regular(&references, gather::MOST_BYTES).ok()??;
    let mut entries = dotenv::entries(&text);
    let entry = entries.find(|entry| text[entry.name.clone()] == *variable.as_bytes())?;
    let reference = entry.plain(&text).to_str().ok()?;
    Store::ALL.iter().find_map(|&store| {
        let (vault, app) = store.named_by(reference, variable)?;
        Some((store, vault, app))
    })
}

fn store(shelf: &Shelf) -> Store {
    let mut all = Store::ALL.iter().copied();
    all.find(|store| store.word() == shelf.store)
        .unwrap_or_default()
}

fn place(shelf: &Shelf) -> Place<'_> {
    Place {
        store: store(shelf),
        vault: &shelf.vault,
        app: &shelf.app,
    }
}

/// What is kept there, without the end of a line that the store's command adds.
pub(super) fn value(shelf: &Shelf) -> Result<Option<Vec<u8>>> {
    let kept = deposit::read(place(shelf), &shelf.variable)?;
    Ok(kept.and_then(|kept| {
        let value = kept.strip_suffix(b"\n").unwrap_or(&kept);
        let value = value.strip_suffix(b"\r").unwrap_or(value);
        (!value.is_empty()).then(|| value.to_vec())
    }))
}

/// A store as people call it, and the variable that it keeps.
pub(super) fn told(shelf: &Shelf) -> String {
    let variable = shown(shelf.variable.as_bytes());
    format!("{} as {variable} of {}", store(shelf).name(), shelf.app)
}

/// Puts the new key into the stores that keep the old one.
pub(super) fn put(rotation: &Rotation, new: &[u8], ledger: &Ledger) -> Result<()> {
    for shelf in &rotation.stores {
        let kept = value(shelf)?.map(|kept| ledger.mark(&kept));
        if kept.as_ref() == Some(&rotation.old) {
            match store(shelf).change() {
                Ok(_) => deposit::change(place(shelf), &shelf.variable, new).context(
                    "the new key is in the files: run the same command again, and it goes on",
                )?,
                Err(how) => told_by_hand(shelf, how)?,
            }
        } else if kept.as_ref() != Some(&rotation.new) {
            told_by_hand(shelf, "it keeps another value now, which stays")?;
        }
    }
    Ok(())
}

fn told_by_hand(shelf: &Shelf, why: &str) -> Result<()> {
    writeln!(voice::out(), "   not done, {}: {why}", told(shelf))?;
    Ok(())
}
