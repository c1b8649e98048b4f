//! Bytes that are written as a list of numbers: `[]byte{0x12, 0x9a}`, `new byte[] {18, (byte) 170}`, `bytes([18, 170])`,
//! `[u8; 32] = [18, 170]`.

use std::ops::Range;

use super::starts_with;

/// A bound: what may stand between a sign and the first number: a type, a constructor.
const LONGEST_START: usize = 64;

/// A bound: how far the numbers are read. So many are more than any key has.
const REACH: usize = 4096;

/// A bound: a key of more bytes is in armour, and what is no key is a table.
const MOST: usize = 256;

/// A weight: the fewest numbers. Fewer are a version, a colour, an address.
const LEAST: usize = 16;

/// A bound: the longest name of a type that a number is cast to, or is given behind it.
const LONGEST_TYPE: usize = 12;

/// The numbers, from the first to the last, of the list of bytes that an expression at `at` is.
pub(super) fn list(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let bytes = &bytes[..bytes.len().min(at + REACH)];
    let start = first(bytes, at)?;
    let mut count = 0;
    let end = each(bytes, start, &mut |_| count += 1)?;
    let behind = blank(bytes, end);
    (count >= LEAST && behind < bytes.len()).then_some(start..end)
}

/// The bytes that a list of numbers stands for, as [`list`] gives its place.
pub(crate) fn of_list(text: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    each(text, 0, &mut |byte| all.push(byte));
    all
}

/// Where the first number stands: right behind a bracket.
fn first(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..bytes.len().min(at + LONGEST_START))?;
    let may_stand = |b: u8| b.is_ascii_alphanumeric() || b"_.:<>&*![](){;=,@$ \t\r\n".contains(&b);
    let mut depth = 0usize;
    for (before, &byte) in rest.iter().enumerate() {
        match byte {
            byte if !may_stand(byte) => return None,
            // The length of a type stands in brackets: `[u8; 32]`.
            b';' | b',' if depth == 0 => return None,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'[' | b'{' | b'(' | b'<' => {
                let is_binary = byte == b'<';
                if is_binary && rest.get(before + 1) != Some(&b'<') {
                    continue;
                }
                depth += 1;
                let inside = blank(bytes, at + before + 1 + usize::from(is_binary));
                if let Some((_, end)) = number(bytes, inside)
                    && bytes.get(blank(bytes, end)) == Some(&b',')
                {
                    return Some(inside);
                }
            }
            _ => {}
        }
    }
    None
}

/// Gives the numbers from `at` on, and where the last one ends. `None` if they are no bytes, or too many, or none closes
/// behind them.
fn each(bytes: &[u8], at: usize, found: &mut dyn FnMut(u8)) -> Option<usize> {
    let mut at = at;
    let mut last = at;
    for _ in 0..=MOST {
        let Some((byte, end)) = number(bytes, at) else {
            // A comma may stand behind the last one.
            return matches!(bytes.get(at), Some(b']' | b'}' | b')' | b'>')).then_some(last);
        };
        found(byte);
        last = end;
        at = blank(bytes, end);
        match bytes.get(at) {
            Some(b',') => at = blank(bytes, at + 1),
            Some(b']' | b'}' | b')' | b'>') | None => return Some(last),
            _ => return None,
        }
    }
    None
}

/// Behind white space and comments.
fn blank(bytes: &[u8], at: usize) -> usize {
    let mut at = at;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let space = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let rest = &rest[space..];
        at += space;
        let comment = match rest {
            [b'/', b'/', ..] | [b'#', ..] => rest.iter().position(|&b| b == b'\n'),
            [b'/', b'*', ..] => rest
                .windows(2)
                .position(|pair| pair == b"*/")
                .map(|at| at + 2),
            _ => return at,
        };
        match comment {
            Some(len) => at += len,
            None => return at,
        }
    }
}

/// The byte at `at`, and where its number ends, with the type that it is given: `0x12`, `(byte) 170`, `-86`, `0xaau8`,
/// `0xAB.toByte()`, `16#ab`.
fn number(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let mut at = at;
    if bytes.get(at) == Some(&b'(') {
        let cast = bytes[at + 1..].iter().take(LONGEST_TYPE);
        let len = cast.take_while(|b| b.is_ascii_alphanumeric() || **b == b'_');
        let close = at + 1 + len.count();
        if bytes.get(close) != Some(&b')') || !bytes[at + 1].is_ascii_alphabetic() {
            return None;
        }
        at = close + 1 + super::blanks(bytes, close + 1);
    }
    let is_negative = bytes.get(at) == Some(&b'-');
    at += usize::from(is_negative);
    let rest = bytes.get(at..)?;
    let (radix, sign) = match rest {
        [b'0', b'x' | b'X', ..] => (16, 2),
        [b'1', b'6', b'#', ..] => (16, 3),
        [b'0'..=b'9', ..] => (10, 0),
        _ => return None,
    };
    let digits = &rest[sign..];
    let is_digit = |b: &&u8| char::from(**b).is_digit(radix);
    let most = match radix {
        16 => 2,
        _ => 3,
    };
    let len = digits.iter().take(most).take_while(is_digit).count();
    let value = digits[..len].iter().fold(0, |sum, &digit| {
        sum * radix + char::from(digit).to_digit(radix).unwrap_or_default()
    });
    let value = match (is_negative, u8::try_from(value).ok()?) {
        (true, value) if value <= 128 => value.wrapping_neg(),
        (false, value) if len > 0 => value,
        _ => return None,
    };
    let end = at + sign + len;
    let is_type = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
    let named = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest.iter().take(LONGEST_TYPE).take_while(is_type).count()
    };
    let end = match bytes.get(end) {
        Some(b'u' | b'U' | b'i' | b'_') => named(end),
        Some(b'.') if starts_with(bytes, named(end + 1), b"()") => named(end + 1) + 2,
        Some(b' ') if starts_with(bytes, end, b" as ") => named(end + 4),
        _ => end,
    };
    // No digit goes on, and no fraction.
    let goes_on = bytes
        .get(end)
        .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.');
    (!goes_on).then_some((value, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_in_many_languages() {
        let numbers: Vec<u8> = (0..16).map(|n| n * 7 + 100).collect();
        let list_of = |each: &dyn Fn(u8) -> String| {
            numbers
                .iter()
                .map(|&n| each(n))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let decimal = list_of(&|n| n.to_string());
        let hex = list_of(&|n| format!("0x{n:02X}"));
        let cast = list_of(&|n| format!("(byte) {n}"));
        let signed = list_of(&|n| (n as i8).to_string());
        let typed = list_of(&|n| format!("0x{n:02x}u8"));
        let kotlin = list_of(&|n| format!("0x{n:02X}.toByte()"));
        for text in [
            format!(" []byte{{{hex}}}"),
            format!(" {{{cast}}};"),
            format!(" new byte[] {{ {signed} }};"),
            format!(" new byte[] {{\n    {decimal},\n}};"),
            format!(" bytes([{hex}])"),
            format!(" new Uint8Array([{decimal}])"),
            format!(" Buffer.from([{hex}])"),
            format!(" [u8; 16] = [{typed}];"),
            format!(" &[{hex}]"),
            format!(" [UInt8] = [{hex}]"),
            format!(" byteArrayOf({kotlin})"),
            format!(" <<{decimal}>>"),
            format!(" [ // drawn\n {decimal} ]"),
        ] {
            let place = list(text.as_bytes(), 0);
            let found = place.map(|place| of_list(&text.as_bytes()[place]));
            assert_eq!(found.as_ref(), Some(&numbers), "{text}");
        }
        for text in [
            format!(" [{hex}, 0x100]"),
            format!(" [{decimal}, 1.5]"),
            format!(" [{hex}"),
            format!(" [\"{hex}\"]"),
            " f(1, 2, 3)".to_owned(),
            format!(" x;\n y = [{hex}]"),
            format!(" [{}]", "0x12, ".repeat(300)),
        ] {
            assert_eq!(list(text.as_bytes(), 0), None, "{text}");
        }
    }
}
