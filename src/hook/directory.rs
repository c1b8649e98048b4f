//! A hook in a hooks directory: a script of keyward's, beside the hook that it keeps.
//!
//! | file | is |
//! |---|---|
//! | `pre-commit` | the hook: none, somebody's, or keyward's script |
//! | `pre-commit.keyward-previous` | the hook that was there before |
//! | `pre-commit.keyward-new` | the script while it is being written |
//! | `.keyward-made-this-directory` | there was no hooks directory before |
//!
//! pre-commit and prek move what they find to `pre-commit.legacy` and run it from there, before their
//! own. Where such a script of theirs is the hook, keyward's goes there itself, so that it is the same
//! who was installed first, and who last.
//!
//! Installing gives the old hook its second name first and then renames the new script over the
//! first; uninstalling renames the other way. At no time is there no hook, or only half of one.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};

use super::script::{self, HEAD, Script, kept_name};
use bstr::ByteSlice;

use super::{HookKind, Installed, Uninstalled, refused};
use crate::disk::{self, Access, Lock};
use crate::shell::shown_path;

const MADE: &str = ".keyward-made-this-directory";

/// More hooks than this are not kept: something makes new ones without end.
const MOST_KEPT: usize = 100;

pub(super) fn install(dir: &Path, kind: HookKind, program: &Path) -> Result<Installed> {
    let _lock = lock_beside(dir)?;
    make(dir)?;
    let top = dir.join(kind.name());
    let covered = covered(dir, &top)?;
    let hook = match &covered {
        Some(_) => legacy(&top),
        None => slot(&top),
    };
    let is_below = hook != top;
    let occupant = Occupant::of(&hook)?;
    let previous = match &occupant {
        Occupant::Nobody => orphan(dir, kind)?,
        Occupant::Keyward {
            previous: Some(name),
            ..
        } if exists(&dir.join(name))? => Some(name.clone()),
        Occupant::Keyward { .. } => None,
        Occupant::Somebody | Occupant::Unread => Some(keep(dir, kind, &hook)?),
    };
    // What stands above would come up below itself, and ends with an error there.
    let is_above = |name: &String| is_below && is_generated(&dir.join(name)).unwrap_or(false);
    let previous = previous.filter(|name| !is_above(name));
    let text = script::write(kind, program, previous.as_deref())?;
    let already = occupant.is(&text);
    if already {
        remove(&fresh(&hook))?;
    } else {
        replace(&hook, &text, Access::Program)?;
    }
    if let Some(covered) = covered {
        fs::rename(&covered, &top).map_err(|err| refused("put back", &top, &err))?;
    }
    if is_below {
        forget_generated(dir, kind)?;
    }
    Ok(Installed {
        kind,
        path: hook,
        kept: previous.map(|name| dir.join(name)),
        already,
        is_below,
        in_worktree: false,
        awaits_husky: false,
    })
}

pub(super) fn uninstall(dir: &Path, kind: HookKind) -> Result<Uninstalled> {
    // A directory above it that doesn't exist has no hook in it either.
    let Some(above) = dir.parent() else {
        return Ok(Uninstalled::Nothing);
    };
    if !is_dir(above)? {
        return Ok(Uninstalled::Nothing);
    }
    let _lock = lock_beside(dir)?;
    discard_aside(dir)?;
    if !is_dir(dir)? {
        return Ok(Uninstalled::Nothing);
    }
    let top = dir.join(kind.name());
    // It may be keyward's.
    if let Occupant::Unread = Occupant::of(&top)? {
        return Ok(Uninstalled::Unread(top));
    }
    let is_below = is_generated(&top)?;
    let hook = match is_below {
        true => legacy(&top),
        false => top.clone(),
    };
    remove(&fresh(&top))?;
    remove(&fresh(&hook))?;
    let is_kept =
        |path: &Path| -> Result<bool> { Ok(exists(path)? && !(is_below && is_generated(path)?)) };
    let done = match Occupant::of(&hook)? {
        Occupant::Nobody => match orphan(dir, kind)? {
            Some(name) => restore(&dir.join(name), hook)?,
            None => Uninstalled::Nothing,
        },
        Occupant::Keyward { previous, .. } => match previous.map(|name| dir.join(name)) {
            Some(kept) if is_kept(&kept)? => restore(&kept, hook)?,
            _ => {
                remove(&hook)?;
                Uninstalled::Removed(hook)
            }
        },
        Occupant::Somebody => {
            forget_copy(dir, kind, &hook)?;
            Uninstalled::Nothing
        }
        Occupant::Unread => Uninstalled::Unread(hook),
    };
    if is_below {
        forget_generated(dir, kind)?;
    }
    unmake(dir)?;
    Ok(done)
}

/// Takes away the scripts of keyward's that other tools moved aside and do not run: lefthook's `.old`,
/// or `.legacy` where nobody runs it any more. One that another hook names stays, and is told.
pub(super) fn uninstall_parked(dir: &Path, kind: HookKind) -> Result<Vec<Uninstalled>> {
    let _lock = lock_beside(dir)?;
    let top = dir.join(kind.name());
    let mut done = Vec::new();
    for path in [legacy(&top), disk::with_suffix(&top, ".old")] {
        if !is_file(&path)? {
            continue;
        }
        let previous = match Occupant::of(&path)? {
            Occupant::Keyward { previous, .. } => previous,
            Occupant::Nobody | Occupant::Somebody => continue,
            Occupant::Unread => {
                done.push(Uninstalled::Unread(path));
                continue;
            }
        };
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if head_of_file(&top)?.contains_str(name) {
            done.push(Uninstalled::Parked(path));
            continue;
        }
        let kept = previous.map(|name| dir.join(name));
        // The other tool's own: as it stands in its place again, or written anew by whoever is to run it.
        let is_of_tool = |kept: &Path| -> Result<bool> {
            Ok(is_generated(kept)? || same(kept, &top).unwrap_or(false))
        };
        done.push(match kept {
            Some(kept) if exists(&kept)? && !is_of_tool(&kept)? => restore(&kept, path)?,
            _ => {
                remove(&path)?;
                Uninstalled::Removed(path)
            }
        });
        if let Occupant::Somebody = Occupant::of(&top)? {
            forget_copy(dir, kind, &top)?;
        }
        forget_generated(dir, kind)?;
    }
    unmake(dir)?;
    Ok(done)
}

/// Where keyward's script stands, or would. What may be run and not read is no script of a tool's.
pub(super) fn slot(top: &Path) -> PathBuf {
    match is_generated(top).unwrap_or(false) {
        true => legacy(top),
        false => top.to_owned(),
    }
}

/// The name to which pre-commit and prek move what they find.
fn legacy(top: &Path) -> PathBuf {
    disk::with_suffix(top, ".legacy")
}

/// A script of pre-commit's or prek's that keyward's covers, as an older keyward, or another order of
/// installing, may have left it.
fn covered(dir: &Path, top: &Path) -> Result<Option<PathBuf>> {
    let Occupant::Keyward { previous, .. } = Occupant::of(top)? else {
        return Ok(None);
    };
    let kept = previous.map(|name| dir.join(name));
    Ok(kept.filter(|kept| is_generated(kept).unwrap_or(false)))
}

/// Whether a file is a script that pre-commit or prek wrote.
///
/// # Errors
/// When it can't be read.
fn is_generated(path: &Path) -> Result<bool> {
    let head = head_of_file(path)?;
    let mut lines = head.lines();
    let is_script = lines.next().is_some_and(|first| first.starts_with(b"#!"));
    Ok(is_script
        && lines.next().is_some_and(|line| {
            let mut tools = ["pre-commit", "prek"].into_iter();
            tools.any(|tool| line.starts_with(format!("# File generated by {tool}: ").as_bytes()))
        }))
}

/// Removes copies of such scripts that were kept and that no script runs any more.
fn forget_generated(dir: &Path, kind: HookKind) -> Result<()> {
    let named = named_by_others(dir, Path::new(""))?;
    for name in kept_names(kind).filter(|name| !named.contains(name)) {
        let path = dir.join(name);
        if is_generated(&path)? {
            remove(&path)?;
        }
    }
    Ok(())
}

/// Whether the hook is a script of keyward's that git would run, where nothing that is committed comes
/// to: in `git_dir`.
pub(super) fn runs(dir: &Path, git_dir: &Path, kind: HookKind) -> bool {
    let real = |path: &Path| fs::canonicalize(path).ok();
    let (Some(real_dir), Some(real_git_dir)) = (real(dir), real(git_dir)) else {
        return false;
    };
    if !real_dir.starts_with(real_git_dir) {
        return false;
    }
    let occupant = Occupant::of(&dir.join(kind.name()));
    matches!(
        occupant,
        Ok(Occupant::Keyward {
            executable: true,
            ..
        })
    )
}

/// Whether keyward's script stands where Git LFS would put its own, and nothing that it runs speaks of
/// LFS, in any of the directories that git comes to.
pub(super) fn takes_lfs_place(dirs: &[&Path]) -> bool {
    const KIND: HookKind = HookKind::PrePush;
    let mut is_keyward = false;
    for dir in dirs {
        let top = dir.join(KIND.name());
        let kept = kept_names(KIND).map(|name| dir.join(name));
        for path in [top.clone(), legacy(&top)]
            .into_iter()
            .chain(kept.take_while(|it| exists(it).unwrap_or(true)))
        {
            let Ok(text) = head(&path) else { continue };
            match Script::parse(&text) {
                Some(_) => is_keyward = true,
                None if text.contains_str("lfs") => return false,
                None => {}
            }
        }
    }
    is_keyward
}

/// Whether a file is this very script, and git would run it.
pub(super) fn holds(path: &Path, script: &[u8]) -> bool {
    Occupant::of(path).is_ok_and(|occupant| occupant.is(script))
}

/// What stands under the hook's name.
enum Occupant {
    Nobody,
    /// Somebody else's hook, whether git would run it or not.
    Somebody,
    /// A program that may be run and not read.
    Unread,
    /// A script of keyward's.
    Keyward {
        text: Vec<u8>,
        previous: Option<String>,
        executable: bool,
    },
}

impl Occupant {
    fn of(hook: &Path) -> Result<Self> {
        let metadata = match fs::symlink_metadata(hook) {
            Ok(metadata) => metadata,
            Err(err) if err.kind() == ErrorKind::NotFound => return Ok(Self::Nobody),
            Err(err) => return Err(refused("read", hook, &err)),
        };
        if metadata.is_symlink() {
            return Ok(Self::Somebody);
        }
        if !metadata.is_file() {
            bail!(
                "{} is not a file: git can't run it. Move it away and run the command again",
                shown_path(hook)
            );
        }
        let text = match head(hook) {
            Ok(text) => text,
            Err(err) if err.kind() == ErrorKind::PermissionDenied => return Ok(Self::Unread),
            Err(err) => return Err(refused("read", hook, &err)),
        };
        Ok(match Script::parse(&text) {
            Some(Script { previous }) => Self::Keyward {
                text,
                previous,
                executable: disk::may_run(hook),
            },
            None => Self::Somebody,
        })
    }

    /// Whether it is this very script, and git would run it.
    fn is(&self, script: &[u8]) -> bool {
        matches!(self, Self::Keyward { text, executable: true, .. } if text == script)
    }
}

/// Gives the hook a second name, by which the script will run it.
fn keep(dir: &Path, kind: HookKind, hook: &Path) -> Result<String> {
    let named = named_by_others(dir, hook)?;
    for name in kept_names(kind).filter(|name| !named.contains(name)) {
        let path = dir.join(&name);
        // The same hook already under that name: an install was killed behind this step.
        if exists(&path)? && same(hook, &path).map_err(|err| refused("read", &path, &err))? {
            return Ok(name);
        }
        if !exists(&path)? {
            second_name(hook, &path).map_err(|err| refused("keep the hook as", &path, &err))?;
            return Ok(name);
        }
    }
    Err(anyhow!(
        "{} holds {MOST_KEPT} hooks that were kept. Delete those named {kind}.keyward-previous-* \
         that nobody needs and run the command again",
        shown_path(dir)
    ))
}

/// A kept hook that no script runs, while there is no hook: somebody deleted keyward's script.
fn orphan(dir: &Path, kind: HookKind) -> Result<Option<String>> {
    let named = named_by_others(dir, &dir.join(kind.name()))?;
    let mut last = None;
    for name in kept_names(kind).filter(|name| !named.contains(name)) {
        if exists(&dir.join(&name))? {
            last = Some(name);
        }
    }
    Ok(last)
}

/// Undoes [`keep`] where an install was killed behind it.
fn forget_copy(dir: &Path, kind: HookKind, hook: &Path) -> Result<()> {
    let named = named_by_others(dir, hook)?;
    for name in kept_names(kind).filter(|name| !named.contains(name)) {
        let path = dir.join(&name);
        if exists(&path)? && same(hook, &path).map_err(|err| refused("read", &path, &err))? {
            remove(&path)?;
        }
    }
    Ok(())
}

fn restore(kept: &Path, hook: PathBuf) -> Result<Uninstalled> {
    fs::rename(kept, &hook).map_err(|err| refused("put back", &hook, &err))?;
    Ok(Uninstalled::Restored(hook))
}

fn kept_names(kind: HookKind) -> impl Iterator<Item = String> {
    (1..=MOST_KEPT).map(move |nth| kept_name(kind, nth))
}

/// The kept hooks that other scripts of keyward's in the directory run. There are some where
/// another tool moved keyward's script aside in its turn (`pre-commit.legacy`); were such a tool's
/// hook kept under that name, the two scripts would call each other for ever.
fn named_by_others(dir: &Path, hook: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(|err| refused("read", dir, &err))? {
        let entry = entry.map_err(|err| refused("read", dir, &err))?;
        let path = entry.path();
        let is_other = path != hook && path != fresh(hook);
        if is_other && entry.file_type().is_ok_and(|file_type| file_type.is_file()) {
            // What can't be read was not written by keyward.
            let script = head(&path).ok().and_then(|head| Script::parse(&head));
            names.extend(script.and_then(|script| script.previous));
        }
    }
    Ok(names)
}

/// Writes a file under another name and renames it into place.
pub(super) fn replace(path: &Path, text: &[u8], access: Access<'_>) -> Result<()> {
    let fresh = fresh(path);
    remove(&fresh)?;
    disk::replace_by_way_of(&fresh, path, text, access).map_err(|err| refused("write", path, &err))
}

/// Where [`replace`] writes.
pub(super) fn fresh(path: &Path) -> PathBuf {
    disk::with_suffix(path, ".keyward-new")
}

/// Removes a file that may not be there.
pub(super) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(err) if err.kind() != ErrorKind::NotFound => Err(refused("remove", path, &err)),
        _ => Ok(()),
    }
}

/// Gives a hook a second name. A hard link keeps all that there is to keep; not every file system
/// has them, nor every user the right to link to a file of somebody else's.
#[cfg(unix)]
fn second_name(hook: &Path, path: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(hook)?;
    if metadata.is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(hook)?, path);
    }
    if fs::hard_link(hook, path).is_ok() {
        return Ok(());
    }
    let copy = fresh(hook);
    fs::remove_file(&copy).or_else(|err| match err.kind() {
        ErrorKind::NotFound => Ok(()),
        _ => Err(err),
    })?;
    disk::replace_by_way_of(&copy, path, &fs::read(hook)?, Access::Like(&metadata))
}

#[cfg(not(unix))]
fn second_name(hook: &Path, path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(hook)?.is_symlink() {
        // Making a link takes a right there that few have.
        return fs::rename(hook, path);
    }
    fs::hard_link(hook, path).or_else(|_| fs::copy(hook, path).map(drop))
}

/// Whether two names are the same hook: one file, or equal in all that counts.
fn same(one: &Path, other: &Path) -> io::Result<bool> {
    let (left, right) = (fs::symlink_metadata(one)?, fs::symlink_metadata(other)?);
    if left.is_symlink() && right.is_symlink() {
        return Ok(fs::read_link(one)? == fs::read_link(other)?);
    }
    if !left.is_file() || !right.is_file() {
        return Ok(false);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;

        if (left.dev(), left.ino()) == (right.dev(), right.ino()) {
            return Ok(true);
        }
    }
    Ok(left.len() == right.len()
        && left.permissions() == right.permissions()
        && fs::read(one)? == fs::read(other)?)
}

/// Whether anything has that name, a symbolic link that leads nowhere too.
///
/// # Errors
/// When that can't be asked: what is taken for absent would be lost, or stay, and nobody be told.
fn exists(path: &Path) -> Result<bool> {
    answered(path, fs::symlink_metadata(path).map(|_| true))
}

/// Whether a directory has that name.
///
/// # Errors
/// As for [`exists`].
pub(super) fn is_dir(path: &Path) -> Result<bool> {
    answered(path, fs::metadata(path).map(|metadata| metadata.is_dir()))
}

/// Whether a file has that name itself, and no link to one.
///
/// # Errors
/// As for [`exists`].
fn is_file(path: &Path) -> Result<bool> {
    let metadata = fs::symlink_metadata(path);
    answered(path, metadata.map(|metadata| metadata.is_file()))
}

fn answered(path: &Path, answer: io::Result<bool>) -> Result<bool> {
    match answer {
        Err(err) if disk::is_absent(&err) => Ok(false),
        answer => answer.map_err(|err| refused("read", path, &err)),
    }
}

pub(super) fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// The head of a file; nothing of what is no file.
///
/// # Errors
/// When there is one and it can't be read: nobody knows whose it is.
fn head_of_file(path: &Path) -> Result<Vec<u8>> {
    match head(path) {
        Err(err) if is_file(path)? => Err(refused("read", path, &err)),
        head => Ok(head.unwrap_or_default()),
    }
}

/// Makes the hooks directory where there is none. It appears at once with the mark by which
/// [`unmake`] knows it.
fn make(dir: &Path) -> Result<()> {
    discard_aside(dir)?;
    if is_dir(dir)? {
        return Ok(());
    }
    if exists(dir)? {
        bail!(
            "{} is not a directory: git finds no hook there. Move it away and run the command again",
            shown_path(dir)
        );
    }
    let aside = fresh(dir);
    let made = fs::create_dir(&aside)
        .and_then(|()| {
            let text = b"keyward made this directory and removes it once it is empty.\n";
            fs::write(aside.join(MADE), text)
        })
        .and_then(|()| fs::rename(&aside, dir));
    made.map_err(|err| refused("make", dir, &err))
}

/// Removes the hooks directory if keyward made it and nothing else is in it.
fn unmake(dir: &Path) -> Result<()> {
    let made_here = fs::symlink_metadata(dir).is_ok_and(|metadata| metadata.is_dir())
        && exists(&dir.join(MADE))?
        && fs::read_dir(dir).is_ok_and(|entries| entries.count() == 1);
    if made_here {
        fs::rename(dir, fresh(dir)).map_err(|err| refused("remove", dir, &err))?;
        discard_aside(dir)?;
    }
    Ok(())
}

/// Removes the directory that [`make`] or [`unmake`] left behind when it was killed.
fn discard_aside(dir: &Path) -> Result<()> {
    let aside = fresh(dir);
    if fs::symlink_metadata(&aside).is_ok_and(|metadata| metadata.is_dir()) {
        remove(&aside.join(MADE))?;
        fs::remove_dir(&aside).map_err(|err| refused("remove", &aside, &err))?;
    }
    Ok(())
}

/// Keeps other installs and uninstalls out of the directory above `path`.
pub(super) fn lock_beside(path: &Path) -> Result<Lock> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let dir = path.parent().unwrap_or(&path);
    fs::create_dir_all(dir).map_err(|err| refused("make", dir, &err))?;
    Ok(Lock::of(dir))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_asked_for_is_not_taken_for_absent() {
        let dir = tempfile::tempdir().expect("a scratch directory");
        let (none, looped) = (dir.path().join("none"), dir.path().join("loop"));
        std::os::unix::fs::symlink("loop", &looped).expect("a link that leads to itself");
        let hook = looped.join("pre-commit");
        for (path, there, is_directory) in [
            (dir.path(), Some(true), Some(true)),
            (&none, Some(false), Some(false)),
            (&none.join("pre-commit"), Some(false), Some(false)),
            (&looped, Some(true), None),
            (&hook, None, None),
        ] {
            assert_eq!(exists(path).ok(), there, "{}", path.display());
            assert_eq!(is_dir(path).ok(), is_directory, "{}", path.display());
        }
        for dir in [&looped, &looped.join("hooks")] {
            assert!(uninstall(dir, HookKind::PreCommit).is_err());
        }
        assert!(uninstall(&none, HookKind::PreCommit).is_ok());
    }
}
