use super::generate::Budget;
use crate::limits::Limits;

/// The steps that work on recurrence sets may take: each by itself, and all of a file or of a question together.
///
/// When the common store is used up, each still has a small share: the time may grow with how many there are, but not with
/// what they ask for.
#[derive(Clone, Debug)]
pub struct Work {
    limits: Limits,
    each: usize,
    together: usize,
    share: usize,
}

impl Work {
    /// For counting out one event when it is written: 32 times [`Limits::recurrence_work`].
    pub fn once(limits: &Limits) -> Self {
        let each = limits.recurrence_work.saturating_mul(ONCE);
        Self { limits: limits.clone(), each, together: each, share: 2000 }
    }

    /// For counting out all events of a file: four times as much.
    pub fn of_file(limits: &Limits) -> Self {
        let once = Self::once(limits);
        Self { together: once.each.saturating_mul(4), ..once }
    }

    /// For one series in one window: [`Limits::recurrence_work`].
    pub fn of_window(limits: &Limits) -> Self {
        let each = limits.recurrence_work;
        Self { limits: limits.clone(), each, together: each, share: 1000 }
    }

    /// For all series of a list, or of a person, in one window: thirty times as much.
    pub fn of_many(limits: &Limits) -> Self {
        let window = Self::of_window(limits);
        Self { together: window.each.saturating_mul(30), ..window }
    }

    /// Whether the next set may take less than it might by itself.
    pub fn is_spent(&self) -> bool {
        self.together < self.each
    }

    /// The bounds.
    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How many steps the next set may take.
    pub(super) fn most(&self) -> usize {
        self.each.min(self.together.max(self.share))
    }

    /// Does something within the steps that are left.
    pub(super) fn spend<T>(&mut self, work: impl FnOnce(&mut Budget) -> T) -> T {
        let mut budget = Budget::new(self.most());
        let done = work(&mut budget);
        self.together = self.together.saturating_sub(self.most() - budget.left());
        done
    }
}

const ONCE: usize = 32;
