//! Whether one policy is weaker than another, in words.

use std::collections::{BTreeMap, BTreeSet};

use super::{Config, Setting, Step};
use crate::shell;

/// In what `after` may find less than `before`, a few words each, sorted. Empty if in nothing.
///
/// A pattern or an id that only moved counts where the order could matter: between layers, or in a
/// list that takes something back with `!`.
pub fn weaker(before: &Config, after: &Config) -> Vec<String> {
    let mut out = BTreeSet::new();
    if after.threshold.value > before.threshold.value {
        out.insert(format!(
            "scan.threshold is {} instead of {}",
            after.threshold.value, before.threshold.value
        ));
    }
    if after.unchecked.value < before.unchecked.value {
        out.insert(format!(
            "hooks.unchecked is {} instead of {}",
            after.unchecked.value.as_str(),
            before.unchecked.value.as_str()
        ));
    }
    if before.trailer.value && !after.trailer.value {
        out.insert("hooks.trailer is false instead of true".to_owned());
    }
    let (old, new) = (by_entry(before), by_entry(after));
    for (entry, step) in &new {
        let what = format!("{} gains {}", entry.0.key(), shown(entry.1));
        match (old.get(entry), step) {
            (None, step) => {
                if !step.is_single() && step.weakens(before) {
                    out.insert(what);
                }
            }
            (Some(Step::Rule(old)), Step::Rule(new)) if old != new => {
                out.insert(format!("rule {} is another", shown(entry.1)));
            }
            (Some(_), _) => {}
        }
    }
    for (entry, step) in &old {
        let lost = !new.contains_key(entry);
        if lost && !step.is_single() && !step.weakens(before) {
            out.insert(format!("{} loses {}", entry.0.key(), shown(entry.1)));
        }
    }
    for setting in Setting::ALL {
        if moved(*setting, before, after) {
            out.insert(format!("{} is in another order", setting.key()));
        }
        if before.locks.contains_key(setting) && !after.locks.contains_key(setting) {
            out.insert(format!("{} is no longer locked", setting.key()));
        }
    }
    out.into_iter().collect()
}

type Entry<'c> = (Setting, &'c str);

fn by_entry(config: &Config) -> BTreeMap<Entry<'_>, &Step> {
    config
        .in_force()
        .map(|said| ((said.value.setting(), said.value.name()), &said.value))
        .collect()
}

/// Whether entries that both have stand in another order, in a list where the last that fits
/// decides and the entries don't all say the same.
fn moved(setting: Setting, before: &Config, after: &Config) -> bool {
    // One list: the last switch that fits a rule decides.
    let list = |of: Setting| match of {
        Setting::RulesOn => Setting::RulesOff,
        of => of,
    };
    if matches!(
        setting,
        Setting::HooksUnchecked | Setting::Rule | Setting::RulesOn | Setting::ScanThreshold
    ) {
        return false;
    }
    let entries = |config: &'_ Config| -> Vec<(Setting, String, bool)> {
        config
            .in_force()
            .filter(|said| list(said.value.setting()) == setting)
            .map(|said| {
                let step = &said.value;
                let weakens = step.weakens(before);
                (step.setting(), step.name().to_owned(), weakens)
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
    /// A bound: a line of a report has room for it.
    const LONGEST: usize = 60;
    format!("`{}`", shell::shown_start(name, LONGEST))
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
    fn hostile_patterns_are_told_on_one_line() {
        let told = told("", "[scan]\nexclude = [\"a\\n\\u001b[2J\\u202e\"]\n");
        assert_eq!(told, ["scan.exclude gains `a\\n\\u{1b}[2J\\u{202e}`"]);
    }
}
