//! Whatever somebody commits, the work grows as its length does: many shapes of nasty input, each in four sizes, and
//! the instructions that keyward takes for each. Instructions, not time: they are the same on every run.
//!
//! `cargo test --test shapes -- --ignored` tries a sample in small, with `KEYWARD_SHAPES=short` one of a minute. All of them, larger, with a line for each:
//!
//!     KEYWARD_SHAPES=full cargo test --test shapes -- --ignored --nocapture
//!
//! and a search for worse ones, which puts parts together and keeps what grows most, for so many steps:
//!
//!     KEYWARD_SHAPES=200 cargo test --test shapes search -- --ignored --nocapture
//!
//! `KEYWARD_SHAPES_PROGRAM` names another keyward to measure. Valgrind counts; without it nothing is tried.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "each shape says what came of it"
)]

mod grammar;
mod sources;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bstr::ByteSlice;
use keyward::parts::lab::Random;

use sources::{Call, Shape};
use support::{Reading, Scratch};

/// A bound: what takes twice the input may take so many times the instructions.
const MOST_GROWTH: f64 = 2.2;

/// How far the search or the sample goes.
enum Extent {
    Sample(usize),
    Full,
    Search(usize),
}

fn extent() -> Extent {
    match std::env::var("KEYWARD_SHAPES").ok().as_deref() {
        Some("full") => Extent::Full,
        Some(steps) if steps.parse::<usize>().is_ok() => Extent::Search(steps.parse().unwrap()),
        Some("short") => Extent::Sample(8),
        _ => Extent::Sample(24),
    }
}

/// The keyward that is measured, without what a debugger would want: valgrind would read all of it each time.
struct Program {
    path: PathBuf,
    _dir: tempfile::TempDir,
}

impl Program {
    /// `None` where nothing counts instructions.
    fn new() -> Option<Self> {
        let valgrind = Command::new("valgrind").arg("--version").output();
        if valgrind.is_err() {
            eprintln!("not tried, since valgrind is not here");
            return None;
        }
        let named = std::env::var_os("KEYWARD_SHAPES_PROGRAM");
        let given = named.map_or_else(|| env!("CARGO_BIN_EXE_keyward").into(), PathBuf::from);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keyward");
        let mut strip = Command::new("strip");
        let stripped = strip.arg("-o").arg(&path).arg(&given).status();
        if !stripped.is_ok_and(|it| it.success()) {
            fs::copy(&given, &path).unwrap();
        }
        Some(Self { path, _dir: dir })
    }

    /// The instructions that it takes for a shape of a size.
    fn count(&self, shape: &Shape, size: usize) -> f64 {
        let scratch = Scratch::new(Reading::Default);
        let call = (shape.make)(&scratch, size);
        let log = scratch.root().join("valgrind.log");
        let mut valgrind = scratch.command("valgrind");
        valgrind
            .args(["--tool=cachegrind", "--cache-sim=no"])
            .arg("--cachegrind-out-file=/dev/null")
            .arg(format!("--log-file={}", log.display()))
            .arg(&self.path)
            .args(&call.args)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        feed(valgrind, &call);
        let told = fs::read(&log).unwrap();
        let told = told.to_str_lossy();
        let line = told.lines().find(|line| line.contains("refs:"));
        let digits = |line: &str| line.rsplit(':').next().unwrap().replace(',', "");
        let count = line.map(|line| digits(line).trim().to_owned());
        count
            .and_then(|it| it.parse().ok())
            .unwrap_or_else(|| panic!("{}: {told}", shape.name))
    }

    /// How much more the double of four times the size takes than four times, without what nothing takes. And how
    /// much four times are.
    fn growth(&self, shape: &Shape, size: usize) -> (f64, f64) {
        let nothing = self.count(shape, 1);
        let [four, eight] = [4, 8].map(|times| self.count(shape, times * size) - nothing);
        // What is small beside the start of the program is no work.
        match four < nothing / 20.0 {
            true => (1.0, four),
            false => (eight / four, four),
        }
    }
}

/// Runs it to its end with what it has to read.
fn feed(mut command: Command, call: &Call) {
    use std::io::Write as _;

    command.stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Who reads nothing may have ended.
    let _ = child.stdin.take().unwrap().write_all(&call.input);
    child.wait().unwrap();
}

#[test]
#[ignore = "minutes, and valgrind: cargo test --test shapes -- --ignored"]
fn the_work_grows_as_the_input_does() {
    let Some(program) = &Program::new() else {
        return;
    };
    let shapes = sources::all();
    assert!(shapes.len() >= 120, "{}", shapes.len());
    let (factor, step) = match extent() {
        Extent::Sample(most) => (1, shapes.len().div_ceil(most)),
        Extent::Full => (6, 1),
        Extent::Search(_) => return,
    };
    let chosen: Vec<&Shape> = shapes.iter().skip(3 % step).step_by(step).collect();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let work = || {
        while let Some(shape) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (growth, four) = program.growth(shape, shape.size * factor);
            println!(
                "{growth:.2} times, from {:.1} million: {}",
                four / 1e6,
                shape.name
            );
            if growth >= MOST_GROWTH {
                wrong.lock().unwrap().push((growth, &shape.name));
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "more than linear: {wrong:#?}");
}

/// Hill-climbers, one on each core: of a text's parts one is changed, taken out or put in, and what grows more is kept.
#[test]
#[ignore = "minutes, and valgrind: cargo test --test shapes -- --ignored"]
fn search_for_worse_shapes() {
    let Extent::Search(steps) = extent() else {
        return;
    };
    let Some(program) = &Program::new() else {
        return;
    };
    let seed = u64::from(std::process::id());
    println!("drawn from {seed}");
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for (climber, wrong) in (0..cores).zip(std::iter::repeat(&wrong)) {
            scope.spawn(move || {
                let random = Random::new(seed + climber as u64);
                climb(program, steps.div_ceil(cores), random, wrong);
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "more than linear: {wrong:#?}");
}

/// Goes so many steps, and starts anew every 25.
fn climb(program: &Program, steps: usize, mut random: Random, wrong: &Mutex<Vec<(f64, String)>>) {
    let mut best: Option<(f64, grammar::Line)> = None;
    for step in 0..steps {
        let line = match &best {
            Some((_, line)) if step % 25 != 0 => line.changed(&mut random),
            _ => grammar::Line::drawn(&mut random),
        };
        let shape = line.shape();
        let (growth, four) = program.growth(&shape, shape.size * 4);
        if step % 25 == 0 || best.as_ref().is_none_or(|(known, _)| growth > *known) {
            println!(
                "{growth:.3} times, from {:.1} million: {}",
                four / 1e6,
                shape.name
            );
            best = Some((growth, line));
        }
        if growth >= MOST_GROWTH {
            wrong.lock().unwrap().push((growth, shape.name));
            best = None;
        }
    }
}

/// As `git update-index --index-info` reads it: many files of one content.
fn index_of(scratch: &Scratch, content: &[u8], names: impl Iterator<Item = String>) {
    let id = scratch.git_fed(&["hash-object", "-w", "--stdin"], content);
    let lines: String = names.map(|name| format!("100644 {id}\t{name}\0")).collect();
    scratch.git_fed(&["update-index", "-z", "--index-info"], lines.as_bytes());
}

/// Writes a file, wherever it is to lie.
fn write(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}
