//! Import and export of iCalendar: `/api/calendars/{id}/import/`, `/api/events/import/` and their `export`s.

use std::fmt::Write;

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use super::auth::{CanWrite, SignedIn};
use super::calendar_text::CalendarText;
use super::events::window;
use super::openapi::Tag;
use super::problem::ApiError;
use super::transfer_wire::ImportReportOut;
use super::upload::Upload;
use super::{AppRef, etag};
use crate::accounts::{Actor, Writer};
use crate::app::App;
use crate::events::{self, Export, Exported, Import};
use crate::ids::CalendarId;

/// The calls that take in and give out whole files.
pub struct TransferApi;

#[OpenApi(tag = "Tag::Transfer")]
impl TransferApi {
    /// Import a file into a calendar
    ///
    /// An event that is broken is reported and the others still go in, in one transaction. A known UID is updated where the
    /// file has a higher SEQUENCE, or a later LAST-MODIFIED or DTSTAMP at the same one, or other content with the same
    /// stamps; an older version is left `unchanged`, with a warning. The same file again changes nothing.
    ///
    /// Series are read with their RRULE, RDATE, EXDATE and EXRULE lines and their changed occurrences. An event whose end
    /// cannot be read counts as busy until its day ends, with a warning.
    #[oai(path = "/calendars/:id/import", method = "post", operation_id = "importIntoCalendar")]
    async fn import_into(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The calendar.
        id: Path<i64>,
        /// Whether to report only, and to change nothing.
        #[oai(default)]
        dry_run: Query<bool>,
        file: Upload,
    ) -> Result<Json<ImportReportOut>, ApiError> {
        import(&app, &actor.0, Some(CalendarId(id.0)), dry_run.0, file).await
    }

    /// Import a file into the default calendar
    ///
    /// See the import into a calendar.
    #[oai(path = "/events/import", method = "post", operation_id = "importEvents")]
    async fn import(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// Whether to report only, and to change nothing.
        #[oai(default)]
        dry_run: Query<bool>,
        file: Upload,
    ) -> Result<Json<ImportReportOut>, ApiError> {
        import(&app, &actor.0, None, dry_run.0, file).await
    }

    /// Export a calendar
    ///
    /// RFC 5545, with all that came in. With `start` or `end`, those events that have time in the half-open window, whole.
    #[oai(path = "/calendars/:id/export", method = "get", operation_id = "exportCalendar")]
    async fn export_one(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        /// The calendar.
        id: Path<i64>,
        /// Events with time after this instant (RFC 3339).
        #[oai(validator(min_length = 1, max_length = 64))]
        start: Query<Option<String>>,
        /// Events with time before this instant.
        #[oai(validator(min_length = 1, max_length = 64))]
        end: Query<Option<String>>,
        /// Entity tags that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<ExportAnswer, ApiError> {
        let (start, end) = window(&actor.0, start.0.as_deref(), end.0.as_deref())?;
        let wanted = Export { calendar_id: Some(CalendarId(id.0)), start, end };
        export(&app, &actor.0, &wanted, if_none_match.0.as_deref()).await
    }

    /// Export all events
    ///
    /// Those of all your own calendars; what you subscribe to is exported calendar by calendar.
    #[oai(path = "/events/export", method = "get", operation_id = "exportEvents")]
    async fn export(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        /// Events with time after this instant (RFC 3339).
        #[oai(validator(min_length = 1, max_length = 64))]
        start: Query<Option<String>>,
        /// Events with time before this instant.
        #[oai(validator(min_length = 1, max_length = 64))]
        end: Query<Option<String>>,
        /// Entity tags that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<ExportAnswer, ApiError> {
        let (start, end) = window(&actor.0, start.0.as_deref(), end.0.as_deref())?;
        export(&app, &actor.0, &Export { calendar_id: None, start, end }, if_none_match.0.as_deref()).await
    }
}

/// An iCalendar stream, or that the client has it.
#[derive(ApiResponse)]
pub enum ExportAnswer {
    /// The stream.
    #[oai(status = 200, content_type = "text/calendar; charset=utf-8")]
    Stream(
        CalendarText,
        #[oai(header = "ETag")] String,
        /// An attachment, under the calendar's name.
        #[oai(header = "Content-Disposition")]
        String,
    ),
    /// The client has this version.
    #[oai(status = 304)]
    NotModified(#[oai(header = "ETag")] String),
}

async fn import(
    app: &App,
    actor: &Writer,
    calendar_id: Option<CalendarId>,
    dry_run: bool,
    file: Upload,
) -> Result<Json<ImportReportOut>, ApiError> {
    let Upload { bytes, admission } = file;
    let report = events::import(app, actor, Import { calendar_id, bytes, dry_run, ..Import::default() }).await?;
    drop(admission);
    Ok(Json(ImportReportOut::of(report, &app.public_url)))
}

async fn export(
    app: &App,
    actor: &Actor,
    wanted: &Export,
    if_none_match: Option<&str>,
) -> Result<ExportAnswer, ApiError> {
    let is_known = |version: &str| etag::is_known(if_none_match, &etag::of_text(version));
    Ok(ExportAnswer::of(events::export(app, actor, wanted, is_known).await?))
}

impl ExportAnswer {
    /// An export as an answer.
    pub fn of(exported: Exported) -> Self {
        match exported {
            Exported::Known { version } => Self::NotModified(etag::of_text(&version)),
            Exported::Stream { version, name, text } => {
                Self::Stream(CalendarText::exported(text), etag::of_text(&version), attachment(&name))
            }
        }
    }
}

/// `Content-Disposition` (RFC 6266) for a file of that name: plain ASCII for old clients, and the name as it is, in RFC
/// 8187, where that says more. Nothing in it can leave the folder that a client saves to.
pub(super) fn attachment(name: &str) -> String {
    let name: String = name.chars().map(|c| if is_unsafe(c) { '_' } else { c }).take(100).collect();
    let name = match name.trim_matches([' ', '.']) {
        "" => "calendar",
        name => name,
    };
    let plain: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let mut value = format!("attachment; filename=\"{plain}.ics\"");
    if plain != name {
        value.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            let is_plain = byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
            let written = if is_plain { write!(value, "{}", byte as char) } else { write!(value, "%{byte:02X}") };
            // Writing into a `String` cannot fail.
            written.unwrap_or_default();
        }
        value.push_str(".ics");
    }
    value
}

/// What means something to a file system, a shell, or the header itself.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || "/\\:*?\"<>|%;'".contains(c)
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
}
