//! Addresses and public keys of chains: everybody may have them. Their names speak of tokens that are no secrets.

use bstr::ByteSlice;

use super::shape::hex_key;
use super::{Case, Says, place};
use crate::encoding::{BECH32, decode_base58};
use crate::judge::judgement::{Rejection, Unfit};
use crate::judge::sum::Sum;
use crate::proof;
use crate::words::name::{Strength, is_made_of, is_variable, pieces};
use crate::words::role;

/// It is the address of something on a chain, under a name that leaves a doubt.
pub(super) fn refuses(case: &Case<'_>, _: &Sum) -> Says {
    let value = case.value;
    let is_address = case.strength() <= Strength::Fair
        && (is_bech32(value)
            || proof::chain::is_address(value)
            || is_key(value) && is_of_chain(case))
        || is_slot(case);
    match is_address {
        true => Says::No(Rejection::Unfit(Unfit::Public("the address of a chain"))),
        false => Says::Nothing,
    }
}

/// Whether a value has the form of BIP-173: a word for whose it is, a 1, and at least 20 bytes with their check. Some
/// keys have it, too, behind a word that says so: `nsec1`.
fn is_bech32(value: &[u8]) -> bool {
    /// A bound: the characters of 20 bytes and the check.
    const SHORTEST: usize = 38;
    /// A bound: the longest word.
    const LONGEST_WORD: usize = 16;
    let Some(one) = value.iter().rposition(|&b| b == b'1') else {
        return false;
    };
    let (word, data) = (&value[..one], &value[one + 1..]);
    let is_secret = |part: &[u8]| word.contains_str(part);
    (1..=LONGEST_WORD).contains(&word.len())
        && word.iter().all(|b| b.is_ascii_lowercase() || *b == b'_')
        && ![&b"key"[..], b"priv", b"sec"].into_iter().any(is_secret)
        && data.len() >= SHORTEST
        && data.iter().all(|b| BECH32.contains(b))
}

/// Whether a value is the number of a slot in the storage of a contract (EIP-2930): `storageKeys: ["0x2c47..."]`.
fn is_slot(case: &Case<'_>) -> bool {
    let is_name = |key| is_made_of(case.name, &["storage", key]);
    hex_key(case.value).is_some() && (is_name("key") || is_name("keys")) && !is_variable(case.name)
}

/// Whether a value is as long in base58 as the 32 bytes of the keys that Solana's accounts go by. An invented one may
/// be a little more than they hold.
fn is_key(value: &[u8]) -> bool {
    (32..=44).contains(&value.len())
        && decode_base58(value).is_some_and(|bytes| matches!(bytes.len(), 32 | 33))
}

/// Whether the name or what stands beside it speaks of a chain.
fn is_of_chain(case: &Case<'_>) -> bool {
    pieces(case.name).any(|piece| role::CHAIN.has_in_any_case(piece))
        || place::is_beside(case, role::CHAIN)
}
