//! What an organisation prints on its letters: a logo and the line of its register.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{RecoveryError, store::letterheads as store};
use crate::{
    db::{By, Conn},
    paper::{
        Demand, LetterSheet, Letterhead,
        letterhead::{LINE_MAX_CHARS, check_logo},
    },
    types::OrgId,
};

/// What stands on letters beside the name and address.
#[derive(Debug, Serialize, ToSchema)]
pub struct LetterheadView {
    /// At the foot of each page.
    #[schema(example = "Registro Mercantil de Sevilla, tomo 4711, hoja SE-1234")]
    pub line: Option<String>,
    pub has_logo: bool,
}

/// The line at the foot of letters.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLetterheadLine {
    /// One line of at most 200 characters; none to go without.
    pub line: Option<String>,
}

/// # Errors
/// The database fails.
pub async fn find(conn: &mut Conn<'_>, _: &By, owner: OrgId) -> Result<Letterhead, RecoveryError> {
    Ok(store::find(conn, owner).await?.unwrap_or_default())
}

/// # Errors
/// The database fails.
pub async fn show(conn: &mut Conn<'_>, by: &By, owner: OrgId) -> Result<LetterheadView, RecoveryError> {
    let Letterhead { line, logo } = find(conn, by, owner).await?;
    Ok(LetterheadView { line, has_logo: logo.is_some() })
}

/// # Errors
/// More than one line, or a long one.
pub async fn set_line(
    conn: &mut Conn<'_>,
    by: &By,
    owner: OrgId,
    new: &NewLetterheadLine,
) -> Result<LetterheadView, RecoveryError> {
    let line = new.line.as_deref().map(str::trim).filter(|line| !line.is_empty());
    if line.is_some_and(|line| line.chars().count() > LINE_MAX_CHARS || line.chars().any(char::is_control)) {
        return Err(RecoveryError::Invalid("/line", format!("one line of at most {LINE_MAX_CHARS} characters")));
    }
    store::write_line(conn, owner, line).await?;
    show(conn, by, owner).await
}

/// # Errors
/// The file is no logo.
pub async fn set_logo(conn: &mut Conn<'_>, by: &By, owner: OrgId, content: Vec<u8>) -> Result<LetterheadView, RecoveryError> {
    // Some hundred milliseconds of work the first time: off the thread that answers requests.
    let content = tokio::task::spawn_blocking(move || check_logo(&content).map(|()| content))
        .await
        .map_err(|_| RecoveryError::DrawingBroke)?
        .map_err(|fault| RecoveryError::Invalid("/file", fault.to_string()))?;
    store::write_logo(conn, owner, Some(&content)).await?;
    show(conn, by, owner).await
}

/// Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn remove_logo(conn: &mut Conn<'_>, by: &By, owner: OrgId) -> Result<LetterheadView, RecoveryError> {
    store::write_logo(conn, owner, None).await?;
    show(conn, by, owner).await
}

/// A letter of this organisation's.
///
/// # Errors
/// The database fails.
pub async fn sheet(
    conn: &mut Conn<'_>,
    by: &By,
    owner: OrgId,
    demand: Demand,
    (reference, sent_on): (String, NaiveDate),
) -> Result<LetterSheet, RecoveryError> {
    Ok(LetterSheet { demand, reference, sent_on, letterhead: find(conn, by, owner).await?, page_code: None })
}
