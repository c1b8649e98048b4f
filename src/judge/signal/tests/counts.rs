//! Counts over code that nobody labelled how often what stands under a word is drawn at random: what the weights of
//! names go by.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use super::super::*;
use crate::assignment::Speaks;
use crate::detect::Detector;
use crate::filetype::FileType;
use crate::rules::RuleSet;
use crate::text::Text;
use crate::words::name::pieces;

/// The counts, as the measurement below wrote them.
static COUNTS: &str = include_str!("../counts.tsv");

/// A bound: what is longer is data, and is left out.
const LARGEST: u64 = 1 << 20;

/// A bound: of a word that stands in fewer pairs nothing is said.
const PAIRS: u32 = 200;

/// How many pairs of a name and a value were met, and in how many of them the value is a draw.
#[derive(Clone, Copy, Default)]
struct Count {
    pairs: u32,
    drawn: u32,
}

impl Count {
    fn add(&mut self, drawn: bool) {
        self.pairs += 1;
        self.drawn += u32::from(drawn);
    }

    /// The odds of a draw before the value is looked at, in bits. One of each is added, so that what was never met
    /// is no proof.
    fn bits(self) -> f64 {
        let drawn = f64::from(self.drawn) + 1.0;
        (drawn / (f64::from(self.pairs - self.drawn) + 1.0)).log2()
    }
}

/// The counts of names by how surely they speak, of those that a word turns, and of each word.
#[derive(Default)]
struct Counts {
    rows: BTreeMap<String, Count>,
    /// A pair that a project repeats is no better evidence than one that it has once.
    met: HashSet<u64>,
}

impl Counts {
    fn add_file(&mut self, detector: &Detector<'_>, path: &Path, bytes: &[u8]) {
        let file_type = FileType::of_path(path.to_string_lossy().as_bytes());
        let text = Text::decode(bytes).at(file_type);
        for (candidate, _) in detector.explain(&text) {
            let Some(assignment) = &candidate.assignment else {
                continue;
            };
            let name = &candidate.text()[assignment.name.clone()];
            let reading = name::read(name, assignment.speaks);
            let value = essence(candidate.body(), assignment.notation);
            if assignment.speaks == Speaks::Name && reading.strength.is_some() {
                self.add(
                    name,
                    reading,
                    &Case::new(&candidate, assignment, name, reading, value),
                );
            }
        }
    }

    fn add(&mut self, name: &[u8], reading: Reading, case: &Case<'_>) {
        let mut hasher = DefaultHasher::new();
        (name.to_ascii_lowercase(), case.value).hash(&mut hasher);
        if !self.met.insert(hasher.finish()) {
            return;
        }
        let drawn = case.is_drawn();
        let class = match reading.turned_by {
            Some(_) => "turned".to_owned(),
            None => format!("{:?}", case.strength()).to_lowercase(),
        };
        let words: HashSet<Vec<u8>> = pieces(name).map(<[u8]>::to_ascii_lowercase).collect();
        let known = words.iter().filter_map(|word| crate::words::find(word));
        for row in known.map(|word| format!("{class}\t{}", word.text())) {
            self.rows.entry(row).or_default().add(drawn);
        }
        self.rows
            .entry(format!("{class}\t*"))
            .or_default()
            .add(drawn);
    }

    fn add_tree(&mut self, detector: &Detector<'_>, directory: &Path) {
        let Ok(entries) = std::fs::read_dir(directory) else {
            return;
        };
        let mut paths: Vec<_> = entries.filter_map(|it| Some(it.ok()?.path())).collect();
        paths.sort();
        for path in paths {
            let Ok(it) = path.symlink_metadata() else {
                continue;
            };
            if it.is_dir() {
                self.add_tree(detector, &path);
            } else if it.is_file() && it.len() <= LARGEST {
                let bytes = std::fs::read(&path).unwrap_or_default();
                if !bytes.contains(&0) {
                    self.add_file(detector, &path, &bytes);
                }
            }
        }
    }
}

/// The weight of a name is a price: how often what stands under such names is no draw, and more than that, since a
/// false alarm costs more than a doubt.
#[test]
fn no_name_weighs_more_than_its_counts() {
    let row = |class: &str, word: &str| {
        let mut rows = COUNTS.lines().skip(1).map(|row| row.split('\t'));
        let cells: Vec<&str> = rows
            .find(|row| row.clone().take(2).eq([class, word]))
            .expect("it is counted")
            .collect();
        let [pairs, drawn] = [2, 3].map(|at: usize| cells[at].parse().unwrap());
        Count { pairs, drawn }
    };
    let weights = [
        ("strong", Strength::Strong),
        ("fair", Strength::Fair),
        ("unknown", Strength::Unknown),
        ("weak", Strength::Weak),
    ];
    for (class, strength) in weights {
        let counted = row(class, "*").bits();
        let weight = f64::from(name::weight(strength));
        assert!(weight < counted, "{class}: {weight}, counted {counted:.1}");
    }
    // A key that a word opens is one more often than a key of anything.
    let [strong, unknown, weak] = ["strong", "unknown", "weak"].map(|it| row(it, "key").bits());
    assert!(
        strong > unknown && strong > weak,
        "{strong} {unknown} {weak}"
    );
}

/// Counts over the directories that `KEYWARD_COUNT` names, with colons between, and writes `counts.tsv`.
#[test]
#[ignore = "a measurement: KEYWARD_COUNT=DIR:DIR cargo test --lib counts -- --ignored writes counts.tsv"]
fn what_stands_under_names_is_counted() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let mut counts = Counts::default();
    for directory in std::env::split_paths(&std::env::var_os("KEYWARD_COUNT").unwrap()) {
        counts.add_tree(&detector, &directory);
    }
    let mut table = "class\tword\tpairs\tdrawn\n".to_owned();
    for (row, count) in &counts.rows {
        if row.ends_with("\t*") || count.pairs >= PAIRS {
            writeln!(table, "{row}\t{}\t{}", count.pairs, count.drawn).unwrap();
        }
    }
    std::fs::write(
        concat!(env!("CARGO_MANIFEST_DIR"), "/src/judge/signal/counts.tsv"),
        table,
    )
    .unwrap();
}
