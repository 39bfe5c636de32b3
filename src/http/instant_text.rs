use crate::time::{Timestamp, Zone};

/// Writes instants with the offset of a zone, as [`super::wire::instant_in`] does, but many near one another: it asks the
/// zone once for each change of clocks, and works out each date once.
pub struct InstantText<'z> {
    zone: &'z Zone,
    /// The seconds from and up to which the offset holds.
    known: (i64, i64),
    offset: i64,
    suffix: String,
    day: i64,
    date: String,
}

impl<'z> InstantText<'z> {
    /// For instants in this zone.
    pub fn new(zone: &'z Zone) -> Self {
        Self { zone, known: (0, 0), offset: 0, suffix: String::new(), day: i64::MIN, date: String::new() }
    }

    /// Appends an instant.
    pub fn push(&mut self, text: &mut String, instant: Timestamp) {
        let second = instant.as_second();
        if !(self.known.0..self.known.1).contains(&second) {
            self.learn(instant);
        }
        let local = second + self.offset;
        let (day, time) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        if day != self.day {
            self.day = day;
            self.date = self.zone.local(instant).date().to_string();
        }
        text.push_str(&self.date);
        for (sign, number) in [('T', time / 3600), (':', time / 60 % 60), (':', time % 60)] {
            text.push(sign);
            text.push(digit(number / 10));
            text.push(digit(number % 10));
        }
        text.push_str(&self.suffix);
    }

    fn learn(&mut self, instant: Timestamp) {
        let offset = i64::from(self.zone.offset_seconds(instant));
        let change = self.zone.transitions(instant).next();
        self.known = (instant.as_second(), change.map_or(i64::MAX, |change| change.at.as_second()));
        self.offset = offset;
        let sign = if offset < 0 { '-' } else { '+' };
        self.suffix = format!("{sign}{:02}:{:02}", offset.abs() / 3600, offset.abs() / 60 % 60);
    }
}

/// A number from 0 to 9 as its digit.
fn digit(number: i64) -> char {
    u32::try_from(number).ok().and_then(|number| char::from_digit(number, 10)).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::http::wire::instant_in;

    proptest! {
        #[test]
        fn it_writes_what_is_written_one_by_one(
            zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]),
            seconds in prop::collection::vec(-3_000_000_000_i64..5_000_000_000, 1..20),
            near in prop::collection::vec(0_i64..40_000_000, 1..20),
        ) {
            let zone = Zone::iana(zone).unwrap();
            let mut writer = InstantText::new(&zone);
            for second in seconds.iter().copied().chain(near.iter().map(|by| seconds[0] + by)) {
                let (instant, mut text) = (Timestamp::from_second(second).unwrap(), String::new());
                writer.push(&mut text, instant);
                prop_assert_eq!(text, instant_in(instant, &zone));
            }
        }
    }
}
