//! What a debtor is asked, by whom and for whom: the common ground of letters and mails, so that they never differ.

use chrono::NaiveDate;

use super::{Claim, Credential, Party, PaymentDetails, Wording};
use crate::types::{Language, Money, MoneyError, Tone};

#[derive(Debug, Clone)]
pub struct Demand {
    pub language: Language,
    pub tone: Tone,
    pub sender: Party,
    /// The sender's licence to collect, when it is an agency.
    pub licence: Option<Credential>,
    /// The creditor for whom an agency writes; nobody when the creditor writes itself.
    pub acts_for: Option<Party>,
    pub debtor: Party,
    /// The first letter of the case, once there is one: every later contact recalls it (CPCE R124-4, last paragraph).
    pub earlier: Option<EarlierLetter>,
    pub claim: Claim,
    /// What the creditor would be content with, and by when it is to be paid.
    pub offer: Option<(Money, NaiveDate)>,
    pub pay_by: NaiveDate,
    pub payment: PaymentDetails,
    pub page_link: String,
    /// In the place of the words that ship.
    pub own_words: Option<Wording>,
}

#[derive(Debug, Clone)]
pub struct EarlierLetter {
    pub reference: String,
    pub sent_on: NaiveDate,
}

impl Demand {
    /// Whose invoice it is.
    #[must_use]
    pub fn creditor(&self) -> &Party {
        self.acts_for.as_ref().unwrap_or(&self.sender)
    }

    /// Where mails, text messages and calls are refused.
    #[must_use]
    pub fn channels_link(&self) -> String {
        format!("{}/channels", self.page_link)
    }

    /// What fills the places of its texts.
    pub(super) fn values(&self) -> Result<Vec<(&'static str, String)>, MoneyError> {
        let (language, creditor) = (self.language, self.creditor());
        let earlier = self.earlier.as_ref();
        let licence = self.licence.as_ref();
        Ok(vec![
            ("sender", self.sender.name.clone()),
            ("creditor", creditor.name.clone()),
            ("creditor_address", creditor.address()),
            ("debtor", self.debtor.name.clone()),
            ("invoices", self.claim.invoices_in_words(language)),
            ("total", language.money(self.claim.total()?)),
            ("claim_on", language.day(self.claim.on)),
            ("pay_by", language.day(self.pay_by)),
            ("offered", self.offer.map(|(amount, _)| language.money(amount)).unwrap_or_default()),
            ("offered_by", self.offer.map(|(_, pay_by)| language.day(pay_by)).unwrap_or_default()),
            ("link", self.page_link.clone()),
            ("earlier_reference", earlier.map(|letter| letter.reference.clone()).unwrap_or_default()),
            ("earlier_on", earlier.map(|letter| language.day(letter.sent_on)).unwrap_or_default()),
            ("licence", licence.map(|licence| licence.reference.clone()).unwrap_or_default()),
            ("licence_issuer", licence.map(|licence| licence.issuer.clone()).unwrap_or_default()),
        ])
    }
}
