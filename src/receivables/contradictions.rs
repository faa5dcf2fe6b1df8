//! One number is one invoice: rows of one intake that give a number to two different invoices are refused, all of them, since
//! nothing tells which is right. The same invoice twice is no contradiction.

use std::collections::HashMap;

use super::{
    CheckedRow,
    intake::{Candidate, columns::Column, fault::Fault},
};

/// Refuses every row whose number stands in another row for something else.
pub fn refuse_contradictions(rows: &mut [CheckedRow]) {
    let mut places: HashMap<(&str, &str), Vec<usize>> = HashMap::with_capacity(rows.len());
    for (place, row) in rows.iter().enumerate() {
        if let Ok(candidate) = &row.checked {
            places.entry((&candidate.issuer, &candidate.number)).or_default().push(place);
        }
    }
    let doubled = places.into_values().filter(|places| places.len() > 1);
    let refused: Vec<(usize, Fault)> = doubled.flat_map(|places| contradicted(rows, &places)).collect();
    for (place, fault) in refused {
        if let Some(row) = rows.get_mut(place) {
            row.checked = Err(fault.at(Column::Number));
        }
    }
}

/// Each of these rows with the fault that names the first one that says something else.
fn contradicted(rows: &[CheckedRow], places: &[usize]) -> Vec<(usize, Fault)> {
    let candidate = |place: &usize| rows.get(*place).and_then(|row| row.checked.as_ref().ok().map(|candidate| (row, candidate)));
    let found: Vec<_> =
        places.iter().filter_map(|place| candidate(place).map(|(row, candidate)| (*place, row, candidate))).collect();
    let Some((_, first_row, first)) = found.first() else { return Vec::new() };
    let Some((_, other_row, _)) = found.iter().find(|(_, _, candidate)| !same(first, candidate)) else { return Vec::new() };
    let fault = |candidate: &Candidate| {
        let against = if same(first, candidate) { other_row } else { first_row };
        Fault::NumberTwice { number: candidate.number.clone(), row: against.row, file: against.file.clone().unwrap_or_default() }
    };
    found.iter().map(|(place, _, candidate)| (*place, fault(candidate))).collect()
}

fn same(one: &Candidate, other: &Candidate) -> bool {
    let facts = |candidate: &Candidate| (candidate.principal, candidate.issued_on, candidate.due_on);
    facts(one) == facts(other) && one.debtor.identity_key == other.debtor.identity_key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivables::intake::{self, Defaults};

    fn rows(text: &str) -> Vec<CheckedRow> {
        let defaults = Defaults {
            issuer: "ES:B12345674".to_owned(),
            country: crate::types::Country::Spain,
            debtor_kind: None,
            today: chrono::NaiveDate::from_ymd_opt(2026, 11, 25).unwrap(),
            mapping: intake::Mapping::default(),
        };
        let text = format!("number;issued_on;due_on;amount;debtor_name;debtor_kind\n{text}");
        intake::read(text.as_bytes(), &defaults).unwrap().rows.into_iter().map(|row| CheckedRow::of(row, &defaults)).collect()
    }

    #[test]
    fn a_number_of_two_invoices_is_refused_in_both_and_a_repeated_row_is_not() {
        let mut rows = rows(
            "F-1;2026-01-15;2026-02-14;10,00;Acme;business\nF-2;2026-01-15;2026-02-14;10,00;Acme;business\n\
             F-1;2026-01-15;2026-02-14;11,00;Acme;business\nF-2;2026-01-15;2026-02-14;10,00;Acme;business\n\
             F-1;2026-01-15;2026-02-14;10,00;Acme;business\n",
        );
        refuse_contradictions(&mut rows);
        let refused: Vec<_> = rows.iter().map(|row| row.checked.as_ref().err().map(|refusal| refusal.code)).collect();
        assert_eq!(refused, [Some("number_twice"), None, Some("number_twice"), None, Some("number_twice")]);
        let reason = &rows[2].checked.as_ref().unwrap_err().reason;
        assert!(reason.contains("row 2"), "{reason}");
        assert!(rows[0].checked.as_ref().unwrap_err().reason.contains("row 4"));
    }
}
