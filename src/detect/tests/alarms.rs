//! Kinds of false alarms from the histories of real repositories, each beside what must still be found.

use super::kinds::{filled, found_at};
use crate::detect::Detector;
use crate::encoding::{BASE64, encode_base64, encode_base64_padded};
use crate::lab::Random;
use crate::rules::RuleSet;
use crate::text::Text;

/// Holds what each text at its path gives to what is expected of it: a finding at the hook's threshold, or none.
pub(super) fn hold(cases: &[(&str, &str, bool)]) {
    let mut random = Random::new(0xa1a);
    for &(path, text, expected) in cases {
        for _ in 0..5 {
            let found = found_at(path, &filled(text, &mut random));
            assert_eq!(!found.is_empty(), expected, "{path}: {text}: {found:?}");
        }
    }
}

#[test]
fn recordings_hand_out_ids_of_sessions() {
    hold(&[
        (
            "tests/cassettes/a.yaml",
            "      set-cookie: JSESSIONID=<h32>; Path=/; Secure",
            false,
        ),
        (
            "spec/fixtures/vcr/b.yml",
            "    - Set-Cookie: PHPSESSID=<h32>; path=/",
            false,
        ),
        (
            "test/rec/c.json",
            "\"Set-Cookie\": \"theme=a; sessionid=<u>; HttpOnly\"",
            false,
        ),
        (
            "tests/d.yaml",
            "      cookie: connect.sid=s%3A<k32>.<k43>",
            true,
        ),
        (
            "tests/d.yaml",
            "      set-cookie: auth_session=<k40>; Path=/",
            true,
        ),
        (
            "src/proxy.conf",
            "set-cookie: JSESSIONID=<h32>; Path=/",
            true,
        ),
    ]);
}

#[test]
fn a_word_that_makes_public_is_heard_behind_another_one() {
    hold(&[
        ("A.java", "client.setPublicKey(\"<k43>\");", false),
        ("A.java", "client.setCsrfToken(\"<k32>\");", false),
        ("A.java", "request.setNextPageToken(\"<k40>\");", false),
        ("a.rb", "config.public_key = '<k43>'", false),
        ("sdkconfig", "CONFIG_CSRF_TOKEN=\"<k32>\"", false),
        ("a.sh", "cmake -DPUBLIC_KEY=<k43> ..", false),
        ("a.sh", "cmake -DAPI_KEY=<k43> ..", true),
        ("A.java", "client.setPrivateKey(\"<k43>\");", true),
        ("a.rb", "config.access_token = '<k43>'", true),
    ]);
}

#[test]
fn in_a_text_the_word_before_a_name_says_what_it_is() {
    hold(&[
        ("a.md", "- **Csrf Token**: `<k32>`", false),
        ("a.go", "// the public key: <k43>", false),
        ("a.go", "log.Print(\"cache key: <k32>\")", false),
        ("a.md", "The public key is `<k43>`.", false),
        ("a.feature", "Given the csrf token is \"<k32>\"", false),
        ("a.log", "INFO using api key: \"<k40>\"", true),
        ("a.md", "- **API Key**: `<k32>`", true),
        ("a.md", "* Access key: <k40>", true),
        ("a.go", "// encryption key: <k43>", true),
        ("a.cs", "public string Token = \"<k32>\";", true),
        ("a.c", "static public token = \"<k32>\";", true),
        ("a.yml", "# api key: <k32>", true),
    ]);
}

#[test]
fn tests_of_ciphers_have_vectors() {
    hold(&[
        (
            "hpke/testdata/v.json",
            "\"enc\": \"<h64>\",\n\"shared_secret\": \"<h64>\",\n\"suite_id\": \"48\"",
            false,
        ),
        (
            "tests/vectors.json",
            "\"exporter_secret\": \"<h64>\",\n\"aad\": \"436f\",\n\"ct\": \"<h40>\"",
            false,
        ),
        (
            "test/kdf_test.py",
            "ikm = '<h32>'\nclient_secret = '<h64>'\nokm = '<h64>'",
            false,
        ),
        ("tests/client_test.py", "client_secret = '<h64>'", true),
        (
            "src/vectors.json",
            "\"client_secret\": \"<h64>\", \"aad\": \"436f\"",
            true,
        ),
    ]);
}

#[test]
fn one_of_several_arguments_may_be_a_commit() {
    hold(&[
        (
            "tests/corpus.py",
            "LEGACY_CREDENTIALS = Scenario(\n    \"1.13\",\n    \"<h40>\",\n    \"legacy\",\n)",
            false,
        ),
        (
            "spec/a_spec.rb",
            "token_case = build('v2', '<h40>', true)",
            false,
        ),
        (
            "tests/corpus.py",
            "credentials = [\n    \"<h40>\",\n    \"<h40>\",\n]",
            true,
        ),
        ("tests/corpus.py", "CLIENT_SECRET = Secret(\"<h40>\")", true),
    ]);
}

#[test]
fn lists_of_sums_have_names_of_messages() {
    let list = |name: &str| {
        format!(
            "checksums:\n  <h32>:\n    settings/hooks/copied: <h32>\n    settings/hooks/created: <h32>\n    \
             settings/hooks/done: <h32>\n    {name}: <h32>\n    settings/hooks/source: <h32>\n    \
             settings/hooks/updated: <h32>\n"
        )
    };
    let (slack, azure) = (
        list("settings/signing_secret"),
        list("auth/continue_with_azure"),
    );
    hold(&[
        ("web/i18n.lock", &slack, false),
        ("web/messages.yaml", &slack, false),
        ("web/i18n.lock", &azure, false),
        (
            "a.env.txt",
            "SLACK_CLIENT_SECRET=<h32>\nSLACK_SIGNING_SECRET=<h32>\nSLACK_ID=7",
            true,
        ),
        (
            "a.yaml",
            "account_id: <h32>\nzone_id: <h32>\nslack_signing_secret: <h32>\n",
            true,
        ),
    ]);
}

#[test]
fn words_of_other_languages_are_words() {
    hold(&[
        (
            "locales/sv.json",
            "\"workspace_access_key\": \"Arbetsyteåtkomst\"",
            false,
        ),
        (
            "locales/de.json",
            "\"api_token\": \"Zugriffsschlüssel\"",
            false,
        ),
        (
            "locales/pl.json",
            "\"password\": \"Hasło-użytkownika\"",
            false,
        ),
        ("a.py", "password = 'vßk29Qx7Lm2z'", true),
    ]);
}

#[test]
fn attributes_and_places_are_no_tokens() {
    hold(&[
        (
            "a.html",
            "<a class=\"token\" href=\"#/s:<k16>9m_<k12>\">success</a>",
            false,
        ),
        ("a.html", "<a class=\"token\" href=\"<k24>\">x</a>", false),
        ("a.html", "<i data-kind='secret' title='<k24>'></i>", false),
        (
            "yarn.lock",
            "    registry-auth-token: \"npm:^5.0.1\"",
            false,
        ),
        (
            "pnpm-workspace.yaml",
            "auth-token: workspace:^12.0.4-beta.1",
            false,
        ),
        ("a.html", "<input name=\"token\" value=\"<k24>\">", true),
        ("a.go", "const token string = \"<k24>\"", true),
    ]);
}

#[test]
fn what_only_looks_drawn_passes() {
    hold(&[
        (
            "tests/a.py",
            "token = \"abc123!@#$%^&*()_+-=[]{}|;':,.<>?/~`\"",
            false,
        ),
        (
            "a_test.go",
            "\"bindPW\": `p@ssw0rd!#%^&*()[]{};:,.<>?/~`",
            false,
        ),
        (
            "a.go",
            "sessionToken = \"AQoEXAMPLEH4<k30>/<k30>+<k20>EXAMPLE/<k40>\"",
            false,
        ),
        ("a.ts", "decodeJWT('aHR0.cDovL.2V4YW1wbGUuY29t')", false),
        (
            "a.py",
            "uri = 'otpauth://totp/A:b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=A'",
            false,
        ),
        (
            "a.py",
            "uri = 'otpauth://totp/A:b?secret=<b32>&issuer=A'",
            true,
        ),
        ("a.yml", "ansible_become_pass=vagrant", false),
        ("a.yml", "ansible_become_pass=<k16>", true),
        (
            "a.md",
            "git clone https://AKIA<b16>:20240607T131507Z<h64>@git.acme.dev/x",
            false,
        ),
        (
            "a.md",
            "git clone https://deploy:<h64>@git.acme.dev/x",
            true,
        ),
    ]);
}

#[test]
fn a_key_that_is_cut_off_at_its_start_is_none() {
    let mut key = vec![0x30, 0x82, 0x04, 0xa5, 2, 1, 0, 2, 0x82, 1, 1, 0];
    let mut random = Random::new(5);
    key.extend((0..1181).map(|_| random.below(256) as u8));
    let key = String::from_utf8(encode_base64(&key, BASE64)).unwrap();
    let (start, lines) = (&key[..64], [&key[..64], &key[64..128], &key[128..]]);
    for (text, expected) in [
        (
            format!(
                "# For example, `-----BEGIN RSA PRIVATE KEY----- {start}. -----END RSA PRIVATE KEY-----`"
            ),
            false,
        ),
        (format!("private_key: \"{start}...\""), false),
        (
            format!(
                "private_key = \"{}\" +\n  \"{}\" +\n  \"{}\"",
                lines[0], lines[1], lines[2]
            ),
            true,
        ),
        (format!("private_key: {key}"), true),
    ] {
        assert_eq!(
            !found_at("a.py", &text).is_empty(),
            expected,
            "{}",
            text.len()
        );
    }
}

#[test]
fn escapes_of_base64_part_no_token() {
    hold(&[
        ("a.txt", "bws <k40>%2B<k30>%2F<k40>", false),
        ("a.txt", "BW_CLIENTSECRET=<k30>", true),
    ]);
}

#[test]
fn a_prefix_that_ends_a_word_is_none_in_what_is_no_text() {
    let rules = RuleSet::builtin();
    let mut random = Random::new(6);
    for (before, token, expected) in [
        ("Session", "ion_<k42>", false),
        ("Destination", "ion_<k42>", false),
        ("version", "ion_<k42>", false),
        ("\u{1}\u{2}", "ion_<k42>", true),
    ] {
        let before = before.strip_suffix("ion").unwrap_or(before);
        let value = filled(token, &mut random);
        let blob = [
            &b"SQLite format 3\0\x10\0\x01\x01\0\x40\xff\xfb\0\0\0\x8f"[..],
            before.as_bytes(),
            value.as_bytes(),
            &[0; 8],
        ];
        let blob = blob.concat();
        let text = Text::decode(&blob);
        assert!(text.is_binary());
        let detector = Detector::new(&rules);
        assert_eq!(!detector.detect(&text).is_empty(), expected, "{before}");
    }
}

#[test]
fn what_pins_a_state_is_no_key() {
    hold(&[
        (
            ".github/workflows/a.yml",
            "env:\n  GITHUB_TOKEN: ${{ github.token }}\nsteps:\n  - uses: aws-actions/configure-aws-credentials@<h40> # v5.1.1\n",
            false,
        ),
        (
            "ci/deploy.yml",
            "github_client_secret: ${{ x }}\nuses: acme/github-app-token@<h40>\n",
            false,
        ),
        (
            "ci/deploy.yml",
            "github_client_secret: <h40>\nuses: acme/github-app-token@v1\n",
            true,
        ),
    ]);
}

#[test]
fn what_makes_an_id_is_given_none() {
    hold(&[
        (
            "src/test/VoterTest.java",
            "ReplicaKey voterKey = ReplicaKey.of(5, Uuid.fromString(\"<k22>\"));",
            false,
        ),
        (
            "src/Client.java",
            "Credential credential = new Credential(UUID.fromString(\"<k22>\"), x);",
            false,
        ),
        ("src/db.js", "const apiKey = new ObjectId('<h24>');", false),
        ("src/a.cs", "var secretKey = Guid.Parse(\"<k22>\");", false),
        ("src/a.py", "token = users.find_by_id(\"<k22>\")", false),
        ("src/a.py", "api_key = IdToken(\"<k40>\")", true),
        ("src/a.py", "api_key = SecretStr(\"<k40>\")", true),
    ]);
}

#[test]
fn what_an_object_in_a_string_holds_goes_by_its_own_name() {
    hold(&[
        (
            "src/crud_test.go",
            "router.JSONPayloadKey: `{\"title\": \"title_test3\", \"n\": 1, \"files\":\"<k20>.png\"}`,",
            false,
        ),
        (
            "src/a.py",
            "api_key = '{\"user_id\": \"<k24>\", \"n\": \"x\"}'",
            false,
        ),
        ("src/a.py", "api_key = '{\"wjr\": \"<k24>\"}'", true),
        (
            "src/a.py",
            "api_key = '{\"value\": \"<k24>\", \"note\": \"a much longer text than the key itself has\"}'",
            true,
        ),
        ("src/a.py", "API_KEYS = '{\"alice\": \"<k24>\"}'", true),
        ("src/a.py", "secret = '<k24>.json'", false),
        ("src/a.py", "config = '{\"api_key\": \"<k24>\"}'", true),
        (
            "src/a.py",
            "secret = \"{\\\"password\\\": \\\"<k24>\\\"}\"",
            true,
        ),
    ]);
}

#[test]
fn what_a_cipher_gives_is_no_key() {
    let mut random = Random::new(0x5ea1);
    let mut base64 = |len| {
        let bytes: Vec<u8> = (0..len).map(|_| random.below(256) as u8).collect();
        String::from_utf8(encode_base64_padded(&bytes)).expect("base64")
    };
    for (text, expected) in [
        (
            format!(
                "_wrappedKey = \"2.{}|{}|{}\"",
                base64(16),
                base64(16),
                base64(32)
            ),
            false,
        ),
        (
            format!(
                "\"password\": \"2.{}|{}|{}\"",
                base64(16),
                base64(48),
                base64(32)
            ),
            false,
        ),
        (
            format!(
                "secret_token: {}--{}--{}",
                base64(40),
                base64(12),
                base64(16)
            ),
            false,
        ),
        (
            format!("secret_token: \"{}|{}\"", base64(15), base64(30)),
            true,
        ),
        (format!("secret_token: \"{}\"", base64(48)), true),
    ] {
        assert_eq!(!found_at("a.yml", &text).is_empty(), expected, "{text}");
    }
}

#[test]
fn what_says_words_in_base64_is_no_bearer_token() {
    for (said, expected) in [
        ("wrong_regexp_example", false),
        ("this is not a token", false),
        ("kQ8vZr2mX4nB7tY1wP3s", true),
    ] {
        let text = format!(
            "['Bearer {}', 'x'],",
            encode_base64(said.as_bytes(), BASE64).escape_ascii()
        );
        assert_eq!(!found_at("src/a.php", &text).is_empty(), expected, "{said}");
    }
}

#[test]
fn letters_in_a_row_are_no_password() {
    hold(&[
        (
            "src/ATest.php",
            "'lox24://123456:aaaabbbbbbccccccdddddeeee@default?from=0611'",
            false,
        ),
        (
            "src/a.php",
            "'lox24://123456:aabbccddeeffgghh1122@default'",
            false,
        ),
        ("src/a.php", "'lox24://123456:<k24>@default'", true),
    ]);
}

#[test]
fn what_only_resembles_these_kinds_is_found() {
    hold(&[
        ("src/a.ts", "const apiKey = ref(\"<k40>\")", true),
        ("src/a.tsx", "const apiKey = useRef(\"<k40>\")", true),
        (
            "src/A.java",
            "AtomicReference<String> token = new AtomicReference<>(\"<k40>\");",
            true,
        ),
        ("src/a.go", "Password: ptr.StringRef(\"<k24>\"),", true),
        ("src/a.py", "token = login_account(\"<k40>\")", true),
        (
            "src/a.js",
            "const v = { name: \"API_KEY\", created: new Date(0, 1), value: \"<k40>\" }",
            true,
        ),
        (
            "src/a.py",
            "env = {\"name\": \"API_KEY\", \"type\": str(x), \"value\": \"<k40>\"}",
            true,
        ),
        (
            "src/a.yml",
            "[{name: API_KEY, note: a (b) c, value: <k40>}]",
            true,
        ),
        (
            "src/a.go",
            "dsn := \"host=x user=y search_path=public password=<k24>\"",
            true,
        ),
        ("a.md", "    vault kv put kv/public password=<k24>\n", true),
        ("a.md", "Sentry Token: <k64>\n", true),
        ("a.md", "encrypted password: <k24>\n", true),
        ("a.md", "csrf password: <k24>\n", true),
        ("a.js", "config.csrf_secret_key = \"<k40>\"", true),
        (
            "a.js",
            "secrets = '{\"cache\": \"<k24>\", \"db\": \"x\"}'",
            true,
        ),
        ("a.js", "API_KEYS = '{\"data\": \"<k40>\"}'", true),
        (
            "a.html",
            "<a href=\"https://storage.host.net/x?alt=media&token=<u>\">",
            false,
        ),
        ("a.md", "The commit of the token is <h40>\n", false),
        ("a.md", "The token is <k40>\n", true),
        ("a.md", "The value of the token is <k40>\n", true),
        ("a.yml", "webhook: https://hooks.host.net/x?token=<u>", true),
        (
            "src/a.yml",
            "- {name: API_KEY, comment: :-( , value: <k40>}",
            true,
        ),
        ("a.yml", "github_client_secret: x@<h40>", true),
    ]);
    let mut random = Random::new(0xbea);
    let said =
        |text: &str| String::from_utf8(encode_base64(text.as_bytes(), BASE64)).expect("base64");
    let key = random.token(40);
    for token in [
        format!(
            "{}.{key}.{}",
            said("{\"id\": 7, \"confirm\": \"yes\"}"),
            random.token(30)
        ),
        format!("{}.{key}", said("production-service")),
        said(&format!("john smith {key}")),
    ] {
        let text = format!("Authorization: Bearer {token}\n");
        assert!(!found_at("a.http", &text).is_empty(), "{text}");
    }
}
