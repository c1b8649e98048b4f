//! The files that a settings file builds on, and those of them that came by git.
//!
//! What `extends` names by git lies in the repository as `.keyward/<name>-<hash>.toml`, put there by
//! `keyward config update`, and `.keyward/extends.toml` holds its digest. So a hook needs no network,
//! and a change of the team's policy is a diff to review.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::origin::{ConfigError, Origin};
use crate::encoding::hex;

/// The directory of what was fetched, at the top of a repository.
pub(crate) const VENDOR_DIRECTORY: &str = ".keyward";

/// The file that says what was fetched.
pub(super) const RECORD_NAME: &str = ".keyward/extends.toml";

/// The command that fetches, and that every error about what was fetched names.
pub(crate) const UPDATE: &str = "keyward config update";

/// The same, with what it wrote staged: commits go by what is staged.
pub(crate) const UPDATE_AND_STAGE: &str =
    "keyward config update && git add .keyward.toml .keyward && keyward doctor";

/// A file that a settings file builds on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extends {
    /// From the top of the repository; in a file of the machine or the user, an absolute path.
    Path(String),
    /// A file of another repository.
    Git(Remote),
}

/// A file of another repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remote {
    /// The repository, as git takes it: `https://`, `ssh://`, `user@host:path` or `file://`.
    pub git: String,
    /// A branch, a tag or the whole id of a commit.
    pub rev: String,
    /// The file's path in that repository.
    pub path: String,
}

/// What is wrong with an entry, and what to do about it.
type Fault = (&'static str, &'static str);

impl Extends {
    /// Checks a path of an entry in a layer of that origin.
    pub(super) fn path(by: Origin, path: String) -> Result<Self, Fault> {
        if by == Origin::Team {
            return Err(NESTED);
        }
        let fits = match by {
            Origin::Repository => is_inside(&path),
            _ => Path::new(&path).is_absolute(),
        };
        match (fits, by) {
            (true, _) => Ok(Self::Path(path)),
            (false, Origin::Repository) => Err((
                "a path that leads out of the repository",
                "name a file in it, from its top and with `/`",
            )),
            (false, _) => Err(("a path that is not absolute", "write the whole path")),
        }
    }

    /// A file of another repository.
    pub(super) fn git(by: Origin, remote: Remote) -> Result<Self, Fault> {
        match by {
            Origin::Team => return Err(NESTED),
            Origin::Repository => {}
            _ => {
                return Err((
                    "a file by git outside of a repository",
                    "name it in the repository's .keyward.toml, or give the path of a copy",
                ));
            }
        }
        remote.check()?;
        Ok(Self::Git(remote))
    }
}

const NESTED: Fault = (
    "`extends` in a file that is itself extended",
    "name both files where this one is named",
);

/// Whether a path can only name a file in the repository, wherever keyward runs.
fn is_inside(path: &str) -> bool {
    let name = |part: &str| {
        !matches!(part, "" | "." | "..")
            && !part.eq_ignore_ascii_case(".git")
            && !part
                .chars()
                .any(|c| c == '\\' || c == ':' || c.is_control())
    };
    path.split('/').all(name)
}

impl Remote {
    fn check(&self) -> Result<(), Fault> {
        // They stand in a file between single quotes, and among git's arguments.
        let plain = |text: &str| {
            !text.is_empty()
                && !text.starts_with('-')
                && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\'')
        };
        if !plain(&self.git) || !plain(&self.rev) || !plain(&self.path) {
            return Err((
                "a word that git could take for something else",
                "`git`, `rev` and `path` have no blanks or quotes and start with no dash",
            ));
        }
        let address = match self.git.split_once("://") {
            Some(("https" | "ssh", address)) => address,
            Some(("file", _)) => return self.check_names(),
            Some(_) => {
                return Err((
                    "an address that keyward does not fetch from",
                    "use https://, ssh:// or user@host:path",
                ));
            }
            // `transport::address` runs a program.
            None if self.git.contains(':') && !self.git.contains("::") => &self.git,
            None => {
                return Err((
                    "not an address",
                    "use https://, ssh:// or user@host:path; name a file of this repository by its path",
                ));
            }
        };
        let host = address.split('/').next().unwrap_or(address);
        let user = host.rsplit_once('@').map_or("", |(user, _)| user);
        if user.contains(':') || (self.git.starts_with("https:") && !user.is_empty()) {
            return Err((
                "an address with credentials in it",
                "take them out: git asks its credential helper",
            ));
        }
        self.check_names()
    }

    fn check_names(&self) -> Result<(), Fault> {
        let rev = self
            .rev
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._/-".contains(&b));
        if !rev || self.rev.contains("..") {
            return Err((
                "not a revision",
                "name a branch, a tag or the whole id of a commit",
            ));
        }
        if !is_inside(&self.path) {
            return Err((
                "a path that leads out of that repository",
                "name a file in it, from its top and with `/`",
            ));
        }
        Ok(())
    }

    /// Where the file lies once it is fetched, from the top of the repository.
    pub fn vendored(&self) -> String {
        let Self { git, rev, path } = self;
        let hash = hex(&Sha256::digest(format!("{git}\n{rev}\n{path}")));
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name.strip_suffix(".toml").unwrap_or(name);
        // A record may say anything.
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let stem = match stem.trim_start_matches('.') {
            stem if stem.bytes().all(plain) => stem,
            _ => "team",
        };
        format!("{VENDOR_DIRECTORY}/{stem}-{}.toml", &hash[..8])
    }
}

/// What `keyward config update` wrote of one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vendored {
    /// The address of the other repository, as in the settings.
    pub git: String,
    /// The revision that was asked for.
    pub rev: String,
    /// The file's path in the other repository.
    pub path: String,
    /// The commit that the revision was.
    pub commit: String,
    /// The digest of the content, see [`digest`].
    pub sha256: String,
}

impl Vendored {
    /// What was fetched, at `commit`.
    pub(crate) fn new(remote: &Remote, commit: &str, content: &[u8]) -> Self {
        Self {
            git: remote.git.clone(),
            rev: remote.rev.clone(),
            path: remote.path.clone(),
            commit: commit.to_owned(),
            sha256: digest(content),
        }
    }

    /// Where it lies, from the top of the repository.
    pub(crate) fn file(&self) -> String {
        let Self { git, rev, path, .. } = self.clone();
        Remote { git, rev, path }.vendored()
    }

    fn is_of(&self, remote: &Remote) -> bool {
        self.git == remote.git && self.rev == remote.rev && self.path == remote.path
    }
}

/// The SHA-256 of a file, in hex. The end of a line counts as one character: git may write it as
/// two in a working tree.
pub(super) fn digest(content: &[u8]) -> String {
    let mut hash = Sha256::new();
    for line in content.split_inclusive(|&b| b == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => {
                hash.update(line);
                hash.update(b"\n");
            }
            None => hash.update(line),
        }
    }
    hex(&hash.finalize())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    #[serde(default)]
    file: Vec<Vendored>,
}

/// Reads [`RECORD_NAME`]: what was fetched, and its digests.
///
/// # Errors
/// A [`ConfigError`] when it is not what [`record`] writes.
pub(super) fn parse_record(bytes: &[u8]) -> Result<Vec<Vendored>, ConfigError> {
    let record = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| toml::from_str::<Record>(text).ok());
    record.map(|record| record.file).ok_or_else(|| {
        let problem = "not a record of fetched files";
        ConfigError::of_file(RECORD_NAME, problem, format!("run {UPDATE}"))
    })
}

/// The file that says what was fetched.
pub(super) fn record(vendored: &[Vendored]) -> String {
    let mut out = String::from(
        "# What `extends` names by git, as it was fetched. Written by `keyward config update`.\n",
    );
    for file in vendored {
        let Vendored {
            git,
            rev,
            path,
            commit,
            sha256,
        } = file;
        let _ = write!(
            out,
            "\n[[file]]\ngit = '{git}'\nrev = '{rev}'\npath = '{path}'\ncommit = '{commit}'\n\
             sha256 = '{sha256}'\n"
        );
    }
    out
}

/// Where an entry's file lies in the repository, and its content checked against the record.
///
/// # Errors
/// A [`ConfigError`] when it is not there or its digest is another; what `read` says.
pub(super) fn content(
    extends: &Extends,
    record: &[Vendored],
    read: &dyn Fn(&str) -> Result<Option<Vec<u8>>>,
    error: impl Fn(String, &str) -> ConfigError,
) -> Result<(String, Vec<u8>)> {
    match extends {
        Extends::Path(path) => match read(path)? {
            Some(bytes) => Ok((path.clone(), bytes)),
            None => Err(error(
                "`extends` with a file that is not there".to_owned(),
                "correct the path, or add the file to the commit",
            )
            .into()),
        },
        Extends::Git(remote) => {
            let path = remote.vendored();
            let recorded = record.iter().find(|vendored| vendored.is_of(remote));
            let bytes = read(&path)?;
            let (Some(recorded), Some(bytes)) = (recorded, bytes) else {
                return Err(error(
                    "`extends` with a file that was not fetched".to_owned(),
                    "run keyward config update, then git add .keyward",
                )
                .into());
            };
            if digest(&bytes) != recorded.sha256 {
                return Err(error(
                    format!("`extends` with a file that was changed here, {path}"),
                    "change it where it comes from, then run keyward config update",
                )
                .into());
            }
            Ok((path, bytes))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(git: &str, rev: &str, path: &str) -> Remote {
        Remote {
            git: git.to_owned(),
            rev: rev.to_owned(),
            path: path.to_owned(),
        }
    }

    #[test]
    fn a_repository_names_nothing_outside_of_it() {
        for path in ["policy.toml", "a/b c/policy.toml", "ü.toml"] {
            assert!(
                Extends::path(Origin::Repository, path.to_owned()).is_ok(),
                "{path}"
            );
        }
        for path in [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "./x",
            "a//b",
            "C:/x",
            "C:x",
            "a\\..\\x",
            "\\\\host\\share",
            ".git/config",
            "a/.GIT/config",
            "a\nb",
        ] {
            assert!(
                Extends::path(Origin::Repository, path.to_owned()).is_err(),
                "{path}"
            );
            assert!(
                Extends::git(
                    Origin::Repository,
                    remote("https://host.example/a", "main", path)
                )
                .is_err(),
                "{path}"
            );
        }
        for origin in [Origin::System, Origin::User, Origin::CommandLine] {
            assert!(Extends::path(origin, "a.toml".to_owned()).is_err());
        }
        assert!(Extends::path(Origin::Team, "a.toml".to_owned()).is_err());
    }

    #[test]
    fn git_is_given_nothing_that_it_could_run_or_obey() {
        for git in [
            "https://host.example/team/policy.git",
            "ssh://git@host.example/policy",
            "ssh://host.example:2222/policy",
            "git@host.example:team/policy.git",
            "file:///srv/git/policy",
        ] {
            let of = |by| Extends::git(by, remote(git, "v1.2", "keyward.toml"));
            assert!(of(Origin::Repository).is_ok(), "{git}");
            assert!(of(Origin::User).is_err(), "{git}");
        }
        for git in [
            "",
            "-x",
            "--upload-pack=x",
            "ext::sh -c x",
            "ext::x",
            "fd::17",
            "git://host.example/a",
            "http://host.example/a",
            "ftp://host.example/a",
            "/srv/git/policy",
            "policy",
            "https://user:pass@host.example/a",
            "https://user@host.example/a",
            "ssh://user:pass@host.example/a",
            "https://host.example/a b",
            "https://host.example/a'b",
        ] {
            let remote = remote(git, "main", "a.toml");
            assert!(Extends::git(Origin::Repository, remote).is_err(), "{git}");
        }
        for rev in ["", "-x", "a:b", "+a", "a..b", "a b", "a^{}", "a*"] {
            let remote = remote("https://host.example/a", rev, "a.toml");
            assert!(Extends::git(Origin::Repository, remote).is_err(), "{rev}");
        }
    }

    #[test]
    fn a_record_is_read_back() {
        let one = remote("git@host.example:a/b", "main", "deep/keyward.toml");
        let two = remote("https://host.example/b", "v1", ".keyward.toml");
        assert!(one.vendored().starts_with(".keyward/keyward-"));
        assert!(two.vendored().starts_with(".keyward/keyward-"));
        assert_ne!(one.vendored(), two.vendored());
        let odd = remote("", "", "a/\u{1b}..\\..\\x").vendored();
        assert!(odd.starts_with(".keyward/team-"), "{odd}");
        let all = [
            Vendored::new(&one, "0123", b"a\nb\n"),
            Vendored::new(&two, "4567", b""),
        ];
        assert_eq!(parse_record(record(&all).as_bytes()), Ok(all.to_vec()));
        assert_eq!(parse_record(b""), Ok(Vec::new()));
        for bad in [&b"\xff"[..], b"x = 1", b"[[file]]\ngit = 1\n"] {
            assert!(parse_record(bad).is_err());
        }
    }

    #[test]
    fn a_digest_does_not_depend_on_line_ends() {
        assert_eq!(digest(b"a\nb\r\n"), digest(b"a\r\nb\n"));
        assert_ne!(digest(b"a\rb"), digest(b"a\nb"));
        assert_ne!(digest(b"a\n"), digest(b"a"));
        assert_eq!(digest(b"").len(), 64);
    }
}
