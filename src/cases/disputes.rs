//! Disputes: somebody objects with a reason to the whole claim or to a part, what is disputed is not asked for, the sides show
//! who is right, and what is right is taken off. The undisputed rest goes on.
//!
//! What may never happen here: a disputed cent that is asked for; an objection that nobody has to answer by a day.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Case, CasesError, Command, EventKind, HoldKind, Outcome, check_text, claim_of,
    dispute_terms::{About, DisputeSide, Extent, Proof, awaited, checklist, extent, last_day},
    judged_at, lock, place_hold, reckonable, release_hold, running_holds, save,
    store::disputes as store,
};
use crate::{
    db::{By, Conn},
    http::FormFile,
    jobs,
    receivables::{self, PartOf},
    types::{Calendar, CaseId, DisputeId, DocumentId, HoldId, Money, ReceivableId, clock::day_in, term::Term, text_enum},
};

text_enum! {
    /// Why the debtor objects.
    pub enum DisputeReason {
        NotOrdered => "not_ordered",
        NotDelivered => "not_delivered",
        Defective => "defective",
        WrongAmount => "wrong_amount",
        AlreadyPaid => "already_paid",
        WrongDebtor => "wrong_debtor",
        Other => "other",
    }
}

text_enum! {
    /// Where a dispute stands.
    pub enum DisputeStatus {
        Open => "open",
        Upheld => "upheld",
        Rejected => "rejected",
        Settled => "settled",
    }
}

text_enum! {
    /// How the creditor answers.
    pub enum DisputeDecision {
        /// The debtor is right: nothing is owed.
        Uphold => "uphold",
        /// The claim stands.
        Reject => "reject",
        /// Part of it is taken off.
        Settle => "settle",
    }
}

/// An objection and its answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Dispute {
    pub id: DisputeId,
    pub case_id: CaseId,
    #[serde(skip)]
    pub(in crate::cases) hold_id: Option<HoldId>,
    pub reason: DisputeReason,
    pub statement: String,
    /// What of the principal it is about: not asked for while it is open. Empty: the whole claim, and contact rests.
    pub parts: Vec<DisputedPart>,
    pub status: DisputeStatus,
    /// Whose word is missing while it is open.
    pub awaited: DisputeSide,
    /// When silence decides: for the debtor where the creditor is awaited, for the creditor where the debtor is.
    pub answer_by: Option<DateTime<Utc>>,
    /// What shows who is right.
    pub evidence: Vec<EvidenceAsked>,
    pub reduction_minor: i64,
    pub resolution: Option<String>,
    /// Nobody decided: the side that was awaited let its term pass.
    pub by_default: bool,
    pub opened_at: DateTime<Utc>,
    pub resolved_at: Option<DateTime<Utc>>,
}

/// A part of an invoice that is disputed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DisputedPart {
    pub receivable_id: ReceivableId,
    pub number: String,
    /// Of the principal.
    pub amount: Money,
}

/// A line of the checklist of a reason.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EvidenceAsked {
    pub item: Proof,
    /// Who is to show it.
    pub from: DisputeSide,
    pub given: Vec<EvidenceGiven>,
}

/// What somebody gave for it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EvidenceGiven {
    pub statement: String,
    pub document_id: Option<DocumentId>,
    pub given_at: DateTime<Utc>,
}

impl Dispute {
    fn parts_of(&self) -> Vec<PartOf> {
        self.parts.iter().map(|part| (part.receivable_id, part.amount)).collect()
    }

    /// What of the principal it is about; none: all of it.
    #[must_use]
    pub fn amount(&self) -> Option<Money> {
        let currency = self.parts.first()?.amount.currency;
        Some(Money::new(self.parts.iter().map(|part| part.amount.minor).sum(), currency))
    }

    pub(in crate::cases) fn is_of_an_open_part(&self) -> bool {
        self.status == DisputeStatus::Open && !self.parts.is_empty()
    }

    /// What the debtor has not shown yet.
    pub fn asked_of_debtor(&self) -> impl Iterator<Item = Proof> {
        let is_missing = |asked: &&EvidenceAsked| asked.from == DisputeSide::Debtor && asked.given.is_empty();
        self.evidence.iter().filter(is_missing).map(|asked| asked.item)
    }
}

/// An objection as it is raised.
#[derive(Debug, Clone, Copy)]
pub struct Objection<'a> {
    pub reason: DisputeReason,
    pub statement: &'a str,
    pub about: About<'a>,
}

/// The creditor's answer.
#[derive(Debug)]
pub struct Resolution<'a> {
    pub decision: DisputeDecision,
    /// What is taken off the principal; with `settle` only.
    pub reduction: Option<Money>,
    /// For the debtor to read.
    pub note: &'a str,
}

/// Something that shows who is right.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvidence {
    /// One of the dispute's checklist.
    pub item: Proof,
    #[schema(example = "transferred on 3 November, reference 4711")]
    pub statement: String,
    pub document_id: Option<DocumentId>,
}

/// Opens a dispute. Of the whole claim: everything pending stops until it is resolved. Of a part: what was prepared is worded
/// anew without it, and the rest goes on.
///
/// # Errors
/// The case is closed, the statement is empty or endless, or it is about something that is not owed or disputed already.
pub async fn open_dispute(
    conn: &mut Conn<'_>,
    by: &By,
    case_id: CaseId,
    objection: &Objection<'_>,
) -> Result<(Case, DisputeId), CasesError> {
    check_text(objection.statement)?;
    let mut case = lock(conn, by, case_id).await?;
    case.must_be_open("disputed")?;
    let invoices = receivables::of_case(conn, by, case.id).await?;
    let undisputed: Vec<PartOf> = invoices.iter().map(|invoice| (invoice.id, invoice.undisputed())).collect();
    let parts = match extent(&undisputed, &objection.about)? {
        Extent::Whole => Vec::new(),
        Extent::Parts(parts) => parts,
    };
    let Objection { reason, statement, .. } = *objection;
    let hold = if parts.is_empty() {
        Some(place_hold(conn, by, &mut case, HoldKind::Dispute, reason.as_str(), None).await?)
    } else {
        case.stop_contact(case.next_action_at);
        None
    };
    let id = DisputeId::fresh();
    let (awaited, answer_by) = (awaited(reason, &[]), term(conn, by, &case).await?);
    let dispute = store::Insert {
        id,
        case: case.id,
        creditor: case.creditor,
        hold,
        reason,
        statement,
        awaited,
        answer_by,
        opened_at: by.at,
    };
    store::insert(conn, &dispute).await?;
    store::insert_parts(conn, &case, id, &parts).await?;
    receivables::set_aside(conn, by, &parts).await?;
    let amount_minor = (!parts.is_empty()).then(|| parts.iter().map(|(_, part)| part.minor).sum::<i64>());
    let told =
        json!({ "dispute_id": id, "reason": reason, "amount_minor": amount_minor, "awaited": awaited, "answer_by": answer_by });
    case.record(by, EventKind::DisputeOpened, told);
    watch(conn, by, (case.id, id), answer_by).await?;
    save(conn, by, &mut case).await?;
    Ok((case, id))
}

/// The end of a term that begins now.
async fn term(conn: &mut Conn<'_>, by: &By, case: &Case) -> Result<DateTime<Utc>, CasesError> {
    let country = receivables::find_debtor(conn, by, case.debtor).await?.country;
    Ok(judged_at(country, last_day(day_in(Calendar::of(country).zone(), by.at))))
}

/// Lets silence decide at the end of a term, and whoever has the word be reminded before.
async fn watch(
    conn: &mut Conn<'_>,
    by: &By,
    (case_id, dispute_id): (CaseId, DisputeId),
    answer_by: DateTime<Utc>,
) -> Result<(), CasesError> {
    jobs::enqueue_reminder(conn, Term::Dispute { dispute_id }, by.at, answer_by).await?;
    Ok(jobs::enqueue(conn, "cases.check_dispute", &CheckDispute { case_id, dispute_id, answer_by }, answer_by).await?)
}

/// Locks the case of an open dispute.
async fn lock_open(conn: &mut Conn<'_>, by: &By, id: DisputeId) -> Result<(Case, Dispute), CasesError> {
    let missing = || CasesError::NoSuch("dispute");
    let case = store::case_of(conn, id).await?.ok_or_else(missing)?;
    let case = lock(conn, by, case).await?;
    let dispute = find_dispute(conn, by, case.id, id).await?.ok_or_else(missing)?;
    if dispute.status == DisputeStatus::Open {
        Ok((case, dispute))
    } else {
        Err(CasesError::AlreadyDone(dispute.status.as_str()))
    }
}

async fn find_dispute(conn: &mut Conn<'_>, by: &By, case: CaseId, id: DisputeId) -> Result<Option<Dispute>, CasesError> {
    Ok(list_disputes(conn, by, case).await?.into_iter().find(|dispute| dispute.id == id))
}

/// Somebody gives what shows who is right. Once the debtor has given all that its reason asks for, the creditor's term runs.
///
/// # Errors
/// No such dispute, resolved before, nothing of its checklist, an empty or endless text, or a document that is not visible.
pub async fn give_evidence(conn: &mut Conn<'_>, by: &By, id: DisputeId, new: &NewEvidence) -> Result<Dispute, CasesError> {
    check_text(&new.statement)?;
    let (mut case, dispute) = lock_open(conn, by, id).await?;
    if !checklist(dispute.reason).iter().any(|(item, _)| *item == new.item) {
        return Err(CasesError::Setting("/item", "this objection does not turn on it: take one of its checklist"));
    }
    if let Some(document) = new.document_id {
        receivables::find_document(conn, by, document).await?;
    }
    store::insert_evidence(conn, &case, id, new, by.at).await?;
    let mut given: Vec<Proof> = dispute.evidence.iter().filter(|asked| !asked.given.is_empty()).map(|asked| asked.item).collect();
    given.push(new.item);
    let mut answer_by = dispute.answer_by;
    if dispute.awaited == DisputeSide::Debtor && awaited(dispute.reason, &given) == DisputeSide::Creditor {
        let until = term(conn, by, &case).await?;
        store::set_awaited(conn, id, DisputeSide::Creditor, until).await?;
        watch(conn, by, (case.id, id), until).await?;
        answer_by = Some(until);
    }
    let told = json!({ "dispute_id": id, "item": new.item, "statement": new.statement.trim(), "answer_by": answer_by });
    case.record(by, EventKind::DisputeEvidenceGiven, told);
    save(conn, by, &mut case).await?;
    find_dispute(conn, by, case.id, id).await?.ok_or(CasesError::NoSuch("dispute"))
}

/// What a debtor gives by its page.
#[derive(Debug)]
pub struct Given<'a> {
    pub item: Proof,
    /// May be empty beside a file.
    pub statement: &'a str,
    pub file: Option<&'a FormFile>,
}

/// The debtor gives what shows that it is right, perhaps with a file: kept as documents are.
///
/// # Errors
/// As [`give_evidence`]; a file of a kind that is not taken.
pub async fn give_proof(conn: &mut Conn<'_>, by: &By, id: DisputeId, given: &Given<'_>) -> Result<Dispute, CasesError> {
    let (case, _) = lock_open(conn, by, id).await?;
    let document_id = match given.file {
        Some(file) => Some(receivables::add_proof(conn, by, (case.creditor, case.id), &file.name, &file.content).await?),
        None => None,
    };
    let statement = match (given.statement, given.file) {
        ("", Some(file)) => file.name.clone(),
        (statement, _) => statement.to_owned(),
    };
    give_evidence(conn, by, id, &NewEvidence { item: given.item, statement, document_id }).await
}

/// The creditor resolves a dispute; contact resumes, or the case closes where nothing is left to ask for.
///
/// # Errors
/// No such dispute, resolved before, or a reduction that what is disputed does not bear.
pub async fn resolve_dispute(
    conn: &mut Conn<'_>,
    by: &By,
    id: DisputeId,
    resolution: &Resolution<'_>,
) -> Result<Case, CasesError> {
    check_text(resolution.note)?;
    let (mut case, dispute) = lock_open(conn, by, id).await?;
    let (status, reduction) = match resolution.decision {
        DisputeDecision::Uphold => (DisputeStatus::Upheld, None),
        DisputeDecision::Reject => (DisputeStatus::Rejected, None),
        DisputeDecision::Settle => (DisputeStatus::Settled, Some(reduction(&case, &dispute, resolution.reduction)?)),
    };
    conclude(conn, by, &mut case, &dispute, &Conclusion { status, reduction, said: resolution.note, by_default: false }).await?;
    Ok(case)
}

/// What is taken off: less than what is disputed, which is upheld otherwise.
fn reduction(case: &Case, dispute: &Dispute, wanted: Option<Money>) -> Result<Money, CasesError> {
    let most = dispute.amount().unwrap_or(case.principal());
    let fits = |money: &Money| money.currency == most.currency && money.is_positive() && money.minor < most.minor;
    wanted.filter(fits).ok_or(CasesError::Reduction(most))
}

/// How a dispute ends.
struct Conclusion<'a> {
    status: DisputeStatus,
    reduction: Option<Money>,
    said: &'a str,
    by_default: bool,
}

async fn conclude(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    dispute: &Dispute,
    conclusion: &Conclusion<'_>,
) -> Result<(), CasesError> {
    let Conclusion { status, reduction, said, by_default } = *conclusion;
    let parts = dispute.parts_of();
    receivables::take_up_again(conn, by, &parts).await?;
    let reduction_minor = take_off(conn, by, case, (&parts, status), reduction).await?;
    let answer = store::Resolve { status, reduction_minor, resolution: said, by_default, resolved_at: by.at, id: dispute.id };
    store::set_resolution(conn, &answer).await?;
    let amount_minor = dispute.amount().map(|amount| amount.minor);
    let told = json!({ "dispute_id": dispute.id, "status": status, "reduction_minor": reduction_minor, "amount_minor": amount_minor,
                       "by_default": by_default });
    case.record(by, EventKind::DisputeResolved, told);
    // What was prepared names another amount.
    case.stop_contact(case.next_action_at);
    let open: Vec<Dispute> = list_disputes(conn, by, case.id).await?.into_iter().filter(Dispute::is_of_an_open_part).collect();
    // Where contact rested because nothing undisputed was left, something may be now: the engine finds out.
    for hold in dispute.hold_id.into_iter().chain(open.iter().filter_map(|other| other.hold_id)) {
        release_hold(conn, by, case, hold).await?;
    }
    if case.is_pursued() && running_holds(conn, case.id, by.at).await?.is_empty() {
        case.look_again(by.at);
    }
    if status == DisputeStatus::Upheld && case.must_be_open("closed").is_ok() {
        close_where_nothing_is_left(conn, by, case, (parts.is_empty(), by_default)).await?;
    }
    save(conn, by, case).await
}

/// Takes what the debtor is right about off the principal. Returns how much that is.
async fn take_off(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    (parts, status): (&[PartOf], DisputeStatus),
    reduction: Option<Money>,
) -> Result<i64, CasesError> {
    let taken = match (status, reduction) {
        (DisputeStatus::Upheld, _) if !parts.is_empty() => receivables::waive_parts(conn, by, case.id, parts).await?,
        (DisputeStatus::Settled, Some(reduction)) if parts.is_empty() => {
            receivables::reduce_principal(conn, by, case.id, reduction).await?;
            reduction.minor
        }
        (DisputeStatus::Settled, Some(reduction)) => {
            let weights: Vec<u64> = parts.iter().map(|(_, part)| u64::try_from(part.minor).unwrap_or(0)).collect();
            let taken: Vec<PartOf> = parts.iter().map(|(id, _)| *id).zip(reduction.split(&weights)).collect();
            receivables::waive_parts(conn, by, case.id, &taken).await?
        }
        // All of it, where the debtor is right about the whole: the case closes, and the invoices stay as they are.
        (DisputeStatus::Open | DisputeStatus::Upheld | DisputeStatus::Rejected | DisputeStatus::Settled, _) => 0,
    };
    case.principal_minor = case.principal_minor.saturating_sub(taken).max(1);
    Ok(taken)
}

/// Where the debtor was right about the whole, or about all that had not been paid.
async fn close_where_nothing_is_left(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    (whole, by_default): (bool, bool),
) -> Result<(), CasesError> {
    if !whole {
        let today = day_in(chrono_tz::UTC, by.at);
        let claim = claim_of(conn, by, case, reckonable(case, today)).await?;
        if claim.total.is_positive() || claim.disputed.is_positive() {
            return Ok(());
        }
    }
    let outcome = match (whole, by_default) {
        (true, false) => Outcome::Invalid,
        // The creditor did not answer: nobody said that the claim is invalid, but nobody pursues it here.
        (true, true) => Outcome::Disputed,
        (false, _) if case.recovered_minor > 0 => Outcome::Settled,
        (false, _) => Outcome::Invalid,
    };
    let reason = if by_default { "the objection was not answered in time" } else { "dispute upheld" };
    case.carry_out(by, Command::Close(outcome), EventKind::Closed, json!({ "outcome": outcome, "reason": reason }))?;
    Ok(())
}

/// The job that lets silence decide, where the term is still the one it was asked for.
#[derive(Debug, Serialize, Deserialize)]
pub struct CheckDispute {
    pub case_id: CaseId,
    pub dispute_id: DisputeId,
    pub answer_by: DateTime<Utc>,
}

/// Lets silence decide. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn check_dispute(conn: &mut Conn<'_>, by: &By, check: &CheckDispute) -> Result<(), CasesError> {
    let mut case = lock(conn, by, check.case_id).await?;
    let is_due = |dispute: &Dispute| {
        dispute.id == check.dispute_id && dispute.status == DisputeStatus::Open && dispute.answer_by == Some(check.answer_by)
    };
    let Some(dispute) = list_disputes(conn, by, case.id).await?.into_iter().find(is_due) else { return Ok(()) };
    let (status, said) = match dispute.awaited {
        DisputeSide::Debtor => (DisputeStatus::Rejected, "what shows it did not come in time"),
        DisputeSide::Creditor => (DisputeStatus::Upheld, "the creditor did not answer in time"),
    };
    conclude(conn, by, &mut case, &dispute, &Conclusion { status, reduction: None, said, by_default: true }).await
}

/// Contact rests where a part is disputed and nothing else is asked for. `false`: something is, or no part is disputed. The
/// caller saves the case.
///
/// # Errors
/// The database fails.
pub async fn rest_on_disputes(conn: &mut Conn<'_>, by: &By, case: &mut Case) -> Result<bool, CasesError> {
    let disputes = list_disputes(conn, by, case.id).await?;
    let Some(dispute) = disputes.iter().find(|dispute| dispute.is_of_an_open_part()) else { return Ok(false) };
    let today = day_in(chrono_tz::UTC, by.at);
    if claim_of(conn, by, case, reckonable(case, today)).await?.total.is_positive() {
        return Ok(false);
    }
    let hold = place_hold(conn, by, case, HoldKind::Dispute, dispute.reason.as_str(), None).await?;
    store::set_hold(conn, dispute.id, hold).await?;
    Ok(true)
}

/// Whether a part of what the case is about is disputed.
///
/// # Errors
/// The database fails.
pub async fn is_disputed_in_part(conn: &mut Conn<'_>, case: CaseId) -> Result<bool, CasesError> {
    Ok(store::has_open_part(conn, case).await?)
}

/// Disputes of a case, oldest first.
///
/// # Errors
/// The database fails.
pub async fn list_disputes(conn: &mut Conn<'_>, _by: &By, case: CaseId) -> Result<Vec<Dispute>, CasesError> {
    Ok(store::list_of_case(conn, case).await?)
}
