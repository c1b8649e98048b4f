//! What a name says: whether a secret is kept under it, and how surely.

use std::collections::HashMap;
use std::sync::LazyLock;

/// How surely a name speaks of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// `key`, `auth`: of anything.
    Weak,
    /// `token`, `plugin_key`: often of a secret.
    Fair,
    /// `password`, `api_key`.
    Strong,
}

/// What a piece of a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    /// Says secret.
    Keyword(Strength),
    /// `key`: secret only if a word before it says what for.
    Key,
    /// Makes a key a secret one.
    Opens,
    /// Says that the value is something else.
    Turns(&'static str),
    /// Says nothing.
    Other,
}

/// Words that say secret by themselves. Sorted by word.
const KEYWORDS: &[(&str, Strength)] = &[
    ("accesskey", Strength::Strong),
    ("apikey", Strength::Strong),
    ("apikeys", Strength::Strong),
    ("apitoken", Strength::Strong),
    ("appkey", Strength::Fair),
    ("appsecret", Strength::Strong),
    ("auth", Strength::Fair),
    ("authkey", Strength::Strong),
    ("authorization", Strength::Fair),
    ("authtoken", Strength::Strong),
    ("bearer", Strength::Fair),
    ("clientsecret", Strength::Strong),
    ("credential", Strength::Fair),
    ("credentials", Strength::Fair),
    ("pass", Strength::Strong),
    ("passcode", Strength::Fair),
    ("passphrase", Strength::Strong),
    ("passwd", Strength::Strong),
    ("password", Strength::Strong),
    ("passwords", Strength::Fair),
    ("passwort", Strength::Strong),
    ("privatekey", Strength::Strong),
    ("pw", Strength::Strong),
    ("pwd", Strength::Strong),
    ("secret", Strength::Strong),
    ("secretkey", Strength::Strong),
    ("secrets", Strength::Fair),
    ("ticket", Strength::Fair),
    ("token", Strength::Fair),
    ("tokens", Strength::Weak),
];

/// Words before `key` that make it the key to something. Sorted.
const OPENS: &[&str] = &[
    "access",
    "account",
    "admin",
    "aes",
    "api",
    "app",
    "application",
    "auth",
    "authorization",
    "certificate",
    "client",
    "consumer",
    "crypto",
    "decrypt",
    "decryption",
    "deploy",
    "des",
    "encrypt",
    "encryption",
    "hmac",
    "integration",
    "jwt",
    "licence",
    "license",
    "live",
    "master",
    "private",
    "prod",
    "production",
    "refresh",
    "rest",
    "root",
    "rsa",
    "secret",
    "security",
    "server",
    "service",
    "session",
    "shared",
    "sign",
    "signing",
    "site",
    "ssh",
    "storage",
    "subscription",
    "tsig",
    "webhook",
    "write",
];

/// Words behind a keyword, or before `key`, by which the value is something else. Sorted.
const TURNS: &[&str] = &[
    "age",
    "alg",
    "algo",
    "algorithm",
    "alias",
    "amount",
    "args",
    "arn",
    "attr",
    "attribute",
    "aware",
    "binding",
    "block",
    "bucket",
    "builder",
    "button",
    "bytes",
    "cache",
    "callback",
    "cert",
    "chain",
    "change",
    "changed",
    "char",
    "chars",
    "check",
    "checker",
    "checksum",
    "cipher",
    "class",
    "client",
    "code",
    "codes",
    "color",
    "column",
    "component",
    "config",
    "configuration",
    "context",
    "controller",
    "cookie",
    "count",
    "counter",
    "criteria",
    "ctx",
    "curve",
    "date",
    "desc",
    "description",
    "digest",
    "dir",
    "directory",
    "doc",
    "docs",
    "domain",
    "element",
    "email",
    "enabled",
    "encoder",
    "encoding",
    "end",
    "endpoint",
    "entry",
    "enum",
    "error",
    "errors",
    "event",
    "example",
    "exchange",
    "exists",
    "expiration",
    "expire",
    "expired",
    "expires",
    "expiry",
    "extractor",
    "factory",
    "field",
    "fields",
    "file",
    "filename",
    "filter",
    "fingerprint",
    "flag",
    "flow",
    "form",
    "format",
    "func",
    "function",
    "generator",
    "grant",
    "group",
    "handle",
    "handler",
    "hash",
    "hashed",
    "hashes",
    "header",
    "headers",
    "help",
    "hint",
    "host",
    "icon",
    "id",
    "identifier",
    "ids",
    "idx",
    "image",
    "index",
    "info",
    "input",
    "instance",
    "interface",
    "interval",
    "invalid",
    "issuer",
    "item",
    "kind",
    "label",
    "last",
    "len",
    "length",
    "level",
    "lifetime",
    "limit",
    "link",
    "list",
    "loader",
    "location",
    "lock",
    "login",
    "management",
    "manager",
    "map",
    "mapping",
    "matcher",
    "max",
    "md5",
    "message",
    "metadata",
    "method",
    "mgmt",
    "min",
    "mode",
    "model",
    "module",
    "msg",
    "name",
    "names",
    "namespace",
    "node",
    "object",
    "offset",
    "op",
    "option",
    "options",
    "page",
    "pair",
    "param",
    "parameter",
    "params",
    "parser",
    "path",
    "paths",
    "pattern",
    "permission",
    "placeholder",
    "policy",
    "port",
    "position",
    "prefix",
    "press",
    "prompt",
    "property",
    "provider",
    "qualifier",
    "query",
    "range",
    "rank",
    "reader",
    "ref",
    "reference",
    "regex",
    "registry",
    "renewal",
    "repository",
    "required",
    "reset",
    "resource",
    "response",
    "result",
    "role",
    "rotation",
    "rule",
    "rules",
    "schema",
    "scheme",
    "scope",
    "scopes",
    "selector",
    "separator",
    "sequence",
    "serializer",
    "set",
    "settings",
    "sha",
    "sha1",
    "sha2",
    "sha256",
    "sha512",
    "sid",
    "size",
    "slot",
    "source",
    "space",
    "spec",
    "spent",
    "start",
    "state",
    "status",
    "step",
    "storage",
    "store",
    "strategy",
    "stream",
    "strength",
    "style",
    "subject",
    "suffix",
    "symbol",
    "sync",
    "table",
    "tag",
    "template",
    "text",
    "throttle",
    "time",
    "timeout",
    "timestamp",
    "title",
    "tmp",
    "tooltip",
    "total",
    "ttl",
    "type",
    "types",
    "unit",
    "update",
    "updated",
    "uri",
    "url",
    "urls",
    "usage",
    "use",
    "user",
    "username",
    "users",
    "valid",
    "validation",
    "validator",
    "validity",
    "verifier",
    "version",
    "view",
    "visible",
    "width",
    "writer",
];

/// Words anywhere before a keyword by which the value is public, or no key at all. Sorted.
const PUBLIC: &[&str] = &[
    "autocomplete",
    "badge",
    "breakpoint",
    "cache",
    "cached",
    "clone",
    "color",
    "column",
    "compound",
    "container",
    "continuation",
    "creation",
    "csrf",
    "cursor",
    "data",
    "delimiter",
    "dict",
    "encrypted",
    "etag",
    "event",
    "foreign",
    "group",
    "hash",
    "hashed",
    "hot",
    "html",
    "i18n",
    "idempotency",
    "index",
    "lang",
    "locale",
    "lookup",
    "map",
    "mask",
    "masked",
    "menu",
    "meta",
    "namespace",
    "next",
    "object",
    "page",
    "pagination",
    "partition",
    "prev",
    "previous",
    "primary",
    "pub",
    "pubkey",
    "public",
    "publishable",
    "request",
    "row",
    "send",
    "sentry",
    "sitekey",
    "socket",
    "sort",
    "special",
    "sync",
    "translation",
    "unique",
    "verification",
    "websocket",
    "xsrf",
];

/// What stands behind a keyword and leaves its meaning: other spellings of "this one". Sorted.
const NEUTRAL: &[&str] = &[
    "a",
    "again",
    "alt",
    "b",
    "b64",
    "base64",
    "base64url",
    "beta",
    "bytes",
    "confirm",
    "current",
    "data",
    "default",
    "dev",
    "env",
    "for",
    "hex",
    "in",
    "is",
    "key",
    "live",
    "local",
    "main",
    "new",
    "of",
    "old",
    "one",
    "plain",
    "prod",
    "production",
    "raw",
    "repeat",
    "retype",
    "s",
    "sandbox",
    "staging",
    "str",
    "string",
    "test",
    "two",
    "v1",
    "v2",
    "val",
    "value",
    "x",
];

/// What a name says of its value.
///
/// # Errors
/// The word by which the value is no secret; empty if the name has no keyword as a whole word.
pub(crate) fn strength(name: &[u8]) -> Result<Strength, &'static str> {
    let mut found: Option<Strength> = None;
    let mut opened = false;
    let mut turned = None;
    for piece in pieces(name) {
        match read(piece) {
            Piece::Keyword(strength) => {
                // What stood between two keywords belongs to the second.
                let strength = match found {
                    Some(before) => before.max(strength).max(Strength::Fair),
                    None => strength,
                };
                found = Some(match strength {
                    Strength::Fair if opened => Strength::Strong,
                    Strength::Weak if opened => Strength::Fair,
                    strength => strength,
                });
                opened |= strength > Strength::Weak;
                if turned.is_some_and(|word| PUBLIC.binary_search(&word).is_err()) {
                    turned = None;
                }
            }
            Piece::Key => {
                let strength = if opened {
                    Strength::Strong
                } else if found.is_some() {
                    Strength::Fair
                } else {
                    Strength::Weak
                };
                found = found.max(Some(strength));
                if turned.is_some_and(|word| PUBLIC.binary_search(&word).is_err()) {
                    turned = None;
                }
            }
            Piece::Opens => opened = true,
            Piece::Turns(word) => turned = turned.or(Some(word)),
            Piece::Other => {}
        }
    }
    match (found, turned) {
        (_, Some(word)) => Err(word),
        (None, None) => Err(""),
        (Some(strength), None) => Ok(strength),
    }
}

/// Whether a name is one of a password: what stands there as hex digits is its hash.
pub(crate) fn is_password(name: &[u8]) -> bool {
    ["pass", "pwd"].iter().any(|word| {
        name.windows(word.len())
            .any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    })
}

fn read(piece: &[u8]) -> Piece {
    let mut lower = [0u8; 24];
    if piece.len() > lower.len() {
        return Piece::Other;
    }
    for (to, from) in lower.iter_mut().zip(piece) {
        *to = from.to_ascii_lowercase();
    }
    let Ok(word) = std::str::from_utf8(&lower[..piece.len()]) else {
        return Piece::Other;
    };
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    if let Some(known) = known(word) {
        return known;
    }
    glued(word)
}

/// Every word of the lists, with what it is.
static KNOWN: LazyLock<HashMap<&str, Piece>> = LazyLock::new(|| {
    // Where a word is in several lists the last one has it.
    let turns = TURNS.iter().map(|&word| (word, Piece::Turns(word)));
    let public = PUBLIC.iter().map(|&word| (word, Piece::Turns(word)));
    let opens = OPENS.iter().map(|&word| (word, Piece::Opens));
    let keywords = KEYWORDS
        .iter()
        .map(|&(word, strength)| (word, Piece::Keyword(strength)));
    let keys = ["key", "keys"].map(|word| (word, Piece::Key));
    turns
        .chain(public)
        .chain(opens)
        .chain(keys)
        .chain(keywords)
        .collect()
});

fn known(word: &str) -> Option<Piece> {
    let found = KNOWN.get(word).copied();
    // Of many things, too: `events`.
    found.or_else(|| {
        let one = KNOWN.get(word.strip_suffix('s')?)?;
        matches!(one, Piece::Turns(_)).then_some(*one)
    })
}

/// A keyword with another word glued to it: `dbpassword`, `passwordhash`, `nkey`.
fn glued(word: &str) -> Piece {
    for public in ["csrf", "xsrf"] {
        if word.starts_with(public) {
            return Piece::Turns(public);
        }
    }
    for &(keyword, strength) in KEYWORDS {
        // `author`, `compass`, `secretary` hold keywords by chance.
        if keyword.len() < 5 && keyword != "pwd" {
            continue;
        }
        let Some(at) = place_of(keyword, word) else {
            continue;
        };
        let (before, after) = (&word[..at], &word[at + keyword.len()..]);
        if let Some(Piece::Turns(word)) = known(before) {
            return Piece::Turns(word);
        }
        return match (after, known(after)) {
            ("" | "s", _) => Piece::Keyword(strength),
            (_, Some(Piece::Turns(word))) => Piece::Turns(word),
            (_, Some(_)) => Piece::Keyword(strength),
            _ if NEUTRAL.binary_search(&after).is_ok() => Piece::Keyword(strength),
            _ => Piece::Other,
        };
    }
    if let Some(before) = word.strip_suffix("key") {
        return match known(before) {
            Some(Piece::Opens | Piece::Keyword(_)) => Piece::Keyword(Strength::Strong),
            Some(Piece::Turns(word)) => Piece::Turns(word),
            _ if matches!(
                before,
                "n" | "enc" | "my" | "repo" | "tenant" | "user" | "project"
            ) =>
            {
                Piece::Keyword(Strength::Fair)
            }
            _ => Piece::Other,
        };
    }
    if let Some(before) = word.strip_suffix("pass") {
        return match before {
            "db" | "my" | "user" | "admin" | "root" | "smtp" | "mail" | "ftp" | "mysql"
            | "login" | "key" | "store" | "keystore" => Piece::Keyword(Strength::Strong),
            _ => Piece::Other,
        };
    }
    Piece::Other
}

/// Where a word holds another one: for words as short as these are, sooner than the standard library.
fn place_of(part: &str, word: &str) -> Option<usize> {
    let (part, word) = (part.as_bytes(), word.as_bytes());
    let last = word.len().checked_sub(part.len())?;
    (0..=last).find(|&at| word[at] == part[0] && word[at..].starts_with(part))
}

/// The pieces of an identifier, cut at separators and where lower case turns to upper.
pub(crate) fn pieces(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let start = rest.iter().position(u8::is_ascii_alphanumeric)?;
        rest = &rest[start..];
        let end = (1..rest.len())
            .find(|&at| {
                !rest[at].is_ascii_alphanumeric()
                    || (rest[at].is_ascii_uppercase() && rest[at - 1].is_ascii_lowercase())
            })
            .unwrap_or(rest.len());
        let piece = &rest[..end];
        rest = &rest[end..];
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_into_pieces() {
        let cut = |name: &'static str| {
            pieces(name.as_bytes())
                .map(|p| std::str::from_utf8(p).unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(cut("deepgramCommitSha"), ["deepgram", "Commit", "Sha"]);
        assert_eq!(cut("APP_CLIENT-id.x"), ["APP", "CLIENT", "id", "x"]);
    }

    #[test]
    fn lists_are_sorted() {
        assert!(KEYWORDS.is_sorted_by_key(|&(word, _)| word));
        for list in [OPENS, TURNS, PUBLIC, NEUTRAL] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }

    #[test]
    fn names_of_secrets() {
        for (name, expected) in [
            ("password", Strength::Strong),
            ("DB_PASSWORD", Strength::Strong),
            ("dbPassword", Strength::Strong),
            ("dbpassword", Strength::Strong),
            ("spring.datasource.password", Strength::Strong),
            ("api_key", Strength::Strong),
            ("apiKey", Strength::Strong),
            ("X-Api-Key", Strength::Strong),
            ("aws_secret_access_key", Strength::Strong),
            ("OAuthClientSecret", Strength::Strong),
            ("SMTP_PASS", Strength::Strong),
            ("password2", Strength::Strong),
            ("access_token", Strength::Fair),
            ("token", Strength::Fair),
            ("key", Strength::Weak),
            ("nkey", Strength::Fair),
            ("auth", Strength::Fair),
        ] {
            let found = strength(name.as_bytes());
            assert!(
                found.is_ok_and(|found| found >= expected),
                "{name}: {found:?}"
            );
        }
    }

    #[test]
    fn names_of_other_things() {
        for name in [
            "password_file",
            "passwordHash",
            "passwordhash",
            "token_type",
            "tokenUrl",
            "secretName",
            "public_key",
            "publicKey",
            "primary_key",
            "next_page_token",
            "csrfToken",
            "cache_key",
            "secretKeyRef",
            "keyboard",
            "monkey",
            "author",
            "tokenizer",
            "compass",
            "api_key_id",
            "auth_url",
            "PASSWORD_MIN_LENGTH",
        ] {
            assert!(strength(name.as_bytes()).is_err(), "{name}");
        }
    }
}
