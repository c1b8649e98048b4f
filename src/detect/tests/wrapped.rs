//! Secrets that are wrapped: found once, by their own rule, where they stand.

use std::ops::Range;

use crate::confidence::Confidence;
use crate::detect::{Detection, Detector};
use crate::encoding::{BASE64, BASE64_URL, encode_base64, encode_base64_padded};
use crate::lab::{Random, name_of, sample};
use crate::rules::{Reach, Rule, RuleSet};
use crate::text::Text;
use crate::unwrap::Wrapping;

/// A line with the wrapped secret in it, and where it stands there.
type Wrapped = (Vec<u8>, Range<usize>);

/// A way to wrap a secret, and what keyward calls it.
struct Way {
    name: &'static str,
    wrapping: Wrapping,
    wrap: fn(name: &str, secret: &[u8], random: &mut Random) -> Wrapped,
}

fn way(
    name: &'static str,
    wrapping: Wrapping,
    wrap: fn(&str, &[u8], &mut Random) -> Wrapped,
) -> Way {
    Way {
        name,
        wrapping,
        wrap,
    }
}

/// The secret between two texts.
fn between(before: &str, inner: &[u8], after: &str) -> Wrapped {
    let line = [before.as_bytes(), inner, after.as_bytes()].concat();
    (line, before.len()..before.len() + inner.len())
}

fn hex_escapes(secret: &[u8], start: &str, digits: usize) -> Vec<u8> {
    let escape = |byte: &u8| format!("{start}{byte:0digits$x}").into_bytes();
    secret.iter().flat_map(escape).collect()
}

/// Some of the bytes written by their numbers.
fn some_escaped(secret: &[u8], random: &mut Random, escape: impl Fn(u8) -> String) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, &byte) in secret.iter().enumerate() {
        if random.below(6) == 0 || at == 1 {
            out.extend(escape(byte).bytes());
        } else {
            out.push(byte);
        }
    }
    out
}

fn in_pieces(secret: &[u8], joint: &str, random: &mut Random) -> Vec<u8> {
    let first = 1 + random.below(secret.len() / 2);
    let second = first + 1 + random.below(secret.len() - first - 1);
    [&secret[..first], &secret[first..second], &secret[second..]].join(joint.as_bytes())
}

fn ways() -> Vec<Way> {
    use Wrapping::{Base64, Base64Twice, Escapes, Percent, Pieces};
    vec![
        way("base64 in a manifest", Base64, |name, secret, _| {
            let before = format!("apiVersion: v1\nkind: Secret\ndata:\n  {name}: ");
            between(&before, &encode_base64_padded(secret), "\n")
        }),
        way("base64 without padding", Base64, |name, secret, _| {
            let before = format!("{name} = b64decode(\"");
            between(&before, &encode_base64(secret, BASE64), "\")\n")
        }),
        way("base64 for URLs", Base64, |name, secret, _| {
            let before = format!("{name} = \"");
            between(&before, &encode_base64(secret, BASE64_URL), "\";\n")
        }),
        way(
            "a line of an encoded file",
            Base64,
            |name, secret, random| {
                let file = format!("# settings of {}\n{name}=", random.below(1000));
                let text = [file.as_bytes(), secret, b"\nDEBUG=1\n"].concat();
                let (line, all) = between("data: ", &encode_base64_padded(&text), "\n");
                let start = all.start + file.len() * 4 / 3;
                let end = all.start + ((file.len() + secret.len()) * 8).div_ceil(6);
                (line, start..end)
            },
        ),
        way("broken lines of base64", Base64, |name, secret, _| {
            let file = format!("# {}\n{name}=", "the settings of a service ".repeat(4));
            let text = [file.as_bytes(), secret, b"\nDEBUG=1\n"].concat();
            let lines: Vec<Vec<u8>> = encode_base64_padded(&text)
                .chunks(76)
                .map(<[u8]>::to_vec)
                .collect();
            let place = |char: usize| 8 + char + char / 76 * 5;
            let start = place(file.len() * 4 / 3);
            let end = place(((file.len() + secret.len()) * 8).div_ceil(6) - 1) + 1;
            let (line, _) = between("b: |-\n  ", &lines.join(&b"\n    "[..]), "\n");
            (line, start..end)
        }),
        way("a URL of data", Base64, |name, secret, _| {
            let text = [name.as_bytes(), b"=", secret].concat();
            let (line, all) = between(
                "href=\"data:text/plain;base64,",
                &encode_base64_padded(&text),
                "\"\n",
            );
            let start = all.start + (name.len() + 1) * 4 / 3;
            (line, start..all.end)
        }),
        way("all percent-encoded", Percent, |name, secret, _| {
            between(&format!("?{name}="), &hex_escapes(secret, "%", 2), "&x=1\n")
        }),
        way(
            "in part percent-encoded",
            Percent,
            |name, secret, random| {
                let inner = some_escaped(secret, random, |byte| format!("%{byte:02X}"));
                between(&format!("{name}="), &inner, "\n")
            },
        ),
        way("hex escapes", Escapes, |name, secret, _| {
            between(
                &format!("{name} = \""),
                &hex_escapes(secret, "\\x", 2),
                "\"\n",
            )
        }),
        way("octal escapes", Escapes, |name, secret, _| {
            let inner: String = secret.iter().map(|byte| format!("\\{byte:03o}")).collect();
            between(&format!("{name} = \""), inner.as_bytes(), "\"\n")
        }),
        way("Unicode escapes", Escapes, |name, secret, random| {
            let inner = some_escaped(secret, random, |byte| format!("\\u{byte:04X}"));
            between(&format!("\"{name}\": \""), &inner, "\"\n")
        }),
        way(
            "Unicode escapes in braces",
            Escapes,
            |name, secret, random| {
                let inner = some_escaped(secret, random, |byte| format!("\\u{{{byte:x}}}"));
                between(&format!("let {name} = \""), &inner, "\"\n")
            },
        ),
        way("added literals", Pieces, |name, secret, random| {
            let inner = in_pieces(secret, "\" + \"", random);
            between(&format!("{name} = \""), &inner, "\";\n")
        }),
        way(
            "added literals without a space",
            Pieces,
            |name, secret, random| {
                let inner = in_pieces(secret, "'+'", random);
                between(&format!("{name}='"), &inner, "';\n")
            },
        ),
        way("added literals on lines", Pieces, |name, secret, random| {
            let inner = in_pieces(secret, "\" +\n        \"", random);
            between(&format!("String {name} = \""), &inner, "\";\n")
        }),
        way(
            "operators at the starts of lines",
            Pieces,
            |name, secret, random| {
                let inner = in_pieces(secret, "\"\r\n\t+ \"", random);
                between(&format!("String {name} = \""), &inner, "\";\r\n")
            },
        ),
        way("literals side by side", Pieces, |name, secret, random| {
            let inner = in_pieces(secret, "'\n    '", random);
            between(&format!("{name} = ('"), &inner, "')\n")
        }),
        way(
            "literals side by side, one a byte string",
            Pieces,
            |name, secret, random| {
                let inner = in_pieces(secret, "\" \\\n  b\"", random);
                between(&format!("{name} = b\""), &inner, "\"\n")
            },
        ),
        way("the dots of PHP", Pieces, |name, secret, random| {
            let inner = in_pieces(secret, "' . '", random);
            between(&format!("${name} = '"), &inner, "';\n")
        }),
        way("template literals", Pieces, |name, secret, random| {
            let inner = in_pieces(secret, "` + `", random);
            between(&format!("const {name} = `"), &inner, "`;\n")
        }),
        way("a continued line", Pieces, |name, secret, random| {
            let inner = in_pieces(secret, "\\\n", random);
            between(&format!("export {name}=\""), &inner, "\"\n")
        }),
        way(
            "a continued line with an indent",
            Pieces,
            |name, secret, random| {
                let inner = in_pieces(secret, "\\\n    ", random);
                between(&format!("{name}="), &inner, "\n")
            },
        ),
        way(
            "base64 of a command in UTF-16",
            Base64,
            |name, secret, _| {
                let file = format!("$env:{name}=\"");
                let text = [file.as_bytes(), secret, b"\"; ./run"].concat();
                let wide: Vec<u8> = text.iter().flat_map(|&byte| [byte, 0]).collect();
                let (line, all) = between("powershell -Enc ", &encode_base64_padded(&wide), "\n");
                let start = all.start + file.len() * 2 * 4 / 3;
                let last = (file.len() + secret.len()) * 2 - 1;
                (line, start..all.start + (last * 8).div_ceil(6))
            },
        ),
        way(
            "base64 of UTF-16 behind its mark",
            Base64,
            |name, secret, _| {
                let file = format!("{name}: ");
                let text = [file.as_bytes(), secret, b"\r\nnext: 1\r\n"].concat();
                let wide: Vec<u8> = text.iter().flat_map(|&byte| [0, byte]).collect();
                let wide = [b"\xfe\xff", &wide[..]].concat();
                let (line, all) = between("blob: '", &encode_base64_padded(&wide), "'\n");
                let start = all.start + (2 + file.len() * 2 + 1) * 4 / 3;
                let last = 2 + (file.len() + secret.len()) * 2;
                (line, start..all.start + (last * 8).div_ceil(6))
            },
        ),
        way("base64 twice", Base64Twice, |name, secret, _| {
            let file = format!("{{\"{name}\":\"");
            let text = [file.as_bytes(), secret, b"\",\"a\":\"some more text\"}"].concat();
            let once = encode_base64_padded(&text);
            let (line, all) = between("x: ", &encode_base64_padded(&once), "\n");
            let chars = |span: Range<usize>| span.start * 4 / 3..(span.end * 8).div_ceil(6);
            let span = chars(chars(file.len()..file.len() + secret.len()));
            (line, all.start + span.start..all.start + span.end)
        }),
    ]
}

fn found<'a>(detector: &'a Detector<'_>, text: &'a Text<'_>) -> Vec<Detection<'a>> {
    let mut found = detector.detect(text);
    found.retain(|detection| detection.judgement.confidence > Confidence::Possible);
    found
}

#[test]
fn a_wrapped_secret_is_found_once_where_it_stands() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let mut random = Random::new(0x3aa);
    let drawn: Vec<&Rule> = rules
        .iter()
        .filter(|rule| rule.reach != Reach::Around && !rule.public && rule.min_len >= 24)
        .filter(|rule| !rule.generic && rule.confidence > Confidence::Possible)
        .collect();
    let mut wrong = Vec::new();
    let mut tried = 0;
    for way in ways() {
        for _ in 0..60 {
            let rule = drawn[random.below(drawn.len())];
            let secret = sample(rule, &mut random).expect("each rule accepts its own samples");
            let (plain, _) = between(&format!("{} = \"", name_of(rule)), &secret, "\";\n");
            let plain = Text::decode(&plain);
            // What is only possible where it stands openly is so where it is wrapped.
            if !matches!(found(&detector, &plain).as_slice(), [one] if one.candidate.secret() == secret)
            {
                continue;
            }
            let (line, span) = (way.wrap)(&name_of(rule), &secret, &mut random);
            let text = Text::decode(&line);
            let found = found(&detector, &text);
            let is_right = matches!(found.as_slice(), [one]
            if one.candidate.rule.id == rule.id
                && one.candidate.span == span
                && match one.candidate.wrapping {
                    Some(wrapping) => {
                        wrapping == way.wrapping && one.candidate.secret() == secret
                    }
                    // The base64 of base64 has its format, too.
                    None => way.wrapping == Wrapping::Base64 && rule.literal_len == 0,
                });
            tried += 1;
            if !is_right {
                let ids: Vec<_> = found
                    .iter()
                    .map(|d| {
                        (
                            &*d.candidate.rule.id,
                            d.candidate.span.clone(),
                            d.candidate.wrapping,
                        )
                    })
                    .collect();
                wrong.push(format!("{}: {} at {span:?}: {ids:?}", way.name, rule.id));
            }
        }
    }
    assert!(tried > 1_000);
    assert!(
        wrong.is_empty(),
        "{} of {tried}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn credentials_in_base64_within_base64_are_found() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let pair = encode_base64_padded(b"deploy:kQ8vTz2mWpR4nLxYc");
    let pair = String::from_utf8_lossy(&pair);
    for (name, file) in [
        (
            ".dockerconfigjson",
            format!("{{\"auths\":{{\"registry.acme.dev\":{{\"auth\":\"{pair}\"}}}}}}"),
        ),
        (
            "request",
            format!("GET /v1/items HTTP/1.1\nAuthorization: Basic {pair}\nAccept: */*\n"),
        ),
    ] {
        let (line, span) = between(
            &format!("kind: Secret\ndata:\n  {name}: "),
            &encode_base64_padded(file.as_bytes()),
            "\n",
        );
        let text = Text::decode(&line);
        let found = found(&detector, &text);
        assert_eq!(found.len(), 1, "{name}");
        let candidate = &found[0].candidate;
        assert_eq!(candidate.secret(), pair.as_bytes(), "{name}");
        assert!(span.start <= candidate.span.start && candidate.span.end <= span.end);
        assert!(found[0].why().to_string().starts_with("in base64; "));
    }
}

#[test]
fn a_private_key_in_base64_is_one_finding() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let mut random = Random::new(0xb64);
    for id in [
        "private-key-rsa",
        "private-key-openssh",
        "private-key-base64",
        "jwt-token-base64",
    ] {
        let rule = rules.find(id).unwrap();
        for _ in 0..20 {
            let key = sample(rule, &mut random).expect("each rule accepts its own samples");
            let wrapped = match rule.reach {
                Reach::Around => encode_base64_padded(&key),
                Reach::Anchored | Reach::Near | Reach::Named => key,
            };
            let (line, _) = between("kind: Secret\ndata:\n  tls.key: ", &wrapped, "\n");
            let text = Text::decode(&line);
            assert_eq!(found(&detector, &text).len(), 1, "{id}");
        }
    }
}

#[test]
fn a_placeholder_stays_one_where_it_is_wrapped() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let run = format!("{}{}", "gh", "p_") + &"x".repeat(36);
    for line in [
        format!(
            "token: {}",
            String::from_utf8_lossy(&encode_base64_padded(run.as_bytes()))
        ),
        format!("token = \"{}\" + \"{}\"", &run[..9], &run[9..]),
        format!("token = \"\\x67{}\"", &run[1..]),
        format!("?token=%67{}", &run[1..]),
        format!("token = [\"{}\", \"{}\"]", &run[..9], &run[9..]),
    ] {
        assert!(detector.detect(&Text::decode(line.as_bytes())).is_empty());
    }
}

#[test]
fn what_is_unwrapped_does_not_run_together() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let rule = rules.find("private-key-rsa").unwrap();
    let mut random = Random::new(0x9a9);
    for _ in 0..20 {
        let mut lines = Vec::new();
        for _ in 0..40 {
            let key = sample(rule, &mut random).expect("each rule accepts its own samples");
            lines.extend(between("export KEY='", &key, "'\n\n\n\n\n\n\n\n\n\n\n\n").0);
        }
        let text = Text::decode(&lines);
        assert_eq!(found(&detector, &text).len(), 40);
    }
}
