//! `keyward init`: all that keeps keys out of a new repository, in one go.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use bstr::{BStr, BString, ByteSlice};

use super::session::Session;
use super::{Exit, ask, install, kinds, template, voice};
use crate::disk::{self, Lock};
use crate::git::Repo;
use crate::setup::{Plan, Planned, Site};
use crate::shell::{shown, shown_path};
use crate::store::Store;

/// A bound: no such file is longer.
const MOST_BYTES: u64 = 4 << 20;

/// Set up a repository: .gitignore, hooks, settings, .env.example, CI and a line for clones
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Do it without asking
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
    /// Only show what would be done
    #[arg(long)]
    dry_run: bool,
    /// The store in which the team keeps its keys, for the settings
    #[arg(long = "for", value_name = "STORE", value_parser = kinds::stores())]
    store: Option<Store>,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let repo = Repo::from_env()?;
    let top = repo.worktree()?.to_owned();
    let session = Session::load(Some(&repo))?;
    let mut plan = plan(args, &session, &repo, &top)?;
    plan.files.extend(example(&session, &top)?);
    let hooks = install::missing(&repo, &session.config)?;
    let mut out = voice::out();
    if plan.files.is_empty() && hooks.is_empty() {
        writeln!(out, "nothing to do: the hooks and every file are there")?;
        return Ok(Exit::Clean);
    }
    show(&mut out, &plan, &hooks)?;
    out.flush()?;
    if args.dry_run {
        return Ok(Exit::Clean);
    }
    if !args.yes {
        ask::agreed("Do it?", ask::NOBODY, "nothing was written")?;
    }
    write(&repo, &top, &plan.files)?;
    drop(out);
    if !hooks.is_empty() {
        install::install(&install::InstallArgs::default())?;
    }
    let mut out = voice::out();
    if !plan.files.is_empty() {
        let paths: Vec<&str> = plan.files.iter().map(|file| file.path).collect();
        writeln!(
            out,
            "then look at them and commit: git add {}",
            paths.join(" ")
        )?;
    }
    for advice in &plan.advice {
        writeln!(out, "{advice}")?;
    }
    writeln!(out, "to see that it works: keyward doctor")?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// What is missing in the repository.
fn plan(args: &Args, session: &Session, repo: &Repo, top: &Path) -> Result<Plan> {
    let mut paths: Vec<BString> = Vec::new();
    for file in repo.worktree_files(&[top.to_owned()])? {
        paths.push(file?.path);
    }
    let paths: Vec<&BStr> = paths.iter().map(|path| path.as_bstr()).collect();
    let store = args.store.unwrap_or_else(|| session.config.store());
    let branch = repo.main_branch()?.unwrap_or_else(|| "main".to_owned());
    let site = Site {
        read: &|path| read(top, path),
        paths: &paths,
        remotes: &repo.remote_addresses()?,
        branch: &branch,
        store,
    };
    site.plan().context("cannot read what is there")
}

fn read(top: &Path, path: &str) -> io::Result<Option<Vec<u8>>> {
    let read = disk::read_inside(top, path, MOST_BYTES);
    read.map_err(|error| io::Error::new(error.kind(), format!("{path}: {error}")))
}

/// The `.env` with empty values, where there is one and nothing like it.
fn example(session: &Session, top: &Path) -> Result<Option<Planned>> {
    const NAME: &str = ".env.example";
    let has = |name: &str| top.join(name).symlink_metadata().is_ok();
    let is_file =
        |name: &str| fs::symlink_metadata(top.join(name)).is_ok_and(|found| found.is_file());
    if !is_file(".env") || has(NAME) || has(".env.sample") || has(".env.template") {
        return Ok(None);
    }
    let content = template::example(session, &top.join(".env"))?;
    Ok(Some(Planned {
        path: NAME,
        added: content
            .lines()
            .map(|line| line.to_str_lossy().into_owned())
            .collect(),
        content,
        old: None,
    }))
}

/// Shows what is to be written, line by line.
fn show(out: &mut impl Write, plan: &Plan, hooks: &[&str]) -> io::Result<()> {
    /// A bound: of more lines nobody reads each.
    const MOST: usize = 40;
    for file in &plan.files {
        let how = match file.old {
            Some(_) => "more lines",
            None => "new",
        };
        writeln!(out, "{} ({how})", file.path)?;
        for line in file.added.iter().take(MOST) {
            writeln!(out, "  + {}", shown(line.as_bytes()))?;
        }
        if file.added.len() > MOST {
            writeln!(out, "  and {} lines more", file.added.len() - MOST)?;
        }
    }
    if !hooks.is_empty() {
        writeln!(out, "hooks of this clone: {}", hooks.join(", "))?;
    }
    Ok(())
}

/// Writes the files as they were shown. While the question stood, somebody may have written to one of them.
fn write(repo: &Repo, top: &Path, files: &[Planned]) -> Result<()> {
    // Of two commands at once neither loses what the other wrote.
    let _lock = Lock::of(&repo.common_dir()?);
    let is_as_it_was = |file: &Planned| -> Result<()> {
        ensure!(
            read(top, file.path)? == file.old,
            "{} has changed since it was read: run keyward init again",
            file.path
        );
        Ok(())
    };
    files.iter().try_for_each(is_as_it_was)?;
    for file in files {
        let path = top.join(file.path);
        let told = || format!("cannot write {}", shown_path(&path));
        is_as_it_was(file)?;
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(told)?;
        }
        disk::replace_from(repo.git_dir(), &path, &file.content).with_context(told)?;
    }
    Ok(())
}
