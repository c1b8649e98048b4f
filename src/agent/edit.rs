//! Entries put into the settings of agents, and taken out again: JSON in which people wrote comments, in their
//! own order and with their own blanks. All that is not keyward's stays as it is, byte for byte.
//!
//! What is put in says by its blanks what was there before, so that nothing need be remembered elsewhere: a list
//! that was there and empty gets its entry right behind the bracket, and one that was made has a blank there.

use jsonc_parser::ast::{Array, Object, Value};
use jsonc_parser::common::Range;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::disk;

/// Why settings can't be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// They can't be read as what they are to be.
    Unreadable,
    /// They have something else where an object or a list belongs.
    Shape,
}

/// An entry of a list.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The names that lead to its list from the top.
    pub path: Vec<&'static str>,
    /// The entry.
    pub value: serde_json::Value,
}

/// A file that holds these entries and nothing else but what `last` says.
pub(crate) fn new_file(entries: &[Entry], last: Option<(&str, &str)>) -> Result<String, Problem> {
    let mut text = String::from("{\n}\n");
    for (at, entry) in entries.iter().enumerate() {
        text = match at {
            // Its blanks say that the file was made.
            0 => {
                let property = property(&entry.path, &entry.value, 1, "  ", "\n");
                format!("{{\n  {property}\n}}\n")
            }
            _ => with(&text, entry)?,
        };
    }
    if let Some((name, said)) = last {
        let at = text.rfind("\n}").unwrap_or_default();
        text.insert_str(at, &format!(",\n  \"{name}\": {said}"));
    }
    Ok(text)
}

/// A text with an entry more.
pub(crate) fn with(text: &str, entry: &Entry) -> Result<String, Problem> {
    let (mark, text) = marked(text);
    let with = with_unmarked(text, entry)?;
    Ok(format!("{mark}{with}"))
}

/// The mark that some editors write before a text, and what stands behind it.
fn marked(text: &str) -> (&str, &str) {
    let behind = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.split_at(text.len() - behind.len())
}

fn with_unmarked(text: &str, entry: &Entry) -> Result<String, Problem> {
    let root = parsed(text)?;
    let Value::Object(mut object) = root else {
        return Err(Problem::Shape);
    };
    let (unit, line) = (unit(text, &object), disk::line_end(text.as_bytes()));
    let Some((last, above)) = entry.path.split_last() else {
        return Err(Problem::Shape);
    };
    for (depth, name) in above.iter().enumerate() {
        object = match object.take(name).map(|property| property.value) {
            Some(Value::Object(inner)) => inner,
            Some(_) => return Err(Problem::Shape),
            None => {
                let made = property(&entry.path[depth..], &entry.value, depth + 1, unit, line);
                return Ok(put(
                    text,
                    object.range,
                    last_of(&object),
                    &made,
                    depth + 1,
                    unit,
                ));
            }
        };
    }
    let depth = entry.path.len();
    match object.get(last).map(|property| &property.value) {
        Some(Value::Array(list)) => {
            let made = pretty(&entry.value, depth + 1, unit, line);
            let before = list.elements.last().map(range);
            Ok(put(text, list.range, before, &made, depth + 1, unit))
        }
        Some(_) => Err(Problem::Shape),
        None => {
            let made = property(&[last], &entry.value, depth, unit, line);
            Ok(put(
                text,
                object.range,
                last_of(&object),
                &made,
                depth,
                unit,
            ))
        }
    }
}

/// A text without any entry that has a command like that; `None` if nothing else was in the file.
pub(crate) fn without(
    text: &str,
    is_ours: &dyn Fn(&str) -> bool,
) -> Result<Option<String>, Problem> {
    let (mark, text) = marked(text);
    let mut text = text.to_owned();
    loop {
        let root = parsed(&text)?;
        let Some(way) = last_entry(&root, is_ours) else {
            return Ok(Some(format!("{mark}{text}")));
        };
        match removed(&text, &root, &way) {
            Some(rest) => text = rest,
            None => return Ok(None),
        }
    }
}

/// The commands like that below what a path of names leads to, in their order.
pub(crate) fn commands(
    text: &str,
    path: &[&str],
    is_ours: &dyn Fn(&str) -> bool,
) -> Result<Vec<String>, Problem> {
    let root = parsed(marked(text).1)?;
    let mut found = Vec::new();
    if let Some(value) = below(&root, path) {
        each_text(value, &mut |text| {
            if is_ours(text) && !found.iter().any(|known| known == text) {
                found.push(text.to_owned());
            }
        });
    }
    Ok(found)
}

/// Whether an entry of the list to which a path of names leads has a command like that, and names the event beside it.
pub(crate) fn names(
    text: &str,
    path: &[&str],
    event: &str,
    is_ours: &dyn Fn(&str) -> bool,
) -> Result<bool, Problem> {
    let root = parsed(marked(text).1)?;
    let entries = below(&root, path).map(parts).unwrap_or_default();
    let mut is_one = entries.into_iter().map(|entry| {
        let (mut has_command, mut has_event) = (false, false);
        each_text(entry, &mut |text| {
            has_command |= is_ours(text);
            has_event |= text == event;
        });
        has_command && has_event
    });
    Ok(is_one.any(|it| it))
}

/// What a path of names leads to.
fn below<'v, 'a>(root: &'v Value<'a>, path: &[&str]) -> Option<&'v Value<'a>> {
    let mut within = Some(root);
    for name in path {
        within = match within {
            Some(Value::Object(object)) => object.get(name).map(|property| &property.value),
            _ => None,
        };
    }
    within
}

fn each_text(value: &Value<'_>, tell: &mut dyn FnMut(&str)) {
    if let Value::StringLit(text) = value {
        tell(&text.value);
    }
    for part in parts(value) {
        each_text(part, tell);
    }
}

fn parsed(text: &str) -> Result<Value<'_>, Problem> {
    let options = ParseOptions {
        allow_missing_commas: false,
        ..ParseOptions::default()
    };
    let result = parse_to_ast(text, &CollectOptions::default(), &options);
    result
        .ok()
        .and_then(|result| result.value)
        .ok_or(Problem::Unreadable)
}

fn range(value: &Value<'_>) -> Range {
    match value {
        Value::StringLit(it) => it.range,
        Value::NumberLit(it) => it.range,
        Value::BooleanLit(it) => it.range,
        Value::Object(it) => it.range,
        Value::Array(it) => it.range,
        Value::NullKeyword(it) => it.range,
    }
}

fn last_of(object: &Object<'_>) -> Option<Range> {
    object.properties.last().map(|property| property.range)
}

/// With what the lines of a file are indented, once.
fn unit<'t>(text: &'t str, root: &Object<'_>) -> &'t str {
    let first = root.properties.first().map(|property| property.range.start);
    let before = first.map_or("", |first| &text[..first]);
    let blanks = before.rsplit('\n').next().unwrap_or_default();
    match before.contains('\n') && !blanks.is_empty() && blanks.trim().is_empty() {
        true => blanks,
        false => "  ",
    }
}

/// A value over several lines, of which the first stands at that depth.
fn pretty(value: &serde_json::Value, depth: usize, unit: &str, line: &str) -> String {
    let text = format!("{value:#}");
    let mut lines = text.lines();
    let mut out = lines.next().unwrap_or_default().to_owned();
    for next in lines {
        let own = next.trim_start_matches(' ');
        let deeper = (next.len() - own.len()) / 2;
        out.push_str(line);
        out.push_str(&unit.repeat(depth + deeper));
        out.push_str(own);
    }
    out
}

/// A property with all that leads from it to a list with one entry.
fn property(
    path: &[&str],
    value: &serde_json::Value,
    depth: usize,
    unit: &str,
    line: &str,
) -> String {
    let mut whole = serde_json::json!([value]);
    for name in path[1..].iter().rev() {
        whole = serde_json::json!({ *name: whole });
    }
    format!("\"{}\": {}", path[0], pretty(&whole, depth, unit, line))
}

/// Puts something into an object or a list: behind its last part, or right behind its bracket.
fn put(
    text: &str,
    within: Range,
    last: Option<Range>,
    made: &str,
    depth: usize,
    unit: &str,
) -> String {
    let Some(last) = last else {
        let at = within.start + 1;
        return format!("{}{made}{}", &text[..at], &text[at..]);
    };
    let indent = format!("{}{}", disk::line_end(text.as_bytes()), unit.repeat(depth));
    let (before, behind) = (&text[..last.end], &text[last.end..within.end - 1]);
    let rest = &text[within.end - 1..];
    let comma = comma_in(behind);
    let from = comma.map_or(0, |at| at + 1);
    // What is noted behind the last part stays with it.
    let kept = from + noted(&behind[from..]);
    let (noted, behind) = behind.split_at(kept);
    match comma {
        Some(_) => format!("{before}{noted}{indent}{made},{behind}{rest}"),
        None => format!("{before},{noted}{indent}{made}{behind}{rest}"),
    }
}

/// The length of a comment that stands on the same line, with the blanks before it.
fn noted(text: &str) -> usize {
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
    let own = line.trim_start_matches([' ', '\t']);
    if own.starts_with("//") {
        return line.trim_end().len();
    }
    match own.strip_prefix("/*").and_then(|inner| inner.find("*/")) {
        Some(end) => line.len() - own.len() + 2 + end + 2,
        None => 0,
    }
}

/// Where a comma stands among blanks and comments.
fn comma_in(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let c = rest.chars().next()?;
        at += match c {
            ',' => return Some(at),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            c => c.len_utf8(),
        };
    }
}

/// A step from a value to one within it: the number of the property or the element.
type Way = Vec<usize>;

fn parts<'v, 'a>(value: &'v Value<'a>) -> Vec<&'v Value<'a>> {
    match value {
        Value::Object(Object { properties, .. }) => {
            properties.iter().map(|property| &property.value).collect()
        }
        Value::Array(Array { elements, .. }) => elements.iter().collect(),
        _ => Vec::new(),
    }
}

/// The way to the last entry that is keyward's: the largest of which nothing is anybody else's.
fn last_entry(root: &Value<'_>, is_ours: &dyn Fn(&str) -> bool) -> Option<Way> {
    let mut way = Vec::new();
    find_command(root, is_ours, &mut way).then_some(())?;
    // From the command to the element of a list that holds it.
    let mut entry = None;
    for length in (0..way.len()).rev() {
        let above = at(root, &way[..length]);
        if !matches!(above, Value::Array(_)) {
            continue;
        }
        let element = parts(above)[way[length]];
        if !is_whole(element, is_ours) {
            break;
        }
        entry = Some(way[..=length].to_vec());
    }
    entry
}

/// Whether every command of an entry is keyward's.
fn is_whole(element: &Value<'_>, is_ours: &dyn Fn(&str) -> bool) -> bool {
    let ours = |value: &Value<'_>| find_command(value, is_ours, &mut Way::new());
    let Value::Object(object) = element else {
        return false;
    };
    match object.get("hooks").map(|property| &property.value) {
        Some(Value::Array(hooks)) => hooks.elements.iter().all(ours),
        _ => ours(element),
    }
}

fn find_command(value: &Value<'_>, is_ours: &dyn Fn(&str) -> bool, way: &mut Way) -> bool {
    if let Value::StringLit(text) = value {
        return is_ours(&text.value);
    }
    for (number, part) in parts(value).into_iter().enumerate().rev() {
        way.push(number);
        if find_command(part, is_ours, way) {
            return true;
        }
        way.pop();
    }
    false
}

fn at<'v, 'a>(root: &'v Value<'a>, way: &[usize]) -> &'v Value<'a> {
    way.iter().fold(root, |value, number| parts(value)[*number])
}

/// A text without one entry, and without what was made to hold it; `None` if that is all of it.
fn removed(text: &str, root: &Value<'_>, way: &[usize]) -> Option<String> {
    let (&number, above) = way.split_last()?;
    let holder = at(root, above);
    let within = range(holder);
    let ranges: Vec<Range> = match holder {
        Value::Object(object) => object.properties.iter().map(|it| it.range).collect(),
        other => parts(other).into_iter().map(range).collect(),
    };
    let own = ranges[number];
    let open = &text[within.start + 1..own.start];
    let is_made =
        number == 0 && open.starts_with([' ', '\t', '\r', '\n']) && open.trim().is_empty();
    if is_made && ranges.len() == 1 {
        return removed(text, root, above);
    }
    // A file that was made has what its form asks for behind the hooks.
    let is_version = |at: usize| text[ranges[at].start..].starts_with("\"version\"");
    if is_made && above.is_empty() && ranges.len() == 2 && is_version(1) {
        return None;
    }
    let before = number.checked_sub(1).map(|before| ranges[before].end);
    let mut start = text[..own.start].trim_end().len().max(within.start + 1);
    let behind = &text[own.end..within.end - 1];
    if let Some(comma) = comma_in(behind) {
        // What follows on the line would belong to a comment before it.
        let follows = behind[comma + 1..].trim_start_matches([' ', '\t', '\r']);
        if text[before.unwrap_or(within.start + 1)..start].contains("//")
            && !follows.starts_with('\n')
        {
            start = own.start;
        }
        return Some(format!(
            "{}{}",
            &text[..start],
            &text[own.end + comma + 1..]
        ));
    }
    match before {
        // The comma that was put behind the one before.
        Some(before) => {
            let comma = comma_in(&text[before..start]).map_or(before, |at| before + at);
            let end = (comma + 1).min(start);
            Some(format!(
                "{}{}{}",
                &text[..comma],
                &text[end..start],
                &text[own.end..]
            ))
        }
        None => Some(format!("{}{}", &text[..own.start], &text[own.end..])),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(path: &[&'static str]) -> Entry {
        Entry {
            path: path.to_vec(),
            value: json!({ "matcher": "*", "hooks": [{ "type": "command", "command": "keyward agent-hook x" }] }),
        }
    }

    fn is_ours(text: &str) -> bool {
        text.contains("keyward agent-hook")
    }

    fn entries() -> [Entry; 3] {
        [
            entry(&["hooks", "A"]),
            entry(&["hooks", "B"]),
            entry(&["hooks", "C"]),
        ]
    }

    fn filled(text: &str) -> String {
        entries().iter().fold(text.to_owned(), |text, entry| {
            with(&text, entry).unwrap_or_else(|problem| panic!("{problem:?}: {text}"))
        })
    }

    #[test]
    fn what_is_put_in_comes_out_and_leaves_every_byte() {
        let other = r#"{ "hooks": [{ "command": "other" }], "matcher": "Bash" }"#;
        let mut texts: Vec<String> = [
            "{}",
            "{ }",
            "{\n}\n",
            "{\"a\":1}",
            "{\n  \"a\": 1\n}\n",
            "{\n\t\"a\": 1,\n\t\"b\": [1, 2]\n}",
            "{\r\n    \"a\": 1\r\n}\r\n",
            "// top\n{\n  // one\n  \"a\": 1, // two\n  /* three */\n}\n// end\n",
            "{\n  \"a\": 1 // two\n}\n",
            "{\n  \"a\": 1 /* two */ \n\n}\n",
            "{\n  \"a\": 1,\n}\n",
            "{\"hooks\": {}}",
            "{\"hooks\": { }}",
            "{\"hooks\": {\n  }}",
            "{\"hooks\": {\"A\": []}}",
            "{\"hooks\": {\"A\": [\n ], \"B\": [ ]}, \"z\": \"é\"}",
            "{\"hooks\": {\"Z\": []}, \"b\": 1}",
            "{\n  \"hooks\": { // mine\n  }\n}\n",
            "{\"version\": 1}",
            "{\n  \"version\": 1,\n  \"hooks\": {}\n}\n",
        ]
        .map(str::to_owned)
        .to_vec();
        texts.push("\u{feff}{\r\n\t\"a\": 1\r\n}".to_owned());
        texts.push(format!("{{\"hooks\": {{\"A\": [{other}]}}}}"));
        texts.push(format!("{{\n  \"hooks\": {{\n    \"A\": [\n      {other}, // x\n    ],\n    \"D\": [{other}],\n  }},\n}}\n"));
        for text in texts {
            let once = filled(&text);
            assert!(once.matches("agent-hook").count() == 3, "{once}");
            let parsed = parsed(marked(&once).1).expect("it is JSON still");
            assert!(matches!(parsed, Value::Object(_)));
            assert_eq!(without(&once, &is_ours), Ok(Some(text.clone())), "{once}");
            // However often.
            let again = filled(
                &without(&once, &is_ours)
                    .expect("it was read")
                    .expect("it was there"),
            );
            assert_eq!(again, once);
        }
    }

    #[test]
    fn what_follows_on_the_line_is_no_part_of_a_comment_afterwards() {
        let ours = json!({ "command": "keyward agent-hook x" });
        let text = format!(
            "{{\"hooks\": {{\"A\": [{{\"command\": \"a\"}}, // note\n  {ours}, {{\"command\": \"b\"}}]}}}}"
        );
        let rest = without(&text, &is_ours).expect("it was read");
        let rest = rest.expect("others are there");
        assert_eq!(rest.matches("\"command\"").count(), 2, "{rest}");
        assert!(rest.contains("// note\n"), "{rest}");
    }

    #[test]
    fn a_file_that_was_made_goes() {
        for last in [None, Some(("version", "1"))] {
            let made = new_file(&entries(), last).expect("it is made");
            assert!(
                serde_json::from_str::<serde_json::Value>(&made).is_ok(),
                "{made}"
            );
            assert_eq!(without(&made, &is_ours), Ok(None), "{made}");
            // Unless somebody put something else into it.
            let more = made.replacen('{', "{\n  \"a\": 1,", 1);
            assert!(matches!(without(&more, &is_ours), Ok(Some(_))));
        }
        let flat = [entry(&["A"]), entry(&["B"])];
        let made = new_file(&flat, None).expect("it is made");
        assert_eq!(without(&made, &is_ours), Ok(None), "{made}");
    }

    #[test]
    fn what_others_put_beside_it_stays() {
        let text = r#"{"hooks": {"A": [{"matcher": "*", "hooks": [{"command": "keyward agent-hook x"}, {"command": "other"}]}]}}"#;
        let rest = without(text, &is_ours)
            .expect("it is read")
            .expect("something is left");
        assert!(
            rest.contains("other") && !rest.contains("keyward"),
            "{rest}"
        );
        assert!(parsed(&rest).is_ok(), "{rest}");
        assert_eq!(
            commands(text, &["hooks", "A"], &is_ours),
            Ok(vec!["keyward agent-hook x".to_owned()])
        );
    }

    #[test]
    fn what_is_no_object_is_left_alone() {
        for text in [
            "",
            "[]",
            "nonsense",
            "{",
            "{\"hooks\": []}",
            "{\"hooks\": {\"A\": {}}}",
            "1",
        ] {
            assert!(with(text, &entry(&["hooks", "A"])).is_err(), "{text}");
        }
    }
}
