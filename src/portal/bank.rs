//! Bank statements: sent in, and what came in with them decided where nobody could say what it pays.

use std::collections::HashMap;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Fields, Refused, Shell, Visitor,
    fields::{check_token, chosen_file, same_site},
    overview::first,
};
use crate::{
    app::App,
    bank::{
        self, BankEntry, EntryStatus, Imported, Wanted,
        api::{Said, take},
        matching::CasePart,
        readers::LARGEST_FILE_BYTES,
    },
    cases::{self, desk::CaseLine},
    http::{AsSystem, FormWithFile, Page, PageQuery, Problem, Query, envelope::Envelope},
    parties::Permission,
    payments::House,
    types::{BankEntryId, CaseId},
};

const HERE: &str = "/portal/bank";
const WAITING_AT_MOST: i64 = 50;
const FILES_SHOWN: i64 = 10;

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    status: String,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/bank.html")]
struct BankPage<'a> {
    shell: &'a Shell,
    /// With proposals, for a person to choose from.
    likely: Vec<BankEntry>,
    /// Nothing is known of it.
    suspense: Vec<BankEntry>,
    entries: Page<BankEntry>,
    status: Option<EntryStatus>,
    statements: Vec<Imported>,
    lines: HashMap<CaseId, CaseLine>,
}

impl BankPage<'_> {
    fn line(&self, case: &CaseId) -> Option<&CaseLine> {
        self.lines.get(case)
    }

    fn wants(&self, status: &EntryStatus) -> bool {
        self.status == Some(*status)
    }

    /// What the page was asked with, for the next one.
    fn asked(&self) -> String {
        self.status.map_or_else(String::new, |status| format!("&status={status}"))
    }
}

/// # Errors
/// A cursor that is none of ours.
pub async fn show(app: Data<App>, visitor: Visitor, wish: Query<Wish>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, wish.0, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, wish: Wish, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Money)?;
    let (by, owner) = (visitor.by_now(), visitor.org);
    let status = wish.status.parse().ok();
    let cursor = PageQuery { limit: None, cursor: wish.cursor }.cursor()?;
    let shell = visitor.shell("portal.bank.title", refused);
    let page = app.db.transaction(by.scope, async |conn| {
        let found = bank::list_entries(conn, owner, Wanted { status, statement: None }, cursor).await?;
        let (most, few) = (first(WAITING_AT_MOST)?, first(FILES_SHOWN)?);
        let of = |status| Wanted { status: Some(status), statement: None };
        let likely = bank::list_entries(conn, owner, of(EntryStatus::Likely), most).await?;
        let suspense = bank::list_entries(conn, owner, of(EntryStatus::Suspense), most).await?;
        let parts = likely.iter().flat_map(|entry| &entry.proposals).flat_map(|proposal| &proposal.parts);
        let ids: Vec<CaseId> = parts.map(|part| part.case_id).collect();
        Ok::<_, Problem>(BankPage {
            shell: &shell,
            lines: cases::desk::lines_of(conn, &by, &ids).await?,
            statements: bank::list_statements(conn, owner, few).await?,
            entries: cursor.page(found, |entry| entry.id.0),
            likely,
            suspense,
            status,
        })
    });
    visitor.show(&shell, &page.await?)
}

/// Takes a statement in: whole, or not at all.
///
/// # Errors
/// What is not the form's fault.
pub async fn send(app: Data<App>, request: HttpRequest, visitor: Visitor, payload: Payload) -> Result<HttpResponse, Problem> {
    same_site(&request)?;
    visitor.may(Permission::Money)?;
    let form = FormWithFile::read(&request, payload, LARGEST_FILE_BYTES).await?;
    check_token(&request, form.text("form_token"))?;
    let sent = async {
        let file = chosen_file(&form, LARGEST_FILE_BYTES)?;
        let said = Said { file_name: Some(file.name.clone()), ..Said::default() };
        take(&app, &visitor, visitor.org, &Envelope::of(&request, &file.content)?, file.content.clone(), said).await
    };
    match sent.await {
        Ok(_) => visitor.done(HERE, "statement_taken"),
        Err(problem) => page(&app, &visitor, Wish::default(), Refused::of("statement", problem)?).await,
    }
}

async fn settle(
    app: &App,
    visitor: &Visitor,
    fields: &Fields,
    sent: Result<Option<Refused>, Problem>,
    flash: &'static str,
) -> Result<HttpResponse, Problem> {
    super::fields::settle(visitor, fields.outcome(sent)?, (HERE, flash), async |refused| {
        page(app, visitor, Wish::default(), refused).await
    })
    .await
}

/// Says what an entry pays: one of its proposals, or a case by its reference.
///
/// # Errors
/// What is not the form's fault.
pub async fn settle_entry(
    app: Data<App>,
    visitor: Visitor,
    id: Path<BankEntryId>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Money)?;
    let house = House::of(&app);
    let sent = async {
        let by = visitor.by_now();
        let (entry, named) = app
            .db
            .transaction(by.scope, async |conn| {
                let named = match fields.optional("reference") {
                    Some(reference) => cases::find_by_reference(conn, &by, reference).await?.map(|case| case.id),
                    None => None,
                };
                Ok::<_, Problem>((bank::find_entry(conn, &by, *id).await?, named))
            })
            .await?;
        let parts = match (fields.optional("reference"), named) {
            (Some(_), Some(case)) => vec![CasePart { case_id: case, amount: entry.amount }],
            (Some(reference), None) => {
                return Err(Problem::invalid("/reference", format!("no case of yours has the reference {reference}")));
            }
            (None, _) => {
                let chosen: usize = fields.parse("proposal")?;
                let proposal = entry.proposals.get(chosen);
                proposal.ok_or_else(|| Problem::invalid("/proposal", "choose a proposal, or name a case"))?.parts.clone()
            }
        };
        fields
            .perform(&app, &AsSystem(&visitor), async |conn, by| {
                bank::settle(conn, by, &house, visitor.org, *id, &parts).await.map(drop)
            })
            .await
    };
    settle(&app, &visitor, &fields, sent.await, "entry_matched").await
}

/// Says that an entry pays none of the cases.
///
/// # Errors
/// What is not the form's fault.
pub async fn dismiss(app: Data<App>, visitor: Visitor, id: Path<BankEntryId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Money)?;
    let sent = fields
        .perform(&app, &AsSystem(&visitor), async |conn, by| {
            bank::dismiss(conn, by, visitor.org, *id, fields.text("reason")).await.map(drop)
        })
        .await;
    settle(&app, &visitor, &fields, sent, "entry_dismissed").await
}
