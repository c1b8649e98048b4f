//! Writes the table, row by row, as the figures come in.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use crate::peers::Peer;
use crate::run::Median;

pub(crate) struct Table;

/// One workload.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) ours: Median,
    /// The first is the one that `most` speaks of.
    pub(crate) floors: Vec<(&'static str, Median)>,
    /// How many times the floor keyward may take.
    pub(crate) most: Option<f64>,
    pub(crate) peers: Vec<Median>,
}

impl Table {
    pub(crate) fn new(peers: &[Peer]) -> Self {
        let names: String = peers
            .iter()
            .map(|peer| format!(" {} |", peer.name))
            .collect();
        let lines: String = peers.iter().map(|_| "---|").collect();
        println!(
            "| workload | keyward | memory | floor | ratio | of processors | at most | others |{names}"
        );
        println!("|---|---|---|---|---|---|---|---|{lines}");
        Self
    }

    pub(crate) fn push(&mut self, row: Row) {
        let ratio = |floor: &Median| row.ours.seconds / floor.seconds;
        let (floor, rest) = match row.floors.split_first() {
            Some(((name, floor), rest)) => (
                format!(
                    "{name} {} | {:.2} | {:.2}",
                    time(floor),
                    ratio(floor),
                    row.ours.processor / floor.processor
                ),
                rest,
            ),
            None => ("none | | ".into(), &[][..]),
        };
        let rest: Vec<String> = rest
            .iter()
            .map(|(name, floor)| format!("{name} {} ({:.2})", time(floor), ratio(floor)))
            .collect();
        let most = row.most.map(|most| most.to_string()).unwrap_or_default();
        let peers: String = row
            .peers
            .iter()
            .map(|peer| {
                format!(
                    " {} ({:.0}x us) |",
                    time(peer),
                    peer.seconds / row.ours.seconds
                )
            })
            .collect();
        println!(
            "| {} | {} | {:.1} MB | {floor} | {most} | {} |{peers}",
            row.name,
            time(&row.ours),
            row.ours.memory as f64 / 1e6,
            rest.join(", "),
        );
    }

    /// A sentence among the figures.
    pub(crate) fn note(&mut self, note: &str) {
        println!("| {note} |");
    }
}

fn time(median: &Median) -> String {
    format!("{:.1} ms", median.seconds * 1000.0)
}
