//! ISO 20022 pain.002 (03 to 13): what a bank says of a file of orders, of a part of it, or of one order.
//!
//! The nearest word counts: an order's own, else that of its group of orders, else that of the file.

use crate::{
    bank::refusal::{Refusal, shown},
    receivables::intake::{
        encoding::decode_xml,
        reader::Content,
        xml::{self, Leaf, Visitor},
    },
    settlement::batches::{OrderStatus, Said},
};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.";

/// A report on one file of orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusReport {
    /// The id that our file carried.
    pub message_id: String,
    /// Of the file as a whole, where the bank says one.
    pub whole: Option<Said>,
    /// By end-to-end id.
    pub orders: Vec<(String, Said)>,
}

/// Reads a report.
///
/// # Errors
/// No pain.002, broken, or without the id of the file that it is about.
pub fn read(bytes: &[u8]) -> Result<StatusReport, Refusal> {
    let content = Content::new(bytes);
    let decoded = decode_xml(content.bytes)?;
    let namespace = content.root.as_ref().map(|root| root.namespace.as_str()).unwrap_or_default();
    let version = namespace.strip_prefix(NAMESPACE).ok_or_else(|| Refusal::NoReport(shown(namespace)))?;
    if !("03"..="13").contains(&version) || version.len() != 2 {
        return Err(Refusal::NoReport(shown(namespace)));
    }
    let mut walk = Walk::default();
    xml::walk(&decoded.text, &mut walk)?;
    if walk.report.message_id.is_empty() {
        return Err(Refusal::NoReport("it names no file: OrgnlMsgId is missing".to_owned()));
    }
    Ok(walk.report)
}

#[derive(Default)]
struct Walk {
    report: StatusReport,
    /// Of the file, of the group of orders being read, of the order being read.
    file: Words,
    group: Words,
    order: Words,
    end_to_end_id: String,
    /// Orders of the group being read that say nothing of themselves get its word.
    of_group: Vec<(String, Option<Said>)>,
}

#[derive(Default)]
struct Words {
    status: String,
    reason: Vec<String>,
}

impl Words {
    fn leaf(&mut self, path: &str, text: &str) {
        match path {
            "GrpSts" | "PmtInfSts" | "TxSts" => text.clone_into(&mut self.status),
            "StsRsnInf/Rsn/Cd" | "StsRsnInf/Rsn/Prtry" | "StsRsnInf/AddtlInf" => self.reason.push(text.trim().to_owned()),
            _ => {}
        }
    }

    /// External codes of ISO 20022. What a bank says partly (`PART`), or in a code that is not known, is no word on the whole.
    fn said(&self) -> Option<Said> {
        let status = match self.status.as_str() {
            "PDNG" | "RCVD" => OrderStatus::Pending,
            "ACTC" | "ACCP" | "ACSP" | "ACWC" | "ACFC" => OrderStatus::Accepted,
            "ACSC" | "ACCC" => OrderStatus::Settled,
            "RJCT" | "CANC" => OrderStatus::Rejected,
            _ => return None,
        };
        let reason = self.reason.join(" ");
        Some(Said { status, reason: (!reason.is_empty()).then(|| reason.chars().take(400).collect()) })
    }
}

impl Visitor for Walk {
    fn leaf(&mut self, leaf: &Leaf<'_>) {
        let Some((_, path)) = leaf.path.split_once('/') else { return };
        if let Some(path) = path.strip_prefix("OrgnlPmtInfAndSts/TxInfAndSts/") {
            if path == "OrgnlEndToEndId" {
                leaf.text.trim().clone_into(&mut self.end_to_end_id);
            }
            self.order.leaf(path, leaf.text);
        } else if let Some(path) = path.strip_prefix("OrgnlPmtInfAndSts/") {
            self.group.leaf(path, leaf.text);
        } else if let Some(path) = path.strip_prefix("OrgnlGrpInfAndSts/") {
            if path == "OrgnlMsgId" {
                leaf.text.trim().clone_into(&mut self.report.message_id);
            }
            self.file.leaf(path, leaf.text);
        }
    }

    fn closed(&mut self, path: &str) {
        let Some((_, path)) = path.split_once('/') else { return };
        match path {
            "OrgnlPmtInfAndSts/TxInfAndSts" => {
                let (id, words) = (std::mem::take(&mut self.end_to_end_id), std::mem::take(&mut self.order));
                self.of_group.push((id, words.said()));
            }
            "OrgnlPmtInfAndSts" => {
                let word = std::mem::take(&mut self.group).said();
                // Our files hold one group of orders: its word is the file's.
                self.report.whole = word.clone().or(self.report.whole.take());
                let told = self.of_group.drain(..).filter_map(|(id, own)| Some((id, own.or_else(|| word.clone())?)));
                self.report.orders.extend(told);
            }
            "OrgnlGrpInfAndSts" => self.report.whole = std::mem::take(&mut self.file).said(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(inner: &str) -> Vec<u8> {
        format!("<?xml version=\"1.0\"?><Document xmlns=\"{NAMESPACE}03\"><CstmrPmtStsRpt>{inner}</CstmrPmtStsRpt></Document>")
            .into()
    }

    fn said(status: OrderStatus, reason: Option<&str>) -> Said {
        Said { status, reason: reason.map(str::to_owned) }
    }

    #[test]
    fn an_order_has_its_own_word_or_that_of_its_group() {
        let report = read(&file(
            "<GrpHdr><MsgId>B</MsgId></GrpHdr>
             <OrgnlGrpInfAndSts><OrgnlMsgId>m1</OrgnlMsgId><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>
             <OrgnlPmtInfAndSts><OrgnlPmtInfId>m1</OrgnlPmtInfId><PmtInfSts>ACSP</PmtInfSts>
               <TxInfAndSts><OrgnlEndToEndId>e1</OrgnlEndToEndId><TxSts>RJCT</TxSts>
                 <StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed account</AddtlInf></StsRsnInf></TxInfAndSts>
               <TxInfAndSts><OrgnlEndToEndId>e2</OrgnlEndToEndId></TxInfAndSts>
               <TxInfAndSts><OrgnlEndToEndId>e3</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>
             </OrgnlPmtInfAndSts>",
        ))
        .unwrap();
        assert_eq!(report.message_id, "m1");
        assert_eq!(report.whole, Some(said(OrderStatus::Accepted, None)));
        let expected = [
            ("e1".to_owned(), said(OrderStatus::Rejected, Some("AC04 closed account"))),
            ("e2".to_owned(), said(OrderStatus::Accepted, None)),
            ("e3".to_owned(), said(OrderStatus::Settled, None)),
        ];
        assert_eq!(report.orders, expected);
    }

    #[test]
    fn a_file_refused_whole_has_one_word() {
        let report = read(&file(
            "<OrgnlGrpInfAndSts><OrgnlMsgId>m1</OrgnlMsgId><GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts>",
        ))
        .unwrap();
        assert_eq!((report.whole, report.orders.len()), (Some(said(OrderStatus::Rejected, Some("FF01"))), 0));
    }

    #[test]
    fn what_is_no_report_is_refused_with_what_it_is() {
        for bytes in [
            file("<OrgnlGrpInfAndSts><GrpSts>ACCP</GrpSts></OrgnlGrpInfAndSts>"),
            b"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><a>1</a></Document>".to_vec(),
            format!("<Document xmlns=\"{NAMESPACE}99\"><a>1</a></Document>").into(),
            b"not xml".to_vec(),
            file("<OrgnlGrpInfAndSts><OrgnlMsgId>m1</OrgnlMsgId>").split_last().unwrap().1.to_vec(),
        ] {
            assert!(read(&bytes).is_err(), "{}", String::from_utf8_lossy(&bytes));
        }
    }
}
