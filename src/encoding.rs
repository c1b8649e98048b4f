//! The encodings that tokens are written in, and the sums that they end with.
//!
//! Everything here takes any bytes, needs no table beyond an alphabet, and is linear in its input,
//! but for base58, which is quadratic by nature and therefore takes short input only.

use std::borrow::Cow;

/// The alphabet of RFC 4648, section 4.
pub(crate) const BASE64: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The alphabet of RFC 4648, section 5.
pub(crate) const BASE64_URL: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Digits first, as in GitHub's tokens.
pub(crate) const BASE62: &[u8; 62] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The alphabet of RFC 4648, section 6.
pub(crate) const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The alphabet of BIP-173.
pub(crate) const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Bitcoin's alphabet: no `0`, `O`, `I`, `l`.
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// The longest base58 text that is decoded, in characters. A bound: an extended key has 111, and the
/// work is quadratic.
const MAX_BASE58: usize = 128;

/// The value of each character of either base64 alphabet; [`NO_BASE64`] of any other byte.
const BASE64_VALUES: [u8; 256] = {
    let mut values = [NO_BASE64; 256];
    let mut value = 0;
    while value < 64 {
        values[BASE64[value as usize] as usize] = value;
        values[BASE64_URL[value as usize] as usize] = value;
        value += 1;
    }
    values
};

const NO_BASE64: u8 = u8::MAX;

/// The value of a character of either base64 alphabet.
#[inline]
pub(crate) fn base64_value(byte: u8) -> Option<u8> {
    let value = BASE64_VALUES[usize::from(byte)];
    (value != NO_BASE64).then_some(value)
}

/// Decodes base64 of either alphabet, padded or not. Bits left over at the end are ignored, as most
/// services ignore them.
///
/// `None` for any other character, for padding elsewhere than at the end, and for a length that no
/// bytes have.
pub(crate) fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    let padding = text.iter().rev().take_while(|&&b| b == b'=').count();
    let text = &text[..text.len() - padding];
    if padding > 2 || text.len() % 4 == 1 {
        return None;
    }
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    extend_base64(text, &mut out)?;
    Some(out)
}

/// Adds to `out` what base64 of either alphabet, without padding, stands for. Bits left over at the end
/// are ignored, whatever the length.
///
/// `None` for any other character; what stood before it is added.
pub(crate) fn extend_base64(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    decode_bits(text, 6, base64_value, out)
}

/// Decodes upper case base32 without padding; bits left over are ignored.
pub(crate) fn decode_base32(text: &[u8]) -> Option<Vec<u8>> {
    let value = |byte| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    };
    let mut out = Vec::with_capacity(text.len() * 5 / 8);
    decode_bits(text, 5, value, &mut out)?;
    Some(out)
}

/// Joins values of `width` bits into bytes, the highest bit first, and adds them to `out`.
fn decode_bits(
    text: &[u8],
    width: u32,
    value: impl Fn(u8) -> Option<u8>,
    out: &mut Vec<u8>,
) -> Option<()> {
    let (mut bits, mut held) = (0u32, 0u32);
    for &byte in text {
        bits = bits << width | u32::from(value(byte)?);
        held += width;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xff) as u8);
        }
    }
    Some(())
}

/// The byte that a percent escape at `at` stands for: `%40` is an `@` (RFC 3986, section 2.1).
#[inline]
pub(crate) fn percent_escape(text: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| text.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    match (*text.get(at)?, digit(at + 1), digit(at + 2)) {
        (b'%', Some(high), Some(low)) => Some((high * 16 + low) as u8),
        _ => None,
    }
}

/// A text with every percent escape replaced by the byte that it stands for; a `%` that starts none
/// stays.
pub(crate) fn percent_decoded(text: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = (0..text.len()).find(|&at| percent_escape(text, at).is_some()) else {
        return Cow::Borrowed(text);
    };
    let mut out = text[..first].to_vec();
    let mut at = first;
    while at < text.len() {
        let escape = percent_escape(text, at);
        out.push(escape.unwrap_or(text[at]));
        at += if escape.is_some() { 3 } else { 1 };
    }
    Cow::Owned(out)
}

/// The bytes that a string stands for by the escapes in it, as most languages write them: `\x8f`, `\217`, `\u00fd`, `\n`.
/// `None` if it has none, or one for a character beyond the first 256, as no byte is.
pub(crate) fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = match byte {
            b'\\' => {
                let (byte, len) = backslash_escape(behind)?;
                out.push(byte);
                &behind[len..]
            }
            byte => {
                out.push(byte);
                behind
            }
        };
    }
    (out.len() < text.len()).then_some(out)
}

/// A text with the characters that stand in it as escapes of their numbers, `\u00e5` and `\xe5`, where all of them are letters
/// or signs. `None` if none does, or any of them is another character: it is no text for people then.
pub(crate) fn with_characters(text: &[u8]) -> Option<Vec<u8>> {
    // Most texts have none.
    if !text.contains(&b'\\') {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut any = false;
    while let Some((&byte, behind)) = rest.split_first() {
        let len = match (byte, behind.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'x')) => 2,
            _ => {
                out.push(byte);
                rest = behind;
                continue;
            }
        };
        let digits = behind.get(1..=len)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let number = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        let character = char::from_u32(number)?;
        if !character.is_alphabetic() && !character.is_ascii_punctuation() {
            return None;
        }
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        any = true;
        rest = &behind[1 + len..];
    }
    any.then_some(out)
}

/// The byte that an escape stands for, and how long it is behind its backslash. One that no language knows stands for
/// its own sign.
fn backslash_escape(behind: &[u8]) -> Option<(u8, usize)> {
    let number = |digits: &[u8], radix: u32| {
        let digits = std::str::from_utf8(digits).ok()?;
        // What reads numbers takes a sign before them.
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        u8::try_from(u32::from_str_radix(digits, radix).ok()?).ok()
    };
    let hex =
        |from: usize, len: usize| Some((number(behind.get(from..from + len)?, 16)?, from + len));
    Some(match *behind.first()? {
        b'x' => hex(1, 2)?,
        b'u' if behind.get(1) == Some(&b'{') => {
            let len = behind[2..].iter().take(6).position(|&b| b == b'}')?;
            (number(&behind[2..2 + len], 16)?, len + 3)
        }
        b'u' => hex(1, 4)?,
        b'U' => hex(1, 8)?,
        b'0'..=b'7' => {
            let octal = |b: &&u8| matches!(b, b'0'..=b'7');
            let len = behind.iter().take(3).take_while(octal).count();
            (number(&behind[..len], 8)?, len)
        }
        b'a' => (0x07, 1),
        b'b' => (0x08, 1),
        b'e' => (0x1b, 1),
        b'f' => (0x0c, 1),
        b'n' => (b'\n', 1),
        b'r' => (b'\r', 1),
        b't' => (b'\t', 1),
        b'v' => (0x0b, 1),
        sign => (sign, 1),
    })
}

/// Two small hexadecimal digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for digit in [byte >> 4, byte & 0xf] {
            out.push(char::from(DIGITS[usize::from(digit)]));
        }
    }
    out
}

/// Encodes without padding.
pub(crate) fn encode_base64(bytes: &[u8], alphabet: &[u8; 64]) -> Vec<u8> {
    encode_bits(bytes, 6, alphabet)
}

/// Encodes in the standard alphabet, padded to a multiple of four.
pub(crate) fn encode_base64_padded(bytes: &[u8]) -> Vec<u8> {
    let mut out = encode_base64(bytes, BASE64);
    while !out.len().is_multiple_of(4) {
        out.push(b'=');
    }
    out
}

/// Encodes in upper case without padding.
pub(crate) fn encode_base32(bytes: &[u8]) -> Vec<u8> {
    encode_bits(bytes, 5, BASE32)
}

/// Splits bytes into values of `width` bits; the last one is filled up with zeros.
pub(crate) fn encode_bits(bytes: &[u8], width: u32, alphabet: &[u8]) -> Vec<u8> {
    let mask = (1u32 << width) - 1;
    let mut out = Vec::with_capacity(bytes.len() * 8 / width as usize + 1);
    let (mut bits, mut held) = (0u32, 0u32);
    for &byte in bytes {
        bits = bits << 8 | u32::from(byte);
        held += 8;
        while held >= width {
            held -= width;
            out.push(alphabet[(bits >> held & mask) as usize]);
        }
    }
    if held > 0 {
        out.push(alphabet[(bits << (width - held) & mask) as usize]);
    }
    out
}

/// Decodes base58; `None` for other characters and for text over 128 characters.
pub(crate) fn decode_base58(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() > MAX_BASE58 {
        return None;
    }
    // Lowest byte first while computing.
    let mut out: Vec<u8> = Vec::new();
    for &byte in text {
        let mut carry = BASE58.iter().position(|&c| c == byte)? as u32;
        for digit in &mut out {
            carry += u32::from(*digit) * 58;
            *digit = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            out.push(carry as u8);
        }
    }
    out.extend(text.iter().take_while(|&&b| b == b'1').map(|_| 0));
    out.reverse();
    Some(out)
}

/// Encodes as base58. Meant for keys: the time is quadratic.
pub(crate) fn encode_base58(bytes: &[u8]) -> Vec<u8> {
    let mut digits: Vec<u8> = Vec::new();
    for &byte in bytes {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    digits.extend(bytes.iter().take_while(|&&b| b == 0).map(|_| 0));
    digits
        .iter()
        .rev()
        .map(|&d| BASE58[usize::from(d)])
        .collect()
}

/// A number in the base of the alphabet's length, the highest digit first, without padding: zero is
/// empty.
pub(crate) fn encode_number(mut number: u32, alphabet: &[u8]) -> Vec<u8> {
    let base = alphabet.len() as u32;
    let mut out = Vec::new();
    while number > 0 {
        out.push(alphabet[(number % base) as usize]);
        number /= base;
    }
    out.reverse();
    out
}

/// Puts zeros before digits, up to `len`.
pub(crate) fn pad_left(mut digits: Vec<u8>, len: usize) -> Vec<u8> {
    while digits.len() < len {
        digits.insert(0, b'0');
    }
    digits
}

/// CRC-32 of IEEE 802.3, as in zlib and PNG: polynomial 0xEDB88320 reflected, start and end
/// inverted.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            crc >> 1 ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// CRC-16/XMODEM: polynomial 0x1021, start 0, not reflected.
pub(crate) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0u16, |crc, &byte| {
        (0..8).fold(crc ^ u16::from(byte) << 8, |crc, _| {
            crc << 1 ^ (0x1021 & (crc >> 15).wrapping_neg())
        })
    })
}

/// CRC-24 of OpenPGP armour (RFC 9580, section 6.1.1).
pub(crate) fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0xb7_04ceu32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte) << 16, |crc, _| {
            (crc << 1 ^ (0x186_4cfb & (crc >> 23 & 1).wrapping_neg())) & 0xff_ffff
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_reads_what_it_writes() {
        for len in 0..70 {
            let bytes: Vec<u8> = (0..len).map(|i| (i * 37 + len) as u8).collect();
            for alphabet in [BASE64, BASE64_URL] {
                let text = encode_base64(&bytes, alphabet);
                assert_eq!(decode_base64(&text).as_deref(), Some(&bytes[..]));
            }
            assert_eq!(decode_base64(&encode_base64_padded(&bytes)), Some(bytes));
        }
    }

    #[test]
    fn base64_of_rfc_4648() {
        assert_eq!(encode_base64_padded(b"foobar"), b"Zm9vYmFy");
        assert_eq!(encode_base64_padded(b"foob"), b"Zm9vYg==");
        for bad in [&b"Z"[..], b"Zm9v*", b"Zm=v", b"Zg===", b"=", b"Zm9vY"] {
            let single = bad == b"=";
            assert_eq!(decode_base64(bad).is_none(), !single, "{bad:?}");
        }
    }

    #[test]
    fn percent_escapes_are_replaced_where_they_are_whole() {
        for (text, expected) in [
            ("a%40b%2fc%2Fd", "a@b/c/d"),
            ("%4", "%4"),
            ("100%", "100%"),
            ("%%41%4g%zz", "%A%4g%zz"),
            ("", ""),
        ] {
            let decoded = percent_decoded(text.as_bytes());
            assert_eq!(*decoded, *expected.as_bytes(), "{text}");
        }
        assert_eq!(*percent_decoded(b"%ff"), *b"\xff");
    }

    #[test]
    fn escaped_characters_are_read() {
        for (text, expected) in [
            ("\\u00c5tkomst", Some("Åtkomst")),
            ("\\xc5tkomst", Some("Åtkomst")),
            ("a\\u003d\\u003d", Some("a==")),
            ("plain", None),
            ("a\\u00zz", None),
            ("a\\u00", None),
            ("a\\x07b", None),
            ("a\\ud83d", None),
            ("\\", None),
            ("", None),
        ] {
            let read = with_characters(text.as_bytes());
            assert_eq!(read.as_deref(), expected.map(str::as_bytes), "{text}");
        }
    }

    #[test]
    fn base32_of_rfc_4648() {
        assert_eq!(encode_base32(b"foobar"), b"MZXW6YTBOI");
        assert_eq!(
            decode_base32(b"MZXW6YTBOI").as_deref(),
            Some(&b"foobar"[..])
        );
        assert_eq!(decode_base32(b"mzxw"), None);
        assert_eq!(decode_base32(b"MZX1"), None);
    }

    #[test]
    fn hex_has_two_digits_a_byte() {
        assert_eq!(hex(b"\0\x09\xaf\xff"), "0009afff");
        assert_eq!(hex(b""), "");
    }

    #[test]
    fn base58_keeps_leading_zeros() {
        assert_eq!(encode_base58(b"hello world"), b"StV1DL6CwTryKyV");
        for bytes in [&b"hello world"[..], b"", b"\0", b"\0\0\xff", b"\xff\0"] {
            let text = encode_base58(bytes);
            assert_eq!(decode_base58(&text).as_deref(), Some(bytes), "{text:?}");
        }
        assert_eq!(decode_base58(b"0"), None);
        assert_eq!(decode_base58(&[b'2'; MAX_BASE58 + 1]), None);
    }

    #[test]
    fn sums_of_the_check_string() {
        // The catalogue of parametrised CRC algorithms gives these for "123456789".
        let check = b"123456789";
        assert_eq!(crc32(check), 0xcbf4_3926);
        assert_eq!(crc16(check), 0x31c3);
        assert_eq!(crc24(check), 0x21_cf02);
    }

    #[test]
    fn numbers_are_written_highest_digit_first() {
        assert_eq!(encode_number(62 * 10 + 61, BASE62), b"Az");
        assert_eq!(pad_left(encode_number(0, BASE62), 3), b"000");
    }
}
