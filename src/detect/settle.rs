//! One secret, one detection: of the candidates for one place, the one whose rule says most.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Detection, Settled, Trace};
use crate::candidate::{self, Candidate, Evidence};
use crate::confidence::Confidence;
use crate::filetype::Syntax;
use crate::judge::context::ends_url;
use crate::judge::in_test::is_in_test;
use crate::judge::{self, Judgement};
use crate::rules::{Reach, Rule};
use crate::text::Text;
use crate::unwrap::Wrapping;
use crate::words::contains;

/// How many lines may lie between the two halves of a pair. A weight: files of settings write them in
/// one block; not measured.
pub(super) const COMPANION_LINES: usize = 5;

pub(super) type Judged<'a> = (Candidate<'a>, Judgement);

/// A token on which its judge had the last word.
#[derive(Clone, Debug)]
pub(super) struct Refused<'a> {
    pub(super) token: Candidate<'a>,
    /// Its check fails, so that it is no key of that service, whatever its name says. Else it is spent, or stands for
    /// a key.
    pub(super) by_check: bool,
}

/// Settles on the secrets of a section of a text, in the order in which they stand. Those of two halves are not put
/// together yet: [`Pairs`](super::pairs::Pairs) does that.
pub(super) fn settle<'a>(
    text: &Text<'_>,
    mut judged: Vec<Judged<'a>>,
    refused: &[Refused<'a>],
    trace: &mut dyn Trace,
) -> Vec<Judged<'a>> {
    drop_refused(&mut judged, refused, text.file_type().example, trace);
    doubt_made_up(text, &mut judged);
    level_equal_spans(&mut judged);
    drop_parts(&mut judged, trace);
    claim(&mut judged, trace);
    judged
}

/// A password of a login that is short and words, or for a host that nobody has, is only possible in a test, wherever that
/// stands, a document or another example. That is said before places are claimed: what a lesser rule is sure of stands.
fn doubt_made_up(text: &Text<'_>, judged: &mut [Judged<'_>]) {
    let is_example = text.file_type().example;
    for (candidate, judgement) in judged {
        let is_in_sample = || is_example || is_in_test(candidate.text(), candidate.place.start);
        let is_shown = judge::is_made_up(candidate) || judge::is_for_nobody(candidate);
        if is_shown && is_in_sample() {
            judgement.confidence = Confidence::Possible;
        }
    }
}

/// What is of no use by itself where it stands is only possible: an id without its secret in a test, and in
/// a document or a page what ends by itself within days. An id in a document is one that its reader is to use, or a
/// published example, but for one in an address, which is signed and ends.
pub(super) fn doubt_in_samples(text: &Text<'_>, detections: &mut [Detection<'_>]) {
    let file_type = text.file_type();
    for detection in detections {
        let rule = detection.candidate.rule;
        let is_half = detection.companion.is_none() && !rule.other_halves.is_empty();
        let is_document = file_type.syntax == Syntax::Prose;
        let is_used = || is_document && !is_in_address(&detection.candidate);
        let is_read = is_document || file_type.page;
        if file_type.example && is_half && !is_used() || is_read && rule.short_lived {
            detection.judgement.confidence = Confidence::Possible;
        }
    }
}

/// Whether a candidate stands in a URL.
fn is_in_address(candidate: &Candidate<'_>) -> bool {
    /// A bound: how far back its start is looked for.
    const REACH: usize = 1024;
    let start = candidate.place.start;
    let before = &candidate.text()[start.saturating_sub(REACH)..start];
    let word = before.rsplit(|&b| ends_url(b)).next();
    word.is_some_and(|word| contains(word, b"://") || word.contains(&b'?'))
}

/// What a rule says of a secret, by which it claims it: the first field in which two candidates differ
/// decides, and the greater has it. Of two that say the same, the one that was found first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// It is sure enough to be told: what is only possible hides no secret.
    counts: bool,
    /// The rule knows which service the secret opens.
    names_service: bool,
    /// The secret has a form: a name alone says less.
    has_form: bool,
    /// A part of the secret is fixed, and it stands as it is written. A rule for the base64 of a thing
    /// names it better than the rule for the thing.
    has_literal: bool,
    /// How many characters of the secret are fixed.
    literal_len: usize,
    /// How near the provider's name stands.
    evidence: Option<candidate::Weight>,
    /// How long the secret is: the whole says more than a part.
    len: usize,
    /// It stands in the text as it is.
    is_plain: bool,
    /// How sure it is.
    confidence: Confidence,
}

impl Rank {
    fn of((candidate, judgement): &Judged<'_>) -> Self {
        let rule = candidate.rule;
        Self {
            counts: judgement.confidence > Confidence::Possible,
            names_service: !rule.generic,
            has_form: rule.reach != Reach::Named,
            has_literal: rule.literal_len > 0
                && !candidate.wrapping.is_some_and(Wrapping::is_base64),
            literal_len: rule.literal_len,
            evidence: candidate.evidence.as_deref().map(Evidence::weight),
            len: candidate.span.len(),
            is_plain: candidate.wrapping.is_none(),
            confidence: judgement.confidence,
        }
    }
}

/// Leaves each place of the text to the candidate of the highest rank, in the order of the text. What
/// is public by design takes its place and is dropped. The spans are sorted by their starts.
fn claim(judged: &mut Vec<Judged<'_>>, trace: &mut dyn Trace) {
    let mut keeps = vec![false; judged.len()];
    let mut first = 0;
    // Those whose spans overlap, each with some other: what lies apart has no claim on the same place.
    while let Some((candidate, _)) = judged.get(first) {
        let (mut end, mut behind) = (candidate.span.end, first + 1);
        while let Some((next, _)) = judged.get(behind)
            && next.span.start < end
        {
            end = end.max(next.span.end);
            behind += 1;
        }
        claim_one_place(&judged[first..behind], &mut keeps[first..behind], trace);
        first = behind;
    }
    let mut keeps = keeps.into_iter();
    judged.retain(|_| keeps.next().unwrap_or_default());
}

/// Tells which of the candidates keep their places whose spans overlap.
fn claim_one_place(judged: &[Judged<'_>], keeps: &mut [bool], trace: &mut dyn Trace) {
    if let [(candidate, judgement)] = judged {
        keeps[0] = !candidate.rule.public;
        if candidate.rule.public {
            trace.settled(candidate, judgement, Settled::Public);
        }
        return;
    }
    let mut order: Vec<usize> = (0..judged.len()).collect();
    order.sort_by_cached_key(|&at| Reverse(Rank::of(&judged[at])));
    let mut taken: BTreeMap<usize, (usize, &Rule)> = BTreeMap::new();
    for at in order {
        let (candidate, judgement) = &judged[at];
        let (span, rule) = (&candidate.span, candidate.rule);
        let before = taken.range(..span.end).next_back();
        let claimed = before.filter(|(_, (end, _))| *end > span.start);
        let why = match claimed {
            // It was found twice, by two of the rule's literals.
            Some((&start, &(end, by))) if (start..end) == *span && by.id == rule.id => continue,
            Some((_, (_, by))) => Settled::Claimed(&by.id),
            None => {
                taken.insert(span.start, (span.end, rule));
                if !rule.public {
                    keeps[at] = true;
                    continue;
                }
                Settled::Public
            }
        };
        trace.settled(candidate, judgement, why);
    }
}

/// Candidates for one span are one secret: what speaks for it under one rule speaks for it under
/// each, so that the rule of a named service may claim what a generic rule is sure of. Sorts them by
/// their spans.
fn level_equal_spans(judged: &mut [Judged<'_>]) {
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

/// Drops what a rule that says less finds within a token that was refused: it is no key, so nor is
/// a part of it. What a name says of it as a whole stands, where no more than its check was wrong; in a test, a document
/// or another `example` it is made up like that, and only possible. Sorts by the starts.
fn drop_refused(
    judged: &mut Vec<Judged<'_>>,
    refused: &[Refused<'_>],
    example: bool,
    trace: &mut dyn Trace,
) {
    if refused.is_empty() {
        return;
    }
    judged.sort_by_key(|(candidate, _)| candidate.span.start);
    let by_name =
        |candidate: &Candidate<'_>| candidate.rule.generic && candidate.rule.reach == Reach::Named;
    let finally = refused.iter().filter(|it| !it.by_check);
    let finally = finally.map(|it| &it.token).collect();
    let all = refused.iter().map(|it| &it.token).collect();
    keep_outside(judged, all, trace, |(candidate, judgement)| {
        if example && by_name(candidate) {
            judgement.confidence = Confidence::Possible;
        }
        by_name(candidate)
    });
    keep_outside(judged, finally, trace, |(candidate, _)| !by_name(candidate));
}

/// Keeps the candidates that lie within no token that says more, and of the others those that `keeps` says. All are
/// sorted by their starts.
fn keep_outside<'a>(
    judged: &mut Vec<Judged<'a>>,
    mut refused: Vec<&Candidate<'_>>,
    trace: &mut dyn Trace,
    keeps: impl Fn(&mut Judged<'a>) -> bool,
) {
    refused.sort_by_key(|candidate| candidate.span.start);
    let mut covers = Covers::default();
    // Base64 of base64 has the format of much; what its check says is not of what it holds.
    let mut inner = Covers::default();
    let is_inner = |candidate: &Candidate<'_>| candidate.wrapping == Some(Wrapping::Base64Twice);
    let ends = Ends::of(&refused);
    // The refused tokens that start before the candidate, and those that start no later.
    let (mut before, mut until) = (0, 0);
    judged.retain_mut(|one| {
        let candidate = &one.0;
        let start = candidate.span.start;
        while let Some(next) = refused.get(before).filter(|next| next.span.start < start) {
            covers.starting_before(next);
            if is_inner(next) {
                inner.starting_before(next);
            }
            before += 1;
        }
        while let Some(next) = refused.get(until).filter(|next| next.span.start <= start) {
            covers.starting_no_later(next);
            if is_inner(next) {
                inner.starting_no_later(next);
            }
            until += 1;
        }
        let held = match is_inner(candidate) {
            true => inner.hold(candidate),
            false => covers.hold(candidate) || ends.hold(candidate),
        };
        let stays = !held || keeps(one);
        if !stays {
            trace.settled(&one.0, &one.1, Settled::Refused);
        }
        stays
    });
}

/// Where refused tokens end and start.
#[derive(Debug)]
struct Ends(BTreeSet<(usize, usize)>);

impl Ends {
    fn of(refused: &[&Candidate<'_>]) -> Self {
        let marked = refused.iter().filter(|token| token.rule.literal_len > 0);
        Self(
            marked
                .map(|token| (token.span.end, token.span.start))
                .collect(),
        )
    }

    /// Whether a value that only has a name is a refused token with something short before it: `v1,whsec_...`.
    fn hold(&self, candidate: &Candidate<'_>) -> bool {
        /// A weight: what stands before it tells a version or a kind. Not measured.
        const BEFORE: usize = 8;
        let Range { start, end } = candidate.span;
        candidate.rule.reach == Reach::Named
            && self
                .0
                .range((end, start)..=(end, start + BEFORE))
                .next()
                .is_some()
    }
}

/// What the refused tokens cover that start before a place, or at it.
#[derive(Debug, Default)]
struct Covers {
    /// All of them.
    all: Reaches,
    /// Those with a format that any service may use: JSON web tokens.
    any_service: Reaches,
    /// Those that stand in the text as they are.
    plain: Reaches,
    /// Those that also refuse a candidate for the very same bytes.
    even_equal: Reaches,
    /// Those that refuse only a part of them: by whether they start before the place, or may start at
    /// it.
    part_before: Reaches,
    part_no_later: Reaches,
}

impl Covers {
    /// Whether a refused token may be a secret of another kind as a whole. Without a start of its own
    /// it may, which the check of that kind tells; and a generic rule tells nothing of a named
    /// service's. Then it refuses only parts of itself.
    fn leaves_whole(refused: &Candidate<'_>) -> bool {
        refused.rule.reach == Reach::Near || refused.rule.generic
    }

    fn starting_no_later(&mut self, refused: &Candidate<'_>) {
        self.all.add(refused);
        if refused.rule.generic && refused.rule.reach == Reach::Anchored {
            self.any_service.add(refused);
        }
        if refused.wrapping.is_none() {
            self.plain.add(refused);
        }
        if Self::leaves_whole(refused) {
            self.part_no_later.add(refused);
        } else {
            self.even_equal.add(refused);
        }
    }

    fn starting_before(&mut self, refused: &Candidate<'_>) {
        if Self::leaves_whole(refused) {
            self.part_before.add(refused);
        }
    }

    /// Whether a candidate lies within a refused token that says more than it does.
    fn hold(&self, candidate: &Candidate<'_>) -> bool {
        self.hold_name(candidate)
            || self.hold_place(candidate)
            || self.hold_unwrapped(candidate)
            || self.say_more(candidate)
    }

    /// A name alone says less than any format.
    fn hold_name(&self, candidate: &Candidate<'_>) -> bool {
        candidate.rule.reach == Reach::Named && self.all.reach(candidate.span.end, 0)
    }

    /// A header or a URL that a token stands in says less than its format.
    fn hold_place(&self, candidate: &Candidate<'_>) -> bool {
        candidate.rule.generic
            && candidate.rule.reach == Reach::Around
            && self.any_service.reach(candidate.span.end, 0)
    }

    /// A rule for the base64 of a thing knows the thing: what a generic rule finds in it is a part of
    /// what was refused.
    fn hold_unwrapped(&self, candidate: &Candidate<'_>) -> bool {
        candidate.wrapping.is_some_and(Wrapping::is_base64)
            && candidate.rule.generic
            && self.plain.reach(candidate.span.end, 1)
    }

    /// The refused token's rule fixes more characters than the candidate's.
    fn say_more(&self, candidate: &Candidate<'_>) -> bool {
        let (end, more) = (candidate.span.end, candidate.rule.literal_len + 1);
        self.even_equal.reach(end, more)
            || self.part_before.reach(end, more)
            || self.part_no_later.reach(end + 1, more)
    }
}

/// The furthest ends of tokens, by how many characters their rules fix: there are few such numbers.
#[derive(Debug, Default)]
struct Reaches(BTreeMap<usize, usize>);

impl Reaches {
    fn add(&mut self, token: &Candidate<'_>) {
        let furthest = self.0.entry(token.rule.literal_len).or_default();
        *furthest = token.span.end.max(*furthest);
    }

    /// Whether a token whose rule fixes so many characters or more reaches so far.
    fn reach(&self, end: usize, fixed: usize) -> bool {
        self.0.range(fixed..).any(|(_, &furthest)| furthest >= end)
    }
}

/// Drops what is a part of a longer token: the `sk_...` of `hl_sk_...`. The spans are sorted by
/// their starts.
fn drop_parts(judged: &mut Vec<Judged<'_>>, trace: &mut dyn Trace) {
    // The longest token so far; and the longest of any confidence, in which what has no literal of
    // its own is chance.
    let (mut longest, mut longest_possible) = (0..0, 0..0);
    judged.retain(|(candidate, judgement)| {
        let span = &candidate.span;
        let within = |token: &Range<usize>| span.start > token.start && span.end <= token.end;
        if within(&longest) || (candidate.rule.literal_len == 0 && within(&longest_possible)) {
            trace.settled(candidate, judgement, Settled::Part);
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

/// Joins each secret that has another half near by with it: the half alone is no finding then. The
/// nearest one above is taken, or else the nearest below.
pub(super) fn join_pairs(
    text: &Text<'_>,
    detections: &mut Vec<Detection<'_>>,
    trace: &mut dyn Trace,
) {
    // The halves that are wanted and not joined yet, by the ids of their rules.
    let mut halves: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for detection in detections.iter() {
        if let Some(wanted) = &detection.candidate.rule.companion {
            halves.entry(wanted).or_default();
        }
    }
    if halves.is_empty() {
        return;
    }
    for (at, detection) in detections.iter().enumerate() {
        if let Some(wanted) = halves.get_mut(&*detection.candidate.rule.id) {
            wanted.insert(at);
        }
    }
    let lines: Vec<usize> = detections
        .iter()
        .map(|detection| text.line_of(detection.candidate.span.start))
        .collect();
    let mut pairs = Vec::new();
    for (at, detection) in detections.iter().enumerate() {
        let wanted = detection.candidate.rule.companion.as_deref();
        let Some(halves) = wanted.and_then(|wanted| halves.get_mut(wanted)) else {
            continue;
        };
        let near = |&other: &usize| lines[other].abs_diff(lines[at]) <= COMPANION_LINES;
        let above = halves.range(..at).next_back().copied().filter(near);
        let below = halves.range(at + 1..).next().copied().filter(near);
        if let Some(other) = above.or(below) {
            halves.remove(&other);
            pairs.push((at, other));
        }
    }
    let mut absorbed = vec![false; detections.len()];
    for (at, other) in pairs {
        absorbed[other] = true;
        detections[at].companion = Some(Box::new(detections[other].candidate.span.clone()));
        let alone = &mut detections[at].judgement.confidence;
        *alone = match alone {
            Confidence::Possible => Confidence::Likely,
            Confidence::Likely | Confidence::Certain => Confidence::Certain,
        };
    }
    let mut absorbed = absorbed.into_iter();
    detections.retain(|half| {
        let absorbed = absorbed.next().unwrap_or_default();
        if absorbed {
            trace.settled(&half.candidate, &half.judgement, Settled::Half);
        }
        !absorbed
    });
}

#[cfg(test)]
mod tests;
