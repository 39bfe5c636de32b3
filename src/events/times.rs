use crate::fields::FieldErrors;
use crate::time::{Date, DateOrTime, Timestamp, Zone};

/// What a client says of an event's times; what is `None` was not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimesChange {
    /// Whether it has dates rather than times.
    pub all_day: Option<bool>,
    /// When it starts.
    pub start_time: Option<Timestamp>,
    /// When it ends.
    pub end_time: Option<Timestamp>,
    /// Its first day.
    pub start_date: Option<Date>,
    /// The day after its last one.
    pub end_date: Option<Date>,
    /// The zone on whose wall clock it recurs.
    pub timezone: Option<Zone>,
}

/// When an event is, as it is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Times {
    pub start: DateOrTime,
    pub end: DateOrTime,
}

impl TimesChange {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The times of a new event, or those of an event of which nothing is to stay.
    ///
    /// # Errors
    /// By field.
    pub(super) fn whole(&self, default_zone: &Zone) -> Result<Times, FieldErrors> {
        if self.all_day == Some(true) { self.days(None, None) } else { self.hours(None, None, default_zone) }
    }

    /// The times of an event that had `old` ones; `owner` is the zone of its dates.
    ///
    /// # Errors
    /// By field.
    pub(super) fn applied(&self, old: &Times, owner: &Zone) -> Result<Times, FieldErrors> {
        let was_all_day = old.start.is_date();
        if self.all_day.unwrap_or(was_all_day) {
            let date = |value: &DateOrTime| was_all_day.then(|| value.local().date());
            self.days(date(&old.start), date(&old.end))
        } else if was_all_day {
            self.hours(None, None, owner)
        } else {
            let zone = old.start.zone(owner);
            if let (DateOrTime::Floating(_), None, None, None) =
                (&old.start, self.start_time, self.end_time, &self.timezone)
            {
                return Ok(old.clone());
            }
            self.hours(Some(old.start.instant(owner)), Some(old.end.instant(owner)), zone)
        }
    }

    fn days(&self, old_start: Option<Date>, old_end: Option<Date>) -> Result<Times, FieldErrors> {
        let mut errors = FieldErrors::new();
        for (field, said) in [("start_time", self.start_time), ("end_time", self.end_time)] {
            // A client that sends back what it read gives both; then the dates count.
            if said.is_some() && self.start_date.is_none() {
                errors.add(field, "an all-day event has dates: use start_date and end_date");
            }
        }
        let Some(start) = self.start_date.or(old_start) else {
            errors.add("start_date", "this field is required for an all-day event");
            return Err(errors);
        };
        let end = self.end_date.or(old_end).unwrap_or_else(|| start.saturating_add(jiff::Span::new().days(1)));
        if end <= start {
            errors.add("end_date", "must be after start_date: it is the day after the last one");
        }
        errors.into_result()?;
        Ok(Times { start: DateOrTime::Date(start), end: DateOrTime::Date(end) })
    }

    fn hours(
        &self,
        old_start: Option<Timestamp>,
        old_end: Option<Timestamp>,
        default_zone: &Zone,
    ) -> Result<Times, FieldErrors> {
        let mut errors = FieldErrors::new();
        for (field, said) in [("start_date", self.start_date), ("end_date", self.end_date)] {
            if said.is_some() {
                errors.add(field, "only an all-day event has dates: set all_day, or use start_time and end_time");
            }
        }
        let (start, end) = (self.start_time.or(old_start), self.end_time.or(old_end));
        for (field, value) in [("start_time", start), ("end_time", end)] {
            if value.is_none() {
                errors.add(field, "this field is required");
            }
        }
        if let (Some(start), Some(end)) = (start, end)
            && end <= start
        {
            errors.add("end_time", "must be after start_time");
        }
        let zone = self.timezone.as_ref().unwrap_or(default_zone);
        match (start, end) {
            (Some(start), Some(end)) if errors.is_empty() => {
                Ok(Times { start: DateOrTime::written(start, zone), end: DateOrTime::written(end, zone) })
            }
            _ => Err(errors),
        }
    }
}
