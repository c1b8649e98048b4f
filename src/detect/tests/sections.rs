//! Sections of a long text, against the text as a whole.

use super::brute_force::text;
use crate::detect::section::{MARGIN, Section};
use crate::detect::{Detection, Detector, evidence};
use crate::encoding::encode_base64_padded;
use crate::filetype::FileType;
use crate::lab::{Random, sample};
use crate::rules::{Reach, RuleSet};
use crate::text::Text;

type Told = (String, usize, usize, String, Option<usize>);

fn told(detection: &Detection<'_>) -> Told {
    let span = &detection.candidate.span;
    let judgement = format!("{:?} {}", detection.judgement.confidence, detection.why());
    let other = detection.companion.as_ref().map(|other| other.start);
    let id = detection.candidate.rule.id.to_string();
    (id, span.start, span.end, judgement, other)
}

/// What is found by sections of a length.
fn found(detector: &Detector<'_>, text: &Text<'_>, length: usize) -> Vec<Told> {
    let sections = match length {
        0 => vec![Section::whole(text.bytes())],
        length => Section::of_length(text.bytes(), length),
    };
    let mut all = Vec::new();
    detector.each_of(&sections, text, &mut (), &mut |detection| {
        all.push(told(&detection));
    });
    all
}

/// Lines as people have them, with keys in them, and halves of pairs in lines of their own.
fn lines(rules: &RuleSet, random: &mut Random, len: usize) -> Vec<u8> {
    let rules: Vec<_> = rules.iter().collect();
    let mut out = Vec::new();
    while out.len() < len {
        let rule = rules[random.below(rules.len())];
        let mut line = match random.below(6) {
            0 => format!("const db_password_{} = ", random.below(90)).into_bytes(),
            1 => b"  url: https://example.org/a/page?x=".to_vec(),
            2 => Vec::new(),
            3 => format!("{}_TOKEN=", rule.id.replace('-', "_")).into_bytes(),
            4 => {
                b"plain words, one after the other, and no secret at all\n".repeat(random.below(9))
            }
            _ => {
                let token = random.token(60);
                let said = format!("password={token}\nand what else there is");
                encode_base64_padded(said.as_bytes())
            }
        };
        if random.below(3) > 0 {
            let secret = sample(rule, random).expect("each rule accepts its own samples");
            line.extend_from_slice(&secret[..secret.len().min(4_000)]);
        }
        out.extend_from_slice(&line);
        out.push(b'\n');
    }
    out
}

#[test]
fn a_text_holds_the_same_however_it_is_cut() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let mut random = Random::new(0x5ec);
    let mut compared = 0;
    for (path, blob) in [
        ("a.txt", lines(&rules, &mut random, 300_000)),
        ("a.py", lines(&rules, &mut random, 300_000)),
        ("a.yaml", text(&rules, &mut random, 200_000)),
    ] {
        // What it starts with says that it is text.
        let blob = [&[b' '; 8192][..], &blob].concat();
        let text = Text::decode(&blob).at(FileType::of_path(path.as_bytes()));
        assert!(!text.is_binary());
        let whole = found(&detector, &text, 0);
        for length in [30_000, 47_000] {
            let cut = found(&detector, &text, length);
            let lost: Vec<_> = whole.iter().filter(|it| !cut.contains(it)).collect();
            let invented: Vec<_> = cut.iter().filter(|it| !whole.contains(it)).collect();
            assert!(
                lost.is_empty() && invented.is_empty(),
                "{path}: {lost:#?} {invented:#?}"
            );
            assert_eq!(cut.len(), whole.len());
        }
        compared += whole.len();
    }
    assert!(compared > 1_000, "only {compared} were compared");
}

/// Base64 of a line, and cells far below the head of their table.
#[test]
fn what_reaches_over_many_sections_is_found() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let mut random = Random::new(0x5ed);
    let mut passwords = String::new();
    while passwords.len() < 300_000 {
        passwords += &format!("password={}\n", random.token(20));
    }
    let mut table = "name,password\n".to_owned();
    while table.len() < 300_000 {
        table += &format!("somebody,{}\n", random.token(20));
    }
    for (path, blob) in [
        ("a.txt", encode_base64_padded(passwords.as_bytes())),
        ("a.csv", table.into_bytes()),
    ] {
        let text = Text::decode(&blob).at(FileType::of_path(path.as_bytes()));
        let whole = found(&detector, &text, 0);
        assert!(whole.len() > 5_000, "{path}: {}", whole.len());
        let cut = found(&detector, &text, 40_000);
        let lost = whole.iter().filter(|it| !cut.contains(it)).count();
        assert!(
            cut == whole,
            "{path}: {} of {}, {lost} lost",
            cut.len(),
            whole.len()
        );
    }
}

/// Base64 of base64 in lines, wherever a section begins within a group of four; and short values of a Secret that says so
/// far above them.
#[test]
fn what_needs_more_than_its_section_is_found() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let mut random = Random::new(0x5ef);
    let folded = |bytes: &[u8]| bytes.chunks(76).collect::<Vec<_>>().join(&b'\n');
    let mut passwords = String::new();
    while passwords.len() < 100_000 {
        passwords += &format!("plain words before it\npassword={}\n", random.token(20));
    }
    let inner = encode_base64_padded(passwords.as_bytes());
    for before in 0..4 {
        let twice = encode_base64_padded(&[&b"xyz"[..before], b" ", &inner].concat());
        let blob = [&b"# words\n".repeat(before + 1)[..], &folded(&twice)].concat();
        let text = Text::decode(&blob).at(FileType::of_path(b"a.txt"));
        let whole = found(&detector, &text, 0);
        assert!(whole.len() > 1_000, "{}", whole.len());
        let cut = found(&detector, &text, 40_000);
        // At a border one may be told by another place of its own.
        let all = whole.len();
        assert!(
            cut.len() + 3 >= all && cut.len() <= all + 3,
            "{} of {all}",
            cut.len()
        );
    }
    let short = encode_base64_padded(random.token(12).as_bytes());
    let short = String::from_utf8(short).expect("base64 is ASCII");
    let filler = "  note: plain words, one after the other, and no secret at all\n".repeat(2_000);
    let manifest = format!("kind: Secret\ndata:\n{filler}  db-password: {short}\n");
    let text = Text::decode(manifest.as_bytes()).at(FileType::of_path(b"a.yaml"));
    let whole = found(&detector, &text, 0);
    assert_eq!(whole.len(), 1, "{manifest:.90}");
    assert_eq!(found(&detector, &text, 40_000), whole);
}

/// A line of nothing but halves, which all might be joined.
#[test]
fn halves_without_end_are_told() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let mut random = Random::new(0x5ee);
    let half = rules
        .iter()
        .find(|rule| !rule.other_halves.is_empty() && rule.reach == Reach::Anchored)
        .expect("there is one");
    let mut blob = Vec::new();
    for _ in 0..4_000 {
        blob.extend(sample(half, &mut random).expect("each rule accepts its own samples"));
        blob.push(b'\n');
    }
    let text = Text::decode(&blob);
    let whole = found(&detector, &text, 0);
    assert!(whole.len() > 3_000, "{}", whole.len());
    assert_eq!(found(&detector, &text, 20_000), whole);
}

/// The margin of a section is wider than any rule looks.
#[test]
fn no_rule_looks_further_than_the_margin() {
    let rules = RuleSet::builtin();
    let further = rules.iter().filter_map(|rule| {
        let reach = match rule.reach {
            Reach::Near => evidence::BYTES + rule.max_len,
            Reach::Around => rule.before,
            Reach::Named => 0,
            Reach::Anchored => {
                let literals = rule.literals.iter();
                literals.map(|it| it.max_before).max().unwrap_or_default()
            }
        };
        (reach >= MARGIN).then(|| (rule.id.clone(), reach))
    });
    assert_eq!(further.collect::<Vec<_>>(), []);
}
