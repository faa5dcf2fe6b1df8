//! Italy: D.Lgs. 231/2002.

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

/// Amount × rate × days ÷ 36500, in leap years too.
const CONVENTION: Convention = Convention {
    policy: RatePolicy::PerHalfYear,
    day_count: DayCount::Act365Fixed,
    rounding: LineRounding::PerLine,
    compounding: Compounding::None,
};

const LIMITATION: Ground = Ground::new("it_limitation", "Codice civile art. 2946", "ten years");

const INTERRUPTED_BY: &[Interruption] = &[Interruption::Court, Interruption::WrittenDemand, Interruption::Acknowledgement];

pub const LAW: CountryLaw = CountryLaw {
    currency: Currency::EUR,
    contract: Ground::new("it_contract", "Codice civile art. 1372", "contracts bind those who made them"),
    commercial: LateLaw {
        interest: Interest::ByItself {
            law: Law::ItalianCommercial,
            ground: Ground::new("it_interest", "D.Lgs. 231/2002 art. 5", "the reference rate of the half-year plus eight points"),
        },
        fixed_sum: FixedSum::Bands(
            Ground::new("it_compensation", "D.Lgs. 231/2002 art. 6", "EUR 40, without a reminder"),
            FORTY_EURO,
        ),
        costs: Costs::OnProof,
    },
    consumer: LateLaw {
        interest: Interest::Unclaimed(
            Ground::new("it_consumer_interest", "D.Lgs. 231/2002 art. 1", "the law on late payment leaves consumers out")
                .but("the legal rate (Codice civile art. 1284) is not in the table of rates"),
        ),
        fixed_sum: FixedSum::None,
        costs: Costs::OnProof,
    },
    convention: CONVENTION,
    agreed_rate: AgreedRate {
        ground: Ground::new("it_agreed_interest", "D.Lgs. 231/2002 art. 5", "the rate that the businesses agreed on"),
        floor: Floor::AboveZero,
        floor_article: "D.Lgs. 231/2002 art. 7 (interest cannot be excluded)",
        consumer_ceiling: UNFAIR_TERMS,
        keeps_fixed_sum: true,
    },
    fixed_sum_per_instalment: false,
    allocation: AllocationRule {
        order: COSTS_FIRST,
        ground: Ground::new("it_allocation", "Codice civile art. 1194", "interest and costs before principal")
            .but("the article was not read"),
    },
    limitation_commercial: Limitation {
        period: Period::Years(10),
        ground: LIMITATION.but("periodic supplies have five years only (Codice civile art. 2948)"),
        interrupted_by: INTERRUPTED_BY,
    },
    limitation_consumer: Limitation {
        period: Period::Years(10),
        ground: Ground { code: "it_consumer_limitation", ..LIMITATION }
            .but("a merchant's sale is presumed paid after a year (Codice civile art. 2955)"),
        interrupted_by: INTERRUPTED_BY,
    },
};
