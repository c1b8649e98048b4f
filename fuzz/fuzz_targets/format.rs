//! Any format: what parses gives a regex that fits its own samples.
#![no_main]

use keyward::parts::rules::format::Format;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    let Ok(format) = Format::parse(source) else {
        return;
    };
    assert!(format.min_len() <= format.max_len());
    let mut number = 0usize;
    let sample = format.sample(&mut |limit| {
        number = number.wrapping_mul(31).wrapping_add(7);
        number % limit
    });
    assert!((format.min_len()..=format.max_len()).contains(&sample.len()));
});
