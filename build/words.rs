//! Turns `words.toml` into static tables: the words in their order, the roles of each, and the words
//! of each role.

#[path = "../src/words/slot.rs"]
#[allow(dead_code, unreachable_pub)]
mod slot;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;

use crate::emit;

const LIST: &str = "src/words/words.toml";

/// The whole of `words.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    /// What each role means.
    roles: BTreeMap<String, String>,
    /// The roles of each word.
    words: BTreeMap<String, Vec<String>>,
}

/// Writes `words.rs` to the build's output directory.
///
/// # Errors
/// When a word has a role that the list does not explain, or one that no word has is explained; the
/// message says which.
pub(crate) fn generate() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={LIST}");
    println!("cargo:rerun-if-changed=build/words.rs");
    println!("cargo:rerun-if-changed=src/words/slot.rs");
    let text = fs::read_to_string(LIST)?;
    let list: List = toml::from_str(&text).map_err(|err| format!("{LIST}: {err}"))?;
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("words.rs"), tables(&list)?)?;
    Ok(())
}

fn tables(list: &List) -> Result<String, Box<dyn Error>> {
    /// The bits of a word in which its roles are kept.
    const MOST_ROLES: usize = 64;
    if list.roles.len() > MOST_ROLES {
        return Err(format!("{LIST}: more than {MOST_ROLES} roles").into());
    }
    let mut out = String::new();
    let words: Vec<String> = list.words.keys().cloned().collect();
    emit::texts("WORDS", &words, &mut out)?;
    writeln!(
        out,
        "const LONGEST: usize = {};",
        words.iter().map(String::len).max().unwrap_or(0)
    )?;
    let mut slots = vec![0; slot::SLOTS];
    if words.len() * 2 > slots.len() {
        return Err(format!("{LIST}: more words than src/words/slot.rs has room for").into());
    }
    for (number, word) in words.iter().enumerate() {
        let free = slot::all(word.as_bytes()).find(|&slot| slots[slot] == 0);
        slots[free.expect("half of them are free")] = number + 1;
    }
    let slots = emit::numbers(slots.iter());
    emit::table("NUMBERS", "u16", slot::SLOTS, &slots, &mut out)?;

    let mut roles = vec![0u64; words.len()];
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); list.roles.len()];
    for (number, (word, names)) in list.words.iter().enumerate() {
        if names.is_empty() || !names.is_sorted_by(|a, b| a < b) {
            return Err(format!("{LIST}: {word:?}: the roles are not in order").into());
        }
        for name in names {
            let role = list
                .roles
                .keys()
                .position(|role| role == name)
                .ok_or_else(|| format!("{LIST}: {word:?}: no role is called {name:?}"))?;
            roles[number] |= 1 << role;
            members[role].push(number);
        }
    }
    emit::table(
        "ROLES",
        "u64",
        roles.len(),
        &emit::numbers(roles.iter()),
        &mut out,
    )?;

    let mut starts = vec![0];
    for (role, members) in list.roles.keys().zip(&members) {
        if members.is_empty() {
            return Err(format!("{LIST}: no word has the role {role:?}").into());
        }
        starts.push(starts[starts.len() - 1] + members.len());
    }
    let members = members.concat();
    emit::table(
        "MEMBERS",
        "u16",
        members.len(),
        &emit::numbers(members.iter()),
        &mut out,
    )?;
    emit::table(
        "MEMBERS_STARTS",
        "u16",
        starts.len(),
        &emit::numbers(starts.iter()),
        &mut out,
    )?;

    // A role that nobody asks for is a constant that nobody uses: the compiler tells.
    writeln!(out, "/// The roles, as `words.toml` explains them.")?;
    writeln!(out, "pub(crate) mod role {{\n    use super::Role;")?;
    for (number, (role, doc)) in list.roles.iter().enumerate() {
        let name = role.to_uppercase().replace('-', "_");
        writeln!(out, "    #[doc = {}]", emit::rust_string(doc))?;
        writeln!(out, "    pub(crate) const {name}: Role = Role({number});")?;
    }
    writeln!(out, "}}")?;
    Ok(out)
}
