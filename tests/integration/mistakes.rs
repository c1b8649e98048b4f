//! What people mistype: each mistake ends with the code of the reference, names the word that is wrong, and
//! tells a next step that works when it is done as it stands there.

use std::fs;
use std::path::Path;

use crate::support::{Ran, Reading, Scratch, anthropic_key, path_after, run};

/// What is to be done, as it is told.
enum Next {
    /// To write the word that was meant in the place of the one that is wrong.
    Meant,
    /// To write that in the place of what stands there.
    Write(&'static str, &'static str),
    /// To run the command that begins so.
    Run(&'static str),
    /// What no program can do; these words say it.
    Read(&'static str),
}

use Next::{Meant, Read, Run, Write};

struct Mistake {
    /// What is typed behind `keyward`.
    typed: &'static str,
    /// The file that is wrong, and its text; empty if it is the command.
    file: (&'static str, &'static str),
    code: i32,
    /// The word that is wrong, as it is told.
    wrong: &'static str,
    next: Next,
}

/// A mistake of the command line.
const fn typed(typed: &'static str, wrong: &'static str, next: Next) -> Mistake {
    Mistake {
        typed,
        file: ("", ""),
        code: 2,
        wrong,
        next,
    }
}

/// A mistake in the settings.
const fn settings(text: &'static str, wrong: &'static str, next: Next) -> Mistake {
    Mistake {
        typed: "config check",
        file: (".keyward.toml", text),
        code: 2,
        wrong,
        next,
    }
}

/// A mistake in a rule of one's own, which comes behind that.
const RULE: &str = "[[rule]]\nname = \"Our key\"\n";

const TYPED: &[Mistake] = &[
    typed("scann", "scann", Meant),
    typed("scan --stagd", "--stagd", Meant),
    typed("scan --format sarfi", "sarfi", Meant),
    typed("scan --format xml", "xml", Read("sarif")),
    typed("scan --rnage HEAD..", "--rnage", Meant),
    typed("scan nofile", "nofile", Read("name a file or a directory")),
    typed(
        "scan src/nofile.py",
        "src/nofile.py",
        Read("name a file or a directory"),
    ),
    typed(
        "scan --staged src",
        "'[PATH]...'",
        Read("keyward scan [OPTIONS] --staged\n"),
    ),
    typed(
        "scan --stdin src",
        "'[PATH]...'",
        Read("keyward scan [OPTIONS] --stdin\n"),
    ),
    typed(
        "scan --history --range HEAD..",
        "--history",
        Read("--range A..B"),
    ),
    typed("scan --quiet --verbose", "--verbose", Read("--help")),
    typed("scan --range HEAD", "`HEAD`", Write("HEAD", "A..B")),
    typed("scan --range ..HEAD", "`..HEAD`", Read("--history")),
    typed(
        "scan --range HEAD...HEAD",
        "`HEAD...HEAD`",
        Read("write it as A..B"),
    ),
    typed(
        "scan --range nothing..HEAD",
        "`nothing`",
        Run("git branch --all"),
    ),
    typed(
        "scan --range HEAD..nothing",
        "`nothing`",
        Run("git branch --all"),
    ),
    typed("scan --range", "--range", Read("--help")),
    typed(
        "scan --config nofile.toml",
        "`nofile.toml`",
        Read("name a settings file"),
    ),
    typed("scan --config src", "src", Read("name a text file")),
    typed(
        "scan --set scan.threshold",
        "--set",
        Read("scan.threshold=certain"),
    ),
    typed("scan --set scan.treshold=certain", "`treshold`", Meant),
    typed("scan --set scan.threshold=certan", "`certan`", Meant),
    typed("scan --set store=1pasword", "`1pasword`", Meant),
    typed(
        "scan --set hooks.trailer=yes",
        "hooks",
        Read("`true` or `false`"),
    ),
    typed("scan --set rules.off=slak", "`slak`", Meant),
    typed("hook pre-comit", "pre-comit", Meant),
    typed("hook", "<KIND>", Read("--help")),
    typed(
        "hook commit-msg",
        "commit-msg",
        Read("the file of the message"),
    ),
    typed("install --hook pre-psh", "pre-psh", Meant),
    typed("install --globl", "--globl", Meant),
    typed(
        "install --global --template x",
        "--template",
        Read("--help"),
    ),
    typed("uninstall --hook pre-psuh", "pre-psuh", Meant),
    typed("allow", "--reason", Read("keyward allow --reason <REASON>")),
    typed("allow 0123abcd", "--reason", Read("--reason <REASON>")),
    typed(
        "allow zz --reason sandbox-key",
        "`zz`",
        Read("the line that says `allow`"),
    ),
    typed(
        "allow 0123abcd --reason sandbox-key",
        "0123abcd",
        Read("copy the id"),
    ),
    typed("allow 0123abcd --reason ...", "reason", Read("--reason \"")),
    typed(
        "allow 0123abcd --reason todo",
        "reason",
        Read("--reason \""),
    ),
    typed(
        "allow 0123abcd --until tomorrow --reason x",
        "tomorrow",
        Read("2027-01-31"),
    ),
    typed(
        "allow 0123abcd --until 2027-02-30 --reason x",
        "2027-02-30",
        Read("2027-01-31"),
    ),
    typed(
        "allow 0123abcd --until 31.1.2027 --reason x",
        "31.1.2027",
        Read("2027-01-31"),
    ),
    typed(
        "allow 0123abcd --until 2020-01-31 --reason x",
        "2020-01-31",
        Read("a day to come"),
    ),
    typed(
        "allow --remove 0123abcd",
        "0123abcd",
        Run("keyward allow --list"),
    ),
    typed("allow --import nofile", "`nofile`", Read(".gitleaksignore")),
    typed(
        "allow --import src/app.py",
        "`app.py`",
        Read(".gitleaksignore"),
    ),
    typed("allow --all", "--reason", Read("--reason <REASON>")),
    typed("ignore nofile", "nofile", Read("name a file that is here")),
    typed("ignore src", "src", Run("echo")),
    typed("ignore *.pem", "*.pem", Run("echo")),
    typed("rules show antropic-api-key", "`antropic-api-key`", Meant),
    typed("rules show Antropic", "`Antropic`", Meant),
    typed(
        "rules show qqqqqqqq",
        "`qqqqqqqq`",
        Run("keyward rules list"),
    ),
    typed("rules list --provider antropic", "`antropic`", Meant),
    typed(
        "rules list --provider qqqqqqqq",
        "`qqqqqqqq`",
        Run("keyward rules list"),
    ),
    typed("rules list --confidence certan", "certan", Meant),
    typed("rules lst", "lst", Meant),
    typed(
        "rules check nofile.toml",
        "`nofile.toml`",
        Read("name a file with [[rule]] tables"),
    ),
    typed("config chek .keyward.toml", "chek", Read("'check'")),
    typed(
        "config check nofile.toml",
        "`nofile.toml`",
        Read("name a settings file"),
    ),
    typed("completions bahs", "bahs", Meant),
    typed("doctor --jsn", "--jsn", Meant),
    typed("triage", "terminal", Run("keyward scan .")),
    // What other tools call it.
    typed("check", "check", Run("keyward scan")),
    typed("detect", "detect", Run("keyward scan")),
    typed("protect", "protect", Run("keyward install")),
    typed("unprotect", "unprotect", Run("keyward uninstall")),
    typed("history", "history", Run("keyward audit")),
    typed("baseline", "baseline", Read("keyward allow --all")),
    typed("leaked", "leaked", Read("keyward respond --stdin")),
    typed(
        "pre-push",
        "pre-push",
        Run("keyward install --hook pre-push"),
    ),
    typed(
        "install pre-commit",
        "pre-commit",
        Run("keyward install --hook pre-commit"),
    ),
    typed("hlep", "hlep", Meant),
    typed("scan --diff", "--diff", Read("--help")),
    typed(
        "scan HEAD~1..HEAD",
        "`HEAD~1..HEAD`",
        Read("keyward scan --range A..B"),
    ),
    typed("scan --staged --format", "--format", Read("sarif")),
    typed("sweep --jsn", "--jsn", Meant),
    typed("audit --jsn", "--jsn", Meant),
    typed("audit nodir", "`nodir`", Read("name a repository")),
    typed(
        "audit --repos nofile",
        "`nofile`",
        Read("name a directory with repositories"),
    ),
    typed("audit --repos . --shard 3/2", "3/2", Read("1/8")),
    typed("respond", "<ID>", Read("keyward respond <ID>")),
    typed("respond zz", "`zz`", Read("keyward audit")),
    typed(
        "respond 0123abcd",
        "0123abcd",
        Run("keyward audit --unreachable"),
    ),
    typed("fix zz", "`zz`", Run("keyward scan .")),
    typed("fix 0123abcd", "0123abcd", Run("keyward scan .")),
    typed(
        "template nofile",
        "nofile",
        Read("name the file that holds"),
    ),
    typed("template --for 1pasword", "1pasword", Read("'1password'")),
    typed("keys rotat ACME_API_KEY", "rotat", Read("`rotate`")),
    typed("keys calender", "calender", Read("`calendar`")),
    typed("keys nofile", "nofile", Read("name a file with variables")),
    typed(
        "keys rotate NO_SUCH_KEY",
        "that variable",
        Run("keyward keys"),
    ),
    typed("init --dry", "--dry", Meant),
    typed("install --agents claud", "claud", Meant),
    typed("agent-hook claud", "claud", Read("'claude-code'")),
    typed("agents-md --wirte", "--wirte", Meant),
    typed("doctor --forge=github", "github", Read("gh, glab")),
];

const SETTINGS: &[Mistake] = &[
    settings("[scan]\nexlude = []\n", "`exlude`", Meant),
    settings("[Scan]\nexclude = []\n", "`Scan`", Meant),
    settings("[guards]\nadd = []\n", "`guards`", Meant),
    settings(
        "unchecked = \"deny\"\n",
        "`unchecked`",
        Write("unchecked", "[hooks]"),
    ),
    settings(
        "[hooks]\nunchecked = true\n",
        ":2:13:",
        Write("true", "\"deny\""),
    ),
    settings("[hooks]\nunchecked = \"denny\"\n", "`denny`", Meant),
    settings(
        "[hooks]\ntrailer = \"yes\"\n",
        ":2:11:",
        Write("\"yes\"", "true"),
    ),
    settings(
        "[scan]\nthreshold = \"sure\"\n",
        "`sure`",
        Write("\"sure\"", "\"certain\""),
    ),
    settings(
        "[scan]\nthreshold = certain\n",
        ":2:13:",
        Read("put it between quotes"),
    ),
    settings(
        "[scan]\nthreshold = 3\n",
        ":2:13:",
        Write("3", "\"certain\""),
    ),
    settings(
        "[scan]\nexclude = \"vendor/\"\n",
        ":2:11:",
        Write("\"vendor/\"", "[\"testdata/\"]"),
    ),
    settings(
        "[scan]\nexclude = [1]\n",
        ":2:12:",
        Write("1", "\"testdata/\""),
    ),
    settings(
        "[scan]\nexclude = [\"\"]\n",
        ":2:12:",
        Write("\"\"", "testdata/"),
    ),
    settings(
        "[scan]\nexclude = [\"a\" \"b\"]\n",
        ":2:1",
        Read("put `,` between them"),
    ),
    settings(
        "[scan]\nexclude = [\"a\",\n\"b\"\n",
        ".keyward.toml:",
        Read("close it with `]`"),
    ),
    settings("[scan\nexclude = []\n", ":1:", Read("close it with `]`")),
    settings(
        "[scan]\nexclude = [\"a\\q\"]\n",
        ":2:",
        Read("use single quotes"),
    ),
    settings("[scan]\n[scan]\n", ":2:2:", Read("keep one of them")),
    settings(
        "[scan]\nexclude = []\nexclude = []\n",
        ":3:1:",
        Read("keep one of them"),
    ),
    settings("[scan]\nexclude: [\"a\"]\n", ":2:", Read("key = \"value\"")),
    settings("[scan]\nexclude =\n", ":2:", Read("key = \"value\"")),
    settings("{\"scan\": {}}\n", ":1:", Read("key = \"value\"")),
    settings("scan = true\n", "`scan`", Write("scan = true", "[scan]")),
    settings("store = \"1pasword\"\n", "`1pasword`", Meant),
    settings("rules.off = [\"slak\"]\n", "`slak`", Meant),
    settings(
        "rules.off = [\"a b\"]\n",
        ":1:14:",
        Run("keyward rules list"),
    ),
    settings(
        "guard.off = [\"guard-netrc-flie\"]\n",
        "`guard-netrc-flie`",
        Meant,
    ),
    settings("lock = [\"scan.treshold\"]\n", "`scan.treshold`", Meant),
    settings(
        "lock = \"rule\"\n",
        ":1:8:",
        Write("\"rule\"", "[\"scan.threshold\"]"),
    ),
    settings(
        "extends = \"team.toml\"\n",
        "`extends`",
        Read("extends = [\"path\"]"),
    ),
    settings(
        "extends = [\"team.toml\"]\n",
        "`extends`",
        Read("add the file to the commit"),
    ),
    settings(
        "extends = [\"../team.toml\"]\n",
        ":1:12:",
        Read("name a file in it"),
    ),
    settings(
        "extends = [{git = \"host\", rev = \"v1\", path = \"a\"}]\n",
        "address",
        Read("https://"),
    ),
    settings(
        "[[rule]]\nid = \"our-key\"\nformat = \"our_<hex:32>\"\n",
        "`name`",
        Read("name = \""),
    ),
    settings(
        "[[rule]]\nname = \"Our key\"\nformat = \"our_<hex:32>\"\n",
        "`id`",
        Read("id = \""),
    ),
    settings(
        "[rule]\nid = \"our-key\"\nname = \"Our key\"\nformat = \"our_<hex:32>\"\n",
        "`rule`",
        Write("[rule]", "[[rule]]"),
    ),
];

/// What stands below [`RULE`].
const RULES: &[Mistake] = &[
    settings(
        "id = \"ourkey\"\nformat = \"our_<hex:32>\"\n",
        ":3:1:",
        Write("ourkey", "acme-key"),
    ),
    settings(
        "id = \"our-key\"\n",
        "`our-key`",
        Read("give a format, a pattern or names"),
    ),
    settings(
        "id = \"our-key\"\nformt = \"our_<hex:32>\"\n",
        "`formt`",
        Meant,
    ),
    settings(
        "id = \"our-key\"\nformat = \"our_<hex:32\"\n",
        ":4:1:",
        Read("closing `>`"),
    ),
    settings(
        "id = \"our-key\"\nformat = \"our_<hexx:32>\"\n",
        "`hexx`",
        Read("keyward rules check"),
    ),
    settings(
        "id = \"our-key\"\nformat = \"<hex:32>\"\n",
        ":4:1:",
        Write("\"<hex:32>\"", "context = \"required\""),
    ),
    settings(
        "id = \"our-key\"\npattern = \"our_[a-z]{30}\"\nkeywords = [\"our_\"]\n",
        ":4:1:",
        Read("`examples`"),
    ),
    settings(
        "id = \"our-key\"\npattern = \"our_([a-z\"\nkeywords = [\"our_\"]\nexamples = [\"our_<hex:32>\"]\n",
        ":4:1:",
        Read("keyward rules check"),
    ),
    settings(
        "id = \"our-key\"\npattern = \"our_[a-f0-9]{32}\"\nexamples = [\"our_<hex:32>\"]\n",
        ":4:1:",
        Read("`keywords`"),
    ),
    settings(
        "id = \"our-key\"\nformat = \"our_<hex:32>\"\nchecksum = \"github-crc31\"\n",
        "`github-crc31`",
        Meant,
    ),
    settings(
        "id = \"openai-project-key\"\nformat = \"our_<hex:32>\"\n",
        "is taken",
        Read("another"),
    ),
    settings(
        "id = \"our-key\"\nformat = \"our_<hex:32>\"\nmin_entropy = \"3\"\n",
        ":5:",
        Write("\"3\"", "a number"),
    ),
];

const ALLOWED: &[(&str, &str, &str)] = &[
    ("nonsense\n", ":1:1:", "`keyward allow`"),
    ("0123456789abcdef\n", ":1:17:", "`keyward rules list`"),
    ("0123456789abcdef our-key\n", ":1:25:", "a path pattern"),
    ("0123456789abcdef our-key *\n", ":1:27:", "2027-01-31"),
    (
        "0123456789abcdef our-key * soon why\n",
        ":1:28:",
        "2027-01-31",
    ),
    (
        "0123456789abcdef our-key * 2027-13-01 why\n",
        ":1:28:",
        "2027-01-31",
    ),
    (
        "0123456789abcdef our-key * -\n",
        ":1:29:",
        "why it is allowed",
    ),
    ("<<<<<<< HEAD\n", ":1:1:", "remove the marks"),
];

/// A repository with a commit, in which somebody is about to make a mistake.
fn repository() -> Scratch {
    let scratch = Scratch::new(Reading::Default);
    scratch.write("src/app.py", "import os\n");
    scratch.commit_all();
    scratch
}

fn keyward(scratch: &Scratch, typed: &str) -> Ran {
    let words: Vec<&str> = typed.split(' ').collect();
    scratch.keyward(&words)
}

/// What was meant: the word behind the question, or in a tip of the command line.
fn meant(told: &str) -> &str {
    for (before, quote) in [("did you mean `", '`'), ("exists: '", '\'')] {
        if let Some((_, behind)) = told.split_once(before) {
            return behind.split(quote).next().unwrap();
        }
    }
    panic!("no word was meant: {told}")
}

/// Runs a command of what is told, from its first words to the end of the line or the sentence.
fn run_told(scratch: &Scratch, told: &str, start: &str) {
    let at = told
        .rfind(start)
        .unwrap_or_else(|| panic!("no `{start}`: {told}"));
    let command = told[at..].lines().next().unwrap();
    let command = command.split(['`', ';']).next().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_keyward")).parent().unwrap();
    let ran = run(scratch
        .command("sh")
        .args(["-c", command])
        .env("PATH", path_after(program)));
    assert_eq!(ran.code, Some(0), "`{command}` of {told}: {}", ran.stderr);
}

#[track_caller]
fn try_mistake(scratch: &Scratch, mistake: &Mistake, text: &str) {
    let Mistake {
        typed,
        file: (file, _),
        code,
        wrong,
        next,
    } = mistake;
    let about = format!("{typed} {text:?}");
    if !file.is_empty() {
        scratch.write(file, text);
    }
    let ran = keyward(scratch, typed);
    assert_eq!(ran.code, Some(*code), "{about}: {}", ran.stderr);
    assert_eq!(ran.stdout, "", "{about}");
    let told = ran.stderr;
    assert!(told.contains(wrong), "{about}: no {wrong}: {told}");
    // Of words with dashes nobody wants to know how they would be names of files.
    assert!(!told.contains("as a value"), "{about}: {told}");
    let again = |from: &str, to: &str| {
        if !file.is_empty() {
            scratch.write(file, text.replacen(from, to, 1));
        }
        let typed = match file.is_empty() {
            true => typed.replacen(from, to, 1),
            false => (*typed).to_owned(),
        };
        let ran = keyward(scratch, &typed);
        assert!(
            ran.code == Some(0) || ran.code == Some(1),
            "{about}: {to} in the place of {from}: {}",
            ran.stderr
        );
    };
    match next {
        Meant => again(wrong.trim_matches('`'), meant(&told)),
        Write(from, to) => {
            assert!(told.contains(to), "{about}: no {to}: {told}");
            match *to {
                // What stands for a word of one's own.
                "A..B" => again(from, "HEAD..HEAD"),
                "a number" => again(from, "3.0"),
                "testdata/" => again(from, "\"testdata/\""),
                "context = \"required\"" => again(
                    from,
                    "\"<hex:32>\"\ncontext = \"required\"\nwords = [\"ourco\"]",
                ),
                "[hooks]" => again(from, "[hooks]\nunchecked"),
                to => again(from, to),
            }
        }
        Run(start) => {
            if !file.is_empty() {
                fs::remove_file(scratch.top().join(file)).unwrap();
            }
            run_told(scratch, &told, start);
        }
        Read(words) => assert!(told.contains(words), "{about}: no {words}: {told}"),
    }
    if !file.is_empty() {
        let _ = fs::remove_file(scratch.top().join(file));
    }
}

#[test]
fn a_mistyped_command_names_the_word_and_a_step_that_works() {
    for mistake in TYPED {
        try_mistake(&repository(), mistake, "");
    }
}

#[test]
fn a_mistake_in_the_settings_names_its_place_and_a_step_that_works() {
    let scratch = repository();
    for mistake in SETTINGS {
        try_mistake(&scratch, mistake, mistake.file.1);
    }
    for mistake in RULES {
        try_mistake(&scratch, mistake, &format!("{RULE}{}", mistake.file.1));
    }
    for (text, place, words) in ALLOWED {
        scratch.write(".keyward.allow", text);
        let ran = keyward(&scratch, "scan .");
        assert_eq!(ran.code, Some(2), "{text:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(place), "{text:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(words), "{text:?}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("  1 | ") && ran.stderr.contains('^'),
            "{}",
            ran.stderr
        );
    }
    let count = TYPED.len() + SETTINGS.len() + RULES.len() + ALLOWED.len();
    assert!(count >= 80, "{count}");
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let scratch = repository();
    fs::create_dir(scratch.top().join(".keyward.toml")).unwrap();
    let told = keyward(&scratch, "scan .");
    assert_eq!(told.code, Some(2), "{}", told.stderr);
    assert!(told.stderr.contains(".keyward.toml: "), "{}", told.stderr);
    assert!(told.stderr.contains("or remove it"), "{}", told.stderr);
    fs::remove_dir(scratch.top().join(".keyward.toml")).unwrap();
    scratch.write(".keyward.toml", b"[scan]\n# \xff\n");
    let told = keyward(&scratch, "config check");
    assert_eq!(told.code, Some(2), "{}", told.stderr);
    assert!(told.stderr.contains(":2:3:"), "{}", told.stderr);
    assert!(
        told.stderr.contains("save the file as UTF-8"),
        "{}",
        told.stderr
    );
}

#[test]
fn outside_of_a_repository_each_command_says_so() {
    let scratch = repository();
    for typed in [
        "scan --staged",
        "scan --history",
        "scan --range HEAD..",
        "install",
        "uninstall",
        "doctor",
        "ignore .env",
        "config update",
        "allow --list",
        "allow 0123abcd --reason sandbox-key",
    ] {
        let outside = scratch.root().join("outside");
        fs::create_dir_all(&outside).unwrap();
        let words: Vec<&str> = typed.split(' ').collect();
        let ran = run(scratch
            .command(env!("CARGO_BIN_EXE_keyward"))
            .current_dir(&outside)
            .args(&words));
        assert_eq!(ran.code, Some(2), "{typed}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("not a git repository"),
            "{typed}: {}",
            ran.stderr
        );
        assert!(ran.stderr.contains("git init\n"), "{typed}: {}", ran.stderr);
    }
}

#[test]
fn what_was_allowed_until_a_day_that_is_over_is_named() {
    let scratch = repository();
    scratch.add("src/key.py", format!("key = '{}'\n", anthropic_key()));
    let told = keyward(&scratch, "scan --staged").stdout;
    let id = told.split("keyward allow ").nth(1).unwrap();
    let id = id.split(' ').next().unwrap();
    let ran = scratch.keyward(&["allow", id, "--reason", "a key of the sandbox"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let file = scratch.top().join(".keyward.allow");
    let entry = fs::read_to_string(&file)
        .unwrap()
        .replace(" - ", " 2020-01-31 ");
    scratch.add(".keyward.allow", entry);
    let ran = keyward(&scratch, "scan --staged");
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.contains("2020-01-31"), "{}", ran.stdout);
}
