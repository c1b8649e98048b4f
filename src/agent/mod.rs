//! What AI agents tell before they act and after, and how each wants to be answered.
//!
//! An agent runs a command at certain moments, hands it an [`Event`] as JSON and goes by its [`Reply`].
//! Each speaks one of a few [forms](Form); what tells their events apart is data in [`event`], and what
//! their tools do in [`tool`]. Nothing here looks for secrets: an event is read into [looks](Look), which
//! take the same way as what is scanned otherwise.

mod answer;
mod cline;
pub(crate) mod edit;
mod event;
mod lines;
mod patch;
mod prompt;
mod protect;
pub(crate) mod settings;
pub(crate) mod shell;
mod tables;
mod tool;
pub(crate) mod trial;
mod windows;
mod within;

use crate::table::table;
pub(crate) use answer::{Answer, Reply};
pub(crate) use event::{Event, MOST_BYTES, Moment};
pub(crate) use lines::Lines;
pub(crate) use protect::{Guarded, guarded, starters_below};
pub(crate) use tool::Look;
pub(crate) use within::{Within, is_authored, within};

/// A row of the table of agents.
struct Row {
    /// The name that is typed.
    name: &'static str,
    /// The name that its makers gave it.
    title: &'static str,
    form: Form,
}

table! {
    /// An agent that can be guarded, in the order of the names.
    pub enum Agent of Row {
        /// Sourcegraph's, by a plugin.
        Amp = Row {
            name: "amp",
            title: "Amp",
            form: Form::Status,
        },
        /// Anthropic's.
        ClaudeCode = Row {
            name: "claude-code",
            title: "Claude Code",
            form: Form::Claude,
        },
        /// The one in editors and on the command line, by programs that are named as its events.
        Cline = Row {
            name: "cline",
            title: "Cline",
            form: Form::Cline,
        },
        /// OpenAI's.
        Codex = Row {
            name: "codex",
            title: "Codex CLI",
            form: Form::Codex,
        },
        /// GitHub's, on the command line and in its cloud.
        Copilot = Row {
            name: "copilot",
            title: "GitHub Copilot CLI",
            form: Form::Copilot,
        },
        /// The editor.
        Cursor = Row {
            name: "cursor",
            title: "Cursor",
            form: Form::Cursor,
        },
        /// Devin's, on the command line.
        Devin = Row {
            name: "devin",
            title: "Devin CLI",
            form: Form::Kin,
        },
        /// Factory's.
        Droid = Row {
            name: "droid",
            title: "Factory Droid",
            form: Form::Kin,
        },
        /// Google's.
        Gemini = Row {
            name: "gemini",
            title: "Gemini CLI",
            form: Form::Gemini,
        },
        /// The one in editors and on the command line that grew out of OpenCode, by a plugin.
        Kilo = Row {
            name: "kilo",
            title: "Kilo Code",
            form: Form::Status,
        },
        /// Moonshot's.
        Kimi = Row {
            name: "kimi",
            title: "Kimi Code",
            form: Form::Status,
        },
        /// Amazon's, an editor and on the command line.
        Kiro = Row {
            name: "kiro",
            title: "Kiro",
            form: Form::Status,
        },
        /// The one with plugins, by a plugin.
        Opencode = Row {
            name: "opencode",
            title: "OpenCode",
            form: Form::Status,
        },
        /// Alibaba's.
        Qwen = Row {
            name: "qwen",
            title: "Qwen Code",
            form: Form::Kin,
        },
        /// Mistral's.
        Vibe = Row {
            name: "vibe",
            title: "Mistral Vibe",
            form: Form::Vibe,
        },
        /// Microsoft's editor.
        VsCode = Row {
            name: "vscode",
            title: "VS Code",
            form: Form::VsCode,
        },
        /// The editor of Devin's makers.
        Windsurf = Row {
            name: "windsurf",
            title: "Windsurf",
            form: Form::Status,
        },
    }
}

impl Agent {
    /// The name that is typed.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The name that its makers gave it.
    pub(crate) const fn title(self) -> &'static str {
        self.row().title
    }

    /// The agent of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|agent| agent.name() == name)
    }
}

/// How events and answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As Claude Code has it.
    Claude,
    /// The same, of those that took over its first version, and nothing that came later.
    Kin,
    /// As Cline has it: it ends the whole task by what it refuses.
    Cline,
    /// As Codex has it: it takes a field that it does not know for a failure, and goes on.
    Codex,
    /// As VS Code has it.
    VsCode,
    /// As Copilot has it, in two spellings.
    Copilot,
    /// As Cursor has it.
    Cursor,
    /// As the Gemini CLI has it.
    Gemini,
    /// As Mistral Vibe has it.
    Vibe,
    /// By the exit code, with the reason on standard error: every agent takes 2 for a refusal.
    Status,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_sorted_and_found_by_name() {
        assert!(Agent::ALL.is_sorted_by_key(|agent| agent.name()));
        for &agent in Agent::ALL {
            assert_eq!(Agent::named(agent.name()), Some(agent));
            assert!(!agent.title().is_empty());
        }
        assert_eq!(Agent::named("claude"), None);
    }
}
