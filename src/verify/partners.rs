//! What a provider wants to know beside a key: another half of it, a user, a host. It is taken from what stands
//! near the key, in the same file.

use bstr::ByteSlice;

use super::fill::{fits, split};
use super::table::Row;
use crate::detect::Detector;
use crate::rules::RuleSet;
use crate::text::Text;
use crate::words::contains;

/// A bound: how far from the key is looked, in bytes.
const FAR: usize = 32 << 10;

/// A bound: no name, user or host is longer.
const LONGEST: usize = 4 << 10;

/// Other words for a name, beside the name itself.
const WORDS: &[(&str, &[&str])] = &[
    ("access_key_id", &["access_key", "key_id"]),
    ("access_key_secret", &["access_secret", "secret"]),
    ("account", &["account_name", "storage_account"]),
    ("account_id", &["account"]),
    ("app_client_id", &["client_id"]),
    ("app_client_secret", &["client_secret"]),
    ("app_key", &["api_key", "consumer_key", "key"]),
    ("application_id", &["app_id", "client_id"]),
    ("application_key", &["app_key"]),
    (
        "client_id",
        &["app_id", "application_id", "client", "consumer_key"],
    ),
    ("cloud", &["cloud_name"]),
    ("configuration_id", &["credential", "id"]),
    ("consumer_key", &["api_key", "client_id"]),
    ("email", &["mail", "user", "username", "login"]),
    (
        "hmac_secret",
        &["secret", "secret_key", "secret_access_key"],
    ),
    ("integration_key", &["ikey"]),
    ("key_id", &["id", "api_key", "client_id"]),
    ("key_name", &["shared_access_key_name", "policy_name"]),
    ("name", &["username", "user", "login", "org"]),
    ("organization", &["org"]),
    ("passphrase", &["password"]),
    ("public_key", &["client_id"]),
    ("secret", &["api_secret"]),
    ("tenant_id", &["tenant", "directory_id"]),
    ("token_id", &["id"]),
    ("username", &["user", "login"]),
];

/// Names of what is a secret itself: it is never given in an argument.
const SECRET: &[&str] = &[
    "access_key",
    "access_key_secret",
    "api_key",
    "app_client_secret",
    "app_key",
    "consumer_key",
    "hmac_secret",
    "passphrase",
    "secret",
];

/// The file in which the key stands.
#[derive(Clone, Copy)]
pub(crate) struct Near<'a> {
    text: &'a [u8],
    /// Where the key stands in it.
    place: usize,
    rules: &'a RuleSet,
}

impl<'a> Near<'a> {
    pub(crate) fn new(file: &'a [u8], place: usize, rules: &'a RuleSet) -> Self {
        let start = place.saturating_sub(FAR);
        let end = file.len().min(place.saturating_add(FAR));
        Self {
            text: &file[start.min(end)..end],
            place: place - start,
            rules,
        }
    }

    /// The nearest to the key.
    fn nearest<T>(&self, found: impl Iterator<Item = (usize, T)>) -> Option<T> {
        let (_, it) = found.min_by_key(|(at, _)| at.abs_diff(self.place))?;
        Some(it)
    }

    /// What the rule of that name finds.
    fn by_rule(&self, rule: &str) -> Option<Vec<u8>> {
        let text = Text::decode(self.text);
        let detector = Detector::new(self.rules);
        let all = detector.explain(&text);
        let of_rule = |is_judged: bool| {
            let fit = all
                .iter()
                .filter(|(it, judged)| &*it.rule.id == rule && (judged.is_ok() || !is_judged));
            self.nearest(fit.map(|(it, _)| (it.span.start, it.secret().to_vec())))
        };
        of_rule(true).or_else(|| of_rule(false))
    }

    /// The host that a pattern names.
    fn by_host(&self, patterns: &[String]) -> Option<Vec<u8>> {
        let is_known = |host: &str| patterns.iter().any(|it| fits(it, host));
        let hosts =
            words(self.text, b"-.").filter_map(|(at, word)| Some((at, word.to_str().ok()?)));
        let known = hosts.filter(|(_, host)| host.contains('.') && is_known(host));
        self.nearest(known.map(|(at, host)| (at, host.into())))
    }

    /// The label of a host that an address of a row leaves open: of `{shop}.myshopify.com` it is `acme` where
    /// `acme.myshopify.com` stands.
    fn by_label(&self, name: &str, host: &str) -> Option<Vec<u8>> {
        let open = format!("{{{name}}}");
        let wanted: Vec<&str> = host.split('.').collect();
        if wanted.len() < 3 || !wanted.iter().any(|label| label.contains(&open)) {
            return None;
        }
        fn label<'w>(word: &'w str, wanted: &[&str], open: &str) -> Option<&'w str> {
            let labels: Vec<&str> = word.split('.').collect();
            let labels = &labels[labels.len().checked_sub(wanted.len())?..];
            let mut value = None;
            for (wanted, label) in wanted.iter().zip(labels) {
                match wanted.split_once(open) {
                    Some((before, behind)) => {
                        value = Some(label.strip_prefix(before)?.strip_suffix(behind)?);
                    }
                    None if wanted.contains('{') || wanted.eq_ignore_ascii_case(label) => {}
                    None => return None,
                }
            }
            value.filter(|it| !it.is_empty())
        }
        let hosts = words(self.text, b"-.").filter_map(|(at, word)| {
            let word = word.to_str().ok()?;
            Some((at, label(word, &wanted, &open)?.into()))
        });
        self.nearest(hosts)
    }

    /// Whether a secret under another word for its name may be one of another service, whose name stands before that word
    /// and not at the key: `STRIPE_API_KEY` beside `OVH_APPLICATION_SECRET`.
    fn is_foreign(&self, word: &[u8], name: &str, wanted: &str) -> bool {
        let is_secret = SECRET.contains(&name) || SECRET.contains(&wanted);
        let owner = before(word, wanted).unwrap_or_default();
        if !is_secret || owner.is_empty() {
            return false;
        }
        let line = &self.text[..self.place.min(self.text.len())];
        let line = &line[line.rfind_byte(b'\n').map_or(0, |at| at + 1)..];
        let own = &line[line.len().saturating_sub(LONGEST)..];
        !contains(own, owner)
    }

    /// The value that is given to a name.
    fn by_name(&self, name: &str) -> Option<Vec<u8>> {
        let others = WORDS.iter().find(|(it, _)| *it == name);
        let names = [name]
            .into_iter()
            .chain(others.into_iter().flat_map(|(_, all)| *all).copied());
        for wanted in names {
            let is_mail = name == "email";
            let found = words(self.text, b"-_.").filter_map(|(at, word)| {
                if !ends_with(word, wanted) || wanted != name && self.is_foreign(word, name, wanted)
                {
                    return None;
                }
                let value = value(&self.text[at + word.len()..])?;
                let is_fit = !is_mail || value.contains(&b'@');
                is_fit.then_some((at, value))
            });
            // What the key itself is given to is no other half.
            let is_key = |(at, value): &(usize, &[u8])| {
                let start = self.text[*at..].find(value).unwrap_or_default() + at;
                (start..start + value.len()).contains(&self.place)
            };
            let (own, found): (Vec<_>, Vec<_>) = found.partition(is_key);
            // It is that half itself: another one is of another key.
            if wanted == name && !own.is_empty() {
                return None;
            }
            if let Some(value) = self.nearest(found.into_iter()) {
                return Some(value.to_vec());
            }
        }
        None
    }
}

/// What stands near the key under that name.
pub(super) fn find(name: &str, row: &Row, near: &Near<'_>) -> Option<Vec<u8>> {
    if let Some(patterns) = row.partners.get(name) {
        return near.by_host(patterns);
    }
    let (host, _) = split(&row.url);
    // A host is never taken as it stands: who wrote the file would say where the key goes.
    if host == format!("{{{name}}}") || host.starts_with(&format!("{{{name}}}:")) || name == "host"
    {
        return None;
    }
    if near.rules.find(name).is_some() {
        return near
            .by_rule(name)
            .or_else(|| near.by_name(&name.replace('-', "_")));
    }
    let is_in_host = host.contains(&format!("{{{name}}}"));
    let is_label = |value: &Vec<u8>| {
        value
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    };
    let found = near.by_label(name, host).or_else(|| near.by_name(name))?;
    (!is_in_host || is_label(&found)).then_some(found)
}

/// Whether what has that name may be given in an argument.
pub(crate) fn may_be_typed(name: &str, rules: &RuleSet) -> bool {
    let is_id = ["-id", "-sid", "-public-key"]
        .iter()
        .any(|it| name.ends_with(it));
    match rules.find(name) {
        Some(rule) => rule.public || is_id,
        None => !SECRET.contains(&name),
    }
}

/// The words of a text, each with its place.
fn words<'t>(text: &'t [u8], joins: &'static [u8]) -> impl Iterator<Item = (usize, &'t [u8])> {
    let is_word = move |byte: &u8| byte.is_ascii_alphanumeric() || joins.contains(byte);
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].iter().position(is_word)?;
        let rest = &text[start..];
        let end = rest.iter().position(|byte| !is_word(byte));
        at = start + end.unwrap_or(rest.len());
        Some((start, &text[start..at]))
    })
    .filter(|(_, word)| word.len() <= LONGEST)
}

/// Whether a name of a file is such a name, perhaps of something: `KAGGLE_USERNAME`, `clientId`.
fn ends_with(word: &[u8], name: &str) -> bool {
    before(word, name).is_some()
}

/// What stands in a name of a file before such a name, without what joins them.
fn before<'w>(word: &'w [u8], name: &str) -> Option<&'w [u8]> {
    let mut rest = word.len();
    for wanted in name.bytes().rev().filter(|byte| *byte != b'_') {
        while rest > 0 && matches!(word[rest - 1], b'_' | b'-') {
            rest -= 1;
        }
        if rest == 0 || !word[rest - 1].eq_ignore_ascii_case(&wanted) {
            return None;
        }
        rest -= 1;
    }
    let is_camel = word[rest].is_ascii_uppercase();
    let is_part = match rest.checked_sub(1).map(|at| word[at]) {
        None => true,
        Some(before) => {
            !before.is_ascii_alphanumeric() || (is_camel && before.is_ascii_lowercase())
        }
    };
    is_part.then(|| word[..rest].trim_end_with(|c| matches!(c, '_' | '-' | '.')))
}

/// The value behind a name: `= x`, `": "x"`, `=x;`.
fn value(behind: &[u8]) -> Option<&[u8]> {
    let quote = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`');
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let skip = |text: &'_ [u8], is: fn(&u8) -> bool| {
        text.iter().take(LONGEST).take_while(|it| is(it)).count()
    };
    let mut rest = behind;
    rest = &rest[usize::from(rest.first().is_some_and(quote))..];
    rest = &rest[skip(rest, |it| matches!(it, b' ' | b'\t' | b']'))..];
    let signs = skip(rest, |it| matches!(it, b'=' | b':' | b'>'));
    if signs == 0 || signs > 2 {
        return None;
    }
    rest = &rest[signs..];
    let blanks = rest.iter().take_while(|it| blank(it)).count();
    rest = &rest[blanks..];
    let end = match rest.first() {
        Some(open) if quote(open) => {
            rest = &rest[1..];
            rest.iter()
                .take(LONGEST)
                .position(|it| quote(it) || *it == b'\n')?
        }
        _ => {
            let is_end = |it: &u8| {
                it.is_ascii_whitespace()
                    || matches!(it, b';' | b',' | b'&' | b'"' | b'\'' | b')' | b'}')
            };
            rest.iter().position(is_end).unwrap_or(rest.len())
        }
    };
    (1..=LONGEST).contains(&end).then(|| &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_name_however_it_is_written() {
        let rules = RuleSet::builtin();
        for (text, name, expected) in [
            ("KAGGLE_USERNAME=ann\nKEY=|", "username", Some("ann")),
            (
                "{\"username\": \"ann\", \"key\": \"|\"}",
                "username",
                Some("ann"),
            ),
            (
                "client_id: 'a-1'\nclient_secret: '|'",
                "client_id",
                Some("a-1"),
            ),
            (
                "const clientId = \"a1\";\nconst secret = \"|\";",
                "client_id",
                Some("a1"),
            ),
            ("AccountName=acme;AccountKey=|;", "account", Some("acme")),
            (
                "a_client_id=far\n\n\nb_client_id=near\nb_secret=|",
                "client_id",
                Some("near"),
            ),
            (
                "user = bob\nmail = \"b@x.org\"\nk=|",
                "email",
                Some("b@x.org"),
            ),
            ("user = bob\nk=|", "email", None),
            ("myusernames=ann\nk=|", "username", None),
            ("the username is ann, k=|", "username", None),
            ("region=\nk=|", "region", None),
            ("consumer_key=far\nsecret=|", "consumer_key", Some("far")),
            ("consumer_key=far\nconsumer_key=|", "consumer_key", None),
            // That of another service is asked of nobody but that.
            ("STRIPE_API_KEY=far\nOVH_SECRET=|", "consumer_key", None),
            ("api_key=far\nOVH_SECRET=|", "consumer_key", Some("far")),
            (
                "twitterApiKey=far\ntwitterApiSecret=|",
                "consumer_key",
                Some("far"),
            ),
        ] {
            let place = text.find('|').expect("a place");
            let near = Near::new(text.as_bytes(), place, &rules);
            let found = near.by_name(name);
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{text}");
        }
    }

    #[test]
    fn a_host_is_taken_only_where_a_pattern_knows_it() {
        let rules = RuleSet::builtin();
        let patterns = ["*.jfrog.io".to_owned()];
        for (text, expected) in [
            (
                "url = https://acme.jfrog.io/artifactory\nk=|",
                Some("acme.jfrog.io"),
            ),
            ("url = https://acme.jfrog.io.evil.example/x\nk=|", None),
            ("url = https://evil-jfrog.io/x\nk=|", None),
            ("url = https://a.b.jfrog.io/x\nk=|", None),
            (
                "x.jfrog.io\n\n\n\n\n\nacme.jfrog.io |",
                Some("acme.jfrog.io"),
            ),
        ] {
            let place = text.find('|').expect("a place");
            let near = Near::new(text.as_bytes(), place, &rules);
            let found = near.by_host(&patterns);
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{text}");
        }
        for (text, host, expected) in [
            (
                "https://acme.myshopify.com/admin |",
                "{shop}.myshopify.com",
                Some("acme"),
            ),
            (
                "https://x.fra1.digitaloceanspaces.com |",
                "{shop}.digitaloceanspaces.com",
                Some("fra1"),
            ),
            (
                "https://api-eu.pusher.com |",
                "api-{shop}.pusher.com",
                Some("eu"),
            ),
            (
                "https://acme.myshopify.com.evil.example |",
                "{shop}.myshopify.com",
                None,
            ),
        ] {
            let near = Near::new(text.as_bytes(), text.len() - 1, &rules);
            let found = near.by_label("shop", host);
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{text}");
        }
    }
}
