//! Mails as subject, text and HTML that say the same.
//!
//! A mail to a debtor says who writes and for whom, what is owed line by line, how to pay, where to answer and object, and
//! how to make the mails stop. Tones change the wording; no wording threatens.

use askama::Template;

use super::{Demand, Form, PaperError, Texts, claim::SpokenGroup, texts::one_line};
use crate::types::{Language, text_enum};

/// A message as `multipart/alternative` carries it.
#[derive(Debug, Clone)]
pub struct Mail {
    pub subject: String,
    pub text: String,
    pub html: String,
}

text_enum! {
    /// The mails of the default strategy, in order.
    pub enum DebtorMail {
        Reminder => "reminder",
        SecondReminder => "second_reminder",
        FinalNotice => "final_notice",
    }
}

/// What both forms of a mail to a debtor show.
struct DebtorView<'a> {
    demand: &'a Demand,
    texts: &'static Texts,
    subject: String,
    opening: Vec<String>,
    who: String,
    earlier: Option<String>,
    offer: Option<String>,
    licence: Option<String>,
    /// Telephone and mail address of the sender.
    ways: Option<String>,
    stop: String,
    groups: Vec<SpokenGroup>,
    total: String,
    total_label: String,
}

impl DebtorView<'_> {
    fn lang(&self) -> &'static str {
        self.demand.language.as_str()
    }
}

#[derive(Template)]
#[template(path = "mail/debtor.txt")]
struct DebtorText<'a> {
    view: &'a DebtorView<'a>,
}

#[derive(Template)]
#[template(path = "mail/debtor.html")]
struct DebtorHtml<'a> {
    view: &'a DebtorView<'a>,
}

/// A mail of the default strategy to a debtor.
///
/// # Errors
/// Rows of several currencies.
pub fn to_debtor(template: DebtorMail, demand: &Demand) -> Result<Mail, PaperError> {
    let texts = Texts::of(demand.language);
    let values = demand.values()?;
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let fill = |key: &str| texts.fill(&format!("mail.{key}"), &values);
    let said = Form::Mail(template).said(demand, &values)?;
    let view = DebtorView {
        demand,
        texts,
        subject: one_line(said.subject.as_deref().unwrap_or_default()),
        opening: said.paragraphs(),
        who: fill(if demand.acts_for.is_some() { "who_agency" } else { "who_creditor" }),
        earlier: demand.earlier.is_some().then(|| fill("earlier")),
        offer: demand.offer.is_some().then(|| fill("offer")),
        licence: demand.licence.is_some().then(|| fill("licence")),
        ways: demand.sender.ways(),
        stop: fill("stop"),
        groups: demand.claim.spoken(demand.language)?,
        total: demand.language.money(demand.claim.total()?),
        total_label: texts.fill("claim.total", &[("on", &demand.language.day(demand.claim.on))]),
    };
    Ok(Mail {
        subject: view.subject.clone(),
        text: DebtorText { view: &view }.render()?,
        html: DebtorHtml { view: &view }.render()?,
    })
}

/// A short mail to members of an organisation, with at most one thing to do.
pub(super) struct NoticeView {
    pub language: Language,
    pub subject: String,
    pub greeting: &'static str,
    pub colon: &'static str,
    pub paragraphs: Vec<String>,
    /// Words of the button, and where it leads.
    pub action: Option<(String, String)>,
    pub footer: String,
}

#[derive(Template)]
#[template(path = "mail/notice.txt")]
struct NoticeText<'a> {
    view: &'a NoticeView,
}

#[derive(Template)]
#[template(path = "mail/notice.html")]
struct NoticeHtml<'a> {
    view: &'a NoticeView,
}

pub(super) fn notice(view: &NoticeView) -> Result<Mail, PaperError> {
    Ok(Mail { subject: view.subject.clone(), text: NoticeText { view }.render()?, html: NoticeHtml { view }.render()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        paper::{samples, wording::threat_in},
        types::Tone,
    };

    #[test]
    fn every_mail_to_a_debtor_says_all_it_must_in_both_forms() {
        for language in Language::ALL {
            for (template, tone) in DebtorMail::ALL.iter().zip(Tone::ALL) {
                let mut demand = samples::demand(*language);
                demand.tone = *tone;
                let mail = to_debtor(*template, &demand).expect("a mail");
                for form in [&mail.text, &mail.html] {
                    for said in [
                        "Cobros Claros SL",
                        "Papeles del Sur SA",
                        "F-2026-0817",
                        "Ley 3/2004 art. 7.2",
                        &language.money(demand.claim.total().expect("a total")),
                        "ES91 2100 0418 4502 0005 1332",
                        "RF18 5390 0754 7034",
                        &demand.page_link,
                        "RA-2024-118",
                        "hola@example.com",
                    ] {
                        assert!(form.contains(said), "{language} {template}: {said} is missing in\n{form}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_offer_to_settle_is_told_in_both_forms() {
        for language in Language::ALL {
            let mut demand = samples::demand(*language);
            demand.offer = Some((samples::eur(80_000), samples::day("2026-12-15")));
            let mail = to_debtor(DebtorMail::Reminder, &demand).expect("a mail");
            for form in [&mail.text, &mail.html] {
                assert!(form.contains(&language.money(samples::eur(80_000))), "{form}");
                assert!(form.contains(&language.day(samples::day("2026-12-15"))), "{form}");
            }
        }
    }

    #[test]
    fn no_wording_threatens() {
        for language in Language::ALL {
            for template in DebtorMail::ALL {
                for tone in Tone::ALL {
                    let mut demand = samples::demand(*language);
                    demand.tone = *tone;
                    let mail = to_debtor(*template, &demand).expect("a mail");
                    assert_eq!(threat_in(&mail.text, *language), None, "{language} {template} {tone}");
                }
            }
        }
    }

    #[test]
    fn a_name_cannot_become_markup() {
        let mut demand = samples::demand(Language::English);
        demand.sender.name = "<img src=x onerror=alert(1)> & Sons".to_owned();
        let mail = to_debtor(DebtorMail::Reminder, &demand).expect("a mail");
        assert!(!mail.html.contains("<img") && mail.html.contains("&#60;img"), "{}", mail.html);
        assert!(mail.text.contains("<img src=x onerror=alert(1)> & Sons"));
    }

    #[test]
    fn a_subject_stays_on_one_line() {
        let mut demand = samples::demand(Language::English);
        demand.sender.name = "A\r\nBcc: someone@example.com".to_owned();
        demand.acts_for = None;
        let mail = to_debtor(DebtorMail::Reminder, &demand).expect("a mail");
        assert!(!mail.subject.contains(['\r', '\n']), "{}", mail.subject);
    }
}
