//! `keyward template`: from an environment file with values to those that a team commits.

use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use bstr::ByteSlice;

use super::session::Session;
use super::{Exit, Misuse, ask, ignore, kinds, voice};
use crate::change::Ignored;
use crate::count::count;
use crate::deposit::{self, Deposit};
use crate::detect::Detector;
use crate::disk;
use crate::dotenv::Dialect;
use crate::filetype::FileType;
use crate::git::Repo;
use crate::keys::template::{Misread, Template, covers};
use crate::rules::RuleSet;
use crate::shell::{quoted, quoted_path, shown_path};
use crate::store::{Place, Store};
use crate::text::Text;

/// A bound: no environment file is longer.
const MOST_BYTES: u64 = 4 << 20;

/// Write .env.tpl with references and .env.example with empty values from a .env with keys
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file with the values; it stays as it is
    #[arg(default_value = ".env", value_name = "FILE")]
    file: PathBuf,
    /// The store that the references lead to [default: the setting `store`]
    #[arg(long = "for", value_name = "STORE", value_parser = kinds::stores())]
    store: Option<Store>,
    /// What the keys are for, as a part of their names in the store [default: the directory's name]
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
    /// The part of the store: a vault of 1Password or Azure, a mount of Vault
    #[arg(long, value_name = "NAME")]
    vault: Option<String>,
    /// Hand each value to the store, by its own command, and check that it comes back
    #[arg(long = "store")]
    hand_over: bool,
    /// Whose reading of the file counts, where loaders read a value differently
    #[arg(long, value_name = "LOADER", value_parser = kinds::dialects())]
    dialect: Option<Dialect>,
    /// Remove the file once all of it is in the store and in .env.tpl
    #[arg(long, requires = "hand_over")]
    delete: bool,
    /// Do not ask before values are handed over
    #[arg(long)]
    yes: bool,
    /// Write .env.tpl and .env.example anew where they are there
    #[arg(long)]
    force: bool,
}

impl Args {
    /// The options that say where the values go and how they are read, as they were typed.
    fn named(&self) -> String {
        let dialect = self.dialect.map(|dialect| dialect.word().to_owned());
        [
            ("--app", &self.app),
            ("--vault", &self.vault),
            ("--dialect", &dialect),
        ]
        .into_iter()
        .filter_map(|(option, said)| {
            Some(format!(
                " {option} {}",
                quoted(said.as_ref()?.as_bytes().as_bstr())
            ))
        })
        .collect()
    }
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let name = shown_path(&args.file);
    let blob = read(&args.file)?;
    let text = text_of(&blob, &name)?;
    let repo = Repo::around(directory(&args.file))?.filter(|repo| repo.worktree().is_ok());
    let session = Session::load(repo.as_ref())?;
    let found = found(&session, &text);
    let template = Template::of(&blob, &found).map_err(|misread| told(misread, &name))?;
    let place = Target::new(args, &session, repo.as_ref())?;
    let files = files(args, &place, &template, &name)?;
    let mut saved = None;
    if args.hand_over {
        saved = Some(hand_over(args, &place, &template, &name)?);
    }
    for file in files.iter().filter(|file| file.is_new) {
        let written = match &repo {
            Some(repo) => disk::replace_from(repo.git_dir(), &file.path, &file.content),
            None => disk::replace(&file.path, &file.content),
        };
        written.with_context(|| format!("cannot write {}", shown_path(&file.path)))?;
    }
    let mut out = voice::out();
    for file in &files {
        writeln!(out, "{}", file.told())?;
    }
    if let Some(repo) = &repo {
        writeln!(out, "{}", keep_out(repo, &args.file)?)?;
        for file in &files {
            let path = repo.path_of(&file.path)?;
            if repo.ignored(path.as_ref())? != Ignored::No {
                let name = shown_path(&file.path);
                writeln!(
                    out,
                    "git ignores {name}, too; to commit it: git add --force {}",
                    quoted_path(&file.path)
                )?;
            }
        }
    }
    tell(&mut out, &place, &template, &name)?;
    finish(&mut out, args, &place, &template, saved.is_some(), &blob)?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// A file of values with the values left out.
pub(super) fn example(session: &Session, file: &Path) -> Result<Vec<u8>> {
    let name = shown_path(file);
    let blob = read(file)?;
    let text = text_of(&blob, &name)?;
    let found = found(session, &text);
    let template = Template::of(&blob, &found);
    let example = template.and_then(|template| template.example());
    Ok(example.map_err(|misread| told(misread, &name))?)
}

/// The text of a file, which has to be UTF-8.
fn text_of<'b>(blob: &'b [u8], name: &str) -> Result<Text<'b>, Misuse> {
    let text = Text::decode(blob);
    if text.bytes() != blob || text.is_binary() {
        return Err(Misuse(format!(
            "{name} is not UTF-8, and no loader can read it: save it as UTF-8, then try again"
        )));
    }
    Ok(text.at(FileType::of_path(b".env")))
}

/// The directory that a file lies in.
fn directory(file: &Path) -> &Path {
    let parent = file
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// Reads the file, unless reading it would wait or ask somebody.
fn read(file: &Path) -> Result<Vec<u8>> {
    let name = shown_path(file);
    let found = fs::metadata(file);
    if found
        .as_ref()
        .is_ok_and(|found| !found.is_file() && !found.is_dir())
    {
        let told = format!(
            "{name} is a pipe, as 1Password mounts one: its values are in the app already, and reading it would \
             ask for them; start the program with: op run --environment ID -- COMMAND"
        );
        return Err(Misuse(told).into());
    }
    let read =
        disk::read_regular(file, MOST_BYTES).with_context(|| format!("cannot read {name}"))?;
    read.ok_or_else(|| {
        let told = format!("there is no {name}: name the file that holds the values");
        Misuse(told).into()
    })
}

/// Where something was found, by the rules in force and by those that are built in: what a repository switches off
/// is no less a key.
fn found(session: &Session, text: &Text<'_>) -> Vec<Range<usize>> {
    let built_in = RuleSet::builtin();
    let mut places: Vec<Range<usize>> = Vec::new();
    for rules in [&session.rules, &built_in] {
        let detector = Detector::new(rules);
        let found = detector.detect(text);
        places.extend(found.into_iter().map(|found| found.candidate.span));
    }
    places
}

fn told(misread: Misread, name: &str) -> Misuse {
    Misuse(match misread {
        Misread::Open(line) => format!(
            "{name}:{line}: no quote closes the value, and each loader makes something else of it: close it, then \
             try again"
        ),
        Misread::Elsewhere(line) => format!(
            "{name}:{line}: the value stands in another place of the file, too, where it would be committed: take \
             it out there, then try again"
        ),
    })
}

/// Where the references lead.
struct Target {
    store: Store,
    vault: String,
    app: String,
}

impl Target {
    fn new(args: &Args, session: &Session, repo: Option<&Repo>) -> Result<Self> {
        let store = args.store.unwrap_or_else(|| session.config.store());
        let app = match &args.app {
            Some(app) => app.clone(),
            None => usual_app(&args.file, repo)?,
        };
        let vault = args.vault.clone();
        if args.hand_over && vault.is_none() && store == Store::Azure {
            let told = "name the key vault of Azure: --vault NAME";
            return Err(Misuse(told.to_owned()).into());
        }
        let vault = vault.unwrap_or_else(|| store.usual_vault().to_owned());
        for (option, name, blank) in [
            ("--app", &app, false),
            ("--vault", &vault, !store.is_sourced()),
        ] {
            checked_name(option, name, blank)?;
        }
        Ok(Self { store, vault, app })
    }

    fn place(&self) -> Place<'_> {
        Place {
            store: self.store,
            vault: &self.vault,
            app: &self.app,
        }
    }
}

/// Refuses a name that a store or a shell takes for something else.
pub(super) fn checked_name(option: &str, name: &str, blank: bool) -> Result<(), Misuse> {
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') || blank && c == ' ';
    match name.starts_with('-') || !name.chars().all(is_plain) {
        true => Err(Misuse(format!(
            "{option} takes letters, digits and `-`, `_`, `.`: name it so"
        ))),
        false => Ok(()),
    }
}

/// The name of the repository's directory, with what the file's name says of the environment: `acme-production`.
pub(super) fn usual_app(file: &Path, repo: Option<&Repo>) -> Result<String> {
    let top = match repo {
        Some(repo) => repo.worktree()?.to_owned(),
        None => std::path::absolute(directory(file))?,
    };
    let top = top.file_name().unwrap_or_default().to_string_lossy();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let stage = name.strip_prefix(".env.").filter(|stage| *stage != "local");
    let whole = [Some(&*top), stage]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>();
    let plain: String = whole
        .join("-")
        .chars()
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') => c,
            _ => '-',
        })
        .collect();
    let plain = plain.trim_matches(['-', '.']);
    Ok(match plain {
        "" => "app".to_owned(),
        plain => plain.to_owned(),
    })
}

/// A file that is made.
struct Made {
    path: PathBuf,
    content: Vec<u8>,
    /// Whether it is not there as it is.
    is_new: bool,
    holds: String,
}

impl Made {
    fn told(&self) -> String {
        let name = shown_path(&self.path);
        match self.is_new {
            true => format!("wrote {name}: {}", self.holds),
            false => format!("{name} is as it should be: {}", self.holds),
        }
    }
}

/// The files that are made of it, none of which is written before all are known to be in nobody's way.
fn files(args: &Args, target: &Target, template: &Template<'_>, name: &str) -> Result<Vec<Made>> {
    let mut files = Vec::new();
    let secrets = template.secrets.len();
    if target.store.has_references() {
        let place = target.place();
        let content = template
            .references(target.store.is_sourced(), |variable| {
                place.reference(variable)
            })
            .map_err(|misread| told(misread, name))?;
        files.push((
            ".tpl",
            content,
            format!(
                "{} to {}, and {}",
                count(secrets, "reference", "references"),
                target.store.name(),
                count(template.plain.len(), "plain value", "plain values"),
            ),
        ));
    }
    let content = template.example().map_err(|misread| told(misread, name))?;
    let emptied = format!(
        "{} without their values",
        count(secrets, "variable", "variables")
    );
    files.push((".example", content, emptied));
    files
        .into_iter()
        .map(|(suffix, content, holds)| {
            let path = disk::with_suffix(&args.file, suffix);
            let is_there = path.symlink_metadata().is_ok();
            let old = disk::read_regular(&path, MOST_BYTES).ok().flatten();
            let same = is_there && old.as_ref() == Some(&content);
            let is_kept = old.is_some_and(|old| covers(&content, &old));
            if is_there && !is_kept && !args.force {
                let told = format!(
                    "{} is there and holds something else: look at it, then write it anew by --force",
                    shown_path(&path)
                );
                return Err(Misuse(told).into());
            }
            Ok(Made {
                path,
                content,
                is_new: !same,
                holds,
            })
        })
        .collect()
}

/// Hands every value to the store and gives how many it did not have.
fn hand_over(args: &Args, target: &Target, template: &Template<'_>, name: &str) -> Result<usize> {
    let store = target.store;
    if let Err(why) = store.save() {
        let told = format!("keyward cannot hand values to {}: {why}", store.name());
        return Err(Misuse(told).into());
    }
    let mut values: Vec<(&str, Vec<u8>)> = Vec::new();
    for secret in &template.secrets {
        let value = template.value(secret, args.dialect).map_err(|why| {
            Misuse(format!(
                "{name}:{}: what {} is depends on who reads it ({why}): quote it so that all agree, or name your \
                 loader by --dialect",
                secret.line, secret.name
            ))
        })?;
        match values
            .iter_mut()
            .find(|(variable, _)| *variable == secret.name)
        {
            // Of two, nearly all loaders take the last.
            Some(known) => known.1 = value,
            None => values.push((&secret.name, value)),
        }
    }
    if !args.yes {
        let what = count(values.len(), "value", "values");
        let question = format!("Hand {what} of {name} to {}?", store.name());
        let nobody = format!(
            "this hands {what} to {}; where nobody can be asked, say so by --yes",
            store.name()
        );
        let refused = "nothing was handed over, and nothing was written";
        ask::agreed(&question, &nobody, refused)?;
    }
    let mut saved = 0;
    for (variable, value) in &values {
        let done = deposit::keep(target.place(), variable, value)?;
        saved += usize::from(done == Deposit::Saved);
    }
    Ok(saved)
}

/// Sees to it that git ignores the file.
fn keep_out(repo: &Repo, file: &Path) -> Result<String> {
    let name = shown_path(file);
    let path = repo.path_of(file)?;
    let versions = repo.versions(path.as_ref())?;
    if versions.staged || versions.committed {
        let file = quoted_path(file);
        return Ok(format!(
            "git tracks {name}: keep it out by: keyward ignore {file}"
        ));
    }
    ignore::ignore(repo, path.as_ref())?;
    Ok(format!("git ignores {name}"))
}

/// Says what somebody should know of the file.
fn tell(out: &mut impl Write, target: &Target, template: &Template<'_>, name: &str) -> Result<()> {
    for (line, note) in &template.notes {
        writeln!(out, "{name}:{line}: {note}")?;
    }
    for secret in &template.secrets {
        if let Err(why) = template.value(secret, None) {
            writeln!(
                out,
                "{name}:{}: what {} is depends on who reads it: {why}",
                secret.line, secret.name
            )?;
        }
    }
    if target.store.is_sourced() {
        let odd = template.odd_in_shell();
        if !odd.is_empty() {
            writeln!(
                out,
                "a shell reads {name}.tpl: put the values of {} into single quotes, without blanks around `=`",
                odd.join(", ")
            )?;
        }
    }
    Ok(())
}

/// Says how a program gets the values now, and what is to be done about the file.
fn finish(
    out: &mut impl Write,
    args: &Args,
    target: &Target,
    template: &Template<'_>,
    handed_over: bool,
    blob: &[u8],
) -> Result<()> {
    let name = shown_path(&args.file);
    let store = target.store;
    if !store.has_references() && store != Store::Dotenvx {
        writeln!(
            out,
            "to write references to your password manager, too: keyward template --for STORE"
        )?;
        return Ok(());
    }
    let references = disk::with_suffix(&args.file, ".tpl");
    let path = quoted_path(&references);
    // A shell seeks a bare name on PATH.
    let path = match store.is_sourced() && !path.contains('/') {
        true => format!("./{path}"),
        false => path,
    };
    writeln!(out, "start your program with: {}", store.start(&path))?;
    if !handed_over {
        match store.save() {
            Ok(_) => writeln!(
                out,
                "the values are still in {name} alone; to hand them to {}: keyward template {} --for {} --store{}",
                store.name(),
                quoted_path(&args.file),
                store.word(),
                args.named()
            )?,
            Err(why) => writeln!(out, "the values are still in {name} alone; {why}")?,
        }
        return Ok(());
    }
    let all = count(template.secrets.len(), "value", "values");
    writeln!(
        out,
        "{} keeps all {all}, and gave each back as it was",
        store.name()
    )?;
    if template.holds_more {
        writeln!(
            out,
            "{name} stays: it holds more than the store was handed, see above; move that, then remove it"
        )?;
        return Ok(());
    }
    let is_link = args.file.is_symlink();
    let asked = !args.delete && !args.yes && ask::is_somebody_there() && !is_link;
    if args.delete
        || asked && {
            out.flush()?;
            ask::yes(&format!("Remove {name}?"))?
        }
    {
        ensure!(
            !is_link,
            "{name} is a link: remove by hand what it leads to"
        );
        let now = disk::read_regular(&args.file, MOST_BYTES)?;
        ensure!(
            now.as_deref() == Some(blob),
            "{name} has changed since it was read, so it stays: try again"
        );
        fs::remove_file(&args.file).with_context(|| format!("cannot remove {name}"))?;
        writeln!(out, "removed {name}")?;
    } else {
        let file = quoted_path(&args.file);
        writeln!(
            out,
            "once your program runs with that, remove it: rm {file}"
        )?;
    }
    Ok(())
}
