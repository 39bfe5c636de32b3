//! What the OpenAPI document says of the feed itself: poem-openapi cannot declare a path of that shape.

use serde_json::{Value, json};

/// The path as the document has it.
pub const DOCUMENTED_PATH: &str = "/feeds/{secret}.ics";

/// The path's operations.
pub fn documented() -> Value {
    json!({ "get": {
        "tags": ["Feeds"],
        "summary": "Read a feed",
        "description": "For calendar apps: the address is all that they need. The answer to an unchanged feed is 304.",
        "operationId": "readFeed",
        "security": [],
        "parameters": [
            parameter("secret", "path", "The secret of the feed's address.", json!({ "type": "string" })),
            parameter(
                "start",
                "query",
                "Events with time from then on (RFC 3339; UTC where there is no offset); left out, from one year ago.",
                json!({ "type": "string" }),
            ),
            parameter("end", "query", "Events with time before; left out, all that is ahead.", json!({ "type": "string" })),
            parameter("If-None-Match", "header", "Entity tags that the client has.", json!({ "type": "string" })),
            parameter(
                "If-Modified-Since",
                "header",
                "The `Last-Modified` of what the client has.",
                json!({ "type": "string" }),
            ),
        ],
        "responses": {
            "200": {
                "description": "The calendars, as iCalendar (RFC 5545).",
                "content": { "text/calendar; charset=utf-8": { "schema": { "type": "string" } } },
                "headers": headers(),
            },
            "304": { "description": "The client has this version.", "headers": headers() },
            "400": problem("The window is wrong; `errors` names the field."),
            "404": problem("No feed has this address, or not any more."),
            "500": problem("A fault of the server."),
            "503": problem("The database is away, the server is stopping, or it has too much to do; `Retry-After` says in how many seconds to try again."),
        },
    } })
}

fn parameter(name: &str, place: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": place, "description": description, "required": place == "path", "schema": schema })
}

fn headers() -> Value {
    let text = |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    json!({
        "ETag": text("Differs as soon as the text does."),
        "Last-Modified": text("When the text last changed."),
    })
}

fn problem(description: &str) -> Value {
    json!({
        "description": description,
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    })
}
