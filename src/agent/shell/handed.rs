//! What programs start that are there for something else, or that nobody knows: a command among their words, or a
//! script in one of them. And the scripts of Windows' own shells.

use std::borrow::Cow;

use super::super::windows::as_posix;
use super::value::Field;
use super::wrappers::set;
use super::{Call, Judge, LET_HOOKS_RUN, Said, base};
use crate::encoding;

/// Programs that are given texts, and start none of them, sorted.
const OF_TEXTS: &[&str] = &[
    "aider",
    "apropos",
    "arc",
    "bd",
    "brew",
    "claude",
    "codex",
    "command",
    "cowsay",
    "cp",
    "curl",
    "fastmod",
    "figlet",
    "file",
    "gemini",
    "gh",
    "glab",
    "help",
    "http",
    "https",
    "info",
    "jira",
    "jq",
    "ln",
    "logger",
    "lolcat",
    "ls",
    "mail",
    "man",
    "mkdir",
    "mv",
    "notify-send",
    "opencode",
    "osascript",
    "qwen",
    "rm",
    "rmdir",
    "say",
    "sd",
    "sendmail",
    "stat",
    "tldr",
    "touch",
    "wget",
    "whatis",
    "whereis",
    "which",
    "xh",
    "yq",
];

/// Options whose texts are for people, or the names of tests, sorted.
const NAMES_TEXT: &[&str] = &[
    "--body",
    "--comment",
    "--description",
    "--filter",
    "--grep",
    "--message",
    "--only",
    "--query",
    "--title",
];

/// Short options of the programs below for the same.
const OF_NAMES: &[&str] = &["-e", "-g", "-k", "-m", "-run", "-t"];

/// Programs that are given the names of tests, or messages, by options, sorted.
const TESTERS: &[&str] = &[
    "bundle",
    "cargo",
    "dotnet",
    "go",
    "gt",
    "hg",
    "jest",
    "mix",
    "mocha",
    "npm",
    "npx",
    "playwright",
    "pnpm",
    "pytest",
    "rspec",
    "sl",
    "svn",
    "vitest",
    "yarn",
];

/// Words with which a text begins that is a script.
const BEGINNINGS: &[&str] = &[
    "bash", "cat", "cd", "command", "dash", "env", "eval", "exec", "export", "git", "hub", "ksh",
    "printenv", "sh", "spawn", "sudo", "zsh",
];

/// Programs that read a script and have it run.
const QUEUES: &[&str] = &["at", "batch"];

/// Commands that end in a commit, whatever they are called for.
const COMMITTERS: &[&str] = &[
    "commit",
    "commitizen",
    "cz",
    "git-cz",
    "release",
    "release-it",
    "standard-version",
    "version",
];

/// Whether a program is a shell that reads what POSIX has.
pub(super) fn is_shell(name: &str) -> bool {
    const SHELLS: &[&str] = &[
        "ash", "bash", "csh", "dash", "elvish", "fish", "ksh", "mksh", "nu", "rbash", "sh", "tcsh",
        "xonsh", "yash", "zsh",
    ];
    SHELLS.binary_search(&name).is_ok()
}

/// Whether a program is a shell of Windows.
pub(super) fn is_of_windows(name: &str) -> bool {
    matches!(name, "cmd" | "powershell" | "pwsh")
}

/// The name of a program as everybody types it.
pub(super) fn plain_name(program: &str) -> String {
    let name = base(program).to_ascii_lowercase();
    name.strip_suffix(".exe").unwrap_or(&name).to_owned()
}

/// What PowerShell sets by `$env:NAME = value`, of which the start was read.
pub(super) fn assigned<'w>(words: &[&'w str]) -> Option<(&'w str, &'w str)> {
    let (first, rest) = words.split_first()?;
    let first = first.strip_prefix('$')?;
    match rest {
        ["=", value, ..] => Some((first, value)),
        [] => set(first),
        _ => None,
    }
}

impl Judge {
    /// What is said by what a program starts that is there for something else.
    pub(super) fn handed(&mut self, name: &str, rest: &[&str], call: &Call) -> Said {
        self.switched_off_for(name, rest, call);
        if QUEUES.contains(&name)
            && let Some(script) = call.input.text.clone()
        {
            return self.text(&script, Said::default());
        }
        if OF_TEXTS.binary_search(&name).is_ok() || super::shows::takes_texts(name) {
            return Said::default();
        }
        let starts = |word: &str| {
            let name = plain_name(word);
            is_shell(&name) || is_of_windows(&name) || matches!(name.as_str(), "git" | "hub")
        };
        if let Some(at) = rest.iter().position(|word| starts(word)) {
            let arguments = rest.get(at + 1..).unwrap_or_default();
            // `Start-Process git -ArgumentList commit, -m, x`
            let is_list = name == "start-process" || name == "saps";
            let fields: Vec<Field> = match is_list {
                true => {
                    let words = arguments.iter().flat_map(|word| word.split(','));
                    let is_own = |word: &&str| word.to_ascii_lowercase().starts_with("-arg");
                    let words = words.filter(|word| !word.is_empty() && !is_own(word));
                    std::iter::once(rest[at])
                        .chain(words)
                        .map(Field::of)
                        .collect()
                }
                false => call.fields[at + 1..].to_vec(),
            };
            return self.run(Call {
                fields,
                set: call.set.clone(),
                input: Said::default(),
            });
        }
        let mut said = Said::default();
        // That one starts what it is given, and has options of the same letters.
        let is_of_tests = TESTERS.binary_search(&name).is_ok() && !rest.contains(&"concurrently");
        let runs_tests = rest.first().is_some_and(|word| word.contains("test"));
        for (at, word) in rest.iter().enumerate() {
            let before = at.checked_sub(1).map_or("", |at| rest[at]);
            let names_test = is_of_tests && (runs_tests || OF_NAMES.contains(&before));
            if NAMES_TEXT.binary_search(&before).is_ok() || names_test {
                continue;
            }
            let script = word.trim_start_matches(['!', '+', ':', ' ']);
            let script = script.split_once("=!").map_or(script, |(_, script)| script);
            if begins(script) {
                let more = self.text(script, Said::default());
                said.sources.extend(more.sources);
            }
        }
        said
    }

    /// Refuses what is set for a command that commits in the end, and has the hooks left out.
    fn switched_off_for(&mut self, name: &str, rest: &[&str], call: &Call) {
        let commits = |word: &str| COMMITTERS.binary_search(&word).is_ok();
        if commits(name) || rest.iter().any(|word| commits(word)) {
            let mut set = call.set.clone();
            set.retain(|(name, value)| name != "SKIP" || value.contains("keyward"));
            self.switched_off(&set);
        }
    }

    /// A script of PowerShell or of cmd, as an argument.
    pub(super) fn shell_of_windows(&mut self, name: &str, rest: &[&str], call: Call) -> Said {
        let lower: Vec<String> = rest.iter().map(|word| word.to_ascii_lowercase()).collect();
        let after =
            |is: &dyn Fn(&str) -> bool| lower.iter().position(|word| is(word)).map(|at| at + 1);
        if name == "cmd" {
            let at = after(&|word| word.ends_with("/c") || word.ends_with("/k"));
            let script = at.map(|at| rest[at..].join(" "));
            return script.map_or_else(Said::default, |it| self.nested(&as_posix(&it, '^'), call));
        }
        let is_encoded =
            |word: &str| word == "-ec" || word.len() > 1 && "-encodedcommand".starts_with(word);
        if let Some(at) = after(&is_encoded) {
            let decoded = rest
                .get(at)
                .and_then(|text| encoding::decode_base64(text.as_bytes()));
            let units = |bytes: Vec<u8>| -> Vec<u16> {
                let pairs = bytes.chunks_exact(2);
                pairs
                    .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                    .collect()
            };
            let script = decoded.map(|bytes| String::from_utf16_lossy(&units(bytes)));
            return script.map_or_else(Said::default, |it| self.nested(&as_posix(&it, '`'), call));
        }
        let is_command = |word: &str| word.len() > 1 && "-command".starts_with(word);
        let at = after(&is_command).or_else(|| {
            // powershell takes its first word for a script, pwsh for a file.
            let first = lower.iter().position(|word| !word.starts_with('-'))?;
            (name == "powershell" && !lower.iter().any(|word| word.starts_with("-f")))
                .then_some(first)
        });
        let script = at.map(|at| rest[at..].join(" "));
        match script.as_deref() {
            Some("-") | None => {
                let script = call.input.text.clone();
                script.map_or_else(Said::default, |it| self.nested(&as_posix(&it, '`'), call))
            }
            Some(script) => self.nested(&as_posix(script, '`'), call),
        }
    }

    /// Follows what sets a variable; whether it was that.
    pub(super) fn assigns(&mut self, name: &str, rest: &[&str], call: &Call) -> bool {
        match (name, rest) {
            ("setenv", [name, value]) => self.switched_off(&[(*name, *value)]),
            ("set", [_, ..]) => self.sets(rest, call),
            ("printf", ["-v", variable, format @ ..]) => {
                let fields = call.fields[2..].to_vec();
                let said = self.says(
                    name,
                    format,
                    Call {
                        fields,
                        set: Vec::new(),
                        input: Said::default(),
                    },
                );
                let value = Field {
                    sources: said.sources,
                    ..Field::of(said.text.unwrap_or_default())
                };
                self.know(variable, vec![value]);
            }
            _ => return false,
        }
        true
    }

    /// `set`: what follows stands for `$1`; in other shells it sets a variable.
    fn sets(&mut self, rest: &[&str], call: &Call) {
        match rest {
            // `set -gx NAME value` of fish
            [option, name, value] if option.starts_with('-') && option.contains('x') => {
                self.switched_off(&[(*name, *value)]);
            }
            ["--", ..] => self.given_anew(call.fields[2..].to_vec()),
            // `set NAME=value` of cmd
            [word] if set(word).is_some() => {
                let pair = set(word).into_iter().collect::<Vec<_>>();
                self.switched_off(&pair);
            }
            [first, ..] if !first.starts_with(['-', '+']) => {
                self.given_anew(call.fields[1..].to_vec())
            }
            _ => {}
        }
    }

    fn given_anew(&mut self, fields: Vec<Field>) {
        match self.arguments.last_mut() {
            Some(arguments) => *arguments = fields.into(),
            None => self.arguments.push(fields.into()),
        }
    }

    /// Refuses to have keyward taken away by what installs programs, and to have it ended.
    pub(super) fn takes_away(&mut self, name: &str, rest: &[&str]) {
        const KEEPERS: &[&str] = &[
            "apk", "apt", "apt-get", "asdf", "brew", "bun", "cargo", "choco", "dnf", "mise",
            "nix-env", "npm", "pacman", "pip", "pip3", "pipx", "pnpm", "port", "scoop", "snap",
            "uv", "volta", "winget", "yarn", "yum", "zypper",
        ];
        const REMOVES: &[&str] = &[
            "-R",
            "-Rns",
            "-Rs",
            "del",
            "erase",
            "purge",
            "remove",
            "rm",
            "un",
            "uninstall",
            "unlink",
        ];
        let is_us = |word: &str| plain_name(word) == "keyward";
        let removes =
            KEEPERS.binary_search(&name).is_ok() && rest.iter().any(|word| REMOVES.contains(word));
        let ends = matches!(name, "pkill" | "killall" | "taskkill" | "stop-process");
        if (removes || ends) && rest.iter().any(|word| is_us(word)) {
            self.refuse("it would take keyward away", LET_HOOKS_RUN);
        }
    }
}

/// Whether a text is a script by how it begins.
fn begins(text: &str) -> bool {
    if !text.contains(' ') {
        return false;
    }
    let mut words = text
        .split_whitespace()
        .skip_while(|word| set(word).is_some());
    let first = words.next().map(|word| Cow::from(plain_name(word)));
    first.is_some_and(|first| BEGINNINGS.binary_search(&first.as_ref()).is_ok())
}

/// Whether the names are in order.
#[cfg(test)]
pub(super) fn are_sorted() -> bool {
    OF_TEXTS.is_sorted()
        && NAMES_TEXT.is_sorted()
        && TESTERS.is_sorted()
        && BEGINNINGS.is_sorted()
        && COMMITTERS.is_sorted()
}
