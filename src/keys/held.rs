//! The keys that an environment file holds.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use bstr::ByteSlice;

use super::template::is_secret;
use crate::detect::Detector;
use crate::dotenv::{self, Agreement, Entry, Pieces, Says, Unwritten};
use crate::filetype;
use crate::rules::{ProviderRef, RuleSet};
use crate::text::Text;

/// A key of a file.
pub(crate) struct Held {
    /// The variable.
    pub(crate) name: String,
    /// Its line, from 1.
    pub(crate) line: usize,
    /// The key.
    pub(crate) value: Vec<u8>,
    /// Whose it is, as far as is known.
    pub(crate) provider: ProviderRef,
    /// What it is: "Anthropic API key"; empty if no rule knows it.
    pub(crate) what: String,
    /// The id of its rule; empty if none knows it.
    pub(crate) rule: String,
    /// The public start of its format.
    pub(crate) public: Vec<u8>,
}

/// Starts of names by which a bundler puts a value into what browsers get.
const BUNDLED: &[&str] = &[
    "EXPO_PUBLIC_",
    "GATSBY_",
    "NEXT_PUBLIC_",
    "NG_APP_",
    "NUXT_PUBLIC_",
    "PUBLIC_",
    "REACT_APP_",
    "STORYBOOK_",
    "VITE_",
    "VUE_APP_",
];

impl Held {
    /// The keys of a text that is UTF-8. Detectors are asked in order.
    pub(crate) fn of(text: &Text<'_>, rules: &[&RuleSet]) -> Vec<Self> {
        let blob = text.bytes();
        let detectors: Vec<Detector<'_>> = rules.iter().map(|rules| Detector::new(rules)).collect();
        let detections: Vec<_> = detectors.iter().flat_map(|it| it.detect(text)).collect();
        let spans: Vec<Range<usize>> = detections
            .iter()
            .map(|found| found.candidate.span.clone())
            .collect();
        // By the name of the variable, where the key itself does not tell.
        let mut known: HashMap<&str, &ProviderRef> = HashMap::new();
        let all = rules.iter().flat_map(|rules| rules.iter());
        for rule in all.filter(|rule| !rule.generic) {
            for env in &*rule.env {
                known.entry(&**env).or_insert(&rule.provider);
            }
        }
        let mut held = Vec::new();
        let mut line = 1;
        for piece in Pieces::of(blob) {
            let at = line;
            line += blob[piece.span.clone()]
                .iter()
                .filter(|&&b| b == b'\n')
                .count();
            let Says::Entry(entry) = piece.says else {
                continue;
            };
            if !is_secret(blob, &entry, &spans) {
                continue;
            }
            let name = blob[entry.name.clone()].to_str_lossy().into_owned();
            let within = |place: &Range<usize>| {
                place.start < entry.value.end && entry.value.start < place.end
            };
            let of_entry = || detections.iter().filter(|it| within(&it.candidate.span));
            // A rule that knows no service knows nothing that is worth telling.
            let found = of_entry().find(|it| !it.candidate.rule.generic);
            let by_name = || known.get(&*name).map(|provider| (*provider).clone());
            let rule = found.map(|found| found.candidate.rule);
            let provider = rule.map(|rule| rule.provider.clone());
            held.push(Self {
                provider: provider.or_else(by_name).unwrap_or_default(),
                what: rule.map_or_else(String::new, |rule| rule.name.to_string()),
                rule: rule.map_or_else(String::new, |rule| rule.id.to_string()),
                public: found.map_or_else(Vec::new, |found| {
                    let secret = found.candidate.secret();
                    secret[..found.candidate.public.min(secret.len())].to_vec()
                }),
                value: value(blob, &entry),
                name,
                line: at,
            });
        }
        held
    }

    /// Whether a bundler puts it into a browser.
    pub(crate) fn is_bundled(&self) -> bool {
        BUNDLED.iter().any(|start| self.name.starts_with(start))
    }
}

/// Every name that a file gives a value, in order.
pub(crate) fn names(blob: &[u8]) -> Vec<String> {
    let mut seen = HashSet::new();
    let names = dotenv::entries(blob).map(|entry| blob[entry.name].to_str_lossy().into_owned());
    names.filter(|name| seen.insert(name.clone())).collect()
}

/// What is given to an entry, as most loaders read it.
fn value(blob: &[u8], entry: &Entry) -> Vec<u8> {
    match Agreement::of(blob, entry) {
        Agreement::On(value) => value,
        Agreement::Not(_) => entry.plain(blob).to_vec(),
    }
}

/// The name to which a file gives a value, if all loaders read it so.
pub(crate) fn name_of(blob: &[u8], value: &[u8]) -> Option<String> {
    let value = Agreement::On(value.to_vec());
    let of_value = |entry: &Entry| Agreement::of(blob, entry) == value;
    let mut names = dotenv::entries(blob).filter(of_value);
    names.find_map(|entry| blob[entry.name].to_str().ok().map(str::to_owned))
}

/// The values that a file gives a name.
pub(crate) fn values(blob: &[u8], name: &str) -> Vec<Vec<u8>> {
    let entries = of_name(blob, name);
    entries.map(|entry| value(blob, &entry)).collect()
}

fn of_name(blob: &[u8], name: &str) -> impl Iterator<Item = Entry> {
    dotenv::entries(blob).filter(move |entry| blob[entry.name.clone()] == *name.as_bytes())
}

/// A file in which another key takes the place of one, where that has this name.
///
/// # Errors
/// When no way to write the new one is read alike by all loaders.
pub(crate) fn with_key(
    blob: &[u8],
    name: &str,
    is_old: impl Fn(&[u8]) -> bool,
    new: &[u8],
) -> Result<Vec<u8>, Unwritten> {
    let line = dotenv::assigned(name, new).ok_or(Unwritten::NoForm)?;
    let edits: Vec<_> = of_name(blob, name)
        .filter(|entry| is_old(&value(blob, entry)))
        .map(|entry| (entry.name.start..entry.value.end, line.clone()))
        .collect();
    Ok(dotenv::replaced(blob, &edits))
}

/// Whether a file of that path is one with variables, which people keep to themselves.
pub(crate) fn is_environment_file(path: &[u8]) -> bool {
    let name = path
        .rfind_byte(b'/')
        .map_or(path, |slash| &path[slash + 1..]);
    let name = name.to_ascii_lowercase();
    let ending = filetype::extension(&name).unwrap_or_default();
    let stem = [&b".env"[..], b".dev.vars"]
        .into_iter()
        .find_map(|stem| name.strip_prefix(stem));
    let is_named = match stem {
        Some(b"" | b"rc") => return !filetype::is_vendored(path),
        Some(rest) => matches!(rest[0], b'.' | b'-' | b'_'),
        None => ending == b"env",
    };
    is_named
        && !filetype::is_template(ending)
        && !filetype::ends_like_another_kind(&name)
        && !filetype::is_vendored(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filetype::FileType;
    use crate::lab::Random;

    #[test]
    fn the_keys_of_a_file_are_told_with_whose_they_are() {
        let mut random = Random::new(3);
        let mut letters = |count| random.token(count);
        let stripe = format!("sk_{}_{}", "live", letters(24));
        let text = format!(
            "PORT=1\nSTRIPE_KEY='{stripe}' # a\nVITE_TOKEN={}\nANTHROPIC_API_KEY={}\nREF=op://a/b/c\n",
            letters(32),
            letters(20),
        );
        let rules = RuleSet::builtin();
        let text = Text::decode(text.as_bytes()).at(FileType::of_path(b".env"));
        let held = Held::of(&text, &[&rules]);
        let told: Vec<(&str, usize, &str, bool)> = held
            .iter()
            .map(|it| (&*it.name, it.line, &*it.provider.name, it.is_bundled()))
            .collect();
        assert_eq!(
            told,
            [
                ("STRIPE_KEY", 2, "Stripe", false),
                ("VITE_TOKEN", 3, "", true),
                ("ANTHROPIC_API_KEY", 4, "Anthropic", false)
            ]
        );
        assert_eq!(held[0].value, stripe.as_bytes());
        assert!(stripe.as_bytes().starts_with(&held[0].public) && !held[0].public.is_empty());
        assert_eq!(names(text.bytes()).len(), 5);
        assert!(BUNDLED.is_sorted());
    }

    #[test]
    fn a_key_is_replaced_under_its_name_and_nowhere_else() {
        let text = b"A=one # a\nexport B='one'\nA=two\nA=\"one\"\n";
        let new = with_key(text, "A", |value| value == b"one", b"x#y").expect("it can be written");
        assert_eq!(
            new.to_str_lossy(),
            "A='x#y' # a\nexport B='one'\nA=two\nA='x#y'\n"
        );
        assert_eq!(values(&new, "A"), [&b"x#y"[..], b"two", b"x#y"]);
    }

    #[test]
    fn a_name_tells_a_file_with_variables() {
        for (path, expected) in [
            (".env", true),
            ("a/.env.local", true),
            (".envrc", true),
            ("prod.env", true),
            (".dev.vars", true),
            (".env.example", false),
            (".env.tpl", false),
            (".env.d.ts", false),
            (".environment", false),
            ("env", false),
            ("node_modules/a/.env", false),
        ] {
            assert_eq!(is_environment_file(path.as_bytes()), expected, "{path}");
        }
    }
}
