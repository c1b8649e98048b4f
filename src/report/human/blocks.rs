//! A few findings, told one by one.

use std::collections::BTreeMap;
use std::io;

use bstr::BStr;

use super::NAMED;
use crate::archive;
use crate::change::{EntryKind, Ignored};
use crate::finding::{Finding, Found};
use crate::report::advice::{self, Advised, COMMIT_AGAIN};
use crate::report::page::{LONGEST, Page, labels, position, what, why};
use crate::report::text::cut;

/// What is told in one piece.
pub(super) enum Block<'v> {
    /// A secret in a file that is no business of the guard's.
    Secret(&'v Finding),
    /// A guarded file, with the secrets in it: one mend settles them all.
    File {
        file: &'v Finding,
        holds: Vec<&'v Finding>,
    },
}

impl<'v> Block<'v> {
    pub(super) fn finding(&self) -> &'v Finding {
        match self {
            Self::Secret(finding) | Self::File { file: finding, .. } => finding,
        }
    }

    pub(super) fn path(&self) -> &'v BStr {
        self.finding().path.as_ref()
    }

    /// The finding, and those that it stands for.
    pub(super) fn all(&self) -> impl Iterator<Item = &'v Finding> {
        let holds = match self {
            Self::Secret(_) => &[][..],
            Self::File { holds, .. } => holds,
        };
        std::iter::once(self.finding()).chain(holds.iter().copied())
    }
}

/// The findings in pieces, in the order of their paths.
pub(super) fn of(findings: &[Finding]) -> Vec<Block<'_>> {
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

impl Page<'_> {
    pub(super) fn blocks(&mut self, blocks: &[Block<'_>]) -> io::Result<()> {
        for block in blocks {
            self.gap()?;
            match block {
                Block::Secret(finding) => self.secret(finding)?,
                Block::File { file, holds } => self.file(file, holds)?,
            }
        }
        Ok(())
    }

    fn secret(&mut self, finding: &Finding) -> io::Result<()> {
        let name = self.place(finding);
        self.headed(&name, &what(finding))?;
        self.labelled("why", &why(finding), "")?;
        self.commit(finding)?;
        let mend = self.advice.mend(finding);
        self.advised("mend", &mend)?;
        self.keep(&mend)?;
        self.then(finding, &mend)?;
        if let Some(page) = advice::revoke(finding) {
            let when = advice::when_to_revoke(finding, self.reach);
            self.labelled("revoke", &format!("{when}: {page}"), "")?;
        }
        self.answer(finding)?;
        self.allow(finding.fingerprint.id(), "only if it is not a secret")
    }

    /// How to go on where others have it already.
    fn answer(&mut self, finding: &Finding) -> io::Result<()> {
        match self.reach.of(finding.commit.as_ref()) {
            Some(_) => {
                let command = format!("keyward respond {}", finding.fingerprint.id());
                self.told(
                    "",
                    "then",
                    Some(&command),
                    "its use, who has it, and how it is cleaned",
                )?;
                for (label, page) in advice::pages(finding) {
                    self.labelled(label, page, "")?;
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn commit(&mut self, finding: &Finding) -> io::Result<()> {
        match &finding.commit {
            Some(commit) => self.labelled("commit", advice::short(commit), ""),
            None => Ok(()),
        }
    }

    /// What comes behind the mend: a hook's reader goes on to commit, and a commit that is made is
    /// amended.
    fn then(&mut self, finding: &Finding, mend: &Advised) -> io::Result<()> {
        if let Some(commit) = finding.commit.as_deref() {
            let reopen = advice::reopen(finding, commit, self.rewrite);
            return self.advised("", &reopen);
        }
        if !self.style.hook || !mend.edits {
            return Ok(());
        }
        let command = match finding.kind {
            EntryKind::Message | EntryKind::Header => COMMIT_AGAIN.to_owned(),
            EntryKind::File | EntryKind::Link | EntryKind::Submodule => {
                self.advice.stage([&**finding.path])
            }
            EntryKind::Member => {
                let file = archive::file_around(&finding.path);
                self.advice.stage([file.unwrap_or(&finding.path)])
            }
        };
        self.told("", "then", Some(&command), "")
    }

    /// Where the value goes now.
    fn keep(&mut self, mend: &Advised) -> io::Result<()> {
        let Some(variable) = &mend.variable else {
            return Ok(());
        };
        let store = self.store;
        self.labelled("", &store.keep(variable), "")?;
        match store.run() {
            "" => Ok(()),
            command => self.told("", "start the program with", Some(command), ""),
        }
    }

    fn file(&mut self, file: &Finding, holds: &[&Finding]) -> io::Result<()> {
        let name = self.name(&file.path);
        self.headed(&name, &cut(&file.name, LONGEST))?;
        self.labelled("why", &why_guarded(file), "")?;
        self.commit(file)?;
        for (label, finding) in labels("holds").zip(holds.iter().take(NAMED)) {
            let line = position(finding).unwrap_or_default();
            self.labelled(label, &format!("{line}  {}", self::what(finding)), "")?;
        }
        if holds.len() > NAMED {
            self.labelled("", &format!("and {} more", holds.len() - NAMED), "")?;
        }
        let mend = self.advice.mend_of_guarded(file, holds);
        self.advised("mend", &mend)?;
        self.keep(&mend)?;
        self.then(file, &mend)?;
        let when = advice::when_to_revoke(file, self.reach);
        self.revoke(holds.iter().copied(), &when)?;
        self.answer(file)?;
        self.allow(file.fingerprint.id(), "only if everybody may read it")
    }
}

/// Why a guarded file counts: how it is that no ignore file kept it out.
fn why_guarded(file: &Finding) -> String {
    let why = cut(&file.why, LONGEST);
    match &file.found {
        Found::File { ignored } if file.commit.is_none() => match ignored {
            Ignored::No => format!("{why}, and no .gitignore covers it"),
            Ignored::ByRepository => {
                "it is ignored, and was added all the same with git add -f".to_owned()
            }
            Ignored::ByThisMachine(excludes) => format!(
                "only this machine ignores it, by {}; nobody else's does",
                cut(excludes, LONGEST)
            ),
        },
        Found::File { .. } | Found::TrackedFile | Found::Secret { .. } => why.into_owned(),
    }
}
