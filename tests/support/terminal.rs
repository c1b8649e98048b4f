//! A program on a terminal of a given width: what a person sees, and what a person types.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::Command;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// Runs a program on a terminal with so many columns, on which `typed` was typed ahead. Gives its exit code
/// and what the terminal shows; `None`, and a line that says so, where the system has no terminals to give.
pub(crate) fn on_terminal(
    mut command: Command,
    columns: u16,
    typed: &str,
) -> Option<(Option<i32>, String)> {
    let Some((person, program)) = terminal(columns) else {
        eprintln!("not tried, since this system has no terminals to give");
        return None;
    };
    let same = || program.try_clone().unwrap();
    let child = command.stdin(same()).stdout(same()).stderr(same()).spawn();
    // Reading ends when nobody has the program's side open.
    drop((command, program));
    let mut child = child.unwrap();
    let mut person = File::from(person);
    person.write_all(typed.as_bytes()).unwrap();
    let mut shown = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(count @ 1..) = person.read(&mut piece) {
        shown.extend_from_slice(&piece[..count]);
    }
    let code = child.wait().unwrap().code();
    Some((
        code,
        String::from_utf8(shown).unwrap().replace("\r\n", "\n"),
    ))
}

/// The side of a terminal that is the person's, and the program's.
fn terminal(columns: u16) -> Option<(OwnedFd, File)> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let person = openpt(flags).ok()?;
    grantpt(&person).ok()?;
    unlockpt(&person).ok()?;
    let name = ptsname(&person, Vec::new()).ok()?;
    let size = Winsize {
        ws_row: 50,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&person, size).ok()?;
    let program = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(rustix::fs::OFlags::NOCTTY.bits().cast_signed())
        .open(OsStr::from_bytes(name.as_bytes()))
        .ok()?;
    Some((person, program))
}
