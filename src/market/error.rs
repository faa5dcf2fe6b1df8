//! What the market refuses, in words of the trade.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    complaints::ComplaintStatus, framework::FrameworkStatus, listing::ListingStatus, mandate::MandateStatus, offers::OfferStatus,
    qualification::Unmet, scores::AppealStatus,
};
use crate::{
    cases::{CasesError, lifecycle::Refusal},
    db::DbError,
    http::{Code, Problem},
    paper::PaperError,
    parties::PartiesError,
    receivables::ReceivablesError,
    types::MoneyError,
};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum MarketError {
    #[error("there is no such {0} that you can see")]
    NotFound(&'static str),
    #[error(transparent)]
    WrongPhase(#[from] Refusal),
    #[error("offers were taken until {}", to_the_second(*.0))]
    TooLate(DateTime<Utc>),
    #[error("the offers are sealed until {}: choose then", to_the_second(*.0))]
    Sealed(DateTime<Utc>),
    #[error("this listing is {0}: it takes no more offers and awards")]
    ListingOver(ListingStatus),
    #[error("this offer is {0}")]
    OfferOver(OfferStatus),
    /// The agency itself asked.
    #[error("your agency does not qualify: {}", listed(.0))]
    NotQualified(Vec<Unmet>),
    /// The creditor, or a signature, asked.
    #[error("the agency cannot be given the case now: {}", listed(.0))]
    AgencyLacks(Vec<Unmet>),
    #[error("your circle is empty: invite agencies first (PUT /agency-list)")]
    EmptyCircle,
    #[error("you changed version {given}, but it is at {current}: read it again")]
    Stale { given: i32, current: i32 },
    #[error("the agency has no client account on record: money recovered would have nowhere to go")]
    NoClientAccount,
    #[error("this offer did not come first in rank: say in writing why you choose it")]
    ReasonRequired,
    #[error("this mandate is {0}")]
    MandateOver(MandateStatus),
    #[error("the mandate was to be signed until {}", to_the_second(*.0))]
    SigningOver(DateTime<Utc>),
    #[error("this is not the document that stands to be signed: read it again and send its SHA-256")]
    OtherDocument,
    #[error("your side has signed this mandate already")]
    AlreadySigned,
    #[error("your agency keeps a search of this name already")]
    SearchNameTaken,
    #[error("{1}")]
    Invalid(&'static str, String),
    /// A place in a fee schedule.
    #[error("{1}")]
    Fee(String, String),
    #[error("an agency of the same owner, or with the same client account, has offered already: sisters make one offer")]
    SisterOffered,
    #[error("this listing has the {0} offers that its creditor wants")]
    OffersFull(i32),
    #[error("at most {of_agency} questions of an agency and {of_all} in all are taken on a listing")]
    AskedEnough { of_agency: i64, of_all: i64 },
    #[error("this question is answered already: all bidders have read the answer")]
    AlreadyAnswered,
    #[error(
        "this question holds a name, a number or a place of the case: answering it would tell that the guess was right. Leave it as it is; nobody but its asker and you can read it"
    )]
    TellsWhoOwes,
    #[error("this complaint is {0}")]
    ComplaintOver(ComplaintStatus),
    #[error("this complaint was to be answered until {}", to_the_second(*.0))]
    AnswerOver(DateTime<Utc>),
    #[error("the agency may answer until {}: decide then", to_the_second(*.0))]
    AnswerAwaited(DateTime<Utc>),
    #[error("a complaint on this ground about this engagement is open already")]
    ComplaintOpen,
    #[error("this engagement ended more than a year ago: it can no longer be complained of")]
    TooLongAgo,
    #[error("this engagement runs still: rate it when it has ended")]
    EngagementRuns,
    #[error("this engagement is rated already")]
    AlreadyRated,
    #[error("this engagement counts in no published score")]
    NotInAScore,
    #[error("scores that count this engagement could be appealed against until {0}")]
    AppealOver(NaiveDate),
    #[error("your agency has appealed on this already")]
    AlreadyAppealed,
    #[error("this appeal is {0}")]
    AppealDecided(AppealStatus),
    #[error("this case is part of a lot: it is offered on with the others, not taken by itself")]
    PartOfALot,
    #[error("a framework mandate with this agency is to be signed or in force")]
    FrameworkThere,
    #[error("this framework mandate is {0}")]
    FrameworkOver(FrameworkStatus),
    #[error("no broken promise and no upheld complaint is on record of this engagement: recall on another ground")]
    NoBreach,
    #[error("your agency has offered {0} times on this listing: that is enough")]
    TooManyTries(i64),
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error("the VAT on the fee cannot be shown: {0}")]
    Vat(String),
    #[error("an offer's seal cannot be made or opened: {0}")]
    Seal(String),
    #[error(transparent)]
    Cases(CasesError),
    #[error(transparent)]
    Parties(#[from] PartiesError),
    #[error(transparent)]
    Receivables(#[from] ReceivablesError),
    #[error(transparent)]
    Paper(#[from] PaperError),
    #[error("the mandate could not be drawn up: {0}")]
    Drawing(String),
    #[error(transparent)]
    Db(#[from] DbError),
}

fn listed(unmet: &[Unmet]) -> String {
    unmet.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn to_the_second(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

impl From<CasesError> for MarketError {
    fn from(error: CasesError) -> Self {
        if let CasesError::WrongPhase(refusal) = error { Self::WrongPhase(refusal) } else { Self::Cases(error) }
    }
}

impl From<MarketError> for Problem {
    fn from(error: MarketError) -> Self {
        use MarketError as E;
        let detail = error.to_string();
        let refuse = |code| Self::new(code).detail(detail.as_str());
        match error {
            E::NotFound(_) => refuse(Code::NotFound),
            E::WrongPhase(_)
            | E::TooLate(_)
            | E::Sealed(_)
            | E::ListingOver(_)
            | E::OfferOver(_)
            | E::MandateOver(_)
            | E::SigningOver(_)
            | E::ComplaintOver(_)
            | E::AnswerOver(_)
            | E::AnswerAwaited(_)
            | E::TooLongAgo
            | E::FrameworkOver(_)
            | E::EngagementRuns
            | E::NotInAScore
            | E::AppealOver(_)
            | E::AppealDecided(_) => refuse(Code::WrongState),
            E::NotQualified(_) => refuse(Code::Forbidden),
            E::EmptyCircle => refuse(Code::Conflict).at("/audience"),
            E::Stale { .. } => refuse(Code::StaleVersion),
            E::AgencyLacks(_) | E::NoClientAccount | E::AlreadySigned => refuse(Code::Conflict),
            E::OtherDocument => refuse(Code::Conflict).at("/document_sha256"),
            E::SearchNameTaken => refuse(Code::Conflict).at("/name"),
            E::NoBreach => refuse(Code::Conflict).at("/ground"),
            E::ReasonRequired => refuse(Code::Invalid).at("/reason"),
            E::SisterOffered
            | E::OffersFull(_)
            | E::TooManyTries(_)
            | E::AskedEnough { .. }
            | E::AlreadyAnswered
            | E::TellsWhoOwes
            | E::ComplaintOpen
            | E::PartOfALot
            | E::FrameworkThere
            | E::AlreadyRated
            | E::AlreadyAppealed => refuse(Code::Conflict),
            E::Fee(pointer, _) => refuse(Code::Invalid).at(format!("/fee{pointer}")),
            E::Seal(cause) => Self::internal(cause),
            E::Money(cause) => Self::internal(cause),
            E::Vat(cause) => Self::internal(cause),
            E::Invalid(pointer, _) => refuse(Code::Invalid).at(pointer),
            E::Cases(inner) => inner.into(),
            E::Parties(inner) => inner.into(),
            E::Receivables(inner) => inner.into(),
            E::Paper(cause) => Self::internal(cause),
            E::Drawing(cause) => Self::internal(cause),
            E::Db(inner) => inner.into(),
        }
    }
}

pub(super) const TEXT_MAX_CHARS: usize = 4000;

/// A text that a person writes: something, and not endless.
pub(super) fn check_text(pointer: &'static str, text: &str) -> Result<(), MarketError> {
    if text.trim().is_empty() {
        return Err(MarketError::Invalid(pointer, "say it in a few words: the text is empty".to_owned()));
    }
    if text.chars().count() > TEXT_MAX_CHARS {
        return Err(MarketError::Invalid(pointer, format!("at most {TEXT_MAX_CHARS} characters")));
    }
    Ok(())
}
