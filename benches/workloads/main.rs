//! Times keyward beside what no hook can be faster than, over everything that people wait for: a
//! small commit, a huge index, a first commit, a huge file, input made to stall, a working tree.
//!
//! usage: cargo bench --bench workloads [-- W1 W3 ...]
//!
//! Prints a Markdown table. All inputs are made up in a scratch directory, the same in every run;
//! nothing is downloaded. The commands of a row run in turns, so that whatever else the machine
//! does falls on each of them, and the medians are compared.
//!
//! | variable | means |
//! |---|---|
//! | `RUNS` | how often each command of a small row is run; 40 if not set. Slow rows take fewer |
//! | `KEYWARD` | another build of keyward to time |
//! | `GITLEAKS`, `RIPSECRETS`, `KINGFISHER`, `TRUFFLEHOG`, `DETECT_SECRETS_HOOK`, `SECRETLINT`, `CREDSWEEPER` | the program of a peer, which is timed too, for two minutes at most |
//! | `SOURCE` | a directory of real source, such as `~/.cargo/registry/src`: W7 takes its first 150 MB, too |
//! | `TMPDIR` | where the scratch directory goes; it takes 2 GB |

mod inputs;
mod peers;
mod run;
mod scratch;
#[path = "../../tests/support/mod.rs"]
mod support;
mod table;

use keyward::parts::lab::Random;

use self::inputs::Nasty;
use self::peers::Peer;
use self::run::{Program, few_times, in_turns};
use self::scratch::Scratch;
use self::table::{Row, Table};

const MB: usize = 1_000_000;

/// What `git diff` costs that shows the names of what is staged: the least that a hook can do.
const RAW: [&str; 4] = ["git", "diff", "--cached", "--raw"];

/// What it costs to look at each added line once.
const PATCH: [&str; 4] = ["git", "diff", "--cached", "-U0"];

/// What it costs to read a staged file once.
const CAT: [&str; 3] = ["sh", "-c", "git cat-file --batch <ids >/dev/null"];

fn main() {
    // cargo adds `--bench`.
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let runs = std::env::var("RUNS")
        .ok()
        .and_then(|runs| runs.parse().ok())
        .unwrap_or(40);
    let keyward = std::env::var("KEYWARD").unwrap_or(env!("CARGO_BIN_EXE_keyward").into());
    let bench = Bench {
        keyward: std::path::absolute(keyward).expect("the path of keyward"),
        runs,
        peers: Peer::from_env(),
    };
    let workloads: [(&str, Workload); 7] = [
        ("W1", small),
        ("W2", large_index),
        ("W3", first_commit),
        ("W4", large_file),
        ("W5", nasty),
        ("W6", working_tree),
        ("W7", felt),
    ];
    let mut table = Table::new(&bench.peers);
    for (name, workload) in workloads {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            workload(&bench, &mut table);
        }
    }
}

/// Times one workload and writes its rows.
type Workload = fn(&Bench, &mut Table);

/// What is timed, and how often.
struct Bench {
    keyward: std::path::PathBuf,
    runs: usize,
    peers: Vec<Peer>,
}

impl Bench {
    fn hook(&self, scratch: &Scratch) -> Program {
        scratch.program([
            self.keyward.as_os_str(),
            "hook".as_ref(),
            "pre-commit".as_ref(),
        ])
    }

    /// Times the hook beside floors, the first of which is the one that `most` speaks of, and beside
    /// the peers. Gives the hook's median.
    fn row(
        &self,
        table: &mut Table,
        name: &str,
        scratch: &Scratch,
        runs: usize,
        floors: &[(&'static str, &[&str])],
        most: f64,
    ) -> f64 {
        let mut programs = vec![self.hook(scratch)];
        programs.extend(floors.iter().map(|(_, command)| scratch.program(*command)));
        let medians = in_turns(&programs, runs);
        let peers = self
            .peers
            .iter()
            .map(|peer| few_times(&peer.staged(scratch)))
            .collect();
        table.push(Row {
            name: name.to_owned(),
            ours: medians[0],
            floors: floors
                .iter()
                .map(|(name, _)| *name)
                .zip(medians[1..].iter().copied())
                .collect(),
            most: Some(most),
            peers,
        });
        medians[0].seconds
    }

    fn few(&self) -> usize {
        self.runs.div_ceil(8).max(3)
    }
}

/// W1: three files with sixty added lines in a small repository.
fn small(bench: &Bench, table: &mut Table) {
    let scratch = Scratch::new();
    scratch.commit_entries(40, true);
    scratch.stage_three();
    scratch.demand_a_verdict(&bench.keyward);
    let floors: [(&str, &[&str]); 2] = [("diff --raw", &RAW), ("diff -U0", &PATCH)];
    bench.row(
        table,
        "W1: 3 files, 60 lines",
        &scratch,
        bench.runs,
        &floors,
        1.7,
    );
}

/// W2: the same commit in an index of 100,000 and 1,000,000 entries.
fn large_index(bench: &Bench, table: &mut Table) {
    for (count, runs) in [(100_000, bench.runs), (1_000_000, bench.few())] {
        for cached in [true, false] {
            let scratch = Scratch::new();
            scratch.commit_entries(count, cached);
            scratch.stage_three();
            scratch.demand_a_verdict(&bench.keyward);
            let size = scratch.size(".git/index");
            let name = format!(
                "W2: {count} files, {} cache-tree (index {} MB)",
                if cached { "with" } else { "without" },
                size / MB
            );
            let most = if cached { 0.7 } else { 1.0 };
            let floors: [(&str, &[&str]); 1] = [("diff --raw", &RAW)];
            bench.row(table, &name, &scratch, runs, &floors, most);
        }
    }
}

/// A first commit of 10,000 files and 150 MB, staged.
fn first_commit_staged() -> Scratch {
    let scratch = Scratch::new();
    let mut random = Random::new(3);
    for number in 0..10_000 {
        let file = format!("dir{:02}/file{number}.c", number / 100);
        scratch.write(&file, &[&inputs::source(&mut random, 15_000)]);
    }
    scratch.git(&["add", "."]);
    scratch
}

/// W3: a first commit of 10,000 files and 150 MB.
fn first_commit(bench: &Bench, table: &mut Table) {
    let scratch = first_commit_staged();
    scratch.list_ids();
    scratch.demand_a_verdict(&bench.keyward);
    let floors: [(&str, &[&str]); 2] = [("diff -U0", &PATCH), ("cat-file", &CAT)];
    bench.row(
        table,
        "W3: first commit, 10,000 files, 150 MB",
        &scratch,
        bench.few(),
        &floors,
        0.6,
    );
}

/// W4: one huge file, and one huge line.
fn large_file(bench: &Bench, table: &mut Table) {
    let inputs: [(&str, usize, inputs::Maker); 2] = [
        ("W4: a text of 100 MB", 100 * MB, inputs::source),
        ("W4: a line of 50 MB", 50 * MB, inputs::line),
    ];
    for (name, size, make) in inputs {
        let scratch = Scratch::new();
        let mut random = Random::new(4);
        let piece = make(&mut random, MB);
        scratch.write("huge.txt", &vec![&piece[..]; size / MB]);
        scratch.git(&["add", "."]);
        scratch.list_ids();
        scratch.demand_a_verdict(&bench.keyward);
        let floors: [(&str, &[&str]); 2] = [("cat-file", &CAT), ("diff -U0", &PATCH)];
        bench.row(table, name, &scratch, bench.few(), &floors, 1.3);
    }
}

/// W5: 20 MB of what is made to stall a scanner, and two and four times as much.
fn nasty(bench: &Bench, table: &mut Table) {
    let start = {
        let scratch = Scratch::new();
        in_turns(&[bench.hook(&scratch)], bench.runs)[0].seconds
    };
    for nasty in Nasty::ALL {
        let mut times = Vec::new();
        for factor in [1, 2, 4] {
            let scratch = Scratch::new();
            let mut random = Random::new(5);
            let piece = nasty.make(&mut random, MB);
            scratch.write("nasty.txt", &vec![&piece[..]; 20 * factor]);
            scratch.git(&["add", "."]);
            if factor == 1 {
                let name = format!("W5: 20 MB of {nasty}");
                let floors: [(&str, &[&str]); 1] = [("diff -U0", &PATCH)];
                times.push(bench.row(table, &name, &scratch, bench.few(), &floors, 4.0) - start);
            } else {
                times.push(in_turns(&[bench.hook(&scratch)], bench.few())[0].seconds - start);
            }
        }
        table.note(&format!(
            "W5, {nasty}: twice as much takes {:.2} times as long, four times as much {:.2} (at most 4.4)",
            times[1] / times[0],
            times[2] / times[0],
        ));
    }
}

/// W6: a working tree of 150 MB, on one core and on two.
fn working_tree(bench: &Bench, table: &mut Table) {
    let scratch = Scratch::new();
    let mut random = Random::new(6);
    for number in 0..10_000 {
        let file = format!("dir{:02}/file{number}.c", number / 100);
        scratch.write(&file, &[&inputs::source(&mut random, 15_000)]);
    }
    scratch.git(&["add", "."]);
    scratch.git(&["commit", "-q", "-m", "all"]);
    scratch.write(".git/literals", &[inputs::LITERALS.as_bytes()]);
    let scan = |cores: &'static str| {
        let keyward = bench.keyward.as_os_str();
        scratch.program([
            "taskset".as_ref(),
            "-c".as_ref(),
            cores.as_ref(),
            keyward,
            "scan".as_ref(),
            ".".as_ref(),
        ])
    };
    scratch.write(".git/keywords", &[keywords().as_bytes()]);
    let rg = |options: &str, literals: &str| {
        let line = format!("taskset -c 0 rg -j1 {options} -c -F -f .git/{literals} .");
        scratch.program(["sh", "-c", &line])
    };
    let read = "git ls-files -z | taskset -c 0 xargs -0 cat >/dev/null";
    let mut programs = vec![scan("0"), scan("0,1")];
    let mut floors = Vec::new();
    if run::is_there("rg") {
        floors.extend(["rg -c of 18 literals", "rg -c of all keywords"]);
        programs.extend([rg("", "literals"), rg("-i", "keywords")]);
    } else {
        table.note("W6: ripgrep is not installed, so there is no floor");
    }
    floors.push("reading all files");
    programs.push(scratch.program(["sh", "-c", read]));
    let medians = in_turns(&programs, bench.few());
    table.push(Row {
        name: "W6: working tree of 150 MB, one core".into(),
        ours: medians[0],
        floors: floors
            .iter()
            .copied()
            .zip(medians[2..].iter().copied())
            .collect(),
        most: (floors.len() > 1).then_some(1.7),
        peers: bench
            .peers
            .iter()
            .map(|peer| few_times(&peer.tree(&scratch)))
            .collect(),
    });
    table.note(&format!(
        "W6: on two cores {:.0} ms, {:.2} times as fast (at least 1.7)",
        medians[1].seconds * 1000.0,
        medians[0].seconds / medians[1].seconds
    ));
}

/// W7: what people feel: a small commit of ordinary lines, a first commit, a huge index of many directories. On input
/// that is made up, and on real source where `SOURCE` names some.
fn felt(bench: &Bench, table: &mut Table) {
    /// Lines of ordinary programs, documents and settings, each behind what it costs.
    const ORDINARY: &str = include_str!("../instructions.txt");
    let real = std::env::var_os("SOURCE").map(std::path::PathBuf::from);
    let small: [(&str, &[&str]); 1] = [("diff --raw", &RAW)];
    let first: [(&str, &[&str]); 1] = [("diff -U0", &PATCH)];

    let scratch = Scratch::new();
    scratch.commit_entries(40, true);
    let lines = ORDINARY.lines().filter_map(|row| row.split_once('\t'));
    let lines: String = lines.map(|(_, line)| format!("{line}\n")).collect();
    scratch.write("ordinary.txt", &[lines.as_bytes()]);
    scratch.git(&["add", "."]);
    bench.row(
        table,
        "W7: 40 ordinary lines",
        &scratch,
        bench.runs,
        &small,
        1.35,
    );

    let scratch = first_commit_staged();
    let name = "W7: first commit, 10,000 files, 150 MB";
    bench.row(table, name, &scratch, bench.few(), &first, 0.45);

    if let Some(real) = &real {
        let scratch = Scratch::new();
        scratch.copy(real, 150 * MB as u64);
        scratch.git(&["add", "-f", "."]);
        let name = "W7: first commit of real source";
        bench.row(table, name, &scratch, bench.few(), &first, 0.45);
        // Of the same, a commit that changes a little.
        scratch.git(&["commit", "-q", "--no-verify", "-m", "all"]);
        scratch.stage_three();
        let name = "W7: 3 files, 60 lines on it";
        bench.row(table, name, &scratch, bench.runs, &small, 1.35);
    }

    for cached in [true, false] {
        let scratch = Scratch::new();
        scratch.commit_spread(100_000, 10, cached);
        scratch.stage_three();
        let with = if cached { "with" } else { "without" };
        let name = format!("W7: 100,000 files in 10,000 directories, {with} cache-tree");
        bench.row(table, &name, &scratch, bench.runs, &small, 0.6);
    }
}

/// What keyward's rules look for, a line each.
fn keywords() -> String {
    let rules = keyward::parts::rules::RuleSet::builtin();
    let literals = rules.iter().flat_map(|rule| rule.literals.iter());
    let mut lines: Vec<String> = literals
        .map(|literal| format!("{}\n", literal.text))
        .collect();
    lines.sort();
    lines.dedup();
    lines.concat()
}
