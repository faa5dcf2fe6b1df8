//! Spain: Ley 3/2004, as amended by Real Decreto-ley 4/2013 and Ley 11/2013.

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

/// Published examples divide by 365, leap year or not.
const CONVENTION: Convention = Convention {
    policy: RatePolicy::PerHalfYear,
    day_count: DayCount::Act365Fixed,
    rounding: LineRounding::PerLine,
    compounding: Compounding::None,
};

const LIMITATION: Ground =
    Ground::new("es_limitation", "Código Civil art. 1964.2", "five years from the day it could be claimed");

const INTERRUPTED_BY: &[Interruption] = &[Interruption::Court, Interruption::WrittenDemand, Interruption::Acknowledgement];

pub const LAW: CountryLaw = CountryLaw {
    currency: Currency::EUR,
    contract: Ground::new("es_contract", "Código Civil art. 1091", "contracts bind those who made them"),
    commercial: LateLaw {
        interest: Interest::ByItself {
            law: Law::SpanishCommercial,
            ground: Ground::new("es_interest", "Ley 3/2004 art. 7.2", "the ECB's rate before the half-year plus eight points"),
        },
        fixed_sum: FixedSum::Bands(
            Ground::new("es_compensation", "Ley 3/2004 art. 8.1", "EUR 40 in any case, without a reminder"),
            FORTY_EURO,
        ),
        costs: Costs::OnProof,
    },
    consumer: LateLaw {
        interest: Interest::FromNotice {
            law: Law::SpanishLegal,
            ground: Ground::new("es_consumer_interest", "Código Civil art. 1108", "the legal interest of money from a demand on"),
            without: Ground::new(
                "es_consumer_without_notice",
                "Código Civil art. 1100",
                "the law on late payment leaves consumers out (Ley 3/2004 art. 3.2), and nothing runs before a demand",
            ),
        },
        fixed_sum: FixedSum::None,
        costs: Costs::OnProof,
    },
    convention: CONVENTION,
    agreed_rate: AgreedRate {
        ground: Ground::new("es_agreed_interest", "Ley 3/2004 art. 7.1", "the rate that the contract names"),
        floor: Floor::PercentOfLegal(30),
        floor_article: "Ley 3/2004 art. 9 (70 % below the legal rate is presumed abusive)",
        consumer_ceiling: UNFAIR_TERMS,
        keeps_fixed_sum: true,
    },
    fixed_sum_per_instalment: false,
    allocation: AllocationRule {
        order: COSTS_FIRST,
        ground: Ground::new("es_allocation", "Código Civil art. 1173", "interest before principal"),
    },
    limitation_commercial: Limitation {
        period: Period::SpanishFiveYears,
        ground: LIMITATION.but(
            "whether a letter interrupts a commercial debt is disputed (Código Civil art. 1973, Código de Comercio art. 944)",
        ),
        interrupted_by: INTERRUPTED_BY,
    },
    limitation_consumer: Limitation {
        period: Period::SpanishFiveYears,
        ground: Ground { code: "es_consumer_limitation", ..LIMITATION }
            .but("some trades have three years only (Código Civil art. 1967)"),
        interrupted_by: INTERRUPTED_BY,
    },
};
