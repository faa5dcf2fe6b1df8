//! Whoever must act in time is reminded, once, before silence decides.
//!
//! What may never happen here: a reminder of what was done meanwhile, or of a term that was moved.

use serde_json::json;

use super::{
    NoticesError,
    notification::{Telling, tell},
    store::terms,
};
use crate::{
    db::{By, Conn},
    types::term::Reminder,
};

/// The kind of the notifications that come of it.
pub const TERM_ENDING: &str = "term_ending";

/// Reminds those who have not acted yet. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn remind(conn: &mut Conn<'_>, by: &By, reminder: Reminder) -> Result<(), NoticesError> {
    let Reminder { term, until } = reminder;
    let telling = |waiting: terms::Waiting| Telling {
        organisation: waiting.organisation_id,
        kind: TERM_ENDING.to_owned(),
        case: Some(waiting.case_id),
        data: json!({ "case_reference": waiting.reference, "of": term.kind(), "id": term.thing(), "until": until }),
        dedupe_key: format!("term:{}:{}", term.thing(), until.timestamp()),
    };
    let tellings: Vec<Telling> = terms::waiting(conn, reminder).await?.into_iter().map(telling).collect();
    tell(conn, by, &tellings).await
}
