//! Random recurrence sets with the occurrences on which python-dateutil and libical agree (`tests/programs`, where the
//! fields are explained). `CONVENE_RECURRENCE_CASES` names a file of more of them.

use convene::limits::Limits;
use convene::recurrence::{Rdate, RecurrenceSet, Span};
use convene::time::{Period, Timestamp, Zone};
use serde_json::Value;

use crate::transfer::python;

const SEED: &str = "20260105";
const COUNT: &str = "100";

fn words(case: &Value, key: &str) -> Vec<String> {
    case[key].as_array().into_iter().flatten().map(|word| word.as_str().unwrap().to_owned()).collect()
}

fn set(case: &Value) -> RecurrenceSet {
    let mut set = RecurrenceSet::single(case["start"].as_str().unwrap().parse().unwrap(), Span::ZERO);
    set.rules = words(case, "rules").iter().map(|rule| rule.parse().unwrap()).collect();
    set.exrules = words(case, "exrules").iter().map(|rule| rule.parse().unwrap()).collect();
    set.rdates = words(case, "rdates").iter().map(|value| Rdate::At(value.parse().unwrap())).collect();
    set.exdates = words(case, "exdates").iter().map(|value| value.parse().unwrap()).collect();
    set.resolve(&Limits::default()).unwrap();
    set
}

/// What differs, in all of the time that the case is about and from its middle on.
fn differences(case: &Value) -> Vec<String> {
    let (set, owner): (_, Zone) = (set(case), case["owner"].as_str().unwrap().parse().unwrap());
    let expected: Vec<i64> = case["expected"].as_array().unwrap().iter().map(|at| at.as_i64().unwrap()).collect();
    let (middle, end) = (expected[expected.len() / 2], case["end"].as_i64().unwrap());
    let mut differences = Vec::new();
    for from in [expected[0] - 86_400 * 366, middle] {
        let instant = |second| Timestamp::from_second(second).unwrap();
        let window = Period::new(instant(from), instant(end)).unwrap();
        let found: Vec<i64> = match set.expand(&owner, window, &Limits::default()) {
            Ok(found) => found.iter().map(|one| one.starts_at.as_second()).collect(),
            Err(error) => {
                differences.push(format!("{} {} from {from}: {error}", case["id"], case["rules"]));
                continue;
            }
        };
        let wanted: Vec<i64> = expected.iter().copied().filter(|at| *at >= from).collect();
        if found != wanted {
            differences.push(format!("{case}\n from {from}\n found {found:?}"));
        }
    }
    differences
}

#[test]
fn random_sets_have_the_occurrences_on_which_two_programs_agree() {
    let lines = match std::env::var_os("CONVENE_RECURRENCE_CASES") {
        Some(path) => std::fs::read_to_string(path).unwrap(),
        None => python("random_recurrence.py", &[SEED, COUNT]),
    };
    let cases: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let differing: Vec<String> = cases.iter().flat_map(differences).collect();
    println!("{} cases", cases.len());
    assert!(cases.len() >= 100 && differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}
