//! Finds candidates in a text and judges them.
//!
//! One pass over the text gives the places where a rule's literal or a provider's name stands. Only
//! there a regex is tried, and what it fits is [judged](judge()). What is [wrapped](crate::unwrap) in
//! the text takes the same way.

mod assigned;
mod boundary;
pub(crate) mod context;
mod judge;
mod judgement;
#[cfg(test)]
mod oracle;
mod shape;
#[cfg(test)]
mod wrapped;

use std::collections::BTreeMap;
use std::ops::Range;
use std::thread;

pub use self::context::Evidence;
pub use self::judge::judge;
pub use self::judgement::{Judgement, Rejection, Shape, Unfit};

use self::context::Words;
use crate::assignment::{self, Assignment};
use crate::filetype::FileType;
use crate::finding::Confidence;
use crate::prefilter::Hit;
use crate::rules::{Reach, Rule, RuleSet};
use crate::text::Text;
use crate::unwrap::{self, Wrapping};

/// How far a pattern may start before its keyword, in bytes.
const PATTERN_REACH: usize = 512;

/// How many refused tokens may overlap at one place.
const REFUSED_OVERLAP: usize = 8;

/// How many lines may lie between the two halves of a pair.
const COMPANION_LINES: usize = 5;

/// A span of a text that has the shape of a secret.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The rule whose shape it has.
    pub rule: &'a Rule,
    /// The secret's bytes in the text; of a wrapped one, what wraps it.
    pub span: Range<usize>,
    /// What stands there, unwrapped.
    pub secret: &'a [u8],
    /// The text around it, and where the secret lies in it, is what context is judged by.
    pub text: &'a [u8],
    /// What names the provider near by; always there where the rule asks for it.
    pub evidence: Option<Evidence<'a>>,
    /// The name that the secret is assigned to, where the rule goes by names.
    pub assignment: Option<Assignment>,
    /// How many bytes of the secret are the public start of its format.
    pub public: usize,
    /// The characters are not those of the format, though its prefix and length are.
    pub loose: bool,
    /// How it is wrapped in the text, if it is.
    pub wrapping: Option<Wrapping>,
}

impl<'a> Candidate<'a> {
    /// What stands in a span of the text, as it is, for a rule whose regex fits it.
    fn at(rule: &'a Rule, text: &'a [u8], span: Range<usize>) -> Self {
        Self {
            rule,
            secret: &text[span.clone()],
            span,
            text,
            evidence: None,
            assignment: None,
            public: rule.prefix.len(),
            loose: false,
            wrapping: None,
        }
    }

    /// The secret without the public start of its format.
    pub fn body(&self) -> &[u8] {
        self.secret.get(self.public..).unwrap_or_default()
    }
}

/// A candidate that was judged to be a secret.
#[derive(Clone, Debug)]
pub struct Detection<'a> {
    /// What it is.
    pub candidate: Candidate<'a>,
    /// How sure that is, and why.
    pub judgement: Judgement,
    /// Where the other half of a pair stands.
    pub companion: Option<Range<usize>>,
}

/// What is looked at: a text, or what is wrapped in it.
#[derive(Clone, Copy, Debug)]
struct Source<'a> {
    bytes: &'a [u8],
    binary: bool,
    file_type: FileType,
}

impl<'a> Source<'a> {
    fn of(text: &'a Text<'_>) -> Self {
        Self {
            bytes: text.bytes(),
            binary: text.is_binary(),
            file_type: text.file_type(),
        }
    }
}

/// How long a text is that one thread goes through alone, in bytes: at a gigabyte a second
/// (`benches/detector.rs`) it is a millisecond's work, of which starting a thread must stay a small
/// part.
const ALONE: usize = 1 << 20;

/// What the keywords of a text, or of a part of it, lead to.
#[derive(Debug, Default)]
struct Sightings<'a> {
    /// The candidates of anchored rules.
    anchored: Vec<Candidate<'a>>,
    /// What is assigned to the names of generic rules.
    assigned: Vec<Candidate<'a>>,
    /// Where a pattern is to be sought, by rule.
    around: BTreeMap<usize, Vec<Range<usize>>>,
    /// The names of providers.
    words: Words,
    /// Where something may be wrapped.
    marks: Marks,
}

/// Where something may be wrapped in a text.
#[derive(Debug, Default)]
struct Marks {
    /// The closing quotes of literals that go on in the next one.
    joints: Vec<usize>,
    /// Whether it holds a manifest of a Kubernetes Secret.
    manifest: bool,
}

impl Sightings<'_> {
    /// Adds those of the part behind.
    fn append(&mut self, mut behind: Self) {
        self.anchored.append(&mut behind.anchored);
        self.assigned.append(&mut behind.assigned);
        for (number, windows) in behind.around {
            let own = self.around.entry(number).or_default();
            for window in windows {
                push_window(own, window);
            }
        }
        self.words.append(behind.words);
        self.marks.joints.append(&mut behind.marks.joints);
        self.marks.manifest |= behind.marks.manifest;
    }
}

/// Finds secrets in texts by the rules of a set.
#[derive(Clone, Copy, Debug)]
pub struct Detector<'r> {
    rules: &'r RuleSet,
}

impl<'r> Detector<'r> {
    /// A detector for these rules.
    pub fn new(rules: &'r RuleSet) -> Self {
        Self { rules }
    }

    /// The secrets of a text, each claimed by the one rule that says most about it, in order.
    pub fn detect<'a>(&'a self, text: &'a Text<'_>) -> Vec<Detection<'a>> {
        let mut judged = Vec::new();
        let mut refused = Vec::new();
        self.each_judged(text, |candidate, judgement| match judgement {
            Ok(judgement) => judged.push((candidate, judgement)),
            Err(Rejection::Checksum(_)) if candidate.rule.reach != Reach::Around => {
                refused.push(candidate);
            }
            Err(_) => {}
        });
        drop_refused(&mut judged, refused);
        self.settle(text, judged)
    }

    /// Every candidate of a text with the judgement on it, also those that are no secrets: for
    /// tests, and for people who ask why not.
    pub fn explain<'a>(
        &'a self,
        text: &'a Text<'_>,
    ) -> Vec<(Candidate<'a>, Result<Judgement, Rejection>)> {
        let mut all = Vec::new();
        self.each_judged(text, |candidate, judgement| {
            all.push((candidate, judgement))
        });
        all
    }

    /// Gives every candidate with the judgement on it: those that stand in the text as they are, then
    /// those that are wrapped in it.
    fn each_judged<'a>(
        &'a self,
        text: &'a Text<'_>,
        mut found: impl FnMut(Candidate<'a>, Result<Judgement, Rejection>),
    ) {
        let bytes = text.bytes();
        let source = Source::of(text);
        let marks = self.candidates(source, |candidate| {
            let judgement = judge(&candidate);
            found(candidate, judgement);
        });
        let unwrap = |bytes: &[u8]| unwrap::unwrap(bytes, &marks.joints, marks.manifest);
        for unwrapped in text.unwrapped(unwrap) {
            let source = Source {
                bytes: unwrapped.bytes(),
                ..source
            };
            self.candidates(source, |mut candidate| {
                let Some((span, wrapping)) = unwrapped.origin(bytes, &candidate.span) else {
                    return;
                };
                let judgement = judge(&candidate).map(|judgement| Judgement {
                    why: format!("{wrapping}; {}", judgement.why),
                    ..judgement
                });
                candidate.span = span;
                candidate.wrapping = Some(wrapping);
                found(candidate, judgement);
            });
        }
    }

    /// Gives every candidate of the bytes, and what marks the places where something may be wrapped.
    fn candidates<'a>(&'a self, source: Source<'a>, mut found: impl FnMut(Candidate<'a>)) -> Marks {
        let bytes = source.bytes;
        let Sightings {
            anchored,
            around,
            assigned,
            mut words,
            marks,
        } = self.sight(source);
        assigned.into_iter().for_each(&mut found);
        anchored.into_iter().for_each(&mut found);
        for (number, windows) in around {
            let rule = self.rules.get(number);
            for window in windows {
                self.search(number, rule, bytes, window, |span| {
                    found(Candidate::at(rule, bytes, span));
                });
            }
        }
        for (number, hits) in words.sorted() {
            let rule = self.rules.get(number);
            for window in context::windows(bytes, rule, hits) {
                self.search_tokens(number, rule, bytes, window, |span| {
                    if let Some(evidence) = context::evidence(bytes, &span, rule, hits) {
                        found(Candidate {
                            evidence: Some(evidence),
                            ..Candidate::at(rule, bytes, span)
                        });
                    }
                });
            }
        }
        marks
    }

    /// What the keywords of a text lead to. Each core goes through a part of a long text.
    fn sight<'a>(&'a self, source: Source<'a>) -> Sightings<'a> {
        let bytes = source.bytes;
        let parts = if bytes.len() < ALONE {
            1
        } else {
            thread::available_parallelism().map_or(1, usize::from)
        };
        let len = bytes.len().div_ceil(parts);
        let part =
            |number: usize| (number * len).min(bytes.len())..((number + 1) * len).min(bytes.len());
        if parts == 1 {
            return self.sight_part(source, part(0));
        }
        thread::scope(|scope| {
            let others: Vec<_> = (1..parts)
                .map(|number| {
                    let work = move || self.sight_part(source, part(number));
                    (number, thread::Builder::new().spawn_scoped(scope, work))
                })
                .collect();
            let mut all = self.sight_part(source, part(0));
            for (number, other) in others {
                all.append(match other {
                    Ok(other) => other.join().expect("a panic ends the process"),
                    // There is no thread to be had.
                    Err(_) => self.sight_part(source, part(number)),
                });
            }
            all
        })
    }

    /// As `sight`, for the keywords whose grams stand in one part of the text.
    fn sight_part<'a>(&'a self, source: Source<'a>, part: Range<usize>) -> Sightings<'a> {
        let Source { bytes, binary, .. } = source;
        // The rule and the keyword of a name that may go on: its last keyword says what it is.
        let mut named: Option<(usize, Range<usize>)> = None;
        let end = part.end;
        let mut sightings = Sightings::default();
        let mut runs = (boundary::RunBefore::default(), shape::RunBehind::default());
        self.rules.prefilter().each_hit(bytes, part, |hit| {
            let (keyword, hit) = match hit {
                Hit::Rule {
                    keyword,
                    start,
                    end,
                } => (keyword, start..end),
                Hit::Joint(at) => {
                    if unwrap::is_joint(bytes, at) {
                        sightings.marks.joints.push(at);
                    }
                    return;
                }
                Hit::Manifest => {
                    sightings.marks.manifest = true;
                    return;
                }
            };
            for place in self.rules.uses(keyword) {
                let number = usize::from(place.rule);
                if !self.rules.is_on(number) {
                    continue;
                }
                let rule = self.rules.get(number);
                if binary && !shape::is_distinctive(rule) {
                    continue;
                }
                match rule.reach {
                    Reach::Anchored => {
                        let literal = &rule.literals[usize::from(place.literal)];
                        if bytes[hit.start..hit.end] != *literal.text.as_bytes() {
                            continue;
                        }
                        let first = hit.start.saturating_sub(literal.max_before);
                        let last = hit.start.checked_sub(literal.min_before);
                        for start in first..last.map_or(first, |last| last + 1) {
                            // What ends before the literal is another token, with a hit of its own.
                            if let Some(mut candidate) = self
                                .try_at(number, rule, bytes, start, &mut runs)
                                .filter(|candidate| candidate.span.end >= hit.end)
                            {
                                if start == hit.start {
                                    candidate.public = hit.end - hit.start;
                                }
                                if !candidate.loose {
                                    for half in self.rules.other_halves(number) {
                                        sightings.words.note_half(half, candidate.span.clone());
                                    }
                                }
                                sightings.anchored.push(candidate);
                            }
                        }
                    }
                    Reach::Around => {
                        let start = hit.start.saturating_sub(PATTERN_REACH);
                        let end = (hit.end + rule.max_len).min(bytes.len());
                        push_window(sightings.around.entry(number).or_default(), start..end);
                    }
                    Reach::Named => {
                        let keyword = hit.start..hit.end;
                        match &named {
                            // Hits are nearly in order: the later of two may come first.
                            Some((_, other)) if assignment::goes_on(bytes, &keyword, other) => {}
                            Some((_, other)) if assignment::goes_on(bytes, other, &keyword) => {
                                named = Some((number, keyword));
                            }
                            _ => {
                                if let Some((rule, keyword)) = named.replace((number, keyword)) {
                                    let assigned = self.assigned(rule, source, &keyword);
                                    sightings.assigned.extend(assigned);
                                }
                            }
                        }
                    }
                    Reach::Near => {
                        if context::is_piece(bytes, &(hit.start..hit.end)) {
                            let literal = usize::from(place.literal);
                            sightings.words.note(number, hit.start..hit.end, literal);
                        }
                    }
                }
            }
        });
        if let Some((number, keyword)) = named
            && !self.goes_on_behind(bytes, &keyword, end)
        {
            sightings
                .assigned
                .extend(self.assigned(number, source, &keyword));
        }
        sightings
    }

    /// Whether the name that holds a keyword goes on to another one behind the end of a part, which
    /// the next part sees.
    fn goes_on_behind(&self, bytes: &[u8], keyword: &Range<usize>, end: usize) -> bool {
        let mut goes_on = false;
        let name_end = assignment::name_end(bytes, keyword);
        let behind = end..name_end.max(end);
        self.rules.prefilter().each_hit(bytes, behind, |hit| {
            if let Hit::Rule {
                keyword: other,
                start,
                end,
            } = hit
            {
                goes_on |= self.rules.uses(other).iter().any(|place| {
                    let number = usize::from(place.rule);
                    self.rules.is_on(number) && self.rules.get(number).reach == Reach::Named
                }) && assignment::goes_on(bytes, keyword, &(start..end));
            }
        });
        goes_on
    }

    /// What is assigned to the name that holds a keyword.
    fn assigned<'a>(
        &'a self,
        number: usize,
        source: Source<'a>,
        keyword: &Range<usize>,
    ) -> Option<Candidate<'a>> {
        let assignment = assignment::find(source.bytes, keyword, source.file_type)?;
        let rule = self.rules.get(number);
        Some(Candidate {
            public: self.public_start(source.bytes, &assignment.value),
            assignment: Some(assignment.clone()),
            ..Candidate::at(rule, source.bytes, assignment.value)
        })
    }

    /// How many bytes at the start of a value are those of a format, whether it fits or not.
    fn public_start(&self, bytes: &[u8], value: &Range<usize>) -> usize {
        /// Longer are only those of URLs and documents, which say more than a start does.
        const LONGEST: usize = 32;
        let mut longest = 0;
        let end = value.end.min(value.start + LONGEST);
        let prefilter = self.rules.prefilter();
        prefilter.each_at(&bytes[..end], value.start, |keyword, literal_end| {
            let is_literal = self.rules.uses(keyword).iter().any(|place| {
                let rule = self.rules.get(usize::from(place.rule));
                rule.reach == Reach::Anchored
                    && rule.literals[usize::from(place.literal)].text.as_bytes()
                        == &bytes[value.start..literal_end]
            });
            if is_literal {
                longest = longest.max(literal_end - value.start);
            }
        });
        longest
    }

    /// Tries an anchored rule at one place.
    fn try_at<'a>(
        &'a self,
        number: usize,
        rule: &'a Rule,
        bytes: &'a [u8],
        start: usize,
        (before, behind): &mut (boundary::RunBefore, shape::RunBehind),
    ) -> Option<Candidate<'a>> {
        if !boundary::holds_behind(bytes, start, rule, before) {
            return None;
        }
        let end = (start + rule.max_len + 1).min(bytes.len());
        let exact = rule
            .may_start(&bytes[start..end])
            .then(|| self.rules.regex(number).find(&bytes[start..end]))
            .flatten()
            .map(|m| start..start + m.end())
            .filter(|span| {
                span.len() <= rule.max_len && boundary::holds_after(bytes, span.end, rule)
            });
        let (span, loose) = match exact {
            Some(span) => (span, false),
            None => (shape::loose(bytes, start, rule, behind)?, true),
        };
        Some(Candidate {
            loose,
            ..Candidate::at(rule, bytes, span)
        })
    }

    /// Every token in a window that a rule's regex fits. What fits from the middle of a longer token
    /// is none, and hides none that starts within it.
    fn search_tokens(
        &self,
        number: usize,
        rule: &Rule,
        bytes: &[u8],
        window: Range<usize>,
        mut found: impl FnMut(Range<usize>),
    ) {
        if !rule.may_fit(&bytes[window.clone()]) {
            return;
        }
        let regex = self.rules.regex(number);
        let mut from = window.start;
        while let Some(fit) = regex.find(&bytes[from..window.end]) {
            let span = from + fit.start()..from + fit.end();
            if span.len() <= rule.max_len && boundary::holds(bytes, &span, rule) {
                found(span.clone());
            }
            from = span.start + 1;
            while from < window.end && !boundary::holds_before(bytes, from, rule) {
                from += 1;
            }
        }
    }

    /// Every place in a window that a rule's regex fits; the span of the secret is given.
    fn search(
        &self,
        number: usize,
        rule: &Rule,
        bytes: &[u8],
        window: Range<usize>,
        mut found: impl FnMut(Range<usize>),
    ) {
        let (offset, haystack) = (window.start, &bytes[window]);
        if !rule.may_fit(haystack) {
            return;
        }
        let regex = self.rules.regex(number);
        if rule.grouped {
            for captures in regex.captures_iter(haystack) {
                if let Some(secret) = captures.name("secret") {
                    found(offset + secret.start()..offset + secret.end());
                }
            }
        } else {
            for whole in regex.find_iter(haystack) {
                found(offset + whole.start()..offset + whole.end());
            }
        }
    }

    /// One secret, one detection: of those that overlap, the one whose rule says most.
    fn settle<'a>(
        &self,
        text: &Text<'_>,
        mut judged: Vec<(Candidate<'a>, Judgement)>,
    ) -> Vec<Detection<'a>> {
        level_equal_spans(&mut judged);
        drop_parts(&mut judged);
        judged.sort_by_key(|(candidate, judgement)| {
            let rule = candidate.rule;
            std::cmp::Reverse((
                judgement.confidence > Confidence::Possible,
                !rule.generic,
                rule.reach != Reach::Named,
                // A rule for the base64 of a thing names it better than the rule for the thing.
                rule.literal_len > 0 && candidate.wrapping != Some(Wrapping::Base64),
                rule.literal_len,
                candidate.evidence.as_ref().map(Evidence::weight),
                candidate.span.len(),
                candidate.wrapping.is_none(),
                judgement.confidence,
            ))
        });
        let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
        judged.retain(|(candidate, _)| {
            let span = &candidate.span;
            let free = taken
                .range(..span.end)
                .next_back()
                .is_none_or(|(_, &end)| end <= span.start);
            if free {
                taken.insert(span.start, span.end);
            }
            free && !candidate.rule.public
        });
        judged.sort_by_key(|(candidate, _)| candidate.span.start);

        let mut detections: Vec<Detection<'a>> = judged
            .into_iter()
            .map(|(candidate, judgement)| Detection {
                candidate,
                judgement,
                companion: None,
            })
            .collect();
        join_pairs(text, &mut detections);
        detections
    }
}

/// Candidates for one span are one secret: what speaks for it under one rule speaks for it under
/// each, so that the rule of a named service may claim what a generic rule is sure of.
fn level_equal_spans(judged: &mut [(Candidate<'_>, Judgement)]) {
    judged.sort_by_key(|(candidate, _)| (candidate.span.start, candidate.span.end));
    for group in judged.chunk_by_mut(|(a, _), (b, _)| a.span == b.span) {
        let surest = group
            .iter()
            .filter(|(candidate, _)| !candidate.rule.public && !candidate.loose)
            .map(|(_, judgement)| judgement.confidence)
            .max();
        // What only starts like a rule's secrets claims nothing from the rule that it fits.
        for (_, judgement) in group.iter_mut().filter(|(candidate, _)| !candidate.loose) {
            judgement.confidence = judgement
                .confidence
                .max(surest.unwrap_or(judgement.confidence));
        }
    }
}

/// Drops what a rule that says less finds within a token whose check fails: it is no key, so nor is
/// a part of it. Without a start of its own a token may be of another kind, which the check of
/// that kind tells, and a generic rule tells nothing of a named service's: there the whole is left
/// to others.
fn drop_refused(judged: &mut Vec<(Candidate<'_>, Judgement)>, mut refused: Vec<Candidate<'_>>) {
    refused.sort_by_key(|candidate| candidate.span.start);
    judged.retain(|(candidate, _)| {
        let span = &candidate.span;
        let before = refused.partition_point(|refused| refused.span.start <= span.start);
        // Tokens of one text hardly overlap: the last few that start before it may cover it.
        !refused[before.saturating_sub(REFUSED_OVERLAP)..before]
            .iter()
            .any(|refused| {
                let rule = refused.rule;
                let whole = (rule.reach == Reach::Near || rule.generic) && refused.span == *span;
                // A rule for the base64 of a thing knows the thing.
                let unwraps = candidate.wrapping == Some(Wrapping::Base64)
                    && candidate.rule.generic
                    && refused.wrapping.is_none()
                    && rule.literal_len > 0;
                // A name alone says less than any format.
                let named = candidate.rule.reach == Reach::Named;
                let says_more = rule.literal_len > candidate.rule.literal_len && !whole;
                refused.span.end >= span.end && (unwraps || named || says_more)
            })
    });
}

/// Drops what is a part of a longer token: the `sk_...` of `hl_sk_...`. The spans are sorted by
/// their starts.
fn drop_parts(judged: &mut Vec<(Candidate<'_>, Judgement)>) {
    // The longest token so far; and the longest of any confidence, in which what has no literal of
    // its own is chance.
    let (mut longest, mut longest_possible) = (0..0, 0..0);
    judged.retain(|(candidate, judgement)| {
        let span = &candidate.span;
        let within = |token: &Range<usize>| span.start > token.start && span.end <= token.end;
        if within(&longest) || (candidate.rule.literal_len == 0 && within(&longest_possible)) {
            return false;
        }
        if candidate.rule.reach == Reach::Anchored && !candidate.loose {
            if judgement.confidence > Confidence::Possible && span.end > longest.end {
                longest = span.clone();
            }
            if span.end > longest_possible.end {
                longest_possible = span.clone();
            }
        }
        true
    });
}

/// Joins each secret that has another half near by with it: the half alone is no finding then.
fn join_pairs(text: &Text<'_>, detections: &mut Vec<Detection<'_>>) {
    let mut absorbed = vec![false; detections.len()];
    for at in 0..detections.len() {
        let Some(wanted) = detections[at].candidate.rule.companion.as_deref() else {
            continue;
        };
        let line = text.line_of(detections[at].candidate.span.start);
        let near = |other: usize| {
            text.line_of(detections[other].candidate.span.start)
                .abs_diff(line)
                <= COMPANION_LINES
        };
        let nearest = (0..at)
            .rev()
            .take_while(|&other| near(other))
            .chain((at + 1..detections.len()).take_while(|&other| near(other)))
            .find(|&other| !absorbed[other] && detections[other].candidate.rule.id == wanted);
        if let Some(other) = nearest {
            absorbed[other] = true;
            detections[at].companion = Some(detections[other].candidate.span.clone());
            let alone = &mut detections[at].judgement.confidence;
            *alone = match alone {
                Confidence::Possible => Confidence::Likely,
                Confidence::Likely | Confidence::Certain => Confidence::Certain,
            };
        }
    }
    let mut number = 0;
    detections.retain(|_| {
        number += 1;
        !absorbed[number - 1]
    });
}

/// Adds a window to a list of disjoint ones, nearly in order.
fn push_window(windows: &mut Vec<Range<usize>>, window: Range<usize>) {
    match windows.last_mut() {
        Some(last) if last.end >= window.start => {
            last.start = last.start.min(window.start);
            last.end = last.end.max(window.end);
        }
        _ => windows.push(window),
    }
}
