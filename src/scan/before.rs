//! What a file was before: the line of a scan asks for it only where there is something to tell.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use anyhow::Result;
use bstr::BString;

use crate::archive::{Left, Packing, each_member};
use crate::change::Change;

/// See [`Change::is_known`].
type IsKnown<'b> = dyn Fn(&[u8]) -> bool + 'b;

/// What can be asked of what a file was before.
pub(super) struct Before<'b> {
    /// See [`Change::replaced`].
    pub(super) replaced: Box<dyn Fn() -> Result<Vec<Vec<u8>>> + 'b>,
    /// See [`Change::is_known`].
    pub(super) is_known: Box<IsKnown<'b>>,
    /// How much of it may still be unpacked.
    left: &'b Cell<Left>,
}

impl<'b> Before<'b> {
    pub(super) fn of(change: &'b Change<'_>, left: &'b Cell<Left>) -> Self {
        Self {
            replaced: Box::new(|| change.replaced()),
            is_known: Box::new(|line| change.is_known(line)),
            left,
        }
    }

    /// Of a part of that.
    pub(super) fn part(&'b self, replaced: impl Fn() -> Result<Vec<Vec<u8>>> + 'b) -> Self {
        Self {
            replaced: Box::new(replaced),
            is_known: Box::new(|line| (self.is_known)(line)),
            left: self.left,
        }
    }
}

/// What an archive replaces, opened once, when a finding asks for it. What cannot be had makes more lines count as
/// added, never fewer.
pub(super) struct Old<'b> {
    packing: Packing,
    path: &'b [u8],
    before: &'b Before<'b>,
    opened: OnceCell<Contents>,
}

/// The files in the archives that one replaces, by their names, and what is in no file.
#[derive(Default)]
struct Contents {
    files: HashMap<BString, Vec<Vec<u8>>>,
    rests: Vec<Vec<u8>>,
}

impl<'b> Old<'b> {
    pub(super) fn new(packing: Packing, path: &'b [u8], before: &'b Before<'b>) -> Self {
        Self {
            packing,
            path,
            before,
            opened: OnceCell::new(),
        }
    }

    fn opened(&self) -> Result<&Contents> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let mut contents = Contents::default();
        let mut left = self.before.left.get();
        for blob in (self.before.replaced)()? {
            if Packing::of(&blob) != Some(self.packing) {
                contents.rests.push(blob);
                continue;
            }
            let opened = each_member(
                self.packing,
                self.path,
                &blob,
                &mut left,
                &mut |_, member| {
                    let files = contents.files.entry(member.name).or_default();
                    files.push(member.content);
                },
            );
            contents.rests.push(opened.rest);
        }
        self.before.left.set(left);
        Ok(self.opened.get_or_init(|| contents))
    }

    pub(super) fn contents(&self, name: &BString) -> Result<Vec<Vec<u8>>> {
        Ok(self.opened()?.files.get(name).cloned().unwrap_or_default())
    }

    pub(super) fn rests(&self) -> Result<Vec<Vec<u8>>> {
        Ok(self.opened()?.rests.clone())
    }
}
