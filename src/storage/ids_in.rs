use sqlx::{Database, Encode, QueryBuilder, Type};

/// Appends `($1, $2, …)` with these ids, and as many repetitions of the last as lead to a power of two: so a handful of
/// prepared statements serves lists of every length. No ids make a list that nothing is in.
pub(super) fn push_ids<DB: Database>(query: &mut QueryBuilder<DB>, ids: impl IntoIterator<Item = i64>)
where
    i64: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut ids: Vec<i64> = ids.into_iter().collect();
    let last = ids.last().copied().unwrap_or(NO_ID);
    ids.resize(ids.len().next_power_of_two(), last);
    query.push("(");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(id);
    }
    query.push(")");
}

/// Ids are counted from 1.
const NO_ID: i64 = 0;
