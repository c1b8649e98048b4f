//! `install --global`: one command for every repository of a user.
//!
//! Where git is older than 2.54, the way by its config is tested by a git that only claims to be new,
//! by what git reads back from the config, and by running the commands it names; where it is newer,
//! by that git itself, and the way by `core.hooksPath` by one that claims to be older.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyward::parts::git::Repo;

use crate::support::{Reading, Scratch, anthropic_key, path_after, rounds, run, write_script};

fn config(scratch: &Scratch) -> PathBuf {
    scratch.git_config()
}

fn scripts(scratch: &Scratch) -> PathBuf {
    scratch.home().join(".local/share/keyward/hooks")
}

/// A commit with a key is refused, once, and one without is not.
pub(crate) fn assert_guarded(scratch: &Scratch, dir: &Path) {
    let run_in = |args: &[&str]| run(scratch.command("git").current_dir(dir).args(args));
    fs::write(dir.join("key.txt"), anthropic_key()).unwrap();
    run_in(&["add", "key.txt"]).passes();
    let ran = run_in(&["commit", "-q", "-m", "key"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let times = ran.stderr.matches("1 secret in this commit").count();
    assert_eq!(times, 1, "{}", ran.stderr);
    fs::write(dir.join("key.txt"), "clean\n").unwrap();
    let ran = run_in(&["commit", "-q", "-a", "--allow-empty", "-m", "clean"]);
    ran.passes();
    assert_eq!(ran.stderr, "");
}

#[test]
fn every_repository_is_checked_and_its_own_hooks_run() {
    let scratch = with_older_git();
    let before = fs::read(config(&scratch)).unwrap();
    let ran = scratch.keyward(&["install", "--global"]);
    ran.passes();
    assert!(ran.stdout.contains("core.hooksPath"), "{}", ran.stdout);
    assert_eq!(
        scratch.git(&["config", "--global", "core.hooksPath"]),
        scripts(&scratch).to_str().unwrap()
    );
    // The same as once.
    let installed = fs::read(config(&scratch)).unwrap();
    scratch.keyward(&["install", "--global"]).passes();
    assert_eq!(fs::read(config(&scratch)).unwrap(), installed);

    assert_guarded(&scratch, scratch.top());
    scratch.git(&["init", "-q", "../new"]);
    assert_guarded(&scratch, &scratch.root().join("new"));
    scratch.git(&["worktree", "add", "-q", "../tree"]);
    assert_guarded(&scratch, &scratch.root().join("tree"));
    let module = scratch.top().join("module");
    let args = ["submodule", "--quiet", "add", "../new", "module"];
    scratch.git(&args);
    assert_guarded(&scratch, &module);

    // A repository's own hooks run first, of every kind, with their arguments and their input.
    let log = scratch.root().join("own");
    for kind in [
        "pre-commit",
        "post-checkout",
        "pre-push",
        "reference-transaction",
    ] {
        write_script(
            &scratch.top().join(".git/hooks").join(kind),
            &format!(
                "#!/bin/sh\necho \"{kind} $*\" >>'{0}'\ncat >>'{0}'\n",
                log.display()
            ),
        );
    }
    assert_guarded(&scratch, scratch.top());
    let told = fs::read_to_string(&log).unwrap();
    assert!(told.contains("pre-commit \n"), "{told}");
    assert!(told.contains("reference-transaction committed\n"), "{told}");
    scratch.git(&["checkout", "-q", "-b", "other"]);
    assert!(fs::read_to_string(&log).unwrap().contains("post-checkout "));
    let server = scratch.root().join("server.git");
    scratch.git(&["init", "-q", "--bare", server.to_str().unwrap()]);
    scratch
        .try_git(&["push", "-q", server.to_str().unwrap(), "other"])
        .passes();
    let told = fs::read_to_string(&log).unwrap();
    assert!(told.contains("refs/heads/other "), "{told}");
    // One that refuses has the last word.
    write_script(
        &scratch.top().join(".git/hooks/pre-commit"),
        "#!/bin/sh\nexit 9\n",
    );
    let ran = scratch.try_git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    assert_eq!(ran.code, Some(1));
    fs::remove_file(scratch.top().join(".git/hooks/pre-commit")).unwrap();

    // Installed in the repository too, keyward runs once.
    scratch.keyward(&["install"]).passes();
    assert!(scratch.top().join(".git/hooks/pre-commit").is_file());
    assert_guarded(&scratch, scratch.top());
    scratch.keyward(&["uninstall"]).passes();

    scratch.keyward(&["uninstall", "--global"]).passes();
    assert_eq!(fs::read(config(&scratch)).unwrap(), before);
    assert!(!scratch.home().join(".local/share/keyward").exists());
    scratch.add("key.txt", anthropic_key());
    scratch.try_git(&["commit", "-q", "-m", "key"]).passes();
    let ran = scratch.keyward(&["uninstall", "--global"]);
    ran.passes();
    assert!(ran.stdout.contains("nothing to do"), "{}", ran.stdout);
}

#[test]
fn a_hundred_times_leaves_the_config_as_it_was() {
    let scratch = with_older_git();
    for text in [
        "[user]\n\tname = A\n\temail = a@b.example",
        "# nothing\r\n",
        "",
        "[core]\n\teditor = \"vim\" ; mine\n",
    ] {
        fs::write(config(&scratch), text).unwrap();
        for _ in 0..rounds(30) {
            scratch.keyward(&["install", "--global"]).passes();
            scratch.keyward(&["uninstall", "--global"]).passes();
        }
        assert_eq!(fs::read_to_string(config(&scratch)).unwrap(), text);
    }
    fs::remove_file(config(&scratch)).unwrap();
    scratch.keyward(&["install", "--global"]).passes();
    scratch.keyward(&["uninstall", "--global"]).passes();
    assert!(!config(&scratch).exists());
}

#[test]
fn what_the_user_sets_meanwhile_stays() {
    let scratch = with_older_git();
    let before = fs::read_to_string(config(&scratch)).unwrap();
    scratch.keyward(&["install", "--global"]).passes();
    scratch.git(&["config", "--global", "core.editor", "vim"]);
    scratch.keyward(&["install", "--global"]).passes();
    scratch.keyward(&["uninstall", "--global"]).passes();
    assert_eq!(scratch.git(&["config", "--global", "core.editor"]), "vim");
    let after = fs::read_to_string(config(&scratch)).unwrap();
    assert_eq!(after, format!("{before}[core]\n\teditor = vim\n"));
}

#[test]
fn somebody_elses_hooks_path_is_left_alone() {
    let scratch = with_older_git();
    scratch.git(&["config", "--global", "core.hooksPath", "/corp/hooks"]);
    let before = fs::read(config(&scratch)).unwrap();
    let ran = scratch.keyward(&["install", "--global"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("/corp/hooks"), "{}", ran.stderr);
    assert_eq!(fs::read(config(&scratch)).unwrap(), before);
    assert!(!scripts(&scratch).exists());
    scratch.keyward(&["uninstall", "--global"]).passes();
    assert_eq!(fs::read(config(&scratch)).unwrap(), before);
}

#[test]
fn a_push_to_a_checkout_does_what_git_does_without_a_hook() {
    let scratch = with_older_git();
    scratch.write("a.txt", "one\n");
    scratch.commit_all();
    scratch.git(&["clone", "-q", ".", "../clone"]);
    scratch.git(&["config", "receive.denyCurrentBranch", "updateInstead"]);
    scratch.keyward(&["install", "--global"]).passes();
    let clone = scratch.root().join("clone");
    let run_in = |args: &[&str]| run(scratch.command("git").current_dir(&clone).args(args));
    fs::write(clone.join("a.txt"), "two\n").unwrap();
    run_in(&["commit", "-q", "-a", "-m", "two"]).passes();
    run_in(&["push", "-q"]).passes();
    let content = || fs::read_to_string(scratch.top().join("a.txt")).unwrap();
    assert_eq!(content(), "two\n");
    scratch.write("a.txt", "mine\n");
    fs::write(clone.join("a.txt"), "three\n").unwrap();
    run_in(&["commit", "-q", "-a", "-m", "three"]).passes();
    assert_ne!(run_in(&["push", "-q"]).code, Some(0));
    assert_eq!(content(), "mine\n");
}

#[test]
fn without_its_program_every_repository_says_so() {
    let scratch = with_older_git();
    let program = scratch.root().join("bin/keyward");
    fs::create_dir(program.parent().unwrap()).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_keyward"), &program).unwrap();
    run(scratch.command(&program).args(["install", "--global"])).passes();
    fs::remove_file(&program).unwrap();
    let ran = scratch.try_git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains(&format!(
            "to remove  delete the lines between the two keyward marks in {}",
            config(&scratch).display()
        )),
        "{}",
        ran.stderr
    );
}

/// Whether the git at hand runs what its config names.
pub(crate) fn is_new() -> bool {
    Repo::version().unwrap() >= (2, 54, 0)
}

/// A repository whose git runs no hooks of its config, as far as keyward can tell.
pub(crate) fn with_older_git() -> Scratch {
    let mut scratch = Scratch::new(Reading::Default);
    if is_new() {
        pretend(&mut scratch, "2.53.0");
    }
    scratch
}

/// A git that claims another version.
pub(crate) fn pretend(scratch: &mut Scratch, version: &str) {
    // Not the one that an earlier call put first.
    let real = run(Command::new("sh").args(["-c", "command -v git"]));
    let bin = scratch.root().join("newer");
    write_script(
        &bin.join("git"),
        &format!(
            "#!/bin/sh\n[ \"$1\" = version ] && {{ echo git version {version}; exit; }}\n\
             exec '{}' \"$@\"\n",
            real.stdout.trim()
        ),
    );
    scratch.first_on_path(&bin);
}

#[test]
fn a_newer_git_is_told_by_its_config() {
    let mut scratch = Scratch::new(Reading::Default);
    let before = fs::read(config(&scratch)).unwrap();
    // From an older git: the lines are made anew, and the scripts go.
    if is_new() {
        pretend(&mut scratch, "2.53.0");
    }
    scratch.keyward(&["install", "--global"]).passes();
    pretend(&mut scratch, "2.54.0");
    // What is set elsewhere has no say.
    let ran = scratch.keyward(&["install", "--global"]);
    ran.passes();
    assert!(ran.stdout.contains("hook.keyward-*"), "{}", ran.stdout);
    assert!(!scripts(&scratch).exists());
    let get = |key: &str| scratch.git(&["config", "--global", key]);
    for kind in ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push"] {
        assert_eq!(get(&format!("hook.keyward-{kind}.event")), kind);
    }
    assert_eq!(
        scratch
            .try_git(&["config", "--global", "core.hooksPath"])
            .code,
        Some(1)
    );
    // git runs the command through a shell. In a repository with hooks of keyward's it does nothing.
    scratch.add("key.txt", anthropic_key());
    let command = get("hook.keyward-pre-commit.command");
    let as_git = || run(scratch.command("sh").args(["-c", &command]));
    assert_eq!(as_git().code, Some(1));
    scratch.keyward(&["install"]).passes();
    as_git().passes();
    let hook = scratch.top().join(".git/hooks/pre-commit");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(as_git().code, Some(1), "git runs no hook that it can't");
    scratch.keyward(&["uninstall"]).passes();
    // What is a file of the working tree does not count, husky's or any: whoever commits it could switch
    // off what the user has set.
    let marks = "#!/bin/sh\nexit 0\n# keyward hook: pre-commit\n# >>> keyward pre-commit >>>\n\
                 # <<< keyward pre-commit <<<\n";
    let script = "#!/bin/sh\n# keyward hook: pre-commit\nexit 0\n";
    for (path, hooks, text) in [
        (".husky/pre-commit", ".husky/_", marks),
        (".hooks/pre-commit", ".hooks", script),
    ] {
        scratch.write(path, text);
        write_script(&scratch.top().join(hooks).join("pre-commit"), script);
        scratch.git(&["config", "core.hooksPath", hooks]);
        assert_eq!(as_git().code, Some(1), "{path}");
    }
    // Without its program, or with an empty one, it refuses and says what to do. PATH may have one,
    // which has to say its name.
    let moved = |path: &str| command.replace(env!("CARGO_BIN_EXE_keyward"), path);
    let other = scratch.root().join("other");
    write_script(&other.join("keyward"), "#!/bin/sh\nexit 0\n");
    let search = path_after(&other);
    let run_moved = |path: &str| {
        let mut shell = scratch.command("sh");
        run(shell.args(["-c", &moved(path)]).env("PATH", &search))
    };
    let empty = scratch.root().join("empty");
    write_script(&empty, "");
    for gone in ["/no such/keyward", empty.to_str().unwrap()] {
        let ran = run_moved(gone);
        assert_eq!(ran.code, Some(3), "{}", ran.stderr);
        let told = "keyward: its program is gone, so this commit is refused.\n";
        assert!(ran.stderr.starts_with(told), "{}", ran.stderr);
        let lines = format!(
            "to remove  delete the lines between the two keyward marks in {}\n",
            config(&scratch).display()
        );
        assert!(ran.stderr.ends_with(&lines), "{}", ran.stderr);
    }
    scratch.keyward(&["uninstall", "--global"]).passes();
    assert_eq!(fs::read(config(&scratch)).unwrap(), before);
}

#[test]
fn a_git_that_runs_its_config_is_seen_through() {
    let scratch = Scratch::new(Reading::Default);
    if !is_new() {
        return;
    }
    let before = fs::read(config(&scratch)).unwrap();
    scratch.keyward(&["install", "--global"]).passes();
    assert_guarded(&scratch, scratch.top());
    scratch.git(&["worktree", "add", "-q", "../tree"]);
    assert_guarded(&scratch, &scratch.root().join("tree"));
    // Whatever core.hooksPath says, and once beside the repository's own.
    scratch.git(&["config", "core.hooksPath", "/dev/null"]);
    assert_guarded(&scratch, scratch.top());
    scratch.git(&["config", "--unset", "core.hooksPath"]);
    scratch.keyward(&["install"]).passes();
    assert_guarded(&scratch, scratch.top());
    scratch.keyward(&["uninstall"]).passes();
    // The message, and what is pushed, with what git tells the hook.
    let message = format!("key {}", anthropic_key());
    let ran = scratch.try_git(&["commit", "-q", "--allow-empty", "-m", &message]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains("in this commit's message"),
        "{}",
        ran.stderr
    );
    scratch.git(&["init", "-q", "--bare", "../server.git"]);
    scratch.add("key.txt", anthropic_key());
    scratch.git(&["commit", "-q", "--no-verify", "-m", "x"]);
    let ran = scratch.try_git(&["push", "-q", "../server.git", "HEAD"]);
    assert!(
        ran.stderr.contains("1 secret in what you push"),
        "{}",
        ran.stderr
    );
    scratch.git(&["reset", "-q", "--hard", "HEAD^"]);

    let ran = scratch.keyward(&["doctor"]);
    assert!(
        ran.stdout.contains("pre-push by git's config"),
        "{}",
        ran.stdout
    );
    ran.passes();
    for setting in ["hook.keyward-pre-push.enabled", "hook.pre-push.enabled"] {
        scratch.git(&["config", setting, "false"]);
        let ran = scratch.keyward(&["doctor"]);
        assert_eq!(ran.code, Some(1));
        let told = format!("pre-push: {setting} in git's config switches keyward off");
        assert!(ran.stdout.contains(&told), "{}", ran.stdout);
        scratch.git(&["config", "--unset", setting]);
    }
    scratch.keyward(&["uninstall", "--global"]).passes();
    assert_eq!(fs::read(config(&scratch)).unwrap(), before);
}

#[test]
fn somebody_elses_hooks_path_is_no_matter_to_a_newer_git() {
    let mut scratch = Scratch::new(Reading::Default);
    scratch.git(&["config", "--global", "core.hooksPath", "/corp/hooks"]);
    pretend(&mut scratch, "2.55.1");
    scratch
        .keyward(&["install", "--global", "--hook", "pre-push"])
        .passes();
    let keys = ["config", "--global", "--get-regexp", "^hook\\."];
    assert_eq!(scratch.git(&keys).lines().count(), 2);
}

#[test]
fn what_git_makes_from_a_template_is_checked() {
    let scratch = Scratch::new(Reading::Default);
    let template = scratch.root().join("my template");
    let hooks = template.join("hooks");
    let option = ["--template", template.to_str().unwrap()];
    let keyward = |command: &str| scratch.keyward(&[&[command][..], &option].concat());
    assert_eq!(keyward("install").code, Some(2), "it is not there");
    fs::create_dir(&template).unwrap();
    // Nobody else's, and then with a hook that was there.
    for old in [None, Some("#!/bin/sh\necho old >>\"$HOME/old\"\n")] {
        if let Some(old) = old {
            fs::create_dir(&hooks).unwrap();
            write_script(&hooks.join("pre-commit"), old);
        }
        let ran = keyward("install");
        ran.passes();
        // It is told how git comes to use it.
        let command = ran.stdout.lines().last().unwrap();
        let (_, command) = command.split_once(": ").unwrap();
        run(scratch.command("sh").args(["-c", command])).passes();
        let made = scratch
            .root()
            .join(if old.is_some() { "second" } else { "first" });
        scratch.git(&["init", "-q", made.to_str().unwrap()]);
        assert_guarded(&scratch, &made);
        assert_eq!(scratch.home().join("old").exists(), old.is_some());
        // There, keyward is taken out as anywhere.
        let mut uninstall = scratch.command(env!("CARGO_BIN_EXE_keyward"));
        run(uninstall.arg("uninstall").current_dir(&made)).passes();
        assert!(!made.join(".git/hooks/commit-msg").exists());
        assert_eq!(made.join(".git/hooks/pre-commit").exists(), old.is_some());
        keyward("uninstall").passes();
        assert_eq!(hooks.exists(), old.is_some());
        if let Some(old) = old {
            assert_eq!(fs::read_to_string(hooks.join("pre-commit")).unwrap(), old);
            assert_eq!(fs::read_dir(&hooks).unwrap().count(), 1);
        }
    }
}

#[test]
fn what_new_repositories_get_is_tried_from_anywhere() {
    let scratch = with_older_git();
    let outside = scratch.root().join("outside");
    fs::create_dir(&outside).unwrap();
    let doctor = || {
        let mut doctor = scratch.command(env!("CARGO_BIN_EXE_keyward"));
        run(doctor.args(["doctor", "--global"]).current_dir(&outside))
    };
    let ran = doctor();
    assert_eq!(ran.code, Some(1), "{} {}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("mend     keyward install --global\n"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("NOT safe in a new repository"),
        "{}",
        ran.stdout
    );
    scratch.keyward(&["install", "--global"]).passes();
    let ran = doctor();
    assert_eq!(ran.code, Some(0), "{} {}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("ok      self-test"), "{}", ran.stdout);
    // Nor does it matter what is wrong where somebody stands.
    scratch.git(&["config", "core.hooksPath", "/dev/null"]);
    assert_eq!(scratch.keyward(&["doctor", "--global"]).code, Some(0));
    assert_eq!(scratch.keyward(&["doctor"]).code, Some(1));
}
