//! Words in cells: countries, kinds, languages and currencies, by code or by name.

use super::fault::Fault;
use crate::{
    receivables::DebtorKind,
    types::{Country, Currency, Language, fold::fold},
};

fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

/// ISO 3166 code, or the name in Spanish, French, English, German, Italian, Portuguese or Dutch.
///
/// # Errors
/// No country of ours.
pub fn country(text: &str) -> Result<Country, Fault> {
    match fold(text).as_str() {
        "es" | "esp" | "espana" | "spain" | "espagne" | "spanien" | "spagna" | "espanha" | "spanje" => Ok(Country::Spain),
        "fr" | "fra" | "francia" | "france" | "frankreich" | "franca" | "frankrijk" => Ok(Country::France),
        "de" | "deu" | "alemania" | "germany" | "allemagne" | "deutschland" | "germania" | "alemanha" | "duitsland" => {
            Ok(Country::Germany)
        }
        "it" | "ita" | "italia" | "italy" | "italie" | "italien" => Ok(Country::Italy),
        "pt" | "prt" | "portugal" | "portogallo" => Ok(Country::Portugal),
        "be" | "bel" | "belgica" | "belgium" | "belgique" | "belgien" | "belgie" | "belgio" => Ok(Country::Belgium),
        "nl" | "nld" | "paises bajos" | "netherlands" | "the netherlands" | "pays bas" | "niederlande" | "nederland"
        | "paesi bassi" | "olanda" | "paises baixos" | "holanda" => Ok(Country::Netherlands),
        "gb"
        | "gbr"
        | "uk"
        | "reino unido"
        | "united kingdom"
        | "royaume uni"
        | "vereinigtes konigreich"
        | "regno unito"
        | "verenigd koninkrijk" => Ok(Country::UnitedKingdom),
        _ => Err(Fault::UnknownCountry(cut(text))),
    }
}

/// # Errors
/// None of the three kinds.
pub fn debtor_kind(text: &str) -> Result<DebtorKind, Fault> {
    match fold(text).as_str() {
        "business" | "company" | "b2b" | "empresa" | "sociedad" | "autonomo" | "entreprise" | "societe" | "professionnel"
        | "unternehmen" | "firma" | "azienda" | "impresa" | "societa" | "sociedade" | "bedrijf" | "zakelijk" => {
            Ok(DebtorKind::Business)
        }
        "consumer" | "b2c" | "consumidor" | "particular" | "consommateur" | "particulier" | "verbraucher" | "privat"
        | "privato" | "consumatore" | "consument" => Ok(DebtorKind::Consumer),
        "public"
        | "b2g"
        | "publico"
        | "administracion"
        | "administracion publica"
        | "administration"
        | "secteur public"
        | "behorde"
        | "offentlich"
        | "pubblico"
        | "pubblica amministrazione"
        | "overheid" => Ok(DebtorKind::Public),
        _ => Err(Fault::UnknownKind(cut(text))),
    }
}

/// # Errors
/// No language that we write in.
pub fn language(text: &str) -> Result<Language, Fault> {
    match fold(text).as_str() {
        "es" | "spa" | "espanol" | "castellano" | "spanish" | "espagnol" | "spanisch" => Ok(Language::Spanish),
        "fr" | "fra" | "frances" | "french" | "francais" | "franzosisch" => Ok(Language::French),
        "en" | "eng" | "ingles" | "english" | "anglais" | "englisch" => Ok(Language::English),
        _ => Err(Fault::UnknownLanguage(cut(text))),
    }
}

/// # Errors
/// No currency in circulation.
pub fn currency(text: &str) -> Result<Currency, Fault> {
    match text.trim() {
        "€" => Ok(Currency::EUR),
        "£" => Ok(Currency::GBP),
        code => {
            code.to_ascii_uppercase().parse().map_err(|error: crate::types::MoneyError| Fault::UnknownCurrency(error.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_ours_is_understood() {
        for code in Country::ALL {
            assert_eq!(country(code.as_str()), Ok(*code));
        }
        for kind in DebtorKind::ALL {
            assert_eq!(debtor_kind(kind.as_str()), Ok(*kind));
        }
        for code in Language::ALL {
            assert_eq!(language(code.as_str()), Ok(*code));
        }
        assert_eq!(currency("eur"), Ok(Currency::EUR));
    }

    #[test]
    fn names_are_understood_and_strangers_refused() {
        assert_eq!(country("España"), Ok(Country::Spain));
        assert_eq!(country("Pays-Bas"), Ok(Country::Netherlands));
        assert!(
            country("Narnia").is_err() && debtor_kind("ghost").is_err() && language("tlh").is_err() && currency("XXX").is_err()
        );
    }
}
