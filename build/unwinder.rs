//! Links the C compiler's unwinder into the program, where it can.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// In a release a panic ends the program, and the unwinder is there for backtraces alone; yet as a shared library it is
/// sought, loaded and set up at every start. GCC has it as an archive, too.
pub(crate) fn link() {
    println!("cargo::rerun-if-changed=build/unwinder.rs");
    let is = |variable: &str, value: &str| env::var(variable).is_ok_and(|said| said == value);
    let is_shared = is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("PROFILE", "release");
    // That of another system is not for this compiler to say.
    if is_shared && env::var("HOST").ok() == env::var("TARGET").ok() && has_archive() {
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
}

/// Whether the compiler that links finds the archive.
fn has_archive() -> bool {
    // Not CC, which cargo does not link with; a linker that is named by a flag is not known here.
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    if flags.contains("linker") {
        return false;
    }
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
