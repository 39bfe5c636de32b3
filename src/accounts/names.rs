//! Usernames and e-mail addresses: which are acceptable, and by which key two of them are the same.

use email_address::{EmailAddress, Options};

/// A username with the key by which it is unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username {
    /// As the user wrote it.
    pub text: String,
    /// In lower case.
    pub key: String,
}

/// An e-mail address with the key by which it is unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// As the user wrote it.
    pub text: String,
    /// In lower case.
    pub key: String,
}

/// 3 to 150 letters, digits and `@ . + - _`.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn username(text: &str) -> Result<Username, &'static str> {
    let length = text.chars().count();
    if !(3..=150).contains(&length) {
        return Err("must have 3 to 150 characters");
    }
    if !text.chars().all(|c| c.is_alphanumeric() || "@.+-_".contains(c)) {
        return Err("may have letters, digits and @ . + - _ only");
    }
    Ok(Username { text: text.to_owned(), key: username_key(text) })
}

/// The key by which a username is found.
pub fn username_key(text: &str) -> String {
    text.to_lowercase()
}

/// A plain address (RFC 5321 section 4.1.2) in a domain with a dot, of at most 254 characters.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn email(text: &str) -> Result<Email, &'static str> {
    let options = Options { minimum_sub_domains: 2, allow_domain_literal: false, allow_display_text: false };
    if text.len() > 254 {
        return Err("is too long; at most 254 characters are allowed");
    }
    match EmailAddress::parse_with_options(text, options) {
        Ok(_) => Ok(Email { text: text.to_owned(), key: text.to_lowercase() }),
        Err(_) => Err("is not an e-mail address"),
    }
}
