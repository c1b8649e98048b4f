//! What strace can't have a call do: give less than was asked for, be interrupted each time, close and say that it
//! failed. A library that is loaded before all others does it, in keyward and in all that it starts.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::outcome::{Kind, Tally, Undisturbed};
use crate::place::Place;
use crate::scenes::SCENES;
use crate::support::Reading;
use crate::{each, sampled};

/// What calls do, and whether that has to make no difference.
const MODES: &[(&str, bool)] = &[("short", true), ("interrupted", false), ("close", false)];

/// Builds the library; `None` where nothing can.
fn library(dir: &Path) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/preload.c");
    let made = dir.join("preload.so");
    let mut compiler = Command::new("cc");
    compiler
        .args(["-O1", "-shared", "-fPIC", "-o"])
        .arg(&made)
        .arg(source)
        .arg("-ldl");
    compiler
        .status()
        .is_ok_and(|it| it.success())
        .then_some(made)
}

#[test]
#[ignore = "minutes, and strace: cargo test --test faults -- --ignored"]
fn what_is_short_or_interrupted_is_no_silent_pass() {
    let dir = tempfile::tempdir().unwrap();
    let Some(library) = library(dir.path()) else {
        eprintln!("not tried, since there is no C compiler");
        return;
    };
    let both = [Reading::Default, Reading::Git];
    let sweeps: Vec<_> = SCENES
        .iter()
        .flat_map(|scene| both.map(|reading| (scene, reading)))
        .collect();
    let wrong = each(&sweeps, |&(scene, reading)| {
        let place = Place::new(scene, reading);
        let is = Undisturbed::of(&place, scene.kind);
        let mut tally = Tally::default();
        for (mode, is_alike) in sampled(MODES.to_vec(), scene.name.len()) {
            // Whoever waits for keyward here must not be interrupted: it would go, and leave keyward running.
            let words = [
                "/usr/bin/env".to_owned(),
                format!("LD_PRELOAD={}", library.display()),
                format!("KEYWARD_FAULTS_MODE={mode}"),
            ];
            let ended = place.run(&words, |_| ());
            if is_alike {
                tally.add_alike(&is, &ended, mode);
            }
            match scene.kind {
                Kind::Looks => tally.add_look(&ended, mode),
                Kind::Writes => tally.add_write(&place, &is, &ended, mode),
            }
            place.restore();
        }
        tally.tell(&format!(
            "{} with calls that do less, {reading:?}",
            scene.name
        ))
    });
    assert_eq!(wrong, 0, "see above");
}
