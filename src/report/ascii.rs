//! JSON that is all ASCII: a log or a terminal that shows it raw takes no orders from a file name.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::shell::is_plain;

/// Writes a value on one line.
pub(crate) fn line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(&mut *out, Ascii);
    value.serialize(&mut serializer)?;
    writeln!(out)
}

/// Compact JSON that escapes all that is not ASCII.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        let mut units = [0; 2];
        let mut before = ' ';
        for c in fragment.chars() {
            // A CI runner takes orders from what stands behind two of these, in the middle of a line.
            let commands = (before, c) == ('#', '#');
            before = c;
            if c.is_ascii() && is_plain(c) && !commands {
                writer.write_all(&[c as u8])?;
            } else {
                for unit in c.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}
