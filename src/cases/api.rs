//! Cases over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{
    About, Case, CasesError, Dispute, DisputeDecision, Event, Hold, HoldKind, NewEvidence, Objection, Outcome, Phase, Posting,
    Promise, Resolution, disputes, limitation::limitation_of, lock, place_hold, release_hold, running_holds, save,
};
use crate::{
    app::App,
    db::{By, Conn},
    http::{Caller, Command, IfMatch, Nothing, Page, PageQuery, Problem, Query, answer, resource},
    parties::{AnyMember, CreditorMember, Permission},
    receivables::{self, ChecklistItem, Debtor, Enforceability, ReceivablesError, claim::Claim, intake::Draft},
    types::{CaseId, Country, DebtorId, DisputeId, HoldId, ListingId, Money, OrgId, ReceivableId, clock::day_in},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(
        post_case, list_cases, show_case, start_case, close_case, show_claim, list_case_events, add_case_note, place_case_hold, release_case_hold,
        promise_payment, list_case_disputes, open_case_dispute, give_dispute_evidence, resolve_case_dispute
    ),
    components(schemas(CaseView, CaseRow, Claim, Event, Hold, Promise, Dispute)),
    tags((name = "cases", description = "The recovery of receivables of one debtor"))
)]
pub struct Docs;

/// Receivables to be pursued.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    /// Of one debtor and one currency, in no other case, at least one of them due.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub receivable_ids: Vec<ReceivableId>,
    /// Invoices that were not sent before, as in `POST /receivables`: taken in with the case, all of them or none.
    #[serde(default)]
    #[schema(value_type = Vec<Draft>, max_items = 500)]
    pub receivables: Vec<Value>,
    /// Ask for statutory interest and compensation too, or for the principal alone.
    #[serde(default = "yes")]
    pub with_interest: bool,
    /// Start reminding at once (`in_house`), or keep it a `draft`.
    #[serde(default = "yes")]
    pub start: bool,
}

const fn yes() -> bool {
    true
}

impl NewCase {
    /// What is to be posted, with the invoices that came along taken in.
    ///
    /// # Errors
    /// One of them cannot be taken.
    pub async fn posting(self, conn: &mut Conn<'_>, by: &By) -> Result<Posting, ReceivablesError> {
        let mut receivables = self.receivable_ids;
        receivables.extend(receivables::take_in_all(conn, by, &self.receivables).await?);
        Ok(Posting { receivables, with_interest: self.with_interest, start: self.start })
    }
}

/// A case in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseRow {
    pub id: CaseId,
    /// What the debtor writes on a transfer (ISO 11649).
    #[schema(example = "RF18539007547034")]
    pub reference: String,
    pub phase: Phase,
    pub outcome: Option<Outcome>,
    pub debtor_id: DebtorId,
    pub creditor_id: OrgId,
    pub agency_id: Option<OrgId>,
    pub listing_id: Option<ListingId>,
    pub principal: Money,
    /// What has come in, on principal, interest and compensation together.
    pub recovered: Money,
    pub oldest_due_on: NaiveDate,
    pub posted_at: DateTime<Utc>,
    pub phase_since: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    /// When the engine looks at it again.
    pub next_action_at: Option<DateTime<Utc>>,
    /// Send it as `If-Match: "v…"` when you change the case.
    pub version: i32,
}

impl From<&Case> for CaseRow {
    fn from(case: &Case) -> Self {
        Self {
            id: case.id,
            reference: case.reference.clone(),
            phase: case.phase,
            outcome: case.outcome,
            debtor_id: case.debtor,
            creditor_id: case.creditor,
            agency_id: case.agency,
            listing_id: case.listing,
            principal: case.principal(),
            recovered: case.recovered(),
            oldest_due_on: case.oldest_due_on,
            posted_at: case.posted_at,
            phase_since: case.phase_since,
            closed_at: case.closed_at,
            next_action_at: case.next_action_at,
            version: case.version,
        }
    }
}

/// Who owes, for those who may know.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebtorOfCase {
    pub id: DebtorId,
    pub legal_name: String,
    pub country: Country,
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// A case on one page.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseView {
    #[serde(flatten)]
    pub case: CaseRow,
    pub debtor: DebtorOfCase,
    /// Holds in force: nobody contacts the debtor meanwhile.
    pub holds: Vec<Hold>,
    pub with_interest: bool,
    /// Until when the case can be enforced: of its open receivables, the one that runs out first.
    pub limitation: Option<Enforceability>,
    /// What a draft lacks of what a claim of its kind stands on: bring it before the case is started or listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<ChecklistItem>,
    /// The debtor's own page.
    pub debtor_page: String,
}

async fn view(app: &App, conn: &mut Conn<'_>, by: &By, case: &Case) -> Result<CaseView, CasesError> {
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let missing = match case.phase {
        Phase::Draft => missing(conn, by, case, &debtor).await?,
        Phase::InHouse | Phase::Listed | Phase::Awarded | Phase::Active | Phase::Closed => Vec::new(),
    };
    Ok(CaseView {
        case: CaseRow::from(case),
        missing,
        debtor: DebtorOfCase {
            id: debtor.id,
            legal_name: debtor.legal_name,
            country: debtor.country,
            email: debtor.email,
            phone: debtor.phone,
        },
        holds: running_holds(conn, case.id, by.at).await?,
        limitation: limitation_of(conn, by, case, day_in(chrono_tz::UTC, by.at)).await?,
        with_interest: case.with_interest,
        debtor_page: format!("{}/d/{}", app.settings.public_url, app.keys.debtor_token(case.id)),
    })
}

async fn missing(conn: &mut Conn<'_>, by: &By, case: &Case, debtor: &Debtor) -> Result<Vec<ChecklistItem>, CasesError> {
    let invoices = receivables::of_case(conn, by, case.id).await?;
    let checklist = receivables::checklist_of(conn, by, debtor, &invoices).await?;
    Ok(checklist.into_iter().filter(|item| !item.present).collect())
}

/// Makes a case of receivables that are there, or come along.
#[utoipa::path(post, path = "/cases", tag = "cases", request_body = NewCase,
    responses((status = 201, body = CaseRow), (status = 422, description = "they make no case, or an invoice cannot be taken: nothing was stored")))]
pub async fn post_case(app: Data<App>, creditor: CreditorMember, command: Command<NewCase>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let Command { input, envelope } = command;
    answer(&app, &*creditor, &envelope, StatusCode::CREATED, async move |conn, by| {
        let posting = input.posting(conn, by).await?;
        let case = super::post(conn, by, &posting).await?;
        Ok::<_, CasesError>(CaseRow::from(&case))
    })
    .await
}

/// `?phase=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CaseFilter {
    pub phase: Option<Phase>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// A creditor's cases, or those an agency holds; newest first.
#[utoipa::path(get, path = "/cases", tag = "cases", params(CaseFilter), responses((status = 200, body = Page<CaseRow>)))]
pub async fn list_cases(app: Data<App>, member: AnyMember, filter: Query<CaseFilter>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let CaseFilter { phase, limit, cursor } = filter.0;
    let cursor = PageQuery { limit, cursor }.cursor()?;
    let by = member.by(app.clock.now());
    let cases = app.db.transaction(by.scope, async |conn| super::list(conn, &by, phase, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(cases, |case| case.id.0).map(|case| CaseRow::from(&case)))
}

/// One case.
#[utoipa::path(get, path = "/cases/{case_id}", tag = "cases", params(("case_id" = CaseId, Path)), responses((status = 200, body = CaseView)))]
pub async fn show_case(app: Data<App>, member: AnyMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let shown = app.db.transaction(by.scope, async |conn| {
        let case = super::find(conn, &by, *id).await?;
        view(&app, conn, &by, &case).await
    });
    resource(StatusCode::OK, &shown.await?)
}

/// Starts the creditor's own strategy on a draft.
#[utoipa::path(post, path = "/cases/{case_id}/start", tag = "cases", params(("case_id" = CaseId, Path)), responses((status = 200, body = CaseRow)))]
pub async fn start_case(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<CaseId>,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    answer(&app, &*creditor, &command.envelope, StatusCode::OK, async |conn, by| {
        super::start(conn, by, *id).await.map(|case| CaseRow::from(&case))
    })
    .await
}

/// How a case ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Closure {
    pub outcome: Outcome,
    pub reason: String,
}

/// The creditor ends a case.
#[utoipa::path(post, path = "/cases/{case_id}/closure", tag = "cases", params(("case_id" = CaseId, Path)), request_body = Closure, responses((status = 200, body = CaseRow)))]
pub async fn close_case(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<CaseId>,
    command: Command<Closure>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let Closure { outcome, reason } = &command.input;
    answer(&app, &*creditor, &command.envelope, StatusCode::OK, async |conn, by| {
        super::close(conn, by, *id, *outcome, reason).await.map(|case| CaseRow::from(&case))
    })
    .await
}

/// `?on=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OnDay {
    /// The day; today unless said.
    pub on: Option<NaiveDate>,
}

/// What is owed on a day, line by line, each with its legal ground.
#[utoipa::path(get, path = "/cases/{case_id}/claim", tag = "cases", params(("case_id" = CaseId, Path), OnDay), responses((status = 200, body = Claim)))]
pub async fn show_claim(app: Data<App>, member: AnyMember, id: Path<CaseId>, day: Query<OnDay>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let on = day.0.on.unwrap_or_else(|| day_in(chrono_tz::UTC, by.at));
    let claim = app.db.transaction(by.scope, async |conn| {
        let case = super::find(conn, &by, *id).await?;
        super::claim_of(conn, &by, &case, on).await
    });
    resource(StatusCode::OK, &claim.await?)
}

/// `?after=&limit=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Lines after this number; 0 for all.
    #[serde(default)]
    pub after: i32,
}

const EVENTS_AT_A_TIME: i64 = 500;

/// The timeline, oldest first: at most 500 lines; ask again with `after`.
#[utoipa::path(get, path = "/cases/{case_id}/events", tag = "cases", params(("case_id" = CaseId, Path), EventsQuery), responses((status = 200, body = Page<Event>)))]
pub async fn list_case_events(
    app: Data<App>,
    member: AnyMember,
    id: Path<CaseId>,
    query: Query<EventsQuery>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let events = app.db.transaction(by.scope, async |conn| {
        super::find(conn, &by, *id).await?;
        super::list_events(conn, &by, *id, query.0.after, EVENTS_AT_A_TIME).await
    });
    resource(StatusCode::OK, &Page { data: events.await?, next_cursor: None })
}

/// A note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    pub text: String,
}

/// Writes a note into the timeline, which both sides of the engagement read; the other side is told. A later agency will not see it.
/// For what your organisation alone is to read there is `/cases/{case_id}/private-notes`.
#[utoipa::path(post, path = "/cases/{case_id}/notes", tag = "cases", params(("case_id" = CaseId, Path)), request_body = Note, responses((status = 201, body = CaseRow)))]
pub async fn add_case_note(
    app: Data<App>,
    member: AnyMember,
    id: Path<CaseId>,
    command: Command<Note>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    let text = &command.input.text;
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        super::add_note(conn, by, *id, text).await.map(|case| CaseRow::from(&case))
    })
    .await
}

/// A stop that the creditor or agency asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHold {
    /// `hardship`, `insolvency` or `creditor_request`: the other kinds come by themselves.
    pub kind: HoldKind,
    pub reason: String,
    /// Until then; until released when left out.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Stops contact with the debtor. Everything pending is held back.
#[utoipa::path(post, path = "/cases/{case_id}/holds", tag = "cases", params(("case_id" = CaseId, Path)), request_body = NewHold, responses((status = 201, body = CaseView)))]
pub async fn place_case_hold(
    app: Data<App>,
    member: AnyMember,
    id: Path<CaseId>,
    command: Command<NewHold>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    let NewHold { kind, reason, ends_at } = &command.input;
    if !matches!(kind, HoldKind::Hardship | HoldKind::Insolvency | HoldKind::Represented | HoldKind::CreditorRequest) {
        return Err(Problem::invalid(
            "/kind",
            format!("a hold for {kind} comes by itself; place hardship, insolvency or creditor_request"),
        ));
    }
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        super::check_text(reason)?;
        let mut case = lock(conn, by, *id).await?;
        case.must_be_open("held")?;
        place_hold(conn, by, &mut case, *kind, reason, *ends_at).await?;
        save(conn, by, &mut case).await?;
        view(&app, conn, by, &case).await
    })
    .await
}

/// Ends a hold now.
#[utoipa::path(delete, path = "/cases/{case_id}/holds/{hold_id}", tag = "cases", params(("case_id" = CaseId, Path), ("hold_id" = HoldId, Path), ("If-Match" = String, Header)), responses((status = 200, body = CaseView)))]
pub async fn release_case_hold(
    app: Data<App>,
    member: AnyMember,
    path: Path<(CaseId, HoldId)>,
    version: IfMatch,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    let (case_id, hold_id) = *path;
    let by = member.by(app.clock.now());
    let shown = app.db.transaction(by.scope, async |conn| {
        let mut case = lock(conn, &by, case_id).await?;
        version.check(case.version)?;
        if !release_hold(conn, &by, &mut case, hold_id).await? {
            return Err(Problem::from(CasesError::NoSuch("running hold")));
        }
        save(conn, &by, &mut case).await?;
        Ok(view(&app, conn, &by, &case).await?)
    });
    let shown = shown.await?;
    app.jobs_waiting.notify_one();
    resource(StatusCode::OK, &shown)
}

/// What the debtor told a person on the phone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPromise {
    /// All that is owed unless said.
    pub amount: Option<Money>,
    pub promised_on: NaiveDate,
}

/// Writes down a promise; contact stops until its day has passed.
#[utoipa::path(post, path = "/cases/{case_id}/promises", tag = "cases", params(("case_id" = CaseId, Path)), request_body = NewPromise, responses((status = 201, body = Promise)))]
pub async fn promise_payment(
    app: Data<App>,
    member: AnyMember,
    id: Path<CaseId>,
    command: Command<NewPromise>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    let NewPromise { amount, promised_on } = command.input;
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        super::make_promise(conn, by, *id, amount, promised_on).await.map(|(_, promise)| promise)
    })
    .await
}

/// What the debtor objects.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDispute {
    pub reason: super::DisputeReason,
    pub statement: String,
    /// What it is about: invoices of the case; all of them where none is named.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub receivable_ids: Vec<ReceivableId>,
    /// How much of their principal; all that is open unless said.
    pub amount: Option<Money>,
}

/// Writes down an objection, to the whole claim or to a part of it. To the whole: contact stops until it is resolved. To a
/// part: it is not asked for, nor is interest on it, and the rest goes on. Each side has fourteen days to answer.
#[utoipa::path(post, path = "/cases/{case_id}/disputes", tag = "cases", params(("case_id" = CaseId, Path)), request_body = NewDispute, responses((status = 201, body = Page<Dispute>)))]
pub async fn open_case_dispute(
    app: Data<App>,
    member: AnyMember,
    id: Path<CaseId>,
    command: Command<NewDispute>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    let NewDispute { reason, statement, receivable_ids, amount } = &command.input;
    let about = About { receivables: receivable_ids, amount: *amount };
    let objection = Objection { reason: *reason, statement, about };
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        super::open_dispute(conn, by, *id, &objection).await?;
        Ok::<_, CasesError>(Page { data: disputes::list_disputes(conn, by, *id).await?, next_cursor: None })
    })
    .await
}

/// Gives what shows who is right, as the dispute's checklist names it. Once the debtor has given all that is asked of it, the
/// creditor's term runs.
#[utoipa::path(post, path = "/disputes/{dispute_id}/evidence", tag = "cases", params(("dispute_id" = DisputeId, Path)), request_body = NewEvidence, responses((status = 201, body = Dispute)))]
pub async fn give_dispute_evidence(
    app: Data<App>,
    member: AnyMember,
    id: Path<DisputeId>,
    command: Command<NewEvidence>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        super::give_evidence(conn, by, *id, &command.input).await
    })
    .await
}

/// Objections of a case.
#[utoipa::path(get, path = "/cases/{case_id}/disputes", tag = "cases", params(("case_id" = CaseId, Path)), responses((status = 200, body = Page<Dispute>)))]
pub async fn list_case_disputes(app: Data<App>, member: AnyMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| {
        super::find(conn, &by, *id).await?;
        disputes::list_disputes(conn, &by, *id).await
    });
    resource(StatusCode::OK, &Page { data: found.await?, next_cursor: None })
}

/// The creditor's answer to an objection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisputeAnswer {
    pub decision: DisputeDecision,
    /// With `settle`: what is taken off the principal.
    pub reduction: Option<Money>,
    /// For the debtor to read.
    pub note: String,
}

/// Resolves an objection; contact resumes, or the case closes when the debtor is right.
#[utoipa::path(post, path = "/disputes/{dispute_id}/resolution", tag = "cases", params(("dispute_id" = DisputeId, Path)), request_body = DisputeAnswer, responses((status = 200, body = CaseRow)))]
pub async fn resolve_case_dispute(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<DisputeId>,
    command: Command<DisputeAnswer>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let DisputeAnswer { decision, reduction, note } = &command.input;
    let resolution = Resolution { decision: *decision, reduction: *reduction, note };
    answer(&app, &*creditor, &command.envelope, StatusCode::OK, async |conn, by| {
        super::resolve_dispute(conn, by, *id, &resolution).await.map(|case| CaseRow::from(&case))
    })
    .await
}
