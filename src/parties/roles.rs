//! Who may do what: one table from kind of organisation and role to permissions. Pure.
//!
//! What is not in the table is refused; a role that has no row for a kind cannot be given there.

use crate::types::text_enum;

text_enum! {
    /// What an organisation does here.
    pub enum OrgKind {
        Creditor => "creditor",
        Agency => "agency",
        Partner => "partner",
        Operator => "operator",
    }
}

text_enum! {
    /// What a person does in an organisation.
    pub enum Role {
        Admin => "admin",
        CreditManager => "credit_manager",
        Sales => "sales",
        Accountant => "accountant",
        Supervisor => "supervisor",
        Agent => "agent",
    }
}

text_enum! {
    /// A right to do one kind of thing.
    pub enum Permission {
        /// See what the organisation sees.
        Read => "read",
        /// Bring in receivables and post cases.
        PostCases => "post_cases",
        /// List cases, award offers, sign mandates, recall.
        ManageMarket => "manage_market",
        /// Make and withdraw offers, take cases, sign mandates.
        Offer => "offer",
        /// Carry out the steps of an engagement.
        WorkCases => "work_cases",
        /// Report, declare, confirm and contest payments; see fees and payouts.
        Money => "money",
        /// Members, API keys and the organisation itself.
        Administer => "administer",
        /// Decide on licences and insurances, complaints and appeals.
        Vet => "vet",
    }
}

use Permission::{Administer, ManageMarket, Money, Offer, PostCases, Read, Vet, WorkCases};

type Row = (OrgKind, Role, &'static [Permission]);

const TABLE: &[Row] = &[
    (OrgKind::Creditor, Role::Admin, &[Read, PostCases, ManageMarket, Money, Administer]),
    (OrgKind::Creditor, Role::CreditManager, &[Read, PostCases, ManageMarket, Money]),
    (OrgKind::Creditor, Role::Accountant, &[Read, Money]),
    (OrgKind::Creditor, Role::Sales, &[Read]),
    (OrgKind::Agency, Role::Admin, &[Read, Offer, WorkCases, Money, Administer]),
    (OrgKind::Agency, Role::Supervisor, &[Read, Offer, WorkCases, Money]),
    (OrgKind::Agency, Role::Agent, &[Read, WorkCases]),
    (OrgKind::Operator, Role::Admin, &[Read, Vet, Administer]),
];

/// What `role` may do in an organisation of this kind; `None` where the role does not exist there.
#[must_use]
pub fn permissions(kind: OrgKind, role: Role) -> Option<&'static [Permission]> {
    TABLE.iter().find(|row| row.0 == kind && row.1 == role).map(|row| row.2)
}

/// The roles that exist in an organisation of this kind.
pub fn roles(kind: OrgKind) -> impl Iterator<Item = Role> {
    TABLE.iter().filter(move |row| row.0 == kind).map(|row| row.1)
}

/// What an API key of such an organisation may carry: all its admin may but administer and vet, which take a person.
pub fn key_scopes(kind: OrgKind) -> impl Iterator<Item = Permission> {
    let all = permissions(kind, Role::Admin).unwrap_or_default();
    all.iter().copied().filter(|permission| !matches!(permission, Administer | Vet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_outranks_the_admin_of_the_same_kind() {
        for (kind, role, granted) in TABLE {
            let admin = permissions(*kind, Role::Admin).unwrap();
            assert!(granted.iter().all(|permission| admin.contains(permission)), "{kind} {role}");
        }
    }

    #[test]
    fn every_row_can_read_and_no_pair_stands_twice() {
        for (position, (kind, role, granted)) in TABLE.iter().enumerate() {
            assert!(granted.contains(&Read), "{kind} {role}");
            assert_eq!(TABLE.iter().position(|row| (row.0, row.1) == (*kind, *role)), Some(position));
        }
    }

    #[test]
    fn only_the_operator_vets_and_only_agencies_offer() {
        for (kind, role, granted) in TABLE {
            assert_eq!(granted.contains(&Vet), *kind == OrgKind::Operator, "{kind} {role}");
            assert!(!granted.contains(&Offer) || *kind == OrgKind::Agency, "{kind} {role}");
            assert!(!granted.contains(&PostCases) || *kind == OrgKind::Creditor, "{kind} {role}");
        }
    }

    #[test]
    fn a_role_of_another_kind_of_organisation_does_not_exist_here() {
        assert_eq!(permissions(OrgKind::Creditor, Role::Agent), None);
        assert_eq!(permissions(OrgKind::Agency, Role::Sales), None);
        assert_eq!(permissions(OrgKind::Operator, Role::Accountant), None);
        assert_eq!(permissions(OrgKind::Partner, Role::Admin), None);
    }

    #[test]
    fn an_api_key_never_administers() {
        for kind in OrgKind::ALL {
            assert!(key_scopes(*kind).all(|scope| scope != Administer && scope != Vet));
        }
        assert_eq!(key_scopes(OrgKind::Creditor).collect::<Vec<_>>(), [Read, PostCases, ManageMarket, Money]);
    }
}
