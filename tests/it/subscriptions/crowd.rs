//! Many subscriptions to few addresses.

use convene::ids::{CalendarId, UserId};
use convene::storage::calendars::{self, CalendarKind, CalendarTraits, NewCalendar};
use convene::storage::subscriptions::{self, Address, NewSubscription};
use convene::storage::{Conn, accounts};
use convene::time::{Clock, Days, Time, Zone};
use sha2::{Digest, Sha256};

use super::{answers, days, refresh, refresh_later, with_elsewhere};
use crate::elsewhere::Elsewhere;
use crate::http::server::TestServer;

const USERS: usize = 500;
const ADDRESSES: usize = 200;
/// Of each user.
const EACH: usize = 20;

#[tokio::test]
async fn ten_thousand_subscriptions_to_two_hundred_addresses_make_two_hundred_requests() {
    with_elsewhere(async |server, elsewhere| {
        for n in 0..ADDRESSES {
            elsewhere.publish(&format!("/{n}.ics"), &days(&[5]));
        }
        subscribe_all(server, elsewhere).await;
        assert_eq!((refresh(server).await, elsewhere.asked().len()), (ADDRESSES, ADDRESSES));
        assert_eq!(answers(server), [0, ADDRESSES as u64, 0]);
        assert_eq!(server.app.metrics.subscriptions_read(), ADDRESSES as u64);
        assert_eq!(server.app.metrics.subscription_events_written(), (USERS * EACH) as u64);
        assert_eq!((refresh_later(server).await, elsewhere.asked().len()), (ADDRESSES, 2 * ADDRESSES));
        assert_eq!(answers(server), [ADDRESSES as u64, ADDRESSES as u64, 0]);
        let mut conn = server.app.db.read().await.unwrap();
        for user in [1, 250, 500] {
            for found in subscriptions::list(&mut conn, UserId(user)).await.unwrap() {
                assert_eq!((found.subscription.event_count, found.subscription.mirror_error), (1, None));
            }
        }
    })
    .await;
}

async fn subscribe_all(server: &TestServer, elsewhere: &Elsewhere) {
    let mut conn = server.app.db.write().await.unwrap();
    for n in 0..USERS {
        let user = user(server, &mut conn, n).await;
        for k in 0..EACH {
            let url = elsewhere.url(&format!("/{}.ics", (n * EACH + k) % ADDRESSES));
            subscribe(server, &mut conn, user, &url).await;
        }
    }
    conn.commit().await.unwrap();
}

async fn user(server: &TestServer, conn: &mut Conn, n: usize) -> UserId {
    let profile = accounts::Profile {
        username: format!("user{n}"),
        username_key: format!("user{n}"),
        email: format!("{n}@example.org"),
        email_key: format!("{n}@example.org"),
        timezone: Zone::utc(),
        work_start: Time::constant(9, 0, 0, 0),
        work_end: Time::constant(17, 0, 0, 0),
        work_days: Days::ALL,
        free_busy_visibility: accounts::Visibility::Users,
    };
    let password = accounts::PasswordHash("x".to_owned());
    accounts::insert(conn, &profile, &password, server.clock.now()).await.unwrap()
}

async fn subscribe(server: &TestServer, conn: &mut Conn, user_id: UserId, url: &str) {
    let (now, hash) = (server.clock.now(), Sha256::digest(url.as_bytes()).into());
    let address = Address { hash: &hash, url, credentials: None, created_at: now };
    let remote_feed_id = subscriptions::put_remote(conn, &address).await.unwrap();
    subscriptions::due_by(conn, remote_feed_id, now).await.unwrap();
    let calendar_id = calendar(server, conn, user_id).await;
    let new =
        NewSubscription { user_id, calendar_id, remote_feed_id, is_named: true, wanted_minutes: None, created_at: now };
    subscriptions::insert(conn, &new).await.unwrap();
}

async fn calendar(server: &TestServer, conn: &mut Conn, user_id: UserId) -> CalendarId {
    let traits = CalendarTraits {
        name: "Elsewhere".to_owned(),
        color: "#336699".to_owned(),
        description: String::new(),
        timezone: Zone::utc(),
        counts_as_busy: true,
    };
    let kind = CalendarKind::Subscription;
    let new = NewCalendar { user_id, is_default: false, kind, traits, created_at: server.clock.now() };
    calendars::insert(conn, &new).await.unwrap()
}
