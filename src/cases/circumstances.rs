//! What a debtor may say that is neither a promise nor an objection, and that stops contact at once: hard times, insolvency, a
//! lawyer who answers in their place.

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Case, CasesError, EventKind, HoldKind, check_text, lock, place_hold, save};
use crate::{
    db::{By, Conn},
    types::{CaseId, text_enum},
};

/// Time to find a way together.
const HARDSHIP_REST: TimeDelta = TimeDelta::days(30);

text_enum! {
    /// What stands in the way of paying.
    pub enum Circumstance {
        /// Contact rests for thirty days.
        Hardship => "hardship",
        /// Contact stops until the hold is released: claims go to the proceedings.
        Insolvent => "insolvent",
        /// Contact stops until the hold is released: whoever speaks for the debtor is spoken with (cf. FCA CONC 7.9, UNIREC code).
        Represented => "represented",
    }
}

/// What the debtor said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    pub kind: Circumstance,
    /// Who the lawyer or the administrator is, what would help, since when.
    #[schema(example = "Maître Durand, Lyon, answers for us: durand@avocats.example")]
    pub statement: String,
}

/// Writes it down; contact stops in the same transaction.
///
/// # Errors
/// The case is closed, or the statement is empty or endless.
pub async fn state(conn: &mut Conn<'_>, by: &By, id: CaseId, said: &Statement) -> Result<Case, CasesError> {
    check_text(&said.statement)?;
    let mut case = lock(conn, by, id).await?;
    case.must_be_open("put to rest")?;
    let (kind, ends_at) = match said.kind {
        Circumstance::Hardship => (HoldKind::Hardship, Some(by.at + HARDSHIP_REST)),
        Circumstance::Insolvent => (HoldKind::Insolvency, None),
        Circumstance::Represented => (HoldKind::Represented, None),
    };
    let hold = place_hold(conn, by, &mut case, kind, said.kind.as_str(), ends_at).await?;
    case.record(
        by,
        EventKind::CircumstanceStated,
        json!({ "kind": said.kind, "statement": said.statement.trim(), "hold_id": hold, "ends_at": ends_at }),
    );
    save(conn, by, &mut case).await?;
    Ok(case)
}
