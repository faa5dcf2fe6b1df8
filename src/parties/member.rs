//! People in an organisation and the API keys that act for it, as they are on record. No database, no secret.

use chrono::{DateTime, Utc};
use diesel::{Insertable, Queryable, Selectable};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::PartiesError,
    roles::{OrgKind, Permission, Role, key_scopes, permissions, roles},
};
use crate::{
    db::schema::{api_keys, members},
    types::{ApiKeyId, Language, MemberId, OrgId},
};

/// A person in an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = members, treat_none_as_default_value = false)]
pub struct Member {
    pub id: MemberId,
    pub organisation_id: OrgId,
    pub email: String,
    pub full_name: String,
    pub role: Role,
    pub language: Language,
    pub disabled_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// A key that acts for an organisation; its secret was shown once.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    /// The last characters of its secret, to tell keys apart.
    pub hint: String,
    pub scopes: Vec<Permission>,
    pub created_by: MemberId,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// # Errors
/// The role does not exist in an organisation of this kind.
pub(super) fn check_role(kind: OrgKind, role: Role) -> Result<(), PartiesError> {
    if permissions(kind, role).is_some() {
        return Ok(());
    }
    Err(PartiesError::NoSuchRole { kind, role, known: roles(kind).collect() })
}

/// The scopes, each once and in the order of the table.
///
/// # Errors
/// None is given, or one that a key of such an organisation may not carry.
pub(super) fn check_scopes(kind: OrgKind, wanted: &[Permission]) -> Result<Vec<Permission>, PartiesError> {
    let known: Vec<Permission> = key_scopes(kind).collect();
    if let Some(position) = wanted.iter().position(|scope| !known.contains(scope)) {
        return Err(PartiesError::NoSuchScope { position, known });
    }
    let scopes: Vec<Permission> = known.into_iter().filter(|scope| wanted.contains(scope)).collect();
    if scopes.is_empty() { Err(PartiesError::NoScopes) } else { Ok(scopes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_must_exist_in_its_kind_of_organisation() {
        assert!(check_role(OrgKind::Agency, Role::Agent).is_ok());
        assert!(matches!(check_role(OrgKind::Creditor, Role::Agent), Err(PartiesError::NoSuchRole { .. })));
        assert!(matches!(check_role(OrgKind::Partner, Role::Admin), Err(PartiesError::NoSuchRole { .. })));
    }

    #[test]
    fn a_key_carries_some_scopes_of_its_kind() {
        let scopes = check_scopes(OrgKind::Creditor, &[Permission::Money, Permission::Read, Permission::Read]);
        assert_eq!(scopes.unwrap(), [Permission::Read, Permission::Money]);
        assert!(matches!(check_scopes(OrgKind::Creditor, &[]), Err(PartiesError::NoScopes)));
        for scope in [Permission::Administer, Permission::Offer] {
            let refusal = check_scopes(OrgKind::Creditor, &[Permission::Read, scope]);
            assert!(matches!(refusal, Err(PartiesError::NoSuchScope { position: 1, .. })), "{scope}");
        }
    }
}
