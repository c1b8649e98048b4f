//! What an answer says of a key. Only the provider's own words count: a page of a proxy or a portal says nothing.

use std::collections::BTreeSet;

use bstr::ByteSlice;
use serde_json::Value;

use super::fill::{Filler, Values};
use super::table::{Condition, Row};
use super::{Fact, FactKind, State};

/// An answer.
pub(crate) struct Answer {
    pub(super) status: u16,
    /// The names are in small letters.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// Whether there was more of it.
    pub(super) is_cut: bool,
    /// Whether it may come from somebody who reads along, by an authority that the user trusts.
    pub(super) is_own_trust: bool,
}

/// A bound: how much of a field is told, in characters.
const LONGEST: usize = 120;

/// A bound: how many fields are told.
const MOST: usize = 12;

/// A bound: so many characters in a row that are the key's make a field one that repeats it.
const RUN: usize = 8;

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(it, _)| it == name)
            .map(|(_, value)| value.as_str())
    }

    fn has_type(&self, part: &str) -> bool {
        let kind = self.header("content-type").unwrap_or_default();
        kind.to_ascii_lowercase().contains(part)
    }

    /// Whether it is a page for people.
    fn is_page(&self) -> bool {
        let start = self.body.trim_ascii_start();
        let start = start[..start.len().min(16)].to_ascii_lowercase();
        self.has_type("html") || start.starts_with(b"<!doctype") || start.starts_with(b"<html")
    }

    /// Why it is not the provider's own, or not whole.
    fn is_no_answer(&self) -> Option<String> {
        let told = match self.status {
            407 | 511 => "a proxy or a portal answered, not the provider",
            _ if self.is_page() => {
                "a page came instead of an answer: of a proxy, a portal or a sign-in"
            }
            _ => return None,
        };
        Some(told.to_owned())
    }

    /// Whether it has a form that programs answer in.
    fn is_of_program(&self) -> bool {
        self.has_type("json") || self.has_type("xml")
    }
}

/// What an answer says, and why where that is not plain.
pub(super) fn judge(row: &Row, values: &Values<'_>, answer: &Answer) -> (State, String) {
    if let Some(why) = answer.is_no_answer() {
        return (State::Unknown, why);
    }
    let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let is_broken = answer.has_type("json") && !answer.body.is_empty() && json.is_none();
    let holds = |condition: &Condition| fulfils(condition, row, values, answer, json.as_ref());
    let groups = [
        (State::Dead, &row.dead),
        (State::Limited, &row.limited),
        (State::Unknown, &row.unknown),
        (State::Live, &row.live),
    ];
    let first = |has_detail: bool| {
        groups.iter().find_map(|(state, all)| {
            let fit = all
                .iter()
                .find(|it| it.has_detail() == has_detail && holds(it))?;
            Some((*state, fit.means.clone()))
        })
    };
    if let Some(said) = first(true) {
        return said;
    }
    let unknown = |why: String| (State::Unknown, why);
    match answer.status {
        status @ 500.. => return unknown(format!("the provider is not well ({status})")),
        451 => return unknown("it answers nobody from this place".to_owned()),
        _ if is_broken && answer.is_cut => {
            return unknown("the answer is longer than is read of one".to_owned());
        }
        _ if is_broken => return unknown("the answer came broken".to_owned()),
        _ => {}
    }
    match first(false) {
        // By a number alone anybody may have said so who reads along.
        Some((State::Live | State::Limited | State::Dead, _))
            if answer.is_own_trust && !answer.is_of_program() =>
        {
            unknown(
                "an authority of your own is trusted, and the answer may be a proxy's".to_owned(),
            )
        }
        Some(said) => said,
        None => unknown(match answer.status {
            429 => "it is asked too often just now: try again later".to_owned(),
            300..400 => "it leads elsewhere, and no key is sent on".to_owned(),
            status => format!("it answered {status}, which says nothing of the key"),
        }),
    }
}

/// Whether an answer to a revocation says that it is done.
pub(super) fn is_done(row: &Row, values: &Values<'_>, answer: &Answer) -> bool {
    let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let mut done = row.done.iter();
    answer.is_no_answer().is_none()
        && done.any(|it| fulfils(it, row, values, answer, json.as_ref()))
}

fn fulfils(
    condition: &Condition,
    row: &Row,
    values: &Values<'_>,
    answer: &Answer,
    json: Option<&Value>,
) -> bool {
    let at = |path: &str| {
        let mut filler = Filler::new(row, values);
        let path = filler.plain(path);
        json.and_then(|json| field(json, &path))
            .filter(|it| !it.is_null())
    };
    condition.status.contains(&answer.status)
        && (condition.text.is_empty()
            || condition.text.iter().any(|it| answer.body.contains_str(it)))
        && condition.json.iter().all(|path| at(path).is_some())
        && condition
            .is
            .iter()
            .all(|(path, value)| at(path).is_some_and(|it| is_same(it, value)))
}

/// A number is the same however it is written.
fn is_same(one: &Value, other: &Value) -> bool {
    one == other || (one.as_f64().is_some() && one.as_f64() == other.as_f64())
}

/// What stands at a path: names and numbers with dots between them. A name may itself have dots.
fn field<'v>(json: &'v Value, path: &str) -> Option<&'v Value> {
    let step = |at: &'v Value, name: &str| match at {
        Value::Array(all) => all.get(name.parse::<usize>().ok()?),
        Value::Object(all) => all.get(name),
        _ => None,
    };
    if let Some(it) = step(json, path) {
        return Some(it);
    }
    path.split('.').try_fold(json, step)
}

/// What an answer tells of a key, without anything that repeats it.
pub(super) fn facts(row: &Row, values: &Values<'_>, answer: &Answer) -> Vec<Fact> {
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let secrets: BTreeSet<&[u8]> = values
        .beside
        .values()
        .map(Vec::as_slice)
        .chain([values.key])
        .flat_map(|it| it.windows(RUN))
        .collect();
    let repeats = |text: &str| text.as_bytes().windows(RUN).any(|it| secrets.contains(it));
    let facts = row.tells.iter().filter_map(|path| {
        let text = match path.strip_prefix("header:") {
            Some(name) => answer.header(name)?.to_owned(),
            None => told(field(&json, path)?)?,
        };
        let text: String = text
            .chars()
            .filter(|it| !it.is_control())
            .take(LONGEST)
            .collect();
        let text = text.trim().to_owned();
        (!text.is_empty() && !repeats(&text)).then(|| Fact {
            kind: FactKind::of(path),
            name: name_of(path).to_owned(),
            text,
        })
    });
    facts.take(MOST).collect()
}

/// A value in words; `None` for one that says nothing.
fn told(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Array(all) if !all.is_empty() => {
            let all: Option<Vec<String>> = all.iter().take(MOST).map(told).collect();
            Some(all?.join(", "))
        }
        _ => None,
    }
}

/// The last name of a path that is no number.
fn name_of(path: &str) -> &str {
    let path = path.strip_prefix("header:").unwrap_or(path);
    let mut names = path.rsplit('.');
    names
        .find(|it| it.parse::<usize>().is_err())
        .unwrap_or(path)
}

impl FactKind {
    /// By the name of the field.
    fn of(path: &str) -> Self {
        let name = name_of(path).to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|it| name.contains(it));
        if has(&[
            "expir",
            "expires",
            "not_after",
            "not_before",
            "ttl",
            "valid_until",
        ]) {
            Self::Expiry
        } else if has(&[
            "scope",
            "permission",
            "polic",
            "role",
            "rights",
            "capabilit",
            "abilit",
            "acl",
        ]) {
            Self::Scopes
        } else {
            Self::Owner
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::verify::table;

    /// An answer that fulfils a condition.
    pub(in crate::verify) fn fulfilling(
        condition: &Condition,
        values: &Values<'_>,
        row: &Row,
    ) -> Answer {
        let mut json = Value::Object(serde_json::Map::new());
        let mut put = |path: &str, value: Value| {
            let path = Filler::new(row, values).plain(path);
            let mut at = &mut json;
            for name in path.split('.') {
                if let (Ok(number), false) = (name.parse::<usize>(), at.is_object()) {
                    if !at.is_array() {
                        *at = Value::Array(Vec::new());
                    }
                    let all = at.as_array_mut().expect("an array");
                    all.resize(
                        all.len().max(number + 1),
                        Value::Object(serde_json::Map::new()),
                    );
                    at = &mut all[number];
                } else {
                    if !at.is_object() {
                        *at = Value::Object(serde_json::Map::new());
                    }
                    let all = at.as_object_mut().expect("an object");
                    at = all.entry(name).or_insert(Value::Null);
                }
            }
            if at.is_null() || !value.is_boolean() {
                *at = value;
            }
        };
        for (path, value) in &condition.is {
            put(path, value.clone());
        }
        for path in &condition.json {
            put(path, Value::Bool(true));
        }
        if let Some(text) = condition.text.first() {
            put("keyward_says", Value::String(text.clone()));
        }
        Answer {
            status: condition.status[0],
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: json.to_string().into_bytes(),
            is_cut: false,
            is_own_trust: true,
        }
    }

    fn values() -> Values<'static> {
        let mut beside = BTreeMap::new();
        beside.insert("private_key_id".to_owned(), b"abc".to_vec());
        Values {
            rule: "acme-key",
            key: b"acme_0123456789abcdefghij",
            redacted: "acme_…",
            beside,
            now: Duration::from_secs(1_700_000_000),
        }
    }

    fn answer(status: u16, kind: &str, body: &str) -> Answer {
        Answer {
            status,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: body.as_bytes().to_vec(),
            is_cut: false,
            is_own_trust: false,
        }
    }

    #[test]
    fn every_condition_of_every_row_leads_to_its_state() {
        let values = values();
        let mut count = 0;
        for row in table::checks() {
            for (state, all) in [
                (State::Live, &row.live),
                (State::Dead, &row.dead),
                (State::Limited, &row.limited),
                (State::Unknown, &row.unknown),
            ] {
                for condition in all {
                    // Where a page is all that says it, nothing does.
                    if condition.status[0] >= 500 && !condition.has_detail() {
                        continue;
                    }
                    let (said, why) = judge(row, &values, &fulfilling(condition, &values, row));
                    assert_eq!(said, state, "{:?} {condition:?}: {why}", row.rules);
                    count += 1;
                }
            }
        }
        assert!(count > 1000, "{count}");
    }

    #[test]
    fn what_is_not_the_providers_own_answer_is_never_dead_nor_live() {
        let values = values();
        let page = "<!DOCTYPE html><title>Sign in</title>";
        for row in table::checks() {
            for odd in [
                answer(200, "text/html; charset=utf-8", page),
                answer(401, "text/html", "Access denied"),
                answer(403, "text/plain", page),
                answer(407, "application/json", "{}"),
                answer(511, "application/json", "{}"),
                answer(500, "application/json", "{}"),
                answer(502, "text/plain", "bad gateway"),
                answer(503, "application/json", "{\"error\":"),
                answer(200, "application/json", "{\"data\": [1, 2"),
                answer(401, "application/json", "{\"error\""),
                answer(307, "text/plain", ""),
                Answer {
                    is_own_trust: true,
                    ..answer(403, "text/plain", "blocked by policy")
                },
            ] {
                let (state, why) = judge(row, &values, &odd);
                let is_fit = matches!(state, State::Unknown | State::Limited);
                assert!(is_fit, "{:?} {}: {state:?}", row.rules, odd.status);
                assert!(
                    state == State::Limited || !why.is_empty(),
                    "{:?}",
                    row.rules
                );
            }
            let often = answer(429, "application/json", "{}");
            let (state, _) = judge(row, &values, &often);
            assert!(
                matches!(state, State::Unknown | State::Limited),
                "{:?}",
                row.rules
            );
        }
    }

    #[test]
    fn what_is_told_of_a_key_never_repeats_it() {
        let row = Row {
            tells: [
                "login",
                "header:x-scopes",
                "data.0.expires_at",
                "token",
                "all",
                "gone",
            ]
            .map(str::to_owned)
            .to_vec(),
            ..Row::default()
        };
        let body = r#"{"login": "ann\nlee", "token": "x 0123456789 x", "all": ["a", 1],
                       "data": [{"expires_at": "2030-01-01"}]}"#;
        let mut answer = answer(200, "application/json", body);
        answer
            .headers
            .push(("x-scopes".to_owned(), "repo, user".to_owned()));
        let facts = facts(&row, &values(), &answer);
        let told = facts
            .iter()
            .map(|it| (it.kind, it.name.as_str(), it.text.as_str()));
        assert_eq!(
            Vec::from_iter(told),
            [
                (FactKind::Owner, "login", "annlee"),
                (FactKind::Scopes, "x-scopes", "repo, user"),
                (FactKind::Expiry, "expires_at", "2030-01-01"),
                (FactKind::Owner, "all", "a, 1"),
            ]
        );
    }
}
