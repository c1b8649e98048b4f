//! What is for everybody by the place that it stands in, whatever its name says: links by which anybody
//! joins a chat, addresses that end by themselves, keys of a search, fields of a form.

use std::ops::Range;

use super::{Case, Says};
use crate::assignment::{Assignment, Notation};
use crate::judge::context::{Line, ends_url, is_among_sums};
use crate::judge::judgement::{Rejection, Unfit};
use crate::judge::sum::Sum;
use crate::words::name::{Strength, pieces};
use crate::words::number::digest_bits;
use crate::words::{contains, is_one_of};

/// How far around a value is read, in bytes. A bound: a query, a form's field and a block of settings
/// are shorter.
const REACH: usize = 400;

/// Hosts and paths of links by which anybody joins a group.
const JOINS: &[&[u8]] = &[
    b"chat.whatsapp.com/",
    b"discord.com/invite",
    b"discord.gg/",
    b"join.slack.com/",
    b"qm.qq.com/",
    b"qun.qq.com/",
    b"shang.qq.com/",
    b"t.me/",
    b"teams.live.com/",
    b"zoom.us/j/",
];

/// The parameters by which an address says when it ends.
const ENDS: &[&[u8]] = &[
    b"deadline",
    b"e",
    b"exp",
    b"expire",
    b"expires",
    b"expiry",
    b"q-sign-time",
    b"se",
    b"x-amz-expires",
    b"x-goog-expires",
    b"x-oss-expires",
];

/// Anybody may have it.
pub(super) fn refuses(case: &Case<'_>, _: &Sum) -> Says {
    match by_place(case) {
        Some(what) => Says::No(Rejection::Unfit(Unfit::Public(what))),
        None => Says::Nothing,
    }
}

/// What a value is that anybody may have, if the place that it stands in says so.
fn by_place(case: &Case<'_>) -> Option<&'static str> {
    let (text, assignment) = (case.candidate.text(), case.assignment);
    // What a page needs to send a form has another name than what opens a service.
    let may_be_shown = case.strength() < Strength::Strong;
    match assignment.notation {
        Notation::Query => of_query(&url_around(text, &assignment.value)),
        _ if may_be_shown && is_hidden_field(text, &assignment.name) => Some("a field of a form"),
        _ if is_search_key(text, assignment)
            || is_search_name(case.name)
            || says_search_only(text, assignment) =>
        {
            Some("the key of a search")
        }
        _ if case.strength() == Strength::Weak && is_given_to_public_key(text, assignment) => {
            Some("a public key")
        }
        _ if is_sum(text, &assignment.value) => Some("one of a list of sums"),
        _ if is_signer(text, assignment) => Some("the id of an OpenPGP key"),
        _ => None,
    }
}

/// Whether a value says which OpenPGP key signs commits, as git has it and gpg prints it: `signingkey = `, and hex
/// digits in capitals.
fn is_signer(text: &[u8], assignment: &Assignment) -> bool {
    /// The lengths of ids and fingerprints.
    const LENGTHS: [usize; 3] = [8, 16, 40];
    let value = &text[assignment.value.clone()];
    let value = value.strip_prefix(b"0x").unwrap_or(value);
    LENGTHS.contains(&value.len())
        && value.iter().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'))
        && contains(&text[assignment.name.clone()], b"signingkey")
}

/// Whether what is made of a variable right behind its value is a public key: `key = "x"`, `PublicKey.new(key)`.
fn is_given_to_public_key(text: &[u8], assignment: &Assignment) -> bool {
    let name = &text[assignment.name.clone()];
    let end = assignment.value.end.max(assignment.name.end);
    let behind = &text[end..(end + REACH).min(text.len())];
    let is_call = |open: usize| {
        let given = behind[open + 1..].trim_ascii_start();
        let ends = |rest: &[u8]| {
            rest.first()
                .is_none_or(|&b| !b.is_ascii_alphanumeric() && b != b'_')
        };
        given.strip_prefix(name).is_some_and(ends) && {
            let is_part = |b: &u8| b.is_ascii_alphanumeric() || b"_.:".contains(b);
            let len = behind[..open]
                .iter()
                .rev()
                .take_while(|b| is_part(b))
                .count();
            let function = &behind[open - len..open];
            makes_public_key(function)
        }
    };
    let mut opens = behind.iter().enumerate().filter(|(_, b)| **b == b'(');
    opens.any(|(open, _)| is_call(open))
}

/// Whether a function makes a public key of what it is given, and does not get one for it: `PublicKey.new`, `public_key`.
fn makes_public_key(function: &[u8]) -> bool {
    const TYPES: [&[u8]; 2] = [b"publickey", b"public_key"];
    const VERBS: [&[u8]; 10] = [
        b"decode",
        b"from_base58",
        b"from_bytes",
        b"from_hex",
        b"from_slice",
        b"from_str",
        b"from_string",
        b"import",
        b"new",
        b"parse",
    ];
    let function = function.to_ascii_lowercase();
    let mut parts = function
        .rsplit(|b| matches!(b, b'.' | b':'))
        .filter(|part| !part.is_empty());
    let (last, owner) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    TYPES
        .iter()
        .any(|name| last == *name || owner.ends_with(name) && VERBS.contains(&last))
}

fn of_query(url: &[u8]) -> Option<&'static str> {
    if JOINS.iter().any(|join| contains(url, join)) || is_meeting(url) {
        return Some("a link by which anybody joins");
    }
    let query = url.iter().position(|&b| b == b'?')?;
    url[query + 1..]
        .split(|b| matches!(b, b'&' | b';'))
        .any(says_when_it_ends)
        .then_some("an address that ends by itself")
}

/// Whether an address is that of a meeting by its number: `/j/85204411873?pwd=`, `/meeting/92843470602?password=`.
fn is_meeting(url: &[u8]) -> bool {
    /// What stands before the number.
    const BEFORE: [&[u8]; 8] = [
        b"j",
        b"join",
        b"meet",
        b"meeting",
        b"meetings",
        b"s",
        b"w",
        b"wc",
    ];
    /// A weight: such numbers have nine digits and more.
    const DIGITS: usize = 9;
    let path = url.split(|&b| b == b'?').next().unwrap_or_default();
    let mut before: &[u8] = b"";
    path.split(|&b| b == b'/').any(|part| {
        let is_number = part.len() >= DIGITS && part.iter().all(u8::is_ascii_digit);
        let is_meeting = is_number && BEFORE.contains(&before);
        before = part;
        is_meeting
    })
}

/// Whether a parameter is the time at which an address ends, or how long it holds.
fn says_when_it_ends(parameter: &[u8]) -> bool {
    let Some(sign) = parameter.iter().position(|&b| b == b'=') else {
        return false;
    };
    let (name, value) = (&parameter[..sign], &parameter[sign + 1..]);
    let name = name
        .strip_prefix(b"amp;")
        .unwrap_or(name)
        .to_ascii_lowercase();
    ENDS.binary_search(&&name[..]).is_ok() && value.first().is_some_and(u8::is_ascii_digit)
}

/// The URL that a value is a part of, as far as one looks.
fn url_around(text: &[u8], value: &Range<usize>) -> Vec<u8> {
    let is_outside = |b: &u8| ends_url(*b);
    let from = value.start.saturating_sub(REACH);
    let before = &text[from..value.start];
    let start = before.iter().rposition(is_outside).map_or(0, |at| at + 1);
    let behind = &text[value.end..(value.end + REACH).min(text.len())];
    let end = behind.iter().position(is_outside).unwrap_or(behind.len());
    [&before[start..], b"=", &behind[..end]].concat()
}

/// Whether a name is that of a hidden field of a form: everybody who is shown the page has its value.
fn is_hidden_field(text: &[u8], name: &Range<usize>) -> bool {
    let before = &text[name.start.saturating_sub(REACH)..name.start];
    let Some(open) = before.iter().rposition(|&b| b == b'<') else {
        return false;
    };
    let tag = &before[open..];
    let behind = &text[name.end..(name.end + REACH).min(text.len())];
    let rest = &behind[..behind.iter().position(|&b| b == b'>').unwrap_or(0)];
    let is_input = tag.len() > 6 && tag[1..6].eq_ignore_ascii_case(b"input");
    is_input && !tag.contains(&b'>') && (contains(tag, b"hidden") || contains(rest, b"hidden"))
}

/// Whether a key stands in the settings of a search in the browser: beside the name of an index and the
/// application's id.
fn is_search_key(text: &[u8], assignment: &Assignment) -> bool {
    const APPS: [&[u8]; 6] = [
        b"app-id",
        b"app_id",
        b"appid",
        b"application_id",
        b"applicationid",
        b"docsearch",
    ];
    let name = &text[assignment.name.clone()];
    if contains(name, b"admin") || contains(name, b"write") {
        return false;
    }
    let value = &assignment.value;
    if !text[value.clone()].iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let from = assignment.name.start.saturating_sub(REACH);
    let around = &text[from..(value.end + REACH).min(text.len())];
    let has = |word: &[u8]| contains(around, word);
    (has(b"indexname") || has(b"index_name") || has(b"index-name"))
        && APPS.iter().any(|app| has(app))
}

/// Whether a name says that a key can do nothing but search: `searchOnlyApiKey`; of the services whose pages hold such
/// keys, without the word, too: `ALGOLIA_SEARCH_KEY`. Those of others are secrets: `AZURE_SEARCH_KEY`.
fn is_search_name(name: &[u8]) -> bool {
    const SERVICES: [&str; 5] = ["algolia", "docsearch", "meili", "meilisearch", "typesense"];
    let mut before: &[u8] = b"";
    let (mut of_service, mut behind_search) = (false, false);
    for piece in pieces(name) {
        if is_one_of(before, &["search"]) {
            if is_one_of(piece, &["only"]) {
                return true;
            }
            behind_search = is_one_of(piece, &["api", "apikey", "key"]);
        }
        of_service |= is_one_of(piece, &SERVICES);
        before = piece;
    }
    of_service && behind_search
}

/// Whether the line of a key says that it can do nothing but search: `apiKey: "x", // search-only`.
fn says_search_only(text: &[u8], assignment: &Assignment) -> bool {
    const SAYS: [&[u8]; 3] = [b"search only", b"search-only", b"search_only"];
    let (start, end) = (assignment.name.start, assignment.value.end);
    let before = &text[start.saturating_sub(REACH)..start];
    let before = before.rsplit(|&b| b == b'\n').next().unwrap_or_default();
    let behind = &text[end..(end + REACH).min(text.len())];
    let behind = behind.split(|&b| b == b'\n').next().unwrap_or_default();
    let is_said = |part: &[u8]| SAYS.iter().any(|says| contains(part, says));
    is_said(before) || is_said(behind)
}

/// Whether a value is a digest in a list of sums, as lock files have them.
fn is_sum(text: &[u8], value: &Range<usize>) -> bool {
    is_among_sums(text, value) || {
        let line = Line::around(text, value);
        line.is_bsd_sum() || digest_bits(&text[value.clone()]).is_some() && line.is_sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_say_whom_they_are_for() {
        for (url, expected) in [
            ("http://qm.qq.com/cgi-bin/qm/qr?k=x&authKey=", true),
            ("https://cdn.host.net/a.png?e=1573635804&token=", true),
            (
                "https://b.host.net/k?X-Amz-Expires=300&amp;X-Amz-Signature=",
                true,
            ),
            ("https://host.net/a?Expires=1700000000&Signature=", true),
            ("https://eu.meet.net/j/85204411873?pwd=", true),
            ("https://a.host.org/meeting/92843470602?password=", true),
            ("https://a.host.org/wc/join/928434706?pwd=", true),
            ("https://api.host.net/users/92843470602?password=", false),
            ("https://api.host.net/cb?authKey=", false),
            ("https://api.host.net/v1?e=mail&token=", false),
            ("https://host.net/?token=", false),
        ] {
            assert_eq!(of_query(url.as_bytes()).is_some(), expected, "{url}");
        }
    }

    #[test]
    fn keys_that_only_search_are_for_everybody() {
        for (name, expected) in [
            ("searchOnlyApiKey", true),
            ("ALGOLIA_SEARCH_ONLY_API_KEY", true),
            ("ALGOLIA_SEARCH_API_KEY", true),
            ("algoliaSearchKey", true),
            ("TYPESENSE_SEARCH_KEY", true),
            ("search_only_api_key", true),
            ("ALGOLIA_SEARCH_SERVICE_API_KEY", false),
            ("ALGOLIA_ADMIN_KEY", false),
            ("AZURE_SEARCH_KEY", false),
            ("BRAVE_SEARCH_API_KEY", false),
            ("MEILISEARCH_API_KEY", false),
            ("apiKey", false),
        ] {
            assert_eq!(is_search_name(name.as_bytes()), expected, "{name}");
        }
    }

    #[test]
    fn fields_of_forms_are_for_everybody() {
        for (text, expected) in [
            (r#"<input type="hidden" name="_token" value="x">"#, true),
            (r#"<input name="_token" type="hidden" value="x">"#, true),
            (r#"<input type="text" name="_token" value="x">"#, false),
            (r#"<input type="hidden"><a _token="x">"#, false),
            (r#"_token = "hidden""#, false),
        ] {
            let start = text.find("_token").unwrap();
            let name = start..start + "_token".len();
            assert_eq!(is_hidden_field(text.as_bytes(), &name), expected, "{text}");
        }
    }
}
