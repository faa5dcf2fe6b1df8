//! What each command makes of a case in each phase, and what a case waits for, drawn from the code: `docs/case-states.md`.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use entente::{
    cases::lifecycle::{Command, Contact, Decision, Facts, Outcome, Phase, decide},
    recovery::standing::standing,
    types::OrgId,
};

const COMMANDS: [(&str, Command); 11] = [
    ("start", Command::Start),
    ("list", Command::List),
    ("unlist", Command::Unlist),
    ("award", Command::Award(CHOSEN)),
    ("lapse", Command::Lapse),
    ("engage", Command::Engage),
    ("return", Command::Return),
    ("idle", Command::Idle),
    ("recall", Command::Recall),
    ("close", Command::Close(Outcome::Paid)),
    ("reopen", Command::Reopen),
];
const CHOSEN: OrgId = OrgId(uuid::Uuid::nil());

const PREFACE: &str = "# States of a case

Written by `tests/it/lifecycle.rs` from `cases::lifecycle::decide` and `recovery::standing::standing`: when they change, that test
fails until this page is copied anew.

";

/// The states of a case as a command finds them: a closed one remembers where it came from.
fn states() -> Vec<(String, Facts)> {
    let of = |phase: Phase, closed_from: Option<Phase>| {
        let held = closed_from.unwrap_or(phase);
        let agency = matches!(held, Phase::Awarded | Phase::Active).then_some(CHOSEN);
        Facts { phase, outcome: closed_from.map(|_| Outcome::Paid), closed_from, agency }
    };
    let mut states: Vec<(String, Facts)> =
        Phase::ALL.iter().filter(|phase| **phase != Phase::Closed).map(|phase| (phase.to_string(), of(*phase, None))).collect();
    states.push(("closed, in house before".to_owned(), of(Phase::Closed, Some(Phase::InHouse))));
    states.push(("closed, active before".to_owned(), of(Phase::Closed, Some(Phase::Active))));
    states
}

fn shown(decision: Result<Decision, entente::cases::lifecycle::Refusal>) -> String {
    match decision {
        Ok(Decision::Move(transition)) => {
            let contact = match transition.contact {
                Contact::Stops => "contact stops",
                Contact::Begins => "contact begins",
            };
            format!("**{}**, {contact}", transition.to)
        }
        Ok(Decision::Unchanged) => "unchanged".to_owned(),
        Err(_) => "refused".to_owned(),
    }
}

fn table() -> String {
    let states = states();
    let names: Vec<&str> = states.iter().map(|(name, _)| name.as_str()).collect();
    let mut out = format!("## State × command\n\n| | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    for (name, command) in COMMANDS {
        let cells: Vec<String> = states.iter().map(|(_, facts)| shown(decide(facts, command))).collect();
        writeln!(out, "| `{name}` | {} |", cells.join(" | ")).unwrap();
    }
    out
}

fn picture() -> String {
    let mut moves: BTreeMap<(Phase, Phase), Vec<&str>> = BTreeMap::new();
    for (_, facts) in states() {
        for (name, command) in COMMANDS {
            if let Ok(Decision::Move(transition)) = decide(&facts, command) {
                moves.entry((facts.phase, transition.to)).or_default().push(name);
            }
        }
    }
    let mut out = "\n## Picture\n\n```mermaid\nstateDiagram-v2\n    [*] --> draft\n    [*] --> in_house\n".to_owned();
    for ((from, to), names) in moves {
        writeln!(out, "    {from} --> {to}: {}", names.join(", ")).unwrap();
    }
    out + "```\n"
}

fn waiting() -> String {
    let mut out = "\n## What a case waits for\n\n| phase | a hold runs | the engine has a time | standing |\n|---|---|---|---|\n"
        .to_owned();
    let yes = |is: bool| if is { "yes" } else { "no" };
    for phase in Phase::ALL {
        for (is_held, is_due) in [(false, false), (false, true), (true, false), (true, true)] {
            writeln!(out, "| {phase} | {} | {} | {} |", yes(is_held), yes(is_due), standing(*phase, is_held, is_due)).unwrap();
        }
    }
    out
}

#[test]
fn the_page_of_states_is_what_the_code_decides() {
    let said = format!("{PREFACE}{}{}{}", table(), picture(), waiting());
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/case-states.md");
    if std::fs::read_to_string(kept).unwrap_or_default() != said {
        let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join("case-states.md");
        std::fs::write(&fresh, &said).expect("a file");
        panic!("docs/case-states.md says otherwise: read the difference to {} and copy it over if it is meant", fresh.display());
    }
}
