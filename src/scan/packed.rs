//! What is in archives, looked at as if the commit had it as files.

use anyhow::Result;

use super::before::{Before, Old};
use super::{Scan, name};
use crate::archive::{self, Archives, Left, Member, Packing, each_member};
use crate::change::{Change, EntryKind, InMemory};
use crate::guard::Named;
use crate::verdict::{Outcome, Packed, Unread};

impl Scan<'_> {
    /// Looks into a packed file, if that is to be, and says so where nobody has looked at all of it. What is in
    /// no file of it is looked at as its own text.
    pub(super) fn look_at_packed(
        &self,
        change: &Change<'_>,
        named: Option<Named<'_, '_>>,
        (packing, content): (Packing, &[u8]),
        before: &Before<'_>,
        left: &mut Left,
        outcome: &mut Outcome,
    ) -> Result<()> {
        let opens = packing.opens() && (packing.is_plain() || self.archives >= Archives::Look);
        let old = Old::new(packing, &change.path, before);
        let opened = opens.then(|| {
            left.deeper(|left| {
                each_member(packing, &change.path, content, left, &mut |left, member| {
                    let before = before.part(|| old.contents(&member.name));
                    self.look_at_member(change, &member, &before, left, outcome);
                })
            })
        });
        let opened = opened.flatten();
        if !opened.as_ref().is_some_and(|opened| opened.is_whole) {
            self.tell_packed(change, packing.opens() && !opens, outcome);
        }
        match opened {
            // A guard knows a file by all of it.
            Some(opened) if named.is_none() => {
                let before = before.part(|| old.rests());
                self.look_at_text(change, named, &opened.rest, &before, outcome)
            }
            _ => self.look_at_text(change, named, content, before, outcome),
        }
    }

    /// Says that nobody has looked at all that is packed in a file.
    fn tell_packed(&self, change: &Change<'_>, opens: bool, outcome: &mut Outcome) {
        let path = change.path.clone();
        if self.archives < Archives::Refuse {
            outcome.archives.push(Packed { path, opens });
            return;
        }
        let reason = "it is packed, keyward cannot look into all of it, and the setting scan.archives \
                      refuses such files";
        outcome.unread.push(Unread {
            path,
            reason: reason.to_owned(),
        });
    }

    fn look_at_member(
        &self,
        archive: &Change<'_>,
        member: &Member,
        before: &Before<'_>,
        left: &mut Left,
        outcome: &mut Outcome,
    ) {
        let path = archive::inside(&archive.path, &member.name);
        let mut change = Change::new(path, archive.status, EntryKind::Member, InMemory::default());
        change.commit.clone_from(&archive.commit);
        let excluded = self.excludes(&change);
        outcome.left_out += usize::from(excluded);
        if excluded && !self.trace {
            return;
        }
        let is_new = |_: &Change<'_>| {
            let replaced = (before.replaced)();
            replaced.map_or(true, |replaced| replaced.is_empty())
        };
        let in_name = name::seal(&self.detector, &mut change, is_new);
        if excluded {
            outcome.excluded.push(change.path);
            return;
        }
        outcome.findings.extend(in_name);
        let content = &member.content[..];
        let looked = match Packing::of(content) {
            None => self.look_at_text(&change, None, content, before, outcome),
            Some(packing) => {
                self.look_at_packed(&change, None, (packing, content), before, left, outcome)
            }
        };
        if let Err(error) = looked {
            outcome.unread.push(Unread {
                path: change.path,
                reason: format!("{error:#}"),
            });
        }
    }
}
