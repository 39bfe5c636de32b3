//! Counters that operators watch, in Prometheus' text format.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The counters of one server.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Answers by the first digit of their status.
    answers: [AtomicU64; 6],
    micros: AtomicU64,
    /// Answers of feeds by [`FeedAnswer`].
    feeds: [AtomicU64; 3],
    /// Answers of addresses elsewhere by [`Asked`].
    asked: [AtomicU64; 3],
    subscriptions_read: AtomicU64,
    subscription_events: AtomicU64,
}

/// What an address elsewhere answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// What it answered before: nothing was read.
    Unchanged,
    /// Something that was read.
    Changed,
    /// Nothing that can be used.
    Failed,
}

/// What it took to answer for a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedAnswer {
    /// Who asked had the present text: nothing was read but its version.
    Unchanged,
    /// The text was in memory.
    Remembered,
    /// The text was made.
    Made,
}

impl Metrics {
    /// Counts an answer.
    pub fn answered(&self, status: u16, took: Duration) {
        if let Some(counter) = self.answers.get(usize::from(status / 100)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Counts the answer of a feed.
    pub fn feed(&self, answer: FeedAnswer) {
        self.feeds[answer as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many answers of feeds took that.
    pub fn feeds(&self, answer: FeedAnswer) -> u64 {
        self.feeds[answer as usize].load(Ordering::Relaxed)
    }

    /// Counts the answer of an address elsewhere.
    pub fn subscription_asked(&self, asked: Asked) {
        self.asked[asked as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many addresses elsewhere answered so.
    pub fn subscriptions_asked(&self, asked: Asked) -> u64 {
        self.asked[asked as usize].load(Ordering::Relaxed)
    }

    /// Counts the reading of what an address elsewhere answered.
    pub fn subscription_read(&self) {
        self.subscriptions_read.fetch_add(1, Ordering::Relaxed);
    }

    /// How often what an address elsewhere answered was read.
    pub fn subscriptions_read(&self) -> u64 {
        self.subscriptions_read.load(Ordering::Relaxed)
    }

    /// Counts events that were written into, or taken from, calendars that are subscriptions.
    pub fn subscription_events(&self, count: u64) {
        self.subscription_events.fetch_add(count, Ordering::Relaxed);
    }

    /// How many events were written into, or taken from, calendars that are subscriptions.
    pub fn subscription_events_written(&self) -> u64 {
        self.subscription_events.load(Ordering::Relaxed)
    }

    /// All counters, in Prometheus' text format 0.0.4.
    pub fn prometheus(&self) -> String {
        let mut text = String::from(
            "# HELP convene_http_responses_total Answers by class of status.\n# TYPE convene_http_responses_total counter\n",
        );
        let mut all = 0;
        for (class, counter) in self.answers.iter().enumerate().skip(1) {
            let count = counter.load(Ordering::Relaxed);
            all += count;
            append(&mut text, format_args!("convene_http_responses_total{{class=\"{class}xx\"}} {count}\n"));
        }
        let seconds = Duration::from_micros(self.micros.load(Ordering::Relaxed)).as_secs_f64();
        append(
            &mut text,
            format_args!(
                "# HELP convene_http_response_seconds Time from the request to its answer.\n\
                 # TYPE convene_http_response_seconds summary\n\
                 convene_http_response_seconds_sum {seconds}\nconvene_http_response_seconds_count {all}\n"
            ),
        );
        text.push_str("# HELP convene_feed_answers_total Answers of feeds by what they took.\n# TYPE convene_feed_answers_total counter\n");
        for answer in [FeedAnswer::Unchanged, FeedAnswer::Remembered, FeedAnswer::Made] {
            let (took, count) = (format!("{answer:?}").to_lowercase(), self.feeds(answer));
            append(&mut text, format_args!("convene_feed_answers_total{{took=\"{took}\"}} {count}\n"));
        }
        self.append_subscriptions(&mut text);
        append(
            &mut text,
            format_args!(
                "# HELP convene_build_info The program.\n# TYPE convene_build_info gauge\n\
                 convene_build_info{{version=\"{}\",tzdb=\"{}\"}} 1\n",
                env!("CARGO_PKG_VERSION"),
                crate::time::tzdb_version(),
            ),
        );
        text
    }

    fn append_subscriptions(&self, text: &mut String) {
        text.push_str("# HELP convene_subscription_fetches_total Answers of addresses subscribed to.\n# TYPE convene_subscription_fetches_total counter\n");
        for asked in [Asked::Unchanged, Asked::Changed, Asked::Failed] {
            let (answer, count) = (format!("{asked:?}").to_lowercase(), self.subscriptions_asked(asked));
            append(text, format_args!("convene_subscription_fetches_total{{answer=\"{answer}\"}} {count}\n"));
        }
        let (read, written) = (self.subscriptions_read(), self.subscription_events_written());
        append(
            text,
            format_args!(
                "# HELP convene_subscription_reads_total Answers that were read.\n\
                 # TYPE convene_subscription_reads_total counter\nconvene_subscription_reads_total {read}\n\
                 # HELP convene_subscription_events_written_total Events written into calendars that are subscriptions.\n\
                 # TYPE convene_subscription_events_written_total counter\n\
                 convene_subscription_events_written_total {written}\n"
            ),
        );
    }
}

/// Writing into a `String` cannot fail.
fn append(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).unwrap_or_default();
}
