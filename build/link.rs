//! How the program is linked where it can be linked better than as it comes: it is started at every commit, and at every
//! step of an agent.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// Of a release for the system that builds it.
pub(crate) fn link() {
    println!("cargo::rerun-if-changed=build/link.rs");
    let is = |variable: &str, value: &str| env::var(variable).is_ok_and(|said| said == value);
    let is_shared = is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("PROFILE", "release");
    // That of another system is not for this compiler to say. Nor is a linker that is named by a flag known here.
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let is_own = env::var("HOST").ok() == env::var("TARGET").ok() && !flags.contains("linker");
    if !is_shared || !is_own {
        return;
    }
    if has_archive() {
        // A panic ends the program, and the unwinder is there for backtraces alone; yet as a shared library it is sought,
        // loaded and set up at every start. GCC has it as an archive, too.
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
}

/// Whether the compiler that links finds the archive.
fn has_archive() -> bool {
    // Not CC, which cargo does not link with.
    let linker = env::var("RUSTC_LINKER").unwrap_or_else(|_| "cc".to_owned());
    let found = Command::new(linker)
        .arg("-print-file-name=libgcc_eh.a")
        .output();
    let Some(path) = found.ok().and_then(|it| String::from_utf8(it.stdout).ok()) else {
        return false;
    };
    let path = Path::new(path.trim());
    path.is_absolute() && fs::metadata(path).is_ok_and(|it| it.is_file())
}
