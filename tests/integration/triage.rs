//! `keyward triage`: what it says where nobody can answer. And that a person on a terminal is
//! asked; what each answer does is tested where it is written.

#[cfg(unix)]
use crate::support::on_terminal;
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

#[cfg(unix)]
#[test]
fn a_person_on_a_terminal_is_asked_and_what_is_said_is_done() {
    let scratch = Scratch::new(Reading::Default);
    for name in ["a.py", "b.py"] {
        scratch.add(name, format!("key = '{}'\n", anthropic_key()));
    }
    let mut triage = scratch.command(env!("CARGO_BIN_EXE_keyward"));
    triage.arg("triage");
    let Some((code, shown)) = on_terminal(triage, 80, "a\nmade up for the manual\ns\n") else {
        return;
    };
    assert_eq!(code, Some(0), "{shown}");
    let list = std::fs::read_to_string(scratch.top().join(".keyward.allow")).unwrap();
    let entries = list
        .lines()
        .filter(|line| line.ends_with("made up for the manual"));
    assert_eq!(entries.count(), 1, "{list}\n{shown}");
    assert_eq!(scratch.keyward(&["scan", "."]).code, Some(1));
}
