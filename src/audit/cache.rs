//! What an earlier audit of a repository found clean, so that the next one looks only at what is new.
//!
//! It holds ids of commits and blobs, and the paths of those blobs that are not clean, which are judged again each
//! time. No secret is in it, nor a digest of one. It lies in git's directory, counts only for the same program and the
//! same settings, and is sealed by a key of the user's own, which no repository brings along: one that somebody else put
//! there is as good as none. It is replaced as a whole, so that whoever reads it, and whatever ends who writes it, leaves
//! a whole one.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use bstr::{BStr, BString};

use crate::disk;
use crate::git::{Graph, Key, ObjectId, ReadBefore, Short};
use crate::local_key::{self, LocalKey};

/// The name of its file in git's directory.
const NAME: &str = "keyward-audit";

/// What the file starts with. Another form has another number.
const MAGIC: &[u8] = b"keyward audit 1\n";

/// A bound: bytes of a cache. A longer one is not written, and none of ours.
const LONGEST: u64 = 512 << 20;

/// A bound: nobody takes longer to write one.
const SLOWEST: Duration = Duration::from_secs(900);

/// Where the cache of a repository is, and for whom it counts.
#[derive(Clone)]
pub(crate) struct Cache {
    directory: PathBuf,
    key: LocalKey,
    /// Stands for what judges.
    policy: [u8; 32],
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

/// What became of a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Recalled {
    /// Nobody asked.
    #[default]
    Unasked,
    /// There was none.
    Nothing,
    /// There was one that is broken, or that another program, other settings or somebody else wrote.
    Foreign,
    /// These commits and versions of files were known, and whether the trees of the commits were.
    Known {
        commits: usize,
        blobs: usize,
        trees: bool,
    },
}

/// A blob at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Suspect {
    pub(super) id: ObjectId,
    pub(super) link: bool,
    pub(super) path: BString,
}

/// What is kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// The commits, and which of them say something themselves that is not clean.
    pub(super) before: ReadBefore,
    /// Blobs of those commits that are clean.
    pub(super) clean: Vec<Key>,
    /// Clean blobs that none of them holds.
    pub(super) elsewhere: Vec<Key>,
    /// What their trees hold that is not clean.
    pub(super) trees: Option<Trees>,
}

/// What the trees of all commits hold that is not clean.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Trees {
    /// In the order in which they are looked at.
    pub(super) suspects: Vec<Suspect>,
    /// Sets of blobs in which something was found. The first is empty.
    pub(super) sets: Vec<Vec<Suspect>>,
    /// The set of each commit.
    pub(super) of: Vec<u32>,
    /// How many links to commits of other repositories there are.
    pub(super) submodules: u32,
}

impl Cache {
    /// The cache in a repository's common directory, sealed by that key; `policy` stands for what judges.
    pub(crate) fn new(directory: PathBuf, key: LocalKey, policy: [u8; 32]) -> Self {
        Self {
            directory,
            key,
            policy,
        }
    }

    /// What is kept, if it is for this program, these settings and this user.
    pub(super) fn load(&self) -> (Option<Kept>, Recalled) {
        let read = disk::read_regular(&self.directory.join(NAME), LONGEST);
        let Ok(Some(content)) = read else {
            let found = if read.is_ok() {
                Recalled::Nothing
            } else {
                Recalled::Foreign
            };
            return (None, found);
        };
        let kept = self.opened(&content);
        let found = match &kept {
            None => Recalled::Foreign,
            Some(kept) => Recalled::Known {
                commits: kept.before.graph.len(),
                blobs: kept.clean.len() + kept.elsewhere.len(),
                trees: false,
            },
        };
        (kept, found)
    }

    fn opened(&self, content: &[u8]) -> Option<Kept> {
        let (content, seal) =
            content.split_at_checked(content.len().checked_sub(local_key::LEN)?)?;
        if !self.key.is_sealed(&self.policy, content, seal) {
            return None;
        }
        Kept::read(content.strip_prefix(MAGIC)?)
    }

    /// Keeps.
    ///
    /// # Errors
    /// When the file can't be written.
    pub(super) fn store(&self, kept: &Kept) -> Result<()> {
        let mut content = MAGIC.to_vec();
        kept.write(&mut content);
        ensure!(
            (content.len() as u64) < LONGEST,
            "there is too much to keep"
        );
        content.extend(self.key.seal(&self.policy, &content));
        disk::clear(&self.directory, SLOWEST);
        disk::replace_private(&self.directory.join(NAME), &content)?;
        Ok(())
    }
}

fn put(out: &mut Vec<u8>, number: usize) {
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    out.extend(number.to_le_bytes());
}

fn put_all<T>(out: &mut Vec<u8>, all: &[T], one: impl Fn(&mut Vec<u8>, &T)) {
    put(out, all.len());
    all.iter().for_each(|it| one(out, it));
}

fn put_key(out: &mut Vec<u8>, key: &Key) {
    out.extend(key.0.to_bytes());
    out.extend(key.1.to_le_bytes());
}

fn put_id(out: &mut Vec<u8>, id: &ObjectId) {
    let id = id.as_bytes();
    out.push(u8::try_from(id.len()).unwrap_or(0));
    out.extend(id);
}

fn put_suspect(out: &mut Vec<u8>, suspect: &Suspect) {
    put_id(out, &suspect.id);
    out.push(suspect.link.into());
    put(out, suspect.path.len());
    out.extend_from_slice(&suspect.path);
}

/// What is left to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn number(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// All of a list, of which each takes so many bytes at least.
    fn all<T>(&mut self, least: usize, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = usize::try_from(self.number()?).ok()?;
        if count.checked_mul(least)? > self.0.len() {
            return None;
        }
        let mut all = Vec::with_capacity(count);
        for _ in 0..count {
            all.push(one(self)?);
        }
        Some(all)
    }

    fn is(&mut self) -> Option<bool> {
        self.array::<1>().map(|[byte]| byte != 0)
    }

    fn id(&mut self) -> Option<ObjectId> {
        let length = usize::from(self.array::<1>()?[0]);
        ObjectId::from_bytes(self.take(length)?)
    }

    fn key(&mut self) -> Option<Key> {
        Some(Key(Short::from_bytes(self.array()?), self.number()?))
    }

    fn keys(&mut self) -> Option<Vec<Key>> {
        self.all(20, Self::key)
    }

    fn numbers(&mut self) -> Option<Vec<u32>> {
        self.all(4, Self::number)
    }

    fn suspects(&mut self) -> Option<Vec<Suspect>> {
        self.all(26, |rest| {
            let (id, link) = (rest.id()?, rest.is()?);
            let length = usize::try_from(rest.number()?).ok()?;
            let path = BStr::new(rest.take(length)?).to_owned();
            Some(Suspect { id, link, path })
        })
    }
}

impl Kept {
    fn write(&self, out: &mut Vec<u8>) {
        let graph = &self.before.graph;
        put(out, graph.len());
        for number in 0..graph.len() {
            put_id(out, &graph.id(number));
            put_id(out, &graph.tree(number));
            out.extend(graph.time(number).to_le_bytes());
            put_all(out, graph.parents(number), |out, it| put(out, *it as usize));
        }
        put_all(out, &self.before.shown, |out, it| put(out, *it as usize));
        put_all(out, &self.clean, put_key);
        put_all(out, &self.elsewhere, put_key);
        out.push(self.trees.is_some().into());
        if let Some(trees) = &self.trees {
            put_all(out, &trees.suspects, put_suspect);
            put_all(out, &trees.sets, |out, set| put_all(out, set, put_suspect));
            put_all(out, &trees.of, |out, it| put(out, *it as usize));
            put(out, trees.submodules as usize);
        }
    }

    fn read(content: &[u8]) -> Option<Self> {
        let mut rest = Rest(content);
        let mut graph = Graph::default();
        for _ in 0..rest.number()? {
            let (id, tree) = (rest.id()?, rest.id()?);
            let time = i64::from_le_bytes(rest.array()?);
            graph.push(id, tree, time, &rest.numbers()?);
        }
        let mut kept = Self {
            before: ReadBefore {
                graph,
                shown: rest.numbers()?,
            },
            clean: rest.keys()?,
            elsewhere: rest.keys()?,
            trees: None,
        };
        if rest.is()? {
            let trees = Trees {
                suspects: rest.suspects()?,
                sets: rest.all(4, Rest::suspects)?,
                of: rest.numbers()?,
                submodules: rest.number()?,
            };
            let known = |set: &u32| (*set as usize) < trees.sets.len();
            if trees.of.len() != kept.before.graph.len() || !trees.of.iter().all(known) {
                return None;
            }
            kept.trees = Some(trees);
        }
        rest.0.is_empty().then_some(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: u8) -> ObjectId {
        ObjectId::from_bytes(&[digit; 20]).unwrap()
    }

    fn suspect(digit: u8, path: &str) -> Suspect {
        Suspect {
            id: id(digit),
            link: digit % 2 == 1,
            path: path.into(),
        }
    }

    fn kept() -> Kept {
        let mut kept = Kept::default();
        kept.before.graph.push(id(1), id(2), 7, &[]);
        kept.before.graph.push(id(3), id(4), -7, &[0]);
        kept.before.shown = vec![1];
        kept.clean = vec![Key((&id(5)).into(), 3)];
        kept.elsewhere = vec![Key((&id(8)).into(), 4)];
        kept.trees = Some(Trees {
            suspects: vec![suspect(6, "a/b"), suspect(7, "")],
            sets: vec![Vec::new(), vec![suspect(6, "a/b")]],
            of: vec![0, 1],
            submodules: 2,
        });
        kept
    }

    #[test]
    fn what_is_kept_comes_back() {
        let mut out = Vec::new();
        kept().write(&mut out);
        let back = Kept::read(&out).unwrap();
        let graph = &back.before.graph;
        assert_eq!((graph.len(), graph.parents(1)), (2, &[0][..]));
        assert_eq!(
            (graph.id(1), graph.tree(1), graph.time(1)),
            (id(3), id(4), -7)
        );
        assert_eq!(back.before.shown, [1]);
        assert_eq!(
            (back.clean, back.elsewhere),
            (kept().clean, kept().elsewhere)
        );
        assert_eq!(back.trees, kept().trees);
    }

    #[test]
    fn what_is_cut_off_or_odd_is_none() {
        let mut out = Vec::new();
        kept().write(&mut out);
        for end in 0..out.len() {
            assert!(Kept::read(&out[..end]).is_none(), "{end}");
        }
        for at in 0..out.len() {
            let mut odd = out.clone();
            odd[at] = 0xff;
            // It may still be a whole one. It is not sealed.
            let _ = Kept::read(&odd);
        }
    }

    #[test]
    fn a_cache_counts_for_whoever_wrote_it_and_is_whole_or_none() {
        let places = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let [git, own, other] = [0, 1, 2].map(|at| places[at].path().to_owned());
        let keys = [&own, &other].map(|place| LocalKey::make(place).unwrap());
        let cache = |key: usize, policy| Cache::new(git.clone(), keys[key].clone(), [policy; 32]);
        assert_eq!(cache(0, 1).load().1, Recalled::Nothing);
        cache(0, 1).store(&kept()).unwrap();
        let known = Recalled::Known {
            commits: 2,
            blobs: 2,
            trees: false,
        };
        assert_eq!(cache(0, 1).load().1, known);
        for (key, policy) in [(1, 1), (0, 2)] {
            let (kept, found) = cache(key, policy).load();
            assert!(kept.is_none());
            assert_eq!(found, Recalled::Foreign);
        }
        let file = git.join(NAME);
        let whole = std::fs::read(&file).unwrap();
        for at in (0..whole.len()).step_by(3) {
            let mut odd = whole.clone();
            odd[at] ^= 1;
            for content in [&odd[..], &whole[..at]] {
                std::fs::write(&file, content).unwrap();
                assert_eq!(cache(0, 1).load().1, Recalled::Foreign, "{at}");
            }
        }
        std::fs::remove_file(&file).unwrap();
        std::fs::create_dir(&file).unwrap();
        assert_eq!(cache(0, 1).load().1, Recalled::Foreign);
        assert!(cache(0, 1).store(&kept()).is_err());
    }
}
