//! What is read in each notation, whole and broken off, and what no value is.

use super::{READERS, Reader, each, each_by, manifest, variable};
use crate::filetype::FileType;
use crate::lab::Random;

/// How people write a name and its value; `@` stands for the value.
const NOTATIONS: &[(&str, &str)] = &[
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
    ("a.js", "client.secrets.update('API_TOKEN', '@')"),
    ("a.js", "VALID_API_KEYS.add('@');"),
    ("a.py", "client.secrets.create(\"@\")"),
    ("a.kt", "storePassword(System.getenv(\"P\")) ?: \"@\""),
    ("a.py", "set_api_key(x) or \"@\""),
    ("A.java", "var c = TokenCredentials.create(\"@\");"),
    (
        "a.rs",
        "req.header(\"host\", \"x\").header(\"x-api-key\", \"@\").send()",
    ),
    ("a.js", "client.credentials.create('id', '@')"),
    (
        "a.js",
        "const token = app.services.jwt.sign('@', { expiresIn: 5 })",
    ),
    ("a.js", "this.api.setToken('@', { keep: true })"),
    (
        "a.ts",
        "await client.vault.secrets.update('id', { secret: '@' })",
    ),
    ("A.cs", "var apiKey = Keys.Create(\"@\");"),
    ("a.rs", "let hash = hmac_sha256(b\"@\") || other;"),
];

/// More notations, each with what it is called; `@` stands for the value.
const NAMED: &[(&str, &str, &str)] = &[
    // What follows a name in words.
    (
        "property of C#",
        "A.cs",
        "public string ApiKey { get; set; } = \"@\";",
    ),
    (
        "property of C# set once",
        "A.cs",
        "string ApiKey { get; init; } = \"@\";",
    ),
    ("sentence", "a.md", "The password is @."),
    ("sentence in a comment", "a.go", "// TODO: the api key is @"),
    (
        "sentence with a code",
        "a.md",
        "Its token is `@`, as before.",
    ),
    (
        "tag of Go",
        "a.go",
        "K string `env:\"X_API_KEY\" envDefault:\"@\"`",
    ),
    (
        "tag of Go with a default",
        "a.go",
        "K string `env:\"X_API_KEY\" default:\"@\"`",
    ),
    ("anchor of YAML", "a.yml", "api_key: &key \"@\"\nb: *key"),
    (
        "path of a user's secret",
        "a.sh",
        "dotnet user-secrets set \"App:ApiKey\" \"@\"",
    ),
    (
        "quoted name of a command",
        "a.sh",
        "npm config set \"api_token\" @",
    ),
    ("keyword with a namespace", "a.clj", "{:app/api-key \"@\"}"),
    (
        "options of SQL",
        "a.sql",
        "OPTIONS (user 'x', password '@');",
    ),
    (
        "secret of SQL",
        "a.sql",
        "CREATE SECRET s (TYPE S3, KEY_ID 'x', SECRET '@');",
    ),
    (
        "header for httpie",
        "a.sh",
        "http POST h.net/a X-Api-Key:@ a=b",
    ),
    ("map of Erlang", "a.erl", "#{<<\"api_key\">> => <<\"@\">>}."),
    // Entries of one block.
    (
        "value first in the first line",
        "a.yml",
        "- value: \"@\"\n  name: API_KEY\n",
    ),
    (
        "parameter with a value",
        "a.json",
        "[{\"ParameterKey\": \"ApiKey\", \"ParameterValue\": \"@\"}]",
    ),
    (
        "attributes with a namespace",
        "a.xml",
        "<meta-data\n  android:name=\"com.x.ApiKey\"\n  android:value=\"@\" />",
    ),
    (
        "arguments called name and default",
        "Jenkinsfile",
        "string(name: 'API_KEY', defaultValue: '@', description: '')",
    ),
    // Lists.
    ("array in JSON", "a.json", "{\"secrets\": [\"@\"]}"),
    (
        "array of lines",
        "a.json",
        "\"api_keys\": [\n  \"first\",\n  \"@\"\n]",
    ),
    ("array in TOML", "a.toml", "tokens = [ \"@\" ]"),
    ("sequence", "a.yml", "passwords:\n  - one\n  - @\n"),
    (
        "sequence as deep as its name",
        "a.yml",
        "api_keys:\n- '@'\n- x\n",
    ),
    ("slice of Go", "a.go", "\tTokens: []string{\"@\"},"),
    (
        "array of Java",
        "A.java",
        "String[] tokens = new String[]{\"a\", \"@\"};",
    ),
    ("array of C#", "a.cs", "var apiKeys = new[] { \"@\" };"),
    (
        "list of a function",
        "a.kt",
        "val apiKeys = listOf(\"@\", \"b\")",
    ),
    ("macro of Rust", "a.rs", "let tokens = vec![\"@\"];"),
    ("tuple", "a.py", "connect(auth=(\"bob\", \"@\"))"),
    // Arguments.
    (
        "option in JSON",
        "a.json",
        "\"args\": [\"serve\", \"--api-key\", \"@\"]",
    ),
    (
        "option in lines",
        "a.json",
        "[\n  \"--auth-token\",\n  \"@\"\n]",
    ),
    (
        "option in YAML",
        "a.yml",
        "args:\n  - --db-password\n  - @\n",
    ),
    (
        "quoted option in YAML",
        "a.yml",
        "args:\n- \"--token\"\n- \"@\"\n",
    ),
    (
        "option in code",
        "a.py",
        "run([\"mysql\", \"--password\", \"@\"])",
    ),
    (
        "continued command",
        "a.sh",
        "deploy --token \\\n  @ --verbose",
    ),
    ("user and password", "a.sh", "curl -u deploy:@ https://a.b"),
    (
        "user and password, continued",
        "a.sh",
        "curl -X POST https://a.b \\\n  --user 'deploy:@'",
    ),
    (
        "password in quotes",
        "a.sh",
        "curl https://a.b -u deploy:\"@\"",
    ),
    ("key as the user", "a.sh", "curl -s -u \"@:\" https://a.b"),
    (
        "password alone",
        "a.md",
        "    curl --proxy-user :@ https://a.b",
    ),
    (
        "user and password in a list",
        "a.py",
        "run([\"curl\", \"-u\", \"deploy:@\"])",
    ),
    (
        "header of nginx",
        "nginx.conf",
        "    proxy_set_header X-Api-Key \"@\";",
    ),
    ("setx", "a.bat", "setx DB_PASSWORD @"),
    ("set of fish", "a.fish", "set -gx API_TOKEN @"),
    ("setenv", "a.csh", "setenv API_SECRET @"),
    ("set of CMake", "a.cmake", "set(DB_PASSWORD \"@\")"),
    ("setq", "a.el", "(setq db-password \"@\")"),
    ("keyword", "a.clj", "{:user \"x\" :password \"@\"}"),
    ("command", "a.gradle", "release { storePassword '@' }"),
    ("tuple", "a.erl", "{password, \"@\"}."),
    ("tuple of Elixir", "a.exs", "{:api_token, \"@\"}"),
    ("pair with a word", "a.kt", "mapOf(\"X-Api-Key\" to \"@\")"),
    ("braces", "a.cpp", "std::string apiToken{\"@\"};"),
    ("option of Redis", "redis.conf", "requirepass @"),
    // Wrappers.
    ("bytes of Go", "a.go", "var jwtSecret = []byte(\"@\")"),
    (
        "bytes and back",
        "a.go",
        "apiToken := string([]byte(\"@\"))",
    ),
    (
        "two results",
        "a.go",
        "\tsecretKey, err := hex.DecodeString(\"@\")",
    ),
    (
        "decoder",
        "A.java",
        "byte[] secretKey = Base64.getDecoder().decode(\"@\");",
    ),
    (
        "decoder of Python",
        "a.py",
        "SECRET_KEY = base64.b64decode(\"@\")",
    ),
    (
        "buffer",
        "a.js",
        "const apiSecret = Buffer.from('@', 'hex')",
    ),
    ("added to", "a.php", "$apiToken .= \"@\";"),
    ("makefile", "Makefile", "API_TOKEN ::= @"),
    // Defaults.
    ("or", "a.py", "api_key = os.getenv(\"SERVICE\") or \"@\""),
    (
        "or of the variable",
        "a.py",
        "x = os.getenv(\"API_TOKEN\") or \"@\"",
    ),
    ("get", "a.py", "api_token = settings.get(\"svc\", \"@\")"),
    (
        "default",
        "a.py",
        "SECRET_KEY = config('SECRET', default='@')",
    ),
    ("choice", "a.js", "const apiKey = local ? 'none' : '@';"),
    ("elvis", "a.kt", "val apiToken = env[\"X\"] ?: \"@\""),
    ("nothing else", "a.ts", "const apiToken = opts.token ?? '@'"),
    (
        "unwrap_or",
        "a.rs",
        "let s = std::env::var(\"JWT_SECRET\").unwrap_or(\"@\".into());",
    ),
    (
        "block of Ruby",
        "a.rb",
        "x = ENV.fetch(\"API_SECRET\") { \"@\" }",
    ),
    (
        "option of argparse",
        "a.py",
        "p.add_argument(\"--api-key\", type=str, default=\"@\")",
    ),
    // Blocks.
    (
        "variable of Terraform",
        "a.tf",
        "variable \"db_password\" {\n  type    = string\n  default = \"@\"\n}",
    ),
    (
        "variable on a line",
        "a.tf",
        "variable \"api_token\" { default = \"@\" }",
    ),
    (
        "parameter of CloudFormation",
        "a.yaml",
        "  DbPassword:\n    Type: String\n    NoEcho: true\n    Default: @\n",
    ),
    (
        "parameter in JSON",
        "a.json",
        "\"DbPassword\": {\"Type\": \"String\", \"Default\": \"@\"}",
    ),
    (
        "variable of GitLab",
        "a.yml",
        "  API_TOKEN:\n    value: \"@\"\n    description: x",
    ),
    ("pair in braces", "a.cs", "{ { \"ApiKey\", \"@\" } };"),
    ("pair in brackets", "a.js", "new Map([['apiKey', '@']])"),
    (
        "value, then name",
        "a.json",
        "{\"value\": \"@\", \"name\": \"API_KEY\"}",
    ),
    (
        "value, then name, in YAML",
        "a.yaml",
        "env:\n- value: @\n  name: DB_PASSWORD\n",
    ),
    (
        "value, then name, in lines",
        "a.json",
        "{\n  \"value\": \"@\",\n  \"type\": \"x\",\n  \"key\": \"apiToken\"\n}",
    ),
    (
        "name, and value further down",
        "a.json",
        "{\n  \"key\": \"API_TOKEN\",\n  \"enabled\": true,\n  \"value\": \"@\"\n}",
    ),
    (
        "map under a plural name",
        "a.py",
        "API_TOKENS = {\"alice\": \"@\", \"bob\": None}",
    ),
    (
        "mapping under a plural name",
        "a.yml",
        "passwords:\n  alice: \"@\"\n  bob: x\n",
    ),
    (
        "parameter of a template",
        "a.json",
        "\"adminPassword\": {\n  \"type\": \"x\",\n  \"defaultValue\": \"@\"\n}",
    ),
    // Markup.
    (
        "names and values",
        "web.xml",
        "<param-name>apiKey</param-name>\n<param-value>@</param-value>",
    ),
    (
        "element by its attribute",
        "strings.xml",
        "<string name=\"api_secret\">@</string>",
    ),
    ("entry", "a.xml", "<entry key=\"db.password\">@</entry>"),
    (
        "element with attributes",
        "a.xml",
        "<password encrypted=\"false\">@</password>",
    ),
    (
        "element of a namespace",
        "a.xml",
        "<wsse:Password Type=\"Text\">@</wsse:Password>",
    ),
    (
        "value in a setting",
        "a.config",
        "<setting name=\"ApiSecret\" serializeAs=\"String\"><value>@</value></setting>",
    ),
    (
        "property with a value",
        "a.xml",
        "<property name=\"password\">\n  <value>@</value>\n</property>",
    ),
    (
        "attributes the other way round",
        "a.config",
        "<add value=\"@\" key=\"DbPassword\"/>",
    ),
    // YAML.
    ("anchor", "a.yaml", "db_password: &pw @"),
    ("tag", "a.yaml", "db_password: !!str @"),
    (
        "pairs in a value",
        "a.yml",
        "mysql_user: name=app password=@ state=present",
    ),
    // Arguments of what takes a secret.
    ("login", "a.py", "server.login(\"me\", \"@\")"),
    (
        "signature",
        "a.js",
        "jwt.sign({ id: 7 }, '@', { expiresIn: '1h' })",
    ),
    (
        "hash with a key",
        "a.js",
        "crypto.createHmac('sha256', '@')",
    ),
    ("cipher", "a.py", "AES.new(\"@\", AES.MODE_CBC)"),
    (
        "credentials",
        "a.py",
        "requests.get(u, auth=HTTPBasicAuth(\"bob\", \"@\"))",
    ),
    (
        "connection",
        "a.php",
        "$db = new PDO(\"mysql:host=h\", \"app\", \"@\");",
    ),
    (
        "cipher of CryptoJS",
        "a.js",
        "CryptoJS.AES.encrypt(text, '@')",
    ),
    (
        "signature of a builder",
        "A.java",
        "return builder.signWith(alg, \"@\").compact();",
    ),
    (
        "hash with a key of C#",
        "a.cs",
        "new HMACSHA256(Encoding.UTF8.GetBytes(\"@\"));",
    ),
    ("login of a service", "a.js", "client.login('@');"),
    (
        "connection of three",
        "a.py",
        "db = pymysql.connect(\"db\", \"app\", \"@\")",
    ),
    (
        "decoder as an argument",
        "A.java",
        "c.setSecretKey(Base64.getDecoder().decode(\"@\"));",
    ),
    (
        "field of Gradle",
        "a.gradle",
        "buildConfigField \"String\", \"API_SECRET\", \"\\\"@\\\"\"",
    ),
    (
        "secret of a command",
        "a.sh",
        "gh secret set DB_PASSWORD --body \"@\"",
    ),
    (
        "parameter of a command",
        "a.sh",
        "aws ssm put-parameter --name /db/DB_PASSWORD --value @",
    ),
    // Messages.
    (
        "header of another scheme",
        "a.http",
        "Authorization: ApiKey @",
    ),
    (
        "header in a string",
        "a.py",
        "h = \"Authorization: Token @\"",
    ),
    (
        "header in a list",
        "a.yml",
        "headers:\n  Authorization:\n  - Splunk @\n  Accept:\n  - x\n",
    ),
    (
        "header in an array",
        "a.json",
        "\"Authorization\": [\"SSWS @\"]",
    ),
    (
        "header with a parameter",
        "a.sh",
        "curl -H 'Authorization: Token token=@' u",
    ),
    ("cookie", "a.http", "Cookie: theme=dark; PHPSESSID=@; x=1"),
    (
        "cookie in JSON",
        "a.json",
        "\"Cookie\": \"session=@; Path=/\"",
    ),
    (
        "serialised",
        "a.sql",
        "'a:1:{s:13:\"smtp_password\";s:20:\"@\";}'",
    ),
    (
        "escaped query",
        "a.html",
        "<a href=\"https://a.b/c?x=1&amp;access_token=@&amp;y=2\">",
    ),
    ("cell", "a.md", "| API_TOKEN | @ |"),
    // Tables.
    ("column", "a.csv", "id,api_key\n7,@\n"),
    ("first column", "a.csv", "secret;owner\n@;\"a;b\"\n"),
    (
        "column in quotes",
        "a.csv",
        "\"id\",\"Client secret\"\r\n\"a \"\"b\"\", c\",\"@\"\r\n",
    ),
    (
        "column behind a text of lines",
        "a.csv",
        "note,token,x\n\"a\nb\",@,1\n",
    ),
    ("column of tabs", "a.tsv", "host\tuser\tpassword\nx\ty\t@"),
    (
        "last row of many",
        "a.psv",
        "id|db_password|x\n1||\n2|a|\n3| @ |y\n",
    ),
    ("only column", "a.csv", "access_token\n@\n"),
    (
        "inserted",
        "a.sql",
        "INSERT INTO users (id, api_key, x) VALUES (1, '@', 'y');",
    ),
    (
        "second row",
        "a.sql",
        "insert into `users` (`id`, `db_password`)\nvalues\n(1, NULL),\n(f(2, 'a'), '@')",
    ),
    (
        "row of settings",
        "a.sql",
        "UPDATE wp_options SET option_value = '@' WHERE option_name = 'api_key';",
    ),
    // Other languages.
    ("by", "a.kt", "val apiToken by lazy { \"@\" }"),
    (
        "computed",
        "a.swift",
        "var apiToken: String { return \"@\" }",
    ),
    ("getter", "a.js", "get apiToken() { return '@'; }"),
    ("arrow", "a.js", "const apiToken = () => '@';"),
    ("lambda", "a.py", "api_token = lambda: \"@\""),
    (
        "closure",
        "a.rs",
        "env::var(\"API_TOKEN\").unwrap_or_else(|_| \"@\".into())",
    ),
    (
        "supplier",
        "A.java",
        "apiToken = find(x).orElseGet(() -> \"@\");",
    ),
    ("raw string", "a.rs", "let api_token = r#\"@\"#;"),
    ("cast", "a.ts", "const apiToken = <string>\"@\";"),
    ("private name", "a.js", "  static #apiToken = '@';"),
    ("commented out", "a.py", "#api_token = '@'"),
    ("attribute of a module", "a.ex", "  @api_token \"@\""),
    (
        "setting of Elixir",
        "a.exs",
        "config :app, :api_token, \"@\"",
    ),
    ("setting of Capistrano", "a.rb", "set :db_password, '@'"),
    ("macro of Erlang", "a.erl", "-define(api_token, \"@\")."),
    ("binary of Erlang", "a.erl", "{api_token, <<\"@\">>}"),
    (
        "keyword before another",
        "a.clj",
        "{:password \"@\" :user \"x\"}",
    ),
    ("setenv of Lisp", "a.el", "(setenv \"API_TOKEN\" \"@\")"),
    ("arrow of Scala", "a.scala", "Map(\"api_token\" -> \"@\")"),
    ("arrow of R", "a.R", "api_token <- '@'"),
    ("copied", "a.c", "strcpy(config.password, \"@\");"),
    ("set of Tcl", "a.tcl", "set api_token \"@\""),
    (
        "set of AppleScript",
        "a.applescript",
        "set api_token to \"@\"",
    ),
    (
        "clause of COBOL",
        "a.cbl",
        "01 WS-PASSWORD PIC X(40) VALUE \"@\".",
    ),
    ("string of Nix", "a.nix", "apiToken = ''@'';"),
    ("default of CUE", "a.cue", "apiToken: string | *\"@\""),
    ("hidden field of Jsonnet", "a.jsonnet", "{ apiToken:: '@' }"),
    (
        "merged field of Jsonnet",
        "a.jsonnet",
        "{ 'apiToken'+: '@' }",
    ),
    ("heredoc", "a.rb", "  api_token = <<~EOS\n    @\n  EOS\n"),
    (
        "heredoc of Terraform",
        "a.tf",
        "  api_token = <<-EOT\n@\nEOT\n",
    ),
    (
        "field of Gradle",
        "a.gradle",
        "  resValue 'string', 'api_token', '@'",
    ),
    // Directives and commands.
    ("set of nginx", "nginx.conf", "    set $api_token \"@\";"),
    (
        "header of Apache",
        "a.conf",
        "RequestHeader set X-Api-Token \"@\"",
    ),
    (
        "header of Caddy",
        "Caddyfile",
        "  header_up X-Api-Token \"@\"",
    ),
    (
        "header of HAProxy",
        "haproxy.cfg",
        "  http-request set-header X-Api-Token @",
    ),
    (
        "user of HAProxy",
        "haproxy.cfg",
        "userlist x\n  user admin insecure-password @",
    ),
    ("git config", "a.sh", "git config --global acme.token '@'"),
    (
        "aws configure",
        "a.md",
        "aws configure set aws_secret_access_key @",
    ),
    ("here-string", "a.sh", "vercel env add API_TOKEN <<< \"@\""),
    (
        "handed over",
        "a.sh",
        "echo '@' | docker login -u a --password-stdin",
    ),
    (
        "handed over bare",
        "a.yml",
        "  - echo @ | docker login --password-stdin",
    ),
    (
        "variable of Robot Framework",
        "a.robot",
        "${API_TOKEN}    @",
    ),
    (
        "filter of Helm",
        "a.tpl",
        "{{ .Values.apiToken | default \"@\" }}",
    ),
    ("filter of Jinja", "a.j2", "{{ api_token | default('@') }}"),
    (
        "header of Swift",
        "a.swift",
        "req.setValue(\"@\", forHTTPHeaderField: \"X-Api-Token\")",
    ),
    (
        "assigned if missing",
        "a.js",
        "process.env['API_TOKEN'] ??= '@';",
    ),
    ("emphasis", "a.md", "**Token:** @"),
    // More markup.
    (
        "value in an element",
        "a.xml",
        "<apiToken>\n  <value>@</value>\n</apiToken>",
    ),
    (
        "value in capitals",
        "a.xml",
        "<Setting Name=\"ApiToken\"><Value>@</Value></Setting>",
    ),
    (
        "key of XAML",
        "a.xaml",
        "<sys:String x:Key=\"ApiToken\">@</sys:String>",
    ),
    ("field of reStructuredText", "a.rst", ":token: ``@``"),
    // An id and the secret that goes with it.
    ("client", "a.py", "c = Client('AC12', '@')"),
    (
        "client on lines",
        "A.java",
        "var c = new AcmeClient(\n    \"app-1\",\n    \"@\");",
    ),
    (
        "client of a module",
        "a.js",
        "new acme.RestClient(id, '@', { a: 1 })",
    ),
];

/// Words of names that lead to a value, and functions that take one.
const KEYWORDS: &[&str] = &[
    "key",
    "pass",
    "secret",
    "token",
    "pw",
    "auth",
    "cookie",
    "login(",
    "client(",
    "sign",
    "hmac",
    "aes.",
    "pdo(",
    "connect(",
    "-u ",
    "-u\"",
    "--user",
    "--proxy-user",
    "credential",
];

/// Every value that a name with a keyword is given, once.
fn values(path: &str, content: &str) -> Vec<String> {
    values_by(READERS, path, content)
}

/// The same by these readers alone.
fn values_by(readers: &[Reader], path: &str, content: &str) -> Vec<String> {
    let file_type = FileType::of_path(path.as_bytes());
    let lower = content.to_ascii_lowercase();
    let seen = super::Seen::default();
    let mut values: Vec<String> = KEYWORDS
        .iter()
        .flat_map(|keyword| lower.match_indices(keyword))
        .flat_map(|(at, keyword)| {
            let mut all = Vec::new();
            each_by(
                readers.iter(),
                content.as_bytes(),
                &(at..at + keyword.len()),
                file_type,
                &seen,
                &mut |found: super::Assignment| {
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

/// Every notation, with what it is called.
pub(crate) fn notations() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let plain = NOTATIONS
        .iter()
        .map(|&(path, template)| ("plain", path, template));
    plain.chain(NAMED.iter().copied())
}

#[test]
fn a_value_is_read_in_every_notation() {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const HEX: &[u8] = b"0123456789abcdef";
    const URL_SAFE: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    let mut random = Random::new(11);
    for (alphabet, len) in [(LETTERS, 12), (LETTERS, 40), (HEX, 32), (URL_SAFE, 24)] {
        let value = random.text(alphabet, len);
        for (name, path, template) in notations() {
            let content = template.replace('@', &value);
            let values = values(path, &content);
            assert!(
                values.contains(&value),
                "{name}: {path}: {template}: {values:?}"
            );
        }
    }
}

/// What is read does not hang on one reader: each left out in turn, the others read nearly all but what is
/// written in its own way. In the order of [`READERS`], how many of a hundred notations are still read at the least.
#[test]
fn the_rest_carries_what_one_reader_reads() {
    const LEAST: [usize; 10] = [96, 98, 98, 99, 96, 96, 95, 99, 25, 93];
    assert_eq!(LEAST.len(), READERS.len());
    let value = Random::new(15).token(24);
    for (left_out, least) in LEAST.into_iter().enumerate() {
        let mut readers = READERS.to_vec();
        readers.remove(left_out);
        let is_read = |path, template: &str| {
            values_by(&readers, path, &template.replace('@', &value)).contains(&value)
        };
        let read = notations().filter(|&(_, path, template)| is_read(path, template));
        let share = 100 * read.count() / notations().count();
        println!("without {left_out}: {share}");
        assert!(share >= least, "without {left_out}: {share}");
    }
}

#[test]
fn every_item_of_a_list_is_read() {
    let mut random = Random::new(12);
    for (path, template) in [
        ("a.json", "{\"tokens\": [\"@\", \"@\", \"@\"]}"),
        ("a.json", "\"apiKeys\": [\n  \"@\",\n  \"@\",\n  \"@\"\n]"),
        (
            "a.yml",
            "secrets:\n  - @\n  - '@'\n  # old\n\n  - @ # new\n",
        ),
        ("a.yml", "secrets: [\"@\", '@', \"@\"]"),
        (
            "a.go",
            "var Tokens = []string{\n\t\"@\",\n\t\"@\", // b\n\t\"@\",\n}",
        ),
        (
            "A.java",
            "List<String> keys = Arrays.asList(\"@\", \"@\", \"@\");",
        ),
        ("a.php", "$passwords = array('@', '@', '@');"),
        ("a.rb", "api_tokens = [\n  '@',\n  '@', # b\n  '@'\n]"),
        ("a.py", "PASSWORDS = ('@', '@',\n    '@')"),
        ("a.tf", "tokens = [\"@\", \"@\", \"@\"]"),
    ] {
        let drawn: Vec<String> = (0..3).map(|_| random.token(20)).collect();
        let fill = |content: String, value: &String| content.replacen('@', value, 1);
        let content = drawn.iter().fold(template.to_owned(), fill);
        let found = values(path, &content);
        assert!(
            drawn.iter().all(|value| found.contains(value)),
            "{path}: {template}: {found:?}"
        );
    }
}

#[test]
fn the_name_of_an_item_is_that_of_one() {
    for (content, expected) in [
        ("tokens = [\"x7Kq9Z\"]", "token"),
        ("API_KEYS = [\"x7Kq9Z\"]", "API_KEY"),
        ("db_pass = [\"x7Kq9Z\"]", "db_pass"),
        ("tokens = \"x7Kq9Z\"", "tokens"),
    ] {
        let keyword = KEYWORDS[..4].iter().find_map(|word| {
            let at = content.to_ascii_lowercase().find(word)?;
            Some(at..at + word.len())
        });
        let keyword = keyword.expect("the name has one");
        let mut names = Vec::new();
        each(
            content.as_bytes(),
            &keyword,
            FileType::default(),
            &super::Seen::default(),
            &mut |found: super::Assignment| {
                names.push(content[found.name].to_owned());
            },
        );
        assert_eq!(names, [expected], "{content}");
    }
}

#[test]
fn the_value_of_a_setting_takes_its_line() {
    const SIGNS: &[u8] =
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!@#$%^&*()-_=+[]{}~?.";
    let mut random = Random::new(13);
    for _ in 0..200 {
        let value = format!("k{}7", random.text(SIGNS, 18));
        for (path, template) in [
            (".env", "DB_PASSWORD=@\n"),
            (".env", "export API_TOKEN=@ # the token\n"),
            ("a.yml", "password: @\n"),
            ("a.yml", "db:\n  - api_secret: @ # old\n"),
            ("a.ini", "[db]\npassword = @\r\nuser = me\r\n"),
            ("a.properties", "spring.datasource.password=@"),
        ] {
            let content = template.replacen('@', &value, 1);
            let values = values(path, &content);
            // `&x=` is more of a query.
            let is_query = value.contains('&') && value.contains('=');
            assert!(
                is_query || values.contains(&value),
                "{path}: {content}: {values:?}"
            );
        }
    }
    for value in ["X3NnUCS5\u{a3}TrLXL40K", "P4vWqHOV\u{e4}FI2ZdU8\u{df}"] {
        for (path, template) in [
            (".env", "PASSWORD=@"),
            ("a.yml", "password: @"),
            ("a.py", "password = '@'"),
        ] {
            assert_eq!(
                values(path, &template.replace('@', value)),
                [value],
                "{path}"
            );
        }
    }
}

#[test]
fn what_is_no_value_of_the_name() {
    for (path, template) in [
        // what is looked up
        ("a.py", "api_key = os.environ.get(\"@\")"),
        ("a.py", "token = vault.read_secret(\"@\")"),
        ("a.js", "const key = generateSecret('@')"),
        ("a.php", "$password = decrypt('@');"),
        ("a.js", "const token = tokens['@']"),
        // what stands beside it
        ("a.py", "f(token=token, name=\"@\")"),
        ("a.py", "token = None\nname = \"@\""),
        ("a.json", "{\"token\": null, \"id\": \"@\"}"),
        ("a.json", "{\"token\": {\"id\": \"@\"}}"),
        (
            "a.tf",
            "variable \"db_password\" {\n  description = \"@\"\n}",
        ),
        ("a.yml", "token:\nid: @\n"),
        ("a.yml", "token:\n  id: @\n"),
        ("a.yml", "args:\n- --token\nid: @\n"),
        ("a.json", "[\"password\", \"user\", \"@\"]"),
        ("a.xml", "<h2 id=\"api-token\">@</h2>"),
        ("a.xml", "<password/><id>@</id>"),
        ("a.js", "if (password) { log(\"@\") }"),
        ("a.json", "{\"tokens\": {\"id\": \"@\"}}"),
        ("a.cs", "token = Login.GetToken(\"@\");"),
        (
            "a.py",
            "tokens = {\n    'root': [\n        (r'@', Text),\n    ],\n}",
        ),
        ("a.py", "tokens = re.match(r\"@\", text)"),
        ("a.js", "const keys = [{ id: '@' }, ['@', 1]]"),
        // what is encrypted, or short-lived
        (
            "a.yaml",
            "kind: SealedSecret\nspec:\n  encryptedData:\n    user: x\n    DB_PASSWORD: @\n",
        ),
        ("a.yaml", "sealed:\n  token: @\n"),
        ("a.json", "{\"encryptedData\": {\"api_key\": \"@\"}}"),
        ("a.py", "OFFER = \"\"\"v=0\na=ice-pwd:@\n\"\"\""),
        // a file, and what everybody may read
        ("a.json", "{\"/app/src/fields/password.js\": [\"@\"]}"),
        ("a.http", "Cookie: theme=@; lang=en"),
        // another column, and a table that is none
        ("a.csv", "id,api_key,owner\n1,,@\n"),
        ("a.csv", "id,api_key\n@\n"),
        ("a.csv", "\"api_key,owner\",id\n1,@\n"),
        ("a.txt", "id,api_key\n7,@\n"),
        // another column of a row, and a list that no row follows
        ("a.sql", "INSERT INTO t (api_key, id) VALUES ('x', '@');"),
        ("a.sql", "UPDATE t SET value = '@' WHERE id = 'api_key'"),
        ("a.sql", "UPDATE t SET note = '@' WHERE name = 'api_key'"),
        ("a.swift", "req.setValue(\"@\", forUser: \"token\")"),
        ("a.tpl", "{{ .Values.apiToken | quote }} \"@\""),
        // what is no value of a function, a closure or an operator
        ("a.js", "if (password()) { log('@'); }"),
        ("a.swift", "var apiToken: String { find(\"@\") }"),
        ("a.c", "strcmp(config.password, \"@\")"),
        ("a.py", "check(token, \"@\")"),
        ("a.rb", "has_many :tokens, class_name: '@'"),
        ("a.sh", "echo '@' | grep -c token"),
        ("a.sh", "ls '@'; docker login --password-stdin"),
        ("a.rb", "  token = <<~EOS\n    @\n    more\n  EOS\n"),
        ("a.sql", "password = '' AND id = '@'"),
        // who connects, and where to
        ("a.py", "c = Client('@', region)"),
        ("a.js", "new HttpClient(\"@\")"),
        // which of several things is meant
        (
            "a.ts",
            "await client.beta.vaults.credentials.create(\n  '@',\n  { auth },\n)",
        ),
        ("a.py", "client.api_keys.retrieve(\"@\")"),
        ("a.rb", "client.tokens.delete('@')"),
        ("a.go", "client.Credentials.Update(\"@\", body)"),
        ("a.java", "client.secrets().versions().destroy(\"@\")"),
        ("a.php", "$client->tokens->revoke('@');"),
        ("A.cs", "await client.ApiKeys.CancelAsync(\"@\");"),
        (
            "a.ts",
            "const credential =\n  await client.vaults.archive(\n    '@',\n    { auth },\n  );",
        ),
        ("a.py", "token = client.users.update(\"@\")"),
        (
            "a.ts",
            "const credential =\n  await client.vaults.credentials.create(\n    '@',\n    { auth },\n  );",
        ),
        (
            "a.ts",
            "const t = await client.user.tokens.value.update(\n  '@',\n  {},\n);",
        ),
        (
            "a.ts",
            "client.stores.secrets.duplicate('a', '@', { name: 'b' })",
        ),
        (
            "a.ts",
            " * const clientAuth =\n *   await client.originClientAuth.delete(\n *     '@',\n *     { zone_id: 'x' },\n *   );",
        ),
        ("a.py", "token = client.tokens.get('@')"),
        (
            "a.ts",
            "for await (const s of client.stores.secrets.bulkDelete('@', { x }))",
        ),
        // what the next call of a row of calls is given
        (
            "a.rs",
            ".header(\"authorization\", \"x\")\n  .header(\"x-request-id\", \"@\")",
        ),
        (
            "A.java",
            ".header(\"Authorization\", sign(x)).header(\"X-Trace\", \"@\").build()",
        ),
        // what a call gives
        ("a.ts", "// computeHmac('', 'test_secret') => '@'"),
        ("a.md", "`sign(payload, 'secret') => \"@\"`"),
        ("a.js", "hmacSha256('a', 'b') -> '@'"),
    ] {
        let value = Random::new(14).token(24);
        let content = template.replace('@', &value);
        let values = values(path, &content);
        assert!(!values.contains(&value), "{path}: {template}: {values:?}");
    }
}

#[test]
fn a_manifest_holds_values_of_any_name() {
    let value = Random::new(15).token(24);
    let read = |template: &str| {
        let content = template.replace('@', &value);
        let mut all = Vec::new();
        for kind in ["kind: Secret", "kind\": \"Secret\""] {
            for (at, _) in content.match_indices(kind) {
                manifest::each(content.as_bytes(), at, FileType::default(), &mut |found| {
                    all.push(content[found.value].to_owned());
                });
            }
        }
        all.contains(&value)
    };
    for template in [
        "kind: Secret\nstringData:\n  upstream: @\n",
        "apiVersion: v1\ndata:\n  a: eA==\n  upstream: @\nkind: Secret\n",
        "items:\n- kind: ConfigMap\n  data:\n    a: b\n- kind: Secret\n  data:\n    upstream: @\n",
        "items:\n- data:\n    upstream: @\n  kind: Secret\n- data:\n    a: b\n  kind: ConfigMap\n",
        "kind: Secret\nmetadata:\n  ownerReferences:\n  - kind: Owner\n    data: x\ndata:\n  upstream: @\n",
        "a: b\n---\nkind: Secret\nmetadata:\n  name: data\nstringData:\n    x: \"@\"\ntype: Opaque\n",
        "{\"kind\": \"Secret\", \"stringData\": {\"a\": \"b\", \"x\": \"@\"}}",
    ] {
        assert!(read(template), "{template}");
    }
    for template in [
        "kind: Secret\nmetadata:\n  uid: @\n",
        "kind: Secret\ndata:\n  a: b\n---\nkind: ConfigMap\ndata:\n  x: @\n",
        "kind: Secret\nstringData:\n  a: b\nuid: @\n",
        // what another manifest of a list holds
        "kind: Secret\nmetadata:\n  name: x\nkind: ConfigMap\ndata:\n  x: @\n",
        "items:\n- data:\n    a: b\n  kind: Secret\n- data:\n    x: @\n  kind: ConfigMap\n",
        "items:\n  - kind: ConfigMap\n    data:\n      x: @\n  - kind: Secret\n    data:\n      a: b\n",
        "{\"items\":[{\"data\":{\"x\":\"@\"},\"kind\":\"ConfigMap\"},{\"data\":{\"a\":\"b\"},\"kind\": \"Secret\"}]}",
    ] {
        assert!(!read(template), "{template}");
    }
}

#[test]
fn a_text_may_break_off_anywhere() {
    for (_, path, template) in notations() {
        let content = template.replace('@', "x7Kq9ZpL2mVn");
        for end in 0..content.len() {
            // Whatever it reads: it must not panic.
            values(path, &content[..end]);
            manifest::each(
                &content.as_bytes()[..end],
                end / 2,
                FileType::default(),
                &mut |_| {},
            );
        }
    }
    for content in [
        "password: x\nname: token\n\"value",
        "token: |",
        "token: |\n",
        "key='''",
        "key=[]",
        "key=a<b>>(",
        "\"token\";s:",
        "<a name=\"token\"",
        "name: token",
        "key: &",
    ] {
        values("a.yml", content);
    }
}

#[test]
fn what_goes_on_is_no_value() {
    for (path, content) in [
        // texts of more than a line
        ("a.yml", "private_key: |\n  firstline\n  second\n"),
        ("a.yml", "token: >\n  firstline\n   second\n"),
        ("a.toml", "token = \"\"\"\nfirstline\nsecond\"\"\""),
        ("a.py", "secret = '''firstline\nsecond'''"),
        // nothing below
        ("a.yml", "token: |\nusername: somebody\n"),
        ("a.yml", "token: |\n\n  firstline\n"),
        // no block
        ("a.ts", "let token: |\n  firstline\n"),
        ("a.yml", "token: |firstline\n"),
    ] {
        let values = values(path, content);
        let read = |word: &str| values.iter().any(|value| value.starts_with(word));
        assert!(
            !read("firstline") && !read("username"),
            "{path}: {content}: {values:?}"
        );
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
