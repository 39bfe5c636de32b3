//! The identities of stored things, one type each, so that a calendar's number is never taken for a user's.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A user account.
    UserId
    /// A signed-in session.
    SessionId
    /// An API token.
    TokenId
    /// A calendar.
    CalendarId
    /// An event: a calendar object, all components of one UID.
    EventId
    /// A meeting: the copies of one event in the calendars of its participants.
    MeetingId
    /// A feed: calendars that we publish under a secret address.
    FeedId
    /// An import: a file that was read into a calendar, and what was said of it.
    ImportId
    /// A subscription: a calendar whose events come from elsewhere.
    SubscriptionId
    /// An address elsewhere that calendars are read from.
    RemoteFeedId
}
