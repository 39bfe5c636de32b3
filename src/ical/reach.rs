use super::line::ContentLine;

/// The years in which a time zone is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The first year.
    pub first: i16,
    /// The last year; `None` where a series has no end, or none that is known without expanding it.
    pub last: Option<i16>,
}

impl Reach {
    /// The years that the values of a line name.
    pub fn of(line: ContentLine<'_>) -> Self {
        let years = line.value().split([',', '/']).filter_map(year);
        let (mut first, mut last) = (None, None);
        for year in years {
            first = Some(first.map_or(year, |first: i16| first.min(year)));
            last = Some(last.map_or(year, |last: i16| last.max(year)));
        }
        Self { first: first.unwrap_or(DEFAULT_YEAR), last: last.or(Some(DEFAULT_YEAR)) }
    }

    /// The years of both.
    pub fn with(self, other: Self) -> Self {
        let last = self.last.zip(other.last).map(|(a, b)| a.max(b));
        Self { first: self.first.min(other.first), last }
    }
}

/// Where a line with a TZID names no year.
const DEFAULT_YEAR: i16 = 2000;

fn year(value: &str) -> Option<i16> {
    let digits = value.get(..4)?;
    digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))
}
