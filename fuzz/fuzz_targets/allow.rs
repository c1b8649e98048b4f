//! Any allow file.
#![no_main]

use keyward::parts::allow::AllowList;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(list) = AllowList::parse(bytes, ".keyward.allow") {
        assert!(list.entries().count() <= bytes.len());
    }
});
