//! What there is to say of a calendar elsewhere: of the file that was read last, and of how it is served; and the calendar as it
//! was understood.

use super::manage::owned;
use super::report::Reading;
use super::{SubscriptionError, SubscriptionView};
use crate::accounts::Actor;
use crate::app::App;
use crate::events::{self, Export, Exported};
use crate::ids::SubscriptionId;
use crate::storage::subscriptions as stored;

/// The report about a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionReport {
    /// The subscription, with what became of it when the address was last asked.
    pub view: SubscriptionView,
    /// Whether the server answers what it is asked for again without sending all of it.
    pub is_conditional: bool,
    /// What was found in the file that was read last; none before the first.
    pub reading: Option<Reading>,
}

/// What there is to say of one of the actor's subscriptions.
///
/// # Errors
/// `NotFound`, `Machine`.
pub async fn report(app: &App, actor: &Actor, id: SubscriptionId) -> Result<SubscriptionReport, SubscriptionError> {
    let mut conn = app.db.read().await?;
    let found = owned(&mut conn, actor.user.id, id).await?;
    let last = stored::last_answer(&mut conn, found.subscription.remote_feed_id).await?;
    let last = last.ok_or(SubscriptionError::NotFound)?;
    Ok(SubscriptionReport {
        view: SubscriptionView::of(&found, app.clock.now()),
        is_conditional: last.etag.is_some() || last.last_modified.is_some(),
        reading: last.report.as_deref().map(Reading::from_json).transpose()?,
    })
}

/// The calendar of one of the actor's subscriptions as it was understood, unless they have this version of it.
///
/// # Errors
/// `NotFound`.
pub async fn repaired(
    app: &App,
    actor: &Actor,
    id: SubscriptionId,
    is_known: impl Fn(&str) -> bool,
) -> Result<Exported, SubscriptionError> {
    let mut conn = app.db.read().await?;
    let calendar_id = owned(&mut conn, actor.user.id, id).await?.subscription.calendar_id;
    drop(conn);
    let wanted = Export { calendar_id: Some(calendar_id), ..Export::default() };
    Ok(events::export(app, actor, &wanted, is_known).await?)
}
