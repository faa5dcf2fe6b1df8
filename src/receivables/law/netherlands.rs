//! The Netherlands: BW 6:119a between businesses, 6:119 against consumers, 6:96 and the decree on collection costs for both.

use super::{
    AgreedRate, AllocationRule, COSTS_FIRST, Costs, CountryLaw, FixedSum, Floor, Ground, Interest, LateLaw, Limitation,
    UNFAIR_TERMS,
};
use crate::{
    receivables::{
        interest::{Compounding, Convention, DayCount, LineRounding, RatePolicy},
        limitation::{Interruption, Period},
        rates::Law,
    },
    types::Currency,
};

/// Each year's interest joins what bears interest, on the anniversary of the claim (6:119(2), 6:119a(3)): so lines are rounded
/// one by one, and what joined can be added up from them.
const CONVENTION: Convention = Convention {
    policy: RatePolicy::PerHalfYear,
    day_count: DayCount::ActAct,
    rounding: LineRounding::PerLine,
    compounding: Compounding::YearlyOnAnniversary,
};

const DAY_COUNT: &str = "that leap years count 366 days was not confirmed";

const INTERRUPTED_BY: &[Interruption] = &[Interruption::Court, Interruption::WrittenDemand, Interruption::Acknowledgement];

pub const LAW: CountryLaw = CountryLaw {
    currency: Currency::EUR,
    contract: Ground::new("nl_contract", "BW 6:248", "contracts bind those who made them"),
    commercial: LateLaw {
        interest: Interest::ByItself {
            law: Law::DutchCommercial,
            ground: Ground::new(
                "nl_commercial_interest",
                "BW 6:119a",
                "the ECB's rate of the half-year plus eight points, added to the sum on each anniversary",
            )
            .but(DAY_COUNT),
        },
        fixed_sum: FixedSum::WithinCosts,
        costs: Costs::Scale(Ground::new(
            "nl_costs",
            "BW 6:96(4) and Besluit vergoeding voor buitengerechtelijke incassokosten art. 2",
            "the scale on the principal, at least EUR 40 for each late invoice",
        )),
    },
    consumer: LateLaw {
        interest: Interest::ByItself {
            law: Law::DutchConsumer,
            ground: Ground::new("nl_consumer_interest", "BW 6:119", "the legal rate, added to the sum on each anniversary")
                .but(DAY_COUNT),
        },
        fixed_sum: FixedSum::None,
        costs: Costs::ScaleAfterLetter {
            ground: Ground::new(
                "nl_consumer_costs",
                "BW 6:96(6) and Besluit vergoeding voor buitengerechtelijke incassokosten art. 2",
                "the scale on the principal, once fourteen days have passed since the letter",
            ),
            without: Ground::new(
                "nl_consumer_without_letter",
                "BW 6:96(6)",
                "no costs before a free letter that names them and fourteen days to pay",
            ),
        },
    },
    convention: CONVENTION,
    agreed_rate: AgreedRate {
        ground: Ground::new("nl_agreed_interest", "BW 6:119a", "the rate that the contract names").but(DAY_COUNT),
        floor: Floor::AboveZero,
        floor_article: "BW 6:119a (interest cannot be excluded)",
        consumer_ceiling: UNFAIR_TERMS,
        keeps_fixed_sum: true,
    },
    fixed_sum_per_instalment: false,
    allocation: AllocationRule {
        order: COSTS_FIRST,
        ground: Ground::new("nl_allocation", "BW 6:44", "costs, those of collection too, then interest, then principal"),
    },
    limitation_commercial: Limitation {
        period: Period::Years(5),
        ground: Ground::new("nl_limitation", "BW 3:307", "five years"),
        interrupted_by: INTERRUPTED_BY,
    },
    limitation_consumer: Limitation {
        period: Period::Years(2),
        ground: Ground::new("nl_consumer_limitation", "BW 7:28", "two years for a sale to a consumer")
            .but("it was not read; services have five years (BW 3:307)"),
        interrupted_by: INTERRUPTED_BY,
    },
};
