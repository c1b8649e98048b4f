//! What only one thread at a time may use, and what each thread that needs it gets one of.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Values that wait for a thread to take them.
pub(super) struct Pool<T>(Mutex<Vec<T>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<T> Pool<T> {
    /// One of the values, if any waits.
    pub(super) fn take(&self) -> Option<T> {
        lock(&self.0).pop()
    }

    /// Makes a value wait.
    pub(super) fn put(&self, value: T) {
        lock(&self.0).push(value);
    }
}

/// What a mutex holds. A thread that panicked while it held it has ended the process.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
