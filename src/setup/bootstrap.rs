//! The line by which a clone gets its hooks, in the file that people run first.

use std::io;

use bstr::ByteSlice;
use serde_json::Value;

use super::{Plan, Planned, Site};
use crate::disk;

/// A file of tasks, with a task that installs the hooks.
struct Tasks {
    path: &'static str,
    /// Whether the file takes the lines, and has no such task yet.
    takes: fn(&[u8]) -> bool,
    lines: &'static [&'static str],
    /// What runs it.
    run: &'static str,
}

const MAKE: &[&str] = &["", ".PHONY: hooks", "hooks:", "\tkeyward install"];
const JUST: &[&str] = &["", "hooks:", "    keyward install"];
const MISE: &[&str] = &["", "[tasks.hooks]", "run = \"keyward install\""];

/// The files, of each tool the one first that it reads where there are several.
const TASKS: &[Tasks] = &[
    Tasks::new("GNUmakefile", makefile_takes, MAKE, "make hooks"),
    Tasks::new("makefile", makefile_takes, MAKE, "make hooks"),
    Tasks::new("Makefile", makefile_takes, MAKE, "make hooks"),
    Tasks::new("justfile", justfile_takes, JUST, "just hooks"),
    Tasks::new("Justfile", justfile_takes, JUST, "just hooks"),
    Tasks::new(".justfile", justfile_takes, JUST, "just hooks"),
    Tasks::new("mise.toml", mise_takes, MISE, "mise run hooks"),
    Tasks::new(".mise.toml", mise_takes, MISE, "mise run hooks"),
];

impl Tasks {
    const fn new(
        path: &'static str,
        takes: fn(&[u8]) -> bool,
        lines: &'static [&'static str],
        run: &'static str,
    ) -> Self {
        Self {
            path,
            takes,
            lines,
            run,
        }
    }
}

/// The word by which a task is called.
const TASK: &[u8] = b"hooks";

/// Whether a Makefile has no target of that name: `hooks:`, `all hooks::`, `hooks: X = 1`.
fn makefile_takes(text: &[u8]) -> bool {
    let is_target = |line: &[u8]| {
        let targets = line.split(|&b| b == b':').next().unwrap_or_default();
        let is_named = targets.fields().any(|target| target == TASK);
        !line.starts_with(b"\t") && line.contains(&b':') && is_named
    };
    !text.contains_str(".RECIPEPREFIX") && !text.lines().any(is_target)
}

/// Whether a justfile has no recipe or alias of that name: `hooks:`, `@hooks:`, `hooks FLAG='x':`, `alias hooks := x`.
fn justfile_takes(text: &[u8]) -> bool {
    let is_recipe = |line: &[u8]| {
        let line = line.strip_prefix(b"@").unwrap_or(line);
        let line = line
            .strip_prefix(b"alias ")
            .map_or(line, |named| named.trim_start());
        let rest = line.strip_prefix(TASK);
        rest.is_some_and(|rest| {
            rest.first()
                .is_some_and(|b| matches!(b, b':' | b' ' | b'\t'))
        })
    };
    !text.lines().any(is_recipe)
}

/// Whether the lines are all that they add to the settings of mise: a task of that name may stand under `[tasks]`,
/// or `tasks` may be a value that nothing can be added to.
fn mise_takes(text: &[u8]) -> bool {
    let parsed = |text: &[u8]| toml::from_str::<toml::Table>(text.to_str().ok()?).ok();
    let Some(mut expected) = parsed(text) else {
        return false;
    };
    let Some(added) = parsed(MISE.join("\n").as_bytes()) else {
        return false;
    };
    let Some(toml::Value::Table(tasks)) = added.get("tasks") else {
        return false;
    };
    let all = expected
        .entry("tasks")
        .or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let Some(all) = all.as_table_mut() else {
        return false;
    };
    all.extend(tasks.clone());
    parsed(&disk::with_lines(text.to_vec(), MISE)) == Some(expected)
}

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
                old: Some(package),
            }),
            None => plan.advice.push(format!(
                "add to the script `prepare` of your {PACKAGE}, so that clones have the hooks: {PREPARE}"
            )),
        }
        return Ok(());
    }
    add_to_container(site, plan)?;
    for tasks in TASKS {
        let Some(content) = (site.read)(tasks.path)? else {
            continue;
        };
        if content.contains_str("keyward install") {
            return Ok(());
        }
        if !(tasks.takes)(&content) {
            let told = format!(
                "add `keyward install` to the task `hooks` of your {}",
                tasks.path
            );
            plan.advice.push(told);
            return Ok(());
        }
        plan.files.push(Planned {
            path: tasks.path,
            content: disk::with_lines(content.clone(), tasks.lines),
            added: tasks.lines.iter().map(|line| (*line).to_owned()).collect(),
            old: Some(content),
        });
        plan.advice.push(format!("in a new clone: {}", tasks.run));
        return Ok(());
    }
    plan.advice
        .push("in a new clone: keyward install".to_owned());
    Ok(())
}

/// Plans the line in the file of a container in which people work. What runs outside of it needs its own.
fn add_to_container(site: &Site<'_>, plan: &mut Plan) -> io::Result<()> {
    for path in [".devcontainer/devcontainer.json", ".devcontainer.json"] {
        let Some(content) = (site.read)(path)? else {
            continue;
        };
        if content.contains_str("keyward install") {
            continue;
        }
        match with_command(&content) {
            Some((new, added)) => plan.files.push(Planned {
                path,
                content: new,
                added: vec![added],
                old: Some(content),
            }),
            None => plan.advice.push(format!(
                "add to `postCreateCommand` of your {path}, so that the container has the hooks: {PREPARE}"
            )),
        }
    }
    Ok(())
}

/// Such a file, which may have comments, with the command, and the line that is new; `None` if it has one, or is not
/// written as usual.
fn with_command(text: &[u8]) -> Option<(Vec<u8>, String)> {
    const NAME: &str = "\"postCreateCommand\"";
    let is_nothing = |line: &[u8]| line.trim().is_empty() || line.trim_start().starts_with(b"//");
    let lines = text.lines_with_terminator();
    let at: usize = lines
        .take_while(|line| is_nothing(line))
        .map(<[u8]>::len)
        .sum();
    let is_usual = text[at..].starts_with(b"{") && !text.contains_str(NAME);
    let added = format!("{NAME}: \"{PREPARE}\",");
    is_usual.then(|| (inserted(text, at + 1, &added), added))
}

/// A text with a line behind a bracket, indented as the next one.
fn inserted(text: &[u8], at: usize, line: &str) -> Vec<u8> {
    let rest = &text[at..];
    let blanks = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
    [&text[..at], &rest[..blanks], line.as_bytes(), rest].concat()
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
    let added = format!("\"prepare\": \"{PREPARE}\",");
    let content = inserted(package, at, &added);
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
            ("Makefile", "all hooks :: a\n", "all hooks :: a\n"),
            ("Makefile", ".RECIPEPREFIX = >\n", ".RECIPEPREFIX = >\n"),
            ("justfile", "@hooks:\n  x\n", "@hooks:\n  x\n"),
            ("Justfile", "hooks *args:\n  x\n", "hooks *args:\n  x\n"),
            ("justfile", "alias hooks := a\n", "alias hooks := a\n"),
            (
                "justfile",
                "@a:\n  hooks x\n",
                "@a:\n  hooks x\n\nhooks:\n    keyward install\n",
            ),
            (
                "mise.toml",
                "[tasks]\nhooks = \"x\"\n",
                "[tasks]\nhooks = \"x\"\n",
            ),
            (
                "mise.toml",
                "[tasks.hooks.env]\nA = \"x\"\n",
                "[tasks.hooks.env]\nA = \"x\"\n",
            ),
            (
                "mise.toml",
                "tasks = { a = \"x\" }\n",
                "tasks = { a = \"x\" }\n",
            ),
            ("mise.toml", "not [ TOML\n", "not [ TOML\n"),
            (
                ".mise.toml",
                "[tasks]\na = \"x\"\n[env]\n",
                "[tasks]\na = \"x\"\n[env]\n\n[tasks.hooks]\nrun = \"keyward install\"\n",
            ),
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
    fn a_container_gets_its_hooks_too() {
        const PATH: &str = ".devcontainer/devcontainer.json";
        let line = "\"postCreateCommand\": \"keyward install || exit 0\",";
        for (text, expected) in [
            (
                "// For details see {a}\n{\n\t\"image\": \"x\" // c\n}\n",
                Some(format!(
                    "// For details see {{a}}\n{{\n\t{line}\n\t\"image\": \"x\" // c\n}}\n"
                )),
            ),
            (
                "{\r\n  // c\r\n  \"image\": \"x\",\r\n}\r\n",
                Some(format!(
                    "{{\r\n  {line}\r\n  // c\r\n  \"image\": \"x\",\r\n}}\r\n"
                )),
            ),
            ("{\n  \"postCreateCommand\": \"make\"\n}\n", None),
            ("/* c */ {}", None),
        ] {
            let (plan, now) = planned(&[(PATH, text)], "");
            assert_eq!(now[PATH], expected.as_deref().unwrap_or(text));
            let is_told = plan
                .advice
                .iter()
                .any(|it| it.contains("postCreateCommand"));
            assert_eq!(is_told, expected.is_none(), "{text}");
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
