//! A release, put together as the workflow does it, and taken by `install.sh`: from a clone, from a
//! pipe, by a machine that has no Rust. What is not as it should be is not installed.

#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::thread;

use tempfile::TempDir;

use crate::install_sh::{Machine, names, text};
use crate::support::anthropic_key;

const TOP: &str = env!("CARGO_MANIFEST_DIR");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A directory as `KEYWARD_RELEASES` names it, with one release: the program that the tests were built
/// with for this machine, and archives for the others that nobody can open.
pub(crate) struct Releases {
    dir: TempDir,
}

impl Releases {
    pub(crate) fn new(key: Option<&Path>) -> Self {
        static ARCHIVE: OnceLock<TempDir> = OnceLock::new();
        let packed = ARCHIVE.get_or_init(|| {
            let (built, dir) = (TempDir::new().unwrap(), TempDir::new().unwrap());
            // As a release is: without what only a debugger reads.
            let program = built.path().join("keyward");
            ran(Command::new("strip")
                .args(["-o".as_ref(), program.as_os_str()])
                .arg(env!("CARGO_BIN_EXE_keyward")));
            ran(Command::new(format!("{TOP}/.ci/archive"))
                .args([target().as_ref(), program.as_os_str()])
                .arg(dir.path()));
            dir
        });
        let releases = Self {
            dir: TempDir::new().unwrap(),
        };
        let files = releases.files();
        fs::create_dir_all(&files).unwrap();
        for name in names(packed.path()) {
            fs::copy(packed.path().join(&name), files.join(&name)).unwrap();
        }
        for other in [
            "x86_64-unknown-linux-musl.tar.gz",
            "aarch64-unknown-linux-musl.tar.gz",
            "x86_64-apple-darwin.tar.gz",
            "aarch64-apple-darwin.tar.gz",
            "x86_64-pc-windows-msvc.zip",
            "aarch64-pc-windows-msvc.zip",
        ] {
            let name = format!("keyward-v{VERSION}-{other}");
            if !files.join(&name).exists() {
                fs::write(files.join(&name), "for another machine\n").unwrap();
                releases.sum(&name, &format!("{name}.sha256"));
            }
        }
        let mut release = Command::new(format!("{TOP}/.ci/release"));
        if let Some(key) = key {
            release.env("KEYWARD_SIGNING_KEY", key);
        }
        ran(release.arg(&files));
        fs::create_dir(releases.dir.path().join("latest")).unwrap();
        std::os::unix::fs::symlink(&files, releases.dir.path().join("latest/download")).unwrap();
        releases
    }

    pub(crate) fn files(&self) -> PathBuf {
        self.dir.path().join(format!("download/v{VERSION}"))
    }

    fn archive(&self) -> PathBuf {
        self.files()
            .join(format!("keyward-v{VERSION}-{}.tar.gz", target()))
    }

    pub(crate) fn url(&self) -> String {
        format!("file://{}", self.dir.path().display())
    }

    /// Writes the checksum of a file into another.
    fn sum(&self, name: &str, into: &str) {
        let sum = ran(Command::new("sha256sum")
            .arg(name)
            .current_dir(self.files()));
        fs::write(self.files().join(into), sum.stdout).unwrap();
    }
}

/// What `install.sh` calls this machine.
fn target() -> String {
    format!("{}-unknown-linux-musl", std::env::consts::ARCH)
}

fn ran(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    output
}

/// Runs a script as `curl ... | sh -s -- ARGUMENTS` does, in the repository.
fn pipe(machine: &Machine, script: &Path, args: &[&str], releases: &str) -> Output {
    machine
        .command("sh", &machine.repository())
        .args(["-s", "--"])
        .args(args)
        .env("KEYWARD_RELEASES", releases)
        .stdin(fs::File::open(script).unwrap())
        .output()
        .unwrap()
}

fn assert_built(machine: &Machine, whether: bool) {
    let built = machine.scratch.home().join("cargo-ran");
    assert_eq!(built.exists(), whether);
    drop(fs::remove_file(built));
}

/// A commit with a made-up key is refused, one without goes through.
fn assert_protected(machine: &Machine) {
    let repository = machine.repository();
    let commit = |text: &str| {
        fs::write(repository.join("settings.py"), text).unwrap();
        ran(machine.command("git", &repository).args(["add", "."]));
        let mut commit = machine.command("git", &repository);
        commit.args(["commit", "-q", "-m", "x"]).output().unwrap()
    };
    let refused = commit(&format!("key = \"{}\"\n", anthropic_key()));
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("settings.py:1"));
    assert_eq!(commit("key = None\n").status.code(), Some(0));
}

#[test]
fn from_a_pipe_with_its_documents_and_gone_again() {
    let releases = Releases::new(None);
    let machine = Machine::new();
    let script = releases.files().join("install.sh");
    let output = pipe(&machine, &script, &[], &releases.url());
    let said = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(said.contains("Its checksum is right."), "{said}");
    assert_built(&machine, false);
    assert_protected(&machine);

    let share = machine.scratch.home().join(".local/share");
    for (path, holds) in [
        ("bash-completion/completions/keyward", "_keyward()"),
        (
            "fish/vendor_completions.d/keyward.fish",
            "complete -c keyward",
        ),
        ("zsh/site-functions/_keyward", "#compdef keyward"),
        ("man/man1/keyward.1", ".TH keyward 1"),
        ("man/man1/keyward-doctor.1", ".SH NAME"),
    ] {
        let file = fs::read_to_string(share.join(path)).unwrap();
        assert!(file.contains(holds), "{path}");
    }
    fs::write(share.join("man/man1/keywardly.1"), "another's").unwrap();
    let output = pipe(&machine, &script, &["--uninstall"], &releases.url());
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!machine.program().exists());
    assert!(!machine.repository().join(".git/hooks").exists());
    assert_eq!(names(&share.join("man/man1")), ["keywardly.1"]);
    assert!(names(&share.join("zsh/site-functions")).is_empty());
}

#[test]
fn every_repository_and_no_repository() {
    let releases = Releases::new(None);
    let script = releases.files().join("install.sh");
    let machine = Machine::new();
    let output = pipe(&machine, &script, &["--program-only"], &releases.url());
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(machine.program().is_file());
    assert!(!machine.repository().join(".git/hooks").exists());
    let output = pipe(&machine, &script, &["--global"], &releases.url());
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!machine.repository().join(".git/hooks").exists());
    assert_protected(&machine);
}

/// A clone of keyward, as far as `install.sh` looks at it.
fn clone(machine: &Machine, tag: Option<&str>) -> PathBuf {
    let clone = machine.root.join("a clone");
    fs::create_dir(&clone).unwrap();
    for name in ["install.sh", "Cargo.toml"] {
        fs::copy(Path::new(TOP).join(name), clone.join(name)).unwrap();
    }
    for args in [
        &["init", "-q"][..],
        &["add", "."],
        &["commit", "-q", "-m", "x"],
    ] {
        ran(machine.command("git", &clone).args(args));
    }
    if let Some(tag) = tag {
        ran(machine.command("git", &clone).args(["tag", tag]));
    }
    clone
}

#[test]
fn a_clone_takes_the_release_that_it_is_and_builds_what_it_is_not() {
    let releases = Releases::new(None);
    let install = |machine: &Machine, clone: &Path, args: &[&str], releases: &str| {
        let mut script = machine.command("sh", &machine.repository());
        script.arg(clone.join("install.sh")).args(args);
        script.env("KEYWARD_RELEASES", releases).output().unwrap()
    };
    let tagged = Machine::new();
    let at = clone(&tagged, Some(&format!("v{VERSION}")));
    assert!(install(&tagged, &at, &[], &releases.url()).status.success());
    assert_built(&tagged, false);
    assert!(
        install(&tagged, &at, &["--build"], &releases.url())
            .status
            .success()
    );
    assert_built(&tagged, true);
    // There is none for this machine, or nobody can be reached.
    assert!(
        install(&tagged, &at, &[], "file:///nowhere")
            .status
            .success()
    );
    assert_built(&tagged, true);
    let output = install(&tagged, &at, &["--release"], "file:///nowhere");
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("there is no release"));
    // Somebody worked on it.
    fs::write(
        at.join("Cargo.toml"),
        "name = \"keyward\"\nversion = \"9.9.9\"\n",
    )
    .unwrap();
    assert!(install(&tagged, &at, &[], &releases.url()).status.success());
    assert_built(&tagged, true);

    let later = Machine::new();
    let at = clone(&later, None);
    assert!(install(&later, &at, &[], &releases.url()).status.success());
    assert_built(&later, true);
    // Without Rust, the latest release is better than nothing.
    fs::write(
        at.join("Cargo.toml"),
        "name = \"keyward\"\nversion = \"9.9.9\"\n",
    )
    .unwrap();
    let mut script = later.command("sh", &later.repository());
    script.arg(at.join("install.sh"));
    script.env("PATH", without_cargo(&later));
    script.env("KEYWARD_RELEASES", releases.url());
    let output = ran(&mut script);
    assert!(text(&output.stdout).contains("latest/download"));
    assert_built(&later, false);
    assert_protected(&later);
}

/// A PATH on which everything is but cargo.
fn without_cargo(machine: &Machine) -> PathBuf {
    let bin = machine.root.join("no cargo");
    fs::create_dir(&bin).unwrap();
    for dir in std::env::split_paths(&std::env::var_os("PATH").unwrap()) {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            if entry.file_name() != "cargo" {
                drop(std::os::unix::fs::symlink(
                    entry.path(),
                    bin.join(entry.file_name()),
                ));
            }
        }
    }
    bin
}

#[test]
fn what_is_not_as_it_should_be_is_not_installed() {
    type Harm<'a> = (&'a str, &'a dyn Fn(&Releases), &'a str);
    let harm: [Harm<'_>; 5] = [
        (
            "another archive",
            &|it| {
                fs::write(it.archive(), "another").unwrap();
            },
            "the checksum of",
        ),
        (
            "no archive",
            &|it| fs::remove_file(it.archive()).unwrap(),
            "could not fetch",
        ),
        (
            "no program in it",
            &|it| {
                fs::write(it.archive(), "no archive at all").unwrap();
                it.sum(
                    it.archive().file_name().unwrap().to_str().unwrap(),
                    "SHA256SUMS",
                );
            },
            "could not unpack",
        ),
        (
            "another program in it",
            &|it| {
                let name = format!("keyward-v{VERSION}-{}", target());
                let dir = it.files().join(&name);
                fs::create_dir(&dir).unwrap();
                fs::write(dir.join("keyward"), "#!/bin/sh\necho something else\n").unwrap();
                ran(Command::new("tar")
                    .arg("-C")
                    .arg(it.files())
                    .arg("-czf")
                    .arg(it.archive())
                    .arg(&name));
                it.sum(
                    it.archive().file_name().unwrap().to_str().unwrap(),
                    "SHA256SUMS",
                );
            },
            "does not run",
        ),
        (
            "a name that leads elsewhere",
            &|it| {
                let sums = fs::read_to_string(it.files().join("SHA256SUMS")).unwrap();
                fs::write(
                    it.files().join("SHA256SUMS"),
                    sums.replace("  keyward-v", "  ../x/keyward-v"),
                )
                .unwrap();
            },
            "there is no release",
        ),
    ];
    for (what, harm, reason) in harm {
        let releases = Releases::new(None);
        harm(&releases);
        let machine = Machine::new();
        let script = releases.files().join("install.sh");
        let output = pipe(&machine, &script, &["--release"], &releases.url());
        assert_eq!(output.status.code(), Some(3), "{what}");
        assert!(
            text(&output.stderr).contains(reason),
            "{what}: {}",
            text(&output.stderr)
        );
        assert!(!machine.program().exists(), "{what}");
        assert!(!machine.repository().join(".git/hooks").exists(), "{what}");
    }
    // Nobody's word is taken for what comes over an open line.
    let releases = Releases::new(None);
    let machine = Machine::new();
    let script = releases.files().join("install.sh");
    for open in [
        "http://example.com",
        "http://127.0.0.1.example.com",
        "ftp://x",
    ] {
        let output = pipe(&machine, &script, &["--release"], open);
        assert_eq!(output.status.code(), Some(2), "{open}");
        assert!(text(&output.stderr).contains("https://"), "{open}");
    }
}

#[test]
fn a_download_that_was_cut_short_does_nothing() {
    let releases = Releases::new(None);
    let whole = fs::read_to_string(releases.files().join("install.sh")).unwrap();
    for part in [2, 3, 4] {
        let machine = Machine::new();
        let cut = machine.root.join("cut.sh");
        fs::write(&cut, &whole[..whole.len() * (part - 1) / part]).unwrap();
        pipe(&machine, &cut, &[], &releases.url());
        assert!(!machine.scratch.home().join(".local").exists());
        assert!(!machine.repository().join(".git/hooks").exists());
    }
}

#[test]
fn a_release_with_a_key_has_to_be_signed_by_it() {
    let keys = TempDir::new().unwrap();
    let [own, other] = ["own", "other"].map(|name| keys.path().join(name));
    for key in [&own, &other] {
        let mut generate = Command::new("ssh-keygen");
        generate.args([
            "-q",
            "-t",
            "ed25519",
            "-N",
            "",
            "-C",
            "somebody's machine",
            "-f",
        ]);
        match generate.arg(key).status() {
            Ok(status) => assert!(status.success()),
            Err(_) => return eprintln!("not tried, since there is no ssh-keygen"),
        }
    }
    let releases = Releases::new(Some(&own));
    let script = releases.files().join("install.sh");
    let its_own = fs::read_to_string(&script).unwrap();
    assert!(its_own.contains("\nrelease_key='ssh-ed25519 ") && !its_own.contains("somebody's"));
    let take = |releases: &Releases| {
        let machine = Machine::new();
        let output = pipe(&machine, &script, &["--release"], &releases.url());
        assert_eq!(machine.program().exists(), output.status.success());
        (
            output.status.code(),
            text(&output.stdout) + &text(&output.stderr),
        )
    };
    let (code, said) = take(&releases);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("Its signature and its checksum are right."),
        "{said}"
    );

    let (code, said) = take(&Releases::new(Some(&other)));
    assert_eq!(code, Some(3));
    assert!(said.contains("not by the key that is known"), "{said}");
    let (code, said) = take(&Releases::new(None));
    assert_eq!(code, Some(3));
    assert!(said.contains("is not signed"), "{said}");
    // Signed, and changed after that.
    let mut sums = fs::OpenOptions::new();
    let mut sums = sums
        .append(true)
        .open(releases.files().join("SHA256SUMS"))
        .unwrap();
    sums.write_all(b"0  more\n").unwrap();
    assert_eq!(take(&releases).0, Some(3));
}

/// Serves the files of a directory to whoever asks, until the tests end.
fn serve(dir: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let request = lines.next().unwrap().unwrap();
            while lines
                .next()
                .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
            {}
            let path = request.split(' ').nth(1).unwrap();
            let (status, body) = match fs::read(dir.join(path.trim_start_matches('/'))) {
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", b"no such file".to_vec()),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            drop(stream.write_all(&[head.as_bytes(), &body].concat()));
        }
    });
    format!("http://{address}")
}

#[test]
fn a_server_that_has_it_and_one_that_has_not() {
    if Command::new("curl").arg("--version").output().is_err() {
        return eprintln!("not tried, since there is no curl");
    }
    let releases = Releases::new(None);
    let there = serve(releases.dir.path().to_owned());
    let machine = Machine::new();
    let script = Path::new(TOP).join("install.sh");
    let output = pipe(&machine, &script, &[], &there);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("/latest/download/keyward-v"));
    assert_protected(&machine);

    let nothing = serve(releases.dir.path().join("nothing here"));
    let machine = Machine::new();
    let output = pipe(&machine, &script, &[], &nothing);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("Clone https://github.com/keyward/keyward"));
    assert!(!machine.program().exists());
}

#[test]
fn the_line_for_path_works_in_the_shell_that_it_is_for() {
    let releases = Releases::new(None);
    let script = releases.files().join("install.sh");
    for (shell, new_terminal) in [
        ("bash", &["-ic", "command -v keyward"][..]),
        ("zsh", &["-ic", "command -v keyward"]),
        ("fish", &["-c", "command -v keyward"]),
        ("sh", &["-c", ". ~/.profile; command -v keyward"]),
    ] {
        let mut machine = Machine::new();
        if machine
            .command(shell, &machine.root)
            .args(["-c", ":"])
            .output()
            .is_err()
        {
            assert_ne!(shell, "bash");
            continue;
        }
        machine.scratch.set("SHELL", &format!("/usr/bin/{shell}"));
        let output = pipe(&machine, &script, &[], &releases.url());
        let said = text(&output.stdout);
        let mut lines = said
            .lines()
            .skip_while(|line| !line.contains("not on your PATH"));
        let line = lines.nth(1).unwrap();
        let root = machine.root.clone();
        ran(machine.command(shell, &root).args(["-c", line]));
        let found = ran(machine.command(shell, &root).args(new_terminal));
        assert_eq!(
            Path::new(text(&found.stdout).trim()),
            machine.program(),
            "{shell}: {line}"
        );
    }
}

#[test]
fn a_release_says_the_same_of_itself_everywhere() {
    let releases = Releases::new(None);
    let read = |name: &str| fs::read_to_string(releases.files().join(name)).unwrap();
    let sums = read("SHA256SUMS");
    for name in names(&releases.files()) {
        let listed = sums
            .lines()
            .any(|line| line.ends_with(&format!("  {name}")));
        assert_eq!(
            listed,
            !name.ends_with(".sha256") && name != "SHA256SUMS",
            "{name}"
        );
    }
    let manifest: serde_json::Value = serde_json::from_str(&read("keyward.json")).unwrap();
    let windows = &manifest["architecture"];
    let formula = read("keyward.rb");
    let mut told = 0;
    for line in sums.lines().filter(|line| line.contains("  keyward-v")) {
        let (sum, name) = line.split_once("  ").unwrap();
        let url = format!("/releases/download/v{VERSION}/{name}");
        if name.ends_with(".zip") {
            let system = if name.contains("x86_64") {
                "64bit"
            } else {
                "arm64"
            };
            assert!(
                windows[system]["url"].as_str().unwrap().ends_with(&url),
                "{name}"
            );
            assert_eq!(windows[system]["hash"], sum, "{name}");
        } else {
            let at = formula.find(&format!("{url}\"\n")).unwrap();
            assert!(
                formula[at..].lines().nth(1).unwrap().contains(sum),
                "{name}"
            );
        }
        told += 1;
    }
    assert_eq!(told, 6);
    assert!(!formula.contains('@') && manifest["version"] == VERSION);
}
