//! Who plays: invented companies whose numbers and accounts have right check digits, and the people in them.

use serde_json::{Value, json};

/// A company that signs up.
#[derive(Debug, Clone, Copy)]
pub struct Company {
    pub kind: &'static str,
    pub name: &'static str,
    /// As the story calls it.
    pub short: &'static str,
    pub number: &'static str,
    pub country: &'static str,
    pub iban: &'static str,
    pub street: &'static str,
    pub postal_code: &'static str,
    pub city: &'static str,
    pub email: &'static str,
    pub admin: Person,
    /// Where an agency is licensed.
    pub licences: &'static [&'static str],
}

#[derive(Debug, Clone, Copy)]
pub struct Person {
    pub full_name: &'static str,
    pub email: &'static str,
}

pub const OPERATOR: Company = Company {
    kind: "operator",
    name: "Entente Marketplace S.A.",
    short: "Entente",
    number: "A88123401",
    country: "ES",
    iban: "ES5100491500092610098765",
    street: "Calle de Alcalá 87",
    postal_code: "28009",
    city: "Madrid",
    email: "hola@entente.example",
    admin: Person { full_name: "Nuria Salvatierra", email: "nuria@entente.example" },
    licences: &[],
};

pub const URRUTIA: Company = Company {
    kind: "creditor",
    name: "Taller Hermanos Urrutia S.L.",
    short: "Taller Urrutia",
    number: "B20473112",
    country: "ES",
    iban: "ES4620955381151060012345",
    street: "Polígono Azitain 14",
    postal_code: "20600",
    city: "Eibar",
    email: "administracion@urrutia.example",
    admin: Person { full_name: "Amaia Urrutia", email: "amaia@urrutia.example" },
    licences: &[],
};

pub const COMPTOIR: Company = Company {
    kind: "creditor",
    name: "Comptoir Lyonnais du Sanitaire SAS",
    short: "Comptoir Lyonnais",
    number: "812345676",
    country: "FR",
    iban: "FR7630002005500000015784164",
    street: "118 route de Vienne",
    postal_code: "69008",
    city: "Lyon",
    email: "compta@comptoir-lyonnais.example",
    admin: Person { full_name: "Bruno Fayolle", email: "bruno@comptoir-lyonnais.example" },
    licences: &[],
};

pub const SERENOS: Company = Company {
    kind: "agency",
    name: "Cobros Serenos S.L.",
    short: "Cobros Serenos",
    number: "B86237450",
    country: "ES",
    iban: "ES2000810200280001234567",
    street: "Calle de Ferraz 31",
    postal_code: "28008",
    city: "Madrid",
    email: "mesa@cobros-serenos.example",
    admin: Person { full_name: "Lucía Prat", email: "lucia@cobros-serenos.example" },
    licences: &["ES"],
};

pub const PASSERELLE: Company = Company {
    kind: "agency",
    name: "Passerelle Recouvrement SAS",
    short: "Passerelle",
    number: "845612373",
    country: "FR",
    iban: "FR7618106000349671234567843",
    street: "5 rue Sommeiller",
    postal_code: "74000",
    city: "Annecy",
    email: "bonjour@passerelle.example",
    admin: Person { full_name: "Hélène Vasseur", email: "helene@passerelle.example" },
    licences: &["FR", "ES"],
};

pub const AMABLE: Company = Company {
    kind: "agency",
    name: "Gestión Amable S.A.",
    short: "Gestión Amable",
    number: "A46512083",
    country: "ES",
    iban: "ES9330582010502720045678",
    street: "Carrer de Colón 18",
    postal_code: "46004",
    city: "València",
    email: "equipo@gestion-amable.example",
    admin: Person { full_name: "Marc Solà", email: "marc@gestion-amable.example" },
    licences: &["ES"],
};

/// Of the workshop's five, the one who speaks with customers and the one who keeps the books.
pub const IKER: Person = Person { full_name: "Iker Lasa", email: "iker@urrutia.example" };
pub const JONE: Person = Person { full_name: "Jone Etxaniz", email: "jone@urrutia.example" };

/// Everybody who can log in, with the company.
pub fn logins() -> impl Iterator<Item = (Person, &'static str)> {
    let admins = [OPERATOR, URRUTIA, COMPTOIR, SERENOS, PASSERELLE, AMABLE].map(|company| (company.admin, company.name));
    admins.into_iter().chain([IKER, JONE].map(|person| (person, URRUTIA.name)))
}

impl Company {
    /// The body of `POST /sign-up`.
    pub fn sign_up(&self, password: &str) -> Value {
        json!({
            "kind": self.kind,
            "company_number": self.number,
            "legal_name": self.name,
            "country": self.country,
            "iban": self.iban,
            "address": { "street": self.street, "postal_code": self.postal_code, "city": self.city },
            "email": self.email,
            "admin": { "full_name": self.admin.full_name, "email": self.admin.email, "password": password },
        })
    }
}

/// A customer who has not paid. What identifies it may stand on no anonymous card.
#[derive(Debug, Clone, Copy)]
pub struct Debtor {
    pub name: &'static str,
    /// As the story calls it.
    pub short: &'static str,
    pub number: &'static str,
    pub email: &'static str,
    pub phone: &'static str,
    pub street: &'static str,
    pub postal_code: &'static str,
    pub city: &'static str,
    pub invoices: &'static [&'static str],
}

pub const FERRETERIA: Debtor = Debtor {
    name: "Ferretería La Encina S.L.",
    short: "Ferretería La Encina",
    number: "B01123587",
    email: "pagos@laencina.example",
    phone: "945 010 203",
    street: "Calle Dato 22",
    postal_code: "01005",
    city: "Vitoria-Gasteiz",
    invoices: &["TU-2026-031"],
};

pub const ARRIETA: Debtor = Debtor {
    name: "Construcciones Arrieta y Soto S.A.",
    short: "Arrieta y Soto",
    number: "A48132138",
    email: "proveedores@arrietaysoto.example",
    phone: "944 332 100",
    street: "Gran Vía 45",
    postal_code: "48011",
    city: "Bilbao",
    invoices: &["TU-2026-018", "TU-2026-024"],
};

pub const MARCHETTI: Debtor = Debtor {
    name: "Plomberie Marchetti SARL",
    short: "Plomberie Marchetti",
    number: "FR65908172638",
    email: "bureau@plomberie-marchetti.example",
    phone: "+33 4 76 00 12 34",
    street: "9 rue des Alliés",
    postal_code: "38100",
    city: "Grenoble",
    invoices: &["CL-26-0412"],
};

pub const HOTEL: Debtor = Debtor {
    name: "Hôtel du Vieux-Port SAS",
    short: "Hôtel du Vieux-Port",
    number: "FR63520193848",
    email: "direction@hotel-vieux-port.example",
    phone: "+33 4 91 00 56 78",
    street: "3 quai de Rive-Neuve",
    postal_code: "13007",
    city: "Marseille",
    invoices: &["CL-26-0377"],
};

pub const MOLINO: Debtor = Debtor {
    name: "Panadería Molino Rojo S.L.",
    short: "Panadería Molino Rojo",
    number: "B20455895",
    email: "cuentas@molinorojo.example",
    phone: "943 556 677",
    street: "Calle Urbieta 8",
    postal_code: "20006",
    city: "Donostia",
    invoices: &["TU-2026-027"],
};

pub const CIERZO: Debtor = Debtor {
    name: "Transportes Cierzo S.L.",
    short: "Transportes Cierzo",
    number: "B50971126",
    email: "administracion@cierzo.example",
    phone: "976 112 233",
    street: "Polígono Malpica 60",
    postal_code: "50016",
    city: "Zaragoza",
    invoices: &["TU-2026-015"],
};

pub const BERMEO: Debtor = Debtor {
    name: "Talleres Náuticos Bermeo S.L.",
    short: "Náuticos Bermeo",
    number: "B48655203",
    email: "compras@nauticosbermeo.example",
    phone: "946 880 011",
    street: "Puerto Pesquero 3",
    postal_code: "48370",
    city: "Bermeo",
    invoices: &["TU-2026-029"],
};

pub const LUMIERE: Debtor = Debtor {
    name: "Boutique Lumière EURL",
    short: "Boutique Lumière",
    number: "FR23871204566",
    email: "contact@boutique-lumiere.example",
    phone: "+33 3 80 00 43 21",
    street: "27 rue de la Liberté",
    postal_code: "21000",
    city: "Dijon",
    invoices: &["CL-26-0298"],
};

/// Whose row had a mistyped number; it pays after the story, if it does.
pub const IRATI: Debtor = Debtor {
    name: "Cerámicas Irati S.L.",
    short: "Cerámicas Irati",
    number: "B31277544",
    email: "pedidos@irati.example",
    phone: "948 001 122",
    street: "Calle Estafeta 5",
    postal_code: "31001",
    city: "Pamplona",
    invoices: &["TU-2026-030"],
};

impl Debtor {
    /// The first of these that `text` tells, if it tells one.
    pub fn told_in(&self, text: &str) -> Option<String> {
        let text = text.to_lowercase();
        let words = self.name.split([' ', '-', '.']).filter(|word| word.chars().count() > 4);
        let whole = [self.name, self.number, self.email, self.phone, self.street, self.postal_code, self.city];
        let all = whole.into_iter().chain(words).chain(self.invoices.iter().copied());
        all.map(str::to_lowercase).find(|identifier| text.contains(identifier))
    }
}

#[cfg(test)]
mod tests {
    use entente::types::{CompanyNumber, Iban};

    use super::*;

    #[test]
    fn numbers_and_accounts_have_right_check_digits() {
        for company in [OPERATOR, URRUTIA, COMPTOIR, SERENOS, PASSERELLE, AMABLE] {
            assert!(company.number.parse::<CompanyNumber>().is_ok(), "{}", company.name);
            assert!(company.iban.parse::<Iban>().is_ok(), "{}", company.name);
        }
        for debtor in [FERRETERIA, ARRIETA, MARCHETTI, HOTEL, MOLINO, CIERZO, BERMEO, LUMIERE, IRATI] {
            assert!(debtor.number.parse::<CompanyNumber>().is_ok(), "{}", debtor.name);
        }
    }

    #[test]
    fn an_identifier_is_found_wherever_it_stands() {
        assert_eq!(HOTEL.told_in(r#"{"region":"FRL","sector":null}"#), None);
        assert_eq!(HOTEL.told_in(r#"{"note":"call the VIEUX port"}"#).as_deref(), Some("vieux"));
        assert_eq!(HOTEL.told_in(r#"{"city":"Marseille"}"#).as_deref(), Some("marseille"));
    }
}
