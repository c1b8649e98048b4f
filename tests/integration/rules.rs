//! `keyward rules`: what is in force, what is known of a rule, and what its author is told.

use keyward::rules::RuleSet;

use crate::support::{Ran, Reading, Scratch};

/// A rule whose shape is still to be given.
const START: &str = "[[rule]]\nid = \"acme-api-key\"\nname = \"Acme API key\"\n";

/// Checks a file with that text.
fn check(text: &str) -> Ran {
    let scratch = Scratch::new(Reading::Default);
    scratch.write("own.toml", text);
    scratch.keyward(&["rules", "check", "own.toml"])
}

#[test]
fn every_rule_in_force_is_listed_and_shown() {
    let scratch = Scratch::new(Reading::Default);
    let own =
        format!("{START}format = \"acme_<base62:32>\"\n[rules]\noff = [\"npm-access-token\"]\n");
    scratch.add(".keyward.toml", own);
    let ran = scratch.keyward(&["rules", "list"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let listed = |id: &str| {
        ran.stdout
            .lines()
            .any(|line| line.starts_with(&format!("{id} ")))
    };
    assert!(listed("acme-api-key"));
    for rule in RuleSet::builtin().iter() {
        let is_on = !rule.public && rule.id != "npm-access-token";
        assert_eq!(listed(&rule.id), is_on, "{}", rule.id);
    }
    for (id, shape) in [
        ("acme-api-key", "format      acme_<base62:32>"),
        (
            "anthropic-api-key",
            "format      sk-ant-api03-<base64url:93>AA",
        ),
    ] {
        let ran = scratch.keyward(&["rules", "show", id]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stdout.contains(shape), "{}", ran.stdout);
    }
    for id in ["npm-access-token", "no-such-rule"] {
        let ran = scratch.keyward(&["rules", "show", id]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(ran.stderr.contains("keyward rules list"), "{}", ran.stderr);
    }
}

#[test]
fn links_name_each_page_once() {
    let ran = Scratch::new(Reading::Default).keyward(&["rules", "links"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let mut pages: Vec<&str> = ran.stdout.lines().collect();
    let last = pages.pop().unwrap();
    assert!(
        last.starts_with(&format!("{} pages", pages.len())),
        "{last}"
    );
    assert!(pages.iter().all(|page| page.starts_with("https://")));
    pages.dedup_by_key(|page| page.split('\t').next());
    assert!(
        last.starts_with(&format!("{} pages", pages.len())),
        "{last}"
    );
}

#[test]
fn a_rule_that_does_what_it_says_is_told_so_and_another_not() {
    let ran = check(&format!("{START}format = \"acme_<base62:32>\"\n"));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("1 rules checked"), "{}", ran.stdout);
    for (words, fault) in [
        (
            "format = \"acme_<base62:32>\"\ncounterexamples = [\"acme_<base62:32>\"]\n",
            "claims the counterexample",
        ),
        (
            "pattern = \"acme_[0-9]{20}\"\nkeywords = [\"acme_\"]\nexamples = [\"acme_<letters-lower:20>\"]\n",
            "does not find its own sample",
        ),
    ] {
        let ran = check(&format!("{START}{words}"));
        assert_eq!(ran.code, Some(1), "{words}: {}", ran.stderr);
        assert!(ran.stdout.contains(fault), "{words}: {}", ran.stdout);
    }
}

#[test]
fn the_author_of_a_rule_is_told_what_is_wrong_with_its_words() {
    const PATTERN: &str = "pattern = \"acme_[a-z]{20}\"\n";
    const KEYWORDS: &str = "keywords = [\"acme_\"]\n";
    const EXAMPLES: &str = "examples = [\"acme_<letters-lower:20>\"]\n";
    const FORMAT: &str = "format = \"acme_<base62:32>\"\n";
    for (words, told) in [
        (String::new(), "give a format, a pattern or names"),
        (
            format!("{FORMAT}{PATTERN}"),
            "give a format or a pattern, not both",
        ),
        (
            format!("{FORMAT}names = [\"acme_key\"]\n"),
            "give names, or a format or a pattern, not both",
        ),
        ("names = [\"acme_key\"]\n".into(), "names need `examples`"),
        (format!("{PATTERN}{KEYWORDS}"), "a pattern needs `examples`"),
        (format!("{PATTERN}{EXAMPLES}"), "a pattern needs `keywords`"),
        (
            format!("pattern = \"ac(\"\n{KEYWORDS}{EXAMPLES}"),
            "the pattern is not a valid regex",
        ),
        (
            format!("pattern = \"(acme)?\"\n{KEYWORDS}{EXAMPLES}"),
            "the pattern fits an empty text",
        ),
        (
            format!("pattern = \"acm\u{e9}_[a-z]{{20}}\"\n{KEYWORDS}{EXAMPLES}"),
            "the pattern is not ASCII",
        ),
        (
            format!("{PATTERN}keywords = [\"a\"]\n{EXAMPLES}"),
            "the keyword `a` is too short",
        ),
        (
            format!("{PATTERN}{KEYWORDS}examples = [\"acme_<lower:20>\"]\n"),
            "example `acme_<lower:20>`: `lower` is not a set of characters",
        ),
        (
            "format = \"acme_<nope:32>\"\n".into(),
            "format `acme_<nope:32>`: `nope` is not a set of characters",
        ),
        (
            "format = \"a<base62:32>\"\n".into(),
            "a format has no literal of 3 characters",
        ),
        (
            format!("{FORMAT}context = \"required\"\nwords = [\"ab\"]\n"),
            "the context word `ab` is too short",
        ),
        (format!("{FORMAT}checksum = \"nope\"\n"), "checksum"),
        (format!("{FORMAT}{START}{FORMAT}"), "the id is taken"),
    ] {
        assert_told(&check(&format!("{START}{words}")), told);
    }
    let other = |id: &str| check(&format!("{START}{FORMAT}").replace("acme-api-key", id));
    assert_told(&other("Acme"), "an id is lower-case words with dashes");
    assert_told(&other("github-personal-token"), "the id is taken");
}

#[track_caller]
fn assert_told(ran: &Ran, told: &str) {
    assert_eq!(ran.code, Some(2), "{told}: {}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    assert!(ran.stderr.contains("own.toml"), "{}", ran.stderr);
}
