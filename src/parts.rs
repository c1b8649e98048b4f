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
    pub mod oracle {
        pub use crate::detect::oracle::{Found, by_brute_force, by_detector};
    }
}
pub mod disk {
    pub use crate::disk::{read_inside, replace};
}
pub mod filetype {
    pub use crate::filetype::FileType;
}
pub mod git {
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
    /// What becomes of a commit of what is staged in a repository, and of its last one: the exit codes.
    pub fn commit_in(top: &std::path::Path) -> [i32; 2] {
        crate::cli::commit_in(top)
    }
}
pub mod lab {
    pub use crate::lab::{Random, has_line, name_of, sample};
    pub mod check {
        pub use crate::lab::check::check;
    }
}
/// Every parser of what others wrote, to be tried with any bytes.
pub mod parsers {
    use crate::agent::{Agent, Event};
    use crate::allow::import;
    use crate::archive::{Left, Packing, each_member};
    use crate::comment::Comments;
    use crate::filetype::Syntax;
    pub use crate::git::parsers::Parser;
    use crate::proof::Proof;
    use crate::{armour, dotenv, encoding, git, lfs, unwrap};

    pub fn all() -> impl Iterator<Item = Parser> {
        const OURS: &[Parser] = &[
            ("an agent's event", |bytes| {
                for &agent in Agent::ALL {
                    let _ = Event::read(agent, bytes);
                }
            }),
            ("an archive", |bytes| {
                for packing in [Packing::Zip, Packing::Gzip, Packing::Tar, Packing::Other] {
                    let mut left = Left::of(bytes.len());
                    let _ = each_member(packing, b"a", bytes, &mut left, &mut |_, _| ());
                }
            }),
            ("armour", |bytes| drop(armour::keys(bytes, bytes))),
            ("comments", |bytes| {
                drop(Comments::of(bytes, Some(bytes), Syntax::Code))
            }),
            ("encodings", |bytes| {
                let _ = encoding::decode_base64(bytes);
                let _ = encoding::decode_base32(bytes);
                let _ = encoding::decode_base58(bytes);
                let _ = encoding::percent_decoded(bytes);
            }),
            ("an environment file", |bytes| {
                let lines: usize = dotenv::lines(bytes).count();
                assert!(lines <= bytes.len() + 1 && dotenv::entries(bytes).count() <= lines);
            }),
            ("a list of another tool's", |bytes| {
                for name in import::Format::NAMES.split(", ") {
                    let format = import::Format::of(name).expect("it is one of the names");
                    let _ = import::parse(format, bytes);
                }
            }),
            ("a pointer of Git LFS", |bytes| {
                let _ = lfs::is_pointer(bytes);
            }),
            ("proofs", |bytes| {
                for proof in Proof::all() {
                    let _ = proof.check(bytes);
                }
            }),
            ("what is wrapped", |bytes| drop(unwrap::all(bytes))),
        ];
        OURS.iter().copied().chain(git::parsers::all())
    }
}
pub mod prefilter {
    pub use crate::prefilter::{Method, Prefilter};
}
pub mod proof {
    pub use crate::proof::{Check, Proof};
}
/// What every format of report makes of a file.
pub mod report {
    use std::slice;

    use bstr::BString;

    use crate::allow::AllowList;
    use crate::change::{Change, EntryKind, InMemory, Status};
    use crate::cli::voice;
    use crate::confidence::Confidence;
    use crate::detect::Detector;
    use crate::guard::Guards;
    use crate::report::{FORMATS, Format, Report, Style, write};
    use crate::rules::RuleSet;
    use crate::scan::Scan;
    use crate::verdict::{Unread, decide};

    /// Each with its name: a new file of that name and content, and one that could not be read, for a reason.
    pub fn every_format(
        path: &[u8],
        content: Vec<u8>,
        reason: &str,
    ) -> Vec<(&'static str, Vec<u8>)> {
        let (rules, guards) = (RuleSet::builtin(), Guards::default());
        let scan = Scan {
            guards: Some(&guards),
            trace: true,
            ..Scan::new(Detector::new(&rules))
        };
        let origin = InMemory {
            content,
            ..InMemory::default()
        };
        let path = BString::from(path);
        let change = Change::new(path.clone(), Status::Added, EntryKind::File, origin);
        let outcome = scan.run([Ok(change)]);
        let mut verdict = decide(outcome, &AllowList::default(), |_| Confidence::Likely);
        verdict.unread.push(Unread {
            // As a scan names it.
            path: scan.sealed(&path),
            reason: reason.to_owned(),
        });
        let report = Report::from(verdict);
        let mut all = Vec::new();
        for format in FORMATS.iter().chain(slice::from_ref(&Format::EXPLAIN)) {
            for hook in [true, false] {
                let style = Style {
                    hook,
                    ..Style::default()
                };
                let mut out = Vec::new();
                let written = write(*format, &report, &style, &mut out);
                written.expect("a vector can be written to");
                if format.is_for_people() {
                    out = voice::said(&out);
                }
                all.push((format.name(), out));
            }
        }
        all
    }
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
