//! Every parser of what others wrote: the first byte says which one, the others are what it reads.
#![no_main]

use keyward::parts::parsers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let count = parsers::all().count();
    if let Some((_, parse)) = parsers::all().nth(usize::from(*first) % count) {
        parse(rest);
    }
});
