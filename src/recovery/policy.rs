//! The contact policy: whether a debtor may be contacted now, and if not, why and when again. Pure.
//!
//! Every contact passes here twice: when it is prepared, and when it leaves. Whatever speaks against contact stands in
//! [`Rule`], with its source. A tone above the creditor's ceiling is lowered to it and not refused, because every text
//! exists in every tone.

pub mod countries;

use chrono::{DateTime, TimeDelta, Utc};

pub use self::countries::Writing;
use super::hours::{Closed, Hours};
use crate::{
    cases::{HoldKind, Phase},
    receivables::DebtorKind,
    types::{Channel, Country, Tone, text_enum},
};

text_enum! {
    /// What may speak against a contact. The ids stand in the timeline.
    pub enum Rule {
        CaseClosed => "case.closed",
        NotPursued => "case.not_pursued",
        Stopped => "case.stopped",
        DoNotContact => "profile.do_not_contact",
        ChannelNotAllowed => "profile.channel",
        ToneCeiling => "profile.tone_ceiling",
        PromisedTone => "mandate.tone",
        NoHoursLeft => "profile.no_hours_left",
        NoAddress => "debtor.no_address",
        AddressUnreachable => "debtor.address_unreachable",
        OptedOut => "debtor.opted_out",
        TextAfterWriting => "text.after_writing",
        ApprovalAwaited => "approval.awaited",
        OwnerFirst => "profile.owner_first",
        ApprovalDeclined => "approval.declined",
        Dispute => "hold.dispute",
        Hardship => "hold.hardship",
        Promise => "hold.promise",
        Plan => "hold.plan",
        Settlement => "hold.settlement",
        PaymentInFlight => "hold.payment_in_flight",
        Insolvency => "hold.insolvency",
        Represented => "hold.represented",
        CreditorRequest => "hold.creditor_request",
        Hours => "time.hours",
        Weekend => "time.weekend",
        PublicHoliday => "time.public_holiday",
        WeeklyCap => "pace.weekly_cap",
        LeastDistance => "pace.least_distance",
        AfterConversation => "pace.after_conversation",
        FranceLetterFirst => "fr.letter_first",
        ItalyLetterFirst => "it.letter_first",
        GermanyTextFirst => "de.text_first",
        BelgiumTimeToPay => "be.time_to_pay",
        NetherlandsFourteenDays => "nl.fourteen_days",
    }
}

/// How far a refusal reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This step cannot be taken; the next one may.
    Step,
    /// Nothing may be sent until something changes.
    Case,
}

impl Rule {
    /// Where the rule comes from.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::CaseClosed | Self::NotPursued | Self::Stopped => {
                "DESIGN §3: a payment, a hold or a closure stops every pending contact"
            }
            Self::OwnerFirst | Self::DoNotContact | Self::ChannelNotAllowed | Self::ToneCeiling | Self::NoHoursLeft => {
                "the creditor's relationship profile"
            }
            Self::PromisedTone => "the mandate: the tone that the agency promised with its offer",
            Self::ApprovalAwaited | Self::ApprovalDeclined => {
                "the strategy, or the creditor's relationship profile: the step is not taken without a person's yes"
            }
            Self::NoAddress | Self::AddressUnreachable => {
                "GDPR art. 5(1)(d): no address is guessed, none is used that is known to be wrong"
            }
            Self::OptedOut => {
                "GDPR art. 21(1), cf. Directive 2002/58/EC art. 13(2): whoever refuses a way of being reached is reached another way"
            }
            Self::TextAfterWriting => {
                "Directive 2005/29/EC art. 7(1) and (3), GDPR art. 14(1): a text message has no room for what a first demand says"
            }
            Self::Dispute => "UCPD 2005/29/EC art. 8; ANGECO code: only what is due is claimed",
            Self::Hardship | Self::Plan | Self::Settlement | Self::Promise | Self::PaymentInFlight | Self::CreditorRequest => {
                "what the parties agreed"
            }
            Self::Insolvency => "Regulation (EU) 2015/848 art. 7(2)(f): individual pursuit stops",
            Self::Represented => "FCA CONC 7.9, UNIREC code: whoever speaks for the debtor is spoken with",
            Self::Hours | Self::Weekend => "recovery::hours; cf. French decree 2022-1313, UNIREC code",
            Self::PublicHoliday => "the debtor's country",
            Self::WeeklyCap => "recovery's own; cf. 12 CFR 1006.14(b) (Regulation F), over all creditors",
            Self::LeastDistance => {
                "recovery's own: whoever pursues the case, its debtor has two days between one contact and the next"
            }
            Self::FranceLetterFirst => {
                "CPCE R124-4: whoever collects for others writes a letter with what it lists, and recalls it ever after"
            }
            Self::ItalyLetterFirst => "UNIREC code of conduct: mail and SMS are no systematic first demand",
            Self::GermanyTextFirst => {
                "RDG § 13a Abs. 1: with the first demand, in text form, a private person is told what it lists"
            }
            Self::BelgiumTimeToPay => "Code de droit économique XIX.2 § 2: fourteen calendar days after the first reminder",
            Self::NetherlandsFourteenDays => "BW 6:96 lid 6: fourteen days from the day after the first letter arrived",
            Self::AfterConversation => "cf. 12 CFR 1006.14(b)(2)(i)(B): seven days after a conversation",
        }
    }

    #[must_use]
    pub const fn reach(self) -> Reach {
        match self {
            Self::ChannelNotAllowed
            | Self::ToneCeiling
            | Self::PromisedTone
            | Self::NoHoursLeft
            | Self::NoAddress
            | Self::AddressUnreachable
            | Self::OptedOut
            | Self::TextAfterWriting
            | Self::FranceLetterFirst
            | Self::ItalyLetterFirst
            | Self::GermanyTextFirst
            | Self::ApprovalDeclined => Reach::Step,
            Self::CaseClosed
            | Self::NotPursued
            | Self::Stopped
            | Self::OwnerFirst
            | Self::ApprovalAwaited
            | Self::DoNotContact
            | Self::Dispute
            | Self::Hardship
            | Self::Promise
            | Self::Plan
            | Self::Settlement
            | Self::PaymentInFlight
            | Self::Insolvency
            | Self::Represented
            | Self::CreditorRequest
            | Self::Hours
            | Self::Weekend
            | Self::PublicHoliday
            | Self::WeeklyCap
            | Self::LeastDistance
            | Self::BelgiumTimeToPay
            | Self::NetherlandsFourteenDays
            | Self::AfterConversation => Reach::Case,
        }
    }

    const fn of_hold(kind: HoldKind) -> Self {
        match kind {
            HoldKind::Dispute => Self::Dispute,
            HoldKind::Hardship => Self::Hardship,
            HoldKind::Promise => Self::Promise,
            HoldKind::Plan => Self::Plan,
            HoldKind::Settlement => Self::Settlement,
            HoldKind::PaymentInFlight => Self::PaymentInFlight,
            HoldKind::Insolvency => Self::Insolvency,
            HoldKind::Represented => Self::Represented,
            HoldKind::CreditorRequest => Self::CreditorRequest,
        }
    }
}

impl From<Closed> for Rule {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Weekend => Self::Weekend,
            Closed::PublicHoliday => Self::PublicHoliday,
            Closed::Hours => Self::Hours,
        }
    }
}

/// A hold in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunningHold {
    pub kind: HoldKind,
    /// None: until somebody releases it.
    pub ends_at: Option<DateTime<Utc>>,
}

/// All the policy knows of a case, its debtor and what the creditor allows.
#[derive(Debug, Clone)]
pub struct Facts {
    pub now: DateTime<Utc>,
    pub phase: Phase,
    /// The debtor's.
    pub country: Country,
    pub debtor_kind: DebtorKind,
    pub contact_epoch: i32,
    pub holds: Vec<RunningHold>,
    pub do_not_contact: bool,
    pub owner: OwnerWindow,
    pub channels: Vec<Channel>,
    pub tone_ceiling: Tone,
    /// What the engaged agency promised in its mandate.
    pub promised_tone: Option<Tone>,
    pub hours: Hours,
    /// What whoever pursues the case now has written to the debtor on it.
    pub writings: Vec<Writing>,
    /// When this debtor was contacted, or is about to be, on any case of any creditor, in the last [`PACE_DAYS`] days.
    pub recent_contacts: Vec<DateTime<Utc>>,
    /// Contacts in [`PACE_DAYS`] days, at most; none at all below one.
    pub contacts_per_week: i64,
    /// When this case last had a contact, or is about to have one, whoever pursued it.
    pub last_contact_at: Option<DateTime<Utc>>,
    /// When somebody last spoke with the debtor about this case.
    pub last_conversation_at: Option<DateTime<Utc>>,
}

/// How far the customer's account owner has had the first word, in the creditor's own hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerWindow {
    /// The profile names nobody, or an agency pursues the case.
    NoOwner,
    Unasked,
    Open {
        until: DateTime<Utc>,
    },
    /// The owner has answered, or let the time pass.
    Over,
}

/// Whether a person has to say yes first, and what they said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    NotNeeded,
    Awaited,
    Given,
    Declined,
}

/// What is about to be done.
#[derive(Debug, Clone, Copy)]
pub struct Contact {
    pub channel: Channel,
    pub tone: Tone,
    pub address_known: bool,
    /// What was sent there came back.
    pub address_unreachable: bool,
    /// Whoever has the address refused this channel, with whichever creditor.
    pub opted_out: bool,
    pub approval: Approval,
    /// The case's `contact_epoch` when it was prepared; none when it is being prepared now.
    pub prepared_under: Option<i32>,
}

/// What the policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Now, in this tone: the contact's own, or the ceiling ([`ceiling`]).
    Send(Tone),
    /// Not before this moment, which is later than now and at an allowed hour.
    DeferUntil(DateTime<Utc>, Rule),
    /// A person has to say yes first.
    Ask(Rule),
    Refuse(Rule),
}

/// The window of the weekly cap, and the pause after a conversation.
pub const PACE_DAYS: i64 = 7;
/// Between two contacts on one case, whoever pursues it: a case that changes hands does not repeat itself within the hour.
pub const LEAST_DISTANCE: TimeDelta = TimeDelta::days(2);

/// Decides.
#[must_use]
pub fn decide(facts: &Facts, contact: &Contact) -> Verdict {
    if let Some(rule) = refusal(facts, contact) {
        return Verdict::Refuse(rule);
    }
    if facts.owner == OwnerWindow::Unasked {
        return Verdict::Ask(Rule::OwnerFirst);
    }
    if contact.approval == Approval::Awaited {
        return Verdict::Ask(Rule::ApprovalAwaited);
    }
    let wait = longest_wait(facts);
    let earliest = wait.map_or(facts.now, |(until, _)| until);
    let Some(at) = facts.hours.open_from(contact.channel, earliest) else { return Verdict::Refuse(Rule::NoHoursLeft) };
    if at <= facts.now {
        return Verdict::Send(contact.tone.min(ceiling(facts).0));
    }
    let closed = facts.hours.closed(contact.channel, facts.now).map_or(Rule::Hours, Rule::from);
    Verdict::DeferUntil(at, wait.map_or(closed, |(_, rule)| rule))
}

/// The firmest tone that may be used, and the rule that says so.
#[must_use]
pub fn ceiling(facts: &Facts) -> (Tone, Rule) {
    match facts.promised_tone {
        Some(promised) if promised < facts.tone_ceiling => (promised, Rule::PromisedTone),
        Some(_) | None => (facts.tone_ceiling, Rule::ToneCeiling),
    }
}

/// What no waiting helps against.
fn refusal(facts: &Facts, contact: &Contact) -> Option<Rule> {
    match facts.phase {
        Phase::Closed => return Some(Rule::CaseClosed),
        Phase::Draft | Phase::Listed | Phase::Awarded => return Some(Rule::NotPursued),
        Phase::InHouse | Phase::Active => {}
    }
    if facts.do_not_contact {
        return Some(Rule::DoNotContact);
    }
    let stale = contact.prepared_under.is_some_and(|epoch| epoch != facts.contact_epoch);
    if let Some(hold) = facts.holds.iter().find(|hold| hold.ends_at.is_none() || stale) {
        return Some(Rule::of_hold(hold.kind));
    }
    if stale {
        return Some(Rule::Stopped);
    }
    if !facts.channels.contains(&contact.channel) {
        return Some(Rule::ChannelNotAllowed);
    }
    if !contact.address_known {
        return Some(Rule::NoAddress);
    }
    if contact.opted_out {
        return Some(Rule::OptedOut);
    }
    if contact.address_unreachable {
        return Some(Rule::AddressUnreachable);
    }
    if contact.channel == Channel::Sms && wants_writing_first(facts) {
        return Some(Rule::TextAfterWriting);
    }
    if contact.approval == Approval::Declined {
        return Some(Rule::ApprovalDeclined);
    }
    countries::refusal(facts, contact)
}

/// Whoever collects for others, and whoever writes to a consumer, says it all by mail or letter before a text message follows.
fn wants_writing_first(facts: &Facts) -> bool {
    let is_bound = facts.phase == Phase::Active || facts.debtor_kind == DebtorKind::Consumer;
    is_bound && !facts.writings.iter().any(|writing| writing.channel != Channel::Sms)
}

/// What passes by itself, the longest of it.
fn longest_wait(facts: &Facts) -> Option<(DateTime<Utc>, Rule)> {
    let holds = facts.holds.iter().filter_map(|hold| Some((hold.ends_at?, Rule::of_hold(hold.kind))));
    let conversation = facts.last_conversation_at.map(|at| (at + TimeDelta::days(PACE_DAYS), Rule::AfterConversation));
    let distance = facts.last_contact_at.map(|at| (at + LEAST_DISTANCE, Rule::LeastDistance));
    let owner = match facts.owner {
        OwnerWindow::Open { until } => Some((until, Rule::OwnerFirst)),
        OwnerWindow::NoOwner | OwnerWindow::Unasked | OwnerWindow::Over => None,
    };
    let waits = holds
        .chain(owner)
        .chain(conversation)
        .chain(distance)
        .chain(countries::wait(facts))
        .chain(cap_lifts_at(facts).map(|at| (at, Rule::WeeklyCap)));
    waits.filter(|(until, _)| *until > facts.now).max_by_key(|(until, _)| *until)
}

/// When the window has room again, if it is full.
fn cap_lifts_at(facts: &Facts) -> Option<DateTime<Utc>> {
    let window = TimeDelta::days(PACE_DAYS);
    let Some(cap) = usize::try_from(facts.contacts_per_week).ok().filter(|cap| *cap > 0) else { return Some(facts.now + window) };
    let mut inside: Vec<DateTime<Utc>> =
        facts.recent_contacts.iter().map(|at| *at + window).filter(|leaves| *leaves > facts.now).collect();
    inside.sort_unstable();
    inside.len().checked_sub(cap).and_then(|last_to_leave| inside.get(last_to_leave).copied())
}

#[cfg(test)]
mod tests;
