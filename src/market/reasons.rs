//! What an agency is told about its offer, in its language.
//!
//! What may never happen here: the terms, the name or the number of anybody else's offer but how many there were. What a
//! creditor writes about its choice is not passed on: it may speak of others.

use super::award::{Arithmetic, Criterion};
use crate::types::{BasisPoints, Language};

/// What became of an offer.
#[derive(Debug, Clone, Copy)]
pub enum Verdict<'a> {
    Chosen {
        rank: i32,
        of: usize,
    },
    Outranked {
        rank: i32,
        of: usize,
        arithmetic: &'a Arithmetic,
    },
    /// The agency could no longer be given the case: what is missing, by the ids of the rules.
    Unqualified(&'a str),
    TakenNow,
    /// The creditor took the card back, or let the time for its decision pass.
    Withdrawn,
    CaseEnded,
}

impl Verdict<'_> {
    /// The verdict as it is told and kept.
    #[must_use]
    pub fn written(&self, language: Language) -> String {
        match *self {
            Self::Chosen { rank, of } => chosen(language, rank, of),
            Self::Outranked { rank, of, arithmetic } => outranked(language, rank, of, arithmetic),
            Self::Unqualified(missing) => match language {
                Language::Spanish => {
                    format!("Su oferta no pudo ser elegida: en el momento de la adjudicación faltaba un requisito ({missing}).")
                }
                Language::French => format!(
                    "Votre offre n’a pas pu être retenue : une condition manquait au moment de l’attribution ({missing})."
                ),
                Language::English => {
                    format!("Your offer could not be chosen: a requirement was missing at the time of the award ({missing}).")
                }
            },
            Self::TakenNow => match language {
                Language::Spanish => "El caso se tomó al precio publicado antes del plazo. Su oferta no se abrió.",
                Language::French => "Le dossier a été pris au prix affiché avant l’échéance. Votre offre n’a pas été ouverte.",
                Language::English => "The case was taken at the posted price before the deadline. Your offer was not opened.",
            }
            .to_owned(),
            Self::Withdrawn => match language {
                Language::Spanish => "El acreedor retiró el caso del mercado sin adjudicarlo.",
                Language::French => "Le créancier a retiré le dossier du marché sans l’attribuer.",
                Language::English => "The creditor took the case off the market without an award.",
            }
            .to_owned(),
            Self::CaseEnded => match language {
                Language::Spanish => "El caso terminó mientras estaba en el mercado.",
                Language::French => "Le dossier s’est terminé pendant qu’il était sur le marché.",
                Language::English => "The case ended while it was on the market.",
            }
            .to_owned(),
        }
    }
}

fn chosen(language: Language, rank: i32, of: usize) -> String {
    match language {
        Language::Spanish => format!("Su oferta fue elegida (puesto {rank} de {of})."),
        Language::French => format!("Votre offre a été retenue (rang {rank} sur {of})."),
        Language::English => format!("Your offer was chosen (rank {rank} of {of})."),
    }
}

fn outranked(language: Language, rank: i32, of: usize, arithmetic: &Arithmetic) -> String {
    let (recovery, fee) = (language.percent(arithmetic.recovery_bp), language.percent(arithmetic.fee_bp));
    let (net, score) = (percent(language, arithmetic.expected_net_ppm), percent(language, arithmetic.score_ppm));
    let version = &arithmetic.version;
    let promises: Vec<String> = arithmetic
        .factors
        .iter()
        .map(|factor| format!("{} {}", named(language, factor.criterion), signed(language, factor.ppm)))
        .collect();
    let promises = promises.join(", ");
    // By hand a creditor may pass over the first in rank, with a reason that stays between it and the record.
    let by_hand = rank == 1;
    match language {
        Language::Spanish => {
            let end = if by_hand {
                "El acreedor eligió otra oferta por decisión propia, motivada por escrito."
            } else {
                "El acreedor eligió otra oferta."
            };
            format!(
                "Su oferta quedó en el puesto {rank} de {of} según la fórmula {version}: neto esperado para el acreedor {net} (recuperación esperada {recovery}, honorarios {fee}); {promises}; total {score}. {end}"
            )
        }
        Language::French => {
            let end = if by_hand {
                "Le créancier a retenu une autre offre par décision propre, motivée par écrit."
            } else {
                "Le créancier a retenu une autre offre."
            };
            format!(
                "Votre offre est arrivée au rang {rank} sur {of} selon la formule {version} : net attendu pour le créancier {net} (recouvrement attendu {recovery}, honoraires {fee}) ; {promises} ; total {score}. {end}"
            )
        }
        Language::English => {
            let end = if by_hand {
                "The creditor chose another offer by hand and gave its reason in writing."
            } else {
                "The creditor chose another offer."
            };
            format!(
                "Your offer came {rank} of {of} by the formula {version}: expected net to the creditor {net} (expected recovery {recovery}, fee {fee}); {promises}; total {score}. {end}"
            )
        }
    }
}

const fn named(language: Language, criterion: Criterion) -> &'static str {
    match (language, criterion) {
        (Language::Spanish, Criterion::FirstContact) => "primer contacto",
        (Language::Spanish, Criterion::Updates) => "informes",
        (Language::Spanish, Criterion::ToneFit) => "tono",
        (Language::Spanish, Criterion::Languages) => "idiomas",
        (Language::Spanish, Criterion::Score) => "puntuación",
        (Language::French, Criterion::FirstContact) => "premier contact",
        (Language::French, Criterion::Updates) => "comptes rendus",
        (Language::French, Criterion::ToneFit) => "ton",
        (Language::French, Criterion::Languages) => "langues",
        (Language::French, Criterion::Score) => "note",
        (Language::English, Criterion::FirstContact) => "first contact",
        (Language::English, Criterion::Updates) => "updates",
        (Language::English, Criterion::ToneFit) => "tone",
        (Language::English, Criterion::Languages) => "languages",
        (Language::English, Criterion::Score) => "score",
    }
}

/// Rounded to a hundredth of a percent for reading; the exact figure stands in the arithmetic.
fn percent(language: Language, ppm: i64) -> String {
    let half = if ppm < 0 { -50 } else { 50 };
    language.percent(BasisPoints(i32::try_from((ppm + half) / 100).unwrap_or(i32::MAX)))
}

fn signed(language: Language, ppm: i64) -> String {
    let sign = if ppm > 0 { "+" } else { "" };
    format!("{sign}{}", percent(language, ppm))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::{
        market::award::{Bid, Measure, Ranked, rank},
        types::{Currency, FeeSchedule, Money, OfferId, Tone},
    };

    fn bid(id: u128, fee: i32) -> Bid {
        Bid {
            offer: OfferId(Uuid::from_u128(id)),
            fee: FeeSchedule::Success { rate_bp: BasisPoints(fee) },
            recovery_bp: BasisPoints(7_400),
            languages: Vec::new(),
            first_contact_hours: 24,
            update_every_days: 40,
            tone: Tone::Neutral,
            score_bp: crate::market::score::prior(),
            submitted_at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        }
    }

    fn ranked(bids: &[Bid]) -> Vec<Ranked> {
        let claim = Money::new(100_000, Currency::EUR);
        let (language, relationship_weight) = (Language::Spanish, BasisPoints(10_000));
        rank(bids, &Measure { claim, ceiling: Tone::Neutral, language, relationship_weight }).unwrap()
    }

    #[test]
    fn a_loser_learns_its_rank_and_factors_and_nothing_of_the_winner() {
        let ranked = ranked(&[bid(1, 777), bid(2, 1250)]);
        for language in Language::ALL {
            let reason = Verdict::Outranked { rank: 2, of: 2, arithmetic: &ranked[1].arithmetic }.written(*language);
            let plain = reason.replace(['\u{a0}', '\u{202f}'], " ").replace(',', ".");
            for told in ["12.5", "64.75", "+1", "\u{2212}0.4", "66.35", "award-3"] {
                assert!(plain.contains(told), "{told} is missing in {plain}");
            }
            for secret in ["7.77", "777", "68.25"] {
                assert!(!plain.contains(secret), "{secret} stands in {plain}");
            }
        }
    }

    #[test]
    fn the_first_in_rank_is_told_that_the_choice_was_made_by_hand() {
        let ranked = ranked(&[bid(1, 777)]);
        let reason = Verdict::Outranked { rank: 1, of: 3, arithmetic: &ranked[0].arithmetic }.written(Language::English);
        assert!(reason.ends_with("The creditor chose another offer by hand and gave its reason in writing."), "{reason}");
    }
}
