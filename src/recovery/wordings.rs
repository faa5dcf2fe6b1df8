//! An organisation's own words to debtors, by message, language and tone, in the place of those that ship.
//!
//! What may never happen here: words kept that a debtor may not be told (`paper::wording`); those of one organisation in a
//! message of another; words that were sent and that nobody can find any more.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    RecoveryError,
    approvals::{NOT_YET, Words, worded},
    demand::demand,
    dossier::Dossier,
    letterheads,
    store::wordings as store,
    strategy::Template,
};
use crate::{
    app::App,
    cases,
    db::{By, Conn, DbError},
    paper::{Form, LetterSheet, Wording},
    types::{CaseId, Language, OrgId, Tone, WordingId, clock::day_in},
};

/// Which words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct WordingKey {
    pub template: Template,
    pub language: Language,
    pub tone: Tone,
}

/// What a message says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MessageWording {
    pub template: Template,
    pub language: Language,
    pub tone: Tone,
    /// Of a mail or a letter.
    #[schema(example = "A question of {creditor} about {invoices}")]
    pub subject: Option<String>,
    /// Places in braces are filled: `{creditor}`, `{sender}`, `{debtor}`, `{invoices}`, `{total}`, `{claim_on}`, `{pay_by}`.
    #[schema(example = "Our records show no payment of {invoices} yet. Please pay by {pay_by}, or tell us what is wrong.")]
    pub text: String,
    /// When your organisation wrote it; none: the words that ship.
    pub written_at: Option<DateTime<Utc>>,
}

/// Own words.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWording {
    /// Of a mail or a letter; the one that ships unless said. At most 150 characters.
    #[serde(default)]
    pub subject: Option<String>,
    /// An empty line parts paragraphs. At most 2,000 characters; 140 in a text message.
    pub text: String,
}

/// Own words to be looked at in a case.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordingTrial {
    /// One that you pursue.
    pub case_id: CaseId,
    #[serde(default)]
    pub subject: Option<String>,
    pub text: String,
}

/// Own words as a debtor would read them.
#[derive(Debug)]
pub enum Tried {
    Words(Words),
    Letter(Box<LetterSheet>),
}

impl NewWording {
    fn wording(&self) -> Wording {
        let subject = self.subject.as_deref().map(str::trim).filter(|subject| !subject.is_empty());
        Wording { subject: subject.map(str::to_owned), text: self.text.trim().to_owned() }
    }
}

/// An organisation's own words, where it has some.
///
/// # Errors
/// The database fails.
pub async fn in_force(conn: &mut Conn<'_>, owner: OrgId, key: WordingKey) -> Result<Option<Wording>, RecoveryError> {
    let found = store::find(conn, owner, key).await?;
    Ok(found.map(|row| Wording { subject: row.subject, text: row.text }))
}

/// What every message of an organisation says, in every language and tone.
///
/// # Errors
/// The database fails.
pub async fn list(conn: &mut Conn<'_>, _: &By, owner: OrgId) -> Result<Vec<MessageWording>, RecoveryError> {
    let own = store::list(conn, owner).await?;
    let templates = Template::ALL.iter().filter_map(|template| Some((*template, template.form()?)));
    let keys = templates.flat_map(|(template, form)| {
        let tones = move |language| Tone::ALL.iter().map(move |tone| (form, WordingKey { template, language, tone: *tone }));
        Language::ALL.iter().flat_map(move |language| tones(*language))
    });
    let of_key = |key| own.iter().find(|row| row.key() == key).cloned();
    Ok(keys.map(|(form, key)| told(form, key, of_key(key))).collect())
}

/// What one message says.
///
/// # Errors
/// Nothing is written there; the database fails.
pub async fn find(conn: &mut Conn<'_>, _: &By, owner: OrgId, key: WordingKey) -> Result<MessageWording, RecoveryError> {
    Ok(told(form_of(key.template)?, key, store::find(conn, owner, key).await?))
}

/// Sets own words in the place of those before, which are kept.
///
/// # Errors
/// They say what no debtor is told.
pub async fn write(
    conn: &mut Conn<'_>,
    by: &By,
    owner: OrgId,
    key: WordingKey,
    new: &NewWording,
) -> Result<MessageWording, RecoveryError> {
    let wording = new.wording();
    check(key, &wording)?;
    store::replace(conn, owner, key, by.at).await?;
    let row = store::Insert {
        id: WordingId::fresh(),
        owner,
        template: key.template,
        language: key.language,
        tone: key.tone,
        subject: wording.subject.as_deref(),
        text: &wording.text,
        written_by: by.member(),
        written_at: by.at,
    };
    store::insert(conn, &row).await.map_err(|error| match error {
        error if error.violates("wordings_in_force") => RecoveryError::Db(DbError::Busy("two wrote at once".to_owned())),
        error => error.into(),
    })?;
    find(conn, by, owner, key).await
}

/// Back to the words that ship. Harmless when repeated.
///
/// # Errors
/// Nothing is written there; the database fails.
pub async fn withdraw(conn: &mut Conn<'_>, by: &By, owner: OrgId, key: WordingKey) -> Result<(), RecoveryError> {
    form_of(key.template)?;
    Ok(store::replace(conn, owner, key, by.at).await?)
}

/// Own words in a case that their organisation pursues, as its debtor would read them today.
///
/// # Errors
/// They say what no debtor is told; the case is not pursued by them, or lacks what the law wants said.
pub async fn preview(
    app: &App,
    conn: &mut Conn<'_>,
    by: &By,
    owner: OrgId,
    key: WordingKey,
    trial: &WordingTrial,
) -> Result<Tried, RecoveryError> {
    let wording = NewWording { subject: trial.subject.clone(), text: trial.text.clone() }.wording();
    check(key, &wording)?;
    let case = cases::find(conn, by, trial.case_id).await?;
    let dossier = Dossier::of(conn, by, &case).await?;
    if dossier.pursuer().id != owner {
        return Err(RecoveryError::Invalid("/case_id", "you do not pursue this case: its messages are not yours".to_owned()));
    }
    let mut demand = demand(app, conn, by, &case, &dossier, (key.template, key.tone)).await?;
    demand.language = key.language;
    demand.own_words = Some(wording);
    Ok(match worded(key.template, &demand)? {
        Some(words) => Tried::Words(words),
        None => {
            let dated = (NOT_YET.to_owned(), day_in(dossier.calendar.zone(), by.at));
            Tried::Letter(Box::new(letterheads::sheet(conn, by, owner, demand, dated).await?))
        }
    })
}

fn form_of(template: Template) -> Result<Form, RecoveryError> {
    template.form().ok_or(RecoveryError::NotFound("message with words of its own"))
}

fn check(key: WordingKey, wording: &Wording) -> Result<(), RecoveryError> {
    let faults = form_of(key.template)?.faults(key.tone, key.language, wording);
    if faults.is_empty() { Ok(()) } else { Err(RecoveryError::Unfit(faults)) }
}

fn told(form: Form, WordingKey { template, language, tone }: WordingKey, own: Option<store::Row>) -> MessageWording {
    let shipped = form.shipped(tone, language);
    let written_at = own.as_ref().map(|row| row.written_at);
    let (subject, text) = own.map_or((None, None), |row| (row.subject, Some(row.text)));
    MessageWording {
        template,
        language,
        tone,
        subject: subject.or(shipped.subject),
        text: text.unwrap_or(shipped.text),
        written_at,
    }
}
