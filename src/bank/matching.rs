//! Which case an incoming entry pays: a published score with its reasons. Pure.
//!
//! What may never happen here: certainty without something that names the case, the invoice or the payer; parts of a proposal
//! that do not sum to the entry; a certain match while another one is nearly as good.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::clues::{Clues, number_key};
use crate::{
    receivables::matching::names_alike,
    types::{CaseId, DebtorId, Money, ReceivableId, text_enum},
};

/// From here on an entry is posted without a person…
pub const CERTAIN_FROM: u8 = 80;
/// …if no other match comes closer than this.
const LEAD: u8 = 20;
/// From here on a match is worth a person's look.
pub const LIKELY_FROM: u8 = 50;
const PROPOSALS_MAX: usize = 5;
/// Numbers of at least so many signs do not stand in a text by accident.
const STRONG_NUMBER: usize = 5;
/// Among more invoices than this no part is searched that makes the amount.
const COMBINED_MAX: usize = 12;
const SAME_NAME_BP: i32 = 9_000;
const LIKE_NAME_BP: i32 = 7_500;

text_enum! {
    /// What speaks for a match.
    pub enum Reason {
        /// The case's creditor reference.
        Reference => "reference",
        /// A payment of this amount was declared, and the entry names it.
        Declared => "declared",
        /// The number of an invoice, long enough to be no accident.
        InvoiceNumber => "invoice_number",
        /// A number that may be an accident.
        ShortNumber => "short_number",
        /// The account has paid for this debtor before.
        PayerAccount => "payer_account",
        /// The account has paid for another company of its group.
        GroupAccount => "group_account",
        /// Exactly what is open on the invoices named, or on all that are due.
        Amount => "amount",
        PayerName => "payer_name",
        SimilarName => "similar_name",
    }
}

impl Reason {
    const fn weight(self) -> u8 {
        match self {
            Self::Reference | Self::Declared => 100,
            Self::InvoiceNumber => 45,
            Self::ShortNumber | Self::GroupAccount => 25,
            Self::PayerAccount => 40,
            Self::Amount => 35,
            Self::PayerName => 20,
            Self::SimilarName => 10,
        }
    }

    /// Whether it says who or what is meant, rather than how much.
    const fn names(self) -> bool {
        match self {
            Self::Reference | Self::Declared | Self::InvoiceNumber | Self::PayerAccount => true,
            Self::ShortNumber | Self::GroupAccount | Self::Amount | Self::PayerName | Self::SimilarName => false,
        }
    }
}

/// An invoice in a case, on which something is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenInvoice {
    pub receivable: ReceivableId,
    pub number: String,
    pub case: CaseId,
    pub reference: String,
    pub debtor: DebtorId,
    /// The parent company, or the debtor itself.
    pub group: DebtorId,
    pub debtor_name: String,
    pub due_on: chrono::NaiveDate,
    /// Principal that is neither paid nor credited.
    pub open: Money,
}

/// What is known of an incoming entry.
#[derive(Debug, Clone)]
pub struct Incoming<'a> {
    pub amount: Money,
    pub clues: &'a Clues,
    pub payer: Option<&'a str>,
    /// For whom the payer's account has paid before, with their groups.
    pub known_payers: &'a [(DebtorId, DebtorId)],
}

/// What goes to one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CasePart {
    pub case_id: CaseId,
    pub amount: Money,
}

/// A way to understand an entry: the parts sum to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Proposal {
    pub score: u8,
    pub reasons: Vec<Reason>,
    pub parts: Vec<CasePart>,
}

/// What to do with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Certain(Proposal),
    /// Best first.
    Likely(Vec<Proposal>),
    Nothing,
}

/// Judges an incoming entry against the open invoices that any clue of it leads to.
#[must_use]
pub fn judge(incoming: &Incoming<'_>, candidates: &[OpenInvoice]) -> Verdict {
    let usable: Vec<&OpenInvoice> = candidates
        .iter()
        .filter(|invoice| invoice.open.currency == incoming.amount.currency && invoice.open.is_positive())
        .collect();
    let mut proposals: Vec<Proposal> = by_reference(incoming, &usable).into_iter().collect();
    let groups: BTreeSet<DebtorId> = usable.iter().map(|invoice| invoice.group).collect();
    for group in groups {
        let of_group: Vec<&OpenInvoice> = usable.iter().copied().filter(|invoice| invoice.group == group).collect();
        proposals.extend(of_one_payer(incoming, &of_group));
    }
    proposals.sort_by(|one, other| other.score.cmp(&one.score).then_with(|| ids(one).cmp(&ids(other))));
    // The first, best way to the same cases counts.
    let mut known: Vec<Vec<CaseId>> = Vec::new();
    proposals.retain(|proposal| {
        let new = !known.contains(&ids(proposal));
        known.push(ids(proposal));
        new && proposal.score >= LIKELY_FROM
    });
    proposals.truncate(PROPOSALS_MAX);
    let next = proposals.get(1).map_or(0, |proposal| proposal.score);
    match proposals.first() {
        None => Verdict::Nothing,
        Some(best) if is_certain(best, next) => Verdict::Certain(best.clone()),
        Some(_) => Verdict::Likely(proposals),
    }
}

fn is_certain(best: &Proposal, next: u8) -> bool {
    let names = best.reasons.iter().any(|reason| reason.names());
    let referenced = best.reasons.contains(&Reason::Reference);
    best.score >= CERTAIN_FROM && names && (referenced || best.score.saturating_sub(next) >= LEAD)
}

fn ids(proposal: &Proposal) -> Vec<CaseId> {
    proposal.parts.iter().map(|part| part.case_id).collect()
}

/// One case named by its reference gets all; several must make the amount to the cent.
fn by_reference(incoming: &Incoming<'_>, usable: &[&OpenInvoice]) -> Option<Proposal> {
    let named: Vec<&OpenInvoice> =
        usable.iter().copied().filter(|invoice| incoming.clues.references.contains(&invoice.reference)).collect();
    let cases: BTreeSet<CaseId> = named.iter().map(|invoice| invoice.case).collect();
    if cases.len() == 1 || (cases.len() > 1 && sum(&named) == Some(incoming.amount)) {
        return proposal(incoming, &named, vec![Reason::Reference]);
    }
    None
}

/// The best way to understand an entry as paying invoices of one debtor or group.
fn of_one_payer(incoming: &Incoming<'_>, invoices: &[&OpenInvoice]) -> Option<Proposal> {
    let mut reasons = Vec::new();
    let named: Vec<&OpenInvoice> =
        invoices.iter().copied().filter(|invoice| incoming.clues.numbers.contains(&number_key(&invoice.number))).collect();
    if named.iter().any(|invoice| number_key(&invoice.number).len() >= STRONG_NUMBER) {
        reasons.push(Reason::InvoiceNumber);
    } else if !named.is_empty() {
        reasons.push(Reason::ShortNumber);
    }
    reasons.extend(payer_account(incoming, invoices));
    reasons.extend(payer_name(incoming, invoices));
    let among = if named.is_empty() { invoices } else { &named };
    let exact = making(incoming.amount, among);
    if exact.is_some() {
        reasons.push(Reason::Amount);
    }
    let meant = exact.unwrap_or_else(|| among.to_vec());
    proposal(incoming, &meant, reasons)
}

fn payer_account(incoming: &Incoming<'_>, invoices: &[&OpenInvoice]) -> Option<Reason> {
    let knows = |known: &(DebtorId, DebtorId)| invoices.iter().any(|invoice| invoice.debtor == known.0);
    let knows_group = |known: &(DebtorId, DebtorId)| invoices.iter().any(|invoice| invoice.group == known.1);
    if incoming.known_payers.iter().any(knows) {
        return Some(Reason::PayerAccount);
    }
    incoming.known_payers.iter().any(knows_group).then_some(Reason::GroupAccount)
}

fn payer_name(incoming: &Incoming<'_>, invoices: &[&OpenInvoice]) -> Option<Reason> {
    let payer = incoming.payer?;
    match invoices.iter().map(|invoice| names_alike(payer, &invoice.debtor_name)).max()? {
        SAME_NAME_BP.. => Some(Reason::PayerName),
        LIKE_NAME_BP.. => Some(Reason::SimilarName),
        _ => None,
    }
}

/// The invoices that make the amount: all of them, one, the oldest up to one, or any of a few.
fn making<'a>(amount: Money, invoices: &[&'a OpenInvoice]) -> Option<Vec<&'a OpenInvoice>> {
    let mut oldest_first = invoices.to_vec();
    oldest_first.sort_by_key(|invoice| (invoice.due_on, invoice.receivable));
    if let Some(one) = oldest_first.iter().find(|invoice| invoice.open == amount) {
        return Some(vec![*one]);
    }
    let mut so_far = 0_i64;
    for (count, invoice) in (1..).zip(&oldest_first) {
        so_far = so_far.saturating_add(invoice.open.minor);
        if so_far == amount.minor {
            oldest_first.truncate(count);
            return Some(oldest_first);
        }
    }
    if oldest_first.len() > COMBINED_MAX { None } else { combined(amount.minor, &oldest_first) }
}

/// Some of a few invoices that make the amount, the oldest among them first.
fn combined<'a>(left: i64, invoices: &[&'a OpenInvoice]) -> Option<Vec<&'a OpenInvoice>> {
    let (first, rest) = invoices.split_first()?;
    let with_first = left.checked_sub(first.open.minor).filter(|left| *left >= 0);
    match with_first {
        Some(0) => Some(vec![*first]),
        Some(left) => {
            combined(left, rest).map(|others| [vec![*first], others].concat()).or_else(|| combined(left + first.open.minor, rest))
        }
        None => combined(left, rest),
    }
}

fn sum(invoices: &[&OpenInvoice]) -> Option<Money> {
    let currency = invoices.first()?.open.currency;
    Money::sum(currency, invoices.iter().map(|invoice| invoice.open)).ok()
}

/// Spreads the amount over the cases of `invoices`, those that are due longest first; what is over (interest and the fixed sum)
/// goes to the first of them.
fn proposal(incoming: &Incoming<'_>, invoices: &[&OpenInvoice], reasons: Vec<Reason>) -> Option<Proposal> {
    let mut open: BTreeMap<(chrono::NaiveDate, CaseId), i64> = BTreeMap::new();
    for invoice in invoices {
        let due_on = invoices.iter().filter(|other| other.case == invoice.case).map(|other| other.due_on).min()?;
        let case = open.entry((due_on, invoice.case)).or_insert(0);
        *case = case.saturating_add(invoice.open.minor);
    }
    let mut left = incoming.amount.minor;
    let mut parts: Vec<CasePart> = Vec::new();
    for ((_, case_id), open) in open {
        let minor = open.min(left);
        if minor > 0 {
            left -= minor;
            parts.push(CasePart { case_id, amount: Money::new(minor, incoming.amount.currency) });
        }
    }
    parts.first_mut()?.amount.minor += left;
    let score = reasons.iter().fold(0_u8, |score, reason| score.saturating_add(reason.weight())).min(100);
    Some(Proposal { score, reasons, parts })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::types::Currency;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    /// `number` of debtor `debtor`, each in a case of its own.
    fn invoice(id: u128, debtor: u128, number: &str, minor: i64) -> OpenInvoice {
        OpenInvoice {
            receivable: ReceivableId(Uuid::from_u128(id)),
            number: number.to_owned(),
            case: CaseId(Uuid::from_u128(id)),
            reference: format!("RF{id:02}X"),
            debtor: DebtorId(Uuid::from_u128(debtor)),
            group: DebtorId(Uuid::from_u128(debtor)),
            debtor_name: format!("Bodegas {} SA", ["Ruiz", "Lagunilla", "Peñafiel"][usize::try_from(debtor).unwrap() % 3]),
            due_on: chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(u64::try_from(id).unwrap()),
            open: eur(minor),
        }
    }

    fn numbers(numbers: &[&str]) -> Clues {
        Clues { references: BTreeSet::new(), numbers: numbers.iter().map(|number| (*number).to_owned()).collect() }
    }

    fn judged(minor: i64, clues: &Clues, payer: Option<&str>, known: &[(DebtorId, DebtorId)], open: &[OpenInvoice]) -> Verdict {
        judge(&Incoming { amount: eur(minor), clues, payer, known_payers: known }, open)
    }

    fn certain(verdict: Verdict) -> (Vec<(u128, i64)>, Vec<Reason>) {
        let Verdict::Certain(proposal) = verdict else { panic!("{verdict:?}") };
        (proposal.parts.iter().map(|part| (part.case_id.0.as_u128(), part.amount.minor)).collect(), proposal.reasons)
    }

    #[test]
    fn a_reference_is_certain_whatever_the_amount() {
        let open = [invoice(1, 0, "F-20261", 100_000), invoice(2, 1, "F-20262", 50_000)];
        let clues = Clues { references: ["RF01X".to_owned()].into(), numbers: BTreeSet::new() };
        for minor in [100_000, 1, 104_700] {
            assert_eq!(certain(judged(minor, &clues, None, &[], &open)), (vec![(1, minor)], vec![Reason::Reference]));
        }
    }

    #[test]
    fn several_invoices_in_one_transfer_are_certain_where_they_make_it() {
        let open = [invoice(1, 0, "F-20261", 30_000), invoice(2, 0, "F-20262", 20_000), invoice(3, 0, "F-20263", 10_000)];
        let clues = numbers(&["F20261", "F20263"]);
        assert_eq!(certain(judged(40_000, &clues, None, &[], &open)).0, [(1, 30_000), (3, 10_000)]);
        assert!(matches!(judged(41_000, &clues, None, &[], &open), Verdict::Nothing | Verdict::Likely(_)));
    }

    #[test]
    fn one_invoice_over_several_transfers_is_certain_once_its_payer_is_known() {
        let open = [invoice(1, 0, "F-20261", 100_000)];
        let clues = numbers(&["F20261"]);
        let payer = [(open[0].debtor, open[0].group)];
        assert_eq!(certain(judged(40_000, &clues, None, &payer, &open)).0, [(1, 40_000)]);
        let Verdict::Likely(proposals) = judged(40_000, &clues, Some("BODEGAS RUIZ"), &[], &open) else { panic!() };
        assert_eq!((proposals[0].score, &proposals[0].reasons[..]), (65, &[Reason::InvoiceNumber, Reason::PayerName][..]));
    }

    #[test]
    fn an_amount_alone_is_nothing_with_a_name_likely_and_with_a_known_account_and_name_certain() {
        let open = [invoice(1, 0, "F-20261", 77_700), invoice(2, 1, "F-20262", 77_700)];
        let none = numbers(&[]);
        assert_eq!(judged(77_700, &none, None, &[], &open), Verdict::Nothing);
        let Verdict::Likely(proposals) = judged(77_700, &none, Some("Bodegas Ruiz"), &[], &open) else { panic!() };
        assert_eq!((proposals.len(), proposals[0].score), (1, 55));
        let payer = [(open[0].debtor, open[0].group)];
        assert_eq!(certain(judged(77_700, &none, Some("Bodegas Ruiz"), &payer, &open)).0, [(1, 77_700)]);
    }

    #[test]
    fn a_group_pays_for_its_sites() {
        let mut open = vec![invoice(1, 1, "F-20261", 30_000), invoice(2, 2, "F-20262", 20_000)];
        let parent = DebtorId(Uuid::from_u128(9));
        open.iter_mut().for_each(|invoice| invoice.group = parent);
        let clues = numbers(&["F20261", "F20262"]);
        let (parts, reasons) = certain(judged(50_000, &clues, Some("Holding SL"), &[(parent, parent)], &open));
        assert_eq!(parts, [(1, 30_000), (2, 20_000)]);
        assert_eq!(reasons, [Reason::InvoiceNumber, Reason::GroupAccount, Reason::Amount]);
    }

    #[test]
    fn a_short_number_is_never_certain_and_a_rival_makes_it_likely() {
        let open = [invoice(1, 0, "123", 10_000)];
        assert!(matches!(judged(10_000, &numbers(&["123"]), Some("Bodegas Ruiz"), &[], &open), Verdict::Likely(_)));
        // Two debtors use the same number for the same amount.
        let open = [invoice(1, 0, "F-20261", 10_000), invoice(2, 1, "F20261", 10_000)];
        let Verdict::Likely(proposals) = judged(10_000, &numbers(&["F20261"]), None, &[], &open) else { panic!() };
        assert_eq!(proposals.len(), 2);
    }

    #[test]
    fn another_currency_is_no_match() {
        let mut open = [invoice(1, 0, "F-20261", 10_000)];
        open[0].open.currency = Currency::GBP;
        assert_eq!(judged(10_000, &numbers(&["F20261"]), None, &[], &open), Verdict::Nothing);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_entry_and_certainty_has_a_name(
            amounts in prop::collection::vec((0_u128..3, 1_i64..5_000), 1..10), chosen in prop::collection::vec(any::<bool>(), 10),
            extra in -50_i64..50, refer in prop::option::of(0_usize..10), payer in prop::option::of(0_u128..4)
        ) {
            let open: Vec<OpenInvoice> =
                (1..).zip(&amounts).map(|(id, (debtor, minor))| invoice(id, *debtor, &format!("F-2026{id}"), *minor)).collect();
            let named: Vec<&OpenInvoice> = open.iter().zip(&chosen).filter(|(_, chosen)| **chosen).map(|(invoice, _)| invoice).collect();
            let minor = (named.iter().map(|invoice| invoice.open.minor).sum::<i64>() + extra).max(1);
            let mut clues = numbers(&[]);
            clues.numbers = named.iter().map(|invoice| number_key(&invoice.number)).collect();
            clues.references = refer.and_then(|which| open.get(which)).map(|invoice| invoice.reference.clone()).into_iter().collect();
            let known: Vec<_> = payer.map(|debtor| DebtorId(Uuid::from_u128(debtor))).map(|debtor| (debtor, debtor)).into_iter().collect();
            let proposals = match judged(minor, &clues, None, &known, &open) {
                Verdict::Certain(proposal) => {
                    prop_assert!(proposal.score >= CERTAIN_FROM && proposal.reasons.iter().any(|reason| reason.names()));
                    vec![proposal]
                }
                Verdict::Likely(proposals) => proposals,
                Verdict::Nothing => Vec::new(),
            };
            for proposal in proposals {
                prop_assert!(proposal.score >= LIKELY_FROM);
                prop_assert_eq!(proposal.parts.iter().map(|part| part.amount.minor).sum::<i64>(), minor);
                prop_assert!(proposal.parts.iter().all(|part| part.amount.minor > 0));
                let mut cases: Vec<_> = proposal.parts.iter().map(|part| part.case_id).collect();
                cases.sort_unstable();
                cases.dedup();
                prop_assert_eq!(cases.len(), proposal.parts.len(), "a case stands once");
            }
        }

        #[test]
        fn some_invoices_that_make_the_amount_are_found(amounts in prop::collection::vec(1_i64..10_000, 1..10), chosen in prop::collection::vec(any::<bool>(), 10)) {
            let open: Vec<OpenInvoice> = (1..).zip(&amounts).map(|(id, minor)| invoice(id, 0, "1", *minor)).collect();
            let all: Vec<&OpenInvoice> = open.iter().collect();
            let minor: i64 = amounts.iter().zip(&chosen).filter(|(_, chosen)| **chosen).map(|(minor, _)| minor).sum();
            prop_assume!(minor > 0);
            let found = making(eur(minor), &all);
            prop_assert_eq!(found.and_then(|found| sum(&found)), Some(eur(minor)));
        }
    }
}
