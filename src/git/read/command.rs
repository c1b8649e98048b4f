//! The git program: how it is started, and what it answers and refuses.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow, ensure};
use bstr::ByteSlice;

use crate::deadline;
use crate::git::env::LOCAL;

/// git for any repository, with the environment that every call wants.
pub(in crate::git) fn bare_git() -> Command {
    bare_git_at(Path::new("git"))
}

fn bare_git_at(program: &Path) -> Command {
    let mut git = Command::new(program);
    git.env("LC_ALL", "C")
        .env_remove("LANGUAGE")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        // Versions before 2.44 don't know the variable above; without a protocol they fail.
        .env("GIT_ALLOW_PROTOCOL", "none")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_PAGER", "cat");
    for variable in [
        "GIT_EXTERNAL_DIFF",
        "GIT_LITERAL_PATHSPECS",
        "GIT_GLOB_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
    ] {
        git.env_remove(variable);
    }
    git
}

/// git for a repository of its own, with the user's settings and credentials, which may ask the
/// user for a password.
pub(in crate::git) fn user_git() -> Command {
    let mut git = Command::new("git");
    git.env("LC_ALL", "C").env_remove("LANGUAGE");
    for variable in LOCAL {
        // What the user set by `git -c` on the way here holds.
        if !variable.starts_with("GIT_CONFIG") {
            git.env_remove(variable);
        }
    }
    git
}

pub(in crate::git) fn run(git: &mut Command) -> Result<Output> {
    answer(git.stdin(Stdio::null()), None)
}

/// As `run`, with something to read. git reads all of it before it answers.
pub(super) fn run_with(git: &mut Command, input: &[u8]) -> Result<Output> {
    answer(git.stdin(Stdio::piped()), Some(input))
}

/// Where git writes to: a file in memory, or a pipe where the system has none.
///
/// git ends as if all were well where it could not write its answer to a pipe (`run_builtin` in
/// git.c), and with an error where that is a file: then its exit code proves that the answer is whole.
struct Ear(Option<File>);

impl Ear {
    fn new() -> Self {
        #[cfg(target_os = "linux")]
        {
            let memory = rustix::fs::memfd_create("git", rustix::fs::MemfdFlags::CLOEXEC);
            Self(memory.ok().map(File::from))
        }
        #[cfg(not(target_os = "linux"))]
        Self(None)
    }

    fn stdio(&self) -> io::Result<Stdio> {
        match &self.0 {
            Some(file) => Ok(file.try_clone()?.into()),
            None => Ok(Stdio::piped()),
        }
    }

    /// What was written, once the writer has ended.
    fn heard(self, pipe: Vec<u8>) -> io::Result<Vec<u8>> {
        let Some(mut file) = self.0 else {
            return Ok(pipe);
        };
        let mut heard = Vec::new();
        file.rewind()?;
        file.read_to_end(&mut heard)?;
        Ok(heard)
    }
}

fn answer(git: &mut Command, input: Option<&[u8]>) -> Result<Output> {
    deadline::begin();
    let (words, reasons) = (Ear::new(), Ear::new());
    git.stdout(words.stdio()?).stderr(reasons.stdio()?);
    let mut child = git.spawn().map_err(not_started)?;
    let told = match (input, child.stdin.take()) {
        (Some(input), Some(mut stdin)) => stdin.write_all(input),
        (_, _) => Ok(()),
    };
    let heard = hear(&mut child);
    if heard.is_err() {
        // It may wait for somebody to read; an error means that it has ended already.
        let _ = child.kill();
    }
    let status = child.wait().context("git could not be waited for")?;
    let (stdout, stderr) = heard.context("git's answer could not be read")?;
    let output = Output {
        status,
        stdout: words
            .heard(stdout)
            .context("git's answer could not be read")?,
        stderr: reasons.heard(stderr).unwrap_or_default(),
    };
    // A git that ended early has a reason, which its output tells.
    if output.status.success() {
        told.context("git could not be told what it is asked for")?;
    }
    Ok(output)
}

/// What the pipes of a child hold, both read to their ends at once.
fn hear(child: &mut Child) -> io::Result<(Vec<u8>, Vec<u8>)> {
    fn all(pipe: Option<impl Read>) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut all)?;
        }
        Ok(all)
    }
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    if stderr.is_none() {
        return Ok((all(stdout)?, Vec::new()));
    }
    thread::scope(|scope| {
        let reasons = thread::Builder::new().spawn_scoped(scope, || all(stderr))?;
        let words = all(stdout);
        let reasons = reasons.join().expect("a panic ends the process");
        Ok((words?, reasons?))
    })
}

pub(in crate::git) fn not_started(err: io::Error) -> anyhow::Error {
    if err.kind() == io::ErrorKind::NotFound {
        anyhow!("git is not on PATH; install git, or add it to PATH")
    } else {
        anyhow!(err).context("git could not be started")
    }
}

/// What git wrote on standard error, as one line: its reason and, where it gives one, its mend.
pub(in crate::git) fn refusal(output: &Output) -> String {
    let told = output.stderr.to_str_lossy();
    let lines: Vec<String> = told
        .lines()
        .map(|line| {
            let line = line.trim();
            let line = ["fatal: ", "error: ", "hint: "]
                .iter()
                .find_map(|prefix| line.strip_prefix(prefix))
                .unwrap_or(line);
            line.chars()
                .map(|c| if c.is_control() { '?' } else { c })
                .collect::<String>()
        })
        .filter(|line| !line.is_empty())
        .collect();
    if lines.is_empty() {
        return format!("git failed without a reason ({})", output.status);
    }
    let mut reason = String::from("git: ");
    for (at, line) in lines.iter().enumerate() {
        let join = match lines.get(at + 1) {
            None => "",
            Some(_) if line.ends_with([':', ',']) => " ",
            Some(_) => "; ",
        };
        reason.push_str(line);
        reason.push_str(join);
    }
    reason
}

pub(in crate::git) fn unexpected(command: &str) -> String {
    format!("git {command} gave an answer that keyward does not understand")
}

/// A path from the output of a command that prints one line.
pub(in crate::git) fn path(mut output: Vec<u8>) -> Result<PathBuf> {
    if output.ends_with(b"\n") {
        output.pop();
        if cfg!(windows) && output.ends_with(b"\r") {
            output.pop();
        }
    }
    ensure!(!output.is_empty(), "git named no path");
    Ok(output.to_path()?.to_path_buf())
}

/// The version of the git program.
pub(in crate::git) fn version() -> Result<(u32, u32, u32)> {
    version_of(Path::new("git"))
}

/// The version of a git program.
pub(in crate::git) fn version_of(program: &Path) -> Result<(u32, u32, u32)> {
    let output = run(bare_git_at(program).arg("version"))?;
    ensure!(output.status.success(), refusal(&output));
    parse_version(&output.stdout).with_context(|| unexpected("version"))
}

fn parse_version(output: &[u8]) -> Option<(u32, u32, u32)> {
    let version = output.to_str().ok()?.strip_prefix("git version ")?;
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some((next()?, next()?, next().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_every_vendor_are_read() {
        for (output, version) in [
            ("git version 2.47.3\n", (2, 47, 3)),
            ("git version 2.39.5 (Apple Git-154)\n", (2, 39, 5)),
            ("git version 2.45.1.windows.1\r\n", (2, 45, 1)),
            ("git version 2.50.GIT\n", (2, 50, 0)),
        ] {
            assert_eq!(parse_version(output.as_bytes()), Some(version));
        }
        assert_eq!(parse_version(b"hub version 2"), None);
    }
}
