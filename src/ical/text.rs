//! TEXT values and parameter values: escaping, lists, RFC 6868.

use std::borrow::Cow;

/// The text that an escaped TEXT value means (RFC 5545 section 3.3.11). An unknown escape is kept as it stands.
pub fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('n' | 'N') => text.push('\n'),
            Some(escaped @ ('\\' | ',' | ';' | ':' | '"')) => text.push(escaped),
            Some(other) => text.extend(['\\', other]),
            None => text.push('\\'),
        }
    }
    Cow::Owned(text)
}

/// The text as a TEXT value: backslash, comma, semicolon and line ends escaped, other control characters left out.
pub fn escape(text: &str) -> String {
    let mut raw = String::with_capacity(text.len() + 8);
    for c in plain(text).chars() {
        match c {
            '\n' => raw.push_str("\\n"),
            '\\' | ',' | ';' => raw.extend(['\\', c]),
            _ => raw.push(c),
        }
    }
    raw
}

/// Text with `\n` as its only line end and tab as its only other control character.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| is_control(c) && c != '\n') {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(text.chars().filter(|c| !is_control(*c) || *c == '\n').collect())
}

/// The items of a comma-separated list of TEXT values, still escaped.
pub fn split_list(raw: &str) -> Vec<&str> {
    let (mut items, mut start, mut escaped) = (Vec::new(), 0, false);
    for (i, byte) in raw.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b',' => {
                items.push(&raw[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    items.push(&raw[start..]);
    items
}

/// A parameter value as it is meant: `^n`, `^^` and `^'` decoded (RFC 6868 section 3.2).
pub fn decode_param(raw: &str) -> Cow<'_, str> {
    if !raw.contains('^') {
        return Cow::Borrowed(raw);
    }
    let mut value = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        let decoded = match (c, chars.peek()) {
            ('^', Some('n')) => '\n',
            ('^', Some('^')) => '^',
            ('^', Some('\'')) => '"',
            _ => {
                value.push(c);
                continue;
            }
        };
        value.push(decoded);
        chars.next();
    }
    Cow::Owned(value)
}

/// A parameter value as it is written, without the quotes: what a content line cannot hold is encoded (RFC 6868) or, for
/// other control characters, left out.
pub fn encode_param(value: &str) -> String {
    plain(value).replace('^', "^^").replace('\n', "^n").replace('"', "^'")
}

/// RFC 5545 section 3.1: CONTROL is everything below the space, and DEL, but not the tab.
pub fn is_control(c: char) -> bool {
    (c < ' ' && c != '\t') || c == '\u{7f}'
}
