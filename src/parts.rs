//! What the benchmarks, the fuzz targets and the tests use of keyward, each under the name of its room.

#![expect(missing_docs, reason = "each name is documented where it is defined")]

pub mod agent {
    pub use crate::agent::Agent;
}
pub mod allow {
    pub use crate::allow::AllowList;
}
pub mod change {
    pub use crate::change::{Change, EntryKind, InMemory, Status};
}
pub mod confidence {
    pub use crate::confidence::Confidence;
}
pub mod config {
    pub use crate::config::{Config, Layer, Origin};
}
pub mod detect {
    pub use crate::detect::{Detection, Detector};
}
pub mod disk {
    pub use crate::disk::{read_inside, replace};
}
pub mod filetype {
    pub use crate::filetype::FileType;
}
pub mod git {
    #[cfg(fuzzing)]
    pub use crate::git::fuzz_index;
    pub use crate::git::{ConfigScope, Repo};
}
pub mod guard {
    pub use crate::guard::{Guards, Held};
}
pub mod hook {
    pub use crate::hook::{
        Elsewhere, Found, HookKind, HooksPath, Installed, Place, Site, Uninstalled, What, inspect,
        install, place, tell_installed, uninstall, uninstall_parked,
    };
}
pub mod lab {
    pub use crate::lab::{Random, has_line, name_of, sample};
    pub mod check {
        pub use crate::lab::check::check;
    }
}
pub mod prefilter {
    pub use crate::prefilter::{Method, Prefilter};
}
pub mod proof {
    pub use crate::proof::{Check, Proof};
}
pub mod rules {
    pub use crate::rules::{RECORDED, Reach, Rule, RuleNumber, RuleSet};
    pub mod format {
        pub use crate::rules::format::Format;
    }
}
pub mod scan {
    pub use crate::scan::guarded;
}
pub mod text {
    pub use crate::text::{AddedLines, Text};
}
