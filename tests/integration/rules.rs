//! `keyward rules`: what is in force, what is known of a rule, and what its author is told.

use keyward::parts::rules::RuleSet;

use crate::support::{Reading, Scratch};

const RULE: &str = "[[rule]]\nid = 'acme-key'\nname = 'Acme key'\nprovider = 'Acme'\nformat = 'acme_<base62:30>'\n";

/// A rule whose shape is still to be given.
const START: &str = "[[rule]]\nid = \"acme-api-key\"\nname = \"Acme API key\"\n";

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
fn a_file_of_good_rules_holds() {
    let scratch = Scratch::new(Reading::Default);
    scratch.write("rules.toml", RULE);
    let ran = scratch.keyward(&["rules", "check", "rules.toml"]);
    assert_eq!(ran.stdout, "1 rule checked, 200 samples each: all hold\n");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    // Those that are in force, and not the catalog's beside them.
    scratch.write(".keyward.toml", RULE);
    let ran = scratch.keyward(&["rules", "check"]);
    assert_eq!(ran.stdout, "1 rule checked, 200 samples each: all hold\n");
}

#[test]
fn what_a_rule_does_wrong_is_a_finding() {
    let scratch = Scratch::new(Reading::Default);
    let public = "[[rule]]\nid = 'acme-id'\nname = 'Acme id'\nformat = 'acme_id_<base62:27>'\ncounterexamples = ['acme_<base62:30>']\n";
    scratch.write(
        "rules.toml",
        format!("{RULE}companion = 'acme-di'\n\n{public}"),
    );
    let ran = scratch.keyward(&["rules", "check", "rules.toml"]);
    assert_eq!(
        ran.stdout,
        "rule `acme-key`: its companion `acme-di` is not a rule in force\n\
         rule `acme-id`: `acme-key` claims the counterexample `acme_<base62:30>`\n\
         2 faults in 2 rules: correct them and check again\n"
    );
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
}

#[test]
fn a_rule_that_cannot_be_is_told_with_its_file_and_line() {
    let scratch = Scratch::new(Reading::Default);
    scratch.write("rules.toml", format!("{RULE}\n{RULE}"));
    let ran = scratch.keyward(&["rules", "check", "rules.toml"]);
    assert_eq!(
        ran.stderr,
        "keyward: rules.toml:8:1: rule `acme-key`: the id is taken; choose another: correct the rule, then: keyward rules check\n  \
         8 | id = 'acme-key'\n    | ^^\n"
    );
    assert_eq!((ran.code, &*ran.stdout), (Some(2), ""));

    let words = "[[rule]]\nid = 'acme-key'\nname = 'x'\nformat = 'acme_<hax:32>'\n";
    scratch.write("rules.toml", words);
    let ran = scratch.keyward(&["rules", "check", "rules.toml"]);
    assert_eq!(
        ran.stderr,
        "keyward: rules.toml:4:1: rule `acme-key`: format 1: `hax` is not a set of characters: correct the rule, then: keyward rules check\n  \
         4 | format = 'acme_<hax:32>'\n    | ^^^^^^\n"
    );
    assert_eq!((ran.code, &*ran.stdout), (Some(2), ""));

    let ran = scratch.keyward(&["rules", "check", "other.toml"]);
    assert_eq!(
        ran.stderr,
        "keyward: there is no `other.toml`: name a file with [[rule]] tables\n"
    );
    assert_eq!(ran.code, Some(2));
}

#[test]
fn show_tells_all_that_is_known_of_a_rule() {
    let scratch = Scratch::new(Reading::Default);
    scratch.write(
        ".keyward.toml",
        format!(
            "{RULE}env = ['ACME_KEY', 'ACME_TOKEN']\nsources = ['https://acme.example/docs']\n\n\
             [[rule]]\nid = 'acme-mark'\nname = 'Acme mark'\npattern = 'acme: [0-9]{{20}}'\nkeywords = ['acme: ']\n\
             examples = ['acme: <digits:20>']\npublic = true\nmend = 'keep-out'\n"
        ),
    );
    let ran = scratch.keyward(&["rules", "show", "acme-key"]);
    assert_eq!(
        ran.stdout,
        "id          acme-key\n\
         name        Acme key\n\
         provider    Acme\n\
         kind        own\n\
         format      acme_<base62:30>\n\
         keywords    acme_\n\
         confidence  certain\n\
         entropy     at least 2.45 bits a character\n\
         variables   ACME_KEY, ACME_TOKEN\n\
         source      https://acme.example/docs\n\
         goes before bitbucket-client-secret, optimizely-token, writer-api-key: its format says more\n"
    );
    let ran = scratch.keyward(&["rules", "show", "acme-mark"]);
    assert_eq!(
        ran.stdout,
        "id          acme-mark\n\
         name        Acme mark\n\
         provider    Acme mark\n\
         kind        own\n\
         pattern     acme: [0-9]{20}\n\
         keywords    acme: \n\
         confidence  public by design: never reported\n\
         mend        keep-out\n"
    );
}
