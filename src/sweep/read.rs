//! How the bytes of a place are read, where they are not the text itself.

use bstr::ByteSlice;
use serde::Deserialize;

/// How the bytes of a place are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reading {
    /// As they are.
    #[default]
    Plain,
    /// A history of zsh, which masks some bytes.
    Zsh,
    /// Mail, in which lines are broken by `=`.
    Mail,
    /// A recording of asciinema: what was shown, in pieces. Any other log is read as it is.
    Cast,
    /// A packed file of Firefox. Any other is read as it is.
    MozLz4,
}

impl Reading {
    /// The text in the bytes, and whether its lines are those of the file.
    pub(super) fn text(self, bytes: Vec<u8>) -> (Vec<u8>, bool) {
        let read = match self {
            Self::Plain => None,
            Self::Zsh => return (unmasked(bytes), true),
            Self::Mail => mail(&bytes),
            Self::Cast => cast(&bytes),
            Self::MozLz4 => unpacked(&bytes),
        };
        match read {
            Some(text) => (text, false),
            None => (bytes, true),
        }
    }
}

/// Behind this byte, zsh has the next one with this bit turned over.
const ZSH_META: (u8, u8) = (0x83, 0x20);

fn unmasked(mut bytes: Vec<u8>) -> Vec<u8> {
    let (meta, bit) = ZSH_META;
    if !bytes.contains(&meta) {
        return bytes;
    }
    let mut turned = false;
    bytes.retain_mut(|byte| {
        if *byte == meta && !turned {
            turned = true;
            return false;
        }
        if std::mem::take(&mut turned) {
            *byte ^= bit;
        }
        true
    });
    bytes
}

/// Mail with its broken lines put together, and `=3D` read as what it stands for; `None` if it says of no part that
/// it is written so.
fn mail(bytes: &[u8]) -> Option<Vec<u8>> {
    bytes.find(b"quoted-printable")?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.find_byte(b'=') {
        out.extend_from_slice(&rest[..at]);
        let behind = &rest[at + 1..];
        rest = behind;
        if let Some(next) = behind
            .strip_prefix(b"\r\n")
            .or_else(|| behind.strip_prefix(b"\n"))
        {
            rest = next;
            continue;
        }
        let digit = |at: usize| char::from(*behind.get(at)?).to_digit(16);
        match (digit(0), digit(1)) {
            (Some(high), Some(low)) => {
                out.extend(u8::try_from(high << 4 | low));
                rest = &behind[2..];
            }
            _ => out.push(b'='),
        }
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// What a recording shows; `None` if it is none.
fn cast(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut lines = bytes.lines();
    let head: serde_json::Value = serde_json::from_slice(lines.next()?).ok()?;
    head.get("version")?;
    let mut out = Vec::with_capacity(bytes.len());
    for line in lines {
        let Ok(serde_json::Value::Array(event)) = serde_json::from_slice(line) else {
            continue;
        };
        if let [_, _, serde_json::Value::String(piece)] = event.as_slice() {
            out.extend_from_slice(piece.as_bytes());
        }
    }
    Some(out)
}

/// What a packed file of Firefox starts with; the length of what is packed follows in four bytes.
const MOZ_LZ4: &[u8] = b"mozLz40\0";

/// A bound: no more is unpacked.
const MOST_UNPACKED: usize = 64 << 20;

/// What is in a packed file of Firefox; `None` if it is none.
fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let (length, packed) = bytes.strip_prefix(MOZ_LZ4)?.split_first_chunk()?;
    let length = u32::from_le_bytes(*length) as usize;
    // Each byte of LZ4 stands for at most 255.
    if length > MOST_UNPACKED || length / 255 > packed.len() {
        return None;
    }
    lz4_flex::block::decompress(packed, length).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Random;

    #[test]
    fn each_reading_gives_the_text() {
        let key = Random::new(3).token(90);
        let (one, other) = key.split_at(40);
        let mut packed = MOZ_LZ4.to_vec();
        let json = format!("{{\"uri\":\"https://a.example/?k={key}\"}}");
        packed.extend(
            u32::try_from(json.len())
                .expect("it is short")
                .to_le_bytes(),
        );
        packed.extend(lz4_flex::block::compress(json.as_bytes()));
        let cast = format!(
            "{{\"version\": 2, \"width\": 80}}\n[0.1, \"o\", \"export K={one}\"]\nnonsense\n[0.2, \"o\", \"{other}\\r\\n\"]\n"
        );
        for (reading, bytes, expected, same_lines) in [
            (
                Reading::Plain,
                b"a=\n3D".to_vec(),
                "a=\n3D".to_owned(),
                true,
            ),
            (
                Reading::Zsh,
                b"echo \x83\xa3b \x83\xa4".to_vec(),
                String::new(),
                true,
            ),
            (
                Reading::Mail,
                format!(
                    "Content-Transfer-Encoding: quoted-printable\n\nk=3D{one}=\n{other}= =\r\n\n"
                )
                .into_bytes(),
                format!("Content-Transfer-Encoding: quoted-printable\n\nk={key}= \n"),
                false,
            ),
            (
                Reading::Mail,
                b"Subject: a=3Db\n".to_vec(),
                "Subject: a=3Db\n".to_owned(),
                true,
            ),
            (
                Reading::Cast,
                cast.into_bytes(),
                format!("export K={key}\r\n"),
                false,
            ),
            (Reading::Cast, b"$ ls\n".to_vec(), "$ ls\n".to_owned(), true),
            (Reading::MozLz4, packed, json, false),
            (Reading::MozLz4, b"{}".to_vec(), "{}".to_owned(), true),
        ] {
            let (text, lines) = reading.text(bytes);
            assert_eq!(lines, same_lines, "{reading:?}");
            if reading == Reading::Zsh {
                assert_eq!(text, b"echo \x83b \x84", "{text:x?}");
            } else {
                assert_eq!(text, expected.as_bytes(), "{reading:?}");
            }
        }
    }

    #[test]
    fn a_packed_file_that_lies_is_no_danger() {
        for claimed in [u32::MAX, 1 << 20, 0] {
            let mut file = MOZ_LZ4.to_vec();
            file.extend(claimed.to_le_bytes());
            file.extend([0xff; 40]);
            assert_eq!(Reading::MozLz4.text(file.clone()), (file, true));
        }
    }
}
