//! TRAPS "The staged commit" and "git's environment in a hook": real commits, through a hook that
//! runs the real binary, and the same changes seen by both readers.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use crate::scratch::{Reading, Scratch, anthropic_key, digest, run, with_both, with_git};

const COMMIT: [&str; 3] = ["commit", "-m", "change"];

/// Lines of text among which a key may stand.
const TEXT: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n";

#[test]
fn the_blob_counts_and_not_the_working_tree() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.hook("pre-commit");
        scratch.add("a.txt", &key);
        scratch.write("a.txt", "clean\n");
        scratch.is_refused(&COMMIT);
        scratch.git(&["add", "a.txt"]);
        scratch.write("a.txt", &key);
        scratch.passes(&COMMIT);
    });
}

#[test]
fn commit_all_reads_the_index_that_git_made_for_it() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("a.txt", TEXT);
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.write("a.txt", &key);
        scratch.is_refused(&["commit", "-a", "-m", "all"]);
        scratch.write("a.txt", "clean\n");
        scratch.passes(&["commit", "-a", "-m", "all"]);
    });
}

#[test]
fn commit_patch_reads_the_index_that_git_made_for_it() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("a.txt", TEXT);
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.write("a.txt", format!("{key}\n{TEXT}eleven\n"));
        answering(scratch, "y\nn\n", &["commit", "-p", "-m", "the key"]);
        assert_eq!(scratch.hook_code(), Some(1));
        answering(scratch, "n\ny\n", &["commit", "-p", "-m", "the rest"]);
        assert_eq!(scratch.hook_code(), Some(0));
    });
}

/// Runs git with these arguments and answers its questions.
fn answering(scratch: &Scratch, answers: &str, args: &[&str]) {
    let mut git = scratch.command("git");
    let mut child = git
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(answers.as_bytes())
        .unwrap();
    child.wait().unwrap();
}

#[test]
fn commit_path_takes_that_path_alone() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("a.txt", TEXT);
        scratch.write("b.txt", TEXT);
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.add("b.txt", &key);
        scratch.write("a.txt", "clean\n");
        scratch.passes(&["commit", "-m", "another file is staged", "a.txt"]);
        scratch.write("a.txt", &key);
        scratch.is_refused(&["commit", "-m", "this one", "a.txt"]);
    });
}

#[test]
fn in_a_first_commit_everything_is_added() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.hook("pre-commit");
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
fn a_linked_worktree_is_a_worktree() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("sub/a.txt", TEXT);
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.git(&["worktree", "add", "--quiet", "../linked"]);
        let linked = scratch.root().join("linked");
        let sub = linked.join("sub");
        fs::write(sub.join("a.txt"), &key).unwrap();
        for (dir, args) in [
            (&linked, &["commit", "-a", "-m", "x"][..]),
            (&sub, &["commit", "-m", "x", "a.txt"]),
            (&sub, &["-C", "..", "commit", "-a", "-m", "x"]),
        ] {
            scratch.is_refused_in(dir, args);
        }
        fs::write(sub.join("a.txt"), "clean\n").unwrap();
        scratch.passes_in(&sub, &["commit", "-m", "x", "a.txt"]);
        let places = scratch.ask(&sub, &["places"]);
        let root = scratch.root();
        assert_eq!(places[0], format!("worktree {}", linked.display()));
        assert_eq!(
            places[1],
            format!("git {}", root.join("repo/.git/worktrees/linked").display())
        );
        assert_eq!(
            places[2],
            format!("common {}", root.join("repo/.git").display())
        );
        assert_eq!(
            places[3],
            format!("hooks {}", root.join("repo/.git/hooks").display())
        );
    });
}

#[test]
fn a_submodule_is_a_repository() {
    let key = anthropic_key();
    with_both(|scratch| {
        let inner = scratch.root().join("inner");
        fs::create_dir(&inner).unwrap();
        scratch.git_in(&inner, &["init", "--quiet"]);
        scratch.git_in(&inner, &["commit", "--quiet", "--allow-empty", "-m", "x"]);
        scratch.git(&["submodule", "--quiet", "add", "../inner", "module"]);
        scratch.commit_all();
        scratch.hook("pre-commit");
        let module = scratch.top().join("module");
        let hooks = scratch.top().join(".git/modules/module/hooks");
        fs::create_dir_all(&hooks).unwrap();
        fs::copy(
            scratch.top().join(".git/hooks/pre-commit"),
            hooks.join("pre-commit"),
        )
        .unwrap();

        fs::write(module.join("a.txt"), &key).unwrap();
        scratch.git_in(&module, &["add", "a.txt"]);
        scratch.is_refused_in(&module, &COMMIT);
        fs::write(module.join("a.txt"), "clean\n").unwrap();
        scratch.passes_in(&module, &["commit", "-a", "-m", "x"]);
        // The pointer to the submodule's new commit has nothing to read.
        let before = scratch.seen().len();
        scratch.passes(&["commit", "-a", "-m", "pointer"]);
        assert_eq!(scratch.seen().len(), before);
        let places = scratch.ask(&module, &["places"]);
        assert_eq!(places[0], format!("worktree {}", module.display()));
        assert_eq!(places[3], format!("hooks {}", hooks.display()));
    });
}

#[test]
fn a_git_directory_may_be_elsewhere() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("sub/a.txt", TEXT);
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.git(&["init", "--quiet", "--separate-git-dir", "../elsewhere.git"]);
        scratch.add("sub/a.txt", &key);
        scratch.is_refused(&COMMIT);
        let root = scratch.root();
        scratch.is_refused_in(&scratch.top().join("sub"), &COMMIT);
        // Now nothing in the working tree tells where the repository is.
        fs::remove_file(scratch.top().join(".git")).unwrap();
        for (dir, git_dir, work_tree) in [
            ("repo", "../elsewhere.git", None),
            ("repo", "../elsewhere.git", Some(".")),
            ("repo/sub", "../../elsewhere.git", Some("..")),
            ("home", "../elsewhere.git", Some("../repo")),
        ] {
            let mut args = vec![format!("--git-dir={git_dir}")];
            args.extend(work_tree.map(|tree| format!("--work-tree={tree}")));
            args.extend(COMMIT.map(String::from));
            let ran = run(scratch
                .command("git")
                .current_dir(root.join(dir))
                .args(&args));
            assert_eq!(ran.code, Some(1), "{args:?}: {}", ran.stderr);
            assert_eq!(scratch.hook_code(), Some(1), "{args:?}: {}", ran.stderr);
        }
        let seen = scratch.seen();
        assert_eq!(seen.len(), 6);
        assert!(seen.iter().all(|line| *line == seen[0]), "{seen:?}");
    });
}

#[test]
fn a_subdirectory_is_as_good_as_the_top() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("sub/a.txt", TEXT);
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.add("sub/a.txt", &key);
        scratch.is_refused_in(&scratch.top().join("sub"), &COMMIT);
        scratch.is_refused_in(&scratch.top().join("sub"), &["commit", "-m", "x", "a.txt"]);
        // A relative index is relative to the top, wherever git is started.
        scratch.set("GIT_INDEX_FILE", ".git/index");
        let from_sub = scratch.ask(&scratch.top().join("sub"), &[""]);
        assert_eq!(from_sub, scratch.ask(scratch.top(), &[""]));
        assert!(
            from_sub[0].starts_with("Modified File \"sub/a.txt\""),
            "{from_sub:?}"
        );
    });
}

#[test]
fn an_index_that_is_not_where_git_says_is_an_error() {
    with_both(|scratch| {
        scratch.write("a.txt", TEXT);
        scratch.commit_all();
        scratch.set("GIT_INDEX_FILE", "no/such/index");
        assert_eq!(scratch.exit_code(), Some(3));
    });
}

#[test]
fn a_rename_with_a_new_key_is_refused() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("a.txt", TEXT);
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.git(&["mv", "a.txt", "b.txt"]);
        scratch.add("b.txt", format!("{TEXT}{key}\n"));
        scratch.is_refused(&COMMIT);
        let [seen] = &scratch.seen()[..] else {
            panic!("{:?}", scratch.seen())
        };
        assert!(seen.starts_with("Added File \"b.txt\""), "{seen}");
        assert!(
            seen.ends_with(&format!("[{:?}]", digest(TEXT.as_bytes()))),
            "{seen}"
        );
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
    with_both(|scratch| {
        scratch.write("a.txt", &key);
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.passes(&["commit", "--amend", "-m", "another message"]);
        scratch.passes(&["commit", "--allow-empty", "-m", "nothing"]);
        assert_eq!(scratch.exit_code(), Some(0));
        assert!(scratch.seen().is_empty());
    });
}

#[cfg(unix)]
#[test]
fn a_link_is_its_target_text() {
    use std::os::unix::fs::symlink;
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.hook("pre-commit");
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
fn a_gitlink_is_skipped() {
    with_both(|scratch| {
        scratch.hook("pre-commit");
        let gitlink = format!("160000,{},{}", "1".repeat(40), "nested");
        scratch.git(&["update-index", "--add", "--cacheinfo", &gitlink]);
        scratch.passes(&COMMIT);
        assert!(scratch.seen().is_empty());
        // In its place, a file is new.
        scratch.git(&["update-index", "--force-remove", "nested"]);
        scratch.add("nested", TEXT);
        scratch.passes(&COMMIT);
        assert!(scratch.seen()[0].starts_with("Added File \"nested\""));
    });
}

#[test]
fn what_is_only_announced_is_not_committed() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("gone.txt", TEXT);
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.write("key.txt", &key);
        scratch.write(".env", "A=1\n");
        scratch.write(".keyward.toml", "# this is not staged either\n");
        scratch.git(&["add", "-N", "--force", "key.txt", ".env", ".keyward.toml"]);
        scratch.git(&["rm", "--quiet", "--cached", "gone.txt"]);
        scratch.git(&["add", "-N", "gone.txt"]);
        scratch.add("sub/a.txt", TEXT);
        assert_eq!(
            scratch.ask(scratch.top(), &["indexed", ".keyward.toml"]),
            [".keyward.toml Ok(None)"]
        );
        let before = scratch.seen().len();
        scratch.passes(&COMMIT);
        let text = digest(TEXT.as_bytes());
        // That `gone.txt` is deleted makes it what the new file may have been.
        assert_eq!(
            scratch.seen()[before..],
            [format!("Added File \"sub/a.txt\" {text} [{text:?}]")]
        );
    });
}

/// Two branches with a conflict in `a.txt`; `theirs` also adds a file.
fn diverge(scratch: &Scratch, ours: &str, theirs: &str, theirs_new: &str) {
    scratch.write("a.txt", TEXT);
    scratch.commit_all();
    scratch.git(&["checkout", "--quiet", "-b", "theirs"]);
    scratch.write("a.txt", TEXT.replace("five\n", theirs));
    scratch.write("theirs.txt", theirs_new);
    scratch.commit_all();
    scratch.git(&["checkout", "--quiet", "main"]);
    scratch.write("a.txt", TEXT.replace("five\n", ours));
    scratch.commit_all();
}

#[test]
fn a_merge_with_a_conflict_is_judged_by_its_resolution() {
    let (key, other, typed) = (anthropic_key(), anthropic_key(), anthropic_key());
    with_both(|scratch| {
        let theirs = format!("theirs {key}\n");
        diverge(scratch, "ours\n", &theirs, &format!("{other}\n"));
        scratch.hook("pre-commit");
        assert_ne!(scratch.try_git(&["merge", "theirs"]).code, Some(0));
        // Before it is resolved, nothing of it can be committed.
        assert_eq!(scratch.ask(scratch.top(), &[""]), [""; 0]);
        scratch.add(
            "a.txt",
            TEXT.replace("five\n", &format!("ours\n{theirs}{typed}\n")),
        );
        scratch.is_refused(&["commit", "--no-edit"]);
        scratch.add("a.txt", TEXT.replace("five\n", &format!("ours\n{theirs}")));
        let before = scratch.seen().len();
        scratch.passes(&["commit", "--no-edit"]);
        // What is theirs alone is no change at all, and both sides count as replaced.
        let seen = &scratch.seen()[before..];
        assert_eq!(seen.len(), 1);
        for old in ["ours\n", &theirs] {
            assert!(
                seen[0].contains(&digest(TEXT.replace("five\n", old).as_bytes())),
                "{seen:?}"
            );
        }
    });
}

#[test]
fn a_key_added_to_a_merge_that_waits_is_refused() {
    let (key, typed) = (anthropic_key(), anthropic_key());
    with_both(|scratch| {
        diverge(scratch, "five\n", "five\n", &format!("{key}\n"));
        scratch.hook("pre-commit");
        scratch.git(&["merge", "--quiet", "--no-commit", "theirs"]);
        scratch.add("new.txt", &typed);
        scratch.is_refused(&["commit", "--no-edit"]);
        scratch.git(&["rm", "--quiet", "--force", "new.txt"]);
        scratch.passes(&["commit", "--no-edit"]);
    });
}

#[test]
fn a_clean_merge_brings_nothing_new() {
    let (key, typed) = (anthropic_key(), anthropic_key());
    with_both(|scratch| {
        diverge(scratch, "five\n", "five\n", &format!("{key}\n"));
        scratch.git(&["checkout", "--quiet", "-b", "third", "HEAD~1"]);
        scratch.write("third.txt", &typed);
        scratch.commit_all();
        scratch.git(&["checkout", "--quiet", "main"]);
        scratch.hook("pre-merge-commit");
        scratch.passes(&["merge", "--quiet", "--no-edit", "theirs", "third"]);
        assert!(scratch.seen().is_empty(), "{:?}", scratch.seen());
    });
}

#[test]
fn a_key_whose_other_half_was_there_is_refused() {
    let header = format!("-----BEGIN RSA {} KEY-----\n", "PRIVATE");
    let footer = format!("-----END RSA {} KEY-----\n", "PRIVATE");
    let body: String = pem_body();
    with_both(|scratch| {
        scratch.write("header.txt", &header);
        scratch.write("body.txt", format!("{body}{footer}"));
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.add("header.txt", format!("{header}{body}{footer}"));
        scratch.is_refused(&COMMIT);
        scratch.git(&["reset", "--quiet", "--hard"]);
        scratch.add("body.txt", format!("{header}{body}{footer}"));
        scratch.is_refused(&COMMIT);
    });
}

/// The body of a PKCS#1 key as far as anybody can see: the lines of the Base64 of its DER head
/// and random numbers.
fn pem_body() -> String {
    let mut random = String::from("MIIEpAIBAAKCAQEA");
    while random.len() < 64 * 25 {
        random.extend(
            anthropic_key()[13..]
                .chars()
                .filter(char::is_ascii_alphanumeric),
        );
    }
    random.truncate(64 * 25);
    random
        .as_bytes()
        .chunks(64)
        .map(|line| format!("{}\n", String::from_utf8_lossy(line)))
        .collect()
}

#[test]
fn a_pair_of_which_one_half_was_there_is_refused() {
    let id = format!("{}{}", "AKIA", "Q3EGUZ5CTLXWH7NM");
    let random: String = anthropic_key()[13..]
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let secret = &random[..40];
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
fn every_encoding_that_editors_write_is_read() {
    let text = format!("ANTHROPIC_API_KEY={}\r\n", anthropic_key());
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    with_both(|scratch| {
        scratch.hook("pre-commit");
        for content in [
            [b"\xff\xfe", &le[..]].concat(),
            [b"\xfe\xff", &be[..]].concat(),
            le.clone(),
            be.clone(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\0\0text\0", text.as_bytes()].concat(),
            [b"caf\xe9\n", text.as_bytes()].concat(),
        ] {
            scratch.add("a.txt", content);
            scratch.is_refused(&COMMIT);
        }
    });
}

/// Programs that a repository's settings name, none of which may run: each leaves a mark.
fn trap(scratch: &Scratch) -> (PathBuf, String) {
    let mark = scratch.root().join("ran");
    let program = scratch.root().join("program");
    fs::write(
        &program,
        format!("#!/bin/sh\ntouch '{}'\ncat\n", mark.display()),
    )
    .unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    (mark, program.to_str().unwrap().to_owned())
}

#[test]
fn attributes_and_settings_of_diffs_have_no_say() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("a.txt", TEXT);
        scratch.commit_all();
        let (mark, program) = trap(scratch);
        for (name, value) in [
            ("diff.external", &*program),
            ("diff.bad.command", &program),
            ("diff.bad.textconv", &program),
            ("diff.bad.binary", "true"),
            ("color.ui", "always"),
            ("diff.noprefix", "true"),
            ("diff.mnemonicPrefix", "true"),
            ("diff.submodule", "log"),
            ("diff.ignoreSubmodules", "all"),
            ("diff.renames", "copies"),
            ("diff.relative", "true"),
            ("diff.orderFile", "no-such-file"),
            ("core.quotePath", "true"),
            ("core.pager", &program),
            ("core.attributesFile", "../attributes"),
            ("alias.diff-index", "!false"),
            ("alias.cat-file", "!false"),
        ] {
            scratch.git(&["config", name, value]);
        }
        scratch.set("GIT_EXTERNAL_DIFF", &program);
        scratch.hook("pre-commit");
        for line in ["* -diff\n", "* binary\n", "* diff=bad\n", "* -text -diff\n"] {
            for file in [".git/info/attributes", "../attributes", ".gitattributes"] {
                scratch.write(file, line);
                scratch.add("a.txt", [TEXT.as_bytes(), key.as_bytes()].concat());
                scratch.is_refused(&COMMIT);
                assert!(!mark.exists(), "{file}: {line}");
                fs::remove_file(scratch.top().join(file)).unwrap();
                scratch.git(&["reset", "--quiet", "--hard"]);
            }
        }
    });
}

#[test]
fn reading_runs_no_program_that_the_repository_names() {
    let key = anthropic_key();
    for reading in [Reading::Default, Reading::Libgit2, Reading::Git] {
        let scratch = Scratch::new(reading);
        scratch.write("a.txt", TEXT);
        scratch.commit_all();
        scratch.add("a.txt", &key);
        scratch.add(".env", "A=1\n");
        scratch.write("new.txt", "");
        let (mark, program) = trap(&scratch);
        for (name, value) in [
            ("core.fsmonitor", &*program),
            ("core.hooksPath", scratch.root().to_str().unwrap()),
            ("core.sshCommand", &program),
            ("core.askPass", &program),
            ("core.editor", &program),
            ("core.alternateRefsCommand", &program),
            ("credential.helper", &program),
            ("filter.bad.clean", &program),
            ("filter.bad.smudge", &program),
            ("filter.bad.process", &program),
            ("gpg.program", &program),
            ("pager.cat-file", &program),
            ("uploadpack.packObjectsHook", &program),
        ] {
            scratch.git(&["config", name, value]);
        }
        fs::copy(&program, scratch.root().join("post-index-change")).unwrap();
        scratch.write(".git/info/attributes", "* filter=bad\n");
        for question in [&[""][..], &["worktree"], &["indexed", "a.txt"], &["places"]] {
            let told = scratch.ask(scratch.top(), question);
            assert!(
                !told.is_empty() && !told[0].starts_with("error"),
                "{told:?}"
            );
            assert!(!mark.exists(), "{reading:?} {question:?}");
        }
        assert_eq!(scratch.exit_code(), Some(1));
        assert!(!mark.exists(), "{reading:?}");
    }
}

#[test]
fn a_filter_decides_what_is_committed() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.git(&["config", "filter.crypt.clean", "tr a-zA-Z0-9 x"]);
        scratch.git(&["config", "filter.crypt.required", "true"]);
        scratch.write(".gitattributes", "*.secret filter=crypt\n");
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.add("a.secret", &key);
        scratch.passes(&COMMIT);
        let committed = scratch.git(&["cat-file", "blob", "HEAD:a.secret"]);
        assert!(scratch.seen()[0].contains(&digest(committed.as_bytes())));
        assert!(!committed.contains(&key));
    });
}

#[test]
fn line_ends_are_those_of_the_blob() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("a.txt", format!("{key}\nend\n"));
        scratch.commit_all();
        scratch.git(&["config", "core.autocrlf", "true"]);
        scratch.hook("pre-commit");
        scratch.add("a.txt", format!("{key}\r\nanother end\r\n"));
        scratch.passes(&COMMIT);
        let unix = format!("{key}\nanother end\n");
        assert!(scratch.seen()[0].contains(&digest(unix.as_bytes())));
    });
}

#[test]
fn an_lfs_pointer_is_all_there_is_to_read() {
    let pointer = format!(
        "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n",
        "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
    );
    with_both(|scratch| {
        scratch.hook("pre-commit");
        scratch.add("model.bin", &pointer);
        let ran = scratch.try_git(&COMMIT);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stderr.contains("model.bin"), "{}", ran.stderr);
    });
}

#[test]
fn any_name_that_git_can_commit_is_read() {
    let key = anthropic_key();
    let mut names: Vec<Vec<u8>> = [
        " a b ",
        "a\nb",
        "\"a\"",
        "'a'",
        "-n",
        "--help",
        "a\tb",
        "a\\b",
        "üñí",
        "e\u{301}",
        "a\u{1b}[31mb",
        ":(top)a",
        ":0:a",
        "*",
        "[a]",
        "a;b",
        "$HOME",
        "a\rb",
        "\u{202e}txt.a",
        "d/-x/ y",
    ]
    .iter()
    .map(|name| name.as_bytes().to_vec())
    .collect();
    names.push(b"\xff\xfe".to_vec());
    with_both(|scratch| {
        scratch.hook("pre-commit");
        let id = {
            scratch.write("../key", &key);
            scratch.git(&["hash-object", "-w", "../key"])
        };
        for name in &names {
            scratch.git(&["read-tree", "--empty"]);
            let mut git = scratch.command("git");
            let mut child = git
                .args(["update-index", "-z", "--index-info"])
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            let line = [format!("100644 {id}\t").as_bytes(), name, b"\0"].concat();
            child.stdin.take().unwrap().write_all(&line).unwrap();
            assert!(child.wait().unwrap().success());
            let told = scratch.is_refused(&COMMIT);
            let rude = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!told.contains(rude), "{told:?}");
        }
        assert_eq!(scratch.seen().len(), names.len());
    });
}

#[test]
fn size_hides_nothing() {
    let key = anthropic_key();
    let line = "2024-01-01T00:00:00Z INFO request served in 12 ms, nothing to see here at all\n";
    let log = [
        line.repeat(60_000_000 / line.len()).as_bytes(),
        key.as_bytes(),
    ]
    .concat();
    let mut one_line = "var a={b:1};".repeat(20_000_000 / 12).into_bytes();
    one_line.extend_from_slice(format!("k=\"{key}\";").as_bytes());
    with_both(|scratch| {
        scratch.git(&["config", "core.compression", "1"]);
        scratch.hook("pre-commit");
        for content in [&log, &one_line] {
            scratch.add("a.txt", content);
            scratch.is_refused(&COMMIT);
        }
    });
}

#[test]
fn number_hides_nothing() {
    let key = anthropic_key();
    with_both(|scratch| {
        fast_import(scratch, 50_000, &key);
        scratch.git(&["read-tree", "many"]);
        // Only here it is worth the time to look from a first commit and from a later one.
        assert_eq!(scratch.exit_code(), Some(1));
        scratch.git(&["update-ref", "HEAD", "many"]);
        assert_eq!(scratch.exit_code(), Some(0));
        let id = scratch.git(&["rev-parse", ":d7/f1750"]);
        scratch.git(&[
            "update-index",
            "--add",
            "--cacheinfo",
            &format!("100644,{id},d7/new"),
        ]);
        let seen = scratch.ask(scratch.top(), &[""]);
        assert_eq!(seen.len(), 1);
        assert!(seen[0].starts_with("Added File \"d7/new\""), "{seen:?}");
    });
}

/// A branch `many` with that many small files, of which the last has the key.
fn fast_import(scratch: &Scratch, count: usize, key: &str) {
    let mut git = scratch.command("git");
    let mut child = git
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stream = format!("blob\nmark :1\ndata {}\n{TEXT}\n", TEXT.len());
    stream.push_str(&format!("blob\nmark :2\ndata {}\n{key}\n", key.len()));
    stream.push_str("commit refs/heads/many\ncommitter a <a@b> 0 +0000\ndata 0\n");
    for file in 0..count {
        let mark = if file + 1 == count { 2 } else { 1 };
        stream.push_str(&format!("M 100644 :{mark} d{}/f{file}\n", file / 250));
    }
    child
        .stdin
        .take()
        .unwrap()
        .write_all(stream.as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
}

/// A key on an added line is found, and a clean change passes, with the index and the objects as
/// they are.
fn works(scratch: &Scratch, key: &str) {
    scratch.hook("pre-commit");
    let before = scratch.seen().len();
    scratch.add("dir/a.txt", format!("{TEXT}{key}\n"));
    scratch.is_refused(&COMMIT);
    scratch.add("dir/a.txt", format!("{TEXT}eleven\n"));
    scratch.passes(&COMMIT);
    let seen = scratch.seen().split_off(before);
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(
        seen.iter()
            .all(|line| line.starts_with("Modified File \"dir/a.txt\"")),
        "{seen:?}"
    );
    assert!(
        seen.iter()
            .all(|line| line.ends_with(&format!("[{:?}]", digest(TEXT.as_bytes())))),
        "{seen:?}"
    );
}

fn some_files(scratch: &Scratch) {
    for dir in ["dir", "dir/sub", "other", "other/sub", "third"] {
        scratch.write(format!("{dir}/a.txt"), TEXT);
        scratch.write(format!("{dir}/b.txt"), "b\n");
    }
    scratch.commit_all();
}

#[test]
fn every_index_that_libgit2_can_read() {
    let key = anthropic_key();
    for settings in [
        &[("index.version", "2")][..],
        &[("index.version", "4")],
        &[("index.skipHash", "true")],
        &[("feature.manyFiles", "true")],
        &[("core.untrackedCache", "true")],
        &[
            ("index.recordEndOfIndexEntries", "true"),
            ("index.recordOffsetTable", "true"),
            ("index.threads", "2"),
        ],
        &[("core.ignoreCase", "true")],
        &[("core.compression", "0"), ("pack.indexVersion", "1")],
    ] {
        with_both(|scratch| {
            for (name, value) in settings {
                scratch.git(&["config", name, value]);
            }
            some_files(scratch);
            scratch.git(&["update-index", "--untracked-cache"]);
            scratch.git(&["status", "--short"]);
            scratch.git(&["gc", "--quiet"]);
            works(scratch, &key);
        });
    }
}

#[test]
fn an_index_with_a_monitor() {
    let key = anthropic_key();
    with_both(|scratch| {
        some_files(scratch);
        let (_, program) = trap(scratch);
        fs::write(&program, "#!/bin/sh\nprintf 'token\\0/\\0'\n").unwrap();
        scratch.git(&["config", "core.fsmonitor", &program]);
        scratch.git(&["config", "core.fsmonitorHookVersion", "2"]);
        scratch.git(&["update-index", "--fsmonitor"]);
        scratch.git(&["status", "--short"]);
        let index = fs::read(scratch.top().join(".git/index")).unwrap();
        assert!(index.windows(4).any(|bytes| bytes == b"FSMN"));
        works(scratch, &key);
    });
}

#[test]
fn objects_of_another_repository() {
    let key = anthropic_key();
    with_both(|scratch| {
        some_files(scratch);
        let store = scratch.root().join("store");
        fs::rename(scratch.top().join(".git/objects"), &store).unwrap();
        fs::create_dir_all(scratch.top().join(".git/objects/info")).unwrap();
        scratch.write(
            ".git/objects/info/alternates",
            format!("{}\n", store.display()),
        );
        works(scratch, &key);
    });
    with_both(|scratch| {
        some_files(scratch);
        let store = scratch.root().join("store");
        fs::rename(scratch.top().join(".git/objects"), &store).unwrap();
        fs::create_dir_all(scratch.top().join(".git/objects")).unwrap();
        scratch.set("GIT_ALTERNATE_OBJECT_DIRECTORIES", store.to_str().unwrap());
        works(scratch, &key);
    });
}

#[test]
fn what_libgit2_refuses_git_reads() {
    let key = anthropic_key();
    with_git(&["--object-format=sha256"], |scratch| {
        some_files(scratch);
        works(scratch, &key);
    });
    with_git(&["--ref-format=reftable"], |scratch| {
        some_files(scratch);
        works(scratch, &key);
    });
    with_git(&[], |scratch| {
        some_files(scratch);
        scratch.git(&["update-index", "--split-index"]);
        scratch.git(&["config", "core.splitIndex", "true"]);
        works(scratch, &key);
    });
    with_git(&[], |scratch| {
        some_files(scratch);
        scratch.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "dir"]);
        works(scratch, &key);
    });
}

#[test]
fn libgit2_alone_is_never_clean_where_it_can_not_read() {
    for (init, spoil) in [
        (&["--object-format=sha256"][..], None),
        (&["--ref-format=reftable"], None),
        (&[], Some(&["update-index", "--split-index"][..])),
        (
            &[],
            Some(&["sparse-checkout", "set", "--cone", "--sparse-index", "dir"]),
        ),
    ] {
        let scratch = Scratch::init(Reading::Libgit2, init);
        some_files(&scratch);
        if let Some(spoil) = spoil {
            scratch.git(spoil);
        }
        let told = scratch.ask(scratch.top(), &[""]);
        assert!(told[0].starts_with("error"), "{told:?}");
        assert_eq!(scratch.exit_code(), Some(3));
    }
}

/// The file of a loose object.
fn object(scratch: &Scratch, name: &str) -> PathBuf {
    let id = scratch.git(&["rev-parse", name]);
    scratch
        .top()
        .join(".git/objects")
        .join(&id[..2])
        .join(&id[2..])
}

#[test]
fn a_new_blob_that_can_not_be_had_is_an_error() {
    with_both(|scratch| {
        scratch.hook("pre-commit");
        scratch.add("a.txt", TEXT);
        scratch.add("b.txt", "b\n");
        let file = object(scratch, ":a.txt");
        fs::remove_file(&file).unwrap();
        assert_eq!(scratch.exit_code(), Some(3));
        for rubbish in [&b""[..], b"rubbish"] {
            fs::write(&file, rubbish).unwrap();
            assert_eq!(scratch.exit_code(), Some(3), "{rubbish:?}");
        }
        // The others are still read.
        let seen = scratch.ask(scratch.top(), &[""]);
        assert!(seen[0].contains("unreadable"), "{seen:?}");
        assert!(seen[1].contains(&digest(b"b\n")), "{seen:?}");
    });
}

#[test]
fn an_old_blob_that_can_not_be_had_makes_every_line_added() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("a.txt", format!("{TEXT}{key}\n"));
        scratch.commit_all();
        scratch.hook("pre-commit");
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
fn a_partial_clone_fetches_nothing() {
    let key = anthropic_key();
    for reading in [Reading::Default, Reading::Git] {
        let scratch = Scratch::new(reading);
        scratch.write("a.txt", format!("{TEXT}{key}\n"));
        scratch.commit_all();
        scratch.git(&["config", "uploadpack.allowFilter", "true"]);
        let url = format!("file://{}", scratch.top().display());
        let clone = scratch.root().join("clone");
        scratch.git(&[
            "clone",
            "--quiet",
            "--no-checkout",
            "--filter=blob:none",
            &url,
            "../clone",
        ]);
        fs::write(clone.join("a.txt"), format!("zero\n{TEXT}{key}\n")).unwrap();
        scratch.git_in(&clone, &["add", "a.txt"]);
        let before = scratch.git_in(&clone, &["count-objects", "-v"]);
        let seen = scratch.ask(&clone, &[""]);
        assert_eq!(seen.len(), 1);
        assert!(seen[0].ends_with("[]"), "{seen:?}");
        assert_eq!(scratch.git_in(&clone, &["count-objects", "-v"]), before);
    }
}

#[test]
fn replacements_change_nothing() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("a.txt", TEXT);
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.add("a.txt", &key);
        let id = scratch.git(&["rev-parse", ":a.txt"]);
        let clean = scratch.git(&["rev-parse", "HEAD:a.txt"]);
        scratch.git(&["replace", &id, &clean]);
        scratch.is_refused(&COMMIT);
        assert!(scratch.seen()[0].contains(&digest(key.as_bytes())));
    });
}

#[test]
fn what_git_refuses_is_refused_with_its_reason() {
    let mut scratch = Scratch::new(Reading::Git);
    scratch.commit_all();
    scratch.set("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    let ran = scratch.keyward(&["hook", "pre-commit"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(ran.stderr.contains("dubious ownership"), "{}", ran.stderr);
    assert!(ran.stderr.contains("safe.directory"), "{}", ran.stderr);
    let told = scratch.ask(scratch.top(), &[""]);
    assert!(
        told[0].contains("git config --global --add safe.directory"),
        "{told:?}"
    );
}

#[test]
fn what_can_not_be_read_is_an_error() {
    for (file, content) in [
        (".git/config", "[core\n"),
        (".git/HEAD", "rubbish"),
        (".git/index", "rubbish"),
        (".git/index", "DIRC\0\0\0\x02\0\0\0\x05"),
    ] {
        for reading in [Reading::Default, Reading::Libgit2, Reading::Git] {
            let scratch = Scratch::new(reading);
            scratch.write("a.txt", TEXT);
            scratch.commit_all();
            scratch.write(file, content);
            let told = scratch.ask(scratch.top(), &[""]);
            assert!(told[0].starts_with("error"), "{reading:?} {file}: {told:?}");
            assert_eq!(scratch.exit_code(), Some(3), "{reading:?} {file}");
        }
    }
    for reading in [Reading::Default, Reading::Git] {
        let scratch = Scratch::new(reading);
        scratch.write("a.txt", TEXT);
        scratch.commit_all();
        fs::remove_file(object(&scratch, "HEAD^{tree}")).unwrap();
        scratch.add("a.txt", "another\n");
        assert_eq!(scratch.exit_code(), Some(3));
        let nowhere = scratch.ask(&scratch.root(), &[""]);
        assert!(nowhere[0].contains("not a git repository"), "{nowhere:?}");
    }
}

/// Trees and indexes of every shape: names that sort unlike their directories, files where
/// directories were, unmerged and announced entries, caches that are half valid.
#[test]
fn readers_agree_on_whatever_git_can_hold() {
    const NAMES: [&str; 12] = [
        "a", "a.b", "a/b", "a/b/c", "a0", "a0/b", "ab", "ab/c", "b/a", "b/a.c/d", "b/a/d", "b0",
    ];
    let mut scratch = Scratch::new(Reading::Git);
    let blobs: Vec<String> = ["x\n", "y\n", "z\n"]
        .iter()
        .map(|content| {
            scratch.write("../blob", content);
            scratch.git(&["hash-object", "-w", "../blob"])
        })
        .collect();
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut total = 0;
    for round in 0..40 {
        for half in 0..2 {
            if half == 1 {
                scratch.git(&["commit", "--quiet", "--allow-empty", "-m", "x"]);
            }
            let mut info = String::new();
            for _ in 0..6 {
                let name = NAMES[random(NAMES.len())];
                let id = &blobs[random(3)];
                match random(8) {
                    0 | 1 => info.push_str(&format!("0 {} 0\t{name}\n", "0".repeat(40))),
                    2 => info.push_str(&format!("120000 {id} 0\t{name}\n")),
                    3 => info.push_str(&format!("160000 {id} 0\t{name}\n")),
                    4 => info.push_str(&format!("100755 {id} 0\t{name}\n")),
                    5 if half == 1 => info.push_str(&format!(
                        "0 {0} 0\t{name}\n100644 {id} 1\t{name}\n100644 {id} 2\t{name}\n",
                        "0".repeat(40)
                    )),
                    _ => info.push_str(&format!("100644 {id} 0\t{name}\n")),
                }
            }
            let mut git = scratch.command("git");
            let mut child = git
                .args(["update-index", "--index-info"])
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            child
                .stdin
                .take()
                .unwrap()
                .write_all(info.as_bytes())
                .unwrap();
            assert!(child.wait().unwrap().success());
        }
        if round % 4 == 0 {
            scratch.git(&["update-index", "--index-version", ["2", "4"][round / 4 % 2]]);
        }
        scratch.read_with(Reading::Git);
        let by_git = scratch.ask(scratch.top(), &[""]);
        scratch.read_with(Reading::Libgit2);
        let by_libgit2 = scratch.ask(scratch.top(), &[""]);
        assert_eq!(by_git, by_libgit2, "round {round}");
        total += by_git.len();
        scratch.git(&["read-tree", "HEAD"]);
    }
    assert!(total > 50, "{total}");
}

#[test]
fn the_working_tree_is_listed_as_git_would_add_it() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("tracked.txt", "old\n");
        scratch.write("gone.txt", "old\n");
        scratch.write("sub/tracked.txt", "old\n");
        scratch.write(".gitignore", "*.log\n");
        scratch.commit_all();
        fs::remove_file(scratch.top().join("gone.txt")).unwrap();
        scratch.write("tracked.txt", &key);
        scratch.write("new.txt", "new\n");
        scratch.write("ignored.log", &key);
        scratch.write("sub/new.txt", "new\n");
        let kept = digest(b"*.log\n");
        let (old, new) = (digest(b"old\n"), digest(b"new\n"));
        let key = digest(key.as_bytes());
        let all = [
            format!("Modified File \".gitignore\" {kept} []"),
            format!("Added File \"new.txt\" {new} []"),
            format!("Added File \"sub/new.txt\" {new} []"),
            format!("Modified File \"sub/tracked.txt\" {old} []"),
            format!("Modified File \"tracked.txt\" {key} []"),
        ];
        let sub = scratch.top().join("sub");
        assert_eq!(scratch.ask(scratch.top(), &["worktree"]), all);
        assert_eq!(scratch.ask(&sub, &["worktree"]), all);
        assert_eq!(scratch.ask(scratch.top(), &["worktree", "sub"]), all[2..4]);
        assert_eq!(scratch.ask(&sub, &["worktree", "."]), all[2..4]);
        assert_eq!(
            scratch.ask(&sub, &["worktree", "../new.txt", "tracked.txt"]),
            [&*all[1], &all[3]]
        );
    });
}

#[test]
fn files_are_staged_and_unstaged_by_their_exact_path() {
    with_both(|scratch| {
        scratch.write("sub/*.txt", "star\n");
        scratch.write("sub/a.txt", "a\n");
        scratch.write("-n", "dash\n");
        let sub = scratch.top().join("sub");
        let staged = || scratch.git(&["ls-files"]);
        assert_eq!(scratch.ask(&sub, &["stage", "sub/*.txt"]), [""; 0]);
        assert_eq!(staged(), "sub/*.txt");
        assert_eq!(scratch.ask(&sub, &["stage", "-n"]), [""; 0]);
        assert_eq!(scratch.ask(&sub, &["unstage", "sub/*.txt"]), [""; 0]);
        assert_eq!(staged(), "-n");
        assert_eq!(scratch.ask(&sub, &["unstage", "-n"]), [""; 0]);
        assert_eq!(staged(), "");
        assert!(scratch.top().join("-n").exists());
        assert!(scratch.ask(&sub, &["stage", "absent"])[0].starts_with("error"));
    });
}

#[test]
fn hooks_are_where_git_looks() {
    with_both(|scratch| {
        scratch.write("sub/a.txt", TEXT);
        let sub = scratch.top().join("sub");
        let places = scratch.ask(&sub, &["places"]);
        assert_eq!(
            places[3],
            format!("hooks {}", scratch.top().join(".git/hooks").display())
        );
        assert_eq!(places[4], "setting None");
        scratch.git(&["config", "core.hooksPath", ".husky/_"]);
        let places = scratch.ask(&sub, &["places"]);
        assert_eq!(
            places[3],
            format!("hooks {}", scratch.top().join(".husky/_").display())
        );
        assert!(
            places[4].starts_with("setting Some((\".husky/_\", "),
            "{}",
            places[4]
        );
        assert!(places[4].contains(".git/config"), "{}", places[4]);
        let shared = scratch.root().join("shared");
        scratch.git(&["config", "--unset", "core.hooksPath"]);
        scratch.git(&[
            "config",
            "--global",
            "core.hooksPath",
            shared.to_str().unwrap(),
        ]);
        let places = scratch.ask(&sub, &["places"]);
        assert_eq!(places[3], format!("hooks {}", shared.display()));
        assert!(places[4].contains("home/.gitconfig"), "{}", places[4]);
    });
}

#[test]
fn small_files_are_read_as_staged() {
    with_both(|scratch| {
        scratch.add(".keyward.toml", "staged\n");
        scratch.write(".keyward.toml", "not staged\n");
        scratch.add("a\nb/.gitignore", "x\n");
        let staged = digest(b"staged\n");
        let told = scratch.ask(
            scratch.top(),
            &["indexed", ".keyward.toml", ".keyward.allow"],
        );
        assert_eq!(
            told,
            [
                format!(".keyward.toml Ok(Some({staged:?}))"),
                ".keyward.allow Ok(None)".into()
            ]
        );
        #[cfg(unix)]
        {
            fs::remove_file(scratch.top().join(".keyward.toml")).unwrap();
            std::os::unix::fs::symlink("/etc/passwd", scratch.top().join(".keyward.toml")).unwrap();
            scratch.git(&["add", ".keyward.toml"]);
            let told = scratch.ask(scratch.top(), &["indexed", ".keyward.toml"]);
            assert!(told[0].contains("symbolic link"), "{told:?}");
        }
    });
}

#[test]
fn the_environment_of_a_hook_is_not_of_another_repository() {
    let key = anthropic_key();
    for reading in [Reading::Default, Reading::Git] {
        let mut scratch = Scratch::new(reading);
        scratch.add("a.txt", &key);
        let other = scratch.root().join("other");
        fs::create_dir(&other).unwrap();
        scratch.git_in(&other, &["init", "--quiet"]);
        fs::write(other.join("b.txt"), TEXT).unwrap();
        scratch.git_in(&other, &["add", "b.txt"]);
        let git_dir = scratch.top().join(".git");
        scratch.set("GIT_DIR", git_dir.to_str().unwrap());
        scratch.set("GIT_INDEX_FILE", git_dir.join("index").to_str().unwrap());
        scratch.set(
            "GIT_WORK_TREE",
            scratch.top().to_str().unwrap().to_owned().as_str(),
        );
        let seen = scratch.ask(scratch.top(), &["other", other.to_str().unwrap()]);
        assert_eq!(
            seen,
            [format!(
                "Added File \"b.txt\" {} []",
                digest(TEXT.as_bytes())
            )]
        );
    }
}
