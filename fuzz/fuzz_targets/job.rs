// The check of both targets: every instruction set gives the bytes and errors of the scalar parser, for any cut of the input.

use airq_core::csv::Instructions;
use airq_core::encode::{EncoderOptions, Summary};
use airq_core::testing::vector_instructions;
use airq_core::{Format, Parameter};
use std::io::Write;
use std::sync::{Arc, Mutex};

/// The settings of the encoder and the cuts of the input.
pub struct Job {
    format: Format,
    parameters: Vec<Parameter>,
    limit: Option<u64>,
    reports_rejected: bool,
    cuts: [usize; 2],
}

/// The answer or the error, and the rejected rows.
type Encoded = (Result<(Vec<u8>, Summary), String>, Vec<String>);

impl Job {
    /// Reads a job from the first four bytes of the fuzzer's input.
    pub fn new([flags, limit, first, second]: [u8; 4]) -> Job {
        Job {
            format: Format::TEXT[usize::from(flags) % Format::TEXT.len()],
            parameters: if flags & 0x40 == 0 { Vec::new() } else { vec![Parameter::NO2, Parameter::NH3] },
            limit: (limit < 0x80).then_some(u64::from(limit) + 1),
            reports_rejected: flags & 0x80 == 0,
            cuts: [usize::from(first), usize::from(second) * 17],
        }
    }

    pub fn check(&self, csv: &[u8]) {
        let expected = self.encode(Instructions::Scalar, csv, [0, 0]);
        for set in vector_instructions() {
            assert_eq!(self.encode(*set, csv, self.cuts), expected, "{set:?}");
            assert_eq!(self.encode(*set, csv, [0, 0]), expected, "{set:?}, one chunk");
        }
    }

    fn encode(&self, instructions: Instructions, csv: &[u8], cuts: [usize; 2]) -> Encoded {
        let rejected = Arc::new(Mutex::new(Vec::new()));
        let mut options =
            EncoderOptions::new(self.format).instructions(instructions).parameters(self.parameters.clone());
        if let Some(rows) = self.limit {
            options = options.limit(rows);
        }
        if self.reports_rejected {
            let log = rejected.clone();
            options = options.on_rejected(move |row| log.lock().unwrap().push(row.to_string()));
        }
        let answer = encode_chunks(options, csv, cuts).map_err(|error| error.to_string());
        let rejected = std::mem::take(&mut *rejected.lock().unwrap());
        (answer, rejected)
    }
}

fn encode_chunks(options: EncoderOptions, csv: &[u8], cuts: [usize; 2]) -> airq_core::Result<(Vec<u8>, Summary)> {
    let mut encoder = options.into_writer(Vec::new());
    let (first, rest) = csv.split_at(cuts[0].min(csv.len()));
    let (second, third) = rest.split_at(cuts[1].min(rest.len()));
    for chunk in [first, second, third] {
        encoder.write_all(chunk)?;
    }
    encoder.finish()
}
