//! The market: anonymous listings, a published take-now price, sealed offers, awards, mandates and engagements.
//!
//! What may never happen here: a word on a card that tells who owes; an offer read by a rival ever, or by its creditor or
//! the operator before the deadline; two awards of one case; an award to an agency that may not collect; a question
//! that tells whose it is; an engagement that both sides have not signed; the notes of one agency before the eyes of the next.
//!
//! Lock order: case, listing, offers by id, mandate, engagement. Every change of a listing but its count of offers is made
//! under the lock of its case, so of two awards, or an award and a take-now, the second finds the listing gone.
//!
//! Why some commands run in `Scope::System`: before the award an agency cannot see the case it takes, and a creditor cannot
//! see the offers that end with its listing; row-level security holds both to that. The extractor has authorised them, the
//! actor in the timeline stays the person or key that asked, and each such command takes the organisation and compares.

pub mod anonymity;
pub mod api;
mod assignment;
pub mod award;
mod awarding;
pub mod card;
pub mod circle;
pub mod complaint_page;
pub mod complaints;
pub mod condition;
pub mod desk;
mod drawing;
mod engagement;
mod error;
mod fit;
mod fitness;
mod framework;
mod idleness;
pub mod jobs;
mod listing;
mod lots;
mod mandate;
mod offers;
mod papers;
pub mod price;
pub mod promises;
pub mod qualification;
mod questions;
mod ranking;
pub mod rating_page;
pub mod reasons;
pub mod recall;
mod region;
mod saved_searches;
pub mod score;
pub mod scores;
pub mod scrubbing;
pub mod search;
pub mod sector;
pub mod settings;
mod store;
pub mod summary;
mod telling;

use crate::{
    app::App,
    types::{BasisPoints, text_enum},
};

pub use assignment::assign;
pub use awarding::{award_by_hand, close_offers, posted_promises, take_now, time_to_decide_over};
pub use circle::{drop_standing, list_agencies, list_circle, set_standing};
pub use complaints::{
    Complaint, answer_complaint, complaint_due, decide_complaint, file_complaint, find_complaint, list_complaints,
    withdraw_complaint,
};
pub use engagement::{
    EndReason, Engagement, ReturnReason, follow_case, list_engagements, recall_case, return_case, running_engagement,
};
pub use error::MarketError;
pub use fit::{FitCheck, check_fit};
pub use fitness::{agency_scope, qualification_for, reach, set_agency_scope};
pub use framework::{
    Framework, FrameworkStatus, draw_up_framework, end_framework, find_framework, framework_document, lapse_framework,
    list_frameworks, sign_framework,
};
pub use idleness::look_for_idleness;
pub use listing::{Listing, ListingAudience, ListingStatus, Posting, find_listing, list_case, list_listings, unlist_case};
pub use lots::{find_lot, list_lot};
pub use mandate::{
    Mandate, MandateStatus, Party, Signature, Signing, find_mandate, lapse_mandate, list_mandates, mandate_document,
    refuse_mandate, sign_mandate,
};
pub use offers::{Offer, OfferStatus, Promises, list_own_offers, ranked_offers, submit_offer, withdraw_offer};
pub use promises::check_promise;
pub use questions::{Question, answer_question, ask_question, list_questions};
pub use recall::RecallGround;
pub use saved_searches::{NewSavedSearch, SavedSearch, alert, delete_search, find_search, list_searches, save_search};
pub use scores::{appeal, correct_scores, decide_appeal, list_appeals, list_scores, publish_score, rate_engagement};
pub use search::Criteria;
pub use settings::{market_settings, set_market_settings};

text_enum! {
    /// Who chooses at the deadline.
    pub enum AwardRule {
        /// The creditor reads the ranked offers and chooses.
        ByHand => "by_hand",
        /// The first in rank is awarded the case at once.
        BestRanked => "best_ranked",
        /// The first in rank of which the creditor's condition is true is awarded at once; by hand where it is true of none.
        ByCondition => "by_condition",
        /// At once, at the posted price, to the best agency that takes assignments and of which the condition is true, where
        /// there is one; else at the deadline, to the first in rank of which it is true.
        Assign => "assign",
    }
}

/// The operator's terms of the marketplace.
#[derive(Debug, Clone, Copy)]
pub struct MarketTerms {
    /// Office hours within which offers may be made, and then within which the creditor chooses.
    pub offer_hours: u32,
    /// Office hours within which both sides sign.
    pub signing_hours: u32,
    /// Days without a step after which an agency is warned.
    pub idle_days: u32,
    /// The platform's part of the agency's fee.
    pub commission: BasisPoints,
    /// Days within which the agency passes money on.
    pub payout_days: u32,
    /// How many debtors must share the traits that a card shows.
    pub anonymity_crowd: i32,
}

impl MarketTerms {
    #[must_use]
    pub fn of(app: &App) -> Self {
        let platform = &app.settings.platform;
        Self {
            offer_hours: platform.offer_hours,
            signing_hours: platform.signing_hours,
            idle_days: platform.idle_days,
            commission: BasisPoints(platform.commission_bp),
            payout_days: platform.payout_days,
            anonymity_crowd: platform.anonymity_crowd,
        }
    }
}
