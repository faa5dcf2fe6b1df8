//! Work of people over HTTP: lists, loads, handlers, absences, tasks given by people, notes of one's own.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::{
    RecoveryError, Task,
    absences::{self, Absence, NewAbsence},
    private_notes::{self, NewPrivateNote, PrivateNote},
    tasks::{self, NewTask},
    work::{self, Handler, Load, Whose, WorkItem, WorkList, WorkMove, WorkMoved},
};
use crate::{
    app::App,
    http::{Caller, Code, Command, Json, Page, Problem, Query, answer, resource},
    parties::{AnyMember, Identity, OrgKind, Permission, find_organisation},
    types::{AbsenceId, Calendar, CaseId, clock::day_in},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(
        list_work,
        show_workload,
        move_work,
        show_case_handler,
        put_case_handler,
        list_absences,
        add_absence,
        remove_absence,
        give_task,
        list_private_notes,
        add_private_note
    ),
    components(schemas(WorkItem, WorkList, Load, WorkMoved, Handler, Absence, PrivateNote))
)]
pub struct Docs;

/// Whoever answers for the work of others: a creditor's credit managers, an agency's supervisors.
///
/// # Errors
/// 403 naming the permission that is missing.
pub fn may_lead(member: &Identity) -> Result<(), Problem> {
    member.may(if member.kind == OrgKind::Agency { Permission::Offer } else { Permission::PostCases })
}

/// `?list=&member=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WorkFilter {
    pub list: WorkList,
    /// `all`, `nobody`, or a person's id; your own unless said.
    pub member: Option<String>,
    /// 1 to 200; 100 unless said.
    pub limit: Option<i64>,
}

fn whose(member: &AnyMember, wanted: Option<&str>) -> Result<Whose, Problem> {
    match wanted {
        None => Ok(Whose::Of(member.person()?)),
        Some("all") => Ok(Whose::Everybodys),
        Some("nobody") => Ok(Whose::Nobodys),
        Some(id) => {
            id.parse().map(Whose::Of).map_err(|error| Problem::new(Code::MalformedRequest).detail(format!("member: {error}")))
        }
    }
}

/// Work on the cases that your organisation pursues, the most pressing first: `due` tasks, cases with a `promised` day or plan, cases
/// whose debtor `answered`, and cases `at_risk`. Work of whoever is away stands in their deputy's list.
#[utoipa::path(get, path = "/work", tag = "recovery", params(WorkFilter), responses((status = 200, body = Page<WorkItem>)))]
pub async fn list_work(app: Data<App>, member: AnyMember, filter: Query<WorkFilter>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let limit = filter.0.limit.unwrap_or(100);
    if !(1..=200).contains(&limit) {
        return Err(Problem::new(Code::MalformedRequest).detail("limit must be 1 to 200"));
    }
    let wanted = (filter.0.list, whose(&member, filter.0.member.as_deref())?);
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| {
        let calendar = Calendar::of(find_organisation(conn, &by, member.org).await?.country);
        let today = day_in(calendar.zone(), by.at);
        work::list(conn, &by, wanted, (today, calendar.instant(today, 23)), limit).await
    });
    resource(StatusCode::OK, &Page { data: found.await?, next_cursor: None })
}

/// What each person of your organisation has on hand, and what came of it in the last thirty days.
#[utoipa::path(get, path = "/workload", tag = "recovery", responses((status = 200, body = Page<Load>)))]
pub async fn show_workload(app: Data<App>, member: AnyMember) -> Result<HttpResponse, Problem> {
    may_lead(&member)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| {
        let zone = find_organisation(conn, &by, member.org).await?.country.time_zone();
        work::load(conn, &by, day_in(zone, by.at)).await
    });
    resource(StatusCode::OK, &Page { data: found.await?, next_cursor: None })
}

/// Moves work to a person: all that somebody handles, or the cases named, each with its open tasks.
#[utoipa::path(post, path = "/work-moves", tag = "recovery", request_body = WorkMove, responses((status = 200, body = WorkMoved)))]
pub async fn move_work(app: Data<App>, member: AnyMember, command: Command<WorkMove>) -> Result<HttpResponse, Problem> {
    may_lead(&member)?;
    answer(&app, &*member, &command.envelope, StatusCode::OK, async |conn, by| work::move_work(conn, by, &command.input).await)
        .await
}

/// Who handles a case in your organisation.
#[utoipa::path(get, path = "/cases/{case_id}/handler", tag = "recovery", params(("case_id" = CaseId, Path)), responses((status = 200, body = Handler)))]
pub async fn show_case_handler(app: Data<App>, member: AnyMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| work::handler(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &found)
}

/// Gives a case that your organisation pursues to a person, with its open tasks and whatever is asked about it later. People take
/// what is nobody's and give back what is theirs; whoever leads gives anything to anybody.
#[utoipa::path(put, path = "/cases/{case_id}/handler", tag = "recovery", params(("case_id" = CaseId, Path)), request_body = Handler, responses((status = 200, body = Handler)))]
pub async fn put_case_handler(
    app: Data<App>,
    member: AnyMember,
    id: Path<CaseId>,
    wanted: Json<Handler>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    let (by, leads) = (member.by(app.clock.now()), may_lead(&member).is_ok());
    let set = app.db.transaction(by.scope, async |conn| work::set_handler(conn, &by, *id, wanted.0, leads).await).await?;
    resource(StatusCode::OK, &set)
}

/// Who is away now or later, and who stands in.
#[utoipa::path(get, path = "/absences", tag = "recovery", responses((status = 200, body = Page<Absence>)))]
pub async fn list_absences(app: Data<App>, member: AnyMember) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| {
        let zone = find_organisation(conn, &by, member.org).await?.country.time_zone();
        absences::list(conn, &by, member.org, day_in(zone, by.at)).await
    });
    resource(StatusCode::OK, &Page { data: found.await?, next_cursor: None })
}

/// Writes an absence down, with a deputy: one's own, or anybody's by whoever leads.
#[utoipa::path(post, path = "/absences", tag = "recovery", request_body = NewAbsence, responses((status = 201, body = Absence)))]
pub async fn add_absence(app: Data<App>, member: AnyMember, command: Command<NewAbsence>) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    let leads = may_lead(&member).is_ok();
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        absences::add(conn, by, member.org, command.input, leads).await
    })
    .await
}

/// Takes an absence back.
#[utoipa::path(delete, path = "/absences/{absence_id}", tag = "recovery", params(("absence_id" = AbsenceId, Path)), responses((status = 204, description = "taken back")))]
pub async fn remove_absence(app: Data<App>, member: AnyMember, id: Path<AbsenceId>) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    let (by, leads) = (member.by(app.clock.now()), may_lead(&member).is_ok());
    app.db.transaction(by.scope, async |conn| absences::remove(conn, &by, member.org, *id, leads).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Asks a person of your organisation to do something about a case that it pursues, by a day.
#[utoipa::path(post, path = "/cases/{case_id}/tasks", tag = "recovery", params(("case_id" = CaseId, Path)), request_body = NewTask, responses((status = 201, body = Task)))]
pub async fn give_task(
    app: Data<App>,
    member: AnyMember,
    id: Path<CaseId>,
    command: Command<NewTask>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        tasks::give(conn, by, *id, &command.input).await
    })
    .await
}

/// Your organisation's own notes on a case, oldest first. Nobody else reads them: neither the other side of the engagement nor a later
/// agency.
#[utoipa::path(get, path = "/cases/{case_id}/private-notes", tag = "recovery", params(("case_id" = CaseId, Path)), responses((status = 200, body = Page<PrivateNote>)))]
pub async fn list_private_notes(app: Data<App>, member: AnyMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| private_notes::list(conn, &by, *id).await);
    let data = found.await.map_err(|error: RecoveryError| Problem::from(error))?;
    resource(StatusCode::OK, &Page { data, next_cursor: None })
}

/// Keeps a note that your organisation alone reads. What the other side is to read goes to `/cases/{case_id}/notes`.
#[utoipa::path(post, path = "/cases/{case_id}/private-notes", tag = "recovery", params(("case_id" = CaseId, Path)), request_body = NewPrivateNote, responses((status = 201, body = PrivateNote)))]
pub async fn add_private_note(
    app: Data<App>,
    member: AnyMember,
    id: Path<CaseId>,
    command: Command<NewPrivateNote>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        private_notes::add(conn, by, *id, &command.input).await
    })
    .await
}
