//! How a step reaches the debtor: one [`Carrier`] for each channel.
//!
//! What may never happen here: a message handed over twice because nobody knew whether it had been taken. A carrier that
//! cannot tell says so, and is asked, never tried again.

mod call;
mod letter;
mod mail;
mod sms;
mod twilio;
pub mod webhook;

use chrono::{DateTime, Utc};

pub use twilio::{Report, Reported, is_signed as is_signed_by_provider, read_report};

use super::{RecoveryError, act::Act, store::deliveries::Leaving};
use crate::{
    app::App,
    cases::Case,
    db::{By, Conn},
    types::Channel,
};

/// A message was taken by its provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// What the provider calls it.
    pub provider_id: Option<String>,
}

/// Why a message was not taken, or not known to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTaken {
    /// It may be later: the provider has not taken it.
    Passing(String),
    /// The provider is away or busy, and takes nothing.
    Away(String),
    Refused {
        said: String,
        /// Nothing will ever reach this address.
        is_dead: bool,
    },
    /// It was handed over, and no answer came.
    Unknown(String),
}

/// What became of a message that was handed over without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Under one of these names; none where the provider gives no names.
    Left(Vec<String>),
    NeverLeft,
    /// The provider knows nothing of it, or does not answer: it may tomorrow.
    NotKnownYet(String),
    /// The provider cannot be asked.
    NobodyKnows(&'static str),
}

/// A way to reach debtors. A step is prepared in the transaction that decides to take it; what leaves the process by a network
/// does so outside of any.
pub(super) trait Carrier {
    /// Writes the message, or whatever the step asks for, and its action.
    async fn prepare(app: &App, conn: &mut Conn<'_>, by: &By, case: &mut Case, act: &Act<'_>) -> Result<(), RecoveryError>;

    /// Hands a message over.
    async fn send(_: &App, leaving: &Leaving, _: DateTime<Utc>) -> Result<Taken, NotTaken> {
        Err(NotTaken::Refused { said: format!("{} needs no sending", leaving.channel), is_dead: false })
    }

    /// Asks after one that was handed over without an answer.
    async fn fate(_: &App, _: &Leaving) -> Fate {
        Fate::NobodyKnows("nothing is sent by this channel")
    }
}

/// Does the same with the carrier of whichever channel it is.
macro_rules! by_channel {
    ($channel:expr, $carrier:ident => $done:expr) => {
        match $channel {
            Channel::Mail => {
                type $carrier = mail::Mails;
                $done
            }
            Channel::Letter => {
                type $carrier = letter::Letters;
                $done
            }
            Channel::Call => {
                type $carrier = call::Calls;
                $done
            }
            Channel::Sms => {
                type $carrier = sms::TextMessages;
                $done
            }
        }
    };
}

/// Prepares a step by its channel.
///
/// # Errors
/// It cannot be worded; the database fails.
pub async fn prepare(app: &App, conn: &mut Conn<'_>, by: &By, case: &mut Case, act: &Act<'_>) -> Result<(), RecoveryError> {
    by_channel!(act.step.channel, Of => Of::prepare(app, conn, by, case, act).await)
}

/// Hands a message over by its channel.
///
/// # Errors
/// See [`NotTaken`].
pub async fn send(app: &App, leaving: &Leaving, at: DateTime<Utc>) -> Result<Taken, NotTaken> {
    by_channel!(leaving.channel, Of => Of::send(app, leaving, at).await)
}

/// Asks what became of a message that was handed over without an answer.
pub async fn fate(app: &App, leaving: &Leaving) -> Fate {
    by_channel!(leaving.channel, Of => Of::fate(app, leaving).await)
}
