//! What a claim needs to stand up, by who owes it. Pure: the facts come from the invoices and what was added to them.
//!
//! Most unpaid business invoices fail on a missing order number or on delivery that cannot be shown, so both are asked for.

use serde::Serialize;
use utoipa::ToSchema;

use super::DebtorKind;
use crate::types::text_enum;

text_enum! {
    /// A thing on the list.
    pub enum Paper {
        Invoice => "invoice",
        PurchaseOrder => "purchase_order",
        DeliveryProof => "delivery_proof",
        Contract => "contract",
        PriorReminder => "prior_reminder",
        Address => "address",
        MailAddress => "mail_address",
    }
}

text_enum! {
    /// What its absence costs.
    pub enum Need {
        /// Agencies and courts refuse a claim without it.
        Needed => "needed",
        /// Claims without it are disputed more and fetch less.
        Advised => "advised",
    }
}

/// What there is of an invoice and its debtor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    pub invoice: bool,
    pub purchase_order: bool,
    pub delivery_proof: bool,
    pub contract: bool,
    pub prior_reminder: bool,
    pub address: bool,
    pub mail_address: bool,
}

impl Held {
    /// What there is of every one of several.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            invoice: self.invoice && other.invoice,
            purchase_order: self.purchase_order && other.purchase_order,
            delivery_proof: self.delivery_proof && other.delivery_proof,
            contract: self.contract && other.contract,
            prior_reminder: self.prior_reminder && other.prior_reminder,
            address: self.address && other.address,
            mail_address: self.mail_address && other.mail_address,
        }
    }

    const fn has(self, paper: Paper) -> bool {
        match paper {
            Paper::Invoice => self.invoice,
            Paper::PurchaseOrder => self.purchase_order,
            Paper::DeliveryProof => self.delivery_proof,
            Paper::Contract => self.contract,
            Paper::PriorReminder => self.prior_reminder,
            Paper::Address => self.address,
            Paper::MailAddress => self.mail_address,
        }
    }
}

/// One line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChecklistItem {
    pub paper: Paper,
    pub need: Need,
    pub present: bool,
}

/// The list for a debtor of `kind`, with what is there.
#[must_use]
pub fn checklist(kind: DebtorKind, held: Held) -> Vec<ChecklistItem> {
    let list: &[(Paper, Need)] = match kind {
        DebtorKind::Business => &[
            (Paper::Invoice, Need::Needed),
            (Paper::PurchaseOrder, Need::Advised),
            (Paper::DeliveryProof, Need::Advised),
            (Paper::Contract, Need::Advised),
            (Paper::PriorReminder, Need::Advised),
            (Paper::Address, Need::Advised),
            (Paper::MailAddress, Need::Advised),
        ],
        // Consumers owe nothing beyond the principal before a notice in most of our countries.
        DebtorKind::Consumer => &[
            (Paper::Invoice, Need::Needed),
            (Paper::Contract, Need::Needed),
            (Paper::PriorReminder, Need::Needed),
            (Paper::DeliveryProof, Need::Advised),
            (Paper::Address, Need::Needed),
            (Paper::MailAddress, Need::Advised),
        ],
        // Public accountants pay against an order number and nothing else.
        DebtorKind::Public => &[
            (Paper::Invoice, Need::Needed),
            (Paper::PurchaseOrder, Need::Needed),
            (Paper::DeliveryProof, Need::Needed),
            (Paper::Contract, Need::Advised),
            (Paper::PriorReminder, Need::Advised),
            (Paper::Address, Need::Advised),
        ],
    };
    list.iter().map(|(paper, need)| ChecklistItem { paper: *paper, need: *need, present: held.has(*paper) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_bodies_need_the_order_number_and_consumers_a_reminder() {
        let needed = |kind| {
            let list = checklist(kind, Held { invoice: true, ..Held::default() });
            list.into_iter().filter(|item| item.need == Need::Needed && !item.present).map(|item| item.paper).collect::<Vec<_>>()
        };
        assert_eq!(needed(DebtorKind::Business), []);
        assert_eq!(needed(DebtorKind::Public), [Paper::PurchaseOrder, Paper::DeliveryProof]);
        assert_eq!(needed(DebtorKind::Consumer), [Paper::Contract, Paper::PriorReminder, Paper::Address]);
    }

    #[test]
    fn of_several_invoices_each_must_have_it() {
        let one = Held { invoice: true, contract: true, ..Held::default() };
        assert_eq!(one.and(Held { invoice: true, ..Held::default() }), Held { invoice: true, ..Held::default() });
    }
}
