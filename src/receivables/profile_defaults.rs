//! What a creditor allows to be done to a class of its customers, and how it is set over HTTP. A customer's own profile goes
//! before that of its class, and that before what holds while nothing is said.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::NaiveTime;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::{
    Channel, DebtorKind, Profile, ProfileSetting, ReceivablesError, Tone, debtors::check_account_owner,
    store::profile_defaults as store,
};
use crate::{
    app::App,
    db::{By, Conn},
    http::{Caller, IfMatch, Json, Page, Problem, resource},
    parties::{CreditorMember, Permission},
    types::{DebtorId, MemberId, OrgId},
};

/// The profile of a class of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProfileDefault {
    pub debtor_kind: DebtorKind,
    pub tone_ceiling: Tone,
    pub channels: Vec<Channel>,
    pub do_not_contact: bool,
    /// On the debtor's clock.
    #[schema(value_type = String)]
    pub contact_from: NaiveTime,
    #[schema(value_type = String)]
    pub contact_until: NaiveTime,
    pub account_owner_id: Option<MemberId>,
    pub approves_texts: bool,
    pub version: i32,
}

impl ProfileDefault {
    /// As the profile of a customer of whom nothing else is said.
    #[must_use]
    pub fn of(self, debtor_id: DebtorId) -> Profile {
        Profile {
            debtor_id,
            tone_ceiling: self.tone_ceiling,
            channels: self.channels,
            do_not_contact: self.do_not_contact,
            contact_from: self.contact_from,
            contact_until: self.contact_until,
            account_owner_id: self.account_owner_id,
            approves_texts: self.approves_texts,
            version: 0,
        }
    }
}

/// What a creditor has said of its classes of customers.
///
/// # Errors
/// The database fails.
pub async fn list_profile_defaults(conn: &mut Conn<'_>, creditor: OrgId) -> Result<Vec<ProfileDefault>, ReceivablesError> {
    Ok(store::list(conn, creditor).await?)
}

/// Sets what may be done to a class of customers, if `version` is still the one the creditor saw; 0 for the first time.
///
/// # Errors
/// A stale version, a member who is none, or a setting that leaves no way to reach anybody.
pub async fn set_profile_default(
    conn: &mut Conn<'_>,
    by: &By,
    (creditor, kind): (OrgId, DebtorKind),
    version: i32,
    setting: &ProfileSetting,
) -> Result<ProfileDefault, ReceivablesError> {
    setting.check()?;
    check_account_owner(conn, creditor, setting).await?;
    match store::write(conn, (creditor, kind), version, setting, by.at).await? {
        Some(written) => Ok(written),
        None => {
            let current = store::find(conn, creditor, kind).await?.map_or(0, |found| found.version);
            Err(ReceivablesError::StaleProfile { given: version, current })
        }
    }
}

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(paths(list_class_profiles, put_class_profile), components(schemas(ProfileDefault)))]
pub struct Docs;

/// What may be done to your classes of customers, where you have said something of them.
#[utoipa::path(get, path = "/profile-defaults", tag = "receivables", responses((status = 200, body = Page<ProfileDefault>)))]
pub async fn list_class_profiles(app: Data<App>, creditor: CreditorMember) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let data = app.db.transaction(by.scope, async |conn| list_profile_defaults(conn, creditor.org).await).await?;
    resource(StatusCode::OK, &Page { data, next_cursor: None })
}

/// Sets what may be done to a class of customers. What is said of one of them goes before it.
#[utoipa::path(put, path = "/profile-defaults/{debtor_kind}", tag = "receivables", request_body = ProfileSetting,
    params(("debtor_kind" = DebtorKind, Path), ("If-Match" = String, Header, description = "its ETag; \"v0\" for the first time")),
    responses((status = 200, body = ProfileDefault), (status = 412, description = "changed since")))]
pub async fn put_class_profile(
    app: Data<App>,
    creditor: CreditorMember,
    kind: Path<DebtorKind>,
    version: IfMatch,
    setting: Json<ProfileSetting>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let by = creditor.by(app.clock.now());
    let set = app
        .db
        .transaction(by.scope, async |conn| set_profile_default(conn, &by, (creditor.org, *kind), version.0, &setting.0).await);
    resource(StatusCode::OK, &set.await?)
}
