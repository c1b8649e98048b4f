//! `keyward doctor --ci`: what the pipelines of a repository let out.

use std::io::Write;

use anyhow::Result;

use crate::cli::session::Session;
use crate::cli::{Exit, voice};
use crate::count::counted;
use crate::detect::Detector;
use crate::doctor::ci::{self, Platform};
use crate::git::Repo;
use crate::scan::Scan;
use crate::shell::shown;
use crate::text::Text;

/// Tells the leaks, one a line.
pub(super) fn run(repo: &Repo) -> Result<Exit> {
    let mut out = voice::out();
    let session = Session::load(Some(repo))?;
    let scan = Scan::new(Detector::new(&session.rules));
    // Somebody may have written a key where its name belongs.
    let sealed = |text: &[u8]| scan.sealed(text);
    let (mut files, mut leaks, mut unread) = (0, 0, 0);
    let mut left_to: Vec<&str> = Vec::new();
    let mut leave = |other: &'static str| {
        if !other.is_empty() && !left_to.contains(&other) {
            left_to.push(other);
        }
    };
    for change in repo.worktree_files(&[])? {
        let change = change?;
        let Some(platform) = Platform::of(&change.path) else {
            leave(ci::builds_are_left_to(&change.path));
            continue;
        };
        let path = shown(&sealed(&change.path));
        let content = match change.content() {
            Ok(content) => content,
            Err(error) => {
                unread += 1;
                writeln!(out, "{path}  not looked at: {error:#}")?;
                continue;
            }
        };
        files += 1;
        leave(platform.left_to());
        let text = Text::decode(&content);
        for leak in ci::leaks(platform, &String::from_utf8_lossy(text.bytes())) {
            leaks += 1;
            writeln!(
                out,
                "{path}:{}:{}  {}: {}",
                leak.line,
                leak.column,
                sealed(leak.what.as_bytes()),
                sealed(leak.mend.as_bytes())
            )?;
        }
    }
    let found = match (files, leaks) {
        (0, _) => "there is no pipeline here".to_owned(),
        (files, 0) => format!("no leak in {} of pipelines", counted(files, "file")),
        (files, leaks) => format!(
            "{} in {} of pipelines",
            counted(leaks, "leak"),
            counted(files, "file")
        ),
    };
    writeln!(out, "keyward: {found}")?;
    if !left_to.is_empty() {
        writeln!(
            out,
            "Left to {}: injection, permissions, pinned actions and the like.",
            left_to.join(", ")
        )?;
    }
    out.flush()?;
    Ok(match (unread, leaks) {
        (0, 0) => Exit::Clean,
        (0, _) => Exit::Findings,
        _ => Exit::Unread,
    })
}
