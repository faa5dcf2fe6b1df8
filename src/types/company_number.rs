//! Numbers under which companies are on record, with their check digits.
//!
//! Spanish NIF/NIE/CIF (Orden EHA/451/2008), French SIREN/SIRET (Luhn; La Poste's SIRETs sum to a multiple of five),
//! EU VAT numbers (national check digits where we know the rule, the published pattern elsewhere).

use std::{fmt, str::FromStr};

use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};

use super::{Country, spelled::spelled, text_enum};

text_enum! {
    /// The register a number belongs to.
    pub enum Register {
        SpanishNif => "es_nif",
        FrenchSiren => "fr_siren",
        FrenchSiret => "fr_siret",
        EuVat => "eu_vat",
    }
}

/// A number whose check digits are right, without spaces, dots or dashes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct CompanyNumber {
    register: Register,
    country: Country,
    number: String,
}

/// Why a text is not a company number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompanyNumberError {
    #[error("the check digit of `{0}` is wrong: look for a mistyped character")]
    CheckDigit(String),
    #[error("`{0}` is no Spanish NIF, French SIREN or SIRET, nor a VAT number of ES, FR, DE, IT, PT, BE or NL")]
    Unknown(String),
}

impl CompanyNumber {
    #[must_use]
    pub const fn register(&self) -> Register {
        self.register
    }

    #[must_use]
    pub const fn country(&self) -> Country {
        self.country
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.number
    }

    /// The enterprise, whatever its site or tax prefix: `ESB12345674` and `B12345674` are one company, so are a SIRET and its SIREN.
    #[must_use]
    pub fn enterprise_key(&self) -> String {
        let bare = match self.register {
            Register::SpanishNif | Register::FrenchSiren => self.number.as_str(),
            Register::FrenchSiret => self.number.get(..9).unwrap_or(&self.number),
            Register::EuVat if self.country == Country::France => self.number.get(4..).unwrap_or(&self.number),
            Register::EuVat => self.number.get(2..).unwrap_or(&self.number),
        };
        format!("{}:{bare}", self.country)
    }

    /// Under which the enterprise accounts for VAT: `ESB12345674`, `FR44732829320`.
    #[must_use]
    pub fn vat_number(&self) -> String {
        match self.register {
            Register::EuVat => self.number.clone(),
            Register::SpanishNif => format!("ES{}", self.number),
            Register::FrenchSiren | Register::FrenchSiret => {
                let siren = self.number.get(..9).unwrap_or(&self.number);
                format!("FR{:02}{siren}", french_key(siren))
            }
        }
    }
}

impl FromStr for CompanyNumber {
    type Err = CompanyNumberError;

    fn from_str(text: &str) -> Result<Self, CompanyNumberError> {
        let shown = || text.chars().take(30).collect::<String>();
        let number: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
        if text.chars().any(|c| !c.is_ascii_alphanumeric() && !" .-/".contains(c)) {
            return Err(CompanyNumberError::Unknown(shown()));
        }
        let (register, country, valid) = classify(&number).ok_or_else(|| CompanyNumberError::Unknown(shown()))?;
        if valid { Ok(Self { register, country, number }) } else { Err(CompanyNumberError::CheckDigit(shown())) }
    }
}

/// Which register the number's shape belongs to, and whether its check digits hold.
fn classify(number: &str) -> Option<(Register, Country, bool)> {
    let all_digits = number.bytes().all(|b| b.is_ascii_digit());
    match number.len() {
        9 if all_digits => Some((Register::FrenchSiren, Country::France, luhn(number))),
        14 if all_digits => Some((Register::FrenchSiret, Country::France, siret(number))),
        9 if looks_spanish(number) => Some((Register::SpanishNif, Country::Spain, spanish(number))),
        _ => {
            let (prefix, rest) = number.split_at_checked(2)?;
            let country = Country::from_vat_prefix(prefix)?;
            vat(country, rest).map(|valid| (Register::EuVat, country, valid))
        }
    }
}

/// `Some(check digits hold)` where the shape is that of the country's VAT numbers.
fn vat(country: Country, rest: &str) -> Option<bool> {
    let digits = rest.bytes().all(|b| b.is_ascii_digit());
    match country {
        Country::Spain => (rest.len() == 9 && looks_spanish(rest)).then(|| spanish(rest)),
        Country::France => french_vat(rest),
        Country::Germany => (rest.len() == 9 && digits).then(|| iso7064_mod_11_10(rest)),
        Country::Italy => (rest.len() == 11 && digits).then(|| luhn(rest)),
        Country::Portugal => (rest.len() == 9 && digits).then(|| portuguese(rest)),
        Country::Belgium => (rest.len() == 10 && digits).then(|| belgian(rest)),
        Country::Netherlands => {
            let shape = rest.len() == 12 && rest.as_bytes().get(9) == Some(&b'B');
            shape.then(|| rest.bytes().enumerate().all(|(i, b)| i == 9 || b.is_ascii_digit()))
        }
        Country::UnitedKingdom => None,
    }
}

fn digits(text: &str) -> impl DoubleEndedIterator<Item = u32> + '_ {
    text.chars().filter_map(|c| c.to_digit(10))
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or(u64::MAX)
}

fn luhn(text: &str) -> bool {
    let sum: u32 = digits(text)
        .rev()
        .enumerate()
        .map(|(position, digit)| if position % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit })
        .sum();
    sum.is_multiple_of(10) && digits(text).any(|digit| digit != 0)
}

/// La Poste numbers its counters under SIREN 356000000 by digit sum, not by Luhn.
fn siret(text: &str) -> bool {
    luhn(text) || (text.starts_with("356000000") && digits(text).sum::<u32>().is_multiple_of(5))
}

/// The key is `(12 + 3 × SIREN mod 97) mod 97`; keys with letters are not verified further than the SIREN.
fn french_vat(rest: &str) -> Option<bool> {
    let (key, siren) = rest.split_at_checked(2)?;
    if siren.len() != 9 || !siren.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let key_holds = !key.bytes().all(|b| b.is_ascii_digit()) || number(key) == french_key(siren);
    Some(key_holds && luhn(siren))
}

/// CGI annexe 1 art. 2: two digits before the SIREN.
fn french_key(siren: &str) -> u64 {
    (12 + 3 * (number(siren) % 97)) % 97
}

fn looks_spanish(text: &str) -> bool {
    let middle_is_digits = text.get(1..8).is_some_and(|m| m.bytes().all(|b| b.is_ascii_digit()));
    text.len() == 9 && middle_is_digits && !text.bytes().all(|b| b.is_ascii_digit())
}

/// NIF of persons (8 digits + letter; NIE with X, Y, Z; K, L, M) and of entities (letter + 7 digits + control).
fn spanish(text: &str) -> bool {
    let (Some(first), Some(last)) = (text.chars().next(), text.chars().last()) else { return false };
    match first {
        '0'..='9' => nif_letter(text.get(..8).unwrap_or_default()) == Some(last),
        'X' | 'Y' | 'Z' => {
            let leading = match first {
                'X' => '0',
                'Y' => '1',
                _ => '2',
            };
            nif_letter(&format!("{leading}{}", text.get(1..8).unwrap_or_default())) == Some(last)
        }
        'K' | 'L' | 'M' => nif_letter(text.get(1..8).unwrap_or_default()) == Some(last),
        'A'..='H' | 'J' | 'N' | 'P'..='S' | 'U' | 'V' | 'W' => cif(first, text.get(1..8).unwrap_or_default(), last),
        _ => false,
    }
}

fn nif_letter(eight: &str) -> Option<char> {
    let rest = usize::try_from(eight.parse::<u32>().ok()? % 23).ok()?;
    "TRWAGMYFPDXBNJZSQVHLCKE".chars().nth(rest)
}

/// The control is a digit for companies (A, B, E, H), a letter for public bodies and foreigners, either for the rest.
fn cif(kind: char, seven: &str, control: char) -> bool {
    let sum: u32 = digits(seven)
        .enumerate()
        .map(|(position, digit)| if position % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit })
        .sum();
    let expected = (10 - sum % 10) % 10;
    let by_digit = control.to_digit(10) == Some(expected);
    let by_letter = usize::try_from(expected).ok().and_then(|i| "JABCDEFGHI".chars().nth(i)) == Some(control);
    match kind {
        'A' | 'B' | 'E' | 'H' => by_digit,
        'N' | 'P' | 'Q' | 'R' | 'S' | 'W' => by_letter,
        _ => by_digit || by_letter,
    }
}

fn iso7064_mod_11_10(text: &str) -> bool {
    let all: Vec<u32> = digits(text).collect();
    let Some((check, body)) = all.split_last() else { return false };
    let product = body.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == *check
}

fn portuguese(text: &str) -> bool {
    let sum: u32 = digits(text).zip((2..=9).rev()).map(|(digit, weight)| digit * weight).sum();
    let check = match 11 - sum % 11 {
        10 | 11 => 0,
        digit => digit,
    };
    digits(text).next_back() == Some(check)
}

fn belgian(text: &str) -> bool {
    let (body, check) = text.split_at(8);
    97 - number(body) % 97 == number(check)
}

impl fmt::Display for CompanyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.number)
    }
}

spelled!(CompanyNumber by as_str, "Spanish NIF, French SIREN or SIRET, or EU VAT number; check digits are verified", example "B12345674");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_leads_to_the_one_for_vat() {
        for (number, expected) in [
            ("B12345674", "ESB12345674"),
            ("ESB12345674", "ESB12345674"),
            ("732829320", "FR44732829320"),
            ("73282932000074", "FR44732829320"),
            ("DE136695976", "DE136695976"),
        ] {
            let vat = number.parse::<CompanyNumber>().unwrap().vat_number();
            assert_eq!(vat, expected);
            assert!(vat.parse::<CompanyNumber>().is_ok(), "{vat}");
        }
    }

    #[test]
    fn published_numbers_pass() {
        for text in [
            "12345678Z",
            "56789423P",
            "A46353538",
            "428701981",
            "732829320",
            "73282932000074",
            "35600000000048",
            "35600000049837",
            "FR44732829320",
            "DE136695976",
            "IT00743110157",
            "PT501964843",
            "BE0428759497",
            "NL004495445B01",
            "ES-12345678-Z",
        ] {
            assert!(text.parse::<CompanyNumber>().is_ok(), "{text}");
        }
    }

    #[test]
    fn a_wrong_check_digit_is_named_as_such() {
        for text in ["12345678A", "A46353537", "428701982", "73282932000075", "FR45732829320", "DE136695977", "BE0428759498"] {
            assert!(matches!(text.parse::<CompanyNumber>(), Err(CompanyNumberError::CheckDigit(_))), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_of_ours_is_refused() {
        for text in ["", "0", "GB123456789", "hello", "ES", "１２３４５６７８Z", "000000000", "US12-3456789"] {
            assert!(text.parse::<CompanyNumber>().is_err(), "{text}");
        }
    }

    #[test]
    fn one_enterprise_has_one_key() {
        let key = |text: &str| text.parse::<CompanyNumber>().map(|n| n.enterprise_key()).unwrap_or_default();
        assert_eq!(key("FR44732829320"), key("73282932000074"));
        assert_eq!(key("ES12345678Z"), key("12345678Z"));
    }
}
