//! Costs of collection that a law itself puts a figure on: the Dutch scale, the Belgian cap. Pure.

use crate::types::{BasisPoints, Money, MoneyError, Rounding};

/// One step of a scale: `rate` on what lies above the step before, up to `up_to_minor`.
struct Step {
    up_to_minor: i64,
    rate: BasisPoints,
}

/// Besluit vergoeding voor buitengerechtelijke incassokosten art. 2.
const DUTCH: [Step; 5] = [
    Step { up_to_minor: 250_000, rate: BasisPoints(1_500) },
    Step { up_to_minor: 500_000, rate: BasisPoints(1_000) },
    Step { up_to_minor: 1_000_000, rate: BasisPoints(500) },
    Step { up_to_minor: 20_000_000, rate: BasisPoints(100) },
    Step { up_to_minor: i64::MAX, rate: BasisPoints(50) },
];
const DUTCH_LEAST_MINOR: i64 = 4_000;
const DUTCH_MOST_MINOR: i64 = 677_500;

pub const DUTCH_FORMULA: &str = "15 % up to 2,500, 10 % of the next 2,500, 5 % of the next 5,000, 1 % of the next 190,000, 0.5 % above; at least 40, at most 6,775";

/// Code de droit économique art. XIX.4.
const BELGIAN: [Step; 3] = [
    Step { up_to_minor: 15_000, rate: BasisPoints(0) },
    Step { up_to_minor: 50_000, rate: BasisPoints(1_000) },
    Step { up_to_minor: i64::MAX, rate: BasisPoints(500) },
];
const BELGIAN_MOST_MINOR: i64 = 200_000;

pub const BELGIAN_FORMULA: &str =
    "the penalty of the contract; at most 20 up to 150, 30 and 10 % of what lies above up to 500, 65 and 5 % above, 2,000 in all";

/// The Dutch scale on `principal`, at least EUR 40 for each of `late_invoices` (BW 6:96(4); CJEU C-585/20).
///
/// # Errors
/// More than an `i64` holds.
pub fn dutch_scale(principal: Money, late_invoices: i64) -> Result<Money, MoneyError> {
    let scale = stepped(&DUTCH, principal)?.clamp(DUTCH_LEAST_MINOR, DUTCH_MOST_MINOR);
    let least = DUTCH_LEAST_MINOR.checked_mul(late_invoices).ok_or(MoneyError::Overflow)?;
    Ok(Money::new(scale.max(least), principal.currency))
}

/// The most that a consumer's contract may name as a penalty on `principal`.
///
/// # Errors
/// More than an `i64` holds.
pub fn belgian_cap(principal: Money) -> Result<Money, MoneyError> {
    let flat = match principal.minor {
        ..=15_000 => 2_000,
        15_001.. => 3_000,
    };
    let cap = stepped(&BELGIAN, principal)?.checked_add(flat).ok_or(MoneyError::Overflow)?;
    Ok(Money::new(cap.min(BELGIAN_MOST_MINOR), principal.currency))
}

fn stepped(steps: &[Step], principal: Money) -> Result<i64, MoneyError> {
    let (mut sum, mut below) = (0_i64, 0_i64);
    for step in steps {
        let within = principal.minor.min(step.up_to_minor).saturating_sub(below).max(0);
        let part = Money::new(within, principal.currency).share(step.rate, Rounding::HalfUp)?;
        sum = sum.checked_add(part.minor).ok_or(MoneyError::Overflow)?;
        below = step.up_to_minor;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Currency;

    fn eur(text: &str) -> Money {
        Money::parse_decimal(text, Currency::EUR).unwrap()
    }

    #[test]
    fn the_dutch_scale_goes_down_step_by_step() {
        let table = [
            ("125", 1, "40.00"),       // 15 % = 18.75, raised to 40
            ("266.67", 1, "40.00"),    // 15 % = 40.0005
            ("2500", 1, "375.00"),     // 15 %
            ("5000", 1, "625.00"),     // + 250
            ("10000", 1, "875.00"),    // + 250
            ("23000", 1, "1005.00"),   // + 130
            ("200000", 1, "2775.00"),  // + 1,900
            ("1000000", 1, "6775.00"), // + 4,000
            ("5000000", 1, "6775.00"), // no more
            ("300", 3, "120.00"),      // 45, less than three times 40
        ];
        for (principal, invoices, expected) in table {
            assert_eq!(dutch_scale(eur(principal), invoices), Ok(eur(expected)), "{principal}");
        }
    }

    #[test]
    fn the_belgian_cap_has_no_jump_but_its_first() {
        let table = [
            ("100", "20.00"),
            ("150", "20.00"),
            ("150.01", "30.00"),
            ("400", "55.00"),     // 30 + 25
            ("500", "65.00"),     // 30 + 35
            ("1000", "90.00"),    // 65 + 25
            ("50000", "2000.00"), // 65 + 2,475
        ];
        for (principal, expected) in table {
            assert_eq!(belgian_cap(eur(principal)), Ok(eur(expected)), "{principal}");
        }
    }
}
