use super::line::ContentLine;

/// One component with all that is in it: properties in their order, parameters as they were written, X- properties,
/// alarms. It is kept as its unfolded lines, so that what nobody changes comes out byte for byte.
///
/// Shape: `BEGIN:NAME`, well-formed content lines and well-nested components, `END:NAME`; each line ends in `\n`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    text: String,
}

/// What becomes of a line in [`Component::rewrite`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rewrite {
    Keep,
    Drop,
    Replace(String),
}

impl Component {
    /// The component of these lines, which must have the shape that the type promises.
    pub(super) fn from_checked_text(text: String) -> Self {
        Self { text }
    }

    /// An empty component.
    pub(super) fn new(name: &str) -> Self {
        Self { text: format!("BEGIN:{name}\nEND:{name}\n") }
    }

    /// The unfolded lines, each ended by `\n`.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// `VEVENT` and the like, as written.
    pub fn name(&self) -> &str {
        self.text.lines().next().and_then(|line| line.split_once(':')).map_or("", |(_, name)| name)
    }

    /// Its own properties, without those of components inside.
    pub fn properties(&self) -> impl Iterator<Item = ContentLine<'_>> {
        let mut depth = 0_usize;
        lines_of(&self.text).filter_map(ContentLine::parse).filter(move |line| {
            let own = depth == 1;
            match boundary(*line) {
                Some(Boundary::Begin) => depth += 1,
                Some(Boundary::End) => depth = depth.saturating_sub(1),
                None => return own,
            }
            false
        })
    }

    /// The first of its own properties with that name.
    pub fn property(&self, name: &str) -> Option<ContentLine<'_>> {
        self.properties().find(|line| line.is(name))
    }

    /// Puts `lines` where the properties called `name` stand, or behind the last property where there is none.
    pub(super) fn replace(&mut self, names: &[&str], lines: Vec<String>) {
        let mut lines = lines.into_iter();
        let mut last_place = None;
        let mut new = String::with_capacity(self.text.len() + 64);
        self.walk(|line, own| {
            if own && names.iter().any(|name| line.is(name)) {
                // As many as there were, each in its place; the last place takes what is left over.
                if let Some(replacement) = lines.next() {
                    push_line(&mut new, &replacement);
                    last_place = Some(new.len());
                }
            } else {
                push_line(&mut new, line.raw());
            }
        });
        let rest: String = lines.flat_map(|line| [line, "\n".to_owned()]).collect();
        if !rest.is_empty() {
            let place = last_place.unwrap_or_else(|| end_of_properties(&new));
            new.insert_str(place, &rest);
        }
        self.text = new;
    }

    /// Passes each of its own properties to `change`.
    pub(super) fn rewrite(&mut self, mut change: impl FnMut(ContentLine<'_>) -> Rewrite) {
        let mut new = String::with_capacity(self.text.len() + 64);
        self.walk(|line, own| match if own { change(line) } else { Rewrite::Keep } {
            Rewrite::Keep => push_line(&mut new, line.raw()),
            Rewrite::Replace(replacement) => push_line(&mut new, &replacement),
            Rewrite::Drop => {}
        });
        self.text = new;
    }

    /// All lines with whether they are the component's own properties.
    fn walk(&self, mut visit: impl FnMut(ContentLine<'_>, bool)) {
        let mut depth = 0_usize;
        for line in self.text.lines().filter_map(ContentLine::parse) {
            let boundary = boundary(line);
            visit(line, depth == 1 && boundary.is_none());
            match boundary {
                Some(Boundary::Begin) => depth += 1,
                Some(Boundary::End) => depth = depth.saturating_sub(1),
                None => {}
            }
        }
    }
}

/// The lines of a text, as [`str::lines`] has them; in half the time.
pub(super) fn lines_of(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest.as_bytes());
        let (line, behind) = end.map_or((rest, ""), |end| (&rest[..end], &rest[end + 1..]));
        rest = behind;
        Some(if end.is_some() { line.strip_suffix('\r').unwrap_or(line) } else { line })
    })
}

/// A line that opens or closes a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Boundary {
    Begin,
    End,
}

pub(super) fn boundary(line: ContentLine<'_>) -> Option<Boundary> {
    if line.is("BEGIN") {
        Some(Boundary::Begin)
    } else if line.is("END") {
        Some(Boundary::End)
    } else {
        None
    }
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Behind the last property: before the first component inside, or before the END.
fn end_of_properties(text: &str) -> usize {
    let mut place = 0;
    for (i, line) in text.split_inclusive('\n').enumerate() {
        let is_boundary = ContentLine::parse(line).and_then(boundary).is_some();
        if i > 0 && is_boundary {
            return place;
        }
        place += line.len();
    }
    place
}
