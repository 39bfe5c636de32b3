//! What paths, methods and query parameters there are, read from the document: for `Allow`, and so that a misspelt
//! parameter does not pass silently.

use std::collections::BTreeSet;

use poem::Request;
use poem::http::Method;
use serde_json::Value;

use super::openapi::{Document, each_operation};
use super::problem::ApiError;
use crate::fields::FieldErrors;

/// The calls of the API, by path.
pub struct Operations(Vec<Operation>);

struct Operation {
    segments: Vec<String>,
    method: Method,
    query: BTreeSet<String>,
    /// Whether other parameters pass: some calendar programs add their own to the address of a feed.
    is_lenient: bool,
}

impl Operations {
    /// The calls of a document.
    pub fn of(document: &Document) -> Self {
        let mut operations = Vec::new();
        each_operation(&mut document.value().clone(), |path, method, operation| {
            let parameters = operation.get("parameters").and_then(Value::as_array);
            let query = parameters.into_iter().flatten().filter(|parameter| parameter["in"] == "query");
            operations.extend(method.to_uppercase().parse().ok().map(|method| Operation {
                segments: segments(path).map(str::to_owned).collect(),
                method,
                is_lenient: !path.starts_with("/api/"),
                query: query.filter_map(|parameter| parameter["name"].as_str()).map(str::to_owned).collect(),
            }));
        });
        Self(operations)
    }

    /// Whether there is such a call with such query parameters. Paths outside of the API are not looked at.
    ///
    /// # Errors
    /// 405 with the methods of the path, 400 with the parameters that it does not know or that no text can hold.
    pub fn check(&self, request: &Request) -> Result<(), ApiError> {
        let path = request.uri().path();
        let mut here: Vec<&Operation> = self.0.iter().filter(|operation| operation.is_at(path)).collect();
        // As in the router: `/events/export` is that, and no event's id.
        let fewest = here.iter().map(|operation| operation.variables()).min();
        here.retain(|operation| Some(operation.variables()) == fewest);
        if here.is_empty() {
            return Ok(());
        }
        // HEAD is GET without the body (RFC 9110 section 9.3.2).
        let asked = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        match here.iter().find(|operation| operation.method == *asked) {
            Some(operation) => operation.check_query(request.uri().query().unwrap_or_default()),
            None => Err(ApiError::method_not_allowed(&allowed(&here))),
        }
    }

    /// The name of the first parameter in this path: the only one that can be misspelt, as the others are texts.
    pub fn parameter(&self, path: &str) -> &str {
        let here = self.0.iter().find(|operation| operation.is_at(path));
        let braced = here.and_then(|operation| operation.segments.iter().find(|segment| segment.starts_with('{')));
        braced.map_or("path", |segment| segment.trim_matches(['{', '}']))
    }
}

impl Operation {
    fn is_at(&self, path: &str) -> bool {
        let mut given = segments(path);
        let fits = self.segments.iter().all(|known| match given.next() {
            Some(segment) => is_variable(known) || known == segment,
            None => false,
        });
        fits && given.next().is_none()
    }

    fn variables(&self) -> usize {
        self.segments.iter().filter(|segment| is_variable(segment)).count()
    }

    fn check_query(&self, query: &str) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        let query = if self.is_lenient { "" } else { query };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (given, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(given);
            if !self.query.contains(&name) {
                let known = self.query.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                let known = if known.is_empty() { "none".to_owned() } else { known };
                let shown: String = given.chars().take(100).collect();
                errors.add(shown, format!("there is no such query parameter; this call knows {known}"));
            } else if value.contains("%00") {
                errors.add(name, "must not contain the NUL character");
            }
        }
        errors.into_result().map_err(ApiError::invalid)
    }
}

/// A name without its percent-encoding (RFC 3986 section 2.1), by which it is the same name.
fn decoded(name: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(name.len()), name.as_bytes());
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.filter(|it| !it.starts_with('+')).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_variable(segment: &str) -> bool {
    segment.starts_with('{')
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn allowed(here: &[&Operation]) -> Vec<Method> {
    let mut methods: Vec<Method> = here.iter().map(|operation| operation.method.clone()).collect();
    if methods.contains(&Method::GET) {
        methods.push(Method::HEAD);
    }
    methods
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn a_name_is_the_same_however_it_is_encoded() {
        for (given, meant) in [
            ("start", "start"),
            ("s%74art", "start"),
            ("%73%74%61%72%74", "start"),
            ("a%2", "a%2"),
            ("a%", "a%"),
            ("%+1", "%+1"),
            ("%zz%C3%A9", "%zzé"),
            ("%FF", "\u{FFFD}"),
        ] {
            assert_eq!(decoded(given), meant, "{given}");
        }
    }
}
