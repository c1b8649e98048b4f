//! The library in a hook: what it sees of a commit, with either reader.

use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use bstr::{BStr, ByteSlice};
use keyward::parts::change::Change;
use keyward::parts::git::Repo;

use crate::support::{Reading, Scratch, run, write_script};

impl Scratch {
    /// Makes this test program, and then the binary, the hook of that kind. The test program
    /// writes down what the library sees there: [`seen`](Self::seen).
    pub(crate) fn hook(&self, kind: &str) {
        let hooks = self.git(&["rev-parse", "--path-format=absolute", "--git-path", "hooks"]);
        let hook = Path::new(&hooks).join(kind);
        let script = format!(
            "#!/bin/sh\n'{}' --exact probe::probe --ignored --quiet >/dev/null || exit 70\n\
             '{}' hook {kind}\ncode=$?\necho $code >'{}'\nexit $code\n",
            std::env::current_exe().unwrap().display(),
            env!("CARGO_BIN_EXE_keyward"),
            self.root().join("code").display(),
        );
        write_script(&hook, &script);
    }

    /// What the library answers to a question in a directory, with this scratch's environment.
    pub(crate) fn ask(&self, dir: &Path, question: &[&str]) -> Vec<String> {
        let before = self.seen().len();
        let ran = run(self
            .command(std::env::current_exe().unwrap())
            .current_dir(dir)
            .args(["--exact", "probe::probe", "--ignored", "--quiet"])
            .env("KEYWARD_TEST_QUESTION", question.join("\n")));
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        self.seen().split_off(before)
    }

    /// What the library saw in hooks so far, a line for each change.
    pub(crate) fn seen(&self) -> Vec<String> {
        let log = fs::read_to_string(self.root().join("log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// Runs git with these arguments, which must make a commit.
    pub(crate) fn passes(&self, args: &[&str]) {
        self.passes_in(self.top(), args);
    }

    /// As `passes`, in another directory.
    pub(crate) fn passes_in(&self, dir: &Path, args: &[&str]) {
        let before = self.head(dir);
        let ran = run(self.command("git").current_dir(dir).args(args));
        let reading = self.reading();
        assert_eq!(ran.code, Some(0), "{reading:?} {args:?}: {}", ran.stderr);
        assert_eq!(self.hook_code(), Some(0), "{reading:?} {args:?}");
        assert_ne!(before, self.head(dir), "{args:?} made no commit");
    }

    /// Runs git with these arguments, which the hook must refuse because of a finding, and returns
    /// what the hook says.
    pub(crate) fn is_refused(&self, args: &[&str]) -> String {
        self.is_refused_in(self.top(), args)
    }

    /// As `is_refused`, in another directory.
    pub(crate) fn is_refused_in(&self, dir: &Path, args: &[&str]) -> String {
        let before = self.head(dir);
        let ran = run(self.command("git").current_dir(dir).args(args));
        let reading = self.reading();
        assert_ne!(ran.code, Some(0), "{reading:?} {args:?} was not refused");
        assert_eq!(
            self.hook_code(),
            Some(1),
            "{reading:?} {args:?}: {}",
            ran.stderr
        );
        assert_eq!(before, self.head(dir), "{args:?} made a commit");
        ran.stderr
    }

    /// The exit code of the binary in the hook that ran last. It is told once.
    pub(crate) fn hook_code(&self) -> Option<i32> {
        let file = self.root().join("code");
        let code = fs::read_to_string(&file).ok()?;
        fs::remove_file(file).unwrap();
        code.trim().parse().ok()
    }

    /// How the pre-commit hook ends when it is run by hand.
    pub(crate) fn exit_code(&self) -> Option<i32> {
        self.keyward(&["hook", "pre-commit"]).code
    }

    fn head(&self, dir: &Path) -> String {
        let args = ["rev-parse", "--quiet", "--verify", "HEAD"];
        run(self.command("git").current_dir(dir).args(args)).stdout
    }
}

/// Runs a scenario once with each reader. Its hooks must see the same changes both times.
pub(crate) fn with_both(scenario: impl Fn(&mut Scratch)) {
    same_with(&[Reading::Libgit2, Reading::Git], &[], scenario);
}

/// As `with_both`, in a repository whose last commit holds these files, if any, and whose pre-commit
/// hook is keyward.
pub(crate) fn hooked(committed: &[(&str, &str)], scenario: impl Fn(&mut Scratch)) {
    with_both(|scratch| {
        for (path, content) in committed {
            scratch.write(path, content);
        }
        if !committed.is_empty() {
            scratch.commit_all();
        }
        scratch.hook("pre-commit");
        scenario(scratch);
    });
}

/// As `with_both`, where libgit2 can't read the repository that these arguments of `git init`
/// make: with git alone, and as a user has it.
pub(crate) fn with_git(init: &[&str], scenario: impl Fn(&mut Scratch)) {
    same_with(&[Reading::Default, Reading::Git], init, scenario);
}

fn same_with(readings: &[Reading], init: &[&str], scenario: impl Fn(&mut Scratch)) {
    let mut seen: Vec<Vec<String>> = Vec::new();
    for &reading in readings {
        let mut scratch = Scratch::init(reading, init);
        scenario(&mut scratch);
        let root = scratch.root();
        let lines = scratch.seen();
        seen.push(
            lines
                .iter()
                .map(|line| line.replace(&*root.to_string_lossy(), "ROOT"))
                .collect(),
        );
    }
    assert_eq!(seen[0], seen[1], "the readers differ");
}

/// Runs in a hook, and in a child of `Scratch::ask`: writes what the library sees to the log.
#[test]
#[ignore = "a part of other tests, which run it as a child"]
fn probe() {
    let Some(log) = std::env::var_os("KEYWARD_TEST_LOG") else {
        return;
    };
    let question = std::env::var("KEYWARD_TEST_QUESTION").unwrap_or_default();
    let words: Vec<&str> = question.split('\n').collect();
    let mut told = answer(&words).unwrap_or_else(|err| format!("error: {err:#}\n"));
    told.insert_str(0, &fs::read_to_string(&log).unwrap_or_default());
    fs::write(log, told).unwrap();
}

fn answer(question: &[&str]) -> anyhow::Result<String> {
    let repo = Repo::from_env()?;
    let mut out = String::new();
    match question {
        [""] => {
            for change in repo.staged()? {
                describe(&change?, &mut out)?;
            }
        }
        ["other", dir] => {
            for change in Repo::open(Path::new(dir), None)?.staged()? {
                describe(&change?, &mut out)?;
            }
        }
        ["worktree", under @ ..] => {
            let under: Vec<PathBuf> = under.iter().map(PathBuf::from).collect();
            for change in repo.worktree_files(&under)? {
                describe(&change?, &mut out)?;
            }
        }
        ["indexed", paths @ ..] => {
            for path in paths {
                let content = repo
                    .indexed(BStr::new(path))
                    .map_err(|err| format!("{err:#}"));
                let content = content.map(|content| content.map(|content| digest(&content)));
                writeln!(out, "{path} {content:?}")?;
            }
        }
        ["committed", paths @ ..] => {
            for path in paths {
                let content = repo
                    .at_head(BStr::new(path))
                    .map_err(|err| format!("{err:#}"));
                let content = content.map(|content| content.map(|content| digest(&content)));
                let versions = repo.versions(BStr::new(path))?;
                writeln!(out, "{path} {content:?} {versions:?}")?;
            }
        }
        ["stage", path] => repo.stage(BStr::new(path))?,
        ["unstage", path] => repo.unstage(BStr::new(path))?,
        ["places"] => {
            writeln!(out, "worktree {}", repo.worktree()?.display())?;
            writeln!(out, "git {}", repo.git_dir().display())?;
            writeln!(out, "common {}", repo.common_dir()?.display())?;
            writeln!(out, "hooks {}", repo.hooks_dir()?.display())?;
            writeln!(out, "setting {:?}", repo.hooks_path_setting()?)?;
        }
        _ => anyhow::bail!("there is no such question"),
    }
    Ok(out)
}

/// Content as a log may hold it: its length and a hash.
pub(crate) fn digest(content: &[u8]) -> String {
    let mut hash = DefaultHasher::new();
    hash.write(content);
    format!("{}:{:08x}", content.len(), hash.finish() >> 32)
}

fn describe(change: &Change<'_>, out: &mut String) -> anyhow::Result<()> {
    let content = change
        .content()
        .map_or_else(|_| "unreadable".to_owned(), |c| digest(&c));
    let mut replaced: Vec<String> = change.replaced()?.iter().map(|c| digest(c)).collect();
    replaced.sort();
    let path = change.path();
    write!(
        out,
        "{:?} {:?} {path:?} {content} {replaced:?}",
        change.status, change.kind
    )?;
    if path.contains_str(".env") {
        write!(out, " {:?}", change.ignored()?)?;
    }
    out.push('\n');
    Ok(())
}
