//! An answer, as each agent's documents ask for it.

use serde_json::{Value, json};

use super::Form;
use super::event::{Event, Moment};

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// It goes on, and there is nothing to say.
    Pass,
    /// It goes on, and something is to be told.
    Note(String),
    /// It does not go on, for this reason.
    Refuse(String),
    /// A tool has run; what it answered is replaced.
    Replace {
        /// What stands in its place, of the same shape.
        output: Value,
        /// Why.
        reason: String,
    },
}

/// What is written, and whether the exit code says that it was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    /// To standard output.
    pub out: String,
    /// To standard error.
    pub err: String,
    /// Whether the exit code is 2.
    pub refuses: bool,
}

impl Reply {
    /// The reply where nobody can tell what was asked, which every agent understands.
    pub(crate) fn by_status(answer: &Answer) -> Self {
        match answer {
            Answer::Pass => Self::default(),
            Answer::Note(told) => Self {
                err: told.clone(),
                ..Self::default()
            },
            Answer::Refuse(reason) | Answer::Replace { reason, .. } => Self {
                err: reason.clone(),
                refuses: true,
                ..Self::default()
            },
        }
    }

    fn json(value: &Value) -> Self {
        Self {
            out: value.to_string(),
            ..Self::default()
        }
    }

    /// JSON that carries no reason, with the reason beside it.
    fn beside(value: &Value, reason: &str) -> Self {
        Self {
            err: reason.to_owned(),
            ..Self::json(value)
        }
    }
}

impl Event {
    /// The answer to the event in its form.
    pub(crate) fn reply(&self, answer: &Answer) -> Reply {
        if self.moment == Moment::Other {
            // There is nothing to stop, and no field to say it in.
            return Reply {
                refuses: false,
                ..Reply::by_status(answer)
            };
        }
        match self.form {
            Form::Claude | Form::Kin | Form::Codex | Form::VsCode => self.as_claude(answer),
            Form::Cline => as_cline(answer),
            Form::Copilot => self.as_copilot(answer),
            Form::Cursor => self.as_cursor(answer),
            Form::Gemini => by_decision(answer, "systemMessage"),
            Form::Vibe => by_decision(answer, "system_message"),
            Form::Status => Reply::by_status(answer),
        }
    }

    fn as_claude(&self, answer: &Answer) -> Reply {
        let event = &self.name;
        Reply::json(&match (answer, self.moment) {
            (Answer::Pass, _) => return Reply::default(),
            (Answer::Note(told), _) => json!({ "systemMessage": told }),
            (Answer::Refuse(reason), Moment::Before) => json!({
                "hookSpecificOutput": {
                    "hookEventName": event,
                    "permissionDecision": "deny",
                    "permissionDecisionReason": reason,
                }
            }),
            (Answer::Refuse(reason), Moment::Prompt) => match self.form {
                Form::VsCode => json!({ "continue": false, "stopReason": reason }),
                // It shows a prompt that was refused once more unless it is told not to.
                Form::Claude => json!({
                    "decision": "block",
                    "reason": reason,
                    "hookSpecificOutput": {
                        "hookEventName": event,
                        "suppressOriginalPrompt": true,
                    }
                }),
                _ => json!({ "decision": "block", "reason": reason }),
            },
            (Answer::Refuse(reason), _) => json!({ "decision": "block", "reason": reason }),
            (Answer::Replace { output, reason }, _) => match self.form {
                Form::Claude => json!({
                    "hookSpecificOutput": {
                        "hookEventName": event,
                        "updatedToolOutput": output,
                        "additionalContext": reason,
                    }
                }),
                // There, the reason itself takes the place of what the tool answered.
                Form::Codex => json!({ "decision": "block", "reason": with(reason, output) }),
                _ => json!({ "decision": "block", "reason": reason }),
            },
        })
    }

    fn as_copilot(&self, answer: &Answer) -> Reply {
        Reply::json(&match (answer, self.moment) {
            (Answer::Pass, _) => return Reply::default(),
            (Answer::Note(_), _) => return Reply::by_status(answer),
            (Answer::Refuse(reason), Moment::Before) => json!({
                "permissionDecision": "deny",
                "permissionDecisionReason": reason,
            }),
            (Answer::Refuse(reason), Moment::Prompt) => {
                json!({ "decision": "block", "reason": reason })
            }
            (Answer::Refuse(reason), _) => as_result(reason),
            (Answer::Replace { output, reason }, _) => as_result(&with(reason, output)),
        })
    }

    fn as_cursor(&self, answer: &Answer) -> Reply {
        match (answer, self.moment) {
            (Answer::Pass, _) => Reply::json(&json!({})),
            (Answer::Note(told), _) => Reply::beside(&json!({}), told),
            (Answer::Refuse(reason), Moment::Prompt) => {
                Reply::json(&json!({ "continue": false, "user_message": reason }))
            }
            (Answer::Refuse(reason), Moment::Before) if self.name.contains("Read") => {
                Reply::beside(&json!({ "permission": "deny" }), reason)
            }
            (Answer::Refuse(reason), Moment::Before) => Reply::json(&json!({
                "permission": "deny",
                "user_message": reason,
                "agent_message": reason,
            })),
            // What a tool answered is the agent's already.
            (Answer::Refuse(reason) | Answer::Replace { reason, .. }, _) => {
                Reply::beside(&json!({}), reason)
            }
        }
    }
}

fn as_cline(answer: &Answer) -> Reply {
    let passes = json!({ "cancel": false });
    match answer {
        Answer::Pass => Reply::json(&passes),
        Answer::Note(told) => Reply::beside(&passes, told),
        Answer::Refuse(reason) | Answer::Replace { reason, .. } => {
            Reply::json(&json!({ "cancel": true, "errorMessage": reason }))
        }
    }
}

/// As Gemini has it, and others who call a note by another name.
fn by_decision(answer: &Answer, note: &str) -> Reply {
    Reply::json(&match answer {
        Answer::Pass => return Reply::default(),
        Answer::Note(told) => json!({ note: told }),
        Answer::Refuse(reason) => json!({ "decision": "deny", "reason": reason }),
        Answer::Replace { output, reason } => {
            json!({ "decision": "deny", "reason": with(reason, output) })
        }
    })
}

fn as_result(text: &str) -> Value {
    json!({ "modifiedResult": { "resultType": "success", "textResultForLlm": text } })
}

/// A reason, and behind it what may be shown of the output.
fn with(reason: &str, output: &Value) -> String {
    let shown = match output {
        Value::String(text) => text.clone(),
        Value::Object(fields) => match fields.get("textResultForLlm") {
            Some(Value::String(text)) => text.clone(),
            _ => output.to_string(),
        },
        _ => output.to_string(),
    };
    format!("{reason}\n\n{shown}")
}
