//! People in an organisation and the API keys that act for it, as they are on record. No database, no secret.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::PartiesError,
    roles::{OrgKind, Permission, Role, key_scopes, permissions, roles},
};
use crate::types::{ApiKeyId, Language, MemberId, OrgId};

/// A person in an organisation.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
pub struct Member {
    #[diesel(sql_type = SqlUuid)]
    pub id: MemberId,
    #[diesel(sql_type = SqlUuid)]
    pub organisation_id: OrgId,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub full_name: String,
    #[diesel(sql_type = Text)]
    pub role: Role,
    #[diesel(sql_type = Text)]
    pub language: Language,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub disabled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// A key that acts for an organisation; its secret was shown once.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
pub struct ApiKey {
    #[diesel(sql_type = SqlUuid)]
    pub id: ApiKeyId,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The last characters of its secret, to tell keys apart.
    #[diesel(sql_type = Text)]
    pub hint: String,
    #[diesel(sql_type = Array<Text>)]
    pub scopes: Vec<Permission>,
    #[diesel(sql_type = SqlUuid)]
    pub created_by: MemberId,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
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
