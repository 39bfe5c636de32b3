use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};

use crate::http::wire::instant_out;
use crate::ids::CalendarId;
use crate::publishing::{FeedRequest, FeedView, OpenedFeed};
use crate::storage::feeds::Detail;

/// How much a feed tells.
#[derive(Enum, Clone, Copy, Debug, Default)]
#[oai(rename = "FeedDetail", rename_all = "lowercase")]
pub enum DetailOut {
    /// Everything.
    #[default]
    Full,
    /// When its owner is busy: "Busy" and no other word of the events.
    Busy,
}

/// A feed to be.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct FeedIn {
    /// What calendar apps are to call it.
    #[oai(validator(min_length = 1, max_length = 255))]
    pub name: String,
    /// The calendars; left out, all of them, later ones too.
    #[oai(validator(min_items = 1, max_items = 1000))]
    pub calendar_ids: Option<Vec<i64>>,
    /// How much it tells.
    #[oai(default)]
    pub detail: DetailOut,
}

/// A feed, without its address.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct FeedOut {
    /// The feed's id.
    pub id: i64,
    /// What calendar apps call it.
    pub name: String,
    /// The calendars that it has at present.
    pub calendar_ids: Vec<i64>,
    /// Whether it has all calendars, later ones too.
    pub all_calendars: bool,
    /// How much it tells.
    pub detail: DetailOut,
    /// When it was made.
    pub created_at: String,
    /// How often it was asked for.
    pub use_count: i64,
    /// When it was last asked for.
    pub last_used_at: Option<String>,
    /// By which program, in that program's words.
    pub last_used_by: Option<String>,
}

/// A feed with its address, which is shown this once.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct OpenedFeedOut {
    /// The feed.
    #[oai(flatten)]
    pub feed: FeedOut,
    /// Where calendar apps find it.
    pub url: String,
    /// The same, in the form that opens a calendar app.
    pub webcal_url: String,
}

impl FeedOut {
    /// A feed as its owner sees it.
    pub fn of(view: &FeedView) -> Self {
        let feed = &view.feed;
        Self {
            id: feed.id.0,
            name: feed.name.clone(),
            calendar_ids: view.calendars.iter().map(|id| id.0).collect(),
            all_calendars: feed.all_calendars,
            detail: match feed.detail {
                Detail::Full => DetailOut::Full,
                Detail::Busy => DetailOut::Busy,
            },
            created_at: instant_out(feed.created_at),
            use_count: feed.use_count,
            last_used_at: feed.last_used_at.map(instant_out),
            last_used_by: feed.last_used_by.clone(),
        }
    }
}

impl OpenedFeedOut {
    /// A feed that was just made or given another address.
    pub fn of(opened: &OpenedFeed, public_url: &str) -> Self {
        let url = format!("{public_url}/feeds/{}.ics", opened.secret.reveal());
        let address = url.split_once("://").map_or(url.as_str(), |(_, address)| address);
        Self { feed: FeedOut::of(&opened.view), webcal_url: format!("webcal://{address}"), url }
    }
}

impl From<FeedIn> for FeedRequest {
    fn from(given: FeedIn) -> Self {
        Self {
            name: given.name,
            calendars: given.calendar_ids.map(|ids| ids.into_iter().map(CalendarId).collect()),
            detail: match given.detail {
                DetailOut::Full => Detail::Full,
                DetailOut::Busy => Detail::Busy,
            },
        }
    }
}

impl Example for FeedIn {
    fn example() -> Self {
        Self { name: "Alice, busy".to_owned(), calendar_ids: Some(vec![12]), detail: DetailOut::Busy }
    }
}

impl Example for FeedOut {
    fn example() -> Self {
        Self {
            id: 3,
            name: "Alice, busy".to_owned(),
            calendar_ids: vec![12],
            all_calendars: false,
            detail: DetailOut::Busy,
            created_at: "2025-12-18T12:00:00Z".to_owned(),
            use_count: 0,
            last_used_at: None,
            last_used_by: None,
        }
    }
}

impl Example for OpenedFeedOut {
    fn example() -> Self {
        let address = "calendar.example.org/feeds/0hVh7pQF3sW5mY1nJ8kT2bX6cZ9dL4gR0aE7uI3oP5q.ics";
        Self { feed: FeedOut::example(), url: format!("https://{address}"), webcal_url: format!("webcal://{address}") }
    }
}
