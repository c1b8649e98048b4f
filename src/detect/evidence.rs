//! A provider's name near a key that has no prefix of its own.
//!
//! Such a key counts only next to its provider's name or one of the provider's environment variables:
//! in the name that it is assigned to, on its line, or a few lines away if its own line speaks of a
//! credential.

use std::cell::LazyCell;
use std::ops::Range;

use super::names::Name;
use crate::candidate::{Evidence, Nearness};
use crate::judge::context::{ends_url, is_among_keys};
use crate::rules::Rule;
use crate::words::contains;

/// How many lines a provider's name reaches up to a value. A weight: as far as a block of settings or
/// the arguments of a call; not measured.
const LINES_UP: usize = 3;

/// How many lines a provider's name reaches down to a value. A weight, as [`LINES_UP`]: a heading or a
/// comment stands above what it is about, and further from it.
const LINES_DOWN: usize = 5;

/// How many bytes a provider's name reaches. A bound: five lines of source code are shorter; it keeps
/// the work linear where a file has no lines.
pub(super) const BYTES: usize = 512;

/// How far apart, in bytes, a name and the value that it names may be on one line. A weight: between
/// them stand a joint, a type or the rest of a name; not measured.
const NAME_GAP: usize = 48;

/// How far back the start of a URL is looked for, in bytes. A bound: longer queries are rare, and there
/// each name counts as one on the line.
const URL_BYTES: usize = 1024;

/// How many names before a value are looked at, the nearest first. A bound: it keeps the work linear in
/// a file that is full of them; of more than a few, a nearer one says more.
const MOST_BEFORE: usize = 6;

/// How many names behind a value are looked at. A bound, as [`MOST_BEFORE`]; these are never more than
/// [`Nearness::Near`], so that the nearest is the best.
const MOST_BEHIND: usize = 3;

/// A name this long, in bytes, is told from other words by its start alone: `mistralai`. A weight: few
/// English words start with another one so long; not measured.
const LONG_WORD: usize = 7;

/// Whether a name stands by itself: as a whole word, or as a piece of an identifier. `exa` is no
/// piece of `example`, nor `fal` of `false`.
pub(super) fn is_piece(bytes: &[u8], word: &Range<usize>) -> bool {
    let (first, last) = (bytes[word.start], bytes[word.end - 1]);
    let before = word.start.checked_sub(1).map(|at| bytes[at]);
    let after = bytes.get(word.end).copied();
    let starts = before.is_none_or(|before| {
        !before.is_ascii_alphanumeric()
            || before.is_ascii_digit()
            || (before.is_ascii_lowercase() && first.is_ascii_uppercase())
            || (before == b'n' && word.start >= 2 && bytes[word.start - 2] == b'\\')
            || is_defined(bytes, word.start)
    });
    let ends = word.len() >= LONG_WORD
        || after.is_none_or(|after| {
            !after.is_ascii_alphabetic()
                || (!last.is_ascii_uppercase() && after.is_ascii_uppercase())
        });
    starts && ends
}

/// Whether a command defines what stands at a place: `-Dsonar.login=x`.
fn is_defined(bytes: &[u8], at: usize) -> bool {
    bytes[..at].ends_with(b"-D")
}

/// The best evidence for a value among the names of its rule's provider, of those close to it.
pub(super) fn of<'a>(
    bytes: &[u8],
    value: &Range<usize>,
    rule: &'a Rule,
    names: &[Name],
) -> Option<Evidence<'a>> {
    let url = url_before(bytes, value);
    let next = names.partition_point(|name| name.span().start < value.start);
    let nearest = names[next.saturating_sub(MOST_BEFORE)..next]
        .iter()
        .chain(names[next..].iter().take(MOST_BEHIND));
    let is_client = LazyCell::new(|| is_client(bytes, value, rule));
    nearest
        .filter_map(|name| {
            let (word, span) = (name.word(rule), name.span());
            let (gap, behind) = if span.end <= value.start {
                (&bytes[span.end..value.start], false)
            } else if span.start >= value.end {
                (&bytes[value.end..span.start], true)
            } else {
                return None;
            };
            if gap.len() > BYTES || url.is_some_and(|url| is_beyond(bytes, url, &span, value)) {
                return None;
            }
            let lines = gap
                .iter()
                .filter(|&&b| b == b'\n')
                .take(LINES_DOWN + 1)
                .count();
            if lines > if behind { LINES_UP } else { LINES_DOWN } {
                return None;
            }
            // A name that goes on is another one: `ACME_KEY_ID`.
            let is_variable =
                || !goes_on(&bytes[span.end..]) && rule.env.iter().any(|env| same_name(env, word));
            let nearness = if !behind && name.is_half() && is_joint(gap) || *is_client {
                Nearness::Variable
            } else if behind || gap.len() > NAME_GAP {
                Nearness::Near
            } else if lines > 0 {
                if is_value_below(gap) && is_variable() {
                    Nearness::Variable
                } else {
                    Nearness::Near
                }
            } else if is_variable() || is_call(gap) || is_entry(bytes, &span, gap, rule) {
                Nearness::Variable
            } else {
                Nearness::Named
            };
            Some(Evidence {
                nearness,
                word,
                gap: gap.len(),
            })
        })
        .max_by_key(Evidence::weight)
}

/// Whether nothing but signs joins the other half of a pair with a value: `"id", "secret"`, `id:secret`.
fn is_joint(gap: &[u8]) -> bool {
    /// A bound: as many bytes as signs and blanks between two arguments take.
    const LONGEST: usize = 12;
    gap.len() <= LONGEST && gap.iter().all(|&b| b"\"'`,:+ \t".contains(&b))
}

/// Whether the whole name of a value is a provider's word, where its keys look like ids: `postmark: <uuid>`; or in
/// a map of keys.
fn is_entry(bytes: &[u8], word: &Range<usize>, gap: &[u8], rule: &Rule) -> bool {
    let before = word.start.checked_sub(1).map(|at| bytes[at]);
    let starts = before.is_none_or(|b| b.is_ascii_whitespace() || b"\"'`{,<(".contains(&b));
    starts
        && gap.iter().all(|&b| b"\"'`:=> \t".contains(&b))
        && (rule.speaks("<uuid>") || is_among_keys(bytes, word.start))
}

/// What makes a client of a provider's name, in lower case.
const CLIENTS: [&[u8]; 8] = [
    b"",
    b"api",
    b"client",
    b"sdk",
    b"service",
    b"apiclient",
    b"wrapper",
    b"asyncclient",
];

/// Whether a value is the first argument of what is called like its provider, which something near by names:
/// `Exa("..."` below `from exa_py import Exa`.
fn is_client(bytes: &[u8], value: &Range<usize>, rule: &Rule) -> bool {
    /// A bound: the longest such name, with what stands between it and the value.
    const REACH: usize = 40;
    let before = &bytes[value.start.saturating_sub(REACH)..value.start];
    let [before @ .., b'"' | b'\'' | b'`'] = before else {
        return false;
    };
    let Some(before) = before.trim_ascii_end().strip_suffix(b"(") else {
        return false;
    };
    let len = before
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    let called = before[before.len() - len..].to_ascii_lowercase();
    let words = || {
        let name = rule
            .provider
            .name
            .split(|c: char| !c.is_ascii_alphanumeric());
        let joined = rule
            .provider
            .name
            .replace(|c: char| !c.is_ascii_alphanumeric(), "");
        [name.take(1).collect(), joined].map(|word: String| word.to_ascii_lowercase())
    };
    len > 0
        && words().iter().any(|word| {
            let client = called.strip_prefix(word.as_bytes());
            !word.is_empty() && client.is_some_and(|client| CLIENTS.contains(&client))
        })
}

/// Whether a value is the first argument of what a provider's word names: `Exa("..."`,
/// `AcmeClient(apiKey="..."`. What names a thing in the provider's store says so: `AcmeTable(`.
fn is_call(gap: &[u8]) -> bool {
    let Some(open) = gap.iter().position(|&b| b == b'(') else {
        return false;
    };
    let (name, behind) = (
        gap[..open].to_ascii_lowercase(),
        gap[open + 1..].trim_ascii(),
    );
    CLIENTS.contains(&&name[..]) && matches!(behind, [b'"' | b'\'' | b'`'])
}

/// Whether the name that a word ends goes on behind it.
fn goes_on(behind: &[u8]) -> bool {
    match behind {
        [b'_' | b'-', next, ..] | [next, ..] => next.is_ascii_alphanumeric(),
        [] => false,
    }
}

/// Whether two spellings are one name: `ACME_API_KEY`, `acme-api-key`, `acmeApiKey`.
fn same_name(a: &str, b: &str) -> bool {
    let letters = |name: &str| {
        name.bytes()
            .filter(u8::is_ascii_alphanumeric)
            .map(|b| b.to_ascii_lowercase())
            .collect::<Vec<u8>>()
    };
    letters(a) == letters(b)
}

/// Where the URL starts in whose query the value stands.
fn url_before(bytes: &[u8], value: &Range<usize>) -> Option<usize> {
    let from = value.start.saturating_sub(URL_BYTES);
    let before = &bytes[from..value.start];
    let name = before.strip_suffix(b"=")?;
    let start = name
        .iter()
        .rposition(|&b| ends_url(b))
        .map_or(0, |at| at + 1);
    let url = &before[start..];
    let host = url.windows(2).position(|window| window == b"//")?;
    url[host..].contains(&b'?').then_some(from + start)
}

/// Whether a name lies outside of the URL that a value is a part of: the value is for the URL's host
/// then, unless the name is what the URL is assigned to.
fn is_beyond(bytes: &[u8], url: usize, name: &Range<usize>, value: &Range<usize>) -> bool {
    if name.end <= url {
        let between = &bytes[name.end..url];
        between.len() > NAME_GAP || between.contains(&b'\n')
    } else {
        name.start >= value.end && bytes[value.end..name.start].iter().any(|&b| ends_url(b))
    }
}

/// Whether what stands between a name and a value says that they belong together: Kubernetes and
/// its kin write `name: ACME_KEY`, and `value:` on the next line.
fn is_value_below(gap: &[u8]) -> bool {
    let lines = gap.iter().filter(|&&b| b == b'\n').count();
    lines == 1 && (contains(gap, b"value") || contains(gap, b"default"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_as_a_piece() {
        for (text, word) in [
            ("MISTRAL_API_KEY", "MISTRAL"),
            ("mistralKey", "mistral"),
            ("myMistralKey", "Mistral"),
            ("mem0ApiKey", "mem0"),
            ("mistralai", "mistral"),
            ("https://api.exa.ai", "exa.ai"),
            ("x.cohere(", "cohere"),
        ] {
            let start = text.find(word).unwrap();
            assert!(
                is_piece(text.as_bytes(), &(start..start + word.len())),
                "{text}"
            );
        }
        for (text, word) in [
            ("example", "exa"),
            ("false", "fal"),
            ("coherent", "cohere"),
            ("inbox", "box"),
        ] {
            let start = text.find(word).unwrap();
            assert!(
                !is_piece(text.as_bytes(), &(start..start + word.len())),
                "{text}"
            );
        }
    }
}
