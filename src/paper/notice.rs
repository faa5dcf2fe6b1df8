//! Mails to creditors and agencies: something happened, and what to do about it.
//!
//! They name a case by its reference and never a debtor: mails are read on many screens.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use super::{
    Mail, PaperError, Texts,
    mail::{self, NoticeView},
};
use crate::types::{BasisPoints, Country, Currency, Language, Money, term::TermKind};

/// Who is written to.
#[derive(Debug, Clone)]
pub struct Addressee {
    pub organisation: String,
    pub language: Language,
    /// In which deadlines are told.
    pub zone: Tz,
}

/// A case as the market shows it: where it has no name, its country and size tell it from others.
#[derive(Debug, Clone, Deserialize)]
pub struct ListedCase {
    pub country: Country,
    pub currency: Currency,
    pub amount_band: String,
}

impl ListedCase {
    fn said(&self, texts: &Texts) -> String {
        format!("{}, {} {}", self.country, texts.word("amount_band", &self.amount_band), self.currency)
    }
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Notice {
    /// To an agency. `reason` is the written reason the creditor owes the losers.
    OfferLost {
        on: ListedCase,
        /// None where it was never opened.
        fee: Option<BasisPoints>,
        reason: String,
    },
    OfferWon {
        on: ListedCase,
        fee: BasisPoints,
        sign_by: DateTime<Utc>,
        link: String,
    },
    MandateToSign {
        case_reference: String,
        other_party: String,
        fee: BasisPoints,
        sign_by: DateTime<Utc>,
        link: String,
    },
    /// To the side that is to confirm or contest.
    PaymentDeclared {
        case_reference: String,
        declared_by: String,
        amount: Money,
        received_on: NaiveDate,
        answer_by: DateTime<Utc>,
        link: String,
    },
    /// `share`: what of it is the addressee's.
    PaymentConfirmed {
        case_reference: String,
        amount: Money,
        received_on: NaiveDate,
        share: Money,
        payout_due_on: NaiveDate,
        link: String,
    },
    /// To whoever has not acted yet: what silence will mean.
    TermEnding {
        term: TermKind,
        case_reference: String,
        until: DateTime<Utc>,
        link: String,
    },
    CaseReturned {
        case_reference: String,
        agency: String,
        reason: String,
        link: String,
    },
    /// To a member who forgot the password.
    PasswordForgotten {
        full_name: String,
        link: String,
    },
    /// To a new member.
    Invited {
        full_name: String,
        organisation: String,
        link: String,
    },
    /// To an organisation whose money is to go to another account.
    AccountToConfirm {
        iban: String,
        code: String,
        confirm_by: DateTime<Utc>,
        cooling_days: u32,
        link: String,
    },
    /// `outcome` in the words of the record: `paid`, `settled`, …
    CaseClosed {
        case_reference: String,
        outcome: String,
        recovered: Money,
        link: String,
    },
}

impl Notice {
    const fn key(&self) -> &'static str {
        match self {
            Self::OfferLost { .. } => "offer_lost",
            Self::OfferWon { .. } => "offer_won",
            Self::MandateToSign { .. } => "mandate_to_sign",
            Self::PaymentDeclared { .. } => "payment_declared",
            Self::PaymentConfirmed { .. } => "payment_confirmed",
            Self::AccountToConfirm { .. } => "account_to_confirm",
            Self::TermEnding { term: TermKind::Payment, .. } => "term_payment",
            Self::TermEnding { term: TermKind::Dispute, .. } => "term_dispute",
            Self::TermEnding { term: TermKind::Settlement, .. } => "term_settlement",
            Self::TermEnding { term: TermKind::Mandate, .. } => "term_mandate",
            Self::TermEnding { term: TermKind::Decision, .. } => "term_decision",
            Self::CaseReturned { .. } => "case_returned",
            Self::PasswordForgotten { .. } => "password_forgotten",
            Self::Invited { .. } => "invited",
            Self::CaseClosed { .. } => "case_closed",
        }
    }

    fn link(&self) -> Option<&str> {
        match self {
            Self::OfferLost { .. } => None,
            Self::OfferWon { link, .. }
            | Self::MandateToSign { link, .. }
            | Self::PaymentDeclared { link, .. }
            | Self::PaymentConfirmed { link, .. }
            | Self::AccountToConfirm { link, .. }
            | Self::TermEnding { link, .. }
            | Self::CaseReturned { link, .. }
            | Self::PasswordForgotten { link, .. }
            | Self::Invited { link, .. }
            | Self::CaseClosed { link, .. } => Some(link),
        }
    }

    /// What fills the places of its texts.
    fn values(&self, to: &Addressee) -> Vec<(&'static str, String)> {
        let language = to.language;
        let instant = |at: &DateTime<Utc>| language.instant(*at, to.zone);
        match self {
            Self::OfferLost { on, fee, reason } => {
                let sealed = || Texts::of(language).say("mail.offer_lost.fee_under_seal").to_owned();
                let said = fee.map_or_else(sealed, |fee| language.percent(fee));
                vec![("listing", on.said(Texts::of(language))), ("fee", said), ("reason", reason.clone())]
            }
            Self::OfferWon { on, fee, sign_by, .. } => {
                vec![("listing", on.said(Texts::of(language))), ("fee", language.percent(*fee)), ("sign_by", instant(sign_by))]
            }
            Self::MandateToSign { case_reference, other_party, fee, sign_by, .. } => vec![
                ("case", case_reference.clone()),
                ("other_party", other_party.clone()),
                ("fee", language.percent(*fee)),
                ("sign_by", instant(sign_by)),
            ],
            Self::PaymentDeclared { case_reference, declared_by, amount, received_on, answer_by, .. } => vec![
                ("case", case_reference.clone()),
                ("declared_by", declared_by.clone()),
                ("amount", language.money(*amount)),
                ("received_on", language.day(*received_on)),
                ("answer_by", instant(answer_by)),
            ],
            Self::PaymentConfirmed { case_reference, amount, received_on, share, payout_due_on, .. } => vec![
                ("case", case_reference.clone()),
                ("amount", language.money(*amount)),
                ("received_on", language.day(*received_on)),
                ("share", language.money(*share)),
                ("payout_due_on", language.day(*payout_due_on)),
            ],
            Self::AccountToConfirm { iban, code, confirm_by, cooling_days, .. } => vec![
                ("iban", iban.clone()),
                ("code", code.clone()),
                ("confirm_by", instant(confirm_by)),
                ("cooling_days", cooling_days.to_string()),
            ],
            Self::TermEnding { case_reference, until, .. } => {
                vec![("case", case_reference.clone()), ("until", instant(until))]
            }
            Self::CaseReturned { case_reference, agency, reason, .. } => {
                vec![("case", case_reference.clone()), ("agency", agency.clone()), ("reason", reason.clone())]
            }
            Self::PasswordForgotten { full_name, .. } => vec![("name", full_name.clone())],
            Self::Invited { full_name, organisation, .. } => {
                vec![("name", full_name.clone()), ("organisation", organisation.clone())]
            }
            Self::CaseClosed { case_reference, outcome, recovered, .. } => vec![
                ("case", case_reference.clone()),
                ("outcome", Texts::of(language).word("outcome", outcome)),
                ("recovered", language.money(*recovered)),
            ],
        }
    }
}

/// The mail that tells `to` what happened.
///
/// # Errors
/// None that depend on the notice.
pub fn to_organisation(to: &Addressee, notice: &Notice) -> Result<Mail, PaperError> {
    let texts = Texts::of(to.language);
    let values = notice.values(to);
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let text = |part: &str| texts.fill(&format!("mail.{}.{part}", notice.key()), &values);
    let paragraphs = ["what", "then"].map(text).into_iter().filter(|paragraph| !paragraph.is_empty()).collect();
    mail::notice(&NoticeView {
        language: to.language,
        subject: super::texts::one_line(&text("subject")),
        greeting: texts.say("mail.greeting"),
        colon: texts.say("common.colon"),
        paragraphs,
        action: notice.link().map(|link| (text("action"), link.to_owned())),
        footer: texts.fill("mail.footer", &[("organisation", &to.organisation)]),
    })
}

/// What a mail gathers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    /// What somebody's role was alerted of.
    Alerts,
    /// What their organisation was told about the topics that they chose.
    News,
    /// The treasury report goes with it: its main figures.
    Treasury,
}

/// One mail a day: a line for each, and how many there are in all.
///
/// # Errors
/// None that depend on the lines.
pub fn digest(to: &Addressee, of: Digest, lines: &[String], count: usize, link: String) -> Result<Mail, PaperError> {
    let texts = Texts::of(to.language);
    let count = count.to_string();
    let values = [("count", count.as_str())];
    let section = match of {
        Digest::Alerts => "mail.alerts",
        Digest::News => "mail.news",
        Digest::Treasury => "mail.treasury",
    };
    let fill = |part: &str| texts.fill(&format!("{section}.{part}"), &values);
    let mut paragraphs = vec![fill("what")];
    paragraphs.extend(lines.iter().cloned());
    mail::notice(&NoticeView {
        language: to.language,
        subject: fill("subject"),
        greeting: texts.say("mail.greeting"),
        colon: texts.say("common.colon"),
        paragraphs,
        action: Some((fill("action"), link)),
        footer: texts.fill("mail.footer", &[("organisation", &to.organisation)]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::samples;

    #[test]
    fn a_digest_names_each_and_how_many_there_are() {
        for language in Language::ALL {
            let lines = ["Large ones · RF18539007547034".to_owned()];
            for of in [Digest::Alerts, Digest::News, Digest::Treasury] {
                let link = "https://entente.example/portal/alerts".to_owned();
                let mail = digest(&samples::addressee(*language), of, &lines, 31, link).expect("a mail");
                assert!(mail.subject.contains("31") || of == Digest::Treasury, "{}", mail.subject);
                assert!(mail.text.contains(&lines[0]) && !mail.text.contains("mail."), "{}", mail.text);
                assert!(mail.html.contains("/portal/alerts") && !mail.subject.contains("mail."), "{}", mail.html);
            }
        }
    }

    #[test]
    fn every_notice_is_told_in_every_language() {
        for language in Language::ALL {
            for notice in samples::notices() {
                let mail = to_organisation(&samples::addressee(*language), &notice).expect("a mail");
                for form in [&mail.subject, &mail.text, &mail.html] {
                    assert!(!form.contains('{'), "{language} {}:\n{form}", notice.key());
                }
                for (_, value) in notice.values(&samples::addressee(*language)) {
                    assert!(mail.text.contains(&value), "{language} {}: {value} is missing in\n{}", notice.key(), mail.text);
                }
                assert!(notice.link().is_none_or(|link| mail.html.contains(link)));
            }
        }
    }
}
