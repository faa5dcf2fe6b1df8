//! Steps that wait for a yes, over all cases, with the words that would be said in the creditor's name. Reads alone: the yes or no
//! is the completion of the task.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::{
    RecoveryError,
    demand::demand,
    desk::{self, Work},
    dossier::Dossier,
    letterheads,
    records::TaskKind,
    runs,
    store::tasks,
    strategy::{Step, Template},
};
use crate::{
    app::App,
    cases::{self, Case},
    db::{By, Conn},
    http::{Caller, Page, Problem, pdf_file, resource},
    paper::{Demand, Form, LetterSheet, PaperError, mail, text_message},
    parties::{AnyMember, Permission},
    types::{CaseId, Channel, Language, TaskId, Tone, clock::day_in},
};

/// A queue that a person works through.
const AT_MOST: i64 = 100;
/// The reference of a letter that nobody has sent.
pub const NOT_YET: &str = "–";

/// A step that waits for a yes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Awaited {
    /// Completed with `approved` or `declined`.
    pub task_id: TaskId,
    pub case_id: CaseId,
    pub reference: String,
    pub debtor: String,
    pub due_at: DateTime<Utc>,
    /// Whose words they are: yours, or those of the agency that acts for you.
    pub written_by: String,
    /// The debtor's, in which it is written.
    pub language: Language,
    pub channel: Channel,
    pub template: Template,
    /// As it would be sent: never above the ceilings.
    pub tone: Tone,
    /// As the mail or text message would say it today; none where somebody speaks, where `cannot_be_worded`, and for letters, which
    /// stand under `GET /tasks/{task_id}/letter.pdf`.
    pub words: Option<Words>,
    /// What is missing, where it cannot be worded.
    pub cannot_be_worded: Option<String>,
}

/// What would be sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Words {
    /// Of a mail; empty for a text message.
    pub subject: String,
    pub text: String,
}

/// What of an organisation's own waits for a yes, the most pressing first.
///
/// # Errors
/// The database fails.
pub async fn waiting(conn: &mut Conn<'_>, by: &By) -> Result<Vec<Work>, RecoveryError> {
    let mut work = desk::work(conn, by, AT_MOST).await?;
    work.retain(|one| one.task.kind == TaskKind::Approval);
    Ok(work)
}

/// One of those as it would be sent today; none where its step is gone.
///
/// # Errors
/// The database fails.
pub async fn read(app: &App, conn: &mut Conn<'_>, by: &By, work: Work) -> Result<Option<Awaited>, RecoveryError> {
    match Planned::of(conn, by, work.task.case_id).await? {
        Some(planned) => awaited(app, conn, by, work, &planned).await.map(Some),
        None => Ok(None),
    }
}

/// All of them, as they would be sent today.
///
/// # Errors
/// The database fails.
pub async fn list(app: &App, conn: &mut Conn<'_>, by: &By) -> Result<Vec<Awaited>, RecoveryError> {
    let mut found = Vec::new();
    for work in waiting(conn, by).await? {
        found.extend(read(app, conn, by, work).await?);
    }
    Ok(found)
}

/// The words of the step that a case waits for.
///
/// # Errors
/// The database fails.
pub async fn words_of_case(app: &App, conn: &mut Conn<'_>, by: &By, id: CaseId) -> Result<Option<Words>, RecoveryError> {
    match Planned::of(conn, by, id).await? {
        Some(planned) => Ok(planned.words(app, conn, by).await?.ok()),
        None => Ok(None),
    }
}

async fn awaited(app: &App, conn: &mut Conn<'_>, by: &By, work: Work, planned: &Planned) -> Result<Awaited, RecoveryError> {
    let (words, cannot_be_worded) = match planned.words(app, conn, by).await? {
        Ok(words) => (Some(words), None),
        Err(missing) => (None, missing),
    };
    Ok(Awaited {
        task_id: work.task.id,
        case_id: work.task.case_id,
        reference: work.reference,
        debtor: work.debtor,
        due_at: work.task.due_at,
        written_by: planned.dossier.pursuer().legal_name.clone(),
        language: planned.dossier.debtor.language,
        channel: planned.step.channel,
        template: planned.step.template,
        tone: planned.tone,
        words,
        cannot_be_worded,
    })
}

/// The letter that a task asks about, as it would be drawn today.
///
/// # Errors
/// There is no such task that `by` may see; it asks about no letter; that cannot be worded.
pub async fn letter(app: &App, conn: &mut Conn<'_>, by: &By, task: TaskId) -> Result<LetterSheet, RecoveryError> {
    let task = tasks::find(conn, task).await?.ok_or(RecoveryError::NotFound("task"))?;
    let planned = if task.kind == TaskKind::Approval { Planned::of(conn, by, task.case_id).await? } else { None };
    let planned = planned.filter(|planned| planned.step.channel == Channel::Letter).ok_or(RecoveryError::AboutNoLetter)?;
    let demand = planned.demand(app, conn, by).await?;
    let dated = (NOT_YET.to_owned(), day_in(planned.dossier.calendar.zone(), by.at));
    letterheads::sheet(conn, by, planned.dossier.pursuer().id, demand, dated).await
}

/// The step that a case stands at, as it would be taken today.
struct Planned {
    case: Case,
    dossier: Dossier,
    step: Step,
    /// Never above the ceilings.
    tone: Tone,
}

impl Planned {
    async fn of(conn: &mut Conn<'_>, by: &By, id: CaseId) -> Result<Option<Self>, RecoveryError> {
        let case = cases::find(conn, by, id).await?;
        let dossier = Dossier::of(conn, by, &case).await?;
        let Some(run) = runs::running(conn, &case, &dossier).await? else { return Ok(None) };
        let (position, is_fallback) = run.fallback.map_or((run.progress.next_step, false), |position| (position, true));
        let step = run.steps.get(position).and_then(|step| if is_fallback { step.by_fallback() } else { Some(step.clone()) });
        let Some(step) = step else { return Ok(None) };
        let ceiling = dossier.profile.tone_ceiling;
        let tone = step.tone.min(case.promised_tone.map_or(ceiling, |promised| promised.min(ceiling)));
        Ok(Some(Self { case, dossier, step, tone }))
    }

    async fn demand(&self, app: &App, conn: &mut Conn<'_>, by: &By) -> Result<Demand, RecoveryError> {
        demand(app, conn, by, &self.case, &self.dossier, (self.step.template, self.tone)).await
    }

    /// The inner error: what is missing, where there is something to be worded.
    async fn words(&self, app: &App, conn: &mut Conn<'_>, by: &By) -> Result<Result<Words, Option<String>>, RecoveryError> {
        if self.step.channel == Channel::Call {
            return Ok(Err(None));
        }
        match self.demand(app, conn, by).await {
            Ok(demand) => Ok(worded(self.step.template, &demand)
                .map_err(|error| Some(error.to_string()))
                .and_then(|words| words.ok_or(None))),
            Err(error) if error.is_passing() => Err(error),
            Err(error) => Ok(Err(Some(error.to_string()))),
        }
    }
}

/// None: a letter, which is drawn, or somebody speaks.
///
/// # Errors
/// It cannot be worded.
pub fn worded(template: Template, demand: &Demand) -> Result<Option<Words>, PaperError> {
    Ok(match template.form() {
        Some(Form::Mail(mail)) => {
            let mail = mail::to_debtor(mail, demand)?;
            Some(Words { subject: mail.subject, text: mail.text })
        }
        Some(Form::TextMessage(text)) => {
            Some(Words { subject: String::new(), text: text_message::to_debtor(text, demand)?.body })
        }
        Some(Form::Letter) | None => None,
    })
}

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(paths(list_approvals, print_awaited_letter), components(schemas(Awaited, Words)))]
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

/// The letter that a task asks about, as it would be sent today.
#[utoipa::path(get, path = "/tasks/{task_id}/letter.pdf", tag = "recovery", params(("task_id" = TaskId, Path)), responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
pub async fn print_awaited_letter(app: Data<App>, member: AnyMember, id: Path<TaskId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    draw(&app, &member.by(app.clock.now()), *id).await
}

/// Some hundred milliseconds of work: off the thread that answers requests.
///
/// # Errors
/// As [`letter`].
pub async fn draw(app: &App, by: &By, id: TaskId) -> Result<HttpResponse, Problem> {
    let sheet = app.db.transaction(by.scope, async |conn| letter(app, conn, by, id).await).await?;
    let pdf = tokio::task::spawn_blocking(move || sheet.pdf()).await.map_err(Problem::internal)?;
    Ok(pdf_file(&format!("{id}.pdf"), pdf.map_err(Problem::internal)?))
}
