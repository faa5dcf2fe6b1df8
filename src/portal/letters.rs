//! The print queue: what is to be printed, bundles for the printer and the post, and letters that came back.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use askama::Template;

use super::{
    Fields, Refused, Shell, Visitor,
    fields::{check_token, chosen_file, same_site, settle},
    overview::first,
};
use crate::{
    app::App,
    http::{AsSystem, FormWithFile, Problem},
    paper::letterhead::LOGO_MAX_BYTES,
    parties::Permission,
    recovery::{
        letterheads::{self, LetterheadView, NewLetterheadLine},
        letters::{self, Letter, LetterBundle, LetterSetting, LetterSettings, LetterState, NewBundle, SentWhen},
        print_room,
        work_api::may_lead,
    },
    types::{DeliveryId, LetterBundleId, clock::day_in},
};

const HERE: &str = "/portal/letters";
const AT_MOST: i64 = 50;

#[derive(Template)]
#[template(path = "portal/letters.html")]
struct LettersPage<'a> {
    shell: &'a Shell,
    to_print: Vec<Letter>,
    bundles: Vec<LetterBundle>,
    posted: Vec<Letter>,
    returned: Vec<Letter>,
    settings: LetterSettings,
    letterhead: LetterheadView,
    today: chrono::NaiveDate,
    may_write: bool,
    may_set: bool,
}

impl LettersPage<'_> {
    fn part<'b>(letter: &'b Letter, name: &str) -> &'b str {
        letter.recipient.get(name).and_then(serde_json::Value::as_str).unwrap_or_default()
    }
}

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let shell = visitor.shell("portal.letters.title", refused);
    let page = app.db.transaction(by.scope, async |conn| {
        let of = |state| Some(state);
        Ok::<_, Problem>(LettersPage {
            shell: &shell,
            to_print: letters::list(conn, &by, visitor.org, of(LetterState::ToPrint), first(AT_MOST)?).await?,
            bundles: letters::list_bundles(conn, &by, first(AT_MOST)?).await?,
            posted: letters::list(conn, &by, visitor.org, of(LetterState::Posted), first(AT_MOST)?).await?,
            returned: letters::list(conn, &by, visitor.org, of(LetterState::Returned), first(AT_MOST)?).await?,
            settings: letters::settings(conn, &by, visitor.org).await?,
            letterhead: letterheads::show(conn, &by, visitor.org).await?,
            today: day_in(visitor.country.time_zone(), by.at),
            may_write: visitor.may_write_on_cases().is_ok(),
            may_set: may_lead(visitor).is_ok(),
        })
    });
    visitor.show(&shell, &page.await?)
}

/// Puts what is to be printed together.
///
/// # Errors
/// What is not the form's fault.
pub async fn bundle(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let new = NewBundle { double_sided: fields.optional("double_sided").is_some(), letter_ids: None };
    let refused =
        fields.perform(&app, &visitor, async |conn, by| letters::make_bundle(conn, by, visitor.org, &new).await).await?;
    settle(&visitor, refused, (HERE, "letters_bundled"), async |refused| page(&app, &visitor, refused).await).await
}

/// # Errors
/// Not visible.
pub async fn pdf(app: Data<App>, visitor: Visitor, id: Path<LetterBundleId>) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    print_room::pdf(&app, &visitor.by_now(), *id).await
}

/// # Errors
/// Not visible.
pub async fn csv(app: Data<App>, visitor: Visitor, id: Path<LetterBundleId>) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    print_room::csv(&app, &visitor.by_now(), *id).await
}

/// A bundle is in the post.
///
/// # Errors
/// What is not the form's fault.
pub async fn post(app: Data<App>, visitor: Visitor, id: Path<LetterBundleId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let refused = match fields.day("posted_on") {
        Err(problem) => Some(fields.refused(problem)?),
        Ok(day) => {
            let post = async |conn: &mut crate::db::Conn<'_>, by: &crate::db::By| {
                letters::post_bundle(conn, by, visitor.org, *id, day).await
            };
            fields.perform(&app, &AsSystem(&visitor), post).await?
        }
    };
    settle(&visitor, refused, (HERE, "letters_posted"), async |refused| page(&app, &visitor, refused).await).await
}

/// A letter came back.
///
/// # Errors
/// What is not the form's fault.
pub async fn take_back(app: Data<App>, visitor: Visitor, id: Path<DeliveryId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let refused = fields
        .perform(&app, &AsSystem(&visitor), async |conn, by| {
            letters::take_back(conn, by, visitor.org, *id, fields.text("reason")).await
        })
        .await?;
    settle(&visitor, refused, (HERE, "letter_returned"), async |refused| page(&app, &visitor, refused).await).await
}

/// When letters count as sent.
///
/// # Errors
/// What is not the form's fault.
pub async fn set(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    may_lead(&visitor)?;
    let read = || Ok::<_, Problem>((fields.parse::<SentWhen>("sent_when")?, fields.parse::<i32>("version")?));
    let refused = match read() {
        Err(problem) => Some(fields.refused(problem)?),
        Ok((sent_when, version)) => {
            let setting = LetterSetting { sent_when };
            fields.perform(&app, &visitor, async |conn, by| letters::set(conn, by, visitor.org, version, &setting).await).await?
        }
    };
    settle(&visitor, refused, (HERE, "letters_set"), async |refused| page(&app, &visitor, refused).await).await
}

/// The line at the foot of letters.
///
/// # Errors
/// What is not the form's fault.
pub async fn set_line(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    may_lead(&visitor)?;
    let new = NewLetterheadLine { line: fields.optional("line").map(str::to_owned) };
    let refused =
        fields.perform(&app, &visitor, async |conn, by| letterheads::set_line(conn, by, visitor.org, &new).await).await?;
    settle(&visitor, refused, (HERE, "letterhead_set"), async |refused| page(&app, &visitor, refused).await).await
}

/// The logo of letters.
///
/// # Errors
/// What is not the form's fault.
pub async fn set_logo(app: Data<App>, request: HttpRequest, visitor: Visitor, payload: Payload) -> Result<HttpResponse, Problem> {
    same_site(&request)?;
    may_lead(&visitor)?;
    let form = FormWithFile::read(&request, payload, LOGO_MAX_BYTES).await?;
    check_token(&request, form.text("form_token"))?;
    let sent = async {
        let content = chosen_file(&form, LOGO_MAX_BYTES)?.content.to_vec();
        let by = visitor.by_now();
        let set = app.db.transaction(by.scope, async |conn| letterheads::set_logo(conn, &by, visitor.org, content).await);
        Ok::<_, Problem>(set.await?)
    };
    match sent.await {
        Ok(_) => visitor.done(HERE, "letterhead_set"),
        Err(problem) => page(&app, &visitor, Refused::of("logo", problem)?).await,
    }
}

/// Letters without a logo.
///
/// # Errors
/// What is not the form's fault.
pub async fn remove_logo(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    may_lead(&visitor)?;
    let refused = fields.perform(&app, &visitor, async |conn, by| letterheads::remove_logo(conn, by, visitor.org).await).await?;
    settle(&visitor, refused, (HERE, "letterhead_set"), async |refused| page(&app, &visitor, refused).await).await
}
