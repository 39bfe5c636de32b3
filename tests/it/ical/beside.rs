//! The occurrences of files beside those that recurring-ical-events finds in them: of our own fixtures always, of real files
//! where there is a collection of them. `make tools` installs it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use convene::ical::{ReadContext, read};
use convene::limits::Limits;
use convene::time::{Period, Zone};
use serde_json::Value;

use crate::program::project;
use crate::transfer::python;

/// Dates and times without a zone are those of this one.
const OWNER: &str = "Europe/Berlin";
const FIRST_YEAR: i16 = 2000;
const LAST_YEAR: i16 = 2040;

/// UID (empty where we made it), start, end and RECURRENCE-ID, in epoch seconds.
type Found = (String, i64, i64, i64);

/// What we find in a file, and the UIDs of series that have more occurrences than we list.
#[derive(Default)]
struct Ours {
    found: BTreeSet<Found>,
    endless: BTreeSet<String>,
}

/// What recurring-ical-events finds.
struct Theirs {
    /// The occurrences, and their ends by RFC 5545 section 3.8.5.3 where the program may make something else of DTEND.
    found: Vec<(Found, Option<i64>)>,
    /// The years that it got to.
    years: BTreeSet<i16>,
}

impl Theirs {
    fn read(answer: &Value) -> Self {
        let found = answer["occurrences"].as_array().unwrap().iter().map(occurrence).collect();
        let years = answer["years"].as_array().unwrap().iter().map(|year| year.as_i64().unwrap().try_into().unwrap());
        Self { found, years: years.collect() }
    }

    /// The ends of a year are midnights in UTC there, and dates are compared with those as they are written: what starts
    /// within two days of a year that is not looked at is left out.
    fn covers(&self, found: &Found) -> bool {
        [-2, 2].into_iter().all(|days| {
            let near = jiff::Timestamp::from_second(found.1 + days * 86_400).unwrap();
            self.years.contains(&Zone::utc().local(near).year())
        })
    }
}

/// How many occurrences are equal as they are, how many by the exact length, and the first differences by UID.
#[derive(Default)]
struct Comparison {
    equal: usize,
    exact: usize,
    differences: BTreeMap<String, String>,
}

fn ours(bytes: &[u8]) -> Option<Ours> {
    let (owner, limits): (Zone, _) = (OWNER.parse().unwrap(), Limits::default());
    let file = read(bytes, &ReadContext { calendar_zone: &owner, limits: &limits }).ok()?;
    let mut ours = Ours::default();
    for object in &file.objects {
        let uid = if object.uid.ends_with("@made.convene") { String::new() } else { object.uid.clone() };
        let set = object.object.recurrence_set(&limits).unwrap();
        for year in FIRST_YEAR..LAST_YEAR {
            let begin = |year: i16| Zone::utc().resolve(jiff::civil::date(year, 1, 1).at(0, 0, 0, 0));
            let Ok(occurrences) = set.expand(&owner, Period::new(begin(year), begin(year + 1)).unwrap(), &limits)
            else {
                ours.endless.insert(uid.clone());
                break;
            };
            ours.found.extend(occurrences.iter().map(|it| {
                let named = it.recurrence_id.instant(&owner).as_second();
                (uid.clone(), it.starts_at.as_second(), it.ends_at.as_second(), named)
            }));
        }
    }
    Some(ours)
}

/// What the program says of each of the files, or why it cannot.
fn theirs(paths: &[&Path]) -> Vec<Result<Theirs, String>> {
    let years = [FIRST_YEAR, LAST_YEAR].map(|year| year.to_string());
    let mut arguments = vec![OWNER, &years[0], &years[1]];
    arguments.extend(paths.iter().map(|path| path.to_str().unwrap()));
    let said = python("occurrences_of_files.py", &arguments);
    let one = |line: &str| {
        let answer: Value = serde_json::from_str(line).unwrap();
        match answer["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(Theirs::read(&answer)),
        }
    };
    said.lines().map(one).collect()
}

fn occurrence(told: &Value) -> (Found, Option<i64>) {
    let number = |place: usize| told[place].as_i64();
    let uid = told[0].as_str().unwrap().to_owned();
    ((uid, number(1).unwrap(), number(2).unwrap(), number(4).unwrap()), number(3))
}

fn compare(ours: &Ours, theirs: &Theirs) -> Comparison {
    let mut comparison = Comparison::default();
    let mut left: BTreeSet<Found> = ours.found.iter().filter(|found| theirs.covers(found)).cloned().collect();
    for (found, exact_end) in
        theirs.found.iter().filter(|(found, _)| !ours.endless.contains(&found.0) && theirs.covers(found))
    {
        let exact = exact_end.map(|end| (found.0.clone(), found.1, end, found.3));
        if left.remove(found) {
            comparison.equal += 1;
        } else if exact.is_some_and(|exact| left.remove(&exact)) {
            comparison.exact += 1;
        } else {
            let told = || format!("only they have {}", shown(found));
            comparison.differences.entry(found.0.clone()).or_insert_with(told);
        }
    }
    for found in left.iter().filter(|found| !ours.endless.contains(&found.0)) {
        let told = format!("only we have {}", shown(found));
        comparison.differences.entry(found.0.clone()).and_modify(|text| *text += &format!(", {told}")).or_insert(told);
    }
    comparison
}

fn shown(found: &Found) -> String {
    let [start, end, named] =
        [found.1, found.2, found.3].map(|second| jiff::Timestamp::from_second(second).unwrap().to_string());
    format!("{start}/{end} of {named}")
}

const OLD_RULES: &str =
    "we: the zone is known by its name, America/New_York; the VTIMEZONE of the file is from before the law of 2007";
const EMPTY_DAY: &str = "neither: section 3.6.1 has DTEND after DTSTART; they take a date that ends where it begins for nothing, we for the day";
const WEEK_ALONE: &str = "we: section 3.3.10, what a rule leaves open is DTSTART's, so BYWEEKNO alone means its weekday; they take all seven";
const SHARED_UID: &str = "neither: section 3.8.4.7 wants one UID an event; they take all without, or with the same, for one event, we for several";
const EXRULE: &str = "we: RFC 2445 section 4.8.5.2; they do not know EXRULE";
const OTHER_TYPE: &str =
    "neither: section 3.8.4.4 wants the value type of DTSTART; they name a time, we the day that it is written with";
const START_COUNTS: &str = "we: section 3.8.5.3, DTSTART is the first occurrence, also where UNTIL is before it";
const NO_TIME: &str =
    "neither: section 3.3.5 has a date-time with a time; they take midnight in the zone, we the whole day";
const LOCAL_UNTIL: &str = "neither: section 3.3.10 wants UTC; they read a local time as UTC, we in the zone of DTSTART";

/// Series of real files in which they find something else: the file, the UID, and who is right by which section.
const REAL_FILES: &[(&str, &str, &str)] = &[
    ("a01c8f_icalendar__example.ics", "636a0cc1dbd5a1667894465@icalendar", EMPTY_DAY),
    ("a01c8f_icalendar__example.ics", "636a0cc1dbfd91667894465@icalendar", EMPTY_DAY),
    ("a01c8f_icalendar__example.ics", "636a0cc1dc0f11667894465@icalendar", EMPTY_DAY),
    ("ical.net__ALARM3.ics", "uuid1153170430406", OLD_RULES),
    ("ical.net__ALARM4.ics", "uuid1153170430406", OLD_RULES),
    ("ical.net__ALARM5.ics", "uuid1153170430406", OLD_RULES),
    ("ical.net__ALARM6.ics", "uuid1153170430406", OLD_RULES),
    ("ical.net__Bug1741093.ics", "fcb6b7aa-772b-45ae-b607-fd7ad59f810b", OLD_RULES),
    ("ical.net__ByMonthDay1.ics", "uuid1153170430406", OLD_RULES),
    ("ical.net__Categories1.ics", "uuid1153170430406", OLD_RULES),
    ("ical.net__Daily1.ics", "uuid1153170430406", OLD_RULES),
    ("ical.net__DailyInterval1.ics", "baff9b6a-a161-4057-bd9c-d76359dc90b1", OLD_RULES),
    ("ical.net__Hourly1.ics", "fcb6b7aa-772b-45ae-b607-fd7ad59f810b", OLD_RULES),
    ("ical.net__HourlyInterval1.ics", "baff9b6a-a161-4057-bd9c-d76359dc90b1", OLD_RULES),
    ("ical.net__MonthlyByDay1.ics", "uuid1153170430406", OLD_RULES),
    ("ical.net__MonthlyByMonthDay1.ics", "uuid1153170430406", OLD_RULES),
    ("ical.net__MonthlyBySetPos2.ics", "uuid1153170430406", OLD_RULES),
    ("ical.net__WeeklyWkst1.ics", "uuid1153170430406", OLD_RULES),
    ("ical.net__YearlyByMonth2.ics", "uuid1153170430406", OLD_RULES),
    ("ical.net__YearlyByMonthDay1.ics", "uuid1153170430406", OLD_RULES),
    ("ical.net__YearlyByWeekNo2.ics", "uuid1153170430406", WEEK_ALONE),
    ("ical.net__YearlyByWeekNo3.ics", "uuid1153170430406", WEEK_ALONE),
    ("ical.net__YearlyInterval1.ics", "baff9b6a-a161-4057-bd9c-d76359dc90b1", OLD_RULES),
    ("ical4j__13-MoonPhase.ics", "", SHARED_UID),
    ("ical4j__Australian32Holidays.ics", "D41658EB-C414-11D6-BA97-003065F198AC", OTHER_TYPE),
    ("ical4j__friday13-NOT.ics", "", EXRULE),
    ("ical4j__google_aus_holidays.ics", "2p1o8tgvqs9sojhdrm9l8go118@google.com", OTHER_TYPE),
    ("ical4j__google_aus_holidays.ics", "3ntk4vqd2uik0udl1aj13so3b8@google.com", OTHER_TYPE),
    ("ical4j__google_aus_holidays.ics", "frs5bom08phjhek3rfseulju04@google.com", OTHER_TYPE),
    ("ical4j__google_aus_holidays.ics", "lj4clbc3rr8s5e4bjmdj4vnu64@google.com", OTHER_TYPE),
    ("ical4j__google_aus_holidays.ics", "r89a2q1vci41bsh42492qdi8jk@google.com", OTHER_TYPE),
    ("ical4j__lotr-updated.ics", "C1C7B4A3-1ECC-11D7-A916-00306553216E", START_COUNTS),
    ("ical4j__lotr.ics", "C1C7B4A3-1ECC-11D7-A916-00306553216E", START_COUNTS),
    ("ical4j__schedule-unstable.ics", "20060825T153859Z-23493-100-1-52@embrace", NO_TIME),
    ("icalendar__example.ics", "", SHARED_UID),
    ("vobject__UntilRespectsTimezoneTest.ics", "10621-1440@ccbchurch.com", LOCAL_UNTIL),
];

/// Where real files are: the folder that `CONVENE_CORPUS` names, which then has to be there, or one beside the project.
fn corpus() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("CONVENE_CORPUS") {
        return Some(PathBuf::from(folder).join("files"));
    }
    let folder = project("../shared/corpus/files");
    if !folder.is_dir() {
        println!("NOT TESTED: there are no real files in {}, and CONVENE_CORPUS names none", folder.display());
        return None;
    }
    Some(folder)
}

#[test]
fn real_files_have_the_occurrences_that_recurring_ical_events_finds() {
    let Some(folder) = corpus() else { return };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let (mut files, mut read_files) = (Vec::new(), Vec::new());
    for path in &paths {
        if let Some(found) = ours(&std::fs::read(path).unwrap()) {
            files.push(path.as_path());
            read_files.push(found);
        }
    }
    let (mut equal, mut exact, mut same_files, mut expanded) = (0, 0, 0, 0);
    let (mut known, mut unknown) = (0, Vec::new());
    for ((path, ours), theirs) in files.iter().zip(&read_files).zip(theirs(&files)) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let comparison = match theirs {
            Ok(theirs) => compare(ours, &theirs),
            Err(error) => {
                println!("{name}: they cannot: {error}");
                continue;
            }
        };
        expanded += 1;
        (equal, exact) = (equal + comparison.equal, exact + comparison.exact);
        same_files += usize::from(comparison.differences.is_empty());
        for (uid, told) in comparison.differences {
            match REAL_FILES.iter().find(|known| known.0 == name && known.1 == uid) {
                Some(_) => known += 1,
                None => unknown.push(format!("{name} | {uid} | {told}")),
            }
        }
        ours.endless.iter().for_each(|uid| println!("{name} {uid}: more occurrences than we list"));
    }
    println!(
        "{} files, {} read here, {expanded} expanded by both: {same_files} with the same occurrences, {equal} equal, {exact} by \
         exact length, {known} series differ for a known reason",
        paths.len(),
        files.len()
    );
    assert!(unknown.is_empty(), "{} series differ:\n{}", unknown.len(), unknown.join("\n"));
}

/// Series of our own fixtures in which they find something else: the file, the UID, and who is right by which section.
const FIXTURES: &[(&str, &str, &str)] = &[
    (
        "dtend-of-another-kind.ics",
        "dtend-of-another-kind-2@example.org",
        "neither: section 3.8.2.2 wants a DATE beside a DATE; they mix the two, we take the whole of the last day",
    ),
    (
        "duration-over-a-clock-change.ics",
        "duration-over-a-clock-change-2@example.org",
        "we: section 3.3.6, hours are exact, and only days are nominal",
    ),
    ("exrule.ics", "exrule-1@example.org", "we: RFC 2445 section 4.8.5.2; they do not know EXRULE"),
    ("leap-second.ics", "", "we: section 3.3.12 allows the second 60; they cannot read it"),
    (
        "rdate-as-period.ics",
        "rdate-as-period-2@example.org",
        "we: section 3.3.6, hours are exact, and only days are nominal",
    ),
    (
        "recurrence-id-as-date.ics",
        "series",
        "neither: section 3.8.4.4 wants the value type of DTSTART; they find no such occurrence, we the one of that day",
    ),
    (
        "this-and-future.ics",
        "series",
        "we: section 3.8.4.4, RECURRENCE-ID names each occurrence; they give all that follow the first one's",
    ),
    (
        "until-of-another-kind.ics",
        "until-of-another-kind-1@example.org",
        "neither: section 3.3.10 wants UTC; they end at midnight, we after that day, since UNTIL is inclusive",
    ),
    (
        "until-of-another-kind.ics",
        "until-of-another-kind-2@example.org",
        "neither: section 3.3.10 wants UTC; they read a local time as UTC, we in the zone of DTSTART",
    ),
    (
        "utc-beside-tzid.ics",
        "utc-beside-tzid-1@example.org",
        "we: section 3.2.19, TZID does not apply to a time in UTC; they drop the Z",
    ),
];

#[test]
fn our_fixtures_have_the_occurrences_that_recurring_ical_events_finds_but_for_what_the_rfc_decides() {
    let folder = project("tests/data/meaning");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let files: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let mut differing = BTreeMap::new();
    for (path, theirs) in files.iter().zip(theirs(&files)) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let ours = ours(&std::fs::read(path).unwrap()).unwrap();
        assert!(!ours.found.is_empty() && ours.endless.is_empty(), "{name}");
        match theirs {
            Ok(theirs) => {
                let differences = compare(&ours, &theirs).differences;
                differing.extend(differences.into_iter().map(|(uid, told)| ((name.to_owned(), uid), told)));
            }
            Err(error) => {
                differing.insert((name.to_owned(), String::new()), error);
            }
        }
    }
    let told: BTreeSet<(&str, &str)> = differing.keys().map(|(name, uid)| (name.as_str(), uid.as_str())).collect();
    let known: BTreeSet<(&str, &str)> = FIXTURES.iter().map(|known| (known.0, known.1)).collect();
    assert_eq!(told, known, "{differing:#?}");
}
