//! A server on this machine that plays every provider: whatever host is meant, it has a certificate for it.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request, as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// `GET /user HTTP/1.1`
    pub(crate) line: String,
    /// As they came, with the names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut headers = self.headers.iter();
        headers.find(|(it, _)| it == name).map_or("", |(_, it)| it)
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) manner: Manner,
}

/// How an answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Whole,
    /// It breaks off.
    Cut,
    /// It never comes.
    Never,
}

impl Reply {
    pub(crate) fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::of(status, "application/json", body)
    }

    pub(crate) fn of(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type", kind.to_owned())],
            body: body.into(),
            manner: Manner::Whole,
        }
    }
}

/// The server. It gives the replies that it was given in their order, and the last one again and again.
pub(crate) struct Provider {
    pub(crate) port: u16,
    /// The certificate of its authority.
    pub(crate) authority: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    replies: VecDeque<Reply>,
    asked: Vec<Asked>,
    /// What is waited on for ever.
    held: Vec<TcpStream>,
}

/// Has a certificate for each host.
#[derive(Debug)]
struct Names {
    authority: CertifiedIssuer<'static, KeyPair>,
    key: KeyPair,
}

impl ResolvesServerCert for Names {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name()?.to_owned();
        let params = CertificateParams::new(vec![name]).ok()?;
        let made = params.signed_by(&self.key, &self.authority).ok()?;
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).ok()?;
        let provider = ring::default_provider();
        let made = CertifiedKey::from_der(vec![made.der().clone()], key, &provider);
        Some(Arc::new(made.ok()?))
    }
}

impl Provider {
    pub(crate) fn start() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let authority = CertifiedIssuer::self_signed(params, key).unwrap();
        let pem = authority.pem();
        let names = Names {
            authority,
            key: KeyPair::generate().unwrap(),
        };
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(names));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (config, state) = (Arc::new(config), Arc::new(Mutex::new(State::default())));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, state) = (Arc::clone(&config), Arc::clone(&shared));
                // Whoever is not trusted hangs up in the middle.
                thread::spawn(move || serve(stream, config, &state));
            }
        });
        Self {
            port,
            authority: pem,
            state,
        }
    }

    /// What it answers from now on. What was asked before is forgotten.
    pub(crate) fn answers(&self, replies: impl IntoIterator<Item = Reply>) {
        let mut state = self.state.lock().unwrap();
        state.replies = replies.into_iter().collect();
        state.asked.clear();
    }

    /// What it was asked.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>, state: &Mutex<State>) -> Option<()> {
    let kept = stream.try_clone().ok()?;
    let mut stream = StreamOwned::new(ServerConnection::new(config).ok()?, stream);
    let asked = read(&mut stream)?;
    let reply = {
        let mut state = state.lock().unwrap();
        state.asked.push(asked);
        match state.replies.len() {
            0 => return None,
            1 => state.replies[0].clone(),
            _ => state.replies.pop_front()?,
        }
    };
    if reply.manner == Manner::Never {
        state.lock().unwrap().held.push(kept);
        return None;
    }
    let length = match reply.manner {
        Manner::Cut => reply.body.len() + 100,
        _ => reply.body.len(),
    };
    let mut head = format!("HTTP/1.1 {} So\r\nConnection: close\r\n", reply.status);
    if reply.status != 204 {
        head.push_str(&format!("Content-Length: {length}\r\n"));
    }
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    if reply.status != 204 {
        stream.write_all(&reply.body).ok()?;
    }
    stream.conn.send_close_notify();
    stream.flush().ok()
}

fn read(stream: &mut impl Read) -> Option<Asked> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let mut asked = Asked {
        line: lines.next()?.to_owned(),
        ..Asked::default()
    };
    for line in lines {
        if let Some((name, value)) = line.split_once(": ") {
            asked.headers.push((name.to_lowercase(), value.to_owned()));
        }
    }
    let length = asked.header("content-length").parse().unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8_lossy(&body).into_owned();
    Some(asked)
}
