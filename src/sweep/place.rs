//! The places, as `places.toml` has them, and which of them a path is.

use std::collections::HashMap;
use std::sync::LazyLock;

use bstr::{BStr, ByteSlice};
use serde::Deserialize;

use super::read::Reading;
use crate::filetype::extension;
use crate::glob::PathGlob;

/// What lies in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// A key need not be there.
    Avoidable,
    /// A program noted it down by itself.
    Residue,
    /// It is the tool's own file, in its right place.
    Store,
}

impl Kind {
    /// The word for it in a report for programs.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Avoidable => "avoidable",
            Self::Residue => "residue",
            Self::Store => "store",
        }
    }
}

/// A place where keys lie.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    /// What programs call it.
    pub(crate) id: String,
    /// What people call it.
    pub(crate) name: String,
    /// What lies there.
    pub(crate) kind: Kind,
    /// How its bytes are read.
    #[serde(default)]
    pub(crate) read: Reading,
    /// What to do, as a sentence without its end.
    pub(crate) mend: String,
    /// The command that does it; empty if there is none.
    #[serde(default)]
    pub(crate) command: String,
    files: Vec<String>,
    #[serde(default)]
    linux: Vec<String>,
    #[serde(default)]
    macos: Vec<String>,
    #[serde(default)]
    windows: Vec<String>,
}

impl Place {
    /// The patterns of its paths on this system.
    fn patterns(&self) -> impl Iterator<Item = &String> {
        let here = match std::env::consts::OS {
            "macos" => &self.macos,
            "windows" => &self.windows,
            _ => &self.linux,
        };
        self.files.iter().chain(here)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    skip: Vec<String>,
    place: Vec<Place>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("places.toml")).expect("the table of places is right")
});

/// Every place, those that pay most first.
pub(crate) fn all() -> &'static [Place] {
    &TABLE.place
}

/// One pattern of a place.
#[derive(Debug)]
struct Pattern {
    glob: PathGlob,
    /// The directories, without any pattern in their names, that it starts with, and `/`.
    below: &'static [u8],
    /// Whether it goes on into directories from there.
    goes_on: bool,
    place: usize,
}

/// Tells the place that a path is.
#[derive(Debug)]
pub(crate) struct Places {
    patterns: Vec<Pattern>,
    /// The patterns by the whole name of a file, by its extension, and all others.
    names: HashMap<&'static [u8], Vec<usize>>,
    extensions: HashMap<&'static [u8], Vec<usize>>,
    others: Vec<usize>,
    /// The files to look for in directories that are passed over otherwise: `.git` has `config`.
    inside: HashMap<&'static [u8], Vec<&'static [u8]>>,
}

/// Whether a part of a pattern stands for itself.
fn is_literal(part: &str) -> bool {
    !part.contains(['*', '?', '['])
}

impl Places {
    /// Those of this system.
    pub(crate) fn here() -> Self {
        let mut places = Self {
            patterns: Vec::new(),
            names: HashMap::new(),
            extensions: HashMap::new(),
            others: Vec::new(),
            inside: HashMap::new(),
        };
        for (number, place) in TABLE.place.iter().enumerate() {
            for text in place.patterns() {
                places.add(number, text);
            }
        }
        places
    }

    fn add(&mut self, place: usize, text: &'static str) {
        let Ok(glob) = PathGlob::parse(text) else {
            return;
        };
        let number = self.patterns.len();
        let path = text.strip_prefix('/').unwrap_or(text);
        let (directories, name) = match path.rfind('/') {
            Some(slash) => path.split_at(slash + 1),
            None => ("", path),
        };
        let mut below = 0;
        for part in directories.split_inclusive('/') {
            if !is_literal(part) {
                break;
            }
            below += part.len();
        }
        self.patterns.push(Pattern {
            glob,
            below: &path.as_bytes()[..below],
            goes_on: below < directories.len(),
            place,
        });
        let ending = name
            .strip_prefix("*.")
            .filter(|ending| !ending.contains(['*', '?', '[', '.']));
        let index = match ending {
            _ if is_literal(name) => self.names.entry(name.as_bytes()).or_default(),
            Some(ending) => self.extensions.entry(ending.as_bytes()).or_default(),
            None => &mut self.others,
        };
        index.push(number);
        if let Some(directory) = directories.strip_prefix("**/")
            && let Some(directory) = directory.strip_suffix('/')
            && is_literal(name)
            && is_skipped(directory.as_bytes())
        {
            let inside = self.inside.entry(directory.as_bytes()).or_default();
            inside.push(name.as_bytes());
        }
    }

    /// The place that a file is, by its path below the home directory; of several, that which pays most.
    pub(crate) fn of(&self, path: &[u8]) -> Option<usize> {
        let name = path
            .rfind_byte(b'/')
            .map_or(path, |slash| &path[slash + 1..]);
        let by_name = self.names.get(name);
        let by_ending = self.extensions.get(extension(name).unwrap_or_default());
        let fits = by_name.into_iter().chain(by_ending).chain([&self.others]);
        fits.flatten()
            .map(|&number| &self.patterns[number])
            .filter(|pattern| path.starts_with(pattern.below))
            .filter(|pattern| pattern.glob.covers(BStr::new(path)))
            .map(|pattern| pattern.place)
            .min()
    }

    /// Whether a pattern that starts at the home directory leads into a directory.
    pub(crate) fn lead_into(&self, directory: &[u8]) -> bool {
        self.patterns.iter().any(|pattern| {
            let below = pattern.below;
            let below = below.strip_suffix(b"/").unwrap_or(below);
            let is_above = is_within(below, directory);
            !below.is_empty() && (is_above || pattern.goes_on && is_within(directory, below))
        })
    }

    /// The files to look for in a directory that is passed over, by its name.
    pub(crate) fn inside(&self, directory: &[u8]) -> &[&'static [u8]] {
        self.inside.get(directory).map_or(&[], Vec::as_slice)
    }
}

/// Whether a path is a directory, or lies in it.
pub(super) fn is_within(path: &[u8], directory: &[u8]) -> bool {
    let rest = path.strip_prefix(directory);
    directory.is_empty() || rest.is_some_and(|rest| rest.first().is_none_or(|&b| b == b'/'))
}

/// Whether directories of that name are passed over, if no pattern leads into them.
pub(crate) fn is_skipped(name: &[u8]) -> bool {
    TABLE.skip.iter().any(|skipped| skipped.as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn place_of(path: &str) -> Option<&'static str> {
        let number = Places::here().of(path.as_bytes())?;
        Some(&all()[number].id)
    }

    #[test]
    fn the_table_is_sound() {
        let mut ids = HashSet::new();
        let mut patterns = HashSet::new();
        assert!(TABLE.skip.is_sorted());
        for place in all() {
            assert!(ids.insert(&place.id), "{}", place.id);
            assert!(!place.mend.is_empty() && !place.mend.ends_with('.'));
            for text in [&place.files, &place.linux, &place.macos, &place.windows]
                .into_iter()
                .flatten()
            {
                assert!(patterns.insert(text), "{text} stands twice");
                assert!(text.starts_with('/') || text.starts_with("**/"), "{text}");
                assert!(
                    PathGlob::parse(text).is_ok_and(|glob| !glob.is_negative()),
                    "{text}"
                );
            }
            let text = format!("{} {}", place.mend, place.command);
            let filled = ["env", "file", "delete", "value", "start"]
                .iter()
                .fold(text, |text, word| text.replace(&format!("{{{word}}}"), ""));
            let left = ["${}", "${env:}", "${input:}", "${workspaceFolder}", "{{}}"]
                .iter()
                .fold(filled, |text, known| text.replace(known, ""));
            assert!(!left.contains(['{', '}']), "{}: {left}", place.id);
        }
        assert!(ids.len() >= 20);
    }

    #[test]
    fn a_path_is_the_place_that_pays_most() {
        for (path, id) in [
            (".bashrc", Some("shell-start-up")),
            ("work/.bashrc", None),
            (".config/fish/conf.d/a.fish", Some("shell-start-up")),
            (".local/share/fish/fish_history", Some("fish-history")),
            ("a/b/.vscode/launch.json", Some("vscode-settings")),
            (".vscode/launch.json", Some("vscode-settings")),
            ("a/.env", Some("environment-file")),
            ("a/.env.production", Some("environment-file")),
            ("a/b/.git/config", Some("git-settings")),
            (".ssh/id_ed25519", Some("tool-credentials")),
            (".ssh/config", None),
            (".claude/projects/a/b.jsonl", Some("agent-transcript")),
            (".claude/projects/a/b/c.jsonl", Some("agent-transcript")),
            (".claude/settings.json", Some("claude-code-settings")),
            ("Desktop/a/b/keys.txt", Some("desktop-file")),
            ("Desktop2/keys.txt", None),
            ("src/main.rs", None),
            ("", None),
        ] {
            assert_eq!(place_of(path), id, "{path}");
        }
    }

    #[test]
    fn patterns_lead_into_directories_that_are_passed_over() {
        let places = Places::here();
        for (directory, expected) in [
            (".cache", true),
            (".cache/huggingface", true),
            (".cache/pip", false),
            (".cargo", true),
            (".cargo/registry", false),
            (".claude/projects/x/y", true),
            ("work/.cache", false),
            ("node_modules", false),
        ] {
            assert_eq!(
                places.lead_into(directory.as_bytes()),
                expected,
                "{directory}"
            );
        }
        assert_eq!(places.inside(b".git"), [b"config"]);
        assert!(places.inside(b"node_modules").is_empty());
        assert!(is_skipped(b"node_modules") && !is_skipped(b"src"));
    }
}
