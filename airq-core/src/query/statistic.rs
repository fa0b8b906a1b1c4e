//! The statistics of the values of a period.

use crate::error::ParseError;
use std::fmt;
use std::str::FromStr;

/// The statistic of the values of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Statistic {
    /// The arithmetic mean: `mean`
    Mean,
    /// The minimum: `min`
    Min,
    /// The maximum: `max`
    Max,
    /// A percentile, such as `p98` or `p99.8`; the 50th is the `median`
    Percentile(Percentile),
    /// The maximum of the means of 8 hours that end in a day: `max8h`, only of days. A mean, and the maximum, need the least share
    /// of their hours ([`Averages::capture`](crate::aggregate::Averages::capture)); the capture of the day is the share of its hours with a mean. With the default of 75 %, it is the
    /// maximum daily 8-hour mean of Directive 2008/50/EC, annexes VII and XI.
    MaxEightHours,
    /// The sum of the excess of the maximum daily 8-hour means over 70 µg/m³ (35 ppb), only of ozone and of months or years: `somo35`. In µg/m³·days,
    /// not scaled for missing days. The capture is the share of the days with a maximum.
    Somo35,
    /// The number of values, without a unit and for every capture: `count`
    Count,
}

impl Statistic {
    /// The median.
    pub const MEDIAN: Statistic = Statistic::Percentile(Percentile { tenths: 500 });

    /// Returns the unit of values that are not in the units of their parameters.
    pub const fn own_unit(self) -> Option<&'static str> {
        match self {
            Statistic::Count => Some("values"),
            Statistic::Somo35 => Some("µg/m³·d"),
            _ => None,
        }
    }

    /// Returns whether the statistic is made of 8-hour means.
    pub(crate) const fn is_of_eight_hours(self) -> bool {
        matches!(self, Statistic::MaxEightHours | Statistic::Somo35)
    }
}

const STATISTIC_RULE: &str = "one of mean, min, max, median, a percentile such as p98 or p99.8, max8h (with every=1d), somo35 \
     (ozone, with every=1mo or 1y) and count";

/// Parses a name: `mean`, `min`, `max`, `median`, `p` and a percentage with up to one decimal, `max8h`, `somo35` or `count`.
///
/// ```
/// use airq_core::aggregate::Statistic;
/// assert_eq!("p99.8".parse::<Statistic>()?.to_string(), "p99.8");
/// assert_eq!("p50".parse::<Statistic>()?, "median".parse::<Statistic>()?);
/// assert!("p100".parse::<Statistic>().is_err());
/// # Ok::<(), airq_core::ParseError>(())
/// ```
impl FromStr for Statistic {
    type Err = ParseError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(match name {
            "mean" => Statistic::Mean,
            "min" => Statistic::Min,
            "max" => Statistic::Max,
            "median" => Statistic::MEDIAN,
            "max8h" => Statistic::MaxEightHours,
            "somo35" => Statistic::Somo35,
            "count" => Statistic::Count,
            _ => {
                let percentile = name.strip_prefix('p').and_then(Percentile::lookup);
                Statistic::Percentile(percentile.ok_or_else(|| ParseError::new(name, STATISTIC_RULE))?)
            }
        })
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Statistic::Mean => f.pad("mean"),
            Statistic::Min => f.pad("min"),
            Statistic::Max => f.pad("max"),
            &Statistic::MEDIAN => f.pad("median"),
            Statistic::Percentile(percentile) => f.pad(&format!("p{percentile}")),
            Statistic::MaxEightHours => f.pad("max8h"),
            Statistic::Somo35 => f.pad("somo35"),
            Statistic::Count => f.pad("count"),
        }
    }
}

/// A percentile above 0 and below 100, in steps of a tenth.
///
/// It lies between the two values next to it in proportion: definition 7 of Hyndman and Fan, "Sample Quantiles in Statistical
/// Packages", 1996, which is `percentile_cont` of SQL and the default of R and `NumPy`. Standards define other ranks: see
/// [`compliance`](crate::compliance).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percentile {
    tenths: u16,
}

impl Percentile {
    /// Returns the percentile of this many tenths of a percent, 1 to 999.
    pub const fn of_tenths(tenths: u16) -> Option<Percentile> {
        if tenths == 0 || tenths > 999 { None } else { Some(Percentile { tenths }) }
    }

    fn lookup(percent: &str) -> Option<Percentile> {
        let (whole, tenth) = percent.split_once('.').unwrap_or((percent, "0"));
        if !matches!(whole.len(), 1..=2) || tenth.len() != 1 {
            return None;
        }
        let digits = format!("{whole}{tenth}");
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_plain { Percentile::of_tenths(digits.parse().ok()?) } else { None }
    }

    /// Returns the number of tenths of a percent.
    pub const fn tenths(self) -> u16 {
        self.tenths
    }
}

/// Parses a percentage of up to two digits and one decimal, such as `98` or `99.8`.
impl FromStr for Percentile {
    type Err = ParseError;

    fn from_str(percent: &str) -> Result<Self, Self::Err> {
        Percentile::lookup(percent)
            .ok_or_else(|| ParseError::new(percent, "a percentage from 0.1 to 99.9 with at most one decimal"))
    }
}

impl fmt::Display for Percentile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.tenths / 10, self.tenths % 10) {
            (whole, 0) => write!(f, "{whole}"),
            (whole, tenth) => write!(f, "{whole}.{tenth}"),
        }
    }
}
