//! Where each agent looks for what it is to run, and what is written there.

use serde_json::{Value, json};

use super::Agent;
use super::edit::Entry;

/// Where an agent has its settings, and how it wants them.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The file in a repository, from its top; the directory of its programs where there is one for each event.
    pub project: &'static str,
    /// The same of the user, from the home directory.
    pub user: &'static str,
    /// What it runs before a prompt, and before and after a tool.
    events: &'static [(&'static str, On)],
    /// Whether the events stand in an object `hooks`: in a repository, and in the file of the user.
    in_hooks: (bool, bool),
    shape: Shape,
    /// What a person has to do once it is written; empty if nothing.
    pub then: &'static str,
    /// What it can't be kept from.
    pub open: &'static str,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum On {
    Prompt,
    Tool,
}

/// How an entry is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A list of commands for a pattern of tools, with as many units of time.
    Matched(Option<u32>),
    /// A command.
    Flat,
    /// A command for each shell.
    Shells,
    /// A program that the agent loads, which is the whole file.
    Plugin(&'static str),
    /// A program for each event, by its name.
    Programs,
}

const CLAUDE: &[(&str, On)] = &[
    ("UserPromptSubmit", On::Prompt),
    ("PreToolUse", On::Tool),
    ("PostToolUse", On::Tool),
];

const FAILS_OPEN: &str = "it goes on if keyward is gone, or takes too long";

const CLAUDE_CODE: &Settings = &Settings {
    project: ".claude/settings.json",
    user: ".claude/settings.json",
    events: CLAUDE,
    in_hooks: (true, true),
    shape: Shape::Matched(Some(30)),
    then: "",
    open: FAILS_OPEN,
};

const AMP: &Settings = &Settings {
    project: ".amp/plugins/keyward.ts",
    user: ".config/amp/plugins/keyward.ts",
    shape: Shape::Plugin(include_str!("amp.ts")),
    then: "where amp runs no plugins by itself, start it with PLUGINS=all",
    ..*OPENCODE
};

const CLINE: &Settings = &Settings {
    project: ".clinerules/hooks",
    user: "Documents/Cline/Hooks",
    shape: Shape::Programs,
    then: "in an editor, turn on Hooks in Cline's settings; on Windows Cline runs other programs, and not these",
    open: "what is refused ends its whole task; its command line asks before no prompt",
    ..*CLAUDE_CODE
};

const CODEX: &Settings = &Settings {
    project: ".codex/hooks.json",
    user: ".codex/hooks.json",
    then: "start codex, type /hooks and trust the hook: until then it is not run, and `codex exec` \
           waits for it",
    open: "commands of its unified exec are seen in part",
    ..*CLAUDE_CODE
};

const COPILOT: &Settings = &Settings {
    project: ".github/hooks/keyward.json",
    user: ".copilot/hooks/keyward.json",
    events: &[
        ("userPromptSubmitted", On::Prompt),
        ("preToolUse", On::Tool),
        ("postToolUse", On::Tool),
    ],
    in_hooks: (true, true),
    shape: Shape::Shells,
    then: "trust the directory, which copilot asks for when it starts there: until then `copilot -p` does not run \
           the hooks of a repository",
    open: FAILS_OPEN,
};

const CURSOR: &Settings = &Settings {
    project: ".cursor/hooks.json",
    user: ".cursor/hooks.json",
    events: &[
        ("beforeSubmitPrompt", On::Prompt),
        ("beforeReadFile", On::Tool),
        ("beforeShellExecution", On::Tool),
        ("beforeMCPExecution", On::Tool),
        ("preToolUse", On::Tool),
    ],
    in_hooks: (true, true),
    shape: Shape::Flat,
    then: "",
    open: "what a tool answered can't be masked",
};

const DEVIN: &Settings = &Settings {
    project: ".devin/hooks.v1.json",
    user: ".config/devin/config.json",
    in_hooks: (false, true),
    shape: Shape::Matched(None),
    ..*CLAUDE_CODE
};

const DROID: &Settings = &Settings {
    project: ".factory/hooks.json",
    user: ".factory/hooks.json",
    in_hooks: (false, false),
    ..*CLAUDE_CODE
};

const GEMINI: &Settings = &Settings {
    project: ".gemini/settings.json",
    user: ".gemini/settings.json",
    events: &[
        ("BeforeAgent", On::Prompt),
        ("BeforeTool", On::Tool),
        ("AfterTool", On::Tool),
    ],
    // In thousandths of a second, there.
    shape: Shape::Matched(Some(30_000)),
    ..*CLAUDE_CODE
};

const OPENCODE: &Settings = &Settings {
    project: ".opencode/plugin/keyward.js",
    user: ".config/opencode/plugin/keyward.js",
    events: &[],
    in_hooks: (false, false),
    shape: Shape::Plugin(include_str!("opencode.js")),
    then: "",
    open: "prompts are not seen, and of what a tool answered nothing is masked",
};

const QWEN: &Settings = &Settings {
    project: ".qwen/settings.json",
    user: ".qwen/settings.json",
    shape: Shape::Matched(None),
    ..*CLAUDE_CODE
};

const WINDSURF: &Settings = &Settings {
    project: ".windsurf/hooks.json",
    user: ".codeium/windsurf/hooks.json",
    events: &[
        ("pre_user_prompt", On::Prompt),
        ("pre_read_code", On::Tool),
        ("pre_write_code", On::Tool),
        ("pre_run_command", On::Tool),
        ("pre_mcp_tool_use", On::Tool),
    ],
    in_hooks: (true, true),
    shape: Shape::Flat,
    then: "",
    open: "what a tool answered can't be masked",
};

impl Settings {
    /// Those of an agent; `None` for one that has to be set up by hand.
    pub(crate) const fn of(agent: Agent) -> Option<&'static Self> {
        Some(match agent {
            Agent::Amp => AMP,
            Agent::ClaudeCode => CLAUDE_CODE,
            Agent::Cline => CLINE,
            Agent::Codex => CODEX,
            Agent::Copilot => COPILOT,
            Agent::Cursor => CURSOR,
            Agent::Devin => DEVIN,
            Agent::Droid => DROID,
            Agent::Gemini => GEMINI,
            Agent::Opencode => OPENCODE,
            Agent::Qwen => QWEN,
            Agent::Windsurf => WINDSURF,
            // VS Code reads the files of Copilot and of Claude Code; Kiro has hooks in each of its agents.
            Agent::VsCode | Agent::Kiro => return None,
        })
    }

    /// The files, in a repository or of the user.
    pub(crate) fn files(&self, of_user: bool) -> Vec<String> {
        let named = if of_user { self.user } else { self.project };
        match self.shape {
            Shape::Programs => {
                let event = |(event, _): &(&str, On)| format!("{named}/{event}");
                self.events.iter().map(event).collect()
            }
            _ => vec![named.to_owned()],
        }
    }

    /// The entries that have a command run, in a repository or for the user.
    pub(crate) fn entries(&self, command: &str, of_user: bool) -> Vec<Entry> {
        let (in_project, in_user) = self.in_hooks;
        let in_hooks = if of_user { in_user } else { in_project };
        let entry = |&(event, on): &(&'static str, On)| Entry {
            path: match in_hooks {
                true => vec!["hooks", event],
                false => vec![event],
            },
            value: self.shape.entry(command, on),
        };
        match self.shape {
            Shape::Programs => Vec::new(),
            _ => self.events.iter().map(entry).collect(),
        }
    }

    /// What a file has beside the entries, if it holds nothing else.
    pub(crate) fn version(&self) -> Option<(&'static str, u32)> {
        matches!(
            self.project,
            ".cursor/hooks.json" | ".github/hooks/keyward.json"
        )
        .then_some(("version", 1))
    }

    /// The command in a program that keyward wrote, or none in another; `None` where the settings are none.
    pub(crate) fn program_command(&self, text: &str) -> Option<Option<String>> {
        let said = |start: &str| text.lines().find_map(|line| line.strip_prefix(start));
        match self.shape {
            Shape::Plugin(_) => Some(
                said("const command = ")
                    .and_then(|said| serde_json::from_str(said.trim_end_matches(';')).ok()),
            ),
            Shape::Programs => Some(said("exec ").map(str::to_owned)),
            _ => None,
        }
    }

    /// The whole file, where it is a program.
    pub(crate) fn program(&self, command: &str) -> Option<String> {
        match self.shape {
            Shape::Plugin(text) => Some(text.replace("COMMAND", &json!(command).to_string())),
            Shape::Programs => Some(include_str!("cline.sh").replace("COMMAND", command)),
            _ => None,
        }
    }

    /// Whether the files are run as they are, and not read by the agent.
    pub(crate) fn are_run(&self) -> bool {
        self.shape == Shape::Programs
    }
}

/// Whether a program is one that keyward wrote.
pub(crate) fn is_own_program(text: &str) -> bool {
    let comments = text.lines().take(2);
    comments
        .map(|line| line.trim_start_matches(['/', '#', ' ']))
        .any(|line| line.starts_with("keyward: "))
}

impl Shape {
    fn entry(self, command: &str, on: On) -> Value {
        match self {
            Self::Matched(timeout) => {
                let mut hook = json!({ "type": "command", "command": command });
                if let Some(timeout) = timeout {
                    hook["timeout"] = timeout.into();
                }
                match on {
                    On::Prompt => json!({ "hooks": [hook] }),
                    On::Tool => json!({ "matcher": "*", "hooks": [hook] }),
                }
            }
            Self::Shells => {
                json!({ "type": "command", "bash": command, "powershell": command, "timeoutSec": 30 })
            }
            Self::Flat | Self::Plugin(_) | Self::Programs => json!({ "command": command }),
        }
    }
}

/// What stands in every command that keyward writes for agents, between the program and the agent.
const CALL: &str = " agent-hook ";

/// Whether settings that can't be read may hold a command of keyward's.
pub(crate) fn mentions_us(text: &str) -> bool {
    text.contains(CALL)
}

/// Whether a command of some settings is one that keyward wrote.
pub(crate) fn is_ours(command: &str) -> bool {
    let Some((program, agent)) = command.trim().rsplit_once(CALL) else {
        return false;
    };
    let program = program.trim_matches(['"', '\'']);
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    matches!(name, "keyward" | "keyward.exe") && Agent::named(agent).is_some()
}

#[cfg(test)]
mod tests {
    use super::super::edit;
    use super::*;

    #[test]
    fn each_agent_has_a_file_that_can_be_made_and_unmade() {
        let mut files = Vec::new();
        for &agent in Agent::ALL {
            let Some(settings) = Settings::of(agent) else {
                continue;
            };
            files.extend(settings.files(false));
            let command = format!("'/a b/keyward' agent-hook {}", agent.name());
            assert!(is_ours(&command) && is_ours(&command.replace("'/a b/keyward'", "keyward")));
            if let Some(program) = settings.program(&command) {
                assert!(is_own_program(&program), "{program}");
                assert_eq!(
                    settings.program_command(&program),
                    Some(Some(command)),
                    "{program}"
                );
                assert_eq!(settings.program_command("const x = 1;"), Some(None));
                continue;
            }
            for of_user in [false, true] {
                let entries = settings.entries(&command, of_user);
                let made = edit::new_file(&entries, settings.version()).expect("it is made");
                let read: Value = serde_json::from_str(&made).expect("it is JSON");
                assert!(read.is_object());
                assert_eq!(
                    edit::commands(&made, &[], &is_ours),
                    Ok(vec![command.clone()])
                );
                assert_eq!(edit::without(&made, &is_ours), Ok(None), "{made}");
            }
        }
        files.sort_unstable();
        files.dedup();
        assert_eq!(files.len(), 14);
        assert!(
            !is_ours("keyward scan")
                && !is_ours("x agent-hook codex")
                && !is_ours("keyward agent-hook y")
        );
    }
}
