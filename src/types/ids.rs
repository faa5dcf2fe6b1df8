//! Ids: UUIDv7 in the database, `case_0192…` outside. An id of another kind is refused by its prefix.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::{ContextV7, Timestamp, Uuid};

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not an id of the form `{prefix}_…` (32 hexadecimal digits)")]
pub struct IdError {
    pub given: String,
    pub prefix: &'static str,
}

/// A fresh UUIDv7. The only place ids are made, so that they sort by the hour they were made in.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one home of now_v7")]
pub fn fresh_uuid() -> Uuid {
    Uuid::now_v7()
}

/// A UUIDv7 whose time part is `at`: for rows that must sort by the product's own clock.
#[must_use]
pub fn uuid_at(at: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    let nanos = u32::try_from((millis % 1000) * 1_000_000).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(ContextV7::new(), millis / 1000, nanos))
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident => $prefix:literal),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Uuid)]
        pub struct $name(pub Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            #[must_use]
            pub fn fresh() -> Self {
                Self(fresh_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|hex| hex.len() == 32)
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or_else(|| IdError { given: text.chars().take(60).collect(), prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl ToSql<diesel::sql_types::Uuid, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                <Uuid as ToSql<diesel::sql_types::Uuid, Pg>>::to_sql(&self.0, out)
            }
        }

        impl FromSql<diesel::sql_types::Uuid, Pg> for $name {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                <Uuid as FromSql<diesel::sql_types::Uuid, Pg>>::from_sql(value).map(Self)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-9a-f]{32}$")))
                    .examples([concat!($prefix, "_01938f5c2b7a7c0e9d3f4a5b6c7d8e9f")])
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )+};
}

ids! {
    /// A creditor, agency, partner or the operator.
    OrgId => "org",
    /// A person in an organisation.
    MemberId => "mbr",
    ApiKeyId => "key",
    /// A new bank account of an organisation.
    AccountChangeId => "acch",
    /// A licence or an insurance of an agency.
    CredentialId => "crd",
    /// The creditor's customer.
    DebtorId => "dbt",
    /// One invoice as owed.
    ReceivableId => "rcv",
    IntakeId => "int",
    /// Files on their way in.
    UploadId => "upl",
    CreditNoteId => "crn",
    /// Two customers that may be one.
    DebtorMatchId => "mch",
    /// A person at a debtor.
    ContactId => "ctc",
    DocumentId => "doc",
    CaseId => "case",
    HoldId => "hld",
    PromiseId => "prm",
    DisputeId => "dsp",
    /// A payment plan.
    PlanId => "pln",
    /// Less than is claimed, agreed to be enough.
    SettlementId => "stl",
    ListingId => "lst",
    /// Cases that are offered on and awarded together.
    LotId => "lot",
    SavedSearchId => "srch",
    QuestionId => "qst",
    OfferId => "ofr",
    MandateId => "mnd",
    /// What a creditor and an agency sign once for many cases.
    FrameworkId => "frm",
    EngagementId => "eng",
    ComplaintId => "cmp",
    /// An agency's objection to a score.
    AppealId => "apl",
    StrategyId => "str",
    StrategyRunId => "run",
    StrategyAssignmentId => "asg",
    /// An organisation's own words to debtors.
    WordingId => "wrd",
    ActionId => "act",
    DeliveryId => "dlv",
    TaskId => "tsk",
    /// Somebody is away.
    AbsenceId => "abs",
    /// A note that an organisation keeps for itself.
    CaseNoteId => "note",
    /// Letters that are printed together.
    LetterBundleId => "bdl",
    /// Where nothing is sent any more.
    UnreachableAddressId => "una",
    /// A message that a debtor sent.
    InboundMessageId => "inb",
    PaymentId => "pay",
    /// An attempt to pay through Stripe.
    CheckoutId => "chk",
    /// A bank statement as it came.
    BankStatementId => "bst",
    /// A movement on a bank account.
    BankEntryId => "bent",
    PayoutId => "pyo",
    /// Payouts that leave together.
    PayoutBatchId => "pbt",
    FeeId => "fee",
    /// An invoice or credit note for a fee.
    FeeInvoiceId => "finv",
    AccountId => "acc",
    LedgerTransactionId => "ltx",
    NotificationId => "ntf",
    /// What an organisation wants to be told of.
    AlertRuleId => "rule",
    AlertId => "alrt",
    JobId => "job",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_written() {
        let id = CaseId::fresh();
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let text = OrgId::fresh().to_string();
        let refusal = text.parse::<CaseId>().map_err(|e| e.prefix);
        assert_eq!(refusal, Err("case"));
    }

    #[test]
    fn a_uuid_carries_the_given_time() {
        let at = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap_or_default();
        let (seconds, nanos) = uuid_at(at).get_timestamp().map(|t| t.to_unix()).unwrap_or_default();
        assert_eq!((seconds, nanos), (1_700_000_000, 123_000_000));
    }
}
