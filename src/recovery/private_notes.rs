//! Notes that an organisation keeps on a case for itself. What the other side is to read is a note of the timeline
//! (`cases::add_note`).
//!
//! What may never happen here: a note read by the other side of the engagement, by a later agency, or in the case file.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{RecoveryError, store::private_notes as store};
use crate::{
    cases,
    db::{By, Conn},
    types::{CaseId, CaseNoteId, MemberId},
};

/// A note of one's own organisation.
#[derive(Debug, Clone, QueryableByName, Serialize, ToSchema)]
pub struct PrivateNote {
    #[diesel(sql_type = SqlUuid)]
    pub id: CaseNoteId,
    /// Who wrote it; null: a machine.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub member_id: Option<MemberId>,
    #[diesel(sql_type = Text)]
    pub text: String,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// A note to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPrivateNote {
    pub text: String,
}

/// Keeps a note.
///
/// # Errors
/// The case is not visible, or an empty or endless text.
pub async fn add(conn: &mut Conn<'_>, by: &By, id: CaseId, new: &NewPrivateNote) -> Result<PrivateNote, RecoveryError> {
    cases::check_text(&new.text)?;
    cases::find(conn, by, id).await?;
    let org = by.scope.org().ok_or(RecoveryError::NotFound("organisation"))?;
    let note = PrivateNote { id: CaseNoteId::fresh(), member_id: by.member(), text: new.text.clone(), created_at: by.at };
    store::insert(conn, (id, org), &note).await?;
    Ok(note)
}

/// One's own organisation's, oldest first; also of a case that it no longer has.
///
/// # Errors
/// The database fails.
pub async fn list(conn: &mut Conn<'_>, by: &By, id: CaseId) -> Result<Vec<PrivateNote>, RecoveryError> {
    let org = by.scope.org().ok_or(RecoveryError::NotFound("organisation"))?;
    let notes = store::list(conn, id, org).await?;
    if notes.is_empty() {
        cases::find(conn, by, id).await?;
    }
    Ok(notes)
}
