//! Where each agent looks for what it is to run, and what is written there.

use serde_json::{Value, json};

use super::Agent;
use super::edit::{self, Entry, Problem};
use super::tables;

/// Where an agent has its settings, and how it wants them.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The file in a repository, from its top; the directory of its programs where there is one for each event. Empty
    /// where it has none there.
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
    /// An action with a name, all of them in one list.
    Named,
    /// A table of TOML for each event, of which this is one.
    Tables(&'static str),
    /// A list of commands for a pattern of tools, with as many units of time.
    Matched(Option<u32>),
    /// A command.
    Flat,
    /// A command for each shell.
    Shells,
    /// A program that the agent loads, which is the whole file.
    Plugin(&'static str),
    /// A program for each event, by its name, for a shell and for PowerShell.
    Programs,
}

const CLAUDE: &[(&str, On)] = &[
    ("UserPromptSubmit", On::Prompt),
    ("PreToolUse", On::Tool),
    ("PostToolUse", On::Tool),
];

/// The end of the name of a program for PowerShell, which Windows has in the place of a shell.
const POWERSHELL: &str = ".ps1";

/// What stands before the command in such a program.
const PIPED: &str = "[Console]::In.ReadToEnd() | & ";

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
    then: "in an editor, turn on Hooks in Cline's settings",
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

const KILO: &Settings = &Settings {
    project: ".kilo/plugin/keyward.js",
    user: ".config/kilo/plugin/keyward.js",
    // It takes a function that is exported under its own name for a plugin only where the file is listed.
    shape: Shape::Plugin(concat!(
        include_str!("opencode.js"),
        "\nexport default { id: \"keyward\", server: Keyward };\n"
    )),
    ..*OPENCODE
};

const KIMI: &Settings = &Settings {
    project: "",
    user: ".kimi-code/config.toml",
    events: &[("UserPromptSubmit", On::Prompt), ("PreToolUse", On::Tool)],
    in_hooks: (true, true),
    shape: Shape::Tables("[[hooks]]\nevent = EVENT\ncommand = COMMAND\ntimeout = 30\n"),
    then: "start kimi anew",
    open: "it goes on if keyward is gone, or takes too long, and what a tool answered can't be masked",
};

const KIRO: &Settings = &Settings {
    project: ".kiro/hooks/keyward.json",
    user: ".kiro/hooks/keyward.json",
    shape: Shape::Named,
    then: "start a new session; a Kiro CLI before 3 has hooks in each of its agents alone: add `keyward agent-hook \
           kiro` to userPromptSubmit, preToolUse and postToolUse of those in .kiro/agents",
    open: "it goes on if keyward is gone, or takes too long, and what a tool answered can't be masked",
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

const VIBE: &Settings = &Settings {
    project: ".vibe/hooks.toml",
    user: ".vibe/hooks.toml",
    events: &[("pre_tool", On::Tool)],
    in_hooks: (true, true),
    shape: Shape::Tables(
        "[[hooks]]\nname = \"keyward\"\ntype = EVENT\nmatch = \"*\"\ncommand = COMMAND\ntimeout = 30.0\n",
    ),
    then: "trust the directory, which vibe asks for when it starts there: until then it does not run the hooks of a \
           repository",
    open: "prompts are not seen, and of what a tool answered nothing is masked",
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
    /// Those of an agent; `None` for one that has none of its own.
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
            Agent::Kilo => KILO,
            Agent::Kimi => KIMI,
            Agent::Kiro => KIRO,
            Agent::Opencode => OPENCODE,
            Agent::Qwen => QWEN,
            Agent::Vibe => VIBE,
            Agent::Windsurf => WINDSURF,
            // It reads the files of Copilot and of Claude Code.
            Agent::VsCode => return None,
        })
    }

    /// The files, in a repository or of the user.
    pub(crate) fn files(&self, of_user: bool) -> Vec<String> {
        let named = if of_user { self.user } else { self.project };
        match self.shape {
            Shape::Programs => {
                let names = self
                    .events
                    .iter()
                    .map(|(event, _)| format!("{named}/{event}"));
                names
                    .flat_map(|name| [format!("{name}{POWERSHELL}"), name])
                    .collect()
            }
            _ if named.is_empty() => Vec::new(),
            _ => vec![named.to_owned()],
        }
    }

    /// The entries that have a command run, in a repository or for the user.
    pub(crate) fn entries(&self, command: &str, of_user: bool) -> Vec<Entry> {
        let (in_project, in_user) = self.in_hooks;
        let in_hooks = if of_user { in_user } else { in_project };
        let entry = |&(event, on): &(&'static str, On)| Entry {
            path: match (self.shape, in_hooks) {
                (Shape::Named, _) => vec!["hooks"],
                (_, true) => vec!["hooks", event],
                (_, false) => vec![event],
            },
            value: self.shape.entry(event, command, on),
        };
        match self.shape {
            Shape::Programs | Shape::Tables(_) => Vec::new(),
            _ => self.events.iter().map(entry).collect(),
        }
    }

    /// The settings with keyward's entries, of this command alone.
    pub(crate) fn filled(
        &self,
        old: Option<&str>,
        command: &str,
        of_user: bool,
    ) -> Result<String, Problem> {
        let others = match old {
            Some(old) => self.emptied(old)?,
            None => None,
        };
        if let Shape::Tables(table) = self.shape {
            let quoted = |text: &str| json!(text).to_string();
            let tables = self.events.iter().map(|(event, _)| {
                let table = table.replace("EVENT", &quoted(event));
                table.replace("COMMAND", &quoted(command))
            });
            return tables::with(others.as_deref(), &tables.collect::<Vec<_>>().join("\n"));
        }
        let entries = self.entries(command, of_user);
        match others {
            None => edit::new_file(&entries, self.version()),
            Some(others) => entries
                .iter()
                .try_fold(others, |text, entry| edit::with(&text, entry)),
        }
    }

    /// The settings without keyward's entries; `None` if nothing else was in the file.
    pub(crate) fn emptied(&self, text: &str) -> Result<Option<String>, Problem> {
        match self.shape {
            Shape::Tables(_) => Ok(tables::without(text)),
            _ => edit::without(text, &is_ours),
        }
    }

    /// The commands of keyward's that the settings name.
    pub(crate) fn commands(&self, text: &str) -> Result<Vec<String>, Problem> {
        match (self.program_command(text), self.shape) {
            (Some(command), _) => Ok(command.into_iter().filter(|it| is_ours(it)).collect()),
            (None, Shape::Tables(_)) => tables::commands(text, &is_ours),
            (None, _) => edit::commands(text, &[], &is_ours),
        }
    }

    /// The events at which a text of the settings names no command of keyward's; none where it can't be read.
    pub(crate) fn unasked(&self, text: &str, of_user: bool) -> Vec<&'static str> {
        let is_unasked = |event: &&str| match self.shape {
            Shape::Programs | Shape::Plugin(_) => false,
            Shape::Tables(_) => tables::names(text, event, &is_ours) == Ok(false),
            Shape::Named => edit::names(text, &["hooks"], event, &is_ours) == Ok(false),
            _ => {
                let entries = self.entries("", of_user);
                let of_event = |entry: &&Entry| entry.path.last() == Some(event);
                let path = entries.iter().find(of_event).map(|entry| &*entry.path);
                let commands = path.map(|path| edit::commands(text, path, &is_ours));
                commands.is_some_and(|it| it.is_ok_and(|commands| commands.is_empty()))
            }
        };
        self.events
            .iter()
            .map(|(event, _)| *event)
            .filter(is_unasked)
            .collect()
    }

    /// The programs of other events that belong beside one, where each event has its own.
    pub(crate) fn beside(&self, named: &str) -> Vec<(&'static str, String)> {
        if self.shape != Shape::Programs {
            return Vec::new();
        }
        let end = if named.ends_with(POWERSHELL) {
            POWERSHELL
        } else {
            ""
        };
        let events = self.events.iter().map(|(event, _)| *event);
        events
            .map(|event| (event, format!("{event}{end}")))
            .collect()
    }

    /// What a file has beside the entries, if it holds nothing else.
    fn version(&self) -> Option<(&'static str, &'static str)> {
        match self.project {
            ".cursor/hooks.json" | ".github/hooks/keyward.json" => Some(("version", "1")),
            ".kiro/hooks/keyward.json" => Some(("version", "\"v1\"")),
            _ => None,
        }
    }

    /// The command in a program that keyward wrote, or none in another; `None` where the settings are none.
    fn program_command(&self, text: &str) -> Option<Option<String>> {
        let said = |start: &str| text.lines().find_map(|line| line.strip_prefix(start));
        match self.shape {
            Shape::Plugin(_) => Some(
                said("const command = ")
                    .and_then(|said| serde_json::from_str(said.trim_end_matches(';')).ok()),
            ),
            Shape::Programs => {
                let said = said("exec ").or_else(|| said(PIPED));
                Some(said.map(str::to_owned))
            }
            _ => None,
        }
    }

    /// The whole of a file of that name, where it is a program.
    pub(crate) fn program(&self, named: &str, command: &str) -> Option<String> {
        match self.shape {
            Shape::Plugin(text) => Some(text.replace("COMMAND", &json!(command).to_string())),
            Shape::Programs => {
                let program = match named.ends_with(POWERSHELL) {
                    true => include_str!("cline.ps1"),
                    false => include_str!("cline.sh"),
                };
                Some(program.replace("COMMAND", command))
            }
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
    fn entry(self, event: &str, command: &str, on: On) -> Value {
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
            Self::Named => {
                let mut hook = json!({
                    "name": format!("keyward-{}", event.to_ascii_lowercase()),
                    "trigger": event,
                    "action": { "type": "command", "command": command },
                    "timeout": 30,
                });
                // Of a prompt it would be the text.
                if on == On::Tool {
                    hook["matcher"] = ".*".into();
                }
                hook
            }
            Self::Flat | Self::Plugin(_) | Self::Programs | Self::Tables(_) => {
                json!({ "command": command })
            }
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
            for (of_user, named) in [false, true].into_iter().flat_map(|of_user| {
                settings
                    .files(of_user)
                    .into_iter()
                    .map(move |it| (of_user, it))
            }) {
                if let Some(program) = settings.program(&named, &command) {
                    assert!(is_own_program(&program), "{program}");
                    assert_eq!(settings.commands(&program), Ok(vec![command.clone()]));
                    assert_eq!(settings.commands("const x = 1;"), Ok(Vec::new()));
                    continue;
                }
                let made = settings
                    .filled(None, &command, of_user)
                    .expect("it is made");
                match named.ends_with(".toml") {
                    true => drop(toml::from_str::<toml::Table>(&made).expect("it is TOML")),
                    false => drop(serde_json::from_str::<Value>(&made).expect("it is JSON")),
                }
                assert_eq!(settings.commands(&made), Ok(vec![command.clone()]));
                assert_eq!(settings.emptied(&made), Ok(None), "{made}");
            }
        }
        files.sort_unstable();
        files.dedup();
        assert_eq!(files.len(), 20);
        assert!(
            !is_ours("keyward scan")
                && !is_ours("x agent-hook codex")
                && !is_ours("keyward agent-hook y")
        );
    }
}
