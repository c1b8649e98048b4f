//! Tests of the detector as a whole.

mod alarms;
mod brute_force;
mod kinds;
mod wrapped;
