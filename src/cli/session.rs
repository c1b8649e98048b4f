//! What every scanning command needs: the settings, the rules, and the way from changes to output.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use bstr::{BStr, BString, ByteSlice, ByteVec};

use super::progress::Progress;
use super::range::Commits;
use super::voice::{self, Terminal};
use super::{Exit, Misuse, reach, settings, told};
use crate::agent::is_authored;
use crate::allow::{self, AllowList};
use crate::archive::Archives;
use crate::change::{Change, EntryKind, InMemory, Status};
use crate::confidence::Confidence;
use crate::config::{self, Config, ConfigError, Layer};
use crate::count::count;
use crate::deadline;
use crate::detect::Detector;
use crate::disk;
use crate::filetype::extension;
use crate::finding::{Finding, Found};
use crate::git::{Base, CommitId, RefUpdate, Repo, RevRange};
use crate::guard::Guards;
use crate::prefilter::{self, Method};
use crate::report::{self, Detail, Format, Occasion, Report, Style};
use crate::rules::RuleSet;
use crate::scan::Scan;
use crate::shell;
use crate::verdict::{Notes, Remark, Unread, Verdict, Weaker, decide};

/// Settings, resolved, and what follows from them.
pub(super) struct Session {
    pub(super) config: Config,
    pub(super) rules: RuleSet,
    /// `None`: files that nobody is about to add to a repository.
    pub(super) guards: Option<Guards>,
    pub(super) allowed: AllowList,
    /// The confidence below which a finding is counted and not shown.
    pub(super) threshold: Confidence,
    /// What is done about archives and other packed files.
    pub(super) archives: Archives,
    /// Whether to take down what becomes of all that is no finding.
    pub(super) trace: bool,
    /// Whether of a text with very many findings the first are enough, and how many more there are: for who reads a
    /// report. Who goes by each finding has all of them.
    pub(super) shortens: bool,
    /// Whether to tell on a terminal how far a long look is.
    pub(super) progress: bool,
    /// In what the commits make the repository's own policy weaker.
    pub(super) weaker: Weaker,
    /// What was allowed before the commits, where they may bring entries of their own.
    before: Option<AllowList>,
}

impl Session {
    /// Reads the settings for a repository as it lies there, or those of the user alone.
    pub(super) fn load(repo: Option<&Repo>) -> Result<Self> {
        Self::with(repo, Vec::new())
    }

    /// The same, with settings of the command line.
    pub(super) fn with(repo: Option<&Repo>, typed: Vec<Layer>) -> Result<Self> {
        let mut layers = settings::at_hand(repo)?;
        layers.extend(typed);
        let allowed = repo.map(allow_list).transpose()?.unwrap_or_default();
        Self::new(layers, allowed)
    }

    /// Reads the settings that judge what is staged.
    pub(super) fn for_commit(repo: &Repo, typed: Vec<Layer>) -> Result<Self> {
        let settings::ForCommit { mut layers, weaker } = settings::for_commit(repo)?;
        layers.extend(typed);
        let session = Self::new(layers, allow_list(repo)?)?;
        Ok(Self { weaker, ..session })
    }

    /// Reads the settings for what a push brings: those that the repository has taken in already,
    /// on its own branch.
    pub(super) fn receiving(repo: &Repo, updates: &[RefUpdate]) -> Result<Self> {
        let head = repo.commit_named("HEAD")?;
        Self::of_base(repo, head.as_ref(), &repo.tips(updates)?, Vec::new())
    }

    /// Reads the settings for commits that are made already: those of the base of a range, or else
    /// those that lie here.
    pub(super) fn for_commits(repo: &Repo, commits: &Commits, typed: Vec<Layer>) -> Result<Self> {
        let Commits::Range(RevRange {
            base: Some(base),
            tip,
        }) = commits
        else {
            return Self::with(Some(repo), typed);
        };
        let mut session = Self::of_base(repo, Some(base), &[*tip], typed)?;
        // What was allowed just now is not committed yet.
        session.allowed.absorb(allow_list(repo)?);
        Ok(session)
    }

    /// Goes by the policy of a base, so that no commit can switch off what judges it. What is allowed
    /// is a claim about one secret, with its reason: that may come with the commits, and is told.
    fn of_base(
        repo: &Repo,
        base: Option<&CommitId>,
        tips: &[CommitId],
        typed: Vec<Layer>,
    ) -> Result<Self> {
        let settings::ForCommit { mut layers, weaker } = settings::for_commits(repo, base, tips)?;
        layers.extend(typed);
        let allowed_in = |commit: &CommitId| -> Result<AllowList> {
            parsed(repo.committed(commit, BStr::new(allow::FILE_NAME))?)
        };
        let before = base.map(allowed_in).transpose()?.unwrap_or_default();
        let mut allowed = before.clone();
        for tip in tips {
            allowed.absorb(allowed_in(tip)?);
        }
        let session = Self::new(layers, allowed)?;
        Ok(Self {
            weaker,
            before: Some(before),
            ..session
        })
    }

    /// What follows from settings.
    pub(super) fn new(layers: Vec<Layer>, allowed: AllowList) -> Result<Self> {
        let config = Config::fold(layers);
        deadline::set(config.deadline());
        let mut rules = own_rules(&config)?.sought_by(prefilter_method()?);
        settings::check_ids(&config, &rules)?;
        let switches = config.rules();
        if !switches.steps.is_empty() {
            rules = rules.without(|rule, provider| !switches.is_on(rule, provider));
        }
        let guards = Guards::new(config.guard());
        let threshold = config.threshold();
        let archives = config.archives();
        Ok(Self {
            config,
            rules,
            guards: Some(guards),
            allowed,
            threshold,
            archives,
            trace: false,
            shortens: false,
            progress: true,
            weaker: Weaker::default(),
            before: None,
        })
    }

    /// Looks at changes and decides on what is found.
    pub(super) fn look<'s>(
        &self,
        changes: impl Iterator<Item = Result<Change<'s>>> + Send,
    ) -> Verdict {
        self.look_with(changes, &self.allowed, self.threshold)
    }

    /// As [`look`](Self::look), with another allow list and another threshold.
    pub(super) fn look_with<'s>(
        &self,
        changes: impl Iterator<Item = Result<Change<'s>>> + Send,
        allowed: &AllowList,
        threshold: Confidence,
    ) -> Verdict {
        self.look_by(changes, allowed, |_| threshold, self.shortens)
    }

    /// As [`look_with`](Self::look_with), with a threshold for each finding, and maybe not with all of very many.
    fn look_by<'s>(
        &self,
        changes: impl Iterator<Item = Result<Change<'s>>> + Send,
        allowed: &AllowList,
        threshold: impl FnMut(&Finding) -> Confidence,
        shortens: bool,
    ) -> Verdict {
        let line = Scan {
            detector: Detector::new(&self.rules),
            guards: self.guards.as_ref(),
            exclude: Some(self.config.exclude()),
            archives: self.archives,
            trace: self.trace,
            shortens: shortens.then_some(allowed),
        };
        let changes = Progress::of(changes, self.progress);
        let mut verdict = decide(line.run(changes), allowed, threshold);
        verdict.store = self.config.store();
        told::rotated(&mut verdict);
        verdict
    }

    /// As [`look`](Self::look), at what is added to a repository: what its base holds already may be told
    /// instead of blocking. The base is asked for only if something would block. Commits whose message names an
    /// agent are held to what is asked of agents.
    pub(super) fn look_beside<'s>(
        &self,
        changes: impl Iterator<Item = Result<Change<'s>>> + Send,
        repo: &Repo,
        base: impl FnOnce() -> Result<Base>,
    ) -> Verdict {
        let of_agents = self.config.agents_threshold();
        let mut by_agents: HashMap<Arc<str>, bool> = HashMap::new();
        let mut is_by_agent = |commit: &Arc<str>| {
            let authored = || repo.message_of(commit).map(|message| is_authored(&message));
            // A message that is gone again says of nobody that it was a person.
            let known = by_agents.entry(Arc::clone(commit));
            *known.or_insert_with(|| authored().unwrap_or(true))
        };
        let threshold = |finding: &Finding| match &finding.commit {
            Some(commit)
                if (of_agents..self.threshold).contains(&finding.confidence)
                    && is_by_agent(commit) =>
            {
                of_agents
            }
            _ => self.threshold,
        };
        let mut verdict = self.look_by(changes, &self.allowed, threshold, true);
        // Without a base nothing is held already, and all blocks.
        if let Some(sought) = verdict.sought()
            && let Ok(base) = base()
        {
            let blocking = verdict.blocking.iter();
            let extensions: HashSet<_> = blocking.map(|it| extension(&it.path)).collect();
            let alike = |path: &BStr| extensions.contains(&extension(path));
            repo.show_base(&base, alike, &sought);
            verdict.set_held_apart(&sought);
        }
        // Without it, each commit is told how it is opened by its name.
        verdict.rewrite = reach::rewrite(repo, &verdict).unwrap_or_default();
        verdict.reach = reach::of(repo, &verdict).unwrap_or_default();
        verdict
    }

    /// As [`look_beside`](Self::look_beside), at commits that are made already. The notes say in what
    /// they weaken the policy, and what passes by entries that they bring.
    pub(super) fn look_at_commits<'s>(
        &self,
        changes: impl Iterator<Item = Result<Change<'s>>> + Send,
        repo: &Repo,
        base: impl FnOnce() -> Result<Base>,
    ) -> Report {
        let mut report = Report::from(self.look_beside(changes, repo, base));
        report.notes.weaker = self.weaker.clone();
        let verdict = &mut report.verdict;
        let brought = self
            .before
            .as_ref()
            .map_or(0, |before| verdict.unshared(before));
        if brought > 0 {
            let are = count(brought, "finding is", "findings are");
            verdict.remarks.push(Remark {
                kind: "allow",
                path: allow::FILE_NAME.into(),
                message: format!(
                    "{are} allowed by entries of {} that these commits bring; read them",
                    allow::FILE_NAME
                ),
            });
        }
        report
    }

    /// Looks at what is staged. The notes say in what the commit weakens the policy, and what passes only
    /// by the allow file in the working tree: nobody else will see that pass.
    pub(super) fn look_at_staged(&self, repo: &Repo) -> Result<Report> {
        let nested = Mutex::new(Vec::new());
        let own = [b"/", config::FILE_NAME.as_bytes()].concat();
        let staged = repo.staged()?.inspect(|change| {
            if let Ok(change) = change
                && change.path.ends_with(&own)
            {
                let mut nested = nested.lock().unwrap_or_else(PoisonError::into_inner);
                nested.push(change.path.clone());
            }
        });
        let mut verdict = self.look_beside(staged, repo, || repo.base_of_staged());
        let nested = nested.into_inner().unwrap_or_else(PoisonError::into_inner);
        let unshared = match verdict.allowed.is_empty() {
            true => 0,
            false => verdict.unshared(&staged_allow_list(repo)?),
        };
        verdict.allow_moved(&self.allowed, |path| {
            !repo.versions(path).is_ok_and(|versions| !versions.staged)
        });
        let is_stopped = verdict.blocks();
        let remarks = settings::not_asked(repo, nested, is_stopped)?;
        verdict.remarks.extend(remarks);
        self.tell_mended(repo, &mut verdict);
        let notes = Notes {
            weaker: self.weaker.clone(),
            unshared,
            ..Notes::default()
        };
        Ok(Report { verdict, notes })
    }
}

impl Session {
    /// Says which of the files that stop a commit are mended already, and not staged.
    fn tell_mended(&self, repo: &Repo, verdict: &mut Verdict) {
        /// A bound: of more files nobody wants to be told.
        const MOST: usize = 20;
        /// A bound: a larger file was mended by no hand.
        const MOST_BYTES: u64 = 4 << 20;
        let Ok(top) = repo.worktree() else {
            return;
        };
        let secrets = verdict.blocking.iter().filter(|finding| {
            finding.kind == EntryKind::File && matches!(finding.found, Found::Secret { .. })
        });
        let mut by_path: BTreeMap<&BString, Vec<&Finding>> = BTreeMap::new();
        for finding in secrets {
            by_path.entry(&finding.path).or_default().push(finding);
        }
        let mut remarks = Vec::new();
        for (path, staged) in by_path.into_iter().take(MOST) {
            let read = path.to_str().ok();
            let read = read.and_then(|path| disk::read_inside(top, path, MOST_BYTES).ok());
            let Some(content) = read.flatten() else {
                continue;
            };
            let origin = InMemory {
                content,
                ..InMemory::default()
            };
            let change = Change::new(path.clone(), Status::Modified, EntryKind::File, origin);
            let here = self.look(std::iter::once(Ok(change)));
            let is_here = |finding: &&Finding| {
                let mut all = here.blocking.iter().chain(&here.below_threshold);
                all.any(|it| it.fingerprint == finding.fingerprint)
            };
            if here.unread.is_empty() && !staged.iter().any(is_here) {
                remarks.push(Remark {
                    kind: "not-staged",
                    path: path.clone(),
                    message: format!(
                        "{} is mended in your working tree, and not in what is staged: git add {}",
                        shell::shown(path),
                        shell::pathspec(path)
                    ),
                });
            }
        }
        verdict.remarks.extend(remarks);
    }
}

/// How keywords are sought: as the environment says, so that somebody can see whether the prefilter is
/// at fault.
fn prefilter_method() -> Result<Method, Misuse> {
    let Some(name) = std::env::var_os(prefilter::VARIABLE).filter(|name| !name.is_empty()) else {
        return Ok(Method::default());
    };
    name.to_str().and_then(Method::named).ok_or_else(|| {
        let names = Method::ALL.map(Method::name).join(" or ");
        Misuse(format!(
            "{} names no prefilter; set it to {names}, or unset it",
            prefilter::VARIABLE
        ))
    })
}

/// The rules, with those of the settings' own.
fn own_rules(config: &Config) -> Result<RuleSet, ConfigError> {
    let own = config
        .own_rules()
        .map(|(rule, _)| (rule.provider.as_deref(), &rule.words));
    RuleSet::with(own).map_err(|error| {
        let place = error
            .number
            .and_then(|number| config.own_rules().nth(number));
        let advice = "correct the rule, then: keyward rules check";
        match place {
            Some((_, place)) => place.of_key(error.key).error(error.problem, advice),
            None => ConfigError::of_file("the settings", error.problem, advice),
        }
    })
}

/// The repository's allow file, as it lies in the working tree or else as staged.
pub(super) fn allow_list(repo: &Repo) -> Result<AllowList> {
    if let Ok(top) = repo.worktree() {
        let file = top.join(allow::FILE_NAME);
        if file.symlink_metadata().is_ok() {
            return AllowList::read(&file);
        }
    }
    staged_allow_list(repo)
}

/// The repository's allow file as staged.
fn staged_allow_list(repo: &Repo) -> Result<AllowList> {
    let staged = repo.indexed(BStr::new(allow::FILE_NAME));
    parsed(staged.with_context(|| format!("cannot read {}", allow::FILE_NAME))?)
}

/// The list in the allow file; one without entries where there is none.
fn parsed(file: Option<Vec<u8>>) -> Result<AllowList> {
    Ok(match file {
        Some(bytes) => AllowList::parse(&bytes, allow::FILE_NAME)?,
        None => AllowList::default(),
    })
}

/// Where GitHub Actions asks for what is shown on the page of a job.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Where a report is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// Standard error, quiet when all is well: a hook that stops something.
    Hook(Occasion),
    /// Standard output: a command that somebody typed, who stands in that directory of the repository.
    Output(Detail, BString),
}

/// Writes a report of a scan that an error ended, where a program reads it. People are told otherwise.
pub(super) fn conclude_failed(error: &anyhow::Error, format: Format) -> Result<()> {
    if format.is_for_people() {
        return Ok(());
    }
    let unread = Unread {
        path: BString::default(),
        reason: voice::fit_for_programs(&format!("{error:#}")),
    };
    let verdict = Verdict {
        unread: vec![unread],
        ..Verdict::default()
    };
    conclude(
        &verdict.into(),
        format,
        Channel::Output(Detail::Usual, BString::default()),
    )
    .map(|_| ())
}

/// Adds a report to the summary of a job of GitHub Actions, which names a file for it.
fn summarize(report: &Report) -> io::Result<()> {
    let Some(file) = std::env::var_os(STEP_SUMMARY).filter(|file| !file.is_empty()) else {
        return Ok(());
    };
    let file = OpenOptions::new().append(true).create(true).open(file)?;
    let mut out = io::BufWriter::new(file);
    report::write(Format::MARKDOWN, report, &Style::default(), &mut out)?;
    out.flush()
}

/// Writes a report and gives the exit code that it means.
pub(super) fn conclude(report: &Report, format: Format, channel: Channel) -> Result<Exit> {
    let written = match channel {
        // Nothing is asked of the terminal before there is something to say.
        Channel::Hook(_) if report.is_silent() => Ok(()),
        Channel::Hook(occasion) => {
            let prefix = std::env::var_os("GIT_PREFIX").unwrap_or_default();
            let style = Style {
                hook: true,
                occasion,
                prefix: Vec::from_os_string(prefix).unwrap_or_default().into(),
                ..Terminal::of_errors().style()
            };
            let mut out = voice::err();
            report::write(format, report, &style, &mut out).and_then(|()| out.flush())
        }
        Channel::Output(detail, prefix) if format.is_told() => {
            let style = Style {
                detail,
                prefix,
                ..Terminal::of_output().style()
            };
            let mut out = voice::out();
            report::write(format, report, &style, &mut out).and_then(|()| out.flush())
        }
        Channel::Output(..) => {
            let mut out = voice::to_programs();
            let written = report::write(format, report, &Style::default(), &mut out);
            if format.is_annotations()
                && let Err(error) = summarize(report)
            {
                writeln!(
                    voice::err(),
                    "keyward: cannot write to ${STEP_SUMMARY}: {error}"
                )?;
            }
            written.and_then(|()| out.flush())
        }
    };
    match written {
        // `keyward scan | head` is no failure to look.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written.context("cannot write the report")?,
    }
    Ok(if !report.verdict.unread.is_empty() {
        Exit::Unread
    } else if report.verdict.blocks() {
        Exit::Findings
    } else {
        Exit::Clean
    })
}
