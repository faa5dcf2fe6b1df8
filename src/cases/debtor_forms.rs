//! The forms of the debtor page: what may be typed, what is wrong with it, and what was typed, kept.

use chrono::NaiveDate;

use super::{Circumstance, DisputeReason, plans::PlanWish};

/// As many as the timeline takes.
const STATEMENT_CHARS_MAX: usize = 4000;

/// The day on which the debtor will pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromiseForm {
    pub earliest: NaiveDate,
    pub latest: NaiveDate,
    pub typed: String,
    pub error: Option<DayError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayError {
    NotADay,
    OutOfRange,
}

impl PromiseForm {
    #[must_use]
    pub const fn empty(earliest: NaiveDate, latest: NaiveDate) -> Self {
        Self { earliest, latest, typed: String::new(), error: None }
    }

    /// The day typed.
    ///
    /// # Errors
    /// The form with what was typed and what is wrong with it.
    pub fn read(mut self, typed: &str) -> Result<NaiveDate, Self> {
        self.error = match parse_day(typed) {
            Some(day) if (self.earliest..=self.latest).contains(&day) => return Ok(day),
            Some(_) => Some(DayError::OutOfRange),
            None => Some(DayError::NotADay),
        };
        self.typed = typed.chars().take(40).collect();
        Err(self)
    }
}

/// `2026-12-15` as browsers send it, or `15/12/2026`, `15.12.2026`, `15-12-2026` as people type it where a browser knows no days.
fn parse_day(typed: &str) -> Option<NaiveDate> {
    let typed = typed.trim();
    ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"].iter().find_map(|form| NaiveDate::parse_from_str(typed, form).ok())
}

/// In how many parts the debtor will pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanForm {
    /// How many the creditor allows.
    pub most: u32,
    pub earliest: NaiveDate,
    pub latest: NaiveDate,
    pub typed_count: String,
    pub typed_day: String,
    pub error: Option<PlanError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanError {
    Count,
    Day,
}

impl PlanForm {
    #[must_use]
    pub const fn empty(most: u32, earliest: NaiveDate, latest: NaiveDate) -> Self {
        Self { most, earliest, latest, typed_count: String::new(), typed_day: String::new(), error: None }
    }

    /// The plan asked for.
    ///
    /// # Errors
    /// The form with what was typed and what is wrong with it.
    pub fn read(mut self, count: &str, day: &str) -> Result<PlanWish, Self> {
        let instalments = count.trim().parse().ok().filter(|count| (2..=self.most).contains(count));
        let first_on = parse_day(day).filter(|day| (self.earliest..=self.latest).contains(day));
        if let (Some(instalments), Some(first_on)) = (instalments, first_on) {
            return Ok(PlanWish { instalments, first_on });
        }
        self.error = Some(if instalments.is_none() { PlanError::Count } else { PlanError::Day });
        self.typed_count = count.chars().take(10).collect();
        self.typed_day = day.chars().take(40).collect();
        Err(self)
    }

    /// What may be chosen, and whether it was.
    pub fn counts(&self) -> impl Iterator<Item = (u32, bool)> {
        (2..=self.most).map(|count| (count, self.typed_count.trim() == count.to_string()))
    }
}

/// What else stands in the way of paying.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CircumstanceForm {
    pub kind: Option<Circumstance>,
    pub statement: String,
    pub is_wrong: bool,
}

impl CircumstanceForm {
    /// What was chosen and the statement typed, without the spaces around it.
    ///
    /// # Errors
    /// The form with what was typed.
    pub fn read(kind: &str, statement: &str) -> Result<(Circumstance, String), Self> {
        let chosen = kind.parse().ok();
        let said = statement.trim();
        match chosen {
            Some(kind) if (1..=STATEMENT_CHARS_MAX).contains(&said.chars().count()) => Ok((kind, said.to_owned())),
            kind => Err(Self { kind, statement: statement.to_owned(), is_wrong: true }),
        }
    }
}

/// Why the debtor does not agree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectionForm {
    pub reason: Option<DisputeReason>,
    pub statement: String,
    pub reason_missing: bool,
    pub statement_error: Option<StatementError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementError {
    Missing,
    TooLong { count: usize },
}

impl ObjectionForm {
    /// The reason chosen and the statement typed, without the spaces around it.
    ///
    /// # Errors
    /// The form with what was typed and what is wrong with it.
    pub fn read(reason: &str, statement: &str) -> Result<(DisputeReason, String), Self> {
        let chosen = reason.parse().ok();
        let count = statement.trim().chars().count();
        let statement_error = match count {
            0 => Some(StatementError::Missing),
            1..=STATEMENT_CHARS_MAX => None,
            _ => Some(StatementError::TooLong { count }),
        };
        match (chosen, statement_error) {
            (Some(reason), None) => Ok((reason, statement.trim().to_owned())),
            (reason, statement_error) => {
                Err(Self { reason, statement: statement.to_owned(), reason_missing: reason.is_none(), statement_error })
            }
        }
    }

    #[must_use]
    pub const fn has_errors(&self) -> bool {
        self.reason_missing || self.statement_error.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn form() -> PromiseForm {
        PromiseForm::empty(day("2026-11-23"), day("2027-01-22"))
    }

    #[test]
    fn a_day_is_read_as_browsers_and_people_write_it() {
        for typed in ["2026-12-15", "15/12/2026", " 15.12.2026 ", "15-12-2026"] {
            assert_eq!(form().read(typed), Ok(day("2026-12-15")), "{typed}");
        }
    }

    #[test]
    fn what_is_no_day_or_too_far_comes_back_as_typed() {
        for (typed, error) in [
            ("", DayError::NotADay),
            ("soon", DayError::NotADay),
            ("31/02/2027", DayError::NotADay),
            ("12/15/2026", DayError::NotADay),
            ("2026-11-22", DayError::OutOfRange),
            ("2027-01-23", DayError::OutOfRange),
        ] {
            let refused = form().read(typed).expect_err(typed);
            assert_eq!((refused.error, refused.typed.as_str()), (Some(error), typed));
        }
    }

    #[test]
    fn a_plan_needs_a_number_of_parts_and_a_day_within_the_policy() {
        let form = || PlanForm::empty(4, day("2026-11-23"), day("2026-12-23"));
        assert_eq!(form().read(" 3 ", "01/12/2026"), Ok(PlanWish { instalments: 3, first_on: day("2026-12-01") }));
        for (count, typed, error) in [
            ("5", "2026-12-01", PlanError::Count),
            ("1", "2026-12-01", PlanError::Count),
            ("many", "2026-12-01", PlanError::Count),
            ("2", "2026-12-24", PlanError::Day),
            ("2", "soon", PlanError::Day),
        ] {
            let refused = form().read(count, typed).expect_err(count);
            assert_eq!((refused.error, refused.typed_count.as_str(), refused.typed_day.as_str()), (Some(error), count, typed));
        }
        let kept = form().read("4", "soon").expect_err("no day");
        assert_eq!(kept.counts().collect::<Vec<_>>(), [(2, false), (3, false), (4, true)]);
    }

    #[test]
    fn a_circumstance_needs_its_kind_and_a_few_words() {
        let said = CircumstanceForm::read("insolvent", " since May ");
        assert_eq!(said, Ok((Circumstance::Insolvent, "since May".to_owned())));
        for (kind, statement) in [("", "since May"), ("rich", "x"), ("hardship", "  ")] {
            assert!(CircumstanceForm::read(kind, statement).is_err(), "{kind}");
        }
    }

    #[test]
    fn an_objection_needs_a_reason_and_a_few_words() {
        assert_eq!(ObjectionForm::read("defective", " torn \n"), Ok((DisputeReason::Defective, "torn".to_owned())));
        let refused = ObjectionForm::read("because", "  ").expect_err("no reason");
        assert!(refused.reason_missing && refused.statement_error == Some(StatementError::Missing));
        let long = ObjectionForm::read("other", &"é".repeat(4001)).expect_err("too long");
        assert_eq!(long.statement_error, Some(StatementError::TooLong { count: 4001 }));
        assert_eq!((long.reason, long.statement.chars().count()), (Some(DisputeReason::Other), 4001));
    }
}
