//! Fetching from elsewhere, against a real server that does what it is told.

mod addresses;
mod answers;
mod bounds;
mod guard;
mod tls;
mod urls;

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use convene::outbound::{FetchError, FetchPolicy, Fetched, Looking, Names, Outbound, RemoteUrl, Validators};
use convene::time::Timestamp;

use crate::elsewhere::Elsewhere;

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//elsewhere//\r\nEND:VCALENDAR\r\n";

/// May reach this machine, and waits for nothing for long.
fn policy() -> FetchPolicy {
    FetchPolicy {
        allow: "127.0.0.0/8,::1".parse().unwrap(),
        max_bytes: 100_000,
        first_byte: Duration::from_secs(10),
        total: Duration::from_secs(20),
        ..FetchPolicy::default()
    }
}

/// What is found at an address.
async fn get(outbound: &Outbound, url: &str) -> Result<Fetched, FetchError> {
    get_known(outbound, url, &Validators::default()).await
}

async fn get_known(outbound: &Outbound, url: &str, known: &Validators) -> Result<Fetched, FetchError> {
    let now: Timestamp = "2025-12-18T12:00:00Z".parse().unwrap();
    outbound.get(&RemoteUrl::parse(url).unwrap(), known, now).await
}

/// What is found at a path of a server that may be reached.
async fn get_from(server: &Elsewhere, path: &str) -> Result<Fetched, FetchError> {
    get(&Outbound::new(policy()).unwrap(), &server.url(path)).await
}

#[track_caller]
fn body(found: Result<Fetched, FetchError>) -> Vec<u8> {
    match found {
        Ok(Fetched::Body { bytes, .. }) => bytes.to_vec(),
        other => panic!("{other:?}"),
    }
}

/// Names whose addresses change: each look-up takes the next answer, and the last one stays.
#[derive(Default)]
struct Scripted(Mutex<HashMap<String, Vec<Vec<IpAddr>>>>);

impl Scripted {
    fn new(names: &[(&str, &[&[&str]])]) -> Arc<Self> {
        let addresses = |list: &[&str]| list.iter().map(|address| address.parse().unwrap()).collect();
        let answers = |lists: &[&[&str]]| lists.iter().map(|list| addresses(list)).collect();
        Arc::new(Self(Mutex::new(names.iter().map(|(name, lists)| ((*name).to_owned(), answers(lists))).collect())))
    }
}

impl Names for Scripted {
    fn look_up(&self, host: &str) -> Looking {
        let mut names = self.0.lock().unwrap();
        let found = names.get_mut(host).map(|answers| match answers.len() {
            1 => answers[0].clone(),
            _ => answers.remove(0),
        });
        Box::pin(async move { found.ok_or_else(|| io::Error::other("no such name")) })
    }
}
