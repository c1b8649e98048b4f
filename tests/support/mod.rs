//! What the test programs and the benches share: throw-away repositories, made-up keys, and the ways
//! to write a key down.

#![allow(dead_code, unused_imports, reason = "each program uses a part of it")]

pub(crate) mod contexts;
pub(crate) mod document;
mod keys;
mod scratch;

pub(crate) use keys::anthropic_key;
pub(crate) use scratch::{Ran, Reading, Scratch, run};
