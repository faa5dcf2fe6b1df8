//! A mandate to read and to sign, as a person, over the document's hash.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{Fields, Refused, Shell, Visitor};
use crate::{
    app::App,
    cases::{self, desk::CaseLine},
    db::{By, Scope},
    http::{AsSystem, Problem},
    market::{
        self, Mandate, MandateStatus, MarketTerms, Party, Signature, Signing,
        api::mandates::{address_of, may_sign, user_agent_of},
    },
    parties::{self, OrgKind, Permission},
    receivables,
    types::MandateId,
};

#[derive(Template)]
#[template(path = "portal/mandate.html")]
struct MandatePage<'a> {
    shell: &'a Shell,
    mandate: Mandate,
    hash: String,
    signatures: Vec<Signature>,
    case: Option<CaseLine>,
    counterpart: String,
    signs: bool,
}

/// # Errors
/// Not a party to it.
pub async fn show(app: Data<App>, visitor: Visitor, id: Path<MandateId>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, *id, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, id: MandateId, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let (mandate, signatures, case, names) = app
        .db
        .transaction(by.scope, async |conn| {
            let (mandate, signatures) = market::find_mandate(conn, &by, visitor.org, id).await?;
            let case = cases::desk::lines_of(conn, &by, &[mandate.case]).await?.remove(&mandate.case);
            let names = parties::names_of(conn, &by, &[mandate.creditor, mandate.agency]).await?;
            Ok::<_, Problem>((mandate, signatures, case, names))
        })
        .await?;
    let other = if visitor.org == mandate.creditor { mandate.agency } else { mandate.creditor };
    let own = if visitor.kind == OrgKind::Creditor { Party::Creditor } else { Party::Agency };
    let is_mine = mandate.status == MandateStatus::ToSign && !signatures.iter().any(|signature| signature.party == own);
    let shell = visitor.shell("portal.mandate.title", refused);
    let page = MandatePage {
        shell: &shell,
        hash: hex::encode(&mandate.document_sha256),
        counterpart: names.get(&other).map(|named| named.legal_name.clone()).unwrap_or_default(),
        signs: is_mine && may_sign(visitor).is_ok(),
        mandate,
        signatures,
        case,
    };
    visitor.show(&shell, &page)
}

/// Signs for one's side.
///
/// # Errors
/// What is not the form's fault.
pub async fn sign(
    app: Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: Path<MandateId>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    may_sign(&visitor)?;
    let terms = MarketTerms::of(&app);
    let sent = async {
        let document = hex::decode(fields.text("document_sha256"))
            .map_err(|_| Problem::invalid("/document_sha256", "open the mandate again: its document is not named"))?;
        let (address, user_agent) = (address_of(&request), user_agent_of(&request));
        let signing = Signing {
            member: visitor.id(),
            full_name: fields.text("full_name"),
            document_sha256: &document,
            address: &address,
            user_agent: &user_agent,
        };
        fields
            .perform(&app, &visitor, async |conn, by| {
                market::sign_mandate(conn, by, terms, visitor.org, *id, &signing).await.map(drop)
            })
            .await
    };
    settle(&app, &visitor, *id, &fields, sent.await, "signed").await
}

/// Refuses to sign: the case goes back to market.
///
/// # Errors
/// What is not the form's fault.
pub async fn refuse(app: Data<App>, visitor: Visitor, id: Path<MandateId>, fields: Fields) -> Result<HttpResponse, Problem> {
    may_sign(&visitor)?;
    let terms = MarketTerms::of(&app);
    let sent = fields
        .perform(&app, &AsSystem(&visitor), async |conn, by| {
            market::refuse_mandate(conn, by, terms, visitor.org, *id, fields.text("reason")).await.map(drop)
        })
        .await;
    settle(&app, &visitor, *id, &fields, sent, "refused").await
}

async fn settle(
    app: &App,
    visitor: &Visitor,
    id: MandateId,
    fields: &Fields,
    sent: Result<Option<Refused>, Problem>,
    flash: &'static str,
) -> Result<HttpResponse, Problem> {
    let refused = match sent {
        Ok(None) => return visitor.done(&format!("/portal/mandates/{id}"), flash),
        Ok(Some(refused)) => refused,
        Err(problem) => fields.refused(problem)?,
    };
    page(app, visitor, id, refused).await
}

/// The contract as PDF.
///
/// # Errors
/// Not a party to it.
pub async fn document(app: Data<App>, visitor: Visitor, id: Path<MandateId>) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = By { scope: Scope::System, ..visitor.by_now() };
    let document = app.db.transaction(by.scope, async |conn| market::mandate_document(conn, &by, visitor.org, *id).await);
    receivables::documents::download(&app, document.await?).await
}
