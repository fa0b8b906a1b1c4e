//! Parquet files: the types of the EEA's download service and of files that were written again, files without rows, damaged files.

use super::convert;
use airq_core::encode::EncoderOptions;
use airq_core::input::{InputFile, InputOptions};
use airq_core::repository::{CsvOptions, CsvRepository};
use airq_core::{Airq, Format, Query, Repository};
use parquet::data_type::{
    ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type, Int96,
    Int96Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

/// The schema of the EEA's files.
const EEA: &str = "message eea {
    OPTIONAL BYTE_ARRAY Samplingpoint (UTF8);
    OPTIONAL INT32 Pollutant;
    REQUIRED INT96 Start;
    REQUIRED INT96 End;
    OPTIONAL FIXED_LEN_BYTE_ARRAY (16) Value (DECIMAL (38, 18));
    OPTIONAL BYTE_ARRAY Unit (UTF8);
    OPTIONAL BYTE_ARRAY AggType (UTF8);
    REQUIRED INT32 Validity;
    REQUIRED INT32 Verification;
}";

/// An hour of 2024-01-01 by the file's clock, the value in thousandths if there is one, the unit and the validity.
type Hour = (u32, Option<i64>, &'static str, i32);

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("airq-parquet-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn julian(hour: u32) -> Int96 {
    let nanoseconds = u64::from(hour) * 3_600_000_000_000;
    let mut time = Int96::new();
    let [low, high] = [nanoseconds & 0xffff_ffff, nanoseconds >> 32].map(|word| u32::try_from(word).unwrap());
    // 2024-01-01.
    time.set_data(low, high, 2_460_311);
    time
}

/// Writes a file of one sampling point with a row group for each list of hours.
fn eea(pollutant: i32, groups: &[&[Hour]]) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(EEA).unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(WriterProperties::default())).unwrap();
    for hours in groups {
        let mut group = file.next_row_group().unwrap();
        let all: Vec<i16> = vec![1; hours.len()];
        let texts =
            |text: fn(&Hour) -> &str| -> Vec<ByteArray> { hours.iter().map(|hour| text(hour).into()).collect() };
        let numbers = |number: &dyn Fn(&Hour) -> i32| -> Vec<i32> { hours.iter().map(number).collect() };
        for column in 0..9 {
            let mut writer = group.next_column().unwrap().unwrap();
            match column {
                0 => writer.typed::<ByteArrayType>().write_batch(&texts(|_| "XX/SPO.1"), Some(&all), None),
                1 => writer.typed::<Int32Type>().write_batch(&numbers(&|_| pollutant), Some(&all), None),
                2 | 3 => {
                    let times: Vec<Int96> = hours.iter().map(|hour| julian(hour.0 + column - 2)).collect();
                    writer.typed::<Int96Type>().write_batch(&times, None, None)
                }
                4 => {
                    let decimal = |value: i64| (i128::from(value) * 10_i128.pow(15)).to_be_bytes().to_vec();
                    let values: Vec<FixedLenByteArray> = hours
                        .iter()
                        .filter_map(|hour| hour.1)
                        .map(|value| ByteArray::from(decimal(value)).into())
                        .collect();
                    let present: Vec<i16> = hours.iter().map(|hour| i16::from(hour.1.is_some())).collect();
                    writer.typed::<FixedLenByteArrayType>().write_batch(&values, Some(&present), None)
                }
                5 => writer.typed::<ByteArrayType>().write_batch(&texts(|hour| hour.2), Some(&all), None),
                6 => writer.typed::<ByteArrayType>().write_batch(&texts(|_| "hour"), Some(&all), None),
                7 => writer.typed::<Int32Type>().write_batch(&numbers(&|hour| hour.3), None, None),
                _ => writer.typed::<Int32Type>().write_batch(&numbers(&|_| 1), None, None),
            }
            .unwrap();
            writer.close().unwrap();
        }
        group.close().unwrap();
    }
    file.into_inner().unwrap()
}

/// The text of a file through a path.
fn text_of(path: &std::path::Path) -> airq_core::Result<String> {
    let mut text = String::new();
    for file in InputFile::list(path, &InputOptions::default())? {
        file.read(|content| Ok(content.read_to_string(&mut text).map(drop)?))?;
    }
    Ok(text)
}

fn csv_of(repository: &CsvRepository) -> String {
    let mut csv = Vec::new();
    repository.write_csv(&airq_core::Selection::default(), &mut csv).unwrap();
    String::from_utf8(csv).unwrap()
}

#[test]
fn files_of_the_eea_are_read_by_their_columns() {
    let folder = folder("eea");
    let first: &[Hour] = &[(1, Some(12_500), "ug/m3", 1), (2, Some(-999_000), "ug/m3", -1), (3, None, "ug/m3", -99)];
    let second: &[Hour] = &[(4, Some(7), "ug.m-3", 3), (5, Some(80_000), "ug.m-3", 2)];
    std::fs::write(folder.join("SPO.1.parquet"), eea(8, &[first, second])).unwrap();
    std::fs::write(folder.join("empty.parquet"), eea(8, &[])).unwrap();
    let extract = "Country,Air Quality Station Name,Sampling Point Id,Longitude,Latitude,Municipality\n\
                   Nowhere,Hill,SPO.1,14.5,50.25,\n";
    std::fs::write(folder.join("DataExtract.csv"), extract).unwrap();
    let repository = CsvRepository::open([&folder], &CsvOptions::default()).unwrap();
    assert_eq!(
        csv_of(&repository),
        "station,time,no2\nXX/SPO.1,2024-01-01T00:00:00.000Z,12.5\nXX/SPO.1,2024-01-01T03:00:00.000Z,0.007\n\
         XX/SPO.1,2024-01-01T04:00:00.000Z,80\n"
    );
    let stations = repository.stations().unwrap();
    let station = stations.iter().next().unwrap();
    assert_eq!((station.name.as_deref(), station.latitude, station.longitude), (Some("Hill"), Some(50.25), Some(14.5)));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn verified_values_win_over_up_to_date_values() {
    let folder = folder("verified");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(folder.join("a.zip")).unwrap());
    for (name, value) in [("E1a/SPO.1.parquet", 1_000), ("E2a/SPO.1.parquet", 2_000)] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&eea(8, &[&[(1, Some(value), "ug/m3", 1)]])).unwrap();
    }
    archive.finish().unwrap();
    for (rule, kept) in [("last", "1"), ("first", "2")] {
        let input = InputOptions::default().set("on-conflict", rule).unwrap();
        let repository = CsvRepository::open([folder.join("a.zip")], &CsvOptions::default().input(input)).unwrap();
        let expected = format!("station,time,no2\nXX/SPO.1,2024-01-01T00:00:00.000Z,{kept}\n");
        assert_eq!(csv_of(&repository), expected, "{rule}");
        assert_eq!(repository.account().unwrap().conflicts.count, 1);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_pollutant_is_in_the_column_and_other_clocks_can_be_set() {
    let folder = folder("clock");
    let path = folder.join("SPO.DE_X_PM2_1.parquet");
    std::fs::write(&path, eea(6001, &[&[(1, Some(1_000), "ug/m3", 1)]])).unwrap();
    let text = text_of(&path).unwrap();
    let (csv, _) = convert(text.as_bytes(), &[("time-zone", "UTC")]).unwrap();
    assert_eq!(csv, "station,time,pm2_5\nXX/SPO.1,2024-01-01T01:00:00.000Z,1\n");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn files_that_were_written_again_have_other_types() {
    let schema = "message other {
        OPTIONAL BYTE_ARRAY station (UTF8);
        OPTIONAL INT64 time (TIMESTAMP (NANOS, false));
        OPTIONAL DOUBLE no2;
        OPTIONAL INT64 when (TIMESTAMP (MILLIS, true));
        OPTIONAL INT32 day (DATE);
        OPTIONAL INT32 o3 (DECIMAL (9, 2));
    }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(WriterProperties::default())).unwrap();
    let mut group = file.next_row_group().unwrap();
    for column in 0..6 {
        let mut writer = group.next_column().unwrap().unwrap();
        match column {
            0 => writer.typed::<ByteArrayType>().write_batch(&["a,b".into(), "c".into()], Some(&[1, 1]), None),
            1 => writer.typed::<Int64Type>().write_batch(&[0, 1_000_000_001], Some(&[1, 1]), None),
            2 => writer.typed::<DoubleType>().write_batch(&[0.1, f64::NAN], Some(&[1, 1]), None),
            3 => writer.typed::<Int64Type>().write_batch(&[1_475_280_000_000], Some(&[1, 0]), None),
            4 => writer.typed::<Int32Type>().write_batch(&[17_075], Some(&[0, 1]), None),
            _ => writer.typed::<Int32Type>().write_batch(&[-5, 1250], Some(&[1, 1]), None),
        }
        .unwrap();
        writer.close().unwrap();
    }
    group.close().unwrap();
    let folder = folder("types");
    let path = folder.join("x.parquet");
    std::fs::write(&path, file.into_inner().unwrap()).unwrap();
    assert_eq!(
        text_of(&path).unwrap(),
        "station,time,no2,when,day,o3\n\"a,b\",1970-01-01T00:00:00,0.1,2016-10-01T00:00:00Z,,-0.05\n\
         c,1970-01-01T00:00:01.000000001,,,2016-10-01T00:00:00,12.5\n"
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_file_in_an_archive_is_read_and_a_damaged_file_is_named() {
    let folder = folder("damaged");
    let whole = eea(8, &[&[(1, Some(1_000), "ug/m3", 1)]]);
    let mut archive = zip::ZipWriter::new(std::fs::File::create(folder.join("a.zip")).unwrap());
    archive.start_file("E2a/SPO.1.parquet", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(&whole).unwrap();
    archive.finish().unwrap();
    assert_eq!(text_of(&folder.join("a.zip")).unwrap().lines().count(), 2);
    let path = folder.join("cut.parquet");
    for length in (4..whole.len()).step_by(7) {
        std::fs::write(&path, &whole[..length]).unwrap();
        let error = text_of(&path).unwrap_err().to_string();
        assert!(error.contains("cut.parquet"), "{error}");
    }
    // A byte that is changed is an error or another value, and no crash.
    for place in 4..whole.len() - 8 {
        let mut changed = whole.clone();
        changed[place] ^= 0x55;
        std::fs::write(&path, changed).unwrap();
        let _ = text_of(&path);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_column_of_lists_is_refused_by_name() {
    let schema = "message lists { REQUIRED BYTE_ARRAY station (UTF8); REPEATED DOUBLE values; }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(WriterProperties::default())).unwrap();
    let folder = folder("lists");
    let path = folder.join("x.parquet");
    std::fs::write(&path, file.into_inner().unwrap()).unwrap();
    let error = text_of(&path).unwrap_err().to_string();
    assert!(error.contains("x.parquet") && error.contains("\"values\"") && error.contains("lists"), "{error}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_is_written_is_read_again() {
    let csv = "station,time,no2,co,note,o3_capture\na,2016-10-01T00:00:00.004Z,12.5,,\"x, y\",0.75\na,2016-10-01T01:00:00Z,,0.25,,1\n\
               b,2016-10-01T00:00:00Z,-1,1e3,z,\n";
    let folder = folder("written");
    let path = folder.join("x.parquet");
    let mut encoder = EncoderOptions::new(Format::Parquet).into_writer(std::fs::File::create(&path).unwrap());
    encoder.write_all(csv.as_bytes()).unwrap();
    assert_eq!(encoder.finish().unwrap().1.rows, 3);
    assert_eq!(
        text_of(&path).unwrap(),
        "station,time,no2,co,note,o3_capture\na,2016-10-01T00:00:00.004Z,12.5,,\"x, y\",0.75\n\
         a,2016-10-01T01:00:00Z,,0.25,,1\nb,2016-10-01T00:00:00Z,-1,1000,z,\n"
    );
    let repository = CsvRepository::open([&path], &CsvOptions::default()).unwrap();
    assert_eq!(repository.data_set().unwrap().measurements, 3);
    let airq = Airq::builder().repository(repository).build().unwrap();
    let answer = airq.answer(&Query::all(), Format::Parquet).unwrap();
    assert!(answer.body().starts_with(b"PAR1") && answer.body().ends_with(b"PAR1"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_file_of_many_batches_is_read_to_any_point() {
    let row = |row: usize| {
        let clock = format!("{:02}:{:02}:{:02}", row / 3600, row / 60 % 60, row % 60);
        let value = if row.is_multiple_of(7) { String::new() } else { (row / 3).to_string() };
        let note = ["", "x", "\"y, z\""][row % 3];
        format!("a,2016-10-01T{clock}Z,{value},{note}\n")
    };
    let rows: String = (0..5_000).map(row).collect();
    let csv = format!("station,time,no2,note\n{rows}");
    let folder = folder("batches");
    let path = folder.join("x.parquet");
    let mut encoder = EncoderOptions::new(Format::Parquet).into_writer(std::fs::File::create(&path).unwrap());
    encoder.write_all(csv.as_bytes()).unwrap();
    encoder.finish().unwrap();
    assert_eq!(text_of(&path).unwrap(), csv);
    for length in [0, 10, 100_000] {
        let mut start = vec![0; length];
        let files = InputFile::list(&path, &InputOptions::default()).unwrap();
        files[0].read(|content| Ok(content.read_exact(&mut start)?)).unwrap();
        assert_eq!(start, csv.as_bytes()[..length]);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let schema = Arc::new(parse_message_type("message bomb { REQUIRED BYTE_ARRAY station (UTF8); }").unwrap());
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_compression(parquet::basic::Compression::ZSTD(parquet::basic::ZstdLevel::default()))
        .build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut group = file.next_row_group().unwrap();
    let mut writer = group.next_column().unwrap().unwrap();
    let text = ByteArray::from(vec![b'0'; 1 << 20]);
    writer.typed::<ByteArrayType>().write_batch(&vec![text; 80], None, None).unwrap();
    writer.close().unwrap();
    group.close().unwrap();
    let path = folder("bomb").join("bomb.parquet");
    std::fs::write(&path, file.into_inner().unwrap()).unwrap();
    let error = text_of(&path).unwrap_err().to_string();
    assert!(error.contains("300 times"), "{error}");
}
