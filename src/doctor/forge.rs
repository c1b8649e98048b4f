//! What a forge protects, from what its API says.

use serde_json::Value;

use super::Check;
use crate::allow::Date;
use crate::count::{count, first_of};
use crate::shell::shown_start;

/// A bound: so many names are told.
const NAMED: usize = 5;

/// A bound: a longer name is cut.
const LONGEST: usize = 60;

/// How many days a secret is good for.
pub(crate) const ROTATE_AFTER: u64 = 90;

/// What an API said of one thing; `None` if it said nothing to this user.
pub(crate) type Told = Option<Value>;

/// What GitHub said.
#[derive(Debug, Default)]
pub(crate) struct GitHub {
    /// The repository.
    pub(crate) repository: Told,
    /// What its workflows may do.
    pub(crate) workflow: Told,
    /// Its variables, with their values.
    pub(crate) variables: Told,
    /// The names of its secrets.
    pub(crate) secrets: Told,
}

/// What GitLab said.
#[derive(Debug, Default)]
pub(crate) struct GitLab {
    /// The settings of the project that are about security.
    pub(crate) security: Told,
    /// Its variables, with their values.
    pub(crate) variables: Told,
}

/// Whether the value of a variable of that name is a secret.
pub(crate) type IsSecret<'s> = &'s dyn Fn(&str, &str) -> bool;

const NOT_SEEN: &str = "your login does not see it: ask an administrator of the repository";

/// What GitHub protects; a secret that was changed before `oldest` is old.
pub(crate) fn github(told: &GitHub, is_secret: IsSecret<'_>, oldest: Date) -> Vec<Check> {
    let mut checks = Vec::new();
    for (about, field, off, is_broken) in [
        (
            "scanning",
            "secret_scanning",
            "secret scanning is off: keys that are pushed are told to nobody",
            true,
        ),
        (
            "push",
            "secret_scanning_push_protection",
            "push protection is off: a push with a known key is taken",
            true,
        ),
        (
            "validity",
            "secret_scanning_validity_checks",
            "validity checks are off: nobody tells whether a found key still works",
            false,
        ),
    ] {
        let status = told.repository.as_ref().map(|repository| {
            let status = &repository["security_and_analysis"][field]["status"];
            status.as_str().unwrap_or_default()
        });
        let mend = format!(
            "gh api -X PATCH 'repos/{{owner}}/{{repo}}' -f 'security_and_analysis[{field}][status]=enabled'"
        );
        checks.push(match status {
            Some("enabled") => Check::healthy(about, format!("{} is on", field.replace('_', " "))),
            Some("disabled") if is_broken => Check::broken(about, off, mend),
            Some("disabled") => Check::untidy(about, off, mend),
            _ => Check::untried(
                about,
                format!("{} is not told", field.replace('_', " ")),
                NOT_SEEN,
            ),
        });
    }
    let permissions = told.workflow.as_ref().map(|it| {
        it["default_workflow_permissions"]
            .as_str()
            .unwrap_or_default()
    });
    checks.push(match permissions {
        Some("read") => Check::healthy("workflows", "a workflow may read unless it asks for more"),
        Some("write") => Check::untidy(
            "workflows",
            "every workflow may write to the repository, unless it asks for less",
            "gh api -X PUT 'repos/{owner}/{repo}/actions/permissions/workflow' -f default_workflow_permissions=read",
        ),
        _ => Check::untried("workflows", "what workflows may do is not told", NOT_SEEN),
    });
    checks.push(variables(
        told.variables.as_ref().map(|it| &it["variables"]),
        is_secret,
    ));
    checks.push(secrets(
        told.secrets.as_ref().map(|it| &it["secrets"]),
        oldest,
    ));
    checks.extend(cut_off(told.variables.as_ref(), "variables"));
    checks.extend(cut_off(told.secrets.as_ref(), "secrets"));
    checks
}

/// What GitLab protects.
pub(crate) fn gitlab(told: &GitLab, is_secret: IsSecret<'_>) -> Vec<Check> {
    let push = told
        .security
        .as_ref()
        .map(|it| &it["secret_push_protection_enabled"]);
    let push = match push.and_then(Value::as_bool) {
        Some(true) => Check::healthy("push", "secret push protection is on"),
        Some(false) => Check::broken(
            "push",
            "secret push protection is off: a push with a known key is taken",
            "glab api -X PUT 'projects/:id/security_settings?secret_push_protection_enabled=true'",
        ),
        None => Check::untried(
            "push",
            "secret push protection is not told: it is a part of GitLab Ultimate",
            NOT_SEEN,
        ),
    };
    let all = told.variables.as_ref();
    let open =
        |field: &'static str| move |variable: &&Value| variable[field].as_bool() != Some(true);
    let secret = |variable: &&Value| {
        let text = |field: &str| variable[field].as_str().unwrap_or_default();
        is_secret(text("key"), text("value"))
    };
    let rows = || {
        all.and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(secret)
    };
    let unmasked = names(rows().filter(open("masked")), "key");
    let unprotected = names(rows().filter(open("protected")), "key");
    let masked = match (all, unmasked.len()) {
        (None, _) => Check::untried("variables", "the variables are not told", NOT_SEEN),
        (_, 0) => Check::healthy("variables", "no variable with a secret is shown in logs"),
        (_, many) => Check::broken(
            "variables",
            format!(
                "{} a secret and not masked, so that logs show it: {}",
                are(many, "variable"),
                list(&unmasked)
            ),
            "mask and hide it under Settings, CI/CD, Variables",
        ),
    };
    let mut checks = vec![push, masked];
    if !unprotected.is_empty() {
        checks.push(Check::untidy(
            "branches",
            format!(
                "{} a secret that every branch gets: {}",
                are(unprotected.len(), "variable"),
                list(&unprotected)
            ),
            "protect it under Settings, CI/CD, Variables",
        ));
    }
    checks
}

fn are(many: usize, thing: &str) -> String {
    count(many, &format!("{thing} holds"), &format!("{thing}s hold"))
}

fn names<'v>(rows: impl Iterator<Item = &'v Value>, field: &str) -> Vec<String> {
    let name = |row: &Value| shown_start(row[field].as_str().unwrap_or_default(), LONGEST);
    rows.map(name).collect()
}

fn list(names: &[String]) -> String {
    first_of(names, NAMED, String::clone)
}

/// Variables whose values everybody with read access sees.
fn variables(told: Option<&Value>, is_secret: IsSecret<'_>) -> Check {
    const ABOUT: &str = "variables";
    const MEND: &str = "gh secret set NAME, then: gh variable delete NAME, and revoke the key: its readers are not known";
    let Some(rows) = told.and_then(Value::as_array) else {
        return Check::untried(ABOUT, "the variables are not told", NOT_SEEN);
    };
    let holds = |row: &&Value| {
        let value = row["value"].as_str().unwrap_or_default();
        is_secret(row["name"].as_str().unwrap_or_default(), value)
    };
    let named = names(rows.iter().filter(holds), "name");
    match named.len() {
        0 => Check::healthy(ABOUT, "no variable holds a secret"),
        many => {
            let what = format!(
                "{} a secret, which is neither masked nor hidden: {}",
                are(many, "variable"),
                list(&named)
            );
            Check::broken(ABOUT, what, MEND)
        }
    }
}

/// Secrets that nobody has changed for long.
fn secrets(told: Option<&Value>, oldest: Date) -> Check {
    const ABOUT: &str = "rotation";
    let Some(rows) = told.and_then(Value::as_array) else {
        return Check::untried(ABOUT, "the names of the secrets are not told", NOT_SEEN);
    };
    let is_old = |row: &&Value| {
        let changed = row["updated_at"]
            .as_str()
            .and_then(|at| Date::parse(at.get(..10)?));
        changed.is_some_and(|changed| changed < oldest)
    };
    let named = names(rows.iter().filter(is_old), "name");
    match named.len() {
        0 => Check::healthy(
            ABOUT,
            format!("no secret is older than {ROTATE_AFTER} days"),
        ),
        many => {
            let what = format!(
                "{} older than {ROTATE_AFTER} days: {}",
                count(many, "secret is", "secrets are"),
                list(&named)
            );
            Check::untidy(
                ABOUT,
                what,
                "make a new key at its provider, then: gh secret set NAME, and revoke the old one",
            )
        }
    }
}

/// What is behind the first page of a list.
fn cut_off(told: Option<&Value>, field: &'static str) -> Option<Check> {
    let told = told?;
    let all = told["total_count"].as_u64()?;
    let seen = told[field].as_array()?.len() as u64;
    (all > seen).then(|| {
        let what = format!("of {all} {field} only the first {seen} were looked at");
        Check::untried(
            "pages",
            what,
            "look at the others in the settings of the repository",
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::State;
    use super::*;

    /// What is wrong: the word of each check, and how bad it is.
    fn wrong(checks: &[Check]) -> Vec<(&str, &str)> {
        let bad = checks.iter().filter_map(|check| match check.state {
            State::Healthy(_) => None,
            State::Untried(_) => Some((check.about, "untried")),
            State::Untidy(_) => Some((check.about, "untidy")),
            State::Broken(_) => Some((check.about, "broken")),
        });
        bad.collect()
    }

    fn day(text: &str) -> Date {
        Date::parse(text).expect("it is a date")
    }

    fn is_secret(_: &str, value: &str) -> bool {
        value == "S"
    }

    #[test]
    fn github_is_judged_by_what_it_says() {
        let status = |status: &str| json!({ "status": status });
        let told = |on: &str, permissions: &str, value: &str, changed: &str| GitHub {
            repository: Some(json!({ "security_and_analysis": {
                "secret_scanning": status(on),
                "secret_scanning_push_protection": status(on),
                "secret_scanning_validity_checks": status(on),
            }})),
            workflow: Some(json!({ "default_workflow_permissions": permissions })),
            variables: Some(
                json!({ "total_count": 1, "variables": [{ "name": "A", "value": value }] }),
            ),
            secrets: Some(
                json!({ "total_count": 1, "secrets": [{ "name": "B", "updated_at": changed }] }),
            ),
        };
        let judge = |told: &GitHub| {
            let checks = github(told, &is_secret, day("2026-03-03"));
            let shown = format!("{checks:?}");
            assert!(!shown.contains("\"S\""), "{shown}");
            wrong(&checks)
                .into_iter()
                .map(|(about, how)| format!("{about} {how}"))
                .collect::<Vec<_>>()
        };
        assert!(judge(&told("enabled", "read", "x", "2026-05-01T10:00:00Z")).is_empty());
        assert_eq!(
            judge(&told("disabled", "write", "S", "2026-03-02T10:00:00Z")),
            [
                "scanning broken",
                "push broken",
                "validity untidy",
                "workflows untidy",
                "variables broken",
                "rotation untidy"
            ]
        );
        let at_the_end = told("enabled", "read", "x", "2026-03-03T23:59:59Z");
        assert!(judge(&at_the_end).is_empty());
        let nothing = judge(&GitHub::default());
        assert!(
            nothing.len() == 6 && nothing.iter().all(|it| it.ends_with(" untried")),
            "{nothing:?}"
        );
        let mut many = told("enabled", "read", "x", "2026-05-01T10:00:00Z");
        many.secrets =
            Some(json!({ "total_count": 101, "secrets": [{ "name": "B", "updated_at": null }] }));
        assert_eq!(judge(&many), ["pages untried"]);
        let odd = GitHub {
            repository: Some(json!([])),
            workflow: Some(json!("x")),
            variables: Some(json!({ "variables": [1, null, { "value": 3 }] })),
            secrets: Some(json!({ "secrets": [{ "updated_at": "é1234567890" }] })),
        };
        assert!(judge(&odd).iter().all(|it| it.ends_with(" untried")));
    }

    #[test]
    fn gitlab_is_judged_by_what_it_says() {
        let told = |on: bool, masked: bool, protected: bool, value: &str| GitLab {
            security: Some(json!({ "secret_push_protection_enabled": on })),
            variables: Some(
                json!([{ "key": "A", "value": value, "masked": masked, "protected": protected }]),
            ),
        };
        for (told, expected) in [
            (told(true, true, true, "S"), &[][..]),
            (told(true, false, false, "x"), &[]),
            (
                told(false, false, false, "S"),
                &[
                    ("push", "broken"),
                    ("variables", "broken"),
                    ("branches", "untidy"),
                ],
            ),
            (
                GitLab::default(),
                &[("push", "untried"), ("variables", "untried")],
            ),
        ] {
            assert_eq!(wrong(&gitlab(&told, &is_secret)), expected);
        }
    }
}
