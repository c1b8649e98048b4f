//! Records: a struct as numbers, which the build writes and the program reads.
//!
//! A record holds no pointers: a pointer for each string of a thousand rules would cost every start of
//! the program a relocation, and the pages that they lie on. Nor does it hold numbers as text: a line of an ordinary
//! program leads to a dozen rules, and each is read for it.
//!
//! [`fields!`] takes the fields of a struct once. How they are written, how they are read and by what
//! name each is found follow from that list. `build.rs` includes this file too.

use std::borrow::Cow;
use std::collections::HashMap;

use super::charset::CharSet;
use crate::proof::Proof;

/// A text, static or not.
pub(super) type Text = Cow<'static, str>;

/// A list, static or not.
pub(super) type List<T> = Cow<'static, [T]>;

/// What the build writes records to.
#[derive(Debug, Default)]
pub(super) struct Writer {
    /// The records, one behind the other.
    pub(super) numbers: Vec<u32>,
    /// The texts of which they name a part.
    pub(super) texts: String,
    /// Where each text starts.
    known: HashMap<String, u32>,
}

impl Writer {
    fn number(&mut self, number: usize) {
        let number = u32::try_from(number);
        self.numbers.push(number.expect("no number is that large"));
    }

    fn text(&mut self, text: &str) {
        let start = match self.known.get(text) {
            Some(&start) => start as usize,
            None => {
                let start = self.texts.len();
                self.texts.push_str(text);
                let known = u32::try_from(start).expect("no catalog is that long");
                self.known.insert(text.to_owned(), known);
                start
            }
        };
        self.number(start);
        self.number(text.len());
    }
}

/// What of a record is yet to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader {
    numbers: &'static [u32],
    texts: &'static str,
}

impl Reader {
    /// A reader of a record that starts where the numbers do.
    pub(super) const fn new(numbers: &'static [u32], texts: &'static str) -> Self {
        Self { numbers, texts }
    }

    fn number(&mut self) -> u32 {
        let (first, rest) = self.numbers.split_first().expect(WRITTEN);
        self.numbers = rest;
        *first
    }

    fn len(&mut self) -> usize {
        self.number() as usize
    }

    fn skip(&mut self, count: usize) {
        self.numbers = self.numbers.get(count..).expect(WRITTEN);
    }
}

const WRITTEN: &str = "a record is read by the type that wrote it";

/// A value that a record may hold.
pub(super) trait Field: Sized {
    /// Appends the value.
    fn write(&self, out: &mut Writer);

    /// The value that comes next.
    fn read(from: &mut Reader) -> Self;

    /// Passes over the value that comes next.
    fn skip(from: &mut Reader) {
        Self::read(from);
    }
}

/// Declares a struct of which a record is made. Who declares one uses this module by its name.
macro_rules! fields {
    (
        $(#[$about:meta])*
        $vis:vis struct $name:ident {
            $($(#[$doc:meta])* pub $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$about])*
        $vis struct $name {
            $($(#[$doc])* pub $field: $type,)*
        }

        impl $name {
            /// A reader of a record that has come to one of its fields.
            #[allow(dead_code, reason = "not every record is asked for one field")]
            pub(super) fn seek(mut from: record::Reader, field: &str) -> record::Reader {
                $(
                    if field == stringify!($field) {
                        return from;
                    }
                    <$type as record::Field>::skip(&mut from);
                )*
                unreachable!("only fields that there are are asked for")
            }
        }

        impl record::Field for $name {
            fn write(&self, out: &mut record::Writer) {
                // Taken apart, so that no field can be forgotten.
                let Self { $($field,)* } = self;
                $(record::Field::write($field, out);)*
            }

            fn read(from: &mut record::Reader) -> Self {
                Self {
                    $($field: record::Field::read(from),)*
                }
            }
        }
    };
}
pub(super) use fields;

impl Field for Text {
    fn write(&self, out: &mut Writer) {
        out.text(self);
    }

    fn read(from: &mut Reader) -> Self {
        let (start, len) = (from.len(), from.len());
        Cow::Borrowed(&from.texts[start..start + len])
    }

    fn skip(from: &mut Reader) {
        from.skip(2);
    }
}

/// How many numbers the list takes, how many items it has, and these.
impl<T: Field + Clone> Field for List<T> {
    fn write(&self, out: &mut Writer) {
        let place = out.numbers.len();
        out.number(0);
        out.number(self.len());
        self.iter().for_each(|item| item.write(out));
        let taken = out.numbers.len() - place - 1;
        out.numbers[place] = u32::try_from(taken).expect("no list is that long");
    }

    fn read(from: &mut Reader) -> Self {
        let (_, count) = (from.len(), from.len());
        match count {
            0 => Cow::Borrowed(&[]),
            _ => (0..count).map(|_| T::read(from)).collect(),
        }
    }

    fn skip(from: &mut Reader) {
        let taken = from.len();
        from.skip(taken);
    }
}

impl<T: Field> Field for Option<T> {
    fn write(&self, out: &mut Writer) {
        self.is_some().write(out);
        if let Some(value) = self {
            value.write(out);
        }
    }

    fn read(from: &mut Reader) -> Self {
        bool::read(from).then(|| T::read(from))
    }
}

impl Field for bool {
    fn write(&self, out: &mut Writer) {
        out.number(usize::from(*self));
    }

    fn read(from: &mut Reader) -> Self {
        from.number() != 0
    }
}

impl Field for f32 {
    fn write(&self, out: &mut Writer) {
        out.numbers.push(self.to_bits());
    }

    fn read(from: &mut Reader) -> Self {
        Self::from_bits(from.number())
    }
}

/// Whole numbers.
macro_rules! whole {
    ($($type:ty),*) => {
        $(impl Field for $type {
            fn write(&self, out: &mut Writer) {
                let number = usize::try_from(*self);
                out.number(number.expect("no number is that large"));
            }

            fn read(from: &mut Reader) -> Self {
                Self::try_from(from.number()).expect(WRITTEN)
            }
        })*
    };
}

whole!(u16, u32, usize);

/// Makes fields of enums that have `ALL` values, each by its place there.
macro_rules! worded {
    ($($type:ty),*) => {
        $(impl record::Field for $type {
            fn write(&self, out: &mut record::Writer) {
                let place = Self::ALL.iter().position(|value| value == self);
                place.expect("all values are listed").write(out);
            }

            fn read(from: &mut record::Reader) -> Self {
                Self::ALL[usize::read(from)]
            }
        })*
    };
}

pub(super) use worded;

impl Field for CharSet {
    fn write(&self, out: &mut Writer) {
        let words = [0, 32, 64, 96].map(|shift| (self.0 >> shift) as u32);
        out.numbers.extend(words);
    }

    fn read(from: &mut Reader) -> Self {
        let words = [0; 4].map(|_: u32| u128::from(from.number()));
        Self(words[0] | words[1] << 32 | words[2] << 64 | words[3] << 96)
    }
}

impl Field for Proof {
    fn write(&self, out: &mut Writer) {
        out.text(self.name());
    }

    fn read(from: &mut Reader) -> Self {
        Self::named(&Text::read(from)).expect("a test reads every rule of the catalog")
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{Field, List, Reader, Text, Writer};
    use crate::rules::charset::CharSet;
    use crate::rules::record;

    fields! {
        #[derive(Clone, Debug, PartialEq)]
        pub(super) struct Inner {
            pub word: Text,
            pub number: usize,
        }
    }

    fields! {
        #[derive(Clone, Debug, PartialEq)]
        pub(super) struct Outer {
            pub name: Text,
            pub inner: List<Inner>,
            pub lists: List<List<Text>>,
            pub maybe: Option<u16>,
            pub set: CharSet,
            pub share: f32,
            pub is: bool,
            pub last: Text,
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let empty = Outer {
            name: Cow::Borrowed(""),
            inner: Cow::Borrowed(&[]),
            lists: Cow::Borrowed(&[]),
            maybe: None,
            set: CharSet::EMPTY,
            share: 0.0,
            is: false,
            last: Cow::Borrowed(""),
        };
        let inner = |word: &'static str, number| Inner {
            word: word.into(),
            number,
        };
        let full = Outer {
            name: "a name".into(),
            inner: vec![inner("x", 1), inner("", 20)].into(),
            lists: vec![vec!["a".into(), "b".into()].into(), vec!["c".into()].into()].into(),
            maybe: Some(3),
            set: CharSet(u128::MAX - 12),
            share: -3.25,
            is: true,
            last: "a name".into(),
        };
        for record in [empty, full] {
            let mut out = Writer::default();
            inner("before", 0).write(&mut out);
            let start = out.numbers.len();
            record.write(&mut out);
            let (numbers, texts): (&'static [u32], &'static str) =
                (out.numbers.leak(), out.texts.leak());
            let reader = Reader::new(&numbers[start..], texts);
            let mut all = reader;
            assert_eq!(Outer::read(&mut all), record);
            assert!(all.numbers.is_empty());
            let last = &mut Outer::seek(reader, "last");
            assert_eq!(Text::read(last), record.last);
            assert!(last.numbers.is_empty());
            assert_eq!(bool::read(&mut Outer::seek(reader, "is")), record.is);
        }
    }
}
