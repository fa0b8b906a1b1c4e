//! Every breakpoint of every index, from both sides. The numbers stand here a second time, as the norms print them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

use AveragingPeriod::{Hour, Hours3, Hours8, Hours24, NowCast};
use Unit::{MicrogramPerCubicMetre as Micrograms, PartPerBillion as Ppb, PartPerMillion as Ppm};
use airq_core::aqi::{AirQualityIndex, AveragingPeriod, Input, Missing, Rated, nowcast};
use airq_core::{GasConditions, Parameter, Unit};

const CO: Parameter = Parameter::CO;
const NO2: Parameter = Parameter::NO2;
const O3: Parameter = Parameter::O3;
const PM2_5: Parameter = Parameter::PM2_5;
const PM10: Parameter = Parameter::PM10;
const SO2: Parameter = Parameter::SO2;

fn index(id: &str) -> AirQualityIndex {
    id.parse::<AirQualityIndex>().unwrap()
}

fn rated(id: &str, inputs: &[Input]) -> Rated {
    *index(id).rate(inputs).worst().unwrap_or_else(|missing| panic!("{id} {inputs:?}: {missing}"))
}

fn one(id: &str, parameter: Parameter, averaging: AveragingPeriod, unit: Unit, value: f64) -> Rated {
    rated(id, &[Input::new(parameter, averaging, value).in_unit(unit)])
}

/// Level by level: at the end of a band the value is in it, the least bit above it is in the next.
fn check_ends(id: &str, parameter: Parameter, averaging: AveragingPeriod, ends: &[f64]) {
    let level = |value: f64| one(id, parameter, averaging, Micrograms, value).level;
    assert_eq!((level(0.0), level(-3.0)), (1, 1), "{id} {parameter}");
    for (level_of_end, end) in (1..).zip(ends) {
        for inside in [*end, end - 1e-6, end - 0.9] {
            assert_eq!(level(inside), level_of_end, "{id} {parameter} {inside}");
        }
        for above in [end + 1e-6, end + 0.4, end + 1.0] {
            assert_eq!(level(above), level_of_end + 1, "{id} {parameter} {above}");
        }
    }
    assert_eq!(level(1e9), ends.len() + 1, "{id} {parameter}: the last band has no end");
}

#[test]
fn the_european_index_of_2024_is_exact_at_every_end() {
    check_ends("eaqi-2024", PM2_5, Hour, &[5.0, 15.0, 50.0, 90.0, 140.0]);
    check_ends("eaqi-2024", PM10, Hour, &[15.0, 45.0, 120.0, 195.0, 270.0]);
    check_ends("eaqi-2024", NO2, Hour, &[10.0, 25.0, 60.0, 100.0, 150.0]);
    check_ends("eaqi-2024", O3, Hour, &[60.0, 100.0, 120.0, 160.0, 180.0]);
    check_ends("eaqi-2024", SO2, Hour, &[20.0, 40.0, 125.0, 190.0, 275.0]);
    let fair = one("eaqi-2024", PM2_5, Hour, Micrograms, 5.4);
    assert_eq!((fair.band.name, fair.band.colour, fair.number), ("Fair", "#50ccaa", None), "between 0–5 and 6–15");
}

#[test]
fn the_european_index_of_2020_is_exact_at_every_end() {
    check_ends("eaqi-2020", PM2_5, Hours24, &[10.0, 20.0, 25.0, 50.0, 75.0]);
    check_ends("eaqi-2020", PM10, Hours24, &[20.0, 40.0, 50.0, 100.0, 150.0]);
    check_ends("eaqi-2020", NO2, Hour, &[40.0, 90.0, 120.0, 230.0, 340.0]);
    check_ends("eaqi-2020", O3, Hour, &[50.0, 100.0, 130.0, 240.0, 380.0]);
    check_ends("eaqi-2020", SO2, Hour, &[100.0, 200.0, 350.0, 500.0, 750.0]);
}

#[test]
fn the_common_index_is_exact_at_every_end_and_linear_between_them() {
    for (parameter, averaging, ends) in [
        (NO2, Hour, [50.0, 100.0, 200.0, 400.0]),
        (PM10, Hour, [25.0, 50.0, 90.0, 180.0]),
        (O3, Hour, [60.0, 120.0, 180.0, 240.0]),
        (PM2_5, Hour, [15.0, 30.0, 55.0, 110.0]),
        (SO2, Hour, [50.0, 100.0, 350.0, 500.0]),
        (CO, Hours8, [5000.0, 7500.0, 10_000.0, 20_000.0]),
    ] {
        check_ends("caqi", parameter, averaging, &ends);
        let number = |value: f64| one("caqi", parameter, averaging, Micrograms, value).number.unwrap();
        assert_eq!(ends.map(number), [25, 50, 75, 100], "{parameter}");
        assert_eq!(number(ends[0] * 0.4), 10, "{parameter}");
        assert_eq!(number(ends[1].midpoint(ends[2])), 63, "{parameter}: 62.5, halves up");
        assert!(number(ends[3] + 1e-6) > 100, "{parameter}: printed as >100");
    }
}

#[test]
fn the_uk_index_rounds_to_whole_numbers_and_is_exact_at_every_end() {
    for (parameter, averaging, ends) in [
        (PM2_5, Hours24, [11.0, 23.0, 35.0, 41.0, 47.0, 53.0, 58.0, 64.0, 70.0]),
        (PM10, Hours24, [16.0, 33.0, 50.0, 58.0, 66.0, 75.0, 83.0, 91.0, 100.0]),
        (NO2, Hour, [67.0, 134.0, 200.0, 267.0, 334.0, 400.0, 467.0, 534.0, 600.0]),
        (O3, Hours8, [33.0, 66.0, 100.0, 120.0, 140.0, 160.0, 187.0, 213.0, 240.0]),
    ] {
        let number = |value: f64| one("uk-daqi", parameter, averaging, Micrograms, value).number.unwrap();
        for (number_of_end, end) in (1..).zip(ends) {
            for inside in [end, end - 0.5, end + 0.49, end + 0.499_999] {
                assert_eq!(number(inside), number_of_end, "{parameter} {inside}");
            }
            for above in [end + 0.5, end + 0.500_001, end + 1.0] {
                assert_eq!(number(above), number_of_end + 1, "{parameter} {above}");
            }
        }
        assert_eq!((number(0.0), number(-3.0), number(1e9)), (1, 1, 10), "{parameter}");
    }
    let low = one("uk-daqi", O3, Hours8, Micrograms, 100.4);
    assert_eq!((low.number, low.level, low.band.name), (Some(3), 3, "Low"));
    assert_eq!(one("uk-daqi", O3, Hours8, Micrograms, 100.5).band.name, "Moderate");
    assert!(index("uk-daqi").inputs().all(|(parameter, _)| parameter != SO2), "15 minutes");
}

/// Returns the rating of one pollutant, for indices that need several pollutants.
fn sub_index(id: &str, parameter: Parameter, averaging: AveragingPeriod, value: f64) -> Result<Rated, Missing> {
    let rating = index(id).rate(&[Input::new(parameter, averaging, value)]);
    rating.sub_indices.into_iter().find(|sub| sub.pollutant == parameter).unwrap().rated
}

fn number(id: &str, parameter: Parameter, averaging: AveragingPeriod, value: f64) -> Option<u32> {
    sub_index(id, parameter, averaging, value).unwrap().number
}

#[test]
fn the_indian_index_has_the_printed_number_at_both_ends_of_every_band() {
    const NH3: Parameter = Parameter::NH3;
    for (parameter, averaging, unit, ends) in [
        (PM2_5, Hours24, 1.0, [30.0, 60.0, 90.0, 120.0, 250.0]),
        (PM10, Hours24, 1.0, [50.0, 100.0, 250.0, 350.0, 430.0]),
        (NO2, Hours24, 1.0, [40.0, 80.0, 180.0, 280.0, 400.0]),
        (CO, Hours8, 0.1, [1.0, 2.0, 10.0, 17.0, 34.0]),
        (SO2, Hours24, 1.0, [40.0, 80.0, 380.0, 800.0, 1600.0]),
        (NH3, Hours24, 1.0, [200.0, 400.0, 800.0, 1200.0, 1800.0]),
    ] {
        let number = |value: f64| number("in-naqi", parameter, averaging, value);
        assert_eq!(ends.map(number), [Some(50), Some(100), Some(200), Some(300), Some(400)], "{parameter}");
        for (end, start) in ends.into_iter().zip([51, 101, 201, 301]) {
            assert_eq!(number(end + unit), Some(start), "{parameter} {end}");
            assert_eq!(number(end + unit * 0.5), Some(start), "{parameter}: halves of a unit are rounded up");
            assert_eq!(number(end + unit * 0.49), Some(start - 1), "{parameter}");
        }
        let severe = sub_index("in-naqi", parameter, averaging, ends[4] + unit).unwrap();
        assert_eq!((severe.band.name, severe.number), ("Severe", None), "{parameter}: the band has no end");
    }
    // Numbers that the report prints.
    assert_eq!([31.0, 45.0, 60.0].map(|value| number("in-naqi", PM2_5, Hours24, value).unwrap()), [51, 75, 100]);
    assert_eq!(number("in-naqi", PM10, Hours24, 120.0), Some(114));
}

#[test]
fn indian_ozone_is_rated_by_8_hours_and_above_208_by_the_hour() {
    let ozone = |eight_hours: f64, hour: f64| {
        let inputs = [Input::new(O3, Hours8, eight_hours), Input::new(O3, Hour, hour)];
        let rating = index("in-naqi").rate(&inputs);
        let ozone = rating.sub_indices.iter().find(|sub| sub.pollutant == O3).unwrap().rated.unwrap();
        (ozone.number, ozone.averaging)
    };
    assert_eq!(ozone(208.0, 208.0), (Some(300), Hours8));
    assert_eq!(ozone(150.0, 209.0), (Some(301), Hour), "the higher rating counts");
    assert_eq!(ozone(300.0, 748.0), (Some(400), Hour));
    assert_eq!(ozone(300.0, 749.0), (None, Hour));
    assert_eq!(
        ozone(300.0, 100.0),
        (Some(300), Hours8),
        "above its scale, without a higher hour: the end of the scale"
    );
}

#[test]
fn the_indian_index_needs_three_pollutants_one_of_them_particles() {
    let inputs = |parameters: &[Parameter]| -> Vec<Input> {
        parameters.iter().map(|parameter| Input::new(*parameter, Hours24, 10.0)).collect()
    };
    let too_few =
        |parameters: &[Parameter]| index("in-naqi").rate(&inputs(parameters)).worst().unwrap_err().to_string();
    assert_eq!(too_few(&[PM2_5, NO2]), "3 pollutants are needed, one of them pm2_5 or pm10");
    assert_eq!(too_few(&[NO2, SO2, Parameter::NH3]), "3 pollutants are needed, one of them pm2_5 or pm10");
    assert_eq!(rated("in-naqi", &inputs(&[PM10, NO2, SO2])).pollutant, NO2);
}

#[test]
fn the_chinese_indices_are_exact_at_every_end_and_round_up() {
    const NUMBERS: [u32; 7] = [50, 100, 150, 200, 300, 400, 500];
    let daily: [(Parameter, AveragingPeriod, f64, &[f64]); 4] = [
        (SO2, Hours24, 1.0, &[50.0, 150.0, 475.0, 800.0, 1600.0, 2100.0, 2620.0]),
        (NO2, Hours24, 1.0, &[40.0, 80.0, 180.0, 280.0, 565.0, 750.0, 940.0]),
        (CO, Hours24, 0.1, &[2.0, 4.0, 14.0, 24.0, 36.0, 48.0, 60.0]),
        (O3, Hours8, 1.0, &[100.0, 160.0, 215.0, 265.0, 800.0]),
    ];
    let hourly: [(Parameter, AveragingPeriod, f64, &[f64]); 4] = [
        (SO2, Hour, 1.0, &[150.0, 500.0, 650.0, 800.0]),
        (NO2, Hour, 1.0, &[100.0, 200.0, 700.0, 1200.0, 2340.0, 3090.0, 3840.0]),
        (CO, Hour, 0.1, &[5.0, 10.0, 35.0, 60.0, 90.0, 120.0, 150.0]),
        (O3, Hour, 1.0, &[160.0, 200.0, 300.0, 400.0, 800.0, 1000.0, 1200.0]),
    ];
    let particles: [(&str, Parameter, &[f64]); 4] = [
        ("cn-2012", PM2_5, &[35.0, 75.0, 115.0, 150.0, 250.0, 350.0, 500.0]),
        ("cn-2012", PM10, &[50.0, 150.0, 250.0, 350.0, 420.0, 500.0, 600.0]),
        ("cn-2026", PM2_5, &[35.0, 60.0, 115.0, 150.0, 250.0, 350.0, 500.0]),
        ("cn-2026", PM10, &[50.0, 120.0, 250.0, 350.0, 420.0, 500.0, 600.0]),
    ];
    let check = |id: &str, parameter: Parameter, averaging: AveragingPeriod, unit: f64, ends: &[f64]| {
        for (end, of_end) in ends.iter().zip(NUMBERS) {
            let at = |value: f64| number(id, parameter, averaging, value);
            for inside in [*end, end + 0.49 * unit, end - 0.5 * unit] {
                assert_eq!(at(inside), Some(of_end), "{id} {parameter} {averaging} {inside}");
            }
            let is_in_table = *end < ends[ends.len() - 1];
            assert!(
                !is_in_table || at(end + 0.5 * unit) > Some(of_end),
                "{id} {parameter} {averaging} {end}: rounded up"
            );
        }
    };
    for id in ["cn-2012", "cn-2026"] {
        for (parameter, averaging, unit, ends) in daily.iter().chain(&hourly) {
            check(id, *parameter, *averaging, *unit, ends);
        }
    }
    for (id, parameter, ends) in particles {
        check(id, parameter, Hours24, 1.0, ends);
        let above = sub_index(id, parameter, Hours24, ends[6] + 1.0).unwrap();
        assert_eq!((above.band.name, above.number, above.level), ("Severely polluted", None, 6), "{id}");
    }
    let of = |id, value| number(id, PM2_5, Hours24, value);
    assert_eq!([of("cn-2012", 60.0), of("cn-2026", 60.0), of("cn-2026", 61.0)], [Some(82), Some(100), Some(101)]);
    assert_eq!((number("cn-2026", NO2, Hours24, 60.0), number("cn-2026", PM10, Hours24, 120.0)), (Some(75), Some(100)));
    let band = |number: f64| sub_index("cn-2012", PM2_5, Hours24, number).unwrap().band.name;
    assert_eq!((band(250.0), band(251.0), band(400.0)), ("Heavily polluted", "Severely polluted", "Severely polluted"));
}

#[test]
fn above_its_scale_a_chinese_mean_is_not_rated_in_2012_and_counts_as_the_end_in_2026() {
    for (parameter, averaging, end) in [(SO2, Hour, 200), (O3, Hours8, 300)] {
        assert_eq!(sub_index("cn-2012", parameter, averaging, 801.0), Err(Missing::AboveScale));
        assert_eq!(number("cn-2026", parameter, averaging, 801.0), Some(end));
        assert_eq!(number("cn-2012", parameter, averaging, 800.0), Some(end));
    }
}

#[test]
fn the_canadian_index_is_of_all_three_pollutants() {
    let ppb = |parameter, value| Input::new(parameter, Hours3, value).in_unit(Ppb);
    let aqhi = |o3: f64, no2: f64, pm2_5: f64| {
        rated("ca-aqhi", &[ppb(O3, o3), ppb(NO2, no2), Input::new(PM2_5, Hours3, pm2_5)])
    };
    let clean = aqhi(0.0, 0.0, -1.0);
    assert_eq!((clean.number, clean.level, clean.band.name), (Some(1), 1, "Low"));
    let usual = aqhi(30.0, 20.0, 15.0);
    assert_eq!((usual.number, usual.band.name, usual.pollutant), (Some(4), "Moderate", NO2));
    // 96.15 · (e^(0.000871 · 99) − 1) = 8.65, and 10.5 lies between 117 and 119 ppb.
    assert_eq!(aqhi(0.0, 99.0, 0.0).number, Some(9));
    assert_eq!((aqhi(0.0, 117.0, 0.0).number, aqhi(0.0, 117.0, 0.0).level), (Some(10), 10));
    let high = aqhi(0.0, 140.0, 0.0);
    assert_eq!((high.number, high.level, high.band.name), (Some(12), 11, "Very High"), "10+");
    let two = index("ca-aqhi").rate(&[ppb(O3, 30.0), ppb(NO2, 20.0)]);
    assert_eq!(two.worst().unwrap_err().to_string(), "3 pollutants are needed");
    assert_eq!(
        (two.sub_indices[0].rated, two.sub_indices[2].rated),
        (Err(Missing::OnlyTogether), Err(Missing::NotMeasured))
    );
}

/// A US scale: the first and the last concentration of each band with the numbers printed beside them.
struct UsScale {
    parameter: Parameter,
    averaging: AveragingPeriod,
    unit: Unit,
    step: f64,
    bands: &'static [(f64, u32, f64, u32)],
}

const US: [UsScale; 9] = [
    UsScale {
        parameter: PM2_5,
        averaging: Hours24,
        unit: Micrograms,
        step: 0.1,
        bands: &[
            (0.0, 0, 9.0, 50),
            (9.1, 51, 35.4, 100),
            (35.5, 101, 55.4, 150),
            (55.5, 151, 125.4, 200),
            (125.5, 201, 225.4, 300),
            (225.5, 301, 325.4, 500),
        ],
    },
    UsScale {
        parameter: PM2_5,
        averaging: NowCast,
        unit: Micrograms,
        step: 0.1,
        bands: &[(0.0, 0, 9.0, 50), (9.1, 51, 35.4, 100)],
    },
    UsScale {
        parameter: PM10,
        averaging: Hours24,
        unit: Micrograms,
        step: 1.0,
        bands: &[
            (0.0, 0, 54.0, 50),
            (55.0, 51, 154.0, 100),
            (155.0, 101, 254.0, 150),
            (255.0, 151, 354.0, 200),
            (355.0, 201, 424.0, 300),
            (425.0, 301, 604.0, 500),
        ],
    },
    UsScale {
        parameter: O3,
        averaging: Hours8,
        unit: Ppm,
        step: 0.001,
        bands: &[
            (0.0, 0, 0.054, 50),
            (0.055, 51, 0.070, 100),
            (0.071, 101, 0.085, 150),
            (0.086, 151, 0.105, 200),
            (0.106, 201, 0.200, 300),
        ],
    },
    UsScale {
        parameter: O3,
        averaging: Hour,
        unit: Ppm,
        step: 0.001,
        bands: &[
            (0.125, 101, 0.164, 150),
            (0.165, 151, 0.204, 200),
            (0.205, 201, 0.404, 300),
            (0.405, 301, 0.604, 500),
        ],
    },
    UsScale {
        parameter: CO,
        averaging: Hours8,
        unit: Ppm,
        step: 0.1,
        bands: &[
            (0.0, 0, 4.4, 50),
            (4.5, 51, 9.4, 100),
            (9.5, 101, 12.4, 150),
            (12.5, 151, 15.4, 200),
            (15.5, 201, 30.4, 300),
            (30.5, 301, 50.4, 500),
        ],
    },
    UsScale {
        parameter: SO2,
        averaging: Hour,
        unit: Ppb,
        step: 1.0,
        bands: &[(0.0, 0, 35.0, 50), (36.0, 51, 75.0, 100), (76.0, 101, 185.0, 150), (186.0, 151, 304.0, 200)],
    },
    UsScale {
        parameter: SO2,
        averaging: Hours24,
        unit: Ppb,
        step: 1.0,
        bands: &[(305.0, 201, 604.0, 300), (605.0, 301, 1004.0, 500)],
    },
    UsScale {
        parameter: NO2,
        averaging: Hour,
        unit: Ppb,
        step: 1.0,
        bands: &[
            (0.0, 0, 53.0, 50),
            (54.0, 51, 100.0, 100),
            (101.0, 101, 360.0, 150),
            (361.0, 151, 649.0, 200),
            (650.0, 201, 1249.0, 300),
            (1250.0, 301, 2049.0, 500),
        ],
    },
];

const US_ENDS: [u32; 6] = [50, 100, 150, 200, 300, 500];

#[test]
fn the_us_index_has_the_printed_number_at_both_ends_of_every_band() {
    for UsScale { parameter, averaging, unit, step, bands } in &US {
        for (low, low_number, high, high_number) in *bands {
            let band = 1 + US_ENDS.iter().position(|end| end == high_number).unwrap();
            // What is finer than the printed digits is cut off, also at the end of a band.
            for (value, number) in [
                (*low, low_number),
                (low + step * 0.01, low_number),
                (*high, high_number),
                (high + step * 0.01, high_number),
                (high + step * 0.999, high_number),
            ] {
                let rated = one("us-2024", *parameter, *averaging, *unit, value);
                assert_eq!((rated.number, rated.level), (Some(*number), band), "{parameter} {averaging} {value}");
            }
        }
    }
}

#[test]
fn gases_in_micrograms_have_the_number_of_the_parts_they_are() {
    for UsScale { parameter, averaging, unit, bands, .. } in US.iter().filter(|scale| scale.unit != Micrograms) {
        for (low, low_number, high, high_number) in *bands {
            for (value, number) in [(low, low_number), (high, high_number)] {
                let canonical = parameter.unit();
                let mass = unit.convert(*value, canonical, *parameter, GasConditions::Celsius20).unwrap();
                let rated = rated("us-2024", &[Input::new(*parameter, *averaging, mass)]);
                assert_eq!(rated.number, Some(*number), "{parameter} {value} {unit} = {mass} {canonical}");
            }
        }
    }
}

#[test]
fn above_500_the_us_index_goes_on_by_its_last_segment() {
    let number = |value| one("us-2024", PM2_5, Hours24, Micrograms, value).number.unwrap();
    assert_eq!(number(325.5), 500, "500.2: a library has 400 here");
    assert_eq!(number(326.0), 501);
    assert_eq!(number(425.3), 699, "(500 − 301) ÷ (325.4 − 225.5) a µg/m³");
    assert_eq!(number(1e300), number(1e9), "bounded");
    assert_eq!(one("us-2024", PM2_5, Hours24, Micrograms, 425.3).band.name, "Hazardous");
    assert_eq!(one("us-2024", O3, Hour, Ppm, 0.704).number, Some(600));
    assert_eq!(one("us-2024", SO2, Hours24, Ppb, 1204.0).number, Some(600));
}

#[test]
fn what_is_known_to_be_wrong_elsewhere_is_right_here() {
    let number = |parameter, averaging, unit, value| one("us-2024", parameter, averaging, unit, value).number;
    assert_eq!(number(PM2_5, Hours24, Micrograms, 12.0), Some(56), "50 before 2024");
    assert_eq!(number(PM2_5, Hours24, Micrograms, 500.4), Some(849), "500 before 2024");
    assert_eq!(number(O3, Hours8, Ppm, 0.059), Some(64), "50 by the standard of 2008");
    assert_eq!(number(PM2_5, Hours24, Micrograms, 35.4), Some(100), "35.4 is not 35.3999…");
    assert_eq!(number(PM2_5, Hours24, Micrograms, 35.45), Some(100), "cut, not rounded to 35.5");
}

#[test]
fn ozone_is_rated_by_8_hours_and_from_125_ppb_on_by_the_hour_if_that_is_higher() {
    let ozone = |mean: f64, hour: f64| {
        let inputs = [Input::new(O3, Hours8, mean).in_unit(Ppm), Input::new(O3, Hour, hour).in_unit(Ppm)];
        let rated = rated("us-2024", &inputs);
        (rated.number.unwrap(), rated.averaging)
    };
    assert_eq!(ozone(0.070, 0.124), (100, Hours8), "an hour below 0.125 ppm is not rated");
    assert_eq!(ozone(0.070, 0.1249), (100, Hours8), "nor is what is cut to below it");
    assert_eq!(ozone(0.070, 0.125), (101, Hour));
    assert_eq!(ozone(0.106, 0.125), (201, Hours8));
    assert_eq!(ozone(0.201, 0.404), (300, Hour), "beyond 0.200 ppm the hour alone counts");
    assert_eq!(ozone(0.210, 0.405), (301, Hour));
    assert_eq!(ozone(0.210, 0.300), (248, Hour));
    let alone = one("us-2024", O3, Hours8, Ppm, 0.250);
    assert_eq!((alone.number, alone.level), (Some(300), 5), "without the hour it is as bad as 8 hours can tell");
    let low = index("us-2024").rate(&[Input::new(O3, Hour, 0.1).in_unit(Ppm)]);
    assert_eq!(low.worst(), Err(Missing::Nothing), "a low hour says nothing of 8");
}

#[test]
fn sulphur_dioxide_is_rated_by_the_hour_and_above_200_by_24_hours() {
    let sulphur = |hour: f64, day: f64| {
        let rated =
            rated("us-2024", &[Input::new(SO2, Hour, hour).in_unit(Ppb), Input::new(SO2, Hours24, day).in_unit(Ppb)]);
        (rated.number.unwrap(), rated.averaging)
    };
    assert_eq!(sulphur(304.0, 100.0), (200, Hour));
    assert_eq!(sulphur(305.0, 304.0), (200, Hour), "the hour goes no higher");
    assert_eq!(sulphur(900.0, 304.9), (200, Hour));
    assert_eq!(sulphur(900.0, 305.0), (201, Hours24));
    assert_eq!(sulphur(100.0, 604.0), (300, Hours24));
    assert_eq!(one("us-2024", SO2, Hour, Ppb, 1000.0).number, Some(200));
}

#[test]
fn by_the_hour_particles_are_rated_by_their_nowcast() {
    let value = nowcast(&[Some(35.4); 12]).unwrap();
    let both = [Input::new(PM2_5, Hours24, 9.0), Input::new(PM2_5, NowCast, value)];
    let rated = rated("us-2024", &both);
    assert_eq!((rated.number, rated.averaging), (Some(100), NowCast));
    let lacking = Missing::TooFew { known: 1, needed: 2, of: 3 };
    let fallen_back = index("us-2024").rate(&[Input::missing(PM2_5, NowCast, lacking), both[0]]);
    assert_eq!(fallen_back.worst().unwrap().averaging, Hours24);
}

#[test]
fn the_worst_parameter_is_responsible() {
    let rating = index("eaqi-2024").rate(&[
        Input::new(NO2, Hour, 30.0),
        Input::new(O3, Hour, 119.0),
        Input::new(PM10, Hour, 10.0),
        Input::missing(PM2_5, Hour, Missing::NotMeasured),
    ]);
    let worst = rating.worst().unwrap();
    assert_eq!((worst.pollutant, worst.band.name), (O3, "Moderate"), "both Moderate; ozone is farther through it");
    let of = |parameter| rating.sub_indices.iter().find(|sub| sub.pollutant == parameter).unwrap().rated;
    assert_eq!(of(NO2).unwrap().band.name, "Moderate");
    assert_eq!(of(PM10).unwrap().band.name, "Good");
    assert_eq!((of(PM2_5), of(SO2)), (Err(Missing::NotMeasured), Err(Missing::NotMeasured)));
    assert_eq!(rating.sub_indices.len(), 5);
    let equal = rated("eaqi-2024", &[Input::new(NO2, Hour, 10.0), Input::new(O3, Hour, 60.0)]);
    assert_eq!(equal.pollutant, NO2, "of equals the first of the table");
}

#[test]
fn nothing_and_no_numbers_are_told_apart() {
    for &index in AirQualityIndex::ALL {
        let rating = index.rate(&[]);
        assert_eq!(rating.worst(), Err(Missing::Nothing), "{index}");
        assert!(rating.sub_indices.iter().all(|sub| sub.rated == Err(Missing::NotMeasured)), "{index}");
        let wrong: Vec<Input> = index.inputs().map(|(of, averaging)| Input::new(of, averaging, f64::NAN)).collect();
        let rating = index.rate(&wrong);
        assert!(rating.sub_indices.iter().all(|sub| sub.rated == Err(Missing::NotANumber)), "{index}");
    }
    let few = Missing::TooFew { known: 17, needed: 18, of: 24 };
    let rating = index("eaqi-2020").rate(&[Input::missing(PM10, Hours24, few)]);
    assert_eq!(rating.sub_indices[1].rated, Err(few));
    assert_eq!(few.to_string(), "17 of 24 values are there, 18 are needed");
}

#[test]
fn a_mean_that_the_index_does_not_use_is_passed_over() {
    assert_eq!(index("eaqi-2024").rate(&[Input::new(PM10, Hours24, 500.0)]).worst(), Err(Missing::Nothing));
    assert_eq!(index("eaqi-2020").rate(&[Input::new(PM10, Hour, 500.0)]).worst(), Err(Missing::Nothing));
    assert_eq!(index("eaqi-2024").rate(&[Input::new(CO, Hour, 500.0)]).worst(), Err(Missing::Nothing));
}

#[test]
fn the_default_is_the_first_and_ids_are_exact() {
    assert_eq!(AirQualityIndex::default().id(), "eaqi-2024");
    let ids: Vec<&str> = AirQualityIndex::ALL.iter().copied().map(AirQualityIndex::id).collect();
    assert_eq!(
        ids,
        ["eaqi-2024", "eaqi-2020", "us-2024", "caqi", "uk-daqi", "in-naqi", "cn-2012", "cn-2026", "ca-aqhi"]
    );
    assert_eq!(("EAQI-2024".parse::<AirQualityIndex>().ok(), "".parse::<AirQualityIndex>().ok()), (None, None));
    for &index in AirQualityIndex::ALL {
        let colours_are_right = index.bands().iter().all(|band| band.colour.len() == 7 && band.colour.starts_with('#'));
        assert!(colours_are_right && !index.source().is_empty() && !index.name().is_empty(), "{index}");
    }
}
