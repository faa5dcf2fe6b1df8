//! Belgium: loi du 2 août 2002 between businesses; Book XIX of the Code of economic law for consumers.

use super::{
    AgreedRate, AllocationRule, COSTS_FIRST, Costs, CountryLaw, FORTY_EURO, FixedSum, Floor, Ground, Interest, LateLaw,
    Limitation,
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

const LIMITATION: Ground = Ground::new("be_limitation", "ancien Code civil art. 2277", "five years");

const INTERRUPTED_BY: &[Interruption] = &[Interruption::Court, Interruption::WrittenDemand, Interruption::Acknowledgement];

pub const LAW: CountryLaw = CountryLaw {
    currency: Currency::EUR,
    contract: Ground::new("be_contract", "Code civil art. 5.69", "contracts bind those who made them"),
    commercial: LateLaw {
        interest: Interest::ByItself {
            law: Law::BelgianCommercial,
            ground: Ground::new(
                "be_interest",
                "Loi du 2 août 2002 art. 5",
                "the ECB's rate of the half-year plus eight points, rounded up to the half point",
            )
            .but("that it runs over 365 days and without compounding was not confirmed"),
        },
        fixed_sum: FixedSum::Bands(
            Ground::new("be_compensation", "Loi du 2 août 2002 art. 6", "EUR 40, without a reminder")
                .but("the article was not read"),
            FORTY_EURO,
        ),
        costs: Costs::OnProof,
    },
    consumer: LateLaw {
        interest: Interest::FromNotice {
            law: Law::BelgianLegal,
            ground: Ground::new("be_consumer_interest", "Code civil art. 5.240", "the civil legal rate from the notice on")
                .but("the article was not read, nor how it goes with Book XIX CDE"),
            without: Ground::new(
                "be_consumer_without_notice",
                "Code de droit économique art. XIX.2",
                "nothing may be asked of a consumer before a free reminder and fourteen days",
            ),
        },
        fixed_sum: FixedSum::None,
        costs: Costs::AgreedPenalty {
            ground: Ground::new(
                "be_penalty",
                "Code de droit économique art. XIX.4",
                "the penalty of the contract, within the cap",
            ),
            without: Ground::new(
                "be_no_penalty",
                "Code de droit économique art. XIX.4",
                "a penalty is owed only if the contract names one: EUR 20 up to 150, 30 and 10 % of what lies above up to 500, 65 and 5 % above, at most 2,000",
            ),
        },
    },
    convention: CONVENTION,
    agreed_rate: AgreedRate {
        ground: Ground::new("be_agreed_interest", "Loi du 2 août 2002 art. 7", "the rate that the contract names"),
        floor: Floor::AboveZero,
        floor_article: "Loi du 2 août 2002 art. 7 (manifestly unfair to the creditor)",
        consumer_ceiling: Ground::new(
            "be_consumer_agreed_rate",
            "Code de droit économique art. XIX.4",
            "a consumer's rate is at most the rate between businesses",
        ),
        keeps_fixed_sum: true,
    },
    fixed_sum_per_instalment: false,
    allocation: AllocationRule {
        order: COSTS_FIRST,
        ground: Ground::new("be_allocation", "Code civil art. 5.210", "interest before principal")
            .but("the article was not read"),
    },
    limitation_commercial: Limitation {
        period: Period::Years(5),
        ground: LIMITATION.but("the article was not read; single contracts may have ten years (art. 2262bis)"),
        interrupted_by: INTERRUPTED_BY,
    },
    limitation_consumer: Limitation {
        period: Period::Years(5),
        ground: Ground { code: "be_consumer_limitation", ..LIMITATION }
            .but("shorter terms for sales to consumers were not researched"),
        interrupted_by: INTERRUPTED_BY,
    },
};
