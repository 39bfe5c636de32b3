use super::*;

const NOW: &str = "2026-01-05T12:00:00Z";

fn turn(remote: i64, nth: i64, minutes: i64) -> Turn {
    Turn { remote: RemoteFeedId(remote), nth, minutes, now: NOW.parse().unwrap_or_default() }
}

/// How many minutes after NOW, as a decimal fraction.
fn minutes(due: Timestamp) -> f64 {
    due.duration_since(turn(1, 1, 60).now).as_secs_f64() / 60.0
}

#[test]
fn addresses_are_spread_over_a_tenth_of_their_interval_and_never_come_early() {
    let pace = Pace { seed: 7 };
    let due: Vec<f64> = (1..=1000).map(|remote| minutes(pace.after_good(turn(remote, 1, 60)))).collect();
    assert!(due.iter().all(|due| (60.0..66.0).contains(due)), "{due:?}");
    for tenth in 0..10 {
        let from = 60.0 + 0.6 * f64::from(tenth);
        let there = due.iter().filter(|due| (from..from + 0.6).contains(*due)).count();
        assert!((60..=140).contains(&there), "{there} of 1000 in tenth {tenth}");
    }
}

#[test]
fn the_spread_differs_by_turn_and_seed_and_is_the_same_again() {
    let of = |seed, nth| Pace { seed }.after_good(turn(1, nth, 60));
    assert_eq!(of(7, 1), of(7, 1));
    assert_ne!(of(7, 1), of(7, 2));
    assert_ne!(of(7, 1), of(8, 1));
}

#[test]
fn failures_put_it_off_twice_as_far_each_time_up_to_a_day() {
    let pace = Pace { seed: 7 };
    let after = |minutes_, failures| minutes(pace.after_failure(turn(1, failures, minutes_), failures, None));
    for (interval, failures, expected) in [
        (60, 1, 60.0),
        (60, 2, 120.0),
        (60, 3, 240.0),
        (60, 5, 960.0),
        (60, 6, 1440.0),
        (60, 60, 1440.0),
        (5, 9, 1280.0),
        (5, i64::MAX, 1440.0),
        // Never sooner than in its interval.
        (10_080, 1, 10_080.0),
        (10_080, 9, 10_080.0),
    ] {
        let due = after(interval, failures);
        assert!((expected..expected * 1.1).contains(&due), "{failures} failures of {interval} minutes: {due}");
    }
}

#[test]
fn a_server_that_says_when_is_not_asked_before() {
    let pace = Pace { seed: 7 };
    let said = |text: &str| {
        let theirs: Timestamp = text.parse().unwrap_or_default();
        pace.after_failure(turn(1, 1, 60), 1, Some(theirs))
    };
    let ours = pace.after_failure(turn(1, 1, 60), 1, None);
    assert_eq!(said("2026-01-05T12:00:10Z"), ours, "a polite server does not make us impolite");
    assert_eq!(said("2026-01-05T18:00:00Z").to_string(), "2026-01-05T18:00:00Z");
    assert_eq!(said("2036-01-01T00:00:00Z").to_string(), "2026-01-12T12:00:00Z", "a week at the most");
}

#[test]
fn the_most_eager_subscriber_sets_the_interval() {
    let interval =
        |subscribers, easy, shortest, feed| interval(&Wishes { subscribers, easy, shortest, behind: 0 }, feed);
    assert_eq!(interval(1, 1, None, None), 60, "nobody says");
    assert_eq!(interval(1, 1, None, Some(720)), 720, "the feed says");
    assert_eq!(interval(1, 1, None, Some(1)), 5, "the feed says too much");
    assert_eq!(interval(1, 1, None, Some(i64::MAX)), 10_080);
    assert_eq!(interval(1, 0, Some(15), Some(720)), 15, "the only subscriber says");
    assert_eq!(interval(2, 1, Some(1440), Some(720)), 720, "one says less often than the other gets");
    assert_eq!(interval(2, 1, Some(30), None), 30);
    assert_eq!(interval(0, 0, None, None), 60);
}
