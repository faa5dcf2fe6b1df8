//! Germany: BGB §§ 286 to 289 and 367.

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

/// Actual days over the actual year. Interest on interest is forbidden (§ 289).
const CONVENTION: Convention = Convention {
    policy: RatePolicy::PerHalfYear,
    day_count: DayCount::ActAct,
    rounding: LineRounding::PerLine,
    compounding: Compounding::None,
};

const LIMITATION: Limitation = Limitation {
    period: Period::YearsFromYearEnd(3),
    ground: Ground::new("de_limitation", "BGB §§ 195, 199", "three years from the end of the year in which it fell due")
        .but("what an acknowledgement, a part payment (§ 212) or negotiations (§ 203) add was not read"),
    interrupted_by: &[Interruption::Court, Interruption::Acknowledgement],
};

pub const LAW: CountryLaw = CountryLaw {
    currency: Currency::EUR,
    contract: Ground::new("de_contract", "BGB § 311(1)", "contracts bind those who made them"),
    commercial: LateLaw {
        interest: Interest::ByItself {
            law: Law::GermanCommercial,
            ground: Ground::new("de_commercial_interest", "BGB § 288(2)", "the base rate plus nine points"),
        },
        fixed_sum: FixedSum::Bands(
            Ground::new(
                "de_compensation",
                "BGB § 288(5)",
                "EUR 40, also for an instalment; set off against costs of legal pursuit",
            ),
            FORTY_EURO,
        ),
        costs: Costs::OnProof,
    },
    consumer: LateLaw {
        interest: Interest::ByItself {
            law: Law::GermanConsumer,
            ground: Ground::new("de_consumer_interest", "BGB § 288(1)", "the base rate plus five points"),
        },
        fixed_sum: FixedSum::None,
        costs: Costs::OnProof,
    },
    convention: CONVENTION,
    agreed_rate: AgreedRate {
        ground: Ground::new("de_agreed_interest", "BGB § 288(3)", "a higher rate on another legal ground: the contract"),
        floor: Floor::AboveZero,
        floor_article: "BGB § 288(6) (interest cannot be excluded)",
        consumer_ceiling: UNFAIR_TERMS,
        keeps_fixed_sum: true,
    },
    fixed_sum_per_instalment: true,
    allocation: AllocationRule {
        order: COSTS_FIRST,
        ground: Ground::new("de_allocation", "BGB § 367(1)", "costs, then interest, then principal"),
    },
    limitation_commercial: LIMITATION,
    limitation_consumer: LIMITATION,
};
