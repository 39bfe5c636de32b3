//! `/api/imports/`: what was said of the files that were imported, and those files as they were understood.

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use super::auth::{CanWrite, SignedIn};
use super::calendar_text::CalendarText;
use super::imports_wire::{ImportDiagnosisOut, KeptImportOut};
use super::openapi::Tag;
use super::paging::{Here, Listed, default_limit};
use super::problem::ApiError;
use super::transfer::attachment;
use super::wire::NoContent;
use super::{AppRef, etag};
use crate::ids::ImportId;
use crate::imports::{self, Repaired};

/// The calls about imports that are kept.
pub struct ImportsApi;

#[OpenApi(tag = "Tag::Transfer")]
impl ImportsApi {
    /// List imports
    ///
    /// The latest first; older ones than the server keeps are gone.
    #[oai(path = "/imports", method = "get", operation_id = "listImports")]
    async fn list(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        here: Here,
        /// Most entries on a page.
        #[oai(default = "default_limit", validator(minimum(value = "1"), maximum(value = "5000")))]
        limit: Query<usize>,
        /// Where the page begins: from the `Link` of the page before.
        #[oai(validator(max_length = 400))]
        cursor: Query<Option<String>>,
    ) -> Result<Listed<KeptImportOut>, ApiError> {
        let found = imports::list(&app, &actor.0).await?;
        let (page, link) = here.page_of(found, (limit.0, cursor.0.as_deref()), |import| import.id.0)?;
        let page = page.iter().map(|import| KeptImportOut::of(import, &app.public_url));
        Ok(Listed::Page(Json(page.collect()), link))
    }

    /// Read the report about a file
    ///
    /// What was left out, guessed and repaired, why, and what to change at the source.
    #[oai(path = "/imports/:id/report", method = "get", operation_id = "getImportReport")]
    async fn report(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        /// The import.
        id: Path<i64>,
    ) -> Result<Json<ImportDiagnosisOut>, ApiError> {
        let (import, diagnosis) = imports::report(&app, &actor.0, ImportId(id.0)).await?;
        Ok(Json(ImportDiagnosisOut::of(&import, diagnosis, &app.public_url)))
    }

    /// Download the repaired file
    ///
    /// The events as they were understood, as RFC 5545 has it: each time zone defined, each event with its UID. What could not
    /// be read is left out.
    #[oai(path = "/imports/:id/repaired.ics", method = "get", operation_id = "getRepairedImport")]
    async fn repaired(
        &self,
        app: AppRef<'_>,
        actor: SignedIn,
        /// The import.
        id: Path<i64>,
        /// Entity tags that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<RepairedAnswer, ApiError> {
        let tag = etag::of_text(&format!("import-{}", id.0));
        let is_known = etag::is_known(if_none_match.0.as_deref(), &tag);
        Ok(match imports::repaired(&app, &actor.0, ImportId(id.0), is_known).await? {
            Repaired::Known => RepairedAnswer::NotModified(tag),
            Repaired::File(file, length) => {
                RepairedAnswer::File(CalendarText::unpacked(&file, length), tag, attachment("repaired"))
            }
        })
    }

    /// Forget an import
    ///
    /// Its report and its file; the events that it brought stay.
    #[oai(path = "/imports/:id", method = "delete", operation_id = "deleteImport")]
    async fn delete(
        &self,
        app: AppRef<'_>,
        actor: CanWrite,
        /// The import.
        id: Path<i64>,
    ) -> Result<NoContent, ApiError> {
        imports::delete(&app, &actor.0, ImportId(id.0)).await?;
        Ok(NoContent::Done)
    }
}

/// A repaired file, or that the client has it.
#[derive(ApiResponse)]
pub enum RepairedAnswer {
    /// The file.
    #[oai(status = 200, content_type = "text/calendar; charset=utf-8")]
    File(
        CalendarText,
        #[oai(header = "ETag")] String,
        /// An attachment.
        #[oai(header = "Content-Disposition")]
        String,
    ),
    /// The client has this version.
    #[oai(status = 304)]
    NotModified(#[oai(header = "ETag")] String),
}
