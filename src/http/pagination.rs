//! Lists by keyset: newest first, an opaque cursor to what follows. A page costs the same however far one is.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::problem::{Code, Problem};

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;

/// `?limit=&cursor=`
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Rows wanted, 1 to 200 (50 unless said).
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Where a page starts: after (below) this id, newest first.
#[derive(Debug, Clone, Copy)]
pub struct Cursor {
    pub before: Uuid,
    pub limit: i64,
}

impl PageQuery {
    /// # Errors
    /// A limit out of range, or a cursor that is none of ours.
    pub fn cursor(&self) -> Result<Cursor, Problem> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::new(Code::MalformedRequest).detail(format!("limit must be 1 to {LIMIT_MAX}")));
        }
        let before = match &self.cursor {
            None => Uuid::max(),
            Some(text) => decode(text).ok_or_else(|| {
                Problem::new(Code::MalformedRequest).detail("cursor is none of ours: leave it out to start anew")
            })?,
        };
        Ok(Cursor { before, limit })
    }
}

fn decode(text: &str) -> Option<Uuid> {
    Uuid::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

impl Cursor {
    /// How many rows to ask the database for: one more than wanted tells whether a page follows.
    #[must_use]
    pub const fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// Makes the page of rows fetched with [`Cursor::fetch`].
    #[must_use]
    pub fn page<T>(&self, mut rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|row| BASE64_URL_SAFE_NO_PAD.encode(id(row).as_bytes()));
        Page { data: rows, next_cursor }
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub data: Vec<T>,
    /// Send it as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    #[must_use]
    pub fn map<U>(self, show: impl FnMut(T) -> U) -> Page<U> {
        Page { data: self.data.into_iter().map(show).collect(), next_cursor: self.next_cursor }
    }
}
