//! Where an organisation's money goes: its bank account and the change of it, the rhythm of payouts, and its account at Stripe.

use actix_web::{HttpResponse, web::Data};
use askama::Template;

use super::{Fields, Refused, Shell, Visitor, proof, visitor::see_other};
use crate::{
    app::App,
    db::Scope,
    http::{AsSystem, Problem},
    parties::{
        self, PartiesError, Permission,
        account_changes::{self, AccountChange, AccountChangeStatus, Confirmation},
    },
    payments::stripe::{
        accounts::{self, ConnectedAccount},
        api::onboard,
    },
    settlement::preferences::{self, Preference, PreferenceSetting, Schedule},
    types::{Currency, Iban, Money},
};

const HERE: &str = "/portal/payout-account";

#[derive(Template)]
#[template(path = "portal/payout_account.html")]
struct PayoutAccountPage<'a> {
    shell: &'a Shell,
    iban: Option<Iban>,
    change: Option<AccountChange>,
    preference: Preference,
    /// None: this platform takes no cards.
    connected: Option<ConnectedAccount>,
    cooling_days: u32,
}

impl PayoutAccountPage<'_> {
    fn waits_for_code(&self) -> bool {
        self.change.as_ref().is_some_and(|change| change.status == AccountChangeStatus::Asked)
    }

    /// Whether the change is neither in force nor given up.
    fn is_changing(&self) -> bool {
        self.waits_for_code() || self.change.as_ref().is_some_and(|change| change.status == AccountChangeStatus::Confirmed)
    }

    fn wants(&self, schedule: &Schedule) -> bool {
        self.preference.setting.schedule == *schedule
    }

    fn day(&self) -> String {
        self.preference.setting.day.map_or_else(String::new, |day| day.to_string())
    }

    fn minimum(&self) -> String {
        self.preference.setting.minimum.decimal()
    }
}

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Money)?;
    let (by, org) = (visitor.by_now(), visitor.org);
    let takes_cards = app.settings.stripe.is_on();
    let shell = visitor.shell("portal.payout_account.title", refused);
    let page = app.db.transaction(by.scope, async |conn| {
        let change = match account_changes::latest(conn, org).await {
            Ok(change) => Some(change),
            Err(PartiesError::NoAccountChange) => None,
            Err(error) => return Err(error.into()),
        };
        Ok::<_, Problem>(PayoutAccountPage {
            shell: &shell,
            iban: parties::find_organisation(conn, &by, org).await?.iban,
            change,
            preference: preferences::find(conn, org).await?,
            connected: if takes_cards { Some(accounts::find(conn, &by, org).await?) } else { None },
            cooling_days: app.settings.platform.account_cooling_days,
        })
    });
    visitor.show(&shell, &page.await?)
}

async fn settle(
    app: &App,
    visitor: &Visitor,
    fields: &Fields,
    sent: Result<Option<Refused>, Problem>,
    flash: &'static str,
) -> Result<HttpResponse, Problem> {
    super::fields::settle(visitor, fields.outcome(sent)?, (HERE, flash), async |refused| page(app, visitor, refused).await).await
}

/// Asks for money to go to another account; the code for it goes by mail.
///
/// # Errors
/// What is not the form's fault.
pub async fn change(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Administer)?;
    if visitor.must_be_proven().is_err() {
        return Ok(proof::ask(HERE));
    }
    let sent = async {
        let iban: Iban = fields.parse("iban")?;
        fields
            .perform(&app, &AsSystem(&visitor), async |conn, by| {
                account_changes::ask(conn, by, visitor.org, iban.clone()).await.map(drop)
            })
            .await
    };
    settle(&app, &visitor, &fields, sent.await, "account_asked").await
}

/// Brings the code from the mail. A wrong one counts.
///
/// # Errors
/// What is not the form's fault.
pub async fn confirm(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Administer)?;
    if visitor.must_be_proven().is_err() {
        return Ok(proof::ask(HERE));
    }
    let by = visitor.by_now();
    let tried = (fields.text("code"), app.settings.platform.account_cooling_days);
    let told =
        app.db.transaction(Scope::System, async |conn| account_changes::confirm(conn, &by, &app.keys, visitor.org, tried).await);
    let sent = match told.await {
        Ok(Confirmation::Done(_)) => Ok(None),
        Ok(Confirmation::WrongCode { left }) => Err(PartiesError::WrongAccountCode { left }.into()),
        Err(error) => Err(error.into()),
    };
    settle(&app, &visitor, &fields, sent, "account_confirmed").await
}

/// Takes the change back.
///
/// # Errors
/// What is not the form's fault.
pub async fn cancel(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Administer)?;
    let sent = fields
        .perform(&app, &AsSystem(&visitor), async |conn, by| account_changes::cancel(conn, by, visitor.org).await.map(drop))
        .await;
    settle(&app, &visitor, &fields, sent, "account_kept").await
}

/// Says when, and from how much on, money is wanted.
///
/// # Errors
/// What is not the form's fault.
pub async fn prefer(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Money)?;
    let sent = async {
        let (schedule, version): (Schedule, i32) = (fields.parse("schedule")?, fields.parse("version")?);
        let minimum = match fields.optional("minimum") {
            Some(_) => fields.money("minimum", Currency::EUR)?,
            None => Money::zero(Currency::EUR),
        };
        let setting = PreferenceSetting { schedule, day: fields.parse_optional("day")?, minimum };
        fields
            .perform(&app, &visitor, async |conn, by| preferences::set(conn, by, visitor.org, version, setting).await.map(drop))
            .await
    };
    settle(&app, &visitor, &fields, sent.await, "payouts_wished").await
}

/// On to Stripe's pages, to show it who one is.
///
/// # Errors
/// What is not the form's fault.
pub async fn connect(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Administer)?;
    match onboard(&app, &visitor.by_now(), visitor.org).await {
        Ok(there) => Ok(see_other(&there.url)),
        Err(problem) => page(&app, &visitor, fields.refused(problem)?).await,
    }
}
