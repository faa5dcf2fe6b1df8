//! Uploads over HTTP.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, Path, Payload, block},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{
    CasesWanted, Heading, Options, SpooledFile, UploadFile, UploadView, UploadsError, cancel, commit, crediting, find, following,
    list, list_files, mapping_of,
    receiving::{Received, Spool, discard},
    register, results, set_mapping,
};
use crate::{
    app::App,
    http::{Caller, Command, Json, Nothing, Page, PageQuery, Problem, Query, answer, envelope::Envelope, resource},
    parties::{CreditorMember, Permission},
    receivables::{self, DebtorKind, IntakeView, Source, intake::Mapping},
    types::UploadId,
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(
        upload_receivables, list_uploads, show_upload, cancel_upload, list_upload_files, follow_upload, download_result, commit_upload,
        show_mapping, put_mapping
    ),
    tags((name = "uploads", description = "Files of invoices on their way in"))
)]
pub struct Docs;

/// How files are to be taken.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    /// For your own records. Files of a form bring their own.
    pub file_name: Option<String>,
    /// What the debtors are whose row does not say so.
    #[param(inline)]
    pub debtor_kind: Option<DebtorKind>,
    /// Open cases over what is due: none, one per debtor, or one per invoice.
    #[param(inline)]
    pub cases: Option<CasesWanted>,
    /// Whether those cases ask for statutory interest too.
    pub with_interest: Option<bool>,
    /// Whether those cases begin reminding at once, or stay drafts.
    pub start: Option<bool>,
    /// Answer every row, store nothing, and wait to be committed.
    #[serde(default)]
    pub preview: bool,
    /// Answer every row and store nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// What headings mean in these files, as JSON: `{"Kürzel":"number","Notiz":null}`. The saved mapping says the rest.
    pub mapping: Option<String>,
    /// 202 even for a small file.
    #[serde(default)]
    pub later: bool,
}

impl UploadQuery {
    fn at_once(&self) -> bool {
        !self.later && !self.preview && !self.dry_run && self.cases.is_none_or(|cases| cases == CasesWanted::None)
    }

    fn options(&self) -> Result<Options, Problem> {
        let said = self.mapping.as_deref().map(|text| {
            let columns = serde_json::from_str(text).map_err(|error| Problem::invalid("/mapping", error.to_string()))?;
            Ok::<_, Problem>(Heading { columns }.check()?)
        });
        Ok(Options {
            debtor_kind: self.debtor_kind,
            cases: self.cases.unwrap_or(CasesWanted::None),
            with_interest: self.with_interest.unwrap_or(true),
            start: self.start.unwrap_or(true),
            preview: self.preview,
            dry_run: self.dry_run,
            mapping: said.transpose()?.unwrap_or_default(),
        })
    }
}

/// Brings invoices in as files: one as the body, or any number as a form (`multipart/form-data`). What a file is, its content
/// tells: CSV in any European habit, XLSX, ODS, UBL (Peppol BIS 3, XRechnung), CII, PDF with an invoice inside (Factur-X, ZUGFeRD),
/// Facturae, FatturaPA (signed or not), and ZIP archives of all of these. One file of up to 1 MiB is answered at once, row by row
/// (200); everything else is spooled, taken by a job and followed (202). The same files sent again are the same upload, and an
/// invoice that is known stays as it is, so a broken upload is resumed by sending it again.
#[utoipa::path(post, path = "/receivables/uploads", tag = "uploads", params(UploadQuery),
    request_body(content((Vec<u8> = "application/octet-stream"), (Vec<u8> = "multipart/form-data"))),
    responses((status = 200, description = "a small file: an answer for every row", body = IntakeView),
        (status = 202, description = "on its way: follow it", body = UploadView),
        (status = 413, description = "larger than the settings allow"),
        (status = 415, description = "a small file in no format that is read"),
        (status = 422, description = "a small file with a column that is missing or cannot be trusted, or with broken XML")))]
pub async fn upload_receivables(
    app: Data<App>,
    creditor: CreditorMember,
    query: Query<UploadQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let mut options = query.0.options()?;
    let by = creditor.by(app.clock.now());
    let saved = app.db.transaction(by.scope, async |conn| mapping_of(conn, &by).await).await?;
    options.mapping = std::mem::take(&mut options.mapping).over(saved);
    let (id, file_name) = (UploadId::fresh(), query.0.file_name.as_deref());
    let spool = Spool::new(&app.vault, id, app.settings.files.upload_max_bytes);
    match spool.receive(&request, payload, file_name, query.0.at_once()).await? {
        Received::Whole(content) => take_at_once(&app, &creditor, &request, content, file_name, &options).await,
        Received::Spooled(files) => put_on_its_way(&app, &creditor, &request, id, &options, files).await,
    }
}

async fn take_at_once(
    app: &App,
    creditor: &CreditorMember,
    request: &HttpRequest,
    content: actix_web::web::Bytes,
    file_name: Option<&str>,
    options: &Options,
) -> Result<HttpResponse, Problem> {
    let envelope = Envelope::of(request, &content)?;
    let by = creditor.by(app.clock.now());
    let (kind, mapping) = (options.debtor_kind, options.mapping.clone());
    let defaults =
        app.db.transaction(by.scope, async |conn| receivables::intake_defaults(conn, &by, kind, mapping).await).await?;
    let bytes = content.clone();
    let read = block(move || receivables::check_file(&bytes, &defaults)).await.map_err(Problem::internal)??;
    answer(app, &**creditor, &envelope, StatusCode::OK, async move |conn, by| {
        let source = Source { format: read.format, file_name, content: &content, notes: read.notes };
        let mut rows = read.rows;
        crediting::credit_rows(conn, by, &mut rows).await?;
        Ok::<_, UploadsError>(receivables::take_in(conn, by, source, rows).await?)
    })
    .await
}

async fn put_on_its_way(
    app: &App,
    creditor: &CreditorMember,
    request: &HttpRequest,
    id: UploadId,
    options: &Options,
    files: Vec<SpooledFile>,
) -> Result<HttpResponse, Problem> {
    let hashes: Vec<u8> = files.iter().flat_map(|file| file.sha256.clone()).collect();
    // A dry run of files is an upload like others, that is followed and stores no invoice.
    let envelope = Envelope { dry_run: false, ..Envelope::of(request, &hashes)? };
    let mut registered = None;
    let answered = answer(app, &**creditor, &envelope, StatusCode::ACCEPTED, async |conn, by| {
        let (upload, fresh) = register(conn, by, id, options, &files).await?;
        registered = fresh.then_some(upload.id);
        Ok::<_, UploadsError>(UploadView::from(upload))
    })
    .await;
    // A repeated request, a known upload or a refusal: these copies are nobody's.
    if registered.is_none() || answered.as_ref().map_or(true, |response| response.headers().contains_key("idempotency-replayed"))
    {
        discard(&app.vault, id, files.len()).await?;
    }
    answered
}

/// The creditor's uploads, newest first.
#[utoipa::path(get, path = "/receivables/uploads", tag = "uploads", params(PageQuery), responses((status = 200, body = Page<UploadView>)))]
pub async fn list_uploads(app: Data<App>, creditor: CreditorMember, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let (by, cursor) = (creditor.by(app.clock.now()), query.0.cursor()?);
    let rows = app.db.transaction(by.scope, async |conn| list(conn, &by, cursor).await).await?;
    let rows = rows.into_iter().map(UploadView::from).collect();
    resource(StatusCode::OK, &cursor.page(rows, |upload: &UploadView| upload.id.0))
}

/// How far an upload has come.
#[utoipa::path(get, path = "/receivables/uploads/{id}", tag = "uploads", params(("id" = UploadId, Path)),
    responses((status = 200, body = UploadView), (status = 404, description = "there is none such that you can see")))]
pub async fn show_upload(app: Data<App>, creditor: CreditorMember, id: Path<UploadId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let upload = app.db.transaction(by.scope, async |conn| find(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &UploadView::from(upload))
}

/// Stops an upload. What was taken stays; the rest is not taken.
#[utoipa::path(delete, path = "/receivables/uploads/{id}", tag = "uploads", params(("id" = UploadId, Path)),
    responses((status = 200, body = UploadView), (status = 404, description = "there is none such that you can see"),
        (status = 409, description = "it is done")))]
pub async fn cancel_upload(app: Data<App>, creditor: CreditorMember, id: Path<UploadId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let by = creditor.by(app.clock.now());
    let upload = app.db.transaction(by.scope, async |conn| cancel(conn, &by, *id).await).await?;
    app.jobs_waiting.notify_one();
    resource(StatusCode::OK, &UploadView::from(upload))
}

/// Which of an upload's files.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FilesQuery {
    /// Files after this position.
    #[serde(default)]
    pub after: i32,
}

/// Files of an upload, in the order they were sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadFiles {
    pub data: Vec<UploadFile>,
}

const FILES_A_PAGE: i64 = 200;

/// What each file of an upload is, and why one was refused: 200 a page.
#[utoipa::path(get, path = "/receivables/uploads/{id}/files", tag = "uploads", params(("id" = UploadId, Path), FilesQuery),
    responses((status = 200, body = UploadFiles), (status = 404, description = "there is none such that you can see")))]
pub async fn list_upload_files(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<UploadId>,
    query: Query<FilesQuery>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let (by, after) = (creditor.by(app.clock.now()), query.0.after);
    let data = app.db.transaction(by.scope, async |conn| list_files(conn, &by, *id, after, FILES_A_PAGE).await).await?;
    resource(StatusCode::OK, &UploadFiles { data })
}

/// Progress as server-sent events: `progress` whenever something changes, then one `finished`; each carries the upload.
#[utoipa::path(get, path = "/receivables/uploads/{id}/events", tag = "uploads", params(("id" = UploadId, Path)),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = 404, description = "there is none such that you can see")))]
pub async fn follow_upload(app: Data<App>, creditor: CreditorMember, id: Path<UploadId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    app.db.transaction(by.scope, async |conn| find(conn, &by, *id).await).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Compressed, events would wait for each other.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .streaming(following::follow(app.get_ref().clone(), by, *id)))
}

/// One line per invoice that was answered so far: CSV in UTF-8, separated by semicolons.
#[utoipa::path(get, path = "/receivables/uploads/{id}/result.csv", tag = "uploads", params(("id" = UploadId, Path)),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404, description = "there is none such that you can see")))]
pub async fn download_result(app: Data<App>, creditor: CreditorMember, id: Path<UploadId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let upload = app.db.transaction(by.scope, async |conn| find(conn, &by, *id).await).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"result.csv\""))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .streaming(results::read(app.vault.clone(), upload.id, upload.batches)))
}

/// Stores what was previewed.
#[utoipa::path(post, path = "/receivables/uploads/{id}/commitment", tag = "uploads", request_body = Nothing,
    params(("id" = UploadId, Path)),
    responses((status = 202, body = UploadView), (status = 404, description = "there is none such that you can see"),
        (status = 409, description = "there is no preview that waits")))]
pub async fn commit_upload(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<UploadId>,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    answer(&app, &*creditor, &command.envelope, StatusCode::ACCEPTED, async |conn, by| {
        Ok::<_, UploadsError>(UploadView::from(commit(conn, by, *id).await?))
    })
    .await
}

/// What the creditor's own headings mean.
#[utoipa::path(get, path = "/receivables/mapping", tag = "uploads", responses((status = 200, body = Heading)))]
pub async fn show_mapping(app: Data<App>, creditor: CreditorMember) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let mapping: Mapping = app.db.transaction(by.scope, async |conn| mapping_of(conn, &by).await).await?;
    resource(StatusCode::OK, &Heading::from(mapping))
}

/// Says what the creditor's own headings mean, for every file from now on; replaces what was said before.
#[utoipa::path(put, path = "/receivables/mapping", tag = "uploads", request_body = Heading,
    responses((status = 200, body = Heading), (status = 422, description = "a heading is empty, or a column unknown")))]
pub async fn put_mapping(app: Data<App>, creditor: CreditorMember, said: Json<Heading>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let by = creditor.by(app.clock.now());
    let saved = app.db.transaction(by.scope, async |conn| set_mapping(conn, &by, said.0).await).await?;
    resource(StatusCode::OK, &saved)
}
