// What both targets do with the CSV they make: every path must give what the careful one gives, wherever the input is cut.

use airq_core::csv::Instructions;
use airq_core::encode::{EncoderOptions, Summary};
use airq_core::{Format, Pollutant};
use std::io::Write;
use std::sync::{Arc, Mutex};

const FAST: [Instructions; 4] = [Instructions::Auto, Instructions::Avx512, Instructions::Avx2, Instructions::Portable];

/// What is asked of the encoder, and where the input is cut, read from four bytes.
pub struct Job {
    format: Format,
    pollutants: Vec<Pollutant>,
    limit: Option<u64>,
    tolerant: bool,
    cuts: [usize; 2],
}

type Made = (Result<(Vec<u8>, Summary), String>, Vec<String>);

impl Job {
    pub fn new([what, limit, first, second]: [u8; 4]) -> Job {
        Job {
            format: Format::ALL[usize::from(what) % Format::ALL.len()],
            pollutants: if what & 0x40 == 0 { Vec::new() } else { vec![Pollutant::No2, Pollutant::Nh3] },
            limit: (limit < 0x80).then_some(u64::from(limit) + 1),
            tolerant: what & 0x80 == 0,
            cuts: [usize::from(first), usize::from(second) * 17],
        }
    }

    pub fn check(&self, csv: &[u8]) {
        let careful = self.made(Instructions::Scalar, csv, [0, 0]);
        for path in FAST {
            assert_eq!(self.made(path, csv, self.cuts), careful, "{path:?}");
            assert_eq!(self.made(path, csv, [0, 0]), careful, "{path:?} uncut");
        }
    }

    fn made(&self, instructions: Instructions, csv: &[u8], cuts: [usize; 2]) -> Made {
        let rejects = Arc::new(Mutex::new(Vec::new()));
        let mut reshape =
            EncoderOptions::new(self.format).instructions(instructions).pollutants(self.pollutants.clone());
        if let Some(rows) = self.limit {
            reshape = reshape.limit(rows);
        }
        if self.tolerant {
            let rejects = rejects.clone();
            reshape = reshape.on_rejected(move |reject| rejects.lock().unwrap().push(reject.to_string()));
        }
        let answer = pushed(reshape, csv, cuts).map_err(|error| error.to_string());
        let rejects = std::mem::take(&mut *rejects.lock().unwrap());
        (answer, rejects)
    }
}

fn pushed(reshape: EncoderOptions, csv: &[u8], cuts: [usize; 2]) -> airq_core::Result<(Vec<u8>, Summary)> {
    let mut encoder = reshape.into_writer(Vec::new());
    let (first, rest) = csv.split_at(cuts[0].min(csv.len()));
    let (second, third) = rest.split_at(cuts[1].min(rest.len()));
    for piece in [first, second, third] {
        encoder.write_all(piece)?;
    }
    encoder.finish()
}
