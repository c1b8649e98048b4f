//! Where layers are found: on the machine, and in a repository.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::FILE_NAME;
use super::extends::{self, Extends, RECORD_NAME};
use super::layer::Layer;
use super::origin::{ConfigError, Origin};
use crate::disk;

/// The environment variable that names another file than the machine's. Nothing in a repository
/// can set it.
const SYSTEM_VARIABLE: &str = "KEYWARD_SYSTEM_CONFIG";

/// The machine's settings file, whether it is there or not.
///
/// # Errors
/// A [`ConfigError`] when the variable names no absolute path: a relative one would be looked for
/// in the repository.
fn system_file() -> Result<PathBuf, ConfigError> {
    if let Some(named) = env::var_os(SYSTEM_VARIABLE).filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        if !named.is_absolute() {
            return Err(ConfigError::of_file(
                SYSTEM_VARIABLE,
                "a path that is not absolute",
                "write the whole path, or unset the variable",
            ));
        }
        return Ok(named);
    }
    if cfg!(windows)
        && let Some(data) = env::var_os("ProgramData").map(PathBuf::from)
        && data.is_absolute()
    {
        return Ok(data.join("keyward").join("config.toml"));
    }
    Ok(PathBuf::from("/etc/keyward/config.toml"))
}

/// The user's settings file, whether it is there or not; `None` for a user without a home.
fn user_file() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "keyward")?;
    Some(dirs.config_dir().join("config.toml"))
}

/// The layers of the machine and of the user, with the files that they build on.
///
/// # Errors
/// A [`ConfigError`] when a file can't be read or is not valid.
pub(crate) fn machine() -> Result<Vec<Layer>, ConfigError> {
    let mut layers = named(Origin::System, &system_file()?)?;
    if let Some(user) = user_file() {
        layers.extend(named(Origin::User, &user)?);
    }
    Ok(layers)
}

/// The layers of a file with the files that it builds on, which come first. Empty if there is no
/// such file.
///
/// # Errors
/// A [`ConfigError`] when one can't be read or is not valid.
pub(crate) fn named(origin: Origin, path: &Path) -> Result<Vec<Layer>, ConfigError> {
    let Some(layer) = Layer::read(origin, path)? else {
        return Ok(Vec::new());
    };
    let mut layers = Vec::new();
    for extends in &layer.extends {
        let Extends::Path(named) = &extends.value else {
            continue;
        };
        let extended = Layer::read(origin, Path::new(named))?.ok_or_else(|| {
            let problem = "`extends` with a file that is not there";
            extends.at.error(problem, "correct the path")
        })?;
        if !extended.extends.is_empty() {
            let problem = "`extends` with a file that extends another";
            return Err(extends.at.error(problem, "name both files here"));
        }
        layers.push(extended);
    }
    layers.push(layer);
    Ok(layers)
}

/// The layers of a repository: the files that its own builds on, and its own. Empty if it has
/// none. `read` gives a file by its path from the top: of the working tree, as staged, or as
/// committed.
///
/// # Errors
/// A [`ConfigError`] when a file is missing, was tampered with, or is not valid; what `read` says.
pub(crate) fn repository(read: &dyn Fn(&str) -> Result<Option<Vec<u8>>>) -> Result<Vec<Layer>> {
    let Some(bytes) = read(FILE_NAME)? else {
        return Ok(Vec::new());
    };
    let layer = Layer::parse(Origin::Repository, &bytes, FILE_NAME)?;
    let mut layers = Vec::new();
    let mut record = Vec::new();
    let by_git = |extends: &Extends| matches!(extends, Extends::Git(_));
    if layer.extends.iter().any(|extends| by_git(&extends.value))
        && let Some(bytes) = read(RECORD_NAME)?
    {
        record = extends::parse_record(&bytes)?;
    }
    for extends in &layer.extends {
        let error = |problem: String, advice: &str| extends.at.error(problem, advice);
        let (path, bytes) = extends::content(&extends.value, &record, read, error)?;
        layers.push(Layer::parse(Origin::Team, &bytes, &path)?);
    }
    layers.push(layer);
    Ok(layers)
}

/// A file of a working tree, by its path from the top; `None` if there is none.
///
/// # Errors
/// When it, or a directory on the way to it, is a symbolic link, which may lead anywhere; when it
/// is no regular file, is too long, or can't be read.
pub(crate) fn in_working_tree(top: &Path, path: &str) -> Result<Option<Vec<u8>>, ConfigError> {
    disk::read_inside(top, path, Layer::MOST_BYTES).map_err(|err| {
        let problem = format!("cannot read the settings ({err})");
        ConfigError::of_file(path, problem, "make it a readable text file, or remove it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::extends::{Remote, Vendored, record};

    fn read<'f>(
        files: &'f [(String, String)],
    ) -> impl Fn(&str) -> Result<Option<Vec<u8>>> + use<'f> {
        move |path| {
            let found = files.iter().find(|(name, _)| name == path);
            Ok(found.map(|(_, content)| content.clone().into_bytes()))
        }
    }

    fn files(files: &[(&str, &str)]) -> Vec<(String, String)> {
        files
            .iter()
            .map(|&(name, content)| (name.to_owned(), content.to_owned()))
            .collect()
    }

    fn origins(files: &[(String, String)]) -> Result<Vec<(Origin, String)>, String> {
        let layers = repository(&read(files)).map_err(|err| err.to_string())?;
        Ok(layers
            .iter()
            .map(|layer| {
                let file = layer.steps.first().map(|said| said.at.file().to_owned());
                (layer.origin, file.unwrap_or_default())
            })
            .collect())
    }

    #[test]
    fn a_team_file_comes_before_the_repository_own() {
        let own = "extends = ['policy/base.toml']\n[scan]\nexclude = ['a']\n";
        let base = "[scan]\nexclude = ['b']\n";
        let all = files(&[(FILE_NAME, own), ("policy/base.toml", base)]);
        let team = (Origin::Team, "policy/base.toml".to_owned());
        let repository = (Origin::Repository, FILE_NAME.to_owned());
        assert_eq!(origins(&all), Ok(vec![team, repository]));
        assert_eq!(origins(&[]), Ok(Vec::new()));
        let err = origins(&all[..1]).expect_err("the file is missing");
        assert_eq!(
            err,
            ".keyward.toml:1:12: `extends` with a file that is not there: correct the path, or add \
             the file to the commit"
        );
        let nested = files(&[(FILE_NAME, own), ("policy/base.toml", "extends = ['x']\n")]);
        let err = origins(&nested).expect_err("a file that is extended extends none");
        assert!(err.contains("policy/base.toml:1:"), "{err}");
    }

    #[test]
    fn what_was_fetched_must_be_what_was_recorded() {
        let remote = Remote {
            git: "https://host.example/team".to_owned(),
            rev: "v1".to_owned(),
            path: "keyward.toml".to_owned(),
        };
        let own = "extends = [{ git = 'https://host.example/team', rev = 'v1', path = 'keyward.toml' }]\n";
        let base = "[scan]\nexclude = ['b']\n";
        let record = record(&[Vendored::new(&remote, "0123", base.as_bytes())]);
        let vendored = remote.vendored();
        let whole = [
            (FILE_NAME, own),
            (RECORD_NAME, record.as_str()),
            (vendored.as_str(), base),
        ];
        assert_eq!(origins(&files(&whole)).expect("all is well").len(), 2);
        for missing in [1, 2] {
            let mut part = whole.to_vec();
            part.remove(missing);
            let err = origins(&files(&part)).expect_err("a part is missing");
            assert!(err.contains("keyward config update"), "{err}");
        }
        let mut tampered = whole;
        tampered[2].1 = "[scan]\nexclude = ['*']\n";
        let err = origins(&files(&tampered)).expect_err("the digest is another");
        assert!(err.contains("was changed here"), "{err}");
    }
}
