//! The line by which a clone gets its hooks, in the file that people run first.

use std::io;

use bstr::ByteSlice;
use serde_json::Value;

use super::{Plan, Planned, Site};
use crate::disk;

/// A file of tasks, with a task that installs the hooks.
struct Tasks {
    path: &'static str,
    /// How a line starts that has the task already.
    start: &'static str,
    lines: &'static [&'static str],
    /// What runs it.
    run: &'static str,
}

const TASKS: &[Tasks] = &[
    Tasks {
        path: "Makefile",
        start: "hooks:",
        lines: &["", ".PHONY: hooks", "hooks:", "\tkeyward install"],
        run: "make hooks",
    },
    Tasks {
        path: "justfile",
        start: "hooks:",
        lines: &["", "hooks:", "    keyward install"],
        run: "just hooks",
    },
    Tasks {
        path: "mise.toml",
        start: "[tasks.hooks]",
        lines: &["", "[tasks.hooks]", "run = \"keyward install\""],
        run: "mise run hooks",
    },
];

/// What npm runs in every clone. Whoever has no keyward is not kept from installing.
const PREPARE: &str = "keyward install || exit 0";

/// Plans the line in the first of the files that is there.
pub(super) fn add(site: &Site<'_>, plan: &mut Plan) -> io::Result<()> {
    const PACKAGE: &str = "package.json";
    if let Some(package) = (site.read)(PACKAGE)? {
        if package.contains_str("keyward install") {
            return Ok(());
        }
        match with_prepare(&package) {
            Some((content, added)) => plan.files.push(Planned {
                path: PACKAGE,
                content,
                added: vec![added],
                is_there: true,
            }),
            None => plan.advice.push(format!(
                "add to the script `prepare` of your {PACKAGE}, so that clones have the hooks: {PREPARE}"
            )),
        }
        return Ok(());
    }
    for tasks in TASKS {
        let Some(content) = (site.read)(tasks.path)? else {
            continue;
        };
        let is_task = |line: &[u8]| line.starts_with(tasks.start.as_bytes());
        if content.contains_str("keyward install") {
            return Ok(());
        }
        if content.lines().any(is_task) {
            let told = format!(
                "add `keyward install` to the task `hooks` of your {}",
                tasks.path
            );
            plan.advice.push(told);
            return Ok(());
        }
        let content = tasks.lines.iter().fold(content, |content, line| {
            disk::with_line(content, line.as_bytes())
        });
        plan.files.push(Planned {
            path: tasks.path,
            content,
            added: tasks.lines.iter().map(|line| (*line).to_owned()).collect(),
            is_there: true,
        });
        plan.advice.push(format!("in a new clone: {}", tasks.run));
        return Ok(());
    }
    plan.advice
        .push("in a new clone: keyward install".to_owned());
    Ok(())
}

/// A `package.json` with the script, and the line that is new; `None` if there is such a script, or the file is
/// not written as usual. What is added is known to be all that changes.
fn with_prepare(package: &[u8]) -> Option<(Vec<u8>, String)> {
    const SCRIPTS: &str = "\"scripts\": {";
    let old: Value = serde_json::from_slice(package).ok()?;
    let scripts = old.get("scripts")?.as_object()?;
    if scripts.contains_key("prepare") || scripts.is_empty() {
        return None;
    }
    let at = package.find(SCRIPTS)? + SCRIPTS.len();
    // As the next line is indented, with its line end.
    let rest = &package[at..];
    let blanks = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let added = format!("\"prepare\": \"{PREPARE}\",");
    let content = [&package[..at], &rest[..blanks], added.as_bytes(), rest].concat();
    let mut expected = old;
    let scripts = expected.get_mut("scripts")?.as_object_mut()?;
    scripts.insert("prepare".to_owned(), Value::String(PREPARE.to_owned()));
    let new: Value = serde_json::from_slice(&content).ok()?;
    (new == expected).then_some((content, added))
}

#[cfg(test)]
mod tests {
    use super::super::tests::planned;

    #[test]
    fn a_clone_gets_its_hooks_by_the_file_that_is_there() {
        for (path, text, expected) in [
            (
                "Makefile",
                "all:\n\tcc a.c\n",
                "all:\n\tcc a.c\n\n.PHONY: hooks\nhooks:\n\tkeyward install\n",
            ),
            ("justfile", "a:\n", "a:\n\nhooks:\n    keyward install\n"),
            (
                "mise.toml",
                "[tools]\n",
                "[tools]\n\n[tasks.hooks]\nrun = \"keyward install\"\n",
            ),
            ("Makefile", "hooks: a\n", "hooks: a\n"),
            (
                "package.json",
                "{\r\n  \"scripts\": {\r\n    \"test\": \"x\"\r\n  }\r\n}\r\n",
                "{\r\n  \"scripts\": {\r\n    \"prepare\": \"keyward install || exit 0\",\r\n    \"test\": \"x\"\r\n  }\r\n}\r\n",
            ),
        ] {
            let (plan, now) = planned(&[(path, text)], "");
            assert_eq!(now[path], expected);
            assert!(
                plan.advice.len() >= 2 || path == "package.json",
                "{:?}",
                plan.advice
            );
        }
    }

    #[test]
    fn a_package_that_is_written_in_another_way_stays_as_it_is() {
        for text in [
            "{\"scripts\": {\"prepare\": \"husky\"}}",
            "{\"a\": {\"scripts\": {\"x\": \"y\"}}, \"scripts\" : {\"test\": \"x\"}}",
            "{\"scripts\": {}}",
            "{}",
            "not JSON",
        ] {
            let (plan, now) = planned(&[("package.json", text)], "");
            assert_eq!(now["package.json"], text);
            assert!(
                plan.advice.iter().any(|it| it.contains("`prepare`")),
                "{text}"
            );
        }
    }
}
