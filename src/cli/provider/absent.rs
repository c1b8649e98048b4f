//! A program that was built without a network.

use anyhow::Result;

use super::{revoke, verify};
use crate::cli::{Exit, Misuse};

const ABSENT: &str = "this keyward was built without a network, and asked nobody: the released ones have it, or build one \
                      by `cargo install keyward --features network`; the page on which the key is revoked is told by: \
                      keyward respond ID";

pub(super) fn verify(_: &verify::Args) -> Result<Exit> {
    Err(Misuse(ABSENT.to_owned()).into())
}

pub(super) fn revoke(_: &revoke::Args) -> Result<Exit> {
    Err(Misuse(ABSENT.to_owned()).into())
}
