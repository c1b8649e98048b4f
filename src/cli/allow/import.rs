//! `keyward allow --import`: what another tool's file lets pass.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use bstr::{BString, ByteSlice};

use super::{Args, add, edit, found, told, unread_told};
use crate::allow::import::{self, Exemption, Import, Line, Seen};
use crate::change::{Change, EntryKind, InMemory, Status};
use crate::cli::leave::Leave;
use crate::cli::session::Session;
use crate::cli::{Exit, Misuse, voice};
use crate::confidence::Confidence;
use crate::disk;
use crate::finding::{Finding, Span};
use crate::git::Repo;
use crate::shell::{shown, shown_path};
use crate::text::Text;
use crate::words::echo;

/// A bound: how many lines of another tool's file are told one by one.
const TOLD: usize = 20;

/// What another tool's file lets pass, found again by scanning what the file names.
pub(super) fn run(repo: &Repo, leave: &Leave, file: &Path, args: &Args) -> Result<Exit> {
    if !file.is_file() {
        let it = echo::said_or(&file.to_string_lossy(), "such file");
        let told = format!(
            "there is no file {it}: name one of {}",
            import::Format::NAMES
        );
        return Err(Misuse(told).into());
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let format = import::Format::of(&name).ok_or_else(|| {
        Misuse(format!(
            "keyward does not know files such as `{}`: it reads {}",
            shown(name.as_bytes()),
            import::Format::NAMES
        ))
    })?;
    let import = import::parse(format, &read(file)?);
    let mut session = Session::load(Some(repo))?;
    session.threshold = Confidence::Possible;
    let list = std::mem::take(&mut session.allowed);

    let verdict = session.look(repo.tracked_files()?);
    let unread = verdict.unread.clone();
    let mut used = vec![false; import.exemptions.len()];
    let mut allowed = in_files(repo, found(verdict), &import, &mut used)?;
    session.guards = None;
    for (at, exemption) in import.exemptions.iter().enumerate() {
        let of_commit = in_commit(repo, &session, exemption)?;
        used[at] |= !of_commit.is_empty();
        allowed.extend(of_commit);
    }

    // What is allowed already keeps its reason.
    allowed.retain(|finding| list.find(finding).is_none());
    let reason = match &args.reason {
        Some(reason) => reason.clone(),
        None => format!("imported from {}", shown(name.as_bytes())),
    };
    let reason = leave.reason(&reason);
    let mut out = voice::out();
    if !allowed.is_empty() {
        let mut entries = 0;
        let written = edit(repo, leave, |list| {
            entries = add(list, &allowed, &reason, args.until)?;
            Ok(())
        })?;
        told(&mut out, &allowed, entries, &written)?;
    } else {
        writeln!(
            out,
            "nothing that the file names is found and not allowed yet: there is nothing to allow"
        )?;
    }
    tell_left(&import, &used, &mut out)?;
    unread_told(&unread)
}

/// Says what of the other tool's file came to nothing.
fn tell_left(import: &Import, used: &[bool], out: &mut impl Write) -> Result<()> {
    let idle = used.iter().filter(|used| !**used).count();
    if idle > 0 {
        writeln!(
            out,
            "{idle} of {} entries name nothing that keyward finds: they are not needed",
            used.len()
        )?;
    }
    for left in import.left.iter().take(TOLD) {
        writeln!(out, "not carried over: {left}")?;
    }
    if import.left.len() > TOLD {
        writeln!(out, "and {} more", import.left.len() - TOLD)?;
    }
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let name = shown_path(file);
    match disk::read_regular(file, import::MOST_BYTES) {
        Ok(Some(content)) => Ok(content),
        Ok(None) => {
            Err(Misuse(format!("there is no `{name}`: name a file of another tool")).into())
        }
        // It is something else than a file, or too long.
        Err(error) if error.kind() == io::ErrorKind::Other => {
            Err(Misuse(format!("cannot read `{name}`: {error}")).into())
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {name}")),
    }
}

/// The findings in the present files that one of the exemptions speaks of.
fn in_files(
    repo: &Repo,
    findings: Vec<Finding>,
    import: &Import,
    used: &mut [bool],
) -> Result<Vec<Finding>> {
    let mut by_path: BTreeMap<BString, Vec<Finding>> = BTreeMap::new();
    for finding in findings {
        let path = finding.path.clone();
        by_path.entry(path).or_default().push(finding);
    }
    let mut allowed = Vec::new();
    for (path, findings) in by_path {
        let file = repo.worktree()?.join(path.to_path()?);
        // A link's own text is no line of a file.
        let is_file = fs::symlink_metadata(&file).is_ok_and(|found| found.is_file());
        let content = if is_file {
            fs::read(&file)?
        } else {
            Vec::new()
        };
        let text = Text::decode(&content);
        let mut lines = Lines::of(&text);
        for finding in findings {
            let (line, secret) = lines.around(finding.span);
            let seen = Seen {
                finding: &finding,
                line,
                secret,
            };
            let mut covered = false;
            for (at, exemption) in import.exemptions.iter().enumerate() {
                if exemption.commit.is_none() && exemption.covers(seen) {
                    used[at] = true;
                    covered = true;
                }
            }
            if covered {
                allowed.push(finding);
            }
        }
    }
    Ok(allowed)
}

/// The lines of a text on which findings stand, each looked at once: a line may have very many.
struct Lines<'t> {
    text: &'t Text<'t>,
    last: Option<(usize, Line<'t>)>,
    /// A column of the last line, and where it is.
    reached: (usize, usize),
}

impl<'t> Lines<'t> {
    fn of(text: &'t Text<'t>) -> Self {
        Self {
            text,
            last: None,
            reached: (1, 0),
        }
    }

    /// The line on which a finding starts, and the part of the line that it covers.
    fn around(&mut self, span: Option<Span>) -> (&Line<'t>, &'t [u8]) {
        let number = span.map_or(0, |span| span.line as usize);
        if self.last.as_ref().is_none_or(|(last, _)| *last != number) {
            let bytes = number.checked_sub(1).map(|index| self.text.line(index));
            self.last = Some((number, Line::new(bytes.unwrap_or_default())));
            self.reached = (1, 0);
        }
        let (_, line) = self.last.as_ref().expect("it was set");
        let Some(span) = span else {
            return (line, b"");
        };
        let bytes = line.bytes();
        let mut at = |column: usize| {
            if !line.is_utf8() {
                return (column - 1).min(bytes.len());
            }
            let (mut known, mut offset) = match self.reached.0 <= column {
                true => self.reached,
                false => (1, 0),
            };
            while known < column && offset < bytes.len() {
                offset += 1;
                // A byte of the form 10xxxxxx goes on with a character.
                known += usize::from(bytes.get(offset).is_none_or(|byte| byte & 0xc0 != 0x80));
            }
            self.reached = (known, offset);
            offset
        };
        let start = at(span.column as usize);
        let end = match span.line == span.end_line {
            true => at(span.end_column as usize),
            false => bytes.len(),
        };
        (line, &bytes[start.min(end)..end])
    }
}

/// The findings of an exemption that names a commit.
fn in_commit(repo: &Repo, session: &Session, exemption: &Exemption) -> Result<Vec<Finding>> {
    let Some((commit, path)) = &exemption.commit else {
        return Ok(Vec::new());
    };
    let Some(content) = repo.file_of(commit, path.as_ref())? else {
        return Ok(Vec::new());
    };
    let origin = InMemory {
        content: content.clone(),
        ..InMemory::default()
    };
    let change = Change::new(path.clone(), Status::Added, EntryKind::File, origin);
    let text = Text::decode(&content);
    let mut findings = found(session.look(std::iter::once(Ok(change))));
    let mut lines = Lines::of(&text);
    findings.retain(|finding| {
        let (line, secret) = lines.around(finding.span);
        exemption.covers(Seen {
            finding,
            line,
            secret,
        })
    });
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_finding_covers_is_found_by_its_columns() {
        let span = |line, column, end_line, end_column| {
            Some(Span {
                line,
                column,
                end_line,
                end_column,
            })
        };
        let text = Text::decode("first\n\u{e4}\u{20ac}b c\u{1f600}d\nlast".as_bytes());
        let mut lines = Lines::of(&text);
        for (asked, expected) in [
            (span(1, 1, 1, 6), "first"),
            (span(2, 1, 2, 2), "\u{e4}"),
            (span(2, 3, 2, 5), "b "),
            (span(2, 2, 2, 3), "\u{20ac}"),
            (span(2, 5, 2, 8), "c\u{1f600}d"),
            (span(2, 6, 3, 2), "\u{1f600}d"),
            (span(2, 7, 2, 99), "d"),
            (span(3, 2, 3, 3), "a"),
            (None, ""),
        ] {
            assert_eq!(lines.around(asked).1, expected.as_bytes(), "{asked:?}");
        }
        let text = Text::decode(b"a\xff\xfeb");
        assert_eq!(Lines::of(&text).around(span(1, 3, 1, 5)).1, b"\xfeb");
    }
}
