//! Tests of the detector as a whole.

mod brute_force;
mod kinds;
mod wrapped;
