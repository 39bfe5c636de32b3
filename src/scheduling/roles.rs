use std::borrow::Borrow;
use std::collections::BTreeSet;

use super::error::list;
use crate::fields::FieldErrors;
use crate::ids::UserId;
use crate::storage::accounts::User;

/// Who is named in a question, by the field that names them.
#[derive(Clone, Debug, Default)]
pub struct Roles(Vec<(&'static str, Vec<UserId>)>);

impl Roles {
    /// These users, under one field.
    pub fn of(field: &'static str, ids: &[UserId]) -> Self {
        Self::default().and(field, ids.iter().copied())
    }

    /// And these under another.
    #[must_use]
    pub fn and(mut self, field: &'static str, ids: impl IntoIterator<Item = UserId>) -> Self {
        self.0.push((field, ids.into_iter().collect()));
        self
    }

    /// Everybody, once, in the order of ids.
    pub fn everybody(&self) -> Vec<UserId> {
        let mut all: Vec<UserId> = self.0.iter().flat_map(|(_, ids)| ids).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether all are among these users, who are in the order of ids.
    pub(super) fn check_known<U: Borrow<User>>(&self, users: &[U]) -> Result<(), FieldErrors> {
        let id_of = |user: &U| Borrow::<User>::borrow(user).id;
        let is_known = |id: &UserId| users.binary_search_by_key(id, id_of).is_ok();
        let mut errors = FieldErrors::new();
        for (field, ids) in &self.0 {
            let unknown: BTreeSet<UserId> = ids.iter().copied().filter(|id| !is_known(id)).collect();
            if !unknown.is_empty() {
                let unknown: Vec<UserId> = unknown.into_iter().collect();
                errors.add(*field, format!("there are no users {}", list(&unknown)));
            }
        }
        errors.into_result()
    }
}
