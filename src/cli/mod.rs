//! The command line: one file per subcommand, each with its arguments beside what it does.

mod agent_hook;
mod agents_md;
mod allow;
mod ask;
mod audit;
mod completions;
mod config;
mod doctor;
mod fix;
mod hook;
mod ignore;
mod init;
mod input;
mod install;
mod keys;
mod kinds;
mod leave;
mod mistyped;
mod playbooks;
mod progress;
mod provider;
mod range;
mod reach;
mod report;
mod respond;
mod rules;
mod scan;
mod session;
mod settings;
mod sweep;
mod template;
mod told;
mod triage;
pub(crate) mod voice;

use std::env;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::allow::AllowError;
use crate::config::ConfigError;
use crate::git::{NoRepository, Repo};
use crate::report::agent as agent_report;
use crate::shell;
use crate::words::excerpt::Excerpt;

/// Keeps API keys out of commits.
#[derive(Debug, Parser)]
#[command(
    name = "keyward",
    version,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 clean, 1 findings, 2 usage or configuration, 3 could not scan.\n\n\
                  Examples:\n  \
                  keyward install              check every commit of this repository\n  \
                  keyward scan                 look for keys in what is here now\n  \
                  keyward doctor               prove that commits are checked"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(after_help = "Examples:\n  \
        keyward install                    this repository\n  \
        keyward install --global           every repository of yours\n  \
        keyward install --hook pre-commit  one hook and no other\n  \
        keyward install --agents           the AI agents that are used here\n  \
        keyward install --hook pre-receive  a server to which others push")]
    Install(install::InstallArgs),
    #[command(after_help = "Examples:\n  \
        keyward uninstall\n  \
        keyward uninstall --global\n  \
        keyward uninstall --agents")]
    Uninstall(install::UninstallArgs),
    #[command(after_help = "Examples:\n  \
        keyward scan                       the files of this directory\n  \
        keyward scan --staged              what the next commit would add\n  \
        keyward scan --range main..HEAD    what a branch adds, commit by commit\n  \
        keyward scan --history             what all commits brought\n  \
        keyward scan --explain config.py   why something is found there, or not\n  \
        keyward scan --format sarif        for code scanning")]
    Scan(scan::Args),
    #[command(after_help = "Examples:\n  \
        keyward audit                      all that this repository holds\n  \
        keyward audit 5c0e907e             all of one secret: who, when, where\n  \
        keyward audit --unreachable        what nothing holds any more, too\n  \
        keyward audit --since 2026-01-31   only what was brought since then\n  \
        keyward audit --json ../one ../two several repositories, for a program")]
    Audit(audit::Args),
    #[command(after_help = "Examples:\n  \
        keyward report merge 1.jsonl 2.jsonl  what two shards of an audit wrote")]
    Report(report::Args),
    #[command(after_help = "Examples:\n  \
        keyward respond 5c0e907e           what to do about that secret, step by step\n  \
        keyward respond 5c0e907e --done revoke\n  \
        keyward respond 5c0e907e --markdown  for a ticket\n  \
        keyward respond --stdin            for a key that you paste\n  \
        keyward respond --provider openai  for a key that was seen elsewhere")]
    Respond(respond::Args),
    #[command(
        after_help = "Exit codes: 0 it is dead, 1 it lives, 2 usage or configuration, 3 nobody can tell.\n\n\
        Examples:\n  \
        keyward verify 5c0e907e            does that key still live?\n  \
        keyward verify 5c0e907e --with host=gitlab.example.com  ask a server of your own\n  \
        keyward verify --stdin             a key that you paste"
    )]
    Verify(provider::verify::Args),
    #[command(
        after_help = "Exit codes: 0 it is revoked, 1 it was taken in and still lives, 2 usage or configuration, 3 it could \
        not be done.\n\nExamples:\n  \
        keyward revoke 5c0e907e            shows what would be sent, and asks\n  \
        keyward revoke 5c0e907e --dry-run  only shows it\n  \
        keyward revoke 5c0e907e --yes"
    )]
    Revoke(provider::revoke::Args),
    #[command(after_help = "Examples:\n  \
        keyward allow 5c0e907e --reason \"made up for the tests\"\n  \
        keyward allow 5c0e907e --until 2027-01-31 --reason \"revoked by then\"\n  \
        keyward allow --all --reason \"there before keyward was\"\n  \
        keyward allow --all --history --reason \"there before keyward was\"\n  \
        keyward allow --list               what is allowed\n  \
        keyward allow --remove 5c0e907e\n  \
        keyward allow --propose 5c0e907e --reason \"made up for the tests\"\n  \
        keyward allow --confirm            what agents proposed\n  \
        keyward allow --import .gitleaksignore")]
    Allow(allow::Args),
    #[command(after_help = "Examples:\n  \
        keyward triage                     what the files hold\n  \
        keyward triage --history           what all commits brought")]
    Triage(triage::Args),
    #[command(after_help = "Examples:\n  \
        keyward ignore .env                git forgets it, and it stays on disk")]
    Ignore(ignore::Args),
    #[command(after_help = "Examples:\n  \
        keyward fix 5c0e907e               shows the new lines, and asks\n  \
        keyward fix 5c0e907e 4bf94045      one after the other\n  \
        keyward fix 5c0e907e --name ACME_API_KEY --yes")]
    Fix(fix::Args),
    #[command(after_help = "Examples:\n  \
        keyward init                       shows what it will write, and asks\n  \
        keyward init --dry-run             only shows it\n  \
        keyward init --yes --for 1password")]
    Init(init::Args),
    #[command(after_help = "Examples:\n  \
        keyward template                   from .env to .env.example\n  \
        keyward template --for 1password   and to .env.tpl, with references\n  \
        keyward template --for pass --store  and hand the values over")]
    Template(template::Args),
    #[command(after_help = "Examples:\n  \
        keyward sweep                      where keys lie on this machine\n  \
        keyward sweep --json               the same for a program")]
    Sweep(sweep::Args),
    #[command(after_help = "Examples:\n  \
        keyward keys                       which keys lie here, and since when\n  \
        keyward keys --names .env          the names of all variables, without values\n  \
        keyward keys rotate STRIPE_SECRET_KEY\n  \
        keyward keys calendar              reminders to replace them")]
    Keys(keys::Args),
    Rules(rules::Args),
    #[command(after_help = "Examples:\n  \
        keyward config show                what holds, and which line says so\n  \
        keyward config check               whether all of it can be understood\n  \
        keyward config schema              for editors")]
    Config(config::Args),
    #[command(after_help = "Examples:\n  \
        keyward doctor                     is this repository protected?\n  \
        keyward doctor --global            are new repositories of mine?\n  \
        keyward doctor --json              the same for a program\n  \
        keyward doctor --ci                what pipelines let out\n  \
        keyward doctor --prune             forget entries of .keyward.allow that nobody needs")]
    Doctor(doctor::Args),
    #[command(after_help = "Examples:\n  \
        keyward hook pre-commit            what git runs before a commit")]
    Hook(hook::Args),
    #[command(after_help = "Examples:\n  \
        keyward agent-hook claude-code     what the settings of an agent name")]
    AgentHook(agent_hook::Args),
    #[command(after_help = "Examples:\n  \
        keyward agents-md                  what AGENTS.md could say of keyward\n  \
        keyward agents-md --write          written there\n  \
        keyward agents-md --write CLAUDE.md")]
    AgentsMd(agents_md::Args),
    #[command(after_help = "Examples:\n  \
        keyward completions bash >~/.local/share/bash-completion/completions/keyward\n  \
        keyward completions zsh >~/.zfunc/_keyward")]
    Completions(completions::CompletionsArgs),
    /// Print the version
    #[command(after_help = "Examples:\n  keyward version")]
    Version,
    #[command(hide = true)]
    Man(completions::ManArgs),
}

/// What a run ends with. The numbers are a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing was found.
    Clean = 0,
    /// Something was.
    Findings = 1,
    /// The command line or a configuration file can't be understood.
    Usage = 2,
    /// Something could not be read or judged.
    Unread = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What git ends with, too, when nobody reads on: `keyward rules list | head`.
const CLOSED_PIPE: u8 = 141;

/// Runs the command that the arguments name, prints the error that ended it, and gives the exit code.
pub fn main() -> ExitCode {
    match run() {
        Ok(exit) => exit.into(),
        Err(error) if voice::is_closed_pipe(&error) => CLOSED_PIPE.into(),
        Err(error) => fail(&error).into(),
    }
}

/// What becomes of a commit of what is staged in a repository, and of its last one: the exit codes.
pub(crate) fn commit_in(top: &Path) -> [i32; 2] {
    [hook::staged, hook::last].map(|look| {
        let ended = Repo::open(top, None).and_then(|repo| look(&repo));
        ended.unwrap_or_else(|error| fail(&error)) as i32
    })
}

/// Says to an agent what ended a hook, and gives its exit code.
fn fail_agent(error: &anyhow::Error) -> Exit {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    let exit = exit_of(error);
    // With standard error gone there is nobody left to tell.
    let _ = writeln!(
        voice::err(),
        "{}",
        agent_report::failed(&causes.join(": "), exit == Exit::Usage)
    );
    exit
}

fn run() -> Result<Exit> {
    let command = match typed() {
        Ok(command) => command,
        Err(error) => return explain(&mistyped::told(error)),
    };
    match command {
        Command::Install(args) => install::install(&args),
        Command::Uninstall(args) => install::uninstall(&args),
        Command::Scan(args) => scan::run(&args),
        Command::Audit(args) => audit::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Respond(args) => respond::run(&args),
        Command::Verify(args) => provider::verify::run(&args),
        Command::Revoke(args) => provider::revoke::run(&args),
        Command::Allow(args) => allow::run(&args),
        Command::Triage(args) => triage::run(&args),
        Command::Ignore(args) => ignore::run(&args),
        Command::Fix(args) => fix::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Template(args) => template::run(&args),
        Command::Sweep(args) => sweep::run(&args),
        Command::Keys(args) => keys::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Hook(args) => hook::run(&args),
        Command::AgentHook(args) => agent_hook::run(&args),
        Command::AgentsMd(args) => agents_md::run(&args),
        Command::Completions(args) => completions::completions(&args),
        Command::Version => {
            let mut out = voice::out();
            writeln!(out, "keyward {}", env!("CARGO_PKG_VERSION"))?;
            out.flush()?;
            Ok(Exit::Clean)
        }
        Command::Man(args) => completions::man(&args),
    }
}

/// The command that was typed. Git and agents wait for a hook: no other command is set up for it.
fn typed() -> Result<Command, clap::Error> {
    let arguments = || env::args_os().skip(1);
    if let Some(args) = agent_hook::Args::typed(arguments()) {
        return Ok(Command::AgentHook(args));
    }
    if let Some(args) = hook::Args::typed(arguments()) {
        return Ok(Command::Hook(args));
    }
    // Errors and help are told by the whole.
    Cli::try_parse().map(|cli| cli.command)
}

/// Prints help where it was asked for, or says why the arguments can't be understood. They are as they
/// were typed, and may be a key.
fn explain(error: &clap::Error) -> Result<Exit> {
    let text = error.render();
    if error.use_stderr() {
        let color = voice::Terminal::of_errors().color;
        // With standard error gone there is nobody left to tell.
        let _ = write!(voice::err(), "{}", painted(&text, color));
        return Ok(Exit::Usage);
    }
    let mut out = voice::out();
    let color = voice::Terminal::of_output().color;
    write!(out, "{}", painted(&text, color))?;
    out.flush()?;
    Ok(Exit::Clean)
}

fn painted(text: &clap::builder::StyledStr, color: bool) -> String {
    match color {
        true => text.ansi().to_string(),
        false => text.to_string(),
    }
}

/// Prints the error that ended a run, and chooses its exit code.
fn fail(error: &anyhow::Error) -> Exit {
    // With standard error gone there is nobody left to tell.
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    let said = causes.join(": ");
    let mut out = voice::err();
    let _ = writeln!(out, "keyward: {}", shell::escaped(&said));
    if let Some(place) = error.chain().find_map(place) {
        let _ = writeln!(out, "{place}");
    }
    exit_of(error)
}

/// The exit code of an error.
fn exit_of(error: &anyhow::Error) -> Exit {
    let misunderstood = error.chain().any(|cause| {
        cause.is::<ConfigError>()
            || cause.is::<AllowError>()
            || cause.is::<Misuse>()
            || cause.is::<NoRepository>()
    });
    if misunderstood {
        Exit::Usage
    } else {
        Exit::Unread
    }
}

/// The line of a file that an error is about.
fn place<'e>(cause: &'e (dyn std::error::Error + 'static)) -> Option<&'e Excerpt> {
    let of_settings = cause.downcast_ref::<ConfigError>();
    let of_settings = of_settings.and_then(|error| error.place.as_deref());
    let of_allowed = cause.downcast_ref::<AllowError>();
    of_settings.or(of_allowed.map(|error| &*error.place))
}

/// Arguments that are well-formed and can't be followed.
#[derive(Debug)]
pub(crate) struct Misuse(pub(crate) String);

impl std::fmt::Display for Misuse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misuse {}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// Every command that people type, with the words that lead to it.
    fn commands(of: &clap::Command, words: &str, found: &mut Vec<(String, clap::Command)>) {
        let below = of.get_subcommands();
        for command in below.filter(|below| !below.is_hide_set() && below.get_name() != "help") {
            let words = format!("{words} {}", command.get_name());
            commands(command, &words, found);
            found.push((words, command.clone()));
        }
    }

    #[test]
    fn every_help_has_examples_and_each_is_understood() {
        let mut cli = Cli::command();
        cli.build();
        let mut found = vec![("keyward".to_owned(), cli.clone())];
        commands(&cli, "keyward", &mut found);
        assert!(found.len() >= 20, "{}", found.len());
        for (words, command) in found {
            let after = command.get_after_help().map(ToString::to_string);
            let after = after.unwrap_or_default();
            let (_, examples) = after
                .split_once("Examples:\n")
                .unwrap_or_else(|| panic!("`{words}` has no examples"));
            for example in examples.lines() {
                // What it does stands behind two blanks, and where its output goes behind a sign.
                let typed = example.trim().split("  ").next().unwrap_or_default();
                let typed = typed.split(" >").next().unwrap_or_default();
                assert!(typed.starts_with("keyward "), "{words}: {example}");
                let mut arguments = Vec::new();
                for (at, part) in typed.split('"').enumerate() {
                    match at % 2 {
                        0 => arguments.extend(part.split_whitespace()),
                        _ => arguments.push(part),
                    }
                }
                let known = Cli::try_parse_from(&arguments);
                assert!(known.is_ok(), "{words}: {example}: {:?}", known.err());
            }
        }
    }
}
