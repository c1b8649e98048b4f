//! From an environment file with values to those that may be committed: one with references, one with empty
//! values. All else stays as it is, byte for byte.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use bstr::ByteSlice;

use crate::dotenv::{self, Agreement, Dialect, Entry, MARK, Pieces, Reading, Says};
use crate::prefilter::Automaton;
use crate::words::name::{self, Strength};
use crate::words::randomness::has_drawn_part;
use crate::words::reference;
use crate::words::stand_in;

/// An environment file of which is known what may be committed.
#[derive(Debug)]
pub(crate) struct Template<'t> {
    text: &'t [u8],
    /// The variables whose values may not, in the order of the file.
    pub(crate) secrets: Vec<Secret>,
    /// Those whose values may.
    pub(crate) plain: Vec<Entry>,
    /// What is taken out beside the values.
    cuts: Vec<Range<usize>>,
    /// What somebody should know, each with its line.
    pub(crate) notes: Vec<(usize, String)>,
    /// Whether something that may be a secret is in nothing else but the file: in a comment, or where one name
    /// stands twice.
    pub(crate) holds_more: bool,
}

/// A variable whose value may not be committed.
#[derive(Debug)]
pub(crate) struct Secret {
    /// Its name.
    pub(crate) name: String,
    /// Its line, from 1.
    pub(crate) line: usize,
    /// Where it stands.
    entry: Entry,
}

/// Why a file can't be made a template of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Misread {
    /// No quote closes the value on that line.
    Open(usize),
    /// A value stands in a place where nobody looks for one.
    Elsewhere(usize),
}

impl<'t> Template<'t> {
    /// Takes a file apart, in which a detector found something at these places.
    pub(crate) fn of(text: &'t [u8], found: &[Range<usize>]) -> Result<Self, Misread> {
        let mut template = Self {
            text,
            secrets: Vec::new(),
            plain: Vec::new(),
            cuts: Vec::new(),
            notes: Vec::new(),
            holds_more: false,
        };
        if text.starts_with(MARK) {
            template.cuts.push(0..MARK.len());
            let told = "the file starts with a byte order mark, by which many loaders lose the first variable";
            template.notes.push((1, told.to_owned()));
        }
        let mut line = 1;
        for piece in Pieces::of(text) {
            match piece.says {
                // A key alone on its line looks like a name.
                Says::Inherited if has_drawn_part(text[piece.span.clone()].trim()) => {
                    template.other(&piece.span, line, found);
                }
                Says::Nothing | Says::Inherited => {}
                Says::Comment => template.comment(&piece.span, line, found),
                // So does one that ends in `=`.
                Says::Entry(entry)
                    if overlaps(found, &entry.name)
                        || has_drawn_part(&text[entry.name.clone()]) =>
                {
                    template.other(&piece.span, line, found);
                }
                Says::Entry(entry) => template.entry(entry, line, found)?,
                Says::Other => template.other(&piece.span, line, found),
            }
            line += text[piece.span].iter().filter(|&&b| b == b'\n').count();
        }
        template.tell_twice();
        Ok(template)
    }

    fn entry(&mut self, entry: Entry, line: usize, found: &[Range<usize>]) -> Result<(), Misread> {
        if entry.open {
            return Err(Misread::Open(line));
        }
        let behind = entry.value.end..entry.raw.end;
        if overlaps(found, &behind) {
            self.cut(behind, line);
        }
        if is_secret(self.text, &entry, found) {
            self.secrets.push(Secret {
                name: self.text[entry.name.clone()].to_str_lossy().into_owned(),
                line,
                entry,
            });
        } else {
            self.plain.push(entry);
        }
        Ok(())
    }

    /// A variable that is commented out stays, without its value.
    fn comment(&mut self, span: &Range<usize>, line: usize, found: &[Range<usize>]) {
        let signs = |b: &u8| matches!(b, b'#' | b' ' | b'\t');
        let text = self.text;
        let body = &text[span.clone()];
        let body = body.strip_prefix(MARK).map_or(0, |_| MARK.len());
        let start = span.start + body;
        let start = start
            + text[start..span.end]
                .iter()
                .take_while(|b| signs(b))
                .count();
        let end = start
            + text[start..span.end]
                .trim_end_with(|c| matches!(c, '\r' | '\n'))
                .len();
        match Pieces::entry_in(text, start..end) {
            Some(entry) if is_secret(text, &entry, found) => {
                self.cut(entry.raw, line);
            }
            _ if overlaps(found, &(span.start..end)) => self.cut(start..end, line),
            _ => {}
        }
    }

    fn other(&mut self, span: &Range<usize>, line: usize, found: &[Range<usize>]) {
        let end = span.start
            + self.text[span.clone()]
                .trim_end_with(|c| matches!(c, '\r' | '\n'))
                .len();
        // The mark in front has its own cut.
        let is_marked = span.start == 0 && self.text.starts_with(MARK);
        let start = if is_marked { MARK.len() } else { span.start };
        let place = start..end.max(start);
        let told = "is no line of an environment file: loaders skip it, or refuse the file";
        self.notes.push((line, told.to_owned()));
        if overlaps(found, &place) || has_drawn_part(&self.text[place.clone()]) {
            self.cut(place, line);
        }
    }

    fn cut(&mut self, place: Range<usize>, line: usize) {
        self.cuts.push(place);
        self.holds_more = true;
        let told = "holds a key beside the variables; it is left out";
        self.notes.push((line, told.to_owned()));
    }

    /// A name that stands twice has two values, of which all loaders but deno's take the last.
    fn tell_twice(&mut self) {
        let mut first: HashMap<&str, &Secret> = HashMap::new();
        for secret in &self.secrets {
            let other = first.insert(&secret.name, secret);
            if let Some(other) = other
                && self.text[other.entry.value.clone()] != self.text[secret.entry.value.clone()]
            {
                self.holds_more = true;
                let told = format!(
                    "gives {} another value than line {}: most loaders take the last, deno the first",
                    secret.name, other.line
                );
                self.notes.push((secret.line, told));
            }
        }
    }

    /// What a dialect makes of a variable's value, or all where none is named; the reason if they make
    /// different things of it.
    pub(crate) fn value(
        &self,
        secret: &Secret,
        dialect: Option<Dialect>,
    ) -> Result<Vec<u8>, String> {
        let Some(dialect) = dialect else {
            return match Agreement::of(self.text, &secret.entry) {
                Agreement::On(value) => Ok(value),
                Agreement::Not(readings) => Err(Agreement::told(&readings)),
            };
        };
        match dialect.read(self.text, &secret.entry) {
            Reading::Value(value) => Ok(value),
            Reading::Varies => Err("it depends on other variables".to_owned()),
            Reading::Unset | Reading::Refused => Err("it does not read the line".to_owned()),
        }
    }

    /// The variables that a shell reads differently than others, so that a file for it needs an edit.
    pub(crate) fn odd_in_shell(&self) -> Vec<String> {
        let name = |entry: &Entry| self.text[entry.name.clone()].to_str_lossy().into_owned();
        let odd = self.plain.iter().filter(|entry| {
            let shell = Dialect::Shell.read(self.text, entry);
            shell != Dialect::Node.read(self.text, entry) || !matches!(shell, Reading::Value(_))
        });
        odd.map(name).collect()
    }

    /// The file with empty values.
    ///
    /// # Errors
    /// When a value would stand in it all the same.
    pub(crate) fn example(&self) -> Result<Vec<u8>, Misread> {
        self.written(|secret| {
            let quotes = match secret.entry.quote {
                Some(quote @ (b'"' | b'\'')) => vec![quote, quote],
                _ => Vec::new(),
            };
            (secret.entry.value.clone(), quotes)
        })
    }

    /// The file with references. What a shell has to read is written as it reads.
    ///
    /// # Errors
    /// When a value would stand in it all the same.
    pub(crate) fn references(
        &self,
        sourced: bool,
        reference: impl Fn(&str) -> String,
    ) -> Result<Vec<u8>, Misread> {
        self.written(|secret| {
            let reference = reference(&secret.name);
            if sourced {
                let place = secret.entry.name.end..secret.entry.value.end;
                return (place, format!("=\"{reference}\"").into_bytes());
            }
            let sign = match secret.entry.quote {
                Some(b'\'') => "'",
                None if !reference.contains([' ', '#']) => "",
                _ => "\"",
            };
            let with = format!("{sign}{reference}{sign}").into_bytes();
            (secret.entry.value.clone(), with)
        })
    }

    fn written(
        &self,
        edit: impl Fn(&Secret) -> (Range<usize>, Vec<u8>),
    ) -> Result<Vec<u8>, Misread> {
        let cuts = self.cuts.iter().map(|cut| (cut.clone(), Vec::new()));
        let mut edits: Vec<_> = cuts.chain(self.secrets.iter().map(edit)).collect();
        edits.sort_by_key(|(place, _)| place.start);
        let out = dotenv::replaced(self.text, &edits);
        match self.first_in(&out) {
            Some(secret) => Err(Misread::Elsewhere(secret.line)),
            None => Ok(out),
        }
    }

    /// A secret whose value stands in a text. All of them are sought at once.
    fn first_in(&self, text: &[u8]) -> Option<&Secret> {
        let value = |secret: &&Secret| secret.entry.plain(self.text);
        let mut known = HashSet::new();
        let all = self.secrets.iter();
        let sought: Vec<&Secret> = all
            .filter(|secret| is_drawn(value(secret)) && known.insert(value(secret)))
            .collect();
        match Automaton::exact(sought.iter().map(value)) {
            Some(automaton) => {
                let (number, _) = automaton.places(text, 0..text.len()).next()?;
                Some(sought[number])
            }
            None => sought
                .into_iter()
                .find(|secret| text.contains_str(value(secret))),
        }
    }
}

/// Whether a file loses nothing when it becomes another: each of its lines is there, and each name without a value.
pub(crate) fn covers(new: &[u8], old: &[u8]) -> bool {
    let lines: HashSet<&[u8]> = new.lines().map(<[u8]>::trim_ascii).collect();
    let names: HashSet<&[u8]> = dotenv::entries(new).map(|entry| &new[entry.name]).collect();
    Pieces::of(old).all(|piece| match piece.says {
        Says::Nothing => true,
        Says::Entry(entry) if old[entry.raw.clone()].trim_ascii().is_empty() => {
            names.contains(&old[entry.name])
        }
        _ => old[piece.span]
            .lines()
            .all(|line| lines.contains(line.trim_ascii())),
    })
}

fn overlaps(found: &[Range<usize>], place: &Range<usize>) -> bool {
    found
        .iter()
        .any(|found| found.start < place.end && place.start < found.end)
}

/// Whether a value looks drawn at random.
fn is_drawn(value: &[u8]) -> bool {
    /// A bound: nobody draws a shorter key, and what is shorter stands anywhere by chance.
    const SHORTEST: usize = 8;
    value.len() >= SHORTEST && has_drawn_part(value)
}

/// Whether the value of an entry may not be committed. A value is a secret unless it says otherwise: what is
/// taken for one too often costs nothing here.
pub(super) fn is_secret(text: &[u8], entry: &Entry, found: &[Range<usize>]) -> bool {
    let value = entry.plain(text);
    // One that starts with `#` is a comment for some loaders, and a value for others.
    if overlaps(found, &entry.value) {
        return true;
    }
    if value.is_empty() {
        return false;
    }
    if reference::refers(value) {
        return false;
    }
    let drawn = is_drawn(value);
    if stand_in::is_to_be_filled_in(value) && !drawn {
        return false;
    }
    let said = name::reading(&text[entry.name.clone()]);
    let speaks = said.turned_by.is_none().then_some(said.strength).flatten();
    let is_switch = value.len() < 7 && value.iter().all(u8::is_ascii_digit)
        || [&b"true"[..], b"false", b"yes", b"no", b"on", b"off"].contains(&value);
    let has_password = value
        .find("://")
        .is_some_and(|at| value[at..].contains(&b'@'));
    match speaks {
        Some(Strength::Strong) => !is_boolean(value),
        Some(_) => !is_switch,
        None => drawn || has_password,
    }
}

fn is_boolean(value: &[u8]) -> bool {
    value == b"true" || value == b"false"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Random;

    fn shown(text: &str) -> (String, String, Vec<usize>) {
        let template = Template::of(text.as_bytes(), &[]).expect("a file that can be read");
        let references = template
            .references(false, |name| format!("op://v/{name}/f"))
            .expect("no value is left");
        let example = template.example().expect("no value is left");
        (
            String::from_utf8(references).expect("UTF-8"),
            String::from_utf8(example).expect("UTF-8"),
            template.notes.iter().map(|(line, _)| *line).collect(),
        )
    }

    #[test]
    fn values_go_and_all_else_stays() {
        let key = Random::new(4).token(40);
        let text = format!(
            "# the keys\r\n\r\nexport ACME_KEY=\"{key}\"  # from the page\r\n  DB_PASSWORD='hunter 2'\r\nPORT=8080\n\
             MAX_TOKENS=4096\nDEBUG = true\nURL=postgres://me:it@host/db\nREF=${{ACME_KEY}}\nEMPTY=\nLATER=changeme\n\
             BACK_TOKEN=`{key}`\nNAME: x y\nREGION=eu-west-1"
        );
        let (references, example, notes) = shown(&text);
        assert_eq!(
            references,
            "# the keys\r\n\r\nexport ACME_KEY=\"op://v/ACME_KEY/f\"  # from the page\r\n  \
             DB_PASSWORD='op://v/DB_PASSWORD/f'\r\nPORT=8080\nMAX_TOKENS=4096\nDEBUG = true\nURL=op://v/URL/f\n\
             REF=${ACME_KEY}\nEMPTY=\nLATER=changeme\nBACK_TOKEN=\"op://v/BACK_TOKEN/f\"\nNAME: x y\nREGION=eu-west-1"
        );
        assert_eq!(
            example,
            "# the keys\r\n\r\nexport ACME_KEY=\"\"  # from the page\r\n  DB_PASSWORD=''\r\nPORT=8080\n\
             MAX_TOKENS=4096\nDEBUG = true\nURL=\nREF=${ACME_KEY}\nEMPTY=\nLATER=changeme\nBACK_TOKEN=\nNAME: x y\n\
             REGION=eu-west-1"
        );
        assert!(notes.is_empty(), "{notes:?}");
    }

    #[test]
    fn a_key_beside_the_variables_is_left_out_and_told() {
        let key = Random::new(5).token(40);
        let text = format!("\u{feff}# OLD_KEY={key}\nA=1\n{key}\nNEW_KEY={key}\nNEW_KEY=other\n");
        let (references, example, notes) = shown(&text);
        assert!(!references.contains(&key[..8]) && !example.contains(&key[..8]));
        assert_eq!(example, "# OLD_KEY=\nA=1\n\nNEW_KEY=\nNEW_KEY=\n");
        assert_eq!(notes, [1, 1, 3, 3, 5]);
        let template = Template::of(text.as_bytes(), &[]).expect("it can be read");
        assert!(template.holds_more);
    }

    #[test]
    fn what_loaders_read_differently_has_no_value_until_one_is_named() {
        let text = "A_KEY=abc#def\nB_KEY='a b'\nC_KEY=\"x\n";
        assert!(matches!(
            Template::of(text.as_bytes(), &[]),
            Err(Misread::Open(3))
        ));
        let text = &text.as_bytes()[..text.len() - 9];
        let template = Template::of(text, &[]).expect("it can be read");
        let value = |at: usize, dialect| template.value(&template.secrets[at], dialect);
        assert!(value(0, None).is_err());
        assert_eq!(value(0, Some(Dialect::Node)), Ok(b"abc".to_vec()));
        assert_eq!(value(0, Some(Dialect::Python)), Ok(b"abc#def".to_vec()));
        assert_eq!(value(1, None), Ok(b"a b".to_vec()));
    }

    #[test]
    fn a_file_becomes_another_only_where_nothing_is_lost() {
        let new = b"# a\nA=\nB=op://v/B/f\nPORT=1\n";
        for (old, expected) in [
            ("", true),
            ("A=\n\nPORT=1\n", true),
            ("B=\nA=\r\n", true),
            ("B=op://v/B/f\n", true),
            ("# b\nA=\n", false),
            ("C=\n", false),
            ("PORT=2\n", false),
            ("A= # mine\n", false),
            ("A='x\ny'\n", false),
        ] {
            assert_eq!(covers(new, old.as_bytes()), expected, "{old:?}");
        }
    }

    #[test]
    fn a_file_for_the_shell_is_as_the_shell_reads() {
        let text = "A_KEY = 'a b' # c\nB_KEY: x\nPORT = 1\n";
        let template = Template::of(text.as_bytes(), &[]).expect("it can be read");
        let out = template.references(true, |name| format!("$(pass show {name})"));
        assert_eq!(
            out.expect("no value is left").to_str_lossy(),
            "A_KEY=\"$(pass show A_KEY)\" # c\nB_KEY=\"$(pass show B_KEY)\"\nPORT = 1\n"
        );
        assert_eq!(template.odd_in_shell(), ["PORT"]);
    }
}
