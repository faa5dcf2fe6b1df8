//! Complaints about agencies: filed by creditors (debtors have a page of their own), answered by agencies, decided by the operator.

use std::collections::HashMap;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    Fields, Refused, Shell, Visitor,
    members::Onward,
    visitor::{AgencyVisitor, CreditorVisitor, OperatorVisitor},
};
use crate::{
    app::App,
    cases::{self, desk::CaseLine},
    http::{Page, PageQuery, Problem, Query},
    market::{
        self, Complaint,
        complaints::{Complainant, ComplaintGround, ComplaintStatus, Evidence, Finding, NewComplaint, Severity},
    },
    parties::{self, Named, Permission},
    types::{CaseId, ComplaintId, OrgId},
};

const HERE: &str = "/portal/complaints";

#[derive(Template)]
#[template(path = "portal/complaints.html")]
struct ComplaintsPage<'a> {
    shell: &'a Shell,
    complaints: Page<Complaint>,
    lines: HashMap<CaseId, CaseLine>,
    names: HashMap<OrgId, Named>,
    /// Whether the reader may file, answer or decide.
    acts: bool,
}

impl ComplaintsPage<'_> {
    fn line(&self, case: &CaseId) -> Option<&CaseLine> {
        self.lines.get(case)
    }

    fn name(&self, org: &OrgId) -> &str {
        self.names.get(org).map_or("–", |named| named.legal_name.as_str())
    }

    /// Whether the reader's form stands below it.
    fn to_answer(&self, complaint: &Complaint) -> bool {
        self.shell.is_agency() && self.acts && complaint.status == ComplaintStatus::ToAnswer
    }

    fn to_withdraw(&self, complaint: &Complaint) -> bool {
        let open = matches!(complaint.status, ComplaintStatus::ToAnswer | ComplaintStatus::ToDecide);
        self.shell.is_creditor() && self.acts && open && complaint.complainant == Complainant::Creditor
    }

    fn to_decide(&self, complaint: &Complaint) -> bool {
        self.shell.is_operator() && self.acts && complaint.status == ComplaintStatus::ToDecide
    }
}

/// # Errors
/// A cursor that is none of ours.
pub async fn show(app: Data<App>, visitor: Visitor, onward: Query<Onward>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, onward.0, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, onward: Onward, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let cursor = PageQuery { limit: Some(20), cursor: onward.cursor }.cursor()?;
    let shell = visitor.shell("portal.complaints.title", refused);
    let acting = if shell.is_operator() {
        Permission::Vet
    } else if shell.is_agency() {
        Permission::Offer
    } else {
        Permission::ManageMarket
    };
    let page = app.db.transaction(by.scope, async |conn| {
        let found = market::list_complaints(conn, &by, None, cursor).await?;
        let (cases, orgs): (Vec<CaseId>, Vec<OrgId>) = found.iter().map(|complaint| (complaint.case, complaint.agency)).unzip();
        Ok::<_, Problem>(ComplaintsPage {
            shell: &shell,
            lines: cases::desk::lines_of(conn, &by, &cases).await?,
            names: parties::names_of(conn, &by, &orgs).await?,
            complaints: cursor.page(found, |complaint| complaint.id.0),
            acts: visitor.may(acting).is_ok(),
        })
    });
    visitor.show(&shell, &page.await?)
}

async fn settle(
    app: &App,
    visitor: &Visitor,
    fields: &Fields,
    sent: Result<Option<Refused>, Problem>,
    flash: &'static str,
) -> Result<HttpResponse, Problem> {
    super::fields::settle(visitor, fields.outcome(sent)?, (HERE, flash), async |refused| {
        page(app, visitor, Onward::default(), refused).await
    })
    .await
}

/// A creditor complains of the last agency on a case.
///
/// # Errors
/// What is not the form's fault.
pub async fn file(app: Data<App>, visitor: CreditorVisitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::ManageMarket)?;
    let sent = async {
        let ground: ComplaintGround = fields.parse("ground")?;
        fields
            .perform(&app, &**visitor, async |conn, by| {
                let reference = fields.text("reference");
                let case = cases::find_by_reference(conn, by, reference).await?;
                let case = case
                    .ok_or_else(|| Problem::invalid("/reference", format!("no case of yours has the reference {reference}")))?;
                let new =
                    NewComplaint { engagement: None, ground, statement: fields.text("statement"), evidence: Evidence::default() };
                market::file_complaint(conn, by, (Complainant::Creditor, case.id), new).await.map(drop).map_err(Problem::from)
            })
            .await
    };
    settle(&app, &visitor, &fields, sent.await, "complained").await
}

/// The agency's answer.
///
/// # Errors
/// What is not the form's fault.
pub async fn answer(
    app: Data<App>,
    visitor: AgencyVisitor,
    id: Path<ComplaintId>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Offer)?;
    let sent = fields
        .perform(&app, &**visitor, async |conn, by| {
            market::answer_complaint(conn, by, *id, fields.text("answer"), Evidence::default()).await.map(drop)
        })
        .await;
    settle(&app, &visitor, &fields, sent, "complaint_answered").await
}

/// The creditor takes its complaint back.
///
/// # Errors
/// What is not the form's fault.
pub async fn withdraw(
    app: Data<App>,
    visitor: CreditorVisitor,
    id: Path<ComplaintId>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::ManageMarket)?;
    let sent = fields.perform(&app, &**visitor, async |conn, by| market::withdraw_complaint(conn, by, *id).await.map(drop)).await;
    settle(&app, &visitor, &fields, sent, "complaint_withdrawn").await
}

/// The operator finds: how grave it was, or nothing.
///
/// # Errors
/// What is not the form's fault.
pub async fn decide(
    app: Data<App>,
    visitor: OperatorVisitor,
    id: Path<ComplaintId>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Vet)?;
    let sent = async {
        let severity: Option<Severity> = fields.parse_optional("severity")?;
        fields
            .perform(&app, &**visitor, async |conn, by| {
                let finding = Finding { severity, note: fields.text("note") };
                market::decide_complaint(conn, by, *id, &finding).await.map(drop)
            })
            .await
    };
    settle(&app, &visitor, &fields, sent.await, "complaint_decided").await
}
