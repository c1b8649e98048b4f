//! `install.sh` where it builds: what it does and says, under every shell that is there. Where it takes
//! a release: `releases.rs`.
//!
//! Building takes minutes, so a stand-in for cargo puts the program in place that the tests were
//! built with.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::Duration;

use crate::support::{Scratch, anthropic_key};

const KEYWARD: &str = env!("CARGO_BIN_EXE_keyward");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/install.sh");

/// What `install.sh` needs of cargo.
const CARGO: &str = r#"#!/bin/sh
[ "$*" = "build --release --locked" ] && [ -f Cargo.toml ] || exit 101
echo built >> "$HOME/cargo-ran"
mkdir -p "$CARGO_TARGET_DIR/release"
cp "$KEYWARD_UNDER_TEST" "$CARGO_TARGET_DIR/release/keyward"
"#;

/// A machine: a home, a stand-in for cargo, a repository.
pub(crate) struct Machine {
    pub(crate) scratch: Scratch,
    pub(crate) root: PathBuf,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let mut scratch = Scratch::named("the home", "a repository");
        let root = scratch.root();
        let path = std::env::var("PATH").unwrap();
        scratch.set("PATH", &format!("{}/tools:{path}", root.display()));
        scratch.set("KEYWARD_UNDER_TEST", KEYWARD);
        // Nothing that a test runs asks the network.
        scratch.set("KEYWARD_RELEASES", "file:///nowhere");
        let target = root.join("a target");
        scratch.set("CARGO_TARGET_DIR", target.to_str().unwrap());
        scratch.git(&["init", "-q", "--template="]);
        scratch.git(&["commit", "-q", "--allow-empty", "-m", "first"]);
        let machine = Self { scratch, root };
        machine.write_tool("cargo", CARGO);
        machine
    }

    /// Written by a process of its own, since Linux runs no file that is open for writing, and what
    /// this process writes is open, for a moment, in every child that another test starts.
    pub(crate) fn write_tool(&self, name: &str, text: &str) {
        let status = Command::new("sh")
            .args([
                "-c",
                "mkdir -p \"${1%/*}\" && printf %s \"$2\" > \"$1\" && chmod 755 \"$1\"",
            ])
            .arg("sh")
            .args([&self.root.join("tools").join(name), Path::new(text)])
            .status()
            .unwrap();
        assert!(status.success());
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.scratch.top().to_owned()
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.scratch.home().join(".local/bin/keyward")
    }

    fn target(&self) -> PathBuf {
        self.root.join("a target")
    }

    pub(crate) fn command(&self, program: &str, dir: &Path) -> Command {
        let mut command = self.scratch.command(program);
        command.current_dir(dir);
        command
    }

    fn git(&self, dir: &Path, args: &[&str]) -> Output {
        let output = self.command("git", dir).args(args).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        output
    }

    /// Runs the script from a directory that is in no repository.
    fn run(&self, args: &[&str]) -> Output {
        self.command("sh", &self.root)
            .arg(SCRIPT)
            .args(args)
            .output()
            .unwrap()
    }

    fn install(&self, repository: &Path) -> String {
        let output = self.run(&[repository.to_str().unwrap()]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    }

    fn assert_nothing_left(&self) {
        assert_eq!(names(&self.target()), ["release"]);
        assert_eq!(names(self.program().parent().unwrap()), ["keyward"]);
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn names(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn installs_and_proves_it() {
    let machine = Machine::new();
    let said = machine.install(&machine.repository());
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 7, "{said}");
    assert!(lines[0].starts_with("keyward "), "{said}");
    assert!(
        lines[0].contains(machine.program().to_str().unwrap()),
        "{said}"
    );
    assert!(lines[2].starts_with("Self-test: "), "{said}");
    assert!(lines[4].contains("not on your PATH"), "{said}");
    assert_eq!(
        fs::metadata(machine.program())
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o755
    );
    machine.assert_nothing_left();

    let repository = machine.repository();
    fs::write(
        repository.join("settings.py"),
        format!("key = \"{}\"\n", anthropic_key()),
    )
    .unwrap();
    machine.git(&repository, &["add", "settings.py"]);
    let commit = machine
        .command("git", &repository)
        .args(["commit", "-m", "x"])
        .output()
        .unwrap();
    assert_eq!(commit.status.code(), Some(1));

    // Again, with another program to put in place of the first.
    let before = fs::read(machine.program()).unwrap();
    machine.install(&repository);
    assert_eq!(fs::read(machine.program()).unwrap(), before);
    machine.assert_nothing_left();
}

#[test]
fn every_shell_runs_it() {
    let shells: [&[&str]; 4] = [&["dash"], &["busybox", "sh"], &["bash", "--posix"], &["sh"]];
    for shell in shells {
        let machine = Machine::new();
        let mut command = machine.command(shell[0], &machine.repository());
        let Ok(output) = command.args(&shell[1..]).arg(SCRIPT).output() else {
            assert_ne!(shell[0], "sh");
            continue;
        };
        assert!(
            output.status.success(),
            "{shell:?}: {}",
            text(&output.stderr)
        );
        assert!(machine.repository().join(".git/hooks/pre-commit").is_file());
        machine.assert_nothing_left();
    }
}

#[test]
fn subdirectory_linked_worktree_and_submodule() {
    let machine = Machine::new();
    let repository = machine.repository();
    let sub = repository.join("some/where below");
    fs::create_dir_all(&sub).unwrap();
    machine.install(&sub);
    assert!(repository.join(".git/hooks/pre-commit").is_file());

    let tree = machine.root.join("a worktree");
    machine.git(
        &repository,
        &[
            "worktree",
            "add",
            "-q",
            "-b",
            "other",
            tree.to_str().unwrap(),
        ],
    );
    fs::remove_dir_all(repository.join(".git/hooks")).unwrap();
    machine.install(&tree);
    assert!(repository.join(".git/hooks/pre-commit").is_file());

    let other = Machine::new();
    machine.git(
        &repository,
        &[
            "submodule",
            "--quiet",
            "add",
            other.repository().to_str().unwrap(),
            "sub",
        ],
    );
    machine.install(&repository.join("sub"));
    assert!(
        repository
            .join(".git/modules/sub/hooks/pre-commit")
            .is_file()
    );
}

#[test]
fn the_self_test_goes_by_no_settings_of_the_users() {
    let machine = Machine::new();
    let config = machine.scratch.git_config();
    fs::write(
        config,
        "[commit]\ngpgSign = true\n[init]\ntemplateDir = /nowhere\n[core]\nhooksPath = hooks here\n",
    )
    .unwrap();
    machine.install(&machine.repository());
    assert!(machine.repository().join("hooks here/pre-commit").is_file());
}

#[test]
fn the_repository_that_is_named_counts_and_not_the_environments() {
    let machine = Machine::new();
    let other = Machine::new();
    let output = machine
        .command("sh", &machine.root)
        .env("GIT_DIR", other.repository().join(".git"))
        .arg(SCRIPT)
        .arg(machine.repository())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(machine.repository().join(".git/hooks/pre-commit").is_file());
    assert!(!other.repository().join(".git/hooks").exists());
}

#[test]
fn keyward_bin_on_path() {
    let machine = Machine::new();
    let output = machine
        .command("sh", &machine.repository())
        .env("KEYWARD_BIN", machine.root.join("tools"))
        .arg(SCRIPT)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!text(&output.stdout).contains("not on your PATH"));
    assert!(machine.root.join("tools/keyward").is_file());
    assert!(!machine.program().exists());
}

#[test]
fn without_a_toolchain_it_says_how_to_get_one() {
    let machine = Machine::new();
    let tools = machine.root.join("few tools");
    fs::create_dir(&tools).unwrap();
    for tool in [
        "sh", "git", "dirname", "uname", "cat", "grep", "sed", "head", "mktemp", "cp", "rm",
    ] {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .map(|dir| dir.join(tool))
            .find(|path| path.is_file())
            .unwrap();
        std::os::unix::fs::symlink(found, tools.join(tool)).unwrap();
    }
    let output = machine
        .command("sh", &machine.repository())
        .env("PATH", &tools)
        .arg(SCRIPT)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("https://rustup.rs"));
    assert!(!machine.program().exists());
    assert!(!machine.repository().join(".git/hooks").exists());
}

#[test]
fn a_build_that_fails_leaves_nothing() {
    let machine = Machine::new();
    machine.write_tool("cargo", "#!/bin/sh\nexit 101\n");
    let output = machine.run(&[machine.repository().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("rustup update"));
    assert!(!machine.program().exists());
    assert!(!machine.repository().join(".git/hooks").exists());
}

/// Sends the script a signal as soon as a stand-in has written the file `reached`.
fn interrupt(machine: &Machine) -> ExitStatus {
    let mut script = machine
        .command("sh", &machine.repository())
        .env("KEYWARD_UNDER_TEST", machine.root.join("tools/slow"))
        .arg(SCRIPT)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !machine.root.join("the home/reached").exists() {
        assert_eq!(script.try_wait().unwrap(), None, "it ended too early");
        thread::sleep(Duration::from_millis(5));
    }
    let pid = script.id().to_string();
    let kill = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    assert!(kill.success());
    script.wait().unwrap()
}

#[test]
fn interrupted_while_it_builds() {
    let machine = Machine::new();
    let slow = "#!/bin/sh\ntouch \"$HOME/reached\"\nsleep 1\nexit 101\n";
    machine.write_tool("cargo", slow);
    assert_eq!(interrupt(&machine).code(), Some(143));
    assert!(!machine.root.join("the home/.local").exists());
    assert!(!machine.target().exists());
    assert!(!machine.repository().join(".git/hooks").exists());
}

#[test]
fn interrupted_in_its_self_test() {
    let machine = Machine::new();
    let slow = format!(
        "#!/bin/sh\ncase $1 in\n--version) echo keyward 0 ;;\ninstall) \"{KEYWARD}\" install && \
         case $PWD in *self-test*) touch \"${{HOME%/.local/*}}/reached\"; sleep 1 ;; esac ;;\nesac\n"
    );
    machine.write_tool("slow", &slow);
    assert_eq!(interrupt(&machine).code(), Some(143));
    machine.assert_nothing_left();
}

/// A program that finds nothing must not be proved good.
#[test]
fn the_self_test_fails_for_a_hook_that_lets_all_pass() {
    for verdict in [
        "exit 0",
        "exit 1",
        "echo settings:1 Anthropic API key; exit 1",
    ] {
        let machine = Machine::new();
        let program = format!(
            "#!/bin/sh\ncase $1 in\n--version) echo keyward 0 ;;\ninstall) \"{KEYWARD}\" install; \
             ln -sf \"$0\" \"$(git rev-parse --git-path hooks/pre-commit)\" ;;\n*) {verdict} ;;\nesac\n"
        );
        machine.write_tool("pretender", &program);
        let output = machine
            .command("sh", &machine.repository())
            .env("KEYWARD_UNDER_TEST", machine.root.join("tools/pretender"))
            .arg(SCRIPT)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(3), "{verdict}");
        assert!(text(&output.stderr).contains("the self-test failed"));
        assert_eq!(names(&machine.target()), ["release"]);
    }
}

#[test]
fn another_program_of_that_name_is_left_alone() {
    let machine = Machine::new();
    fs::create_dir_all(machine.program().parent().unwrap()).unwrap();
    fs::write(machine.program(), "#!/bin/sh\necho something else\n").unwrap();
    let output = machine.run(&[machine.repository().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("is another program"));
    let kept = fs::read_to_string(machine.program()).unwrap();
    assert_eq!(kept, "#!/bin/sh\necho something else\n");
}

#[test]
fn uninstall() {
    let machine = Machine::new();
    let repository = machine.repository();
    machine.install(&repository);
    let path = repository.to_str().unwrap();

    let output = machine.run(&["--uninstall", "--keep-program", path]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(machine.program().is_file());
    assert!(!repository.join(".git/hooks").exists());

    machine.install(&repository);
    let output = machine.run(&["--uninstall", path]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("Removed the program"));
    assert!(!machine.program().exists());
    assert!(!repository.join(".git/hooks").exists());

    let output = machine.run(&["--uninstall", path]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("There is no program"));
}

#[test]
fn words_that_are_wrong_are_named() {
    let machine = Machine::new();
    let (repository, root) = (machine.repository(), machine.root.clone());
    let (repository, root) = (repository.to_str().unwrap(), root.to_str().unwrap());
    for (args, reason) in [
        (
            &["--no-such-option"][..],
            "there is no option --no-such-option",
        ),
        (&[repository, repository], "one repository at a time"),
        (&["/no/such/directory"], "is no directory"),
        (&[root], "is in no git working tree"),
        (&[], "is in no git working tree"),
        (&["--global", repository], "goes with neither"),
    ] {
        let output = machine.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(
            text(&output.stderr).contains(reason),
            "{args:?}: {}",
            text(&output.stderr)
        );
    }
    assert!(!machine.root.join("the home/cargo-ran").exists());

    let help = machine.run(&["--help"]);
    assert!(help.status.success());
    assert!(text(&help.stdout).contains("Usage: ./install.sh [OPTION]... [REPOSITORY]"));
}
