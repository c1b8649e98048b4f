//! Joints: where a string literal ends and the next one goes on with it.

/// The most bytes of a token on either side of a joint or an escape that are counted. A bound: more than
/// [`TOKEN`] says nothing more.
const COUNTED: usize = 32;

/// How many bytes of a token must stand around a joint to be worth it. A weight: in three pieces, a token
/// of twice that has it at one joint at least; of shorter texts, those for people are many.
const TOKEN: usize = 12;

/// Whether a byte may be a part of a token.
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_+/=.~".contains(&byte)
}

/// Whether a byte may stand next to a joint: what is visible but brackets and what ends a part of a
/// program's text.
fn is_beside(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"'`()[]{}<>,;".contains(&byte)
}

/// The length of the joint at a closing quote: the quote, an operator or none, white space, and the
/// quote that opens the next literal. Both literals must have a part of a token there.
pub(super) fn len(bytes: &[u8], at: usize) -> Option<usize> {
    let before = *bytes.get(at.checked_sub(1)?)?;
    let quote = |byte: Option<&u8>| byte.is_some_and(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    if !is_beside(before) || !quote(bytes.get(at)) {
        return None;
    }
    let mut end = at + 1 + space(&bytes[at + 1..]);
    let operator = operator(&bytes[end..]);
    end += operator;
    end += space(&bytes[end..]);
    // Without an operator, quotes that touch are an escape of SQL or Visual Basic, or an empty text.
    if end == at + 1 {
        return None;
    }
    // Of Python, C and Rust: `b"..."`, `r"..."`, `f"..."`, `u8"..."`.
    let marks = bytes[end..].iter().take(2);
    end += marks
        .take_while(|byte| b"bBfFrRuUL8".contains(byte))
        .count();
    (quote(bytes.get(end)) && bytes.get(end + 1).is_some_and(|&byte| is_beside(byte)))
        .then(|| end + 1 - at)
}

/// White space, and the backslash that continues a line.
fn space(bytes: &[u8]) -> usize {
    let mut len = 0;
    loop {
        len += match bytes[len..] {
            [b' ' | b'\t' | b'\r' | b'\n', ..] => 1,
            [b'\\', b'\n', ..] => 2,
            [b'\\', b'\r', b'\n', ..] => 3,
            _ => return len,
        };
    }
}

fn operator(bytes: &[u8]) -> usize {
    match bytes {
        // Haskell, Lua, SQL, Elixir
        [b'+', b'+', ..] | [b'.', b'.', ..] | [b'|', b'|', ..] | [b'<', b'>', ..] => 2,
        [b'+' | b'.' | b'&' | b'~', ..] => 1,
        _ => 0,
    }
}

/// Whether the literals at a joint make up a token that is worth it.
pub(crate) fn pays(bytes: &[u8], at: usize) -> bool {
    len(bytes, at).is_some_and(|len| is_long(bytes, at, at + len))
}

/// Whether the token that ends before `before` and the one that starts at `after` are long together.
pub(super) fn is_long(bytes: &[u8], before: usize, after: usize) -> bool {
    let count = |bytes: &mut dyn Iterator<Item = &u8>| {
        bytes
            .take(COUNTED)
            .take_while(|&&byte| is_beside(byte))
            .count()
    };
    count(&mut bytes[..before].iter().rev()) + count(&mut bytes[after..].iter()) >= TOKEN
}
