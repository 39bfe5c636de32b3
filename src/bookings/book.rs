use std::num::NonZeroU32;

use super::BookingError;
use super::answers::{self, Answered, IdempotencyKey};
use super::meeting::{Booking, place};
use crate::accounts::Writer;
use crate::app::App;
use crate::scheduling::{self, Search};
use crate::slots::{Align, Order};
use crate::time::{Period, SignedDuration, Timestamp};

/// Books a meeting: checks that all who are needed are free, and puts it into everybody's calendar.
///
/// # Errors
/// `Invalid`, `NotFree`, `KeyReused`; `Scheduling` about somebody private.
pub async fn book(
    app: &App,
    actor: &Writer,
    booking: &Booking,
    key: Option<&IdempotencyKey<'_>>,
) -> Result<Answered, BookingError> {
    let mut tries = 0;
    loop {
        match try_to_book(app, actor, booking, key).await {
            Err(error) if error.is_conflict() && tries < MOST_RETRIES => tries += 1,
            Err(error) => return Err(with_next_slots(app, actor, booking, error).await),
            Ok(answered) => return Ok(answered),
        }
    }
}

/// How often a transaction that another one was in the way of is done again.
pub(super) const MOST_RETRIES: usize = 3;

async fn try_to_book(
    app: &App,
    actor: &Writer,
    booking: &Booking,
    key: Option<&IdempotencyKey<'_>>,
) -> Result<Answered, BookingError> {
    let mut conn = app.db.write().await?;
    if let Some(key) = key
        && let Some(before) = answers::claim(app, &mut conn, actor, key).await?
    {
        return Ok(before);
    }
    let (_, booked) = place(app, &mut conn, actor, booking, None).await?;
    answers::keep(&mut conn, actor, key, &booked).await?;
    conn.commit().await?;
    Ok(Answered::Now(Box::new(booked)))
}

/// Adds when all are free next, to the error that they are not; a failure to find that out is the answer then.
pub(super) async fn with_next_slots(app: &App, actor: &Writer, booking: &Booking, error: BookingError) -> BookingError {
    let BookingError::NotFree { busy, .. } = error else { return error };
    match next_slots(app, actor, booking).await {
        Ok(next) => BookingError::NotFree { busy, next },
        Err(error) => error,
    }
}

/// The next three times from the wanted one on, within two weeks, inside everybody's working hours.
async fn next_slots(app: &App, actor: &Writer, booking: &Booking) -> Result<Vec<Period>, BookingError> {
    let length = SignedDuration::from_mins(i64::from(booking.duration_minutes.get()));
    let end = booking.start.checked_add(LOOK_AHEAD + length).unwrap_or(Timestamp::MAX);
    let Ok(window) = Period::new(booking.start, end) else { return Ok(Vec::new()) };
    let search = Search {
        required: booking.required.clone(),
        optional: Vec::new(),
        groups: Vec::new(),
        duration_minutes: booking.duration_minutes,
        windows: vec![window],
        step_minutes: HALF_HOUR,
        align: Align::Clock,
        zone: booking.zone.clone().unwrap_or_else(|| actor.user.timezone.clone()),
        respect_working_hours: true,
        working_hours: None,
        wider_hours: (0, 0),
        buffer_before_minutes: booking.buffer_before_minutes,
        buffer_after_minutes: booking.buffer_after_minutes,
        tentative: booking.tentative,
        all_day: booking.all_day,
        exclude_events: Vec::new(),
        order: Order::Time,
        limit: 3,
        explain: false,
    };
    let found = scheduling::find_slots(app, Some(actor), search).await?;
    Ok(found.answer.slots.iter().map(|slot| slot.period).collect())
}

const LOOK_AHEAD: SignedDuration = SignedDuration::from_hours(14 * 24);
const HALF_HOUR: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);
