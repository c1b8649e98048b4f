//! The part of a source that is looked at: what is gone through once is never held whole.

use std::fmt;
use std::io::{self, Read};
use std::ops::Range;

use anyhow::{Result, ensure};

use crate::git::read::room;

/// How much is read at once: little enough for a processor's cache.
pub(super) const CHUNK: usize = 128 << 10;

/// The part of a source that is looked at.
pub(super) struct Window<'s> {
    source: &'s mut dyn Read,
    buffer: Vec<u8>,
    seen: Range<usize>,
    ended: bool,
}

impl<'s> Window<'s> {
    /// The start of a source of `length` bytes.
    pub(super) fn new(source: &'s mut dyn Read, length: usize) -> Self {
        Self {
            source,
            buffer: vec![0; CHUNK.min(length)],
            seen: 0..0,
            ended: false,
        }
    }

    /// What comes next: `need` bytes or more, or all there is.
    pub(super) fn ahead(&mut self, need: usize) -> Result<&[u8]> {
        if self.seen.len() < need && !self.ended {
            self.buffer.copy_within(self.seen.clone(), 0);
            self.seen = 0..self.seen.len();
            if self.buffer.len() < need {
                self.buffer.resize(need, 0);
            }
            while self.seen.end < need && !self.ended {
                match self.source.read(&mut self.buffer[self.seen.end..]) {
                    Ok(0) => self.ended = true,
                    Ok(more) => self.seen.end += more,
                    Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
                    Err(err) => return Err(err.into()),
                }
            }
        }
        Ok(&self.buffer[self.seen.clone()])
    }

    /// Goes past the next bytes, which must be in view, and gives them.
    #[inline]
    pub(super) fn skip(&mut self, length: usize) -> Result<&[u8]> {
        ensure!(length <= self.seen.len(), "it ends within an entry");
        let start = self.seen.start;
        self.seen.start += length;
        Ok(&self.buffer[start..self.seen.start])
    }

    /// Reads what comes next with `take`, which first sees as many bytes as it usually needs, and
    /// twice as many for as long as it misses an end.
    pub(super) fn understand<T>(
        &mut self,
        usual: usize,
        mut take: impl FnMut(&[u8]) -> Result<T>,
    ) -> Result<T> {
        let mut need = usual;
        loop {
            let taken = take(self.ahead(need)?);
            match taken {
                Err(err) if err.is::<EndMissing>() && !self.ended => {
                    need = 2 * need.max(self.seen.len());
                }
                taken => return taken,
            }
        }
    }

    /// The next bytes, of which there must be as many.
    pub(super) fn take(&mut self, length: usize) -> Result<Vec<u8>> {
        let mut taken = room(length)?;
        self.pass(length, |part| taken.extend_from_slice(part))?;
        Ok(taken)
    }

    /// Shows the next bytes in parts, of which there must be as many.
    pub(super) fn pass(&mut self, mut length: usize, mut show: impl FnMut(&[u8])) -> Result<()> {
        while length > 0 {
            let seen = self.ahead(length.min(CHUNK))?.len().min(length);
            ensure!(seen > 0, "an extension is cut short");
            show(self.skip(seen)?);
            length -= seen;
        }
        Ok(())
    }
}

/// The end of a path is not in view.
#[derive(Debug)]
pub(super) struct EndMissing;

impl fmt::Display for EndMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it ends within a path")
    }
}

impl std::error::Error for EndMissing {}
