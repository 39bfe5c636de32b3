use convene::ids::{CalendarId, UserId};
use convene::storage::calendars::{self, Calendar, CalendarKind, CalendarTraits, NewCalendar};
use convene::storage::people::{self, PersonVersion};
use convene::storage::{Constraint, StorageError, accounts, events};
use convene::time::Zone;

use super::{a_calendar, an_event, jan, new_user, now, traits};
use crate::databases::for_each_database;

#[tokio::test]
async fn a_calendar_comes_back_as_it_was_stored() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let alice = new_user(&mut conn, "alice").await;
        let new = NewCalendar { kind: CalendarKind::Subscription, ..a_calendar(alice, "Holidays", false) };
        let id = calendars::insert(&mut conn, &new).await.unwrap();
        let stored = Calendar {
            id,
            user_id: alice,
            name: "Holidays".to_owned(),
            color: "#336699".to_owned(),
            description: String::new(),
            timezone: Zone::utc(),
            is_default: false,
            kind: CalendarKind::Subscription,
            counts_as_busy: true,
            version: 1,
            created_at: now(),
        };
        assert_eq!(calendars::by_id(&mut conn, id).await.unwrap(), Some(stored.clone()));
        assert_eq!(calendars::list(&mut conn, alice).await.unwrap(), [stored]);
        assert_eq!(calendars::by_id(&mut conn, CalendarId(99)).await.unwrap(), None);
        assert_eq!(calendars::count(&mut conn, alice).await.unwrap(), 0, "subscriptions have a bound of their own");
        calendars::insert(&mut conn, &a_calendar(alice, "Own", false)).await.unwrap();
        assert_eq!(calendars::count(&mut conn, alice).await.unwrap(), 1);
        assert_eq!(calendars::count(&mut conn, UserId(99)).await.unwrap(), 0);
        let orphan = calendars::insert(&mut conn, &a_calendar(UserId(99), "x", false)).await;
        assert!(matches!(orphan, Err(StorageError::Orphan)), "{orphan:?}");
    })
    .await;
}

#[tokio::test]
async fn a_user_has_one_default_calendar_at_most() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let (alice, bob) = (new_user(&mut conn, "alice").await, new_user(&mut conn, "bob").await);
        calendars::insert(&mut conn, &a_calendar(alice, "first", false)).await.unwrap();
        let id = calendars::insert(&mut conn, &a_calendar(alice, "second", true)).await.unwrap();
        calendars::insert(&mut conn, &a_calendar(bob, "his", true)).await.unwrap();
        assert_eq!(calendars::default_of(&mut conn, alice).await.unwrap().unwrap().id, id);
        assert_eq!(calendars::default_of(&mut conn, UserId(99)).await.unwrap(), None);
        let twice = calendars::insert(&mut conn, &a_calendar(alice, "third", true)).await;
        assert!(matches!(twice, Err(StorageError::Unique(Constraint::DefaultCalendar))), "{twice:?}");
    })
    .await;
}

#[tokio::test]
async fn a_calendar_is_locked_changed_and_deleted_with_its_events() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let alice = new_user(&mut conn, "alice").await;
        let id = calendars::insert(&mut conn, &a_calendar(alice, "Work", true)).await.unwrap();
        let locked = calendars::lock(&mut conn, id).await.unwrap().unwrap();
        assert_eq!((locked.id, locked.user_id, locked.version), (id, alice, 2));
        let next = CalendarTraits {
            name: "Play".to_owned(),
            color: "#000000".to_owned(),
            description: "d".to_owned(),
            timezone: Zone::iana("Asia/Tokyo").unwrap(),
            counts_as_busy: false,
        };
        assert!(calendars::update(&mut conn, id, &next).await.unwrap());
        let found = calendars::by_id(&mut conn, id).await.unwrap().unwrap();
        assert_eq!((found.version, found.is_default, found.kind), (2, true, CalendarKind::Local));
        let Calendar { name, color, description, timezone, counts_as_busy, .. } = found;
        assert_eq!(CalendarTraits { name, color, description, timezone, counts_as_busy }, next);
        let event = an_event(id, "1", jan("01 09:00"), jan("01 10:00"));
        let event = events::insert(&mut conn, &event).await.unwrap();
        assert!(calendars::delete(&mut conn, id).await.unwrap());
        assert!(!calendars::delete(&mut conn, id).await.unwrap());
        assert!(!calendars::update(&mut conn, id, &next).await.unwrap());
        assert_eq!(calendars::lock(&mut conn, id).await.unwrap(), None);
        assert_eq!(events::by_id(&mut conn, event).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn several_calendars_are_locked_in_the_order_of_their_ids() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let alice = new_user(&mut conn, "alice").await;
        let a = calendars::insert(&mut conn, &a_calendar(alice, "a", false)).await.unwrap();
        let b = calendars::insert(&mut conn, &a_calendar(alice, "b", false)).await.unwrap();
        let locked = calendars::lock_all(&mut conn, &[b, CalendarId(99), a, b]).await.unwrap();
        assert_eq!(locked.iter().map(|it| (it.id, it.version)).collect::<Vec<_>>(), [(a, 2), (b, 2)]);
    })
    .await;
}

#[tokio::test]
async fn the_versions_of_people_are_theirs_and_those_of_the_calendars_that_count_as_busy() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let (alice, bob) = (new_user(&mut conn, "alice").await, new_user(&mut conn, "bob").await);
        let bobs = calendars::insert(&mut conn, &a_calendar(bob, "b", false)).await.unwrap();
        let cem = new_user(&mut conn, "cem").await;
        let mut idle = a_calendar(cem, "idle", false);
        idle.traits = CalendarTraits { counts_as_busy: false, ..traits("idle") };
        calendars::insert(&mut conn, &idle).await.unwrap();
        let first = calendars::insert(&mut conn, &a_calendar(alice, "a", false)).await.unwrap();
        let second = calendars::insert(&mut conn, &a_calendar(alice, "a", false)).await.unwrap();
        calendars::lock(&mut conn, bobs).await.unwrap();
        accounts::lock(&mut conn, bob).await.unwrap();
        accounts::hold(&mut conn, alice).await.unwrap();
        let version = |user_id, user_version, calendar: Option<(CalendarId, i64)>| PersonVersion {
            user_id,
            user_version,
            calendar_id: calendar.map(|(id, _)| id),
            calendar_version: calendar.map(|(_, version)| version),
            subscription_id: None,
            refreshed_at: None,
            refresh_minutes: None,
            is_gone: None,
        };
        let hers = [version(alice, 1, Some((first, 1))), version(alice, 1, Some((second, 1)))];
        let (his, none) = (version(bob, 2, Some((bobs, 2))), version(cem, 1, None));
        let asked = [cem, bob, alice, bob, UserId(99)];
        assert_eq!(people::versions(&mut conn, &asked).await.unwrap(), [hers[0], hers[1], his, none]);
        assert_eq!(people::versions(&mut conn, &[cem]).await.unwrap(), [none]);
        assert_eq!(people::versions(&mut conn, &[]).await.unwrap(), []);
    })
    .await;
}
