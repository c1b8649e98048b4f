//! `docs/rules.md`, made from the catalog.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use keyward::parts::confidence::Confidence;
use keyward::parts::rules::{RECORDED, Reach, Rule, RuleSet};

/// The whole document.
pub(crate) fn of(rules: &RuleSet) -> String {
    let mut kinds: BTreeMap<&str, BTreeMap<String, Vec<&Rule>>> = BTreeMap::new();
    for rule in rules.iter() {
        kinds
            .entry(&rule.provider.kind)
            .or_default()
            .entry(rule.provider.name.to_lowercase())
            .or_default()
            .push(rule);
    }
    let count = rules.iter().filter(|rule| !rule.public).count();
    let providers: usize = kinds.values().map(BTreeMap::len).sum();
    let mut out = format!(
        "# Rules\n\n\
         {count} rules of {providers} providers, by the kind of service. Made from the files in \
         `src/rules/catalog`; after a change there, write it anew with\n\n    \
         KEYWARD_WRITE_DOCS=1 cargo test --locked --test rules docs\n\n\
         Formats are in the notation of `src/rules/format.rs`. A rule with *context* counts only next \
         to one of its words. Links were recorded on {RECORDED}; `keyward rules links` lists them. \
         What keyward does not look for, and why, is in [left-out.md](left-out.md).\n"
    );
    for (kind, providers) in &kinds {
        let _ = write!(out, "\n## {kind}\n");
        for rules in providers.values() {
            section(rules, &mut out);
        }
    }
    out
}

fn section(rules: &[&Rule], out: &mut String) {
    let provider = &rules[0].provider;
    let _ = write!(out, "\n### {}\n\n", provider.name);
    let links: Vec<String> = provider
        .pages()
        .into_iter()
        .filter(|(_, page)| !page.is_empty())
        .map(|(name, page)| format!("[{name}]({page})"))
        .collect();
    if !links.is_empty() {
        let _ = writeln!(out, "{}\n", links.join(", "));
    }
    for rule in rules {
        entry(rule, out);
    }
}

fn entry(rule: &Rule, out: &mut String) {
    let _ = writeln!(out, "- **{}**: {}", rule.id, rule.name);
    let confidence = match rule.confidence {
        _ if rule.public => "public, never reported",
        Confidence::Certain => "certain",
        Confidence::Likely => "likely",
        Confidence::Possible => "possible",
    };
    match rule.reach {
        Reach::Around => {
            let _ = writeln!(out, "  - pattern {}", code(&rule.regex));
        }
        Reach::Named => {
            for name in rule.literals.iter() {
                let _ = writeln!(
                    out,
                    "  - what is assigned to a name with {}",
                    code(&name.text)
                );
            }
        }
        Reach::Anchored | Reach::Near => {
            for format in rule.samples.iter() {
                let _ = writeln!(out, "  - format {}", code(format));
            }
        }
    }
    let mut notes = vec![confidence.to_owned()];
    notes.extend(
        rule.checksum
            .map(|check| format!("check `{}`", check.name())),
    );
    if rule.reach == Reach::Near {
        notes.push("context".to_owned());
    }
    notes.extend(
        rule.companion
            .as_ref()
            .map(|other| format!("pair with `{other}`")),
    );
    if !rule.env.is_empty() {
        let names: Vec<String> = rule.env.iter().map(|env| format!("`{env}`")).collect();
        notes.push(format!("in {}", names.join(", ")));
    }
    let _ = writeln!(out, "  - {}", notes.join("; "));
    let _ = writeln!(out, "  - sources: {}", rule.sources.join("; "));
}

/// Text as code, whatever it holds.
fn code(text: &str) -> String {
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}
