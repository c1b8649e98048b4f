//! What an attacker may commit: no bytes make keyward panic, and none make it work for long.
//!
//! `fuzz/` looks for more of it, for as long as one likes; here the same inputs come in every run.
//! Work is counted, not timed: how many candidates are looked at for each byte.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]
#![allow(clippy::print_stdout, reason = "a test that fails says at what")]

use std::fs;
use std::io::Write as _;
use std::time::Instant;

use keyward::parts::allow::AllowList;
use keyward::parts::change::{Change, EntryKind, InMemory, Status};
use keyward::parts::config::{Config, Layer, Origin};
use keyward::parts::detect::Detector;
use keyward::parts::guard::{Guards, Held};
use keyward::parts::lab::{Random, sample};
use keyward::parts::parsers;
use keyward::parts::rules::RuleSet;
use keyward::parts::rules::format::Format;
use keyward::parts::scan::guarded;
use keyward::parts::text::Text;

#[path = "../fuzz/tried/mod.rs"]
mod tried;

/// What changes the meaning of what stands beside it.
const SIGNS: &[&[u8]] = &[
    b"\"",
    b"'",
    b"`",
    b"\\",
    b"%",
    b"\\x41",
    b"\\u0041",
    b"%41",
    b"\" + \"",
    b"'+'",
    b"\\\n",
    b"\n",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xff\xfe",
    b"=",
    b": ",
    b"[",
    b"]",
    b"{",
    b"}",
    b"<",
    b">",
    b"#",
    b"|",
    b"*",
    b"-----BEGIN PRIVATE KEY-----",
    b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU",
    b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOY\n=AAAA\n",
    b"-----END PRIVATE KEY-----",
    b"\nProc-Type: 4,ENCRYPTED\n",
    b"PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nPrivate-Lines: 99999999\n",
    b"\x30\x82\xff\xff\x02\x01\0",
    b"\x30\x84\xff\xff\xff\xff\x30\x84\xff\xff\xff\xff",
    b"\x96\xff\xff\xff\xff\x04",
    b"kind: Secret\n",
    b"Ym9uam91ciB0b3V0IGxlIG1vbmRlLCBjYSB2YT8=",
    b"\xe2\x80\xae",
    b"[[rule]]\n",
    b"\"\"\"",
    b"99999999999999999999",
    b"-1",
];

/// Changes a few places of some bytes.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len() + 1);
        match random.below(6) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, random.below(256) as u8),
            2 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            3 => {
                let part = bytes[at..].iter().copied().take(random.below(64));
                let part: Vec<u8> = part.collect();
                let place = random.below(bytes.len() + 1);
                bytes.splice(place..place, part);
            }
            4 => {
                bytes.drain(at..(at + random.below(16)).min(bytes.len()));
            }
            _ => {
                let sign = SIGNS[random.below(SIGNS.len())];
                bytes.splice(at..at, sign.iter().copied());
            }
        }
    }
}

#[test]
fn no_blob_makes_the_detector_panic() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let mut random = Random::new(0x600d);
    let numbers: Vec<_> = rules.numbered().map(|(number, _)| number).collect();
    for round in 0..3_000 {
        let mut blob: Vec<u8> = Vec::new();
        for _ in 0..=random.below(4) {
            let rule = rules.get(numbers[random.below(numbers.len())]);
            let name = &rule.literals[random.below(rule.literals.len())].text;
            blob.extend_from_slice(name.as_bytes());
            blob.extend_from_slice(SIGNS[random.below(SIGNS.len())]);
            let secret = sample(rule, &mut random).unwrap();
            blob.extend_from_slice(&secret[..secret.len().min(300)]);
            blob.extend_from_slice(SIGNS[random.below(SIGNS.len())]);
        }
        if round % 8 == 0 {
            blob = (0..random.below(600))
                .map(|_| random.below(256) as u8)
                .collect();
        }
        if round % 5 == 0 {
            blob = blob.iter().flat_map(|&byte| [byte, 0]).collect();
        }
        mutate(&mut blob, &mut random);
        tried::look(&detector, &blob);
    }
}

#[test]
fn no_file_makes_the_guard_panic() {
    const NAMES: &[&str] = &[
        "a.der", "a.gpg", "a.jks", "a.key", "a.pem", "a.ppk", "id_rsa",
    ];
    let guards = Guards::default();
    let mut random = Random::new(0x6a4d);
    for round in 0..4_000 {
        let mut blob: Vec<u8> = Vec::new();
        for _ in 0..=random.below(6) {
            blob.extend_from_slice(SIGNS[random.below(SIGNS.len())]);
            blob.extend((0..random.below(80)).map(|_| b'A' + random.below(50) as u8));
        }
        if round % 5 == 0 {
            blob = blob.iter().flat_map(|&byte| [byte, 0]).collect();
        }
        mutate(&mut blob, &mut random);
        let text = Text::decode(&blob);
        for name in NAMES {
            let origin = InMemory::default();
            let change = Change::new(*name, Status::Added, EntryKind::File, origin);
            let held = Held {
                blob: &blob,
                text: &text,
                surest: None,
            };
            guards.named(&change).unwrap().check(&held).unwrap();
        }
    }
}

#[test]
fn the_work_grows_no_faster_than_the_blob() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let prefixes: Vec<&str> = rules
        .iter()
        .flat_map(|rule| rule.literals.iter())
        .map(|literal| literal.text.as_ref())
        .collect();
    let parts: Vec<Vec<u8>> = SIGNS
        .iter()
        .map(|sign| sign.to_vec())
        .chain([
            b"abcdefgh\"+\"".to_vec(),
            b"abcdefghijkl\\x41".to_vec(),
            b"%41".to_vec(),
            b"abcdefghijklm%41".to_vec(),
            b"a\\\nb".to_vec(),
            b"\" \n".to_vec(),
            prefixes.concat().into_bytes(),
        ])
        .collect();
    let work = |part: &[u8], size: usize| {
        let blob: Vec<u8> = part.iter().copied().cycle().take(size).collect();
        let text = Text::decode(&blob);
        let explained = detector.explain(&text);
        explained
            .iter()
            .map(|(candidate, _)| candidate.secret().len() + 1)
            .sum::<usize>()
    };
    for part in parts {
        let size = (4 * part.len()).max(16_384);
        let (once, twice) = (work(&part, size), work(&part, 2 * size));
        assert!(
            twice <= once * 5 / 2 + 4_096,
            "{once} and {twice}: {:?}",
            String::from_utf8_lossy(&part[..part.len().min(40)])
        );
    }
}

/// One line with a million signs: each guard reads the file once, whatever is in it.
#[test]
fn no_guarded_file_takes_more_than_its_length() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let guards = Guards::default();
    let values = [
        "=",
        "A=",
        "\"=\"",
        "token='",
        "{token:",
        "\"\"\"=",
        "token=\"\"\"",
        "token=\\\"",
        "token=${A:-",
        "${A:-",
        "password: |",
        "password: >- ",
        "password: |\n ",
        "_auth=b\"",
    ];
    let keys = [
        "BEGIN ",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
        "0\u{82}",
        "sops:",
    ];
    let files = values
        .iter()
        .flat_map(|part| [(".env", part), ("secrets.yml", part)])
        .chain(
            keys.iter()
                .flat_map(|part| [("a.key", part), ("a.asc", part)]),
        );
    for (path, part) in files {
        let origin = InMemory {
            content: part.repeat((1 << 20) / part.len()).into_bytes(),
            ..InMemory::default()
        };
        let change = Change::new(path, Status::Added, EntryKind::File, origin);
        let started = Instant::now();
        guarded(&change, &guards, &detector).unwrap();
        assert!(started.elapsed().as_secs() < 10, "{path}: {part}");
    }
}

#[test]
fn no_text_makes_the_notation_of_formats_panic() {
    let rules = RuleSet::builtin();
    let mut random = Random::new(0xf0f0);
    let sources: Vec<String> = rules
        .iter()
        .flat_map(|rule| {
            rule.samples
                .iter()
                .map(|source| source.clone().into_owned())
        })
        .filter(|source| source.len() < 400)
        .collect();
    let mut parsed = 0;
    for _ in 0..6_000 {
        let mut source = sources[random.below(sources.len())].clone().into_bytes();
        mutate(&mut source, &mut random);
        let source = String::from_utf8_lossy(&source);
        if let Ok(format) = Format::parse(&source) {
            parsed += 1;
            let secret = format.sample(&mut |limit| random.below(limit));
            assert!(
                (format.min_len()..=format.max_len()).contains(&secret.len()),
                "{source}"
            );
        }
    }
    assert!(parsed > 500);
}

/// What some parser or other takes, whole.
fn wholes() -> Vec<Vec<u8>> {
    let (a, zero) = ("a".repeat(40), "0".repeat(40));
    let packed = |content: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    };
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(5);
    tar.append_data(&mut header, "a/b", &b"hello"[..]).unwrap();
    let tar = tar.into_inner().unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar).unwrap();
    let entry = [&[0; 40][..], &[7; 20], &[0, 3], b"a/b\0\0\0\0\0\0\0"].concat();
    let index = [b"DIRC\0\0\0\x02\0\0\0\x01", &entry[..], &[0; 20]].concat();
    let pack_index = [b"\xfftOc\0\0\0\x02", &[0; 1023][..], &[1], &[9; 28]].concat();
    let signed = "[{\"a\":\"b\",\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Bash\"}]";
    let mut all = vec![
        format!("tree {a}\nparent {a}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nwhy\n"),
        format!("object {a}\ntype commit\ntag v1\ntagger A <a@b> 1 +0000\n\nwhy\n"),
        format!("{zero} {a} A <a@b> 1 +0000\tcommit: why"),
        "why\n\n# Please enter the message\n# ------------------------ >8 ------------------------\n".to_owned(),
        "A=b\nexport B=\"c${A:-d}\" # e\nC='f\ng'\n".to_owned(),
        "**/a/\n!b[c-d]\n*.pem\n".to_owned(),
        signed[1..signed.len() - 1].to_owned(),
        "[[allowlists]]\npaths = ['a']\nregexes = ['b{2,9}']\n".to_owned(),
        "fileignoreconfig:\n- filename: a\n  checksum: b\n".to_owned(),
        "version https://git-lfs.github.com/spec/v1\noid sha256:a\nsize 1\n".to_owned(),
    ]
    .into_iter()
    .map(String::into_bytes)
    .collect::<Vec<_>>();
    all.extend([
        [b"100644 a\0".as_slice(), &[7; 20], b"40000 b\0", &[8; 20]].concat(),
        packed(b"blob 5\0hello"),
        [b"\x05\x05".as_slice(), b"\x05hello", &packed(b"hello")].concat(),
        gzip.finish().unwrap(),
        tar,
        index,
        pack_index,
    ]);
    all
}

#[test]
fn no_bytes_make_a_parser_panic() {
    // More of them for whoever wants to wait.
    let more = std::env::var("KEYWARD_ROUNDS").ok();
    let rounds = more.and_then(|it| it.parse().ok()).unwrap_or(30);
    let mut random = Random::new(0xbad ^ rounds);
    let wholes = wholes();
    for (name, parse) in parsers::all() {
        println!("{name}");
        for whole in &wholes {
            parse(whole);
            for _ in 0..rounds {
                let mut bytes = whole.clone();
                mutate(&mut bytes, &mut random);
                parse(&bytes);
            }
        }
    }
}

#[test]
fn no_settings_file_makes_keyward_panic() {
    const WHOLE: &str = "[rules]\noff = [\"acme-api-key\"]\non = [\"acme\"]\n\n[scan]\nexclude = [\"a/**/*.snap\", \
        \"b/\"]\nthreshold = \"likely\"\n\n[guard]\nadd = [\"*.vault\"]\noff = [\"doc/*.key\"]\n\n[[rule]]\n\
        id = \"acme-own-key\"\nname = \"Acme key\"\nformat = \"acme_<base62:32>\"\nconfidence = \"certain\"\n";
    Layer::parse(Origin::Repository, WHOLE.as_bytes(), "x").unwrap();
    let mut random = Random::new(0x5e7);
    for _ in 0..6_000 {
        let mut bytes = WHOLE.as_bytes().to_vec();
        mutate(&mut bytes, &mut random);
        match Layer::parse(Origin::Repository, &bytes, "x") {
            Ok(layer) => {
                let config = Config::fold([layer]);
                let own = config.own_rules();
                let _ = RuleSet::with(own.map(|(own, _)| (own.provider.as_deref(), &own.words)));
            }
            Err(error) => assert!(!error.to_string().contains(|c: char| c.is_control())),
        }
    }
}

#[test]
fn no_allow_file_makes_keyward_panic() {
    const WHOLE: &str = "# Why.\n\n0123456789abcdef acme-api-key /docs/manual.md - the example of the manual\n\
        fedcba9876543210 acme-api-key \"/a\\\\ b/*.json\" 2027-01-31 revoked\n";
    AllowList::parse(WHOLE.as_bytes(), "x").unwrap();
    let mut random = Random::new(0xa110);
    for _ in 0..6_000 {
        let mut bytes = WHOLE.as_bytes().to_vec();
        mutate(&mut bytes, &mut random);
        match AllowList::parse(&bytes, "x") {
            Ok(list) => assert!(list.entries().count() <= bytes.len()),
            Err(error) => assert!(!error.to_string().contains(|c: char| c.is_control())),
        }
    }
}

/// What fuzzing kept: one input for each way through a target, and all that ever failed.
#[test]
fn what_fuzzing_kept_holds() {
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/kept");
    let mut count = 0;
    for target in fs::read_dir(kept).unwrap() {
        let target = target.unwrap().path();
        let name = target.file_name().unwrap().to_str().unwrap();
        for input in fs::read_dir(&target).unwrap() {
            let input = input.unwrap().path();
            println!("{}", input.display());
            tried::of(name)(&fs::read(&input).unwrap());
            count += 1;
        }
    }
    assert!(count > 100, "{count}");
}
