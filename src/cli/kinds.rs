//! What an argument may be, so that help, completions and manual pages list it: one of the rows of a table.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::agent::Agent;
use crate::allow::Date;
use crate::confidence::Confidence;
use crate::dotenv::Dialect;
use crate::hook::HookKind;
use crate::report::audit::AuditFormat;
use crate::report::{FORMATS, Format};
use crate::store::Store;

/// Reads one of several, each by its name.
fn one_of<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    named: fn(T) -> PossibleValue,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.iter().copied().map(named)).try_map(move |name: String| {
        let mut all = all.iter().copied();
        all.find(|&one| named(one).get_name() == name)
            .ok_or("no such name")
    })
}

pub(super) fn formats() -> impl TypedValueParser<Value = Format> {
    one_of(FORMATS, |it| PossibleValue::new(it.name()).help(it.about()))
}

pub(super) fn hooks() -> impl TypedValueParser<Value = HookKind> {
    one_of(HookKind::ALL, |it| PossibleValue::new(it.name()))
}

pub(super) fn agents() -> impl TypedValueParser<Value = Agent> {
    one_of(Agent::ALL, |it| {
        PossibleValue::new(it.name()).help(it.title())
    })
}

pub(super) fn confidences() -> impl TypedValueParser<Value = Confidence> {
    one_of(&Confidence::ALL, |it| PossibleValue::new(it.as_str()))
}

pub(super) fn date(text: &str) -> Result<Date, &'static str> {
    Date::parse(text).ok_or("a date is written 2027-01-31")
}

pub(super) fn audit_formats() -> impl TypedValueParser<Value = AuditFormat> {
    one_of(&AuditFormat::ALL, |it| PossibleValue::new(it.name()))
}

pub(super) fn stores() -> impl TypedValueParser<Value = Store> {
    one_of(Store::ALL, |it| PossibleValue::new(it.word()))
}

pub(super) fn dialects() -> impl TypedValueParser<Value = Dialect> {
    one_of(Dialect::ALL, |it| PossibleValue::new(it.word()))
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    fn reads_itself<T: Copy + Debug + PartialEq + Send + Sync + 'static>(
        parser: &impl TypedValueParser<Value = T>,
        all: &[T],
        name: fn(T) -> &'static str,
    ) {
        let command = clap::Command::new("keyward");
        let read = |word: &str| parser.parse_ref(&command, None, word.as_ref());
        for &one in all {
            assert_eq!(read(name(one)).expect("it has a name"), one);
        }
        assert!(read("nothing").is_err());
    }

    #[test]
    fn each_name_is_that_of_its_row() {
        reads_itself(&hooks(), HookKind::ALL, HookKind::name);
        reads_itself(&agents(), Agent::ALL, Agent::name);
        reads_itself(&confidences(), &Confidence::ALL, Confidence::as_str);
        reads_itself(&stores(), Store::ALL, Store::word);
        reads_itself(&dialects(), Dialect::ALL, Dialect::word);
    }
}
