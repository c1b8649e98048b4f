//! What keyward does where the machine fails under it: each system call ends in an error or lies, a process is killed
//! between any two steps, files on the disk are cut, emptied or zeroed, and memory, disk, descriptors, programs and
//! pipes are missing.
//!
//! A key is planted. A run that ends with 0 and does not tell of it is a silent pass; one that ends with 0 and did not
//! write what it was asked to is one, too. None may hang, leave half a file, or leave anything behind that the next run
//! does not clean.
//!
//! `cargo test --test faults -- --ignored` tries a sample, with `KEYWARD_FAULTS=short` one of a minute. All of it, with a
//! line for each sweep:
//!
//!     KEYWARD_FAULTS=full cargo test --test faults -- --ignored --nocapture
//!
//! `KEYWARD_FAULTS_PROGRAM` names another keyward to try, such as one that is built to be fast.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "each sweep says what came of it"
)]

mod injected;
mod limits;
mod outcome;
mod place;
mod preload;
mod scenes;
#[path = "../support/mod.rs"]
mod support;
mod trace;

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;

/// The keyward that is tried.
fn program() -> PathBuf {
    let named = std::env::var_os("KEYWARD_FAULTS_PROGRAM");
    named.map_or_else(|| env!("CARGO_BIN_EXE_keyward").into(), PathBuf::from)
}

/// Whether all is tried that there is.
fn is_full() -> bool {
    most() == usize::MAX
}

/// How many sweeps go on now, of whichever tests.
static BUSY: Mutex<usize> = Mutex::new(0);
static DONE: Condvar = Condvar::new();

/// Runs all of them, as many at once as there are cores, and adds up what they say.
fn each<T: Sync>(all: &[T], run: impl Fn(&T) -> usize + Sync) -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let (next, sum) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            let busy = BUSY.lock().unwrap();
            *DONE.wait_while(busy, |busy| *busy >= cores).unwrap() += 1;
            let said = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(one)));
            *BUSY.lock().unwrap() -= 1;
            DONE.notify_all();
            sum.fetch_add(said.unwrap_or(1), Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
    sum.into_inner()
}

/// How many runs a sweep takes at most.
fn most() -> usize {
    let extent = std::env::var("KEYWARD_FAULTS");
    match extent.as_deref() {
        Ok("full") => usize::MAX,
        Ok("short") => 2,
        _ => 12,
    }
}

/// So many of them, evenly, from a place that differs from sweep to sweep.
fn sampled<T>(all: Vec<T>, salt: usize) -> Vec<T> {
    let step = all.len().div_ceil(most()).max(1);
    let first = salt % step;
    all.into_iter().skip(first).step_by(step).collect()
}
