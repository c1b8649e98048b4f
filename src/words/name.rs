//! What a name says: whether a secret is kept under it, and how surely.

use super::{Word, contains, find, find_in_any_case, is_one_of, place_of, role};

/// Whether a text is a name of a variable in every language.
pub(crate) fn is_identifier(text: &[u8]) -> bool {
    let is_letter = |b: &u8| b.is_ascii_alphabetic() || *b == b'_';
    text.first().is_some_and(is_letter) && text.iter().all(|b| is_letter(b) || b.is_ascii_digit())
}

/// How surely a name speaks of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// `key`, `tokens`: of anything.
    Weak,
    /// `acme_key`: the key of something that the list does not know.
    Unknown,
    /// `token`, `plugin_token`: often of a secret.
    Fair,
    /// `password`, `api_key`.
    Strong,
}

/// What a name says of the value that it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// How surely it speaks of a secret; `None` if it has no keyword as a whole word.
    pub(crate) strength: Option<Strength>,
    /// The word by which the value is something else, whatever the keywords say.
    pub(crate) turned_by: Option<&'static str>,
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
    Turns(Word),
    /// Says nothing.
    Other,
}

/// The longest piece of a name that may be a word with others glued to it, in bytes.
///
/// A bound: what is longer is data.
const LONGEST_PIECE: usize = 24;

/// Reads a name.
pub(crate) fn reading(name: &[u8]) -> Reading {
    // What an option of a compiler defines: `-DPUBLIC_KEY=x`.
    let name = match name {
        [b'-', b'D', defined @ ..] if defined.first().is_some_and(u8::is_ascii_uppercase) => {
            defined
        }
        _ => name,
    };
    let mut found: Option<Strength> = None;
    let mut opened = false;
    let mut turned: Option<Word> = None;
    let mut public: Option<Word> = None;
    let mut before: [&[u8]; 2] = [b"", b""];
    // The word that begins the name is as one of everyday use.
    let mut passes = false;
    for piece in pieces(name) {
        let mut read = read(piece);
        if let Piece::Turns(word) = read
            && word.is(role::PASSING)
        {
            let is_first = before[1].is_empty();
            passes |= is_first && !is_variable(name);
            if !(is_first && passes || word.is(role::TURNS)) {
                read = Piece::Other;
            }
        }
        let is_everyday = |word: Word| word.is(role::EVERYDAY) || passes && word.is(role::PASSING);
        let strength = match read {
            // What stood between two keywords belongs to the second.
            Piece::Keyword(strength) => Some(match found {
                Some(before) => before.max(strength).max(Strength::Fair),
                None => strength,
            }),
            Piece::Key if opened => Some(Strength::Strong),
            Piece::Key if found.is_some() => Some(Strength::Fair),
            Piece::Key
                if !before[1].is_empty()
                    && turned.is_none_or(|word| !word.is(role::PUBLIC) && !is_everyday(word)) =>
            {
                Some(Strength::Unknown)
            }
            Piece::Key => Some(Strength::Weak),
            Piece::Opens | Piece::Turns(_) | Piece::Other => None,
        };
        match (read, strength) {
            (Piece::Keyword(own), Some(strength)) => {
                let strength = match strength {
                    Strength::Fair if opened => Strength::Strong,
                    Strength::Weak | Strength::Unknown if opened => Strength::Fair,
                    strength => strength,
                };
                opened |= own > Strength::Weak;
                found = Some(strength);
                turned = turned.filter(|&word| still_turns(word, piece, strength, is_everyday));
            }
            (_, Some(strength)) => {
                found = found.max(Some(strength));
                turned = turned
                    .filter(|&word| still_turns(word, piece, strength, is_everyday))
                    .or_else(|| public_thing(before, piece));
            }
            (Piece::Opens, _) => opened = true,
            (Piece::Turns(word), _) => {
                turned = turned.or(Some(word));
                public = public.or(Some(word).filter(|word| word.is(role::PUBLIC)));
                // What stood before it says nothing of the keyword behind it: `client request token`.
                opened &= !is_everyday(word);
            }
            _ => {}
        }
        before = [before[1], piece];
    }
    // What is public is so behind any other word, too: `setPublicKey`. A secret is none.
    let public = public.filter(|_| !contains(name, b"secret") && !is_password(name));
    Reading {
        strength: found,
        turned_by: turned.or(public).map(Word::text),
    }
}

/// The word by which a name is that of an id: `account_id`, `Uuid.fromString`. A credential behind it takes that back:
/// `id token`.
pub(crate) fn of_id(name: &[u8]) -> Option<&'static str> {
    let mut id = None;
    for piece in pieces(name) {
        id = match find_in_any_case(piece) {
            Some(word) if word.is(role::ID) => Some(word.text()),
            Some(word) if word.is(role::CREDENTIAL) => None,
            _ => glued_id(piece).or(id),
        };
    }
    id
}

/// Whether a name ends in the word for an id and in nothing else, and speaks of no credential: `ObjectId`, `find_by_id`.
/// `secret_id` is one.
pub(crate) fn ends_in_id(name: &[u8]) -> bool {
    const IDS: [&[u8]; 6] = [b"guid", b"id", b"ids", b"oid", b"ulid", b"uuid"];
    let is_id = |piece: &[u8]| is_one_of(piece, &IDS);
    let is_credential =
        |piece: &[u8]| find_in_any_case(piece).is_some_and(|word| word.is(role::CREDENTIAL));
    pieces(name).last().is_some_and(is_id) && !pieces(name).any(is_credential)
}

/// The word for an id that is glued behind another word: `traceid`, `accountId` in lower case.
fn glued_id(piece: &[u8]) -> Option<&'static str> {
    /// A weight: the shortest word before it. Shorter ones stand in `grid` and `valid` by chance.
    const SHORTEST: usize = 4;
    ["ids", "uuid", "guid", "id"].into_iter().find(|end| {
        piece
            .len()
            .checked_sub(end.len())
            .filter(|&len| len >= SHORTEST && piece[len..].eq_ignore_ascii_case(end.as_bytes()))
            .is_some_and(|len| find_in_any_case(&piece[..len]).is_some())
    })
}

/// Whether a word that stands before a keyword says what the value is, although the keyword speaks of a secret
/// so surely.
fn still_turns(
    word: Word,
    keyword: &[u8],
    strength: Strength,
    is_everyday: impl Fn(Word) -> bool,
) -> bool {
    word.is(role::PUBLIC)
        || is_everyday(word) && strength < Strength::Strong
        || word.is(role::HASH) && is_password(keyword)
}

/// The public thing that a piece names together with one or two before it: `site key`, `application server key`.
fn public_thing([first, second]: [&[u8]; 2], piece: &[u8]) -> Option<Word> {
    let named = |name: &[u8]| find_in_any_case(name).filter(|word| word.is(role::PUBLIC));
    let thing = [first, second, piece].concat();
    named(&thing[first.len()..]).or_else(|| named(&thing))
}

/// Whether a name is written as variables of the environment are: it has no small letter.
pub(crate) fn is_variable(name: &[u8]) -> bool {
    !name.iter().any(u8::is_ascii_lowercase)
}

/// Whether a name is made of these words and nothing else, in any case.
pub(crate) fn is_made_of(name: &[u8], words: &[&str]) -> bool {
    let mut own = pieces(name);
    words.iter().all(|word| {
        own.next()
            .is_some_and(|it| it.eq_ignore_ascii_case(word.as_bytes()))
    }) && own.next().is_none()
}

/// Whether a name is one of a password: what stands there as hex digits is its hash.
pub(crate) fn is_password(name: &[u8]) -> bool {
    contains(name, b"pass") || contains(name, b"pwd")
}

/// Whether a name is the word for a token, maybe with one for what it holds: `identitytoken`, `tokenValue`. With a word
/// before it that says no more of a secret it is one of anything: `lockToken`.
pub(crate) fn is_token(name: &[u8]) -> bool {
    let mut found = false;
    let is_it = |piece: &[u8]| {
        let at = piece.len().checked_sub(b"token".len());
        at.is_some_and(|at| piece[at..].eq_ignore_ascii_case(b"token"))
    };
    let all = pieces(name).all(|piece| {
        found |= is_it(piece);
        is_it(piece) || role::HOLDS.has_in_any_case(piece)
    });
    all && found
}

fn read(piece: &[u8]) -> Piece {
    if piece.len() > LONGEST_PIECE {
        return Piece::Other;
    }
    let mut lower = [0u8; LONGEST_PIECE];
    let lower = &mut lower[..piece.len()];
    lower.copy_from_slice(piece);
    lower.make_ascii_lowercase();
    let digits = lower.iter().rev().take_while(|b| b.is_ascii_digit());
    let word = &lower[..lower.len() - digits.count()];
    known(word).unwrap_or_else(|| glued(word))
}

/// What a word of the list does in a name. Of several roles the first of these holds.
fn meaning(word: Word) -> Option<Piece> {
    [
        (role::STRONG, Piece::Keyword(Strength::Strong)),
        (role::FAIR, Piece::Keyword(Strength::Fair)),
        (role::WEAK, Piece::Keyword(Strength::Weak)),
        (role::KEY, Piece::Key),
        (role::OPENS, Piece::Opens),
        (role::PUBLIC, Piece::Turns(word)),
        (role::EVERYDAY, Piece::Turns(word)),
        (role::PASSING, Piece::Turns(word)),
        (role::TURNS, Piece::Turns(word)),
    ]
    .into_iter()
    .find(|(role, _)| word.is(*role))
    .map(|(_, piece)| piece)
}

fn known(word: &[u8]) -> Option<Piece> {
    find(word).and_then(meaning).or_else(|| {
        // Of many things, too: `events`.
        let one = meaning(find(word.strip_suffix(b"s")?)?)?;
        matches!(one, Piece::Turns(_)).then_some(one)
    })
}

/// A keyword with another word glued to it: `dbpassword`, `passwordhash`, `nkey`.
fn glued(word: &[u8]) -> Piece {
    let mut starts = role::PUBLIC_START.words();
    if let Some(public) = starts.find(|public| word.starts_with(public.bytes())) {
        return Piece::Turns(public);
    }
    // `author`, `compass`, `secretary` hold keywords by chance.
    for keyword in role::GLUED.words() {
        let Some(at) = place_of(keyword.bytes(), word) else {
            continue;
        };
        let (before, after) = (&word[..at], &word[at + keyword.bytes().len()..]);
        if let Some(turns @ Piece::Turns(_)) = known(before) {
            return turns;
        }
        let keyword = meaning(keyword).unwrap_or(Piece::Other);
        return match (after, known(after)) {
            (b"" | b"s", _) => keyword,
            (_, Some(turns @ Piece::Turns(_))) => turns,
            (_, Some(_)) => keyword,
            _ if find(after).is_some_and(|word| word.is(role::NEUTRAL)) => keyword,
            _ => Piece::Other,
        };
    }
    let is = |word: &[u8], role| find(word).is_some_and(|word| word.is(role));
    if let Some(before) = word.strip_suffix(b"key") {
        return match known(before) {
            Some(Piece::Opens | Piece::Keyword(_)) => Piece::Keyword(Strength::Strong),
            Some(turns @ Piece::Turns(_)) => turns,
            _ if is(before, role::BEFORE_KEY) => Piece::Keyword(Strength::Fair),
            _ => Piece::Other,
        };
    }
    match word.strip_suffix(b"pass") {
        Some(before) if is(before, role::BEFORE_PASS) => Piece::Keyword(Strength::Strong),
        _ => Piece::Other,
    }
}

/// The pieces of an identifier, cut at separators, where lower case turns to upper, and where an acronym ends before a
/// word: `authAKVName`.
pub(crate) fn pieces(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let start = rest.iter().position(u8::is_ascii_alphanumeric)?;
        rest = &rest[start..];
        let end = (1..rest.len())
            .find(|&at| {
                !rest[at].is_ascii_alphanumeric()
                    || rest[at].is_ascii_uppercase()
                        && (rest[at - 1].is_ascii_lowercase() || ends_acronym(rest, at))
            })
            .unwrap_or(rest.len());
        let piece = &rest[..end];
        rest = &rest[end..];
        Some(piece)
    })
}

/// Whether a word starts at a capital behind two others: its small letters follow, and not the `s` of `IDs` alone.
fn ends_acronym(name: &[u8], at: usize) -> bool {
    at >= 2
        && name[at - 2..at].iter().all(u8::is_ascii_uppercase)
        && name.get(at + 1).is_some_and(u8::is_ascii_lowercase)
        && name.get(at + 2).is_some_and(u8::is_ascii_lowercase)
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
        assert_eq!(cut("AuthAKVName"), ["Auth", "AKV", "Name"]);
        assert_eq!(cut("tokenAPIVersion"), ["token", "API", "Version"]);
        assert_eq!(cut("userIDs"), ["user", "IDs"]);
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
            let found = reading(name.as_bytes());
            assert_eq!(found.turned_by, None, "{name}");
            assert!(found.strength >= Some(expected), "{name}: {found:?}");
        }
    }

    #[test]
    fn names_of_tokens() {
        for (name, expected) in [
            ("token", true),
            ("identitytoken", true),
            ("tokenValue", true),
            ("lockToken", false),
            ("ACTION_TOKEN", false),
            ("tokenOwner", false),
            ("auth", false),
            ("tokens", false),
        ] {
            assert_eq!(is_token(name.as_bytes()), expected, "{name}");
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
            "applicationServerKey",
            "PUSH_APPLICATION_SERVER_KEY",
            "auth_url",
            "PASSWORD_MIN_LENGTH",
            "setPublicKey",
            "config.csrf_token",
            "CONFIG_PUBLIC_KEY",
            "-DPUBLIC_KEY",
        ] {
            let found = reading(name.as_bytes());
            assert!(
                found.strength.is_none() || found.turned_by.is_some(),
                "{name}"
            );
        }
    }
}
