//! Which strategy a case runs through: an organisation assigns strategies to all its cases, to a class of debtors, to a range
//! of amounts or to one customer, and the most particular assignment wins and says why.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{RecoveryError, store::strategies as store, strategies};
use crate::{
    db::{By, Conn},
    receivables::{self, DebtorKind},
    types::{Currency, DebtorId, OrgId, StrategyAssignmentId},
};

/// As many as one look at a starting case should go through.
const ASSIGNMENTS_MAX: usize = 1_000;

/// Which cases an assignment is for. From the least to the most particular.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum AssignmentScope {
    All,
    Class {
        debtor_kind: DebtorKind,
    },
    /// Principal from `from_minor` up to but not including `below_minor`. Of two ranges the narrower is the more particular.
    Amount {
        #[schema(value_type = String, example = "EUR")]
        currency: Currency,
        from_minor: i64,
        below_minor: Option<i64>,
    },
    Customer {
        debtor_id: DebtorId,
    },
}

/// A strategy given to cases. Cases that begin get its latest published version; running ones keep what they have.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Assignment {
    pub id: StrategyAssignmentId,
    /// By name: your own of that name, or else the shipped one.
    pub strategy: String,
    pub applies_to: AssignmentScope,
    pub created_at: DateTime<Utc>,
}

/// One to be made. It takes the place of an earlier one for exactly the same cases.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAssignment {
    #[schema(example = "strategic_customers")]
    pub strategy: String,
    pub applies_to: AssignmentScope,
}

/// What the choice looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    pub debtor: DebtorId,
    pub debtor_kind: DebtorKind,
    pub principal_minor: i64,
    pub currency: Currency,
}

impl AssignmentScope {
    /// How particular it is, if it is for this case: class of particularity, then how narrow.
    fn fits(self, case: &Candidate) -> Option<(u8, i64)> {
        match self {
            Self::All => Some((0, 0)),
            Self::Class { debtor_kind } => (debtor_kind == case.debtor_kind).then_some((1, 0)),
            Self::Amount { currency, from_minor, below_minor } => {
                let below = below_minor.unwrap_or(i64::MAX);
                let fits = currency == case.currency && (from_minor..below).contains(&case.principal_minor);
                fits.then_some((2, from_minor.saturating_sub(below)))
            }
            Self::Customer { debtor_id } => (debtor_id == case.debtor).then_some((3, 0)),
        }
    }

    /// Whether it is for this case.
    #[must_use]
    pub fn is_for(self, case: &Candidate) -> bool {
        self.fits(case).is_some()
    }

    /// Why a case got it, for people.
    #[must_use]
    pub const fn because(self) -> &'static str {
        match self {
            Self::All => "assigned to all cases",
            Self::Class { .. } => "assigned to this class of debtors",
            Self::Amount { .. } => "assigned to this range of amounts",
            Self::Customer { .. } => "assigned to this customer",
        }
    }
}

/// The most particular assignment that is for a case. Pure.
#[must_use]
pub fn choose<'a>(assignments: &'a [Assignment], case: &Candidate) -> Option<&'a Assignment> {
    let fitting = assignments.iter().filter_map(|one| Some((one.applies_to.fits(case)?, one.created_at, one)));
    fitting.max_by_key(|(rank, made_at, _)| (*rank, *made_at)).map(|(_, _, one)| one)
}

/// Assigns a strategy.
///
/// # Errors
/// Nothing is published under that name, a range without room, a customer that is not visible, or too many.
pub async fn assign(conn: &mut Conn<'_>, by: &By, owner: OrgId, new: &NewAssignment) -> Result<Assignment, RecoveryError> {
    if strategies::in_force(conn, by, owner, &new.strategy).await?.is_none() {
        return Err(RecoveryError::Invalid("/strategy", "nothing is published under this name".to_owned()));
    }
    match new.applies_to {
        AssignmentScope::Amount { from_minor, below_minor, .. }
            if from_minor < 0 || below_minor.is_some_and(|below| below <= from_minor) =>
        {
            return Err(RecoveryError::Invalid(
                "/applies_to/below_minor",
                "a range begins at 0 or above and ends after it begins".to_owned(),
            ));
        }
        AssignmentScope::Customer { debtor_id } => {
            receivables::find_debtor(conn, by, debtor_id).await?;
        }
        AssignmentScope::All | AssignmentScope::Class { .. } | AssignmentScope::Amount { .. } => {}
    }
    if store::list_assignments(conn, owner).await?.len() >= ASSIGNMENTS_MAX {
        return Err(RecoveryError::Invalid("/applies_to", format!("at most {ASSIGNMENTS_MAX} assignments: withdraw some first")));
    }
    let assignment = Assignment {
        id: StrategyAssignmentId::fresh(),
        strategy: new.strategy.clone(),
        applies_to: new.applies_to,
        created_at: by.at,
    };
    store::assign(conn, owner, &assignment).await?;
    Ok(assignment)
}

/// An organisation's own, newest first.
///
/// # Errors
/// The database fails.
pub async fn list(conn: &mut Conn<'_>, _: &By, owner: OrgId) -> Result<Vec<Assignment>, RecoveryError> {
    Ok(store::list_assignments(conn, owner).await?)
}

/// Withdraws one. Running cases keep their strategies.
///
/// # Errors
/// Not its own, or withdrawn before.
pub async fn withdraw(conn: &mut Conn<'_>, _: &By, owner: OrgId, id: StrategyAssignmentId) -> Result<(), RecoveryError> {
    if store::withdraw(conn, owner, id).await? { Ok(()) } else { Err(RecoveryError::NotFound("assignment")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assignment(strategy: &str, applies_to: AssignmentScope, second: i64) -> Assignment {
        let created_at = DateTime::from_timestamp(1_793_610_000 + second, 0).unwrap();
        Assignment { id: StrategyAssignmentId::fresh(), strategy: strategy.to_owned(), applies_to, created_at }
    }

    #[test]
    fn the_most_particular_wins() {
        let debtor = DebtorId::fresh();
        let amount = |from_minor, below_minor| AssignmentScope::Amount { currency: Currency::EUR, from_minor, below_minor };
        let all = [
            assignment("customer", AssignmentScope::Customer { debtor_id: debtor }, 0),
            assignment("narrow", amount(50_000, Some(100_000)), 1),
            assignment("wide", amount(0, Some(1_000_000)), 2),
            assignment("open", amount(50_000, None), 3),
            assignment("class", AssignmentScope::Class { debtor_kind: DebtorKind::Public }, 4),
            assignment("all", AssignmentScope::All, 5),
        ];
        let case = |debtor, debtor_kind, principal_minor, currency| Candidate { debtor, debtor_kind, principal_minor, currency };
        let other = DebtorId::fresh();
        for (candidate, expected) in [
            (case(debtor, DebtorKind::Public, 60_000, Currency::EUR), "customer"),
            (case(other, DebtorKind::Public, 60_000, Currency::EUR), "narrow"),
            (case(other, DebtorKind::Public, 100_000, Currency::EUR), "wide"),
            (case(other, DebtorKind::Business, 2_000_000, Currency::EUR), "open"),
            (case(other, DebtorKind::Public, 60_000, Currency::GBP), "class"),
            (case(other, DebtorKind::Business, 60_000, Currency::GBP), "all"),
        ] {
            assert_eq!(choose(&all, &candidate).unwrap().strategy, expected, "{candidate:?}");
        }
        assert!(choose(&all[..1], &case(other, DebtorKind::Business, 1, Currency::EUR)).is_none());
    }

    #[test]
    fn of_two_alike_the_later_holds() {
        let both = [assignment("earlier", AssignmentScope::All, 0), assignment("later", AssignmentScope::All, 1)];
        let case = Candidate {
            debtor: DebtorId::fresh(),
            debtor_kind: DebtorKind::Business,
            principal_minor: 1,
            currency: Currency::EUR,
        };
        assert_eq!(choose(&both, &case).unwrap().strategy, "later");
    }
}
