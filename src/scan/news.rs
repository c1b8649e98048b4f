//! What of a text has to be looked at where another one, which is clean, differs from it only in places:
//! those places, and as much around them as anybody looks.
//!
//! Every look around a candidate is bounded by a constant of some hundred bytes, or by the lines of a
//! heading above it. What reaches farther is looked at as a whole: keys in armour and texts in base64
//! are blocks of lines without blanks, and belong to a window to their ends; of a manifest of a
//! Kubernetes Secret, of what is not plain text, and of what is short or changed all over, there are no
//! windows.

use std::ops::Range;

use bstr::ByteSlice;

/// A bound: how far anybody looks around a candidate, with the longest candidate of one line.
const REACH: usize = 7 * 1024;

/// A bound: what is shorter is looked at as a whole.
const SHORTEST: usize = 3 * REACH;

/// A bound: lines and blocks that are longer are looked at with all that is around them.
const LONGEST_BLOCK: usize = 64 * 1024;

/// A bound: the lines above and below a block that belong to it.
const AROUND_BLOCK: usize = 512;

/// The parts of a text that have to be looked at, given where it differs from a clean one; `None` if it
/// has to be looked at as a whole.
pub(super) fn windows(text: &[u8], fresh: &[Range<usize>]) -> Option<Vec<Range<usize>>> {
    if text.len() < SHORTEST
        || text.starts_with(b"\xff\xfe")
        || text.starts_with(b"\xfe\xff")
        || is_manifest(text)
        || text.contains(&0)
    {
        return None;
    }
    let mut windows: Vec<Range<usize>> = Vec::new();
    let mut bytes = 0;
    let mut fresh = fresh.iter().peekable();
    while let Some(first) = fresh.next() {
        let mut place = first.start.min(text.len())..first.end.min(text.len());
        // What is looked at around those that follow is looked at once.
        while let Some(next) = fresh.next_if(|next| next.start <= place.end + 2 * REACH) {
            place.end = place.end.max(next.end.min(text.len()));
        }
        let start = start(text, place.start)?;
        let end = end(text, place.end)?;
        match windows.last_mut() {
            Some(last) if start <= last.end => {
                bytes += end.saturating_sub(last.end);
                last.end = last.end.max(end);
            }
            _ => {
                bytes += end - start;
                windows.push(start..end);
            }
        }
        // Of nearly all of it the whole is as soon looked at.
        if bytes > text.len() / 8 * 7 {
            return None;
        }
    }
    Some(windows)
}

/// Where a window begins: at the start of a line, and of a block.
fn start(text: &[u8], place: usize) -> Option<usize> {
    let mut at = line_start(text, place.saturating_sub(REACH))?;
    let first = at;
    while at > 0 {
        let above = line_start(text, at - 1)?;
        if !is_block(&text[above..at]) {
            break;
        }
        at = above;
        if first - at > LONGEST_BLOCK {
            return None;
        }
    }
    line_start(text, at.saturating_sub(AROUND_BLOCK))
}

/// Where it ends.
fn end(text: &[u8], place: usize) -> Option<usize> {
    let mut at = line_end(text, (place + REACH).min(text.len()))?;
    let first = at;
    while at < text.len() {
        let below = line_end(text, at)?;
        if !is_block(&text[at..below]) {
            break;
        }
        at = below;
        if at - first > LONGEST_BLOCK {
            return None;
        }
    }
    line_end(text, (at + AROUND_BLOCK).min(text.len()))
}

/// Where the line begins that holds a place.
fn line_start(text: &[u8], at: usize) -> Option<usize> {
    let from = at.saturating_sub(LONGEST_BLOCK);
    match text[from..at].rfind_byte(b'\n') {
        Some(newline) => Some(from + newline + 1),
        None if from == 0 => Some(0),
        None => None,
    }
}

/// Where the line ends that holds a place, behind its newline.
fn line_end(text: &[u8], at: usize) -> Option<usize> {
    let to = (at + LONGEST_BLOCK).min(text.len());
    match text[at..to].find_byte(b'\n') {
        Some(newline) => Some(at + newline + 1),
        None if to == text.len() => Some(to),
        None => None,
    }
}

/// Whether a line may go on with what stands in the next one: there is something in it, and no blank.
fn is_block(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    !line.is_empty() && !line.iter().any(|b| matches!(b, b' ' | b'\t'))
}

/// Whether it may be a manifest of a Kubernetes Secret, which says so far from what it holds.
fn is_manifest(text: &[u8]) -> bool {
    /// A bound: what stands between the name and the value of the kind.
    const APART: usize = 24;
    text.find_iter("Secret")
        .any(|at| text[at.saturating_sub(APART)..at].contains_str("kind"))
}

#[cfg(test)]
#[expect(
    clippy::single_range_in_vec_init,
    reason = "one place of a text is a range"
)]
mod tests {
    use super::*;

    fn text(line: &str, lines: usize) -> Vec<u8> {
        line.repeat(lines).into_bytes()
    }

    #[test]
    fn a_window_has_all_that_anybody_looks_at() {
        let text = text("a line of words\n", 10_000);
        let found = windows(&text, &[80_000..80_010]).unwrap();
        assert_eq!(found.len(), 1);
        let window = &found[0];
        assert!(window.start + REACH <= 80_000 && window.end >= 80_010 + REACH);
        assert!(window.len() < 3 * REACH);
        assert!(text[..window.start].ends_with(b"\n") && text[..window.end].ends_with(b"\n"));
        assert!(windows(&text, &[]).unwrap().is_empty());
        let both = windows(&text, &[80_000..80_010, 80_100..80_100]).unwrap();
        assert_eq!(both.len(), 1);
        let ends = [0..0, text.len()..text.len()];
        assert_eq!(windows(&text, &ends).unwrap().len(), 2);
    }

    #[test]
    fn what_lies_around_several_places_counts_once() {
        let text = text("a line of words\n", 10_000);
        let places: Vec<_> = (0..60).map(|at| at * 1000..at * 1000 + 1).collect();
        let found = windows(&text, &places).unwrap();
        assert_eq!(found.len(), 1);
        assert!(found[0].start == 0 && found[0].end < 60_000 + 2 * REACH);
        let two = [80_000..80_001, 80_000 + 2 * REACH..90_000 + 2 * REACH];
        let found = windows(&text, &two).unwrap();
        assert!(found.len() == 1 && found[0].end >= 90_000 + 3 * REACH);
    }

    #[test]
    fn a_block_without_blanks_is_whole() {
        let mut long = text("a line of words\n", 5000);
        let block = long.len()..long.len() + 20_000;
        long.extend(text("abcdefghijklmnopqrs\n", 1000));
        long.extend(text("a line of words\n", 5000));
        for place in [block.start, block.start + 10_000, block.end] {
            let found = windows(&long, &[place..place + 1]).unwrap();
            let holds = |at: usize| found.iter().any(|it| it.contains(&at));
            assert!(holds(block.start - 1) && holds(block.end), "{place}");
        }
    }

    #[test]
    fn what_reaches_farther_has_no_windows() {
        let long = text("a line of words\n", 10_000);
        let with = |start: &[u8]| [start, &long].concat();
        for odd in [
            with(b"\xff\xfe"),
            with(b"\0"),
            with(b"kind: Secret\n"),
            with(b"{\"kind\": \"Secret\"}\n"),
            text("a line of words\n", 100),
            text("no-newline", 20_000),
        ] {
            let at = odd.len() / 2;
            assert_eq!(windows(&odd, &[at..at + 1]), None, "{:?}", &odd[..20]);
        }
        let all_over: Vec<_> = (0..16).map(|at| at * 10_000..at * 10_000 + 1).collect();
        assert_eq!(windows(&long, &all_over), None);
        assert!(windows(&with(b"Secret of all kinds\n"), &[80_000..80_000]).is_some());
    }
}
