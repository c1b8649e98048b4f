//! Files that keep an agent in check, which it may not change itself.

/// What a file keeps in check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guarded {
    /// What keyward lets pass.
    AllowList,
    /// How keyward judges.
    Settings,
    /// What git runs, and what it runs it by.
    Hooks,
    /// The program.
    Program,
    /// A file that may start keyward: of it, what starts keyward has to stay.
    Starter,
}

impl Guarded {
    /// What it is, in a few words.
    pub(crate) const fn about(self) -> &'static str {
        match self {
            Self::AllowList => "what keyward lets pass is for a person to decide",
            Self::Settings => "how keyward judges is for a person to decide",
            Self::Hooks => "git's hooks check commits, and stay as they are",
            Self::Program => "that is keyward itself, which asks what you do",
            Self::Starter => "what starts keyward has to stay in it",
        }
    }
}

/// Files that start keyward, by the ends of their paths.
const STARTERS: &[&str] = &[
    ".amp/plugins/keyward.ts",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".clinerules/hooks/posttooluse",
    ".clinerules/hooks/posttooluse.ps1",
    ".clinerules/hooks/pretooluse",
    ".clinerules/hooks/pretooluse.ps1",
    ".clinerules/hooks/userpromptsubmit",
    ".clinerules/hooks/userpromptsubmit.ps1",
    ".codeium/windsurf/hooks.json",
    ".codex/config.toml",
    ".codex/hooks.json",
    ".config/amp/plugins/keyward.ts",
    ".config/devin/config.json",
    ".config/kilo/plugin/keyward.js",
    ".config/opencode/plugin/keyward.js",
    ".copilot/hooks/keyward.json",
    ".copilot/settings.json",
    ".cursor/hooks.json",
    ".devin/hooks.v1.json",
    ".factory/hooks.json",
    ".factory/settings.json",
    ".gemini/settings.json",
    ".github/hooks/keyward.json",
    ".husky/commit-msg",
    ".husky/pre-commit",
    ".husky/pre-push",
    ".kilo/plugin/keyward.js",
    ".kimi-code/config.toml",
    ".kiro/hooks/keyward.json",
    ".lefthook.yml",
    ".opencode/plugin/keyward.js",
    ".pre-commit-config.yaml",
    ".qwen/settings.json",
    ".vibe/hooks.toml",
    ".windsurf/hooks.json",
    "documents/cline/hooks/posttooluse",
    "documents/cline/hooks/posttooluse.ps1",
    "documents/cline/hooks/pretooluse",
    "documents/cline/hooks/pretooluse.ps1",
    "documents/cline/hooks/userpromptsubmit",
    "documents/cline/hooks/userpromptsubmit.ps1",
    "lefthook.yml",
    "package.json",
    "prek.toml",
];

/// What a file keeps in check, by its path; `None` for nearly every file.
pub(crate) fn guarded(path: &str) -> Option<Guarded> {
    let path = path.replace('\\', "/").to_ascii_lowercase();
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let last = parts.last().copied().unwrap_or_default();
    match last {
        ".keyward.allow" => return Some(Guarded::AllowList),
        ".keyward.toml" => return Some(Guarded::Settings),
        _ => {}
    }
    if matches!(last, "keyward" | "keyward.exe") && parts.iter().rev().nth(1) == Some(&"bin") {
        return Some(Guarded::Program);
    }
    if last == "config.toml" && parts.iter().rev().nth(1) == Some(&"keyward") {
        return Some(Guarded::Settings);
    }
    let git = parts.iter().position(|part| *part == ".git");
    if let Some(at) = git {
        let below = &parts[at + 1..];
        let is_hook = below.first() == Some(&"hooks") || below.contains(&"hooks");
        return match below {
            [] | ["config" | "config.worktree"] => Some(Guarded::Hooks),
            _ if is_hook => Some(Guarded::Hooks),
            _ => None,
        };
    }
    // What husky has git run.
    if parts.windows(2).any(|pair| pair == [".husky", "_"]) {
        return Some(Guarded::Hooks);
    }
    if last == ".gitconfig" || path.ends_with(".config/git/config") {
        return Some(Guarded::Hooks);
    }
    let whole = parts.join("/");
    let fits = |end: &&str| {
        whole
            .strip_suffix(*end)
            .is_some_and(|before| before.is_empty() || before.ends_with('/'))
    };
    STARTERS.iter().any(fits).then_some(Guarded::Starter)
}

/// The files that start keyward, from a directory on in which such files lie; none for nearly every directory.
pub(crate) fn starters_below(directory: &str) -> Vec<String> {
    let directory = directory.replace('\\', "/").to_ascii_lowercase();
    let directory = directory.trim_end_matches('/');
    let below = |starter: &&str| {
        let ways = starter.match_indices('/');
        ways.rev().find_map(|(at, _)| {
            let (before, below) = (&starter[..at], &starter[at + 1..]);
            let outer = directory.strip_suffix(before)?;
            (outer.is_empty() || outer.ends_with('/')).then(|| below.to_owned())
        })
    };
    STARTERS.iter().filter_map(below).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_an_agent_in_check_is_known() {
        assert!(STARTERS.is_sorted());
        use Guarded::*;
        for (path, expected) in [
            (".keyward.allow", Some(AllowList)),
            ("/w/a/.keyward.toml", Some(Settings)),
            (r"C:\w\.Keyward.TOML", Some(Settings)),
            ("/home/a/.config/keyward/config.toml", Some(Settings)),
            (".git/hooks/pre-commit", Some(Hooks)),
            ("a/../.git/./hooks", Some(Hooks)),
            ("/w/.git/config", Some(Hooks)),
            (".git/worktrees/x/hooks/pre-push", Some(Hooks)),
            ("~/.gitconfig", Some(Hooks)),
            (".git", Some(Hooks)),
            (".husky/pre-commit", Some(Starter)),
            (".husky/_/pre-commit", Some(Hooks)),
            (".husky/_", Some(Hooks)),
            ("/w/.claude/settings.json", Some(Starter)),
            ("x.claude/settings.json", None),
            ("/home/a/.cargo/bin/keyward", Some(Program)),
            (r"C:\x\bin\keyward.exe", Some(Program)),
            ("src/keyward", None),
            (".git/COMMIT_EDITMSG", None),
            (".git/info/exclude", None),
            ("src/hooks/use.ts", None),
            (".github/workflows/a.yml", None),
            ("config.toml", None),
            ("", None),
        ] {
            assert_eq!(guarded(path), expected, "{path}");
        }
    }

    #[test]
    fn a_directory_has_files_that_start_keyward() {
        for (directory, expected) in [
            ("/w/.husky", &["commit-msg", "pre-commit", "pre-push"][..]),
            (".cursor/", &["hooks.json"]),
            ("/w/.codeium", &["windsurf/hooks.json"]),
            ("/w/.config/devin", &["config.json"]),
            ("/w/x.husky", &[]),
            ("/w", &[]),
            ("/w/node_modules", &[]),
            ("", &[]),
        ] {
            assert_eq!(starters_below(directory), expected, "{directory}");
        }
    }
}
