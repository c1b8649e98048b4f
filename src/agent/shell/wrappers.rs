//! Commands that are there to start others: where the other one stands among their words.

use super::readers;

/// What a command starts.
pub(super) enum Starts {
    /// Another command, behind so many of its arguments.
    At(usize),
    /// A script of its own.
    Script(String),
}

/// Where the command starts that runs on another machine or in a container, if there is one.
pub(super) fn elsewhere(name: &str, rest: &[&str]) -> Option<usize> {
    let skip = match (name, rest) {
        ("ssh", _) => 0,
        ("docker" | "podman" | "nerdctl" | "kubectl" | "oc", ["exec", ..]) => 1,
        ("docker" | "podman", ["container", "exec", ..] | ["compose", "exec" | "run", ..]) => 2,
        ("docker-compose", ["exec" | "run", ..]) => 1,
        ("docker" | "podman" | "nerdctl", ["run", ..]) => 1,
        _ => return None,
    };
    if matches!(name, "kubectl" | "oc") {
        return rest.iter().position(|word| *word == "--").map(|at| at + 1);
    }
    const VALUED: &[&str] = &[
        "-e",
        "--env",
        "-u",
        "--user",
        "-w",
        "--workdir",
        "--env-file",
        "--index",
        "-i",
        "-p",
        "-l",
        "-o",
        "-F",
        "-L",
        "-R",
        "-D",
        "-J",
        "-v",
        "--name",
        "--entrypoint",
        "--network",
        "--net",
        "--mount",
        "--volume",
        "--publish",
        "--platform",
        "--hostname",
        "--label",
        "--memory",
        "--pull",
        "--add-host",
    ];
    let mut at = skip;
    while let Some(word) = rest.get(at).filter(|word| word.starts_with('-')) {
        let is_valued = VALUED.contains(word) && (name == "ssh" || *word != "-i");
        at += if is_valued { 2 } else { 1 };
    }
    // An image whose program is git.
    let is_git = |image: &&str| {
        let image = image.split(':').next().unwrap_or(image);
        super::base(image) == "git"
    };
    if rest.first() == Some(&"run") && rest.get(at).is_some_and(is_git) {
        return Some(at);
    }
    // Behind the name of the machine.
    (at + 1 < rest.len()).then_some(at + 1)
}

/// What a command starts that is there to start others; `None` for every other command.
pub(super) fn starts(name: &str, rest: &[&str]) -> Option<Starts> {
    // The options that have a value of their own behind them.
    let valued: &[&str] = match name {
        "env" => &["-u", "--unset", "-C", "--chdir"],
        "cross-env" | "cross-env-shell" => &[],
        "sudo" | "doas" => &[
            "-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-U", "-r", "-t", "--user",
        ],
        "xargs" | "parallel" => &["-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E", "-j"],
        "nice" | "ionice" | "chrt" => &["-n", "-c", "-p"],
        "timeout" => &["-s", "-k", "--signal", "--kill-after"],
        "stdbuf" => &["-i", "-o", "-e"],
        "watch" => &["-n", "--interval"],
        "exec" => &["-a"],
        "time" => &["-f", "-o"],
        "flock" => &["-w", "-E"],
        "strace" => &["-o", "-e", "-p", "-s"],
        "bun" if rest.first() == Some(&"x") => &["-p", "--package"],
        "npx" | "bunx" => &["-p", "--package"],
        "command" | "builtin" | "nohup" | "setsid" | "chronic" | "unbuffer" | "busybox"
        | "noglob" | "nocorrect" | "caffeinate" | "winpty" | "dotenv" | "direnv" => &[],
        "pnpm" | "yarn" | "npm" | "uv" | "poetry" | "pipenv" | "bundle" | "mise"
            if is_run(name, rest) =>
        {
            &[]
        }
        _ => return None,
    };
    if name == "command" && matches!(rest.first(), Some(&("-v" | "-V"))) {
        return None;
    }
    let mut at = match name {
        "pnpm" | "yarn" | "npm" | "uv" | "poetry" | "pipenv" | "bundle" | "mise" => 1,
        "bun" => 1,
        "direnv" if rest.first() == Some(&"exec") => 2,
        "direnv" => return None,
        _ => 0,
    };
    while let Some(word) = rest.get(at) {
        if name == "env"
            && let Some(script) = split_by_env(word)
        {
            let words: Vec<&str> = std::iter::once(&script)
                .chain(&rest[at + 1..])
                .copied()
                .collect();
            return Some(Starts::Script(words.join(" ")));
        }
        if matches!(name, "npm" | "npx" | "pnpm") && matches!(*word, "-c" | "--call") {
            let script = rest.get(at + 1).copied().unwrap_or_default();
            return Some(Starts::Script(script.to_owned()));
        }
        if *word == "--" {
            at += 1;
            break;
        }
        if !word.starts_with('-') {
            break;
        }
        at += if valued.contains(word) { 2 } else { 1 };
    }
    // How long stands before the command, or what is locked.
    if matches!(name, "timeout" | "flock") {
        at += 1;
    }
    if name == "watch" {
        return Some(Starts::Script(rest.get(at..).unwrap_or_default().join(" ")));
    }
    Some(Starts::At(at))
}

/// What `env` is to take for a command and its words, by an option that may stand with others.
fn split_by_env(word: &str) -> Option<&str> {
    if let Some(behind) = word.strip_prefix("--split-string") {
        return Some(behind.trim_start_matches('='));
    }
    let letters = word.strip_prefix('-').filter(|it| !it.starts_with('-'))?;
    let (before, script) = letters.split_once('S')?;
    before.chars().all(|c| "i0v".contains(c)).then_some(script)
}

/// Whether a tool runs a program by that word, and not a script of its own.
fn is_run(name: &str, rest: &[&str]) -> bool {
    match name {
        "uv" | "poetry" | "pipenv" => rest.first() == Some(&"run"),
        _ => matches!(rest.first(), Some(&("exec" | "dlx"))),
    }
}

/// `NAME=VALUE` as an argument.
pub(super) fn set(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then_some((name, value))
}

/// Whether an editor of streams writes back to its files.
pub(super) fn edits_in_place(name: &str, rest: &[&str]) -> bool {
    let valued = match name {
        "sed" => "efl",
        "perl" => "eEMmIFxlC0",
        _ => "eIrEF",
    };
    rest.iter()
        .any(|word| word.starts_with("--in-place") || readers::has_letter(word, "i", valued))
}
