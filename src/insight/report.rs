//! The shape of every report: for each currency, figures and one table. The API, the file and the page show the same.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    cases::{DisputeReason, desk::Age},
    paper::Texts,
    types::{
        BasisPoints, Channel, Currency, Language, Money, MoneyError, Rounding, Tone, money::divide, spreadsheet::harmless,
        text_enum,
    },
};

text_enum! {
    /// A report.
    pub enum ReportKind {
        /// What is owed, by how long it has been due.
        Aging => "aging",
        /// Days sales outstanding: simple, of month ends, counted back, and the best possible.
        Dso => "dso",
        /// Collection effectiveness index.
        Cei => "cei",
        /// Whether promises to pay were kept.
        Promises => "promises",
        /// Objections by reason, and the days they took.
        Disputes => "disputes",
        /// Why cases came to be and what that cost, by whose customers they are of.
        Causes => "causes",
        /// The same customer by customer: the costliest.
        CustomerCauses => "customer_causes",
        /// How debtors answer to messages, by strategy, message and tone.
        Responses => "responses",
        /// What came back of what was pursued, by who pursued it and how old it was then.
        Recovery => "recovery",
        /// Whether customers were invoiced again after a case, beside those that had none.
        CustomersKept => "customers_kept",
        /// What is likely to come in, week by week.
        Forecast => "forecast",
        /// What to set aside for what may not be paid.
        Provisions => "provisions",
    }
}

text_enum! {
    /// What a number is. `docs/insight.md` says how each is reckoned.
    pub enum Measure {
        Open => "open",
        Overdue => "overdue",
        ShareOfOpen => "share_of_open",
        OverNinetyShare => "over_ninety_share",
        Receivables => "receivables",
        NotDue => "not_due",
        CreditSales => "credit_sales",
        DsoSimple => "dso_simple",
        Dso => "dso",
        DsoCountBack => "dso_count_back",
        BestPossibleDso => "best_possible_dso",
        AverageDaysDelinquent => "average_days_delinquent",
        DaysLatePaid => "days_late_paid",
        Cei => "cei",
        ReceivablesBefore => "receivables_before",
        PromisesDue => "promises_due",
        Promised => "promised",
        Kept => "kept",
        Broken => "broken",
        KeptShare => "kept_share",
        KeptAmountShare => "kept_amount_share",
        DisputesOpen => "disputes_open",
        DisputedOpen => "disputed_open",
        DisputesResolved => "disputes_resolved",
        DisputeDays => "dispute_days",
        FoundRight => "found_right",
        Conceded => "conceded",
        Affected => "affected",
        Sent => "sent",
        AnsweredShare => "answered_share",
        PaidShare => "paid_share",
        PaidLow => "paid_low",
        PaidHigh => "paid_high",
        DisputedShare => "disputed_share",
        DaysLate => "days_late",
        Cases => "cases",
        Placed => "placed",
        Recovered => "recovered",
        RecoveryRate => "recovery_rate",
        Fees => "fees",
        CostShare => "cost_share",
        CustomersHalfYear => "customers_half_year",
        KeptHalfYear => "kept_half_year",
        OthersKeptHalfYear => "others_kept_half_year",
        CustomersYear => "customers_year",
        KeptYear => "kept_year",
        OthersKeptYear => "others_kept_year",
        Expected => "expected",
        Low => "low",
        High => "high",
        LaterOrNever => "later_or_never",
        PaymentsSeen => "payments_seen",
        PastError => "past_error",
        ProvisionShare => "provision_share",
        Provision => "provision",
    }
}

/// A number with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "unit", rename_all = "snake_case")]
#[schema(as = ReportValue)]
pub enum Value {
    Money { minor: i64, currency: Currency },
    Days { hundredths: i64 },
    Share { bp: i64 },
    Count { count: i64 },
}

impl Value {
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Money { .. } => "money",
            Self::Days { .. } => "days",
            Self::Share { .. } => "percent",
            Self::Count { .. } => "count",
        }
    }

    /// With a decimal point, so that any program reads it; a share in percent.
    #[must_use]
    pub fn decimal(self) -> String {
        match self {
            Self::Money { minor, currency } => Money::new(minor, currency).decimal(),
            // A euro and a day both have two decimals here.
            Self::Days { hundredths } | Self::Share { bp: hundredths } => Money::new(hundredths, Currency::EUR).decimal(),
            Self::Count { count } => count.to_string(),
        }
    }

    /// As a reader of this language writes it.
    #[must_use]
    pub fn said(self, language: Language) -> String {
        match self {
            Self::Money { minor, currency } => language.money(Money::new(minor, currency)),
            // A day has as many decimals as a euro has.
            Self::Days { hundredths } => {
                let number = language.amount(Money::new(hundredths, Currency::EUR));
                Texts::of(language).fill("portal.reports.days", &[("it", &number)])
            }
            Self::Share { bp } => language.percent_of_ppm(bp.saturating_mul(100)),
            Self::Count { count } => language.count(count.try_into().unwrap_or_default()),
        }
    }
}

impl From<Money> for Value {
    fn from(money: Money) -> Self {
        Self::Money { minor: money.minor, currency: money.currency }
    }
}

/// A number by name; null where there is nothing to reckon it from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Figure {
    pub measure: Measure,
    pub value: Option<Value>,
}

text_enum! {
    /// What the rows of a table stand for.
    pub enum KeyKind {
        Age => "age",
        /// A month, by its last day.
        Month => "month",
        /// A week, by its first day.
        Week => "week",
        DisputeReason => "dispute_reason",
        Strategy => "strategy",
        Cause => "cause",
        /// `channel/template/tone`.
        Message => "message",
    }
}

text_enum! {
    /// What a table is grouped by, beside its key.
    pub enum Grouping {
        /// The creditor itself, then agencies.
        Pursuer => "pursuer",
        AccountOwner => "account_owner",
        Customer => "customer",
        /// By name and version.
        Strategy => "strategy",
    }
}

text_enum! {
    /// Why a case came to be: what its debtor objected to; else what stopped it; else whether asking was enough.
    pub enum Cause {
        NotOrdered => "not_ordered",
        NotDelivered => "not_delivered",
        Defective => "defective",
        WrongAmount => "wrong_amount",
        AlreadyPaid => "already_paid",
        WrongDebtor => "wrong_debtor",
        Other => "other",
        Insolvency => "insolvency",
        Hardship => "hardship",
        /// Promised, paid by instalments, or settled.
        NeededTime => "needed_time",
        /// Paid once it was asked for.
        Forgotten => "forgotten",
        Unanswered => "unanswered",
    }
}

impl Cause {
    /// Whether the debtor objected.
    #[must_use]
    pub const fn is_objection(self) -> bool {
        !matches!(self, Self::Insolvency | Self::Hardship | Self::NeededTime | Self::Forgotten | Self::Unanswered)
    }
}

/// What a row stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    Age(Age),
    Day(NaiveDate),
    Reason(DisputeReason),
    /// By name; none where no step was ever looked at.
    Strategy(Option<String>),
    Cause(Cause),
    Message {
        channel: Channel,
        template: String,
        tone: Tone,
    },
}

impl Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Age(age) => age.fmt(f),
            Self::Day(day) => day.fmt(f),
            Self::Reason(reason) => reason.fmt(f),
            Self::Cause(cause) => cause.fmt(f),
            Self::Message { channel, template, tone } => write!(f, "{channel}/{template}/{tone}"),
            Self::Strategy(name) => f.write_str(name.as_deref().unwrap_or("none")),
        }
    }
}

/// A row: as many values as the table has columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ReportRow)]
pub struct Row {
    /// A name, where the table is grouped; null: the creditor itself among pursuers, nobody among account owners.
    pub group: Option<String>,
    #[schema(value_type = String, example = "31_to_60")]
    pub key: Key,
    pub values: Vec<Option<Value>>,
}

/// All of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ReportBlock)]
pub struct Block {
    pub currency: Currency,
    pub figures: Vec<Figure>,
    pub grouped_by: Option<Grouping>,
    pub keyed_by: KeyKind,
    pub columns: Vec<Measure>,
    pub rows: Vec<Row>,
}

impl Block {
    /// What a row of it stands for, in words.
    #[must_use]
    pub fn label(&self, row: &Row, language: Language) -> String {
        let texts = Texts::of(language);
        let key = match &row.key {
            Key::Day(day) => language.short_day(*day),
            key @ (Key::Age(_) | Key::Reason(_) | Key::Strategy(_) | Key::Cause(_)) => {
                texts.word(self.keyed_by.as_str(), &key.to_string())
            }
            Key::Message { channel, template, tone } => format!(
                "{}{}{}, {}",
                texts.word("channel", channel.as_str()),
                texts.say("common.colon"),
                texts.word("template", template),
                texts.word("tone", tone.as_str())
            ),
        };
        let group = match (&row.group, self.grouped_by) {
            (Some(name), Some(Grouping::Strategy)) => return format!("{} · {key}", strategy_in_words(texts, name)),
            (Some(group), _) => group,
            (None, Some(Grouping::Pursuer)) => texts.say("portal.reports.own"),
            (None, Some(Grouping::AccountOwner)) => texts.say("portal.reports.nobody"),
            (None, Some(Grouping::Customer | Grouping::Strategy) | None) => return key,
        };
        format!("{group} · {key}")
    }
}

/// `past_due_periods v2`, as a reader knows it.
fn strategy_in_words(texts: &Texts, name: &str) -> String {
    let (name, version) = name.rsplit_once(' ').unwrap_or((name, ""));
    format!("{} {version}", texts.word("strategy", name))
}

/// A report as of the end of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Report {
    pub report: ReportKind,
    pub on: NaiveDate,
    /// One for each currency; they are never added up.
    pub blocks: Vec<Block>,
}

impl Report {
    /// One line for each number, in a form that pivots: UTF-8, semicolons, decimal points. A figure has no key.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = String::from("\u{feff}report;on;currency;group;key;measure;unit;value\r\n");
        for block in &self.blocks {
            let mut line = |group: &str, key: &str, measure: Measure, value: Option<Value>| {
                let (unit, number) = value.map_or(("", String::new()), |value| (value.unit(), value.decimal()));
                let [group, key] = [group, key].map(|name| harmless(name).replace([';', '"', '\r', '\n'], " "));
                out.push_str(&format!(
                    "{};{};{};{group};{key};{measure};{unit};{number}\r\n",
                    self.report, self.on, block.currency
                ));
            };
            for figure in &block.figures {
                line("", "", figure.measure, figure.value);
            }
            for row in &block.rows {
                for (measure, value) in block.columns.iter().zip(&row.values) {
                    line(row.group.as_deref().unwrap_or_default(), &row.key.to_string(), *measure, *value);
                }
            }
        }
        out
    }
}

/// `part` of `whole` in basis points; nothing where the whole is nothing.
///
/// # Errors
/// More than an `i64` holds.
pub fn share_of(part: i64, whole: i64) -> Result<Option<Value>, MoneyError> {
    if whole <= 0 {
        return Ok(None);
    }
    let bp = divide(i128::from(part) * i128::from(BasisPoints::WHOLE), whole.into(), Rounding::HalfUp)?;
    Ok(Some(Value::Share { bp }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_objection_is_a_cause() {
        for reason in DisputeReason::ALL {
            let cause: Cause = reason.as_str().parse().unwrap();
            assert!(cause.is_objection(), "{reason}");
        }
        assert_eq!(Cause::ALL.iter().filter(|cause| cause.is_objection()).count(), DisputeReason::ALL.len());
    }

    #[test]
    fn a_file_has_one_line_for_each_number_and_runs_no_formula() {
        let money = |minor| Some(Money::new(minor, Currency::EUR).into());
        let block = Block {
            currency: Currency::EUR,
            figures: vec![
                Figure { measure: Measure::Dso, value: Some(Value::Days { hundredths: 3_041 }) },
                Figure { measure: Measure::Cei, value: None },
            ],
            grouped_by: Some(Grouping::Pursuer),
            keyed_by: KeyKind::Age,
            columns: vec![Measure::Placed, Measure::RecoveryRate],
            rows: vec![Row {
                group: Some("=cmd;\"x\"".to_owned()),
                key: Key::Age(Age::UpTo30),
                values: vec![money(-150), Some(Value::Share { bp: 7_154 })],
            }],
        };
        let on = "2026-11-02".parse().unwrap();
        let csv = Report { report: ReportKind::Recovery, on, blocks: vec![block] }.csv();
        let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(
            lines,
            [
                "report;on;currency;group;key;measure;unit;value",
                "recovery;2026-11-02;EUR;;;dso;days;30.41",
                "recovery;2026-11-02;EUR;;;cei;;",
                "recovery;2026-11-02;EUR;'=cmd  x ;1_to_30;placed;money;-1.50",
                "recovery;2026-11-02;EUR;'=cmd  x ;1_to_30;recovery_rate;percent;71.54",
            ]
        );
    }
}
