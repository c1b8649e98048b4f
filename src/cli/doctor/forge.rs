//! `keyward doctor --forge`: what the forge protects, asked through the user's own `gh` or `glab`.

use anyhow::Result;
use serde_json::Value;

use super::output;
use crate::allow::Date;
use crate::cli::session::Session;
use crate::cli::{Exit, Misuse};
use crate::confidence::Confidence;
use crate::detect::Detector;
use crate::doctor::forge::{self, GitHub, GitLab, Told};
use crate::filetype::FileType;
use crate::git::{Answer, Forge, Repo};
use crate::respond;
use crate::text::Text;

/// The word for the forge that the remotes name.
pub(super) const BY_REMOTE: &str = "auto";

pub(super) fn run(repo: &Repo, named: &str, json: bool) -> Result<Exit> {
    let addresses = repo.remote_addresses()?;
    let program = match named {
        BY_REMOTE => respond::program(addresses.iter().map(String::as_str)),
        named => Some(named),
    };
    let known = program.and_then(Forge::of_program);
    let known = known.ok_or_else(|| {
        let told = "no remote names GitHub or GitLab: name the command that speaks to your forge, by --forge=gh or --forge=glab";
        Misuse(told.to_owned())
    })?;
    let session = Session::load(Some(repo))?;
    let is_secret = |name: &str, value: &str| {
        let text = format!("{name}={value}\n");
        let text = Text::decode(text.as_bytes()).at(FileType::of_path(b".env"));
        let detector = Detector::new(&session.rules);
        let found = detector.detect(&text);
        found
            .iter()
            .any(|found| found.judgement.confidence >= Confidence::Likely)
    };
    let ask = |path: &str| -> Result<Told> {
        Ok(match repo.ask_forge(known, path)? {
            Answer::Said(said) => serde_json::from_slice::<Value>(&said).ok(),
            Answer::Refused => None,
        })
    };
    let checks = match known {
        Forge::GitHub => {
            let told = GitHub {
                repository: ask("repos/{owner}/{repo}")?,
                workflow: ask("repos/{owner}/{repo}/actions/permissions/workflow")?,
                variables: ask("repos/{owner}/{repo}/actions/variables?per_page=30")?,
                secrets: ask("repos/{owner}/{repo}/actions/secrets?per_page=100")?,
            };
            forge::github(&told, &is_secret, Date::ago(forge::ROTATE_AFTER))
        }
        Forge::GitLab => {
            let told = GitLab {
                security: ask("projects/:id/security_settings")?,
                variables: ask("projects/:id/variables?per_page=100")?,
            };
            forge::gitlab(&told, &is_secret)
        }
    };
    output::tell(&checks, json, |mut out| {
        output::write_checks(&checks, &mut out)
    })
}
