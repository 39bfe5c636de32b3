use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};

use crate::http::imports_wire::DiagnosisOut;
use crate::http::or_null::OrNull;
use crate::http::wire::instant_out;
use crate::storage::subscriptions::RemoteStatus;
use crate::subscriptions::{SubscriptionChange, SubscriptionReport, SubscriptionRequest, SubscriptionView};

/// A subscription to be.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct SubscriptionIn {
    /// Where the calendar is: http, https or webcal. A user name and password in it (`https://name:password@…`) are kept
    /// encrypted, sent to that host only and never shown again.
    #[oai(validator(min_length = 1, max_length = 4096))]
    pub url: String,
    /// What to call it; by default as it calls itself.
    #[oai(validator(min_length = 1, max_length = 255))]
    pub name: Option<String>,
    /// `#rrggbb`.
    #[oai(validator(min_length = 7, max_length = 7))]
    pub color: Option<String>,
    /// How often to refresh it; by default as often as it says, else every 60 minutes.
    #[oai(validator(minimum(value = "5"), maximum(value = "10080")))]
    pub refresh_minutes: Option<i64>,
    /// Whether its events block time.
    #[oai(default = "yes")]
    pub counts_as_busy: bool,
}

/// Changes of a subscription; what is left out stays.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct SubscriptionPatch {
    /// Where the calendar is from now on, with user name and password where it needs them. Its events stay until the new address
    /// has answered, and are `stale` until then; what both addresses have stays the same event. The `url` that is shown changes
    /// nothing.
    #[oai(validator(min_length = 1, max_length = 4096))]
    pub url: Option<String>,
    /// What to call it.
    #[oai(validator(min_length = 1, max_length = 255))]
    pub name: Option<String>,
    /// `#rrggbb`.
    #[oai(validator(min_length = 7, max_length = 7))]
    pub color: Option<String>,
    /// How often to refresh it; null: as often as it says, else every 60 minutes.
    #[oai(validator(minimum(value = "5"), maximum(value = "10080")))]
    pub refresh_minutes: OrNull<i64>,
    /// Whether its events block time.
    pub counts_as_busy: Option<bool>,
}

/// A calendar that is kept the same as one elsewhere.
#[derive(Object)]
#[oai(rename = "Subscription", example, skip_serializing_if_is_none)]
pub struct SubscriptionOut {
    /// The subscription's id.
    pub id: i64,
    /// Where the calendar is, without user name and password.
    pub url: String,
    /// What it is called here.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// How often it is refreshed.
    pub refresh_minutes: i64,
    /// Whether its events block time.
    pub counts_as_busy: bool,
    /// The calendar that its events are in. It can only be read.
    pub calendar_id: i64,
    /// When the calendar was last known to show what the address says.
    pub last_refreshed_at: Option<String>,
    /// When the address will be asked next; missing where it will not be by itself.
    pub next_refresh_at: Option<String>,
    /// What became of it when the address was last asked.
    pub last_status: RefreshStatusOut,
    /// Why that failed, or what should be known of it, in a sentence.
    pub last_error: Option<String>,
    /// How many events the calendar has.
    pub event_count: i64,
    /// Whether the calendar may well be out of date: it could not be refreshed for three times as long as it should.
    pub stale: bool,
}

/// The report about a calendar elsewhere.
#[derive(Object)]
#[oai(rename = "SubscriptionReport", example, skip_serializing_if_is_none)]
pub struct SubscriptionReportOut {
    /// The subscription.
    #[oai(flatten)]
    pub subscription: SubscriptionOut,
    /// Whether the server answers what it is asked for again without sending all of it (ETag, Last-Modified). Else each refresh
    /// transfers the whole file.
    pub answers_conditionally: bool,
    /// How many events had other UIDs when the file last changed, and were known by what they say. A server that gives events
    /// new UIDs whenever it is asked breaks what refers to them: answers to invitations, and changes of single occurrences.
    pub changed_uids: usize,
    /// Where the calendar has moved to for good, as its server says (301, 308). Give the subscription this `url`: a server does
    /// not redirect for ever.
    pub moved_to: Option<String>,
    /// What was found in the file that was read last; absent before the first.
    pub file: Option<DiagnosisOut>,
}

/// What became of an address when it was last asked.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[oai(rename = "RefreshStatus", rename_all = "lowercase")]
pub enum RefreshStatusOut {
    /// It has not answered yet.
    Pending,
    /// The calendar shows what it says.
    Ok,
    /// It could not be used; the calendar shows what it said before.
    Failed,
    /// It said that there will be nothing any more (410); the calendar shows what it said before.
    Gone,
}

impl SubscriptionOut {
    /// A subscription as its owner sees it.
    pub fn of(view: &SubscriptionView) -> Self {
        Self {
            id: view.id.0,
            url: view.url.clone(),
            name: view.name.clone(),
            color: view.color.clone(),
            refresh_minutes: view.refresh_minutes,
            counts_as_busy: view.counts_as_busy,
            calendar_id: view.calendar_id.0,
            last_refreshed_at: view.last_refreshed_at.map(instant_out),
            next_refresh_at: view.next_refresh_at.map(instant_out),
            last_status: match view.last_status {
                RemoteStatus::Pending => RefreshStatusOut::Pending,
                RemoteStatus::Good => RefreshStatusOut::Ok,
                RemoteStatus::Failed => RefreshStatusOut::Failed,
                RemoteStatus::Gone => RefreshStatusOut::Gone,
            },
            last_error: view.last_error.clone(),
            event_count: view.event_count,
            stale: view.is_stale,
        }
    }
}

impl SubscriptionReportOut {
    /// The report as the subscription's owner sees it.
    pub fn of(report: SubscriptionReport) -> Self {
        Self {
            subscription: SubscriptionOut::of(&report.view),
            answers_conditionally: report.is_conditional,
            changed_uids: report.reading.as_ref().map_or(0, |reading| reading.renamed),
            moved_to: report.reading.as_ref().and_then(|reading| reading.moved_to.clone()),
            file: report.reading.map(|reading| DiagnosisOut::of(reading.file)),
        }
    }
}

impl From<SubscriptionIn> for SubscriptionRequest {
    fn from(given: SubscriptionIn) -> Self {
        Self {
            url: given.url,
            name: given.name,
            color: given.color,
            refresh_minutes: given.refresh_minutes,
            counts_as_busy: given.counts_as_busy,
        }
    }
}

impl From<SubscriptionPatch> for SubscriptionChange {
    fn from(given: SubscriptionPatch) -> Self {
        Self {
            url: given.url,
            name: given.name,
            color: given.color,
            refresh_minutes: given.refresh_minutes.0,
            counts_as_busy: given.counts_as_busy,
        }
    }
}

fn yes() -> bool {
    true
}

impl Example for SubscriptionIn {
    fn example() -> Self {
        Self {
            url: "https://school.example.org/holidays.ics".to_owned(),
            name: Some("School holidays".to_owned()),
            color: Some("#e67c73".to_owned()),
            refresh_minutes: Some(720),
            counts_as_busy: true,
        }
    }
}

impl Example for SubscriptionPatch {
    fn example() -> Self {
        Self {
            url: None,
            name: None,
            color: None,
            refresh_minutes: OrNull(Some(Some(60))),
            counts_as_busy: Some(false),
        }
    }
}

impl Example for SubscriptionOut {
    fn example() -> Self {
        Self {
            id: 7,
            url: "https://school.example.org/holidays.ics".to_owned(),
            name: "School holidays".to_owned(),
            color: "#e67c73".to_owned(),
            refresh_minutes: 720,
            counts_as_busy: true,
            calendar_id: 31,
            last_refreshed_at: Some("2025-12-18T12:00:00Z".to_owned()),
            next_refresh_at: Some("2025-12-19T00:21:40Z".to_owned()),
            last_status: RefreshStatusOut::Ok,
            last_error: None,
            event_count: 14,
            stale: false,
        }
    }
}

impl Example for SubscriptionReportOut {
    fn example() -> Self {
        Self {
            subscription: SubscriptionOut::example(),
            answers_conditionally: true,
            changed_uids: 0,
            moved_to: None,
            file: Some(DiagnosisOut::example()),
        }
    }
}
