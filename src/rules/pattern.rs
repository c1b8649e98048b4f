//! Patterns: they confirm what an outline has told may be there.
//!
//! Each is a [program](super::program), which the build has compiled for the catalog's rules, and has no upper bounds.
//! Only where a fit breaks a bound the pattern itself is compiled, and only for a text too long to go through one way
//! after the other the machine of the regex crate that goes all ways at once.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use regex_automata::nfa::thompson::pikevm::{Cache, PikeVM};
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::Hir;

use super::program::{Program, Run, Written};
use super::shape::parse;
use super::{Reach, Rule};

/// The pattern of a rule.
#[derive(Debug)]
pub struct Pattern {
    source: Cow<'static, str>,
    /// Whether it may fit behind the start of a search, too.
    free: bool,
    /// Without upper bounds.
    relaxed: Machine,
    /// The pattern itself.
    strict: OnceLock<Machine>,
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
        let program = Written::relaxed(&parse(&rule.regex)?)?.program()?;
        Ok(Self::with(rule, program))
    }

    /// The pattern of a rule of the catalog, of which the build wrote the program.
    pub(super) fn written(rule: &'static Rule, numbers: &'static [u16]) -> Self {
        Self::with(rule, Program::written(numbers))
    }

    fn with(rule: &Rule, program: Program) -> Self {
        Self {
            source: rule.regex.clone(),
            free: match rule.reach {
                Reach::Anchored => false,
                Reach::Around | Reach::Near | Reach::Named => true,
            },
            relaxed: Machine::of(program),
            strict: OnceLock::new(),
        }
    }

    /// Whether a pattern can be compiled with all its bounds.
    ///
    /// # Errors
    /// Why it cannot.
    pub(super) fn check(rule: &Rule) -> Result<(), String> {
        let hir = parse(&rule.regex)?;
        for written in [Written::strict(&hir)?, Written::relaxed(&hir)?] {
            written.program()?;
        }
        Ok(())
    }

    /// Whether it may go on behind a literal of its rule that ends at `at`: where it does for no literal of a text, it
    /// fits nowhere in it.
    pub(super) fn may_go_on(&self, literal: usize, text: &[u8], at: usize) -> bool {
        Run::default().may_go_on(&self.relaxed.program, literal, text, at)
    }

    /// What is used for searches one after the other.
    pub fn search(&self) -> Search<'_> {
        Search {
            pattern: self,
            relaxed: Searching::default(),
            strict: Searching::default(),
        }
    }

    /// The first fit in a text.
    pub fn find(&self, text: &[u8]) -> Option<Range<usize>> {
        self.search().find(text, 0).map(|fit| fit.whole)
    }

    /// What a way of writing the pattern down makes of it.
    fn compiled(&self, written: fn(&Hir) -> Result<Written, String>) -> Written {
        let written = parse(&self.source).and_then(|hir| written(&hir));
        written.expect("the tests compile each rule of the catalog, `with` each of a user's own")
    }

    fn strict(&self) -> &Machine {
        self.strict.get_or_init(|| {
            let program = self.compiled(Written::strict).program();
            Machine::of(program.expect("it was tried"))
        })
    }
}

/// Searches for a pattern.
#[derive(Debug)]
pub struct Search<'p> {
    pattern: &'p Pattern,
    relaxed: Searching,
    strict: Searching,
}

impl Search<'_> {
    /// The first fit in a text that starts at `from` or behind.
    pub fn find(&mut self, text: &[u8], from: usize) -> Option<Fit> {
        let pattern = self.pattern;
        let input = Input::new(text).range(from..).anchored(match pattern.free {
            true => Anchored::No,
            false => Anchored::Yes,
        });
        let relaxed = || pattern.compiled(Written::relaxed);
        if !self.relaxed.finds(&pattern.relaxed, relaxed, &input) {
            return None;
        }
        let program = &pattern.relaxed.program;
        let keeps = |(group, most)| {
            let group = self.relaxed.group(group);
            group.is_none_or(|group| group.len() <= most)
        };
        if program.bounds().all(keeps) {
            return self.relaxed.fit(program);
        }
        let (machine, strict) = (pattern.strict(), || pattern.compiled(Written::strict));
        self.strict
            .finds(machine, strict, &input)
            .then(|| self.strict.fit(&machine.program))
            .flatten()
    }
}

/// A compiled pattern.
#[derive(Debug)]
struct Machine {
    /// The quick way for what is short.
    program: Program,
    /// The one for the rest, made when it is needed.
    long: OnceLock<PikeVM>,
}

impl Machine {
    fn of(program: Program) -> Self {
        Self {
            program,
            long: OnceLock::new(),
        }
    }
}

/// What a machine needs while it runs, and what it found.
#[derive(Debug, Default)]
struct Searching {
    short: Run,
    long: Option<(Cache, Vec<Option<NonMaxUsize>>)>,
    /// Whether it was the long way that was gone last.
    is_long: bool,
}

impl Searching {
    fn finds(
        &mut self,
        machine: &Machine,
        written: impl FnOnce() -> Written,
        input: &Input<'_>,
    ) -> bool {
        let (text, span) = (input.haystack(), input.get_span());
        self.is_long = !machine.program.takes(span.len());
        if !self.is_long {
            let free = input.get_anchored() == Anchored::No;
            return self.short.finds(&machine.program, text, span.start, free);
        }
        let long = machine.long.get_or_init(|| {
            let long = PikeVM::new_from_nfa(written().into_nfa());
            long.expect("what has no looks for letters beyond ASCII can be searched for")
        });
        let (cache, slots) = self.long.get_or_insert_with(|| {
            let slots = long.get_nfa().group_info().slot_len();
            (long.create_cache(), vec![None; slots])
        });
        long.search_slots(cache, input, slots).is_some()
    }

    fn group(&self, group: usize) -> Option<Range<usize>> {
        if !self.is_long {
            return self.short.group(group);
        }
        let (_, slots) = self.long.as_ref()?;
        let [start, end] = [2 * group, 2 * group + 1].map(|slot| slots.get(slot).copied());
        Some(start??.get()..end??.get())
    }

    fn fit(&self, program: &Program) -> Option<Fit> {
        Some(Fit {
            whole: self.group(0)?,
            secret: self.group(program.secret()),
        })
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
        let states = |pattern: &Pattern| pattern.relaxed.program.states();
        let bounded = of(r"k=(?:[^{}]|\{\}){0,1600}?(?P<secret>[a-z]{4,400})");
        assert!(states(&bounded) < 60, "{}", states(&bounded));
        let bounds: Vec<_> = bounded.relaxed.program.bounds().collect();
        assert_eq!(bounds, [(2, 1600), (3, 400)]);
        assert!(bounded.find(b"k=1234abcd").is_some() && bounded.strict.get().is_none());
    }
}
