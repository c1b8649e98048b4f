//! The sections of a long text: each is judged and settled by itself, with what stands near it, so that a text of
//! nothing but keys takes no more memory than a part of it does.

use std::ops::Range;

use bstr::ByteSlice;

/// How long a text is that is taken as one section, in bytes. A bound: what a person or a program writes into one file is
/// mostly less, and nothing is done twice then.
const WHOLE: usize = 2 << 20;

/// How long a section of a longer text is, in bytes. A bound: of the densest text, its candidates take twenty times as
/// much, on each thread.
const LONG: usize = 384 << 10;

/// How far around a section is looked at, too, in bytes. A bound: further than a name reaches to its value, a reader to
/// its items, and a pattern to its keyword; what is longer is [carried](Section::carries) on.
pub(super) const MARGIN: usize = 12 << 10;

/// How far before its end a section may end at the end of a line, in bytes. A bound.
const LINE: usize = 4 << 10;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// What starts here is told of.
    own: Range<usize>,
    /// What stands here is looked at.
    near: Range<usize>,
    is_last: bool,
}

impl Section {
    /// All of a text.
    pub(super) fn whole(bytes: &[u8]) -> Self {
        Self {
            own: 0..bytes.len(),
            near: 0..bytes.len(),
            is_last: true,
        }
    }

    /// The sections of a text.
    pub(super) fn all(bytes: &[u8]) -> Vec<Self> {
        if bytes.len() <= WHOLE {
            return vec![Self::whole(bytes)];
        }
        Self::of_length(bytes, LONG)
    }

    /// The sections of a text, each about so long.
    pub(super) fn of_length(bytes: &[u8], length: usize) -> Vec<Self> {
        let mut sections = Vec::new();
        let mut start = 0;
        while start < bytes.len() || sections.is_empty() {
            let is_last = bytes.len() - start <= length;
            let end = match is_last {
                true => bytes.len(),
                false => {
                    let end = start + length;
                    let line = &bytes[end - LINE.min(length / 2)..end];
                    line.rfind_byte(b'\n')
                        .map_or(end, |at| end - (line.len() - at - 1))
                }
            };
            sections.push(Self {
                own: start..end,
                near: start.saturating_sub(MARGIN)..(end + MARGIN).min(bytes.len()),
                is_last,
            });
            start = end;
        }
        sections
    }

    /// What is looked at.
    pub(super) fn near(&self) -> Range<usize> {
        self.near.clone()
    }

    /// Whether it is the last one.
    pub(super) const fn is_last(&self) -> bool {
        self.is_last
    }

    /// Whether what stands at a place is told of in this section.
    pub(super) fn tells_of(&self, span: &Range<usize>) -> bool {
        span.start >= self.own.start && (span.start < self.own.end || self.is_last)
    }

    /// Whether what stands at a place is settled in another section than this one alone.
    pub(super) fn is_behind(&self, span: &Range<usize>) -> bool {
        span.start >= self.near.end && !self.is_last
    }

    /// Whether the next section has to know what stands at a place and does not see it by itself: it reaches into that
    /// from afar, or lies behind this one.
    pub(super) fn carries(&self, span: &Range<usize>) -> bool {
        let seen = self.own.end.saturating_sub(MARGIN);
        let reaches = span.start < seen && span.end > seen;
        !self.is_last && (reaches || span.end > self.near.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_belongs_to_one_section() {
        let line = [&[b'a'; 59][..], b"\n"].concat();
        for (text, ends_lines) in [(line.repeat(4_000), true), (vec![b'a'; 240_000], false)] {
            let sections = Section::of_length(&text, 50_000);
            assert!(sections.len() > 3);
            let mut at = 0;
            for section in &sections {
                assert_eq!(section.own.start, at);
                at = section.own.end;
                assert!(section.own.len() <= 50_000 && !section.own.is_empty());
                assert_eq!(
                    ends_lines || section.is_last,
                    text[at - 1] == b'\n' || section.is_last
                );
                assert_eq!(section.is_last, at == text.len());
                assert!(section.near.start + MARGIN >= section.own.start);
            }
            assert_eq!(at, text.len());
            for place in (0..text.len()).step_by(777) {
                let tell = sections
                    .iter()
                    .filter(|it| it.tells_of(&(place..place + 1)));
                assert_eq!(tell.count(), 1);
            }
        }
        assert_eq!(Section::all(b""), [Section::whole(b"")]);
        assert_eq!(Section::all(&[b'a'; WHOLE]).len(), 1);
    }

    #[test]
    fn what_the_next_section_does_not_see_is_carried() {
        let text = vec![b'a'; 200_000];
        let [first, second, ..] = &Section::of_length(&text, 50_000)[..] else {
            panic!("there are more");
        };
        let seen = second.near.start;
        for (span, expected) in [
            (10..20, false),
            (10..seen + 1, true),
            (seen..seen + 10, false),
            (first.near.end - 1..first.near.end, false),
            (first.near.end..first.near.end + 1, true),
        ] {
            assert_eq!(first.carries(&span), expected, "{span:?}");
        }
    }
}
