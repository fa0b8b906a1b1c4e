//! `stations.csv`: the descriptions of stations.

use super::files::{self, DataFile};
use crate::csv::{BYTE_ORDER_MARK, Record, Splitter, StationColumns, delimiter_of};
use crate::error::{Error, Position, Result, cut_bytes};
use crate::model::Station;
use std::path::Path;

/// The first bytes of the stations file of Madrid's city council.
#[cfg(feature = "formats")]
const MADRID: &[u8] = b"CODIGO;CODIGO_CORTO";

/// Returns whether the file is a publisher's own description of its stations.
#[cfg(feature = "formats")]
pub(super) fn is_publishers(path: &Path) -> bool {
    use std::io::Read;
    // Bytes of a pipe that are read here could not be read again.
    let Some(file) = std::fs::File::open(path).ok().filter(|_| path.is_file()) else { return false };
    let mut begin = Vec::new();
    let read = file.take(64).read_to_end(&mut begin);
    read.is_ok() && begin.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&begin).starts_with(MADRID)
}

#[cfg(not(feature = "formats"))]
pub(super) fn is_publishers(_: &Path) -> bool {
    false
}

/// Reads a file that describes stations.
///
/// # Errors
/// If the file cannot be read, or a line is invalid.
pub(crate) fn read(file: &DataFile) -> Result<Vec<Station>> {
    let csv = bytes(file)?;
    parse(&csv).map_err(|error| error.in_file(&file.name()))
}

/// Reads a file as a whole.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn bytes(file: &DataFile) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.read(|content| {
        let read = content.read_to_end(&mut bytes);
        read.map_err(|error| files::cannot_read(file.path(), error))
    })?;
    Ok(bytes)
}

/// Parses `id,name,city,country,latitude,longitude`: columns in any order and case, all but the id optional.
///
/// # Errors
/// If there is no id column, or a line is invalid.
pub(crate) fn parse(csv: &[u8]) -> Result<Vec<Station>> {
    #[cfg(feature = "formats")]
    let csv = &crate::input::utf8(csv)[..];
    let mut input = csv.strip_prefix(BYTE_ORDER_MARK).unwrap_or(csv);
    let mut splitter = Splitter::new(delimiter_of(input));
    let Some(header) = splitter.next(&mut input)? else { return Ok(Vec::new()) };
    let columns = StationFileColumns::read(header)?;
    let mut stations = Vec::new();
    while let Some(record) = splitter.next(&mut input)? {
        stations.push(columns.station(record)?);
    }
    if let Some(record) = splitter.finish()? {
        stations.push(columns.station(record)?);
    }
    Ok(stations)
}

/// The positions of the known columns.
struct StationFileColumns {
    id: usize,
    metadata: StationColumns,
    /// City and country of Madrid's file, which has neither column.
    city_and_country: Option<(&'static str, &'static str)>,
}

impl StationFileColumns {
    fn read(header: Record<'_>) -> Result<StationFileColumns> {
        let names: Vec<String> =
            header.fields().map(|field| String::from_utf8_lossy(field).trim().to_lowercase()).collect();
        let place = |name: &str| names.iter().position(|known| known == name);
        if let (Some(id), Some(latitude)) = (place("codigo"), place("latitud")) {
            return Ok(StationFileColumns {
                id,
                metadata: StationColumns {
                    name: place("estacion"),
                    latitude: Some(latitude),
                    longitude: place("longitud"),
                    ..StationColumns::default()
                },
                city_and_country: Some(("Madrid", "ES")),
            });
        }
        let one_of = |names: &[&str]| names.iter().find_map(|name| place(name));
        let Some(id) = one_of(&["id", "station", "station_id", "id_entity"]) else {
            let why = format!("no column named id in the header of stations; seen: {}", names.join(", "));
            return Err(fault(header, None, why));
        };
        Ok(StationFileColumns { id, metadata: StationColumns::of(&names), city_and_country: None })
    }

    fn station(&self, record: Record<'_>) -> Result<Station> {
        let text = |place: Option<usize>| match place {
            Some(place) => text(record, place),
            None => Ok(None),
        };
        let Some(id) = text(Some(self.id))? else {
            return Err(fault(record, Some("id"), "the station has no id"));
        };
        Ok(Station {
            id,
            name: text(self.metadata.name)?,
            city: text(self.metadata.city)?.or_else(|| self.city_and_country.map(|(city, _)| city.to_owned())),
            country: text(self.metadata.country)?
                .or_else(|| self.city_and_country.map(|(_, country)| country.to_owned())),
            latitude: degrees(record, "latitude", text(self.metadata.latitude)?, 90.0)?,
            longitude: degrees(record, "longitude", text(self.metadata.longitude)?, 180.0)?,
            parameters: None,
        })
    }
}

fn text(record: Record<'_>, place: usize) -> Result<Option<String>> {
    let field = record.field(place);
    let text = std::str::from_utf8(field)
        .map_err(|_| fault(record, None, format!("{:?} is not UTF-8", cut_bytes(field))))?
        .trim();
    Ok(if text.is_empty() { None } else { Some(text.to_owned()) })
}

fn degrees(record: Record<'_>, column: &str, text: Option<String>, most: f64) -> Result<Option<f64>> {
    let Some(text) = text else { return Ok(None) };
    match text.parse::<f64>() {
        Ok(degrees) if degrees.abs() <= most => Ok(Some(degrees)),
        _ => Err(fault(record, Some(column), format!("{text:?} is not a number of degrees from -{most} to {most}"))),
    }
}

fn fault(record: Record<'_>, column: Option<&str>, why: impl Into<String>) -> Error {
    Error::at(Position { file: None, line: record.line, column: column.map(str::to_owned) }, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_and_may_lack() {
        let stations = parse("CITY;id;Latitude\nMálaga;aq_a;36.7\n;aq_b;\n".as_bytes()).unwrap();
        assert_eq!(stations[0].city.as_deref(), Some("Málaga"));
        assert_eq!(stations[0].latitude, Some(36.7));
        assert_eq!(stations[1], Station::new("aq_b"));
    }

    #[cfg(feature = "formats")]
    #[test]
    fn madrids_own_file_describes_its_stations_in_either_charset() {
        let header = "CODIGO;CODIGO_CORTO;ESTACION;NO2;LONGITUD_ETRS89;LONGITUD;LATITUD";
        let text = format!("{header}\n28079004;4;Plaza de España;X;\"3°42'43.91\"\"O\";-3.7122567;40.4238823\n");
        let expected = Station {
            name: Some("Plaza de España".to_owned()),
            city: Some("Madrid".to_owned()),
            country: Some("ES".to_owned()),
            latitude: Some(40.423_882_3),
            longitude: Some(-3.712_256_7),
            ..Station::new("28079004")
        };
        let cp1252: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
        for csv in [text.as_bytes(), &[BYTE_ORDER_MARK, text.as_bytes()].concat(), &cp1252] {
            assert_eq!(parse(csv).unwrap(), std::slice::from_ref(&expected));
        }
    }

    #[test]
    fn a_wrong_place_is_named() {
        let error = parse(b"id,latitude\na,1\nb,north\n").unwrap_err();
        assert_eq!(error.position().unwrap().line, 3);
        assert!(error.to_string().contains("north"), "{error}");
        assert!(parse(b"id,latitude\na,91\n").is_err());
        assert!(parse(b"id,latitude\na,NaN\n").is_err());
        assert!(parse(b"name\na\n").unwrap_err().to_string().contains("seen: name"));
    }
}
