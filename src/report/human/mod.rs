//! For people: what was found, where, why it counts and how to mend it.
//!
//! A few findings are told one by one, many as a list with the advice given once. A hook shows at
//! most [`MOST_LINES`] lines of a list and says where the rest is; a scan shows all of it.

mod blocks;
mod digest;
mod list;
mod notes;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

use self::blocks::Block;
use self::list::Places;
use super::page::{Page, Paint};
use super::{Detail, Occasion, Report, Style, advice};
use crate::confidence::Confidence;
use crate::count::{count, counted, digits};
use crate::finding::Finding;
use crate::verdict::Verdict;

/// Up to so many findings, or files that could not be read, are told one by one.
const TOLD: usize = 3;

/// A bound: how many lines of a list a hook shows.
const MOST_LINES: usize = 40;

/// How many secrets in a guarded file, pages to revoke keys on, or files to stage are named.
const NAMED: usize = 4;

/// A bound: from so many lines on, a list has left the screen when its advice is read.
const LONG: usize = 20;

pub(super) fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let verdict = &report.verdict;
    let mut page = Page::new(style, verdict.store, out);
    page.rewrite = &verdict.rewrite;
    page.reach = &verdict.reach;
    let blocks = blocks::of(&verdict.blocking);
    if blocks.is_empty() && verdict.unread.is_empty() {
        if !style.hook && style.detail != Detail::Quiet {
            page.plain(&summary(verdict, style))?;
        }
        return page.beside(report);
    }
    let places = Places::of(&blocks);
    let headline = headline(verdict, &blocks, &places, style);
    page.fill((Paint::Plain, ""), &[(Paint::Alarm, &headline)], 2)?;
    if style.hook && style.occasion == Occasion::Receive {
        page.rows(&verdict.blocking)?;
    } else if blocks.len() > TOLD {
        if page.list(&blocks, &places)? > LONG {
            page.unread(&verdict.unread)?;
            page.beside(report)?;
            page.gap()?;
            page.digest(&blocks, &places)?;
            page.fill((Paint::Plain, ""), &[(Paint::Alarm, &headline)], 2)?;
            page.advice(&blocks)?;
            return page.next(&blocks);
        }
        page.gap()?;
        page.advice(&blocks)?;
    } else {
        page.blocks(&blocks)?;
    }
    page.unread(&verdict.unread)?;
    page.beside(report)
}

fn headline(verdict: &Verdict, blocks: &[Block<'_>], places: &Places<'_>, style: &Style) -> String {
    let files = blocks
        .iter()
        .filter(|block| matches!(block, Block::File { .. }))
        .count();
    let mut what = Vec::new();
    // What is in a file of secrets goes with the file.
    if blocks.len() > files {
        let secrets = counted(places.secrets(), "secret");
        let kinds = kinds(blocks);
        what.push(match places.places() > places.secrets() {
            true => format!("{secrets}{kinds} at {}", counted(places.places(), "place")),
            false => format!("{secrets}{kinds}"),
        });
    }
    if files > 0 {
        what.push(count(files, "file of secrets", "files of secrets"));
    }
    if verdict.unlisted() > 0 {
        what.push(format!("{} more", digits(verdict.unlisted())));
    }
    let what = what.join(" and ");
    let paths = counted(verdict.paths, "file");
    let place = if style.hook {
        style.occasion.place()
    } else {
        &paths
    };
    let unread = match verdict.unread.as_slice() {
        [] => None,
        all if all.iter().all(|unread| unread.path.is_empty()) => None,
        some => Some(counted(some.len(), "file")),
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
        format!("keyward: {sentence}{}", silent(verdict, style))
    }
}

/// Which sorts of keys they are, where the rules know: a key of an administrator opens more than others.
fn kinds(blocks: &[Block<'_>]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut seen = HashSet::new();
    for finding in blocks.iter().flat_map(Block::all) {
        if let Some(sort) = advice::sort(finding)
            && seen.insert(&finding.fingerprint)
        {
            *counts.entry(sort).or_default() += 1;
        }
    }
    let told: Vec<String> = counts
        .into_iter()
        .map(|(sort, number)| count(number, &format!("{sort} key"), &format!("{sort} keys")))
        .collect();
    match told.is_empty() {
        true => String::new(),
        false => format!(" ({})", told.join(", ")),
    }
}

fn summary(verdict: &Verdict, style: &Style) -> String {
    // To have looked at nothing is no answer.
    if verdict.paths == 0 {
        return "keyward: 0 files: nothing was looked at".to_owned();
    }
    let files = counted(verdict.paths, "file");
    let none = match verdict.held.is_empty() {
        true => "no secrets",
        false => "no new secrets",
    };
    format!("keyward: {files}, {none}{}", silent(verdict, style))
}

/// What a scan found and does not show, and how it is shown.
fn silent(verdict: &Verdict, style: &Style) -> String {
    let mut out = String::new();
    let verbose = style.detail == Detail::Verbose;
    let allowed = verdict.allowed.len() + verdict.more_allowed;
    if allowed > 0 {
        let how = if verbose {
            ""
        } else {
            " (--verbose shows them)"
        };
        let allowed = digits(allowed);
        out.push_str(&format!(", {allowed} allowed{how}"));
    }
    let below = &verdict.below_threshold;
    if !below.is_empty() {
        let is_possible = |finding: &Finding| finding.confidence == Confidence::Possible;
        let (what, how) = match below.iter().all(is_possible) {
            true => ("only possible", " (--possible shows them)"),
            false => ("below the threshold", " (--verbose shows them)"),
        };
        let how = if verbose { "" } else { how };
        let below = digits(below.len() + verdict.more_below);
        out.push_str(&format!(", {below} {what}{how}"));
    }
    out
}
