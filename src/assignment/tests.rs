//! What is read in each notation, whole and broken off, and what no value is.

use super::{each, variable};
use crate::filetype::FileType;

/// How people write a name and its value; `@` stands for the value.
pub(crate) const NOTATIONS: &[(&str, &str)] = &[
    ("a.py", "password = \"@\""),
    ("a.py", "password: str = '@'"),
    ("a.py", "config[\"password\"] = \"@\""),
    ("a.py", "connect(user=\"x\", password=\"@\")"),
    ("a.py", "TOKEN = os.environ.get(\"API_TOKEN\", \"@\")"),
    ("a.py", "secret_key = b'@'"),
    ("a.py", "API_SECRET = (\n    \"@\"\n)"),
    ("a.js", "const apiKey = '@';"),
    ("a.js", "{ clientSecret: `@` }"),
    ("a.js", "const token = process.env.API_TOKEN || '@'"),
    ("a.js", "headers: { 'X-Api-Key': '@' }"),
    ("a.ts", "private readonly apiKey: string = '@';"),
    ("a.go", "\tapiKey := \"@\""),
    ("a.go", "const Password string = \"@\""),
    ("a.go", "client.SetAuthToken(\"@\")"),
    ("a.rs", "let client_secret: &str = \"@\";"),
    ("a.rs", "password: \"@\".to_owned(),"),
    ("A.java", "private static final String API_KEY = \"@\";"),
    ("A.java", "props.put(\"db.password\", \"@\");"),
    ("A.java", "char[] password = \"@\".toCharArray();"),
    ("a.cs", "var secret = new String(\"@\");"),
    ("a.php", "define('DB_PASSWORD', '@');"),
    ("a.php", "'password' => '@',"),
    ("a.rb", "  :password => \"@\","),
    ("a.swift", "let apiToken: String = \"@\""),
    ("a.kt", "val clientSecret = \"@\""),
    ("a.c", "char password[] = \"@\";"),
    ("a.c", "#define API_KEY \"@\""),
    (".env", "DB_PASSWORD=@"),
    (".env.local", "export API_KEY=@ # the key"),
    ("a.properties", "spring.datasource.password=@"),
    ("a.ini", "password = @"),
    ("a.yml", "  api_key: @"),
    ("docker-compose.yml", "      - POSTGRES_PASSWORD=@"),
    (
        "deploy.yaml",
        "        - name: DB_PASSWORD\n          value: \"@\"",
    ),
    ("a.toml", "api_token = \"@\""),
    ("a.sh", "export SECRET_TOKEN=@"),
    ("a.sh", "PASS=${DB_PASSWORD:-@}"),
    ("a.sh", "mysql --user=root --password=@ db"),
    ("a.sh", "deploy --token @ --verbose"),
    ("Dockerfile", "ENV API_TOKEN @"),
    ("Dockerfile", "ARG API_TOKEN=@"),
    ("main.tf", "  password = \"@\""),
    ("appsettings.json", "\"ClientSecret\": \"@\","),
    ("vars.json", "{\"name\": \"DB_PASSWORD\", \"value\": \"@\"}"),
    ("a.ipynb", "\"password = \\\"@\\\"\\n\","),
    ("web.config", "<add key=\"ApiToken\" value=\"@\" />"),
    ("settings.xml", "<password>@</password>"),
    ("Info.plist", "<key>ApiSecret</key>\n<string>@</string>"),
    ("a.md", "curl -H 'X-Auth-Token: @' host"),
    ("a.md", "open https://a.b/c?access_token=@&x=1"),
    ("a.js", "fetch(\"https://a.b/c?access_token=@\")"),
    ("a.cs", "\"Server=db;User=sa;Password=@;\""),
    (".npmrc", "//registry.a.b/:_authToken=@"),
    ("pypirc", "[x]\npassword: @"),
    ("", "\"refreshToken\":\"@\""),
    ("a.yml", "api_token: |\n  @\nuser: me"),
    ("a.yml", "db:\n  password: >-\n    @\n  user: me"),
    ("a.md", "token: |2\n  @\n\nMore."),
    ("a.toml", "api_token = \"\"\"\n@\"\"\""),
    ("a.py", "SECRET_KEY = '''\n    @\n'''"),
    ("a.yml", "api_token: ${ACME:-@}"),
    ("a.yml", "password: ${spring.acme:@}"),
    ("a.sh", "API_TOKEN=\"${ACME-${ACME_DEV:=@}}\""),
];

/// Words of names that lead to a value.
const KEYWORDS: &[&str] = &["key", "pass", "secret", "token", "pw"];

/// Every value that a name with a keyword is given, once.
fn values(path: &str, content: &str) -> Vec<String> {
    let file_type = FileType::of_path(path.as_bytes());
    let lower = content.to_ascii_lowercase();
    let mut values: Vec<String> = KEYWORDS
        .iter()
        .flat_map(|keyword| lower.match_indices(keyword))
        .flat_map(|(at, keyword)| {
            let mut all = Vec::new();
            each(
                content.as_bytes(),
                &(at..at + keyword.len()),
                file_type,
                &mut |found| {
                    all.push(
                        String::from_utf8_lossy(&content.as_bytes()[found.value]).into_owned(),
                    );
                },
            );
            all
        })
        .collect();
    values.sort();
    values.dedup();
    values
}

#[test]
fn a_value_is_read_in_every_notation() {
    for (path, template) in NOTATIONS {
        let content = template.replace('@', "x7Kq9ZpL2mVn4RtB8wYc");
        let values = values(path, &content);
        assert!(
            values.contains(&"x7Kq9ZpL2mVn4RtB8wYc".to_owned()),
            "{path}: {template}: {values:?}"
        );
    }
}

#[test]
fn a_text_may_break_off_anywhere() {
    for (path, template) in NOTATIONS {
        let content = template.replace('@', "x7Kq9ZpL2mVn");
        for end in 0..content.len() {
            // Whatever it reads: it must not panic.
            values(path, &content[..end]);
        }
    }
    for content in [
        "password: x\nname: token\n\"value",
        "token: |",
        "token: |\n",
        "key='''",
    ] {
        values("a.yml", content);
    }
}

#[test]
fn what_goes_on_is_no_value() {
    for (path, content) in [
        // texts of more than a line
        ("a.yml", "private_key: |\n  first\n  second\n"),
        ("a.yml", "token: >\n  first\n   second\n"),
        ("a.toml", "token = \"\"\"\nfirst\nsecond\"\"\""),
        ("a.py", "secret = '''first\nsecond'''"),
        // nothing below
        ("a.yml", "token: |\nuser: me\n"),
        ("a.yml", "token: |\n\n  first\n"),
        // no block
        ("a.ts", "let token: |\n  first\n"),
        ("a.yml", "token: |first\n"),
    ] {
        let values = values(path, content);
        let read = |word: &str| values.iter().any(|value| value.starts_with(word));
        assert!(
            !read("first") && !read("user"),
            "{path}: {content}: {values:?}"
        );
    }
}

#[test]
fn work_is_linear_whatever_the_signs() {
    for part in [
        "key=",
        "key=\"",
        "pass:'",
        "token=\\\"",
        "token",
        "secret(",
        "key=x&",
        "token: |\n ",
        "key=\"\"\"",
        "token=${A:-",
        "pass: >-\n",
        "key:|",
        "token<",
        "secret = '''\n",
    ] {
        let content = part.repeat(400_000 / part.len());
        let started = std::time::Instant::now();
        for path in ["a.js", "a.env", "a.yml"] {
            values(path, &content);
        }
        assert!(started.elapsed().as_secs() < 20, "{part:?}");
    }
}

#[test]
fn names_make_variables() {
    for (name, expected) in [
        ("apiKey", Some("API_KEY")),
        (
            "spring.datasource.password",
            Some("SPRING_DATASOURCE_PASSWORD"),
        ),
        ("--token", Some("TOKEN")),
        ("2fa", None),
    ] {
        assert_eq!(variable(name.as_bytes()).as_deref(), expected);
    }
}
