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
    ];
    let mut at = skip;
    while let Some(word) = rest.get(at).filter(|word| word.starts_with('-')) {
        let is_valued = VALUED.contains(word) && (name == "ssh" || *word != "-i");
        at += if is_valued { 2 } else { 1 };
    }
    // Behind the name of the machine.
    (at + 1 < rest.len()).then_some(at + 1)
}

/// What a command starts that is there to start others; `None` for every other command.
pub(super) fn starts(name: &str, rest: &[&str]) -> Option<Starts> {
    // The options that have a value of their own behind them.
    let valued: &[&str] = match name {
        "env" => &["-u", "--unset", "-C", "--chdir"],
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
        "direnv" if rest.first() == Some(&"exec") => 2,
        "direnv" => return None,
        _ => 0,
    };
    while let Some(word) = rest.get(at) {
        if name == "env" && (*word == "-S" || word.starts_with("--split-string")) {
            let script = match word.split_once('=') {
                Some((_, script)) => script.to_owned(),
                None => rest[at + 1..].join(" "),
            };
            return Some(Starts::Script(script));
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
