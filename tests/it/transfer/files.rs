//! The files of `tests/data`, as their programs would write them, but with bare lines: a test folds them.

/// By name.
pub const FILES: &[(&str, &str)] = &[
    ("apple.ics", include_str!("../../data/transfer/apple.ics")),
    ("google.ics", include_str!("../../data/transfer/google.ics")),
    ("odd.ics", include_str!("../../data/transfer/odd.ics")),
    ("outlook.ics", include_str!("../../data/transfer/outlook.ics")),
    ("rich.ics", include_str!("../../data/ical/rich.ics")),
    ("series.ics", include_str!("../../data/transfer/series.ics")),
];

/// The file with CRLF and folded at so many octets, be it inside a character, as some programs do.
pub fn folded(file: &str, width: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(file.len() * 2);
    for line in file.replace("\r\n", "\n").replace("\n ", "").lines() {
        let (first, rest) = line.as_bytes().split_at(width.min(line.len()));
        out.extend_from_slice(first);
        for part in rest.chunks(width - 1) {
            out.extend_from_slice(b"\r\n ");
            out.extend_from_slice(part);
        }
        out.extend_from_slice(b"\r\n");
    }
    out
}
