//! What packages are made of: the files that make a release.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use yaml_rust2::YamlLoader;

use crate::support::{Reading, Scratch, run};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The value of a key of Cargo.toml's first table.
fn cargo(key: &str) -> String {
    let line = read("Cargo.toml")
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{key} = ")).map(str::to_owned));
    line.unwrap().trim_matches('"').to_owned()
}

#[test]
fn a_release_is_for_the_same_systems_everywhere() {
    let main: serde_json::Value = serde_json::from_str(&read("npm/keyward/package.json")).unwrap();
    let depends: BTreeSet<&str> = main["optionalDependencies"]
        .as_object()
        .unwrap()
        .keys()
        .map(|name| name.strip_prefix("@keyward/").unwrap())
        .collect();
    let workflow = read(".github/workflows/release.yml");
    let jobs = &YamlLoader::load_from_str(&workflow).unwrap()[0]["jobs"];
    let of_job = |job: &str, key: &str| -> BTreeSet<String> {
        let rows = jobs[job]["strategy"]["matrix"]["include"].as_vec().unwrap();
        rows.iter()
            .map(|row| row[key].as_str().unwrap().to_owned())
            .collect()
    };
    let built: BTreeSet<String> = of_job("build", "npm");
    let targets = of_job("build", "target");
    let depends: BTreeSet<String> = depends.into_iter().map(str::to_owned).collect();
    assert_eq!(depends, built);
    assert_eq!(built.len(), 6);

    // cargo binstall asks for archives of the name that .ci/archive gives.
    let cargo_toml = read("Cargo.toml");
    let url = "{ repo }/releases/download/v{ version }/{ name }-v{ version }-{ target }{ archive-suffix }";
    assert!(cargo_toml.contains(url));
    assert!(read(".ci/archive").contains("name=keyward-v$version-$target"));
    for line in cargo_toml.lines() {
        if let Some(target) = line.strip_prefix("[package.metadata.binstall.overrides.") {
            let target = target.trim_end_matches(']').replace("-gnu", "-musl");
            assert!(targets.contains(&target), "{target} is not built");
        }
    }
    assert!(of_job("image", "target").is_subset(&targets));
    // install.sh puts the two halves of a name together.
    let installer = read("install.sh");
    for target in &targets {
        let (cpu, system) = target.split_once('-').unwrap();
        assert!(
            installer.contains(&format!("target={system} ;;")),
            "{target}"
        );
        assert!(
            installer.contains(&format!("target={cpu}-$target ;;")),
            "{target}"
        );
    }
}

#[test]
fn workflows_name_what_there_is() {
    let oldest = cargo("rust-version");
    let ci = read(".github/workflows/ci.yml");
    assert!(ci.contains(&format!("rustup toolchain install {oldest} ")));
    assert!(ci.contains(&format!("cargo +{oldest} test --locked")));
    for name in [
        ".github/workflows/ci.yml",
        ".github/workflows/release.yml",
        "action.yml",
    ] {
        let workflow = read(name);
        for line in workflow.lines() {
            if let Some((_, action)) = line.split_once("uses: ") {
                let (reference, version) = action.split_once(" # v").expect("a version is named");
                let hash = reference.split_once('@').unwrap().1;
                assert!(
                    hash.len() == 40 && hash.bytes().all(|b| b.is_ascii_hexdigit()),
                    "{line}"
                );
                assert_eq!(version.split('.').count(), 3, "{line}");
            }
            for word in line.split_whitespace() {
                if [".ci/", "npm/", "packaging/"]
                    .iter()
                    .any(|own| word.starts_with(own))
                {
                    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(word);
                    assert!(path.is_file(), "{name}: there is no {word}");
                }
            }
        }
    }
}

#[test]
fn every_data_file_of_the_build_is_in_the_package() {
    let top = env!("CARGO_MANIFEST_DIR");
    let scratch = Scratch::new(Reading::Default);
    let list = std::process::Command::new(env!("CARGO"))
        .args([
            "package",
            "--locked",
            "--offline",
            "--allow-dirty",
            "--list",
        ])
        .current_dir(top)
        .output()
        .unwrap();
    assert!(
        list.status.success(),
        "{}",
        String::from_utf8_lossy(&list.stderr)
    );
    let list = String::from_utf8(list.stdout).unwrap().replace('\\', "/");
    let packed: BTreeSet<&str> = list.lines().collect();
    for tree in ["src", "build", "hooks"] {
        let tracked = run(scratch.command("git").args(["-C", top, "ls-files", tree]));
        for path in tracked.stdout.lines() {
            assert!(packed.contains(path), "{path} is not packed");
        }
    }
    for path in [
        "README.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "CHANGELOG.md",
        "build.rs",
    ] {
        assert!(packed.contains(path), "{path} is not packed");
    }
    assert!(
        !packed
            .iter()
            .any(|path| path.starts_with(".github") || path.starts_with("npm"))
    );
}
