//! Licences, insurances and certificates: an agency submits them here, the operator vets them on its first page.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Fields, Refused, Shell,
    visitor::{AgencyVisitor, OperatorVisitor, Visitor},
};
use crate::{
    app::App,
    http::{Page, PageQuery, Problem, Query},
    parties::{
        Permission,
        credentials::{self, Credential, CredentialDecision, CredentialOfAgency, NewCredential},
        vetting::{CredentialStatus, Verdict},
    },
    types::{CredentialId, clock::day_in},
};

/// `?cursor=`
#[derive(Debug, Default, Deserialize)]
pub struct Onward {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/papers.html")]
struct PapersPage<'a> {
    shell: &'a Shell,
    papers: Page<Credential>,
    submits: bool,
    today: chrono::NaiveDate,
}

impl PapersPage<'_> {
    fn is_over(&self, paper: &Credential) -> bool {
        paper.valid_until < self.today
    }
}

/// # Errors
/// A cursor that is none of ours.
pub async fn show(app: Data<App>, visitor: AgencyVisitor, onward: Query<Onward>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, onward.0, Refused::nothing()).await
}

async fn page(app: &App, visitor: &AgencyVisitor, onward: Onward, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let (by, cursor) = (visitor.by_now(), PageQuery { limit: None, cursor: onward.cursor }.cursor()?);
    let papers = app.db.transaction(by.scope, async |conn| credentials::list(conn, visitor.org, &cursor).await).await?;
    let shell = visitor.shell("portal.papers.title", refused);
    let (submits, today) = (visitor.may(Permission::Administer).is_ok(), day_in(visitor.country.time_zone(), by.at));
    visitor.show(&shell, &PapersPage { shell: &shell, papers, submits, today })
}

/// Submits a paper to be vetted.
///
/// # Errors
/// What is not the form's fault.
pub async fn submit(app: Data<App>, visitor: AgencyVisitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Administer)?;
    let sent = async {
        let new = NewCredential {
            kind: fields.parse("kind")?,
            country: fields.parse("country")?,
            issuer: fields.parse("issuer")?,
            reference: fields.parse("reference")?,
            valid_from: fields.day("valid_from")?,
            valid_until: fields.day("valid_until")?,
        };
        fields.perform(&app, &**visitor, async |conn, by| credentials::submit(conn, by, visitor.org, &new).await.map(drop)).await
    };
    let refused = match sent.await {
        Ok(None) => return visitor.done("/portal/papers", "paper_submitted"),
        Ok(Some(refused)) => refused,
        Err(problem) => fields.refused(problem)?,
    };
    page(&app, &visitor, Onward::default(), refused).await
}

#[derive(Template)]
#[template(path = "portal/vetting.html")]
struct VettingPage<'a> {
    shell: &'a Shell,
    waiting: Page<CredentialOfAgency>,
    decided: Vec<CredentialOfAgency>,
}

/// The operator's first page: papers that wait.
///
/// # Errors
/// The database fails.
pub async fn vetting(app: &App, visitor: &Visitor) -> Result<HttpResponse, Problem> {
    vetting_page(app, visitor, Refused::nothing()).await
}

async fn vetting_page(app: &App, visitor: &Visitor, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Vet)?;
    let by = visitor.by_now();
    let (cursor, few) = (PageQuery::default().cursor()?, super::overview::first(20)?);
    let (waiting, decided) = app
        .db
        .transaction(by.scope, async |conn| {
            let waiting = credentials::list_all(conn, Some(CredentialStatus::Submitted), &cursor).await?;
            let vetted = credentials::list_all(conn, Some(CredentialStatus::Vetted), &few).await?;
            Ok::<_, Problem>((waiting, vetted.data))
        })
        .await?;
    let shell = visitor.shell("portal.vetting.title", refused);
    visitor.show(&shell, &VettingPage { shell: &shell, waiting, decided })
}

/// Vets or rejects a paper.
///
/// # Errors
/// What is not the form's fault.
pub async fn decide(
    app: Data<App>,
    visitor: OperatorVisitor,
    id: Path<CredentialId>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Vet)?;
    let sent = async {
        let verdict: Verdict = fields.parse("decision")?;
        let decision = CredentialDecision { decision: verdict, note: fields.parse_optional("note")? };
        fields.perform(&app, &**visitor, async |conn, by| credentials::decide(conn, by, *id, &decision).await.map(drop)).await
    };
    let refused = match sent.await {
        Ok(None) => return visitor.done("/portal", "paper_decided"),
        Ok(Some(refused)) => refused,
        Err(problem) => fields.refused(problem)?,
    };
    vetting_page(&app, &visitor, refused).await
}
