//! Any bytes: they are read without a panic, in whatever pieces they come, and what was read is the same again when it is
//! written and read.

#![no_main]

use floors::ical::{
    CLOSING, CalendarHead, CalendarObject, ReadCalendar, ReadContext, ZoneUses, push_stored, read, read_pieces, write,
};
use floors::limits::Limits;
use floors::time::Zone;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (zone, limits) = (Zone::utc(), Limits { recurrence_work: 10_000, ..Limits::default() });
    let context = ReadContext { calendar_zone: &zone, limits: &limits };
    let once = read(bytes, &context);
    let size = bytes.first().map_or(1, |byte| usize::from(*byte) % 7 + 1);
    let pieces = read_pieces(bytes.chunks(size), &context);
    assert_eq!(once.as_ref().map(told), pieces.as_ref().map(told), "in pieces of {size}");
    let Ok(once) = once else { return };
    let written = write(&CalendarHead::default(), once.objects.iter().map(|read| &read.object));
    assert!(written.split("\r\n").all(|line| line.len() <= 75), "{written}");
    let again = read(written.as_bytes(), &context).expect("what was written is a calendar");
    assert!(again.errors.is_empty(), "{:?} {written}", again.errors);
    assert_eq!(texts(&once), texts(&again), "{written}");
    assert_eq!(as_stored(&once), written);
    for object in &once.objects {
        let text = object.object.to_text();
        assert_eq!(CalendarObject::from_text(&text).expect("what was stored is an object").to_text(), text);
        if let Ok(source) = object.object.busy_source(&limits) {
            source.set.bounds();
        }
    }
});

fn texts(read: &ReadCalendar) -> Vec<String> {
    read.objects.iter().map(|read| read.object.to_text()).collect()
}

/// All that is told of a file.
fn told(read: &ReadCalendar) -> (Vec<String>, String) {
    (texts(read), format!("{:?} {:?} {:?} {:?}", read.errors, read.warnings, read.ignored_components, read.name))
}

/// The same objects written from what is stored of them.
fn as_stored(read: &ReadCalendar) -> String {
    let (mut zones, mut body) = (ZoneUses::default(), String::new());
    for text in texts(read) {
        zones.note_stored(&text).expect("what was read can be stored");
        push_stored(&mut body, &text).expect("what was read can be stored");
    }
    CalendarHead::default().opening(&zones) + &body + CLOSING
}
