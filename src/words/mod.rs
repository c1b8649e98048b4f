//! What words say of a value: that it stands for a secret, is kept elsewhere, or reads as written; and
//! what names say of the values that they are given.
//!
//! It judges texts by themselves, and knows nothing of rules, candidates, files or git.

pub(crate) mod name;
pub(crate) mod password;
pub(crate) mod placeholder;
pub(crate) mod randomness;
pub(crate) mod reference;
