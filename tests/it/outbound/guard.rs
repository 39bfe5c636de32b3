//! The guard: no spelling of an address, no name, no change of mind of a name server and no redirect leads into the
//! operator's network. 127.0.0.2 plays the public internet here, and 127.0.0.1 what must not be reached.

use std::sync::Arc;

use convene::outbound::{FetchError, FetchPolicy, Names, Outbound, Refusal};

use super::{CALENDAR, Scripted, body, get, policy};
use crate::elsewhere::{Answer, Elsewhere};

fn guarded() -> FetchPolicy {
    FetchPolicy { allow: "127.0.0.2".parse().unwrap(), ..policy() }
}

fn with_names(policy: FetchPolicy, names: Arc<dyn Names>) -> Outbound {
    Outbound::with_names(policy, names).unwrap()
}

#[tokio::test]
async fn no_spelling_of_an_address_gets_by() {
    let outbound = Outbound::new(FetchPolicy::default()).unwrap();
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "127.0.0.1%2e",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "127。0。0。1",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::]",
        "0",
        "0.0.0.0",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
        "[::ffff:a9fe:a9fe]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "10.0.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "user:password@127.0.0.1",
        // By the machine's own list of hosts.
        "localhost",
        "LOCALHOST",
    ] {
        for url in [format!("http://{host}/"), format!("https://{host}/"), format!("webcal://{host}/")] {
            assert_eq!(get(&outbound, &url).await, Err(Refusal::Address.into()), "{url}");
        }
        let url = format!("http://{host}:6379/");
        assert_eq!(get(&outbound, &url).await, Err(Refusal::Port(6379).into()), "{url}");
    }
}

#[tokio::test]
async fn a_port_that_is_not_allowed_is_not_asked_whose_it_is() {
    let nobody = Scripted::new(&[]);
    let outbound = with_names(FetchPolicy::default(), nobody.clone());
    for port in [22, 25, 3306, 6379] {
        let url = format!("http://a.example:{port}/");
        assert_eq!(get(&outbound, &url).await, Err(Refusal::Port(port).into()));
    }
    // Unless some addresses are allowed, which it may be one of.
    assert_eq!(get(&with_names(guarded(), nobody), "http://a.example:22/").await, Err(FetchError::Unresolvable));
    let public = Scripted::new(&[("a.example", &[&["93.184.216.34"]])]);
    assert_eq!(get(&with_names(guarded(), public), "http://a.example:22/").await, Err(Refusal::Port(22).into()));
}

#[tokio::test]
async fn a_name_that_means_something_else_the_second_time() {
    let names = Scripted::new(&[("a.example", &[&["127.0.0.2"], &["127.0.0.1"]])]);
    let (outside, inside) = (Elsewhere::start_at([127, 0, 0, 2].into()).await, Elsewhere::start().await);
    outside.publish("/c.ics", CALENDAR);
    inside.publish("/c.ics", "a secret");
    let outbound = with_names(guarded(), names);
    let url = |server: &Elsewhere| format!("http://a.example:{}/c.ics", server.address.port());
    assert_eq!(body(get(&outbound, &url(&outside)).await), CALENDAR.as_bytes());
    let port = inside.address.port();
    assert_eq!(get(&outbound, &url(&inside)).await, Err(Refusal::Port(port).into()));
    assert_eq!(get(&outbound, &url(&outside)).await, Err(Refusal::Port(outside.address.port()).into()));
    assert!(inside.asked().is_empty() && outside.asked().len() == 1);
}

#[tokio::test]
async fn a_redirect_to_the_same_name_looks_it_up_again() {
    let names = Scripted::new(&[("a.example", &[&["127.0.0.2"], &["127.0.0.1"]])]);
    let (outside, inside) = (Elsewhere::start_at([127, 0, 0, 2].into()).await, Elsewhere::start().await);
    inside.publish("/secret", "a secret");
    let (from, to) = (outside.address.port(), inside.address.port());
    outside.answer("/c.ics", Answer::redirect(302, &format!("http://a.example:{to}/secret")));
    let found = get(&with_names(guarded(), names), &format!("http://a.example:{from}/c.ics")).await;
    assert_eq!(found, Err(Refusal::Port(to).into()));
    assert!(inside.asked().is_empty());
}

#[tokio::test]
async fn of_several_addresses_only_those_allowed_are_tried() {
    let server = Elsewhere::start().await;
    server.publish("/c.ics", "a secret");
    let port = server.address.port();
    // Nobody listens at the allowed address; somebody does at the other.
    let names = Scripted::new(&[("a.example", &[&["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"]])]);
    let found = get(&with_names(guarded(), names), &format!("http://a.example:{port}/c.ics")).await;
    assert_eq!(found, Err(FetchError::Unreachable));
    assert!(server.asked().is_empty());
    let outside = Elsewhere::start_at([127, 0, 0, 2].into()).await;
    outside.publish("/c.ics", CALENDAR);
    let names = Scripted::new(&[("a.example", &[&["10.0.0.1", "127.0.0.2"]])]);
    let url = format!("http://a.example:{}/c.ics", outside.address.port());
    assert_eq!(body(get(&with_names(guarded(), names), &url).await), CALENDAR.as_bytes());
}

#[tokio::test]
async fn a_redirect_into_the_network_is_not_followed() {
    let (outside, inside) = (Elsewhere::start_at([127, 0, 0, 2].into()).await, Elsewhere::start().await);
    inside.publish("/c.ics", "a secret");
    let outbound = Outbound::new(guarded()).unwrap();
    let port = inside.address.port();
    for (location, refusal) in [
        (inside.url("/c.ics"), Refusal::Port(port)),
        (format!("//127.0.0.1:{port}/c.ics"), Refusal::Port(port)),
        (format!("http://2130706433:{port}/c.ics"), Refusal::Port(port)),
        (format!("http://[::ffff:127.0.0.1]:{port}/c.ics"), Refusal::Port(port)),
        (format!("http://localhost:{port}/c.ics"), Refusal::Port(port)),
        ("http://127.0.0.1/".to_owned(), Refusal::Address),
        ("https://127.0.0.1/".to_owned(), Refusal::Address),
        ("http://localhost/".to_owned(), Refusal::Address),
        ("http://169.254.169.254/latest/meta-data/".to_owned(), Refusal::Address),
        ("http://[fd00:ec2::254]/latest/meta-data/".to_owned(), Refusal::Address),
    ] {
        for code in [301, 302, 303, 307, 308] {
            outside.answer("/c.ics", Answer::redirect(code, &location));
            let found = get(&outbound, &outside.url("/c.ics")).await;
            assert_eq!(found, Err(refusal.into()), "{code} {location}");
        }
    }
    assert!(inside.asked().is_empty());
}

#[tokio::test]
async fn a_name_without_an_address() {
    let outbound = with_names(policy(), Scripted::new(&[("empty.example", &[&[]])]));
    for name in ["nowhere.example", "empty.example"] {
        assert_eq!(get(&outbound, &format!("https://{name}/")).await, Err(FetchError::Unresolvable));
    }
}

#[tokio::test]
async fn credentials_go_to_the_place_that_they_are_for_and_nowhere_else() {
    let (server, other) = (Elsewhere::start().await, Elsewhere::start().await);
    server.publish("/c.ics", CALENDAR);
    other.publish("/c.ics", CALENDAR);
    server.answer("/here", Answer::redirect(302, "/c.ics"));
    server.answer("/there", Answer::redirect(302, &other.url("/c.ics")));
    server.answer("/away", Answer::redirect(302, &other.url("/back")));
    other.answer("/back", Answer::redirect(302, &server.url("/c.ics")));
    let basic = Some("Basic YW5uOnBhNTU=");
    let names = Scripted::new(&[("a.example", &[&["127.0.0.1"]]), ("b.example", &[&["127.0.0.1"]])]);
    let outbound = with_names(policy(), names);
    let with = |path: &str| server.url(path).replace("http://", "http://ann:pa55@");

    for path in ["/c.ics", "/here"] {
        body(get(&outbound, &with(path)).await);
        assert!(server.asked_since().iter().all(|asked| asked.header("authorization") == basic), "{path}");
    }
    // Another port is another server.
    body(get(&outbound, &with("/there")).await);
    assert_eq!(server.asked_since()[0].header("authorization"), basic);
    assert_eq!(other.asked_since()[0].header("authorization"), None);
    // Who was sent away is not known any more on coming back.
    body(get(&outbound, &with("/away")).await);
    let asked = server.asked_since();
    assert_eq!((asked[0].header("authorization"), asked[1].header("authorization")), (basic, None));
    // Another name is another server, even at the same address; and what a redirect says is no password of ours.
    let port = server.address.port();
    for location in [format!("http://b.example:{port}/c.ics"), format!("http://eve:x@b.example:{port}/c.ics")] {
        server.answer("/named", Answer::redirect(301, &location));
        body(get(&outbound, &format!("http://ann:pa55@a.example:{port}/named")).await);
        let asked = server.asked_since();
        assert_eq!((asked[0].header("authorization"), asked[1].header("authorization")), (basic, None));
    }
}
