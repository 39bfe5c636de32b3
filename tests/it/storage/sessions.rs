use convene::ids::{SessionId, UserId};
use convene::storage::sessions::{self, NewSession};
use convene::storage::{Constraint, StorageError, accounts};

use super::{hash, jan, new_user};
use crate::databases::for_each_database;

pub fn a_session(user: UserId, secret: u8) -> NewSession {
    NewSession {
        user_id: user,
        token_hash: hash(secret),
        created_at: jan("01 08:00"),
        expires_at: jan("15 08:00"),
        user_agent: "Firefox".to_owned(),
        address: "192.0.2.1".to_owned(),
    }
}

#[tokio::test]
async fn a_secret_leads_to_its_session_and_user() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        new_user(&mut conn, "bob").await;
        let alice = new_user(&mut conn, "alice").await;
        sessions::insert(&mut conn, &a_session(alice, 1)).await.unwrap();
        let id = sessions::insert(&mut conn, &a_session(alice, 2)).await.unwrap();
        let found = sessions::by_token_hash(&mut conn, hash(2)).await.unwrap().unwrap();
        assert_eq!((found.session_id, found.last_used_at, found.expires_at), (id, jan("01 08:00"), jan("15 08:00")));
        assert_eq!(Some(found.user), accounts::by_id(&mut conn, alice).await.unwrap());
        assert_eq!(sessions::by_token_hash(&mut conn, hash(3)).await.unwrap(), None);
        let twice = sessions::insert(&mut conn, &a_session(alice, 1)).await;
        assert!(matches!(twice, Err(StorageError::Unique(Constraint::SessionToken))), "{twice:?}");
    })
    .await;
}

#[tokio::test]
async fn a_session_of_nobody_is_an_orphan() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let done = sessions::insert(&mut conn, &a_session(UserId(99), 1)).await;
        assert!(matches!(done, Err(StorageError::Orphan)), "{done:?}");
    })
    .await;
}

#[tokio::test]
async fn a_renewal_moves_use_and_end() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let alice = new_user(&mut conn, "alice").await;
        let id = sessions::insert(&mut conn, &a_session(alice, 1)).await.unwrap();
        sessions::renew(&mut conn, id, jan("02 08:00"), jan("16 08:00")).await.unwrap();
        let listed = sessions::list(&mut conn, alice, jan("15 08:00")).await.unwrap();
        let [session] = listed.as_slice() else { panic!("{listed:?}") };
        assert_eq!((session.id, session.user_id, session.created_at), (id, alice, jan("01 08:00")));
        assert_eq!((session.last_used_at, session.expires_at), (jan("02 08:00"), jan("16 08:00")));
        assert_eq!((session.user_agent.as_str(), session.address.as_str()), ("Firefox", "192.0.2.1"));
        assert_eq!(sessions::list(&mut conn, alice, jan("16 08:00")).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn sessions_end_one_by_one_or_all_but_one_and_only_the_owners() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let (alice, bob) = (new_user(&mut conn, "alice").await, new_user(&mut conn, "bob").await);
        let mut ids = Vec::new();
        for secret in 1..=4 {
            ids.push(sessions::insert(&mut conn, &a_session(alice, secret)).await.unwrap());
        }
        let bobs = sessions::insert(&mut conn, &a_session(bob, 9)).await.unwrap();
        assert!(!sessions::delete(&mut conn, bob, ids[0]).await.unwrap());
        assert!(sessions::delete(&mut conn, alice, ids[0]).await.unwrap());
        assert!(!sessions::delete(&mut conn, alice, ids[0]).await.unwrap());
        assert_eq!(sessions::delete_others(&mut conn, alice, Some(ids[2])).await.unwrap(), 2);
        let left = |list: Vec<sessions::Session>| list.into_iter().map(|it| it.id).collect::<Vec<SessionId>>();
        assert_eq!(left(sessions::list(&mut conn, alice, jan("02 08:00")).await.unwrap()), [ids[2]]);
        assert_eq!(sessions::delete_others(&mut conn, alice, None).await.unwrap(), 1);
        assert_eq!(left(sessions::list(&mut conn, bob, jan("02 08:00")).await.unwrap()), [bobs]);
    })
    .await;
}

#[tokio::test]
async fn a_purge_removes_what_has_expired_and_nothing_else() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let alice = new_user(&mut conn, "alice").await;
        let mut late = a_session(alice, 2);
        late.expires_at = jan("15 08:01");
        sessions::insert(&mut conn, &a_session(alice, 1)).await.unwrap();
        sessions::insert(&mut conn, &late).await.unwrap();
        assert_eq!(sessions::purge_expired(&mut conn, jan("15 07:59")).await.unwrap(), 0);
        assert_eq!(sessions::purge_expired(&mut conn, jan("15 08:00")).await.unwrap(), 1);
        assert!(sessions::by_token_hash(&mut conn, hash(2)).await.unwrap().is_some());
    })
    .await;
}
