//! The message of a commit to be: what of its file git will keep.

use std::path::Path;

use anyhow::{Context, Result};
use bstr::ByteSlice;

use super::caller::{self, Told};
use super::env::variable;
use super::read::plumbing::Plumbing;
use super::repo::Repo;
use crate::change::{COMMIT_MESSAGE, Change, EntryKind, InMemory, Status};
use crate::disk;

/// git's line above what it shows to the writer and throws away; a comment's sign goes before it.
const SCISSORS: &str = " ------------------------ >8 ------------------------";

/// The signs of which git takes the first that no line of the message begins with, where
/// `core.commentChar` is `auto` (git-config(1); the list is in builtin/commit.c).
const AUTO: &[u8] = b"#;@!$%^&|:";

/// What git tells the writer under the scissors (wt-status.c), with a comment's sign before it.
const CUTS: &[&str] = &[
    " Do not modify or remove the line above.",
    " Do not touch the line above.",
];

/// What git tells the writer where it throws comments away, in each language that it speaks, without blanks: it breaks
/// its lines anywhere. `@` is a comment's sign. Where it keeps them, it says so in other words.
const IGNORED: &[&str] = &[
    "with'@'willbeignored",
    "„@“,щесепропуснат",
    "S'ignoraranleslíniesquecomencinamb«@»",
    "'@'beginnen,werdenignoriert",
    "'@'αγνοούνται",
    "'@'seránignoradas",
    "'@'serontignorées",
    "déanfarneamhairdle'@'",
    "'@'akandiabaikan",
    "'@'sarannoignorate",
    "'@'문자로시작하는줄은무시되",
    "„@”będąignorowane",
    "'@'serãoignoradas",
    "«@»будутпроигнорированы",
    "”@”kommerignoreras",
    "'@'ilebaşlayansatırlaryoksayılacaktır",
    "\"@\"будутпроігноровані",
    "'@'sẽđượcbỏqua.",
    "'@'sẽđượcbỏqua,nếu",
    "'@'开始的行将被忽略",
    "開頭是「@」的列皆會忽略",
];

/// What git does with a message once it is written.
///
/// Hooks are not told of `git commit --cleanup` and `-v`. Where the git that runs this hook is seen, what it was told
/// counts, before its config. Where it is not, that comments go and that something is cut is certain only where git
/// itself says so in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cleanup {
    /// What a line begins with that is no part of the message; `None` stands for `auto`.
    pub(super) comment: Option<String>,
    /// Whether every git takes that sign: `core.commentString` is unknown to those before 2.45.
    pub(super) is_certain: bool,
    /// What becomes of comments and scissors, as far as the config says.
    pub(super) mode: Option<String>,
    /// Whether git shows what is committed and cuts it off, as far as the config says.
    pub(super) is_verbose: bool,
    /// Whether nothing was shown to a writer, so that there is nothing to throw away.
    pub(super) keeps_all: bool,
    /// What the command was told that makes the commit; `None` where it is not seen.
    pub(super) told: Option<Told>,
}

impl Cleanup {
    fn mode(&self) -> Option<&str> {
        let told = self.told.as_ref();
        let told = told.and_then(|told| told.cleanup.as_ref());
        told.or(self.mode.as_ref()).map(String::as_str)
    }

    /// Whether comments stay, as far as can be known.
    fn keeps_comments(&self) -> bool {
        matches!(self.mode(), Some("verbatim" | "whitespace" | "scissors"))
    }

    /// Whether git cuts at the first scissors; `None` where that can't be known.
    fn cuts(&self) -> Option<bool> {
        let told = self.told.as_ref()?;
        Some(told.is_verbose.unwrap_or(self.is_verbose) || self.mode() == Some("scissors"))
    }

    /// Whether it is a `git commit` that throws comments away without a word in the file.
    fn strips(&self) -> bool {
        let is_edited = |told: &Told| told.is_commit && !told.is_given;
        self.is_certain && !self.keeps_comments() && self.told.as_ref().is_some_and(is_edited)
    }
}

impl Repo {
    /// The message that `file` holds, as git will record it: without comments, and without what
    /// stands under the scissors. Lines keep their numbers.
    ///
    /// # Errors
    /// When the file can't be read, or git can't read its config.
    pub fn message(&self, file: &Path) -> Result<Change<'static>> {
        let text = disk::read_whole(file).context("cannot read the commit's message")?;
        let cleanup = self.cleanup()?;
        let origin = InMemory {
            content: kept(layout(&text, &cleanup)),
            ..InMemory::default()
        };
        Ok(Change::new(
            COMMIT_MESSAGE,
            Status::Added,
            EntryKind::Message,
            origin,
        ))
    }

    pub(super) fn cleanup(&self) -> Result<Cleanup> {
        let by_git = |git: &Plumbing| {
            git.settings(r"^(core\.comment(char|string)|commit\.(cleanup|verbose))$")
        };
        // libgit2 knows nothing of `git -c`.
        let settings = match is_configured_by_environment() {
            true => by_git(&self.plumbing)?,
            false => self.ask(
                |libgit2| {
                    libgit2.settings(&[
                        "core.commentchar",
                        "core.commentstring",
                        "commit.cleanup",
                        "commit.verbose",
                    ])
                },
                by_git,
            )?,
        };
        let last = |wanted: fn(&str) -> bool| {
            let found = settings.iter().rev().find(|(key, _)| wanted(key));
            found.map(|(_, value)| value.as_str())
        };
        let comment = last(|key| key.starts_with("core.")).unwrap_or("#");
        // git tells a hook so that nobody edited the message: then it keeps its comments.
        let keeps_all = variable("GIT_EDITOR").is_some_and(|editor| editor == ":");
        Ok(Cleanup {
            comment: (comment != "auto").then(|| comment.to_owned()),
            is_certain: comment != "auto" && last(|key| key == "core.commentstring").is_none(),
            mode: last(|key| key == "commit.cleanup").map(str::to_owned),
            is_verbose: last(|key| key == "commit.verbose").is_some_and(is_true),
            keeps_all,
            told: if keeps_all { None } else { caller::told() },
        })
    }
}

/// Whether a value of git's config says yes, or a level above none.
fn is_true(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    matches!(&*value, "true" | "yes" | "on") || value.parse::<i64>().is_ok_and(|level| level > 0)
}

/// Whether `git -c` or variables set something for this one command.
fn is_configured_by_environment() -> bool {
    ["GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"]
        .iter()
        .any(|name| variable(name).is_some())
}

/// The lines of a message's file, with their ends.
pub(super) struct Layout<'t> {
    /// Each with whether it is a comment, which git throws away as far as the config says.
    pub(super) lines: Vec<(&'t [u8], bool)>,
    /// Whether git is known to throw them away.
    are_thrown_away: bool,
    /// The scissors and what stands under them.
    pub(super) rest: &'t [u8],
}

pub(super) fn layout<'t>(text: &'t [u8], cleanup: &Cleanup) -> Layout<'t> {
    if cleanup.keeps_all {
        let lines = text.lines_with_terminator().map(|line| (line, false));
        return Layout {
            lines: lines.collect(),
            are_thrown_away: false,
            rest: b"",
        };
    }
    let comment = match &cleanup.comment {
        Some(comment) => comment.as_bytes().to_vec(),
        None => guessed(text),
    };
    let scissors = [&comment, SCISSORS.as_bytes()].concat();
    let is_comment = |line: &[u8]| !comment.is_empty() && line.starts_with(&comment);
    let is_cut = match cleanup.cuts() {
        Some(cuts) if !cuts || cleanup.is_certain => cuts,
        _ => ends_with_gits(text, &scissors, &comment),
    };
    let scissors = [&scissors, &b"\n"[..]].concat();
    // What the comments say, without blanks, each run of them in a line.
    let mut told = Vec::new();
    let mut is_in_run = true;
    let mut out = Layout {
        lines: Vec::new(),
        are_thrown_away: false,
        rest: text,
    };
    for line in text.lines_with_terminator() {
        // As git has them: with a blank behind them, they are words of the message.
        if is_cut && line == scissors {
            break;
        }
        out.rest = &out.rest[line.len()..];
        if is_comment(line) {
            if !is_in_run {
                told.push(b'\n');
            }
            let words = line[comment.len()..].iter();
            told.extend(words.filter(|byte| !byte.is_ascii_whitespace()));
        }
        is_in_run = is_comment(line);
        let goes = is_comment(line) && !cleanup.keeps_comments();
        out.lines.push((line, goes));
    }
    out.are_thrown_away = cleanup.strips() || out.says_so(&told, &comment, cleanup);
    out
}

impl Layout<'_> {
    /// Whether git says among the comments that it throws them away.
    ///
    /// Where it is not seen what the command was told, that counts if it stands there once, below all that there is: it
    /// may be of an earlier file that became a message, of which git keeps what looks like a comment.
    fn says_so(&self, told: &[u8], comment: &[u8], cleanup: &Cleanup) -> bool {
        if told.is_empty() {
            return false;
        }
        let sign = comment.to_str_lossy();
        let mut places = Vec::new();
        for words in IGNORED {
            places.extend(told.find_iter(&words.replace('@', &sign)));
        }
        let is_filled = |(line, _): &&(&[u8], bool)| !line.trim().is_empty();
        let last = self.lines.iter().rev().find(is_filled);
        match places[..] {
            [] => false,
            _ if cleanup.told.is_some() => true,
            [place] => {
                last.is_some_and(|(line, _)| line.starts_with(comment))
                    && !told[place..].contains(&b'\n')
            }
            _ => false,
        }
    }
}

/// Whether git, and no writer, put the last scissors of a text: then it cuts at the first.
///
/// Below them it says what they are for, in the user's language, and then shows a diff, if there is one, or two, each
/// under a line that says of what (`git commit -v -v`). What it tells the writer beside that stands above them. So
/// where more is told behind all that is shown, they are those of an earlier file that became a message, by
/// `git commit -e -F`, and nothing is cut.
fn ends_with_gits(text: &[u8], scissors: &[u8], comment: &[u8]) -> bool {
    let mut below = None;
    let mut rest = text;
    for line in text.lines_with_terminator() {
        rest = &rest[line.len()..];
        if line.trim_end() == scissors {
            below = Some(rest);
        }
    }
    let Some(below) = below else {
        return false;
    };
    let first = below.lines().next().unwrap_or_default();
    let is_told = first
        .strip_prefix(comment)
        .is_some_and(|told| CUTS.iter().any(|cut| told.trim_end() == cut.as_bytes()));
    let is_comment = |line: &&[u8]| !comment.is_empty() && line.starts_with(comment);
    let shown: Vec<&[u8]> = below.lines().skip_while(is_comment).collect();
    let is_diff = |line: &[u8]| line.starts_with(b"diff --") || line.starts_with(b"Submodule ");
    // A sign may be one that the lines of a diff begin with, too.
    let is_note = |line: &[u8]| {
        let told = line.strip_prefix(comment).filter(|_| !comment.is_empty());
        told.is_some_and(|told| matches!(told.first(), None | Some(b' ' | b'\t')))
    };
    let last = shown.iter().rposition(|line| is_diff(line)).unwrap_or(0);
    (is_told || shown.first().is_some_and(|line| is_diff(line)))
        && !shown[last..].iter().any(|line| is_note(line))
}

/// The text with empty lines for what git throws away for certain, and without its end if that goes too.
fn kept(layout: Layout<'_>) -> Vec<u8> {
    let lines = layout.lines.into_iter();
    lines
        .flat_map(
            |(line, is_comment)| match is_comment && layout.are_thrown_away {
                true => b"\n",
                false => line,
            },
        )
        .copied()
        .collect()
}

/// The sign that git took: that of the scissors, or that of the last line, where its comments are.
fn guessed(text: &[u8]) -> Vec<u8> {
    let of = |line: &[u8]| line.first().copied().filter(|sign| AUTO.contains(sign));
    let scissors = text
        .lines()
        .find_map(|line| of(line).filter(|_| line[1..].trim_end() == SCISSORS.as_bytes()));
    let last = || {
        text.lines()
            .rev()
            .find(|line| !line.is_empty())
            .and_then(of)
    };
    Vec::from_iter(scissors.or_else(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_git_takes_for_yes_is_one() {
        for yes in ["true", "Yes", "ON", "1", "2"] {
            assert!(is_true(yes), "{yes}");
        }
        for no in [
            "false", "False", "OFF", "no", "0", "00", "", "-1", "perhaps",
        ] {
            assert!(!is_true(no), "{no}");
        }
    }

    fn written(comment: Option<&str>) -> Cleanup {
        Cleanup {
            comment: comment.map(str::to_owned),
            is_certain: true,
            mode: None,
            is_verbose: false,
            keeps_all: false,
            told: None,
        }
    }

    /// As `written`, by a `git commit` that is seen, and what it was told.
    fn seen(cleanup: Option<&str>, is_verbose: Option<bool>) -> Cleanup {
        Cleanup {
            told: Some(Told {
                is_commit: true,
                cleanup: cleanup.map(str::to_owned),
                is_verbose,
                is_given: false,
            }),
            ..written(Some("#"))
        }
    }

    /// What git writes into the file, and what stays of it.
    fn told(sign: &str) -> (String, &'static str) {
        let text = format!(
            "{sign} Please enter the commit message for your changes. Lines starting\n{sign} with '{sign}' \
             will be ignored, and an empty message aborts the commit.\n"
        );
        (text, "\n\n")
    }

    fn cut(text: &str, cleanup: &Cleanup) -> String {
        String::from_utf8(kept(layout(text.as_bytes(), cleanup))).unwrap()
    }

    #[test]
    fn comments_become_empty_lines_where_git_says_so() {
        let text = "subject\n# one\n #two\nend #3\n#\n";
        assert_eq!(cut(text, &written(Some("#"))), text);
        let (told, empty) = told("#");
        let expected = format!("subject\n\n #two\nend #3\n\n{empty}");
        let whole = format!("{text}{told}");
        assert_eq!(cut(&whole, &written(Some("#"))), expected);
        // Of another sign it says nothing.
        assert_eq!(cut(&whole, &written(Some("//"))), whole);
        let (told, _) = super::tests::told("//");
        let text = format!("a\n// b\n/ c\n{told}");
        assert_eq!(cut(&text, &written(Some("//"))), "a\n\n/ c\n\n\n");
        assert_eq!(cut("", &written(Some("#"))), "");
        let other = "# Lines starting with '#' will be kept; you may remove them\n# x\n";
        assert_eq!(cut(other, &written(Some("#"))), other);
    }

    #[test]
    fn git_says_so_in_the_language_of_the_writer() {
        let whole = |told: &str| format!("subject\n# one\n# {}\n#\n", told.replace('\n', "\n# "));
        for told in [
            "Bitte geben Sie eine Commit-Beschreibung f\u{fc}r Ihre \u{c4}nderungen ein. Zeilen,\ndie mit '#' \
             beginnen, werden ignoriert, und eine leere Beschreibung\nbricht den Commit ab.",
            "Veuillez saisir le message de validation pour vos modifications. Les lignes\ncommen\u{e7}ant par \
             '#' seront ignor\u{e9}es.",
            " l\u{ed}neas que comiencen con '#' ser\u{e1}n\nignoradas, y un mensaje\n vac\u{ed}o aborta",
            "\u{8bf7}\u{4e3a}\u{60a8}\u{3002}\u{4ee5} '#' \u{5f00}\u{59cb}\u{7684}\u{884c}\u{5c06}\u{88ab}\
             \u{5ffd}\u{7565}\u{3002}",
            "S'ignoraran les l\u{ed}nies que\ncomencin amb \u{ab}#\u{bb}.",
        ] {
            let kept = cut(&whole(told), &written(Some("#")));
            assert_eq!(kept.trim_end(), "subject", "{told}");
        }
        for told in [
            "Zeilen,\ndie mit '#' beginnen, werden beibehalten; wenn Sie m\u{f6}chten",
            "Zeilen,\ndie mit ';' beginnen, werden ignoriert",
            "commen\u{e7}ant par '#' seront conserv\u{e9}es",
            "Nh\u{1eef}ng d\u{f2}ng\nb\u{1eaf}t \u{111}\u{1ea7}u b\u{1eb1}ng '#' s\u{1ebd} \u{111}\u{1b0}\u{1ee3}c \
             b\u{1ecf} qua; b\u{1ea1}n c\u{f3} th\u{1ec3} x\u{f3}a",
        ] {
            let whole = whole(told);
            assert_eq!(cut(&whole, &written(Some("#"))), whole, "{told}");
        }
    }

    /// `git commit -v -v` shows what is not staged, too.
    #[test]
    fn both_diffs_that_git_shows_are_cut() {
        let shown = |told: &str, first: &str, second: &str| {
            format!(
                "#{SCISSORS}\n{told}#\n# Changes to be committed:\n{first}\
                 # --------------------------------------------------\n# Changes not staged for commit:\n{second}"
            )
        };
        let files = [
            "diff --git c/x i/x\n@@ -1 +1 @@\n-k\n+# x\n",
            "diff --git i/x w/x\n+k\n",
        ];
        let modules = ["Submodule x 1..2:\n  > k\n", "Submodule y 1..2:\n  > k\n"];
        for told in [CUTS[0], CUTS[1], " \u{c4}ndern Sie nicht die obige Zeile"] {
            let told = format!("#{told}\n# more\n");
            for [first, second] in [files, modules, [files[0], modules[1]], ["", files[1]]] {
                let once = shown(&told, first, second);
                let text = format!("subject\n{once}");
                assert_eq!(cut(&text, &written(Some("#"))), "subject\n", "{text}");
                // As a file that became a message it is all kept.
                let again = format!("{text}\n# Please enter\n#\n");
                assert_eq!(cut(&again, &written(Some("#"))), again);
            }
        }
    }

    #[test]
    fn what_git_put_under_the_scissors_is_cut() {
        for (sign, setting) in [("#", Some("#")), (";", Some(";")), ("%", None)] {
            for below in [
                "@ Do not modify or remove the line above.\n@ Everything below it will be ignored.\n",
                "@ Do not touch the line above.\nanything\n",
                "@ \u{c4}ndern Sie nicht die obige Zeile\n@ x\ndiff --git a/x b/x\n+k\n",
                "@ x\ndiff --cc x\n++k\n",
                "@ x\nSubmodule x 1..2:\n  > k\n",
                "diff --git a/x b/x\n+k\n",
            ] {
                let text = format!("subject\n{sign}{SCISSORS}\n{}", below.replace('@', sign));
                assert_eq!(cut(&text, &written(setting)), "subject\n", "{text}");
            }
        }
        // Under scissors that the writer typed the message goes on.
        for below in [
            "and on\n# comment\n",
            "# comment\nand on\n",
            "# comment\n",
            "",
        ] {
            let text = format!("subject\n#{SCISSORS}\n{below}");
            assert_eq!(cut(&text, &written(Some("#"))), text);
            let cuts = Cleanup {
                is_verbose: true,
                ..seen(None, None)
            };
            assert_eq!(cut(&text, &cuts), "subject\n");
        }
    }

    #[test]
    fn scissors_of_an_earlier_file_cut_nothing() {
        let earlier = |sign: &str| {
            format!(
                "subject\n{sign}{SCISSORS}\n{sign} Do not modify or remove the line above.\n{sign} It will be \
                 ignored.\ndiff --git a/x b/x\n@@ -1 +1 @@\n+k\n"
            )
        };
        for (sign, setting) in [
            ("#", Some("#")),
            (";", Some(";")),
            ("%", None),
            ("@", Some("@")),
        ] {
            let once = earlier(sign);
            assert_eq!(cut(&once, &written(setting)), "subject\n");
            // git tells the writer something below it, in whatever language.
            for note in [
                "",
                " Bitte geben Sie eine Commit-Beschreibung ein.",
                "\tneue Datei: a",
            ] {
                let text = format!("{once}\n{sign}{note}\n");
                assert_eq!(cut(&text, &written(setting)), text);
            }
            // It does so for `-v` as well, and then cuts at the first that there are.
            let twice = format!("{once}\n{sign} note\n{}", earlier(sign));
            assert_eq!(cut(&twice, &written(setting)), "subject\n");
        }
    }

    /// What the command was told wins over the config, and both over what the file looks like.
    #[test]
    fn scissors_cut_where_git_cuts() {
        let typed = format!("subject\n#{SCISSORS}\nnotes: k\n");
        let shown =
            format!("subject\n#{SCISSORS}\n# Do not modify or remove the line above.\n# x\nk\n");
        let diff = format!(
            "{}diff --git a/x b/x\n+k\n",
            shown.strip_suffix("k\n").unwrap()
        );
        let config = |mode: Option<&str>, is_verbose, seen: Cleanup| Cleanup {
            mode: mode.map(str::to_owned),
            is_verbose,
            ..seen
        };
        let scissors = Some("scissors");
        for (cleanup, is_cut) in [
            (config(None, false, seen(None, Some(true))), true),
            (config(None, true, seen(None, None)), true),
            (config(None, true, seen(None, Some(true))), true),
            (config(None, true, seen(Some("verbatim"), None)), true),
            (config(None, false, seen(scissors, None)), true),
            (config(None, false, seen(scissors, Some(false))), true),
            (config(scissors, false, seen(None, None)), true),
            (config(scissors, true, seen(Some("strip"), None)), true),
            (config(None, false, seen(None, None)), false),
            (config(None, true, seen(None, Some(false))), false),
            (config(None, false, seen(Some("strip"), None)), false),
            (config(scissors, false, seen(Some("strip"), None)), false),
            (
                config(scissors, false, seen(Some("whitespace"), None)),
                false,
            ),
            (config(scissors, false, seen(Some("verbatim"), None)), false),
            (config(scissors, false, seen(Some("default"), None)), false),
            (
                config(scissors, true, seen(Some("default"), Some(false))),
                false,
            ),
            (config(Some("whitespace"), false, seen(None, None)), false),
        ] {
            for text in [&typed, &shown, &diff] {
                let kept = cut(text, &cleanup);
                assert_eq!(!kept.contains('k'), is_cut, "{text} {cleanup:?}");
            }
            // With more behind them, they are none for git.
            let other = typed.replace(SCISSORS, &format!("{SCISSORS} "));
            assert!(cut(&other, &cleanup).contains('k'));
        }
        // Where nothing is seen of the command, git's own are what counts, whatever the config says.
        for (mode, is_verbose) in [(None, true), (scissors, false), (None, false)] {
            let unseen = config(mode, is_verbose, written(Some("#")));
            assert!(cut(&typed, &unseen).contains('k'));
            assert!(!cut(&shown, &unseen).contains('k'));
            assert!(!cut(&diff, &unseen).contains('k'));
        }
    }

    #[test]
    fn comments_go_where_git_throws_them_away() {
        let (told, _) = told("#");
        let below = format!("subject\n\n# k\n{told}");
        let bare = "subject\n# k\n";
        let of = |mode: &str, cleanup: Cleanup| Cleanup {
            mode: Some(mode.to_owned()),
            ..cleanup
        };
        for (cleanup, bare_goes, goes) in [
            (seen(None, None), true, true),
            (seen(Some("strip"), None), true, true),
            (seen(Some("default"), Some(true)), true, true),
            (of("whitespace", seen(Some("strip"), None)), true, true),
            (of("scissors", seen(Some("default"), None)), true, true),
            (of("strip", seen(None, None)), true, true),
            (seen(Some("whitespace"), None), false, false),
            (seen(Some("verbatim"), None), false, false),
            (seen(Some("scissors"), None), false, false),
            (of("strip", seen(Some("verbatim"), None)), false, false),
            (of("whitespace", seen(None, None)), false, false),
            (of("scissors", seen(None, None)), false, false),
            (of("verbatim", written(Some("#"))), false, false),
            (written(Some("#")), false, true),
        ] {
            assert_eq!(!cut(bare, &cleanup).contains('k'), bare_goes, "{cleanup:?}");
            assert_eq!(!cut(&below, &cleanup).contains('k'), goes, "{cleanup:?}");
        }
        // Of an earlier file, which became a message: below it there is more, or git says it again.
        let unseen = written(Some("#"));
        for kept in [
            format!("{below}\nmore\n"),
            format!(
                "{below}\n# Please enter the commit message. Lines starting\n# with '#' will be kept.\n"
            ),
            format!("{below}\n{told}"),
            format!("{below}{told}"),
        ] {
            assert_eq!(cut(&kept, &unseen), kept);
            assert!(!cut(&kept, &seen(None, None)).contains("# k"));
        }
        let status = format!("{below}#\n# On branch main\n#\tnew file: a\n#\n\n");
        assert!(!cut(&status, &unseen).contains('k'));
    }

    #[test]
    fn the_sign_that_git_took_is_found() {
        let auto = written(None);
        let (told, empty) = told(";");
        let text = format!("# mine\n; git's\n{told};\n\n");
        assert_eq!(cut(&text, &auto), format!("# mine\n\n{empty}\n\n"));
        assert_eq!(cut("# mine\ntext\n", &auto), "# mine\ntext\n");
    }

    #[test]
    fn a_message_that_nobody_edited_keeps_its_comments() {
        let (told, _) = told("#");
        let text = format!("# a\n{told}#{SCISSORS}\n# Do not touch the line above.\n");
        let unedited = Cleanup {
            keeps_all: true,
            ..written(Some("#"))
        };
        assert_eq!(cut(&text, &unedited), text);
        let whitespace = Cleanup {
            mode: Some("whitespace".to_owned()),
            ..written(Some("#"))
        };
        assert_eq!(cut(&text, &whitespace), format!("# a\n{told}"));
    }
}
