//! The prefilter that the environment chooses, for who wants to know whether it is at fault.

use crate::support::{Reading, Scratch, anthropic_key};

const VARIABLE: &str = "KEYWARD_PREFILTER";

fn scan(key: &str, value: &str) -> (Option<i32>, String, String) {
    let mut scratch = Scratch::new(Reading::Default);
    scratch.write(
        ".keyward.toml",
        "[[rule]]\nid = \"acme-token\"\nname = \"Acme token\"\nformat = \"acme_<hex:32>\"\n",
    );
    let own = ["5d1f7a90c3b8e264", "0be93c6f81d7a254"].concat();
    scratch.add("a.py", format!("key = '{key}'\n"));
    scratch.add("b.py", format!("token = 'acme_{}'\n", &own[..31]));
    scratch.add("c.py", format!("token = 'acme_{own}'\n"));
    scratch.set(VARIABLE, value);
    let ran = scratch.keyward(&["scan", "--staged", "--format", "csv"]);
    (ran.code, ran.stdout, ran.stderr)
}

#[test]
fn each_prefilter_leads_to_the_same_findings() {
    let key = anthropic_key();
    let (code, told, stderr) = scan(&key, "");
    assert_eq!(code, Some(1), "{stderr}");
    assert!(told.contains("anthropic-api-key"), "{told}");
    assert!(told.contains("acme-token"), "{told}");
    for name in ["sieve", "aho-corasick"] {
        assert_eq!(
            scan(&key, name),
            (code, told.clone(), stderr.clone()),
            "{name}"
        );
    }
}

#[test]
fn a_prefilter_that_nobody_knows_is_refused() {
    let (code, told, stderr) = scan("none", "regex");
    assert_eq!(code, Some(2));
    assert!(told.contains("names no prefilter"), "{told}");
    assert_eq!(
        stderr,
        "keyward: KEYWARD_PREFILTER names no prefilter; set it to sieve or aho-corasick, or unset it\n"
    );
}
