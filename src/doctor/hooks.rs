//! Which hooks git will run, and from where.

use std::path::{Path, PathBuf};

use super::Check;
use crate::hook::{Found, HookKind, What};
use crate::shell::{quoted_path, shown_path};

const ABOUT: &str = "hooks";

/// What stands where git looks for hooks.
#[derive(Clone, Debug)]
pub struct Hooks<'a> {
    /// What was found, kind by kind.
    pub found: &'a [(HookKind, Found)],
    /// `core.hooksPath`, if it is set.
    pub shadow: Option<Shadow<'a>>,
    /// The repository's own hooks directory, which `core.hooksPath` hides.
    pub own_dir: &'a Path,
    /// husky is told to run nothing: its variable is `0`.
    pub husky_off: bool,
    /// A bare repository, to which others push.
    pub is_server: bool,
    /// The kinds that git's config names: they run beside what the directory holds.
    pub by_config: &'a [HookKind],
    /// The kinds for which git's config names keyward, and the setting that switches that off.
    pub off: &'a [(HookKind, String)],
    /// The self-test runs somebody else's hooks too, and tells whether they call keyward.
    pub others_are_run: bool,
}

/// The setting `core.hooksPath`.
#[derive(Clone, Debug)]
pub struct Shadow<'a> {
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
pub fn hooks(hooks: &Hooks<'_>) -> Vec<Check> {
    let install = super::install(match hooks.is_server {
        true => HookKind::PreReceive,
        false => HookKind::PreCommit,
    });
    let install = match &hooks.shadow {
        Some(shadow) => shadow.mend(hooks.own_dir, install),
        None => install.to_owned(),
    };
    if let Some(shadow) = hooks.shadow.as_ref().filter(|shadow| shadow.off)
        && hooks.by_config.is_empty()
    {
        let what = format!("{} turns all hooks off", shadow.told());
        return vec![Check::broken(ABOUT, what, install)];
    }
    let mut checks = Vec::new();
    let mut healthy: Vec<&(HookKind, Found)> = Vec::new();
    let mut others: Vec<&(HookKind, Found)> = Vec::new();
    for one in hooks.found {
        let (kind, found) = one;
        match fault(*kind, found) {
            Some(_) if hooks.by_config.contains(kind) => {}
            _ if hooks.others_are_run && matches!(found.what, What::Foreign | What::Mention) => {
                others.push(one);
            }
            None => healthy.push(one),
            Some(_) if hooks.off.iter().any(|(off, _)| off == kind) => {}
            Some((what, None)) => checks.push(Check::broken(
                ABOUT,
                with_shadow(what, hooks.shadow.as_ref()),
                &install,
            )),
            Some((what, Some(mend))) => checks.push(Check::broken(ABOUT, what, mend)),
        }
    }
    let is_healthy = |kind| healthy.iter().any(|(found, _)| *found == kind);
    for (kind, setting) in hooks.off.iter().filter(|(kind, _)| !is_healthy(*kind)) {
        checks.push(Check::broken(
            ABOUT,
            format!("{kind}: {setting} in git's config switches keyward off"),
            format!("git config --show-origin --get-all {setting}, and remove it there"),
        ));
    }
    if hooks.husky_off {
        checks.push(Check::broken(
            ABOUT,
            "HUSKY=0 is set here: husky runs no hook",
            "unset HUSKY",
        ));
    }
    if let Some(line) = healthy_line(&others, hooks.shadow.as_ref()) {
        let line = format!("{line}: another tool's, which the self-test runs");
        checks.insert(0, Check::healthy(ABOUT, line));
    }
    if let Some(line) = healthy_line(&healthy, hooks.shadow.as_ref()) {
        checks.insert(0, Check::healthy(ABOUT, line));
    }
    if !hooks.by_config.is_empty() {
        let kinds: Vec<&str> = hooks.by_config.iter().map(|kind| kind.name()).collect();
        let line = format!("{} by git's config, in every repository", kinds.join(", "));
        checks.insert(0, Check::healthy(ABOUT, line));
    }
    if let Some(shadow) = hooks.shadow.as_ref()
        && !healthy.is_empty()
        && !shadow.dead.is_empty()
    {
        let dead: Vec<String> = shadow.dead.iter().map(|path| quoted_path(path)).collect();
        let what = format!(
            "{} never runs: {} leads elsewhere",
            dead.join(" and "),
            shadow.told()
        );
        checks.push(Check::untidy(ABOUT, what, format!("rm {}", dead.join(" "))));
    }
    checks
}

/// What is wrong with a hook, and its mend where that is not to install keyward.
fn fault(kind: HookKind, found: &Found) -> Option<(String, Option<String>)> {
    let path = shown_path(&found.path);
    let what = match &found.what {
        What::Nothing => format!("{kind}: there is no hook at {path}"),
        What::NoFile => {
            let mend = format!(
                "mv {0} {0}.aside && keyward install",
                quoted_path(&found.path)
            );
            return Some((
                format!("{kind}: {path} is no file, git can't run it"),
                Some(mend),
            ));
        }
        What::Empty => format!("{kind}: {path} is empty, and lets everything pass"),
        What::Foreign => format!("{kind}: {path} is somebody else's and does not call keyward"),
        What::Mention => {
            return Some((
                format!(
                    "{kind}: {path} is somebody else's; it, or the file of its tool, names keyward: \
                     only a run can tell"
                ),
                Some("keyward doctor --run-others".to_owned()),
            ));
        }
        What::Keyward { .. } if !found.executable => {
            format!("{kind}: git passes over {path}, which is not executable")
        }
        What::Keyward { .. } if found.awaits_husky => {
            return Some((
                format!("{kind}: husky is not set up in this working tree, git runs nothing"),
                Some("npm install".to_owned()),
            ));
        }
        What::Keyward {
            lost: Some(lost), ..
        } => format!("{kind}: the hook that {path} should run first, {lost}, is gone"),
        What::Keyward { .. } => return None,
    };
    Some((what, None))
}

fn with_shadow(what: String, shadow: Option<&Shadow<'_>>) -> String {
    match shadow {
        None => what,
        Some(shadow) => {
            let hidden = match shadow.dead.first().or(shadow.hidden.as_ref()) {
                Some(hidden) => format!(", which hides {}", shown_path(hidden)),
                None => String::new(),
            };
            format!(
                "{what}; git looks there because of {}{hidden}",
                shadow.told()
            )
        }
    }
}

fn healthy_line(healthy: &[&(HookKind, Found)], shadow: Option<&Shadow<'_>>) -> Option<String> {
    let (_, first) = healthy.first()?;
    let kinds: Vec<&str> = healthy.iter().map(|(kind, _)| kind.name()).collect();
    let dir = first.path.parent().unwrap_or(&first.path);
    let mut line = format!("{} in {}", kinds.join(", "), shown_path(dir));
    if let Some(shadow) = shadow {
        line.push_str(&format!(", by {}", shadow.told()));
    }
    Some(line)
}
