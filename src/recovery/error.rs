//! What recovery refuses, in words of the trade.

use super::{legal_content::Missing, letters::LetterState, records::TaskStatus, strategy::Faulty};
use crate::{
    cases::{CasesError, Phase},
    db::DbError,
    http::{Code, Problem},
    paper::{PaperError, wording::WordingFault},
    parties::PartiesError,
    receivables::ReceivablesError,
    types::creditor_reference::CreditorReferenceError,
};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    #[error("there is no such {0} that you can see")]
    NotFound(&'static str),
    #[error("this task is the work of the agency that holds the case")]
    WorkOfTheAgency,
    #[error("this task is {0}: there is nothing to be done any more")]
    TaskIs(TaskStatus),
    #[error(
        "a call ends in reached, no_answer, promise, dispute or refused; a review in reviewed; an approval in approved or declined, an account owner's in let_it_run, take_it or reason_given"
    )]
    ResultOfAnotherKind,
    #[error("{0} has named no account for the debtor's money")]
    NoAccount(String),
    #[error("the law wants said what is not known: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    LegalContent(Vec<Missing>),
    #[error("this is the work of somebody else: whoever leads may change that")]
    WorkOfAnother,
    #[error("no letter of yours is to be printed")]
    NothingToPrint,
    #[error("this task asks about no letter")]
    AboutNoLetter,
    #[error("this letter is {0}")]
    LetterIs(LetterState),
    #[error("somebody has changed it since: it is at version {0}")]
    Stale(i32),
    #[error("the page could not be drawn")]
    DrawingBroke,
    #[error("only whoever pursues the case moves it to another strategy")]
    NotThePursuer,
    #[error("a case that is {0} goes through no strategy")]
    NotPursued(Phase),
    /// A field and what is wrong with it.
    #[error("{1}")]
    Invalid(&'static str, String),
    #[error("this strategy cannot be carried out: {} of its values are not right", .0.len())]
    Faulty(Vec<Faulty>),
    #[error("no debtor is told this: {} of the words are not right", .0.len())]
    Unfit(Vec<(&'static str, WordingFault)>),
    #[error("a condition of the strategy failed: {0}")]
    Condition(String),
    #[error("a stored strategy cannot be read: {0}")]
    StoredStrategy(#[from] serde_json::Error),
    #[error(transparent)]
    Reference(#[from] CreditorReferenceError),
    #[error(transparent)]
    Paper(#[from] PaperError),
    #[error(transparent)]
    Parties(#[from] PartiesError),
    #[error(transparent)]
    Receivables(#[from] ReceivablesError),
    #[error(transparent)]
    Cases(#[from] CasesError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl RecoveryError {
    /// Whether it may work the next time without anybody doing anything.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Db(DbError::Busy(_))
                | Self::Cases(CasesError::Db(DbError::Busy(_)))
                | Self::Receivables(ReceivablesError::Db(DbError::Busy(_)))
                | Self::Parties(PartiesError::Db(DbError::Busy(_)))
        )
    }
}

impl From<RecoveryError> for Problem {
    fn from(error: RecoveryError) -> Self {
        let detail = error.to_string();
        match error {
            RecoveryError::NotFound(_) => Self::new(Code::NotFound).detail(detail),
            RecoveryError::WorkOfTheAgency | RecoveryError::WorkOfAnother => Self::new(Code::Forbidden).detail(detail),
            RecoveryError::NotThePursuer => Self::new(Code::Forbidden).detail(detail),
            RecoveryError::Invalid(pointer, _) => Self::invalid(pointer, detail),
            RecoveryError::Faulty(faults) => {
                faults.into_iter().fold(Self::new(Code::Invalid).detail(detail), |problem, found| {
                    problem.field(found.pointer, found.fault.to_string())
                })
            }
            RecoveryError::Unfit(faults) => {
                faults.into_iter().fold(Self::new(Code::Invalid).detail(detail), |problem, (pointer, fault)| {
                    problem.field(pointer, fault.to_string())
                })
            }
            RecoveryError::Stale(_) => Self::new(Code::StaleVersion).detail(detail),
            RecoveryError::TaskIs(_)
            | RecoveryError::NothingToPrint
            | RecoveryError::AboutNoLetter
            | RecoveryError::LetterIs(_)
            | RecoveryError::NoAccount(_)
            | RecoveryError::LegalContent(_)
            | RecoveryError::NotPursued(_) => Self::new(Code::WrongState).detail(detail),
            RecoveryError::ResultOfAnotherKind => Self::invalid("/result", detail),
            RecoveryError::DrawingBroke
            | RecoveryError::Condition(_)
            | RecoveryError::StoredStrategy(_)
            | RecoveryError::Reference(_)
            | RecoveryError::Paper(_) => Self::internal(detail),
            RecoveryError::Parties(inner) => inner.into(),
            RecoveryError::Receivables(inner) => inner.into(),
            RecoveryError::Cases(inner) => inner.into(),
            RecoveryError::Db(inner) => inner.into(),
        }
    }
}
