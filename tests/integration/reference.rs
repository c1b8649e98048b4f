//! docs/reference: made from what the program says of itself, or held to it.
//!
//! After a change, the pages that are made are written anew with
//! `KEYWARD_WRITE_DOCS=1 cargo test --locked --test integration reference`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value;

use crate::support::{Reading, Scratch, anthropic_key};

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/reference")
        .join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(page(name)).unwrap()
}

/// Holds a page to what it is made from, or writes it.
fn hold(name: &str, made: &str) {
    if std::env::var_os("KEYWARD_WRITE_DOCS").is_some() {
        fs::write(page(name), made).unwrap();
    }
    assert!(
        fs::read_to_string(page(name)).is_ok_and(|page| page == made),
        "docs/reference/{name} is out of date: KEYWARD_WRITE_DOCS=1 cargo test --locked --test \
         integration reference"
    );
}

fn schema() -> Value {
    let ran = Scratch::new(Reading::Default).keyward(&["config", "schema"]);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// What a value may be, in words.
fn takes(schema: &Value, at: &Value) -> String {
    let at = match at["$ref"].as_str() {
        Some(to) => schema.pointer(to.trim_start_matches('#')).unwrap(),
        None => at,
    };
    if let Some(any) = at["anyOf"].as_array() {
        let all: Vec<String> = any.iter().map(|at| takes(schema, at)).collect();
        return all.join(", or ");
    }
    if let Some(words) = at["enum"].as_array() {
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        return words.join(", ");
    }
    match at["type"].as_str().unwrap() {
        "array" => format!("a list: {}", takes(schema, &at["items"])),
        "boolean" => "`true` or `false`".to_owned(),
        "number" => "a number".to_owned(),
        "object" => "a table".to_owned(),
        _ => "a text".to_owned(),
    }
}

/// A cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn row(schema: &Value, name: &str, at: &Value) -> String {
    let about = at["description"].as_str().unwrap_or_default();
    format!(
        "| `{name}` | {} | {} |\n",
        cell(about),
        cell(&takes(schema, at))
    )
}

#[test]
fn the_page_of_settings_is_the_schema() {
    let schema = schema();
    let mut out = String::from(
        "# Settings\n\nMade from the schema that `keyward config schema` prints. How layers and locks work \
         together, and what holds for a commit, is in [team](../team.md).\n\n| key | does | takes |\n|---|---|---|\n",
    );
    for (name, at) in schema["properties"].as_object().unwrap() {
        match at["properties"].as_object() {
            Some(below) if at["type"] == "object" => {
                for (key, at) in below {
                    out.push_str(&row(&schema, &format!("{name}.{key}"), at));
                }
            }
            _ => out.push_str(&row(&schema, name, at)),
        }
    }
    hold("settings.md", &out);
}

#[test]
fn the_page_of_own_rules_has_every_word() {
    let schema = schema();
    let rule = &schema["properties"]["rule"]["items"];
    let mut out = String::from(
        "# The words of your own rules\n\nA `[[rule]]` of `.keyward.toml` has these keys. The notation of formats is in \
         [team](../team.md); `keyward rules check` tries a rule, and `keyward rules show ID` shows what it became.\n\n\
         | key | says | takes |\n|---|---|---|\n",
    );
    for (name, at) in rule["properties"].as_object().unwrap() {
        out.push_str(&row(&schema, name, at));
    }
    let needed: Vec<String> = rule["required"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| format!("`{}`", key.as_str().unwrap()))
        .collect();
    let _ = writeln!(
        out,
        "\nNeeded are {}, and one of `format`, `pattern` and `names`. A `pattern` needs `keywords`, and `examples` by \
         which it is tried.",
        needed.join(" and ")
    );
    hold("own-rules.md", &out);
}

#[test]
fn every_variable_is_on_its_page_and_every_variable_there_is_read() {
    let named = Regex::new(r"\bKEYWARD_[A-Z_]+").unwrap();
    let mut read_by_the_source = BTreeSet::new();
    let mut dirs = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap();
                for line in code.lines().filter(|line| line.contains("const ")) {
                    let found = named.find_iter(line).map(|found| found.as_str().to_owned());
                    read_by_the_source.extend(found);
                }
            }
        }
    }
    let page = read("environment.md");
    let on_the_page: BTreeSet<String> = named
        .find_iter(&page)
        .map(|found| found.as_str().to_owned())
        .collect();
    assert_eq!(on_the_page, read_by_the_source);
}

#[test]
fn the_exit_codes_of_the_page_are_those_of_the_program() {
    let scratch = Scratch::new(Reading::Default);
    scratch.commit_all();
    let page = read("exit-codes.md");
    let mut ended = BTreeSet::from([141]);
    let mut ends = |command: &[&str]| {
        ended.insert(scratch.keyward(command).code.unwrap());
    };
    ends(&["scan"]);
    ends(&["scan", "--no-such-option"]);
    scratch.add("a.py", format!("k = '{}'\n", anthropic_key()));
    ends(&["scan", "--staged"]);
    ends(&["scan", "--range", &format!("{}..HEAD", "1".repeat(40))]);
    let told: BTreeSet<i32> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok())
        .collect();
    assert_eq!(told, ended);
    // git has its own.
    scratch.keyward(&["install"]).passes();
    let refused = scratch.try_git(&["commit", "-qm", "x"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    scratch.add(".keyward.toml", "nonsense\n");
    let refused = scratch.try_git(&["commit", "-qm", "x"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
}

/// Holds what was printed to a schema of docs/reference/schemas; and no key of it is unknown there.
fn fits(name: &str, printed: &str) {
    let schema: Value = serde_json::from_str(&read(&format!("schemas/{name}"))).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value: Value = serde_json::from_str(printed).unwrap();
    let faults: Vec<String> = validator
        .iter_errors(&value)
        .map(|fault| fault.to_string())
        .collect();
    assert!(faults.is_empty(), "{name}: {faults:?}\n{printed}");
    let text = schema.to_string();
    for key in value.as_object().unwrap().keys() {
        assert!(text.contains(&format!("\"{key}\":")), "{name} lacks {key}");
    }
}

#[test]
fn what_is_printed_for_programs_fits_its_schema() {
    let scratch = Scratch::new(Reading::Default);
    scratch.write("old/.env", format!("A={}\n", anthropic_key()));
    scratch.write(
        "big.psd",
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1\n",
    );
    scratch.commit_all();
    let base = scratch.git(&["rev-parse", "HEAD"]);
    scratch.write("old/.env", format!("A={}\nB=1\n", anthropic_key()));
    scratch.write(".env", format!("A={}\n", anthropic_key()));
    scratch.write("a b.py", format!("k = '{}'\n", anthropic_key()));
    scratch.write("x.zip", b"PK\x03\x04rest");
    scratch.commit_all();
    let range = format!("{}..HEAD", base.trim());
    let mut lines = 0;
    for command in [
        &["scan", "."][..],
        &["scan", "--range", &range],
        &["scan", "--range", "no-such-branch..HEAD"],
    ] {
        let ran = scratch.keyward(&[command, &["--format", "json"]].concat());
        for line in ran.stdout.lines() {
            fits("scan.schema.json", line);
            lines += 1;
        }
    }
    assert!(lines >= 6, "{lines}");
    for line in scratch.keyward(&["audit", "--json"]).stdout.lines() {
        fits("audit.schema.json", line);
    }
    let history = scratch.home().join(".bash_history");
    fs::write(history, format!("export K={}\n", anthropic_key())).unwrap();
    let ran = scratch.keyward(&["sweep", "--json"]);
    fits("sweep.schema.json", ran.stdout.trim());
    let ran = scratch.keyward(&["keys", "--json"]);
    fits("keys.schema.json", ran.stdout.trim());
    let ran = scratch.keyward(&["doctor", "--json"]);
    fits("doctor.schema.json", ran.stdout.trim());
}
