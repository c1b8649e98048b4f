use super::words::{GuardFile, GuardWords};
use super::*;
use crate::armour;
use crate::change::{Ignored, InMemory, Origin};
use crate::finding::Fingerprint;

fn change(path: &str, content: &[u8]) -> Change<'static> {
    let origin = InMemory {
        content: content.to_vec(),
        ..InMemory::default()
    };
    Change::new(path, Status::Added, EntryKind::File, origin)
}

/// What the guards say about a file, in which the detector finds a secret or not.
fn checked(guards: &Guards, path: &str, blob: &[u8], secret: bool) -> Option<Finding> {
    let change = change(path, blob);
    let named = guards.named(&change)?;
    let held = Held {
        blob,
        text: &Text::decode(blob),
        surest: secret.then_some(Confidence::Likely),
    };
    named.check(&held).expect("memory can be read")
}

fn check(path: &str, content: &[u8]) -> Option<Finding> {
    checked(&Guards::default(), path, content, true)
}

fn rule(path: &str, content: &[u8]) -> Option<String> {
    check(path, content).map(|finding| finding.rule.to_string())
}

fn patterns() -> GuardFile {
    toml::from_str(include_str!("patterns.toml")).expect("the build reads the same file")
}

/// Content at which a guard must refuse the file.
fn guilty(content: Content) -> Vec<u8> {
    match content {
        Content::Any | Content::NotTrustStore => b"anything".to_vec(),
        Content::NotReferences => b"NAME=value\n".to_vec(),
        Content::NotPublic
        | Content::NotPublicOrProse
        | Content::PrivateKey
        | Content::PrivateKeyOrDraw => {
            let key = armour::samples::private_der();
            armour::samples::pem("PRIVATE KEY", &key).into_bytes()
        }
        Content::PgpSecretKey => vec![0x95, 0x03, 0xc6, 0x04],
        Content::SecretValue => b"a secret for the detector to find".to_vec(),
    }
}

/// Content at which a guard that reads it must let the file pass.
fn innocent(content: Content) -> Option<Vec<u8>> {
    let text: &[u8] = match content {
        Content::Any => return None,
        Content::NotReferences => b"NAME=op://vault/item/field\n",
        Content::NotPublic
        | Content::NotPublicOrProse
        | Content::PrivateKey
        | Content::PrivateKeyOrDraw
        | Content::PgpSecretKey => {
            b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
        }
        Content::NotTrustStore => {
            b"\xfe\xed\xfe\xed\0\0\0\x01\0\0\0\x01\0\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
              01234567890123456789"
        }
        Content::SecretValue => b"nothing for it\n",
    };
    Some(text.to_vec())
}

/// Paths that a pattern must fit.
fn samples(pattern: &str) -> Vec<String> {
    let name = pattern.replace('*', "some");
    vec![
        name.clone(),
        format!("deep/down/{name}"),
        name.to_ascii_uppercase(),
    ]
}

fn each_pattern() -> Vec<(GuardWords, String)> {
    patterns()
        .guard
        .into_iter()
        .flat_map(|guard| {
            let files = guard.files.clone();
            files.into_iter().map(move |file| (guard.clone(), file))
        })
        .collect()
}

#[test]
fn every_pattern_refuses_its_file_and_reads_what_it_promises_to_read() {
    for (guard, pattern) in each_pattern() {
        for path in samples(&pattern) {
            let content = guilty(guard.content);
            let ids: Vec<&str> = guards_of(path.as_str().into())
                .map(|(guard, _)| guard.id)
                .collect();
            assert!(
                ids.contains(&guard.id.as_str()),
                "{path}: {ids:?} lacks {}",
                guard.id
            );
            let finding = check(&path, &content).unwrap_or_else(|| panic!("{path} passes"));
            assert_eq!(finding.path, path.as_str());
            assert!(finding.span.is_none() && finding.comment.is_none());
            assert!(!finding.why.is_empty());
            if ids.len() == 1 {
                assert_eq!(finding.rule, guard.id.as_str(), "{path}");
                assert_eq!(finding.name, guard.name.as_str(), "{path}");
                assert_eq!(
                    finding.confidence == Confidence::Likely,
                    guard.ambiguous,
                    "{path}"
                );
                if let Some(content) = guard.seldom.and_then(innocent) {
                    let seldom = format!("tests/{pattern}").replace('*', "some");
                    let finding = checked(&Guards::default(), &seldom, &content, false);
                    assert_eq!(finding, None, "{seldom}");
                }
                if let Some(content) = innocent(guard.content) {
                    let finding = checked(&Guards::default(), &path, &content, false);
                    assert_eq!(finding, None, "{path}");
                }
            }
        }
    }
}

#[test]
fn every_exception_and_template_passes() {
    let file = patterns();
    for guard in &file.guard {
        for name in &guard.except {
            assert_eq!(rule(name, &guilty(guard.content)), None, "{name}");
        }
        for word in &guard.plain {
            for name in [format!("{word}.env"), format!("ci/go-{word}.env")] {
                let found = checked(&Guards::default(), &name, b"A=b\n", false);
                assert_eq!(found, None, "{name}");
            }
        }
    }
    for word in filetype::templates() {
        for path in [
            format!(".env.{word}"),
            format!("app/.env.local.{}", word.to_ascii_uppercase()),
            format!("{word}.env"),
            format!("prod-{word}.env"),
            format!("terraform_{word}.tfvars"),
        ] {
            assert_eq!(rule(&path, b"A=b"), None, "{path}");
        }
        // For one way to run it: still none of it, unless a secret is in it.
        let guards = Guards::default();
        for way in ["docker", "local"] {
            let path = format!("app/.env.{word}.{way}");
            assert_eq!(checked(&guards, &path, b"A=b\n", false), None, "{path}");
            assert!(checked(&guards, &path, b"A=b\n", true).is_some(), "{path}");
        }
        for guard in file.guard.iter().filter(|guard| guard.opaque) {
            for ending in guard.files.iter().filter_map(|file| file.strip_prefix('*')) {
                let path = format!("{word}{ending}");
                assert_eq!(rule(&path, b"0").as_ref(), Some(&guard.id), "{path}");
            }
        }
    }
    for path in [
        "example.com.env",
        "vault.prod.env",
        ".env.examples2",
        ".env.vaults",
    ] {
        let found = checked(&Guards::default(), path, b"A=b\n", false);
        assert!(found.is_some(), "{path}");
    }
}

#[test]
fn tables_of_the_build_are_sorted() {
    assert!(GUARDS.is_sorted_by_key(|guard| guard.id));
    assert!(NAMES.bases.iter().is_sorted());
    assert!(rules().is_sorted_by_key(|rule| rule.id));
    assert_eq!(rules().len(), patterns().guard.len() + 1);
}

#[test]
fn ordinary_names_pass() {
    let guilty = b"A=b\n";
    for path in [
        "src/main.rs",
        "env",
        "environment.ts",
        ".environment",
        "env.example",
        "src/env.rs",
        ".env",
        "venv/.envy",
        "keys.txt",
        "docs/keys.txt",
        "page/keys.txt",
        "aws/credentials.md",
        "xid_rsa",
        "id_rsa.pub",
        "monkey",
        "pem",
        "netrc",
        "",
        "/",
        "a/",
    ] {
        let expected = (path == ".env").then(|| "guard-env-file".to_owned());
        assert_eq!(rule(path, guilty), expected, "{path:?}");
    }
}

/// What the default guards say about a change that holds `A=b`.
fn check_change(change: &Change<'_>) -> Option<Result<Option<Finding>>> {
    let blob = b"A=b";
    let held = Held {
        blob,
        text: &Text::decode(blob),
        surest: None,
    };
    let guards = Guards::default();
    Some(guards.named(change)?.check(&held))
}

#[test]
fn names_are_bytes() {
    let path = b"\xff\xfe\n/.EnV".to_vec();
    let change = Change::new(
        path.clone(),
        Status::Added,
        EntryKind::File,
        InMemory::default(),
    );
    let checked = check_change(&change).expect("the name fits");
    let finding = checked.expect("readable").expect("guarded");
    assert_eq!(finding.path, path);
    assert_eq!(finding.fingerprint, Fingerprint::of_path(&path));
}

#[test]
fn a_tracked_file_is_a_warning_and_a_new_one_says_what_ignores_it() {
    for ignored in [
        Ignored::No,
        Ignored::ByRepository,
        Ignored::ByThisMachine("~/.config/git/ignore".to_owned()),
    ] {
        let found = |status| {
            let origin = InMemory {
                ignored: Some(ignored.clone()),
                ..InMemory::default()
            };
            let change = Change::new(".env", status, EntryKind::File, origin);
            let checked = check_change(&change).expect("the name fits");
            checked.expect("readable").expect("guarded").found.clone()
        };
        let expected = Found::File {
            ignored: ignored.clone(),
        };
        assert_eq!(found(Status::Added), expected);
        assert_eq!(found(Status::Modified), Found::TrackedFile);
    }
}

#[test]
fn a_link_passes() {
    let origin = InMemory {
        content: b"../shared/.env".to_vec(),
        ..InMemory::default()
    };
    let change = Change::new(".env", Status::Added, EntryKind::Link, origin);
    assert!(Guards::default().named(&change).is_none());
}

/// An origin of which nothing can be read.
struct Unreadable;

impl Origin for Unreadable {
    fn content(&self) -> Result<Vec<u8>> {
        anyhow::bail!("the object is missing")
    }

    fn replaced(&self) -> Result<Vec<Vec<u8>>> {
        anyhow::bail!("the object is missing")
    }

    fn ignored(&self) -> Result<Ignored> {
        anyhow::bail!("the object is missing")
    }
}

#[test]
fn what_cannot_be_read_is_no_pass() {
    let change = Change::new(".env", Status::Added, EntryKind::File, Unreadable);
    assert!(check_change(&change).expect("the name fits").is_err());
}

#[test]
fn settings_add_patterns_and_switch_off_rules_and_paths() {
    let globs = |patterns: &[&str]| {
        PathGlobs::parse(patterns).expect("the patterns of this test are valid")
    };
    let guards = Guards::new(GuardSettings {
        add: globs(&["*.secret", "/config/prod/"]),
        off: globs(&["fixtures/", "*.quiet.secret"]),
        off_rules: vec!["guard-netrc-file".to_owned()],
    });
    let rule = |path: &str, content: &[u8]| {
        let finding = checked(&guards, path, content, false);
        finding.map(|finding| finding.rule.to_string())
    };
    let own = Some("guard-own-pattern");
    let cases: &[(&str, Option<&str>)] = &[
        ("a/b.secret", own),
        ("config/prod/db/x.json", own),
        ("a/config/prod/x.json", None),
        ("a/b.quiet.secret", None),
        ("fixtures/.env", None),
        ("a/fixtures/b/.env", None),
        (".env", Some("guard-env-file")),
        (".netrc", None),
    ];
    for (path, expected) in cases {
        assert_eq!(rule(path, b"A=b").as_deref(), *expected, "{path}");
    }
    assert_eq!(rule("b.secret", b"\0GITCRYPT\0\0"), None);
}

#[test]
fn names_with_many_stars_take_linear_time() {
    let path = "-firebase-adminsdk".repeat(1 << 15);
    let started = std::time::Instant::now();
    assert_eq!(guards_of(path.as_str().into()).count(), 0);
    assert!(started.elapsed().as_secs() < 2);
}

/// What the guards say about a file that has a status, in which the detector finds so much.
fn with_status(
    path: &str,
    status: Status,
    blob: &[u8],
    surest: Option<Confidence>,
) -> Option<Found> {
    let origin = InMemory::default();
    let change = Change::new(path, status, EntryKind::File, origin);
    let guards = Guards::default();
    let held = Held {
        blob,
        text: &Text::decode(blob),
        surest,
    };
    let finding = guards.named(&change)?.check(&held);
    finding
        .expect("memory can be read")
        .map(|finding| finding.found.clone())
}

#[test]
fn in_tests_and_under_other_endings_a_secret_value_is_asked_for() {
    let plain = [
        "pkg/e2e/testdata/TestRemove/.env",
        "test/.env.production",
        "spec/fixtures/app/.env.local",
        "src/__tests__/prod.env",
        "examples/web/.env",
        "docs/setup/.env.staging",
        "vendor/github.com/x/y/.env",
        "web/node_modules/z/.env.test",
        "third_party/tool/app.env",
        "pkg/iac/test/terraform.tfstate",
        "internal/testdata/terraform.tfstate.backup",
        "Tests/State/prod.tfstate",
        "src/.env.d.ts",
        ".env.md",
        "patches/.env.patch",
        "patches/.ENV.DIFF",
        "config/.env.ts",
        "config/.env.example.rb",
        "scripts/.env.sh",
        ".env.production.js",
        "a/.env.html",
    ];
    for path in plain {
        for (surest, guarded) in [
            (None, false),
            (Some(Confidence::Possible), false),
            (Some(Confidence::Likely), true),
            (Some(Confidence::Certain), true),
        ] {
            let found = with_status(path, Status::Added, b"PORT=8080\nNAME=x\n", surest);
            assert_eq!(found.is_some(), guarded, "{path} {surest:?}");
        }
        assert_eq!(with_status(path, Status::Added, b"", None), None, "{path}");
    }
    // What a test puts into a file of keys is a word or two, or a key.
    for (path, content, guarded) in [
        ("tests/tls/a.key", "test-key-data....", false),
        (
            "script/test/fixtures/cert1.pem",
            "content of file cert1.pem",
            false,
        ),
        ("testdata/id_rsa", "dummy", false),
        ("docs/empty.key", "", false),
        ("tests/master.key", "3f9c1e7ab24d58e06b7fd19c52ae8d40", true),
        ("tests/raw.key", "\0\u{1}\u{2}", true),
        ("app/a.key", "test-key-data....", true),
    ] {
        let found = with_status(path, Status::Added, content.as_bytes(), None);
        assert_eq!(found.is_some(), guarded, "{path}");
    }
    for path in [
        ".env",
        "app/.env",
        "app/.env.local",
        ".env.production",
        ".env.bak",
        ".env.old",
        ".env.d",
        ".env.conf",
        ".env.json",
        ".env.md.local",
        "app.env",
        "terraform.tfstate",
        "live/terraform.tfstate.backup",
        "contest/.env",
        "vendors/.env",
        "latest/prod.env",
    ] {
        for content in [&b"PORT=8080\n"[..], b""] {
            let found = with_status(path, Status::Added, content, None);
            assert!(found.is_some(), "{path}");
        }
    }
    // What only a look at the bytes could tell is guarded wherever it lies.
    for path in [
        "tests/a.p12",
        "tests/.netrc",
        "tests/.vault-token",
        "docs/x.kdbx",
    ] {
        assert!(
            with_status(path, Status::Added, b"x", None).is_some(),
            "{path}"
        );
    }
}

#[test]
fn an_exact_rename_is_of_a_tracked_file() {
    for (path, blob) in [
        ("new/.env", &b"PORT=1\n"[..]),
        ("app/server.keystore", b"\0\x01\x02"),
        ("_archived/agent/nrconfig.env", b"export LICENSE_KEY=abc\n"),
        ("b/.netrc", b"machine x"),
        ("c/prod.tfstate", b"{}"),
    ] {
        let found = |status| with_status(path, status, blob, None);
        assert_eq!(found(Status::Moved), Some(Found::TrackedFile), "{path}");
        assert!(
            matches!(found(Status::Added), Some(Found::File { .. })),
            "{path}"
        );
    }
    // An empty file may be any that was deleted.
    let found = with_status("new/.env", Status::Moved, b"", None);
    assert!(matches!(found, Some(Found::File { .. })));
}
