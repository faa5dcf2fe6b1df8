//! Strategies as organisations write them: versions of a name, drafts until they are published, frozen from then on.
//!
//! What may never happen here: a published version that changes, or one that cannot be carried out.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    RecoveryError, playbooks,
    store::strategies as store,
    strategy::{STEPS_MAX, Step, check},
};
use crate::{
    db::{By, Conn},
    http::{Cursor, FieldError},
    types::{OrgId, StrategyId},
};

const NAME_MAX_CHARS: usize = 60;

/// A version of a strategy.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StrategyVersion {
    pub id: StrategyId,
    /// Whose it is; null: it ships with the platform.
    pub owner_id: Option<OrgId>,
    #[schema(example = "key_accounts")]
    pub name: String,
    #[serde(rename = "number")]
    pub version: i32,
    pub steps: Vec<Step>,
    /// None while it is a draft: no case runs through it.
    pub published_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// What keeps it from being published.
    pub faults: Vec<FieldError>,
}

/// A new version, or the first of a new name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStrategy {
    /// Lower case letters, digits and underscores. Of a name used before it makes the next version.
    #[schema(example = "key_accounts")]
    pub name: String,
    pub steps: Vec<Step>,
}

impl StrategyVersion {
    /// `default v1`
    #[must_use]
    pub fn label(&self) -> String {
        label(&self.name, self.version)
    }
}

/// `default v1`
#[must_use]
pub fn label(name: &str, version: i32) -> String {
    format!("{name} v{version}")
}

/// Keeps a draft.
///
/// # Errors
/// No name, or more steps than any strategy has. What else is wrong with it is told and may be mended in the next version.
pub async fn create(conn: &mut Conn<'_>, by: &By, owner: OrgId, new: &NewStrategy) -> Result<StrategyVersion, RecoveryError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if new.name.is_empty() || new.name.len() > NAME_MAX_CHARS || !new.name.chars().all(plain) {
        let why = format!("1 to {NAME_MAX_CHARS} lower case letters, digits and underscores");
        return Err(RecoveryError::Invalid("/name", why));
    }
    if new.steps.len() > STEPS_MAX {
        return Err(RecoveryError::Invalid("/steps", format!("at most {STEPS_MAX} steps")));
    }
    let id = StrategyId::fresh();
    store::insert_draft(conn, id, owner, &new.name, &serde_json::to_value(&new.steps)?, by.at).await?;
    find(conn, by, id).await
}

/// Publishes a version: from now on cases may run through it, and it never changes. Harmless when repeated.
///
/// # Errors
/// Not its owner's, or it cannot be carried out.
pub async fn publish(conn: &mut Conn<'_>, by: &By, owner: OrgId, id: StrategyId) -> Result<StrategyVersion, RecoveryError> {
    let found = find(conn, by, id).await?;
    if found.owner_id != Some(owner) {
        return Err(RecoveryError::NotFound("strategy of yours"));
    }
    check(&found.steps).map_err(RecoveryError::Faulty)?;
    store::publish(conn, id, by.at).await?;
    find(conn, by, id).await
}

/// One that `by` may see: its own, a shipped one, or one that a case of its own runs through.
///
/// # Errors
/// Not visible.
pub async fn find(conn: &mut Conn<'_>, _: &By, id: StrategyId) -> Result<StrategyVersion, RecoveryError> {
    store::find(conn, id).await?.map(read).transpose()?.ok_or(RecoveryError::NotFound("strategy"))
}

/// What `by` may see, newest first, the shipped ones among them.
///
/// # Errors
/// The database fails.
pub async fn list(conn: &mut Conn<'_>, by: &By, cursor: Cursor) -> Result<Vec<StrategyVersion>, RecoveryError> {
    keep_shipped(conn, by).await?;
    store::list(conn, cursor).await?.into_iter().map(read).collect()
}

/// The published version of a name that holds now: the owner's latest, else the shipped one.
///
/// # Errors
/// There is none.
pub async fn in_force(conn: &mut Conn<'_>, by: &By, owner: OrgId, name: &str) -> Result<Option<StrategyVersion>, RecoveryError> {
    if let Some(own) = store::latest(conn, Some(owner), name).await? {
        return read(own).map(Some);
    }
    if playbooks::NAMES.contains(&name) { shipped(conn, by, name).await.map(Some) } else { Ok(None) }
}

/// A playbook that ships with the platform, in its present version.
///
/// # Errors
/// There is none of this name.
pub async fn shipped(conn: &mut Conn<'_>, by: &By, name: &str) -> Result<StrategyVersion, RecoveryError> {
    let present = playbooks::find(name).map_err(RecoveryError::Faulty)?;
    let mut found = store::latest(conn, None, name).await?;
    if found.as_ref().is_none_or(|row| row.version < present.version) {
        keep_shipped(conn, by).await?;
        found = store::latest(conn, None, name).await?;
    }
    found.map(read).transpose()?.ok_or(RecoveryError::NotFound("strategy"))
}

/// Writes down the playbooks that ship with this program and are not there yet.
async fn keep_shipped(conn: &mut Conn<'_>, by: &By) -> Result<(), RecoveryError> {
    for playbook in playbooks::all().map_err(RecoveryError::Faulty)? {
        let steps = serde_json::to_value(&playbook.steps)?;
        store::keep_shipped(conn, &playbook.name, playbook.version, &steps, by.at).await?;
    }
    Ok(())
}

pub(super) fn read(row: store::StrategyRow) -> Result<StrategyVersion, RecoveryError> {
    let steps: Vec<Step> = serde_json::from_value(row.steps)?;
    let faults = check(&steps).err().unwrap_or_default();
    Ok(StrategyVersion {
        id: row.id,
        owner_id: row.owner_id,
        name: row.name,
        version: row.version,
        steps,
        published_at: row.published_at,
        created_at: row.created_at,
        faults: faults
            .iter()
            .map(|found| FieldError { pointer: found.pointer.clone(), detail: found.fault.to_string() })
            .collect(),
    })
}
