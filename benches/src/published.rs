//! Generates the same measurements in every published format: the hours of stations, with the parameters that the format has.

use airq_core::Result;
use airq_core::input::InputOptions;
use std::fmt::{Display, Write};

/// The stations of a file.
const STATIONS: u64 = 12;
/// The days of a year: months of 28 days from April to September, so that every day exists and has no clock change.
const DAYS_OF_MONTH: u64 = 28;
const MONTHS: u64 = 6;

/// A format and its generator.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// The name of the format.
    pub name: &'static str,
    /// The number of values of a measurement.
    pub values: u64,
    write: fn(&mut String, u64),
    /// The names and values of the [`InputOptions`] that the format needs.
    options: &'static [(&'static str, &'static str)],
}

impl Published {
    /// All formats.
    pub const ALL: [Published; 9] = [
        Published { name: "airq", values: 6, write: airq, options: &[] },
        Published { name: "madrid", values: 6, write: madrid, options: &[] },
        Published { name: "openaq", values: 6, write: openaq, options: &[] },
        Published { name: "eea", values: 6, write: eea, options: &[] },
        Published { name: "sensor-community", values: 2, write: sensor_community, options: &[] },
        Published { name: "cpcb", values: 10, write: cpcb, options: &[] },
        Published { name: "prsa", values: 6, write: prsa, options: &[] },
        Published { name: "uci", values: 4, write: uci, options: &[] },
        Published {
            name: "generic",
            values: 6,
            write: generic,
            options: &[("map", MAP), ("time-format", "%d/%m/%Y %H:%M")],
        },
    ];

    /// Returns a file of this many measurements, rounded down to whole days of each station.
    pub fn file(&self, measurements: u64) -> String {
        let mut file = String::new();
        (self.write)(&mut file, days(measurements));
        file
    }

    /// Returns the options to read a file of the format.
    ///
    /// # Errors
    /// Never, because all options are known.
    pub fn input(&self) -> Result<InputOptions> {
        let mut input = InputOptions::default();
        for (name, value) in self.options {
            input = input.set(name, value)?;
        }
        Ok(input)
    }

    /// Returns the number of measurements in a file.
    pub fn measurements(&self, measurements: u64) -> u64 {
        days(measurements) * STATIONS * 24
    }
}

fn days(measurements: u64) -> u64 {
    (measurements / STATIONS / 24).max(1)
}

/// Returns year, month and day.
fn date(day: u64) -> (u64, u64, u64) {
    (2001 + day / DAYS_OF_MONTH / MONTHS, day / DAYS_OF_MONTH % MONTHS + 4, day % DAYS_OF_MONTH + 1)
}

/// Returns a realistic value with two decimals.
fn value(station: u64, day: u64, hour: u64, parameter: u64) -> f64 {
    let mixed = (station * 7919 + day * 104_729 + hour * 1_299_709 + parameter * 15_485_863) % 9973;
    f64::from(u32::try_from(mixed).unwrap_or(0)) / 100.0
}

/// Appends a line for each hour of each station, station by station.
fn each_hour<L: Display>(out: &mut String, days: u64, line: impl Fn(u64, u64, u64) -> L) {
    for station in 0..STATIONS {
        for day in 0..days {
            for hour in 0..24 {
                // Writing to a string cannot fail.
                let _ = writeln!(out, "{}", line(station, day, hour));
            }
        }
    }
}

fn values(station: u64, day: u64, hour: u64, count: u64, delimiter: &str) -> String {
    let values = (0..count).map(|parameter| value(station, day, hour, parameter).to_string());
    values.collect::<Vec<_>>().join(delimiter)
}

fn airq(out: &mut String, days: u64) {
    out.push_str("TimeInstant,id_entity,so2,no2,co,o3,pm10,pm2_5\n");
    each_hour(out, days, |station, day, hour| {
        let (year, month, of_month) = date(day);
        let values = values(station, day, hour, 6, ",");
        format!("{year}-{month:02}-{of_month:02} {hour:02}:00:00.004,station_{station},{values}")
    });
}

fn madrid(out: &mut String, days: u64) {
    const MAGNITUDES: [u64; 6] = [1, 8, 6, 14, 10, 9];
    out.push_str("PROVINCIA;MUNICIPIO;ESTACION;MAGNITUD;PUNTO_MUESTREO;ANO;MES;DIA");
    for hour in 1..=24 {
        let _ = write!(out, ";H{hour:02};V{hour:02}");
    }
    out.push('\n');
    for station in 0..STATIONS {
        for (parameter, magnitude) in (0..).zip(MAGNITUDES) {
            for day in 0..days {
                let (year, month, of_month) = date(day);
                let point = format!("28079{station:03}_{magnitude}_8");
                let _ = write!(out, "28;079;{station};{magnitude};{point};{year};{month:02};{of_month:02}");
                for hour in 0..24 {
                    let _ = write!(out, ";{:05.2};V", value(station, day, hour, parameter));
                }
                out.push('\n');
            }
        }
    }
}

/// Appends a line for each value, hour by hour.
fn each_value(out: &mut String, days: u64, line: impl Fn(u64, &str, &str, f64) -> String) {
    for station in 0..STATIONS {
        for day in 0..days {
            let (year, month, of_month) = date(day);
            for hour in 0..24 {
                let time = format!("{year}-{month:02}-{of_month:02}T{hour:02}:00:00");
                for (parameter, name) in (0..).zip(["so2", "no2", "co", "o3", "pm10", "pm25"]) {
                    let _ = writeln!(out, "{}", line(station, &time, name, value(station, day, hour, parameter)));
                }
            }
        }
    }
}

fn openaq(out: &mut String, days: u64) {
    out.push_str("locationId,location,city,country,utc,local,parameter,value,unit,latitude,longitude\n");
    each_value(out, days, |station, time, name, value| {
        format!("{station},Place {station},Brussels,BE,{time}+00:00,{time}+00:00,{name},{value},µg/m³,50.85,4.35")
    });
}

fn eea(out: &mut String, days: u64) {
    out.push_str(
        "Countrycode,Namespace,AirQualityNetwork,AirQualityStation,AirQualityStationEoICode,SamplingPoint,\
         SamplingProcess,Sample,AirPollutant,AirPollutantCode,AveragingTime,Concentration,UnitOfMeasurement,\
         DatetimeBegin,DatetimeEnd,Validity,Verification\n",
    );
    each_value(out, days, |station, time, name, value| {
        let name = if name == "pm25" { "PM2.5" } else { name };
        let time = time.replace('T', " ");
        format!(
            "ES,ES.BDCA.AQD,NET_{station},STA_{station},ES{station:04}A,SP_{station},SPP_{station},SAM_{station},{name},\
             http://example.org/pollutant,hour,{value:.10},µg/m3,{time} +01:00,{time} +01:00,1,1"
        )
    });
}

fn sensor_community(out: &mut String, days: u64) {
    out.push_str("sensor_id;sensor_type;location;lat;lon;timestamp;P1;durP1;ratioP1;P2;durP2;ratioP2\n");
    each_hour(out, days, |station, day, hour| {
        let (year, month, of_month) = date(day);
        let coarse = value(station, day, hour, 0);
        let fine = value(station, day, hour, 1);
        format!("{station};SDS011;1;57.1;-2.1;{year}-{month:02}-{of_month:02}T{hour:02}:00:17;{coarse};;;{fine};;")
    });
}

/// Appends days, as many as other formats have hours.
fn cpcb(out: &mut String, days: u64) {
    out.push_str("City,Date,PM2.5,PM10,NO,NO2,NOx,NH3,CO,SO2,O3,Benzene,Toluene,Xylene,AQI,AQI_Bucket\n");
    each_hour(out, days, |station, day, hour| {
        let (year, month, of_month) = date(day * 24 + hour);
        let values = values(station, day, hour, 10, ",");
        format!("City {station},{year}-{month:02}-{of_month:02},{values},1.5,2.5,100.0,Good")
    });
}

fn prsa(out: &mut String, days: u64) {
    out.push_str("No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,TEMP,PRES,DEWP,RAIN,wd,WSPM,station\n");
    each_hour(out, days, |station, day, hour| {
        let (year, month, of_month) = date(day);
        let values = values(station, day, hour, 6, ",");
        format!("1,{year},{month},{of_month},{hour},{values},-0.7,1023,-18.8,0,NNW,4.4,Station{station}")
    });
}

/// The roles of the columns of [`generic`].
const MAP: &str = "time=Date,station=Site,so2=Sulphur,no2=Nitrogen,co=\"CO (mg/m3)\",o3=Ozone,pm10=Coarse,pm2_5=Fine";

/// Appends a table that is in none of the known formats.
fn generic(out: &mut String, days: u64) {
    out.push_str("Site,Date,Sulphur,Nitrogen,CO (mg/m3),Ozone,Coarse,Fine\n");
    each_hour(out, days, |station, day, hour| {
        let (year, month, of_month) = date(day);
        let values = values(station, day, hour, 6, ",");
        format!("Place {station},{of_month:02}/{month:02}/{year} {hour:02}:00,{values}")
    });
}

/// Appends one station with as many hours as all stations of other formats have.
fn uci(out: &mut String, days: u64) {
    out.push_str("Date;Time;CO(GT);PT08.S1(CO);NMHC(GT);C6H6(GT);PT08.S2(NMHC);NOx(GT);NO2(GT);T\n");
    each_hour(out, days, |station, day, hour| {
        let (year, month, of_month) = date(station * days + day);
        let [co, c6h6, nox, no2] = [0, 1, 2, 3].map(|parameter| {
            let value = value(station, day, hour, parameter);
            value.to_string().replace('.', ",")
        });
        format!("{of_month:02}/{month:02}/{year};{hour:02}.00.00;{co};1360;150;{c6h6};1046;{nox};{no2};13,6")
    });
}
