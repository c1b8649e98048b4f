//! How many there are of something, in words.

/// So many things of a kind, of which several have another word: `1 entry`, `1,234 entries`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    let thing = if number == 1 { one } else { many };
    format!("{} {thing}", digits(number))
}

/// So many things of a kind, of which several end with an `s`.
pub(crate) fn counted(number: usize, thing: &str) -> String {
    count(number, thing, &format!("{thing}s"))
}

/// A number with its thousands set apart.
pub(crate) fn digits(number: usize) -> String {
    let plain = number.to_string();
    let mut out = String::with_capacity(plain.len() + plain.len() / 3);
    for (at, digit) in plain.chars().enumerate() {
        if at > 0 && (plain.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The first of many names, and how many more there are: `a, b and 3 more`.
pub(crate) fn first_of<T>(names: &[T], most: usize, told: impl Fn(&T) -> String) -> String {
    let first: Vec<String> = names.iter().take(most).map(told).collect();
    let first = first.join(", ");
    match names.len().saturating_sub(most) {
        0 => first,
        more => format!("{first} and {} more", digits(more)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_short() {
        let told = |names: &[&str]| first_of(names, 2, ToString::to_string);
        assert_eq!(told(&["a", "b"]), "a, b");
        assert_eq!(told(&["a", "b", "c"]), "a, b and 1 more");
    }

    #[test]
    fn one_is_one_and_thousands_can_be_read() {
        for (number, expected) in [
            (0, "0 files"),
            (1, "1 file"),
            (2, "2 files"),
            (999, "999 files"),
            (1000, "1,000 files"),
            (1_234_567, "1,234,567 files"),
        ] {
            assert_eq!(counted(number, "file"), expected);
        }
        assert_eq!(count(1, "entry", "entries"), "1 entry");
        assert_eq!(count(2, "entry", "entries"), "2 entries");
    }
}
