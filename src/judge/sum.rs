//! What the signals say together, in bits.

use std::fmt;

/// A bound: more signals than this do not weigh in.
const MOST: usize = 12;

/// The bits of each signal that weighed in, in their order. Zero and more: a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    terms: [(&'static str, f32); MOST],
    len: usize,
}

impl Sum {
    /// Adds what a signal says.
    pub(super) fn add(&mut self, signal: &'static str, bits: f32) {
        if let Some(term) = self.terms.get_mut(self.len) {
            *term = (signal, bits);
            self.len += 1;
        }
    }

    /// All together.
    pub(super) fn bits(&self) -> f32 {
        self.terms[..self.len].iter().map(|(_, bits)| bits).sum()
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} bits:", self.bits())?;
        for (at, (signal, bits)) in self.terms[..self.len].iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma} {signal} {bits:+.0}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Sum};

    #[test]
    fn a_sum_shows_its_terms() {
        let mut sum = Sum::default();
        sum.add("value", 48.2);
        sum.add("name", -12.0);
        assert_eq!(sum.to_string(), "36 bits: value +48, name -12");
        for _ in 0..MOST {
            sum.add("more", 1.0);
        }
        assert!(sum.bits() > 40.0, "{sum}");
    }
}
