use super::pace::{MINUTES, within_bounds};
use super::{SubscriptionError, address};
use crate::accounts::{Actor, Writer};
use crate::app::App;
use crate::calendars::{self as calendar, CalendarChange, CalendarError};
use crate::fields::FieldErrors;
use crate::ids::{CalendarId, RemoteFeedId, SubscriptionId, UserId};
use crate::outbound::RemoteUrl;
use crate::storage::calendars::{self, CalendarKind, CalendarTraits, NewCalendar};
use crate::storage::subscriptions::{
    self as stored, DEFAULT_MINUTES, NewSubscription, RemoteStatus, Subscribed, Subscription,
};
use crate::storage::{Conn, accounts};
use crate::time::{SignedDuration, Timestamp, Zone};

/// A subscription to be.
#[derive(Clone, Debug)]
pub struct SubscriptionRequest {
    /// http, https or webcal; a user name and password in it are kept apart and never shown.
    pub url: String,
    /// What to call its calendar: 1 to 255 characters; by default as it calls itself.
    pub name: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// How often to refresh it: 5 to 10,080; by default as it says, else every hour.
    pub refresh_minutes: Option<i64>,
    /// Whether its events block time.
    pub counts_as_busy: bool,
}

/// What a user says of a subscription; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct SubscriptionChange {
    /// Another address, with user name and password where it needs them. The one that is shown is the one that it has.
    pub url: Option<String>,
    /// 1 to 255 characters.
    pub name: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// 5 to 10,080, or none: as the feed says.
    pub refresh_minutes: Option<Option<i64>>,
    /// Whether its events block time.
    pub counts_as_busy: Option<bool>,
}

/// A subscription as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionView {
    /// Which.
    pub id: SubscriptionId,
    /// Without user name and password.
    pub url: String,
    /// Where its events are.
    pub calendar_id: CalendarId,
    /// What that is called.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// Whether its events block time.
    pub counts_as_busy: bool,
    /// How often it is refreshed, in minutes.
    pub refresh_minutes: i64,
    /// When the calendar was last known to show what its address says.
    pub last_refreshed_at: Option<Timestamp>,
    /// When the address will be asked next; none: not by itself any more.
    pub next_refresh_at: Option<Timestamp>,
    /// What became of it when it was last asked.
    pub last_status: RemoteStatus,
    /// Why that failed, or what should be known of it.
    pub last_error: Option<String>,
    /// How many events the calendar has.
    pub event_count: i64,
    /// Whether the calendar may well be out of date.
    pub is_stale: bool,
}

/// The actor's subscriptions, in the order in which they were made.
///
/// # Errors
/// [`SubscriptionError::Storage`].
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<SubscriptionView>, SubscriptionError> {
    let mut conn = app.db.read().await?;
    let (found, now) = (stored::list(&mut conn, actor.user.id).await?, app.clock.now());
    Ok(found.iter().map(|one| SubscriptionView::of(one, now)).collect())
}

/// One of the actor's subscriptions.
///
/// # Errors
/// `NotFound`.
pub async fn get(app: &App, actor: &Actor, id: SubscriptionId) -> Result<SubscriptionView, SubscriptionError> {
    let mut conn = app.db.read().await?;
    Ok(SubscriptionView::of(&owned(&mut conn, actor.user.id, id).await?, app.clock.now()))
}

/// Subscribes to an address. Its calendar is there at once; its events come as soon as the address was asked, which is begun
/// without anybody waiting for it.
///
/// # Errors
/// `Invalid`, `Duplicate`, `TooMany`.
pub async fn create(
    app: &App,
    actor: &Writer,
    request: SubscriptionRequest,
) -> Result<SubscriptionView, SubscriptionError> {
    let now = app.clock.now();
    let (url, traits) = checked(&request, &actor.user.timezone)?;
    let kept = address::kept(&app.sealing, &url)?;
    let mut conn = app.db.write().await?;
    // Holds the count against another request of the same user.
    accounts::lock(&mut conn, actor.user.id).await?;
    let most = app.limits.subscriptions_per_user;
    if usize::try_from(stored::count(&mut conn, actor.user.id).await?).unwrap_or(usize::MAX) >= most {
        return Err(SubscriptionError::TooMany(most));
    }
    let remote = stored::put_remote(&mut conn, &kept.address(now)).await?;
    let id = insert(&mut conn, actor.user.id, (&request, traits), remote, now).await?;
    ask_soon(app, &mut conn, actor.user.id, remote).await?;
    let view = SubscriptionView::of(&owned(&mut conn, actor.user.id, id).await?, now);
    conn.commit().await?;
    Ok(view)
}

/// Changes what its owner decides of a subscription. With another address its calendar keeps what it shows until that has
/// answered, and counts as out of date until then.
///
/// # Errors
/// `NotFound`, `Invalid`, `Duplicate`.
pub async fn update(
    app: &App,
    actor: &Writer,
    id: SubscriptionId,
    change: SubscriptionChange,
) -> Result<SubscriptionView, SubscriptionError> {
    let now = app.clock.now();
    let url = checked_change(&change)?;
    let mut conn = app.db.write().await?;
    let mut found = owned(&mut conn, actor.user.id, id).await?;
    if let Some(url) = url.filter(|url| url.shown() != found.remote.url || url.credentials().is_some()) {
        give_address(app, &mut conn, &found.subscription, &url).await?;
        found = owned(&mut conn, actor.user.id, id).await?;
    }
    let found = found.subscription;
    stored::lock_remote(&mut conn, found.remote_feed_id).await?;
    let calendar = calendars::lock(&mut conn, found.calendar_id).await?.ok_or(SubscriptionError::NotFound)?;
    let is_named = found.is_named || change.name.is_some();
    let minutes = change.refresh_minutes.unwrap_or(found.wanted_minutes);
    let traits = calendar::changed_traits(&calendar, in_calendar(&change))?;
    calendars::update(&mut conn, found.calendar_id, &traits).await?;
    stored::update(&mut conn, id, minutes, is_named).await?;
    let mut changed = owned(&mut conn, actor.user.id, id).await?;
    // Not where it is gone for good.
    if change.refresh_minutes.is_some() && changed.remote.next_due_at.is_some() {
        let minutes = SubscriptionView::of(&changed, now).refresh_minutes;
        let due = now.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(now);
        stored::due_by(&mut conn, found.remote_feed_id, due).await?;
        changed = owned(&mut conn, actor.user.id, id).await?;
    }
    let view = SubscriptionView::of(&changed, now);
    conn.commit().await?;
    Ok(view)
}

/// Ends a subscription: its calendar goes, with all events.
///
/// # Errors
/// `NotFound`.
pub async fn delete(app: &App, actor: &Writer, id: SubscriptionId) -> Result<(), SubscriptionError> {
    let mut conn = app.db.write().await?;
    let found = owned(&mut conn, actor.user.id, id).await?.subscription;
    stored::lock_remote(&mut conn, found.remote_feed_id).await?;
    calendars::delete(&mut conn, found.calendar_id).await?;
    stored::forget_unused(&mut conn, found.remote_feed_id).await?;
    Ok(conn.commit().await?)
}

/// The subscription of this id, where it is the user's.
pub(super) async fn owned(conn: &mut Conn, user: UserId, id: SubscriptionId) -> Result<Subscribed, SubscriptionError> {
    let found = stored::by_id(conn, id).await?;
    found.filter(|found| found.subscription.user_id == user).ok_or(SubscriptionError::NotFound)
}

impl SubscriptionView {
    pub(super) fn of(found: &Subscribed, now: Timestamp) -> Self {
        let Subscribed { subscription, remote } = found;
        let minutes = subscription.wanted_minutes.or(remote.feed_minutes).unwrap_or(DEFAULT_MINUTES);
        let failed = subscription.mirror_error.is_some() && remote.last_status == RemoteStatus::Good;
        let is_new = subscription.mirrored_at.is_none() && remote.last_status == RemoteStatus::Good;
        let own_error = subscription.mirror_error.as_ref();
        Self {
            id: subscription.id,
            url: remote.url.clone(),
            calendar_id: subscription.calendar_id,
            name: subscription.name.clone(),
            color: subscription.color.clone(),
            counts_as_busy: subscription.counts_as_busy,
            refresh_minutes: within_bounds(minutes),
            last_refreshed_at: subscription.refreshed_at(remote),
            next_refresh_at: remote.next_due_at,
            last_status: match (failed, is_new) {
                (true, _) => RemoteStatus::Failed,
                (false, true) => RemoteStatus::Pending,
                (false, false) => remote.last_status,
            },
            last_error: remote.last_error.as_ref().or(own_error).or(remote.notice.as_ref()).cloned(),
            event_count: subscription.event_count,
            is_stale: subscription.freshness(remote).is_stale(now),
        }
    }
}

/// Makes a subscription one to this address.
async fn give_address(
    app: &App,
    conn: &mut Conn,
    subscription: &Subscription,
    url: &RemoteUrl,
) -> Result<(), SubscriptionError> {
    let (kept, before) = (address::kept(&app.sealing, url)?, subscription.remote_feed_id);
    let remote = stored::put_remote(conn, &kept.address(app.clock.now())).await?;
    if remote == before {
        return Ok(());
    }
    // First the addresses, as whoever shows an answer does.
    stored::lock_remote(conn, before).await?;
    stored::change_remote(conn, subscription.id, remote).await?;
    ask_soon(app, conn, subscription.user_id, remote).await?;
    Ok(stored::forget_unused(conn, before).await?)
}

/// Makes an address that is new to a user due: at once, but for those who want that again and again.
async fn ask_soon(app: &App, conn: &mut Conn, user: UserId, remote: RemoteFeedId) -> Result<(), SubscriptionError> {
    let now = app.clock.now();
    let wait = app.refreshing.attempts.count(user, now).err().map_or(0, |wait| i64::try_from(wait).unwrap_or(0));
    let due = now.checked_add(SignedDuration::from_secs(wait)).unwrap_or(now);
    Ok(stored::due_by(conn, remote, due).await?)
}

async fn insert(
    conn: &mut Conn,
    user_id: UserId,
    (request, traits): (&SubscriptionRequest, CalendarTraits),
    remote: RemoteFeedId,
    now: Timestamp,
) -> Result<SubscriptionId, SubscriptionError> {
    let new = NewCalendar { user_id, is_default: false, kind: CalendarKind::Subscription, traits, created_at: now };
    let new = NewSubscription {
        user_id,
        calendar_id: calendars::insert(conn, &new).await?,
        remote_feed_id: remote,
        is_named: request.name.is_some(),
        wanted_minutes: request.refresh_minutes,
        created_at: now,
    };
    Ok(stored::insert(conn, &new).await?)
}

/// All that can be wrong with a request, at once.
fn checked(request: &SubscriptionRequest, zone: &Zone) -> Result<(RemoteUrl, CalendarTraits), SubscriptionError> {
    let mut errors = FieldErrors::new();
    let url = errors.take("url", RemoteUrl::parse(&request.url));
    if let Err(wrong) = check_minutes(request.refresh_minutes) {
        errors.extend(wrong);
    }
    // Until it says what it calls itself.
    let by_default = || url.as_ref().map_or("?", RemoteUrl::host).to_owned();
    let change = CalendarChange {
        name: Some(request.name.clone().unwrap_or_else(by_default)),
        color: request.color.clone(),
        counts_as_busy: Some(request.counts_as_busy),
        ..CalendarChange::default()
    };
    let traits = match calendar::new_traits(zone, change) {
        Ok(traits) => Some(traits),
        Err(CalendarError::Invalid(wrong)) => {
            errors.extend(wrong);
            None
        }
        Err(other) => return Err(other.into()),
    };
    match url.zip(traits) {
        Some(checked) if errors.is_empty() => Ok(checked),
        _ => Err(errors.into()),
    }
}

fn check_minutes(minutes: Option<i64>) -> Result<(), FieldErrors> {
    if minutes.is_none_or(|minutes| MINUTES.contains(&minutes)) {
        return Ok(());
    }
    Err(FieldErrors::one("refresh_minutes", format!("must be from {} to {}", MINUTES.start(), MINUTES.end())))
}

/// The address that a change gives.
fn checked_change(change: &SubscriptionChange) -> Result<Option<RemoteUrl>, FieldErrors> {
    let mut errors = FieldErrors::new();
    let url = change.url.as_ref().and_then(|url| errors.take("url", RemoteUrl::parse(url)));
    if let Err(wrong) = check_minutes(change.refresh_minutes.flatten()) {
        errors.extend(wrong);
    }
    errors.into_result().map(|()| url)
}

fn in_calendar(change: &SubscriptionChange) -> CalendarChange {
    CalendarChange {
        name: change.name.clone(),
        color: change.color.clone(),
        counts_as_busy: change.counts_as_busy,
        ..CalendarChange::default()
    }
}
