//! The built-in rules, as `build.rs` made them from the files in `catalog/`.
//!
//! The static data hold no pointers: a pointer for each text of a thousand rules would cost every
//! start of the program a relocation, and the pages that they lie on. A rule is taken apart when a
//! text first has one of its keywords.

use std::borrow::Cow;
use std::str::FromStr;
use std::sync::OnceLock;

use super::{CharSet, Literal, Reach, Rule, Use};
use crate::finding::Provider;
use crate::proof::Proof;

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

const RULE_COUNT: usize = RULES_STARTS.len() - 1;
const PROVIDER_COUNT: usize = PROVIDERS_STARTS.len() - 1;

/// How many rules there are.
pub(super) const fn rule_count() -> usize {
    RULE_COUNT
}

/// The rule of that number, in the order of the providers' files.
pub(super) fn rule(number: usize) -> &'static Rule {
    static RULES_READ: [OnceLock<Rule>; RULE_COUNT] = [const { OnceLock::new() }; RULE_COUNT];
    RULES_READ[number].get_or_init(|| read_rule(text(RULES, &RULES_STARTS, number)))
}

/// How many providers there are.
pub(super) const fn provider_count() -> usize {
    PROVIDER_COUNT
}

/// The provider of that number; they are sorted by id.
pub(super) fn provider(number: usize) -> &'static Provider {
    static PROVIDERS_READ: [OnceLock<Provider>; PROVIDER_COUNT] =
        [const { OnceLock::new() }; PROVIDER_COUNT];
    PROVIDERS_READ[number].get_or_init(|| read_provider(text(PROVIDERS, &PROVIDERS_STARTS, number)))
}

/// What a keyword leads to.
pub(super) fn uses(keyword: usize) -> &'static [Use] {
    &USES[usize::from(USE_STARTS[keyword])..usize::from(USE_STARTS[keyword + 1])]
}

fn text(all: &'static str, starts: &[u32], number: usize) -> &'static str {
    &all[starts[number] as usize..starts[number + 1] as usize]
}

/// The fields of a record, one after the other. `build.rs` wrote them; a test reads every record.
struct Fields(std::str::Split<'static, char>);

impl Fields {
    fn of(record: &'static str) -> Self {
        Self(record.split('\x1f'))
    }

    fn text(&mut self) -> &'static str {
        self.0.next().expect("a record has all its fields")
    }

    fn value<T: FromStr>(&mut self) -> T {
        let parsed = self.text().parse().ok();
        parsed.expect("a field is written by the type that reads it")
    }

    fn items(&mut self) -> impl Iterator<Item = &'static str> + use<> {
        self.text().split('\x1e').filter(|item| !item.is_empty())
    }

    fn list(&mut self) -> Cow<'static, [Cow<'static, str>]> {
        self.items().map(Cow::Borrowed).collect::<Vec<_>>().into()
    }
}

fn read_provider(record: &'static str) -> Provider {
    let mut fields = Fields::of(record);
    Provider {
        id: fields.text().into(),
        name: fields.text().into(),
        kind: fields.text().into(),
        env: fields.list(),
        docs: fields.text().into(),
        revoke: fields.text().into(),
        usage: fields.text().into(),
        limit: fields.text().into(),
    }
}

fn read_rule(record: &'static str) -> Rule {
    let mut fields = Fields::of(record);
    Rule {
        id: fields.text().into(),
        name: fields.text().into(),
        provider: provider(fields.value()),
        regex: fields.text().into(),
        grouped: fields.value(),
        reach: match fields.text() {
            "anchored" => Reach::Anchored,
            "around" => Reach::Around,
            "named" => Reach::Named,
            _ => Reach::Near,
        },
        literals: {
            let texts = fields.items();
            let numbers = |field: &'static str| field.split('\x1e').map(|n| n.parse().unwrap_or(0));
            let least = numbers(fields.text());
            let most = numbers(fields.text());
            let literals = texts.zip(least).zip(most);
            literals
                .map(|((text, min_before), max_before)| Literal {
                    text: text.into(),
                    min_before,
                    max_before,
                })
                .collect::<Vec<_>>()
                .into()
        },
        max_len: fields.value(),
        min_len: fields.value(),
        bytes: CharSet(fields.value()),
        needs: fields
            .items()
            .map(|need| need.split('\x1d').map(Cow::Borrowed).collect())
            .collect(),
        prefix: fields.text().into(),
        literal_len: fields.value(),
        generic: fields.value(),
        distinctive: fields.value(),
        tail: CharSet(fields.value()),
        alphabet: fields.value(),
        hex: fields.value(),
        min_entropy: fields.value(),
        checksum: match fields.text() {
            "" => None,
            name => Some(Proof::named(name).expect("the build knows the checksums")),
        },
        confidence: fields.value(),
        unchecked: fields.text().parse().ok(),
        public: fields.value(),
        companion: match fields.text() {
            "" => None,
            id => Some(id.into()),
        },
        other_halves: fields
            .items()
            .map(|number| number.parse().expect("the build writes numbers"))
            .collect::<Vec<u16>>()
            .into(),
        env: fields.list(),
        samples: fields.list(),
        counterexamples: fields.list(),
        sources: fields.list(),
    }
}
