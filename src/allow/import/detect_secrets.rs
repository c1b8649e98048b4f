//! `.secrets.baseline` of detect-secrets: for each file, the lines of what was found there.
//!
//! Source: the documents of detect-secrets 1.5. `is_secret` is what a person said in an audit.

use serde::Deserialize;
use std::collections::BTreeMap;

use super::{Criterion, Exemption, Import, path};

#[derive(Deserialize)]
struct Baseline {
    results: BTreeMap<String, Vec<Found>>,
}

#[derive(Deserialize)]
struct Found {
    line_number: Option<usize>,
    #[serde(default)]
    is_secret: bool,
    #[serde(default)]
    is_verified: bool,
}

pub(super) fn baseline(bytes: &[u8], import: &mut Import) {
    let Ok(baseline) = serde_json::from_slice::<Baseline>(bytes) else {
        return import.leave(None, "the file: it is not a baseline of detect-secrets");
    };
    let mut real = 0;
    for (file, found) in &baseline.results {
        for one in found {
            // Old baselines have the flag `is_verified` for what was tried and works.
            if one.is_secret || one.is_verified {
                real += 1;
                continue;
            }
            let mut criteria = vec![Criterion::Path(path(file)), Criterion::IsSecret(true)];
            criteria.extend(one.line_number.map(Criterion::Line));
            import.exemptions.push(Exemption {
                commit: None,
                criteria,
            });
        }
    }
    if real > 0 {
        import.leave(
            None,
            format!("{real} that are marked as real secrets: revoke them"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::covers;
    use super::super::{Format, parse};

    #[test]
    fn a_baseline_names_lines_and_keeps_real_secrets_out() {
        let text = r#"{
            "version": "1.5.0",
            "plugins_used": [{"name": "AWSKeyDetector"}],
            "results": {
                "src/a.py": [
                    {"type": "x", "filename": "src/a.py", "hashed_secret": "00", "is_verified": false, "line_number": 4},
                    {"type": "x", "filename": "src/a.py", "hashed_secret": "01", "is_secret": true, "line_number": 20},
                    {"type": "x", "filename": "src/a.py", "hashed_secret": "02", "is_verified": true, "line_number": 30}
                ],
                "b\\c.py": [{"type": "x", "hashed_secret": "03", "is_secret": false, "line_number": 1}]
            }
        }"#;
        let import = parse(Format::SecretsBaseline, text.as_bytes());
        for (path, line, expected) in [
            ("src/a.py", 4, true),
            ("src/a.py", 6, false),
            ("src/a.py", 20, false),
            ("src/a.py", 30, false),
            ("b/c.py", 1, true),
            ("b/c.py", 0, false),
        ] {
            assert_eq!(covers(&import, path, line, ""), expected, "{path} {line}");
        }
        assert_eq!(
            import.left[0].to_string(),
            "2 that are marked as real secrets: revoke them"
        );
    }
}
