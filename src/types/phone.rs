//! Telephone numbers as people write them, read as the world dials them. Pure.

use phonenumber::{Mode, Type, country, metadata::DATABASE};

use super::Country;

/// The number in the form of E.164 (`+34600000000`) where text messages reach it: a mobile one, or one whose plan does not
/// tell. `country` is where a number without its country code is dialled.
#[must_use]
pub fn mobile(text: &str, country: Country) -> Option<String> {
    let number = phonenumber::parse(Some(region(country)), text).ok()?;
    let takes_text = matches!(number.number_type(&DATABASE), Type::Mobile | Type::FixedLineOrMobile);
    (number.is_valid() && takes_text).then(|| number.format().mode(Mode::E164).to_string())
}

/// The number as it is dialled from anywhere (E.164); its digits alone where its plan is not known; none without any.
#[must_use]
pub fn dialled(text: &str, country: Country) -> Option<String> {
    if let Ok(number) = phonenumber::parse(Some(region(country)), text)
        && number.is_valid()
    {
        return Some(number.format().mode(Mode::E164).to_string());
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

const fn region(country: Country) -> country::Id {
    match country {
        Country::Spain => country::Id::ES,
        Country::France => country::Id::FR,
        Country::Germany => country::Id::DE,
        Country::Italy => country::Id::IT,
        Country::Portugal => country::Id::PT,
        Country::Belgium => country::Id::BE,
        Country::Netherlands => country::Id::NL,
        Country::UnitedKingdom => country::Id::GB,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mobile_number_is_read_however_it_is_written() {
        for (text, country, dialled) in [
            ("+34 600 000 000", Country::Spain, "+34600000000"),
            ("600-00-00-00", Country::Spain, "+34600000000"),
            ("0034 600000000", Country::Spain, "+34600000000"),
            ("06 12 34 56 78", Country::France, "+33612345678"),
            ("0151 23456789", Country::Germany, "+4915123456789"),
            ("333 123 4567", Country::Italy, "+393331234567"),
            ("+33 6 12 34 56 78", Country::Spain, "+33612345678"),
            ("07912 345678", Country::UnitedKingdom, "+447912345678"),
        ] {
            assert_eq!(mobile(text, country).as_deref(), Some(dialled), "{text}");
        }
    }

    #[test]
    fn a_number_is_dialled_the_same_however_it_is_written() {
        for (text, dialled_as) in [
            ("91 000 00 00", Some("+34910000000")),
            ("+34 910-000-000", Some("+34910000000")),
            ("(0034) 910000000", Some("+34910000000")),
            ("ext. 12", Some("12")),
            ("call me", None),
        ] {
            assert_eq!(dialled(text, Country::Spain).as_deref(), dialled_as, "{text}");
        }
    }

    #[test]
    fn what_takes_no_text_message_is_none() {
        for (text, country) in [
            ("+34 910 000 000", Country::Spain),
            ("01 42 68 53 00", Country::France),
            ("12", Country::Spain),
            ("call me", Country::Spain),
        ] {
            assert_eq!(mobile(text, country), None, "{text}");
        }
    }
}
