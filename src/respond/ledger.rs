//! Which steps were done about which secret, and when: lines in a file of git's directory. It names a
//! secret by a keyed digest of its id alone.

use std::io;
use std::path::{Path, PathBuf};

use crate::allow::Date;
use crate::disk::{self, Lock};
use crate::local_key::LocalKey;

/// The name of its file in git's directory.
pub(crate) const NAME: &str = "keyward-respond";

/// A bound: nobody answers that many leaks in one repository.
const LONGEST: u64 = 4 << 20;

/// What was done.
#[derive(Default)]
pub(crate) struct Ledger {
    key: Option<LocalKey>,
    lines: Vec<String>,
}

impl Ledger {
    /// What was done in the repository with that common directory.
    ///
    /// # Errors
    /// When its files are there and can't be read.
    pub(crate) fn read(common_dir: &Path) -> io::Result<Self> {
        let Some(content) = disk::read_regular(&file(common_dir), LONGEST)? else {
            return Ok(Self::default());
        };
        let content = String::from_utf8_lossy(&content);
        Ok(Self {
            key: LocalKey::read(common_dir)?,
            lines: content.lines().map(str::to_owned).collect(),
        })
    }

    /// When a step was done about the secret with that id.
    pub(crate) fn done(&self, id: &str, step: &str) -> Option<Date> {
        let digest = self.key.as_ref()?.digest(id.as_bytes());
        let mut lines = self.lines.iter();
        lines.find_map(|line| Date::parse(rest_of(line, &digest, step)?))
    }

    /// Whether any step was done about it.
    pub(crate) fn knows(&self, id: &str) -> bool {
        let Some(key) = &self.key else {
            return false;
        };
        let digest = key.digest(id.as_bytes());
        self.lines.iter().any(|line| line.starts_with(&digest))
    }

    /// Notes that a step was done today, or that it was not done after all.
    ///
    /// # Errors
    /// When git's directory can't be written to.
    pub(crate) fn note(common_dir: &Path, id: &str, step: &str, done: bool) -> io::Result<()> {
        let key = LocalKey::make(common_dir)?;
        // Of two at once, neither loses what the other noted.
        let _lock = Lock::of(common_dir);
        let mut ledger = Self::read(common_dir)?;
        let digest = key.digest(id.as_bytes());
        ledger
            .lines
            .retain(|line| rest_of(line, &digest, step).is_none());
        if done {
            ledger
                .lines
                .push(format!("{digest} {step} {}", Date::today()));
        }
        let mut content = ledger.lines.join("\n");
        content.push('\n');
        disk::replace_private(&file(common_dir), content.as_bytes())
    }
}

/// What stands in a line behind the names of a secret and a step.
fn rest_of<'l>(line: &'l str, digest: &str, step: &str) -> Option<&'l str> {
    let rest = line.strip_prefix(digest)?.strip_prefix(' ')?;
    rest.strip_prefix(step)?.strip_prefix(' ')
}

fn file(common_dir: &Path) -> PathBuf {
    common_dir.join(NAME)
}
