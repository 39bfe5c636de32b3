/// Appends a content line, folded so that no line is longer than 75 octets without its CRLF, and never inside a character
/// (RFC 5545 section 3.1).
pub fn push_folded(out: &mut String, line: &str) {
    let (mut rest, mut room) = (line, LINE_OCTETS);
    while rest.len() > room {
        let cut = rest.floor_char_boundary(room);
        out.push_str(&rest[..cut]);
        out.push_str("\r\n ");
        rest = &rest[cut..];
        // The space that marks the fold is one of the next line's octets.
        room = LINE_OCTETS - 1;
    }
    out.push_str(rest);
    out.push_str("\r\n");
}

const LINE_OCTETS: usize = 75;
