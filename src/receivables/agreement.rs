//! What the parties agreed for the case of delay, held against the bounds of their country's law. Pure.
//!
//! What may never happen here: a clause enforced that the law forbids. The refusal names the article.

use chrono::NaiveDate;

use super::{
    DebtorKind,
    invoice::Invoice,
    law::{Costs, CountryLaw, Floor, Ground, Interest, LateLaw},
    rates::{Law, Rates, Series},
};
use crate::types::{BasisPoints, Money};

/// The clauses of a contract on late payment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Yearly, in the place of the legal rate.
    pub rate: Option<BasisPoints>,
    /// A lump sum for late payment, over all invoices together.
    pub penalty: Option<Money>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgreementRefusal {
    #[error("an agreed rate of {rate} cannot be claimed: it is below {least} ({article})")]
    TooLow { rate: BasisPoints, least: BasisPoints, article: &'static str },
    #[error("an agreed rate of {rate} cannot be claimed from a consumer: it is above {most} ({article})")]
    TooHigh { rate: BasisPoints, most: BasisPoints, article: &'static str },
    #[error("an agreed rate is above 0 % and at most 100 % a year, not {rate} ({article})")]
    NoRate { rate: BasisPoints, article: &'static str },
    #[error(
        "a penalty of {penalty} cannot be claimed: the most is {most}, and whoever asks for more loses all of it ({article})"
    )]
    Penalty { penalty: Money, most: Money, article: &'static str },
    #[error("a penalty for late payment is reckoned for consumers in Belgium alone; elsewhere claim it apart")]
    PenaltyNotCovered,
}

const WHOLE: BasisPoints = BasisPoints(10_000);

impl Agreement {
    /// The rate in force instead of the legal one, with its ground; a penalty is checked with the costs, where its base is known.
    pub(super) fn check(
        &self,
        law: &CountryLaw,
        late: &LateLaw,
        kind: DebtorKind,
        rates: &Rates,
        invoices: &[Invoice],
    ) -> Result<Option<(Series, Ground)>, AgreementRefusal> {
        if self.penalty.is_some() && !matches!(late.costs, Costs::AgreedPenalty { .. }) {
            return Err(AgreementRefusal::PenaltyNotCovered);
        }
        let Some(rate) = self.rate else { return Ok(None) };
        let bounds = &law.agreed_rate;
        if rate.0 <= 0 || rate > WHOLE {
            return Err(AgreementRefusal::NoRate { rate, article: bounds.floor_article });
        }
        let mut ground = bounds.ground;
        for invoice in invoices {
            let doubt = match kind {
                DebtorKind::Business | DebtorKind::Public => below_floor(rate, law, rates, invoice)?,
                DebtorKind::Consumer => above_ceiling(rate, law, rates, invoice)?,
            };
            ground.doubt = doubt.or(ground.doubt);
        }
        Ok(Some((Series::constant(rate), ground)))
    }
}

/// The first day of delay: the day whose rates an agreement is held against.
fn first_day(invoice: &Invoice) -> NaiveDate {
    invoice.due_on.succ_opt().unwrap_or(invoice.due_on)
}

fn rate_of(law: Law, rates: &Rates, invoice: &Invoice) -> Option<BasisPoints> {
    rates.series(law, invoice.issued_on).on(first_day(invoice))?.rate
}

fn legal_rate(law: &CountryLaw, rates: &Rates, invoice: &Invoice) -> Option<BasisPoints> {
    match law.commercial.interest {
        Interest::ByItself { law, .. } | Interest::FromNotice { law, .. } => rate_of(law, rates, invoice),
        Interest::Unclaimed(_) => None,
    }
}

/// What is left unsure when the other rate is not known.
const UNCHECKED: &str =
    "the agreed rate could not be held against the legal one of the first day of delay, which is not in the table";

fn below_floor(
    rate: BasisPoints,
    law: &CountryLaw,
    rates: &Rates,
    invoice: &Invoice,
) -> Result<Option<&'static str>, AgreementRefusal> {
    let least = match law.agreed_rate.floor {
        Floor::AboveZero => return Ok(None),
        Floor::PercentOfLegal(percent) => {
            legal_rate(law, rates, invoice).map(|legal| legal.0.saturating_mul(percent).saturating_add(99) / 100)
        }
        Floor::Times(times, of) => rate_of(of, rates, invoice).map(|other| other.0.saturating_mul(times)),
    };
    match least.map(BasisPoints) {
        None => Ok(Some(UNCHECKED)),
        Some(least) if rate < least => Err(AgreementRefusal::TooLow { rate, least, article: law.agreed_rate.floor_article }),
        Some(_) => Ok(None),
    }
}

fn above_ceiling(
    rate: BasisPoints,
    law: &CountryLaw,
    rates: &Rates,
    invoice: &Invoice,
) -> Result<Option<&'static str>, AgreementRefusal> {
    let ceiling = law.agreed_rate.consumer_ceiling;
    match legal_rate(law, rates, invoice) {
        None => Ok(Some(UNCHECKED)),
        Some(most) if rate > most => Err(AgreementRefusal::TooHigh { rate, most, article: ceiling.citation }),
        Some(_) => Ok(ceiling.doubt),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        receivables::claim::{ClaimRefusal, ClaimTerms, claim},
        types::{Country, Currency, ReceivableId},
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// An invoice of 1,000 due on `due_on`, claimed a year later at `bp`: its interest, or the refusal.
    fn agreed(country: Country, kind: DebtorKind, due_on: &str, bp: i32) -> Result<(i64, Option<&'static str>), String> {
        let currency = if country == Country::UnitedKingdom { Currency::GBP } else { Currency::EUR };
        let days = (day(due_on), day(due_on));
        let invoice = Invoice::new(ReceivableId::fresh(), "F-1".to_owned(), days, Money::new(100_000, currency));
        let terms = ClaimTerms {
            agreement: Agreement { rate: Some(BasisPoints(bp)), penalty: None },
            ..ClaimTerms::statutory(country, kind, true)
        };
        let claim = claim(&terms, &[invoice], day(due_on) + chrono::Days::new(73))
            .map_err(|refusal: ClaimRefusal| refusal.to_string())?;
        let doubt = claim.lines.iter().find(|line| line.rate.is_some()).and_then(|line| line.doubt);
        Ok((claim.interest.minor, doubt))
    }

    #[test]
    fn an_agreed_rate_replaces_the_legal_one() {
        // 1,000 × 5 % × 73 / 365 = 10.00
        assert_eq!(agreed(Country::Spain, DebtorKind::Business, "2025-01-31", 500), Ok((1_000, None)));
        assert_eq!(agreed(Country::Germany, DebtorKind::Business, "2025-01-31", 1_200), Ok((2_400, None)));
        assert_eq!(agreed(Country::Italy, DebtorKind::Public, "2025-01-31", 500), Ok((1_000, None)));
    }

    #[test]
    fn bounds_are_named_by_their_article() {
        use DebtorKind::{Business, Consumer};
        // 30 % of 11.15 is 3.345: 3.34 is refused, 3.35 taken.
        let table = [
            (Country::Spain, Business, 334, "Ley 3/2004 art. 9"),
            // three times 3.71 = 11.13
            (Country::France, Business, 1_112, "L441-10"),
            (Country::Germany, Business, 0, "BGB § 288(6)"),
            (Country::Germany, Business, 10_001, "at most 100 %"),
            (Country::UnitedKingdom, Business, -1, "1998 ss. 8 and 9"),
            // the Belgian rate between businesses was 11.50 in the first half of 2025
            (Country::Belgium, Consumer, 1_151, "XIX.4"),
            (Country::Spain, Consumer, 1_116, "93/13/EEC"),
        ];
        for (country, kind, bp, article) in table {
            let refusal = agreed(country, kind, "2025-01-31", bp).unwrap_err();
            assert!(refusal.contains(article), "{refusal}");
        }
        assert!(agreed(Country::Spain, Business, "2025-01-31", 335).is_ok());
        assert!(agreed(Country::France, Business, "2025-01-31", 1_113).is_ok());
        assert!(agreed(Country::Belgium, Consumer, "2025-01-31", 1_150).is_ok());
    }

    #[test]
    fn what_could_not_be_checked_is_a_doubt() {
        let (_, doubt) = agreed(Country::France, DebtorKind::Business, "2026-01-31", 100).unwrap();
        assert_eq!(doubt, Some(UNCHECKED));
        let (_, doubt) = agreed(Country::Spain, DebtorKind::Consumer, "2025-01-31", 500).unwrap();
        assert!(doubt.is_some_and(|words| words.contains("consumer")));
    }

    #[test]
    fn the_remedy_of_a_british_contract_takes_the_place_of_the_fixed_sum() {
        assert_eq!(agreed(Country::UnitedKingdom, DebtorKind::Business, "2025-01-31", 500).unwrap().0, 1_000);
    }
}
