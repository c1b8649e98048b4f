//! What Git LFS does when something is pushed: it uploads the objects of which git has only pointers.
//! Its own hook does that, unless another stands in its place.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::programs::first_of;
use super::repo::Repo;

impl Repo {
    /// Whether Git LFS keeps objects of this repository's here.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn keeps_lfs_objects(&self) -> Result<bool> {
        if self.common_dir()?.join("lfs").join("objects").is_dir() {
            return Ok(true);
        }
        let elsewhere = ["config", "-z", "--get", "lfs.storage"];
        Ok(self.plumbing.read_optional(elsewhere)?.is_some())
    }

    /// Has Git LFS upload what a push needs, as its own hook does: with that hook's arguments and its input.
    ///
    /// # Errors
    /// When it is not installed, or does not succeed: a push without its objects is of no use to anybody.
    pub fn upload_lfs_objects(&self, args: &[OsString], refs: &[u8]) -> Result<()> {
        let path = env::var_os("PATH").unwrap_or_default();
        let Some(program) = first_of("git-lfs", &path) else {
            bail!(
                "this repository keeps files in Git LFS, and git-lfs, which uploads them, is not on PATH; \
                 install it (https://git-lfs.com), or push without them: git push --no-verify"
            );
        };
        let mut lfs = Command::new(program);
        lfs.arg("pre-push").args(args).stdin(Stdio::piped());
        let mut lfs = lfs.spawn().context("cannot run git-lfs")?;
        if let Some(mut pipe) = lfs.stdin.take() {
            match pipe.write_all(refs) {
                // It may have seen enough.
                Err(err) if err.kind() != io::ErrorKind::BrokenPipe => return Err(err.into()),
                _ => {}
            }
        }
        let status = lfs.wait().context("cannot run git-lfs")?;
        ensure!(
            status.success(),
            "Git LFS did not upload what is pushed ({status}); its own words are above"
        );
        Ok(())
    }
}
