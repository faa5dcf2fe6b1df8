//! What is set aside for receivables that may not be paid: a share of each age, by the creditor's own policy or ours until it has
//! one. A provision matrix, as IFRS 9 B5.5.35 allows for trade receivables.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{InsightError, store::provisions as store};
use crate::{
    cases::desk::Age,
    db::Conn,
    types::{BasisPoints, Money, MoneyError, OrgId, Rounding},
};

/// How many ages there are.
const AGES: usize = Age::ALL.len();

/// The shares as a creditor sets them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvisionSetting {
    /// Of what is not due, 1 to 30, 31 to 60, 61 to 90, 91 to 180 and over 180 days late; none less than the one before.
    #[schema(min_items = 6, max_items = 6, example = json!([50, 200, 500, 1_500, 5_000, 10_000]))]
    pub shares_bp: Vec<i32>,
}

/// What is set aside, and the version that the next change names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProvisionPolicy {
    #[serde(flatten)]
    pub setting: ProvisionSetting,
    /// 0: the one we propose.
    pub version: i32,
}

impl ProvisionPolicy {
    /// Ours, until the creditor has one. What is over half a year late is written down whole, as Ley 27/2014 art. 13.1.a lets a
    /// company do; the shares before it are our choice.
    fn proposed() -> Self {
        Self { setting: ProvisionSetting { shares_bp: vec![50, 200, 500, 1_500, 5_000, 10_000] }, version: 0 }
    }

    /// The share of an age.
    #[must_use]
    pub fn share(&self, age: Age) -> BasisPoints {
        let place = Age::ALL.iter().position(|one| *one == age);
        BasisPoints(place.and_then(|place| self.setting.shares_bp.get(place)).copied().unwrap_or(0))
    }

    /// What is set aside of what is owed at an age; nothing of a credit balance.
    ///
    /// # Errors
    /// More than an `i64` holds.
    pub fn provision(&self, age: Age, open: Money) -> Result<Money, MoneyError> {
        Money::new(open.minor.max(0), open.currency).share(self.share(age), Rounding::HalfUp)
    }
}

impl ProvisionSetting {
    fn check(&self) -> Result<(), InsightError> {
        let in_range = self.shares_bp.iter().all(|share| (0..=10_000).contains(share));
        let ok = self.shares_bp.len() == AGES && in_range && self.shares_bp.is_sorted();
        if ok { Ok(()) } else { Err(InsightError::Shares) }
    }
}

/// The policy of a creditor.
///
/// # Errors
/// The database fails.
pub async fn find(conn: &mut Conn<'_>, creditor: OrgId) -> Result<ProvisionPolicy, InsightError> {
    Ok(store::find(conn, creditor).await?.unwrap_or_else(ProvisionPolicy::proposed))
}

/// Sets the policy, if `version` is still the one that was read.
///
/// # Errors
/// Another version by now; shares that are none.
pub async fn set(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    version: i32,
    setting: ProvisionSetting,
) -> Result<ProvisionPolicy, InsightError> {
    setting.check()?;
    if store::write(conn, creditor, version, &setting.shares_bp).await? {
        return find(conn, creditor).await;
    }
    Err(InsightError::StalePolicy(find(conn, creditor).await?.version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Currency;

    #[test]
    fn shares_are_six_and_rise() {
        for (shares, fits) in [
            (vec![0, 0, 0, 0, 0, 0], true),
            (vec![50, 200, 500, 1_500, 5_000, 10_000], true),
            (vec![50, 200, 500, 1_500, 5_000], false),
            (vec![50, 200, 500, 1_500, 5_000, 10_001], false),
            (vec![-1, 200, 500, 1_500, 5_000, 10_000], false),
            (vec![300, 200, 500, 1_500, 5_000, 10_000], false),
        ] {
            assert_eq!(ProvisionSetting { shares_bp: shares.clone() }.check().is_ok(), fits, "{shares:?}");
        }
    }

    #[test]
    fn each_age_has_its_share_and_a_credit_balance_none() {
        let policy = ProvisionPolicy::proposed();
        for (age, open, expected) in [
            (Age::NotDue, 100_001, 500),
            (Age::UpTo30, 100_000, 2_000),
            (Age::UpTo90, 33, 5),
            (Age::Over180, 77_777, 77_777),
            (Age::Over180, -500, 0),
        ] {
            let provision = policy.provision(age, Money::new(open, Currency::EUR)).unwrap();
            assert_eq!(provision.minor, expected, "{age} {open}");
        }
    }
}
