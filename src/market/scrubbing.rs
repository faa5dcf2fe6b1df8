//! What is taken out of texts that strangers will read: names, numbers, addresses, mails, accounts.
//!
//! Pure. What may never happen here: a text of an agency treated by what is known of the case. Whether a guess was taken out
//! would say whether it was right, so `scrub` knows patterns alone; the case's own identifiers ([`Identifiers`]) are looked
//! for in what its creditor writes, and in what the creditor is about to publish.
//!
//! Rather too much than too little: a capitalised word too many costs a question its elegance, one too few a customer its
//! name. Any five digits go, so exact amounts and dates go too: the card shows bands.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    receivables::core_name,
    types::{fold::fold, text_enum},
};

text_enum! {
    /// What was taken out of a text.
    pub enum Removed {
        MailAddress => "mail_address",
        WebAddress => "web_address",
        /// An account number (IBAN).
        Account => "account",
        /// Five digits and more: telephones, tax and invoice numbers, postal codes, exact amounts, dates.
        Number => "number",
        StreetAddress => "street_address",
        /// A company by its legal form, a person by a title, or capitalised words in a row.
        Name => "name",
        /// A name, number or place of the case itself.
        OfTheCase => "of_the_case",
    }
}

/// How often something was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Removal {
    pub what: Removed,
    pub times: usize,
}

/// A text that strangers may read, and what it lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scrubbed {
    pub text: String,
    pub removed: Vec<Removal>,
}

/// What stands where something was taken out, in any language.
const GAP: &str = "[…]";

const LEGAL_FORM: &str = r"(?:S\.?L\.?(?:U\.?)?|S\.?A\.?(?:U\.?|S\.?)?|S\.?A\.?R\.?L\.?|E\.?U\.?R\.?L\.?|GmbH|A\.?G\.?|K\.?G\.?|U\.?G\.?|OHG|S\.?r\.?l\.?|S\.?p\.?A\.?|L\.?da\.?|B\.?V\.?|N\.?V\.?|Ltd\.?|Limited|PLC|LLP)";
const WORD: &str = r"\p{Lu}[\p{L}\d&'’.-]*";
const PARTICLES: &str = r"(?:(?:de|del|de\s+la|la|las|los|el|le|les|du|des|di|da|do|of|the)\s+)*";

/// Patterns in the order in which they give a gap its name.
static PATTERNS: LazyLock<Vec<(Removed, Regex)>> = LazyLock::new(|| {
    let street = format!(
        r"(?:(?i:calle|c/|avenida|avda\.?|av\.|plaza|paseo|camino|carretera|callej[oó]n|rue|boulevard|bd\.?|chemin|impasse|all[ée]e|viale|piazza|corso|rua|pra[çc]a)\s+{PARTICLES}|(?:Avenue|Place|Via|Platz)\s+{PARTICLES})\p{{Lu}}[\p{{L}}'’-]*(?:\s+{PARTICLES}\p{{Lu}}[\p{{L}}'’-]*)*(?:[\s,]+(?:n[ºo°]?\.?\s*)?\d{{1,4}}\b)?"
    );
    let street_after = r"\b\d{1,4}\s+(?:\p{Lu}[\p{L}'’-]+\s+){1,3}(?:Street|Road|Lane|Avenue|Square|Drive|Way|Close)\b|\p{Lu}\p{Ll}+(?:stra(?:ß|ss)e|str\.|platz|weg|gasse|laan|straat)\b(?:\s+\d{1,4})?";
    [
        (Removed::MailAddress, r"(?i)[\p{L}\d._%+-]+\s*(?:@|\(at\)|\[at\])\s*[\p{L}\d-]+(?:\s*(?:\.|\(dot\)|\[dot\])\s*[\p{L}\d-]+)+".to_owned()),
        (Removed::WebAddress, r"(?i)\b(?:https?://|www\.)\S+|\b[\p{L}\d-]+\.(?:com|es|fr|de|it|pt|be|nl|uk|eu|net|org|info|biz|io|app|shop|cat|example)\b[^\s,;]*".to_owned()),
        (Removed::Account, r"(?i)\b[A-Z]{2}\d{2}(?:[ .-]?[A-Z0-9]{4}){3,7}(?:[ .-]?[A-Z0-9]{1,3})?\b".to_owned()),
        (Removed::Number, r"(?i)\+?\b[A-Z]{0,4}[.:/-]?\d(?:(?:[ \u{a0}\u{202f}.,:/-]|\)\s?|\s?\()?\d){4,}(?:-?[A-Z])?\b".to_owned()),
        (Removed::StreetAddress, format!(r"{street}|{street_after}")),
        (Removed::Name, format!(r"{WORD}(?:\s+(?:(?:de|del|la|y|e|et|and|und|&)\s+)*{WORD}){{0,5}},?\s+{LEGAL_FORM}(?:[\s,.;:!?)]|$)")),
        (Removed::Name, format!(r"\b(?:Sr|Sra|Srta|D|Dña|Mr|Mrs|Ms|M|Mme|Mlle|Dr|Dra)\.?\s+{WORD}(?:\s+{WORD}){{0,3}}|\b(?i:don|doña|señor|señora|monsieur|madame|herr|frau)\s+\p{{Lu}}[\p{{L}}'’-]+(?:\s+\p{{Lu}}[\p{{L}}'’-]+){{0,3}}")),
        (Removed::Name, r"\p{Lu}[\p{L}'’-]+(?:\s+(?:(?:de|del|la|las|los|y|du|des|von|van|di|da|et|and|&)\s+)*\p{Lu}[\p{L}'’-]+)+".to_owned()),
    ]
    .into_iter()
    .map(|(what, pattern)| (what, compiled(&pattern)))
    .collect()
});

#[expect(clippy::expect_used, reason = "the patterns are part of the program; a test reads them all")]
fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern")
}

/// A text without what patterns find in it.
#[must_use]
pub fn scrub(text: &str) -> Scrubbed {
    cut(text, found_by_patterns(text))
}

/// A text without what patterns find in it, nor anything of the case.
#[must_use]
pub fn scrub_of(text: &str, identifiers: &Identifiers) -> Scrubbed {
    let mut spans: Vec<(Range<usize>, Removed)> =
        identifiers.places_in(text).into_iter().map(|place| (place, Removed::OfTheCase)).collect();
    spans.extend(found_by_patterns(text));
    cut(text, spans)
}

fn found_by_patterns(text: &str) -> Vec<(Range<usize>, Removed)> {
    PATTERNS.iter().flat_map(|(what, pattern)| pattern.find_iter(text).map(|found| (found.range(), *what))).collect()
}

/// Cuts out what the spans cover. Where several meet, the first in the list names the gap.
fn cut(text: &str, spans: Vec<(Range<usize>, Removed)>) -> Scrubbed {
    let mut ordered: Vec<(usize, Range<usize>, Removed)> =
        spans.into_iter().enumerate().map(|(place, (span, what))| (place, span, what)).collect();
    ordered.sort_by_key(|(place, span, _)| (span.start, *place));
    let mut gaps: Vec<(usize, Range<usize>, Removed)> = Vec::new();
    for (place, span, what) in ordered {
        match gaps.last_mut() {
            Some((named_by, gap, named)) if span.start < gap.end => {
                gap.end = gap.end.max(span.end);
                if place < *named_by {
                    (*named_by, *named) = (place, what);
                }
            }
            _ => gaps.push((place, span, what)),
        }
    }
    let (mut left, mut from) = (String::with_capacity(text.len()), 0);
    for (_, gap, _) in &gaps {
        left.push_str(text.get(from..gap.start).unwrap_or_default());
        left.push_str(GAP);
        // A pattern may end in the space or the sign that ends a word: that stays.
        let cut_out = text.get(gap.clone()).unwrap_or_default();
        left.extend(cut_out.chars().next_back().filter(|end| end.is_whitespace() || ",;:!?)".contains(*end)));
        from = gap.end;
    }
    left.push_str(text.get(from..).unwrap_or_default());
    let count = |what: &Removed| gaps.iter().filter(|(_, _, named)| named == what).count();
    let removed = Removed::ALL.iter().map(|what| Removal { what: *what, times: count(what) });
    Scrubbed { text: left.trim().to_owned(), removed: removed.filter(|removal| removal.times > 0).collect() }
}

/// What tells whose case it is, in a spelling without case, accents and signs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identifiers(Vec<String>);

/// Shorter ones are everybody's.
const SHORTEST_CHARS: usize = 4;

impl Identifiers {
    /// `whole` are found as they are; of `names` each word but the legal form tells too.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>, whole: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all: Vec<String> = Vec::new();
        for name in names {
            let core = core_name(name);
            all.extend(core.split(' ').map(str::to_owned));
            all.push(squeezed(&core));
        }
        all.extend(whole.into_iter().map(squeezed));
        all.retain(|one| one.chars().count() >= SHORTEST_CHARS);
        all.sort_by_key(|one| std::cmp::Reverse(one.len()));
        all.dedup();
        Self(all)
    }

    /// Whether a text holds one of them.
    #[must_use]
    pub fn stand_in(&self, text: &str) -> bool {
        !self.places_in(text).is_empty()
    }

    /// Where they stand, whatever signs and spaces are strewn in.
    fn places_in(&self, text: &str) -> Vec<Range<usize>> {
        let (mut plain, mut origins) = (String::new(), Vec::new());
        for (at, character) in text.char_indices() {
            let folded = squeezed(character.encode_utf8(&mut [0; 4]));
            origins.extend(folded.bytes().map(|_| at..at + character.len_utf8()));
            plain.push_str(&folded);
        }
        let place = |(start, found): (usize, &str)| {
            let whole = origins.get(start)?.start..origins.get((start + found.len()).checked_sub(1)?)?.end;
            stands_alone(text, &whole).then_some(whole)
        };
        self.0.iter().flat_map(|one| plain.match_indices(one.as_str()).filter_map(place)).collect()
    }
}

/// No letter or digit stands right before or after: `Ruiz` is not in `Ruizseñor`.
fn stands_alone(text: &str, place: &Range<usize>) -> bool {
    let before = text.get(..place.start).and_then(|head| head.chars().next_back());
    let after = text.get(place.end..).and_then(|rest| rest.chars().next());
    ![before, after].into_iter().flatten().any(char::is_alphanumeric)
}

fn squeezed(text: &str) -> String {
    fold(text).replace(' ', "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn what(text: &str) -> Vec<Removed> {
        scrub(text).removed.into_iter().map(|removal| removal.what).collect()
    }

    #[test]
    fn what_tells_who_owes_goes_whatever_language_it_is_in() {
        use Removed as R;
        let cases: &[(&str, &[R])] = &[
            ("Write to pagos@ruiz.example please", &[R::MailAddress]),
            ("pagos (at) ruiz (dot) example", &[R::MailAddress]),
            ("it stands on www.ruiz.es/pagos and on ruiz.com", &[R::WebAddress]),
            ("pays from ES91 2100 0418 4502 0005 1332", &[R::Account]),
            ("de FR1420041010050500013M02606 ?", &[R::Account]),
            ("call +34 600 11 22 33", &[R::Number]),
            ("(0034) 600-112-233", &[R::Number]),
            ("is it A-46353538?", &[R::Number]),
            ("son los de 46017?", &[R::Number]),
            ("factura FACT-2026/00017", &[R::Number]),
            ("do they live in calle de la Paz, 14?", &[R::StreetAddress]),
            ("12 rue Oberkampf", &[R::StreetAddress]),
            ("it is 221 Baker Street", &[R::StreetAddress]),
            ("in der Hauptstraße 5", &[R::StreetAddress]),
            ("c'est Dupont SARL ?", &[R::Name]),
            ("¿es Bodegas Ruiz, S.A.?", &[R::Name]),
            ("¿firma Don Anselmo?", &[R::Name]),
            ("has Mr. Smith signed?", &[R::Name]),
            ("we know Juan Pérez de Villalobos well", &[R::Name]),
        ];
        for (text, removed) in cases {
            assert_eq!(what(text), *removed, "{text}: {:?}", scrub(text));
        }
    }

    #[test]
    fn a_plain_question_stays_as_it_was_asked() {
        for text in [
            "Is there a signed delivery note for all 3 invoices?",
            "¿Hay albarán firmado? ¿Se reclamó por correo?",
            "Y a-t-il un bon de livraison signé, ou 2 relances par lettre ?",
            "Has the debtor disputed more than 20 % of it since 2025?",
        ] {
            assert_eq!(scrub(text), Scrubbed { text: text.to_owned(), removed: Vec::new() });
        }
    }

    #[test]
    fn what_is_left_still_reads() {
        let scrubbed = scrub("Does Bodegas Ruiz SA answer at pagos@ruiz.example, or by phone (600 112 233)?");
        assert_eq!(scrubbed.text, "[…] answer at […], or by phone ([…])?");
        let times: Vec<_> = scrubbed.removed.iter().map(|removal| (removal.what, removal.times)).collect();
        assert_eq!(times, [(Removed::MailAddress, 1), (Removed::Number, 1), (Removed::Name, 1)]);
    }

    fn identifiers() -> Identifiers {
        Identifiers::of(["Peñalver Áridos SL", "Lucía"], ["A-46353538", "Haro", "RF18 5390"])
    }

    #[test]
    fn the_cases_own_words_are_found_in_any_spelling() {
        for text in ["it is PENALVER", "los áridos", "p e ñ a l v e r", "in Haro.", "a46353538", "rf185390", "LUCIA pays"] {
            assert!(identifiers().stand_in(text), "{text}");
        }
        for text in ["Peñalvera", "the slow one", "Harold", ""] {
            assert!(!identifiers().stand_in(text), "{text}");
        }
        let answer = scrub_of("Yes, and lucía of peñalver confirmed the delivery in haro.", &identifiers());
        assert_eq!(answer.text, "Yes, and […] of […] confirmed the delivery in […].");
        assert_eq!(answer.removed, [Removal { what: Removed::OfTheCase, times: 3 }]);
    }

    proptest! {
        #[test]
        fn nothing_of_the_case_survives_and_no_text_breaks_it(before in ".{0,40}", after in ".{0,40}") {
            let answer = scrub_of(&format!("{before} peñalver, {after}"), &identifiers());
            prop_assert!(!identifiers().stand_in(&answer.text), "{}", answer.text);
        }

        #[test]
        fn scrubbing_again_takes_no_more_addresses(text in ".{0,120}") {
            let again = scrub(&scrub(&text).text);
            prop_assert!(again.removed.iter().all(|removal| removal.what != Removed::MailAddress), "{}", again.text);
        }
    }
}
