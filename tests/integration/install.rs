//! Installing and uninstalling: TRAPS.md, "Installing", row by row, with real commits.
//!
//! The library is tested with a stand-in for the program, which writes down how it was called; the
//! real program is tested at the end.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use keyward::hook::{
    self, Elsewhere, HookKind, HooksPath, Installed, Place, Site, Status, Uninstalled,
    tell_installed,
};
use tempfile::TempDir;

const KIND: HookKind = HookKind::PreCommit;

/// A repository of its own with a home of its own, and a stand-in for the program.
struct Repo {
    _scratch: TempDir,
    top: PathBuf,
}

impl Repo {
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(scratch.path()).unwrap();
        let top = root.join("a repository");
        fs::create_dir_all(root.join("home")).unwrap();
        fs::write(
            root.join("home/.gitconfig"),
            "[user]\nname = Ann\nemail = ann@example.org\n[init]\ndefaultBranch = main\n\
             [protocol \"file\"]\nallow = always\n[commit]\ngpgSign = false\n",
        )
        .unwrap();
        let repo = Self {
            _scratch: scratch,
            top,
        };
        repo.verdict(0);
        repo.write_program(&repo.program());
        fs::create_dir(&repo.top).unwrap();
        repo.git(["init", "-q", "--template="]);
        repo.git(["commit", "-q", "--allow-empty", "-m", "first"]);
        repo
    }

    fn root(&self) -> PathBuf {
        self.top.parent().unwrap().to_owned()
    }

    fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    fn program(&self) -> PathBuf {
        self.home().join("bin of Ann's $(x)/keyward")
    }

    /// It writes down its arguments and what is staged, and ends with the number in `verdict`.
    fn write_program(&self, path: &Path) {
        write_script(
            path,
            "#!/bin/sh\necho \"keyward $*\" >> \"$HOME/ran\"\n\
             git ls-files --stage > \"$HOME/staged\"\nexit \"$(cat \"$HOME/verdict\")\"\n",
        );
    }

    fn command(&self, program: impl AsRef<OsStr>, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(dir)
            .env_clear()
            .env("HOME", self.home())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("PATH", std::env::var_os("PATH").unwrap())
            .stdin(Stdio::null());
        command
    }

    fn try_git<'a>(&self, dir: &Path, args: impl IntoIterator<Item = &'a str>) -> Output {
        self.command("git", dir).args(args).output().unwrap()
    }

    fn git<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> String {
        self.git_in(&self.top, args)
    }

    fn git_in<'a>(&self, dir: &Path, args: impl IntoIterator<Item = &'a str>) -> String {
        let output = self.try_git(dir, args);
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    fn commit(&self) -> Output {
        self.commit_in(&self.top)
    }

    fn commit_in(&self, dir: &Path) -> Output {
        self.try_git(dir, ["commit", "-q", "--allow-empty", "-m", "next"])
    }

    /// What the stand-in and the hooks of the tests wrote down since the last time.
    fn ran(&self) -> String {
        let path = self.home().join("ran");
        let ran = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        ran
    }

    fn verdict(&self, code: u8) {
        fs::write(self.home().join("verdict"), code.to_string()).unwrap();
    }

    fn hooks(&self) -> PathBuf {
        self.top.join(".git/hooks")
    }

    fn hook(&self) -> PathBuf {
        self.hooks().join("pre-commit")
    }

    fn kept(&self) -> PathBuf {
        self.hooks().join("pre-commit.keyward-previous")
    }

    fn place(&self) -> Place {
        self.place_in(&self.top).unwrap()
    }

    fn place_in(&self, dir: &Path) -> Result<Place, Elsewhere> {
        let path = |what: &[&str]| {
            let args = ["rev-parse", "--path-format=absolute"].iter().chain(what);
            PathBuf::from(self.git_in(dir, args.copied()))
        };
        let setting = self.try_git(dir, ["config", "core.hooksPath"]);
        let value = String::from_utf8(setting.stdout).unwrap();
        hook::place(&Site {
            hooks_dir: &path(&["--git-path", "hooks"]),
            hooks_path: setting.status.success().then(|| HooksPath {
                value: value.trim_end(),
                origin: "a file",
            }),
            worktree: Some(&path(&["--show-toplevel"])),
            git_dir: &path(&["--git-common-dir"]),
            home: Some(&self.home()),
        })
    }

    fn install(&self) -> Installed {
        self.install_at(&self.place())
    }

    fn install_at(&self, place: &Place) -> Installed {
        let installed = hook::install(place, KIND, &self.program()).unwrap();
        renew(&installed.path);
        installed
    }

    fn uninstall(&self) -> Uninstalled {
        hook::uninstall(&self.place(), KIND).unwrap()
    }

    /// A commit that keyward lets through and one that it refuses.
    fn assert_guarded(&self, dir: &Path) {
        self.ran();
        self.verdict(0);
        let output = self.commit_in(dir);
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(self.ran(), "keyward hook pre-commit\n");
        self.verdict(1);
        assert_eq!(self.commit_in(dir).status.code(), Some(1));
        self.verdict(0);
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn write_script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    set_mode(path, 0o755);
    renew(path);
}

/// Has another process write a file anew. Linux runs no file that is open for writing, and what
/// this process writes is open, for a moment, in every child that another test starts meanwhile.
fn renew(path: &Path) {
    let status = Command::new("sh")
        .args([
            "-c",
            "cp -p \"$1\" \"$1.renewed\" && mv -f \"$1.renewed\" \"$1\"",
            "sh",
        ])
        .arg(path)
        .status()
        .unwrap();
    assert!(status.success());
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// All that a directory holds: type, permissions and content, by name. Empty if it isn't there.
fn snapshot(dir: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut all = BTreeMap::new();
    let Ok(entries) = fs::read_dir(dir) else {
        return all;
    };
    all.insert(dir.to_owned(), (0, Vec::new()));
    for entry in entries {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        let content = if metadata.is_symlink() {
            fs::read_link(&path)
                .unwrap()
                .into_os_string()
                .into_encoded_bytes()
        } else if metadata.is_dir() {
            all.extend(snapshot(&path));
            Vec::new()
        } else {
            fs::read(&path).unwrap()
        };
        all.insert(path, (metadata.mode(), content));
    }
    all
}

/// The names in a directory itself, but for what any commit writes.
fn names(dir: &Path) -> Vec<OsString> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name != "COMMIT_EDITMSG" && name != "index")
        .collect();
    names.sort();
    names
}

/// A hook that writes down that it ran.
const OLD_HOOK: &str = "#!/bin/sh\necho \"old hook\" >> \"$HOME/ran\"\n";

#[test]
fn a_missing_hooks_directory_is_made_and_removed_again() {
    let repo = Repo::new();
    let before = names(&repo.top.join(".git"));

    let installed = repo.install();
    assert_eq!(installed.path, repo.hook());
    assert_eq!(installed.kept, None);
    assert!(!installed.already && !installed.in_worktree && !installed.awaits_husky);
    assert_eq!(
        tell_installed(&[installed]),
        format!(
            "keyward now checks every commit here: {}",
            repo.hook().display()
        )
    );
    repo.assert_guarded(&repo.top);

    assert_eq!(repo.uninstall(), Uninstalled::Removed(repo.hook()));
    assert_eq!(names(&repo.top.join(".git")), before);
    assert_eq!(repo.uninstall(), Uninstalled::Nothing);
    repo.ran();
    assert!(repo.commit().status.success());
    assert_eq!(repo.ran(), "");
}

#[test]
fn a_directory_that_was_there_stays_even_if_empty() {
    let repo = Repo::new();
    fs::create_dir(repo.hooks()).unwrap();
    repo.install();
    repo.uninstall();
    assert!(repo.hooks().is_dir());
}

#[test]
fn a_directory_that_got_other_files_stays() {
    let repo = Repo::new();
    repo.install();
    write_script(&repo.hooks().join("post-commit"), OLD_HOOK);
    repo.uninstall();
    assert!(repo.hooks().join("post-commit").is_file());
}

#[test]
fn subdirectory() {
    let repo = Repo::new();
    let sub = repo.top.join("some/where below");
    fs::create_dir_all(&sub).unwrap();
    let place = repo.place_in(&sub).unwrap();
    let installed = repo.install_at(&place);
    assert_eq!(installed.path, repo.hook());
    repo.assert_guarded(&sub);
    assert_eq!(snapshot(&sub).len(), 1);
}

#[test]
fn linked_worktree() {
    let repo = Repo::new();
    let tree = repo.root().join("a worktree");
    repo.git([
        "worktree",
        "add",
        "-q",
        "-b",
        "other",
        tree.to_str().unwrap(),
    ]);
    let place = repo.place_in(&tree).unwrap();
    let installed = repo.install_at(&place);
    assert_eq!(installed.path, repo.hook());
    repo.assert_guarded(&tree);
    repo.assert_guarded(&repo.top);
    hook::uninstall(&repo.place_in(&tree).unwrap(), KIND).unwrap();
    assert!(!repo.hooks().exists());
}

#[test]
fn submodule() {
    let repo = Repo::new();
    let other = Repo::new();
    repo.git([
        "submodule",
        "--quiet",
        "add",
        other.top.to_str().unwrap(),
        "sub",
    ]);
    let sub = repo.top.join("sub");
    let place = repo.place_in(&sub).unwrap();
    let installed = repo.install_at(&place);
    assert_eq!(
        installed.path,
        repo.top.join(".git/modules/sub/hooks/pre-commit")
    );
    repo.assert_guarded(&sub);
}

#[test]
fn hooks_path_in_the_working_tree() {
    for absolute in [false, true] {
        let repo = Repo::new();
        let dir = repo.top.join("tools/hooks");
        let old = dir.join("pre-commit");
        write_script(&old, OLD_HOOK);
        let setting = if absolute {
            dir.to_str().unwrap()
        } else {
            "tools/hooks"
        };
        repo.git(["config", "core.hooksPath", setting]);
        let before = snapshot(&dir);

        let installed = repo.install();
        assert!(installed.in_worktree);
        assert_eq!(installed.path, old);
        assert!(repo.commit().status.success());
        assert_eq!(repo.ran(), "old hook\nkeyward hook pre-commit\n");

        assert_eq!(repo.uninstall(), Uninstalled::Restored(old));
        assert_eq!(snapshot(&dir), before);
    }
}

#[test]
fn a_relative_hooks_path_is_that_of_the_current_working_tree() {
    let repo = Repo::new();
    repo.git(["config", "core.hooksPath", ".githooks"]);
    let tree = repo.root().join("tree");
    repo.git([
        "worktree",
        "add",
        "-q",
        "-b",
        "other",
        tree.to_str().unwrap(),
    ]);
    let place = repo.place_in(&tree).unwrap();
    let installed = repo.install_at(&place);
    assert_eq!(installed.path, tree.join(".githooks/pre-commit"));
    repo.assert_guarded(&tree);
}

#[test]
fn hooks_path_outside_is_written_only_for_who_asks() {
    let repo = Repo::new();
    let corporate = repo.root().join("corporate hooks");
    write_script(&corporate.join("pre-commit"), OLD_HOOK);
    repo.git([
        "config",
        "--global",
        "core.hooksPath",
        corporate.to_str().unwrap(),
    ]);
    let before = snapshot(&corporate);

    let elsewhere = repo.place_in(&repo.top).unwrap_err();
    assert_eq!(snapshot(&corporate), before);
    let place = elsewhere.accept().unwrap();
    repo.install_at(&place);
    assert!(repo.commit().status.success());
    assert_eq!(repo.ran(), "old hook\nkeyward hook pre-commit\n");
    hook::uninstall(&place, KIND).unwrap();
    assert_eq!(snapshot(&corporate), before);
}

#[test]
fn the_mend_for_a_hooks_path_outside_works() {
    let repo = Repo::new();
    let corporate = repo.root().join("corporate");
    repo.git([
        "config",
        "--global",
        "core.hooksPath",
        corporate.to_str().unwrap(),
    ]);
    let text = repo.place_in(&repo.top).unwrap_err().to_string();
    let (_, mend) = text.split_once("git config core.hooksPath \"").unwrap();
    let (dir, _) = mend.split_once('"').unwrap();
    repo.git(["config", "core.hooksPath", dir]);
    assert_eq!(repo.install().path, repo.hook());
    repo.assert_guarded(&repo.top);
}

#[test]
fn hooks_that_are_turned_off_are_named() {
    let repo = Repo::new();
    repo.git(["config", "core.hooksPath", "/dev/null"]);
    let elsewhere = repo.place_in(&repo.top).unwrap_err();
    assert!(elsewhere.to_string().contains("turns all hooks off"));
    assert_eq!(elsewhere.accept(), None);
}

#[test]
fn a_hooks_directory_that_is_a_link() {
    let repo = Repo::new();
    let real = repo.top.join("tools");
    fs::create_dir(&real).unwrap();
    symlink("../tools", repo.hooks()).unwrap();
    let before = snapshot(&real);
    repo.install();
    repo.assert_guarded(&repo.top);
    repo.uninstall();
    assert_eq!(snapshot(&real), before);
    assert!(repo.hooks().is_symlink());

    let outside = repo.root().join("shared");
    fs::rename(&real, &outside).unwrap();
    fs::remove_file(repo.hooks()).unwrap();
    symlink(&outside, repo.hooks()).unwrap();
    let elsewhere = repo.place_in(&repo.top).unwrap_err();
    assert!(elsewhere.to_string().contains("symbolic link"));
    repo.install_at(&elsewhere.accept().unwrap());
    repo.assert_guarded(&repo.top);
}

/// The layout of husky 9: git runs `.husky/_/pre-commit`, and that the team's file with `sh -e`.
fn husky(repo: &Repo) -> PathBuf {
    let own = repo.top.join(".husky/_");
    write_script(
        &own.join("pre-commit"),
        "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"\n",
    );
    fs::write(
        own.join("h"),
        "team=$(dirname \"$(dirname \"$0\")\")/$(basename \"$0\")\n\
         [ -f \"$team\" ] || exit 0\nsh -e \"$team\" \"$@\"\n",
    )
    .unwrap();
    fs::write(own.join(".gitignore"), "*\n").unwrap();
    repo.git(["config", "core.hooksPath", ".husky/_"]);
    repo.top.join(".husky/pre-commit")
}

#[test]
fn husky_runs_the_teams_hook_and_then_keyward() {
    let teams = [
        "echo team >> \"$HOME/ran\"\n",
        "echo team >> \"$HOME/ran\"",
        "#!/usr/bin/env sh\necho team >> \"$HOME/ran\"\nexit 0\n",
        "trap 'true' EXIT\nexec sh -c 'echo team >> \"$HOME/ran\"'\n",
        "echo team >> \"$HOME/ran\" #\r\n",
        "",
    ];
    for (team, mode) in teams
        .into_iter()
        .zip([0o644, 0o755, 0o600].into_iter().cycle())
    {
        let repo = Repo::new();
        let file = husky(&repo);
        fs::write(&file, team).unwrap();
        set_mode(&file, mode);
        let before = snapshot(&repo.top.join(".husky"));

        let installed = repo.install();
        assert!(installed.in_worktree && !installed.awaits_husky);
        assert_eq!(installed.path, file);
        assert!(repo.install().already);
        let output = repo.commit();
        assert!(output.status.success(), "{}", stderr(&output));
        let ran = repo.ran().replace('\r', "");
        let expected = if team.is_empty() { "" } else { "team\n" };
        assert_eq!(
            ran,
            format!("{expected}keyward hook pre-commit\n"),
            "{team}"
        );
        repo.verdict(1);
        assert_eq!(repo.commit().status.code(), Some(1));

        assert_eq!(repo.uninstall(), Uninstalled::Restored(file));
        assert_eq!(snapshot(&repo.top.join(".husky")), before, "{team}");
    }
}

#[test]
fn husky_a_team_hook_that_fails_still_refuses() {
    let repo = Repo::new();
    let file = husky(&repo);
    fs::write(&file, "false\necho unreached >> \"$HOME/ran\"\n").unwrap();
    repo.install();
    assert_eq!(repo.commit().status.code(), Some(1));
    assert_eq!(repo.ran(), "");
}

#[test]
fn husky_without_a_team_hook() {
    let repo = Repo::new();
    let file = husky(&repo);
    let before = snapshot(&repo.top.join(".husky"));
    repo.install();
    repo.assert_guarded(&repo.top);
    assert_eq!(repo.uninstall(), Uninstalled::Removed(file.clone()));
    assert_eq!(snapshot(&repo.top.join(".husky")), before);

    repo.install();
    let text = fs::read_to_string(&file).unwrap() + "npm test\n";
    fs::write(&file, text).unwrap();
    repo.install();
    repo.uninstall();
    assert_eq!(fs::read_to_string(&file).unwrap(), "npm test\n");
}

#[test]
fn husky_that_is_not_set_up_in_this_worktree_is_told() {
    let repo = Repo::new();
    husky(&repo);
    fs::remove_dir_all(repo.top.join(".husky")).unwrap();
    let installed = repo.install();
    assert!(installed.awaits_husky);
    assert!(tell_installed(std::slice::from_ref(&installed)).contains("npm install"));
    let file = husky(&repo);
    assert_eq!(installed.path, file);
    repo.assert_guarded(&repo.top);
}

#[test]
fn husky_a_hook_that_is_a_link_is_left_alone() {
    let repo = Repo::new();
    let file = husky(&repo);
    symlink("../package.json", &file).unwrap();
    let err = hook::install(&repo.place(), KIND, &repo.program()).unwrap_err();
    assert!(err.to_string().contains("is not a plain file"));
    assert!(file.is_symlink());
}

#[test]
fn husky_program_gone() {
    let repo = Repo::new();
    husky(&repo);
    repo.install();
    fs::remove_file(repo.program()).unwrap();
    let output = repo.commit();
    assert!(!output.status.success());
    assert!(stderr(&output).contains("keyward: its program is neither at"));
    assert!(stderr(&output).contains("keyward install"));
}

/// Hooks of all sorts. Each writes down that it ran, or can't.
fn old_hooks() -> Vec<(&'static str, &'static str)> {
    vec![
        ("sh", OLD_HOOK),
        (
            "exit 0 at the end",
            "#!/bin/sh\necho old hook >> \"$HOME/ran\"\nexit 0\n",
        ),
        (
            "exec",
            "#!/bin/sh\nexec sh -c 'echo old hook >> \"$HOME/ran\"'\n",
        ),
        ("no first line", "echo old hook >> \"$HOME/ran\"\n"),
        ("no line end", "#!/bin/sh\necho old hook >> \"$HOME/ran\""),
        (
            "Python",
            "#!/usr/bin/env python3\nimport os\n\
             open(os.environ['HOME'] + '/ran', 'a').write('old hook\\n')\n",
        ),
        (
            "Perl",
            "#!/usr/bin/perl\nopen F, '>>', \"$ENV{HOME}/ran\"; print F \"old hook\\n\";\n",
        ),
    ]
}

#[test]
fn a_hook_that_was_there_runs_first_and_comes_back() {
    for (name, text) in old_hooks() {
        let repo = Repo::new();
        write_script(&repo.hook(), text);
        set_mode(&repo.hook(), 0o750);
        if !repo.commit().status.success() {
            // Perl and Python are not on every machine.
            assert!(["Python", "Perl"].contains(&name), "{name}");
            continue;
        }
        assert_eq!(repo.ran(), "old hook\n");
        let before = snapshot(&repo.hooks());
        let inode = fs::metadata(repo.hook()).unwrap().ino();

        let installed = repo.install();
        assert_eq!(installed.kept, Some(repo.kept()), "{name}");
        assert!(repo.commit().status.success());
        assert_eq!(repo.ran(), "old hook\nkeyward hook pre-commit\n", "{name}");
        repo.verdict(1);
        assert_eq!(repo.commit().status.code(), Some(1));

        assert_eq!(repo.uninstall(), Uninstalled::Restored(repo.hook()));
        assert_eq!(snapshot(&repo.hooks()), before, "{name}");
        assert_eq!(fs::metadata(repo.hook()).unwrap().ino(), inode);
    }
}

#[test]
fn a_program_as_hook() {
    let repo = Repo::new();
    fs::create_dir(repo.hooks()).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let find = |name: &str| {
        std::env::split_paths(&path)
            .map(|dir| dir.join(name))
            .find(|path| path.is_file())
            .unwrap()
    };
    for (program, code) in [("true", 0), ("false", 1)] {
        fs::copy(find(program), repo.hook()).unwrap();
        renew(&repo.hook());
        let before = snapshot(&repo.hooks());
        repo.install();
        assert_eq!(repo.commit().status.code(), Some(code));
        assert_eq!(repo.ran().is_empty(), code != 0);
        repo.uninstall();
        assert_eq!(snapshot(&repo.hooks()), before);
    }
}

#[test]
fn a_hook_that_git_passes_over_is_kept_and_not_run() {
    let repo = Repo::new();
    write_script(&repo.hook(), OLD_HOOK);
    set_mode(&repo.hook(), 0o644);
    let before = snapshot(&repo.hooks());
    repo.install();
    repo.assert_guarded(&repo.top);
    repo.uninstall();
    assert_eq!(snapshot(&repo.hooks()), before);
}

#[test]
fn links_stay_links() {
    let repo = Repo::new();
    let target = repo.top.join("tools/check.sh");
    write_script(&target, OLD_HOOK);
    fs::create_dir(repo.hooks()).unwrap();

    symlink("../../tools/check.sh", repo.hook()).unwrap();
    let before = snapshot(&repo.hooks());
    repo.install();
    assert!(repo.commit().status.success());
    assert_eq!(repo.ran(), "old hook\nkeyward hook pre-commit\n");
    repo.uninstall();
    assert_eq!(snapshot(&repo.hooks()), before);

    fs::remove_file(&target).unwrap();
    repo.install();
    repo.assert_guarded(&repo.top);
    repo.uninstall();
    assert_eq!(snapshot(&repo.hooks()), before);
    assert_eq!(fs::read_to_string(target).ok(), None);
}

#[test]
fn arguments_standard_input_and_exit_code_pass_through() {
    let repo = Repo::new();
    write_script(
        &repo.hook(),
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$HOME/args\"\ncat > \"$HOME/stdin\"\nexit 7\n",
    );
    repo.install();
    fs::write(repo.home().join("input"), "a line\nno end").unwrap();
    let status = repo
        .command(repo.hook(), &repo.top)
        .args(["one", "", "two words", "*"])
        .stdin(fs::File::open(repo.home().join("input")).unwrap())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(7));
    assert_eq!(
        fs::read_to_string(repo.home().join("args")).unwrap(),
        "one\n\ntwo words\n*\n"
    );
    assert_eq!(
        fs::read_to_string(repo.home().join("stdin")).unwrap(),
        "a line\nno end"
    );
    assert_eq!(repo.ran(), "");
}

#[test]
fn keyward_sees_what_the_hook_before_it_staged() {
    let repo = Repo::new();
    write_script(
        &repo.hook(),
        "#!/bin/sh\necho formatted > file\ngit add file\n",
    );
    repo.install();
    fs::write(repo.top.join("file"), "unformatted\n").unwrap();
    repo.git(["add", "file"]);
    repo.git(["commit", "-q", "-m", "file"]);
    let staged = fs::read_to_string(repo.home().join("staged")).unwrap();
    assert!(
        staged.contains(&repo.git(["rev-parse", "HEAD:file"])),
        "{staged}"
    );
    assert_eq!(repo.git(["show", "HEAD:file"]), "formatted");
}

#[test]
fn twice_is_once() {
    let repo = Repo::new();
    write_script(&repo.hook(), OLD_HOOK);
    let original = snapshot(&repo.hooks());
    repo.install();
    let once = snapshot(&repo.hooks());
    let again = repo.install();
    assert!(again.already);
    assert_eq!(again.kept, Some(repo.kept()));
    assert_eq!(snapshot(&repo.hooks()), once);
    repo.uninstall();
    assert_eq!(repo.uninstall(), Uninstalled::Nothing);
    assert_eq!(snapshot(&repo.hooks()), original);
}

/// Something that stands where a hook goes.
type Before = (&'static str, fn(&Path));

/// What may stand there, working or not.
const BEFORE: &[Before] = &[
    ("nothing", |_| {}),
    ("sh", |hook| write_script(hook, OLD_HOOK)),
    ("Python", |hook| {
        write_script(hook, "#!/usr/bin/env python3\nprint(1)\n")
    }),
    ("CRLF, no end", |hook| {
        write_script(hook, "#!/bin/sh\r\nexit 0")
    }),
    ("a program", |hook| {
        write_script(hook, "");
        fs::write(hook, b"\x7fELF\0\xff\r\n").unwrap();
    }),
    ("empty", |hook| write_script(hook, "")),
    ("not executable", |hook| {
        write_script(hook, OLD_HOOK);
        set_mode(hook, 0o640);
    }),
    ("only for its owner", |hook| {
        write_script(hook, OLD_HOOK);
        set_mode(hook, 0o700);
    }),
    ("a link to a script", |hook| {
        let script = hook.with_file_name("team-script");
        write_script(&script, OLD_HOOK);
        symlink("team-script", hook).unwrap();
    }),
    ("a link to nowhere", |hook| {
        symlink("nowhere", hook).unwrap()
    }),
];

#[test]
fn a_hundred_times_over_any_hook_of_any_kind() {
    for &kind in HookKind::ALL {
        for (name, make) in BEFORE {
            let repo = Repo::new();
            fs::create_dir_all(repo.hooks()).unwrap();
            make(&repo.hooks().join(kind.name()));
            let (place, git_dir) = (repo.place(), repo.top.join(".git"));
            let before = snapshot(&git_dir);
            for _ in 0..100 {
                hook::install(&place, kind, &repo.program()).unwrap();
                hook::uninstall(&place, kind).unwrap();
            }
            assert_eq!(snapshot(&git_dir), before, "{kind} over {name}");
        }
    }
    // husky's are files of the working tree, which it reads and does not run.
    for (name, make) in BEFORE.iter().filter(|(name, _)| !name.starts_with("a ")) {
        let repo = Repo::new();
        let file = husky(&repo);
        make(&file);
        let (place, before) = (repo.place(), snapshot(&repo.top));
        for _ in 0..100 {
            hook::install(&place, KIND, &repo.program()).unwrap();
            hook::uninstall(&place, KIND).unwrap();
        }
        assert_eq!(snapshot(&repo.top), before, "husky over {name}");
    }
}

#[test]
fn many_at_once() {
    for old in [None, Some(OLD_HOOK)] {
        for _ in 0..20 {
            let repo = Repo::new();
            if let Some(old) = old {
                write_script(&repo.hook(), old);
            }
            let (place, program) = (repo.place(), repo.program());
            let before = snapshot(&repo.hooks());
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| hook::install(&place, KIND, &program).unwrap());
                }
            });
            assert_eq!(repo.install().kept.is_some(), old.is_some());
            assert!(repo.install().already);

            thread::scope(|scope| {
                for n in 0..8 {
                    let (place, program) = (&place, &program);
                    scope.spawn(move || {
                        if n % 2 == 0 {
                            hook::install(place, KIND, program).map(drop).unwrap();
                        } else {
                            hook::uninstall(place, KIND).map(drop).unwrap();
                        }
                    });
                }
            });
            repo.uninstall();
            assert_eq!(snapshot(&repo.hooks()), before);
        }
    }
}

/// Every state in which a kill can leave the hooks directory, made by hand from the states before
/// and behind it. `None` is a repository without a hooks directory.
#[test]
fn killed_between_any_two_steps() {
    type Break = fn(&Repo);
    let states: &[(&str, Option<&str>, Break)] = &[
        ("script half written", Some(OLD_HOOK), |repo| {
            write_script(
                &repo.hooks().join("pre-commit.keyward-new"),
                "#!/bin/sh\n# keyw",
            );
        }),
        ("old hook has two names", Some(OLD_HOOK), |repo| {
            fs::hard_link(repo.hook(), repo.kept()).unwrap();
        }),
        ("old hook was copied", Some(OLD_HOOK), |repo| {
            fs::copy(repo.hook(), repo.kept()).unwrap();
            renew(&repo.kept());
        }),
        ("two names and a script", Some(OLD_HOOK), |repo| {
            fs::hard_link(repo.hook(), repo.kept()).unwrap();
            repo.install();
            let new = repo.hooks().join("pre-commit.keyward-new");
            fs::rename(repo.hook(), new).unwrap();
            fs::hard_link(repo.kept(), repo.hook()).unwrap();
        }),
        ("old hook moved, script not there", Some(OLD_HOOK), |repo| {
            fs::rename(repo.hook(), repo.kept()).unwrap();
        }),
        ("directory half made", None, |repo| {
            fs::create_dir(repo.top.join(".git/hooks.keyward-new")).unwrap();
        }),
        ("directory made aside", None, |repo| {
            repo.install();
            fs::remove_file(repo.hook()).unwrap();
            fs::rename(repo.hooks(), repo.top.join(".git/hooks.keyward-new")).unwrap();
        }),
        ("directory made, no script", None, |repo| {
            repo.install();
            fs::remove_file(repo.hook()).unwrap();
        }),
        ("script written, not in place", None, |repo| {
            repo.install();
            fs::rename(repo.hook(), repo.hooks().join("pre-commit.keyward-new")).unwrap();
        }),
    ];
    for (name, old, break_it) in states {
        let intact = |repo: &Repo| {
            if let Some(old) = old {
                write_script(&repo.hook(), old);
            }
        };
        let git_dir = |repo: &Repo| {
            let hooks = snapshot(&repo.hooks());
            let aside = snapshot(&repo.top.join(".git/hooks.keyward-new"));
            hooks
                .into_iter()
                .chain(aside)
                .map(|(path, state)| (path.strip_prefix(&repo.top).unwrap().to_owned(), state))
                .collect::<BTreeMap<_, _>>()
        };
        let repo = Repo::new();
        intact(&repo);
        let before = git_dir(&repo);
        break_it(&repo);
        repo.uninstall();
        assert_eq!(git_dir(&repo), before, "{name}: uninstall");

        break_it(&repo);
        let installed = repo.install();
        assert_eq!(installed.kept.is_some(), old.is_some(), "{name}");
        repo.commit();
        let expected = if old.is_some() { "old hook\n" } else { "" };
        assert_eq!(
            repo.ran(),
            format!("{expected}keyward hook pre-commit\n"),
            "{name}"
        );
        let broken_then_installed = git_dir(&repo);
        repo.uninstall();
        assert_eq!(git_dir(&repo), before, "{name}: install, uninstall");
        repo.install();
        assert_eq!(broken_then_installed, git_dir(&repo), "{name}: install");
    }
}

#[test]
fn an_older_script_is_replaced_and_what_it_keeps_is_kept() {
    let repo = Repo::new();
    write_script(&repo.hook(), OLD_HOOK);
    let original = snapshot(&repo.hooks());
    repo.install();
    let current = fs::read_to_string(repo.hook()).unwrap();
    let older = current.lines().take(6).collect::<Vec<_>>().join("\n") + "\nexit 0\n";
    assert!(older.contains("keyward_previous='pre-commit.keyward-previous'"));
    fs::write(repo.hook(), older).unwrap();

    assert_eq!(
        hook::status(&repo.place(), KIND, &repo.program()).unwrap(),
        Status::Outdated(repo.hook())
    );
    let installed = repo.install();
    assert!(!installed.already);
    assert_eq!(installed.kept, Some(repo.kept()));
    assert_eq!(fs::read_to_string(repo.hook()).unwrap(), current);
    repo.uninstall();
    assert_eq!(snapshot(&repo.hooks()), original);
}

#[test]
fn a_script_that_lost_its_permission_gets_it_back() {
    let repo = Repo::new();
    repo.install();
    set_mode(&repo.hook(), 0o644);
    assert_eq!(
        hook::status(&repo.place(), KIND, &repo.program()).unwrap(),
        Status::Outdated(repo.hook())
    );
    assert!(!repo.install().already);
    repo.assert_guarded(&repo.top);
}

#[test]
fn status() {
    let repo = Repo::new();
    let status = || hook::status(&repo.place(), KIND, &repo.program()).unwrap();
    assert_eq!(status(), Status::Absent(None));
    write_script(&repo.hook(), OLD_HOOK);
    assert_eq!(status(), Status::Absent(Some(repo.hook())));
    repo.install();
    let Status::Current(installed) = status() else {
        panic!("not current");
    };
    assert!(installed.already);
    assert_eq!(installed.kept, Some(repo.kept()));
    let moved = hook::status(&repo.place(), KIND, Path::new("/elsewhere/keyward")).unwrap();
    assert_eq!(moved, Status::Outdated(repo.hook()));
    fs::remove_file(repo.kept()).unwrap();
    assert_eq!(status(), Status::Outdated(repo.hook()));
}

/// What `pre-commit install` does: it moves keyward's script to `.legacy` and runs it from its own.
fn another_tool(repo: &Repo) {
    fs::rename(repo.hook(), repo.hooks().join("pre-commit.legacy")).unwrap();
    write_script(
        &repo.hook(),
        "#!/bin/sh\necho tool >> \"$HOME/ran\"\n\"${0%/*}/pre-commit.legacy\" \"$@\"\n",
    );
}

#[test]
fn another_tool_that_keeps_keywards_script_in_its_turn() {
    let both = "keyward hook pre-commit\nkeyward hook pre-commit\n";
    for (old, expected) in [
        (None, format!("tool\n{both}")),
        (Some(OLD_HOOK), format!("tool\nold hook\n{both}")),
    ] {
        let repo = Repo::new();
        if let Some(old) = old {
            write_script(&repo.hook(), old);
        }
        repo.install();
        another_tool(&repo);
        let before = snapshot(&repo.hooks());
        repo.install();
        assert!(repo.commit().status.success());
        assert_eq!(repo.ran(), expected);
        repo.uninstall();
        assert_eq!(snapshot(&repo.hooks()), before);

        // With the old hook gone its name is free, but keyward's first script would run it.
        let _ = fs::remove_file(repo.kept());
        repo.install();
        repo.commit();
        assert_eq!(repo.ran().matches("tool").count(), 1);
    }
}

#[test]
fn a_second_hook_does_not_overwrite_the_first_that_was_kept() {
    let repo = Repo::new();
    write_script(&repo.hook(), OLD_HOOK);
    repo.install();
    write_script(&repo.hook(), "#!/bin/sh\necho second >> \"$HOME/ran\"\n");
    let before = snapshot(&repo.hooks());
    repo.install();
    assert!(repo.commit().status.success());
    assert_eq!(repo.ran(), "second\nkeyward hook pre-commit\n");
    repo.uninstall();
    assert_eq!(snapshot(&repo.hooks()), before);
}

#[test]
fn the_program_is_gone() {
    let repo = Repo::new();
    repo.install();
    let moved = repo.home().join("elsewhere/keyward");
    fs::create_dir(moved.parent().unwrap()).unwrap();
    fs::rename(repo.program(), &moved).unwrap();

    let output = repo.commit();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        format!(
            "keyward: its program is neither at {} nor on PATH, so this commit is refused.\n  \
             to go on   install it (https://github.com/keyward/keyward), then run here: keyward install\n  \
             to remove  rm \"{}\"\n",
            repo.program().display(),
            repo.hook().display()
        )
    );
    let hook = repo.command(repo.hook(), &repo.top).status().unwrap();
    assert_eq!(hook.code(), Some(3));

    // On PATH it is found wherever it is.
    let path = format!(
        "{}:{}",
        moved.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut commit = repo.command("git", &repo.top);
    let commit = commit
        .args(["commit", "-q", "--allow-empty", "-m", "x"])
        .env("PATH", path);
    assert!(commit.status().unwrap().success());
    assert_eq!(repo.ran(), "keyward hook pre-commit\n");
}

#[test]
fn the_way_out_that_the_script_names_works() {
    for old in [None, Some(OLD_HOOK)] {
        let repo = Repo::new();
        if let Some(old) = old {
            write_script(&repo.hook(), old);
        }
        let before = snapshot(&repo.hooks());
        repo.install();
        fs::remove_file(repo.program()).unwrap();
        let text = stderr(&repo.commit());
        let (_, remove) = text.split_once("to remove  ").unwrap();
        let status = repo
            .command("sh", Path::new("/"))
            .args(["-c", remove])
            .status()
            .unwrap();
        assert!(status.success());
        repo.uninstall();
        assert_eq!(snapshot(&repo.hooks()), before);
    }
}

#[test]
fn an_empty_program_is_no_silent_pass() {
    let repo = Repo::new();
    repo.install();
    fs::write(repo.program(), "").unwrap();
    assert_eq!(repo.commit().status.code(), Some(1));
}

#[test]
fn the_short_path_of_a_gui() {
    let repo = Repo::new();
    repo.install();
    let git = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|dir| dir.join("git"))
        .find(|path| path.is_file())
        .unwrap();
    let status = repo
        .command(git, &repo.top)
        .args(["commit", "-q", "--allow-empty", "-m", "x"])
        .env("PATH", "/usr/bin:/bin")
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(repo.ran(), "keyward hook pre-commit\n");
}

#[test]
fn the_hook_that_was_kept_is_gone() {
    let repo = Repo::new();
    write_script(&repo.hook(), OLD_HOOK);
    repo.install();
    fs::remove_file(repo.kept()).unwrap();
    let output = repo.commit();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("pre-commit.keyward-previous, is gone"),
        "{}",
        stderr(&output)
    );
    assert_eq!(repo.ran(), "");
    repo.install();
    repo.assert_guarded(&repo.top);
}

#[test]
fn every_shell_reads_the_script() {
    let repo = Repo::new();
    write_script(&repo.hook(), OLD_HOOK);
    repo.install();
    let shells: [&[&str]; 5] = [
        &["sh"],
        &["dash"],
        &["bash", "--posix"],
        &["busybox", "sh"],
        &["sh", "-eu"],
    ];
    for shell in shells {
        let mut command = repo.command(shell[0], &repo.top);
        let Ok(status) = command
            .args(&shell[1..])
            .arg(".git/hooks/pre-commit")
            .status()
        else {
            assert_ne!(shell[0], "sh");
            continue;
        };
        assert!(status.success(), "{shell:?}");
        assert_eq!(
            repo.ran(),
            "old hook\nkeyward hook pre-commit\n",
            "{shell:?}"
        );
    }
    // Started inside the directory, its own name has no directory in it.
    let status = repo
        .command("sh", &repo.hooks())
        .arg("pre-commit")
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(repo.ran(), "old hook\nkeyward hook pre-commit\n");
}

#[test]
fn program_paths_of_all_sorts() {
    let repo = Repo::new();
    for name in [
        "it's",
        "a \"b\"",
        "$HOME",
        "`x`",
        "back\\slash",
        "new\nline",
        "-n",
        "ключ",
        "@PREVIOUS@",
    ] {
        let program = repo.home().join(name).join("keyward");
        repo.write_program(&program);
        let installed = hook::install(&repo.place(), KIND, &program).unwrap();
        renew(&installed.path);
        repo.assert_guarded(&repo.top);
        assert!(matches!(
            hook::status(&repo.place(), KIND, &program).unwrap(),
            Status::Current(_)
        ));
    }
    repo.uninstall();
    assert!(!repo.hooks().exists());
}

#[test]
fn what_stands_in_the_way_is_named() {
    let repo = Repo::new();
    let place = Place::Directory {
        dir: repo.hooks(),
        in_worktree: false,
    };
    let error = || {
        let err = hook::install(&place, KIND, &repo.program()).unwrap_err();
        let text = format!("{err:#}");
        assert!(text.ends_with("run the command again"), "{text}");
        text
    };
    fs::create_dir_all(repo.hook()).unwrap();
    assert!(error().contains("pre-commit is not a file"));
    fs::remove_dir_all(repo.hooks()).unwrap();

    fs::write(repo.hooks(), "").unwrap();
    assert!(error().contains("hooks is not a directory"));
    fs::remove_file(repo.hooks()).unwrap();

    symlink("nowhere", repo.hooks()).unwrap();
    assert!(error().contains("hooks is not a directory"));
}

#[test]
fn a_link_in_the_way_of_the_new_script_is_not_followed() {
    let repo = Repo::new();
    let precious = repo.home().join("precious");
    fs::write(&precious, "precious").unwrap();
    repo.git(["config", "core.hooksPath", ".githooks"]);
    let dir = repo.top.join(".githooks");
    fs::create_dir(&dir).unwrap();
    symlink(&precious, dir.join("pre-commit.keyward-new")).unwrap();
    repo.install();
    assert_eq!(fs::read_to_string(precious).unwrap(), "precious");
    repo.assert_guarded(&repo.top);
}

#[test]
fn a_foreign_script_cannot_have_a_file_elsewhere_moved() {
    let repo = Repo::new();
    let precious = repo.top.join("precious");
    fs::write(&precious, "precious").unwrap();
    write_script(
        &repo.hook(),
        "#!/bin/sh\n# keyward hook: pre-commit\nkeyward_previous='../../precious'\n",
    );
    repo.uninstall();
    assert_eq!(fs::read_to_string(precious).unwrap(), "precious");
}

/// The program itself: what it says, and that the hook it sets judges commits.
pub(crate) mod program {
    use super::*;

    const KEYWARD: &str = env!("CARGO_BIN_EXE_keyward");

    impl Repo {
        fn keyward(&self, dir: &Path, command: &str) -> Output {
            self.command(KEYWARD, dir).arg(command).output().unwrap()
        }

        /// Runs a command of the program that has to succeed.
        fn keyward_ok(&self, dir: &Path, command: &str) -> String {
            let output = self.keyward(dir, command);
            assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
            let said = String::from_utf8(output.stdout).unwrap();
            assert!((1..=3).contains(&said.lines().count()), "{said}");
            said
        }

        /// A commit without a key goes through and one with a key does not, in that directory.
        fn assert_judged(&self, dir: &Path) {
            fs::write(dir.join("settings.py"), "debug = True\n").unwrap();
            self.git_in(dir, ["add", "settings.py"]);
            let output = self.commit_in(dir);
            assert!(output.status.success(), "{}", stderr(&output));
            fs::write(
                dir.join("settings.py"),
                format!("key = \"{}\"\n", made_up_key()),
            )
            .unwrap();
            self.git_in(dir, ["add", "settings.py"]);
            let output = self.commit_in(dir);
            assert_eq!(output.status.code(), Some(1));
            assert!(stderr(&output).contains("Anthropic"), "{}", stderr(&output));
            self.git_in(dir, ["reset", "-q", "--hard"]);
        }
    }

    /// A key that no provider gave out, made when it is needed: no file may hold one.
    pub(crate) fn made_up_key() -> String {
        let alphabet: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let body = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            alphabet[(state % 62) as usize]
        });
        ["sk-ant", "-api03-"].concat() + &body.take(93).collect::<String>() + "AA"
    }

    #[test]
    fn installs_and_uninstalls() {
        let repo = Repo::new();
        let said = repo.keyward_ok(&repo.top, "install");
        assert!(said.contains(repo.hooks().to_str().unwrap()), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        repo.assert_judged(&repo.top);
        repo.keyward_ok(&repo.top, "install");
        repo.assert_judged(&repo.top);
        repo.keyward_ok(&repo.top, "uninstall");
        assert!(!repo.hooks().exists());
        repo.keyward_ok(&repo.top, "uninstall");
    }

    #[test]
    fn from_a_subdirectory_a_linked_worktree_and_a_submodule() {
        let repo = Repo::new();
        let sub = repo.top.join("some/where below");
        fs::create_dir_all(&sub).unwrap();
        repo.keyward_ok(&sub, "install");
        repo.assert_judged(&sub);
        fs::create_dir_all(&sub).unwrap();
        repo.keyward_ok(&sub, "uninstall");
        assert!(!repo.hooks().exists());

        let tree = repo.root().join("a worktree");
        let path = tree.to_str().unwrap();
        repo.git(["worktree", "add", "-q", "-b", "other", path]);
        repo.keyward_ok(&tree, "install");
        repo.assert_judged(&tree);
        repo.assert_judged(&repo.top);
        repo.keyward_ok(&tree, "uninstall");
        assert!(!repo.hooks().exists());

        let other = Repo::new();
        repo.git([
            "submodule",
            "--quiet",
            "add",
            other.top.to_str().unwrap(),
            "sub",
        ]);
        let sub = repo.top.join("sub");
        repo.keyward_ok(&sub, "install");
        repo.assert_judged(&sub);
        assert!(!repo.hooks().exists());
    }

    #[test]
    fn a_repository_whose_git_directory_is_elsewhere() {
        let repo = Repo::new();
        let git_dir = repo.root().join("git dir");
        let top = repo.root().join("separate");
        fs::create_dir(&top).unwrap();
        let argument = format!("--separate-git-dir={}", git_dir.display());
        repo.git_in(&top, ["init", "-q", "--template=", &argument]);
        repo.keyward_ok(&top, "install");
        assert!(git_dir.join("hooks/pre-commit").is_file());
        repo.assert_judged(&top);
        repo.keyward_ok(&top, "uninstall");
        assert!(!git_dir.join("hooks").exists());
    }

    #[test]
    fn hooks_path() {
        let repo = Repo::new();
        for setting in [
            "tools/hooks",
            repo.top.join("tools/hooks").to_str().unwrap(),
        ] {
            repo.git(["config", "core.hooksPath", setting]);
            repo.keyward_ok(&repo.top, "install");
            assert!(repo.top.join("tools/hooks/pre-commit").is_file());
            repo.assert_judged(&repo.top);
            repo.keyward_ok(&repo.top, "uninstall");
            assert!(!repo.top.join("tools/hooks").exists());
        }

        let file = husky(&repo);
        fs::write(&file, "echo team >> \"$HOME/ran\"\nexit 0\n").unwrap();
        repo.keyward_ok(&repo.top, "install");
        repo.assert_judged(&repo.top);
        repo.keyward_ok(&repo.top, "uninstall");
        assert_eq!(
            fs::read_to_string(file).unwrap(),
            "echo team >> \"$HOME/ran\"\nexit 0\n"
        );
    }

    #[test]
    fn hooks_path_outside_or_off_is_refused_with_the_way_out() {
        let repo = Repo::new();
        let corporate = repo.root().join("corporate");
        for setting in [corporate.to_str().unwrap(), "/dev/null", ""] {
            repo.git(["config", "--global", "core.hooksPath", setting]);
            let output = repo.keyward(&repo.top, "install");
            assert!(matches!(output.status.code(), Some(2 | 3)), "{setting}");
            let said = stderr(&output);
            assert!(
                said.contains("core.hooksPath") && said.contains(".gitconfig"),
                "{said}"
            );
            assert!(said.contains("keyward install"), "{said}");
            assert!(!corporate.exists() && !repo.hooks().exists());
        }
    }

    #[test]
    fn a_hook_that_was_there() {
        let repo = Repo::new();
        write_script(&repo.hook(), OLD_HOOK);
        let before = snapshot(&repo.hooks());
        repo.keyward_ok(&repo.top, "install");
        repo.assert_judged(&repo.top);
        assert_eq!(repo.ran(), "old hook\nold hook\n");
        repo.keyward_ok(&repo.top, "uninstall");
        assert_eq!(snapshot(&repo.hooks()), before);
    }

    #[test]
    fn outside_a_repository() {
        let repo = Repo::new();
        for command in ["install", "uninstall"] {
            let output = repo.keyward(&repo.root(), command);
            assert!(
                matches!(output.status.code(), Some(2 | 3)),
                "{}",
                stderr(&output)
            );
            assert!(!stderr(&output).is_empty());
        }
    }

    #[test]
    fn a_umask_does_not_make_a_dead_hook() {
        let repo = Repo::new();
        fs::create_dir(repo.hooks()).unwrap();
        let status = repo
            .command("sh", &repo.top)
            .args(["-c", "umask 0333; exec \"$0\" install >/dev/null", KEYWARD])
            .status()
            .unwrap();
        assert!(status.success());
        repo.assert_judged(&repo.top);
    }

    /// Processes that are killed at any moment, for as long as one takes.
    #[test]
    fn killed_at_any_moment() {
        let repo = Repo::new();
        write_script(&repo.hook(), OLD_HOOK);
        let before = snapshot(&repo.hooks());
        for round in 0..40 {
            let command = if round % 3 == 2 {
                "uninstall"
            } else {
                "install"
            };
            let mut child = repo
                .command(KEYWARD, &repo.top)
                .arg(command)
                .stdout(Stdio::null())
                .spawn()
                .unwrap();
            thread::sleep(std::time::Duration::from_micros(round * 400));
            child.kill().unwrap();
            child.wait().unwrap();
            assert!(repo.commit().status.success());
            assert_eq!(repo.ran(), "old hook\n", "round {round}");
        }
        repo.keyward_ok(&repo.top, "install");
        repo.assert_judged(&repo.top);
        repo.keyward_ok(&repo.top, "uninstall");
        assert_eq!(snapshot(&repo.hooks()), before);
    }

    #[test]
    fn processes_at_once() {
        let repo = Repo::new();
        write_script(&repo.hook(), OLD_HOOK);
        let before = snapshot(&repo.hooks());
        let children: Vec<_> = (0..12)
            .map(|_| {
                let mut command = repo.command(KEYWARD, &repo.top);
                command
                    .arg("install")
                    .stdout(Stdio::null())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        repo.assert_judged(&repo.top);
        repo.keyward_ok(&repo.top, "uninstall");
        assert_eq!(snapshot(&repo.hooks()), before);
    }
}
