//! The cache tree: an extension of the index that names the tree of every directory without staged
//! changes.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use anyhow::Result;
use bstr::ByteSlice;

use super::entry::{ID, id, number, until_nul};
use super::window::CHUNK;
use crate::git::id::ObjectId;

/// The cache tree of an index; without nodes where there is none.
#[derive(Debug, Default)]
pub(super) struct CacheTree {
    /// The extension that holds it, with its names.
    names: Vec<u8>,
    nodes: Vec<Node>,
}

/// A directory in the cache tree, with what lies below it behind it, up to `end`. There may be very many.
#[derive(Debug)]
struct Node {
    /// Where its name stands in the extension.
    name: Range<u32>,
    /// How many entries the tree covers and where its id stands, if nothing in it has changed since.
    valid: Option<(u32, u32)>,
    end: u32,
}

impl CacheTree {
    /// Reads the extension. One that makes no sense is as none: it is only a cache.
    pub(super) fn parse(extension: Vec<u8>) -> Self {
        Self {
            nodes: nodes(&extension).unwrap_or_default(),
            names: extension,
        }
    }

    /// The whole repository.
    pub(super) fn root(&self) -> Option<usize> {
        (!self.nodes.is_empty()).then_some(0)
    }

    /// How many entries the tree of a directory covers and its id, if nothing in it has changed
    /// since.
    pub(super) fn valid(&self, node: usize) -> Option<(usize, ObjectId)> {
        let (count, at) = self.nodes[node].valid?;
        let id = id(&self.names, usize::try_from(at).ok()?).ok()?;
        Some((usize::try_from(count).ok()?, id))
    }

    /// The directories in a directory, by name.
    pub(super) fn children(&self, node: usize) -> HashMap<&[u8], usize> {
        let end = self.nodes[node].end as usize;
        let mut children = HashMap::new();
        let mut at = node + 1;
        while at < end {
            let Range { start, end } = self.nodes[at].name;
            children.insert(&self.names[start as usize..end as usize], at);
            at = self.nodes[at].end as usize;
        }
        children
    }
}

/// The directories in the order of the file: each before what is in it. `None` if it makes no sense.
fn nodes(data: &[u8]) -> Option<Vec<Node>> {
    let mut nodes: Vec<Node> = Vec::new();
    // Directories whose children are not all read: their place, and how many are missing.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    loop {
        let name = until_nul(data, at, data.len()).ok()?;
        let line_at = name.end + 1;
        let line_end = line_at + data.get(line_at..)?.find_byte(b'\n')?;
        let line = data[line_at..line_end].to_str().ok()?;
        let (count, children) = line.split_once(' ')?;
        let count: i64 = count.parse().ok()?;
        let children: usize = children.parse().ok()?;
        at = line_end + 1;
        let valid = match usize::try_from(count) {
            Ok(count) => {
                let valid = (u32::try_from(count).ok()?, u32::try_from(at).ok()?);
                at += ID;
                data.get(..at)?;
                Some(valid)
            }
            Err(_) => None,
        };
        nodes.push(Node {
            name: u32::try_from(name.start).ok()?..u32::try_from(name.end).ok()?,
            valid,
            end: 0,
        });
        open.push((nodes.len() - 1, children));
        while let Some((node, missing)) = open.last_mut() {
            if *missing > 0 {
                *missing -= 1;
                break;
            }
            nodes[*node].end = u32::try_from(nodes.len()).ok()?;
            open.pop();
        }
        if open.is_empty() {
            return (at == data.len()).then_some(nodes);
        }
    }
}

/// Whether a cache tree seems to stand before the end, which is where the checksum starts. Only git
/// knows where the entries end, so the signature is sought near the end, and the extensions from
/// there on must reach to it. It decides what is kept, not what is found.
pub(super) fn seems_to_be_there(source: &mut (impl Read + Seek), end: usize) -> Result<bool> {
    const SIGNATURE: &[u8] = b"TREE";
    // An index full of them is not git's.
    const TRIED: usize = 64;
    // A directory takes less than half of what an entry takes, and most have several entries.
    let least = end - (end / 16).max(CHUNK).min(end);
    let mut buffer = vec![0; CHUNK.min(end - least)];
    let mut upto = end;
    let mut tried = 0;
    while upto > least && tried < TRIED {
        let from = upto.saturating_sub(CHUNK).max(least);
        let part = &mut buffer[..upto - from];
        source.seek(SeekFrom::Start(u64::try_from(from)?))?;
        source.read_exact(part)?;
        for found in part.rfind_iter(SIGNATURE).take(TRIED - tried) {
            tried += 1;
            if extensions_end_at(source, from + found, end)? {
                return Ok(true);
            }
        }
        // The signature may be cut by the next part.
        upto = if from > least {
            from + SIGNATURE.len() - 1
        } else {
            least
        };
    }
    Ok(false)
}

/// Whether extensions follow each other from `at` to `end`. git knows of ten.
fn extensions_end_at(source: &mut (impl Read + Seek), mut at: usize, end: usize) -> Result<bool> {
    for _ in 0..16 {
        if at.saturating_add(8) > end {
            return Ok(at == end);
        }
        let mut header = [0; 8];
        source.seek(SeekFrom::Start(u64::try_from(at)?))?;
        source.read_exact(&mut header)?;
        at = (at + 8).saturating_add(number(&header, 4)?);
    }
    Ok(false)
}
