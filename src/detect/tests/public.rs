//! What a page, an app, a message or the DNS shows to everybody, what is only a name or a sum of a secret, and what documents
//! show, each beside what must still be found.

use super::alarms::hold;

#[test]
fn what_an_editor_writes_into_each_project_is_known() {
    let passcode = ["frAQBc8W", "sa1xVPfv", "JcrgRYwT", "iizs2trQ"].concat();
    let passcode = format!("  ps4Passcode: {passcode}\n");
    let password = ["F69AzBla", "x3CF3EDN", "hm3soLBP", "h71Yexui"].concat();
    let password = format!("  psp2PackagePassword: {password}\n");
    hold(&[
        ("ProjectSettings/ProjectSettings.asset", &passcode, false),
        ("ProjectSettings/ProjectSettings.asset", &password, false),
        (
            "ProjectSettings/ProjectSettings.asset",
            "  ps4Passcode: <k32>\n",
            true,
        ),
        (
            "ProjectSettings/ProjectSettings.asset",
            "  psp2PackagePassword: <k32>\n",
            true,
        ),
    ]);
}

#[test]
fn keys_of_projects_are_their_ids() {
    hold(&[
        (
            "sonar-project.properties",
            "sonar.projectKey=acme_crm-backend_AY<k18>\nsonar.organization=acme\n",
            false,
        ),
        (
            "ci.yml",
            "  - sonar-scanner -Dsonar.projectKey=acme_crm_AY<k18> -Dsonar.host.url=https://s.acme.io\n",
            false,
        ),
        (
            "ci.yml",
            "  SONAR_PROJECT_KEY: \"acme_crm-backend_AY<k18>\"\n",
            false,
        ),
        (
            "pom.xml",
            "<properties><sonar.projectKey>acme_AY<k18></sonar.projectKey></properties>\n",
            false,
        ),
        (
            ".sonarlint/connectedMode.json",
            "{\n  \"sonarQubeUri\": \"https://sonar.acme.io\",\n  \"projectKey\": \"acme_AY<k18>\"\n}\n",
            false,
        ),
        (".env", "FIGMA_FILE_KEY=<k22>\n", false),
        (".env", "ACME_PROJECT_KEY=<k32>\n", true),
        (
            ".env",
            "SONAR_HOST=https://s.acme.io\nACME_PROJECT_KEY=<k32>\n",
            true,
        ),
        (".env", "ACME_FILE_KEY=<k40>\n", true),
        ("sonar-project.properties", "sonar.token=<h40>\n", true),
        (
            "ci.yml",
            "  - sonar-scanner -Dsonar.projectKey=acme -Dsonar.login=<h40>\n",
            true,
        ),
        (
            "ci.yml",
            "  SONAR_PROJECT_KEY: acme\n  API_KEY: \"<k32>\"\n",
            true,
        ),
    ]);
}

#[test]
fn ids_of_templates_name_messages() {
    hold(&[
        (
            "mail.py",
            "TEMPLATES = {\n    \"reset_password\": \"d-<h32>\",\n    \"new_api_key\": \"d-<h32>\",\n}\n",
            false,
        ),
        (
            "mail.ts",
            "export enum Mail {\n  ResetPassword = 'd-<h32>',\n}\n",
            false,
        ),
        (".env", "SENDGRID_RESET_PASSWORD=d-<h32>\n", false),
        (
            "mail.js",
            "const templates = {\n  resetPassword: 'tem_<k24>',\n};\n",
            false,
        ),
        (
            "mail.json",
            "{\"templates\": {\"reset_password\": \"<u>\", \"welcome\": \"<u>\"}}\n",
            false,
        ),
        (
            "mail.yml",
            "mail:\n  templates:\n    forgot_password: <k24>\n",
            false,
        ),
        (".env", "LOOPS_TEMPLATE_RESET_PASSWORD=<k25>\n", false),
        (".env", "RESET_PASSWORD=<k24>\n", true),
        (".env", "TEMPLATE_PASSWORD=<k24>\n", true),
        (".env", "NEW_PASSWORD=d-<k32>\n", true),
        ("a.js", "const db = {\n  newPassword: '<k24>',\n};\n", true),
        ("a.yml", "templates:\n  db:\n    password: <k24>\n", true),
        ("a.yml", "templates:\n  password: <k24>\n", true),
    ]);
}

#[test]
fn a_vault_is_asked_for_a_version() {
    hold(&[
        (
            "a.cs",
            "var secret = await client.GetSecretAsync(\"db-password\", \"<h32>\");\n",
            false,
        ),
        (
            "a.cs",
            "KeyVaultSecret s = client.GetSecret(\"stripe-key\", \"<h32>\");\n",
            false,
        ),
        (
            "a.py",
            "secret = client.get_secret(\"db-password\", \"<h32>\")\n",
            false,
        ),
        (
            "A.java",
            "KeyVaultSecret secret = secretClient.getSecret(\"db\", \"<h32>\");\n",
            false,
        ),
        ("a.py", "TOKEN = os.getenv(\"TOKEN\", \"<k32>\")\n", true),
        (
            "a.py",
            "secret = config.get_secret(\"db-password\", \"<h32>\")\n",
            true,
        ),
        (
            "a.py",
            "secret = client.get_secret(\"db-password\", \"<k40>\")\n",
            true,
        ),
        (
            "a.py",
            "client.set_secret(\"db-password\", \"<h32>\")\n",
            true,
        ),
        (
            "a.py",
            "api_key = os.environ.get(\"API_KEY\", \"<h32>\")\n",
            true,
        ),
    ]);
}

#[test]
fn pages_show_tokens_to_everybody() {
    hold(&[
        (
            "a.html",
            "window.chatwootSDK.run({ websiteToken: '<k24>', baseUrl: 'https://app.chatwoot.com' })\n",
            false,
        ),
        (
            "a.html",
            "<form action=\"https://api.web3forms.com/submit\" method=\"POST\">\n  <input type=\"hidden\" name=\"access_key\" value=\"<u>\">\n",
            false,
        ),
        (
            "a.js",
            "fetch(\"https://api.web3forms.com/submit\", { body: JSON.stringify({ access_key: \"<u>\" }) })\n",
            false,
        ),
        (
            "a.html",
            "  window.fcWidget.init({\n    token: \"<u>\",\n    host: \"https://wchat.freshchat.com\"\n  });\n",
            false,
        ),
        (
            "a.html",
            "<script src=\"https://static.cloudflareinsights.com/beacon.min.js\"></script>\n<script>const token = \"<k40>\"</script>\n",
            true,
        ),
        (
            "a.html",
            "window.chatwootSDK.run({ apiToken: '<k24>' })\n",
            true,
        ),
        (
            "a.html",
            "<form action=\"https://api.acme.io/submit\">\n  <input type=\"hidden\" name=\"access_key\" value=\"<u>\">\n",
            true,
        ),
        (
            ".env",
            "FRESHCHAT_URL=https://wchat.freshchat.com\nFRESHCHAT_API_TOKEN=<k40>\n",
            true,
        ),
        (".env", "WEBSITE_TOKEN=<k32>\n", true),
    ]);
}

#[test]
fn addresses_of_badges_hold_what_readers_get() {
    hold(&[
        (
            "README.md",
            "[![B](https://circleci.com/gh/acme/api.svg?style=svg&circle-token=<h40>)](https://circleci.com/gh/acme/api)\n",
            false,
        ),
        (
            "README.md",
            "[![B](https://app.bitrise.io/app/<h16>/status.svg?token=<k22>&branch=main)](https://app.bitrise.io)\n",
            false,
        ),
        (
            "README.md",
            "[![Q](https://sonarcloud.io/api/project_badges/measure?project=acme&metric=alert_status&token=<h40>)](https://sonarcloud.io)\n",
            false,
        ),
        (
            "a.html",
            "<img src=\"https://ci.acme.io/status/badge?token=<k32>\">\n",
            false,
        ),
        (
            "README.md",
            "https://circleci.com/api/v1.1/project/gh/acme/api?circle-token=<h40>\n",
            true,
        ),
        (
            "README.md",
            "curl 'https://api.acme.io/v1/status?token=<k32>'\n",
            true,
        ),
        (
            "a.sh",
            "curl \"https://sonarcloud.io/api/issues/search?token=<h40>\"\n",
            true,
        ),
        ("a.yml", "badge: a.svg\ncircle-token: <h40>\n", true),
        (
            "README.md",
            "![x](https://acme.io/a.svg) [y](https://api.acme.io/v1/y?api_key=<k32>)\n",
            true,
        ),
    ]);
}

#[test]
fn checks_of_domains_are_in_the_dns() {
    hold(&[
        ("zone.txt", "acme.io. 300 IN TXT \"docusign=<u>\"\n", false),
        (
            "dns.tf",
            "  records = [\"v=spf1 ~all\", \"docusign=<u>\"]\n",
            false,
        ),
        ("dns.yml", "  values:\n    - docusign=<u>\n", false),
        ("dns.js", "TXT(\"@\", \"docusign=<u>\"),\n", false),
        (
            "zone.txt",
            "acme.io. TXT \"stripe-verification=<h64>\"\n",
            false,
        ),
        (
            "zone.txt",
            "acme.io. TXT \"google-site-verification=<k43>\"\n",
            false,
        ),
        ("zone.txt", "acme.io. TXT \"MS=ms12345678\"\n", false),
        (
            "zone.txt",
            "acme.io. TXT \"atlassian-domain-verification=<k64>\"\n",
            false,
        ),
        (
            "zone.txt",
            "acme.io. TXT \"facebook-domain-verification=<a30>\"\n",
            false,
        ),
        (
            "zone.txt",
            "acme.io. TXT \"apple-domain-verification=<k16>\"\n",
            false,
        ),
        (
            "zone.txt",
            "acme.io. TXT \"zoom-domain-verification=<u>\"\n",
            false,
        ),
        (
            "zone.txt",
            "acme.io. TXT \"openai-domain-verification=dv-<k24>\"\n",
            false,
        ),
        (
            "zone.txt",
            "acme.io. TXT \"airtable-verification=<h32>\"\n",
            false,
        ),
        (
            "zone.txt",
            "acme.io. TXT \"slack-domain-verification=<k40>\"\n",
            false,
        ),
        (
            "zone.txt",
            "acme.io. TXT \"1password-site-verification=<k26>\"\n",
            false,
        ),
        (
            "zone.txt",
            "acme.io. TXT \"miro-verification=<h40>\"\n",
            false,
        ),
        (".env", "DOCUSIGN_SECRET_KEY=<u>\n", true),
        (".env", "DOCUSIGN_CLIENT_SECRET=<u>\n", true),
        ("a.js", "const docusign_secret = \"<u>\";\n", true),
        ("a.yml", "docusign:\n  client_secret: <u>\n", true),
        ("zone.txt", "acme.io. TXT \"api_key=<k40>\"\n", true),
    ]);
}

#[test]
fn keys_of_clients_are_told_by_their_form() {
    hold(&[
        (
            "a.ts",
            "Purchases.configure({ apiKey: 'appl_<k28>' });\n",
            false,
        ),
        (
            "a.ts",
            "const REVENUECAT_ANDROID_KEY = 'goog_<k27>';\n",
            false,
        ),
        (
            "a.swift",
            "Purchases.configure(withAPIKey: \"appl_<k28>\")\n",
            false,
        ),
        (
            "a.ts",
            "await AdyenCheckout({ environment: 'live', clientKey: 'live_<b32>', session });\n",
            false,
        ),
        (".env", "ADYEN_CLIENT_KEY=test_<b32>\n", false),
        (
            "a.html",
            "<script data-client-key=\"Mid-client-<k16>\"></script>\n",
            false,
        ),
        (".env", "MIDTRANS_CLIENT_KEY=SB-Mid-client-<k16>\n", false),
        (
            ".env",
            "BRAINTREE_TOKENIZATION_KEY=sandbox_<a8>_<a16>\n",
            false,
        ),
        (
            "a.ts",
            "new GrowthBook({ clientKey: 'sdk-<k16>' });\n",
            false,
        ),
        (".env", "PADDLE_CLIENT_TOKEN=live_<a27>\n", false),
        (
            "a.html",
            "Paddle.Initialize({ token: \"live_<a27>\" });\n",
            false,
        ),
        ("metadata.yml", "AllowedAPKSigningKeys: <h64>\n", false),
        ("a.ts", "configure({ apiKey: '<k28>' });\n", true),
        (".env", "REVENUECAT_SECRET_KEY=<k32>\n", true),
        (".env", "ADYEN_API_KEY=live_<b32>\n", true),
        (".env", "ADYEN_CLIENT_KEY=<b32>\n", true),
        (".env", "MIDTRANS_SERVER_KEY=Mid-server-<k24>\n", true),
        (".env", "BRAINTREE_PRIVATE_KEY=<h32>\n", true),
        (".env", "LAUNCHDARKLY_SDK_KEY=sdk-<u>\n", true),
        (".env", "PADDLE_API_TOKEN=live_<a27>\n", true),
        ("metadata.yml", "signing_keys: <h64>\n", true),
        (".env", "ACME_CLIENT_TOKEN=<k40>\n", true),
    ]);
}

#[test]
fn sums_and_what_passwords_are_checked_by_are_no_keys() {
    hold(&[
        ("a.json", "{\"SSECustomerKeyMD5\": \"<k22>==\"}\n", false),
        (
            "a.http",
            "x-amz-server-side-encryption-customer-key-MD5: <k22>==\n",
            false,
        ),
        (
            "a.ts",
            "const API_KEY_HASHES = ['<h64>', '<h64>'];\n",
            false,
        ),
        ("a.py", "TOKEN_HASHES = [\"<h64>\"]\n", false),
        (
            "a.json",
            "{\"SCRAM-SHA-256\": {\"iterationCount\": 15000, \"storedKey\": \"<k43>=\", \"serverKey\": \"<k43>=\"}}\n",
            false,
        ),
        (
            "qBittorrent.conf",
            "WebUI\\Password_PBKDF2=\"@ByteArray(<k22>==:<k86>==)\"\n",
            false,
        ),
        (
            "a.sql",
            "INSERT INTO users (name, password, salt) VALUES ('mira', '<h100>', '<k10>');\n",
            false,
        ),
        (
            "a.sql",
            "INSERT INTO users (name, salt, password) VALUES ('mira', '<k10>', '<h96>');\n",
            false,
        ),
        (
            "a.sql",
            "INSERT INTO `users` (`name`, `password`, `salt`) VALUES ('mira', '<h100>', '<k10>');\n",
            false,
        ),
        ("a.json", "{\"SSECustomerKey\": \"<k43>=\"}\n", true),
        ("a.ts", "const API_KEYS = ['<h64>', '<h64>'];\n", true),
        ("a.json", "{\"serverKey\": \"<k43>=\"}\n", true),
        ("a.conf", "WebUI\\Password=\"<k24>\"\n", true),
        (".env", "PBKDF2_SECRET=<k40>\n", true),
        (
            "a.sql",
            "INSERT INTO users (name, password) VALUES ('mira', '<k24>');\n",
            true,
        ),
        (
            "a.sql",
            "INSERT INTO users (name, password, salt) VALUES ('mira', '<k24>', '<k10>');\n",
            true,
        ),
        (
            "a.sql",
            "INSERT INTO apps (name, api_key, salt) VALUES ('mira', '<k40>', '<k10>');\n",
            true,
        ),
    ]);
}

#[test]
fn what_a_store_sealed_is_no_password() {
    hold(&[
        ("boot.properties", "password={AES256}<k63>=\n", false),
        ("boot.properties", "password={3DES}<k31>=\n", false),
        ("mule.properties", "db.password=![<k43>=]\n", false),
        ("mule.yaml", "db:\n  password: \"![<k43>=]\"\n", false),
        ("a.properties", "password=conf#<k32>\n", false),
        ("flow.json", "{\"Password\": \"enc{<h96>}\"}\n", false),
        (
            "a.config",
            "<add key=\"Password\" value=\"AQAAANCMnd8BFdERjHoAwE/Cl+sBAAAA<k120>\"/>\n",
            false,
        ),
        ("boot.properties", "password=<k32>\n", true),
        ("boot.properties", "password={AES256<k24>\n", true),
        ("mule.properties", "db.password=!<k24>\n", true),
        ("a.properties", "password=conf<k24>\n", true),
        ("a.properties", "password=AQAA<k28>\n", true),
    ]);
}

#[test]
fn examples_of_documents_are_read_on_one_line() {
    hold(&[
        (
            "docs/openapi.yaml",
            "      example: { access_token: \"<k40>\", token_type: bearer }\n",
            false,
        ),
        (
            "docs/openapi.yaml",
            "      example: { data: [{ access_token: \"<k40>\" }] }\n",
            false,
        ),
        (
            "docs/openapi.json",
            "{\"content\": {\"example\": {\"access_token\": \"<k40>\"}}}\n",
            false,
        ),
        (
            "docs/openapi.json",
            "{\"examples\": [{\"id\": 1}, {\"client_secret\": \"<k40>\"}]}\n",
            false,
        ),
        (
            "docs/openapi.yaml",
            "      example:\n        access_token: \"<k40>\"\n",
            false,
        ),
        (
            "docs/openapi.json",
            "{\"example\": {\"id\": 1}, \"access_token\": \"<k40>\"}\n",
            true,
        ),
        (
            "docs/config.json",
            "{\"server\": {\"access_token\": \"<k40>\"}}\n",
            true,
        ),
        (
            "config.yaml",
            "example: { access_token: \"<k40>\" }\n",
            true,
        ),
    ]);
}

#[test]
fn placeholders_are_read_in_other_languages() {
    let label = ["{\n \"apiKey\": \"\\u00c5", "tkomstnyckel\"\n}\n"].concat();
    hold(&[
        (".env", "DB_PASSWORD=wpisz_tutaj_haslo\n", false),
        ("a.php", "$config['password'] = 'lozinka-ovdje';\n", false),
        ("a.php", "$config['password'] = 'heslo-sem-vloz';\n", false),
        ("a.php", "$config['password'] = 'hier-einfuegen';\n", false),
        ("a.yml", "secret: unesite-lozinku-ovdje\n", false),
        ("locales/sv.json", &label, false),
        (
            "locales/et.json",
            "{\n \"confirmPassword\": \"Turvav\\u00f5ti\"\n}\n",
            false,
        ),
        ("l/tr.properties", "secretKey=\\u015eifreyenileme\n", false),
        ("l/sv.properties", "apiKey=\\xc5tkomstnyckel\n", false),
        (".env", "DB_PASSWORD=wpisz<k20>\n", true),
        ("a.php", "$config['password'] = 'sem<k16>';\n", true),
        ("a.json", "{\n \"apiKey\": \"<k16>\\u003d<k16>\"\n}\n", true),
        (
            "a.json",
            "{\n \"password\": \"<k12>\\u0026<k12>\\u0026\"\n}\n",
            true,
        ),
    ]);
}

#[test]
fn logins_at_hosts_of_examples_are_shown() {
    hold(&[
        (
            "tests/test_db.py",
            "URL = \"postgres://app:<k20>@db.example.com:5432/shop\"\n",
            false,
        ),
        (
            "README.md",
            "postgres://app:<k20>@db.example.org/shop\n",
            false,
        ),
        ("docs/a.md", "curl https://me:<k24>@host.test/x\n", false),
        (
            "spec/a_spec.rb",
            "url = 'redis://:<k24>@cache.invalid:6379'\n",
            false,
        ),
        (
            "src/db.py",
            "URL = \"postgres://app:<k20>@db.example.com:5432/shop\"\n",
            true,
        ),
        (
            "tests/test_db.py",
            "URL = \"postgres://app:<k20>@db.acme.io:5432/shop\"\n",
            true,
        ),
        ("README.md", "postgres://app:<k20>@db.acme.io/shop\n", true),
        (
            "README.md",
            "postgres://app:<k20>@example.com.acme.io/shop\n",
            true,
        ),
    ]);
}

#[test]
fn pages_are_read_as_documents_are() {
    let join = "kubeadm join 10.0.0.1:6443 --token <a6>.<a16> --discovery-token-ca-cert-hash sha256:<h64>\n";
    hold(&[
        ("guide/kubeadm.html", join, false),
        ("guide/kubeadm.md", join, false),
        ("guide/KUBEADM.HTM", join, false),
        ("join.sh", join, true),
        ("guide/kubeadm.yml", join, true),
    ]);
}
