//! Listings: a case's anonymous card on the market, from its posting to its end.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::{
    AwardRule, MarketError, MarketTerms, anonymity,
    card::Card,
    circle,
    condition::Condition,
    drawing::{DrawnFrom, draw_card},
    lots,
    offers::{self, OfferStatus},
    price::{self, Price},
    reasons::Verdict,
    search::Criteria,
    settings,
    store::{listings as store, offers as offer_store},
    summary::WorkSummary,
};
use crate::{
    cases::{self, Case, Command, Event, EventKind, HoldKind},
    db::{By, Conn, Scope},
    http::Cursor,
    jobs,
    parties::{self, Organisation},
    receivables,
    types::{BasisPoints, Calendar, CaseId, Channel, ListingId, LotId, Money, OrgId, clock::day_in, text_enum},
};

text_enum! {
    /// Where a listing stands.
    pub enum ListingStatus {
        /// Takes offers, and may be taken at the posted price.
        Open => "open",
        /// The deadline has passed; the creditor chooses.
        Deciding => "deciding",
        Awarded => "awarded",
        /// Taken off the market.
        Withdrawn => "withdrawn",
        /// Nobody offered, or nobody was chosen in time.
        Expired => "expired",
    }
}

text_enum! {
    /// Who may see a listing.
    pub enum ListingAudience {
        /// Every agency.
        Open => "open",
        /// The agencies that its creditor has invited.
        Circle => "circle",
    }
}

/// How a creditor puts a case on the market.
#[derive(Debug, Clone)]
pub struct Posting {
    pub award_rule: AwardRule,
    /// The creditor's rule in CEL, where it awards by one.
    pub award_condition: Option<String>,
    pub audience: ListingAudience,
    /// Together with others.
    pub lot: Option<LotId>,
}

impl Posting {
    const fn by_hand() -> Self {
        Self { award_rule: AwardRule::ByHand, award_condition: None, audience: ListingAudience::Open, lot: None }
    }

    /// # Errors
    /// A condition that is missing, without use, or none.
    fn check(&self) -> Result<(), MarketError> {
        let wrong = |detail: String| Err(MarketError::Invalid("/award_condition", detail));
        match (self.award_rule, self.award_condition.as_deref()) {
            (AwardRule::ByCondition, None) => wrong("say the condition in CEL: fee_bp <= 1200".to_owned()),
            (AwardRule::ByHand | AwardRule::BestRanked, Some(_)) => {
                wrong("a condition goes with the rules `by_condition` and `assign`".to_owned())
            }
            (AwardRule::ByCondition | AwardRule::Assign, Some(text)) => Condition::read(text).map(drop).or_else(wrong),
            (AwardRule::ByHand | AwardRule::BestRanked | AwardRule::Assign, None) => Ok(()),
        }
    }
}

/// A card on the market.
#[derive(Debug, Clone)]
pub struct Listing {
    pub id: ListingId,
    /// Whose card it is; agencies cannot read it.
    pub case: Option<CaseId>,
    /// The lot that it is in, if it is in one.
    pub lot: Option<LotId>,
    pub status: ListingStatus,
    /// How many times the case has been on the market, this one included.
    pub round: i32,
    pub card: Card,
    pub price: Price,
    pub work_summary: Option<WorkSummary>,
    pub award_rule: AwardRule,
    pub award_condition: Option<String>,
    pub audience: ListingAudience,
    /// Only agencies with a certificate in force qualify.
    pub certificate_required: bool,
    /// With so many offers the listing is full.
    pub offers_max: i32,
    /// With fewer at the deadline it is put off once, by half of its term.
    pub extend_below: i32,
    /// Since when it has been put off.
    pub extended_at: Option<DateTime<Utc>>,
    /// What the promises weigh in the ranking.
    pub relationship_weight_bp: BasisPoints,
    pub offer_count: i32,
    pub offers_until: DateTime<Utc>,
    pub decide_by: DateTime<Utc>,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
}

impl Listing {
    /// # Errors
    /// It takes no offers, or none any more at `at`. The deadline itself is too late.
    pub(super) fn must_take_offers(&self, at: DateTime<Utc>) -> Result<(), MarketError> {
        if self.status != ListingStatus::Open {
            return Err(MarketError::ListingOver(self.status));
        }
        if at >= self.offers_until { Err(MarketError::TooLate(self.offers_until)) } else { Ok(()) }
    }
}

/// Puts a case on the market. Done before: the listing that stands.
///
/// # Errors
/// The case is not visible, is awarded, active or closed, or is time-barred; a circle that is empty.
pub async fn list_case(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    id: CaseId,
    posting: Posting,
) -> Result<Listing, MarketError> {
    let mut case = cases::lock(conn, by, id).await?;
    if let (cases::Phase::Listed, Some(standing)) = (case.phase, case.listing) {
        return find_listing(conn, by, standing).await;
    }
    cases::limitation::check_enforceable(conn, by, &case).await?;
    posting.check()?;
    if posting.audience == ListingAudience::Circle && !circle::has_invited(conn, by, case.creditor).await? {
        return Err(MarketError::EmptyCircle);
    }
    let listing = draw(conn, by, terms, &case, posting).await?;
    case.carry_out(by, Command::List, EventKind::Listed, line_of(&listing))?;
    open(conn, &mut case, &listing).await?;
    cases::save(conn, by, &mut case).await?;
    Ok(listing)
}

/// A further round for a locked case whose last one came to nothing, on the terms of the last. The caller has moved it back to
/// `listed`, and saves it.
pub(super) async fn list_again(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    case: &mut Case,
) -> Result<Listing, MarketError> {
    post_again(conn, by, terms, case, false).await
}

/// As [`list_again`], for every agency, whoever the last round was for. Its round makes the take-now price higher.
pub(super) async fn list_wider(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    case: &mut Case,
) -> Result<Listing, MarketError> {
    post_again(conn, by, terms, case, true).await
}

async fn post_again(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    case: &mut Case,
    wider: bool,
) -> Result<Listing, MarketError> {
    let last = match case.listing {
        Some(id) => store::find(conn, id).await?,
        None => None,
    };
    let posting = last.map_or_else(Posting::by_hand, |listing| Posting {
        award_rule: listing.award_rule,
        award_condition: listing.award_condition,
        audience: if wider { ListingAudience::Open } else { listing.audience },
        // What comes back from a lot goes on by itself.
        lot: None,
    });
    let listing = draw(conn, by, terms, case, posting).await?;
    case.record(by, EventKind::Listed, line_of(&listing));
    open(conn, case, &listing).await?;
    Ok(listing)
}

fn line_of(listing: &Listing) -> serde_json::Value {
    json!({
        "listing_id": listing.id, "round": listing.round, "award_rule": listing.award_rule,
        "audience": listing.audience, "take_now_bp": listing.price.price_bp, "offers_until": listing.offers_until,
    })
}

async fn open(conn: &mut Conn<'_>, case: &mut Case, listing: &Listing) -> Result<(), MarketError> {
    store::insert(conn, listing, case.id, case.creditor).await?;
    case.listing = Some(listing.id);
    if listing.award_rule == AwardRule::Assign {
        jobs::enqueue(conn, "market.assign", &json!({ "listing_id": listing.id }), listing.opened_at).await?;
    }
    jobs::enqueue(conn, "market.alert", &json!({ "listing_id": listing.id }), listing.opened_at).await?;
    Ok(jobs::enqueue(conn, "market.close_offers", &json!({ "listing_id": listing.id }), listing.offers_until).await?)
}

/// Draws the card and reckons its price.
async fn draw(conn: &mut Conn<'_>, by: &By, terms: MarketTerms, case: &Case, posting: Posting) -> Result<Listing, MarketError> {
    let (wishes, _) = settings::market_settings(conn, by, case.creditor).await?;
    let creditor = parties::find_organisation(conn, by, case.creditor).await?;
    let on = day_in(creditor.country.time_zone(), by.at);
    let summary = WorkSummary::of(&timeline(conn, by, case.id).await?);
    let full = card_of(conn, by, case, &summary, on).await?;
    let crowds = store::join_crowds(conn, case.debtor, anonymity::combinations(&full), terms.anonymity_crowd).await?;
    let card = anonymity::guarded(&full, &crowds, terms.anonymity_crowd);
    let round = store::count_of_case(conn, case.id).await? + 1;
    let price = price::take_now(&card, summary.contacts(), u32::try_from(round).unwrap_or(u32::MAX));
    let (offers_until, decide_by) = deadlines(&creditor, terms, by.at);
    Ok(Listing {
        id: ListingId::fresh(),
        case: Some(case.id),
        lot: posting.lot,
        status: ListingStatus::Open,
        round,
        card,
        price,
        work_summary: (!summary.is_empty()).then_some(summary),
        award_rule: posting.award_rule,
        award_condition: posting.award_condition,
        audience: posting.audience,
        certificate_required: wishes.certificate_required,
        offers_max: wishes.offers_max,
        extend_below: wishes.extend_below,
        extended_at: None,
        relationship_weight_bp: wishes.relationship_weight_bp,
        offer_count: 0,
        offers_until,
        decide_by,
        opened_at: by.at,
        closed_at: None,
    })
}

/// In office hours of the creditor's country: until when offers are taken, and until when the creditor chooses.
fn deadlines(creditor: &Organisation, terms: MarketTerms, at: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let calendar = Calendar::of(creditor.country);
    let offers_until = calendar.add_business_hours(at, terms.offer_hours);
    (offers_until, calendar.add_business_hours(offers_until, terms.offer_hours))
}

async fn card_of(conn: &mut Conn<'_>, by: &By, case: &Case, summary: &WorkSummary, on: NaiveDate) -> Result<Card, MarketError> {
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let invoices = receivables::of_case(conn, by, case.id).await?;
    let holds = cases::running_holds(conn, case.id, by.at).await?;
    let is_disputed =
        holds.iter().any(|hold| hold.kind == HoldKind::Dispute) || cases::is_disputed_in_part(conn, case.id).await?;
    let drawn_from = DrawnFrom {
        debtor: &debtor,
        invoices: &invoices,
        open_principal: open_principal_of(case, &invoices),
        oldest_due_on: case.oldest_due_on,
        on,
        letter_sent: summary.tried.iter().any(|tried| tried.channel == Channel::Letter),
        disputed: is_disputed,
    };
    draw_card(conn, by, &drawn_from).await
}

/// What is open of the principal.
pub(super) async fn open_principal(conn: &mut Conn<'_>, by: &By, case: &Case) -> Result<Money, MarketError> {
    Ok(open_principal_of(case, &receivables::of_case(conn, by, case.id).await?))
}

fn open_principal_of(case: &Case, invoices: &[receivables::Receivable]) -> Money {
    Money::sum(case.currency, invoices.iter().map(receivables::Receivable::open_principal)).unwrap_or_else(|_| case.principal())
}

/// Puts the deadline of a locked listing off, once, by half of its term.
pub(super) async fn extend(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    case: &mut Case,
    listing: &Listing,
) -> Result<(), MarketError> {
    let creditor = parties::find_organisation(conn, by, case.creditor).await?;
    let calendar = Calendar::of(creditor.country);
    let offers_until = calendar.add_business_hours(by.at, terms.offer_hours.div_ceil(2));
    let decide_by = calendar.add_business_hours(offers_until, terms.offer_hours);
    store::set_extended(conn, listing.id, offers_until, decide_by, by.at).await?;
    case.record(by, EventKind::OffersExtended, json!({ "listing_id": listing.id, "offers_until": offers_until }));
    cases::save(conn, by, case).await?;
    Ok(jobs::enqueue(conn, "market.close_offers", &json!({ "listing_id": listing.id }), offers_until).await?)
}

const EVENTS_AT_A_TIME: i64 = 500;

/// The whole timeline as far as `by` may read it.
pub(super) async fn timeline(conn: &mut Conn<'_>, by: &By, case: CaseId) -> Result<Vec<Event>, MarketError> {
    let mut events: Vec<Event> = Vec::new();
    loop {
        let after = events.last().map_or(0, |event| event.seq);
        let page = cases::list_events(conn, by, case, after, EVENTS_AT_A_TIME).await?;
        if page.is_empty() {
            return Ok(events);
        }
        events.extend(page);
    }
}

/// Takes a case off the market before an award; its own strategy goes on. In `Scope::System`. Offers end unopened, or
/// unchosen after the deadline.
///
/// # Errors
/// The case is not this creditor's, or not on the market.
pub async fn unlist_case(conn: &mut Conn<'_>, by: &By, creditor: OrgId, id: CaseId) -> Result<Listing, MarketError> {
    let mut case = lock_own(conn, by, creditor, id).await?;
    let listing = case.listing.ok_or(MarketError::NotFound("listing"))?;
    let data = json!({ "listing_id": listing, "reason": "withdrawn" });
    if case.carry_out(by, Command::Unlist, EventKind::Unlisted, data)? {
        end(conn, by, listing, ListingStatus::Withdrawn, Verdict::Withdrawn).await?;
        cases::save(conn, by, &mut case).await?;
    }
    find_listing(conn, by, listing).await
}

/// A locked case that is this creditor's.
pub(super) async fn lock_own(conn: &mut Conn<'_>, by: &By, creditor: OrgId, id: CaseId) -> Result<Case, MarketError> {
    let case = cases::lock(conn, by, id).await?;
    if case.creditor == creditor { Ok(case) } else { Err(MarketError::NotFound("case")) }
}

/// Ends a listing without an award, under the lock of its case: offers that were opened are lost, sealed ones stay sealed.
pub(super) async fn end(
    conn: &mut Conn<'_>,
    by: &By,
    id: ListingId,
    status: ListingStatus,
    verdict: Verdict<'_>,
) -> Result<(), MarketError> {
    let Some(listing) = store::lock(conn, id).await? else { return Ok(()) };
    if !matches!(listing.status, ListingStatus::Open | ListingStatus::Deciding) {
        return Ok(());
    }
    if lots::hand_on_offers(conn, &listing).await? {
        return Ok(store::set_status(conn, id, status, Some(by.at)).await?);
    }
    for offer in offer_store::lock_standing(conn, id).await? {
        let status = if offer.status == OfferStatus::Ranked { OfferStatus::Lost } else { OfferStatus::Void };
        offers::decide(conn, by, &offer, status, verdict).await?;
    }
    Ok(store::set_status(conn, id, status, Some(by.at)).await?)
}

/// A listing that `by` may see: an agency the open ones and those it bid on, a creditor its own.
///
/// # Errors
/// Not visible.
pub async fn find_listing(conn: &mut Conn<'_>, _: &By, id: ListingId) -> Result<Listing, MarketError> {
    store::find(conn, id).await?.ok_or(MarketError::NotFound("listing"))
}

/// Newest first. For agencies and the operator the open ones; for a creditor its own, however they stand.
///
/// # Errors
/// The database fails.
pub async fn list_listings(
    conn: &mut Conn<'_>,
    by: &By,
    criteria: &Criteria,
    cursor: Cursor,
) -> Result<Vec<Listing>, MarketError> {
    match by.scope {
        Scope::Creditor(creditor) => Ok(store::list_of_creditor(conn, creditor, criteria, cursor).await?),
        Scope::Agency(_) | Scope::Operator(_) => Ok(store::search(conn, by.at, criteria, cursor).await?),
        Scope::Debtor(_) | Scope::System => Ok(Vec::new()),
    }
}
