//! Tests of the detector as a whole.

mod alarms;
mod brute_force;
mod bytes;
mod kinds;
mod notations;
mod wrapped;
