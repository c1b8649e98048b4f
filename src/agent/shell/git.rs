//! What a call of git, or of what runs its hooks, would do to the hooks.

use super::super::protect::{Guarded, guarded};
use super::value::Field;
use super::{Judge, LET_HOOKS_RUN, Said, Source, Step, base};

/// The options of git itself that have a value of their own behind them.
const OWN_VALUED: &[&str] = &[
    "-C",
    "-c",
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--exec-path",
    "--super-prefix",
    "--config-env",
    "--attr-source",
];

/// A subcommand that runs hooks, and how it is told not to.
struct Hooked {
    name: &'static str,
    /// The letters of its short options that have a value.
    valued: &'static str,
    /// Whether `-n` stands for `--no-verify`.
    short: bool,
    /// The long options that have a value behind them.
    long: &'static [&'static str],
}

const HOOKED: &[Hooked] = &[
    Hooked {
        name: "am",
        valued: "Cp",
        short: true,
        long: &["--directory", "--exclude", "--include", "--whitespace"],
    },
    Hooked {
        name: "commit",
        valued: "mFCctUu",
        short: true,
        long: &[
            "--message",
            "--file",
            "--author",
            "--date",
            "--template",
            "--reuse-message",
            "--reedit-message",
            "--fixup",
            "--squash",
            "--cleanup",
            "--trailer",
            "--pathspec-from-file",
        ],
    },
    Hooked {
        name: "merge",
        valued: "mFsX",
        short: false,
        long: &["--message", "--file", "--strategy", "--into-name"],
    },
];

/// Options of any subcommand that have a value behind them.
const VALUED: &[&str] = &[
    "-m",
    "-F",
    "--message",
    "--file",
    "--author",
    "--date",
    "--grep",
    "-S",
    "-G",
];

/// Subcommands that make commits or move branches past every hook.
const PLUMBING: &[&str] = &[
    "commit-tree",
    "fast-import",
    "http-push",
    "send-pack",
    "update-ref",
];

/// Subcommands that take `--no-verify`.
const VERIFIED: &[&str] = &["am", "commit", "merge", "pull", "push", "rebase"];

/// Git's other subcommands, sorted: what is none of these is an alias, or a program of somebody's.
const OTHERS: &[&str] = &[
    "add",
    "annotate",
    "apply",
    "archive",
    "bisect",
    "blame",
    "branch",
    "bundle",
    "cat-file",
    "check-attr",
    "check-ignore",
    "checkout",
    "cherry",
    "cherry-pick",
    "clean",
    "clone",
    "config",
    "count-objects",
    "credential",
    "describe",
    "diff",
    "diff-files",
    "diff-index",
    "diff-tree",
    "difftool",
    "fetch",
    "filter-branch",
    "for-each-ref",
    "format-patch",
    "fsck",
    "gc",
    "grep",
    "hash-object",
    "help",
    "init",
    "lfs",
    "log",
    "ls-files",
    "ls-remote",
    "ls-tree",
    "maintenance",
    "merge-base",
    "mv",
    "notes",
    "prune",
    "range-diff",
    "read-tree",
    "reflog",
    "remote",
    "repack",
    "replace",
    "reset",
    "restore",
    "rev-list",
    "rev-parse",
    "revert",
    "rm",
    "send-email",
    "shortlog",
    "show",
    "show-ref",
    "sparse-checkout",
    "stash",
    "status",
    "submodule",
    "subtree",
    "svn",
    "switch",
    "symbolic-ref",
    "tag",
    "update-index",
    "var",
    "verify-commit",
    "verify-tag",
    "whatchanged",
    "worktree",
    "write-tree",
];

/// Variables that name what git runs.
const RUN: &[&str] = &[
    "EDITOR",
    "GIT_ASKPASS",
    "GIT_EDITOR",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_SEQUENCE_EDITOR",
    "GIT_SSH_COMMAND",
    "PAGER",
    "VISUAL",
];

/// The ends of settings that name what git runs.
const RUN_BY_SETTING: &[&str] = &[
    ".askpass",
    ".cmd",
    ".driver",
    ".editor",
    ".external",
    ".fsmonitor",
    ".helper",
    ".pager",
    ".program",
    ".sshcommand",
    ".textconv",
];

/// Variables that keep hooks from running and have no other use.
const SWITCHES: &[&str] = &[
    "HUSKY",
    "HUSKY_SKIP_HOOKS",
    "LEFTHOOK",
    "OVERCOMMIT_DISABLE",
    "PRE_COMMIT_ALLOW_NO_CONFIG",
    "SKIP_SIMPLE_GIT_HOOKS",
];

/// Whether a variable keeps hooks from running, or has git look for them elsewhere.
fn goes_around(name: &str, value: &str) -> bool {
    let is_off = matches!(value, "0" | "false" | "off" | "no");
    match name {
        "HUSKY" | "LEFTHOOK" => is_off,
        "SKIP"
        | "LEFTHOOK_EXCLUDE"
        | "PRE_COMMIT_ALLOW_NO_CONFIG"
        | "OVERCOMMIT_DISABLE"
        | "HUSKY_SKIP_HOOKS"
        | "SKIP_SIMPLE_GIT_HOOKS"
        | "GIT_TEMPLATE_DIR"
        | "GIT_EXEC_PATH" => !value.is_empty(),
        "KEYWARD_SELF_TEST" | "KEYWARD_SYSTEM_CONFIG" => true,
        _ => name.starts_with("GIT_CONFIG"),
    }
}

/// Whether a setting of git, by its key in lower case, has hooks looked for elsewhere or not at all.
fn moves_hooks(key: &str) -> bool {
    key == "core.hookspath"
        || key == "init.templatedir"
        || key == "include.path"
        || (key.starts_with("includeif.") && key.ends_with(".path"))
        || key.starts_with("hook.")
}

/// Whether an option is `--no-verify`, or as much of it as git takes for it.
pub(super) fn is_no_verify(option: &str) -> bool {
    const WHOLE: &str = "--no-verify";
    option.len() >= "--no-v".len() && WHOLE.starts_with(option)
}

impl Judge {
    pub(super) fn git(&mut self, words: &[&str], set: &[(String, String)]) -> Said {
        self.switched_off(set);
        let mut at = 0;
        let mut aliases: Vec<(&str, &str)> = Vec::new();
        while let Some(word) = words.get(at).filter(|word| word.starts_with('-')) {
            let (option, value) = match word.split_once('=') {
                Some((option, value)) => (option, Some(value)),
                None if OWN_VALUED.contains(word) => {
                    at += 1;
                    (*word, words.get(at).copied())
                }
                // `-ckey=value` is one word, too.
                None => (*word, None),
            };
            at += 1;
            let setting = match option {
                "--exec-path" if value.is_some() => {
                    self.refuse("git would look for its programs elsewhere", LET_HOOKS_RUN);
                    None
                }
                "-c" | "--config-env" => value,
                _ if word.starts_with("-c") && !word.starts_with("--") => word.get(2..),
                _ if is_no_verify(option) => {
                    self.refuse("it skips the hooks", LET_HOOKS_RUN);
                    None
                }
                _ => None,
            };
            if let Some(setting) = setting {
                let (key, value) = setting.split_once('=').unwrap_or((setting, ""));
                self.setting(key);
                self.run_by_setting(key, value);
                if let Some((_, name)) = key
                    .split_once('.')
                    .filter(|(of, _)| of.eq_ignore_ascii_case("alias"))
                {
                    aliases.push((name, value));
                }
            }
        }
        let Some((&subcommand, rest)) = words.get(at..).and_then(<[&str]>::split_first) else {
            return Said::default();
        };
        if let Some((_, value)) = aliases.iter().find(|(name, _)| *name == subcommand) {
            return self.alias(value, rest);
        }
        if VERIFIED.contains(&subcommand) {
            self.switched_off_by_script();
        }
        for (_, value) in set.iter().filter(|(name, _)| RUN.contains(&name.as_str())) {
            self.run_by(value);
        }
        self.subcommand(subcommand, rest);
        self.git_says(subcommand, rest)
    }

    /// What git says of where it is, and of what a file holds.
    fn git_says(&mut self, subcommand: &str, rest: &[&str]) -> Said {
        let top = &self.place.top;
        match (subcommand, rest) {
            ("rev-parse", ["--show-toplevel", ..]) => Said::of(top.clone()),
            ("rev-parse", ["--git-dir" | "--git-common-dir" | "--absolute-git-dir", ..]) => {
                Said::of(format!("{top}/.git"))
            }
            ("rev-parse", ["--git-path", path, ..]) => Said::of(format!("{top}/.git/{path}")),
            ("credential", ["fill", ..]) => {
                Said::from(vec![Source::Store("git credential fill".to_owned())])
            }
            // `HEAD:.env`
            ("show" | "cat-file", _) => {
                let mut said = Said::default();
                let files = rest.iter().filter(|word| !word.starts_with('-'));
                for (_, path) in files.filter_map(|word| word.split_once(':')) {
                    said.add(self.read_from(&Field::of(path)));
                }
                said.text = None;
                said
            }
            _ => Said::default(),
        }
    }

    /// What a setting would change that is given to git or written down.
    fn setting(&mut self, key: &str) {
        if moves_hooks(&key.to_ascii_lowercase()) {
            self.refuse("git would look for its hooks elsewhere", LET_HOOKS_RUN);
        }
    }

    /// What a setting has git run.
    fn run_by_setting(&mut self, key: &str, value: &str) {
        let key = key.to_ascii_lowercase();
        if key.starts_with("pager.") || RUN_BY_SETTING.iter().any(|end| key.ends_with(end)) {
            self.run_by(value);
        }
    }

    /// What is run in the place of an editor or a pager.
    fn run_by(&mut self, value: &str) {
        if value.contains("git") {
            self.text(value.trim_start_matches('!'), Said::default());
        }
    }

    /// Refuses a commit where the script has set a variable before that has the hooks left out: it may be exported.
    fn switched_off_by_script(&mut self) {
        let known = |name: &&str| {
            let value = self.known.get(*name)?.first()?;
            Some(((*name).to_owned(), value.text.clone()))
        };
        let set: Vec<(String, String)> = SWITCHES.iter().filter_map(known).collect();
        self.switched_off(&set);
    }

    /// What an alias stands for: a command of git, or behind a `!` one for a shell.
    fn alias(&mut self, value: &str, rest: &[&str]) -> Said {
        let script = match value.trim_start().strip_prefix('!') {
            Some(script) => script.to_owned(),
            None => format!("git {value} {}", rest.join(" ")),
        };
        self.text(&script, Said::default())
    }

    fn subcommand(&mut self, subcommand: &str, rest: &[&str]) {
        match subcommand {
            name if PLUMBING.contains(&name) => {
                self.refuse(format!("git {name} asks no hook"), LET_HOOKS_RUN);
            }
            "config" => return self.config(rest),
            "rm" | "mv" => {
                self.touch_all(rest.iter().copied().filter(|word| !word.starts_with('-')))
            }
            "clone" | "init" => {
                for pair in rest
                    .windows(2)
                    .filter(|pair| matches!(pair[0], "-c" | "--config"))
                {
                    self.setting(pair[1].split('=').next().unwrap_or_default());
                }
            }
            // A commit that is made of its text belongs to a branch as soon as one is set to it.
            "hash-object"
                if rest.iter().any(|word| word.ends_with("commit"))
                    && rest.iter().any(|word| word.starts_with("-w")) =>
            {
                self.refuse("git hash-object asks no hook", LET_HOOKS_RUN);
            }
            // They put an older one into the place of what is there, or hide what it becomes.
            "checkout" | "restore" | "update-index" | "stash" => {
                let paths = rest
                    .iter()
                    .map(|word| word.rsplit(',').next().unwrap_or(word));
                let is_kept = |path: &&str| {
                    matches!(guarded(path), Some(Guarded::AllowList | Guarded::Settings))
                };
                self.touch_all(paths.filter(is_kept));
            }
            "submodule" | "rebase" | "bisect" | "filter-branch" | "difftool" => {
                for word in rest.iter().filter(|word| word.contains("git ")) {
                    let script = word.strip_prefix("--exec=").unwrap_or(word);
                    self.text(script, Said::default());
                }
                let runs = rest
                    .iter()
                    .position(|word| matches!(*word, "run" | "foreach"));
                if let Some(at) = runs {
                    self.text(&rest[at + 1..].join(" "), Said::default());
                }
            }
            _ => {}
        }
        if skips_hooks(subcommand, rest) {
            self.refuse(
                format!("git {} would skip the hooks", shown(subcommand)),
                LET_HOOKS_RUN,
            );
        }
    }

    /// `git config`: what is only read may be.
    fn config(&mut self, rest: &[&str]) {
        let mut operands = Vec::new();
        let mut words = rest.iter();
        let mut reads = false;
        let mut removes = false;
        while let Some(word) = words.next() {
            match *word {
                "-f" | "--file" | "--blob" | "--type" | "--default" | "--comment" => {
                    let _ = words.next();
                }
                "--get" | "--get-all" | "--get-regexp" | "-l" | "--list" | "--show-origin" => {
                    reads = true
                }
                "--unset" | "--unset-all" | "--remove-section" | "--rename-section" => {
                    removes = true
                }
                word if word.starts_with('-') => {}
                word => operands.push(word),
            }
        }
        let edits = rest.iter().any(|word| matches!(*word, "-e" | "--edit"));
        if edits || operands.first() == Some(&"edit") {
            self.refuse("git's config would be changed by an editor", LET_HOOKS_RUN);
        }
        match operands.first().copied() {
            Some("get" | "list") => return,
            Some("set") => drop(operands.remove(0)),
            Some("unset" | "remove-section" | "rename-section") => {
                removes = true;
                operands.remove(0);
            }
            _ => {}
        }
        let (Some(key), false) = (operands.first(), reads) else {
            return;
        };
        match operands.get(1) {
            Some(_) if removes => self.setting(&whole(key)),
            Some(value) => {
                self.setting(key);
                self.run_by_setting(key, value);
                if key.to_ascii_lowercase().starts_with("alias.") {
                    self.alias(value, &[]);
                }
            }
            None if removes => {
                self.setting(&whole(key));
            }
            None => {}
        }
    }

    /// Refuses what is set for a command and has its hooks left out.
    pub(super) fn switched_off<S: AsRef<str>>(&mut self, set: &[(S, S)]) {
        let mut set = set.iter();
        if set.any(|(name, value)| goes_around(name.as_ref(), value.as_ref())) {
            self.refuse("a variable would switch the hooks off", LET_HOOKS_RUN);
        }
    }

    /// Tools that run hooks beside git.
    pub(super) fn tool(&mut self, name: &str, rest: &[&str], set: &[(String, String)]) {
        self.switched_off(set);
        let first = rest.iter().find(|word| !word.starts_with('-')).copied();
        match (name, first) {
            (_, Some("uninstall")) => {
                self.refuse("it would take the hooks away", LET_HOOKS_RUN);
            }
            ("keyward", Some("triage")) => self.followed.steps.push(Step::Allow),
            ("keyward", Some("doctor")) if rest.contains(&"--prune") => {
                self.followed.steps.push(Step::Allow);
            }
            ("keyward", Some("allow")) => {
                let is_open = |word: &&str| matches!(*word, "--list" | "--propose");
                if !rest.iter().any(is_open) {
                    self.followed.steps.push(Step::Allow);
                }
            }
            _ => {}
        }
    }
}

/// A key, and for the section `core` the one in it that has hooks looked for elsewhere.
fn whole(key: &str) -> String {
    match key.eq_ignore_ascii_case("core") {
        true => "core.hookspath".to_owned(),
        false => key.to_owned(),
    }
}

/// Whether the arguments of a subcommand tell it to ask no hook.
fn skips_hooks(subcommand: &str, rest: &[&str]) -> bool {
    let hooked = HOOKED.iter().find(|hooked| hooked.name == base(subcommand));
    let is_other = OTHERS.binary_search(&subcommand).is_ok();
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        if *word == "--" {
            return false;
        }
        if word.starts_with("--") {
            if is_no_verify(word) && !is_other {
                return true;
            }
            let long = hooked.map_or(VALUED, |hooked| hooked.long);
            let is_valued = |option: &&str| word.len() > 4 && option.starts_with(*word);
            if !word.contains('=') && long.iter().any(is_valued) {
                words.next();
            }
            continue;
        }
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            continue;
        };
        let Some(hooked) = hooked else {
            // Of an alias nobody knows what `-n` is; with a message beside it, it is a commit.
            let is_message = letters.contains('n') && letters.ends_with('m') && letters.len() < 5;
            if is_message && !is_other && !VERIFIED.contains(&subcommand) {
                return true;
            }
            if VALUED.contains(word) {
                words.next();
            }
            continue;
        };
        for (at, letter) in letters.char_indices() {
            if letter == 'n' && hooked.short {
                return true;
            }
            if hooked.valued.contains(letter) {
                // `-u` and `-S` have theirs attached or none at all.
                if at + 1 == letters.len() && !"uS".contains(letter) {
                    words.next();
                }
                break;
            }
            if letter == 'S' {
                break;
            }
        }
    }
    false
}

/// A subcommand as it is told: anybody may have named an alias.
fn shown(subcommand: &str) -> String {
    crate::shell::shown_start(subcommand, 20)
}

/// Whether the names are in order.
#[cfg(test)]
pub(super) fn are_sorted() -> bool {
    OTHERS.is_sorted() && PLUMBING.is_sorted() && VERIFIED.is_sorted()
}
