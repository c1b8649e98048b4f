//! `keyward keys`: what is told of keys in local files, and how one takes the place of another.

#![cfg(unix)]

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::{Reading, Scratch, anthropic_key, assert_sealed, letters, run, write_script};

/// What is remembered of keys.
fn ledger(scratch: &Scratch) -> PathBuf {
    match cfg!(target_os = "macos") {
        true => scratch
            .home()
            .join("Library/Application Support/keyward/keys.json"),
        false => scratch.home().join(".local/share/keyward/keys.json"),
    }
}

/// Neither what was said nor what was written holds a part of a key.
#[track_caller]
fn no_part_of(key: &str, said: &[&[u8]]) {
    for said in said {
        assert_sealed(said, key);
    }
}

/// A number of days before today, as what is remembered counts them.
fn days_ago(days: u64) -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since.as_secs() / 86_400 - days
}

/// Makes every key so many days old.
fn age(scratch: &Scratch, days: u64) {
    let file = ledger(scratch);
    let text = fs::read_to_string(&file).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    for known in value["keys"].as_object_mut().unwrap().values_mut() {
        known["first"] = days_ago(days).into();
    }
    fs::write(&file, value.to_string()).unwrap();
}

#[test]
fn the_keys_of_a_repository_are_told_without_their_values() {
    use std::os::unix::fs::PermissionsExt;

    let scratch = Scratch::new(Reading::Default);
    let (first, second, admin) = (
        anthropic_key(),
        letters(40),
        anthropic_key().replace("api03", "admin01"),
    );
    scratch.write(".gitignore", ".env*\n!.env.example\n");
    scratch.write(
        ".env",
        format!("PORT=1\nANTHROPIC_API_KEY={first}\nVITE_MAPS_TOKEN='{second}'\n"),
    );
    scratch.write(
        "app/.env.local",
        format!("CLAUDE_KEY={first}\nANTHROPIC_ADMIN_KEY={admin}\n"),
    );
    scratch.write(".env.example", "ANTHROPIC_API_KEY=\n");
    scratch.write("node_modules/x/.env", format!("A_KEY={second}\n"));
    for file in [".env", "app/.env.local"] {
        let mode = fs::Permissions::from_mode(if file == ".env" { 0o600 } else { 0o644 });
        fs::set_permissions(scratch.top().join(file), mode).unwrap();
    }
    scratch.add(
        ".keyward.toml",
        "store = 'pass'\n[keys]\nrotate_after = ['ANTHROPIC_ADMIN_KEY=7']\n",
    );
    let ran = scratch.keyward(&["keys"]);
    ran.passes();
    let json = scratch.keyward(&["keys", "--json"]);
    json.passes();
    let names = scratch.keyward(&["keys", "--names"]);
    names.passes();
    let remembered = fs::read(ledger(&scratch)).unwrap();
    let due = fs::read(scratch.top().join(".git/keyward-due")).unwrap();
    for key in [&first, &second, &admin] {
        let said = [&ran, &json, &names].map(|ran| format!("{}{}", ran.stdout, ran.stderr));
        let said = said.each_ref().map(|said| said.as_bytes());
        no_part_of(key, &[&said[..], &[&remembered, &due]].concat());
    }
    for told in [
        ".env:2: ANTHROPIC_API_KEY: Anthropic API key, seen today for the first time, to be replaced in 90 days\n",
        "app/.env.local (CLAUDE_KEY): one leak takes all, so make one for each, named like anthropic-dev-repo\n",
        ".env:3: VITE_MAPS_TOKEN: ",
        "    a bundler puts it into what every visitor gets",
        "app/.env.local:2: ANTHROPIC_ADMIN_KEY: Anthropic admin key, seen today for the first time, to be replaced in 7 days\n    it opens all",
        "app/.env.local: others on this machine may read it: chmod 600 ",
        ".env: its keys are plain text; to keep them in pass: keyward template .env\n",
        "Anthropic: set a limit of twice your usual month: https://",
        "4 keys in 2 files\n",
    ] {
        assert!(ran.stdout.contains(told), "{told}: {}", ran.stdout);
    }
    assert!(!ran.stdout.contains("node_modules") && !ran.stdout.contains(".env: others"));
    assert_eq!(
        names.stdout,
        ".env: PORT\n.env: ANTHROPIC_API_KEY\n.env: VITE_MAPS_TOKEN\napp/.env.local: CLAUDE_KEY\napp/.env.local: ANTHROPIC_ADMIN_KEY\n"
    );
    let mode = fs::metadata(ledger(&scratch)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // The same key in another repository, and a file that git would take.
    let other = scratch.root().join("other");
    fs::create_dir(&other).unwrap();
    scratch.git_in(&other, &["init", "--quiet"]);
    fs::write(other.join(".env"), format!("K={first}\n")).unwrap();
    let ran = run(scratch
        .command(env!("CARGO_BIN_EXE_keyward"))
        .current_dir(&other)
        .arg("keys"));
    ran.passes();
    assert!(
        ran.stdout.contains("repo/.env (ANTHROPIC_API_KEY), "),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout
            .contains(".env: git does not ignore it: keyward ignore "),
        "{}",
        ran.stdout
    );
}

#[test]
fn ages_are_counted_and_the_hook_reminds_once_a_day() {
    let scratch = Scratch::new(Reading::Default);
    scratch.write(".gitignore", ".env\n");
    scratch.write(".env", format!("ANTHROPIC_API_KEY={}\n", anthropic_key()));
    scratch.keyward(&["install"]).passes();
    scratch.keyward(&["keys"]).passes();
    age(&scratch, 100);
    let ran = scratch.keyward(&["keys"]);
    // A day may end in the meantime.
    let is_due = [100, 101].iter().any(|days| {
        let due = format!(", known for {days} days, due to be replaced since ");
        ran.stdout.contains(&due)
    });
    assert!(is_due, "{}", ran.stdout);
    assert!(
        ran.stdout
            .ends_with("1 key in 1 file, 1 due to be replaced\n"),
        "{}",
        ran.stdout
    );
    let commit = |name: &str| {
        scratch.add(name, "x\n");
        let ran = scratch.try_git(&["commit", "-qm", "x"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stderr
            .contains("due to be replaced: ANTHROPIC_API_KEY;")
    };
    // Who was told just now is not told again.
    assert!(!commit("a"));
    let file = scratch.top().join(".git/keyward-due");
    let past = SystemTime::now() - Duration::from_secs(60);
    let set = |when| {
        let file = File::options().write(true).open(&file).unwrap();
        file.set_modified(when).unwrap();
    };
    set(past);
    assert!(commit("b") && !commit("c"));
    set(past);
    scratch.add(".keyward.toml", "[keys]\nremind = false\n");
    assert!(!commit("d"));
    // Who was not told is told once they want to be.
    scratch.add(".keyward.toml", "[keys]\nremind = true\n");
    assert!(commit("e") && !commit("f"));
    // What is gone needs no reminder.
    fs::remove_file(scratch.top().join(".env")).unwrap();
    scratch.keyward(&["keys"]).passes();
    assert!(!file.exists());
}

#[test]
fn a_calendar_has_a_reminder_for_each_key() {
    let scratch = Scratch::new(Reading::Default);
    let key = anthropic_key();
    scratch.write(
        ".env",
        format!("ANTHROPIC_API_KEY={key}\nOTHER_KEY={key}\n"),
    );
    scratch.write("notes.ics", "mine\n");
    assert_eq!(
        scratch.keyward(&["keys", "calendar", "notes.ics"]).code,
        Some(2)
    );
    let ran = scratch.keyward(&["keys", "calendar"]);
    ran.passes();
    assert!(
        ran.stdout.contains("keyward-keys.ics: 1 reminder;"),
        "{}",
        ran.stdout
    );
    let made = fs::read_to_string(scratch.top().join("keyward-keys.ics")).unwrap();
    no_part_of(&key, &[made.as_bytes()]);
    assert!(
        made.contains("SUMMARY:Replace ANTHROPIC_API_KEY in .env\r\n"),
        "{made}"
    );
    scratch.keyward(&["keys", "calendar"]).passes();
    let again = fs::read_to_string(scratch.top().join("keyward-keys.ics")).unwrap();
    // The day on which it was written may end in the meantime.
    let lasting = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with("DTSTAMP:"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lasting(&made), lasting(&again));
    // Where it is not known which key is which, several would share one reminder.
    scratch.write(".env", format!("A_KEY={key}\nB_KEY={}\n", anthropic_key()));
    fs::write(ledger(&scratch), "{}").unwrap();
    let ran = scratch.keyward(&["keys", "calendar", "new.ics"]);
    assert_ne!(ran.code, Some(0), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("is not what keyward wrote"),
        "{}",
        ran.stderr
    );
    assert!(!scratch.top().join("new.ics").exists());
}

#[test]
fn a_key_takes_the_place_of_another_everywhere_and_the_old_one_is_remembered() {
    let scratch = Scratch::new(Reading::Default);
    let (old, new) = (anthropic_key(), anthropic_key());
    scratch.write(".gitignore", ".env*\n");
    scratch.write(
        ".env",
        format!("# mine\nexport ANTHROPIC_API_KEY='{old}' # a\nPORT=1\n"),
    );
    scratch.write(".env.local", format!("CLAUDE_KEY={old}\n"));
    let rotate = |new: &str, more: &[&str]| {
        let args = [&["keys", "rotate", "ANTHROPIC_API_KEY"], more].concat();
        let ran = scratch.keyward_fed(&args, format!("{new}\n"));
        no_part_of(&old, &[ran.stdout.as_bytes(), ran.stderr.as_bytes()]);
        ran
    };
    let read = |name: &str| fs::read_to_string(scratch.top().join(name)).unwrap();
    let before = (read(".env"), read(".env.local"));
    for (wrong, told) in [
        (old.clone(), "is there already"),
        (String::new(), "no key was given"),
        ("op://a/b/c".to_owned(), "a reference"),
        (letters(40), "of another kind"),
        (new.replace("api03", "admin01"), "of another kind"),
        (new[..60].to_owned(), "of another kind"),
    ] {
        let ran = rotate(&wrong, &["--yes"]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
    // Nobody agrees where nobody is.
    assert_eq!(rotate(&new, &[]).code, Some(2));
    assert_eq!(before, (read(".env"), read(".env.local")));
    let ran = rotate(&new, &["--yes"]);
    ran.passes();
    no_part_of(
        &new,
        &[ran.stdout.as_bytes(), &fs::read(ledger(&scratch)).unwrap()],
    );
    for told in [
        "1. make a new key, called anthropic-dev-repo, at Anthropic: https://",
        "3. it goes into 2 places:\n",
        "5. then revoke the old key at Anthropic: https://",
    ] {
        assert!(ran.stdout.contains(told), "{told}: {}", ran.stdout);
    }
    assert_eq!(
        read(".env"),
        format!("# mine\nexport ANTHROPIC_API_KEY={new} # a\nPORT=1\n")
    );
    assert_eq!(read(".env.local"), format!("CLAUDE_KEY={new}\n"));
    // It comes back.
    scratch.add("a.py", format!("k = '{old}'\n"));
    let ran = scratch.keyward(&["scan", "--staged"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains("a.py holds a key that was rotated on 20"),
        "{}",
        ran.stdout
    );
    scratch.git(&["commit", "-qnm", "it comes back"]);
    let ran = scratch.keyward(&["audit"]);
    assert!(ran.stdout.contains("  rotated on 20"), "{}", ran.stdout);
    let ran = scratch.keyward(&["audit", "--json"]);
    assert!(ran.stdout.contains("\"rotated\":\"20"), "{}", ran.stdout);
    let ran = rotate(&old, &["--yes"]);
    assert!(
        ran.stderr.contains("that key was replaced on 20"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_store_gets_the_new_key_too_and_goes_on_when_it_was_locked() {
    for store in ["1password", "pass", "doppler", "vault"] {
        let mut scratch = Scratch::new(Reading::Default);
        crate::template::stores(&mut scratch);
        let keys: Vec<String> = (0..4).map(|_| anthropic_key()).collect();
        let kept = scratch.root().join("kept");
        let in_store = || {
            let mut all = fs::read_dir(&kept)
                .unwrap()
                .map(|entry| entry.unwrap().path());
            let key = all.find(|path| path.to_string_lossy().ends_with("ANTHROPIC_API_KEY"));
            fs::read_to_string(key.unwrap()).unwrap()
        };
        let no_key_in = |told: &[u8]| keys.iter().for_each(|key| no_part_of(key, &[told]));
        scratch.write(".env", format!("ANTHROPIC_API_KEY={}\n", keys[0]));
        scratch
            .keyward(&["template", "--for", store, "--store", "--yes"])
            .passes();
        // Where the references say so, nobody has to; the variables of doppler are called the same everywhere.
        let more: &[&str] = match store {
            "doppler" => &["--yes", "--for", "doppler"],
            _ => &["--yes"],
        };
        let rotate = |new: &str, more: &[&str]| {
            let args = [&["keys", "rotate", "ANTHROPIC_API_KEY"], more].concat();
            let ran = scratch.keyward_fed(&args, format!("{new}\n"));
            no_key_in(ran.stdout.as_bytes());
            no_key_in(ran.stderr.as_bytes());
            ran
        };
        let env = || fs::read_to_string(scratch.top().join(".env")).unwrap();
        let ran = rotate(&keys[1], more);
        assert_eq!(ran.code, Some(0), "{store}: {}{}", ran.stdout, ran.stderr);
        assert!(
            ran.stdout.contains("it goes into 2 places:\n"),
            "{store}: {}",
            ran.stdout
        );
        assert_eq!(
            (env(), in_store()),
            (format!("ANTHROPIC_API_KEY={}\n", keys[1]), keys[1].clone())
        );
        // What is in the store alone is replaced there, by its own name for the old one.
        fs::remove_file(scratch.top().join(".env")).unwrap();
        let ran = rotate(&keys[2], more);
        assert_eq!(ran.code, Some(0), "{store}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(in_store(), keys[2], "{store}");
        assert!(!scratch.top().join(".env").exists());
        let ran = rotate(&keys[1], more);
        assert!(
            ran.stderr.contains("was replaced on 20"),
            "{store}: {}",
            ran.stderr
        );
        // One that keeps another value keeps that, and `none` asks none.
        scratch.write(".env", format!("ANTHROPIC_API_KEY={}\n", keys[0]));
        let arguments = || fs::read(kept.join("arguments")).unwrap();
        rotate(&keys[3], &["--yes", "--for", "none"]).passes();
        let asked = arguments();
        assert_eq!(in_store(), keys[2], "{store}");
        rotate(&anthropic_key(), more).passes();
        assert_eq!(in_store(), keys[2], "{store}");
        assert!(arguments().len() > asked.len());
        no_key_in(&arguments());
        // A store that can't be read stops it before anything is written.
        let before = env();
        let program = match store {
            "1password" => "op",
            store => store,
        };
        write_script(
            &scratch.root().join("bin").join(program),
            "#!/bin/sh\necho locked >&2\nexit 1\n",
        );
        let ran = rotate(&anthropic_key(), more);
        assert_eq!(ran.code, Some(3), "{store}: {}{}", ran.stdout, ran.stderr);
        assert!(
            ran.stderr.contains("--for none") && ran.stderr.contains("unlock it"),
            "{}",
            ran.stderr
        );
        assert_eq!(env(), before);
    }
}

#[test]
fn a_rotation_that_was_stopped_goes_on() {
    let scratch = Scratch::new(Reading::Default);
    let (old, new) = (anthropic_key(), anthropic_key());
    scratch.write(".gitignore", ".env*\n");
    scratch.write(".env", format!("ANTHROPIC_API_KEY={old}\n"));
    scratch.write(".env.local", format!("ANTHROPIC_API_KEY={old}\n"));
    let args = ["keys", "rotate", "ANTHROPIC_API_KEY", "--yes"];
    let second = scratch.top().join(".env.local");
    scratch.keyward_fed(&args, &new).passes();
    // As if it had been killed between the two files.
    let text = fs::read_to_string(ledger(&scratch)).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys = value["keys"].as_object().unwrap().clone();
    let (gone, came): (Vec<_>, Vec<_>) = keys
        .iter()
        .partition(|(_, known)| known.get("rotated").is_some());
    let places = [&second, &scratch.top().join(".env")]
        .map(|path| serde_json::json!([path, "ANTHROPIC_API_KEY"]));
    let id = format!("ANTHROPIC_API_KEY {}", scratch.top().display());
    value["rotations"][id] =
        serde_json::json!({"old": gone[0].0, "new": came[0].0, "places": places});
    fs::write(ledger(&scratch), value.to_string()).unwrap();
    fs::write(&second, format!("ANTHROPIC_API_KEY={old}\n")).unwrap();
    let ran = scratch.keyward_fed(&args, "");
    ran.passes();
    assert!(
        ran.stdout.starts_with("going on where it stopped"),
        "{}",
        ran.stdout
    );
    assert_eq!(
        fs::read_to_string(&second).unwrap(),
        format!("ANTHROPIC_API_KEY={new}\n")
    );
}
