//! What is packed: looked into by a scan, named by the hooks, and looked into or refused there as settings say.

use std::fs;
use std::io::Write;

use crate::support::{Reading, Scratch, anthropic_key};

fn gzipped(content: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(content.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

/// A ZIP archive of files as they are, or packed, as programs write them that make packages and documents.
pub(super) fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = rawzip::ZipArchiveWriter::new(Vec::new());
    for (name, content) in files {
        let file = zip.new_file(*name);
        let method = rawzip::CompressionMethod::DEFLATE;
        let (mut entry, config) = file.compression_method(method).start().unwrap();
        let level = flate2::Compression::default();
        let deflate = flate2::write::DeflateEncoder::new(&mut entry, level);
        let mut writer = config.wrap(deflate);
        writer.write_all(content.as_bytes()).unwrap();
        let (deflate, descriptor) = writer.finish().unwrap();
        deflate.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    zip.finish().unwrap()
}

#[test]
fn a_scan_looks_into_what_is_packed() {
    let key = anthropic_key();
    let line = format!("token = '{key}'\n");
    let scratch = Scratch::new(Reading::Default);
    scratch.write("plain/a.txt", "nothing\n");
    scratch.write(
        "app.jar",
        zipped(&[("META-INF/MANIFEST.MF", ""), ("conf/app.py", &line)]),
    );
    scratch.write(
        "letter.docx",
        zipped(&[("word/document.xml", &format!("<w:t>{line}</w:t>"))]),
    );
    scratch.write("dump.sql.gz", gzipped(&line));
    for (path, inside) in [
        ("app.jar", "app.jar!/conf/app.py:1"),
        ("letter.docx", "letter.docx!/word/document.xml:1"),
        ("dump.sql.gz", "dump.sql.gz!/dump.sql:1"),
    ] {
        let told = scratch.keyward(&["scan", path]);
        assert_eq!(told.code, Some(1), "{}", told.stderr);
        assert!(told.stdout.contains(inside), "{}", told.stdout);
        assert!(!told.stdout.contains(&key));
    }
    for format in crate::FORMATS {
        let told = scratch.keyward(&["scan", "--format", format, "."]);
        assert_eq!(told.code, Some(1));
        assert!(!told.stdout.contains(&key));
    }
    // A path in an archive is excluded as others are.
    let set = "scan.exclude=['conf/', 'word/', 'dump.sql']";
    scratch.keyward(&["scan", "--set", set, "."]).passes();
}

#[test]
fn a_hook_names_what_is_packed_or_looks_into_it_or_refuses_it() {
    let key = anthropic_key();
    for reading in [Reading::Libgit2, Reading::Git] {
        let scratch = Scratch::new(reading);
        scratch.keyward(&["install"]).passes();
        let line = format!("token = '{key}'\n");
        scratch.write("README", "a first commit\n");
        scratch.commit_all();
        scratch.add("a.zip", zipped(&[("a.py", &line)]));
        let commit = || scratch.try_git(&["commit", "-q", "-m", "subject"]);
        let told = commit();
        let once = told
            .stderr
            .matches("nobody looked into the archive a.zip")
            .count();
        assert_eq!((told.code, once), (Some(0), 1), "{}", told.stderr);
        assert!(told.stderr.contains("keyward scan a.zip"));

        scratch.write(".keyward.toml", "[scan]\narchives = \"look\"\n");
        scratch.write("b.zip", zipped(&[("b.py", &line)]));
        scratch.write("c.7z", [&b"7z\xbc\xaf\x27\x1c"[..], &[7; 40]].concat());
        scratch.git(&["add", "."]);
        let told = commit();
        assert_eq!(told.code, Some(1), "{}", told.stderr);
        assert!(told.stderr.contains("b.zip!/b.py:1"), "{}", told.stderr);
        assert!(told.stderr.contains("git add b.zip"), "{}", told.stderr);
        assert!(told.stderr.contains("nobody looked into the archive c.7z"));
        assert!(!told.stderr.contains(&key));

        // What it proposes leads on: allowed, it passes.
        let id = told.stderr.split("keyward allow ").nth(1).unwrap();
        let id = id.split_whitespace().next().unwrap();
        scratch
            .keyward(&["allow", id, "--reason", "a sample"])
            .passes();
        scratch.write(".keyward.toml", "[scan]\narchives = \"refuse\"\n");
        scratch.git(&["add", "."]);
        let told = commit();
        assert_eq!(told.code, Some(1), "{}", told.stderr);
        assert!(told.stderr.contains("c.7z"), "{}", told.stderr);
        fs::remove_file(scratch.top().join("c.7z")).unwrap();
        scratch.git(&["add", "-A"]);
        commit().passes();
    }
}
