use std::collections::BTreeSet;

use super::FeedError;
use super::uses::FeedUses;
use crate::accounts::{Actor, Secret, Writer};
use crate::app::App;
use crate::fields::FieldErrors;
use crate::ids::{CalendarId, FeedId, UserId};
use crate::storage::feeds::{self as stored, Detail, Feed, NewFeed};
use crate::storage::{Conn, TokenHash, accounts, calendars};

/// A feed to be.
#[derive(Clone, Debug)]
pub struct FeedRequest {
    /// What programs are to call it: 1 to 255 characters.
    pub name: String,
    /// The calendars; none: all of them, later ones too.
    pub calendars: Option<Vec<CalendarId>>,
    /// How much it tells.
    pub detail: Detail,
}

/// A feed as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedView {
    /// The feed, with the uses up to now.
    pub feed: Feed,
    /// The calendars that it has at present.
    pub calendars: Vec<CalendarId>,
}

/// A feed with its secret, which is shown this once.
#[derive(Clone, Debug)]
pub struct OpenedFeed {
    /// The feed.
    pub view: FeedView,
    /// What its address is made of.
    pub secret: Secret,
}

/// The actor's feeds, in the order in which they were made.
///
/// # Errors
/// [`FeedError::Storage`].
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<FeedView>, FeedError> {
    let mut conn = app.db.read().await?;
    views(&mut conn, actor.user.id, &app.feed_uses).await
}

/// Publishes calendars under a new address.
///
/// # Errors
/// `Invalid`, `TooMany`.
pub async fn create(app: &App, actor: &Writer, request: FeedRequest) -> Result<OpenedFeed, FeedError> {
    let secret = Secret::random("")?;
    let mut conn = app.db.write().await?;
    // Holds the count and the calendars against another request of the same user.
    accounts::lock(&mut conn, actor.user.id).await?;
    check(&mut conn, actor.user.id, &request).await?;
    let most = app.limits.feeds_per_user;
    if usize::try_from(stored::count(&mut conn, actor.user.id).await?).unwrap_or(usize::MAX) >= most {
        return Err(FeedError::TooMany(most));
    }
    let new = NewFeed {
        user_id: actor.user.id,
        name: request.name,
        detail: request.detail,
        calendars: request.calendars,
        secret_hash: TokenHash(secret.hash()),
        uid_key: TokenHash(Secret::random("")?.hash()),
        created_at: app.clock.now(),
    };
    let id = stored::insert(&mut conn, &new).await?;
    let view = view(&mut conn, actor.user.id, id, &app.feed_uses).await?;
    conn.commit().await?;
    Ok(OpenedFeed { view, secret })
}

/// Gives a feed another address; nobody is answered at the old one from then on.
///
/// # Errors
/// `NotFound`.
pub async fn rotate(app: &App, actor: &Writer, id: FeedId) -> Result<OpenedFeed, FeedError> {
    let secret = Secret::random("")?;
    let mut conn = app.db.write().await?;
    if !stored::rotate(&mut conn, actor.user.id, id, TokenHash(secret.hash())).await? {
        return Err(FeedError::NotFound);
    }
    let view = view(&mut conn, actor.user.id, id, &app.feed_uses).await?;
    conn.commit().await?;
    Ok(OpenedFeed { view, secret })
}

/// Ends a feed; nobody is answered at its address from then on.
///
/// # Errors
/// `NotFound`.
pub async fn delete(app: &App, actor: &Writer, id: FeedId) -> Result<(), FeedError> {
    let mut conn = app.db.write().await?;
    if !stored::delete(&mut conn, actor.user.id, id).await? {
        return Err(FeedError::NotFound);
    }
    Ok(conn.commit().await?)
}

async fn check(conn: &mut Conn, user: UserId, request: &FeedRequest) -> Result<(), FeedError> {
    let mut errors = FieldErrors::new();
    if request.name.trim().is_empty() || request.name.chars().count() > 255 {
        errors.add("name", "must have 1 to 255 characters");
    }
    if let Some(wanted) = &request.calendars {
        if wanted.is_empty() {
            errors.add("calendar_ids", "must name a calendar; leave it out for all of them");
        }
        let own: BTreeSet<CalendarId> = calendars::list(conn, user).await?.iter().map(|calendar| calendar.id).collect();
        let unknown: Vec<String> = wanted.iter().filter(|id| !own.contains(id)).map(ToString::to_string).collect();
        if !unknown.is_empty() {
            errors.add("calendar_ids", format!("there are no calendars {}", unknown.join(", ")));
        }
    }
    Ok(errors.into_result()?)
}

async fn view(conn: &mut Conn, user: UserId, id: FeedId, uses: &FeedUses) -> Result<FeedView, FeedError> {
    let all = views(conn, user, uses).await?;
    all.into_iter().find(|view| view.feed.id == id).ok_or(FeedError::NotFound)
}

async fn views(conn: &mut Conn, user: UserId, uses: &FeedUses) -> Result<Vec<FeedView>, FeedError> {
    let mut calendars = stored::calendars(conn, user).await?.into_iter().peekable();
    let mut views = Vec::new();
    for feed in stored::list(conn, user).await? {
        let own = std::iter::from_fn(|| calendars.next_if(|entry| entry.feed_id == feed.id));
        let calendars = own.map(|entry| entry.calendar_id).collect();
        views.push(FeedView { feed: uses.with_those_of(feed), calendars });
    }
    Ok(views)
}
