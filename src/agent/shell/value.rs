//! Words with their variables put in.

use super::script::{Part, Variable, Word};
use super::shows::is_secret;
use super::{Judge, MOST_WORDS, Said, Source};

/// A word, once its known variables are put in.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    pub(super) text: String,
    /// What it shows that nobody knows.
    pub(super) sources: Vec<Source>,
    /// The text as a pattern of paths, if it is one.
    pub(super) pattern: Option<String>,
    /// What stands in the file that it is.
    pub(super) process: Option<Box<Said>>,
}

impl Field {
    pub(super) fn of(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// Puts another behind it.
    fn push(&mut self, next: &Self) {
        let is_pattern = self.pattern.is_some() || next.pattern.is_some();
        if is_pattern {
            let before = self.pattern.take().unwrap_or_else(|| escaped(&self.text));
            let behind = next.pattern.clone().unwrap_or_else(|| escaped(&next.text));
            self.pattern = Some(before + &behind);
        }
        self.text.push_str(&next.text);
        self.sources.extend(next.sources.iter().cloned());
        self.process = self.process.take().or_else(|| next.process.clone());
    }

    pub(super) fn unquoted(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            pattern: text.contains(['*', '?', '[']).then(|| text.to_owned()),
            ..Self::default()
        }
    }
}

/// A text as a pattern that fits it alone.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if "*?[\\".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

impl Judge {
    /// A word as one field.
    pub(super) fn field(&mut self, word: &Word) -> Field {
        let mut fields = self.fields_whole(word).into_iter();
        let mut field = fields.next().unwrap_or_default();
        for other in fields {
            field.text.push(' ');
            field.push(&other);
        }
        field
    }

    /// A word with each of its values, none of which is split.
    pub(super) fn fields_whole(&mut self, word: &Word) -> Vec<Field> {
        let mut done = Vec::new();
        let fields = self.unfolded(word, false, &mut done);
        done.extend(fields);
        done
    }

    /// The fields of a word: more than one where it has braces, or a known variable with blanks or several
    /// values.
    pub(super) fn fields(&mut self, word: &Word) -> Vec<Field> {
        let mut done = Vec::new();
        let mut fields = self.unfolded(word, true, &mut done);
        let has = |sign: char| {
            let mut parts = word.0.iter();
            parts.any(|part| matches!(part, Part::Plain(text) if text.contains(sign)))
        };
        if has('{') && has(',') {
            fields = fields.iter().flat_map(|field| self.braces(field)).collect();
        }
        done.extend(fields);
        // What comes to nothing without quotes is no word.
        let is_quoted = |part: &Part| match part {
            Part::Plain(_) | Part::Process(_) => false,
            Part::Quoted(_) => true,
            Part::Variable(variable) => variable.quoted,
            Part::Output { quoted, .. } => *quoted,
        };
        if !word.0.iter().any(is_quoted) {
            done.retain(|field| !field.text.is_empty() || !field.sources.is_empty());
        }
        done
    }

    fn unfolded(&mut self, word: &Word, splits: bool, done: &mut Vec<Field>) -> Vec<Field> {
        let mut current = vec![Field::default()];
        for part in &word.0 {
            let (values, quoted) = match part {
                Part::Plain(text) => (vec![Field::unquoted(text)], true),
                Part::Quoted(text) => (vec![Field::of(text)], true),
                Part::Variable(variable) => (self.values(variable), variable.quoted),
                Part::Output { script, quoted } => {
                    let said = self.apart(script, Said::default());
                    let text = said.text.map(|text| text.trim_end_matches('\n').to_owned());
                    let is_pattern = said.is_pattern;
                    let text = text.unwrap_or_else(|| "$()".to_owned());
                    let field = Field {
                        pattern: is_pattern.then(|| text.clone()),
                        text,
                        sources: said.sources,
                        process: None,
                    };
                    (vec![field], *quoted)
                }
                Part::Process(script) => {
                    let said = self.apart(script, Said::default());
                    let field = Field {
                        process: Some(Box::new(said)),
                        ..Field::of("/dev/fd/63")
                    };
                    (vec![field], true)
                }
            };
            let pushed = values.iter().map(|it| it.text.len() + it.sources.len() + 1);
            let pushed: usize = pushed.sum();
            let held: usize = current.iter().map(|it| it.text.len() + 1).sum();
            let grows = match values.len() {
                1 => pushed.saturating_mul(current.len()),
                many => held.saturating_mul(many) + pushed.saturating_mul(current.len()),
            };
            if current.len().saturating_mul(values.len().max(1)) > MOST_WORDS
                || done.len() > MOST_WORDS
            {
                self.stop();
            }
            if self.spend(grows) {
                return Vec::new();
            }
            match values.as_slice() {
                [] => {}
                [value] if splits && !quoted => split(&mut current, value, done),
                [value] => current.iter_mut().for_each(|field| field.push(value)),
                values => {
                    let put = |field: &Field| {
                        values
                            .iter()
                            .map(|value| {
                                let mut field = field.clone();
                                field.push(value);
                                field
                            })
                            .collect::<Vec<_>>()
                    };
                    current = current.iter().flat_map(put).collect();
                }
            }
        }
        current
    }

    /// The values that a variable may have.
    fn values(&mut self, variable: &Variable) -> Vec<Field> {
        let mut name = variable.name.clone();
        if variable.points {
            let meant = self
                .known
                .get(&name)
                .and_then(|values| values.first().cloned());
            name = meant.map_or(name, |field| field.text);
        }
        let known = self.value(&name);
        let sign = variable.sign.trim_start_matches(':');
        let has_operand = !variable.operand.0.is_empty();
        let operand = match has_operand {
            true => self.fields_whole(&variable.operand),
            false => Vec::new(),
        };
        if !variable.shows {
            // Its length is a number; what stands for it if it is set is what is shown.
            return match has_operand {
                true => operand,
                false => vec![Field::of("0")],
            };
        }
        let replaces = matches!(sign, "-" | "=");
        match known {
            Some(values) if has_operand && !replaces => values
                .into_iter()
                .map(|value| cut(value, sign, operand.first()))
                .collect(),
            Some(values) => values,
            None => {
                let shown = is_secret(&name).then(|| Source::Variable(name.clone()));
                let mut sources: Vec<Source> = shown.into_iter().collect();
                sources.extend(operand.iter().flat_map(|field| field.sources.clone()));
                let field = operand.into_iter().next().filter(|_| replaces);
                let field = field.unwrap_or_else(|| Field::of(format!("${name}")));
                vec![Field { sources, ..field }]
            }
        }
    }

    /// The values of a variable that are known.
    fn value(&self, name: &str) -> Option<Vec<Field>> {
        if let Some(values) = self.known.get(name) {
            return Some(values.as_ref().clone());
        }
        let arguments = self.arguments.last();
        match name {
            "HOME" => Some(vec![Field::of(&self.place.home)]),
            "PWD" => Some(vec![Field::of(self.here())]),
            "OLDPWD" => Some(vec![Field::of(&self.before)]),
            "IFS" => Some(vec![Field::of(" ")]),
            "@" | "*" => arguments.map(|values| values.as_ref().clone()),
            name => {
                let at = name.parse::<usize>().ok()?.checked_sub(1)?;
                Some(vec![arguments?.get(at).cloned().unwrap_or_default()])
            }
        }
    }

    /// What comes of a word with braces: `a{b,c}` is `ab` and `ac`.
    fn braces(&mut self, field: &Field) -> Vec<Field> {
        let mut done = Vec::new();
        let mut pending = vec![field.text.clone()];
        while let Some(text) = pending.pop() {
            if self.spend(text.len() + 1) {
                break;
            }
            let open = text.rfind('{').filter(|at| !text[..*at].ends_with('$'));
            let close = open.and_then(|open| Some(open + text[open..].find('}')?));
            let inner = open
                .zip(close)
                .map(|(open, close)| (open, close, &text[open + 1..close]));
            let Some((open, close, inner)) = inner.filter(|(.., inner)| inner.contains(',')) else {
                done.push(Field {
                    sources: field.sources.clone(),
                    ..Field::unquoted(&text)
                });
                continue;
            };
            let commas = inner.matches(',').count();
            if done.len() + pending.len() + commas > MOST_WORDS {
                self.stop();
                break;
            }
            let put = |part: &str| format!("{}{part}{}", &text[..open], &text[close + 1..]);
            let parts: Vec<String> = inner.rsplit(',').map(put).collect();
            pending.extend(parts);
        }
        done
    }
}

/// Puts a value behind each, which makes more of them where it has blanks.
fn split(current: &mut Vec<Field>, value: &Field, done: &mut Vec<Field>) {
    let is_apart = |c: char| c == ' ' || c == '\t' || c == '\n';
    if !value.text.contains(is_apart) {
        return current.iter_mut().for_each(|field| field.push(value));
    }
    let mut pieces = value.text.split(is_apart).filter(|piece| !piece.is_empty());
    let as_field = |piece: &str| Field {
        sources: value.sources.clone(),
        ..Field::unquoted(piece)
    };
    if !value.text.starts_with(is_apart)
        && let Some(first) = pieces.next()
    {
        current
            .iter_mut()
            .for_each(|field| field.push(&as_field(first)));
    }
    for piece in pieces {
        done.append(current);
        *current = vec![as_field(piece)];
    }
    if value.text.ends_with(is_apart) {
        done.append(current);
        *current = vec![Field::default()];
    }
}

/// A value of which a part is taken away: at its start by `#`, at its end by `%`.
fn cut(value: Field, sign: &str, operand: Option<&Field>) -> Field {
    let Some(operand) = operand.filter(|operand| operand.pattern.is_none()) else {
        return value;
    };
    let text = match sign.chars().next() {
        Some('#') => value.text.strip_prefix(operand.text.as_str()),
        Some('%') => value.text.strip_suffix(operand.text.as_str()),
        _ => None,
    };
    match text {
        Some(text) => Field {
            sources: value.sources.clone(),
            ..Field::unquoted(text)
        },
        None => value,
    }
}
