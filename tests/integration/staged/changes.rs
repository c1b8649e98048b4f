//! What counts as added, by what a path held before.

use std::fs;

use super::{COMMIT, TEXT, object};
use crate::probe::{digest, hooked, with_both};
use crate::support::{anthropic_key, letters};

#[test]
fn in_a_first_commit_everything_is_added() {
    let key = anthropic_key();
    hooked(&[], |scratch| {
        scratch.passes(&["commit", "--allow-empty", "-m", "nothing at all"]);
        scratch.git(&["update-ref", "-d", "HEAD"]);
        scratch.add("src/deep/a.txt", &key);
        scratch.add("b.txt", TEXT);
        scratch.is_refused(&COMMIT);
        let seen = scratch.seen();
        assert_eq!(
            seen,
            [
                format!("Added File \"b.txt\" {} []", digest(TEXT.as_bytes())),
                format!(
                    "Added File \"src/deep/a.txt\" {} []",
                    digest(key.as_bytes())
                ),
            ]
        );
    });
}

#[test]
fn a_rename_with_a_new_key_is_refused() {
    let key = anthropic_key();
    hooked(&[("a.txt", TEXT)], |scratch| {
        scratch.git(&["mv", "a.txt", "b.txt"]);
        scratch.add("b.txt", format!("{TEXT}{key}\n"));
        scratch.is_refused(&COMMIT);
        let [seen] = &scratch.seen()[..] else {
            panic!("{:?}", scratch.seen())
        };
        assert!(seen.starts_with("Added File \"b.txt\""), "{seen}");
        // What the old file held is asked for by line.
        assert!(seen.ends_with(" []"), "{seen}");
    });
}

#[cfg(unix)]
#[test]
fn a_link_that_becomes_a_file_with_a_key_is_refused() {
    let key = anthropic_key();
    with_both(|scratch| {
        std::os::unix::fs::symlink("target", scratch.top().join("a")).unwrap();
        scratch.commit_all();
        scratch.hook("pre-commit");
        fs::remove_file(scratch.top().join("a")).unwrap();
        scratch.add("a", &key);
        scratch.is_refused(&COMMIT);
    });
}

#[test]
fn what_a_file_held_before_is_not_news() {
    let key = anthropic_key();
    with_both(|scratch| {
        let old = format!("{TEXT}{key}\n");
        scratch.write("dir/a.txt", &old);
        scratch.write("b.txt", &old);
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.git(&["mv", "dir/a.txt", "dir/renamed.txt"]);
        scratch.passes(&COMMIT);
        fs::create_dir(scratch.top().join("moved")).unwrap();
        scratch.git(&["mv", "dir/renamed.txt", "moved/renamed.txt"]);
        scratch.add("moved/renamed.txt", format!("zero\n{old}eleven\n"));
        scratch.passes(&COMMIT);
        scratch.git(&["update-index", "--chmod=+x", "b.txt"]);
        scratch.passes(&COMMIT);
        scratch.add("b.txt", format!("zero\n{old}"));
        scratch.passes(&COMMIT);
        scratch.add("b.txt", TEXT);
        scratch.passes(&COMMIT);
        scratch.git(&["rm", "--quiet", "moved/renamed.txt"]);
        scratch.passes(&COMMIT);
    });
}

#[test]
fn an_empty_commit_has_nothing_to_read() {
    let key = anthropic_key();
    hooked(&[("a.txt", &key)], |scratch| {
        scratch.passes(&["commit", "--amend", "-m", "another message"]);
        scratch.passes(&["commit", "--allow-empty", "-m", "nothing"]);
        assert_eq!(scratch.exit_code(), Some(0));
        assert!(scratch.seen().is_empty());
    });
}

/// git tells a hook the same of a commit that replaces HEAD and of one that takes over its author.
#[test]
fn a_commit_that_may_replace_the_last_one_is_looked_at_both_ways() {
    let [key, other, third] = [(); 3].map(|()| anthropic_key());
    let both = format!("{TEXT}{key}\n{other}\n");
    let with_old = format!("{TEXT}{key}\n");
    let committed = [("a.txt", &*both), ("b.txt", &*with_old)];
    hooked(&committed, |scratch| {
        // HEAD takes a key out of one file, and the other file away.
        scratch.add("a.txt", &with_old);
        scratch.git(&["rm", "-q", "b.txt"]);
        scratch.add("c.txt", TEXT);
        let date = "--date=2023-01-01T00:00:00Z";
        scratch.git(&["commit", "-q", "--no-verify", "-m", "mends", date]);
        scratch.set("GIT_EDITOR", "true");
        let ways = [
            &["commit", "-C", "HEAD"][..],
            &["commit", "-c", "HEAD"],
            &["commit", "--amend", "--no-edit"],
        ];
        let refuses = |path: &str, content: &str| {
            scratch.add(path, content);
            for way in ways {
                scratch.is_refused(way);
            }
            scratch.git(&["reset", "-q", "--hard"]);
        };
        // What only HEAD lacks is added by a commit that follows it, and so are the keys of a new file.
        refuses("a.txt", &both);
        refuses("a.txt", &format!("{both}more\n"));
        refuses("b.txt", &with_old);
        refuses("b.txt", &format!("{with_old}more\n"));
        refuses("c.txt", &third);
        // What both have is old, wherever it stands.
        for way in [&ways[0], &ways[2]] {
            scratch.add("a.txt", format!("new\n{with_old}more\n"));
            scratch.add("c.txt", format!("{TEXT}more\n"));
            scratch.passes(way);
            scratch.git(&["reset", "-q", "--hard", "HEAD@{1}"]);
        }
    });
}

#[test]
fn an_amended_commit_is_looked_at_as_a_whole() {
    let [key, other, third] = [(); 3].map(|()| anthropic_key());
    let amend = ["commit", "--amend", "-m", "again"];
    hooked(&[("a.txt", TEXT)], |scratch| {
        let skipping = |date: &str| {
            let date = format!("--date={date}T00:00:00Z");
            scratch.git(&["commit", "-q", "--no-verify", "-m", "skips", &date]);
        };
        scratch.add("a.txt", format!("{TEXT}{key}\n"));
        skipping("2023-01-01");
        scratch.is_refused(&amend);
        scratch.add("b.txt", TEXT);
        scratch.is_refused(&amend);
        // What comes next does not answer for it.
        scratch.passes(&COMMIT);
        scratch.passes(&amend);
        // Nor does what an amended commit had before it.
        scratch.add("b.txt", format!("{TEXT}more\n"));
        skipping("2023-02-01");
        scratch.passes(&amend);
        // A merge answers for what none of its sides has.
        scratch.git(&["checkout", "-q", "-b", "side", "HEAD^"]);
        scratch.add("c.txt", &key);
        skipping("2023-03-01");
        scratch.git(&["checkout", "-q", "-"]);
        scratch.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
        skipping("2023-04-01");
        scratch.passes(&amend);
        scratch.add("d.txt", &other);
        scratch.git(&["commit", "-q", "--amend", "--no-verify", "--no-edit"]);
        scratch.is_refused(&amend);
        // It is mended by being taken out.
        scratch.git(&["rm", "-q", "d.txt"]);
        scratch.passes(&amend);
        // Whoever always commits at one time may do so.
        for text in [&third, TEXT] {
            scratch.add("e.txt", text);
            skipping("2023-05-01");
        }
        scratch.add("e.txt", &third);
        skipping("2023-05-01");
        scratch.add("f.txt", TEXT);
        scratch.passes(&["commit", "-m", "x", "--date=2023-05-01T00:00:00Z"]);
    });
}

#[cfg(unix)]
#[test]
fn a_link_is_its_target_text() {
    use std::os::unix::fs::symlink;
    let key = anthropic_key();
    hooked(&[], |scratch| {
        fs::write(scratch.root().join("outside"), &key).unwrap();
        symlink("../outside", scratch.top().join("link")).unwrap();
        scratch.git(&["add", "link"]);
        scratch.passes(&COMMIT);
        let expected = format!("Added Link \"link\" {} []", digest(b"../outside"));
        assert_eq!(scratch.seen(), [expected]);
        symlink(&key, scratch.top().join("key")).unwrap();
        scratch.git(&["add", "key"]);
        scratch.is_refused(&COMMIT);
    });
}

#[test]
fn of_a_gitlink_the_name_alone_is_seen() {
    hooked(&[], |scratch| {
        let gitlink = format!("160000,{},{}", "1".repeat(40), "nested");
        scratch.git(&["update-index", "--add", "--cacheinfo", &gitlink]);
        scratch.passes(&COMMIT);
        assert!(scratch.seen()[0].starts_with("Added Submodule \"nested\""));
        // In its place, a file is new.
        scratch.git(&["update-index", "--force-remove", "nested"]);
        scratch.add("nested", TEXT);
        scratch.passes(&COMMIT);
        let seen = scratch.seen();
        let is_file = |it: &String| it.starts_with("Added File \"nested\"");
        assert!(seen.iter().any(is_file), "{seen:?}");
    });
}

#[test]
fn a_key_whose_other_half_was_there_is_refused() {
    let header = format!("-----BEGIN RSA {} KEY-----\n", "PRIVATE");
    let footer = format!("-----END RSA {} KEY-----\n", "PRIVATE");
    let body: String = pem_body();
    hooked(
        &[
            ("header.txt", &header),
            ("body.txt", &format!("{body}{footer}")),
        ],
        |scratch| {
            scratch.add("header.txt", format!("{header}{body}{footer}"));
            scratch.is_refused(&COMMIT);
            scratch.git(&["reset", "--quiet", "--hard"]);
            scratch.add("body.txt", format!("{header}{body}{footer}"));
            scratch.is_refused(&COMMIT);
        },
    );
}

/// The body of a PKCS#1 key as far as anybody can see: the lines of the Base64 of its DER head
/// and random numbers.
fn pem_body() -> String {
    let body = format!("MIIEpAIBAAKCAQEA{}", letters(64 * 25 - 16));
    let lines = body.as_bytes().chunks(64);
    lines
        .map(|line| format!("{}\n", String::from_utf8_lossy(line)))
        .collect()
}

#[test]
fn a_pair_of_which_one_half_was_there_is_refused() {
    let id = format!("{}{}", "AKIA", "Q3EGUZ5CTLXWH7NM");
    let secret = letters(40);
    with_both(|scratch| {
        let old = format!("aws_access_key_id = {id}\n");
        scratch.write("credentials.ini", &old);
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.add(
            "credentials.ini",
            format!("{old}aws_secret_access_key = {secret}\n"),
        );
        scratch.is_refused(&COMMIT);
    });
}

#[test]
fn an_old_blob_that_can_not_be_had_makes_every_line_added() {
    let key = anthropic_key();
    hooked(&[("a.txt", &format!("{TEXT}{key}\n"))], |scratch| {
        let file = object(scratch, "HEAD:a.txt");
        scratch.add("a.txt", format!("zero\n{TEXT}{key}\n"));
        fs::remove_file(&file).unwrap();
        scratch.is_refused(&COMMIT);
        scratch.add("a.txt", TEXT);
        // Without this, git reads the old blob itself, to tell how many lines have changed.
        scratch.passes(&["commit", "--quiet", "-m", "change"]);
    });
}

#[test]
fn replacements_change_nothing() {
    let key = anthropic_key();
    hooked(&[("a.txt", TEXT)], |scratch| {
        scratch.add("a.txt", &key);
        let id = scratch.git(&["rev-parse", ":a.txt"]);
        let clean = scratch.git(&["rev-parse", "HEAD:a.txt"]);
        scratch.git(&["replace", &id, &clean]);
        scratch.is_refused(&COMMIT);
        assert!(scratch.seen()[0].contains(&digest(key.as_bytes())));
    });
}
