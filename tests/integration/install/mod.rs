//! Installing and uninstalling, with real commits.
//!
//! The library is tested with a stand-in for the program, which writes down how it was called; the
//! real program is tested in `program`.

#![cfg_attr(
    not(unix),
    allow(unused_imports, dead_code, reason = "some tests are for unix alone")
)]

mod directory;
mod hooks_path;
mod husky;
mod kept;
mod killed;
mod program;
mod script;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use keyward::parts::hook::{
    self, Elsewhere, Found, HookKind, HooksPath, Installed, Place, Site, Uninstalled,
};

use crate::support::{self, Scratch};

const KIND: HookKind = HookKind::PreCommit;

/// A scratch repository with a stand-in for the program.
struct Repo {
    scratch: Scratch,
    top: PathBuf,
}

impl Repo {
    fn new() -> Self {
        let scratch = Scratch::named("home", "a repository");
        let repo = Self {
            top: scratch.top().to_owned(),
            scratch,
        };
        repo.verdict(0);
        repo.write_program(&repo.program());
        repo.git(["init", "-q", "--template="]);
        repo.git(["commit", "-q", "--allow-empty", "-m", "first"]);
        repo
    }

    fn root(&self) -> PathBuf {
        self.scratch.root()
    }

    /// Another repository as a submodule.
    fn submodule(&self, other: &Self) -> PathBuf {
        let path = other.top.to_str().unwrap();
        self.git(["submodule", "--quiet", "add", path, "sub"]);
        self.top.join("sub")
    }

    /// A linked working tree, beside the repository.
    fn linked(&self) -> PathBuf {
        let tree = self.root().join("a worktree");
        let path = tree.to_str().unwrap();
        self.git(["worktree", "add", "-q", "-b", "other", path]);
        tree
    }

    fn home(&self) -> PathBuf {
        self.scratch.home().to_owned()
    }

    fn program(&self) -> PathBuf {
        self.home().join("bin of Ann's $(x)/keyward")
    }

    /// It says its name if asked, else writes down its arguments and what is staged, and ends with the
    /// number in `verdict`.
    fn write_program(&self, path: &Path) {
        write_script(
            path,
            "#!/bin/sh\n[ \"$1\" != --version ] || { echo keyward 0; exit; }\n\
             echo \"keyward $*\" >> \"$HOME/ran\"\n\
             git ls-files --stage > \"$HOME/staged\"\nexit \"$(cat \"$HOME/verdict\")\"\n",
        );
    }

    fn command(&self, program: impl AsRef<OsStr>, dir: &Path) -> Command {
        let mut command = self.scratch.command(program);
        command.current_dir(dir);
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

    fn found(&self) -> Found {
        hook::inspect(&self.place(), KIND).unwrap()
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
    support::write_script(path, text);
    renew(path);
}

/// Has another process write a file anew. Linux runs no file that is open for writing, and what
/// this process writes is open, for a moment, in every child that another test starts meanwhile.
fn renew(path: &Path) {
    if cfg!(windows) {
        return;
    }
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

/// Sets the permissions, where a file has such.
fn set_mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    #[cfg(not(unix))]
    let _ = (path, mode);
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
        #[cfg(unix)]
        let mode = metadata.mode();
        #[cfg(not(unix))]
        let mode = 0;
        all.insert(path, (mode, content));
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

/// A working tree that husky has set up.
fn husky(repo: &Repo) -> PathBuf {
    support::lay_out_husky(&repo.top, &["pre-commit"]);
    renew(&repo.top.join(".husky/_/pre-commit"));
    repo.git(["config", "core.hooksPath", ".husky/_"]);
    repo.top.join(".husky/pre-commit")
}
