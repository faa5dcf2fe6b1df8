//! Who asks: the scope that row-level security sees, and the actor that the timeline names.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::types::{CaseId, MemberId, OrgId, text_enum};

/// On whose behalf a transaction runs. There is no default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Creditor(OrgId),
    Agency(OrgId),
    Operator(OrgId),
    /// The holder of a case's link: sees that case alone.
    Debtor(CaseId),
    /// Log-in, sign-up, jobs and the engine.
    System,
}

impl Scope {
    /// `BEGIN` and the settings that the policies read, in one round trip. Only UUIDs are spliced in.
    pub(super) fn begin(self) -> String {
        let (audience, org, case) = match self {
            Self::Creditor(org) => ("creditor", Some(org.0), None),
            Self::Agency(org) => ("agency", Some(org.0), None),
            Self::Operator(org) => ("operator", Some(org.0), None),
            Self::Debtor(case) => ("debtor", None, Some(case.0)),
            Self::System => ("system", None, None),
        };
        let setting = |name: &str, id: Option<Uuid>| id.map_or_else(String::new, |id| format!("; SET LOCAL {name} = '{id}'"));
        format!("BEGIN; SET LOCAL app.audience = {audience}{}{}", setting("app.org_id", org), setting("app.case_id", case))
    }

    /// The organisation asking, if it is one.
    #[must_use]
    pub const fn org(self) -> Option<OrgId> {
        match self {
            Self::Creditor(org) | Self::Agency(org) | Self::Operator(org) => Some(org),
            Self::Debtor(_) | Self::System => None,
        }
    }
}

text_enum! {
    /// What kind of hand did something.
    pub enum ActorKind {
        Member => "member",
        ApiKey => "api_key",
        Debtor => "debtor",
        Engine => "engine",
        Operator => "operator",
    }
}

/// The hand that did something, as the timeline names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    pub kind: ActorKind,
    pub id: Option<Uuid>,
}

impl Actor {
    pub const ENGINE: Self = Self { kind: ActorKind::Engine, id: None };
    pub const DEBTOR: Self = Self { kind: ActorKind::Debtor, id: None };
}

/// Who acts, on whose behalf, and when. Every command takes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By {
    pub scope: Scope,
    pub actor: Actor,
    pub at: DateTime<Utc>,
}

impl By {
    /// Jobs and the engine.
    #[must_use]
    pub const fn engine(at: DateTime<Utc>) -> Self {
        Self { scope: Scope::System, actor: Actor::ENGINE, at }
    }

    /// The holder of a debtor's link.
    #[must_use]
    pub const fn debtor(case: CaseId, at: DateTime<Utc>) -> Self {
        Self { scope: Scope::Debtor(case), actor: Actor::DEBTOR, at }
    }

    /// The member acting, if a person is.
    #[must_use]
    pub fn member(&self) -> Option<MemberId> {
        matches!(self.actor.kind, ActorKind::Member | ActorKind::Operator).then_some(self.actor.id).flatten().map(MemberId)
    }
}
