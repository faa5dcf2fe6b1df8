//! The work of an organisation's people: four lists, and for whoever leads what each has on hand, moves and absences.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use super::{Fields, Refused, Shell, Visitor, fields::settle};
use crate::{
    app::App,
    http::{Problem, Query},
    parties::Permission,
    recovery::{
        absences::{self, Absence, NewAbsence},
        work::{self, Load, Whose, WorkItem, WorkList, WorkMove},
        work_api::may_lead,
    },
    types::{Calendar, MemberId, clock::day_in},
};

const HERE: &str = "/portal/team";
const AT_MOST: i64 = 100;

/// `?list=&whose=`
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    pub list: Option<String>,
    /// `all` or `nobody`; one's own unless said.
    pub whose: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/team.html")]
struct TeamPage<'a> {
    shell: &'a Shell,
    list: WorkList,
    whose: &'static str,
    items: Vec<WorkItem>,
    loads: Vec<Load>,
    absences: Vec<Absence>,
    own: String,
    leads: bool,
    today: String,
}

impl TeamPage<'_> {
    fn name(&self, member: &MemberId) -> &str {
        self.loads.iter().find(|load| load.member_id == *member).map_or("", |load| load.full_name.as_str())
    }
}

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: Visitor, wanted: Query<Wanted>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, wanted.0, Refused::nothing()).await
}

/// A list and whose: due and one's own unless said.
#[must_use]
pub fn wanted(list: Option<&str>, whose: Option<&str>, visitor: &Visitor) -> (WorkList, Whose) {
    let list = list.and_then(|list| list.parse().ok()).unwrap_or(WorkList::Due);
    let whose = match whose {
        Some("all") => Whose::Everybodys,
        Some("nobody") => Whose::Nobodys,
        Some(_) | None => Whose::Of(visitor.id()),
    };
    (list, whose)
}

async fn page(app: &App, visitor: &Visitor, wanted: Wanted, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let (list, of) = self::wanted(wanted.list.as_deref(), wanted.whose.as_deref(), visitor);
    let whose = match of {
        Whose::Everybodys => "all",
        Whose::Nobodys => "nobody",
        Whose::Of(_) => "own",
    };
    let by = visitor.by_now();
    let calendar = Calendar::of(visitor.country);
    let today = day_in(calendar.zone(), by.at);
    let shell = visitor.shell("portal.team.title", refused);
    let page = app.db.transaction(by.scope, async |conn| {
        Ok::<_, Problem>(TeamPage {
            shell: &shell,
            list,
            whose,
            items: work::list(conn, &by, (list, of), (today, calendar.instant(today, 23)), AT_MOST).await?,
            loads: work::load(conn, &by, today).await?,
            absences: absences::list(conn, &by, visitor.org, today).await?,
            own: visitor.id().to_string(),
            leads: may_lead(visitor).is_ok(),
            today: today.to_string(),
        })
    });
    visitor.show(&shell, &page.await?)
}

/// Moves all that somebody handles to somebody else.
///
/// # Errors
/// What is not the form's fault.
pub async fn move_work(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    may_lead(&visitor)?;
    let read = || {
        Ok::<_, Problem>(WorkMove {
            from_member_id: Some(fields.parse("from_member_id")?),
            case_ids: None,
            to_member_id: fields.parse("to_member_id")?,
        })
    };
    let refused = match read() {
        Err(problem) => Some(fields.refused(problem)?),
        Ok(wanted) => fields.perform(&app, &visitor, async |conn, by| work::move_work(conn, by, &wanted).await).await?,
    };
    settle(&visitor, refused, (HERE, "work_moved"), async |refused| page(&app, &visitor, Wanted::default(), refused).await).await
}

/// Somebody will be away.
///
/// # Errors
/// What is not the form's fault.
pub async fn add_absence(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let leads = may_lead(&visitor).is_ok();
    let read = || {
        Ok::<_, Problem>(NewAbsence {
            member_id: fields.parse("member_id")?,
            deputy_id: fields.parse("deputy_id")?,
            from_on: fields.day("from_on")?,
            until_on: fields.day("until_on")?,
        })
    };
    let refused = match read() {
        Err(problem) => Some(fields.refused(problem)?),
        Ok(new) => {
            fields.perform(&app, &visitor, async |conn, by| absences::add(conn, by, visitor.org, new, leads).await).await?
        }
    };
    settle(&visitor, refused, (HERE, "absence_added"), async |refused| page(&app, &visitor, Wanted::default(), refused).await)
        .await
}
