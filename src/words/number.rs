//! What a run of digits is, by its length and its groups: a UUID, a digest.

/// Whether a text is a UUID and nothing else: 8-4-4-4-12 hex digits.
pub(crate) fn is_uuid(text: &[u8]) -> bool {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let mut groups = text.split(|&b| b == b'-');
    GROUPS.iter().all(|&len| {
        groups
            .next()
            .is_some_and(|group| group.len() == len && group.iter().all(u8::is_ascii_hexdigit))
    }) && groups.next().is_none()
}

/// Whether a text is a UUID made of the time and a place (RFC 9562, section 5.1).
pub(crate) fn is_time_uuid(text: &[u8]) -> bool {
    is_uuid(text) && text[14] == b'1' && matches!(text[19] | 0x20, b'8' | b'9' | b'a' | b'b')
}

/// How many bits a digest has, if a text is hex digits in the number that a usual one has.
pub(crate) fn digest_bits(text: &[u8]) -> Option<usize> {
    let bits = text.len() * 4;
    // MD5, SHA-1, and the four lengths of SHA-2 and SHA-3.
    (matches!(bits, 128 | 160 | 224 | 256 | 384 | 512) && text.iter().all(u8::is_ascii_hexdigit))
        .then_some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_five_groups_of_hex_digits() {
        assert!(is_uuid(b"41c6d04b-dead-cafe-1234-9bffd94346b3"));
        for other in [
            "41c6d04b-dead-cafe-1234-9bffd94346b",
            "41c6d04b-dead-cafe-12349-bffd94346b3",
            "41c6d04b-dead-cafe-1234-9bffd94346b3-",
            "41c6d04b-dead-cafe-1234-9bffd94346bg",
            "41c6d04bdeadcafe12349bffd94346b3",
        ] {
            assert!(!is_uuid(other.as_bytes()), "{other}");
        }
        assert!(is_time_uuid(b"00299570-246d-11d0-a768-00aa006e0529"));
        assert!(!is_time_uuid(b"8f14e45f-ceea-467f-a0e6-1f2c3d4b5a69"));
    }

    #[test]
    fn a_digest_has_a_usual_length() {
        assert_eq!(digest_bits(&[b'a'; 40]), Some(160));
        assert_eq!(digest_bits(&[b'a'; 41]), None);
        assert_eq!(digest_bits(&[b'g'; 40]), None);
        assert_eq!(digest_bits(b""), None);
    }
}
