//! All that a repository still holds: a secret in every hiding place, each found with who, when and where.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::archives::zipped;
use crate::support::{
    Ran, Reading, Scratch, anthropic_key, assert_sealed, path_after, rounds, write_script,
};

/// Who commits, and when: each commit of a scenario is another's.
struct Author<'a>(&'a str, &'a str);

const ANN: Author<'_> = Author("Ann", "2021-01-01T00:00:00Z");
const BOB: Author<'_> = Author("Bob", "2022-02-02T00:00:00Z");
const EVE: Author<'_> = Author("Eve", "2023-03-03T00:00:00Z");

fn git_as(scratch: &Scratch, author: &Author<'_>, args: &[&str]) -> String {
    let name = format!("user.name={}", author.0);
    let mail = format!("user.email={}@example.com", author.0.to_lowercase());
    let mut git = scratch.command("git");
    git.env("GIT_AUTHOR_DATE", author.1)
        .env("GIT_COMMITTER_DATE", author.1)
        .args(["-c", &name, "-c", &mail])
        .args(args);
    let ran = crate::support::run(&mut git);
    assert_eq!(ran.code, Some(0), "git {args:?}: {}", ran.stderr);
    ran.stdout.trim_end().to_owned()
}

/// Commits all there is.
fn commit(scratch: &Scratch, author: &Author<'_>, message: &str) -> String {
    git_as(scratch, author, &["add", "--all", "--force"]);
    let args = [
        "commit",
        "-q",
        "--no-verify",
        "--allow-empty",
        "-m",
        message,
    ];
    git_as(scratch, author, &args);
    scratch.git(&["rev-parse", "HEAD"])
}

/// The report of an audit, which is the same whatever an earlier one left.
#[track_caller]
fn audit(scratch: &Scratch, args: &[&str]) -> Ran {
    let look = |more: &[&str]| scratch.keyward(&[&["audit", "--json"], args, more].concat());
    let whole = look(&["--no-cache"]);
    for round in ["the first", "the second"] {
        let ran = look(&[]);
        assert_eq!(
            (ran.code, &ran.stdout),
            (whole.code, &whole.stdout),
            "{round}"
        );
    }
    whole
}

/// What an audit says that it knew already.
fn known(scratch: &Scratch) -> String {
    scratch.keyward(&["audit", "--json", "-v"]).stderr
}

/// The lines of a report.
struct Told(Vec<Value>);

impl Told {
    fn of(ran: &Ran) -> Self {
        let parse = |line: &str| serde_json::from_str(line).expect("each line is JSON");
        Self(ran.stdout.lines().map(parse).collect())
    }

    fn summary(&self) -> &Value {
        self.0.last().expect("there is a summary")
    }

    /// The line of a key.
    #[track_caller]
    fn of_key(&self, key: &str) -> &Value {
        let found = self
            .0
            .iter()
            .find(|line| line["fingerprint"] == fingerprint(key));
        found.unwrap_or_else(|| panic!("{:#?}", self.0))
    }

    fn has(&self, key: &str) -> bool {
        self.0
            .iter()
            .any(|line| line["fingerprint"] == fingerprint(key))
    }
}

/// What names a key in reports.
fn fingerprint(key: &str) -> String {
    let mut hash = Sha256::new_with_prefix(b"keyward secret\0");
    hash.update(key);
    let digest = hash.finalize();
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn strings(value: &Value) -> Vec<&str> {
    let all = value.as_array().into_iter().flatten();
    all.filter_map(Value::as_str).collect()
}

/// What a key's line has to say: its first commit, its author, the remote that has it, and a path.
struct Expected<'a> {
    first: Option<&'a str>,
    author: Option<&'a Author<'a>>,
    remote: Option<&'a str>,
    path: &'a str,
}

impl Expected<'_> {
    #[track_caller]
    fn holds(&self, place: &str, line: &Value) {
        assert_eq!(
            line["first"]["id"].as_str(),
            self.first,
            "{place}: {line:#}"
        );
        if let Some(Author(name, date)) = self.author {
            let author = line["first"]["author"].as_str().unwrap();
            assert!(author.starts_with(name), "{place}: {line:#}");
            assert_eq!(line["first"]["date"], date[..10], "{place}");
        }
        let remotes: Vec<&str> = line["pushed"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["remote"].as_str().unwrap())
            .collect();
        assert_eq!(remotes, Vec::from_iter(self.remote), "{place}: {line:#}");
        let paths = strings(&line["paths"]);
        let has = paths.iter().any(|path| path.contains(self.path));
        assert!(has, "{place}: {line:#}");
    }
}

fn zip() -> Vec<u8> {
    let mut zip = b"PK\x03\x04".to_vec();
    zip.extend([7; 60]);
    zip
}

#[test]
fn a_secret_in_every_hiding_place_is_found() {
    let names = [
        "pushed",
        "tag",
        "note",
        "deleted",
        "merge",
        "renamed",
        "utf16",
        "message",
        "author",
        "name",
        "ref",
        "worktree",
        "stash",
        "expired",
        "reflog",
        "index",
        "unreachable",
        "rerere",
        "packed",
    ];
    for reading in [Reading::Default, Reading::Git] {
        let keys: BTreeMap<&str, String> =
            names.iter().map(|&name| (name, anthropic_key())).collect();
        let scratch = Scratch::new(reading);
        let commits = plant(&scratch, &keys);
        let ran = audit(&scratch, &["--unreachable"]);
        let told = Told::of(&ran);
        for (place, author, remote, path) in [
            ("pushed", Some(&ANN), Some("origin"), "app.py"),
            ("tag", None, None, "tag message"),
            ("note", Some(&BOB), None, ""),
            ("deleted", Some(&EVE), None, "gone.py"),
            ("merge", Some(&EVE), None, "both.py"),
            ("renamed", Some(&ANN), Some("origin"), "old_name.py"),
            ("utf16", Some(&BOB), None, "utf16.txt"),
            ("message", Some(&BOB), None, "commit message"),
            ("author", None, None, "commit header"),
            ("ref", None, None, "ref name"),
            ("name", Some(&BOB), None, "keys/"),
            ("worktree", Some(&EVE), None, "other.py"),
            ("stash", Some(&BOB), None, "app.py"),
            ("expired", Some(&EVE), None, "app.py"),
            ("reflog", Some(&EVE), None, "lost.py"),
            ("index", None, None, "staged.py"),
            ("unreachable", None, None, "blob "),
            ("rerere", None, None, "rr-cache/"),
            ("packed", Some(&BOB), None, "more.zip!/in/key.py"),
        ] {
            let expected = Expected {
                first: commits.get(place).map(String::as_str),
                author,
                remote,
                path,
            };
            expected.holds(place, told.of_key(&keys[place]));
        }
        let pushed = told.of_key(&keys["pushed"]);
        assert_eq!(pushed["urgency"], "pushed");
        assert_eq!(pushed["in_head"], false);
        assert_eq!(pushed["pushed"][0]["since"]["id"], commits["pushed"]);
        assert_eq!(strings(&pushed["pushed"][0]["branches"]), ["origin/main"]);
        let renamed = told.of_key(&keys["renamed"]);
        assert_eq!(renamed["urgency"], "pushed-in-head");
        let mut paths = strings(&renamed["paths"]);
        paths.sort_unstable();
        assert_eq!(paths, ["new_name.py", "old_name.py"]);
        assert_eq!(told.of_key(&keys["reflog"])["urgency"], "left");
        assert_eq!(strings(&told.of_key(&keys["packed"])["paths"]).len(), 1);
        assert_eq!(told.of_key(&keys["packed"])["in_worktree"], true);
        let archives = told.0.iter().filter(|line| line["kind"] == "archive");
        assert_eq!(archives.count(), 1);
        assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
        for key in keys.values() {
            assert_sealed(ran.stdout.as_bytes(), key);
            assert_sealed(ran.stderr.as_bytes(), key);
        }
        // Without the option, what nothing holds is nobody's.
        let without = Told::of(&audit(&scratch, &[]));
        assert!(!without.has(&keys["unreachable"]));
        assert!(without.has(&keys["reflog"]) && without.has(&keys["expired"]));
        let human = scratch.keyward(&["audit"]);
        assert!(human.stdout.lines().count() < 45, "{}", human.stdout);
        assert!(
            human.stdout.contains("1 archive: data.zip"),
            "{}",
            human.stdout
        );
        for key in keys.values() {
            assert_sealed(human.stdout.as_bytes(), key);
        }
        let id = pushed["id"].as_str().unwrap();
        let details = scratch.keyward(&["audit", id]);
        assert!(
            details.stdout.contains("to origin since 2021-01-01"),
            "{}",
            details.stdout
        );
        assert_sealed(details.stdout.as_bytes(), &keys["pushed"]);
        for (place, command) in [
            ("tag", "git update-ref -d refs/tags/v1"),
            ("note", "git update-ref -d refs/notes/commits"),
            ("stash", "git update-ref -d refs/kept/stash"),
            ("expired", "git update-ref -d refs/stash"),
            ("reflog", "git gc --prune=now"),
            ("merge", "git rebase -i "),
        ] {
            let id = told.of_key(&keys[place])["id"].as_str().unwrap();
            let details = scratch.keyward(&["audit", id]).stdout;
            assert!(details.contains(command), "{place}: {details}");
        }
    }
}

/// Hides each key, and gives the commits that brought them.
fn plant(scratch: &Scratch, keys: &BTreeMap<&str, String>) -> BTreeMap<&'static str, String> {
    let mut commits = BTreeMap::new();
    let line = |name: &str| format!("key = \"{}\"\n", keys[name]);
    scratch.git(&["config", "rerere.enabled", "true"]);
    scratch.write("app.py", line("pushed"));
    commits.insert("pushed", commit(scratch, &ANN, "first"));
    scratch.write("app.py", "key = get()\n");
    scratch.write("old_name.py", line("renamed"));
    scratch.write("both.py", "x = 1\n");
    scratch.write("data.zip", zip());
    commits.insert("renamed", commit(scratch, &ANN, "second"));
    let remote = scratch.root().join("remote.git");
    scratch.git(&["init", "-q", "--bare", remote.to_str().unwrap()]);
    scratch.git(&["remote", "add", "origin", remote.to_str().unwrap()]);
    scratch.git(&["push", "-q", "origin", "HEAD:refs/heads/main"]);
    scratch.git(&["mv", "old_name.py", "new_name.py"]);
    commit(scratch, &BOB, "renames");
    let wide: Vec<u8> = line("utf16")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    scratch.write("utf16.txt", [&[0xff, 0xfe][..], &wide].concat());
    commits.insert("utf16", commit(scratch, &BOB, "wide"));
    let packed = line("packed");
    scratch.write("more.zip", zipped(&[("in/key.py", &packed)]));
    commits.insert("packed", commit(scratch, &BOB, "packs"));
    commits.insert(
        "message",
        commit(scratch, &BOB, &format!("uses {}", keys["message"])),
    );
    // A pure rename to a name with a key.
    scratch.write("plain.txt", "nothing\n");
    commit(scratch, &BOB, "a file");
    fs::create_dir_all(scratch.top().join("keys")).unwrap();
    scratch.git(&["mv", "plain.txt", &format!("keys/{}", keys["name"])]);
    commits.insert("name", commit(scratch, &BOB, "names"));
    scratch.git(&["rm", "-q", "-r", "keys"]);
    commit(scratch, &BOB, "unnames");
    let note = format!("see {}", keys["note"]);
    git_as(scratch, &BOB, &["notes", "add", "-m", &note, "HEAD~1"]);
    let notes = scratch.git(&["rev-parse", "refs/notes/commits"]);
    let told = format!("note {}", keys["tag"]);
    git_as(scratch, &BOB, &["tag", "-a", "v1", "-m", &told]);
    branches(scratch, keys, &mut commits);
    loose_ends(scratch, keys, &mut commits);
    commits.insert("note", notes);
    commits
}

/// What lies in branches, one of which is gone, and in a merge.
fn branches(
    scratch: &Scratch,
    keys: &BTreeMap<&str, String>,
    commits: &mut BTreeMap<&'static str, String>,
) {
    let line = |name: &str| format!("key = \"{}\"\n", keys[name]);
    scratch.git(&["branch", "-q", &format!("try/{}", keys["ref"])]);
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.write("both.py", "x = 2\n");
    commit(scratch, &BOB, "one side");
    scratch.git(&["checkout", "-q", "main"]);
    scratch.write("both.py", "x = 3\n");
    commit(scratch, &BOB, "other side");
    assert_ne!(scratch.try_git(&["merge", "-q", "side"]).code, Some(0));
    scratch.write("both.py", format!("x = 4\n{}", line("merge")));
    commits.insert("merge", commit(scratch, &EVE, "merged"));
    scratch.write("both.py", "x = 4\n");
    let person = format!("Mal <{}@example.com>", keys["author"]);
    scratch.git(&["add", "--all"]);
    let args = [
        "commit",
        "-q",
        "--no-verify",
        "-m",
        "by Mal",
        "--author",
        &person,
    ];
    scratch.git(&args);
    commits.insert("author", scratch.git(&["rev-parse", "HEAD"]));
    scratch.git(&["checkout", "-q", "-b", "doomed"]);
    scratch.write("gone.py", line("deleted"));
    commits.insert("deleted", commit(scratch, &EVE, "on a branch"));
    scratch.git(&["checkout", "-q", "main"]);
    scratch.git(&["branch", "-q", "-D", "doomed"]);
    let tree = scratch.root().join("tree");
    scratch.git(&["worktree", "add", "-q", "--detach", tree.to_str().unwrap()]);
    fs::write(tree.join("other.py"), line("worktree")).unwrap();
    scratch.git_in(&tree, &["add", "--all"]);
    let mut git = scratch.command("git");
    git.current_dir(&tree)
        .env("GIT_AUTHOR_DATE", EVE.1)
        .env("GIT_COMMITTER_DATE", EVE.1)
        .args([
            "-c",
            "user.name=Eve",
            "commit",
            "-q",
            "--no-verify",
            "-m",
            "there",
        ]);
    assert_eq!(crate::support::run(&mut git).code, Some(0));
    commits.insert("worktree", scratch.git_in(&tree, &["rev-parse", "HEAD"]));
}

/// What no branch has.
fn loose_ends(
    scratch: &Scratch,
    keys: &BTreeMap<&str, String>,
    commits: &mut BTreeMap<&'static str, String>,
) {
    let line = |name: &str| format!("key = \"{}\"\n", keys[name]);
    scratch.write("lost.py", line("reflog"));
    commits.insert("reflog", commit(scratch, &EVE, "lost"));
    scratch.git(&["reset", "-q", "--hard", "HEAD~1"]);
    scratch.write("app.py", line("stash"));
    git_as(scratch, &BOB, &["stash", "-q"]);
    commits.insert("stash", scratch.git(&["rev-parse", "refs/stash"]));
    scratch.write("app.py", line("expired"));
    git_as(scratch, &EVE, &["stash", "-q"]);
    commits.insert("expired", scratch.git(&["rev-parse", "refs/stash"]));
    scratch.git(&["update-ref", "refs/kept/stash", "refs/stash@{1}"]);
    scratch.git(&["reflog", "expire", "--expire=now", "refs/stash"]);
    assert_eq!(scratch.git(&["stash", "list"]), "");
    scratch.add("staged.py", line("index"));
    let blob = line("unreachable");
    scratch.git_fed(&["hash-object", "-w", "--stdin"], blob.as_bytes());
    let cache = scratch.top().join(".git/rr-cache/0123");
    fs::create_dir_all(&cache).unwrap();
    fs::write(cache.join("preimage"), line("rerere")).unwrap();
}

/// What a line says of pushes: whether each remote still has it, and the doubts.
fn reach(line: &Value) -> (Vec<(&str, bool)>, Vec<&str>) {
    let pushed = line["pushed"].as_array().unwrap().iter();
    let pushed = pushed.map(|it| (it["remote"].as_str().unwrap(), it["now"] == true));
    (pushed.collect(), strings(&line["doubts"]))
}

/// A repository with a remote, and its address. A git that knows no other format keeps refs in files.
fn with_remote(reading: Reading, format: &str) -> (Scratch, String) {
    let scratch = Scratch::new(reading);
    if format == "reftable" {
        scratch.try_git(&["refs", "migrate", "--ref-format=reftable"]);
    }
    let remote = scratch.add_remote().display().to_string();
    (scratch, remote)
}

#[test]
fn what_was_pushed_and_taken_back_is_pushed() {
    for (reading, format) in [
        (Reading::Default, "files"),
        (Reading::Git, "files"),
        (Reading::Default, "reftable"),
    ] {
        let [forced, pruned, fetched, kept] = [(); 4].map(|()| anthropic_key());
        let (scratch, remote) = with_remote(reading, format);
        scratch.write("a.txt", "nothing\n");
        commit(&scratch, &ANN, "first");
        scratch.git(&["push", "-q", "origin", "main"]);
        scratch.write("a.txt", &forced);
        let first = commit(&scratch, &BOB, "forced");
        scratch.git(&["push", "-q", "origin", "main"]);
        scratch.write("a.txt", "clean\n");
        git_as(
            &scratch,
            &BOB,
            &["commit", "-q", "-a", "--no-verify", "--amend", "-m", "x"],
        );
        scratch.git(&["push", "-q", "--force", "origin", "main"]);
        // A branch that the remote has no more: with it went the log of what tracked it.
        scratch.git(&["checkout", "-q", "-b", "side"]);
        scratch.write("side.txt", &pruned);
        commit(&scratch, &EVE, "pruned");
        scratch.git(&["push", "-q", "-u", "origin", "side"]);
        scratch.git(&["push", "-q", "origin", ":side"]);
        // What somebody else pushed where no branch is, and was fetched once.
        scratch.git(&["checkout", "-q", "--detach", "main"]);
        scratch.write("pull.txt", &fetched);
        let pull = commit(&scratch, &EVE, "pull");
        scratch.git(&["push", "-q", "origin", "HEAD:refs/pull/1/head"]);
        scratch.git(&["checkout", "-q", "main"]);
        scratch.git(&["fetch", "-q", "origin", "pull/1/head:pr"]);
        scratch.write("kept.txt", &kept);
        commit(&scratch, &EVE, "kept");
        let told = Told::of(&audit(&scratch, &[]));
        assert_eq!(
            reach(told.of_key(&forced)),
            (vec![("origin", false)], vec![])
        );
        assert_eq!(told.of_key(&forced)["urgency"], "pushed", "{format}");
        assert_eq!(told.of_key(&forced)["pushed"][0]["since"]["id"], first);
        assert!(told.of_key(&forced)["pushed"][0]["by"].is_string());
        assert_eq!(reach(told.of_key(&pruned)), (vec![], vec!["gone"]));
        assert_eq!(told.of_key(&pruned)["urgency"], "may-be-pushed");
        assert_eq!(
            reach(told.of_key(&fetched)),
            (vec![("origin", false)], vec![])
        );
        assert_eq!(told.of_key(&fetched)["first"]["id"], pull);
        assert_eq!(reach(told.of_key(&kept)), (vec![], vec![]));
        assert_eq!(told.of_key(&kept)["urgency"], "in-head");
        // A remote that nobody here knows any more: what came from it is still told as pushed.
        let clone = scratch.root().join("clone").display().to_string();
        scratch.git(&["clone", "-q", "--branch", "main", &remote, &clone]);
        scratch.git_in(
            Path::new(&clone),
            &["fetch", "-q", "origin", "pull/1/head:pr"],
        );
        scratch.git_in(Path::new(&clone), &["remote", "remove", "origin"]);
        let told = Told::of(&audit(&scratch, &[&clone]));
        let (pushed, _) = reach(told.of_key(&fetched));
        assert_eq!(pushed.len(), 1, "{:#?}", told.0);
    }
}

#[test]
fn where_a_push_leaves_no_trace_it_is_not_told_that_there_was_none() {
    let [tagged, said, noted, addressed, kept] = [(); 5].map(|()| anthropic_key());
    let (scratch, remote) = with_remote(Reading::Default, "files");
    scratch.write("a.txt", "nothing\n");
    commit(&scratch, &ANN, "first");
    scratch.git(&["push", "-q", "origin", "main"]);
    scratch.git(&["checkout", "-q", "--detach"]);
    scratch.write("tagged.txt", &tagged);
    commit(&scratch, &BOB, "tagged");
    git_as(
        &scratch,
        &BOB,
        &["tag", "-a", "v1", "-m", &format!("see {said}")],
    );
    git_as(&scratch, &BOB, &["notes", "add", "-m", &noted, "main"]);
    scratch.git(&["checkout", "-q", "-b", "fork", "main"]);
    scratch.git(&[
        "config",
        "branch.fork.pushRemote",
        "https://example.com/fork.git",
    ]);
    scratch.write("fork.txt", &addressed);
    commit(&scratch, &EVE, "for a fork");
    scratch.git(&["checkout", "-q", "main"]);
    scratch.write("kept.txt", &kept);
    commit(&scratch, &EVE, "kept");
    let told = Told::of(&audit(&scratch, &[]));
    for (key, doubts) in [
        (&tagged, vec!["tag"]),
        (&said, vec!["tag"]),
        (&noted, vec!["ref"]),
        (&addressed, vec!["address"]),
        (&kept, vec![]),
    ] {
        assert_eq!(reach(told.of_key(key)), (vec![], doubts), "{:#?}", told.0);
    }
    let id = told.of_key(&tagged)["id"].as_str().unwrap();
    let details = scratch.keyward(&["audit", id]).stdout;
    assert!(details.contains("not known: a tag has it"), "{details}");
    assert!(details.contains("git ls-remote"), "{details}");
    let human = scratch.keyward(&["audit"]).stdout;
    let ends = human.trim_end().rsplit("\n\n").next().unwrap();
    assert!(
        ends.starts_with("keyward: 5 secrets") && ends.contains("4 may be"),
        "{human}"
    );
    // A clone that tracks one branch does not learn of a push to another.
    scratch.git(&[
        "config",
        "remote.origin.fetch",
        "+refs/heads/main:refs/remotes/origin/main",
    ]);
    let told = Told::of(&audit(&scratch, &[]));
    assert_eq!(reach(told.of_key(&kept)), (vec![], vec!["untracked"]));
    // What a bare repository has came from others.
    scratch.git(&["push", "-q", "origin", "main", "v1"]);
    for (kind, expected) in [
        ("--bare", (vec![], vec!["bare"])),
        ("--mirror", (vec![("origin", true)], vec![])),
    ] {
        let clone = scratch.root().join(kind).display().to_string();
        scratch.git(&["clone", "-q", kind, &remote, &clone]);
        for clone in [clone.as_str(), &remote] {
            let told = Told::of(&audit(&scratch, &[clone]));
            let expected = match clone == remote {
                true => (vec![], vec!["bare"]),
                false => expected.clone(),
            };
            for key in [&kept, &tagged, &said] {
                assert_eq!(reach(told.of_key(key)), expected, "{kind}");
            }
        }
    }
    // Where a spec maps what it fetches, that is a remote's, wherever it lies.
    let far = scratch.root().join("far").display().to_string();
    scratch.git(&["init", "-q", &far]);
    let far = Path::new(&far);
    scratch.git_in(far, &["remote", "add", "up", &remote]);
    scratch.git_in(
        far,
        &["config", "remote.up.fetch", "+refs/heads/*:refs/far/*"],
    );
    scratch.git_in(far, &["fetch", "-q", "--no-tags", "up"]);
    fs::remove_file(far.join(".git/FETCH_HEAD")).unwrap();
    let told = Told::of(&audit(&scratch, &[far.to_str().unwrap()]));
    assert_eq!(reach(told.of_key(&kept)), (vec![("up", true)], vec![]));
}

#[test]
fn a_long_list_leaves_its_summary_on_the_screen() {
    let scratch = Scratch::new(Reading::Default);
    for number in 0..40 {
        let line = format!("key = \"{}\"\n", anthropic_key());
        scratch.write(format!("deep/in/a/long/way/{number}.py"), line);
    }
    commit(&scratch, &ANN, "first");
    let human = scratch.keyward(&["audit"]).stdout;
    let lines: Vec<&str> = human.lines().collect();
    assert!(lines[0].starts_with("keyward: 40 secrets"), "{human}");
    assert_eq!(lines.last(), lines.first(), "{human}");
    assert!(lines.len() <= 24, "{human}");
}

#[test]
fn what_is_whole_and_clean_says_so() {
    let scratch = Scratch::new(Reading::Default);
    scratch.write("a.txt", "nothing\n");
    commit(&scratch, &ANN, "first");
    let ran = audit(&scratch, &[]);
    ran.passes();
    let told = Told::of(&ran);
    assert_eq!(told.summary()["complete"], true);
    assert_eq!(told.summary()["commits"], 1);
    let human = scratch.keyward(&["audit"]);
    let expected = "keyward: no secrets in 1 commit and 1 version of files\n";
    assert_eq!((human.code, human.stdout.as_str()), (Some(0), expected));
}

#[test]
fn packed_history_is_told_as_loose_history_is() {
    let (one, other) = (anthropic_key(), anthropic_key());
    let scratch = Scratch::new(Reading::Default);
    for round in 0..30 {
        // Long enough that only what differs is looked at.
        let mut text = format!("{}\n", "some line of words\n".repeat(4000 + round));
        match round {
            7 => text.insert_str(40_000 / 19 * 19, &format!("{one}\n")),
            8..=20 => text.push_str(&format!("{one} {other}")),
            _ => {}
        }
        scratch.write("dir/long.txt", text);
        commit(&scratch, &ANN, &format!("round {round}"));
    }
    let loose = audit(&scratch, &[]).stdout;
    let told = Told(
        loose
            .lines()
            .map(|it| serde_json::from_str(it).unwrap())
            .collect(),
    );
    let beside = strings(&told.of_key(&one)["beside"]);
    assert_eq!(
        beside,
        [told.of_key(&other)["fingerprint"].as_str().unwrap()]
    );
    let first = &told.of_key(&other)["first"]["id"];
    assert_eq!(
        first.as_str(),
        Some(scratch.git(&["rev-parse", "HEAD~21"]).as_str())
    );
    let last = &told.of_key(&other)["last"]["id"];
    assert_eq!(
        last.as_str(),
        Some(scratch.git(&["rev-parse", "HEAD~9"]).as_str())
    );
    scratch.git(&["gc", "-q", "--aggressive"]);
    assert_eq!(audit(&scratch, &[]).stdout, loose);
    scratch.git(&["repack", "-q", "-a", "-d", "--depth=1"]);
    assert_eq!(audit(&scratch, &[]).stdout, loose);
}

/// A repository with a secret of each that an audit may look at again, and a remote.
fn with_secrets(keys: &[String]) -> Scratch {
    let scratch = Scratch::new(Reading::Default);
    let line = |at: usize| format!("key = \"{}\"\n", keys[at]);
    scratch.write("a/app.py", line(0));
    scratch.write("plain.txt", "nothing\n");
    commit(&scratch, &ANN, &format!("uses {}", keys[1]));
    scratch.write("a/app.py", "key = get()\n");
    scratch.write("b/copy.py", line(0));
    let person = format!("Bob {}", keys[2]);
    commit(&scratch, &Author(&person, BOB.1), "one");
    scratch.write("more.zip", zipped(&[("in/key.py", &line(3))]));
    scratch.write("data.zip", zip());
    scratch.write("id.pem", "nothing secret\n");
    commit(&scratch, &Author(&person, EVE.1), "two");
    scratch
}

#[test]
fn an_audit_that_knows_an_earlier_one_says_what_one_without_says() {
    let keys: Vec<String> = (0..6).map(|_| anthropic_key()).collect();
    let scratch = with_secrets(&keys);
    let told = Told::of(&audit(&scratch, &[]));
    assert!(keys[..4].iter().all(|key| told.has(key)));
    let says = known(&scratch);
    assert!(
        says.contains("3 commits and") && !says.contains("again"),
        "{says}"
    );
    // A commit that copies what is not clean, brings more, and says what another one says.
    scratch.write("c/copy.py", format!("key = \"{}\"\n", keys[0]));
    scratch.write("new.py", format!("key = \"{}\"\n", keys[4]));
    let person = format!("Bob {}", keys[2]);
    commit(&scratch, &Author(&person, EVE.1), "three");
    let says = known(&scratch);
    assert!(says.contains("3 commits and"), "{says}");
    audit(&scratch, &[]);
    // A branch from further back, staged files, and a tag of a blob.
    scratch.git(&["checkout", "-q", "-b", "side", "HEAD~3"]);
    scratch.write("b/side.py", format!("key = \"{}\"\n", keys[5]));
    commit(&scratch, &EVE, "side");
    scratch.git(&["checkout", "-q", "main"]);
    scratch.write("staged.py", format!("x = 1\nkey = \"{}\"\n", keys[5]));
    scratch.git(&["add", "staged.py"]);
    scratch.git(&["tag", "blob", "HEAD:new.py"]);
    let told = Told::of(&audit(&scratch, &[]));
    assert!(keys.iter().all(|key| told.has(key)));
    audit(&scratch, &["--unreachable"]);
    // What is gone is not told, and what is left is.
    scratch.git(&["branch", "-q", "-D", "side"]);
    scratch.git(&["rm", "-q", "--cached", "staged.py"]);
    scratch.git(&[
        "reflog",
        "expire",
        "--expire=now",
        "--expire-unreachable=now",
        "--all",
    ]);
    let says = known(&scratch);
    assert!(says.contains("listed again"), "{says}");
    let told = Told::of(&audit(&scratch, &[]));
    assert!(!told.has(&keys[5]) && told.has(&keys[4]));
    scratch.git(&["gc", "-q", "--prune=now"]);
    audit(&scratch, &[]);
}

#[cfg(unix)]
#[test]
fn what_others_left_of_an_audit_does_not_count() {
    use std::os::unix::fs::PermissionsExt;

    let keys: Vec<String> = (0..4).map(|_| anthropic_key()).collect();
    let mut scratch = with_secrets(&keys);
    let cache = scratch.top().join(".git/keyward-audit");
    let finds_all = |scratch: &Scratch| {
        let ran = scratch.keyward(&["audit", "--json", "-v"]);
        let told = Told::of(&ran);
        assert!(keys.iter().all(|key| told.has(key)), "{}", ran.told());
        ran.stderr
    };
    // Whoever excludes everything leaves that all is clean.
    let home = scratch.root().join("other home");
    fs::create_dir_all(&home).unwrap();
    scratch.write(".keyward.toml", "[scan]\nexclude = [\"*/**\", \"*.zip\"]\n");
    assert!(!Told::of(&scratch.keyward(&["audit", "--json"])).has(&keys[0]));
    fs::remove_file(scratch.top().join(".keyward.toml")).unwrap();
    let left = fs::read(&cache).unwrap();
    assert_eq!(
        cache.metadata().unwrap().permissions().mode() & 0o777,
        0o600
    );
    for key in &keys {
        assert_sealed(&left, key);
    }
    let says = finds_all(&scratch);
    assert!(says.contains("is not used"), "{says}");
    assert!(finds_all(&scratch).contains("3 commits and"));
    // Another user's, and one that is broken.
    scratch.set("HOME", home.to_str().unwrap());
    let says = finds_all(&scratch);
    assert!(says.contains("is not used"), "{says}");
    for broken in [&left[..], &left[..left.len() / 2], b""] {
        fs::write(&cache, broken).unwrap();
        assert!(finds_all(&scratch).contains("is not used"));
    }
    // Where nothing can be kept, all is looked at.
    fs::remove_file(&cache).unwrap();
    fs::create_dir(&cache).unwrap();
    finds_all(&scratch);
    finds_all(&scratch);
}

#[cfg(unix)]
#[test]
fn killed_at_any_moment_an_audit_leaves_the_next_one_as_it_was() {
    let keys: Vec<String> = (0..4).map(|_| anthropic_key()).collect();
    let scratch = with_secrets(&keys);
    let whole = audit(&scratch, &[]).stdout;
    let cache = scratch.top().join(".git/keyward-audit");
    for round in 0..rounds(50) {
        if round % 3 == 0 {
            fs::remove_file(&cache).unwrap_or_default();
        }
        let mut keyward = scratch.command(env!("CARGO_BIN_EXE_keyward"));
        keyward.args(["audit", "--json"]).stdout(Stdio::null());
        let mut child = keyward.stderr(Stdio::null()).spawn().unwrap();
        // Wherever it is by then: the outcome is the same.
        std::thread::sleep(std::time::Duration::from_millis(
            u64::try_from(round).unwrap() * 3,
        ));
        let _ = child.kill();
        child.wait().unwrap();
        let next = scratch.keyward(&["audit", "--json"]);
        assert_eq!(next.stdout, whole, "{round}");
    }
    audit(&scratch, &[]);
}

#[test]
fn only_what_some_commits_brought_is_told_where_that_is_asked() {
    let keys: Vec<String> = (0..3).map(|_| anthropic_key()).collect();
    let scratch = Scratch::new(Reading::Default);
    for (at, author) in [ANN, BOB, EVE].iter().enumerate() {
        let lines = keys[..=at].iter().map(|key| format!("key = \"{key}\"\n"));
        scratch.write("a.py", lines.collect::<String>());
        commit(&scratch, author, "more");
    }
    for (args, expected) in [
        (&[][..], [true, true, true]),
        (&["--since", "2022-02-02"], [false, true, true]),
        (&["--since", "2022-02-03"], [false, false, true]),
        (&["--since", "2030-01-01"], [false; 3]),
        (&["--range", "HEAD~2..HEAD~1"], [false, true, false]),
        (&["--range", "HEAD~2.."], [false, true, true]),
        (&["--range", "HEAD..HEAD"], [false; 3]),
    ] {
        let ran = audit(&scratch, args);
        let told = Told::of(&ran);
        let found = [0, 1, 2].map(|at| told.has(&keys[at]));
        assert_eq!(found, expected, "{args:?}");
        assert_eq!(ran.code, Some(i32::from(found.contains(&true))));
        assert_eq!(told.summary()["only"].is_null(), args.is_empty());
    }
    let human = scratch.keyward(&["audit", "--since", "2022-02-02"]).stdout;
    assert!(
        human.starts_with("keyward: 2 secrets brought since 2022-02-02 in 3 commits"),
        "{human}"
    );
    for (args, expected) in [
        (&["--since", "yesterday"][..], "a date is written"),
        (&["--range", "nothing..HEAD"], "no commit is called"),
        (&["--range", "HEAD"], "not a range"),
        (&["a.py"], "is a file, not a repository"),
    ] {
        let ran = scratch.keyward(&[&["audit"], args].concat());
        assert_eq!(ran.code, Some(2), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn what_is_not_here_is_said_and_is_not_clean() {
    let scratch = Scratch::new(Reading::Default);
    for round in 0..3 {
        scratch.write("a.txt", format!("round {round}\n"));
        commit(&scratch, &ANN, "round");
    }
    let shallow = scratch.root().join("shallow");
    let from = format!("file://{}", scratch.top().display());
    let to = shallow.to_str().unwrap();
    scratch.git(&["clone", "-q", "--depth", "1", &from, to]);
    let ran = scratch.keyward(&["audit", to]);
    assert_eq!(ran.code, Some(3), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("git fetch --unshallow"),
        "{}",
        ran.stdout
    );
    // An object that is gone.
    let blob = scratch.git(&["rev-parse", "HEAD~1:a.txt"]);
    let file = format!(".git/objects/{}/{}", &blob[..2], &blob[2..]);
    fs::remove_file(scratch.top().join(file)).unwrap();
    let ran = audit(&scratch, &[]);
    assert_eq!(ran.code, Some(3), "{}", ran.stdout);
    assert_eq!(Told::of(&ran).summary()["missing"], 1);
    assert_eq!(Told::of(&ran).summary()["complete"], false);
}

/// Of many commits, several threads go through the trees.
#[test]
fn a_long_history_is_told_as_a_short_one_is() {
    let keys = [anthropic_key(), anthropic_key()];
    let scratch = Scratch::new(Reading::Default);
    let mut stream = String::new();
    for round in 1..=1_800 {
        let mut files = vec![(format!("d{}/f{}.txt", round % 7, round % 40), "words")];
        let mut gone = "";
        match round {
            // It moves on from one path to the other, far apart.
            200 => files.push(("old/a.py".into(), keys[0].as_str())),
            900 => files.push(("new/b.py".into(), keys[0].as_str())),
            901 => gone = "D old/a.py\n",
            1_700 => files.push(("d1/k.py".into(), keys[1].as_str())),
            _ => {}
        }
        let time = 1_600_000_000 + round * 60;
        stream.push_str("commit refs/heads/main\n");
        stream.push_str(&format!("committer Ann <ann@example.com> {time} +0000\n"));
        stream.push_str(&format!("data <<E\nround {round}\nE\n{gone}"));
        for (path, what) in files {
            stream.push_str(&format!("M 644 inline {path}\n"));
            // Beside a key nothing may change, so that the blob is the same.
            let round = if what == "words" { round } else { 0 };
            stream.push_str(&format!("data <<E\nx = \"{what}\"\n# {round}\nE\n"));
        }
    }
    scratch.git_fed(&["fast-import", "--quiet", "--force"], stream.as_bytes());
    let commits = scratch.git(&["rev-list", "--reverse", "main"]);
    let commits: Vec<&str> = commits.lines().collect();
    let told = Told::of(&audit(&scratch, &[]));
    for (key, first, last, paths) in [
        (&keys[0], 199, 1_799, &["new/b.py", "old/a.py"][..]),
        (&keys[1], 1_699, 1_799, &["d1/k.py"]),
    ] {
        let line = told.of_key(key);
        assert_eq!(line["first"]["id"], commits[first]);
        assert_eq!(line["last"]["id"], commits[last]);
        assert_eq!(strings(&line["paths"]), paths);
    }
    assert_eq!(told.summary()["commits"], 1_800);
    assert_eq!(told.summary()["complete"], true);
}

/// A file that is not here costs no later audit more, is named with what to do, and is looked at once it is here.
#[test]
fn a_file_that_comes_later_is_told_as_if_it_had_been_here() {
    let keys = [anthropic_key(), anthropic_key()];
    let scratch = Scratch::new(Reading::Default);
    for round in 0..3 {
        scratch.write("a.txt", format!("round {round}\n"));
        let key = keys.get(round).map_or("none", String::as_str);
        scratch.write("conf/b.py", format!("key = \"{key}\"\n"));
        commit(&scratch, &ANN, "round");
    }
    let blob = scratch.git(&["rev-parse", "HEAD~1:conf/b.py"]);
    let file = format!(".git/objects/{}/{}", &blob[..2], &blob[2..]);
    let (file, aside) = (scratch.top().join(file), scratch.root().join("aside"));
    fs::rename(&file, &aside).unwrap();
    let told = Told::of(&audit(&scratch, &[]));
    assert!(told.has(&keys[0]) && !told.has(&keys[1]));
    let unread = told.0.iter().find(|line| line["kind"] == "unread");
    assert_eq!(unread.unwrap()["path"], "conf/b.py");
    let says = known(&scratch);
    assert!(
        says.contains("3 commits and") && !says.contains("again"),
        "{says}"
    );
    for (setting, mend) in [
        (None, "git fsck"),
        (Some("remote.origin.promisor"), "git fetch --refetch"),
    ] {
        if let Some(setting) = setting {
            scratch.git(&["config", setting, "true"]);
        }
        let human = scratch.keyward(&["audit"]).stdout;
        let what = "1 object that is not here: conf/b.py";
        assert!(human.contains(what) && human.contains(mend), "{human}");
    }
    fs::rename(&aside, &file).unwrap();
    let told = Told::of(&audit(&scratch, &[]));
    let first = &told.of_key(&keys[1])["first"]["id"];
    assert_eq!(*first, scratch.git(&["rev-parse", "HEAD~1"]));
    assert_eq!(told.summary()["complete"], true);
}

/// A copy of a partial clone has no remote that would give the rest.
#[test]
fn a_copy_of_a_partial_clone_says_so() {
    let scratch = Scratch::new(Reading::Default);
    scratch.write("small.txt", "small\n");
    scratch.write("large.txt", "a long line of words\n".repeat(100));
    commit(&scratch, &ANN, "files");
    scratch.git(&["config", "uploadpack.allowFilter", "true"]);
    let copy = scratch.root().join("copy.git");
    let from = format!("file://{}", scratch.top().display());
    let to = copy.to_str().unwrap();
    let filter = "--filter=blob:limit=1k";
    scratch.git(&["clone", "-q", "--bare", filter, &from, to]);
    for (remote, mend) in [
        (true, "git fetch --refetch"),
        (false, "clone again without --filter"),
    ] {
        if !remote {
            scratch.git(&["-C", to, "remote", "remove", "origin"]);
        }
        let ran = scratch.keyward(&["audit", to]);
        assert_eq!(ran.code, Some(3), "{}", ran.stdout);
        let what = "1 object that is not here: large.txt";
        assert!(
            ran.stdout.contains(what) && ran.stdout.contains(mend),
            "{}",
            ran.stdout
        );
    }
}

#[cfg(unix)]
#[test]
fn whoever_ends_it_is_told_what_was_found_and_that_it_is_not_all() {
    let (said, held) = (anthropic_key(), anthropic_key());
    let mut scratch = Scratch::new(Reading::Default);
    scratch.write("a.py", format!("key = \"{held}\"\n"));
    let first = commit(&scratch, &ANN, &format!("uses {said}"));
    let path = std::env::var("PATH").unwrap();
    // Ctrl-C arrives once all commits are read, and before any file is.
    let bin = scratch.root().join("bin");
    fs::create_dir_all(&bin).unwrap();
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *--batch-all-objects*) kill -INT $PPID; sleep 1 ;; esac\nPATH='{path}' exec git \"$@\"\n"
    );
    write_script(&bin.join("git"), &script);
    scratch.first_on_path(&bin);
    let ended = scratch.keyward(&["audit", "--json", "--unreachable"]);
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    let told = Told::of(&ended);
    assert_eq!(told.summary()["stopped"], true);
    assert_eq!(told.summary()["complete"], false);
    assert_eq!(told.of_key(&said)["first"]["id"], first);
    assert_eq!(strings(&told.of_key(&said)["branches"]), ["main"]);
    assert!(!told.has(&held));
    let human = scratch.keyward(&["audit", "--unreachable"]);
    assert!(human.stdout.contains("; not finished"), "{}", human.stdout);
    scratch.set("PATH", &path);
    let whole = Told::of(&audit(&scratch, &["--unreachable"]));
    assert_eq!(whole.summary()["complete"], true);
    assert!(whole.has(&said) && whole.has(&held));
}

#[test]
fn several_repositories_are_told_apart() {
    let key = anthropic_key();
    let scratch = Scratch::new(Reading::Default);
    let mut places = Vec::new();
    for (name, text) in [("one", key.as_str()), ("other", "nothing")] {
        let place = scratch.root().join(name);
        scratch.git(&["init", "-q", place.to_str().unwrap()]);
        fs::write(place.join("a.txt"), text).unwrap();
        scratch.git_in(&place, &["add", "a.txt"]);
        scratch.git_in(&place, &["commit", "-q", "--no-verify", "-m", "x"]);
        places.push(place);
    }
    let named: Vec<&str> = places
        .iter()
        .map(|place| Path::to_str(place).unwrap())
        .collect();
    let ran = audit(&scratch, &named);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let told = Told::of(&ran);
    assert_eq!(told.of_key(&key)["repository"], named[0]);
    assert_eq!(told.summary()["repository"], named[1]);
    assert_eq!(audit(&scratch, &["nowhere"]).code, Some(2));
}

/// A run with the variables that a pod of the Kubernetes job gets, and what it leaves.
#[cfg(unix)]
fn pod(scratch: &Scratch, index: usize, list: &Path, results: &Path) -> String {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("ci/kubernetes-audit.yml");
    let manifest = fs::read_to_string(manifest).unwrap();
    let job = &yaml_rust2::YamlLoader::load_from_str(&manifest).unwrap()[0]["spec"];
    let container = &job["template"]["spec"]["containers"][0];
    let shards = container["env"][0]["value"].as_str().unwrap();
    assert_eq!(
        Some(shards),
        job["completions"]
            .as_i64()
            .map(|it| it.to_string())
            .as_deref()
    );
    let bin = Path::new(env!("CARGO_BIN_EXE_keyward")).parent().unwrap();
    let mut pod = scratch.command(container["command"][0].as_str().unwrap());
    pod.args([
        container["command"][1].as_str().unwrap(),
        container["args"][0].as_str().unwrap(),
    ])
    .env("PATH", path_after(bin))
    .env("JOB_COMPLETION_INDEX", index.to_string())
    .env("SHARDS", shards)
    .env("REPOS", list)
    .env("RESULTS", results);
    let ran = crate::support::run(&mut pod);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    fs::read_to_string(results.join(format!("{index}.jsonl"))).unwrap()
}

#[cfg(unix)]
#[test]
fn many_repositories_in_shares_are_told_as_all_at_once() {
    let scratch = Scratch::new(Reading::Default);
    let top = scratch.root().join("many");
    let results = scratch.root().join("results");
    fs::create_dir_all(&results).unwrap();
    let count = rounds(200);
    let (mut list, mut keys) = (String::new(), Vec::new());
    for number in 0..count {
        let place = top.join(format!("group {}/r{number}", number % 3));
        scratch.git(&["init", "-q", place.to_str().unwrap()]);
        let key = anthropic_key();
        let text = if number % 4 == 0 {
            key.as_str()
        } else {
            "nothing"
        };
        fs::write(place.join("a.txt"), text).unwrap();
        scratch.git_in(&place, &["add", "a.txt"]);
        scratch.git_in(&place, &["commit", "-q", "--no-verify", "-m", "x"]);
        list.push_str(&format!("{}\t{}\n", place.display(), number % 7));
        if number % 4 == 0 {
            keys.push(key);
        }
    }
    // One is broken, in a directory of a repository: that one is not looked at instead.
    let broken = top.join("broken");
    fs::create_dir_all(broken.join(".git")).unwrap();
    list.push_str(&format!("{}\n", broken.display()));
    let file = scratch.root().join("list");
    fs::write(&file, &list).unwrap();
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    let json =
        |list: &Path| scratch.keyward(&["audit", "--json", "--repos", list.to_str().unwrap()]);
    let whole = json(&file);
    assert_eq!(whole.code, Some(3), "{}", whole.stderr);
    let told = Told::of(&whole);
    assert!(keys.iter().all(|key| told.has(key)));
    let of_kind = |kind: &str| told.0.iter().filter(|line| line["kind"] == kind).count();
    assert_eq!((of_kind("summary"), of_kind("failed")), (count, 1));
    // What lies below a directory is the same.
    let below = json(&top);
    assert_eq!(sorted(&below.stdout), sorted(&whole.stdout));
    let csv = scratch.keyward(&["audit", "--format", "csv", "--repos", top.to_str().unwrap()]);
    let rows = csv.stdout.split_terminator("\r\n");
    let starts = |start: &str| rows.clone().filter(|row| row.starts_with(start)).count();
    assert_eq!(
        (starts("kind,"), starts("secret,"), starts("failed,")),
        (1, keys.len(), 1)
    );
    let parts: Vec<String> = (0..8)
        .map(|index| pod(&scratch, index, &file, &results))
        .collect();
    let no_shares = |text: &str| {
        let mut lines = sorted(text);
        lines.retain(|line| !line.contains("\"kind\":\"share\""));
        lines
    };
    assert_eq!(no_shares(&parts.concat()), no_shares(&whole.stdout));
    merged(&scratch, &file, &whole.stdout, &parts);
    let human = scratch.keyward(&["audit", "--repos", top.to_str().unwrap()]);
    assert_eq!(human.code, Some(3));
    assert!(
        human.stdout.contains("failed") && human.stdout.contains("broken"),
        "{}",
        human.stdout
    );
    let last = human.stdout.lines().last().unwrap();
    let expected = format!(
        "keyward: {} repositories; secrets in {}; 1 could not be looked at",
        count + 1,
        keys.len()
    );
    assert_eq!(last, expected);
    for (args, expected) in [
        (&["--repos", "nowhere"][..], "there is no `nowhere`"),
        (&["--repos", ".", "--shard", "0/8"], "1/8"),
        (&["--shard", "1/8"], "--repos"),
        (&["--repos", results.to_str().unwrap()], "no repositories"),
    ] {
        let ran = scratch.keyward(&[&["audit"], args].concat());
        assert!(
            ran.code >= Some(2) && ran.stderr.contains(expected),
            "{args:?}: {}",
            ran.stderr
        );
    }
}

/// Holds what is put together of shares to what one run over all says, and has what is missing told.
fn merged(scratch: &Scratch, list: &Path, whole: &str, parts: &[String]) {
    let directory = scratch.root().join("merge");
    fs::create_dir_all(&directory).unwrap();
    let merge = |parts: &[&str], args: &[&str]| {
        let mut all: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        for (at, part) in parts.iter().enumerate() {
            let file = directory.join(format!("{at}.jsonl"));
            fs::write(&file, part).unwrap();
            all.push(file.to_str().unwrap().to_owned());
        }
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        scratch.keyward(&[&["report", "merge"], &all[..]].concat())
    };
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let one = merge(&[whole], &["--json"]);
    assert_eq!(one.code, Some(3), "{}", one.stderr);
    assert_eq!(merge(&parts, &["--json"]).stdout, one.stdout);
    assert_eq!(merge(&[&parts.concat()], &["--json"]).stdout, one.stdout);
    let told = Told::of(&one);
    assert_eq!(
        (
            told.summary()["missing"].as_u64(),
            told.summary()["failed"].as_u64()
        ),
        (Some(0), Some(1))
    );
    let list = list.to_str().unwrap();
    let human = merge(&parts, &["--repos", list]).stdout;
    assert!(
        human.contains("1 could not be looked at, 0 missing"),
        "{human}"
    );
    // One share is not there, and one was cut off.
    let cut_off = &parts[0][..parts[0].len() - 20];
    let human = merge(&[&[cut_off], &parts[2..]].concat(), &[]).stdout;
    for expected in [
        "the share 2/8",
        "audit it again",
        "which is no line of a report",
    ] {
        assert!(human.contains(expected), "{expected}: {human}");
    }
    let told = Told::of(&merge(&parts[1..], &["--json", "--repos", list]));
    assert!(told.summary()["missing"].as_u64() > Some(1));
    assert_eq!(merge(&["x"], &[]).code, Some(3));
    assert_eq!(
        scratch.keyward(&["report", "merge", "nowhere"]).code,
        Some(3)
    );
}

#[cfg(unix)]
#[test]
fn many_repositories_are_named_without_their_keys_and_told_to_whom_has_enough() {
    let scratch = Scratch::new(Reading::Default);
    let top = scratch.root().join("many");
    let (whole, broken) = (anthropic_key(), anthropic_key());
    let place = top.join(&whole);
    scratch.git(&["init", "-q", place.to_str().unwrap()]);
    fs::create_dir_all(top.join(&broken).join(".git")).unwrap();
    let top = top.to_str().unwrap();
    let place = place.to_str().unwrap();
    for args in [&["--repos", top][..], &[place, place]] {
        for format in [&[][..], &["--json"]] {
            let args = [&["audit"], args, format].concat();
            let ran = scratch.keyward(&args);
            assert!(ran.stdout.contains("sk-ant-api03-"), "{}", ran.stdout);
            for key in [&whole, &broken] {
                assert_sealed(ran.told().as_bytes(), key);
            }
            // Whoever reads ends before the first line comes.
            let mut keyward = scratch.command(env!("CARGO_BIN_EXE_keyward"));
            keyward.args(&args).stdout(Stdio::piped());
            let mut child = keyward.stderr(Stdio::piped()).spawn().unwrap();
            drop(child.stdout.take());
            let ended = child.wait_with_output().unwrap();
            assert_eq!(ended.status.code(), ran.code);
            assert_eq!(String::from_utf8(ended.stderr).unwrap(), ran.stderr);
        }
    }
}

#[test]
fn what_git_keeps_and_nobody_can_read_is_told() {
    let scratch = Scratch::new(Reading::Default);
    commit(&scratch, &ANN, "first");
    // As good as one that may not be read: those who run tests may be root.
    fs::create_dir_all(scratch.top().join(".git/MERGE_HEAD")).unwrap();
    let ran = audit(&scratch, &[]);
    assert_eq!(ran.code, Some(3), "{}", ran.stdout);
    let told = Told::of(&ran);
    let unread = told.0.iter().find(|line| line["kind"] == "unread").unwrap();
    assert!(unread["path"].as_str().unwrap().ends_with("MERGE_HEAD"));
    assert_eq!(told.summary()["complete"], false);
}
