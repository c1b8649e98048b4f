//! What a page, an app or the settings of a project show to everybody, by its form or by the service that it is for: keys of
//! clients, ids of projects, of files and of messages.

use std::ops::RangeInclusive;

use super::{Case, Says, shape};
use crate::judge::judgement::{Rejection, Unfit};
use crate::judge::sum::Sum;
use crate::words::name::pieces;
use crate::words::{contains, number};

/// How far around a name and its value the service is looked for, in bytes. A bound: a form and a block of settings are
/// shorter.
const REACH: usize = 400;

/// A value by its form alone, or whatever its form.
type Form = fn(&[u8]) -> bool;

/// What is public by its form, whatever it is called.
const FORMS: &[(Form, &str)] = &[
    (is_of_app, "the key of an app"),
    (is_of_checkout, "the key of a checkout"),
    (is_of_message, "the template of a message"),
];

/// A value that is public under the end of a name.
struct Named {
    /// What the name ends in.
    name: &'static [&'static str],
    form: Form,
    what: &'static str,
}

const NAMED: &[Named] = &[
    // https://docs.adyen.com/development-resources/client-side-authentication/
    Named {
        name: &["client", "key"],
        form: |it| is_behind(it, &[b"live_", b"test_"], 32..=32, is_upper),
        what: "the key of a client",
    },
    // https://docs.growthbook.io/lib/js: that of a server with a UUID in it is LaunchDarkly's, and a secret.
    Named {
        name: &["client", "key"],
        form: |it| is_behind(it, &[b"sdk-"], 12..=24, u8::is_ascii_alphanumeric),
        what: "the key of a client",
    },
    // https://docs.statsig.com/access-management/projects
    Named {
        name: &["client", "key"],
        form: |it| is_behind(it, &[b"client-"], 40..=48, u8::is_ascii_alphanumeric),
        what: "the key of a client",
    },
    // https://developer.paddle.com/paddle-js/about/client-side-tokens
    Named {
        name: &["client", "token"],
        form: is_of_paddle,
        what: "the token of a client",
    },
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
    Named {
        name: &["key", "md5"],
        form: |it| it.len() == 24 && it.ends_with(b"=="),
        what: "the sum of a key",
    },
    // https://f-droid.org/docs/Build_Metadata_Reference/#AllowedAPKSigningKeys
    Named {
        name: &["allowed", "apk", "signing", "key"],
        form: is_hex::<64>,
        what: "the sum of a certificate",
    },
];

/// A value that is public under a name, of a service that the name or, if it has no other words, something near by names.
struct Told {
    /// What names the service.
    by: &'static [&'static [u8]],
    /// What the name ends in; of one word it is the whole name.
    name: &'static [&'static str],
    form: Form,
    what: &'static str,
}

const TOLD: &[Told] = &[
    // https://docs.sonarsource.com/sonarqube-server/latest/project-administration/
    Told {
        by: &[b"sonar"],
        name: &["project", "key"],
        form: is_any,
        what: "the id of a project",
    },
    // https://www.chatwoot.com/docs/product/channels/live-chat/sdk/setup
    Told {
        by: &[b"chatwoot"],
        name: &["website", "token"],
        form: is_any,
        what: "the token of a page",
    },
    // https://docs.web3forms.com/
    Told {
        by: &[b"web3forms"],
        name: &["access", "key"],
        form: number::is_uuid,
        what: "the key of a form",
    },
    // https://developers.freshchat.com/web-sdk/
    Told {
        by: &[b"freshchat", b"fcwidget"],
        name: &["token"],
        form: number::is_uuid,
        what: "the token of a page",
    },
    // https://developer.paddle.com/paddle-js/about/client-side-tokens
    Told {
        by: &[b"paddle"],
        name: &["token"],
        form: is_of_paddle,
        what: "the token of a client",
    },
    // https://www.figma.com/developers/api#files: a part of the address of a file.
    Told {
        by: &[b"figma"],
        name: &["file", "key"],
        form: is_any,
        what: "the id of a file",
    },
    // https://www.mongodb.com/docs/manual/core/security-scram/: what a server keeps to check a password by.
    Told {
        by: &[b"scram", b"iterationcount"],
        name: &["stored", "key"],
        form: is_any,
        what: "what a password is checked by",
    },
    Told {
        by: &[b"scram", b"iterationcount"],
        name: &["server", "key"],
        form: is_any,
        what: "what a password is checked by",
    },
];

/// Anybody may have it.
pub(super) fn refuses(case: &Case<'_>, _: &Sum) -> Says {
    let value = whole(case);
    let what = by_form(value)
        .or_else(|| by_name(case, value))
        .or_else(|| by_service(case, value));
    match what {
        Some(what) => Says::No(Rejection::Unfit(Unfit::Public(what))),
        None => Says::Nothing,
    }
}

/// The value with the start of its format, by which it is told.
fn whole<'c>(case: &Case<'c>) -> &'c [u8] {
    match case.candidate.public {
        0 => case.value,
        _ => case.candidate.secret(),
    }
}

fn by_form(value: &[u8]) -> Option<&'static str> {
    let mut forms = FORMS.iter();
    forms.find(|(form, _)| form(value)).map(|(_, what)| *what)
}

fn by_name(case: &Case<'_>, value: &[u8]) -> Option<&'static str> {
    let mut named = NAMED.iter();
    let is = |it: &&Named| others(case.name, it.name).is_some() && (it.form)(value);
    named.find(is).map(|it| it.what)
}

fn by_service(case: &Case<'_>, value: &[u8]) -> Option<&'static str> {
    let (text, name, place) = (
        case.candidate.text(),
        &case.assignment.name,
        &case.candidate.place,
    );
    let from = name.start.min(place.start).saturating_sub(REACH);
    let until = text.len().min(name.end.max(place.end) + REACH);
    let mut told = TOLD.iter();
    let is = |it: &&Told| {
        let around = match others(case.name, it.name) {
            Some(0) => &text[from..until],
            Some(_) if it.name.len() > 1 => case.name,
            _ => return false,
        };
        (it.form)(shape::without_braces(value)) && it.by.iter().any(|by| contains(around, by))
    };
    told.find(is).map(|it| it.what)
}

/// How many other words stand before these, in which a name ends; the last of them may be of several things.
fn others(name: &[u8], words: &[&str]) -> Option<usize> {
    let others = pieces(name).count().checked_sub(words.len())?;
    let ends = pieces(name).skip(others).zip(words).all(|(piece, word)| {
        let one = match piece {
            [one @ .., b's' | b'S'] if one.len() == word.len() => one,
            piece => piece,
        };
        one.eq_ignore_ascii_case(word.as_bytes())
    });
    ends.then_some(others)
}

/// Whether a value is the public key by which an app asks RevenueCat what was bought: one a store.
///
/// <https://www.revenuecat.com/docs/projects/authentication>
fn is_of_app(value: &[u8]) -> bool {
    const STORES: [&[u8]; 3] = [b"amzn_", b"appl_", b"goog_"];
    is_behind(value, &STORES, 20..=40, u8::is_ascii_alphanumeric)
}

/// Whether a value is the key of a page on which people pay: Braintree's tokenization key, Midtrans's client key.
///
/// <https://developer.paypal.com/braintree/docs/guides/authorization/tokenization-key/javascript/v3/>,
/// <https://docs.midtrans.com/docs/midtrans-account>
fn is_of_checkout(value: &[u8]) -> bool {
    const KINDS: [&[u8]; 2] = [b"production_", b"sandbox_"];
    const CLIENTS: [&[u8]; 2] = [b"Mid-client-", b"SB-Mid-client-"];
    /// How long the parts of such a key are.
    const PARTS: (usize, usize) = (8, 16);
    let is_part = |part: &[u8]| {
        part.iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    let is_of_braintree = |rest: &[u8]| {
        let mut parts = rest.split(|&b| b == b'_');
        let (first, second) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        (first.len(), second.len()) == PARTS
            && is_part(first)
            && is_part(second)
            && parts.next().is_none()
    };
    KINDS
        .iter()
        .filter_map(|kind| value.strip_prefix(*kind))
        .any(is_of_braintree)
        || CLIENTS.iter().any(|start| value.starts_with(start))
}

/// Whether a value is the id of one of SendGrid's templates.
///
/// <https://www.twilio.com/docs/sendgrid/ui/sending-email/how-to-send-an-email-with-dynamic-templates>
fn is_of_message(value: &[u8]) -> bool {
    value.strip_prefix(b"d-").is_some_and(is_hex::<32>)
}

fn is_of_paddle(value: &[u8]) -> bool {
    is_behind(value, &[b"live_", b"test_"], 27..=27, is_small)
}

/// Whether so many characters of a sort stand behind one of these starts, and nothing else.
fn is_behind(
    value: &[u8],
    starts: &[&[u8]],
    len: RangeInclusive<usize>,
    sort: fn(&u8) -> bool,
) -> bool {
    let mut rests = starts.iter().filter_map(|start| value.strip_prefix(*start));
    rests.any(|rest| len.contains(&rest.len()) && rest.iter().all(sort))
}

fn is_hex<const LEN: usize>(value: &[u8]) -> bool {
    value.len() == LEN && value.iter().all(u8::is_ascii_hexdigit)
}

const fn is_upper(byte: &u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

const fn is_small(byte: &u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

const fn is_any(_: &[u8]) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_in_words() {
        for (name, words, expected) in [
            ("clientKey", &["client", "key"][..], Some(0)),
            ("ADYEN_CLIENT_KEYS", &["client", "key"], Some(1)),
            ("-Dsonar.projectKey", &["project", "key"], Some(1)),
            ("token", &["token"], Some(0)),
            ("clientKeyId", &["client", "key"], None),
            ("api_key", &["token"], None),
            ("key", &["client", "key"], None),
            ("", &["token"], None),
        ] {
            assert_eq!(others(name.as_bytes(), words), expected, "{name}");
        }
    }
}
