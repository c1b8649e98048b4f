//! `keyward triage`: what it says where nobody can answer. How it asks is tested where it is written.

use crate::support::{Reading, Scratch, anthropic_key};

#[test]
fn without_a_terminal_it_says_what_to_do_instead() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add("a.py", format!("key = '{}'\n", anthropic_key()));
    for args in [
        &["triage"][..],
        &["triage", "--history"],
        &["triage", "--range", "a..b"],
    ] {
        let ran = scratch.keyward(args);
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""));
        for told in ["keyward scan .", "keyward allow ID --reason"] {
            assert!(ran.stderr.contains(told), "{}", ran.stderr);
        }
    }
    assert!(!scratch.top().join(".keyward.allow").exists());
}
