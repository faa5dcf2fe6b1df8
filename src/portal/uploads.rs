//! Files of invoices on their way in: sent, previewed row by row, then stored or dropped.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path, Payload},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Fields, Refused, Shell,
    fields::{check_token, same_site},
    visitor::CreditorVisitor,
};
use crate::{
    app::App,
    http::{Code, Page, PageQuery, Problem, Query},
    parties::Permission,
    receivables::DebtorKind,
    types::UploadId,
    uploads::{self, CasesWanted, Options, ReceivedForm, Upload, UploadFile, UploadStatus},
};

const HERE: &str = "/portal/uploads";
const FILES_AT_MOST: i64 = 100;

/// `?cursor=`
#[derive(Debug, Default, Deserialize)]
pub struct Onward {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/uploads.html")]
struct UploadsPage<'a> {
    shell: &'a Shell,
    uploads: Page<Upload>,
    brings: bool,
}

/// # Errors
/// A cursor that is none of ours.
pub async fn show(app: Data<App>, visitor: CreditorVisitor, onward: Query<Onward>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, onward.0, Refused::nothing()).await
}

async fn page(app: &App, visitor: &CreditorVisitor, onward: Onward, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let cursor = PageQuery { limit: Some(20), cursor: onward.cursor }.cursor()?;
    let rows = app.db.transaction(by.scope, async |conn| uploads::list(conn, &by, cursor).await).await?;
    let shell = visitor.shell("portal.uploads.title", refused);
    let brings = visitor.may(Permission::PostCases).is_ok();
    visitor.show(&shell, &UploadsPage { shell: &shell, uploads: cursor.page(rows, |upload| upload.id.0), brings })
}

/// Takes files in and begins to answer them row by row; nothing is stored before its preview was seen.
///
/// # Errors
/// What is not the form's fault.
pub async fn send(
    app: Data<App>,
    request: HttpRequest,
    visitor: CreditorVisitor,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    same_site(&request)?;
    visitor.may(Permission::PostCases)?;
    let form = match uploads::receive_form(&app, &request, payload).await {
        Ok(form) => form,
        Err(error) => return page(&app, &visitor, Onward::default(), Refused::of("upload", error.into())?).await,
    };
    let (id, files) = (form.id, form.files.len());
    match register(&app, &request, &visitor, &form).await {
        Ok((upload, true)) => visitor.done(&format!("{HERE}/{}", upload.id), "uploaded"),
        Ok((upload, false)) => {
            uploads::discard(&app.vault, id, files).await?;
            visitor.done(&format!("{HERE}/{}", upload.id), "uploaded_before")
        }
        Err(problem) => {
            uploads::discard(&app.vault, id, files).await?;
            page(&app, &visitor, Onward::default(), Refused::of("upload", problem)?).await
        }
    }
}

async fn register(
    app: &App,
    request: &HttpRequest,
    visitor: &CreditorVisitor,
    form: &ReceivedForm,
) -> Result<(Upload, bool), Problem> {
    let field =
        |name: &str| form.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.trim()).unwrap_or_default();
    check_token(request, field("form_token"))?;
    let wrong = |name: &'static str| move |error: String| Problem::invalid(format!("/{name}"), error);
    let debtor_kind = Some(field("debtor_kind")).filter(|kind| !kind.is_empty());
    let debtor_kind: Option<DebtorKind> = debtor_kind.map(|kind| kind.parse().map_err(wrong("debtor_kind"))).transpose()?;
    let cases: CasesWanted = field("cases").parse().map_err(wrong("cases"))?;
    let by = visitor.by_now();
    let registered = app
        .db
        .transaction(by.scope, async |conn| {
            let mapping = uploads::mapping_of(conn, &by).await?;
            let with_interest = !field("with_interest").is_empty();
            let options = Options { debtor_kind, cases, with_interest, start: true, preview: true, dry_run: false, mapping };
            uploads::register(conn, &by, form.id, &options, &form.files).await
        })
        .await?;
    app.jobs_waiting.notify_one();
    Ok(registered)
}

/// A row's answer, as an upload keeps the first ones.
#[derive(Debug, Deserialize)]
struct Answered {
    row: u32,
    file: Option<String>,
    status: String,
    number: Option<String>,
    column: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    due_on_assumed: bool,
}

#[derive(Template)]
#[template(path = "portal/upload.html")]
struct UploadPage<'a> {
    shell: &'a Shell,
    upload: Upload,
    files: Vec<UploadFile>,
    rows: Vec<Answered>,
    brings: bool,
}

impl UploadPage<'_> {
    const fn is_running(&self) -> bool {
        !self.upload.is_finished()
    }

    fn waits(&self) -> bool {
        self.upload.status == UploadStatus::Previewed
    }

    const fn answered(&self) -> i32 {
        self.upload.accepted.saturating_add(self.upload.known).saturating_add(self.upload.refused)
    }
}

/// How far an upload has come, and what became of its rows.
///
/// # Errors
/// Not visible.
pub async fn follow(app: Data<App>, visitor: CreditorVisitor, id: Path<UploadId>) -> Result<HttpResponse, Problem> {
    one(&app, &visitor, *id, Refused::nothing()).await
}

async fn one(app: &App, visitor: &CreditorVisitor, id: UploadId, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let (upload, files) = app
        .db
        .transaction(by.scope, async |conn| {
            let upload = uploads::find(conn, &by, id).await?;
            let files = uploads::list_files(conn, &by, id, 0, FILES_AT_MOST).await?;
            Ok::<_, Problem>((upload, files))
        })
        .await?;
    let rows = serde_json::from_value(upload.sample.clone()).unwrap_or_default();
    let shell = visitor.shell("portal.upload.title", refused);
    let brings = visitor.may(Permission::PostCases).is_ok();
    visitor.show(&shell, &UploadPage { shell: &shell, upload, files, rows, brings })
}

/// Stores what was previewed.
///
/// # Errors
/// What is not the form's fault.
pub async fn commit(
    app: Data<App>,
    visitor: CreditorVisitor,
    id: Path<UploadId>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::PostCases)?;
    let sent = fields.perform(&app, &**visitor, async |conn, by| uploads::commit(conn, by, *id).await.map(drop)).await?;
    match sent {
        None => visitor.done(&format!("{HERE}/{}", *id), "upload_stored"),
        Some(refused) => one(&app, &visitor, *id, refused).await,
    }
}

/// Drops what was previewed, or stops what is running.
///
/// # Errors
/// What is not the form's fault.
pub async fn cancel(
    app: Data<App>,
    visitor: CreditorVisitor,
    id: Path<UploadId>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::PostCases)?;
    let sent = fields.perform(&app, &**visitor, async |conn, by| uploads::cancel(conn, by, *id).await.map(drop)).await?;
    match sent {
        None => visitor.done(HERE, "upload_dropped"),
        Some(refused) => one(&app, &visitor, *id, refused).await,
    }
}

/// One line per invoice, as CSV.
///
/// # Errors
/// Not visible.
pub async fn result(app: Data<App>, visitor: CreditorVisitor, id: Path<UploadId>) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let upload = app.db.transaction(by.scope, async |conn| uploads::find(conn, &by, *id).await).await?;
    if upload.batches == 0 {
        return Err(Problem::new(Code::NotFound));
    }
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"result.csv\""))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .streaming(uploads::read_results(app.vault.clone(), upload.id, upload.batches)))
}
