//! `keyward fix ID`: a finding mended in the working tree. The line reads the environment, the value goes to the
//! ignored `.env`, and the templates get the name.

use std::collections::BTreeSet;
use std::io::Write;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use bstr::{BStr, BString, ByteSlice};

use super::session::Session;
use super::template::usual_app;
use super::{Exit, Misuse, ask, ignore, voice};
use crate::allow;
use crate::assignment::variable;
use crate::confidence::Confidence;
use crate::detect::Detector;
use crate::disk::{self, Lock};
use crate::dotenv::{self, Unwritten};
use crate::filetype::{self, FileType};
use crate::finding::{Fingerprint, Secret};
use crate::git::Repo;
use crate::keys::held;
use crate::keys::mend::{ByHand, mended};
use crate::rules::{ProviderRef, RuleSet};
use crate::scan;
use crate::shell::{pathspec, quoted, shown};
use crate::store::{Place, Store};
use crate::text::Text;
use crate::words::echo;
use crate::words::name::is_identifier;

/// A bound: no file that people write is longer.
const MOST_BYTES: u64 = 4 << 20;

/// Where the values go.
const ENV: &str = ".env";

/// Mend a finding: the line reads the environment, and the value goes to the ignored .env
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The ids of the findings, as they were told
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// The variable that holds the key from now on [default: the one that has it in .env, or that the finding names]
    #[arg(long, value_name = "VARIABLE")]
    name: Option<String>,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

/// A key in a file of the working tree.
struct Sighting {
    path: BString,
    text: Vec<u8>,
    value: Vec<u8>,
    secret: Secret,
    places: Vec<Range<usize>>,
    variable: String,
    provider: ProviderRef,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    if args.name.is_some() && args.ids.len() > 1 {
        let told = "--name is for one finding: name one id";
        return Err(Misuse(told.to_owned()).into());
    }
    let repo = Repo::from_env()?;
    // A command that was killed may have left the value there.
    disk::clear_old(repo.git_dir());
    let session = Session::load(Some(&repo))?;
    for id in &args.ids {
        mend(args, id, &session, &repo)?;
    }
    Ok(Exit::Clean)
}

/// Mends one finding.
fn mend(args: &Args, id: &str, session: &Session, repo: &Repo) -> Result<()> {
    let found = sought(args, id, session, repo)?;
    let (path, name) = (found.path.as_bstr(), shown(&found.path));
    let indexed = repo.indexed(path)?;
    if indexed.as_ref() != Some(&found.text) {
        let told = format!(
            "{name} is not staged as it lies here, and there would be no way back: look at it, then: git add {}",
            pathspec(path)
        );
        return Err(Misuse(told).into());
    }
    let new = mended(path, &found.text, &found.places, &found.variable)
        .map_err(|why| by_hand(&why, &name, path))?;
    let top = repo.worktree()?;
    let kept = repo.versions(ENV.into())?;
    if kept.staged || kept.committed {
        let told = format!("git tracks {ENV}: keyward ignore {ENV}, then try again");
        return Err(Misuse(told).into());
    }
    let env = with_value(top, &found)?;
    let mut out = voice::out();
    show(&mut out, &session.rules, &found, &new)?;
    let went = match env {
        Some(_) => "goes to",
        None => "is in",
    };
    writeln!(
        out,
        "the value {went} {ENV} as {}, which git ignores",
        found.variable
    )?;
    out.flush()?;
    drop(out);
    if !args.yes {
        ask::agreed("Do it?", ask::NOBODY, "nothing was written")?;
    }
    // Of two commands at once neither loses what the other wrote.
    let _lock = Lock::of(&repo.common_dir()?);
    // Somebody may have written to them while the question stood.
    let lies_there =
        || disk::read_inside(top, path.to_str()?, MOST_BYTES).map_err(anyhow::Error::from);
    ensure!(
        lies_there()?.as_ref() == Some(&found.text),
        "{name} has changed meanwhile, and nothing was written: run the same command again"
    );
    let env = with_value(top, &found)?;
    let undo = repo.staged_id(path)?.context("it is staged no more")?;
    // At every moment the key is in the line, in .env, or in both.
    ignore::ignore(repo, ENV.into())?;
    if let Some(content) = env {
        disk::replace_private_from(repo.git_dir(), &top.join(ENV), &content)
            .with_context(|| format!("cannot write {ENV}"))?;
    }
    let store = session.config.store();
    let templates = with_name(repo, top, &found.variable, store)?;
    let file = top.join(path.to_path()?);
    ensure!(
        lies_there()?.as_ref() == Some(&found.text),
        "{name} has changed meanwhile: the value is in {ENV} too, and the file is as it was"
    );
    disk::replace_from(repo.git_dir(), &file, &new)
        .with_context(|| format!("cannot write {name}"))?;
    repo.stage(path)?;
    for template in &templates {
        repo.stage((*template).into())?;
    }
    tell(repo, &found, &templates, &undo)
}

fn by_hand(why: &ByHand, name: &str, path: &BStr) -> Misuse {
    let mend = filetype::mend(path);
    Misuse(match mend.ignore {
        true => format!(
            "{name} is a file of secrets: keyward ignore {}",
            quoted(path)
        ),
        false => format!("{name}: {}", why.told()),
    })
}

/// Looks for the finding: where keyward told of it last, or else in every file.
fn sought(args: &Args, id: &str, session: &Session, repo: &Repo) -> Result<Sighting> {
    if !Fingerprint::is_start(id, 4) {
        let it = echo::said_or(id, "that");
        let told =
            format!("{it} is no id of a finding, such as 5c0e907e; to see them: keyward scan .");
        return Err(Misuse(told).into());
    }
    let told: BTreeSet<BString> = allow::told::noted(repo.git_dir())
        .into_iter()
        .filter(|entry| entry.fingerprint.as_str().starts_with(id))
        .filter_map(|entry| entry.path.exact_path())
        .collect();
    let top = repo.worktree()?;
    for path in &told {
        let Ok(name) = path.to_str() else { continue };
        if let Some(content) = disk::read_inside(top, name, MOST_BYTES)?
            && let Some(found) = in_file(args, id, session, top, path.as_bstr(), content)?
        {
            return Ok(found);
        }
    }
    for change in repo.worktree_files(&[top.to_owned()])? {
        let Ok(change) = change else { continue };
        if let Ok(content) = change.content()
            && content.len() as u64 <= MOST_BYTES
            && let Some(found) = in_file(args, id, session, top, change.path(), content)?
        {
            return Ok(found);
        }
    }
    let told = format!("no file here holds a finding {id}: see what there is by: keyward scan .");
    Err(Misuse(told).into())
}

/// The finding in one file.
fn in_file(
    args: &Args,
    id: &str,
    session: &Session,
    top: &Path,
    path: &BStr,
    content: Vec<u8>,
) -> Result<Option<Sighting>> {
    if Fingerprint::of_path(path).as_str().starts_with(id) {
        let told = format!(
            "{} is a file of secrets: keyward ignore {}",
            shown(path),
            quoted(path)
        );
        return Err(Misuse(told).into());
    }
    let text = Text::decode(&content).at(FileType::of_path(path));
    if text.bytes() != content {
        return Ok(None);
    }
    let detector = Detector::new(&session.rules);
    let detections = detector.detect(&text);
    let mut of_id = detections.iter().filter(|detection| {
        let candidate = &detection.candidate;
        let secret = Secret::new(candidate.secret(), candidate.public);
        secret.fingerprint().as_str().starts_with(id)
    });
    let Some(first) = of_id.next() else {
        return Ok(None);
    };
    let candidate = &first.candidate;
    let all: Vec<_> = std::iter::once(first)
        .chain(of_id.filter(|other| other.candidate.secret() == candidate.secret()))
        .collect();
    if all.iter().any(|it| it.candidate.wrapping.is_some()) {
        let told = format!(
            "{}: the key is wrapped there: take it out by hand",
            shown(path)
        );
        return Err(Misuse(told).into());
    }
    let assigned = candidate.assignment.as_ref();
    let assigned = assigned.and_then(|it| variable(&candidate.text()[it.name.clone()]));
    let known = || candidate.rule.env.first().map(|name| name.to_string());
    let kept = match &args.name {
        None => name_of(top, candidate.secret())?,
        Some(_) => None,
    };
    let variable = args.name.clone().or(kept).or(assigned).or_else(known);
    let is_name = |name: &String| is_identifier(name.as_bytes()) && echo::may_be_said(name);
    let variable = variable.filter(is_name).ok_or_else(|| {
        Misuse("say which variable is to hold the key: --name ACME_API_KEY".to_owned())
    })?;
    Ok(Some(Sighting {
        path: path.to_owned(),
        value: candidate.secret().to_vec(),
        secret: Secret::new(candidate.secret(), candidate.public),
        places: all.iter().map(|it| it.candidate.span.clone()).collect(),
        variable,
        provider: candidate.rule.provider.clone(),
        text: content.clone(),
    }))
}

/// The name that a value has in `.env`.
fn name_of(top: &Path, value: &[u8]) -> Result<Option<String>> {
    let old =
        disk::read_inside(top, ENV, MOST_BYTES).with_context(|| format!("cannot read {ENV}"))?;
    Ok(old.and_then(|old| held::name_of(&old, value)))
}

/// The `.env` with the value; `None` if it is there.
fn with_value(top: &Path, found: &Sighting) -> Result<Option<Vec<u8>>> {
    let old =
        disk::read_inside(top, ENV, MOST_BYTES).with_context(|| format!("cannot read {ENV}"))?;
    let old = old.unwrap_or_default();
    match dotenv::with_value(&old, &found.variable, &found.value) {
        Ok(new) => Ok(new),
        Err(Unwritten::Another) => Err(Misuse(format!(
            "{ENV} has another value of {} already: name this one by --name OTHER_NAME",
            found.variable
        ))
        .into()),
        Err(Unwritten::NoForm) => Err(Misuse(format!(
            "no way to write the value is read alike by all loaders: put it into {ENV} by hand"
        ))
        .into()),
    }
}

/// Gives the templates that are there the name, and makes `.env.example` where there is none.
fn with_name(repo: &Repo, top: &Path, variable: &str, store: Store) -> Result<Vec<&'static str>> {
    let mut written = Vec::new();
    let has_references = store.has_references();
    for name in std::iter::once(".env.example").chain(has_references.then_some(".env.tpl")) {
        let old = disk::read_inside(top, name, MOST_BYTES)
            .with_context(|| format!("cannot read {name}"))?;
        if name == ".env.tpl" && old.is_none() {
            continue;
        }
        let old = old.unwrap_or_default();
        if dotenv::entries(&old).any(|entry| old[entry.name] == *variable.as_bytes()) {
            continue;
        }
        let app = usual_app(Path::new(ENV), Some(repo))?;
        let place = Place {
            store,
            vault: store.usual_vault(),
            app: &app,
        };
        let line = match name {
            ".env.tpl" if store.is_sourced() => {
                format!("{variable}=\"{}\"", place.reference(variable))
            }
            ".env.tpl" => format!("{variable}={}", place.reference(variable)),
            _ => format!("{variable}="),
        };
        let content = disk::with_line(old, line.as_bytes());
        disk::replace_from(repo.git_dir(), &top.join(name), &content)
            .with_context(|| format!("cannot write {name}"))?;
        written.push(name);
    }
    Ok(written)
}

/// Shows the lines that change: the key as far as it may be shown, and no other that stands beside it.
fn show(out: &mut impl Write, rules: &RuleSet, found: &Sighting, new: &[u8]) -> Result<()> {
    let detector = Detector::new(rules);
    let lines = |text: &[u8]| -> Vec<BString> {
        let told = scan::name::redacted(&detector, text, Confidence::Possible, &[]);
        let told = told.unwrap_or_else(|| text.into());
        told.lines().map(Into::into).collect()
    };
    let redacted = found.secret.redacted();
    let old = found.text.replace(&found.value, redacted.as_bytes());
    let (old, new) = (lines(&old), lines(new));
    let kept: BTreeSet<&BString> = new.iter().collect();
    writeln!(out, "{}", shown(&found.path))?;
    for line in old.iter().filter(|line| !kept.contains(line)) {
        writeln!(out, "  - {}", line.to_str_lossy())?;
    }
    let kept: BTreeSet<&BString> = old.iter().collect();
    for line in new.iter().filter(|line| !kept.contains(line)) {
        writeln!(out, "  + {}", line.to_str_lossy())?;
    }
    Ok(())
}

fn tell(repo: &Repo, found: &Sighting, templates: &[&str], undo: &str) -> Result<()> {
    let path = pathspec(&found.path);
    let mut out = voice::out();
    let also: String = templates.iter().map(|name| format!(", {name}")).collect();
    writeln!(out, "staged: {}{also}", shown(&found.path))?;
    if found.path.starts_with(b".github/") {
        writeln!(
            out,
            "give the value to GitHub, which asks for it: gh secret set {}",
            found.variable
        )?;
    } else {
        writeln!(
            out,
            "start your program so that it has {ENV}: sh -c 'set -a; . ./{ENV}; exec COMMAND'"
        )?;
    }
    let provider = &found.provider;
    if !provider.revoke.is_empty() {
        writeln!(
            out,
            "if the key was ever pushed, revoke it at {}: {}",
            provider.name, provider.revoke
        )?;
    }
    // The paths are those from the top.
    let (open, close) = match repo.prefix()?.is_empty() {
        true => (String::new(), ""),
        false => {
            let top = quoted(
                <[u8]>::from_path(repo.worktree()?)
                    .unwrap_or_default()
                    .as_bstr(),
            );
            (format!("(cd {top} && "), ")")
        }
    };
    writeln!(
        out,
        "to undo it: {open}git cat-file blob {undo} >{} && git add {path}{close}",
        quoted(&found.path)
    )?;
    out.flush()?;
    Ok(())
}
