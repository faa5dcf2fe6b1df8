//! Who is who in a case, and what the contact policy is to know of it.

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::TryFutureExt;

use super::{
    RecoveryError,
    addresses::{self, UnreachableAddress},
    hours::{Hours, zone_of},
    policy::{Facts, OwnerWindow, RunningHold, Writing},
    store::{contacts, deliveries, tasks},
};
use crate::{
    app::App,
    cases::{self, Case, Phase},
    db::{By, Conn},
    parties::{self, Organisation},
    receivables::{self, Debtor, Profile},
    types::{ActionId, Calendar, Channel, OrgId, phone},
};

/// The debtor, what its creditor allows, and who pursues the case.
#[derive(Debug, Clone)]
pub struct Dossier {
    pub debtor: Debtor,
    pub profile: Profile,
    pub creditor: Organisation,
    /// The agency engaged; none while the creditor pursues the case itself.
    pub agency: Option<Organisation>,
    pub calendar: Calendar,
    /// Where nothing arrives.
    pub unreachable: Vec<UnreachableAddress>,
}

impl Dossier {
    /// # Errors
    /// Something of it is gone, or the database fails.
    pub async fn of(conn: &mut Conn<'_>, by: &By, case: &Case) -> Result<Self, RecoveryError> {
        let (mut one, mut two, mut three, mut four, mut five) = (*conn, *conn, *conn, *conn, *conn);
        let agency = async {
            match pursuer_of(case) {
                Some(agency) => Ok(Some(parties::find_organisation(&mut four, by, agency).await?)),
                None => Ok::<_, RecoveryError>(None),
            }
        };
        let (debtor, profile, creditor, agency, unreachable) = tokio::try_join!(
            receivables::find_debtor(&mut one, by, case.debtor).err_into(),
            receivables::profile_of(&mut two, by, case.debtor).err_into(),
            parties::find_organisation(&mut three, by, case.creditor).err_into(),
            agency,
            addresses::list(&mut five, case.debtor),
        )?;
        let said = debtor.time_zone.as_deref().and_then(|name| name.parse().ok());
        let zone = said.unwrap_or_else(|| zone_of(debtor.country, debtor.postal_code.as_deref()));
        let calendar = Calendar::in_zone(debtor.country, zone);
        Ok(Self { debtor, profile, creditor, agency, calendar, unreachable })
    }

    /// Whose work it is, and in whose language it is asked for.
    #[must_use]
    pub fn pursuer(&self) -> &Organisation {
        self.agency.as_ref().unwrap_or(&self.creditor)
    }

    #[must_use]
    pub const fn hours(&self) -> Hours {
        Hours { calendar: self.calendar, from: self.profile.contact_from, until: self.profile.contact_until }
    }

    /// When a day's work with this debtor begins.
    #[must_use]
    pub fn opening_on(&self, day: NaiveDate, channel: Channel) -> DateTime<Utc> {
        let midnight = self.calendar.instant(day, 0);
        self.hours().open_from(channel, midnight).unwrap_or(midnight)
    }

    /// Whether a contact by this channel has somewhere to go. A number to call is found by whoever is asked to call.
    #[must_use]
    pub fn reaches(&self, channel: Channel) -> bool {
        channel == Channel::Call || self.address(channel).is_some()
    }

    /// Whether what was sent to its address by this channel came back.
    #[must_use]
    pub fn is_unreachable(&self, channel: Channel) -> bool {
        self.address(channel).is_some_and(|address| self.came_back(channel, &address))
    }

    /// Whether what was sent to this address came back.
    #[must_use]
    pub fn came_back(&self, channel: Channel, address: &str) -> bool {
        self.unreachable.iter().any(|one| one.channel == channel && one.address == address)
    }

    /// Where the debtor is reached.
    #[must_use]
    pub fn address(&self, channel: Channel) -> Option<String> {
        match channel {
            Channel::Mail => self.debtor.email.clone(),
            Channel::Call => self.debtor.phone.clone(),
            Channel::Sms => phone::mobile(self.debtor.phone.as_deref()?, self.debtor.country),
            Channel::Letter => {
                let Debtor { street, postal_code, city, .. } = &self.debtor;
                Some(format!("{}, {} {}", street.as_ref()?, postal_code.as_ref()?, city.as_ref()?))
            }
        }
    }
}

/// The agency engaged on a case; none: the creditor itself.
#[must_use]
pub fn pursuer_of(case: &Case) -> Option<OrgId> {
    case.agency.filter(|_| case.phase == Phase::Active)
}

/// An agency's work begins after the owner had the first word, if anybody had it.
async fn owner_window(conn: &mut Conn<'_>, case: &Case, dossier: &Dossier) -> Result<OwnerWindow, RecoveryError> {
    if dossier.profile.account_owner_id.is_none() || case.phase != Phase::InHouse {
        return Ok(OwnerWindow::NoOwner);
    }
    Ok(match tasks::owner_window(conn, case.id).await? {
        None => OwnerWindow::Unasked,
        Some(asked) if asked.is_open => OwnerWindow::Open { until: asked.due_at },
        Some(_) => OwnerWindow::Over,
    })
}

/// The facts of a contact, with those of other creditors' cases against the same debtor. Under `Scope::System`; takes the
/// debtor's lock, so that two cases never fill the last place of a week at once. `about`: the action that is not to count itself.
///
/// # Errors
/// The database fails.
pub async fn facts(
    app: &App,
    conn: &mut Conn<'_>,
    by: &By,
    case: &Case,
    dossier: &Dossier,
    about: Option<ActionId>,
) -> Result<Facts, RecoveryError> {
    contacts::lock_debtor(conn, case.debtor).await?;
    facts_seen(app, conn, by, case, dossier, about).await
}

/// The facts of a contact as far as the transaction's scope shows them: without the contacts of others, for whoever may not know
/// of them.
///
/// # Errors
/// The database fails.
pub async fn facts_seen(
    app: &App,
    conn: &mut Conn<'_>,
    by: &By,
    case: &Case,
    dossier: &Dossier,
    about: Option<ActionId>,
) -> Result<Facts, RecoveryError> {
    let (mut one, mut two, mut three, mut four) = (*conn, *conn, *conn, *conn);
    let (holds, recent, last_conversation_at, writings) = tokio::try_join!(
        cases::running_holds(&mut one, case.id, by.at).err_into::<RecoveryError>(),
        contacts::list_recent(&mut two, case.debtor, about, by.at).err_into(),
        contacts::last_conversation(&mut three, case.id).err_into(),
        deliveries::list_writings(&mut four, case.id, pursuer_of(case)).err_into(),
    )?;
    let owner = owner_window(conn, case, dossier).await?;
    Ok(Facts {
        now: by.at,
        phase: case.phase,
        country: dossier.debtor.country,
        debtor_kind: dossier.debtor.kind,
        contact_epoch: case.contact_epoch,
        holds: holds.into_iter().map(|hold| RunningHold { kind: hold.kind, ends_at: hold.ends_at }).collect(),
        do_not_contact: dossier.profile.do_not_contact,
        owner,
        channels: dossier.profile.channels.clone(),
        tone_ceiling: dossier.profile.tone_ceiling,
        promised_tone: case.promised_tone,
        hours: dossier.hours(),
        writings: writings.into_iter().map(|sent| Writing { channel: sent.channel, at: sent.sent_at }).collect(),
        last_contact_at: recent.iter().filter(|contact| contact.case_id == case.id).map(|contact| contact.at).max(),
        recent_contacts: recent.into_iter().map(|contact| contact.at).collect(),
        contacts_per_week: app.settings.platform.contacts_per_week,
        last_conversation_at,
    })
}
