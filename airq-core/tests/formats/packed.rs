//! Files as they are found: gzipped, in archives, in folders, by patterns, damaged.

use crate::{fixture, path};
use airq_core::input::{InputFile, InputOptions};
use airq_core::repository::{CsvOptions, CsvRepository};
use airq_core::{Error, Repository};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("formats").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        let deflated =
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(9));
        archive.start_file(*name, deflated).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn rows(path: &Path) -> Result<u64, Error> {
    CsvRepository::open([path], &CsvOptions::default()).map(|repository| repository.account().unwrap().read)
}

#[test]
fn a_file_is_read_whatever_it_is_packed_in() {
    let folder = folder("packed");
    let (early, late) = (fixture("madrid_realtime_early.csv"), fixture("madrid_realtime_late.csv"));
    let write = |name: &str, content: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        path
    };
    assert_eq!(rows(&write("plain.csv", &early)).unwrap(), 72);
    assert_eq!(rows(&write("gzipped.csv.gz", &gzipped(&early))).unwrap(), 72);
    assert_eq!(rows(&write("gzipped-without-saying-so", &gzipped(&early))).unwrap(), 72);
    let members: [(&str, &[u8]); 4] =
        [("a/late.csv", &late), ("early.TXT", &early), ("read.me", b"text"), ("__MACOSX/._early.csv", b"rubbish")];
    let archive = write("year.zip", &zipped(&members));
    assert_eq!(rows(&archive).unwrap(), 144);
    let names: Vec<String> =
        InputFile::list(&archive, &InputOptions::default()).unwrap().iter().map(InputFile::name).collect();
    assert!(names[0].ends_with("year.zip/a/late.csv") && names[1].ends_with("year.zip/early.TXT"), "{names:?}");
    assert_eq!(rows(&folder).unwrap(), 72 + 72 + 144, "a folder is its CSV files, packed or not");
    assert_eq!(rows(&folder.join("*.csv*")).unwrap(), 144, "a pattern is what it matches");
    let error = rows(&folder.join("*.xls")).unwrap_err();
    assert!(error.is_invalid_input() && error.to_string().contains("no file matches"), "{error}");
}

#[test]
fn a_stations_file_of_madrid_describes_what_stands_beside_it() {
    let folder = folder("stations");
    for name in ["madrid_realtime_early.csv", "madrid_stations.csv"] {
        fs::copy(path(name), folder.join(name)).unwrap();
    }
    let repository = CsvRepository::open([&folder], &CsvOptions::default()).unwrap();
    let stations = airq_core::Repository::stations(&repository).unwrap();
    let found = stations.get("28079008").unwrap();
    assert_eq!((found.name.as_deref(), found.latitude), (Some("Jardín de la Muestra"), Some(40.4194)));
    assert_eq!(stations.in_city("madrid").count(), 3);
}

#[test]
fn what_is_cut_off_or_damaged_or_a_bomb_says_so() {
    let folder = folder("damaged");
    let told = |name: &str, content: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        let error = rows(&path).unwrap_err();
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        format!("{error}: {cause}")
    };
    let file = fixture("openaq_v1.csv").repeat(50);
    let packed = gzipped(&file);
    let cut = told("cut.csv.gz", &packed[..packed.len() / 2]);
    assert!(cut.contains("cut.csv.gz") && cut.contains("cut off"), "{cut}");
    let archive = zipped(&[("a.csv", &file)]);
    let cut = told("cut.zip", &archive[..archive.len() / 2]);
    assert!(cut.contains("cannot be read as a ZIP archive"), "{cut}");
    let mut damaged = archive.clone();
    damaged[60] ^= 0xff;
    let damaged = told("damaged.zip", &damaged);
    assert!(damaged.contains("damaged.zip"), "{damaged}");
    let empty = told("empty.zip", &zipped(&[("read.me", b"text")]));
    assert!(empty.contains("without a member that ends in .csv"), "{empty}");

    let mut bomb = b"time,station,no2\n".to_vec();
    bomb.resize(80 << 20, b'\n');
    let bomb = told("bomb.zip", &zipped(&[("bomb.csv", &bomb)]));
    assert!(bomb.contains("300 times"), "{bomb}");
}

#[test]
fn the_stations_file_of_an_archive_describes_its_stations() {
    let path = std::env::temp_dir().join(format!("airq-stations-{}.zip", std::process::id()));
    let mut archive = ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, content) in
        [("x/a.csv", "time,station,no2\n2016-10-01,a,1\n"), ("x/Stations.csv", "id,city\na,Madrid\n")]
    {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    let repository = CsvRepository::open([&path], &CsvOptions::default()).unwrap();
    assert_eq!(repository.stations().unwrap().in_city("Madrid").count(), 1);
    assert_eq!(repository.data_set().unwrap().measurements, 1);
    let listed = InputFile::list(&path, &InputOptions::default()).unwrap();
    assert_eq!(listed.len(), 1, "convert converts the measurements: {listed:?}");
    fs::remove_file(path).unwrap();
}

/// The error of a file, which must be refused before any of its content is passed on.
fn refused_before_it_is_read(path: &Path) -> String {
    let mut was_read = false;
    let read = InputFile::list(path, &InputOptions::default()).and_then(|files| {
        for file in files {
            file.read(|content| {
                was_read |= content.read(&mut [0])? > 0;
                Ok(())
            })?;
        }
        Ok(())
    });
    assert!(!was_read);
    format!("{:#}", read.unwrap_err())
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let folder = folder("bombs");
    let zeros = vec![b'0'; 80 << 20];
    let packed = folder.join("bomb.csv.gz");
    fs::write(&packed, gzipped(&zeros)).unwrap();
    assert!(refused_before_it_is_read(&packed).contains("300 times"));
    let archive = folder.join("bomb.zip");
    fs::write(&archive, zipped(&[("bomb.csv", &zeros)])).unwrap();
    assert!(refused_before_it_is_read(&archive).contains("300 times"));
    let part = &zeros[..40 << 20];
    fs::write(&archive, zipped(&[("a.csv", part), ("b.csv", part), ("c.csv", part)])).unwrap();
    assert!(refused_before_it_is_read(&archive).contains("300 times"), "each member is small enough, all are not");
}

#[test]
fn a_member_is_not_longer_than_its_archive_states() {
    let folder = folder("stated");
    let mut archive = zipped(&[("a.csv", &fixture("openaq_v1.csv").repeat(50))]);
    let directory = archive.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    for size in [22, directory + 24] {
        archive[size..size + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    let path = folder.join("stated.zip");
    fs::write(&path, archive).unwrap();
    let error = format!("{:#}", rows(&path).unwrap_err());
    assert!(
        error.contains("stated.zip/a.csv") && error.contains("larger than its declared uncompressed size"),
        "{error}"
    );
}

#[test]
fn an_archive_of_many_members_is_read_in_linear_time() {
    const MEMBERS: usize = 10_000;
    let folder = folder("members");
    let names: Vec<String> = (0..MEMBERS).map(|number| format!("{number:05}.csv")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"a,b\n".as_slice())).collect();
    let path = folder.join("members.zip");
    fs::write(&path, zipped(&members)).unwrap();
    let started = std::time::Instant::now();
    let files = InputFile::list(&path, &InputOptions::default()).unwrap();
    let mut read = 0;
    for file in &files {
        read += file.read(|content| Ok(content.read_to_end(&mut Vec::new())?)).unwrap();
    }
    assert_eq!((files.len(), read), (MEMBERS, 4 * MEMBERS));
    // To read the directory again for each member takes several minutes.
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
