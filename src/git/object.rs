//! Commits, tags and trees, read from their bytes: the same code for both readers and both hashes.

use anyhow::{Context, Result, ensure};
use bstr::{BStr, ByteSlice};

use super::id::{Entry, Mode, ObjectId};

/// The sorts of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Blob,
    Tree,
    Commit,
    Tag,
}

impl Kind {
    /// git's word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Tree => "tree",
            Self::Commit => "commit",
            Self::Tag => "tag",
        }
    }

    /// The kind of that name.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        [Self::Blob, Self::Tree, Self::Commit, Self::Tag]
            .into_iter()
            .find(|kind| kind.name().as_bytes() == name)
    }
}

/// What a commit says. Grafts have no say: the parents are those that the commit itself names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    /// A name and an address, `Ann <ann@example.com>`.
    pub(crate) author: Vec<u8>,
    pub(super) committer: Vec<u8>,
    /// When the author wrote it, in seconds since 1970.
    pub(crate) written: i64,
    /// When the commit was made.
    pub(crate) made: i64,
    /// What else is said before the message, with the names of author and committer.
    pub(crate) header: Vec<u8>,
    pub(crate) message: Vec<u8>,
}

impl Commit {
    pub(crate) fn parse(object: &[u8]) -> Result<Self> {
        let (head, message) = split(object);
        let ids = |name: &str| {
            let prefix = format!("{name} ");
            head.lines()
                // Parents come before the author; what follows may quote anything, a signature too.
                .take_while(|line| !line.starts_with(b"author "))
                .filter_map(move |line| line.strip_prefix(prefix.as_bytes()))
                .map(|id| ObjectId::parse(id).context("a commit names no object"))
        };
        Ok(Self {
            tree: ids("tree").next().context("a commit has no tree")??,
            parents: ids("parent").collect::<Result<_>>()?,
            author: person(head, b"author "),
            written: time(head, b"author "),
            committer: person(head, b"committer "),
            made: time(head, b"committer "),
            header: said(head),
            message: message.to_vec(),
        })
    }
}

/// What an annotated tag says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) object: ObjectId,
    /// Its name, who made it, and what else is said before the message.
    pub(crate) header: Vec<u8>,
    pub(crate) message: Vec<u8>,
}

impl Tag {
    pub(crate) fn parse(object: &[u8]) -> Result<Self> {
        let (head, message) = split(object);
        let id = head
            .lines()
            .find_map(|line| line.strip_prefix(b"object "))
            .and_then(ObjectId::parse);
        Ok(Self {
            object: id.context("a tag names no object")?,
            header: said(head),
            message: message.to_vec(),
        })
    }
}

/// The author of a commit, and from when, as it is written there.
pub(super) fn authored(object: &[u8]) -> &[u8] {
    labelled(split(object).0, b"author ").unwrap_or_default()
}

/// What stands behind a label in the first such line of a header.
fn labelled<'h>(head: &'h [u8], label: &[u8]) -> Option<&'h [u8]> {
    head.lines().find_map(|line| line.strip_prefix(label))
}

/// Whoever the first such line of a header names, without the time.
fn person(head: &[u8], label: &[u8]) -> Vec<u8> {
    let line = labelled(head, label);
    let person = line.and_then(|line| Some(&line[..=line.rfind_byte(b'>')?]));
    person.unwrap_or_default().to_vec()
}

/// What a header says that people and tools put there: without the ids of objects, times and what of signatures is no
/// word.
fn said(head: &[u8]) -> Vec<u8> {
    let mut said = Vec::new();
    let mut is_left_out = false;
    let mut is_signature = false;
    for line in head.lines() {
        // What goes on in the next line is of the same kind.
        if !line.starts_with(b" ") {
            let name = line.split_once_str(" ").map_or(line, |(name, _)| name);
            is_left_out = matches!(name, b"tree" | b"parent" | b"object" | b"type");
            is_signature = matches!(name, b"gpgsig" | b"gpgsig-sha256");
        }
        // A tag that was merged comes with its signature.
        is_signature |= line.starts_with(b" -----BEGIN ") && line.ends_with(b" SIGNATURE-----");
        if !(is_left_out || is_signature && is_armour(line)) {
            let is_person = [&b"author "[..], b"committer ", b"tagger "]
                .iter()
                .any(|name| line.starts_with(name));
            let end = line.rfind_byte(b'>').filter(|_| is_person);
            said.extend_from_slice(end.map_or(line, |end| &line[..=end]));
            said.push(b'\n');
        }
        is_signature &= !(line.starts_with(b" -----END ") && line.ends_with(b" SIGNATURE-----"));
    }
    said
}

/// Whether a line of a signature is what it is made of: a mark, or base64.
fn is_armour(line: &[u8]) -> bool {
    let labels = [&b"gpgsig-sha256 "[..], b"gpgsig "];
    let mut words = labels.iter().filter_map(|label| line.strip_prefix(*label));
    let words = words.next().unwrap_or(line).trim();
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    words.starts_with(b"-----BEGIN ")
        || words.starts_with(b"-----END ")
        || words.iter().all(is_base64)
}

/// When the first such line of a header says that it was; 0 if it doesn't.
fn time(head: &[u8], label: &[u8]) -> i64 {
    let line = labelled(head, label);
    let time = line.and_then(|line| {
        let behind = &line[line.rfind_byte(b'>')? + 1..];
        behind.fields().next()?.to_str().ok()?.parse().ok()
    });
    time.unwrap_or_default()
}

/// The header and what follows the first empty line.
fn split(object: &[u8]) -> (&[u8], &[u8]) {
    match object.find(b"\n\n") {
        Some(at) => (&object[..=at], &object[at + 2..]),
        None => (object, b""),
    }
}

/// A bound: a directory this deep is nothing that git could check out, and whoever walks down
/// trees gives up there.
pub(super) const DEEPEST: usize = 512;

/// The bytes by which git sorts what a directory holds: a directory's name ends with a slash.
pub(super) fn sort_key(name: &[u8], is_directory: bool) -> impl Iterator<Item = &u8> {
    name.iter().chain(is_directory.then_some(&b'/'))
}

/// What a directory holds under one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Directory(ObjectId),
    Entry(Entry),
}

/// The entries of a tree whose ids have `length` bytes, in its own order.
pub(super) fn tree(object: &[u8], length: usize) -> Result<Vec<(&BStr, Item)>> {
    let mut rest = object;
    let mut items = Vec::new();
    while !rest.is_empty() {
        let (mode, after) = rest
            .split_once_str(" ")
            .context("a tree has an odd entry")?;
        let (name, after) = after
            .split_once_str(b"\0")
            .context("a tree has an odd entry")?;
        ensure!(after.len() >= length, "a tree ends within an entry");
        let (id, after) = after.split_at(length);
        let bits = u32::from_str_radix(mode.to_str()?, 8)?;
        let id = ObjectId::from_bytes(id).context("a tree has an odd entry")?;
        // git takes what is neither file nor link nor submodule for a directory or refuses it.
        let item = match Mode::from_bits(bits) {
            Some(mode) => Item::Entry(Entry { mode, id }),
            None => Item::Directory(id),
        };
        items.push((name.as_bstr(), item));
        rest = after;
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: &str) -> ObjectId {
        ObjectId::parse(digit.repeat(40).as_bytes()).unwrap()
    }

    #[test]
    fn a_commit_is_read_and_its_signature_is_no_parent() {
        let (a, b, c) = ("a".repeat(40), "b".repeat(40), "c".repeat(40));
        let text = format!(
            "tree {a}\nparent {b}\nparent {c}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\
             gpgsig x\n parent {a}\nparent {a}\n\nsubject\n\nbody\n"
        );
        let commit = Commit::parse(text.as_bytes()).unwrap();
        assert_eq!(commit.tree, id("a"));
        assert_eq!(commit.parents, [id("b"), id("c")]);
        assert_eq!(commit.message, b"subject\n\nbody\n");
        assert_eq!(authored(text.as_bytes()), b"A <a> 1 +0000");
        assert_eq!(commit.author, b"A <a>");
        assert_eq!(commit.committer, b"A <a>");
        let header = format!("author A <a>\ncommitter A <a>\n parent {a}\n");
        assert_eq!(commit.header, header.as_bytes());
        assert_eq!((commit.written, commit.made), (1, 1));
        let bare = format!("tree {a}\nauthor A <a> 1 +0000\n");
        assert_eq!(Commit::parse(bare.as_bytes()).unwrap().message, b"");
        for bad in ["", "tree x\n\n", "parent a\n\n"] {
            assert!(Commit::parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_tools_add_to_a_header_is_said_and_no_signature() {
        let head = "author A > b <a> 1 +0000\nencoding x\nx-key one\n two\nmergetag object 1\n type commit\n \n\
            \x20-----BEGIN PGP SIGNATURE-----\n \n AAAA\n -----END PGP SIGNATURE-----\n end\n\
            gpgsig -----BEGIN SSH SIGNATURE-----\n BBBB\n -----END SSH SIGNATURE-----\n\
            gpgsig-sha256 -----BEGIN PGP SIGNATURE-----\n Comment: k-1\n\x20\n BB+/\n =abcd\n k_2\n\
            \x20-----END PGP SIGNATURE-----\n\x20\nlast 1\n";
        let expected = "author A > b <a>\nencoding x\nx-key one\n two\nmergetag object 1\n type commit\n \n\
            \x20end\n Comment: k-1\n k_2\n \nlast 1\n";
        assert_eq!(said(head.as_bytes()).to_str_lossy(), expected);
    }

    #[test]
    fn a_tag_is_read() {
        let text = format!(
            "object {}\ntype commit\ntag v1\ntagger A\n\nhi\n",
            "d".repeat(40)
        );
        let tag = Tag::parse(text.as_bytes()).unwrap();
        assert_eq!((tag.object, tag.message), (id("d"), b"hi\n".to_vec()));
        assert_eq!(tag.header, b"tag v1\ntagger A\n");
        assert!(Tag::parse(b"type commit\n\nobject \n").is_err());
    }

    #[test]
    fn trees_of_both_hashes_are_read() {
        for length in [20, 32] {
            let mut object = Vec::new();
            for (mode, name) in [("100644", "a b"), ("40000", "dir"), ("160000", "module")] {
                object.extend(format!("{mode} {name}\0").as_bytes());
                object.extend(vec![7; length]);
            }
            let items = tree(&object, length).unwrap();
            let id = ObjectId::from_bytes(&vec![7; length]).unwrap();
            let mode = Mode::File;
            assert_eq!(items[0], ("a b".into(), Item::Entry(Entry { mode, id })));
            assert_eq!(items[1], ("dir".into(), Item::Directory(id)));
            assert_eq!(items.len(), 3);
            assert!(tree(&object[..object.len() - 1], length).is_err());
        }
        assert!(tree(b"100644 a", 20).is_err());
        assert!(tree(b"9 a\0", 20).is_err());
    }
}
