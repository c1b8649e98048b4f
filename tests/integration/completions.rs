//! `keyward completions` and `keyward man`: every command, in every shell and on a page of its own.

use std::fs;

use crate::support::{Reading, Scratch};

/// The commands that `keyward --help` lists.
fn commands(scratch: &Scratch) -> Vec<String> {
    let help = scratch.keyward(&["--help"]).stdout;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    // What is indented further goes on with the line before.
    let entries = listed.filter_map(|line| line.strip_prefix("  "));
    let names = entries.filter_map(|entry| entry.split(' ').next());
    names
        .filter(|name| !name.is_empty() && *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_shell_completes_every_command() {
    let scratch = Scratch::new(Reading::Default);
    let commands = commands(&scratch);
    assert!(commands.contains(&"doctor".to_owned()), "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = scratch.keyward(&["completions", shell]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        for command in &commands {
            assert!(
                ran.stdout.contains(command.as_str()),
                "{shell} lacks {command}"
            );
        }
    }
    assert_eq!(scratch.keyward(&["completions", "cmd"]).code, Some(2));
}

#[test]
#[cfg(unix)]
fn bash_completes_a_command_and_an_option() {
    let scratch = Scratch::new(Reading::Default);
    scratch.write(
        "keyward.bash",
        scratch.keyward(&["completions", "bash"]).stdout,
    );
    let complete = |words: &str, last: &str, at: &str| {
        let script = format!(
            "set -e; complete() {{ :; }}; . ./keyward.bash\n\
             COMP_WORDS=({words}); COMP_CWORD={at}\n\
             _keyward keyward '{last}' ''; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let ran = crate::support::run(scratch.command("bash").args(["-c", &script]));
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stdout
    };
    assert_eq!(complete("keyward doc", "doc", "1"), "doctor\n");
    assert_eq!(complete("keyward doctor --js", "--js", "2"), "--json\n");
}

#[test]
fn every_command_has_a_manual_page() {
    let scratch = Scratch::new(Reading::Default);
    let ran = scratch.keyward(&["man", "pages"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let page = |name: &str| fs::read_to_string(scratch.top().join("pages").join(name)).unwrap();
    assert!(page("keyward.1").contains("keyward\\-doctor(1)"));
    for command in commands(&scratch) {
        let page = page(&format!("keyward-{command}.1"));
        let named = format!("keyward\\-{}", command.replace('-', "\\-"));
        assert!(page.contains(&named) && page.contains(".SH SYNOPSIS"));
    }
    assert!(page("keyward-rules-list.1").contains(".SH NAME"));
    assert!(!scratch.top().join("pages/keyward-man.1").exists());
    // A directory that can't be made.
    scratch.write("file", "");
    assert_eq!(scratch.keyward(&["man", "file/pages"]).code, Some(3));
}
