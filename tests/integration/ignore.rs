//! `keyward ignore`: a pattern for git in the top `.gitignore`, and the file off the index.

use std::fs;

use crate::support::{Reading, Scratch};
#[cfg(unix)]
use crate::support::{anthropic_key, ids, run, write_script};

#[test]
fn a_file_leaves_the_commit_and_stays_on_disk() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add(".gitignore", "target/\r\n*.log");
    scratch.add("app/.env", "A=1\n");
    scratch.add("key.pem", "k\n");
    let ran = scratch.keyward(&["ignore", "app/.env", "key.pem"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let text = fs::read_to_string(scratch.top().join(".gitignore")).unwrap();
    assert_eq!(text, "target/\r\n*.log\r\n.env\r\n/key.pem\r\n");
    assert_eq!(scratch.git(&["ls-files"]), ".gitignore");
    assert!(scratch.top().join("app/.env").is_file());
    // Twice is once.
    let ran = scratch.keyward(&["ignore", "app/.env"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let again = fs::read_to_string(scratch.top().join(".gitignore")).unwrap();
    assert_eq!(again, text);
}

#[test]
fn what_is_no_file_is_refused_with_the_way_that_there_is() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add("a.pem", "k\n");
    scratch.write("dir/b.pem", "k\n");
    for (name, told) in [
        ("nofile", "there is no file nofile"),
        ("*.pem", "echo '*.pem' >>.gitignore"),
        ("dir", "echo /dir/ >>.gitignore"),
    ] {
        let ran = scratch.keyward(&["ignore", "a.pem", name]);
        assert_eq!(ran.code, Some(2), "{name}: {}", ran.stdout);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
        assert!(!scratch.top().join(".gitignore").exists(), "{name}");
    }
    assert_eq!(scratch.git(&["ls-files"]), "a.pem");
}

#[test]
fn what_becomes_of_a_file_is_told() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add("old.pem", "k\n");
    scratch.commit_all();
    scratch.add("new.pem", "k\n");
    scratch.write("here.pem", "k\n");
    for (name, told) in [
        (
            "new.pem",
            "no longer staged; it is still on disk. Commit again.",
        ),
        ("here.pem", "here.pem is ignored; it is still on disk\n"),
        ("old.pem", "whoever pulls that loses the file"),
    ] {
        let ran = scratch.keyward(&["ignore", name]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stdout.contains(told), "{}", ran.stdout);
        assert!(scratch.top().join(name).is_file());
    }
    // What was written and not staged, since something stopped it, is not written again.
    scratch.write("more.pem", "k\n");
    let text = fs::read_to_string(scratch.top().join(".gitignore")).unwrap();
    scratch.write(".gitignore", format!("{text}/more.pem\n"));
    scratch.keyward(&["ignore", "more.pem"]).passes();
    let again = fs::read_to_string(scratch.top().join(".gitignore")).unwrap();
    assert_eq!(again, format!("{text}/more.pem\n"));
}

/// What a repository's config has git start is the user's own `git add`'s matter: what keyward writes for itself or for
/// git needs none of it.
#[cfg(unix)]
#[test]
fn what_is_written_down_starts_no_program_of_the_repository() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add(".gitattributes", "* filter=odd text eol=crlf\n");
    scratch.commit_all();
    let trace = scratch.root().join("started");
    let script = scratch.root().join("odd");
    let text = format!("#!/bin/sh\necho \"$0 $*\" >>'{}'\ncat\n", trace.display());
    write_script(&script, &text);
    let script = script.to_str().unwrap();
    for (name, value) in [
        ("core.fsmonitor", script),
        ("filter.odd.clean", script),
        ("filter.odd.required", "true"),
    ] {
        scratch.git(&["config", name, value]);
    }
    let mut key = scratch.command("git");
    key.args(["-c", "core.fsmonitor=", "-c", "filter.odd.clean=cat"]);
    scratch.write("key.py", format!("k = '{}'\n", anthropic_key()));
    run(key.args(["add", "key.py"])).passes();
    let found = scratch.keyward(&["scan", "--staged", "--format", "json"]);
    let id = &ids(&found.stdout)[0];
    let _ = fs::remove_file(&trace);
    scratch
        .keyward(&["allow", id, "--reason", "made up"])
        .passes();
    scratch.write("key.pem", "k\n");
    scratch.keyward(&["ignore", "key.pem"]).passes();
    assert!(!trace.exists(), "{}", fs::read_to_string(&trace).unwrap());
    for name in [".keyward.allow", ".gitignore"] {
        let staged = scratch.git(&["cat-file", "-p", &format!(":{name}")]);
        let here = fs::read_to_string(scratch.top().join(name)).unwrap();
        assert_eq!(staged, here.trim_end(), "{name}");
    }
}

/// git is the judge: each of these is ignored, and no other is with it.
#[cfg(unix)]
#[test]
fn git_understands_the_pattern_of_every_name() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    const NAMES: &[&[u8]] = &[
        b"a b",
        b"a ",
        b"a  ",
        b" a",
        b"a*b",
        b"axb",
        b"a?b",
        b"a[x]b",
        b"a]b",
        b"a\\b",
        b"a\\",
        b"a\\ ",
        b"!a",
        b"#a",
        b"a\tb",
        b"a\r",
        b"a\r\n",
        b"\xff\xfe",
        b"**",
        b"d/e f/g ",
        b"d /x",
        b"'a\"",
        b"~a",
        b"[[:cntrl:]]",
    ];
    let scratch = Scratch::new(Reading::Default);
    for name in NAMES {
        let path = scratch.top().join(OsStr::from_bytes(name));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    for name in NAMES {
        fs::write(scratch.top().join(".gitignore"), "").unwrap();
        let ran = scratch.keyward(&[OsStr::new("ignore"), OsStr::from_bytes(name)]);
        assert_eq!(ran.code, Some(0), "{name:?}: {}", ran.stderr);
        let listed = scratch.git(&[
            "ls-files",
            "-z",
            "--others",
            "--ignored",
            "--exclude-standard",
        ]);
        let ignored: Vec<&str> = listed.split('\0').filter(|name| !name.is_empty()).collect();
        let name = String::from_utf8_lossy(name);
        assert_eq!(
            ignored,
            [&*name],
            "{:?}",
            fs::read(scratch.top().join(".gitignore"))
        );
    }
}

#[cfg(unix)]
#[test]
fn a_gitignore_that_is_a_link_is_left_alone() {
    let scratch = Scratch::new(Reading::Default);
    let outside = scratch.root().join("profile");
    fs::write(&outside, "precious\n").unwrap();
    std::os::unix::fs::symlink(&outside, scratch.top().join(".gitignore")).unwrap();
    scratch.add(".env", "A=1\n");
    let ran = scratch.keyward(&["ignore", ".env"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.stderr.contains("symbolic link"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&outside).unwrap(), "precious\n");
    assert!(scratch.top().join(".gitignore").is_symlink());
    assert_eq!(scratch.git(&["ls-files"]), ".env");
}
