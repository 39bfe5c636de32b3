//! Imports that are kept: what was said of each file, and the file as it was understood, for its owner alone.
//!
//! They are made by the import itself (see `events`), in the same transaction. This module refuses to know what a report says.

use crate::accounts::{Actor, Writer};
use crate::app::App;
use crate::events::RepairedFile;
use crate::ical::Diagnosis;
use crate::ids::ImportId;
use crate::storage::StorageError;
use crate::storage::imports::{self as stored, Import};

/// Why a kept import is not there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// There is none, or it is somebody else's.
    #[error("there is no such import")]
    NotFound,
    /// What is stored cannot be read as the report or the file that it was.
    #[error("the stored import is damaged: {0}")]
    Damaged(String),
    /// The machine gave no thread.
    #[error("{0}")]
    Machine(String),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A file as it was understood, unless it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repaired {
    /// Who asks has it.
    Known,
    /// The file, and how many bytes its text has.
    File(RepairedFile, u64),
}

/// The actor's imports, the latest first.
///
/// # Errors
/// [`ImportError::Storage`].
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Import>, ImportError> {
    let mut conn = app.db.read_one().await?;
    let found = stored::list(&mut conn, actor.user.id).await?;
    app.db.done(conn);
    Ok(found)
}

/// What was said of the file of one import.
///
/// # Errors
/// `NotFound`, `Damaged`.
pub async fn report(app: &App, actor: &Actor, id: ImportId) -> Result<(Import, Diagnosis), ImportError> {
    let mut conn = app.db.read().await?;
    let import = stored::get(&mut conn, actor.user.id, id).await?.ok_or(ImportError::NotFound)?;
    let text = stored::report(&mut conn, actor.user.id, id).await?.ok_or(ImportError::NotFound)?;
    let diagnosis = serde_json::from_str(&text).map_err(|error| ImportError::Damaged(error.to_string()))?;
    Ok((import, diagnosis))
}

/// The file of one import as it was understood. It never changes; who has it need not be sent it again.
///
/// # Errors
/// `NotFound`, `Damaged`.
pub async fn repaired(app: &App, actor: &Actor, id: ImportId, is_known: bool) -> Result<Repaired, ImportError> {
    let mut conn = app.db.read().await?;
    if is_known {
        let found = stored::get(&mut conn, actor.user.id, id).await?;
        return found.map(|_| Repaired::Known).ok_or(ImportError::NotFound);
    }
    let packed = stored::repaired(&mut conn, actor.user.id, id).await?.ok_or(ImportError::NotFound)?;
    drop(conn);
    let unpacking = tokio::task::spawn_blocking(move || {
        let file = RepairedFile(packed.into());
        file.length().map(|length| Repaired::File(file, length))
    });
    let unpacked = unpacking.await.map_err(|error| ImportError::Machine(error.to_string()))?;
    unpacked.map_err(|error| ImportError::Damaged(error.to_string()))
}

/// Forgets an import: its report and its file. The events that it brought stay.
///
/// # Errors
/// `NotFound`.
pub async fn delete(app: &App, actor: &Writer, id: ImportId) -> Result<(), ImportError> {
    let mut conn = app.db.write().await?;
    if !stored::delete(&mut conn, actor.user.id, id).await? {
        return Err(ImportError::NotFound);
    }
    Ok(conn.commit().await?)
}
