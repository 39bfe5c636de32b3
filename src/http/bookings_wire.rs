//! The shapes of bookings on the wire.

use std::num::NonZeroU32;

use poem_openapi::types::ToJSON;
use poem_openapi::{Enum, Object};

use super::events_wire::EventOut;
use super::problem::ApiError;
use super::scheduling_wire::{AllDayIn, TentativeIn};
use super::wire::{instant_out, parse_instant};
use crate::bookings::{Attendance, Booked, Booking, Confirmation, Hold};
use crate::fields::FieldErrors;
use crate::ical::ParticipationStatus;
use crate::ids::{MeetingId, UserId};
use crate::time::{Timestamp, Zone};

macro_rules! booking_input {
    ($(#[$doc:meta])* $name:ident { $($own:tt)* }) => {
        $(#[$doc])*
        #[derive(Object, Clone, Debug)]
        #[oai(skip_serializing_if_is_none, example)]
        pub struct $name {
            /// Who must be free. Needed, unless a hold is confirmed.
            #[oai(default, validator(max_items = 500))]
            pub user_ids: Vec<i64>,
            /// Who is invited, free or not.
            #[oai(default, validator(max_items = 500))]
            pub optional_user_ids: Vec<i64>,
            /// When it starts (RFC 3339); without an offset, local time in `timezone`, else in the profile's zone. Needed,
            /// unless a hold is confirmed.
            #[oai(validator(min_length = 1, max_length = 64))]
            pub start_time: Option<String>,
            /// Length of the meeting, in minutes. Needed, unless a hold is confirmed.
            #[oai(validator(minimum(value = "1"), maximum(value = "1440")))]
            pub duration_minutes: Option<u32>,
            /// SUMMARY. Needed, unless a hold is confirmed.
            #[oai(validator(min_length = 1, max_length = 255))]
            pub title: Option<String>,
            /// DESCRIPTION.
            #[oai(validator(max_length = 100000))]
            pub description: Option<String>,
            /// LOCATION.
            #[oai(validator(max_length = 1000))]
            pub location: Option<String>,
            /// IANA name of the zone on whose wall clock it is written; by default the profile's.
            #[oai(validator(min_length = 1, max_length = 100))]
            pub timezone: Option<String>,
            /// Minutes before the meeting that must be free of events too.
            #[oai(default, validator(minimum(value = "0"), maximum(value = "1440")))]
            pub buffer_before_minutes: u32,
            /// Minutes after the meeting that must be free of events too.
            #[oai(default, validator(minimum(value = "0"), maximum(value = "1440")))]
            pub buffer_after_minutes: u32,
            /// What tentative events count as.
            #[oai(default)]
            pub tentative: TentativeIn,
            /// All-day events block by their own transparency; or all of them do, or none.
            #[oai(default)]
            pub all_day: AllDayIn,
            $($own)*
        }

        impl $name {
            /// The booking that it asks for.
            ///
            /// # Errors
            /// 400.
            pub fn booking(&self, profile_zone: &Zone) -> Result<Booking, ApiError> {
                let mut errors = FieldErrors::new();
                let zone = self.timezone.as_deref().and_then(|name| errors.take("timezone", Zone::iana(name)));
                let local = zone.as_ref().unwrap_or(profile_zone);
                let start = self.start_time.as_deref().and_then(|it| errors.take("start_time", parse_instant(it, local)));
                let absent = [
                    ("user_ids", self.user_ids.is_empty()),
                    ("start_time", self.start_time.is_none()),
                    ("duration_minutes", self.duration_minutes.is_none()),
                    ("title", self.title.is_none()),
                ];
                for (field, _) in absent.into_iter().filter(|(_, absent)| *absent) {
                    errors.add(field, "this field is required");
                }
                errors.into_result().map_err(ApiError::invalid)?;
                Ok(Booking {
                    required: ids(&self.user_ids),
                    optional: ids(&self.optional_user_ids),
                    start: start.unwrap_or_default(),
                    duration_minutes: self.duration_minutes.and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN),
                    title: self.title.clone().unwrap_or_default(),
                    description: self.description.clone().unwrap_or_default(),
                    location: self.location.clone().unwrap_or_default(),
                    zone,
                    buffer_before_minutes: self.buffer_before_minutes,
                    buffer_after_minutes: self.buffer_after_minutes,
                    tentative: self.tentative.into(),
                    all_day: self.all_day.into(),
                })
            }
        }
    };
}

booking_input! {
    /// A meeting to book; or, with `hold_id`, a hold to confirm, of which only what is to be changed is said again.
    BookIn {
        /// The hold to confirm.
        pub hold_id: Option<i64>,
    }
}

booking_input! {
    /// A time to hold for a while.
    HoldIn {
        /// For how many minutes.
        #[oai(default = "ten", validator(minimum(value = "1"), maximum(value = "1440")))]
        pub minutes: u32,
    }
}

/// A booked meeting.
#[derive(Object, Debug)]
#[oai(rename = "Booking", example)]
pub struct BookingOut {
    /// The organizer's event.
    pub event: EventOut,
    /// Who takes part, in the order of their ids.
    pub participants: Vec<ParticipantOut>,
}

/// A time that is held.
#[derive(Object, Debug)]
#[oai(rename = "Hold", example)]
pub struct HoldOut {
    /// By what to confirm or release it.
    pub hold_id: i64,
    /// Until when it is held.
    pub expires_at: String,
    /// The organizer's event.
    pub event: EventOut,
    /// Who takes part, in the order of their ids.
    pub participants: Vec<ParticipantOut>,
}

/// That somebody takes part in a meeting.
#[derive(Object, Debug)]
#[oai(rename = "Participant")]
pub struct ParticipantOut {
    /// Who.
    pub user_id: i64,
    /// By what name.
    pub username: String,
    /// Whether they had to be free.
    pub required: bool,
    /// What they answered.
    pub status: AnswerOut,
}

/// What somebody answered to an invitation (PARTSTAT, RFC 5545 section 3.2.12).
#[derive(Enum, Clone, Copy, Debug)]
#[oai(rename = "ParticipationStatus")]
pub enum AnswerOut {
    /// Nothing yet.
    #[oai(rename = "needs-action")]
    NeedsAction,
    /// Coming.
    #[oai(rename = "accepted")]
    Accepted,
    /// Perhaps.
    #[oai(rename = "tentative")]
    Tentative,
    /// Not coming.
    #[oai(rename = "declined")]
    Declined,
    /// Somebody else comes.
    #[oai(rename = "delegated")]
    Delegated,
}

/// An answer to an invitation.
#[derive(Object, Clone, Debug)]
#[oai(example)]
pub struct ResponseIn {
    /// The answer.
    pub response: ResponseWord,
}

/// What can be answered to an invitation.
#[derive(Enum, Clone, Copy, Debug)]
#[oai(rename = "InvitationResponse", rename_all = "lowercase")]
pub enum ResponseWord {
    /// Coming.
    Accepted,
    /// Perhaps.
    Tentative,
    /// Not coming: the event takes no time any more.
    Declined,
}

impl BookIn {
    /// The confirmation that it asks for, where it names a hold.
    ///
    /// # Errors
    /// 400.
    pub fn confirmation(&self, profile_zone: &Zone) -> Result<Option<Confirmation>, ApiError> {
        let Some(hold) = self.hold_id else { return Ok(None) };
        let mut errors = FieldErrors::new();
        let zone = self.timezone.as_deref().and_then(|name| errors.take("timezone", Zone::iana(name)));
        let local = zone.as_ref().unwrap_or(profile_zone);
        let mut instant = |text: &str| -> Option<Timestamp> { errors.take("start_time", parse_instant(text, local)) };
        let start = self.start_time.as_deref().and_then(&mut instant);
        errors.into_result().map_err(ApiError::invalid)?;
        Ok(Some(Confirmation {
            hold: MeetingId(hold),
            title: self.title.clone(),
            description: self.description.clone(),
            location: self.location.clone(),
            start,
            duration_minutes: self.duration_minutes,
            users: ids(&self.user_ids).into_iter().chain(ids(&self.optional_user_ids)).collect(),
        }))
    }

    /// The request in one spelling.
    pub fn canonical(&self) -> String {
        self.to_json_string()
    }
}

impl BookingOut {
    /// A booked meeting.
    pub fn of(booked: &Booked) -> Self {
        Self { event: EventOut::of(&booked.event), participants: participants(booked) }
    }

    /// The same, as it is kept.
    pub fn kept(booked: &Booked) -> String {
        Self::of(booked).to_json_string()
    }
}

impl HoldOut {
    /// A held time.
    pub fn of(hold: &Hold) -> Self {
        Self {
            hold_id: hold.id.0,
            expires_at: instant_out(hold.expires_at),
            event: EventOut::of(&hold.booked.event),
            participants: participants(&hold.booked),
        }
    }
}

impl From<ResponseWord> for ParticipationStatus {
    fn from(word: ResponseWord) -> Self {
        match word {
            ResponseWord::Accepted => Self::Accepted,
            ResponseWord::Tentative => Self::Tentative,
            ResponseWord::Declined => Self::Declined,
        }
    }
}

fn participants(booked: &Booked) -> Vec<ParticipantOut> {
    let out = |attendance: &Attendance| ParticipantOut {
        user_id: attendance.user_id.0,
        username: attendance.username.clone(),
        required: attendance.required,
        status: match attendance.status {
            ParticipationStatus::NeedsAction => AnswerOut::NeedsAction,
            ParticipationStatus::Accepted => AnswerOut::Accepted,
            ParticipationStatus::Tentative => AnswerOut::Tentative,
            ParticipationStatus::Declined => AnswerOut::Declined,
            ParticipationStatus::Delegated => AnswerOut::Delegated,
        },
    };
    booked.participants.iter().map(out).collect()
}

fn ids(ids: &[i64]) -> Vec<UserId> {
    ids.iter().copied().map(UserId).collect()
}

fn ten() -> u32 {
    10
}

mod examples {
    use poem_openapi::types::Example;

    use super::*;

    macro_rules! example {
        ($name:ident { $($own:tt)* }) => {
            impl Example for $name {
                fn example() -> Self {
                    Self {
                        user_ids: vec![1, 4],
                        optional_user_ids: Vec::new(),
                        start_time: Some("2025-12-30T14:00:00Z".to_owned()),
                        duration_minutes: Some(60),
                        title: Some("Project kickoff".to_owned()),
                        description: None,
                        location: None,
                        timezone: None,
                        buffer_before_minutes: 0,
                        buffer_after_minutes: 0,
                        tentative: TentativeIn::Busy,
                        all_day: AllDayIn::Transparency,
                        $($own)*
                    }
                }
            }
        };
    }

    example!(BookIn { hold_id: None });
    example!(HoldIn { minutes: 10 });

    impl Example for BookingOut {
        fn example() -> Self {
            Self { event: EventOut::example(), participants: participants() }
        }
    }

    impl Example for HoldOut {
        fn example() -> Self {
            let expires_at = "2025-12-01T08:10:00Z".to_owned();
            Self { hold_id: 5, expires_at, event: EventOut::example(), participants: participants() }
        }
    }

    fn participants() -> Vec<ParticipantOut> {
        let participant =
            |user_id, name: &str, status| ParticipantOut { user_id, username: name.to_owned(), required: true, status };
        vec![participant(1, "bob", AnswerOut::Accepted), participant(4, "alice_dev", AnswerOut::NeedsAction)]
    }

    impl Example for ResponseIn {
        fn example() -> Self {
            Self { response: ResponseWord::Accepted }
        }
    }
}
