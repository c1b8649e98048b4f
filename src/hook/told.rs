//! What an install and an uninstall did, in words: one line for all hooks, and one for each thing
//! that is worth knowing.

use std::path::Path;

use super::{Caller, HookKind, Installed, Machine, Side, Uninstalled, Way};
use crate::git::ConfigScope;
use crate::shell::shown_path;

/// Where the programs of forges look for hooks instead.
const SERVERS: &str = "\nWith plain ssh or http that is all. Gitea, Forgejo and GitLab run what stands elsewhere: a \
                       file with `#!/bin/sh` and `exec keyward hook pre-receive` in hooks/pre-receive.d (Gitea, Forgejo) \
                       or custom_hooks/pre-receive.d (GitLab) of the repository; more: \
                       https://github.com/keyward/keyward/blob/main/docs/server.md";

/// What was installed, in one line, and in up to three more where a hook was there before, where
/// the hooks are files of the working tree, or where git does not run them yet.
pub fn tell_installed(all: &[Installed]) -> String {
    let already = all.iter().all(|installed| installed.already);
    let mut told = format!(
        "keyward {} checks every {} here: {}",
        if already { "already" } else { "now" },
        occasions(all.iter().map(|one| one.kind)),
        listed(all.iter().map(|installed| installed.path.as_path()))
    );
    let kept = all.iter().filter_map(|installed| installed.kept.as_deref());
    if kept.clone().next().is_some() {
        told += &format!("\nWhat was there before runs first: {}", listed(kept));
    }
    if all.iter().any(|installed| installed.is_below) {
        told += "\nThe hook there is pre-commit's or prek's, which runs keyward first.";
    }
    if all.iter().any(|installed| installed.in_worktree) {
        told +=
            "\nThese are files of the working tree: committing them brings keyward to the team.";
    }
    if all.iter().any(|one| one.kind.side() == Side::Server) {
        told += SERVERS;
    }
    if all.iter().any(|installed| installed.awaits_husky) {
        told += "\nhusky is not set up in this working tree yet: run `npm install`, or git runs no hook.";
    }
    told
}

/// For which hooks keyward is called already, and by what.
pub(crate) fn tell_called(called: &[(HookKind, Caller)]) -> String {
    let kinds: Vec<&str> = called.iter().map(|(kind, _)| kind.name()).collect();
    let mut by: Vec<&str> = Vec::new();
    for (_, caller) in called {
        let caller = match caller {
            Caller::File(name) => name,
            Caller::Hook => "the hook that is there",
        };
        if !by.contains(&caller) {
            by.push(caller);
        }
    }
    format!(
        "keyward is called already for {}, by {}; it would run twice, and nothing was set there. To prove \
         it: keyward doctor --run-others",
        enumerated(&kinds),
        enumerated(&by)
    )
}

/// What was installed for every repository, and what that does not reach.
pub(crate) fn tell_installed_globally(kinds: &[HookKind], machine: &Machine, way: Way) -> String {
    let (whose, unreached) = match machine.scope {
        ConfigScope::Global => ("every repository", "A repository"),
        ConfigScope::System => ("every repository of every user", "A user or a repository"),
    };
    let hidden = machine.scope.hidden();
    let told = format!(
        "keyward now checks every {} of {whose}",
        occasions(kinds.iter().copied())
    );
    match way {
        Way::Config => format!("{told}: hook.keyward-* in {}", shown_path(&machine.config)),
        Way::HooksPath => format!(
            "{told}: core.hooksPath in {} leads to {}, whose scripts go on to each repository's own \
             hooks\n{unreached} with a core.hooksPath of its own, as husky sets it, is not reached: \
             run `keyward install` in it\n\
             pre-commit, prek and lefthook set no hooks while core.hooksPath is set; for their set-up, hide it: \
             {hidden} pre-commit install",
            shown_path(&machine.config),
            shown_path(&machine.hooks)
        ),
    }
}

fn occasions(kinds: impl Iterator<Item = HookKind>) -> String {
    let mut occasions: Vec<&str> = Vec::new();
    for occasion in kinds.map(HookKind::occasion) {
        if !occasions.contains(&occasion) {
            occasions.push(occasion);
        }
    }
    enumerated(&occasions)
}

/// What was uninstalled, in one line or two.
pub(crate) fn tell_uninstalled(all: &[Uninstalled]) -> String {
    let of = |wanted: fn(&Uninstalled) -> Option<&Path>| {
        let listed = listed(all.iter().filter_map(wanted));
        (!listed.is_empty()).then_some(listed)
    };
    let removed = of(|one| match one {
        Uninstalled::Removed(path) => Some(path),
        _ => None,
    })
    .map(|paths| format!("removed {paths}"));
    let restored = of(|one| match one {
        Uninstalled::Restored(path) => Some(path),
        _ => None,
    })
    .map(|paths| format!("as before: {paths}"));
    let parked = of(|one| match one {
        Uninstalled::Parked(path) => Some(path),
        _ => None,
    });
    let unread = of(|one| match one {
        Uninstalled::Unread(path) => Some(path),
        _ => None,
    })
    .map(|paths| format!("left as it is, since you may not read it: {paths}. Ask its owner whether it calls keyward"));
    let lines: Vec<String> = removed.into_iter().chain(restored).collect();
    if let Some(parked) = parked {
        let told = format!(
            "keyward still checks commits here: another tool moved its script to {parked}, and its own hook \
             runs that. Take that tool's hook out, and then: keyward uninstall"
        );
        let all = lines.into_iter().chain(unread).chain([told]);
        return all.collect::<Vec<_>>().join("\n");
    }
    let done = match lines.as_slice() {
        [] => "keyward was not installed here: nothing to do".to_owned(),
        lines => format!("keyward's hooks are gone here: {}", lines.join("\n")),
    };
    [done]
        .into_iter()
        .chain(unread)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Paths, or names where they are all in one directory.
fn listed<'p>(paths: impl Iterator<Item = &'p Path>) -> String {
    let paths: Vec<&Path> = paths.collect();
    let shown = |path: &Path| shown_path(path).to_string();
    let dir = paths.first().and_then(|path| path.parent());
    match dir {
        Some(dir) if paths.len() > 1 && paths.iter().all(|path| path.parent() == Some(dir)) => {
            let names = paths.iter().filter_map(|path| path.file_name());
            let names: Vec<String> = names.map(|name| shown(Path::new(name))).collect();
            format!("{} in {}", enumerated(&names), shown(dir))
        }
        _ => enumerated(&paths.iter().map(|path| shown(path)).collect::<Vec<_>>()),
    }
}

fn enumerated<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(kind: HookKind, kept: bool) -> Installed {
        let path = Path::new("/r/.git/hooks").join(kind.name());
        Installed {
            kind,
            kept: kept.then(|| path.with_extension("keyward-previous")),
            path,
            already: false,
            is_below: false,
            in_worktree: false,
            awaits_husky: false,
        }
    }

    #[test]
    fn installs_are_told_together() {
        assert_eq!(
            tell_installed(&[
                installed(HookKind::PreCommit, true),
                installed(HookKind::PreMergeCommit, false),
                installed(HookKind::PrePush, false)
            ]),
            "keyward now checks every commit, merge and push here: \
             pre-commit, pre-merge-commit and pre-push in /r/.git/hooks\n\
             What was there before runs first: /r/.git/hooks/pre-commit.keyward-previous"
        );
        let of_server = tell_installed(&[installed(HookKind::PreReceive, false)]);
        for name in [
            "plain ssh",
            "Gitea",
            "Forgejo",
            "GitLab",
            "exec keyward hook pre-receive",
        ] {
            assert!(of_server.contains(name), "{of_server}");
        }
    }

    #[test]
    fn uninstalls_are_told_together() {
        assert_eq!(
            tell_uninstalled(&[Uninstalled::Nothing, Uninstalled::Nothing]),
            "keyward was not installed here: nothing to do"
        );
        assert_eq!(
            tell_uninstalled(&[
                Uninstalled::Restored("/r/pre-commit".into()),
                Uninstalled::Removed("/r/pre-merge-commit".into()),
                Uninstalled::Nothing
            ]),
            "keyward's hooks are gone here: removed /r/pre-merge-commit\n\
             as before: /r/pre-commit"
        );
        assert_eq!(
            tell_uninstalled(&[
                Uninstalled::Unread("/r/pre-push".into()),
                Uninstalled::Removed("/r/pre-commit".into())
            ]),
            "keyward's hooks are gone here: removed /r/pre-commit\n\
             left as it is, since you may not read it: /r/pre-push. Ask its owner whether it calls keyward"
        );
    }
}
