#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::Rule;

#[track_caller]
fn refused(text: &str, sentence: &str) {
    let error = Rule::parse(text).expect_err(text).to_string();
    assert!(error.contains(sentence), "{text}: {error}");
}

#[track_caller]
fn canonical(text: &str, expected: &str) {
    let rule = Rule::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(rule.to_string(), expected);
    assert_eq!(Rule::parse(expected).unwrap(), rule);
    assert_eq!(serde_json::from_str::<Rule>(&serde_json::to_string(&rule).unwrap()).unwrap(), rule);
}

#[track_caller]
fn repaired(text: &str, expected: &str, warnings: &[&str]) {
    let (rule, found) = Rule::repair(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(rule.to_string(), expected);
    assert_eq!(found.len(), warnings.len(), "{found:?}");
    for (sentence, part) in found.iter().zip(warnings) {
        assert!(sentence.contains(part), "{sentence}");
    }
    if !warnings.is_empty() {
        Rule::parse(text).expect_err("strict reading mends nothing");
    }
}

#[test]
fn canonical_text_has_one_order_and_no_defaults() {
    canonical("FREQ=DAILY", "FREQ=DAILY");
    canonical("INTERVAL=1;WKST=MO;FREQ=WEEKLY;BYDAY=WE,MO,MO", "FREQ=WEEKLY;BYDAY=MO,WE");
    canonical("freq=monthly;byday=-1fr,+2MO;bysetpos=-1", "FREQ=MONTHLY;BYDAY=-1FR,2MO;BYSETPOS=-1");
    canonical("FREQ=YEARLY;UNTIL=20261231", "FREQ=YEARLY;UNTIL=20261231");
    canonical("FREQ=YEARLY;UNTIL=20261231T120000", "FREQ=YEARLY;UNTIL=20261231T120000");
    canonical("FREQ=YEARLY;UNTIL=20261231T120000Z;INTERVAL=3", "FREQ=YEARLY;UNTIL=20261231T120000Z;INTERVAL=3");
    canonical("FREQ=MINUTELY;BYHOUR=9,8;COUNT=007", "FREQ=MINUTELY;COUNT=7;BYHOUR=8,9");
    canonical("RSCALE=GREGORIAN;SKIP=OMIT;FREQ=YEARLY", "FREQ=YEARLY");
    canonical("FREQ=MONTHLY;BYDAY=-5MO", "FREQ=MONTHLY;BYDAY=-5MO");
    canonical("FREQ=MONTHLY;BYDAY=MO;BYHOUR=1,2;BYSETPOS=40", "FREQ=MONTHLY;BYDAY=MO;BYHOUR=1,2;BYSETPOS=40");
    // No leap seconds here, so 60 is 59 (RFC 5545 section 3.3.12).
    canonical("FREQ=MINUTELY;BYSECOND=60", "FREQ=MINUTELY;BYSECOND=59");
}

#[test]
fn what_rfc_5545_forbids_is_refused_by_name() {
    refused("", "empty part");
    refused("INTERVAL=2", "FREQ is missing");
    refused("FREQ=FORTNIGHTLY", "FREQ must be");
    refused("FREQ=DAILY;", "stray semicolon");
    refused("FREQ=DAILY; COUNT=2", "space");
    refused("FREQ", "NAME=VALUE");
    refused("RRULE:FREQ=DAILY", "begins with RRULE:");
    refused("FREQ=DAILY;FREQ=DAILY", "FREQ is given twice");
    refused("FREQ=DAILY;INTERVAL=0", "INTERVAL must be at least 1");
    refused("FREQ=DAILY;INTERVAL=-1", "INTERVAL must be at least 1");
    refused("FREQ=DAILY;INTERVAL=99999999999999999999", "INTERVAL must be at most");
    refused("FREQ=DAILY;COUNT=0", "COUNT must be at least 1");
    refused("FREQ=DAILY;COUNT=x", "COUNT must be a number");
    refused("FREQ=DAILY;COUNT=1;UNTIL=20260101", "COUNT and UNTIL");
    refused("FREQ=DAILY;UNTIL=2026-01-01", "UNTIL must be");
    refused("FREQ=DAILY;UNTIL=Europe/Berlin:20260101T000000", "UNTIL must be");
    refused("FREQ=DAILY;UNTIL=20260230", "UNTIL must be");
    refused("FREQ=WEEKLY;BYDAY=1MO", "BYDAY with a number needs FREQ=MONTHLY or YEARLY");
    refused("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "BYDAY with a number cannot stand with BYWEEKNO");
    refused("FREQ=YEARLY;BYDAY=54MO", "BYDAY must hold");
    refused("FREQ=YEARLY;BYDAY=0MO", "BYDAY must hold");
    refused("FREQ=YEARLY;BYDAY=XX", "BYDAY must hold");
    refused("FREQ=YEARLY;BYDAY=", "BYDAY must hold");
    refused("FREQ=MONTHLY;BYWEEKNO=1", "BYWEEKNO needs FREQ=YEARLY");
    for frequency in ["DAILY", "WEEKLY", "MONTHLY"] {
        refused(&format!("FREQ={frequency};BYYEARDAY=1"), "BYYEARDAY cannot stand with FREQ=");
    }
    refused("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY cannot stand with FREQ=WEEKLY");
    refused("FREQ=DAILY;BYSETPOS=1", "BYSETPOS needs another BY part");
    for (part, sentence) in [
        ("BYMONTH=13", "BYMONTH must hold numbers from 1 to 12"),
        ("BYMONTH=-1", "BYMONTH must hold"),
        ("BYMONTH=5L", "BYMONTH must hold"),
        ("BYWEEKNO=54", "BYWEEKNO must hold numbers from 1 to 53 or -53 to -1"),
        ("BYYEARDAY=0", "BYYEARDAY must hold"),
        ("BYYEARDAY=-367", "BYYEARDAY must hold"),
        ("BYMONTHDAY=32", "BYMONTHDAY must hold"),
        ("BYHOUR=24", "BYHOUR must hold numbers from 0 to 23"),
        ("BYMINUTE=60", "BYMINUTE must hold"),
        ("BYSECOND=61", "BYSECOND must hold numbers from 0 to 60"),
        ("BYMONTH=1;BYSETPOS=367", "BYSETPOS must hold"),
        ("BYMONTH=1;BYSETPOS=99999999999", "BYSETPOS must hold"),
        ("WKST=XX", "WKST must be"),
        ("RSCALE=HEBREW", "RSCALE=HEBREW is not supported"),
        ("RSCALE=GREGORIAN;SKIP=FORWARD", "SKIP=FORWARD is not supported"),
        ("X-FOO=1", "X-FOO is not a part of a rule"),
        ("BYEASTER=0", "BYEASTER is not a part of a rule"),
    ] {
        refused(&format!("FREQ=YEARLY;{part}"), sentence);
    }
    refused(&format!("FREQ=DAILY;BYHOUR={}", "1,".repeat(9_000)), "longer than");
}

#[test]
fn imports_are_read_as_meant() {
    repaired("freq=daily", "FREQ=DAILY", &[]);
    repaired("RRULE:FREQ=DAILY", "FREQ=DAILY", &["begins with RRULE:"]);
    repaired("FREQ=WEEKLY;BYDAY=1MO", "FREQ=WEEKLY;BYDAY=MO", &["plain weekday"]);
    repaired("FREQ=WEEKLY;BYDAY=1MO,MO", "FREQ=WEEKLY;BYDAY=MO", &["plain weekday"]);
    repaired("FREQ=DAILY;INTERVAL=0;", "FREQ=DAILY", &["read as 1", "stray semicolon"]);
    repaired("FREQ=DAILY;X-EVOLUTION-ENDDATE=20260101", "FREQ=DAILY", &["X-EVOLUTION-ENDDATE is not a part"]);
    repaired("FREQ=DAILY;COUNT=5;UNTIL=20260105", "FREQ=DAILY;UNTIL=20260105", &["UNTIL counts"]);
    repaired("FREQ=DAILY;COUNT=-1", "FREQ=DAILY", &["without end"]);
    repaired("FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=1", &["read as 1"]);
    repaired(
        "FREQ=DAILY;UNTIL=2026-01-05T09:00:00Z",
        "FREQ=DAILY;UNTIL=20260105T090000Z",
        &["date or time that is in it"],
    );
    repaired("FREQ=DAILY;UNTIL=20260105T250000Z", "FREQ=DAILY;UNTIL=20260105", &["date or time that is in it"]);
    repaired("FREQ=DAILY;UNTIL=", "FREQ=DAILY", &["without end"]);
    repaired(
        "FREQ=WEEKLY;BYDAY=MO, WED,xyz",
        "FREQ=WEEKLY;BYDAY=MO,WE",
        &["a space in a part", "weekday in it", "ignored"],
    );
    repaired("FREQ=WEEKLY;BYDAY=MO;BYDAY=TU", "FREQ=WEEKLY;BYDAY=MO,TU", &["twice"]);
    repaired("FREQ=WEEKLY;BYMONTHDAY=3;BYHOUR=9,99", "FREQ=WEEKLY;BYHOUR=9", &["ignored", "BYMONTHDAY is ignored"]);
    repaired("FREQ=MONTHLY;BYSETPOS=1", "FREQ=MONTHLY", &["BYSETPOS is ignored"]);
    repaired("FREQ=DAILY;;NONSENSE; WKST=SU", "FREQ=DAILY;WKST=SU", &["stray", "NAME=VALUE", "space"]);
    assert!(Rule::repair("FREQ=DAILY;RSCALE=CHINESE").unwrap_err().to_string().contains("RSCALE"));
    assert!(Rule::repair("COUNT=3").unwrap_err().to_string().contains("FREQ is missing"));
}

proptest::proptest! {
    /// No text crashes either reader, and what the mending reader makes is a rule to the strict one.
    #[test]
    fn any_text_is_read_or_refused(text in "(FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY|HOURLY);)?([A-Za-z]{1,9}=?[-+0-9A-Z,;é]{0,9};?){0,6}") {
        let _strict = Rule::parse(&text);
        if let Ok((rule, _)) = Rule::repair(&text) {
            proptest::prop_assert_eq!(Rule::parse(&rule.to_string()).unwrap(), rule);
        }
    }

    #[test]
    fn any_known_part_is_read_or_refused(
        parts in proptest::collection::vec(("(FREQ|INTERVAL|COUNT|UNTIL|WKST|BYDAY|BYMONTH|BYSETPOS|BYHOUR|BYWEEKNO)", "[-+]?[0-9]{0,8}(MO|,SU|Z|T1200|é)?"), 0..6)
    ) {
        let text: String = parts.iter().map(|(name, value)| format!("{name}={value};")).collect();
        let text = format!("{text}FREQ=YEARLY");
        if let Ok((rule, _)) = Rule::repair(&text) {
            proptest::prop_assert_eq!(Rule::parse(&rule.to_string()).unwrap(), rule);
        }
    }
}
