//! Where a remote is: a directory of this machine, a forge that keeps more than branches, or a server.

use std::path::PathBuf;
use std::sync::LazyLock;

use serde::Deserialize;

/// A bound: no host, owner or name of a repository that people use is longer.
const LONGEST: usize = 200;

/// What is known of a forge.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forge {
    pub(crate) name: String,
    /// The command that speaks to it; empty where none is asked.
    pub(crate) program: String,
    hosts: Vec<String>,
    within: Vec<String>,
    /// What it keeps of what was overwritten.
    pub(crate) keeps: String,
    /// Who takes that away.
    pub(crate) ask: String,
    page: String,
    pub(crate) guide: String,
    scanning: String,
    command: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forges {
    forge: Vec<Forge>,
}

static FORGES: LazyLock<Vec<Forge>> = LazyLock::new(|| {
    let forges: Forges = toml::from_str(include_str!("forges.toml")).expect("a test reads it");
    forges.forge
});

/// A remote, and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    /// Its name here.
    pub(crate) name: String,
    pub(crate) place: Place,
}

/// Where a remote is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In a directory of this machine.
    Here(PathBuf),
    /// On a server; of an address that nobody understands, the host is empty.
    There(Server),
}

/// A server, and the repository there. No part of it is more than letters, digits and a few signs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Server {
    pub(crate) host: String,
    path: Option<(String, String)>,
    /// What is known of it.
    pub(crate) forge: Option<&'static Forge>,
}

impl Remote {
    /// The remote with that name and address.
    pub(crate) fn new(name: &str, address: &str) -> Self {
        Self {
            name: name.to_owned(),
            place: place(address),
        }
    }
}

/// The first forge at one of these addresses that a command speaks to, by the name of the command.
pub(crate) fn program<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Option<&'static str> {
    let forges = addresses
        .into_iter()
        .filter_map(|address| match place(address) {
            Place::There(server) => server.forge,
            Place::Here(_) => None,
        });
    let mut programs = forges.map(|forge| forge.program.as_str());
    programs.find(|program| !program.is_empty())
}

impl Server {
    /// The page on which somebody is asked, or asks.
    pub(crate) fn page(&self) -> Option<String> {
        self.filled(&self.forge?.page)
    }

    /// The page on which the forge is told to look for keys.
    pub(crate) fn scanning(&self) -> Option<String> {
        self.filled(&self.forge?.scanning)
    }

    /// The command that tells it.
    pub(crate) fn command(&self) -> Option<String> {
        self.filled(&self.forge?.command)
    }

    /// A text with the parts of the address in it; `None` if there is none, or one that it needs is unknown.
    fn filled(&self, text: &str) -> Option<String> {
        if text.is_empty() {
            return None;
        }
        // One without a dot may be a name that only somebody's ssh knows.
        let is_host =
            self.host.contains('.') || self.forge.is_some_and(|it| it.within.contains(&self.host));
        if text.contains("{host}") && !is_host {
            return None;
        }
        let mut out = text.replace("{host}", &self.host);
        if let Some((owner, name)) = &self.path {
            out = out.replace("{owner}", owner).replace("{name}", name);
        }
        (!out.contains("{owner}") && !out.contains("{name}")).then_some(out)
    }
}

fn place(address: &str) -> Place {
    let (scheme, rest) = match address.split_once("://") {
        Some(("file", path)) => return Place::Here(path.into()),
        Some((scheme, rest)) => (scheme, rest),
        // A program that talks to it, by git's name for that.
        None if address.contains("::") => return Place::There(Server::default()),
        None => match address.split_once(':') {
            // As git has it: no slash before the colon, and no letter of a drive.
            Some((host, path)) if !host.contains(['/', '\\']) && host.len() > 1 => {
                return Place::There(server(host, path));
            }
            _ => return Place::Here(address.into()),
        },
    };
    match scheme {
        "http" | "https" | "ssh" | "git" | "git+ssh" | "ssh+git" => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            Place::There(server(host, path))
        }
        _ => Place::There(Server::default()),
    }
}

/// Of the address, no user and no password.
fn server(host: &str, path: &str) -> Server {
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = host.split(':').next().unwrap_or(host).to_ascii_lowercase();
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let path = path.rsplit_once('/').filter(|(owner, name)| {
        owner.split('/').all(is_name) && owner.len() <= LONGEST && is_name(name)
    });
    if !is_name(&host) {
        return Server::default();
    }
    let ends = |known: &String| {
        let before = host.strip_suffix(known.as_str());
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let is_known = |forge: &&Forge| forge.hosts.iter().any(ends);
    let is_within = |forge: &&Forge| {
        let mut words = host.split(['.', '-']);
        words.any(|known| forge.within.iter().any(|word| known == word))
    };
    let forges = || FORGES.iter();
    Server {
        forge: forges().find(is_known).or_else(|| forges().find(is_within)),
        path: path.map(|(owner, name)| (owner.to_owned(), name.to_owned())),
        host,
    }
}

fn is_name(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    !text.is_empty()
        && text.len() <= LONGEST
        && text.bytes().all(is_plain)
        && !text.starts_with(['.', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_directory_or_a_server_with_its_forge() {
        for (address, host, forge, page) in [
            (
                "https://github.com/a/b.git",
                "github.com",
                "GitHub",
                "/a/b/settings",
            ),
            (
                "git@github.com:a/b.git",
                "github.com",
                "GitHub",
                "/a/b/settings",
            ),
            (
                "ssh://git@ssh.github.com:443/a/b",
                "ssh.github.com",
                "GitHub",
                "/a/b/settings",
            ),
            (
                "https://me:pass@GitLab.example.com/g/s/p",
                "gitlab.example.com",
                "GitLab",
                "docs.gitlab.com",
            ),
            (
                "https://org@dev.azure.com/org/p/_git/r",
                "dev.azure.com",
                "Azure DevOps",
                "learn.microsoft.com",
            ),
            (
                "https://org.visualstudio.com/p",
                "org.visualstudio.com",
                "Azure DevOps",
                "learn",
            ),
            ("ssh://git@git.example.com/x", "git.example.com", "", ""),
            ("https://notgithub.com/a/b", "notgithub.com", "", ""),
            (
                "https://git.example.com/github/b",
                "git.example.com",
                "",
                "",
            ),
            ("git@github-work:a/b.git", "github-work", "GitHub", ""),
            (
                "https://github-team.example.com/a/b",
                "github-team.example.com",
                "GitHub",
                "github-team.example.com/a/b/settings",
            ),
            ("https://github.com/a/$(x)", "github.com", "GitHub", ""),
            ("ext::sh -c x", "", "", ""),
            ("https://-x/a/b", "", "", ""),
        ] {
            let Place::There(server) = place(address) else {
                panic!("{address}")
            };
            assert_eq!(server.host, host, "{address}");
            assert_eq!(server.forge.map_or("", |it| &it.name), forge, "{address}");
            let scanning = server.scanning().unwrap_or_default();
            assert!(
                scanning.contains(page) && scanning.is_empty() == page.is_empty(),
                "{address}"
            );
            assert!(!scanning.contains('$'), "{address}");
        }
        for (address, path) in [
            ("../remote.git", "../remote.git"),
            ("/srv/a:b.git", "/srv/a:b.git"),
            ("file:///srv/x.git", "/srv/x.git"),
            ("C:\\x", "C:\\x"),
        ] {
            let Place::Here(here) = place(address) else {
                panic!("{address}")
            };
            assert_eq!(here, PathBuf::from(path));
        }
    }

    #[test]
    fn each_forge_says_what_it_keeps_and_whom_to_ask() {
        for forge in FORGES.iter() {
            assert!(
                !forge.keeps.is_empty() && !forge.ask.is_empty(),
                "{}",
                forge.name
            );
        }
    }
}
