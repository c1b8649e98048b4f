//! Notations of names and values, each with its siblings, and what looks alike but is harmless.

use super::kinds::{filled, found_at};
use crate::encoding::{BASE64_URL, encode_base64};
use crate::lab::Random;

/// How many findings each text must have, of which most draws must be found.
fn check(cases: &[(&str, &str, usize)]) {
    let mut random = Random::new(41);
    for (path, text, expected) in cases {
        let fits = (0..10)
            .filter(|_| found_at(path, &filled(text, &mut random)).len() == *expected)
            .count();
        let least = if *expected == 0 { 10 } else { 9 };
        assert!(fits >= least, "{path}: {text}: {fits} of 10");
    }
}

#[test]
fn strings_between_brackets_and_behind_words_are_read() {
    check(&[
        ("a.lua", "local api_key = [[<k24>]]\n", 1),
        ("a.lua", "t = { password = [==[<k24>]==] }\n", 1),
        (
            "a.lua",
            "return { secret = [=[<k24>]=], name = [[me]] }\n",
            1,
        ),
        ("a.lua", "local text_token = [[some words, and more]]\n", 0),
        ("a.js", "const tokens = [[a, b], [c, d]];\n", 0),
        ("a.toml", "[[secrets]]\nname = \"x\"\n", 0),
        ("a.pl", "my $api_key = q(<k24>);\n", 1),
        ("a.pl", "my $password = qq{<k24>};\n", 1),
        ("a.pl", "my %c = (secret => q[<k24>], user => q(me));\n", 1),
        ("a.pl", "our $API_TOKEN = q{<k24>};\n", 1),
        ("a.pl", "$token = q|<k24>|;\n", 1),
        ("a.rb", "api_key = %q(<k24>)\n", 1),
        ("a.pl", "my $token = q(some words for people);\n", 0),
        ("a.js", "const token = q(getTheTokenOfTheUser);\n", 0),
        ("a.js", "const key = qq(x.y.z);\n", 0),
    ]);
}

#[test]
fn elements_of_pages_are_read() {
    check(&[
        ("a.html", "<meta name=\"api-key\" content=\"<k24>\">\n", 1),
        ("a.html", "<meta content=\"<k24>\" name=\"api_key\" />\n", 1),
        (
            "a.html",
            "<input type=\"hidden\" name=\"api_key\" value=\"<k24>\">\n",
            1,
        ),
        (
            "a.html",
            "<input type='hidden' value='<k24>' name='client_secret'/>\n",
            1,
        ),
        ("a.html", "<tr><th>API key</th><td><k24></td></tr>\n", 1),
        (
            "a.html",
            "<tr><td>Password</td>\n  <td><code><k24></code></td></tr>\n",
            1,
        ),
        (
            "a.html",
            "<dl><dt>Client secret</dt><dd><k24></dd></dl>\n",
            1,
        ),
        (
            "a.html",
            "<td><b>Password</b></td><td class=\"x\"><k24></td>\n",
            1,
        ),
        (
            "a.html",
            "<meta name=\"csrf-token\" content=\"<k24>\">\n",
            0,
        ),
        (
            "a.html",
            "<input type=\"hidden\" name=\"_token\" value=\"<k24>\">\n",
            0,
        ),
        (
            "a.html",
            "<input type=\"hidden\" name=\"csrf_token\" value=\"<k40>\">\n",
            0,
        ),
        (
            "a.html",
            "<input type=\"hidden\" name=\"authenticity_token\" value=\"<k40>\">\n",
            0,
        ),
        (
            "a.html",
            "<meta name=\"keywords\" content=\"api key, token, secret\">\n",
            0,
        ),
        (
            "a.html",
            "<tr><th>API key</th><td>the key of your account</td></tr>\n",
            0,
        ),
        ("a.html", "<tr><th>Password</th><td>required</td></tr>\n", 0),
        (
            "a.html",
            "<tr><td>Password</td><td>MinLengthOfEightCharacters</td></tr>\n",
            0,
        ),
    ]);
}

#[test]
fn tags_and_anchors_are_read() {
    check(&[
        (
            "a.go",
            "K string `env:\"API_KEY\" env-default:\"<k24>\"`\n",
            1,
        ),
        (
            "a.go",
            "K string `env:\"API_TOKEN,required\" envDefault:\"<k24>\"`\n",
            1,
        ),
        (
            "a.go",
            "K string `yaml:\"password\" env:\"PASSWORD\" env-default:\"<k24>\"`\n",
            1,
        ),
        (
            "a.go",
            "K string `env:\"API_KEY,required,notEmpty\" default:\"<k24>\"`\n",
            1,
        ),
        ("a.yml", "password: &pw !!str <k24>\n", 1),
        ("a.yml", "secret: !!str &s \"<k24>\"\n", 1),
        ("a.yml", "api_key: !!str <k24>\n", 1),
        (
            "a.go",
            "K string `json:\"api_key,omitempty\" validate:\"required\"`\n",
            0,
        ),
        (
            "a.go",
            "K string `env:\"API_KEY,required\" envDefault:\"changeme\"`\n",
            0,
        ),
        (
            "a.go",
            "K string `env:\"TOKEN_URL\" env-default:\"https://h.net/a\"`\n",
            0,
        ),
        ("a.yml", "password: &pw !!str ${DB_PASSWORD}\n", 0),
        ("a.yml", "password: !!binary &b x\n", 0),
    ]);
}

#[test]
fn columns_are_read() {
    check(&[
        (
            "a.feature",
            "    Examples:\n      | name | api_key | n |\n      | bob | <k24> | 1 |\n      | eve | <k24> | 2 |\n",
            2,
        ),
        (
            "a.md",
            "| User | Password |\n|---|---|\n| bob | `<k24>` |\n",
            1,
        ),
        (
            "a.md",
            "text\n\n| Service | API key | Note |\n| :-- | :-- | --- |\n| acme | <k24> | x |\n",
            1,
        ),
        ("a.csv", "api_key,<k24>\ndb_password,<k24>\n", 2),
        ("a.tsv", "api_key\t<k24>\n", 1),
        ("a.csv", "\"client_secret\",\"<k24>\"\n", 1),
        ("a.txt", "api_key     <k24>\npassword    <k24>\n", 2),
        ("a.txt", "password\t<k24>\n", 1),
        (
            "a.md",
            "| Option | Default | Secret |\n|---|---|---|\n| a | <k24> | no |\n",
            0,
        ),
        (
            "a.md",
            "| Password | Description |\n|---|---|\n| required | the one of the user |\n",
            0,
        ),
        (
            "a.md",
            "| Token | Meaning |\n|---|---|\n| IDENTIFIER | a name |\n| STRING_LITERAL | text |\n",
            0,
        ),
        ("a.csv", "name,public_key\nme,<k24>\n", 0),
        ("a.csv", "api_key,description\n", 0),
        ("a.txt", "password    the one of your account\n", 0),
        ("a.txt", "tokens  are refreshed\n", 0),
    ]);
}

#[test]
fn pairs_and_settings_are_read() {
    check(&[
        (
            "a.json",
            "{\"apikey\":[{\"key\":\"value\",\"value\":\"<k24>\",\"type\":\"string\"},{\"key\":\"key\",\"value\":\"X-Key\"}]}",
            1,
        ),
        (
            "a.json",
            "{\"apikey\": [\n  {\n    \"key\": \"key\",\n    \"value\": \"X-Key\"\n  },\n  {\n    \"key\": \"value\",\n    \"value\": \"<k24>\"\n  }\n]}",
            1,
        ),
        (
            "a.json",
            "{\"header\":[{\"key\":\"apikey\",\"value\":\"<k24>\"}]}",
            1,
        ),
        ("nslcd.conf", "bindpw <k24>\n", 1),
        ("nslcd.conf", "rootbindpw <k24>\n", 1),
        ("a.yml", "ldap:\n  bindpw: <k24>\n", 1),
        ("slapd.conf", "rootpw <k24>\n", 1),
        (
            "openapi.yaml",
            "api_key:\n  type: string\n  default: <k24>\n",
            1,
        ),
        (
            "a.go",
            "sql.Open(\"mysql\", \"root:<k10>@tcp(db.corp.net:3306)/shop\")\n",
            1,
        ),
        ("a.go", "dsn := \"app:<k12>@unix(/tmp/mysql.sock)/db\"\n", 1),
        ("slapd.conf", "rootpw {SSHA}<k32>\n", 0),
        (
            "a.json",
            "{\"apikey\":[{\"key\":\"in\",\"value\":\"header\"},{\"key\":\"key\",\"value\":\"X-Key\"}]}",
            0,
        ),
        (
            "a.go",
            "dsn := \"root:password@tcp(127.0.0.1:3306)/app\"\n",
            0,
        ),
        (
            "a.go",
            "dsn := \"user:yourpassword@tcp(db.corp.net:3306)/app\"\n",
            0,
        ),
        ("a.go", "dsn := \"root:123456789@tcp(db:3306)/app\"\n", 0),
        ("nslcd.conf", "bindpw secret\n", 0),
    ]);
}

#[test]
fn the_head_of_a_token_is_a_secret_where_its_name_says_so() {
    let mut random = Random::new(43);
    let part = |json: &str| String::from_utf8(encode_base64(json.as_bytes(), BASE64_URL)).unwrap();
    for (path, name, json, expected) in [
        (
            "config.yml",
            "secret",
            r#"{"alg":"HS256","kid":"<k16>","typ":"JWT"}"#,
            1,
        ),
        (
            "config.yml",
            "jwt_secret",
            r#"{"alg":"HS512","kid":"<k20>"}"#,
            1,
        ),
        (
            "config.json",
            "client_secret",
            r#"{"kid":"<k18>","alg":"RS256"}"#,
            1,
        ),
        ("config.yml", "secret", r#"{"alg":"HS256","typ":"JWT"}"#, 0),
        (
            "config.yml",
            "jwt_secret",
            r#"{"typ":"JWT","alg":"RS256","cty":"JWT"}"#,
            0,
        ),
        (
            "config.yml",
            "token",
            r#"{"alg":"HS256","kid":"<k16>","typ":"JWT"}"#,
            0,
        ),
        (
            "config.yml",
            "next_token",
            r#"{"id":"<k16>","offset":20}"#,
            0,
        ),
        ("config.yml", "page_token", r#"{"last":"<k16>"}"#, 0),
        ("config.yml", "cursor", r#"{"last":"<k16>"}"#, 0),
        ("config.yml", "secret_name", r#"{"last":"<k16>"}"#, 0),
    ] {
        let value = part(&filled(json, &mut random));
        let text = format!("\"{name}\": \"{value}\"\n");
        assert_eq!(
            found_at(path, &text).len(),
            expected,
            "{path}: {name}: {json}"
        );
    }
}

/// Passwords in groups of letters and digits, as programs make them to be read aloud.
#[test]
fn passwords_in_groups_are_found() {
    const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
    const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const DIGITS: &[u8] = b"0123456789";
    let mut random = Random::new(44);
    for (name, path, groups, least) in [
        (
            "password",
            "a.yml",
            &[(LOWER, 3), (UPPER, 3), (DIGITS, 6)][..],
            80,
        ),
        (
            "db_password",
            "a.xml",
            &[(UPPER, 3), (LOWER, 3), (DIGITS, 6)],
            80,
        ),
        (
            "password",
            "a.yml",
            &[(DIGITS, 6), (LOWER, 3), (UPPER, 3)],
            80,
        ),
        (
            "password",
            "a.yml",
            &[(LOWER, 4), (DIGITS, 4), (UPPER, 4)],
            80,
        ),
        ("password", "a.yml", &[(LOWER, 15)], 60),
    ] {
        let found = (0..100).filter(|_| {
            let value: String = groups
                .iter()
                .map(|(letters, len)| random.text(letters, *len))
                .collect();
            !found_at(path, &format!("{name}: \"{value}\"\n")).is_empty()
        });
        let found = found.count();
        assert!(found >= least, "{path} {groups:?}: {found}");
    }
    for value in [
        "S3cuR1ty",
        "S3cuR1ty2024",
        "Passw0rd1234",
        "January202412",
        "Anna19840512",
        "maxMAX123456",
        "devOPS202405",
        "appSRV001122",
        "testUSER1234",
        "passwortvergessen",
        "Welcome20240101",
        "adminADMIN1234",
        "correcthorsebattery",
        "motdepasseoublie",
    ] {
        let text = format!("password: \"{value}\"\n");
        assert_eq!(found_at("a.yml", &text), [""; 0], "{value}");
    }
}

#[test]
fn paths_days_and_attributes_are_no_secrets() {
    check(&[
        (
            "a.ps1",
            "$s = ConvertTo-SecureString \"<k20>\" -AsPlainText -Force\n",
            1,
        ),
        (
            "a.ps1",
            "$s = ConvertTo-SecureString \"/etc/app/secrets/db_password\" -AsPlainText -Force\n",
            0,
        ),
        (
            "a.ps1",
            "$s = ConvertTo-SecureString \"kv/prod/db-password\" -AsPlainText -Force\n",
            0,
        ),
        (
            "a.ps1",
            "$s = ConvertTo-SecureString \"src/config/Prod1/db.json\" -AsPlainText\n",
            0,
        ),
        ("wp-config.php", "define('DB_PASSWORD', '<k20>');\n", 1),
        (
            "wp-config.php",
            "define('DB_PASSWORD', '/run/secrets/db_password');\n",
            0,
        ),
        (
            "wp-config.php",
            "define('AUTH_KEY', '/var/www/html/keys/auth1');\n",
            0,
        ),
        (
            "application.yml",
            "api_key: ${API_KEY:2024-05-01T10:00:00Z}\n",
            0,
        ),
        (
            "application.yml",
            "secret: ${S:2024-05-01T10:00:00.000+02:00}\n",
            0,
        ),
        ("application.yml", "token: ${TOKEN:2024-02-15-preview}\n", 0),
        ("application.yml", "api_key: ${API_KEY:<k24>}\n", 1),
        (
            "a.go",
            "var A = NetworkConnectionSubtypeKey.String(\"cdma2000_1xrtt\")\n",
            0,
        ),
        (
            "a.go",
            "var A = HostArchKey.String(\"ppc64le_v2_3xq9\")\n",
            0,
        ),
        ("a.go", "client.SetAPIKey(\"<k24>\")\n", 1),
    ]);
}
