//! Asks, and tells what came of it.

use std::io::{self, Write};

use anyhow::{Context, Result, ensure};

use super::subject::Subject;
use super::{Told, revoke, verify};
use crate::cli::ask::is_somebody_there;
use crate::cli::voice::{self, Reader, Terminal};
use crate::cli::{Exit, Misuse, input};
use crate::report::verify::{self as written, Answered, Head, Revoked};
use crate::respond::{Ledger, step};
use crate::verify::{Network, Revocation, State, Verdict, can_revoke, verify as ask};

pub(super) fn verify(args: &verify::Args) -> Result<Exit> {
    let subject = Subject::of(&args.key)?;
    let network = network()?;
    let verdict = ask(&subject.case(), &network);
    let answered = Answered {
        head: head(&subject),
        verdict: &verdict,
        next: next(&subject, verdict.state),
    };
    tell(&args.told, |format, style, out| match format {
        "json" => written::write_json(&answered, out),
        "agent" => written::write_agent(&answered, out),
        _ => written::write_human(&answered, style, out),
    })?;
    Ok(exit_of(&verdict))
}

fn network() -> Result<Network> {
    Network::from_env().map_err(|why| Misuse(why).into())
}

fn exit_of(verdict: &Verdict) -> Exit {
    match verdict.state {
        State::Live | State::Limited => Exit::Findings,
        State::Dead => Exit::Clean,
        State::Unknown => Exit::Unread,
    }
}

fn head(subject: &Subject) -> Head<'_> {
    Head {
        id: &subject.id,
        finding: &subject.finding,
        paths: &subject.paths,
    }
}

/// What a command calls it.
fn named(subject: &Subject) -> &str {
    match subject.id.as_str() {
        "" => "--stdin",
        id => id,
    }
}

/// The page on which it is revoked by hand.
fn page(subject: &Subject) -> Option<String> {
    let page = subject.provider().map(|it| it.revoke.to_string());
    page.filter(|page| !page.is_empty())
}

/// What to do now.
fn next(subject: &Subject, state: State) -> String {
    let id = named(subject);
    match state {
        State::Dead if subject.id.is_empty() => String::new(),
        State::Dead => format!("keyward respond {id} --done revoke"),
        State::Live | State::Limited if can_revoke(&subject.finding.rule) => {
            format!("keyward revoke {id}")
        }
        State::Live | State::Limited | State::Unknown => page(subject).unwrap_or_default(),
    }
}

pub(super) fn revoke(args: &revoke::Args) -> Result<Exit> {
    let subject = Subject::of(&args.key)?;
    let case = subject.case();
    let revocation = match Revocation::of(&case) {
        Ok(revocation) => revocation,
        Err(why) => return by_hand(args, &subject, why),
    };
    let mut revoked = Revoked {
        head: head(&subject),
        revocation: Some(&revocation),
        done: false,
        why: String::new(),
        after: None,
        next: String::new(),
    };
    if args.dry_run {
        revoked.why = "nothing was sent".to_owned();
        write(&args.told, &revoked)?;
        return Ok(Exit::Clean);
    }
    if !args.yes {
        agreed(&revoked)?;
    }
    let network = network()?;
    let made = revocation.make(&case, &network);
    let verdict = ask(&case, &network);
    revoked.done = made.is_ok();
    revoked.why = made.err().unwrap_or_default();
    let is_dead = verdict.state == State::Dead;
    if is_dead {
        note(&subject)?;
    }
    let (exit, next) = match (revoked.done, verdict.state) {
        (_, State::Dead) | (true, State::Unknown) => (Exit::Clean, String::new()),
        // The provider may take a while.
        (true, State::Live | State::Limited) => (
            Exit::Findings,
            format!("keyward verify {}", named(&subject)),
        ),
        (false, _) => (Exit::Unread, by_hand_next(&subject)),
    };
    revoked.next = next;
    revoked.after = Some(&verdict);
    write(&args.told, &revoked)?;
    Ok(exit)
}

/// What to do where no call did it.
fn by_hand_next(subject: &Subject) -> String {
    page(subject).unwrap_or_else(|| "revoke it where it was made".to_owned())
}

/// Notes in git's directory that it is revoked, as `respond --done revoke` does.
fn note(subject: &Subject) -> Result<()> {
    if let Some(repo) = &subject.repo {
        Ledger::note(&repo.common_dir()?, &subject.id, step::REVOKE, true)
            .context("it is revoked, and that cannot be noted in git's directory")?;
    }
    Ok(())
}

/// What is told where no call does it.
fn by_hand(args: &revoke::Args, subject: &Subject, why: String) -> Result<Exit> {
    let revoked = Revoked {
        head: head(subject),
        revocation: None,
        done: false,
        why,
        after: None,
        next: by_hand_next(subject),
    };
    write(&args.told, &revoked)?;
    Ok(Exit::Unread)
}

fn write(told: &Told, revoked: &Revoked<'_>) -> Result<()> {
    tell(told, |format, style, out| match format {
        "json" => written::revoked_json(revoked, out),
        "agent" => written::revoked_agent(revoked, out),
        _ => written::revoked_human(revoked, style, out),
    })
}

/// Goes on where somebody types the word.
fn agreed(revoked: &Revoked<'_>) -> Result<()> {
    if !is_somebody_there() {
        let told = "nothing was sent: where nobody can be asked, say by --yes that this is what you want, or see by \
                    --dry-run what would be sent";
        return Err(Misuse(told.to_owned()).into());
    }
    let style = Terminal::of_output().style();
    let mut out = voice::out();
    written::revoked_human(revoked, &style, &mut out)?;
    write!(out, "type revoke to send it: ")?;
    out.flush()?;
    drop(out);
    ensure!(input::line()?.trim() == "revoke", "nothing was sent");
    Ok(())
}

fn tell(
    told: &Told,
    write: impl FnOnce(&str, &crate::report::Style, &mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let format = if told.json {
        "json"
    } else {
        told.format.as_str()
    };
    let style = Terminal::of_output().style();
    Reader::of(format == "json").tell(|out| Ok(write(format, &style, out)?))
}
