//! What is remembered of keys from one run to the next: since when each is known, where it lies, and which were
//! replaced. Of a key it holds a hash that nobody can make without a number of this user's own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::disk::{self, Lock};
use crate::encoding::hex;
use crate::local_key;
use crate::shell::shown_path;

/// A bound: nobody has so many keys that it is longer.
const MOST_BYTES: u64 = 16 << 20;

/// A day is counted from the first of 1970.
pub(crate) type Day = u64;

/// The hash of a key, in hex.
pub(crate) type Mark = String;

/// What is known of one key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    /// The day on which it was seen first.
    pub(crate) first: Day,
    /// The files that hold it, each with the names that it has there.
    #[serde(default)]
    pub(crate) places: BTreeMap<PathBuf, BTreeSet<String>>,
    /// The day on which another took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rotated: Option<Day>,
}

/// Where a store keeps a key, in the words of its row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shelf {
    /// The word for the store.
    pub(crate) store: String,
    /// The part of it.
    pub(crate) vault: String,
    /// The program that uses the key.
    pub(crate) app: String,
    /// The variable.
    pub(crate) variable: String,
}

/// A key that is being replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    /// The key that goes.
    pub(crate) old: Mark,
    /// The one that comes, as soon as it is known.
    pub(crate) new: Mark,
    /// The files in which it stands, and the name that it has there.
    pub(crate) places: BTreeSet<(PathBuf, String)>,
    /// The stores that keep it.
    #[serde(default)]
    pub(crate) stores: BTreeSet<Shelf>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Held {
    /// The number that goes into each hash.
    seed: String,
    keys: BTreeMap<Mark, Known>,
    /// What was begun and is not done, by the variable.
    #[serde(default)]
    rotations: BTreeMap<String, Rotation>,
}

/// What is remembered, for one user of one machine.
pub(crate) struct Ledger {
    file: PathBuf,
    held: Held,
    /// Of two commands at once neither loses what the other wrote.
    _lock: Option<Lock>,
}

/// Where it lies; `None` for a user without a home.
fn place() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "keyward")?;
    Some(dirs.data_local_dir().join("keys.json"))
}

impl Ledger {
    /// Reads what is remembered, to be written again.
    ///
    /// # Errors
    /// When it can't be read, or there is no place for it.
    pub(crate) fn open() -> Result<Self> {
        let file =
            place().context("there is no home directory in which to remember keys: set HOME")?;
        let directory = file.parent().unwrap_or(Path::new("."));
        disk::make_private_dir(directory)
            .with_context(|| format!("cannot make {}", shown_path(directory)))?;
        let lock = Lock::of(directory);
        // Nobody else writes by way of it now.
        disk::clear(directory, Duration::ZERO);
        let held = match read(&file)? {
            Some(held) => held,
            None => Held {
                seed: seed()?,
                keys: BTreeMap::new(),
                rotations: BTreeMap::new(),
            },
        };
        Ok(Self {
            file,
            held,
            _lock: Some(lock),
        })
    }

    /// Reads what is remembered, if anything is. It is not written again.
    ///
    /// # Errors
    /// When it can't be read.
    pub(crate) fn look() -> Result<Option<Self>> {
        let Some(file) = place() else {
            return Ok(None);
        };
        let held = read(&file)?;
        Ok(held.map(|held| Self {
            file,
            held,
            _lock: None,
        }))
    }

    /// Writes it, for this user's eyes alone.
    ///
    /// # Errors
    /// When it can't be written.
    pub(crate) fn save(&self) -> Result<()> {
        let content = serde_json::to_vec(&self.held)?;
        disk::replace_private(&self.file, &content)
            .with_context(|| format!("cannot write {}", shown_path(&self.file)))
    }

    /// The directory in which it lies.
    pub(crate) fn directory(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("."))
    }

    /// What a key is called here.
    pub(crate) fn mark(&self, key: &[u8]) -> Mark {
        local_key::digest(self.held.seed.as_bytes(), key)
    }

    /// What is known of a key.
    pub(crate) fn of(&self, mark: &str) -> Option<&Known> {
        self.held.keys.get(mark)
    }

    /// The same, to be changed: a key of which nothing is known is seen today for the first time.
    fn known(&mut self, mark: Mark, today: Day) -> &mut Known {
        self.held.keys.entry(mark).or_insert_with(|| Known {
            first: today,
            ..Known::default()
        })
    }

    /// Notes which keys stand in a file, each under the names that it has there.
    pub(crate) fn note(&mut self, file: &Path, keys: &[(Mark, String)], today: Day) {
        for known in self.held.keys.values_mut() {
            known.places.remove(file);
        }
        for (mark, name) in keys {
            let known = self.known(mark.clone(), today);
            let names = known.places.entry(file.to_owned()).or_default();
            names.insert(name.clone());
        }
    }

    /// Forgets the files that are gone, and keys that are nowhere for years.
    pub(crate) fn tidy(&mut self, today: Day) {
        /// A bound: so long an old key may come back in a branch.
        const LONGEST: Day = 3 * 365;
        let mut there: BTreeMap<PathBuf, bool> = BTreeMap::new();
        for known in self.held.keys.values_mut() {
            known.places.retain(|file, _| {
                let is_there = || file.symlink_metadata().is_ok();
                *there.entry(file.clone()).or_insert_with(is_there)
            });
        }
        self.held.keys.retain(|_, known| {
            let last = known.rotated.unwrap_or(known.first);
            !known.places.is_empty() || today.saturating_sub(last) < LONGEST
        });
    }

    /// What was begun for a variable.
    pub(crate) fn rotation(&self, variable: &str) -> Option<&Rotation> {
        self.held.rotations.get(variable)
    }

    /// Notes what is begun, before any file is written.
    pub(crate) fn begin(&mut self, variable: &str, rotation: Rotation) {
        self.held.rotations.insert(variable.to_owned(), rotation);
    }

    /// Notes that a key has taken the place of another everywhere.
    pub(crate) fn finish(&mut self, variable: &str, today: Day) {
        let Some(rotation) = self.held.rotations.remove(variable) else {
            return;
        };
        let old = self.known(rotation.old, today);
        old.rotated = Some(today);
        for (file, _) in &rotation.places {
            old.places.remove(file);
        }
        let new = self.known(rotation.new, today);
        new.first = today;
        for (file, name) in rotation.places {
            new.places.entry(file).or_default().insert(name);
        }
    }
}

fn read(file: &Path) -> Result<Option<Held>> {
    let name = shown_path(file);
    let content =
        disk::read_regular(file, MOST_BYTES).with_context(|| format!("cannot read {name}"))?;
    let Some(content) = content else {
        return Ok(None);
    };
    let held: Option<Held> = serde_json::from_slice(&content).ok();
    let held = held.filter(|held| held.seed.len() >= 64);
    ensure!(
        held.is_some(),
        "{name} is not what keyward wrote: move it away, and keys are counted from today"
    );
    Ok(held)
}

fn seed() -> Result<String> {
    let random = local_key::random().context("this machine gives no random numbers")?;
    Ok(hex(&random))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Ledger {
        Ledger {
            file: PathBuf::from("keys.json"),
            held: Held {
                seed: "0".repeat(64),
                keys: BTreeMap::new(),
                rotations: BTreeMap::new(),
            },
            _lock: None,
        }
    }

    #[test]
    fn a_key_is_known_since_it_was_seen_first_and_where_it_is_now() {
        let mut ledger = ledger();
        let mark = ledger.mark(b"one");
        assert_eq!(mark.len(), 32);
        assert_ne!(mark, ledger.mark(b"two"));
        ledger.note(Path::new("a"), &[(mark.clone(), "A".to_owned())], 5);
        ledger.note(Path::new("b"), &[(mark.clone(), "B".to_owned())], 9);
        let known = ledger.of(&mark).expect("it was seen");
        assert_eq!((known.first, known.places.len()), (5, 2));
        ledger.note(Path::new("a"), &[], 10);
        assert_eq!(ledger.of(&mark).map(|known| known.places.len()), Some(1));
        ledger.tidy(10);
        assert_eq!(ledger.of(&mark).map(|known| known.places.len()), Some(0));
        ledger.tidy(5 + 3 * 365);
        assert_eq!(ledger.of(&mark), None);
        let other = Held {
            seed: "1".repeat(64),
            ..ledger.held
        };
        let other = Ledger {
            held: other,
            ..self::ledger()
        };
        assert_ne!(mark, other.mark(b"one"), "each user has a number");
    }

    #[test]
    fn what_took_the_place_of_a_key_is_as_old_as_that() {
        let mut ledger = ledger();
        let [old, new] = [b"old", b"new"].map(|key| ledger.mark(key));
        ledger.note(Path::new("a"), &[(old.clone(), "A".to_owned())], 5);
        let places = BTreeSet::from([(PathBuf::from("a"), "A".to_owned())]);
        ledger.begin(
            "A",
            Rotation {
                old: old.clone(),
                new: new.clone(),
                places,
                stores: BTreeSet::new(),
            },
        );
        assert!(ledger.rotation("A").is_some());
        ledger.finish("A", 50);
        assert!(ledger.rotation("A").is_none());
        let of = |mark: &str| ledger.of(mark).cloned().expect("it is known");
        assert_eq!(of(&old).rotated, Some(50));
        assert!(of(&old).places.is_empty());
        assert_eq!((of(&new).first, of(&new).places.len()), (50, 1));
    }
}
