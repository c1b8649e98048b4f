//! Writes the program of a pattern down.
//!
//! Of `[a-z]{1,256}`, which makes 256 states, a program is written that has no upper bound, with a group around it that
//! says whether the bound holds. What fits without bounds and keeps them all is what the pattern fits, since both ways
//! try in one order; only where a bound is broken, the pattern itself is asked.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use regex_automata::nfa::thompson::{NFA, State, Transition, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_syntax::hir::{Capture, Hir, HirKind, Repetition};

use super::{HEAD, Program, SET, STATE, op};

/// A bound: the most bytes that a pattern takes up, compiled. So many are the regex crate's, too.
const LARGEST: usize = 10 * (1 << 20);

/// A weight: a repetition is compiled without its upper bound where that saves so many states. A group costs
/// about as many.
const SPARED: u32 = 8;

/// A bound: where a pattern may go on in more states behind a literal, it is not asked there.
const MOST_ENTRIES: usize = 24;

/// A weight: a set of so many bytes at most spells something: a letter in both cases, or `_` and `-`.
const NARROW: usize = 4;

/// A pattern, compiled by the regex crate.
pub(in super::super) struct Written {
    nfa: NFA,
    /// The group that is the secret.
    secret: usize,
    /// The groups that have an upper bound, and how many bytes it is.
    bounds: Vec<(usize, usize)>,
    /// The literals in lower case, of which each fit holds one.
    literals: Vec<String>,
}

impl Written {
    /// A pattern with all its bounds.
    ///
    /// # Errors
    /// Where it takes too much.
    pub(in super::super) fn strict(hir: &Hir) -> Result<Self, String> {
        Ok(Self {
            nfa: compiled(hir)?,
            secret: secret_group(hir).unwrap_or(0),
            bounds: Vec::new(),
            literals: Vec::new(),
        })
    }

    /// The same, with where it goes on behind literals of which each fit holds one, in any case of their letters.
    #[allow(
        dead_code,
        reason = "the build alone writes down what literals lead to"
    )]
    pub(in super::super) fn holding(self, literals: impl Iterator<Item = String>) -> Self {
        Self {
            literals: literals.collect(),
            ..self
        }
    }

    /// A pattern without upper bounds.
    ///
    /// # Errors
    /// Where it takes too much.
    pub(in super::super) fn relaxed(hir: &Hir) -> Result<Self, String> {
        let mut relaxing = Relaxing {
            groups: hir.properties().explicit_captures_len(),
            bounds: Vec::new(),
        };
        let relaxed = relaxing.relaxed(hir);
        Ok(Self {
            bounds: relaxing.bounds,
            ..Self::strict(&relaxed)?
        })
    }

    /// What the regex crate made of it.
    pub(in super::super) fn into_nfa(self) -> NFA {
        self.nfa
    }

    /// The program.
    ///
    /// # Errors
    /// Where it is too long for its numbers.
    pub(in super::super) fn program(&self) -> Result<Program, String> {
        self.numbers().map(|numbers| Program(Cow::Owned(numbers)))
    }

    /// The numbers of the program.
    ///
    /// # Errors
    /// As for [`program`](Self::program).
    pub(in super::super) fn numbers(&self) -> Result<Vec<u16>, String> {
        let mut writer = Writer::of(self);
        let literals: Vec<&[u8]> = self.literals.iter().map(String::as_bytes).collect();
        // What fits without one of them may stand beside one by chance: that none goes on tells nothing.
        let spelled = writer.spells_one(&literals);
        let entries = literals.iter().map(|it| match spelled {
            true => writer.entries(it),
            false => Vec::new(),
        });
        let entries: Vec<Vec<StateID>> = entries.collect();
        for &entry in entries.iter().flatten() {
            writer.is_entry[entry.as_usize()] = true;
        }
        writer.number(writer.start());
        let entries: Vec<usize> = entries
            .iter()
            .flat_map(|entries| {
                let states: Vec<usize> = entries.iter().map(|&id| writer.number(id)).collect();
                [writer.list(&states), states.len()]
            })
            .collect();
        writer.write();
        let groups = self.bounds.iter().map(|&(group, _)| group);
        let last = groups.chain([self.secret]).max().unwrap_or(0);
        let head: [usize; HEAD] = [
            self.secret,
            2 * (last + 1),
            writer.marks,
            writer.states.len(),
            self.bounds.len(),
            self.literals.len(),
        ];
        let first = bits(&writer.first());
        let bounds = self.bounds.iter().flat_map(|&(group, most)| [group, most]);
        let states = writer.states.iter().flatten().copied();
        let numbers = head.into_iter().chain(bounds).chain(first);
        let numbers = numbers.chain(entries).chain(states);
        let numbers = numbers.chain(writer.more.iter().copied());
        let numbers = numbers.map(u16::try_from).collect::<Result<_, _>>();
        numbers.map_err(|_| "the pattern makes more than 65,535 states".to_owned())
    }
}

fn compiled(hir: &Hir) -> Result<NFA, String> {
    NFA::compiler()
        .configure(
            NFA::config()
                .utf8(false)
                .nfa_size_limit(Some(LARGEST))
                .which_captures(WhichCaptures::All),
        )
        .build_from_hir(hir)
        .map_err(|_| format!("the pattern takes more than {LARGEST} bytes, compiled"))
}

/// What a state takes of the text.
enum Taken {
    /// A byte of a set, and where it goes from there.
    Set(Box<[bool; 256]>, StateID),
    /// A byte that says where to go.
    Ranges(Vec<Transition>),
}

/// Writes the states that can be reached, each once.
struct Writer<'a> {
    nfa: &'a NFA,
    /// The slots that somebody asks for.
    wanted: Vec<usize>,
    /// What the states take of the text; `None` if nothing.
    taken: Vec<Option<Taken>>,
    /// How many ways lead to a state.
    ways: Vec<u32>,
    /// Whether a way goes on there behind a literal.
    is_entry: Vec<bool>,
    /// The numbers of the states so far.
    numbers: BTreeMap<StateID, usize>,
    /// States that have a number and are not yet written.
    open: Vec<(StateID, usize)>,
    states: Vec<[usize; STATE]>,
    more: Vec<usize>,
    marks: usize,
}

impl<'a> Writer<'a> {
    fn of(written: &'a Written) -> Self {
        let groups = written.bounds.iter().map(|&(group, _)| group);
        let groups = groups.chain([written.secret]).filter(|&group| group > 0);
        let mut writer = Self {
            nfa: &written.nfa,
            wanted: groups
                .flat_map(|group| [2 * group, 2 * group + 1])
                .collect(),
            taken: Vec::new(),
            ways: vec![0; written.nfa.states().len()],
            is_entry: vec![false; written.nfa.states().len()],
            numbers: BTreeMap::new(),
            open: Vec::new(),
            states: Vec::new(),
            more: Vec::new(),
            marks: 0,
        };
        let ids = (0..written.nfa.states().len()).map(StateID::new);
        let ids = ids.map(|id| id.expect("the regex crate has made it"));
        writer.taken = ids.map(|id| writer.taken_by(id)).collect();
        writer.count_ways();
        writer
    }

    /// Passes over what only notes a place that nobody asks for.
    fn resolved(&self, mut id: StateID) -> StateID {
        while let State::Capture { next, slot, .. } = self.nfa.state(id)
            && !self.wanted.contains(&slot.as_usize())
        {
            id = *next;
        }
        id
    }

    /// Where a fit starts.
    fn start(&self) -> StateID {
        self.resolved(self.nfa.start_anchored())
    }

    fn count_ways(&mut self) {
        let mut open = vec![self.start()];
        while let Some(id) = open.pop() {
            self.ways[id.as_usize()] += 1;
            if self.ways[id.as_usize()] == 1 {
                open.extend(self.nexts(id));
            }
        }
    }

    /// Where a state leads, each way by itself.
    fn nexts(&self, id: StateID) -> Vec<StateID> {
        let nexts = match self.nfa.state(id) {
            State::Look { next, .. } | State::Capture { next, .. } => vec![*next],
            State::Union { alternates } => alternates.to_vec(),
            State::BinaryUnion { alt1, alt2 } => vec![*alt1, *alt2],
            State::Fail | State::Match { .. } => Vec::new(),
            State::ByteRange { .. } | State::Sparse(_) | State::Dense(_) => {
                return match self.taken(id) {
                    Some(Taken::Set(_, next)) => vec![*next],
                    Some(Taken::Ranges(ranges)) => ranges.iter().map(|range| range.next).collect(),
                    None => Vec::new(),
                };
            }
        };
        nexts.into_iter().map(|next| self.resolved(next)).collect()
    }

    /// The states that take a byte next, from some states on.
    fn taking(&self, from: impl Iterator<Item = StateID>) -> BTreeSet<StateID> {
        let (mut seen, mut taking) = (BTreeSet::new(), BTreeSet::new());
        let mut open: Vec<StateID> = from.collect();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                match self.taken(id) {
                    Some(_) => _ = taking.insert(id),
                    None => open.extend(self.nexts(id)),
                }
            }
        }
        taking
    }

    /// The bytes that a state takes, by where it goes from there.
    fn ways_on(&self, id: StateID) -> Vec<(Vec<u8>, StateID)> {
        match self.taken(id) {
            None => Vec::new(),
            Some(Taken::Set(set, next)) => {
                let bytes = (0..=u8::MAX).filter(|&byte| set[usize::from(byte)]);
                vec![(bytes.collect(), *next)]
            }
            Some(Taken::Ranges(ranges)) => {
                let ways = ranges.iter();
                ways.map(|range| ((range.start..=range.end).collect(), range.next))
                    .collect()
            }
        }
    }

    /// The states that may come behind a literal; none if they are too many, or if the pattern may end there, so that
    /// nothing can be told. Only what the pattern spells counts, and not what some set of bytes may hold by chance.
    fn entries(&self, literal: &[u8]) -> Vec<StateID> {
        let ids = (0..self.ways.len()).filter_map(|at| StateID::new(at).ok());
        let mut now: BTreeSet<StateID> = ids.filter(|id| self.ways[id.as_usize()] > 0).collect();
        for byte in literal {
            let taking = self.taking(now.into_iter());
            let ways = taking.iter().flat_map(|&id| self.ways_on(id));
            let ways = ways.filter(|(bytes, _)| bytes.len() <= NARROW);
            let is_it = |other: &u8| other.eq_ignore_ascii_case(byte);
            now = ways
                .filter(|(bytes, _)| bytes.iter().any(is_it))
                .map(|(_, next)| next)
                .collect();
        }
        match now.len() <= MOST_ENTRIES && !self.may_end(&now) {
            true => now.into_iter().collect(),
            false => Vec::new(),
        }
    }

    /// Whether the pattern may end in one of these states.
    fn may_end(&self, states: &BTreeSet<StateID>) -> bool {
        let mut seen = BTreeSet::new();
        let mut open: Vec<StateID> = states.iter().copied().collect();
        while let Some(id) = open.pop() {
            if matches!(self.nfa.state(id), State::Match { .. }) {
                return true;
            }
            if seen.insert(id) && self.taken(id).is_none() {
                open.extend(self.nexts(id));
            }
        }
        false
    }

    /// Whether the pattern spells one of these literals in whatever it fits.
    fn spells_one(&self, literals: &[&[u8]]) -> bool {
        /// A bound: a pattern that goes more ways is not followed to its end.
        const MOST: usize = 20_000;
        let mut seen = BTreeSet::new();
        // How much of which literal was spelled on the way.
        let mut open = vec![(self.start(), BTreeSet::new())];
        while let Some((id, spelled)) = open.pop() {
            if matches!(self.nfa.state(id), State::Match { .. }) || seen.len() > MOST {
                return false;
            }
            if !seen.insert((id, spelled.clone())) {
                continue;
            }
            if self.taken(id).is_none() {
                let nexts = self.nexts(id).into_iter();
                open.extend(nexts.map(|next| (next, spelled.clone())));
            }
            for (bytes, next) in self.ways_on(id) {
                if bytes.len() > NARROW {
                    open.push((next, BTreeSet::new()));
                    continue;
                }
                for byte in bytes {
                    let starts = (0..literals.len()).map(|literal| (literal, 0));
                    let longer = spelled.iter().copied().chain(starts);
                    let longer = longer.filter(|&(literal, len): &(usize, usize)| {
                        literals[literal][len].eq_ignore_ascii_case(&byte)
                    });
                    let longer: BTreeSet<_> = longer.map(|(it, len)| (it, len + 1)).collect();
                    let is_whole =
                        |&(literal, len): &(usize, usize)| literals[literal].len() == len;
                    if !longer.iter().any(is_whole) {
                        open.push((next, longer));
                    }
                }
            }
        }
        true
    }

    /// The bytes with which a fit may start.
    fn first(&self) -> [bool; 256] {
        let mut first = [false; 256];
        for id in self.taking(std::iter::once(self.start())) {
            for byte in self.ways_on(id).into_iter().flat_map(|(bytes, _)| bytes) {
                first[usize::from(byte)] = true;
            }
        }
        first
    }

    fn taken(&self, id: StateID) -> Option<&Taken> {
        self.taken[id.as_usize()].as_ref()
    }

    /// What a state takes of the text; `None` if nothing.
    fn taken_by(&self, id: StateID) -> Option<Taken> {
        let mut ranges = match self.nfa.state(id) {
            State::ByteRange { trans } => vec![*trans],
            State::Sparse(sparse) => sparse.transitions.to_vec(),
            State::Dense(dense) => {
                let nexts = (0..=u8::MAX).zip(dense.transitions.iter());
                nexts
                    .filter(|(_, next)| **next != StateID::ZERO)
                    .map(|(byte, &next)| Transition {
                        start: byte,
                        end: byte,
                        next,
                    })
                    .collect()
            }
            _ => return None,
        };
        for range in &mut ranges {
            range.next = self.resolved(range.next);
        }
        let first = ranges.first()?.next;
        if ranges.iter().any(|range| range.next != first) {
            return Some(Taken::Ranges(ranges));
        }
        let mut set = Box::new([false; 256]);
        for range in &ranges {
            set[usize::from(range.start)..=usize::from(range.end)].fill(true);
        }
        Some(Taken::Set(set, first))
    }

    /// The number of a state. Where several ways lead to it, it is that of a mark before it.
    fn number(&mut self, id: StateID) -> usize {
        if let Some(&number) = self.numbers.get(&id) {
            return number;
        }
        let number = self.states.len();
        self.states.push([usize::from(op::FAIL), 0, 0, 0]);
        self.numbers.insert(id, number);
        if self.ways[id.as_usize()] > 1 {
            self.states[number] = [usize::from(op::MARK), self.marks, number + 1, 0];
            self.marks += 1;
            self.states.push([usize::from(op::FAIL), 0, 0, 0]);
        }
        self.open.push((id, self.states.len() - 1));
        number
    }

    /// Writes all states that have a number, and those that they lead to.
    fn write(&mut self) {
        while let Some((id, at)) = self.open.pop() {
            self.states[at] = self.state(id);
        }
    }

    fn state(&mut self, id: StateID) -> [usize; STATE] {
        let nfa = self.nfa;
        match nfa.state(id) {
            State::Look { look, next } => {
                let look = look.as_repr().trailing_zeros() as usize;
                let next = self.resolved(*next);
                [usize::from(op::LOOK), look, self.number(next), 0]
            }
            State::Capture { next, slot, .. } => {
                let next = self.resolved(*next);
                let slot = slot.as_usize();
                [usize::from(op::CAPTURE), slot, self.number(next), 0]
            }
            State::Union { .. } => {
                let nexts = self.nexts(id);
                let listed: Vec<usize> = nexts.iter().map(|&next| self.number(next)).collect();
                [usize::from(op::UNION), self.list(&listed), listed.len(), 0]
            }
            State::BinaryUnion { .. } => {
                let nexts = self.nexts(id);
                let [first, second] = [nexts[0], nexts[1]].map(|next| self.number(next));
                [usize::from(op::SPLIT), first, second, 0]
            }
            State::Match { .. } => [usize::from(op::MATCH), 0, 0, 0],
            State::Fail => [usize::from(op::FAIL), 0, 0, 0],
            State::ByteRange { .. } | State::Sparse(_) | State::Dense(_) => match self.taken(id) {
                None => [usize::from(op::FAIL), 0, 0, 0],
                Some(Taken::Set(set, next)) => self.run(&set.clone(), *next),
                Some(Taken::Ranges(ranges)) => {
                    let ranges = ranges.clone();
                    let listed: Vec<usize> = ranges
                        .iter()
                        .flat_map(|range| {
                            let ends = u16::from_le_bytes([range.start, range.end]);
                            [usize::from(ends), self.number(range.next)]
                        })
                        .collect();
                    [usize::from(op::SPARSE), self.list(&listed), ranges.len(), 0]
                }
            },
        }
    }

    /// Bytes one behind the other, as far as no other way leads between them: of one set, or each a certain one.
    fn run(&mut self, set: &[bool; 256], mut next: StateID) -> [usize; STATE] {
        let letter = only(set);
        let mut text: Vec<usize> = letter.into_iter().collect();
        let mut count = 1;
        while self.ways[next.as_usize()] == 1
            && !self.is_entry[next.as_usize()]
            && let Some(Taken::Set(other, behind)) = self.taken(next)
        {
            match (letter, only(other)) {
                (Some(_), Some(other)) => text.push(other),
                (None, None) if **other == *set => {}
                _ => break,
            }
            count += 1;
            next = *behind;
        }
        let (what, listed) = match letter {
            Some(_) => (op::TEXT, text),
            None => (op::RUN, bits(set)),
        };
        [
            usize::from(what),
            self.list(&listed),
            self.number(next),
            count,
        ]
    }

    /// Where such numbers stand behind the states. What stands there already is not written again.
    fn list(&mut self, listed: &[usize]) -> usize {
        let known = self.more.windows(listed.len().max(1));
        if let Some(at) = { known }.position(|known| known == listed) {
            return at;
        }
        self.more.extend(listed);
        self.more.len() - listed.len()
    }
}

/// The one byte of a set; `None` if it has several.
fn only(set: &[bool; 256]) -> Option<usize> {
    let mut bytes = (0..set.len()).filter(|&byte| set[byte]);
    bytes.next().filter(|_| bytes.next().is_none())
}

/// A set as numbers, a bit a byte.
fn bits(set: &[bool; 256]) -> Vec<usize> {
    let words = set.chunks(256 / SET);
    let word = |bytes: &[bool]| {
        let bits = bytes.iter().rev();
        bits.fold(0, |word, &is_in| word << 1 | usize::from(is_in))
    };
    words.map(word).collect()
}

/// Takes upper bounds out of a pattern.
struct Relaxing {
    /// How many groups there are.
    groups: usize,
    bounds: Vec<(usize, usize)>,
}

impl Relaxing {
    fn relaxed(&mut self, hir: &Hir) -> Hir {
        match hir.kind() {
            HirKind::Concat(parts) => Hir::concat(self.each(parts)),
            HirKind::Alternation(options) => Hir::alternation(self.each(options)),
            HirKind::Capture(capture) => Hir::capture(Capture {
                sub: Box::new(self.relaxed(&capture.sub)),
                ..capture.clone()
            }),
            HirKind::Repetition(repetition) => self.repetition(repetition, hir),
            HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {
                hir.clone()
            }
        }
    }

    fn each(&mut self, parts: &[Hir]) -> Vec<Hir> {
        parts.iter().map(|part| self.relaxed(part)).collect()
    }

    /// What comes several times stays as it is within: its groups tell of the last time alone.
    fn repetition(&mut self, repetition: &Repetition, hir: &Hir) -> Hir {
        let Some(most) = repetition.max else {
            return hir.clone();
        };
        if most == 1 {
            return Hir::repetition(Repetition {
                sub: Box::new(self.relaxed(&repetition.sub)),
                ..repetition.clone()
            });
        }
        // What may be empty comes oftener than it has bytes.
        let is_empty = repetition.sub.properties().minimum_len() == Some(0);
        if is_empty || most - repetition.min < SPARED {
            return hir.clone();
        }
        self.groups += 1;
        self.bounds.push((self.groups, most as usize));
        Hir::capture(Capture {
            index: u32::try_from(self.groups).unwrap_or(u32::MAX),
            name: None,
            sub: Box::new(Hir::repetition(Repetition {
                max: None,
                ..repetition.clone()
            })),
        })
    }
}

/// The number of the group that marks the secret.
fn secret_group(hir: &Hir) -> Option<usize> {
    match hir.kind() {
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) | HirKind::Literal(_) => None,
        HirKind::Capture(capture) if capture.name.as_deref() == Some("secret") => {
            Some(capture.index as usize)
        }
        HirKind::Capture(capture) => secret_group(&capture.sub),
        HirKind::Repetition(repetition) => secret_group(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(secret_group),
    }
}
