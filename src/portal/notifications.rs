//! What an organisation was told, and what a person wants of it in one mail a day.

use std::collections::HashMap;

use actix_web::{HttpResponse, web::Data};
use askama::Template;

use super::{Fields, Refused, Shell, Visitor, fields::settle, overview::first};
use crate::{
    app::App,
    cases::desk::{self, CaseLine},
    http::Problem,
    notices::{
        self, Notification,
        digests::{self, NoticeDigest},
        topics::Topic,
    },
    parties::Permission,
    types::CaseId,
};

const HERE: &str = "/portal/notifications";
const AT_MOST: i64 = 100;

#[derive(Template)]
#[template(path = "portal/notifications.html")]
struct NotificationsPage<'a> {
    shell: &'a Shell,
    told: Vec<Notification>,
    /// Those that are theirs to look at still.
    cases: HashMap<CaseId, CaseLine>,
    digest: NoticeDigest,
}

impl NotificationsPage<'_> {
    fn reference(told: &Notification) -> &str {
        told.data.get("case_reference").and_then(serde_json::Value::as_str).unwrap_or_default()
    }

    /// Where it can be answered or read; none where that is here, or no more theirs.
    fn page(&self, told: &Notification) -> Option<String> {
        let page = notices::page_of(told);
        match (page.as_str(), told.case_id.filter(|case| self.cases.contains_key(case))) {
            ("/portal", case) => case.map(|case| format!("/portal/cases/{case}")),
            (page, None) if page.starts_with("/portal/cases/") => None,
            _ => Some(page),
        }
    }

    fn has_new(&self) -> bool {
        self.told.iter().any(|told| told.read_at.is_none())
    }

    fn wants(&self, topic: &Topic) -> bool {
        self.digest.topics.contains(topic)
    }
}

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let shell = visitor.shell("portal.notifications.title", refused);
    let by = visitor.by_now();
    let page = app.db.transaction(by.scope, async |conn| {
        let told = notices::list(conn, visitor.org, false, first(AT_MOST)?).await?;
        let of: Vec<CaseId> = told.iter().filter_map(|told| told.case_id).collect();
        Ok::<_, Problem>(NotificationsPage {
            shell: &shell,
            cases: desk::lines_of(conn, &by, &of).await?,
            told,
            digest: digests::find(conn, visitor.id()).await?,
        })
    });
    visitor.show(&shell, &page.await?)
}

/// Somebody has seen all of them.
///
/// # Errors
/// What is not the form's fault.
pub async fn read_all(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let refused = fields.perform(&app, &visitor, async |conn, by| notices::read_all(conn, by, visitor.org).await).await?;
    settle(&visitor, refused, (HERE, "all_seen"), async |refused| page(&app, &visitor, refused).await).await
}

/// What one wants to be mailed.
///
/// # Errors
/// What is not the form's fault.
pub async fn set_digest(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    let wanted = NoticeDigest { topics: fields.all("topic").filter_map(|topic| topic.parse().ok()).collect() };
    let person = (visitor.org, visitor.id());
    let refused = fields.perform(&app, &visitor, async |conn, by| digests::set(conn, by, person, &wanted).await).await?;
    settle(&visitor, refused, (HERE, "digest_kept"), async |refused| page(&app, &visitor, refused).await).await
}
