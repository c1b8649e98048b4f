//! Numbers that look random and are the same in every run.

/// A small generator of random numbers (SplitMix64; Steele, Lea, Flood 2014). Not for secrets.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The generator of that seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The generator of a rule, whose numbers stay the same whatever other rules there are. Its seed is
    /// the FNV-1a hash of the rule's id.
    pub fn of_rule(id: &str) -> Self {
        let seed = id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(seed)
    }

    /// A number below `limit`, which must not be 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }

    /// One of several, of which there must be one.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Appends `len` bytes, each one of the alphabet's.
    pub fn fill(&mut self, out: &mut Vec<u8>, alphabet: &[u8], len: usize) {
        out.extend((0..len).map(|_| self.pick(alphabet)));
    }

    /// A text of `len` characters, each one of the alphabet's, which is ASCII.
    pub fn text(&mut self, alphabet: &[u8], len: usize) -> String {
        (0..len).map(|_| char::from(self.pick(alphabet))).collect()
    }

    /// Letters and digits, `len` of them.
    pub fn token(&mut self, len: usize) -> String {
        const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        self.text(BASE62, len)
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_seed_gives_the_published_numbers() {
        // Those of SplitMix64: https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64
        let mut random = Random::new(1_234_567);
        for number in [
            6_457_827_717_110_365_317_u64,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ] {
            assert_eq!(random.below(1 << 30) as u64, number % (1 << 30));
        }
    }

    #[test]
    fn a_token_has_letters_and_digits() {
        let token = Random::new(3).token(500);
        assert_eq!(token.len(), 500);
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}
