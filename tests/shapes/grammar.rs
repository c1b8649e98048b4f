//! Lines of a text, put together from parts of which each means something to a reader of texts.

use keyward::parts::lab::Random;

use crate::sources::{Call, Shape, text};

/// What a part that stands for a made-up key is replaced by, another each time.
pub(crate) const KEY: &str = "<key>";

/// What a part that stands for one and the same made-up key is replaced by.
pub(crate) const SAME: &str = "<same>";

/// Names with the signs that a reader of assignments goes by.
pub(crate) const ASSIGNMENTS: &[&str] = &[
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
    "key=[",
    "key=[\"a\",",
    "key(\"a\",",
    "tokens:\n  - a\n",
    "  key: a\n",
    "key={\n",
    "\"key\",\"",
    "name=\"key\" ",
    "<a name=\"key\">",
    "name: key\n  ",
    "{\"name\":\"key\",",
    "cookie: sid=a;",
    "login(\"a\",",
    "key=a?b:",
    "key=f(",
    "key=<<",
    "token,",
    "client('a',",
    "token,\"",
    "token,\"\"\"",
    "into t (key,",
    "INTO t (key) VALUES ('a'),",
    "set key ",
    "(key,\"a\"",
    "token = <<A\n",
    "where key = 'key",
    "echo a|--token-stdin ",
    "<key><value>",
    "key=''a",
    "key <- ",
    "key () {",
    "key=(|a|",
];

/// What means something to whoever reads texts.
pub(crate) const PARTS: &[&str] = &[
    "\"",
    "'",
    "`",
    "\\",
    "%41",
    "\\x41",
    "\\u0041",
    "&#65;",
    "\" + \"",
    "' . '",
    "\\\n",
    "=",
    ": ",
    "[",
    "{",
    "{\"a\":",
    "<a>",
    "<!-- ",
    "<![CDATA[",
    "# ",
    "// ",
    "/* ",
    "|",
    "a|b|",
    "a,b,",
    "${A:-",
    "$(",
    "{{ a }}",
    "key: ",
    "token=",
    "password = \"",
    "api_key='a",
    "password: |\n ",
    "--password ",
    "export A=",
    "A=",
    "sk-ant-",
    "ghp_",
    "AKIA",
    "eyJhbGciOiJ",
    "https://a:b@",
    "postgres://u:",
    "Authorization: Bearer ",
    "Authorization: Basic ",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA",
    "-----END PRIVATE KEY-----",
    "Proc-Type: 4,ENCRYPTED\n",
    "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 999\n",
    "kind: Secret\n",
    "Ym9uam91ciB0b3V0IGxlIG1vbmRl",
    "c2stYW50LWFwaTAzLQ==",
    "0123456789abcdef",
    "aaaaaaaa",
    "aZ9",
    "\u{202e}",
    "\u{e9}",
    "\u{0}",
    "\t",
    " ",
    "gitleaks:allow ",
    "# nosec\n",
    "keyward:allow ",
    "[[rule]]\n",
    "machine a login b password ",
    "_authToken=",
    "client_secret",
    "Cookie: a=b; ",
    "0\u{82}\u{ff}\u{ff}",
    KEY,
    SAME,
];

/// What a text is made of again and again, and where its lines end.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    parts: Vec<&'static str>,
    breaks: bool,
    file: &'static str,
}

const FILES: &[&str] = &[
    "a.py", "a.json", "a.yml", ".env", "a.md", "a.pem", "a.sh", "a.csv", "a",
];

/// A bound: longer lines only repeat what shorter ones do.
const MOST: usize = 5;

impl Line {
    pub(crate) fn drawn(random: &mut Random) -> Self {
        let one = |random: &mut Random| PARTS[random.below(PARTS.len())];
        Self {
            parts: (0..=random.below(MOST)).map(|_| one(random)).collect(),
            breaks: random.below(2) == 0,
            file: FILES[random.below(FILES.len())],
        }
    }

    pub(crate) fn changed(&self, random: &mut Random) -> Self {
        let mut line = self.clone();
        let at = random.below(line.parts.len());
        let part = PARTS[random.below(PARTS.len())];
        match random.below(5) {
            0 if line.parts.len() > 1 => drop(line.parts.remove(at)),
            1 | 2 if line.parts.len() < MOST => line.parts.insert(at, part),
            3 => line.breaks = !line.breaks,
            4 => line.file = FILES[random.below(FILES.len())],
            _ => line.parts[at] = part,
        }
        line
    }

    pub(crate) fn shape(&self) -> Shape {
        let part = self.parts.concat() + if self.breaks { "\n" } else { "" };
        let (name, file) = (format!("{:?} in {}", part, self.file), self.file);
        Shape {
            name,
            size: 4096,
            make: Box::new(move |scratch, size| {
                scratch.add(file, text(&part, size));
                Call::hook()
            }),
        }
    }
}
