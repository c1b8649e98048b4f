//! Asks whoever typed the command, where there is a terminal to ask at.

use std::io::{self, IsTerminal, Write};

use anyhow::{Result, ensure};

use super::{Misuse, input, voice};

/// Whether there is somebody to ask.
pub(super) fn is_somebody_there() -> bool {
    input::is_terminal() && io::stdout().is_terminal()
}

/// Goes on where somebody agrees.
///
/// # Errors
/// With `nobody` where there is nobody to ask, and with `refused` after any answer but yes.
pub(super) fn agreed(question: &str, nobody: &str, refused: &'static str) -> Result<()> {
    if !is_somebody_there() {
        return Err(Misuse(nobody.to_owned()).into());
    }
    ensure!(yes(question)?, refused);
    Ok(())
}

/// What is told where files would be written and nobody can agree to it.
pub(super) const NOBODY: &str =
    "nothing was written: where nobody can be asked, say by --yes that this is what you want";

/// Asks a question that is answered by yes or no; anything but `y` and `yes` is no.
///
/// # Errors
/// When the terminal is gone.
pub(super) fn yes(question: &str) -> io::Result<bool> {
    let mut out = voice::out();
    write!(out, "{question} [y/N] ")?;
    out.flush()?;
    drop(out);
    let answer = input::line()?.trim().to_lowercase();
    Ok(answer == "y" || answer == "yes")
}
