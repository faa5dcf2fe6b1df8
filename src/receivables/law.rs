//! What a country's law asks of whoever pays late: one shape, one file for each country.
//!
//! A ninth country is a file here with its `LAW`, a variant of [`Country`], a line in [`of`], and its rates in
//! `config/rates.toml`. What may never happen here: a statute cited to a debtor whom it does not bind, or a rule that we are
//! not sure of without a word that says so (`doubt`).

mod belgium;
mod france;
mod germany;
mod italy;
mod netherlands;
mod portugal;
mod spain;
mod united_kingdom;

use super::{
    DebtorKind,
    claim::Part,
    interest::Convention,
    limitation::{Interruption, Period},
    rates::Law,
};
use crate::types::{Country, Currency};

/// Why a line is owed, or why it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ground {
    /// The same in every language: `es_interest`.
    pub code: &'static str,
    /// The text of law, as its own country cites it.
    pub citation: &'static str,
    /// What it says, in a few words.
    pub rule: &'static str,
    /// What somebody should check before a court sees the line.
    pub doubt: Option<&'static str>,
}

impl Ground {
    pub const fn new(code: &'static str, citation: &'static str, rule: &'static str) -> Self {
        Self { code, citation, rule, doubt: None }
    }

    #[must_use]
    pub const fn but(self, doubt: &'static str) -> Self {
        Self { doubt: Some(doubt), ..self }
    }
}

/// The law of one country.
#[derive(Debug)]
pub struct CountryLaw {
    pub currency: Currency,
    /// Why the invoice itself is owed.
    pub contract: Ground,
    /// Against businesses and public bodies (Directive 2011/7/EU arts. 3 and 4).
    pub commercial: LateLaw,
    pub consumer: LateLaw,
    pub convention: Convention,
    pub agreed_rate: AgreedRate,
    /// Where an invoice is to be paid in instalments, each that falls due late carries a fixed sum of its own.
    pub fixed_sum_per_instalment: bool,
    pub allocation: AllocationRule,
    pub limitation_commercial: Limitation,
    pub limitation_consumer: Limitation,
}

impl CountryLaw {
    #[must_use]
    pub const fn late(&self, kind: DebtorKind) -> &LateLaw {
        match kind {
            DebtorKind::Business | DebtorKind::Public => &self.commercial,
            DebtorKind::Consumer => &self.consumer,
        }
    }

    #[must_use]
    pub const fn limitation(&self, kind: DebtorKind) -> &Limitation {
        match kind {
            DebtorKind::Business | DebtorKind::Public => &self.limitation_commercial,
            DebtorKind::Consumer => &self.limitation_consumer,
        }
    }
}

/// What is added to the principal of an invoice that is paid late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateLaw {
    pub interest: Interest,
    pub fixed_sum: FixedSum,
    pub costs: Costs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// From the day after the due day, without a reminder.
    ByItself { law: Law, ground: Ground },
    /// From the day after a formal notice; `without` says why nothing runs before one.
    FromNotice { law: Law, ground: Ground, without: Ground },
    /// None that we know well enough to claim.
    Unclaimed(Ground),
}

/// A sum for the trouble of collecting, whatever it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixedSum {
    None,
    /// By the size of the debt: the first band that the debt stays below.
    Bands(Ground, &'static [Band]),
    /// It is the least of the costs, not something beside them.
    WithinCosts,
}

/// `below_minor`: the debt is smaller than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    pub below_minor: i64,
    pub sum_minor: i64,
}

/// EUR 40 whatever the debt (Directive 2011/7/EU art. 6), per unpaid invoice (CJEU C-585/20).
pub const FORTY_EURO: &[Band] = &[Band { below_minor: i64::MAX, sum_minor: 4_000 }];

/// Costs of collection beyond the fixed sum that the law itself puts a figure on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Costs {
    /// Proven costs may be owed; we do not claim what nobody proved.
    OnProof,
    /// The Dutch scale, at least EUR 40 for each late invoice.
    Scale(Ground),
    /// The scale, once fourteen days have passed since a letter that named the sum.
    ScaleAfterLetter { ground: Ground, without: Ground },
    /// A penalty that the contract names, within a cap.
    AgreedPenalty { ground: Ground, without: Ground },
}

/// What parties may agree on instead of the legal rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgreedRate {
    pub ground: Ground,
    pub floor: Floor,
    /// The article that forbids to go below, and to exclude interest.
    pub floor_article: &'static str,
    /// Consumers owe at most what businesses would: by which article, and what is not sure about it.
    pub consumer_ceiling: Ground,
    /// Whether the fixed sum is owed beside an agreed rate.
    pub keeps_fixed_sum: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Floor {
    /// Anything above nothing.
    AboveZero,
    /// So many percent of the legal rate of late payment.
    PercentOfLegal(i32),
    /// So many times another rate.
    Times(i32, Law),
}

/// In which order a payment is spent on one invoice, where the debtor named none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllocationRule {
    pub order: [Part; 4],
    pub ground: Ground,
}

/// Costs before interest before principal. The fixed sum stands for costs (Directive 2011/7/EU art. 6(2)), so it goes with them.
pub const COSTS_FIRST: [Part; 4] = [Part::Costs, Part::Compensation, Part::Interest, Part::Principal];

/// When a debt can no longer be enforced, and what stops that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limitation {
    pub period: Period,
    pub ground: Ground,
    pub interrupted_by: &'static [Interruption],
}

/// The law of `country`.
#[must_use]
pub const fn of(country: Country) -> &'static CountryLaw {
    match country {
        Country::Spain => &spain::LAW,
        Country::France => &france::LAW,
        Country::Germany => &germany::LAW,
        Country::Italy => &italy::LAW,
        Country::Portugal => &portugal::LAW,
        Country::Belgium => &belgium::LAW,
        Country::Netherlands => &netherlands::LAW,
        Country::UnitedKingdom => &united_kingdom::LAW,
    }
}

/// Consumers and agreed rates where we read no article of the country itself.
const UNFAIR_TERMS: Ground = Ground::new(
    "consumer_agreed_rate",
    "Directive 93/13/EEC art. 3 and annex 1(e)",
    "a consumer's interest for delay may not be disproportionately high: at most the rate between businesses",
)
.but("how much a consumer may agree to pay was not researched for this country");

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn grounds(law: &CountryLaw) -> Vec<Ground> {
        let mut all = vec![law.contract, law.agreed_rate.ground, law.allocation.ground];
        all.extend([law.limitation_commercial.ground, law.limitation_consumer.ground]);
        for late in [law.commercial, law.consumer] {
            match late.interest {
                Interest::ByItself { ground, .. } | Interest::Unclaimed(ground) => all.push(ground),
                Interest::FromNotice { ground, without, .. } => all.extend([ground, without]),
            }
            match late.fixed_sum {
                FixedSum::Bands(ground, _) => all.push(ground),
                FixedSum::None | FixedSum::WithinCosts => {}
            }
            match late.costs {
                Costs::OnProof => {}
                Costs::Scale(ground) => all.push(ground),
                Costs::ScaleAfterLetter { ground, without } | Costs::AgreedPenalty { ground, without } => {
                    all.extend([ground, without]);
                }
            }
        }
        all
    }

    #[test]
    fn every_ground_has_its_text_and_a_code_of_its_country() {
        let mut seen: BTreeMap<&str, Ground> = BTreeMap::new();
        for country in Country::ALL {
            let prefix = format!("{}_", country.as_str().to_lowercase());
            for ground in grounds(of(*country)) {
                assert!(ground.code.starts_with(&prefix), "{} of {country}", ground.code);
                assert!(!ground.citation.is_empty() && !ground.rule.is_empty(), "{}", ground.code);
                let known = seen.insert(ground.code, ground);
                assert!(known.is_none_or(|known| known == ground), "{} means two things", ground.code);
            }
        }
    }

    #[test]
    fn consumers_owe_interest_by_itself_in_germany_and_the_netherlands_alone_and_a_fixed_sum_nowhere() {
        for country in Country::ALL {
            let consumer = of(*country).consumer;
            let by_itself = matches!(consumer.interest, Interest::ByItself { .. });
            assert_eq!(by_itself, matches!(country, Country::Germany | Country::Netherlands), "{country}");
            assert_eq!(consumer.fixed_sum, FixedSum::None, "{country}");
        }
    }

    #[test]
    fn businesses_owe_interest_without_a_reminder_everywhere() {
        for country in Country::ALL {
            assert!(matches!(of(*country).commercial.interest, Interest::ByItself { .. }), "{country}");
            assert_eq!(of(*country).late(DebtorKind::Public), of(*country).late(DebtorKind::Business));
        }
    }

    /// Principal last, and interest before it: what all eight have in common.
    #[test]
    fn every_part_stands_once_in_every_order_and_principal_last() {
        for country in Country::ALL {
            let mut order = of(*country).allocation.order;
            assert_eq!(order.last(), Some(&Part::Principal));
            order.sort_unstable();
            assert_eq!(order.to_vec(), {
                let mut all = Part::ALL.to_vec();
                all.sort_unstable();
                all
            });
        }
    }
}
