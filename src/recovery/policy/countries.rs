//! What the law, or the trade's code, of a debtor's country asks of the order and pace of contacts. Pure: one table.
//!
//! Hours are not here: ours (`recovery::hours`) are narrower than any of these countries'. Neither is Italy's one conversation
//! a day (UNIREC code): after a conversation we stay silent for a week. What a message has to contain is `legal_content`.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Contact, Facts, Rule};
use crate::{
    cases::Phase,
    receivables::DebtorKind,
    types::{Channel, Country},
};

/// A message that this pursuer sent on the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writing {
    pub channel: Channel,
    pub at: DateTime<Utc>,
}

/// Whom a rule binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binds {
    /// Whoever collects for others.
    Agencies,
    Everybody,
}

/// What a rule asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// The first contact is a letter.
    LetterFirst,
    /// Something is written before anybody calls.
    WrittenFirst,
    /// Time to answer the first message before a second one follows, in days after it left.
    Time { after_mail_days: i64, after_letter_days: i64 },
}

/// A rule of one country.
#[derive(Debug, Clone, Copy)]
pub struct CountryRule {
    pub rule: Rule,
    pub country: Country,
    pub protects: &'static [DebtorKind],
    pub binds: Binds,
    pub asks: Asks,
}

const CONSUMERS: &[DebtorKind] = &[DebtorKind::Consumer];

/// The rules. Their sources stand with [`Rule::source`].
pub const TABLE: [CountryRule; 5] = [
    CountryRule {
        rule: Rule::FranceLetterFirst,
        country: Country::France,
        protects: DebtorKind::ALL,
        binds: Binds::Agencies,
        asks: Asks::LetterFirst,
    },
    CountryRule {
        rule: Rule::ItalyLetterFirst,
        country: Country::Italy,
        protects: DebtorKind::ALL,
        binds: Binds::Agencies,
        asks: Asks::LetterFirst,
    },
    CountryRule {
        rule: Rule::GermanyTextFirst,
        country: Country::Germany,
        protects: CONSUMERS,
        binds: Binds::Agencies,
        asks: Asks::WrittenFirst,
    },
    CountryRule {
        rule: Rule::BelgiumTimeToPay,
        country: Country::Belgium,
        protects: CONSUMERS,
        binds: Binds::Everybody,
        // Fourteen days; a letter is taken to arrive on the third working day.
        asks: Asks::Time { after_mail_days: 14, after_letter_days: 17 },
    },
    CountryRule {
        rule: Rule::NetherlandsFourteenDays,
        country: Country::Netherlands,
        protects: CONSUMERS,
        binds: Binds::Everybody,
        // Fourteen days from the day after the letter arrived; two days in the post.
        asks: Asks::Time { after_mail_days: 15, after_letter_days: 17 },
    },
];

impl CountryRule {
    fn applies(&self, facts: &Facts) -> bool {
        let bound = self.binds == Binds::Everybody || facts.phase == Phase::Active;
        bound && self.country == facts.country && self.protects.contains(&facts.debtor_kind)
    }
}

fn applying(facts: &Facts) -> impl Iterator<Item = &'static CountryRule> {
    TABLE.iter().filter(|rule| rule.applies(facts))
}

/// What no waiting helps against.
pub(super) fn refusal(facts: &Facts, contact: &Contact) -> Option<Rule> {
    let wrote = |channel: Channel| facts.writings.iter().any(|writing| writing.channel == channel);
    let refuses = |rule: &&CountryRule| match rule.asks {
        Asks::LetterFirst => contact.channel != Channel::Letter && !wrote(Channel::Letter),
        Asks::WrittenFirst => contact.channel == Channel::Call && !(wrote(Channel::Mail) || wrote(Channel::Letter)),
        Asks::Time { .. } => false,
    };
    applying(facts).find(refuses).map(|rule| rule.rule)
}

/// Until when the debtor has time to answer the first message.
pub(super) fn wait(facts: &Facts) -> Option<(DateTime<Utc>, Rule)> {
    // A text message is no such message: it says too little.
    let first = facts.writings.iter().filter(|writing| writing.channel != Channel::Sms).min_by_key(|writing| writing.at)?;
    applying(facts).find_map(|rule| {
        let Asks::Time { after_mail_days, after_letter_days } = rule.asks else { return None };
        let days = if first.channel == Channel::Letter { after_letter_days } else { after_mail_days };
        Some((first.at + TimeDelta::days(days), rule.rule))
    })
}
