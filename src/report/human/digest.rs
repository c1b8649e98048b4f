//! The end of a long report: what there is in all, so that the last screen tells what to do.

use std::collections::HashMap;
use std::hash::Hash;
use std::io;

use super::blocks::Block;
use super::list::Places;
use crate::count::{count, digits};
use crate::report::page::{Page, labels, what};
use crate::report::text::cut;

/// A bound: so many rules, files or secrets are named, the most frequent first.
const NAMED: usize = 4;

/// How often each of them comes.
fn counts<T: Hash + Eq>(all: impl Iterator<Item = T>) -> HashMap<T, usize> {
    let mut counts = HashMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    counts
}

impl<'v> Page<'_> {
    /// How much was found by rule and by file, and which secrets stand in many places.
    pub(super) fn digest(&mut self, blocks: &[Block<'v>], places: &Places<'v>) -> io::Result<()> {
        let findings = || blocks.iter().flat_map(Block::all);
        let rules = counts(findings().map(|finding| &*finding.name));
        self.most_frequent("rules", rules.into_iter().collect())?;
        // Many findings are of one file, whose name is made up once.
        let mut files: HashMap<String, usize> = HashMap::new();
        for (path, number) in counts(findings().map(|finding| &finding.path)) {
            *files.entry(self.name(path)).or_default() += number;
        }
        self.most_frequent("files", files.into_iter().collect())?;
        let widespread = places.widespread();
        for (label, (first, places)) in labels("secrets").zip(widespread.into_iter().take(NAMED)) {
            let text = format!(
                "{:>5}  {}  {}",
                digits(places),
                first.fingerprint.id(),
                what(first)
            );
            let aside = if label.is_empty() {
                ""
            } else {
                "in so many places"
            };
            self.labelled(label, &text, aside)?;
        }
        Ok(())
    }

    /// How to go through all of it.
    pub(super) fn next(&mut self, blocks: &[Block<'_>]) -> io::Result<()> {
        let is_here = blocks.iter().all(|block| block.finding().commit.is_none());
        match is_here && !self.style.hook {
            true => self.told(
                "next",
                "",
                Some("keyward triage"),
                "goes through them, one by one",
            ),
            false => Ok(()),
        }
    }

    fn most_frequent<N: AsRef<str> + Ord>(
        &mut self,
        label: &str,
        mut all: Vec<(N, usize)>,
    ) -> io::Result<()> {
        /// A bound: the longest name in this table.
        const LONGEST: usize = 60;
        all.sort_by(|(name, count), (other, more)| more.cmp(count).then(name.cmp(other)));
        for (label, (name, number)) in labels(label).zip(all.iter().take(NAMED)) {
            let text = format!("{:>5}  {}", digits(*number), cut(name.as_ref(), LONGEST));
            self.labelled(label, &text, "")?;
        }
        match all.len() {
            0..=NAMED => Ok(()),
            more => {
                let one = label.trim_end_matches('s');
                let more = count(
                    more - NAMED,
                    &format!("more {one}"),
                    &format!("more {label}"),
                );
                self.labelled("", &format!("       and {more}"), "")
            }
        }
    }
}
