//! The columns of a file of receivables and the names that people give them, in Spanish, French, English, German, Italian,
//! Portuguese and Dutch.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use serde::{Deserialize, Serialize};

use crate::types::{fold::fold, text_enum};

/// In bytes, with its blanks and signs.
const LONGEST_HEADING: usize = 100;

text_enum! {
    /// A column, by the name it has in the template and in refusals of files.
    pub enum Column {
        DebtorName => "debtor_name",
        TaxNumber => "tax_number",
        DebtorKind => "debtor_kind",
        Sector => "sector",
        Country => "country",
        Language => "language",
        Email => "email",
        Phone => "phone",
        Street => "street",
        PostalCode => "postal_code",
        City => "city",
        Number => "number",
        Issuer => "issuer",
        IssuedOn => "issued_on",
        DueOn => "due_on",
        Amount => "amount",
        Currency => "currency",
        PurchaseOrder => "purchase_order",
        VatAmount => "vat_amount",
        DeliveryNote => "delivery_note",
        DeliveredOn => "delivered_on",
        PaidAmount => "paid_amount",
        PaidOn => "paid_on",
    }
}

impl Column {
    /// Without these a row says nothing.
    pub const REQUIRED: &'static [Self] = &[Self::Number, Self::IssuedOn, Self::DueOn, Self::Amount, Self::DebtorName];

    /// Where the same thing stands in JSON.
    #[must_use]
    pub const fn in_json(self) -> &'static str {
        match self {
            Self::DebtorName => "debtor.legal_name",
            Self::TaxNumber => "debtor.tax_number",
            Self::DebtorKind => "debtor.kind",
            Self::Sector => "debtor.sector",
            Self::Country => "debtor.country",
            Self::Language => "debtor.language",
            Self::Email => "debtor.email",
            Self::Phone => "debtor.phone",
            Self::Street => "debtor.street",
            Self::PostalCode => "debtor.postal_code",
            Self::City => "debtor.city",
            Self::Amount | Self::Currency => "principal",
            Self::VatAmount => "vat",
            Self::PaidAmount | Self::PaidOn => "payments",
            Self::Number
            | Self::Issuer
            | Self::IssuedOn
            | Self::DueOn
            | Self::PurchaseOrder
            | Self::DeliveryNote
            | Self::DeliveredOn => self.as_str(),
        }
    }

    /// Known names, folded (lower case, no accents, dots and signs gone).
    #[must_use]
    pub const fn spellings(self) -> &'static [&'static str] {
        match self {
            Self::DebtorName => &[
                "debtor name",
                "debtor",
                "customer",
                "customer name",
                "client name",
                "company name",
                "cliente",
                "nombre",
                "nombre cliente",
                "nombre del cliente",
                "razon social",
                "deudor",
                "client",
                "nom",
                "nom client",
                "nom du client",
                "raison sociale",
                "debiteur",
                "kunde",
                "kundenname",
                "name",
                "firma",
                "firmenname",
                "schuldner",
                "debitor",
                "ragione sociale",
                "nome",
                "nome cliente",
                "nome do cliente",
                "klant",
                "klantnaam",
                "naam",
                "bedrijfsnaam",
                "debitore",
                "devedor",
            ],
            Self::TaxNumber => &[
                "tax number",
                "tax id",
                "vat",
                "vat number",
                "vat id",
                "company number",
                "nif",
                "cif",
                "nif cif",
                "cif nif",
                "siren",
                "siret",
                "tva",
                "n tva",
                "numero tva",
                "numero de tva",
                "tva intracommunautaire",
                "ust id",
                "ustid",
                "ust idnr",
                "ust id nr",
                "umsatzsteuer id",
                "partita iva",
                "piva",
                "p iva",
                "nipc",
                "contribuinte",
                "numero de contribuinte",
                "btw nummer",
                "btw nr",
                "btwnummer",
                "ondernemingsnummer",
            ],
            Self::DebtorKind => &[
                "debtor kind",
                "kind",
                "customer type",
                "tipo cliente",
                "tipo de cliente",
                "type client",
                "type de client",
                "kundenart",
                "kundentyp",
                "tipo de entidade",
                "klanttype",
                "type klant",
            ],
            Self::Sector => &["sector", "industry", "secteur", "branche", "settore", "setor"],
            Self::Country => &[
                "country",
                "country code",
                "pais",
                "codigo pais",
                "pays",
                "code pays",
                "land",
                "landercode",
                "laendercode",
                "paese",
                "nazione",
            ],
            Self::Language => &["language", "idioma", "langue", "sprache", "lingua", "taal"],
            Self::Email => &[
                "email",
                "e mail",
                "mail",
                "correo",
                "correo electronico",
                "courriel",
                "adresse email",
                "email address",
                "emailadres",
                "e mailadres",
                "indirizzo email",
                "posta elettronica",
            ],
            Self::Phone => &[
                "phone",
                "phone number",
                "telephone",
                "telefono",
                "tel",
                "movil",
                "mobile",
                "telefon",
                "telefonnummer",
                "telefoon",
                "telefoonnummer",
                "telefone",
                "cellulare",
            ],
            Self::Street => &[
                "street",
                "address",
                "direccion",
                "domicilio",
                "calle",
                "adresse",
                "rue",
                "strasse",
                "anschrift",
                "indirizzo",
                "via",
                "morada",
                "endereco",
                "straat",
                "adres",
            ],
            Self::PostalCode => &[
                "postal code",
                "postcode",
                "zip",
                "zip code",
                "codigo postal",
                "cp",
                "code postal",
                "plz",
                "postleitzahl",
                "cap",
            ],
            Self::City => &[
                "city",
                "town",
                "ciudad",
                "poblacion",
                "localidad",
                "municipio",
                "ville",
                "commune",
                "ort",
                "stadt",
                "citta",
                "comune",
                "cidade",
                "plaats",
                "stad",
                "woonplaats",
            ],
            Self::Number => &[
                "number",
                "invoice number",
                "invoice no",
                "invoice",
                "invoice id",
                "numero",
                "numero factura",
                "numero de factura",
                "num factura",
                "n factura",
                "factura",
                "numero de facture",
                "numero facture",
                "num facture",
                "n facture",
                "facture",
                "rechnungsnummer",
                "rechnungsnr",
                "rechnungs nr",
                "rechnung nr",
                "rechnung",
                "belegnummer",
                "numero fattura",
                "n fattura",
                "fattura",
                "numero documento",
                "numero da fatura",
                "numero fatura",
                "n fatura",
                "fatura",
                "factuurnummer",
                "factuurnr",
                "factuur",
            ],
            Self::Issuer => {
                &["issuer", "issued by", "emisor", "emetteur", "aussteller", "rechnungssteller", "emittente", "emitente"]
            }
            Self::IssuedOn => &[
                "issued on",
                "issue date",
                "invoice date",
                "date",
                "fecha",
                "fecha factura",
                "fecha de factura",
                "fecha emision",
                "fecha de emision",
                "date facture",
                "date de facture",
                "date de la facture",
                "date emission",
                "date d emission",
                "rechnungsdatum",
                "datum",
                "ausstellungsdatum",
                "belegdatum",
                "data",
                "data fattura",
                "data emissione",
                "data documento",
                "data da fatura",
                "data fatura",
                "data de emissao",
                "data emissao",
                "factuurdatum",
            ],
            Self::DueOn => &[
                "due on",
                "due date",
                "due",
                "payment due",
                "fecha vencimiento",
                "fecha de vencimiento",
                "vencimiento",
                "vence",
                "date echeance",
                "date d echeance",
                "echeance",
                "falligkeit",
                "faelligkeit",
                "fallig am",
                "faellig am",
                "falligkeitsdatum",
                "faelligkeitsdatum",
                "scadenza",
                "data scadenza",
                "data di scadenza",
                "data de vencimento",
                "data vencimento",
                "vervaldatum",
                "vervaldag",
                "te betalen voor",
            ],
            Self::Amount => &[
                "amount",
                "principal",
                "amount due",
                "open amount",
                "total",
                "importe",
                "importe total",
                "importe pendiente",
                "total factura",
                "pendiente",
                "montant",
                "montant ttc",
                "total ttc",
                "montant du",
                "solde",
                "reste du",
                "betrag",
                "rechnungsbetrag",
                "bruttobetrag",
                "offener betrag",
                "gesamtbetrag",
                "importo",
                "importo totale",
                "totale",
                "totale fattura",
                "saldo",
                "valor",
                "valor total",
                "montante",
                "total a pagar",
                "bedrag",
                "factuurbedrag",
                "openstaand bedrag",
                "totaalbedrag",
            ],
            Self::Currency => &["currency", "moneda", "divisa", "devise", "monnaie", "wahrung", "waehrung", "valuta", "moeda"],
            Self::PurchaseOrder => &[
                "purchase order",
                "po",
                "po number",
                "order number",
                "pedido",
                "numero de pedido",
                "n pedido",
                "commande",
                "bon de commande",
                "numero de commande",
                "bestellnummer",
                "bestellung",
                "ordine",
                "numero ordine",
                "ordine di acquisto",
                "encomenda",
                "numero de encomenda",
                "bestelnummer",
                "ordernummer",
                "inkooporder",
            ],
            // `IVA` and `pagado` alone are as often a rate and a yes.
            Self::VatAmount => {
                &["vat amount", "cuota iva", "importe iva", "montant tva", "mwst betrag", "ust betrag", "importo iva"]
            }
            Self::DeliveryNote => &[
                "delivery note",
                "delivery note number",
                "albaran",
                "numero de albaran",
                "n albaran",
                "bon de livraison",
                "numero de bl",
                "lieferschein",
                "lieferscheinnummer",
            ],
            Self::DeliveredOn => &[
                "delivered on",
                "delivery date",
                "fecha de entrega",
                "fecha entrega",
                "date de livraison",
                "lieferdatum",
                "leistungsdatum",
            ],
            Self::PaidAmount => &[
                "paid amount",
                "amount paid",
                "importe pagado",
                "importe cobrado",
                "montant paye",
                "acompte",
                "bezahlter betrag",
                "importo pagato",
            ],
            Self::PaidOn => {
                &["paid on", "payment date", "fecha de pago", "fecha pago", "date de paiement", "bezahlt am", "zahlungsdatum"]
            }
        }
    }

    /// The column that a heading means.
    #[must_use]
    pub fn named(heading: &str) -> Option<Self> {
        static KNOWN: LazyLock<HashMap<&str, Column>> = LazyLock::new(|| {
            Column::ALL.iter().flat_map(|column| column.spellings().iter().map(|spelling| (*spelling, *column))).collect()
        });
        if heading.len() > LONGEST_HEADING {
            return None;
        }
        KNOWN.get(fold(heading).as_str()).copied()
    }
}

/// What a creditor says its own headings mean; none: the column is to be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping(BTreeMap<String, Option<Column>>);

impl Mapping {
    /// Headings that differ in case, accents and signs alone are one: the last one counts.
    pub fn new(said: impl IntoIterator<Item = (String, Option<Column>)>) -> Self {
        Self(said.into_iter().map(|(heading, column)| (fold(&heading), column)).collect())
    }

    /// What is said here, and the rest from `others`.
    #[must_use]
    pub fn over(self, others: Self) -> Self {
        let mut all = others.0;
        all.extend(self.0);
        Self(all)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<Column>)> {
        self.0.iter().map(|(heading, column)| (heading.as_str(), *column))
    }

    /// The columns of a header. What the creditor said goes before what a heading usually means.
    pub(super) fn columns<'a>(&self, headings: impl Iterator<Item = &'a str> + Clone) -> Vec<Option<Column>> {
        let said = |heading: &str| self.0.get(&fold(heading));
        let taken: Vec<Column> = headings.clone().filter_map(|heading| *said(heading)?).collect();
        let usual = |heading: &str| Column::named(heading).filter(|column| !taken.contains(column));
        headings.map(|heading| said(heading).map_or_else(|| usual(heading), |column| *column)).collect()
    }

    pub(super) fn leaves_out(&self, heading: &str) -> bool {
        self.0.get(&fold(heading)).is_some_and(Option::is_none)
    }
}

/// What a creditor downloads, fills in and uploads. With a byte-order mark, so that spreadsheets read the accents.
pub const TEMPLATE: &str = "\u{feff}debtor_name;tax_number;debtor_kind;sector;country;language;email;phone;street;postal_code;city;number;\
    issuer;issued_on;due_on;amount;currency;purchase_order\r\n\
    Peluquería Ejemplo SL;B12345674;business;beauty;ES;es;cuentas@example.com;+34 910 000 000;Calle Mayor 1;28013;Madrid;\
    F-2026-001;;2026-01-15;2026-02-14;1234,56;EUR;PED-77\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_seven_languages_are_understood() {
        let table = [
            ("Nº Factura", Column::Number),
            ("N° facture", Column::Number),
            ("Rechnungs-Nr.", Column::Number),
            ("invoice_number", Column::Number),
            ("Fecha de vencimiento", Column::DueOn),
            ("Date d’échéance", Column::DueOn),
            ("Fällig am", Column::DueOn),
            ("IMPORTE", Column::Amount),
            ("Montant TTC", Column::Amount),
            ("Währung", Column::Currency),
            ("Straße", Column::Street),
            ("CIF/NIF", Column::TaxNumber),
            ("USt-IdNr.", Column::TaxNumber),
            ("Razón social", Column::DebtorName),
            ("N. fattura", Column::Number),
            ("P.IVA", Column::TaxNumber),
            ("Data de vencimento", Column::DueOn),
            ("Factuurbedrag", Column::Amount),
        ];
        for (heading, column) in table {
            assert_eq!(Column::named(heading), Some(column), "{heading}");
        }
        assert_eq!(Column::named("colour"), None);
    }

    #[test]
    fn what_the_creditor_says_of_its_headings_goes_first() {
        let said = [("Kürzel", Some(Column::Number)), ("Notiz", None), ("Betrag", Some(Column::PurchaseOrder))];
        let mapping = Mapping::new(said.map(|(heading, column)| (heading.to_owned(), column)));
        let header = ["KURZEL", "Rechnungsnummer", "notiz", "Betrag", "IMPORTE", "Fremd"];
        let columns = mapping.columns(header.into_iter());
        assert_eq!(columns, [Some(Column::Number), None, None, Some(Column::PurchaseOrder), Some(Column::Amount), None]);
        assert!(mapping.leaves_out("Notiz") && !mapping.leaves_out("Fremd"));
    }

    #[test]
    fn every_spelling_is_folded_and_means_one_column() {
        for column in Column::ALL {
            assert_eq!(Column::named(column.as_str()), Some(*column));
            for spelling in column.spellings() {
                assert_eq!((fold(spelling).as_str(), Column::named(spelling)), (*spelling, Some(*column)));
            }
        }
    }
}
