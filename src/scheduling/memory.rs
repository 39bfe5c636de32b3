use std::sync::Arc;

use moka::sync::Cache;

use crate::freebusy::AllDay;
use crate::ids::{CalendarId, UserId};
use crate::storage::accounts::User;
use crate::storage::people::PersonVersion;
use crate::time::{Period, PeriodSet, Timestamp, Zone};

/// The busy time of one person in one window, made from all that it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BusyOf {
    /// Where it is complete.
    pub window: Period,
    /// Without tentative events.
    pub busy: Arc<PeriodSet>,
    /// Of tentative events alone.
    pub tentative: Arc<PeriodSet>,
    /// Whether some of it could not be told, so that the whole window counts as busy.
    pub unknown: bool,
    /// Whether a calendar that it was made from may well be out of date; that depends on the time of asking, so it is told anew
    /// each time.
    pub stale: bool,
    /// When the first hold in it expires: from then on it is something else.
    pub until: Option<Timestamp>,
}

/// Busy time that was worked out before, kept by the versions of all that it was made from: these are read with every
/// request, so what is remembered is never stale, with however many servers on one database.
pub struct BusyMemory {
    busy: Cache<(UserId, AllDay), Arc<Entry>>,
    users: Cache<UserId, Arc<User>>,
}

struct Entry {
    made_from: MadeFrom,
    busy: BusyOf,
}

/// All that a person's busy time depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MadeFrom {
    calendars: Vec<(CalendarId, i64)>,
    zone: Zone,
    email: String,
}

impl BusyMemory {
    /// Remembers at most so many periods.
    pub fn new(periods: u64) -> Self {
        let weight = |_: &(UserId, AllDay), entry: &Arc<Entry>| {
            let periods = entry.busy.busy.len() + entry.busy.tentative.len() + entry.made_from.calendars.len();
            u32::try_from(periods + 8).unwrap_or(u32::MAX)
        };
        let busy = Cache::builder().max_capacity(periods).weigher(weight).build();
        // A user weighs as much as some twenty periods.
        Self { busy, users: Cache::new(periods / 20) }
    }

    /// What is remembered of this person, whose versions these are, if it still holds at `now` and covers `window`.
    pub(super) fn recall(
        &self,
        (user, all_day): (&User, AllDay),
        own: &[PersonVersion],
        window: Period,
        now: Timestamp,
    ) -> Option<BusyOf> {
        let entry = self.busy.get(&(user.id, all_day))?;
        let in_time = entry.busy.until.is_none_or(|until| now < until);
        let holds = in_time && entry.made_from.is_of(user, own) && entry.busy.window.encloses(window);
        holds.then(|| entry.busy.clone())
    }

    /// The user in this version, if that is remembered.
    pub(super) fn user(&self, id: UserId, version: i64) -> Option<Arc<User>> {
        self.users.get(&id).filter(|user| user.version == version)
    }

    /// Remembers a user.
    pub(super) fn keep_user(&self, user: &Arc<User>) {
        self.users.insert(user.id, Arc::clone(user));
    }

    /// Remembers a person's busy time, in place of what was remembered before.
    pub(super) fn keep(&self, user: UserId, all_day: AllDay, made_from: MadeFrom, busy: BusyOf) {
        self.busy.insert((user, all_day), Arc::new(Entry { made_from, busy }));
    }
}

impl MadeFrom {
    /// What the busy time of a user depends on whose versions these are.
    pub(super) fn of(user: &User, own: &[PersonVersion]) -> Self {
        Self { calendars: calendars(own).collect(), zone: user.timezone.clone(), email: user.email_key.clone() }
    }

    fn is_of(&self, user: &User, own: &[PersonVersion]) -> bool {
        self.calendars.iter().copied().eq(calendars(own)) && self.zone == user.timezone && self.email == user.email_key
    }
}

/// Whether one of the calendars of a user, whose versions these are, may well be out of date at `now`.
pub(super) fn is_stale(own: &[PersonVersion], now: Timestamp) -> bool {
    own.iter().filter_map(PersonVersion::freshness).any(|freshness| freshness.is_stale(now))
}

/// The versions of this user, of all that are in the order of users.
pub(super) fn versions_of(user: UserId, all: &[PersonVersion]) -> &[PersonVersion] {
    let from = all.partition_point(|version| version.user_id < user);
    let to = all.partition_point(|version| version.user_id <= user);
    &all[from..to]
}

fn calendars(own: &[PersonVersion]) -> impl Iterator<Item = (CalendarId, i64)> {
    own.iter().filter_map(|version| version.calendar_id.zip(version.calendar_version))
}
