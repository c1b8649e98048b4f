//! Git LFS: large files of which git keeps only a pointer (Git LFS specification, version 1).

/// What a pointer starts with, in every version of the specification.
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// The most bytes of a pointer, by the specification. A longer file only starts like one.
const LONGEST: usize = 1023;

/// Whether a blob is a pointer to a Git LFS object, whose content is not part of the commit.
pub(crate) fn is_pointer(blob: &[u8]) -> bool {
    blob.len() <= LONGEST && blob.starts_with(POINTER)
}

#[cfg(test)]
mod tests {
    use super::is_pointer;

    #[test]
    fn a_pointer_is_short() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
        assert!(is_pointer(pointer));
        assert!(!is_pointer(&pointer[1..]));
        assert!(!is_pointer(&[&pointer[..], &[b'x'; 1000]].concat()));
    }
}
