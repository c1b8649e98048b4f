//! Faults at system calls, by strace; at the files of a repository, by writing them.
//!
//! What is drawn: each scene is run once under strace, which tells the way to each call. Of each *site* (`trace.rs`: the
//! same call, along the same way, for the same kind of path) the first and the last time are made to fail, once by each
//! fault that its call has in the tables here. A process is killed before every call that writes, however often a site
//! is come by, since what is on the disk differs each time. What the call did by itself is no fault: that a file is not
//! there that was not, or that nothing follows where nothing did. Of the gits that a scene starts, what they write to
//! keyward is tried with each, and all else with one of those that come along that way.
//!
//! What strace has fail is not done, so that a pipe whose end fails to close stays open, and whoever reads it waits for
//! ever, as does who asks for the lock of a file once more. No kernel has them do so: Linux closes what it says it could
//! not. Files without a lock alone fail to close here; the others do in `preload.rs`, where closing is done and then
//! said to have failed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::outcome::{Kind, Tally, Undisturbed};
use crate::place::Place;
use crate::scenes::{SCENES, Scene};
use crate::support::Reading;
use crate::trace::{self, Made, Reach, Shim, Site};
use crate::{each, is_full, sampled};

/// What a call does instead of its work.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Fails,
    /// It says that there is nothing, or no more, or that a file is made of zeros.
    Lies,
    /// The process is killed as it makes the call.
    Kills,
}

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Injection {
    /// The arguments of the git in which; nothing for keyward itself.
    pub(crate) of: String,
    pub(crate) call: String,
    fault: String,
    number: usize,
}

impl Injection {
    /// In the words of strace.
    pub(crate) fn words(&self) -> String {
        format!("inject={}:{}:when={}", self.call, self.fault, self.number)
    }

    fn told(&self) -> String {
        let fault = self.fault.split("@arg2=").next().unwrap_or_default();
        format!(
            "{} {fault} the {}. time {}",
            self.call, self.number, self.of
        )
    }
}

/// What each call may fail with: the name, and the words of strace. Others fail with an error of the device.
const ERRORS: &[(&str, &[&str])] = &[
    ("openat", &["error=EIO", "error=EACCES", "error=EMFILE"]),
    ("open", &["error=EIO", "error=EACCES", "error=EMFILE"]),
    (
        "write",
        &["error=EIO", "error=ENOSPC", "error=EPIPE", "error=EINTR"],
    ),
    ("read", &["error=EIO", "error=EISDIR", "error=EINTR"]),
    ("wait4", &["error=ECHILD", "error=EINTR"]),
    ("poll", &["error=EINTR", "error=ENOMEM"]),
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
    "pwrite64",
    "writev",
    "copy_file_range",
    "fsync",
    "fdatasync",
    "fchmod",
    "rename",
    "renameat",
    "renameat2",
    "mkdir",
    "mkdirat",
    "unlink",
    "unlinkat",
    "rmdir",
    "link",
    "linkat",
    "symlink",
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

/// Whether nobody can know that to be a lie: a file of the working tree that is gone was removed, what is piped ends
/// where it ends, and zeros may be what somebody wrote into a file or a message.
fn is_answer(scene: &Scene, made: &Made, fault: &str) -> bool {
    let is_zeros = fault.contains("poke");
    let is_in = |name: &str| made.file().is_some_and(|file| file.ends_with(name));
    match scene.name {
        "scan" => made.name.contains("stat") || is_zeros && is_in("/app.py"),
        "scan --stdin" => made.name == "read" && !is_zeros,
        "commit-msg" => is_zeros && is_in("/.git/message"),
        _ => false,
    }
}

/// What each of the calls is made to do, in the words of strace.
fn faults(scene: &Scene, place: &Place, made: &Made, fault: Fault) -> Vec<String> {
    let of = |table: &[(&str, &'static [&'static str])]| {
        let row = table.iter().find(|(known, _)| *known == made.name);
        row.map(|(_, faults)| *faults)
    };
    let faults = match fault {
        Fault::Fails => of(ERRORS).unwrap_or(&["error=EIO"]),
        Fault::Lies => of(LIES).unwrap_or(&[]),
        Fault::Kills if WRITING.contains(&made.name.as_str()) => &["signal=KILL"],
        Fault::Kills => &[],
    };
    let mut faults: Vec<String> = faults.iter().map(|it| (*it).to_owned()).collect();
    // What is read of a repository's files may be zeros, as after a loss of power.
    let is_own = made.file().is_some_and(|it| place.holds(it));
    if fault == Fault::Lies && is_own && ["read", "pread64"].contains(&&*made.name) {
        let length: usize = made.result.parse().unwrap_or(0);
        let zeros = "00".repeat(length.min(MOST_ZEROS));
        if !zeros.is_empty() {
            faults.push(format!("poke_exit=@arg2={zeros}"));
        }
    }
    faults.retain(|it| fault != Fault::Lies || !is_answer(scene, made, it));
    faults.retain(|it| {
        let claimed = it.split_once('=').map_or("", |(_, value)| value);
        made.result != claimed && !made.result.contains(&format!(" {claimed} "))
    });
    faults
}

/// A bound: the words of strace, two signs a byte, are one argument of a program, which Linux limits.
const MOST_ZEROS: usize = 32 * 1024;

/// All that is to go wrong in a scene.
fn injections(scene: &Scene, place: &Place, calls: &[Made], fault: Fault) -> Vec<Injection> {
    // strace counts in each process, and leaves open what it has fail to close.
    let locked = calls.iter().filter(|it| it.name == "flock");
    let locked: BTreeSet<&str> = locked.filter_map(Made::file).collect();
    let is_waited_for = |it: &&Made| it.file().is_none_or(|file| locked.contains(file));
    let closed = calls.iter().filter(|it| it.name == "close");
    let kept: BTreeSet<(&str, usize)> = closed
        .filter(is_waited_for)
        .map(|it| (it.of.as_str(), it.number))
        .collect();
    let mut drawn: BTreeMap<Site, Vec<&Made>> = BTreeMap::new();
    for made in calls.iter().filter(|it| {
        !NOT_TRIED.contains(&it.name.as_str())
            && (it.name != "close" || !kept.contains(&(&it.of, it.number)))
    }) {
        let times = drawn.entry(made.site()).or_default();
        if times.len() == 2 && fault != Fault::Kills {
            times.pop();
        }
        times.push(made);
    }
    let all: BTreeSet<Injection> = drawn
        .values()
        .flatten()
        .flat_map(|made| {
            let faults = faults(scene, place, made, fault).into_iter();
            faults.map(|fault| Injection {
                of: made.of.clone(),
                call: made.name.clone(),
                fault,
                number: made.number,
            })
        })
        .collect();
    all.into_iter().collect()
}

/// Tries one kind of faults on a scene, and says how many kinds of wrong things came of it.
fn sweep(scene: &Scene, reading: Reading, reach: Reach, fault: Fault) -> usize {
    let place = Place::new(scene, reading);
    let is = Undisturbed::of(&place, scene.kind);
    let shim = Shim::new();
    let calls = trace::calls(&place, &shim, reach, is_full());
    let starts = !calls.is_empty();
    assert!(
        starts || reach == Reach::Started,
        "{}: strace tells nothing",
        scene.name
    );
    let mut tally = Tally::default();
    for what in sampled(
        injections(scene, &place, &calls, fault),
        scene.name.len() * 7 + fault as usize,
    ) {
        let (mut ended, mut is_reached) = trace::inject(&place, &shim, reach, &what);
        if ended.hangs {
            // strace itself can miss the end of what it traces.
            place.restore();
            (ended, is_reached) = trace::inject(&place, &shim, reach, &what);
        }
        if !is_reached {
            tally.add_missed();
        }
        match scene.kind {
            Kind::Looks => tally.add_look(&ended, &what.told()),
            Kind::Writes => tally.add_write(&place, &is, &ended, &what.told()),
        }
    }
    let by = match reading {
        Reading::Git => "by git",
        _ => "by libgit2",
    };
    let who = match reach {
        Reach::Keyward => "keyward",
        Reach::Started => "what it starts",
    };
    let what = match fault {
        Fault::Fails => "errors",
        Fault::Lies => "lies",
        Fault::Kills => "kills",
    };
    tally.tell(&format!(
        "{} {by}, {what} in {who}, {} calls",
        scene.name,
        calls.len()
    ))
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
    // A shell that cannot read its script takes that for the end; its own calls are the shell's matter.
    let scenes = SCENES
        .iter()
        .filter(|it| it.kind == kind && !it.name.starts_with("the script"));
    let sweeps: Vec<_> = scenes
        .flat_map(|scene| tries.iter().map(move |how| (scene, how)))
        .collect();
    let wrong = each(&sweeps, |(scene, how)| {
        let (reading, reach, fault) = **how;
        sweep(scene, reading, reach, fault)
    });
    assert_eq!(wrong, 0, "see above");
}

#[test]
#[ignore = "minutes, and strace: cargo test --test faults -- --ignored"]
fn a_failing_call_is_no_silent_pass_with_libgit2() {
    let tries = [
        (Reading::Default, Reach::Keyward, Fault::Fails),
        (Reading::Default, Reach::Started, Fault::Fails),
    ];
    try_all(Kind::Looks, &tries);
}

#[test]
#[ignore = "minutes, and strace: cargo test --test faults -- --ignored"]
fn a_failing_call_is_no_silent_pass_with_git() {
    let tries = [
        (Reading::Git, Reach::Keyward, Fault::Fails),
        (Reading::Git, Reach::Started, Fault::Fails),
    ];
    try_all(Kind::Looks, &tries);
}

#[test]
#[ignore = "minutes, and strace: cargo test --test faults -- --ignored"]
fn a_lying_call_is_no_silent_pass() {
    let tries = [
        (Reading::Default, Reach::Keyward, Fault::Lies),
        (Reading::Git, Reach::Keyward, Fault::Lies),
    ];
    try_all(Kind::Looks, &tries);
}

#[test]
#[ignore = "minutes, and strace: cargo test --test faults -- --ignored"]
fn a_failing_call_leaves_whole_files() {
    try_all(
        Kind::Writes,
        &[(Reading::Default, Reach::Keyward, Fault::Fails)],
    );
}

#[test]
#[ignore = "minutes, and strace: cargo test --test faults -- --ignored"]
fn a_kill_leaves_whole_files() {
    let tries = [
        (Reading::Default, Reach::Keyward, Fault::Kills),
        (Reading::Git, Reach::Keyward, Fault::Kills),
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
    let scenes = SCENES.iter().filter(|scene| ON_DISK.contains(&scene.name));
    let both = [Reading::Default, Reading::Git];
    let sweeps: Vec<_> = scenes
        .flat_map(|scene| both.map(|reading| (scene, reading)))
        .collect();
    let wrong = each(&sweeps, |&(scene, reading)| {
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
        tally.tell(&format!("{} with damaged files, {reading:?}", scene.name))
    });
    assert_eq!(wrong, 0, "see above");
}
