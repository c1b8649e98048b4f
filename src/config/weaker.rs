//! Whether one policy is weaker than another, in words.

use std::collections::{BTreeMap, BTreeSet};

use super::{Config, Setting, Step, Value};
use crate::words::echo;

/// In what `after` may find less than `before`, a few words each, sorted. Empty if in nothing.
///
/// A pattern or an id that only moved counts where the order could matter: between layers, or in a
/// list that takes something back with `!`.
pub(crate) fn weaker(before: &Config, after: &Config) -> Vec<String> {
    let mut out = BTreeSet::new();
    for &setting in Setting::ALL {
        let key = setting.key();
        if let Some((words, _)) = setting.words() {
            let (old, new) = (before.word(setting), after.word(setting));
            if setting.is_weaker(new, old) {
                out.insert(format!("{key} is {} instead of {}", words[new], words[old]));
            }
        }
        if is_reordered(setting, before, after) {
            out.insert(format!("{key} is in another order"));
        }
        if before.locks.contains_key(&setting) && !after.locks.contains_key(&setting) {
            out.insert(format!("{key} is no longer locked"));
        }
    }
    let (old, new) = (by_entry(before), by_entry(after));
    for (entry, step) in &new {
        let (key, name) = (entry.0.key(), shown(entry.1));
        match old.get(entry) {
            None if before.is_weakened_by(step) => {
                out.insert(format!("{key} gains {name}"));
            }
            Some(old) if matches!(step.value, Value::Rule(_)) && old.value != step.value => {
                out.insert(format!("rule {name} is another"));
            }
            _ => {}
        }
    }
    for (entry, step) in &old {
        if !new.contains_key(entry) && !before.is_weakened_by(step) {
            out.insert(format!("{} loses {}", entry.0.key(), shown(entry.1)));
        }
    }
    out.into_iter().collect()
}

type Entry<'c> = (Setting, &'c str);

/// The entries of the lists, by setting and name.
fn by_entry(config: &Config) -> BTreeMap<Entry<'_>, &Step> {
    let steps = config.in_force().map(|said| &said.value);
    let entries = steps.filter(|step| !step.setting.is_single());
    entries
        .map(|step| ((step.setting, step.name()), step))
        .collect()
}

/// Whether entries that both have stand in another order, in a list where the last that fits
/// decides and the entries don't all say the same.
fn is_reordered(list: Setting, before: &Config, after: &Config) -> bool {
    if list.ordered_list() != Some(list) {
        return false;
    }
    let entries = |config: &'_ Config| -> Vec<(Setting, String, bool)> {
        config
            .in_force()
            .map(|said| &said.value)
            .filter(|step| step.setting.ordered_list() == Some(list))
            .map(|step| {
                let weakens = before.is_weakened_by(step);
                (step.setting, step.name().to_owned(), weakens)
            })
            .collect()
    };
    let (old, new) = (entries(before), entries(after));
    let common = |of: &[(Setting, String, bool)], other: &[(Setting, String, bool)]| {
        let other: BTreeSet<_> = other.iter().cloned().collect();
        let kept: Vec<_> = of.iter().filter(|e| other.contains(*e)).cloned().collect();
        kept
    };
    let mixed = new.iter().any(|e| e.2) && new.iter().any(|e| !e.2);
    mixed && common(&old, &new) != common(&new, &old)
}

/// A name from a file, short and on one line.
fn shown(name: &str) -> String {
    format!("`{}`", echo::said(name))
}

#[cfg(test)]
mod tests {
    use super::super::{FILE_NAME, Layer, Origin};
    use super::*;

    fn told(before: &str, after: &str) -> Vec<String> {
        let config = |text: &str| {
            let layer = Layer::parse(Origin::Repository, text.as_bytes(), FILE_NAME);
            Config::fold([layer.expect("the text of this test is valid")])
        };
        weaker(&config(before), &config(after))
    }

    #[test]
    fn what_is_weaker_is_told_and_what_is_not_is_not() {
        let rule = "[[rule]]\nid = 'acme-key'\nname = 'a'\nformat = 'acme_<hex:32>'\n";
        let changed = "[[rule]]\nid = 'acme-key'\nname = 'a'\nformat = 'acme_<hex:64>'\n";
        let public = &format!("{rule}public = true\n");
        let both = "[scan]\nexclude = ['a', '!b']\n";
        let turned = "[scan]\nexclude = ['!b', 'a']\n";
        for (before, after, expected) in [
            ("", "", vec![]),
            (
                "",
                "[scan]\nexclude = ['v/']\n",
                vec!["scan.exclude gains `v/`"],
            ),
            ("[scan]\nexclude = ['v/']\n", "", vec![]),
            (
                "[scan]\nexclude = ['!v/']\n",
                "",
                vec!["scan.exclude loses `!v/`"],
            ),
            (
                "",
                "[scan]\nthreshold = 'certain'\n",
                vec!["scan.threshold is certain instead of likely"],
            ),
            (
                "[scan]\nthreshold = 'possible'\n",
                "",
                vec!["scan.threshold is likely instead of possible"],
            ),
            ("", "[scan]\nthreshold = 'possible'\n", vec![]),
            (
                "",
                "[rules]\noff = ['jwt']\n",
                vec!["rules.off gains `jwt`"],
            ),
            (
                "[rules]\noff = ['jwt']\non = ['jwt-a']\n",
                "[rules]\noff = ['jwt']\n",
                vec!["rules.on loses `jwt-a`"],
            ),
            (
                "[guard]\nadd = ['*.x']\n",
                "",
                vec!["guard.add loses `*.x`"],
            ),
            (
                "",
                "[guard]\noff = ['.env']\n",
                vec!["guard.off gains `.env`"],
            ),
            (rule, "", vec!["rule loses `acme-key`"]),
            ("", rule, vec![]),
            ("", public, vec!["rule gains `acme-key`"]),
            (rule, changed, vec!["rule `acme-key` is another"]),
            (rule, public, vec!["rule `acme-key` is another"]),
            (both, turned, vec!["scan.exclude is in another order"]),
            (
                "[scan]\nexclude = ['a', 'b']\n",
                "[scan]\nexclude = ['b', 'a']\n",
                vec![],
            ),
            ("lock = ['rule']\n", "", vec!["rule is no longer locked"]),
            ("", "lock = ['rule']\n", vec![]),
            (
                "[hooks]\nunchecked = 'deny'\n",
                "[hooks]\nunchecked = 'warn'\n",
                vec!["hooks.unchecked is warn instead of deny"],
            ),
            ("", "[hooks]\nunchecked = 'deny'\n", vec![]),
            (
                "[hooks]\ntrailer = true\n",
                "",
                vec!["hooks.trailer is false instead of true"],
            ),
            ("", "[hooks]\ntrailer = true\n", vec![]),
        ] {
            assert_eq!(told(before, after), expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn a_single_value_has_no_order() {
        let config = |team: bool| {
            let layer = |origin, is_on: bool| {
                let text = format!("[hooks]\ntrailer = {is_on}\n");
                Layer::parse(origin, text.as_bytes(), FILE_NAME).expect("a flag")
            };
            Config::fold([layer(Origin::Team, team), layer(Origin::Repository, !team)])
        };
        assert!(weaker(&config(true), &config(false)).is_empty());
        assert_eq!(
            weaker(&config(false), &config(true)),
            ["hooks.trailer is false instead of true"]
        );
    }

    #[test]
    fn hostile_patterns_are_told_on_one_line() {
        let told = told("", "[scan]\nexclude = [\"a\\n\\u001b[2J\\u202e\"]\n");
        assert_eq!(told, ["scan.exclude gains `a\\n\\u{1b}[…`"]);
    }
}
