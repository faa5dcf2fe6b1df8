//! A payment: what was declared, by whom, where the money is, and whose word is still missing.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::PaymentsError;
use crate::{
    cases::Phase,
    db::Scope,
    receivables::claim::Part,
    types::{BankEntryId, BasisPoints, CaseId, FeeSchedule, HoldId, Money, OrgId, PaymentId, ReceivableId, text_enum},
};

text_enum! {
    /// Where the money arrived.
    pub enum Route {
        /// The agency's account for other people's money.
        AgencyAccount => "agency_account",
        /// The creditor's own account.
        Direct => "direct",
        /// The platform's balance at Stripe: the debtor paid by card or direct debit.
        Stripe => "stripe",
    }
}

text_enum! {
    /// Whose word a payment rests on.
    pub enum Side {
        Creditor => "creditor",
        Agency => "agency",
        /// The payment provider, which has the money: nobody else is asked.
        Provider => "provider",
    }
}

text_enum! {
    /// How far a payment is agreed.
    pub enum PaymentStatus {
        /// One side said so; the other has not answered.
        Declared => "declared",
        /// Agreed, spent and split.
        Confirmed => "confirmed",
        /// The other side says no; the operator decides.
        Contested => "contested",
        /// It never came: the operator decided.
        Rejected => "rejected",
        /// It came and was taken back: a debit that returned, a booking in error.
        Reversed => "reversed",
    }
}

/// A fee agreement that is no plain share, and the day from which it counts: of one engagement.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FeeTerms {
    pub schedule: FeeSchedule,
    pub since: NaiveDate,
    /// What part of it is charged: less than all of it after a recall.
    #[serde(default = "all_of_it")]
    pub part_bp: BasisPoints,
}

const fn all_of_it() -> BasisPoints {
    BasisPoints(10_000)
}

/// Money that arrived or was declared.
#[derive(Debug, Clone)]
pub struct Payment {
    pub id: PaymentId,
    pub case: CaseId,
    pub creditor: OrgId,
    /// Engaged when the payment was declared; none where the creditor recovers by itself.
    pub agency: Option<OrgId>,
    pub route: Route,
    pub declared_by: Side,
    pub amount: Money,
    pub received_on: NaiveDate,
    pub bank_reference: String,
    /// The movement on a bank account that proves it.
    pub bank_entry: Option<BankEntryId>,
    /// What stops contact until it is answered.
    pub hold: Option<HoldId>,
    pub status: PaymentStatus,
    pub answer_by: DateTime<Utc>,
    pub answer_note: Option<String>,
    /// The agency's fee, frozen when the payment was declared.
    pub fee: BasisPoints,
    /// The agreement behind it, as [`FeeTerms`] in JSON; none for a plain share.
    pub fee_terms: Option<Value>,
    pub version: i32,
    pub declared_at: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
    pub reversed_on: Option<NaiveDate>,
    pub reversal_note: Option<String>,
}

/// What a payment paid of one part of one receivable.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Allocation {
    pub receivable_id: ReceivableId,
    /// None where the invoice is not yours to see any more.
    pub invoice_number: Option<String>,
    pub part: Part,
    pub amount: Money,
}

impl Payment {
    /// In whose bank account the money lies. `None`: in the platform's balance at Stripe.
    #[must_use]
    pub fn holder(&self) -> Option<OrgId> {
        match (self.route, self.agency) {
            (Route::Stripe, _) => None,
            (Route::AgencyAccount, Some(agency)) => Some(agency),
            (Route::AgencyAccount | Route::Direct, _) => Some(self.creditor),
        }
    }

    /// The organisation whose word is still missing.
    #[must_use]
    pub fn answering(&self) -> Option<OrgId> {
        match self.declared_by {
            Side::Agency => Some(self.creditor),
            Side::Creditor => self.agency,
            Side::Provider => None,
        }
    }

    /// # Errors
    /// Not a party to it; the other side's to answer; answered already.
    pub fn must_be_answered_by(&self, org: OrgId) -> Result<(), PaymentsError> {
        if self.creditor != org && self.agency != Some(org) {
            return Err(PaymentsError::NotFound);
        }
        if self.answering() != Some(org) {
            return Err(PaymentsError::NotYours);
        }
        self.must_be(PaymentStatus::Declared)
    }

    /// # Errors
    /// It is something else.
    pub fn must_be(&self, status: PaymentStatus) -> Result<(), PaymentsError> {
        if self.status == status { Ok(()) } else { Err(PaymentsError::WrongStatus(self.status)) }
    }
}

/// Which side declares, and by which route: the agency what came into its client account or, as it learnt, to the creditor;
/// the creditor what came into its own account.
///
/// # Errors
/// The agency is not engaged; the creditor speaks of an account it cannot see; the case is a draft or closed.
pub fn route_of(
    scope: Scope,
    asked: Option<Route>,
    phase: Phase,
    engaged: Option<OrgId>,
) -> Result<(Side, Route), PaymentsError> {
    match phase {
        Phase::InHouse | Phase::Listed | Phase::Awarded | Phase::Active => {}
        Phase::Draft | Phase::Closed => return Err(PaymentsError::CannotBePaid(phase)),
    }
    if asked == Some(Route::Stripe) {
        return Err(PaymentsError::ProviderSays);
    }
    match scope {
        Scope::Creditor(_) if asked == Some(Route::AgencyAccount) => Err(PaymentsError::NotYourAccount),
        Scope::Creditor(_) => Ok((Side::Creditor, Route::Direct)),
        Scope::Agency(org) if engaged == Some(org) => Ok((Side::Agency, asked.unwrap_or(Route::AgencyAccount))),
        Scope::Agency(_) | Scope::Operator(_) | Scope::Debtor(_) | Scope::System => Err(PaymentsError::NotEngaged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_declares_what_it_can_see() {
        let (creditor, agency, rival) = (OrgId::fresh(), OrgId::fresh(), OrgId::fresh());
        let shown = |scope, asked, phase, engaged| route_of(scope, asked, phase, engaged).map_err(|refusal| refusal.to_string());
        let direct = Ok((Side::Creditor, Route::Direct));
        for phase in [Phase::InHouse, Phase::Listed, Phase::Awarded, Phase::Active] {
            assert_eq!(shown(Scope::Creditor(creditor), None, phase, None), direct);
            assert!(shown(Scope::Creditor(creditor), Some(Route::AgencyAccount), phase, Some(agency)).is_err());
            assert!(shown(Scope::Creditor(creditor), Some(Route::Stripe), phase, None).is_err());
        }
        let engaged = Some(agency);
        assert_eq!(shown(Scope::Agency(agency), None, Phase::Active, engaged), Ok((Side::Agency, Route::AgencyAccount)));
        assert_eq!(shown(Scope::Agency(agency), Some(Route::Direct), Phase::Active, engaged), Ok((Side::Agency, Route::Direct)));
        assert!(shown(Scope::Agency(agency), None, Phase::Awarded, None).is_err());
        assert!(shown(Scope::Agency(rival), None, Phase::Active, engaged).is_err());
        for phase in [Phase::Draft, Phase::Closed] {
            assert!(shown(Scope::Creditor(creditor), None, phase, None).is_err());
        }
    }
}
