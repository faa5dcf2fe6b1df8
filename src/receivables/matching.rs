//! Whether two customers may be one: a published score over names, places and addresses. Pure.
//!
//! What may never happen here: two customers with different tax numbers held for one. A score only ever makes an offer; a
//! person decides.

use crate::types::{Country, fold::fold};

/// Offers are made from this score on, in parts of ten thousand.
pub const OFFERED_FROM_BP: i32 = 8_500;
/// Names less alike than this are not rescued by a common address: neighbours are not one customer.
const NAME_AT_LEAST_BP: i32 = 7_000;
const SAME_STREET_FROM_BP: i32 = 8_000;

/// Legal forms of the countries that we know, folded and without dots.
const LEGAL_FORMS: &[&str] = &[
    "sl",
    "slu",
    "slp",
    "sll",
    "sa",
    "sau",
    "sal",
    "sc",
    "scp",
    "cb",
    "scoop",
    "coop",
    "sas",
    "sasu",
    "sarl",
    "eurl",
    "sci",
    "snc",
    "scop",
    "gmbh",
    "mbh",
    "ug",
    "ag",
    "kg",
    "ohg",
    "gbr",
    "ek",
    "ev",
    "eg",
    "se",
    "co",
    "cie",
    "srl",
    "srls",
    "spa",
    "sapa",
    "ss",
    "lda",
    "unipessoal",
    "crl",
    "bv",
    "nv",
    "vof",
    "cv",
    "bvba",
    "sprl",
    "srlbe",
    "ltd",
    "limited",
    "plc",
    "llp",
    "lp",
    "cic",
    "inc",
    "the",
];

/// What is compared of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    pub legal_name: String,
    pub tax_number: Option<String>,
    pub country: Country,
    pub street: Option<String>,
    pub postal_code: Option<String>,
    pub city: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// How alike two customers are, and what speaks for it and against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    pub score_bp: i32,
    pub reasons: Vec<&'static str>,
}

/// A name as it is compared: folded, without legal forms, dots closed up (`S.L.` is `sl`).
#[must_use]
pub fn core_name(legal_name: &str) -> String {
    let folded = fold(legal_name);
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    let core: Vec<&str> = words.iter().copied().filter(|word| !LEGAL_FORMS.contains(word)).collect();
    if core.is_empty() { words.join(" ") } else { core.join(" ") }
}

/// Compares two customers.
#[must_use]
pub fn likeness(one: &Traits, other: &Traits) -> Likeness {
    let nothing = Likeness { score_bp: 0, reasons: Vec::new() };
    // A register knows better than any resemblance: two numbers of one country are two customers.
    if one.country == other.country && both(&one.tax_number, &other.tax_number, |a, b| a != b) {
        return nothing;
    }
    let name_bp = names_alike(&one.legal_name, &other.legal_name);
    if name_bp < NAME_AT_LEAST_BP {
        return nothing;
    }
    let mut reasons = vec![if name_bp == 10_000 { "same_name" } else { "similar_name" }];
    let mut score_bp = name_bp - 500;
    let mut count = |holds: bool, weight_bp: i32, reason: &'static str| {
        if holds {
            score_bp += weight_bp;
            reasons.push(reason);
        }
    };
    let same = |a: &Option<String>, b: &Option<String>| both(a, b, |a, b| closed(a) == closed(b));
    let differ = |a: &Option<String>, b: &Option<String>| both(a, b, |a, b| closed(a) != closed(b));
    let street = both(&one.street, &other.street, |a, b| alike_bp(&fold(a), &fold(b)) >= SAME_STREET_FROM_BP);
    count(same(&one.postal_code, &other.postal_code), 300, "same_postal_code");
    count(differ(&one.postal_code, &other.postal_code), -700, "other_postal_code");
    count(street, 700, "same_street");
    count(same(&one.city, &other.city), 200, "same_city");
    count(same(&one.email, &other.email), 1_000, "same_email");
    count(both(&one.phone, &other.phone, |a, b| digits(a) == digits(b)), 700, "same_phone");
    count(one.country != other.country, -1_500, "other_country");
    Likeness { score_bp: score_bp.clamp(0, 10_000), reasons }
}

/// How alike two names are, in parts of ten thousand: the better of two readings, as written, and with the words in alphabetical order (`Ruiz, Bodegas`).
#[must_use]
pub fn names_alike(one: &str, other: &str) -> i32 {
    let (one, other) = (core_name(one), core_name(other));
    let sorted = |name: &str| {
        let mut words: Vec<&str> = name.split(' ').collect();
        words.sort_unstable();
        words.join(" ")
    };
    alike_bp(&one, &other).max(alike_bp(&sorted(&one), &sorted(&other)))
}

/// Ten thousand less the part of the longer text that has to be changed to get the other.
fn alike_bp(one: &str, other: &str) -> i32 {
    let longest = one.chars().count().max(other.chars().count());
    if longest == 0 {
        return 0;
    }
    let changed = strsim::damerau_levenshtein(one, other) * 10_000 / longest;
    10_000 - i32::try_from(changed.min(10_000)).unwrap_or(10_000)
}

fn both(one: &Option<String>, other: &Option<String>, holds: impl Fn(&str, &str) -> bool) -> bool {
    one.as_deref().zip(other.as_deref()).is_some_and(|(one, other)| holds(one, other))
}

fn closed(text: &str) -> String {
    fold(text).replace(' ', "")
}

/// The last nine: with and without its country's prefix a number is the same.
fn digits(text: &str) -> String {
    let all: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    all.iter().skip(all.len().saturating_sub(9)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(legal_name: &str) -> Traits {
        Traits {
            legal_name: legal_name.to_owned(),
            tax_number: None,
            country: Country::Spain,
            street: None,
            postal_code: None,
            city: None,
            email: None,
            phone: None,
        }
    }

    fn score(one: &str, other: &str) -> i32 {
        likeness(&customer(one), &customer(other)).score_bp
    }

    #[test]
    fn legal_forms_and_signs_do_not_make_another_name() {
        for name in ["Bodegas Ruiz, S.L.", "BODEGAS RUIZ SL", "bodegas ruiz", "Bodegas Ruíz S.L.U."] {
            assert_eq!(core_name(name), "bodegas ruiz", "{name}");
        }
        assert_eq!(core_name("Müller GmbH & Co. KG"), core_name("MULLER"));
        assert_eq!(core_name("S.A."), "sa", "a name of a legal form alone stays");
    }

    #[test]
    fn near_names_are_offered_and_far_ones_are_not() {
        let near = [
            ("Bodegas Ruiz SL", "Bodegas Ruíz, S.L.U."),
            ("Construcciones Hermanos Pérez SA", "Construcciones Hermanos Perez S.A."),
            ("Peluquería Ejemplo", "Peluqueria Ejenplo"),
            ("María Pérez Gómez", "Pérez Gómez, María"),
        ];
        for (one, other) in near {
            assert!(score(one, other) >= OFFERED_FROM_BP, "{one} / {other}: {}", score(one, other));
            assert_eq!(score(one, other), score(other, one));
        }
        for (one, other) in
            [("Bodegas Ruiz", "Bodegas Sanz"), ("Ana", "Eva"), ("Hotel Sol", "Hotel Luna"), ("Talleres Paco", "Talleres Pepe")]
        {
            assert!(score(one, other) < OFFERED_FROM_BP, "{one} / {other}: {}", score(one, other));
        }
    }

    #[test]
    fn two_tax_numbers_are_two_customers_and_one_alone_proves_nothing() {
        let with = |number: Option<&str>| Traits { tax_number: number.map(str::to_owned), ..customer("Bodegas Ruiz") };
        assert_eq!(likeness(&with(Some("B1")), &with(Some("B2"))).score_bp, 0);
        assert!(likeness(&with(Some("B1")), &with(None)).score_bp >= OFFERED_FROM_BP);
    }

    #[test]
    fn places_and_addresses_speak_for_and_against() {
        let at = |postal_code: &str, street: &str| Traits {
            postal_code: Some(postal_code.to_owned()),
            street: Some(street.to_owned()),
            ..customer("Café Central")
        };
        let same = likeness(&at("28013", "Calle Mayor 1"), &at("28 013", "C/ Mayor, 1"));
        assert!(same.reasons.contains(&"same_postal_code"), "{same:?}");
        let elsewhere = likeness(&at("28013", "Calle Mayor 1"), &at("08001", "Rambla 7"));
        assert!(elsewhere.score_bp < same.score_bp && elsewhere.reasons.contains(&"other_postal_code"));
        let mailed = |email: &str| Traits { email: Some(email.to_owned()), ..customer("Café Zentral") };
        assert!(likeness(&mailed("a@b.example"), &mailed("A@B.example")).reasons.contains(&"same_email"));
        let phoned = |phone: &str| Traits { phone: Some(phone.to_owned()), ..customer("Café Central") };
        assert!(likeness(&phoned("+34 910 000 000"), &phoned("910000000")).reasons.contains(&"same_phone"));
    }
}
