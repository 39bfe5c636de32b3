//! Bytes first: which encoding, and where lines begin. They come piece by piece, so that a file need not be in memory twice.

use std::borrow::Cow;

/// The bytes of a file, piece by piece, as UTF-8 or something close to it: without a byte order mark, UTF-16 transcoded.
pub struct Transcoded<S> {
    pieces: S,
    form: Option<Form>,
    /// The beginning of the file, until it is long enough to tell its form.
    beginning: Vec<u8>,
    length: usize,
}

/// How a file writes its characters.
enum Form {
    /// A byte each for what matters: UTF-8, or one of the alphabets of old.
    Bytes,
    Utf16(Utf16),
}

impl<S: Iterator<Item: AsRef<[u8]>>> Transcoded<S> {
    pub fn new(pieces: S) -> Self {
        Self { pieces, form: None, beginning: Vec::new(), length: 0 }
    }

    /// Appends the next piece; answers whether there was one.
    fn append_to(&mut self, out: &mut Vec<u8>) -> bool {
        loop {
            let Some(piece) = self.pieces.next() else { return self.append_end(out) };
            let piece = piece.as_ref();
            self.length += piece.len();
            match &mut self.form {
                Some(form) => form.append(piece, out),
                None => {
                    self.beginning.extend_from_slice(piece);
                    if self.beginning.len() < LONGEST_MARK {
                        continue;
                    }
                    self.begin(out);
                }
            }
            return true;
        }
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        let beginning = std::mem::take(&mut self.beginning);
        let (mut form, mark) = Form::of(&beginning);
        form.append(beginning.get(mark..).unwrap_or_default(), out);
        self.form = Some(form);
    }

    fn append_end(&mut self, out: &mut Vec<u8>) -> bool {
        if self.form.is_none() && !self.beginning.is_empty() {
            self.begin(out);
            return true;
        }
        // Half a pair stands at the end.
        let half = matches!(&mut self.form, Some(Form::Utf16(form)) if form.high.is_some());
        if half {
            push_char(char::REPLACEMENT_CHARACTER, out);
            self.form = None;
        }
        half
    }
}

/// So many bytes tell how a file is written.
const LONGEST_MARK: usize = 4;

impl Form {
    /// The form that the beginning of a file shows, and how long its mark is.
    fn of(beginning: &[u8]) -> (Self, usize) {
        match beginning {
            [0xef, 0xbb, 0xbf, ..] => (Self::Bytes, 3),
            [0xff, 0xfe, ..] => (Self::Utf16(Utf16::new(u16::from_le_bytes)), 2),
            [0xfe, 0xff, ..] => (Self::Utf16(Utf16::new(u16::from_be_bytes)), 2),
            // No byte order mark, but every other byte of the beginning is NUL.
            [a, 0, b, 0, ..] if *a != 0 && *b != 0 => (Self::Utf16(Utf16::new(u16::from_le_bytes)), 0),
            [0, a, 0, b, ..] if *a != 0 && *b != 0 => (Self::Utf16(Utf16::new(u16::from_be_bytes)), 0),
            _ => (Self::Bytes, 0),
        }
    }

    fn append(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Bytes => out.extend_from_slice(bytes),
            Self::Utf16(form) => bytes.iter().for_each(|byte| form.take(*byte, out)),
        }
    }
}

/// UTF-16 on the way to UTF-8.
struct Utf16 {
    unit: fn([u8; 2]) -> u16,
    /// The first byte of a unit.
    half: Option<u8>,
    /// The first unit of a pair.
    high: Option<u16>,
}

impl Utf16 {
    fn new(unit: fn([u8; 2]) -> u16) -> Self {
        Self { unit, half: None, high: None }
    }

    fn take(&mut self, byte: u8, out: &mut Vec<u8>) {
        let Some(first) = self.half.take() else {
            self.half = Some(byte);
            return;
        };
        let unit = (self.unit)([first, byte]);
        if let Some(high) = self.high.take() {
            if let Some(Ok(pair)) = char::decode_utf16([high, unit]).next() {
                return push_char(pair, out);
            }
            push_char(char::REPLACEMENT_CHARACTER, out);
        }
        match unit {
            0xd800..=0xdbff => self.high = Some(unit),
            _ => push_char(char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER), out),
        }
    }
}

fn push_char(c: char, out: &mut Vec<u8>) {
    if c.is_ascii() {
        out.push(c as u8);
    } else {
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// The text of one unfolded line. What is no UTF-8 is taken for Windows-1252 (which Latin-1 is part of), unless other
/// characters of the line are UTF-8: then only what is broken is replaced.
pub fn text_of(line: &[u8]) -> Result<Cow<'_, str>, String> {
    match std::str::from_utf8(line) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(error) => {
            let (before, rest) = line.split_at(error.valid_up_to());
            let some_utf8 = !before.is_ascii() || rest.utf8_chunks().any(|chunk| !chunk.valid().is_ascii());
            Err(if some_utf8 { String::from_utf8_lossy(line).into_owned() } else { from_windows_1252(line) })
        }
    }
}

fn from_windows_1252(line: &[u8]) -> String {
    // Most of its letters take two bytes in UTF-8.
    let mut text = String::with_capacity(2 * line.len());
    text.extend(line.iter().map(|byte| windows_1252(*byte)));
    text
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
/// passed over. Of the file no more than a line is in memory.
pub struct Lines<S> {
    bytes: Transcoded<S>,
    /// What has come and is not read yet begins at `from`.
    window: Vec<u8>,
    from: usize,
    ended: bool,
    /// What ends the first line, once that is known.
    first_end: Option<&'static str>,
    number: usize,
    longest: usize,
    unfolded: Vec<u8>,
}

/// What stands next in the window.
enum Next {
    /// A physical line: where it ends, and where the next begins.
    Line(usize, usize),
    /// The window does not show its end.
    Unended,
    /// Nothing.
    Nothing,
}

impl<S: Iterator<Item: AsRef<[u8]>>> Lines<S> {
    /// The lines of a file, each at most `longest` bytes long.
    pub fn new(pieces: S, longest: usize) -> Self {
        let bytes = Transcoded::new(pieces);
        Self {
            bytes,
            window: Vec::new(),
            from: 0,
            ended: false,
            first_end: None,
            number: 0,
            longest,
            unfolded: Vec::new(),
        }
    }

    /// How many bytes have come.
    pub fn size_bytes(&self) -> usize {
        self.bytes.length
    }

    /// Whether the file is UTF-16.
    pub fn are_utf16(&self) -> bool {
        matches!(self.bytes.form, Some(Form::Utf16(_)))
    }

    /// What ends the first line of the file, where that is not CRLF.
    pub fn odd_end(&self) -> Option<&'static str> {
        self.first_end.filter(|end| *end != "CRLF")
    }

    /// The next line.
    pub fn next_line(&mut self) -> Option<LogicalLine<'_>> {
        self.unfolded.clear();
        let mut line = Unfolding { longest: self.longest, ..Unfolding::default() };
        loop {
            match self.next() {
                Next::Nothing => return None,
                // One half of CRLF, perhaps, at the end of an empty line.
                Next::Unended if self.window[self.from..].starts_with(b"\r") => {
                    self.fill();
                }
                Next::Unended => break,
                Next::Line(end, behind) => {
                    self.number += 1;
                    let first = self.from..end;
                    self.from = behind;
                    if first.is_empty() {
                        continue;
                    }
                    let is_alone = self.window.get(behind).is_some_and(|b| !matches!(b, b'\r' | b'\n' | b' ' | b'\t'));
                    if is_alone
                        && first.len() <= self.longest
                        && memchr::memchr(0, &self.window[first.clone()]).is_none()
                    {
                        let bytes = &self.window[first];
                        return Some(LogicalLine {
                            number: self.number,
                            bytes,
                            last_part: bytes.len(),
                            too_long: false,
                        });
                    }
                    line.append(&mut self.unfolded, &self.window[first]);
                    return Some(self.unfold(line));
                }
            }
        }
        self.number += 1;
        self.rest_of_line(&mut line);
        Some(self.unfold(line))
    }

    /// Appends whatever goes on with the line whose first part is there.
    fn unfold(&mut self, mut line: Unfolding) -> LogicalLine<'_> {
        let number = self.number;
        while self.is_continued() {
            // The blank that marks the fold.
            self.from += 1;
            self.number += 1;
            line.last_part = 1;
            self.rest_of_line(&mut line);
        }
        LogicalLine { number, bytes: &self.unfolded, last_part: line.last_part, too_long: line.too_long }
    }

    /// Appends the physical line from here to its end, however long it is.
    fn rest_of_line(&mut self, line: &mut Unfolding) {
        loop {
            match self.next() {
                Next::Line(end, behind) => {
                    line.append(&mut self.unfolded, &self.window[self.from..end]);
                    self.from = behind;
                    return;
                }
                Next::Unended => {
                    // A CR at the end of the window may be one half of CRLF.
                    let whole = self.window.len() - usize::from(self.window.ends_with(b"\r"));
                    line.append(&mut self.unfolded, &self.window[self.from..whole]);
                    self.from = whole;
                    self.fill();
                }
                Next::Nothing => return,
            }
        }
    }

    /// Whether the next physical line belongs to the one before. Empty lines between the two are a doubled line end.
    fn is_continued(&mut self) -> bool {
        loop {
            match self.window.get(self.from).copied() {
                Some(b' ' | b'\t') => return true,
                Some(b'\r') if self.from + 1 == self.window.len() && self.fill() => {}
                Some(b'\r' | b'\n') => {
                    self.from += if self.window[self.from..].starts_with(b"\r\n") { 2 } else { 1 };
                    self.number += 1;
                }
                Some(_) => return false,
                None if self.fill() => {}
                None => return false,
            }
        }
    }

    /// Looks for the physical line that begins here.
    fn next(&mut self) -> Next {
        if self.from == self.window.len() && !self.fill() {
            return Next::Nothing;
        }
        let rest = &self.window[self.from..];
        let Some(length) = memchr::memchr2(b'\n', b'\r', rest) else {
            return if self.ended { Next::Line(self.window.len(), self.window.len()) } else { Next::Unended };
        };
        let end = self.from + length;
        let (behind, name) = match &rest[length..] {
            [b'\r', b'\n', ..] => (end + 2, "CRLF"),
            [b'\r'] if !self.ended => return Next::Unended,
            [b'\r', ..] => (end + 1, "CR"),
            _ => (end + 1, "LF"),
        };
        self.first_end.get_or_insert(name);
        Next::Line(end, behind)
    }

    /// Takes more of the file into the window; answers whether there was more.
    fn fill(&mut self) -> bool {
        self.window.drain(..self.from);
        self.from = 0;
        let length = self.window.len();
        while !self.ended && self.window.len() == length {
            self.ended = !self.bytes.append_to(&mut self.window);
        }
        self.window.len() > length
    }
}

/// An unfolded line in the making.
#[derive(Default)]
struct Unfolding {
    longest: usize,
    last_part: usize,
    too_long: bool,
}

impl Unfolding {
    /// Appends what fits, without NULs.
    fn append(&mut self, unfolded: &mut Vec<u8>, part: &[u8]) {
        self.last_part += part.len();
        let room = self.longest.saturating_sub(unfolded.len());
        let nuls = memchr::memchr_iter(0, part).count();
        self.too_long |= part.len() - nuls > room;
        if nuls == 0 {
            unfolded.extend_from_slice(part.get(..room).unwrap_or(part));
        } else {
            unfolded.extend(part.iter().filter(|b| **b != 0).take(room));
        }
    }
}
