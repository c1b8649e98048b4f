//! The remotes of a repository: which of its refs say what a remote has or had, and where a push leaves no
//! trace at all.

use std::collections::{BTreeMap, HashSet};

use bstr::{BStr, BString, ByteSlice};

use crate::git::id::ObjectId;

/// The settings that are asked for.
pub(super) const SETTINGS: &str = r"^(remote\..*\.(url|pushurl|fetch|mirror|promisor|partialclonefilter)|remote\.pushdefault|branch\..*\.(remote|pushremote|merge)|core\.bare)$";

/// What a remote is called that the settings do not name, or not any more.
const NAMELESS: &str = "a remote without a name here";

/// A bound: words of what a log says was done that may name a remote.
const MOST_WORDS: usize = 8;

/// Where refs are that whoever works here makes: a remote may have them, or not.
const OWN: [&[u8]; 3] = [b"refs/heads/", b"refs/tags/", b"refs/notes/"];

/// What says that a remote has an object, or had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tracked {
    /// The number of the remote.
    pub(crate) remote: usize,
    /// Whether a ref still says so, and not its log alone.
    pub(crate) now: bool,
    /// When a log noted it, in seconds since 1970.
    pub(crate) by: Option<i64>,
}

/// Why nobody can tell from here whether something was pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Doubt {
    /// The repository is a bare one: others push to it and fetch from it.
    Bare,
    /// Its branch follows one of a remote that is gone.
    Gone,
    /// Its branch is pushed to an address, of which git notes nothing.
    Address,
    /// A remote has branches that nothing here tracks.
    Untracked,
    /// A tag has it.
    Tag,
    /// Notes or another ref that no remote's is tracked by.
    Ref,
    /// No ref and no log has it any more.
    Forgotten,
}

impl Doubt {
    /// The word for programs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Gone => "gone",
            Self::Address => "address",
            Self::Untracked => "untracked",
            Self::Tag => "tag",
            Self::Ref => "ref",
            Self::Forgotten => "forgotten",
        }
    }

    /// What it is, for people.
    pub(crate) const fn why(self) -> &'static str {
        match self {
            Self::Bare => "this repository is bare, and others push to it and fetch from it",
            Self::Gone => "its branch follows one of a remote that is gone",
            Self::Address => "its branch is pushed to an address, of which git notes nothing here",
            Self::Untracked => "a remote has branches that no ref here tracks",
            Self::Tag => "a tag has it, and git does not note which tags were pushed",
            Self::Ref => "a ref has it of which git does not note whether it was pushed",
            Self::Forgotten => "no ref and no log has it any more",
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Remote {
    addresses: Vec<String>,
    specs: Vec<Spec>,
    /// `git push` makes it a copy of what is here.
    mirror: bool,
}

/// What is fetched, and where to. Each may have one star.
#[derive(Clone, Debug)]
struct Spec {
    from: BString,
    to: BString,
}

impl Spec {
    fn parse(text: &str) -> Self {
        let text = text.strip_prefix('+').unwrap_or(text);
        let (from, to) = text.split_once(':').unwrap_or((text, ""));
        Self {
            from: from.into(),
            to: to.into(),
        }
    }

    /// Whether what a branch is pushed as shows here in a ref of its own, whatever its name is.
    fn tracks_branches(&self) -> bool {
        let is_all = matches!(self.from.as_slice(), b"refs/heads/*" | b"refs/*");
        is_all && !self.to.is_empty() && !self.to.starts_with(OWN[0])
    }
}

/// What a star of a pattern stands for in a name; without a star, nothing.
fn matched<'n>(pattern: &[u8], name: &'n [u8]) -> Option<&'n [u8]> {
    match pattern.split_once_str("*") {
        None => (pattern == name).then_some(&[]),
        Some((start, end)) => name.strip_prefix(start)?.strip_suffix(end),
    }
}

/// An address without what says the same by other means.
fn plain_address(address: &str) -> &str {
    let address = address.trim_end_matches('/');
    address.strip_suffix(".git").unwrap_or(address)
}

/// The remotes of a repository, and how its branches are pushed.
#[derive(Clone, Debug, Default)]
pub(super) struct Remotes {
    pub(super) names: Vec<String>,
    remotes: Vec<Remote>,
    pub(super) partial: bool,
    pub(super) bare: bool,
    /// What is pushed without a word on where to, goes there.
    push_default: Option<String>,
    /// Branches, and where they are pushed.
    upstreams: BTreeMap<BString, Upstream>,
}

/// The refs that there are, and the remotes of which there are any.
#[derive(Debug, Default)]
pub(super) struct There {
    pub(super) refs: HashSet<BString>,
    pub(super) remotes: HashSet<usize>,
}

/// Where a branch is pushed, and what it follows there.
#[derive(Clone, Debug, Default)]
struct Upstream {
    remotes: Vec<String>,
    merge: Option<String>,
}

impl Remotes {
    /// Of what [`SETTINGS`] asks for.
    pub(super) fn new(settings: &[(String, String)]) -> Self {
        let mut all = Self::default();
        for (key, value) in settings {
            if key == "core.bare" {
                all.bare = value == "true";
            } else if key == "remote.pushdefault" {
                all.push_default = Some(value.clone());
            } else if let Some((name, what)) = setting(key, "branch.") {
                all.branch(name, what, value);
            } else if let Some((name, what)) = setting(key, "remote.") {
                let number = all.named(name);
                match what {
                    "url" | "pushurl" => all.remotes[number].addresses.push(value.clone()),
                    "fetch" => all.remotes[number].specs.push(Spec::parse(value)),
                    "mirror" => all.remotes[number].mirror = value == "true",
                    "promisor" => all.partial |= value == "true",
                    _ => all.partial = true,
                }
            }
        }
        all
    }

    fn branch(&mut self, name: &str, what: &str, value: &str) {
        let upstream = self.upstreams.entry(name.into()).or_default();
        match what {
            "merge" => upstream.merge = Some(value.to_owned()),
            _ => upstream.remotes.push(value.to_owned()),
        }
    }

    /// The number of the remote of that name.
    fn named(&mut self, name: &str) -> usize {
        let known = self.names.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.remotes.push(Remote::default());
            self.names.len() - 1
        })
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    fn of_address(&self, address: &str) -> Option<usize> {
        let address = plain_address(address);
        let is_it = |known: &String| plain_address(known) == address;
        let mut remotes = self.remotes.iter();
        remotes.position(|remote| remote.addresses.iter().any(is_it))
    }

    /// The remote whose ref one tracks, and what the tracked one is called: `origin/main`.
    pub(super) fn tracked(&mut self, name: &[u8]) -> Option<(usize, BString)> {
        // What `git maintenance` has fetched ahead lies elsewhere.
        let place = match name.strip_prefix(b"refs/prefetch/") {
            Some(rest) => [b"refs/", rest].concat(),
            None => name.to_vec(),
        };
        let short = place.strip_prefix(b"refs/remotes/").map(BString::from);
        let is_own = OWN.iter().any(|own| place.starts_with(own)) || place == b"refs/stash";
        // Where somebody works, a spec says no more of them than that the remote may have them.
        if is_own && !(self.bare && place != b"refs/stash") {
            return None;
        }
        let mut best: Option<(usize, usize)> = None;
        for (number, remote) in self.remotes.iter().enumerate() {
            for spec in &remote.specs {
                let whole = spec.to.len();
                if matched(&spec.to, &place).is_some() && best.is_none_or(|it| it.1 < whole) {
                    best = Some((number, whole));
                }
            }
        }
        if let Some((number, _)) = best {
            return Some((number, short.unwrap_or_else(|| place.into())));
        }
        let short = short?;
        let is_below = |name: &String| {
            let rest = short.strip_prefix(name.as_bytes());
            rest.is_some_and(|rest| rest.starts_with(b"/"))
        };
        // A remote's name may have slashes.
        let longest = self.names.iter().filter(|name| is_below(name));
        let name = longest.max_by_key(|name| name.len()).cloned();
        // One that the settings know no more.
        let first = || short.split_str("/").next().unwrap_or(&short).to_str_lossy();
        let name = name.unwrap_or_else(|| first().into_owned());
        Some((self.named(&name), short))
    }

    /// The remote from which something came here, as the log of a ref says what was done.
    pub(super) fn source(&mut self, done: &BStr) -> Option<usize> {
        if let Some(name) = done.strip_prefix(b"branch: Created from ") {
            return Some(self.tracked(name)?.0).filter(|_| name.starts_with(b"refs/remotes/"));
        }
        if let Some(address) = done.strip_prefix(b"clone: from ") {
            return Some(self.at(&address.to_str_lossy()));
        }
        let (what, how) = done.rsplit_once_str(": ")?;
        let mut words = what.split_str(" ");
        let came = match words.next()? {
            b"pull" => how.eq_ignore_ascii_case(b"fast-forward"),
            b"fetch" => !how.is_empty(),
            _ => false,
        };
        if !came {
            return None;
        }
        for word in words.take(MOST_WORDS) {
            let word = word.to_str_lossy();
            if let Some(known) = self.number(&word).or_else(|| self.of_address(&word)) {
                return Some(known);
            }
        }
        Some(match self.names.len() {
            1 => 0,
            _ => self.named(NAMELESS),
        })
    }

    /// The remote at an address.
    fn at(&mut self, address: &str) -> usize {
        let known = self.of_address(address);
        known.unwrap_or_else(|| self.named(NAMELESS))
    }

    /// What a line of `FETCH_HEAD` says was fetched, and from where.
    pub(super) fn fetched(&mut self, line: &[u8]) -> Option<(ObjectId, usize)> {
        let mut parts = line.split_str("\t");
        let id = ObjectId::parse(parts.next()?)?.or_nothing()?;
        let what = parts.nth(1)?.to_str_lossy();
        let address = what.rsplit_once(" of ").map_or(&*what, |it| it.1);
        Some((id, self.at(address)))
    }

    /// Why nobody can tell whether what a branch has was pushed. The refs that there are, and the remotes
    /// of which there are any, tell which of those that branches follow are gone.
    pub(super) fn doubt_of_branch(&self, branch: &BStr, there: &There) -> Option<Doubt> {
        let own = self.upstreams.get(branch);
        let remotes = own.into_iter().flat_map(|own| &own.remotes);
        let mut remotes = remotes.chain(&self.push_default);
        if remotes.any(|remote| remote != "." && self.number(remote).is_none()) {
            return Some(Doubt::Address);
        }
        own.is_some_and(|own| self.is_gone(own, there))
            .then_some(Doubt::Gone)
    }

    /// Whether a branch follows one that the remote had and has no more. A remote of which nothing was
    /// ever fetched says nothing.
    fn is_gone(&self, upstream: &Upstream, there: &There) -> bool {
        let Some(merge) = &upstream.merge else {
            return false;
        };
        let remotes = upstream.remotes.iter();
        let remotes = remotes.filter_map(|name| self.number(name));
        let mut remotes = remotes.filter(|remote| there.remotes.contains(remote));
        remotes.any(|remote| {
            let places = self.remotes[remote].specs.iter().filter_map(|spec| {
                let part = matched(&spec.from, merge.as_bytes())?;
                Some(BString::from(spec.to.replacen("*", part, 1)))
            });
            let places: Vec<BString> = places.collect();
            !places.is_empty() && !places.iter().any(|place| there.refs.contains(place))
        })
    }

    /// Why nobody can tell whether any commit of those that no remote is known to have was pushed.
    pub(super) fn doubt(&self, has_worktrees: bool) -> Option<Doubt> {
        let mut known = self.remotes.iter().filter(|it| !it.addresses.is_empty());
        let is_tracked = |remote: &Remote| {
            let is_left_out = |spec: &Spec| spec.from.starts_with(b"^");
            let has_all = remote.specs.iter().any(Spec::tracks_branches);
            has_all && !remote.mirror && !remote.specs.iter().any(is_left_out)
        };
        let is_one_untracked = known.any(|remote| !is_tracked(remote));
        let has_one = self.has_remotes();
        // A bare clone with worktrees is where somebody works.
        if self.bare && (!has_worktrees || !has_one || is_one_untracked) {
            return Some(Doubt::Bare);
        }
        is_one_untracked.then_some(Doubt::Untracked)
    }

    /// Whether anything could have been pushed to a remote that is known.
    pub(super) fn has_remotes(&self) -> bool {
        self.remotes.iter().any(|it| !it.addresses.is_empty())
    }
}

/// The name and the last word of a setting of a section.
fn setting<'k>(key: &'k str, section: &str) -> Option<(&'k str, &'k str)> {
    key.strip_prefix(section)?.rsplit_once('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remotes(settings: &[(&str, &str)]) -> Remotes {
        let settings = settings.iter();
        let settings = settings.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Remotes::new(&settings.collect::<Vec<_>>())
    }

    const ORIGIN: (&str, &str) = ("remote.origin.url", "https://example.com/a.git");
    const ALL: (&str, &str) = ("remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*");

    #[test]
    fn a_ref_is_a_remotes_where_a_spec_says_so() {
        let pulls = ("remote.origin.fetch", "+refs/pull/*/head:refs/pull/*");
        let odd = ("remote.a/b.fetch", "refs/heads/*:refs/far/*");
        let mut all = remotes(&[ORIGIN, ALL, pulls, ("remote.a/b.url", "x"), odd]);
        for (name, expected) in [
            ("refs/remotes/origin/main", Some(("origin", "origin/main"))),
            (
                "refs/prefetch/remotes/origin/a",
                Some(("origin", "origin/a")),
            ),
            ("refs/pull/12", Some(("origin", "refs/pull/12"))),
            ("refs/far/main", Some(("a/b", "refs/far/main"))),
            ("refs/remotes/a/b/main", Some(("a/b", "a/b/main"))),
            ("refs/remotes/gone/main", Some(("gone", "gone/main"))),
            ("refs/heads/main", None),
            ("refs/tags/v1", None),
            ("refs/stash", None),
            ("refs/other", None),
        ] {
            let found = all.tracked(name.as_bytes());
            let found = found.map(|(number, short)| (all.names[number].clone(), short));
            let expected = expected.map(|(name, short)| (name.to_owned(), BString::from(short)));
            assert_eq!(found, expected, "{name}");
        }
        let mirror = [
            ORIGIN,
            ("core.bare", "true"),
            ("remote.origin.fetch", "+refs/*:refs/*"),
        ];
        let mut mirror = remotes(&mirror);
        assert!(mirror.tracked(b"refs/heads/main").is_some());
        assert!(mirror.tracked(b"refs/tags/v1").is_some());
        assert!(
            remotes(&mirror_here())
                .tracked(b"refs/heads/main")
                .is_none()
        );
    }

    /// A mirror in which somebody works.
    fn mirror_here() -> [(&'static str, &'static str); 2] {
        [
            ORIGIN,
            ("remote.origin.fetch", "+refs/heads/*:refs/heads/*"),
        ]
    }

    #[test]
    fn where_a_push_leaves_no_trace_nobody_can_tell() {
        let one = (
            "remote.origin.fetch",
            "+refs/heads/main:refs/remotes/origin/main",
        );
        let but = ("remote.origin.fetch", "^refs/heads/secret");
        let bare = ("core.bare", "true");
        for (settings, has_worktrees, expected) in [
            (&[][..], false, None),
            (&[ORIGIN, ALL], false, None),
            (&[ORIGIN, one], false, Some(Doubt::Untracked)),
            (&[ORIGIN], false, Some(Doubt::Untracked)),
            (&[ORIGIN, ALL, but], false, Some(Doubt::Untracked)),
            (&mirror_here(), false, Some(Doubt::Untracked)),
            (&[bare], false, Some(Doubt::Bare)),
            (&[bare, ORIGIN], true, Some(Doubt::Bare)),
            (&[bare, ORIGIN, ALL], false, Some(Doubt::Bare)),
            (&[bare, ORIGIN, ALL], true, None),
        ] {
            assert_eq!(
                remotes(settings).doubt(has_worktrees),
                expected,
                "{settings:?}"
            );
        }
    }

    #[test]
    fn how_a_branch_is_pushed_is_heard() {
        let there = There {
            refs: HashSet::from(["refs/remotes/origin/main".into()]),
            remotes: HashSet::from([0]),
        };
        let remote = |value| ("branch.b.remote", value);
        let merge = |value| ("branch.b.merge", value);
        for (settings, expected) in [
            (&[][..], None),
            (&[remote("origin"), merge("refs/heads/main")], None),
            (
                &[remote("origin"), merge("refs/heads/b")],
                Some(Doubt::Gone),
            ),
            (&[remote("."), merge("refs/heads/b")], None),
            (&[remote("https://example.com/b")], Some(Doubt::Address)),
            (
                &[("remote.pushdefault", "git@example.com:c")],
                Some(Doubt::Address),
            ),
            (&[("remote.pushdefault", "origin")], None),
        ] {
            let all = remotes(&[&[ORIGIN, ALL], settings].concat());
            assert_eq!(
                all.doubt_of_branch("b".into(), &there),
                expected,
                "{settings:?}"
            );
            // Of which nothing was ever fetched, nothing is gone.
            let none = all.doubt_of_branch("b".into(), &There::default());
            assert_ne!(none, Some(Doubt::Gone), "{settings:?}");
        }
    }

    #[test]
    fn a_log_tells_what_came_from_elsewhere() {
        for (done, expected) in [
            ("clone: from https://example.com/a", Some("origin")),
            ("clone: from https://example.com/other", Some(NAMELESS)),
            ("pull: Fast-forward", Some("origin")),
            ("pull --rebase origin main: fast-forward", Some("origin")),
            (
                "fetch https://example.com/a pull/1/head:p: storing head",
                Some("origin"),
            ),
            ("branch: Created from refs/remotes/origin/x", Some("origin")),
            ("branch: Created from HEAD", None),
            ("branch: Created from refs/heads/x", None),
            ("pull: Merge made by the 'ort' strategy.", None),
            ("commit: fetch a: b", None),
            ("commit (amend): x", None),
            ("fetch", None),
            ("", None),
        ] {
            let mut all = remotes(&[ORIGIN, ALL]);
            let found = all.source(done.into());
            assert_eq!(found.map(|it| all.names[it].as_str()), expected, "{done}");
        }
        let mut all = remotes(&[ORIGIN, ALL]);
        let id = "1".repeat(40);
        let line = format!("{id}\tnot-for-merge\tbranch 'a of b' of https://example.com/a");
        let (found, remote) = all.fetched(line.as_bytes()).unwrap();
        assert_eq!((found.to_string(), remote), (id, 0));
        assert_eq!(all.fetched(b"odd"), None);
    }
}
