//! Archives and compressed files, whose content nobody looks into.

/// What they start with: ZIP (documents of office programs and packages of many languages, too), gzip,
/// bzip2, xz, Zstandard, 7-Zip and RAR.
const STARTS: &[&[u8]] = &[
    b"PK\x03\x04",
    b"\x1f\x8b\x08",
    b"BZh",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
];

/// A bound: what is shorter holds no file.
const SHORTEST: usize = 18;

/// Whether a blob is an archive or a compressed file.
pub(crate) fn is_archive(blob: &[u8]) -> bool {
    blob.len() >= SHORTEST && STARTS.iter().any(|start| blob.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::{SHORTEST, STARTS, is_archive};

    #[test]
    fn an_archive_is_told_by_its_start() {
        for start in STARTS {
            let mut blob = start.to_vec();
            assert!(!is_archive(&blob));
            blob.resize(SHORTEST, 0);
            assert!(is_archive(&blob));
            blob.insert(0, b' ');
            assert!(!is_archive(&blob));
        }
        for text in [
            "",
            "PK is a name, and no archive at all",
            "BZ: a text of some length",
        ] {
            assert!(!is_archive(text.as_bytes()), "{text}");
        }
    }
}
