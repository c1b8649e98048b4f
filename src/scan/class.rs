//! What the path of a file is taken for. Two files that hold the same, at paths of one class, are judged
//! alike, so that of a history each blob is judged once a class.

use crate::change::EntryKind;
use crate::filetype::{FileType, Syntax};

/// A class of paths, as a number that stays the same from run to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class(u32);

impl Class {
    /// Of files that are not looked at.
    pub(crate) const EXCLUDED: Self = Self(0);

    /// Marks the classes of single paths. Beside it one more bit is never set, so that no class has all.
    const PARTICULAR: u32 = 1 << 31;

    /// The class of number `number`.
    pub(crate) const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// Its number.
    pub(crate) const fn number(self) -> u32 {
        self.0
    }

    /// Whether the path itself has a say: by a guard that knows its name, or by a secret in it.
    pub(crate) const fn is_particular(self) -> bool {
        self.0 & Self::PARTICULAR != 0
    }

    /// The class of that path alone.
    pub(super) fn particular(path: &[u8]) -> Self {
        // FNV-1a.
        let hash = path.iter().fold(0x811c_9dc5_u32, |hash, &byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        Self((hash >> 2) | Self::PARTICULAR)
    }

    /// The class of all paths of a type.
    pub(super) fn of(file_type: FileType, kind: EntryKind) -> Self {
        let syntax = match file_type.syntax {
            Syntax::Code => 0,
            Syntax::Settings => 1,
            Syntax::Script => 2,
            Syntax::Prose => 3,
            Syntax::Machine => 4,
            Syntax::Unknown => 5,
            Syntax::Table => 6,
        };
        let kind = match kind {
            EntryKind::File | EntryKind::Member => 0,
            EntryKind::Link | EntryKind::Submodule => 1,
            EntryKind::Message => 2,
            EntryKind::Header => 3,
        };
        Self(1 + syntax * 8 + kind * 2 + u32::from(file_type.example))
    }
}
