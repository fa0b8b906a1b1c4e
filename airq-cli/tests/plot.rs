//! `plot`: on the terminal, as SVG, as PNG.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test panics with what was broken")]

mod common;

use common::{file, folder, run};
use std::path::Path;

fn saved(name: &str, args: &[&str]) -> Vec<u8> {
    let path = folder(&format!("plot_{}", name.replace('.', "_"))).join(name);
    let mut all = vec!["plot", "--output", path.to_str().expect("a path in UTF-8")];
    all.extend_from_slice(args);
    assert!(run(&all).ok().out.is_empty());
    std::fs::read(path).expect("the file is there")
}

#[test]
fn the_file_is_svg_or_png_by_its_ending() {
    let svg = saved("a.svg", &["--city", "madrid", "--pollutant", "no2", "--tz", "Europe/Madrid"]);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/golden/stations.svg");
    assert_eq!(svg, std::fs::read(golden).expect("a fixture"), "the same as the library's");
    let png = saved("b.PNG", &["--city", "madrid", "--width", "400", "--height", "300"]);
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    assert_eq!(u32::from_be_bytes([png[16], png[17], png[18], png[19]]), 800, "two dots a pixel");
    assert!(png.len() > 10_000, "there is something on it");
}

#[test]
fn another_ending_is_refused_before_anything_is_read() {
    let error = run(&["plot", "--output", "chart.jpg", "--source", "/no/such"]).failed(2);
    assert!(error.contains(".svg or .png"), "{error}");
}

#[test]
fn without_a_file_it_is_drawn_in_braille() {
    let ran = run(&["plot", "--city", "Madrid", "--pollutant", "no2"]).ok();
    assert!(ran.text().starts_with("NO₂ in Madrid\n"), "{}", ran.text());
    for text in ["Castellana", "Retiro", "Salvia", "µg/m³", "2016-10-01 00:00", "UTC"] {
        assert!(ran.text().contains(text), "{text}: {}", ran.text());
    }
    assert!(ran.text().chars().filter(|c| ('\u{2801}'..='\u{28ff}').contains(c)).count() > 100);
}

#[test]
fn what_cannot_be_drawn_is_told() {
    run(&["plot", "--tz", "Mars", "--width", "9"]).failed(2);
    run(&["plot", "--city", "Madird"]).failed(3);
    let many = (0..30).fold(String::new(), |rows, station| rows + &format!("s{station:02},2016-10-01,1\n"));
    let path = file("plot_many", format!("station,time,no2\n{many}"));
    assert!(run(&["plot", "--source", &path]).failed(2).contains("24 stations"));
    let nothing = run(&["plot", "--from", "2030-01-01"]).ok();
    assert!(nothing.err.contains("no measurement matches"), "{}", nothing.err);
}
