//! `serde::Serialize` of rows (feature `serde`): the shape of the format `records`.

use super::{Measurement, MeasurementRef, Measurements, OverallIndex, Value};
use crate::model::{Parameter, Timestamp};
use crate::query::Cursor;
use serde_core::ser::{Serialize, SerializeMap, Serializer};

/// A map: `station`, `time` (RFC 3339), each parameter by name with its number or null, then `no2_capture` and the like,
/// the texts, and `index` where rows are rated. Numbers are `f64`, without their exact text; an infinite number depends on the
/// serializer and is null in JSON.
impl Serialize for MeasurementRef<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("station", self.station())?;
        map.serialize_entry("time", &self.time())?;
        for (parameter, value) in self.values() {
            map.serialize_entry(&parameter, &value)?;
            if self.schema().has_captures() {
                map.serialize_entry(&parameter.capture_name(), &self.capture(parameter))?;
            }
        }
        for name in self.schema().text_columns() {
            map.serialize_entry(name, &self.text(name))?;
        }
        if self.schema().has_index() {
            map.serialize_entry("index", &self.overall_index())?;
        }
        map.end()
    }
}

/// As [`MeasurementRef`].
impl Serialize for Measurement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_measurement_ref().serialize(serializer)
    }
}

/// A sequence of the rows.
impl Serialize for Measurements {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

/// The number.
impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.number)
    }
}

/// A map of `id`, `band`, `level`, `number`, `colour` and `parameter`.
impl Serialize for OverallIndex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("id", self.index.id())?;
        map.serialize_entry("band", self.band.name)?;
        map.serialize_entry("level", &self.level)?;
        map.serialize_entry("number", &self.number)?;
        map.serialize_entry("colour", self.band.colour)?;
        map.serialize_entry("pollutant", &self.parameter)?;
        map.end()
    }
}

/// The name, such as `no2`.
impl Serialize for Parameter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// RFC 3339, such as `2016-10-01T00:00:00.004Z`.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The text that [`Cursor`] reads.
impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
