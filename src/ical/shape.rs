//! The shape of stored text: unfolded lines that are whole components, well nested, and nothing outside of them.

use super::calendar_object::NotAnObject;
use super::component::{Boundary, boundary};
use super::line::ContentLine;

/// A line of stored text, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct PlacedLine<'t> {
    /// The line.
    pub line: ContentLine<'t>,
    /// Whether it opens or closes a component.
    pub boundary: Option<Boundary>,
    /// In how many components it stands, with the one that it opens or closes.
    pub depth: usize,
    /// Where the text goes on behind it.
    pub end: usize,
}

/// Calls `visit` with each line of the text.
///
/// # Errors
/// [`NotAnObject`] when a line is no content line, components are not nested well, or something stands outside them.
pub fn walk<'t>(text: &'t str, mut visit: impl FnMut(PlacedLine<'t>)) -> Result<(), NotAnObject> {
    let (mut open, mut end, mut count) = (Vec::new(), 0, 0);
    for whole in text.split_inclusive('\n') {
        count += 1;
        let wrong = |message| NotAnObject { line: count, message };
        let line = whole.strip_suffix('\n').ok_or(wrong("the text is cut off"))?;
        let line = ContentLine::parse(line).ok_or(wrong("this is no content line"))?;
        end += whole.len();
        let boundary = boundary(line);
        if boundary == Some(Boundary::Begin) {
            open.push(line.value());
        }
        let depth = open.len();
        if boundary == Some(Boundary::End) && open.pop() != Some(line.value()) {
            return Err(wrong("this END has no BEGIN"));
        }
        if depth == 0 {
            return Err(wrong("a property stands outside of any component"));
        }
        visit(PlacedLine { line, boundary, depth, end });
    }
    if open.is_empty() && count > 0 {
        return Ok(());
    }
    Err(NotAnObject { line: count, message: "a component is not closed, or there is none" })
}
