//! Cline's events: what happens stands in an object of its own, and its values as texts.

use serde_json::{Map, Value, json};

use super::tool::is_list;

/// What the object of each event is called, and the event as others call it.
const EVENTS: &[(&str, &str)] = &[
    ("preToolUse", "PreToolUse"),
    ("postToolUse", "PostToolUse"),
    ("userPromptSubmit", "UserPromptSubmit"),
];

/// An event with the fields that others have for the same; one of another agent as it is.
pub(super) fn plain(mut payload: Map<String, Value>) -> Map<String, Value> {
    if !payload.contains_key("hookName") {
        return payload;
    }
    let known = EVENTS
        .iter()
        .find_map(|(own, event)| match payload.get(*own) {
            Some(Value::Object(said)) => Some((*event, said.clone())),
            _ => None,
        });
    if let Some(roots) = payload.get("workspaceRoots").cloned() {
        payload.insert("workspace_roots".to_owned(), roots);
    }
    let Some((event, said)) = known else {
        return payload;
    };
    // As it was called, beside the same in texts.
    let call = ["tool_call", "tool_result"];
    let call = call
        .iter()
        .find_map(|name| payload.get(*name)?.as_object())
        .cloned();
    let called = |name: &str| call.as_ref()?.get(name).cloned();
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            payload.insert(name.to_owned(), value);
        }
    };
    add("hook_event_name", Some(event.into()));
    add(
        "tool_name",
        said.get("toolName").cloned().or_else(|| called("name")),
    );
    let texts = said.get("parameters").and_then(Value::as_object);
    add(
        "tool_input",
        called("input").or_else(|| texts.map(unfolded)),
    );
    add(
        "tool_response",
        called("output").or_else(|| said.get("result").cloned()),
    );
    add("prompt", said.get("prompt").cloned());
    let attached = said.get("attachments").and_then(Value::as_array);
    add(
        "attachments",
        attached.map(|paths| paths.iter().map(|path| json!({ "path": path })).collect()),
    );
    payload
}

/// Arguments of which lists were written as texts.
fn unfolded(texts: &Map<String, Value>) -> Value {
    let value = |name: &str, value: &Value| {
        let list = value
            .as_str()
            .filter(|text| is_list(name) && text.starts_with('['));
        let list = list.and_then(|text| serde_json::from_str(text).ok());
        list.unwrap_or_else(|| value.clone())
    };
    texts
        .iter()
        .map(|(name, it)| (name.clone(), value(name, it)))
        .collect::<Map<_, _>>()
        .into()
}
