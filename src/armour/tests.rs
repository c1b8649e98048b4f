use super::samples::{self, Says, noise};
use super::*;
use crate::encoding::{BASE64_URL, encode_base64, encode_base64_padded};
use crate::text::Text;

/// What the keys of a file come to: the worst of them.
fn says(file: &[u8]) -> Says {
    let text = Text::decode(file);
    let keys = keys(file, text.bytes());
    let has = |key: Armoured| keys.contains(&key);
    let any = |test: fn(&Armoured) -> bool| keys.iter().any(test);
    if has(Armoured::private(false, Extent::Whole)) {
        Says::Key
    } else if has(Armoured::private(false, Extent::Unclear)) {
        Says::Unclear
    } else if any(|key| key.is_private()) {
        Says::Locked
    } else if any(|key| key.kind == Kind::Private) {
        Says::Filler
    } else if any(|key| key.kind == Kind::Public) {
        Says::Public
    } else {
        Says::Nothing
    }
}

#[test]
fn every_form_is_read() {
    for sample in samples::all() {
        let expected = match sample.says {
            Says::Message => Says::Nothing,
            says => says,
        };
        assert_eq!(says(&sample.file), expected, "{}", sample.name);
    }
}

#[test]
fn files_may_be_cut_and_changed_anywhere() {
    for sample in samples::all() {
        for at in 0..sample.file.len() {
            says(&sample.file[..at]);
            says(&sample.file[at..]);
            let mut changed = sample.file.clone();
            changed[at] ^= 0xff;
            says(&changed);
            changed[at] = 0xff;
            says(&changed);
        }
    }
}

#[test]
fn absurd_lengths_do_no_harm() {
    for file in [
        &b"\x30"[..],
        b"\x30\x80\x02\x01\x00",
        b"\x30\x84\xff\xff\xff\xff\x02\x01\x00",
        b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff\x02\x01\x00",
        b"\x30\x82\xff",
        b"\x30\x03\x02\x84\xff",
        b"\x30\x03\x30\x84\xff",
        b"PuTTY-User-Key-File-3: x\nPrivate-Lines: 99999999999999999999999\nabc",
        b"PuTTY-User-Key-File-3: x\nPrivate-Lines: -1\nabc",
    ] {
        assert!(!matches!(says(file), Says::Key | Says::Unclear));
    }
    let mut many = openssh::MAGIC.to_vec();
    many.extend(b"\0\0\0\x04none\0\0\0\x04none\0\0\0\0\xff\xff\xff\xff");
    many.extend([0; 4000]);
    let read = openssh::read(&many).map(|key| key.extent);
    assert_eq!(read, Some(Extent::Unclear));
    for packet in [
        &b"\x95"[..],
        b"\x96\xff\xff\xff\xff\x04",
        b"\xc5\xff\xff\xff\xff\xff\x04",
    ] {
        assert_eq!(pgp::is_secret_key(packet), packet.len() > 1);
        assert!(pgp::read(packet, None).is_none_or(|key| key.extent == Extent::Unclear));
    }
}

#[test]
fn lengths_may_have_any_number_of_digits() {
    let content = [&[2, 1, 0], &noise(60)[..]].concat();
    for len in [
        &[63][..],
        &[0x81, 63],
        &[0x82, 0, 63],
        &[0x83, 0, 0, 63],
        &[0x84, 0, 0, 0, 63],
    ] {
        let der = [&[0x30], len, &content].concat();
        assert_eq!(
            der::read(&der),
            Some(Armoured::private(false, Extent::Whole))
        );
        let cut = der::read(&der[..der.len() - 1]);
        assert_eq!(cut, Some(Armoured::private(false, Extent::Unclear)));
    }
}

#[test]
fn public_keys_are_told_by_their_start() {
    let ssh = |name: &str| {
        let mut bytes = (name.len() as u32).to_be_bytes().to_vec();
        bytes.extend(name.as_bytes());
        bytes.extend(noise(40));
        encode_base64_padded(&bytes)
    };
    let info = |head: &[u8]| encode_base64_padded(&[head, &noise(90)].concat());
    for public in [
        ssh("ssh-rsa"),
        ssh("ssh-ed25519"),
        ssh("ecdsa-sha2-nistp256"),
        ssh("sk-ssh-ed25519@openssh.com"),
        ssh("sk-ecdsa-sha2-nistp256@openssh.com"),
        // RSA of 512, 1024 and 2048 bits, P-256, P-384, Ed25519.
        info(&[
            0x30, 0x5c, 0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
        ]),
        info(&[
            0x30, 0x81, 0x9f, 0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7,
        ]),
        info(&[
            0x30, 0x82, 1, 0x22, 0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86,
        ]),
        info(&[
            0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2,
        ]),
        info(&[
            0x30, 0x76, 0x30, 0x10, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2,
        ]),
        info(&[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0]),
        b"ssh-rsa".to_vec(),
        b"ecdsa-sha2-nistp256".to_vec(),
        b"age1qpzry9x8gf2tvdw0s3jn54khce6mua7l".to_vec(),
    ] {
        assert!(
            is_public_start(&public),
            "{}",
            String::from_utf8_lossy(&public)
        );
    }
    for other in [
        encode_base64_padded(&samples::private_der()),
        encode_base64_padded(&noise(60)),
        encode_base64(&[0; 60], BASE64_URL),
        ssh("openssh"),
        b"AAAA".to_vec(),
        b"AAAAB3".to_vec(),
        b"MIIB".to_vec(),
        b"M".to_vec(),
        b"age1b".to_vec(),
        b"".to_vec(),
    ] {
        assert!(
            !is_public_start(&other),
            "{}",
            String::from_utf8_lossy(&other)
        );
    }
}

#[test]
fn the_work_grows_with_the_text() {
    // Each of these would take minutes if a block were looked for again behind each header.
    const SIZE: usize = 400_000;
    for part in [
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n",
        "-----BEGIN ",
        "----BEGIN PRIVATE KEY\n",
        "BEGIN ",
        "          BEGIN ",
        "----BEGIN X----a:",
        "-",
        "-----BEGIN PRIVATE KEY-----\nab:\ncd",
    ] {
        let file = part.repeat(SIZE / part.len());
        says(file.as_bytes());
        says(
            [
                samples::block("PRIVATE KEY", "").as_bytes(),
                file.as_bytes(),
            ]
            .concat()
            .as_slice(),
        );
    }
    for between in ["\\", "a:\\", "\\\\x0", "&#", "=", "a.", "+ ", "a b", "MII"] {
        let body = between.repeat(SIZE / between.len());
        says(samples::block("PRIVATE KEY", &body).as_bytes());
        says(body.as_bytes());
    }
    let lines = format!(
        "PuTTY-User-Key-File-3: x\nPrivate-Lines: {SIZE}\n{}",
        "YWJj\n".repeat(SIZE / 5)
    );
    says(lines.as_bytes());
}
