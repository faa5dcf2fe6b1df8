//! What a creditor's own headings mean: said once, used for every file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{UploadsError, store};
use crate::{
    db::{By, Conn},
    receivables::intake::{Mapping, columns::Column},
};

const MOST_HEADINGS: usize = 500;
const LONGEST_HEADING_CHARS: usize = 100;

/// Headings and the columns they mean; `null` leaves a column out.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Heading {
    #[schema(value_type = Object, example = json!({ "Kundenkürzel": "purchase_order", "Notiz": null }))]
    pub columns: BTreeMap<String, Option<Column>>,
}

impl From<Mapping> for Heading {
    fn from(mapping: Mapping) -> Self {
        Self { columns: mapping.iter().map(|(heading, column)| (heading.to_owned(), column)).collect() }
    }
}

impl Heading {
    /// # Errors
    /// A heading that is empty or endless, or too many.
    pub fn check(self) -> Result<Mapping, UploadsError> {
        if self.columns.len() > MOST_HEADINGS {
            return Err(UploadsError::TooManyHeadings(MOST_HEADINGS));
        }
        let wrong = |heading: &&String| heading.trim().is_empty() || heading.chars().count() > LONGEST_HEADING_CHARS;
        if let Some(heading) = self.columns.keys().find(wrong) {
            return Err(UploadsError::Heading(heading.chars().take(LONGEST_HEADING_CHARS).collect()));
        }
        Ok(Mapping::new(self.columns))
    }
}

/// The creditor's saved mapping.
///
/// # Errors
/// The database fails.
pub async fn mapping_of(conn: &mut Conn<'_>, by: &By) -> Result<Mapping, UploadsError> {
    let creditor = by.scope.org().ok_or(UploadsError::NotFound)?;
    Ok(store::find_mapping(conn, creditor).await?)
}

/// Replaces the creditor's saved mapping.
///
/// # Errors
/// See [`Heading::check`].
pub async fn set_mapping(conn: &mut Conn<'_>, by: &By, said: Heading) -> Result<Heading, UploadsError> {
    let creditor = by.scope.org().ok_or(UploadsError::NotFound)?;
    let mapping = said.check()?;
    store::replace_mapping(conn, creditor, &mapping).await?;
    Ok(mapping.into())
}
