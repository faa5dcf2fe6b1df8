//! Text messages that debtors send, read. Pure.

/// Words by which people everywhere end text messages, as the trade's providers take them, and ours of each language.
const FAREWELLS: [&str; 10] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "BAJA", "ALTO", "ARRET", "DESABONNER"];
const TEXT_MAX_CHARS: usize = 1_600;

/// A text that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingText {
    /// What the provider calls it.
    pub provider_id: String,
    /// E.164
    pub from: String,
    pub body: String,
}

impl IncomingText {
    /// Reads the form that a provider sends.
    ///
    /// # Errors
    /// It names no message or no sender.
    pub fn read(fields: &[(String, String)]) -> Result<Self, &'static str> {
        let field = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
        let body = field("Body").unwrap_or_default();
        Ok(Self {
            provider_id: field("MessageSid").ok_or("a text message has a name: MessageSid")?.to_owned(),
            from: field("From").ok_or("a text message says who sent it: From")?.to_owned(),
            body: body.chars().filter(|c| !c.is_control() || *c == '\n').take(TEXT_MAX_CHARS).collect(),
        })
    }

    /// Whether it asks for no more text messages: such a word and nothing else.
    #[must_use]
    pub fn is_farewell(&self) -> bool {
        let word = self.body.trim().trim_end_matches(['.', '!']).to_uppercase().replace(['Ê', 'É'], "E");
        FAREWELLS.contains(&word.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &str) -> IncomingText {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        IncomingText::read(&[field("MessageSid", "SM1"), field("From", "+34600000000"), field("Body", body)]).unwrap()
    }

    #[test]
    fn a_farewell_is_one_word_in_any_dress() {
        for body in ["STOP", " stop. ", "Baja", "Arrêt!", "ARRET"] {
            assert!(text(body).is_farewell(), "{body}");
        }
        for body in ["stop writing to my wife, write to me", "Pago el viernes", ""] {
            assert!(!text(body).is_farewell(), "{body}");
        }
    }

    #[test]
    fn what_names_no_sender_is_refused_and_a_long_one_cut() {
        assert!(IncomingText::read(&[("MessageSid".to_owned(), "SM1".to_owned())]).is_err());
        assert_eq!(text(&"a".repeat(9_000)).body.len(), TEXT_MAX_CHARS);
    }
}
