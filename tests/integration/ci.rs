//! Jobs for CI: those of docs/ci.md and of `ci/`, read as a forge reads them, and their steps run with
//! the variables that the forge sets, over a pull request and over a push.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};

use yaml_rust2::{Yaml, YamlLoader};

use crate::support::{Ran, Reading, Scratch, anthropic_key, path_after, run, write_script};

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap()
}

fn yaml(text: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(text).unwrap();
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

/// The fenced blocks under a heading of docs/ci.md.
fn blocks(heading: &str) -> Vec<String> {
    let page = read("docs/ci.md");
    let start = page.find(&format!("\n## {heading}\n")).unwrap() + 1;
    let section = page[start..].split("\n## ").next().unwrap();
    let fenced = section.split("\n```").skip(1).step_by(2);
    fenced
        .map(|block| block.split_once('\n').unwrap().1.to_owned() + "\n")
        .collect()
}

/// What steps run, in their order, wherever they stand below this.
fn scripts(below: &Yaml, found: &mut Vec<String>) {
    match below {
        Yaml::Array(items) => items.iter().for_each(|item| scripts(item, found)),
        Yaml::Hash(entries) => {
            for (key, value) in entries {
                let runs = matches!(
                    key.as_str(),
                    Some("script" | "command" | "commands" | "run")
                );
                match value {
                    Yaml::String(line) if runs => found.push(line.clone()),
                    Yaml::Array(lines) if runs => {
                        let lines: Vec<_> = lines.iter().map(|it| it.as_str().unwrap()).collect();
                        found.push(lines.join("\n"));
                    }
                    _ => scripts(value, found),
                }
            }
        }
        _ => {}
    }
}

fn scripts_of(below: &Yaml) -> Vec<String> {
    let mut found = Vec::new();
    scripts(below, &mut found);
    assert!(!found.is_empty());
    found
}

/// A repository as a forge checks it out: `origin/main`, and a branch of two commits whose first adds a
/// key and whose second takes it out again, merged as forges do it to try a pull request.
struct Checkout {
    scratch: Scratch,
    base: String,
    head: String,
}

impl Checkout {
    fn new() -> Self {
        let mut scratch = Scratch::new(Reading::Default);
        let bin = scratch.root().join("bin");
        fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_keyward"), bin.join("keyward")).unwrap();
        scratch.first_on_path(&bin);
        scratch.add("a", "x\n");
        scratch.commit_all();
        let base = scratch.git(&["rev-parse", "HEAD"]);
        scratch.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
        scratch.git(&["checkout", "-q", "-b", "topic"]);
        scratch.add("app.py", format!("key = '{}'\n", anthropic_key()));
        scratch.commit_all();
        scratch.add("app.py", "key = None\n");
        scratch.commit_all();
        let head = scratch.git(&["rev-parse", "HEAD"]);
        Self {
            scratch,
            base,
            head,
        }
    }

    /// `BASE` and `HEAD` in values stand for the ends of the pull request.
    fn run(&self, scripts: &[String], variables: &[(&str, &str)]) -> Ran {
        let mut path = None;
        let mut last = None;
        for script in scripts {
            let mut shell = self.scratch.command("sh");
            shell.args(["-ec", script]);
            for (name, value) in variables {
                let value = value.replace("BASE", &self.base);
                shell.env(name, value.replace("HEAD", &self.head));
            }
            if let Some(path) = &path {
                shell.env("PATH", path);
            }
            let ran = run(&mut shell);
            if let Some((_, dir)) = ran.stdout.split_once("##vso[task.prependpath]") {
                path = Some(path_after(Path::new(dir.trim())));
            }
            let failed = ran.code != Some(0);
            last = Some(ran);
            if failed {
                break;
            }
        }
        last.unwrap()
    }

    /// The key that only history holds is found where the range is looked at, and `main` is clean.
    fn finds(
        &self,
        request: &[String],
        in_request: &[(&str, &str)],
        push: &[String],
        in_push: &[(&str, &str)],
    ) {
        let ran = self.run(request, in_request);
        let told = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, Some(1), "{request:?}: {told}");
        assert!(told.contains("app.py:1"), "{told}");
        self.scratch
            .git(&["checkout", "-q", "--detach", "origin/main"]);
        self.run(push, in_push).passes();
        // The branch without its base: nobody may take that for clean.
        self.scratch.git(&["checkout", "-q", "topic"]);
        self.scratch
            .git(&["update-ref", "-d", "refs/remotes/origin/main"]);
        let nowhere: Vec<(&str, &str)> = in_request
            .iter()
            .map(|(name, value)| (*name, if *value == "BASE" { GONE } else { *value }))
            .collect();
        let ran = self.run(request, &nowhere);
        assert!(ran.code > Some(1), "{request:?}: {}", ran.stderr);
    }
}

/// A commit that nobody has.
const GONE: &str = "0123456789012345678901234567890123456789";

#[test]
fn gitlab() {
    let job = &yaml(&read("ci/gitlab.yml"))["keyward"];
    assert_eq!(job["variables"]["GIT_DEPTH"].as_str(), Some("0"));
    let steps = scripts_of(job);
    let checkout = Checkout::new();
    let none = "0000000000000000000000000000000000000000";
    let request = [
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "BASE"),
        ("CI_COMMIT_BEFORE_SHA", none),
        ("CI_COMMIT_SHA", "HEAD"),
    ];
    assert_eq!(checkout.run(&steps, &request).code, Some(1));
    let report = |name: &str| -> serde_json::Value {
        let declared = job["artifacts"]["reports"].as_hash().unwrap();
        assert!(declared.values().any(|file| file.as_str() == Some(name)));
        serde_json::from_slice(&fs::read(checkout.scratch.top().join(name)).unwrap()).unwrap()
    };
    let quality = report("gl-code-quality-report.json");
    assert_eq!(quality[0]["location"]["path"], "app.py");
    let secrets = report("gl-secret-detection-report.json");
    assert_eq!(secrets["vulnerabilities"][0]["location"]["file"], "app.py");
    // A push that brings both commits, and one of a new branch, which has all files looked at.
    let push = [("CI_COMMIT_BEFORE_SHA", "BASE"), ("CI_COMMIT_SHA", "HEAD")];
    assert_eq!(checkout.run(&steps, &push).code, Some(1));
    let new = [("CI_COMMIT_BEFORE_SHA", none), ("CI_COMMIT_SHA", "HEAD")];
    checkout.run(&steps, &new).passes();
    checkout.finds(&steps, &request, &steps, &new);
}

#[test]
fn bitbucket() {
    let file = yaml(&blocks("Bitbucket Pipelines")[0]);
    assert_eq!(file["clone"]["depth"].as_str(), Some("full"));
    let request = scripts_of(&file["pipelines"]["pull-requests"]["**"]);
    let push = scripts_of(&file["pipelines"]["branches"]["main"]);
    let variables = [
        ("BITBUCKET_PR_DESTINATION_COMMIT", "BASE"),
        ("BITBUCKET_COMMIT", "HEAD"),
    ];
    Checkout::new().finds(&request, &variables, &push, &variables[1..]);
}

#[test]
fn circle_ci() {
    let file = yaml(&blocks("CircleCI")[0]);
    let job = &file["jobs"]["keyward"];
    assert_eq!(job["steps"][0]["checkout"]["method"].as_str(), Some("full"));
    let steps = scripts_of(job);
    let request = [("CIRCLE_BRANCH", "topic")];
    Checkout::new().finds(&steps, &request, &steps, &[("CIRCLE_BRANCH", "main")]);
}

#[test]
fn woodpecker() {
    let file = yaml(&blocks("Woodpecker")[0]);
    let clone = &file["clone"][0]["settings"];
    assert_eq!(clone["depth"].as_i64(), Some(0));
    assert_eq!(clone["partial"].as_bool(), Some(false));
    assert_eq!(clone["fetch_target_branch"].as_bool(), Some(true));
    let steps = scripts_of(&file["steps"]);
    let request = [("CI_COMMIT_TARGET_BRANCH", "main")];
    Checkout::new().finds(&steps, &request, &steps, &[]);
}

/// Those that take keyward by the line of docs/ci.md, out of a release that lies on disk.
#[cfg(target_os = "linux")]
mod taken {
    use super::*;
    use crate::releases::Releases;

    fn checkout(releases: &Releases) -> Checkout {
        let mut checkout = Checkout::new();
        // Whoever asks for an address gets the file of its name.
        write_script(
            &checkout.scratch.root().join("bin/curl"),
            &format!(
                "#!/bin/sh\nfor url; do :; done\ncat \"{}/${{url##*/}}\"\n",
                releases.files().display()
            ),
        );
        fs::remove_file(checkout.scratch.root().join("bin/keyward")).unwrap();
        checkout.scratch.set("KEYWARD_RELEASES", &releases.url());
        checkout
    }

    #[test]
    fn azure() {
        let file = yaml(&blocks("Azure Pipelines")[0]);
        assert_eq!(file["steps"][0]["fetchDepth"].as_i64(), Some(0));
        let steps = scripts_of(&file["steps"]);
        assert_eq!(steps.len(), 2);
        let releases = Releases::new(None);
        let azure_repos = [("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main")];
        checkout(&releases).finds(&steps, &azure_repos, &steps, &[]);
        let github = [("SYSTEM_PULLREQUEST_TARGETBRANCH", "main")];
        checkout(&releases).finds(&steps, &github, &steps, &[]);
    }

    #[test]
    fn jenkins() {
        let file = blocks("Jenkins").remove(0);
        let steps: Vec<String> = file
            .split("'''")
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect();
        assert_eq!(steps.len(), 2);
        assert!(file.contains("KEYWARD_BIN = \"${WORKSPACE_TMP}/keyward\""));
        let releases = Releases::new(None);
        let checkout = checkout(&releases);
        let bin = checkout.scratch.root().join("workspace/keyward");
        let bin = ("KEYWARD_BIN", bin.to_str().unwrap());
        checkout.finds(&steps, &[bin, ("CHANGE_TARGET", "main")], &steps, &[bin]);
    }

    #[test]
    fn the_action_takes_a_release_and_says_if_there_is_none() {
        let releases = Releases::new(None);
        let checkout = checkout(&releases);
        fs::remove_file(checkout.scratch.root().join("bin/curl")).unwrap();
        let temp = checkout.scratch.root().join("temp");
        fs::create_dir(&temp).unwrap();
        let outputs = temp.join("outputs");
        let take = |variables: &[(&str, &str)]| {
            drop(fs::remove_file(&outputs));
            let mut command = checkout.scratch.command(top().join("ci/github.sh"));
            command
                .arg("take")
                .env("GITHUB_OUTPUT", &outputs)
                .env("RUNNER_TEMP", &temp);
            run(command.envs(variables.iter().copied())).passes();
            fs::read_to_string(&outputs).unwrap()
        };
        let nowhere = take(&[("KEYWARD_RELEASES", "file:///nowhere")]);
        assert!(nowhere.starts_with("taken=false\nsource="), "{nowhere}");
        let source = nowhere.trim().rsplit('=').next().unwrap();
        assert!(source.len() == 40 && source.bytes().all(|b| b.is_ascii_hexdigit()));
        assert!(take(&[("KEYWARD_BUILD", "true")]).contains("taken=false"));
        assert!(!temp.join("keyward").exists());
        assert!(take(&[]).starts_with("taken=true\n"));
        assert!(temp.join("keyward/keyward").is_file());
        // What the cache had is not built again.
        let mut build = checkout.scratch.command(top().join("ci/github.sh"));
        build.arg("build").env("RUNNER_TEMP", &temp);
        run(&mut build).passes();
    }
}

/// `ci/github.sh scan` with the environment that action.yml gives it.
fn github(checkout: &Checkout, variables: &[(&str, &str)]) -> Ran {
    let scan = format!("'{}' scan", top().join("ci/github.sh").display());
    let temp = checkout.scratch.root().join("temp");
    let mut all = vec![
        ("RUNNER_TEMP", temp.to_str().unwrap()),
        ("KEYWARD_DEFAULT", "main"),
    ];
    all.extend(variables);
    checkout.run(&[scan], &all)
}

#[test]
fn github_looks_at_what_the_event_brings() {
    let none = "0000000000000000000000000000000000000000";
    let event = |name, base| {
        [
            ("GITHUB_EVENT_NAME", name),
            ("KEYWARD_BASE", base),
            ("KEYWARD_HEAD", "HEAD"),
        ]
    };
    let checkout = Checkout::new();
    for (name, base) in [
        ("pull_request", "BASE"),
        ("merge_group", "BASE"),
        ("push", "BASE"),
        // A new branch, and one that was forced.
        ("push", none),
        ("push", GONE),
    ] {
        let ran = github(&checkout, &event(name, base));
        assert_eq!(ran.code, Some(1), "{name} {base}: {}", ran.stderr);
        assert!(
            ran.stdout.contains("::error file=app.py,line=1,"),
            "{}",
            ran.stdout
        );
    }
    let mut range = event("push", none).to_vec();
    range.push(("KEYWARD_RANGE", "all"));
    github(&checkout, &range).passes();
    range.push(("KEYWARD_RANGE", "BASE..HEAD"));
    assert_eq!(github(&checkout, &range).code, Some(1));
    // By hand, or by the clock: all files.
    github(
        &checkout,
        &[("GITHUB_EVENT_NAME", "schedule"), ("KEYWARD_HEAD", "HEAD")],
    )
    .passes();
    // The base of a pull request that was not fetched is no reason to look at less.
    assert!(github(&checkout, &event("pull_request", GONE)).code > Some(1));
    // A range is one argument, whatever an event puts into it.
    let ran = github(&checkout, &[("KEYWARD_RANGE", "a..b; touch ran")]);
    assert!(ran.code > Some(1), "{}", ran.stderr);
    assert!(!checkout.scratch.top().join("ran").exists());
}

#[test]
fn github_writes_a_report_and_a_summary() {
    let checkout = Checkout::new();
    let summary = checkout.scratch.root().join("summary.md");
    let told = || fs::read_to_string(&summary).unwrap();
    let summary_at = ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap());
    let range = ("KEYWARD_RANGE", "BASE..HEAD");
    let ran = github(
        &checkout,
        &[range, ("KEYWARD_SARIF", "out.sarif"), summary_at],
    );
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let report = fs::read(checkout.scratch.top().join("out.sarif")).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(
        report["runs"][0]["results"][0]["ruleId"],
        "anthropic-api-key"
    );
    assert!(told().contains("app.py"), "{}", told());
    drop(fs::remove_file(&summary));
    github(&checkout, &[("KEYWARD_RANGE", "HEAD..HEAD"), summary_at]);
    assert!(!told().contains("app.py"));
    drop(fs::remove_file(&summary));
    assert!(github(&checkout, &[("KEYWARD_RANGE", "no..where"), summary_at]).code > Some(1));
    assert!(told().contains("### keyward"), "{}", told());
}

#[test]
fn github_names_the_mend_for_a_shallow_checkout() {
    let checkout = Checkout::new();
    let origin = format!("file://{}", checkout.scratch.top().display());
    let shallow = checkout.scratch.root().join("shallow");
    checkout.scratch.git(&[
        "clone",
        "-q",
        "--depth=1",
        &origin,
        shallow.to_str().unwrap(),
    ]);
    let mut scan = checkout.scratch.command(top().join("ci/github.sh"));
    scan.arg("scan")
        .current_dir(&shallow)
        .env("GITHUB_EVENT_NAME", "pull_request");
    let ran = run(scan
        .env("KEYWARD_BASE", &checkout.base)
        .env("KEYWARD_HEAD", &checkout.head));
    assert!(ran.code > Some(1), "{}", ran.stderr);
    assert!(ran.stdout.contains("fetch-depth: 0"), "{}", ran.stdout);
}

#[test]
fn the_workflows_of_the_page_are_complete_and_the_action_takes_what_they_give() {
    let action = yaml(&read("action.yml"));
    let inputs = action["inputs"].as_hash().unwrap();
    let workflows = blocks("GitHub Actions");
    assert_eq!(workflows.len(), 2);
    for text in &workflows {
        let workflow = yaml(text);
        assert!(!workflow["on"]["pull_request"].is_badvalue(), "{text}");
        assert_eq!(workflow["permissions"]["contents"].as_str(), Some("read"));
        let steps = workflow["jobs"]["keyward"]["steps"].as_vec().unwrap();
        assert_eq!(steps[0]["with"]["fetch-depth"].as_i64(), Some(0));
        let own = steps.iter().find(|step| {
            step["uses"]
                .as_str()
                .unwrap()
                .starts_with("keyward/keyward@")
        });
        if let Some(given) = own.unwrap()["with"].as_hash() {
            for name in given.keys() {
                assert!(inputs.contains_key(name), "{name:?}");
            }
        }
        if text.contains("upload-sarif") {
            assert_eq!(
                workflow["permissions"]["security-events"].as_str(),
                Some("write")
            );
        }
    }
    for line in read("action.yml")
        .lines()
        .filter(|line| line.contains("run: "))
    {
        assert!(
            !line.contains("${{") && line.contains("$GITHUB_ACTION_PATH/ci/github.sh"),
            "{line}"
        );
    }
}

/// What is named by its version is this version.
#[test]
fn every_page_names_the_version_that_it_is_of() {
    let mut pages: Vec<PathBuf> = vec!["README.md".into(), "ci/gitlab.yml".into()];
    for entry in fs::read_dir(top().join("docs")).unwrap() {
        pages.push(Path::new("docs").join(entry.unwrap().file_name()));
    }
    let marks = [
        "ghcr.io/keyward/keyward:",
        "keyward/keyward@v",
        "keyward/keyward/v",
        "releases/download/v",
        "rev: v",
    ];
    let mut named = 0;
    for page in pages.iter().filter(|page| top().join(page).is_file()) {
        let text = read(page.to_str().unwrap());
        for mark in marks {
            for (at, _) in text.match_indices(mark) {
                let rest = &text[at + mark.len()..];
                assert!(
                    rest.starts_with(VERSION),
                    "{}: {mark}{:.9}",
                    page.display(),
                    rest
                );
                named += 1;
            }
        }
    }
    assert!(named >= 10, "{named}");
}
