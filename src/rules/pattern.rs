//! Patterns, compiled: they confirm what an outline has told may be there.
//!
//! A pattern is compiled when it is asked for the first time, often for a single candidate in a small commit. So it
//! is compiled to the least that finds: no automaton and no search for literals, which take longer to make
//! than they save. And of `[a-z]{1,256}`, which makes 256 states, one is made that has no upper bound, with a group
//! around it that says whether the bound holds. What fits without bounds and keeps them all is what the
//! pattern fits, since both ways try in one order; only where a bound is broken, the pattern itself is compiled.

use std::ops::Range;
use std::sync::OnceLock;

use regex_automata::nfa::thompson::backtrack::{self, BoundedBacktracker};
use regex_automata::nfa::thompson::pikevm::{self, PikeVM};
use regex_automata::nfa::thompson::{NFA, WhichCaptures};
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{Capture, Hir, HirKind, Repetition};

use super::shape::parse;
use super::{Reach, Rule};

/// A bound: the most bytes that a pattern takes up, compiled. So many are the regex crate's, too.
const LARGEST: usize = 10 * (1 << 20);

/// A bound, in bytes: what is noted of one search that tries one way after the other. It is a bit for each byte of the
/// text and each state of the pattern; what takes more goes to the machine that goes all ways at once, which takes
/// hundreds of instructions for each.
const NOTED: usize = 4 << 20;

/// A weight: a repetition is compiled without its upper bound where that saves so many states. A group costs
/// about as many.
const SPARED: u32 = 8;

/// The pattern of a rule.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    anchored: Anchored,
    /// Without upper bounds.
    relaxed: Machine,
    /// The groups that have an upper bound, and how many bytes it is.
    bounds: Vec<(usize, usize)>,
    /// The pattern itself.
    strict: OnceLock<Machine>,
    /// The group that is the secret: the whole, where none is called so.
    secret: usize,
}

/// What a pattern fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// All of it.
    pub whole: Range<usize>,
    /// The secret in it; `None` where it takes no part.
    pub secret: Option<Range<usize>>,
}

impl Pattern {
    /// The pattern of a rule. One for [`Reach::Anchored`] fits at the start of the search alone.
    ///
    /// # Errors
    /// What is wrong with it, for the author of the rule.
    pub(super) fn of(rule: &Rule) -> Result<Self, String> {
        let hir = parse(&rule.regex)?;
        let mut relaxing = Relaxing {
            groups: hir.properties().explicit_captures_len(),
            bounds: Vec::new(),
        };
        let relaxed = relaxing.relaxed(&hir);
        Ok(Self {
            source: rule.regex.clone().into_owned(),
            anchored: match rule.reach {
                Reach::Anchored => Anchored::Yes,
                Reach::Around | Reach::Near | Reach::Named => Anchored::No,
            },
            relaxed: Machine::of(&relaxed)?,
            bounds: relaxing.bounds,
            strict: OnceLock::new(),
            secret: secret_group(&hir).unwrap_or(0),
        })
    }

    /// Whether a pattern can be compiled with all its bounds.
    ///
    /// # Errors
    /// Why it cannot.
    pub(super) fn check(rule: &Rule) -> Result<(), String> {
        parse(&rule.regex).and_then(|hir| Machine::of(&hir).map(|_| ()))
    }

    /// What is used for searches one after the other.
    pub fn search(&self) -> Search<'_> {
        Search {
            pattern: self,
            relaxed: Run::with(&self.relaxed),
            strict: None,
        }
    }

    /// The first fit in a text.
    pub fn find(&self, text: &[u8]) -> Option<Range<usize>> {
        self.search().find(text, 0).map(|fit| fit.whole)
    }
}

/// Searches for a pattern.
#[derive(Debug)]
pub struct Search<'p> {
    pattern: &'p Pattern,
    relaxed: Run<'p>,
    strict: Option<Run<'p>>,
}

impl Search<'_> {
    /// The first fit in a text that starts at `from` or behind.
    pub fn find(&mut self, text: &[u8], from: usize) -> Option<Fit> {
        let pattern = self.pattern;
        let input = Input::new(text)
            .span(from..text.len())
            .anchored(pattern.anchored);
        if !self.relaxed.finds(&input) {
            return None;
        }
        let keeps = |&(group, most): &(usize, usize)| {
            let group = self.relaxed.group(group);
            group.is_none_or(|group| group.len() <= most)
        };
        if pattern.bounds.iter().all(keeps) {
            return self.relaxed.fit(pattern.secret);
        }
        let strict = self.strict.get_or_insert_with(|| {
            Run::with(pattern.strict.get_or_init(|| {
                parse(&pattern.source)
                    .and_then(|hir| Machine::of(&hir))
                    .expect(
                        "the tests compile each rule of the catalog, `with` each of a user's own",
                    )
            }))
        });
        strict
            .finds(&input)
            .then(|| strict.fit(pattern.secret))
            .flatten()
    }
}

/// A compiled pattern: the quick way for what is short, and the one for the rest.
#[derive(Debug)]
struct Machine {
    short: BoundedBacktracker,
    long: PikeVM,
}

impl Machine {
    fn of(hir: &Hir) -> Result<Self, String> {
        let nfa = NFA::compiler()
            .configure(
                NFA::config()
                    .utf8(false)
                    .nfa_size_limit(Some(LARGEST))
                    .which_captures(WhichCaptures::All),
            )
            .build_from_hir(hir)
            .map_err(|_| format!("the pattern takes more than {LARGEST} bytes, compiled"))?;
        let long = PikeVM::new_from_nfa(nfa.clone());
        let short = BoundedBacktracker::builder()
            .configure(backtrack::Config::new().visited_capacity(NOTED))
            .build_from_nfa(nfa);
        Ok(Self {
            short: short.map_err(|error| error.to_string())?,
            long: long.map_err(|error| error.to_string())?,
        })
    }
}

/// What a machine needs while it runs.
#[derive(Debug)]
struct Run<'p> {
    machine: &'p Machine,
    short: Option<backtrack::Cache>,
    long: Option<pikevm::Cache>,
    /// Where the groups of the last fit start and end.
    slots: Vec<Option<NonMaxUsize>>,
}

impl<'p> Run<'p> {
    fn with(machine: &'p Machine) -> Self {
        let slots = machine.long.get_nfa().group_info().slot_len();
        Self {
            machine,
            short: None,
            long: None,
            slots: vec![None; slots],
        }
    }

    fn finds(&mut self, input: &Input<'_>) -> bool {
        let Machine { short, long } = self.machine;
        self.slots.fill(None);
        if input.get_span().len() <= short.max_haystack_len() {
            let cache = self.short.get_or_insert_with(|| short.create_cache());
            let found = short.try_search_slots(cache, input, &mut self.slots);
            if let Ok(found) = found {
                return found.is_some();
            }
        }
        let cache = self.long.get_or_insert_with(|| long.create_cache());
        long.search_slots(cache, input, &mut self.slots).is_some()
    }

    fn group(&self, group: usize) -> Option<Range<usize>> {
        let [start, end] = [2 * group, 2 * group + 1].map(|slot| self.slots.get(slot).copied());
        Some(start??.get()..end??.get())
    }

    fn fit(&self, secret: usize) -> Option<Fit> {
        Some(Fit {
            whole: self.group(0)?,
            secret: self.group(secret),
        })
    }
}

/// Takes upper bounds out of a pattern.
struct Relaxing {
    /// How many groups there are.
    groups: usize,
    bounds: Vec<(usize, usize)>,
}

impl Relaxing {
    fn relaxed(&mut self, hir: &Hir) -> Hir {
        match hir.kind() {
            HirKind::Concat(parts) => Hir::concat(self.each(parts)),
            HirKind::Alternation(options) => Hir::alternation(self.each(options)),
            HirKind::Capture(capture) => Hir::capture(Capture {
                sub: Box::new(self.relaxed(&capture.sub)),
                ..capture.clone()
            }),
            HirKind::Repetition(repetition) => self.repetition(repetition, hir),
            HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {
                hir.clone()
            }
        }
    }

    fn each(&mut self, parts: &[Hir]) -> Vec<Hir> {
        parts.iter().map(|part| self.relaxed(part)).collect()
    }

    /// What comes several times stays as it is within: its groups tell of the last time alone.
    fn repetition(&mut self, repetition: &Repetition, hir: &Hir) -> Hir {
        let Some(most) = repetition.max else {
            return hir.clone();
        };
        if most == 1 {
            return Hir::repetition(Repetition {
                sub: Box::new(self.relaxed(&repetition.sub)),
                ..repetition.clone()
            });
        }
        // What may be empty comes oftener than it has bytes.
        let is_empty = repetition.sub.properties().minimum_len() == Some(0);
        if is_empty || most - repetition.min < SPARED {
            return hir.clone();
        }
        self.groups += 1;
        self.bounds.push((self.groups, most as usize));
        Hir::capture(Capture {
            index: u32::try_from(self.groups).unwrap_or(u32::MAX),
            name: None,
            sub: Box::new(Hir::repetition(Repetition {
                max: None,
                ..repetition.clone()
            })),
        })
    }
}

/// The number of the group that marks the secret.
fn secret_group(hir: &Hir) -> Option<usize> {
    match hir.kind() {
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) | HirKind::Literal(_) => None,
        HirKind::Capture(capture) if capture.name.as_deref() == Some("secret") => {
            Some(capture.index as usize)
        }
        HirKind::Capture(capture) => secret_group(&capture.sub),
        HirKind::Repetition(repetition) => secret_group(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(secret_group),
    }
}

#[cfg(test)]
mod tests {
    use regex::bytes::RegexBuilder;

    use super::*;
    use crate::lab::{Random, sample};
    use crate::rules::RuleSet;

    fn rule(pattern: &str, reach: Reach) -> Rule {
        Rule {
            regex: pattern.to_owned().into(),
            reach,
            ..Rule::default()
        }
    }

    /// The whole and the secret of every fit, by the pattern and by the regex crate.
    fn assert_alike(rule: &Rule, text: &[u8]) -> usize {
        let source = match rule.reach {
            Reach::Anchored => format!("^(?:{})", rule.regex),
            _ => rule.regex.clone().into_owned(),
        };
        let regex = RegexBuilder::new(&source).unicode(false).build().unwrap();
        let pattern = Pattern::of(rule).unwrap();
        let mut search = pattern.search();
        let (mut at, mut count) = (0, 0);
        while at <= text.len() {
            let expected = regex.captures_at(text, at).map(|groups| Fit {
                whole: groups.get(0).unwrap().range(),
                secret: match regex.capture_names().any(|name| name == Some("secret")) {
                    true => groups.name("secret").map(|secret| secret.range()),
                    false => groups.get(0).map(|whole| whole.range()),
                },
            });
            let anchored = rule.reach == Reach::Anchored && at > 0;
            let found = search.find(text, at);
            if !anchored {
                assert_eq!(found, expected, "{} at {at}", rule.regex);
            }
            let Some(fit) = expected else { break };
            count += 1;
            at = fit.whole.end.max(fit.whole.start + 1);
        }
        count
    }

    #[test]
    fn a_pattern_fits_what_its_regex_fits() {
        let patterns = [
            r"ab{1,9}c",
            r"ab{1,9}",
            r"ab{0,12}?c?",
            r"(?P<secret>[ab]{2,11})c",
            r"[ab]{0,10}b(?P<secret>[bc]{1,12})",
            r"(?:a|bc){1,10}",
            r"(?:a{0,9}c){1,3}b",
            r"(?:a|[ab]{1,9}c)?b",
            r"\ba{1,10}?(?:b|$)",
            r"(?:a?){0,20}b",
            r"(?:[ab]{1,9}|c{3,20})(?P<secret>a{1,9})?",
            r"(?:c|(?P<secret>a{1,10}))b",
        ];
        let mut random = Random::new(0x9a77);
        let mut fits = 0;
        for pattern in patterns {
            for reach in [Reach::Anchored, Reach::Around] {
                let rule = rule(pattern, reach);
                for round in 0..150 {
                    let letters: &[u8] = [&b"abc"[..], b"aaaab", b"abbbbbbc", b"ac\xff"][round % 4];
                    let len = random.below(40);
                    let text: Vec<u8> = (0..len)
                        .map(|_| letters[random.below(letters.len())])
                        .collect();
                    fits += assert_alike(&rule, &text);
                }
            }
        }
        assert!(fits > 2_000, "{fits}");
    }

    /// Whether a text is short or long, and its bounds are kept or not.
    #[test]
    fn every_rule_finds_what_its_regex_finds() {
        let rules = RuleSet::builtin();
        let mut random = Random::new(0x9a78);
        let mut fits = 0;
        for rule in rules.iter().filter(|rule| !rule.regex.is_empty()) {
            for round in 0..3 {
                let mut text = sample(rule, &mut random).expect("each rule accepts its samples");
                if round > 0 {
                    let at = random.below(text.len());
                    let more = vec![text[at]; [0, 2, 500][round]];
                    text.splice(at..at, more);
                }
                fits += assert_alike(rule, &text);
            }
        }
        assert!(fits > 1_000, "{fits}");
    }

    #[test]
    fn what_is_too_long_for_the_quick_way_is_found_too() {
        let pattern = r"x(?P<secret>[ab]{3,400})y";
        let mut text = b"x".repeat(90_000);
        text.extend(b"abay xbaby");
        assert_eq!(assert_alike(&rule(pattern, Reach::Around), &text), 2);
    }

    #[test]
    fn bounds_make_no_states() {
        let of = |pattern: &str| Pattern::of(&rule(pattern, Reach::Around)).unwrap();
        let states = |pattern: &Pattern| pattern.relaxed.long.get_nfa().states().len();
        let bounded = of(r"k=(?:[^{}]|\{\}){0,1600}?(?P<secret>[a-z]{4,400})");
        assert!(states(&bounded) < 60, "{}", states(&bounded));
        assert_eq!(bounded.bounds, [(2, 1600), (3, 400)]);
        assert!(bounded.find(b"k=1234abcd").is_some() && bounded.strict.get().is_none());
    }
}
