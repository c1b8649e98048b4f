//! What is called where: a program under strace, and each call of it by the way that led there.
//!
//! A *site* is a call, made by one program, along one way through its code (the addresses on the stack), for one kind
//! of path or descriptor (numbers, and what is drawn by chance, are all one). What fails at a site leads on along one
//! way, however often a loop comes by, so that the first and the last time stand for those between them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::place::Place;
use crate::support::path_after;

/// In which processes something fails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// In keyward, in each of its threads, and in none that it starts.
    Keyward,
    /// In a git that keyward starts, and in what that starts, but not in keyward.
    Started,
}

/// A call as a process made it.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    /// The arguments of the git that keyward started; nothing for keyward itself.
    pub(crate) of: String,
    pub(crate) name: String,
    /// Which of the calls of that name it is in its process, from 1 on.
    pub(crate) number: usize,
    /// What it was given, as strace tells.
    args: String,
    /// What it came to, as strace tells.
    pub(crate) result: String,
    /// Where it was made from: files and places in them. Nothing, if strace can't tell.
    stack: Vec<String>,
}

/// What makes a call the same as another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Site {
    of: String,
    name: String,
    kind: String,
    stack: Vec<String>,
    /// The number of the call where the way to it is not known, so that each is one of its own.
    number: Option<usize>,
}

/// Calls that take paths, of which the first words are not what was read or written.
const OF_PATHS: &[&str] = &[
    "open", "stat", "access", "link", "name", "mkdir", "mknod", "dir", "chmod", "chown", "utime",
];

impl Made {
    pub(crate) fn site(&self) -> Site {
        // What a git tells is for each question of its own; all else that gits do on one way they do alike.
        let is_telling = self.name == "write" && self.file().is_none();
        Site {
            of: match is_telling || self.of.is_empty() {
                true => plain(&self.of),
                false => "any".to_owned(),
            },
            name: self.name.clone(),
            kind: self.kind(),
            stack: self.stack.clone(),
            number: self.stack.is_empty().then_some(self.number),
        }
    }

    /// The path of the file that the descriptor is one of; `None` for pipes and the like.
    pub(crate) fn file(&self) -> Option<&str> {
        let rest = self.args.split_once('<')?.1;
        let path = rest.split_once('>')?.0;
        (path.starts_with('/') && !path.starts_with("/proc/")).then_some(path)
    }

    /// The paths that it is given, or what its descriptor is of.
    fn kind(&self) -> String {
        if OF_PATHS.iter().any(|it| self.name.contains(it)) {
            let quoted = self.args.split('"').skip(1).step_by(2);
            return quoted.map(plain).collect::<Vec<_>>().join(" ");
        }
        let first = self.args.split(',').next().unwrap_or_default();
        match first.split_once('<') {
            Some((_, of)) => plain(of),
            None => String::new(),
        }
    }
}

/// Without what differs from one run to the next, or from one object to another.
fn plain(text: &str) -> String {
    let words = text.split_inclusive(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
    let made = words.map(|word| {
        let (body, end) = match word.char_indices().next_back() {
            Some((at, last)) if !last.is_ascii_alphanumeric() && last != '_' => word.split_at(at),
            _ => (word, ""),
        };
        let is_drawn = body.len() >= 6 && body.bytes().any(|it| it.is_ascii_digit());
        let is_hex = !body.is_empty() && body.bytes().all(|it| it.is_ascii_hexdigit());
        match is_drawn
            || (is_hex && (body.len() == 2 || body.len() > 5))
            || body.parse::<u64>().is_ok()
        {
            true => format!("#{end}"),
            false => format!("{body}{end}"),
        }
    });
    made.collect()
}

/// All calls of one thread or process, as strace wrote them into a file of its own.
fn parse(text: &str, of: &str) -> Vec<Made> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all: Vec<Made> = Vec::new();
    let mut is_call = false;
    for line in text.lines() {
        if let Some(frame) = line.strip_prefix(" > ") {
            if let Some(made) = all.last_mut().filter(|_| is_call) {
                let file = frame.split('(').next().unwrap_or_default();
                let at = frame.rsplit('[').next().unwrap_or_default();
                made.stack.push(format!("{file} {at}"));
            }
            continue;
        }
        let called = line.split_once('(').filter(|(name, _)| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|it| it.is_ascii_alphanumeric() || it == b'_')
        });
        is_call = called.is_some();
        let Some((name, rest)) = called else { continue };
        let (args, result) = rest.rsplit_once(" = ").unwrap_or((rest, ""));
        let number = counts.entry(name).or_default();
        *number += 1;
        all.push(Made {
            of: of.to_owned(),
            name: name.to_owned(),
            number: *number,
            args: args.to_owned(),
            result: result.to_owned(),
            stack: Vec::new(),
        });
    }
    all
}

/// A git before all others on PATH, which runs the git of this machine, and in another program's hands if its arguments
/// are those that are asked for.
pub(crate) struct Shim {
    dir: tempfile::TempDir,
}

/// What the shim is told by: the arguments of the git that is meant, and the words before it.
const MEANT: &str = "KEYWARD_FAULTS_OF";
const WORDS: &str = "KEYWARD_FAULTS_WORDS";
const LOGS: &str = "KEYWARD_FAULTS_LOGS";

impl Shim {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let search = std::env::var_os("PATH").unwrap_or_default();
        let git = std::env::split_paths(&search).map(|it| it.join("git"));
        let git = git.into_iter().find(|it| it.is_file()).unwrap();
        let git = git.display();
        let text = format!(
            "#!/bin/sh\n\
             if [ -n \"${LOGS}\" ]; then\n\
             printf '%s' \"$*\" >\"${LOGS}/$$\"\n\
             exec ${WORDS} -o \"${LOGS}/$$.\" {git} \"$@\"\n\
             elif [ \"$*\" = \"${MEANT}\" ]; then exec ${WORDS} {git} \"$@\"\n\
             else exec {git} \"$@\"; fi\n"
        );
        crate::support::write_script(&dir.path().join("git"), &text);
        Self { dir }
    }

    /// Has keyward find it first.
    fn set(&self, command: &mut std::process::Command) {
        command.env("PATH", path_after(self.dir.path()));
    }
}

/// The words of strace before what it runs.
fn strace(rest: &[&str]) -> Vec<String> {
    let all = [&["strace", "-qq"], rest].concat();
    all.into_iter().map(str::to_owned).collect()
}

/// What each reach adds to them. Threads are followed, and what keyward starts is let go where it becomes another
/// program.
fn following(reach: Reach) -> &'static [&'static str] {
    match reach {
        Reach::Keyward => &["-f", "-b", "execve"],
        // A filter in the kernel keeps what is not asked for at its full speed.
        Reach::Started => &["-f", "--seccomp-bpf"],
    }
}

/// All calls that are made in a scene, by the processes of a reach.
pub(crate) fn calls(place: &Place, shim: &Shim, reach: Reach, is_whole: bool) -> Vec<Made> {
    let logs = tempfile::tempdir().unwrap();
    // Telling the way to each call takes a hundred times as long as the call.
    let stacks: &[&str] = if is_whole { &["-k"] } else { &[] };
    let dir = logs.path().to_str().unwrap();
    let options = [&["-ff", "-y", "-s", "512"], stacks].concat();
    match reach {
        Reach::Keyward => {
            let log = format!("{dir}/keyward.");
            let words = strace(&[&options[..], following(reach), &["-o", &log]].concat());
            place.run(&words, |_| ());
        }
        Reach::Started => {
            let words = strace(&options).join(" ");
            place.run(&[], |command| {
                shim.set(command);
                command.env(WORDS, &words).env(LOGS, dir);
            });
        }
    }
    place.restore();
    read_logs(logs.path())
}

fn read_logs(dir: &Path) -> Vec<Made> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some())
        .collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let of = fs::read(file.with_file_name(stem(&file))).unwrap_or_default();
        let text = fs::read(&file).unwrap();
        all.extend(parse(
            &String::from_utf8_lossy(&text),
            &String::from_utf8_lossy(&of),
        ));
    }
    all
}

/// The name of a log without the number of its process: `12..34` is of what the shim of number 12 started.
fn stem(log: &Path) -> String {
    let name = log.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}

/// Runs a scene once, with something injected at the calls of a name. Says whether the call was come to.
pub(crate) fn inject(
    place: &Place,
    shim: &Shim,
    reach: Reach,
    what: &crate::injected::Injection,
) -> (crate::place::Ended, bool) {
    let log = place.root().with_extension("log");
    let trace = format!("trace={}", what.call);
    let how = what.words();
    let name = log.to_str().unwrap();
    let given = ["-A", "-o", name, "-s", "0", "-e", &trace, "-e", &how];
    let words = strace(&[following(reach), &given].concat());
    let _ = fs::remove_file(&log);
    let ended = match reach {
        Reach::Keyward => place.run(&words, |_| ()),
        Reach::Started => place.run(&[], |command| {
            shim.set(command);
            command.env(WORDS, words.join(" ")).env(MEANT, &what.of);
        }),
    };
    let text = fs::read(&log).unwrap_or_default();
    let _ = fs::remove_file(&log);
    let text = String::from_utf8_lossy(&text);
    let is_reached = text.contains("INJECTED") || text.contains("killed by SIGKILL");
    (ended, is_reached)
}

#[test]
fn a_loop_is_one_site_and_another_way_is_another() {
    let log = "read(3</tmp/a/.git/objects/0f/12ab34cd56>, \"\", 9) = 9\n > /bin/x(+0x1) [0x10]\n > /bin/x() [0x20]\n\
               read(4</tmp/a/.git/objects/7c/22ab34cd56>, \"\", 9) = 0\n > /bin/x(+0x1) [0x10]\n > /bin/x() [0x20]\n\
               read(4</tmp/a/.git/config>, \"\", 9) = 0\n > /bin/x(+0x1) [0x10]\n > /bin/x() [0x20]\n\
               read(5<pipe:[77]>, \"\", 9) = 0\n > /bin/x(+0x1) [0x10]\n > /bin/x() [0x28]\n\
               +++ exited with 0 +++\n";
    let made = parse(log, "");
    let numbers: Vec<usize> = made.iter().map(|it| it.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    let sites: Vec<Site> = made.iter().map(Made::site).collect();
    assert_eq!(sites[0], sites[1]);
    assert_ne!(sites[1], sites[2]);
    assert_ne!(sites[2], sites[3]);
    assert_eq!(made[3].file(), None);
    assert_eq!(made[2].file(), Some("/tmp/a/.git/config"));
}

#[test]
fn each_call_is_a_site_where_nothing_tells_the_way() {
    let log = "read(3</a>, \"\", 9) = 9\nread(3</a>, \"\", 9) = 9\n";
    let made = parse(log, "");
    assert_ne!(made[0].site(), made[1].site());
}
