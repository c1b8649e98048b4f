//! The built-in rules, as `build.rs` made them from the files in `catalog/`.
//!
//! Each is a [record](super::record). A rule is taken apart when a text first has one of its keywords.

use std::ops::Deref;
use std::sync::OnceLock;

use super::pattern::Pattern;
use super::provider::{Holder, Provider, ProviderRef};
use super::record::{Field, Reader, Text};
use super::rule::Rule;
use super::{RuleNumber, Use};

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

const RULE_COUNT: usize = RULE_STARTS.len();
const PROVIDER_COUNT: usize = PROVIDER_STARTS.len();

/// How many rules there are.
pub(super) const fn rule_count() -> usize {
    RULE_COUNT
}

/// The rule of that number, in the order of the providers' files.
pub(super) fn rule(number: usize) -> &'static Rule {
    static RULES_READ: [OnceLock<Box<Rule>>; RULE_COUNT] = [const { OnceLock::new() }; RULE_COUNT];
    RULES_READ[number].get_or_init(|| Box::new(Rule::read(&mut rule_record(number))))
}

/// The pattern of a rule, of which the build wrote the program.
pub(super) fn pattern(number: usize) -> &'static Pattern {
    static PATTERNS: [OnceLock<Box<Pattern>>; RULE_COUNT] = [const { OnceLock::new() }; RULE_COUNT];
    let place = |number: usize| PROGRAM_STARTS[number] as usize;
    let program = || &PROGRAMS[place(number)..place(number + 1)];
    PATTERNS[number].get_or_init(|| Box::new(Pattern::written(rule(number), program())))
}

/// The number of the rule with that id. It takes no rule apart.
pub(super) fn rule_with_id(id: &str) -> Option<RuleNumber> {
    let id_of = |&number: &u16| self::id(usize::from(number));
    let at = RULES_BY_ID.binary_search_by_key(&id, id_of).ok()?;
    Some(RuleNumber(RULES_BY_ID[at]))
}

/// The id of a rule. It is not taken apart.
pub(super) fn id(number: usize) -> &'static str {
    text(Rule::seek(rule_record(number), "id"))
}

/// The ids of a rule and of its provider. It takes neither apart.
pub(super) fn ids(number: usize) -> (&'static str, &'static str) {
    // A provider is written by its number.
    let provider = usize::read(&mut Rule::seek(rule_record(number), "provider"));
    let provider = Provider::seek(provider_record(provider), "id");
    (id(number), text(provider))
}

/// The text that a reader has come to.
fn text(mut at: Reader) -> &'static str {
    match Text::read(&mut at) {
        Text::Borrowed(text) => text,
        Text::Owned(_) => unreachable!("what the build wrote is borrowed"),
    }
}

fn rule_record(number: usize) -> Reader {
    Reader::new(&RECORDS[RULE_STARTS[number] as usize..], RECORD_TEXTS)
}

fn provider_record(number: usize) -> Reader {
    Reader::new(&RECORDS[PROVIDER_STARTS[number] as usize..], RECORD_TEXTS)
}

/// The providers; they are sorted by id.
pub(super) fn providers() -> impl Iterator<Item = &'static Provider> {
    (0..PROVIDER_COUNT).map(provider)
}

/// The provider of that id or name, in any case of its letters.
pub(super) fn provider_called(name: &str) -> Option<ProviderRef> {
    let number = (0..PROVIDER_COUNT).find(|&number| {
        let record = provider_record(number);
        ["id", "name"]
            .map(|field| text(Provider::seek(record, field)))
            .into_iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    })?;
    u16::try_from(number).ok().map(ProviderRef::catalog)
}

fn provider(number: usize) -> &'static Provider {
    static PROVIDERS_READ: [OnceLock<Box<Provider>>; PROVIDER_COUNT] =
        [const { OnceLock::new() }; PROVIDER_COUNT];
    PROVIDERS_READ[number].get_or_init(|| Box::new(Provider::read(&mut provider_record(number))))
}

impl Deref for ProviderRef {
    type Target = Provider;

    fn deref(&self) -> &Provider {
        match &self.0 {
            Holder::Catalog(number) => provider(usize::from(*number)),
            Holder::Own(provider) => provider,
        }
    }
}

/// The numbers of the rules that count alone.
pub(super) fn alone() -> &'static [u16] {
    &ALONE
}

/// The length of the shortest secret of these, in bytes.
pub(super) const fn alone_min_len() -> usize {
    ALONE_MIN_LEN
}

/// What a keyword leads to.
pub(super) fn uses(keyword: usize) -> &'static [Use] {
    &USES[usize::from(USE_STARTS[keyword])..usize::from(USE_STARTS[keyword + 1])]
}
