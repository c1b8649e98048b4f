//! `keyward scan`: files, directories and standard input, inside and outside of a repository.

use std::fs::{self, File};

use crate::support::{Ran, Reading, Scratch, anthropic_key, assert_no_run, run};

/// Runs `keyward scan` where no repository is.
fn scan(scratch: &Scratch, args: &[&str]) -> Ran {
    let mut keyward = scratch.command(env!("CARGO_BIN_EXE_keyward"));
    run(keyward.current_dir(scratch.home()).arg("scan").args(args))
}

#[test]
fn standard_input_is_judged_as_a_file_is() {
    let scratch = Scratch::new(Reading::Default);
    let key = anthropic_key();
    let file = scratch.home().join("a.py");
    for (text, code) in [(format!("key = '{key}'\n"), 1), ("key = None\n".into(), 0)] {
        fs::write(&file, text).unwrap();
        let mut keyward = scratch.command(env!("CARGO_BIN_EXE_keyward"));
        let piped = run(keyward
            .args(["scan", "--stdin"])
            .stdin(File::open(&file).unwrap()));
        for ran in [piped, scan(&scratch, &["a.py"])] {
            assert_eq!(ran.code, Some(code), "{}{}", ran.stdout, ran.stderr);
            assert_eq!(ran.stdout.contains("Anthropic API key"), code == 1);
            assert!(!ran.stdout.contains(&key[20..]), "it shows the key");
        }
    }
}

#[test]
fn every_file_below_a_directory_is_read_where_no_repository_says_which() {
    let scratch = Scratch::new(Reading::Default);
    let below = scratch.home().join("some/where");
    fs::create_dir_all(&below).unwrap();
    fs::write(below.join("a.txt"), anthropic_key()).unwrap();
    fs::write(below.join("b.txt"), anthropic_key()).unwrap();
    let ran = scan(&scratch, &["some", "--format", "csv"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    for path in ["some/where/a.txt,1,1", "some/where/b.txt,1,1"] {
        assert!(ran.stdout.contains(path), "{}", ran.stdout);
    }
}

#[test]
fn in_a_repository_what_git_ignores_is_read_only_if_it_is_named() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add(".gitignore", "*.log\n");
    scratch.write("a.log", anthropic_key());
    scratch.write("new.txt", "clean\n");
    assert_eq!(scratch.keyward(&["scan"]).code, Some(0));
    scratch.write("new.txt", anthropic_key());
    assert_eq!(scratch.keyward(&["scan"]).code, Some(1));
    // Whoever names a file means it.
    assert_eq!(scratch.keyward(&["scan", ".gitignore"]).code, Some(0));
    assert_eq!(scratch.keyward(&["scan", "a.log"]).code, Some(1));
}

#[test]
fn explain_tells_every_judgement_and_shows_no_secret() {
    let scratch = Scratch::new(Reading::Default);
    let key = anthropic_key();
    scratch.write("a.py", format!("key = '{key}'\n"));
    let ran = scratch.keyward(&["scan", "--explain", "a.py"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("anthropic-api-key"), "{}", ran.stdout);
    assert!(ran.stdout.contains("a.py:1:8"), "{}", ran.stdout);
    assert!(!ran.stdout.contains(&key[20..]), "it shows the key");
}

#[test]
fn what_can_not_be_scanned_is_a_usage_error() {
    let scratch = Scratch::new(Reading::Default);
    for args in [
        &["scan", "absent"][..],
        &["scan", "--stdin", "a.py"],
        &["scan", "--staged", "a.py"],
        &["scan", "--range", "A..B", "--staged"],
        &["scan", "--explain", "--format", "csv"],
    ] {
        let ran = scratch.keyward(args);
        assert_eq!(ran.code, Some(2), "{args:?}: {}", ran.stdout);
        assert!(!ran.stderr.is_empty());
    }
}

#[test]
fn an_explanation_says_of_every_candidate_what_became_of_it() {
    let scratch = Scratch::new(Reading::Default);
    let [old, new] = [anthropic_key(), anthropic_key()];
    scratch.add("a.py", format!("old = '{old}'\n"));
    scratch.commit_all();
    let known = concat!("AKIAIOSFODNN7", "EXAMPLE");
    let text = format!(
        "old = '{old}'\nnew = '{new}'\nok = '{new}' # keyward:allow\nexample = '{known}'\n"
    );
    scratch.add("a.py", text);
    scratch.add(".env", format!("A={new}\n"));
    let ran = scratch.keyward(&["scan", "--staged", "--explain"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for (start, end) in [
        (".env  guard-env-file  certain: ", " secrets; reported"),
        (".env:1:3  anthropic-api-key  sk-ant-", "; reported"),
        (
            "a.py:1:8  anthropic-api-key  sk-ant-",
            "; not reported: the commit does not add its line",
        ),
        ("a.py:2:8  anthropic-api-key  sk-ant-", "; reported"),
        (
            "a.py:3:7  anthropic-api-key  sk-ant-",
            "; not reported: allowed by the comment `keyward:allow`",
        ),
        ("a.py:4:12  aws-", "…  no: a published example"),
    ] {
        let is_told = |line: &str| line.starts_with(start) && line.ends_with(end);
        assert!(ran.stdout.lines().any(is_told), "{start}: {}", ran.stdout);
    }
    // Of what is reported, nothing says why not.
    let not_reported = |start: &str| {
        let mut lines = ran.stdout.lines().filter(|line| line.starts_with(start));
        lines.all(|line| line.contains("not reported"))
    };
    assert!(!not_reported(".env:1:3  anthropic") && !not_reported("a.py:2:8  anthropic"));
    for key in [&old, &new] {
        assert_no_run(ran.told().as_bytes(), key, 6);
    }
}

#[test]
fn an_explanation_is_not_silent_about_what_it_does_not_see() {
    let scratch = Scratch::new(Reading::Default);
    scratch.write(".keyward.toml", "[scan]\nexclude = ['b.py']\n");
    scratch.write("b.py", format!("x = '{}'\n", anthropic_key()));
    let ran = scratch.keyward(&["scan", "--explain"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stdout.contains("b.py  excluded by the settings\n"),
        "{}",
        ran.stdout
    );
    scratch.add("a.py", "a\n");
    let id = scratch.git(&["rev-parse", ":a.py"]);
    let object = format!(".git/objects/{}/{}", &id[..2], &id[2..]);
    fs::remove_file(scratch.top().join(object)).unwrap();
    let ran = scratch.keyward(&["scan", "--staged", "--explain"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(
        ran.stdout.contains("a.py  could not be read: "),
        "{}",
        ran.stdout
    );
}

/// A file with more secrets than anybody reads stops a commit by all of them, and says how many it does not list.
#[test]
fn of_a_list_of_keys_the_rest_is_counted_in_every_report() {
    let scratch = Scratch::new(Reading::Default);
    let mut random = keyward::parts::lab::Random::new(0x11);
    let lines = (0..10_003).map(|_| format!("password = \"{}\"\n", random.token(40)));
    scratch.add("a.py", lines.collect::<String>());
    let human = scratch.keyward(&["scan", "--staged"]);
    assert_eq!(human.code, Some(1), "{}", human.stderr);
    assert!(human.stdout.contains("and 3 more in"), "{}", human.stdout);
    let json = scratch.keyward(&["scan", "--staged", "--format", "json"]);
    assert_eq!(json.code, Some(1));
    assert_eq!(json.stdout.matches("\"kind\":\"secret\"").count(), 10_000);
    let last = json.stdout.lines().last().unwrap();
    assert!(
        last.contains("\"kind\":\"more\"") && last.contains("3 more findings"),
        "{last}"
    );
    for format in [
        "sarif",
        "github",
        "gitlab",
        "gitlab-secrets",
        "junit",
        "markdown",
        "csv",
        "agent",
    ] {
        let told = scratch.keyward(&["scan", "--staged", "--format", format]);
        assert_eq!(told.code, Some(1), "{format}");
        let all = told.stdout + &told.stderr;
        assert!(
            all.contains("3 more findings") || all.contains("10,003 findings"),
            "{format}"
        );
    }
}
