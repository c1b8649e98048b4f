//! Which files of the home directory are places, with bounds on how far they are sought.

use std::collections::{HashSet, VecDeque};
use std::time::Instant;

use bstr::{BString, ByteSlice};

use super::home::{Home, Sort, Why};
use super::place::{Places, is_skipped, is_within};
use super::{Left, Lefts};

/// A bound: so many files and directories are seen, nearest first.
const MOST_ENTRIES: usize = 2_000_000;

/// A bound: directories are not looked into any deeper.
const DEEPEST: usize = 24;

/// A bound: so many files are read, those of the places that pay most first.
const MOST_FILES: usize = 20_000;

/// A file that is a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct File {
    /// The number of the place.
    pub(super) place: usize,
    /// Its path as people know it, which may lead through links.
    pub(super) shown: BString,
    /// Its path without links.
    pub(super) real: BString,
}

/// What was sought.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// The files that are places, each once, those that pay most first.
    pub(super) files: Vec<File>,
    /// How many files were seen.
    pub(super) seen: usize,
}

/// A directory to be looked into.
struct Directory {
    shown: BString,
    real: BString,
    depth: usize,
}

struct Walk<'h> {
    home: &'h Home,
    places: Places,
    /// Nearest first.
    waiting: VecDeque<Directory>,
    /// The directories that a link led to.
    linked: HashSet<BString>,
    found: Vec<File>,
    seen: usize,
    lefts: &'h Lefts,
}

/// Seeks the places.
pub(super) fn walk(home: &Home, end: Instant, lefts: &Lefts) -> Walked {
    let mut walk = Walk {
        home,
        places: Places::here(),
        waiting: VecDeque::new(),
        linked: HashSet::new(),
        found: Vec::new(),
        seen: 0,
        lefts,
    };
    let top = BString::default();
    walk.waiting.push_back(Directory {
        shown: top.clone(),
        real: top,
        depth: 0,
    });
    let mut entries = 0;
    while let Some(directory) = walk.waiting.pop_front() {
        let late = Instant::now() >= end;
        if late || entries >= MOST_ENTRIES {
            lefts.add(Left {
                path: directory.shown,
                why: if late { Why::OutOfTime } else { Why::TooMany },
            });
            break;
        }
        match home.list(&directory.real) {
            Ok(found) => {
                entries += found.len();
                for (name, sort) in found {
                    walk.entry(&directory, &name, sort);
                }
            }
            Err(why) => lefts.add(Left {
                path: directory.shown,
                why,
            }),
        }
    }
    walk.done()
}

fn below(directory: &[u8], name: &[u8]) -> BString {
    match directory {
        b"" => name.into(),
        directory => [directory, b"/", name].concat().into(),
    }
}

impl Walk<'_> {
    fn entry(&mut self, directory: &Directory, name: &[u8], sort: Sort) {
        let shown = below(&directory.shown, name);
        let real = below(&directory.real, name);
        match sort {
            Sort::Directory => self.directory(shown, real, directory.depth + 1),
            Sort::File => self.file(shown, real),
            Sort::Link => self.link(directory, shown, &real),
            Sort::Other => {
                if self.places.of(&shown).is_some() {
                    let why = Why::NoFile;
                    self.lefts.add(Left { path: shown, why });
                }
            }
        }
    }

    fn file(&mut self, shown: BString, real: BString) {
        self.seen += 1;
        if let Some(place) = self.places.of(&shown) {
            self.found.push(File { place, shown, real });
        }
    }

    fn directory(&mut self, shown: BString, real: BString, depth: usize) {
        let name = shown
            .rfind_byte(b'/')
            .map_or(&shown[..], |at| &shown[at + 1..]);
        for file in self.places.inside(name).to_vec() {
            let (shown, real) = (below(&shown, file), below(&real, file));
            if self.home.sort(&real) == Some(Sort::File) {
                self.file(shown, real);
            }
        }
        // Below one that is passed over, only what a pattern leads to.
        let is_passed_over = shown.split_str("/").any(is_skipped);
        if is_passed_over && !self.places.lead_into(&shown) {
            return;
        }
        if depth > DEEPEST {
            let why = Why::TooDeep;
            self.lefts.add(Left { path: shown, why });
            return;
        }
        self.waiting.push_back(Directory { shown, real, depth });
    }

    /// What a link leads to in the home directory is looked at under the name of the link.
    fn link(&mut self, directory: &Directory, shown: BString, real: &[u8]) {
        let is_wanted = self.places.of(&shown).is_some() || self.places.lead_into(&shown);
        let Some(target) = self.home.resolve(real) else {
            if is_wanted && self.home.leads(real) {
                let why = Why::LinkOut;
                self.lefts.add(Left { path: shown, why });
            }
            return;
        };
        match self.home.sort(&target) {
            Some(Sort::File) => self.file(shown, target),
            // One that leads up would be walked in a circle; what is not wanted here is seen where it lies.
            Some(Sort::Directory)
                if is_wanted
                    && !is_within(&directory.real, &target)
                    && self.linked.insert(target.clone()) =>
            {
                self.directory(shown, target, directory.depth + 1);
            }
            Some(Sort::Other) if is_wanted => {
                let why = Why::NoFile;
                self.lefts.add(Left { path: shown, why });
            }
            _ => {}
        }
    }

    fn done(self) -> Walked {
        let mut files = self.found;
        files.sort();
        let mut known = HashSet::new();
        files.retain(|file| known.insert(file.real.clone()));
        if let Some(first) = files.get(MOST_FILES) {
            let path = first.shown.clone();
            let why = Why::TooMany;
            self.lefts.add(Left { path, why });
            files.truncate(MOST_FILES);
        }
        Walked {
            files,
            seen: self.seen,
        }
    }
}
