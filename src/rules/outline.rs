//! A pattern in outline: an automaton small enough to be a part of the program, that says of most texts
//! that the pattern's regex fits nowhere in them, since to compile the regex costs a thousand times what
//! that does.
//!
//! It knows the characters of a pattern and their order. It does not know what a place looks at beside
//! it, nor how often something may come again: where it finds nothing, the regex finds nothing.
//!
//! `build.rs` includes this file too.

use regex_syntax::hir::{Class, Hir, HirKind};

/// How many places of a pattern an outline has: one bit each.
const PLACES: usize = 64;

/// How often a repetition that must come again stands in an outline, as far as there are places for it.
const COPIES: [u32; 7] = [64, 32, 16, 8, 4, 2, 1];

/// A bound: the pattern of a user's own may repeat what repeats others.
const MOST_STEPS: usize = 4096;

/// The automaton: after each byte, the places of the pattern at which a text may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outline {
    /// Of each byte, which of `masks` it has.
    classes: [u8; 256],
    /// The places that the bytes of a class may stand at.
    masks: Vec<u64>,
    /// The places that may come behind each place.
    behind: Vec<u64>,
    /// Those where the pattern starts, and where it may end.
    first: u64,
    last: u64,
}

impl Outline {
    /// The outline of a pattern; `None` if it would fit every text.
    pub(super) fn of(hir: &Hir) -> Option<Self> {
        let of = |copies| {
            let mut places = Places::new(copies);
            let whole = places.add(hir)?;
            (!whole.is_nullable).then(|| places.outline(&whole))
        };
        // One that has too many places in any case is cut off: its start has to fit, too.
        COPIES.into_iter().find_map(of).or_else(|| {
            let mut places = Places::new(1);
            places.cuts = true;
            let start = places.add(hir)?;
            (!start.is_nullable).then(|| places.outline(&start))
        })
    }

    /// Whether the pattern may fit somewhere in a text.
    pub(super) fn may_fit(&self, text: &[u8]) -> bool {
        let mut places: u64 = 0;
        for &byte in text {
            let mut next = self.first;
            while places != 0 {
                next |= self.behind[places.trailing_zeros() as usize];
                places &= places - 1;
            }
            places = next & self.masks[usize::from(self.classes[usize::from(byte)])];
            if places & self.last != 0 {
                return true;
            }
        }
        false
    }

    /// The outline as text: numbers in hex, each list with its length before it.
    pub(super) fn written(&self) -> String {
        let mut runs: Vec<(usize, u8)> = Vec::new();
        for class in self.classes {
            match runs.last_mut() {
                Some((count, last)) if *last == class => *count += 1,
                _ => runs.push((1, class)),
            }
        }
        let runs = runs
            .iter()
            .map(|(count, class)| format!("{count:x} {class:x}"));
        let mut words: Vec<String> = runs.collect();
        let numbers = |all: &[u64]| all.iter().map(|it| format!("{it:x}")).collect::<Vec<_>>();
        for list in [&self.masks, &self.behind, &vec![self.first, self.last]] {
            words.push(format!("{:x}", list.len()));
            words.extend(numbers(list));
        }
        words.join(" ")
    }

    /// Reads what [`written`](Self::written) wrote.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let mut number = || u64::from_str_radix(words.next()?, 16).ok();
        let mut classes = [0; 256];
        let mut at = 0;
        while at < classes.len() {
            let (count, class) = (usize::try_from(number()?).ok()?, number()?);
            classes
                .get_mut(at..at.checked_add(count)?)?
                .fill(u8::try_from(class).ok()?);
            at += count;
        }
        let mut list = || {
            let count = number()?;
            (0..count).map(|_| number()).collect::<Option<Vec<u64>>>()
        };
        let (masks, behind) = (list()?, list()?);
        let [first, last] = list()?[..] else {
            return None;
        };
        Some(Self {
            classes,
            masks,
            behind,
            first,
            last,
        })
    }
}

/// A part of a pattern, by its places.
#[derive(Clone, Copy, Default)]
struct Part {
    first: u64,
    last: u64,
    is_nullable: bool,
    /// What follows it was left out: where it ends, the pattern does for all that is known.
    is_cut: bool,
}

impl Part {
    const EMPTY: Self = Self {
        first: 0,
        last: 0,
        is_nullable: true,
        is_cut: false,
    };
}

/// The places of a pattern while they are numbered.
struct Places {
    /// The bytes that may stand at each.
    sets: Vec<[u64; 4]>,
    behind: Vec<u64>,
    copies: u32,
    /// Whether what finds no place is left out.
    cuts: bool,
    steps: usize,
}

impl Places {
    fn new(copies: u32) -> Self {
        Self {
            sets: Vec::new(),
            behind: Vec::new(),
            copies,
            cuts: false,
            steps: 0,
        }
    }

    /// Numbers the places of a part; `None` if there are too many.
    fn add(&mut self, hir: &Hir) -> Option<Part> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return None;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Some(Part::EMPTY),
            HirKind::Literal(literal) => {
                let bytes = literal.0.iter().map(|&byte| set([(byte, byte)]));
                self.in_order(bytes.collect::<Vec<_>>().into_iter(), |places, set| {
                    places.place(set)
                })
            }
            HirKind::Class(Class::Bytes(class)) => {
                let ranges = class.iter().map(|range| (range.start(), range.end()));
                self.place(set(ranges))
            }
            // Rules are made of bytes; of letters beyond ASCII any byte may be a part.
            HirKind::Class(Class::Unicode(_)) => {
                let any = self.place(set([(0, 255)]))?;
                Some(self.again(any))
            }
            HirKind::Capture(capture) => self.add(&capture.sub),
            HirKind::Repetition(repetition) => {
                let count = repetition.min.min(self.copies).max(1);
                let all = std::iter::repeat_n(&*repetition.sub, count as usize);
                let mut last = None;
                let whole = self.in_order(all, |places, sub| {
                    let part = places.add(sub)?;
                    last = Some(part);
                    Some(part)
                })?;
                // More than must come may come, of the last.
                if repetition.max != Some(repetition.min.max(1)) || count < repetition.min {
                    let last = last.unwrap_or_default();
                    self.again(last);
                }
                Some(Part {
                    is_nullable: whole.is_nullable || repetition.min == 0,
                    ..whole
                })
            }
            HirKind::Concat(parts) => self.in_order(parts.iter(), |places, part| places.add(part)),
            HirKind::Alternation(options) => {
                let mut any = Part::default();
                for option in options {
                    let part = self.add(option)?;
                    any.first |= part.first;
                    any.last |= part.last;
                    any.is_nullable |= part.is_nullable;
                    any.is_cut |= part.is_cut;
                }
                Some(any)
            }
        }
    }

    /// Numbers parts that stand one behind the other.
    fn in_order<T>(
        &mut self,
        parts: impl Iterator<Item = T>,
        mut add: impl FnMut(&mut Self, T) -> Option<Part>,
    ) -> Option<Part> {
        let mut whole = Part::EMPTY;
        for part in parts {
            let known = (self.sets.len(), self.behind.clone());
            let next = add(self, part);
            let Some(next) = next.or_else(|| self.cut(known)) else {
                return None;
            };
            self.join(whole.last, next.first);
            whole.first |= if whole.is_nullable { next.first } else { 0 };
            whole.last = next.last | if next.is_nullable { whole.last } else { 0 };
            whole.is_nullable &= next.is_nullable;
            if next.is_cut {
                whole.is_cut = true;
                break;
            }
        }
        Some(whole)
    }

    /// Leaves out a part, and what follows it, if that is to be.
    fn cut(&mut self, (places, behind): (usize, Vec<u64>)) -> Option<Part> {
        self.sets.truncate(places);
        self.behind = behind;
        self.cuts.then_some(Part {
            is_cut: true,
            ..Part::EMPTY
        })
    }

    fn place(&mut self, set: [u64; 4]) -> Option<Part> {
        if self.sets.len() == PLACES {
            return None;
        }
        let place = 1 << self.sets.len();
        self.sets.push(set);
        self.behind.push(0);
        Some(Part {
            first: place,
            last: place,
            ..Part::default()
        })
    }

    /// Lets a part come again.
    fn again(&mut self, part: Part) -> Part {
        self.join(part.last, part.first);
        part
    }

    fn join(&mut self, last: u64, first: u64) {
        for (place, behind) in self.behind.iter_mut().enumerate() {
            if last >> place & 1 == 1 {
                *behind |= first;
            }
        }
    }

    fn outline(self, whole: &Part) -> Outline {
        let mut masks: Vec<u64> = Vec::new();
        let classes = std::array::from_fn(|byte| {
            let has = |set: &[u64; 4]| set[byte / 64] >> (byte % 64) & 1;
            let sets = self.sets.iter().enumerate();
            let mask = sets.fold(0, |mask, (place, set)| mask | has(set) << place);
            let known = masks.iter().position(|&known| known == mask);
            let class = known.unwrap_or_else(|| {
                masks.push(mask);
                masks.len() - 1
            });
            u8::try_from(class).expect("there are as many classes as bytes at most")
        });
        Outline {
            classes,
            masks,
            behind: self.behind,
            first: whole.first,
            last: whole.last,
        }
    }
}

/// A set of bytes, one bit each.
fn set(ranges: impl IntoIterator<Item = (u8, u8)>) -> [u64; 4] {
    let mut set = [0; 4];
    for (start, end) in ranges {
        for byte in start..=end {
            set[usize::from(byte) / 64] |= 1 << (byte % 64);
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(pattern: &str) -> Option<Outline> {
        let mut parser = regex_syntax::ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .build();
        Outline::of(&parser.parse(pattern).unwrap())
    }

    #[test]
    fn an_outline_says_what_may_fit() {
        let url = r"(?i)\b[a-z][a-z0-9+.-]{1,31}://[^\s:/?#@]{0,128}:(?P<secret>[^\s/?#@]{1,256})@[^\s/@]";
        for (pattern, text, expected) in [
            (
                url,
                "see https://acme.io/a?b=1@c and http://acme.io:80/",
                false,
            ),
            (url, "ftp://me:pw@acme", true),
            (url, "x FTP://:pw@a", true),
            (
                r"(?i)\bbasic (?P<secret>[a-z]{8,40})",
                "Basic training",
                true,
            ),
            (
                r"(?i)\bbasic (?P<secret>[a-z]{8,40})",
                "basic abcdefg",
                false,
            ),
            (r"(?:ab|c)+d?e", "xabcabe", true),
            (r"(?:ab|c)+d?e", "xade", false),
            (r"a[0-9]{3}b", "a12b a1234 a123", false),
            (r"a[0-9]{3}b", "a12a123b", true),
            (r"a[0-9]{70}b", "a12b", false),
            (r"a[0-9]{70}b", &format!("a{}b", "1".repeat(40)), true),
            (r"a[0-9]{2,4}b", "a1b a123456b", true),
            (r"a[0-9]{2,4}b", "a1b a1x2b", false),
            (r"a[0-9]{0,1}b", "a12b", false),
            (r"^a$", "bab", true),
            (r"(?s).{2}x", "\u{fc}x", true),
        ] {
            let outline = outline(pattern).unwrap();
            assert_eq!(
                outline.may_fit(text.as_bytes()),
                expected,
                "{pattern} {text}"
            );
            assert_eq!(Outline::read(&outline.written()), Some(outline));
        }
    }

    #[test]
    fn a_long_pattern_is_cut_off() {
        let long = format!("abc{}xyz", "[0-9]".repeat(90));
        let cut = outline(&long).unwrap();
        assert!(cut.may_fit(format!("abc{}", "1".repeat(90)).as_bytes()));
        assert!(!cut.may_fit(format!("abc{}", "1".repeat(20)).as_bytes()));
        let options = format!("(?:{}|b)c", "a".repeat(90));
        assert!(outline(&options).is_none_or(|it| it.may_fit(b"bc") && it.may_fit(&[b'a'; 91])));
        assert_eq!(outline("a*"), None);
        assert_eq!(outline("(?:a|)b?"), None);
    }

    #[test]
    fn what_is_written_wrong_is_no_outline() {
        for text in ["", "x", "100 0", "ff 0 1 0 1 1", "100 0 1 1 1 1 2 1"] {
            assert_eq!(Outline::read(text), None, "{text}");
        }
    }
}
