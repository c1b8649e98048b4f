//! What came of the runs of a sweep.

use std::collections::BTreeMap;

use bstr::ByteSlice;

use crate::place::{Ended, Place, is_temporary};

/// What a scene's words say of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It looks, and has to tell of the key.
    Looks,
    /// It writes files.
    Writes,
}

/// What a run that nothing disturbs makes of it.
pub(crate) struct Undisturbed {
    before: BTreeMap<String, Vec<u8>>,
    after: BTreeMap<String, Vec<u8>>,
    staged: Option<String>,
    pub(crate) code: Option<i32>,
}

impl Undisturbed {
    pub(crate) fn of(place: &Place, kind: Kind) -> Self {
        let before = place.files();
        let ended = place.run(&[], |_| ());
        match kind {
            Kind::Looks => assert!(tells(&ended), "{:?} {}", ended.code, ended.told),
            Kind::Writes => assert_eq!(ended.code, Some(0), "{}", ended.told),
        }
        let (after, staged) = (place.files(), place.staged());
        assert!(kind == Kind::Looks || before != after, "it writes nothing");
        place.restore();
        Self {
            before,
            after,
            staged,
            code: ended.code,
        }
    }
}

/// How often each thing happened in a sweep.
#[derive(Default)]
pub(crate) struct Tally {
    runs: usize,
    found: usize,
    refused: usize,
    ended: usize,
    missed: usize,
    wrong: BTreeMap<&'static str, Vec<String>>,
}

impl Tally {
    fn wrong(&mut self, what: &'static str, how: &str) {
        self.wrong.entry(what).or_default().push(how.to_owned());
    }

    /// Takes down that what was to go wrong in a run was not come to.
    pub(crate) fn add_missed(&mut self) {
        self.missed += 1;
    }

    /// Takes down how a run ended that has to end as one that nothing disturbs.
    pub(crate) fn add_alike(&mut self, is: &Undisturbed, ended: &Ended, how: &str) {
        if ended.code != is.code {
            self.wrong("other", &format!("{how}: {:?} {}", ended.code, ended.told));
        }
    }

    /// Takes down how a run ended, `how` being what was done to it.
    pub(crate) fn add(&mut self, ended: &Ended, how: &str, is_told: bool) {
        self.runs += 1;
        if holds_key(ended.told.as_bytes()) {
            self.wrong("leak", how);
        }
        match ended.code {
            _ if ended.hangs => self.wrong("hang", how),
            Some(0) if is_told => self.found += 1,
            Some(0) => self.wrong("silent", how),
            Some(1) => self.found += 1,
            Some(2 | 3) => self.refused += 1,
            _ => self.ended += 1,
        }
    }

    /// As `add`, for a run that looks.
    pub(crate) fn add_look(&mut self, ended: &Ended, how: &str) {
        self.add(ended, how, tells(ended));
    }

    /// As `add`, for a run that writes: no file is half of something, and another run mends what is left.
    pub(crate) fn add_write(&mut self, place: &Place, is: &Undisturbed, ended: &Ended, how: &str) {
        let now = place.files();
        self.add(ended, how, now == is.after && place.staged() == is.staged);
        place.age();
        let again = place.run(&[], |_| ());
        let after = place.files();
        for (name, content) in &now {
            let versions = [&is.before, &is.after, &after];
            let is_whole = versions.iter().any(|it| it.get(name) == Some(content));
            // A file that is written twice is as it was between.
            let between = is.after.get(name).filter(|_| name.ends_with(".gitignore"));
            let is_between = between.is_some_and(|it| it.starts_with(content));
            if !is_whole && !is_between && !is_temporary(name) {
                self.wrong("half", &format!("{how}: {name}"));
            }
        }
        for name in after.keys().filter(|name| is_temporary(name)) {
            self.wrong("left", &format!("{how}: {name}"));
        }
        for name in is.before.keys().filter(|name| !after.contains_key(*name)) {
            if is.after.contains_key(name) {
                self.wrong("lost", &format!("{how}: {name}"));
            }
        }
        for (name, content) in &after {
            let versions = [&is.before, &is.after];
            let is_known = versions.iter().any(|it| it.get(name) == Some(content));
            if !is_known
                && !versions
                    .iter()
                    .any(|it| it.get(name).is_some_and(|it| holds_key(it)))
                && holds_key(content)
            {
                self.wrong("leak", &format!("{how}: {name}"));
            }
        }
        if place.staged().is_none() {
            self.wrong("broken", how);
        }
        // What was done already need not be done again, and says so.
        if again.code == Some(0) && after != is.after {
            let differ = |name: &&String| after.get(*name) != is.after.get(*name);
            let names: Vec<&String> = is.after.keys().filter(differ).collect();
            self.wrong("unfinished", &format!("{how}: {names:?}"));
        }
        place.restore();
    }

    /// Prints the line of the sweep, and what is wrong.
    pub(crate) fn tell(&self, sweep: &str) -> usize {
        let count = |what: &str| self.wrong.get(what).map_or(0, Vec::len);
        println!(
            "{sweep}: {} runs, {} found or done, {} refused, {} ended, {} not come to; {} silent, {} hang, {} half, \
             {} lost, {} left, {} leak, {} unfinished, {} broken, {} other",
            self.runs,
            self.found,
            self.refused,
            self.ended,
            self.missed,
            count("silent"),
            count("hang"),
            count("half"),
            count("lost"),
            count("left"),
            count("leak"),
            count("unfinished"),
            count("broken"),
            count("other"),
        );
        for (what, hows) in &self.wrong {
            for how in hows {
                println!("    {what}: {how}");
            }
        }
        self.wrong.len()
    }
}

/// Whether a run says that there is a key, or that it could not look.
fn tells(ended: &Ended) -> bool {
    ended.code.is_some_and(|code| code != 0) || ended.told.contains("Anthropic")
}

/// Whether it holds a key whole, and not only its start.
fn holds_key(content: &[u8]) -> bool {
    let mut starts = content.find_iter("sk-ant-api03-");
    starts.any(|at| {
        let body = &content[at + 13..];
        let is_body = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_' || **byte == b'-';
        body.iter().take_while(is_body).count() > 20
    })
}
