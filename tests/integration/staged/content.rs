//! What a blob may hold and be called, and how large it may be.

use super::{COMMIT, TEXT};
use crate::probe::{digest, hooked, with_both};
use crate::support::{Scratch, anthropic_key};

#[test]
fn every_encoding_that_editors_write_is_read() {
    let text = format!("ANTHROPIC_API_KEY={}\r\n", anthropic_key());
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    hooked(&[], |scratch| {
        for content in [
            [b"\xff\xfe", &le[..]].concat(),
            [b"\xfe\xff", &be[..]].concat(),
            le.clone(),
            be.clone(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\0\0text\0", text.as_bytes()].concat(),
            [b"caf\xe9\n", text.as_bytes()].concat(),
        ] {
            scratch.add("a.txt", content);
            scratch.is_refused(&COMMIT);
        }
    });
}

#[test]
fn a_filter_decides_what_is_committed() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.git(&["config", "filter.crypt.clean", "tr a-zA-Z0-9 x"]);
        scratch.git(&["config", "filter.crypt.required", "true"]);
        scratch.write(".gitattributes", "*.secret filter=crypt\n");
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.add("a.secret", &key);
        scratch.passes(&COMMIT);
        let committed = scratch.git(&["cat-file", "blob", "HEAD:a.secret"]);
        assert!(scratch.seen()[0].contains(&digest(committed.as_bytes())));
        assert!(!committed.contains(&key));
    });
}

#[test]
fn line_ends_are_those_of_the_blob() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("a.txt", format!("{key}\nend\n"));
        scratch.commit_all();
        scratch.git(&["config", "core.autocrlf", "true"]);
        scratch.hook("pre-commit");
        scratch.add("a.txt", format!("{key}\r\nanother end\r\n"));
        scratch.passes(&COMMIT);
        let unix = format!("{key}\nanother end\n");
        assert!(scratch.seen()[0].contains(&digest(unix.as_bytes())));
    });
}

#[test]
fn an_lfs_pointer_is_all_there_is_to_read() {
    let pointer = format!(
        "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n",
        "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
    );
    hooked(&[], |scratch| {
        scratch.add("model.bin", &pointer);
        let ran = scratch.try_git(&COMMIT);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stderr.contains("model.bin"), "{}", ran.stderr);
    });
}

#[test]
fn any_name_that_git_can_commit_is_read() {
    let key = anthropic_key();
    let mut names: Vec<Vec<u8>> = [
        " a b ",
        "a\nb",
        "\"a\"",
        "'a'",
        "-n",
        "--help",
        "a\tb",
        "a\\b",
        "üñí",
        "e\u{301}",
        "a\u{1b}[31mb",
        ":(top)a",
        ":0:a",
        "*",
        "[a]",
        "a;b",
        "$HOME",
        "a\rb",
        "\u{202e}txt.a",
        "d/-x/ y",
    ]
    .iter()
    .map(|name| name.as_bytes().to_vec())
    .collect();
    names.push(b"\xff\xfe".to_vec());
    hooked(&[], |scratch| {
        let id = {
            scratch.write("../key", &key);
            scratch.git(&["hash-object", "-w", "../key"])
        };
        for name in &names {
            scratch.git(&["read-tree", "--empty"]);
            let line = [format!("100644 {id}\t").as_bytes(), name, b"\0"].concat();
            scratch.git_fed(&["update-index", "-z", "--index-info"], &line);
            let told = scratch.is_refused(&COMMIT);
            let rude = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!told.contains(rude), "{told:?}");
        }
        assert_eq!(scratch.seen().len(), names.len());
    });
}

#[test]
fn size_hides_nothing() {
    let key = anthropic_key();
    let line = "2024-01-01T00:00:00Z INFO request served in 12 ms, nothing to see here at all\n";
    let log = [
        line.repeat(60_000_000 / line.len()).as_bytes(),
        key.as_bytes(),
    ]
    .concat();
    let mut one_line = "var a={b:1};".repeat(20_000_000 / 12).into_bytes();
    one_line.extend_from_slice(format!("k=\"{key}\";").as_bytes());
    with_both(|scratch| {
        scratch.git(&["config", "core.compression", "1"]);
        scratch.hook("pre-commit");
        for content in [&log, &one_line] {
            scratch.add("a.txt", content);
            scratch.is_refused(&COMMIT);
        }
    });
}

#[test]
fn number_hides_nothing() {
    let key = anthropic_key();
    with_both(|scratch| {
        fast_import(scratch, 50_000, &key);
        scratch.git(&["read-tree", "many"]);
        // Only here it is worth the time to look from a first commit and from a later one.
        assert_eq!(scratch.exit_code(), Some(1));
        scratch.git(&["update-ref", "HEAD", "many"]);
        assert_eq!(scratch.exit_code(), Some(0));
        let id = scratch.git(&["rev-parse", ":d7/f1750"]);
        scratch.git(&[
            "update-index",
            "--add",
            "--cacheinfo",
            &format!("100644,{id},d7/new"),
        ]);
        let seen = scratch.ask(scratch.top(), &[""]);
        assert_eq!(seen.len(), 1);
        assert!(seen[0].starts_with("Added File \"d7/new\""), "{seen:?}");
    });
}

/// A branch `many` with that many small files, of which the last has the key.
fn fast_import(scratch: &Scratch, count: usize, key: &str) {
    let mut stream = format!("blob\nmark :1\ndata {}\n{TEXT}\n", TEXT.len());
    stream.push_str(&format!("blob\nmark :2\ndata {}\n{key}\n", key.len()));
    stream.push_str("commit refs/heads/many\ncommitter a <a@b> 0 +0000\ndata 0\n");
    for file in 0..count {
        let mark = if file + 1 == count { 2 } else { 1 };
        stream.push_str(&format!("M 100644 :{mark} d{}/f{file}\n", file / 250));
    }
    scratch.git_fed(&["fast-import", "--quiet"], stream.as_bytes());
}
