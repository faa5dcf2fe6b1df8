//! Coarse regions: NUTS 1, from the province or department at the head of a postal code.

use crate::types::Country;

/// Regions of Regulation (EC) 1059/2003 annex I with the heads of the postal codes in them.
const SPAIN: &[(&str, &str)] = &[
    ("ES1", "15 27 32 36 33 39"),
    ("ES2", "01 20 48 31 26 22 44 50"),
    ("ES3", "28"),
    ("ES4", "05 09 24 34 37 40 42 47 49 02 13 16 19 45 06 10"),
    ("ES5", "08 17 25 43 03 12 46 07"),
    ("ES6", "04 11 14 18 21 23 29 41 30 51 52"),
    ("ES7", "35 38"),
];

const FRANCE: &[(&str, &str)] = &[
    ("FR1", "75 77 78 91 92 93 94 95"),
    ("FRB", "18 28 36 37 41 45"),
    ("FRC", "21 25 39 58 70 71 89 90"),
    ("FRD", "14 27 50 61 76"),
    ("FRE", "02 59 60 62 80"),
    ("FRF", "08 10 51 52 54 55 57 67 68 88"),
    ("FRG", "44 49 53 72 85"),
    ("FRH", "22 29 35 56"),
    ("FRI", "16 17 19 23 24 33 40 47 64 79 86 87"),
    ("FRJ", "09 11 12 30 31 32 34 46 48 65 66 81 82"),
    ("FRK", "01 03 07 15 26 38 42 43 63 69 73 74"),
    ("FRL", "04 05 06 13 83 84"),
    ("FRM", "20"),
    ("FRY", "97"),
];

/// The region of a postal code; `None` where the code is odd or the country's codes do not follow regions.
#[must_use]
pub fn of(country: Country, postal_code: &str) -> Option<&'static str> {
    let table = match country {
        Country::Spain => SPAIN,
        Country::France => FRANCE,
        Country::Germany
        | Country::Italy
        | Country::Portugal
        | Country::Belgium
        | Country::Netherlands
        | Country::UnitedKingdom => return None,
    };
    let code = postal_code.trim();
    if code.len() != 5 || !code.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let head = code.get(..2)?;
    table.iter().find(|(_, heads)| heads.split(' ').any(|known| known == head)).map(|(region, _)| *region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postal_code_tells_its_region_and_no_more() {
        let cases = [
            (Country::Spain, "28013", Some("ES3")),
            (Country::Spain, "08001", Some("ES5")),
            (Country::Spain, " 38001 ", Some("ES7")),
            (Country::France, "75011", Some("FR1")),
            (Country::France, "20000", Some("FRM")),
            (Country::France, "97400", Some("FRY")),
            (Country::Spain, "99001", None),
            (Country::Spain, "2801", None),
            (Country::Spain, "28O13", None),
            (Country::Germany, "10115", None),
        ];
        for (country, code, region) in cases {
            assert_eq!(of(country, code), region, "{country} {code}");
        }
    }

    #[test]
    fn every_province_and_department_has_one_region() {
        for (table, count) in [(SPAIN, 52), (FRANCE, 96)] {
            let mut heads: Vec<&str> = table.iter().flat_map(|(_, heads)| heads.split(' ')).collect();
            let all = heads.len();
            heads.sort_unstable();
            heads.dedup();
            assert_eq!((all, heads.len()), (count, count));
        }
    }
}
