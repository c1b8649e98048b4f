//! AI agents, the real ones, with a model on this machine that asks for what it may not have: ignored unless asked
//! for, since they come from elsewhere. `.ci/run` fetches what it can and runs those.
//!
//! Each program is named by a variable: `KEYWARD_TEST_CLAUDE_CODE`, `KEYWARD_TEST_CLINE`, `KEYWARD_TEST_CODEX`,
//! `KEYWARD_TEST_COPILOT`, `KEYWARD_TEST_GEMINI`, `KEYWARD_TEST_KILO`, `KEYWARD_TEST_OPENCODE`, `KEYWARD_TEST_QWEN`. Without it, its test
//! fails. None needs an account: the model is a server on the loopback that says what the test has it say.

#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::support::{Ran, Reading, Scratch, anthropic_key, run};

/// A model that has one command run, and is content with whatever comes of it.
struct Model {
    port: u16,
    /// What it was sent.
    heard: Arc<Mutex<Vec<String>>>,
}

impl Model {
    fn that_runs(command: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (command, all) = (command.to_owned(), Arc::clone(&heard));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (command, all) = (command.clone(), Arc::clone(&all));
                thread::spawn(move || answer(stream, &command, &all));
            }
        });
        Self { port, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// Reads one request, remembers it, and answers it.
fn answer(stream: TcpStream, command: &str, heard: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.split('?').next()?.to_owned();
    let (mut length, mut is_chunked) = (0, false);
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let header = line.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        is_chunked |= header == "transfer-encoding: chunked";
    }
    let mut body = Vec::new();
    if is_chunked {
        loop {
            line.clear();
            reader.read_line(&mut line).ok()?;
            let size = u64::from_str_radix(line.trim(), 16).ok()?;
            reader.by_ref().take(size).read_to_end(&mut body).ok()?;
            reader.read_line(&mut line).ok()?;
            if size == 0 {
                break;
            }
        }
    } else {
        reader.take(length).read_to_end(&mut body).ok()?;
    }
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    if !body.is_empty() {
        heard
            .lock()
            .unwrap()
            .push(String::from_utf8_lossy(&body).into_owned());
    }
    let (kind, said) = said(&path, &request, command);
    let mut stream = stream;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        said.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(said.as_bytes()).ok()
}

/// The name of the tool that runs commands, and what it is given.
fn call(names: &[&str], command: &str) -> Option<(String, Value)> {
    const TOOLS: &[&str] = &[
        "Bash",
        "bash",
        "run_shell_command",
        "exec_command",
        "shell_command",
        "run_commands",
    ];
    let name = *TOOLS.iter().find(|tool| names.contains(*tool))?;
    let input = match name {
        "exec_command" => json!({ "cmd": command }),
        "run_commands" => json!({ "commands": [command] }),
        "run_shell_command" => {
            json!({ "command": command, "description": "x", "is_background": false })
        }
        _ => json!({ "command": command, "description": "x" }),
    };
    Some((name.to_owned(), input))
}

fn events(events: &[Value]) -> String {
    let event = |event: &Value| match event["type"].as_str() {
        Some(name) => format!("event: {name}\ndata: {event}\n\n"),
        None => format!("data: {event}\n\n"),
    };
    events.iter().map(event).collect()
}

/// What the model says: its command where it may run one and has not yet, and that it is done.
fn said(path: &str, request: &Value, command: &str) -> (&'static str, String) {
    const STREAM: &str = "text/event-stream";
    const JSON: &str = "application/json";
    let tools = request["tools"].as_array().cloned().unwrap_or_default();
    let declared = tools
        .iter()
        .flat_map(|tool| match &tool["functionDeclarations"] {
            Value::Array(list) => list.clone(),
            _ => vec![tool.clone()],
        });
    let declared: Vec<Value> = declared.collect();
    let name = |tool: &Value| {
        tool["name"]
            .as_str()
            .or(tool["function"]["name"].as_str())
            .map(str::to_owned)
    };
    let names: Vec<String> = declared.iter().filter_map(name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let history = [
        &request["messages"],
        &request["input"],
        &request["contents"],
    ]
    .map(Value::to_string)
    .concat();
    let answers = [
        "tool_result",
        "call_output",
        "functionResponse",
        "\"role\":\"tool\"",
    ];
    let is_done = answers.iter().any(|answer| history.contains(answer));
    let call = call(&names, command).filter(|_| !is_done);
    if path.ends_with("/messages") {
        let (block, delta, stop) = match &call {
            Some((name, input)) => (
                json!({ "type": "tool_use", "id": "toolu_1", "name": name, "input": {} }),
                json!({ "type": "input_json_delta", "partial_json": input.to_string() }),
                "tool_use",
            ),
            None => (
                json!({ "type": "text", "text": "" }),
                json!({ "type": "text_delta", "text": "DONE" }),
                "end_turn",
            ),
        };
        let usage = json!({ "input_tokens": 1, "output_tokens": 1 });
        let message = json!({ "id": "m", "type": "message", "role": "assistant", "model": request["model"],
            "content": [], "stop_reason": null, "stop_sequence": null, "usage": usage });
        return (
            STREAM,
            events(&[
                json!({ "type": "message_start", "message": message }),
                json!({ "type": "content_block_start", "index": 0, "content_block": block }),
                json!({ "type": "content_block_delta", "index": 0, "delta": delta }),
                json!({ "type": "content_block_stop", "index": 0 }),
                json!({ "type": "message_delta", "delta": { "stop_reason": stop, "stop_sequence": null }, "usage": usage }),
                json!({ "type": "message_stop" }),
            ]),
        );
    }
    if path.ends_with("/responses") {
        let item = match &call {
            Some((name, input)) => {
                json!({ "type": "function_call", "id": "f", "call_id": "c", "name": name,
                "arguments": input.to_string() })
            }
            None => json!({ "type": "message", "role": "assistant", "id": "m",
                "content": [{ "type": "output_text", "text": "DONE" }] }),
        };
        let usage = json!({ "input_tokens": 1, "output_tokens": 1, "total_tokens": 2 });
        return (
            STREAM,
            events(&[
                json!({ "type": "response.created", "response": { "id": "r" } }),
                json!({ "type": "response.output_item.added", "output_index": 0, "item": item }),
                json!({ "type": "response.output_item.done", "output_index": 0, "item": item }),
                json!({ "type": "response.completed", "response": { "id": "r", "output": [item], "usage": usage } }),
            ]),
        );
    }
    if path.ends_with("/chat/completions") {
        let (message, end) = match &call {
            Some((name, input)) => (
                json!({ "role": "assistant", "content": null, "tool_calls": [{ "index": 0, "id": "c",
                    "type": "function", "function": { "name": name, "arguments": input.to_string() } }] }),
                "tool_calls",
            ),
            None => (json!({ "role": "assistant", "content": "DONE" }), "stop"),
        };
        let usage = json!({ "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 });
        let whole = |object: &str, choice: Value| {
            json!({ "id": "x", "object": object, "created": 1,
            "model": request["model"], "choices": [choice], "usage": usage })
        };
        if request["stream"] != true {
            let choice = json!({ "index": 0, "message": message, "finish_reason": end });
            return (JSON, whole("chat.completion", choice).to_string());
        }
        let part = |delta: &Value, end: Value| {
            whole(
                "chat.completion.chunk",
                json!({ "index": 0, "delta": delta, "finish_reason": end }),
            )
        };
        let parts = events(&[part(&message, Value::Null), part(&json!({}), end.into())]);
        return (STREAM, parts + "data: [DONE]\n\n");
    }
    if path.contains("enerateContent") {
        let part = match &call {
            Some((name, input)) => json!({ "functionCall": { "name": name, "args": input } }),
            None => json!({ "text": "DONE" }),
        };
        let usage =
            json!({ "promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2 });
        let whole = json!({ "candidates": [{ "content": { "role": "model", "parts": [part] },
            "finishReason": "STOP", "index": 0 }], "usageMetadata": usage });
        return match path.contains("stream") {
            true => (STREAM, events(&[whole])),
            false => (JSON, whole.to_string()),
        };
    }
    (
        JSON,
        json!({ "input_tokens": 1, "data": [{ "id": "m", "object": "model" }] }).to_string(),
    )
}

/// An agent in a repository of its own, in which it was set to ask keyward.
struct Real {
    scratch: Scratch,
    program: String,
    key: String,
}

impl Real {
    fn new(agent: &str, variable: &str) -> Self {
        let program = std::env::var(variable)
            .unwrap_or_else(|_| panic!("{variable} does not name a program"));
        let mut scratch = Scratch::new(Reading::Default);
        let bin = Path::new(env!("CARGO_BIN_EXE_keyward")).parent().unwrap();
        scratch.first_on_path(bin);
        scratch.set("TERM", "dumb");
        scratch.set("LANG", "C.UTF-8");
        let key = anthropic_key();
        scratch.write(".env", format!("ANTHROPIC_API_KEY={key}\n"));
        scratch.write(".gitignore", ".env\n");
        scratch.keyward(&["install", "--agents", agent]).passes();
        Self {
            scratch,
            program,
            key,
        }
    }

    fn write_home(&self, path: &str, text: impl AsRef<[u8]>) {
        let file = self.scratch.home().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Runs the agent with a model that runs a command. What it told, and what the model heard.
    fn asked(
        &self,
        model: &Model,
        set: &[(&str, String)],
        arguments: &[&str],
    ) -> (Ran, Vec<String>) {
        let mut agent = self.scratch.command("timeout");
        agent.args(["120", &self.program]).args(arguments);
        agent.envs(set.iter().map(|(name, value)| (name, value)));
        let ran = run(&mut agent);
        let heard = model.heard();
        for text in &heard {
            assert!(
                !text.contains(&self.key[20..60]),
                "the key came through: {ran:?}"
            );
        }
        (ran, heard)
    }

    /// A command that would show the key is stopped, and another one runs. `start` sets the agent up for a model and
    /// gives the variables and arguments for a prompt.
    fn is_stopped(&self, ends_task: bool, start: impl Fn(&Self, u16, &str) -> Start) {
        let ask = |command: &str, prompt: &str| {
            let model = Model::that_runs(command);
            let (set, arguments) = start(self, model.port, prompt);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            self.asked(&model, &set, &arguments)
        };
        let (ran, heard) = ask("cat .env", "do it");
        assert!(!heard.is_empty(), "no model was asked: {ran:?}");
        let told = heard
            .iter()
            .any(|text| text.contains("keyward: refused: this read"));
        assert!(told || ends_task, "the model was not told: {ran:?}");
        assert!(
            !ran.told().contains(&self.key[20..60]),
            "the key was shown: {ran:?}"
        );
        if ends_task {
            assert_eq!(
                heard.iter().filter(|text| text.contains("do it")).count(),
                1,
                "{ran:?}"
            );
        }
        let (ran, heard) = ask("expr 19 '*' 4021", "do it");
        let told = heard.iter().any(|text| text.contains("76399"));
        assert!(told, "what is harmless does not run: {ran:?}");
    }

    /// A prompt with a key goes to no model.
    fn keeps_prompts(&self, start: impl Fn(&Self, u16, &str) -> Start) {
        let model = Model::that_runs("true");
        let prompt = format!("use {}", self.key);
        let (set, arguments) = start(self, model.port, &prompt);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (ran, heard) = self.asked(&model, &set, &arguments);
        assert!(heard.is_empty(), "{ran:?} {heard:?}");
    }
}

/// Variables and arguments.
type Start = (Vec<(&'static str, String)>, Vec<String>);

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn base(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

#[test]
#[ignore = "needs Claude Code"]
fn claude_code() {
    let real = Real::new("claude-code", "KEYWARD_TEST_CLAUDE_CODE");
    let start = |_: &Real, port: u16, prompt: &str| -> Start {
        let set = vec![
            ("ANTHROPIC_BASE_URL", base(port)),
            ("ANTHROPIC_API_KEY", "none".to_owned()),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1".to_owned()),
            ("DISABLE_AUTOUPDATER", "1".to_owned()),
        ];
        (set, words(&["-p", prompt, "--allowedTools", "Bash"]))
    };
    real.is_stopped(false, start);
    real.keeps_prompts(start);
}

#[test]
#[ignore = "needs Cline"]
fn cline() {
    let real = Real::new("cline", "KEYWARD_TEST_CLINE");
    real.is_stopped(true, |real, port, prompt| {
        let address = format!("{}/v1", base(port));
        let mut auth = real.scratch.command(&real.program);
        let ran = run(auth.args(["auth", "openai", "-k", "none", "-m", "m", "-b", &address]));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        // Nothing that stays when it has ended.
        let set = vec![("CLINE_SESSION_BACKEND_MODE", "local".to_owned())];
        (set, words(&[prompt, "--json"]))
    });
}

#[test]
#[ignore = "needs Codex"]
fn codex() {
    let real = Real::new("codex", "KEYWARD_TEST_CODEX");
    let start = |real: &Real, port: u16, prompt: &str| -> Start {
        real.write_home(
            ".codex/config.toml",
            format!(
                "model = \"m\"\nmodel_provider = \"here\"\n[model_providers.here]\nname = \"here\"\n\
                 base_url = \"{}/v1\"\nenv_key = \"HERE\"\nwire_api = \"responses\"\n[projects.\"{}\"]\n\
                 trust_level = \"trusted\"\n",
                base(port),
                real.scratch.top().display()
            ),
        );
        let options = [
            "exec",
            "--dangerously-bypass-hook-trust",
            "--dangerously-bypass-approvals-and-sandbox",
        ];
        (
            vec![("HERE", "none".to_owned())],
            words(&[&options[..], &[prompt]].concat()),
        )
    };
    real.is_stopped(false, start);
    real.keeps_prompts(start);
}

#[test]
#[ignore = "needs the GitHub Copilot CLI"]
fn copilot() {
    let real = Real::new("copilot", "KEYWARD_TEST_COPILOT");
    let trusted = json!({ "trustedFolders": [real.scratch.top()] }).to_string();
    real.write_home(".copilot/config.json", trusted);
    let start = |_: &Real, port: u16, prompt: &str| -> Start {
        let set = vec![
            ("COPILOT_PROVIDER_BASE_URL", format!("{}/v1", base(port))),
            ("COPILOT_PROVIDER_TYPE", "openai".to_owned()),
            ("COPILOT_PROVIDER_API_KEY", "none".to_owned()),
            ("COPILOT_MODEL", "m".to_owned()),
            ("COPILOT_OFFLINE", "true".to_owned()),
        ];
        (set, words(&["-p", prompt, "--allow-all-tools"]))
    };
    real.is_stopped(false, start);
    real.keeps_prompts(start);
}

#[test]
#[ignore = "needs the Gemini CLI"]
fn gemini() {
    let real = Real::new("gemini", "KEYWARD_TEST_GEMINI");
    let settings = json!({
        "security": { "auth": { "selectedType": "gemini-api-key" } },
        "privacy": { "usageStatisticsEnabled": false },
        "general": { "enableAutoUpdate": false },
    });
    real.write_home(".gemini/settings.json", settings.to_string());
    let start = |_: &Real, port: u16, prompt: &str| -> Start {
        let set = vec![
            ("GOOGLE_GEMINI_BASE_URL", base(port)),
            ("GEMINI_API_KEY", "none".to_owned()),
            ("GEMINI_CLI_TRUST_WORKSPACE", "true".to_owned()),
        ];
        (
            set,
            words(&["-m", "gemini-2.5-flash", "--yolo", "-p", prompt]),
        )
    };
    real.is_stopped(false, start);
    real.keeps_prompts(start);
}

#[test]
#[ignore = "needs Kilo Code"]
fn kilo() {
    const SWITCHES: &[&str] = &[
        "KILO_DISABLE_MODELS_FETCH",
        "KILO_DISABLE_AUTOUPDATE",
        "KILO_DISABLE_LSP_DOWNLOAD",
        "KILO_DISABLE_DEFAULT_PLUGINS",
    ];
    // Without that, it asks a person before each command.
    as_opencode("kilo", "KEYWARD_TEST_KILO", SWITCHES, &["run", "--auto"]);
}

#[test]
#[ignore = "needs OpenCode"]
fn opencode() {
    const SWITCHES: &[&str] = &[
        "OPENCODE_DISABLE_MODELS_FETCH",
        "OPENCODE_DISABLE_AUTOUPDATE",
        "OPENCODE_DISABLE_LSP_DOWNLOAD",
        "OPENCODE_DISABLE_DEFAULT_PLUGINS",
    ];
    as_opencode("opencode", "KEYWARD_TEST_OPENCODE", SWITCHES, &["run"]);
}

/// OpenCode, or one that was made of it and has its settings under a name of its own.
fn as_opencode(agent: &str, variable: &str, switches: &'static [&'static str], start: &[&str]) {
    let real = Real::new(agent, variable);
    real.is_stopped(false, |real, port, prompt| {
        let options = json!({ "baseURL": format!("{}/v1", base(port)), "apiKey": "none" });
        let settings = json!({
            "model": "here/m", "small_model": "here/m", "autoupdate": false,
            "provider": { "here": { "npm": "@ai-sdk/openai-compatible", "name": "here", "options": options,
                                    "models": { "m": { "name": "m" } } } },
        });
        real.scratch
            .write(format!("{agent}.json"), settings.to_string());
        let set = switches.iter().map(|name| (*name, "1".to_owned()));
        (set.collect(), words(&[start, &[prompt]].concat()))
    });
}

#[test]
#[ignore = "needs Qwen Code"]
fn qwen() {
    let real = Real::new("qwen", "KEYWARD_TEST_QWEN");
    let start = |_: &Real, port: u16, prompt: &str| -> Start {
        let set = vec![
            ("OPENAI_BASE_URL", format!("{}/v1", base(port))),
            ("OPENAI_API_KEY", "none".to_owned()),
            ("OPENAI_MODEL", "m".to_owned()),
        ];
        (
            set,
            words(&["--auth-type", "openai", "--yolo", "-p", prompt]),
        )
    };
    real.is_stopped(false, start);
    real.keeps_prompts(start);
}
