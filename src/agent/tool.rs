//! What the tools of agents are given, whatever an agent calls them.

use serde_json::{Map, Value};

use super::event::{field, text};
use super::lines::{Lines, Sought};
use super::patch;
use super::windows::as_posix;
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

/// What a tool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Read,
    /// A read of which the agent hands over what it read.
    Given,
    Search,
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
    ("beforereadfile", Kind::Given),
    ("beforeshellexecution", Kind::Shell),
    ("beforetabfileread", Kind::Given),
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
    ("executecmd", Kind::Shell),
    ("executecommand", Kind::Shell),
    ("fsappend", Kind::Write),
    ("fsread", Kind::Read),
    ("fswrite", Kind::Write),
    ("grep", Kind::Search),
    ("grepsearch", Kind::Search),
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
    ("ripgrep", Kind::Search),
    ("runcommand", Kind::Shell),
    ("runcommands", Kind::Shell),
    ("runinterminal", Kind::Shell),
    ("runshellcommand", Kind::Shell),
    ("runterminalcmd", Kind::Shell),
    ("runterminalcommand", Kind::Shell),
    ("searchfilecontent", Kind::Search),
    ("searchfiles", Kind::Search),
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
    "include",
];
const CONTENTS: &[&str] = &[
    "content",
    "contents",
    "data",
    "body",
    "file_content",
    "fileContent",
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
    "oldStr",
    "old_text",
    "oldText",
    "old_content",
    "oldContent",
    "search",
    "old",
];
const NEW: &[&str] = &[
    "new_string",
    "newString",
    "new_str",
    "newStr",
    "new_text",
    "newText",
    "new_content",
    "newContent",
    "replace",
    "replacement",
    "insert_text",
    "new",
];
const EDITS: &[&str] = &["edits", "replacements", "operations"];
const PATTERNS: &[&str] = &["pattern", "query", "regex", "search_pattern"];
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

/// A weight: a shorter text under an unknown name is a word of how to write, and nothing that is written.
const SHORTEST_CONTENT: usize = 8;

/// What a tool does, whatever stands before its name: `mcp__server__read_file`, `MCP:read_file`.
fn kind(tool: &str) -> Kind {
    let own = tool.rsplit("__").next().unwrap_or(tool);
    let own = own.rsplit([':', '.', '/']).next().unwrap_or(own);
    let plain: String = own
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let found = TOOLS.binary_search_by_key(&plain.as_str(), |(name, _)| name);
    found.map_or(Kind::Other, |at| TOOLS[at].1)
}

/// Whether an argument of that name may be a list.
pub(super) fn is_list(name: &str) -> bool {
    [COMMANDS, PATHS, EDITS]
        .iter()
        .any(|names| names.contains(&name))
}

/// What a call of a tool does: some tools do what one of their arguments says.
fn deed(tool: &str, arguments: &Map<String, Value>) -> Kind {
    match kind(tool) {
        Kind::Write if text(arguments, &["command", "operation"]) == Some("view") => Kind::Read,
        kind => kind,
    }
}

/// Whether a call writes files, so that what it answers was looked at before.
pub(super) fn writes(tool: &str, arguments: &Map<String, Value>) -> bool {
    deed(tool, arguments) == Kind::Write
}

/// What is to be looked at before a tool runs.
pub(super) fn looks(tool: &str, input: &Value, arguments: &Map<String, Value>) -> Vec<Look> {
    let deed = deed(tool, arguments);
    let mut looks = match deed {
        Kind::Shell => shell(tool, arguments),
        Kind::Read => reads(arguments, lines(arguments), None),
        Kind::Given => reads(arguments, Lines::All, text(arguments, &["content"])),
        Kind::Search => searches(arguments),
        Kind::Write => changes(arguments),
        Kind::Other => Vec::new(),
    };
    if let Some(patch) = patch_in(input) {
        let parts = patch::looks(patch);
        // A command is run, whatever stands beside it.
        match deed {
            Kind::Shell => looks.extend(parts),
            _ => looks = parts,
        }
    }
    if looks.is_empty() && deed != Kind::Search {
        // A tool that nobody knows may do anything with what it is given: run it, too.
        let commands = shell(tool, arguments);
        looks = reads(arguments, lines(arguments), None);
        looks.extend(texts("arguments.json", input));
        looks.extend(commands);
    }
    looks
}

/// What a tool answered, to be looked at.
pub(super) fn results(output: &Value) -> Vec<Look> {
    texts("result.json", output)
}

/// The commands for a shell, as each shell reads them that may run them.
fn shell(tool: &str, arguments: &Map<String, Value>) -> Vec<Look> {
    let mut looks = commands(arguments);
    let tool = tool.to_ascii_lowercase();
    if cfg!(windows) || tool.contains("powershell") || tool.contains("pwsh") {
        let read = |look: &Look| match look {
            Look::Command(command) if command.contains(['\\', '`', '&']) => {
                Some(Look::Command(as_posix(command, '`')))
            }
            _ => None,
        };
        let read: Vec<Look> = looks.iter().filter_map(read).collect();
        looks.extend(read);
    }
    looks
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

/// The files that arguments name. What one holds is known only where the agent has read it, whatever else
/// the arguments say.
fn reads(arguments: &Map<String, Value>, lines: Lines, content: Option<&str>) -> Vec<Look> {
    let mut paths = paths(arguments);
    // Cursor hands over what else goes with it.
    let attached = attached(arguments, PATHS).take(MOST_FILES);
    let is_one = paths.len() == 1;
    let mut looks: Vec<Look> = paths
        .drain(..)
        .map(|path| Look::Read {
            path,
            content: content.filter(|_| is_one).map(str::to_owned),
            lines: lines.clone(),
        })
        .collect();
    looks.extend(attached.map(whole));
    looks
}

/// The lines that a search shows, unless it names nothing but files.
fn searches(arguments: &Map<String, Value>) -> Vec<Look> {
    if matches!(
        text(arguments, &["output_mode", "outputMode"]),
        Some("files_with_matches" | "count")
    ) {
        return Vec::new();
    }
    let number = |name: &str| arguments.get(name).and_then(Value::as_u64).unwrap_or(0);
    let around = ["-A", "-B", "-C", "context"].map(number).into_iter().max();
    let around = usize::try_from(around.unwrap_or(0)).unwrap_or(usize::MAX);
    let in_any_case = arguments.get("-i") != Some(&Value::Bool(false));
    let sought = text(arguments, PATTERNS)
        .and_then(|pattern| Sought::by(pattern, true, in_any_case))
        .map(|sought| Lines::With(sought.around(around)));
    reads(arguments, sought.unwrap_or(Lines::All), None)
}

/// All of a file that is about to be read.
pub(super) fn whole(path: String) -> Look {
    Look::Read {
        path,
        content: None,
        lines: Lines::All,
    }
}

/// The lines that are asked for; all of them where that is not told, or by a number that counts otherwise.
fn lines(arguments: &Map<String, Value>) -> Lines {
    let as_number = |value: &Value| value.as_u64().and_then(|it| usize::try_from(it).ok());
    let number = |names: &[&str]| field(arguments, names).and_then(as_number);
    let first = number(&["startLine", "start_line"]);
    if let (Some(first), Some(last)) = (first, number(&["endLine", "end_line"])) {
        return Lines::Between(first, last);
    }
    let range = field(arguments, &["view_range", "viewRange"]).and_then(Value::as_array);
    if let Some([first, last]) = range.map(Vec::as_slice) {
        // -1 is the end.
        let last = as_number(last).unwrap_or(usize::MAX);
        return as_number(first).map_or(Lines::All, |first| Lines::Between(first, last));
    }
    // Some count from 0 and some from 1: a line more does no harm.
    let first = number(&["offset"]).unwrap_or(1).max(1);
    match number(&["limit"]) {
        Some(limit) => Lines::Between(first, first.saturating_add(limit)),
        None if first > 1 => Lines::Between(first, usize::MAX),
        None => Lines::All,
    }
}

/// A value as a text that is written: its own, its lines, or itself.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(list) => {
            let line = |value: &Value| match value {
                Value::String(line) => Some(line.clone()),
                Value::Object(block) => block.get("text")?.as_str().map(str::to_owned),
                _ => None,
            };
            let lines: Option<Vec<String>> = list.iter().map(line).collect();
            Some(lines.map_or_else(|| format!("{value:#}"), |lines| lines.join("\n")))
        }
        Value::Object(_) => Some(format!("{value:#}")),
        _ => None,
    }
}

/// What a call changes. A file may be given whole and in parts, and under names that nobody knows: all of that
/// is looked at.
fn changes(arguments: &Map<String, Value>) -> Vec<Look> {
    let paths = paths(arguments);
    let mut parts = Vec::new();
    let mut all = false;
    let edits = field(arguments, EDITS).and_then(Value::as_array);
    let edits = edits.into_iter().flatten().filter_map(Value::as_object);
    let is_edit = edits.clone().next().is_some();
    let is_known = |name: &String| {
        let lists = [PATHS, CONTENTS, OLD, NEW, EDITS, PATTERNS];
        lists.iter().any(|names| names.contains(&name.as_str()))
    };
    let mut contents = Vec::new();
    let mut others = Map::new();
    for edit in edits.chain(std::iter::once(arguments)) {
        let is_inner = !std::ptr::eq(edit, arguments);
        let old = || text(edit, OLD).unwrap_or_default().to_owned();
        for new in NEW.iter().filter_map(|name| edit.get(*name)) {
            parts.extend(written(new).map(|new| (old(), new)));
        }
        for content in CONTENTS.iter().filter_map(|name| edit.get(*name)) {
            match is_inner {
                true => parts.extend(written(content).map(|new| (old(), new))),
                false => contents.extend(written(content)),
            }
        }
        let unknown = edit.iter().filter(|(name, _)| !is_known(name));
        others.extend(unknown.map(|(name, value)| (name.clone(), value.clone())));
        all |= field(edit, &["replace_all", "replaceAll"]) == Some(&Value::Bool(true));
    }
    let mut others = Value::Object(others);
    if contents.is_empty() && parts.is_empty() && !is_edit && !paths.is_empty() {
        let mut unknown = Vec::new();
        strings(&others, &mut unknown);
        // What says no more than a word or two is no file.
        unknown.retain(|text| text.len() >= SHORTEST_CONTENT);
        contents.extend(Some(unknown.join("\n")).filter(|text| !text.is_empty()));
        others = Value::Null;
    }
    let mut looks = Vec::new();
    for path in &paths {
        looks.extend(contents.iter().map(|content| Look::Write {
            path: path.clone(),
            content: content.clone(),
        }));
        if !parts.is_empty() {
            looks.push(Look::Edit {
                path: path.clone(),
                parts: parts.clone(),
                all,
            });
        }
        if contents.is_empty() && parts.is_empty() {
            looks.push(Look::Touch { path: path.clone() });
        }
    }
    if paths.is_empty() {
        // What has no path is a text at least.
        let texts = contents
            .into_iter()
            .chain(parts.into_iter().map(|(_, new)| new));
        looks.extend(texts.map(|text| Look::Text { name: "text", text }));
    }
    let is_written = looks
        .iter()
        .any(|look| matches!(look, Look::Write { .. } | Look::Edit { .. }));
    if is_written && others != Value::Object(Map::new()) {
        looks.extend(texts("arguments.json", &others));
    }
    looks
}

/// The texts of a value.
fn strings<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        match value {
            Value::String(text) => found.push(text),
            Value::Array(list) => pending.extend(list.iter().rev()),
            Value::Object(fields) => pending.extend(fields.values().rev()),
            _ => {}
        }
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
        assert!(TOOLS.is_sorted_by(|(before, _), (name, _)| before < name));
        for (tool, expected) in [
            ("Bash", Kind::Shell),
            ("run_shell_command", Kind::Shell),
            ("mcp__files__read_file", Kind::Read),
            ("MCP:write_file", Kind::Write),
            ("str_replace_based_edit_tool", Kind::Write),
            ("mcp__plugin_a_b__query", Kind::Other),
            ("Grep", Kind::Search),
            ("beforeReadFile", Kind::Given),
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

    /// What is looked at, in short.
    fn told(tool: &str, input: Value) -> Vec<String> {
        let arguments = input.as_object().unwrap();
        let told = |look: &Look| match look {
            Look::Text { text, .. } => format!("text {}", text.replace(['\n', ' '], "")),
            Look::Read {
                path,
                content,
                lines,
            } => {
                format!("read {path} {content:?} {lines:?}")
            }
            Look::Write { path, content } => format!("write {path} {content}"),
            Look::Edit { path, parts, .. } => format!("edit {path} {parts:?}"),
            Look::Touch { path } => format!("touch {path}"),
            Look::Command(line) => format!("command {line}"),
        };
        looks(tool, &input, arguments).iter().map(told).collect()
    }

    #[test]
    fn what_a_tool_that_nobody_knows_is_given_may_be_run() {
        let input = serde_json::json!({ "command": "git status", "timeout": 3 });
        let looks = told("mcp__desktop__start_process", input);
        assert_eq!(looks.last().map(String::as_str), Some("command git status"));
    }

    #[test]
    fn all_that_is_written_is_looked_at() {
        use serde_json::json;
        for (tool, input, expected) in [
            (
                "Write",
                json!({"file_path": "a", "content": "x"}),
                &["write a x"][..],
            ),
            (
                "Write",
                json!({"file_path": "a", "payload": "a text of it"}),
                &["write a a text of it"],
            ),
            (
                "write_file",
                json!({"path": "a", "data": "x"}),
                &["write a x"],
            ),
            (
                "write_file",
                json!({"path": "a", "content": ["x", "y"]}),
                &["write a x\ny"],
            ),
            (
                "write_file",
                json!({"path": "a", "content": [{"type": "text", "text": "x"}]}),
                &["write a x"],
            ),
            (
                "create",
                json!({"path": "a.json", "content": {"x": 1}}),
                &["write a.json {\n  \"x\": 1\n}"],
            ),
            (
                "Edit",
                json!({"path": "a", "content": "x", "old_string": "p", "new_string": "y"}),
                &["write a x", "edit a [(\"p\", \"y\")]"],
            ),
            (
                "Edit",
                json!({"path": "a", "new_string": "y", "more": {"z": "w"}}),
                &["edit a [(\"\", \"y\")]", "text {\"more\":{\"z\":\"w\"}}"],
            ),
            (
                "edit",
                json!({"edits": [{"path": "a", "old_text": "p", "text": "y"}]}),
                &["edit a [(\"p\", \"y\")]"],
            ),
            (
                "editor",
                json!({"content": "x", "new_str": "y"}),
                &["text x", "text y"],
            ),
            (
                "delete",
                json!({"path": "a", "really": "yes"}),
                &["touch a"],
            ),
            (
                "str_replace_based_edit_tool",
                json!({"command": "view", "path": "a"}),
                &["read a None All"],
            ),
            (
                "str_replace_editor",
                json!({"command": "view", "path": "a", "view_range": [3, -1]}),
                &["read a None Between(3, 18446744073709551615)"],
            ),
            (
                "Read",
                json!({"file_path": "a", "content": "nothing"}),
                &["read a None All"],
            ),
            (
                "mcp__files__read_text_file",
                json!({"path": "a", "content": "nothing", "offset": 0}),
                &["read a None All"],
            ),
            (
                "beforeReadFile",
                json!({"file_path": "a", "content": "x"}),
                &["read a Some(\"x\") All"],
            ),
            (
                "Grep",
                json!({"pattern": "x", "path": "a", "output_mode": "count"}),
                &[],
            ),
        ] {
            if cfg!(target_pointer_width = "64") || !expected.concat().contains("1844") {
                assert_eq!(told(tool, input), expected, "{tool}");
            }
        }
    }
}
