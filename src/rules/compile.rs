//! From the words of a rule to what the detector needs.
//!
//! `build.rs` includes this file and prints the result as static data; a user's own rules take the
//! same way when keyward starts. It knows the words and the notation, nothing else.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::format::{self, Anchor, CharSet, Format};
use super::needs::needs;
use super::words::{Context, ProviderFile, RuleWords};
use crate::confidence::Confidence;

/// The shortest literal that the prefilter looks for.
const LEAST_KEYWORD: usize = 3;

/// A format with this many fixed characters is distinctive: its shape alone makes it certain.
const DISTINCTIVE: usize = 4;

/// The longest secret that a `pattern` may find, in bytes.
const MAX_PATTERN_LEN: usize = 16 * 1024;

/// The longest value of an assignment, in bytes.
const LONGEST_VALUE: usize = 2048;

/// How the detector comes to a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Reach {
    /// A literal stands at a known place of every secret: the regex is tried there, anchored.
    Anchored(Vec<Anchor>),
    /// A literal stands somewhere in what the pattern covers: the regex searches around it.
    Around(Vec<String>),
    /// The secret has no literal of its own: the regex searches near words that name the provider.
    Near(Vec<String>),
    /// The secret is what is assigned to a name that holds one of these words.
    Named(Vec<String>),
}

/// A rule, compiled.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The rule's id.
    pub id: String,
    /// The rule's name.
    pub name: String,
    /// An ASCII regex, without anchors.
    pub regex: String,
    /// Whether the regex marks the secret with a group.
    pub grouped: bool,
    /// How the detector comes to it.
    pub reach: Reach,
    /// The most bytes that a secret has.
    pub max_len: usize,
    /// The fewest.
    pub min_len: usize,
    /// Every character that a secret may hold; empty where a pattern leaves that open.
    pub bytes: CharSet,
    /// What stands in every text that a pattern fits: of each list one literal, in some case of its
    /// letters.
    pub needs: Vec<Vec<String>>,
    /// The public text that each secret starts with.
    pub prefix: String,
    /// How many characters of each secret are fixed: the rule that says most claims a secret.
    pub literal_len: usize,
    /// The secret may open any service.
    pub generic: bool,
    /// Whether the shape alone sets the secret apart.
    pub distinctive: bool,
    /// The characters that may not follow a secret.
    pub tail: CharSet,
    /// The size of the alphabet that the random part is drawn from.
    pub alphabet: u32,
    /// Whether the random part is hex digits alone, as hashes and ids are too.
    pub hex: bool,
    /// The fewest bits of entropy a character of the random part.
    pub min_entropy: f32,
    /// The checksum's name.
    pub checksum: Option<String>,
    /// How sure a finding is.
    pub confidence: Confidence,
    /// How sure a finding is whose checksum fails; it is none without.
    pub unchecked: Option<Confidence>,
    /// Public by design.
    pub public: bool,
    /// The rule of the other half.
    pub companion: Option<String>,
    /// The environment variables that should hold the secret.
    pub env: Vec<String>,
    /// The formats, or the examples of a pattern: what samples are drawn from.
    pub samples: Vec<String>,
    /// What the rule must not find.
    pub counterexamples: Vec<String>,
    /// Where the facts come from.
    pub sources: Vec<String>,
}

/// Compiles one rule of a provider. The error is for the rule's author.
pub fn compile(
    provider: &ProviderFile,
    provider_id: &str,
    rule: &RuleWords,
) -> Result<Compiled, String> {
    let fail = |reason: String| Err(format!("rule `{}`: {reason}", rule.id));
    if !is_word_id(&rule.id) {
        return fail("an id is lower-case words with dashes: `acme-api-key`".into());
    }
    let formats = rule
        .format
        .as_slice()
        .iter()
        .map(|source| Format::parse(source))
        .collect::<Result<Vec<_>, _>>()
        .map(sorted_longest_first)
        .map_err(|reason| format!("rule `{}`: {reason}", rule.id))?;
    let env = rule.env.clone().unwrap_or_else(|| provider.env.clone());
    let context = rule.context == Some(Context::Required);

    let (regex, prefix, literal_len, distinctive, tail, alphabet, hex, floor, lens);
    let (bytes, needs);
    match (&rule.pattern, formats.as_slice()) {
        (Some(_), [_, ..]) => return fail("give a format or a pattern, not both".into()),
        (None, []) if rule.names.is_empty() => {
            return fail("a rule needs a format or a pattern".into());
        }
        (Some(_), _) | (_, [_, ..]) if !rule.names.is_empty() => {
            return fail("give names, or a format or a pattern, not both".into());
        }
        (None, []) => {
            if rule.examples.is_empty() {
                return fail("names need examples: formats of assignments".into());
            }
            regex = String::new();
            prefix = String::new();
            literal_len = 0;
            distinctive = false;
            tail = CharSet::EMPTY;
            alphabet = 62;
            hex = false;
            floor = 0.0;
            lens = (1, LONGEST_VALUE);
            bytes = CharSet::EMPTY;
            needs = Vec::new();
        }
        (Some(pattern), []) => {
            if !pattern.is_ascii() {
                return fail("the pattern is not ASCII".into());
            }
            if rule.examples.is_empty() {
                return fail("a pattern needs examples: formats that it must find".into());
            }
            let measures = match measure(pattern) {
                Ok(measures) => measures,
                Err(reason) => return fail(reason),
            };
            regex = pattern.clone();
            prefix = String::new();
            // What a generic pattern says about the surroundings says nothing about the secret.
            literal_len = if provider.generic {
                measures.inside
            } else {
                measures.covered
            };
            distinctive = measures.covered >= DISTINCTIVE;
            tail = CharSet::EMPTY;
            alphabet = 62;
            hex = false;
            floor = 0.0;
            lens = (measures.shortest, measures.longest);
            bytes = CharSet::EMPTY;
            needs = measures.needs;
        }
        (None, formats) => {
            regex = formats
                .iter()
                .map(Format::regex)
                .collect::<Vec<_>>()
                .join("|");
            prefix = common_prefix(formats.iter().map(Format::prefix));
            literal_len = formats.iter().map(Format::literal_len).min().unwrap_or(0);
            distinctive = literal_len >= DISTINCTIVE;
            tail = formats
                .iter()
                .fold(CharSet::EMPTY, |all, format| all.union(format.tail()));
            let set = formats
                .iter()
                .fold(CharSet::EMPTY, |all, format| all.union(format.alphabet()));
            let hex_digits = CharSet::named("hex").expect("hex is a named set");
            hex = set.union(hex_digits) == hex_digits;
            alphabet = formats
                .iter()
                .map(|format| format.body().1)
                .min()
                .unwrap_or(2);
            floor = formats
                .iter()
                .map(|format| {
                    let (len, size) = format.body();
                    format::entropy_floor(len, size)
                })
                .fold(f32::INFINITY, f32::min);
            bytes = formats
                .iter()
                .fold(CharSet::EMPTY, |all, format| all.union(format.bytes()));
            needs = Vec::new();
            lens = (
                formats.iter().map(Format::min_len).min().unwrap_or(1),
                formats.iter().map(Format::max_len).max().unwrap_or(1),
            );
        }
    }

    let reach = if !rule.names.is_empty() {
        if let Some(short) = rule
            .names
            .iter()
            .find(|name| name.len() < LEAST_KEYWORD || !name.is_ascii())
        {
            return fail(format!(
                "the name `{short}` needs {LEAST_KEYWORD} ASCII characters"
            ));
        }
        Reach::Named(
            rule.names
                .iter()
                .map(|name| name.to_ascii_lowercase())
                .collect(),
        )
    } else if context {
        let mut words = rule
            .words
            .clone()
            .or_else(|| provider.words.clone())
            .unwrap_or_else(|| vec![provider_id.replace('-', "")]);
        words.extend(env.iter().cloned());
        let other_spellings: Vec<String> = words.iter().flat_map(|word| spellings(word)).collect();
        words.extend(other_spellings);
        let mut words: Vec<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
        words.sort_unstable();
        words.dedup();
        if let Some(short) = words
            .iter()
            .find(|w| w.len() < LEAST_KEYWORD || !w.is_ascii())
        {
            return fail(format!(
                "the context word `{short}` needs {LEAST_KEYWORD} ASCII characters"
            ));
        }
        Reach::Near(words)
    } else if rule.pattern.is_some() {
        if rule.keywords.is_empty() {
            return fail("a pattern needs keywords".into());
        }
        let keywords: Vec<String> = rule
            .keywords
            .iter()
            .map(|k| k.to_ascii_lowercase())
            .collect();
        if let Some(short) = keywords
            .iter()
            .find(|k| k.len() < LEAST_KEYWORD || !k.is_ascii())
        {
            return fail(format!(
                "the keyword `{short}` needs {LEAST_KEYWORD} ASCII characters"
            ));
        }
        Reach::Around(keywords)
    } else {
        let mut anchors = Vec::new();
        for format in &formats {
            let found = format.anchors(LEAST_KEYWORD);
            if found.is_empty() {
                return fail(format!(
                    "a format has no literal of {LEAST_KEYWORD} characters: give it `context = \"required\"`"
                ));
            }
            for anchor in found {
                if !anchors.contains(&anchor) {
                    anchors.push(anchor);
                }
            }
        }
        Reach::Anchored(anchors)
    };

    let derived = if context || !rule.names.is_empty() || rule.pattern.is_some() || !distinctive {
        Confidence::Likely
    } else {
        Confidence::Certain
    };
    Ok(Compiled {
        id: rule.id.clone(),
        name: rule.name.clone(),
        grouped: regex.contains("(?P<secret>"),
        regex,
        reach,
        max_len: lens.1,
        min_len: lens.0,
        bytes,
        needs,
        prefix,
        literal_len,
        generic: provider.generic,
        distinctive,
        tail,
        alphabet,
        hex,
        min_entropy: rule.min_entropy.unwrap_or(floor),
        checksum: rule.checksum.clone(),
        confidence: rule.confidence.unwrap_or(derived),
        unchecked: rule.unchecked,
        public: rule.public,
        companion: rule.companion.clone(),
        env,
        samples: if formats.is_empty() {
            rule.examples.clone()
        } else {
            rule.format.as_slice().to_vec()
        },
        counterexamples: rule.counterexamples.clone(),
        sources: rule.sources.clone(),
    })
}

/// What can be told of a pattern without trying it.
struct Measures {
    /// How many characters of every secret are fixed.
    inside: usize,
    /// How many of everything that the pattern covers are.
    covered: usize,
    /// The length of the shortest text that it covers.
    shortest: usize,
    /// The length of the longest.
    longest: usize,
    /// What each of them has.
    needs: Vec<Vec<String>>,
}

fn measure(pattern: &str) -> Result<Measures, String> {
    let hir = ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(pattern)
        .map_err(|error| {
            // The lines before the last repeat the pattern.
            let error = error.to_string();
            let reason = error.lines().last().unwrap_or_default();
            format!("the pattern is no regex: {reason}")
        })?;
    let shortest = hir.properties().minimum_len().unwrap_or(0);
    if shortest == 0 {
        return Err("the pattern may find nothing at all".into());
    }
    let covered = fixed_len(&hir);
    // What has no bound of its own is bounded here, and so is the work that a keyword can cause.
    let longest = hir.properties().maximum_len().unwrap_or(MAX_PATTERN_LEN);
    Ok(Measures {
        inside: secret_group(&hir).map_or(covered, fixed_len),
        covered,
        shortest,
        longest: longest.min(MAX_PATTERN_LEN),
        needs: needs(&hir),
    })
}

/// The group that marks the secret.
fn secret_group(hir: &Hir) -> Option<&Hir> {
    match hir.kind() {
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) | HirKind::Literal(_) => None,
        HirKind::Capture(capture) if capture.name.as_deref() == Some("secret") => {
            Some(&capture.sub)
        }
        HirKind::Capture(capture) => secret_group(&capture.sub),
        HirKind::Repetition(repetition) => secret_group(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(secret_group),
    }
}

fn fixed_len(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        // A letter of either case is as good as fixed.
        HirKind::Class(class) => usize::from(is_one_letter(class)),
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Repetition(repetition) => repetition.min as usize * fixed_len(&repetition.sub),
        HirKind::Capture(capture) => fixed_len(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(fixed_len).sum(),
        HirKind::Alternation(options) => options.iter().map(fixed_len).min().unwrap_or(0),
    }
}

fn is_one_letter(class: &Class) -> bool {
    let Class::Bytes(class) = class else {
        return false;
    };
    match class.ranges() {
        [one, other] => {
            one.start() == one.end()
                && other.start() == other.end()
                && one.start().eq_ignore_ascii_case(&other.start())
        }
        _ => false,
    }
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

/// A regex takes the first alternative that fits: the longest must come first.
fn sorted_longest_first(mut formats: Vec<Format>) -> Vec<Format> {
    formats.sort_by_key(|format| std::cmp::Reverse(format.max_len()));
    formats
}

fn common_prefix(prefixes: impl Iterator<Item = String>) -> String {
    prefixes
        .reduce(|a, b| {
            a.chars()
                .zip(b.chars())
                .take_while(|(a, b)| a == b)
                .map(|(a, _)| a)
                .collect()
        })
        .unwrap_or_default()
}

fn is_word_id(id: &str) -> bool {
    id.split('-').all(|word| {
        !word.is_empty() && word.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9'))
    }) && id.contains('-')
}
