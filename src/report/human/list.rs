//! Many findings: a line each, and the advice once.

use std::io;

use bstr::BStr;

use super::blocks::Block;
use super::page::{LONGEST, Page, Paint, labels, position, what, why};
use super::{MOST_LINES, NAMED};
use crate::change::EntryKind;
use crate::finding::{Finding, Found};
use crate::report::advice::{self, COMMIT_AGAIN};
use crate::report::text::cut;

impl Page<'_> {
    /// Many findings: file by file, one line each, and the advice once.
    pub(super) fn list(&mut self, blocks: &[Block<'_>]) -> io::Result<()> {
        self.gap()?;
        let most = self.most(MOST_LINES);
        let all: usize = blocks.iter().map(Block::len).sum();
        let (mut lines, mut told) = (0, 0);
        for file in blocks.chunk_by(|a, b| a.path() == b.path()) {
            // A file's line is worth nothing without a finding under it.
            if lines + 2 > most {
                break;
            }
            let mend = self.mend_of_all(file);
            let name = self.name(file[0].path());
            self.line(&[(Paint::Name, &name), (Paint::Faint, &format!("  {mend}"))])?;
            lines += 1;
            for finding in file.iter().flat_map(Block::all).take(most - lines) {
                self.item(finding)?;
                lines += 1;
                told += 1;
            }
        }
        if told < all {
            let rest = self.style.occasion.rest();
            self.plain(&format!("and {} more: {rest}", all - told))?;
        }
        self.gap()?;
        self.advice(blocks)
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
        let row = format!("  {place:<8}  {}  {what}  ", finding.fingerprint.id());
        let why = match &finding.commit {
            Some(commit) => format!("in {}  {}", advice::short(commit), why(finding)),
            None => why(finding),
        };
        self.line(&[(Paint::Plain, &row), (Paint::Faint, &why)])
    }

    /// For the one who pushed: each finding is a line, and the advice is given once.
    pub(super) fn rows(&mut self, findings: &[Finding]) -> io::Result<()> {
        for finding in findings.iter().take(MOST_LINES) {
            let commit = finding.commit.as_deref().map_or("", advice::short);
            let position = position(finding).map_or(String::new(), |place| format!(":{place}"));
            let what = format!("  {}  {}", what(finding), finding.fingerprint.id());
            let name = self.name(&finding.path);
            self.plain(&format!("{commit:<10}  {name}{position}{what}"))?;
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
            Block::File { file, .. } => Some(self.advice.mend(file)),
            Block::Secret(_) => None,
        });
        let secrets = file.iter().map(Block::finding);
        let mend = guarded.or_else(|| self.advice.mend_of_all(secrets));
        mend.map_or(String::new(), |mend| mend.text)
    }

    /// What a list says once, under it.
    fn advice(&mut self, blocks: &[Block<'_>]) -> io::Result<()> {
        if self.style.hook {
            self.stage(blocks)?;
        }
        if blocks.iter().any(|block| block.finding().commit.is_some()) {
            let amend = "git rebase -i COMMIT^, and mark each such commit `edit`";
            self.labelled("then", amend, "")?;
        } else if blocks
            .iter()
            .any(|block| block.finding().kind == EntryKind::Message)
        {
            self.labelled("then", COMMIT_AGAIN, "")?;
        }
        self.revoke(blocks)?;
        self.allow("ID", "only what is not a secret")
    }

    /// The command that stages what is edited.
    fn stage(&mut self, blocks: &[Block<'_>]) -> io::Result<()> {
        let is_staged = |block: &&Block<'_>| match block {
            Block::Secret(finding) => {
                finding.commit.is_none()
                    && finding.kind != EntryKind::Message
                    && self.advice.mend(finding).edits
            }
            Block::File { .. } => false,
        };
        let mut edited: Vec<&BStr> = blocks.iter().filter(is_staged).map(Block::path).collect();
        edited.dedup();
        if edited.is_empty() {
            return Ok(());
        }
        let then = if edited.len() <= NAMED {
            self.advice.stage(edited.iter().map(|path| &***path))
        } else {
            "git add each file that you mended".to_owned()
        };
        self.labelled("then", &then, "")
    }

    /// The pages on which the keys are revoked.
    fn revoke(&mut self, blocks: &[Block<'_>]) -> io::Result<()> {
        let all = blocks.iter().flat_map(Block::all);
        let mut pages: Vec<&str> = all.filter_map(advice::revoke).collect();
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
            let more = format!("and {} more pages", pages.len() - NAMED);
            self.labelled("", &more, "see --format json")?;
        }
        Ok(())
    }
}
