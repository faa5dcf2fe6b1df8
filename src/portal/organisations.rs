//! The operator's view of who is here, and the switch that lets nobody of an organisation in.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{Fields, Refused, Shell, visitor::OperatorVisitor};
use crate::{
    app::App,
    http::{AsSystem, Page, PageQuery, Problem, Query},
    parties::{self, OrgKind, Organisation, Permission},
    types::OrgId,
};

const HERE: &str = "/portal/organisations";

/// `?cursor=`
#[derive(Debug, Default, Deserialize)]
pub struct Onward {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/organisations.html")]
struct OrganisationsPage<'a> {
    shell: &'a Shell,
    organisations: Page<Organisation>,
    decides: bool,
}

impl OrganisationsPage<'_> {
    fn is_operator(organisation: &Organisation) -> bool {
        organisation.kind == OrgKind::Operator
    }
}

/// # Errors
/// A cursor that is none of ours.
pub async fn show(app: Data<App>, visitor: OperatorVisitor, onward: Query<Onward>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, onward.0, Refused::nothing()).await
}

async fn page(app: &App, visitor: &OperatorVisitor, onward: Onward, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let (by, cursor) = (visitor.by_now(), PageQuery { limit: None, cursor: onward.cursor }.cursor()?);
    let organisations = app.db.transaction(by.scope, async |conn| parties::list_organisations(conn, &by, &cursor).await).await?;
    let shell = visitor.shell("portal.organisations.title", refused);
    let decides = visitor.may(Permission::Administer).is_ok();
    visitor.show(&shell, &OrganisationsPage { shell: &shell, organisations, decides })
}

/// Suspends an organisation, or lets it in again, as the button says.
///
/// # Errors
/// What is not the form's fault.
pub async fn suspend(app: Data<App>, visitor: OperatorVisitor, id: Path<OrgId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Administer)?;
    let suspended = fields.text("suspended") == "yes";
    let sent = fields
        .perform(&app, &AsSystem(&**visitor), async |conn, by| parties::set_suspended(conn, by, *id, suspended).await.map(drop))
        .await?;
    match sent {
        None => visitor.done(HERE, if suspended { "suspended" } else { "let_in" }),
        Some(refused) => page(&app, &visitor, Onward::default(), refused).await,
    }
}
