//! What can be told of a rule from the look of its secrets alone.
//!
//! `build.rs` includes this file too.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

use super::charset::CharSet;
use super::format::{Format, entropy_floor};
use super::outline;
use super::rule::Rule;
use super::words::RuleWords;

/// A weight: a shape with this many fixed characters is distinctive, and so certain by itself. Not
/// measured.
const DISTINCTIVE: usize = 4;

/// A bound, in bytes: the longest text that a `pattern` may cover, and so the work that a keyword can
/// cause. A private key of RSA with 16,384 bits takes 12.5 KB in PEM.
const MAX_PATTERN_LEN: usize = 16 * 1024;

/// A bound, in bytes: how far a pattern may start before its keyword, where it has no bound itself. A private key in
/// JSON with 2,048 bits has as much between its first part and its type.
const BEFORE: usize = 1024;

/// A bound, in bytes: no longer value of an assignment is looked at.
const LONGEST_VALUE: usize = 2048;

/// A weight: the size of the alphabet that a random part is taken to have where nothing tells it, as
/// base62 has it. Not measured.
const USUAL_ALPHABET: u32 = 62;

/// How a rule says what its secrets look like: the three ways, of which it takes one.
pub(super) enum Shape<'w> {
    /// By formats; the longest comes first, since a regex takes the first alternative that fits.
    Format(Vec<Format>),
    /// By a regex.
    Pattern(&'w str, Hir),
    /// Not at all: its secrets are what is assigned to these names.
    Names(&'w [String]),
}

impl<'w> Shape<'w> {
    /// The key by which a rule says what its secrets look like.
    pub(super) fn key(words: &RuleWords) -> &'static str {
        match (
            &words.pattern,
            words.format.as_slice(),
            words.names.as_slice(),
        ) {
            (Some(_), ..) => "pattern",
            (None, [_, ..], _) => "format",
            (None, [], [_, ..]) => "names",
            (None, [], []) => "id",
        }
    }

    /// The shape that a rule gives. The error is for the rule's author.
    pub(super) fn of(words: &'w RuleWords) -> Result<Self, String> {
        let formats = parsed("format", words.format.as_slice())?;
        match (formats.as_slice(), &words.pattern, words.names.as_slice()) {
            ([], None, []) => Err("give a format, a pattern or names".into()),
            ([_, ..], Some(_), _) => Err("give a format or a pattern, not both".into()),
            ([], None, names) => {
                if parsed("example", &words.examples)?.is_empty() {
                    return Err("names need `examples`: assignments to find, as formats".into());
                }
                Ok(Self::Names(names))
            }
            (_, _, [_, ..]) => Err("give names, or a format or a pattern, not both".into()),
            ([], Some(pattern), []) => {
                if parsed("example", &words.examples)?.is_empty() {
                    return Err("a pattern needs `examples`: texts to find, as formats".into());
                }
                Ok(Self::Pattern(pattern, parse(pattern)?))
            }
            (_, None, []) => Ok(Self::Format(longest_first(formats))),
        }
    }

    /// How many bytes a pattern covers at most before the start of a keyword, and from there on; `longest` says how
    /// many in all.
    pub(super) fn sides(&self, keywords: &[String], longest: usize) -> (usize, usize) {
        match self {
            Self::Pattern(_, hir) => sides(hir, keywords, longest),
            Self::Format(_) | Self::Names(_) => (0, 0),
        }
    }

    /// What the shape tells of a rule; the rest stays as it is by default. `generic` says whether the
    /// secret may open any service.
    pub(super) fn measures(&self, generic: bool) -> Rule {
        match self {
            Self::Format(formats) => of_formats(formats),
            Self::Pattern(pattern, hir) => of_pattern(pattern, hir, generic),
            Self::Names(_) => Rule {
                alphabet: USUAL_ALPHABET,
                min_len: 1,
                max_len: LONGEST_VALUE,
                ..Rule::default()
            },
        }
    }
}

/// How many bytes a pattern covers at most before the start of a keyword, and from there on: of the part of it in which
/// each fit holds one, and around which it covers least. By default [`BEFORE`] and `longest`.
fn sides(hir: &Hir, keywords: &[String], longest: usize) -> (usize, usize) {
    let mut parts = Vec::new();
    outline::flatten(hir, &mut parts);
    let most = |parts: &[&Hir]| -> Option<usize> {
        parts.iter().try_fold(0usize, |sum, part| {
            sum.checked_add(part.properties().maximum_len()?)
        })
    };
    let place = |text: &[outline::Letter]| {
        let text: Vec<u8> = text
            .iter()
            .map(|(byte, _)| byte.to_ascii_lowercase())
            .collect();
        let places = keywords.iter().filter_map(|word| {
            let word = word.to_ascii_lowercase();
            text.windows(word.len())
                .rposition(|place| place == word.as_bytes())
        });
        places.max()
    };
    let mut least = (BEFORE, longest);
    let mut at = 0;
    while at < parts.len() {
        let (mut text, start) = (Vec::new(), at);
        while let Some(more) = parts.get(at).and_then(|part| outline::spelled(part)) {
            text.extend(more);
            at += 1;
        }
        let own = match at > start {
            true => place(&text).map(|place| (place, text.len() - place)),
            false => {
                at += 1;
                let holds_one = |need: &Vec<Vec<outline::Letter>>| {
                    need.iter().all(|text| place(text).is_some())
                };
                let len = parts[start].properties().maximum_len();
                let bears = outline::needs(parts[start]).iter().any(holds_one);
                len.filter(|_| bears).map(|len| (len, len))
            }
        };
        if let Some((before, behind)) = own {
            let before = most(&parts[..start]).map_or(BEFORE, |len| len.saturating_add(before));
            let behind = most(&parts[at..]).map_or(longest, |len| len.saturating_add(behind));
            if before.saturating_add(behind) < least.0.saturating_add(least.1) {
                least = (before.min(MAX_PATTERN_LEN), behind.min(longest));
            }
        }
    }
    least
}

/// Formats; `what` is what their author calls them. An error tells them by their number: a whole one
/// may be a key that was put in the wrong place.
fn parsed(what: &str, sources: &[String]) -> Result<Vec<Format>, String> {
    let parse = |(at, source): (usize, &String)| {
        Format::parse(source).map_err(|error| format!("{what} {}: {error}", at + 1))
    };
    sources.iter().enumerate().map(parse).collect()
}

fn of_formats(formats: &[Format]) -> Rule {
    let union = |set: fn(&Format) -> CharSet| {
        let sets = formats.iter().map(set);
        sets.fold(CharSet::EMPTY, CharSet::union)
    };
    let least = |number: fn(&Format) -> usize| formats.iter().map(number).min().unwrap_or(0);
    let hex = CharSet::named("hex").expect("hex is a named set");
    let bodies = || formats.iter().map(Format::body);
    let literal_len = least(Format::literal_len);
    let regexes: Vec<String> = formats.iter().map(Format::regex).collect();
    let regex = regexes.join("|");
    let hir = parse(&regex).expect("a format is a valid pattern");
    Rule {
        outline: outline::of(&hir).into(),
        regex: regex.into(),
        prefix: common_prefix(formats.iter().map(Format::prefix)).into(),
        literal_len,
        distinctive: literal_len >= DISTINCTIVE,
        tail: union(Format::tail),
        alphabet: bodies()
            .map(|(_, size)| size)
            .min()
            .unwrap_or(USUAL_ALPHABET),
        hex: union(Format::alphabet).union(hex) == hex,
        min_entropy: bodies()
            .map(|(len, size)| entropy_floor(len, size))
            .fold(f32::INFINITY, f32::min),
        bytes: union(Format::bytes),
        min_len: least(Format::min_len),
        max_len: formats.iter().map(Format::max_len).max().unwrap_or(0),
        ..Rule::default()
    }
}

fn of_pattern(pattern: &str, hir: &Hir, generic: bool) -> Rule {
    let covered = fixed_len(hir);
    // What a generic pattern says about the surroundings says nothing about the secret.
    let literal_len = match secret_group(hir) {
        Some(secret) if generic => fixed_len(secret),
        _ => covered,
    };
    let most = hir.properties().maximum_len();
    let longest = most.unwrap_or(MAX_PATTERN_LEN);
    Rule {
        bounded: most.is_some_and(|most| most <= MAX_PATTERN_LEN),
        regex: pattern.to_owned().into(),
        literal_len,
        distinctive: covered >= DISTINCTIVE,
        alphabet: USUAL_ALPHABET,
        outline: outline::of(hir).into(),
        min_len: hir.properties().minimum_len().unwrap_or(0),
        max_len: longest.min(MAX_PATTERN_LEN),
        ..Rule::default()
    }
}

/// A pattern, parsed.
pub(super) fn parse(pattern: &str) -> Result<Hir, String> {
    if !pattern.is_ascii() {
        return Err("the pattern is not ASCII".into());
    }
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    let hir = parser.parse(pattern).map_err(|error| {
        // The lines before the last repeat the pattern.
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default();
        format!("the pattern is not a valid regex: {reason}")
    })?;
    match hir.properties().minimum_len() {
        None | Some(0) => Err("the pattern fits an empty text".into()),
        Some(_) => Ok(hir),
    }
}

/// The group that marks the secret.
fn secret_group(hir: &Hir) -> Option<&Hir> {
    match hir.kind() {
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) | HirKind::Literal(_) => None,
        HirKind::Capture(capture) if capture.name.as_deref() == Some("secret") => {
            Some(&capture.sub)
        }
        HirKind::Capture(capture) => secret_group(&capture.sub),
        HirKind::Repetition(repetition) => secret_group(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(secret_group),
    }
}

fn fixed_len(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        // A letter of either case is as good as fixed.
        HirKind::Class(class) => usize::from(outline::letter(class).is_some()),
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Repetition(repetition) => repetition.min as usize * fixed_len(&repetition.sub),
        HirKind::Capture(capture) => fixed_len(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(fixed_len).sum(),
        HirKind::Alternation(options) => options.iter().map(fixed_len).min().unwrap_or(0),
    }
}

fn longest_first(mut formats: Vec<Format>) -> Vec<Format> {
    formats.sort_by_key(|format| std::cmp::Reverse(format.max_len()));
    formats
}

fn common_prefix(prefixes: impl Iterator<Item = String>) -> String {
    prefixes
        .reduce(|a, b| {
            a.chars()
                .zip(b.chars())
                .take_while(|(a, b)| a == b)
                .map(|(a, _)| a)
                .collect()
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_so_much_around_its_keyword() {
        for (pattern, keyword, expected) in [
            (r"abc[0-9]{2,9}", "abc", (0, 12)),
            (r"[0-9]{2,9}xABC\b", "abc", (10, 3)),
            (r"(?:abcd|xabcd)y?abc(?:d|ef)", "abc", (6, 5)),
            (r"(?i)k(?:abcd|zabcd)x{3}", "abcd", (6, 8)),
            (r"abc[0-9]+", "abc", (0, 90)),
            (r"[0-9]+abc", "abc", (BEFORE, 3)),
            (r"(?:abcd|wxyz)[0-9]", "abcd", (BEFORE, 90)),
        ] {
            let hir = parse(pattern).unwrap();
            let found = sides(&hir, &[keyword.to_owned()], 90);
            assert_eq!(found, expected, "{pattern}");
        }
    }
}
