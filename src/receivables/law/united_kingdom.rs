//! The United Kingdom: Late Payment of Commercial Debts (Interest) Act 1998 (the 1998 Act).

use super::{
    AgreedRate, AllocationRule, Band, COSTS_FIRST, Costs, CountryLaw, FixedSum, Floor, Ground, Interest, LateLaw, Limitation,
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

/// The rate of the day on which interest starts stays for good (s. 4(2), SI 2002/1675 art. 4).
const CONVENTION: Convention = Convention {
    policy: RatePolicy::FrozenAtStart,
    day_count: DayCount::Act365Fixed,
    rounding: LineRounding::PerLine,
    compounding: Compounding::None,
};

const LIMITATION: Limitation = Limitation {
    period: Period::Years(6),
    ground: Ground::new("gb_limitation", "Limitation Act 1980 s. 5", "six years for a simple contract")
        .but("Scotland has five years"),
    interrupted_by: &[Interruption::Court, Interruption::Acknowledgement],
};

pub const LAW: CountryLaw = CountryLaw {
    currency: Currency::GBP,
    contract: Ground::new("gb_contract", "contract debt", "a debt under the contract"),
    commercial: LateLaw {
        interest: Interest::ByItself {
            law: Law::BritishCommercial,
            ground: Ground::new(
                "gb_interest",
                "Late Payment of Commercial Debts (Interest) Act 1998 s. 4, SI 2002/1675 art. 4",
                "eight points over the Bank of England's rate of the 30 June or 31 December before interest starts, for as long as it runs",
            ),
        },
        fixed_sum: FixedSum::Bands(
            Ground::new(
                "gb_compensation",
                "Late Payment of Commercial Debts (Interest) Act 1998 s. 5A",
                "GBP 40 below 1,000, GBP 70 below 10,000, GBP 100 from there",
            ),
            &[
                Band { below_minor: 100_000, sum_minor: 4_000 },
                Band { below_minor: 1_000_000, sum_minor: 7_000 },
                Band { below_minor: i64::MAX, sum_minor: 10_000 },
            ],
        ),
        costs: Costs::OnProof,
    },
    consumer: LateLaw {
        interest: Interest::Unclaimed(Ground::new(
            "gb_consumer_interest",
            "Late Payment of Commercial Debts (Interest) Act 1998 s. 2",
            "the Act is for businesses; a court may grant interest on a consumer's debt",
        )),
        fixed_sum: FixedSum::None,
        costs: Costs::OnProof,
    },
    convention: CONVENTION,
    agreed_rate: AgreedRate {
        ground: Ground::new(
            "gb_agreed_interest",
            "Late Payment of Commercial Debts (Interest) Act 1998 s. 8",
            "the remedy of the contract, if it is a substantial one; it takes the place of the Act's interest and fixed sum",
        )
        .but("whether the remedy is substantial (s. 9) is for a court to say"),
        floor: Floor::AboveZero,
        floor_article: "Late Payment of Commercial Debts (Interest) Act 1998 ss. 8 and 9 (a substantial remedy)",
        consumer_ceiling: UNFAIR_TERMS,
        keeps_fixed_sum: false,
    },
    fixed_sum_per_instalment: true,
    allocation: AllocationRule {
        order: COSTS_FIRST,
        ground: Ground::new(
            "gb_allocation",
            "appropriation of payments",
            "the creditor chooses where the debtor did not: costs and interest first",
        )
        .but("no authority was read"),
    },
    limitation_commercial: LIMITATION,
    limitation_consumer: LIMITATION,
};
