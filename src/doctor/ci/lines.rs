//! The lines of a pipeline, each with the keys that it stands below: as much of YAML as tells where a line is.

use super::{MOST_LINES, Platform};

/// A bound: what stands below more keys is taken to stand below the outer ones.
const DEEPEST: usize = 32;

/// A bound: a longer line is data.
const LONGEST: usize = 8192;

/// A line.
#[derive(Clone, Debug)]
pub(super) struct Line<'t> {
    /// All of it.
    pub(super) text: &'t str,
    /// The key that it gives a value; none in a text of several lines.
    pub(super) key: Option<&'t str>,
    /// What stands behind the key, or in the item of a list.
    pub(super) value: &'t str,
    /// The keys that it stands below, the outermost first.
    above: Vec<&'t str>,
    /// The line of the step that it is a part of.
    step: Option<usize>,
    /// What that step uses; of the step's first line.
    uses: Option<&'t str>,
    /// The line of the script that it is a part of, if it is of one.
    pub(super) block: Option<usize>,
}

/// The keys whose values are commands.
const SCRIPTS: &[&str] = &[
    "after_script",
    "bash",
    "before_install",
    "before_script",
    "command",
    "commands",
    "deploy",
    "inlineScript",
    "install",
    "powershell",
    "pwsh",
    "run",
    "script",
];

/// A key above a line, and how far in it stands.
struct Above<'t> {
    indent: usize,
    key: &'t str,
    line: usize,
}

/// The mark of an item.
const ITEM: &str = "-";

/// The lines of a text.
pub(super) fn of(text: &str) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut above: Vec<Above<'_>> = Vec::new();
    // A text of several lines: how far in its key stands.
    let mut folded: Option<usize> = None;
    for (number, text) in text.lines().take(MOST_LINES).enumerate() {
        let body = text.trim_start();
        let indent = text.len() - body.len();
        let is_data = body.is_empty() || text.len() > LONGEST || body.starts_with('#');
        if folded.is_some_and(|key| indent <= key) && !body.is_empty() {
            folded = None;
        }
        let stand = |above: &mut Vec<_>, indent, key| {
            if above.len() < DEEPEST {
                let line = number;
                above.push(Above { indent, key, line });
            }
        };
        let (mut indent, mut key, mut value) = (indent, None, body.trim_end());
        if !is_data && folded.is_none() {
            let mut rest = body;
            while let Some(item) = rest.strip_prefix("- ") {
                above.retain(|it| it.indent < indent || it.indent == indent && it.key != ITEM);
                stand(&mut above, indent, ITEM);
                let next = item.trim_start();
                indent += rest.len() - next.len();
                rest = next;
            }
            above.retain(|it| it.indent < indent);
            value = rest.trim_end();
            if let Some((name, behind)) = key_of(rest) {
                (key, value) = (Some(name), behind.trim());
                if value.starts_with(['|', '>']) {
                    folded = Some(indent);
                }
            }
        }
        lines.push(line(text, key, value, &above, number));
        if let Some(key) = key {
            stand(&mut above, indent, key);
        }
        let uses = lines.last().filter(|line| line.key == Some("uses"));
        if let Some((step, uses)) = uses.and_then(|line| Some((line.step?, line.value))) {
            lines[step].uses = Some(uses);
        }
    }
    lines
}

fn line<'t>(
    text: &'t str,
    key: Option<&'t str>,
    value: &'t str,
    above: &[Above<'t>],
    number: usize,
) -> Line<'t> {
    let is_script = |key: &str| SCRIPTS.contains(&key);
    let script = above
        .iter()
        .rev()
        .find(|it| is_script(it.key))
        .map(|it| it.line);
    let steps = above
        .windows(2)
        .rev()
        .find(|pair| pair[0].key == "steps" && pair[1].key == ITEM);
    Line {
        text,
        key,
        value,
        above: above.iter().map(|it| it.key).collect(),
        step: steps.map(|pair| pair[1].line),
        uses: None,
        block: script.or_else(|| key.is_some_and(is_script).then_some(number)),
    }
}

/// The key at the start of a text, and what stands behind it.
fn key_of(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "_-./\"'".contains(c)))?;
    let behind = text[end..].strip_prefix(':')?;
    let is_key = end > 0 && (behind.is_empty() || behind.starts_with([' ', '\t']));
    is_key.then(|| (text[..end].trim_matches(['"', '\'']), behind))
}

impl<'t> Line<'t> {
    /// Whether it stands below a key.
    pub(super) fn is_below(&self, key: &str) -> bool {
        self.above.contains(&key)
    }

    /// Whether it says nothing to a machine.
    pub(super) fn is_comment(&self) -> bool {
        let text = self.text.trim_start();
        text.is_empty()
            || text.starts_with('#')
            || text.starts_with("//")
            || self.text.len() > LONGEST
    }

    /// The commands in it.
    pub(super) fn script(&self, platform: Platform) -> Option<&'t str> {
        let is_script = platform == Platform::Jenkins || self.block.is_some();
        Some(self.value).filter(|value| is_script && !value.is_empty())
    }

    /// What its step uses.
    pub(super) fn uses<'l>(&self, lines: &'l [Line<'t>]) -> Option<&'l str> {
        lines[self.step?].uses
    }

    /// Where a part of it starts, in bytes.
    pub(super) fn offset_of(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }

    /// The column, from 1, of a byte.
    pub(super) fn column(&self, offset: usize) -> usize {
        let before = self.text.char_indices().take_while(|(at, _)| *at < offset);
        before.count() + 1
    }
}
