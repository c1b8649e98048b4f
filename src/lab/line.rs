//! Lines as users have them: what a rule must find its secrets in.

use super::Random;
use crate::rules::format::Format;
use crate::rules::{Reach, Rule};

/// What stands in a rule's lines for the secret.
const KEY: &str = "<key>";

/// The lines of a rule with a secret of it, filled at random: those that the rule gives, or else the one under
/// its environment variable. The samples of a pattern or of names are lines themselves.
///
/// # Errors
/// Where a line is no format; the text is for the rule's author.
pub(super) fn lines(
    rule: &Rule,
    secret: &[u8],
    random: &mut Random,
) -> Result<Vec<Vec<u8>>, String> {
    let given: Vec<String> = rule.lines.iter().map(ToString::to_string).collect();
    let lines = match (rule.reach, rule.env.first()) {
        _ if !given.is_empty() => given,
        (Reach::Around | Reach::Named, _) | (_, None) => Vec::new(),
        (Reach::Anchored | Reach::Near, Some(env)) => {
            vec![format!("{env}={KEY}"), format!("  {env}: \"{KEY}\"")]
        }
    };
    let mut draw = |part: &str| {
        if part.is_empty() {
            return Ok(Vec::new());
        }
        let format = Format::parse(part)?;
        Ok(format.sample(&mut |limit| random.below(limit)))
    };
    let fill = |line: &String| {
        let parts: Vec<Vec<u8>> = line
            .split(KEY)
            .map(&mut draw)
            .collect::<Result<_, String>>()?;
        Ok([parts.join(secret), b"\n".to_vec()].concat())
    };
    lines.iter().map(fill).collect()
}

/// Whether a rule is tried in a whole line: its own, its examples, or that of its variable.
pub fn has_line(rule: &Rule) -> bool {
    !rule.lines.is_empty()
        || matches!(rule.reach, Reach::Around | Reach::Named)
        || !rule.env.is_empty()
}
