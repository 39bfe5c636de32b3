//! Configuration: every key is a flag and a `CONVENE_*` variable, with a default and a sentence in `--help`.
//!
//! It refuses to know how the values are used. A value that cannot be right ends the program with one sentence that names
//! the key.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::accounts::Secret;
use crate::limits::Limits;
use crate::outbound::{AddressRanges, FetchPolicy};
use crate::sealing::SHORTEST;

/// Everything that can be configured.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Address and port to listen on.
    #[arg(long, env = "CONVENE_LISTEN", default_value = "127.0.0.1:8000", value_parser = address, global = true)]
    pub listen: SocketAddr,

    /// Where the data is: sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME.
    #[arg(long, env = "CONVENE_DATABASE_URL", default_value = "sqlite://convene.db", value_parser = database_url, hide_env_values = true, global = true)]
    pub database_url: String,

    /// The address under which people reach the server, where it is not the one it listens on: https://…
    #[arg(long, env = "CONVENE_PUBLIC_URL", value_parser = public_url, global = true)]
    pub public_url: Option<String>,

    /// What to log: error, warn, info, debug, trace, or a filter such as convene=debug,sqlx=warn.
    #[arg(long, env = "CONVENE_LOG", default_value = "info,poem=warn", value_parser = log_filter, global = true)]
    pub log: String,

    /// How to log.
    #[arg(long, env = "CONVENE_LOG_FORMAT", default_value = "text", value_enum, global = true)]
    pub log_format: LogFormat,

    /// Limit failed logins; off for load tests only.
    #[arg(long, env = "CONVENE_RATE_LIMIT", default_value = "on", value_enum, global = true)]
    pub rate_limit: Switch,

    /// How many proxies in front of the server add to X-Forwarded-For; 0 takes the connection's own address.
    #[arg(long, env = "CONVENE_TRUSTED_PROXIES", default_value = "0", value_parser = from_to(0..=8), global = true)]
    pub trusted_proxies: usize,

    /// The bounds.
    #[command(flatten)]
    pub bounds: Bounds,

    /// What passwords of calendars elsewhere are kept with, 32 characters at least: `openssl rand -hex 32`. Without it, SQLite
    /// has a key in a file beside the database.
    #[arg(long, env = "CONVENE_SECRET_KEY", value_parser = secret_key, hide_env_values = true, global = true)]
    pub secret_key: Option<Secret>,

    /// What is fetched from elsewhere.
    #[command(flatten)]
    pub fetching: Fetching,
}

/// The bounds of what comes from outside.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Bounds")]
pub struct Bounds {
    /// Connections to the database.
    #[arg(long, env = "CONVENE_DATABASE_CONNECTIONS", default_value = "10", value_parser = from_to(1..=1000), global = true)]
    pub database_connections: usize,

    /// Client connections at once; more wait.
    #[arg(long, env = "CONVENE_MAX_CONNECTIONS", default_value = "10000", value_parser = from_to(1..=1_000_000), global = true)]
    pub max_connections: usize,

    /// Seconds that a client has to send the head of a request.
    #[arg(long, env = "CONVENE_HEADER_SECONDS", default_value = "20", value_parser = from_to(1..=3600), global = true)]
    pub header_seconds: usize,

    /// Seconds after which a silent connection is closed.
    #[arg(long, env = "CONVENE_IDLE_SECONDS", default_value = "75", value_parser = from_to(1..=3600), global = true)]
    pub idle_seconds: usize,

    /// Password hashes that run at once, each in 19 MiB.
    #[arg(long, env = "CONVENE_MAX_HASHES", default_value = "2", value_parser = from_to(1..=64), global = true)]
    pub max_hashes: usize,

    /// Largest JSON body, in bytes.
    #[arg(long, env = "CONVENE_MAX_JSON_BYTES", default_value = "1048576", value_parser = from_to(1024..=1 << 30), global = true)]
    pub max_json_bytes: usize,

    /// Largest iCalendar upload, in bytes.
    #[arg(long, env = "CONVENE_MAX_IMPORT_BYTES", default_value = "52428800", value_parser = from_to(1024..=1 << 32), global = true)]
    pub max_import_bytes: usize,

    /// Bytes of iCalendar uploads that are in memory at once, and as much again of calendars elsewhere; more wait.
    #[arg(long, env = "CONVENE_IMPORT_MEMORY_BYTES", default_value = "104857600", value_parser = from_to(1024..=1 << 40), global = true)]
    pub import_memory_bytes: usize,

    /// Seconds that an upload waits for room before it is refused with 503.
    #[arg(long, env = "CONVENE_IMPORT_WAIT_SECONDS", default_value = "60", value_parser = from_to(0..=3600), global = true)]
    pub import_wait_seconds: usize,

    /// Most components in one iCalendar upload.
    #[arg(long, env = "CONVENE_MAX_IMPORT_COMPONENTS", default_value = "100000", value_parser = from_to(1..=10_000_000), global = true)]
    pub max_import_components: usize,

    /// Deepest nesting of iCalendar components.
    #[arg(long, env = "CONVENE_MAX_ICAL_DEPTH", default_value = "8", value_parser = from_to(3..=64), global = true)]
    pub max_ical_depth: usize,

    /// Longest line of iCalendar, unfolded, in bytes.
    #[arg(long, env = "CONVENE_MAX_ICAL_LINE_BYTES", default_value = "4194304", value_parser = from_to(1024..=1 << 30), global = true)]
    pub max_ical_line_bytes: usize,

    /// Most lines of iCalendar that one event may have.
    #[arg(long, env = "CONVENE_MAX_ICAL_EVENT_LINES", default_value = "50000", value_parser = from_to(100..=10_000_000), global = true)]
    pub max_ical_event_lines: usize,

    /// Most RRULE, RDATE and EXDATE values and changed occurrences of one event.
    #[arg(long, env = "CONVENE_MAX_RECURRENCE_VALUES", default_value = "10000", value_parser = from_to(1..=1_000_000), global = true)]
    pub max_recurrence_values: usize,

    /// Most occurrences of one series in one window.
    #[arg(long, env = "CONVENE_MAX_OCCURRENCES", default_value = "10000", value_parser = from_to(1..=1_000_000), global = true)]
    pub max_occurrences: usize,

    /// Most occurrences, of all events together, that one list is made from.
    #[arg(long, env = "CONVENE_MAX_LISTED_OCCURRENCES", default_value = "50000", value_parser = from_to(1..=10_000_000), global = true)]
    pub max_listed_occurrences: usize,

    /// Most steps of the search for one series' occurrences in one window.
    #[arg(long, env = "CONVENE_MAX_RECURRENCE_WORK", default_value = "100000", value_parser = from_to(1000..=100_000_000), global = true)]
    pub max_recurrence_work: usize,

    /// Most people in one search.
    #[arg(long, env = "CONVENE_MAX_SEARCH_USERS", default_value = "500", value_parser = from_to(1..=500), global = true)]
    pub max_search_users: usize,

    /// Longest window of one search, in days.
    #[arg(long, env = "CONVENE_MAX_SEARCH_DAYS", default_value = "366", value_parser = from_to(1..=366), global = true)]
    pub max_search_days: usize,

    /// Busy periods that are kept in memory between searches, of 24 bytes each.
    #[arg(long, env = "CONVENE_REMEMBERED_PERIODS", default_value = "2000000", value_parser = from_to(0..=1_000_000_000), global = true)]
    pub remembered_periods: usize,

    /// Most holds of one user at a time.
    #[arg(long, env = "CONVENE_MAX_HOLDS", default_value = "100", value_parser = from_to(1..=100_000), global = true)]
    pub max_holds: usize,

    /// Most calendars of one user.
    #[arg(long, env = "CONVENE_MAX_CALENDARS", default_value = "100", value_parser = from_to(1..=100_000), global = true)]
    pub max_calendars: usize,

    /// Most events of one user.
    #[arg(long, env = "CONVENE_MAX_EVENTS", default_value = "500000", value_parser = from_to(1..=100_000_000), global = true)]
    pub max_events: usize,

    /// Most API tokens of one user.
    #[arg(long, env = "CONVENE_MAX_TOKENS", default_value = "100", value_parser = from_to(1..=100_000), global = true)]
    pub max_tokens: usize,

    /// Most published feeds of one user.
    #[arg(long, env = "CONVENE_MAX_FEEDS", default_value = "100", value_parser = from_to(1..=100_000), global = true)]
    pub max_feeds: usize,

    /// Imports of one user whose reports and repaired files are kept, the latest ones; 0 keeps none.
    #[arg(long, env = "CONVENE_KEPT_IMPORTS", default_value = "10", value_parser = from_to(0..=1000), global = true)]
    pub kept_imports: usize,

    /// Bytes that the kept imports of one user may take together; the latest is kept in any case.
    #[arg(long, env = "CONVENE_KEPT_IMPORT_BYTES", default_value = "67108864", value_parser = from_to(0..=1 << 40), global = true)]
    pub kept_import_bytes: usize,

    /// Most subscriptions of one user to calendars elsewhere.
    #[arg(long, env = "CONVENE_MAX_SUBSCRIPTIONS", default_value = "100", value_parser = from_to(1..=100_000), global = true)]
    pub max_subscriptions: usize,

    /// Exports up to so many bytes are made before any of it is sent; longer ones while they are sent.
    #[arg(long, env = "CONVENE_EXPORT_WHOLE_BYTES", default_value = "8388608", value_parser = from_to(0..=1 << 32), global = true)]
    pub export_whole_bytes: usize,

    /// Longer exports at once, each with a connection to the database of its own; more wait.
    #[arg(long, env = "CONVENE_EXPORTS_AT_ONCE", default_value = "4", value_parser = from_to(1..=1000), global = true)]
    pub exports_at_once: usize,

    /// Seconds that a longer export waits for its turn before it is refused with 503.
    #[arg(long, env = "CONVENE_EXPORT_WAIT_SECONDS", default_value = "10", value_parser = from_to(0..=3600), global = true)]
    pub export_wait_seconds: usize,

    /// Seconds that a client has to take each megabyte of a longer export, before it is broken off. The database gives up its
    /// side after 30.
    #[arg(long, env = "CONVENE_EXPORT_READER_SECONDS", default_value = "20", value_parser = from_to(1..=25), global = true)]
    pub export_reader_seconds: usize,

    /// Bytes of published feeds that are kept in memory between polls, so that each is made once per change.
    #[arg(long, env = "CONVENE_FEED_MEMORY_BYTES", default_value = "67108864", value_parser = from_to(0..=1 << 40), global = true)]
    pub feed_memory_bytes: usize,
}

/// What is fetched from elsewhere, for subscriptions.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Calendars elsewhere")]
pub struct Fetching {
    /// Addresses that are not public and may be fetched from all the same, on any port: 10.0.0.0/8,192.168.1.7,fd00::/8.
    #[arg(long, env = "CONVENE_FETCH_ALLOW", value_parser = AddressRanges::from_str, global = true)]
    pub fetch_allow: Option<AddressRanges>,

    /// Ports that may be fetched from.
    #[arg(long, env = "CONVENE_FETCH_PORTS", default_value = "80,443,8008,8443", value_parser = ports, global = true)]
    pub fetch_ports: Ports,

    /// Largest calendar that is fetched, in bytes, as it comes and unpacked.
    #[arg(long, env = "CONVENE_FETCH_MAX_BYTES", default_value = "52428800", value_parser = from_to(1024..=1 << 32), global = true)]
    pub fetch_max_bytes: usize,

    /// Seconds that a server elsewhere has to begin its answer.
    #[arg(long, env = "CONVENE_FETCH_FIRST_BYTE_SECONDS", default_value = "15", value_parser = from_to(1..=3600), global = true)]
    pub fetch_first_byte_seconds: usize,

    /// Seconds that all of a fetch may take.
    #[arg(long, env = "CONVENE_FETCH_SECONDS", default_value = "60", value_parser = from_to(1..=3600), global = true)]
    pub fetch_seconds: usize,

    /// Fetches at once; more wait.
    #[arg(long, env = "CONVENE_FETCH_AT_ONCE", default_value = "8", value_parser = from_to(1..=1000), global = true)]
    pub fetch_at_once: usize,
}

/// Ports in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports(pub Vec<u16>);

/// On or off.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Yes.
    On,
    /// No.
    Off,
}

/// How the log is written.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// The public address, without a slash at its end.
    pub fn public_url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen))
    }

    /// The bounds that the lower floors keep.
    pub fn limits(&self) -> Limits {
        let bounds = &self.bounds;
        Limits {
            json_bytes: bounds.max_json_bytes,
            import_bytes: bounds.max_import_bytes,
            import_memory_bytes: bounds.import_memory_bytes,
            import_wait: seconds(bounds.import_wait_seconds),
            import_components: bounds.max_import_components,
            ical_depth: bounds.max_ical_depth,
            ical_line_bytes: bounds.max_ical_line_bytes,
            ical_event_lines: bounds.max_ical_event_lines,
            recurrence_values: bounds.max_recurrence_values,
            occurrences_per_window: bounds.max_occurrences,
            listed_occurrences: bounds.max_listed_occurrences,
            recurrence_work: bounds.max_recurrence_work,
            search_users: bounds.max_search_users,
            search_days: i64::try_from(bounds.max_search_days).unwrap_or(366),
            holds_per_user: bounds.max_holds,
            calendars_per_user: bounds.max_calendars,
            events_per_user: bounds.max_events,
            tokens_per_user: bounds.max_tokens,
            feeds_per_user: bounds.max_feeds,
            kept_imports: bounds.kept_imports,
            kept_import_bytes: bounds.kept_import_bytes,
            subscriptions_per_user: bounds.max_subscriptions,
            export_whole_bytes: bounds.export_whole_bytes,
            exports_at_once: bounds.exports_at_once,
            export_wait: seconds(bounds.export_wait_seconds),
            export_reader_time: seconds(bounds.export_reader_seconds),
        }
    }

    /// The time that a client has for the head of a request.
    pub fn header_time(&self) -> Duration {
        seconds(self.bounds.header_seconds)
    }

    /// The time after which a silent connection is closed.
    pub fn idle_time(&self) -> Duration {
        seconds(self.bounds.idle_seconds)
    }
}

/// Variables that look like keys and are none: a misspelt one would be ignored in silence.
pub fn unknown_variables(command: &clap::Command, names: impl Iterator<Item = String>) -> Vec<String> {
    let known: Vec<_> = command.get_arguments().filter_map(|key| key.get_env()).collect();
    let mut unknown: Vec<String> = names.filter(|name| name.starts_with(PREFIX)).collect();
    unknown.retain(|name| !known.iter().any(|known| *known == name.as_str()));
    unknown.sort();
    unknown
}

const PREFIX: &str = "CONVENE_";

impl Fetching {
    /// The bounds that fetching keeps.
    pub fn policy(&self) -> FetchPolicy {
        FetchPolicy {
            allow: self.fetch_allow.clone().unwrap_or_default(),
            ports: self.fetch_ports.0.clone(),
            max_bytes: self.fetch_max_bytes,
            first_byte: seconds(self.fetch_first_byte_seconds),
            total: seconds(self.fetch_seconds),
            at_once: self.fetch_at_once,
            ..FetchPolicy::default()
        }
    }
}

/// One sentence about a command line or environment that clap refuses; nothing for its other errors, which it words well.
pub fn sentence(error: &clap::Error) -> Option<String> {
    use clap::error::{ContextKind, ErrorKind};
    use std::error::Error as _;
    if !matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) {
        return None;
    }
    let text = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let flag = text(ContextKind::InvalidArg).split_whitespace().next().unwrap_or_default().to_owned();
    let variable = flag.trim_start_matches('-').to_uppercase().replace('-', "_");
    let expected = match error.source() {
        Some(source) => source.to_string(),
        None => format!("must be one of {}", text(ContextKind::ValidValue)),
    };
    let value = text(ContextKind::InvalidValue);
    let is_secret = ["--database-url", "--secret-key"].contains(&flag.as_str());
    let shown = if is_secret { String::new() } else { format!("\"{value}\" ") };
    Some(format!("CONVENE_{variable} ({flag}): {shown}{expected}"))
}

fn seconds(number: usize) -> Duration {
    Duration::from_secs(number as u64)
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "is not an address and port; use one such as 127.0.0.1:8000 or [::1]:8000")
}

fn database_url(text: &str) -> Result<String, &'static str> {
    let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
    if known { Ok(text.to_owned()) } else { Err("must be sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME") }
}

fn secret_key(text: &str) -> Result<Secret, String> {
    if text.len() < SHORTEST {
        return Err(format!("must have at least {SHORTEST} characters; make one with `openssl rand -hex 32`"));
    }
    Ok(Secret::received(text))
}

fn public_url(text: &str) -> Result<String, &'static str> {
    let wrong = "is not an address; use one such as https://calendar.example.org";
    let uri = http_url(text).ok_or(wrong)?;
    Ok(uri.trim_end_matches('/').to_owned())
}

/// `http(s)://host[:port][/path]`, by shape.
fn http_url(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let host = rest.split('/').next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]/~%".contains(c);
    (!host.is_empty() && rest.chars().all(plain)).then_some(text)
}

fn ports(text: &str) -> Result<Ports, &'static str> {
    let ports: Result<Vec<u16>, _> = text.split(',').map(|port| port.trim().parse()).collect();
    let ports = ports.ok().filter(|ports| !ports.contains(&0));
    ports.map(Ports).ok_or("must be ports with commas between, such as 80,443,8443")
}

fn log_filter(text: &str) -> Result<String, String> {
    match tracing_subscriber::EnvFilter::from_str(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!("is not a log filter ({error}); use info or convene=debug,sqlx=warn")),
    }
}

/// A whole number within the range.
fn from_to(range: RangeInclusive<usize>) -> impl Fn(&str) -> Result<usize, String> + Clone {
    move |text| {
        let wrong = || format!("must be a whole number from {} to {}", range.start(), range.end());
        text.parse().ok().filter(|number| range.contains(number)).ok_or_else(wrong)
    }
}
