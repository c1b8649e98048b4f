//! What an argument may be, so that help, completions and manual pages list it: formats and hooks.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::hook::HookKind;
use crate::report::{FORMATS, Format};

/// A format, as an argument names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct FormatName(pub(super) Format);

impl ValueEnum for FormatName {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [FormatName; FORMATS.len()] = {
            let mut all = [FormatName(Format::HUMAN); FORMATS.len()];
            let mut at = 0;
            while at < all.len() {
                all[at] = FormatName(FORMATS[at]);
                at += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()).help(self.0.about()))
    }
}

/// A hook, as an argument names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct HookName(pub(super) HookKind);

impl ValueEnum for HookName {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [HookName; HookKind::ALL.len()] = {
            let mut all = [HookName(HookKind::PreCommit); HookKind::ALL.len()];
            let mut at = 0;
            while at < all.len() {
                all[at] = HookName(HookKind::ALL[at]);
                at += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()))
    }
}
