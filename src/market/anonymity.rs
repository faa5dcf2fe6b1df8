//! The guard against re-identification: a card describes at least so many debtors, or says less.
//!
//! What may never happen here: a combination of traits on a card that fewer than `platform.anonymity_crowd` debtors on the
//! platform share, while one of them could still be left out.
//!
//! Traits are what somebody outside could find out about a company: country, region, sector, kind, and how its cases on the
//! platform ended. Country and kind always stay, because licence and law hang on them. Amount, age, documents and dispute
//! belong to the claim, which only its two sides know; they are bands and closed lists.

use super::card::{Card, Trait};

/// What may be left out, least first. The first rung that enough debtors share is shown.
const RUNGS: [&[Trait]; 5] = [
    &[],
    &[Trait::Sector],
    &[Trait::Region],
    &[Trait::Sector, Trait::Region],
    &[Trait::Sector, Trait::Region, Trait::DebtorRecord],
];

/// The combination of traits that a card shows on each rung, as crowds are counted by.
#[must_use]
pub fn combinations(card: &Card) -> Vec<String> {
    RUNGS.iter().map(|rung| combination(&without(card, rung))).collect()
}

fn combination(card: &Card) -> String {
    let shown = |value: Option<&str>| value.unwrap_or("-").to_owned();
    let record = card.debtor_record.map(|record| record.as_str());
    [
        card.country.as_str().to_owned(),
        card.debtor_kind.as_str().to_owned(),
        shown(card.region.as_deref()),
        shown(card.sector.map(|sector| sector.as_str())),
        shown(record),
    ]
    .join("|")
}

/// The card as it may be shown, `crowds` being how many debtors share each of its [`combinations`].
#[must_use]
pub fn guarded(card: &Card, crowds: &[i32], enough: i32) -> Card {
    let first = RUNGS.iter().zip(crowds).find(|(_, crowd)| **crowd >= enough).map(|(rung, _)| *rung);
    let most = RUNGS.last().copied().unwrap_or_default();
    without(card, first.unwrap_or(most))
}

fn without(card: &Card, left_out: &[Trait]) -> Card {
    let mut shown = card.clone();
    for one in left_out {
        let was_said = match one {
            Trait::Sector => shown.sector.take().is_some(),
            Trait::Region => shown.region.take().is_some(),
            Trait::DebtorRecord => shown.debtor_record.take().is_some(),
        };
        if was_said {
            shown.coarsened.push(*one);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        market::{
            card::{AgeBand, AmountBand, PaymentRecord},
            sector::Sector,
        },
        receivables::DebtorKind,
        types::{Country, Currency, Tone},
    };

    fn card() -> Card {
        Card {
            country: Country::Spain,
            region: Some("ES5".to_owned()),
            sector: Some(Sector::Mining),
            debtor_kind: DebtorKind::Business,
            currency: Currency::EUR,
            amount_band: AmountBand::From2000,
            age_band: AgeBand::UpTo90,
            invoice_count: 1,
            documents: Vec::new(),
            disputed: false,
            debtor_record: Some(PaymentRecord::Pays),
            tone_ceiling: Tone::Neutral,
            coarsened: Vec::new(),
        }
    }

    #[test]
    fn the_least_is_left_out_that_makes_a_crowd() {
        let cases: [(&[i32], &[Trait]); 6] = [
            (&[5, 5, 5, 5, 5], &[]),
            (&[4, 5, 9, 9, 9], &[Trait::Sector]),
            (&[1, 4, 5, 9, 9], &[Trait::Region]),
            (&[1, 1, 1, 5, 9], &[Trait::Sector, Trait::Region]),
            (&[1, 1, 1, 4, 5], &[Trait::Sector, Trait::Region, Trait::DebtorRecord]),
            (&[1, 1, 1, 1, 1], &[Trait::Sector, Trait::Region, Trait::DebtorRecord]),
        ];
        for (crowds, left_out) in cases {
            let shown = guarded(&card(), crowds, 5);
            assert_eq!(shown.coarsened, left_out, "{crowds:?}");
            assert_eq!(shown.sector.is_none(), left_out.contains(&Trait::Sector));
            assert_eq!(shown.region.is_none(), left_out.contains(&Trait::Region));
            assert_eq!(shown.debtor_record.is_none(), left_out.contains(&Trait::DebtorRecord));
        }
    }

    #[test]
    fn what_was_never_said_is_not_called_left_out() {
        let plain = Card { region: None, sector: None, ..card() };
        assert_eq!(guarded(&plain, &[1, 1, 1, 1, 1], 5).coarsened, [Trait::DebtorRecord]);
    }

    proptest! {
        /// A thousand companies come to market one after the other; whatever a card shows, enough have shown before it, or
        /// nothing more could be left out.
        #[test]
        fn no_card_shows_what_few_share(companies in proptest::collection::vec((0_usize..3, 0_usize..4, 0_usize..3), 1..200), enough in 2_i32..8) {
            let mut crowds: std::collections::HashMap<String, HashSet<usize>> = std::collections::HashMap::new();
            for (number, (region, sector, record)) in companies.into_iter().enumerate() {
                let drawn = Card { region: Some(format!("ES{region}")), sector: Some(Sector::ALL[sector]),
                                   debtor_record: Some(PaymentRecord::ALL[record]), ..card() };
                let combinations = combinations(&drawn);
                let counts: Vec<i32> = combinations.iter().map(|traits| {
                    let crowd = crowds.entry(traits.clone()).or_default();
                    crowd.insert(number);
                    i32::try_from(crowd.len()).unwrap()
                }).collect();
                let shown = guarded(&drawn, &counts, enough);
                let crowd = i32::try_from(crowds[&combination(&shown)].len()).unwrap();
                prop_assert!(crowd >= enough || shown.coarsened.len() == 3, "{crowd} share {shown:?}");
            }
        }
    }
}
