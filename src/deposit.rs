//! Hands a secret to a store by the store's own command, and asks for it again.
//!
//! The value goes to the command's standard input alone: not into its arguments, which every program of the
//! machine can read, nor into a file or the environment. Nothing that the command prints is passed on.

use std::io::{self, Write};
use std::process::{Command, Output, Stdio};
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use bstr::ByteSlice;
use serde_json::json;

use crate::encoding::encode_base64_padded;
use crate::store::{Feed, Place, Save};

/// What became of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deposit {
    /// It was there already.
    Known,
    /// It was put there.
    Saved,
}

/// Sees to it that the store keeps this value under the variable's name, and reads it back.
///
/// # Errors
/// When the store has no command for it, keeps another value there, or does not give this one back.
pub(crate) fn keep(place: Place<'_>, variable: &str, value: &[u8]) -> Result<Deposit> {
    let name = place.store.name();
    let save = place.store.save().map_err(anyhow::Error::msg)?;
    match read(place, variable).context("the file is as it was")? {
        Some(kept) if is_same(&kept, value) => return Ok(Deposit::Known),
        Some(kept) if !kept.trim_ascii().is_empty() => bail!(
            "{name} keeps another value of {variable} already: see which of them is right, and change it \
             there, or name these keys apart by --app NAME"
        ),
        _ => {}
    }
    hand_over(place, save, variable, value).context("nothing is lost: the file is as it was")?;
    Ok(Deposit::Saved)
}

/// Has the store keep this value in the place of another one, and reads it back.
///
/// # Errors
/// When the store has no command for it, does not take it, or does not give it back.
pub(crate) fn change(place: Place<'_>, variable: &str, value: &[u8]) -> Result<()> {
    let change = place.store.change().map_err(anyhow::Error::msg)?;
    hand_over(place, change, variable, value)
}

fn hand_over(place: Place<'_>, save: Save, variable: &str, value: &[u8]) -> Result<()> {
    let name = place.store.name();
    let command = place.command(save.command, variable);
    let output = run(&command, &fed(save.feed, place, variable, value)?)?;
    ensure!(
        output.status.success(),
        "{name} did not take {variable}: `{}` ended with {}; run it by hand to see why",
        command[..2.min(command.len())].join(" "),
        output.status.code().unwrap_or(-1)
    );
    let kept = read(place, variable)?;
    ensure!(
        kept.is_some_and(|kept| is_same(&kept, value)),
        "{name} took {variable} and does not give the same value back"
    );
    Ok(())
}

/// How the commands of the stores say that nothing is there, in small letters; or they say nothing at all.
const ABSENT: &[&str] = &[
    "could not find",
    "could not be found",
    "does not exist",
    "isn't an item",
    "no value found",
    "not found",
    "not in the password store",
    "not_found",
    "notfound",
];

/// What the store keeps there, maybe with the end of a line; `None` if it has nothing.
///
/// # Errors
/// When the store cannot be read, which may be locked: what it keeps would be overwritten.
pub(crate) fn read(place: Place<'_>, variable: &str) -> Result<Option<Vec<u8>>> {
    let output = run(&place.read(variable), b"")?;
    if output.status.success() {
        return Ok(Some(output.stdout));
    }
    let said = output.stderr.to_ascii_lowercase();
    let is_absent = said.trim().is_empty() || ABSENT.iter().any(|it| said.contains_str(it));
    ensure!(
        is_absent,
        "cannot see whether {} keeps {variable} already: unlock it or sign in, then try again",
        place.store.name()
    );
    Ok(None)
}

/// Whether a store keeps this value: most commands end what they print with a line end.
fn is_same(kept: &[u8], value: &[u8]) -> bool {
    let without = |end: &[u8]| kept.strip_suffix(end).is_some_and(|kept| kept == value);
    kept == value || without(b"\n") || without(b"\r\n")
}

/// What the command reads.
fn fed(feed: Feed, place: Place<'_>, variable: &str, value: &[u8]) -> Result<Vec<u8>> {
    if feed == Feed::Value {
        return Ok(value.to_vec());
    }
    let text = value.to_str().map_err(|_| {
        anyhow::anyhow!(
            "the value of {variable} is not UTF-8, as {} wants it",
            place.store.name()
        )
    })?;
    let title = format!("{}-{variable}", place.app);
    Ok(match feed {
        Feed::Value => value.to_vec(),
        Feed::OnePasswordItem => json!({
            "title": title,
            "category": "API_CREDENTIAL",
            "fields": [{
                "id": "credential",
                "type": "CONCEALED",
                "label": "credential",
                "value": text,
            }],
        })
        .to_string()
        .into_bytes(),
        Feed::BitwardenItem => {
            let item = json!({
                "type": 1,
                "name": title,
                "login": { "username": variable, "password": text },
            });
            encode_base64_padded(item.to_string().as_bytes())
        }
        Feed::Security => {
            ensure!(
                !text.contains(['\n', '\r']),
                "the value of {variable} has several lines, which the keychain does not take"
            );
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
            format!(
                "add-generic-password -U -s {} -a {variable} -w \"{escaped}\"\n",
                place.app
            )
            .into_bytes()
        }
    })
}

/// Runs a command that reads this, to its end.
fn run(command: &[String], input: &[u8]) -> Result<Output> {
    let (program, arguments) = command.split_first().context("there is no command")?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|err| match err.kind() {
            io::ErrorKind::NotFound => {
                anyhow::anyhow!("{program} is not on PATH: install it and sign in, then try again")
            }
            _ => anyhow::anyhow!(err).context(format!("{program} could not be started")),
        })?;
    let stdin = child.stdin.take();
    thread::scope(|scope| {
        // A command that reads nothing may have ended.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
        child
            .wait_with_output()
            .with_context(|| format!("{program} could not be waited for"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn what_comes_back_may_end_with_a_line_end() {
        for (kept, expected) in [
            ("a b", true),
            ("a b\n", true),
            ("a b\r\n", true),
            ("a b\n\n", false),
            ("a b ", false),
            ("", false),
        ] {
            assert_eq!(is_same(kept.as_bytes(), b"a b"), expected, "{kept:?}");
        }
    }

    #[test]
    fn each_feed_holds_the_value_whatever_is_in_it() {
        let place = Place {
            store: Store::OnePassword,
            vault: "v",
            app: "acme",
        };
        let value = "a\"b\\c d";
        let item = fed(Feed::OnePasswordItem, place, "A", value.as_bytes()).expect("an item");
        let item: serde_json::Value = serde_json::from_slice(&item).expect("JSON");
        assert_eq!(item["title"], "acme-A");
        assert_eq!(item["fields"][0]["value"], value);
        let item = fed(Feed::BitwardenItem, place, "A", value.as_bytes()).expect("an item");
        let item = crate::encoding::decode_base64(&item).expect("base64");
        let item: serde_json::Value = serde_json::from_slice(&item).expect("JSON");
        assert_eq!(item["login"]["password"], value);
        let line = fed(Feed::Security, place, "A", value.as_bytes()).expect("a line");
        assert!(line.ends_with(b"-w \"a\\\"b\\\\c d\"\n"));
        assert!(fed(Feed::Security, place, "A", b"a\nb").is_err());
        assert!(fed(Feed::OnePasswordItem, place, "A", b"\xff").is_err());
    }
}
