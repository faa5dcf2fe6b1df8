//! The languages of letters, mails, messages and pages.

use super::text_enum;

text_enum! {
    /// A language we write in.
    pub enum Language {
        Spanish => "es",
        French => "fr",
        English => "en",
    }
}

impl Language {
    /// The first language of an `Accept-Language` header that we write in. Weights are taken in the order given.
    #[must_use]
    pub fn negotiate(header: &str) -> Option<Self> {
        header
            .split(',')
            .filter_map(|part| part.split([';', '-']).next())
            .find_map(|tag| tag.trim().to_ascii_lowercase().parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_wins() {
        assert_eq!(Language::negotiate("de-DE,fr-FR;q=0.8,en"), Some(Language::French));
        assert_eq!(Language::negotiate("ja"), None);
    }
}
