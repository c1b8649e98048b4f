//! Long lists that are given away piece by piece, with the memory that each took.

/// Gives the items of a list in their order. What was given takes no memory any more: not all of a long list is
/// there twice while another is made of it.
pub(crate) fn give<T>(mut items: Vec<T>, mut take: impl FnMut(T)) {
    /// A bound: a list is shortened so many times, which may copy what is left of it.
    const STEPS: usize = 16;
    /// A bound: of fewer items nobody asks how much they take.
    const FEW: usize = 4096;
    items.reverse();
    let step = (items.len() / STEPS).max(FEW);
    while let Some(item) = items.pop() {
        take(item);
        if items.capacity() - items.len() >= 2 * step {
            items.shrink_to(items.len() + step);
        }
    }
}

/// Adds a list in front of another or behind it, whichever moves fewer items.
pub(crate) fn append<T>(first: &mut Vec<T>, mut behind: Vec<T>) {
    if first.len() < behind.len() {
        behind.splice(..0, first.drain(..));
        *first = behind;
    } else {
        first.append(&mut behind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_list_is_given_in_its_order() {
        for len in [0, 1, 5, 4096, 100_000] {
            let mut given = Vec::new();
            give((0..len).collect(), |item: usize| given.push(item));
            assert_eq!(given, (0..len).collect::<Vec<_>>());
        }
    }

    #[test]
    fn two_lists_become_one() {
        for (first, behind) in [(0, 0), (3, 0), (0, 3), (2, 5), (5, 2)] {
            let mut all: Vec<usize> = (0..first).collect();
            append(&mut all, (first..first + behind).collect());
            assert_eq!(all, (0..first + behind).collect::<Vec<_>>());
        }
    }
}
