//! What a shell reads, and what reads much like one.

use super::dialect::Reading::{self, Refused, Unset, Value, Varies};
use super::dialect::{Source, is_end};
use crate::words::name::is_identifier;

/// A POSIX shell.
pub(super) fn shell(source: &Source<'_>) -> Reading {
    if source.is_marked
        || source.sign != b'='
        || !source.gap.is_empty()
        || !is_identifier(source.name)
    {
        return Unset;
    }
    let mut value = Vec::new();
    let mut bytes = source.line().iter().copied();
    let mut quote = None;
    while let Some(byte) = bytes.next() {
        match (byte, quote) {
            (b'\'' | b'"', None) => quote = Some(byte),
            // A home directory.
            (b'~', None) if value.is_empty() || value.ends_with(b":") => return Varies,
            (byte, Some(open)) if byte == open => quote = None,
            (byte, Some(b'\'')) => value.push(byte),
            (b'$' | b'`', _) => return Varies,
            (b'\\', None) => match bytes.next() {
                Some(next) => value.push(next),
                // It goes on in the next line.
                None => return Varies,
            },
            (b'\\', Some(_)) => match bytes.next() {
                Some(next @ (b'$' | b'`' | b'"' | b'\\')) => value.push(next),
                Some(b'\n') => {}
                Some(next) => value.extend([b'\\', next]),
                None => return Refused,
            },
            (b' ' | b'\t', None) => {
                let rest: Vec<u8> = bytes.collect();
                // What follows a blank is a command, which gets the variable alone.
                return match is_end(&rest) {
                    true => Value(value),
                    false => Unset,
                };
            }
            (b';', None) => return Value(value),
            (b'|' | b'&' | b'<' | b'>' | b'(' | b')', None) => return Refused,
            (byte, _) => value.push(byte),
        }
    }
    match quote {
        Some(_) => Refused,
        None => Value(value),
    }
}

/// `EnvironmentFile=` of systemd.
pub(super) fn systemd(source: &Source<'_>) -> Reading {
    enum State {
        Before,
        Bare,
        Single,
        Double,
    }
    if source.is_marked || source.entry.export || source.sign != b'=' || !is_identifier(source.name)
    {
        return Unset;
    }
    let mut value = Vec::new();
    // How much of it is no blank at the end.
    let mut kept = 0;
    let mut state = State::Before;
    let mut bytes = source.raw.iter().copied();
    while let Some(byte) = bytes.next() {
        state = match (state, byte) {
            (State::Before, b'\'') => State::Single,
            (State::Before, b'"') => State::Double,
            (State::Before, b' ' | b'\t') => State::Before,
            (State::Single, b'\'') | (State::Double, b'"') => State::Before,
            (State::Double, b'\\') => {
                match bytes.next() {
                    Some(next @ (b'"' | b'\\' | b'`' | b'$')) => value.push(next),
                    Some(b'\n') | None => {}
                    Some(next) => value.extend([b'\\', next]),
                }
                State::Double
            }
            (State::Before | State::Bare, byte) => {
                match byte {
                    b'\\' => match bytes.next() {
                        Some(next) => value.push(next),
                        // It goes on in the next line.
                        None => return Varies,
                    },
                    byte => value.push(byte),
                }
                if !matches!(byte, b' ' | b'\t') {
                    kept = value.len();
                }
                State::Bare
            }
            (quoted, byte) => {
                value.push(byte);
                quoted
            }
        };
    }
    match state {
        State::Single | State::Double => return Varies,
        State::Bare => value.truncate(kept),
        State::Before => {}
    }
    match value.is_empty() {
        true => Unset,
        false => Value(value),
    }
}
