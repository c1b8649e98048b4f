//! What is told below the findings: what could not be read, and what is worth a line and stops nothing.

use std::io;

use bstr::BStr;

use super::{MOST_LINES, TOLD};
use crate::archive;
use crate::count::{count, counted};
use crate::finding::Finding;
use crate::local_check::LocalChecks;
use crate::report::advice;
use crate::report::page::{LONGEST, Page, Paint, what, why};
use crate::report::text::cut;
use crate::report::{Detail, Occasion, Report};
use crate::verdict::{Packed, Remark, Unread, Verdict, WeakenedBy, Weaker};

impl Page<'_> {
    pub(super) fn unread(&mut self, unread: &[Unread]) -> io::Result<()> {
        if unread.is_empty() {
            return Ok(());
        }
        self.gap()?;
        let most = self.most(MOST_LINES);
        for Unread { path, reason } in unread.iter().take(most) {
            let reason = cut(reason, 4 * LONGEST);
            if path.is_empty() {
                self.plain(&format!("could not scan: {reason}"))?;
            } else {
                let name = self.name(path);
                let start = format!("could not read {name}: ");
                self.fill((Paint::Name, &start), &[(Paint::Plain, &reason)], 2)?;
            }
        }
        if unread.len() > most {
            let rest = self.style.occasion.rest();
            self.plain(&format!("and {} more: {rest}", unread.len() - most))?;
        }
        self.mend_of_unread(unread)
    }

    fn mend_of_unread(&mut self, unread: &[Unread]) -> io::Result<()> {
        if !self.style.hook {
            return self.labelled("mend", "fix the cause, then scan again", "");
        }
        match unread {
            [one] if !one.path.is_empty() && self.style.occasion == Occasion::Commit => {
                let path = self.advice.pathspec(&one.path);
                self.labelled("mend", "fix the cause and commit again,", "")?;
                let command = format!("git reset -q -- {path}");
                self.told("", "or leave the file out", Some(&command), "")
            }
            _ => {
                let again = self.style.occasion.again();
                self.labelled("mend", &format!("fix the cause and {again}"), "")
            }
        }
    }

    /// Whose commits came without a local check.
    fn local_checks(&mut self, checks: Option<&LocalChecks>) -> io::Result<()> {
        let lines = checks.into_iter().flat_map(LocalChecks::lines);
        for (at, line) in lines.enumerate() {
            let lead = if at == 0 { "keyward: " } else { "  " };
            self.plain(&format!("{lead}{line}"))?;
        }
        Ok(())
    }

    /// What is worth a line and stops nothing.
    pub(super) fn beside(&mut self, report: &Report) -> io::Result<()> {
        let Report { verdict, notes } = report;
        if self.style.detail == Detail::Quiet {
            return Ok(());
        }
        let stopped = verdict.blocks() || !verdict.unread.is_empty();
        if stopped && !report.has_no_notes() {
            self.gap()?;
        }
        self.weaker(&notes.weaker)?;
        self.unshared(notes.unshared)?;
        self.remarks(&verdict.remarks)?;
        self.held(&verdict.held)?;
        self.tracked(verdict)?;
        self.lfs(verdict)?;
        self.archives(&verdict.archives)?;
        if self.is_verbose() {
            self.passed(verdict)?;
        }
        self.local_checks(notes.local_checks.as_ref())
    }

    /// What was found and does not stop.
    fn passed(&mut self, verdict: &Verdict) -> io::Result<()> {
        let allowed = verdict.allowed.iter().map(|allowed| {
            let by = format!("allowed by {}", allowed.by);
            (&allowed.finding, by)
        });
        let below = verdict
            .below_threshold
            .iter()
            .map(|finding| (finding, why(finding)));
        for (finding, why) in allowed.chain(below) {
            let name = self.place(finding);
            let text = format!(
                "  {}  {}  {}",
                finding.fingerprint.id(),
                what(finding),
                cut(&why, LONGEST)
            );
            self.fill((Paint::Name, &name), &[(Paint::Plain, &text)], 4)?;
        }
        Ok(())
    }

    fn weaker(&mut self, weaker: &Weaker) -> io::Result<()> {
        if weaker.what.is_empty() {
            return Ok(());
        }
        let what = self.first_of(&weaker.what, String::clone);
        match &weaker.by {
            WeakenedBy::Commit => self.noted(
                &format!("this commit weakens the policy: {what}; to see it"),
                "git diff --cached .keyward.toml .keyward",
            ),
            WeakenedBy::Untracked => self.noted(
                &format!(
                    "a .keyward.toml that git does not track weakens the policy here: {what}; to \
                     share it"
                ),
                "git add -f .keyward.toml",
            ),
            WeakenedBy::Commits { base, tip } => self.noted(
                &format!(
                    "these commits weaken the policy, and were judged by the one before: {what}; to \
                     see it"
                ),
                &format!(
                    "git diff {} {} -- .keyward.toml .keyward",
                    advice::short(base),
                    advice::short(tip)
                ),
            ),
        }
    }

    fn remarks(&mut self, remarks: &[Remark]) -> io::Result<()> {
        let most = self.most(2 * TOLD);
        for remark in remarks.iter().take(most) {
            self.plain(&format!("keyward: {}", remark.message))?;
        }
        if remarks.len() > most {
            let more = remarks.len() - most;
            let rest = self.style.occasion.rest();
            self.plain(&format!("keyward: and {more} more remarks: {rest}"))?;
        }
        Ok(())
    }

    fn unshared(&mut self, unshared: usize) -> io::Result<()> {
        if unshared == 0 {
            return Ok(());
        }
        let what = count(unshared, "finding is", "findings are");
        self.noted(
            &format!(
                "{what} allowed by your .keyward.allow, but not by the one that is committed; to share it"
            ),
            "git add .keyward.allow",
        )
    }

    /// Secrets that the repository holds already.
    fn held(&mut self, held: &[Finding]) -> io::Result<()> {
        if held.is_empty() {
            return Ok(());
        }
        let places = self.first_of(held, |finding| {
            let line = finding
                .span
                .map_or(String::new(), |span| format!(":{}", span.line));
            format!("{}{line}", self.name(&finding.path))
        });
        self.plain(&format!(
            "keyward: {} that the repository holds already: {places}; revoke what is live",
            counted(held.len(), "secret")
        ))
    }

    /// The first of them, and how many more there are.
    fn first_of<T>(&self, all: &[T], show: impl Fn(&T) -> String) -> String {
        let most = self.most(TOLD).min(all.len());
        let mut told = all[..most].iter().map(show).collect::<Vec<_>>().join(", ");
        if all.len() > most {
            told.push_str(&format!(", and {} more", all.len() - most));
        }
        told
    }

    /// Files that git tracks although their names say that they hold secrets.
    fn tracked(&mut self, verdict: &Verdict) -> io::Result<()> {
        let most = match self.is_verbose() {
            true => usize::MAX,
            false => TOLD,
        };
        for file in verdict.warnings.iter().take(most) {
            let name = self.name(&file.path);
            let command = self.advice.mend(file).told();
            self.noted(
                &format!("git tracks {name}, a file of secrets by its name; to stop that"),
                &command,
            )?;
        }
        if verdict.warnings.len() > most {
            let more = counted(verdict.warnings.len() - most, "more file");
            let rest = match self.style.hook {
                true => self.style.occasion.rest(),
                false => "keyward scan --verbose",
            };
            self.noted(&format!("git tracks {more} of secrets"), rest)?;
        }
        Ok(())
    }

    fn lfs(&mut self, verdict: &Verdict) -> io::Result<()> {
        let (objects, path) = match verdict.lfs.as_slice() {
            [] => return Ok(()),
            [one] => ("1 Git LFS object was".to_owned(), self.quoted(one)),
            many => (
                format!("{} Git LFS objects were", many.len()),
                "PATH".to_owned(),
            ),
        };
        self.noted(
            &format!("{objects} not read, only the pointer; to check"),
            &format!("keyward scan {path}"),
        )
    }

    fn archives(&mut self, archives: &[Packed]) -> io::Result<()> {
        let what = match archives {
            [] => return Ok(()),
            [one] => format!("the archive {}", self.name(&one.path)),
            [one, two] => {
                let (one, two) = (self.name(&one.path), self.name(&two.path));
                format!("the archives {one} and {two}")
            }
            [one, rest @ ..] => {
                let (one, more) = (self.name(&one.path), rest.len());
                format!("the archive {one} and {more} others")
            }
        };
        let check = match archives {
            [Packed { path, opens: true }] => {
                let file = archive::file_of(path);
                format!("keyward scan {}", self.quoted(BStr::new(file)))
            }
            all if all.iter().all(|archive| archive.opens) => "keyward scan PATH".to_owned(),
            _ => "unpack, and keyward scan DIRECTORY".to_owned(),
        };
        self.plain(&format!(
            "keyward: nobody looked into {what}; to check: {check}"
        ))
    }
}
