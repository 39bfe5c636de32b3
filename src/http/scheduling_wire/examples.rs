//! What the document shows as examples.

use poem_openapi::types::Example;

use super::answer::{FindSlotsOut, SlotOut};
use super::free_busy::{BusyPeriodOut, BusyTypeOut, FreeBusyIn, FreeBusyOut, PeriodOut, PersonTimeOut};
use super::question::{AlignIn, AllDayIn, FindSlotsIn, OrderIn, TentativeIn};

impl Example for FindSlotsIn {
    fn example() -> Self {
        Self {
            user_ids: vec![1, 4],
            duration_minutes: 60,
            optional_user_ids: Vec::new(),
            groups: Vec::new(),
            start: Some("2025-12-29T00:00:00Z".to_owned()),
            end: Some("2026-01-05T00:00:00Z".to_owned()),
            windows: None,
            step_minutes: 30,
            align: AlignIn::Clock,
            timezone: None,
            respect_working_hours: true,
            working_hours: None,
            wider_hours: None,
            buffer_before_minutes: 0,
            buffer_after_minutes: 0,
            tentative: TentativeIn::Busy,
            all_day: AllDayIn::Transparency,
            exclude_event_ids: Vec::new(),
            order: OrderIn::Time,
            limit: 1000,
            explain: false,
        }
    }
}

impl Example for FindSlotsOut {
    fn example() -> Self {
        let slot = |start: &str, end: &str| SlotOut {
            start_time: start.to_owned(),
            end_time: end.to_owned(),
            available_user_ids: None,
            unavailable_user_ids: None,
            score: None,
            score_parts: None,
        };
        Self {
            available_slots: vec![
                slot("2025-12-29T09:00:00+00:00", "2025-12-29T10:00:00+00:00"),
                slot("2025-12-29T09:30:00+00:00", "2025-12-29T10:30:00+00:00"),
            ],
            user_ids: vec![1, 4],
            duration_minutes: 60,
            total_slots_found: 105,
            start: "2025-12-29T00:00:00+00:00".to_owned(),
            end: "2026-01-05T00:00:00+00:00".to_owned(),
            explanation: None,
            warnings: Vec::new(),
        }
    }
}

impl Example for FreeBusyIn {
    fn example() -> Self {
        Self {
            user_ids: vec![1, 4],
            start: "2025-12-29T00:00:00Z".to_owned(),
            end: "2026-01-05T00:00:00Z".to_owned(),
            timezone: None,
        }
    }
}

impl Example for FreeBusyOut {
    fn example() -> Self {
        let busy = BusyPeriodOut {
            start_time: "2025-12-30T14:00:00+00:00".to_owned(),
            end_time: "2025-12-30T15:30:00+00:00".to_owned(),
            kind: BusyTypeOut::Busy,
        };
        let working = PeriodOut {
            start_time: "2025-12-30T09:00:00+00:00".to_owned(),
            end_time: "2025-12-30T17:00:00+00:00".to_owned(),
        };
        Self {
            start: "2025-12-30T00:00:00+00:00".to_owned(),
            end: "2025-12-31T00:00:00+00:00".to_owned(),
            users: vec![PersonTimeOut { user_id: 1, busy_periods: vec![busy], working_periods: vec![working] }],
            warnings: Vec::new(),
        }
    }
}
