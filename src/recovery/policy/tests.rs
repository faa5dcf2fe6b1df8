use chrono::{Days, NaiveDate, NaiveTime};
use proptest::prelude::*;

use super::*;
use crate::types::{Calendar, Country, clock::day_in};

const MADRID: Calendar = Calendar::of(Country::Spain);

fn at(day: &str, hour: u32) -> DateTime<Utc> {
    MADRID.instant(day.parse::<NaiveDate>().unwrap(), hour)
}

/// A Monday at ten, nothing in the way.
fn facts() -> Facts {
    Facts {
        now: at("2026-11-23", 10),
        phase: Phase::InHouse,
        country: Country::Spain,
        debtor_kind: DebtorKind::Business,
        contact_epoch: 4,
        holds: Vec::new(),
        do_not_contact: false,
        owner: OwnerWindow::NoOwner,
        channels: vec![Channel::Mail, Channel::Letter, Channel::Call],
        tone_ceiling: Tone::Firm,
        promised_tone: None,
        hours: Hours { calendar: MADRID, from: NaiveTime::MIN, until: NaiveTime::from_hms_opt(23, 59, 0).unwrap() },
        writings: Vec::new(),
        recent_contacts: Vec::new(),
        contacts_per_week: 3,
        last_contact_at: None,
        last_conversation_at: None,
    }
}

const MAIL: Contact = Contact {
    channel: Channel::Mail,
    tone: Tone::Neutral,
    address_known: true,
    address_unreachable: false,
    opted_out: false,
    approval: Approval::NotNeeded,
    prepared_under: Some(4),
};

fn with(change: impl FnOnce(&mut Facts)) -> Verdict {
    let mut facts = facts();
    change(&mut facts);
    decide(&facts, &MAIL)
}

fn held(kind: HoldKind, ends_at: Option<DateTime<Utc>>) -> Vec<RunningHold> {
    vec![RunningHold { kind, ends_at }]
}

#[test]
fn nothing_in_the_way_means_send() {
    assert_eq!(decide(&facts(), &MAIL), Verdict::Send(Tone::Neutral));
}

#[test]
fn a_tone_above_the_ceiling_is_lowered_to_it() {
    assert_eq!(with(|facts| facts.tone_ceiling = Tone::Gentle), Verdict::Send(Tone::Gentle));
    assert_eq!(decide(&facts(), &Contact { tone: Tone::Gentle, ..MAIL }), Verdict::Send(Tone::Gentle));
}

#[test]
fn an_agency_is_held_to_the_tone_of_its_mandate() {
    let firm = Contact { tone: Tone::Firm, ..MAIL };
    for (ceiling_set, promised, tone, rule) in [
        (Tone::Firm, Some(Tone::Neutral), Tone::Neutral, Rule::PromisedTone),
        (Tone::Gentle, Some(Tone::Neutral), Tone::Gentle, Rule::ToneCeiling),
        (Tone::Firm, None, Tone::Firm, Rule::ToneCeiling),
    ] {
        let facts = Facts { tone_ceiling: ceiling_set, promised_tone: promised, ..facts() };
        assert_eq!((decide(&facts, &firm), ceiling(&facts).1), (Verdict::Send(tone), rule));
    }
}

#[test]
fn a_step_that_needs_a_yes_is_asked_for_at_any_hour_and_left_out_on_a_no() {
    let night = Facts { now: at("2026-11-23", 22), ..facts() };
    let asked = |approval| decide(&night, &Contact { approval, ..MAIL });
    assert_eq!(asked(Approval::Awaited), Verdict::Ask(Rule::ApprovalAwaited));
    assert_eq!(asked(Approval::Declined), Verdict::Refuse(Rule::ApprovalDeclined));
    assert!(matches!(asked(Approval::Given), Verdict::DeferUntil(_, Rule::Hours)));
}

#[test]
fn the_account_owner_has_the_first_word_for_a_while() {
    assert_eq!(with(|facts| facts.owner = OwnerWindow::Unasked), Verdict::Ask(Rule::OwnerFirst));
    let until = at("2026-11-26", 10);
    assert_eq!(with(|facts| facts.owner = OwnerWindow::Open { until }), Verdict::DeferUntil(until, Rule::OwnerFirst));
    assert_eq!(with(|facts| facts.owner = OwnerWindow::Over), Verdict::Send(Tone::Neutral));
}

#[test]
fn between_two_contacts_on_a_case_two_days_pass() {
    let minutes_ago = at("2026-11-23", 10) - TimeDelta::minutes(5);
    let verdict = with(|facts| facts.last_contact_at = Some(minutes_ago));
    assert_eq!(verdict, Verdict::DeferUntil(minutes_ago + LEAST_DISTANCE, Rule::LeastDistance));
    assert_eq!(with(|facts| facts.last_contact_at = Some(facts.now - LEAST_DISTANCE)), Verdict::Send(Tone::Neutral));
}

#[test]
fn each_refusal_has_its_rule() {
    assert_eq!(with(|facts| facts.phase = Phase::Closed), Verdict::Refuse(Rule::CaseClosed));
    for phase in [Phase::Draft, Phase::Listed, Phase::Awarded] {
        assert_eq!(with(|facts| facts.phase = phase), Verdict::Refuse(Rule::NotPursued));
    }
    assert_eq!(with(|facts| facts.do_not_contact = true), Verdict::Refuse(Rule::DoNotContact));
    assert_eq!(with(|facts| facts.contact_epoch = 5), Verdict::Refuse(Rule::Stopped));
    assert_eq!(with(|facts| facts.channels = vec![Channel::Letter]), Verdict::Refuse(Rule::ChannelNotAllowed));
    assert_eq!(decide(&facts(), &Contact { address_known: false, ..MAIL }), Verdict::Refuse(Rule::NoAddress));
    assert_eq!(decide(&facts(), &Contact { address_unreachable: true, ..MAIL }), Verdict::Refuse(Rule::AddressUnreachable));
    assert_eq!(decide(&facts(), &Contact { opted_out: true, ..MAIL }), Verdict::Refuse(Rule::OptedOut));
    assert_eq!(Rule::OptedOut.reach(), Reach::Step, "another way is left");
    let one_at_night = NaiveTime::from_hms_opt(1, 0, 0).unwrap();
    assert_eq!(with(|facts| facts.hours.until = one_at_night), Verdict::Refuse(Rule::NoHoursLeft));
}

#[test]
fn a_text_message_follows_a_mail_or_letter_where_one_is_owed() {
    let text = Contact { channel: Channel::Sms, ..MAIL };
    let wrote =
        |channels: &[Channel]| channels.iter().map(|channel| Writing { channel: *channel, at: at("2026-11-10", 10) }).collect();
    for (phase, debtor_kind, writings, verdict) in [
        (Phase::InHouse, DebtorKind::Business, vec![], Verdict::Send(Tone::Neutral)),
        (Phase::InHouse, DebtorKind::Consumer, vec![], Verdict::Refuse(Rule::TextAfterWriting)),
        (Phase::Active, DebtorKind::Business, vec![], Verdict::Refuse(Rule::TextAfterWriting)),
        (Phase::Active, DebtorKind::Business, wrote(&[Channel::Sms]), Verdict::Refuse(Rule::TextAfterWriting)),
        (Phase::Active, DebtorKind::Business, wrote(&[Channel::Mail]), Verdict::Send(Tone::Neutral)),
        (Phase::InHouse, DebtorKind::Consumer, wrote(&[Channel::Letter]), Verdict::Send(Tone::Neutral)),
    ] {
        let facts = Facts { phase, debtor_kind, writings, channels: Channel::ALL.to_vec(), ..facts() };
        assert_eq!(decide(&facts, &text), verdict, "{phase} {debtor_kind}");
    }
}

#[test]
fn each_hold_refuses_without_end_and_defers_until_its_end() {
    for kind in HoldKind::ALL {
        let Verdict::Refuse(rule) = with(|facts| facts.holds = held(*kind, None)) else { panic!("{kind}") };
        assert_eq!(rule.as_str(), format!("hold.{kind}"));
        let ends = at("2026-11-25", 11);
        assert_eq!(with(|facts| facts.holds = held(*kind, Some(ends))), Verdict::DeferUntil(ends, rule));
    }
}

#[test]
fn a_hold_names_itself_as_what_stopped_a_prepared_contact() {
    let stopped = with(|facts| {
        facts.contact_epoch = 5;
        facts.holds = held(HoldKind::Promise, Some(at("2026-11-25", 11)));
    });
    assert_eq!(stopped, Verdict::Refuse(Rule::Promise));
}

#[test]
fn night_weekend_and_holiday_defer_to_the_next_opening() {
    for (now, until, rule) in [
        (at("2026-11-23", 21), at("2026-11-24", 9), Rule::Hours),
        (at("2026-11-23", 13), at("2026-11-23", 14), Rule::Hours),
        (at("2026-11-28", 10), at("2026-11-30", 9), Rule::Weekend),
        (at("2026-12-08", 10), at("2026-12-09", 9), Rule::PublicHoliday),
    ] {
        assert_eq!(with(|facts| facts.now = now), Verdict::DeferUntil(until, rule), "{now}");
    }
}

#[test]
fn a_letter_may_be_made_at_night_but_not_on_a_holiday() {
    let letter = Contact { channel: Channel::Letter, ..MAIL };
    assert_eq!(decide(&Facts { now: at("2026-11-23", 22), ..facts() }, &letter), Verdict::Send(Tone::Neutral));
    let holiday = decide(&Facts { now: at("2026-12-08", 22), ..facts() }, &letter);
    assert_eq!(holiday, Verdict::DeferUntil(at("2026-12-09", 0), Rule::PublicHoliday));
}

#[test]
fn a_full_week_waits_for_its_oldest_contact_to_leave() {
    let contacts = vec![at("2026-11-19", 10), at("2026-11-17", 12), at("2026-11-20", 9)];
    let verdict = with(|facts| facts.recent_contacts.clone_from(&contacts));
    assert_eq!(verdict, Verdict::DeferUntil(at("2026-11-24", 12), Rule::WeeklyCap));
    assert_eq!(with(|facts| facts.recent_contacts = contacts[..2].to_vec()), Verdict::Send(Tone::Neutral));
    assert!(matches!(with(|facts| facts.contacts_per_week = 0), Verdict::DeferUntil(_, Rule::WeeklyCap)));
}

#[test]
fn after_a_conversation_a_week_passes() {
    let spoke = at("2026-11-20", 11);
    assert_eq!(
        with(|facts| facts.last_conversation_at = Some(spoke)),
        Verdict::DeferUntil(at("2026-11-27", 11), Rule::AfterConversation)
    );
}

fn wrote(channel: Channel, days_ago: i64) -> Writing {
    Writing { channel, at: at("2026-11-23", 10) - TimeDelta::days(days_ago) }
}

/// Each rule of the countries' table: whom it binds and protects, what it refuses or puts off, and what it lets pass.
#[test]
fn each_country_asks_what_its_law_says() {
    use DebtorKind::{Business, Consumer};
    let by_mail = |until: DateTime<Utc>, rule| Verdict::DeferUntil(until, rule);
    let mail_days_ago = |days| vec![wrote(Channel::Mail, days)];
    let until = |days: i64| at("2026-11-23", 10) + TimeDelta::days(days);
    for (phase, country, debtor_kind, channel, writings, verdict) in [
        (Phase::Active, Country::France, Business, Channel::Mail, vec![], Verdict::Refuse(Rule::FranceLetterFirst)),
        (Phase::Active, Country::France, Business, Channel::Call, mail_days_ago(5), Verdict::Refuse(Rule::FranceLetterFirst)),
        (Phase::Active, Country::France, Business, Channel::Letter, vec![], Verdict::Send(Tone::Neutral)),
        (Phase::Active, Country::France, Consumer, Channel::Mail, vec![wrote(Channel::Letter, 5)], Verdict::Send(Tone::Neutral)),
        (Phase::InHouse, Country::France, Business, Channel::Mail, vec![], Verdict::Send(Tone::Neutral)),
        (Phase::Active, Country::Italy, Business, Channel::Mail, vec![], Verdict::Refuse(Rule::ItalyLetterFirst)),
        (Phase::Active, Country::Germany, Consumer, Channel::Call, vec![], Verdict::Refuse(Rule::GermanyTextFirst)),
        (Phase::Active, Country::Germany, Consumer, Channel::Call, mail_days_ago(5), Verdict::Send(Tone::Neutral)),
        (Phase::Active, Country::Germany, Business, Channel::Call, vec![], Verdict::Send(Tone::Neutral)),
        (Phase::InHouse, Country::Belgium, Consumer, Channel::Mail, mail_days_ago(10), by_mail(until(4), Rule::BelgiumTimeToPay)),
        (Phase::InHouse, Country::Belgium, Business, Channel::Mail, mail_days_ago(10), Verdict::Send(Tone::Neutral)),
        (
            Phase::InHouse,
            Country::Netherlands,
            Consumer,
            Channel::Mail,
            vec![wrote(Channel::Letter, 10)],
            by_mail(until(7), Rule::NetherlandsFourteenDays),
        ),
        (Phase::InHouse, Country::Netherlands, Consumer, Channel::Mail, mail_days_ago(15), Verdict::Send(Tone::Neutral)),
    ] {
        let hours = Hours { calendar: Calendar::of(country), ..facts().hours };
        let facts = Facts { phase, country, debtor_kind, hours, writings, channels: Channel::ALL.to_vec(), ..facts() };
        assert_eq!(decide(&facts, &Contact { channel, ..MAIL }), verdict, "{country} {debtor_kind} {channel}");
    }
}

#[test]
fn every_rule_of_a_country_bears_its_name() {
    for rule in countries::TABLE {
        assert!(rule.rule.as_str().starts_with(&rule.country.as_str().to_lowercase()), "{}", rule.rule);
    }
}

#[test]
fn every_rule_says_where_it_comes_from() {
    assert!(Rule::ALL.iter().all(|rule| !rule.source().is_empty()));
}

fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
    (0..900_i64, 0..86_400_i64).prop_map(|(day, second)| at("2026-01-01", 0) + TimeDelta::days(day) + TimeDelta::seconds(second))
}

fn any_window(now: DateTime<Utc>) -> impl Strategy<Value = OwnerWindow> {
    prop_oneof![
        6 => Just(OwnerWindow::NoOwner),
        2 => Just(OwnerWindow::Over),
        1 => Just(OwnerWindow::Unasked),
        1 => (0..400_000_i64).prop_map(move |seconds| OwnerWindow::Open { until: now + TimeDelta::seconds(seconds) }),
    ]
}

fn any_hold(now: DateTime<Utc>) -> impl Strategy<Value = RunningHold> {
    let ends = prop::option::weighted(0.8, (1..2_000_000_i64).prop_map(move |seconds| now + TimeDelta::seconds(seconds)));
    (prop::sample::select(HoldKind::ALL), ends).prop_map(|(kind, ends_at)| RunningHold { kind, ends_at })
}

prop_compose! {
    fn any_facts()(now in any_instant())(
        now in Just(now),
        phase in prop::sample::select(&[Phase::InHouse, Phase::InHouse, Phase::Active, Phase::Active, Phase::Closed, Phase::Listed][..]),
        contact_epoch in 4..6_i32,
        holds in prop::collection::vec(any_hold(now), 0..3),
        (do_not_contact, owner) in (prop::bool::weighted(0.1), any_window(now)),
        channels in prop::sample::subsequence(Channel::ALL.to_vec(), 0..=4),
        tone_ceiling in prop::sample::select(Tone::ALL),
        promised_tone in prop::option::of(prop::sample::select(Tone::ALL)),
        country in prop::sample::select(Country::ALL),
        debtor_kind in prop::sample::select(DebtorKind::ALL),
        written_ages in prop::collection::vec((prop::sample::select(Channel::ALL), 0..3_000_000_i64), 0..3),
        (from, length) in (0..20_u32, 1..24_u32),
        ages in prop::collection::vec(0..1_000_000_i64, 0..6),
        contacts_per_week in 1..5_i64,
        written in prop::option::weighted(0.3, 0..400_000_i64),
        spoke in prop::option::weighted(0.3, 0..1_000_000_i64),
    ) -> Facts {
        let hour = |hour: u32| NaiveTime::from_hms_opt(hour.min(23), 30, 0).unwrap();
        Facts {
            now, phase, country, debtor_kind, contact_epoch, holds, do_not_contact, owner, channels, tone_ceiling, promised_tone, contacts_per_week,
            hours: Hours { calendar: Calendar::of(country), from: hour(from), until: hour(from + length) },
            writings: written_ages.into_iter().map(|(channel, age)| Writing { channel, at: now - TimeDelta::seconds(age) }).collect(),
            recent_contacts: ages.into_iter().map(|age| now - TimeDelta::seconds(age)).collect(),
            last_contact_at: written.map(|age| now - TimeDelta::seconds(age)),
            last_conversation_at: spoke.map(|age| now - TimeDelta::seconds(age)),
        }
    }
}

prop_compose! {
    fn any_contact()(
        channel in prop::sample::select(Channel::ALL),
        tone in prop::sample::select(Tone::ALL),
        address_known in prop::bool::weighted(0.9),
        (address_unreachable, opted_out) in (prop::bool::weighted(0.1), prop::bool::weighted(0.1)),
        approval in prop::sample::select(&[Approval::NotNeeded, Approval::NotNeeded, Approval::Given, Approval::Awaited, Approval::Declined][..]),
        prepared_under in prop::option::of(Just(4)),
    ) -> Contact {
        Contact { channel, tone, address_known, address_unreachable, opted_out, approval, prepared_under }
    }
}

fn in_window(facts: &Facts) -> usize {
    facts.recent_contacts.iter().filter(|at| **at + TimeDelta::days(7) > facts.now).count()
}

fn is_allowed_moment(facts: &Facts, channel: Channel, at: DateTime<Utc>) -> bool {
    let calendar = facts.hours.calendar;
    let local = at.with_timezone(&calendar.zone());
    let (day, time) = (local.date_naive(), local.time());
    let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let ours = (hour(9)..hour(13)).contains(&time) || (hour(14)..hour(20)).contains(&time);
    let theirs = (facts.hours.from..facts.hours.until).contains(&time);
    calendar.is_working_day(day) && (channel == Channel::Letter || (ours && theirs))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn nothing_is_sent_that_anything_forbids(facts in any_facts(), contact in any_contact()) {
        let Verdict::Send(tone) = decide(&facts, &contact) else { return Ok(()) };
        prop_assert!(matches!(facts.phase, Phase::InHouse | Phase::Active));
        prop_assert!(facts.holds.is_empty());
        prop_assert!(!facts.do_not_contact && contact.address_known && !contact.address_unreachable && !contact.opted_out);
        let owner_was_heard = match facts.owner {
            OwnerWindow::NoOwner | OwnerWindow::Over => true,
            OwnerWindow::Open { until } => until <= facts.now,
            OwnerWindow::Unasked => false,
        };
        prop_assert!(owner_was_heard);
        prop_assert!(matches!(contact.approval, Approval::NotNeeded | Approval::Given));
        prop_assert!(facts.channels.contains(&contact.channel));
        prop_assert!(tone <= facts.tone_ceiling && tone <= contact.tone && facts.promised_tone.is_none_or(|promised| tone <= promised));
        prop_assert!(facts.last_contact_at.is_none_or(|last| last + LEAST_DISTANCE <= facts.now));
        prop_assert!(contact.prepared_under.is_none_or(|epoch| epoch == facts.contact_epoch));
        let wrote_a_letter = facts.writings.iter().any(|writing| writing.channel == Channel::Letter);
        let letter_first = facts.phase == Phase::Active && matches!(facts.country, Country::France | Country::Italy);
        prop_assert!(!letter_first || contact.channel == Channel::Letter || wrote_a_letter);
        let fortnight = facts.debtor_kind == DebtorKind::Consumer && matches!(facts.country, Country::Belgium | Country::Netherlands);
        let first = facts.writings.iter().filter(|writing| writing.channel != Channel::Sms).map(|writing| writing.at).min();
        let is_bound = facts.phase == Phase::Active || facts.debtor_kind == DebtorKind::Consumer;
        prop_assert!(contact.channel != Channel::Sms || !is_bound || first.is_some());
        prop_assert!(!fortnight || first.is_none_or(|first| first + TimeDelta::days(14) <= facts.now));
        prop_assert!(is_allowed_moment(&facts, contact.channel, facts.now));
        prop_assert!(i64::try_from(in_window(&facts)).unwrap() < facts.contacts_per_week);
        prop_assert!(facts.last_conversation_at.is_none_or(|spoke| spoke + TimeDelta::days(7) <= facts.now));
    }

    /// A deferral is in the future, at an allowed moment, and the contact may then go unless something new happened.
    #[test]
    fn a_deferral_leads_to_a_moment_at_which_it_may_be_sent(facts in any_facts(), contact in any_contact()) {
        let Verdict::DeferUntil(until, _) = decide(&facts, &contact) else { return Ok(()) };
        prop_assert!(until > facts.now);
        prop_assert!(is_allowed_moment(&facts, contact.channel, until));
        let mut then = facts.clone();
        then.now = until;
        then.holds.retain(|hold| hold.ends_at.is_none_or(|end| end > until));
        prop_assert!(matches!(decide(&then, &contact), Verdict::Send(_)));
    }

    #[test]
    fn only_what_may_pass_by_itself_defers(facts in any_facts(), contact in any_contact()) {
        if facts.phase == Phase::Closed || facts.do_not_contact || facts.holds.iter().any(|hold| hold.ends_at.is_none()) {
            prop_assert!(matches!(decide(&facts, &contact), Verdict::Refuse(rule) if rule.reach() == Reach::Case));
        }
    }

    /// However late the year, an opening is near: no run of holidays outlasts the look ahead.
    #[test]
    fn an_opening_is_never_far(facts in any_facts()) {
        let wide = Hours { from: NaiveTime::MIN, until: NaiveTime::from_hms_opt(23, 0, 0).unwrap(), ..facts.hours };
        let opening = wide.open_from(Channel::Mail, facts.now).unwrap();
        prop_assert!(day_in(wide.calendar.zone(), opening) <= day_in(wide.calendar.zone(), facts.now) + Days::new(6));
    }
}
