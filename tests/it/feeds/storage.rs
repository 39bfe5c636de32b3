//! The contract of the stored feeds.

use convene::ids::{CalendarId, FeedId, UserId};
use convene::storage::calendars::{self, CalendarKind, CalendarTraits, NewCalendar};
use convene::storage::events::{self, Blocks, EventIndex, EventRow};
use convene::storage::feeds::{self, Detail, Feed, Near, NewFeed, Uses};
use convene::storage::{Conn, Constraint, LastEnd, StorageError, TokenHash, accounts};
use convene::time::{Days, Period, Time, Timestamp, Zone};

use crate::databases::for_each_database;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-01-01T00:00:00Z")
}

async fn user(conn: &mut Conn, name: &str) -> UserId {
    let profile = accounts::Profile {
        username: name.to_owned(),
        username_key: name.to_owned(),
        email: format!("{name}@example.org"),
        email_key: format!("{name}@example.org"),
        timezone: Zone::iana("Europe/Berlin").unwrap(),
        work_start: Time::constant(9, 0, 0, 0),
        work_end: Time::constant(17, 0, 0, 0),
        work_days: Days::ALL,
        free_busy_visibility: accounts::Visibility::Users,
    };
    accounts::insert(conn, &profile, &accounts::PasswordHash("x".to_owned()), now()).await.unwrap()
}

async fn calendar(conn: &mut Conn, user_id: UserId) -> CalendarId {
    let traits = CalendarTraits {
        name: "Calendar".to_owned(),
        color: "#336699".to_owned(),
        description: String::new(),
        timezone: Zone::utc(),
        counts_as_busy: true,
    };
    let new = NewCalendar { user_id, is_default: false, kind: CalendarKind::Local, traits, created_at: now() };
    calendars::insert(conn, &new).await.unwrap()
}

fn a_feed(user_id: UserId, secret: u8, calendars: Option<Vec<CalendarId>>) -> NewFeed {
    NewFeed {
        user_id,
        name: format!("feed {secret}"),
        detail: Detail::Busy,
        calendars,
        secret_hash: TokenHash([secret; 32]),
        uid_key: TokenHash([100 + secret; 32]),
        created_at: now(),
    }
}

async fn event(conn: &mut Conn, calendar_id: CalendarId, uid: &str, start: &str, end: LastEnd) {
    events::insert(conn, &row(calendar_id, uid, index(uid, start, end))).await.unwrap();
}

fn index(uid: &str, start: &str, last_end: LastEnd) -> EventIndex {
    EventIndex {
        first_start: at(start),
        last_end,
        blocks: Blocks::Tentative,
        transparent: false,
        sequence: 7,
        source: Some(format!("sourc\n\u{e9} of {uid}")),
        title: uid.to_owned(),
        search_text: uid.to_owned(),
    }
}

fn row(calendar_id: CalendarId, uid: &str, index: EventIndex) -> EventRow {
    EventRow { calendar_id, uid: uid.to_owned(), object: format!("object of {uid}"), index, updated_at: now() }
}

#[tokio::test]
async fn a_secret_leads_to_its_feed_and_the_versions_of_its_calendars() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let (alice, bob) = (user(&mut conn, "alice").await, user(&mut conn, "bob").await);
        let (one, two) = (calendar(&mut conn, alice).await, calendar(&mut conn, alice).await);
        calendar(&mut conn, bob).await;
        let all = feeds::insert(&mut conn, &a_feed(alice, 1, None)).await.unwrap();
        let some = feeds::insert(&mut conn, &a_feed(alice, 2, Some(vec![two, two]))).await.unwrap();
        calendars::lock(&mut conn, two).await.unwrap();
        let found = feeds::by_secret_hash(&mut conn, TokenHash([1; 32])).await.unwrap().unwrap();
        assert_eq!((found.id, found.user_id, found.version, found.state.as_str()), (all, alice, 1, ""));
        assert_eq!((found.name.as_str(), found.detail, found.uid_key), ("feed 1", Detail::Busy, TokenHash([101; 32])));
        assert_eq!((found.timezone.name(), found.email_key.as_str()), ("Europe/Berlin", "alice@example.org"));
        assert_eq!((found.calendars, found.state_since), (format!("{one}:1 {two}:2"), now()));
        let found = feeds::by_secret_hash(&mut conn, TokenHash([2; 32])).await.unwrap().unwrap();
        assert_eq!((found.id, found.calendars), (some, format!("{two}:2")));
        assert_eq!(feeds::by_secret_hash(&mut conn, TokenHash([3; 32])).await.unwrap(), None);

        let three = calendar(&mut conn, alice).await;
        calendars::delete(&mut conn, two).await.unwrap();
        let found = feeds::by_secret_hash(&mut conn, TokenHash([1; 32])).await.unwrap().unwrap();
        assert_eq!(found.calendars, format!("{one}:1 {three}:1"));
        let found = feeds::by_secret_hash(&mut conn, TokenHash([2; 32])).await.unwrap().unwrap();
        assert_eq!(found.calendars, "");
        let listed = feeds::calendars(&mut conn, alice).await.unwrap();
        let listed: Vec<_> = listed.iter().map(|entry| (entry.feed_id, entry.calendar_id)).collect();
        assert_eq!(listed, [(all, one), (all, three)]);
        let twice = feeds::insert(&mut conn, &a_feed(bob, 1, None)).await;
        assert!(matches!(twice, Err(StorageError::Unique(Constraint::FeedSecret))), "{twice:?}");
    })
    .await;
}

#[tokio::test]
async fn feeds_are_listed_counted_rotated_and_removed() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let (alice, bob) = (user(&mut conn, "alice").await, user(&mut conn, "bob").await);
        let one = feeds::insert(&mut conn, &a_feed(alice, 1, None)).await.unwrap();
        let other = feeds::insert(&mut conn, &a_feed(bob, 2, None)).await.unwrap();
        let listed = feeds::list(&mut conn, alice).await.unwrap();
        let expected = Feed {
            id: one,
            user_id: alice,
            name: "feed 1".to_owned(),
            detail: Detail::Busy,
            all_calendars: true,
            created_at: now(),
            use_count: 0,
            last_used_at: None,
            last_used_by: None,
        };
        assert_eq!(listed, std::slice::from_ref(&expected));
        assert_eq!(feeds::by_id(&mut conn, one).await.unwrap(), Some(expected));
        assert_eq!(feeds::by_id(&mut conn, FeedId(99)).await.unwrap(), None);
        assert_eq!(feeds::count(&mut conn, alice).await.unwrap(), 1);
        assert!(!feeds::rotate(&mut conn, alice, other, TokenHash([9; 32])).await.unwrap());
        assert!(feeds::rotate(&mut conn, alice, one, TokenHash([9; 32])).await.unwrap());
        assert_eq!(feeds::by_secret_hash(&mut conn, TokenHash([1; 32])).await.unwrap(), None);
        assert_eq!(feeds::by_secret_hash(&mut conn, TokenHash([9; 32])).await.unwrap().unwrap().version, 2);
        assert!(!feeds::delete(&mut conn, alice, other).await.unwrap());
        assert!(feeds::delete(&mut conn, alice, one).await.unwrap());
        assert_eq!(feeds::by_secret_hash(&mut conn, TokenHash([9; 32])).await.unwrap(), None);
        assert_eq!(feeds::list(&mut conn, alice).await.unwrap(), []);
        accounts::delete(&mut conn, bob).await.unwrap();
        assert_eq!(feeds::by_id(&mut conn, other).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn states_and_uses_are_noted() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let alice = user(&mut conn, "alice").await;
        let id = feeds::insert(&mut conn, &a_feed(alice, 1, None)).await.unwrap();
        for (state, since, noted) in [("a", "05", "05"), ("a", "06", "05"), ("b", "07", "07")] {
            feeds::note_state(&mut conn, id, state, at(&format!("2026-01-{since}T00:00:00Z"))).await.unwrap();
            let found = feeds::by_secret_hash(&mut conn, TokenHash([1; 32])).await.unwrap().unwrap();
            assert_eq!((found.state.as_str(), found.state_since), (state, at(&format!("2026-01-{noted}T00:00:00Z"))));
        }
        for (day, agent, count, last) in [
            ("05", Some("a"), 2, ("05", Some("a"))),
            ("04", Some("late"), 4, ("05", Some("a"))),
            ("06", None, 6, ("06", None)),
        ] {
            let last_at = at(&format!("2026-01-{day}T00:00:00Z"));
            let uses = Uses { count: 2, last_at, last_by: agent.map(str::to_owned) };
            feeds::note_uses(&mut conn, id, &uses).await.unwrap();
            let feed = feeds::by_id(&mut conn, id).await.unwrap().unwrap();
            assert_eq!((feed.use_count, feed.last_used_by.as_deref()), (count, last.1));
            assert_eq!(feed.last_used_at, Some(at(&format!("2026-01-{}T00:00:00Z", last.0))));
        }
        feeds::note_uses(&mut conn, FeedId(99), &Uses { count: 1, last_at: now(), last_by: None }).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn events_near_a_window_come_in_pages_each_with_the_face_that_is_wanted() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let alice = user(&mut conn, "alice").await;
        let (one, other) = (calendar(&mut conn, alice).await, calendar(&mut conn, alice).await);
        let ended = |text: &str| LastEnd::At(at(text));
        event(&mut conn, one, "before", "2026-01-01T09:00:00Z", ended("2026-01-02T00:00:00Z")).await;
        event(&mut conn, one, "series", "2020-01-01T09:00:00Z", LastEnd::Endless).await;
        event(&mut conn, one, "across", "2026-01-01T09:00:00Z", ended("2026-01-02T00:00:01Z")).await;
        event(&mut conn, one, "no length", "2026-01-02T00:00:00Z", ended("2026-01-02T00:00:00Z")).await;
        event(&mut conn, one, "same start", "2026-01-02T00:00:00Z", ended("2026-01-02T05:00:00Z")).await;
        event(&mut conn, one, "after", "2026-01-03T00:00:00Z", ended("2026-01-03T01:00:00Z")).await;
        event(&mut conn, other, "elsewhere", "2026-01-02T09:00:00Z", ended("2026-01-02T10:00:00Z")).await;
        let window = Period::new(at("2026-01-02T00:00:00Z"), at("2026-01-03T00:00:00Z")).unwrap();
        for limit in [1, 2, 100] {
            let (mut uids, mut last) = (Vec::new(), None);
            loop {
                let near = Near { calendar: one, window };
                let page = feeds::objects_near(&mut conn, near, last, limit).await.unwrap();
                let Some(end) = page.last() else { break };
                last = Some(end.place());
                assert!(page.iter().all(|it| it.object == format!("object of {}", it.uid) && it.updated_at == now()));
                uids.extend(page.into_iter().map(|it| it.uid));
            }
            assert_eq!(uids, ["series", "across", "no length", "same start"], "{limit} at once");
        }
        let near = Near { calendar: other, window };
        let found = feeds::busy_near(&mut conn, near, None, 9).await.unwrap();
        let [it] = &found[..] else { panic!("{found:?}") };
        assert_eq!(
            (it.source.as_deref(), it.first_start),
            (Some("sourc\n\u{e9} of elsewhere"), at("2026-01-02T09:00:00Z"))
        );
        assert_eq!((it.blocks, it.sequence, it.updated_at), (Blocks::Tentative, 7, now()));
        let near = Near { calendar: one, window: Period::new(Timestamp::MIN, Timestamp::MAX).unwrap() };
        for limit in [1, 3, 100] {
            let (mut count, mut last) = (0, None);
            loop {
                let page = feeds::busy_near(&mut conn, near, last, limit).await.unwrap();
                let Some(end) = page.last() else { break };
                (count, last) = (count + page.len(), Some(end.place()));
            }
            assert_eq!(count, 6, "{limit} at once");
        }
    })
    .await;
}

#[tokio::test]
async fn plain_events_that_block_nothing_stay_in_the_database() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let alice = user(&mut conn, "alice").await;
        let one = calendar(&mut conn, alice).await;
        let near = Near { calendar: one, window: Period::new(Timestamp::MIN, Timestamp::MAX).unwrap() };
        let (start, end) = ("2026-01-02T09:00:00Z", LastEnd::At(at("2026-01-02T10:00:00Z")));
        for (uid, blocks, source) in [
            ("busy", Blocks::Busy, None),
            ("free", Blocks::Nothing, None),
            ("free, but for an occurrence", Blocks::Nothing, Some("source")),
            ("tentative", Blocks::Tentative, None),
        ] {
            let index = EventIndex { blocks, source: source.map(str::to_owned), ..index(uid, start, end) };
            events::insert(&mut conn, &row(one, uid, index)).await.unwrap();
        }
        let found = feeds::busy_near(&mut conn, near, None, 9).await.unwrap();
        let found: Vec<_> = found.iter().map(|it| (it.blocks, it.source.as_deref())).collect();
        assert_eq!(found, [(Blocks::Busy, None), (Blocks::Nothing, Some("source")), (Blocks::Tentative, None)]);
        assert_eq!(feeds::objects_near(&mut conn, near, None, 9).await.unwrap().len(), 4);
    })
    .await;
}
