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

impl Example for MessageOut {
    fn example() -> Self {
        Self { message: "Logout successful".to_owned() }
    }
}

impl Example for PasswordProofIn {
    fn example() -> Self {
        Self { password: "securePass123".to_owned() }
    }
}

impl Example for PasswordChangeIn {
    fn example() -> Self {
        Self { current_password: "securePass123".to_owned(), new_password: "even5ecurer-Pass".to_owned() }
    }
}

impl Example for SessionOut {
    fn example() -> Self {
        Self {
            id: 9,
            created_at: "2025-12-01T08:00:00Z".to_owned(),
            last_used_at: "2025-12-03T11:00:00Z".to_owned(),
            expires_at: "2025-12-17T11:00:00Z".to_owned(),
            user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".to_owned(),
            address: "192.0.2.17".to_owned(),
            current: true,
        }
    }
}

impl Example for TokenOut {
    fn example() -> Self {
        Self {
            id: 3,
            name: "Phone".to_owned(),
            scope: ScopeOut::Read,
            created_at: "2025-12-01T08:00:00Z".to_owned(),
            last_used_at: Some("2025-12-03T11:27:00Z".to_owned()),
            expires_at: None,
        }
    }
}

impl Example for NewTokenOut {
    fn example() -> Self {
        Self {
            id: 3,
            name: "Phone".to_owned(),
            scope: ScopeOut::Read,
            created_at: "2025-12-01T08:00:00Z".to_owned(),
            expires_at: None,
            token: "cvn_dGhpcyBpcyBub3QgYSBzZWNyZXQgYnV0IGxvb2tzIGw".to_owned(),
        }
    }
}

impl Example for PersonOut {
    fn example() -> Self {
        Self { id: 4, username: "alice_dev".to_owned(), timezone: "America/Los_Angeles".to_owned() }
    }
}
