//! The inside of a VTIMEZONE: whatever it says, the event that uses it is read, and means the same when it is written and read
//! again.

#![no_main]

use floors::ical::{CalendarHead, ReadContext, read, write};
use floors::limits::Limits;
use floors::time::Zone;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|inside: &[u8]| {
    let (zone, limits) = (Zone::utc(), Limits::default());
    let context = ReadContext { calendar_zone: &zone, limits: &limits };
    let mut file = b"BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Odd one\n".to_vec();
    file.extend_from_slice(inside);
    file.extend_from_slice(b"\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:u\nDTSTAMP:20260101T000000Z\n");
    file.extend_from_slice(b"DTSTART;TZID=Odd one:20260705T090000\nRRULE:FREQ=MONTHLY\nEND:VEVENT\nEND:VCALENDAR\n");
    let Ok(once) = read(&file, &context) else { return };
    for found in &once.objects {
        let master = found.object.representative();
        let start = master.start().expect("the start reads");
        let written = write(&CalendarHead::default(), [&found.object]);
        let again = read(written.as_bytes(), &context).expect("what was written is a calendar");
        assert_eq!(again.objects.len(), 1, "{written}");
        let same = again.objects[0].object.representative().start().expect("the start reads");
        assert_eq!(start, same, "{written}");
        assert_eq!(start.instant(&zone), same.instant(&zone), "{written}");
    }
});
