//! Judges what is assigned to a name.
//!
//! Signals are asked in the order of [`SIGNALS`]. Each says one thing, by its name: a proof that the value is no
//! secret ends it; evidence adds up, in bits, for a value that was drawn at random and kept from others, and
//! against it; a doubt leaves the answer to a human. The sum is asked for before the tests that cost the most.
//! `keyward scan --explain` shows it, signal by signal.

mod bytes;
mod chain;
mod client;
pub(super) mod decoded;
mod doubt;
mod evidence;
pub(super) mod looks;
mod name;
mod place;
mod public;
mod shape;
mod stand_in;

use std::borrow::Cow;
use std::cell::OnceCell;

use bstr::ByteSlice;

pub(super) use self::evidence::{is_strong, reads_undisguised};
use super::judgement::{Judgement, Rejection, Shape, Unfit};
use super::sum::Sum;
use crate::assignment::{Assignment, Notation};
use crate::candidate::Candidate;
use crate::confidence::Confidence;
use crate::encoding;
use crate::words::name::{Reading, Strength};
use crate::words::number;
use crate::words::randomness::Randomness;

/// What a signal says of a value.
enum Says {
    /// Nothing.
    Nothing,
    /// It is no secret: that ends it.
    No(Rejection),
    /// So many bits for a secret, or against it.
    Bits(f32),
    /// Only a human can tell, for this reason.
    Doubt(&'static str),
}

/// One thing that is asked of every value.
struct Signal {
    /// What it goes by, for people.
    name: &'static str,
    ask: fn(&Case<'_>, &Sum) -> Says,
    /// It is asked only of what a machine may have drawn, not of what is known to be typed.
    of_draws: bool,
}

const fn signal(name: &'static str, ask: fn(&Case<'_>, &Sum) -> Says) -> Signal {
    Signal {
        name,
        ask,
        of_draws: false,
    }
}

const fn of_draws(name: &'static str, ask: fn(&Case<'_>, &Sum) -> Says) -> Signal {
    Signal {
        of_draws: true,
        ..signal(name, ask)
    }
}

/// Every signal, in the order in which they are asked: what refuses by itself, the evidence, what refuses and
/// costs the most, the doubts.
const SIGNALS: &[Signal] = &[
    signal("name", name::refuses),
    signal("place", place::refuses),
    signal("chain", chain::refuses),
    signal("format", shape::refuses_part),
    signal("shape", shape::refuses),
    signal("decoded", decoded::refuses),
    signal("value", evidence::value),
    signal("padding", evidence::padding),
    signal("name", name::weighs),
    signal("notation", evidence::notation),
    of_draws("no digit", evidence::no_digit),
    of_draws("short", evidence::short),
    of_draws("signs", evidence::signs),
    of_draws("density", evidence::density),
    signal("looks", looks::weighs),
    signal("all sorts", evidence::all_sorts),
    signal("file", place::weighs),
    signal("sum", weighed),
    signal("name", name::has_id),
    signal("left out", stand_in::left_out),
    signal("chance", stand_in::by_chance_named),
    signal("public", public::refuses),
    signal("client", client::refuses),
    signal("placeholder", stand_in::placeholder),
    signal("stand-in", stand_in::stand_in),
    signal("name", doubt::name),
    signal("hash", doubt::hash),
    signal("hex", doubt::hex_key),
    signal("uuid", doubt::uuid),
    signal("resource", doubt::resource),
    signal("letters", doubt::short_of_kind),
    signal("foreign", doubt::foreign),
    signal("vector", doubt::vector),
    signal("argument", doubt::argument),
    signal("row", doubt::row),
    signal("part", doubt::part),
    signal("family", doubt::family),
    signal("session", doubt::session),
    signal("spelled", doubt::spelled),
    signal("slug", doubt::slug),
    signal("answer", doubt::answer),
    signal("message", doubt::message),
    signal("version", doubt::version),
    signal("badge", doubt::badge),
    signal("verb", doubt::verb),
    signal("example", doubt::example),
];

/// A value with what every signal may look at.
struct Case<'c> {
    candidate: &'c Candidate<'c>,
    assignment: &'c Assignment,
    /// The name, as it is written.
    name: &'c [u8],
    reading: Reading,
    /// The part of the value that may be drawn at random.
    value: &'c [u8],
    /// The value is what its candidate says in base64.
    is_decoded: bool,
    randomness: OnceCell<Randomness>,
    is_made_up: OnceCell<bool>,
    has_all_sorts: OnceCell<bool>,
}

impl<'c> Case<'c> {
    fn new(
        candidate: &'c Candidate<'c>,
        assignment: &'c Assignment,
        name: &'c [u8],
        reading: Reading,
        value: &'c [u8],
    ) -> Self {
        Self {
            candidate,
            assignment,
            name,
            reading,
            value,
            is_decoded: false,
            randomness: OnceCell::new(),
            is_made_up: OnceCell::new(),
            has_all_sorts: OnceCell::new(),
        }
    }

    /// The same with another value.
    fn with<'v>(&'v self, value: &'v [u8]) -> Case<'v> {
        Case::new(
            self.candidate,
            self.assignment,
            self.name,
            self.reading,
            value,
        )
    }

    /// How random the value is; of a UUID, its digits.
    fn randomness(&self) -> Randomness {
        *self.randomness.get_or_init(|| match self.is_uuid() {
            true => Randomness::of(&shape::without_braces(self.value).replace(b"-", b"")),
            // The sign of a number is not drawn, and makes of its digits a text.
            false => Randomness::of(shape::hex_key(self.value).unwrap_or(self.value)),
        })
    }

    fn is_uuid(&self) -> bool {
        number::is_uuid(shape::without_braces(self.value))
    }

    /// Whether its place lets what a person made up count, too.
    fn is_made_up(&self) -> bool {
        *self.is_made_up.get_or_init(|| place::takes_made_up(self))
    }

    /// Whether it is as rules for passwords ask.
    fn has_all_sorts(&self) -> bool {
        *self
            .has_all_sorts
            .get_or_init(|| evidence::has_all_sorts(self))
    }

    /// How surely the name speaks; weakly, if it does not.
    fn strength(&self) -> Strength {
        self.reading.strength.unwrap_or(Strength::Weak)
    }

    /// Whether code may stand where the value does.
    fn is_bare(&self) -> bool {
        !matches!(self.assignment.notation, Notation::Quoted | Notation::Bytes)
    }

    /// Whether no mark of code, of a path or of a template in it counts.
    fn is_drawn(&self) -> bool {
        self.randomness().is_drawn()
    }
}

/// Judges the value of an assignment.
///
/// # Errors
/// Why it is not a secret.
pub(super) fn judge(
    candidate: &Candidate<'_>,
    assignment: &Assignment,
) -> Result<Judgement, Rejection> {
    let name = &candidate.text()[assignment.name.clone()];
    let decoded = match encoding::percent_decoded(candidate.body()) {
        // Percent signs and digits that stand there by chance are no escapes of a text.
        Cow::Owned(text) if !text.iter().all(|b| (b' '..=b'~').contains(b)) => {
            Cow::Borrowed(candidate.body())
        }
        decoded => decoded,
    };
    let decoded = match encoding::with_characters(&decoded) {
        Some(text) => Cow::Owned(text),
        None => decoded,
    };
    let joined = without_groups(&decoded);
    let value = essence(joined.as_deref().unwrap_or(&decoded), assignment.notation);
    let reading = name::read(name, assignment.speaks);
    let case = Case::new(candidate, assignment, name, reading, value);
    let asked = match assignment.notation {
        Notation::Bytes => bytes::ask(&case),
        _ => match ask(&case) {
            Err(BINARY) if !case.is_bare() => bytes::ask(&case),
            asked => asked,
        },
    };
    let (sum, doubt) = asked?;
    Ok(Judgement {
        confidence: match doubt {
            Some(_) => Confidence::Possible,
            None => Confidence::Likely,
        },
        why: format!(
            "a random value under a name that {} ({sum})",
            doubt.unwrap_or("speaks of a secret")
        )
        .into(),
    })
}

/// What signals say together: the sum, and the first doubt.
type Asked = Result<(Sum, Option<&'static str>), Rejection>;

/// Bytes that no one types.
const BINARY: Rejection = Rejection::Unfit(Unfit::Shape(Shape::Binary));

/// Asks the signals, up to the first that refuses.
fn ask(case: &Case<'_>) -> Asked {
    ask_all(SIGNALS, case)
}

/// Asks signals in their order, up to the first that refuses.
fn ask_all(signals: &[Signal], case: &Case<'_>) -> Asked {
    let mut sum = Sum::default();
    let mut doubt = None;
    for signal in signals {
        if signal.of_draws && (case.is_made_up() || case.has_all_sorts()) {
            continue;
        }
        match (signal.ask)(case, &sum) {
            Says::Nothing => {}
            Says::No(rejection) => return Err(rejection),
            Says::Bits(bits) => sum.add(signal.name, bits),
            Says::Doubt(why) => doubt = doubt.or(Some(why)),
        }
    }
    Ok((sum, doubt))
}

/// The sum is against it.
fn weighed(_: &Case<'_>, sum: &Sum) -> Says {
    match sum.bits() < 0.0 {
        true => Says::No(Rejection::Unfit(Unfit::Light(Box::new(*sum)))),
        false => Says::Nothing,
    }
}

/// A password in groups of four, as Google and WordPress show theirs, without the blanks between.
fn without_groups(value: &[u8]) -> Option<Vec<u8>> {
    /// A bound: fewer are words.
    const GROUPS: usize = 4;
    /// A bound: the characters of each.
    const EACH: usize = 4;
    let is_group = |part: &[u8]| part.len() == EACH && part.iter().all(u8::is_ascii_alphanumeric);
    let count = value.len().div_ceil(EACH + 1);
    (count >= GROUPS && value.split(|&b| b == b' ').all(is_group))
        .then(|| value.iter().copied().filter(|&b| b != b' ').collect())
}

/// The part of a value that may be drawn at random.
fn essence(decoded: &[u8], notation: Notation) -> &[u8] {
    let value = decoded.trim_with(|c| matches!(c, '"' | '\'' | '`'));
    if notation != Notation::Query {
        return value;
    }
    // `X-Amz-Credential=<id>/<date>/<region>/...`
    value
        .split(|&b| b == b'/')
        .max_by_key(|part| part.len())
        .unwrap_or(value)
}

#[cfg(test)]
mod tests;
