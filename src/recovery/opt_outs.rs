//! Opt-outs: whoever has an address wants no more mails, text messages or calls there.
//!
//! What may never happen here: a contact by a channel that its address refused, whichever creditor asks; a creditor that learns
//! with whom else it was refused; a letter that the law demands silenced by it, which is why letters cannot be refused. What
//! was refused is allowed again by the debtor alone.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::{
    RecoveryError,
    store::{opt_outs as store, tasks},
    tasks::take_calls_back,
};
use crate::{
    app::App,
    cases::{self, Case, EventKind},
    db::{By, Conn, Scope},
    jobs::{self, JobError},
    receivables::{self, Debtor},
    types::{CaseId, Channel, Country, DebtorId, phone, text_enum},
};

/// What can be refused.
pub const REFUSABLE: [Channel; 3] = [Channel::Mail, Channel::Sms, Channel::Call];

/// What an address is kept by.
pub type Digest = [u8; 32];

text_enum! {
    /// How it was said.
    pub enum Way {
        /// On the debtor page.
        Page => "page",
        /// By the button that mail programs show (RFC 8058).
        MailProgram => "mail_program",
        /// By a word in a text message.
        TextMessage => "text_message",
        /// To a person who wrote it down.
        Person => "person",
    }
}

/// What the debtor no longer wants, as told to a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOptOut {
    /// `mail`, `sms` or `call`
    pub channel: Channel,
}

/// A channel that the debtor's present address refuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OptOut {
    pub channel: Channel,
    pub address: String,
}

/// One for every way to write the same address; none for letters, which cannot be refused.
#[must_use]
pub fn digest(channel: Channel, address: &str, country: Country) -> Option<Digest> {
    let normal = match channel {
        Channel::Mail => address.trim().to_lowercase(),
        Channel::Sms | Channel::Call => phone::dialled(address, country)?,
        Channel::Letter => return None,
    };
    Some(Sha256::digest(normal.as_bytes()).into())
}

/// Where a debtor is reached by a channel that can be refused, as its creditor wrote it.
fn address(debtor: &Debtor, channel: Channel) -> Option<&str> {
    match channel {
        Channel::Mail => debtor.email.as_deref(),
        Channel::Sms | Channel::Call => debtor.phone.as_deref(),
        Channel::Letter => None,
    }
}

/// Whether an address wants nothing by a channel.
///
/// # Errors
/// The database fails.
pub async fn is_refused(conn: &mut Conn<'_>, channel: Channel, address: &str, country: Country) -> Result<bool, RecoveryError> {
    let Some(digest) = digest(channel, address, country) else { return Ok(false) };
    Ok(!store::list_refused(conn, &[(channel, digest)]).await?.is_empty())
}

/// What a debtor's present addresses refuse.
///
/// # Errors
/// The database fails.
pub async fn refused_by(conn: &mut Conn<'_>, debtor: &Debtor) -> Result<Vec<OptOut>, RecoveryError> {
    let known = REFUSABLE.iter().filter_map(|channel| Some((*channel, address(debtor, *channel)?)));
    let known: Vec<(Channel, &str)> = known.collect();
    let asked: Vec<(Channel, Digest)> =
        known.iter().filter_map(|(channel, address)| Some((*channel, digest(*channel, address, debtor.country)?))).collect();
    let refused = store::list_refused(conn, &asked).await?;
    let of = |(channel, address): (Channel, &str)| OptOut { channel, address: address.to_owned() };
    Ok(known.into_iter().filter(|(channel, _)| refused.contains(channel)).map(of).collect())
}

/// What the debtor of a case refuses.
///
/// # Errors
/// The case is not visible.
pub async fn list(conn: &mut Conn<'_>, by: &By, case: CaseId) -> Result<Vec<OptOut>, RecoveryError> {
    let case = cases::find(conn, by, case).await?;
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    refused_by(conn, &debtor).await
}

/// The debtor of a case no longer wants a channel. Harmless when repeated.
///
/// # Errors
/// The case is not visible; letters; no address of that kind is known.
pub async fn opt_out(conn: &mut Conn<'_>, by: &By, case: CaseId, channel: Channel, way: Way) -> Result<OptOut, RecoveryError> {
    if !REFUSABLE.contains(&channel) {
        let why = "letters cannot be refused: what the law wants said has to arrive somewhere";
        return Err(RecoveryError::Invalid("/channel", why.to_owned()));
    }
    let mut case = cases::lock(conn, by, case).await?;
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let Some(address) = address(&debtor, channel) else {
        return Err(RecoveryError::Invalid("/channel", format!("no address of this debtor is known for {channel}")));
    };
    refuse(conn, by, &mut case, (channel, address, debtor.country), way).await?;
    Ok(OptOut { channel, address: address.to_owned() })
}

/// An address at which a message of a case arrived wants no more by that channel. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn opt_address_out(
    conn: &mut Conn<'_>,
    by: &By,
    case: CaseId,
    (channel, address): (Channel, &str),
    way: Way,
) -> Result<(), RecoveryError> {
    let mut case = cases::lock(conn, by, case).await?;
    let country = receivables::find_debtor(conn, by, case.debtor).await?.country;
    refuse(conn, by, &mut case, (channel, address, country), way).await
}

async fn refuse(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    (channel, address, country): (Channel, &str, Country),
    way: Way,
) -> Result<(), RecoveryError> {
    let Some(digest) = digest(channel, address, country) else { return Ok(()) };
    if !store::insert(conn, channel, &digest, by.at).await? {
        return Ok(());
    }
    case.record(by, EventKind::OptedOut, json!({ "channel": channel, "way": way }));
    cases::save(conn, by, case).await?;
    // What leaves by itself is asked for once more when it leaves; a call is in somebody's hands already.
    if channel == Channel::Call {
        jobs::enqueue(conn, TakeCallsBack::KIND, &TakeCallsBack { debtor_id: case.debtor }, by.at).await?;
    }
    Ok(())
}

/// The debtor allows a channel again. Harmless when repeated.
///
/// # Errors
/// The case is not visible.
pub async fn opt_in(conn: &mut Conn<'_>, by: &By, case: CaseId, channel: Channel, way: Way) -> Result<(), RecoveryError> {
    let mut case = cases::lock(conn, by, case).await?;
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let digest = address(&debtor, channel).and_then(|address| digest(channel, address, debtor.country));
    let Some(digest) = digest else { return Ok(()) };
    if store::delete(conn, channel, &digest).await? {
        case.record(by, EventKind::OptedIn, json!({ "channel": channel, "way": way }));
        cases::save(conn, by, &mut case).await?;
    }
    Ok(())
}

/// Calls that were asked for before the debtor refused calls are not to be made, whoever was asked.
#[derive(Debug, Serialize, Deserialize)]
pub struct TakeCallsBack {
    pub debtor_id: DebtorId,
}

impl TakeCallsBack {
    pub const KIND: &'static str = "recovery.take_calls_back";
}

/// Takes them back, one case at a time: the step is evaluated again, and left out.
///
/// # Errors
/// The database fails.
pub async fn take_back(app: &App, wanted: TakeCallsBack) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    let cases = app.db.transaction(Scope::System, async |conn| store::list_open_calls(conn, wanted.debtor_id).await).await?;
    for id in cases {
        app.db.transaction(Scope::System, async |conn| take_back_in(conn, &by, id).await).await?;
    }
    Ok(())
}

async fn take_back_in(conn: &mut Conn<'_>, by: &By, id: CaseId) -> Result<(), RecoveryError> {
    let mut case = cases::lock(conn, by, id).await?;
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    // Another creditor may know another number.
    if !refused_by(conn, &debtor).await?.iter().any(|refused| refused.channel == Channel::Call) {
        return Ok(());
    }
    let uncalled = tasks::stop_calls(conn, case.id).await?;
    take_calls_back(conn, uncalled).await?;
    if case.is_pursued() && cases::running_holds(conn, case.id, by.at).await?.is_empty() {
        case.look_again(by.at);
    }
    Ok(cases::save(conn, by, &mut case).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(channel: Channel, one: &str, other: &str) -> bool {
        digest(channel, one, Country::Spain) == digest(channel, other, Country::Spain)
    }

    #[test]
    fn an_address_is_one_however_it_is_written() {
        assert!(same(Channel::Mail, " Pagos@Ruiz.example", "pagos@ruiz.example"));
        assert!(same(Channel::Call, "600 00 00 00", "+34600000000"));
        assert!(same(Channel::Sms, "0034 600-000-000", "+34600000000"));
        assert!(!same(Channel::Mail, "pagos@ruiz.example", "cobros@ruiz.example"));
        assert!(!same(Channel::Call, "+34600000000", "+34600000001"));
    }

    #[test]
    fn letters_cannot_be_refused() {
        assert_eq!(digest(Channel::Letter, "Calle Mayor 1, 28013 Madrid", Country::Spain), None);
        assert!(!REFUSABLE.contains(&Channel::Letter));
    }
}
