//! Entries that arrived are matched in batches: a batch's clues are looked up together, each entry is judged by itself.
//! Memory is one batch, however long the file and however many invoices are open.

use std::collections::{BTreeSet, HashMap};

use super::{
    BankEntry, BankError, EntryStatus,
    clues::{Clues, number_key},
    matching::{CasePart, Incoming, OpenInvoice, Proposal, Reason, Verdict, judge},
    paying, reversing,
    statement::Entry,
    store::{self, Decision, clues},
};
use crate::{
    app::App,
    db::{By, Conn, Scope},
    types::{BankStatementId, DebtorId},
};

/// What is read, judged and written together.
const BATCH: i64 = 500;
/// A payment that was declared by hand and an entry are one if they are no further apart.
pub(super) const DAYS_APART: u64 = 7;

/// Judges all entries of a file that nobody has looked at; returns how many.
///
/// # Errors
/// The database fails. What was judged stays judged.
pub async fn reconcile(app: &App, statement: BankStatementId) -> Result<usize, BankError> {
    let mut judged = 0;
    loop {
        let by = By::engine(app.clock.now());
        let done = app.db.transaction(Scope::System, async |conn| one_batch(conn, &by, statement).await).await?;
        if done == 0 {
            return Ok(judged);
        }
        judged += done;
    }
}

async fn one_batch(conn: &mut Conn<'_>, by: &By, statement: BankStatementId) -> Result<usize, BankError> {
    let entries = store::lock_arrived(conn, statement, BATCH).await?;
    let Some(owner) = entries.first().map(|entry| entry.owner) else { return Ok(0) };
    let (incoming, outgoing): (Vec<&BankEntry>, Vec<&BankEntry>) = entries.iter().partition(|entry| entry.amount.is_positive());
    let (returned, incoming): (Vec<&BankEntry>, Vec<&BankEntry>) =
        incoming.into_iter().partition(|entry| paying::payout_back_in(entry).is_some());
    let clues: Vec<Clues> = incoming.iter().map(|entry| clues_of(entry)).collect();
    let found = Found::look_up(conn, owner, &incoming, &clues).await?;
    let decisions: Vec<Decision> = incoming.iter().zip(&clues).map(|(entry, clues)| found.decide(entry, clues)).collect();
    store::set_decisions(conn, &decisions).await?;
    // After the incoming ones: an entry and what takes it back may stand in one file.
    for entry in outgoing {
        match paying::payout_in(entry) {
            Some(payout) => paying::paid_out(conn, by, entry, payout).await?,
            None => reversing::take_back(conn, by, entry).await?,
        }
    }
    // After the outgoing ones: a payout may go and come back within one file.
    for entry in returned {
        if let Some(payout) = paying::payout_back_in(entry) {
            paying::came_back(conn, by, entry, payout).await?;
        }
    }
    Ok(entries.len())
}

pub(super) fn clues_of(entry: &BankEntry) -> Clues {
    let written = Entry {
        text: entry.text.clone(),
        end_to_end_id: entry.end_to_end_id.clone(),
        ..Entry::new(String::new(), entry.booked_on, entry.amount)
    };
    Clues::of(&written)
}

/// What the clues of a batch lead to, by clue.
struct Found {
    invoices: Vec<OpenInvoice>,
    by_reference: HashMap<String, Vec<usize>>,
    by_number: HashMap<String, Vec<usize>>,
    by_amount: HashMap<i64, Vec<usize>>,
    by_group: HashMap<DebtorId, Vec<usize>>,
    /// Debtor and group for which an account has paid before.
    payers: HashMap<String, Vec<(DebtorId, DebtorId)>>,
    /// Payments that were declared and that no entry has proven, by amount.
    declared: HashMap<i64, Vec<clues::KnownPayment>>,
}

impl Found {
    async fn look_up(
        conn: &mut Conn<'_>,
        owner: crate::types::OrgId,
        incoming: &[&BankEntry],
        clues: &[Clues],
    ) -> Result<Self, BankError> {
        let accounts: BTreeSet<&str> = incoming.iter().filter_map(|entry| entry.counterparty_account.as_deref()).collect();
        let payers = clues::list_payers(conn, owner, accounts.into_iter().collect()).await?;
        let wanted = clues::WantedInvoices {
            references: clues.iter().flat_map(|clues| &clues.references).map(String::as_str).collect::<BTreeSet<_>>(),
            numbers: clues.iter().flat_map(|clues| &clues.numbers).map(String::as_str).collect::<BTreeSet<_>>(),
            groups: payers.values().flatten().map(|(_, group)| *group).collect(),
            amounts: incoming.iter().map(|entry| entry.amount.minor).collect(),
        };
        let invoices = clues::list_open_invoices(conn, owner, &wanted).await?;
        let declared = clues::list_unproven_payments(conn, owner, incoming).await?;
        let mut found = Self {
            by_reference: HashMap::new(),
            by_number: HashMap::new(),
            by_amount: HashMap::new(),
            by_group: HashMap::new(),
            payers,
            declared: HashMap::new(),
            invoices: Vec::new(),
        };
        for payment in declared {
            found.declared.entry(payment.amount.minor).or_default().push(payment);
        }
        for (at, invoice) in invoices.iter().enumerate() {
            found.by_reference.entry(invoice.reference.clone()).or_default().push(at);
            found.by_number.entry(number_key(&invoice.number)).or_default().push(at);
            found.by_amount.entry(invoice.open.minor).or_default().push(at);
            found.by_group.entry(invoice.group).or_default().push(at);
        }
        found.invoices = invoices;
        Ok(found)
    }

    fn decide(&self, entry: &BankEntry, clues: &Clues) -> Decision {
        let (status, proposals) = match self.declared_before(entry, clues) {
            Some(proposal) => (EntryStatus::Certain, vec![proposal]),
            None => match self.judge(entry, clues) {
                Verdict::Certain(proposal) => (EntryStatus::Certain, vec![proposal]),
                Verdict::Likely(proposals) => (EntryStatus::Likely, proposals),
                Verdict::Nothing => (EntryStatus::Suspense, Vec::new()),
            },
        };
        Decision { id: entry.id, status, proposals }
    }

    fn judge(&self, entry: &BankEntry, clues: &Clues) -> Verdict {
        let known_payers = entry.counterparty_account.as_deref().and_then(|account| self.payers.get(account));
        let known_payers = known_payers.map_or(&[][..], Vec::as_slice);
        let places: BTreeSet<usize> = [
            clues.references.iter().filter_map(|reference| self.by_reference.get(reference)).collect::<Vec<_>>(),
            clues.numbers.iter().filter_map(|number| self.by_number.get(number)).collect(),
            known_payers.iter().filter_map(|(_, group)| self.by_group.get(group)).collect(),
            self.by_amount.get(&entry.amount.minor).into_iter().collect(),
        ]
        .into_iter()
        .flatten()
        .flatten()
        .copied()
        .collect();
        let candidates: Vec<OpenInvoice> = places.into_iter().filter_map(|at| self.invoices.get(at)).cloned().collect();
        judge(&Incoming { amount: entry.amount, clues, payer: entry.counterparty.as_deref(), known_payers }, &candidates)
    }

    /// A payment of the same amount and time that was declared by hand, and that the entry names.
    fn declared_before(&self, entry: &BankEntry, clues: &Clues) -> Option<Proposal> {
        let names = |payment: &&clues::KnownPayment| {
            let key = number_key(&payment.bank_reference);
            let same_reference = entry.bank_reference.as_deref().is_some_and(|reference| number_key(reference) == key);
            clues.references.contains(&payment.case_reference)
                || (key.len() >= 4 && (clues.numbers.contains(&key) || same_reference))
        };
        let near = |payment: &&clues::KnownPayment| {
            payment.amount == entry.amount
                && payment.received_on.signed_duration_since(entry.booked_on).num_days().unsigned_abs() <= DAYS_APART
        };
        let payment = self.declared.get(&entry.amount.minor)?.iter().filter(near).find(names)?;
        let parts = vec![CasePart { case_id: payment.case, amount: entry.amount }];
        Some(Proposal { score: 100, reasons: vec![Reason::Declared], parts })
    }
}
