//! Runs programs in turns and takes the medians.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use wait4::Wait4;

/// A program to time, in a directory.
pub(crate) struct Program {
    words: Vec<OsString>,
    dir: PathBuf,
    env: Vec<(OsString, OsString)>,
}

/// What a program took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Median {
    /// From the start of the process to its end.
    pub(crate) seconds: f64,
    /// On all processors, in the program and in the kernel.
    pub(crate) processor: f64,
    /// The peak of its resident memory, in bytes.
    pub(crate) memory: u64,
}

impl Program {
    pub(crate) fn new<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>, dir: PathBuf) -> Self {
        let words = words
            .into_iter()
            .map(|word| word.as_ref().to_owned())
            .collect();
        Self {
            words,
            dir,
            env: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.into(), value.as_ref().to_owned()));
        self
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).current_dir(&self.dir);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GIT_") {
                command.env_remove(name);
            }
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    fn once(&self) -> Median {
        let mut command = self.command();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let start = Instant::now();
        let mut child = command
            .spawn()
            .unwrap_or_else(|err| panic!("cannot start {:?}: {err}", self.words[0]));
        let used = child.wait4().expect("a child can be waited for").rusage;
        Median {
            seconds: start.elapsed().as_secs_f64(),
            processor: (used.utime + used.stime).as_secs_f64(),
            memory: used.maxrss,
        }
    }
}

/// The median of each program over so many rounds, after one that counts for nothing.
pub(crate) fn in_turns(programs: &[Program], rounds: usize) -> Vec<Median> {
    let mut times = vec![Vec::new(); programs.len()];
    for round in 0..=rounds {
        for (program, times) in programs.iter().zip(&mut times) {
            let took = program.once();
            if round > 0 {
                times.push(took);
            }
        }
    }
    times
        .into_iter()
        .map(|mut times| {
            times.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
            let memory = times
                .iter()
                .map(|took| took.memory)
                .max()
                .unwrap_or_default();
            let seconds = times[times.len() / 2].seconds;
            times.sort_by(|a, b| a.processor.total_cmp(&b.processor));
            Median {
                seconds,
                processor: times[times.len() / 2].processor,
                memory,
            }
        })
        .collect()
}

/// A program that takes many times as long: once, and a few times more if that was quick.
pub(crate) fn few_times(program: &Program) -> Median {
    const QUICK: f64 = 2.0;
    let once = program.once();
    if once.seconds < QUICK {
        in_turns(std::slice::from_ref(program), 3)[0]
    } else {
        once
    }
}

/// Whether a program is on the PATH.
pub(crate) fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    command
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
