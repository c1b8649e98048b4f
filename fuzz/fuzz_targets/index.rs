//! Any index file.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| keyward::parts::git::fuzz_index(bytes));
