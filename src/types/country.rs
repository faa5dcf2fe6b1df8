//! The countries whose law Entente knows, with their time zone and currency.

use chrono_tz::Tz;

use super::{Language, text_enum};

text_enum! {
    /// ISO 3166-1 alpha-2.
    pub enum Country {
        Spain => "ES",
        France => "FR",
        Germany => "DE",
        Italy => "IT",
        Portugal => "PT",
        Belgium => "BE",
        Netherlands => "NL",
        UnitedKingdom => "GB",
    }
}

impl Country {
    /// The zone in which this country's days, hours and holidays are reckoned, unless a debtor has its own (Canary Islands, Azores).
    #[must_use]
    pub const fn time_zone(self) -> Tz {
        match self {
            Self::Spain => Tz::Europe__Madrid,
            Self::France => Tz::Europe__Paris,
            Self::Germany => Tz::Europe__Berlin,
            Self::Italy => Tz::Europe__Rome,
            Self::Portugal => Tz::Europe__Lisbon,
            Self::Belgium => Tz::Europe__Brussels,
            Self::Netherlands => Tz::Europe__Amsterdam,
            Self::UnitedKingdom => Tz::Europe__London,
        }
    }

    /// The language we write to somebody there in when nobody said otherwise.
    #[must_use]
    pub const fn language(self) -> Language {
        match self {
            Self::Spain => Language::Spanish,
            Self::France | Self::Belgium => Language::French,
            Self::Germany | Self::Italy | Self::Portugal | Self::Netherlands | Self::UnitedKingdom => Language::English,
        }
    }

    /// The prefix of its VAT numbers: the ISO code but for Greece, which is not among ours.
    #[must_use]
    pub fn from_vat_prefix(prefix: &str) -> Option<Self> {
        prefix.parse().ok().filter(|country| *country != Self::UnitedKingdom)
    }
}
