use sha2::{Digest, Sha256};

use super::{Booked, BookingError};
use crate::accounts::Writer;
use crate::app::App;
use crate::storage::{Conn, TokenHash, kept_answers};
use crate::time::{SignedDuration, Timestamp};

/// The key that a client gave a request, so that the request happens once however often it is sent.
#[derive(Clone, Copy)]
pub struct IdempotencyKey<'a> {
    /// 1 to 255 printable characters.
    pub key: &'a str,
    /// The request, in one spelling: another one under the same key is a mistake.
    pub request: &'a str,
    /// How the answer is written; kept with the booking, in its transaction.
    pub render: fn(&Booked) -> String,
}

/// What came of a request.
#[derive(Clone, Debug)]
pub enum Answered {
    /// It happened.
    Now(Box<Booked>),
    /// It happened before; the answer as it was written then.
    Before(String),
}

/// An answer is kept for so long. Only a booking is: who was refused may ask again.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Takes the key; where the same request has had its answer under it, that.
pub(super) async fn claim(
    app: &App,
    conn: &mut Conn,
    actor: &Writer,
    key: &IdempotencyKey<'_>,
) -> Result<Option<Answered>, BookingError> {
    let hash = TokenHash(Sha256::digest(key.request).into());
    let (user, now) = (actor.user.id, app.clock.now());
    let oldest = now.checked_sub(KEPT_FOR).unwrap_or(Timestamp::MIN);
    if kept_answers::claim(conn, (user, key.key), hash, (oldest, now)).await? {
        return Ok(None);
    }
    match kept_answers::get(conn, user, key.key).await? {
        Some(kept) if kept.request_hash == hash => Ok(Some(Answered::Before(kept.answer))),
        _ => Err(BookingError::KeyReused),
    }
}

/// Keeps the answer under the key.
pub(super) async fn keep(
    conn: &mut Conn,
    actor: &Writer,
    key: Option<&IdempotencyKey<'_>>,
    booked: &Booked,
) -> Result<(), BookingError> {
    if let Some(key) = key {
        kept_answers::keep(conn, actor.user.id, key.key, &(key.render)(booked)).await?;
    }
    Ok(())
}
