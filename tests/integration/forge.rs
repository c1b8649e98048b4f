//! `keyward doctor --forge`, with `gh` and `glab` played by a script that has their interface.

#![cfg(unix)]

use std::fs;

use crate::support::{Ran, Reading, Scratch, anthropic_key, assert_no_run, write_script};

/// A repository at a forge whose command answers with the files of a directory, and notes what it was asked.
fn at(remote: &str, answers: &[(&str, &str)]) -> Scratch {
    let mut scratch = Scratch::new(Reading::Default);
    let bin = scratch.root().join("bin");
    let kept = scratch.root().join("answers");
    fs::create_dir_all(&kept).unwrap();
    for (name, answer) in answers {
        fs::write(kept.join(name), answer).unwrap();
    }
    let script = "#!/bin/sh\necho \"${0##*/} $*\" >>\"$ANSWERS/asked\"\n[ \"$1\" = api ] && [ $# = 2 ] || exit 9\n\
                  p=${2%%\\?*}; f=$ANSWERS/$(printf %s \"${p##*/}\")\n[ -f \"$f\" ] || { echo 'HTTP 404' >&2; exit 1; }\ncat \"$f\"\n";
    for name in ["gh", "glab"] {
        write_script(&bin.join(name), script);
    }
    scratch.git(&["remote", "add", "origin", remote]);
    scratch.first_on_path(&bin);
    scratch.set("ANSWERS", kept.to_str().unwrap());
    scratch
}

fn asked(scratch: &Scratch) -> String {
    fs::read_to_string(scratch.root().join("answers/asked")).unwrap_or_default()
}

#[track_caller]
fn tells(ran: &Ran, lines: &[&str]) {
    for line in lines {
        assert!(
            ran.stdout.contains(line),
            "{line}\n{}{}",
            ran.stdout,
            ran.stderr
        );
    }
}

#[test]
fn github_is_asked_through_gh_and_no_value_is_shown() {
    let key = anthropic_key();
    let variables = format!(
        r#"{{"total_count":2,"variables":[{{"name":"PORT","value":"80"}},{{"name":"CLAUDE","value":"{key}"}}]}}"#
    );
    let scratch = at(
        "https://github.com/acme/app.git",
        &[
            (
                "{repo}",
                r#"{"security_and_analysis":{"secret_scanning":{"status":"enabled"},"secret_scanning_push_protection":{"status":"disabled"}}}"#,
            ),
            ("workflow", r#"{"default_workflow_permissions":"write"}"#),
            ("variables", &variables),
            (
                "secrets",
                r#"{"total_count":1,"secrets":[{"name":"DEPLOY","updated_at":"2020-01-01T00:00:00Z"}]}"#,
            ),
        ],
    );
    let ran = scratch.keyward(&["doctor", "--forge"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    tells(
        &ran,
        &[
            "ok      scanning ",
            "BROKEN  push ",
            "security_and_analysis[secret_scanning_push_protection][status]=enabled",
            "untried validity ",
            "untidy  workflows ",
            "BROKEN  variables  1 variable holds a secret, which is neither masked nor hidden: CLAUDE\n",
            "untidy  rotation   1 secret is older than 90 days: DEPLOY\n",
        ],
    );
    assert_no_run(ran.told().as_bytes(), &key, 6);
    let asked = asked(&scratch);
    assert!(
        asked
            .lines()
            .all(|line| line.starts_with("gh api repos/{owner}/{repo}")),
        "{asked}"
    );
    assert_no_run(asked.as_bytes(), &key, 6);
    let json = scratch.keyward(&["doctor", "--forge=gh", "--json"]);
    assert!(
        json.stdout.starts_with("{\"protected\":false"),
        "{}",
        json.stdout
    );
}

#[test]
fn gitlab_is_asked_through_glab_and_what_is_refused_is_untried() {
    let scratch = at("git@gitlab.com:acme/app.git", &[("variables", "[]")]);
    let ran = scratch.keyward(&["doctor", "--forge"]);
    ran.passes();
    tells(&ran, &["untried push ", "ok      variables "]);
    assert!(
        asked(&scratch)
            .lines()
            .all(|line| line.starts_with("glab api projects/:id"))
    );
    let key = anthropic_key();
    let scratch = at(
        "git@gitlab.com:acme/app.git",
        &[
            (
                "security_settings",
                r#"{"secret_push_protection_enabled":false}"#,
            ),
            (
                "variables",
                &format!(
                    r#"[{{"key":"CLAUDE","value":"{key}","masked":false,"protected":false}}]"#
                ),
            ),
        ],
    );
    let ran = scratch.keyward(&["doctor", "--forge"]);
    assert_eq!(ran.code, Some(1));
    tells(
        &ran,
        &["BROKEN  push ", "BROKEN  variables ", "untidy  branches "],
    );
    assert_no_run(ran.told().as_bytes(), &key, 6);
}

#[test]
fn no_forge_is_asked_unless_it_is_named() {
    let scratch = at("https://github.com/acme/app.git", &[]);
    scratch.keyward(&["doctor"]);
    scratch.keyward(&["doctor", "--ci"]);
    assert_eq!(asked(&scratch), "");
    let elsewhere = at("https://git.example/acme/app.git", &[]);
    let ran = elsewhere.keyward(&["doctor", "--forge"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--forge=gh"), "{}", ran.stderr);
    elsewhere.keyward(&["doctor", "--forge=glab"]).passes();
    assert!(asked(&elsewhere).starts_with("glab api"));
    // The host names a forge, and nothing behind it.
    let elsewhere = at("https://git.example.com/github/app.git", &[]);
    assert_eq!(elsewhere.keyward(&["doctor", "--forge"]).code, Some(2));
    assert_eq!(asked(&elsewhere), "");
    let by_ssh = at("git@github-work:acme/app.git", &[]);
    by_ssh.keyward(&["doctor", "--forge"]);
    assert!(asked(&by_ssh).starts_with("gh api"));
}
