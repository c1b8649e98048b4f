//! Any blob: decoded, unwrapped, searched, and its findings placed on lines.
#![no_main]

use std::sync::LazyLock;

use keyward::parts::detect::Detector;
use keyward::parts::rules::RuleSet;
use keyward::parts::text::{AddedLines, Text};
use libfuzzer_sys::fuzz_target;

static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::builtin);

fuzz_target!(|blob: &[u8]| {
    let detector = Detector::new(&RULES);
    let text = Text::decode(blob);
    let added = AddedLines::new(&[]);
    for detection in detector.detect(&text) {
        let span = &detection.candidate.span;
        assert!(span.start < span.end && span.end <= text.bytes().len());
        let place = text.span(span);
        assert!((place.line, place.column) < (place.end_line, place.end_column));
        assert!(text.lines_of(span).all(|index| added.has(text.line(index))));
    }
});
