//! Texts that people type about themselves, checked where they come in: one line, a longer note, a mail address, a phone number.
//!
//! None may carry control characters: PostgreSQL refuses NUL, and line breaks forge headers of mails and lines of logs.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

const LINE_MAX: usize = 200;
const NOTE_MAX: usize = 2000;
const EMAIL_MAX: usize = 254;
/// ITU-T E.164: a country code and a number make at most 15 digits.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 6..=15;

macro_rules! texts {
    ($($(#[$meta:meta])* $name:ident, $max:ident, $example:literal, $check:expr;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                let check: fn(&str) -> Result<String, String> = $check;
                check(text.trim()).map(Self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                Self::try_from(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some($max)).examples([$example]).into()
            }
        }

        impl utoipa::ToSchema for $name {}
    )+};
}

texts! {
    /// One line: a name, a street, a reference.
    Line, LINE_MAX, "Acme Suministros S.L.", |text| sized(text, LINE_MAX, |c| !c.is_control());
    /// A few sentences.
    Note, NOTE_MAX, "The policy ends before the licence does.", |text| sized(text, NOTE_MAX, |c| !c.is_control() || c == '\n');
    /// A mail address.
    Email, EMAIL_MAX, "ana@acme.example", email;
    /// A telephone number, with its country code or as dialled at home.
    Phone, LINE_MAX, "+34 600 000 000", phone;
}

fn sized(text: &str, max: usize, allowed: fn(char) -> bool) -> Result<String, String> {
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if text.chars().count() > max {
        return Err(format!("must have at most {max} characters"));
    }
    if !text.chars().all(allowed) {
        return Err("must not have control characters".to_owned());
    }
    Ok(text.to_owned())
}

fn email(text: &str) -> Result<String, String> {
    let text = sized(text, EMAIL_MAX, |c| !c.is_control() && !c.is_whitespace())?;
    let address: lettre::Address = text.parse().map_err(|_| "is not a mail address, such as ana@acme.example".to_owned())?;
    Ok(address.to_string())
}

fn phone(text: &str) -> Result<String, String> {
    let dialled = text.strip_prefix('+').unwrap_or(text);
    let digits = dialled.chars().filter(char::is_ascii_digit).count();
    if !PHONE_DIGITS.contains(&digits)
        || !dialled.chars().all(|c| c.is_ascii_digit() || " .-()/".contains(c))
        || text.len() > LINE_MAX
    {
        return Err("is not a telephone number, such as +34 600 000 000".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_taken_without_its_margins() {
        assert_eq!(" Acme S.L. ".parse::<Line>().unwrap().as_str(), "Acme S.L.");
        assert_eq!(" ana@acme.example".parse::<Email>().unwrap().as_str(), "ana@acme.example");
        assert_eq!("+34 (600) 00-00-00".parse::<Phone>().unwrap().as_str(), "+34 (600) 00-00-00");
        assert!("two\nlines".parse::<Note>().is_ok());
    }

    #[test]
    fn what_cannot_be_stored_or_forges_lines_is_refused() {
        for text in ["", "  ", "a\0b", "two\nlines", &"x".repeat(201)] {
            assert!(text.parse::<Line>().is_err(), "{text:?}");
        }
        for text in [
            "ana",
            "ana@",
            "@acme.example",
            "ana@acme.example\r\nBcc: all@acme.example",
            "a b@acme.example",
            &format!("{}@acme.example", "x".repeat(250)),
        ] {
            assert!(text.parse::<Email>().is_err(), "{text:?}");
        }
        for text in ["", "12345", "call me", "+", "1234567890123456", "+34\u{0}600000000"] {
            assert!(text.parse::<Phone>().is_err(), "{text:?}");
        }
    }
}
