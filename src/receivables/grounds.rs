//! Why each line of a claim is owed, and how a country's law reckons late interest.
//!
//! What may never happen here: a statute cited to a debtor whom it does not bind.

use super::{
    DebtorKind,
    interest::{Convention, DayCount, LineRounding, RatePolicy},
    rates::Law,
};
use crate::types::{Country, text_enum};

text_enum! {
    /// The legal ground of a line.
    pub enum Ground {
        Contract => "contract",
        SpanishContract => "es_contract",
        FrenchContract => "fr_contract",
        GermanContract => "de_contract",
        SpanishInterest => "es_interest",
        FrenchInterest => "fr_interest",
        GermanCommercialInterest => "de_commercial_interest",
        GermanConsumerInterest => "de_consumer_interest",
        SpanishCompensation => "es_compensation",
        FrenchCompensation => "fr_compensation",
        GermanCompensation => "de_compensation",
    }
}

impl Ground {
    /// The text of law, as its own country cites it.
    #[must_use]
    pub const fn citation(self) -> &'static str {
        match self {
            Self::Contract => "pacta sunt servanda",
            Self::SpanishContract => "Código Civil art. 1091",
            Self::FrenchContract => "Code civil art. 1103",
            Self::GermanContract => "BGB § 311(1)",
            Self::SpanishInterest => "Ley 3/2004 art. 7.2",
            Self::FrenchInterest => "Code de commerce art. L441-10 II",
            Self::GermanCommercialInterest => "BGB § 288(2)",
            Self::GermanConsumerInterest => "BGB § 288(1)",
            Self::SpanishCompensation => "Ley 3/2004 art. 8.1",
            Self::FrenchCompensation => "Code de commerce art. D441-5",
            Self::GermanCompensation => "BGB § 288(5)",
        }
    }

    /// Why the principal is owed.
    #[must_use]
    pub const fn of_principal(country: Country) -> Self {
        match country {
            Country::Spain => Self::SpanishContract,
            Country::France => Self::FrenchContract,
            Country::Germany => Self::GermanContract,
            Country::Italy | Country::Portugal | Country::Belgium | Country::Netherlands | Country::UnitedKingdom => {
                Self::Contract
            }
        }
    }
}

/// What a country's law adds to the principal of an invoice that is paid late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateLaw {
    /// `None`: nothing runs by itself (Ley 3/2004 art. 3.2; Code civil 1231-6 needs a formal notice first).
    pub interest: Option<(Law, Ground)>,
    /// `None`: no fixed sum against this debtor.
    pub compensation: Option<Ground>,
    pub convention: Convention,
}

/// The fixed sum of Directive 2011/7/EU art. 6, per unpaid invoice (CJEU C-585/20): EUR 40.
pub const COMPENSATION_EUR_MINOR: i64 = 4_000;

/// `None` where we do not know the law well enough to reckon with it.
#[must_use]
pub const fn late_law(country: Country, kind: DebtorKind) -> Option<LateLaw> {
    let (commercial, consumer) = match country {
        Country::Spain => ((Law::SpanishCommercial, Ground::SpanishInterest, Ground::SpanishCompensation), None),
        Country::France => ((Law::FrenchCommercial, Ground::FrenchInterest, Ground::FrenchCompensation), None),
        Country::Germany => (
            (Law::GermanCommercial, Ground::GermanCommercialInterest, Ground::GermanCompensation),
            Some((Law::GermanConsumer, Ground::GermanConsumerInterest)),
        ),
        Country::Italy | Country::Portugal | Country::Belgium | Country::Netherlands | Country::UnitedKingdom => return None,
    };
    let (law, interest, compensation) = commercial;
    let convention = convention(country);
    Some(match kind {
        DebtorKind::Business | DebtorKind::Public => {
            LateLaw { interest: Some((law, interest)), compensation: Some(compensation), convention }
        }
        DebtorKind::Consumer => LateLaw { interest: consumer, compensation: None, convention },
    })
}

/// German courts count actual days over the actual year; published Spanish and French examples divide by 365.
/// Lines are rounded one by one, so that a debtor who checks a line with a calculator finds the printed cent.
const fn convention(country: Country) -> Convention {
    let day_count = match country {
        Country::Germany => DayCount::ActAct,
        Country::Spain
        | Country::France
        | Country::Italy
        | Country::Portugal
        | Country::Belgium
        | Country::Netherlands
        | Country::UnitedKingdom => DayCount::Act365Fixed,
    };
    Convention { policy: RatePolicy::PerHalfYear, day_count, rounding: LineRounding::PerLine }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consumers_owe_interest_by_itself_in_germany_alone_and_a_fixed_sum_nowhere() {
        let law = |country| late_law(country, DebtorKind::Consumer).unwrap();
        assert_eq!(law(Country::Spain).interest, None);
        assert_eq!(law(Country::France).interest, None);
        assert_eq!(law(Country::Germany).interest, Some((Law::GermanConsumer, Ground::GermanConsumerInterest)));
        for country in [Country::Spain, Country::France, Country::Germany] {
            assert_eq!(law(country).compensation, None);
        }
    }

    #[test]
    fn public_bodies_owe_what_businesses_owe() {
        for country in Country::ALL {
            assert_eq!(late_law(*country, DebtorKind::Public), late_law(*country, DebtorKind::Business));
        }
    }
}
