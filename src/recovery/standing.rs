//! Where a case stands with the engine. Pure and total: there is no case of which none of these is true.

use crate::{cases::Phase, types::text_enum};

text_enum! {
    /// What a case waits for.
    pub enum Standing {
        /// Nothing more is done.
        Closed => "closed",
        /// Being assembled, or with the market: nobody pursues it.
        NotPursued => "not_pursued",
        /// A hold forbids contact, until `next_action_at` or until somebody releases it.
        Held => "held",
        /// The engine looks at it at `next_action_at`.
        Due => "due",
        /// Somebody has a task to do.
        WaitingForAPerson => "waiting_for_a_person",
    }
}

/// Decides. `is_due_at_a_time`: the case has a `next_action_at`.
#[must_use]
pub const fn standing(phase: Phase, is_held: bool, is_due_at_a_time: bool) -> Standing {
    match (phase, is_held, is_due_at_a_time) {
        (Phase::Closed, _, _) => Standing::Closed,
        (Phase::Draft | Phase::Listed | Phase::Awarded, _, _) => Standing::NotPursued,
        (Phase::InHouse | Phase::Active, true, _) => Standing::Held,
        (Phase::InHouse | Phase::Active, false, true) => Standing::Due,
        (Phase::InHouse | Phase::Active, false, false) => Standing::WaitingForAPerson,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn every_state_has_its_standing_as_recorded() {
        let mut table = String::new();
        for phase in Phase::ALL {
            for (is_held, is_due) in [(false, false), (false, true), (true, false), (true, true)] {
                let (held, due) = (if is_held { "held" } else { "free" }, if is_due { "a time" } else { "no time" });
                writeln!(table, "{:<9} {held} {due:<8} -> {}", phase.as_str(), standing(*phase, is_held, is_due)).unwrap();
            }
        }
        insta::assert_snapshot!(table);
    }
}
