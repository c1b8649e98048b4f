//! What holds a secret, by the names that people know, and what of it says that a remote has it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::mem;

use bstr::BString;

use crate::git::{Doubt, Holder, Root};
use crate::shell::quoted;

/// What holds a secret, by the names that people know.
#[derive(Debug, Default)]
pub(super) struct Holders {
    pub(super) branches: Vec<BString>,
    pub(super) tags: Vec<BString>,
    pub(super) remotes: BTreeMap<usize, OnRemote>,
    pub(super) doubts: BTreeSet<Doubt>,
    pub(super) others: BTreeSet<BString>,
    /// Logs and the like: they matter only where nothing else holds it.
    pub(super) logs: BTreeSet<BString>,
    /// The commands by which what is no branch is taken away.
    pub(super) frees: Vec<String>,
    /// The names of all refs.
    pub(super) refs: Vec<BString>,
}

/// What a remote has of a secret.
#[derive(Debug, Default)]
pub(super) struct OnRemote {
    pub(super) branches: Vec<BString>,
    pub(super) now: bool,
    pub(super) by: Option<i64>,
}

impl Holders {
    /// Adds a root; `name` is what it is called, fit to be told, and `whole` the name of its ref.
    pub(super) fn add(&mut self, root: &Root, name: &BString, whole: &BString) {
        if matches!(
            root.holder,
            Holder::Tag(_) | Holder::Stash | Holder::Notes(_) | Holder::Ref(_)
        ) {
            self.frees
                .push(format!("git update-ref -d {}", quoted(whole)));
        }
        if !root.name.is_empty() && *whole == root.name {
            self.refs.push(whole.clone());
        }
        if let Some(tracked) = root.tracked {
            let on = self.remotes.entry(tracked.remote).or_default();
            on.now |= tracked.now;
            on.by = on.by.into_iter().chain(tracked.by).min();
            if matches!(root.holder, Holder::Remote(_)) {
                on.branches.push(name.clone());
            }
        }
        self.doubts.extend(root.doubt);
        let other = match &root.holder {
            Holder::Branch(_) => return self.branches.push(name.clone()),
            Holder::Tag(_) => return self.tags.push(name.clone()),
            Holder::Remote(_) => return,
            Holder::Log(_) => {
                self.logs.insert(joined("the log of", name));
                return;
            }
            Holder::State(_) => {
                self.logs.insert(name.clone());
                return;
            }
            Holder::Stash => "the stash".into(),
            Holder::Notes(_) => joined("notes", name),
            Holder::Ref(_) => joined("ref", name),
            Holder::Head(tree) if tree.is_empty() => "HEAD".into(),
            Holder::Head(_) => joined("worktree", name),
        };
        self.others.insert(other);
    }
}

/// Roots that nothing tells apart, such as all entries of one log: of a long one each secret asks once, and not of
/// each entry.
#[derive(Debug, Default)]
pub(super) struct Alike {
    /// The first of each, in the order of roots.
    first: Vec<usize>,
    /// The commits that they lead to.
    tips: Vec<Vec<usize>>,
    /// Where each root is among them.
    of: Vec<usize>,
}

impl Alike {
    pub(super) fn of(roots: &[Root], tips: &[Option<usize>]) -> Self {
        let mut alike = Self::default();
        let mut known = HashMap::new();
        for (number, root) in roots.iter().enumerate() {
            let tracked = root.tracked.map(|it| (it.remote, it.now, it.by));
            let kind = mem::discriminant(&root.holder);
            let doubt = root.doubt.map(Doubt::name);
            let sign = (kind, name_of(&root.holder), &root.name, tracked, doubt);
            let at = *known.entry(sign).or_insert(alike.first.len());
            if at == alike.first.len() {
                alike.first.push(number);
                alike.tips.push(Vec::new());
            }
            alike.tips[at].extend(tips.get(number).copied().flatten());
            alike.of.push(at);
        }
        alike
    }

    /// For each, the marks of what its commits reach.
    pub(super) fn reached(&self, marks: &[u64]) -> Vec<u64> {
        let of = |tips: &Vec<usize>| tips.iter().fold(0, |all, &tip| all | marks[tip]);
        self.tips.iter().map(of).collect()
    }

    /// The first of those that reach what has the mark of a place, or that are among these themselves.
    pub(super) fn holding(&self, reached: &[u64], at: usize, own: &BTreeSet<usize>) -> Vec<usize> {
        let own: BTreeSet<usize> = own.iter().map(|&root| self.of[root]).collect();
        let holds = |place: &usize| reached[*place] >> at & 1 == 1 || own.contains(place);
        let all = (0..self.first.len()).filter(holds);
        all.map(|place| self.first[place]).collect()
    }
}

/// What a root is called.
pub(super) fn name_of(holder: &Holder) -> &[u8] {
    match holder {
        Holder::Stash => b"",
        Holder::Branch(name)
        | Holder::Remote(name)
        | Holder::Tag(name)
        | Holder::Notes(name)
        | Holder::Ref(name)
        | Holder::Head(name)
        | Holder::Log(name)
        | Holder::State(name) => name,
    }
}

fn joined(what: &str, name: &BString) -> BString {
    format!("{what} {name}").into()
}
