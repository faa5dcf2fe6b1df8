//! Jobs of the Stripe route. Each asks Stripe outside a transaction, then lets the books follow in one of its own.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    accounts,
    answers::Event,
    books, checkouts,
    checkouts::{Checkout, CheckoutStatus},
    events::{self, CameBy, Subject},
    gateway::{Gateway, NotDone, Offer},
    movements,
    seen::{Seen, seen},
    store, transfers,
};
use crate::{
    app::App,
    db::{By, Conn, DbError, Scope},
    jobs::{self, JobError},
    payments::House,
    types::{CheckoutId, Money, PayoutId},
};

/// So often Stripe is asked for what no webhook has brought.
const CATCH_UP_EVERY: TimeDelta = TimeDelta::minutes(10);

/// A debtor wants to pay, and may not have been brought to Stripe's page.
#[derive(Debug, Serialize, Deserialize)]
pub struct OpenCheckout {
    pub checkout_id: CheckoutId,
}

impl OpenCheckout {
    pub const KIND: &str = "stripe.open_checkout";
}

/// Stripe's page has closed by itself.
#[derive(Debug, Serialize, Deserialize)]
pub struct FollowCheckout {
    pub checkout_id: CheckoutId,
}

impl FollowCheckout {
    pub const KIND: &str = "stripe.follow_checkout";
}

/// An event waits to be worked on.
#[derive(Debug, Serialize, Deserialize)]
pub struct WorkEvent {
    pub event_id: String,
}

impl WorkEvent {
    pub const KIND: &str = "stripe.work_event";
}

/// A payout of money at Stripe may leave, or come back.
#[derive(Debug, Serialize, Deserialize)]
pub struct Transfer {
    pub payout_id: PayoutId,
}

impl Transfer {
    pub const KIND: &str = "stripe.transfer";
}

/// Money is to go back to the debtor.
#[derive(Debug, Serialize, Deserialize)]
pub struct Refund {
    pub checkout_id: CheckoutId,
    pub amount: Money,
    /// What the refund is found again by.
    pub key: String,
}

impl Refund {
    pub const KIND: &str = "stripe.refund";
}

/// Some time has passed.
#[derive(Debug, Serialize, Deserialize)]
pub struct CatchUp {}

impl CatchUp {
    pub const KIND: &str = "stripe.catch_up";
}

impl From<NotDone> for JobError {
    fn from(error: NotDone) -> Self {
        Self::Again(error.to_string())
    }
}

fn gateway(app: &App) -> Result<Gateway<'_>, JobError> {
    Gateway::of(app).ok_or_else(|| JobError::Again("there is no key to Stripe (stripe.secret_key)".to_owned()))
}

/// What an attempt needs of Stripe: where the debtor pays. Asked for by the debtor's own request, and by [`open_checkout`] where
/// that went missing: then Stripe is asked first whether it has opened the page already.
pub async fn open_page(app: &App, checkout: &Checkout, looks_up: bool) -> Result<Option<String>, JobError> {
    let (gateway, by) = (gateway(app)?, By::engine(app.clock.now()));
    let known = if looks_up { gateway.find_session(checkout.id).await? } else { None };
    let session = match known {
        Some(session) => session,
        None => {
            let title = app.db.transaction(Scope::System, async |conn| checkouts::title_of(conn, &by, checkout).await).await?;
            let page = format!("{}/d/{}", app.settings.public_url, app.keys.debtor_token(checkout.case));
            let offer = Offer {
                checkout: checkout.id,
                amount: checkout.amount,
                title: &title,
                paid_url: format!("{page}/checkout/{}?lang={}", checkout.id, checkout.language),
                back_url: format!("{page}?lang={}#pay", checkout.language),
            };
            gateway.open_session(&offer).await?
        }
    };
    let opened = async |conn: &mut Conn<'_>| checkouts::opened(conn, checkout.id, &session.id, session.url.as_deref()).await;
    app.db.transaction(Scope::System, opened).await?;
    Ok(session.url)
}

/// Opens the page of an attempt that was left without one.
///
/// # Errors
/// Stripe is away or gives no answer; the database fails.
pub async fn open_checkout(app: &App, due: OpenCheckout) -> Result<(), JobError> {
    let checkout = app.db.transaction(Scope::System, async |conn| checkouts::find(conn, due.checkout_id).await).await?;
    if checkout.status != CheckoutStatus::Started {
        return Ok(());
    }
    match open_page(app, &checkout, true).await {
        Err(JobError::Again(why)) if why.starts_with("Stripe refused") => {
            let by = By::engine(app.clock.now());
            let over = seen(None, None, &[]);
            let over = Seen { progress: super::seen::Progress::Over, why: Some(why), ..over };
            let house = House::of(app);
            let ended = async |conn: &mut Conn<'_>| books::follow(conn, &by, &house, checkout.id, &over).await;
            Ok(app.db.transaction(Scope::System, ended).await?)
        }
        other => other.map(|_| ()),
    }
}

/// Looks at an attempt after its page has closed.
///
/// # Errors
/// Stripe is away; the database fails.
pub async fn follow_checkout(app: &App, due: FollowCheckout) -> Result<(), JobError> {
    follow(app, due.checkout_id, (None, None)).await
}

/// Asks Stripe how an attempt stands, by what is known of it or an event told of, and lets the books follow.
///
/// # Errors
/// Stripe is away; the database fails.
pub async fn follow(app: &App, id: CheckoutId, (session, intent): (Option<&str>, Option<&str>)) -> Result<(), JobError> {
    let (gateway, by, house) = (gateway(app)?, By::engine(app.clock.now()), House::of(app));
    let checkout = app.db.transaction(Scope::System, async |conn| checkouts::find(conn, id).await).await?;
    let session = match checkout.session.as_deref().or(session) {
        Some(session) => Some(gateway.session(session).await?),
        None => gateway.find_session(id).await?,
    };
    let of_session = session.as_ref().and_then(|session| session.payment_intent.as_deref());
    let intent = match of_session.or(checkout.intent.as_deref()).or(intent) {
        Some(intent) => Some(gateway.intent(intent).await?),
        None => None,
    };
    let disputes = match &intent {
        Some(intent) => gateway.disputes(&intent.id).await?,
        None => Vec::new(),
    };
    let seen = seen(session.as_ref(), intent.as_ref(), &disputes);
    Ok(app.db.transaction(Scope::System, async |conn| books::follow(conn, &by, &house, id, &seen).await).await?)
}

/// Works on an event: looks where it says. What is none of ours is kept and named.
///
/// # Errors
/// Stripe is away; the database fails.
pub async fn work_event(app: &App, due: WorkEvent) -> Result<(), JobError> {
    let id = due.event_id;
    let raw = app.db.transaction(Scope::System, async |conn| store::find_raw(conn, &id).await).await?;
    let event: Event = serde_json::from_str(&raw.unwrap_or_default()).map_err(|error| JobError::Never(error.to_string()))?;
    let said = match events::subject(&event) {
        Subject::Payment { session, intent, checkout } => pay_attention(app, session, intent, checkout).await?,
        Subject::Transfer(transfer) => transfer_changed(app, &transfer).await?,
        Subject::Account(account) => account_changed(app, &account).await?,
        Subject::Nothing => format!("{} moves nothing of ours", event.kind),
    };
    let at = app.clock.now();
    Ok(app.db.transaction(Scope::System, async |conn| store::set_worked(conn, &id, &said, at).await).await?)
}

async fn pay_attention(
    app: &App,
    session: Option<String>,
    intent: Option<String>,
    named: Option<CheckoutId>,
) -> Result<String, JobError> {
    let by_object = async |conn: &mut Conn<'_>| {
        for object in [&session, &intent].into_iter().flatten() {
            if let Some(known) = store::find_by_object(conn, object).await? {
                return Ok(Some(known));
            }
        }
        match named {
            Some(id) => Ok(store::find_checkout(conn, id).await?.map(|checkout| checkout.id)),
            None => Ok::<_, DbError>(None),
        }
    };
    let mut known = app.db.transaction(Scope::System, by_object).await?;
    if let (None, Some(intent)) = (known, &intent) {
        // A charge or a dispute names its payment, and that names the attempt.
        let named = match gateway(app)?.intent(intent).await {
            Ok(intent) => intent.metadata.get("checkout").and_then(|id| id.parse::<CheckoutId>().ok()),
            Err(NotDone::Refused { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(id) = named {
            let found = async |conn: &mut Conn<'_>| store::find_checkout(conn, id).await;
            known = app.db.transaction(Scope::System, found).await?.map(|checkout| checkout.id);
        }
    }
    let Some(id) = known else {
        tracing::warn!(?session, ?intent, "Stripe tells of a payment that no debtor of ours made");
        return Ok("no payment of ours".to_owned());
    };
    follow(app, id, (session.as_deref(), intent.as_deref())).await?;
    Ok(format!("{id} followed"))
}

async fn transfer_changed(app: &App, id: &str) -> Result<String, JobError> {
    let by = By::engine(app.clock.now());
    let transfer = match gateway(app)?.show_transfer(id).await {
        Err(NotDone::Refused { said, .. }) => return Ok(said),
        other => other?,
    };
    Ok(app.db.transaction(Scope::System, async |conn| transfers::reversed(conn, &by, &transfer).await).await?)
}

async fn account_changed(app: &App, id: &str) -> Result<String, JobError> {
    let by = By::engine(app.clock.now());
    let Some(org) = app.db.transaction(Scope::System, async |conn| accounts::owner_of(conn, id).await).await? else {
        return Ok("no account of ours".to_owned());
    };
    let account = gateway(app)?.account(id).await?;
    app.db.transaction(Scope::System, async |conn| accounts::told(conn, &by, org, &account).await).await?;
    Ok(format!("{org} followed"))
}

/// Transfers a payout, or takes one back.
///
/// # Errors
/// Stripe is away, gives no answer, or refuses for now; the database fails.
pub async fn transfer(app: &App, due: Transfer) -> Result<(), JobError> {
    let (gateway, by, id) = (gateway(app)?, By::engine(app.clock.now()), due.payout_id);
    let order = app.db.transaction(Scope::System, async |conn| transfers::prepare(conn, &by, id).await).await?;
    let Some(order) = order else { return Ok(()) };
    match transfers::carry_out(gateway, &order).await {
        Ok(provider_id) => {
            Ok(app.db.transaction(Scope::System, async |conn| transfers::done(conn, &by, id, &provider_id).await).await?)
        }
        Err(NotDone::Refused { said, .. }) => {
            app.db.transaction(Scope::System, async |conn| transfers::refused(conn, &by, id, &said).await).await?;
            // What cannot be taken back now is set off; what could not be sent is sent again later.
            if order.sent.reverses.is_some() { Ok(()) } else { Err(JobError::Again(said)) }
        }
        Err(error) => Err(error.into()),
    }
}

/// Gives money back to the debtor; the books follow when it is gone.
///
/// # Errors
/// Stripe is away or gives no answer; the database fails.
pub async fn refund(app: &App, due: Refund) -> Result<(), JobError> {
    let gateway = gateway(app)?;
    let checkout = app.db.transaction(Scope::System, async |conn| checkouts::find(conn, due.checkout_id).await).await?;
    let intent = checkout.intent.ok_or_else(|| JobError::Never("there is no payment to give back".to_owned()))?;
    if gateway.find_refund(&intent, &due.key).await?.is_none() {
        match gateway.refund(&intent, due.amount, &due.key).await {
            Err(NotDone::Refused { said, .. }) => return Err(JobError::Never(said)),
            other => other.map(|_| ())?,
        }
    }
    follow(app, checkout.id, (None, None)).await
}

/// Asks for a catch-up when the last one is some time ago; returns how many were asked for.
///
/// # Errors
/// The database fails.
pub async fn round(app: &App) -> Result<usize, DbError> {
    if !app.settings.stripe.is_on() {
        return Ok(0);
    }
    let at = app.clock.now();
    let asked = app.db.transaction(Scope::System, async |conn| {
        if !store::ask_catch_up(conn, at, at - CATCH_UP_EVERY).await? {
            return Ok(0);
        }
        jobs::enqueue(conn, CatchUp::KIND, &CatchUp {}, at).await.map(|()| 1)
    });
    asked.await
}

/// Takes in the events and the lines of the balance that are not known yet. Done twice it finds nothing more.
///
/// # Errors
/// Stripe is away; the database fails.
pub async fn catch_up(app: &App) -> Result<(), JobError> {
    let known = app.db.transaction(Scope::System, async |conn| store::latest(conn).await).await?;
    let since = |at: Option<chrono::DateTime<chrono::Utc>>| at.map_or(0, |at| at.timestamp());
    catch_up_on_events(app, since(known.event_at)).await?;
    catch_up_on_movements(app, since(known.movement_at)).await
}

async fn catch_up_on_events(app: &App, since: i64) -> Result<(), JobError> {
    let (gateway, by) = (gateway(app)?, By::engine(app.clock.now()));
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = gateway.events(since, after.as_deref()).await?;
        after = page.data.last().and_then(|raw| raw.get("id")?.as_str()).map(str::to_owned);
        pages.push(page.data);
        if !page.has_more || after.is_none() {
            break;
        }
    }
    // Oldest first, page by page: where this breaks off, the next time goes on from the newest that is kept.
    for raw in pages.into_iter().flatten().rev() {
        let arrived = events::read(&raw.to_string(), CameBy::CatchUp).map_err(JobError::Never)?;
        app.db.transaction(Scope::System, async |conn| events::take(conn, &by, &arrived).await).await?;
    }
    Ok(())
}

async fn catch_up_on_movements(app: &App, since: i64) -> Result<(), JobError> {
    let (gateway, by) = (gateway(app)?, By::engine(app.clock.now()));
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = gateway.movements(since, after.as_deref()).await?;
        after = page.data.last().map(|movement| movement.id.clone());
        pages.push(page.data);
        if !page.has_more || after.is_none() {
            break;
        }
    }
    for movement in pages.iter().flatten().rev() {
        app.db.transaction(Scope::System, async |conn| movements::take(conn, &by, movement).await).await?;
    }
    Ok(())
}
