//! The rules in force.

use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::compile::{Owner, compile};
use super::words::RuleWords;
use super::{Provider, ProviderRef, Reach, Rule, Use, catalog};
use crate::prefilter::{self, Method, Prefilter};

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
    /// Where a rule says too little or what cannot be, or its id is taken.
    pub fn with<'w>(
        own: impl IntoIterator<Item = (Option<&'w str>, &'w RuleWords)>,
    ) -> Result<Self, RuleError> {
        let mut rules: Vec<Rule> = Vec::new();
        let mut taken = HashSet::new();
        for (provider, words) in own {
            let number = Some(rules.len());
            let error = |problem| RuleError { number, problem };
            let rule = own_rule(provider, words).map_err(error)?;
            if catalog::rule_with_id(&words.id).is_some() || !taken.insert(&words.id) {
                let problem = format!("rule `{}`: the id is taken; choose another", rule.id);
                return Err(error(problem));
            }
            rules.push(rule);
        }
        let keywords = keywords(&rules).ok_or_else(|| RuleError {
            number: None,
            problem: "more rules than keyward can hold".into(),
        })?;
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

    /// Switches off every rule for which `is_off` holds, of its id and its provider's. No rule is
    /// taken out of the catalog for that.
    #[must_use]
    pub fn without(mut self, is_off: impl Fn(&str, &str) -> bool) -> Self {
        let first = catalog::rule_count();
        let is_off = |number: usize| {
            let (rule, provider) = match number.checked_sub(first) {
                None => catalog::ids(number),
                Some(own) => (&*self.own[own].id, &*self.own[own].provider.id),
            };
            is_off(rule, provider)
        };
        self.off = (0..self.len()).filter(|&number| is_off(number)).collect();
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
        let number = self.number_of(id)?;
        self.is_on(number).then(|| self.get(number))
    }

    /// The number of the rule with that id, in force or not.
    pub fn number_of(&self, id: &str) -> Option<usize> {
        catalog::rule_with_id(id).or_else(|| {
            let own = self.own.iter().position(|rule| rule.id == id)?;
            Some(catalog::rule_count() + own)
        })
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
        catalog::providers()
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

/// The keywords of a user's own rules, with what each leads to; `None` if they are too many.
fn keywords(rules: &[Rule]) -> Option<BTreeMap<String, Vec<Use>>> {
    let mut keywords: BTreeMap<String, Vec<Use>> = BTreeMap::new();
    for (number, rule) in rules.iter().enumerate() {
        let number = u16::try_from(catalog::rule_count() + number).ok()?;
        for (at, literal) in rule.literals.iter().enumerate() {
            let uses = keywords
                .entry(literal.text.to_ascii_lowercase())
                .or_default();
            uses.push(Use {
                rule: number,
                literal: u16::try_from(at).ok()?,
            });
        }
    }
    Some(keywords)
}

/// An ASCII regex over bytes.
fn compile_regex(rule: &Rule) -> Result<Regex, regex::Error> {
    let pattern = match rule.reach {
        Reach::Anchored => format!("^(?:{})", rule.regex),
        Reach::Around | Reach::Near | Reach::Named => rule.regex.clone().into_owned(),
    };
    RegexBuilder::new(&pattern).unicode(false).build()
}

/// A user's own rule. Its provider may be one of the catalog's.
fn own_rule(provider: Option<&str>, words: &RuleWords) -> Result<Rule, String> {
    let named = provider.unwrap_or_default();
    let shared =
        catalog::provider_called(named).unwrap_or_else(|| own_provider(named, &words.name));
    let owner = Owner {
        provider: &shared,
        shared: shared.clone(),
        words: None,
        generic: false,
    };
    let rule = compile(&owner, words)?;
    compile_regex(&rule).map_err(|error| {
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default();
        format!(
            "rule `{}`: the pattern is not a valid regex: {reason}",
            rule.id
        )
    })?;
    Ok(rule)
}

/// A provider that the catalog lacks. Without a name it has that of its rule.
fn own_provider(named: &str, rule: &str) -> ProviderRef {
    let name = if named.is_empty() { rule } else { named };
    let provider = Provider {
        id: named.to_ascii_lowercase().into(),
        name: name.to_owned().into(),
        kind: "own".into(),
        ..Provider::default()
    };
    provider.into()
}
