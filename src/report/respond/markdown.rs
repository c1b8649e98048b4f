//! For the ticket of an incident: a list to be ticked off.

use std::io::{self, Write};

use crate::report::markdown::text;
use crate::respond::{Line, Playbook};
use crate::shell::escaped;

/// Writes the playbook.
///
/// # Errors
/// When `out` can't be written to.
pub(crate) fn write(playbook: &Playbook, out: &mut dyn Write) -> io::Result<()> {
    let id = match playbook.id.as_str() {
        "" => String::new(),
        id => format!(" {id}"),
    };
    writeln!(out, "### Leak{id}: {}\n", text(&playbook.what))?;
    writeln!(out, "{}\n", text(&playbook.who))?;
    for step in &playbook.steps {
        let (mark, done) = match step.done {
            Some(date) => ("x", format!(" (done on {date})")),
            None => (" ", String::new()),
        };
        writeln!(
            out,
            "- [{mark}] **{}**: {}{done}",
            step.name,
            text(&step.title)
        )?;
        let mut in_commands = false;
        for line in &step.lines {
            let is_command = matches!(line, Line::Command(_));
            if is_command != in_commands {
                writeln!(out, "{}", if is_command { "\n  ```sh" } else { "  ```\n" })?;
                in_commands = is_command;
            }
            match line {
                Line::Text(words) => writeln!(out, "  - {}", text(words))?,
                Line::Page(page) => writeln!(out, "  - <{}>", escaped(page))?,
                Line::Command(command) => writeln!(out, "  {}", escaped(command))?,
            }
        }
        if in_commands {
            writeln!(out, "  ```\n")?;
        }
    }
    Ok(())
}
