//! Finds the places of a text where a keyword stands: only there a rule is tried.
//!
//! There are two prefilters with one answer. [Aho-corasick](automaton) over a list of keywords, in any
//! case of their letters, says what is found, and is what finds the keywords of a user's own rules,
//! which are known only at run time. The keywords of the catalog are known when keyward is built, and
//! the [sieve] is the same search compiled into static tables. To build the automaton over the five
//! thousand keywords takes longer than all the rest of a small commit, and on long texts its tables
//! outgrow the processor's caches:
//!
//! | | sieve | aho-corasick |
//! |---|---|---|
//! | a small commit: to build it, and 2,400 bytes | 2 µs | 15 ms |
//! | a megabyte of source code | 1.4 ms | 10 ms |
//! | 16 megabytes of a log | 10 ms | 114 ms |
//! | the whole hook on a small commit, in instructions | 1.37 million | 76.8 million |
//!
//! The times are those of one core of a shared x86-64 server, from `cargo bench --bench detector --
//! prefilter`; the instructions are counted by `benches/instructions.sh`, with [`VARIABLE`] set in it.
//!
//! With [`VARIABLE`] set to `aho-corasick`, all keywords go through the automaton, to see whether the
//! sieve is at fault when a key is not found. The tests hold the sieve to the automaton, hit for hit.
//!
//! Keywords are numbers here: what a keyword leads to, `rules` knows.

mod automaton;
mod gram;
mod marks;
mod sieve;

use std::ops::Range;
use std::sync::OnceLock;

pub(crate) use self::automaton::Automaton;
use self::marks::Mark;
pub(crate) use self::marks::has_manifest;

/// The environment variable that chooses a [`Method`], by its name.
pub(crate) const VARIABLE: &str = "KEYWARD_PREFILTER";

/// How the catalog's keywords are sought. A user's own keywords go through aho-corasick with either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// By the static tables that were laid out when keyward was built.
    #[default]
    Sieve,
    /// By an automaton that is built when the first text is looked at.
    AhoCorasick,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Sieve, Self::AhoCorasick];

    /// Its name in the environment variable.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sieve => "sieve",
            Self::AhoCorasick => "aho-corasick",
        }
    }

    /// The method of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// What a prefilter finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hit {
    /// A keyword of a rule.
    Rule {
        /// The number of the keyword: the catalog's first, behind them the user's own.
        keyword: usize,
        /// Where it starts.
        start: usize,
        /// Where it ends.
        end: usize,
    },
    /// A closing quote at this place, behind which the next literal may go on with the text.
    Joint(usize),
    /// The kind of a manifest of a Kubernetes Secret, a part of which is here.
    Manifest(usize),
}

impl Hit {
    /// The hit for a number of the sieve's table: the catalog's keywords and the marks.
    fn compiled(number: usize, text: &[u8], place: Range<usize>) -> Option<Self> {
        let Some(mark) = number.checked_sub(keyword_count()) else {
            return Some(Self::keyword(number, place));
        };
        Some(match marks::sign(mark, text, place.start)? {
            Mark::Joint => Self::Joint(place.start),
            Mark::Manifest => Self::Manifest(place.start),
        })
    }

    const fn keyword(keyword: usize, place: Range<usize>) -> Self {
        Self::Rule {
            keyword,
            start: place.start,
            end: place.end,
        }
    }
}

/// How many keywords the catalog has.
pub(crate) const fn keyword_count() -> usize {
    sieve::KEYWORD_COUNT - marks::COUNT
}

/// Seeks the keywords of the catalog and of a user's own rules, and the marks of what is wrapped.
#[derive(Debug)]
pub struct Prefilter {
    method: Method,
    own: Vec<String>,
    /// Over the user's own keywords, and those of the catalog if the method says so.
    automaton: OnceLock<Automaton>,
}

impl Prefilter {
    /// A prefilter for the catalog's keywords and these others, whose numbers go on behind those of the
    /// catalog. Nothing is built before a text needs it.
    pub fn new(method: Method, own: Vec<String>) -> Self {
        Self {
            method,
            own,
            automaton: OnceLock::new(),
        }
    }

    /// The same keywords, sought by another method.
    #[must_use]
    pub fn by(self, method: Method) -> Self {
        Self::new(method, self.own)
    }

    /// Gives the hits in a text, nearly in the order of their starts. The parts that a text is cut into
    /// give each hit once.
    pub fn each_hit(&self, text: &[u8], part: Range<usize>, mut found: impl FnMut(Hit)) {
        if self.method == Method::AhoCorasick {
            return self.each_by_automaton(text, part, &mut found);
        }
        let mut own =
            (!self.own.is_empty()).then(|| self.automaton().places(text, part.clone()).peekable());
        let hit = |(number, place)| Hit::keyword(keyword_count() + number, place);
        sieve::each_place(text, part, |number, place| {
            while let Some(first) = own
                .as_mut()
                .and_then(|own| own.next_if(|(_, own)| own.start <= place.start))
            {
                found(hit(first));
            }
            if let Some(hit) = Hit::compiled(number, text, place) {
                found(hit);
            }
        });
        own.into_iter().flatten().map(hit).for_each(found);
    }

    fn each_by_automaton(&self, text: &[u8], part: Range<usize>, found: &mut dyn FnMut(Hit)) {
        for (number, place) in self.automaton().places(text, part) {
            let hit = match number.checked_sub(sieve::KEYWORD_COUNT) {
                None => Hit::compiled(number, text, place),
                Some(own) => Some(Hit::keyword(keyword_count() + own, place)),
            };
            hit.into_iter().for_each(&mut *found);
        }
    }

    /// The automaton over the keywords that do not go through the sieve.
    fn automaton(&self) -> &Automaton {
        self.automaton.get_or_init(|| {
            let own = self.own.iter().cloned();
            match self.method {
                Method::Sieve => Automaton::over(own),
                Method::AhoCorasick => {
                    let catalog = (0..keyword_count())
                        .map(|number| String::from_utf8_lossy(sieve::keyword(number)).into_owned());
                    Automaton::over(catalog.chain(marks::texts()).chain(own))
                }
            }
        })
    }

    /// Gives every keyword of a rule that stands at the very place `at`, and where it ends.
    pub fn each_at(&self, text: &[u8], at: usize, mut found: impl FnMut(usize, usize)) {
        let rest = &text[at..];
        sieve::each_at(rest, |number, len| found(number, at + len));
        for (number, own) in self.own.iter().enumerate() {
            if is_prefix(own.as_bytes(), rest) {
                found(keyword_count() + number, at + own.len());
            }
        }
    }
}

/// Whether a text starts with a keyword, in any case of its letters.
fn is_prefix(keyword: &[u8], text: &[u8]) -> bool {
    text.get(..keyword.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(keyword))
}

#[cfg(test)]
mod tests;
