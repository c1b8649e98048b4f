//! Tools that run hooks from a file that the team shares: whether one of them calls keyward, and how keyward
//! is put into it.
//!
//! What such a file says is told as what it says, and is no proof: only a run is one.

use std::path::Path;

use bstr::ByteSlice;

use super::HookKind;
use super::inspect::{Found, What};

/// A tool that runs hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framework {
    /// pre-commit, or prek, which reads the same file.
    PreCommit,
    /// lefthook.
    Lefthook,
    /// Another one, which nobody is advised on.
    Other,
}

/// The files of such tools at the top of a repository.
const FILES: [(&str, Framework); 22] = [
    (".pre-commit-config.yaml", Framework::PreCommit),
    (".pre-commit-config.yml", Framework::PreCommit),
    ("prek.toml", Framework::PreCommit),
    ("lefthook.yml", Framework::Lefthook),
    ("lefthook.yaml", Framework::Lefthook),
    ("lefthook.toml", Framework::Lefthook),
    ("lefthook.json", Framework::Lefthook),
    (".lefthook.yml", Framework::Lefthook),
    (".lefthook.yaml", Framework::Lefthook),
    (".lefthook.toml", Framework::Lefthook),
    (".lefthook.json", Framework::Lefthook),
    (".overcommit.yml", Framework::Other),
    (".simple-git-hooks.json", Framework::Other),
    (".simple-git-hooks.js", Framework::Other),
    (".simple-git-hooks.cjs", Framework::Other),
    ("package.json", Framework::Other),
    (".lintstagedrc", Framework::Other),
    (".lintstagedrc.json", Framework::Other),
    (".lintstagedrc.yaml", Framework::Other),
    (".lintstagedrc.yml", Framework::Other),
    ("lint-staged.config.js", Framework::Other),
    ("lint-staged.config.mjs", Framework::Other),
];

/// The ids of `.pre-commit-hooks.yaml`, behind `keyward` or `keyward-system`, and when they run.
const IDS: [(&str, &[HookKind]); 5] = [
    ("", &[HookKind::PreCommit, HookKind::PreMergeCommit]),
    ("-message", &[HookKind::CommitMsg]),
    ("-unchecked", &[HookKind::PrepareCommitMsg]),
    ("-made", &[HookKind::PostCommit]),
    ("-push", &[HookKind::PrePush]),
];

/// What calls keyward in a hook that is not keyward's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The hook itself.
    Hook,
    /// The file of its tool, at the top of the repository.
    File(&'static str),
}

/// What calls keyward in a hook of somebody else's, as far as can be read.
pub(crate) fn caller(found: &Found, kind: HookKind, top: Option<&Path>) -> Option<Caller> {
    match found.what {
        What::Mention => Some(Caller::Hook),
        What::Foreign => top
            .and_then(|top| file_for(top, kind, found))
            .map(Caller::File),
        What::Nothing | What::NoFile | What::Empty | What::Keyward { .. } => None,
    }
}

/// The file of the tool that a hook starts, if it has keyward called for that kind.
fn file_for(top: &Path, kind: HookKind, hook: &Found) -> Option<&'static str> {
    let started = crate::disk::read_regular(&hook.path, MOST_BYTES)
        .ok()
        .flatten()
        .unwrap_or_default();
    let mut files = there(top);
    let file = files.find(|(_, framework, text)| {
        framework.is_started_by(&started)
            && (calls(text, kind) || (*framework == Framework::PreCommit && has_id(text, kind)))
    });
    file.map(|(name, ..)| name)
}

/// A bound: no such file is longer.
const MOST_BYTES: u64 = 1 << 20;

/// The files that are there.
fn there(top: &Path) -> impl Iterator<Item = (&'static str, Framework, Vec<u8>)> {
    FILES.iter().filter_map(move |&(name, framework)| {
        let text = crate::disk::read_regular(&top.join(name), MOST_BYTES).ok()??;
        Some((name, framework, text))
    })
}

/// The tools that a repository is set up for and that do not call keyward there.
pub(crate) fn to_be_told(top: &Path) -> Vec<Framework> {
    let mut found = Vec::new();
    for (_, framework, text) in there(top) {
        let calls = |&kind: &HookKind| calls(&text, kind) || has_id(&text, kind);
        let is_known = framework == Framework::Other || found.contains(&framework);
        if !is_known && !HookKind::ALL.iter().any(calls) {
            found.push(framework);
        }
    }
    found
}

/// Whether a text calls `keyward hook KIND`, outside of comments.
pub(super) fn calls(text: &[u8], kind: HookKind) -> bool {
    let mut lines = text.lines();
    lines.any(|line| {
        let words: Vec<&[u8]> = words(line).collect();
        (0..words.len()).any(|at| {
            let is_program = words[at].rsplit(|&b| b == b'/' || b == b'\\').next();
            let is_program = is_program.map(|it| it.strip_suffix(b".exe").unwrap_or(it));
            let mut behind = words[at + 1..].iter();
            is_program == Some(b"keyward")
                && behind.next() == Some(&&b"hook"[..])
                && behind.find(|word| !word.starts_with(b"--")) == Some(&kind.name().as_bytes())
        })
    })
}

/// The words of a line as shells, YAML, JSON and TOML separate them, up to a comment.
fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| b" \t\"',[]{}()`;".contains(b))
        .filter(|word| !word.is_empty())
        .take_while(|word| !word.starts_with(b"#") && !word.starts_with(b"//"))
}

/// Whether a file of pre-commit's has an id of keyward's that runs then.
fn has_id(text: &[u8], kind: HookKind) -> bool {
    let mut found = Id::default();
    for line in text.lines() {
        let words: Vec<&[u8]> = words(line)
            .filter(|word| *word != b"-" && *word != b"=")
            .collect();
        let Some((first, rest)) = words.split_first() else {
            continue;
        };
        // `stages:` alone, and an item on each line below it.
        if found.lists_stages && rest.is_empty() && !first.ends_with(b":") {
            found.is_staged |= is_stage(first, kind);
            continue;
        }
        match first.strip_suffix(b":").unwrap_or(first) {
            b"id" => {
                if found.runs() {
                    return true;
                }
                found = Id::default();
                found.is_known = rest.first().is_some_and(|id| runs_at(id, kind));
                // Behind it on one line, too.
                if let Some(at) = rest.iter().position(|word| *word == b"stages:") {
                    found.stages(&rest[at + 1..], kind);
                }
            }
            b"repo" => {
                if found.runs() {
                    return true;
                }
                found = Id::default();
            }
            b"stages" => found.stages(rest, kind),
            _ => found.lists_stages = false,
        }
    }
    found.runs()
}

/// An id, and whether what stands below it lets it run.
#[derive(Default)]
struct Id {
    is_known: bool,
    /// It says when it runs, and that is not when the catalog of ids says.
    has_stages: bool,
    is_staged: bool,
    /// The stages stand on the lines below.
    lists_stages: bool,
}

impl Id {
    fn runs(&self) -> bool {
        self.is_known && (!self.has_stages || self.is_staged)
    }

    fn stages(&mut self, words: &[&[u8]], kind: HookKind) {
        self.has_stages = true;
        self.lists_stages = words.is_empty();
        self.is_staged = words.iter().any(|word| is_stage(word, kind));
    }
}

/// Whether a stage is that kind of hook, by its name or by the one that pre-commit had for it before.
fn is_stage(word: &[u8], kind: HookKind) -> bool {
    let name = kind.name().as_bytes();
    word == name || name.strip_prefix(b"pre-").is_some_and(|old| word == old)
}

fn runs_at(id: &[u8], kind: HookKind) -> bool {
    let Some(rest) = id.strip_prefix(b"keyward") else {
        return false;
    };
    let rest = rest.strip_prefix(b"-system").unwrap_or(rest);
    let mut ids = IDS.iter();
    ids.any(|(end, kinds)| end.as_bytes() == rest && kinds.contains(&kind))
}

impl Framework {
    /// Whether a hook starts that tool. A hook of somebody's own beside the file of a tool does not.
    fn is_started_by(self, hook: &[u8]) -> bool {
        let words: &[&str] = match self {
            Self::PreCommit => &[
                "generated by pre-commit",
                "generated by prek",
                "hook-impl",
                "hook_impl",
                "pre_commit",
                "pre-commit run",
                "prek run",
            ],
            Self::Lefthook => &["lefthook"],
            Self::Other => &[
                "bun",
                "husky",
                "lint-staged",
                "npm",
                "npx",
                "overcommit",
                "simple-git-hooks",
                "yarn",
            ],
        };
        words.iter().any(|word| hook.contains_str(word))
    }

    /// How the team has it, in a line.
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            Self::PreCommit => {
                "This repository uses pre-commit: to bring keyward to the team, add \
                 https://github.com/keyward/keyward with the id `keyward` to .pre-commit-config.yaml"
            }
            Self::Lefthook => {
                "This repository uses lefthook, which may write its hooks over keyward's: add \
                 `run: keyward hook pre-commit` to the jobs of pre-commit in its file"
            }
            Self::Other => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_read_in_every_notation_and_not_in_comments() {
        for (text, expected) in [
            ("keyward hook pre-commit", true),
            ("exec '/opt/keyward' hook pre-commit \"$@\"", true),
            ("exec C:\\bin\\keyward.exe hook pre-commit", true),
            ("    - run: keyward hook --global pre-commit", true),
            ("command: ['keyward', 'hook', 'pre-commit']", true),
            (
                "\"pre-commit\": \"npx keyward hook pre-commit && npm test\"",
                true,
            ),
            ("# keyward hook pre-commit", false),
            ("true # keyward hook pre-commit", false),
            ("keyward hook pre-push", false),
            ("keyward scan", false),
            ("mykeyward hook pre-commit", false),
            ("keyward hook", false),
        ] {
            assert_eq!(
                calls(text.as_bytes(), HookKind::PreCommit),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn the_ids_of_pre_commit_are_known_with_their_stages() {
        let file = |items: &str| format!("repos:\n- repo: x\n  rev: y\n  hooks:\n{items}");
        for (items, kind, expected) in [
            ("  - id: keyward\n", HookKind::PreCommit, true),
            (
                "  - id: keyward-system  # ours\n",
                HookKind::PreMergeCommit,
                true,
            ),
            ("  - id: keyward\n", HookKind::PrePush, false),
            (
                "  - id: keyward-push\n  - id: other\n",
                HookKind::PrePush,
                true,
            ),
            ("  # - id: keyward\n", HookKind::PreCommit, false),
            (
                "  - id: keyward\n    stages: [manual]\n",
                HookKind::PreCommit,
                false,
            ),
            (
                "  - id: keyward\n    stages: [commit]\n",
                HookKind::PreCommit,
                true,
            ),
            (
                "  - id: keyward\n    stages:\n      - manual\n",
                HookKind::PreCommit,
                false,
            ),
            (
                "  - id: keyward\n    stages:\n    - manual\n    - pre-commit\n    verbose: true\n",
                HookKind::PreCommit,
                true,
            ),
            (
                "  - {id: keyward, stages: [manual]}\n",
                HookKind::PreCommit,
                false,
            ),
            ("  - id: keywarden\n", HookKind::PreCommit, false),
            ("  - {id: keyward}\n", HookKind::PreCommit, true),
        ] {
            assert_eq!(
                has_id(file(items).as_bytes(), kind),
                expected,
                "{items} {kind}"
            );
        }
    }
}
