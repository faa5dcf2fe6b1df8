//! The take-now price: the fee at which a qualified agency may take a case at once, by a published model.
//!
//! What may never happen here: a contribution that is not shown, a price that is not the exact sum of its contributions,
//! or an input that is not on the card. What comes out is frozen on the listing, so an old price can always be explained.
//!
//! Model `take-now-2`, in basis points of what is recovered. Levels follow the field: success fees fall with size and rise
//! with age and disputes (Debitura's tables by size, region and age; Spain 5–15 %, United Kingdom about 10 %).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::card::{AgeBand, AmountBand, Card, Evidence, PaymentRecord};
use crate::{
    receivables::DebtorKind,
    types::{BasisPoints, Country, text_enum},
};

/// Names the tables below; new figures get a new name.
pub const VERSION: &str = "take-now-2";
const LOWEST: BasisPoints = BasisPoints(300);
const HIGHEST: BasisPoints = BasisPoints(4000);

text_enum! {
    /// What a price is made of, in the order in which it is added up.
    pub enum PriceInput {
        Base => "base",
        AmountBand => "amount_band",
        AgeBand => "age_band",
        Country => "country",
        DebtorKind => "debtor_kind",
        Documents => "documents",
        Reminders => "reminders",
        Round => "round",
        Disputed => "disputed",
        DebtorRecord => "debtor_record",
        /// What brings the sum into the range of prices; 0 where it is inside.
        Limits => "limits",
    }
}

/// One input's part of a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contribution {
    pub input: PriceInput,
    /// The input as it was.
    #[schema(example = "91_to_180_days")]
    pub value: String,
    pub bp: BasisPoints,
}

/// A price with all that it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Price {
    #[schema(example = "take-now-2")]
    pub version: String,
    pub contributions: Vec<Contribution>,
    /// The sum of the contributions: the fee, in basis points of what is recovered.
    pub price_bp: BasisPoints,
}

/// Reckons the price of a card after `reminders` messages and calls, in the `round`-th time on the market.
#[must_use]
pub fn take_now(card: &Card, reminders: u32, round: u32) -> Price {
    let evidence: Vec<&str> = card.documents.iter().map(|document| document.as_str()).collect();
    let mut contributions = vec![
        contribution(PriceInput::Base, "every case", 1_000),
        contribution(PriceInput::AmountBand, card.amount_band, for_amount(card.amount_band)),
        contribution(PriceInput::AgeBand, card.age_band, for_age(card.age_band)),
        contribution(PriceInput::Country, card.country, for_country(card.country)),
        contribution(PriceInput::DebtorKind, card.debtor_kind, for_debtor(card.debtor_kind)),
        contribution(
            PriceInput::Documents,
            if evidence.is_empty() { "none".to_owned() } else { evidence.join(", ") },
            for_documents(&card.documents),
        ),
        contribution(PriceInput::Reminders, reminders, for_reminders(reminders)),
        contribution(PriceInput::Round, round, for_round(round)),
        contribution(PriceInput::Disputed, card.disputed, if card.disputed { 400 } else { 0 }),
        contribution(
            PriceInput::DebtorRecord,
            card.debtor_record.map_or("withheld", |record| record.as_str()),
            card.debtor_record.map_or(0, for_record),
        ),
    ];
    let sum = total(&contributions);
    let price_bp = sum.clamp(LOWEST, HIGHEST);
    contributions.push(contribution(PriceInput::Limits, format!("{} to {}", LOWEST.0, HIGHEST.0), price_bp.0 - sum.0));
    Price { version: VERSION.to_owned(), contributions, price_bp }
}

fn contribution(input: PriceInput, value: impl ToString, bp: i32) -> Contribution {
    Contribution { input, value: value.to_string(), bp: BasisPoints(bp) }
}

fn total(contributions: &[Contribution]) -> BasisPoints {
    contributions.iter().fold(BasisPoints(0), |sum, part| sum.plus(part.bp))
}

/// Small claims cost the agency the same work for less.
const fn for_amount(band: AmountBand) -> i32 {
    match band {
        AmountBand::Below500 => 1_000,
        AmountBand::From500 => 600,
        AmountBand::From2000 => 300,
        AmountBand::From8000 => 0,
        AmountBand::From25000 => -200,
        AmountBand::From100000 => -400,
    }
}

/// Old claims are recovered less often.
const fn for_age(band: AgeBand) -> i32 {
    match band {
        AgeBand::UpTo30 => -200,
        AgeBand::UpTo60 => -100,
        AgeBand::UpTo90 => 0,
        AgeBand::UpTo180 => 300,
        AgeBand::UpTo365 => 700,
        AgeBand::UpTo730 => 1_100,
        AgeBand::Over730 => 1_500,
    }
}

/// How long payment takes there, and what the law lets a collector do.
const fn for_country(country: Country) -> i32 {
    match country {
        Country::Spain | Country::France | Country::Belgium | Country::UnitedKingdom => 0,
        Country::Germany | Country::Netherlands => -50,
        Country::Portugal => 50,
        Country::Italy => 150,
    }
}

/// Consumers are protected by more rules; public bodies pay late but pay.
const fn for_debtor(kind: DebtorKind) -> i32 {
    match kind {
        DebtorKind::Business => 0,
        DebtorKind::Consumer => 200,
        DebtorKind::Public => -200,
    }
}

/// A claim that can be shown is disputed less.
fn for_documents(present: &[Evidence]) -> i32 {
    let invoice = if present.contains(&Evidence::InvoiceFile) { -50 } else { 100 };
    let order = if present.contains(&Evidence::PurchaseOrder) { -50 } else { 0 };
    let letter = if present.contains(&Evidence::Letter) { -25 } else { 0 };
    invoice + order + letter
}

/// Who did not answer several messages answers the next one less likely.
const fn for_reminders(count: u32) -> i32 {
    match count {
        0 => 0,
        1..=2 => 50,
        3..=5 => 150,
        6.. => 250,
    }
}

/// What others gave back, or nobody wanted at the price before.
const fn for_round(round: u32) -> i32 {
    match round {
        0..=1 => 0,
        2 => 200,
        3 => 400,
        4.. => 600,
    }
}

/// Who paid others pays again. A record that the card leaves out costs as one that is not there.
const fn for_record(record: PaymentRecord) -> i32 {
    match record {
        PaymentRecord::Unknown => 0,
        PaymentRecord::Pays => -150,
        PaymentRecord::Mixed => 100,
        PaymentRecord::SeldomPays => 300,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::types::{Currency, Tone};

    fn any_of<T: Copy + std::fmt::Debug>(all: &'static [T]) -> impl Strategy<Value = T> {
        proptest::sample::select(all)
    }

    prop_compose! {
        fn cards()(
            country in any_of(Country::ALL), debtor_kind in any_of(DebtorKind::ALL), amount_band in any_of(AmountBand::ALL),
            age_band in any_of(AgeBand::ALL), documents in proptest::sample::subsequence(Evidence::ALL, 0..=3), disputed: bool,
            debtor_record in proptest::option::of(any_of(PaymentRecord::ALL)),
        ) -> Card {
            Card { country, region: None, sector: None, debtor_kind, currency: Currency::EUR, amount_band, age_band,
                   invoice_count: 1, documents, disputed, debtor_record, tone_ceiling: Tone::Neutral, coarsened: Vec::new() }
        }
    }

    proptest! {
        #[test]
        fn contributions_sum_exactly_to_a_price_inside_the_limits(card in cards(), reminders in 0_u32..20, round in 1_u32..9) {
            let price = take_now(&card, reminders, round);
            prop_assert_eq!(price.contributions.iter().map(|part| part.bp.0).sum::<i32>(), price.price_bp.0);
            prop_assert!((LOWEST..=HIGHEST).contains(&price.price_bp));
            let inputs: Vec<PriceInput> = price.contributions.iter().map(|part| part.input).collect();
            prop_assert_eq!(inputs.as_slice(), PriceInput::ALL);
        }

        #[test]
        fn a_larger_amount_never_costs_more(card in cards(), reminders in 0_u32..20, round in 1_u32..9) {
            let prices: Vec<_> = AmountBand::ALL.iter()
                .map(|band| take_now(&Card { amount_band: *band, ..card.clone() }, reminders, round).price_bp).collect();
            prop_assert!(prices.is_sorted_by(|smaller, larger| smaller >= larger), "{prices:?}");
        }

        #[test]
        fn an_older_case_is_never_cheaper(card in cards(), reminders in 0_u32..20, round in 1_u32..9) {
            let prices: Vec<_> = AgeBand::ALL.iter()
                .map(|band| take_now(&Card { age_band: *band, ..card.clone() }, reminders, round).price_bp).collect();
            prop_assert!(prices.is_sorted(), "{prices:?}");
        }

        #[test]
        fn a_frozen_price_reads_back_as_it_was(card in cards(), reminders in 0_u32..20, round in 1_u32..9) {
            let price = take_now(&card, reminders, round);
            let frozen = serde_json::to_value(&price).unwrap();
            prop_assert_eq!(serde_json::from_value::<Price>(frozen).unwrap(), price);
        }
    }

    #[test]
    fn a_plain_case_costs_what_the_tables_say() {
        let card = Card {
            country: Country::Spain,
            region: Some("ES5".to_owned()),
            sector: None,
            debtor_kind: DebtorKind::Business,
            currency: Currency::EUR,
            amount_band: AmountBand::From2000,
            age_band: AgeBand::UpTo90,
            invoice_count: 2,
            documents: vec![Evidence::InvoiceFile],
            disputed: false,
            debtor_record: Some(PaymentRecord::Unknown),
            tone_ceiling: Tone::Neutral,
            coarsened: Vec::new(),
        };
        insta::assert_json_snapshot!(take_now(&card, 2, 1));
    }

    /// The tables as `docs/market.md` prints them.
    fn published() -> String {
        let mut rows = vec!["| base | every case | 1000 |".to_owned()];
        let mut row = |input: PriceInput, value: &str, bp: i32| rows.push(format!("| {input} | {value} | {bp} |"));
        AmountBand::ALL.iter().for_each(|band| row(PriceInput::AmountBand, band.as_str(), for_amount(*band)));
        AgeBand::ALL.iter().for_each(|band| row(PriceInput::AgeBand, band.as_str(), for_age(*band)));
        Country::ALL.iter().for_each(|country| row(PriceInput::Country, country.as_str(), for_country(*country)));
        DebtorKind::ALL.iter().for_each(|kind| row(PriceInput::DebtorKind, kind.as_str(), for_debtor(*kind)));
        row(PriceInput::Documents, "no invoice", for_documents(&[]));
        row(PriceInput::Documents, "invoice", for_documents(&[Evidence::InvoiceFile]));
        row(PriceInput::Documents, "purchase_order, besides", for_documents(&[Evidence::PurchaseOrder]) - for_documents(&[]));
        row(PriceInput::Documents, "letter, besides", for_documents(&[Evidence::Letter]) - for_documents(&[]));
        [(0, "0"), (1, "1 or 2"), (3, "3 to 5"), (6, "6 and more")]
            .iter()
            .for_each(|(n, text)| row(PriceInput::Reminders, text, for_reminders(*n)));
        [(1, "1"), (2, "2"), (3, "3"), (4, "4 and more")]
            .iter()
            .for_each(|(n, text)| row(PriceInput::Round, text, for_round(*n)));
        row(PriceInput::Disputed, "true", 400);
        PaymentRecord::ALL.iter().for_each(|record| row(PriceInput::DebtorRecord, record.as_str(), for_record(*record)));
        rows.push(format!("| limits | the sum is brought into | {} to {} |", LOWEST.0, HIGHEST.0));
        rows.join("\n")
    }

    #[test]
    fn the_published_price_tables_are_those_of_the_code() {
        let page = include_str!("../../docs/market.md");
        assert!(page.contains(VERSION) && page.contains(&published()), "docs/market.md should hold:\n{}", published());
    }
}
