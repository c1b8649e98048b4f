//! What a machine may not have: room, rights, programs, a home, memory, descriptors, somebody who reads.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::thread;

use crate::outcome::{Kind, Tally, Undisturbed};
use crate::place::Place;
use crate::scenes::SCENES;
use crate::support::{Reading, run};

/// Each a line of a shell that runs what its arguments say.
const SHELLS: &[&str] = &[
    "ulimit -n 3; exec \"$@\"",
    "ulimit -n 4; exec \"$@\"",
    "ulimit -n 5; exec \"$@\"",
    "ulimit -n 6; exec \"$@\"",
    "ulimit -n 8; exec \"$@\"",
    "ulimit -n 10; exec \"$@\"",
    "ulimit -n 16; exec \"$@\"",
    "ulimit -f 0; exec \"$@\"",
    "trap '' XFSZ; ulimit -f 0; exec \"$@\"",
    "ulimit -v 8000; exec \"$@\"",
    "ulimit -v 16000; exec \"$@\"",
    "ulimit -v 32000; exec \"$@\"",
    "ulimit -v 64000; exec \"$@\"",
    "ulimit -s 16; exec \"$@\"",
    "ulimit -s 64; exec \"$@\"",
    "ulimit -s 256; exec \"$@\"",
    "ulimit -t 0; exec \"$@\"",
    "exec \"$@\" >&-",
    "exec \"$@\" 2>&-",
    "exec \"$@\" >&- 2>&-",
    "exec \"$@\" <&- >&- 2>&-",
    "exec \"$@\" >/dev/full",
    "exec \"$@\" 2>/dev/full",
    "exec \"$@\" >/dev/full 2>&1",
    "{ \"$@\"; echo $? >&3; } 3>&1 >&2 | { read -r code; exit \"$code\"; }",
    "{ { \"$@\" 2>&1; echo $? >&3; } | true; } 3>&1 | { read -r code; exit \"$code\"; }",
    "trap '' PIPE; { { \"$@\" 2>&1; echo $? >&3; } | true; } 3>&1 | { read -r code; exit \"$code\"; }",
];

/// What is wrong with the environment: a variable, and what it is where it is set.
const ENVIRONMENTS: &[(&str, Option<&str>)] = &[
    ("HOME", None),
    ("HOME", Some("/nonexistent")),
    ("HOME", Some("/dev/null")),
    ("PATH", None),
    ("PATH", Some("")),
    ("PATH", Some("/nonexistent")),
    ("TMPDIR", Some("/nonexistent")),
    ("GIT_CONFIG_GLOBAL", Some("/nonexistent/x")),
    ("LC_ALL", Some("xx_XX")),
];

fn shell(line: &str) -> Vec<String> {
    ["/bin/sh", "-c", line, "sh"].map(str::to_owned).to_vec()
}

#[test]
#[ignore = "minutes, and strace: cargo test --test faults -- --ignored"]
fn what_the_machine_lacks_is_no_silent_pass() {
    let sweeps: Vec<_> = SCENES
        .iter()
        .flat_map(|scene| {
            let readings: &[Reading] = match scene.kind {
                Kind::Looks => &[Reading::Default, Reading::Git],
                Kind::Writes => &[Reading::Default],
            };
            readings.iter().map(move |reading| (scene, *reading))
        })
        .collect();
    let wrong = crate::each(&sweeps, |&(scene, reading)| {
        let place = Place::new(scene, reading);
        let is = Undisturbed::of(&place, scene.kind);
        let mut tally = Tally::default();
        let mut add = |words: &[String], change: &dyn Fn(&mut Command), how: &str| {
            let ended = place.run(words, change);
            match scene.kind {
                Kind::Looks => tally.add_look(&ended, how),
                Kind::Writes => tally.add_write(&place, &is, &ended, how),
            }
        };
        // What is closed to it keyward can't use to tell; where it looks, it ends with what it found.
        let salt = scene.name.len();
        for line in crate::sampled(SHELLS.to_vec(), salt) {
            add(&shell(line), &|_| (), line);
        }
        // Without a home there may be other files to write.
        let looks = scene.kind == Kind::Looks;
        let environments = if looks { ENVIRONMENTS } else { &[] };
        for (name, value) in crate::sampled(environments.to_vec(), salt) {
            let change = |command: &mut Command| {
                match value {
                    Some(value) => command.env(name, value),
                    None => command.env_remove(name),
                };
            };
            add(&[], &change, &format!("{name} is {value:?}"));
        }
        tally.tell(&format!(
            "{}, where something lacks, {reading:?}",
            scene.name
        ))
    });
    assert_eq!(wrong, 0, "see above");
}

/// Runs as a user who may do nothing that the files do not let everybody do; `None` where that can't be tried.
fn as_nobody() -> Option<Vec<String>> {
    let words = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
    ];
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg("true");
    let can = command.status().is_ok_and(|it| it.success());
    can.then(|| words.map(str::to_owned).to_vec())
}

#[test]
#[ignore = "minutes, and strace: cargo test --test faults -- --ignored"]
fn what_may_not_be_read_or_written_is_no_silent_pass() {
    let Some(nobody) = as_nobody() else {
        eprintln!("not tried, since another user can't be had here");
        return;
    };
    let sweeps: Vec<_> = SCENES
        .iter()
        .filter(|it| it.kind == Kind::Looks)
        .flat_map(|scene| [Reading::Default, Reading::Git].map(|reading| (scene, reading)))
        .collect();
    let wrong = crate::each(&sweeps, |&(scene, reading)| {
        let place = Place::new(scene, reading);
        let mut tally = Tally::default();
        run(Command::new("chmod")
            .arg("-R")
            .arg("a+rX")
            .arg(place.root()))
        .passes();
        run(Command::new("chown")
            .args(["-R", "65534:65534"])
            .arg(place.root()))
        .passes();
        let all = place.files_of_git();
        for file in crate::sampled(all, scene.name.len()) {
            let old = fs::metadata(&file).unwrap().permissions();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
            let ended = place.run(&nobody, |_| ());
            let name = file.strip_prefix(place.root()).unwrap().display();
            tally.add_look(&ended, &format!("{name} may not be read"));
            fs::set_permissions(&file, old).unwrap();
        }
        run(Command::new("chmod").args(["-R", "a-w"]).arg(place.root())).passes();
        let ended = place.run(&nobody, |_| ());
        tally.add_look(&ended, "nothing may be written");
        run(Command::new("chmod").args(["-R", "u+w"]).arg(place.root())).passes();
        tally.tell(&format!("{}, without rights, {reading:?}", scene.name))
    });
    assert_eq!(wrong, 0, "see above");
}

#[test]
#[ignore = "minutes, and strace: cargo test --test faults -- --ignored"]
fn eight_at_once_find_what_one_finds() {
    let scenes: Vec<_> = SCENES.iter().filter(|it| it.kind == Kind::Looks).collect();
    let wrong = crate::each(&scenes, |scene| {
        let place = &Place::new(scene, Reading::Default);
        let mut tally = Tally::default();
        let ended = thread::scope(|scope| {
            let runs: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| place.run(&[], |_| ())))
                .collect();
            let ended = runs.into_iter().map(|run| run.join().unwrap());
            ended.collect::<Vec<_>>()
        });
        for ended in &ended {
            tally.add_look(ended, "eight at once");
        }
        tally.tell(&format!("{}, eight at once", scene.name))
    });
    assert_eq!(wrong, 0, "see above");
}
