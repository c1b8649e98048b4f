//! The patches that Codex and others write: `*** Begin Patch`, a heading for each file, and its lines.

use super::tool::Look;

const BEGIN: &str = "*** Begin Patch";
const ADD: &str = "*** Add File: ";
const UPDATE: &str = "*** Update File: ";
const DELETE: &str = "*** Delete File: ";
const MOVE: &str = "*** Move to: ";

/// Whether a text is a patch.
pub(super) fn is_one(text: &str) -> bool {
    text.trim_start().starts_with(BEGIN)
}

/// What a patch does to files.
pub(super) fn looks(patch: &str) -> Vec<Look> {
    let mut looks = Vec::new();
    let mut file: Option<File> = None;
    for line in patch.lines() {
        let heading = [ADD, UPDATE, DELETE, MOVE].into_iter().find_map(|heading| {
            let path = line.strip_prefix(heading)?;
            Some((heading, path.trim().to_owned()))
        });
        match heading {
            Some((MOVE | DELETE, path)) => looks.push(Look::Touch { path }),
            Some((heading, path)) => {
                looks.extend(file.take().map(File::look));
                file = Some(File {
                    path,
                    is_new: heading == ADD,
                    parts: vec![Default::default()],
                });
            }
            None => {
                if let Some(file) = &mut file {
                    file.take(line);
                }
            }
        }
    }
    looks.extend(file.map(File::look));
    looks
}

/// A file of a patch, with what stood in each of its places and will stand there.
struct File {
    path: String,
    is_new: bool,
    parts: Vec<(String, String)>,
}

impl File {
    fn take(&mut self, line: &str) {
        if line.starts_with("@@") {
            self.parts.push(Default::default());
            return;
        }
        let Some((old, new)) = self.parts.last_mut() else {
            return;
        };
        let add = |to: &mut String, line: &str| {
            to.push_str(line);
            to.push('\n');
        };
        match line.split_at_checked(1) {
            Some(("+", line)) => add(new, line),
            Some(("-", line)) => add(old, line),
            Some((" ", line)) => {
                add(old, line);
                add(new, line);
            }
            _ => {}
        }
    }

    fn look(self) -> Look {
        let Self { path, parts, .. } = self;
        match self.is_new {
            true => Look::Write {
                path,
                content: parts.into_iter().map(|(_, new)| new).collect(),
            },
            false => Look::Edit {
                path,
                parts,
                all: false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_adds_changes_moves_and_deletes() {
        let patch = "*** Begin Patch\n*** Add File: a.py\n+x = 1\n+y = 2\n*** Update File: b.py\n\
                     *** Move to: c.py\n@@ def f():\n-old\n+new\n same\n@@\n+end\n*** Delete File: d\n\
                     *** End Patch\n";
        let part = |old: &str, new: &str| (old.to_owned(), new.to_owned());
        let mut looks = looks(patch);
        looks.sort_by_key(|look| format!("{look:?}"));
        assert_eq!(
            looks,
            [
                Look::Edit {
                    path: "b.py".into(),
                    parts: vec![
                        part("", ""),
                        part("old\nsame\n", "new\nsame\n"),
                        part("", "end\n")
                    ],
                    all: false
                },
                Look::Touch {
                    path: "c.py".into()
                },
                Look::Touch { path: "d".into() },
                Look::Write {
                    path: "a.py".into(),
                    content: "x = 1\ny = 2\n".into()
                },
            ]
        );
        assert!(is_one(patch) && !is_one("*** Add File: a"));
    }
}
