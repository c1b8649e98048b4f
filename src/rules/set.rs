//! The rules in force.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::compile::{self, Compiled};
use super::words::{ProviderFile, RuleWords};
use super::{Literal, Reach, Rule, Use, catalog};
use crate::finding::Provider;
use crate::prefilter::{self, Method, Prefilter};
use crate::proof::Proof;

/// A rule that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// Which of the rules that were given, counted from 0; `None` if all together are the trouble.
    pub number: Option<usize>,
    /// What is wrong, in words for its author.
    pub problem: String,
}

impl std::fmt::Display for RuleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for RuleError {}

/// The rules in force: the catalog's and a user's own, less those switched off.
///
/// Nothing is compiled before a text needs it.
#[derive(Debug)]
pub struct RuleSet {
    own: Vec<Rule>,
    own_uses: Vec<Vec<Use>>,
    prefilter: Prefilter,
    off: Vec<usize>,
    regexes: Vec<OnceLock<Regex>>,
}

impl RuleSet {
    /// The catalog.
    pub fn builtin() -> Self {
        Self::with_own(Vec::new(), BTreeMap::new())
    }

    /// The catalog and a user's own rules, each compiled and its regex tried. A rule may name its
    /// provider, one of the catalog's or another.
    ///
    /// # Errors
    /// Where a rule says too little or its pattern is no regex.
    pub fn with<'w>(
        own: impl IntoIterator<Item = (Option<&'w str>, &'w RuleWords)>,
    ) -> Result<Self, RuleError> {
        let mut rules: Vec<Rule> = Vec::new();
        for (provider, words) in own {
            let number = Some(rules.len());
            let error = |problem| RuleError { number, problem };
            let rule = own_rule(provider, words).map_err(error)?;
            let taken = |other: &Rule| other.id == rule.id;
            let builtin = (0..catalog::rule_count()).map(catalog::rule).any(taken);
            if builtin || rules.iter().any(taken) {
                return Err(error(format!(
                    "rule `{}`: the id is taken; choose another",
                    rule.id
                )));
            }
            rules.push(rule);
        }
        let first = catalog::rule_count();
        let mut keywords: BTreeMap<String, Vec<Use>> = BTreeMap::new();
        for (number, rule) in rules.iter().enumerate() {
            for (literal, text) in rule.literals.iter().enumerate() {
                let (Ok(rule), Ok(literal)) =
                    (u16::try_from(first + number), u16::try_from(literal))
                else {
                    return Err(RuleError {
                        number: None,
                        problem: "more rules than keyward can hold".into(),
                    });
                };
                let uses = keywords.entry(text.text.to_ascii_lowercase()).or_default();
                uses.push(Use { rule, literal });
            }
        }
        Ok(Self::with_own(rules, keywords))
    }

    fn with_own(own: Vec<Rule>, keywords: BTreeMap<String, Vec<Use>>) -> Self {
        let count = catalog::rule_count() + own.len();
        let (own_keywords, own_uses) = keywords.into_iter().unzip();
        Self {
            own,
            own_uses,
            prefilter: Prefilter::new(Method::default(), own_keywords),
            off: Vec::new(),
            regexes: std::iter::repeat_with(OnceLock::new).take(count).collect(),
        }
    }

    /// Switches off every rule for which `is_off` holds.
    #[must_use]
    pub fn without(mut self, is_off: impl Fn(&Rule) -> bool) -> Self {
        self.off = (0..self.len())
            .filter(|&number| is_off(self.get(number)))
            .collect();
        self
    }

    /// How many rules there are, those switched off included.
    pub fn len(&self) -> usize {
        self.regexes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rule of that number.
    pub fn get(&self, number: usize) -> &Rule {
        match number.checked_sub(catalog::rule_count()) {
            None => catalog::rule(number),
            Some(own) => &self.own[own],
        }
    }

    /// Whether the rule of that number is in force.
    pub fn is_on(&self, number: usize) -> bool {
        self.off.binary_search(&number).is_err()
    }

    /// The rules in force.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.numbered().map(|(_, rule)| rule)
    }

    /// The rules in force, with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (usize, &Rule)> {
        (0..self.len())
            .filter(|&number| self.is_on(number))
            .map(|number| (number, self.get(number)))
    }

    /// The rule with that id, if it is in force.
    pub fn find(&self, id: &str) -> Option<&Rule> {
        self.iter().find(|rule| rule.id == id)
    }

    /// The number of the rule with that id, in force or not.
    pub fn number_of(&self, id: &str) -> Option<usize> {
        (0..self.len()).find(|&number| self.get(number).id == id)
    }

    /// The numbers of the rules for the other half of what this rule finds: those in force that name
    /// it as their companion.
    pub fn other_halves(&self, number: usize) -> impl Iterator<Item = usize> {
        let rule = self.get(number);
        let first = catalog::rule_count();
        let own = self
            .own
            .iter()
            .enumerate()
            .filter(|(_, own)| own.companion.as_deref() == Some(&*rule.id))
            .map(move |(at, _)| first + at);
        let builtin = rule.other_halves.iter().map(|&half| usize::from(half));
        builtin
            .chain(own)
            .filter(|&half| self.is_on(half) && self.get(half).reach == Reach::Near)
    }

    /// Every provider of the catalog.
    pub fn providers(&self) -> impl Iterator<Item = &'static Provider> + use<> {
        (0..catalog::provider_count()).map(catalog::provider)
    }

    /// The regex of a rule: anchored at its start for [`Reach::Anchored`], free otherwise.
    pub fn regex(&self, number: usize) -> &Regex {
        self.regexes[number].get_or_init(|| {
            compile_regex(self.get(number))
                .expect("the tests compile each rule of the catalog, `with` each of a user's own")
        })
    }

    /// The same rules, their keywords sought by another method.
    #[must_use]
    pub fn sought_by(mut self, method: Method) -> Self {
        self.prefilter = self.prefilter.by(method);
        self
    }

    /// What finds the keywords of the rules, by their numbers.
    pub fn prefilter(&self) -> &Prefilter {
        &self.prefilter
    }

    /// What the keyword of that number leads to.
    pub fn uses(&self, keyword: usize) -> &[Use] {
        match keyword.checked_sub(prefilter::keyword_count()) {
            None => catalog::uses(keyword),
            Some(own) => &self.own_uses[own],
        }
    }
}

/// An ASCII regex over bytes.
fn compile_regex(rule: &Rule) -> Result<Regex, regex::Error> {
    let pattern = match rule.reach {
        Reach::Anchored => format!("^(?:{})", rule.regex),
        Reach::Around | Reach::Near | Reach::Named => rule.regex.clone().into_owned(),
    };
    RegexBuilder::new(&pattern).unicode(false).build()
}

fn own_rule(provider: Option<&str>, words: &RuleWords) -> Result<Rule, String> {
    let named = provider.unwrap_or_default();
    let known = (0..catalog::provider_count())
        .map(catalog::provider)
        .find(|known| {
            known.id.eq_ignore_ascii_case(named) || known.name.eq_ignore_ascii_case(named)
        });
    let provider = match known {
        Some(known) => known,
        // Kept to the end: settings are read once, and hold few rules.
        None => Box::leak(Box::new(Provider {
            id: named.to_ascii_lowercase().into(),
            name: if named.is_empty() {
                words.name.clone()
            } else {
                named.to_owned()
            }
            .into(),
            kind: "own".into(),
            ..Provider::default()
        })),
    };
    let file = ProviderFile {
        provider: provider.name.clone().into_owned(),
        kind: provider.kind.clone().into_owned(),
        env: provider
            .env
            .iter()
            .map(|env| env.clone().into_owned())
            .collect(),
        words: None,
        generic: false,
        docs: String::new(),
        revoke: String::new(),
        usage: String::new(),
        limit: String::new(),
        rule: Vec::new(),
    };
    let compiled = compile::compile(&file, &provider.id, words)?;
    let checksum = match &compiled.checksum {
        None => None,
        Some(name) => Some(
            Proof::named(name)
                .ok_or_else(|| format!("rule `{}`: no checksum is called `{name}`", compiled.id))?,
        ),
    };
    let rule = from_compiled(compiled, provider, checksum);
    compile_regex(&rule).map_err(|error| {
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default();
        format!("rule `{}`: the pattern is no regex: {reason}", rule.id)
    })?;
    Ok(rule)
}

fn from_compiled(compiled: Compiled, provider: &'static Provider, checksum: Option<Proof>) -> Rule {
    let (reach, literals) = match compiled.reach {
        compile::Reach::Anchored(anchors) => (
            Reach::Anchored,
            anchors
                .into_iter()
                .map(|anchor| Literal {
                    text: anchor.text.into(),
                    min_before: anchor.min_before,
                    max_before: anchor.max_before,
                })
                .collect(),
        ),
        compile::Reach::Around(words) => (Reach::Around, plain(words)),
        compile::Reach::Near(words) => (Reach::Near, plain(words)),
        compile::Reach::Named(words) => (Reach::Named, plain(words)),
    };
    Rule {
        id: compiled.id.into(),
        name: compiled.name.into(),
        provider,
        regex: compiled.regex.into(),
        grouped: compiled.grouped,
        reach,
        literals: Cow::Owned(literals),
        max_len: compiled.max_len,
        min_len: compiled.min_len,
        bytes: compiled.bytes,
        needs: compiled
            .needs
            .into_iter()
            .map(|need| need.into_iter().map(Cow::Owned).collect())
            .collect(),
        prefix: compiled.prefix.into(),
        literal_len: compiled.literal_len,
        generic: compiled.generic,
        distinctive: compiled.distinctive,
        tail: compiled.tail,
        alphabet: compiled.alphabet,
        hex: compiled.hex,
        min_entropy: compiled.min_entropy,
        checksum,
        confidence: compiled.confidence,
        unchecked: compiled.unchecked,
        public: compiled.public,
        companion: compiled.companion.map(Cow::Owned),
        other_halves: Cow::Borrowed(&[]),
        env: owned(&compiled.env),
        samples: owned(&compiled.samples),
        counterexamples: owned(&compiled.counterexamples),
        sources: owned(&compiled.sources),
    }
}

fn plain(words: Vec<String>) -> Vec<Literal> {
    words
        .into_iter()
        .map(|word| Literal {
            text: word.into(),
            min_before: 0,
            max_before: 0,
        })
        .collect()
}

fn owned(texts: &[String]) -> Cow<'static, [Cow<'static, str>]> {
    texts
        .iter()
        .cloned()
        .map(Cow::Owned)
        .collect::<Vec<_>>()
        .into()
}
