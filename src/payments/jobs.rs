//! Jobs of payments.

use serde::{Deserialize, Serialize};

use super::{House, PaymentsError, allocation::AllocationRefusal, answer, receipt, remittance};
use crate::{
    app::App,
    db::{By, Conn, Scope},
    jobs::JobError,
    mailer::{self, Attachment, MailError, Outgoing},
    settlement,
    types::{Currency, OrgId, PaymentId},
};

/// The term in which a payment is answered has passed.
#[derive(Debug, Serialize, Deserialize)]
pub struct DefaultAnswer {
    pub payment_id: PaymentId,
}

/// Who said nothing agreed.
///
/// # Errors
/// The database fails; the payment is gone.
pub async fn default_answer(app: &App, due: DefaultAnswer) -> Result<(), JobError> {
    let (by, house) = (By::engine(app.clock.now()), House::of(app));
    let answered =
        app.db.transaction(Scope::System, async |conn| answer::answer_by_default(conn, &by, &house, due.payment_id).await);
    match answered.await {
        Err(PaymentsError::Allocation(refusal @ AllocationRefusal::Surplus { .. })) => {
            let why = refusal.to_string();
            let handed =
                app.db.transaction(Scope::System, async |conn| answer::hand_to_operator(conn, &by, due.payment_id, &why).await);
            Ok(handed.await?)
        }
        other => Ok(other?),
    }
}

/// A payee has something to give back to the holder of what it gets next.
#[derive(Debug, Serialize, Deserialize)]
pub struct SetOff {
    pub payer_id: OrgId,
    pub payee_id: OrgId,
    pub currency: Currency,
}

impl SetOff {
    pub const KIND: &str = "payments.set_off";
}

/// Sets what waits off against it, oldest first, each payout in a transaction of its own. Done twice it does nothing more.
///
/// # Errors
/// The database fails.
pub async fn set_off(app: &App, due: SetOff) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    let SetOff { payer_id, payee_id, currency } = due;
    let open = async |conn: &mut Conn<'_>| settlement::set_off::list_open(conn, payer_id, payee_id, currency).await;
    for payout in app.db.transaction(Scope::System, open).await? {
        app.db.transaction(Scope::System, async |conn| remittance::set_off(conn, &by, payout).await).await?;
    }
    Ok(())
}

/// A payment is confirmed, and its receipt goes to the debtor.
#[derive(Debug, Serialize, Deserialize)]
pub struct MailReceipt {
    pub payment_id: PaymentId,
}

impl MailReceipt {
    pub const KIND: &str = "payments.mail_receipt";
}

/// Mails a receipt. Done twice it is the same mail: the Message-ID is the payment's.
///
/// # Errors
/// The mail server is away; the receipt cannot be drawn; the database fails.
pub async fn mail_receipt(app: &App, due: MailReceipt) -> Result<(), JobError> {
    let (by, id) = (By::engine(app.clock.now()), due.payment_id);
    let wanted = app.db.transaction(Scope::System, async |conn| receipt::to_mail(conn, &by, id).await).await?;
    let Some(receipt) = wanted else { return Ok(()) };
    let mail = receipt.sheet.mail(&format!("{}/d/{}", app.settings.public_url, app.keys.debtor_token(receipt.case)));
    let (sender, reply_to) = (receipt.sheet.issuer.name.clone(), receipt.sheet.issuer.email.clone());
    let name = format!("{}.pdf", receipt.sheet.reference);
    // Some hundred milliseconds of work: off the thread that answers requests.
    let drawn = tokio::task::spawn_blocking(move || receipt.sheet.pdf()).await;
    let broken = |error: &dyn std::fmt::Display| JobError::Again(error.to_string());
    let pdf = drawn.map_err(|error| broken(&error))?.map_err(|error| broken(&error))?;
    let outgoing = Outgoing {
        to: &receipt.to,
        sender: &sender,
        reply_to: reply_to.as_deref(),
        message_id: &mailer::message_id(&app.settings, id),
        at: by.at,
        mail: &mail.map_err(|error| broken(&error))?,
        attachment: Some(Attachment { name: &name, media_type: "application/pdf", content: &pdf }),
        unsubscribe: None,
    };
    match mailer::send(app, &outgoing).await {
        Ok(()) => Ok(app.db.transaction(Scope::System, async |conn| receipt::mailed(conn, &by, id).await).await?),
        // An address that takes nothing: the receipt stands on the debtor's page.
        Err(error @ MailError::Refused(_)) => {
            tracing::info!(payment = %id, %error, "a receipt was not mailed");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

impl From<PaymentsError> for JobError {
    fn from(error: PaymentsError) -> Self {
        if let PaymentsError::Db(error) = error { Self::from(error) } else { Self::Again(error.to_string()) }
    }
}
