//! From the words of a rule to what the detector needs.
//!
//! `build.rs` includes this file for the rules of the catalog; a user's own rules take the same way
//! when keyward starts.

use super::format::Format;
use super::provider::{Provider, ProviderRef};
use super::record::{List, Text};
use super::rule::{Literal, Reach, Rule};
use super::shape::Shape;
use super::words::{Context, RuleWords};
use crate::confidence::Confidence;
use crate::proof::Proof;

/// A weight: the shortest literal that the prefilter looks for. With two characters, nearly every
/// text would have some; the sieve's grams need three.
const LEAST_KEYWORD: usize = 3;

/// Whose a rule is, and what it has from there.
#[derive(Clone, Debug)]
pub(crate) struct Owner<'p> {
    /// The provider.
    pub provider: &'p Provider,
    /// The same, for the rule to keep.
    pub shared: ProviderRef,
    /// Words that name the provider in code; `None` for its id.
    pub words: Option<&'p [String]>,
    /// Whether a secret of it may open any service.
    pub generic: bool,
}

/// What is wrong with a rule, in words for its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The key that says it.
    pub key: &'static str,
    /// What is wrong.
    pub problem: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for Fault {}

/// Compiles one rule.
///
/// # Errors
/// Where the words say too little, too much or what cannot be.
pub(crate) fn compile(owner: &Owner<'_>, words: &RuleWords) -> Result<Rule, Fault> {
    unnamed(owner, words).map_err(|(key, reason)| Fault {
        key,
        problem: format!("rule `{}`: {reason}", words.id),
    })
}

/// As [`compile`], with errors that do not name the rule.
fn unnamed(owner: &Owner<'_>, words: &RuleWords) -> Result<Rule, (&'static str, String)> {
    if !is_id(&words.id) {
        let told = "an id is two or more lower-case words with dashes: `acme-key`";
        return Err(("id", told.into()));
    }
    let shape = Shape::of(words).map_err(|reason| (Shape::key(words), reason))?;
    let env = match &words.env {
        Some(env) => texts(env),
        None => owner.provider.env.clone(),
    };
    let (reach, literals) = reach(&shape, words, owner, &env)?;
    let measured = shape.measures(owner.generic);
    let (before, behind) = shape.sides(&words.keywords, measured.max_len);
    let certain = reach == Reach::Anchored && measured.distinctive;
    let derived = if certain {
        Confidence::Certain
    } else {
        Confidence::Likely
    };
    let checksum = words
        .checksum
        .as_deref()
        .map(|name| Proof::named(name).ok_or_else(|| format!("no checksum is called `{name}`")));
    let samples = match shape {
        Shape::Format(_) => words.format.as_slice(),
        Shape::Pattern(..) | Shape::Names(_) => &words.examples,
    };
    let checksum = checksum
        .transpose()
        .map_err(|reason| ("checksum", reason))?;
    Ok(Rule {
        id: words.id.clone().into(),
        name: words.name.clone().into(),
        provider: owner.shared.clone(),
        reach,
        literals: literals.into(),
        before,
        behind,
        generic: owner.generic,
        min_entropy: words.min_entropy.unwrap_or(measured.min_entropy),
        checksum,
        confidence: words.confidence.unwrap_or(derived),
        unchecked: words.unchecked,
        public: words.public,
        short_lived: words.short_lived,
        shown_beside: texts(&words.shown_beside),
        shown_unless: texts(&words.shown_unless),
        lines: texts(&words.lines),
        alone: words.context == Some(Context::Alone),
        mend: words.mend,
        companion: words.companion.clone().map(Into::into),
        env,
        samples: texts(samples),
        counterexamples: texts(&words.counterexamples),
        sources: texts(&words.sources),
        ..measured
    })
}

/// How the detector comes to a rule, and the literals that lead it there.
fn reach(
    shape: &Shape<'_>,
    words: &RuleWords,
    owner: &Owner<'_>,
    env: &[Text],
) -> Result<(Reach, Vec<Literal>), (&'static str, String)> {
    let fault = |key: &'static str| move |reason: String| (key, reason);
    Ok(match shape {
        Shape::Names(names) => {
            let literals = literals("name", names).map_err(fault("names"))?;
            (Reach::Named, literals)
        }
        Shape::Pattern(..) if words.context == Some(Context::Alone) => {
            return Err(("context", "`context = \"alone\"` needs a format".into()));
        }
        _ if words.context.is_some() => {
            let key = if words.words.is_some() {
                "words"
            } else {
                "context"
            };
            let words = context_words(words, owner, env);
            if words.is_empty() {
                let told = "`context` needs `words`, `env` or a provider to look for";
                return Err((key, told.into()));
            }
            let literals = literals("context word", &words).map_err(fault(key))?;
            (Reach::Near, literals)
        }
        Shape::Pattern(..) if words.keywords.is_empty() => {
            let told =
                "a pattern needs `keywords`: literals, of which each text that it fits has one";
            return Err(("pattern", told.into()));
        }
        Shape::Pattern(..) => {
            let literals = literals("keyword", &words.keywords).map_err(fault("keywords"))?;
            (Reach::Around, literals)
        }
        Shape::Format(formats) => (Reach::Anchored, anchors(formats).map_err(fault("format"))?),
    })
}

/// Words as literals, which may stand in any case of their letters. `what` is what their author calls
/// them.
fn literals(what: &str, words: &[String]) -> Result<Vec<Literal>, String> {
    let literal = |word: &String| {
        if word.len() < LEAST_KEYWORD || !word.is_ascii() {
            return Err(format!(
                "the {what} `{word}` is too short or not ASCII: give at least {LEAST_KEYWORD} ASCII characters"
            ));
        }
        Ok(Literal {
            text: word.to_ascii_lowercase().into(),
            min_before: 0,
            max_before: 0,
        })
    };
    words.iter().map(literal).collect()
}

/// The words next to which a key without a prefix counts, in lower case and sorted.
fn context_words(words: &RuleWords, owner: &Owner<'_>, env: &[Text]) -> Vec<String> {
    let mut all = match words.words.as_deref().or(owner.words) {
        Some(words) => words.to_vec(),
        None if owner.provider.id.is_empty() => Vec::new(),
        None => vec![owner.provider.id.replace('-', "")],
    };
    all.extend(env.iter().map(|env| env.clone().into_owned()));
    let others: Vec<String> = all.iter().flat_map(|word| spellings(word)).collect();
    all.extend(others);
    for word in &mut all {
        word.make_ascii_lowercase();
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The literals of formats, exact and with their places.
fn anchors(formats: &[Format]) -> Result<Vec<Literal>, String> {
    let mut all = Vec::new();
    for format in formats {
        let anchors = format.anchors(LEAST_KEYWORD);
        if anchors.is_empty() {
            return Err(format!(
                "a format has no literal of {LEAST_KEYWORD} characters: give it `context = \"required\"`"
            ));
        }
        for anchor in anchors {
            if !all.contains(&anchor) {
                all.push(anchor);
            }
        }
    }
    Ok(all)
}

/// How a word of several pieces is written elsewhere: `acme_key` as `acme-key` in headers and
/// `acmeKey` in code.
fn spellings(word: &str) -> Vec<String> {
    let is_joint = |c: char| c == '_' || c == '-';
    if word.contains('.') || !word.contains(is_joint) {
        return Vec::new();
    }
    ["_", "-", ""]
        .map(|joint| word.replace(is_joint, joint))
        .to_vec()
}

fn texts(texts: &[String]) -> List<Text> {
    texts.iter().cloned().map(Text::from).collect()
}

fn is_id(id: &str) -> bool {
    id.split('-').all(|word| {
        !word.is_empty() && word.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9'))
    }) && id.contains('-')
}
