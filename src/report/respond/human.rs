//! On a terminal: the steps with their numbers, what is done, and how a step is ticked off.

use std::io::{self, Write};

use crate::report::Style;
use crate::report::page::{LABEL, Page, Paint};
use crate::respond::{Line, Playbook};
use crate::store::Store;

/// Writes the playbook.
///
/// # Errors
/// When `out` can't be written to.
pub(crate) fn write(playbook: &Playbook, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(style, Store::default(), out);
    let headline = match playbook.id.as_str() {
        "" => format!("keyward: {}", playbook.what),
        id => format!("keyward: {id}  {}", playbook.what),
    };
    page.fill((Paint::Plain, ""), &[(Paint::Alarm, &headline)], 2)?;
    page.plain(&playbook.who)?;
    for (at, step) in playbook.steps.iter().enumerate() {
        page.gap()?;
        let number = format!("{:>2}  ", at + 1);
        let done = step
            .done
            .map_or(String::new(), |date| format!("  (done on {date})"));
        let title = [
            (Paint::Name, step.name),
            (Paint::Plain, "  "),
            (Paint::Plain, step.title.as_str()),
            (Paint::Faint, &done),
        ];
        page.fill((Paint::Plain, &number), &title, 4)?;
        if step.done.is_some() {
            continue;
        }
        let indent = " ".repeat(4);
        for line in &step.lines {
            match line {
                Line::Text(text) => {
                    page.fill((Paint::Plain, &indent), &[(Paint::Plain, text)], 4)?
                }
                // What is copied stands alone, and is never broken.
                Line::Page(text) | Line::Command(text) => {
                    let indent = " ".repeat(LABEL - 2);
                    page.line(&[(Paint::Plain, &indent), (Paint::Name, text)])?;
                }
            }
        }
    }
    if !playbook.id.is_empty() {
        page.gap()?;
        let command = format!("keyward respond {} --done STEP", playbook.id);
        page.labelled(
            "tick",
            &command,
            "revoke, usage, ...; it is shown as done from then on",
        )?;
    }
    Ok(())
}
