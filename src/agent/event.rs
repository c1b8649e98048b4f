//! An event, read from the JSON that an agent hands over.
//!
//! Whose event it is, is told by the event: agents run the hooks that were set for others, too. What
//! nothing tells apart is answered in the way that all of them know.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::tool::{self, Look};
use super::{Agent, Form, cline, prompt};

/// A bound: of a longer event the start is looked at, and the rest is not read.
pub(crate) const MOST_BYTES: u64 = 16 << 20;

/// When an agent asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before a prompt goes to the model.
    Prompt,
    /// Before a tool runs.
    Before,
    /// When a tool has run.
    After,
    /// At another moment, at which nothing can be stopped.
    Other,
}

/// What an agent tells.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// How it is answered.
    pub form: Form,
    /// What the agent calls it; empty where it has no name.
    pub name: String,
    /// When it asks.
    pub moment: Moment,
    /// The directory in which the agent works.
    pub directory: Option<PathBuf>,
    /// What there is to look at.
    pub looks: Vec<Look>,
    /// What the tool that answered was asked to read or to run.
    pub asked: Vec<Look>,
    /// What the tool answered.
    pub output: Option<Value>,
}

/// The events at which something can be stopped, as each form calls them.
const EVENTS: &[(Form, &[(&str, Moment)])] = {
    const CLAUDE: &[(&str, Moment)] = &[
        ("UserPromptSubmit", Moment::Prompt),
        ("PreToolUse", Moment::Before),
        ("PostToolUse", Moment::After),
    ];
    &[
        (Form::Claude, CLAUDE),
        (Form::Cline, CLAUDE),
        (Form::Kin, CLAUDE),
        (Form::Codex, CLAUDE),
        (Form::VsCode, CLAUDE),
        (
            Form::Copilot,
            &[
                ("UserPromptSubmit", Moment::Prompt),
                ("PreToolUse", Moment::Before),
                ("PostToolUse", Moment::After),
            ],
        ),
        (
            Form::Cursor,
            &[
                ("beforeSubmitPrompt", Moment::Prompt),
                ("beforeShellExecution", Moment::Before),
                ("beforeMCPExecution", Moment::Before),
                ("beforeReadFile", Moment::Before),
                ("beforeTabFileRead", Moment::Before),
                ("preToolUse", Moment::Before),
                ("afterShellExecution", Moment::After),
                ("afterMCPExecution", Moment::After),
                ("afterFileEdit", Moment::After),
                ("afterTabFileEdit", Moment::After),
                ("postToolUse", Moment::After),
            ],
        ),
        (
            Form::Gemini,
            &[
                ("BeforeAgent", Moment::Prompt),
                ("BeforeTool", Moment::Before),
                ("AfterTool", Moment::After),
            ],
        ),
        (
            Form::Vibe,
            &[("pre_tool", Moment::Before), ("post_tool", Moment::After)],
        ),
        (
            Form::Status,
            &[
                ("pre_user_prompt", Moment::Prompt),
                ("userPromptSubmit", Moment::Prompt),
                ("preToolUse", Moment::Before),
                ("pre_read_code", Moment::Before),
                ("pre_write_code", Moment::Before),
                ("pre_run_command", Moment::Before),
                ("pre_mcp_tool_use", Moment::Before),
                ("postToolUse", Moment::After),
                ("post_read_code", Moment::After),
                ("post_write_code", Moment::After),
                ("post_run_command", Moment::After),
                ("post_mcp_tool_use", Moment::After),
            ],
        ),
    ]
};

impl Form {
    /// When a form asks by the event of that name.
    fn moment(self, event: &str) -> Option<Moment> {
        let (_, events) = EVENTS.iter().find(|(form, _)| *form == self)?;
        let known = events.iter().find(|(name, _)| *name == event);
        known.map(|(_, moment)| *moment)
    }
}

type Object = Map<String, Value>;

/// The first of these fields that there is.
pub(super) fn field<'v>(object: &'v Object, names: &[&str]) -> Option<&'v Value> {
    let mut values = names.iter().filter_map(|name| object.get(*name));
    values.find(|value| !value.is_null())
}

/// The first of these fields that holds a text.
pub(super) fn text<'v>(object: &'v Object, names: &[&str]) -> Option<&'v str> {
    names
        .iter()
        .find_map(|name| object.get(*name).and_then(Value::as_str))
}

impl Event {
    /// Reads an event of an agent.
    ///
    /// # Errors
    /// When it is no JSON object.
    pub(crate) fn read(agent: Agent, json: &[u8]) -> Result<Self, serde_json::Error> {
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        let payload = cline::plain(serde_json::from_slice(json)?);
        let snake = text(
            &payload,
            &["hook_event_name", "agent_action_name", "hookName"],
        );
        let name = snake
            .or(text(&payload, &["hookEventName"]))
            .unwrap_or_default()
            .to_owned();
        let form = form_of(agent, &payload, snake.is_some(), &name);
        let moment = match name.is_empty() {
            true => moment_by_fields(&payload),
            false => form.moment(&name),
        };
        // An event that its form does not know may be another's.
        let (form, moment) = match moment {
            Some(moment) => (form, moment),
            None => known_to_any(&name).map_or((form, Moment::Other), |it| (Form::Status, it)),
        };
        let input = field(
            &payload,
            &["tool_input", "toolArgs", "tool_info", "toolInput"],
        );
        // Some write the arguments as JSON within a text.
        let unfolded = input
            .and_then(Value::as_str)
            .and_then(|text| serde_json::from_str::<Value>(text).ok());
        let input = unfolded.as_ref().or(input);
        let arguments = input.and_then(Value::as_object).unwrap_or(&payload);
        let output = field(&payload, OUTPUTS).cloned();
        let tool = text(&payload, &["tool_name", "toolName"]).unwrap_or(&name);
        let asked = || tool::looks(tool, input.unwrap_or(&Value::Null), arguments);
        let looks = match moment {
            Moment::Prompt => prompt::looks(arguments),
            Moment::Before => asked(),
            Moment::After if tool::writes(tool, arguments) => Vec::new(),
            Moment::After => output.iter().flat_map(tool::results).collect(),
            Moment::Other => tool::results(&Value::Object(payload.clone())),
        };
        Ok(Self {
            form,
            moment,
            directory: directory(&payload, arguments),
            asked: match moment {
                Moment::After if !looks.is_empty() => {
                    let mut asked = asked();
                    asked.retain(|look| matches!(look, Look::Read { .. } | Look::Command(_)));
                    asked
                }
                _ => Vec::new(),
            },
            looks,
            output: output.filter(|_| moment == Moment::After),
            name,
        })
    }
}

/// Where what a tool answered stands.
const OUTPUTS: &[&str] = &[
    "tool_response",
    "tool_output",
    "toolResult",
    "tool_result",
    "toolOutput",
    "output",
    "result_json",
    "result",
];

/// The form of an event: by what only one agent tells, and else that of the agent for whom the hook was
/// set, if it can be one of its own.
fn form_of(agent: Agent, payload: &Object, is_snake: bool, name: &str) -> Form {
    let has = |name: &str| payload.contains_key(name);
    let own = agent.row().form;
    if has("agent_action_name") {
        Form::Status
    } else if has("hookName") {
        Form::Cline
    } else if has("cursor_version") {
        Form::Cursor
    } else if has("turn_id") {
        Form::Codex
    } else if name.is_empty() && (has("toolName") || has("sessionId")) {
        Form::Copilot
    } else if !is_snake && !name.is_empty() {
        Form::VsCode
    } else {
        // Copilot reads Claude Code's settings, and writes its events without a transcript.
        let is_copilot = has("timestamp") && !has("transcript_path");
        match own {
            Form::Claude if is_copilot => Form::Status,
            Form::Copilot if !is_copilot => Form::Status,
            Form::Cline | Form::Cursor => Form::Status,
            own => own,
        }
    }
}

/// Of an event that has no name, as Copilot's have none.
fn moment_by_fields(payload: &Object) -> Option<Moment> {
    let has = |names: &[&str]| field(payload, names).is_some();
    if has(&["toolName", "tool_name"]) {
        return Some(match has(OUTPUTS) {
            true => Moment::After,
            false => Moment::Before,
        });
    }
    has(&["prompt"]).then_some(Moment::Prompt)
}

fn known_to_any(name: &str) -> Option<Moment> {
    EVENTS.iter().find_map(|(form, _)| form.moment(name))
}

fn directory(payload: &Object, arguments: &Object) -> Option<PathBuf> {
    let roots = payload.get("workspace_roots").and_then(Value::as_array);
    let root = || roots?.first()?.as_str();
    text(payload, &["cwd"])
        .filter(|cwd| !cwd.is_empty())
        .or_else(root)
        .or(text(arguments, &["cwd"]))
        .map(PathBuf::from)
}
