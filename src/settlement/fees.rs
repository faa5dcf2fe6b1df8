//! How a payment is split: the agency's fee to the creditor, the platform's commission to the agency, VAT on both.
//!
//! Pure. What may never happen here: parts that do not sum to the payment, a part below nothing, a fee on what was not recovered.

use super::vat::Vat;
use crate::types::{BasisPoints, Money, MoneyError, Rounding};

/// What was agreed, and the VAT that each of the two services bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The agency's part of what it recovered.
    pub fee: BasisPoints,
    /// What the fee comes to where the agreement is no plain share of each payment; `fee` is then what that makes of it.
    pub fee_net: Option<Money>,
    pub fee_vat: Vat,
    /// The platform's part of the agency's fee before VAT.
    pub commission: BasisPoints,
    pub commission_vat: Vat,
}

/// The price of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    pub base: Money,
    pub rate: BasisPoints,
    pub net: Money,
    pub vat: Vat,
    pub vat_amount: Money,
    /// `net` and VAT.
    pub gross: Money,
}

/// Who gets what of a payment: `creditor + agency + operator = payment`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    pub payment: Money,
    pub fee: Charge,
    pub commission: Charge,
    pub creditor: Money,
    /// Its fee and the VAT on it, less the platform's commission and the VAT on that.
    pub agency: Money,
    pub operator: Money,
}

/// Why a payment cannot be split under these terms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SplitRefusal {
    #[error("nothing was recovered, so there is nothing to split")]
    NothingRecovered,
    #[error("these terms would leave {0} less than nothing")]
    NothingLeft(&'static str),
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Splits what was recovered. Fees are rounded down, VAT to the nearest cent: nobody is charged more than was agreed.
///
/// # Errors
/// Nothing recovered, or terms that eat up a share.
pub fn split(payment: Money, terms: &Terms) -> Result<Split, SplitRefusal> {
    if !payment.is_positive() {
        return Err(SplitRefusal::NothingRecovered);
    }
    let net = terms.fee_net.map_or_else(|| payment.share(terms.fee, Rounding::Down), Ok)?;
    let fee = charge(payment, terms.fee, net, terms.fee_vat)?;
    let commission = charge(fee.net, terms.commission, fee.net.share(terms.commission, Rounding::Down)?, terms.commission_vat)?;
    let creditor = left(payment.checked_sub(fee.gross)?, "the creditor")?;
    let agency = left(fee.gross.checked_sub(commission.gross)?, "the agency")?;
    Ok(Split { payment, fee, commission, creditor, agency, operator: commission.gross })
}

fn charge(base: Money, rate: BasisPoints, net: Money, vat: Vat) -> Result<Charge, MoneyError> {
    let vat_amount = net.share(vat.rate, Rounding::HalfUp)?;
    Ok(Charge { base, rate, net, vat, vat_amount, gross: net.checked_add(vat_amount)? })
}

fn left(share: Money, whose: &'static str) -> Result<Money, SplitRefusal> {
    if share.minor < 0 { Err(SplitRefusal::NothingLeft(whose)) } else { Ok(share) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::types::Currency;

    fn eur(text: &str) -> Money {
        Money::parse_decimal(text, Currency::EUR).unwrap()
    }

    fn terms(fee: i32, fee_vat: i32, commission: i32, commission_vat: i32) -> Terms {
        let vat = |bp| Vat { rate: BasisPoints(bp), ground: "test" };
        Terms {
            fee: BasisPoints(fee),
            fee_net: None,
            fee_vat: vat(fee_vat),
            commission: BasisPoints(commission),
            commission_vat: vat(commission_vat),
        }
    }

    /// The worked example of `docs/money.md`.
    #[test]
    fn a_thousand_euro_are_split_as_in_the_worked_example() {
        let split = split(eur("1000.00"), &terms(1200, 2100, 2000, 2100)).unwrap();
        assert_eq!((split.fee.net, split.fee.vat_amount), (eur("120.00"), eur("25.20")));
        assert_eq!((split.commission.net, split.commission.vat_amount), (eur("24.00"), eur("5.04")));
        assert_eq!((split.creditor, split.agency, split.operator), (eur("854.80"), eur("116.16"), eur("29.04")));
    }

    #[test]
    fn across_borders_no_vat_is_split_off() {
        let split = split(eur("1000.00"), &terms(1200, 0, 2000, 2100)).unwrap();
        assert_eq!((split.creditor, split.agency, split.operator), (eur("880.00"), eur("90.96"), eur("29.04")));
    }

    #[test]
    fn what_was_not_recovered_costs_nothing() {
        assert_eq!(split(eur("0.00"), &terms(1200, 2100, 2000, 2100)), Err(SplitRefusal::NothingRecovered));
        let cent = split(eur("0.01"), &terms(1200, 2100, 2000, 2100)).unwrap();
        assert_eq!((cent.creditor, cent.agency, cent.operator), (eur("0.01"), eur("0.00"), eur("0.00")));
    }

    #[test]
    fn a_fee_that_is_no_plain_share_is_split_by_its_amount() {
        let flat = Terms { fee_net: Some(eur("150.00")), ..terms(1500, 2100, 2000, 2100) };
        let split = split(eur("1000.00"), &flat).unwrap();
        assert_eq!((split.fee.net, split.fee.vat_amount), (eur("150.00"), eur("31.50")));
        assert_eq!((split.creditor, split.agency, split.operator), (eur("818.50"), eur("145.20"), eur("36.30")));
    }

    #[test]
    fn terms_that_leave_a_party_in_debt_are_refused() {
        assert_eq!(split(eur("100.00"), &terms(9000, 2100, 2000, 2100)), Err(SplitRefusal::NothingLeft("the creditor")));
        assert_eq!(split(eur("100.00"), &terms(1000, 0, 10_000, 2100)), Err(SplitRefusal::NothingLeft("the agency")));
    }

    proptest! {
        #[test]
        fn shares_sum_to_the_payment_and_none_is_below_nothing(
            minor in 1_i64..10_000_000_000, fee in 0_i32..=5000, fee_vat in 0_i32..=2700, commission in 0_i32..=5000, commission_vat in 0_i32..=2700
        ) {
            let payment = Money::new(minor, Currency::EUR);
            let split = split(payment, &terms(fee, fee_vat, commission, commission_vat)).unwrap();
            prop_assert_eq!(Money::sum(Currency::EUR, [split.creditor, split.agency, split.operator]), Ok(payment));
            for share in [split.creditor, split.agency, split.operator] {
                prop_assert!(share.minor >= 0);
            }
            prop_assert!(i128::from(split.fee.net.minor) * 10_000 <= i128::from(minor) * i128::from(fee), "more fee than was agreed");
        }
    }
}
