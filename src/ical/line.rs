use std::borrow::Cow;

use super::text;

/// One unfolded content line, `NAME;PARAM=value:value` (RFC 5545 section 3.1), as a view of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentLine<'a> {
    raw: &'a str,
    name_end: usize,
    value_start: usize,
}

/// One parameter of a content line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param<'a> {
    /// The name as written; compare it without regard to case.
    pub name: &'a str,
    /// What stands behind the equals sign: quotes, commas and RFC 6868 escapes included.
    pub raw: &'a str,
}

impl<'a> ContentLine<'a> {
    /// The line that `raw` is, or `None` when it has no name or no colon behind its parameters.
    pub fn parse(raw: &'a str) -> Option<Self> {
        let bytes = raw.as_bytes();
        let name_end = bytes.iter().position(|b| !is_name_byte(*b))?;
        if name_end == 0 {
            return None;
        }
        let colon = match bytes[name_end] {
            b':' => name_end,
            b';' => end_of_params(bytes, name_end)?,
            _ => return None,
        };
        Some(Self { raw, name_end, value_start: colon + 1 })
    }

    /// The whole line.
    pub fn raw(self) -> &'a str {
        self.raw
    }

    /// The name as written.
    pub fn name(self) -> &'a str {
        &self.raw[..self.name_end]
    }

    /// Whether the name is that, in any case.
    pub fn is(self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// What stands behind the colon, still escaped.
    pub fn value(self) -> &'a str {
        &self.raw[self.value_start..]
    }

    /// The value as a TEXT (RFC 5545 section 3.3.11).
    pub fn text(self) -> String {
        text::unescape(self.value()).into_owned()
    }

    /// The parameters as written, with the semicolon before each: empty, or `;TZID=Europe/Berlin`.
    pub fn raw_params(self) -> &'a str {
        &self.raw[self.name_end..self.value_start - 1]
    }

    /// The parameters in their order.
    pub fn params(self) -> impl Iterator<Item = Param<'a>> {
        split_outside_quotes(self.raw_params(), b';').skip(1).map(|part| {
            let (name, raw) = part.split_once('=').unwrap_or((part, ""));
            Param { name: name.trim(), raw }
        })
    }

    /// The first value of a parameter, as it is meant.
    pub fn param(self, name: &str) -> Option<Cow<'a, str>> {
        self.params().find(|param| param.name.eq_ignore_ascii_case(name)).map(Param::value)
    }
}

impl<'a> Param<'a> {
    /// The first value, without its quotes and decoded (RFC 6868).
    pub fn value(self) -> Cow<'a, str> {
        let first = split_outside_quotes(self.raw, b',').next().unwrap_or("").trim();
        let unquoted = first.strip_prefix('"').map_or(first, |rest| rest.strip_suffix('"').unwrap_or(rest));
        text::decode_param(unquoted)
    }
}

/// Whether a name of a property or parameter may have it.
pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// Where the colon is that ends the parameters. A quote that nobody closes is taken for a character like others.
fn end_of_params(bytes: &[u8], from: usize) -> Option<usize> {
    let mut quoted = false;
    for (i, byte) in bytes.iter().enumerate().skip(from) {
        match byte {
            b'"' => quoted = !quoted,
            b':' if !quoted => return Some(i),
            _ => {}
        }
    }
    bytes.iter().skip(from).position(|b| *b == b':').map(|i| from + i)
}

/// The parts of `text` between the bytes `at` that stand outside of quotes.
pub(super) fn split_outside_quotes(text: &str, at: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let current = rest?;
        let mut quoted = false;
        let cut = current.bytes().position(|byte| {
            quoted ^= byte == b'"';
            byte == at && !quoted
        });
        rest = cut.map(|i| &current[i + 1..]);
        Some(cut.map_or(current, |i| &current[..i]))
    })
}
