//! Signs requests, for providers to whom the key itself is never sent.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::fill::{Fault, Filler, Request, Values, percent};
use super::table::{How, Row, Sign};
use crate::allow::Date;
use crate::encoding::{BASE64_URL, decode_base64, encode_base64, encode_base64_padded, hex};

/// A bound: how long a token that is made here counts, in seconds.
const COUNTS: u64 = 300;

/// Puts the signature into a request.
///
/// # Errors
/// When what signs it is not there, or has another form than it should.
pub(super) fn sign(
    sign: &Sign,
    row: &Row,
    values: &Values<'_>,
    request: &mut Request,
) -> Result<(), Fault> {
    let mut filler = Filler::new(row, values);
    let (id, secret) = (filler.plain(&sign.id), filler.plain(&sign.secret));
    let (id, secret) = filler.end((id, secret))?;
    let signer = Signer {
        id: &id,
        secret: &secret,
        now: values.now,
    };
    match sign.how {
        How::Sigv4 => signer.sigv4(sign, request),
        How::AzureStorage => signer.azure_storage(request)?,
        How::AzureBatch => signer.azure_batch(request)?,
        How::AzureCosmos => signer.azure_cosmos(request)?,
        How::AzureSas => signer.azure_sas(request),
        How::AzureAppconfig => signer.azure_appconfig(request)?,
        How::JwtHs256 => {
            let token = signer.jwt(&sign.claims);
            request.add("Authorization", format!("Bearer {token}"));
        }
        How::Binance => {
            let (_, query) = request.path.split_once('?').unwrap_or_default();
            let signature = hex(&signer.mac(query));
            request.path.push_str(&format!("&signature={signature}"));
        }
        How::Kucoin => signer.kucoin(request),
        How::Tc3 => signer.tc3(sign, request),
        How::Exo2 => signer.exo2(request),
        How::Pusher => {
            let (path, query) = request.path.split_once('?').unwrap_or_default();
            let text = format!("{}\n{path}\n{query}", request.method);
            let signature = hex(&signer.mac(&text));
            request
                .path
                .push_str(&format!("&auth_signature={signature}"));
        }
        How::AliyunRpc => signer.aliyun_rpc(request),
        How::Duo => signer.duo(request),
        How::Ovh => signer.ovh(request),
    }
    Ok(())
}

/// Who signs, with what, and when.
struct Signer<'a> {
    id: &'a str,
    secret: &'a str,
    now: Duration,
}

impl Signer<'_> {
    fn mac(&self, text: &str) -> [u8; 32] {
        mac(self.secret.as_bytes(), text.as_bytes())
    }

    /// As `mac`, by a key that is written in base64.
    fn mac_decoded(&self, text: &str) -> Result<[u8; 32], Fault> {
        let key = decode_base64(self.secret.as_bytes());
        let key = key.ok_or(Fault::Unfit("key".to_owned()))?;
        Ok(mac(&key, text.as_bytes()))
    }

    fn azure_storage(&self, request: &mut Request) -> Result<(), Fault> {
        const VERSION: &str = "2021-08-06";
        let date = http_date(self.now);
        let headers = format!("x-ms-date:{date}\nx-ms-version:{VERSION}\n");
        self.azure_shared(&headers, request)?;
        request.add("x-ms-version", VERSION);
        request.add("x-ms-date", date);
        Ok(())
    }

    fn azure_batch(&self, request: &mut Request) -> Result<(), Fault> {
        let date = http_date(self.now);
        self.azure_shared(&format!("ocp-date:{date}\n"), request)?;
        request.add("ocp-date", date);
        Ok(())
    }

    /// By a key of an account.
    fn azure_shared(&self, headers: &str, request: &mut Request) -> Result<(), Fault> {
        let account = self.id;
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let mut query: Vec<String> = query
            .split('&')
            .map(|it| it.replacen('=', ":", 1))
            .collect();
        query.sort_unstable();
        let text = format!(
            "{}{}{headers}/{account}{path}\n{}",
            request.method,
            "\n".repeat(12),
            query.join("\n")
        );
        let signature = base64(&self.mac_decoded(&text)?);
        request.add("Authorization", format!("SharedKey {account}:{signature}"));
        Ok(())
    }

    fn azure_cosmos(&self, request: &mut Request) -> Result<(), Fault> {
        let date = http_date(self.now);
        let text = format!("get\ndbs\n\n{}\n\n", date.to_lowercase());
        let signature = base64(&self.mac_decoded(&text)?);
        let token = percent(format!("type=master&ver=1.0&sig={signature}").as_bytes());
        request.add("authorization", token);
        request.add("x-ms-version", "2018-12-31");
        request.add("x-ms-date", date);
        Ok(())
    }

    fn azure_sas(&self, request: &mut Request) {
        let place = percent(format!("https://{}/", request.host).as_bytes());
        let until = self.now.as_secs() + COUNTS;
        let signature = base64(&self.mac(&format!("{place}\n{until}")));
        let token = format!(
            "SharedAccessSignature sr={place}&sig={}&se={until}&skn={}",
            percent(signature.as_bytes()),
            self.id
        );
        request.add("Authorization", token);
    }

    fn azure_appconfig(&self, request: &mut Request) -> Result<(), Fault> {
        let (date, content) = (http_date(self.now), base64(&Sha256::digest(b"")));
        let text = format!(
            "{}\n{}\n{date};{};{content}",
            request.method, request.path, request.host
        );
        let token = format!(
            "HMAC-SHA256 Credential={}&SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={}",
            self.id,
            base64(&self.mac_decoded(&text)?)
        );
        request.add("Authorization", token);
        request.add("x-ms-date", date);
        request.add("x-ms-content-sha256", content);
        Ok(())
    }

    fn kucoin(&self, request: &mut Request) {
        let at = self.now.as_millis().to_string();
        let text = format!("{at}{}{}", request.method, request.path);
        request.add("KC-API-SIGN", base64(&self.mac(&text)));
        request.add("KC-API-TIMESTAMP", at);
        request.add("KC-API-PASSPHRASE", base64(&self.mac(self.id)));
    }

    fn exo2(&self, request: &mut Request) {
        let until = self.now.as_secs() + COUNTS;
        let text = format!("{} {}\n\n\n\n{until}", request.method, request.path);
        let token = format!(
            "EXO2-HMAC-SHA256 credential={},expires={until},signature={}",
            self.id,
            base64(&self.mac(&text))
        );
        request.add("Authorization", token);
    }

    /// AWS's Signature Version 4.
    fn sigv4(&self, sign: &Sign, request: &mut Request) {
        let Self { id, secret, now } = *self;
        let region = match sign.region.as_str() {
            "" => request
                .host
                .split('.')
                .nth(1)
                .unwrap_or_default()
                .to_owned(),
            region => region.to_owned(),
        };
        let time = amz_time(now);
        let day = &time[..8];
        let content = hex(&Sha256::digest(request.body.as_deref().unwrap_or_default()));
        request.add("X-Amz-Date", time.clone());
        if sign.service == "s3" {
            request.add("X-Amz-Content-Sha256", content.clone());
        }
        let mut headers: Vec<(String, &str)> = request
            .headers
            .iter()
            .map(|(name, value)| (name.to_lowercase(), value.trim()))
            .filter(|(name, _)| name != "accept")
            .collect();
        headers.push(("host".to_owned(), &request.host));
        headers.sort();
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let headers: String = headers
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let mut query: Vec<&str> = query.split('&').filter(|it| !it.is_empty()).collect();
        query.sort_unstable();
        let query = query.join("&");
        let canonical = format!(
            "{}\n{path}\n{query}\n{headers}\n{names}\n{content}",
            request.method
        );
        let scope = format!("{day}/{region}/{}/aws4_request", sign.service);
        let digest = hex(&Sha256::digest(canonical));
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}");
        let mut key = format!("AWS4{secret}").into_bytes();
        for part in [day, &region, &sign.service, "aws4_request"] {
            key = mac(&key, part.as_bytes()).to_vec();
        }
        let signature = hex(&mac(&key, text.as_bytes()));
        let token = format!(
            "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}"
        );
        request.add("Authorization", token);
    }

    /// Tencent Cloud's signature.
    fn tc3(&self, sign: &Sign, request: &mut Request) {
        let Self { id, secret, now } = *self;
        let seconds = now.as_secs();
        let day = date(seconds).to_string();
        let content = hex(&Sha256::digest(request.body.as_deref().unwrap_or_default()));
        let names = "content-type;host";
        let canonical = format!(
            "{}\n{}\n\ncontent-type:application/json\nhost:{}\n\n{names}\n{content}",
            request.method, request.path, request.host
        );
        let scope = format!("{day}/{}/tc3_request", sign.service);
        let digest = hex(&Sha256::digest(canonical));
        let text = format!("TC3-HMAC-SHA256\n{seconds}\n{scope}\n{digest}");
        let mut key = format!("TC3{secret}").into_bytes();
        for part in [&day, sign.service.as_str(), "tc3_request"] {
            key = mac(&key, part.as_bytes()).to_vec();
        }
        let signature = hex(&mac(&key, text.as_bytes()));
        let token = format!(
            "TC3-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}"
        );
        request.add("Authorization", token);
        request.add("X-TC-Timestamp", seconds.to_string());
    }

    /// Alibaba Cloud's signature of a form. All of it stands in the body, where no log has it.
    fn aliyun_rpc(&self, request: &mut Request) {
        let Self { id, now, .. } = *self;
        let (hour, minute, second) = clock(now.as_secs());
        let day = date(now.as_secs());
        let time = format!("{day}T{hour:02}:{minute:02}:{second:02}Z");
        let form = request.body.take().unwrap_or_default();
        let form = format!(
            "{form}&AccessKeyId={}&SignatureMethod=HMAC-SHA1&SignatureNonce={}&SignatureVersion=1.0&Timestamp={}",
            percent(id.as_bytes()),
            now.as_nanos(),
            percent(time.as_bytes())
        );
        let signature = percent(self.aliyun_form(&request.method, &form).as_bytes());
        request.body = Some(format!("{form}&Signature={signature}"));
    }

    /// The signature of a form whose values are escaped.
    fn aliyun_form(&self, method: &str, form: &str) -> String {
        let mut fields: Vec<&str> = form.split('&').collect();
        fields.sort_unstable();
        let form = percent(fields.join("&").as_bytes());
        let key = format!("{}&", self.secret);
        base64(&mac_sha1(&key, &format!("{method}&%2F&{form}")))
    }

    fn duo(&self, request: &mut Request) {
        let date = http_date(self.now).replace("GMT", "-0000");
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let text = format!(
            "{date}\n{}\n{}\n{path}\n{query}",
            request.method, request.host
        );
        let signature = hex(&mac_sha1(self.secret, &text));
        let token = base64(format!("{}:{signature}", self.id).as_bytes());
        request.add("Authorization", format!("Basic {token}"));
        request.add("Date", date);
    }

    /// OVHcloud's signature: no HMAC, but a digest of all with the secret before it.
    fn ovh(&self, request: &mut Request) {
        let seconds = self.now.as_secs();
        let text = format!(
            "{}+{}+{}+{}+{}+{seconds}",
            self.secret,
            self.id,
            request.method,
            request.url(),
            request.body.as_deref().unwrap_or_default()
        );
        let signature = format!("$1${}", hex(&Sha1::digest(text)));
        request.add("X-Ovh-Timestamp", seconds.to_string());
        request.add("X-Ovh-Signature", signature);
    }

    /// A token that says who made it, and counts for some minutes.
    fn jwt(&self, claims: &str) -> String {
        let Self { id, secret, now } = *self;
        let encoded =
            |bytes: &[u8]| String::from_utf8_lossy(&encode_base64(bytes, BASE64_URL)).into_owned();
        let seconds = now.as_secs();
        let claims = match claims {
            "" => String::new(),
            claims => format!(",{claims}"),
        };
        let payload = format!(
            "{{\"iss\":{},\"nbf\":{},\"exp\":{}{claims}}}",
            serde_json::Value::from(id),
            seconds.saturating_sub(5),
            seconds + COUNTS
        );
        let head = encoded(br#"{"alg":"HS256","typ":"JWT"}"#);
        let text = format!("{head}.{}", encoded(payload.as_bytes()));
        let signature = encoded(&mac(secret.as_bytes(), text.as_bytes()));
        format!("{text}.{signature}")
    }
}

impl Request {
    fn add(&mut self, name: &str, value: impl Into<String>) {
        self.headers.push((name.to_owned(), value.into()));
    }
}

fn mac(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is taken");
    mac.update(bytes);
    mac.finalize().into_bytes().into()
}

fn mac_sha1(key: &str, text: &str) -> [u8; 20] {
    let mut mac =
        Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("a key of any length is taken");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

fn base64(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&encode_base64_padded(bytes)).into_owned()
}

fn date(seconds: u64) -> Date {
    Date::of_time(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// `20150830T123600Z`
fn amz_time(now: Duration) -> String {
    let seconds = now.as_secs();
    let day = date(seconds).to_string().replace('-', "");
    let (hour, minute, second) = clock(seconds);
    format!("{day}T{hour:02}{minute:02}{second:02}Z")
}

/// `Sun, 30 Aug 2015 12:36:00 GMT`
fn http_date(now: Duration) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let seconds = now.as_secs();
    let written = date(seconds).to_string();
    let mut parts = written.split('-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let month = month.and_then(|it| it.parse::<usize>().ok()).unwrap_or(1);
    let (hour, minute, second) = clock(seconds);
    format!(
        "{}, {} {} {} {hour:02}:{minute:02}:{second:02} GMT",
        DAYS[usize::try_from(seconds / 86_400 % 7).unwrap_or_default()],
        day.unwrap_or_default(),
        MONTHS[(month - 1).min(11)],
        year.unwrap_or_default()
    )
}

fn clock(seconds: u64) -> (u64, u64, u64) {
    (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::verify::fill::requests;

    /// When AWS's examples were signed.
    const THEN: u64 = 1_440_938_160;

    fn signed(row: &Row, key: &str, beside: &[(&str, &str)], now: u64) -> Request {
        let beside = beside
            .iter()
            .map(|(name, it)| ((*name).to_owned(), it.as_bytes().to_vec()));
        let values = Values {
            rule: "acme-secret",
            key: key.as_bytes(),
            redacted: "…",
            beside: beside.collect(),
            now: Duration::from_secs(now),
        };
        requests(row, &values).expect("all is there").remove(0)
    }

    fn header<'r>(request: &'r Request, name: &str) -> &'r str {
        let mut headers = request.headers.iter();
        headers
            .find(|(it, _)| it == name)
            .map_or("", |(_, value)| value)
    }

    fn sign_of(how: How, service: &str, region: &str) -> Option<Sign> {
        Some(Sign {
            how,
            service: service.to_owned(),
            region: region.to_owned(),
            id: "{id}".to_owned(),
            secret: "{key}".to_owned(),
            claims: String::new(),
        })
    }

    #[test]
    fn the_examples_that_aws_prints_come_out() {
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
        let secret = ["wJalrXUtnFEMI/K7MDENG", "+bPxRfiCYEXAMPLEKEY"].concat();
        let mut headers = BTreeMap::new();
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        headers.insert("Content-Type".to_owned(), form.to_owned());
        let row = Row {
            url: "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08".to_owned(),
            headers,
            sign: sign_of(How::Sigv4, "iam", "us-east-1"),
            ..Row::default()
        };
        let request = signed(&row, &secret, &[("id", "AKIDEXAMPLE")], THEN);
        assert_eq!(header(&request, "X-Amz-Date"), "20150830T123600Z");
        assert_eq!(
            header(&request, "Authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
        // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "GET Bucket Lifecycle"
        let secret = ["wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYEXAMPLEKEY"].concat();
        let row = Row {
            url: "https://examplebucket.s3.amazonaws.com/?lifecycle=".to_owned(),
            sign: sign_of(How::Sigv4, "s3", "us-east-1"),
            ..Row::default()
        };
        let id = ["AKIAIOSFODNN7", "EXAMPLE"].concat();
        let request = signed(&row, &secret, &[("id", &id)], 1_369_353_600);
        let told = header(&request, "Authorization");
        let expected = "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543";
        assert!(told.ends_with(expected), "{told}");
    }

    #[test]
    fn what_is_signed_by_sha_1_is_as_the_providers_print_it() {
        // https://www.alibabacloud.com/help/en/ecs/developer-reference/signature-method: the example of
        // DescribeRegions, which asks by GET; the other was made by Python's hmac.
        let signer = Signer {
            id: "testid",
            secret: "testsecret",
            now: Duration::from_secs(THEN),
        };
        let form = "Format=XML&AccessKeyId=testid&Action=DescribeRegions&SignatureMethod=HMAC-SHA1&\
                    SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&SignatureVersion=1.0&\
                    Timestamp=2016-02-23T12%3A46%3A24Z&Version=2014-05-26";
        for (method, expected) in [
            ("GET", "OLeaidS1JvxuMvnyHOwuJ+uX5qY="),
            ("POST", "MxbnVAM4w6sft9xjVpe/GCKueuk="),
        ] {
            assert_eq!(signer.aliyun_form(method, form), expected);
        }
        // https://duo.com/docs/adminapi#authentication
        let theirs = ["Zh5eGmUq9z", "pfQnyUIu5O", "L9iWoMMv5Z", "Nmk3zLJ4Ep"].concat();
        let row = Row {
            method: "POST".to_owned(),
            url: "https://api-xxxxxxxx.duosecurity.com/accounts/v1/account/list?\
                  realname=First%20Last&username=root"
                .to_owned(),
            sign: sign_of(How::Duo, "", ""),
            ..Row::default()
        };
        let id = ["DIWJ8X6AEYOR", "5OMC6TQ1"].concat();
        let request = signed(&row, &theirs, &[("id", &id)], 1_345_570_158);
        let expected = format!("{id}:2d97d6166319781b5a3a07af39d366f491234edc");
        assert_eq!(
            header(&request, "Authorization"),
            format!("Basic {}", base64(expected.as_bytes()))
        );
        assert_eq!(header(&request, "Date"), "Tue, 21 Aug 2012 17:29:18 -0000");
        // Made by Python's hashlib, as help.ovhcloud.com writes it.
        let row = Row {
            url: "https://eu.api.ovh.com/1.0/auth/currentCredential".to_owned(),
            sign: sign_of(How::Ovh, "", ""),
            ..Row::default()
        };
        let request = signed(&row, "application-secret", &[("id", "consumer-key")], THEN);
        assert_eq!(
            header(&request, "X-Ovh-Signature"),
            "$1$8f74e004903582e2f87d0185f96d70ca86579fe8"
        );
        assert_eq!(header(&request, "X-Ovh-Timestamp"), "1440938160");
    }

    #[test]
    fn a_form_that_is_signed_holds_all_and_the_address_nothing() {
        let row = Row {
            method: "POST".to_owned(),
            url: "https://sts.aliyuncs.com/".to_owned(),
            body: Some("Action=GetCallerIdentity&SecurityToken={token}".to_owned()),
            headers: [(
                "Content-Type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            )]
            .into(),
            sign: sign_of(How::AliyunRpc, "", ""),
            ..Row::default()
        };
        let beside = [("id", "STS.acme"), ("token", "CAIS+/=")];
        let request = signed(&row, "secret", &beside, THEN);
        assert_eq!(request.url(), "https://sts.aliyuncs.com/");
        let body = request.body.expect("a body");
        let start = "Action=GetCallerIdentity&SecurityToken=CAIS%2B%2F%3D&AccessKeyId=STS.acme&";
        assert!(body.starts_with(start), "{body}");
        let time = "&Timestamp=2015-08-30T12%3A36%3A00Z&Signature=";
        assert!(body.contains(time), "{body}");
    }

    #[test]
    fn a_date_is_as_http_has_it() {
        for (seconds, expected) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (THEN, "Sun, 30 Aug 2015 12:36:00 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
        ] {
            assert_eq!(http_date(Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn every_way_signs_and_none_sends_the_secret() {
        let secret = String::from_utf8_lossy(&encode_base64_padded(&[7; 33])).into_owned();
        for how in [
            How::Sigv4,
            How::AzureStorage,
            How::AzureBatch,
            How::AzureCosmos,
            How::AzureSas,
            How::AzureAppconfig,
            How::JwtHs256,
            How::Binance,
            How::Kucoin,
            How::Tc3,
            How::Exo2,
            How::Pusher,
            How::AliyunRpc,
            How::Duo,
            How::Ovh,
        ] {
            let row = Row {
                url: "https://a.b.example/x?y=1".to_owned(),
                sign: sign_of(how, "sts", ""),
                ..Row::default()
            };
            let of = |now| signed(&row, &secret, &[("id", "acme")], now);
            let said = |it: &Request| format!("{} {:?} {:?}", it.url(), it.headers, it.body);
            let (one, later) = (of(THEN), of(THEN));
            assert_eq!(said(&one), said(&later), "{how:?}");
            assert!(!said(&one).contains(&secret), "{how:?}");
            let body = one.body.as_deref().unwrap_or_default();
            let is_signed = one.path.contains("signature=")
                || body.contains("&Signature=")
                || one.headers.iter().any(|(name, _)| {
                    name.eq_ignore_ascii_case("authorization")
                        || name == "KC-API-SIGN"
                        || name == "X-Ovh-Signature"
                });
            assert!(is_signed, "{how:?}");
            let other = signed(&row, &secret.replace('B', "C"), &[("id", "acme")], THEN);
            assert_ne!(said(&one), said(&other), "{how:?}");
        }
        // The example of RFC 7515's kind: three parts, the first two of them JSON.
        let signer = Signer {
            id: "acme",
            secret: "secret",
            now: Duration::from_secs(9),
        };
        let token = signer.jwt("\"video\":{\"roomList\":true}");
        let parts: Vec<&str> = token.split('.').collect();
        let payload = decode_base64(parts[1].as_bytes()).expect("base64");
        assert_eq!(
            String::from_utf8_lossy(&payload),
            r#"{"iss":"acme","nbf":4,"exp":309,"video":{"roomList":true}}"#
        );
    }
}
