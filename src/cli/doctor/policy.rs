//! What judges a commit here: the settings and the allow list, as far as they can be read.

use anyhow::{Context, Result};

use crate::cli::session::{self, Session};
use crate::cli::settings;
use crate::doctor::Check;
use crate::git::Repo;
use crate::hook::Side;

/// The settings layer by layer, and the session that they make if all can be read.
pub(super) fn read(repo: &Repo, side: Side) -> (Option<Session>, Vec<Check>) {
    let occasion = match side {
        Side::Developer => "commit",
        Side::Server => "push",
    };
    let allowed = session::allow_list(repo);
    let mut checks = Vec::new();
    if let Err(error) = &allowed {
        checks.push(Check::of_reading("allow", occasion, "", Err(error)));
    }
    let read = || -> Result<(String, Session)> {
        let layers = settings::at_hand(Some(repo))?;
        let mut seen = "built in".to_owned();
        for layer in &layers {
            seen += &format!("; {}, {}", layer.origin, layer.file);
        }
        // Commits go by what is staged, which may be older, or lack a part.
        if side == Side::Developer {
            settings::for_commit(repo).map(drop).context("as staged")?;
        }
        Ok((seen, Session::new(layers, allowed.unwrap_or_default())?))
    };
    match read() {
        Ok((seen, session)) => {
            // With an allow file that can't be read, every commit is refused: nothing to prove.
            let can_judge = checks.is_empty();
            checks.push(Check::of_reading("settings", occasion, &seen, Ok(())));
            (can_judge.then_some(session), checks)
        }
        Err(error) => {
            checks.push(Check::of_reading("settings", occasion, "", Err(&error)));
            (None, checks)
        }
    }
}
