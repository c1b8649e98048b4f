//! Faults at system calls, by strace; at the files of a repository, by writing them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::outcome::{Kind, Tally, Undisturbed};
use crate::place::Place;
use crate::sampled;
use crate::scenes::{SCENES, Scene};
use crate::support::Reading;

/// In which processes something fails.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// In the first one alone.
    One,
    /// In all that it starts, too.
    All,
}

/// What a call does instead of its work.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Fails,
    /// It says that there is nothing, or no more.
    Lies,
    /// The process is killed as it makes the call.
    Kills,
}

/// What each call may fail with: the name, and the words of strace. Others fail with an error of the device.
const ERRORS: &[(&str, &[&str])] = &[
    ("openat", &["error=EIO", "error=EACCES", "error=EMFILE"]),
    ("open", &["error=EIO", "error=EACCES", "error=EMFILE"]),
    ("write", &["error=EIO", "error=ENOSPC", "error=EPIPE"]),
    ("read", &["error=EIO", "error=EISDIR"]),
    ("statx", &["error=EIO", "error=EACCES"]),
    ("newfstatat", &["error=EIO", "error=EACCES"]),
    ("mmap", &["error=ENOMEM"]),
    ("brk", &["error=ENOMEM"]),
    ("clone3", &["error=EAGAIN"]),
    ("clone", &["error=EAGAIN"]),
    ("vfork", &["error=EAGAIN"]),
    ("pipe2", &["error=EMFILE"]),
    ("memfd_create", &["error=ENOSYS"]),
    ("getrandom", &["error=ENOSYS"]),
    ("rename", &["error=ENOSPC", "error=EXDEV"]),
    ("mkdir", &["error=ENOSPC", "error=EACCES"]),
];

/// What each call may claim without having done it.
const LIES: &[(&str, &[&str])] = &[
    ("read", &["retval=0"]),
    ("pread64", &["retval=0"]),
    ("getdents64", &["retval=0"]),
    ("openat", &["error=ENOENT"]),
    ("open", &["error=ENOENT"]),
    ("statx", &["error=ENOENT"]),
    ("newfstatat", &["error=ENOENT"]),
    ("readlink", &["error=EINVAL"]),
];

/// The calls by which a file comes to be another.
const WRITING: &[&str] = &[
    "write",
    "fsync",
    "fchmod",
    "rename",
    "mkdir",
    "unlink",
    "rmdir",
    "link",
    "utimensat",
    "ftruncate",
    "chmod",
];

/// What nothing can be made of: the process starts or ends by it, waits, or only asks for a number of its own.
const NOT_TRIED: &[&str] = &[
    "execve",
    "exit_group",
    "exit",
    "rt_sigreturn",
    "restart_syscall",
    "futex",
    "set_robust_list",
    "rseq",
    "arch_prctl",
    "set_tid_address",
    "kill",
    "tgkill",
];

fn strace(reach: Reach, rest: &[&str]) -> Vec<String> {
    let follow: &[&str] = match reach {
        Reach::One => &[],
        Reach::All => &["-f"],
    };
    let all = [&["strace", "-qq", "-o"], rest, follow].concat();
    all.into_iter().map(str::to_owned).collect()
}

/// The calls that can be made to fail, each with the numbers of the times that it is made by one process.
fn calls(place: &Place, reach: Reach) -> BTreeMap<String, BTreeSet<usize>> {
    let log = place.root().with_extension("calls");
    let words = strace(reach, &[log.to_str().unwrap(), "-y"]);
    place.run(&words, |_| ());
    let text = fs::read(&log).unwrap_or_default();
    let _ = fs::remove_file(&log);
    let mut made: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut calls: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let mut others = BTreeSet::new();
    for line in String::from_utf8_lossy(&text).lines() {
        let (process, rest) = match reach {
            Reach::One => ("", line),
            Reach::All => line.split_once(' ').unwrap_or(("", line)),
        };
        if let Some((name, what)) = rest.trim_start().split_once('(')
            && name
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || it == b'_')
        {
            let key = (name.to_owned(), process.to_owned());
            let number = made.entry(key).or_default();
            *number += 1;
            calls.entry(name.to_owned()).or_default().insert(*number);
            // What strace has fail is not done: a pipe would stay open, and whoever reads it would wait for ever. Where
            // a kernel says so, it is closed all the same.
            if name == "close" && !what.contains("</") {
                others.insert(*number);
            }
        }
    }
    if let Some(numbers) = calls.get_mut("close") {
        *numbers = numbers.difference(&others).copied().collect();
    }
    place.restore();
    calls
}

/// Whether nobody can know that to be a lie: a file of the working tree that is gone was removed, and what is piped
/// ends where it ends.
fn is_answer(scene: &Scene, call: &str) -> bool {
    match scene.name {
        "scan" => call.contains("stat"),
        "scan --stdin" => call == "read",
        _ => false,
    }
}

/// What is done at which call, in the words of strace.
fn injections(
    scene: &Scene,
    calls: &BTreeMap<String, BTreeSet<usize>>,
    fault: Fault,
) -> Vec<String> {
    let of = |table: &[(&str, &'static [&'static str])], name: &str| {
        let row = table.iter().find(|(known, _)| *known == name);
        row.map(|(_, faults)| *faults)
    };
    let mut all = Vec::new();
    for (name, numbers) in calls {
        let faults = match fault {
            _ if NOT_TRIED.contains(&name.as_str()) => continue,
            Fault::Lies if is_answer(scene, name) => continue,
            Fault::Fails => of(ERRORS, name).unwrap_or(&["error=EIO"]),
            Fault::Lies => of(LIES, name).unwrap_or(&[]),
            Fault::Kills if WRITING.contains(&name.as_str()) => &["signal=KILL"],
            Fault::Kills => &[],
        };
        for when in numbers {
            all.extend(
                faults
                    .iter()
                    .map(|it| format!("inject={name}:{it}:when={when}")),
            );
        }
    }
    all
}

/// Tries one kind of faults on a scene, and says how many kinds of wrong things came of it.
fn sweep(scene: &Scene, reading: Reading, reach: Reach, fault: Fault) -> usize {
    let place = Place::new(scene, reading);
    let is = Undisturbed::of(&place, scene.kind);
    let calls = calls(&place, reach);
    assert!(!calls.is_empty(), "{}: strace tells nothing", scene.name);
    let mut tally = Tally::default();
    for how in sampled(
        injections(scene, &calls, fault),
        scene.name.len() * 7 + fault as usize,
    ) {
        let traced = how.split([':', '=']).nth(1).unwrap_or_default();
        let trace = format!("trace={traced}");
        let words = strace(reach, &["/dev/null", "-e", &trace, "-e", &how]);
        let mut ended = place.run(&words, |_| ());
        if ended.hangs {
            // strace itself can miss the end of what it traces.
            place.restore();
            ended = place.run(&words, |_| ());
        }
        match scene.kind {
            Kind::Looks => tally.add_look(&ended, &how),
            Kind::Writes => tally.add_write(&place, &is, &ended, &how),
        }
    }
    let by = match reading {
        Reading::Git => "by git",
        _ => "by libgit2",
    };
    let who = match reach {
        Reach::One => "keyward",
        Reach::All => "all processes",
    };
    let what = match fault {
        Fault::Fails => "errors",
        Fault::Lies => "lies",
        Fault::Kills => "kills",
    };
    tally.tell(&format!("{} {by}, {what} in {who}", scene.name))
}

/// Whether this machine lets one program have the calls of another fail.
fn can_inject() -> bool {
    let strace = std::process::Command::new("strace")
        .args([
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "inject=exit_group:error=EIO:when=9",
            "true",
        ])
        .status();
    let can = strace.is_ok_and(|it| it.success());
    if !can {
        eprintln!("not tried, since strace is not here or may stop no program");
    }
    can
}

/// Tries what is to be tried on all scenes of a kind, and fails where anything came out wrong.
fn try_all(kind: Kind, tries: &[(Reading, Reach, Fault)]) {
    if !can_inject() {
        return;
    }
    let mut wrong = 0;
    for scene in SCENES.iter().filter(|scene| scene.kind == kind) {
        for &(reading, reach, fault) in tries {
            // A shell that cannot read its script takes that for the end; its own calls are the shell's matter.
            let is_script = scene.name.starts_with("the script");
            if !is_script {
                wrong += sweep(scene, reading, reach, fault);
            }
        }
    }
    assert_eq!(wrong, 0, "see above");
}

#[test]
#[ignore = "minutes, and strace: cargo test --test faults -- --ignored"]
fn a_failing_call_is_no_silent_pass_with_libgit2() {
    let tries = [
        (Reading::Default, Reach::One, Fault::Fails),
        (Reading::Default, Reach::All, Fault::Fails),
    ];
    try_all(Kind::Looks, &tries);
}

#[test]
#[ignore = "minutes, and strace: cargo test --test faults -- --ignored"]
fn a_failing_call_is_no_silent_pass_with_git() {
    let tries = [
        (Reading::Git, Reach::One, Fault::Fails),
        (Reading::Git, Reach::All, Fault::Fails),
    ];
    try_all(Kind::Looks, &tries);
}

#[test]
#[ignore = "minutes, and strace: cargo test --test faults -- --ignored"]
fn a_lying_call_is_no_silent_pass() {
    let tries = [
        (Reading::Default, Reach::One, Fault::Lies),
        (Reading::Git, Reach::One, Fault::Lies),
    ];
    try_all(Kind::Looks, &tries);
}

#[test]
#[ignore = "minutes, and strace: cargo test --test faults -- --ignored"]
fn a_failing_call_leaves_whole_files() {
    try_all(
        Kind::Writes,
        &[(Reading::Default, Reach::One, Fault::Fails)],
    );
}

#[test]
#[ignore = "minutes, and strace: cargo test --test faults -- --ignored"]
fn a_kill_leaves_whole_files() {
    let tries = [
        (Reading::Default, Reach::One, Fault::Kills),
        (Reading::Git, Reach::One, Fault::Kills),
    ];
    try_all(Kind::Writes, &tries);
}

/// What becomes of the content of a file.
type Damage = fn(&[u8]) -> Vec<u8>;

/// What may have become of a file on a disk.
const DAMAGES: &[(&str, Damage)] = &[
    ("is empty", |_| Vec::new()),
    ("is cut in half", |old| old[..old.len() / 2].to_vec()),
    ("lacks its last byte", |old| {
        old[..old.len().saturating_sub(1)].to_vec()
    }),
    ("is zeroed", |old| vec![0; old.len()]),
    ("is zeroed from the middle on", |old| {
        let kept = &old[..old.len() / 2];
        [kept, &vec![0; old.len() - kept.len()]].concat()
    }),
    ("has another bit in its middle", |old| {
        let mut new = old.to_vec();
        let middle = new.len() / 2;
        if let Some(byte) = new.get_mut(middle) {
            *byte ^= 4;
        }
        new
    }),
];

/// Scenes of which each file matters, so that none may be damaged unseen.
const ON_DISK: &[&str] = &[
    "pre-commit",
    "scan --staged",
    "pre-receive",
    "audit",
    "audit of packs",
];

#[test]
#[ignore = "minutes, and strace: cargo test --test faults -- --ignored"]
fn a_damaged_file_is_no_silent_pass() {
    let mut wrong = 0;
    for scene in SCENES.iter().filter(|scene| ON_DISK.contains(&scene.name)) {
        for reading in [Reading::Default, Reading::Git] {
            let place = Place::new(scene, reading);
            let mut tally = Tally::default();
            let files = place.files_of_git().into_iter();
            let all = files.flat_map(|file| DAMAGES.iter().map(move |it| (file.clone(), it)));
            for (file, (what, damage)) in sampled(all.collect(), scene.name.len()) {
                let old = fs::read(&file).unwrap();
                // Objects can't be written by their owner either.
                fs::remove_file(&file).unwrap();
                fs::write(&file, damage(&old)).unwrap();
                let ended = place.run(&[], |_| ());
                let name = file.strip_prefix(place.root()).unwrap();
                tally.add_look(&ended, &format!("{} {what}", name.display()));
                place.restore();
            }
            wrong += tally.tell(&format!("{} with damaged files, {reading:?}", scene.name));
        }
    }
    assert_eq!(wrong, 0, "see above");
}
