//! What a pipeline lets out though no key stands in it: a secret that is printed, stored, or handed to code that
//! anybody may send.
//!
//! Each [leak](Leak) is what the [lines] of one file say by themselves. What zizmor, actionlint, hadolint and
//! checkov look for is left to them; [`Platform::left_to`] names who that is.

mod lines;
mod shell;

use std::collections::BTreeSet;

use self::lines::Line;
use crate::words::name::{Strength, reading};

/// A bound: of a longer file, the rest is not looked at. Pipelines have hundreds of lines.
pub(crate) const MOST_LINES: usize = 20_000;

/// Who runs a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Platform {
    GitHub,
    GitLab,
    CircleCi,
    Azure,
    Bitbucket,
    Jenkins,
    Drone,
    Buildkite,
    Travis,
}

impl Platform {
    /// Who runs what a file says, by its path; `None` if it is no pipeline.
    pub(crate) fn of(path: &[u8]) -> Option<Self> {
        let path = std::str::from_utf8(path).ok()?;
        let (directories, name) = path.rsplit_once('/').unwrap_or(("", path));
        let below = |directory: &str| directories.split('/').any(|above| above == directory);
        let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
        let stem = name.trim_end_matches(".yaml").trim_end_matches(".yml");
        let platform = match stem {
            _ if name.starts_with("Jenkinsfile") => Self::Jenkins,
            _ if !is_yaml => return None,
            _ if directories.ends_with(".github/workflows") || stem == "action" => Self::GitHub,
            ".gitlab-ci" => Self::GitLab,
            _ if below(".gitlab") && below("ci") => Self::GitLab,
            _ if below(".circleci") => Self::CircleCi,
            _ if stem.starts_with("azure-pipelines") => Self::Azure,
            _ if below(".azure-pipelines") || below(".azuredevops") => Self::Azure,
            "bitbucket-pipelines" => Self::Bitbucket,
            ".drone" | ".woodpecker" => Self::Drone,
            _ if below(".woodpecker") => Self::Drone,
            _ if below(".buildkite") => Self::Buildkite,
            ".travis" => Self::Travis,
            _ => return None,
        };
        Some(platform)
    }

    /// Who looks at the rest of its files.
    pub(crate) const fn left_to(self) -> &'static str {
        match self {
            Self::GitHub => "zizmor and actionlint",
            Self::GitLab | Self::CircleCi | Self::Azure | Self::Bitbucket => "checkov",
            Self::Jenkins | Self::Drone | Self::Buildkite | Self::Travis => "",
        }
    }
}

/// Who looks at a file that is no pipeline, but what pipelines build by.
pub(crate) fn builds_are_left_to(path: &[u8]) -> &'static str {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    match name.starts_with(b"Dockerfile") || name.starts_with(b"Containerfile") {
        true => "hadolint",
        false => "",
    }
}

/// A way by which a secret leaves a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Leak {
    /// From 1.
    pub(crate) line: usize,
    /// From 1, in characters.
    pub(crate) column: usize,
    /// What it is, in a word.
    pub(crate) about: &'static str,
    /// What happens.
    pub(crate) what: String,
    /// What mends it.
    pub(crate) mend: &'static str,
}

/// The leaks of a file.
pub(crate) fn leaks(platform: Platform, text: &str) -> Vec<Leak> {
    let lines = lines::of(text);
    let file = File {
        platform,
        secrets: known_secrets(platform, &lines),
        takes_strangers: takes_strangers(platform, &lines),
        lines,
    };
    let mut found = Vec::new();
    for (at, line) in file.lines.iter().enumerate() {
        if line.is_comment() {
            continue;
        }
        for look in LOOKS {
            if let Some((offset, Told { about, what, mend })) = look(&file, at) {
                found.push(Leak {
                    line: at + 1,
                    column: line.column(offset),
                    about,
                    what,
                    mend,
                });
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// A file of a pipeline.
struct File<'t> {
    platform: Platform,
    lines: Vec<Line<'t>>,
    /// The variables to which the file gives a secret.
    secrets: BTreeSet<&'t str>,
    /// Whether it runs for pull requests of strangers with the secrets at hand.
    takes_strangers: bool,
}

/// A leak, before it is known on which line and column.
struct Told {
    about: &'static str,
    what: String,
    mend: &'static str,
}

type Look = fn(&File<'_>, usize) -> Option<(usize, Told)>;

/// What each line is asked.
const LOOKS: &[Look] = &[
    all_secrets,
    printed,
    traced,
    build_argument,
    cache_key,
    kept_file,
    checkout_of_head,
    debugging,
    interpolated,
];

fn leak(about: &'static str, what: impl Into<String>, mend: &'static str) -> Told {
    let what = what.into();
    Told { about, what, mend }
}

/// The variables to which a file gives a secret.
fn known_secrets<'t>(platform: Platform, lines: &[Line<'t>]) -> BTreeSet<&'t str> {
    let mut known = BTreeSet::new();
    for (at, line) in lines.iter().enumerate() {
        match platform {
            Platform::GitHub if shell::is_secret_expression(line.value) && line.is_below("env") => {
                known.extend(line.key);
            }
            Platform::Drone if line.key == Some("from_secret") => {
                let before = at.checked_sub(1).and_then(|at| lines[at].key);
                known.extend(before);
            }
            Platform::Drone if line.value.contains("from_secret:") => known.extend(line.key),
            Platform::Jenkins => known.extend(shell::bound_in_jenkins(line.text)),
            _ => {}
        }
    }
    known
}

fn takes_strangers(platform: Platform, lines: &[Line<'_>]) -> bool {
    const TRIGGER: &str = "pull_request_target";
    let is_trigger = |line: &Line<'_>| {
        line.key == Some("on") && line.value.contains(TRIGGER)
            || line.is_below("on")
                && line
                    .text
                    .trim()
                    .trim_start_matches("- ")
                    .starts_with(TRIGGER)
    };
    platform == Platform::GitHub && lines.iter().any(is_trigger)
}

impl File<'_> {
    /// Whether a variable holds a secret.
    fn is_secret(&self, name: &str) -> bool {
        if self.secrets.contains(name) {
            return true;
        }
        // Where the file does not say so, the name does.
        let by_name = !matches!(self.platform, Platform::GitHub | Platform::Jenkins);
        let read = reading(name.as_bytes());
        by_name && read.turned_by.is_none() && read.strength >= Some(Strength::Fair)
    }

    /// Where the first secret stands in a text that a shell expands, and what it is called.
    fn secret_in<'t>(&self, text: &'t str) -> Option<(usize, &'t str)> {
        shell::secret_in(text, |name| self.is_secret(name))
    }
}

/// All secrets at once, handed to a step.
fn all_secrets(file: &File<'_>, at: usize) -> Option<(usize, Told)> {
    let text = file.lines[at].text;
    let start = text.to_ascii_lowercase().find("tojson(")?;
    let argument = text.get(start + "tojson(".len()..)?.trim_start();
    let behind = argument.strip_prefix("secrets")?;
    behind.trim_start().starts_with(')').then(|| {
        let what = "toJSON(secrets) hands every secret of the repository to this step";
        (
            start,
            leak(
                "all-secrets",
                what,
                "name the ones that it needs: ${{ secrets.NAME }}",
            ),
        )
    })
}

/// A secret that a command writes into the log.
fn printed(file: &File<'_>, at: usize) -> Option<(usize, Told)> {
    let line = &file.lines[at];
    let script = line.script(file.platform)?;
    let mut printed = shell::printed(script);
    let (column, name) = printed.find_map(|(start, printed)| {
        let (column, name) = file.secret_in(printed)?;
        Some((start + column, name))
    })?;
    let offset = line.offset_of(script) + column;
    let what = format!("{name} is printed into the log, where a mask hides it only as it stands");
    let mend = "take the line out; a program gets it by a pipe: printf %s \"$NAME\" | PROGRAM";
    Some((offset, leak("printed", what, mend)))
}

/// Commands that are shown with what they are given.
fn traced(file: &File<'_>, at: usize) -> Option<(usize, Told)> {
    /// A bound: a script is longer than that seldom.
    const FURTHEST: usize = 200;
    let line = &file.lines[at];
    let script = line.script(file.platform)?;
    let start = shell::traces(script)?;
    let behind = file.lines[at + 1..].iter().take(FURTHEST);
    let same = behind.take_while(|next| next.block == line.block);
    let shown = same.take_while(|next| !next.text.contains("set +x"));
    let mut used = shown
        .filter(|next| !next.is_comment())
        .filter_map(|next| file.secret_in(next.text));
    let (_, name) = used.next()?;
    let what = format!("set -x writes each command into the log, and {name} with it");
    let offset = line.offset_of(script) + start;
    Some((
        offset,
        leak(
            "traced",
            what,
            "write set +x before the command that uses it",
        ),
    ))
}

/// A secret as an argument of a build, which stays in the image.
fn build_argument(file: &File<'_>, at: usize) -> Option<(usize, Told)> {
    const MEND: &str = "build with --secret id=NAME,env=NAME, and read it there by RUN --mount=type=secret,id=NAME";
    let line = &file.lines[at];
    let found = match line.text.find("--build-arg") {
        Some(start) => {
            let argument = line.text[start..]
                .trim_start_matches("--build-arg")
                .trim_start_matches(['=', ' ']);
            let word = argument.split_whitespace().next()?;
            let (_, name) = file.secret_in(word)?;
            Some((start, name))
        }
        None if line.is_below("build-args") || line.key == Some("build-args") => {
            file.secret_in(line.text)
        }
        None => None,
    };
    let (column, name) = found?;
    let what = format!("{name} is an argument of the build: it stays in the image's history");
    Some((column, leak("build-argument", what, MEND)))
}

/// A secret in the key of a cache.
fn cache_key(file: &File<'_>, at: usize) -> Option<(usize, Told)> {
    let line = &file.lines[at];
    let is_key = matches!(line.key, Some("key" | "restore-keys"))
        || line.is_below("restore-keys")
        || line.is_below("keys");
    let in_step = line
        .uses(&file.lines)
        .is_some_and(|uses| uses.starts_with("actions/cache"));
    let is_cache = in_step
        || line.is_below("cache")
        || line.is_below("save_cache")
        || line.is_below("restore_cache");
    if !is_key || !is_cache {
        return None;
    }
    let in_template = || {
        let (start, behind) = line.text.split_once(".Environment.")?;
        let end = behind.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let name = &behind[..end.unwrap_or(behind.len())];
        file.is_secret(name).then_some((start.len(), name))
    };
    let (column, name) = file.secret_in(line.text).or_else(in_template)?;
    let what = format!("{name} is in the key of a cache, which everybody with read access sees");
    Some((
        column,
        leak(
            "cache-key",
            what,
            "take it out of the key, or put a hash of what it stands for there",
        ),
    ))
}

/// Files with secrets that nobody means to hand out.
const KEPT: &[&str] = &[
    ".env",
    ".env.local",
    ".env.production",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".docker",
    ".docker/config.json",
    ".aws",
    ".aws/credentials",
    ".kube/config",
    ".ssh",
    ".vault-token",
    "terraform.tfstate",
];

/// A file of secrets among what a run leaves behind.
fn kept_file(file: &File<'_>, at: usize) -> Option<(usize, Told)> {
    let line = &file.lines[at];
    let uses = line.uses(&file.lines).unwrap_or_default();
    let by_step = uses.starts_with("actions/upload-artifact") || uses.starts_with("actions/cache");
    let keys = [
        "artifacts",
        "cache",
        "save_cache",
        "store_artifacts",
        "persist_to_workspace",
    ];
    let is_kept = by_step || keys.iter().any(|key| line.is_below(key));
    let is_path = matches!(line.key, Some("path" | "paths"))
        || line.is_below("path")
        || line.is_below("paths")
        || file.platform == Platform::Bitbucket && line.is_below("artifacts");
    if !is_kept || !is_path || line.key.is_some_and(|key| !matches!(key, "path" | "paths")) {
        return None;
    }
    let value = line
        .value
        .trim()
        .trim_start_matches("- ")
        .trim_matches(['"', '\'', ' ']);
    let name = value
        .trim_start_matches("~/")
        .trim_start_matches("$HOME/")
        .trim_start_matches("./");
    let name = name.rsplit_once("}}/").map_or(name, |(_, name)| name);
    let is_secret = KEPT.contains(&name.trim_end_matches('/')) || name.ends_with("/.env");
    is_secret.then(|| {
        let what = format!("{name} goes into an artifact or a cache, which others can fetch");
        (
            line.offset_of(value),
            leak(
                "kept-file",
                what,
                "take the path out; name the files that are meant one by one",
            ),
        )
    })
}

/// Code of a pull request that runs with the secrets at hand.
fn checkout_of_head(file: &File<'_>, at: usize) -> Option<(usize, Told)> {
    const HEADS: &[&str] = &[
        "github.event.pull_request.head.sha",
        "github.event.pull_request.head.ref",
        "github.head_ref",
        "refs/pull/",
    ];
    if !file.takes_strangers {
        return None;
    }
    let line = &file.lines[at];
    let is_checkout = line
        .uses(&file.lines)
        .is_some_and(|uses| uses.contains("checkout"));
    let by_step = is_checkout
        && line.key == Some("ref")
        && HEADS.iter().any(|head| line.value.contains(head));
    let by_hand = line
        .script(file.platform)
        .is_some_and(|script| script.contains("gh pr checkout"));
    (by_step || by_hand).then(|| {
        let what = "pull_request_target runs with the secrets, and this is the code of whoever sent the pull request";
        let mend = "run it on pull_request, which gets no secrets, or do not check out the head here";
        (line.offset_of(line.text.trim_start()), leak("pull-request-target", what, mend))
    })
}

/// A setting that writes every variable into the log.
fn debugging(file: &File<'_>, at: usize) -> Option<(usize, Told)> {
    const SETTINGS: &[(Platform, &str)] = &[
        (Platform::GitLab, "CI_DEBUG_TRACE"),
        (Platform::GitLab, "CI_DEBUG_SERVICES"),
        (Platform::Azure, "system.debug"),
    ];
    let line = &file.lines[at];
    let key = line.key?;
    let is_on = matches!(line.value.trim().trim_matches(['"', '\'']), "true" | "1");
    let setting = SETTINGS
        .iter()
        .find(|(platform, name)| *platform == file.platform && name.eq_ignore_ascii_case(key))?;
    is_on.then(|| {
        let what = format!("{} writes the variables of the job into its log", setting.1);
        (
            line.offset_of(key),
            leak(
                "debugging",
                what,
                "take the line out, and switch it on by hand for one run",
            ),
        )
    })
}

/// A secret that Groovy puts into the command, before the shell and the mask see it.
fn interpolated(file: &File<'_>, at: usize) -> Option<(usize, Told)> {
    if file.platform != Platform::Jenkins {
        return None;
    }
    let text = file.lines[at].text;
    let start = ["sh \"", "sh(\"", "bat \"", "sh(script: \""]
        .iter()
        .find_map(|start| text.find(start))?;
    let (column, name) = file.secret_in(&text[start..])?;
    let what = format!(
        "Groovy puts {name} into the command, where the log and the list of processes show it"
    );
    Some((
        start + column,
        leak(
            "interpolated",
            what,
            "write the command in single quotes, so that the shell reads the variable",
        ),
    ))
}

#[cfg(test)]
mod tests;
