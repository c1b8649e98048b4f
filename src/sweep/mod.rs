//! The places of a home directory where keys should not lie: what is there, and what mends it.
//!
//! The places are [data](place). A [walk] tells which files are such; each is [read](home) without leaving the
//! home directory, made a [text](read), and looked at by the line that looks at commits. Nothing is written, and
//! no connection is opened.

pub(crate) mod home;
pub(crate) mod place;
mod read;
mod walk;

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use bstr::{BStr, BString};

use self::home::{Home, Readers, Why};
use self::place::{Kind, Place};
use self::walk::File;
use crate::archive::{self, Archives};
use crate::change::{Change, EntryKind, Ignored, Origin, Status};
use crate::confidence::Confidence;
use crate::finding::{Finding, Fingerprint, Found};
use crate::scan::Scan;

/// A bound: a sweep ends after that, and says what it left.
const LONGEST: Duration = Duration::from_secs(120);

/// A bound: so many bytes are read in all.
const MOST_BYTES: u64 = 8 << 30;

/// A bound: so much of what was left is told one by one; the rest is counted.
const MOST_LEFT: usize = 1000;

/// What was not looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Left {
    /// Its path below the home directory.
    pub(crate) path: BString,
    /// Why.
    pub(crate) why: Why,
}

/// All that was left, from every thread.
#[derive(Debug, Default)]
struct Lefts(Mutex<(Vec<Left>, usize)>);

impl Lefts {
    fn add(&self, left: Left) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.1 += 1;
        if all.0.len() < MOST_LEFT {
            all.0.push(left);
        }
    }
}

/// A key in a file.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// Where it stands first.
    pub(crate) finding: Finding,
    /// Each first and last line on which it stands; empty where the lines are not those of the file.
    pub(crate) lines: Vec<(usize, usize)>,
}

/// A file with keys.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The place that it is.
    pub(crate) place: &'static Place,
    /// Its path below the home directory.
    pub(crate) path: BString,
    /// Who can read it.
    pub(crate) readers: Readers,
    /// The keys, in the order in which they stand.
    pub(crate) keys: Vec<Key>,
    /// Where each key is among them.
    known: HashMap<Fingerprint, usize>,
}

/// What a sweep found.
#[derive(Debug)]
pub(crate) struct Swept {
    /// The home directory.
    pub(crate) home: PathBuf,
    /// The files with keys, those of the places that pay most first.
    pub(crate) entries: Vec<Entry>,
    /// How many keys only a human can tell from what is none.
    pub(crate) possible: usize,
    /// How many files there are.
    pub(crate) seen: usize,
    /// How many of them are places and were read.
    pub(crate) looked: usize,
    /// What was not looked at, and how much there is of that in all.
    pub(crate) left: (Vec<Left>, usize),
}

impl Swept {
    /// Whether something was not looked at that may hold a key.
    pub(crate) fn has_gaps(&self) -> bool {
        let (left, all) = &self.left;
        *all > left.len() || left.iter().any(|left| left.why.is_gap())
    }
}

/// What the threads note down while they read.
struct Sweep {
    home: Home,
    end: Instant,
    lefts: Lefts,
    bytes: AtomicU64,
    looked: AtomicUsize,
    /// Who can read a file, and whether the lines of its text are its own, by the number of the file.
    read: Mutex<HashMap<usize, (Readers, bool)>>,
}

/// Looks at the places of a home directory, by a scan for secrets that are at least so sure.
pub(crate) fn sweep(path: &Path, scan: &Scan<'_>, threshold: Confidence) -> io::Result<Swept> {
    let sweep = Sweep {
        home: Home::open(path)?,
        end: Instant::now() + LONGEST,
        lefts: Lefts::default(),
        bytes: AtomicU64::new(0),
        looked: AtomicUsize::new(0),
        read: Mutex::default(),
    };
    let walked = walk::walk(&sweep.home, sweep.end, &sweep.lefts);
    let scan = Scan {
        guards: None,
        archives: Archives::Look,
        trace: false,
        ..*scan
    };
    let changes = walked.files.iter().enumerate().map(|(number, file)| {
        let in_home = InHome {
            sweep: &sweep,
            file,
            number,
        };
        let path = file.shown.clone();
        Ok(Change::new(path, Status::Added, EntryKind::File, in_home))
    });
    let outcome = scan.run(changes);
    for unread in outcome.unread {
        sweep.lefts.add(Left {
            path: unread.path,
            why: Why::Unreadable(unread.reason),
        });
    }
    for packed in outcome.archives {
        sweep.lefts.add(Left {
            path: packed.path,
            why: Why::Packed,
        });
    }
    let (entries, possible) = sweep.entries(&scan, &walked.files, outcome.findings, threshold);
    let mut left = sweep
        .lefts
        .0
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    // A name of a file that nobody read may hold a key, too.
    for left in &mut left.0 {
        left.path = scan.sealed(&left.path);
    }
    left.0.sort();
    Ok(Swept {
        home: sweep.home.path().to_owned(),
        entries,
        possible,
        seen: walked.seen,
        looked: sweep.looked.into_inner(),
        left,
    })
}

impl Sweep {
    /// The findings by their files, and how many are less sure.
    fn entries(
        &self,
        scan: &Scan<'_>,
        files: &[File],
        findings: Vec<Finding>,
        threshold: Confidence,
    ) -> (Vec<Entry>, usize) {
        let numbered = || files.iter().enumerate();
        let numbers: HashMap<&BStr, usize> = numbered()
            .map(|(number, file)| (BStr::new(&file.shown), number))
            .collect();
        // A path in a finding has the keys in its names redacted, which few have.
        let sealed: LazyCell<HashMap<BString, usize>, _> = LazyCell::new(|| {
            let sealed = |(number, file): (usize, &File)| (scan.sealed(&file.shown), number);
            numbered().map(sealed).collect()
        });
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let mut by_file: BTreeMap<usize, Entry> = BTreeMap::new();
        let mut possible = BTreeSet::new();
        for finding in findings {
            let path = archive::file_of(&finding.path);
            let path = BStr::new(path);
            let Some(&number) = numbers.get(path).or_else(|| sealed.get(path)) else {
                continue;
            };
            let place = &place::all()[files[number].place];
            let (readers, own_lines) = read
                .get(&number)
                .copied()
                .unwrap_or((Readers::Nobody, false));
            if place.kind == Kind::Store && readers == Readers::Nobody {
                continue;
            }
            if finding.confidence < threshold {
                possible.insert(finding.fingerprint.clone());
                continue;
            }
            let entry = by_file.entry(number).or_insert_with(|| Entry {
                place,
                path: path.into(),
                readers,
                keys: Vec::new(),
                known: HashMap::new(),
            });
            entry.add(finding, own_lines);
        }
        (by_file.into_values().collect(), possible.len())
    }
}

impl Entry {
    fn add(&mut self, mut finding: Finding, own_lines: bool) {
        if !own_lines && finding.kind == EntryKind::File {
            // Its place in what was made of the file tells nobody anything.
            finding.span = None;
        }
        let is_plain = finding.kind == EntryKind::File;
        let span = finding.span.filter(|_| is_plain);
        let lines = span.map(|span| span.lines().into_inner());
        match self.known.get(&finding.fingerprint) {
            Some(&at) => self.keys[at].lines.extend(lines),
            None => {
                let fingerprint = finding.fingerprint.clone();
                self.known.insert(fingerprint, self.keys.len());
                self.keys.push(Key {
                    finding,
                    lines: lines.into_iter().collect(),
                });
            }
        }
    }

    /// What names its keys.
    pub(crate) fn fingerprints(&self) -> impl Iterator<Item = &Fingerprint> {
        self.keys.iter().map(|key| &key.finding.fingerprint)
    }

    /// Every line that holds a key, each once, in order.
    pub(crate) fn lines(&self) -> BTreeSet<(usize, usize)> {
        let lines = self.keys.iter().flat_map(|key| &key.lines);
        lines.copied().collect()
    }

    /// The first key, by which the variable is called.
    pub(crate) fn first(&self) -> Option<&Finding> {
        let keys = self.keys.iter().map(|key| &key.finding);
        let mut secrets = keys.filter(|finding| matches!(finding.found, Found::Secret { .. }));
        secrets.next()
    }
}

/// A file of the home directory as a source of changes has it.
struct InHome<'s> {
    sweep: &'s Sweep,
    file: &'s File,
    number: usize,
}

impl InHome<'_> {
    fn read(&self) -> Result<Option<home::Read>, Why> {
        let sweep = self.sweep;
        if Instant::now() >= sweep.end {
            return Err(Why::OutOfTime);
        }
        if sweep.bytes.load(Ordering::Relaxed) >= MOST_BYTES {
            return Err(Why::TooMany);
        }
        let read = sweep.home.read(&self.file.real)?;
        if let Some(read) = &read {
            let bytes = read.bytes.len() as u64;
            sweep.bytes.fetch_add(bytes, Ordering::Relaxed);
            sweep.looked.fetch_add(1, Ordering::Relaxed);
        }
        Ok(read)
    }
}

impl Origin for InHome<'_> {
    fn content(&self) -> Result<Vec<u8>> {
        let read = match self.read() {
            Ok(Some(read)) => read,
            Ok(None) => return Ok(Vec::new()),
            Err(why) => {
                let path = self.file.shown.clone();
                self.sweep.lefts.add(Left { path, why });
                return Ok(Vec::new());
            }
        };
        let (text, own_lines) = place::all()[self.file.place].read.text(read.bytes);
        let mut notes = self
            .sweep
            .read
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        notes.insert(self.number, (read.readers, own_lines));
        Ok(text)
    }

    fn replaced(&self) -> Result<Vec<Vec<u8>>> {
        Ok(Vec::new())
    }

    fn ignored(&self) -> Result<Ignored> {
        Ok(Ignored::No)
    }
}
