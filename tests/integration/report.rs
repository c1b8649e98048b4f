//! Every report format, from the real binary over a real repository.

use crate::FORMATS;
use crate::support::{Reading, Scratch, anthropic_key, assert_no_run};

#[test]
fn every_format_tells_the_exit_code_and_no_secret() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add("clean.py", "x\n");
    for format in FORMATS {
        let ran = scratch.keyward(&["scan", "--staged", "--format", format]);
        assert_eq!(ran.code, Some(0), "{format} {}", ran.stderr);
        assert_eq!(ran.stderr, "");
    }
    let key = anthropic_key();
    scratch.add("a b,\"é.py", format!("key = '{key}'\n"));
    scratch.add(".env", format!("A={key}\n"));
    for format in FORMATS {
        let ran = scratch.keyward(&["scan", "--staged", "--format", format]);
        assert_eq!(ran.code, Some(1), "{format} {}", ran.stderr);
        let told = ran.stdout.to_ascii_lowercase();
        assert!(told.contains("anthropic"), "{format} {told}");
        assert_no_run(ran.told().as_bytes(), &key, 6);
    }
}

#[test]
fn what_could_not_be_read_is_in_every_format() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add("a.py", "a\n");
    scratch.add("b.py", "b\n");
    let id = scratch.git(&["rev-parse", ":a.py"]);
    let object = format!(".git/objects/{}/{}", &id[..2], &id[2..]);
    std::fs::remove_file(scratch.top().join(object)).unwrap();
    for format in FORMATS {
        let ran = scratch.keyward(&["scan", "--staged", "--format", format]);
        assert_eq!(ran.code, Some(3), "{format} {}", ran.stderr);
        assert!(ran.stdout.contains("a.py"), "{format} {}", ran.stdout);
    }
}

/// A bound of what a person sees at once.
const SCREEN: usize = 24;

#[test]
fn a_thousand_findings_end_with_what_there_is_and_what_to_do() {
    let scratch = Scratch::new(Reading::Default);
    let key = anthropic_key();
    for file in 0..250 {
        let own = anthropic_key();
        let text = format!("a = '{own}'\nb = '{own}'\nc = '{own}'\nd = '{key}'\n");
        scratch.write(format!("src/{file}.py"), text);
    }
    scratch.write(".env", "PORT=8080\n");
    scratch.git(&["add", "-f", "."]);
    let ran = scratch.keyward(&["scan", "."]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let last = lines[lines.len() - SCREEN..].join("\n");
    for part in [
        "keyward: 251 secrets",
        "1,000 places in 251 files",
        "  rules   1,000  Anthropic API key",
        "  secrets   250  ",
        "  revoke  https://platform.claude.com/settings/keys",
        "  allow   keyward allow ID --reason",
        "  next    keyward triage",
    ] {
        assert!(last.contains(part), "{part}: {last}");
    }
}

#[test]
fn help_and_the_documents_know_every_format() {
    let scratch = Scratch::new(Reading::Default);
    let ran = scratch.keyward(&["scan", "--format", "xml"]);
    assert_eq!(ran.code, Some(2));
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ci.md");
    let page = std::fs::read_to_string(page).unwrap();
    for format in FORMATS {
        assert!(ran.stderr.contains(format), "{format} {}", ran.stderr);
        assert!(page.contains(&format!("| `{format}` |")), "{format}");
    }
}

#[test]
fn an_error_that_ends_a_scan_is_in_every_report_for_programs() {
    let scratch = Scratch::new(Reading::Default);
    scratch.commit_all();
    for format in FORMATS.iter().filter(|format| **format != "human") {
        for (range, code) in [("no-such-branch..HEAD", 2), ("nonsense", 2)] {
            let ran = scratch.keyward(&["scan", "--range", range, "--format", format]);
            assert_eq!(ran.code, Some(code), "{format} {}", ran.stderr);
            assert!(
                ran.stderr.starts_with("keyward: "),
                "{format} {}",
                ran.stderr
            );
            let word = range.split('.').next().unwrap_or(range);
            assert!(
                ran.stdout.replace("\\-", "-").contains(word),
                "{format} {}",
                ran.stdout
            );
        }
    }
    let ran = scratch.keyward(&["scan", "--range", "nonsense", "--format", "sarif"]);
    let log: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn a_job_of_github_has_a_table_on_its_page() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add("a.py", format!("key = '{}'\n", anthropic_key()));
    let page = scratch.root().join("summary.md");
    std::fs::write(&page, "before\n").unwrap();
    let scan = |format: &str| {
        let mut command = scratch.command(env!("CARGO_BIN_EXE_keyward"));
        command.args(["scan", "--staged", "--format", format]);
        let ran = crate::support::run(command.env("GITHUB_STEP_SUMMARY", &page));
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    };
    scan("json");
    assert_eq!(std::fs::read_to_string(&page).unwrap(), "before\n");
    scan("github");
    let told = std::fs::read_to_string(&page).unwrap();
    assert!(
        told.starts_with("before\n### keyward\n\n**1 secret**"),
        "{told}"
    );
    assert!(told.contains("| Anthropic API key<br>"), "{told}");
}

#[test]
fn help_lists_every_format() {
    let help = Scratch::new(Reading::Default)
        .keyward(&["scan", "--help"])
        .stdout;
    let (_, listed) = help.split_once("--format <FORMAT>").unwrap();
    let (listed, _) = listed.split_once("[default:").unwrap();
    let listed = listed
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- "));
    let listed = listed.filter_map(|row| Some(row.split_once(':')?.0));
    assert_eq!(listed.collect::<Vec<_>>(), FORMATS, "{help}");
}

#[test]
fn git_run_by_an_agent_tells_a_commit_a_push_and_an_error_by_the_same_keys() {
    let mut scratch = Scratch::new(Reading::Default);
    scratch.keyward(&["install"]).passes();
    scratch.add("a.py", format!("key = '{}'\n", anthropic_key()));
    scratch.add(".env", format!("A={}\n", anthropic_key()));
    let person = scratch.try_git(&["commit", "-qm", "x"]);
    assert!(!person.stderr.contains("\nnext: "), "{}", person.stderr);
    scratch.set("CLAUDECODE", "1");
    // A terminal's colours are for people.
    scratch.set("CLICOLOR_FORCE", "1");
    let keys = |told: &str| -> Vec<String> {
        let keys = told.lines().map(|line| line.split(": ").next().unwrap());
        keys.map(str::to_owned).collect()
    };
    let commit = scratch.try_git(&["commit", "-qm", "x"]);
    assert_eq!(commit.code, Some(1));
    let expected = [
        "keyward", "found", "mend", "found", "mend", "found", "mend", "allow", "next",
    ];
    assert_eq!(keys(&commit.stderr), expected, "{}", commit.stderr);
    assert!(
        commit
            .stderr
            .starts_with("keyward: refused: this commit: 3 findings; nothing was committed\n"),
        "{}",
        commit.stderr
    );
    assert!(
        commit.stderr.contains("git add a.py, and commit again"),
        "{}",
        commit.stderr
    );

    scratch.git(&["commit", "-qnm", "x"]);
    let server = scratch.root().join("server.git");
    scratch.git(&["init", "-q", "--bare", server.to_str().unwrap()]);
    let push = scratch.try_git(&["push", server.to_str().unwrap(), "HEAD"]);
    assert_eq!(push.code, Some(1));
    let told: Vec<&str> = push
        .stderr
        .lines()
        .filter(|line| !line.starts_with("error: "))
        .collect();
    assert!(
        told[0].starts_with("keyward: refused: what you push: "),
        "{told:?}"
    );
    assert!(told.last().unwrap().starts_with("next: "), "{told:?}");
    assert!(
        told.last().unwrap().ends_with("then push again"),
        "{told:?}"
    );

    scratch.add(".keyward.toml", "nonsense\n");
    let failed = scratch.try_git(&["commit", "-qm", "x"]);
    assert_eq!(
        (failed.code, keys(&failed.stderr)),
        (Some(1), vec!["keyward".to_owned(), "next".to_owned()])
    );
    assert!(
        failed
            .stderr
            .starts_with("keyward: failed: this commit is refused: .keyward.toml:1:"),
        "{}",
        failed.stderr
    );
}
