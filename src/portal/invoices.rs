//! Invoices that nobody pursues yet, and the case that some of them make: what is claimed, what is missing, what it would
//! cost, before anything is posted.

use std::collections::HashMap;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data},
};
use askama::Template;
use serde::Deserialize;

use super::{Fields, Refused, Shell, case, visitor::CreditorVisitor};
use crate::{
    app::App,
    cases::{self, CasesError, Posting},
    db::Scope,
    http::{Code, Page, PageQuery, Problem, Query},
    market::{FitCheck, check_fit},
    parties::Permission,
    receivables::{self, Receivable, Wanted},
    types::{CaseId, DebtorId, ReceivableId, clock::day_in},
};

/// `?cursor=`
#[derive(Debug, Default, Deserialize)]
pub struct Onward {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/invoices.html")]
struct InvoicesPage<'a> {
    shell: &'a Shell,
    invoices: Page<Receivable>,
    debtors: HashMap<DebtorId, String>,
    today: chrono::NaiveDate,
}

impl InvoicesPage<'_> {
    fn debtor(&self, id: &DebtorId) -> &str {
        self.debtors.get(id).map_or("–", String::as_str)
    }

    fn is_due(&self, invoice: &Receivable) -> bool {
        invoice.due_on < self.today
    }
}

/// # Errors
/// A cursor that is none of ours.
pub async fn show(app: Data<App>, visitor: CreditorVisitor, onward: Query<Onward>) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let cursor = PageQuery { limit: None, cursor: onward.0.cursor }.cursor()?;
    let wanted = Wanted { unassigned: true, debtor: None };
    let (invoices, debtors) = app
        .db
        .transaction(by.scope, async |conn| {
            let invoices = receivables::list_receivables(conn, &by, wanted, cursor).await?;
            let ids: Vec<DebtorId> = invoices.iter().map(|invoice| invoice.debtor_id).collect();
            let debtors = receivables::debtor_names(conn, &by, &ids).await?;
            Ok::<_, Problem>((invoices, debtors))
        })
        .await?;
    let shell = visitor.shell("portal.invoices.title", Refused::nothing());
    let invoices = cursor.page(invoices, |invoice| invoice.id.0);
    let today = day_in(visitor.country.time_zone(), by.at);
    visitor.show(&shell, &InvoicesPage { shell: &shell, invoices, debtors, today })
}

#[derive(Template)]
#[template(path = "portal/posting.html")]
struct PostingPage<'a> {
    shell: &'a Shell,
    ids: Vec<ReceivableId>,
    invoices: Vec<Receivable>,
    debtor: String,
    fit: FitCheck,
    may_list: bool,
}

fn chosen<'a>(values: impl Iterator<Item = &'a str>) -> Result<Vec<ReceivableId>, Problem> {
    let ids: Result<Vec<ReceivableId>, _> = values.map(str::parse).collect();
    let ids = ids.map_err(|error| Problem::new(Code::MalformedRequest).detail(error.to_string()))?;
    if ids.is_empty() { Err(Problem::invalid("/receivable_id", "choose at least one invoice")) } else { Ok(ids) }
}

/// What a case over the chosen invoices would be.
///
/// # Errors
/// Nothing chosen; an invoice is not one's own.
pub async fn preview(app: Data<App>, request: HttpRequest, visitor: CreditorVisitor) -> Result<HttpResponse, Problem> {
    let query = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let query = query.map_err(|error| Problem::new(Code::MalformedRequest).detail(error.to_string()))?.into_inner();
    let ids = chosen(query.iter().filter(|(name, _)| name == "receivable_id").map(|(_, id)| id.as_str()));
    match ids {
        Ok(ids) => preview_page(&app, &visitor, ids, Refused::nothing()).await,
        Err(_) if query.is_empty() => visitor.done("/portal/invoices", "choose_first"),
        Err(problem) => Err(problem),
    }
}

async fn preview_page(
    app: &App,
    visitor: &CreditorVisitor,
    ids: Vec<ReceivableId>,
    refused: Refused,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::PostCases)?;
    let by = visitor.by_now();
    let posting = Posting { receivables: ids, with_interest: true, start: false };
    let (fit, debtor, invoices) = app
        .db
        .transaction(by.scope, async |conn| {
            let (fit, debtor) = check_fit(conn, &by, &posting).await?;
            let wanted = Wanted { unassigned: true, debtor: debtor.as_ref().map(|debtor| debtor.id) };
            let open = receivables::list_receivables(conn, &by, wanted, super::overview::first(200)?).await?;
            Ok::<_, Problem>((fit, debtor, open))
        })
        .await?;
    let expected = match (fit.principal, &debtor) {
        (Some(principal), Some(debtor)) => Some(
            app.db
                .transaction(Scope::System, async |conn| cases::expected(conn, debtor.country, debtor.kind, principal).await)
                .await?,
        ),
        _ => None,
    };
    let shell = visitor.shell("portal.posting.title", refused);
    let page = PostingPage {
        shell: &shell,
        invoices: invoices.into_iter().filter(|invoice| posting.receivables.contains(&invoice.id)).collect(),
        ids: posting.receivables,
        debtor: debtor.map(|debtor| debtor.legal_name).unwrap_or_default(),
        fit: FitCheck { expected, ..fit },
        may_list: visitor.may(Permission::ManageMarket).is_ok(),
    };
    visitor.show(&shell, &page)
}

/// Posts the case, then shows it: or the market's page for it, if that was chosen.
///
/// # Errors
/// What is not the form's fault.
pub async fn post(app: Data<App>, visitor: CreditorVisitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::PostCases)?;
    let ids = chosen(fields.all("receivable_id"))?;
    let way = fields.text("way");
    let posting = Posting { receivables: ids.clone(), with_interest: fields.ticked("with_interest"), start: way != "market" };
    let mut made: Option<CaseId> = None;
    let sent = fields
        .perform(&app, &**visitor, async |conn, by| {
            made = Some(cases::post(conn, by, &posting).await?.id);
            Ok::<_, CasesError>(())
        })
        .await;
    let refused = match sent {
        Ok(None) => {
            let at = made.map_or_else(|| "/portal/cases".to_owned(), case::at);
            return match made {
                Some(_) if way == "market" => visitor.done(&format!("{at}/listing"), "posted"),
                _ => visitor.done(&at, "posted"),
            };
        }
        Ok(Some(refused)) => refused,
        Err(problem) => fields.refused(problem)?,
    };
    preview_page(&app, &visitor, ids, refused).await
}
