//! Where something nasty may come from, and what it may be there.

use std::fs;
use std::io::Write as _;

use keyward::parts::lab::Random;

use crate::grammar::{ASSIGNMENTS, KEY, PARTS, SAME};
use crate::support::{Scratch, anthropic_key};
use crate::{index_of, write};

/// How keyward is asked.
pub(crate) struct Call {
    pub(crate) args: Vec<String>,
    pub(crate) input: Vec<u8>,
}

impl Call {
    fn new(args: &[&str]) -> Self {
        Self {
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            input: Vec::new(),
        }
    }

    /// What git asks before a commit.
    pub(crate) fn hook() -> Self {
        Self::new(&["hook", "pre-commit"])
    }
}

/// So much of something, or the one of a number.
type Made = fn(usize) -> String;

type Make = Box<dyn Fn(&Scratch, usize) -> Call + Sync + Send>;

/// Something of which there can be much.
pub(crate) struct Shape {
    pub(crate) name: String,
    /// How much there is of it once.
    pub(crate) size: usize,
    pub(crate) make: Make,
}

/// So many bytes of a part, one after the other.
pub(crate) fn text(part: &str, bytes: usize) -> String {
    let mut random = Random::new(7);
    let mut drawn = || {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let body = (0..93).map(|_| char::from(letters[random.below(letters.len())]));
        ["sk-ant-", "api03-", &body.collect::<String>(), "AA "].concat()
    };
    let same = drawn();
    let mut made = String::new();
    while made.len() < bytes {
        if part.contains(KEY) || part.contains(SAME) {
            made += &part.replace(KEY, &drawn()).replace(SAME, &same);
        } else {
            made += part;
        }
    }
    made
}

/// All of them.
pub(crate) fn all() -> Vec<Shape> {
    let mut shapes = Vec::new();
    texts(&mut shapes);
    settings(&mut shapes);
    lists(&mut shapes);
    trees(&mut shapes);
    messages(&mut shapes);
    refs(&mut shapes);
    packed(&mut shapes);
    agents(&mut shapes);
    environments(&mut shapes);
    shapes
}

fn add(
    shapes: &mut Vec<Shape>,
    name: &str,
    size: usize,
    make: impl Fn(&Scratch, usize) -> Call + Sync + Send + 'static,
) {
    shapes.push(Shape {
        name: name.to_owned(),
        size,
        make: Box::new(make),
    });
}

/// Texts of one part: in one line, in many, and in a line of which there was less before.
fn texts(shapes: &mut Vec<Shape>) {
    for &part in PARTS {
        add(
            shapes,
            &format!("one line of {part:?}"),
            4096,
            move |scratch, size| {
                scratch.add("a.json", text(part, size));
                Call::hook()
            },
        );
        add(
            shapes,
            &format!("lines of {part:?}"),
            4096,
            move |scratch, size| {
                scratch.add("a.py", text(&format!("{part}\n"), size));
                Call::hook()
            },
        );
    }
    for &part in ASSIGNMENTS {
        add(
            shapes,
            &format!("assignments of {part:?}"),
            4096,
            move |scratch, size| {
                for path in ["a.csv", "a.ini", "a.js", "a.yml"] {
                    scratch.add(path, text(part, size));
                }
                Call::hook()
            },
        );
    }
    for part in [KEY, SAME, "token=", "\" + \"", "a", "\\u0041"] {
        add(
            shapes,
            &format!("a longer line of {part:?}"),
            4096,
            move |scratch, size| {
                scratch.add("a.txt", text(part, size / 2));
                scratch.commit_all();
                scratch.add("a.txt", text(part, size));
                Call::hook()
            },
        );
    }
}

fn settings(shapes: &mut Vec<Shape>) {
    let texts: &[(&str, Made)] = &[
        ("patterns of paths", |size| {
            let patterns: String = (0..size).map(|it| format!("'a{it}/**/b*',")).collect();
            format!("[scan]\nexclude = [{patterns}]\n")
        }),
        ("a pattern of stars", |size| {
            format!("[scan]\nexclude = ['{}']\n", "*a".repeat(size.min(400)))
        }),
        ("rules", |size| {
            let rule = |it: usize| {
                format!(
                    "[[rule]]\nid = 'acme-{it}'\nname = 'Acme'\nformat = 'acme{it}_<base62:32>'\n"
                )
            };
            (0..size.min(2000)).map(rule).collect()
        }),
        ("rules that are off", |size| {
            let ids: String = (0..size).map(|it| format!("'acme-{it}',")).collect();
            format!("[rules]\noff = [{ids}]\n")
        }),
        ("lists in lists", |size| {
            format!("[scan]\nexclude = {}\n", "[".repeat(size))
        }),
        ("a comment", |size| format!("#{}\n", "a".repeat(size * 20))),
        ("comments", |size| "# a\n".repeat(size * 4)),
        ("settings that nobody knows", |size| {
            (0..size).map(|it| format!("a{it} = 1\n")).collect()
        }),
        ("guards", |size| {
            let names: String = (0..size).map(|it| format!("'*.a{it}',")).collect();
            format!("[guard]\nadd = [{names}]\n")
        }),
        ("a long string", |size| {
            format!("[scan]\nexclude = ['{}']\n", "a".repeat(size * 20))
        }),
    ];
    for &(name, make) in texts {
        add(
            shapes,
            &format!("settings: {name}"),
            60,
            move |scratch, size| {
                scratch.add(".keyward.toml", make(size));
                scratch.add("a.py", format!("k = '{}'\n", anthropic_key()));
                Call::hook()
            },
        );
    }
}

/// What is allowed and ignored.
fn lists(shapes: &mut Vec<Shape>) {
    let allowed: &[(&str, Made)] = &[
        ("of one finding", |it| {
            format!("0123456789abcdef a /b{it} - c\n")
        }),
        ("of many findings", |it| format!("{it:016x} a /b - c\n")),
        ("with patterns", |it| {
            format!("{it:016x} a /**/b*{it}/* - c\n")
        }),
        ("that are comments", |_| "# a\n".to_owned()),
        ("that are nonsense", |_| "nonsense\n".to_owned()),
        ("with a long reason", |it| {
            format!("{it:016x} a /b - {}\n", "c ".repeat(100))
        }),
    ];
    for &(name, line) in allowed {
        add(
            shapes,
            &format!("allow entries {name}"),
            200,
            move |scratch, size| {
                let lines: String = (0..size).map(line).collect();
                scratch.add(".keyward.allow", lines);
                scratch.add("a.py", text(KEY, 2000));
                Call::hook()
            },
        );
    }
    let found: &[(&str, Made)] = &[
        (".gitleaksignore", |it| {
            format!("a.py:anthropic-api-key:{it}\n")
        }),
        (".secretsignore", |it| format!("a{it}\n")),
        (".gitleaks.toml", |it| {
            format!("[[allowlists]]\npaths = ['a{it}']\nregexes = ['b{it}']\n")
        }),
    ];
    for &(file, line) in found {
        add(
            shapes,
            &format!("lines of {file}"),
            40,
            move |scratch, size| {
                scratch.write(file, (0..size).map(line).collect::<String>());
                scratch.add("a.py", text("<key>\n", 4000));
                Call::new(&["allow", "--import", file])
            },
        );
    }
    let ignored: &[(&str, Made)] = &[
        ("names", |it| format!("a{it}\n")),
        ("directories", |it| format!("**/a{it}/**/b\n")),
        ("that take back", |it| format!("!a{it}\n")),
        ("stars", |_| "*a*b*c\n".to_owned()),
        ("brackets", |_| "[a-z][!b]\n".to_owned()),
    ];
    for &(name, line) in ignored {
        add(
            shapes,
            &format!("lines of .gitignore: {name}"),
            200,
            move |scratch, size| {
                scratch.add(".gitignore", (0..size).map(line).collect::<String>());
                scratch.add("config/id_rsa", text("-----BEGIN PRIVATE KEY-----\n", 50));
                Call::hook()
            },
        );
    }
}

fn trees(shapes: &mut Vec<Shape>) {
    let names: &[(&str, Made)] = &[
        ("in one directory", |it| format!("file{it}.txt")),
        ("each in its directory", |it| format!("dir{it}/file.txt")),
        ("with long names", |it| {
            format!("{}{it}.txt", "a".repeat(200))
        }),
        ("that are guarded", |it| format!("dir/{it}.pem")),
        ("with names of signs", |it| format!("'\"\u{202e}{it};$(a)")),
        ("with keys for names", |it| {
            [
                "sk-ant-",
                "api03-",
                &format!("{it:093}").replace('0', "Q"),
                "AA",
            ]
            .concat()
        }),
        ("below deep directories", |it| {
            format!("{}{it}", "d/".repeat(100))
        }),
    ];
    for &(name, path) in names {
        add(
            shapes,
            &format!("files {name}"),
            60,
            move |scratch, size| {
                index_of(scratch, b"nothing\n", (0..size).map(path));
                Call::hook()
            },
        );
        add(
            shapes,
            &format!("files with a key {name}"),
            30,
            move |scratch, size| {
                let content = format!("k = '{}'\n", anthropic_key());
                index_of(scratch, content.as_bytes(), (0..size).map(path));
                Call::hook()
            },
        );
    }
    add(shapes, "a deep directory", 100, |scratch, size| {
        let path = "d/".repeat(size.min(1900)) + "a.py";
        let content = format!("k = '{}'\n", anthropic_key());
        index_of(scratch, content.as_bytes(), std::iter::once(path));
        Call::hook()
    });
    add(shapes, "files that are renamed", 20, |scratch, size| {
        let content = format!("k = '{}'\n{}", anthropic_key(), "a line\n".repeat(50));
        index_of(
            scratch,
            content.as_bytes(),
            (0..size).map(|it| format!("old/{it}")),
        );
        scratch.git(&["commit", "-q", "--no-verify", "-m", "old"]);
        scratch.git(&["read-tree", "--empty"]);
        let content = content + "more\n";
        index_of(
            scratch,
            content.as_bytes(),
            (0..size).map(|it| format!("new/{it}")),
        );
        Call::hook()
    });
    add(
        shapes,
        "large files that are deleted",
        4096,
        |scratch, size| {
            for it in 0..20 {
                scratch.add(&format!("old/{it}"), text(&format!("line {it}\n"), size));
            }
            scratch.commit_all();
            scratch.git(&["rm", "-q", "-r", "--cached", "old"]);
            for it in 0..5 {
                scratch.add(&format!("new/{it}"), format!("k = '{}'\n", anthropic_key()));
            }
            Call::hook()
        },
    );
    add(shapes, "commits of a history", 6, |scratch, size| {
        for it in 0..size {
            scratch.add(
                "a.txt",
                text(&format!("line {it}\n"), 400 * (it + 1) % 4000),
            );
            scratch.commit_all();
        }
        Call::new(&["scan", "--history"])
    });
    add(shapes, "commits of an audit", 6, |scratch, size| {
        for it in 0..size {
            scratch.add("a.txt", format!("{it} {}\n", anthropic_key()));
            scratch.commit_all();
        }
        Call::new(&["audit"])
    });
}

fn messages(shapes: &mut Vec<Shape>) {
    let lines: &[&str] = &[
        "# a\n",
        "a\n",
        "\n",
        " \n",
        "Signed-off-by: A <a@example.invalid>\n",
        "# ------------------------ >8 ------------------------\n",
        "<key>\n",
        "a: b\n c\n",
        "diff --git a/a b/a\n",
        "token: ",
    ];
    for &line in lines {
        add(
            shapes,
            &format!("a message of {line:?}"),
            4096,
            move |scratch, size| {
                scratch.write(".git/message", text(line, size));
                Call::new(&["hook", "commit-msg", ".git/message"])
            },
        );
    }
}

fn refs(shapes: &mut Vec<Shape>) {
    for kind in ["pre-push", "pre-receive"] {
        add(
            shapes,
            &format!("refs of a {kind}"),
            40,
            move |scratch, size| {
                scratch.add("a.py", format!("k = '{}'\n", anthropic_key()));
                scratch.commit_all();
                let (tip, none) = (scratch.git(&["rev-parse", "HEAD"]), "0".repeat(40));
                let line = |it: usize| match kind {
                    "pre-push" => format!("refs/heads/a{it} {tip} refs/heads/a{it} {none}\n"),
                    _ => format!("{none} {tip} refs/heads/a{it}\n"),
                };
                let lines: String = (0..size).map(line).collect();
                Call {
                    input: lines.into_bytes(),
                    ..Call::new(&["hook", kind, "origin", "nowhere"])
                }
            },
        );
    }
}

fn packed(shapes: &mut Vec<Shape>) {
    let look = ["scan", "--set", "scan.archives=look", "a"];
    add(
        shapes,
        "files of a tar archive",
        30,
        move |scratch, size| {
            let mut tar = tar::Builder::new(Vec::new());
            for it in 0..size {
                let content = text(KEY, 100);
                let mut header = tar::Header::new_gnu();
                header.set_size(content.len() as u64);
                header.set_mode(0o644);
                let name = format!("dir/{it}.py");
                tar.append_data(&mut header, name, content.as_bytes())
                    .unwrap();
            }
            scratch.add("a", tar.into_inner().unwrap());
            Call::new(&look)
        },
    );
    add(shapes, "a packed text", 4096, move |scratch, size| {
        scratch.add("a", gzip(text("key: ", size).as_bytes()));
        Call::new(&look)
    });
    add(
        shapes,
        "what is packed and packed again",
        3,
        move |scratch, size| {
            // As it is: packed at its fastest, what cannot be packed would grow by a part each time.
            let packed = (0..size).fold(b"nothing".to_vec(), |content, _| {
                gzip_by(&content, flate2::Compression::none())
            });
            scratch.add("a", packed);
            Call::new(&look)
        },
    );
    add(shapes, "starts of archives", 4096, move |scratch, size| {
        scratch.add("a", text("PK\u{3}\u{4}", size));
        Call::new(&look)
    });
}

fn gzip(content: &[u8]) -> Vec<u8> {
    gzip_by(content, flate2::Compression::fast())
}

fn gzip_by(content: &[u8], how: flate2::Compression) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), how);
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn agents(shapes: &mut Vec<Shape>) {
    let commands: &[&str] = &[
        "a; ",
        "a | ",
        "a && ",
        "$(",
        "`",
        "\"",
        "'",
        "\\",
        "<<A\n",
        "{ ",
        "( ",
        "if a; then ",
        "cat .env ",
        "git commit -m a; ",
        "for a in b; do ",
        "x=1 ",
        "echo a > b; ",
        "eval ",
        "sh -c '",
        "case a in ",
        "${a",
    ];
    for &part in commands {
        add(
            shapes,
            &format!("an agent's command of {part:?}"),
            1000,
            move |scratch, size| {
                let event = serde_json::json!({
                    "hook_event_name": "PreToolUse", "session_id": "s", "transcript_path": "/t",
                    "cwd": scratch.top(), "tool_name": "Bash",
                    "tool_input": { "command": text(part, size) },
                });
                Call {
                    input: event.to_string().into_bytes(),
                    ..Call::new(&["agent-hook", "claude-code"])
                }
            },
        );
    }
    add(shapes, "an agent's edits", 20, |scratch, size| {
        scratch.write("a.py", "a = 1\n".repeat(size));
        let edit = serde_json::json!({ "old_string": "a = 1\n", "new_string": "a = 2\n" });
        let event = serde_json::json!({
            "hook_event_name": "PreToolUse", "session_id": "s", "transcript_path": "/t",
            "cwd": scratch.top(), "tool_name": "MultiEdit",
            "tool_input": { "file_path": scratch.top().join("a.py"), "edits": vec![edit; size] },
        });
        Call {
            input: event.to_string().into_bytes(),
            ..Call::new(&["agent-hook", "claude-code"])
        }
    });
    add(shapes, "what an agent writes", 4096, |scratch, size| {
        let event = serde_json::json!({
            "hook_event_name": "PreToolUse", "session_id": "s", "transcript_path": "/t",
            "cwd": scratch.top(), "tool_name": "Write",
            "tool_input": { "file_path": scratch.top().join("a.py"), "content": text("<key>\n", size) },
        });
        Call {
            input: event.to_string().into_bytes(),
            ..Call::new(&["agent-hook", "claude-code"])
        }
    });
}

fn environments(shapes: &mut Vec<Shape>) {
    let lines: &[&str] = &[
        "A=b\n",
        "A=${A}\n",
        "A=${A:-${B:-c}}\n",
        "A=\"b\\\"\n",
        "A='",
        "A=`b`\n",
        "A=$(b)\n",
        "# a\n",
        "export A = b # c\n",
        "A=\\\n",
        "\"\"\"",
        "A=<key>\n",
        "A\n",
    ];
    for &line in lines {
        add(
            shapes,
            &format!("an environment file of {line:?}"),
            1000,
            move |scratch, size| {
                scratch.write(".env", numbered(&text(line, size)));
                Call::new(&["keys", "--names", ".env"])
            },
        );
        add(
            shapes,
            &format!("a template of {line:?}"),
            1000,
            move |scratch, size| {
                write(
                    &scratch.top().join(".env"),
                    numbered(&text(line, size)).as_bytes(),
                );
                fs::write(scratch.top().join(".gitignore"), ".env\n").unwrap();
                Call::new(&["template", "--for", "pass", "--force"])
            },
        );
    }
}

/// With names that differ from line to line.
fn numbered(text: &str) -> String {
    let lines = text.lines().enumerate();
    lines
        .map(|(it, line)| line.replacen('A', &format!("A{it}"), 1) + "\n")
        .collect()
}
