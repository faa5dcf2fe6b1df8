//! Jobs of uploads. Each is harmless when done twice: a batch is taken by whoever moves the upload on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Turn, Upload, UploadsError, store, take_turn};
use crate::{
    app::App,
    db::Scope,
    jobs::{JobError, enqueue},
    types::UploadId,
};

/// Well below the lease of a job, and no longer than what stands behind it in the queue can wait.
const PATIENCE: Duration = Duration::from_secs(20);

/// An upload to be taken.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Take {
    pub upload_id: UploadId,
}

impl Take {
    pub const KIND: &'static str = "uploads.take";
}

/// Spooled files that nobody needs any more.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Clear {
    pub upload_id: UploadId,
}

impl Clear {
    pub const KIND: &'static str = "uploads.clear";
}

/// Takes an upload on; what is left is another job.
///
/// # Errors
/// The database or the file store fails.
pub async fn take(app: &App, take: Take) -> Result<(), JobError> {
    if take_turn(app, take.upload_id, PATIENCE).await? == Turn::Unfinished {
        let now = app.clock.now();
        app.db.transaction(Scope::System, async |conn| enqueue(conn, Take::KIND, &take, now).await).await?;
        app.jobs_waiting.notify_one();
    }
    Ok(())
}

/// Removes the spooled files of a finished upload. Its result file stays.
///
/// # Errors
/// The file store fails.
pub async fn clear(app: &App, clear: Clear) -> Result<(), JobError> {
    let id = clear.upload_id;
    let found = app.db.transaction(Scope::System, async |conn| store::find(conn, id).await).await?;
    let Some(upload) = found else { return Ok(()) };
    for position in 1..=upload.file_count {
        app.vault.delete(&Upload::spool_key(id, position)).await.map_err(UploadsError::from)?;
    }
    Ok(())
}
