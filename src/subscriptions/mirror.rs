//! What an address answered, into the calendar of each of its subscribers: each in a transaction of its own, so that what
//! fails for one stops no other.

use bytes::Bytes;

use super::SubscriptionError;
use super::pace::within_bounds;
use super::report::{self, Reading, sentence, shortened};
use crate::app::App;
use crate::events::{self, Content, EventError};
use crate::storage::Conn;
use crate::storage::calendars;
use crate::storage::subscriptions::{self as stored, Lease, Mirrored, Place, RemoteFeed, Subscription};

/// An answer that is to be shown.
pub struct Showing<'a> {
    /// Where it comes from.
    pub remote: &'a RemoteFeed,
    /// By which right.
    pub lease: Lease,
    /// All of it.
    pub bytes: Bytes,
    /// What it is numbered. Calendars that show this version already stay as they are.
    pub version: i64,
}

/// What the reading of an answer found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What there is to say of it.
    pub reading: Reading,
    /// How often it wants to be asked, in minutes.
    pub feed_minutes: Option<i64>,
}

/// Why an answer is not shown.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// It cannot be read: a sentence for the owners of the subscriptions. No calendar was touched.
    #[error("{0}")]
    Unreadable(String),
    /// Something else.
    #[error(transparent)]
    Other(#[from] SubscriptionError),
}

/// Shows an answer in the calendars of all its subscribers. It is read once for each zone that their calendars have.
///
/// # Errors
/// [`ShowError`].
pub async fn show_all(app: &App, showing: &Showing<'_>) -> Result<Option<Found>, ShowError> {
    let (mut found, mut content, mut after) = (None::<Found>, None::<(String, Content)>, Place::default());
    loop {
        let page = subscribers(app, showing, &after).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = last.place();
        for subscription in page.iter().filter(|subscription| !showing.is_shown_by(subscription)) {
            let zone = subscription.zone.name();
            if content.as_ref().is_none_or(|(known, _)| known != zone) {
                // Two readings at once would take twice the memory.
                drop(content.take());
                let read = read(app, showing, subscription).await?;
                found.get_or_insert_with(|| Found {
                    reading: Reading {
                        file: read.report.diagnosis.clone(),
                        notice: report::notice(&read.report),
                        ..Reading::default()
                    },
                    feed_minutes: read.head.refresh_minutes.map(within_bounds),
                });
                content = Some((zone.to_owned(), read));
            }
            if let (Some((_, content)), Some(found)) = (&content, &mut found) {
                let renamed = show(app, showing, subscription, content).await?;
                found.reading.renamed = found.reading.renamed.max(renamed);
            }
        }
    }
}

impl Showing<'_> {
    fn is_shown_by(&self, subscription: &Subscription) -> bool {
        // A version that is not noted with the address yet may be what a server left behind that was killed.
        let is_noted = self.version == self.remote.content_version;
        let zone = subscription.mirrored_zone.as_deref();
        is_noted && subscription.mirrored_version == self.version && zone == Some(subscription.zone.name())
    }
}

const AT_ONCE: i64 = 200;

async fn subscribers(app: &App, showing: &Showing<'_>, after: &Place) -> Result<Vec<Subscription>, SubscriptionError> {
    let mut conn = app.db.read().await?;
    Ok(stored::of_remote(&mut conn, showing.remote.id, after, AT_ONCE).await?)
}

async fn read(app: &App, showing: &Showing<'_>, subscription: &Subscription) -> Result<Content, ShowError> {
    app.metrics.subscription_read();
    let read = events::read_content(app, showing.bytes.clone(), &subscription.zone).await;
    read.map_err(|error| match error {
        EventError::Invalid(errors) => {
            let message = errors.first().map(|(_, message)| shortened(message)).unwrap_or_default();
            ShowError::Unreadable(sentence(&format!(
                "what the server answers is no calendar that can be read: {message}"
            )))
        }
        other => SubscriptionError::from(other).into(),
    })
}

/// Shows the content in one calendar; where that fails, the calendar stays as it was, and its owner is told. Answers how many
/// events had another UID before.
async fn show(
    app: &App,
    showing: &Showing<'_>,
    subscription: &Subscription,
    content: &Content,
) -> Result<usize, SubscriptionError> {
    for _ in 0..TRIES {
        match try_to_show(app, showing, subscription, content).await {
            Ok(Some(renamed)) => return Ok(renamed),
            Ok(None) => {}
            Err(SubscriptionError::Lost) => return Err(SubscriptionError::Lost),
            // It is gone, and so is whoever would be told.
            Err(SubscriptionError::Event(EventError::NoSuchCalendar) | SubscriptionError::NotFound) => return Ok(0),
            Err(error) => return tell(app, showing, subscription, &error).await.map(|()| 0),
        }
    }
    Ok(0)
}

/// Somebody else at the same calendar is rare, and twice in a row is a fault of theirs.
const TRIES: usize = 3;

/// None: the calendar changed meanwhile.
async fn try_to_show(
    app: &App,
    showing: &Showing<'_>,
    subscription: &Subscription,
    content: &Content,
) -> Result<Option<usize>, SubscriptionError> {
    let mut conn = app.db.read().await?;
    let found = stored::by_id(&mut conn, subscription.id).await?.ok_or(SubscriptionError::NotFound)?;
    let before = found.subscription;
    if before.remote_feed_id != showing.remote.id {
        // Its owner has given it another address meanwhile.
        return Err(SubscriptionError::NotFound);
    }
    let difference = events::difference(&mut conn, before.calendar_id, content).await?;
    drop(conn);
    let mut conn = app.db.write().await?;
    let until = app.clock.now().checked_add(app.refreshing.lease).unwrap_or(app.clock.now());
    if !stored::hold(&mut conn, showing.lease, until).await? {
        return Err(SubscriptionError::Lost);
    }
    let target = (before.user_id, before.calendar_id);
    let written = events::apply(app, &mut conn, target, content, &difference).await?;
    name_it(&mut conn, &before, content).await?;
    let mirrored = Mirrored {
        version: showing.version,
        zone: subscription.zone.name(),
        at: app.clock.now(),
        event_count: i64::try_from(difference.count).unwrap_or(i64::MAX),
    };
    if !stored::note_mirrored(&mut conn, &before, &mirrored).await? {
        return Ok(None);
    }
    conn.commit().await?;
    app.metrics.subscription_events(written as u64);
    Ok(Some(difference.renamed))
}

/// The first time, a calendar that its owner gave no name gets what its feed calls itself.
async fn name_it(conn: &mut Conn, subscription: &Subscription, content: &Content) -> Result<(), SubscriptionError> {
    let own = content.head.name.as_deref().map(own_name).filter(|name| !name.is_empty());
    let Some(name) = own.filter(|_| !subscription.is_named && subscription.mirrored_at.is_none()) else {
        return Ok(());
    };
    if let Some(calendar) = calendars::lock(conn, subscription.calendar_id).await? {
        calendars::update(conn, calendar.id, &crate::calendars::renamed(&calendar, name)).await?;
    }
    Ok(())
}

fn own_name(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(255).collect();
    plain.trim().to_owned()
}

async fn tell(
    app: &App,
    showing: &Showing<'_>,
    subscription: &Subscription,
    error: &SubscriptionError,
) -> Result<(), SubscriptionError> {
    let id = subscription.id;
    tracing::warn!(subscription = %id, %error, "the calendar of subscription {id} stays as it was: {error}");
    let said = match error {
        SubscriptionError::Event(EventError::TooMany(most)) => {
            format!("The calendar would make more than the {most} events that are allowed; it stays as it was.")
        }
        _ => "The server could not store what it read; it will try again.".to_owned(),
    };
    let was_right = subscription.mirrored_version == showing.remote.content_version;
    let until = if was_right { showing.remote.last_good_at } else { subscription.mirrored_at };
    let mut conn = app.db.write().await?;
    stored::note_unmirrored(&mut conn, subscription, until, &said).await?;
    Ok(conn.commit().await?)
}
