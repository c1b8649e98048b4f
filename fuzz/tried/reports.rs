//! Every format of report, over a file whose name and content are anybody's: it holds what its own parser wants, no
//! byte that a terminal obeys, and no part of a secret.

use keyward::parts::lab::Random;
use keyward::parts::report::every_format;

use super::material::Source;

/// So many characters of a secret in a row are in no report.
const RUN: usize = 9;

pub(super) fn report(bytes: &[u8]) {
    let mut source = Source(bytes);
    let mut random = Random::new(source.byte() as u64);
    let (key, password) = (random.token(93), random.token(24));
    let what = source.byte();
    let len = source.byte();
    let mut path = source.take(len).to_vec();
    path.retain(|&byte| byte != 0);
    if what & 1 > 0 {
        path.push(b'/');
        path.extend_from_slice(format!("sk-ant-{}{key}AA", "api03-").as_bytes());
    }
    if path.is_empty() {
        path.push(b'a');
    }
    if what & 2 > 0 {
        path.extend_from_slice(b".env");
    }
    let len = source.byte();
    let reason = String::from_utf8_lossy(source.take(len)).into_owned();
    let mut content = source.0.to_vec();
    let half = content.len() / 2;
    let planted = format!(
        "sk-ant-{}{key}AA\" x\ndb_password = \"{password}\"\n",
        "api03-"
    );
    content.splice(half..half, planted.bytes());
    for (name, told) in every_format(&path, content, &reason) {
        let told = String::from_utf8(told).unwrap_or_else(|_| panic!("{name} is no UTF-8"));
        hold(name, &told);
        let lower = told.to_ascii_lowercase();
        for secret in [&key, &password] {
            let secret = secret.to_ascii_lowercase();
            let mut runs = secret.as_bytes().windows(RUN);
            let is_told =
                runs.any(|run| lower.contains(std::str::from_utf8(run).expect("a token is ASCII")));
            assert!(!is_told, "{name} tells a secret");
        }
    }
}

fn hold(name: &str, told: &str) {
    let ends_lines = |c: char| c == '\n' || name == "csv" && c == '\r';
    let obeyed = |c: char| {
        c.is_control() && !ends_lines(c)
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!told.contains(obeyed), "{name}: {told:?}");
    match name {
        "json" => {
            for line in told.lines() {
                serde_json::from_str::<serde_json::Value>(line).expect("each line is JSON");
            }
        }
        "sarif" | "gitlab" | "gitlab-secrets" => {
            serde_json::from_str::<serde_json::Value>(told).expect("it is JSON");
        }
        "csv" => {
            let mut rows = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(told.as_bytes());
            for row in rows.records() {
                let row = row.expect("each row has the same cells");
                let is_formula = |cell: &str| cell.starts_with(['=', '+', '-', '@']);
                assert!(!row.iter().any(is_formula), "{row:?}");
            }
        }
        "github" => {
            let is_command = |line: &str| {
                ["::error ", "::warning ", "::notice "]
                    .iter()
                    .any(|it| line.starts_with(it))
            };
            assert!(told.lines().all(is_command), "{told}");
        }
        "junit" => hold_tags(told),
        _ => {
            // As the runners of GitHub and of Azure read them.
            let of_azure = |line: &str| line.contains("##vso[") || line.contains("##[");
            let obeyed = |line: &str| line.trim_start().starts_with("::") || of_azure(line);
            assert!(
                name == "markdown" || !told.lines().any(obeyed),
                "{name}: {told}"
            );
        }
    }
}

/// Every tag that opens closes, and nothing else looks like one.
fn hold_tags(told: &str) {
    let mut open = Vec::new();
    let mut rest = told.split_once("?>").expect("a declaration").1;
    while let Some((text, after)) = rest.split_once('<') {
        assert!(!text.contains('>'), "{text}");
        let (tag, after) = after.split_once('>').expect("every tag ends");
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') => {}
            None => open.push(tag.split(' ').next().expect("a tag has a name")),
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        rest = after;
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?}");
}
