//! What is wrong with the fields of a request, by name: the one shape in which every face reports bad input.
//!
//! This module refuses to know JSON, HTTP and which fields there are.

use std::collections::BTreeMap;

/// Messages by field name. A nested field's name has dots and indexes: `groups[0].need`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(BTreeMap<String, Vec<String>>);

impl FieldErrors {
    /// No error yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One message about one field.
    pub fn one(field: impl Into<String>, message: impl Into<String>) -> Self {
        let mut errors = Self::new();
        errors.add(field, message);
        errors
    }

    /// Adds a message about a field.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.entry(field.into()).or_default().push(message.into());
    }

    /// Adds all messages of others.
    pub fn extend(&mut self, others: Self) {
        for (field, messages) in others.0 {
            self.0.entry(field).or_default().extend(messages);
        }
    }

    /// The value, or nothing and a message about `field`.
    pub fn take<T, E: ToString>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(field, error.to_string())).ok()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Ok` when nothing is wrong.
    ///
    /// # Errors
    /// Itself, when something is.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    /// The messages by field.
    pub fn into_map(self) -> BTreeMap<String, Vec<String>> {
        self.0
    }

    /// The first message, with its field: for a face that has room for one sentence only.
    pub fn first(&self) -> Option<(&str, &str)> {
        let (field, messages) = self.0.first_key_value()?;
        Some((field, messages.first()?))
    }
}
