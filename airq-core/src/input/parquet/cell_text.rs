//! The values of a Parquet file as the text of CSV cells.

use crate::text::push_csv_field;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::data_type::Int96;
use parquet::schema::types::ColumnDescriptor;
use std::fmt::Display;
use std::io::Write;

/// The maximum number of digits of a decimal number of 16 bytes.
const MAX_PRECISION: i32 = 38;
const DAY: i64 = 86_400;
/// The Julian day of 1970-01-01.
const JULIAN_EPOCH: i64 = 2_440_588;

/// The meaning of the values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellKind {
    Text,
    Number,
    Unsigned,
    /// A whole number with this many decimals.
    Decimal(u32),
    /// Days since 1970.
    Date,
    /// The number of units since 1970, with the number of units of a second.
    Timestamp {
        per_second: i64,
        is_utc: bool,
    },
}

impl CellKind {
    pub(super) fn of(column: &ColumnDescriptor) -> std::result::Result<CellKind, String> {
        if column.max_rep_level() > 0 || column.path().parts().len() > 1 {
            return Err("lists, maps and structures are not read".to_owned());
        }
        let scale = u32::try_from(column.type_scale()).unwrap_or_default();
        if column.type_precision() > MAX_PRECISION || column.type_scale() > MAX_PRECISION {
            return Err(format!("decimals of more than {MAX_PRECISION} digits are not read"));
        }
        Ok(match (column.logical_type_ref(), column.physical_type()) {
            (Some(LogicalType::Decimal(_)), _) => CellKind::Decimal(scale),
            (Some(LogicalType::Date), _) => CellKind::Date,
            (Some(LogicalType::Timestamp(timestamp)), _) => {
                let per_second = match timestamp.unit {
                    TimeUnit::MILLIS => 1_000,
                    TimeUnit::MICROS => 1_000_000,
                    TimeUnit::NANOS => 1_000_000_000,
                };
                CellKind::Timestamp { per_second, is_utc: timestamp.is_adjusted_to_u_t_c }
            }
            (Some(LogicalType::Integer(integer)), _) if !integer.is_signed => CellKind::Unsigned,
            (Some(LogicalType::Time(_) | LogicalType::Float16 | LogicalType::Uuid), _) => {
                return Err("the type is not read".to_owned());
            }
            (None, _) if column.converted_type() != ConvertedType::NONE => CellKind::converted(column, scale)?,
            (_, Type::INT96) => CellKind::Timestamp { per_second: 1_000_000_000, is_utc: false },
            (_, Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY) => CellKind::Text,
            _ => CellKind::Number,
        })
    }

    /// The kind of a column with a type of format version 1.
    fn converted(column: &ColumnDescriptor, scale: u32) -> std::result::Result<CellKind, String> {
        Ok(match column.converted_type() {
            ConvertedType::DECIMAL => CellKind::Decimal(scale),
            ConvertedType::DATE => CellKind::Date,
            ConvertedType::TIMESTAMP_MILLIS => CellKind::Timestamp { per_second: 1_000, is_utc: true },
            ConvertedType::TIMESTAMP_MICROS => CellKind::Timestamp { per_second: 1_000_000, is_utc: true },
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
                CellKind::Unsigned
            }
            ConvertedType::INT_8 | ConvertedType::INT_16 | ConvertedType::INT_32 | ConvertedType::INT_64 => {
                CellKind::Number
            }
            ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON => CellKind::Text,
            other => return Err(format!("the type {other} is not read")),
        })
    }

    pub(super) fn push_whole(self, out: &mut Vec<u8>, value: i64) {
        match self {
            CellKind::Decimal(scale) => push_decimal(out, value.into(), scale),
            CellKind::Date => push_time(out, value * DAY, 0, false),
            CellKind::Timestamp { per_second, is_utc } => {
                let nanoseconds = value.rem_euclid(per_second) * (1_000_000_000 / per_second);
                push_time(out, value.div_euclid(per_second), nanoseconds, is_utc);
            }
            _ => push_display(out, &value),
        }
    }

    pub(super) fn push_bytes(self, out: &mut Vec<u8>, bytes: &[u8]) {
        match self {
            CellKind::Decimal(scale) => push_decimal(out, big_endian(bytes), scale),
            _ => push_csv_field(out, bytes),
        }
    }
}

/// Writes a number. A number that is not finite is a missing value.
pub(super) fn push_finite(out: &mut Vec<u8>, is_finite: bool, value: &impl Display) {
    if is_finite {
        push_display(out, value);
    }
}

pub(super) fn push_display(out: &mut Vec<u8>, value: &impl Display) {
    // Writing to memory does not fail.
    let _ = write!(out, "{value}");
}

/// Writes `2016-10-01T00:00:00`, with nine decimals if it has a fraction of a second, and `Z` if it is UTC.
fn push_time(out: &mut Vec<u8>, seconds: i64, nanoseconds: i64, is_utc: bool) {
    let nanoseconds = i32::try_from(nanoseconds).unwrap_or_default();
    let Ok(time) = jiff::Timestamp::new(seconds, nanoseconds) else { return };
    let clock = Offset::UTC.to_datetime(time);
    if nanoseconds == 0 && clock.year() >= 0 {
        push_whole_seconds(out, clock);
    } else {
        push_display(out, &clock);
    }
    if is_utc {
        out.push(b'Z');
    }
}

/// Writes `2016-10-01T00:00:00`.
fn push_whole_seconds(out: &mut Vec<u8>, clock: DateTime) {
    let [c1, c2] = two_digits(clock.year() / 100);
    let [y1, y2] = two_digits(clock.year() % 100);
    let [m1, m2] = two_digits(clock.month().into());
    let [d1, d2] = two_digits(clock.day().into());
    out.extend_from_slice(&[c1, c2, y1, y2, b'-', m1, m2, b'-', d1, d2, b'T']);
    let [h1, h2] = two_digits(clock.hour().into());
    let [m1, m2] = two_digits(clock.minute().into());
    let [s1, s2] = two_digits(clock.second().into());
    out.extend_from_slice(&[h1, h2, b':', m1, m2, b':', s1, s2]);
}

/// The digits of a number below 100.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "digits are 0 to 9")]
fn two_digits(number: i16) -> [u8; 2] {
    [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]
}

/// Writes a time of nanoseconds of a Julian day.
pub(super) fn push_julian(out: &mut Vec<u8>, value: &Int96) {
    let [low, high, day] = [0, 1, 2].map(|word| i64::from(value.data()[word]));
    let nanoseconds = (high << 32) | low;
    let seconds = (day - JULIAN_EPOCH) * DAY + nanoseconds / 1_000_000_000;
    push_time(out, seconds, nanoseconds % 1_000_000_000, false);
}

/// Writes a decimal number without trailing zeros.
fn push_decimal(out: &mut Vec<u8>, value: i128, scale: u32) {
    if value < 0 {
        out.push(b'-');
    }
    let value = value.unsigned_abs();
    let unit = 10_u128.pow(scale.min(MAX_PRECISION.unsigned_abs()));
    let whole = value / unit;
    let decimals = value - whole * unit;
    // Most numbers fit into 64 bits, which are faster.
    match u64::try_from(whole) {
        Ok(whole) => push_display(out, &whole),
        Err(_) => push_display(out, &whole),
    }
    if decimals == 0 {
        return;
    }
    out.push(b'.');
    let start = out.len();
    let width = scale as usize;
    // Most decimals fit into 64 bits, which are faster. Writing to memory does not fail.
    let _ = match u64::try_from(decimals) {
        Ok(decimals) => write!(out, "{decimals:0width$}"),
        Err(_) => write!(out, "{decimals:0width$}"),
    };
    while out.len() > start && out.ends_with(b"0") {
        out.pop();
    }
}

/// Reads a big-endian number in two's complement of up to 16 bytes.
fn big_endian(bytes: &[u8]) -> i128 {
    let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let start = if negative { -1 } else { 0 };
    bytes.iter().fold(start, |value: i128, byte| (value << 8) | i128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(value: i128, scale: u32) -> String {
        let mut out = Vec::new();
        push_decimal(&mut out, value, scale);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_decimal_of_more_than_16_bytes_is_refused() {
        use parquet::schema::parser::parse_message_type;
        use parquet::schema::types::SchemaDescriptor;
        let kind = |column: &str| {
            let schema = parse_message_type(&format!("message m {{ required {column}; }}")).unwrap();
            CellKind::of(&SchemaDescriptor::new(std::sync::Arc::new(schema)).column(0))
        };
        assert_eq!(kind("fixed_len_byte_array(16) d (DECIMAL(38, 18))"), Ok(CellKind::Decimal(18)));
        assert!(kind("fixed_len_byte_array(32) d (DECIMAL(76, 40))").unwrap_err().contains("38 digits"));
    }

    #[test]
    fn decimals_keep_their_digits_without_trailing_zeros() {
        assert_eq!(decimal(12_500_000_000_000_000_000, 18), "12.5");
        assert_eq!(decimal(-5_009, 3), "-5.009");
        assert_eq!((decimal(0, 18), decimal(7, 0), decimal(-1, 2)), ("0".into(), "7".into(), "-0.01".into()));
        assert_eq!(big_endian(&(-999_i128).to_be_bytes()), -999);
        assert_eq!((big_endian(&[0xff, 0x00]), big_endian(&[0x00, 0xff])), (-256, 255));
    }

    #[test]
    fn times_have_a_zone_only_if_they_are_utc() {
        let text = |kind: CellKind, value: i64| {
            let mut out = Vec::new();
            kind.push_whole(&mut out, value);
            String::from_utf8(out).unwrap()
        };
        let timestamp = |per_second, is_utc| CellKind::Timestamp { per_second, is_utc };
        assert_eq!(text(timestamp(1_000, true), 1_475_280_000_000), "2016-10-01T00:00:00Z");
        assert_eq!(text(timestamp(1_000_000, false), 1_475_280_000_500_000), "2016-10-01T00:00:00.5");
        assert_eq!(text(timestamp(1_000_000_000, false), -1_000_000_000), "1969-12-31T23:59:59");
        assert_eq!(text(CellKind::Date, 17_075), "2016-10-01T00:00:00");
        let mut julian = Int96::new();
        julian.set_data(0, 0, 2_457_663);
        let mut out = Vec::new();
        push_julian(&mut out, &julian);
        assert_eq!(out, b"2016-10-01T00:00:00");
    }
}
