//! How a secret goes from a repository: out of the files, out of the commits, off the remotes, and out of
//! git's store. The shortest way that reaches all that holds it is the one that is told.

use bstr::{BString, ByteSlice};

use super::forge::{Place, Server};
use super::{Case, Line, Step, step};
use crate::archive;
use crate::audit::Entry;
use crate::change::EntryKind;
use crate::shell::{pathspec, quoted, quoted_path, shown};

/// A bound: a rebase of more commits is no short way.
const SHORT: usize = 30;

/// Has git forget all that no ref holds.
const EXPIRE: &str = "git reflog expire --expire=now --expire-unreachable=now --all";
const COLLECT: &str = "git gc --prune=now";

/// How the commits lie that have a secret.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    /// The branch of HEAD.
    pub(crate) branch: Option<BString>,
    /// The commits from the first one that has it to HEAD, if they lie in one line.
    pub(crate) line: Option<usize>,
    /// Whether the first one has a parent.
    pub(crate) has_parent: bool,
}

/// How a secret comes out of its commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// No commit of a branch has it.
    Nothing,
    /// The last commit has it, and no other.
    Amend,
    /// A few commits of this branch have it.
    Rebase,
    /// More has it: all of that is rewritten.
    Rewrite,
    /// Commits are opened by hand: what says it is no text of a file or a message.
    ByHand,
    /// Its text was replaced, and it is still there: the file goes as a whole.
    Remove,
}

fn way(case: &Case<'_>) -> Way {
    let entry = case.entry;
    let (Some(_), false) = (&entry.first, entry.branches.is_empty()) else {
        return Way::Nothing;
    };
    let is_file = entry.kinds == [EntryKind::File] && !entry.in_name;
    if case.replaced && is_file {
        return Way::Remove;
    }
    let is_secret = super::secret(entry).is_some();
    let is_alone = is_alone(case);
    match case.shape.line {
        Some(1) if is_alone && !entry.kinds.contains(&EntryKind::Member) => Way::Amend,
        Some(2..=SHORT) if is_alone && is_file && is_secret && entry.in_head => Way::Rebase,
        _ if entry.kinds.contains(&EntryKind::Header) => Way::ByHand,
        _ if !is_secret || entry.kinds.contains(&EntryKind::Member) => Way::Remove,
        _ => Way::Rewrite,
    }
}

/// What goes with the last commits: HEAD, what is staged, and the message that git keeps of a commit.
const OWN: &[&str] = &["HEAD", "the index", "a file in git's directory"];

/// Whether the branch of HEAD alone has it, here and on the remotes.
fn is_alone(case: &Case<'_>) -> bool {
    let Some(branch) = &case.shape.branch else {
        return false;
    };
    let entry = case.entry;
    let mut pushed = entry.pushed.iter();
    let is_own =
        |remote: &str, tracked: &BString| branch_of(remote, tracked) == Some(branch.as_slice());
    entry.branches == [branch.clone()]
        && entry.tags.is_empty()
        && entry
            .held_by
            .iter()
            .all(|it| OWN.iter().any(|own| it == own))
        && pushed.all(|it| {
            it.branches
                .iter()
                .all(|tracked| is_own(&it.remote, tracked))
        })
}

/// The branch of a remote that a name such as `origin/main` stands for.
fn branch_of<'t>(remote: &str, tracked: &'t [u8]) -> Option<&'t [u8]> {
    tracked.strip_prefix(remote.as_bytes())?.strip_prefix(b"/")
}

/// The steps, from the files to git's store.
pub(super) fn steps(case: &Case<'_>, steps: &mut Vec<Step>) {
    let entry = case.entry;
    let way = way(case);
    files(case, way, steps);
    if let Some(step) = history(case, way) {
        steps.push(step);
    }
    if !entry.pushed.is_empty() {
        push(case, way, steps);
        remote(case, steps);
    }
    steps.push(forget(entry, way));
    let mut check = vec![Line::command("keyward audit --unreachable")];
    if way == Way::Rewrite {
        check.push(Line::text(format!(
            "if it is still told there, it is in a form that no text has: keyward respond {} knows how to go on",
            entry.id()
        )));
    }
    steps.push(Step::new(
        step::CHECK,
        "See that nothing here has it any more",
        check,
    ));
    if !entry.pushed.is_empty() {
        let lines = vec![
            Line::text(
                "who has a clone takes the new history, and merges nothing of the old one into it:",
            ),
            Line::command("git fetch --all --prune && git reset --hard @{upstream}"),
            Line::text("work of their own goes along by git rebase --onto; or they clone anew"),
        ];
        steps.push(Step::new(
            step::OTHERS,
            "Tell everybody who has a clone, a fork or a pull request",
            lines,
        ));
    }
}

/// Out of the files as they are now.
fn files(case: &Case<'_>, way: Way, steps: &mut Vec<Step>) {
    let entry = case.entry;
    // What another working tree has staged is there, and no file here.
    let is_elsewhere = entry.held_by.iter().any(|it| it.starts_with(b"worktree "));
    let is_used = entry.in_head || entry.in_worktree || (entry.staged && !is_elsewhere);
    let is_secret = super::secret(entry).is_some();
    if !is_used
        || entry
            .kinds
            .iter()
            .any(|kind| !kind.is_named() && *kind != EntryKind::Member)
    {
        return;
    }
    let paths: Vec<&BString> = entry.paths.iter().collect();
    let mut lines = Vec::new();
    if entry.in_name {
        lines.push(Line::command("git mv OLD NEW"));
    } else if is_secret {
        lines.push(Line::text(case.mend.clone()));
        if entry.in_worktree {
            lines.push(Line::text(format!(
                "or have it done: keyward fix {}",
                entry.id()
            )));
        }
        let staged: Vec<String> = paths
            .iter()
            .map(|path| pathspec(archive::file_of(path)))
            .collect();
        lines.push(Line::command(format!("git add {}", staged.join(" "))));
    } else {
        let named: Vec<String> = paths.iter().map(|path| pathspec(path)).collect();
        lines.push(Line::command(format!(
            "git rm --cached -- {}",
            named.join(" ")
        )));
    }
    if matches!(way, Way::Rewrite | Way::Remove | Way::ByHand) && entry.in_head {
        lines.push(Line::command(
            "git commit -m \"Take a key out of the files\"",
        ));
    }
    steps.push(Step::new(step::FILES, "Take it out of the files", lines));
}

/// Out of the commits.
fn history(case: &Case<'_>, way: Way) -> Option<Step> {
    let entry = case.entry;
    let first = entry.first.as_ref().map_or("", |it| it.id.as_str());
    let before = match case.shape.has_parent {
        true => format!("{first}^"),
        false => "--root".to_owned(),
    };
    let is_said = entry.kinds.contains(&EntryKind::Message);
    let is_header = entry.kinds.contains(&EntryKind::Header);
    let refs = rewritten(entry, case.shape.has_parent);
    let refs: Vec<String> = refs.iter().map(|name| quoted(name)).collect();
    let (title, lines) = match way {
        Way::Nothing => return None,
        Way::Amend => {
            let command = match (is_header, is_said) {
                (true, _) => "git commit --amend --no-edit --reset-author",
                (_, true) => "git commit --amend",
                _ => "git commit --amend --no-edit",
            };
            (
                "Take it out of the last commit, which alone has it",
                vec![Line::command(command)],
            )
        }
        Way::Rebase => (
            "Take it out of the commits of this branch",
            vec![
                Line::command(format!("git commit --fixup={first}")),
                Line::command(format!(
                    "git -c sequence.editor=: rebase -i --autosquash {before}"
                )),
                Line::text(
                    "where git stops at a conflict: take the line without the key, git add it, git rebase --continue",
                ),
            ],
        ),
        Way::ByHand => (
            "Take it out of the commit that says it",
            vec![
                Line::command(format!("git rebase -i {before}")),
                Line::text(
                    "mark it `edit`; there: git commit --amend --reset-author, with a name and an address without the key; then git rebase --continue",
                ),
            ],
        ),
        Way::Rewrite => (
            "Take it out of all commits, branches and tags that have it",
            vec![
                Line::command(format!("keyward respond {} --rewrite", entry.id())),
                Line::text(
                    "runs git filter-repo and hands it the key by a pipe, in no file and no argument; it comes with: pip install git-filter-repo",
                ),
            ],
        ),
        Way::Remove => (
            "Take the file out of all commits, branches and tags that have it",
            vec![Line::command(format!(
                "git filter-repo --force --partial --replace-refs delete-no-add --invert-paths {}--refs {}",
                removed(entry),
                refs.join(" ")
            ))],
        ),
    };
    Some(Step::new(step::HISTORY, title, lines))
}

fn removed(entry: &Entry) -> String {
    let paths = entry.paths.iter();
    let files = paths.map(|path| archive::file_of(path));
    files
        .map(|path| format!("--path {} ", quoted(path)))
        .collect()
}

/// What of a repository is rewritten: the refs that have a secret, without the commits before it.
pub(crate) fn rewritten(entry: &Entry, has_parent: bool) -> Vec<BString> {
    let mut refs = entry.refs.clone();
    if let Some(first) = entry.first.as_ref().filter(|_| has_parent) {
        refs.push(format!("^{}^", first.id).into());
    }
    refs
}

/// Off the branches of the remotes.
fn push(case: &Case<'_>, way: Way, steps: &mut Vec<Step>) {
    let entry = case.entry;
    let mut lines = Vec::new();
    let force = match way {
        // The branches that tell what a remote has are rewritten, too, and no proof of it.
        Way::Rewrite | Way::Remove => "--force",
        _ => "--force-with-lease",
    };
    for remote in &entry.pushed {
        let name = quoted(remote.remote.as_bytes());
        for tracked in &remote.branches {
            let Some(branch) = branch_of(&remote.remote, tracked) else {
                continue;
            };
            let is_here = entry.branches.iter().any(|it| **it == *branch);
            let what = match (is_here, way) {
                (true, _) => quoted(branch),
                (false, Way::Nothing) => {
                    let gone = [b":refs/heads/", branch].concat();
                    lines.push(Line::text(format!(
                        "{} has it, and no branch here: delete it there, or take it here and begin again",
                        shown(tracked)
                    )));
                    quoted(&gone)
                }
                (false, _) => {
                    let from = [b"refs/remotes/", &***tracked, b":refs/heads/", branch].concat();
                    quoted(&from)
                }
            };
            lines.push(Line::command(format!("git push {force} {name} {what}")));
        }
        for tag in entry.tags.iter().take(super::NAMED) {
            let tag = [b"refs/tags/", &***tag].concat();
            let what = match entry.branches.is_empty() {
                true => quoted(&[b":", &*tag].concat()),
                false => quoted(&tag),
            };
            lines.push(Line::text(format!(
                "if {name} has the tag (git ls-remote --tags {name}):"
            )));
            lines.push(Line::command(format!("git push --force {name} {what}")));
        }
    }
    if lines.is_empty() {
        return;
    }
    lines.push(Line::text(
        "a protected branch has to be opened for it; close it again",
    ));
    steps.push(Step::new(
        step::PUSH,
        "Overwrite what the remote has; nobody pushes meanwhile",
        lines,
    ));
}

/// Out of what a remote keeps after that.
fn remote(case: &Case<'_>, steps: &mut Vec<Step>) {
    let mut lines = Vec::new();
    for remote in case.remotes {
        if !case.entry.pushed.iter().any(|it| it.remote == remote.name) {
            continue;
        }
        match &remote.place {
            Place::Here(directory) => {
                let directory = quoted_path(directory);
                for command in [EXPIRE, COLLECT] {
                    let command = command.replacen("git", &format!("git -C {directory}"), 1);
                    lines.push(Line::command(command));
                }
            }
            Place::There(server) => there(&remote.name, server, &mut lines),
        }
    }
    if !lines.is_empty() {
        let title = "Have the remote forget it: overwritten is not gone";
        steps.push(Step::new(step::REMOTE, title, lines));
    }
}

fn there(name: &str, server: &Server, lines: &mut Vec<Line>) {
    if let Some(forge) = server.forge {
        lines.push(Line::text(format!("{}; {}", forge.keeps, forge.ask)));
        lines.extend(server.page().map(Line::Page));
        if !forge.guide.is_empty() {
            lines.push(Line::Page(forge.guide.clone()));
        }
        return;
    }
    let host = match server.host.as_str() {
        "" => shown(name.as_bytes()),
        host => host.to_owned(),
    };
    lines.push(Line::text(format!(
        "whoever runs {host} does this in the repository there:"
    )));
    lines.push(Line::command(EXPIRE));
    lines.push(Line::command(COLLECT));
}

/// Out of git's store here.
fn forget(entry: &Entry, way: Way) -> Step {
    let mut lines = Vec::new();
    let holds = |word: &str| entry.held_by.iter().any(|it| it.contains_str(word));
    lines.extend(entry.frees.iter().map(Line::command));
    if holds("the stash") && !matches!(way, Way::Rewrite | Way::Remove) {
        lines.push(Line::text(
            "the stash goes as a whole: apply what you still need before",
        ));
        if !entry.frees.iter().any(|it| it.ends_with("refs/stash")) {
            lines.push(Line::command("git update-ref -d refs/stash"));
        }
    }
    for holder in &entry.held_by {
        if let Some(tree) = holder.strip_prefix(b"worktree ") {
            lines.push(Line::command(format!(
                "git worktree remove {}",
                quoted(tree)
            )));
        }
    }
    if holds("a file in git's directory") {
        lines.extend(own_files(entry));
    }
    lines.push(Line::command(EXPIRE));
    lines.push(Line::command(COLLECT));
    lines.push(Line::text(
        "that empties the logs of refs and drops older stashes; if it is there after all: git worktree list, and packs with a .keep file",
    ));
    Step::new(step::FORGET, "Have git forget it here", lines)
}

/// Takes away the files of git's own that have it.
fn own_files(entry: &Entry) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for path in &entry.paths {
        let name: &[u8] = match path.strip_prefix(b"rr-cache/") {
            Some(_) => b"rr-cache",
            None if path.ends_with(b"_EDITMSG") || path.ends_with(b"_MSG") => path,
            None => continue,
        };
        let command = format!("rm -r \"$(git rev-parse --git-path {})\"", quoted(name));
        if !lines.contains(&Line::Command(command.clone())) {
            lines.push(Line::Command(command));
        }
    }
    lines
}
