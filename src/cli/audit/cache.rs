//! Where an audit keeps what it found clean, and for which program and settings that counts.

use std::env;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use crate::audit::{Cache, Recalled};
use crate::cli::session::Session;
use crate::count::{count, counted};
use crate::disk;
use crate::git::Repo;
use crate::local_key::LocalKey;

/// A bound: a longer program is none of ours.
const LONGEST_PROGRAM: u64 = 1 << 30;

/// The cache for a repository; `None` where there is no place for the key, or the program can't be read.
pub(super) fn of(repo: &Repo, session: &Session) -> Option<Cache> {
    let dirs = directories::ProjectDirs::from("", "", "keyward")?;
    let own = dirs.cache_dir();
    disk::make_private_dir(own).ok()?;
    let key = LocalKey::make(own).ok()?;
    Some(Cache::new(repo.common_dir().ok()?, key, policy(session)?))
}

/// Stands for what judges: this very program, and the settings that hold.
fn policy(session: &Session) -> Option<[u8; 32]> {
    static PROGRAM: OnceLock<Option<[u8; 32]>> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| {
        let program = disk::read_regular(&env::current_exe().ok()?, LONGEST_PROGRAM);
        Some(Sha256::digest(program.ok()??).into())
    });
    let mut policy = Sha256::new_with_prefix((*program)?);
    for said in session.config.in_force() {
        let step = format!("{:?}\0", said.value);
        policy.update(step);
    }
    Some(policy.finalize().into())
}

/// What became of the cache, for whom wants to know.
pub(super) fn told(recalled: Recalled) -> String {
    match recalled {
        Recalled::Unasked => "nothing of an earlier audit is used".to_owned(),
        Recalled::Nothing => "no earlier audit is known here; the next one is faster".to_owned(),
        Recalled::Foreign => {
            "what is kept of an earlier audit is not used: it is broken, or another keyward, other settings or \
             another user wrote it; the next audit is faster"
                .to_owned()
        }
        Recalled::Known {
            commits,
            blobs,
            trees,
        } => {
            let rest = if trees { "" } else { "; the files of all commits were listed again" };
            format!(
                "{} and {} were known from an earlier audit{rest}",
                counted(commits, "commit"),
                count(blobs, "clean version of files", "clean versions of files"),
            )
        }
    }
}
