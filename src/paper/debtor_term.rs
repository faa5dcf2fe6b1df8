//! A word to a debtor before its silence is taken as an answer. It asks for no payment.

use chrono::NaiveDate;

use super::{
    Mail, PaperError, Texts,
    mail::{self, NoticeView},
    texts::one_line,
};
use crate::types::{Language, Money};

#[derive(Debug, Clone)]
pub struct DebtorTerm {
    pub language: Language,
    pub creditor: String,
    /// As the debtor knows them: "F-12 and F-13".
    pub invoices: String,
    pub awaited: Awaited,
    /// The last day.
    pub until: NaiveDate,
    pub page_link: String,
}

/// What the debtor has not said yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// What shows that its objection is right.
    Evidence,
    /// Whether it takes an offer to settle for so much.
    Settlement(Money),
}

impl DebtorTerm {
    /// # Errors
    /// A fault of the template.
    pub fn mail(&self) -> Result<Mail, PaperError> {
        let texts = Texts::of(self.language);
        let (key, amount) = match self.awaited {
            Awaited::Evidence => ("evidence", String::new()),
            Awaited::Settlement(amount) => ("settlement", self.language.money(amount)),
        };
        let until = self.language.day(self.until);
        let values = [
            ("creditor", self.creditor.as_str()),
            ("invoices", self.invoices.as_str()),
            ("amount", amount.as_str()),
            ("until", until.as_str()),
        ];
        let say = |part: &str| texts.fill(&format!("mail.debtor_term.{key}_{part}"), &values);
        mail::notice(&NoticeView {
            language: self.language,
            subject: one_line(&say("subject")),
            greeting: texts.say("mail.greeting"),
            colon: texts.say("common.colon"),
            paragraphs: vec![say("what"), say("then")],
            action: Some((texts.say("mail.page_action").to_owned(), self.page_link.clone())),
            footer: texts.fill("mail.debtor_term.footer", &values),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::{samples, wording::threat_in};

    #[test]
    fn the_mail_says_what_is_awaited_until_when_and_threatens_nobody() {
        for language in Language::ALL {
            for awaited in [Awaited::Evidence, Awaited::Settlement(samples::eur(80_000))] {
                let term = DebtorTerm {
                    language: *language,
                    creditor: "Papeles del Sur SA".to_owned(),
                    invoices: "F-2026-0817".to_owned(),
                    awaited,
                    until: samples::day("2026-12-07"),
                    page_link: "https://entente.example/d/x".to_owned(),
                };
                let mail = term.mail().expect("a mail");
                for said in ["Papeles del Sur SA", "F-2026-0817", &language.day(term.until), &term.page_link] {
                    assert!(mail.text.contains(said), "{language}: {said} is missing in {}", mail.text);
                }
                if let Awaited::Settlement(amount) = awaited {
                    assert!(mail.text.contains(&language.money(amount)), "{}", mail.text);
                }
                assert!(!mail.text.contains('{') && !mail.subject.contains("mail."), "{}", mail.text);
                assert_eq!(threat_in(&mail.text, *language), None);
            }
        }
    }
}
