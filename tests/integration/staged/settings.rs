//! What a repository's settings and attributes name: nothing of it decides or runs.

use std::fs;

use super::{COMMIT, TEXT, trap};
use crate::probe::with_both;
use crate::support::{Reading, Scratch, anthropic_key};

#[test]
fn attributes_and_settings_of_diffs_have_no_say() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("a.txt", TEXT);
        scratch.commit_all();
        let (mark, program) = trap(scratch);
        for (name, value) in [
            ("diff.external", &*program),
            ("diff.bad.command", &program),
            ("diff.bad.textconv", &program),
            ("diff.bad.binary", "true"),
            ("color.ui", "always"),
            ("diff.noprefix", "true"),
            ("diff.mnemonicPrefix", "true"),
            ("diff.submodule", "log"),
            ("diff.ignoreSubmodules", "all"),
            ("diff.renames", "copies"),
            ("diff.relative", "true"),
            ("diff.orderFile", "no-such-file"),
            ("core.quotePath", "true"),
            ("core.pager", &program),
            ("core.attributesFile", "../attributes"),
            ("alias.diff-index", "!false"),
            ("alias.cat-file", "!false"),
        ] {
            scratch.git(&["config", name, value]);
        }
        scratch.set("GIT_EXTERNAL_DIFF", &program);
        scratch.hook("pre-commit");
        for line in ["* -diff\n", "* binary\n", "* diff=bad\n", "* -text -diff\n"] {
            for file in [".git/info/attributes", "../attributes", ".gitattributes"] {
                scratch.write(file, line);
                scratch.add("a.txt", [TEXT.as_bytes(), key.as_bytes()].concat());
                scratch.is_refused(&COMMIT);
                assert!(!mark.exists(), "{file}: {line}");
                fs::remove_file(scratch.top().join(file)).unwrap();
                scratch.git(&["reset", "--quiet", "--hard"]);
            }
        }
    });
}

#[test]
fn reading_runs_no_program_that_the_repository_names() {
    let key = anthropic_key();
    for reading in [Reading::Default, Reading::Libgit2, Reading::Git] {
        let scratch = Scratch::new(reading);
        scratch.write("a.txt", TEXT);
        scratch.commit_all();
        scratch.add("a.txt", &key);
        scratch.add(".env", "A=1\n");
        scratch.write("new.txt", "");
        let (mark, program) = trap(&scratch);
        for (name, value) in [
            ("core.fsmonitor", &*program),
            ("core.hooksPath", scratch.root().to_str().unwrap()),
            ("core.sshCommand", &program),
            ("core.askPass", &program),
            ("core.editor", &program),
            ("core.alternateRefsCommand", &program),
            ("credential.helper", &program),
            ("filter.bad.clean", &program),
            ("filter.bad.smudge", &program),
            ("filter.bad.process", &program),
            ("gpg.program", &program),
            ("pager.cat-file", &program),
            ("uploadpack.packObjectsHook", &program),
        ] {
            scratch.git(&["config", name, value]);
        }
        fs::copy(&program, scratch.root().join("post-index-change")).unwrap();
        scratch.write(".git/info/attributes", "* filter=bad\n");
        for question in [&[""][..], &["worktree"], &["indexed", "a.txt"], &["places"]] {
            let told = scratch.ask(scratch.top(), question);
            assert!(
                !told.is_empty() && !told[0].starts_with("error"),
                "{told:?}"
            );
            assert!(!mark.exists(), "{reading:?} {question:?}");
        }
        assert_eq!(scratch.exit_code(), Some(1));
        assert!(!mark.exists(), "{reading:?}");
    }
}
