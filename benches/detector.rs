//! How many bytes a second the detector reads, over inputs that people commit and inputs that
//! could slow it down.
//!
//! Each input is made up as the benchmark starts, the same in every run. The hostile ones may be
//! slower than source code; but bytes a second must not fall as an input [grows](growth), or there
//! is a way to stall a commit.
//!
//! [`prefilter`] times the two ways to find keywords against each other.

use divan::Bencher;
use divan::counter::BytesCount;
use keyward::parts::detect::Detector;
use keyward::parts::lab::Random;
use keyward::parts::rules::RuleSet;
use keyward::parts::text::Text;

/// How long an input is, in bytes.
const SIZE: usize = 1 << 20;

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX: &[u8] = b"0123456789abcdef";

fn main() {
    divan::main();
}

#[divan::bench(args = [
    "source",
    "minified script",
    "base64",
    "one prefix",
    "every prefix",
    "one long line",
    "log",
    "assignments",
])]
fn detect(bencher: Bencher<'_, '_>, input: &str) {
    time(bencher, input, SIZE);
}

#[divan::bench(args = [SIZE / 4, SIZE, SIZE * 4])]
fn growth(bencher: Bencher<'_, '_>, size: usize) {
    time(bencher, "every prefix", size);
}

fn time(bencher: Bencher<'_, '_>, input: &str, size: usize) {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let blob = make(input, size, &rules);
    bencher.counter(BytesCount::of_slice(&blob)).bench(|| {
        detector
            .detect(&Text::decode(divan::black_box(&blob)))
            .len()
    });
}

/// Both ways to find keywords, over the same texts: `cargo bench --bench detector -- prefilter`.
mod prefilter {
    use std::fs;
    use std::path::Path;

    use divan::Bencher;
    use divan::counter::BytesCount;
    use keyward::parts::prefilter::{Method, Prefilter};
    use keyward::parts::rules::RuleSet;

    const METHODS: [&str; 2] = [Method::Sieve.name(), Method::AhoCorasick.name()];

    /// What the hook of a commit of sixty lines pays for it, with all that must be built first.
    #[divan::bench(args = METHODS)]
    fn small_commit(bencher: Bencher<'_, '_>, method: &str) {
        let text = source(60 * 40);
        bencher
            .counter(BytesCount::of_slice(&text))
            .bench(|| hits(&prefilter(method), divan::black_box(&text)));
    }

    /// A megabyte of source code: keyward's own.
    #[divan::bench(args = METHODS)]
    fn source_text(bencher: Bencher<'_, '_>, method: &str) {
        over(bencher, method, &source(1 << 20));
    }

    /// Sixteen megabytes of lines of a log.
    #[divan::bench(args = METHODS)]
    fn large_text(bencher: Bencher<'_, '_>, method: &str) {
        over(
            bencher,
            method,
            &super::make("log", 16 << 20, &RuleSet::builtin()),
        );
    }

    fn over(bencher: Bencher<'_, '_>, method: &str, text: &[u8]) {
        let prefilter = prefilter(method);
        // What is built at the first text is built once.
        let _ = hits(&prefilter, b"");
        bencher
            .counter(BytesCount::of_slice(text))
            .bench(|| hits(&prefilter, divan::black_box(text)));
    }

    fn prefilter(method: &str) -> Prefilter {
        Prefilter::new(Method::named(method).expect("a method's name"), Vec::new())
    }

    fn hits(prefilter: &Prefilter, text: &[u8]) -> usize {
        let mut count = 0;
        prefilter.each_hit(text, 0..text.len(), |_| count += 1);
        count
    }

    /// So many bytes of keyward's own source, over and over.
    fn source(len: usize) -> Vec<u8> {
        fn read(directory: &Path, out: &mut Vec<u8>) {
            let entries = fs::read_dir(directory).expect("keyward's source");
            let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
            paths.sort();
            for path in paths {
                if path.is_dir() {
                    read(&path, out);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    out.extend(fs::read(path).expect("keyward's source"));
                }
            }
        }
        let mut all = Vec::new();
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        all.into_iter().cycle().take(len).collect()
    }
}

/// What a hook pays before it reads a byte.
#[divan::bench]
fn rules() -> usize {
    RuleSet::builtin().len()
}

fn make(input: &str, size: usize, rules: &RuleSet) -> Vec<u8> {
    let mut random = Random::new(7);
    let prefixes: Vec<&str> = rules
        .iter()
        .flat_map(|rule| rule.literals.iter())
        .map(|literal| literal.text.as_ref())
        .collect();
    let mut blob = Vec::with_capacity(size + 1024);
    while blob.len() < size {
        let number = random.below(1000);
        match input {
            "source" => blob.extend(
                format!(
                    "    let request_{number} = client.get(&base_url).header(\"accept\", kind)?;\n\
                     \x20   // The {number}th answer may be empty: see the note on retries.\n\
                     \x20   if request_{number}.status() != {number} {{ return Err(error); }}\n\n",
                )
                .bytes(),
            ),
            "minified script" => blob.extend(
                format!("function t{number}(e,n){{return e&&n?a.b(e,\"c{number}\"):null}}var r={number};").bytes(),
            ),
            "base64" => {
                random.fill(&mut blob, BASE64, 76);
                blob.push(b'\n');
            }
            "one prefix" => blob.extend(b"AKIA"),
            "every prefix" => blob.extend(prefixes[random.below(prefixes.len())].bytes()),
            "one long line" => random.fill(&mut blob, b"abcdefghijklmnop qrstuvwxyz_-=.,", 1024),
            "log" => {
                blob.extend(format!("2031-04-05T06:07:{:02}Z INFO id=", number % 60).bytes());
                random.fill(&mut blob, HEX, 32);
                blob.extend(format!(" GET /v1/items/{number} took {number} ms\n").bytes());
            }
            "assignments" => {
                blob.extend(format!("api_key_{number} = \"").bytes());
                random.fill(&mut blob, HEX, 40);
                blob.extend(b"\"  # password, secret, token\n");
            }
            other => unreachable!("no input is called {other}"),
        }
    }
    blob.truncate(size);
    blob
}
