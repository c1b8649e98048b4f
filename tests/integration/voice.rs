//! What people read, whoever named it: nothing paints the terminal, commands a CI runner or shows a key.

use std::process::Stdio;

use crate::FORMATS;
use crate::support::{Ran, Reading, Scratch, anthropic_key, assert_sealed, run};

/// All that a run said, and that no line of it commands or paints.
#[track_caller]
fn said(ran: &Ran) -> String {
    let said = format!("{}{}", ran.stdout, ran.stderr);
    for line in said.lines() {
        let obeyed = line.trim_start().starts_with("::") || line.contains("##vso[");
        assert!(!obeyed && !line.contains("##["), "{line}");
        let unseen =
            |c: char| c.is_control() && c != '\t' || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!line.contains(unseen), "{line:?}");
    }
    said
}

#[cfg(unix)]
#[test]
fn no_name_of_a_file_is_a_command_to_a_ci_runner() {
    let scratch = Scratch::new(Reading::Default);
    scratch.commit_all();
    let base = scratch.git(&["rev-parse", "HEAD"]);
    for name in [
        "::stop-commands::pwn",
        "  ::add-mask::keyward",
        "##vso[task.setvariable variable=PATH]x",
        "##[error]x",
    ] {
        scratch.write(name, format!("k = '{}'\n", anthropic_key()));
    }
    scratch.commit_all();
    let range = format!("{}..HEAD", base.trim());
    for command in [
        &["scan", "."][..],
        &["scan", "--range", &range],
        &["scan", "--verbose", "--possible", "."],
        &["scan", "--explain", "."],
        &["scan", "--format", "json"],
        &["scan", "--format", "csv"],
        &["scan", "--format", "junit"],
    ] {
        let ran = scratch.keyward(command);
        assert!(said(&ran).contains("stop-commands"), "{command:?}");
    }
}

#[test]
fn no_rule_of_a_repository_speaks_to_the_terminal() {
    let scratch = Scratch::new(Reading::Default);
    scratch.commit_all();
    for (id, name) in [
        (r"x\u001b[2J\u001b]0;pwn\u0007\n::error::pwn", "x"),
        ("our-key", r"x\u001b[2J\u202e\n::error::pwn"),
    ] {
        let settings =
            format!("[[rule]]\nid = \"{id}\"\nname = \"{name}\"\nformat = \"ourco_<base62:32>\"\n");
        scratch.add(".keyward.toml", settings);
        for command in [
            "hook pre-commit",
            "scan --staged",
            "scan .",
            "config show",
            "config check",
            "rules list",
            "rules list our",
            "rules show our-key",
            "rules show own",
            "doctor",
        ] {
            let words: Vec<&str> = command.split(' ').collect();
            said(&scratch.keyward(&words));
        }
    }
}

#[test]
fn no_key_that_was_typed_or_written_into_settings_is_said() {
    let scratch = Scratch::new(Reading::Default);
    scratch.commit_all();
    let key = anthropic_key();
    let range = format!("{key}..HEAD");
    let hidden = |ran: &Ran| {
        assert_sealed(said(ran).as_bytes(), &key);
    };
    for command in [
        &["allow", &key, "--reason", "x"][..],
        &["scan", &key],
        &["scan", "--range", &range],
        &["scan", "--config", &key],
        &["scan", "--format", &key],
        &["rules", "show", &key],
        &["rules", "list", "--provider", &key],
        &["rules", "check", &key],
        &["config", "check", &key],
        &["hook", &key],
        &["ignore", &key],
        &[&key],
    ] {
        let ran = scratch.keyward(command);
        hidden(&ran);
    }
    for settings in [
        format!("[scan]\nexclude = [\"\\\\q{key}\"]\n"),
        format!("[scan]\n\"{key}\" = 1\n"),
        format!("lock = [\"{key}\"]\n"),
        format!("[[rule]]\nid = \"{key}\"\nname = \"x\"\nformat = \"x\"\n"),
        format!("[[rule]]\nid = \"our-key\"\nname = \"{key}\"\nformat = \"our_<base62:32>\"\n"),
    ] {
        scratch.add(".keyward.toml", &settings);
        for command in [
            "hook pre-commit",
            "config check",
            "config show",
            "rules list",
            "doctor",
        ] {
            let words: Vec<&str> = command.split(' ').collect();
            hidden(&scratch.keyward(&words));
        }
    }
}

#[test]
fn a_name_that_holds_a_key_makes_no_variable() {
    let scratch = Scratch::new(Reading::Default);
    scratch.commit_all();
    let token = crate::support::letters(36);
    let content = format!("ghp_{token}_password = \"{}\"\n", anthropic_key());
    scratch.add("a.py", content);
    for format in FORMATS {
        let ran = scratch.keyward(&["scan", "--staged", "--format", format]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        let told = ran.stdout.to_ascii_uppercase().replace(['_', '-'], "");
        let token = token.to_ascii_uppercase();
        assert_sealed(told.as_bytes(), &token);
    }
}

/// The allow file is written by people, too.
#[test]
fn no_key_in_a_reason_is_said() {
    let scratch = Scratch::new(Reading::Default);
    let key = anthropic_key();
    let entry = format!("{:0>16} generic-secret /a.py - {key}\n", "ab12");
    scratch.add(".keyward.allow", &entry);
    for arguments in [&["allow", "--list"][..], &["allow", "--remove", "000000"]] {
        let ran = scratch.keyward(arguments);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stdout.contains("a.py"), "{}", ran.stdout);
        assert_sealed(said(&ran).as_bytes(), &key);
    }
}

#[cfg(unix)]
#[test]
fn who_reads_no_more_is_told_nothing() {
    let scratch = Scratch::new(Reading::Default);
    let mut child = scratch
        .command(env!("CARGO_BIN_EXE_keyward"))
        .args(["rules", "list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    assert_eq!(ended.status.code(), Some(141));
}

#[test]
fn colours_are_where_they_are_asked_for() {
    let scratch = Scratch::new(Reading::Default);
    scratch.commit_all();
    scratch.add("a.py", format!("k = '{}'\n", anthropic_key()));
    for (variables, expected) in [
        (&[][..], false),
        (&[("CLICOLOR_FORCE", "1")], true),
        (&[("FORCE_COLOR", "1")], true),
        (&[("FORCE_COLOR", "0")], false),
        (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], false),
        (&[("FORCE_COLOR", "1"), ("NO_COLOR", "")], true),
    ] {
        let mut command = scratch.command(env!("CARGO_BIN_EXE_keyward"));
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR"] {
            command.env_remove(name);
        }
        let ran = run(command
            .args(["hook", "pre-commit"])
            .envs(variables.iter().copied()));
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert_eq!(ran.stderr.contains('\u{1b}'), expected, "{variables:?}");
    }
}

#[test]
fn a_misspelt_word_is_told_what_was_meant() {
    let scratch = Scratch::new(Reading::Default);
    scratch.commit_all();
    for (command, expected) in [
        ("scann", "'scan'"),
        ("hook pre-comit", "'pre-commit'"),
        ("install --hook pre-psh", "'pre-push'"),
        ("scan --format sarfi", "'sarif'"),
        ("scan --stagd", "'--staged'"),
        ("rules list --confidence certan", "'certain'"),
        (
            "rules show antropic-api-key",
            "did you mean `anthropic-api-key`?",
        ),
        ("rules show antropic", "did you mean `anthropic`?"),
        (
            "rules list --provider antropic",
            "did you mean `anthropic`?",
        ),
        ("completions bahs", "'bash'"),
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let ran = scratch.keyward(&words);
        assert_eq!(ran.code, Some(2), "{command}: {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{command}: {}", ran.stderr);
    }
    let ran = scratch.keyward(&["scan", "--staged", "src"]);
    assert!(ran.stderr.contains("cannot be used with"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("--staged [PATH"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("scan [OPTIONS] --staged\n"),
        "{}",
        ran.stderr
    );
}

#[test]
fn rules_are_listed_by_what_is_asked() {
    let scratch = Scratch::new(Reading::Default);
    let list = |arguments: &[&str]| {
        let ran = scratch.keyward(&[&["rules", "list"], arguments].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stdout
    };
    let anthropic = list(&["--provider", "Anthropic"]);
    assert!(anthropic.lines().count() > 1, "{anthropic}");
    let (last, rules) = {
        let lines: Vec<&str> = anthropic.lines().collect();
        (lines[lines.len() - 1], lines[..lines.len() - 1].to_vec())
    };
    assert!(
        rules.iter().all(|rule| rule.contains("Anthropic")),
        "{anthropic}"
    );
    assert!(last.ends_with("of 1 provider"), "{last}");
    let stripe = list(&["stripe", "webhook"]);
    assert!(stripe.contains("1 rule of 1 provider"), "{stripe}");
    let certain = list(&["--confidence", "certain", "github"]);
    let mut rules = certain.lines().filter(|line| !line.contains(" of "));
    assert!(rules.all(|rule| rule.contains("certain")), "{certain}");
    let shown = scratch.keyward(&["rules", "show", "anthropic"]).stdout;
    for part in [
        "provider    Anthropic",
        "revoke      https://",
        "rule        anthropic-api-key",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
    let version = scratch.keyward(&["version"]).stdout;
    assert_eq!(version, scratch.keyward(&["--version"]).stdout);
}

#[test]
fn a_mistake_in_the_settings_says_where_and_what_became_of_the_commit() {
    let scratch = Scratch::new(Reading::Default);
    scratch.commit_all();
    scratch.add(".keyward.toml", "[scan]\nexlude = []\n");
    let ran = scratch.keyward(&["hook", "pre-commit"]);
    assert_eq!(ran.code, Some(2));
    assert_eq!(
        ran.stderr,
        "keyward: this commit is refused: .keyward.toml:2:1: unknown key `exlude`: did you mean `exclude`?\n  \
         2 | exlude = []\n    | ^^^^^^\n"
    );
    let ran = scratch.keyward(&["scan", "--staged"]);
    assert_eq!(
        ran.stderr,
        "keyward: .keyward.toml:2:1: unknown key `exlude`: did you mean `exclude`?\n  2 | exlude = []\n    | \
         ^^^^^^\n"
    );
}
