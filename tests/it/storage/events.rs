use convene::ids::{CalendarId, EventId};
use convene::storage::events::{self, Blocks, EventFilter, EventIndex, EventRow, PageSize};
use convene::storage::{Conn, Constraint, LastEnd, StorageError};

use super::{an_event, at, jan, new_calendar, new_user, now};
use crate::databases::for_each_database;

/// A series with all that an index can say.
fn a_series(calendar: CalendarId, uid: &str) -> EventRow {
    EventRow {
        calendar_id: calendar,
        uid: uid.to_owned(),
        object: "BEGIN:VCALENDAR\r\nSUMMARY:Käse 🧀\r\nEND:VCALENDAR\r\n".to_owned(),
        index: EventIndex {
            first_start: jan("05 09:00"),
            last_end: LastEnd::Endless,
            blocks: Blocks::Tentative,
            transparent: true,
            sequence: 7,
            source: Some(r#"{"set":1}"#.to_owned()),
            title: "Käse 🧀".to_owned(),
            search_text: "käse 🧀 100%_\\ käse".to_owned(),
        },
        updated_at: jan("02 00:00"),
    }
}

async fn calendar_of_alice(conn: &mut Conn) -> CalendarId {
    let alice = new_user(conn, "alice").await;
    new_calendar(conn, alice).await
}

#[tokio::test]
async fn an_event_comes_back_as_it_was_stored() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let alice = new_user(&mut conn, "alice").await;
        let calendar = new_calendar(&mut conn, alice).await;
        let row = a_series(calendar, "u@x");
        let id = events::insert(&mut conn, &row).await.unwrap();
        let event = events::by_id(&mut conn, id).await.unwrap().unwrap();
        assert_eq!((event.id, event.calendar_id, event.user_id, event.version), (id, calendar, alice, 1));
        assert_eq!((&event.uid, &event.object, &event.index), (&row.uid, &row.object, &row.index));
        assert_eq!((event.created_at, event.updated_at), (jan("02 00:00"), jan("02 00:00")));
        assert_eq!(events::by_uid(&mut conn, calendar, "u@x").await.unwrap(), Some(event));
        assert_eq!(events::by_uid(&mut conn, calendar, "U@X").await.unwrap(), None);
        assert_eq!(events::by_id(&mut conn, EventId(99)).await.unwrap(), None);
        assert_eq!(events::count(&mut conn, alice).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn fractions_of_a_microsecond_widen_an_event() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let calendar = calendar_of_alice(&mut conn).await;
        let row = an_event(calendar, "1", at("1969-12-31T23:59:59.0000019Z"), at("1969-12-31T23:59:59.0000021Z"));
        let id = events::insert(&mut conn, &row).await.unwrap();
        let index = events::by_id(&mut conn, id).await.unwrap().unwrap().index;
        assert_eq!(index.first_start, at("1969-12-31T23:59:59.000001Z"));
        assert_eq!(index.last_end, LastEnd::At(at("1969-12-31T23:59:59.000003Z")));
    })
    .await;
}

#[tokio::test]
async fn a_uid_is_unique_in_its_calendar() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let first = calendar_of_alice(&mut conn).await;
        let bob = new_user(&mut conn, "bob").await;
        let second = new_calendar(&mut conn, bob).await;
        events::insert(&mut conn, &a_series(first, "u")).await.unwrap();
        events::insert(&mut conn, &a_series(first, "U")).await.unwrap();
        events::insert(&mut conn, &a_series(second, "u")).await.unwrap();
        conn.commit().await.unwrap();
        let mut conn = db.write().await.unwrap();
        let twice = events::insert(&mut conn, &a_series(first, "u")).await;
        assert!(matches!(twice, Err(StorageError::Unique(Constraint::EventUid))), "{twice:?}");
        drop(conn);
        let mut conn = db.write().await.unwrap();
        let orphan = events::insert(&mut conn, &a_series(CalendarId(99), "u")).await;
        assert!(matches!(orphan, Err(StorageError::Orphan)), "{orphan:?}");
    })
    .await;
}

#[tokio::test]
async fn an_update_replaces_everything_and_counts() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let calendar = calendar_of_alice(&mut conn).await;
        let bob = new_user(&mut conn, "bob").await;
        let elsewhere = new_calendar(&mut conn, bob).await;
        let row = an_event(calendar, "1", jan("05 09:00"), jan("05 10:00"));
        let id = events::insert(&mut conn, &row).await.unwrap();
        let next = a_series(elsewhere, "2");
        assert_eq!(events::update(&mut conn, id, &next).await.unwrap(), Some(2));
        let event = events::by_id(&mut conn, id).await.unwrap().unwrap();
        assert_eq!((event.calendar_id, event.user_id, event.version), (elsewhere, bob, 2));
        assert_eq!((event.uid, event.object, event.index), (next.uid.clone(), next.object.clone(), next.index.clone()));
        assert_eq!((event.created_at, event.updated_at), (now(), next.updated_at));
        assert_eq!(events::update(&mut conn, EventId(99), &next).await.unwrap(), None);
        assert!(events::delete(&mut conn, id).await.unwrap());
        assert!(!events::delete(&mut conn, id).await.unwrap());
        assert_eq!(events::by_id(&mut conn, id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn thousands_are_added_or_replaced_in_one_go() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let alice = new_user(&mut conn, "alice").await;
        let calendar = new_calendar(&mut conn, alice).await;
        let many = |range: std::ops::Range<i32>| {
            range.map(|n| a_series(calendar, &format!("uid {n}"))).collect::<Vec<EventRow>>()
        };
        events::upsert_all(&mut conn, &[]).await.unwrap();
        events::upsert_all(&mut conn, &many(0..1_001)).await.unwrap();
        let mut again = many(1_000..1_002);
        again[0].object = "changed".to_owned();
        again[0].index.sequence = 8;
        again[0].updated_at = jan("03 00:00");
        events::upsert_all(&mut conn, &again).await.unwrap();
        assert_eq!(events::count(&mut conn, alice).await.unwrap(), 1_002);
        let event = events::by_uid(&mut conn, calendar, "uid 1000").await.unwrap().unwrap();
        assert_eq!((event.object.as_str(), event.index.sequence, event.version), ("changed", 8, 2));
        assert_eq!((event.created_at, event.updated_at), (jan("02 00:00"), jan("03 00:00")));
        let event = events::by_uid(&mut conn, calendar, "uid 999").await.unwrap().unwrap();
        assert_eq!((event.version, event.index), (1, a_series(calendar, "").index));
    })
    .await;
}

#[tokio::test]
async fn known_objects_are_found_by_uid_and_page_by_page() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let calendar = calendar_of_alice(&mut conn).await;
        let uids: Vec<String> = (0..1_203).map(|n| format!("uid {n}")).collect();
        let rows: Vec<EventRow> = uids.iter().map(|uid| a_series(calendar, uid)).collect();
        events::upsert_all(&mut conn, &rows).await.unwrap();
        let mut asked: Vec<&str> = uids.iter().map(String::as_str).collect();
        asked.push("unheard of");
        let mut found = events::known(&mut conn, calendar, &asked).await.unwrap();
        found.sort_by_key(|known| known.id);
        assert_eq!(found.len(), 1_203);
        assert_eq!((found[0].sequence, &found[0].object), (7, &rows[0].object));
        assert_eq!(events::known(&mut conn, CalendarId(99), &asked).await.unwrap(), []);
        assert_eq!(events::known(&mut conn, calendar, &[]).await.unwrap(), []);
        let all: String = found.iter().map(|known| known.object.as_str()).collect();
        let one = rows[0].object.len();
        for (rows, bytes, most) in [(500, usize::MAX, 500), (500, 10 * one, 10), (500, 1, 1), (7, 1 << 20, 7)] {
            let (mut text, mut after) = (String::new(), None);
            while let Some(page) = events::texts(&mut conn, calendar, after, PageSize { rows, bytes }).await.unwrap() {
                assert!(page.text.len() <= most * (one + 3), "{}", page.text.len());
                after = Some(page.last);
                text.push_str(&page.text);
            }
            assert_eq!(text, all);
        }
    })
    .await;
}

#[tokio::test]
async fn a_list_is_filtered_by_words_and_transparency() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let calendar = calendar_of_alice(&mut conn).await;
        events::insert(&mut conn, &a_series(calendar, "series")).await.unwrap();
        let plain = an_event(calendar, "plain", jan("05 09:00"), jan("05 10:00"));
        events::insert(&mut conn, &plain).await.unwrap();
        let all = EventFilter {
            calendars: vec![calendar],
            window: None,
            text: None,
            transparent: None,
            after: None,
            limit: 10,
        };
        let mut uids = async |filter: EventFilter| {
            let found = events::page(&mut conn, &filter).await.unwrap();
            found.into_iter().map(|event| event.uid).collect::<Vec<_>>()
        };
        let mut with = async |text: &str| uids(EventFilter { text: Some(text.to_owned()), ..all.clone() }).await;
        assert_eq!(with("KÄSE").await, ["series"]);
        assert_eq!(with("title OF").await, ["plain"]);
        assert_eq!(with("0%_\\").await, ["series"]);
        assert_eq!(with("t_tle").await, [""; 0]);
        assert_eq!(with("%").await, ["series"]);
        assert_eq!(with("").await, ["series", "plain"]);
        assert_eq!(uids(EventFilter { transparent: Some(true), ..all.clone() }).await, ["series"]);
        assert_eq!(uids(EventFilter { transparent: Some(false), ..all.clone() }).await, ["plain"]);
        assert_eq!(uids(EventFilter { calendars: vec![], ..all.clone() }).await, [""; 0]);
        assert_eq!(uids(EventFilter { calendars: vec![CalendarId(99)], ..all }).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let alice = new_user(&mut conn, "alice").await;
        let calendars = [new_calendar(&mut conn, alice).await, new_calendar(&mut conn, alice).await];
        for n in 0..50_usize {
            let start = jan(&format!("{:02} 09:00", 1 + (n * 7) % 10));
            let row = an_event(calendars[n % 2], &n.to_string(), start, jan("20 00:00"));
            events::insert(&mut conn, &row).await.unwrap();
        }
        let mut filter = EventFilter {
            calendars: calendars.to_vec(),
            window: Some(super::window(jan("01 00:00"), jan("20 00:00"))),
            text: None,
            transparent: None,
            after: None,
            limit: 100,
        };
        let whole = events::page(&mut conn, &filter).await.unwrap();
        assert!(whole.is_sorted_by_key(|event| (event.index.first_start, event.id)) && whole.len() == 50);
        for window in [filter.window, None] {
            (filter.window, filter.limit, filter.after) = (window, 7, None);
            let mut paged = Vec::new();
            loop {
                let page = events::page(&mut conn, &filter).await.unwrap();
                let Some(last) = page.last() else { break };
                filter.after = Some(last.cursor());
                paged.extend(page);
            }
            assert_eq!(paged, whole);
        }
    })
    .await;
}
