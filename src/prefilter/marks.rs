//! Marks: texts that lead to no rule, but to where something may be [wrapped](crate::unwrap).
//!
//! They are sought together with the keywords of the rules. `build.rs` includes this file too: it puts
//! the marks into the sieve's tables behind the keywords, in this order.

/// What a mark is a sign of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A closing quote behind which the next string literal may go on with the text.
    Joint,
    /// The kind of a Kubernetes Secret, whose values are base64.
    Manifest,
}

/// How a manifest says that it is a Secret, in YAML and JSON. Without `kin`: the rarest four bytes of
/// `kind: secret` would be `kind`, a name in much code.
const MANIFESTS: [&str; 4] = [
    "d: secret",
    "d: \"secret\"",
    "d\": \"secret\"",
    "d\":\"secret\"",
];

/// What stands before each of [`MANIFESTS`].
const BEFORE_MANIFEST: &[u8] = b"kin";

/// What may close and open a string literal.
const QUOTES: [&str; 3] = ["\"", "'", "`"];

/// What may stand behind a closing quote where the literal goes on in the next one, as far as it tells
/// that from other quotes; `Q` is the same quote again. Four bytes of a mark are rare in source code;
/// those of three cost a comparison at one place in two hundred.
const JOINTS: [&str; 35] = [
    "+Q", ".Q", "\nQ", " Q", " + ", " . ", " & Q", " ~ Q", " ++ ", " .. ", " || ", " <> ", "..Q",
    "||Q", " +\n", " +\r", "+\n ", "+\n\t", "+\r\n", " .\n", " .\r", ".\n ", ".\n\t", " &\n",
    " ..\n", " ||\n", " <>\n", " \\\n", " \\\r", "\\\n ", "\n  ", "\n\t\t", "\n\tQ", "\r\n ",
    "\r\n\t",
];

/// How many marks there are.
pub(super) const COUNT: usize = MANIFESTS.len() + QUOTES.len() * JOINTS.len();

/// The marks, by their numbers.
pub(super) fn texts() -> impl Iterator<Item = String> {
    let joint = |quote| move |behind: &str| format!("{quote}{}", behind.replace('Q', quote));
    let joints = QUOTES
        .into_iter()
        .flat_map(move |quote| JOINTS.into_iter().map(joint(quote)));
    MANIFESTS.into_iter().map(str::to_owned).chain(joints)
}

/// Whether a text has the kind of a Kubernetes Secret anywhere, whose short values are base64.
pub(crate) fn has_manifest(text: &[u8]) -> bool {
    let is_mark = |at: usize| {
        let mut there = MANIFESTS
            .iter()
            .map(|mark| (mark, text.get(at..at + mark.len())));
        there.any(|(mark, there)| {
            there.is_some_and(|there| there.eq_ignore_ascii_case(mark.as_bytes()))
        })
    };
    memchr::memmem::find_iter(text, BEFORE_MANIFEST).any(|at| is_mark(at + BEFORE_MANIFEST.len()))
}

/// What the mark of that number at `start` is a sign of.
pub(super) fn sign(number: usize, text: &[u8], start: usize) -> Option<Mark> {
    if number >= MANIFESTS.len() {
        return Some(Mark::Joint);
    }
    text[..start]
        .ends_with(BEFORE_MANIFEST)
        .then_some(Mark::Manifest)
}
