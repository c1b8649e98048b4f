//! The git that gives objects: one process for as many questions as a thread has.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use bstr::ByteSlice;

use super::command::{not_started, unexpected};
use super::room;
use crate::deadline;
use crate::git::id::ObjectId;
use crate::git::object::Kind;

/// A running `git cat-file --batch`. One question is asked at a time and its answer is read to
/// the end, so that neither side ever waits for the other; nothing is written to standard error,
/// which nobody reads.
pub(super) struct Batch {
    git: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Batch {
    pub(super) fn start(mut git: Command) -> Result<Self> {
        deadline::begin();
        let mut git = git
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(not_started)?;
        let questions = git.stdin.take().context("git has no standard input")?;
        let answers = git.stdout.take().context("git has no standard output")?;
        Ok(Self {
            git,
            questions,
            answers: BufReader::new(answers),
        })
    }

    /// The object, or `None` if git doesn't have it. After an error the process is of no more use.
    pub(super) fn object(&mut self, id: ObjectId) -> Result<Option<(Kind, Vec<u8>)>> {
        writeln!(self.questions, "{id}")?;
        self.questions.flush()?;
        let mut head = Vec::new();
        self.answers.read_until(b'\n', &mut head)?;
        let head = head.strip_suffix(b"\n").context("git ended")?;
        let words: Vec<&[u8]> = head.split_str(" ").collect();
        let [_, kind, size] = words[..] else {
            ensure!(matches!(words[..], [_, b"missing"]), unexpected("cat-file"));
            return Ok(None);
        };
        let size: u64 = size.to_str()?.parse()?;
        let mut object = room(usize::try_from(size)?)?;
        (&mut self.answers).take(size).read_to_end(&mut object)?;
        ensure!(
            u64::try_from(object.len())? == size,
            "git ended within the object"
        );
        let mut end = [0];
        self.answers.read_exact(&mut end)?;
        let kind = Kind::named(kind).with_context(|| unexpected("cat-file"))?;
        Ok(Some((kind, object)))
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // It holds no lock and writes nothing; an error means that it has ended already.
        let _ = self.git.kill();
        let _ = self.git.wait();
    }
}
