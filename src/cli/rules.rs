//! `keyward rules`: what is in force, and whether a rule does what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::slice;

use anyhow::Result;

use super::session::Session;
use super::{Exit, Misuse};
use crate::allow::AllowList;
use crate::config::{Layer, Origin};
use crate::git::Repo;
use crate::lab::check::check;
use crate::lab::precedence::{Why, rivals};
use crate::proof::Proof;
use crate::rules::{Mend, RECORDED, Reach, Rule, RuleNumber, RuleSet};

/// A bound: how many samples `check` draws for each rule.
const SAMPLES: usize = 200;

/// Show the rules in force, or check your own
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List every rule in force: id, provider, confidence
    List,
    /// Show all that is known of one rule
    Show {
        /// The rule's id
        id: String,
    },
    /// List every page of the catalog once, for somebody to try them
    Links,
    /// Check that every rule finds its own samples, that no other rule claims them, and that no
    /// counterexample is found
    Check {
        /// A file with rules of your own [default: the rules in force]
        file: Option<PathBuf>,
    },
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match &args.command {
        Command::List => list(&in_force()?, &mut out)?,
        Command::Show { id } => show(&in_force()?, id, &mut out)?,
        Command::Links => links(&RuleSet::builtin(), &mut out)?,
        Command::Check { file } => return check_rules(file.as_deref(), &mut out),
    }
    out.flush()?;
    Ok(Exit::Clean)
}

fn in_force() -> Result<RuleSet> {
    let repo = Repo::around(Path::new("."))?;
    Ok(Session::load(repo.as_ref())?.rules)
}

fn list(rules: &RuleSet, out: &mut impl Write) -> io::Result<()> {
    let mut rows: Vec<&Rule> = rules.iter().filter(|rule| !rule.public).collect();
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    let widest = |text: fn(&Rule) -> usize| rows.iter().map(|rule| text(rule)).max().unwrap_or(0);
    let id = widest(|rule| rule.id.len());
    let provider = widest(|rule| rule.provider.name.chars().count());
    for rule in &rows {
        writeln!(
            out,
            "{:id$}  {:provider$}  {:8}  {}",
            rule.id, rule.provider.name, rule.confidence, rule.provider.kind
        )?;
    }
    let mut providers: Vec<&str> = rows.iter().map(|rule| &*rule.provider.id).collect();
    providers.sort_unstable();
    providers.dedup();
    writeln!(out, "{} rules of {} providers", rows.len(), providers.len())
}

fn show(rules: &RuleSet, id: &str, out: &mut impl Write) -> Result<()> {
    let number = rules.number_of(id).filter(|&number| rules.is_on(number));
    let Some(number) = number else {
        return Err(Misuse(format!(
            "no rule in force is called `{id}`: see `keyward rules list`"
        ))
        .into());
    };
    for (name, value) in rows(rules.get(number)) {
        if !value.is_empty() {
            writeln!(out, "{name:WIDTH$} {value}")?;
        }
    }
    precedence(rules, number, out)?;
    Ok(())
}

/// How wide the names of `show`'s rows are.
const WIDTH: usize = 11;

/// What is known of a rule. Of a row that may be left out, the value is empty.
fn rows(rule: &Rule) -> Vec<(&'static str, String)> {
    let provider = &rule.provider;
    let (shape, literals) = match rule.reach {
        Reach::Anchored => ("format", "keywords"),
        Reach::Around => ("pattern", "keywords"),
        Reach::Near => ("format", "context"),
        Reach::Named => ("example", "names"),
    };
    let shapes = match rule.reach {
        Reach::Around => slice::from_ref(&rule.regex),
        Reach::Anchored | Reach::Near | Reach::Named => &rule.samples,
    };
    let words: Vec<&str> = rule.literals.iter().map(|literal| &*literal.text).collect();
    let confidence = match rule.public {
        true => "public by design: never reported",
        false => rule.confidence.as_str(),
    };
    let entropy = match rule.min_entropy {
        0.0 => String::new(),
        floor => format!("at least {floor:.2} bits a character"),
    };
    let recorded = match &*provider.kind {
        "own" => "",
        _ => RECORDED,
    };
    let mend = match rule.mend {
        Mend::Environment => "",
        Mend::KeepOut => rule.mend.as_str(),
    };
    let mut rows = vec![
        ("id", rule.id.to_string()),
        ("name", rule.name.to_string()),
        ("provider", provider.name.to_string()),
        ("kind", provider.kind.to_string()),
    ];
    rows.extend(shapes.iter().map(|text| (shape, text.to_string())));
    rows.extend([
        (literals, words.join(", ")),
        ("confidence", confidence.to_owned()),
        ("checksum", rule.checksum.map_or("", Proof::name).to_owned()),
        ("entropy", entropy),
        (
            "companion",
            rule.companion.as_deref().unwrap_or_default().to_owned(),
        ),
        ("variables", rule.env.join(", ")),
        ("mend", mend.to_owned()),
        ("revoke", provider.revoke.to_string()),
        ("usage", provider.usage.to_string()),
        ("limit", provider.limit.to_string()),
        ("docs", provider.docs.to_string()),
        ("recorded", recorded.to_owned()),
    ]);
    rows.extend(
        rule.sources
            .iter()
            .map(|source| ("source", source.to_string())),
    );
    rows
}

/// A bound: how many rules a line of `precedence` names.
const NAMED: usize = 6;

/// Which rules find the same secrets, and which of them gets one.
fn precedence(rules: &RuleSet, number: RuleNumber, out: &mut impl Write) -> io::Result<()> {
    let rivals = rivals(rules, number);
    for (wanted, before, reason) in [
        (Why::Named, "goes before", "it is of a named service"),
        (Why::SaysMore, "goes before", "its format says more"),
        (Why::OtherNamed, "goes after", "they are of named services"),
        (Why::OtherSaysMore, "goes after", "their formats say more"),
        (Why::Nearest, "equals", "the name nearest by decides"),
    ] {
        let mut ids: Vec<&str> = rivals
            .iter()
            .filter(|(_, why)| *why == wanted)
            .map(|(rival, _)| &*rival.id)
            .collect();
        let more = ids.len().saturating_sub(NAMED);
        ids.truncate(NAMED);
        if more > 0 {
            writeln!(
                out,
                "{before:WIDTH$} {} and {more} more: {reason}",
                ids.join(", ")
            )?;
        } else if !ids.is_empty() {
            writeln!(out, "{before:WIDTH$} {}: {reason}", ids.join(", "))?;
        }
    }
    Ok(())
}

/// Each page once, with what it is for and whose it is.
fn links(rules: &RuleSet, out: &mut impl Write) -> io::Result<()> {
    let mut pages: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for rule in rules.iter() {
        let provider = &rule.provider;
        let sources = rule.sources.iter().map(|source| ("source", source));
        let all = provider.pages().into_iter().chain(sources);
        for (kind, page) in all.filter(|(_, page)| page.starts_with("https://")) {
            let (kinds, providers) = pages.entry(page).or_default();
            kinds.insert(kind);
            providers.insert(&provider.id);
        }
    }
    for (page, (kinds, providers)) in &pages {
        let list = |set: &BTreeSet<&str>| set.iter().copied().collect::<Vec<_>>().join(",");
        writeln!(out, "{page}\t{}\t{}", list(kinds), list(providers))?;
    }
    writeln!(out, "{} pages, recorded on {RECORDED}", pages.len())
}

fn check_rules(file: Option<&Path>, out: &mut impl Write) -> Result<Exit> {
    let rules = match file {
        None => in_force()?,
        Some(file) => {
            // As the repository's own, so that what it extends is no error.
            let layer = Layer::read(Origin::Repository, file)?.ok_or_else(|| {
                let name = file.display();
                Misuse(format!(
                    "there is no `{name}`: name a file with [[rule]] tables"
                ))
            })?;
            Session::new(vec![layer], AllowList::default())?.rules
        }
    };
    let first = if file.is_some() {
        RuleSet::builtin().len()
    } else {
        0
    };
    let mut faults = 0;
    let mut checked = 0;
    for (number, _) in rules
        .numbered()
        .filter(|(number, _)| number.index() >= first)
    {
        checked += 1;
        for fault in check(&rules, number, SAMPLES) {
            faults += 1;
            writeln!(out, "{fault}")?;
        }
    }
    if faults > 0 {
        writeln!(
            out,
            "{} in {}: correct them and check again",
            counted(faults, "fault"),
            counted(checked, "rule")
        )?;
        out.flush()?;
        return Ok(Exit::Findings);
    }
    writeln!(
        out,
        "{} checked, {SAMPLES} samples each: all hold",
        counted(checked, "rule")
    )?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// So many things of a kind.
fn counted(number: usize, thing: &str) -> String {
    let many = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{many}")
}
