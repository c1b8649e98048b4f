//! `keyward doctor`: gathers what is to be known of the set-up, and tells what is wrong with it.

use std::env;
use std::ffi::OsStr;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use bstr::BString;
use keyward::allow::{self, AllowList};
use keyward::change::Status;
use keyward::config::Unchecked;
use keyward::detect::Detector;
use keyward::doctor::{self, Bait, Called, Check, Hooks, Shadow, State, Worn};
use keyward::finding::{Confidence, Finding};
use keyward::git::{self, ConfigHook, ConfigScope, LeftOut, Repo};
use keyward::hook::{self, Elsewhere, Found, Framework, HookKind, Place, What};
use keyward::scan;
use keyward::shell::shown;
use serde::Serialize;

use super::Exit;
use super::install;
use super::session::{self, Session};

/// Prove that commits are checked here, by a test with a made-up key
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write one JSON object instead of lines
    #[arg(long)]
    json: bool,
    /// Remove expired and unused entries from .keyward.allow
    #[arg(long, conflicts_with = "json")]
    prune: bool,
    /// In the test, run hooks that are not keyward's own, too; they may take time and change files
    #[arg(long)]
    run_others: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let repo = Repo::from_env()?;
    if args.prune {
        return prune(&repo);
    }
    let checks = examine(&repo, args)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    if args.json {
        write_json(&checks, &mut out)?;
    } else {
        let subject = match repo.worktree() {
            Ok(_) => "Commits",
            Err(_) => "Pushes",
        };
        write_lines(&checks, subject, &mut out)?;
    }
    out.flush()?;
    Ok(if checks.iter().all(Check::is_safe) {
        Exit::Clean
    } else {
        Exit::Findings
    })
}

fn examine(repo: &Repo, args: &Args) -> Result<Vec<Check>> {
    let (session, read) = settings(repo);
    let unchecked = session
        .as_ref()
        .map_or(Unchecked::Off, |session| session.config.unchecked());
    let is_server = repo.worktree().is_err();
    let is_wanted = |kind: HookKind| match is_server {
        true => kind == HookKind::PreReceive,
        false => install::is_usual(kind, unchecked),
    };
    let place = effective_place(repo)?;
    let accepted = match &place {
        Ok(place) => Some(place.clone()),
        Err(elsewhere) => elsewhere.clone().accept(),
    };
    let by_framework = repo.worktree().is_ok_and(|top| {
        let mut frameworks = Framework::found(top).into_iter();
        frameworks.any(|framework| framework.names_keyward(top))
    });
    let mut found: Vec<(HookKind, Found)> = Vec::new();
    for &kind in HookKind::ALL {
        let Some(place) = &accepted else { continue };
        let mut hook = hook::inspect(place, kind)?;
        if hook.what == What::Foreign && by_framework {
            hook.what = What::Mention;
        }
        // Beyond those that are wanted, only what is keyward's matters.
        if is_wanted(kind)
            || matches!(&hook.what, What::Keyward { program: Some(program), .. } if !program.as_os_str().is_empty())
        {
            found.push((kind, hook));
        }
    }
    let mut named: Vec<(HookKind, ConfigHook)> = Vec::new();
    for &kind in HookKind::ALL {
        let hooks = repo.config_hooks(kind.name())?.into_iter();
        named.extend(hooks.map(|hook| (kind, hook)));
    }
    let (named, others): (Vec<_>, Vec<_>) = named
        .into_iter()
        .partition(|(_, hook)| hook.name.starts_with("keyward"));
    let (by_config, off): (Vec<_>, Vec<_>) = named.iter().partition(|(_, hook)| hook.off.is_none());
    let by_config: Vec<HookKind> = by_config.into_iter().map(|(kind, _)| *kind).collect();
    let off: Vec<(HookKind, String)> = off
        .into_iter()
        .filter_map(|(kind, hook)| Some((*kind, hook.off.clone()?)))
        .collect();

    let mut checks = hook_checks(repo, &place, &found, (&by_config, &off), args.run_others)?;
    let in_hooks = found.iter().filter_map(|(_, found)| match &found.what {
        What::Keyward { program, .. } => program.clone(),
        _ => None,
    });
    checks.extend(program_checks(
        in_hooks.chain(
            named
                .iter()
                .filter_map(|(_, named)| hook::program_of(&named.command)),
        ),
    ));
    let gui = doctor::gui_path();
    let gui_sees_git = gui.is_none_or(|gui| git::first_of("git", OsStr::new(gui)).is_some());
    checks.push(doctor::gits(&git::programs(), gui_sees_git));
    checks.extend(read);
    let Some(session) = session else {
        return Ok(checks);
    };
    if !is_server {
        if session.allowed.entries().next().is_some() {
            checks.extend(Worn::of(&session.allowed, &all_findings(repo, &session)?).checks());
        }
        checks.push(doctor::unignored(&unignored(repo, &session)?));
    }
    let is_run = |kind: HookKind, what: &What| match what {
        _ if by_config.contains(&kind) => true,
        What::Keyward { .. } => true,
        What::Foreign | What::Mention | What::Empty => args.run_others,
        What::Nothing | What::NoFile => false,
    };
    let tested = |kind: HookKind| match kind {
        // It can refuse nothing.
        HookKind::PostCommit => false,
        // Unless it is asked for, it looks at nothing.
        HookKind::PrepareCommitMsg => unchecked == Unchecked::Deny,
        _ => true,
    };
    let kinds: Vec<HookKind> = HookKind::ALL
        .iter()
        .copied()
        .filter(|&kind| tested(kind))
        .filter(|&kind| {
            let found = found.iter().find(|(found, _)| *found == kind);
            found.map_or(by_config.contains(&kind), |(_, found)| {
                is_run(kind, &found.what)
            })
        })
        .collect();
    let left_out = kinds
        .iter()
        .filter(|_| !args.run_others)
        .map(|&kind| LeftOut {
            kind: kind.name().to_owned(),
            // Where it is keyward's, it is the one that does the work.
            in_directory: by_config.contains(&kind)
                && !found.iter().any(|(other, found)| {
                    *other == kind && matches!(found.what, What::Keyward { .. })
                }),
            named: others
                .iter()
                .filter(|(other, _)| *other == kind)
                .map(|(_, hook)| hook.name.clone())
                .collect(),
        });
    checks.extend(self_test(repo, &session, &kinds, left_out.collect())?);
    Ok(checks)
}

/// Where git finds the hooks. What is installed for every repository counts as it stands.
fn effective_place(repo: &Repo) -> Result<Result<Place, Elsewhere>> {
    let hooks_dir = repo.hooks_dir()?;
    if install::serves_all(&hooks_dir) {
        return Ok(Ok(Place::Directory {
            dir: hooks_dir,
            in_worktree: false,
        }));
    }
    install::place(repo)
}

fn hook_checks(
    repo: &Repo,
    place: &Result<Place, Elsewhere>,
    found: &[(HookKind, Found)],
    (by_config, off): (&[HookKind], &[(HookKind, String)]),
    others_are_run: bool,
) -> Result<Vec<Check>> {
    let setting = repo.hooks_path_setting()?;
    let scope = repo
        .hooks_path_scope()
        .unwrap_or_default()
        .unwrap_or_default();
    let own_dir = repo.common_dir()?.join("hooks");
    let outside = place.is_err();
    let serves_all = matches!(place, Ok(Place::Directory { dir, .. }) if install::serves_all(dir));
    let shadow = setting.as_ref().map(|(value, origin)| {
        let is_read = |path: &Path| found.iter().any(|(_, found)| found.path == path);
        let own = Place::Directory {
            dir: own_dir.clone(),
            in_worktree: false,
        };
        let dead = HookKind::ALL
            .iter()
            .filter_map(|&kind| hook::inspect(&own, kind).ok())
            .filter(|hook| matches!(hook.what, What::Keyward { .. }) && !is_read(&hook.path))
            // The scripts for every repository go on to its own hooks.
            .filter(|_| !serves_all);
        Shadow {
            value,
            origin,
            scope: &scope,
            outside,
            off: outside && found.is_empty(),
            dead: dead.map(|hook| hook.path).collect(),
            hidden: hidden_hooks(&scope),
        }
    });
    let is_husky = matches!(place, Ok(Place::Husky { .. }));
    Ok(doctor::hooks(&Hooks {
        found,
        shadow,
        own_dir: &own_dir,
        is_server: repo.worktree().is_err(),
        by_config,
        off,
        others_are_run,
        husky_off: is_husky && env::var_os("HUSKY").is_some_and(|value| value == "0"),
    }))
}

/// keyward's hooks for every repository that git would run, were `core.hooksPath` not set in a scope
/// that goes before theirs.
fn hidden_hooks(by: &str) -> Option<PathBuf> {
    let hidden = match by {
        "system" => &[][..],
        "global" => &[ConfigScope::System],
        _ => &[ConfigScope::Global, ConfigScope::System],
    };
    hidden.iter().find_map(|&scope| {
        let (value, _) = Repo::hooks_path_in(scope).ok()??;
        let dir = PathBuf::from(value);
        install::serves_all(&dir).then_some(dir)
    })
}

/// One line for each program that the hooks call; usually they call one.
fn program_checks(called: impl Iterator<Item = PathBuf>) -> Vec<Check> {
    let mut programs: Vec<PathBuf> = called.collect();
    programs.sort();
    programs.dedup();
    let on_path = git::first_of("keyward", &env::var_os("PATH").unwrap_or_default());
    let gui_sees_it =
        doctor::gui_path().is_none_or(|gui| git::first_of("keyward", OsStr::new(gui)).is_some());
    programs
        .into_iter()
        .map(|path| {
            let called = Called {
                answer: version_of(&path),
                path,
                on_path: on_path.clone(),
                gui_sees_it,
            };
            doctor::program(&called, env!("CARGO_PKG_VERSION"))
        })
        .collect()
}

/// What a program answers to `--version`; `None` if it can't be run or is empty: a shell runs an
/// empty file as a script that succeeds.
fn version_of(program: &Path) -> Option<String> {
    let is_empty = program.metadata().is_ok_and(|metadata| metadata.len() == 0);
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .ok()
        .filter(|_| !is_empty)?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The settings layer by layer, and the session that they make if all can be read.
fn settings(repo: &Repo) -> (Option<Session>, Vec<Check>) {
    let read = super::settings::at_hand(Some(repo));
    let allowed = session::allow_list(repo);
    let occasion = match repo.worktree() {
        Ok(_) => "commit",
        Err(_) => "push",
    };
    let mut checks = Vec::new();
    if let Err(error) = &allowed {
        checks.push(Check::of_reading("allow", occasion, "", Err(error)));
    }
    let layers = match read {
        Ok(layers) => layers,
        Err(error) => {
            checks.push(Check::of_reading("settings", occasion, "", Err(&error)));
            return (None, checks);
        }
    };
    let mut seen = "built in".to_owned();
    for layer in &layers {
        seen += &format!("; {}, {}", layer.origin, layer.file);
    }
    // Commits go by what is staged, which may be older, or lack a part.
    let judged = match repo.worktree() {
        Ok(_) => super::settings::for_commit(repo).map(drop),
        Err(_) => Ok(()),
    };
    if let Err(error) = judged.context("as staged") {
        checks.push(Check::of_reading("settings", occasion, "", Err(&error)));
        return (None, checks);
    }
    match Session::new(layers, allowed.unwrap_or_default()) {
        Ok(session) => {
            checks.push(Check::of_reading("settings", occasion, &seen, Ok(())));
            // With an allow file that can't be read, every commit is refused: nothing to prove.
            (
                Some(session).filter(|_| checks.iter().all(Check::is_safe)),
                checks,
            )
        }
        Err(error) => {
            checks.push(Check::of_reading("settings", occasion, "", Err(&error)));
            (None, checks)
        }
    }
}

/// All that the tracked files hold, allowed or not.
fn all_findings(repo: &Repo, session: &Session) -> Result<Vec<Finding>> {
    let tracked = repo.worktree_files(&[])?.filter(|change| {
        change
            .as_ref()
            .map_or(true, |change| change.status == Status::Modified)
    });
    let verdict = session.look_with(tracked, &AllowList::default(), Confidence::Possible);
    let allowed = verdict.allowed.into_iter().map(|allowed| allowed.finding);
    Ok(verdict
        .blocking
        .into_iter()
        .chain(verdict.warnings)
        .chain(allowed)
        .collect())
}

/// Files that the guard would refuse and that no `.gitignore` covers.
fn unignored(repo: &Repo, session: &Session) -> Result<Vec<BString>> {
    let Some(guards) = &session.guards else {
        return Ok(Vec::new());
    };
    let detector = Detector::new(&session.rules);
    let mut paths = Vec::new();
    for change in repo.unignored_files()? {
        let change = change?;
        if !session.config.exclude().covers(change.path())
            && scan::guarded(&change, guards, &detector)?.is_some()
        {
            paths.push(change.path);
        }
    }
    Ok(paths)
}

fn self_test(
    repo: &Repo,
    session: &Session,
    kinds: &[HookKind],
    left_out: Vec<LeftOut>,
) -> Result<Vec<Check>> {
    let excluded = |path: &bstr::BStr| session.config.exclude().covers(path);
    let seed = RandomState::new().hash_one(std::process::id());
    let bait = match Bait::new(&session.rules, excluded, seed) {
        Ok(bait) => bait,
        Err(check) => return Ok(vec![*check]),
    };
    let rehearsal = repo.rehearse(left_out)?;
    doctor::self_test(&rehearsal, kinds, &bait, doctor::gui_path().map(OsStr::new))
}

fn prune(repo: &Repo) -> Result<Exit> {
    let mut session = Session::load(Some(repo))?;
    let worn = Worn::of(&session.allowed, &all_findings(repo, &session)?);
    let mut out = io::stdout().lock();
    let count = worn.expired.len() + worn.unused.len();
    if count == 0 {
        writeln!(
            out,
            "every entry in {} is in use: nothing to do",
            allow::FILE_NAME
        )?;
        return Ok(Exit::Clean);
    }
    session.allowed.retain(|entry| !worn.has(entry));
    session
        .allowed
        .write(&repo.worktree()?.join(allow::FILE_NAME))?;
    repo.stage(allow::FILE_NAME.into())?;
    writeln!(
        out,
        "removed {count} of {} entries; {} is written and staged: commit it",
        worn.total,
        allow::FILE_NAME
    )?;
    Ok(Exit::Clean)
}

fn write_lines(checks: &[Check], subject: &str, out: &mut impl Write) -> io::Result<()> {
    for (at, Check { about, state }) in checks.iter().enumerate() {
        let (word, fault) = match state {
            State::Healthy(seen) => {
                writeln!(out, "ok      {about:9}  {}", shown(seen.as_bytes()))?;
                continue;
            }
            State::Untidy(fault) => ("untidy", fault),
            State::Broken(fault) => ("BROKEN", fault),
        };
        writeln!(out, "{word}  {about:9}  {}", shown(fault.what.as_bytes()))?;
        // One command that mends several things is said once, behind the last of them.
        let same = |next: &Check| matches!(&next.state, State::Broken(next) | State::Untidy(next) if next.mend == fault.mend);
        if !checks.get(at + 1).is_some_and(same) {
            writeln!(out, "          mend     {}", shown(fault.mend.as_bytes()))?;
        }
    }
    let broken = checks.iter().filter(|check| !check.is_safe()).count();
    match broken {
        0 => writeln!(out, "{subject} are checked here."),
        _ => writeln!(
            out,
            "{subject} are NOT safe here. Mend what is broken, then: keyward doctor"
        ),
    }
}

#[derive(Serialize)]
struct Report<'c> {
    protected: bool,
    checks: Vec<Line<'c>>,
}

#[derive(Serialize)]
struct Line<'c> {
    about: &'c str,
    state: &'static str,
    what: &'c str,
    mend: Option<&'c str>,
}

fn write_json(checks: &[Check], out: &mut impl Write) -> Result<()> {
    let lines = checks.iter().map(|Check { about, state }| match state {
        State::Healthy(seen) => Line {
            about,
            state: "ok",
            what: seen,
            mend: None,
        },
        State::Untidy(fault) | State::Broken(fault) => Line {
            about,
            state: match state {
                State::Broken(_) => "broken",
                _ => "untidy",
            },
            what: &fault.what,
            mend: Some(&fault.mend),
        },
    });
    let report = Report {
        protected: checks.iter().all(Check::is_safe),
        checks: lines.collect(),
    };
    serde_json::to_writer(&mut *out, &report)?;
    writeln!(out)?;
    Ok(())
}
