//! What an objection is about, what is to be shown for it, and who has to answer by when. Pure.
//!
//! The rule, whole: an objection is about the whole claim, or about parts of the principal of its invoices; one that leaves
//! nothing undisputed is about the whole. Where its reason asks something of the debtor, the debtor's term runs first, and
//! silence means that the claim stands; then the creditor's, and silence means that the debtor is right. Both terms are
//! [`ANSWER_DAYS`] long, to the end of the next working day.

use chrono::{Days, NaiveDate};
use utoipa::ToSchema;

use super::DisputeReason;
use crate::types::{Money, ReceivableId, text_enum};

/// Of either side. French trade practice and the UNIREC code both let a claim rest while it is looked into, for a stated time.
pub const ANSWER_DAYS: u64 = 14;

text_enum! {
    /// The two sides of an objection.
    pub enum DisputeSide {
        Debtor => "debtor",
        /// Or its agency.
        Creditor => "creditor",
    }
}

text_enum! {
    /// What shows who is right.
    pub enum Proof {
        /// Day, amount and reference of the transfer.
        PaymentProof => "payment_proof",
        /// What is wrong, since when, and when it was said.
        DefectReport => "defect_report",
        /// What was agreed, and where that stands.
        AgreedPrice => "agreed_price",
        /// Who ordered what, and when.
        Order => "order",
        /// Who received it, and when.
        DeliveryProof => "delivery_proof",
    }
}

/// What is to be shown where this is the reason, and by whom.
#[must_use]
pub const fn checklist(reason: DisputeReason) -> &'static [(Proof, DisputeSide)] {
    use DisputeSide::{Creditor, Debtor};
    match reason {
        DisputeReason::NotOrdered | DisputeReason::WrongDebtor => &[(Proof::Order, Creditor)],
        DisputeReason::NotDelivered => &[(Proof::DeliveryProof, Creditor)],
        DisputeReason::Defective => &[(Proof::DefectReport, Debtor), (Proof::DeliveryProof, Creditor)],
        DisputeReason::WrongAmount => &[(Proof::AgreedPrice, Debtor), (Proof::Order, Creditor)],
        DisputeReason::AlreadyPaid => &[(Proof::PaymentProof, Debtor)],
        DisputeReason::Other => &[],
    }
}

/// Whose word is missing, with what was given so far.
#[must_use]
pub fn awaited(reason: DisputeReason, given: &[Proof]) -> DisputeSide {
    let is_missing = |(item, side): &(Proof, DisputeSide)| *side == DisputeSide::Debtor && !given.contains(item);
    if checklist(reason).iter().any(is_missing) { DisputeSide::Debtor } else { DisputeSide::Creditor }
}

/// The last day of a term that begins today.
#[must_use]
pub fn last_day(today: NaiveDate) -> NaiveDate {
    today.checked_add_days(Days::new(ANSWER_DAYS)).unwrap_or(today)
}

/// What somebody objects to.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// All invoices of the case where none is named.
    pub receivables: &'a [ReceivableId],
    /// All that is open on them unless said.
    pub amount: Option<Money>,
}

/// How far an objection reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    Whole,
    /// How much of the principal of which invoice.
    Parts(Vec<(ReceivableId, Money)>),
}

/// Why an objection is about nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, ToSchema)]
pub enum ExtentRefusal {
    #[error("this invoice is not of the case")]
    NotOfTheCase,
    #[error("more than nothing and at most {0}, which is what nobody objects to yet")]
    Amount(Money),
}

impl ExtentRefusal {
    /// The field at fault.
    #[must_use]
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::NotOfTheCase => "/receivable_ids",
            Self::Amount(_) => "/amount",
        }
    }
}

/// Spreads an objection over `undisputed`, what nobody objects to of each invoice, in proportion.
///
/// # Errors
/// An invoice of another case; an amount that is not there.
pub fn extent(undisputed: &[(ReceivableId, Money)], about: &About<'_>) -> Result<Extent, ExtentRefusal> {
    if about.receivables.is_empty() && about.amount.is_none() {
        return Ok(Extent::Whole);
    }
    if about.receivables.iter().any(|named| undisputed.iter().all(|(id, _)| id != named)) {
        return Err(ExtentRefusal::NotOfTheCase);
    }
    let is_meant = |id: &ReceivableId| about.receivables.is_empty() || about.receivables.contains(id);
    let meant: Vec<&(ReceivableId, Money)> = undisputed.iter().filter(|(id, _)| is_meant(id)).collect();
    let sum = |parts: &[&(ReceivableId, Money)]| parts.iter().map(|(_, amount)| amount.minor).sum::<i64>();
    let Some(currency) = meant.first().map(|(_, amount)| amount.currency) else { return Err(ExtentRefusal::NotOfTheCase) };
    let available = Money::new(sum(&meant), currency);
    let amount = about.amount.unwrap_or(available);
    if amount.currency != currency || !amount.is_positive() || amount.minor > available.minor {
        return Err(ExtentRefusal::Amount(available));
    }
    if amount.minor == sum(&undisputed.iter().collect::<Vec<_>>()) {
        return Ok(Extent::Whole);
    }
    let weights: Vec<u64> = meant.iter().map(|(_, open)| u64::try_from(open.minor).unwrap_or(0)).collect();
    let parts = meant.iter().map(|(id, _)| *id).zip(amount.split(&weights));
    Ok(Extent::Parts(parts.filter(|(_, part)| part.is_positive()).collect()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::types::Currency;

    fn id(number: u128) -> ReceivableId {
        ReceivableId(uuid::Uuid::from_u128(number))
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn open() -> Vec<(ReceivableId, Money)> {
        vec![(id(1), eur(30_000)), (id(2), eur(60_000)), (id(3), eur(0))]
    }

    fn about(receivables: &[ReceivableId], amount: Option<i64>) -> Result<Extent, ExtentRefusal> {
        extent(&open(), &About { receivables, amount: amount.map(eur) })
    }

    #[test]
    fn an_objection_is_about_what_it_names_and_about_the_whole_where_nothing_else_is_left() {
        for (receivables, amount, expected) in [
            (vec![], None, Ok(Extent::Whole)),
            (vec![], Some(90_000), Ok(Extent::Whole)),
            (vec![id(1), id(2)], None, Ok(Extent::Whole)),
            (vec![id(1)], None, Ok(Extent::Parts(vec![(id(1), eur(30_000))]))),
            (vec![id(2)], Some(100), Ok(Extent::Parts(vec![(id(2), eur(100))]))),
            (vec![], Some(9_000), Ok(Extent::Parts(vec![(id(1), eur(3_000)), (id(2), eur(6_000))]))),
            (vec![id(9)], None, Err(ExtentRefusal::NotOfTheCase)),
            (vec![id(1)], Some(30_001), Err(ExtentRefusal::Amount(eur(30_000)))),
            (vec![id(3)], None, Err(ExtentRefusal::Amount(eur(0)))),
            (vec![], Some(0), Err(ExtentRefusal::Amount(eur(90_000)))),
        ] {
            assert_eq!(about(&receivables, amount), expected, "{receivables:?} {amount:?}");
        }
        let pounds = About { receivables: &[], amount: Some(Money::new(5, Currency::GBP)) };
        assert_eq!(extent(&open(), &pounds), Err(ExtentRefusal::Amount(eur(90_000))));
    }

    #[test]
    fn the_debtor_is_awaited_until_what_its_reason_asks_for_is_there() {
        for reason in DisputeReason::ALL {
            let own: Vec<Proof> =
                checklist(*reason).iter().filter(|(_, side)| *side == DisputeSide::Debtor).map(|(item, _)| *item).collect();
            let first = if own.is_empty() { DisputeSide::Creditor } else { DisputeSide::Debtor };
            assert_eq!(awaited(*reason, &[]), first, "{reason}");
            assert_eq!(awaited(*reason, &own), DisputeSide::Creditor, "{reason}");
        }
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_amount_and_none_is_more_than_its_invoice(opens in prop::collection::vec(0_i64..1_000_000, 1..6), amount in 1_i64..5_000_000) {
            let open: Vec<_> = (1..).map(id).zip(opens.iter().map(|minor| eur(*minor))).collect();
            let whole: i64 = opens.iter().sum();
            match extent(&open, &About { receivables: &[], amount: Some(eur(amount)) }) {
                Ok(Extent::Whole) => prop_assert_eq!(amount, whole),
                Ok(Extent::Parts(parts)) => {
                    prop_assert_eq!(parts.iter().map(|(_, part)| part.minor).sum::<i64>(), amount);
                    for (id, part) in parts {
                        let of = open.iter().find(|(other, _)| *other == id).unwrap().1;
                        prop_assert!(part.is_positive() && part.minor <= of.minor);
                    }
                }
                Err(_) => prop_assert!(amount > whole),
            }
        }
    }
}
