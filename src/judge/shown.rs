//! What stands beside a key says that it need not be kept: a page or an app shows it to whoever opens it, or its time
//! is over.

use std::ops::Range;

use bstr::ByteSlice;

use super::context::{Line, ends_url};
use crate::candidate::Candidate;
use crate::proof::made;
use crate::rules::Reach;
use crate::words::name::pieces;
use crate::words::{contains, is_one_of};

/// How many lines around a key are read. A weight: a block of such settings has its kin beside it.
const LINES: usize = 3;

/// How far around a key its lines or its address are read, in bytes. A bound: such settings have short lines.
const REACH: usize = 400;

/// Whether what stands beside a key says that it is shown to everybody, and its own name nothing else: `apiKey` beside
/// `authDomain`, `FIREBASE_API_KEY`.
pub(super) fn is_shown(candidate: &Candidate<'_>) -> bool {
    let rule = candidate.rule;
    if rule.shown_beside.is_empty() {
        return false;
    }
    let (text, place) = (candidate.text(), &candidate.place);
    let beside = |text: &[u8]| {
        let mut words = rule.shown_beside.iter();
        words.any(|word| contains(text, word.as_bytes()))
    };
    let unless = |text: &[u8]| {
        let mut words = rule.shown_unless.iter();
        words.any(|word| contains(text, word.as_bytes()))
    };
    let name = name_of(text, place);
    if !is_plain(name) && !beside(name) {
        return false;
    }
    let [before, behind] = lines_around(text, place);
    (beside(before) || beside(behind)) && !unless(before) && !unless(behind)
}

/// Whether an address says that its signature held until some day before: `se=2025-08-15T21%3A58%3A27Z`.
///
/// <https://learn.microsoft.com/en-us/rest/api/storageservices/create-service-sas>
pub(super) fn is_over(candidate: &Candidate<'_>) -> bool {
    /// What the parameter is called by which a signature of Azure ends.
    const END: &[u8] = b"se=";
    let place = &candidate.place;
    let name = &candidate.text()[place.start.saturating_sub(4)..place.start];
    if candidate.rule.reach != Reach::Around || !name.eq_ignore_ascii_case(b"sig=") {
        return false;
    }
    let before = &candidate.text()[place.start.saturating_sub(REACH)..place.start];
    let url = before.rsplit(|&b| ends_url(b)).next().unwrap_or_default();
    let mut parameters = url.split(|b| matches!(b, b'&' | b'?' | b';'));
    parameters.any(|parameter| {
        let day = parameter.strip_prefix(END);
        let day = day.and_then(|day| day.get(..made::DAY.len()));
        day.is_some_and(|day| day.starts_with(b"20") && day < made::DAY.as_bytes())
    })
}

/// The name that a place is given to. In a list of properties of Apple it stands in an element before the value's own:
/// `<key>API_KEY</key>`.
fn name_of<'t>(text: &'t [u8], place: &Range<usize>) -> &'t [u8] {
    let before = &text[place.start.saturating_sub(REACH)..place.start];
    let key = before.strip_suffix(b"<string>").map(<[u8]>::trim_ascii_end);
    let key = key.and_then(|before| before.strip_suffix(b"</key>"));
    let key = key.and_then(|before| Some(&before[before.rfind_byte(b'>')? + 1..]));
    key.unwrap_or_else(|| Line::around(text, place).name())
}

/// Whether a name says nothing of what a key is to: `apiKey`, `current_key`, `google_api_key`.
fn is_plain(name: &[u8]) -> bool {
    /// What the files that Google makes for an app call it.
    const WORDS: [&str; 6] = ["api", "apikey", "crash", "current", "google", "reporting"];
    let pieces: Vec<&[u8]> = pieces(name).collect();
    let Some((last, before)) = pieces.split_last() else {
        return false;
    };
    let is_key = is_one_of(last, &["apikey"]) || is_one_of(last, &["key"]) && !before.is_empty();
    is_key && before.iter().all(|piece| is_one_of(piece, &WORDS))
}

/// The lines before and behind a place, with its own.
fn lines_around<'t>(text: &'t [u8], place: &Range<usize>) -> [&'t [u8]; 2] {
    let before = &text[place.start.saturating_sub(REACH)..place.start];
    let behind = &text[place.end..text.len().min(place.end + REACH)];
    let start = before.rfind_iter(b"\n").nth(LINES).unwrap_or(0);
    let end = behind.find_iter(b"\n").nth(LINES).unwrap_or(behind.len());
    [&before[start..], &behind[..end]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::confidence::Confidence;
    use crate::detect::Detector;
    use crate::lab::Random;
    use crate::rules::RuleSet;
    use crate::text::Text;

    #[test]
    fn names_say_nothing_or_something() {
        for (name, expected) in [
            ("apiKey", true),
            ("API_KEY", true),
            ("apikey", true),
            ("current_key", true),
            ("google_api_key", true),
            ("google_crash_reporting_api_key", true),
            ("google", false),
            ("geminiApiKey", false),
            ("api_key_id", false),
            ("key", false),
            ("", false),
        ] {
            assert_eq!(is_plain(name.as_bytes()), expected, "{name}");
        }
    }

    #[test]
    fn a_signature_ends_with_its_address() {
        let rules = RuleSet::builtin();
        let sig = Random::new(23).text(
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            43,
        );
        for (before, over) in [
            (
                "https://a.blob.core.windows.net/c?sv=2018-11-09&sr=b&se=2025-08-15T21%3A58%3A27Z",
                true,
            ),
            ("SAS=sv=2022-11-02&ss=b&se=2024-01-01T00:00:00Z&sp=rl", true),
            (
                "SAS=sv=2022-11-02&ss=b&se=2031-01-01T00:00:00Z&sp=rl",
                false,
            ),
            ("SAS=sv=2022-11-02&ss=b&sp=rl", false),
            ("x = 'se=2024-01-01&x=1', 'sv=2022-11-02&ss=b&sp=rl", false),
        ] {
            let text = format!("{before}&sig={sig}%3D");
            let text = Text::decode(text.as_bytes());
            let detector = Detector::new(&rules);
            let found = detector.detect(&text);
            let told = found
                .iter()
                .all(|it| it.judgement.confidence == Confidence::Possible);
            assert_eq!((found.len(), told), (1, over), "{before}");
        }
    }

    #[test]
    fn keys_of_pages_are_told_by_what_stands_beside_them() {
        let rules = RuleSet::builtin();
        let key = format!(
            "{}{}",
            "AIza",
            Random::new(17).text(
                b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                35
            )
        );
        for (text, shown) in [
            (
                "const config = {\n  apiKey: '<>',\n  authDomain: 'shop-1.firebaseapp.com',\n};",
                true,
            ),
            (
                "firebase.initializeApp({ apiKey: \"<>\", projectId: \"shop-1\" })",
                true,
            ),
            ("{\"messagingSenderId\": \"81\", \"apiKey\": \"<>\"}", true),
            (
                "VITE_FIREBASE_API_KEY=<>\nVITE_FIREBASE_PROJECT_ID=shop-1\n",
                true,
            ),
            (
                "\"api_key\": [\n  {\n    \"current_key\": \"<>\"\n  }\n],\n\"mobilesdk_app_id\": \"1\"",
                true,
            ),
            (
                "var apiKey = '<>';\nvar databaseUrl = 'https://shop-1.firebaseio.com';",
                true,
            ),
            (
                "const ai = new GoogleGenerativeAI('<>');\nconst c = { authDomain: 'shop-1' };",
                false,
            ),
            (
                "VITE_GEMINI_API_KEY=<>\nVITE_FIREBASE_AUTH_DOMAIN=shop-1\n",
                false,
            ),
            (
                "const genai = new GoogleGenAI({ apiKey: '<>' });\n// firebase below\n",
                false,
            ),
            ("apiKey: '<>'\n\n\n\n\nauthDomain: 'shop-1'", false),
            ("apiKey: '<>'", false),
            ("GEMINI_API_KEY=<>", false),
        ] {
            let text = text.replace("<>", &key);
            let text = Text::decode(text.as_bytes());
            let detector = Detector::new(&rules);
            let found = detector.detect(&text);
            let [found] = &found[..] else {
                panic!("{} found", found.len());
            };
            let told = found.judgement.confidence == Confidence::Possible;
            assert_eq!(told, shown, "{}", found.judgement.why);
        }
    }
}
