//! What must hold between the answers to different questions.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use convene::slots::{Align, Group, Query, find_slots};
use convene::time::Timestamp;
use proptest::prelude::*;

use super::questions::any_question;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn dropping_a_person_never_loses_a_slot(query in on_the_clock(), dropped in 0..4_usize) {
        let mut fewer = query.clone();
        fewer.required.remove(dropped % query.required.len());
        prop_assert!(starts(&query).is_subset(&starts(&fewer)));
    }

    #[test]
    fn shortening_never_loses_a_start(query in on_the_clock(), shorter in 1..150_u32) {
        let minutes = query.duration_minutes.get().min(shorter);
        let quick = Query { duration_minutes: NonZeroU32::new(minutes).unwrap(), ..query.clone() };
        prop_assert!(starts(&query).is_subset(&starts(&quick)));
    }

    #[test]
    fn a_wider_window_only_adds(query in on_the_clock(), earlier in 0..600_i64, later in 0..600_i64) {
        let mut wide = query.clone();
        wide.windows[0] = wide.windows[0].widened(super::questions::minutes(earlier), super::questions::minutes(later));
        prop_assert!(starts(&query).is_subset(&starts(&wide)));
    }

    #[test]
    fn order_and_repetition_of_names_change_nothing(query in any_question(), explain in any::<bool>()) {
        let query = Query { explain, ..query };
        let turned = |group: &Group| Group { people: group.people.iter().rev().chain(&group.people).copied().collect(), need: group.need };
        let mut other = query.clone();
        other.required = query.required.iter().rev().chain(&query.required).copied().collect();
        other.optional = query.optional.iter().rev().chain(&query.optional).copied().collect();
        other.groups = query.groups.iter().map(turned).collect();
        other.windows = query.windows.iter().rev().chain(&query.windows).copied().collect();
        prop_assert_eq!(find_slots(&query), find_slots(&other));
    }

    #[test]
    fn the_limit_keeps_the_first_and_counts_all(query in any_question(), limit in 0..20_usize) {
        let all = find_slots(&query);
        let few = find_slots(&Query { limit, ..query.clone() });
        prop_assert_eq!(few.total, all.total);
        prop_assert_eq!(&few.slots[..], &all.slots[..limit.min(all.total)]);
        prop_assert_eq!(&find_slots(&query), &all, "the same question");
    }

    #[test]
    fn scores_are_means_between_0_and_1_best_first(query in any_question()) {
        let slots = find_slots(&query).slots;
        let key = |slot: &convene::slots::Slot| (slot.score.map_or(0.0, |score| -score.mean), slot.period.start());
        prop_assert!(slots.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])));
        for score in slots.iter().filter_map(|slot| slot.score) {
            let p = score.parts;
            let parts = [p.optional, p.comfort, p.tentative, p.stretches, p.soon];
            prop_assert!(parts.iter().all(|part| (0.0..=1.0).contains(part)));
            prop_assert!((parts.iter().sum::<f64>() / 5.0 - score.mean).abs() < 0.0001);
        }
    }
}

fn on_the_clock() -> impl Strategy<Value = Query> {
    any_question().prop_map(|query| Query { align: Align::Clock, ..query })
}

fn starts(query: &Query) -> BTreeSet<Timestamp> {
    find_slots(query).slots.iter().map(|slot| slot.period.start()).collect()
}
