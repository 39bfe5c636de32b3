//! What comes out.

use serde_json::json;

use super::{calendar, counts, event, export, import, lines, upload};
use crate::http::server::on_both;

#[tokio::test]
async fn an_export_is_a_file_with_a_name_and_a_tag() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        let calendars = ann.get("/api/calendars/").await.is(200);
        let path = format!("/api/calendars/{}/export/", calendars[0]["id"]);
        import(&ann, calendar(&event("one", "SUMMARY:Eins"))).await;
        let first = ann.get(&path).await;
        assert_eq!(first.status, 200);
        assert_eq!(first.header("content-type"), Some("text/calendar; charset=utf-8"));
        assert_eq!(first.header("content-disposition"), Some("attachment; filename=\"Calendar.ics\""));
        assert!(first.text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"), "{}", first.text);
        assert!(first.text.contains("\r\nX-WR-CALNAME:Calendar\r\n"), "{}", first.text);
        let has = ann.with("if-none-match", first.tag());
        let not_modified = has.get(&path).await;
        assert_eq!((not_modified.status, not_modified.text.as_str(), not_modified.tag()), (304, "", first.tag()));
        assert_eq!(ann.get(&path).await.text, first.text);
        import(&ann, calendar(&event("two", ""))).await;
        let second = has.get(&path).await;
        assert_eq!(second.status, 200);
        assert_ne!(second.tag(), first.tag());
        assert_eq!(server.user("bob").await.get(&path).await.status, 404);
        assert_eq!(server.stranger().get(&path).await.status, 401);
    })
    .await;
}

/// RFC 6266, RFC 8187: what a calendar of this name is called as a file.
#[tokio::test]
async fn a_file_name_is_safe_whatever_the_calendar_is_called() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        for (name, expected) in [
            ("Work 2026", "attachment; filename=\"Work 2026.ics\""),
            ("../../etc/passwd", "attachment; filename=\"_.._etc_passwd.ics\""),
            ("a\"b\\c;d%41", "attachment; filename=\"a_b_c_d_41.ics\""),
            ("Büro", "attachment; filename=\"B_ro.ics\"; filename*=UTF-8''B%C3%BCro.ics"),
            ("x\u{202e}sci.exe", "attachment; filename=\"x_sci.exe.ics\""),
            ("...", "attachment; filename=\"calendar.ics\""),
        ] {
            let made = ann.post("/api/calendars/", &json!({ "name": name })).await.is(201);
            let answer = ann.get(&format!("/api/calendars/{}/export/", made["id"])).await;
            assert_eq!(answer.header("content-disposition"), Some(expected), "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn all_events_are_exported_over_all_calendars() {
    on_both(async |server| {
        let ann = server.user("ann").await;
        let work = ann.post("/api/calendars/", &json!({ "name": "Work" })).await.is(201);
        import(&ann, calendar(&event("home", ""))).await;
        upload(&ann, &format!("/api/calendars/{}/import/", work["id"]), calendar(&event("work", ""))).await.is(200);
        let found = lines(&export(&ann).await);
        let uids: Vec<&String> = found.iter().filter(|line| line.starts_with("UID:")).collect();
        assert_eq!(uids, ["UID:home", "UID:work"]);
        let answer = ann.get("/api/events/export/").await;
        assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"ann.ics\""));
        assert!(export(&server.user("bob").await).await.ends_with("END:VCALENDAR\r\n"));
    })
    .await;
}

#[tokio::test]
async fn a_window_takes_the_events_with_time_in_it_whole() {
    let file = calendar(
        &[
            event("single", ""),
            event("series", "RRULE:FREQ=WEEKLY;COUNT=3"),
            event("gone", "RRULE:FREQ=DAILY;COUNT=14\nEXDATE:20260112T090000Z"),
        ]
        .concat(),
    );
    on_both(async |server| {
        let ann = server.user("ann").await;
        import(&ann, file.clone()).await;
        let uids = async |query: &str| {
            let answer = ann.get(&format!("/api/events/export/?{query}")).await;
            assert_eq!(answer.status, 200, "{answer:#?}");
            let found = lines(&answer.text);
            let uids = found.iter().filter_map(|line| line.strip_prefix("UID:")).map(str::to_owned);
            uids.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(uids("start=2026-01-12T00:00:00Z&end=2026-01-13T00:00:00Z").await, "series");
        assert_eq!(uids("start=2026-01-05T09:30:00Z&end=2026-01-05T09:31:00Z").await, "single series gone");
        assert_eq!(uids("start=2026-01-05T10:00:00Z&end=2026-01-06T00:00:00Z").await, "");
        assert_eq!(uids("end=2026-01-05T09:00:00Z").await, "");
        assert_eq!(uids("start=2026-01-12T10:00:00Z").await, "series gone");
        ann.get("/api/events/export/?start=2026-01-12T00:00:00Z&end=2026-01-12T00:00:00Z").await.names("end");
        ann.get("/api/events/export/?start=yesterday").await.names("start");
        ann.get("/api/events/export/?from=2026-01-12T00:00:00Z").await.names("from");
    })
    .await;
}

#[tokio::test]
async fn an_export_goes_in_again_as_it_is() {
    on_both(async |server| {
        let (ann, bob) = (server.user("ann").await, server.user("bob").await);
        import(&ann, include_bytes!("../../data/ical/rich.ics").to_vec()).await;
        let new = json!({ "title": "Ours, \"quoted\"; \\ and\nlines", "start_time": "2026-03-01T10:00:00", "end_time": "2026-03-01T11:00:00",
            "timezone": "America/New_York", "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=20"] });
        ann.post("/api/events/", &new).await.is(201);
        ann.post("/api/events/", &json!({ "title": "Day", "all_day": true, "start_date": "2026-05-01" })).await.is(201);
        let text = export(&ann).await;
        assert_eq!(counts(&import(&ann, text.clone()).await), [0, 0, 3, 0]);
        let elsewhere = import(&bob, text.clone()).await;
        assert_eq!((counts(&elsewhere), &elsewhere["warnings"]), ([3, 0, 0, 0], &json!([])));
        assert_eq!(export(&bob).await, text);
    })
    .await;
}
