//! Text messages: who writes, what is owed, until when, where to see it all, and how to make them stop; counted as networks count.
//!
//! A text message has no room for the lines of a claim: the page it links to has them. No wording threatens.

use super::{Demand, Form, PaperError, Texts, texts::one_line};
use crate::types::text_enum;

text_enum! {
    pub enum DebtorText {
        Reminder => "reminder",
        FinalNotice => "final_notice",
    }
}

/// A text and what it is sent as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMessage {
    pub body: String,
    pub length: Length,
}

text_enum! {
    /// How a text is written on the air (3GPP TS 23.038).
    pub enum Alphabet {
        Gsm7 => "gsm7",
        /// Where a letter is not in the other.
        Ucs2 => "ucs2",
    }
}

/// What a text is counted, and paid, as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    pub alphabet: Alphabet,
    /// Septets, or UTF-16 code units.
    pub units: usize,
    pub segments: usize,
}

/// A longer one costs more than a letter and arrives in pieces.
pub const SEGMENTS_MAX: usize = 6;
const NAME_MAX_CHARS: usize = 40;

/// The default alphabet, one septet each.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension, two septets each.
const EXTENDED: &str = "^{}\\[~]|€";

/// How a text is counted.
#[must_use]
pub fn length(body: &str) -> Length {
    let septets = body.chars().try_fold(0, |sum: usize, sign| match (BASIC.contains(sign), EXTENDED.contains(sign)) {
        (true, _) => Some(sum + 1),
        (false, true) => Some(sum + 2),
        (false, false) => None,
    });
    let (alphabet, units, alone, joined) = match septets {
        Some(units) => (Alphabet::Gsm7, units, 160, 153),
        None => (Alphabet::Ucs2, body.encode_utf16().count(), 70, 67),
    };
    let segments = if units <= alone { 1 } else { units.div_ceil(joined) };
    Length { alphabet, units, segments }
}

/// A text message to a debtor.
///
/// # Errors
/// Rows of several currencies; longer than [`SEGMENTS_MAX`].
pub fn to_debtor(template: DebtorText, demand: &Demand) -> Result<TextMessage, PaperError> {
    let texts = Texts::of(demand.language);
    let values: Vec<(&str, String)> =
        demand.values()?.into_iter().map(|(name, value)| (name, shortened(demand, name, value))).collect();
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let fill = |key: &str| texts.fill(&format!("sms.{key}"), &values);
    let who = fill(if demand.acts_for.is_some() { "who_agency" } else { "who_creditor" });
    let said = Form::TextMessage(template).said(demand, &values)?.text;
    let body = plain(&format!("{who}: {said} {} {}", fill("page"), fill("stop")));
    let length = length(&body);
    if length.segments > SEGMENTS_MAX {
        return Err(PaperError::TooLong(length.segments));
    }
    Ok(TextMessage { body, length })
}

/// Names are cut, long lists of invoices counted: the page tells the rest.
fn shortened(demand: &Demand, name: &str, value: String) -> String {
    if value.chars().count() <= NAME_MAX_CHARS {
        return value;
    }
    match name {
        "sender" | "creditor" => value.chars().take(NAME_MAX_CHARS).collect::<String>().trim_end().to_owned(),
        "invoices" if demand.claim.invoices().len() > 1 => {
            let count = demand.claim.invoices().len().to_string();
            Texts::of(demand.language).fill("claim.several_invoices", &[("count", &count)])
        }
        _ => value,
    }
}

/// Signs that print alike and are in the alphabet take the place of those that are not.
fn plain(text: &str) -> String {
    let swapped: String = text
        .chars()
        .map(|sign| match sign {
            '’' | '‘' => '\'',
            '–' | '—' => '-',
            '“' | '”' | '«' | '»' => '"',
            other => other,
        })
        .collect();
    one_line(&swapped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        paper::{samples, wording::threat_in},
        types::{Language, Tone},
    };

    #[test]
    fn a_text_is_counted_as_the_networks_do() {
        for (body, alphabet, units, segments) in [
            ("a".repeat(160), Alphabet::Gsm7, 160, 1),
            ("a".repeat(161), Alphabet::Gsm7, 161, 2),
            ("€".repeat(80), Alphabet::Gsm7, 160, 1),
            ("a".repeat(306), Alphabet::Gsm7, 306, 2),
            ("a".repeat(307), Alphabet::Gsm7, 307, 3),
            ("á".repeat(70), Alphabet::Ucs2, 70, 1),
            ("á".repeat(71), Alphabet::Ucs2, 71, 2),
            ("😀".repeat(36), Alphabet::Ucs2, 72, 2),
            (String::new(), Alphabet::Gsm7, 0, 1),
        ] {
            assert_eq!(length(&body), Length { alphabet, units, segments }, "{body}");
        }
    }

    #[test]
    fn every_text_says_all_it_must_in_three_segments_and_none_threatens() {
        for language in Language::ALL {
            for (template, tone) in DebtorText::ALL.iter().flat_map(|template| Tone::ALL.iter().map(move |tone| (template, tone)))
            {
                let mut demand = samples::demand(*language);
                demand.tone = *tone;
                let text = to_debtor(*template, &demand).expect("a text");
                let stop = Texts::of(*language).say("sms.stop");
                for said in ["Cobros Claros SL", "Papeles del Sur SA", "F-2026-0817", &demand.page_link, stop] {
                    assert!(text.body.contains(said), "{language} {template} {tone}: {said} is missing in {}", text.body);
                }
                assert_eq!(text.length.alphabet, Alphabet::Gsm7, "{language} {template} {tone}: {}", text.body);
                assert!(text.length.segments <= 3, "{language} {template} {tone}: {:?}", text.length);
                assert_eq!(threat_in(&text.body, *language), None, "{language} {template} {tone}");
            }
        }
    }

    #[test]
    fn long_names_are_cut_and_what_is_too_long_all_the_same_is_refused() {
        let mut demand = samples::demand(Language::English);
        demand.sender.name = "Ó".repeat(500);
        let text = to_debtor(DebtorText::Reminder, &demand).expect("a text");
        assert!(text.length.segments <= SEGMENTS_MAX && text.length.alphabet == Alphabet::Ucs2);
        demand.page_link = "https://entente.example/".repeat(40);
        assert!(matches!(to_debtor(DebtorText::Reminder, &demand), Err(PaperError::TooLong(_))));
    }
}
