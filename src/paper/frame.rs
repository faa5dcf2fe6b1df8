//! What stands around every page: language, title, and the ways to the same page in the other languages.

use super::Texts;
use crate::types::Language;

/// A page's frame, as `templates/pages/layout.html` reads it.
#[derive(Debug, Clone)]
pub struct Frame {
    pub language: Language,
    pub title: String,
    /// Where the page is, without its query.
    pub path: String,
}

impl Frame {
    #[must_use]
    pub fn texts(&self) -> &'static Texts {
        Texts::of(self.language)
    }

    /// Each language with its name for itself, and whether it is the page's.
    pub fn languages(&self) -> impl Iterator<Item = (Language, &'static str, bool)> {
        Language::ALL.iter().map(|language| (*language, own_name(*language), *language == self.language))
    }
}

const fn own_name(language: Language) -> &'static str {
    match language {
        Language::Spanish => "Español",
        Language::French => "Français",
        Language::English => "English",
    }
}
