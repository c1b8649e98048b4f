//! Which hooks git will run, and from where.

use std::path::{Path, PathBuf};

use super::Check;
use crate::hook::{Found, HookKind, Side, What};
use crate::shell::{quoted_path, shown_path};

const ABOUT: &str = "hooks";

/// What stands where git looks for hooks.
#[derive(Clone, Debug)]
pub(crate) struct Hooks<'a> {
    /// What was found, kind by kind.
    pub found: &'a [(HookKind, Found)],
    /// `core.hooksPath`, if it is set.
    pub shadow: Option<Shadow<'a>>,
    /// The repository's own hooks directory, which `core.hooksPath` hides.
    pub own_dir: &'a Path,
    /// husky is told to run nothing: its variable is `0`.
    pub husky_off: bool,
    /// Whether people commit here, or push to here.
    pub side: Side,
    /// The kinds that git's config names: they run beside what the directory holds.
    pub by_config: &'a [HookKind],
    /// The kinds for which git's config names keyward, and the setting that switches that off.
    pub off: &'a [(HookKind, String)],
    /// The self-test runs somebody else's hooks too, and tells whether they call keyward.
    pub others_are_run: bool,
    /// What is looked at is a repository as new ones are: what keyward sets up for all of them is missed.
    pub is_new: bool,
}

/// The setting `core.hooksPath`.
#[derive(Clone, Debug)]
pub(crate) struct Shadow<'a> {
    /// As it is written.
    pub value: &'a str,
    /// The file that sets it, or the command line.
    pub origin: &'a str,
    /// Whose setting it is, in git's word: `system`, `global`, `local`, `worktree`, `command`.
    pub scope: &'a str,
    /// It leads out of the repository, to hooks that others share.
    pub outside: bool,
    /// It leads nowhere.
    pub off: bool,
    /// keyward's hooks in the repository's own directory, which never run.
    pub dead: Vec<PathBuf>,
    /// keyward's hooks for every repository, which never run here.
    pub hidden: Option<PathBuf>,
}

impl Shadow<'_> {
    fn told(&self) -> String {
        let Self {
            value,
            origin,
            scope,
            ..
        } = self;
        format!("core.hooksPath = \"{value}\" ({scope}, in {origin})")
    }

    /// What brings keyward to where git looks.
    fn mend(&self, own_dir: &Path, install: &str) -> String {
        match self.scope {
            "command" => "unset GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS".to_owned(),
            scope @ ("local" | "worktree") if self.off || self.outside => {
                format!("git config --{scope} --unset-all core.hooksPath && {install}")
            }
            _ if self.off => {
                let own = quoted_path(own_dir);
                format!("git config core.hooksPath {own} && {install}")
            }
            _ if self.outside => format!("{install} --shared"),
            _ => install.to_owned(),
        }
    }
}

/// One line for all hooks that are as they should be, one for each that is not.
pub(crate) fn hooks(hooks: &Hooks<'_>) -> Vec<Check> {
    if let Some(all_off) = hooks.all_off() {
        return vec![all_off];
    }
    let sorted = hooks.sorted();
    let mut checks = Vec::new();
    checks.extend(hooks.by_config());
    checks.extend(hooks.healthy(&sorted.healthy));
    checks.extend(hooks.others(&sorted.others));
    checks.extend(sorted.broken);
    checks.extend(hooks.switched_off(&sorted.healthy));
    checks.extend(hooks.husky_off());
    checks.extend(hooks.dead(&sorted.healthy));
    checks
}

/// What was found, by what is to be said of it.
#[derive(Default)]
struct Sorted<'a> {
    healthy: Vec<&'a (HookKind, Found)>,
    /// Somebody else's, of which the self-test tells whether they call keyward.
    others: Vec<&'a (HookKind, Found)>,
    broken: Vec<Check>,
}

impl<'a> Hooks<'a> {
    /// The command that brings keyward to where git looks.
    fn install(&self) -> String {
        if self.is_new {
            return "keyward install --global".to_owned();
        }
        let install = self.side.install_command();
        match &self.shadow {
            Some(shadow) => shadow.mend(self.own_dir, &install),
            None => install,
        }
    }

    /// `core.hooksPath` turns all hooks off, and git's config runs none either.
    fn all_off(&self) -> Option<Check> {
        let shadow = self.shadow.as_ref().filter(|shadow| shadow.off)?;
        let what = format!("{} turns all hooks off", shadow.told());
        let check = Check::broken(ABOUT, what, self.install());
        self.by_config.is_empty().then_some(check)
    }

    fn sorted(&self) -> Sorted<'a> {
        let mut sorted = Sorted::default();
        let mut missing: Vec<&'a (HookKind, Found)> = Vec::new();
        for one in self.found {
            let (kind, found) = one;
            let is_others = matches!(found.what, What::Foreign | What::Mention) && found.executable;
            match fault(*kind, found) {
                Some(_) if self.by_config.contains(kind) => {}
                fault if is_others && (self.others_are_run || fault.is_none()) => {
                    sorted.others.push(one);
                }
                None => sorted.healthy.push(one),
                Some(_) if self.off.iter().any(|(off, _)| off == kind) => {}
                Some(_) if found.what == What::Nothing => missing.push(one),
                Some((what, mend)) => sorted.broken.push(match mend {
                    Some(mend) => Check::broken(ABOUT, what, mend),
                    None => Check::broken(ABOUT, self.with_shadow(what), self.install()),
                }),
            }
        }
        // A tool that calls keyward for commits may have no word for merges, of which each side was looked at
        // when it was committed.
        let is_merge = |one: &&(HookKind, Found)| one.0 == HookKind::PreMergeCommit;
        if !sorted.others.is_empty()
            && let Some(at) = missing.iter().position(is_merge)
        {
            missing.remove(at);
            let what =
                "pre-merge-commit: there is none, and a merge without conflicts is not looked at";
            let mend = "keyward install --hook pre-merge-commit";
            sorted.broken.push(Check::untidy(ABOUT, what, mend));
        }
        sorted.broken.extend(self.missing(&missing));
        sorted
    }

    /// One cause is one line, however many hooks it takes away.
    fn missing(&self, missing: &[&(HookKind, Found)]) -> Option<Check> {
        let (kind, found) = missing.first()?;
        let what = match missing {
            _ if self.is_new => "git runs no hook in a new repository".to_owned(),
            [_] => fault(*kind, found)?.0,
            _ => {
                let kinds: Vec<&str> = missing.iter().map(|(kind, _)| kind.name()).collect();
                let dir = found.path.parent().unwrap_or(&found.path);
                format!(
                    "{}: there is no hook at {}",
                    kinds.join(", "),
                    shown_path(dir)
                )
            }
        };
        Some(Check::broken(ABOUT, self.with_shadow(what), self.install()))
    }

    fn by_config(&self) -> Option<Check> {
        let kinds: Vec<&str> = self.by_config.iter().map(|kind| kind.name()).collect();
        let line = format!("{} by git's config, in every repository", kinds.join(", "));
        (!kinds.is_empty()).then(|| Check::healthy(ABOUT, line))
    }

    fn healthy(&self, healthy: &[&(HookKind, Found)]) -> Option<Check> {
        Some(Check::healthy(ABOUT, self.listed(healthy)?))
    }

    fn others(&self, others: &[&(HookKind, Found)]) -> Option<Check> {
        let listed = self.listed(others)?;
        if self.others_are_run {
            let line = format!("{listed}: another tool's, which the self-test runs");
            return Some(Check::healthy(ABOUT, line));
        }
        let line = format!("{listed}: another tool's, which calls keyward, as it reads");
        Some(Check::untried(ABOUT, line, "keyward doctor --run-others"))
    }

    /// Settings of git's that switch keyward's lines in its config off.
    fn switched_off(&self, healthy: &[&(HookKind, Found)]) -> impl Iterator<Item = Check> {
        let is_healthy = |kind| healthy.iter().any(|(found, _)| *found == kind);
        let off = self.off.iter().filter(move |(kind, _)| !is_healthy(*kind));
        off.map(|(kind, setting)| {
            let what = format!("{kind}: {setting} in git's config switches keyward off");
            let mend = format!("git config --show-origin --get-all {setting}, and remove it there");
            Check::broken(ABOUT, what, mend)
        })
    }

    fn husky_off(&self) -> Option<Check> {
        let what = "HUSKY=0 is set here: husky runs no hook";
        self.husky_off
            .then(|| Check::broken(ABOUT, what, "unset HUSKY"))
    }

    /// Hooks of keyward's that git no longer comes to, while it comes to others.
    fn dead(&self, healthy: &[&(HookKind, Found)]) -> Option<Check> {
        let shadow = self.shadow.as_ref()?;
        if healthy.is_empty() || shadow.dead.is_empty() {
            return None;
        }
        let dead: Vec<String> = shadow.dead.iter().map(|path| quoted_path(path)).collect();
        let what = format!(
            "{} never runs: {} leads elsewhere",
            dead.join(" and "),
            shadow.told()
        );
        let mend = format!("rm {}", dead.join(" "));
        Some(Check::untidy(ABOUT, what, mend))
    }

    /// The same, with why git looks there.
    fn with_shadow(&self, what: String) -> String {
        let Some(shadow) = &self.shadow else {
            return what;
        };
        let hidden = match shadow.dead.first().or(shadow.hidden.as_ref()) {
            Some(hidden) => format!(", which hides {}", shown_path(hidden)),
            None => String::new(),
        };
        let because = shadow.told();
        format!("{what}; git looks there because of {because}{hidden}")
    }

    /// Hooks, and the directory that they are in; `None` if there are none.
    fn listed(&self, hooks: &[&(HookKind, Found)]) -> Option<String> {
        let (_, first) = hooks.first()?;
        let kinds: Vec<&str> = hooks.iter().map(|(kind, _)| kind.name()).collect();
        let dir = first.path.parent().unwrap_or(&first.path);
        let mut line = format!("{} in {}", kinds.join(", "), shown_path(dir));
        if let Some(shadow) = &self.shadow {
            line.push_str(&format!(", by {}", shadow.told()));
        }
        Some(line)
    }
}

/// What is wrong with a hook, and its mend where that is not to install keyward.
fn fault(kind: HookKind, found: &Found) -> Option<(String, Option<String>)> {
    let path = shown_path(&found.path);
    let is_file = matches!(
        found.what,
        What::Empty | What::Foreign | What::Mention | What::Keyward { .. }
    );
    let what = match &found.what {
        _ if is_file && !found.executable => {
            format!("{kind}: git passes over {path}, which is not executable")
        }
        What::Nothing => format!("{kind}: there is no hook at {path}"),
        What::NoFile => {
            let mend = format!(
                "mv {0} {0}.aside && keyward install",
                quoted_path(&found.path)
            );
            return Some((
                format!("{kind}: {path} is not a file, git can't run it"),
                Some(mend),
            ));
        }
        What::Empty => format!("{kind}: {path} is empty, and lets everything pass"),
        What::Foreign => format!("{kind}: {path} is somebody else's and does not call keyward"),
        What::Keyward { .. } | What::Mention if found.awaits_husky => {
            return Some((
                format!("{kind}: husky is not set up in this working tree, git runs nothing"),
                Some("npm install".to_owned()),
            ));
        }
        What::Keyward {
            lost: Some(lost), ..
        } => format!("{kind}: the hook that {path} should run first, {lost}, is gone"),
        What::Keyward { .. } | What::Mention => return None,
    };
    Some((what, None))
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    const KIND: HookKind = HookKind::PreCommit;

    fn keyward() -> What {
        What::Keyward {
            program: Some("/bin/keyward".into()),
            lost: None,
        }
    }

    fn found(kind: HookKind, what: What) -> (HookKind, Found) {
        let found = Found {
            path: Path::new("/r/.git/hooks").join(kind.name()),
            what,
            executable: true,
            is_below: false,
            awaits_husky: false,
        };
        (kind, found)
    }

    fn facts<'a>(found: &'a [(HookKind, Found)]) -> Hooks<'a> {
        Hooks {
            found,
            shadow: None,
            own_dir: Path::new("/r/.git/hooks"),
            husky_off: false,
            is_new: false,
            side: Side::Developer,
            by_config: &[],
            off: &[],
            others_are_run: false,
        }
    }

    fn shadow(scope: &str) -> Shadow<'_> {
        Shadow {
            value: "/corp",
            origin: "/home/ann/.gitconfig",
            scope,
            outside: true,
            off: false,
            dead: Vec::new(),
            hidden: None,
        }
    }

    /// Each check as one line: how it is, what was seen, and the mend.
    fn lines(facts: &Hooks<'_>) -> Vec<String> {
        let line = |check: Check| match check.state {
            State::Healthy(seen) => format!("ok {seen}"),
            State::Untried(fault) => format!("untried {} | {}", fault.what, fault.mend),
            State::Untidy(fault) => format!("untidy {} | {}", fault.what, fault.mend),
            State::Broken(fault) => format!("broken {} | {}", fault.what, fault.mend),
        };
        hooks(facts).into_iter().map(line).collect()
    }

    #[test]
    fn healthy_hooks_are_one_line() {
        let all = [found(KIND, keyward()), found(HookKind::PrePush, keyward())];
        assert_eq!(
            lines(&facts(&all)),
            ["ok pre-commit, pre-push in /r/.git/hooks"]
        );
    }

    #[test]
    fn each_fault_has_its_line_and_its_mend() {
        let mut not_executable = found(KIND, keyward());
        not_executable.1.executable = false;
        let mut awaits_husky = found(KIND, keyward());
        awaits_husky.1.awaits_husky = true;
        let lost = What::Keyward {
            program: None,
            lost: Some("pre-commit.keyward-previous".to_owned()),
        };
        let at = "/r/.git/hooks/pre-commit";
        for (one, what, mend) in [
            (
                found(KIND, What::Nothing),
                format!("there is no hook at {at}"),
                "keyward install".to_owned(),
            ),
            (
                found(KIND, What::NoFile),
                format!("{at} is not a file, git can't run it"),
                format!("mv {at} {at}.aside && keyward install"),
            ),
            (
                found(KIND, What::Empty),
                format!("{at} is empty, and lets everything pass"),
                "keyward install".to_owned(),
            ),
            (
                found(KIND, What::Foreign),
                format!("{at} is somebody else's and does not call keyward"),
                "keyward install".to_owned(),
            ),
            (
                not_executable,
                format!("git passes over {at}, which is not executable"),
                "keyward install".to_owned(),
            ),
            (
                awaits_husky,
                "husky is not set up in this working tree, git runs nothing".to_owned(),
                "npm install".to_owned(),
            ),
            (
                found(KIND, lost),
                format!(
                    "the hook that {at} should run first, pre-commit.keyward-previous, is gone"
                ),
                "keyward install".to_owned(),
            ),
        ] {
            let all = [one];
            let expected = format!("broken pre-commit: {what} | {mend}");
            assert_eq!(lines(&facts(&all)), [expected]);
        }
    }

    #[test]
    fn one_cause_is_one_line_and_what_reads_well_is_no_fault() {
        let nothing = |kind| found(kind, What::Nothing);
        let all = [nothing(KIND), nothing(HookKind::CommitMsg)];
        assert_eq!(
            lines(&facts(&all)),
            ["broken pre-commit, commit-msg: there is no hook at /r/.git/hooks | keyward install"]
        );
        let all = [
            found(KIND, What::Mention),
            nothing(HookKind::PreMergeCommit),
        ];
        assert_eq!(
            lines(&facts(&all)),
            [
                "untried pre-commit in /r/.git/hooks: another tool's, which calls keyward, as it reads | \
                 keyward doctor --run-others",
                "untidy pre-merge-commit: there is none, and a merge without conflicts is not looked at | \
                 keyward install --hook pre-merge-commit"
            ]
        );
        let mut barred = found(KIND, What::Mention);
        barred.1.executable = false;
        assert!(lines(&facts(&[barred]))[0].starts_with("broken pre-commit: git passes over"));
    }

    #[test]
    fn what_git_config_runs_or_switches_off_is_told() {
        let all = [found(KIND, What::Nothing)];
        let mut hooks = facts(&all);
        hooks.by_config = &[KIND];
        assert_eq!(
            lines(&hooks),
            ["ok pre-commit by git's config, in every repository"]
        );
        let off = [(KIND, "hook.keyward-pre-commit.enabled".to_owned())];
        let mut hooks = facts(&all);
        hooks.off = &off;
        assert_eq!(
            lines(&hooks),
            [
                "broken pre-commit: hook.keyward-pre-commit.enabled in git's config switches keyward \
                 off | git config --show-origin --get-all hook.keyward-pre-commit.enabled, and remove \
                 it there"
            ]
        );
        // The repository's own hook does the work.
        let all = [found(KIND, keyward())];
        let hooks = Hooks {
            found: &all,
            ..hooks
        };
        assert_eq!(lines(&hooks), ["ok pre-commit in /r/.git/hooks"]);
    }

    #[test]
    fn another_tools_hook_counts_where_the_self_test_runs_it() {
        let all = [found(KIND, What::Foreign)];
        let mut hooks = facts(&all);
        hooks.others_are_run = true;
        assert_eq!(
            lines(&hooks),
            ["ok pre-commit in /r/.git/hooks: another tool's, which the self-test runs"]
        );
    }

    #[test]
    fn a_hooks_path_is_blamed_and_its_mend_fits_who_set_it() {
        let all = [found(KIND, What::Nothing)];
        let because = "core.hooksPath = \"/corp\"";
        for (scope, off, mend) in [
            ("global", false, "keyward install --shared"),
            (
                "global",
                true,
                "git config core.hooksPath /r/.git/hooks && keyward install",
            ),
            (
                "local",
                true,
                "git config --local --unset-all core.hooksPath && keyward install",
            ),
            (
                "worktree",
                false,
                "git config --worktree --unset-all core.hooksPath && keyward install",
            ),
            (
                "command",
                true,
                "unset GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS",
            ),
        ] {
            let mut hooks = facts(&all);
            let mut shadow = shadow(scope);
            shadow.off = off;
            hooks.shadow = Some(shadow);
            let [line] = &lines(&hooks)[..] else {
                panic!("{scope}");
            };
            assert!(line.contains(because), "{line}");
            assert!(line.ends_with(&format!(" | {mend}")), "{line}");
        }
    }

    #[test]
    fn hooks_that_no_longer_run_are_told() {
        let dead = PathBuf::from("/r/.git/hooks/pre-push");
        let by = "core.hooksPath = \"/corp\" (local, in /home/ann/.gitconfig)";
        let mut path = shadow("local");
        path.dead = vec![dead];
        let all = [found(KIND, keyward())];
        let mut hooks = facts(&all);
        hooks.shadow = Some(path.clone());
        assert_eq!(
            lines(&hooks),
            [
                format!("ok pre-commit in /r/.git/hooks, by {by}"),
                format!(
                    "untidy /r/.git/hooks/pre-push never runs: {by} leads elsewhere | rm \
                     /r/.git/hooks/pre-push"
                ),
            ]
        );
        let all = [found(KIND, What::Nothing)];
        let mut hooks = facts(&all);
        hooks.shadow = Some(path);
        hooks.husky_off = true;
        let lines = lines(&hooks);
        assert!(
            lines[0].contains(", which hides /r/.git/hooks/pre-push"),
            "{lines:?}"
        );
        assert_eq!(
            lines[1],
            "broken HUSKY=0 is set here: husky runs no hook | unset HUSKY"
        );
    }
}
