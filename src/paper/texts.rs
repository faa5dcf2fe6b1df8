//! The catalogue of texts: `templates/texts/<language>/*.toml`, compiled in.
//!
//! A text has places in braces: `{creditor}`. They are filled in one pass, so a brace in a filled-in name stays a brace.
//! A new language is a folder of files and a line here. Tests keep keys and places equal in all languages.

use std::sync::LazyLock;

use config::{Config, File, FileFormat};
use serde_json::Value;

use crate::types::Language;

/// The texts of one language.
#[derive(Debug)]
pub struct Texts {
    tree: Value,
}

macro_rules! texts {
    ($language:literal) => {
        LazyLock::new(|| {
            Texts::read(&[
                include_str!(concat!("../../templates/texts/", $language, "/sheets.toml")),
                include_str!(concat!("../../templates/texts/", $language, "/mail.toml")),
                include_str!(concat!("../../templates/texts/", $language, "/sms.toml")),
                include_str!(concat!("../../templates/texts/", $language, "/pages.toml")),
                include_str!(concat!("../../templates/texts/", $language, "/portal.toml")),
                include_str!(concat!("../../templates/texts/", $language, "/unfit.toml")),
            ])
        })
    };
}

static SPANISH: LazyLock<Texts> = texts!("es");
static FRENCH: LazyLock<Texts> = texts!("fr");
static ENGLISH: LazyLock<Texts> = texts!("en");

impl Texts {
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::Spanish => &SPANISH,
            Language::French => &FRENCH,
            Language::English => &ENGLISH,
        }
    }

    /// Files that cannot be read give no texts; a test reads them all.
    fn read(files: &[&str]) -> Self {
        let builder =
            files.iter().fold(Config::builder(), |builder, file| builder.add_source(File::from_str(file, FileFormat::Toml)));
        Self { tree: builder.build().and_then(Config::try_deserialize).unwrap_or_default() }
    }

    /// The text under `key` (`letter.title`). A missing text shows as its key.
    #[must_use]
    pub fn say<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    #[must_use]
    pub fn find(&self, key: &str) -> Option<&str> {
        key.split('.').try_fold(&self.tree, |tree, part| tree.get(part))?.as_str()
    }

    /// The text under `key` with its places filled.
    #[must_use]
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        filled(self.say(key), values)
    }

    /// A recorded word as readers know it (`vocabulary.outcome.paid`); the word itself, spaced, where the catalogue has none.
    #[must_use]
    pub fn word(&self, vocabulary: &str, word: &str) -> String {
        let known = self.find(&format!("vocabulary.{vocabulary}.{word}"));
        known.map_or_else(|| word.replace('_', " "), str::to_owned)
    }

    /// All texts under `key`, for a template that reads them itself.
    #[must_use]
    pub fn section(&self, key: &str) -> Value {
        self.tree.get(key).cloned().unwrap_or_default()
    }
}

/// A text with its places filled, in one pass. A place without a value shows as its name.
#[must_use]
pub fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((place, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        let value = values.iter().find(|(name, _)| *name == place).map_or(place, |(_, value)| value);
        out.push_str(value);
        // "Acme S.L." ends a sentence with its own dot.
        rest = if value.ends_with('.') { after.strip_prefix('.').unwrap_or(after) } else { after };
    }
    out.push_str(rest);
    out
}

/// The places of a text, in order.
pub fn places(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(place, _)| place)
}

/// Line breaks and runs of spaces become one space: for subjects and fields that end at a line's end.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn flat(prefix: &str, tree: &Value, into: &mut BTreeMap<String, BTreeSet<String>>) {
        if let Some(text) = tree.as_str() {
            into.insert(prefix.to_owned(), places(text).map(str::to_owned).collect());
        }
        for (key, child) in tree.as_object().into_iter().flatten() {
            flat(&format!("{prefix}.{key}"), child, into);
        }
    }

    fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys = BTreeMap::new();
        flat("", &Texts::of(language).tree, &mut keys);
        keys
    }

    #[test]
    fn every_language_has_the_same_texts_with_the_same_places() {
        assert!(keys(Language::English).len() > 100);
        similar(Language::English, Language::Spanish);
        similar(Language::English, Language::French);
    }

    fn similar(one: Language, other: Language) {
        let (one, other) = (keys(one), keys(other));
        for (key, places) in &one {
            assert_eq!(other.get(key), Some(places), "{key}");
        }
        assert_eq!(one.len(), other.len());
    }

    /// The keys that templates and code name in `say("…")` and the like.
    fn named(source: &str) -> Vec<&str> {
        ["say(\"", "fill(\""]
            .iter()
            .flat_map(|call| source.split(call).skip(1))
            .filter_map(|rest| rest.split_once('"').map(|(key, _)| key))
            .filter(|key| key.contains('.') && !key.contains('{'))
            .collect()
    }

    #[test]
    fn every_text_that_is_named_is_there() {
        for source in [
            include_str!("claim.rs"),
            include_str!("mail.rs"),
            include_str!("notice.rs"),
            include_str!("../../templates/mail/debtor.txt"),
            include_str!("../../templates/mail/debtor.html"),
        ] {
            for key in named(source) {
                assert!(Texts::of(Language::English).find(key).is_some(), "{key}");
            }
        }
    }

    #[test]
    fn a_brace_in_a_name_is_not_a_place() {
        let texts = Texts { tree: serde_json::json!({"a": {"b": "{one} owes {two}, {one}."}}) };
        assert_eq!(texts.fill("a.b", &[("one", "{two}"), ("two", "2")]), "{two} owes 2, {two}.");
        assert_eq!(texts.fill("a.b", &[("one", "1")]), "1 owes two, 1.");
        assert_eq!(texts.say("a.missing"), "a.missing");
    }
}
