//! News of the market that is no line of a case's timeline. `notices` writes it down, in its own job.

use serde_json::{Value, json};

use super::MarketError;
use crate::{
    db::{By, Conn},
    jobs,
    types::OrgId,
};

/// Has an organisation told of something of the market that is no line of a case's timeline: once for each `key`.
pub(super) async fn tell(
    conn: &mut Conn<'_>,
    by: &By,
    to: OrgId,
    kind: &'static str,
    key: &str,
    data: Value,
) -> Result<(), MarketError> {
    let telling = json!({ "organisation_id": to, "kind": kind, "key": key, "data": data });
    Ok(jobs::enqueue(conn, "notices.tell", &telling, by.at).await?)
}
