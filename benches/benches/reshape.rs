//! The encoder by shape, by path, by dirt and by size, with its peers beside it; throughput in bytes of CSV.
#![allow(missing_docs, reason = "criterion's macros make functions without")]

use airq_benches::{DAY, Discard, dirty, peers, reshape, sure};
use airq_core::Format;
use airq_core::csv::Instructions;
use airq_core::testing::{Dirt, vector_instructions};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

/// Rows of a file that does not fit into the nearest caches.
const LARGE: u64 = 100_000;

fn shapes(criterion: &mut Criterion) {
    for (size, rows) in [("a day", DAY), ("large", LARGE)] {
        let csv = dirty(Dirt::Clean, rows);
        sure(peers::assert_alike(&csv));
        let mut group = criterion.benchmark_group(format!("shapes/{size}"));
        group.throughput(Throughput::Bytes(csv.len() as u64));
        for &format in Format::TEXT {
            group.bench_function(format.name(), |bencher| {
                bencher.iter(|| sure(reshape(format, Instructions::Auto, &csv)));
            });
        }
        group.finish();
    }
}

/// GeoJSON has one row a station: its time is that of the scanner and the checks. What records take more is the row
/// writer's.
fn parts(criterion: &mut Criterion) {
    let csv = dirty(Dirt::Clean, LARGE);
    for set in vector_instructions() {
        let mut group = criterion.benchmark_group(format!("parts/{set:?}"));
        group.throughput(Throughput::Bytes(csv.len() as u64));
        for (part, format) in [("scanner and checks", Format::GeoJson), ("and row writer", Format::Records)] {
            group.bench_function(part, |bencher| bencher.iter(|| sure(reshape(format, *set, &csv))));
        }
        group.finish();
    }
}

fn paths(criterion: &mut Criterion) {
    let csv = dirty(Dirt::Clean, LARGE);
    let mut group = criterion.benchmark_group("paths");
    group.throughput(Throughput::Bytes(csv.len() as u64));
    for path in vector_instructions().iter().copied().chain([Instructions::Scalar]) {
        let name = BenchmarkId::from_parameter(format!("{path:?}"));
        group.bench_function(name, |bencher| bencher.iter(|| sure(reshape(Format::Records, path, &csv))));
    }
    let mut copy = vec![0; csv.len()];
    group.bench_function("memcpy", |bencher| bencher.iter(|| black_box(&mut copy).copy_from_slice(black_box(&csv))));
    group.finish();
}

fn dirt(criterion: &mut Criterion) {
    for dirt in Dirt::ALL {
        let csv = dirty(dirt, LARGE);
        sure(peers::assert_alike(&csv));
        let mut group = criterion.benchmark_group(format!("dirt/{dirt:?}"));
        group.throughput(Throughput::Bytes(csv.len() as u64));
        group.bench_function("airq", |bencher| {
            bencher.iter(|| sure(reshape(Format::Records, Instructions::Auto, &csv)));
        });
        group.bench_function("csv, JSON by hand", |bencher| {
            bencher.iter(|| sure(peers::by_hand(&csv, &mut Discard::default())));
        });
        group.bench_function("csv, serde, serde_json", |bencher| {
            bencher.iter(|| sure(peers::by_serde(&csv, &mut Discard::default())));
        });
        group.finish();
    }
}

criterion_group!(benches, shapes, parts, paths, dirt);
criterion_main!(benches);
