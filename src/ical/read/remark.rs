use std::borrow::Cow;

use super::finding::{Finding, FindingKind, Severity};

/// What there is to say of one place of a file: a [`Finding`] before it is known how often it is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// See [`Finding::severity`].
    pub severity: Severity,
    /// See [`Finding::kind`].
    pub kind: FindingKind,
    /// See [`Finding::found`].
    pub found: Cow<'static, str>,
    /// See [`Finding::made`]; empty where nothing was made of it.
    pub made: Cow<'static, str>,
    /// See [`Finding::advice`]; empty where there is none.
    pub advice: Cow<'static, str>,
    /// The words of the file, of the first place only.
    pub example: Option<String>,
}

impl Remark {
    /// An event that is left out, and why.
    pub fn error(kind: FindingKind, found: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Error, kind, found.into(), Cow::Borrowed(""))
    }

    /// What was written otherwise than it has to be.
    pub fn repaired(
        kind: FindingKind,
        found: impl Into<Cow<'static, str>>,
        made: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Severity::Repaired, kind, found.into(), made.into())
    }

    /// What may have been meant otherwise.
    pub fn guessed(kind: FindingKind, found: impl Into<Cow<'static, str>>, made: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Guessed, kind, found.into(), made.into())
    }

    /// What is worth knowing.
    pub fn note(kind: FindingKind, found: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Note, kind, found.into(), Cow::Borrowed(""))
    }

    /// With what to change at the source.
    #[must_use]
    pub fn advise(self, advice: impl Into<Cow<'static, str>>) -> Self {
        Self { advice: advice.into(), ..self }
    }

    /// With what was made of it.
    #[must_use]
    pub fn so(self, made: impl Into<Cow<'static, str>>) -> Self {
        Self { made: made.into(), ..self }
    }

    /// With the words of the file.
    #[must_use]
    pub fn such_as(self, words: &str) -> Self {
        Self { example: Some(crate::ical::value::shorten(words)), ..self }
    }

    /// What was found and what was made of it, as a sentence part.
    pub fn sentence(&self) -> String {
        if self.made.is_empty() { self.found.clone().into_owned() } else { format!("{}; {}", self.found, self.made) }
    }

    pub(super) fn into_finding(self) -> Finding {
        let found = match &self.example {
            Some(words) => format!("{}, such as \"{words}\"", self.found),
            None => self.found.into_owned(),
        };
        let some = |text: Cow<'static, str>| (!text.is_empty()).then(|| text.into_owned());
        Finding {
            severity: self.severity,
            kind: self.kind,
            found,
            made: some(self.made),
            advice: some(self.advice),
            count: 0,
            places: Vec::new(),
        }
    }

    fn new(severity: Severity, kind: FindingKind, found: Cow<'static, str>, made: Cow<'static, str>) -> Self {
        Self { severity, kind, found, made, advice: Cow::Borrowed(""), example: None }
    }
}

/// A repair of which only the sentence is known: what was found; what was made of it.
impl From<String> for Remark {
    fn from(sentence: String) -> Self {
        Self::of_sentence(FindingKind::Structure, &sentence)
    }
}

impl Remark {
    /// A repair of that kind by its sentence: what was found; what was made of it.
    pub fn of_sentence(kind: FindingKind, sentence: &str) -> Self {
        let (found, made) = sentence.rsplit_once("; ").unwrap_or((sentence, ""));
        Self::repaired(kind, found.to_owned(), made.to_owned())
    }
}
