//! `keyward rules`: what is in force, and whether a rule does what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::slice;

use anyhow::Result;
use unicode_width::UnicodeWidthStr;

use super::session::Session;
use super::{Exit, Misuse, kinds, voice};
use crate::allow::AllowList;
use crate::confidence::Confidence;
use crate::config::{Layer, Origin};
use crate::count::counted;
use crate::git::Repo;
use crate::lab::check::check;
use crate::lab::precedence::{Why, rivals};
use crate::proof::Proof;
use crate::rules::{Mend, RECORDED, Reach, Rule, RuleNumber, RuleSet};
use crate::shell::{shown, shown_path};
use crate::suggest::meant;

/// A bound: how many samples `check` draws for each rule.
const SAMPLES: usize = 200;

/// Show the rules in force, or check your own
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    keyward rules list stripe\n  \
    keyward rules show anthropic-api-key\n  \
    keyward rules check                your own rules: does each find what it says?")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the rules in force: id, provider, confidence, sort of service
    #[command(after_help = "Examples:\n  \
        keyward rules list                 all of them\n  \
        keyward rules list token           those with the word in id, name or provider\n  \
        keyward rules list --provider github\n  \
        keyward rules list --confidence possible")]
    List {
        /// Only rules with each of these words in their id, their name, or their provider's
        words: Vec<String>,
        /// Only rules of this provider
        #[arg(long, value_name = "PROVIDER")]
        provider: Option<String>,
        /// Only rules whose findings are so sure
        #[arg(long, value_name = "CONFIDENCE", value_parser = kinds::confidences())]
        confidence: Option<Confidence>,
    },
    /// Show all that is known of one rule, or the rules of a provider
    #[command(after_help = "Examples:\n  \
        keyward rules show anthropic-api-key\n  \
        keyward rules show anthropic")]
    Show {
        /// The id of a rule, or of a provider
        id: String,
    },
    /// List every page of the catalog once, for somebody to try them
    #[command(after_help = "Examples:\n  keyward rules links")]
    Links,
    /// Check that every rule finds its own samples, that no other rule claims them, and that no
    /// counterexample is found
    #[command(after_help = "Examples:\n  \
        keyward rules check\n  \
        keyward rules check our-rules.toml")]
    Check {
        /// A file with rules of your own [default: your own rules in force, or where there are none the catalog's]
        file: Option<PathBuf>,
    },
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let mut out = voice::out();
    match &args.command {
        Command::List {
            words,
            provider,
            confidence,
        } => {
            let rules = in_force()?;
            let provider = provider.as_deref();
            let provider = provider.map(|id| provider_named(&rules, id)).transpose()?;
            let wanted = |rule: &Rule| {
                let has = |word: &String| {
                    let word = word.to_lowercase();
                    let of = &rule.provider;
                    let texts = [&rule.id, &rule.name, &of.id, &of.name, &of.kind];
                    texts.iter().any(|text| text.to_lowercase().contains(&word))
                };
                words.iter().all(has)
                    && provider.as_ref().is_none_or(|id| rule.provider.id == *id)
                    && confidence.is_none_or(|confidence| rule.confidence == confidence)
            };
            list(&rules, wanted, &mut out)?;
        }
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

/// The id of the provider that is called so, by its id or its name.
fn provider_named(rules: &RuleSet, typed: &str) -> Result<String, Misuse> {
    let providers: BTreeSet<(&str, &str)> = rules
        .iter()
        .map(|rule| (&*rule.provider.id, &*rule.provider.name))
        .collect();
    let named = |(id, name): &&(&str, &str)| {
        id.eq_ignore_ascii_case(typed) || name.eq_ignore_ascii_case(typed)
    };
    if let Some((id, _)) = providers.iter().find(named) {
        return Ok((*id).to_owned());
    }
    let ids: Vec<&str> = providers.iter().map(|(id, _)| *id).collect();
    let advice = meant(typed, &ids, || "see `keyward rules list`".to_owned());
    let typed = shown(typed.as_bytes());
    Err(Misuse(format!("no provider is called `{typed}`: {advice}")))
}

fn list(rules: &RuleSet, wanted: impl Fn(&Rule) -> bool, out: &mut impl Write) -> io::Result<()> {
    let is_listed = |rule: &&Rule| !rule.public && wanted(rule);
    let mut rows: Vec<&Rule> = rules.iter().filter(is_listed).collect();
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    let widest = |text: fn(&Rule) -> usize| rows.iter().map(|rule| text(rule)).max().unwrap_or(0);
    let id = widest(|rule| rule.id.len());
    let provider = widest(|rule| rule.provider.name.width());
    for rule in &rows {
        let of = &rule.provider;
        let pad = provider - of.name.width();
        writeln!(
            out,
            "{:id$}  {}{:pad$}  {:8}  {}",
            rule.id, of.name, "", rule.confidence, of.kind
        )?;
    }
    let mut providers: Vec<&str> = rows.iter().map(|rule| &*rule.provider.id).collect();
    providers.sort_unstable();
    providers.dedup();
    let (rules, providers) = (
        counted(rows.len(), "rule"),
        counted(providers.len(), "provider"),
    );
    match rows.is_empty() {
        true => writeln!(
            out,
            "no rule is of that kind; all that there are: keyward rules list"
        ),
        false => writeln!(out, "{rules} of {providers}"),
    }
}

fn show(rules: &RuleSet, id: &str, out: &mut impl Write) -> Result<()> {
    let number = rules.number_of(id).filter(|&number| rules.is_on(number));
    let Some(number) = number else {
        let is_provider = rules
            .iter()
            .any(|rule| rule.provider.id.eq_ignore_ascii_case(id));
        if is_provider {
            return Ok(show_provider(rules, id, out)?);
        }
        return Err(unknown(rules, id).into());
    };
    for (name, value) in rows(rules.get(number)) {
        if !value.is_empty() {
            writeln!(out, "{name:WIDTH$} {value}")?;
        }
    }
    precedence(rules, number, out)?;
    Ok(())
}

/// No rule in force has that id.
fn unknown(rules: &RuleSet, id: &str) -> Misuse {
    let is_off = rules
        .number_of(id)
        .is_some_and(|number| !rules.is_on(number));
    let ids = rules
        .iter()
        .flat_map(|rule| [&*rule.id, &*rule.provider.id]);
    let ids: Vec<&str> = ids.collect();
    let advice = match is_off {
        true => "the settings switch it off, see `keyward config show`; those that are on: \
                 `keyward rules list`"
            .to_owned(),
        false => meant(id, &ids, || "see `keyward rules list`".to_owned()),
    };
    let id = shown(id.as_bytes());
    Misuse(format!("no rule in force is called `{id}`: {advice}"))
}

/// What is known of a provider, and its rules.
fn show_provider(rules: &RuleSet, id: &str, out: &mut impl Write) -> io::Result<()> {
    let is_of = |rule: &&Rule| rule.provider.id.eq_ignore_ascii_case(id);
    let of: Vec<&Rule> = rules.iter().filter(is_of).collect();
    let Some(first) = of.first() else {
        return Ok(());
    };
    let provider = &first.provider;
    let pages = provider
        .pages()
        .map(|(name, page)| (name, page.to_string()));
    let known = [
        ("provider", provider.name.to_string()),
        ("kind", provider.kind.to_string()),
        ("variables", provider.env.join(", ")),
    ];
    for (name, value) in known.into_iter().chain(pages) {
        if !value.is_empty() {
            writeln!(out, "{name:WIDTH$} {value}")?;
        }
    }
    let widest = of.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in &of {
        let surely = match rule.public {
            true => "public",
            false => rule.confidence.as_str(),
        };
        writeln!(
            out,
            "{:WIDTH$} {:widest$}  {surely:8}  {}",
            "rule", rule.id, rule.name
        )?;
    }
    let all = counted(of.len(), "rule");
    writeln!(out, "{all}; all of one: keyward rules show {}", first.id)
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
                let name = shown_path(file);
                Misuse(format!(
                    "there is no `{name}`: name a file with [[rule]] tables"
                ))
            })?;
            Session::new(vec![layer], AllowList::default())?.rules
        }
    };
    // Whoever has rules of their own wants to know of those.
    let built_in = RuleSet::builtin().len();
    let first = match file.is_some() || rules.len() > built_in {
        true => built_in,
        false => 0,
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
