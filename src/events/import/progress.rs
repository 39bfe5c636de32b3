use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// How far an import has come. Whoever watches reads it from another thread, at any time.
#[derive(Debug, Default)]
pub struct ImportProgress {
    phase: AtomicU8,
    done: AtomicUsize,
    total: AtomicUsize,
}

/// What an import is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportPhase {
    /// The file is read.
    Reading,
    /// The series of its events are counted.
    Indexing,
    /// They are written into the database.
    Storing,
}

impl ImportProgress {
    /// The phase, how many events are done in it, and how many there are.
    pub fn now(&self) -> (ImportPhase, usize, usize) {
        let phase = match self.phase.load(Ordering::Relaxed) {
            0 => ImportPhase::Reading,
            1 => ImportPhase::Indexing,
            _ => ImportPhase::Storing,
        };
        (phase, self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    pub(super) fn enter(&self, phase: ImportPhase, total: usize) {
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    pub(super) fn advance(&self, events: usize) {
        self.done.fetch_add(events, Ordering::Relaxed);
    }
}
