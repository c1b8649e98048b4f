//! Java's key stores (JKS and JCEKS): a list of entries, each a key or a certificate, and a digest.

/// Whether every entry of a key store is a certificate of somebody else.
pub(crate) fn is_trust_store(content: &[u8]) -> bool {
    const TRUSTED_CERTIFICATE: u32 = 2;
    /// How long the digest at the end is.
    const DIGEST: usize = 20;
    let mut rest = content;
    let mut number = |bytes: usize, skip: bool| -> Option<u32> {
        let value = rest
            .get(..bytes)?
            .iter()
            .fold(0, |value: u32, &byte| value << 8 | u32::from(byte));
        rest = &rest[bytes..];
        if skip {
            rest = rest.get(usize::try_from(value).ok()?..)?;
        }
        Some(value)
    };
    let mut read = || -> Option<bool> {
        let magic = number(4, false)?;
        let version = number(4, false)?;
        if !matches!(magic, 0xfeed_feed | 0xcece_cece) {
            return Some(false);
        }
        let count = number(4, false)?;
        // The loop ends with the bytes, whatever the count claims.
        for _ in 0..count {
            if number(4, false)? != TRUSTED_CERTIFICATE {
                return Some(false);
            }
            number(2, true)?;
            number(4, false)?;
            number(4, false)?;
            if version >= 2 {
                number(2, true)?;
            }
            number(4, true)?;
        }
        Some(count > 0)
    };
    read() == Some(true) && rest.len() == DIGEST
}
