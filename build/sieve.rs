//! Lays out the tables of the sieve, `src/prefilter/sieve.rs`, for the keywords of the catalog.

#[path = "../src/prefilter/gram.rs"]
#[allow(dead_code, unreachable_pub)]
mod gram;
#[path = "../src/prefilter/marks.rs"]
#[allow(dead_code, unreachable_pub)]
mod marks;

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use crate::emit::{numbers, table, texts};

/// How far into a keyword its gram may start. A bound: the number is kept in a signed byte.
const FARTHEST: usize = 100;

/// Writes `sieve.rs` to the build's output directory: the keywords and behind them the marks, each by
/// its place in the list, and the tables by which they are found.
pub(crate) fn generate(keywords: &[String]) -> Result<(), Box<dyn Error>> {
    for input in [
        "build/sieve.rs",
        "build/emit.rs",
        "src/prefilter/gram.rs",
        "src/prefilter/marks.rs",
    ] {
        println!("cargo::rerun-if-changed={input}");
    }
    let all: Vec<String> = keywords.iter().cloned().chain(marks::texts()).collect();
    let mut out = String::new();
    texts("KEYWORDS", &all, &mut out)?;
    let mut tables = Tables::new();
    for (number, keyword) in all.iter().enumerate() {
        tables.add(number, keyword.as_bytes())?;
    }
    tables.write(&mut out)?;
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("sieve.rs"), out)?;
    Ok(())
}

/// Which grams may start a comparison, with what beside them, and with which keywords.
struct Tables {
    /// By the slots of grams, the bits of their fourth bytes.
    fourths: Vec<u16>,
    /// The bits of what stands beside whole grams.
    neighbours: Vec<u32>,
    /// The parts of grams that are all that a keyword knows, a bit each.
    short: Vec<u64>,
    /// The entries of the keywords, as Rust, by the hashes of their grams.
    buckets: Vec<Vec<String>>,
}

impl Tables {
    fn new() -> Self {
        Self {
            fourths: vec![0; gram::SLOTS],
            neighbours: vec![0; 1 << gram::NEIGHBOUR_BITS],
            short: vec![0; 1 << (gram::SHORT_BITS - 6)],
            buckets: vec![Vec::new(); 1 << gram::BUCKET_BITS],
        }
    }

    /// Adds a keyword.
    ///
    /// The sieve looks at every second place of a text. So each keyword is there twice: by a gram that
    /// stands at an even distance from its start, and by one at an odd distance.
    fn add(&mut self, number: usize, keyword: &[u8]) -> Result<(), Box<dyn Error>> {
        if keyword.len() < gram::LEN - 1 {
            let keyword = String::from_utf8_lossy(keyword);
            return Err(format!("the keyword {keyword:?} is too short").into());
        }
        for parity in 0..2 {
            let gram = Gram::rarest(keyword, parity);
            self.mark(&gram);
            self.mark_beside(&gram, keyword)?;
            let last = keyword.len().saturating_sub(gram::LEN);
            let check_at = if usize::from(gram.at.unsigned_abs()) > last / 2 {
                0
            } else {
                last
            };
            self.buckets[gram::bucket(gram.bytes)].push(format!(
                "Entry {{ gram: {}, gram_at: {}, check: {}, check_at: {check_at}, len: {}, keyword: {number} }}",
                gram.bytes,
                gram.at,
                gram::at(keyword, check_at),
                u8::try_from(keyword.len())?,
            ));
        }
        Ok(())
    }

    /// Marks the slots at which a gram lets a place of a text pass.
    fn mark(&mut self, gram: &Gram) {
        let mut mark = |bytes: u32, bits: Option<u16>| {
            let (slot, fourth) = gram::slot(bytes as u16, (bytes >> 16) as u16);
            self.fourths[usize::from(slot)] |= bits.unwrap_or(fourth);
        };
        match gram.part {
            // Whatever byte stands before it.
            gram::LAST => {
                (0..=u8::MAX).for_each(|byte| mark(gram.bytes | u32::from(byte | b' '), None));
            }
            // Whatever byte stands behind it.
            gram::FIRST => mark(gram.bytes, Some(u16::MAX)),
            _ => mark(gram.bytes, None),
        }
    }

    /// Marks what lets a place pass that has the gram: the bytes beside it, or that it is short.
    fn mark_beside(&mut self, gram: &Gram, keyword: &[u8]) -> Result<(), Box<dyn Error>> {
        if gram.part == gram::WHOLE {
            let at = usize::try_from(gram.at)?;
            let byte = |at: Option<usize>| at.and_then(|at| keyword.get(at)).copied();
            self.neighbours[gram::neighbour_slot(gram.bytes)] |=
                gram::neighbours(byte(at.checked_sub(1)), byte(Some(at + gram::LEN)));
        } else {
            let (word, bit) = gram::short_slot(gram.bytes);
            self.short[word] |= 1 << bit;
        }
        Ok(())
    }

    /// Writes the tables as Rust statics.
    fn write(self, out: &mut String) -> Result<(), Box<dyn Error>> {
        fn numbered<N: std::fmt::Display>(
            name: &str,
            kind: &str,
            values: &[N],
            out: &mut String,
        ) -> Result<(), Box<dyn Error>> {
            Ok(table(
                name,
                kind,
                values.len(),
                &numbers(values.iter()),
                out,
            )?)
        }
        numbered("FOURTHS", "u16", &self.fourths, out)?;
        numbered("NEIGHBOURS", "u32", &self.neighbours, out)?;
        numbered("SHORT", "u64", &self.short, out)?;
        let mut starts = vec![0];
        let mut entries = Vec::new();
        for bucket in self.buckets {
            entries.extend(bucket);
            starts.push(u16::try_from(entries.len())?);
        }
        numbered("STARTS", "u16", &starts, out)?;
        table("ENTRIES", "Entry", entries.len(), &entries.join(", "), out)?;
        Ok(())
    }
}

/// A gram of a keyword.
struct Gram {
    /// Where it starts, counted from the start of the keyword.
    at: i8,
    /// How much of it the keyword knows; the rest is zeros.
    part: u32,
    bytes: u32,
}

impl Gram {
    /// The rarest of those that start at an even or odd distance, by how often its letters occur in
    /// source code, and by whether it is a part of a word that is everywhere: `ndex` of `yandex` is in
    /// every `index`.
    fn rarest(keyword: &[u8], parity: usize) -> Self {
        let last = (keyword.len() - (gram::LEN - 1)).min(FARTHEST);
        let inside = (parity..=last).step_by(2).map(|at| {
            let known = &keyword[at..keyword.len().min(at + gram::LEN)];
            let part = match known.len() {
                gram::LEN => gram::WHOLE,
                _ => gram::FIRST,
            };
            let gram = Self {
                at: i8::try_from(at).expect("it is not so far in"),
                part,
                bytes: gram::at(keyword, at) & part,
            };
            (cost(known), gram)
        });
        // A byte early, where the keyword itself begins with what is rarest. It takes a mark for
        // each byte that may stand there.
        let early = (parity == 1).then(|| {
            let gram = Self {
                at: -1,
                part: gram::LAST,
                bytes: (gram::at(keyword, 0) << 8) & gram::LAST,
            };
            (cost(&keyword[..gram::LEN - 1]) + EARLY, gram)
        });
        let rarest = inside.chain(early).min_by_key(|(cost, _)| *cost);
        rarest.expect("a keyword has three bytes").1
    }
}

/// How often a gram is met, on the scale of [`commonness`]: the dearer one, the more places of a text
/// pass for nothing. Weights of speed alone; with these, 24 to 38 places in a thousand bytes of source
/// code pass.
fn cost(gram: &[u8]) -> u32 {
    let letters: u32 = gram.iter().map(|&byte| commonness(byte)).sum();
    let common = gram.iter().all(u8::is_ascii_whitespace) || in_words(gram);
    letters + if common { COMMON } else { 0 } + if gram.len() < gram::LEN { SHORT } else { 0 }
}

/// A weight: what a gram of common words costs more than its letters say. It is that of four of the
/// commonest.
const COMMON: u32 = 24;

/// A weight: what three bytes cost more than four. They are met as often as if two more were common.
const SHORT: u32 = 12;

/// A weight: what a gram costs more that starts a byte before the keyword, and so takes a slot for each
/// byte that may stand there. Not measured.
const EARLY: u32 = 8;

/// Whether it is a part of common words, of which any sign may stand between two.
fn in_words(gram: &[u8]) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric();
    gram.iter().filter(|&&byte| is_letter(byte)).count() >= 2
        && COMMON_WORDS.windows(gram.len()).any(|part| {
            part.iter().zip(gram).all(|(&known, &byte)| match known {
                b' ' => !is_letter(byte),
                known => known.eq_ignore_ascii_case(&byte),
            })
        })
}

/// Words that source code and prose are full of.
const COMMON_WORDS: &[u8] = b"about accept access account action address after allocate always \
    amount api_ append apply argument array assert async attribute await back base because been \
    before begin between block boolean break buffer build button byte cache call case catch change \
    char check child class clear client clone close code collect color column command comment \
    commit common compare complete component condition config connect const content context \
    continue control convert copy count create current data date debug default define delete \
    describe destroy device diff direct display document double during each edit element else \
    empty enable encode encrypt entry enum error event every example except exist expect export \
    express extend extern factory false fetch field file filter final find first fixed float \
    follow format forward found frame from function generate get global group handle hash have \
    head height help here hidden hook host html http icon ident image implement import include \
    index info inherit init inline inner input insert instance interface internal into invalid \
    item iterator join just key_ keyword label language last layer layout left length less level \
    library license like limit line link list load local lock logger long loop main make manager \
    match member memory message meta method model module more most mount move must mutable name \
    namespace native need nest network never next node none normal notification null number object \
    offset only open operator option order other output override owner package packet page panic \
    param parent parse part password path pattern pending permission pixel place plugin pointer \
    policy pool port position possible post prefix prev print private process product profile \
    project promise property protected protocol provider public push query queue quote random \
    range read ready reason receive record reduce reference region register relation release \
    remove render repeat replace report request require reset resolve resource response rest \
    result return right root route rule runtime same sample scale scan schema scope screen script \
    search second secret section select self send sequence server service session setting shape \
    shared should show signal simple since single size slice socket some sort source space spec \
    split standard start state static status step storage store stream string struct style submit \
    success such suffix super support switch symbol system table target task template term test \
    text than that their them then there these they thing this thread through throw time timeout \
    title token tool total trace transaction transform translation tree trigger true type undefined \
    under union unique unit until update upload usage used user util valid value variable vector \
    version view virtual void wait want warning what when where which while width will window with \
    word work worker would wrap write your zero";

/// How common a character is in source code, on a scale like a logarithm. Weights of speed alone, by
/// ranks; not measured one by one.
const fn commonness(byte: u8) -> u32 {
    match byte.to_ascii_lowercase() {
        b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' | b' ' => 6,
        b'h' | b'l' | b'd' | b'c' | b'u' | b'm' | b'p' => 4,
        b'f' | b'g' | b'y' | b'w' | b'b' | b'v' | b'_' | b'.' | b'=' => 3,
        b'\n' | b'\t' => 5,
        b'-' | b'k' | b'/' | b':' | b'"' => 2,
        _ => 1,
    }
}
