//! The kinds of hooks, one row each.

use std::fmt;

use crate::config::{Config, Unchecked};
use crate::table::table;

/// A row of the table of hooks.
struct Row {
    /// The file's name in git's hooks directory, and the word after `keyward hook`.
    name: &'static str,
    /// What the hook checks, in a word or two.
    occasion: &'static str,
    /// What it means that the hook could not do its work.
    outcome: &'static str,
    side: Side,
    input: Input,
    /// Whether the settings ask for it.
    want: fn(&Config) -> Want,
    /// Whether git goes by what it says.
    refuses: bool,
}

/// Who runs a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Whoever commits and pushes.
    Developer,
    /// A repository to which others push.
    Server,
}

/// Where git has put what the hook is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// In the index.
    Index,
    /// In the index, or by now in a commit; the first argument names the file of the message.
    IndexAndMessage,
    /// In the file that the first argument names.
    Message,
    /// In commits; standard input has their refs as `pre-push` gets them.
    Pushed,
    /// In commits; standard input has their refs as `pre-receive` gets them.
    Received,
}

/// How much the settings ask for a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// Not at all: it would do nothing.
    No,
    /// It is installed, and no commit is less safe without it.
    Useful,
    /// Without it, something is not checked.
    Needed,
}

table! {
    /// A moment at which git runs keyward, in the order in which it does. To add one, add a row, and
    /// what it does to src/cli/hook.rs.
    pub enum HookKind of Row {
        /// Before a commit is made.
        PreCommit = Row {
            name: "pre-commit",
            occasion: "commit",
            outcome: "this commit is refused",
            side: Side::Developer,
            input: Input::Index,
            want: |_| Want::Needed,
            refuses: true,
        },
        /// Before a merge without conflicts is committed: git asks no other hook about its content.
        PreMergeCommit = Row {
            name: "pre-merge-commit",
            occasion: "merge",
            outcome: "this merge is refused",
            side: Side::Developer,
            input: Input::Index,
            want: |_| Want::Needed,
            refuses: true,
        },
        /// Before a message is edited. `--no-verify` does not skip it, and it runs for what is picked
        /// and reverted, too.
        PrepareCommitMsg = Row {
            name: "prepare-commit-msg",
            occasion: "unchecked commit",
            outcome: "this commit is refused",
            side: Side::Developer,
            input: Input::IndexAndMessage,
            want: |config| match config.unchecked() {
                Unchecked::Deny => Want::Needed,
                // It keeps one trailer of several in a squashed message.
                _ if config.trailer() => Want::Useful,
                _ => Want::No,
            },
            refuses: true,
        },
        /// Once the message of a commit is written.
        CommitMsg = Row {
            name: "commit-msg",
            occasion: "message",
            outcome: "this commit is refused",
            side: Side::Developer,
            input: Input::Message,
            want: |_| Want::Needed,
            refuses: true,
        },
        /// When a commit is made.
        PostCommit = Row {
            name: "post-commit",
            occasion: "unchecked commit",
            outcome: "it is not known whether this commit was checked",
            side: Side::Developer,
            input: Input::IndexAndMessage,
            want: |config| match config.unchecked() {
                Unchecked::Off => Want::No,
                Unchecked::Warn | Unchecked::Deny => Want::Needed,
            },
            refuses: false,
        },
        /// Before a push, on the side that pushes.
        PrePush = Row {
            name: "pre-push",
            occasion: "push",
            outcome: "this push is refused",
            side: Side::Developer,
            input: Input::Pushed,
            want: |_| Want::Needed,
            refuses: true,
        },
        /// Before a push is taken in, on the side that is pushed to.
        PreReceive = Row {
            name: "pre-receive",
            occasion: "push",
            outcome: "this push is refused",
            side: Side::Server,
            input: Input::Received,
            want: |_| Want::Needed,
            refuses: true,
        },
    }
}

impl HookKind {
    /// The file's name in git's hooks directory, and the word after `keyward hook`.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Who runs it.
    pub const fn side(self) -> Side {
        self.row().side
    }

    /// Where git has put what it is asked about.
    pub const fn input(self) -> Input {
        self.row().input
    }

    /// Whether standard input has refs.
    pub(crate) const fn is_told_refs(self) -> bool {
        matches!(self.input(), Input::Pushed | Input::Received)
    }

    /// How much the settings ask for it.
    pub fn want(self, config: &Config) -> Want {
        (self.row().want)(config)
    }

    /// Whether it refuses a key under these settings.
    pub fn refuses(self, config: &Config) -> bool {
        self.row().refuses && self.want(config) == Want::Needed
    }

    /// The kinds that are installed unless others are named: together they see all that a developer
    /// makes and pushes.
    pub fn usual(config: &Config) -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(|kind| kind.side() == Side::Developer && kind.want(config) > Want::No)
    }

    /// What it means that the hook could not do its work.
    pub(crate) const fn outcome(self) -> &'static str {
        self.row().outcome
    }

    /// What the hook checks, in a word or two.
    pub(super) const fn occasion(self) -> &'static str {
        self.row().occasion
    }

    /// A text with the kind filled in.
    pub(super) fn fill_in(self, template: &str) -> String {
        fill_in(template, self.name(), Some(self))
    }
}

/// A text with the name of a hook filled in, and with what keyward does there, if anything.
pub(super) fn fill_in(template: &str, hook: &str, kind: Option<HookKind>) -> String {
    let input = match kind.is_some_and(HookKind::is_told_refs) {
        true => "refs",
        false => "none",
    };
    template
        .replace("@KIND@", hook)
        .replace("@INPUT@", input)
        .replace("@OUTCOME@", kind.map_or("", |kind| kind.row().outcome))
}

impl Side {
    /// The command that installs what that side needs.
    pub fn install_command(self) -> String {
        let mut command = "keyward install".to_owned();
        if self == Self::Server {
            let all = HookKind::ALL.iter();
            for kind in all.filter(|kind| kind.side() == Self::Server) {
                command += &format!(" --hook {kind}");
            }
        }
        command
    }
}

impl fmt::Display for HookKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{FILE_NAME, Layer, Origin};

    fn config(hooks: &str) -> Config {
        let text = format!("[hooks]\n{hooks}");
        let layer = Layer::parse(Origin::Repository, text.as_bytes(), FILE_NAME);
        Config::fold([layer.expect("the text of this test is valid")])
    }

    fn names(kinds: impl Iterator<Item = HookKind>) -> String {
        let names: Vec<&str> = kinds.map(HookKind::name).collect();
        names.join(" ")
    }

    #[test]
    fn kinds_are_found_by_their_name() {
        for &kind in HookKind::ALL {
            assert_eq!(HookKind::named(kind.name()), Some(kind));
        }
        assert_eq!(HookKind::named("no-such-hook"), None);
    }

    #[test]
    fn the_settings_ask_for_hooks() {
        for (hooks, usual, refusing) in [
            (
                "",
                "pre-commit pre-merge-commit commit-msg pre-push",
                "pre-commit pre-merge-commit commit-msg pre-push pre-receive",
            ),
            (
                "trailer = true",
                "pre-commit pre-merge-commit prepare-commit-msg commit-msg pre-push",
                "pre-commit pre-merge-commit commit-msg pre-push pre-receive",
            ),
            (
                "unchecked = 'warn'",
                "pre-commit pre-merge-commit commit-msg post-commit pre-push",
                "pre-commit pre-merge-commit commit-msg pre-push pre-receive",
            ),
            (
                "unchecked = 'deny'",
                "pre-commit pre-merge-commit prepare-commit-msg commit-msg post-commit pre-push",
                "pre-commit pre-merge-commit prepare-commit-msg commit-msg pre-push pre-receive",
            ),
        ] {
            let config = config(hooks);
            assert_eq!(names(HookKind::usual(&config)), usual, "{hooks}");
            let all = HookKind::ALL.iter().copied();
            let refuse = all.filter(|kind| kind.refuses(&config));
            assert_eq!(names(refuse), refusing, "{hooks}");
        }
    }

    #[test]
    fn a_server_names_its_hook() {
        let [developer, server] = [Side::Developer, Side::Server].map(Side::install_command);
        assert_eq!(developer, "keyward install");
        assert_eq!(server, "keyward install --hook pre-receive");
    }
}
