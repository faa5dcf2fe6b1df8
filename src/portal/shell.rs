//! What stands around every page of a portal: who is logged in, where one can go, what was just done or refused; and how
//! this reader writes money and days. Templates ask nothing else.

use std::fmt::Display;

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{
    fields::{Fault, Refused},
    visitor::Visitor,
};
use crate::{
    http::Code,
    insight::Value,
    market::price::{Contribution, PriceInput},
    paper::{Texts, mandate::fee_in_words},
    parties::{OrgKind, Permission, Role, roles},
    types::{BasisPoints, Currency, FeeSchedule, Language, Money, clock::day_in, fresh_uuid},
};

/// A small value, however many references a template puts before it.
pub trait Bare<T> {
    fn bare(&self) -> T;
}

impl<T: Copy> Bare<T> for T {
    fn bare(&self) -> T {
        *self
    }
}

impl<T: Copy> Bare<T> for &T {
    fn bare(&self) -> T {
        **self
    }
}

impl<T: Copy> Bare<T> for &&T {
    fn bare(&self) -> T {
        ***self
    }
}

/// Around a page.
pub struct Shell {
    pub language: Language,
    texts: &'static Texts,
    zone: Tz,
    kind: OrgKind,
    granted: Vec<Permission>,
    path: String,
    pub title: String,
    pub person: String,
    pub organisation: String,
    pub flash: Option<&'static str>,
    pub form_token: String,
    pub refused: Refused,
}

/// A page that one can go to from everywhere.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub href: &'static str,
    /// Key of its name.
    pub key: &'static str,
    /// Who may not do this is not led there.
    needs: Permission,
}

/// Places that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    pub key: &'static str,
    places: &'static [Place],
}

const fn place(href: &'static str, key: &'static str) -> Place {
    Place { href, key, needs: Permission::Read }
}

const fn money_place(href: &'static str, key: &'static str) -> Place {
    Place { href, key, needs: Permission::Money }
}

const fn group(key: &'static str, places: &'static [Place]) -> Group {
    Group { key, places }
}

const MONEY: Group = group(
    "portal.nav.money",
    &[
        place("/portal/payments", "portal.nav.payments"),
        money_place("/portal/bank", "portal.nav.bank"),
        money_place("/portal/payout-batches", "portal.nav.payouts"),
        money_place("/portal/statement", "portal.nav.statement"),
        place("/portal/fee-invoices", "portal.nav.fee_invoices"),
        money_place("/portal/payout-account", "portal.nav.payout_account"),
    ],
);
const OF_CREDITORS: &[Group] = &[
    group("portal.nav.overview", &[place("/portal", "portal.nav.overview")]),
    group(
        "portal.nav.cases",
        &[place("/portal/cases", "portal.nav.cases"), place("/portal/complaints", "portal.nav.complaints")],
    ),
    group(
        "portal.nav.invoices",
        &[place("/portal/invoices", "portal.nav.invoices"), place("/portal/uploads", "portal.nav.uploads")],
    ),
    group(
        "portal.nav.recovery",
        &[
            place("/portal/approvals", "portal.nav.approvals"),
            place("/portal/letters", "portal.nav.letters"),
            place("/portal/strategies", "portal.nav.strategies"),
            place("/portal/wordings", "portal.nav.wordings"),
            place("/portal/alerts", "portal.nav.alerts"),
            place("/portal/team", "portal.nav.team"),
        ],
    ),
    MONEY,
    group("portal.nav.reports", &[place("/portal/reports", "portal.nav.reports")]),
];
const OF_AGENCIES: &[Group] = &[
    group(
        "portal.nav.work",
        &[
            place("/portal", "portal.nav.work"),
            place("/portal/approvals", "portal.nav.approvals"),
            place("/portal/letters", "portal.nav.letters"),
            place("/portal/strategies", "portal.nav.strategies"),
            place("/portal/wordings", "portal.nav.wordings"),
            place("/portal/alerts", "portal.nav.alerts"),
            place("/portal/team", "portal.nav.team"),
        ],
    ),
    group(
        "portal.nav.cases",
        &[place("/portal/cases", "portal.nav.cases"), place("/portal/complaints", "portal.nav.complaints")],
    ),
    group(
        "portal.nav.market",
        &[
            place("/portal/market", "portal.nav.market"),
            place("/portal/offers", "portal.nav.offers"),
            place("/portal/papers", "portal.nav.papers"),
        ],
    ),
    MONEY,
];
const OF_THE_OPERATOR: &[Group] = &[
    group(
        "portal.nav.vetting",
        &[
            place("/portal", "portal.nav.vetting"),
            place("/portal/organisations", "portal.nav.organisations"),
            place("/portal/complaints", "portal.nav.complaints"),
        ],
    ),
    group(
        "portal.nav.money",
        &[
            place("/portal/payments", "portal.nav.contested"),
            place("/portal/reconciliation", "portal.nav.reconciliation"),
            place("/portal/statement", "portal.nav.statement"),
            place("/portal/fee-invoices", "portal.nav.fee_invoices"),
        ],
    ),
    group("portal.nav.health", &[place("/portal/health", "portal.nav.health")]),
];

impl Shell {
    #[must_use]
    pub fn of(visitor: &Visitor, title: String, refused: Refused) -> Self {
        let language = visitor.member.language;
        let texts = Texts::of(language);
        Self {
            language,
            texts,
            zone: visitor.country.time_zone(),
            kind: visitor.kind,
            granted: visitor.permissions().to_vec(),
            path: visitor.path.clone(),
            title,
            person: visitor.member.full_name.clone(),
            organisation: visitor.organisation.clone(),
            flash: visitor.flash.as_ref().and_then(|key| texts.find(&format!("portal.flash.{key}"))),
            form_token: visitor.form_token.clone(),
            refused,
        }
    }

    #[must_use]
    pub const fn groups(&self) -> &'static [Group] {
        match self.kind {
            OrgKind::Creditor => OF_CREDITORS,
            OrgKind::Agency => OF_AGENCIES,
            OrgKind::Operator | OrgKind::Partner => OF_THE_OPERATOR,
        }
    }

    /// Whether one is at a place or below it.
    #[must_use]
    pub fn is_at(&self, place: &Place) -> bool {
        let below = self.path.strip_prefix(place.href).is_some_and(|rest| rest.starts_with('/'));
        self.path == place.href || (below && place.href != "/portal")
    }

    /// Where this person may go within a group; its own name leads to the first one.
    #[must_use]
    pub fn places(&self, group: &Group) -> Vec<Place> {
        group.places.iter().filter(|place| self.may(place.needs)).copied().collect()
    }

    #[must_use]
    pub fn is_within(&self, group: &Group) -> bool {
        group.places.iter().any(|place| self.is_at(place))
    }

    #[must_use]
    pub fn is_path(&self, path: &str) -> bool {
        self.path == path
    }

    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.granted.contains(&permission)
    }

    #[must_use]
    pub fn administers(&self) -> bool {
        self.may(Permission::Administer)
    }

    /// The roles that exist in this organisation.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        roles::roles(self.kind).collect()
    }

    #[must_use]
    pub fn handles_money(&self) -> bool {
        self.may(Permission::Money)
    }

    #[must_use]
    pub const fn is_creditor(&self) -> bool {
        matches!(self.kind, OrgKind::Creditor)
    }

    #[must_use]
    pub const fn is_agency(&self) -> bool {
        matches!(self.kind, OrgKind::Agency)
    }

    #[must_use]
    pub const fn is_operator(&self) -> bool {
        matches!(self.kind, OrgKind::Operator)
    }

    #[must_use]
    pub fn say<'a>(&'a self, key: &'a str) -> &'a str {
        self.texts.say(key)
    }

    /// A text with one place, `{it}`, filled.
    #[must_use]
    pub fn fill(&self, key: &str, it: impl Display) -> String {
        self.texts.fill(key, &[("it", &it.to_string())])
    }

    /// A recorded word as readers know it.
    #[must_use]
    pub fn word(&self, vocabulary: &str, word: impl Display) -> String {
        self.texts.word(vocabulary, &word.to_string())
    }

    #[must_use]
    pub fn money(&self, money: impl Bare<Money>) -> String {
        self.language.money(money.bare())
    }

    #[must_use]
    pub fn day(&self, day: impl Bare<NaiveDate>) -> String {
        self.language.short_day(day.bare())
    }

    /// By the clock on this organisation's wall.
    #[must_use]
    pub fn instant(&self, at: &DateTime<Utc>) -> String {
        self.language.instant(*at, self.zone)
    }

    #[must_use]
    pub fn day_of(&self, at: &DateTime<Utc>) -> String {
        self.language.short_day(day_in(self.zone, *at))
    }

    #[must_use]
    pub fn percent(&self, rate: impl Bare<BasisPoints>) -> String {
        self.language.percent(rate.bare())
    }

    /// A number of a report in its unit.
    #[must_use]
    pub fn value(&self, value: Value) -> String {
        value.said(self.language)
    }

    /// With its sign, also where it adds.
    #[must_use]
    pub fn points(&self, rate: impl Bare<BasisPoints>) -> String {
        let rate = rate.bare();
        let sign = if rate.0 > 0 { "+" } else { "" };
        format!("{sign}{}", self.language.percent(rate))
    }

    /// Parts per million as percent, with a sign also where it adds.
    #[must_use]
    pub fn ppm(&self, ppm: &i64) -> String {
        let sign = if *ppm > 0 { "+" } else { "" };
        format!("{sign}{}", self.language.percent_of_ppm(*ppm))
    }

    /// What an input of a price was, in words where it is from a closed list.
    #[must_use]
    pub fn price_value(&self, part: &Contribution) -> String {
        let vocabulary = match part.input {
            PriceInput::AmountBand => "amount_band",
            PriceInput::AgeBand => "age_band",
            PriceInput::Country => "country",
            PriceInput::DebtorKind => "debtor_kind",
            PriceInput::DebtorRecord => "payment_record",
            PriceInput::Documents => {
                return part.value.split(", ").map(|word| self.word("evidence", word)).collect::<Vec<_>>().join(", ");
            }
            PriceInput::Reminders | PriceInput::Round => return part.value.clone(),
            PriceInput::Base | PriceInput::Disputed | PriceInput::Limits => return String::new(),
        };
        self.word(vocabulary, &part.value)
    }

    /// A fee agreement as a mandate says it.
    #[must_use]
    pub fn fee(&self, fee: &FeeSchedule, currency: &Currency) -> String {
        fee_in_words(fee, *currency, self.language)
    }

    #[must_use]
    pub fn count<N: Copy + TryInto<u64>>(&self, count: &N) -> String {
        self.language.count((*count).try_into().unwrap_or_default())
    }

    /// For the form that is being written: sent again, it is the same one.
    #[must_use]
    pub fn once(&self) -> String {
        fresh_uuid().simple().to_string()
    }

    #[must_use]
    pub const fn fault(&self) -> Option<&Fault> {
        self.refused.fault()
    }

    /// What kind of fault it is, in the reader's words.
    #[must_use]
    pub fn fault_title(&self, fault: &Fault) -> &str {
        fault_title(self.texts, fault.code)
    }
}

/// What kind of refusal it is.
#[must_use]
pub fn fault_title(texts: &'static Texts, code: Code) -> &'static str {
    let known = texts.find(match code {
        Code::Invalid | Code::MalformedRequest => "portal.fault.invalid",
        Code::WrongState | Code::Conflict | Code::IdempotencyKeyReused => "portal.fault.state",
        Code::StaleVersion | Code::VersionRequired => "portal.fault.stale",
        Code::TooManyRequests => "portal.fault.too_many",
        Code::PayloadTooLarge => "portal.fault.too_large",
        Code::UnsupportedMediaType => "portal.fault.unread",
        Code::Forbidden | Code::ProofNeeded => "portal.fault.forbidden",
        Code::NotFound | Code::MethodNotAllowed => "portal.fault.not_found",
        Code::Unauthenticated => "portal.fault.unauthenticated",
        Code::Internal | Code::Unavailable => "error.failed_title",
    });
    known.unwrap_or(code.title())
}

/// A page that says what went wrong, inside the portal.
#[derive(Template)]
#[template(path = "portal/fault.html")]
pub struct FaultPage<'a> {
    pub shell: &'a Shell,
    pub detail: Option<String>,
    pub advice: &'a str,
}
