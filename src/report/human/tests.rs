//! What people read, as a whole.

use super::write;
use crate::change::Ignored;
use crate::confidence::Confidence;
use crate::finding::Found;
use crate::lab::Random;
use crate::report::samples::{file, printed, report_of, secret, secret_with, tracked};
use crate::report::{Detail, Report, Style, json};
use crate::store::Store;
use crate::verdict::{Allowed, Packed, Unread, Verdict};

fn human(report: &Report, style: &Style) -> String {
    printed(write, report, style)
}

fn hook() -> Style {
    Style {
        hook: true,
        ..Style::default()
    }
}

fn unread(path: &str, reason: &str) -> Unread {
    Unread {
        path: path.into(),
        reason: reason.to_owned(),
    }
}

#[test]
fn one_secret() {
    assert_eq!(
        human(&report_of([secret("src/app.py")]), &hook()),
        r#"keyward: 1 secret in this commit; nothing was committed

src/app.py:12:11  Acme API key  acme_pNof…
  why     the format is Acme's alone (certain)
  mend    read it from the environment: os.environ["ACME_API_KEY"]  (needs import os)
          put ACME_API_KEY=... into .env, which git must ignore; in CI, among its secrets
          then: git add src/app.py
  revoke  if it was ever pushed or shared: https://acme.example/keys
  allow   keyward allow 5c0e907e --reason "..."  (only if it is not a secret)
"#
    );
}

#[test]
fn one_secret_in_colour() {
    let style = Style {
        color: true,
        ..hook()
    };
    let out = human(&report_of([secret("src/app.py")]), &style);
    let plain = human(&report_of([secret("src/app.py")]), &hook());
    let first: Vec<_> = out.lines().take(3).collect();
    assert_eq!(
        first,
        [
            "\x1b[1m\x1b[31mkeyward: 1 secret in this commit; nothing was committed\x1b[0m",
            "",
            "\x1b[1msrc/app.py:12:11\x1b[0m  Acme API key  acme_pNof…",
        ]
    );
    let bare = ["31", "1", "2", "0"]
        .iter()
        .fold(out, |out, code| out.replace(&format!("\x1b[{code}m"), ""));
    assert_eq!(bare, plain);
}

#[test]
fn a_secret_in_an_env_file_keeps_the_file_out() {
    assert_eq!(
        human(&report_of([secret("conf/.env")]), &hook()),
        r#"keyward: 1 secret in this commit; nothing was committed

conf/.env:12:11  Acme API key  acme_pNof…
  why     the format is Acme's alone (certain)
  mend    keep the file out of git: keyward ignore conf/.env
  revoke  if it was ever pushed or shared: https://acme.example/keys
  allow   keyward allow 5c0e907e --reason "..."  (only if it is not a secret)
"#
    );
}

#[test]
fn a_guarded_file_and_what_is_in_it_are_one() {
    let secrets = (0..6).map(|i| secret_with(".env", "acme_", &Random::new(i).token(40)));
    let report = report_of([file(".env", Ignored::No)].into_iter().chain(secrets));
    let out = human(&report, &hook());
    assert_eq!(
        out,
        r#"keyward: 1 file of secrets in this commit; nothing was committed

.env  environment file
  why     files of this name hold secrets, and no .gitignore covers it
  holds   12:11  Acme API key  acme_luX4…
          12:11  Acme API key  acme_pNof…
          12:11  Acme API key  acme_Q2h6…
          12:11  Acme API key  acme_Dvb3…
          and 2 more
  mend    keyward ignore .env  (adds it to .gitignore and unstages it; the file stays)
  revoke  if it was ever pushed or shared: https://acme.example/keys
  allow   keyward allow dc11c5fa --reason "..."  (only if everybody may read it)
"#
    );
    assert!(out.lines().count() < 15);
}

#[test]
fn an_ignored_file_says_how_it_got_there() {
    let here = Ignored::ByThisMachine("/home/me/.config/git/ignore".to_owned());
    let report = report_of([file(".env", Ignored::ByRepository), file("b/.env", here)]);
    assert_eq!(
        human(&report, &hook()),
        r#"keyward: 2 files of secrets in this commit; nothing was committed

.env  environment file
  why     it is ignored, and was added all the same with git add -f
  mend    git rm --cached -- .env  (unstages it; the file stays)
  allow   keyward allow dc11c5fa --reason "..."  (only if everybody may read it)

b/.env  environment file
  why     only this machine ignores it, by /home/me/.config/git/ignore; nobody else's does
  mend    keyward ignore b/.env  (adds it to .gitignore and unstages it; the file stays)
  allow   keyward allow 3543e791 --reason "..."  (only if everybody may read it)
"#
    );
}

#[test]
fn many_findings_are_a_list() {
    let mut other = secret_with("src/app.py", "ac_", "dV5tBn8qLx2ZkR7w");
    other.name = "Other token".into();
    other.rule = "other-token".into();
    other.span = Some(crate::finding::Span {
        line: 140,
        column: 3,
        end_line: 140,
        end_column: 22,
    });
    if let Found::Secret { env, .. } = &mut other.found {
        *env = "".into();
    }
    let report = report_of([
        secret("src/app.py"),
        other,
        secret("web/config.ts"),
        file(".env", Ignored::No),
        secret(".env"),
    ]);
    assert_eq!(
        human(&report, &hook()),
        r#"keyward: 2 secrets at 4 places and 1 file of secrets in this commit; nothing was committed

  where     id        what and why
.env  mend: keyward ignore .env
  file      dc11c5fa  environment file  files of this name hold secrets (certain)
  12:11     5c0e907e  Acme API key  acme_pNof…  the format is Acme's alone (certain)
            also in src/app.py:12:11, web/config.ts:12:11
src/app.py  mend: read it from the environment: os.environ["NAME"]
  140:3     2e58131f  Other token  ac_dV…  the format is Acme's alone (certain)

  values  put NAME=... into .env, which git must ignore; in CI, among its secrets
  then    git add src/app.py web/config.ts
  revoke  https://acme.example/keys  (what was ever pushed or shared)
  allow   keyward allow ID --reason "..."  (only what is not a secret)
"#
    );
}

#[test]
fn a_hook_shows_some_dozens_of_lines_and_a_scan_all() {
    let report = report_of((0..500).map(|i| {
        let body = Random::new(i).token(40);
        secret_with(format!("src/{:03}.py", i / 4), "acme_", &body)
    }));
    let out = human(&report, &hook());
    assert!(out.lines().count() < 65);
    assert!(
        out.contains("\nand 469 more: keyward scan --staged\n"),
        "{out}"
    );
    assert!(
        out.contains("\n  then    git add each file that you mended\n"),
        "{out}"
    );
    let all = human(&report, &Style::default());
    // And once by its rule, at the end.
    assert_eq!(all.matches("Acme API key").count(), 501);
    assert!(!all.contains(" more: "));
}

#[test]
fn a_clean_commit_is_silent_and_a_clean_scan_is_one_line() {
    let mut report = Report::from(Verdict {
        paths: 214,
        allowed: vec![Allowed {
            finding: secret("a.py"),
            by: "the comment `keyward:allow`".into(),
        }],
        ..Verdict::default()
    });
    assert_eq!(human(&report, &hook()), "");
    assert_eq!(
        human(&report, &Style::default()),
        "keyward: 214 files, no secrets, 1 allowed (--verbose shows them)\n"
    );
    let mut possible = secret("a.py");
    possible.confidence = Confidence::Possible;
    report.verdict.below_threshold = vec![possible; 3];
    report.verdict.allowed.clear();
    assert_eq!(human(&report, &hook()), "");
    assert_eq!(
        human(&report, &Style::default()),
        "keyward: 214 files, no secrets, 3 only possible (--possible shows them)\n"
    );
}

#[test]
fn a_scan_speaks_of_no_commit() {
    let mut report = report_of([secret("src/app.py")]);
    report.verdict.paths = 214;
    assert_eq!(
        human(&report, &Style::default()),
        r#"keyward: 1 secret in 214 files

src/app.py:12:11  Acme API key  acme_pNof…
  why     the format is Acme's alone (certain)
  mend    read it from the environment: os.environ["ACME_API_KEY"]  (needs import os)
          put ACME_API_KEY=... into .env, which git must ignore; in CI, among its secrets
  revoke  if it was ever pushed or shared: https://acme.example/keys
  allow   keyward allow 5c0e907e --reason "..."  (only if it is not a secret)
"#
    );
}

#[test]
fn what_could_not_be_read_is_never_clean() {
    let mut report = Report::from(Verdict {
        unread: vec![unread("big file.bin", "object 12ab is missing")],
        paths: 3,
        ..Verdict::default()
    });
    assert_eq!(
        human(&report, &hook()),
        "keyward: 1 file of this commit could not be read; nothing was committed

could not read big file.bin: object 12ab is missing
  mend    fix the cause and commit again,
          or leave the file out: git reset -q -- 'big file.bin'
"
    );
    assert_eq!(
        human(&report, &Style::default()),
        "keyward: 1 file could not be read, and no secrets in the rest

could not read big file.bin: object 12ab is missing
  mend    fix the cause, then scan again
"
    );
    report.verdict.blocking.push(secret("a.py"));
    let first = |report: &Report| human(report, &hook()).lines().next().map(str::to_owned);
    assert_eq!(
        first(&report).as_deref(),
        Some(
            "keyward: 1 secret in this commit, and 1 file could not be read; nothing was committed"
        )
    );
    report.verdict.unread = vec![unread("", "dubious ownership")];
    assert_eq!(
        first(&report).as_deref(),
        Some(
            "keyward: 1 secret in this commit, and not all of it could be read; nothing was committed"
        )
    );
    report.verdict.blocking.clear();
    assert_eq!(
        human(&report, &hook()),
        "keyward: this commit could not be read; nothing was committed

could not scan: dubious ownership
  mend    fix the cause and commit again
"
    );
}

#[test]
fn what_stops_nothing_is_one_line() {
    let mut report = Report::from(Verdict {
        warnings: vec![tracked("old/.env")],
        lfs: vec!["a.psd".into()],
        ..Verdict::default()
    });
    assert_eq!(
        human(&report, &hook()),
        "keyward: git tracks old/.env, a file of secrets by its name; to stop that: git rm --cached -- old/.env
keyward: 1 Git LFS object was not read, only the pointer; to check: keyward scan a.psd
"
    );
    report.verdict.warnings = (0..5).map(|i| tracked(format!("{i}.env"))).collect();
    report.verdict.lfs.push("b.psd".into());
    let out = human(&report, &hook());
    let last: Vec<_> = out.lines().skip(3).collect();
    assert_eq!(
        last,
        [
            "keyward: git tracks 2 more files of secrets: keyward scan --staged",
            "keyward: 2 Git LFS objects were not read, only the pointer; to check: keyward scan PATH",
        ]
    );
}

#[test]
fn commands_are_given_from_where_the_reader_stands() {
    let style = Style {
        prefix: "src/".into(),
        ..hook()
    };
    let out = human(
        &report_of([secret("src/app.py"), file("conf/.env", Ignored::No)]),
        &style,
    );
    assert!(out.contains("\n../conf/.env  environment file\n"), "{out}");
    assert!(out.contains("keyward ignore ../conf/.env  ("), "{out}");
    assert!(out.contains("\napp.py:12:11  "), "{out}");
    assert!(out.contains("then: git add app.py\n"), "{out}");
}

#[test]
fn a_hostile_name_runs_nothing_and_paints_nothing() {
    let name: &[u8] = b"-$(reboot)\x1b[2J'\n\xe2\x80\xae\xff.py";
    let style = Style {
        color: true,
        ..hook()
    };
    let mut finding = secret(name);
    finding.why = "a\x1b]0;b\x07\nc".into();
    finding.name = "N\u{202e}\r".into();
    let mut guarded = file(
        &b"$(reboot)\n.env"[..],
        Ignored::ByThisMachine("\x1b[H".to_owned()),
    );
    guarded.name = "\x1bc".into();
    let mut report = report_of([guarded, finding]);
    report.verdict.unread.push(Unread {
        path: name.into(),
        reason: "\x1b[31m\n".to_owned(),
    });
    report.verdict.lfs.push(name.into());
    report.verdict.warnings.push(tracked(name));
    for blocking in [1, 9] {
        report.verdict.blocking = report
            .verdict
            .blocking
            .iter()
            .cycle()
            .take(2 * blocking)
            .cloned()
            .collect();
        for write in [write, json::write] {
            let out = printed(write, &report, &style);
            let bare = ["31", "1", "2", "0"]
                .iter()
                .fold(out, |out, code| out.replace(&format!("\x1b[{code}m"), ""));
            let unseen = |c: char| c != '\n' && !crate::shell::is_plain(c);
            assert!(!bare.contains(unseen), "{bare:?}");
        }
    }
    let out = human(&report_of([secret(name)]), &hook());
    assert!(
        out.contains("\n-$(reboot)\\u{1b}[2J'\\n\\u{202e}\\xff.py:12:11  "),
        "{out}"
    );
    let command = r"then: git add $':(literal)-$(reboot)\033[2J\047\012\342\200\256\377.py'";
    assert!(out.contains(&format!("{command}\n")), "{out}");
}

#[test]
fn long_names_are_cut_and_commands_are_not() {
    let path = format!("{}/app.py", "deep/".repeat(300));
    let out = human(&report_of([secret(path.as_str())]), &hook());
    let line = out.lines().nth(2).expect("a finding has a line");
    let (name, _) = line.split_once(":12:11  ").expect("and a position");
    assert_eq!(name.chars().count(), 120, "{name}");
    assert!(
        name.starts_with("deep/") && name.ends_with("/app.py"),
        "{name}"
    );
    assert!(out.contains(&format!("git add {path}\n")));
}

#[test]
fn what_is_told_and_stops_nothing_is_a_line_each() {
    let held = |count: usize| {
        let paths = (0..count).map(|at| secret(format!("tests/{at}.py")));
        Report::from(Verdict {
            held: paths.collect(),
            paths: count,
            ..Verdict::default()
        })
    };
    for (count, style, expected) in [
        (
            1,
            hook(),
            "keyward: 1 secret that the repository holds already: tests/0.py:12; revoke what is live\n",
        ),
        (
            5,
            hook(),
            "keyward: 5 secrets that the repository holds already: tests/0.py:12, tests/1.py:12, \
             tests/2.py:12, and 2 more; revoke what is live\n",
        ),
        (
            2,
            Style::default(),
            "keyward: 2 files, no new secrets\nkeyward: 2 secrets that the repository holds already: \
             tests/0.py:12, tests/1.py:12; revoke what is live\n",
        ),
    ] {
        assert_eq!(human(&held(count), &style), expected);
    }
    let unpack = "unpack, and keyward scan DIRECTORY";
    for (paths, expected, check) in [
        (&["a.zip"][..], "the archive a.zip", "keyward scan a.zip"),
        (&["a.7z"], "the archive a.7z", unpack),
        (
            &["a b.tar!/c.zip"],
            "the archive a b.tar!/c.zip",
            "keyward scan 'a b.tar'",
        ),
        (
            &["a.zip", "b.gz"],
            "the archives a.zip and b.gz",
            "keyward scan PATH",
        ),
        (
            &["a.zip", "b.gz", "c.7z"],
            "the archive a.zip and 2 others",
            unpack,
        ),
    ] {
        let packed = |path: &&str| Packed {
            path: (*path).into(),
            opens: !path.ends_with(".7z"),
        };
        let report = Report::from(Verdict {
            archives: paths.iter().map(packed).collect(),
            ..Verdict::default()
        });
        assert_eq!(
            human(&report, &hook()),
            format!("keyward: nobody looked into {expected}; to check: {check}\n")
        );
    }
}

#[test]
fn what_is_below_the_threshold_is_told_as_what_it_is() {
    for (confidences, expected) in [
        (
            &[Confidence::Possible; 2][..],
            "2 only possible (--possible shows them)",
        ),
        (
            &[Confidence::Likely],
            "1 below the threshold (--verbose shows them)",
        ),
        (
            &[Confidence::Possible, Confidence::Likely],
            "2 below the threshold (--verbose shows them)",
        ),
    ] {
        let below = confidences.iter().map(|&confidence| {
            let mut below = secret("a.py");
            below.confidence = confidence;
            below
        });
        let report = Report::from(Verdict {
            below_threshold: below.collect(),
            paths: 3,
            ..Verdict::default()
        });
        let told = human(&report, &Style::default());
        assert_eq!(told, format!("keyward: 3 files, no secrets, {expected}\n"));
    }
}

#[test]
fn a_secret_in_a_name_has_no_position() {
    let mut named = secret("keys/acme_pNof\u{2026}.txt");
    named.span = None;
    let told = human(&report_of([named.clone()]), &hook());
    assert!(
        told.contains("\nkeys/acme_pNof\u{2026}.txt  Acme API key"),
        "{told}"
    );
    assert!(
        told.contains("give it a name without the key: git mv OLD NEW\n"),
        "{told}"
    );
    let many = (0..5).map(|at| match at {
        0 => named.clone(),
        at => secret_with(format!("{at}.py"), "acme_", &Random::new(at).token(30)),
    });
    let told = human(&report_of(many), &hook());
    assert!(told.contains("\n  name      5c0e907e"), "{told}");
}

/// A report with something of everything, as wide as that.
fn at_width(columns: usize, report: &Report, hook: bool) -> String {
    let style = Style {
        width: Some(columns),
        hook,
        ..Style::default()
    };
    human(report, &style)
}

#[test]
fn no_sentence_is_wider_than_the_terminal_and_no_command_is_broken() {
    let mut refused = report_of([secret("src/app.py"), file("conf/.env", Ignored::No)]);
    refused.verdict.warnings.push(tracked("old/.env"));
    let list = report_of((0..30).map(|at| {
        let body = Random::new(at / 3).token(40);
        secret_with(format!("src/{at:02}.py"), "acme_", &body)
    }));
    for columns in [40, 80, 200] {
        for (report, hook) in [
            (&refused, true),
            (&refused, false),
            (&list, true),
            (&list, false),
        ] {
            let told = at_width(columns, report, hook);
            let whole = human(
                report,
                &Style {
                    hook,
                    ..Style::default()
                },
            );
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            // The same words, whatever the width.
            assert_eq!(words(&told), words(&whole), "{columns}");
            for line in told.lines() {
                let is_command = ["keyward allow", "keyward ignore", "git ", "https://"]
                    .iter()
                    .any(|command| line.contains(command));
                assert!(
                    line.chars().count() <= columns || is_command,
                    "{columns}: {line}"
                );
            }
            for command in [
                "git add src/app.py",
                "keyward ignore conf/.env",
                "git rm --cached -- old/.env",
            ] {
                assert_eq!(
                    told.matches(command).count(),
                    whole.matches(command).count(),
                    "{told}"
                );
            }
        }
    }
}

const NARROW: &str = r#"keyward: 1 secret in this commit;
  nothing was committed

src/app.py:12:11
  Acme API key  acme_pNof…
  why     the format is Acme's alone
          (certain)
  mend    read it from the environment:
          os.environ["ACME_API_KEY"]
          (needs import os)
          put ACME_API_KEY=... into
          .env, which git must ignore;
          in CI, among its secrets
          then: git add src/app.py
  revoke  if it was ever pushed or
          shared:
          https://acme.example/keys
  allow   keyward allow 5c0e907e --reason "..."
          (only if it is not a secret)
"#;

#[test]
fn a_narrow_terminal_and_a_wide_one() {
    let report = report_of([secret("src/app.py")]);
    let expected = at_width(40, &report, true);
    assert_eq!(expected, NARROW, "{expected}");
    assert_eq!(at_width(200, &report, true), human(&report, &hook()));
}

#[test]
fn a_long_report_ends_with_what_there_is_and_what_to_do() {
    let findings = (0..1000).map(|at| {
        let body = Random::new(at / 4).token(40);
        secret_with(format!("src/{:03}.py", at % 97), "acme_", &body)
    });
    let mut report = report_of(findings);
    report.verdict.warnings = (0..50).map(|at| tracked(format!("{at}.env"))).collect();
    let told = human(&report, &Style::default());
    assert_eq!(told.matches("git tracks").count(), 4, "{told}");
    let lines: Vec<&str> = told.lines().collect();
    let last = lines[lines.len() - 24..].join("\n");
    for part in [
        "keyward: 250 secrets at 1,000 places in 1,000 files",
        "  rules   1,000  Acme API key",
        "  files      11  src/000.py",
        "  secrets     4  ",
        "  revoke  https://acme.example/keys",
        "  allow   keyward allow ID",
        "  next    keyward triage",
    ] {
        assert!(last.contains(part), "{part}: {last}");
    }
    assert_eq!(
        lines[0],
        "keyward: 250 secrets at 1,000 places in 1,000 files"
    );
}

#[test]
fn quiet_says_what_stops_and_verbose_says_all() {
    let mut report = report_of([]);
    report.verdict.paths = 3;
    report.verdict.allowed.push(Allowed {
        finding: secret("a.py"),
        by: "the comment `keyward:allow`".into(),
    });
    let mut possible = secret("b.py");
    possible.confidence = Confidence::Possible;
    report.verdict.below_threshold.push(possible);
    report.verdict.warnings = (0..5).map(|at| tracked(format!("{at}.env"))).collect();
    let with = |detail| {
        human(
            &report,
            &Style {
                detail,
                ..Style::default()
            },
        )
    };
    assert_eq!(with(Detail::Quiet), "");
    let told = with(Detail::Verbose);
    for part in [
        "keyward: 3 files, no secrets, 1 allowed, 1 only possible\n",
        "git tracks 4.env",
        "a.py:12:11  5c0e907e  Acme API key  acme_pNof…  allowed by the comment `keyward:allow`\n",
        "b.py:12:11  5c0e907e  Acme API key  acme_pNof…  the format is Acme's alone (possible)\n",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn the_sort_of_key_is_in_the_headline() {
    let of = |rule: &'static str, path: &str| {
        let mut finding = secret_with(path, "acme_", &Random::new(path.len() as u64).token(40));
        finding.rule = rule.into();
        finding
    };
    for (rules, expected) in [
        (
            &["acme-admin-key"][..],
            "1 secret (1 admin key) in this commit",
        ),
        (
            &["acme-live-key", "acme-test-key", "acme-test-token"],
            "3 secrets (1 live key, 2 test keys) in",
        ),
        (&["acme-contest-key"], "1 secret in this commit"),
    ] {
        let paths = ["a", "bb", "ccc"];
        let told = human(
            &report_of(rules.iter().zip(paths).map(|(rule, path)| of(rule, path))),
            &hook(),
        );
        assert!(told.contains(expected), "{expected}: {told}");
    }
}

#[test]
fn the_team_s_store_is_where_the_value_goes() {
    let mut report = report_of([secret("src/app.py")]);
    report.verdict.store = Store::OnePassword;
    let told = human(&report, &hook());
    assert!(
        told.contains(
            "          put it into 1Password, and ACME_API_KEY=op://VAULT/ITEM/FIELD into .env.tpl\n          \
             start the program with: op run --env-file=.env.tpl -- COMMAND\n          then: git add"
        ),
        "{told}"
    );
}

#[test]
fn a_guarded_file_that_a_team_commits_stays_without_its_secrets() {
    for (path, expected) in [
        (
            ".npmrc",
            "mend    read it from the environment: ${ACME_API_KEY}\n",
        ),
        (
            "app/.mcp.json",
            "mend    read it from the environment: ${ACME_API_KEY}\n",
        ),
        (".env", "mend    keyward ignore .env  ("),
        (".netrc", "mend    keyward ignore .netrc  ("),
    ] {
        let told = human(&report_of([file(path, Ignored::No), secret(path)]), &hook());
        assert!(told.contains(expected), "{path}: {told}");
    }
}
