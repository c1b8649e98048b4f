//! What git says of objects.

use anyhow::{Result, anyhow};
use bstr::ByteSlice;

use super::super::batch::Batch;
use super::super::command::{refusal, run};
use super::Plumbing;
use crate::git::id::ObjectId;
use crate::git::object::Kind;

impl Plumbing {
    /// How many bytes the ids of objects have.
    pub(in crate::git) fn id_length(&self) -> Result<usize> {
        let format = self.read(["rev-parse", "--show-object-format"])?;
        Ok(match format.trim() {
            b"sha256" => 32,
            _ => 20,
        })
    }

    /// Every object that there is, with its kind.
    pub(in crate::git) fn all_objects(&self) -> Result<Vec<(ObjectId, Kind)>> {
        let listed = self.read([
            "cat-file",
            "--batch-all-objects",
            "--unordered",
            "--batch-check=%(objectname) %(objecttype)",
        ])?;
        let line = |line: &[u8]| {
            let (id, kind) = line.split_once_str(" ")?;
            Some((ObjectId::parse(id)?, Kind::named(kind)?))
        };
        // What is broken is told in other words.
        Ok(ByteSlice::lines(&*listed).filter_map(line).collect())
    }

    /// What an object of that kind holds.
    pub(in crate::git) fn object(&self, id: ObjectId, kind: Kind) -> Result<Vec<u8>> {
        match self.try_object(id) {
            Ok(Some((found, _))) if found != kind => Err(anyhow!("{id} is not a {}", kind.name())),
            Ok(Some((_, object))) => Ok(object),
            Ok(None) | Err(_) => Err(self.why_none(id, kind)),
        }
    }

    /// What an object is and holds; `None` if git doesn't have it. A `git cat-file` that is running
    /// answers.
    pub(in crate::git) fn try_object(&self, id: ObjectId) -> Result<Option<(Kind, Vec<u8>)>> {
        // It is put back only after an answer: git ends at a corrupt object, and the next question
        // starts another.
        let mut running = match self.objects.take() {
            Some(running) => running,
            None => Batch::start(self.reading())?,
        };
        let object = running.object(id)?;
        self.objects.put(running);
        Ok(object)
    }

    /// git's own reason for not giving an object, which the long-lived process doesn't tell.
    fn why_none(&self, id: ObjectId, kind: Kind) -> anyhow::Error {
        let args = ["cat-file", kind.name(), &id.to_string()];
        match run(self.reading().args(args)) {
            Ok(output) if !output.status.success() => anyhow!(refusal(&output)),
            Ok(_) => anyhow!("git did not give the object {id}"),
            Err(err) => err,
        }
    }
}
