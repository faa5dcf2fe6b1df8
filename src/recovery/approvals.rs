//! Steps that wait for a yes, over all cases, with the words that would be said in the creditor's name. Reads alone: the yes or no
//! is the completion of the task.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::{
    RecoveryError,
    act::Act,
    channels::mail,
    demand::demand,
    desk::{self, Work},
    dossier::Dossier,
    records::TaskKind,
    runs,
    strategy::{Step, Template},
};
use crate::{
    app::App,
    cases,
    db::{By, Conn},
    http::{Caller, Page, Problem, resource},
    paper::{Demand, mail::to_debtor},
    parties::{AnyMember, Permission},
    types::{ActionId, CaseId, Channel, TaskId, Tone},
};

/// A queue that a person works through.
const AT_MOST: i64 = 100;

/// A step that waits for a yes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Awaited {
    /// Completed with `approved` or `declined`.
    pub task_id: TaskId,
    pub case_id: CaseId,
    pub reference: String,
    pub debtor: String,
    pub due_at: DateTime<Utc>,
    pub channel: Channel,
    pub template: Template,
    /// As it would be sent: never above the ceilings.
    pub tone: Tone,
    /// As a mail would say it today; none where somebody speaks, or where `cannot_be_worded`.
    pub words: Option<Words>,
    /// What is missing, where it cannot be worded.
    pub cannot_be_worded: Option<String>,
}

/// What would be sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Words {
    pub subject: String,
    pub text: String,
}

/// An organisation's own, the most pressing first.
///
/// # Errors
/// The database fails.
pub async fn list(app: &App, conn: &mut Conn<'_>, by: &By) -> Result<Vec<Awaited>, RecoveryError> {
    let mut found = Vec::new();
    for work in desk::work(conn, by, AT_MOST).await? {
        if work.task.kind == TaskKind::Approval
            && let Some(awaited) = awaited(app, conn, by, work).await?
        {
            found.push(awaited);
        }
    }
    Ok(found)
}

/// The words of the step that a case waits for, if it waits for a yes.
///
/// # Errors
/// The database fails.
pub async fn words_of_case(app: &App, conn: &mut Conn<'_>, by: &By, id: CaseId) -> Result<Option<Words>, RecoveryError> {
    let Some((step, tone)) = step_of(conn, by, id).await? else { return Ok(None) };
    Ok(words(app, conn, by, id, (&step, tone)).await?.ok())
}

async fn awaited(app: &App, conn: &mut Conn<'_>, by: &By, work: Work) -> Result<Option<Awaited>, RecoveryError> {
    let case_id = work.task.case_id;
    let Some((step, tone)) = step_of(conn, by, case_id).await? else { return Ok(None) };
    let (words, cannot_be_worded) = match words(app, conn, by, case_id, (&step, tone)).await? {
        Ok(words) => (Some(words), None),
        Err(missing) => (None, missing),
    };
    Ok(Some(Awaited {
        task_id: work.task.id,
        case_id,
        reference: work.reference,
        debtor: work.debtor,
        due_at: work.task.due_at,
        channel: step.channel,
        template: step.template,
        tone,
        words,
        cannot_be_worded,
    }))
}

/// The next step of a case and the tone it would be said in; none where nobody has to say yes to it.
async fn step_of(conn: &mut Conn<'_>, by: &By, id: CaseId) -> Result<Option<(Step, Tone)>, RecoveryError> {
    let case = cases::find(conn, by, id).await?;
    let dossier = Dossier::of(conn, by, &case).await?;
    let Some(step) = runs::next_step(conn, &case).await? else { return Ok(None) };
    let ceiling = case.promised_tone.map_or(dossier.profile.tone_ceiling, |promised| promised.min(dossier.profile.tone_ceiling));
    let tone = step.tone.min(ceiling);
    Ok(step.approval.then_some((step, tone)))
}

/// The inner error: what is missing, where there is something to be worded.
async fn words(
    app: &App,
    conn: &mut Conn<'_>,
    by: &By,
    id: CaseId,
    (step, tone): (&Step, Tone),
) -> Result<Result<Words, Option<String>>, RecoveryError> {
    if step.channel != Channel::Mail {
        return Ok(Err(None));
    }
    let mut case = cases::find(conn, by, id).await?;
    let dossier = Dossier::of(conn, by, &case).await?;
    let run = runs::current(conn, by, &mut case, &dossier).await?;
    let act = Act {
        id: ActionId::fresh(),
        dossier: &dossier,
        run: &run,
        step,
        position: run.step(),
        is_fallback: false,
        tone,
        lowered_by: None,
    };
    match demand(app, conn, by, &case, &act).await {
        Ok(demand) => Ok(worded(step.template, &demand)),
        Err(error) if error.is_passing() => Err(error),
        Err(error) => Ok(Err(Some(error.to_string()))),
    }
}

fn worded(template: Template, demand: &Demand) -> Result<Words, Option<String>> {
    let wording = mail::wording(template).ok_or(None)?;
    let mail = to_debtor(wording, demand).map_err(|error| Some(error.to_string()))?;
    Ok(Words { subject: mail.subject, text: mail.text })
}

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(paths(list_approvals), components(schemas(Awaited, Words)))]
pub struct Docs;

/// Steps of your cases that wait for a yes, the most pressing first, each with the words that would be sent: at most 100. Say yes
/// or no with `POST /tasks/{task_id}/completion`.
#[utoipa::path(get, path = "/approvals", tag = "recovery", responses((status = 200, body = Page<Awaited>)))]
pub async fn list_approvals(app: Data<App>, member: AnyMember) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let data = app.db.transaction(by.scope, async |conn| list(&app, conn, &by).await).await?;
    resource(StatusCode::OK, &Page { data, next_cursor: None })
}
