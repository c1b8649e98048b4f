//! Whole repositories: files of git's directory, an index, trees, commits and blobs that some bytes tell. A hook ends
//! with what it has looked at, or refuses.

use std::fs;
use std::path::Path;

use git2::{ObjectType, Oid, Repository};
use keyward::parts::hook::commit_in;

use super::material::Source;

/// What stands in git's directory and at the top, in any form.
const FILES: &[&str] = &[
    ".git/HEAD",
    ".git/config",
    ".git/packed-refs",
    ".git/index",
    ".git/shallow",
    ".git/info/exclude",
    ".git/MERGE_HEAD",
    ".git/COMMIT_EDITMSG",
    ".git/objects/info/alternates",
    ".git/info/grafts",
    ".git/refs/heads/main",
    ".gitignore",
    ".gitattributes",
    ".keyward.toml",
    ".keyward.allow",
    ".env",
];

/// What an index and a tree say of an entry.
const MODES: &[u32] = &[
    0o100644, 0o100755, 0o120000, 0o160000, 0o040000, 0, 0o100600, 0o177777,
];

/// Names that mean something, beside any others.
const NAMES: &[&str] = &[
    "a",
    "a/b",
    ".keyward.toml",
    ".keyward.allow",
    ".env",
    ".git/config",
    "../a",
    "/a",
    "a/../../b",
    "",
    ".",
    "a//b",
    "id_rsa",
    "a.zip",
    "\u{1b}[2J",
    "a\nb",
];

pub(super) fn commit(bytes: &[u8]) {
    let dir = tempfile::tempdir().expect("a directory can be made");
    let top = dir.path();
    let mut options = git2::RepositoryInitOptions::new();
    options.external_template(false).initial_head("main");
    let repo = Repository::init_opts(top, &options).expect("a repository can be made");
    let mut source = Source(bytes);
    make(&repo, top, &mut source);
    drop(repo);
    for code in commit_in(top) {
        // 2 is for settings and lists that are wrong.
        assert!((0..=3).contains(&code), "it ends with {code}");
    }
}

fn make(repo: &Repository, top: &Path, source: &mut Source<'_>) {
    let mut made = Made {
        objects: vec![Oid::from_bytes(&[7; 20]).expect("an id has 20 bytes")],
        entries: Vec::new(),
    };
    let odb = repo.odb().expect("there is a place for objects");
    while !source.is_empty() {
        let what = source.byte();
        let written = match what % 8 {
            0 | 1 => Some((ObjectType::Blob, made.content(source))),
            2 => Some((ObjectType::Tree, made.tree(source))),
            3 => Some((ObjectType::Commit, made.commit(source))),
            4 | 5 => {
                let entry = made.entry(source);
                made.entries.push(entry);
                None
            }
            6 => {
                let at = source.byte() % made.objects.len();
                let head = format!("{}\n", made.objects[at]);
                fs::write(top.join(".git/refs/heads/main"), head).expect("a ref can be written");
                None
            }
            _ => {
                let name = FILES[source.byte() % FILES.len()];
                // The index is written last, unless it is anything.
                let content = made.content(source);
                let _ = fs::write(top.join(name), content);
                None
            }
        };
        if let Some((kind, content)) = written
            && let Ok(id) = odb.write(kind, &content)
        {
            made.objects.push(id);
        }
        if what & 0x80 > 0 {
            break;
        }
    }
    if !made.entries.is_empty() {
        fs::write(top.join(".git/index"), made.index(source)).expect("an index can be written");
    }
    if let Some(id) = made.objects.get(1 + source.byte())
        && source.byte() % 4 == 3
    {
        spoil(top, *id, source);
    }
}

/// Changes one byte of an object, or cuts it.
fn spoil(top: &Path, id: Oid, source: &mut Source<'_>) {
    let id = id.to_string();
    let path = top.join(".git/objects").join(&id[..2]).join(&id[2..]);
    let Ok(mut packed) = fs::read(&path) else {
        return;
    };
    let at = source.byte() % packed.len();
    match source.byte() % 2 {
        0 => packed.truncate(at),
        _ => packed[at] ^= 1 << (source.byte() % 8),
    }
    // What git wrote is read-only.
    let _ = fs::remove_file(&path);
    fs::write(&path, packed).expect("an object can be written");
}

/// What there is so far.
struct Made {
    objects: Vec<Oid>,
    entries: Vec<(u32, Oid, Vec<u8>, u16)>,
}

impl Made {
    fn id(&self, source: &mut Source<'_>) -> Oid {
        self.objects[source.byte() % self.objects.len()]
    }

    #[expect(clippy::unused_self, reason = "as its neighbours")]
    fn content(&self, source: &mut Source<'_>) -> Vec<u8> {
        let len = source.byte();
        let content = source.take(len);
        // Long ones, too: threads help from half a megabyte on.
        match source.byte() {
            255 => content.repeat((600 << 10) / content.len().max(1)),
            times => content.repeat(1 + times / 32),
        }
    }

    fn name(source: &mut Source<'_>) -> Vec<u8> {
        match source.byte() {
            known if known < 128 => NAMES[known % NAMES.len()].into(),
            len => source.take(len - 128).to_vec(),
        }
    }

    fn entry(&self, source: &mut Source<'_>) -> (u32, Oid, Vec<u8>, u16) {
        let mode = MODES[source.byte() % MODES.len()];
        let flags = (source.byte() as u16) << 8;
        (mode, self.id(source), Self::name(source), flags)
    }

    fn tree(&self, source: &mut Source<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        for _ in 0..source.byte() % 6 {
            let (mode, id, name, _) = self.entry(source);
            out.extend_from_slice(format!("{mode:o} ").as_bytes());
            out.extend_from_slice(&name);
            out.push(0);
            out.extend_from_slice(id.as_bytes());
        }
        out
    }

    fn commit(&self, source: &mut Source<'_>) -> Vec<u8> {
        let mut out = format!("tree {}\n", self.id(source)).into_bytes();
        for _ in 0..source.byte() % 3 {
            out.extend_from_slice(format!("parent {}\n", self.id(source)).as_bytes());
        }
        out.extend_from_slice(b"author A <a@example.com> 1700000000 +0000\ncommitter A <a@example.com> 1700000000 +0000\n");
        out.extend_from_slice(&self.content(source));
        out
    }

    /// An index of version 2, without a checksum: zeros, as `index.skipHash` writes it.
    fn index(&mut self, source: &mut Source<'_>) -> Vec<u8> {
        if !source.byte().is_multiple_of(8) {
            self.entries.sort_by(|a, b| a.2.cmp(&b.2));
        }
        let mut out = b"DIRC\0\0\0\x02".to_vec();
        let count = self.entries.len() + usize::from(source.byte() == 255);
        out.extend_from_slice(&(count as u32).to_be_bytes());
        for (mode, id, name, flags) in &self.entries {
            let from = out.len();
            out.extend_from_slice(&[0; 24]);
            out.extend_from_slice(&mode.to_be_bytes());
            out.extend_from_slice(&[0; 12]);
            out.extend_from_slice(id.as_bytes());
            let flags = flags & 0xb000 | name.len().min(0xfff) as u16;
            out.extend_from_slice(&flags.to_be_bytes());
            out.extend_from_slice(name);
            let len = (out.len() - from) / 8 * 8 + 8;
            out.resize(from + len, 0);
        }
        let len = source.byte();
        out.extend_from_slice(source.take(len));
        out.extend_from_slice(&[0; 20]);
        out
    }
}
