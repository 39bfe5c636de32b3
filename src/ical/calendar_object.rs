use super::component::{Boundary, Component};
use super::event::VEvent;
use super::line::ContentLine;
use super::shape::walk;

/// All VEVENTs of one UID, the whole of them: the stored truth of an event (RFC 4791 section 4.1). The master, where there
/// is one, comes first, then the overrides in the order in which they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarObject {
    components: Vec<Component>,
}

/// Text that is no [`CalendarObject`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct NotAnObject {
    /// The line, from 1 on.
    pub line: usize,
    /// What is wrong there.
    pub message: &'static str,
}

impl CalendarObject {
    /// The object of these VEVENTs, which have the same UID; `None` without any.
    pub(super) fn of(components: Vec<Component>) -> Option<Self> {
        if components.len() < 2 {
            return (!components.is_empty()).then_some(Self { components });
        }
        let is_override = |component: &Component| component.property("RECURRENCE-ID").is_some();
        let (overrides, masters): (Vec<_>, Vec<_>) = components.into_iter().partition(is_override);
        Some(Self { components: masters.into_iter().chain(overrides).collect() })
    }

    pub(super) fn of_one(component: Component) -> Self {
        Self { components: vec![component] }
    }

    /// The text for storage: the unfolded lines of all components, each ended by `\n`.
    pub fn to_text(&self) -> String {
        self.components.iter().map(Component::text).collect()
    }

    /// As [`CalendarObject::to_text`]; what is one component is not copied.
    pub fn into_text(mut self) -> String {
        match self.components.pop() {
            Some(only) if self.components.is_empty() => only.into_text(),
            last => self.components.into_iter().chain(last).map(|component| component.into_text()).collect(),
        }
    }

    /// Reads what [`CalendarObject::to_text`] wrote. Other text with the same outline (unfolded lines, whole VEVENTs) is
    /// read too; foreign files belong to [`read`](super::read()).
    ///
    /// # Errors
    /// [`NotAnObject`] when a line is no content line, components are not nested well, or something stands outside them.
    pub fn from_text(text: &str) -> Result<Self, NotAnObject> {
        let (mut components, mut start) = (Vec::new(), 0);
        walk(text, |placed| {
            if placed.depth == 1 && placed.boundary == Some(Boundary::End) {
                components.push(Component::from_checked_text(text[start..placed.end].to_owned()));
                start = placed.end;
            }
        })?;
        Self::of(components).ok_or(NotAnObject { line: 1, message: "there is no component" })
    }

    /// The components: the master first, then the overrides.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    pub(super) fn components_mut(&mut self) -> &mut Vec<Component> {
        &mut self.components
    }

    /// The UID, as it is meant.
    pub fn uid(&self) -> String {
        self.first().property("UID").map(ContentLine::text).unwrap_or_default()
    }

    /// The component without RECURRENCE-ID. An imported object may hold overrides only.
    pub fn master(&self) -> Option<VEvent<'_>> {
        self.has_master().then(|| VEvent::of(self.first()))
    }

    /// The components with RECURRENCE-ID.
    pub fn overrides(&self) -> impl ExactSizeIterator<Item = VEvent<'_>> {
        let skipped = usize::from(self.has_master());
        self.components[skipped.min(self.components.len())..].iter().map(VEvent::of)
    }

    /// The master, or the first override where there is none: what stands for the whole in a list.
    pub fn representative(&self) -> VEvent<'_> {
        VEvent::of(self.first())
    }

    /// Whether there is a component without RECURRENCE-ID.
    pub fn has_master(&self) -> bool {
        self.first().property("RECURRENCE-ID").is_none()
    }

    pub(super) fn first(&self) -> &Component {
        // Never empty by construction.
        &self.components[0]
    }
}
