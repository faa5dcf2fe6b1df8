//! Recall: on what grounds a creditor takes a case back, and what part of the fee the agency keeps on what comes in soon after.
//!
//! Pure. What may never happen here: a fee for an agency that broke its word, or more than the fee that was agreed.
//!
//! part = share of the ground × days held ÷ 60, at most the share; on money that comes in within 60 days after the recall.

use chrono::{Days, NaiveDate};

use super::MarketError;
use crate::types::{BasisPoints, text_enum};

text_enum! {
    /// On what grounds a creditor takes a case back.
    pub enum RecallGround {
        /// The customer orders again, and is to be kept.
        NewOrder => "new_order",
        SettledDispute => "settled_dispute",
        /// Creditor and customer agreed between themselves.
        AgreementWithCustomer => "agreement_with_customer",
        /// The agency broke a promise, or a complaint about it was upheld: on record, of this engagement.
        AgencyBreach => "agency_breach",
        Other => "other",
    }
}

/// So many days make the whole share, and so long after the recall it is borne.
pub const DAYS: u32 = 60;

/// What of the fee the agency keeps after a recall, once it has held the case for sixty days.
#[must_use]
pub const fn share_of(ground: RecallGround) -> BasisPoints {
    BasisPoints(match ground {
        RecallGround::AgreementWithCustomer | RecallGround::Other => 10_000,
        RecallGround::NewOrder | RecallGround::SettledDispute => 5_000,
        RecallGround::AgencyBreach => 0,
    })
}

/// What part of the fee is kept, and the last day on which what comes in bears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub fee_bp: BasisPoints,
    pub until: NaiveDate,
}

/// Of an engagement that began on one day and is recalled on another.
#[must_use]
pub fn kept(ground: RecallGround, began_on: NaiveDate, recalled_on: NaiveDate) -> Kept {
    let held = i32::try_from(recalled_on.signed_duration_since(began_on).num_days()).unwrap_or(i32::MAX);
    let whole = i32::try_from(DAYS).unwrap_or(i32::MAX);
    let fee_bp = BasisPoints(share_of(ground).0 * held.clamp(0, whole) / whole);
    Kept { fee_bp, until: recalled_on.checked_add_days(Days::new(DAYS.into())).unwrap_or(recalled_on) }
}

/// What the record says against an agency.
#[derive(Debug, Clone, Copy, Default)]
pub struct Breaches {
    pub promises: bool,
    pub complaints: bool,
}

/// # Errors
/// A breach is alleged of which nothing is on record.
pub fn check(ground: RecallGround, on_record: Breaches) -> Result<(), MarketError> {
    let Breaches { promises, complaints } = on_record;
    if ground == RecallGround::AgencyBreach && !promises && !complaints { Err(MarketError::NoBreach) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_part_grows_with_the_days_up_to_the_share_of_the_ground() {
        for (ground, recalled_on, fee_bp) in [
            (RecallGround::AgreementWithCustomer, "2026-11-01", 0),
            (RecallGround::AgreementWithCustomer, "2026-11-16", 2_500),
            (RecallGround::Other, "2026-12-31", 10_000),
            (RecallGround::Other, "2027-12-31", 10_000),
            (RecallGround::NewOrder, "2026-12-01", 2_500),
            (RecallGround::SettledDispute, "2027-06-01", 5_000),
            (RecallGround::AgencyBreach, "2027-06-01", 0),
        ] {
            assert_eq!(kept(ground, day("2026-11-01"), day(recalled_on)).fee_bp.0, fee_bp, "{ground} {recalled_on}");
        }
        assert_eq!(kept(RecallGround::Other, day("2026-11-01"), day("2026-11-02")).until, day("2027-01-01"));
    }

    #[test]
    fn a_breach_is_one_that_is_on_record() {
        let breaches = |promises, complaints| Breaches { promises, complaints };
        assert!(check(RecallGround::AgencyBreach, breaches(false, false)).is_err());
        assert!(check(RecallGround::AgencyBreach, breaches(true, false)).is_ok());
        assert!(check(RecallGround::AgencyBreach, breaches(false, true)).is_ok());
        assert!(check(RecallGround::NewOrder, breaches(false, false)).is_ok());
    }

    proptest! {
        #[test]
        fn never_more_than_the_share_and_never_less_for_more_days(ground in proptest::sample::select(RecallGround::ALL), held in -10_i64..400) {
            let began = day("2026-01-01");
            let after = |days: i64| kept(ground, began, began + chrono::TimeDelta::days(days)).fee_bp.0;
            prop_assert!((0..=share_of(ground).0).contains(&after(held)) && after(held) <= after(held + 1));
        }
    }

    /// The table as `docs/market.md` prints it.
    #[test]
    fn the_published_table_is_that_of_the_code() {
        let page = include_str!("../../docs/market.md");
        for ground in RecallGround::ALL {
            let row = format!("| {ground} | {} |", share_of(*ground).0 / 100);
            assert!(page.contains(&row), "docs/market.md should hold: {row}");
        }
    }
}
