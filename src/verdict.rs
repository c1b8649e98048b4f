//! The verdict: what blocks the commit, and what does not.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, hash_map};
use std::sync::Arc;

use bstr::{BStr, BString};

use crate::allow::{AllowList, Date, Entry};
use crate::archive;
use crate::confidence::Confidence;
use crate::count::counted;
use crate::finding::{Finding, Fingerprint, Found, Secret, Sought, Span};
use crate::local_check::LocalChecks;
use crate::pile;
use crate::shell;
use crate::store::Store;

/// What a scan gave, before anybody decides.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// Secrets and guarded files, in the order of paths and positions.
    pub findings: Vec<Finding>,
    /// What else there is of the kinds of findings of which a text has very many.
    pub further: Vec<Further>,
    /// What could not be read or judged. Not being able to look is never "clean".
    pub unread: Vec<Unread>,
    /// Git LFS objects: their pointers were read, they themselves are not part of the commit.
    pub lfs: Vec<BString>,
    /// Archives and compressed files: nobody looked into them.
    pub archives: Vec<Packed>,
    /// How many paths were looked at.
    pub paths: usize,
    /// What else there was, if the scan was asked to trace it.
    pub dropped: Vec<Dropped>,
    /// The paths that the settings exclude, if the scan was asked to trace them.
    pub excluded: Vec<BString>,
    /// How many paths the settings exclude.
    pub left_out: usize,
}

impl Outcome {
    /// Adds what was found in the paths behind these.
    pub(crate) fn append(&mut self, mut next: Self) {
        pile::append(&mut self.findings, next.findings);
        self.further.append(&mut next.further);
        self.unread.append(&mut next.unread);
        self.lfs.append(&mut next.lfs);
        self.archives.append(&mut next.archives);
        self.paths += next.paths;
        self.dropped.append(&mut next.dropped);
        self.excluded.append(&mut next.excluded);
        self.left_out += next.left_out;
    }
}

/// Findings of one text that are counted and not kept: as many of their kind are kept as anybody reads. No entry speaks
/// of them.
#[derive(Clone, Debug)]
pub(crate) struct Further {
    /// The first of them, which has the verdict that all have.
    pub like: Finding,
    pub count: usize,
}

/// How many findings that stop something are not listed in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct More {
    /// The path of the file.
    pub path: BString,
    pub count: usize,
}

/// An archive or a compressed file into which nobody looked, or not into all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packed {
    /// Its path, which may be one in another.
    pub path: BString,
    /// Whether `keyward scan` opens it.
    pub opens: bool,
}

/// Something that is not among the findings, and why: a candidate, or a file whose name a guard knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dropped {
    /// The path of its file.
    pub path: BString,
    /// Where in the file; `None` for a guarded file.
    pub span: Option<Span>,
    /// The id of the rule whose shape it has.
    pub rule: Cow<'static, str>,
    /// Its bytes, sealed; `None` for a guarded file.
    pub secret: Option<Secret>,
    /// How surely its judge takes it for a secret; `None` if it does not.
    pub confidence: Option<Confidence>,
    /// Why the judge does, or does not.
    pub why: String,
    /// Why what the judge takes for a secret is no finding; empty where it does not.
    pub because: String,
}

impl Dropped {
    /// A finding that is left out after all.
    pub(crate) fn finding(finding: Finding, because: String) -> Self {
        Self {
            path: finding.path.clone(),
            span: finding.span,
            rule: finding.rule.clone(),
            confidence: Some(finding.confidence),
            why: finding.why.to_string(),
            secret: finding.secret,
            because,
        }
    }
}

/// A path that could not be read or judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    /// The path; empty if the trouble is not with one path.
    pub path: BString,
    /// The reason, as one line.
    pub reason: String,
}

/// A finding that does not block, and what allows it.
#[derive(Clone, Debug)]
pub(crate) struct Allowed {
    /// The finding.
    pub finding: Finding,
    /// The comment or the entry that allows it, in words.
    pub by: Arc<str>,
}

impl Allowed {
    fn by_entry(finding: Finding, entry: &Entry) -> Self {
        let by = format!("{}: {}", crate::allow::FILE_NAME, entry.reason).into();
        Self { finding, by }
    }

    /// By the comment that allowed the one before, too, if it is the same.
    fn by_comment(finding: Finding, comment: &str, before: Option<&Self>) -> Self {
        let is_same = |before: &&Self| before.finding.comment == Some(comment);
        let by = match before.filter(is_same) {
            Some(before) => Arc::clone(&before.by),
            None => format!("the comment `{comment}`").into(),
        };
        Self { finding, by }
    }
}

/// A secret in a file, by a rule: what an entry speaks of.
type Place = (Fingerprint, Cow<'static, str>, BString);

fn place(finding: &Finding) -> Place {
    (
        finding.fingerprint.clone(),
        finding.rule.clone(),
        finding.path.clone(),
    )
}

/// How the commits are opened again that hold what blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rewrite {
    /// How many there are.
    pub commits: usize,
    /// The command that opens all of them.
    pub command: String,
    /// Whether all of them lie before HEAD, so that the command opens each.
    pub before_head: bool,
    /// The commands that open one, by its id; of many commits, those of the first.
    pub each: BTreeMap<Arc<str>, String>,
}

impl Rewrite {
    /// What is known of no commit.
    pub(crate) const UNKNOWN: Self = Self {
        commits: 0,
        command: String::new(),
        before_head: false,
        each: BTreeMap::new(),
    };

    /// Opens the last commit.
    pub(crate) const AMEND: &'static str = "git commit --amend";

    /// Whether there is but the last commit.
    pub(crate) fn is_amended(&self) -> bool {
        self.command == Self::AMEND
    }

    /// The command that opens a commit, which people know by its short name.
    pub(crate) fn of(&self, commit: &str, short: &str) -> String {
        let known = self.each.get(commit).cloned();
        known.unwrap_or_else(|| Self::from(&format!("{short}^")))
    }

    /// The command that opens the commits behind a revision.
    pub(crate) fn from(revision: &str) -> String {
        format!("git rebase -i {revision}")
    }
}

/// Where what blocks is already, as far as it is known here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Nobody asked.
    #[default]
    Unknown,
    /// On remotes is what is told here, by its commit; one to be has none. All else is on none.
    Known(BTreeMap<Option<Arc<str>>, OnRemote>),
}

/// A branch of a remote that has a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OnRemote {
    /// `origin/main`
    pub branch: BString,
    /// When the commit was written that brought it, if that is known.
    pub since: Option<Date>,
}

impl Reach {
    /// The remote that has what a commit brought.
    pub(crate) fn of(&self, commit: Option<&Arc<str>>) -> Option<&OnRemote> {
        match self {
            Self::Unknown => None,
            Self::Known(remotes) => remotes.get(&commit.cloned()),
        }
    }
}

/// What blocks the commit, what was allowed and by what, and what nobody looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict {
    /// What blocks.
    pub blocking: Vec<Finding>,
    /// What blocks, too, and is not listed: there is more than anybody reads.
    pub more: Vec<More>,
    /// How many more were allowed.
    pub more_allowed: usize,
    /// How many more are less sure than the threshold.
    pub more_below: usize,
    /// What would block, were it not for the same secret in what the repository holds already.
    pub held: Vec<Finding>,
    /// What is worth a line and does not block.
    pub warnings: Vec<Finding>,
    /// What was allowed.
    pub allowed: Vec<Allowed>,
    /// What is less sure than the threshold.
    pub below_threshold: Vec<Finding>,
    /// Where the team keeps its secrets: the advice goes by it.
    pub store: Store,
    /// How the commits are opened again that hold what blocks: the advice goes by it, too.
    pub rewrite: Rewrite,
    /// Where it is already: the advice goes by it, too.
    pub reach: Reach,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// Git LFS objects that were not read.
    pub lfs: Vec<BString>,
    /// Archives and compressed files that nobody looked into.
    pub archives: Vec<Packed>,
    /// How many paths were looked at.
    pub paths: usize,
    /// What else there was, if the scan was asked to trace it.
    pub dropped: Vec<Dropped>,
    /// The paths that the settings exclude, if the scan was asked to trace them.
    pub excluded: Vec<BString>,
    /// How many paths the settings exclude.
    pub left_out: usize,
    /// How the verdict came about, where that is worth a line.
    pub remarks: Vec<Remark>,
}

/// What is worth a line, is no finding and stops nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    /// What sort of thing it is, as programs know it.
    pub kind: &'static str,
    /// The path that it is about; empty if it is about none.
    pub path: BString,
    /// What is to be told, and what to do.
    pub message: String,
}

/// In what a policy is weaker than the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Weaker {
    /// A few words each; empty if it is not.
    pub what: Vec<String>,
    /// Whose policy it is.
    pub by: WeakenedBy,
}

/// Whose policy is weaker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum WeakenedBy {
    /// That of a commit to be.
    #[default]
    Commit,
    /// A file that git does not track.
    Untracked,
    /// That of commits, which are judged by the policy before them.
    Commits {
        /// The id of the commit that they come from, in hex.
        base: String,
        /// The id of the last of them.
        tip: String,
    },
}

/// What is told beside a verdict: it blocks nothing, and other things than what was scanned say it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    /// In what the repository's own policy gets weaker.
    pub weaker: Weaker,
    /// How many findings are allowed only by entries that the commit itself does not hold.
    pub unshared: usize,
    /// Which commits say that they were checked where they were made, if anybody asks.
    pub local_checks: Option<LocalChecks>,
}

impl Verdict {
    /// How many findings are allowed by the list that the verdict went by, and by no entry of the list
    /// that the commit will hold.
    pub(crate) fn unshared(&self, committed: &AllowList) -> usize {
        let is_unshared = |allowed: &&Allowed| {
            allowed.finding.comment.is_none() && committed.find(&allowed.finding).is_none()
        };
        self.allowed.iter().filter(is_unshared).count()
    }

    /// Whether something blocks.
    pub(crate) fn blocks(&self) -> bool {
        !self.blocking.is_empty() || !self.more.is_empty()
    }

    /// How many findings block and are not listed.
    pub(crate) fn unlisted(&self) -> usize {
        self.more.iter().map(|more| more.count).sum()
    }

    /// What blocks and would only be told if the repository held it already; `None` if there is nothing
    /// of the kind.
    pub(crate) fn sought(&self) -> Option<Sought> {
        Sought::of(self.blocking.iter().filter(|it| self.may_be_held(it)))
    }

    /// Whether a finding need not block if the repository holds its secret. Of a file of which more blocks than is
    /// listed nobody asks that.
    fn may_be_held(&self, finding: &Finding) -> bool {
        finding.may_be_held() && self.more.iter().all(|more| more.path != finding.path)
    }

    /// Sets apart what was sought and found.
    pub(crate) fn set_held_apart(&mut self, sought: &Sought) {
        let mut blocking = std::mem::take(&mut self.blocking);
        let is_held = |it: &mut Finding| self.may_be_held(it) && sought.has_found(it);
        let held: Vec<Finding> = blocking.extract_if(.., is_held).collect();
        self.held.extend(held);
        self.blocking = blocking;
    }

    /// Lets pass what an entry allows at another path where nothing is any more: the file was moved. That
    /// is told, with the command that moves the entry.
    pub(crate) fn allow_moved(&mut self, allowed: &AllowList, is_there: impl Fn(&BStr) -> bool) {
        let mut left = Vec::new();
        // As in `decide`: of many findings of one secret in one file each has the same answer.
        let mut known: HashMap<Place, Option<(&Entry, BString)>> = HashMap::new();
        for finding in std::mem::take(&mut self.blocking) {
            let moved = known
                .entry(place(&finding))
                .or_insert_with(|| moved(&finding, allowed, &is_there));
            let Some((entry, old)) = moved else {
                left.push(finding);
                continue;
            };
            let (path, old) = (shell::shown(&finding.path), shell::shown(old));
            let message = format!(
                "{path} passes by the entry for {old}, which is gone; to have an entry of its own: \
                 keyward allow {} --reason {}",
                finding.fingerprint.id(),
                shell::quoted(entry.reason.as_bytes())
            );
            let remark = Remark {
                kind: "allow",
                path: finding.path.clone(),
                message,
            };
            if !self.remarks.contains(&remark) {
                self.remarks.push(remark);
            }
            self.allowed.push(Allowed::by_entry(finding, entry));
        }
        self.blocking = left;
    }

    /// Adds what another verdict says.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.store = other.store;
        self.blocking.extend(other.blocking);
        self.more.extend(other.more);
        self.more_allowed += other.more_allowed;
        self.more_below += other.more_below;
        self.held.extend(other.held);
        self.warnings.extend(other.warnings);
        self.allowed.extend(other.allowed);
        self.below_threshold.extend(other.below_threshold);
        self.unread.extend(other.unread);
        self.lfs.extend(other.lfs);
        self.archives.extend(other.archives);
        self.paths += other.paths;
        self.dropped.extend(other.dropped);
        self.excluded.extend(other.excluded);
        self.left_out += other.left_out;
        self.remarks.extend(other.remarks);
    }
}

/// The entry that allows a finding at another path where nothing is any more, and that path.
fn moved<'l>(
    finding: &Finding,
    allowed: &'l AllowList,
    is_there: impl Fn(&BStr) -> bool,
) -> Option<(&'l Entry, BString)> {
    let mut moved = None;
    for entry in allowed.held_elsewhere(finding) {
        let Some(old) = entry.path.exact_path() else {
            continue;
        };
        // Beside one that is there, it is another place of the secret.
        let file = archive::file_around(&old).map(BStr::new);
        if is_there(old.as_ref()) || file.is_some_and(&is_there) {
            return None;
        }
        moved = Some((entry, old));
    }
    moved
}

/// Says how many findings of a file are not listed.
fn unlisted(first: &Finding, count: usize) -> Remark {
    let path = shell::shown(&first.path);
    let line = first.span.map_or(0, |span| span.line);
    Remark {
        kind: "more",
        path: first.path.clone(),
        message: format!(
            "{path} has {} from line {line} on than are listed; they stop this, too, and are listed when those before \
             them are gone or allowed",
            counted(count, "more finding")
        ),
    }
}

/// Says that what would allow a finding is over.
fn lapsed(finding: &Finding, allowed: &AllowList) -> Option<Remark> {
    let entry = allowed.of(finding).find(|entry| entry.covers(finding))?;
    let until = entry.until?;
    let path = shell::shown(&finding.path);
    Some(Remark {
        kind: "allow",
        path: finding.path.clone(),
        message: format!(
            "{path} was allowed until {until} ({}), and no longer is; if it may go on: keyward allow \
             {} --until YYYY-MM-DD --reason {}",
            entry.reason,
            finding.fingerprint.id(),
            shell::quoted(entry.reason.as_bytes())
        ),
    })
}

/// What lets a finding pass.
enum Pass<'l> {
    Comment(&'static str),
    Entry(&'l Entry),
    /// It is less sure than the threshold.
    Doubt,
    /// It is worth a line.
    Warning,
}

/// Sorts the findings of a scan into those that block and those that do not. What is less sure than
/// `threshold` is kept apart.
pub(crate) fn decide(
    outcome: Outcome,
    allowed: &AllowList,
    mut threshold: impl FnMut(&Finding) -> Confidence,
) -> Verdict {
    let mut verdict = Verdict {
        // Of a list of keys nearly all do: they stay where they are.
        blocking: outcome.findings,
        unread: outcome.unread,
        lfs: outcome.lfs,
        archives: outcome.archives,
        paths: outcome.paths,
        dropped: outcome.dropped,
        excluded: outcome.excluded,
        left_out: outcome.left_out,
        ..Verdict::default()
    };
    for Further { like, count } in outcome.further {
        if like.comment.is_some() {
            verdict.more_allowed += count;
        } else if like.confidence < threshold(&like) {
            verdict.more_below += count;
        } else {
            verdict.remarks.push(unlisted(&like, count));
            let path = like.path.clone();
            verdict.more.push(More { path, count });
        }
    }
    // A file can hold one secret thousands of times, and a list have thousands of entries for it.
    let mut known: HashMap<Place, Option<&Entry>> = HashMap::new();
    let mut lapsed_ones = Vec::new();
    let pass = Cell::new(None);
    let passes = |finding: &mut Finding| {
        let (is_first, entry) = match (finding.comment, allowed.of(finding).next()) {
            (None, Some(_)) => match known.entry(place(finding)) {
                hash_map::Entry::Occupied(entry) => (false, *entry.get()),
                hash_map::Entry::Vacant(entry) => (true, *entry.insert(allowed.find(finding))),
            },
            _ => (false, None),
        };
        pass.set(match (finding.comment, entry) {
            (Some(comment), _) => Some(Pass::Comment(comment)),
            (None, Some(entry)) => Some(Pass::Entry(entry)),
            (None, None) if finding.confidence < threshold(finding) => Some(Pass::Doubt),
            (None, None) if finding.found == Found::TrackedFile => Some(Pass::Warning),
            (None, None) => {
                lapsed_ones.extend(is_first.then(|| lapsed(finding, allowed)).flatten());
                return false;
            }
        });
        true
    };
    for finding in verdict.blocking.extract_if(.., passes) {
        match pass.take() {
            Some(Pass::Comment(comment)) => {
                let before = verdict.allowed.last();
                let allowed = Allowed::by_comment(finding, comment, before);
                verdict.allowed.push(allowed);
            }
            Some(Pass::Entry(entry)) => verdict.allowed.push(Allowed::by_entry(finding, entry)),
            Some(Pass::Warning) => verdict.warnings.push(finding),
            Some(Pass::Doubt) | None => verdict.below_threshold.push(finding),
        }
    }
    verdict.remarks.extend(lapsed_ones);
    verdict
}
