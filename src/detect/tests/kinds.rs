//! Kinds of texts, each with some of its siblings: what must be found there, and what must not. The values
//! are drawn, so that no line holds a key.

use std::sync::LazyLock;

use crate::confidence::Confidence;
use crate::detect::Detector;
use crate::encoding::{
    BASE32, BASE64_URL, BECH32, encode_base58, encode_base64, encode_base64_padded,
};
use crate::filetype::FileType;
use crate::lab::{Random, sample};
use crate::rules::{Reach, RuleSet};
use crate::text::Text;

const HEX: &[u8] = b"0123456789abcdef";
const BASE36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::builtin);

/// The rules that find something in a text at some path, at the hook's threshold.
pub(super) fn found_at(path: &str, text: &str) -> Vec<String> {
    let text = Text::decode(text.as_bytes()).at(FileType::of_path(path.as_bytes()));
    Detector::new(&RULES)
        .detect(&text)
        .into_iter()
        .filter(|detection| detection.judgement.confidence > Confidence::Possible)
        .map(|detection| detection.candidate.rule.id.clone().into_owned())
        .collect()
}

/// Fills a text: `<k20>` is 20 letters and digits, `<h32>` 32 hex digits, `<b32>` 32 characters of base32, `<a6>` six
/// small letters and digits, `<q38>` 38 characters of Bech32, `<u>` a UUID, `<j>` a JSON web token, `<s>` 32 bytes in
/// base58. Other brackets stay.
pub(super) fn filled(text: &str, random: &mut Random) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('<') {
        out += before;
        let drawn = behind
            .split_once('>')
            .and_then(|(piece, behind)| Some((drawn(piece, random)?, behind)));
        rest = match drawn {
            Some((value, behind)) => {
                out += &value;
                behind
            }
            None => {
                out.push('<');
                behind
            }
        };
    }
    out + rest
}

/// What a piece of a text stands for, if it is one that is filled.
fn drawn(piece: &str, random: &mut Random) -> Option<String> {
    let (kind, len) = piece.split_at_checked(1)?;
    Some(match (kind, len.parse()) {
        ("k", Ok(len)) => random.token(len),
        ("h", Ok(len)) => random.text(HEX, len),
        ("b", Ok(len)) => random.text(BASE32, len),
        ("a", Ok(len)) => random.text(BASE36, len),
        ("q", Ok(len)) => random.text(BECH32, len),
        ("s", _) if len.is_empty() => {
            let bytes: Vec<u8> = (0..32).map(|_| 1 + random.below(255) as u8).collect();
            String::from_utf8(encode_base58(&bytes)).unwrap()
        }
        ("u", _) if len.is_empty() => [8, 4, 4, 4, 12].map(|len| random.text(HEX, len)).join("-"),
        ("j", _) if len.is_empty() => jwt(r#"{"sub":"me","exp":4102444800}"#, random),
        _ => return None,
    })
}

fn jwt(payload: &str, random: &mut Random) -> String {
    let part = |json: &str| String::from_utf8(encode_base64(json.as_bytes(), BASE64_URL)).unwrap();
    let header = part(r#"{"alg":"RS256","typ":"JWT"}"#);
    format!("{header}.{}.{}", part(payload), random.text(BASE64_URL, 86))
}

fn must_find(texts: &[&str]) {
    let mut random = Random::new(0x6b);
    for text in texts {
        for _ in 0..10 {
            let filled = filled(text, &mut random);
            assert!(!found_at("a", &filled).is_empty(), "{text}");
        }
    }
}

fn must_pass(texts: &[&str]) {
    let mut random = Random::new(0x6c);
    for text in texts {
        for _ in 0..10 {
            let filled = filled(text, &mut random);
            assert_eq!(found_at("a", &filled), [""; 0], "{text}");
        }
    }
}

#[test]
fn what_proves_itself_needs_no_name() {
    let rules = RuleSet::builtin();
    let mut random = Random::new(0xa1);
    let mut tried = 0;
    for (_, rule) in rules.alone() {
        for _ in 0..8 {
            let secret = String::from_utf8(sample(rule, &mut random).unwrap()).unwrap();
            for (before, behind) in [
                ("", "\n"),
                ("x = \"", "\"\n"),
                ("    open([]byte(\"", "\"))\n"),
                ("value: ", "\n"),
                ("[\"", "\", 1]\n"),
                ("\"line\\n", "\\n\"\n"),
                ("<v>", "</v>"),
                ("THING=", ""),
                ("- ", "\n"),
                ("let it: &str = `", "`;"),
            ] {
                let found = found_at("a", &format!("{before}{secret}{behind}"));
                assert_eq!(found, [&*rule.id], "{} behind {before}", rule.id);
                tried += 1;
            }
            // Another character, and the check fails: it is anything.
            if let Some(checksum) = rule.checksum {
                let mut wrong = secret.clone().into_bytes();
                let at = wrong.len() / 2;
                wrong[at] = if wrong[at] == b'A' { b'B' } else { b'A' };
                let wrong = String::from_utf8(wrong).unwrap();
                let holds = checksum.check(wrong.as_bytes());
                let found = found_at("a", &format!("thing {wrong}\n"));
                let proven = holds == crate::proof::Check::Valid;
                assert_eq!(!found.is_empty(), proven, "{}", rule.id);
            }
        }
    }
    assert!(tried >= 8 * 80);
}

#[test]
fn credentials_of_http_are_found_however_they_are_written() {
    must_find(&[
        "Authorization: Bearer <k16>",
        "    Authorization:\n    - Bearer <k40>\n",
        ".header(\"Authorization\", s\"Bearer <k40>\")",
        "'Authorization' => 'Token <h40>'",
        "Authorization: SSWS <k42>",
        "curl -u deploy:<k18> https://host.net/",
        "curl -sSu deploy:<k18> https://host.net/",
        "curl --user 'deploy:<k18>' https://host.net/",
        "curl --user deploy:'<k18>' https://host.net/",
        "curl https://host.net/ -X POST -u \":<k20>\"",
        "curl https://host.net/v1/charges -u <k32>:",
        "curl -X POST https://host.net \\\n  -F f=@x \\\n  -u deploy:<k18>\n",
        "[\"curl\", \"-s\", \"-u\", \"deploy:<k18>\"]",
        "curl --proxy-user=me:<k14> https://host.net",
    ]);
    must_pass(&[
        "Authorization: Bearer not-a-valid-encrypted-payload",
        "Authorization: Bearer the-token-that-was-revoked",
        "Authorization: Bearer <k14>...<k20>",
        "Authorization: Token <your token here>",
        "Authorization: ApiKey $API_KEY",
        "curl -u \"$USER:$PASSWORD\" https://host.net",
        "curl -u user:password https://host.net",
        "curl -u CoralReef:TidePool http://localhost:8080/x",
        "curl -s -u NightFury:SkrillWing http://127.0.0.1:9000/api",
        "curl -u admin:admin http://[::1]:80/",
        "curl https://host.net/a:b -o out",
    ]);
}

#[test]
fn a_login_that_opens_nothing_is_none() {
    must_pass(&[
        "postgresql://river-fan:river-fan@localhost:5432/river-fan",
        "mysql://orchard:orchard@127.0.0.1:3306/orchard",
        "amqp://meadow:meadow@queue:5672/",
        "https://x-access-token:branch%20value%2Fplus%2Bsigns@github.com/",
        "https://oauth2:some-words-here@gitlab.host.net/x.git",
        "https://oauth2:<k10>@gitlab.example.test/acme.git",
        "redis://worker:<k9>@cache.test:6379/0",
        "ftp://me:<k9>@files.invalid/",
        "http://[::1]:9003@other.net/sso",
        "https://[fe80::1]:8443@other.net/cb",
        "db_uri = 'mysql://flask:flask@{{ host_ip }}/flask'",
        "fmt.Sprintf(\"postgres://meadow:meadow@%s:%s/x?sslmode=disable\", host, port)",
        "f\"redis://orchard:orchard@{host}:{port}/0\"",
        "\"amqp://rabbit:carrot@${HOST}:5672/\"",
        "\"href\": \"http://&a:foo(b]c@d:2/\"",
    ]);
    must_find(&[
        "postgresql://river-fan:<k16>@localhost:5432/river-fan",
        "mysql://orchard:<k14>@127.0.0.1:3306/orchard",
        "https://oauth2:<k20>@gitlab.host.net/x.git",
        "https://x-access-token:<k40>@github.com/acme/app",
        "redis://worker:<k12>@cache.host.net:6379/0",
        "http://admin:<k18>@[2001:db8::1]:8443/",
        "postgres://meadow:<k16>@${HOST}:5432/x",
        "mysql://flask:<k14>@{{ host_ip }}/flask",
    ]);
}

#[test]
fn the_judge_of_a_token_has_the_last_word() {
    let mut random = Random::new(0x71);
    for payload in [
        r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#,
        r#"{"sub":"me","exp":1539595979}"#,
        r#"{"iss":"https://accounts.host.net","iat":1686659000,"exp":1686662600}"#,
        r#"{"iss":"supabase","role":"anon"}"#,
    ] {
        for line in [
            "Authorization: Bearer TOKEN",
            "\"value\": \"Bearer TOKEN\"",
            "const token = \"TOKEN\";",
            "![shot](https://host.net/x.png?jwt=TOKEN)",
        ] {
            let line = line.replace("TOKEN", &jwt(payload, &mut random));
            assert_eq!(found_at("a", &line), [""; 0], "{payload} in {line}");
        }
    }
    must_find(&[
        "Authorization: Bearer <j>",
        "const token = \"<j>\";",
        "https://host.net/x?jwt=<j>",
    ]);
    must_pass(&[
        "\"Authorization\": \"Bearer eyJhbGciOiJI...<k20>\"",
        "headers: { authorization: \"Bearer eyJhbGciOiJIUzI1NiIs.payload.signature\" }",
        "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.invalid.signature",
        "Authorization: 'Bearer eyJ0eXAiOiJKV1Qi.fake-payload.fake-signature'",
    ]);
}

#[test]
fn a_uuid_that_is_called_a_token_opens_something() {
    // One in sixteen says that it is made of a time.
    let mut random = Random::new(0x70);
    for text in [
        "token = '<u>'",
        "\"identitytoken\": \"<u>\"",
        "\"tokenValue\": \"<u>\"",
        "TOKEN=<u>",
    ] {
        let found = (0..40).filter(|_| !found_at("a", &filled(text, &mut random)).is_empty());
        assert!(found.count() > 30, "{text}");
    }
    must_pass(&[
        "tokenId = '<u>'",
        "\"LockToken\": \"<u>\"",
        "--lifecycle-action-token <u>",
        "auth = '<u>'",
        "acme_key = '<u>'",
        "nextPageToken = '<u>'",
        "client_request_token = '<u>'",
        "idempotency_token = '<u>'",
    ]);
}

#[test]
fn an_encrypted_token_opens_what_it_is_for() {
    let header = encode_base64(br#"{"alg":"dir","enc":"A256GCM","kid":"1"}"#, BASE64_URL);
    let header = String::from_utf8(header).unwrap();
    must_find(&[&format!("\"token\": \"{header}..<k16>.<k200>.<k22>\"")]);
    must_pass(&[&format!("\"token\": \"{header}\"")]);
}

#[test]
fn what_is_for_everybody_by_its_place_passes() {
    must_pass(&[
        "[Join](http://qm.qq.com/cgi-bin/qm/qr?_wv=1027&k=<k32>&authKey=<k60>&group_code=1)",
        "![a](https://img.host.net/<h24>.png?e=1573635804&token=<k40>:<k27>=)",
        "https://b.host.net/k?Expires=1700000000&OSSAccessKeyId=<k16>&Signature=<k27>%3D",
        "algolia: { indexName: 'acme', appId: 'X2SQ241UCV', apiKey: '<h32>' }",
        "docsearch({ apiKey: '<h32>', indexName: 'acme', inputSelector: '#q' })",
        "<input type=\"hidden\" name=\"authenticity_token\" value=\"<k86>\">",
        "<input name=\"_token\" type=\"hidden\" value=\"<k40>\">",
        "<Token>amzn1.account.<k28></Token>",
        "See [Zoom](https://a.platform.org/meeting/92843470602?password=<u>)",
        "https://us02web.meet.us/j/89012345678?pwd=<k32>",
        "const applicationServerKey = 'B<k86>';",
        "//nexus.internal/repo/:_auth=Zm9vOmJhcg==",
        "s = \"whsec_anVzdCBhIHRlc3Qgc2lnbmluZyB2YWx1ZSBmb3Igb3VyIGhvb2tz\"",
    ]);
    must_find(&[
        "url = \"https://api.host.net/cb?authKey=<k44>\"",
        "url = \"https://api.host.net/v1/list?token=<k40>\"",
        "client('1RY2W33S5A', { adminApiKey: '<h32>', indexName: 'x', appId: 'y' })",
        "<accessToken><k28></accessToken>",
        "https://api.host.net/users/92843470602?password=<k32>",
        "s = \"whsec_<k32>\"",
    ]);
}

#[test]
fn what_ends_or_opens_nothing_alone_is_only_possible_in_samples() {
    let mut random = Random::new(0x72);
    let id = format!("AKIA{}", random.text(BASE32, 16));
    let secret = random.token(40);
    let pair = format!("const id = \"{id}\"\nconst secret = \"{secret}\"\n");
    assert_eq!(found_at("pkg/scan_test.go", &id), [""; 0]);
    assert_eq!(
        found_at("pkg/scan_test.go", &pair),
        ["aws-secret-access-key"]
    );
    assert_eq!(found_at("pkg/scan.go", &id), ["aws-access-key-id"]);
    let sentence = format!("Ask for access with `{id}`.");
    assert_eq!(found_at("docs/access.md", &sentence), ["aws-access-key-id"]);
    let signed = format!("<https://x.host.net/a?X-Amz-Credential={id}/20240607/x/s3/aws4_request>");
    assert_eq!(found_at("docs/access.md", &signed), [""; 0]);
    let join = filled(
        "kubeadm join 10.2.0.4:6443 --token <a6>.<a16> --discovery-token-ca-cert-hash sha256:<h64>",
        &mut random,
    );
    assert_eq!(found_at("docs/install.md", &join), [""; 0]);
    assert_eq!(
        found_at("deploy/join.sh", &join),
        ["kubernetes-bootstrap-token"]
    );
}

#[test]
fn web_keys_and_one_time_passwords_are_found_in_code() {
    must_find(&[
        "const jwk = {\n  kty: 'EC',\n  crv: 'P-256',\n  x: '<k43>',\n  y: '<k43>',\n  d: '<k43>',\n}",
        "importJWK({ k: '<k43>', kty: 'oct' })",
        "{\"d\": \"<k43>\", \"kty\": \"OKP\", \"crv\": \"Ed25519\", \"x\": \"<k43>\"}",
        "keys:\n  - kty: oct\n    alg: HS256\n    k: <k43>\n",
        "['kty' => 'RSA', 'n' => '<k300>', 'e' => 'AQAB', 'p' => '<k171>']",
        "pyotp.TOTP(\"<b32>\").now()",
        "ROTP::TOTP.new('<b16>', issuer: 'x')",
        "authenticator.generate(\"<b16>\")",
        "oathtool --totp -b <b32>",
    ]);
    must_pass(&[
        "const jwk = { kty: 'EC', crv: 'P-256', x: '<k43>', y: '<k43>' }",
        "{ kty: 'oct', k: secret }",
        "pyotp.TOTP(secret).now()",
        "oathtool --totp -b \"$SECRET\"",
        "totp.verify(\"123456\")",
    ]);
}

#[test]
fn formats_are_found_where_users_have_them() {
    must_find(&[
        "https://acme.webhook.office.com/webhookb2/<u>@<u>/IncomingWebhook/<h32>/<u>",
        "URL=https://contoso.webhook.office.com/webhookb2/<u>@<u>/IncomingWebhook/<h32>/<u>/V2x",
        "url: \"https://outlook.office.com/webhook/<u>@<u>/IncomingWebhook/<h32>/<u>\"",
        "ASANA_TOKEN = \"0/<h32>\"",
        "call(\"auth.login_with_api_key\", \"7-<k64>\")",
        "https://thingsboard.cloud/api/v1/<k20>/telemetry",
        "sonar.login=<h40>",
        "DATA_GOV_API_KEY=<k40>",
        "owm = OWM('<h32>')",
        "curl -H \"Mailsac-Key: k_<k40>\" x",
        "Deepgram('<h40>')",
        "key = \"apikey_<h64>\"",
        "from twilio.rest import Client\nclient = Client('AC<h32>', '<h32>')",
        "proceed to installation:\n\n<h32>\n",
        "sepolia: { accounts: ['0x<h64>'] }",
        "new ethers.Wallet('0x<h64>', provider)",
        "https://api.openweathermap.org/data/2.5/weather?q=Oslo&appid=<h32>",
        "{ \"AccountKey\", \"<k86>==\" }",
        "mariadb -u root \\\n  -p<k20> shop\n",
        "ldapsearch -x -D cn=admin \\\n  -w <k20> -b dc=org\n",
    ]);
    let mut random = Random::new(0x73);
    let token = format!("FwoGZXIvYXdzEJr//////////wEaD{}", random.token(200));
    assert_eq!(
        found_at("a.json", &format!("\"SessionToken\": \"{token}\"")),
        ["aws-session-token"]
    );
    let basic = encode_base64_padded(b"jos\xe9:kQ8vTz2mWp");
    let basic = format!("Authorization: Basic {}", String::from_utf8(basic).unwrap());
    assert_eq!(found_at("a", &basic), ["http-auth-basic"]);
    must_pass(&[
        "const txHash = '0x<h64>';",
        "signature: CAISz<k200>",
        "thing = ExaTable(\"<u>\")",
    ]);
}

#[test]
fn addresses_of_chains_pass() {
    must_pass(&[
        "const tokenMint = '<s>';",
        "{\"token_address\": \"<s>\", \"tokenVault\": \"<s>\"}",
        "pub static TOKEN_POOL: Pubkey = pubkey!(\"<s>\");",
        "swap({ inputToken: '<s>', outputToken: '<s>' }) // solana",
        "tokens:\n  - <s> # mint\n",
        "const stakingToken = 'osmo1<q38>';",
        "rewardToken: \"addr_test1<q98>\"",
        "\"token\": \"bc1q<q38>\"",
        "tokenContract = '0x<h40>'",
    ]);
    must_find(&[
        "api_token = '<k44>'",
        "vault_token: <k24>",
        "const walletToken = '<k32>';",
        "SOLANA_SECRET_KEY=\"<k88>\"",
    ]);
}

#[test]
fn keys_are_told_by_the_service_that_they_are_for() {
    must_find(&[
        "from exa_py import Exa\nexa = Exa(\"<u>\")",
        "import Together from \"together-ai\";\nconst t = new Together(\"<h64>\");",
        "from deepgram import DeepgramClient\ndg = DeepgramClient(\"<h40>\")",
        "keys:\n  deepgram: <h40>\n",
        "api_keys:\n  openai: x\n  deepgram: \"<h40>\"\n",
        "const API_KEYS = { deepgram: '<h40>', other: 1 }",
        "{\n  \"apiKeys\": {\n    \"deepgram\": \"<h40>\"\n  }\n}",
        "KEYS = {\"together\": \"<h64>\"}",
        "tokens:\n  together: \"<h64>\"\n",
        "keys = {'suno': '<h64>'}",
    ]);
    must_pass(&[
        "dependencies:\n  deepgram: <h40>\n",
        "revisions = {\"together\": \"<h40>\"}",
        "together: <h64>",
        "import x from \"together-ai\";\nnew Map(\"<h64>\")",
        "integrations/slack/access_one: <h32>\nintegrations/slack/access_two: <h32>\n\
         integrations/slack/access_three: <h32>\n",
    ]);
}

#[test]
fn names_and_words_that_only_look_like_secrets_pass() {
    must_pass(&[
        "secretKey := \"azkv-cert-<h5>\"",
        "secretKey := \"acme-cert-new-sdk\"",
        "secretKey := \"acme-<region>-x7Kq9\"",
        "versions = {\"set_key\": \"<k32>\"}",
        "pattern = 'x=(?P<secret>[^\"&]{4,128})x'",
        "re = /token=(?<token>[^&;]{20,64})/",
        "password = 'Str0ng!P@ss#123'",
        "password = \"Str0ng!K3y@#789\"",
        "const password = \"TwoFa-User1!\";",
        "'db_password' => 'V3ryStr0ng!Pass#1'",
        "log(\"using credential: \"+a);rh(this);(b=40==a.length)||(a=qd(a).Oe,b=\"x\");",
    ]);
    must_find(&[
        "secretKey := \"<k16>\"",
        "client.set_key(\"<k32>\")",
        "ACME_KEY=<k32>",
        "password = \"<k9>!<k7>#\"",
    ]);
}

/// In binary data the byte before a value is its length or the end of the value before it.
#[test]
fn keys_are_found_beside_the_bytes_of_a_format() {
    let detector = Detector::new(&RULES);
    let mut random = Random::new(0xb1);
    let (mut tried, mut missed) = (0, Vec::new());
    let distinctive = RULES.iter().filter(|rule| {
        let is_sure = rule.distinctive && !rule.public && rule.confidence > Confidence::Possible;
        rule.reach == Reach::Anchored && is_sure && rule.min_len >= 24
    });
    for rule in distinctive {
        let key = sample(rule, &mut random).expect("each rule accepts its own samples");
        let noise: Vec<u8> = (0..64).flat_map(|_| [0, random.below(32) as u8]).collect();
        let Ok(len) = u8::try_from(key.len()) else {
            continue;
        };
        for (format, before, behind) in [
            (
                "pickle",
                vec![0x8c, 3, b'a', b'p', b'i', 0x94, 0x8c, len],
                &b"\x94s."[..],
            ),
            ("pyc", vec![0xda, 1, b'K', 0xa9, 2, b'z', len], b"N)\x02"),
            ("SQLite", b"\x03\x23openai_api_key".to_vec(), b"\x0d\0"),
        ] {
            let blob = [&noise[..], &before, &key, behind, &noise].concat();
            let text = Text::decode(&blob);
            let found = detector.detect(&text);
            let is_found = found.iter().any(|it| it.candidate.secret() == key);
            tried += 1;
            if !is_found {
                missed.push(format!("{} in {format}", rule.id));
            }
        }
    }
    assert_eq!(missed, [""; 0]);
    assert!(tried > 1_000, "{tried}");
}

/// A message of protobuf is short, and has little in it that no text has.
#[test]
fn keys_are_found_behind_their_lengths_in_what_looks_like_text() {
    let detector = Detector::new(&RULES);
    let mut random = Random::new(0xb2);
    let (mut tried, mut missed, mut found_cut) = (0, Vec::new(), Vec::new());
    let distinctive = RULES.iter().filter(|rule| {
        let is_sure = rule.distinctive && !rule.public && rule.confidence > Confidence::Possible;
        rule.reach == Reach::Anchored && is_sure && rule.min_len >= 24
    });
    for rule in distinctive {
        let key = sample(rule, &mut random).expect("each rule accepts its own samples");
        let Ok(len) = u8::try_from(key.len()) else {
            continue;
        };
        let field = |tag: u8| vec![tag, len];
        let name = b"\x0a\x04name\x10\x01 and some words that any message may have".to_vec();
        for (format, before, behind) in [
            ("field 1", field(0x0a), &b"\x12\x04name"[..]),
            ("field 1 alone", field(0x0a), b""),
            ("field 2", field(0x12), b"\x1a\x04name"),
            (
                "field 2 behind another",
                [name.clone(), field(0x12)].concat(),
                b"\x18\x01",
            ),
            ("field 3", [name.clone(), field(0x1a)].concat(), b""),
            (
                "field 4",
                [name.clone(), field(0x22)].concat(),
                b"*\x04name",
            ),
            ("pickle 0", b"(dp0\nVapi_key\np1\nV".to_vec(), b"\np2\ns."),
            ("pickle 0 alone", b"V".to_vec(), b"\np0\n."),
        ] {
            let blob = [&*before, &key, behind].concat();
            let text = Text::decode(&blob);
            let is_found = |text: &Text<'_>| {
                let found = detector.detect(text);
                found.iter().any(|it| it.candidate.secret() == key)
            };
            tried += 1;
            if !is_found(&text) {
                missed.push(format!("{} in {format}", rule.id));
            }
            // A letter that is no length is a part of another word.
            let starts = rule
                .prefix
                .starts_with(|first: char| first.is_ascii_alphanumeric());
            if !starts || key.len() == usize::from(b'w') {
                continue;
            }
            let mut other = before.clone();
            *other.last_mut().expect("it ends in a length") = b'w';
            let other = [&*other, &key, b"\n"].concat();
            if is_found(&Text::decode(&other)) {
                found_cut.push(format!("{} in {format}", rule.id));
            }
        }
    }
    assert_eq!(missed, [""; 0]);
    assert_eq!(found_cut, [""; 0]);
    assert!(tried > 1_000, "{tried}");
}

#[test]
fn a_name_speaks_for_what_no_service_gave_out() {
    // Tokens of GitHub and npm end with a sum, which a drawn text has by chance alone.
    must_find(&[
        "GITHUB_TOKEN = \"ghp_<k36>\"",
        "api_key: npm_<k36>",
        "\"client_secret\": \"ghp_<k36>\"",
    ]);
    must_pass(&[
        "value = \"ghp_<k36>\"",
        "see npm_<k36> there",
        "the commit ghp_<k36> of last year",
    ]);
    let mut random = Random::new(0x74);
    let made_up = filled("GITHUB_TOKEN = \"ghp_<k36>\"", &mut random);
    assert_eq!(found_at("tests/test_login.py", &made_up), [""; 0]);
    assert_eq!(found_at("README.md", &made_up), [""; 0]);
}

#[test]
fn a_word_for_what_everybody_reads_takes_no_private_key_back() {
    must_find(&[
        "DKIM_PRIVATE_KEY=<k44>",
        "MAIL_DKIM_SECRET_KEY=<k40>",
        "dkim_password = \"<k20>\"",
        "restore_key = \"<k36>\"",
        "secretKey.String(\"<k36>\")",
    ]);
}

#[test]
fn a_login_that_a_test_makes_up_is_only_possible() {
    let mut random = Random::new(0x73);
    for url in [
        "redis://:bosco@vandelay.net:123//1",
        "postgres://app:apples7@db.acme.io/app",
        "https://me:pas:word@acme.io/data",
        "curl -u app:lemons42 https://acme.io/",
    ] {
        assert_eq!(found_at("tests/test_redis.py", url), [""; 0], "{url}");
        assert_eq!(found_at("docs/redis.md", url), [""; 0], "{url}");
    }
    for url in [
        "redis://:<k16>@vandelay.net:123//1",
        "postgres://app:<k11>@db.acme.io/app",
        "postgres://app:<k20>@db.acme.io/app",
    ] {
        let url = filled(url, &mut random);
        assert_eq!(found_at("tests/test_redis.py", &url).len(), 1, "{url}");
    }
    let typed = "postgres://app:apples7@db.acme.io/app";
    assert_eq!(found_at("src/settings.py", typed).len(), 1);
}

#[test]
fn tokens_of_mail_are_published() {
    must_pass(&["{\"DkimTokens\": [\"<a40>\", \"<a40>\"]}"]);
}

#[test]
fn each_login_of_a_line_is_found() {
    let mut random = Random::new(0x75);
    for text in [
        "curl -u app:<k8> https://a.net && curl -u me:<k8> https://b.net",
        "curl -u app:<k8> https://a.net | foo -u other:<k8>",
        "curl -u app:<k8> \\\n  https://a.net && \\\n  curl -u me:<k8> https://b.net",
        "- curl: -u app:<k8> https://a.net",
        "-- the password of the service\nCREATE USER svc IDENTIFIED\n  BY '<k11>';",
        "-- password\nCREATE USER svc IDENTIFIED\tBY '<k11>';",
    ] {
        for _ in 0..5 {
            let text = filled(text, &mut random);
            assert!(!found_at("deploy.sh", &text).is_empty(), "{text}");
        }
    }
}
