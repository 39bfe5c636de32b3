/// Appends a content line, folded so that no line is longer than 75 octets without its CRLF, and never inside a character
/// (RFC 5545 section 3.1).
pub fn push_folded(out: &mut String, line: &str) {
    let mut parts = parts(line);
    out.extend(parts.next());
    for part in parts {
        out.push_str("\r\n ");
        out.push_str(part);
    }
    out.push_str("\r\n");
}

/// How many bytes [`push_folded`] appends.
pub fn folded_length(line: &str) -> usize {
    // Each fold has three bytes of its own, and the end two.
    if line.len() <= LINE_OCTETS { line.len() + 2 } else { parts(line).map(|part| part.len() + 3).sum::<usize>() - 1 }
}

/// What stands on each of the lines.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    let (mut rest, mut room) = (Some(line), LINE_OCTETS);
    std::iter::from_fn(move || {
        let whole = rest?;
        let (part, behind) = whole.split_at(whole.floor_char_boundary(room));
        // The space that marks the fold is one of the next line's octets.
        room = LINE_OCTETS - 1;
        rest = Some(behind).filter(|behind| !behind.is_empty());
        Some(part)
    })
}

const LINE_OCTETS: usize = 75;
