//! Many findings: a line each, and the advice once.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::io;

use bstr::BStr;

use super::blocks::Block;
use super::{MOST_LINES, NAMED};
use crate::change::EntryKind;
use crate::count::counted;
use crate::finding::{Finding, Fingerprint, Found};
use crate::report::advice::{self, ANY_VARIABLE, COMMIT_AGAIN};
use crate::report::page::{LONGEST, Page, Paint, labels, position, what, why};
use crate::report::text::cut;

/// How far in a line goes on: under the id.
const HANG: usize = 12;

/// A bound: so many further places of a secret are named, unless all are asked for.
const PLACES: usize = 6;

/// Of each secret, where it stands, in the order of the report. Most stand in one place alone.
#[derive(Default)]
pub(super) struct Places<'v> {
    first: HashMap<&'v Fingerprint, &'v Finding>,
    others: HashMap<&'v Fingerprint, Vec<&'v Finding>>,
}

impl<'v> Places<'v> {
    pub(super) fn of(blocks: &[Block<'v>]) -> Self {
        let mut places = Self::default();
        for finding in blocks.iter().flat_map(Block::all) {
            if finding.secret.is_none() {
                continue;
            }
            let name = &finding.fingerprint;
            match places.first.entry(name) {
                Entry::Vacant(first) => {
                    first.insert(finding);
                }
                Entry::Occupied(_) => places.others.entry(name).or_default().push(finding),
            }
        }
        places
    }

    /// How many secrets there are.
    pub(super) fn secrets(&self) -> usize {
        self.first.len()
    }

    /// At how many places they stand.
    pub(super) fn places(&self) -> usize {
        self.first.len() + self.others.values().map(Vec::len).sum::<usize>()
    }

    /// Where else the secret of a finding stands, if this is where it is told.
    fn beside(&self, finding: &Finding) -> Option<&[&'v Finding]> {
        match self.first.get(&finding.fingerprint) {
            Some(first) if !std::ptr::eq(*first, finding) => None,
            _ => Some(
                self.others
                    .get(&finding.fingerprint)
                    .map_or(&[], Vec::as_slice),
            ),
        }
    }

    /// The secrets that stand in more places than one, each with how many, the most first.
    pub(super) fn widespread(&self) -> Vec<(&'v Finding, usize)> {
        let several = self.others.iter();
        let mut all: Vec<(&Finding, usize)> = several
            .map(|(name, others)| (self.first[name], others.len() + 1))
            .collect();
        all.sort_by_key(|(first, places)| (usize::MAX - places, &first.path, first.span));
        all
    }
}

impl<'v> Page<'_> {
    /// Many findings: file by file, one entry each; a secret that stands in several places is one entry.
    /// Gives how many lines that took.
    pub(super) fn list(&mut self, blocks: &[Block<'v>], places: &Places<'v>) -> io::Result<usize> {
        self.gap()?;
        let most = self.most(MOST_LINES);
        let is_told = |finding: &&Finding| places.beside(finding).is_some();
        let all = blocks.iter().flat_map(Block::all).filter(is_told).count();
        let head = format!("  {:<8}  {:<8}  what and why", "where", "id");
        self.line(&[(Paint::Faint, &head)])?;
        let (mut lines, mut told) = (1, 0);
        for file in blocks.chunk_by(|a, b| a.path() == b.path()) {
            let findings: Vec<&Finding> =
                file.iter().flat_map(Block::all).filter(is_told).collect();
            if findings.is_empty() {
                continue;
            }
            // A file's line is worth nothing without a finding under it.
            if lines + 2 > most {
                break;
            }
            let name = self.name(file[0].path());
            let mend = self.mend_of_all(file);
            let mend = format!("  mend: {mend}");
            self.fill((Paint::Name, &name), &[(Paint::Faint, &mend)], 4)?;
            lines += 1;
            for finding in findings {
                if lines >= most {
                    break;
                }
                self.item(finding)?;
                (lines, told) = (lines + 1, told + 1);
                let others = places.beside(finding).unwrap_or_default();
                if !others.is_empty() {
                    self.elsewhere(others)?;
                    lines += 1;
                }
            }
        }
        if told < all {
            let rest = self.style.occasion.rest();
            self.plain(&format!("and {} more: {rest}", all - told))?;
        }
        Ok(lines)
    }

    /// A finding's line under that of its file.
    fn item(&mut self, finding: &Finding) -> io::Result<()> {
        let place = match position(finding) {
            Some(position) => position,
            None if finding.is_in_name() => "name".to_owned(),
            None => "file".to_owned(),
        };
        let what = match finding.found {
            Found::Secret { .. } => what(finding),
            Found::File { .. } | Found::TrackedFile => cut(&finding.name, LONGEST).into(),
        };
        let row = format!("  {place:<8}  {}  ", finding.fingerprint.id());
        let what = format!("{what}  ");
        let why = match &finding.commit {
            Some(commit) => format!("in {}  {}", advice::short(commit), why(finding)),
            None => why(finding),
        };
        let what = [(Paint::Plain, what.as_str()), (Paint::Faint, &why)];
        self.fill((Paint::Plain, &row), &what, HANG)
    }

    /// Where the secret of the line above stands, too.
    fn elsewhere(&mut self, others: &[&Finding]) -> io::Result<()> {
        let most = match self.is_verbose() {
            true => usize::MAX,
            false => PLACES,
        };
        let named = others.iter().take(most).map(|finding| self.place(finding));
        let mut named = named.collect::<Vec<_>>().join(", ");
        if others.len() > most {
            named.push_str(&format!(" and {} more", others.len() - most));
        }
        let label = format!("  {:<8}  also in ", "");
        self.fill((Paint::Faint, &label), &[(Paint::Plain, &named)], HANG)
    }

    /// For the one who pushed: each finding is a line, and the advice is given once.
    pub(super) fn rows(&mut self, findings: &[Finding]) -> io::Result<()> {
        for finding in findings.iter().take(MOST_LINES) {
            let commit = finding.commit.as_deref().map_or("", advice::short);
            let what = format!("{}  {}", what(finding), finding.fingerprint.id());
            let place = self.place(finding);
            self.plain(&format!("{commit:<10}  {place}  {what}"))?;
        }
        if findings.len() > MOST_LINES {
            self.plain(&format!("and {} more", findings.len() - MOST_LINES))?;
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
        self.allow("ID", "only what is not a secret; commit it and push again")
    }

    /// The mend that all findings of one file share.
    fn mend_of_all(&self, file: &[Block<'_>]) -> String {
        let guarded = file.iter().find_map(|block| match block {
            Block::File { file, holds } => Some(self.advice.mend_of_guarded(file, holds)),
            Block::Secret(_) => None,
        });
        let secrets = file.iter().map(Block::finding);
        let mend = guarded.or_else(|| self.advice.mend_of_all(secrets));
        mend.map_or(String::new(), |mend| mend.told())
    }

    /// What a list says once, under it.
    pub(super) fn advice(&mut self, blocks: &[Block<'_>]) -> io::Result<()> {
        let reads_environment = |finding: &Finding| self.advice.mend(finding).variable.is_some();
        if blocks.iter().map(Block::finding).any(reads_environment) {
            let keep = self.store.keep(ANY_VARIABLE);
            self.labelled("values", &keep, "")?;
        }
        if self.style.hook {
            self.stage(blocks)?;
        }
        if blocks.iter().any(|block| block.finding().commit.is_some()) {
            let commits = counted(self.rewrite.commits, "commit");
            let effect = match self.rewrite.is_amended() {
                true => "",
                false => "mark each of them `edit`",
            };
            let words = format!("in {commits}");
            self.told("then", &words, Some(&self.rewrite.command), effect)?;
        } else if blocks
            .iter()
            .any(|block| block.finding().kind == EntryKind::Message)
        {
            self.told("then", "", Some(COMMIT_AGAIN), "")?;
        }
        self.revoke(blocks.iter().flat_map(Block::all), "")?;
        self.allow("ID", "only what is not a secret")
    }

    /// The command that stages what is edited.
    fn stage(&mut self, blocks: &[Block<'_>]) -> io::Result<()> {
        let is_staged = |block: &&Block<'_>| match block {
            Block::Secret(finding) => {
                finding.commit.is_none()
                    && finding.kind.has_path()
                    && self.advice.mend(finding).edits
            }
            Block::File { .. } => false,
        };
        let mut edited: Vec<&BStr> = blocks.iter().filter(is_staged).map(Block::path).collect();
        edited.dedup();
        if edited.is_empty() {
            return Ok(());
        }
        if edited.len() <= NAMED {
            let command = self.advice.stage(edited.iter().map(|path| &***path));
            return self.told("then", "", Some(&command), "");
        }
        self.labelled("then", "git add each file that you mended", "")
    }

    /// The pages on which the keys are revoked, each once, behind the words that say when.
    pub(super) fn revoke<'f>(
        &mut self,
        findings: impl Iterator<Item = &'f Finding>,
        when: &str,
    ) -> io::Result<()> {
        let mut seen = HashSet::new();
        let pages: Vec<&str> = findings
            .filter_map(advice::revoke)
            .filter(|page| seen.insert(*page))
            .collect();
        for (label, page) in labels("revoke").zip(pages.iter().take(NAMED)) {
            match (label.is_empty(), when) {
                (true, _) => self.told(label, "", Some(page), "")?,
                (false, "") => {
                    self.told(label, "", Some(page), "what was ever pushed or shared")?
                }
                (false, when) => self.told(label, when, Some(page), "")?,
            }
        }
        if pages.len() > NAMED {
            let more = format!("and {} more pages", pages.len() - NAMED);
            self.labelled("", &more, "see --format json")?;
        }
        Ok(())
    }
}
