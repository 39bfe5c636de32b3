//! What the document shows as examples.

use poem_openapi::types::Example;

use super::*;

impl Example for RegistrationIn {
    fn example() -> Self {
        Self {
            username: "alice_dev".to_owned(),
            password: "securePass123".to_owned(),
            email: "alice@example.com".to_owned(),
            timezone: "America/Los_Angeles".to_owned(),
        }
    }
}

impl Example for LoginIn {
    fn example() -> Self {
        Self { username: "alice_dev".to_owned(), password: "securePass123".to_owned() }
    }
}

impl Example for RegisteredOut {
    fn example() -> Self {
        let user = NewUserOut {
            id: 4,
            username: "alice_dev".to_owned(),
            email: "alice@example.com".to_owned(),
            timezone: "America/Los_Angeles".to_owned(),
            working_hours_start: "09:00:00".to_owned(),
            working_hours_end: "17:00:00".to_owned(),
        };
        Self { message: "User registered successfully".to_owned(), user }
    }
}

impl Example for LoginOut {
    fn example() -> Self {
        let user = LoggedInOut {
            id: 4,
            username: "alice_dev".to_owned(),
            email: "alice@example.com".to_owned(),
            timezone: "America/Los_Angeles".to_owned(),
        };
        Self { message: "Login successful".to_owned(), user }
    }
}

impl Example for ProfileOut {
    fn example() -> Self {
        Self {
            id: 4,
            username: "alice_dev".to_owned(),
            email: "alice@example.com".to_owned(),
            timezone: "America/Los_Angeles".to_owned(),
            working_hours_start: "09:00:00".to_owned(),
            working_hours_end: "17:00:00".to_owned(),
            working_days: DayOut::WEEK.to_vec(),
            free_busy_visibility: VisibilityOut::Users,
        }
    }
}

impl Example for ProfileIn {
    fn example() -> Self {
        Self {
            id: None,
            username: None,
            email: None,
            timezone: Some("Europe/London".to_owned()),
            working_hours_start: None,
            working_hours_end: None,
            working_days: None,
            free_busy_visibility: None,
        }
    }
}

impl Example for TokenIn {
    fn example() -> Self {
        Self { name: "Phone".to_owned(), scope: ScopeOut::Read, expires_at: None }
    }
}
