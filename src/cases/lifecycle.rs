//! The life of a case: which command leads from which phase to which.
//!
//! Pure, total, without wildcards: a new phase or command does not compile until every pair is decided.
//! A command that has already had its effect answers `Unchanged`, so a replay is harmless.
//! The whole table is kept as a snapshot and drawn in `docs/case-states.md`.

use crate::types::{OrgId, text_enum};

text_enum! {
    /// Where a case stands.
    pub enum Phase {
        Draft => "draft",
        InHouse => "in_house",
        Listed => "listed",
        Awarded => "awarded",
        Active => "active",
        Closed => "closed",
    }
}

text_enum! {
    /// How a case ended.
    pub enum Outcome {
        Paid => "paid",
        Settled => "settled",
        PartlyPaid => "partly_paid",
        Withdrawn => "withdrawn",
        Insolvent => "insolvent",
        Untraceable => "untraceable",
        Unresponsive => "unresponsive",
        TimeBarred => "time_barred",
        Uneconomical => "uneconomical",
        Disputed => "disputed",
        ToCourt => "to_court",
        Invalid => "invalid",
        NoOffers => "no_offers",
    }
}

/// What the decision needs to know of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    pub phase: Phase,
    pub outcome: Option<Outcome>,
    /// The phase a closed case goes back to when a payment bounces.
    pub closed_from: Option<Phase>,
    pub agency: Option<OrgId>,
}

/// What is asked of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// The creditor's own strategy begins.
    Start,
    /// An anonymous card goes on the market.
    List,
    /// The card is taken back, or nobody offered.
    Unlist,
    /// An agency is chosen.
    Award(OrgId),
    /// The mandate is declined, or not signed in time.
    Lapse,
    /// Both have signed: the engagement begins.
    Engage,
    /// The agency gives the case back.
    Return,
    /// The case lay idle in the agency's hands.
    Idle,
    /// The creditor takes the case back on stated grounds.
    Recall,
    /// The case ends.
    Close(Outcome),
    /// A payment bounced: a closed case goes on.
    Reopen,
}

/// What becomes of contact with the debtor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contact {
    /// Everything pending stops, in this transaction.
    Stops,
    /// The engine looks at the case at once.
    Begins,
}

/// A move from one phase to another and what it brings with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    pub to: Phase,
    pub outcome: Option<Outcome>,
    pub agency: Option<OrgId>,
    pub contact: Contact,
}

/// What a command comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Move(Transition),
    /// It has had its effect before.
    Unchanged,
}

/// Why a command is not possible now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a case that is {phase} cannot be {wish}")]
pub struct Refusal {
    pub phase: Phase,
    pub wish: &'static str,
}

/// Decides.
///
/// # Errors
/// The command is not possible in this phase.
pub fn decide(facts: &Facts, command: Command) -> Result<Decision, Refusal> {
    use Phase::{Active, Awarded, Closed, Draft, InHouse, Listed};
    let phase = facts.phase;
    let refuse = |wish| Err(Refusal { phase, wish });
    match (command, phase) {
        (Command::Start, Draft) => to(InHouse, None, Contact::Begins),
        (Command::Start, InHouse) => Ok(Decision::Unchanged),
        (Command::Start, Listed | Awarded | Active | Closed) => refuse("started in-house"),

        (Command::List, Draft | InHouse) => to(Listed, None, Contact::Stops),
        (Command::List, Listed) => Ok(Decision::Unchanged),
        (Command::List, Awarded | Active | Closed) => refuse("listed"),

        (Command::Unlist, Listed) => to(InHouse, None, Contact::Begins),
        (Command::Unlist, InHouse) => Ok(Decision::Unchanged),
        (Command::Unlist, Draft | Awarded | Active | Closed) => refuse("taken off the market"),

        (Command::Award(agency), Listed) => to(Awarded, Some(agency), Contact::Stops),
        (Command::Award(agency), Awarded) if facts.agency == Some(agency) => Ok(Decision::Unchanged),
        (Command::Award(_), Draft | InHouse | Awarded | Active | Closed) => refuse("awarded"),

        (Command::Lapse, Awarded) => to(Listed, None, Contact::Stops),
        (Command::Lapse, Listed) => Ok(Decision::Unchanged),
        (Command::Lapse, Draft | InHouse | Active | Closed) => refuse("put back on the market for want of a signature"),

        (Command::Engage, Awarded) => to(Active, facts.agency, Contact::Begins),
        (Command::Engage, Active) => Ok(Decision::Unchanged),
        (Command::Engage, Draft | InHouse | Listed | Closed) => refuse("handed to an agency"),

        (Command::Return | Command::Idle, Active) => to(Listed, None, Contact::Stops),
        (Command::Return | Command::Idle, Listed) => Ok(Decision::Unchanged),
        (Command::Return, Draft | InHouse | Awarded | Closed) => refuse("returned"),
        (Command::Idle, Draft | InHouse | Awarded | Closed) => refuse("taken from an idle agency"),

        (Command::Recall, Awarded | Active) => to(InHouse, None, Contact::Begins),
        (Command::Recall, InHouse) => Ok(Decision::Unchanged),
        (Command::Recall, Draft | Listed | Closed) => refuse("recalled"),

        (Command::Close(outcome), Draft | InHouse | Listed | Awarded | Active) => {
            Ok(Decision::Move(Transition { to: Closed, outcome: Some(outcome), agency: facts.agency, contact: Contact::Stops }))
        }
        (Command::Close(outcome), Closed) if facts.outcome == Some(outcome) => Ok(Decision::Unchanged),
        (Command::Close(_), Closed) => refuse("closed with another outcome"),

        (Command::Reopen, Closed) => reopen(facts),
        (Command::Reopen, Draft | InHouse | Listed | Awarded | Active) => Ok(Decision::Unchanged),
    }
}

fn to(phase: Phase, agency: Option<OrgId>, contact: Contact) -> Result<Decision, Refusal> {
    Ok(Decision::Move(Transition { to: phase, outcome: None, agency, contact }))
}

/// Back to the agency if it was engaged, else to the creditor: a card or an unsigned award does not come back by itself.
fn reopen(facts: &Facts) -> Result<Decision, Refusal> {
    match facts.closed_from {
        Some(Phase::Active) => to(Phase::Active, facts.agency, Contact::Begins),
        Some(Phase::Draft | Phase::InHouse | Phase::Listed | Phase::Awarded | Phase::Closed) | None => {
            to(Phase::InHouse, None, Contact::Begins)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    const COMMANDS: [Command; 11] = [
        Command::Start,
        Command::List,
        Command::Unlist,
        Command::Award(OrgId(uuid::Uuid::nil())),
        Command::Lapse,
        Command::Engage,
        Command::Return,
        Command::Idle,
        Command::Recall,
        Command::Close(Outcome::Paid),
        Command::Reopen,
    ];

    fn facts(phase: Phase) -> Facts {
        let agency = matches!(phase, Phase::Awarded | Phase::Active).then_some(OrgId(uuid::Uuid::max()));
        let closed = phase == Phase::Closed;
        Facts { phase, outcome: closed.then_some(Outcome::Withdrawn), closed_from: closed.then_some(Phase::InHouse), agency }
    }

    /// As `docs/case-states.md` draws it.
    #[test]
    fn every_command_in_every_phase_is_decided_as_recorded() {
        let mut table = String::new();
        for command in COMMANDS {
            for phase in Phase::ALL {
                let shown = match decide(&facts(*phase), command) {
                    Ok(Decision::Move(transition)) => {
                        format!("{}, contact {:?}", transition.to, transition.contact).to_lowercase()
                    }
                    Ok(Decision::Unchanged) => "unchanged".to_owned(),
                    Err(_) => "refused".to_owned(),
                };
                let name = format!("{command:?}");
                writeln!(table, "{:<7} {:<9} -> {shown}", name.split('(').next().unwrap(), phase.as_str()).unwrap();
            }
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn a_command_repeated_changes_nothing_more() {
        for command in COMMANDS {
            for phase in Phase::ALL {
                let before = facts(*phase);
                let Ok(Decision::Move(transition)) = decide(&before, command) else { continue };
                let after = Facts {
                    phase: transition.to,
                    outcome: transition.outcome,
                    closed_from: Some(*phase),
                    agency: transition.agency,
                };
                assert_eq!(decide(&after, command), Ok(Decision::Unchanged), "{command:?} in {phase}");
            }
        }
    }

    #[test]
    fn a_second_award_to_another_agency_is_refused() {
        let refused = decide(&facts(Phase::Awarded), Command::Award(OrgId::fresh()));
        assert!(refused.is_err());
    }

    #[test]
    fn only_the_market_and_the_agency_phases_have_an_agency() {
        for command in COMMANDS {
            for phase in Phase::ALL {
                if let Ok(Decision::Move(transition)) = decide(&facts(*phase), command) {
                    let held = matches!(transition.to, Phase::Awarded | Phase::Active);
                    assert!(
                        !held || transition.agency.is_some(),
                        "{command:?} in {phase} leads to {} without an agency",
                        transition.to
                    );
                }
            }
        }
    }
}
