//! Scripts of Windows' own shells.

/// A script of PowerShell or of cmd as a shell of POSIX has it: there, a backslash parts the names of a path, and another
/// sign stands before one that is meant as it is.
pub(crate) fn as_posix(script: &str, escape: char) -> String {
    let plain = |c: char| match c {
        '\\' => '/',
        c if c == escape => '\\',
        c => c,
    };
    script
        .trim_start_matches(['&', ' '])
        .chars()
        .map(plain)
        .collect()
}
