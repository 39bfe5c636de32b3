use super::line::ContentLine;
use super::make::raw_line;

/// An ORGANIZER or ATTENDEE (RFC 5545 sections 3.8.4.1 and 3.8.4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// The calendar address: `mailto:ann@example.org`, or another URI.
    pub address: String,
    /// The e-mail address in lower case: that of a `mailto:` address, else the EMAIL parameter's (RFC 7986 section 6.2).
    pub email: Option<String>,
    /// CN.
    pub name: Option<String>,
    /// PARTSTAT.
    pub status: ParticipationStatus,
    /// ROLE in upper case, `REQ-PARTICIPANT` where none is given.
    pub role: String,
}

/// PARTSTAT (RFC 5545 section 3.2.12). What a program does not know is NEEDS-ACTION.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ParticipationStatus {
    /// No answer yet.
    #[default]
    NeedsAction,
    /// Coming.
    Accepted,
    /// Not coming.
    Declined,
    /// Perhaps.
    Tentative,
    /// Somebody else comes.
    Delegated,
}

impl ParticipationStatus {
    /// The word of RFC 5545.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NeedsAction => "NEEDS-ACTION",
            Self::Accepted => "ACCEPTED",
            Self::Declined => "DECLINED",
            Self::Tentative => "TENTATIVE",
            Self::Delegated => "DELEGATED",
        }
    }

    fn of(word: &str) -> Self {
        let all = [Self::Accepted, Self::Declined, Self::Tentative, Self::Delegated];
        all.into_iter().find(|status| word.trim().eq_ignore_ascii_case(status.as_str())).unwrap_or_default()
    }
}

impl Participant {
    /// Somebody with an e-mail address who has not answered yet.
    pub fn new(email: &str, name: Option<&str>) -> Self {
        Self {
            address: format!("mailto:{email}"),
            email: Some(email.to_lowercase()),
            name: name.map(str::to_owned),
            status: ParticipationStatus::NeedsAction,
            role: DEFAULT_ROLE.to_owned(),
        }
    }

    /// What an ORGANIZER or ATTENDEE line says.
    pub fn of(line: ContentLine<'_>) -> Self {
        Self {
            address: line.value().to_owned(),
            email: email_of(line),
            name: line.param("CN").map(|name| name.into_owned()),
            status: status_of(line),
            role: line.param("ROLE").map_or_else(|| DEFAULT_ROLE.to_owned(), |role| role.to_uppercase()),
        }
    }

    /// An ATTENDEE line.
    pub fn attendee_line(&self) -> String {
        let mut params: Vec<(&str, &str)> = self.name.iter().map(|name| ("CN", name.as_str())).collect();
        params.push(("PARTSTAT", self.status.as_str()));
        if self.role != DEFAULT_ROLE {
            params.push(("ROLE", &self.role));
        }
        raw_line("ATTENDEE", &params, &self.address)
    }

    /// An ORGANIZER line.
    pub fn organizer_line(&self) -> String {
        let params: Vec<(&str, &str)> = self.name.iter().map(|name| ("CN", name.as_str())).collect();
        raw_line("ORGANIZER", &params, &self.address)
    }
}

const DEFAULT_ROLE: &str = "REQ-PARTICIPANT";

/// The e-mail address of an ORGANIZER or ATTENDEE line, in lower case.
pub fn email_of(line: ContentLine<'_>) -> Option<String> {
    let value = line.value().trim();
    match value.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => Some(value[7..].trim().to_lowercase()),
        _ => line.param("EMAIL").map(|email| email.trim().to_lowercase()),
    }
}

/// PARTSTAT of an ATTENDEE line.
pub fn status_of(line: ContentLine<'_>) -> ParticipationStatus {
    line.param("PARTSTAT").map_or(ParticipationStatus::NeedsAction, |word| ParticipationStatus::of(&word))
}
