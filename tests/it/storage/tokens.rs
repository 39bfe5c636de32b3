use convene::ids::UserId;
use convene::storage::tokens::{self, NewToken, Scope};
use convene::storage::{Constraint, StorageError, accounts};
use convene::time::SignedDuration;

use super::{hash, jan, new_user};
use crate::databases::for_each_database;

pub fn a_token(user: UserId, secret: u8) -> NewToken {
    NewToken {
        user_id: user,
        name: format!("token {secret}"),
        scope: Scope::Read,
        token_hash: hash(secret),
        created_at: jan("01 08:00"),
        expires_at: None,
    }
}

#[tokio::test]
async fn a_secret_leads_to_its_token_and_user() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let alice = new_user(&mut conn, "alice").await;
        tokens::insert(&mut conn, &a_token(alice, 1)).await.unwrap();
        let writing = NewToken { scope: Scope::Write, expires_at: Some(jan("09 08:00")), ..a_token(alice, 2) };
        let id = tokens::insert(&mut conn, &writing).await.unwrap();
        let found = tokens::by_token_hash(&mut conn, hash(2)).await.unwrap().unwrap();
        assert_eq!((found.token_id, found.scope), (id, Scope::Write));
        assert_eq!((found.last_used_at, found.expires_at), (None, Some(jan("09 08:00"))));
        assert_eq!(Some(found.user), accounts::by_id(&mut conn, alice).await.unwrap());
        assert_eq!(tokens::by_token_hash(&mut conn, hash(3)).await.unwrap(), None);
        let twice = tokens::insert(&mut conn, &a_token(alice, 1)).await;
        assert!(matches!(twice, Err(StorageError::Unique(Constraint::ApiToken))), "{twice:?}");
    })
    .await;
}

#[tokio::test]
async fn a_use_is_noted_at_most_once_a_minute() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let alice = new_user(&mut conn, "alice").await;
        let id = tokens::insert(&mut conn, &a_token(alice, 1)).await.unwrap();
        let first = jan("01 09:00");
        for (after, noted) in [(0, 0), (59, 0), (60, 60), (61, 60), (119, 60), (120, 120)] {
            let used = first + SignedDuration::from_secs(after);
            tokens::touch(&mut conn, id, used).await.unwrap();
            let token = tokens::by_token_hash(&mut conn, hash(1)).await.unwrap().unwrap();
            assert_eq!(token.last_used_at, Some(first + SignedDuration::from_secs(noted)), "after {after} s");
        }
    })
    .await;
}

#[tokio::test]
async fn tokens_are_listed_counted_and_removed() {
    for_each_database(async |db| {
        let mut conn = db.write().await.unwrap();
        let (alice, bob) = (new_user(&mut conn, "alice").await, new_user(&mut conn, "bob").await);
        let one = tokens::insert(&mut conn, &a_token(alice, 1)).await.unwrap();
        let ending = NewToken { expires_at: Some(jan("09 08:00")), ..a_token(alice, 2) };
        let two = tokens::insert(&mut conn, &ending).await.unwrap();
        tokens::insert(&mut conn, &a_token(bob, 3)).await.unwrap();
        let listed = tokens::list(&mut conn, alice).await.unwrap();
        assert_eq!(
            listed.iter().map(|it| (it.id, it.name.as_str())).collect::<Vec<_>>(),
            [(one, "token 1"), (two, "token 2")]
        );
        assert_eq!(tokens::count_live(&mut conn, alice, jan("09 07:59")).await.unwrap(), 2);
        assert_eq!(tokens::count_live(&mut conn, alice, jan("09 08:00")).await.unwrap(), 1);
        assert_eq!(tokens::purge_expired(&mut conn, jan("09 08:00")).await.unwrap(), 1);
        assert!(!tokens::delete(&mut conn, bob, one).await.unwrap());
        assert!(tokens::delete(&mut conn, alice, one).await.unwrap());
        let kept = tokens::insert(&mut conn, &a_token(bob, 4)).await.unwrap();
        assert_eq!(tokens::delete_others(&mut conn, bob, Some(kept)).await.unwrap(), 1);
        assert_eq!(tokens::delete_others(&mut conn, bob, None).await.unwrap(), 1);
    })
    .await;
}
