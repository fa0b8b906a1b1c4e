//! A day's answer compressed, by library and level, beside the making of that answer; throughput in bytes of JSON. What it
//! shrinks to stands in each name.
#![allow(missing_docs, reason = "criterion's macros make functions without")]

use airq_benches::{DAY, dirty, sure};
use airq_core::Format;
use airq_core::encode::EncoderOptions;
use airq_core::testing::Dirt;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};
use libdeflater::{CompressionLvl, Compressor};
use std::io::{Read, Write};

type Compress = Box<dyn FnMut(&[u8]) -> Vec<u8>>;

fn libraries() -> Vec<(String, Compress)> {
    let mut all: Vec<(String, Compress)> = Vec::new();
    for level in [1, 2, 3, 6] {
        all.push((format!("flate2 with zlib-rs, {level}"), Box::new(move |json| by_flate2(json, level))));
        all.push((format!("libdeflate, {level}"), Box::new(move |json| by_libdeflate(json, level))));
    }
    all
}

fn by_flate2(json: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzBuilder::new().write(Vec::with_capacity(json.len() / 4), Compression::new(level));
    sure(encoder.write_all(json));
    sure(encoder.finish())
}

fn by_libdeflate(json: &[u8], level: u32) -> Vec<u8> {
    let level = CompressionLvl::new(i32::try_from(level).unwrap_or(1)).unwrap_or_default();
    let mut compressor = Compressor::new(level);
    let mut gzip = vec![0; compressor.gzip_compress_bound(json.len())];
    let length = sure(compressor.gzip_compress(json, &mut gzip));
    gzip.truncate(length);
    gzip
}

/// The size of what was compressed, as a share of what it restores.
fn share(gzip: &[u8], json: &[u8]) -> usize {
    let mut restored = Vec::new();
    sure(GzDecoder::new(gzip).read_to_end(&mut restored));
    assert!(restored == json, "the same comes back");
    100 * gzip.len() / json.len()
}

fn gzip(criterion: &mut Criterion) {
    let csv = dirty(Dirt::Clean, DAY);
    let make = || {
        let mut encoder = EncoderOptions::new(Format::Json).into_writer(Vec::new());
        sure(encoder.write_all(&csv));
        sure(encoder.finish()).0
    };
    let json = make();
    let mut group = criterion.benchmark_group("gzip/a day");
    group.throughput(Throughput::Bytes(json.len() as u64));
    group.bench_function("the making of it", |bencher| bencher.iter(make));
    for (name, mut compress) in libraries() {
        let name = format!("{name} (to {} %)", share(&compress(&json), &json));
        group.bench_function(name, |bencher| bencher.iter(|| compress(&json)));
    }
    group.finish();
}

criterion_group!(benches, gzip);
criterion_main!(benches);
