//! Whether a key lives, and how it is revoked: asked of a server on this machine that plays the provider.

#[cfg(not(feature = "network-tests"))]
mod absent {
    use crate::support::{Reading, Scratch};

    #[test]
    #[cfg(not(feature = "network"))]
    fn a_program_without_a_network_says_how_to_get_one() {
        let scratch = Scratch::new(Reading::Default);
        for command in ["verify", "revoke"] {
            let ran = scratch.keyward(&[command, "5c0e907e"]);
            assert_eq!(ran.code, Some(2), "{}", ran.told());
            assert!(ran.stderr.contains("--features network"), "{}", ran.stderr);
        }
    }
}

#[cfg(all(unix, feature = "network-tests"))]
mod asked {
    use std::io::{self, Read, Write};
    use std::net::{Ipv4Addr, TcpListener, TcpStream};
    use std::sync::{Arc, Mutex};
    use std::thread;

    use keyward::parts::lab::{Random, sample};
    use keyward::parts::rules::RuleSet;
    use serde_json::Value;

    use crate::support::provider::{Provider, Reply};
    use crate::support::{Ran, Reading, Scratch, assert_sealed, on_terminal};

    /// A key that a rule finds.
    fn key(rule: &str, seed: u64) -> String {
        let rules = RuleSet::builtin();
        let rule = rules.find(rule).unwrap();
        String::from_utf8(sample(rule, &mut Random::new(seed)).unwrap()).unwrap()
    }

    /// A repository, and the server that its keyward asks instead of any provider.
    struct Field {
        scratch: Scratch,
        provider: Provider,
        key: String,
        id: String,
    }

    impl Field {
        fn of(text: &str, key: String) -> Self {
            let provider = Provider::start();
            let mut scratch = Scratch::new(Reading::Default);
            let authority = scratch.root().join("authority.pem");
            std::fs::write(&authority, &provider.authority).unwrap();
            scratch.set("SSL_CERT_FILE", authority.to_str().unwrap());
            scratch.set("KEYWARD_TEST_PROVIDERS", &provider.port.to_string());
            scratch.write("app.py", text.replace("KEY", &key));
            scratch.commit_all();
            let ran = scratch.keyward(&["audit", "--json"]);
            let mut lines = ran.stdout.lines();
            let id = lines.find_map(|line| {
                let line: Value = serde_json::from_str(line).ok()?;
                let id = line["id"].as_str()?.to_owned();
                let is_half = line["rule"].as_str()?.ends_with("-access-key-id");
                (line["kind"] == "secret" && !is_half).then_some(id)
            });
            let id = id.unwrap_or_else(|| panic!("nothing found: {}", ran.told()));
            Self {
                scratch,
                provider,
                key,
                id,
            }
        }

        fn github() -> Self {
            Self::of("token = \"KEY\"\n", key("github-personal-token", 5))
        }

        fn run(&self, words: &str) -> Ran {
            let words = words.replace("ID", &self.id);
            let ran = self.scratch.keyward(&Vec::from_iter(words.split(' ')));
            assert_sealed(ran.told().as_bytes(), &self.key);
            ran
        }
    }

    const LIVE: &str = r#"{"login": "ann", "id": 7}"#;

    fn live() -> Reply {
        let mut reply = Reply::json(200, LIVE);
        reply
            .headers
            .push(("X-OAuth-Scopes", "repo, user".to_owned()));
        reply
    }

    #[test]
    fn a_key_lives_or_not_or_nobody_can_tell() {
        let field = Field::github();
        for (reply, code, state) in [
            (live(), 1, "live"),
            (
                Reply::json(401, r#"{"message": "Bad credentials"}"#),
                0,
                "dead",
            ),
            (Reply::json(403, r#"{"message": "SSO"}"#), 1, "limited"),
            (Reply::json(500, "{}"), 3, "unknown"),
            (Reply::of(200, "text/html", "<html>"), 3, "unknown"),
        ] {
            field.provider.answers([reply]);
            let ran = field.run("verify ID");
            assert_eq!(ran.code, Some(code), "{}", ran.told());
            assert!(
                ran.stdout.contains(&format!("\n  {state}")),
                "{}",
                ran.stdout
            );
            let asked = field.provider.asked();
            assert_eq!(asked.len(), 1);
            assert_eq!(asked[0].line, "GET /user HTTP/1.1");
            assert_eq!(asked[0].header("host"), "api.github.com");
            assert_eq!(
                asked[0].header("authorization"),
                format!("Bearer {}", field.key)
            );
        }
        field.provider.answers([live()]);
        let ran = field.run("verify ID --json");
        let told: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(told["state"], "live");
        assert_eq!(told["facts"][0]["text"], "ann");
        assert_eq!(told["facts"][2]["kind"], "scopes");
        assert_eq!(told["asked"][0], "GET https://api.github.com/user");
        assert_eq!(told["next"], format!("keyward revoke {}", field.id));
        let ran = field.run("verify ID --format agent");
        assert!(
            ran.stdout.starts_with("keyward verify: live: "),
            "{}",
            ran.stdout
        );
        let ran = field.run("verify ID");
        for line in [
            "  live    the provider takes it\n",
            "  owner   login ann; id 7\n",
        ] {
            assert!(ran.stdout.contains(line), "{}", ran.stdout);
        }
        // Nobody is asked for a step of the playbook, which names both commands.
        field.provider.answers([live()]);
        let ran = field.run("respond ID");
        for command in ["keyward revoke ", "keyward verify "] {
            assert!(ran.stdout.contains(command), "{}", ran.stdout);
        }
        assert!(field.provider.asked().is_empty());
    }

    #[test]
    fn a_pasted_key_is_asked_about_and_no_argument_takes_a_secret() {
        let field = Field::github();
        field.provider.answers([live()]);
        let ran = field
            .scratch
            .keyward_fed(&["verify", "--stdin"], &field.key);
        assert_eq!(ran.code, Some(1), "{}", ran.told());
        assert_sealed(ran.told().as_bytes(), &field.key);
        field.provider.answers([live()]);
        let ran = field.run("verify ID --with host=ghe.acme.example");
        assert_eq!(ran.code, Some(1), "{}", ran.told());
        let asked = field.provider.asked();
        assert_eq!(asked[0].line, "GET /api/v3/user HTTP/1.1");
        assert_eq!(asked[0].header("host"), "ghe.acme.example");
        for (with, expected) in [
            (format!("host={}", field.key), "may be a secret"),
            ("port=1".to_owned(), "it takes host"),
            ("host=".to_owned(), "has no value"),
        ] {
            let ran = field.run(&format!("verify ID --with {with}"));
            assert_eq!(ran.code, Some(2), "{}", ran.told());
            assert!(ran.stderr.contains(expected), "{}", ran.stderr);
        }
    }

    #[test]
    fn both_halves_of_a_key_sign_and_neither_is_sent() {
        let id = key("aws-access-key-id", 3);
        let text = format!("aws_access_key_id = {id}\naws_secret_access_key = KEY\n");
        let field = Field::of(&text, Random::new(8).token(40));
        let body = r#"{"GetCallerIdentityResponse": {"GetCallerIdentityResult": {"Arn": "arn:x", "Account": "1"}}}"#;
        field.provider.answers([Reply::json(200, body)]);
        let ran = field.run("verify ID");
        assert_eq!(ran.code, Some(1), "{}", ran.told());
        let asked = &field.provider.asked()[0];
        let signed = asked.header("authorization");
        let start = format!("AWS4-HMAC-SHA256 Credential={id}/");
        assert!(signed.starts_with(&start), "{}", signed.len());
        assert!(!format!("{asked:?}").contains(&field.key));
        // Alone it is of no use, and nobody is asked.
        let alone = Field::of("aws_secret_access_key = KEY\n", Random::new(8).token(40));
        alone.provider.answers([Reply::json(200, body)]);
        let ran = alone.run("verify ID");
        assert_eq!(ran.code, Some(3), "{}", ran.told());
        assert!(
            ran.stdout.contains("it needs aws-access-key-id too"),
            "{}",
            ran.stdout
        );
        assert!(alone.provider.asked().is_empty());
    }

    #[test]
    fn keys_that_sign_by_sha_1_are_asked_about_and_not_sent() {
        let id = key("alibaba-access-key-id", 3);
        let text = format!("aliyun_access_key_id={id}\nalibaba_cloud_access_key_secret=KEY\n");
        let field = Field::of(&text, Random::new(8).token(30));
        field
            .provider
            .answers([Reply::json(200, r#"{"Arn": "acs:x", "AccountId": "1"}"#)]);
        let ran = field.run("verify ID");
        assert_eq!(ran.code, Some(1), "{}", ran.told());
        let asked = &field.provider.asked()[0];
        assert_eq!(asked.line, "POST / HTTP/1.1");
        assert_eq!(asked.header("host"), "sts.aliyuncs.com");
        let start =
            format!("Action=GetCallerIdentity&Version=2015-04-01&Format=JSON&AccessKeyId={id}&");
        assert!(asked.body.starts_with(&start));
        assert!(asked.body.contains("&Signature="));
        assert!(!format!("{asked:?}").contains(&field.key));

        let text = "duo_ikey=DIACME\nduo_skey=KEY\nduo_host=api-acme.duosecurity.com\n";
        let field = Field::of(text, Random::new(8).token(40));
        for (reply, code) in [
            (Reply::json(200, r#"{"stat": "OK"}"#), 1),
            (Reply::json(401, r#"{"stat": "FAIL", "code": 40103}"#), 0),
            // A clock that goes wrong says nothing of the key.
            (Reply::json(401, r#"{"stat": "FAIL", "code": 40105}"#), 3),
        ] {
            field.provider.answers([reply]);
            let ran = field.run("verify ID");
            assert_eq!(ran.code, Some(code), "{}", ran.told());
            let asked = &field.provider.asked()[0];
            assert_eq!(asked.line, "GET /auth/v2/check HTTP/1.1");
            assert_eq!(asked.header("host"), "api-acme.duosecurity.com");
            assert!(asked.header("authorization").starts_with("Basic "));
            assert!(asked.header("date").ends_with(" -0000"));
            assert!(!format!("{asked:?}").contains(&field.key));
        }
    }

    #[test]
    fn a_key_is_revoked_after_the_word_and_only_then() {
        let field = Field::github();
        let dead = || Reply::json(401, r#"{"message": "Bad credentials"}"#);
        field.provider.answers([Reply::json(202, "{}"), dead()]);
        let ran = field.run("revoke ID --dry-run");
        assert_eq!(ran.code, Some(0), "{}", ran.told());
        let line = "POST https://api.github.com/credentials/revoke";
        assert!(ran.stdout.contains(line), "{}", ran.stdout);
        let ran = field.run("revoke ID");
        assert_eq!(ran.code, Some(2), "{}", ran.told());
        assert!(field.provider.asked().is_empty());
        let mut typed = field.scratch.command(env!("CARGO_BIN_EXE_keyward"));
        typed.args(["revoke", &field.id]);
        if let Some((code, shown)) = on_terminal(typed, 100, "yes\n") {
            assert_eq!(code, Some(3), "{shown}");
            assert!(shown.contains("nothing was sent"), "{shown}");
            assert_sealed(shown.as_bytes(), &field.key);
            assert!(field.provider.asked().is_empty());
        }
        let ran = field.run("revoke ID --yes");
        assert_eq!(ran.code, Some(0), "{}", ran.told());
        let asked = field.provider.asked();
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[0].line, "POST /credentials/revoke HTTP/1.1");
        let body: Value = serde_json::from_str(&asked[0].body).unwrap();
        assert_eq!(body["credentials"][0], field.key.as_str());
        assert_eq!(asked[0].header("authorization"), "");
        // What is known of it is known to the audit.
        let ran = field.run("audit");
        assert!(ran.stdout.contains("revoked"), "{}", ran.stdout);
        // Taken in, and not done yet.
        field.provider.answers([Reply::json(202, "{}"), live()]);
        let ran = field.run("revoke ID --yes");
        assert_eq!(ran.code, Some(1), "{}", ran.told());
        assert!(ran.stdout.contains("still takes it"), "{}", ran.stdout);
        field.provider.answers([Reply::json(500, "{}"), live()]);
        let ran = field.run("revoke ID --yes --json");
        assert_eq!(ran.code, Some(3), "{}", ran.told());
        let told: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(
            (&told["done"], &told["state"]),
            (&false.into(), &"live".into())
        );
    }

    #[test]
    fn where_no_call_revokes_the_page_is_told_and_nobody_is_asked() {
        let field = Field::of("key = \"KEY\"\n", key("anthropic-api-key", 2));
        field.provider.answers([Reply::json(200, "{}")]);
        let ran = field.run("revoke ID --yes");
        assert_eq!(ran.code, Some(3), "{}", ran.told());
        assert!(ran.stdout.contains("https://"), "{}", ran.stdout);
        assert!(field.provider.asked().is_empty());
    }

    /// A proxy that takes down where it is asked to go, and leads to the server.
    fn proxy(to: u16) -> (u16, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && client.read_exact(&mut byte).is_ok() {
                    head.push(byte[0]);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                seen.lock().unwrap().push(head);
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, to)).unwrap();
                let (mut from, mut back) =
                    (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || io::copy(&mut from, &mut back));
                thread::spawn(move || io::copy(&mut server, &mut client));
            }
        });
        (port, asked)
    }

    #[test]
    fn a_proxy_is_gone_through_and_sees_no_key() {
        let mut field = Field::github();
        let (port, seen) = proxy(field.provider.port);
        field.provider.answers([live()]);
        field
            .scratch
            .set("HTTPS_PROXY", &format!("http://127.0.0.1:{port}"));
        let ran = field.run("verify ID");
        assert_eq!(ran.code, Some(1), "{}", ran.told());
        let heads = seen.lock().unwrap().clone();
        assert_eq!(heads.len(), 1);
        assert!(
            heads[0].starts_with("CONNECT api.github.com:443 "),
            "{}",
            heads[0]
        );
        assert_sealed(heads[0].as_bytes(), &field.key);
        // Past it, where that is said.
        field.scratch.set("NO_PROXY", "api.github.com");
        let ran = field.run("verify ID");
        assert_eq!(ran.code, Some(1), "{}", ran.told());
        assert_eq!(seen.lock().unwrap().len(), 1);
        // And by nobody's word but that of an authority that is trusted.
        field.provider.answers([live()]);
        field.scratch.set("SSL_CERT_FILE", "");
        let ran = field.run("verify ID");
        assert_eq!(ran.code, Some(3), "{}", ran.told());
        assert!(ran.stdout.contains("SSL_CERT_FILE"), "{}", ran.stdout);
        assert!(field.provider.asked().is_empty());
    }
}
