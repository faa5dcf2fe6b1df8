//! Saved searches: what an agency looks for, kept to run again and to be told of.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    MarketError, fitness,
    search::Criteria,
    store::{listings, saved_searches as store},
    telling::tell,
};
use crate::{
    db::{By, Conn},
    types::{ListingId, OrgId, SavedSearchId},
};

/// How many an agency may keep.
const KEPT_MAX: usize = 50;
const NAME_MAX_CHARS: usize = 80;

/// A search an agency keeps.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SavedSearch {
    pub id: SavedSearchId,
    pub name: String,
    pub criteria: Criteria,
    /// Whether the agency is told of new listings that match.
    pub alerts: bool,
    pub created_at: DateTime<Utc>,
}

/// One to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSavedSearch {
    #[schema(example = "Construction in Catalonia")]
    pub name: String,
    pub criteria: Criteria,
    pub alerts: bool,
}

/// Keeps a search.
///
/// # Errors
/// No name, a name used before, criteria that can match nothing known, or fifty kept already.
pub async fn save_search(conn: &mut Conn<'_>, by: &By, agency: OrgId, new: &NewSavedSearch) -> Result<SavedSearch, MarketError> {
    super::error::check_text("/name", &new.name)?;
    if new.name.chars().count() > NAME_MAX_CHARS {
        return Err(MarketError::Invalid("/name", format!("at most {NAME_MAX_CHARS} characters")));
    }
    new.criteria.check()?;
    if store::list(conn, agency).await?.len() >= KEPT_MAX {
        return Err(MarketError::Invalid("/name", format!("{KEPT_MAX} searches are kept already: delete one first")));
    }
    let search = SavedSearch {
        id: SavedSearchId::fresh(),
        name: new.name.trim().to_owned(),
        criteria: new.criteria.clone(),
        alerts: new.alerts,
        created_at: by.at,
    };
    store::insert(conn, agency, &search).await.map_err(|error| {
        if error.violates("saved_searches_name_unique") { MarketError::SearchNameTaken } else { error.into() }
    })?;
    Ok(search)
}

/// What an agency keeps, by name.
///
/// # Errors
/// The database fails.
pub async fn list_searches(conn: &mut Conn<'_>, _: &By, agency: OrgId) -> Result<Vec<SavedSearch>, MarketError> {
    Ok(store::list(conn, agency).await?)
}

/// One of an agency's own.
///
/// # Errors
/// Not its own.
pub async fn find_search(conn: &mut Conn<'_>, by: &By, agency: OrgId, id: SavedSearchId) -> Result<SavedSearch, MarketError> {
    let kept = list_searches(conn, by, agency).await?;
    kept.into_iter().find(|search| search.id == id).ok_or(MarketError::NotFound("saved search"))
}

/// Forgets one. What is gone stays gone.
///
/// # Errors
/// Not its own, or forgotten before.
pub async fn delete_search(conn: &mut Conn<'_>, _: &By, agency: OrgId, id: SavedSearchId) -> Result<(), MarketError> {
    if store::delete(conn, agency, id).await? { Ok(()) } else { Err(MarketError::NotFound("saved search")) }
}

/// Finds whose saved searches a new listing matches, and has those of them told who qualify for it. In `Scope::System`. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn alert(conn: &mut Conn<'_>, by: &By, id: ListingId) -> Result<(), MarketError> {
    let Some(listing) = listings::find(conn, id).await? else { return Ok(()) };
    if listing.must_take_offers(by.at).is_err() {
        return Ok(());
    }
    let mut told: Vec<OrgId> = Vec::new();
    for (agency, search) in store::list_alerting(conn, listing.card.country).await? {
        if told.last() == Some(&agency) || !search.criteria.matches(&listing.card, listing.price.price_bp) {
            continue;
        }
        told.push(agency);
        if !fitness::unmet(conn, by, agency, &listing).await?.is_empty() {
            continue;
        }
        let found = json!({
            "listing_id": id, "search_id": search.id, "search_name": search.name,
            "take_now_bp": listing.price.price_bp, "offers_until": listing.offers_until,
        });
        tell(conn, by, agency, "listing_found", &format!("listing:{id}:{agency}"), found).await?;
    }
    Ok(())
}
