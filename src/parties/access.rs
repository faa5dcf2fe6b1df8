//! Extractors that are the authorisation: a handler that takes a `CreditorMember` is reached by creditors alone.
//!
//! An access token is verified without the database, so what it says holds until it expires (15 minutes), whatever was
//! revoked meanwhile. An API key is looked up on every request and ends with its revocation. Nothing here may ever
//! tell a stranger whether a key or an organisation exists.

use std::{future::Future, ops::Deref, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    portal_sessions::Recognised,
    roles::{OrgKind, Permission, Role, key_scopes, permissions},
    store::keys as store,
    tokens::{self, API_KEY_PREFIX, Claims},
};
use crate::{
    app::App,
    db::{Actor, ActorKind, By, Scope},
    http::{Caller, Code, Problem, limits},
    types::{Clock, MemberId, OrgId},
};

/// How long a password that was shown serves for money and bank details.
const PROOF_SERVES: TimeDelta = TimeDelta::minutes(10);

/// Who sent a request, as proven by its bearer token.
#[derive(Debug, Clone)]
pub struct Identity {
    pub org: OrgId,
    pub kind: OrgKind,
    /// The person; none behind an API key.
    pub member: Option<MemberId>,
    /// The session of an access token: the family of its refresh tokens.
    pub session: Option<Uuid>,
    /// When the person last showed who they are; none behind an API key.
    proven_at: Option<DateTime<Utc>>,
    scope: Scope,
    actor: Actor,
    name: String,
    granted: Vec<Permission>,
}

impl Identity {
    /// # Errors
    /// 403 naming the permission that is missing.
    pub fn may(&self, permission: Permission) -> Result<(), Problem> {
        if self.granted.contains(&permission) {
            return Ok(());
        }
        Err(Problem::new(Code::Forbidden).detail(format!("this takes the permission `{permission}`, which you do not have")))
    }

    /// Writing on a case that one sees (notes, holds, promises, objections, results of tasks) is for an agency's people who
    /// work cases, for a creditor's people whatever their role (they know the customer), and for a machine that may post cases.
    ///
    /// # Errors
    /// 403 naming the permission that is missing.
    pub fn may_write_on_cases(&self) -> Result<(), Problem> {
        self.may(match self.kind {
            OrgKind::Agency => Permission::WorkCases,
            OrgKind::Creditor | OrgKind::Operator | OrgKind::Partner if self.member.is_some() => Permission::Read,
            OrgKind::Creditor | OrgKind::Operator | OrgKind::Partner => Permission::PostCases,
        })
    }

    /// The person acting.
    ///
    /// # Errors
    /// 403 to an API key: some things take a person.
    pub fn person(&self) -> Result<MemberId, Problem> {
        self.member.ok_or_else(|| Problem::new(Code::Forbidden).detail("this takes a person: log in instead of using an API key"))
    }

    /// Money and bank details ask for a proof that was shown lately; a key is one of its own.
    ///
    /// # Errors
    /// 403 `proof-needed`.
    pub fn must_be_proven(&self) -> Result<(), Problem> {
        let Some(proven_at) = self.proven_at else { return Ok(()) };
        if Clock::real().now() - proven_at <= PROOF_SERVES {
            return Ok(());
        }
        Err(Problem::new(Code::ProofNeeded).detail("this asks for your password again, shown in the last ten minutes"))
    }

    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// The person's full name, or the API key's.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn permissions(&self) -> &[Permission] {
        &self.granted
    }

    fn of_member(claims: Claims) -> Result<Self, Problem> {
        let proven_at = DateTime::from_timestamp(claims.auth_time, 0).unwrap_or(DateTime::UNIX_EPOCH);
        Self::of_person((claims.sub, claims.name), (claims.org, claims.kind), claims.role, (claims.sid, proven_at))
    }

    /// Somebody whose browser showed the token of a live session.
    ///
    /// # Errors
    /// Somebody of a partner.
    pub fn of_session(recognised: &Recognised) -> Result<Self, Problem> {
        let member = &recognised.member;
        let person = (member.id, member.full_name.clone());
        let session = (recognised.session_id, recognised.proven_at);
        Self::of_person(person, (member.organisation_id, recognised.kind), member.role, session)
    }

    fn of_person(
        (member, name): (MemberId, String),
        (org, kind): (OrgId, OrgKind),
        role: Role,
        (session, proven_at): (Uuid, DateTime<Utc>),
    ) -> Result<Self, Problem> {
        let granted = permissions(kind, role).unwrap_or_default().to_vec();
        let hand = if kind == OrgKind::Operator { ActorKind::Operator } else { ActorKind::Member };
        let actor = Actor { kind: hand, id: Some(member.0) };
        let scope = scope_of(kind, org)?;
        let (member, session, proven_at) = (Some(member), Some(session), Some(proven_at));
        Ok(Self { org, kind, member, session, proven_at, scope, actor, name, granted })
    }

    fn of_api_key(key: store::LiveKey) -> Result<Self, Problem> {
        let granted = key_scopes(key.kind).filter(|scope| key.scopes.contains(scope)).collect();
        let actor = Actor { kind: ActorKind::ApiKey, id: Some(key.id.0) };
        let scope = scope_of(key.kind, key.organisation_id)?;
        let (member, session, proven_at) = (None, None, None);
        Ok(Self { org: key.organisation_id, kind: key.kind, member, session, proven_at, scope, actor, name: key.name, granted })
    }
}

fn scope_of(kind: OrgKind, org: OrgId) -> Result<Scope, Problem> {
    match kind {
        OrgKind::Creditor => Ok(Scope::Creditor(org)),
        OrgKind::Agency => Ok(Scope::Agency(org)),
        OrgKind::Operator => Ok(Scope::Operator(org)),
        OrgKind::Partner => {
            Err(Problem::new(Code::Forbidden).detail("partners act through the API keys of the creditors they are linked to"))
        }
    }
}

impl Caller for Identity {
    fn by(&self, at: DateTime<Utc>) -> By {
        By { scope: self.scope, actor: self.actor, at }
    }
}

fn refused(detail: impl ToString) -> Problem {
    Problem::new(Code::Unauthenticated).detail(detail.to_string())
}

/// Recognises who asks and counts the request: a proven credential by itself, one made up by its address.
async fn identify(request: HttpRequest) -> Result<Identity, Problem> {
    match recognise(&request).await {
        Ok(identity) => {
            limits::charge_credential(&request, identity.actor.id.unwrap_or(identity.org.0))?;
            Ok(identity)
        }
        Err(refusal) => {
            if request.headers().contains_key("Authorization") {
                limits::charge_address(&request)?;
            }
            Err(refusal)
        }
    }
}

async fn recognise(request: &HttpRequest) -> Result<Identity, Problem> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| Problem::internal("the server was built without its state"))?;
    let header = request
        .headers()
        .get("Authorization")
        .ok_or_else(|| refused("send `Authorization: Bearer …` with an access token or an API key"))?;
    let token = header.to_str().ok().and_then(bearer).ok_or_else(|| refused("the Authorization header is not `Bearer …`"))?;
    if token.starts_with(API_KEY_PREFIX) {
        let hash = tokens::hash(token);
        let known = app.db.transaction(Scope::System, async |conn| store::find_live(conn, &hash).await).await?;
        return Identity::of_api_key(known.ok_or_else(|| refused("this API key is unknown or revoked"))?);
    }
    Identity::of_member(tokens::verify(&app.keys, token, Clock::real().now()).map_err(refused)?)
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

type Identifying<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

macro_rules! audiences {
    ($($(#[$meta:meta])* $name:ident of $($kind:ident)|+, $refusal:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub struct $name(Identity);

        impl Deref for $name {
            type Target = Identity;
            fn deref(&self) -> &Identity {
                &self.0
            }
        }

        impl Caller for $name {
            fn by(&self, at: DateTime<Utc>) -> By {
                self.0.by(at)
            }
        }

        impl FromRequest for $name {
            type Error = Problem;
            type Future = Identifying<Self>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let identifying = identify(request.clone());
                Box::pin(async move {
                    let identity = identifying.await?;
                    if matches!(identity.kind, $(OrgKind::$kind)|+) { Ok(Self(identity)) } else { Err(Problem::new(Code::Forbidden).detail($refusal)) }
                })
            }
        }
    )+};
}

audiences! {
    /// Somebody, or an API key, of a creditor.
    CreditorMember of Creditor, "only creditors may do this";
    /// Somebody, or an API key, of an agency. Says nothing of its licence: `market::qualification` does.
    AgencyMember of Agency, "only agencies may do this";
    /// Somebody of the operator.
    OperatorMember of Operator, "only the operator may do this";
    /// Somebody of any organisation.
    AnyMember of Creditor | Agency | Operator, "this is not for partners";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::ApiKeyId;

    fn identity(kind: OrgKind, role: Role) -> Identity {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        Identity::of_member(Claims::new(MemberId::fresh(), "Ana", OrgId::fresh(), kind, role, crate::types::fresh_uuid(), at))
            .unwrap()
    }

    #[test]
    fn a_refusal_names_the_missing_permission() {
        let sales = identity(OrgKind::Creditor, Role::Sales);
        assert!(sales.may(Permission::Read).is_ok());
        let refusal = sales.may(Permission::Money).unwrap_err();
        assert_eq!(refusal.code, Code::Forbidden);
        assert!(refusal.to_string().contains("`money`"));
    }

    #[test]
    fn a_member_acts_in_the_scope_of_its_kind() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let agent = identity(OrgKind::Agency, Role::Agent);
        assert_eq!(agent.by(at).scope, Scope::Agency(agent.org));
        assert_eq!(agent.by(at).member(), agent.member);
        assert_eq!(identity(OrgKind::Operator, Role::Admin).actor().kind, ActorKind::Operator);
    }

    #[test]
    fn an_api_key_has_its_scopes_and_never_more_than_a_key_may() {
        let scopes = vec![Permission::Read, Permission::Administer, Permission::Offer];
        let key = store::LiveKey {
            id: ApiKeyId::fresh(),
            organisation_id: OrgId::fresh(),
            kind: OrgKind::Creditor,
            name: "erp".to_owned(),
            scopes,
        };
        let identity = Identity::of_api_key(key).unwrap();
        assert_eq!(identity.permissions(), [Permission::Read]);
        assert!(identity.person().is_err());
    }

    #[test]
    fn the_scheme_is_bearer_in_any_case() {
        assert_eq!(bearer("bearer abc"), Some("abc"));
        assert_eq!(bearer("Basic abc"), None);
        assert_eq!(bearer("Bearer"), None);
    }
}
