//! The anonymous card of a case: all that an agency may know of it before the award.
//!
//! What may never happen here: a name, number, address, day or exact amount on a card, or a word that somebody wrote.
//! Every field is a band or comes from a closed list; a free text that fits no list is left out.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{region, sector::Sector};
use crate::{
    receivables::DebtorKind,
    types::{Country, Currency, Money, Tone, text_enum},
};

text_enum! {
    /// The open principal, in whole units of its currency; the upper end belongs to the next band.
    pub enum AmountBand {
        Below500 => "below_500",
        From500 => "500_to_2000",
        From2000 => "2000_to_8000",
        From8000 => "8000_to_25000",
        From25000 => "25000_to_100000",
        From100000 => "100000_and_more",
    }
}

text_enum! {
    /// Days since the oldest invoice fell due.
    pub enum AgeBand {
        UpTo30 => "up_to_30_days",
        UpTo60 => "31_to_60_days",
        UpTo90 => "61_to_90_days",
        UpTo180 => "91_to_180_days",
        UpTo365 => "181_to_365_days",
        UpTo730 => "366_to_730_days",
        Over730 => "over_730_days",
    }
}

text_enum! {
    /// What supports the claim, by kind alone: the papers themselves come with the award.
    pub enum Evidence {
        InvoiceFile => "invoice",
        PurchaseOrder => "purchase_order",
        Letter => "letter",
    }
}

text_enum! {
    /// How the debtor's last cases on the platform ended, whoever its creditors were.
    pub enum PaymentRecord {
        /// None has ended yet.
        Unknown => "unknown",
        /// At least three in four were paid or settled.
        Pays => "pays",
        Mixed => "mixed",
        /// Fewer than one in four.
        SeldomPays => "seldom_pays",
    }
}

text_enum! {
    /// What a card leaves out where too few debtors share it.
    pub enum Trait {
        Sector => "sector",
        Region => "region",
        DebtorRecord => "debtor_record",
    }
}

/// From how many invoices on a card says no more than "this many or more".
const INVOICES_SHOWN_MAX: usize = 10;

impl AmountBand {
    /// In whole units of the amount's currency.
    #[must_use]
    pub fn of(amount: Money) -> Self {
        let unit = 10_i64.saturating_pow(amount.currency.exponent());
        match amount.minor / unit.max(1) {
            ..500 => Self::Below500,
            500..2_000 => Self::From500,
            2_000..8_000 => Self::From2000,
            8_000..25_000 => Self::From8000,
            25_000..100_000 => Self::From25000,
            100_000.. => Self::From100000,
        }
    }
}

impl PaymentRecord {
    /// `paid` of `closed` cases.
    #[must_use]
    pub const fn of(closed: i32, paid: i32) -> Self {
        match (closed, paid.saturating_mul(4)) {
            (..=0, _) => Self::Unknown,
            (closed, quarters) if quarters >= closed.saturating_mul(3) => Self::Pays,
            (closed, quarters) if quarters >= closed => Self::Mixed,
            (_, _) => Self::SeldomPays,
        }
    }
}

impl AgeBand {
    #[must_use]
    pub fn of(oldest_due_on: NaiveDate, on: NaiveDate) -> Self {
        match on.signed_duration_since(oldest_due_on).num_days() {
            ..=30 => Self::UpTo30,
            31..=60 => Self::UpTo60,
            61..=90 => Self::UpTo90,
            91..=180 => Self::UpTo180,
            181..=365 => Self::UpTo365,
            366..=730 => Self::UpTo730,
            731.. => Self::Over730,
        }
    }
}

/// What the card is drawn from.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    pub country: Country,
    pub postal_code: Option<&'a str>,
    /// As the creditor wrote it.
    pub sector: Option<&'a str>,
    pub debtor_kind: DebtorKind,
    pub open_principal: Money,
    pub oldest_due_on: NaiveDate,
    pub on: NaiveDate,
    pub invoice_count: usize,
    pub documents: Vec<Evidence>,
    pub disputed: bool,
    pub record: PaymentRecord,
    pub tone_ceiling: Tone,
}

/// The card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Card {
    /// Where the debtor has its seat.
    pub country: Country,
    /// NUTS 1 region, where the postal code tells it.
    #[schema(example = "ES5")]
    pub region: Option<String>,
    pub sector: Option<Sector>,
    pub debtor_kind: DebtorKind,
    pub currency: Currency,
    pub amount_band: AmountBand,
    pub age_band: AgeBand,
    /// 10 stands for ten or more.
    #[schema(minimum = 1, maximum = 10)]
    pub invoice_count: i32,
    pub documents: Vec<Evidence>,
    /// Whether a dispute is open.
    pub disputed: bool,
    /// How the debtor's last cases on the platform ended.
    pub debtor_record: Option<PaymentRecord>,
    /// The firmest tone that the creditor allows towards this customer.
    pub tone_ceiling: Tone,
    /// What was left out because too few debtors on the platform share it.
    pub coarsened: Vec<Trait>,
}

impl Card {
    #[must_use]
    pub fn of(facts: &Facts<'_>) -> Self {
        let mut documents = facts.documents.clone();
        documents.sort_unstable();
        documents.dedup();
        Self {
            country: facts.country,
            region: facts.postal_code.and_then(|code| region::of(facts.country, code)).map(str::to_owned),
            sector: facts.sector.and_then(Sector::coarse),
            debtor_kind: facts.debtor_kind,
            currency: facts.open_principal.currency,
            amount_band: AmountBand::of(facts.open_principal),
            age_band: AgeBand::of(facts.oldest_due_on, facts.on),
            invoice_count: i32::try_from(facts.invoice_count.clamp(1, INVOICES_SHOWN_MAX)).unwrap_or(1),
            documents,
            disputed: facts.disputed,
            debtor_record: Some(facts.record),
            tone_ceiling: facts.tone_ceiling,
            coarsened: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn facts() -> Facts<'static> {
        Facts {
            country: Country::Spain,
            postal_code: Some("08001"),
            sector: Some("Panadería Hermanos Oliva"),
            debtor_kind: DebtorKind::Business,
            open_principal: Money::new(123_456, Currency::EUR),
            oldest_due_on: day("2026-07-01"),
            on: day("2026-11-02"),
            invoice_count: 37,
            documents: vec![Evidence::PurchaseOrder, Evidence::InvoiceFile, Evidence::PurchaseOrder],
            disputed: false,
            record: PaymentRecord::Unknown,
            tone_ceiling: Tone::Neutral,
        }
    }

    #[test]
    fn a_record_is_told_in_quarters() {
        let cases = [
            ((0, 0), PaymentRecord::Unknown),
            ((1, 1), PaymentRecord::Pays),
            ((4, 3), PaymentRecord::Pays),
            ((4, 2), PaymentRecord::Mixed),
            ((4, 1), PaymentRecord::Mixed),
            ((5, 1), PaymentRecord::SeldomPays),
            ((1, 0), PaymentRecord::SeldomPays),
        ];
        for ((closed, paid), record) in cases {
            assert_eq!(PaymentRecord::of(closed, paid), record, "{paid} of {closed}");
        }
    }

    #[test]
    fn a_card_holds_bands_and_no_word_that_somebody_wrote() {
        let card = Card::of(&facts());
        let text = serde_json::to_string(&card).unwrap();
        for told in ["Panader", "Oliva", "08001", "123456", "1234", "2026", "37"] {
            assert!(!text.contains(told), "{told} stands in {text}");
        }
        assert_eq!(
            (card.amount_band, card.age_band, card.region.as_deref()),
            (AmountBand::From500, AgeBand::UpTo180, Some("ES5"))
        );
        assert_eq!((card.sector, card.invoice_count), (None, 10));
        assert_eq!(card.documents, [Evidence::InvoiceFile, Evidence::PurchaseOrder]);
    }

    #[test]
    fn amounts_fall_into_bands_of_whole_units() {
        let cases = [
            (1, AmountBand::Below500),
            (49_999, AmountBand::Below500),
            (50_000, AmountBand::From500),
            (199_999, AmountBand::From500),
            (200_000, AmountBand::From2000),
            (2_500_000, AmountBand::From25000),
            (10_000_000, AmountBand::From100000),
            (i64::MAX, AmountBand::From100000),
        ];
        for (minor, band) in cases {
            assert_eq!(AmountBand::of(Money::new(minor, Currency::EUR)), band, "{minor}");
        }
        let yen: Currency = "JPY".parse().unwrap();
        assert_eq!(AmountBand::of(Money::new(500, yen)), AmountBand::From500);
    }

    #[test]
    fn age_is_counted_from_the_oldest_due_day() {
        let due = day("2026-01-01");
        let cases = [
            ("2025-12-01", AgeBand::UpTo30),
            ("2026-01-31", AgeBand::UpTo30),
            ("2026-02-01", AgeBand::UpTo60),
            ("2026-04-01", AgeBand::UpTo90),
            ("2026-04-02", AgeBand::UpTo180),
            ("2027-01-01", AgeBand::UpTo365),
            ("2028-01-01", AgeBand::UpTo730),
            ("2028-01-02", AgeBand::Over730),
        ];
        for (on, band) in cases {
            assert_eq!(AgeBand::of(due, day(on)), band, "{on}");
        }
    }
}
