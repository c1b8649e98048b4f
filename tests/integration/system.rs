//! `install --system`: one command for every user of a machine.

#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use keyward::parts::git::{ConfigScope, Repo};

use crate::global::{assert_guarded, is_new, pretend, with_older_git};
use crate::support::{Ran, Scratch, anthropic_key, rounds, run, write_script};

/// A repository on a machine of its own, with keyward where every user finds it.
struct Fleet {
    scratch: Scratch,
    program: PathBuf,
}

impl Fleet {
    fn new() -> Self {
        let mut scratch = with_older_git();
        let root = scratch.root();
        open(&root, 0o755);
        fs::create_dir(root.join("etc")).unwrap();
        let program = root.join("bin/keyward");
        fs::create_dir(root.join("bin")).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_keyward"), &program).unwrap();
        open(&program, 0o755);
        scratch.set("GIT_CONFIG_NOSYSTEM", "0");
        let config = root.join("etc/gitconfig");
        scratch.set("GIT_CONFIG_SYSTEM", config.to_str().unwrap());
        Self { scratch, program }
    }

    fn config(&self) -> PathBuf {
        self.scratch.root().join("etc/gitconfig")
    }

    fn scripts(&self) -> PathBuf {
        self.scratch.root().join("etc/keyward/hooks")
    }

    fn keyward(&self, args: &[&str]) -> Ran {
        run(self.scratch.command(&self.program).args(args))
    }

    fn install(&self) -> Ran {
        self.keyward(&["install", "--system"])
    }

    fn uninstall(&self) -> Ran {
        self.keyward(&["uninstall", "--system"])
    }

    /// `install --system` is refused with these words, and writes nothing.
    #[track_caller]
    fn assert_refused(&self, program: &Path, words: &str) {
        let ran = run(self.scratch.command(program).args(["install", "--system"]));
        assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
        assert!(ran.stderr.contains("nothing was written"), "{}", ran.stderr);
        assert!(!self.config().exists());
        assert!(!self.scripts().exists());
    }
}

fn open(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

#[test]
fn every_repository_of_every_user_is_checked() {
    let fleet = Fleet::new();
    let scratch = &fleet.scratch;
    let old = "[user]\n\tname = Everybody";
    fs::write(fleet.config(), old).unwrap();
    let ran = fleet.install();
    ran.passes();
    assert!(
        ran.stdout.contains("of every repository of every user"),
        "{}",
        ran.stdout
    );
    assert_guarded(scratch, scratch.top());
    let hook = scratch.top().join(".git/hooks/pre-commit");
    write_script(&hook, "#!/bin/sh\necho own >>\"$HOME/own\"\n");
    assert_guarded(scratch, scratch.top());
    assert_eq!(
        fs::read_to_string(scratch.home().join("own")).unwrap(),
        "own\nown\n"
    );
    fs::remove_file(&hook).unwrap();
    fleet.keyward(&["doctor"]).passes();
    // Beside each of the other ways, once.
    fleet.keyward(&["install"]).passes();
    assert!(hook.is_file());
    assert_guarded(scratch, scratch.top());
    fleet.keyward(&["uninstall"]).passes();
    fleet.keyward(&["install", "--global"]).passes();
    assert_guarded(scratch, scratch.top());
    fleet.keyward(&["uninstall", "--global"]).passes();

    // The same as once, and as it was.
    let installed = fs::read(fleet.config()).unwrap();
    fleet.install().passes();
    assert_eq!(fs::read(fleet.config()).unwrap(), installed);
    fleet.uninstall().passes();
    assert_eq!(fs::read_to_string(fleet.config()).unwrap(), old);
    assert!(!scratch.root().join("etc/keyward").exists());
    let ran = fleet.uninstall();
    ran.passes();
    assert!(ran.stdout.contains("nothing to do"), "{}", ran.stdout);
}

#[test]
fn every_repository_of_a_server_is_checked() {
    let fleet = Fleet::new();
    let scratch = &fleet.scratch;
    scratch.write("key.txt", anthropic_key());
    scratch.commit_all();
    fleet
        .keyward(&["install", "--system", "--hook", "pre-receive"])
        .passes();
    scratch.git(&["init", "-q", "--bare", "../server.git"]);
    let server = scratch.root().join("server.git");
    let own = "#!/bin/sh\ncat >>\"$HOME/own\"\n";
    write_script(&server.join("hooks/pre-receive"), own);
    let push = ["push", "-q", "../server.git", "HEAD:refs/heads/new"];
    let ran = scratch.try_git(&push);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("1 secret in this push"),
        "{}",
        ran.stderr
    );
    let told = fs::read_to_string(scratch.home().join("own")).unwrap();
    assert!(told.ends_with(" refs/heads/new\n"), "{told}");
    let mut doctor = scratch.command(&fleet.program);
    let ran = run(doctor.current_dir(&server).arg("doctor"));
    ran.passes();
    assert!(
        ran.stdout.ends_with("Pushes are checked here.\n"),
        "{}",
        ran.stdout
    );
    fleet.uninstall().passes();
    scratch.try_git(&push).passes();
    let mut doctor = scratch.command(&fleet.program);
    let ran = run(doctor.current_dir(&server).arg("doctor"));
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("Pushes are NOT safe here."),
        "{}",
        ran.stdout
    );
    let mend = "mend     keyward install --hook pre-receive\n";
    assert!(ran.stdout.contains(mend), "{}", ran.stdout);
}

#[test]
fn the_policy_of_the_machine_stays_beside_it() {
    let fleet = Fleet::new();
    fs::create_dir(fleet.scratch.root().join("etc/keyward")).unwrap();
    let policy = fleet.scratch.root().join("etc/keyward/config.toml");
    fs::write(&policy, "lock = [\"scan.threshold\"]\n").unwrap();
    for _ in 0..rounds(100) {
        fleet.install().passes();
        fleet.uninstall().passes();
    }
    assert!(!fleet.config().exists());
    assert!(!fleet.scripts().exists());
    assert!(policy.is_file());
}

#[test]
fn whatever_the_umask_every_user_can_read_it_and_nobody_else_change_it() {
    let fleet = Fleet::new();
    for umask in ["077", "000"] {
        let line = format!(
            "umask {umask} && exec '{}' install --system",
            fleet.program.display()
        );
        run(fleet.scratch.command("sh").args(["-c", &line])).passes();
        assert_eq!(mode(&fleet.config()), 0o644);
        assert_eq!(mode(&fleet.scripts()), 0o755);
        assert_eq!(mode(fleet.scripts().parent().unwrap()), 0o755);
        for script in fs::read_dir(fleet.scripts()).unwrap() {
            assert_eq!(mode(&script.unwrap().path()), 0o755);
        }
        fleet.uninstall().passes();
    }
}

#[test]
fn what_others_can_not_run_or_can_change_is_refused() {
    let fleet = Fleet::new();
    let root = fleet.scratch.root();
    let bin = root.join("bin");
    open(&bin, 0o700);
    fleet.assert_refused(&fleet.program, "is closed to other users");
    open(&bin, 0o757);
    fleet.assert_refused(&fleet.program, "every user could change");
    open(&bin, 0o755);
    open(&fleet.program, 0o757);
    fleet.assert_refused(&fleet.program, "every user could change");
    open(&fleet.program, 0o750);
    fleet.assert_refused(&fleet.program, "is closed to other users");
    open(&fleet.program, 0o755);
    // By a link, too.
    let private = root.join("private");
    fs::create_dir(&private).unwrap();
    open(&private, 0o777);
    symlink(&fleet.program, private.join("keyward")).unwrap();
    fleet.assert_refused(&private.join("keyward"), "every user could change");
    // Only root can give files away.
    if chown(&bin, Some(12345), None).is_ok() {
        fleet.assert_refused(&fleet.program, "could change what the others run");
        chown(&bin, Some(fs::metadata(&root).unwrap().uid()), None).unwrap();
    }
    fleet.install().passes();
}

#[test]
fn without_the_right_to_write_it_says_what_to_run() {
    let fleet = Fleet::new();
    let root = fleet.scratch.root();
    let etc = root.join("etc");
    // As root, a mode keeps nobody out: another user runs it then.
    open(&etc, 0o555);
    let line = format!("'{}' install --system", fleet.program.display());
    let ran = match fs::metadata("/proc/self").map(|own| own.uid()) {
        Ok(0) => run(fleet.scratch.command("setpriv").args([
            "--reuid=65534",
            "--clear-groups",
            "sh",
            "-c",
            &line,
        ])),
        _ => fleet.install(),
    };
    open(&etc, 0o755);
    assert_eq!(ran.code, Some(3), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains(&format!(
            ". Run it as root: sudo {} install --system",
            fleet.program.display()
        )),
        "{}",
        ran.stderr
    );
    assert!(!fleet.config().exists());
    assert!(!fleet.scripts().exists());
}

#[test]
fn a_hooks_path_that_goes_before_it_is_told() {
    let mut fleet = Fleet::new();
    fleet.install().passes();
    let corp = fleet.scratch.root().join("corp");
    write_script(&corp.join("pre-commit"), "#!/bin/sh\n");
    let value = corp.to_str().unwrap();
    let scripts = fleet.scripts();
    for scope in ["--global", "--local"] {
        fleet
            .scratch
            .git(&["config", scope, "core.hooksPath", value]);
        let ran = fleet.keyward(&["doctor"]);
        assert_eq!(ran.code, Some(1), "{}", ran.stdout);
        let told = format!(
            "core.hooksPath = \"{value}\" ({}, in ",
            scope.trim_start_matches('-')
        );
        assert!(ran.stdout.contains(&told), "{}", ran.stdout);
        let hidden = format!("which hides {}", scripts.display());
        assert!(ran.stdout.contains(&hidden), "{}", ran.stdout);
        fleet
            .scratch
            .git(&["config", scope, "--unset", "core.hooksPath"]);
    }
    fleet.keyward(&["doctor"]).passes();
    // Another's for every user is left alone, and no matter to a newer git.
    fleet.uninstall().passes();
    fs::write(fleet.config(), format!("[core]\n\thooksPath = {value}\n")).unwrap();
    let before = fs::read(fleet.config()).unwrap();
    let ran = fleet.install();
    assert_eq!(ran.code, Some(2));
    let told = "remove that setting, then keyward install --system";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert_eq!(fs::read(fleet.config()).unwrap(), before);
    if is_new() {
        pretend(&mut fleet.scratch, "2.54.0");
        fleet.install().passes();
        assert_guarded(&fleet.scratch, fleet.scratch.top());
        fleet.uninstall().passes();
        assert_eq!(fs::read(fleet.config()).unwrap(), before);
    }
}

#[test]
fn git_says_where_its_system_config_is() {
    let file = Repo::config_file(ConfigScope::System).unwrap();
    assert!(
        file.is_absolute() && file.file_name().is_some(),
        "{}",
        file.display()
    );
}
