//! `keyward triage`: one finding after the other, for whoever keeps an old repository.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};

use anyhow::Result;

use super::allow::{edit, misuse};
use super::leave::{Leave, TELL};
use super::range::CommitsArgs;
use super::session::Session;
use super::{Exit, Misuse, ask, input, voice};
use crate::allow::{Entry, FILE_NAME, is_no_reason};
use crate::finding::{Finding, Fingerprint, Found};
use crate::git::Repo;
use crate::shell::shown;

/// A bound: how many places of one secret are shown.
const PLACES: usize = 5;

/// Go through what is found, one finding after the other, and decide on each
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    commits: CommitsArgs,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    if !ask::is_somebody_there() {
        let told = "triage asks about one finding after the other, and there is no terminal to ask at; \
                    see what there is by `keyward scan .`, and allow what may stay by `keyward allow ID \
                    --reason \"...\"`";
        return Err(Misuse(told.to_owned()).into());
    }
    let repo = Repo::from_env()?;
    let leave = Leave::or_refused(&repo, TELL)?;
    let session = Session::load(Some(&repo))?;
    let top = [repo.worktree()?.to_owned()];
    let verdict = match args.commits.read(&repo)? {
        Some(commits) => session.look(commits.changes(&repo)?),
        None => session.look(repo.worktree_files(&top)?),
    };
    let (items, entries) = items(&verdict.blocking)?;
    let mut out = voice::out();
    let mut written: HashMap<usize, Vec<Entry>> = HashMap::new();
    let mut decide = |at: usize, reason: Option<&str>| -> Result<()> {
        let reason = match reason {
            Some(reason) => reason,
            None => {
                let taken = written.remove(&at).unwrap_or_default();
                return edit(&repo, &leave, |list| {
                    list.retain(|entry| !taken.contains(entry));
                    Ok(())
                })
                .map(drop);
            }
        };
        let with = |entry: &Entry| entry.clone().with(None, reason);
        let new = entries[at].iter().map(with).collect::<Result<Vec<_>, _>>();
        let new = new.map_err(misuse)?;
        edit(&repo, &leave, |list| {
            new.iter().cloned().for_each(|entry| list.insert(entry));
            Ok(())
        })?;
        written.insert(at, new);
        Ok(())
    };
    ask(&items, &mut input::lines(), &mut out, &mut decide)?;
    for unread in &verdict.unread {
        let (path, reason) = (shown(&unread.path), shown(unread.reason.as_bytes()));
        writeln!(out, "could not be read: {path} {reason}")?;
    }
    Ok(match verdict.unread.is_empty() {
        true => Exit::Clean,
        false => Exit::Unread,
    })
}

/// What is decided at once: one secret, or one file, wherever it is.
struct Item {
    /// What it is, and how sure that is.
    title: String,
    why: String,
    places: Vec<String>,
    /// The page on which it is revoked.
    revoke: Option<String>,
}

/// The findings as they are asked about, and the entries that would allow each.
fn items(findings: &[Finding]) -> Result<(Vec<Item>, Vec<Vec<Entry>>)> {
    let mut numbers: HashMap<(&Fingerprint, &str), usize> = HashMap::new();
    let (mut items, mut entries): (Vec<Item>, Vec<Vec<Entry>>) = (Vec::new(), Vec::new());
    for finding in findings {
        let key = (&finding.fingerprint, &*finding.rule);
        let number = *numbers.entry(key).or_insert_with(|| {
            items.push(Item::of(finding));
            entries.push(Vec::new());
            items.len() - 1
        });
        let entry = Entry::for_finding(finding, None, &finding.name);
        let entry = entry.map_err(misuse)?;
        if !entries[number].contains(&entry) {
            entries[number].push(entry);
        }
        items[number].places.push(place(finding));
    }
    Ok((items, entries))
}

impl Item {
    fn of(finding: &Finding) -> Self {
        let what = match &finding.secret {
            Some(secret) => format!("  {}", secret.redacted()),
            None => String::new(),
        };
        let revoke = match &finding.found {
            Found::Secret { provider, .. } => &*provider.revoke,
            Found::File { .. } | Found::TrackedFile => "",
        };
        let name = shown(finding.name.as_bytes());
        Self {
            title: format!("{name}{what}  ({})", finding.confidence),
            why: shown(finding.why.as_bytes()),
            places: Vec::new(),
            revoke: (!revoke.is_empty()).then(|| shown(revoke.as_bytes())),
        }
    }
}

fn place(finding: &Finding) -> String {
    let mut place = shown(&finding.path);
    if let Some(span) = finding.span {
        place.push_str(&format!(":{}:{}", span.line, span.column));
    }
    if let Some(commit) = &finding.commit {
        place.push_str(&format!("  in {}", commit.get(..10).unwrap_or(commit)));
    }
    place
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Allowed,
    ToFix,
    Skipped,
}

/// Asks about each item in turn. `decide` allows one for a reason, or takes that back.
fn ask(
    items: &[Item],
    input: &mut impl BufRead,
    out: &mut impl Write,
    decide: &mut impl FnMut(usize, Option<&str>) -> Result<()>,
) -> Result<()> {
    let mut answers: Vec<Answer> = Vec::new();
    if items.is_empty() {
        writeln!(out, "nothing is found that is not allowed already")?;
        return Ok(());
    }
    while answers.len() < items.len() {
        let at = answers.len();
        show(&items[at], at, items.len(), out)?;
        let Some(line) = prompt("a allow, f fix later, s skip, u undo, q quit: ", input, out)?
        else {
            break;
        };
        match line.trim().to_ascii_lowercase().as_str() {
            "a" | "allow" => {
                let Some(reason) = prompt("why may it stay? ", input, out)? else {
                    break;
                };
                if is_no_reason(&reason) {
                    writeln!(out, "that is no reason: nothing was allowed")?;
                    continue;
                }
                decide(at, Some(reason.trim()))?;
                answers.push(Answer::Allowed);
            }
            "f" | "fix" => answers.push(Answer::ToFix),
            "s" | "skip" => answers.push(Answer::Skipped),
            "u" | "undo" => match answers.pop() {
                Some(Answer::Allowed) => decide(answers.len(), None)?,
                Some(_) => {}
                None => writeln!(out, "this is the first: there is nothing to undo")?,
            },
            "q" | "quit" => break,
            _ => writeln!(out, "type one of the letters a, f, s, u and q")?,
        }
    }
    summary(items, &answers, out)
}

/// Asks for a line; `None` at the end of the input.
fn prompt(
    question: &str,
    input: &mut impl BufRead,
    out: &mut impl Write,
) -> io::Result<Option<String>> {
    write!(out, "{question}")?;
    out.flush()?;
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        writeln!(out)?;
        return Ok(None);
    }
    Ok(Some(line))
}

fn show(item: &Item, at: usize, all: usize, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{} of {all}  {}", at + 1, item.title)?;
    writeln!(out, "  why     {}", item.why)?;
    places(item, "where", out)
}

fn places(item: &Item, label: &str, out: &mut impl Write) -> io::Result<()> {
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    for (label, place) in labels.zip(item.places.iter().take(PLACES)) {
        writeln!(out, "  {label:<8}{place}")?;
    }
    match item.places.len().saturating_sub(PLACES) {
        0 => Ok(()),
        more => writeln!(out, "          and {more} more"),
    }
}

/// What was decided, and what is left to do.
fn summary(items: &[Item], answers: &[Answer], out: &mut impl Write) -> Result<()> {
    let count = |answer: Answer| answers.iter().filter(|it| **it == answer).count();
    let allowed = count(Answer::Allowed);
    writeln!(
        out,
        "\n{allowed} allowed, {} to fix, {} skipped, {} not looked at",
        count(Answer::ToFix),
        count(Answer::Skipped),
        items.len() - answers.len()
    )?;
    let to_fix = items.iter().zip(answers);
    for (item, _) in to_fix.filter(|(_, answer)| **answer == Answer::ToFix) {
        writeln!(out, "\nto fix: {}", item.title)?;
        places(item, "where", out)?;
        if let Some(page) = &item.revoke {
            writeln!(out, "  revoke  {page}")?;
        }
    }
    if allowed > 0 {
        writeln!(
            out,
            "\n{FILE_NAME} is written and staged: read it with git diff --cached, then commit it"
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(number: usize) -> Item {
        Item {
            title: format!("key {number}"),
            why: "its format".to_owned(),
            places: (0..number).map(|line| format!("a.py:{line}")).collect(),
            revoke: Some(format!("https://acme.example/{number}")),
        }
    }

    /// What is said and decided for what is typed.
    fn talk(count: usize, typed: &str) -> (String, Vec<(usize, Option<String>)>) {
        let items: Vec<Item> = (1..=count).map(item).collect();
        let (mut out, mut decided) = (Vec::new(), Vec::new());
        let mut decide = |at: usize, reason: Option<&str>| {
            decided.push((at, reason.map(str::to_owned)));
            Ok(())
        };
        ask(&items, &mut typed.as_bytes(), &mut out, &mut decide).expect("nothing fails");
        (String::from_utf8(out).expect("it is text"), decided)
    }

    #[test]
    fn each_is_asked_about_and_decided() {
        let (out, decided) = talk(4, "a\nmade up\nf\nS\nallow\n the sandbox's \n");
        let expected = [
            (0, Some("made up".to_owned())),
            (3, Some("the sandbox's".to_owned())),
        ];
        assert_eq!(decided, expected);
        assert!(out.contains("2 of 4  key 2\n  why     its format\n  where   a.py:0\n"));
        assert!(out.contains("\n2 allowed, 1 to fix, 1 skipped, 0 not looked at\n"));
        assert!(out.contains("to fix: key 2\n") && out.contains("revoke  https://acme.example/2"));
        assert!(out.ends_with("then commit it\n"), "{out}");
    }

    #[test]
    fn what_was_decided_is_taken_back() {
        let (out, decided) = talk(3, "u\na\nmade up\ns\nu\nu\na\nanother reason to\nq\n");
        let expected = [
            (0, Some("made up".to_owned())),
            (0, None),
            (0, Some("another reason to".to_owned())),
        ];
        assert_eq!(decided, expected);
        assert!(out.contains("nothing to undo"));
        assert!(out.contains("1 allowed, 0 to fix, 0 skipped, 2 not looked at"));
    }

    #[test]
    fn nothing_is_allowed_by_mistake() {
        for typed in ["", "a\n", "a\n...\n", "a\n\n", "x\n\n", "yes\n", "q\n"] {
            let (out, decided) = talk(2, typed);
            assert!(decided.is_empty(), "{typed:?}");
            assert!(out.contains("0 allowed"), "{typed:?} {out}");
            assert!(!out.contains("written and staged"), "{typed:?}");
        }
        let (out, _) = talk(0, "a\n");
        assert_eq!(out, "nothing is found that is not allowed already\n");
        let (out, _) = talk(8, "s\ns\ns\ns\ns\ns\ns\n");
        assert!(out.contains("and 3 more"), "{out}");
    }
}
