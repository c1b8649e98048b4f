//! A step that no agent takes, told as each would tell it, and whether the answer would stop it: for doctor.

use serde_json::{Value, json};

use super::{Agent, Form};

/// A command that an agent is about to run in a directory.
pub(crate) fn event(agent: Agent, directory: &str, command: &str) -> Value {
    match agent {
        Agent::Windsurf => json!({
            "agent_action_name": "pre_run_command",
            "trajectory_id": "keyward-doctor",
            "tool_info": { "command_line": command, "cwd": directory },
        }),
        Agent::Cline => json!({
            "hookName": "tool_call",
            "taskId": "keyward-doctor",
            "workspaceRoots": [directory],
            "preToolUse": { "toolName": "run_commands", "parameters": { "commands": json!([command]).to_string() } },
        }),
        Agent::Cursor => json!({
            "hook_event_name": "beforeShellExecution",
            "conversation_id": "keyward-doctor",
            "cursor_version": "0",
            "workspace_roots": [directory],
            "command": command,
            "cwd": directory,
        }),
        Agent::Copilot => json!({
            "sessionId": "keyward-doctor",
            "timestamp": 0,
            "cwd": directory,
            "toolName": "bash",
            "toolArgs": json!({ "command": command }).to_string(),
        }),
        Agent::Codex => json!({
            "hook_event_name": "PreToolUse",
            "session_id": "keyward-doctor",
            "turn_id": "keyward-doctor",
            "transcript_path": null,
            "cwd": directory,
            "tool_name": "Bash",
            "tool_input": { "command": command },
        }),
        _ => json!({
            "hook_event_name": match agent.row().form {
                Form::Gemini => "BeforeTool",
                Form::Vibe => "pre_tool",
                Form::Status if agent != Agent::Kimi => "preToolUse",
                _ => "PreToolUse",
            },
            "session_id": "keyward-doctor",
            "transcript_path": "",
            "cwd": directory,
            "tool_name": match agent {
                Agent::Devin => "exec",
                Agent::Droid => "Execute",
                Agent::Gemini | Agent::Qwen => "run_shell_command",
                Agent::Kiro => "execute_bash",
                Agent::Kilo | Agent::Opencode | Agent::Vibe => "bash",
                Agent::VsCode => "run_in_terminal",
                _ => "Bash",
            },
            "tool_input": { "command": command },
        }),
    }
}

/// Whether an agent takes that for a refusal, by its documents.
pub(crate) fn is_refusal(agent: Agent, code: Option<i32>, out: &[u8], err: &[u8]) -> bool {
    match code {
        // Without a reason some take it for a failure, and go on.
        Some(2) => !err.trim_ascii().is_empty(),
        Some(0) => {
            let (at, refuses) = match agent.row().form {
                Form::Claude | Form::Kin | Form::Codex | Form::VsCode => {
                    ("/hookSpecificOutput/permissionDecision", json!("deny"))
                }
                Form::Cline => ("/cancel", json!(true)),
                Form::Copilot => ("/permissionDecision", json!("deny")),
                Form::Cursor => ("/permission", json!("deny")),
                Form::Gemini | Form::Vibe => ("/decision", json!("deny")),
                Form::Status => return false,
            };
            let answer: Option<Value> = serde_json::from_slice(out).ok();
            answer.is_some_and(|answer| answer.pointer(at) == Some(&refuses))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Answer, Event, Look, Moment};
    use super::*;

    #[test]
    fn each_trial_is_an_event_of_its_agent_and_its_answers_are_told_apart() {
        for &agent in Agent::ALL {
            let event = event(agent, "/w", "make it");
            let event = Event::read(agent, event.to_string().as_bytes()).expect("it is JSON");
            assert_eq!(event.moment, Moment::Before, "{agent:?}");
            assert_eq!(event.form, agent.row().form, "{agent:?}");
            assert!(
                event.looks.contains(&Look::Command("make it".to_owned())),
                "{agent:?} {:?}",
                event.looks
            );
            let heard = |answer: &Answer| {
                let reply = event.reply(answer);
                let code = if reply.refuses { 2 } else { 0 };
                let (out, err) = (reply.out.as_bytes(), reply.err.as_bytes());
                is_refusal(agent, Some(code), out, err)
            };
            assert!(heard(&Answer::Refuse("why".to_owned())), "{agent:?}");
            assert!(!heard(&Answer::Pass), "{agent:?}");
            assert!(!heard(&Answer::Note("x".to_owned())), "{agent:?}");
            for (code, out, err) in [
                (Some(2), "", " \n"),
                (Some(1), "", "why"),
                (Some(0), "nonsense", "why"),
                (None, "", "why"),
            ] {
                assert!(!is_refusal(agent, code, out.as_bytes(), err.as_bytes()));
            }
        }
    }
}
