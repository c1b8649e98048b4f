//! The AI agents that are set to ask keyward, each asked in the agent's place.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use bstr::ByteSlice;

use crate::agent::settings::{Settings, mentions_us};
use crate::agent::{Agent, trial};
use crate::cli::install::AgentPlace as Place;
use crate::config::Unchecked;
use crate::disk;
use crate::doctor::{self, Aider, Asking, Bait, Check, Tried};
use crate::git::{self, Repo};
use crate::shell;

/// Each agent of the repository and of the user, and Aider.
pub(super) fn checks(
    repo: &Repo,
    is_new: bool,
    bait: &Bait,
    unchecked: Unchecked,
) -> Result<Vec<Check>> {
    let top = repo.worktree()?;
    let mut asking = Vec::new();
    let mut checks = Vec::new();
    let mut seen = Vec::new();
    // Of a repository that is not there yet, nothing is set.
    let scopes: &[bool] = if is_new { &[true] } else { &[false, true] };
    for &of_user in scopes {
        // Without a home directory there are no settings of a user.
        let Ok(place) = Place::new(of_user) else {
            continue;
        };
        for &agent in Agent::ALL {
            let Some(settings) = Settings::of(agent) else {
                continue;
            };
            for (named, file) in place.files(settings) {
                if seen.contains(&file) {
                    continue;
                }
                seen.push(file.clone());
                let shown = match of_user {
                    true => shell::shown_path(&file),
                    false => named.clone(),
                };
                let read = place.read(&named, &file);
                let install = install(agent, of_user);
                let commands = match &read {
                    Ok(None) => continue,
                    Ok(Some(text)) => settings.commands(text).ok(),
                    Err(_) => None,
                };
                let Some(commands) = commands else {
                    // What nobody can read, the agent can't either.
                    let is_ours = read.is_ok_and(|text| text.is_some_and(|it| mentions_us(&it)));
                    let broken = || doctor::unreadable(agent.title(), &shown, &install);
                    checks.extend(is_ours.then(broken));
                    continue;
                };
                let text = read.ok().flatten().unwrap_or_default();
                let missing = missing(settings, &text, of_user, &file);
                for command in commands {
                    asking.push(Asking {
                        title: agent.title(),
                        file: shown.clone(),
                        missing: missing.clone(),
                        tried: tried(agent, &command, of_user, top, bait),
                        install: install.clone(),
                        command,
                    });
                }
            }
        }
    }
    let mut all = doctor::agents(&asking);
    all.extend(checks);
    if let Some(verifies) = aider(top) {
        let denies = unchecked == Unchecked::Deny;
        all.extend(doctor::aider(Aider { verifies, denies }));
    }
    Ok(all)
}

fn install(agent: Agent, of_user: bool) -> String {
    let scope = if of_user { " --global" } else { "" };
    format!("keyward install --agents {}{scope}", agent.name())
}

/// The events at which the settings name no command of keyward's.
fn missing(settings: &Settings, text: &str, of_user: bool, file: &Path) -> Vec<&'static str> {
    let mut missing = settings.unasked(text, of_user);
    // Where each event has a program, the first that is there tells of those that are not.
    let programs = settings.beside(&file.to_string_lossy());
    let is_there = |name: &str| file.with_file_name(name).exists();
    let first = programs.iter().find(|(_, name)| is_there(name));
    if first.is_some_and(|(_, name)| file.ends_with(name)) {
        let gone = programs.iter().filter(|(_, name)| !is_there(name));
        missing.extend(gone.map(|(event, _)| *event));
    }
    missing
}

/// How the agent starts a command.
enum Start {
    /// A program with its arguments.
    Program(PathBuf, Vec<OsString>),
    /// By a shell, which it needs.
    Shell,
    /// The program is not there.
    Missing(String),
    /// Not at all.
    Not,
}

fn tried(agent: Agent, command: &str, of_user: bool, top: &Path, bait: &Bait) -> Tried {
    let start = start(command, of_user, top);
    let build = || match &start {
        Start::Program(program, arguments) => {
            let mut built = Command::new(program);
            built.args(arguments);
            Ok(built)
        }
        Start::Shell => Ok(by_shell(command)),
        Start::Missing(program) => Err(Tried::Missing(program.clone())),
        Start::Not => Err(Tried::NotRun),
    };
    let key = String::from_utf8_lossy(&bait.with_key).into_owned();
    let directory = top.to_string_lossy();
    let ask = |line: &str| -> Result<(bool, Option<i32>), Tried> {
        let event = trial::event(agent, &directory, line).to_string();
        let ran = ask(build()?.current_dir(top), event.as_bytes());
        let (code, out, err) = ran.map_err(Tried::Failed)?;
        Ok((trial::is_refusal(agent, code, &out, &err), code))
    };
    let judged = || -> Result<Tried, Tried> {
        let (is_refused, code) = ask(&format!("echo {key}"))?;
        if !is_refused {
            return Err(match code {
                Some(0) => Tried::Passes,
                Some(code) => Tried::Failed(format!("ended with {code}")),
                None => Tried::Failed("was killed".to_owned()),
            });
        }
        match ask("echo")? {
            (false, Some(0)) => Ok(Tried::Works),
            _ => Ok(Tried::RefusesAll),
        }
    };
    judged().unwrap_or_else(|tried| tried)
}

/// How a command is started. What a repository names is run only if it is the keyward on PATH: anybody may
/// have written it there.
fn start(command: &str, of_user: bool, top: &Path) -> Start {
    let search = env::var_os("PATH").unwrap_or_default();
    // A directory of PATH that is no whole path, or that lies in the repository, holds what others wrote.
    let is_own = |directory: &PathBuf| directory.is_absolute() && !directory.starts_with(top);
    let search = env::join_paths(env::split_paths(&search).filter(is_own)).unwrap_or_default();
    let on_path = git::first_of("keyward", &search);
    let arguments = |words: &str| words.split_whitespace().map(OsString::from).collect();
    let Some((program, rest)) = word(command) else {
        return if of_user { Start::Shell } else { Start::Not };
    };
    if program == "keyward" {
        return match on_path {
            Some(path) => Start::Program(path, arguments(rest)),
            None => Start::Missing(program),
        };
    }
    let named = PathBuf::from(&program);
    let is_same = || {
        let real = |path: &Path| fs::canonicalize(path).ok();
        real(&named).is_some() && on_path.as_deref().and_then(real) == real(&named)
    };
    if !of_user && !is_same() {
        return Start::Not;
    }
    match named.is_file() {
        true => Start::Program(named, arguments(rest)),
        false => Start::Missing(program),
    }
}

/// The first word of a command, if no shell would make another of it, and what stands behind it.
fn word(command: &str) -> Option<(String, &str)> {
    let command = command.trim();
    let (word, rest) = match shell::unquote(command.as_bytes()) {
        Some((word, rest)) => (String::from_utf8(word).ok()?, rest.to_str().ok()?),
        None => {
            let (word, rest) = command.split_once(' ')?;
            (word.to_owned(), rest)
        }
    };
    let is_plain = |c: char| c.is_alphanumeric() || "/\\:._-+@, ()".contains(c);
    let is_bare = command.starts_with('\'') || !word.contains([' ', '(', ')', '\\']);
    let is_word = |c: char| c.is_ascii_alphanumeric() || " -".contains(c);
    (word.chars().all(is_plain) && is_bare && rest.chars().all(is_word)).then_some((word, rest))
}

fn by_shell(command: &str) -> Command {
    let (shell, option) = match cfg!(windows) {
        true => ("cmd", "/C"),
        false => ("sh", "-c"),
    };
    let mut built = Command::new(shell);
    built.args([OsStr::new(option), OsStr::new(command)]);
    built
}

/// What a program ended with and wrote.
type Ended = (Option<i32>, Vec<u8>, Vec<u8>);

/// Gives a program an event. What it wrote, or why it gave no answer.
fn ask(command: &mut Command, event: &[u8]) -> Result<Ended, String> {
    let started = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = started.map_err(|error| format!("can't be started ({error})"))?;
    // One that reads nothing has an answer, too. The event is shorter than what a pipe holds.
    if let Some(mut input) = child.stdin.take() {
        let _ = input.write_all(event);
    }
    // Read while it runs: one that fills a pipe waits until somebody does.
    let (out, err) = (heard(child.stdout.take()), heard(child.stderr.take()));
    let end = Instant::now() + LONGEST;
    let code = ended(&mut child, end)?;
    let whole = |pipe: Receiver<Vec<u8>>| {
        let left = end.saturating_duration_since(Instant::now());
        pipe.recv_timeout(left).map_err(|_| no_answer())
    };
    Ok((code, whole(out)?, whole(err)?))
}

/// A bound: as long as agents wait.
const LONGEST: Duration = Duration::from_secs(30);

fn no_answer() -> String {
    format!("gives no answer in {} seconds", LONGEST.as_secs())
}

/// What is written to a pipe until it is closed. Nobody waits for that: what a program leaves running may hold it open
/// for good.
fn heard(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    /// A bound: of a longer answer the start is kept.
    const MOST_BYTES: u64 = 1 << 20;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.by_ref().take(MOST_BYTES).read_to_end(&mut bytes);
            let _ = io::copy(&mut pipe, &mut io::sink());
        }
        let _ = sender.send(bytes);
    });
    receiver
}

/// Waits for a program, and ends one that does not end.
fn ended(child: &mut Child, end: Instant) -> Result<Option<i32>, String> {
    while Instant::now() < end {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.code()),
            Ok(None) => thread::sleep(Duration::from_millis(5)),
            Err(error) => return Err(format!("can't be waited for ({error})")),
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    Err(no_answer())
}

/// Whether Aider, if it is used here, was told to run git's hooks.
fn aider(top: &Path) -> Option<bool> {
    const CONF: &str = ".aider.conf.yml";
    /// A bound: no such file is longer.
    const MOST_BYTES: u64 = 1 << 20;
    /// A bound: of a larger directory the first entries are asked.
    const MOST: usize = 10_000;
    let home = env::home_dir();
    let read = |bytes: io::Result<Option<Vec<u8>>>| bytes.ok().flatten();
    let of_home = home.map(|home| disk::read_regular(&home.join(CONF), MOST_BYTES));
    let of_home = of_home.and_then(read);
    let entries = fs::read_dir(top).into_iter().flatten().flatten();
    let is_trace =
        |entry: fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(b".aider");
    if of_home.is_none() && !entries.take(MOST).any(is_trace) {
        return None;
    }
    let of_top = read(disk::read_inside(top, CONF, MOST_BYTES));
    let said = |text: Option<Vec<u8>>| text.and_then(|text| verifies(&text));
    let by_variable =
        env::var_os("AIDER_GIT_COMMIT_VERIFY").map(|value| is_yes(value.as_encoded_bytes()));
    let told = by_variable
        .or_else(|| said(of_top))
        .or_else(|| said(of_home));
    Some(told.unwrap_or(false))
}

/// What the settings of Aider say of git's hooks, in the last line that does.
fn verifies(text: &[u8]) -> Option<bool> {
    let lines = text.lines().rev();
    let mut values = lines.filter_map(|line| line.strip_prefix(b"git-commit-verify:"));
    values.next().map(is_yes)
}

fn is_yes(value: &[u8]) -> bool {
    let value = value.split_str("#").next().unwrap_or_default();
    let value = value.trim_with(|c| c.is_whitespace() || "\"'".contains(c));
    let yes: [&[u8]; 4] = [b"true", b"yes", b"on", b"1"];
    yes.iter().any(|yes| value.eq_ignore_ascii_case(yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_as_words_or_left_to_a_shell() {
        for (command, expected) in [
            ("keyward agent-hook x", Some(("keyward", " agent-hook x"))),
            (
                "/a/keyward agent-hook x",
                Some(("/a/keyward", " agent-hook x")),
            ),
            (
                "'/a b/keyward' agent-hook x",
                Some(("/a b/keyward", " agent-hook x")),
            ),
            ("/a/keyward agent-hook x; rm y", None),
            ("X=1 /a/keyward agent-hook x", None),
            ("$HOME/keyward agent-hook x", None),
            ("~/keyward agent-hook x", None),
            ("\"/a/keyward\" agent-hook x", None),
            ("a;/b/keyward agent-hook x", None),
            ("keyward", None),
        ] {
            let found = word(command);
            let found = found
                .as_ref()
                .map(|(word, rest)| (word.as_str(), rest.trim()));
            let expected = expected.map(|(word, rest)| (word, rest.trim()));
            assert_eq!(found, expected, "{command}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_answer_longer_than_a_pipe_holds_is_heard() {
        let command = "head -c 300000 /dev/zero; head -c 3000000 /dev/zero >&2; exit 2";
        let (code, out, err) = ask(&mut by_shell(command), b"{}").expect("it answers");
        assert_eq!((code, out.len(), err.len()), (Some(2), 300_000, 1 << 20));
    }

    #[test]
    fn aider_is_told_by_the_last_line() {
        for (text, expected) in [
            ("", None),
            ("model: x\n", None),
            ("git-commit-verify: true\n", Some(true)),
            ("git-commit-verify: \"True\" # why\r\n", Some(true)),
            (
                "git-commit-verify: true\ngit-commit-verify: false\n",
                Some(false),
            ),
            ("# git-commit-verify: true\n", None),
            ("git-commit-verify:\n", Some(false)),
        ] {
            assert_eq!(verifies(text.as_bytes()), expected, "{text}");
        }
    }
}
