//! Lays bare what is wrapped within a text: base64, escapes, and literals in pieces.
//!
//! The parts of a text that hold something wrapped are copied into another text, in which it stands
//! as it is meant; the detector reads that too, and what it finds there is mapped back. So a name on
//! the line counts for a wrapped value as for a plain one, and each rule works alike on both.
//!
//! What is unwrapped is never longer than what it was made of, and nothing but base64 in base64 is unwrapped
//! twice: the work is linear in the text.

mod base64;
mod escape;
mod joint;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

pub(crate) use self::base64::Run;
pub(crate) use self::joint::pays as is_joint;

/// How a secret is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrapping {
    /// In several string literals, or on continued lines.
    Pieces,
    /// With `\u0041`, `\x41`, `\/` or quotes within quotes.
    Escapes,
    /// With `%41`.
    Percent,
    /// In base64.
    Base64,
    /// In base64 of base64.
    Base64Twice,
}

impl Wrapping {
    /// Whether it has the characters of base64 where it stands.
    pub(crate) fn is_base64(self) -> bool {
        matches!(self, Self::Base64 | Self::Base64Twice)
    }
}

impl fmt::Display for Wrapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pieces => "put together from pieces",
            Self::Escapes => "written with escapes",
            Self::Percent => "percent-encoded",
            Self::Base64 => "in base64",
            Self::Base64Twice => "in base64 twice",
        })
    }
}

/// How many bytes of a text on either side of what is wrapped are kept. A bound: more than the 512 bytes
/// that a provider's name reaches, with room for a name and what joins it to its value.
const CONTEXT: usize = 640;

/// How far before a value, in bytes, a quote may stand that was written as an escape, and make the
/// value one that only unwrapping shows. A bound: a name has 80 bytes at most, and a joint few.
const QUOTED: usize = 96;

/// What parts two windows. A bound: more lines than a provider's name reaches.
const GAP: &[u8] = b"\n\n\n\n\n\n\n\n";

/// How far a token is followed out of the part of a text that is unwrapped, in bytes. A bound: longer ones are no keys.
const REACH: usize = 1 << 16;

/// How many bytes a piece has at most before the next one is noted. A bound, of speed and memory alone:
/// so much is walked again to map a place back.
const PIECE: usize = 1024;

/// What an escape or a joint is replaced by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Put {
    Byte(u8),
    Nothing,
}

/// What is unwrapped together: a token in pieces may itself be base64 or percent-encoded, and then
/// means what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Base64,
    Percent,
    Literals,
}

impl Layer {
    /// Whether an escape or a joint of the layer may start with a byte.
    const fn marks(self, byte: u8) -> bool {
        match self {
            Self::Base64 => false,
            Self::Percent => byte == b'%',
            Self::Literals => matches!(byte, b'\\' | b'"' | b'\'' | b'`'),
        }
    }
}

/// The wrapped parts of a text, unwrapped, with what stands around them.
#[derive(Debug)]
pub(crate) struct Unwrapped {
    layer: Layer,
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
    /// The next piece follows a gap.
    gap: bool,
    /// It starts with the rest of a run of base64.
    is_cut: bool,
}

/// Which of the bytes that base64 stands for are text: all of them, or every second one of UTF-16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stride {
    first: usize,
    step: usize,
}

impl Stride {
    const ALL: Self = Self { first: 0, step: 1 };
}

/// A part of the unwrapped text: where it starts there, and what it was made of.
#[derive(Clone, Debug)]
struct Piece {
    at: usize,
    from: Range<usize>,
    /// Of base64, which of the bytes that it stands for are there.
    decoded: Option<Stride>,
    /// It follows a gap.
    first: bool,
}

/// The base64 of a text that holds text, read once from its start to its end.
#[derive(Debug)]
pub(crate) struct Runs<'t> {
    bytes: &'t [u8],
    texts: base64::Texts,
    /// Those that were read and may be asked for again.
    known: Vec<Run>,
}

impl<'t> Runs<'t> {
    pub(crate) fn of(bytes: &'t [u8]) -> Self {
        Self {
            bytes,
            texts: base64::Texts::default(),
            known: Vec::new(),
        }
    }

    /// Those that a part of the text touches. Each part starts and ends no earlier than the one before.
    pub(crate) fn in_part(&mut self, part: &Range<usize>) -> Vec<Run> {
        self.known.retain(|run| run.range.end > part.start);
        let known = &mut self.known;
        self.texts
            .each_until(self.bytes, part.end, |run| known.push(run));
        match part.len() < self.bytes.len() {
            true => known.clone(),
            false => std::mem::take(known),
        }
    }
}

/// What is wrapped in a part of a text, unwrapped. `runs` are those of [`Runs`] there. `joints` are the closing quotes
/// at which a literal may go on in the next one, in any order; in a `manifest`, one of a Kubernetes Secret, short values
/// are base64 too.
pub(crate) fn unwrap(
    bytes: &[u8],
    part: &Range<usize>,
    runs: &[Run],
    joints: &[usize],
    manifest: bool,
) -> Vec<Unwrapped> {
    let mut runs = Cow::Borrowed(runs);
    if manifest {
        let all = runs.to_mut();
        base64::each_value(&bytes[..part.end], part.start, |run| all.push(run));
        all.sort_unstable_by_key(|run| run.range.start);
    }
    let [mut in_base64, mut in_percent, mut in_literals] = [const { Windows(Vec::new()) }; 3];
    runs.iter().for_each(|run| in_base64.add(bytes, &run.range));
    escape::each(bytes, part, |at| match bytes[at] {
        b'%' => in_percent.add(bytes, &(at..at + 1)),
        _ => in_literals.add(bytes, &(at..at + 1)),
    });
    joints
        .iter()
        .for_each(|&at| in_literals.add(bytes, &(at..at + 1)));
    // No further a token is followed out of the part: another part has it.
    let reach = match part.len() == bytes.len() {
        true => part.clone(),
        false => part.start.saturating_sub(REACH)..part.end.saturating_add(REACH).min(bytes.len()),
    };
    [
        (Layer::Base64, in_base64),
        (Layer::Percent, in_percent),
        (Layer::Literals, in_literals),
    ]
    .into_iter()
    .filter(|(_, windows)| !windows.0.is_empty())
    .map(|(layer, windows)| {
        let runs = match layer {
            Layer::Base64 => &runs[..],
            Layer::Percent | Layer::Literals => &[],
        };
        Unwrapped::new(layer, bytes, (windows, &reach), runs)
    })
    .collect()
}

/// What is wrapped in all of a text, as of a manifest: for what tries parsers on anything.
pub(crate) fn all(bytes: &[u8]) -> Vec<Unwrapped> {
    let part = 0..bytes.len();
    let runs = Runs::of(bytes).in_part(&part);
    unwrap(bytes, &part, &runs, &[], true)
}

/// Parts of a text to unwrap.
#[derive(Debug)]
struct Windows(Vec<Range<usize>>);

impl Windows {
    /// Adds what is wrapped, and its surroundings.
    fn add(&mut self, bytes: &[u8], place: &Range<usize>) {
        let start = place.start.saturating_sub(CONTEXT);
        let end = (place.end + CONTEXT).min(bytes.len());
        match self.0.last_mut() {
            Some(last) if last.start <= start && start <= last.end => last.end = last.end.max(end),
            _ => self.0.push(start..end),
        }
    }

    /// In order and disjoint.
    fn merged(mut self) -> Vec<Range<usize>> {
        self.0.sort_unstable_by_key(|window| window.start);
        self.0.dedup_by(|next, last| {
            let overlap = next.start <= last.end;
            if overlap {
                last.end = last.end.max(next.end);
            }
            overlap
        });
        self.0
    }
}

impl Unwrapped {
    fn new(
        layer: Layer,
        bytes: &[u8],
        (windows, reach): (Windows, &Range<usize>),
        runs: &[Run],
    ) -> Self {
        let mut runs = runs.iter().peekable();
        let mut unwrapped = Self {
            layer,
            bytes: Vec::new(),
            pieces: Vec::new(),
            gap: false,
            is_cut: runs.peek().is_some_and(|run| run.goes_on),
        };
        let mut done = 0;
        for window in windows.merged() {
            let window = whole_tokens(bytes, window, reach);
            let mut from = window.start;
            if !unwrapped.pieces.is_empty() {
                if from > done + GAP.len() {
                    unwrapped.bytes.extend_from_slice(GAP);
                    unwrapped.gap = true;
                } else {
                    from = done;
                }
            }
            while let Some(run) = runs.next_if(|run| run.range.start < window.end) {
                if !run.goes_on {
                    unwrapped.add_plain(bytes, from..run.range.start);
                }
                unwrapped.add_base64(bytes, run);
                from = run.range.end;
            }
            unwrapped.add_plain(bytes, from..window.end);
            done = from.max(window.end);
        }
        unwrapped
    }

    fn note(&mut self, from: Range<usize>, decoded: Option<Stride>) {
        self.pieces.push(Piece {
            at: self.bytes.len(),
            from,
            decoded,
            first: std::mem::take(&mut self.gap),
        });
    }

    fn add_plain(&mut self, bytes: &[u8], from: Range<usize>) {
        if self.layer == Layer::Base64 && !from.is_empty() {
            self.note(from.clone(), None);
            self.bytes.extend_from_slice(&bytes[from]);
            return;
        }
        let mut start = from.start;
        while start < from.end {
            let piece = self.pieces.len();
            self.note(start..from.end, None);
            let mut end = start;
            let stop = from.end.min(start + PIECE);
            while end < stop {
                // Most bytes stand for themselves.
                let others = bytes[end..stop].iter().position(|&b| self.layer.marks(b));
                let plain = end + others.unwrap_or(stop - end);
                self.bytes.extend_from_slice(&bytes[end..plain]);
                end = plain;
                if end < stop {
                    let step = self.step(bytes, end, from.end);
                    self.bytes.extend(step.put(bytes[end]));
                    end += step.len;
                }
            }
            self.pieces[piece].from.end = end;
            start = end;
        }
    }

    fn add_base64(&mut self, bytes: &[u8], run: &Run) {
        self.note(run.range.clone(), Some(run.text));
        let characters = trim_padding(&bytes[run.range.clone()]);
        let Stride { first, step } = run.text;
        if step == 1 {
            base64::decode(characters, &mut self.bytes);
        } else {
            let mut wide = Vec::with_capacity(characters.len());
            base64::decode(characters, &mut wide);
            self.bytes.extend(wide.iter().skip(first).step_by(step));
        }
    }

    /// What stands in base64 in what stood in base64, unwrapped. Nothing is unwrapped a third time.
    pub(crate) fn again(&self) -> Option<Self> {
        if self.layer != Layer::Base64 {
            return None;
        }
        let (mut runs, mut windows): (Vec<Run>, _) = (Vec::new(), Windows(Vec::new()));
        let mut kept = false;
        base64::each_text(&self.bytes, self.is_cut, |run| {
            if !run.goes_on {
                let piece = self
                    .pieces
                    .partition_point(|piece| piece.at <= run.range.start);
                kept = piece > 0 && self.pieces[piece - 1].decoded.is_some();
            }
            if kept {
                windows.add(&self.bytes, &run.range);
                runs.push(run);
            }
        });
        let all = 0..self.bytes.len();
        (!runs.is_empty()).then(|| Self::new(self.layer, &self.bytes, (windows, &all), &runs))
    }

    /// The unwrapped text.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where in the text `original` a span of the unwrapped text comes from, and how it was wrapped;
    /// `None` if unwrapping did nothing for it, or if it runs into the edge of what was kept.
    pub(crate) fn origin(
        &self,
        original: &[u8],
        span: &Range<usize>,
    ) -> Option<(Range<usize>, Wrapping)> {
        let mut origin = Origin::default();
        let near = span.start.saturating_sub(QUOTED);
        let first = self.pieces.partition_point(|piece| piece.at <= near);
        for piece in &self.pieces[first.saturating_sub(1)..] {
            if piece.first && piece.at > span.start && piece.at <= span.end + GAP.len() {
                return None;
            }
            if piece.at >= span.end {
                break;
            }
            if let Some(stride) = piece.decoded {
                origin.take_base64(original, piece, stride, span);
            } else if self.layer == Layer::Base64 {
                let offset = |at: usize| piece.from.start + (at - piece.at);
                let start = offset(span.start.max(piece.at));
                let end = offset(span.end).min(piece.from.end);
                if start < end {
                    origin.take(start..end, None);
                }
            } else {
                self.walk(original, piece, span, &mut origin);
            }
        }
        origin.settle()
    }

    /// Walks through a plain piece and takes down what of it makes up the span.
    fn walk(&self, original: &[u8], piece: &Piece, span: &Range<usize>, origin: &mut Origin) {
        let (mut at, mut from) = (piece.at, piece.from.start);
        while from < piece.from.end && at < span.end {
            let step = self.step(original, from, piece.from.end);
            let place = from..from + step.len;
            let wrapping = match (step.put, self.layer) {
                (None, _) => None,
                (Some(Put::Nothing), _) => Some(Wrapping::Pieces),
                (Some(Put::Byte(_)), Layer::Percent) => Some(Wrapping::Percent),
                (Some(Put::Byte(_)), _) => Some(Wrapping::Escapes),
            };
            let inside = match step.put {
                Some(Put::Nothing) => at > span.start,
                _ => at >= span.start,
            };
            if inside {
                origin.take(place, wrapping);
            } else if step.put == Some(Put::Byte(b'"')) {
                origin.quoted |= at + QUOTED >= span.start && self.layer == Layer::Literals;
            }
            at += usize::from(step.put != Some(Put::Nothing));
            from += step.len;
        }
    }

    /// The step at a place of the text: a byte, or an escape or a joint that ends before `end`.
    fn step(&self, bytes: &[u8], at: usize, end: usize) -> Step {
        let replaced = match (bytes[at], self.layer) {
            (b'\\', Layer::Literals) => escape::backslash(bytes, at),
            (b'%', Layer::Percent) => escape::percent(bytes, at),
            (b'"' | b'\'' | b'`', Layer::Literals) => {
                joint::len(bytes, at).map(|len| (len, Put::Nothing))
            }
            _ => None,
        };
        match replaced {
            Some((len, put)) if at + len <= end => Step {
                len,
                put: Some(put),
            },
            _ => Step { len: 1, put: None },
        }
    }
}

/// A byte of the original text, or an escape or a joint in it.
struct Step {
    len: usize,
    put: Option<Put>,
}

impl Step {
    fn put(&self, byte: u8) -> Option<u8> {
        match self.put {
            Some(Put::Byte(byte)) => Some(byte),
            Some(Put::Nothing) => None,
            None => Some(byte),
        }
    }
}

/// Where a span of the unwrapped text comes from, as far as it is known.
#[derive(Debug, Default)]
struct Origin {
    span: Option<Range<usize>>,
    wrapping: Option<Wrapping>,
    /// A quote that was written as an escape stands before it.
    quoted: bool,
}

impl Origin {
    fn take(&mut self, from: Range<usize>, wrapping: Option<Wrapping>) {
        match &mut self.span {
            Some(span) => span.end = from.end,
            None => self.span = Some(from),
        }
        self.wrapping = self.wrapping.max(wrapping);
    }

    /// Takes down the characters that hold the part of the span within a run.
    fn take_base64(&mut self, original: &[u8], run: &Piece, stride: Stride, span: &Range<usize>) {
        let chars = trim_padding(&original[run.from.clone()]).len();
        let Stride { first, step } = stride;
        let start = first + span.start.saturating_sub(run.at) * step;
        // Behind the last byte of the span.
        let end = (first + (span.end - run.at) * step - (step - 1)).min(chars * 6 / 8);
        if start < end {
            let last = (end * 8).div_ceil(6);
            let len = if last >= chars { run.from.len() } else { last };
            let from = run.from.start;
            self.take(from + start * 4 / 3..from + len, Some(Wrapping::Base64));
        }
    }

    fn settle(self) -> Option<(Range<usize>, Wrapping)> {
        let quoted = self.quoted.then_some(Wrapping::Escapes);
        Some((self.span?, self.wrapping.or(quoted)?))
    }
}

/// A window that cuts no token of what is in it, but where it leads out of reach: some are longer than the surroundings
/// that are kept, and have surroundings of their own.
fn whole_tokens(bytes: &[u8], window: Range<usize>, reach: &Range<usize>) -> Range<usize> {
    let is_token = |byte: &&u8| joint::is_token(**byte);
    let first = reach.start.min(window.start);
    let before = bytes[first..window.start].iter().rev().take_while(is_token);
    let last = reach.end.max(window.end);
    let after = bytes[window.end..last].iter().take_while(is_token);
    let start = match before.count() {
        0 => window.start,
        len => (window.start - len).saturating_sub(CONTEXT),
    };
    start..window.end + after.count()
}

fn trim_padding(run: &[u8]) -> &[u8] {
    let padding = run.iter().rev().take_while(|&&byte| byte == b'=').count();
    &run[..run.len() - padding]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Random;

    fn joints(bytes: &[u8]) -> Vec<usize> {
        (0..bytes.len()).filter(|&at| is_joint(bytes, at)).collect()
    }

    fn wrapped(bytes: &[u8], manifest: bool) -> Vec<Unwrapped> {
        let part = 0..bytes.len();
        let runs = Runs::of(bytes).in_part(&part);
        unwrap(bytes, &part, &runs, &joints(bytes), manifest)
    }

    fn layers(text: &str) -> Vec<(Layer, String)> {
        wrapped(text.as_bytes(), false)
            .iter()
            .map(|layer| {
                (
                    layer.layer,
                    String::from_utf8_lossy(layer.bytes()).into_owned(),
                )
            })
            .collect()
    }

    #[test]
    fn what_is_wrapped_stands_open_in_its_line() {
        for (text, expected) in [
            (
                "t: Ym9uam91ciB0b3V0IGxlIG1vbmRlLCBjYSB2YT8=\n",
                "t: bonjour tout le monde, ca va?\n",
            ),
            (
                "k=\"ab\\x63\\u0064efgh\\151jklmnop\"",
                "k=\"abcdefghijklmnop\"",
            ),
            ("k=\"abcdefgh\" + 'ijklmnop'", "k=\"abcdefghijklmnop'"),
            ("k=abcdefgh\\\n  ijklmnop", "k=abcdefghijklmnop"),
            ("?k=abcdefgh%69jklmnop%2F", "?k=abcdefghijklmnop/"),
            ("{\\\"k\\\": \\\"a\\/b\\\"}", "{\"k\": \"a/b\"}"),
        ] {
            let layers = layers(text);
            assert_eq!(layers.len(), 1, "{text}");
            assert_eq!(layers[0].1, expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_wrapped_is_left_alone() {
        for text in [
            "let organizationAuthenticationSettingsProvider = 1;",
            "integrity sha512-qZxWvKpLmRtYuBnHgFdSjQwXcVkPqZxWvKpLmRtYuBnHgFdSjQwXcVkP",
            "src/components/authentication/settings/provider/index",
            "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4",
            "data:font/woff2;base64,d09GMgABAAAAADKIAA4AAAAAYxgAADIzAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n",
            "a(\"one \" + \"two\", x + \" + \" + y)",
            "re = /\\d+\\.\\w{3}\\/x/; s = \"tab\\tline\\n\"",
            "printf(\"%d%% of %20s\\n\")",
            "x = \"\\x1b[0m\\u00e9t\\u00e9\"",
            "rm -f a b \\\n   c d",
        ] {
            assert_eq!(layers(text), [], "{text}");
        }
    }

    /// Bytes of which much is wrapped, or nearly.
    fn mess(random: &mut Random, len: usize) -> Vec<u8> {
        let parts: [&[u8]; 24] = [
            b"\\x41",
            b"\\u0041",
            b"\\u{41}",
            b"\\101",
            b"\\\\",
            b"\\\"",
            b"\\\":",
            b"\\",
            b"%41",
            b"%",
            b"\"",
            b"\" + \"",
            b"'+'",
            b"\"\n  \"",
            b"\\\n",
            b" ",
            b"\n",
            b"=",
            b"abcdefghijklmnop",
            b"key: ",
            b"Ym9uam91ciB0b3V0IGxlIG1vbmRlLCBjYSB2YT8=",
            b"Ym9uam91ciB0b3V0IGxlIG1vbmRlLCBjYSB2YT8gYm9uam91ciB0b3V0IGxlIG1vbmRlLCBjYSB2\n",
            b"\xff\0",
            b".",
        ];
        let mut out = Vec::new();
        while out.len() < len {
            if random.below(8) == 0 {
                out.extend((0..random.below(900)).map(|_| random.below(256) as u8));
            }
            for _ in 0..=random.below(3) * random.below(40) {
                out.extend_from_slice(parts[random.below(parts.len())]);
            }
            if random.below(8) == 0 {
                out.extend(std::iter::repeat_n(b'a', random.below(3000)));
            }
        }
        out
    }

    #[test]
    fn unwrapping_never_makes_more_of_a_text_and_every_span_has_an_origin() {
        let mut random = Random::new(0xf00);
        let mut mapped = 0;
        for number in 0..400 {
            let text = mess(&mut random, 100 + number * 20);
            for layer in wrapped(&text, number % 2 == 0) {
                assert!(layer.bytes().len() <= text.len());
                assert!(layer.pieces.is_sorted_by_key(|piece| piece.at));
                for _ in 0..20 {
                    let start = random.below(layer.bytes().len());
                    let end = start + 1 + random.below((layer.bytes().len() - start).min(200));
                    let Some((span, _)) = layer.origin(&text, &(start..end)) else {
                        continue;
                    };
                    mapped += 1;
                    assert!(span.start < span.end && span.end <= text.len());
                }
            }
        }
        assert!(mapped > 1_000);
    }
}
