use convene::ids::UserId;
use convene::storage::accounts::{self, PasswordHash, Visibility};
use convene::storage::{Constraint, StorageError, calendars, events, sessions, tokens};
use convene::time::{Days, Time, Weekday, Zone};

use super::{an_event, hash, jan, new_calendar, new_user, now, profile};
use crate::databases::for_each_database;

#[tokio::test]
async fn a_user_comes_back_as_it_was_stored() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let id = new_user(&mut conn, "Alice").await;
        let user = accounts::by_id(&mut conn, id).await.unwrap().unwrap();
        assert_eq!((user.id, user.username.as_str(), user.email.as_str()), (id, "Alice", "Alice@Example.org"));
        assert_eq!(user.email_key, "alice@example.org");
        assert_eq!((user.timezone.name(), user.work_days), ("Europe/Berlin", Days::ALL));
        assert_eq!((user.work_start, user.work_end), (Time::constant(9, 0, 0, 0), Time::constant(17, 30, 15, 0)));
        assert_eq!((user.free_busy_visibility, user.created_at, user.version), (Visibility::Users, now(), 1));
        assert_eq!(accounts::by_username_key(&mut conn, "alice").await.unwrap(), Some(user));
        assert_eq!(accounts::by_username_key(&mut conn, "Alice").await.unwrap(), None);
        assert_eq!(accounts::by_id(&mut conn, UserId(99)).await.unwrap(), None);
        let password = accounts::password_hash(&mut conn, id).await.unwrap();
        assert_eq!(password, Some(PasswordHash("secret of Alice".to_owned())));
    })
    .await;
}

#[tokio::test]
async fn names_and_addresses_are_unique_by_their_keys() {
    for_each_database(async |db| {
        let insert = async |name: &str, email_key: &str| {
            let mut conn = db.write().await.unwrap();
            let mut wanted = profile(name);
            wanted.email_key = email_key.to_owned();
            let done = accounts::insert(&mut conn, &wanted, &PasswordHash("x".to_owned()), now()).await;
            conn.commit().await.ok();
            done
        };
        insert("alice", "a@x").await.unwrap();
        assert!(matches!(insert("ALICE", "b@x").await, Err(StorageError::Unique(Constraint::Username))));
        assert!(matches!(insert("bob", "a@x").await, Err(StorageError::Unique(Constraint::Email))));
        let bob = insert("bob", "b@x").await.unwrap();
        let mut conn = db.write().await.unwrap();
        let taken = accounts::update(&mut conn, bob, &profile("alice")).await;
        assert!(matches!(taken, Err(StorageError::Unique(Constraint::Username))), "{taken:?}");
    })
    .await;
}

#[tokio::test]
async fn many_users_come_in_the_order_of_their_ids() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let mut ids = Vec::new();
        for name in ["a", "b", "c", "d", "e"] {
            ids.push(new_user(&mut conn, name).await);
        }
        let found = accounts::by_ids(&mut conn, &[ids[4], ids[0], UserId(99), ids[2], ids[0]]).await.unwrap();
        assert_eq!(found.iter().map(|user| user.id).collect::<Vec<_>>(), [ids[0], ids[2], ids[4]]);
        assert_eq!(accounts::by_ids(&mut conn, &[]).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn an_update_replaces_the_profile_and_a_lock_counts() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let id = new_user(&mut conn, "Alice").await;
        let locked = accounts::lock(&mut conn, id).await.unwrap().unwrap();
        assert_eq!((locked.version, locked.username.as_str()), (2, "Alice"));
        let mut next = profile("Alys");
        next.timezone = Zone::iana("Asia/Tokyo").unwrap();
        next.work_start = Time::constant(22, 0, 0, 0);
        next.work_days = [Weekday::Monday, Weekday::Sunday].into_iter().collect();
        next.free_busy_visibility = Visibility::Private;
        assert!(accounts::update(&mut conn, id, &next).await.unwrap());
        let user = accounts::by_id(&mut conn, id).await.unwrap().unwrap();
        assert_eq!((user.username, user.email, user.version), (next.username, next.email, 2));
        assert_eq!((user.timezone, user.work_start, user.work_days), (next.timezone, next.work_start, next.work_days));
        assert_eq!(user.free_busy_visibility, Visibility::Private);
        assert!(!accounts::update(&mut conn, UserId(99), &profile("x")).await.unwrap());
        assert_eq!(accounts::lock(&mut conn, UserId(99)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_password_is_replaced() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let id = new_user(&mut conn, "alice").await;
        let next = PasswordHash("$argon2id$next".to_owned());
        assert!(accounts::set_password_hash(&mut conn, id, &next).await.unwrap());
        assert_eq!(accounts::password_hash(&mut conn, id).await.unwrap(), Some(next.clone()));
        assert!(!accounts::set_password_hash(&mut conn, UserId(99), &next).await.unwrap());
        assert_eq!(accounts::password_hash(&mut conn, UserId(99)).await.unwrap(), None);
        assert!(!format!("{next:?}").contains("argon"));
    })
    .await;
}

#[tokio::test]
async fn a_search_by_prefix_follows_bytes_and_takes_no_wildcards() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        for name in ["ali", "alice", "al_x", "al.y", "bob", "alz", "ALF", "ål"] {
            new_user(&mut conn, name).await;
        }
        let mut search = async |prefix: &str, limit| {
            let found = accounts::search_by_prefix(&mut conn, prefix, "", limit).await.unwrap();
            found.into_iter().map(|user| user.username).collect::<Vec<_>>()
        };
        assert_eq!(search("al", 10).await, ["al.y", "al_x", "ALF", "ali", "alice", "alz"]);
        assert_eq!(search("al", 2).await, ["al.y", "al_x"]);
        assert_eq!(search("al_", 10).await, ["al_x"]);
        assert_eq!(search("%", 10).await, [""; 0]);
        assert_eq!(search("å", 10).await, ["ål"]);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_user_takes_everything_along_and_its_id_is_never_used_again() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let other = new_user(&mut conn, "bob").await;
        let user = new_user(&mut conn, "alice").await;
        let calendar = new_calendar(&mut conn, user).await;
        let event = an_event(calendar, "1", jan("01 09:00"), jan("01 10:00"));
        let event = events::insert(&mut conn, &event).await.unwrap();
        sessions::insert(&mut conn, &super::sessions::a_session(user, 1)).await.unwrap();
        tokens::insert(&mut conn, &super::tokens::a_token(user, 2)).await.unwrap();
        assert!(accounts::delete(&mut conn, user).await.unwrap());
        assert!(!accounts::delete(&mut conn, user).await.unwrap());
        assert_eq!(calendars::by_id(&mut conn, calendar).await.unwrap(), None);
        assert_eq!(events::by_id(&mut conn, event).await.unwrap(), None);
        assert_eq!(sessions::by_token_hash(&mut conn, hash(1)).await.unwrap(), None);
        assert_eq!(tokens::by_token_hash(&mut conn, hash(2)).await.unwrap(), None);
        assert!(accounts::by_id(&mut conn, other).await.unwrap().is_some());
        let next = new_user(&mut conn, "alice").await;
        let next_calendar = new_calendar(&mut conn, next).await;
        let next_event = an_event(next_calendar, "1", jan("01 09:00"), jan("01 10:00"));
        let next_event = events::insert(&mut conn, &next_event).await.unwrap();
        assert!(next > user && next_calendar > calendar && next_event > event);
    })
    .await;
}

#[tokio::test]
async fn a_nul_in_a_text_is_no_crash() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let done = accounts::insert(&mut conn, &profile("a\0b"), &PasswordHash("x".to_owned()), now()).await;
        assert!(matches!(done, Ok(_) | Err(StorageError::Unstorable(_))), "{done:?}");
    })
    .await;
}
