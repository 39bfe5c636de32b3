//! What the document shows as examples.

use poem_openapi::types::Example;

use super::*;

impl Example for EventOut {
    fn example() -> Self {
        Self {
            id: 71,
            calendar_id: 12,
            uid: "6f5e3a1c-8d0b-4f6e-9a51-2b7c1d9e4f30".to_owned(),
            title: "Project Kickoff".to_owned(),
            description: "Meeting with the client".to_owned(),
            location: String::new(),
            url: String::new(),
            categories: Vec::new(),
            start_time: "2025-12-30T14:00:00Z".to_owned(),
            end_time: "2025-12-30T15:30:00Z".to_owned(),
            all_day: false,
            start_date: None,
            end_date: None,
            timezone: "Europe/Berlin".to_owned(),
            event_type: EventTypeOut::Busy,
            status: StatusOut::Confirmed,
            recurrence: vec!["RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=10".to_owned()],
            recurrence_id: None,
            sequence: 0,
            created_at: "2025-12-01T08:00:00Z".to_owned(),
            updated_at: "2025-12-01T08:00:00Z".to_owned(),
        }
    }
}

impl Example for EventIn {
    fn example() -> Self {
        Self {
            id: None,
            calendar_id: None,
            uid: None,
            title: "Project Kickoff".to_owned(),
            description: Some("Meeting with the client".to_owned()),
            location: None,
            url: None,
            categories: None,
            start_time: Some("2025-12-30T14:00:00Z".to_owned()),
            end_time: Some("2025-12-30T15:30:00Z".to_owned()),
            all_day: None,
            start_date: None,
            end_date: None,
            timezone: None,
            event_type: Some(EventTypeOut::Busy),
            status: None,
            recurrence: None,
            recurrence_id: None,
            sequence: None,
            created_at: None,
            updated_at: None,
        }
    }
}

impl Example for EventPatch {
    fn example() -> Self {
        Self {
            id: None,
            calendar_id: None,
            uid: None,
            title: Some("Kickoff with the client".to_owned()),
            description: None,
            location: None,
            url: None,
            categories: None,
            start_time: None,
            end_time: None,
            all_day: None,
            start_date: None,
            end_date: None,
            timezone: None,
            event_type: None,
            status: None,
            recurrence: None,
            recurrence_id: None,
            sequence: None,
            created_at: None,
            updated_at: None,
        }
    }
}
