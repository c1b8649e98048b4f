//! How long keyward may keep git waiting: nobody waits for ever, and nothing passes because it took long.
//!
//! A thread of its own sees to that, so that a call which never comes back counts, too. It is started once there is
//! something that can take long: an ordinary commit is looked at sooner than a thread is started.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// A bound: bytes for which a deadline holds; for as many more there is as much time again.
const SHARE: u64 = 1 << 30;

/// A bound: to look at less takes no time that anybody would watch, or that threads would save.
pub(crate) const SHORT: usize = 512 << 10;

/// A bound: a commit of a history counts as so many bytes, whatever it brings. It and its trees are read, and compared
/// with its parents'; ten thousand small ones take a second.
const COMMIT: usize = 16 << 10;

/// How long a hook may take for a gigabyte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// For whoever would rather see a commit refused than wait.
    Second,
    /// A large commit on a slow machine may take longer.
    TenSeconds,
    /// What is built in.
    Minute,
    /// For a slow disk.
    TenMinutes,
    /// For a server that takes in whole histories.
    Hour,
    /// As long as it takes.
    Never,
}

impl Deadline {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Second,
        Self::TenSeconds,
        Self::Minute,
        Self::TenMinutes,
        Self::Hour,
        Self::Never,
    ];
    /// Their words in a settings file.
    pub const WORDS: [&'static str; 6] = ["1s", "10s", "60s", "10m", "1h", "never"];

    /// In seconds; 0 is for ever.
    const fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::TenSeconds => 10,
            Self::Minute => 60,
            Self::TenMinutes => 600,
            Self::Hour => 3600,
            Self::Never => 0,
        }
    }
}

struct Watch {
    since: Instant,
    expired: Box<dyn Fn(Duration) + Send + Sync>,
}

static WATCH: OnceLock<Watch> = OnceLock::new();
static WATCHER: OnceLock<Thread> = OnceLock::new();
static IS_WATCHED: AtomicBool = AtomicBool::new(false);
static IS_OVER: AtomicBool = AtomicBool::new(false);
static SECONDS: AtomicU64 = AtomicU64::new(Deadline::Minute.seconds());
static READ: AtomicU64 = AtomicU64::new(0);

/// From now on, what takes too long is told to `expired`, which is to end the process.
pub(crate) fn watch(expired: impl Fn(Duration) + Send + Sync + 'static) {
    let watch = Watch {
        since: Instant::now(),
        expired: Box::new(expired),
    };
    // The first one watches all.
    let _ = WATCH.set(watch);
}

/// What the settings say.
pub(crate) fn set(deadline: Deadline) {
    SECONDS.store(deadline.seconds(), Ordering::Relaxed);
    if let Some(watcher) = WATCHER.get() {
        watcher.unpark();
    }
}

/// Something begins that can take long.
pub(crate) fn begin() {
    let Some(watch) = WATCH.get() else {
        return;
    };
    if !IS_WATCHED.swap(true, Ordering::Relaxed) {
        // Without a thread there is no deadline; what is looked at is so all the same.
        let watcher = thread::Builder::new().spawn(|| keep(watch));
        if let Ok(watcher) = watcher {
            let _ = WATCHER.set(watcher.thread().clone());
        }
    }
}

/// So many bytes more are looked at.
pub(crate) fn count(bytes: usize) {
    let bytes = bytes as u64;
    if READ.fetch_add(bytes, Ordering::Relaxed) + bytes >= SHORT as u64 {
        begin();
    }
}

/// A commit of a history is looked at.
pub(crate) fn count_commit() {
    count(COMMIT);
}

/// All was looked at: what comes now may take as long as it takes.
pub(crate) fn end() {
    IS_OVER.store(true, Ordering::Relaxed);
}

fn keep(watch: &Watch) {
    while !IS_OVER.load(Ordering::Relaxed) {
        let allowed = allowed(
            SECONDS.load(Ordering::Relaxed),
            READ.load(Ordering::Relaxed),
        );
        let Some(allowed) = allowed else {
            // The settings may not be read yet.
            thread::park();
            continue;
        };
        match allowed.checked_sub(watch.since.elapsed()) {
            Some(left) if !left.is_zero() => thread::park_timeout(left),
            _ => return (watch.expired)(allowed),
        }
    }
}

/// How long it may take to look at so many bytes; `None` for ever.
fn allowed(seconds: u64, bytes: u64) -> Option<Duration> {
    (seconds > 0).then(|| Duration::from_secs(seconds.saturating_mul(1 + bytes / SHARE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A first push may bring a million commits that hold next to nothing.
    #[test]
    fn each_commit_has_its_time() {
        let before = READ.load(Ordering::Relaxed);
        for _ in 0..SHARE / COMMIT as u64 {
            count_commit();
        }
        // Other tests may count at the same time.
        let read = READ.load(Ordering::Relaxed) - before;
        assert!(allowed(60, read) >= Some(Duration::from_secs(120)));
    }

    #[test]
    fn each_gigabyte_has_its_time() {
        let allowed =
            |deadline: Deadline, bytes| allowed(deadline.seconds(), bytes).map(|it| it.as_secs());
        for (deadline, bytes, expected) in [
            (Deadline::Minute, 0, Some(60)),
            (Deadline::Minute, SHARE - 1, Some(60)),
            (Deadline::Minute, SHARE, Some(120)),
            (Deadline::Second, 10 * SHARE + 1, Some(11)),
            (Deadline::Hour, u64::MAX, Some(3600 * (1 << 34))),
            (Deadline::Never, 0, None),
        ] {
            assert_eq!(allowed(deadline, bytes), expected, "{deadline:?} {bytes}");
        }
        assert_eq!(Deadline::ALL.len(), Deadline::WORDS.len());
        assert!(
            Deadline::ALL
                .iter()
                .enumerate()
                .all(|(at, it)| *it as usize == at)
        );
    }
}
