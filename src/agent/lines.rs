//! Which lines of a file are shown: those between two numbers, or those in which something is sought.

use std::ops::RangeInclusive;

/// Which lines of a file are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lines {
    /// All of them, or nobody can tell which.
    All,
    /// Those from one to another, counted from 1.
    Between(usize, usize),
    /// So many at the end.
    Last(usize),
    /// Those in which something stands, and some around them.
    With(Sought),
}

/// What is sought in the lines of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sought {
    /// One of these stands in each line that is shown.
    texts: Vec<String>,
    /// Whether capitals count for nothing.
    in_any_case: bool,
    /// So many lines around each are shown, too.
    around: usize,
}

impl Sought {
    /// What lines must have that a pattern fits; `None` where that can't be told.
    pub(crate) fn by(pattern: &str, is_regex: bool, in_any_case: bool) -> Option<Self> {
        let texts: Option<Vec<String>> = match is_regex {
            true => {
                let pattern = pattern.replace("\\|", "|");
                pattern.split('|').map(literal).collect()
            }
            false => pattern
                .lines()
                .map(|line| Some(line.to_owned()).filter(|line| !line.is_empty()))
                .collect(),
        };
        let texts = texts.filter(|texts| !texts.is_empty())?;
        Some(Self {
            texts: match in_any_case {
                true => texts.iter().map(|text| text.to_lowercase()).collect(),
                false => texts,
            },
            in_any_case,
            around: 0,
        })
    }

    /// The same with lines around.
    pub(crate) fn around(self, around: usize) -> Self {
        Self { around, ..self }
    }

    fn stands_in(&self, line: &str) -> bool {
        let has = |line: &str| self.texts.iter().any(|text| line.contains(text.as_str()));
        match self.in_any_case {
            true => has(&line.to_lowercase()),
            false => has(line),
        }
    }
}

/// The longest text that stands in all that a regular expression fits; `None` where none is sure to.
fn literal(pattern: &str) -> Option<String> {
    let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
    let mut texts = vec![String::new()];
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '.' => {
                let _ = chars.next_if(|c| matches!(c, '*' | '+'));
                texts.push(String::new());
            }
            '\\' => match chars.next()? {
                'b' => texts.push(String::new()),
                c if c.is_ascii_punctuation() => texts.last_mut()?.push(c),
                _ => return None,
            },
            c if "()[]{}?*+^$".contains(c) => return None,
            c => texts.last_mut()?.push(c),
        }
    }
    texts
        .into_iter()
        .max_by_key(String::len)
        .filter(|text| !text.is_empty())
}

impl Lines {
    /// Whether all of a file is meant.
    pub(crate) fn are_all(&self) -> bool {
        *self == Self::All
    }

    /// The numbers of the lines of a text that are shown, in their order.
    pub(crate) fn of(&self, text: &str) -> Vec<RangeInclusive<usize>> {
        match self {
            Self::All => vec![1..=usize::MAX],
            Self::Between(first, last) => vec![*first..=*last],
            Self::Last(most) => {
                let all = text.lines().count();
                vec![(all + 1).saturating_sub(*most)..=usize::MAX]
            }
            Self::With(sought) => {
                let lines = text.lines().zip(1_usize..);
                lines
                    .filter(|(line, _)| sought.stands_in(line))
                    .map(|(_, at)| {
                        at.saturating_sub(sought.around)..=at.saturating_add(sought.around)
                    })
                    .collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_in_which_the_pattern_may_fit() {
        let text = "import os\nkey = 1\ndef name():\n    pass\n";
        for (pattern, is_regex, in_any_case, expected) in [
            ("key", true, false, Some(vec![2])),
            ("^def ", true, false, Some(vec![3])),
            ("KEY", true, true, Some(vec![2])),
            ("KEY", true, false, Some(vec![])),
            ("import|pass", true, false, Some(vec![1, 4])),
            ("import\\|pass", true, false, Some(vec![1, 4])),
            ("def.*name", true, false, Some(vec![3])),
            ("name()", false, false, Some(vec![3])),
            ("name\\(\\)", true, false, Some(vec![3])),
            ("na?me", true, false, None),
            ("[a-z]", true, false, None),
            ("", true, false, None),
            (".", true, false, None),
            ("a|", true, false, None),
        ] {
            let found = Sought::by(pattern, is_regex, in_any_case).map(|sought| {
                let lines = Lines::With(sought).of(text);
                lines.iter().map(|lines| *lines.start()).collect()
            });
            assert_eq!(found, expected, "{pattern}");
        }
        assert_eq!(Lines::Last(2).of("a\nb\nc\n"), [2..=usize::MAX]);
        assert_eq!(Lines::Last(9).of("a\n"), [0..=usize::MAX]);
        let sought = Sought::by("pass", true, false).unwrap();
        assert_eq!(Lines::With(sought.around(1)).of(text), [3..=5]);
    }
}
