//! Asks the provider of a key whether it lives, and has it revoked. Nothing else in keyward opens a connection, and
//! this is done for one key alone, when a person asks for it by name.
//!
//! The [table] has what is asked; [fill] makes a request of a row, with [partners] that stand beside the key and
//! [signed](sign) where a provider wants that; the [network] sends it; [answer] judges what comes back.

mod answer;
mod fill;
mod network;
mod partners;
mod sign;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use self::fill::Shown;
pub(crate) use self::network::Network;
pub(crate) use self::partners::{Near, may_be_typed};

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use self::answer::{Answer, facts, is_done, judge};
use self::fill::{Fault, Request, Values};
use self::table::Row;

/// What is known of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The provider takes it.
    Live,
    /// The provider knows it, and does not let it do what was asked.
    Limited,
    /// The provider refuses it.
    Dead,
    /// Nobody can tell.
    Unknown,
}

impl State {
    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Limited => "limited",
            Self::Dead => "dead",
            Self::Unknown => "unknown",
        }
    }
}

/// What an answer told of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) kind: FactKind,
    /// As the provider calls it.
    pub(crate) name: String,
    pub(crate) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactKind {
    Owner,
    Scopes,
    Expiry,
}

impl FactKind {
    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Scopes => "scopes",
            Self::Expiry => "expiry",
        }
    }
}

/// What came of a question.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) state: State,
    /// Why, where that is not plain.
    pub(crate) why: String,
    pub(crate) facts: Vec<Fact>,
    /// What was asked, without the key.
    pub(crate) asked: Vec<String>,
    /// What a person should know of the question.
    pub(crate) note: String,
}

impl Verdict {
    fn unknown(why: impl Into<String>) -> Self {
        Self {
            state: State::Unknown,
            why: why.into(),
            facts: Vec::new(),
            asked: Vec::new(),
            note: String::new(),
        }
    }
}

/// Brings a request to a provider.
pub(crate) trait Sender {
    /// # Errors
    /// In words, when no answer came.
    fn send(&self, request: &Request) -> Result<Answer, String>;
}

/// A key, and what stands beside it.
pub(crate) struct Case<'a> {
    /// The rule that found it.
    pub(crate) rule: &'a str,
    pub(crate) key: &'a [u8],
    /// As much of it as may be shown.
    pub(crate) redacted: &'a str,
    /// The file in which it stands, if that is known.
    pub(crate) near: Option<Near<'a>>,
    /// What a person gave by name.
    pub(crate) given: &'a BTreeMap<String, String>,
}

/// Whether it can be asked if keys of that rule live.
pub(crate) fn can_verify(rule: &str) -> bool {
    table::check_of(rule).is_some()
}

/// Whether keys of that rule can be revoked.
pub(crate) fn can_revoke(rule: &str) -> bool {
    table::revoke_of(rule).is_some()
}

/// Asks whether a key lives.
pub(crate) fn verify(case: &Case<'_>, sender: &dyn Sender) -> Verdict {
    let Some(row) = table::check_of(case.rule) else {
        return Verdict::unknown(
            "no question is known that a key of this kind can be asked safely",
        );
    };
    let values = values(case, row);
    let requests = match fill::requests(row, &values) {
        Ok(requests) => requests,
        Err(fault) => return Verdict::unknown(in_words(&fault)),
    };
    let mut verdict = Verdict {
        note: note(row),
        ..Verdict::unknown("")
    };
    let mut doubt = None;
    for request in requests {
        verdict.asked.push(request.shown.line.clone());
        let (state, why) = match sender.send(&request) {
            Ok(answer) => {
                let said = judge(row, &values, &answer);
                if matches!(said.0, State::Live | State::Limited) {
                    verdict.facts = facts(row, &values, &answer);
                }
                said
            }
            Err(why) => (State::Unknown, why),
        };
        match state {
            State::Live | State::Limited => {
                (verdict.state, verdict.why) = (state, why);
                return verdict;
            }
            State::Unknown => {
                doubt.get_or_insert(why);
            }
            State::Dead => {}
        }
    }
    match doubt {
        Some(why) => verdict.why = why,
        None => verdict.state = State::Dead,
    }
    if verdict.state == State::Dead && !row.own.is_empty() && !values.beside.contains_key("host") {
        verdict.why =
            "if it is for a server of your own, ask that one: --with host=NAME".to_owned();
    }
    verdict
}

/// A revocation that can be made.
pub(crate) struct Revocation {
    row: &'static Row,
    requests: Vec<Request>,
}

impl Revocation {
    /// The one for a key.
    ///
    /// # Errors
    /// In words, when there is none, or something lacks that it wants.
    pub(crate) fn of(case: &Case<'_>) -> Result<Self, String> {
        let row = table::revoke_of(case.rule)
            .ok_or("the provider takes no key back by a call that is safe to make")?;
        let requests = fill::requests(row, &values(case, row)).map_err(|it| in_words(&it))?;
        Ok(Self { row, requests })
    }

    /// What would be sent.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Shown> {
        self.requests.iter().map(|it| &it.shown)
    }

    /// What it does.
    pub(crate) fn does(&self) -> &str {
        &self.row.does
    }

    /// How it is undone; empty where it can't be.
    pub(crate) fn undo(&self) -> &str {
        &self.row.undo
    }

    /// Makes it.
    ///
    /// # Errors
    /// In words, when the provider did not say that it is done.
    pub(crate) fn make(&self, case: &Case<'_>, sender: &dyn Sender) -> Result<(), String> {
        let values = values(case, self.row);
        let mut why = String::new();
        for request in &self.requests {
            match sender.send(request) {
                Ok(answer) if is_done(self.row, &values, &answer) => return Ok(()),
                Ok(answer) => {
                    why = format!(
                        "{} answered {} and did not say that it is done",
                        request.host, answer.status
                    );
                }
                Err(error) => why = error,
            }
        }
        Err(why)
    }
}

/// The key, and all that is wanted beside it.
fn values<'a>(case: &Case<'a>, row: &Row) -> Values<'a> {
    let mut beside = BTreeMap::new();
    for name in fill::wanted(row, case.rule) {
        let found = case.near.and_then(|near| partners::find(&name, row, &near));
        beside.extend(found.map(|it| (name, it)));
    }
    for (name, value) in case.given {
        beside.insert(name.clone(), value.clone().into_bytes());
    }
    Values {
        rule: case.rule,
        key: case.key,
        redacted: case.redacted,
        beside,
        now: now(),
    }
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// All names that may be given for keys of a rule.
pub(crate) fn names_for(rule: &str) -> BTreeSet<String> {
    let rows = [table::check_of(rule), table::revoke_of(rule)];
    let mut names = BTreeSet::new();
    for row in rows.into_iter().flatten() {
        names.extend(fill::wanted(row, rule));
        if !row.own.is_empty() {
            names.insert("host".to_owned());
        }
    }
    names
}

fn note(row: &Row) -> String {
    let is_in_address = row.url.contains("{key}");
    match (row.note.as_str(), is_in_address) {
        (note, false) => note.to_owned(),
        ("", true) => {
            "the key stands in the address that was asked: it may be in logs of the provider"
                .to_owned()
        }
        (note, true) => {
            format!("{note}; the key stands in the address that was asked, which may be logged")
        }
    }
}

fn in_words(fault: &Fault) -> String {
    match fault {
        Fault::Lacks(names) => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!(
                "it needs {} too, which does not stand near the key",
                names.join(" and ")
            )
        }
        Fault::Unfit(name) if name == "key" => {
            "the key has a form that the provider's do not have".to_owned()
        }
        Fault::Unfit(name) => format!("what stands there as {name} has a form that can't be sent"),
    }
}
