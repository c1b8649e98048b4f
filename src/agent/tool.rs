//! What the tools of agents are given, whatever an agent calls them.

use serde_json::{Map, Value};

use super::event::{field, text};
use super::patch;
use crate::shell::quote;

/// One thing to look at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Look {
    /// A text that goes to a model or to a tool, or comes from one.
    Text {
        /// What it is, as a file of its kind would be called.
        name: &'static str,
        /// The text.
        text: String,
    },
    /// A file that is about to be read.
    Read {
        /// As the agent names it.
        path: String,
        /// What it holds, where the agent hands that over.
        content: Option<String>,
        /// The lines that are read.
        lines: Lines,
    },
    /// A file that is about to be written.
    Write {
        /// As the agent names it.
        path: String,
        /// What it will hold.
        content: String,
    },
    /// A file of which parts are about to be replaced.
    Edit {
        /// As the agent names it.
        path: String,
        /// Each old part, with the new one.
        parts: Vec<(String, String)>,
        /// Whether every place of an old part is meant.
        all: bool,
    },
    /// A file that is about to be moved or deleted, or is written in a way that is not told.
    Touch {
        /// As the agent names it.
        path: String,
    },
    /// A command for a shell.
    Command(String),
}

/// Lines of a file, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    /// The first.
    pub first: usize,
    /// The last.
    pub last: usize,
}

impl Lines {
    /// All of a file.
    pub(crate) const ALL: Self = Self {
        first: 1,
        last: usize::MAX,
    };

    /// Whether all of a file is meant.
    pub(crate) fn are_all(self) -> bool {
        self == Self::ALL
    }
}

/// What a tool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Read,
    Write,
    Shell,
    Other,
}

/// The tools of agents, by their names in lower case without any sign, sorted.
const TOOLS: &[(&str, Kind)] = &[
    ("afterfileedit", Kind::Write),
    ("aftertabfileedit", Kind::Write),
    ("applypatch", Kind::Write),
    ("bash", Kind::Shell),
    ("beforereadfile", Kind::Read),
    ("beforeshellexecution", Kind::Shell),
    ("beforetabfileread", Kind::Read),
    ("create", Kind::Write),
    ("createfile", Kind::Write),
    ("delete", Kind::Write),
    ("deletefile", Kind::Write),
    ("edit", Kind::Write),
    ("editfile", Kind::Write),
    ("editfiles", Kind::Write),
    ("editor", Kind::Write),
    ("exec", Kind::Shell),
    ("execcommand", Kind::Shell),
    ("execute", Kind::Shell),
    ("executebash", Kind::Shell),
    ("executecommand", Kind::Shell),
    ("executecmd", Kind::Shell),
    ("fsread", Kind::Read),
    ("fswrite", Kind::Write),
    ("inserteditintofile", Kind::Write),
    ("localshell", Kind::Shell),
    ("movefile", Kind::Write),
    ("multiedit", Kind::Write),
    ("multireplacestringinfile", Kind::Write),
    ("notebookedit", Kind::Write),
    ("notebookread", Kind::Read),
    ("patch", Kind::Write),
    ("postwritecode", Kind::Write),
    ("powershell", Kind::Shell),
    ("prereadcode", Kind::Read),
    ("preruncommand", Kind::Shell),
    ("prewritecode", Kind::Write),
    ("read", Kind::Read),
    ("readfile", Kind::Read),
    ("readfiles", Kind::Read),
    ("readmanyfiles", Kind::Read),
    ("readmultiplefiles", Kind::Read),
    ("readtextfile", Kind::Read),
    ("replace", Kind::Write),
    ("replaceinfile", Kind::Write),
    ("replacestringinfile", Kind::Write),
    ("runcommand", Kind::Shell),
    ("runcommands", Kind::Shell),
    ("runinterminal", Kind::Shell),
    ("runshellcommand", Kind::Shell),
    ("runterminalcmd", Kind::Shell),
    ("runterminalcommand", Kind::Shell),
    ("searchreplace", Kind::Write),
    ("shell", Kind::Shell),
    ("strreplace", Kind::Write),
    ("strreplacebasededittool", Kind::Write),
    ("strreplaceeditor", Kind::Write),
    ("view", Kind::Read),
    ("viewfile", Kind::Read),
    ("write", Kind::Write),
    ("writefile", Kind::Write),
    ("writetofile", Kind::Write),
];

const PATHS: &[&str] = &[
    "file_path",
    "filePath",
    "filepath",
    "path",
    "absolute_path",
    "absolutePath",
    "target_file",
    "targetFile",
    "notebook_path",
    "file",
    "filename",
    "fileName",
    "paths",
    "files",
    "file_paths",
    "source",
    "destination",
];
const CONTENTS: &[&str] = &[
    "content",
    "contents",
    "file_text",
    "fileText",
    "new_source",
    "code_edit",
    "code",
    "text",
];
const OLD: &[&str] = &[
    "old_string",
    "oldString",
    "old_str",
    "old_text",
    "oldText",
    "search",
];
const NEW: &[&str] = &[
    "new_string",
    "newString",
    "new_str",
    "new_text",
    "newText",
    "replace",
    "insert_text",
];
const EDITS: &[&str] = &["edits", "replacements", "operations"];
const COMMANDS: &[&str] = &[
    "command",
    "cmd",
    "command_line",
    "commandLine",
    "commands",
    "script",
];

/// A bound: of more files in one call the first are looked at.
const MOST_FILES: usize = 100;

/// What a tool does, whatever stands before its name: `mcp__server__read_file`, `MCP:read_file`.
fn kind(tool: &str) -> Kind {
    let own = tool.rsplit("__").next().unwrap_or(tool);
    let own = own.rsplit([':', '.', '/']).next().unwrap_or(own);
    let plain: String = own
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let found = TOOLS.iter().find(|(name, _)| *name == plain);
    found.map_or(Kind::Other, |(_, kind)| *kind)
}

/// Whether a tool writes files, so that what it answers was looked at before.
pub(super) fn writes(tool: &str) -> bool {
    kind(tool) == Kind::Write
}

/// What is to be looked at before a tool runs.
pub(super) fn looks(tool: &str, input: &Value, arguments: &Map<String, Value>) -> Vec<Look> {
    let mut looks = match kind(tool) {
        Kind::Shell => commands(arguments),
        Kind::Read => reads(arguments),
        Kind::Write => changes(arguments),
        Kind::Other => Vec::new(),
    };
    if let Some(patch) = patch_in(input) {
        let parts = patch::looks(patch);
        // A command is run, whatever stands beside it.
        match kind(tool) {
            Kind::Shell => looks.extend(parts),
            Kind::Read | Kind::Write | Kind::Other => looks = parts,
        }
    }
    if looks.is_empty() {
        // A tool that nobody knows may do anything with what it is given.
        looks = reads(arguments);
        looks.extend(texts("arguments.json", input));
    }
    looks
}

/// What a tool answered, to be looked at.
pub(super) fn results(output: &Value) -> Vec<Look> {
    texts("result.json", output)
}

fn commands(arguments: &Map<String, Value>) -> Vec<Look> {
    let Some(found) = field(arguments, COMMANDS) else {
        return Vec::new();
    };
    match found {
        Value::String(command) => vec![Look::Command(command.clone())],
        // Either several commands, or the words of one: `["bash", "-lc", "ls"]`.
        Value::Array(list) => {
            let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            let quoted: Vec<Vec<u8>> = words.iter().map(|word| quote(word.as_bytes())).collect();
            let quoted = String::from_utf8_lossy(&quoted.join(&b' ')).into_owned();
            let mut looks = vec![Look::Command(quoted)];
            looks.extend(words.iter().map(|word| Look::Command((*word).to_owned())));
            looks
        }
        _ => Vec::new(),
    }
}

/// The paths that arguments name, wherever they stand in them.
fn paths(arguments: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending: Vec<&Map<String, Value>> = vec![arguments];
    while let Some(object) = pending.pop() {
        for name in PATHS {
            let listed = match object.get(*name) {
                Some(Value::String(path)) => {
                    found.push(path.clone());
                    continue;
                }
                Some(Value::Array(list)) => list,
                _ => continue,
            };
            for entry in listed {
                match entry {
                    Value::String(path) => found.push(path.clone()),
                    Value::Object(inner) => pending.push(inner),
                    _ => {}
                }
            }
        }
        let inner = EDITS.iter().filter_map(|name| object.get(*name));
        let inner = inner.filter_map(Value::as_array).flatten();
        pending.extend(inner.filter_map(Value::as_object));
        if found.len() > MOST_FILES {
            break;
        }
    }
    found.retain(|path| !path.is_empty());
    found.dedup();
    found.truncate(MOST_FILES);
    found
}

/// The paths of what an agent hands over with something else, under any of these names.
pub(super) fn attached<'a>(
    object: &'a Map<String, Value>,
    names: &'a [&str],
) -> impl Iterator<Item = String> + 'a {
    let attached = object.get("attachments").and_then(Value::as_array);
    let attached = attached.into_iter().flatten().filter_map(Value::as_object);
    attached.filter_map(|it| text(it, names).map(str::to_owned))
}

fn reads(arguments: &Map<String, Value>) -> Vec<Look> {
    let content = text(arguments, &["content"]);
    let lines = lines(arguments);
    let mut paths = paths(arguments);
    // Cursor hands over what else goes with it.
    let attached = attached(arguments, PATHS).take(MOST_FILES);
    let is_one = paths.len() == 1;
    let mut looks: Vec<Look> = paths
        .drain(..)
        .map(|path| Look::Read {
            path,
            content: content.filter(|_| is_one).map(str::to_owned),
            lines,
        })
        .collect();
    looks.extend(attached.map(whole));
    looks
}

/// All of a file that is about to be read.
pub(super) fn whole(path: String) -> Look {
    Look::Read {
        path,
        content: None,
        lines: Lines::ALL,
    }
}

/// The lines that are asked for; all of them where that is not told, or by a number that counts otherwise.
fn lines(arguments: &Map<String, Value>) -> Lines {
    let number = |names: &[&str]| {
        let number = field(arguments, names).and_then(Value::as_u64);
        number.and_then(|number| usize::try_from(number).ok())
    };
    let first = number(&["startLine", "start_line"]);
    if let (Some(first), Some(last)) = (first, number(&["endLine", "end_line"])) {
        return Lines { first, last };
    }
    // Some count from 0 and some from 1: a line more does no harm.
    let first = number(&["offset"]).unwrap_or(1).max(1);
    match number(&["limit"]) {
        Some(limit) => Lines {
            first,
            last: first.saturating_add(limit),
        },
        None if first > 1 => Lines {
            first,
            ..Lines::ALL
        },
        None => Lines::ALL,
    }
}

fn changes(arguments: &Map<String, Value>) -> Vec<Look> {
    let paths = paths(arguments);
    let mut parts = Vec::new();
    let mut all = false;
    let edits = field(arguments, EDITS).and_then(Value::as_array);
    let edits = edits.into_iter().flatten().filter_map(Value::as_object);
    for edit in edits.chain(std::iter::once(arguments)) {
        if let Some(new) = text(edit, NEW) {
            let old = text(edit, OLD).unwrap_or_default();
            parts.push((old.to_owned(), new.to_owned()));
        }
        all |= field(edit, &["replace_all", "replaceAll"]) == Some(&Value::Bool(true));
    }
    let content = text(arguments, CONTENTS);
    let change = |path: String| match (content, parts.is_empty()) {
        (Some(content), true) => Look::Write {
            path,
            content: content.to_owned(),
        },
        (None, true) => Look::Touch { path },
        (_, false) => Look::Edit {
            path,
            parts: parts.clone(),
            all,
        },
    };
    let looks: Vec<Look> = paths.into_iter().map(change).collect();
    match (looks.is_empty(), content) {
        // What has no path is a text at least.
        (true, Some(content)) => vec![Look::Text {
            name: "text",
            text: content.to_owned(),
        }],
        _ => looks,
    }
}

/// The patch that is among the arguments, or is all of them.
fn patch_in(input: &Value) -> Option<&str> {
    match input {
        Value::String(text) => Some(text.as_str()).filter(|text| patch::is_one(text)),
        Value::Object(fields) => fields
            .values()
            .filter_map(Value::as_str)
            .find(|text| patch::is_one(text)),
        _ => None,
    }
}

/// All that a value says: as JSON, so that names stand with their values, and each text of several lines
/// as it is.
fn texts(name: &'static str, value: &Value) -> Vec<Look> {
    let mut looks = Vec::new();
    let mut pending = vec![value];
    let mut is_plain = true;
    while let Some(value) = pending.pop() {
        match value {
            Value::String(text) if text.contains('\n') => looks.push(Look::Text {
                name: "text",
                text: text.clone(),
            }),
            Value::Array(list) => pending.extend(list),
            Value::Object(fields) => {
                is_plain = false;
                pending.extend(fields.values());
            }
            _ => {}
        }
    }
    match value {
        Value::Null => {}
        Value::String(text) if looks.is_empty() => looks.push(Look::Text {
            name: "text",
            text: text.clone(),
        }),
        Value::String(_) => {}
        _ if is_plain && looks.len() == 1 => {}
        _ => looks.push(Look::Text {
            name,
            text: format!("{value:#}"),
        }),
    }
    looks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_have_names_of_their_own() {
        let mut names: Vec<&str> = TOOLS.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TOOLS.len());
        for (tool, expected) in [
            ("Bash", Kind::Shell),
            ("run_shell_command", Kind::Shell),
            ("mcp__files__read_file", Kind::Read),
            ("MCP:write_file", Kind::Write),
            ("str_replace_based_edit_tool", Kind::Write),
            ("mcp__plugin_a_b__query", Kind::Other),
            ("", Kind::Other),
        ] {
            assert_eq!(kind(tool), expected, "{tool}");
        }
    }

    #[test]
    fn a_patch_beside_a_command_hides_it_not() {
        let input = serde_json::json!({
            "command": "git status",
            "description": "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch",
        });
        let arguments = input.as_object().unwrap();
        let both = looks("Bash", &input, arguments).len();
        assert!(both > commands(arguments).len());
        assert!(!commands(arguments).is_empty());
    }
}
