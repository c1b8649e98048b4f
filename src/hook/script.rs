//! The text of the scripts: filling in the template, and knowing one's own again.

use std::path::Path;

use anyhow::Result;
use bstr::ByteSlice;

use super::kind::fill_in;
use super::{HookKind, Machine};
use crate::shell::quote;

/// The script of every kind, with places for the kind, for the program, and for the hook that was
/// there before.
const TEMPLATE: &str = include_str!("../../hooks/script");

/// The script of every hook in the directory that serves all repositories.
const GLOBAL: &str = include_str!("../../hooks/global");

/// What both have in common: how keyward is found and run.
const RUN: &str = include_str!("../../hooks/run");

/// The same for a git that runs what its config names: in one line, since it is a value there.
const COMMAND: &str = "keyward_program=@PROGRAM@; \
    { test -f \"$keyward_program\" && test -s \"$keyward_program\" && test -x \"$keyward_program\"; } || \
    { keyward_program=$(command -v keyward) && \
    case $(\"$keyward_program\" --version 2>/dev/null </dev/null) in 'keyward '*) ;; *) false ;; esac; } || { \
    printf '%s\\n' 'keyward: its program is gone, so @OUTCOME@.' \
    '  to go on   install it (https://github.com/keyward/keyward), then run: keyward install @OPTION@' \
    '  to remove  delete the lines between the two keyward marks in '@CONFIG@ >&2; exit 3; }; \
    exec \"$keyward_program\" hook --global @KIND@";

/// The line by which a script of keyward's is known, whatever its version.
const MARK: &str = "# keyward hook: ";

/// The line that names the hook that was there before.
const PREVIOUS: &str = "keyward_previous=";

/// How much of a file is read to know a script and the hook that it keeps.
pub(super) const HEAD: usize = 16 * 1024;

/// The script of a kind.
pub(super) fn write(kind: HookKind, program: &Path, previous: Option<&str>) -> Result<Vec<u8>> {
    let previous = quote(previous.unwrap_or_default().as_bytes());
    let text = kind.fill_in(&TEMPLATE.replace("@RUN@", RUN.trim_end()));
    let text = text.replace("@INSTALL@", "run here: keyward install");
    let text = text.as_bytes().replacen("@PREVIOUS@", previous, 1);
    // Last, since a path may hold anything, and also what looks like a place to fill in.
    Ok(text.replacen("@PROGRAM@", quote(&path_bytes(program)?), 1))
}

/// The script that stands for a hook of every repository; `kind` is what keyward does there.
pub(super) fn write_global(
    hook: &str,
    kind: Option<HookKind>,
    program: &Path,
    machine: &Machine,
) -> Result<Vec<u8>> {
    let program = match kind {
        Some(_) => path_bytes(program)?,
        None => Vec::new(),
    };
    let text = GLOBAL.replace("@RUN@", RUN.trim_end());
    let option = machine.scope.option();
    let text = fill_in(&text, hook, kind)
        .replace("@INSTALL@", "run: keyward install @OPTION@")
        .replace("@OPTION@", option);
    fill_in_paths(&text, &program, machine)
}

/// The command by which git's config runs a hook. git has a shell run it, with the hook's arguments
/// behind it.
pub(super) fn command(kind: HookKind, program: &Path, machine: &Machine) -> Result<Vec<u8>> {
    let text = kind
        .fill_in(COMMAND)
        .replace("@OPTION@", machine.scope.option());
    fill_in_paths(&text, &path_bytes(program)?, machine)
}

/// The program's path in the place that comes first, and the config's behind it: so the first may
/// hold what looks like the second.
fn fill_in_paths(text: &str, program: &[u8], machine: &Machine) -> Result<Vec<u8>> {
    let (before, after) = text
        .split_once("@PROGRAM@")
        .expect("each template has a place for the program");
    let config = quote(&path_bytes(&machine.config)?);
    let after = after.as_bytes().replacen("@CONFIG@", config, 1);
    Ok([before.as_bytes(), &quote(program), &after].concat())
}

/// A script of keyward's, as far as it matters to install and uninstall.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Script {
    /// The name, in the same directory, of the hook that was there before.
    pub(super) previous: Option<String>,
}

impl Script {
    /// Reads the head of a file: `None` if keyward didn't write it.
    pub(super) fn parse(head: &[u8]) -> Option<Self> {
        let mut lines = head.lines();
        let ours = lines.next()?.starts_with(b"#!") && lines.next()?.starts_with(MARK.as_bytes());
        ours.then(|| Self {
            previous: lines
                .find_map(|line| line.strip_prefix(PREVIOUS.as_bytes()))
                .and_then(|quoted| quoted.strip_prefix(b"'")?.strip_suffix(b"'"))
                .and_then(|name| name.to_str().ok())
                .filter(|name| is_kept_name(name))
                .map(str::to_owned),
        })
    }
}

/// The name under which a hook is kept. More than one can be kept: another tool may replace
/// keyward's script with its own, which is then kept too.
pub(super) fn kept_name(kind: HookKind, nth: usize) -> String {
    match nth {
        0 | 1 => format!("{kind}.keyward-previous"),
        _ => format!("{kind}.keyward-previous-{nth}"),
    }
}

/// A script in a working tree may be anybody's: it must not name a file elsewhere.
fn is_kept_name(name: &str) -> bool {
    HookKind::ALL.iter().any(|kind| {
        name.strip_prefix(kind.name())
            .and_then(|rest| rest.strip_prefix(".keyward-previous"))
            .is_some_and(|rest| rest.bytes().all(|b| b == b'-' || b.is_ascii_digit()))
    })
}

/// A path as a shell reads it.
#[cfg(unix)]
pub(super) fn path_bytes(path: &Path) -> Result<Vec<u8>> {
    use std::os::unix::ffi::OsStrExt;

    Ok(path.as_os_str().as_bytes().to_vec())
}

/// A path as a shell reads it: forward slashes, and no `\\?\` before the drive.
#[cfg(not(unix))]
pub(super) fn path_bytes(path: &Path) -> Result<Vec<u8>> {
    use anyhow::Context;

    let text = path
        .to_str()
        .with_context(|| format!("a hook cannot name {}", crate::shell::shown_path(path)))?;
    let text = text.strip_prefix(r"\\?\").unwrap_or(text);
    Ok(text.replace('\\', "/").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(program: &str, previous: Option<&str>) -> String {
        let bytes = write(HookKind::PreCommit, Path::new(program), previous).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_script_is_known_again() {
        for previous in [None, Some("pre-commit.keyward-previous-2")] {
            let script = Script::parse(text("/bin/keyward", previous).as_bytes());
            let previous = previous.map(str::to_owned);
            assert_eq!(script, Some(Script { previous }));
        }
    }

    #[test]
    fn the_template_serves_every_kind() {
        assert_eq!(TEMPLATE.matches("@PROGRAM@").count(), 1);
        assert_eq!(TEMPLATE.matches("@PREVIOUS@").count(), 1);
        assert!(!TEMPLATE.contains('\r'));
        for &kind in HookKind::ALL {
            let script = String::from_utf8(write(kind, Path::new("/k"), None).unwrap()).unwrap();
            assert!(
                script.starts_with(&format!("#!/bin/sh\n{MARK}{kind}\n")),
                "{kind}"
            );
            assert!(script.contains(&format!(r#"exec "$keyward_found" hook {kind} "$@""#)));
            for place in ["@KIND@", "@INPUT@", "@OUTCOME@", "@RUN@", "@INSTALL@"] {
                assert!(!script.contains(place), "{kind} {place}");
            }
        }
    }

    #[test]
    fn others_scripts_are_not_ours() {
        let others: [&[u8]; 5] = [
            b"",
            b"#!/bin/sh\n",
            b"#!/bin/sh\necho '# keyward hook: pre-commit'\n",
            b"\x7fELF\0\0\n# keyward hook: pre-commit\n",
            b"# keyward hook: pre-commit\n#!/bin/sh\n",
        ];
        for head in others {
            assert_eq!(Script::parse(head), None);
        }
    }

    #[test]
    fn a_script_cannot_name_a_file_elsewhere() {
        for name in [
            "../../.bashrc",
            "pre-commit",
            "pre-commit.keyward-previous/../x",
            "",
        ] {
            let head = format!("#!/bin/sh\n{MARK}pre-commit\n{PREVIOUS}'{name}'\n");
            assert_eq!(
                Script::parse(head.as_bytes()),
                Some(Script { previous: None })
            );
        }
    }

    #[test]
    fn a_path_is_one_word_whatever_it_holds() {
        let script = text("/a/@PREVIOUS@/@PROGRAM@/keyward", None);
        assert!(script.contains("\nkeyward_program='/a/@PREVIOUS@/@PROGRAM@/keyward'\n"));
    }
}
