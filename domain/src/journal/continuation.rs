//! Which log a line is of. A log that goes on from an older one says so at position 0; behind that come the
//! older log's lines as they were, naming the older log; then its own. The older one may have begun so too.

use super::Leaf;
use super::chain::Broken;
use super::checkpoint::Checkpoint;
use super::note::Note;
use super::tree::{TreeHash, TreeRoot};
use crate::audit::event::LogContinued;

/// An older log whose lines came along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OlderLog {
    /// Its name.
    pub origin: String,
    /// How many of its events came along.
    pub size: u64,
    /// How many more of them were signed: a checkpoint known outside covers them, and they are lost.
    pub lost: u64,
    /// Whether its lines were seen to the last, leaves and all, and have the root that was named.
    pub rooted: bool,
}

impl LogContinued {
    /// How many events were signed and are lost.
    pub fn lost(&self) -> u64 {
        let known = self.guard.as_deref().and_then(checkpoint);
        known.map_or(0, |known| known.size.saturating_sub(self.size))
    }
}

fn checkpoint(note: &str) -> Option<Checkpoint> {
    let note = Note::parse(note.as_bytes()).ok()?;
    Checkpoint::parse(&note.text).ok()
}

/// A run of lines that are one log, the logs it goes on from included.
#[derive(Debug)]
struct Run {
    origin: String,
    begin: u64,
    end: u64,
    tree: TreeRoot,
    /// Roots that its lines must have at some sizes, the last of them at its end.
    roots: Vec<(u64, TreeHash)>,
    /// Which of the older logs it is; the log itself is none.
    older: Option<usize>,
}

/// Follows the lines of a log and knows which log each must name.
#[derive(Debug, Default)]
pub(super) struct Origins {
    /// The log itself, and every older log that the present line is in.
    runs: Vec<Run>,
    older: Vec<OlderLog>,
    /// Whether lines were left out: then no root can be computed.
    gaps: bool,
    /// What the last line names, where the first one was left out.
    last: Option<String>,
}

/// What a line says about its log.
pub(super) struct LineOrigin<'a> {
    pub(super) source: &'a str,
    pub(super) continued: Option<&'a LogContinued>,
    /// Not known of an export's lines.
    pub(super) leaf: Option<&'a Leaf>,
}

impl Origins {
    /// Takes the line at `position`, which is the next.
    pub(super) fn take(&mut self, position: u64, said: &LineOrigin<'_>) -> Result<(), Broken> {
        if self.runs.is_empty() && (self.last.is_some() || position > 0) {
            // Without the first line nobody can say which lines are an older log's.
            if self.last.as_deref() != Some(said.source) {
                self.last = Some(said.source.to_owned());
            }
            return Ok(());
        }
        if self.runs.is_empty() {
            self.runs.push(Run::new(said.source, 0..u64::MAX));
        }
        self.runs.retain(|run| position < run.end);
        let Some(run) = self.runs.last() else { return Err(Broken::Source) };
        if run.origin != said.source {
            return Err(Broken::Source);
        }
        if let Some(continued) = said.continued {
            let first = position == run.begin;
            let end = (position + 1).checked_add(continued.size).filter(|end| *end <= run.end);
            let end = end.filter(|_| first).ok_or(Broken::Continuation)?;
            if self.runs.iter().any(|run| run.origin == continued.origin) {
                return Err(Broken::Continuation);
            }
            self.begin(continued, position + 1..end);
        }
        self.grow(position, said.leaf)
    }

    fn begin(&mut self, continued: &LogContinued, lines: std::ops::Range<u64>) {
        let mut run = Run::new(&continued.origin, lines);
        run.older = Some(self.older.len());
        // What the older log signed itself must be what came along, as far as that reaches.
        let held = continued.held.as_deref().and_then(checkpoint);
        run.roots.extend(held.map(|held| (held.size, held.root)));
        run.roots.push((continued.size, continued.root.0));
        self.older.push(OlderLog {
            origin: continued.origin.clone(),
            size: continued.size,
            lost: continued.lost(),
            rooted: false,
        });
        self.runs.push(run);
    }

    fn grow(&mut self, position: u64, leaf: Option<&Leaf>) -> Result<(), Broken> {
        let Some(leaf) = leaf.filter(|_| !self.gaps) else { return Ok(()) };
        for run in self.runs.iter_mut().filter(|run| run.begin <= position) {
            let Some(older) = run.older else { continue };
            run.tree.push(&leaf.0);
            let size = run.tree.size();
            if run.roots.iter().any(|(at, root)| *at == size && *root != run.tree.root()) {
                return Err(Broken::OlderRoot);
            }
            self.older[older].rooted = size == self.older[older].size;
        }
        Ok(())
    }

    /// The log itself.
    pub(super) fn source(&self) -> Option<&str> {
        self.runs.first().map(|run| run.origin.as_str()).or(self.last.as_deref())
    }

    /// Lines are left out.
    pub(super) fn skip(&mut self) {
        self.gaps = true;
    }

    /// Whether the first line was seen.
    pub(super) fn saw_start(&self) -> bool {
        !self.runs.is_empty()
    }

    /// Every older log, the one it goes on from first.
    pub(super) fn older(&self) -> &[OlderLog] {
        &self.older
    }

    /// Where the lines end that must have come along.
    pub(super) fn promised(&self) -> u64 {
        let older = self.runs.iter().filter(|run| run.older.is_some());
        older.map(|run| run.end).max().unwrap_or(0)
    }
}

impl Run {
    fn new(origin: &str, lines: std::ops::Range<u64>) -> Self {
        let origin = origin.to_owned();
        let tree = TreeRoot::default();
        let roots = Vec::new();
        let older = None;
        Self { origin, begin: lines.start, end: lines.end, tree, roots, older }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TreeRoot as RootId;

    const LEAF: Leaf = Leaf([7; Leaf::BYTES]);

    fn root(leaves: u64) -> RootId {
        let mut tree = TreeRoot::default();
        (0..leaves).for_each(|_| tree.push(&LEAF.0));
        RootId(tree.root())
    }

    fn from(origin: &str, size: u64) -> LogContinued {
        LogContinued { origin: origin.into(), size, root: root(size), held: None, guard: None }
    }

    type Lines<'a> = Vec<(&'a str, Option<LogContinued>)>;

    fn take(lines: &Lines<'_>) -> Result<Origins, Broken> {
        let mut origins = Origins::default();
        for (position, (source, continued)) in (0..).zip(lines) {
            let said = LineOrigin { source, continued: continued.as_ref(), leaf: Some(&LEAF) };
            origins.take(position, &said)?;
        }
        Ok(origins)
    }

    fn older_logs(origins: &Origins) -> Vec<(&str, u64, bool)> {
        origins.older.iter().map(|log| (log.origin.as_str(), log.size, log.rooted)).collect()
    }

    #[test]
    fn lines_name_the_log_that_they_are_of() {
        let lines = vec![("b", Some(from("a", 2))), ("a", None), ("a", None), ("b", None)];
        let origins = take(&lines).unwrap();
        assert_eq!((origins.source(), older_logs(&origins)), (Some("b"), vec![("a", 2, true)]));
        for wrong in 1..4 {
            let mut other = lines.clone();
            other[wrong].0 = if wrong == 3 { "a" } else { "b" };
            assert_eq!(take(&other).err(), Some(Broken::Source), "{wrong}");
        }
        assert_eq!(take(&vec![("a", None), ("b", None)]).err(), Some(Broken::Source));
    }

    #[test]
    fn a_log_that_was_continued_is_continued_again() {
        let lines = vec![
            ("c", Some(from("b", 4))),
            ("b", Some(from("a", 2))),
            ("a", None),
            ("a", None),
            ("b", None),
            ("c", None),
        ];
        let origins = take(&lines).unwrap();
        assert_eq!(older_logs(&origins), [("b", 4, true), ("a", 2, true)]);
        assert_eq!(take(&lines[..4].to_vec()).map(|cut| cut.promised()).ok(), Some(5));
        let beyond = ("b", Some(from("a", 4)));
        let too_many = [vec![lines[0].clone(), beyond], lines[2..].to_vec()].concat();
        assert_eq!(take(&too_many).err(), Some(Broken::Continuation));
    }

    #[test]
    fn a_part_of_a_log_is_judged_by_what_it_shows() {
        let continued = from("a", 2);
        let line = |source: &'static str| LineOrigin { source, continued: None, leaf: None };
        let mut known = Origins::default();
        known.take(0, &LineOrigin { continued: Some(&continued), ..line("b") }).unwrap();
        known.skip();
        known.take(2, &line("a")).unwrap();
        assert_eq!(known.take(3, &line("a")).err(), Some(Broken::Source));
        assert_eq!((known.source(), older_logs(&known)), (Some("b"), vec![("a", 2, false)]));
        let mut unknown = Origins::default();
        unknown.skip();
        for source in ["a", "a", "b"] {
            unknown.take(7, &line(source)).unwrap();
        }
        assert_eq!((unknown.source(), unknown.saw_start()), (Some("b"), false));
    }

    #[test]
    fn a_continuation_stands_first_and_names_another_log() {
        let late = vec![("b", None), ("b", Some(from("a", 0)))];
        assert_eq!(take(&late).err(), Some(Broken::Continuation));
        assert_eq!(take(&vec![("a", Some(from("a", 1)))]).err(), Some(Broken::Continuation));
    }

    #[test]
    fn the_older_lines_have_the_root_that_was_named() {
        let other = LogContinued { root: root(3), ..from("a", 2) };
        let lines = vec![("b", Some(other)), ("a", None), ("a", None)];
        assert_eq!(take(&lines).err(), Some(Broken::OlderRoot));
        let text = Checkpoint { origin: "a".into(), size: 1, root: [3; 32] }.text();
        let key =
            super::super::note::NoteKey::new("a", super::super::note::KeyKind::Ed25519, &[1; 32]);
        let held = Note { signatures: vec![key.unwrap().sign(&text, 0)], text };
        let held = LogContinued { held: Some(held.to_string()), ..from("a", 2) };
        let lines = vec![("b", Some(held)), ("a", None), ("a", None)];
        assert_eq!(take(&lines).err(), Some(Broken::OlderRoot));
    }
}
