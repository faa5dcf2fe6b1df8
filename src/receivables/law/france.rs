//! France: Code de commerce L441-10 and D441-5 between businesses; Code civil 1231-6 against consumers.

use super::{
    AgreedRate, AllocationRule, COSTS_FIRST, Costs, CountryLaw, FORTY_EURO, FixedSum, Floor, Ground, Interest, LateLaw,
    Limitation, UNFAIR_TERMS,
};
use crate::{
    receivables::{
        interest::{Compounding, Convention, DayCount, LineRounding, RatePolicy},
        limitation::{Interruption, Period},
        rates::Law,
    },
    types::Currency,
};

/// Amount × rate × days ÷ 365. Interest bears interest only by contract or judgment, after a full year (Code civil 1343-2).
const CONVENTION: Convention = Convention {
    policy: RatePolicy::PerHalfYear,
    day_count: DayCount::Act365Fixed,
    rounding: LineRounding::PerLine,
    compounding: Compounding::None,
};

pub const LAW: CountryLaw = CountryLaw {
    currency: Currency::EUR,
    contract: Ground::new("fr_contract", "Code civil art. 1103", "contracts bind those who made them"),
    commercial: LateLaw {
        interest: Interest::ByItself {
            law: Law::FrenchCommercial,
            ground: Ground::new(
                "fr_interest",
                "Code de commerce art. L441-10 II",
                "the ECB's rate on 1 January or 1 July plus ten points",
            ),
        },
        fixed_sum: FixedSum::Bands(
            Ground::new("fr_compensation", "Code de commerce art. D441-5", "EUR 40 for each invoice, without a reminder"),
            FORTY_EURO,
        ),
        costs: Costs::OnProof,
    },
    consumer: LateLaw {
        interest: Interest::FromNotice {
            law: Law::FrenchLegal,
            ground: Ground::new("fr_consumer_interest", "Code civil art. 1231-6", "the legal rate from the formal notice on"),
            without: Ground::new(
                "fr_consumer_without_notice",
                "Code civil art. 1231-6",
                "nothing runs before a formal notice to pay",
            ),
        },
        fixed_sum: FixedSum::None,
        costs: Costs::OnProof,
    },
    convention: CONVENTION,
    agreed_rate: AgreedRate {
        ground: Ground::new("fr_agreed_interest", "Code de commerce art. L441-10 II", "the rate that the general terms name"),
        floor: Floor::Times(3, Law::FrenchLegal),
        floor_article: "Code de commerce art. L441-10 II (at least three times the legal rate)",
        consumer_ceiling: UNFAIR_TERMS,
        keeps_fixed_sum: true,
    },
    fixed_sum_per_instalment: false,
    allocation: AllocationRule {
        order: COSTS_FIRST,
        ground: Ground::new("fr_allocation", "Code civil art. 1343-1", "interest before principal"),
    },
    limitation_commercial: Limitation {
        period: Period::Years(5),
        ground: Ground::new("fr_limitation", "Code de commerce art. L110-4", "five years"),
        interrupted_by: &[Interruption::Court, Interruption::Acknowledgement],
    },
    limitation_consumer: Limitation {
        period: Period::Years(2),
        ground: Ground::new(
            "fr_consumer_limitation",
            "Code de la consommation art. L218-2",
            "two years, which nobody can lengthen",
        ),
        interrupted_by: &[Interruption::Court, Interruption::Acknowledgement],
    },
};
