//! The `format` notation: what a key looks like, written so that a person can read it.
//!
//! `sk-ant-api03-<base64url:93>AA` is literal text with runs of characters between angle brackets.
//! From one format come the regex, the keywords of the prefilter, the boundary that a token must
//! not run over, the entropy that a random body reaches, and samples for tests.
//!
//! | piece | means |
//! |---|---|
//! | `text` | itself; `\<` and `\\` stand for `<` and `\` |
//! | `<hex-lower:32>` | 32 characters of a named set, see [`CharSet::named`] |
//! | `<base62:20,40>` | 20 to 40 of them |
//! | `<[A-F0-9.]:8>` | 8 characters of a set that has no name |
//! | `<a\|b\|>` | one of the texts; an empty one makes the piece optional |
//! | `<uuid>` | 8-4-4-4-12 hex digits |
//! | `<jwt>` | three base64url parts, the first two starting `eyJ` |
//!
//! `build.rs` includes this file too.

use super::charset::{CharSet, push_escaped};
use super::rule::Literal;

/// A part of a format.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Literal(String),
    Run {
        set: CharSet,
        min: usize,
        max: usize,
    },
    Choice(Vec<String>),
}

/// A format, parsed. The head of this file describes the notation.
#[derive(Clone, Debug, PartialEq)]
pub struct Format {
    pieces: Vec<Piece>,
}

/// A bound, in bytes: the longest token that a format may describe, and so the work that one keyword
/// can cause. The longest of the catalog are JSON web tokens.
pub(crate) const MAX_LEN: usize = 20_000;

/// A bound: repetitions above this are left open in the regex, which would be large and slow to
/// compile otherwise; the length is checked after the match.
const MAX_COUNTED: usize = 400;

/// A bound: into no more literals are choices multiplied that stand side by side.
const MOST_JOINED: usize = 128;

/// A bound: a literal whose places in a token are spread over more bytes than this leads to the rule
/// only if no other does, since the regex is tried at each of them.
const WIDEST_SPREAD: usize = 32;

/// A weight: a literal with so many characters is rare enough, so that of two the one which stands
/// further to the front is taken. Not measured.
const RARE_ENOUGH: usize = 6;

/// A weight: a body shorter than this says too little for a floor of its entropy. Not measured.
const SHORTEST_BODY: usize = 12;

/// A weight: how many standard deviations below the mean the floor of the entropy lies. The tail of
/// the estimate's distribution is heavy: with nine, random bodies fall below once in ten million.
const DEVIATIONS: f32 = 9.0;

impl Format {
    /// Parses the notation. The error says what is wrong, in words for its author.
    pub fn parse(source: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = source;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match c {
                '\\' => match rest.chars().next() {
                    Some(escaped @ ('<' | '\\')) => {
                        literal.push(escaped);
                        rest = &rest[1..];
                    }
                    _ => return Err("`\\` stands only before `<` or `\\`".into()),
                },
                '<' => {
                    let end = rest
                        .find('>')
                        .ok_or_else(|| format!("`<{rest}` has no closing `>`"))?;
                    if !literal.is_empty() {
                        pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                    }
                    Self::parse_piece(&rest[..end], &mut pieces)?;
                    rest = &rest[end + 1..];
                }
                c if c.is_ascii() => literal.push(c),
                c => return Err(format!("`{c}` is not ASCII")),
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        let format = Self { pieces };
        if format.min_len() == 0 {
            return Err("the format is empty, or may be".into());
        }
        if format.max_len() > MAX_LEN {
            return Err(format!("the format is longer than {MAX_LEN} characters"));
        }
        Ok(format)
    }

    fn parse_piece(source: &str, pieces: &mut Vec<Piece>) -> Result<(), String> {
        let hex = CharSet::named("hex-lower").expect("hex-lower is a named set");
        let token = CharSet::named("base64url").expect("base64url is a named set");
        match source {
            "uuid" => {
                for (at, count) in [8, 4, 4, 4, 12].into_iter().enumerate() {
                    if at > 0 {
                        pieces.push(Piece::Literal("-".into()));
                    }
                    let upper = CharSet::named("hex-upper").expect("hex-upper is a named set");
                    pieces.push(Piece::Run {
                        set: hex.union(upper),
                        min: count,
                        max: count,
                    });
                }
            }
            "jwt" => {
                for (literal, min, max) in [("eyJ", 10, 2000), (".eyJ", 6, 8000), (".", 20, 1200)] {
                    pieces.push(Piece::Literal(literal.into()));
                    pieces.push(Piece::Run {
                        set: token,
                        min,
                        max,
                    });
                }
            }
            _ => match source.rsplit_once(':') {
                Some((set, count)) => {
                    let set = match set.strip_prefix('[').and_then(|s| s.strip_suffix(']')) {
                        Some(spelling) => CharSet::spelled(spelling),
                        None => CharSet::named(set),
                    }
                    .ok_or_else(|| format!("`{set}` is not a set of characters"))?;
                    let (min, max) = count.split_once(',').unwrap_or((count, count));
                    let number = |text: &str| {
                        text.parse::<usize>()
                            .map_err(|_| format!("`{count}` is not a length"))
                    };
                    let (min, max) = (number(min)?, number(max)?);
                    if min > max || max == 0 || max > MAX_LEN {
                        return Err(format!("`{count}` is not a length"));
                    }
                    pieces.push(Piece::Run { set, min, max });
                }
                None => {
                    if !source.is_ascii() {
                        return Err(format!("`<{source}>` is not ASCII"));
                    }
                    let options: Vec<String> = source.split('|').map(str::to_owned).collect();
                    if options.len() == 1 && CharSet::named(source).is_some() {
                        return Err(format!("`<{source}>` has no length: write `<{source}:20>`"));
                    }
                    pieces.push(Piece::Choice(options));
                }
            },
        }
        Ok(())
    }

    /// The length of the shortest token, in bytes.
    pub fn min_len(&self) -> usize {
        self.pieces.iter().map(|piece| piece.lens().0).sum()
    }

    /// The length of the longest token, in bytes.
    pub fn max_len(&self) -> usize {
        self.pieces.iter().map(|piece| piece.lens().1).sum()
    }

    /// An ASCII regex for the token, without anchors and without groups that capture.
    pub fn regex(&self) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => text.bytes().for_each(|b| push_escaped(&mut out, b)),
                Piece::Run { set, min, max } => {
                    out.push_str(&set.class());
                    out.push_str(&match (*min, *max) {
                        (1, 1) => String::new(),
                        (min, max) if min == max && max <= MAX_COUNTED => format!("{{{min}}}"),
                        (min, max) if max <= MAX_COUNTED => format!("{{{min},{max}}}"),
                        (min, _) => format!("{{{},}}", min.min(MAX_COUNTED)),
                    });
                }
                Piece::Choice(options) => {
                    out.push_str("(?:");
                    for (at, option) in options.iter().enumerate() {
                        if at > 0 {
                            out.push('|');
                        }
                        option.bytes().for_each(|b| push_escaped(&mut out, b));
                    }
                    // The empty option last: a regex takes the first that fits.
                    if options.first().is_some_and(String::is_empty) && options.len() > 1 {
                        let inner = out.split_off(out.rfind("(?:").expect("pushed above"));
                        out.push_str(&inner.replacen("(?:|", "(?:", 1));
                        out.push_str(")?");
                    } else {
                        out.push(')');
                    }
                }
            }
        }
        out
    }

    /// The literal text that every token starts with; it is public, as the format is.
    pub fn prefix(&self) -> String {
        match self.pieces.first() {
            Some(Piece::Literal(text)) => text.clone(),
            Some(Piece::Choice(options)) => {
                let mut common = options[0].as_str();
                for option in options {
                    let same = common
                        .bytes()
                        .zip(option.bytes())
                        .take_while(|(a, b)| a == b)
                        .count();
                    common = &common[..same];
                }
                common.to_owned()
            }
            _ => String::new(),
        }
    }

    /// How many characters of every token are fixed. The measure of how much a format says.
    pub fn literal_len(&self) -> usize {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => text.len(),
                Piece::Choice(options) => options.iter().map(String::len).min().unwrap_or(0),
                Piece::Run { .. } => 0,
            })
            .sum()
    }

    /// How many random characters the shortest token has, and the size of their smallest alphabet
    /// among the runs that make up most of it.
    pub fn body(&self) -> (usize, u32) {
        let mut len = 0;
        let mut widest = (0, 0);
        for piece in &self.pieces {
            if let Piece::Run { set, min, .. } = piece {
                len += min;
                widest = widest.max((*min, set.len()));
            }
        }
        (len, widest.1)
    }

    /// Every character that a run of the format may hold.
    pub fn alphabet(&self) -> CharSet {
        self.pieces
            .iter()
            .fold(CharSet::EMPTY, |all, piece| match piece {
                Piece::Run { set, .. } => all.union(*set),
                Piece::Literal(_) | Piece::Choice(_) => all,
            })
    }

    /// Every character that a token may hold, those of literals among them.
    pub fn bytes(&self) -> CharSet {
        self.pieces
            .iter()
            .fold(CharSet::EMPTY, |all, piece| match piece {
                Piece::Run { set, .. } => all.union(*set),
                Piece::Literal(text) => all.union(CharSet::of(text)),
                Piece::Choice(texts) => texts
                    .iter()
                    .fold(all, |all, text| all.union(CharSet::of(text))),
            })
    }

    /// The characters that may not follow a token: a token that goes on is another one.
    pub fn tail(&self) -> CharSet {
        for piece in self.pieces.iter().rev() {
            if let Piece::Run { set, .. } = piece {
                return *set;
            }
        }
        CharSet::EMPTY
    }

    /// The literals of which each token has one, for the prefilter: the choice that is likely to
    /// be rarest in ordinary text. Empty if no literal has `least` characters.
    pub fn anchors(&self, least: usize) -> Vec<Literal> {
        // Literals that touch one another are one: `<sk|rk>_live_` gives `sk_live_`.
        let mut groups: Vec<Vec<Literal>> = Vec::new();
        let (mut min_before, mut max_before) = (0, 0);
        let mut open: Option<Vec<Literal>> = None;
        for piece in &self.pieces {
            let options: Vec<&str> = match piece {
                Piece::Literal(text) => vec![text],
                Piece::Choice(options) => options.iter().map(String::as_str).collect(),
                Piece::Run { .. } => Vec::new(),
            };
            let (min, max) = piece.lens();
            let joined = open.as_ref().map_or(1, Vec::len) * options.len();
            if options.is_empty() || joined > MOST_JOINED {
                groups.extend(open.take());
            }
            if !options.is_empty() {
                let before = open.take().unwrap_or_else(|| {
                    vec![Literal {
                        text: "".into(),
                        min_before,
                        max_before,
                    }]
                });
                open = Some(
                    before
                        .iter()
                        .flat_map(|anchor| {
                            options.iter().map(move |option| Literal {
                                text: format!("{}{option}", anchor.text).into(),
                                ..anchor.clone()
                            })
                        })
                        .collect(),
                );
            }
            min_before += min;
            max_before += max;
        }
        groups.extend(open);
        groups
            .into_iter()
            .filter(|group| group.iter().all(|anchor| anchor.text.len() >= least))
            .max_by_key(|group| {
                let shortest = group.iter().map(|a| a.text.len()).min().unwrap_or(0);
                let spread = group[0].max_before - group[0].min_before;
                (
                    spread < WIDEST_SPREAD,
                    shortest.min(RARE_ENOUGH),
                    std::cmp::Reverse(group[0].max_before),
                )
            })
            .unwrap_or_default()
    }

    /// A random token of this format. `random(n)` gives a number below `n`.
    pub fn sample(&self, random: &mut dyn FnMut(usize) -> usize) -> Vec<u8> {
        let mut out = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Run { set, min, max } => {
                    let alphabet: Vec<u8> = set.bytes().collect();
                    let count = min + random(max - min + 1);
                    out.extend((0..count).map(|_| alphabet[random(alphabet.len())]));
                }
                Piece::Choice(options) => {
                    out.extend_from_slice(options[random(options.len())].as_bytes());
                }
            }
        }
        out
    }
}

impl Piece {
    /// The shortest and the longest text of the piece, in bytes.
    fn lens(&self) -> (usize, usize) {
        match self {
            Self::Literal(text) => (text.len(), text.len()),
            Self::Run { min, max, .. } => (*min, *max),
            Self::Choice(options) => {
                let lens = options.iter().map(String::len);
                (lens.clone().min().unwrap_or(0), lens.max().unwrap_or(0))
            }
        }
    }
}

/// The Shannon entropy, in bits a character, that `len` random characters of an alphabet of
/// `size` exceed in all but one of ten million draws.
///
/// The mean of the plug-in estimate is `log2 size - (size - 1) / (2 len ln 2)` (Miller 1955).
/// Alphabets above 16 count as 16, so that a body that turns out to be plain hex still passes.
/// Around it the estimate spreads as `chi2(size - 1) / (2 len ln 2)`. The floor of a body that is too
/// short to say anything is 0.
pub(crate) fn entropy_floor(len: usize, size: u32) -> f32 {
    if len < SHORTEST_BODY || size < 8 {
        return 0.0;
    }
    let (len, size) = (len as f32, size.min(16) as f32);
    let mean = size.log2() - (size - 1.0) / (2.0 * len * std::f32::consts::LN_2);
    let deviation = ((size - 1.0) / 2.0).sqrt() / (len * std::f32::consts::LN_2);
    (mean - DEVIATIONS * deviation).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(source: &str) -> Format {
        Format::parse(source).unwrap_or_else(|error| panic!("{source}: {error}"))
    }

    fn anchors(source: &str) -> Vec<(String, usize, usize)> {
        parse(source)
            .anchors(3)
            .into_iter()
            .map(|a| (a.text.into_owned(), a.min_before, a.max_before))
            .collect()
    }

    #[test]
    fn a_format_becomes_a_regex() {
        for (source, regex) in [
            ("sk-ant-<base64url:93>AA", r"sk\-ant\-[\-0-9A-Z_a-z]{93}AA"),
            (
                "<sk|rk>_live_<base62:16,247>",
                "(?:sk|rk)_live_[0-9A-Za-z]{16,247}",
            ),
            ("x<hex-lower:1>", "x[0-9a-f]"),
            ("a<|=|==>", "a(?:=|==)?"),
            ("k<base62:20,2000>", "k[0-9A-Za-z]{20,}"),
            (r"\<a\\b", r"\<a\\b"),
            ("<[AB.]:2>", r"[\.AB]{2}"),
        ] {
            assert_eq!(parse(source).regex(), regex, "{source}");
        }
    }

    #[test]
    fn what_is_no_format_is_refused_with_a_reason() {
        for (source, reason) in [
            ("", "the format is empty, or may be"),
            ("<|a>", "the format is empty, or may be"),
            ("<base62:40", "`<base62:40` has no closing `>`"),
            ("<base63:40>", "`base63` is not a set of characters"),
            ("<base62:4x>", "`4x` is not a length"),
            ("<base62:9,4>", "`9,4` is not a length"),
            ("<base62>", "`<base62>` has no length: write `<base62:20>`"),
            ("<base62:99999>", "`99999` is not a length"),
            (r"a\b", "`\\` stands only before `<` or `\\`"),
            ("schlüssel", "`ü` is not ASCII"),
        ] {
            assert_eq!(Format::parse(source), Err(reason.to_owned()), "{source}");
        }
    }

    #[test]
    fn the_anchor_is_the_literal_that_says_most() {
        let one = |text: &str, min, max| vec![(text.to_owned(), min, max)];
        assert_eq!(
            anchors("sk-ant-api03-<base64url:93>AA"),
            one("sk-ant-api03-", 0, 0)
        );
        assert_eq!(
            anchors("sk-<base62:20>T3BlbkFJ<base62:20>"),
            one("T3BlbkFJ", 23, 23)
        );
        assert_eq!(
            anchors("sk-proj-<base62:74>T3BlbkFJ<base62:74>"),
            one("sk-proj-", 0, 0)
        );
        assert_eq!(anchors("<digits:8,10>:AA<base64url:33>"), one(":AA", 8, 10));
        assert_eq!(
            anchors("<sk|rk>_live_<base62:16>"),
            [("sk_live_".to_owned(), 0, 0), ("rk_live_".to_owned(), 0, 0)]
        );
        assert_eq!(anchors("<hex-lower:32>"), []);
    }

    #[test]
    fn samples_fit_their_own_regex() {
        let mut numbers = crate::lab::Random::new(1);
        let mut random = |limit| numbers.below(limit);
        for source in [
            "sk-<base62:20>T3<hex-lower:4,9>",
            "<a|bc|>x<uuid>",
            "<jwt>",
            "a<[+.]:3>",
        ] {
            let format = parse(source);
            let regex = regex::bytes::Regex::new(&format!("^(?:{})$", format.regex()))
                .unwrap_or_else(|error| panic!("{source}: {error}"));
            for _ in 0..50 {
                let sample = format.sample(&mut random);
                assert!(regex.is_match(&sample), "{source}");
                assert!(
                    (format.min_len()..=format.max_len()).contains(&sample.len()),
                    "{source}"
                );
            }
        }
    }

    #[test]
    fn the_entropy_floor_is_below_a_random_body_and_above_a_dull_one() {
        assert_eq!(entropy_floor(8, 62), 0.0);
        assert!((2.4..2.8).contains(&entropy_floor(32, 16)));
        assert!((3.2..3.8).contains(&entropy_floor(93, 64)));
        assert!(entropy_floor(40, 62) == entropy_floor(40, 16));
    }
}
