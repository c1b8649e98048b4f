//! Every hook, as `keyward install` sets it, under real git.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::{Ran, Reading, Scratch, anthropic_key, rounds, run, write_script};

const READINGS: [Reading; 2] = [Reading::Libgit2, Reading::Git];

/// A repository with one commit, keyward's hooks, and a bare repository to push to as `origin`.
fn team(reading: Reading, init: &[&str]) -> Scratch {
    let scratch = Scratch::init(reading, init);
    scratch.write("a.txt", "one\n");
    scratch.commit_all();
    let server = server(&scratch);
    let bare = [&["init", "-q", "--bare"], init, &[server.to_str().unwrap()]].concat();
    scratch.git(&bare);
    scratch.git(&["remote", "add", "origin", server.to_str().unwrap()]);
    scratch.git(&["push", "-q", "-u", "origin", "main"]);
    let ran = scratch.keyward(&["install"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
    scratch
}

fn server(scratch: &Scratch) -> PathBuf {
    scratch.root().join("server.git")
}

fn unset_hook(scratch: &Scratch, kind: &str) {
    fs::remove_file(scratch.top().join(".git/hooks").join(kind)).unwrap();
}

/// It ended with an error, said what was found, and did not show it.
fn refused(ran: &Ran, said: &str, key: &str) {
    assert_ne!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    assert!(!ran.stderr.contains(&key[20..]), "it shows the key");
}

fn commit_file(scratch: &Scratch, path: &str, content: &str) {
    scratch.add(path, content);
    scratch.git(&["commit", "-q", "--no-verify", "-m", "a file"]);
}

#[test]
fn install_sets_four_hooks_and_uninstall_takes_all() {
    let scratch = team(Reading::Default, &[]);
    let hooks = scratch.top().join(".git/hooks");
    for kind in ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push"] {
        assert!(hooks.join(kind).is_file(), "{kind}");
    }
    for kind in ["post-commit", "prepare-commit-msg", "pre-receive"] {
        assert!(!hooks.join(kind).exists(), "{kind}");
    }
    let args = [
        "install",
        "--hook",
        "post-commit",
        "--hook",
        "prepare-commit-msg",
    ];
    scratch.keyward(&args).passes();
    assert!(hooks.join("post-commit").is_file());
    scratch
        .keyward(&["uninstall", "--hook", "post-commit"])
        .passes();
    assert!(!hooks.join("post-commit").exists());
    assert!(hooks.join("pre-commit").exists());
    assert_eq!(
        scratch.keyward(&["install", "--hook", "update"]).code,
        Some(2)
    );
    scratch.keyward(&["uninstall"]).passes();
    let left = fs::read_dir(hooks).unwrap().flatten();
    let left: Vec<_> = left
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".sample"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn the_settings_choose_the_hooks_against_unchecked_commits() {
    for (word, post, prepare) in [
        ("off", false, false),
        ("warn", true, false),
        ("deny", true, true),
    ] {
        let scratch = Scratch::new(Reading::Default);
        let settings = format!("[hooks]\nunchecked = \"{word}\"\n");
        scratch.write(".keyward.toml", settings);
        scratch.keyward(&["install"]).passes();
        let hooks = scratch.top().join(".git/hooks");
        assert_eq!(hooks.join("post-commit").exists(), post, "{word}");
        assert_eq!(hooks.join("prepare-commit-msg").exists(), prepare, "{word}");
    }
    let scratch = Scratch::new(Reading::Default);
    scratch.write(".keyward.toml", "[hooks]\nunchecked = \"maybe\"\n");
    assert_eq!(scratch.keyward(&["install"]).code, Some(2));
}

#[test]
fn a_message_is_scanned() {
    let key = anthropic_key();
    for reading in READINGS {
        let scratch = team(reading, &[]);
        let commit =
            |message: &str| scratch.try_git(&["commit", "-q", "--allow-empty", "-m", message]);
        commit("clean").passes();
        refused(
            &commit(&format!("subject\n\nwith {key} in it")),
            "1 secret in this commit's message; nothing was committed",
            &key,
        );
        // Without an editor git keeps a line that looks like a comment.
        let ran = commit(&format!("subject\n\n# with {key}"));
        refused(&ran, "commit message:3:8", &key);
        assert!(ran.stderr.contains("git commit -e -F"), "{}", ran.stderr);
        scratch
            .try_git(&["commit", "-q", "--allow-empty", "-n", "-m", &key])
            .passes();
    }
}

/// Commits with an editor that puts `text` above what git shows.
fn edit(scratch: &Scratch, text: &str, args: &[&str]) -> Ran {
    edit_with(scratch, text, &[&["commit"], args].concat())
}

/// As `edit`, with settings of the command line before the command.
fn edit_with(scratch: &Scratch, text: &str, args: &[&str]) -> Ran {
    let editor = scratch.root().join("editor");
    write_script(
        &editor,
        "#!/bin/sh\ncat \"$1\" >\"$1.old\"\ncat \"$HOME/text\" \"$1.old\" >\"$1\"\n",
    );
    fs::write(scratch.home().join("text"), text).unwrap();
    let mut git = scratch.command("git");
    git.env("GIT_EDITOR", editor).args(args);
    run(&mut git)
}

#[test]
fn what_git_throws_away_is_no_message() {
    let key = anthropic_key();
    for reading in READINGS {
        for (settings, sign) in [
            (&[][..], "#"),
            (&["core.commentChar=;"], ";"),
            (&["core.commentChar=auto"], "#"),
            (&["core.commentString=//"], "//"),
            (&["core.commentChar=%", "core.commentString=REM"], "REM"),
        ] {
            let scratch = team(reading, &[]);
            for setting in settings {
                let (name, value) = setting.split_once('=').unwrap();
                scratch.git(&["config", name, value]);
            }
            let comment = format!("subject\n{sign} not kept: {key}\n");
            let commit = ["-q", "--allow-empty"];
            if settings.len() < 2 || reading == Reading::Git {
                edit(&scratch, &comment, &commit).passes();
                let kept = scratch.git(&["log", "-1", "--format=%B"]);
                assert!(!kept.contains(&key));
                let ran = edit(
                    &scratch,
                    &format!("subject\n\nx{sign} kept: {key}\n"),
                    &commit,
                );
                refused(&ran, "commit message:3:", &key);
            }
            // The diff under the scissors holds an old secret, which is taken out.
            commit_file(&scratch, "old.txt", &format!("{key}\n"));
            scratch.add("old.txt", "clean\n");
            if settings.len() < 2 || reading == Reading::Git {
                // Nor does what is not staged belong to it.
                scratch.write("old.txt", format!("unstaged {key}\n"));
                edit(&scratch, "subject\n", &["-q", "-v", "-v"]).passes();
            }
        }
        // With these, comments stay in the message.
        for cleanup in ["whitespace", "verbatim"] {
            let scratch = team(reading, &[]);
            scratch.git(&["config", "commit.cleanup", cleanup]);
            let comment = format!("subject\n# kept: {key}\n");
            refused(
                &edit(&scratch, &comment, &["-q", "--allow-empty"]),
                "commit message:2:",
                &key,
            );
        }
        // For one command, of which the repository's config says nothing.
        let scratch = team(reading, &[]);
        for (args, kept) in [
            (&["-c", "core.commentChar=;", "commit"][..], true),
            (&["-c", "core.commentString=//", "commit"], true),
            (&["-c", "commit.cleanup=verbatim", "commit"], true),
            (&["commit", "--cleanup=verbatim"], true),
            (&["commit", "--cleanup=whitespace"], true),
            (&["-c", "core.commentChar=#", "commit"], false),
            (&["-c", "commit.cleanup=strip", "commit"], false),
        ] {
            let comment = format!("subject\n# kept: {key}\n");
            let ran = edit_with(
                &scratch,
                &comment,
                &[args, &["-q", "--allow-empty"]].concat(),
            );
            match kept {
                true => refused(&ran, "commit message:2:", &key),
                false => ran.passes(),
            };
        }
        let typed = format!(
            "subject\n# ------------------------ >8 ------------------------\n# c\nbody {key}\n"
        );
        let ran = edit(&scratch, &typed, &["-q", "--allow-empty"]);
        refused(&ran, "commit message:4:", &key);
    }
}

/// Where the editor leaves nothing of git's note, the command that runs the hook tells what becomes of comments.
#[test]
fn a_message_that_was_written_anew_holds_no_comments() {
    let key = anthropic_key();
    let scratch = team(Reading::Libgit2, &[]);
    let editor = scratch.root().join("anew");
    write_script(&editor, "#!/bin/sh\ncat \"$HOME/text\" >\"$1\"\n");
    let commit = |args: &[&str]| {
        let mut git = scratch.command("git");
        git.env("GIT_EDITOR", &editor).args(args);
        git.args(["-q", "--allow-empty"]);
        run(&mut git)
    };
    let comment = |sign: &str| {
        let text = format!("subject\n{sign} {key}\n");
        fs::write(scratch.home().join("text"), text).unwrap();
    };
    comment("#");
    for thrown_away in [
        &["commit"][..],
        &["commit", "--amend"],
        &["-c", "user.name=A", "commit", "-v"],
    ] {
        commit(thrown_away).passes();
        let kept = scratch.git(&["log", "-1", "--format=%B"]);
        assert_eq!(kept.trim(), "subject", "{thrown_away:?}");
    }
    for kept in [
        &["commit", "--cleanup=verbatim"][..],
        &["commit", "--clean=whitespace"],
        &["-c", "commit.cleanup=scissors", "commit"],
        &["-c", "core.commentChar=;", "commit"],
        &["-c", "core.commentChar=auto", "commit"],
    ] {
        refused(&commit(kept), "commit message:2:", &key);
    }
    comment("//");
    refused(&commit(&["commit"]), "commit message:2:", &key);
    // Of a git before 2.45 it would stay.
    let strings = ["-c", "core.commentString=//", "commit"];
    refused(&commit(&strings), "commit message:2:", &key);
}

/// What the command was told wins over the config, and over what an earlier file says that became a message.
#[test]
fn what_git_keeps_is_scanned_whatever_it_looks_like() {
    let key = anthropic_key();
    let scratch = team(Reading::Default, &[]);
    let cut = "# ------------------------ >8 ------------------------";
    let typed = format!("subject\n{cut}\nnotes: {key}\n");
    let told = "# Please enter the commit message for your changes. Lines starting\n# with '#' will be ignored, \
                and an empty message aborts the commit.\n";
    let below = format!("subject\n\n# {key}\n{told}");
    let tail = format!("subject\n{cut}\n# Do not modify or remove the line above.\n# x\n{key}\n");
    let diff = format!("{tail}diff --git a/x b/x\n+{key}\n");
    let anew = scratch.root().join("anew");
    write_script(&anew, "#!/bin/sh\ncat \"$HOME/text\" >\"$1\"\n");
    let commit = |text: &str, config: &str, args: &[&str]| {
        fs::write(scratch.home().join("text"), text).unwrap();
        let mut git = scratch.command("git");
        git.env("GIT_EDITOR", &anew);
        if let Some((name, value)) = config.split_once('=') {
            scratch.git(&["config", name, value]);
        }
        git.args(["commit", "-q", "--allow-empty"]).args(args);
        let ran = run(&mut git);
        if let Some((name, _)) = config.split_once('=') {
            scratch.git(&["config", "--unset", name]);
        }
        ran
    };
    for (text, config, args) in [
        (&typed, "commit.verbose=true", "--no-verbose"),
        (&typed, "commit.cleanup=scissors", "--cleanup=strip"),
        (&typed, "commit.cleanup=scissors", "--cleanup=whitespace"),
        (&typed, "commit.cleanup=scissors", "--cleanup=verbatim"),
        (&typed, "commit.cleanup=scissors", "--cleanup=default"),
        (&below, "", "--cleanup=whitespace"),
        (&below, "", "--cleanup=verbatim"),
        (&below, "", "--cleanup=scissors"),
        (&below, "commit.cleanup=strip", "--clean=verbatim"),
        (&tail, "", "--cleanup=strip"),
        (&tail, "", "--signoff"),
        (&diff, "", "--no-verbose"),
        (&diff, "", "--cleanup=whitespace"),
    ] {
        let ran = commit(text, config, &[args]);
        refused(
            &ran,
            " in this commit's message; nothing was committed",
            &key,
        );
        // git would have kept it.
        commit(text, config, &[args, "--no-verify"]).passes();
        let kept = scratch.git(&["log", "-1", "--format=%B"]);
        assert!(kept.contains(&key), "{config} {args}: {kept}");
    }
    for (text, config, args) in [
        (&typed, "commit.verbose=true", "--signoff"),
        (&typed, "commit.cleanup=scissors", "--signoff"),
        (&typed, "", "-v"),
        (&typed, "", "--cleanup=scissors"),
        (&below, "", "--signoff"),
        (&below, "commit.cleanup=verbatim", "--cleanup=strip"),
        (&below, "commit.cleanup=scissors", "--cleanup=default"),
        (&tail, "", "--verbose"),
        (&diff, "", "-v"),
        (&diff, "commit.verbose=1", "--signoff"),
    ] {
        commit(text, config, &[args]).passes();
        let kept = scratch.git(&["log", "-1", "--format=%B"]);
        assert!(!kept.contains(&key), "{config} {args}: {kept}");
    }
}

#[test]
fn names_of_people_and_refs_are_scanned() {
    let key = anthropic_key();
    for reading in READINGS {
        let scratch = team(reading, &[]);
        let push = |what: &str| scratch.try_git(&["push", "-q", "origin", what]);
        commit_file(&scratch, "b.txt", "clean\n");
        push("main").passes();
        for variable in ["GIT_AUTHOR_NAME", "GIT_COMMITTER_EMAIL"] {
            let mut git = scratch.command("git");
            git.env(variable, &key);
            git.args(["commit", "-q", "--allow-empty", "-m", "subject"]);
            run(&mut git).passes();
            refused(&push("main"), "commit header:", &key);
            scratch.git(&["reset", "-q", "--hard", "HEAD~1"]);
        }
        let tree = scratch.git(&["rev-parse", "HEAD^{tree}"]);
        let commit = format!(
            "tree {tree}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\nx-key one\n {key}\n\nsubject\n"
        );
        scratch.write("commit", commit);
        let made = ["hash-object", "-t", "commit", "-w", "--literally", "commit"];
        let made = scratch.git(&made);
        refused(
            &push(&format!("{made}:refs/heads/made")),
            "commit header:",
            &key,
        );
        scratch.git(&["tag", "-a", "-m", "a tag", &key]);
        let tag = format!("refs/tags/{key}");
        refused(
            &push(&format!("{tag}:refs/tags/clean")),
            "tag header:",
            &key,
        );
        for name in [format!("refs/heads/{key}"), format!("refs/tags/v-{key}")] {
            refused(&push(&format!("HEAD:{name}")), "ref name:1:", &key);
            let taken = [
                "push",
                "-q",
                "--no-verify",
                "origin",
                &format!("HEAD:{name}"),
            ];
            scratch.try_git(&taken).passes();
            // It may be taken back.
            push(&format!(":{name}")).passes();
        }
    }
}

#[test]
fn a_push_is_scanned_for_what_the_remote_has_not() {
    let key = anthropic_key();
    for init in [&[][..], &["--object-format=sha256"]] {
        for reading in READINGS {
            if reading == Reading::Libgit2 && !init.is_empty() {
                continue;
            }
            let scratch = team(reading, init);
            let push = |args: &[&str]| scratch.try_git(&[&["push", "-q"], args].concat());
            commit_file(&scratch, "b.txt", "clean\n");
            push(&["origin", "main"]).passes();
            // Added and taken out again: it would be in the remote's history.
            commit_file(&scratch, "c.txt", &format!("{key}\n"));
            let added = scratch.git(&["rev-parse", "HEAD"]);
            commit_file(&scratch, "c.txt", "clean\n");
            let ran = push(&["origin", "main"]);
            refused(&ran, "1 secret in what you push; nothing was pushed", &key);
            assert!(ran.stderr.contains(&added[..10]), "{}", ran.stderr);
            assert!(ran.stderr.lines().count() <= 16, "{}", ran.stderr);
            // On a new branch, by URL, with force, as a tag, beside a clean one.
            refused(&push(&["origin", "main:new"]), "c.txt:1", &key);
            let url = server(&scratch);
            refused(&push(&[url.to_str().unwrap(), "HEAD"]), "c.txt:1", &key);
            refused(&push(&["-f", "origin", "main"]), "c.txt:1", &key);
            scratch.git(&["tag", "light", "HEAD~1"]);
            refused(&push(&["origin", "light"]), "c.txt:1", &key);
            let both = ["origin", "main~2:refs/heads/fine", "main:refs/heads/bad"];
            refused(&push(&both), "c.txt:1", &key);
            push(&["--no-verify", "origin", "main:known"]).passes();
            // What the remote has is no news, on whichever branch.
            push(&["origin", "main"]).passes();
            push(&["origin", "main:third"]).passes();
            push(&["origin", "--delete", "third"]).passes();
            scratch.git(&["tag", "-a", "annotated", "-m", &format!("is {key}")]);
            refused(&push(&["origin", "annotated"]), "tag message:1:4", &key);
            scratch.git(&["tag", "-f", "-a", "annotated", "-m", "clean"]);
            push(&["origin", "annotated"]).passes();
            // Another remote has nothing yet, and what the first has is no news to it.
            let other = scratch.root().join("other.git");
            scratch.git(&[&["init", "-q", "--bare"], init, &[other.to_str().unwrap()]].concat());
            scratch.git(&["remote", "add", "other", other.to_str().unwrap()]);
            push(&["other", "main"]).passes();
            commit_file(&scratch, "d.txt", &format!("{key}\n"));
            refused(&push(&["other", "main"]), "d.txt:1", &key);
        }
    }
}

#[test]
fn what_a_push_refused_can_be_allowed() {
    let key = anthropic_key();
    let scratch = team(Reading::Default, &[]);
    commit_file(&scratch, "c.txt", &key);
    commit_file(&scratch, "c.txt", "clean\n");
    let ran = scratch.try_git(&["push", "-q"]);
    let allow = ran
        .stderr
        .lines()
        .find(|line| line.contains("keyward allow"));
    let id = allow.unwrap().split_whitespace().nth(3).unwrap().to_owned();
    scratch
        .keyward(&["allow", &id, "--reason", "made up"])
        .passes();
    scratch.git(&["commit", "-q", "-m", "allow"]);
    scratch.try_git(&["push", "-q"]).passes();
    // The same for a message.
    let message = anthropic_key();
    let commit = ["commit", "-q", "--allow-empty", "-m", &message];
    let ran = scratch.try_git(&commit);
    let allow = ran
        .stderr
        .lines()
        .find(|line| line.contains("keyward allow"));
    let id = allow.unwrap().split_whitespace().nth(3).unwrap().to_owned();
    scratch
        .keyward(&["allow", &id, "--reason", "made up"])
        .passes();
    scratch.try_git(&commit).passes();
}

#[test]
fn a_shallow_clone_pushes_what_it_made() {
    let key = anthropic_key();
    for reading in READINGS {
        let scratch = team(reading, &[]);
        scratch.git(&["config", "core.hooksPath", "/dev/null"]);
        commit_file(&scratch, "old.txt", &key);
        scratch.git(&["push", "-q"]);
        let url = format!("file://{}", server(&scratch).display());
        scratch.git(&["clone", "-q", "--depth", "1", &url, "../shallow"]);
        let shallow = scratch.root().join("shallow");
        let run_in = |program: &str, args: &[&str]| {
            run(scratch.command(program).current_dir(&shallow).args(args))
        };
        run_in(env!("CARGO_BIN_EXE_keyward"), &["install"]).passes();
        fs::write(shallow.join("new.txt"), "clean\n").unwrap();
        scratch.git_in(&shallow, &["add", "."]);
        scratch.git_in(&shallow, &["commit", "-q", "-m", "clean"]);
        run_in("git", &["push", "-q"]).passes();
        let other = anthropic_key();
        fs::write(shallow.join("new.txt"), &other).unwrap();
        scratch.git_in(&shallow, &["commit", "-q", "-a", "-n", "-m", "key"]);
        let ran = run_in("git", &["push", "-q"]);
        refused(&ran, "new.txt:1", &other);
        assert!(!ran.stderr.contains("old.txt"), "{}", ran.stderr);
    }
}

/// The server's own hook, with nothing installed on the other side.
fn with_pre_receive(scratch: &Scratch) -> PathBuf {
    scratch.keyward(&["uninstall"]).passes();
    let server = server(scratch);
    let mut install = scratch.command(env!("CARGO_BIN_EXE_keyward"));
    install
        .current_dir(&server)
        .args(["install", "--hook", "pre-receive"]);
    run(&mut install).passes();
    assert!(server.join("hooks/pre-receive").is_file());
    server
}

#[test]
fn a_server_refuses_a_push() {
    let key = anthropic_key();
    for init in [&[][..], &["--object-format=sha256"]] {
        for reading in READINGS {
            if reading == Reading::Libgit2 && !init.is_empty() {
                continue;
            }
            let scratch = team(reading, init);
            let server = with_pre_receive(&scratch);
            let push = |args: &[&str]| scratch.try_git(&[&["push", "-q"], args].concat());
            commit_file(&scratch, "b.txt", "clean\n");
            push(&["origin", "main"]).passes();
            commit_file(&scratch, "c.txt", &format!("{key}\n"));
            let added = scratch.git(&["rev-parse", "HEAD"]);
            commit_file(&scratch, "c.txt", "clean\n");
            for args in [
                &["origin", "main"][..],
                &["-f", "origin", "main"],
                &["origin", "main:new"],
                &["origin", "HEAD~1:refs/tags/light"],
                &["origin", "main~2:refs/heads/fine", "main:refs/heads/bad"],
            ] {
                let ran = push(args);
                let line = format!("{}  c.txt:1:1  Anthropic API key", &added[..10]);
                refused(&ran, &line, &key);
                assert!(
                    ran.stderr
                        .contains("1 secret in this push; nothing was accepted"),
                    "{}",
                    ran.stderr
                );
            }
            scratch.git(&[
                "tag",
                "-a",
                "annotated",
                "-m",
                &format!("is {key}"),
                "main~2",
            ]);
            refused(&push(&["origin", "annotated"]), "tag message:1:4", &key);
            // A tag may name a file, or a directory, that no commit has.
            let blob = scratch.git(&["rev-parse", "HEAD~1:c.txt"]);
            scratch.git(&["tag", "blob", &blob]);
            refused(&push(&["origin", "blob"]), "refs/tags/blob:1:1", &key);
            scratch.git(&["tag", "tree", "HEAD~1^{tree}"]);
            refused(&push(&["origin", "tree"]), "c.txt:1:1", &key);
            // Refs are deleted, and moved back to what was there.
            push(&["origin", "main~2:refs/heads/other"]).passes();
            push(&["origin", "--delete", "other"]).passes();
            push(&["-f", "origin", "main~3:refs/heads/main"]).passes();
            assert_eq!(
                scratch.git_in(&server, &["for-each-ref", "--format=%(refname)"]),
                "refs/heads/main"
            );
        }
    }
}

/// Forges run what stands in a directory, by a hook of their own that hands each the refs.
#[test]
fn the_script_for_servers_of_forges_refuses_a_push() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/server.md");
    let page = fs::read_to_string(page).unwrap();
    let script = page.split("```sh\n").nth(1).unwrap();
    let script = script.split("```").next().unwrap();
    let script = script.replace("/usr/local/bin/keyward", env!("CARGO_BIN_EXE_keyward"));
    assert!(script.contains(env!("CARGO_BIN_EXE_keyward")), "{script}");
    for directory in ["hooks/pre-receive.d", "custom_hooks/pre-receive.d"] {
        assert!(
            page.contains(&format!("NAME.git/{directory}")),
            "{directory}"
        );
        let scratch = team(Reading::Default, &[]);
        scratch.keyward(&["uninstall"]).passes();
        let server = server(&scratch);
        let put = |path: &str, text: &str| {
            let path = server.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            write_script(&path, text);
        };
        put(&format!("{directory}/keyward"), &script);
        let own = format!(
            "#!/bin/sh\ndata=$(cat)\nfor hook in {directory}/*; do\n\techo \"$data\" | \"$hook\" || exit\ndone\n"
        );
        put("hooks/pre-receive", &own);
        commit_file(&scratch, "b.txt", "clean\n");
        scratch.try_git(&["push", "-q", "origin", "main"]).passes();
        let key = anthropic_key();
        commit_file(&scratch, "c.txt", &format!("{key}\n"));
        let ran = scratch.try_git(&["push", "-q", "origin", "main"]);
        refused(&ran, "1 secret in this push; nothing was accepted", &key);
    }
}

#[test]
fn a_push_cannot_switch_off_what_judges_it_but_may_allow() {
    let key = anthropic_key();
    let scratch = team(Reading::Default, &[]);
    with_pre_receive(&scratch);
    scratch.add(".keyward.toml", "[scan]\nexclude = ['*']\n");
    commit_file(&scratch, "c.txt", &key);
    let ran = scratch.try_git(&["push", "-q", "origin", "main"]);
    refused(&ran, "c.txt:1:1", &key);
    let row = ran.stderr.lines().find(|line| line.contains("c.txt:1:1"));
    let id = row.unwrap().split_whitespace().last().unwrap().to_owned();
    scratch.git(&["rm", "-q", "-f", ".keyward.toml"]);
    scratch
        .keyward(&["allow", &id, "--reason", "made up"])
        .passes();
    scratch.git(&["commit", "-q", "-m", "allow"]);
    scratch.try_git(&["push", "-q", "origin", "main"]).passes();
    // Settings that nobody can read are not taken in.
    commit_file(&scratch, ".keyward.toml", "[scan]\nexclud = ['*']\n");
    let ran = scratch.try_git(&["push", "-q", "origin", "main"]);
    refused(&ran, "unknown key `exclud`", &key);
}

/// A hook that was there writes down its arguments and its input, and so does the program.
#[test]
fn both_hooks_get_the_arguments_and_the_input() {
    let scratch = team(Reading::Default, &[]);
    let log = scratch.root().join("both");
    for kind in ["pre-push", "commit-msg", "pre-commit", "post-commit"] {
        let _ = fs::remove_file(scratch.top().join(".git/hooks").join(kind));
    }
    let write = |name: &str, file: &Path, code: u8| {
        write_script(
            file,
            &format!(
                "#!/bin/sh\n[ \"$1\" = hook ] && shift 3\nprintf '%s: %s|' {name} \"$*\" >>'{0}'\n\
                 cat >>'{0}'\nexit {code}\n",
                log.display()
            ),
        );
    };
    let old = scratch.top().join(".git/hooks/pre-push");
    write("old", &old, 0);
    scratch.keyward(&["install", "--hook", "pre-push"]).passes();
    // The stand-in takes the program's place.
    let text = fs::read_to_string(&old).unwrap();
    let stand_in = scratch.root().join("keyward");
    write("new", &stand_in, 0);
    let program = format!("keyward_program='{}'", env!("CARGO_BIN_EXE_keyward"));
    assert!(text.contains(&program), "{text}");
    let text = text.replace(
        &program,
        &format!("keyward_program='{}'", stand_in.display()),
    );
    fs::write(&old, text).unwrap();
    commit_file(&scratch, "b.txt", "clean\n");
    let (new, before) = (
        scratch.git(&["rev-parse", "HEAD"]),
        scratch.git(&["rev-parse", "HEAD~1"]),
    );
    let line = format!("refs/heads/main {new} refs/heads/main {before}\n");
    let arguments = format!("origin {}|", server(&scratch).display());
    scratch.try_git(&["push", "-q"]).passes();
    assert_eq!(
        fs::read_to_string(&log).unwrap(),
        // The dot tells keyward that nothing was lost between the two.
        format!("old: {arguments}{line}new: {arguments}{line}.")
    );
    // The first one's refusal is the last word.
    commit_file(&scratch, "b.txt", "again\n");
    write(
        "old",
        &scratch.top().join(".git/hooks/pre-push.keyward-previous"),
        7,
    );
    fs::remove_file(&log).unwrap();
    assert_ne!(scratch.try_git(&["push", "-q"]).code, Some(0));
    assert!(!fs::read_to_string(&log).unwrap().contains("new"));
    // One that reads nothing, of a push of many refs, is no trouble.
    write_script(
        &scratch.top().join(".git/hooks/pre-push.keyward-previous"),
        "#!/bin/sh\nexit 0\n",
    );
    let mut refs = String::new();
    for n in 0..3000 {
        refs.push_str(&format!(
            "create refs/heads/branch-with-a-long-name-{n} HEAD\n"
        ));
    }
    let list = scratch.root().join("refs");
    fs::write(&list, refs).unwrap();
    let mut update = scratch.command("git");
    update
        .args(["update-ref", "--stdin"])
        .stdin(fs::File::open(list).unwrap());
    run(&mut update).passes();
    fs::remove_file(&log).unwrap();
    scratch.try_git(&["push", "-q", "--all", "origin"]).passes();
    // And the dot.
    assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), 3002);
}

fn guarded(reading: Reading, mode: &str) -> Scratch {
    let scratch = team(reading, &[]);
    scratch.add(".keyward.toml", format!("[hooks]\nunchecked = '{mode}'\n"));
    scratch.git(&["commit", "-q", "-m", "settings"]);
    scratch.keyward(&["install"]).passes();
    scratch
}

const SKIPPED: &str = "skipped the check";

#[test]
fn a_commit_that_skipped_the_check_is_told() {
    let key = anthropic_key();
    for reading in READINGS {
        let scratch = guarded(reading, "warn");
        let git = |args: &[&str]| scratch.try_git(args);
        // What was checked is not told: plain, amended, of a path, merged, in a worktree.
        scratch.add("b.txt", "b\n");
        for args in [
            &["commit", "-q", "-m", "plain"][..],
            &["commit", "-q", "--amend", "-m", "other words"],
            &["commit", "-q", "--allow-empty", "-m", "empty"],
        ] {
            let ran = git(args);
            ran.passes();
            assert_eq!(ran.stderr, "", "{args:?}");
        }
        scratch.write("b.txt", "c\n");
        assert_eq!(git(&["commit", "-q", "-m", "path", "b.txt"]).stderr, "");
        scratch.git(&["worktree", "add", "-q", "../tree"]);
        let tree = scratch.root().join("tree");
        fs::write(tree.join("t.txt"), "t\n").unwrap();
        scratch.git_in(&tree, &["add", "."]);
        let in_tree = |args: &[&str]| run(scratch.command("git").current_dir(&tree).args(args));
        assert_eq!(in_tree(&["commit", "-q", "-m", "tree"]).stderr, "");
        assert_eq!(git(&["merge", "-q", "--no-ff", "tree"]).stderr, "");
        // A clean commit that skipped it.
        scratch.add("b.txt", "d\n");
        let ran = git(&["commit", "-q", "-n", "-m", "skips"]);
        ran.passes();
        assert!(ran.stderr.contains(SKIPPED), "{}", ran.stderr);
        fs::write(tree.join("t.txt"), "u\n").unwrap();
        let ran = in_tree(&["commit", "-q", "-n", "-a", "-m", "skips"]);
        assert!(ran.stderr.contains(SKIPPED), "{}", ran.stderr);
        // One with a key: it is made, and told.
        scratch.add("c.txt", &key);
        let ran = git(&["commit", "-q", "-n", "-m", "key"]);
        ran.passes();
        for said in [SKIPPED, "c.txt:1:1", "git commit --amend"] {
            assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
        }
        // Picking has no check to skip: a clean pick is not told, a key is.
        let with_key = scratch.git(&["rev-parse", "HEAD"]);
        scratch.git(&["reset", "-q", "--hard", "HEAD~2"]);
        let clean = scratch.git(&["rev-parse", "tree"]);
        let ran = git(&["cherry-pick", &clean]);
        ran.passes();
        assert!(!ran.stderr.contains("keyward"), "{}", ran.stderr);
        let ran = git(&["cherry-pick", &with_key]);
        ran.passes();
        assert!(ran.stderr.contains("c.txt:1:1"), "{}", ran.stderr);
        // Switched off again.
        scratch.add(".keyward.toml", "[hooks]\nunchecked = 'off'\n");
        let ran = git(&["commit", "-q", "-n", "--allow-empty", "-m", "skips"]);
        assert_eq!(ran.stderr, "");
    }
}

#[test]
fn a_commit_that_skipped_the_check_is_checked_and_refused() {
    let key = anthropic_key();
    for reading in READINGS {
        let scratch = guarded(reading, "deny");
        let git = |args: &[&str]| scratch.try_git(args);
        let head = || scratch.git(&["rev-parse", "HEAD"]);
        scratch.add("b.txt", "b\n");
        for args in [
            &["commit", "-q", "-m", "plain"][..],
            &[
                "commit",
                "-q",
                "-n",
                "--allow-empty",
                "-m",
                "skips, and is clean",
            ],
            &[
                "commit",
                "-q",
                "--amend",
                "--allow-empty",
                "-n",
                "-m",
                "other words",
            ],
        ] {
            let ran = git(args);
            ran.passes();
            assert_eq!(ran.stderr, "", "{args:?}");
        }
        let before = head();
        scratch.add("c.txt", &key);
        let ran = git(&["commit", "-q", "-n", "-m", "key"]);
        refused(&ran, "1 secret in this commit; nothing was committed", &key);
        assert_eq!(head(), before);
        // A commit with a key, made where nobody looks.
        let tree = scratch.git(&["write-tree"]);
        let with_key = scratch.git(&["commit-tree", &tree, "-p", "HEAD", "-m", "key"]);
        scratch.git(&["reset", "-q", "--hard"]);
        refused(&git(&["cherry-pick", &with_key]), "c.txt:1:1", &key);
        scratch.git(&["reset", "-q", "--hard"]);
        assert_eq!(head(), before);
        // To revert the commit that took it out brings it back.
        scratch.git(&["update-ref", "refs/heads/main", &with_key]);
        scratch.git(&["reset", "-q", "--hard"]);
        scratch.git(&["rm", "-q", "c.txt"]);
        git(&["commit", "-q", "-m", "out"]).passes();
        refused(&git(&["revert", "--no-edit", "HEAD"]), "c.txt:1:1", &key);
        scratch.git(&["reset", "-q", "--hard"]);
        // A clean pick, revert, merge and rebase go through.
        scratch.add("d.txt", "d\n");
        git(&["commit", "-q", "-m", "d"]).passes();
        git(&["revert", "--no-edit", "HEAD"]).passes();
        git(&["cherry-pick", "HEAD~1"]).passes();
        scratch.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
        scratch.add("e.txt", "e\n");
        git(&["commit", "-q", "-m", "e"]).passes();
        git(&["rebase", "-q", "main"]).passes();
        scratch.git(&["checkout", "-q", "main"]);
        git(&["merge", "-q", "--no-ff", "side"]).passes();
        // A rebase is not left half-way; it is told.
        scratch.git(&["checkout", "-q", "-b", "keyed", &before]);
        scratch.add("f.txt", &key);
        let tree = scratch.git(&["write-tree"]);
        let with_key = scratch.git(&["commit-tree", &tree, "-p", "HEAD", "-m", "key"]);
        scratch.git(&["update-ref", "refs/heads/keyed", &with_key]);
        let ran = git(&["rebase", "main"]);
        ran.passes();
        assert!(ran.stderr.contains("f.txt:1:1"), "{}", ran.stderr);
        assert!(!scratch.top().join(".git/rebase-merge").exists());
    }
}

#[test]
fn nothing_of_the_check_is_left_when_keyward_is_gone() {
    let scratch = guarded(Reading::Default, "deny");
    let noted = scratch.top().join(".git/keyward-checked");
    scratch.add("b.txt", "b\n");
    scratch.try_git(&["commit", "-q", "-m", "b"]).passes();
    assert!(noted.is_file());
    // What is noted of leaks, and what an agent proposed, is not taken away without a word.
    scratch.add("c.py", format!("k = '{}'\n", anthropic_key()));
    let ran = scratch.keyward(&["scan", "--staged", "--format", "json"]);
    let id = &crate::support::ids(&ran.stdout)[0];
    scratch.keyward(&["allow", "--propose", id, "--reason", "a sample"]);
    scratch.keyward(&["respond", id, "--done", "usage"]);
    scratch.git(&["rm", "-q", "-f", "c.py"]);
    let ours = || {
        let entries = fs::read_dir(scratch.top().join(".git")).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        names
            .filter(|name| name.starts_with("keyward"))
            .collect::<Vec<_>>()
    };
    assert!(ours().len() >= 5, "{:?}", ours());
    let ran = scratch.keyward(&["uninstall", "--hook", "pre-push"]);
    ran.passes();
    assert!(noted.is_file(), "a hook that stays needs it");
    let ran = scratch.keyward(&["uninstall"]);
    ran.passes();
    for said in ["`keyward respond` noted", "what agents had proposed"] {
        assert!(ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
    assert_eq!(ours(), Vec::<String>::new());
    let again = scratch.keyward(&["uninstall"]);
    assert!(!again.stdout.contains("gone with it"), "{}", again.stdout);
    unset_is_harmless(&scratch);
}

fn unset_is_harmless(scratch: &Scratch) {
    scratch.add("b.txt", "c\n");
    let ran = scratch.try_git(&["commit", "-q", "-n", "-m", "c"]);
    ran.passes();
    assert_eq!(ran.stderr, "");
}

#[test]
fn without_its_program_each_hook_says_so() {
    let scratch = guarded(Reading::Default, "deny");
    let hooks = scratch.top().join(".git/hooks");
    for entry in fs::read_dir(&hooks).unwrap().flatten() {
        let text = fs::read_to_string(entry.path()).unwrap();
        if text.contains("# keyward hook: ") {
            let gone = text.replace(env!("CARGO_BIN_EXE_keyward"), "/nowhere/keyward");
            fs::write(entry.path(), gone).unwrap();
        }
    }
    commit_file_unhooked(&scratch);
    let ran = scratch.try_git(&["push", "-q"]);
    refused(&ran, "so this push is refused", &"x".repeat(40));
    for kind in ["pre-commit", "prepare-commit-msg", "commit-msg"] {
        let ran = scratch.try_git(&["commit", "-q", "--allow-empty", "-m", "x"]);
        refused(&ran, "so this commit is refused", &"x".repeat(40));
        let remove = format!("rm \"{}\"", hooks.join(kind).display());
        assert!(ran.stderr.contains(&remove), "{remove}: {}", ran.stderr);
        unset_hook(&scratch, kind);
    }
    let ran = scratch.try_git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    ran.passes();
    assert!(
        ran.stderr
            .contains("it is not known whether this commit was checked"),
        "{}",
        ran.stderr
    );
}

fn commit_file_unhooked(scratch: &Scratch) {
    let hooks_off = [
        "-c",
        "core.hooksPath=/dev/null",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "x",
    ];
    scratch.git(&hooks_off);
}

#[test]
fn a_hundred_times_leaves_every_hook_as_it_was() {
    let scratch = Scratch::new(Reading::Default);
    let hooks = scratch.top().join(".git/hooks");
    fs::create_dir_all(&hooks).unwrap();
    write_script(&hooks.join("pre-commit"), "#!/bin/sh\nexit 0\n");
    write_script(
        &hooks.join("commit-msg"),
        "#!/usr/bin/env python3\nprint(1)\n",
    );
    fs::write(hooks.join("pre-push"), b"\x7fELF\0\xff\n").unwrap();
    std::os::unix::fs::symlink("elsewhere", hooks.join("post-commit")).unwrap();
    let snapshot = || {
        let mut all: Vec<_> = fs::read_dir(&hooks)
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let metadata = fs::symlink_metadata(&path).unwrap();
                let content = fs::read(&path).unwrap_or_default();
                (path, metadata.permissions().mode(), content)
            })
            .collect();
        all.sort();
        all
    };
    let before = snapshot();
    for round in 0..rounds(100) {
        let mut install = vec!["install"];
        if round % 3 == 0 {
            install.extend(["--hook", "post-commit", "--hook", "pre-push"]);
        }
        scratch.keyward(&install).passes();
        if round % 4 == 0 {
            scratch.keyward(&install).passes();
        }
        scratch.keyward(&["uninstall"]).passes();
    }
    assert_eq!(snapshot(), before);
}

/// A hook that may be run and not read may be anybody's: it stays, is told, and keeps nothing else from going.
#[cfg(unix)]
#[test]
fn uninstall_leaves_a_hook_that_it_may_not_read() {
    use std::os::unix::fs::PermissionsExt;

    let scratch = Scratch::new(Reading::Default);
    scratch.keyward(&["install"]).passes();
    let hooks = scratch.top().join(".git/hooks");
    let stranger = hooks.join("pre-push");
    fs::write(&stranger, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&stranger, fs::Permissions::from_mode(0o111)).unwrap();
    let program = env!("CARGO_BIN_EXE_keyward");
    let mut uninstall = scratch.command(program);
    uninstall.arg("uninstall");
    if fs::read(&stranger).is_ok() {
        // The superuser may read all; somebody else may not.
        let owner = ["-R", "65534:65534"];
        run(scratch.command("chown").args(owner).arg(scratch.root())).passes();
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(scratch.root(), open).unwrap();
        let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
        uninstall = scratch.command("setpriv");
        uninstall.args(nobody).arg(program).arg("uninstall");
        let mut can = scratch.command("setpriv");
        let can = can.args(nobody).arg(program).arg("--version").output();
        if !can.is_ok_and(|it| it.status.success()) {
            eprintln!("not tried, since another user can't be had here");
            return;
        }
    }
    let ran = run(&mut uninstall);
    assert_eq!(ran.code, Some(3), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("hooks are gone here: removed"),
        "{}",
        ran.stdout
    );
    let left = "left as it is, since you may not read it: ";
    assert!(ran.stdout.contains(left), "{}", ran.stdout);
    assert!(stranger.exists() && !hooks.join("pre-commit").exists());
}
