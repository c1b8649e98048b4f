//! The rules in force.

use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;

use regex_syntax::hir::{Hir, HirKind};

use super::compile::{Fault, Owner, compile};
use super::pattern::Pattern;
use super::shape::{Shape, parse};
use super::words::RuleWords;
use super::{Provider, ProviderRef, Reach, Rule, RuleNumber, Use, catalog};
use crate::prefilter::{self, Method, Prefilter};

/// A rule that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// Which of the rules that were given, counted from 0; `None` if all together are the trouble.
    pub number: Option<usize>,
    /// The key of the rule that says it.
    pub key: &'static str,
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
    off: Vec<RuleNumber>,
    /// The patterns of a user's own rules, each made when a text first needs it.
    own_patterns: Vec<OnceLock<Box<Pattern>>>,
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
        let too_many = || RuleError {
            number: None,
            key: "rule",
            problem: "more rules than keyward can hold".into(),
        };
        let own: Vec<_> = own.into_iter().collect();
        if u16::try_from(catalog::rule_count() + own.len()).is_err() {
            return Err(too_many());
        }
        let mut rules: Vec<Rule> = Vec::new();
        let mut left = MOST_PLACES_TOGETHER;
        let mut taken = HashSet::new();
        for (number, (provider, words)) in own.into_iter().enumerate() {
            let error = |Fault { key, problem }| RuleError {
                number: Some(number),
                key,
                problem,
            };
            let rule = own_rule(provider, words, &mut left).map_err(error)?;
            if catalog::rule_with_id(&words.id).is_some() || !taken.insert(&words.id) {
                let problem = format!("rule `{}`: the id is taken; choose another", rule.id);
                return Err(error(Fault { key: "id", problem }));
            }
            rules.push(rule);
        }
        let keywords = keywords(&rules).ok_or_else(too_many)?;
        Ok(Self::with_own(rules, keywords))
    }

    fn with_own(own: Vec<Rule>, keywords: BTreeMap<String, Vec<Use>>) -> Self {
        let (own_keywords, own_uses) = keywords.into_iter().unzip();
        Self {
            own_patterns: own.iter().map(|_| OnceLock::new()).collect(),
            own,
            own_uses,
            prefilter: Prefilter::new(Method::default(), own_keywords),
            off: Vec::new(),
        }
    }

    /// Switches off every rule for which `is_off` holds, of its id and its provider's. No rule is
    /// taken out of the catalog for that.
    #[must_use]
    pub fn without(mut self, is_off: impl Fn(&str, &str) -> bool) -> Self {
        let is_off = |number: &RuleNumber| {
            let (rule, provider) = self.ids_of(*number);
            is_off(rule, provider)
        };
        self.off = self.numbers().filter(is_off).collect();
        self
    }

    /// The ids of each rule and of its provider, those switched off included. No rule is taken out of
    /// the catalog for that.
    pub(crate) fn ids(&self) -> impl Iterator<Item = (&str, &str)> {
        self.numbers().map(|number| self.ids_of(number))
    }

    fn ids_of(&self, number: RuleNumber) -> (&str, &str) {
        match number.index().checked_sub(catalog::rule_count()) {
            None => catalog::ids(number.index()),
            Some(own) => (&self.own[own].id, &self.own[own].provider.id),
        }
    }

    /// How many rules there are, those switched off included.
    pub fn len(&self) -> usize {
        catalog::rule_count() + self.own.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of all rules, those switched off included.
    pub fn numbers(&self) -> impl Iterator<Item = RuleNumber> + use<> {
        // `with` refuses more rules than there are numbers.
        (0..=u16::MAX).take(self.len()).map(RuleNumber)
    }

    /// The rule of that number.
    pub fn get(&self, number: RuleNumber) -> &Rule {
        match number.index().checked_sub(catalog::rule_count()) {
            None => catalog::rule(number.index()),
            Some(own) => &self.own[own],
        }
    }

    /// Whether the rule of that number is in force.
    pub fn is_on(&self, number: RuleNumber) -> bool {
        self.off.binary_search(&number).is_err()
    }

    /// The rules in force.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.numbered().map(|(_, rule)| rule)
    }

    /// The rules in force, with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (RuleNumber, &Rule)> {
        self.numbers()
            .filter(|&number| self.is_on(number))
            .map(|number| (number, self.get(number)))
    }

    /// The rule with that id, if it is in force.
    pub fn find(&self, id: &str) -> Option<&Rule> {
        let number = self.number_of(id)?;
        self.is_on(number).then(|| self.get(number))
    }

    /// The number of the rule with that id, in force or not.
    pub fn number_of(&self, id: &str) -> Option<RuleNumber> {
        catalog::rule_with_id(id).or_else(|| {
            let own = self.numbers().skip(catalog::rule_count());
            own.zip(&self.own)
                .find(|(_, rule)| rule.id == id)
                .map(|(number, _)| number)
        })
    }

    /// The numbers of the rules for the other half of what this rule finds: those in force that name
    /// it as their companion.
    pub fn other_halves(&self, number: RuleNumber) -> impl Iterator<Item = RuleNumber> {
        let rule = self.get(number);
        let numbers = self.numbers().skip(catalog::rule_count());
        let own = numbers
            .zip(&self.own)
            .filter(|(_, own)| own.companion.as_deref() == Some(&*rule.id))
            .map(|(number, _)| number);
        let builtin = rule.other_halves.iter().copied().map(RuleNumber);
        builtin
            .chain(own)
            .filter(|&half| self.is_on(half) && self.get(half).reach == Reach::Near)
    }

    /// The rules in force whose secrets count without a name near by, with their numbers.
    pub fn alone(&self) -> impl Iterator<Item = (RuleNumber, &Rule)> {
        let builtin = catalog::alone().iter().copied().map(RuleNumber);
        let own = self.numbers().skip(catalog::rule_count());
        let own = own.zip(&self.own).filter(|(_, rule)| rule.alone);
        builtin
            .chain(own.map(|(number, _)| number))
            .filter(|&number| self.is_on(number))
            .map(|number| (number, self.get(number)))
    }

    /// No secret of a rule that counts without a name near by is shorter, in bytes. Asked of every text, it takes no
    /// built-in rule out of its table.
    pub fn alone_min_len(&self) -> usize {
        let own = self.own.iter().filter(|rule| rule.alone);
        let own = own.map(|rule| rule.min_len).min();
        own.map_or(catalog::alone_min_len(), |own| {
            own.min(catalog::alone_min_len())
        })
    }

    /// Every provider of the catalog.
    pub fn providers(&self) -> impl Iterator<Item = &'static Provider> + use<> {
        catalog::providers()
    }

    /// The pattern of a rule: anchored at its start for [`Reach::Anchored`], free otherwise.
    pub fn pattern(&self, number: RuleNumber) -> &Pattern {
        let Some(own) = number.index().checked_sub(catalog::rule_count()) else {
            return catalog::pattern(number.index());
        };
        self.own_patterns[own].get_or_init(|| {
            let pattern = Pattern::of(&self.own[own]);
            Box::new(pattern.expect("`with` tries each of a user's own"))
        })
    }

    /// Whether the pattern of a rule may go on behind one of its literals that ends at `at`: where it does for no
    /// literal of a text, it fits nowhere in it. Of a user's own rules it is not known.
    pub fn may_go_on(&self, number: RuleNumber, literal: usize, text: &[u8], at: usize) -> bool {
        let is_own = number.index() >= catalog::rule_count();
        is_own || catalog::pattern(number.index()).may_go_on(literal, text, at)
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
        let rule_number = RuleNumber(u16::try_from(catalog::rule_count() + number).ok()?);
        for (at, literal) in rule.literals.iter().enumerate() {
            let uses = keywords
                .entry(literal.text.to_ascii_lowercase())
                .or_default();
            uses.push(Use {
                rule: rule_number,
                literal: u16::try_from(at).ok()?,
            });
        }
    }
    Some(keywords)
}

/// A bound: a user's own pattern has no more places in which the engine can be at one time, since a hostile text
/// keeps it in all of them.
const MOST_PLACES: usize = 1_000;

/// A bound: nor have all of them together.
const MOST_PLACES_TOGETHER: usize = 20_000;

/// In how many places of a pattern the engine can be: one for each character that a count may ask for.
fn places(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Class(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.max(1));
            places(&repetition.sub).saturating_mul(times as usize)
        }
        HirKind::Capture(capture) => places(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(places).fold(0, usize::saturating_add)
        }
    }
}

/// Checks that a user's own rule keeps to what a text may cost by it; `left` is what all may have.
fn bounded(rule: &Rule, left: &mut usize) -> Result<(), String> {
    let places = parse(&rule.regex).map_or(0, |hir| places(&hir));
    if places > MOST_PLACES {
        return Err(format!(
            "rule `{}`: its pattern counts more than {MOST_PLACES} characters; write `+` or `*` in place of a \
             high count such as `{{10,8000}}`",
            rule.id
        ));
    }
    *left = left.checked_sub(places).ok_or_else(|| {
        format!(
            "rule `{}`: the rules together count more than {MOST_PLACES_TOGETHER} characters; write `+` or `*` \
             in place of high counts, or leave rules out",
            rule.id
        )
    })?;
    Ok(())
}

/// A user's own rule. Its provider may be one of the catalog's. `left` is how many places those behind it may have.
fn own_rule(provider: Option<&str>, words: &RuleWords, left: &mut usize) -> Result<Rule, Fault> {
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
    bounded(&rule, left).map_err(|problem| Fault {
        key: Shape::key(words),
        problem,
    })?;
    if rule.reach != Reach::Named {
        Pattern::check(&rule).map_err(|error| Fault {
            key: "pattern",
            problem: format!("rule `{}`: {error}", rule.id),
        })?;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct File {
        rule: Vec<RuleWords>,
    }

    /// What is said of rules, of which each has a name already.
    fn error_of(provider: Option<&str>, rules: &[&str]) -> Option<RuleError> {
        let rules = rules
            .iter()
            .map(|rule| format!("[[rule]]\nname = 'A key'\n{rule}\n"));
        let file: File = toml::from_str(&rules.collect::<String>()).unwrap();
        RuleSet::with(file.rule.iter().map(|words| (provider, words))).err()
    }

    #[test]
    fn a_rule_that_costs_too_much_is_refused() {
        let told = |pattern: &str| {
            let rule = format!(
                "id = 'acme-key'\npattern = '{pattern}'\nkeywords = ['acme']\nexamples = ['acme<digits:20>']"
            );
            error_of(None, &[&rule]).map(|error| error.problem)
        };
        for pattern in [
            "acme[0-9]{20}",
            "acme[a-z]{0,996}",
            "acme[a-z]{10,}[0-9]+",
            "acme(?:[a-z]{20}|[0-9]{20}){20}",
        ] {
            assert_eq!(told(pattern), None, "{pattern}");
        }
        for pattern in [
            "acme[a-z]{0,997}",
            "[a-z_ ]{0,400}acme[a-z_ ]{10,8000}[0-9]{10}",
            "acme(?:[a-z]{20}|[0-9]{20}){40}",
            "acme(((a{1000}){1000}){1000}){1000}",
            "acme(a{500}|(?i)b{500})",
        ] {
            let told = told(pattern).unwrap();
            assert!(told.ends_with("such as `{10,8000}`"), "{pattern}: {told}");
        }
        let many: Vec<String> = (0..21)
            .map(|n| {
                format!(
                    "id = 'acme-key-{n}'\npattern = 'acme[a-z]{{990}}'\nkeywords = ['acme']\n\
                     examples = ['acme<digits:20>']"
                )
            })
            .collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(error_of(None, &many[..20]).is_none());
        let error = error_of(None, &many).unwrap();
        assert_eq!(error.number, Some(20));
        assert!(error.problem.contains("together"), "{}", error.problem);
    }

    #[test]
    fn the_author_of_a_rule_is_told_what_is_wrong() {
        let pattern = "id = 'acme-key'\npattern = 'acme_[0-9]{20}'\n";
        let found = "keywords = ['acme_']\nexamples = ['acme_<digits:20>']";
        for (rule, told) in [
            (
                "id = 'acme_key'\nformat = 'acme_<hex:32>'",
                "an id is two or more lower-case words with dashes: `acme-key`",
            ),
            ("id = 'acme-key'", "give a format, a pattern or names"),
            (
                "id = 'acme-key'\nformat = 'acme_<hex:32>'\npattern = 'acme_[0-9]'",
                "give a format or a pattern, not both",
            ),
            (
                "id = 'acme-key'\nformat = 'acme_<hex:32>'\nnames = ['acme']",
                "give names, or a format or a pattern, not both",
            ),
            (
                "id = 'acme-key'\nformat = ['acme_<hex:32>', 'acme_<hax:32>']",
                "format 2: `hax` is not a set of characters",
            ),
            (
                "id = 'acme-key'\nformat = 'x_<hex:32>'",
                "a format has no literal of 3 characters: give it `context = \"required\"`",
            ),
            (
                "id = 'acme-key'\nnames = ['acme']",
                "names need `examples`: assignments to find, as formats",
            ),
            (
                "id = 'acme-key'\nnames = ['acme', 'ab']\nexamples = ['acme = <hex:32>']",
                "the name `ab` is too short or not ASCII: give at least 3 ASCII characters",
            ),
            (
                &format!("{pattern}keywords = ['acme_']"),
                "a pattern needs `examples`: texts to find, as formats",
            ),
            (
                &format!("{pattern}examples = ['acme_<digits:20>', 'acme_<digits>']"),
                "example 2: `<digits>` has no length: write `<digits:20>`",
            ),
            (
                &format!("{pattern}examples = ['acme_<digits:20>']"),
                "a pattern needs `keywords`: literals, of which each text that it fits has one",
            ),
            (
                &format!("{pattern}keywords = ['é_']\nexamples = ['acme_<digits:20>']"),
                "the keyword `é_` is too short or not ASCII: give at least 3 ASCII characters",
            ),
            (
                &format!("id = 'acme-key'\npattern = 'ächme_[0-9]'\n{found}"),
                "the pattern is not ASCII",
            ),
            (
                &format!("id = 'acme-key'\npattern = 'acme_(x'\n{found}"),
                "the pattern is not a valid regex: error: unclosed group",
            ),
            (
                &format!("id = 'acme-key'\npattern = '[0-9]*'\n{found}"),
                "the pattern fits an empty text",
            ),
            (
                "id = 'acme-key'\nformat = '<hex:32>'\ncontext = 'required'",
                "`context` needs `words`, `env` or a provider to look for",
            ),
            (
                "id = 'acme-key'\nformat = '<hex:32>'\ncontext = 'required'\nwords = ['ac']",
                "the context word `ac` is too short or not ASCII: give at least 3 ASCII characters",
            ),
            (
                "id = 'acme-key'\nformat = 'acme_<hex:32>'\nchecksum = 'crc-31'",
                "no checksum is called `crc-31`",
            ),
        ] {
            let problem = format!(
                "rule `{}`: {told}",
                if told.starts_with("an id") {
                    "acme_key"
                } else {
                    "acme-key"
                }
            );
            let error = error_of(None, &[rule]).expect(rule);
            assert_eq!((error.number, error.problem), (Some(0), problem), "{rule}");
            // The line of the key is what the author is shown.
            let key = error.key;
            assert!(
                key == "id" || rule.contains(&format!("\n{key} =")),
                "{key}: {rule}"
            );
        }
    }

    #[test]
    fn an_id_is_taken_once() {
        let taken = |number, id| {
            Some(RuleError {
                number: Some(number),
                key: "id",
                problem: format!("rule `{id}`: the id is taken; choose another"),
            })
        };
        let own = "id = 'acme-key'\nformat = 'acme_<hex:32>'";
        let builtin = "id = 'github-personal-token'\nformat = 'acme_<hex:32>'";
        assert_eq!(error_of(None, &[own]), None);
        assert_eq!(
            error_of(None, &[own, builtin]),
            taken(1, "github-personal-token")
        );
        assert_eq!(error_of(None, &[own, own]), taken(1, "acme-key"));
    }

    #[test]
    fn more_rules_than_their_numbers_can_tell_apart_are_refused() {
        let file: File =
            toml::from_str("[[rule]]\nid = 'acme-key'\nname = 'A key'\nformat = 'acme_<hex:32>'")
                .unwrap();
        let rules = std::iter::repeat_n((None, &file.rule[0]), 1 << 16);
        let error = RuleSet::with(rules).unwrap_err();
        assert_eq!(error.to_string(), "more rules than keyward can hold");
    }

    #[test]
    fn a_rule_of_ones_own_may_be_of_a_known_provider_or_another() {
        let words = "id = 'acme-key'\nname = 'A key'\nformat = 'acme_<hex:32>'";
        let words: RuleWords = toml::from_str(words).unwrap();
        for (given, id, name, kind) in [
            (None, "", "A key", "own"),
            (Some("Acme"), "acme", "Acme", "own"),
            (Some("github"), "github", "GitHub", "vcs"),
            (Some("GITHUB"), "github", "GitHub", "vcs"),
        ] {
            let rules = RuleSet::with([(given, &words)]).unwrap();
            let provider = &rules.find("acme-key").unwrap().provider;
            assert_eq!(
                [&provider.id, &provider.name, &provider.kind],
                [id, name, kind]
            );
        }
    }

    #[test]
    fn a_rule_is_found_by_its_id() {
        let rules = RuleSet::builtin();
        for number in rules.numbers() {
            assert_eq!(rules.number_of(&rules.get(number).id), Some(number));
        }
        assert_eq!(rules.number_of("acme-key"), None);
        let without =
            rules.without(|id, provider| id == "github-personal-token" || provider == "slack");
        assert!(without.find("github-personal-token").is_none());
        assert!(without.find("slack-bot-token").is_none());
        assert!(without.find("gitlab-personal-token").is_some());
    }
}
