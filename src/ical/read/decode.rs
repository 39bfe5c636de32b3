//! Bytes first: which encoding, and where lines begin.

use std::borrow::Cow;

/// The bytes as UTF-8 or something close to it: without a byte order mark, UTF-16 transcoded.
pub fn without_bom(bytes: &[u8]) -> Cow<'_, [u8]> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(rest),
        [0xff, 0xfe, rest @ ..] => Cow::Owned(from_utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(from_utf16(rest, u16::from_be_bytes)),
        // No byte order mark, but every other byte of the beginning is NUL.
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Cow::Owned(from_utf16(bytes, u16::from_le_bytes)),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Cow::Owned(from_utf16(bytes, u16::from_be_bytes)),
        _ => Cow::Borrowed(bytes),
    }
}

fn from_utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> Vec<u8> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut utf8 = String::with_capacity(bytes.len() / 2);
    utf8.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    utf8.into_bytes()
}

/// The text of one unfolded line. What is no UTF-8 is taken for Windows-1252 (which Latin-1 is part of), unless other
/// characters of the line are UTF-8: then only what is broken is replaced.
pub fn text_of(line: &[u8]) -> Result<Cow<'_, str>, String> {
    match std::str::from_utf8(line) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(_) => {
            let lossy = String::from_utf8_lossy(line);
            let some_utf8 = lossy.chars().any(|c| !c.is_ascii() && c != char::REPLACEMENT_CHARACTER);
            Err(if some_utf8 { lossy.into_owned() } else { line.iter().map(|b| windows_1252(*b)).collect() })
        }
    }
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => char::from_u32(u32::from(UPPER[usize::from(byte - 0x80)])).unwrap_or('\u{fffd}'),
        _ => char::from(byte),
    }
}

/// Windows-1252 from 0x80 to 0x9f.
const UPPER: [u16; 32] = [
    0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd,
    0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
    0x0153, 0xfffd, 0x017e, 0x0178,
];

/// One unfolded line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogicalLine<'a> {
    /// The physical line on which it begins, from 1 on.
    pub number: usize,
    /// Its bytes without folds, NULs and line end; cut off where it is too long.
    pub bytes: &'a [u8],
    /// How long its last physical line is, in bytes: a line of 70 and more was perhaps folded.
    pub last_part: usize,
    /// Whether it is longer than the bound.
    pub too_long: bool,
}

/// Walks over unfolded lines (RFC 5545 section 3.1), whatever ends the physical ones: CRLF, LF or CR. Empty lines are
/// passed over.
pub struct Lines<'a> {
    rest: &'a [u8],
    number: usize,
    longest: usize,
    unfolded: Vec<u8>,
}

impl<'a> Lines<'a> {
    /// The lines of `bytes`, each at most `longest` bytes long.
    pub fn new(bytes: &'a [u8], longest: usize) -> Self {
        Self { rest: bytes, number: 0, longest, unfolded: Vec::new() }
    }

    /// The next line.
    pub fn next_line(&mut self) -> Option<LogicalLine<'_>> {
        let first = loop {
            let line = self.physical()?;
            if !line.is_empty() {
                break line;
            }
        };
        let (number, mut last_part) = (self.number, first.len());
        if !self.is_continued() && !first.contains(&0) && first.len() <= self.longest {
            return Some(LogicalLine { number, bytes: first, last_part, too_long: false });
        }
        self.unfolded.clear();
        let mut too_long = !append(&mut self.unfolded, first, self.longest);
        while self.is_continued() {
            let part = self.physical().unwrap_or_default();
            if let [_, part @ ..] = part {
                last_part = part.len() + 1;
                too_long |= !append(&mut self.unfolded, part, self.longest);
            }
        }
        Some(LogicalLine { number, bytes: &self.unfolded, last_part, too_long })
    }

    /// Whether the next physical line belongs to this one. Empty lines between the two are a doubled line end.
    fn is_continued(&mut self) -> bool {
        let mut ahead = self.rest;
        let mut passed = 0;
        while let [b'\r' | b'\n', rest @ ..] = ahead {
            ahead = if ahead.starts_with(b"\r\n") { &ahead[2..] } else { rest };
            passed += 1;
        }
        let continued = matches!(ahead, [b' ' | b'\t', ..]);
        if continued {
            self.rest = ahead;
            self.number += passed;
        }
        continued
    }

    fn physical(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        self.number += 1;
        let end = self.rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        let line_end = match &self.rest[end..] {
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            _ => 1,
        };
        self.rest = &self.rest[end + line_end..];
        Some(line)
    }
}

/// Appends what fits, without NULs; answers whether all did.
fn append(unfolded: &mut Vec<u8>, part: &[u8], longest: usize) -> bool {
    let room = longest.saturating_sub(unfolded.len());
    unfolded.extend(part.iter().take(room).filter(|b| **b != 0));
    part.len() <= room
}
