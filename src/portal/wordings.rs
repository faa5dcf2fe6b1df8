//! What messages to debtors say: the words that ship or one's own, looked at in a real case before they are kept.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use super::{Fields, Refused, Shell, Visitor, fields::settle};
use crate::{
    app::App,
    cases::{
        Phase,
        desk::{self, CaseLine, Search, Sort},
    },
    db::{By, Conn},
    http::{Problem, Query, pdf_file},
    parties::{OrgKind, Permission},
    recovery::{
        approvals::Words,
        strategy::Template as MessageTemplate,
        wordings::{self, MessageWording, NewWording, Tried, WordingKey, WordingTrial},
        work_api::may_lead,
    },
    types::{Language, Tone},
};

/// Which words are shown. What is none of ours is as if it were not there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    template: String,
    language: String,
    tone: String,
}

#[derive(Template)]
#[template(path = "portal/wordings.html")]
struct WordingsPage<'a> {
    shell: &'a Shell,
    key: WordingKey,
    shown: MessageWording,
    /// Everything that is not as it ships.
    own: Vec<MessageWording>,
    cases: Vec<CaseLine>,
    trial: Option<Trial>,
    may_write: bool,
}

/// What was typed, and how it reads.
struct Trial {
    case: String,
    subject: String,
    text: String,
    words: Words,
}

impl WordingsPage<'_> {
    fn has_subject(&self) -> bool {
        self.shown.subject.is_some()
    }

    fn subject(&self) -> &str {
        self.trial.as_ref().map_or(self.shown.subject.as_deref().unwrap_or_default(), |trial| &trial.subject)
    }

    fn text(&self) -> &str {
        self.trial.as_ref().map_or(&self.shown.text, |trial| &trial.text)
    }

    fn is_chosen(&self, case: &CaseLine) -> bool {
        let id = case.id.to_string();
        self.shell.refused.chose("words", "case_id", &id) || self.trial.as_ref().is_some_and(|trial| trial.case == id)
    }

    fn written() -> impl Iterator<Item = &'static MessageTemplate> {
        MessageTemplate::ALL.iter().filter(|template| template.form().is_some())
    }
}

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: Visitor, wish: Query<Wish>) -> Result<HttpResponse, Problem> {
    let Wish { template, language, tone } = wish.0;
    let template = template.parse().ok().filter(|template: &MessageTemplate| template.form().is_some());
    let key = WordingKey {
        template: template.unwrap_or(MessageTemplate::Reminder),
        language: language.parse().unwrap_or(visitor.member.language),
        tone: tone.parse().unwrap_or(Tone::Neutral),
    };
    page(&app, &visitor, Refused::nothing(), key, None).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    refused: Refused,
    key: WordingKey,
    trial: Option<Trial>,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let shell = visitor.shell("portal.wordings.title", refused);
    let page = app.db.transaction(by.scope, async |conn| {
        let mut own = wordings::list(conn, &by, visitor.org).await?;
        own.retain(|wording| wording.written_at.is_some());
        Ok::<_, Problem>(WordingsPage {
            shell: &shell,
            key,
            shown: wordings::find(conn, &by, visitor.org, key).await?,
            own,
            cases: pursued(conn, &by, visitor).await?,
            trial,
            may_write: may_lead(visitor).is_ok(),
        })
    });
    visitor.show(&shell, &page.await?)
}

/// The newest cases in one's hands.
async fn pursued(conn: &mut Conn<'_>, by: &By, visitor: &Visitor) -> Result<Vec<CaseLine>, Problem> {
    let phase = match visitor.kind {
        OrgKind::Creditor => Phase::InHouse,
        OrgKind::Agency => Phase::Active,
        OrgKind::Operator | OrgKind::Partner => return Ok(Vec::new()),
    };
    let search = Search { phase: Some(phase), text: "", sort: Sort::Newest, cursor: None };
    Ok(desk::search(conn, by, &search).await?.data)
}

/// Keeps one's own words.
///
/// # Errors
/// What is not the form's fault.
pub async fn write(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    may_lead(&visitor)?;
    let key = key_of(&fields)?;
    let new = NewWording { subject: fields.optional("subject").map(str::to_owned), text: fields.text("text").to_owned() };
    let refused =
        fields.perform(&app, &visitor, async |conn, by| wordings::write(conn, by, visitor.org, key, &new).await).await?;
    settle(&visitor, refused, (&place(key), "wording_kept"), async |refused| page(&app, &visitor, refused, key, None).await).await
}

/// Shows what was typed in a case; a letter as it would be drawn.
///
/// # Errors
/// What is not the form's fault.
pub async fn preview(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let key = key_of(&fields)?;
    let tried = match fields.parse("case_id") {
        Err(problem) => Err(problem),
        Ok(case_id) => {
            let subject = fields.optional("subject").map(str::to_owned);
            let trial = WordingTrial { case_id, subject, text: fields.text("text").to_owned() };
            let by = visitor.by_now();
            let tried =
                app.db.transaction(by.scope, async |conn| wordings::preview(&app, conn, &by, visitor.org, key, &trial).await);
            tried.await.map_err(Problem::from)
        }
    };
    match tried {
        Err(problem) => page(&app, &visitor, fields.refused(problem)?, key, None).await,
        Ok(Tried::Words(words)) => {
            let [case, subject, text] = ["case_id", "subject", "text"].map(|name| fields.text(name).to_owned());
            page(&app, &visitor, Refused::nothing(), key, Some(Trial { case, subject, text, words })).await
        }
        Ok(Tried::Letter(sheet)) => {
            let pdf = tokio::task::spawn_blocking(move || sheet.pdf()).await.map_err(Problem::internal)?;
            Ok(pdf_file("preview.pdf", pdf.map_err(Problem::internal)?))
        }
    }
}

/// Goes back to the words that ship.
///
/// # Errors
/// What is not the form's fault.
pub async fn withdraw(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    may_lead(&visitor)?;
    let key = key_of(&fields)?;
    let refused = fields.perform(&app, &visitor, async |conn, by| wordings::withdraw(conn, by, visitor.org, key).await).await?;
    settle(&visitor, refused, (&place(key), "wording_withdrawn"), async |refused| page(&app, &visitor, refused, key, None).await)
        .await
}

fn key_of(fields: &Fields) -> Result<WordingKey, Problem> {
    Ok(WordingKey { template: fields.parse("template")?, language: fields.parse("language")?, tone: fields.parse("tone")? })
}

fn place(WordingKey { template, language, tone }: WordingKey) -> String {
    format!("/portal/wordings?template={template}&language={language}&tone={tone}")
}
