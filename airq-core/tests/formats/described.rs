//! Descriptions: the one in the documentation, one's own, and tables that only resemble a known format.

use crate::{convert, counts};
use airq_core::input::{Converter, InputOptions};
use std::fs;
use std::io::Write;
use std::path::PathBuf;

/// The text of the first code block in a language.
fn block<'a>(document: &'a str, language: &str) -> &'a str {
    let start = format!("```{language}\n");
    let rest = &document[document.find(&start).unwrap() + start.len()..];
    &rest[..rest.find("```").unwrap()]
}

fn description(name: &str, text: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("descriptions");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn the_description_in_the_documentation_reads_its_table() {
    let document = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/descriptions.md")).unwrap();
    let path = description("my-city.toml", block(&document, "toml"));
    let (csv, converted) = convert(block(&document, "csv").as_bytes(), &[("format", &path)]).unwrap();
    let no2 = |ppb: f64| ppb * 46.01 / 24.06;
    let expected = format!(
        "station,time,no2,pm10\nKeskusta,2024-02-01T21:00:00.000Z,{},\nKeskusta,2024-02-01T22:00:00.000Z,{},20.25\n",
        no2(10.5),
        no2(11.5)
    );
    assert_eq!(csv, expected);
    assert_eq!(counts(&converted), [2, 2, 0, 0, 0, 0]);
    assert_eq!(converted.format.map(airq_core::input::InputFormat::name), Some("my-city"));
    let unused: Vec<&String> = converted.account.unused.keys().collect();
    assert_eq!(unused, ["Laatu"]);
    assert_eq!(converted.account.formats, ["my-city: a time ends its 1h, clock Europe/Helsinki"]);
}

#[test]
fn a_description_reads_each_layout() {
    let rows = description(
        "rows.toml",
        "[time]\ncolumn = \"t\"\nzone-column = \"state\"\nzones = { A = \"UTC-8\", B = \"UTC\" }\n\
         [station]\nid = { columns = [{ column = \"county\", width = 3 }, { column = \"site\", width = 4 }], separator = \"\" }\n\
         [parameter]\nfrom = \"code\"\n[parameter.names]\n7 = { parameter = \"co [µg/m³]\", factor = 10, missing = [\"888\"] }\n\
         [value]\ncolumn = [\"checked\", \"raw\"]\nflag = { column = \"f\", valid = [\"0\", \"1\"] }\n\
         [leave-out]\nkind = [\"8h\"]\n",
    );
    let table = "t,state,county,site,code,checked,raw,f,kind\n2024-01-01 00:00,A,37,1103,7,,55,0,1h\n\
                 2024-01-01 00:00,B,1,2,7,66,1,1,1h\n2024-01-01 01:00,B,1,2,7,888,,1,1h\n\
                 2024-01-01 02:00,B,1,2,7,5,,9,1h\n2024-01-01 02:00,B,1,2,7,5,,1,8h\n";
    let (csv, converted) = convert(table.as_bytes(), &[("format", &rows)]).unwrap();
    assert_eq!(csv, "station,time,co\n0010002,2024-01-01T00:00:00.000Z,0.66\n0371103,2024-01-01T08:00:00.000Z,0.55\n");
    assert_eq!(counts(&converted), [5, 2, 0, 0, 1, 1]);
    assert_eq!(converted.account.ignored.unselected, 1);

    let stations = description(
        "stations.toml",
        "[time]\ncolumn = [\"date\", \"hour\"]\nformat = \"%Y%m%d %H\"\nzone = \"UTC+8\"\n[station]\n\
         [parameter]\nfrom = \"type\"\n[value]\nstations = true\n[keep]\ntype = \"NO2\"\n",
    );
    let table = "date,hour,type,1001A,1002A\n20240101,0,AQI,5,6\n20240101,24,NO2,7,\n";
    let (csv, converted) = convert(table.as_bytes(), &[("format", &stations)]).unwrap();
    assert_eq!(csv, "station,time,no2\n1001A,2024-01-01T16:00:00.000Z,7\n");
    assert_eq!(counts(&converted), [4, 1, 0, 0, 0, 1]);
}

#[test]
fn a_map_takes_the_place_of_columns_of_a_format() {
    let table = "FECHA (YYMMDD);HORA (HHMM);Registros validados;Registros preliminares;Registros no validados;\n\
                 160422;0000;46,2829;;;\n160422;100;;7;;\n160422;2300;;;;\n";
    let error = convert(table.as_bytes(), &[]).unwrap_err().to_string();
    assert!(error.contains("add --map station==NAME"), "{error}");
    let settings = [("format", "sinca"), ("map", "station==Las Condes,parameter==pm2_5")];
    let (csv, converted) = convert(table.as_bytes(), &settings).unwrap();
    assert_eq!(
        csv,
        "station,time,pm2_5\nLas Condes,2016-04-22T04:00:00.000Z,46.2829\nLas Condes,2016-04-22T05:00:00.000Z,7\n"
    );
    assert_eq!(counts(&converted), [3, 2, 0, 0, 0, 1]);
}

#[test]
fn a_table_that_only_resembles_a_format_is_not_taken_for_it() {
    for table in [
        // Not Beijing's data: NO is nitrogen monoxide.
        "year,month,day,hour,NO,PM2.5\n2020,1,1,0,5,6\n",
        "No,year,month,day,hour,PM2.5\n1,2020,1,1,0,6\n",
        // Not OpenAQ: nothing says that the time ends an hour.
        "datetime,location,parameter,value,unit\n2020-01-01 01:00,a,no2,5,ug/m3\n",
        "location_id,datetime,parameter,value,units\n1,2020-01-01 01:00,no2,5,ug/m3\n",
        // Not CPCB: hours, and a station in place of the city.
        "City,Date,Time,PM2.5,PM10,NO,NO2,NOx,NH3,CO,SO2,O3,Benzene,Toluene,Xylene,AQI,AQI_Bucket\n\
         Pune,2020-01-01,05:00,1,2,3,4,5,6,7,8,9,10,11,12,13,Good\n",
        "City,Datetime,NO2,SO2,AQI\nPune,2020-01-01 05:00:00,1,2,3\n",
        // Not Madrid's: a flag without its meaning, and no hours.
        "ESTACION;MAGNITUD;V01\n4;8;5\n",
        // Not Sensor.Community: another clock.
        "sensor_id;sensor_type;timestamp;P1;timezone\n1;SDS011;2020-01-01T00:00:00;5;CET\n",
        // Not the EEA's: no averaging time.
        "AirQualityStationEoICode,AirPollutant,Concentration,DatetimeBegin\nES1,NO2,5,2020-01-01 00:00:00\n",
        // Not LAQN: no statement about ratification, and a column of a period.
        "Site,Species,ReadingDateTime,Value,Units,Period\nA,NO2,01/01/2020 00:00,5,ug m-3,24h\n",
        // Not UK-AIR: another name, and no order of value and status.
        "Date,Time,NO2,Status\n2020-01-01,01:00,5,OK\n",
        // Not UCI: a column that its data set does not have.
        "Date;Time;CO(GT);PT08.S1(CO);Place\n10/03/2004;18.00.00;2,6;1360;Roma\n",
    ] {
        let error = convert(table.as_bytes(), &[]).unwrap_err();
        assert!(error.is_invalid_data() && error.position().unwrap().line == 1, "{table}: {error}");
    }
    let told = |header: &str| convert(header.as_bytes(), &[]).unwrap_err().to_string();
    let lacking = told("Site,Species,ReadingDateTime,Value,Units,Period\n");
    let expected =
        "it resembles laqn but lacks Provisional or Ratified and has also Period, so it is not taken for laqn;";
    assert!(lacking.contains(expected), "{lacking}");
    let more = told("Site,Species,ReadingDateTime,Value,Units,Provisional or Ratified,Height\n");
    assert!(more.contains("has also Height, so it is not taken for laqn: --format-in laqn reads it as such"), "{more}");
}

#[test]
fn a_map_takes_the_place_of_a_formats_column_of_a_parameter() {
    let own = description(
        "own-no2.toml",
        "[time]\ncolumn = \"t\"\n[station]\nid = \"s\"\n[parameter]\nvocabulary = \"names\"\n",
    );
    let table = b"t,s,NO2,NO2 corrected\n2024-01-01,a,1,2\n";
    let mapped = [("format", own.as_str()), ("map", "no2=NO2 corrected")];
    let (csv, converted) = convert(table, &mapped).unwrap();
    assert_eq!(csv, "station,time,no2\na,2024-01-01T00:00:00.000Z,2\n");
    assert_eq!(converted.account.unused.keys().collect::<Vec<_>>(), ["NO2"]);
    let error = convert(table, &[("format", own.as_str()), ("map", "no2=NO2 corected")]).unwrap_err().to_string();
    assert!(error.contains("no column \"NO2 corected\""), "{error}");
}

#[test]
fn a_row_of_an_unknown_period_is_of_another_period() {
    let own = description(
        "periods.toml",
        "[time]\ncolumn = \"t\"\nperiod-column = \"p\"\n[station]\nid = \"s\"\n[parameter]\nfrom = \"what\"\n[value]\ncolumn = \"v\"\n",
    );
    let table = "t,s,what,v,p\n2024-01-01 00:00,a,no2,1,1h\n2024-01-01 01:00,a,no2,2,var\n2024-01-01 02:00,a,no2,3,1d\n\
                 2024-01-01 03:00,a,no2,4,\n";
    let (csv, converted) = convert(table.as_bytes(), &[("format", &own)]).unwrap();
    assert_eq!(csv, "station,time,no2\na,2024-01-01T00:00:00.000Z,1\na,2024-01-01T03:00:00.000Z,4\n");
    assert_eq!(converted.account.ignored.other_period, 2);
}

#[test]
fn a_first_time_that_fits_no_spelling_is_rejected_alone() {
    let own = description(
        "spellings.toml",
        "[time]\ncolumn = \"t\"\nformat = [\"%Y-%m-%d %H:%M\", \"%d/%m/%Y %H:%M\"]\n[station]\nid = \"s\"\n[parameter.names]\nno2 = \"no2\"\n",
    );
    let convert = |table: &str| {
        let mut converter =
            Converter::new(InputOptions::default().set("format", &own).unwrap(), Vec::new()).on_rejected(|_| {});
        converter.write_all(table.as_bytes()).unwrap();
        let (csv, converted) = converter.finish().unwrap();
        (String::from_utf8(csv).unwrap(), converted.account.rejected)
    };
    let rows = "station,time,no2\na,2020-02-02T00:00:00.000Z,1\na,2020-02-02T01:00:00.000Z,2\n";
    assert_eq!(convert("t,s,no2\n-,a,9\n02/02/2020 00:00,a,1\n02/02/2020 01:00,a,2\n"), (rows.to_owned(), 1));
    assert_eq!(convert("t,s,no2\n01/02/2020 24:00,a,1\n02/02/2020 01:00,a,2\n"), (rows.to_owned(), 0));
}

#[test]
fn a_column_that_nothing_reads_is_reported_in_each_layout() {
    let cells = description(
        "cells.toml",
        "[time]\ncolumn = \"day\"\nformat = \"%Y-%m-%d\"\n[station]\nid = \"s\"\n[parameter]\nfrom = { text = \"no2\" }\n\
         [value]\ncells = \"h{1-2}\"\ncell = \"1h\"\n",
    );
    for (settings, table) in [
        (vec![("map", "time=t,station=s,no2=n")], "t,s,n,Extra\n2024-01-01,a,1,x\n"),
        (vec![("map", "time=t,station=s,parameter=p,value=n")], "t,s,p,n,Extra\n2024-01-01,a,no2,1,x\n"),
        (vec![("format", cells.as_str())], "day,s,h1,h2,Extra\n2024-01-01,a,1,2,x\n"),
    ] {
        let (_, converted) = convert(table.as_bytes(), &settings).unwrap();
        assert_eq!(converted.account.unused.keys().collect::<Vec<_>>(), ["Extra"], "{table}");
    }
}

#[test]
fn a_station_whose_name_is_invalid_is_rejected_alone() {
    let own = description(
        "network.toml",
        "[time]\ncolumn = \"t\"\n[station]\n[parameter]\nfrom = { text = \"no2\" }\n[value]\nstations = true\n",
    );
    let table = format!("t,a,{},b\n2024-01-01,1,2,3\n", "x".repeat(1001));
    let mut converter =
        Converter::new(InputOptions::default().set("format", &own).unwrap(), Vec::new()).on_rejected(|_| {});
    converter.write_all(table.as_bytes()).unwrap();
    let (csv, converted) = converter.finish().unwrap();
    let rows = "station,time,no2\na,2024-01-01T00:00:00.000Z,1\nb,2024-01-01T00:00:00.000Z,3\n";
    assert_eq!(String::from_utf8(csv).unwrap(), rows);
    assert_eq!(counts(&converted), [3, 2, 0, 1, 0, 0]);
}

#[test]
fn a_rejected_row_has_no_values_that_are_counted() {
    let mut converter =
        Converter::new(InputOptions::default().set("map", "time=t,station=s,no2=a,o3=b").unwrap(), Vec::new())
            .on_rejected(|_| {});
    converter.write_all(b"t,s,a,b\n2024-01-01,x,-999,abc\n2024-01-02,x,-999,1\n").unwrap();
    let (_, converted) = converter.finish().unwrap();
    assert_eq!(converted.account.rejected, 1);
    let sentinels: Vec<u64> = converted.account.sentinels.iter().map(|(_, count)| count).collect();
    assert_eq!(sentinels, [1]);
}

#[test]
fn keys_without_an_effect_are_refused() {
    let wide = "[time]\ncolumn = \"t\"\n[station]\nid = \"s\"\n[parameter.names]\nno2 = \"no2\"\n";
    let cells = "[time]\ncolumn = \"t\"\nend-of = \"1h\"\n[station]\nid = \"s\"\n[parameter]\nfrom = \"p\"\n[value]\ncells = \"h{1-24}\"\n";
    for (text, part) in [
        (format!("{wide}[value]\nunit = \"u\"\n"), "[value] unit has no effect"),
        (format!("{wide}[value.flag]\ncolumn = \"f\"\nvalid = \"1\"\n"), "[value.flag] column has no effect"),
        (format!("{wide}[value.flag]\nfollows = \"f\"\n"), "[value.flag] needs valid, invalid or at-least"),
        (cells.to_owned(), "[time] end-of has no effect"),
        (
            cells.replace("end-of = \"1h\"\n", "").replace("h{1-24}", &format!("h{{{}1-24}}", "0".repeat(70_000))),
            "does not count columns",
        ),
        (format!("{wide}[table]\ndelimiter = '\"'\n"), "delimiter"),
    ] {
        let path = description("no-effect.toml", &text);
        let error = InputOptions::default().set("format", &path).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    let error = convert(b"t,s,n,u\n", &[("map", "time=t,station=s,no2=n,unit=u")]).unwrap_err().to_string();
    assert!(error.contains("unit has no effect"), "{error}");
}

#[test]
fn a_missing_value_may_have_a_flag_without_a_meaning() {
    let wide = description(
        "flags-wide.toml",
        "[time]\ncolumn = \"t\"\n[station]\nid = \"s\"\n[parameter.names]\nno2 = \"no2\"\n[value.flag]\nfollows = \"f\"\nvalid = \"V\"\ninvalid = \"N\"\n",
    );
    let long = description(
        "flags-long.toml",
        "[time]\ncolumn = \"t\"\n[station]\nid = \"s\"\n[parameter]\nfrom = { text = \"no2\" }\n[value]\ncolumn = \"no2\"\n\
         [value.flag]\ncolumn = \"f\"\nvalid = \"V\"\ninvalid = \"N\"\n",
    );
    for format in [wide, long] {
        let table = b"t,s,no2,f\n2024-01-01,a,,?\n2024-01-02,a,,N\n2024-01-03,a,1,V\n2024-01-04,a,2,N\n";
        let (csv, converted) = convert(table, &[("format", &format)]).unwrap();
        assert_eq!(csv, "station,time,no2\na,2024-01-03T00:00:00.000Z,1\n");
        assert_eq!(counts(&converted), [4, 1, 0, 0, 2, 1], "{format}");
    }
}
