//! Makes requests of rows: puts the key, and what stands beside it, into their places.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bstr::ByteSlice;

use super::sign;
use super::table::Row;
use crate::encoding::encode_base64_padded;

/// What is sent. It holds the key: nothing shows it but [`Request::shown`].
pub(crate) struct Request {
    pub(super) method: String,
    /// The host, with its port where it has one.
    pub(super) host: String,
    /// What stands behind the host.
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
    /// Whether somebody said that it goes to this host, which may be in a private network.
    pub(super) is_own: bool,
    /// As people may see it.
    pub(crate) shown: Shown,
}

/// A request without the key and what stands beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// `GET https://api.github.com/user`
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(super) fn url(&self) -> String {
        format!("https://{}{}", self.host, self.path)
    }
}

/// What goes into the places.
pub(crate) struct Values<'a> {
    /// The rule that found the key.
    pub(crate) rule: &'a str,
    pub(crate) key: &'a [u8],
    /// As much of it as may be shown.
    pub(crate) redacted: &'a str,
    /// What stands beside the key, by its name.
    pub(crate) beside: BTreeMap<String, Vec<u8>>,
    /// Since 1970.
    pub(crate) now: Duration,
}

/// Why there is no request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// These names have no value.
    Lacks(BTreeSet<String>),
    /// A value has another form than it should.
    Unfit(String),
}

/// How a value is written where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    /// As it is: visible ASCII alone.
    Header,
    Percent,
    Json,
    /// A part of a host's name.
    Host,
}

/// A bound: no header, address or body that is sent is longer.
const LONGEST: usize = 64 << 10;

impl Values<'_> {
    fn get(&self, row: &Row, name: &str) -> Option<Vec<u8>> {
        let number = |it: u128| Some(it.to_string().into_bytes());
        match name {
            "unix" => number(self.now.as_secs().into()),
            "ms_now" => number(self.now.as_millis()),
            "ms_hour_ago" => number(self.now.as_millis().saturating_sub(3_600_000)),
            name if name == "key" || name == self.rule => Some(self.key.to_vec()),
            name => match row.parts.get(name) {
                Some(part) => part.of(self.key.to_str().ok()?).map(|it| it.into()),
                None => self.beside.get(name).cloned(),
            },
        }
    }
}

/// Puts values into the texts of a row.
pub(super) struct Filler<'a> {
    row: &'a Row,
    values: &'a Values<'a>,
    lacks: BTreeSet<String>,
    unfit: Option<String>,
}

impl<'a> Filler<'a> {
    pub(super) fn new(row: &'a Row, values: &'a Values<'a>) -> Self {
        Self {
            row,
            values,
            lacks: BTreeSet::new(),
            unfit: None,
        }
    }

    pub(super) fn end<T>(self, made: T) -> Result<T, Fault> {
        match (self.lacks.is_empty(), self.unfit) {
            (false, _) => Err(Fault::Lacks(self.lacks)),
            (true, Some(unfit)) => Err(Fault::Unfit(unfit)),
            (true, None) => Ok(made),
        }
    }

    /// A text that is no part of a request, such as the key that signs it.
    pub(super) fn plain(&mut self, text: &str) -> String {
        self.fill(text, Escape::Header)
    }

    fn fill(&mut self, text: &str, escape: Escape) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            out.push_str(before);
            match place(behind) {
                Some((Place::Name(name), after)) => {
                    let value = self.value(name, escape);
                    out.push_str(&value);
                    rest = after;
                }
                Some((Place::Base64(inner), after)) => {
                    let inner = self.fill(inner, Escape::Header);
                    let encoded = encode_base64_padded(inner.as_bytes());
                    out.push_str(&escaped(&encoded, escape).unwrap_or_default());
                    rest = after;
                }
                None => {
                    out.push('{');
                    rest = behind;
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn value(&mut self, name: &str, escape: Escape) -> String {
        let Some(value) = self.values.get(self.row, name) else {
            self.lacks.insert(name.to_owned());
            return String::new();
        };
        let fit = escaped(&value, escape).filter(|_| value.len() <= LONGEST);
        fit.unwrap_or_else(|| {
            self.unfit = Some(name.to_owned());
            String::new()
        })
    }
}

enum Place<'t> {
    Name(&'t str),
    Base64(&'t str),
}

/// What a text starts with behind a brace, and what follows; `None` for a brace that stands for itself.
fn place(behind: &str) -> Option<(Place<'_>, &str)> {
    if let Some(inner) = behind.strip_prefix("b64:") {
        let mut depth = 1;
        let end = inner.bytes().position(|byte| {
            depth += usize::from(byte == b'{');
            depth -= usize::from(byte == b'}');
            depth == 0
        })?;
        return Some((Place::Base64(&inner[..end]), &inner[end + 1..]));
    }
    let is_name = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    let (name, after) = behind.split_once('}')?;
    (!name.is_empty() && name.bytes().all(is_name)).then_some((Place::Name(name), after))
}

/// The names in a text.
pub(super) fn names(text: &str, found: &mut BTreeSet<String>) {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('{') {
        rest = match place(behind) {
            Some((Place::Name(name), after)) => {
                found.insert(name.to_owned());
                after
            }
            Some((Place::Base64(inner), after)) => {
                names(inner, found);
                after
            }
            None => behind,
        };
    }
}

/// A value as it is written there; `None` if it can't be.
fn escaped(value: &[u8], escape: Escape) -> Option<String> {
    let is_fit = |is: fn(&u8) -> bool| !value.is_empty() && value.iter().all(is);
    match escape {
        Escape::Header => {
            is_fit(|byte| matches!(byte, b' '..=b'~')).then(|| value.to_str_lossy().into_owned())
        }
        Escape::Host => is_fit(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(byte))
            .then(|| value.to_str_lossy().to_ascii_lowercase()),
        Escape::Percent => Some(percent(value)),
        Escape::Json => {
            let quoted = serde_json::to_string(value.to_str().ok()?).ok()?;
            Some(quoted[1..quoted.len() - 1].to_owned())
        }
    }
}

/// As it stands in an address or a form.
pub(super) fn percent(value: &[u8]) -> String {
    let mut out = String::with_capacity(value.len());
    for &byte in value {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The requests of a row: one, or one for each host that the key may belong to.
///
/// # Errors
/// When something lacks that stands beside the key, or does not fit.
pub(crate) fn requests(row: &Row, values: &Values<'_>) -> Result<Vec<Request>, Fault> {
    let own = !row.own.is_empty() && values.beside.contains_key("host");
    let url = if own { &row.own } else { &row.url };
    if !row.address.is_empty() {
        return Ok(vec![to_address(row, values, url)?]);
    }
    let (host, path) = split(url);
    let hosts: Vec<&str> = match row.hosts.as_slice() {
        hosts if !own && !hosts.is_empty() => hosts.iter().map(String::as_str).collect(),
        _ => vec![host],
    };
    let mut all = Vec::new();
    for host in hosts {
        let mut filler = Filler::new(row, values);
        let host = filler.fill(host, Escape::Host);
        let filled = filler.fill(path, Escape::Percent);
        let mut request = rest_of(row, values, &mut filler, host, filled, path);
        request.is_own = own || row.url.starts_with("https://{host}");
        let mut request = filler.end(request)?;
        if let Some(how) = &row.sign {
            sign::sign(how, row, values, &mut request)?;
        }
        all.push(request);
    }
    Ok(all)
}

/// Host and path of an address of a row.
pub(super) fn split(url: &str) -> (&str, &str) {
    let rest = url.strip_prefix("https://").unwrap_or(url);
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    rest.split_at(end)
}

/// The request to a key that is an address itself.
fn to_address(row: &Row, values: &Values<'_>, url: &str) -> Result<Request, Fault> {
    let unfit = || Fault::Unfit("key".to_owned());
    let key = values.key.to_str().map_err(|_| unfit())?;
    let is_fit = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte);
    let (host, path) = split(key);
    let is_known = row.address.iter().any(|it| fits(it, host));
    if !key.bytes().all(is_fit) || !is_known || path.len() < 2 || key.len() > LONGEST {
        return Err(unfit());
    }
    let shown = url.replace("{key}", "").replace("https://", "");
    let mut filler = Filler::new(row, values);
    let (host, path) = (host.to_ascii_lowercase(), path.to_owned());
    let request = rest_of(row, values, &mut filler, host, path, &format!("/…{shown}"));
    filler.end(request)
}

/// Whether a host is of a pattern, in which `*` stands for one label.
pub(super) fn fits(pattern: &str, host: &str) -> bool {
    let labels = |text: &str| text.split('.').count();
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    labels(pattern) == labels(host)
        && pattern
            .split('.')
            .zip(host.split('.'))
            .all(|(wanted, it)| is_label(it) && (wanted == "*" || wanted.eq_ignore_ascii_case(it)))
}

fn rest_of(
    row: &Row,
    values: &Values<'_>,
    filler: &mut Filler<'_>,
    host: String,
    path: String,
    shown_path: &str,
) -> Request {
    let is_form = row
        .headers
        .get("Content-Type")
        .is_some_and(|it| it.contains("urlencoded"));
    let escape = if is_form {
        Escape::Percent
    } else {
        Escape::Json
    };
    let headers = row.headers.iter();
    let shown_key = |text: &str| {
        let text = text.replace("{key}", values.redacted);
        text.replace(&format!("{{{}}}", values.rule), values.redacted)
    };
    let path = match path.starts_with('/') {
        true => path,
        false => format!("/{path}"),
    };
    Request {
        method: row.method().to_owned(),
        headers: headers
            .clone()
            .map(|(name, text)| (name.clone(), filler.fill(text, Escape::Header)))
            .collect(),
        body: row.body.as_ref().map(|body| filler.fill(body, escape)),
        is_own: false,
        shown: Shown {
            line: format!("{} https://{host}{}", row.method(), shown_key(shown_path)),
            headers: headers
                .map(|(name, text)| (name.clone(), shown_key(text)))
                .collect(),
            body: shown_key(row.body.as_deref().unwrap_or_default()),
        },
        host,
        path,
    }
}

/// All names that a row wants values for.
pub(super) fn wanted(row: &Row, rule: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    names(&row.url, &mut found);
    row.headers.values().for_each(|it| names(it, &mut found));
    names(row.body.as_deref().unwrap_or_default(), &mut found);
    if let Some(sign) = &row.sign {
        names(&sign.id, &mut found);
        names(&sign.secret, &mut found);
    }
    for condition in row.live.iter().chain(&row.dead) {
        condition.json.iter().for_each(|it| names(it, &mut found));
    }
    let own = ["key", "unix", "ms_now", "ms_hour_ago", rule];
    found.retain(|name| !own.contains(&name.as_str()) && !row.parts.contains_key(name));
    found
}
