//! The keys that a table may have.

use serde::de::value::Error;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};

/// The keys of a struct that derives `Deserialize`, as they are written.
///
/// The derived code hands them to the deserializer, so there is no second list to keep in step.
pub(super) fn known_keys<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let mut keys: &[&str] = &[];
    // It fails once it has the keys: there is no value to be had.
    let _ = T::deserialize(KeyReader { keys: &mut keys });
    keys
}

struct KeyReader<'k> {
    keys: &'k mut &'static [&'static str],
}

impl<'de> Deserializer<'de> for KeyReader<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("not a struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        *self.keys = fields;
        Err(Error::custom("only the keys were wanted"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::words::RuleWords;

    #[test]
    fn keys_come_from_the_struct() {
        let keys = known_keys::<RuleWords>();
        for key in ["id", "name", "format", "min_entropy"] {
            assert!(keys.contains(&key), "{keys:?} lacks {key}");
        }
        assert!(known_keys::<String>().is_empty());
    }
}
