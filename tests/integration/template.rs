//! `keyward template`: what a team commits instead of its `.env`, and the way of the values to a store.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use crate::support::{Ran, Reading, Scratch, anthropic_key, ids, letters, run, write_script};

/// Stores that are played by scripts, which take and give values as the real commands do, keep them in files,
/// and write down their arguments.
pub(crate) fn stores(scratch: &mut Scratch) {
    let bin = scratch.root().join("bin");
    let kept = scratch.root().join("kept");
    fs::create_dir_all(&kept).unwrap();
    // Items of 1Password and Bitwarden are JSON, of which sed takes the value.
    let script = r#"#!/bin/sh
echo "$0 $*" >>"$KEPT/arguments"
name() { echo "$KEPT/$(printf %s "$1" | tr '/ ' '__')"; }
value() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'; }
case "${0##*/} $*" in
"op read --no-newline op://"*) v=${3%/credential}; [ -f "$(name "${v##*/}")" ] && cat "$(name "${v##*/}")";;
"op item create --vault Private -") i=$(cat); printf %s "$i" | value value | tr -d '\n' >"$(name "$(printf %s "$i" | value title)")";;
"op item edit "*" --vault Private") [ -f "$(name "$3")" ] && i=$(cat) && printf %s "$i" | value value | tr -d '\n' >"$(name "$3")";;
"op run --env-file="*)
    f=${2#--env-file=}; shift 3
    while IFS= read -r line; do case "$line" in
        *=*op://*) v=$(printf %s "${line#*=}" | tr -d "\"'"); v=${v%% #*}; v=${v%/credential}; n=${line%%=*}; export "${n#export }=$(cat "$(name "${v##*/}")")";;
        \#*|'') ;;
        *=*) export "${line?}";;
    esac; done <"$f"; exec "$@";;
"bw get password "*) [ -f "$(name "$3")" ] && cat "$(name "$3")";;
"bw create item") i=$(base64 -d); printf %s "$i" | value password | tr -d '\n' >"$(name "$(printf %s "$i" | value name)")";;
"pass show "*) [ -f "$(name "$2")" ] && cat "$(name "$2")";;
"pass insert --multiline --force "*) cat >"$(name "$4")";;
"pass insert --multiline "*) [ ! -e "$(name "$3")" ] && cat >"$(name "$3")";;
"doppler secrets get "*) [ -f "$(name "$3")" ] && cat "$(name "$3")" && echo;;
"doppler secrets set "*) cat >"$(name "$3")"; echo "$3 is set";;
"doppler run -- "*) shift 2; for f in "$KEPT"/[A-Z]*; do export "${f##*/}=$(cat "$f")"; done; exec "$@";;
"vault kv get -mount=secret -field=value "*) [ -f "$(name "$5")" ] && cat "$(name "$5")";;
"vault kv put -mount=secret "*) cat >"$(name "$4")";;
*) echo "what is $*?" >&2; exit 9;;
esac
"#;
    for name in ["op", "bw", "pass", "doppler", "vault"] {
        write_script(&bin.join(name), script);
    }
    scratch.first_on_path(&bin);
    scratch.set("KEPT", kept.to_str().unwrap());
}

/// Eight keys, and what is none.
fn env_file() -> (String, BTreeMap<String, String>) {
    let mut values = BTreeMap::new();
    let mut add = |name: &str, value: String| values.insert(name.to_owned(), value);
    add("ANTHROPIC_API_KEY", anthropic_key());
    add("OPENAI_API_KEY", format!("sk-proj-{}", letters(48)));
    add("DB_PASSWORD", format!("correct horse {}", letters(6)));
    add(
        "STRIPE_SECRET_KEY",
        format!("sk_{}_{}", "live", letters(24)),
    );
    add("SESSION_SECRET", letters(32));
    add("GITHUB_TOKEN", letters(40));
    add(
        "DATABASE_URL",
        format!("postgres://app:{}@db/app", letters(16)),
    );
    add("JWT_SECRET", letters(44));
    let v = |name: &str| values[name].clone();
    let text = format!(
        "# keys of the shop\nANTHROPIC_API_KEY={}\nexport OPENAI_API_KEY={} # from the page\n\nDB_PASSWORD='{}'\n\
         STRIPE_SECRET_KEY=\"{}\"\nPORT=8080\nSESSION_SECRET={}\nGITHUB_TOKEN={}\nDATABASE_URL={}\nJWT_SECRET={}\n",
        v("ANTHROPIC_API_KEY"),
        v("OPENAI_API_KEY"),
        v("DB_PASSWORD"),
        v("STRIPE_SECRET_KEY"),
        v("SESSION_SECRET"),
        v("GITHUB_TOKEN"),
        v("DATABASE_URL"),
        v("JWT_SECRET"),
    );
    (text, values)
}

#[track_caller]
fn tells_none(ran: &Ran, values: &BTreeMap<String, String>) {
    for value in values.values() {
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!said.contains(&value[value.len() - 6..]), "{said}");
    }
}

/// What the program of the test sees, by the command that keyward named.
fn seen_by_program(scratch: &Scratch, ran: &Ran) -> BTreeMap<String, String> {
    let start = ran
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("start your program with: "));
    let command = start.unwrap().replace("COMMAND", "env -0");
    let ran = run(scratch.command("sh").args(["-c", &command]));
    ran.passes();
    ran.stdout
        .split('\0')
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn each_store_gets_the_values_and_gives_them_to_the_program() {
    for store in ["1password", "bw", "pass", "doppler", "vault"] {
        let mut scratch = Scratch::new(Reading::Default);
        stores(&mut scratch);
        let (text, values) = env_file();
        scratch.write(".env", &text);
        let ran = scratch.keyward(&["template", "--for", store]);
        ran.passes();
        tells_none(&ran, &values);
        assert_eq!(
            fs::read_to_string(scratch.top().join(".env")).unwrap(),
            text
        );
        assert!(!scratch.root().join("kept/arguments").exists(), "{store}");
        // Nobody is asked where nobody is, and no value leaves the file by itself.
        let ran = scratch.keyward(&["template", "--for", store, "--store"]);
        assert_eq!(ran.code, Some(2), "{store}: {}", ran.stderr);
        let ran = scratch.keyward(&["template", "--for", store, "--store", "--yes", "--delete"]);
        assert_eq!(ran.code, Some(0), "{store}: {}{}", ran.stdout, ran.stderr);
        tells_none(&ran, &values);
        assert!(!scratch.top().join(".env").exists(), "{store}");
        let arguments = fs::read_to_string(scratch.root().join("kept/arguments")).unwrap();
        let seen = seen_by_program(&scratch, &ran);
        for (name, value) in &values {
            assert!(
                !arguments.contains(&value[value.len() - 6..]),
                "{store}: {name}"
            );
            assert_eq!(seen.get(name), Some(value), "{store}: {name}");
        }
        assert_eq!(
            seen.get("PORT").map(String::as_str),
            Some("8080"),
            "{store}"
        );
        // What is left holds no key, and goes into the commit.
        for made in [".env.tpl", ".env.example"] {
            let made = fs::read_to_string(scratch.top().join(made)).unwrap();
            assert_eq!(made.lines().count(), text.lines().count(), "{made}");
            assert!(
                made.starts_with("# keys of the shop\n") && made.contains("# from the page\n\n")
            );
            assert!(
                values
                    .values()
                    .all(|value| !made.contains(&value[value.len() - 6..]))
            );
        }
        scratch.git(&["add", "--all"]);
        let ran = scratch.keyward(&["scan", "--staged"]);
        ran.passes();
    }
}

#[test]
fn three_commands_lead_from_keys_in_code_to_none_in_the_tree() {
    for store in ["1password", "bw", "pass", "doppler", "vault"] {
        let mut scratch = Scratch::new(Reading::Default);
        stores(&mut scratch);
        let (text, values) = env_file();
        scratch.write(".env", &text);
        let v = |name: &str| &values[name];
        scratch.add(
            "app.py",
            format!(
                "import os, sys\n\nkey = \"{}\"\nsys.stdout.write(key + os.environ[\"DATABASE_URL\"])\n",
                v("ANTHROPIC_API_KEY")
            ),
        );
        scratch.add(
            "app.js",
            format!(
                "const stripe = connect('{}');\nconst secret = process.env.SESSION_SECRET;\n",
                v("STRIPE_SECRET_KEY")
            ),
        );
        scratch.add(
            ".github/workflows/deploy.yml",
            format!(
                "env:\n  OPENAI_API_KEY: {}\n  JWT: ${{{{ secrets.JWT_SECRET }}}}\n",
                v("OPENAI_API_KEY")
            ),
        );
        let ran = scratch.keyward(&["scan", "--format", "json", "app.py", "app.js", ".github"]);
        let ids = ids(&ran.stdout);
        let ids = Vec::from_iter(ids.iter().map(String::as_str));
        assert_eq!(ids.len(), 3, "{}", ran.stdout);
        // 1. The code reads the environment, by the names that .env has already.
        let ran = scratch.keyward(&[&["fix", "--yes"], &ids[..]].concat());
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        tells_none(&ran, &values);
        let read = |name: &str| fs::read_to_string(scratch.top().join(name)).unwrap();
        assert_eq!(read(".env"), text);
        assert!(read("app.py").contains("key = os.environ[\"ANTHROPIC_API_KEY\"]\n"));
        assert!(read("app.js").contains("connect(process.env.STRIPE_SECRET_KEY)"));
        assert!(
            read(".github/workflows/deploy.yml")
                .contains("OPENAI_API_KEY: ${{ secrets.OPENAI_API_KEY }}\n")
        );
        // 2. The values go to the store, and references to the tree.
        let ran = scratch.keyward(&["template", "--for", store, "--store", "--yes", "--delete"]);
        assert_eq!(ran.code, Some(0), "{store}: {}{}", ran.stdout, ran.stderr);
        tells_none(&ran, &values);
        let seen = seen_by_program(&scratch, &ran);
        for (name, value) in &values {
            assert_eq!(seen.get(name), Some(value), "{store}: {name}");
        }
        if run(scratch.command("sh").args(["-c", "command -v python3"])).code == Some(0) {
            let start = ran
                .stdout
                .lines()
                .find_map(|line| line.strip_prefix("start your program with: "));
            let command = start.unwrap().replace("COMMAND", "python3 app.py");
            let ran = run(scratch.command("sh").args(["-c", &command]));
            assert_eq!(
                ran.stdout,
                format!("{}{}", v("ANTHROPIC_API_KEY"), v("DATABASE_URL")),
                "{}",
                ran.stderr
            );
        } else {
            eprintln!("the program with what {store} keeps: not tried, since python3 is not here");
        }
        // 3. All of it is committed.
        scratch.keyward(&["install"]).passes();
        scratch.git(&["add", "--all"]);
        let ran = scratch.try_git(&["commit", "-qm", "keys out of the tree"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        for name in scratch.git(&["ls-files"]).lines() {
            let content = read(name);
            assert!(
                values
                    .values()
                    .all(|value| !content.contains(value.as_str())),
                "{name}"
            );
        }
        assert!(!scratch.top().join(".env").exists());
    }
}

#[test]
fn nothing_is_removed_where_a_value_did_not_arrive() {
    let mut scratch = Scratch::new(Reading::Default);
    stores(&mut scratch);
    let (text, values) = env_file();
    scratch.write(".env", &text);
    let all = [
        "template", "--for", "pass", "--store", "--yes", "--delete", "--app", "shop",
    ];
    // Another value is there already.
    let other = scratch.root().join("kept/shop_JWT_SECRET");
    fs::write(&other, "older").unwrap();
    let ran = scratch.keyward(&all);
    assert_eq!(ran.code, Some(3), "{}", ran.stdout);
    assert!(
        ran.stderr
            .contains("pass keeps another value of JWT_SECRET"),
        "{}",
        ran.stderr
    );
    tells_none(&ran, &values);
    assert_eq!(fs::read_to_string(&other).unwrap(), "older");
    assert!(!scratch.top().join(".env.tpl").exists());
    fs::remove_file(&other).unwrap();
    // A store that loses what it takes, and one that breaks.
    for (script, told) in [
        (
            "#!/bin/sh\n[ $1 = insert ] && cat >/dev/null && exit 0\nexit 1\n",
            "does not give the same value back",
        ),
        ("#!/bin/sh\ncat\nexit 1\n", "did not take"),
        (
            "#!/bin/sh\n[ $1 = insert ] && exit 1\nexec sleep 0\n",
            "did not take",
        ),
    ] {
        write_script(&scratch.root().join("bin/pass"), script);
        let ran = scratch.keyward(&all);
        assert_eq!(ran.code, Some(3), "{}", ran.stdout);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
        tells_none(&ran, &values);
        assert_eq!(
            fs::read_to_string(scratch.top().join(".env")).unwrap(),
            text
        );
    }
    // One that is not there, and those that take values as arguments.
    fs::remove_file(scratch.root().join("bin/pass")).unwrap();
    let ran = scratch.keyward(&all);
    assert!(ran.stderr.contains("pass is not on PATH"), "{}", ran.stderr);
    for store in ["bitwarden", "infisical"] {
        let ran = scratch.keyward(&["template", "--for", store, "--store", "--yes"]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(ran.stderr.contains("as an argument"), "{}", ran.stderr);
    }
    assert_eq!(
        fs::read_to_string(scratch.top().join(".env")).unwrap(),
        text
    );
}

#[test]
fn a_value_that_loaders_read_differently_is_told_and_not_guessed() {
    let mut scratch = Scratch::new(Reading::Default);
    stores(&mut scratch);
    let key = letters(20);
    let text = format!("A_SECRET={key}#{key}\n# OLD_TOKEN={key}x\n");
    scratch.write(".env", &text);
    scratch.keyward(&["template"]).passes();
    let ran = scratch.keyward(&["template", "--for", "pass", "--store", "--yes"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(
        ran.stderr
            .contains(".env:1: what A_SECRET is depends on who reads it"),
        "{}",
        ran.stderr
    );
    let args = [
        "template",
        "--for",
        "pass",
        "--store",
        "--yes",
        "--delete",
        "--app",
        "a",
        "--dialect",
    ];
    scratch.keyward(&[&args[..], &["python"]].concat()).passes();
    let kept = fs::read_to_string(scratch.root().join("kept/a_A_SECRET")).unwrap();
    assert_eq!(kept, format!("{key}#{key}"));
    // A key in a comment is in no store: the file stays, whoever asked.
    assert_eq!(
        fs::read_to_string(scratch.top().join(".env")).unwrap(),
        text
    );
    let example = fs::read_to_string(scratch.top().join(".env.example")).unwrap();
    assert_eq!(example, "A_SECRET=\n# OLD_TOKEN=\n");
}

#[test]
fn the_command_that_is_named_is_for_the_same_place() {
    let scratch = Scratch::new(Reading::Default);
    scratch.write(".env", env_file().0);
    let args = [
        "template",
        "--for",
        "1password",
        "--app",
        "shop",
        "--vault",
        "Our keys",
    ];
    let ran = scratch.keyward(&args);
    ran.passes();
    let told = "keyward template .env --for 1password --store --app shop --vault 'Our keys'\n";
    assert!(ran.stdout.contains(told), "{}", ran.stdout);
}

#[test]
fn nothing_is_overwritten_and_no_pipe_is_read() {
    let scratch = Scratch::new(Reading::Default);
    let (text, _) = env_file();
    scratch.write(".env", &text);
    scratch.write(".env.example", "MINE=1\n");
    scratch.write(".env.tpl", "MINE=1\n");
    let ran = scratch.keyward(&["template", "--for", "pass"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(
        ran.stderr
            .contains(".env.tpl is there and holds something else"),
        "{}",
        ran.stderr
    );
    let read = |name: &str| fs::read_to_string(scratch.top().join(name)).unwrap();
    assert_eq!(read(".env.example"), "MINE=1\n");
    assert!(!scratch.top().join(".gitignore").exists());
    scratch
        .keyward(&["template", "--for", "pass", "--force"])
        .passes();
    let made = (read(".env.tpl"), read(".env.example"));
    assert_eq!(read(".gitignore"), ".env\n");
    // Twice is once.
    scratch.keyward(&["template", "--for", "pass"]).passes();
    assert_eq!((read(".env.tpl"), read(".env.example")), made);
    assert_eq!(read(".gitignore"), ".env\n");
    let pipe = scratch.top().join("pipe.env");
    run(scratch.command("mkfifo").arg(&pipe)).passes();
    let mut keyward = scratch.command(env!("CARGO_BIN_EXE_keyward"));
    let mut child = keyward.args(["template", "pipe.env"]).spawn().unwrap();
    for _ in 0..600 {
        if let Some(ended) = child.try_wait().unwrap() {
            assert_eq!(ended.code(), Some(2));
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    panic!("the pipe was read");
}
