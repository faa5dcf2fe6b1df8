//! The market as an agency sees it: anonymous cards, the published price of each, one's own sealed offer, and why not.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{Fields, Refused, Shell, visitor::AgencyVisitor};
use crate::{
    app::App,
    http::{AsSystem, Code, Page, PageQuery, Problem, Query},
    market::{
        self, Criteria, Listing, ListingStatus, MarketTerms, Offer, OfferStatus, Promises,
        card::{AgeBand, AmountBand},
        qualification::Unmet,
    },
    parties::Permission,
    receivables::DebtorKind,
    types::{
        BasisPoints, Country, Currency, FeeSchedule, Language, ListingId, MandateId, OfferId, Tone,
        fee::{AmountTier, TimeTier},
    },
};

const TIERS: usize = 3;

#[derive(Template)]
#[template(path = "portal/market.html")]
struct MarketPage<'a> {
    shell: &'a Shell,
    listings: Page<Listing>,
    criteria: Criteria,
    /// Of the filters, for the next page.
    query: String,
}

impl MarketPage<'_> {
    fn wants_country(&self, country: &Country) -> bool {
        self.criteria.countries.contains(country)
    }

    fn wants_amount(&self, band: &AmountBand) -> bool {
        self.criteria.amount_bands.contains(band)
    }

    fn wants_age(&self, band: &AgeBand) -> bool {
        self.criteria.age_bands.contains(band)
    }

    fn wants_kind(&self, kind: &DebtorKind) -> bool {
        self.criteria.debtor_kinds.contains(kind)
    }

    fn is_filtered(&self) -> bool {
        self.criteria != Criteria::default()
    }
}

/// Filters as a form sends them: what is none of ours is as if it were not there.
pub fn criteria(query: &[(String, String)]) -> Criteria {
    fn all<T: std::str::FromStr>(query: &[(String, String)], name: &str) -> Vec<T> {
        query.iter().filter(|(field, _)| field == name).filter_map(|(_, value)| value.parse().ok()).take(30).collect()
    }
    Criteria {
        countries: all(query, "country"),
        amount_bands: all(query, "amount"),
        age_bands: all(query, "age"),
        debtor_kinds: all(query, "kind"),
        ..Criteria::default()
    }
}

/// # Errors
/// A cursor that is none of ours.
pub async fn show(app: Data<App>, request: HttpRequest, visitor: AgencyVisitor) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let query = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let query = query.map_err(|error| Problem::new(Code::MalformedRequest).detail(error.to_string()))?.into_inner();
    let criteria = criteria(&query);
    let cursor = query.iter().find(|(name, _)| name == "cursor").map(|(_, value)| value.clone());
    let (by, cursor) = (visitor.by_now(), PageQuery { limit: None, cursor }.cursor()?);
    let found = app.db.transaction(by.scope, async |conn| market::list_listings(conn, &by, &criteria, cursor).await).await?;
    let kept = query.iter().filter(|(name, _)| matches!(name.as_str(), "country" | "amount" | "age" | "kind"));
    // Only words of ours come back into an address.
    let plain = kept.filter(|(_, value)| value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    let query = plain.map(|(name, value)| format!("&{name}={value}")).collect();
    let shell = visitor.shell("portal.market.title", Refused::nothing());
    visitor.show(&shell, &MarketPage { shell: &shell, listings: cursor.page(found, |listing| listing.id.0), criteria, query })
}

#[derive(Template)]
#[template(path = "portal/market_listing.html")]
struct ListingPage<'a> {
    shell: &'a Shell,
    listing: Listing,
    unmet: Vec<Unmet>,
    own: Option<Offer>,
    offers: bool,
    promises: Promises,
}

impl ListingPage<'_> {
    fn is_open(&self) -> bool {
        self.listing.status == ListingStatus::Open
    }

    fn has_standing(&self) -> bool {
        self.own.as_ref().is_some_and(|own| own.status == OfferStatus::Sealed)
    }

    fn chose(&self, language: &Language) -> bool {
        self.shell.refused.chose("offer", "languages", language.as_str())
    }

    const fn tiers() -> [usize; TIERS] {
        [1, 2, 3]
    }
}

/// # Errors
/// Not visible.
pub async fn listing(app: Data<App>, visitor: AgencyVisitor, id: Path<ListingId>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, *id, Refused::nothing()).await
}

async fn page(app: &App, visitor: &AgencyVisitor, id: ListingId, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let (listing, unmet, own) = app
        .db
        .transaction(by.scope, async |conn| {
            let listing = market::find_listing(conn, &by, id).await?;
            let unmet = market::qualification_for(conn, &by, visitor.org, id).await?;
            let own = market::desk::own_offer(conn, &by, visitor.org, id).await?;
            Ok::<_, Problem>((listing, unmet, own))
        })
        .await?;
    let own = own.map(|offer| offer.opened(&app.keys)).transpose()?;
    let shell = visitor.shell("portal.market.listing", refused);
    let promises = market::posted_promises(&listing);
    let offers = visitor.may(Permission::Offer).is_ok();
    visitor.show(&shell, &ListingPage { shell: &shell, listing, unmet, own, offers, promises })
}

/// A percentage as people type it: `12`, `12.5`, `12,5 %`.
fn percent(fields: &Fields, name: &str) -> Result<BasisPoints, Problem> {
    // A euro amount has the two decimals of a basis point.
    let typed = fields.money(name, Currency::EUR);
    let wrong = || Problem::invalid(format!("/{name}"), "write a percentage, such as 12 or 12.5");
    typed.ok().and_then(|hundredths| i32::try_from(hundredths.minor).ok()).map(BasisPoints).ok_or_else(wrong)
}

fn read_fee(fields: &Fields, currency: Currency) -> Result<FeeSchedule, Problem> {
    let rows = (1..=TIERS).filter(|row| fields.optional(&format!("rate{row}")).is_some());
    match fields.text("model") {
        "flat" => Ok(FeeSchedule::Flat { amount_minor: fields.money("amount", currency)?.minor }),
        "hybrid" => {
            Ok(FeeSchedule::Hybrid { amount_minor: fields.money("amount", currency)?.minor, rate_bp: percent(fields, "rate")? })
        }
        "tiered_by_amount" => {
            let tier = |row| {
                let from = format!("from{row}");
                let from_minor = if row == 1 { 0 } else { fields.money(&from, currency)?.minor };
                Ok(AmountTier { from_minor, rate_bp: percent(fields, &format!("rate{row}"))? })
            };
            Ok(FeeSchedule::TieredByAmount { tiers: rows.map(tier).collect::<Result<_, Problem>>()? })
        }
        "tiered_by_time" => {
            let tier = |row| {
                let from_day = if row == 1 { 0 } else { fields.parse(&format!("from{row}"))? };
                Ok(TimeTier { from_day, rate_bp: percent(fields, &format!("rate{row}"))? })
            };
            Ok(FeeSchedule::TieredByTime { tiers: rows.map(tier).collect::<Result<_, Problem>>()? })
        }
        _ => Ok(FeeSchedule::Success { rate_bp: percent(fields, "rate")? }),
    }
}

/// Makes an offer, or replaces the one that stands.
///
/// # Errors
/// What is not the form's fault.
pub async fn offer(app: Data<App>, visitor: AgencyVisitor, id: Path<ListingId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Offer)?;
    let sent = async {
        let by = visitor.by_now();
        let listing = app.db.transaction(by.scope, async |conn| market::find_listing(conn, &by, *id).await).await?;
        let promises = Promises {
            fee: read_fee(&fields, listing.card.currency)?,
            first_contact_hours: fields.parse("first_contact_hours")?,
            update_every_days: fields.parse("update_every_days")?,
            tone: fields.parse::<Tone>("tone")?,
            languages: fields.all("languages").filter_map(|language| language.parse().ok()).collect(),
            recovery_bp: fields.optional("recovery").map(|_| percent(&fields, "recovery")).transpose()?,
        };
        fields
            .perform(&app, &**visitor, async |conn, by| {
                market::submit_offer(conn, by, &app.keys, visitor.org, *id, promises).await.map(drop)
            })
            .await
    };
    settle(&app, &visitor, *id, &fields, sent.await, "offered").await
}

/// Takes the case at its posted price; on to the mandate.
///
/// # Errors
/// What is not the form's fault.
pub async fn take(app: Data<App>, visitor: AgencyVisitor, id: Path<ListingId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Offer)?;
    let terms = MarketTerms::of(&app);
    let mut mandate: Option<MandateId> = None;
    let sent = fields
        .perform(&app, &AsSystem(&**visitor), async |conn, by| {
            mandate = Some(market::take_now(conn, by, terms, visitor.org, *id).await?.id);
            Ok::<_, market::MarketError>(())
        })
        .await;
    match (sent, mandate) {
        (Ok(None), Some(mandate)) => visitor.done(&format!("/portal/mandates/{mandate}"), "taken"),
        (Ok(None), None) => visitor.done("/portal", "taken"),
        (sent, _) => settle(&app, &visitor, *id, &fields, sent, "taken").await,
    }
}

/// Withdraws one's offer before the deadline.
///
/// # Errors
/// What is not the form's fault.
pub async fn withdraw(
    app: Data<App>,
    visitor: AgencyVisitor,
    path: Path<(ListingId, OfferId)>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Offer)?;
    let (id, offer) = *path;
    let sent = fields
        .perform(&app, &**visitor, async |conn, by| market::withdraw_offer(conn, by, visitor.org, offer).await.map(drop))
        .await;
    settle(&app, &visitor, id, &fields, sent, "withdrawn").await
}

async fn settle(
    app: &App,
    visitor: &AgencyVisitor,
    id: ListingId,
    fields: &Fields,
    sent: Result<Option<Refused>, Problem>,
    flash: &'static str,
) -> Result<HttpResponse, Problem> {
    let refused = match sent {
        Ok(None) => return visitor.done(&format!("/portal/market/{id}"), flash),
        Ok(Some(refused)) => refused,
        Err(problem) => fields.refused(problem)?,
    };
    page(app, visitor, id, refused).await
}

/// `?cursor=`
#[derive(Debug, Default, Deserialize)]
pub struct Onward {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/offers.html")]
struct OffersPage<'a> {
    shell: &'a Shell,
    offers: Page<Offer>,
}

/// One's own offers, and what became of each.
///
/// # Errors
/// A cursor that is none of ours.
pub async fn offers(app: Data<App>, visitor: AgencyVisitor, onward: Query<Onward>) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let (by, cursor) = (visitor.by_now(), PageQuery { limit: None, cursor: onward.0.cursor }.cursor()?);
    let found = app.db.transaction(by.scope, async |conn| market::list_own_offers(conn, &by, visitor.org, cursor).await).await?;
    let opened = found.into_iter().map(|offer| offer.opened(&app.keys)).collect::<Result<Vec<_>, _>>()?;
    let shell = visitor.shell("portal.offers.title", Refused::nothing());
    visitor.show(&shell, &OffersPage { shell: &shell, offers: cursor.page(opened, |offer| offer.id.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_keep_our_words_and_drop_the_rest() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let read = criteria(&[
            pair("country", "ES"),
            pair("country", "XX"),
            pair("country", "FR"),
            pair("age", "31_to_60_days"),
            pair("q", "x"),
        ]);
        assert_eq!(read.countries, [Country::Spain, Country::France]);
        assert_eq!((read.age_bands.as_slice(), read.amount_bands.len()), ([AgeBand::UpTo60].as_slice(), 0));
    }
}
