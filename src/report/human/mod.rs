//! For people: what was found, where, why it counts and how to mend it.
//!
//! A few findings are told one by one, many as a list with the advice given once. A hook shows at
//! most [`MOST_LINES`] lines of a list and says where the rest is; a scan shows all of it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use bstr::BStr;

use super::mend::{self, Way};
use super::text::{cut, seen_from};
use super::{Occasion, Style};
use crate::change::{EntryKind, Ignored};
use crate::finding::{Finding, Found};
use crate::local_check::LocalChecks;
use crate::shell::{escaped, pathspec, quoted, shown};
use crate::verdict::{Unread, Verdict};

/// Up to so many findings, or files that could not be read, are told one by one.
const TOLD: usize = 3;

/// How many lines of a list a hook shows.
const MOST_LINES: usize = 40;

/// How many secrets in a guarded file, pages to revoke keys on, or files to stage are named.
const NAMED: usize = 4;

/// Brings back the message that git keeps of a commit that was refused.
const RETYPE: &str = "git commit -e -F \"$(git rev-parse --git-path COMMIT_EDITMSG)\"";

/// The longest name shown where the width of the terminal is unknown, and the longest sentence
/// that a rule may put into a line.
const LONGEST: usize = 120;

/// The shortest that a path is cut to, however narrow the terminal.
const SHORTEST: usize = 24;

pub(super) fn write(verdict: &Verdict, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { style, out };
    let blocks = blocks(&verdict.blocking);
    if !blocks.is_empty() || !verdict.unread.is_empty() {
        page.line(&[(Paint::Alarm, &headline(verdict, &blocks, style))])?;
        if style.hook && style.occasion == Occasion::Receive {
            page.rows(&verdict.blocking)?;
        } else {
            page.blocks(&blocks)?;
        }
        page.unread(&verdict.unread)?;
    } else if !style.hook {
        page.line(&[(Paint::Plain, &summary(verdict))])?;
    }
    page.notes(verdict)?;
    page.local_checks(verdict)
}

/// What is told in one piece.
enum Block<'v> {
    /// A secret in a file that is no business of the guard's.
    Secret(&'v Finding),
    /// A guarded file, with the secrets in it: one mend settles them all.
    File {
        file: &'v Finding,
        holds: Vec<&'v Finding>,
    },
}

impl<'v> Block<'v> {
    fn finding(&self) -> &'v Finding {
        match self {
            Self::Secret(finding) | Self::File { file: finding, .. } => finding,
        }
    }

    fn path(&self) -> &'v BStr {
        self.finding().path.as_ref()
    }

    fn len(&self) -> usize {
        match self {
            Self::Secret(_) => 1,
            Self::File { holds, .. } => 1 + holds.len(),
        }
    }
}

fn blocks(findings: &[Finding]) -> Vec<Block<'_>> {
    let mut held: BTreeMap<&BStr, Vec<&Finding>> = findings
        .iter()
        .filter(|finding| !is_secret(finding))
        .map(|file| (file.path.as_ref(), Vec::new()))
        .collect();
    let mut blocks = Vec::new();
    for finding in findings.iter().filter(|finding| is_secret(finding)) {
        match held.get_mut::<BStr>(finding.path.as_ref()) {
            Some(holds) => holds.push(finding),
            None => blocks.push(Block::Secret(finding)),
        }
    }
    blocks.extend(
        findings
            .iter()
            .filter(|finding| !is_secret(finding))
            .map(|file| {
                let holds = held.remove::<BStr>(file.path.as_ref()).unwrap_or_default();
                Block::File { file, holds }
            }),
    );
    blocks.sort_by_key(Block::path);
    blocks
}

fn is_secret(finding: &Finding) -> bool {
    matches!(finding.found, Found::Secret { .. })
}

fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {many}"),
    }
}

fn headline(verdict: &Verdict, blocks: &[Block<'_>], style: &Style) -> String {
    let secrets = blocks
        .iter()
        .filter(|block| matches!(block, Block::Secret(_)))
        .count();
    let files = blocks.len() - secrets;
    let mut what = Vec::new();
    if secrets > 0 {
        what.push(count(secrets, "secret", "secrets"));
    }
    if files > 0 {
        what.push(count(files, "file of secrets", "files of secrets"));
    }
    let what = what.join(" and ");
    let paths = count(verdict.paths, "file", "files");
    let place = if style.hook {
        style.occasion.place()
    } else {
        &paths
    };
    let unread = match verdict.unread.as_slice() {
        [] => None,
        all if all.iter().all(|unread| unread.path.is_empty()) => None,
        some => Some(count(some.len(), "file", "files")),
    };
    let sentence = match (what.is_empty(), verdict.unread.is_empty(), unread) {
        (false, true, _) => format!("{what} in {place}"),
        (false, false, Some(files)) => format!("{what} in {place}, and {files} could not be read"),
        (false, false, None) => format!("{what} in {place}, and not all of it could be read"),
        (true, _, Some(files)) if style.hook => format!("{files} of {place} could not be read"),
        (true, _, Some(files)) => format!("{files} could not be read, and no secrets in the rest"),
        (true, _, None) if style.hook => format!("{place} could not be read"),
        (true, _, None) => "not everything could be read".to_owned(),
    };
    if style.hook {
        format!("keyward: {sentence}; {}", style.occasion.end())
    } else {
        format!("keyward: {sentence}{}", silent(verdict))
    }
}

fn summary(verdict: &Verdict) -> String {
    let files = count(verdict.paths, "file", "files");
    format!("keyward: {files}, no secrets{}", silent(verdict))
}

/// What a scan found and does not show.
fn silent(verdict: &Verdict) -> String {
    let mut out = String::new();
    if !verdict.allowed.is_empty() {
        out.push_str(&format!(", {} allowed", verdict.allowed.len()));
    }
    if verdict.below_threshold > 0 {
        out.push_str(&format!(", {} only possible", verdict.below_threshold));
    }
    out
}

/// How a piece of a line looks on a terminal.
#[derive(Clone, Copy)]
enum Paint {
    Plain,
    Alarm,
    Name,
    Faint,
}

impl Paint {
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Alarm => Some("1;31"),
            Self::Name => Some("1"),
            Self::Faint => Some("2"),
        }
    }
}

struct Page<'a> {
    style: &'a Style,
    out: &'a mut dyn Write,
}

impl Page<'_> {
    /// The one place that writes: whatever a line is made of, no control character of it gets
    /// through.
    fn line(&mut self, pieces: &[(Paint, &str)]) -> io::Result<()> {
        for (paint, text) in pieces {
            let text = escaped(text);
            match paint.code().filter(|_| self.style.color) {
                Some(code) => write!(self.out, "\x1b[{code}m{text}\x1b[0m")?,
                None => write!(self.out, "{text}")?,
            }
        }
        writeln!(self.out)
    }

    fn labelled(&mut self, label: &str, text: &str, aside: &str) -> io::Result<()> {
        let label = format!("  {label:<8}");
        if aside.is_empty() {
            return self.line(&[(Paint::Faint, &label), (Paint::Plain, text)]);
        }
        let aside = format!("  ({aside})");
        self.line(&[
            (Paint::Faint, &label),
            (Paint::Plain, text),
            (Paint::Faint, &aside),
        ])
    }

    /// A path as the reader finds it: in a hook from where the reader stands.
    fn seen<'p>(&self, path: &'p [u8]) -> std::borrow::Cow<'p, [u8]> {
        let directory: &[u8] = if self.style.hook {
            &self.style.prefix
        } else {
            b""
        };
        seen_from(path, directory)
    }

    /// A path to look at, cut so that `rest` characters fit behind it.
    fn name(&self, path: &[u8], rest: usize) -> String {
        if path.is_empty() {
            return "standard input".to_owned();
        }
        let width = match self.style.width {
            Some(width) => width.saturating_sub(rest).max(SHORTEST),
            None => LONGEST,
        };
        cut(&shown(&self.seen(path)), width).into_owned()
    }

    fn quoted(&self, path: &[u8]) -> String {
        quoted(&self.seen(path))
    }

    fn pathspec(&self, path: &[u8]) -> String {
        pathspec(&self.seen(path))
    }

    fn blocks(&mut self, blocks: &[Block<'_>]) -> io::Result<()> {
        if blocks.len() > TOLD {
            return self.list(blocks);
        }
        for block in blocks {
            writeln!(self.out)?;
            match block {
                Block::Secret(finding) => self.secret(finding)?,
                Block::File { file, holds } => self.file(file, holds)?,
            }
        }
        Ok(())
    }

    fn secret(&mut self, finding: &Finding) -> io::Result<()> {
        let what = format!("  {}", what(finding));
        let position = position(finding).map_or(String::new(), |position| format!(":{position}"));
        let name = self.name(&finding.path, position.len() + what.chars().count());
        self.line(&[
            (Paint::Name, &format!("{name}{position}")),
            (Paint::Plain, &what),
        ])?;
        self.labelled("why", &why(finding), "")?;
        self.commit(finding)?;
        let mend = mend::of(finding, &mend::env(finding));
        let path = self.quoted(&finding.path);
        match mend.way {
            Way::KeepOut => {
                self.labelled("mend", &format!("{}: keyward ignore {path}", mend.text), "")?;
            }
            Way::Edit => {
                self.labelled("mend", &mend.text, "")?;
                if self.style.hook && finding.commit.is_none() {
                    let then = match finding.kind {
                        EntryKind::Message => format!("then: {RETYPE}"),
                        EntryKind::File | EntryKind::Link => {
                            format!("then: git add {}", self.pathspec(&finding.path))
                        }
                    };
                    self.labelled("", &then, "")?;
                }
            }
        }
        if let Some(command) = mend::rewrite(finding) {
            self.labelled("", &format!("in the commit: {command}"), "")?;
        }
        if let Some(page) = revoke(finding) {
            self.labelled(
                "revoke",
                &format!("if it was ever pushed or shared: {page}"),
                "",
            )?;
        }
        self.allow(finding.fingerprint.id(), "only if it is no secret")
    }

    fn commit(&mut self, finding: &Finding) -> io::Result<()> {
        match &finding.commit {
            Some(commit) => self.labelled("commit", mend::short(commit), ""),
            None => Ok(()),
        }
    }

    fn allow(&mut self, id: &str, aside: &str) -> io::Result<()> {
        self.labelled(
            "allow",
            &format!("keyward allow {id} --reason \"...\""),
            aside,
        )
    }

    fn file(&mut self, file: &Finding, holds: &[&Finding]) -> io::Result<()> {
        let what = format!("  {}", cut(&file.name, LONGEST));
        let name = self.name(&file.path, what.chars().count());
        self.line(&[(Paint::Name, &name), (Paint::Plain, &what)])?;
        let (why, command, effect) = self.guarded(file);
        self.labelled("why", &why, "")?;
        self.commit(file)?;
        for (label, finding) in labels("holds").zip(holds.iter().take(NAMED)) {
            let line = position(finding).unwrap_or_default();
            self.labelled(label, &format!("{line}  {}", self::what(finding)), "")?;
        }
        if holds.len() > NAMED {
            self.labelled("", &format!("and {} more", holds.len() - NAMED), "")?;
        }
        self.labelled("mend", &command, effect)?;
        if let Some(command) = mend::rewrite(file) {
            self.labelled("", &format!("in the commit: {command}"), "")?;
        }
        self.allow(file.fingerprint.id(), "only if everybody may read it")
    }

    /// Why a guarded file counts, the command that mends it, and what that does.
    fn guarded(&self, file: &Finding) -> (String, String, &'static str) {
        let ignore = format!("keyward ignore {}", self.quoted(&file.path));
        match &file.found {
            Found::File { .. } if file.commit.is_some() => (
                cut(&file.why, LONGEST).into_owned(),
                ignore,
                "so that it stays out; the file stays",
            ),
            Found::File {
                ignored: Ignored::ByRepository,
            } => (
                "it is ignored, and was added all the same with git add -f".to_owned(),
                format!("git rm --cached -- {}", self.pathspec(&file.path)),
                "unstages it; the file stays",
            ),
            Found::File {
                ignored: Ignored::ByThisMachine(excludes),
            } => (
                format!(
                    "only this machine ignores it, by {}; nobody else's does",
                    cut(excludes, LONGEST)
                ),
                ignore,
                "adds it to .gitignore and unstages it; the file stays",
            ),
            Found::File {
                ignored: Ignored::No,
            }
            | Found::TrackedFile
            | Found::Secret { .. } => (
                format!("{}, and no .gitignore covers it", cut(&file.why, LONGEST)),
                ignore,
                "adds it to .gitignore and unstages it; the file stays",
            ),
        }
    }

    /// Many findings: file by file, one line each, and the advice once.
    fn list(&mut self, blocks: &[Block<'_>]) -> io::Result<()> {
        writeln!(self.out)?;
        let most = if self.style.hook {
            MOST_LINES
        } else {
            usize::MAX
        };
        let all: usize = blocks.iter().map(Block::len).sum();
        let (mut lines, mut told) = (0, 0);
        for file in blocks.chunk_by(|a, b| a.path() == b.path()) {
            // A file's line is worth nothing without a finding under it.
            if lines + 2 > most {
                break;
            }
            let mend = self.mend_of_all(file);
            let name = self.name(file[0].path(), 0);
            self.line(&[(Paint::Name, &name), (Paint::Faint, &format!("  {mend}"))])?;
            lines += 1;
            for finding in file.iter().flat_map(Block::all).take(most - lines) {
                let place = position(finding).unwrap_or_else(|| "file".to_owned());
                let what = match finding.found {
                    Found::Secret { .. } => what(finding),
                    Found::File { .. } | Found::TrackedFile => cut(&finding.name, LONGEST).into(),
                };
                let row = format!("  {place:<8}  {}  {what}  ", finding.fingerprint.id());
                let why = match &finding.commit {
                    Some(commit) => format!("in {}  {}", mend::short(commit), why(finding)),
                    None => why(finding),
                };
                self.line(&[(Paint::Plain, &row), (Paint::Faint, &why)])?;
                lines += 1;
                told += 1;
            }
        }
        if told < all {
            self.line(&[(
                Paint::Plain,
                &format!("and {} more: {}", all - told, self.style.occasion.rest()),
            )])?;
        }
        writeln!(self.out)?;
        self.advice(blocks)
    }

    /// For the one who pushed: each finding is a line, and the advice is given once.
    fn rows(&mut self, findings: &[Finding]) -> io::Result<()> {
        for finding in findings.iter().take(MOST_LINES) {
            let commit = finding.commit.as_deref().map_or("", mend::short);
            let position = position(finding).map_or(String::new(), |place| format!(":{place}"));
            let what = format!("  {}  {}", what(finding), finding.fingerprint.id());
            let name = self.name(&finding.path, 0);
            let row = format!("{commit:<10}  {name}{position}{what}");
            self.line(&[(Paint::Plain, &row)])?;
        }
        if findings.len() > MOST_LINES {
            let rest = format!("and {} more", findings.len() - MOST_LINES);
            self.line(&[(Paint::Plain, &rest)])?;
        }
        if findings.is_empty() {
            return Ok(());
        }
        self.labelled(
            "mend",
            "take them out of those commits (git rebase -i COMMIT^), and push again",
            "",
        )?;
        self.labelled("revoke", "what was ever pushed or shared elsewhere", "")?;
        self.allow("ID", "only what is no secret; commit it and push again")
    }

    /// The mend that all findings of one file share.
    fn mend_of_all(&self, file: &[Block<'_>]) -> String {
        let guarded = file.iter().find_map(|block| match block {
            Block::File { file, .. } => Some(file),
            Block::Secret(_) => None,
        });
        if let Some(file) = guarded {
            return self.guarded(file).1;
        }
        let first = file[0].finding();
        let env = mend::env(first);
        let shared = file.iter().all(|block| mend::env(block.finding()) == env);
        let mend = mend::of(first, if shared { &env } else { "NAME" });
        match mend.way {
            Way::Edit => mend.text,
            Way::KeepOut => format!("{}: keyward ignore {}", mend.text, self.quoted(&first.path)),
        }
    }

    /// What a list says once, under it.
    fn advice(&mut self, blocks: &[Block<'_>]) -> io::Result<()> {
        let mut edited: Vec<&BStr> = blocks
            .iter()
            .filter_map(|block| match block {
                Block::Secret(finding)
                    if finding.commit.is_none()
                        && finding.kind != EntryKind::Message
                        && mend::of(finding, "").way == Way::Edit =>
                {
                    Some(block.path())
                }
                Block::Secret(_) | Block::File { .. } => None,
            })
            .collect();
        edited.dedup();
        if self.style.hook && !edited.is_empty() {
            let then = if edited.len() <= NAMED {
                let paths: Vec<_> = edited.iter().map(|path| self.pathspec(path)).collect();
                format!("git add {}", paths.join(" "))
            } else {
                "git add each file that you mended".to_owned()
            };
            self.labelled("then", &then, "")?;
        }
        if blocks.iter().any(|block| block.finding().commit.is_some()) {
            self.labelled(
                "then",
                "git rebase -i COMMIT^, and mark each such commit `edit`",
                "",
            )?;
        } else if blocks
            .iter()
            .any(|block| block.finding().kind == EntryKind::Message)
        {
            self.labelled("then", RETYPE, "")?;
        }
        let mut pages: Vec<&str> = blocks
            .iter()
            .flat_map(Block::all)
            .filter_map(revoke)
            .collect();
        pages.sort_unstable();
        pages.dedup();
        for (label, page) in labels("revoke").zip(pages.iter().take(NAMED)) {
            let aside = if label.is_empty() {
                ""
            } else {
                "what was ever pushed or shared"
            };
            self.labelled(label, page, aside)?;
        }
        if pages.len() > NAMED {
            self.labelled(
                "",
                &format!("and {} more pages", pages.len() - NAMED),
                "see --format json",
            )?;
        }
        self.allow("ID", "only what is no secret")
    }

    fn unread(&mut self, unread: &[Unread]) -> io::Result<()> {
        if unread.is_empty() {
            return Ok(());
        }
        writeln!(self.out)?;
        let most = if self.style.hook {
            MOST_LINES
        } else {
            usize::MAX
        };
        for Unread { path, reason } in unread.iter().take(most) {
            let reason = cut(reason, 4 * LONGEST);
            if path.is_empty() {
                self.line(&[(Paint::Plain, &format!("could not look: {reason}"))])?;
            } else {
                let name = self.name(path, 0);
                self.line(&[
                    (Paint::Plain, "could not look at "),
                    (Paint::Name, &name),
                    (Paint::Plain, &format!(": {reason}")),
                ])?;
            }
        }
        if unread.len() > most {
            let rest = format!(
                "and {} more: {}",
                unread.len() - most,
                self.style.occasion.rest()
            );
            self.line(&[(Paint::Plain, &rest)])?;
        }
        if !self.style.hook {
            return self.labelled("mend", "clear the cause, then scan again", "");
        }
        match unread {
            [one] if !one.path.is_empty() && self.style.occasion == Occasion::Commit => {
                let path = self.pathspec(&one.path);
                self.labelled("mend", "clear the cause and commit again,", "")?;
                self.labelled(
                    "",
                    &format!("or leave the file out: git reset -q -- {path}"),
                    "",
                )
            }
            _ => {
                let again = self.style.occasion.again();
                self.labelled("mend", &format!("clear the cause and {again}"), "")
            }
        }
    }

    /// Whose commits came without a local check.
    fn local_checks(&mut self, verdict: &Verdict) -> io::Result<()> {
        let lines = verdict.local_checks.iter().flat_map(LocalChecks::lines);
        for (at, line) in lines.enumerate() {
            let lead = if at == 0 { "keyward: " } else { "  " };
            self.line(&[(Paint::Plain, lead), (Paint::Plain, &line)])?;
        }
        Ok(())
    }

    /// What is worth a line and stops nothing.
    fn notes(&mut self, verdict: &Verdict) -> io::Result<()> {
        let stopped = !verdict.blocking.is_empty() || !verdict.unread.is_empty();
        let notes =
            !verdict.weaker.is_empty() || !verdict.warnings.is_empty() || verdict.unshared > 0;
        if stopped && (notes || !verdict.lfs.is_empty()) {
            writeln!(self.out)?;
        }
        let most = if self.style.hook { TOLD } else { usize::MAX };
        if !verdict.weaker.is_empty() {
            let told: Vec<&str> = verdict
                .weaker
                .iter()
                .take(most)
                .map(String::as_str)
                .collect();
            let mut line = format!(
                "keyward: this commit weakens the policy: {}",
                told.join(", ")
            );
            if verdict.weaker.len() > most {
                line.push_str(&format!(", and {} more", verdict.weaker.len() - most));
            }
            line.push_str("; to see it: git diff --cached .keyward.toml .keyward");
            self.line(&[(Paint::Plain, &line)])?;
        }
        if verdict.unshared > 0 {
            let what = count(verdict.unshared, "finding is", "findings are");
            let line = format!(
                "keyward: {what} allowed by .keyward.allow as it lies here, and not by what is \
                 committed; to share it: git add .keyward.allow"
            );
            self.line(&[(Paint::Plain, &line)])?;
        }
        for file in verdict.warnings.iter().take(most) {
            let command = format!("git rm --cached -- {}", self.pathspec(&file.path));
            let name = self.name(&file.path, 0);
            self.line(&[(
                Paint::Plain,
                &format!("keyward: git tracks {name}, a file of secrets by its name; to stop that: {command}"),
            )])?;
        }
        if verdict.warnings.len() > most {
            let more = verdict.warnings.len() - most;
            self.line(&[(
                Paint::Plain,
                &format!(
                    "keyward: git tracks {more} more files of secrets: {}",
                    self.style.occasion.rest()
                ),
            )])?;
        }
        let (objects, path) = match verdict.lfs.as_slice() {
            [] => return Ok(()),
            [one] => ("1 Git LFS object was".to_owned(), self.quoted(one)),
            many => (
                format!("{} Git LFS objects were", many.len()),
                "PATH".to_owned(),
            ),
        };
        self.line(&[(
            Paint::Plain,
            &format!(
                "keyward: {objects} not read, only the pointer; to check: keyward scan {path}"
            ),
        )])
    }
}

impl<'v> Block<'v> {
    /// The finding, and those that it stands for.
    fn all(&self) -> impl Iterator<Item = &'v Finding> {
        let holds = match self {
            Self::Secret(_) => &[][..],
            Self::File { holds, .. } => holds,
        };
        std::iter::once(self.finding()).chain(holds.iter().copied())
    }
}

/// The label for the first of several lines, and none for the others.
fn labels(first: &str) -> impl Iterator<Item = &str> {
    std::iter::once(first).chain(std::iter::repeat(""))
}

fn position(finding: &Finding) -> Option<String> {
    finding
        .span
        .map(|span| format!("{}:{}", span.line, span.column))
}

/// The name of what was found, and as much of it as may be shown.
fn what(finding: &Finding) -> String {
    let name = cut(&finding.name, LONGEST);
    match &finding.found {
        Found::Secret { secret, .. } => format!("{name}  {}", cut(&secret.redacted(), LONGEST)),
        Found::File { .. } | Found::TrackedFile => name.into_owned(),
    }
}

fn why(finding: &Finding) -> String {
    format!("{} ({})", cut(&finding.why, LONGEST), finding.confidence)
}

/// The page on which the key is revoked, if its provider has one.
fn revoke(finding: &Finding) -> Option<&str> {
    match &finding.found {
        Found::Secret { provider, .. } => {
            Some(provider.revoke.as_ref()).filter(|page| !page.is_empty())
        }
        Found::File { .. } | Found::TrackedFile => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::samples::{Random, file, printed, secret, secret_with, tracked, verdict_of};
    use super::*;
    use crate::verdict::Allowed;

    fn human(verdict: &Verdict, style: &Style) -> String {
        printed(Format::Human, verdict, style)
    }

    fn hook() -> Style {
        Style {
            hook: true,
            ..Style::default()
        }
    }

    fn unread(path: &str, reason: &str) -> Unread {
        Unread {
            path: path.into(),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn one_secret() {
        assert_eq!(
            human(&verdict_of([secret("src/app.py")]), &hook()),
            r#"keyward: 1 secret in this commit; nothing was committed

src/app.py:12:11  Acme API key  acme_Gp3i…
  why     the format is Acme's alone (certain)
  mend    read it from the environment: os.environ["ACME_API_KEY"]
          then: git add src/app.py
  revoke  if it was ever pushed or shared: https://acme.example/keys
  allow   keyward allow d6e16fb9 --reason "..."  (only if it is no secret)
"#
        );
    }

    #[test]
    fn one_secret_in_colour() {
        let style = Style {
            color: true,
            ..hook()
        };
        let out = human(&verdict_of([secret("src/app.py")]), &style);
        let plain = human(&verdict_of([secret("src/app.py")]), &hook());
        let first: Vec<_> = out.lines().take(3).collect();
        assert_eq!(
            first,
            [
                "\x1b[1;31mkeyward: 1 secret in this commit; nothing was committed\x1b[0m",
                "",
                "\x1b[1msrc/app.py:12:11\x1b[0m  Acme API key  acme_Gp3i…",
            ]
        );
        let bare = ["1;31", "1", "2", "0"]
            .iter()
            .fold(out, |out, code| out.replace(&format!("\x1b[{code}m"), ""));
        assert_eq!(bare, plain);
    }

    #[test]
    fn a_secret_in_an_env_file_keeps_the_file_out() {
        assert_eq!(
            human(&verdict_of([secret("conf/.env")]), &hook()),
            r#"keyward: 1 secret in this commit; nothing was committed

conf/.env:12:11  Acme API key  acme_Gp3i…
  why     the format is Acme's alone (certain)
  mend    keep the file out of git: keyward ignore conf/.env
  revoke  if it was ever pushed or shared: https://acme.example/keys
  allow   keyward allow d6e16fb9 --reason "..."  (only if it is no secret)
"#
        );
    }

    #[test]
    fn a_guarded_file_and_what_is_in_it_are_one() {
        let secrets = (0..6).map(|i| secret_with(".env", "acme_", &Random::new(i).token(40)));
        let verdict = verdict_of([file(".env", Ignored::No)].into_iter().chain(secrets));
        let out = human(&verdict, &hook());
        assert_eq!(
            out,
            r#"keyward: 1 file of secrets in this commit; nothing was committed

.env  environment file
  why     files of this name hold secrets, and no .gitignore covers it
  holds   12:11  Acme API key  acme_0Gp3…
          12:11  Acme API key  acme_Gp3i…
          12:11  Acme API key  acme_XMGO…
          12:11  Acme API key  acme_lvU4…
          and 2 more
  mend    keyward ignore .env  (adds it to .gitignore and unstages it; the file stays)
  allow   keyward allow dc11c5fa --reason "..."  (only if everybody may read it)
"#
        );
        assert!(out.lines().count() < 15);
    }

    #[test]
    fn an_ignored_file_says_how_it_got_there() {
        let here = Ignored::ByThisMachine("/home/me/.config/git/ignore".to_owned());
        let verdict = verdict_of([file(".env", Ignored::ByRepository), file("b/.env", here)]);
        assert_eq!(
            human(&verdict, &hook()),
            r#"keyward: 2 files of secrets in this commit; nothing was committed

.env  environment file
  why     it is ignored, and was added all the same with git add -f
  mend    git rm --cached -- .env  (unstages it; the file stays)
  allow   keyward allow dc11c5fa --reason "..."  (only if everybody may read it)

b/.env  environment file
  why     only this machine ignores it, by /home/me/.config/git/ignore; nobody else's does
  mend    keyward ignore b/.env  (adds it to .gitignore and unstages it; the file stays)
  allow   keyward allow 3543e791 --reason "..."  (only if everybody may read it)
"#
        );
    }

    #[test]
    fn many_findings_are_a_list() {
        let mut other = secret_with("src/app.py", "ac_", "dV5tBn8qLx2ZkR7w");
        other.name = "Other token".into();
        other.rule = "other-token".into();
        other.span = Some(crate::finding::Span {
            line: 140,
            column: 3,
            end_line: 140,
            end_column: 22,
        });
        if let Found::Secret { env, .. } = &mut other.found {
            *env = "".into();
        }
        let verdict = verdict_of([
            secret("src/app.py"),
            other,
            secret("web/config.ts"),
            file(".env", Ignored::No),
            secret(".env"),
        ]);
        assert_eq!(
            human(&verdict, &hook()),
            r#"keyward: 3 secrets and 1 file of secrets in this commit; nothing was committed

.env  keyward ignore .env
  file      dc11c5fa  environment file  files of this name hold secrets (certain)
  12:11     d6e16fb9  Acme API key  acme_Gp3i…  the format is Acme's alone (certain)
src/app.py  read it from the environment: os.environ["NAME"]
  12:11     d6e16fb9  Acme API key  acme_Gp3i…  the format is Acme's alone (certain)
  140:3     2e58131f  Other token  ac_dV…  the format is Acme's alone (certain)
web/config.ts  read it from the environment: process.env.ACME_API_KEY
  12:11     d6e16fb9  Acme API key  acme_Gp3i…  the format is Acme's alone (certain)

  then    git add src/app.py web/config.ts
  revoke  https://acme.example/keys  (what was ever pushed or shared)
  allow   keyward allow ID --reason "..."  (only what is no secret)
"#
        );
    }

    #[test]
    fn a_hook_shows_some_dozens_of_lines_and_a_scan_all() {
        let verdict = verdict_of((0..500).map(|i| {
            let body = Random::new(i).token(40);
            secret_with(format!("src/{:03}.py", i / 4), "acme_", &body)
        }));
        let out = human(&verdict, &hook());
        assert!(out.lines().count() < 50);
        assert!(
            out.contains("\nand 468 more: keyward scan --staged\n"),
            "{out}"
        );
        assert!(
            out.contains("\n  then    git add each file that you mended\n"),
            "{out}"
        );
        let all = human(&verdict, &Style::default());
        assert_eq!(all.matches("Acme API key").count(), 500);
        assert!(!all.contains(" more: "));
    }

    #[test]
    fn a_clean_commit_is_silent_and_a_clean_scan_is_one_line() {
        let mut verdict = Verdict {
            paths: 214,
            allowed: vec![Allowed {
                finding: secret("a.py"),
                by: "the comment `keyward:allow`".to_owned(),
            }],
            ..Verdict::default()
        };
        assert_eq!(human(&verdict, &hook()), "");
        assert_eq!(
            human(&verdict, &Style::default()),
            "keyward: 214 files, no secrets, 1 allowed\n"
        );
        verdict.below_threshold = 3;
        verdict.allowed.clear();
        assert_eq!(human(&verdict, &hook()), "");
        assert_eq!(
            human(&verdict, &Style::default()),
            "keyward: 214 files, no secrets, 3 only possible\n"
        );
    }

    #[test]
    fn a_scan_speaks_of_no_commit() {
        let mut verdict = verdict_of([secret("src/app.py")]);
        verdict.paths = 214;
        assert_eq!(
            human(&verdict, &Style::default()),
            r#"keyward: 1 secret in 214 files

src/app.py:12:11  Acme API key  acme_Gp3i…
  why     the format is Acme's alone (certain)
  mend    read it from the environment: os.environ["ACME_API_KEY"]
  revoke  if it was ever pushed or shared: https://acme.example/keys
  allow   keyward allow d6e16fb9 --reason "..."  (only if it is no secret)
"#
        );
    }

    #[test]
    fn what_could_not_be_read_is_never_clean() {
        let mut verdict = Verdict {
            unread: vec![unread("big file.bin", "object 12ab is missing")],
            paths: 3,
            ..Verdict::default()
        };
        assert_eq!(
            human(&verdict, &hook()),
            "keyward: 1 file of this commit could not be read; nothing was committed

could not look at big file.bin: object 12ab is missing
  mend    clear the cause and commit again,
          or leave the file out: git reset -q -- 'big file.bin'
"
        );
        assert_eq!(
            human(&verdict, &Style::default()),
            "keyward: 1 file could not be read, and no secrets in the rest

could not look at big file.bin: object 12ab is missing
  mend    clear the cause, then scan again
"
        );
        verdict.blocking.push(secret("a.py"));
        let first = |verdict: &Verdict| human(verdict, &hook()).lines().next().map(str::to_owned);
        assert_eq!(
            first(&verdict).as_deref(),
            Some(
                "keyward: 1 secret in this commit, and 1 file could not be read; nothing was committed"
            )
        );
        verdict.unread = vec![unread("", "dubious ownership")];
        assert_eq!(
            first(&verdict).as_deref(),
            Some(
                "keyward: 1 secret in this commit, and not all of it could be read; nothing was committed"
            )
        );
        verdict.blocking.clear();
        assert_eq!(
            human(&verdict, &hook()),
            "keyward: this commit could not be read; nothing was committed

could not look: dubious ownership
  mend    clear the cause and commit again
"
        );
    }

    #[test]
    fn what_stops_nothing_is_one_line() {
        let mut verdict = Verdict {
            warnings: vec![tracked("old/.env")],
            lfs: vec!["a.psd".into()],
            ..Verdict::default()
        };
        assert_eq!(
            human(&verdict, &hook()),
            "keyward: git tracks old/.env, a file of secrets by its name; to stop that: git rm --cached -- old/.env
keyward: 1 Git LFS object was not read, only the pointer; to check: keyward scan a.psd
"
        );
        verdict.warnings = (0..5).map(|i| tracked(format!("{i}.env"))).collect();
        verdict.lfs.push("b.psd".into());
        let out = human(&verdict, &hook());
        let last: Vec<_> = out.lines().skip(3).collect();
        assert_eq!(
            last,
            [
                "keyward: git tracks 2 more files of secrets: keyward scan --staged",
                "keyward: 2 Git LFS objects were not read, only the pointer; to check: keyward scan PATH",
            ]
        );
    }

    #[test]
    fn commands_are_given_from_where_the_reader_stands() {
        let style = Style {
            prefix: "src/".into(),
            ..hook()
        };
        let out = human(
            &verdict_of([secret("src/app.py"), file("conf/.env", Ignored::No)]),
            &style,
        );
        assert!(out.contains("\n../conf/.env  environment file\n"), "{out}");
        assert!(out.contains("keyward ignore ../conf/.env  ("), "{out}");
        assert!(out.contains("\napp.py:12:11  "), "{out}");
        assert!(out.contains("then: git add app.py\n"), "{out}");
    }

    #[test]
    fn a_hostile_name_runs_nothing_and_paints_nothing() {
        let name: &[u8] = b"-$(reboot)\x1b[2J'\n\xe2\x80\xae\xff.py";
        let style = Style {
            color: true,
            ..hook()
        };
        let mut finding = secret(name);
        finding.why = "a\x1b]0;b\x07\nc".to_owned();
        finding.name = "N\u{202e}\r".into();
        let mut guarded = file(
            &b"$(reboot)\n.env"[..],
            Ignored::ByThisMachine("\x1b[H".to_owned()),
        );
        guarded.name = "\x1bc".into();
        let mut verdict = verdict_of([guarded, finding]);
        verdict.unread.push(Unread {
            path: name.into(),
            reason: "\x1b[31m\n".to_owned(),
        });
        verdict.lfs.push(name.into());
        verdict.warnings.push(tracked(name));
        for blocking in [1, 9] {
            verdict.blocking = verdict
                .blocking
                .iter()
                .cycle()
                .take(2 * blocking)
                .cloned()
                .collect();
            for format in [Format::Human, Format::Json] {
                let out = printed(format, &verdict, &style);
                let bare = ["1;31", "1", "2", "0"]
                    .iter()
                    .fold(out, |out, code| out.replace(&format!("\x1b[{code}m"), ""));
                let unseen = |c: char| c != '\n' && !crate::shell::is_plain(c);
                assert!(!bare.contains(unseen), "{bare:?}");
            }
        }
        let out = human(&verdict_of([secret(name)]), &hook());
        assert!(
            out.contains("\n-$(reboot)\\u{1b}[2J'\\n\\u{202e}\\xff.py:12:11  "),
            "{out}"
        );
        let command = r"then: git add $':(literal)-$(reboot)\033[2J\047\012\342\200\256\377.py'";
        assert!(out.contains(&format!("{command}\n")), "{out}");
    }

    #[test]
    fn long_names_are_cut_and_commands_are_not() {
        let path = format!("{}/app.py", "deep/".repeat(300));
        let style = Style {
            width: Some(80),
            ..hook()
        };
        let out = human(&verdict_of([secret(path.as_str())]), &style);
        let name = out.lines().nth(2).expect("a finding has a line");
        assert_eq!(name.chars().count(), 80, "{name}");
        assert!(
            name.starts_with("deep/") && name.contains("app.py:12:11  Acme"),
            "{name}"
        );
        assert!(out.contains(&format!("git add {path}\n")));
    }
}
