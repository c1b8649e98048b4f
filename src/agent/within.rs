//! Whether an agent runs this program, by the variables that agents set for what they run.

use super::Agent;

/// The agent that runs this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Within {
    /// What it is called.
    pub title: String,
    /// The variable that tells of it.
    pub variable: &'static str,
}

/// What an agent sets for the commands that it runs, and not for a person who types beside it.
struct Mark {
    variable: &'static str,
    /// The value that it has; `None` for any that does not switch it off.
    value: Option<&'static str>,
    title: &'static str,
}

const fn mark(variable: &'static str, title: &'static str) -> Mark {
    Mark {
        variable,
        value: None,
        title,
    }
}

const fn agent(value: &'static str, title: &'static str) -> Mark {
    Mark {
        variable: "AGENT",
        value: Some(value),
        title,
    }
}

const MARKS: &[Mark] = &[
    mark("CLAUDECODE", Agent::ClaudeCode.title()),
    mark("CODEX_THREAD_ID", Agent::Codex.title()),
    mark("CODEX_SANDBOX", Agent::Codex.title()),
    mark("CODEX_CI", Agent::Codex.title()),
    mark("COPILOT_CLI", Agent::Copilot.title()),
    mark("COPILOT_AGENT_SESSION_ID", Agent::Copilot.title()),
    mark("CURSOR_AGENT", Agent::Cursor.title()),
    mark("GEMINI_CLI", Agent::Gemini.title()),
    mark("OPENCODE", Agent::Opencode.title()),
    mark("QWEN_CODE", Agent::Qwen.title()),
    mark("AMP_CURRENT_THREAD_ID", Agent::Amp.title()),
    mark("ANTIGRAVITY_AGENT", "Antigravity"),
    mark("AUGMENT_AGENT", "Auggie"),
    mark("CLINE_ACTIVE", Agent::Cline.title()),
    mark("CRUSH", "Crush"),
    mark("GOOSE_TERMINAL", "Goose"),
    mark("PI_CODING_AGENT", "Pi"),
    agent("amp", Agent::Amp.title()),
    agent("crush", "Crush"),
    agent("goose", "Goose"),
];

/// Where an agent that no mark knows may give its name.
const NAMED: &str = "AI_AGENT";

/// The agent that runs this program, if one does. `value` gives the values of variables.
pub(crate) fn within(value: impl Fn(&str) -> Option<String>) -> Option<Within> {
    let said = |variable: &str| {
        value(variable).filter(|value| !matches!(&*value.to_lowercase(), "" | "0" | "false"))
    };
    let is_set = |mark: &&Mark| {
        said(mark.variable).is_some_and(|value| mark.value.is_none_or(|it| it == value))
    };
    let known = MARKS.iter().find(is_set).map(|mark| Within {
        title: mark.title.to_owned(),
        variable: mark.variable,
    });
    known.or_else(|| {
        said(NAMED).map(|name| Within {
            title: title(&name),
            variable: NAMED,
        })
    })
}

/// What the address of an agent has in it, in small letters, where a commit names it as an author.
const AUTHORS: &[&str] = &[
    "@aider.chat",
    "@ampcode.com",
    "@anthropic.com",
    "@charm.land",
    "@cursor.com",
    "@factory.ai",
    "@openai.com",
    "@opencode.ai",
    "@sst.dev",
    "aider@",
    "codex@",
    "copilot-swe-agent[bot]@",
    "copilot@users.noreply.github.com",
    "devin-ai-integration[bot]@",
    "factory-droid[bot]@",
    "gemini-code-assist[bot]@",
    "google-labs-jules[bot]@",
    "qwen-coder@",
];

/// Whether a message of a commit names an agent as one of its authors.
pub(crate) fn is_authored(message: &[u8]) -> bool {
    /// A bound: of a longer message the first lines are read.
    const MOST_LINES: usize = 10_000;
    message.split(|b| *b == b'\n').take(MOST_LINES).any(|line| {
        let line = line.to_ascii_lowercase();
        line.strip_prefix(b"co-authored-by:").is_some_and(|author| {
            let author = String::from_utf8_lossy(author);
            AUTHORS.iter().any(|agent| author.contains(agent))
        })
    })
}

/// A name as it may be shown and written down.
fn title(name: &str) -> String {
    /// A bound: no name is longer.
    const LONGEST: usize = 40;
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_. /@".contains(c);
    let name = name.trim();
    match name.len() <= LONGEST && name.chars().all(fits) {
        true => name.to_owned(),
        false => "an AI agent".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_its_agents() {
        assert!(AUTHORS.is_sorted());
        for (message, expected) in [
            (
                "x\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n",
                true,
            ),
            ("x\n\nco-authored-by: Cursor <cursoragent@cursor.com>", true),
            (
                "x\n\nCo-authored-by: Copilot <1+Copilot@users.noreply.github.com>\r\n",
                true,
            ),
            (
                "x\n\nCo-authored-by: aider (gpt) <noreply@aider.chat>\n",
                true,
            ),
            (
                "x\n\nCo-authored-by: Claude Dupont <claude@example.com>\n",
                false,
            ),
            (
                "x\n\nSigned-off-by: Claude <noreply@anthropic.com>\n",
                false,
            ),
            ("noreply@anthropic.com", false),
            ("", false),
        ] {
            assert_eq!(is_authored(message.as_bytes()), expected, "{message}");
        }
    }

    #[test]
    fn agents_are_known_by_what_they_set() {
        let found = |variable: &str, said: &str| {
            let value = |name: &str| (name == variable).then(|| said.to_owned());
            within(value).map(|it| it.title)
        };
        for (variable, said, expected) in [
            ("CLAUDECODE", "1", Some("Claude Code")),
            ("CODEX_SANDBOX", "seatbelt", Some("Codex CLI")),
            ("GEMINI_CLI", "1", Some("Gemini CLI")),
            ("AGENT", "amp", Some("Amp")),
            ("AGENT", "buildkite", None),
            ("AI_AGENT", "a-new-one/2", Some("a-new-one/2")),
            ("AI_AGENT", "x\u{1b}[2J", Some("an AI agent")),
            ("CLAUDECODE", "", None),
            ("CLAUDECODE", "0", None),
            ("CLAUDECODE", "False", None),
            ("CURSOR_TRACE_ID", "a", None),
            ("TERM", "xterm", None),
        ] {
            assert_eq!(
                found(variable, said).as_deref(),
                expected,
                "{variable}={said}"
            );
        }
    }
}
