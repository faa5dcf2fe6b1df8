#![no_main]

use entente_fuzz::bank::readers::StatementFormat;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus { entente_fuzz::take_statement(&[StatementFormat::Norma43], bytes) });
