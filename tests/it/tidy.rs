//! Keeps the house in order by reading its source: who may use whom, where each package is named, what the pure floors do
//! not do. The rules stand in the tables; `src/lib.rs` says why.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Each top-level module and its floor.
const FLOORS: &[(&str, u8)] = &[
    ("time", 0),
    ("ids", 0),
    ("limits", 0),
    ("fields", 0),
    ("versions", 0),
    ("ical", 1),
    ("recurrence", 1),
    ("freebusy", 1),
    ("slots", 1),
    ("storage", 2),
    ("outbound", 2),
    ("metrics", 2),
    ("sealing", 2),
    ("accounts", 3),
    ("calendars", 3),
    ("events", 3),
    ("imports", 3),
    ("scheduling", 3),
    ("subscriptions", 3),
    ("bookings", 3),
    ("publishing", 3),
    ("feeds", 4),
    ("http", 4),
    ("dav", 4),
    ("web", 4),
    ("app", 5),
    ("cli", 5),
    ("config", 5),
    ("jobs", 5),
    ("serve", 5),
    ("telemetry", 5),
    ("main", 5),
    ("lib", 5),
];

/// Who may use whom in spite of the floors.
const NEIGHBOURS: &[(&str, &str)] = &[
    ("ical", "recurrence"),
    ("ical", "freebusy"),
    ("freebusy", "recurrence"),
    // The first argument of every use case.
    ("accounts", "app"),
    ("calendars", "app"),
    ("events", "app"),
    ("imports", "app"),
    ("scheduling", "app"),
    ("subscriptions", "app"),
    ("bookings", "app"),
    ("publishing", "app"),
    ("http", "app"),
    ("feeds", "app"),
    // The use cases share who is asking, and which calendar is meant.
    ("calendars", "accounts"),
    ("events", "accounts"),
    ("events", "calendars"),
    ("imports", "accounts"),
    ("imports", "events"),
    ("scheduling", "accounts"),
    ("scheduling", "calendars"),
    ("scheduling", "events"),
    ("publishing", "accounts"),
    ("bookings", "accounts"),
    ("bookings", "scheduling"),
    ("bookings", "calendars"),
    ("bookings", "events"),
    ("subscriptions", "accounts"),
    ("subscriptions", "calendars"),
    ("subscriptions", "events"),
];

/// Each package that has a home, and the modules that may name it.
const HOMES: &[(&str, &[&str])] = &[
    ("sqlx", &["storage"]),
    ("poem", &["http", "feeds", "app", "serve"]),
    ("poem_openapi", &["http", "feeds", "app", "serve"]),
    ("reqwest", &["outbound"]),
    ("rustls", &["outbound"]),
    ("icalendar", &["ical"]),
    ("rrule", &["recurrence"]),
];

/// What the two lowest floors never say; the machine's clock is read in one file.
const IMPURE: &[&str] = &[
    "async",
    ".await",
    "std::fs",
    "std::net",
    "std::env",
    "Timestamp::now",
    "Zoned::now",
    "SystemTime",
    "Instant::now",
];
const CLOCK: &str = "time/clock.rs";

/// How a statement begins, in a text.
const SQL: &[&str] = &["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE ", "\"CREATE ", "\"WITH ", "\"BEGIN IMM"];

const MOST_LINES: usize = 500;

struct File {
    /// Relative to `src`.
    path: String,
    /// The top-level module.
    module: String,
    text: String,
    /// The text without comments and unit tests.
    code: String,
}

#[test]
fn every_module_has_a_floor_and_uses_only_what_is_below() {
    let floor = |module: &str| FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor);
    let mut faults = Vec::new();
    for file in sources() {
        let Some(own) = floor(&file.module) else {
            faults.push(format!("{}: give the module `{}` a floor in tests/it/tidy.rs", file.path, file.module));
            continue;
        };
        for used in modules_used(&file.code) {
            let is_allowed = used == file.module
                || floor(&used).is_none_or(|floor| floor < own)
                || NEIGHBOURS.contains(&(file.module.as_str(), used.as_str()))
                || own == 5;
            if !is_allowed {
                faults.push(format!("{}: `{}` may not use `{used}`", file.path, file.module));
            }
        }
    }
    none(&faults);
}

#[test]
fn each_package_is_named_only_at_home() {
    let mut faults = Vec::new();
    for file in sources() {
        for (package, homes) in HOMES {
            if !homes.contains(&file.module.as_str()) && uses_package(&file.code, package) {
                faults.push(format!("{}: `{package}` belongs to {homes:?}", file.path));
            }
        }
    }
    none(&faults);
}

#[test]
fn the_pure_floors_wait_for_nothing_and_read_no_clock() {
    let pure: Vec<&str> = FLOORS.iter().filter(|(_, floor)| *floor <= 1).map(|(name, _)| *name).collect();
    let mut faults = Vec::new();
    for file in sources().filter(|file| pure.contains(&file.module.as_str()) && file.path != CLOCK) {
        for word in IMPURE.iter().filter(|word| names(&file.code, word)) {
            faults.push(format!("{}: says `{word}`", file.path));
        }
    }
    none(&faults);
}

#[test]
fn no_statement_stands_outside_the_storage() {
    let mut faults = Vec::new();
    for file in sources().filter(|file| file.module != "storage") {
        for word in SQL.iter().filter(|word| file.code.contains(**word)) {
            faults.push(format!("{}: has a text that begins with {word}", file.path));
        }
    }
    none(&faults);
}

#[test]
fn files_are_short_and_nothing_is_put_off() {
    let put_off = ["TO", "FIX", "XX", "HA"].iter().zip(["DO", "ME", "X", "CK"]).map(|(a, b)| format!("{a}{b}"));
    let put_off: Vec<String> = put_off.chain(["for ".to_owned() + "now"]).collect();
    let mut faults = Vec::new();
    for file in sources().chain(files("tests")).chain(files("benches")) {
        let lines = file.text.lines().count();
        if lines > MOST_LINES {
            faults.push(format!("{}: {lines} lines are more than {MOST_LINES}", file.path));
        }
        for word in put_off.iter().filter(|word| names(&file.text, word)) {
            faults.push(format!("{}: says \"{word}\": do it, or open an issue", file.path));
        }
    }
    none(&faults);
}

#[test]
fn this_guard_sees_what_it_looks_for() {
    let code = "use crate::{app::App, time::{Zone, Period}, ids}; crate::storage::x(); use crate::http as web;";
    assert_eq!(modules_used(code), ["app", "http", "ids", "storage", "time"].map(str::to_owned).into());
    assert!(uses_package("use sqlx;", "sqlx") && uses_package("<rrule::Tz>", "rrule"));
    assert!(uses_package("::sqlx::query!()", "sqlx") && !uses_package("use sqlxs; \"sqlx=warn\" my_sqlx::x", "sqlx"));
    assert!(names("x.await;", ".await") && !names("forward nowhere", "now"));
    assert_eq!(
        code_of("a(); // crate::x\n/// sqlx\n\"http://b\"; b();\n#[cfg(test)]\nmod tests { sqlx }\n"),
        "a(); \n\n\"http://b\"; b();\n"
    );
}

/// The modules in `crate::x` and `use crate::{x::…, y}`.
fn modules_used(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => used.extend(first_name(rest)),
            Some(list) => used.extend(branches(list).into_iter().filter_map(first_name)),
        }
    }
    used
}

/// The parts of `a::{b, c}, d}` between its outermost commas.
fn branches(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    parts
}

/// The name that a path begins with, if that is a module: types begin with a capital, macros end with `!`.
fn first_name(path: &str) -> Option<String> {
    let path = path.trim_start();
    let end = path.find(|letter: char| !is_of_a_name(letter)).unwrap_or(path.len());
    let is_module = path.starts_with(|letter: char| letter.is_ascii_lowercase()) && !path[end..].starts_with('!');
    is_module.then(|| path[..end].to_owned())
}

/// Whether a path begins with the package's name; a word in a text is no use of it.
fn uses_package(code: &str, package: &str) -> bool {
    names(code, &format!("{package}::")) || names(code, &format!("use {package}"))
}

/// Whether `word` stands in the text as a whole word.
fn names(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back().filter(|_| word.starts_with(is_of_a_name));
        let after = text[at + word.len()..].chars().next().filter(|_| word.ends_with(is_of_a_name));
        ![before, after].into_iter().flatten().any(is_of_a_name)
    })
}

fn is_of_a_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn sources() -> impl Iterator<Item = File> {
    files("src")
}

fn files(folder: &str) -> impl Iterator<Item = File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths.into_iter().map(move |path| {
        let text = std::fs::read_to_string(&path).unwrap();
        let path = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let module = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        let is_tests = path.ends_with("tests.rs") || path.contains("/tests/");
        let code = if is_tests { String::new() } else { code_of(&text) };
        File { path, module, text, code }
    })
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Without comments (two slashes that no colon precedes) and without what follows the first `#[cfg(test)]`.
fn code_of(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod").next().unwrap_or(text);
    let without = |line: &str| {
        let comment = line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':'));
        line[..comment.map_or(line.len(), |(at, _)| at)].to_owned() + "\n"
    };
    code.lines().map(without).collect()
}

#[track_caller]
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}
