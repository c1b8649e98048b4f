//! Tests of the detector as a whole.

mod alarms;
mod brute_force;
mod bytes;
mod kinds;
mod notations;
mod public;
mod sections;
mod wrapped;

/// A text may have a million of each.
#[test]
fn a_candidate_takes_few_bytes() {
    assert!(size_of::<super::Detection<'_>>() <= 128);
    assert!(size_of::<super::find::Spot>() <= 24);
    assert!(size_of::<super::names::Name>() <= 16);
}
