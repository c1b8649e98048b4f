//! For programs: one JSON object, in ASCII. `steps` are in their order; each has the `name` by which it is
//! ticked off, a `title`, the day on which it was `done` or null, and `lines`: objects of `kind` `text`,
//! `page` or `command`, with `text`. No field holds a secret.

use std::io::{self, Write};

use serde::Serialize;

use crate::report::ascii::line;
use crate::respond::{Line, Playbook};

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PlaybookLine<'a> {
    kind: &'static str,
    id: Option<&'a str>,
    what: &'a str,
    who: &'a str,
    steps: Vec<StepLine<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StepLine<'a> {
    name: &'static str,
    title: &'a str,
    done: Option<String>,
    lines: Vec<Told<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Told<'a> {
    kind: &'static str,
    text: &'a str,
}

impl<'a> Told<'a> {
    fn of(line: &'a Line) -> Self {
        let (kind, text) = match line {
            Line::Text(text) => ("text", text),
            Line::Page(text) => ("page", text),
            Line::Command(text) => ("command", text),
        };
        Self { kind, text }
    }
}

/// Writes the playbook.
///
/// # Errors
/// When `out` can't be written to.
pub(crate) fn write(playbook: &Playbook, out: &mut dyn Write) -> io::Result<()> {
    let steps = playbook.steps.iter().map(|step| StepLine {
        name: step.name,
        title: &step.title,
        done: step.done.map(|date| date.to_string()),
        lines: step.lines.iter().map(Told::of).collect(),
    });
    let made = PlaybookLine {
        kind: "playbook",
        id: Some(playbook.id.as_str()).filter(|id| !id.is_empty()),
        what: &playbook.what,
        who: &playbook.who,
        steps: steps.collect(),
    };
    line(&made, out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schema_of_the_documents_is_that_of_the_types() {
        let mut generator = schemars::SchemaGenerator::default();
        let playbook = generator.subschema_for::<super::PlaybookLine<'_>>();
        let schema = serde_json::json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "What keyward respond --json prints",
            "anyOf": [playbook],
            "$defs": generator.take_definitions(true),
        });
        crate::report::samples::hold_schema("respond.schema.json", &schema);
    }
}
