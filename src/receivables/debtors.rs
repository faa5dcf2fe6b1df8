//! Commands on debtors and their relationship profiles.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    DebtorKind, ReceivablesError,
    intake::CandidateDebtor,
    profile::{Profile, ProfileRefusal, ProfileSetting},
    store::{debtors as store, matches, profile_defaults, profiles},
};
use crate::{
    db::{By, Conn},
    http::Cursor,
    parties,
    types::{Country, DebtorId, Language, OrgId},
};

/// The creditor's customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Debtor {
    pub id: DebtorId,
    #[serde(skip)]
    pub creditor_id: OrgId,
    pub kind: DebtorKind,
    pub legal_name: String,
    pub tax_number: Option<String>,
    pub sector: Option<String>,
    pub country: Country,
    pub language: Language,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub street: Option<String>,
    pub postal_code: Option<String>,
    pub city: Option<String>,
    /// Where its days begin and end; the one of its country unless said.
    #[schema(example = "Europe/Madrid")]
    pub time_zone: Option<String>,
    /// The company that it is a site of.
    pub parent_id: Option<DebtorId>,
    /// A person found it to be the same customer as this one.
    pub merged_into: Option<DebtorId>,
    pub created_at: DateTime<Utc>,
}

/// A debtor that `by` may see.
///
/// # Errors
/// Not visible.
pub async fn find_debtor(conn: &mut Conn<'_>, _by: &By, id: DebtorId) -> Result<Debtor, ReceivablesError> {
    store::find(conn, id).await?.ok_or(ReceivablesError::NotFound("debtor"))
}

/// The names of some debtors that `by` may see: one query however many.
///
/// # Errors
/// The database fails.
pub async fn debtor_names(
    conn: &mut Conn<'_>,
    _by: &By,
    ids: &[DebtorId],
) -> Result<HashMap<DebtorId, String>, ReceivablesError> {
    Ok(store::list_names(conn, ids).await?.into_iter().collect())
}

/// A creditor's debtors, newest first.
///
/// # Errors
/// The database fails.
pub async fn list_debtors(conn: &mut Conn<'_>, by: &By, cursor: Cursor) -> Result<Vec<Debtor>, ReceivablesError> {
    let Some(creditor) = by.scope.org() else { return Ok(Vec::new()) };
    Ok(store::list(conn, creditor, cursor).await?)
}

/// Makes a debtor before any invoice of theirs comes in.
///
/// # Errors
/// The creditor has this customer already.
pub async fn add_debtor(conn: &mut Conn<'_>, by: &By, candidate: &CandidateDebtor) -> Result<Debtor, ReceivablesError> {
    let creditor = by.scope.org().ok_or(ReceivablesError::NotFound("creditor"))?;
    let key = candidate.identity_key.as_str();
    if let Some(known) = store::find_by_key(conn, creditor, key).await? {
        return Err(ReceivablesError::KnownDebtor(known));
    }
    let ids = store::find_or_make(conn, creditor, &[candidate], by.at).await?;
    find_debtor(conn, by, *ids.get(key).ok_or(ReceivablesError::NotFound("debtor"))?).await
}

/// Says in which language a customer is written to, and on whose clock.
///
/// # Errors
/// Not visible, or no time zone of the IANA database.
pub async fn set_locale(
    conn: &mut Conn<'_>,
    by: &By,
    debtor: DebtorId,
    language: Language,
    time_zone: Option<&str>,
) -> Result<Debtor, ReceivablesError> {
    let own = find_debtor(conn, by, debtor).await?;
    if time_zone.is_some_and(|name| name.parse::<chrono_tz::Tz>().is_err()) {
        return Err(ReceivablesError::TimeZone(time_zone.unwrap_or_default().chars().take(60).collect()));
    }
    store::set_locale(conn, debtor, language, time_zone).await?;
    let data = json!({ "before": { "language": own.language, "time_zone": own.time_zone },
                       "after": { "language": language, "time_zone": time_zone } });
    matches::record(conn, by, (own.creditor_id, debtor), "locale_set", data).await?;
    find_debtor(conn, by, debtor).await
}

/// What the creditor allows to be done to a debtor that `by` may see; the defaults while it has said nothing.
///
/// # Errors
/// The debtor is not visible.
pub async fn profile_of(conn: &mut Conn<'_>, by: &By, debtor: DebtorId) -> Result<Profile, ReceivablesError> {
    match profiles::find(conn, debtor).await? {
        Some(profile) => Ok(profile),
        None => {
            let debtor = find_debtor(conn, by, debtor).await?;
            let class = profile_defaults::find(conn, debtor.creditor_id, debtor.kind).await?;
            Ok(class.map_or_else(|| Profile::default_of(debtor.id), |class| class.of(debtor.id)))
        }
    }
}

/// # Errors
/// The account owner is no member, or disabled.
pub(super) async fn check_account_owner(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    setting: &ProfileSetting,
) -> Result<(), ReceivablesError> {
    let Some(owner) = setting.account_owner_id else { return Ok(()) };
    let member = parties::find_member(conn, creditor, owner).await.map_err(|_| ProfileRefusal::NoSuchMember)?;
    if member.disabled_at.is_some() { Err(ProfileRefusal::NoSuchMember.into()) } else { Ok(()) }
}

/// Sets the profile, if `version` is still the one the creditor saw.
///
/// # Errors
/// Another debtor's, a stale version, or a setting that leaves no way to reach the customer.
pub async fn set_profile(
    conn: &mut Conn<'_>,
    by: &By,
    debtor: DebtorId,
    version: i32,
    setting: &ProfileSetting,
) -> Result<Profile, ReceivablesError> {
    setting.check()?;
    let creditor = find_debtor(conn, by, debtor).await?.creditor_id;
    check_account_owner(conn, creditor, setting).await?;
    match profiles::write(conn, creditor, debtor, version, setting, by.at).await? {
        Some(profile) => Ok(profile),
        None => {
            let current = profile_of(conn, by, debtor).await?.version;
            Err(ReceivablesError::StaleProfile { given: version, current })
        }
    }
}
