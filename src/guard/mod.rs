//! The file guard: files that hold secrets by their name.
//!
//! What it knows is in `patterns.toml`, which the build turns into static tables; see `words.rs`
//! for what a guard may say.

mod content;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "only the build and the tests read patterns.toml, the library has its tables"
    )
)]
mod words;

use std::borrow::Cow;
use std::cmp::Ordering;

use anyhow::Result;
use bstr::{BStr, ByteSlice};

use crate::change::{Change, EntryKind, Status};
use crate::confidence::Confidence;
use crate::filetype;
use crate::finding::{Finding, Fingerprint, Found};
use crate::glob::PathGlobs;
use crate::text::Text;
use content::Judgement;
use words::Content;

/// A guard of `patterns.toml`.
#[derive(Debug)]
struct Guard {
    id: &'static str,
    name: &'static str,
    except: &'static [&'static str],
    content: Content,
    ambiguous: bool,
    opaque: bool,
}

impl Guard {
    /// What it is called.
    const fn rule(&self) -> Rule {
        Rule {
            id: self.id,
            name: self.name,
        }
    }
}

/// A file name without a star, with the directories that must stand right above it.
#[derive(Debug)]
struct Name {
    base: &'static str,
    dirs: &'static str,
    guard: usize,
}

/// A file name with stars: what stands before the first, between them, and behind the last.
#[derive(Debug)]
struct Starred {
    dirs: &'static str,
    head: &'static str,
    middle: &'static [&'static str],
    tail: &'static str,
    guard: usize,
}

include!(concat!(env!("OUT_DIR"), "/guard.rs"));

/// The rule of the files that `[guard] add` names.
const OWN: Rule = Rule {
    id: "guard-own-pattern",
    name: "guarded file",
};

/// A rule of the guard, for listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The id, which starts with `guard-`.
    pub id: &'static str,
    /// What such a file is: "environment file".
    pub name: &'static str,
}

/// The guard's rules, built in and the one for the settings' own patterns; sorted by id.
pub(crate) fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = GUARDS.iter().map(Guard::rule).collect();
    rules.push(OWN);
    rules.sort_unstable_by_key(|rule| rule.id);
    rules
}

/// What the settings add to the guard, and what they switch off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuardSettings {
    /// Paths that it refuses beside the built-in ones.
    pub add: PathGlobs,
    /// Paths that it lets pass.
    pub off: PathGlobs,
    /// The ids of its rules that are switched off.
    pub off_rules: Vec<String>,
}

/// The guard's patterns in force.
#[derive(Clone, Debug, Default)]
pub struct Guards {
    settings: GuardSettings,
}

impl Guards {
    /// The built-in patterns, with what the settings add and switch off.
    pub fn new(settings: GuardSettings) -> Self {
        Self { settings }
    }

    /// The guards that a change's name fits; `None` if there is none, so that nobody need ask for its content.
    ///
    /// A link passes: what it holds is a path. So does a message, which has no name.
    pub fn named<'c, 's>(&self, change: &'c Change<'s>) -> Option<Named<'c, 's>> {
        if change.kind != EntryKind::File {
            return None;
        }
        let path = change.path();
        let guards: Vec<&'static Guard> = guards_of(path)
            .filter(|guard| self.is_on(guard.id))
            .collect();
        let own = self.settings.add.covers(path) && self.is_on(OWN.id);
        let named = own || !guards.is_empty();
        (named && !self.settings.off.covers(path)).then_some(Named {
            change,
            guards,
            own,
        })
    }

    fn is_on(&self, id: &str) -> bool {
        !self.settings.off_rules.iter().any(|off| off == id)
    }
}

/// A change whose name says that it holds secrets.
#[derive(Debug)]
pub struct Named<'c, 's> {
    change: &'c Change<'s>,
    /// Those with a full name first.
    guards: Vec<&'static Guard>,
    /// Whether a pattern of the settings names it, too.
    own: bool,
}

/// What a guarded file holds.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// Its bytes.
    pub blob: &'a [u8],
    /// The same as text.
    pub text: &'a Text<'a>,
    /// Whether the detector finds a secret in it, by the rules in force.
    pub secret: bool,
}

impl Named<'_, '_> {
    /// Whether it is a settings file in which secrets are kept, so that what a person made up may be one.
    pub fn keeps_secrets(&self) -> bool {
        let keeps = |guard: &&Guard| guard.content == Content::SecretValue;
        self.guards.iter().any(keeps)
    }

    /// The rule whose name it has.
    pub fn rule(&self) -> Rule {
        self.guards.first().map_or(OWN, |guard| guard.rule())
    }

    /// The finding for the change, if what it holds doesn't say otherwise.
    ///
    /// # Errors
    /// When git can't tell whether the file is ignored.
    pub fn check(&self, held: &Held<'_>) -> Result<Option<Finding>> {
        for guard in &self.guards {
            if let Judgement::Guarded { sure, why } = content::judge(guard.content, held) {
                let confidence = match sure && !guard.ambiguous {
                    true => Confidence::Certain,
                    false => Confidence::Likely,
                };
                return finding(self.change, guard.rule(), confidence, why).map(Some);
            }
        }
        if self.own && content::judge(Content::Any, held) != Judgement::Harmless {
            let why = "a pattern of the settings guards it";
            return finding(self.change, OWN, Confidence::Certain, why).map(Some);
        }
        Ok(None)
    }
}

fn finding(change: &Change<'_>, rule: Rule, confidence: Confidence, why: &str) -> Result<Finding> {
    let found = match change.status {
        Status::Added => Found::File {
            ignored: change.ignored()?,
        },
        Status::Modified => Found::TrackedFile,
    };
    Ok(Finding {
        path: change.path.clone(),
        kind: change.kind,
        commit: change.commit.clone(),
        span: None,
        rule: Cow::Borrowed(rule.id),
        name: Cow::Borrowed(rule.name),
        confidence,
        why: why.to_owned(),
        found,
        fingerprint: Fingerprint::of_path(&change.path),
        comment: None,
    })
}

/// The guards whose names a path fits, those with a full name first.
fn guards_of(path: &BStr) -> impl Iterator<Item = &'static Guard> + '_ {
    let (dirs, base) = split(path);
    let first = NAMES.partition_point(|name| compare(name.base, base) == Ordering::Less);
    let plain = NAMES[first..]
        .iter()
        .take_while(move |name| name.base.as_bytes().eq_ignore_ascii_case(base))
        .filter(move |name| ends_with_dirs(dirs, name.dirs))
        .map(|name| &GUARDS[name.guard]);
    let starred = STARRED
        .iter()
        .filter(move |starred| starred.fits(base) && ends_with_dirs(dirs, starred.dirs))
        .filter_map(move |starred| {
            let guard = &GUARDS[starred.guard];
            let template = !guard.opaque && is_template(&base[..base.len() - starred.tail.len()]);
            (!template).then_some(guard)
        });
    plain.chain(starred).filter(move |guard| {
        !guard
            .except
            .iter()
            .any(|name| name.as_bytes().eq_ignore_ascii_case(base))
    })
}

fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.rfind_byte(b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (b"", path),
    }
}

/// Orders a lower-case name and the name of a file without regard to the latter's case.
fn compare(name: &str, base: &[u8]) -> Ordering {
    name.bytes().cmp(base.iter().map(u8::to_ascii_lowercase))
}

/// Whether a path's directories end with those of a pattern, as whole names.
fn ends_with_dirs(dirs: &[u8], wanted: &str) -> bool {
    if wanted.is_empty() {
        return true;
    }
    let Some(start) = dirs.len().checked_sub(wanted.len()) else {
        return false;
    };
    dirs[start..].eq_ignore_ascii_case(wanted.as_bytes()) && (start == 0 || dirs[start - 1] == b'/')
}

/// Whether a name ends with the word of a template: `.env.example`, and `sample` of `sample.env`.
fn is_template(name: &[u8]) -> bool {
    let word = name
        .rsplit(|b| matches!(b, b'.' | b'-' | b'_'))
        .next()
        .unwrap_or_default();
    filetype::is_template(word)
}

impl Starred {
    fn fits(&self, base: &[u8]) -> bool {
        let (head, tail) = (self.head.as_bytes(), self.tail.as_bytes());
        let Some(end) = base
            .len()
            .checked_sub(tail.len())
            .filter(|&end| end >= head.len())
        else {
            return false;
        };
        if !base[end..].eq_ignore_ascii_case(tail) || !base[..head.len()].eq_ignore_ascii_case(head)
        {
            return false;
        }
        let mut rest = &base[head.len()..end];
        self.middle.iter().all(|piece| {
            let at = rest
                .windows(piece.len())
                .position(|window| window.eq_ignore_ascii_case(piece.as_bytes()));
            rest = at.map_or(b"", |at| &rest[at + piece.len()..]);
            at.is_some()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::words::{GuardFile, GuardWords};
    use super::*;
    use crate::armour;
    use crate::change::{Ignored, InMemory, Origin};

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
            secret,
        };
        named.check(&held).expect("memory can be read")
    }

    fn check(path: &str, content: &[u8]) -> Option<Finding> {
        checked(&Guards::default(), path, content, true)
    }

    fn rule(path: &str, content: &[u8]) -> Option<String> {
        check(path, content).map(|finding| finding.rule.into_owned())
    }

    fn patterns() -> GuardFile {
        toml::from_str(include_str!("patterns.toml")).expect("the build reads the same file")
    }

    /// Content at which a guard must refuse the file.
    fn guilty(content: Content) -> Vec<u8> {
        match content {
            Content::Any | Content::NotTrustStore => b"anything".to_vec(),
            Content::NotReferences => b"NAME=value\n".to_vec(),
            Content::NotPublic | Content::NotPublicOrProse | Content::PrivateKey => {
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
                    .map(|guard| guard.id)
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
            for guard in file.guard.iter().filter(|guard| guard.opaque) {
                for ending in guard.files.iter().filter_map(|file| file.strip_prefix('*')) {
                    let path = format!("{word}{ending}");
                    assert_eq!(rule(&path, b"0").as_ref(), Some(&guard.id), "{path}");
                }
            }
        }
        for path in [
            ".env.example.local",
            "example.com.env",
            ".env.examples2",
            ".env.vaults",
        ] {
            assert_eq!(
                rule(path, b"A=b").as_deref(),
                Some("guard-env-file"),
                "{path}"
            );
        }
    }

    #[test]
    fn tables_of_the_build_are_sorted() {
        assert!(GUARDS.is_sorted_by_key(|guard| guard.id));
        assert!(NAMES.is_sorted_by_key(|name| name.base));
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
            secret: false,
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
                checked.expect("readable").expect("guarded").found
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
            finding.map(|finding| finding.rule.into_owned())
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
}
