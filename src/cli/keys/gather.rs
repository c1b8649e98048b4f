//! Which keys there are, and what is known of each.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bstr::ByteSlice;

use crate::allow::Date;
use crate::cli::Misuse;
use crate::cli::session::Session;
use crate::disk;
use crate::filetype::FileType;
use crate::git::Repo;
use crate::hook;
use crate::keys::held::{Held, is_environment_file};
use crate::ledger::{Day, Ledger, Mark};
use crate::report::sort_of;
use crate::rules::RuleSet;
use crate::shell::{quoted_path, shown_path};
use crate::suggest::meant;
use crate::text::Text;

/// A bound: no environment file that people write is longer.
pub(super) const MOST_BYTES: u64 = 256 << 10;

/// The keys of some files, and what is known of them.
pub(super) struct Gathered {
    pub(super) files: Vec<File>,
    pub(super) keys: Vec<Key>,
    pub(super) today: Day,
    pub(super) session: Session,
    pub(super) repo: Option<Repo>,
    /// Why it is not known since when a key is there.
    pub(super) unknown: Option<String>,
}

/// A file that was looked at.
pub(super) struct File {
    /// As it was named, for people.
    pub(super) name: String,
    /// What somebody should do about it, and why.
    pub(super) notes: Vec<String>,
    /// Whether its keys are in plain text where references could be.
    pub(super) plain: bool,
}

/// A key of a file.
pub(super) struct Key {
    /// The number of its file.
    pub(super) file: usize,
    pub(super) path: PathBuf,
    pub(super) held: Held,
    pub(super) mark: Mark,
    /// The day on which it was seen first.
    pub(super) first: Day,
    /// After how many days it is to be replaced; `None`: never.
    pub(super) rotate_after: Option<Day>,
    /// Where it is, too: a file, and the name that it has there.
    pub(super) elsewhere: Vec<(PathBuf, String)>,
    /// What sort of key it is: admin, live, test.
    pub(super) sort: Option<&'static str>,
}

impl Key {
    /// The day on which it is to be replaced.
    pub(super) fn due(&self) -> Option<Day> {
        Some(self.first + self.rotate_after?)
    }

    /// Whether it opens more than one program needs.
    pub(super) fn is_admin(&self) -> bool {
        matches!(self.sort, Some("admin" | "root"))
    }
}

/// An environment file, read.
pub(super) struct Read {
    pub(super) name: String,
    /// Where it is, without links.
    pub(super) path: PathBuf,
    /// Its content, or why that is not known.
    pub(super) content: Result<Vec<u8>, String>,
}

/// The files that are meant, and the repository in which somebody stands.
pub(super) fn files(paths: &[PathBuf]) -> Result<(Vec<Read>, Option<Repo>)> {
    let repo = Repo::around(Path::new("."))?.filter(|repo| repo.worktree().is_ok());
    let mut named: Vec<PathBuf> = Vec::new();
    match (&repo, paths) {
        (Some(repo), []) => {
            let top = repo.worktree()?;
            for path in repo.local_files()? {
                if is_environment_file(&path) {
                    named.push(below(top, path.to_path()?));
                }
            }
        }
        (None, []) => named.extend(of_directory(Path::new("."))?),
        (_, paths) => {
            for path in paths {
                match path.is_dir() {
                    true => named.extend(of_directory(path)?),
                    false => named.push(path.clone()),
                }
            }
        }
    }
    let mut files = Vec::new();
    for file in named {
        let name = shown_path(&file);
        let Ok(path) = fs::canonicalize(&file) else {
            if paths.contains(&file) {
                let what = || "name a file with variables".to_owned();
                let next = meant(&name, &["calendar", "rotate"], what);
                let told = format!("there is no {name}: {next}");
                return Err(Misuse(told).into());
            }
            continue;
        };
        let content = content(&file);
        files.push(Read {
            name,
            path,
            content,
        });
    }
    Ok((files, repo))
}

/// A path of the repository as somebody names it who stands where he does.
fn below(top: &Path, path: &Path) -> PathBuf {
    let whole = top.join(path);
    let here = fs::canonicalize(".").unwrap_or_default();
    let near = fs::canonicalize(&whole).unwrap_or_else(|_| whole.clone());
    match near.strip_prefix(&here) {
        Ok(near) => near.to_owned(),
        Err(_) => whole,
    }
}

fn of_directory(directory: &Path) -> Result<Vec<PathBuf>> {
    let told = || format!("cannot list {}", shown_path(directory));
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).with_context(told)? {
        let name = entry.with_context(told)?.file_name();
        if is_environment_file(name.as_encoded_bytes()) {
            files.push(match directory == Path::new(".") {
                true => PathBuf::from(name),
                false => directory.join(name),
            });
        }
    }
    files.sort();
    Ok(files)
}

/// What a file holds, unless reading it would wait or ask somebody.
fn content(file: &Path) -> Result<Vec<u8>, String> {
    let found = fs::metadata(file).map_err(|err| err.to_string())?;
    if !found.is_file() {
        return Err("is no file, so it was not read: 1Password mounts a pipe that asks".to_owned());
    }
    let read = disk::read_regular(file, MOST_BYTES).map_err(|err| err.to_string())?;
    let read = read.unwrap_or_default();
    match Text::decode(&read).bytes() == read {
        true => Ok(read),
        false => Err("is not UTF-8, which no loader reads: save it as UTF-8".to_owned()),
    }
}

impl Gathered {
    /// Looks at the files and remembers what is there.
    pub(super) fn of(paths: &[PathBuf]) -> Result<Self> {
        let (read, repo) = files(paths)?;
        let session = Session::load(repo.as_ref())?;
        let built_in = RuleSet::builtin();
        let mut gathered = Self {
            files: Vec::new(),
            keys: Vec::new(),
            today: Date::days_now(),
            session,
            repo: None,
            unknown: None,
        };
        let mut ledger = Ledger::open().map_err(|error| format!("{error:#}"));
        for file in read {
            gathered.add(file, &built_in, ledger.as_mut().ok(), repo.as_ref())?;
        }
        match &mut ledger {
            Ok(ledger) => {
                gathered.remember(ledger)?;
            }
            Err(why) => gathered.unknown = Some(why.clone()),
        }
        if let Some(repo) = &repo
            && paths.is_empty()
        {
            gathered.remind(repo)?;
        }
        gathered.repo = repo;
        Ok(gathered)
    }

    fn add(
        &mut self,
        read: Read,
        built_in: &RuleSet,
        ledger: Option<&mut Ledger>,
        repo: Option<&Repo>,
    ) -> Result<()> {
        let number = self.files.len();
        let mut notes = Vec::new();
        let blob = match read.content {
            Ok(blob) => blob,
            Err(why) => {
                self.files.push(File {
                    name: read.name,
                    notes: vec![why],
                    plain: false,
                });
                return Ok(());
            }
        };
        let text = Text::decode(&blob).at(FileType::of_path(b".env"));
        let held = Held::of(&text, &[&self.session.rules, built_in]);
        if !held.is_empty() {
            notes.extend(open_to_others(&read.path));
            notes.extend(not_ignored(repo, &read.path)?);
        }
        let marks: Vec<Mark> = match &ledger {
            Some(ledger) => held.iter().map(|it| ledger.mark(&it.value)).collect(),
            None => vec![Mark::new(); held.len()],
        };
        if let Some(ledger) = ledger {
            let names = held.iter().map(|it| it.name.clone());
            let noted: Vec<(Mark, String)> = marks.iter().cloned().zip(names).collect();
            ledger.note(&read.path, &noted, self.today);
        }
        self.files.push(File {
            name: read.name,
            notes,
            plain: !held.is_empty() && self.session.config.store().has_references(),
        });
        for (held, mark) in held.into_iter().zip(marks) {
            let texts = [&*held.rule, &*held.what, &*held.name];
            self.keys.push(Key {
                file: number,
                path: read.path.clone(),
                mark,
                first: self.today,
                rotate_after: self
                    .session
                    .config
                    .rotate_after(&held.provider.id, &held.name),
                elsewhere: Vec::new(),
                sort: sort_of(&texts),
                held,
            });
        }
        Ok(())
    }

    /// Writes down what was seen, and takes over what is known.
    fn remember(&mut self, ledger: &mut Ledger) -> Result<()> {
        ledger.tidy(self.today);
        for key in &mut self.keys {
            let Some(known) = ledger.of(&key.mark) else {
                continue;
            };
            key.first = known.first.min(self.today);
            for (file, names) in &known.places {
                let own = *file == key.path;
                let others = names.iter().filter(|name| !own || **name != key.held.name);
                key.elsewhere
                    .extend(others.map(|name| (file.clone(), name.clone())));
            }
        }
        ledger.save()
    }

    /// Has the hook remind when the first key is due.
    fn remind(&self, repo: &Repo) -> Result<()> {
        let mut due: Vec<(Day, &Key)> = self
            .keys
            .iter()
            .filter_map(|key| Some((key.due()?, key)))
            .collect();
        due.sort_by_key(|(day, _)| *day);
        let lines = due.iter().map(|(day, key)| {
            let day = Date::from_days(*day);
            format!("{} {}\n", key.held.name, day)
        });
        let first = due.first().map(|(day, _)| *day);
        hook::note_due(repo.git_dir(), first, &lines.collect::<String>())
    }
}

/// What is to be done about a file that others may read.
#[cfg(unix)]
fn open_to_others(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;

    let mode = fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        format!(
            "others on this machine may read it: chmod 600 {}",
            quoted_path(path)
        )
    })
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Option<String> {
    None
}

/// What is to be done about a file that a commit could take.
fn not_ignored(repo: Option<&Repo>, path: &Path) -> Result<Option<String>> {
    let Some(repo) = repo else {
        return Ok(None);
    };
    if repo.path_of(path).is_err() || repo.passes_over(path)? {
        return Ok(None);
    }
    Ok(Some(format!(
        "git does not ignore it: keyward ignore {}",
        quoted_path(path)
    )))
}
