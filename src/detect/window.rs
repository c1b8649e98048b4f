//! The parts of a text in which a pattern is sought.

use std::ops::Range;

/// Adds a window to a list of disjoint ones that come nearly in the order of their starts.
pub(super) fn push(windows: &mut Vec<Range<usize>>, window: Range<usize>) {
    match windows.last_mut() {
        Some(last) if last.end >= window.start => {
            last.start = last.start.min(window.start);
            last.end = last.end.max(window.end);
        }
        _ => windows.push(window),
    }
}

/// The parts of a text that lie within `reach` bytes of one of the places, disjoint and in order. The
/// places come in the order of their starts.
pub(super) fn around(
    text: &[u8],
    places: impl Iterator<Item = Range<usize>>,
    reach: usize,
) -> Vec<Range<usize>> {
    let mut windows = Vec::new();
    for place in places {
        let end = (place.end + reach).min(text.len());
        push(&mut windows, place.start.saturating_sub(reach)..end);
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::around;

    #[test]
    fn windows_that_touch_are_one() {
        let text = [b' '; 100];
        for (places, reach, expected) in [
            (vec![], 5, vec![]),
            (vec![(2, 4)], 5, vec![(0, 9)]),
            (
                vec![(10, 12), (15, 16), (40, 41), (96, 98)],
                3,
                vec![(7, 19), (37, 44), (93, 100)],
            ),
            (vec![(10, 30), (12, 14)], 3, vec![(7, 33)]),
        ] {
            let places = places.into_iter().map(|(start, end)| start..end);
            let found = around(&text, places, reach);
            let found: Vec<(usize, usize)> = found.iter().map(|w| (w.start, w.end)).collect();
            assert_eq!(found, expected);
        }
    }
}
