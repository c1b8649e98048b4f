//! What `fuzz/tried/` has under this name.
#![no_main]

#[path = "../tried/mod.rs"]
mod tried;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tried::of(env!("CARGO_BIN_NAME"))(bytes));
