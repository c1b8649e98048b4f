//! What a tool answered, without what nobody may see.

use serde_json::Value;

use super::Desk;
use crate::detect::Detector;
use crate::scan;

/// What stands in the place of a text of which nothing may be shown.
const WITHHELD: &str = "[withheld by keyward]";

impl Desk {
    /// What a tool answered, with its secrets redacted; without any text where that is not enough.
    pub(super) fn masked(&mut self, output: &Value) -> Value {
        let detector = Detector::new(&self.session.rules);
        let least = self.session.threshold;
        let redacted =
            |text: &str| scan::name::redacted(&detector, text.as_bytes(), least, &self.passing);
        let is_clean = |value: &Value| redacted(&format!("{value:#}")).is_none();
        let mask = |text: &str| redacted(text).map(|text| text.to_string());
        let masked = each_text(output, &mask, &mask);
        if is_clean(&masked) {
            return masked;
        }
        let withheld = each_text(output, &|_| Some(WITHHELD.to_owned()), &mask);
        match is_clean(&withheld) {
            true => withheld,
            false => WITHHELD.into(),
        }
    }
}

/// A text as another one, if there is another.
type Other<'c> = &'c dyn Fn(&str) -> Option<String>;

/// A value with each of its texts changed for which there is another, and each of its names.
fn each_text(value: &Value, text: Other<'_>, name: Other<'_>) -> Value {
    let changed = |old: &str, other: Other<'_>| other(old).unwrap_or_else(|| old.to_owned());
    match value {
        Value::String(old) => Value::String(changed(old, text)),
        Value::Array(list) => list.iter().map(|it| each_text(it, text, name)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(own, value)| (changed(own, name), each_text(value, text, name)))
            .collect(),
        other => other.clone(),
    }
}
