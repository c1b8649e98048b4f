//! For people: what was found, where, why it counts and how to mend it.
//!
//! A few findings are told one by one, many as a list with the advice given once. A hook shows at
//! most [`MOST_LINES`] lines of a list and says where the rest is; a scan shows all of it.

mod blocks;
mod list;
mod notes;
mod page;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use self::blocks::Block;
use self::page::{Page, Paint};
use super::{Occasion, Report, Style};
use crate::confidence::Confidence;
use crate::finding::Finding;
use crate::verdict::Verdict;

/// Up to so many findings, or files that could not be read, are told one by one.
const TOLD: usize = 3;

/// How many lines of a list a hook shows.
const MOST_LINES: usize = 40;

/// How many secrets in a guarded file, pages to revoke keys on, or files to stage are named.
const NAMED: usize = 4;

pub(super) fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let verdict = &report.verdict;
    let mut page = Page::new(style, out);
    let blocks = blocks::of(&verdict.blocking);
    if !blocks.is_empty() || !verdict.unread.is_empty() {
        page.line(&[(Paint::Alarm, &headline(verdict, &blocks, style))])?;
        if style.hook && style.occasion == Occasion::Receive {
            page.rows(&verdict.blocking)?;
        } else if blocks.len() > TOLD {
            page.list(&blocks)?;
        } else {
            page.blocks(&blocks)?;
        }
        page.unread(&verdict.unread)?;
    } else if !style.hook {
        page.line(&[(Paint::Plain, &summary(verdict))])?;
    }
    page.notes(report)?;
    page.local_checks(report.notes.local_checks.as_ref())
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
    let none = match verdict.held.is_empty() {
        true => "no secrets",
        false => "no new secrets",
    };
    format!("keyward: {files}, {none}{}", silent(verdict))
}

/// What a scan found and does not show.
fn silent(verdict: &Verdict) -> String {
    let mut out = String::new();
    if !verdict.allowed.is_empty() {
        out.push_str(&format!(", {} allowed", verdict.allowed.len()));
    }
    let below = &verdict.below_threshold;
    if !below.is_empty() {
        let is_possible = |finding: &Finding| finding.confidence == Confidence::Possible;
        let what = match below.iter().all(is_possible) {
            true => "only possible",
            false => "below the threshold",
        };
        out.push_str(&format!(", {} {what}", below.len()));
    }
    out
}
