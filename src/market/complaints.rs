//! Complaints about an agency: filed by the creditor or the debtor, answered by the agency, decided by the operator.
//!
//! What may never happen here: a decision without a reason; one before the agency could answer; evidence that its writer may
//! not read itself. A complaint writes no line into the case's timeline: the next agency would read what the last one did.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Engagement, MarketError,
    error::check_text,
    listing::timeline,
    scores,
    store::{complaints as store, engagements},
    telling::tell,
};
use crate::{
    db::{By, Conn},
    http::Cursor,
    jobs, parties, receivables,
    types::{Calendar, CaseId, ComplaintId, Country, DocumentId, EngagementId, OrgId, clock::day_in, text_enum},
};

text_enum! {
    /// What an agency is said to have done.
    pub enum ComplaintGround {
        /// Rude, threatening or shaming.
        Treatment => "treatment",
        /// Contact that the law or the relationship profile forbids.
        UnlawfulContact => "unlawful_contact",
        /// Said what is not so: amounts, consequences, who it is.
        WrongInformation => "wrong_information",
        /// Personal data shown or kept that should not be.
        DataProtection => "data_protection",
        /// Money that came in was not passed on in time.
        MoneyWithheld => "money_withheld",
        PromisesBroken => "promises_broken",
        Other => "other",
    }
}

text_enum! {
    /// Where a complaint stands.
    pub enum ComplaintStatus {
        /// The agency is to answer.
        ToAnswer => "to_answer",
        /// It has answered, or its time to do so is over: the operator is to decide.
        ToDecide => "to_decide",
        Upheld => "upheld",
        Dismissed => "dismissed",
        Withdrawn => "withdrawn",
    }
}

text_enum! {
    /// Who complains.
    pub enum Complainant {
        Creditor => "creditor",
        Debtor => "debtor",
    }
}

text_enum! {
    /// How much an upheld complaint weighs in the score.
    pub enum Severity {
        Minor => "minor",
        Serious => "serious",
        Grave => "grave",
    }
}

/// What a statement stands on: lines of the case's timeline by their number, and documents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Evidence {
    #[schema(max_items = 50)]
    pub events: Vec<i32>,
    #[schema(max_items = 50)]
    pub documents: Vec<DocumentId>,
}

/// A complaint.
#[derive(Debug, Clone)]
pub struct Complaint {
    pub id: ComplaintId,
    pub engagement: EngagementId,
    pub case: CaseId,
    pub creditor: OrgId,
    pub agency: OrgId,
    pub complainant: Complainant,
    pub ground: ComplaintGround,
    pub statement: String,
    pub evidence: Evidence,
    pub status: ComplaintStatus,
    pub answer: Option<String>,
    pub answer_evidence: Option<Evidence>,
    pub severity: Option<Severity>,
    pub decision_note: Option<String>,
    pub filed_at: DateTime<Utc>,
    pub answer_by: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
    pub decide_by: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
}

impl Complaint {
    fn must_be(&self, wanted: &[ComplaintStatus]) -> Result<(), MarketError> {
        if wanted.contains(&self.status) { Ok(()) } else { Err(MarketError::ComplaintOver(self.status)) }
    }
}

/// What somebody complains of.
#[derive(Debug)]
pub struct NewComplaint<'a> {
    /// The case's last one unless said.
    pub engagement: Option<EngagementId>,
    pub ground: ComplaintGround,
    pub statement: &'a str,
    pub evidence: Evidence,
}

/// Working days within which the agency answers, and then the operator decides.
const ANSWER_WITHIN_DAYS: u32 = 10;
const DECIDE_WITHIN_DAYS: u32 = 20;
/// At the end of the day in the agency's country.
const DUE_AT_HOUR: u32 = 18;
/// An engagement that ended before may no longer be complained of.
const COMPLAINED_OF_FOR: TimeDelta = TimeDelta::days(365);
const EVIDENCE_MAX: usize = 50;

/// Files a complaint about an engagement on a case.
///
/// # Errors
/// No engagement on it that `by` may see, or one that ended a year ago; nothing said; evidence that the writer cannot read;
/// the same complaint is open.
pub async fn file_complaint(
    conn: &mut Conn<'_>,
    by: &By,
    (complainant, case): (Complainant, CaseId),
    new: NewComplaint<'_>,
) -> Result<Complaint, MarketError> {
    check_text("/statement", new.statement)?;
    let engagement = engagement_of(conn, case, new.engagement).await?;
    if engagement.ended_at.is_some_and(|ended_at| by.at - ended_at > COMPLAINED_OF_FOR) {
        return Err(MarketError::TooLongAgo);
    }
    check_evidence(conn, by, case, &new.evidence).await?;
    let country = agency_country(conn, by, engagement.agency).await?;
    let (answer_by, decide_by) = deadlines(country, by.at);
    let complaint = Complaint {
        id: ComplaintId::fresh(),
        engagement: engagement.id,
        case,
        creditor: engagement.creditor,
        agency: engagement.agency,
        complainant,
        ground: new.ground,
        statement: new.statement.trim().to_owned(),
        evidence: new.evidence,
        status: ComplaintStatus::ToAnswer,
        answer: None,
        answer_evidence: None,
        severity: None,
        decision_note: None,
        filed_at: by.at,
        answer_by,
        answered_at: None,
        decide_by,
        decided_at: None,
    };
    store::insert(conn, &complaint)
        .await
        .map_err(|error| if error.violates("complaints_one_open") { MarketError::ComplaintOpen } else { error.into() })?;
    jobs::enqueue(conn, "market.complaint_due", &json!({ "complaint_id": complaint.id }), answer_by).await?;
    tell_of(conn, by, complaint.agency, "complaint_filed", &complaint).await?;
    Ok(complaint)
}

/// Whether the same complaint is filed and not decided yet.
pub(super) async fn is_open(
    conn: &mut Conn<'_>,
    engagement: EngagementId,
    complainant: Complainant,
    ground: ComplaintGround,
) -> Result<bool, MarketError> {
    Ok(store::is_open(conn, engagement, complainant, ground).await?)
}

async fn engagement_of(conn: &mut Conn<'_>, case: CaseId, wanted: Option<EngagementId>) -> Result<Engagement, MarketError> {
    let mut found = engagements::list_of_case(conn, case).await?.into_iter();
    let chosen = match wanted {
        Some(id) => found.find(|engagement| engagement.id == id),
        None => found.next(),
    };
    chosen.ok_or(MarketError::NotFound("engagement"))
}

async fn agency_country(conn: &mut Conn<'_>, by: &By, agency: OrgId) -> Result<Country, MarketError> {
    Ok(parties::find_organisation(conn, by, agency).await?.country)
}

fn deadlines(country: Country, at: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let calendar = Calendar::of(country);
    let answer_on = calendar.add_working_days(day_in(calendar.zone(), at), ANSWER_WITHIN_DAYS);
    let decide_on = calendar.add_working_days(answer_on, DECIDE_WITHIN_DAYS);
    (calendar.instant(answer_on, DUE_AT_HOUR), calendar.instant(decide_on, DUE_AT_HOUR))
}

/// Everything cited is there, and its writer may read it.
async fn check_evidence(conn: &mut Conn<'_>, by: &By, case: CaseId, evidence: &Evidence) -> Result<(), MarketError> {
    if evidence.events.len() > EVIDENCE_MAX || evidence.documents.len() > EVIDENCE_MAX {
        return Err(MarketError::Invalid("/evidence", format!("at most {EVIDENCE_MAX} of each")));
    }
    if !evidence.events.is_empty() {
        let readable: Vec<i32> = timeline(conn, by, case).await?.iter().map(|event| event.seq).collect();
        if let Some(missing) = evidence.events.iter().find(|seq| !readable.contains(seq)) {
            return Err(MarketError::Invalid("/evidence/events", format!("you can read no line {missing} of this case")));
        }
    }
    for document in &evidence.documents {
        if receivables::find_document(conn, by, *document).await.is_err() {
            return Err(MarketError::Invalid("/evidence/documents", format!("you can read no document {document}")));
        }
    }
    Ok(())
}

/// A complaint that `by` may see.
///
/// # Errors
/// Not visible.
pub async fn find_complaint(conn: &mut Conn<'_>, _: &By, id: ComplaintId) -> Result<Complaint, MarketError> {
    store::find(conn, id).await?.ok_or(MarketError::NotFound("complaint"))
}

/// Complaints that `by` may see, newest first: a creditor those on its cases, an agency those about it, the operator all.
///
/// # Errors
/// The database fails.
pub async fn list_complaints(
    conn: &mut Conn<'_>,
    _: &By,
    status: Option<ComplaintStatus>,
    cursor: Cursor,
) -> Result<Vec<Complaint>, MarketError> {
    Ok(store::list(conn, status, cursor).await?)
}

async fn lock(conn: &mut Conn<'_>, id: ComplaintId) -> Result<Complaint, MarketError> {
    store::lock(conn, id).await?.ok_or(MarketError::NotFound("complaint"))
}

/// The agency answers, once and in time.
///
/// # Errors
/// Not about this agency; answered, decided or too late; nothing said; evidence that it cannot read.
pub async fn answer_complaint(
    conn: &mut Conn<'_>,
    by: &By,
    id: ComplaintId,
    text: &str,
    evidence: Evidence,
) -> Result<Complaint, MarketError> {
    check_text("/answer", text)?;
    let complaint = lock(conn, id).await?;
    complaint.must_be(&[ComplaintStatus::ToAnswer])?;
    if by.at >= complaint.answer_by {
        return Err(MarketError::AnswerOver(complaint.answer_by));
    }
    check_evidence(conn, by, complaint.case, &evidence).await?;
    let answered = Complaint {
        status: ComplaintStatus::ToDecide,
        answer: Some(text.trim().to_owned()),
        answer_evidence: Some(evidence),
        answered_at: Some(by.at),
        ..complaint
    };
    store::update(conn, &answered).await?;
    to_be_decided(conn, by, &answered).await?;
    Ok(answered)
}

/// Who complained takes it back.
///
/// # Errors
/// Not this creditor's own; decided already.
pub async fn withdraw_complaint(conn: &mut Conn<'_>, by: &By, id: ComplaintId) -> Result<Complaint, MarketError> {
    let complaint = lock(conn, id).await?;
    if complaint.complainant != Complainant::Creditor {
        return Err(MarketError::NotFound("complaint"));
    }
    complaint.must_be(&[ComplaintStatus::ToAnswer, ComplaintStatus::ToDecide])?;
    let withdrawn = Complaint { status: ComplaintStatus::Withdrawn, decided_at: Some(by.at), ..complaint };
    store::update(conn, &withdrawn).await?;
    tell_of(conn, by, withdrawn.agency, "complaint_withdrawn", &withdrawn).await?;
    Ok(withdrawn)
}

/// What the operator finds.
#[derive(Debug)]
pub struct Finding<'a> {
    /// None: the complaint is dismissed.
    pub severity: Option<Severity>,
    pub note: &'a str,
}

/// The operator decides, with a reason that both sides read.
///
/// # Errors
/// No such complaint; decided or withdrawn already; the agency may still answer; no reason.
pub async fn decide_complaint(
    conn: &mut Conn<'_>,
    by: &By,
    id: ComplaintId,
    finding: &Finding<'_>,
) -> Result<Complaint, MarketError> {
    check_text("/note", finding.note)?;
    let complaint = lock(conn, id).await?;
    complaint.must_be(&[ComplaintStatus::ToAnswer, ComplaintStatus::ToDecide])?;
    if complaint.status == ComplaintStatus::ToAnswer && by.at < complaint.answer_by {
        return Err(MarketError::AnswerAwaited(complaint.answer_by));
    }
    let status = if finding.severity.is_some() { ComplaintStatus::Upheld } else { ComplaintStatus::Dismissed };
    let (severity, decision_note) = (finding.severity, Some(finding.note.trim().to_owned()));
    let decided = Complaint { status, severity, decision_note, decided_at: Some(by.at), ..complaint };
    store::update(conn, &decided).await?;
    if status == ComplaintStatus::Upheld {
        scores::correct(conn, by, decided.engagement).await?;
    }
    for party in [decided.creditor, decided.agency] {
        tell_of(conn, by, party, "complaint_decided", &decided).await?;
    }
    Ok(decided)
}

/// A deadline of a complaint has come: unanswered it goes to the operator, undecided the operator is told again. In
/// `Scope::System`. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn complaint_due(conn: &mut Conn<'_>, by: &By, id: ComplaintId) -> Result<(), MarketError> {
    let complaint = lock(conn, id).await?;
    match complaint.status {
        ComplaintStatus::ToAnswer if by.at >= complaint.answer_by => {
            let unanswered = Complaint { status: ComplaintStatus::ToDecide, ..complaint };
            store::update(conn, &unanswered).await?;
            to_be_decided(conn, by, &unanswered).await
        }
        ComplaintStatus::ToDecide if by.at >= complaint.decide_by => {
            let operator = parties::operator(conn).await?.id;
            tell_of(conn, by, operator, "complaint_overdue", &complaint).await
        }
        ComplaintStatus::ToAnswer
        | ComplaintStatus::ToDecide
        | ComplaintStatus::Upheld
        | ComplaintStatus::Dismissed
        | ComplaintStatus::Withdrawn => Ok(()),
    }
}

async fn to_be_decided(conn: &mut Conn<'_>, by: &By, complaint: &Complaint) -> Result<(), MarketError> {
    let operator = parties::operator(conn).await?.id;
    tell_of(conn, by, operator, "complaint_to_decide", complaint).await?;
    Ok(jobs::enqueue(conn, "market.complaint_due", &json!({ "complaint_id": complaint.id }), complaint.decide_by).await?)
}

/// What a complaint says stays in it: a notice may be mailed.
async fn tell_of(conn: &mut Conn<'_>, by: &By, to: OrgId, kind: &'static str, about: &Complaint) -> Result<(), MarketError> {
    let data = json!({
        "complaint_id": about.id, "engagement_id": about.engagement, "ground": about.ground, "status": about.status,
        "severity": about.severity, "answer_by": about.answer_by, "decide_by": about.decide_by,
    });
    tell(conn, by, to, kind, &format!("{kind}:{}", about.id), data).await
}
