//! Any settings file, and the rules in it.
#![no_main]

use keyward::parts::config::{Layer, Origin};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(error) = Layer::parse(Origin::Repository, bytes, ".keyward.toml") {
        assert!(!error.to_string().contains(['\u{1b}', '\u{7}']));
    }
});
