//! What an explanation promises is what asking again gives.

use std::mem::discriminant;
use std::sync::Arc;

use convene::slots::{Align, Change, EmptyReason, Party, Query, Tentative, find_slots};
use convene::time::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::oracle::Oracle;
use super::questions::hard_question;

proptest! {
    #![proptest_config(ProptestConfig { cases: 900, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_relaxation_is_exact_and_one_is_offered_where_one_helps(query in hard_question()) {
        let answer = find_slots(&query);
        let explanation = answer.explanation.unwrap();
        for relaxation in &explanation.relaxations {
            let asked_again = query.with(relaxation.change);
            prop_assert_eq!(find_slots(&asked_again).total, relaxation.total, "{:?}", relaxation.change);
            prop_assert_eq!(Oracle::new(&asked_again).starts().len(), relaxation.total, "{:?}", relaxation.change);
            prop_assert!(relaxation.total > answer.total);
        }
        for change in conceivable(&query) {
            let helps = find_slots(&query.with(change)).total > answer.total;
            let offered = explanation.relaxations.iter().any(|r| discriminant(&r.change) == discriminant(&change));
            // Off the clock, a small change may move the whole grid and so win a slot that a larger one loses again.
            let must = helps && (answer.total == 0 || query.align == Align::Clock);
            prop_assert!(offered || !must, "{:?} helps, and nothing like it is offered", change);
        }
    }

    #[test]
    fn blockers_count_what_each_rules_out(query in hard_question()) {
        let answer = find_slots(&query);
        let explanation = answer.explanation.unwrap();
        let questions = by_reason(&query);
        let oracles = questions.each_ref().map(Oracle::new);
        let oracle = &oracles[3];
        let candidates = oracle.candidates();
        prop_assert_eq!(explanation.candidates, candidates.len());
        prop_assert_eq!(explanation.empty_reason.is_some(), answer.total == 0);
        prop_assert_eq!(explanation.empty_reason == Some(EmptyReason::WindowTooShort), candidates.is_empty());
        let parties: Vec<_> = parties(&query);
        for party in &parties {
            let blocked = |p: &_, start: &_| !oracle.party_can(*p, oracle.tick_of(*start));
            let ruled_out = candidates.iter().filter(|start| blocked(party, start)).count();
            let others = |start: &_| parties.iter().filter(|p| *p != party).any(|p| blocked(p, start));
            let only_they = candidates.iter().filter(|start| blocked(party, start) && !others(start)).count();
            let told = explanation.blockers.iter().find(|blocker| blocker.who == *party);
            prop_assert_eq!(told.map_or(0, |b| b.ruled_out()), ruled_out);
            prop_assert_eq!(told.map_or(0, |b| b.only_they), only_they);
            let told = told.map_or([0; 4], |b| [b.outside_working_hours, b.busy, b.tentative, b.buffer]);
            let mut before = 0;
            for (oracle, told) in oracles.iter().zip(told) {
                let blocked = |start: &&Timestamp| !oracle.party_can(*party, oracle.tick_of(**start));
                let all = candidates.iter().filter(blocked).count();
                prop_assert_eq!(told, all - before);
                before = all;
            }
        }
    }
}

fn parties(query: &Query) -> Vec<Party> {
    let mut required = query.required.clone();
    required.sort();
    required.dedup();
    let people = required.into_iter().map(Party::Person);
    people.chain((0..query.groups.len()).map(Party::Group)).collect()
}

/// The question with fewer and fewer reasons to rule anything out: what a party rules out for one reason is what it rules
/// out more than without that reason.
fn by_reason(query: &Query) -> [Query; 4] {
    let unbuffered = Query { buffer_before_minutes: 0, buffer_after_minutes: 0, ..query.clone() };
    let firm = Query { tentative: Tentative::Free, ..unbuffered.clone() };
    let mut idle = firm.clone();
    idle.people.values_mut().for_each(|person| person.busy = Arc::default());
    [idle, firm, unbuffered, query.clone()]
}

/// Changes of each kind, written down without looking at how they are searched for.
fn conceivable(query: &Query) -> Vec<Change> {
    let mut changes = vec![Change::TentativeAsFree];
    let mut required = query.required.clone();
    required.sort();
    required.dedup();
    if required.len() > 1 {
        changes.extend(required.into_iter().map(Change::WithoutUser));
    }
    let duration = query.duration_minutes.get();
    changes.extend([1, 5, 30, duration / 2, duration - 1].map(|m| Change::Shorter { minutes: m.clamp(1, duration) }));
    for minutes in [15, 60, 300, 1440] {
        changes.push(Change::WiderHours { earlier_minutes: minutes, later_minutes: 0 });
        changes.push(Change::WiderHours { earlier_minutes: 0, later_minutes: minutes });
    }
    changes.push(Change::SmallerBuffer { before_minutes: 0, after_minutes: 0 });
    let end = query.windows.iter().map(|w| w.end()).max().unwrap();
    let buffer = SignedDuration::from_mins(i64::from(query.buffer_after_minutes));
    for days in 1..=3_u32 {
        let end = end + SignedDuration::from_hours(24 * i64::from(days));
        if query.known_until.is_some_and(|known| end + buffer <= known) {
            changes.push(Change::LaterEnd { days, end });
        }
    }
    changes
}
