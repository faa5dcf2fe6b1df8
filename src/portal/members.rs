//! The people of an organisation and their roles: for its administrators.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use super::{Fields, Refused, Shell, Visitor, fields::settle};
use crate::{
    app::App,
    http::{Page, PageQuery, Problem, Query},
    keys::random_token,
    parties::{
        self, Member, NewMember, PartiesError, Permission, Role,
        contact::{Email, Line},
        password_links::{self, LinkPurpose},
        passwords, roles,
    },
    types::{Clock, Language},
};

const HERE: &str = "/portal/members";
const UNKNOWN_BYTES: usize = 24;

#[derive(Template)]
#[template(path = "portal/members.html")]
struct MembersPage<'a> {
    shell: &'a Shell,
    members: Page<Member>,
    /// Each role that exists here, and what it may do.
    roles: Vec<(Role, Vec<Permission>)>,
}

/// `?cursor=`
#[derive(Debug, Default, Deserialize)]
pub struct Onward {
    pub cursor: Option<String>,
}

/// # Errors
/// Not an administrator.
pub async fn show(app: Data<App>, visitor: Visitor, onward: Query<Onward>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, onward.0, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, onward: Onward, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Administer)?;
    let cursor = PageQuery { limit: None, cursor: onward.cursor }.cursor()?;
    let members =
        app.db.transaction(visitor.scope(), async |conn| parties::list_members(conn, visitor.org, &cursor).await).await?;
    let granted = |role| roles::permissions(visitor.kind, role).unwrap_or_default().to_vec();
    let roles = roles::roles(visitor.kind).map(|role| (role, granted(role))).collect();
    let shell = visitor.shell("portal.members.title", refused);
    visitor.show(&shell, &MembersPage { shell: &shell, members, roles })
}

/// Takes a person into the organisation, by a mail to set a password with.
///
/// # Errors
/// What is not the form's fault.
pub async fn add(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Administer)?;
    let refused = match taken_in(&app, &visitor, &fields).await {
        Ok(refused) => refused,
        Err(problem) => Some(fields.refused(problem)?),
    };
    settle(&visitor, refused, (HERE, "member_added"), async |refused| page(&app, &visitor, Onward::default(), refused).await)
        .await
}

async fn taken_in(app: &App, visitor: &Visitor, fields: &Fields) -> Result<Option<Refused>, Problem> {
    let (full_name, email): (Line, Email) = (fields.parse("full_name")?, fields.parse("email")?);
    let (role, language): (Role, Option<Language>) = (fields.parse("role")?, fields.parse_optional("language")?);
    // Nobody knows this one: the first that somebody knows is set by the link of the invitation.
    let unknown = random_token(UNKNOWN_BYTES).map_err(Problem::internal)?;
    let hash = passwords::hash(unknown.into(), Vec::new()).await.map_err(Problem::internal)?;
    let now = Clock::real().now();
    fields
        .perform(app, visitor, async |conn, by| {
            let organisation = parties::find_organisation(conn, by, visitor.org).await?;
            let new =
                NewMember { email: &email, full_name: &full_name, role, language, password_hash: &hash, email_pointer: "/email" };
            let member = parties::add_member(conn, by, &organisation, &new).await?;
            password_links::issue(conn, by, member.id, LinkPurpose::Invitation, now).await?;
            Ok::<_, PartiesError>(member)
        })
        .await
}
