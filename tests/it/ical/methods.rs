//! What METHOD says of the events of a file (RFC 5546 section 3.2).

use convene::freebusy::Status;
use convene::ical::{Method, ReadCalendar};

use super::reading::read_bytes;

fn message(method: &str, events: &[&str]) -> ReadCalendar {
    let events = events.iter().map(|lines| {
        format!("BEGIN:VEVENT\nUID:u\nDTSTAMP:20260101T000000Z\nDTSTART:20260105T090000Z\n{lines}END:VEVENT\n")
    });
    let events: String = events.collect();
    read_bytes(format!("BEGIN:VCALENDAR\nMETHOD:{method}\n{events}END:VCALENDAR\n").as_bytes())
}

fn statuses(read: &ReadCalendar) -> Vec<Status> {
    let object = &read.objects[0].object;
    object.master().into_iter().chain(object.overrides()).map(|event| event.status()).collect()
}

#[test]
fn what_is_cancelled_says_so_itself() {
    let read = message("cancel", &[""]);
    assert_eq!((statuses(&read), read.objects[0].method), (vec![Status::Cancelled], Method::Cancellation));
    assert!(read.warnings.iter().any(|warning| warning.message.contains("cancelled")), "{:?}", read.warnings);
    assert_eq!(statuses(&message("CANCEL", &["STATUS:CONFIRMED\n"])), [Status::Cancelled]);
    assert_eq!(statuses(&message("CANCEL", &["RECURRENCE-ID:20260105T090000Z\n"])), [Status::Cancelled]);
    for method in ["PUBLISH", "REQUEST", "REPLY", "COUNTER", "X-CANCEL"] {
        assert_eq!(statuses(&message(method, &[""])), [Status::Confirmed], "{method}");
    }
    assert_eq!(statuses(&message("PUBLISH", &["STATUS:CANCELED\n"])), [Status::Cancelled]);
}

#[test]
fn an_answer_is_no_version_of_what_is_there() {
    assert_eq!(message("REPLY", &[""]).objects[0].method, Method::Answer);
    assert_eq!(message("PUBLISH", &[""]).objects[0].method, Method::Version);
    let event = |method: &str, more: &str| {
        format!(
            "BEGIN:VCALENDAR\nMETHOD:{method}\nBEGIN:VEVENT\nUID:u\nDTSTART:20260105T090000Z\n{more}END:VEVENT\nEND:VCALENDAR\n"
        )
    };
    let both = event("REQUEST", "DTSTAMP:20260101T000000Z\nSUMMARY:ours\n")
        + &event("REPLY", "DTSTAMP:20260102T000000Z\nATTENDEE;PARTSTAT=DECLINED:mailto:b@x.example\n");
    let read = read_bytes(both.as_bytes());
    assert!(read.objects[0].object.to_text().contains("SUMMARY:ours"));
    assert!(!read.objects[0].object.to_text().contains("DECLINED"));
}

#[test]
fn what_is_added_is_an_occurrence_of_its_own() {
    let read = message("ADD", &["DTEND:20260105T100000Z\n"]);
    assert!(!read.objects[0].object.has_master());
    assert!(read.objects[0].object.to_text().contains("RECURRENCE-ID:20260105T090000Z"));
}

#[test]
fn an_override_without_times_lasts_as_long_as_the_others() {
    let file = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTART:20260105T090000Z\nDTEND:20260105T103000Z\nRRULE:FREQ=DAILY\n\
        END:VEVENT\nBEGIN:VEVENT\nUID:u\nRECURRENCE-ID:20260106T090000Z\nSUMMARY:other\nEND:VEVENT\nEND:VCALENDAR\n";
    let read = read_bytes(file.as_bytes());
    let single = read.objects[0].object.overrides().next().unwrap().end().unwrap();
    assert_eq!(single.to_string(), "20260106T103000Z");
}
