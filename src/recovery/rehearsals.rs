//! Dry run and back-test of a strategy version: what it would do to an organisation's open cases, and what it would have done to
//! closed ones beside what was done.
//!
//! What may never happen here: anything written or sent; one organisation's contacts told to another. The weekly cap is reckoned
//! with the contacts that the organisation itself may see, so a case may in truth wait longer.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    RecoveryError, answers,
    assignments::{AssignmentScope, Candidate},
    dossier::{Dossier, facts_seen, pursuer_of},
    evaluation::{LeftOutFor, Progress},
    opt_outs::{self, OptOut},
    policy::{Facts, OwnerWindow, Rule},
    rehearsal::{End, HoldSpan, Outcome as StepOutcome, Reached, Stage, Walk, walk},
    situation::Situation,
    store::{rehearsals as store, runs},
    strategies::{self, StrategyVersion},
    strategy::{Step, check},
};
use crate::{
    app::App,
    cases::{self, Case, Event, EventKind, Outcome},
    db::{By, Conn, Scope},
    types::{CaseId, Channel, StrategyId, clock::day_in},
};

const DAYS_DEFAULT: i64 = 90;
const DAYS_MAX: i64 = 365;
const CASES_DEFAULT: i64 = 500;
const CASES_MAX: i64 = 2_000;
const EVENTS_MAX: i64 = 10_000;

/// What a strategy is tried on.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DryRunWish {
    /// 1 to 365; 90 unless said.
    pub days: Option<i64>,
    /// Cases looked at, the newest first: 1 to 2,000; 500 unless said.
    pub cases: Option<i64>,
    /// Which of them; all unless said.
    pub applies_to: Option<AssignmentScope>,
}

/// Which closed cases a strategy is tried on.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackTestWish {
    /// Cases looked at, the newest first: 1 to 2,000; 500 unless said.
    pub cases: Option<i64>,
    pub applies_to: Option<AssignmentScope>,
}

/// How many contacts by which channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Contacts {
    pub mail: u32,
    pub letter: u32,
    pub call: u32,
    pub sms: u32,
}

impl Contacts {
    const fn count(&mut self, channel: Channel, more: u32) {
        match channel {
            Channel::Mail => self.mail += more,
            Channel::Letter => self.letter += more,
            Channel::Call => self.call += more,
            Channel::Sms => self.sms += more,
        }
    }
}

/// A day of the calendar on which somebody would be contacted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DayOfContacts {
    /// In the debtor's zone.
    pub on: NaiveDate,
    #[serde(flatten)]
    pub contacts: Contacts,
}

/// How often a rule of the contact policy spoke.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RuleCount {
    #[schema(value_type = String, example = "profile.channel")]
    pub rule: Rule,
    /// Steps that it would not allow at all.
    pub refused: u32,
    /// Times that it would put one off.
    pub deferred: u32,
    /// Cases that would stand still because of it, for a person to decide.
    pub stands: u32,
}

/// What a strategy version would do to today's open cases. Nothing was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRun {
    pub strategy_id: StrategyId,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub cases: u32,
    /// Whether there are more cases than were looked at.
    pub has_more: bool,
    pub contacts: Contacts,
    /// Days with contacts, in their order.
    pub calendar: Vec<DayOfContacts>,
    /// Every rule that spoke.
    pub rules: Vec<RuleCount>,
    /// Steps that would be left out: conditions that are false, answers that did not come, branches past them.
    pub left_out: u32,
    /// Steps that a person has to say yes to first.
    pub approvals: u32,
    /// Cases that would come to the end of the strategy within the time.
    pub finished: u32,
}

/// What was done and what would have been, over cases that ended alike.
#[derive(Debug, Serialize, ToSchema)]
pub struct Compared {
    pub outcome: Outcome,
    pub cases: u32,
    pub was: Contacts,
    pub would_be: Contacts,
    /// Cases that ended before the strategy would have contacted anybody.
    pub ended_before_first: u32,
}

/// What a strategy version would have done to closed cases, beside what was done. What the debtors answered and paid is taken as
/// it was: nobody knows what another letter would have changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTest {
    pub strategy_id: StrategyId,
    pub cases: u32,
    pub has_more: bool,
    pub outcomes: Vec<Compared>,
    pub rules: Vec<RuleCount>,
}

/// Tries a version on the organisation's open cases, each from the first step, as if moved to it today.
///
/// # Errors
/// Not visible, cannot be carried out, or a wish out of range.
pub async fn dry_run(
    app: &App,
    conn: &mut Conn<'_>,
    by: &By,
    id: StrategyId,
    wish: &DryRunWish,
) -> Result<DryRun, RecoveryError> {
    let strategy = usable(conn, by, id).await?;
    let days = within("/days", wish.days.unwrap_or(DAYS_DEFAULT), DAYS_MAX)?;
    let limit = within("/cases", wish.cases.unwrap_or(CASES_DEFAULT), CASES_MAX)?;
    let until = by.at + TimeDelta::days(days);
    let mut found = open_cases(conn, by, limit + 1).await?;
    let has_more = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let mut tally = Tally::default();
    for id in found {
        let case = cases::find(conn, by, id).await?;
        let dossier = Dossier::of(conn, by, &case).await?;
        if !fits(wish.applies_to, &case, &dossier) {
            continue;
        }
        let (walk, zone) = walk_open(app, conn, by, (&case, &dossier), (&strategy.steps, until)).await?;
        tally.add(&walk, &strategy.steps, zone);
    }
    let rules = tally.rules();
    Ok(DryRun {
        strategy_id: id,
        from: by.at,
        until,
        cases: tally.cases,
        has_more,
        contacts: tally.contacts,
        calendar: tally.calendar.into_iter().map(|(on, contacts)| DayOfContacts { on, contacts }).collect(),
        rules,
        left_out: tally.left_out,
        approvals: tally.approvals,
        finished: tally.finished,
    })
}

async fn walk_open(
    app: &App,
    conn: &mut Conn<'_>,
    by: &By,
    (case, dossier): (&Case, &Dossier),
    (steps, until): (&[Step], DateTime<Utc>),
) -> Result<(Walk, chrono_tz::Tz), RecoveryError> {
    let facts = facts_seen(app, conn, by, case, dossier, None).await?;
    let holds: Vec<HoldSpan> =
        facts.holds.iter().map(|hold| HoldSpan { kind: hold.kind, from: by.at, until: hold.ends_at }).collect();
    let row = runs::find(conn, case.id, pursuer_of(case)).await?;
    let refused = opt_outs::refused_by(conn, &dossier.debtor).await?;
    let zone = dossier.calendar.zone();
    let progress = Progress {
        anchored_on: row.as_ref().map_or_else(|| day_in(zone, case.phase_since), |row| row.anchored_on),
        due_on: case.oldest_due_on,
        next_step: 0,
        last_step: None,
        last_step_on: row.and_then(|row| row.last_step_at).map(|at| day_in(zone, at)),
    };
    let holds_at = |condition: &str, now: DateTime<Utc>| {
        Situation { case, debtor: &dossier.debtor, today: day_in(zone, now) }.holds(condition)
    };
    let stage = Stage {
        steps,
        progress,
        calendar: &dossier.calendar,
        facts,
        holds: &holds,
        answers: &[],
        reached: &|channel| reached(dossier, &refused, channel),
        holds_at: &holds_at,
    };
    Ok((walk(stage, by.at, until).map_err(RecoveryError::Condition)?, zone))
}

/// Tries a version on the organisation's closed cases, each from the day on which it began to pursue it until it ended.
///
/// # Errors
/// As [`dry_run`].
pub async fn back_test(
    app: &App,
    conn: &mut Conn<'_>,
    by: &By,
    id: StrategyId,
    wish: &BackTestWish,
) -> Result<BackTest, RecoveryError> {
    let strategy = usable(conn, by, id).await?;
    let limit = within("/cases", wish.cases.unwrap_or(CASES_DEFAULT), CASES_MAX)?;
    let of_agency = matches!(by.scope, Scope::Agency(_));
    let org = by.scope.org().ok_or(RecoveryError::NotFound("organisation"))?;
    let mut found = store::list_closed(conn, org, of_agency, limit + 1).await?;
    let has_more = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let (mut tally, mut outcomes) = (Tally::default(), BTreeMap::<&str, Compared>::new());
    for pursued in found {
        let case = cases::find(conn, by, pursued.case_id).await?;
        let dossier = Dossier::of(conn, by, &case).await?;
        let Some(outcome) = case.outcome.filter(|_| fits(wish.applies_to, &case, &dossier)) else { continue };
        let walk = walk_closed(app, conn, by, (&case, &dossier), (&strategy.steps, &pursued)).await?;
        let compared = outcomes.entry(outcome.as_str()).or_insert(Compared {
            outcome,
            cases: 0,
            was: Contacts::default(),
            would_be: Contacts::default(),
            ended_before_first: 0,
        });
        compared.cases += 1;
        for (channel, count) in pursued.contacts() {
            compared.was.count(channel, count);
        }
        let taken = taken(&walk, &strategy.steps);
        compared.ended_before_first += u32::from(taken.is_empty());
        taken.into_iter().for_each(|(_, channel)| compared.would_be.count(channel, 1));
        tally.add(&walk, &strategy.steps, dossier.calendar.zone());
    }
    Ok(BackTest {
        strategy_id: id,
        cases: tally.cases,
        has_more,
        outcomes: outcomes.into_values().collect(),
        rules: tally.rules(),
    })
}

async fn walk_closed(
    app: &App,
    conn: &mut Conn<'_>,
    by: &By,
    (case, dossier): (&Case, &Dossier),
    (steps, pursued): (&[Step], &store::Pursued),
) -> Result<Walk, RecoveryError> {
    let events = cases::list_events(conn, by, case.id, 0, EVENTS_MAX).await?;
    let answers = answers::read(&events);
    let holds = store::list_holds(conn, case.id).await?;
    let facts = Facts {
        phase: pursued.phase(),
        contact_epoch: 0,
        owner: OwnerWindow::NoOwner,
        holds: Vec::new(),
        writings: Vec::new(),
        recent_contacts: Vec::new(),
        last_contact_at: None,
        last_conversation_at: None,
        ..facts_seen(app, conn, by, case, dossier, None).await?
    };
    let refused = opt_outs::refused_by(conn, &dossier.debtor).await?;
    let zone = dossier.calendar.zone();
    let progress = Progress {
        anchored_on: pursued.anchored_on,
        due_on: case.oldest_due_on,
        next_step: 0,
        last_step: None,
        last_step_on: None,
    };
    let holds_at = |condition: &str, now: DateTime<Utc>| {
        let mut then = case.clone();
        (then.recovered_minor, then.phase) = (recovered_at(&events, now), pursued.phase());
        Situation { case: &then, debtor: &dossier.debtor, today: day_in(zone, now) }.holds(condition)
    };
    let stage = Stage {
        steps,
        progress,
        calendar: &dossier.calendar,
        facts,
        holds: &holds,
        answers: &answers,
        reached: &|channel| reached(dossier, &refused, channel),
        holds_at: &holds_at,
    };
    walk(stage, pursued.began_at, pursued.ended_at).map_err(RecoveryError::Condition)
}

/// What had come in by then, as the timeline tells.
fn recovered_at(events: &[Event], now: DateTime<Utc>) -> i64 {
    let paid = events.iter().filter(|event| event.kind == EventKind::PaymentConfirmed && event.at <= now);
    paid.filter_map(|event| event.data.get("applied_minor").or_else(|| event.data.get("amount_minor"))?.as_i64()).sum()
}

fn reached(dossier: &Dossier, refused: &[OptOut], channel: Channel) -> Reached {
    let opted_out = refused.iter().any(|refused| refused.channel == channel);
    Reached { known: dossier.reaches(channel), unreachable: dossier.is_unreachable(channel), opted_out }
}

async fn usable(conn: &mut Conn<'_>, by: &By, id: StrategyId) -> Result<StrategyVersion, RecoveryError> {
    let strategy = strategies::find(conn, by, id).await?;
    check(&strategy.steps).map_err(RecoveryError::Faulty)?;
    Ok(strategy)
}

fn within(pointer: &'static str, value: i64, most: i64) -> Result<i64, RecoveryError> {
    if (1..=most).contains(&value) { Ok(value) } else { Err(RecoveryError::Invalid(pointer, format!("1 to {most}"))) }
}

async fn open_cases(conn: &mut Conn<'_>, by: &By, limit: i64) -> Result<Vec<CaseId>, RecoveryError> {
    let org = by.scope.org().ok_or(RecoveryError::NotFound("organisation"))?;
    Ok(store::list_pursued(conn, org, matches!(by.scope, Scope::Agency(_)), limit).await?)
}

fn fits(applies_to: Option<AssignmentScope>, case: &Case, dossier: &Dossier) -> bool {
    let candidate = Candidate {
        debtor: case.debtor,
        debtor_kind: dossier.debtor.kind,
        principal_minor: case.principal_minor,
        currency: case.currency,
    };
    applies_to.is_none_or(|scope| scope.is_for(&candidate))
}

/// The contacts of a walk.
fn taken(walk: &Walk, steps: &[Step]) -> Vec<(DateTime<Utc>, Channel)> {
    let taken = walk.steps.iter().filter(|step| step.outcome == StepOutcome::Taken);
    taken.filter_map(|step| Some((step.at, steps.get(step.position)?.channel))).collect()
}

/// Walks summed up.
#[derive(Debug, Default)]
struct Tally {
    cases: u32,
    contacts: Contacts,
    calendar: BTreeMap<NaiveDate, Contacts>,
    refused: BTreeMap<Rule, u32>,
    deferred: BTreeMap<Rule, u32>,
    stands: BTreeMap<Rule, u32>,
    left_out: u32,
    approvals: u32,
    finished: u32,
}

impl Tally {
    fn add(&mut self, walk: &Walk, steps: &[Step], zone: chrono_tz::Tz) {
        self.cases += 1;
        for (at, channel) in taken(walk, steps) {
            self.contacts.count(channel, 1);
            self.calendar.entry(day_in(zone, at)).or_default().count(channel, 1);
        }
        for step in &walk.steps {
            match step.outcome {
                StepOutcome::Taken => {
                    self.approvals += u32::from(steps.get(step.position).is_some_and(|step| step.approval));
                }
                StepOutcome::Deferred(rule) => *self.deferred.entry(rule).or_default() += 1,
                StepOutcome::Refused(rule) => *self.refused.entry(rule).or_default() += 1,
                StepOutcome::LeftOut(LeftOutFor::Condition | LeftOutFor::NoSuchAnswer | LeftOutFor::Branch) => self.left_out += 1,
            }
        }
        match walk.end {
            End::Finished => self.finished += 1,
            End::Stands(rule) => *self.stands.entry(rule).or_default() += 1,
            End::Ahead | End::Person => {}
        }
    }

    fn rules(&self) -> Vec<RuleCount> {
        let count = |of: &BTreeMap<Rule, u32>, rule| of.get(&rule).copied().unwrap_or_default();
        let counted = Rule::ALL.iter().map(|rule| RuleCount {
            rule: *rule,
            refused: count(&self.refused, *rule),
            deferred: count(&self.deferred, *rule),
            stands: count(&self.stands, *rule),
        });
        counted.filter(|one| one.refused + one.deferred + one.stands > 0).collect()
    }
}
