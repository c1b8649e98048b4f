//! Asks whoever typed the command, where there is a terminal to ask at.

use std::io::{self, BufRead, IsTerminal, Write};

use super::voice;

/// Whether there is somebody to ask.
pub(super) fn is_somebody_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Asks a question that is answered by yes or no; anything but `y` and `yes` is no.
///
/// # Errors
/// When the terminal is gone.
pub(super) fn yes(question: &str) -> io::Result<bool> {
    let mut out = voice::out();
    write!(out, "{question} [y/N] ")?;
    out.flush()?;
    drop(out);
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let answer = line.trim().to_lowercase();
    Ok(answer == "y" || answer == "yes")
}
