use super::check::check;
use super::text::{WEEKDAY_HINT, weekday_named};
use super::{Frequency, NumberedDay, Rule, RuleError};
use crate::time::{DateOrTime, Weekday, Zone};

/// Longest text of a rule, in bytes; every value of every part once is shorter.
const LONGEST: usize = 8_192;

impl Rule {
    /// The rule that a text says, to the letter of RFC 5545 section 3.3.10; names and words in any case, as its grammar
    /// has it.
    ///
    /// # Errors
    /// What the section forbids, unknown parts, and RSCALE or SKIP (RFC 7529) other than the Gregorian default. The
    /// sentence names the part.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        read(text, &mut Mender { lenient: false, warnings: Vec::new() })
    }

    /// The rule that a text means, for what programs in the wild write: parts that cannot be are dropped or read as
    /// meant, towards more occurrences rather than fewer, each with a sentence that says so.
    ///
    /// # Errors
    /// No readable FREQ; a calendar other than the Gregorian one.
    pub fn repair(text: &str) -> Result<(Self, Vec<String>), RuleError> {
        let mut mender = Mender { lenient: true, warnings: Vec::new() };
        let rule = read(text, &mut mender)?;
        Ok((rule, mender.warnings))
    }
}

/// What to do with a fault: refuse it, or say how it is read instead.
pub(super) struct Mender {
    lenient: bool,
    warnings: Vec<String>,
}

impl Mender {
    /// A fault (`INTERVAL must be at least 1`) and its repair (`read as 1`), which the caller makes after an `Ok`.
    pub(super) fn mend(&mut self, fault: impl Into<String>, repair: &str) -> Result<(), RuleError> {
        let fault = fault.into();
        if !self.lenient {
            return Err(RuleError(fault));
        }
        if self.warnings.len() < 20 {
            self.warnings.push(format!("RRULE: {fault}; {repair}"));
        }
        Ok(())
    }
}

fn read(text: &str, mender: &mut Mender) -> Result<Rule, RuleError> {
    if text.len() > LONGEST {
        return Err(RuleError(format!("the rule is longer than {LONGEST} bytes")));
    }
    let text = match text.get(..6) {
        Some(name) if name.eq_ignore_ascii_case("RRULE:") => {
            mender.mend("the value begins with RRULE:", "read without")?;
            &text[6..]
        }
        _ => text,
    };
    let mut parts = Parts::default();
    for part in text.split(';') {
        parts.add(part, mender)?;
    }
    let mut rule = parts.into_rule()?;
    check(&mut rule, mender)?;
    Ok(rule)
}

#[derive(Default)]
struct Parts {
    frequency: Option<Frequency>,
    interval: Option<u32>,
    count: Option<u32>,
    until: Option<DateOrTime>,
    week_start: Option<Weekday>,
    by_month: Vec<i16>,
    by_week_no: Vec<i16>,
    by_year_day: Vec<i16>,
    by_month_day: Vec<i16>,
    by_day: Vec<NumberedDay>,
    by_hour: Vec<i16>,
    by_minute: Vec<i16>,
    by_second: Vec<i16>,
    by_set_pos: Vec<i16>,
    seen: Vec<String>,
}

impl Parts {
    fn add(&mut self, part: &str, mender: &mut Mender) -> Result<(), RuleError> {
        let compact: String = part.split_whitespace().collect();
        if compact.is_empty() {
            return mender.mend("there is an empty part (a stray semicolon)", "ignored");
        }
        if compact.len() != part.len() {
            mender.mend("there is a space in a part", "ignored")?;
        }
        let Some((name, value)) = compact.split_once('=') else {
            return mender.mend(format!("\"{}\" is not of the form NAME=VALUE", short(&compact)), "ignored");
        };
        let name = name.to_ascii_uppercase();
        if self.seen.contains(&name) {
            mender.mend(format!("{} is given twice", short(&name)), "the values are joined, or the last is taken")?;
        }
        self.set(&name, value, mender)?;
        self.seen.push(name);
        Ok(())
    }

    fn set(&mut self, name: &str, value: &str, mender: &mut Mender) -> Result<(), RuleError> {
        match name {
            "FREQ" => self.frequency = Some(frequency(value)?),
            "INTERVAL" => self.interval = Some(interval(value, mender)?),
            "COUNT" => self.count = count(value, mender)?.or(self.count),
            "UNTIL" => self.until = until(value, mender)?.or(self.until.take()),
            "WKST" => self.week_start = week_start(value, mender)?.or(self.week_start),
            "BYMONTH" => {
                numbers(&mut self.by_month, Range { name: "BYMONTH", low: 1, high: 12, signed: false }, value, mender)?
            }
            "BYWEEKNO" => numbers(
                &mut self.by_week_no,
                Range { name: "BYWEEKNO", low: 1, high: 53, signed: true },
                value,
                mender,
            )?,
            "BYYEARDAY" => {
                numbers(
                    &mut self.by_year_day,
                    Range { name: "BYYEARDAY", low: 1, high: 366, signed: true },
                    value,
                    mender,
                )?;
            }
            "BYMONTHDAY" => {
                numbers(
                    &mut self.by_month_day,
                    Range { name: "BYMONTHDAY", low: 1, high: 31, signed: true },
                    value,
                    mender,
                )?;
            }
            "BYHOUR" => {
                numbers(&mut self.by_hour, Range { name: "BYHOUR", low: 0, high: 23, signed: false }, value, mender)?
            }
            "BYMINUTE" => numbers(
                &mut self.by_minute,
                Range { name: "BYMINUTE", low: 0, high: 59, signed: false },
                value,
                mender,
            )?,
            "BYSECOND" => numbers(
                &mut self.by_second,
                Range { name: "BYSECOND", low: 0, high: 60, signed: false },
                value,
                mender,
            )?,
            "BYSETPOS" => numbers(
                &mut self.by_set_pos,
                Range { name: "BYSETPOS", low: 1, high: 366, signed: true },
                value,
                mender,
            )?,
            "BYDAY" => days(&mut self.by_day, value, mender)?,
            "RSCALE" if value.eq_ignore_ascii_case("GREGORIAN") => {}
            "RSCALE" => {
                let scale = short(value);
                return Err(RuleError(format!("RSCALE={scale} is not supported; only the GREGORIAN calendar is")));
            }
            "SKIP" if value.eq_ignore_ascii_case("OMIT") => {}
            "SKIP" => return Err(RuleError(format!("SKIP={} is not supported; only OMIT is", short(value)))),
            unknown => mender.mend(format!("{} is not a part of a rule", short(unknown)), "ignored")?,
        }
        Ok(())
    }

    fn into_rule(self) -> Result<Rule, RuleError> {
        let frequency = self.frequency.ok_or_else(|| RuleError("FREQ is missing".to_owned()))?;
        Ok(Rule {
            frequency,
            interval: self.interval.unwrap_or(1),
            count: self.count,
            until: self.until,
            by_month: sorted(self.by_month),
            by_week_no: sorted(self.by_week_no),
            by_year_day: sorted(self.by_year_day),
            by_month_day: sorted(self.by_month_day),
            by_day: self.by_day,
            by_hour: sorted(self.by_hour),
            by_minute: sorted(self.by_minute),
            // No leap seconds here: 60 is 59 (RFC 5545 section 3.3.12).
            by_second: sorted(self.by_second.into_iter().map(|second| second.min(59)).collect()),
            by_set_pos: sorted(self.by_set_pos),
            week_start: self.week_start.unwrap_or(Weekday::Monday),
        })
    }
}

fn frequency(value: &str) -> Result<Frequency, RuleError> {
    Frequency::named(value).ok_or_else(|| {
        RuleError(format!(
            "FREQ must be SECONDLY, MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY, not \"{}\"",
            short(value)
        ))
    })
}

fn interval(value: &str, mender: &mut Mender) -> Result<u32, RuleError> {
    match digits(value) {
        Some(0) | None => {
            mender.mend("INTERVAL must be at least 1", "read as 1")?;
            Ok(1)
        }
        Some(number) => u32::try_from(number).or_else(|_| {
            mender.mend(format!("INTERVAL must be at most {}", u32::MAX), "read as that")?;
            Ok(u32::MAX)
        }),
    }
}

fn count(value: &str, mender: &mut Mender) -> Result<Option<u32>, RuleError> {
    match digits(value) {
        None => {
            mender.mend("COUNT must be a number from 1 on", "read as a rule without end")?;
            Ok(None)
        }
        Some(0) => {
            mender.mend("COUNT must be at least 1", "read as 1")?;
            Ok(Some(1))
        }
        Some(number) => match u32::try_from(number) {
            Ok(number) => Ok(Some(number)),
            Err(_) => {
                mender.mend(format!("COUNT must be at most {}", u32::MAX), "read as a rule without end")?;
                Ok(None)
            }
        },
    }
}

fn until(value: &str, mender: &mut Mender) -> Result<Option<DateOrTime>, RuleError> {
    if let Some(until) = moment(&value.to_ascii_uppercase()) {
        return Ok(Some(until));
    }
    let fault = "UNTIL must be a date (20261231) or a date-time (20261231T235959Z)";
    let compact: String =
        value.chars().filter(|c| !matches!(c, '-' | ':' | ' ')).collect::<String>().to_ascii_uppercase();
    let date = compact.get(..8).and_then(moment);
    let meant = moment(&compact).or(date);
    let repair = if meant.is_some() { "read as the date or time that is in it" } else { "read as a rule without end" };
    mender.mend(fault, repair)?;
    Ok(meant)
}

/// A date, a floating time, or one in UTC, but no other zone.
fn moment(text: &str) -> Option<DateOrTime> {
    if text.contains([':', '/']) {
        return None;
    }
    match text.parse().ok()? {
        DateOrTime::Zoned { zone, .. } if zone != Zone::utc() => None,
        moment => Some(moment),
    }
}

fn week_start(value: &str, mender: &mut Mender) -> Result<Option<Weekday>, RuleError> {
    let day = weekday_named(value);
    if day.is_none() {
        mender.mend(format!("WKST must be one of {WEEKDAY_HINT}"), "read as MO")?;
    }
    Ok(day)
}

struct Range {
    name: &'static str,
    low: i16,
    high: i16,
    signed: bool,
}

impl Range {
    fn holds(&self, number: i16) -> bool {
        let size = if self.signed { number.saturating_abs() } else { number };
        (self.low..=self.high).contains(&size)
    }

    fn sentence(&self) -> String {
        let Self { name, low, high, .. } = self;
        if self.signed {
            format!("{name} must hold numbers from {low} to {high} or -{high} to -{low}")
        } else {
            format!("{name} must hold numbers from {low} to {high}")
        }
    }
}

fn numbers(list: &mut Vec<i16>, range: Range, value: &str, mender: &mut Mender) -> Result<(), RuleError> {
    for text in value.split(',') {
        match signed(text).filter(|number| range.holds(*number) && (range.signed || !text.starts_with(['+', '-']))) {
            Some(number) => list.push(number),
            None => mender.mend(format!("{}, not \"{}\"", range.sentence(), short(text)), "the value is ignored")?,
        }
    }
    Ok(())
}

fn days(list: &mut Vec<NumberedDay>, value: &str, mender: &mut Mender) -> Result<(), RuleError> {
    for text in value.split(',') {
        let (number, name) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0));
        let numbered = if number.is_empty() { Some(0) } else { signed(number).filter(|n| (1..=53).contains(&n.abs())) };
        let day = match (numbered, weekday_named(name)) {
            (Some(number), Some(weekday)) => Some(NumberedDay { number, weekday }),
            _ => {
                let weekday = long_weekday(name);
                let repair = if weekday.is_some() { "read as the weekday in it" } else { "the value is ignored" };
                let fault = format!(
                    "BYDAY must hold weekdays ({WEEKDAY_HINT}) with or without a number from 1 to 53 or -53 to -1, not \"{}\"",
                    short(text)
                );
                mender.mend(fault, repair)?;
                weekday.map(|weekday| NumberedDay {
                    number: signed(number).filter(|n| n.abs() <= 53).unwrap_or(0),
                    weekday,
                })
            }
        };
        list.extend(day.filter(|day| !list.contains(day)));
    }
    Ok(())
}

/// `MON`, `Monday`.
fn long_weekday(name: &str) -> Option<Weekday> {
    if !name.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    name.get(..2).and_then(weekday_named)
}

fn digits(text: &str) -> Option<u64> {
    let all_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all_digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// A number with or without a sign, as RFC 5545 has it for the values of the BY parts.
fn signed(text: &str) -> Option<i16> {
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    let number: i16 = digits(bare)?.try_into().ok()?;
    Some(if text.starts_with('-') { -number } else { number })
}

fn sorted(mut list: Vec<i16>) -> Vec<i16> {
    list.sort_unstable();
    list.dedup();
    list
}

fn short(text: &str) -> String {
    text.chars().take(40).filter(|c| !c.is_control()).collect()
}
