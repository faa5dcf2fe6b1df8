//! Portugal: Decreto-Lei 62/2013 with Código Comercial art. 102 § 5.

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

const CONVENTION: Convention = Convention {
    policy: RatePolicy::PerHalfYear,
    day_count: DayCount::Act365Fixed,
    rounding: LineRounding::PerLine,
    compounding: Compounding::None,
};

const LIMITATION: Ground = Ground::new("pt_limitation", "Código Civil art. 309", "twenty years");

const INTERRUPTED_BY: &[Interruption] = &[Interruption::Court, Interruption::Acknowledgement];

pub const LAW: CountryLaw = CountryLaw {
    currency: Currency::EUR,
    contract: Ground::new("pt_contract", "Código Civil art. 406", "contracts bind those who made them"),
    commercial: LateLaw {
        interest: Interest::ByItself {
            law: Law::PortugueseCommercial,
            ground: Ground::new(
                "pt_interest",
                "Código Comercial art. 102 § 5",
                "the ECB's rate of the half-year plus eight points",
            )
            .but("that it runs from the day after the due day, over 365 days and without compounding was not confirmed"),
        },
        fixed_sum: FixedSum::Bands(
            Ground::new("pt_compensation", "Decreto-Lei 62/2013 art. 7", "EUR 40, without a reminder")
                .but("the article was not read"),
            FORTY_EURO,
        ),
        costs: Costs::OnProof,
    },
    consumer: LateLaw {
        interest: Interest::Unclaimed(
            Ground::new("pt_consumer_interest", "Decreto-Lei 62/2013 art. 2", "the law on late payment leaves consumers out")
                .but("the civil rate is not in the table of rates"),
        ),
        fixed_sum: FixedSum::None,
        costs: Costs::OnProof,
    },
    convention: CONVENTION,
    agreed_rate: AgreedRate {
        ground: Ground::new("pt_agreed_interest", "Código Comercial art. 102", "the rate agreed in writing")
            .but("upper bounds of agreed rates were not researched"),
        floor: Floor::AboveZero,
        floor_article: "Decreto-Lei 62/2013 art. 8 (interest cannot be excluded)",
        consumer_ceiling: UNFAIR_TERMS,
        keeps_fixed_sum: true,
    },
    fixed_sum_per_instalment: false,
    allocation: AllocationRule {
        order: COSTS_FIRST,
        ground: Ground::new(
            "pt_allocation",
            "Código Civil art. 785",
            "expenses, then compensation, then interest, then principal",
        ),
    },
    limitation_commercial: Limitation {
        period: Period::Years(20),
        ground: LIMITATION.but("for interest, and some say for invoices, it is five years (Código Civil art. 310)"),
        interrupted_by: INTERRUPTED_BY,
    },
    limitation_consumer: Limitation {
        period: Period::Years(2),
        ground: Ground::new("pt_consumer_limitation", "Código Civil art. 317", "two years for a merchant's claim on a consumer")
            .but("the article was not read"),
        interrupted_by: INTERRUPTED_BY,
    },
};
