//! The first page of each portal: what to do next.

use actix_web::{HttpResponse, web::Data};

use super::{Visitor, overview, papers, work};
use crate::{app::App, http::Problem, parties::OrgKind};

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    match visitor.kind {
        OrgKind::Creditor => overview::show(&app, &visitor).await,
        OrgKind::Agency => work::show(&app, &visitor).await,
        OrgKind::Operator | OrgKind::Partner => papers::vetting(&app, &visitor).await,
    }
}
