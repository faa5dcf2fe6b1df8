//! What is said in a message to a debtor: the words that ship, or the sender's own, and what own words may not say.
//!
//! Own words take the place of the subject and of the passage that speaks. Who writes and for whom, the claim line by line,
//! how to pay, where to object and how to make the messages stop stand around them and are nobody's to change.

use super::{
    Demand, PaperError, Texts,
    mail::DebtorMail,
    text_message::{Alphabet, DebtorText, length},
    texts::{filled, places},
};
use crate::types::{Language, Tone, fold::fold};

/// What may stand in braces.
pub const PLACES: [&str; 7] = ["creditor", "sender", "debtor", "invoices", "total", "claim_on", "pay_by"];
pub const SUBJECT_MAX_CHARS: usize = 150;
pub const TEXT_MAX_CHARS: usize = 2000;
/// With the longest names around them they are still one message.
pub const TEXT_MESSAGE_MAX_CHARS: usize = 140;

/// A kind of message whose words may be one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Mail(DebtorMail),
    TextMessage(DebtorText),
    Letter,
}

/// Words with places in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// Of a mail or a letter.
    pub subject: Option<String>,
    /// Paragraphs are parted by an empty line.
    pub text: String,
}

/// What own words may not say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordingFault {
    #[error("say something, or go back to the words that ship")]
    Empty,
    #[error("at most {most} characters: this has {has}")]
    TooLong { has: usize, most: usize },
    #[error("a text message has no subject")]
    NoSubjectThere,
    #[error("`{{{0}}}` is no place: there are {{{list}}}", list = PLACES.join("}, {"))]
    UnknownPlace(String),
    #[error("a brace is opened and not closed, or closed and not opened")]
    LooseBrace,
    #[error("name {{{0}}}: the debtor is to read it here")]
    Unnamed(&'static str),
    #[error("`{0}`: links, mail addresses and accounts stand below your words, where they are known to be right")]
    Address(String),
    #[error("`{0}` threatens: no message to a debtor does")]
    Threat(String),
    #[error("`{0}` presses: say it in the firm tone, or say it more kindly")]
    Pressing(String),
    #[error("capital letters and rows of exclamation marks shout")]
    Shouting,
    #[error("`{0}` is no letter of text messages: with it less than half as much fits; write it without")]
    NotInTextMessages(char),
}

impl Form {
    /// The words that ship.
    #[must_use]
    pub fn shipped(self, tone: Tone, language: Language) -> Wording {
        let say = |key: String| Texts::of(language).say(&key).to_owned();
        match self {
            Self::Mail(mail) => {
                Wording { subject: Some(say(format!("mail.{mail}.subject"))), text: say(format!("mail.{mail}.{tone}")) }
            }
            Self::TextMessage(text) => Wording { subject: None, text: say(format!("sms.{text}.{tone}")) },
            Self::Letter => Wording { subject: Some(say("letter.subject".to_owned())), text: say(format!("letter.{tone}")) },
        }
    }

    /// What has to be said by the words themselves.
    const fn must_name(self) -> &'static [&'static str] {
        match self {
            Self::Mail(DebtorMail::FinalNotice) => &["invoices", "pay_by"],
            Self::TextMessage(DebtorText::Reminder) => &["invoices", "total"],
            Self::TextMessage(DebtorText::FinalNotice) => &["invoices", "total", "pay_by"],
            Self::Mail(DebtorMail::Reminder | DebtorMail::SecondReminder) | Self::Letter => &[],
        }
    }

    /// Everything that own words say and may not, with its field (`/subject`, `/text`).
    #[must_use]
    pub fn faults(self, tone: Tone, language: Language, wording: &Wording) -> Vec<(&'static str, WordingFault)> {
        let mut found = Vec::new();
        let is_message = matches!(self, Self::TextMessage(_));
        if let Some(subject) = &wording.subject {
            if is_message {
                found.push(("/subject", WordingFault::NoSubjectThere));
            }
            found.extend(faults_of(subject, SUBJECT_MAX_CHARS, tone, language).into_iter().map(|fault| ("/subject", fault)));
        }
        let most = if is_message { TEXT_MESSAGE_MAX_CHARS } else { TEXT_MAX_CHARS };
        found.extend(faults_of(&wording.text, most, tone, language).into_iter().map(|fault| ("/text", fault)));
        let unnamed = self.must_name().iter().filter(|place| !places(&wording.text).any(|named| named == **place));
        found.extend(unnamed.map(|place| ("/text", WordingFault::Unnamed(place))));
        if is_message {
            let foreign = wording.text.chars().find(|sign| length(&sign.to_string()).alphabet == Alphabet::Ucs2);
            found.extend(foreign.map(|sign| ("/text", WordingFault::NotInTextMessages(sign))));
        }
        found
    }

    /// What this demand says: the sender's own words, or those that ship, with their places filled.
    ///
    /// # Errors
    /// Rows of several currencies.
    pub(super) fn said(self, demand: &Demand, values: &[(&str, &str)]) -> Result<Wording, PaperError> {
        let shipped = self.shipped(demand.tone, demand.language);
        let own = demand.own_words.as_ref();
        let subject = own.and_then(|own| own.subject.clone()).or(shipped.subject);
        Ok(Wording {
            subject: subject.map(|subject| filled(&subject, values)),
            text: filled(own.map_or(&shipped.text, |own| &own.text), values),
        })
    }
}

impl Wording {
    /// The text as it is set.
    #[must_use]
    pub fn paragraphs(&self) -> Vec<String> {
        let text = self.text.replace("\r\n", "\n");
        text.split("\n\n").map(super::texts::one_line).filter(|paragraph| !paragraph.is_empty()).collect()
    }
}

fn faults_of(text: &str, most: usize, tone: Tone, language: Language) -> Vec<WordingFault> {
    let has = text.chars().count();
    if text.trim().is_empty() {
        return vec![WordingFault::Empty];
    }
    if has > most {
        return vec![WordingFault::TooLong { has, most }];
    }
    if has_loose_brace(text) {
        return vec![WordingFault::LooseBrace];
    }
    let unknown = places(text).find(|place| !PLACES.contains(place)).map(|place| WordingFault::UnknownPlace(place.to_owned()));
    let spoken = filled(text, &PLACES.map(|place| (place, "")));
    let pressing = first_of(Texts::of(language).say("unfit.pressing"), &spoken);
    unknown
        .into_iter()
        .chain(address_in(&spoken).map(WordingFault::Address))
        .chain(threat_in(&spoken, language).map(WordingFault::Threat))
        .chain(pressing.filter(|_| tone != Tone::Firm).map(WordingFault::Pressing))
        .chain(shouts(&spoken).then_some(WordingFault::Shouting))
        .collect()
}

/// Braces come in pairs and never one inside another.
fn has_loose_brace(text: &str) -> bool {
    let mut is_open = false;
    for sign in text.chars() {
        match (sign, is_open) {
            ('{', false) => is_open = true,
            ('}', true) => is_open = false,
            ('{' | '}', _) => return true,
            _ => {}
        }
    }
    is_open
}

/// A word that threatens.
pub(super) fn threat_in(text: &str, language: Language) -> Option<String> {
    first_of(Texts::of(language).say("unfit.threats"), text)
}

/// The first of a list of words (`court, lawyer*`: a star stands for any ending) that a text says, whatever its case and accents.
fn first_of(list: &str, text: &str) -> Option<String> {
    let spoken = format!(" {} ", fold(text));
    list.split(", ")
        .find(|word| match word.strip_suffix('*') {
            Some(stem) => spoken.contains(&format!(" {}", fold(stem))),
            None => spoken.contains(&format!(" {} ", fold(word))),
        })
        .map(|word| word.trim_end_matches('*').to_owned())
}

/// A link, a mail address, or what looks like an account.
fn address_in(text: &str) -> Option<String> {
    let is_address = |word: &&str| {
        let lower = word.to_lowercase();
        lower.contains("://") || lower.contains("www.") || lower.contains('@')
    };
    text.split_whitespace().find(is_address).map(str::to_owned).or_else(|| account_in(text))
}

/// Two letters, two digits and eleven more signs at least, of which most are digits, with or without spaces (ISO 13616).
fn account_in(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    (0..words.len()).find_map(|from| {
        let start = words.get(from)?;
        let begins = start.chars().take(2).all(|sign| sign.is_ascii_uppercase())
            && start.chars().skip(2).take(2).filter(char::is_ascii_digit).count() == 2;
        let joined: String =
            words.iter().skip(from).flat_map(|word| word.chars()).take(24).take_while(char::is_ascii_alphanumeric).collect();
        let digits = joined.chars().filter(char::is_ascii_digit).count();
        (begins && joined.len() >= 15 && digits >= 10).then(|| (*start).to_owned())
    })
}

/// Two exclamation marks in a row, or more than half of a dozen letters and more in capitals.
fn shouts(text: &str) -> bool {
    let letters = text.chars().filter(|sign| sign.is_alphabetic()).count();
    let capitals = text.chars().filter(|sign| sign.is_uppercase()).count();
    text.contains("!!") || (letters >= 12 && capitals * 2 > letters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::{LetterSheet, mail, samples, text_message};

    fn forms() -> impl Iterator<Item = Form> {
        let mails = DebtorMail::ALL.iter().map(|mail| Form::Mail(*mail));
        mails.chain(DebtorText::ALL.iter().map(|text| Form::TextMessage(*text))).chain([Form::Letter])
    }

    fn faults(form: Form, tone: Tone, text: &str) -> Vec<WordingFault> {
        let wording = Wording { subject: None, text: text.to_owned() };
        form.faults(tone, Language::English, &wording).into_iter().map(|(_, fault)| fault).collect()
    }

    const REMINDER: Form = Form::Mail(DebtorMail::Reminder);

    /// The words that ship keep to the rules for everybody's, so that any of them can be where one's own begin.
    #[test]
    fn the_words_that_ship_have_no_faults() {
        for language in Language::ALL {
            for (form, tone) in forms().flat_map(|form| Tone::ALL.iter().map(move |tone| (form, *tone))) {
                let shipped = form.shipped(tone, *language);
                assert_eq!(form.faults(tone, *language, &shipped), [], "{language} {tone} {form:?}: {shipped:?}");
            }
        }
    }

    #[test]
    fn what_own_words_may_not_say_is_found() {
        for (text, fault) in [
            (" ", WordingFault::Empty),
            ("Please pay {amount}.", WordingFault::UnknownPlace("amount".to_owned())),
            ("Please pay {total.", WordingFault::LooseBrace),
            ("Please pay }total{.", WordingFault::LooseBrace),
            ("Pay {invoices}, or see you in COURT.", WordingFault::Threat("court".to_owned())),
            ("Our lawyers will write next.", WordingFault::Threat("lawyer".to_owned())),
            ("Pay {total} immediately.", WordingFault::Pressing("immediately".to_owned())),
            ("Pay at https://pay.example.", WordingFault::Address("https://pay.example.".to_owned())),
            ("Write to me@example.com.", WordingFault::Address("me@example.com.".to_owned())),
            ("Pay to ES91 2100 0418 4502 0005 1332.", WordingFault::Address("ES91".to_owned())),
            ("PAY {invoices} NOW, WE HAVE WAITED.", WordingFault::Shouting),
            ("Please pay {invoices}!!", WordingFault::Shouting),
        ] {
            assert_eq!(faults(REMINDER, Tone::Neutral, text), [fault], "{text}");
        }
        assert_eq!(faults(REMINDER, Tone::Firm, "Pay {total} immediately."), []);
        for fair in [
            "Thank you for your courtesy, {debtor}.",
            "Invoice FR2026 of 12 units and 3 samples is open.",
            "{creditor} OWES YOU an answer.",
        ] {
            assert_eq!(faults(REMINDER, Tone::Gentle, fair), [], "{fair}");
        }
        let long = "a".repeat(TEXT_MAX_CHARS + 1);
        assert_eq!(faults(REMINDER, Tone::Gentle, &long), [WordingFault::TooLong { has: 2001, most: 2000 }]);
    }

    #[test]
    fn each_kind_of_message_says_what_it_must() {
        let message = Form::TextMessage(DebtorText::FinalNotice);
        assert_eq!(
            faults(message, Tone::Gentle, "Please pay {total}."),
            [WordingFault::Unnamed("invoices"), WordingFault::Unnamed("pay_by")]
        );
        assert_eq!(
            faults(message, Tone::Gentle, "Señor, {invoices}: {total}, {pay_by}, á"),
            [WordingFault::NotInTextMessages('á')]
        );
        let with_subject = Wording { subject: Some("Hello".to_owned()), text: "{invoices}: {total}, {pay_by}".to_owned() };
        assert_eq!(message.faults(Tone::Gentle, Language::English, &with_subject), [("/subject", WordingFault::NoSubjectThere)]);
        let notice = Form::Mail(DebtorMail::FinalNotice);
        assert_eq!(faults(notice, Tone::Firm, "Please pay {invoices}."), [WordingFault::Unnamed("pay_by")]);
    }

    #[test]
    fn own_words_stand_in_every_kind_of_message_and_the_frame_stays() {
        let mut demand = samples::demand(Language::English);
        demand.own_words = Some(Wording {
            subject: Some("About {invoices}".to_owned()),
            text: "Dear {debtor},\r\n\r\nwe miss {total} of {invoices} by {pay_by}. <b>#panic</b>".to_owned(),
        });
        let sent = mail::to_debtor(DebtorMail::Reminder, &demand).expect("a mail");
        assert_eq!(sent.subject, "About invoice F-2026-0817");
        assert!(sent.text.contains("\nDear Librairie de l'Étoile SARL,\n\nwe miss €"), "{}", sent.text);
        assert!(sent.html.contains("&#60;b&#62;#panic") && sent.html.contains("Dear Librairie"), "{}", sent.html);
        for frame in ["on behalf of", "What is owed", "Refuse mails", &demand.page_link] {
            assert!(sent.html.contains(frame) || sent.text.contains(frame), "{frame}");
        }
        let letter = LetterSheet { demand: demand.clone(), ..samples::letter(Language::English) };
        let text = samples::text_of(&letter.pdf().expect("a letter"));
        assert!(
            text.contains("About invoice F-2026-0817") && text.contains("Dear Librairie") && text.contains("<b>#panic</b>"),
            "{text}"
        );
        assert!(text.contains("Is this letter genuine?"), "{text}");
        let message = text_message::to_debtor(DebtorText::Reminder, &demand).expect("a text");
        assert!(message.body.contains("we miss €") && message.body.contains(&demand.page_link), "{}", message.body);
    }

    #[test]
    fn the_longest_text_message_of_ones_own_is_still_sent() {
        let mut demand = samples::demand(Language::Spanish);
        demand.sender.name = "Ó".repeat(200);
        demand.acts_for.as_mut().expect("a creditor").name = "Ó".repeat(200);
        let places = "{invoices} {total} {pay_by} ";
        let text = format!("{places}{}", "a".repeat(TEXT_MESSAGE_MAX_CHARS - places.len()));
        demand.own_words = Some(Wording { subject: None, text });
        text_message::to_debtor(DebtorText::FinalNotice, &demand).expect("a text");
    }
}
