//! What a repository needs so that keys stay out of it: which lines and files are missing, and what they hold.
//!
//! Nothing is written here, and nothing that is there is taken away: a file is new, or gets lines more.

mod bootstrap;

use std::io;

use bstr::{BStr, ByteSlice};

use crate::config;
use crate::disk;
use crate::respond;
use crate::store::Store;

/// A file that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    /// Its path from the top of the repository.
    pub(crate) path: &'static str,
    /// All that it will hold.
    pub(crate) content: Vec<u8>,
    /// The lines that are new in it.
    pub(crate) added: Vec<String>,
    /// What it held when this was planned; `None` if it was not there.
    pub(crate) old: Option<Vec<u8>>,
}

/// What is to be done.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The files that are to be written.
    pub(crate) files: Vec<Planned>,
    /// What somebody has to do by hand, since the file is theirs.
    pub(crate) advice: Vec<String>,
}

/// What is known of a repository.
pub(crate) struct Site<'s> {
    /// Reads a file of it; `None` if there is none.
    pub(crate) read: &'s dyn Fn(&str) -> io::Result<Option<Vec<u8>>>,
    /// The paths that it holds.
    pub(crate) paths: &'s [&'s BStr],
    /// The addresses that it is pushed to.
    pub(crate) remotes: &'s [String],
    /// The branch that others start from.
    pub(crate) branch: &'s str,
    /// The store of the team.
    pub(crate) store: Store,
}

/// Where a repository is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Forge {
    GitHub,
    GitLab,
    Other,
}

impl Site<'_> {
    /// What is missing.
    ///
    /// # Errors
    /// When a file can't be read.
    pub(crate) fn plan(&self) -> io::Result<Plan> {
        let mut plan = Plan::default();
        plan.files.extend(self.ignore_file()?);
        if (self.read)(config::FILE_NAME)?.is_none() {
            plan.files
                .push(Planned::new(config::FILE_NAME, self.settings()));
        }
        self.add_ci(&mut plan)?;
        bootstrap::add(self, &mut plan)?;
        Ok(plan)
    }

    fn has(&self, path: &str) -> bool {
        self.paths.iter().any(|known| *known == path)
    }

    fn has_ending(&self, ending: &str) -> bool {
        self.paths.iter().any(|path| path.ends_with_str(ending))
    }

    /// The lines of `.gitignore` that the project needs, each before those that take paths of it back.
    fn ignored(&self) -> Vec<&'static str> {
        let mut lines = vec![".env", ".env.*", "!.env.example", "!.env.tpl"];
        // Whoever commits certificates wants to see the next one, too.
        lines.extend(
            ["*.pem", "*.key"]
                .into_iter()
                .filter(|line| !self.has_ending(&line[1..])),
        );
        for (sign, line) in [
            ("wrangler.toml", ".dev.vars"),
            ("wrangler.jsonc", ".dev.vars"),
            ("host.json", "local.settings.json"),
        ] {
            if self.has(sign) && !lines.contains(&line) {
                lines.push(line);
            }
        }
        if self.has_ending(".tf") {
            lines.extend(["*.tfstate", "*.tfstate.*"]);
        }
        lines
    }

    fn ignore_file(&self) -> io::Result<Option<Planned>> {
        const NAME: &str = ".gitignore";
        let was = (self.read)(NAME)?;
        let old = was.clone().unwrap_or_default();
        let is_line = |line: &str| {
            old.lines()
                .any(|known| known.trim_ascii() == line.as_bytes())
        };
        let has =
            |line: &str| is_line(line) || matches!(line, ".env" | ".env.*") && is_line(".env*");
        // What takes a path back has to stand behind what covers it.
        let is_covered_anew = !has(".env.*");
        let missing: Vec<&str> = self
            .ignored()
            .into_iter()
            .filter(|line| !has(line) || line.starts_with('!') && is_covered_anew)
            .collect();
        if missing.is_empty() {
            return Ok(None);
        }
        let content = disk::with_lines(old, &missing);
        Ok(Some(Planned {
            path: NAME,
            content,
            added: missing.into_iter().map(str::to_owned).collect(),
            old: was,
        }))
    }

    fn settings(&self) -> String {
        let store = match self.store {
            Store::None => {
                "# store = \"1password\"   # where your keys are kept, so that a refusal says so"
                    .to_owned()
            }
            store => format!("store = \"{}\"", store.word()),
        };
        format!(
            "# Settings of keyward for everybody who works on this repository. What there is: keyward config show\n\
             {store}\n"
        )
    }

    fn forge(&self) -> io::Result<Forge> {
        let program = respond::program(self.remotes.iter().map(String::as_str));
        let starts = |start: &str| self.paths.iter().any(|path| path.starts_with_str(start));
        Ok(if program == Some("gh") || starts(".github/") {
            Forge::GitHub
        } else if program == Some("glab") || (self.read)(".gitlab-ci.yml")?.is_some() {
            Forge::GitLab
        } else {
            Forge::Other
        })
    }

    /// The workflow of GitHub, for the branch that others start from.
    fn workflow(&self) -> String {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-');
        let branch = self.branch;
        let is_word = branch.starts_with(|c: char| c.is_ascii_alphabetic())
            && branch.len() > 3
            && branch.bytes().all(is_plain)
            && !["true", "false", "null"].contains(&branch.to_ascii_lowercase().as_str());
        let written = match is_word {
            true => branch.to_owned(),
            // Names are patterns there, and what stands in quotes is one text.
            false => {
                let marks = |c: char| matches!(c, '!' | '*' | '+' | '?' | '[' | ']' | '\\');
                let literal: String = branch
                    .chars()
                    .flat_map(|c| marks(c).then_some('\\').into_iter().chain([c]))
                    .collect();
                format!("'{}'", literal.replace('\'', "''"))
            }
        };
        include_str!("github.yml").replace("[main]", &format!("[{written}]"))
    }

    fn add_ci(&self, plan: &mut Plan) -> io::Result<()> {
        const GITHUB: &str = ".github/workflows/keyward.yml";
        const GITLAB: &str = ".gitlab-ci.yml";
        match self.forge()? {
            Forge::GitHub => {
                if (self.read)(GITHUB)?.is_none() {
                    plan.files.push(Planned::new(GITHUB, self.workflow()));
                }
                plan.advice.push(
                    "on GitHub, switch on secret scanning and push protection: Settings, then Advanced Security"
                        .to_owned(),
                );
            }
            Forge::GitLab => match (self.read)(GITLAB)? {
                None => plan.files.push(Planned::new(GITLAB, include_str!("gitlab.yml").to_owned())),
                Some(own) if own.contains_str("keyward") => {}
                Some(_) => {
                    let lines = include_str!("gitlab.yml").trim_end();
                    plan.advice.push(format!("add to your {GITLAB}:\n{lines}"));
                }
            },
            Forge::Other => plan.advice.push(
                "in your CI, run: keyward scan --range BASE..HEAD   (docs/ci.md has the lines for each service)"
                    .to_owned(),
            ),
        }
        Ok(())
    }
}

impl Planned {
    /// A file that is not there yet.
    fn new(path: &'static str, content: String) -> Self {
        Self {
            path,
            added: content.lines().map(str::to_owned).collect(),
            content: content.into_bytes(),
            old: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    pub(super) fn planned(
        files: &[(&str, &str)],
        remote: &str,
    ) -> (Plan, BTreeMap<String, String>) {
        let mut now: BTreeMap<String, String> = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        let plan = plan_of(&now, remote);
        for file in &plan.files {
            let content = String::from_utf8(file.content.clone()).expect("UTF-8");
            let old = file.old.as_deref();
            assert_eq!(
                old,
                now.get(file.path).map(String::as_bytes),
                "{}",
                file.path
            );
            now.insert(file.path.to_owned(), content);
        }
        let again = plan_of(&now, remote);
        assert_eq!(again.files, [], "a second time changes nothing");
        (plan, now)
    }

    fn plan_of(files: &BTreeMap<String, String>, remote: &str) -> Plan {
        let paths: Vec<&BStr> = files.keys().map(|path| path.as_str().into()).collect();
        let site = Site {
            read: &|path| Ok(files.get(path).map(|text| text.clone().into_bytes())),
            paths: &paths,
            remotes: &[remote.to_owned()],
            branch: "main",
            store: Store::None,
        };
        site.plan().expect("files in memory can be read")
    }

    #[test]
    fn a_file_is_new_or_gets_lines_more() {
        let (plan, now) = planned(
            &[(".gitignore", "target/\r\n.env"), ("certs/a.pem", "")],
            "",
        );
        let ignored = "target/\r\n.env\r\n.env.*\r\n!.env.example\r\n!.env.tpl\r\n*.key\r\n";
        assert_eq!(now[".gitignore"], ignored);
        assert_eq!(
            plan.files[0].added,
            [".env.*", "!.env.example", "!.env.tpl", "*.key"]
        );
        assert!(plan.advice[0].contains("keyward scan --range"));
        assert!(now[".keyward.toml"].starts_with("# Settings"));
        let (_, now) = planned(&[("main.tf", ""), ("wrangler.toml", "")], "");
        let ignored = ".env\n.env.*\n!.env.example\n!.env.tpl\n*.pem\n*.key\n.dev.vars\n*.tfstate\n*.tfstate.*\n";
        assert_eq!(now[".gitignore"], ignored);
        // What takes a template back stands behind the line that covers it.
        let (_, now) = planned(&[(".gitignore", "!.env.example\n")], "");
        assert!(now[".gitignore"].ends_with(".env.*\n!.env.example\n!.env.tpl\n*.pem\n*.key\n"));
    }

    #[test]
    fn the_forge_gets_its_file() {
        let (_, now) = planned(&[], "git@github.com:acme/shop.git");
        assert!(now[".github/workflows/keyward.yml"].contains("keyward/keyward@"));
        let (_, now) = planned(&[], "https://gitlab.com/acme/shop.git");
        assert!(now[".gitlab-ci.yml"].starts_with("include:\n"));
        for elsewhere in [
            "https://notgithub.com/acme/shop",
            "https://git.example.com/gitlab/shop",
        ] {
            let (_, now) = planned(&[], elsewhere);
            assert!(
                now.keys()
                    .all(|path| !path.contains("git") || path == ".gitignore")
            );
        }
        let own = "test:\n  script: make\n";
        let (plan, now) = planned(&[(".gitlab-ci.yml", own)], "");
        assert_eq!(now[".gitlab-ci.yml"], own);
        assert!(plan.advice[0].contains("add to your .gitlab-ci.yml:\ninclude:\n"));
    }

    #[test]
    fn the_workflow_names_the_branch_at_hand() {
        for (branch, expected) in [
            ("main", "branches: [main]\n"),
            ("release/next", "branches: [release/next]\n"),
            ("on", "branches: ['on']\n"),
            ("True", "branches: ['True']\n"),
            ("1.0", "branches: ['1.0']\n"),
            ("it's,a+b", "branches: ['it''s,a\\+b']\n"),
        ] {
            let site = Site {
                read: &|_| Ok(None),
                paths: &[],
                remotes: &[],
                branch,
                store: Store::None,
            };
            assert!(site.workflow().contains(expected), "{branch}");
        }
    }

    #[test]
    fn the_files_are_those_of_the_manual() {
        let manual = include_str!("../../docs/ci.md");
        for file in [include_str!("github.yml"), include_str!("gitlab.yml")] {
            assert!(manual.contains(file), "docs/ci.md lacks:\n{file}");
        }
    }
}
