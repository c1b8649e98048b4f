//! The thin binary: parse, run, print the error, choose the exit code.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(exit) => exit.into(),
        Err(error) => cli::fail(&error).into(),
    }
}
