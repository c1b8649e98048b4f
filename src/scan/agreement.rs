//! Guard and detector give one answer to whether a value under a name is a secret.

use super::*;
use crate::change::{InMemory, Status};
use crate::confidence::Confidence;
use crate::rules::RuleSet;

/// Files that a guard knows, with a name in each; `@` stands for the value.
const FILES: &[(&str, &str, &str)] = &[
    (
        "mcp",
        ".mcp.json",
        "{\"mcpServers\": {\"x\": {\"env\": {\"api_token\": \"@\"}}}}\n",
    ),
    (
        "npm",
        ".npmrc",
        "//registry.acme.io/:_authToken=@\nalways-auth=true\n",
    ),
    (
        "env",
        ".env",
        "# what the server needs\nexport API_TOKEN=@\n",
    ),
    ("direnv", ".envrc", "export API_TOKEN=@\n"),
    (
        "aws",
        ".aws/config",
        "[default]\nregion = eu-west-1\naws_secret_access_key = @\n",
    ),
    (
        "yaml",
        "config/secrets.yml",
        "db:\n  user: me\n  api_token: @\n",
    ),
    (
        "block",
        "config/secrets.yml",
        "db:\n  api_token: >-\n    @\n  user: me\n",
    ),
    ("toml", "secrets.toml", "[x]\napi_token = \"@\"\n"),
    ("lines", "secrets.toml", "api_token = \"\"\"\n@\"\"\"\n"),
    ("tf", "prod.tfvars", "db_password = \"@\"\n"),
    ("cnf", ".my.cnf", "[client]\nuser=me\npassword=@\n"),
    (
        "json",
        "credentials.json",
        "{\"user\": \"me\", \"password\": \"@\"}\n",
    ),
    ("flow", "secrets.yaml", "db: {user: me, password: @}\n"),
    ("test", "tests/data/.my.cnf", "[client]\npassword=@\n"),
    (
        "docker",
        ".docker/config.json",
        "{\"auths\": {\"https://index.docker.io/v1/\": {\"auth\": \"@\"}}}\n",
    ),
    (
        "k8s docker",
        "secret.yaml",
        "kind: Secret\ndata:\n  .dockerconfigjson: @\n",
    ),
    ("wifi", "secrets.yaml", "wifi:\n  ssid: home\n  psk: @\n"),
    (
        "k8s",
        "secret.yaml",
        "apiVersion: v1\nkind: Secret\ndata:\n  password: @\n",
    ),
];

/// A file of the above, a value, and whether it is a secret there.
const ROWS: &[(&str, &str, bool)] = &[
    // what a machine drew
    ("mcp", "x7Kq9ZpL2mVn4RtB8wYc", true),
    ("npm", "x7Kq9ZpL2mVn4RtB8wYc", true),
    ("env", "x7Kq9ZpL2mVn4RtB8wYc", true),
    ("direnv", "x7Kq9ZpL2mVn4RtB8wYc", true),
    (
        "aws",
        concat!("x7Kq9ZpL2mVn4RtB8wYc", "H5jD3sG6fA1uE0oI7qPz"),
        true,
    ),
    ("yaml", "x7Kq9ZpL2mVn4RtB8wYc", true),
    ("block", "x7Kq9ZpL2mVn4RtB8wYc", true),
    ("toml", "x7Kq9ZpL2mVn4RtB8wYc", true),
    ("lines", "x7Kq9ZpL2mVn4RtB8wYc", true),
    ("tf", "x7Kq9ZpL2mVn4RtB8wYc", true),
    ("cnf", "kQ8vTz2m", true),
    ("test", "x7Kq9ZpL2mVn4RtB8wYc", true),
    ("wifi", "x7Kq9ZpL2mVn4RtB8wYc", true),
    ("mcp", "b3f1c6d2a94e7780c5d1e2f39a6b8074", true),
    ("yaml", "9b1d8c52-6e0f-4a3b-8c7d-2f5e1a90b6d4", true),
    // passwords that people make up
    ("cnf", "bluemonkey77x", true),
    ("json", "geheim77", true),
    ("flow", "MyDogRex2019", true),
    ("tf", "blue-monkey", true),
    ("cnf", "Tr0ub4dor&3", true),
    ("test", "bluemonkey77x", false),
    ("mcp", "bluemonkey77x", false),
    ("mcp", "helloworldhello", false),
    ("mcp", "correct-horse-battery", false),
    // the same in base64
    ("docker", "dXNlcjp4N0txOVpwTDJtVm40UnRCOHdZYw==", true),
    ("k8s", "eDdLcTlacEwybVZuNFJ0Qjh3WWM=", true),
    ("k8s", "Z2VoZWltNzc=", true),
    (
        "k8s docker",
        concat!(
            "eyJhdXRocyI6eyJyLmFjbWUuaW8iOnsiYXV0aCI6ImRYTmxj",
            "anA0TjB0eE9WcHdUREp0Vm00MFVuUkNPSGRaWXc9PSJ9fX0="
        ),
        true,
    ),
    ("k8s", "cGFzczEyMw==", false),
    ("k8s", "Y2hhbmdlbWU=", false),
    // defaults and placeholders
    ("cnf", "hunter2", false),
    ("cnf", "changeme", false),
    ("json", "P@ssw0rd", false),
    ("flow", "password", false),
    ("json", "your-password-here", false),
    ("mcp", "your-api-token", false),
    ("toml", "xxxxxxxxxxxxxxxxxxxx", false),
    ("mcp", "<your token>", false),
    ("yaml", "REPLACE_ME_x7Kq9ZpL2mVn", false),
    ("aws", "AKIAIOSFODNN7EXAMPLE", false),
    ("aws", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", false),
    ("toml", "abcdefghijklmnopqrstuvwxyz", false),
    ("mcp", "12341234123412341234", false),
    ("json", "********", false),
    ("json", "...", false),
    ("json", "", false),
    ("yaml", "null", false),
    ("yaml", "true", false),
    ("cnf", "123456", false),
    ("yaml", "86400", false),
    ("tf", "84739284", false),
    // what is no secret by its form
    ("json", "Forgotten password?", false),
    ("mcp", "https://auth.acme.io/token", false),
    ("yaml", "/etc/acme/token", false),
    (
        "cnf",
        "$2b$12$Kx8vQz0mTnWqLrYpSdFgHuKx8vQz0mTnWqLrYpSdFgHuKx8vQz0mT",
        false,
    ),
    (
        "cnf",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        true,
    ),
    ("yaml", "2031-04-05T06:07:08", false),
    (
        "mcp",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKx8vQz0mTnWqLrYpSdFgHu",
        false,
    ),
    ("mcp", "sk-ant-oat01-x", false),
    // encrypted
    (
        "yaml",
        "ENC[AES256_GCM,data:x7Kq9ZpL2mVn4Rt,iv:B8wYc=,tag:x7Kq9Z==,type:str]",
        false,
    ),
    (
        "env",
        "encrypted:BDqDBibm4wsYqMpCjTQ6BsDHmMadg9K3dAt",
        false,
    ),
    (
        "yaml",
        "vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zo",
        false,
    ),
    ("toml", "U2FsdGVkX1x7Kq9ZpL2mVn4RtB8wYc", false),
    ("yaml", "'{cipher}AQB2x7Kq9ZpL2mVn4RtB8wYc'", false),
    ("toml", "ENC(x7Kq9ZpL2mVn4RtB8wYc)", false),
    // in a store
    ("env", "op://vault/item/x7Kq9ZpL2m", false),
    ("mcp", "op://vault/item/x7Kq9ZpL2m", false),
    ("env", "akeyless:/prod/x7Kq9ZpL2mVn4Rt", false),
    ("mcp", "akeyless:/prod/x7Kq9ZpL2mVn4Rt", false),
    ("mcp", "conjur:x7Kq9ZpL2mVn4RtB8wYc", false),
    ("env", "bws:x7Kq9ZpL2mVn4RtB8wYc", false),
    ("mcp", "bws:x7Kq9ZpL2mVn4RtB8wYc", false),
    ("yaml", "keychain:x7Kq9ZpL2mVn4RtB8wYc", false),
    ("mcp", "keychain:x7Kq9ZpL2mVn4RtB8wYc", false),
    ("mcp", "secretref:x7Kq9ZpL2mVn4RtB8wYc", false),
    ("env", "pass://share/item/x7Kq9ZpL2m", false),
    ("mcp", "dl://x7Kq9ZpL2m/content", false),
    (
        "toml",
        "keeper://x7Kq9ZpL2mVn4RtB8wYc/field/password",
        false,
    ),
    ("env", "vault:secret/data/app#x7Kq9ZpL2m", false),
    ("mcp", "ref+vault://secret/app#/x7Kq9ZpL2m", false),
    ("mcp", "ref+awssecrets://x7Kq9ZpL2m/key", false),
    (
        "yaml",
        "arn:aws:secretsmanager:eu-west-1:000000000000:secret:x7Kq9ZpL2m-AbCdEf",
        false,
    ),
    (
        "mcp",
        "arn:aws:ssm:eu-west-1:000000000000:parameter/x7Kq9ZpL2m",
        false,
    ),
    (
        "yaml",
        "'{{resolve:secretsmanager:x7Kq9ZpL2m:SecretString:key}}'",
        false,
    ),
    (
        "mcp",
        "projects/x7Kq9ZpL2m/secrets/token/versions/latest",
        false,
    ),
    ("mcp", "sm://x7Kq9ZpL2m/token", false),
    ("mcp", "berglas://x7Kq9ZpL2m/token", false),
    (
        "mcp",
        "@Microsoft.KeyVault(VaultName=x7Kq9ZpL2m;SecretName=token)",
        false,
    ),
    (
        "toml",
        "https://acme.vault.azure.net/secrets/x7Kq9ZpL2m",
        false,
    ),
    ("mcp", "infisical://x7Kq9ZpL2m/token", false),
    ("mcp", "doppler://x7Kq9ZpL2m/token", false),
    ("yaml", "!vault |", false),
    ("yaml", "!secret acme_token_x7", false),
    ("mcp", "{REF:P@I:46C9B1FFBD4ABC4BBB260C6190BAD20C}", false),
    ("npm", "/run/secrets/npm-x7Kq9Z", false),
    ("npm", "file:///run/secrets/npm-x7Kq9Z", false),
    ("mcp", "bw://x7Kq9ZpL2m/token", false),
    ("mcp", "akv://x7Kq9ZpL2m/token", false),
    ("mcp", "aws-sm://x7Kq9ZpL2m/token", false),
    ("mcp", "gcp-sm://x7Kq9ZpL2m/token", false),
    ("mcp", "ssm:/x7Kq9ZpL2m/token", false),
    ("mcp", "ref+gcpsecrets://x7Kq9ZpL2m/token", false),
    ("mcp", "secretref+vault://x7Kq9ZpL2m#/token", false),
    ("mcp", "keyring:x7Kq9ZpL2mVn4RtB8wYc", false),
    ("mcp", "keyvaultref:x7Kq9ZpL2mVn4RtB8wYc", false),
    (
        "mcp",
        "credentialsJSON:9b1d8c52-6e0f-4a3b-8c7d-2f5e1a90b6d4",
        false,
    ),
    (
        "mcp",
        "@Microsoft.AppConfiguration(Endpoint=x7Kq9ZpL2m; Key=token)",
        false,
    ),
    ("yaml", "!var prod/x7Kq9ZpL2m", false),
    ("yaml", "!Ref AcmeTokenX7", false),
    ("yaml", "!ENV ${ACME_TOKEN_X7}", false),
    ("yaml", "'{{ lookup(\"env\", \"ACME_TOKEN_X7\") }}'", false),
    ("mcp", "~true", false),
    ("mcp", "@acme-token-x7", false),
    // variables
    ("mcp", "{file:~/.acme/token-x7}", false),
    ("toml", "$__file{/etc/acme/token-x7}", false),
    ("toml", "$__vault{x7Kq9ZpL2m:token}", false),
    ("mcp", "$env:ACME_TOKEN_X7", false),
    ("yaml", "<< parameters.acme-token-x7 >>", false),
    ("yaml", "$$ACME_TOKEN_X7", false),
    ("yaml", "$[[ inputs.acme_token_x7 ]]", false),
    ("yaml", "%env.ACME_TOKEN_X7%", false),
    ("yaml", "${acme.dev.ACME_TOKEN_X7}", false),
    ("yaml", "${ssm:/acme/token-x7}", false),
    ("yaml", "${sm://x7Kq9ZpL2m}", false),
    ("mcp", "Bearer ${ACME_TOKEN_X7}", false),
    ("env", "${ACME_TOKEN_X7:?set it}", false),
    ("env", "${ACME_TOKEN_X7}", false),
    ("npm", "${NPM_TOKEN_X7}", false),
    ("npm", "$NPM_TOKEN_X7", false),
    ("mcp", "${env:ACME_TOKEN_X7}", false),
    ("mcp", "${input:acme-token-x7}", false),
    ("mcp", "${{ secrets.ACME_TOKEN_X7 }}", false),
    ("mcp", "{env:ACME_TOKEN_X7}", false),
    ("toml", "%ACME_TOKEN_X7%", false),
    ("toml", "%env(resolve:ACME_TOKEN_X7)%", false),
    ("toml", "$__env{ACME_TOKEN_X7}", false),
    ("yaml", "\"{{ acme_token_x7 }}\"", false),
    ("yaml", "{{ .Values.acmeTokenX7 }}", false),
    ("yaml", "<%= ENV[\"ACME_TOKEN_X7\"] %>", false),
    ("yaml", "$(ACME_TOKEN_X7)", false),
    ("direnv", "$(op read op://vault/item/x7Kq9ZpL2m)", false),
    ("toml", "#{ACME_TOKEN_X7}", false),
    ("toml", "__ACME_TOKEN_X7__", false),
    ("toml", "@@ACME_TOKEN_X7@@", false),
    ("yaml", "$[variables.acmeTokenX7]", false),
    ("block", "${ACME_TOKEN_X7}", false),
    // a default is a value
    (
        "env",
        concat!("${ACME_TOKEN_X7:", "-x7Kq9ZpL2mVn4RtB8wYc}"),
        true,
    ),
    (
        "direnv",
        concat!("${ACME_TOKEN_X7:", "-x7Kq9ZpL2mVn4RtB8wYc}"),
        true,
    ),
    (
        "mcp",
        concat!("${ACME_TOKEN_X7:", "-x7Kq9ZpL2mVn4RtB8wYc}"),
        true,
    ),
    ("mcp", "${X7:x7Kq9ZpL2mVn4RtB8wYc}", true),
    ("mcp", "${ACME_TOKEN_X7:-changeme}", false),
    ("mcp", "${ACME_TOKEN_X7:-}", false),
    ("mcp", "${ACME_TOKEN_X7:-op://vault/item/x7Kq9ZpL2m}", false),
    ("env", "${ACME_TOKEN_X7:-op://vault/item/x7Kq9ZpL2m}", false),
    ("npm", "${ACME_TOKEN_X7-x7Kq9ZpL2mVn4RtB8wYc}", true),
    // code
    ("mcp", "process.env['TOKEN']", false),
    ("mcp", "process.env.ACME_TOKEN_X7", false),
    ("mcp", "secrets.TOKEN_PROD1", false),
    ("mcp", "getenv('A9')", false),
    ("mcp", "import.meta.env.TOKEN1", false),
    ("toml", "os.environ['ACME_TOKEN_X7']", false),
    ("tf", "var.db_password_x7", false),
    ("tf", "data.vault.x7.password", false),
    ("yaml", "credentials('acme-x7')", false),
    ("toml", "get_token(7, 'x7Kq9')", false),
    ("toml", "ENV['ACME_TOKEN_X7']", false),
    ("toml", "env('ACME_TOKEN_X7')", false),
    ("mcp", "os.environ/ACME_TOKEN_X7", false),
];

#[test]
fn guard_and_detector_give_one_answer() {
    let rules = RuleSet::builtin();
    let detector = Detector::new(&rules);
    let guards = Guards::default();
    let mut wrong = Vec::new();
    for (file, value, expected) in ROWS {
        let (_, path, content) = FILES
            .iter()
            .find(|(name, ..)| name == file)
            .expect("each row names a file");
        let content = content.replace('@', value);
        let origin = InMemory {
            content: content.clone().into_bytes(),
            ..InMemory::default()
        };
        let change = Change::new(*path, Status::Added, EntryKind::File, origin);
        let guard = guarded(&change, &guards, &detector)
            .expect("memory can be read")
            .is_some();
        let named = guards.named(&change);
        let text = text_of(&change, content.as_bytes(), named.as_ref());
        let found = detector.detect(&text);
        let found = found
            .iter()
            .any(|it| it.judgement.confidence > Confidence::Possible);
        if (guard, found) != (*expected, *expected) {
            wrong.push(format!("{path}: {value}: guard {guard}, detector {found}"));
        }
    }
    assert!(ROWS.len() >= 60);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn content_is_read_only_where_a_name_fits_and_an_error_is_no_pass() {
    struct Unreadable;

    impl crate::change::Origin for Unreadable {
        fn content(&self) -> Result<Vec<u8>> {
            anyhow::bail!("the object is missing")
        }

        fn replaced(&self) -> Result<Vec<Vec<u8>>> {
            anyhow::bail!("the object is missing")
        }

        fn ignored(&self) -> Result<crate::change::Ignored> {
            anyhow::bail!("the object is missing")
        }
    }

    let rules = RuleSet::builtin();
    let ask = |path: &str| {
        let change = Change::new(path, Status::Added, EntryKind::File, Unreadable);
        guarded(&change, &Guards::default(), &Detector::new(&rules))
    };
    assert!(matches!(ask("src/main.rs"), Ok(None)));
    assert!(matches!(ask(".env.example"), Ok(None)));
    assert!(ask("id_rsa").is_err());
}
