//! Coarse sectors: the sections of NACE. What a creditor wrote is matched to one of them or left out, never shown.

use crate::types::text_enum;

text_enum! {
    /// A section of the European classification of activities (NACE Rev. 2, Regulation (EC) 1893/2006 annex I).
    pub enum Sector {
        Agriculture => "agriculture",
        Mining => "mining",
        Manufacturing => "manufacturing",
        Energy => "energy",
        WaterAndWaste => "water_and_waste",
        Construction => "construction",
        Trade => "trade",
        Transport => "transport",
        Hospitality => "hospitality",
        Information => "information",
        Finance => "finance",
        RealEstate => "real_estate",
        ProfessionalServices => "professional_services",
        SupportServices => "support_services",
        PublicAdministration => "public_administration",
        Education => "education",
        Health => "health",
        Arts => "arts",
        OtherServices => "other_services",
    }
}

/// Section letter, first and last division, and words that mean it.
type Row = (Sector, char, u32, u32, &'static [&'static str]);

const SECTIONS: &[Row] = &[
    (Sector::Agriculture, 'A', 1, 3, &["farming", "fishing", "agricultura", "agriculture"]),
    (Sector::Mining, 'B', 5, 9, &["minería", "industries extractives"]),
    (Sector::Manufacturing, 'C', 10, 33, &["industry", "industria", "industrie", "fabricación", "fabrication"]),
    (Sector::Energy, 'D', 35, 35, &["energía", "énergie"]),
    (Sector::WaterAndWaste, 'E', 36, 39, &["water", "waste", "agua", "residuos", "eau", "déchets"]),
    (Sector::Construction, 'F', 41, 43, &["building", "construcción", "bâtiment", "btp"]),
    (Sector::Trade, 'G', 45, 47, &["retail", "wholesale", "comercio", "commerce"]),
    (Sector::Transport, 'H', 49, 53, &["logistics", "transporte", "logística", "logistique"]),
    (Sector::Hospitality, 'I', 55, 56, &["hotels", "restaurants", "hostelería", "hôtellerie", "restauration"]),
    (Sector::Information, 'J', 58, 63, &["it", "software", "media", "informática", "informatique"]),
    (Sector::Finance, 'K', 64, 66, &["insurance", "banca", "finanzas", "banque", "assurance"]),
    (Sector::RealEstate, 'L', 68, 68, &["inmobiliaria", "immobilier"]),
    (Sector::ProfessionalServices, 'M', 69, 75, &["consulting", "services", "servicios", "consultoría", "conseil"]),
    (Sector::SupportServices, 'N', 77, 82, &["cleaning", "security", "limpieza", "nettoyage"]),
    (Sector::PublicAdministration, 'O', 84, 84, &["administración pública", "administration publique"]),
    (Sector::Education, 'P', 85, 85, &["educación", "éducation", "enseignement"]),
    (Sector::Health, 'Q', 86, 88, &["care", "sanidad", "salud", "santé"]),
    (Sector::Arts, 'R', 90, 93, &["sport", "leisure", "ocio", "cultura", "culture", "loisirs"]),
    (Sector::OtherServices, 'S', 94, 96, &["other", "otros", "autres"]),
];

impl Sector {
    /// From one of our words, a common word for it, a NACE letter, or a NACE code (`56`, `56.10`, `I56.1`).
    #[must_use]
    pub fn coarse(written: &str) -> Option<Self> {
        let written = written.trim().to_lowercase();
        let by_word = || SECTIONS.iter().find(|row| row.4.contains(&written.as_str())).map(|row| row.0);
        written.parse().ok().or_else(by_word).or_else(|| by_code(&written))
    }
}

fn by_code(written: &str) -> Option<Sector> {
    let mut rest = written.chars();
    let letter = rest.clone().next().filter(char::is_ascii_lowercase);
    if letter.is_some() {
        rest.next();
    }
    let digits: String = rest.as_str().chars().filter(|c| *c != '.').collect();
    if digits.len() > 4 || !digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    if digits.is_empty() {
        return SECTIONS.iter().find(|row| letter == Some(row.1.to_ascii_lowercase())).map(|row| row.0);
    }
    let division: u32 = digits.get(..2)?.parse().ok()?;
    SECTIONS.iter().find(|row| (row.2..=row.3).contains(&division)).map(|row| row.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_letters_and_codes_lead_to_a_section() {
        let cases = [
            ("construction", Some(Sector::Construction)),
            (" Construcción ", Some(Sector::Construction)),
            ("I", Some(Sector::Hospitality)),
            ("56", Some(Sector::Hospitality)),
            ("56.10", Some(Sector::Hospitality)),
            ("I56.1", Some(Sector::Hospitality)),
            ("0111", Some(Sector::Agriculture)),
            ("", None),
            ("5", None),
            ("04", None),
            ("561012345", None),
            ("Bar Pepe, Calle Mayor 5", None),
        ];
        for (written, sector) in cases {
            assert_eq!(Sector::coarse(written), sector, "{written}");
        }
    }

    #[test]
    fn no_word_and_no_division_belongs_to_two_sections() {
        for (position, row) in SECTIONS.iter().enumerate() {
            for other in SECTIONS.iter().skip(position + 1) {
                assert!(row.3 < other.2, "{} and {} overlap", row.0, other.0);
                assert!(row.4.iter().all(|word| !other.4.contains(word)), "{} and {} share a word", row.0, other.0);
            }
        }
    }
}
