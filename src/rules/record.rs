//! Records: a struct as one text, which the build writes and the program reads.
//!
//! A text holds no pointers: a pointer for each string of a thousand rules would cost every start of
//! the program a relocation, and the pages that they lie on.
//!
//! [`fields!`] takes the fields of a struct once. How they are written, how they are read and by what
//! name each is found follow from that list. `build.rs` includes this file too.

use std::borrow::Cow;

use super::charset::CharSet;
use crate::proof::Proof;

/// A text, static or not.
pub(super) type Text = Cow<'static, str>;

/// A list, static or not.
pub(super) type List<T> = Cow<'static, [T]>;

/// What parts the fields of a record, the items of a list in it, the parts of such an item, and
/// theirs: ASCII's own separators.
const SEPARATORS: [char; 4] = ['\x1f', '\x1e', '\x1d', '\x1c'];

/// A value that a record may hold.
pub(super) trait Field: Sized {
    /// Appends the value as text. `depth` counts the records and lists that it stands in.
    fn write(&self, depth: usize, out: &mut String);

    /// The value of a text that was written at the same depth.
    fn read(text: &'static str, depth: usize) -> Self;
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
            /// The text of one field of a record, without a look at the fields behind it.
            #[allow(dead_code, reason = "not every record is asked for one field")]
            pub(super) fn peek(record: &'static str, field: &str) -> &'static str {
                let names = [$(stringify!($field),)*];
                let at = names.iter().position(|&name| name == field);
                let at = at.expect("only fields that there are are asked for");
                record::parts(record, 0).nth(at).unwrap_or_default()
            }
        }

        impl record::Field for $name {
            fn write(&self, depth: usize, out: &mut String) {
                // Taken apart, so that no field can be forgotten.
                let Self { $($field,)* } = self;
                let parts = [$(record::written($field, depth + 1),)*];
                record::join(&parts, depth, out);
            }

            fn read(text: &'static str, depth: usize) -> Self {
                let mut parts = record::parts(text, depth);
                let mut next = || parts.next().unwrap_or_default();
                Self {
                    $($field: record::Field::read(next(), depth + 1),)*
                }
            }
        }
    };
}
pub(super) use fields;

/// A value as text.
pub(super) fn written(value: &impl Field, depth: usize) -> String {
    let mut out = String::new();
    value.write(depth, &mut out);
    out
}

/// Appends parts with the separator of their depth between them.
pub(super) fn join(parts: &[String], depth: usize, out: &mut String) {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.push(SEPARATORS[depth]);
        }
        out.push_str(part);
    }
}

/// The parts of a text that [`join`] made.
pub(super) fn parts(text: &'static str, depth: usize) -> std::str::Split<'static, char> {
    text.split(SEPARATORS[depth])
}

impl Field for Text {
    fn write(&self, _: usize, out: &mut String) {
        assert!(!self.contains(SEPARATORS), "{self:?} holds a separator");
        out.push_str(self);
    }

    fn read(text: &'static str, _: usize) -> Self {
        Cow::Borrowed(text)
    }
}

impl<T: Field + Clone> Field for List<T> {
    fn write(&self, depth: usize, out: &mut String) {
        let parts: Vec<String> = self.iter().map(|item| written(item, depth + 1)).collect();
        assert!(
            !parts.iter().any(String::is_empty),
            "an item without text reads as no item"
        );
        join(&parts, depth, out);
    }

    fn read(text: &'static str, depth: usize) -> Self {
        parts(text, depth)
            .filter(|part| !part.is_empty())
            .map(|part| T::read(part, depth + 1))
            .collect()
    }
}

impl<T: Field> Field for Option<T> {
    fn write(&self, depth: usize, out: &mut String) {
        if let Some(value) = self {
            let text = written(value, depth);
            assert!(!text.is_empty(), "a value without text reads as none");
            out.push_str(&text);
        }
    }

    fn read(text: &'static str, depth: usize) -> Self {
        (!text.is_empty()).then(|| T::read(text, depth))
    }
}

/// Values that are written with [`ToString`] and read with [`str::parse`].
macro_rules! parsed {
    ($($type:ty),*) => {
        $(impl Field for $type {
            fn write(&self, _: usize, out: &mut String) {
                out.push_str(&self.to_string());
            }

            fn read(text: &'static str, _: usize) -> Self {
                let value = text.parse().ok();
                value.expect("a field is read by the type that wrote it")
            }
        })*
    };
}

parsed!(bool, u16, u32, usize, f32);

/// Makes fields of enums that have `ALL` values and a word for each, `as_str`.
macro_rules! worded {
    ($($type:ty),*) => {
        $(impl record::Field for $type {
            fn write(&self, _: usize, out: &mut String) {
                out.push_str(self.as_str());
            }

            fn read(text: &'static str, _: usize) -> Self {
                let value = Self::ALL.into_iter().find(|value| value.as_str() == text);
                value.expect("a value is written by its word")
            }
        })*
    };
}

pub(super) use worded;

impl Field for CharSet {
    fn write(&self, _: usize, out: &mut String) {
        out.push_str(&self.0.to_string());
    }

    fn read(text: &'static str, _: usize) -> Self {
        let bits = text.parse().ok();
        Self(bits.expect("a set is written by its bits"))
    }
}

impl Field for Proof {
    fn write(&self, _: usize, out: &mut String) {
        out.push_str(self.name());
    }

    fn read(text: &'static str, _: usize) -> Self {
        Self::named(text).expect("a test reads every rule of the catalog")
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{Field, List, Text, written};
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
            last: "the last".into(),
        };
        for record in [empty, full] {
            let text: &'static str = written(&record, 0).leak();
            assert_eq!(Outer::read(text, 0), record);
            assert_eq!(Outer::peek(text, "name"), record.name);
            assert_eq!(Outer::peek(text, "last"), record.last);
        }
    }

    #[test]
    #[should_panic(expected = "holds a separator")]
    fn a_separator_in_a_text_is_refused() {
        written(&Text::from("a\x1eb"), 0);
    }
}
