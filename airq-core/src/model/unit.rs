//! Units of measurement, their spellings in files, and conversions between them.

use super::Parameter;
use crate::error::ParseError;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{LazyLock, Mutex};

/// The unit of a measured value.
///
/// ```
/// use airq_core::{GasConditions, Parameter, Unit};
/// let ppb = Unit::MicrogramPerCubicMetre.convert(100.0, Unit::PartPerBillion, Parameter::O3, GasConditions::Celsius20);
/// assert_eq!(ppb.map(|ppb| ppb.round()), Some(50.0));
/// assert_eq!("ug/m3".parse::<Unit>().ok(), Some(Unit::MicrogramPerCubicMetre));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// µg/m³.
    MicrogramPerCubicMetre,
    /// mg/m³.
    MilligramPerCubicMetre,
    /// ng/m³.
    NanogramPerCubicMetre,
    /// Parts per billion by volume, 10⁻⁹.
    PartPerBillion,
    /// Parts per million by volume, 10⁻⁶.
    PartPerMillion,
    /// Parts per hundred million by volume, 10⁻⁸.
    PartPerHundredMillion,
    /// Particles per cubic centimetre.
    PerCubicCentimetre,
    /// Degrees Celsius.
    Celsius,
    /// Degrees Fahrenheit.
    Fahrenheit,
    /// Kelvin.
    Kelvin,
    /// Hundredths.
    Percent,
    /// Hectopascal, which is also the millibar.
    Hectopascal,
    /// Pascal.
    Pascal,
    /// Kilopascal.
    Kilopascal,
    /// Inches of mercury.
    InchOfMercury,
    /// Metres per second.
    MetrePerSecond,
    /// Kilometres per hour.
    KilometrePerHour,
    /// Miles per hour.
    MilePerHour,
    /// Knots: nautical miles per hour.
    Knot,
    /// Degrees of an angle; for wind directions clockwise from north.
    Degree,
    /// Watts per square metre.
    WattPerSquareMetre,
    /// Millimetres; of precipitation also litres per square metre.
    Millimetre,
    /// Inches.
    Inch,
    /// Kilometres.
    Kilometre,
    /// Decibels; of noise with the weighting A.
    Decibel,
    /// Lux.
    Lux,
    /// Volts.
    Volt,
    /// Millivolts.
    Millivolt,
    /// Becquerels per cubic metre.
    BecquerelPerCubicMetre,
    /// Microsieverts per hour.
    MicrosievertPerHour,
    /// Grains of pollen per cubic metre.
    PerCubicMetre,
    /// A unit that airq does not know, as the file writes it; empty if the file states none. Such values are never converted.
    Stated(&'static str),
}

/// A quantity with units that convert into each other by a factor and an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dimension {
    MassConcentration,
    VolumeFraction,
    NumberConcentration,
    Temperature,
    Ratio,
    Pressure,
    Speed,
    Angle,
    Irradiance,
    Length,
    SoundLevel,
    Illuminance,
    Voltage,
    Activity,
    DoseRate,
}

/// The text forms of a unit and its size.
struct Definition {
    unit: Unit,
    symbol: &'static str,
    /// The code of UNECE Recommendation 20; empty if it has none.
    rec20: &'static str,
    dimension: Dimension,
    /// A value in the base unit of the dimension is `value * factor + offset`.
    factor: f64,
    offset: f64,
    /// Other spellings, normalised by [`key`].
    spellings: &'static [&'static str],
}

const fn unit(
    unit: Unit,
    symbol: &'static str,
    rec20: &'static str,
    dimension: Dimension,
    factor: f64,
    spellings: &'static [&'static str],
) -> Definition {
    Definition { unit, symbol, rec20, dimension, factor, offset: 0.0, spellings }
}

impl Definition {
    const fn offset(self, offset: f64) -> Definition {
        Definition { offset, ..self }
    }
}

/// The codes are from UNECE Recommendation 20, the factors from the SI and its accepted units.
static UNITS: [Definition; 31] = [
    unit(
        Unit::MicrogramPerCubicMetre,
        "µg/m³",
        "GQ",
        Dimension::MassConcentration,
        1.0,
        &[
            "ug/m3",
            "ugm-3",
            "ug.m-3",
            "ugm3",
            "ug-m3",
            "ug_m3",
            "mcg/m3",
            "ug/m3lc",
            "ug/m3sc",
            "ug/m3(lc)",
            "micrograms/cubicmeter(lc)",
            "micrograms/cubicmeter",
            "micrograms/cubicmeter(25c)",
            "ugm-3(fidas)",
            "ugm-3(ref.eq)",
            "gq",
        ],
    ),
    unit(
        Unit::MilligramPerCubicMetre,
        "mg/m³",
        "GP",
        Dimension::MassConcentration,
        1000.0,
        &["mg/m3", "mgm-3", "mg.m-3", "mgm3", "mg_m3", "gp"],
    ),
    unit(
        Unit::NanogramPerCubicMetre,
        "ng/m³",
        "",
        Dimension::MassConcentration,
        0.001,
        &["ng/m3", "ngm-3", "ng.m-3", "ngm3", "ng_m3", "nanograms/cubicmeter(lc)", "nanograms/cubicmeter(25c)"],
    ),
    unit(Unit::PartPerBillion, "ppb", "61", Dimension::VolumeFraction, 1.0, &["ppbv", "nmol/mol", "partsperbillion"]),
    unit(
        Unit::PartPerMillion,
        "ppm",
        "59",
        Dimension::VolumeFraction,
        1000.0,
        &["ppmv", "umol/mol", "partspermillion"],
    ),
    unit(Unit::PartPerHundredMillion, "pphm", "", Dimension::VolumeFraction, 10.0, &[]),
    unit(
        Unit::PerCubicCentimetre,
        "1/cm³",
        "H50",
        Dimension::NumberConcentration,
        1.0,
        &["1/cm3", "/cm3", "cm-3", "#/cm3", "particles/cm3", "particles/cm³"],
    ),
    unit(
        Unit::Celsius,
        "°C",
        "CEL",
        Dimension::Temperature,
        1.0,
        &["c", "degc", "cel", "celsius", "degreescelsius", "degreescentigrade", "gradc", "ºc"],
    ),
    unit(
        Unit::Fahrenheit,
        "°F",
        "FAH",
        Dimension::Temperature,
        5.0 / 9.0,
        &["f", "degf", "fah", "fahrenheit", "degreesfahrenheit", "ºf"],
    )
    .offset(-32.0 * 5.0 / 9.0),
    unit(Unit::Kelvin, "K", "KEL", Dimension::Temperature, 1.0, &["k", "kel", "kelvin"]).offset(-273.15),
    unit(
        Unit::Percent,
        "%",
        "P1",
        Dimension::Ratio,
        1.0,
        &["percent", "proz", "pct", "percentrelativehumidity", "%rh", "p1"],
    ),
    unit(
        Unit::Hectopascal,
        "hPa",
        "A97",
        Dimension::Pressure,
        1.0,
        &["hpa", "mbar", "mb", "millibar", "millibars", "a97"],
    ),
    unit(Unit::Pascal, "Pa", "PAL", Dimension::Pressure, 0.01, &["pa", "pal", "pascal"]),
    unit(Unit::Kilopascal, "kPa", "KPA", Dimension::Pressure, 10.0, &["kpa"]),
    unit(Unit::InchOfMercury, "inHg", "F79", Dimension::Pressure, 33.863_89, &["inhg"]),
    unit(
        Unit::MetrePerSecond,
        "m/s",
        "MTS",
        Dimension::Speed,
        1.0,
        &["m/sec", "meters/second", "ms-1", "m.s-1", "mts"],
    ),
    unit(Unit::KilometrePerHour, "km/h", "KMH", Dimension::Speed, 1.0 / 3.6, &["kmh", "kph"]),
    unit(Unit::MilePerHour, "mph", "HM", Dimension::Speed, 0.447_04, &["mi/h"]),
    unit(Unit::Knot, "kn", "KNT", Dimension::Speed, 1852.0 / 3600.0, &["kt", "knot", "knots", "kts"]),
    unit(Unit::Degree, "°", "DD", Dimension::Angle, 1.0, &["deg", "degree", "degrees", "degreescompass", "grad", "dd"]),
    unit(Unit::WattPerSquareMetre, "W/m²", "D54", Dimension::Irradiance, 1.0, &["w/m2", "watts/m2", "wm-2", "wm2"]),
    unit(Unit::Millimetre, "mm", "MMT", Dimension::Length, 1.0, &["l/m2", "l/m²", "mmt"]),
    unit(Unit::Inch, "in", "INH", Dimension::Length, 25.4, &["inch", "inches", "inh"]),
    unit(Unit::Kilometre, "km", "KMT", Dimension::Length, 1_000_000.0, &["kmt"]),
    unit(Unit::Decibel, "dB", "2N", Dimension::SoundLevel, 1.0, &["db", "db(a)", "dba"]),
    unit(Unit::Lux, "lx", "LUX", Dimension::Illuminance, 1.0, &["lux"]),
    unit(Unit::Volt, "V", "VLT", Dimension::Voltage, 1.0, &["v", "vlt", "volt"]),
    unit(Unit::Millivolt, "mV", "2Z", Dimension::Voltage, 0.001, &["mv"]),
    unit(Unit::BecquerelPerCubicMetre, "Bq/m³", "A19", Dimension::Activity, 1.0, &["bq/m3"]),
    unit(Unit::MicrosievertPerHour, "µSv/h", "P72", Dimension::DoseRate, 1.0, &["usv/h"]),
    unit(Unit::PerCubicMetre, "1/m³", "C86", Dimension::NumberConcentration, 1e-6, &["1/m3", "/m3", "grains/m3"]),
];

/// The conditions at which a volume of air is stated: without them, mass and parts of a gas cannot be compared.
///
/// airq's canonical µg/m³ and mg/m³ are at [`Celsius20`](GasConditions::Celsius20), as European law has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GasConditions {
    /// 20 °C and 101.3 kPa: gases in the European Union (Directive 2008/50/EC, Annex VI, C; Directive (EU) 2024/2881).
    #[default]
    Celsius20,
    /// 25 °C and 101.3 kPa: the United States (40 CFR part 50).
    Celsius25,
}

impl Unit {
    /// Returns the unit of a usual spelling.
    pub(crate) fn lookup(text: &str) -> Option<Unit> {
        static BY_SPELLING: LazyLock<HashMap<String, Unit>> = LazyLock::new(|| {
            let mut units = HashMap::new();
            for definition in &UNITS {
                let spellings = definition.spellings.iter().chain([&definition.symbol]);
                units.extend(spellings.map(|spelling| (key(spelling), definition.unit)));
            }
            units
        });
        BY_SPELLING.get(&key(text)).copied()
    }

    /// Returns the unit of this spelling, or [`Unit::Stated`] if airq does not know it.
    ///
    /// The text of an unknown unit is kept until the process ends, once for each text.
    pub fn stated(text: &str) -> Unit {
        Unit::lookup(text).unwrap_or_else(|| Unit::Stated(interned(text.trim())))
    }

    /// Returns whether airq knows the unit, and can convert its values.
    pub const fn is_known(self) -> bool {
        !matches!(self, Unit::Stated(_))
    }

    /// The usual spelling; of an unknown unit, the spelling of the file.
    pub fn symbol(self) -> &'static str {
        match self {
            Unit::Stated(text) => text,
            _ => self.definition().map_or("", |definition| definition.symbol),
        }
    }

    /// The code of UNECE Recommendation 20, such as `GQ` for µg/m³. Returns `None` where that list has no code.
    pub fn rec20(self) -> Option<&'static str> {
        self.definition().map(|definition| definition.rec20).filter(|code| !code.is_empty())
    }

    /// Converts a value to another unit. Returns `None` between units of different quantities; mass and parts of a gas convert by
    /// the parameter's molar mass.
    ///
    /// Mass from parts is ppb × M ÷ Vm, with the parameter's [molar mass](Parameter::molar_mass) M and the
    /// [molar volume](GasConditions::molar_volume) Vm.
    pub fn convert(self, value: f64, to: Unit, parameter: Parameter, at: GasConditions) -> Option<f64> {
        if self == to {
            return Some(value);
        }
        let from = self.definition()?;
        let to = to.definition()?;
        let base = value * from.factor + from.offset;
        let base = match (from.dimension, to.dimension) {
            (Dimension::MassConcentration, Dimension::VolumeFraction) => {
                base * at.molar_volume() / parameter.molar_mass()?
            }
            (Dimension::VolumeFraction, Dimension::MassConcentration) => {
                base * parameter.molar_mass()? / at.molar_volume()
            }
            (from, to) if from == to => base,
            _ => return None,
        };
        Some((base - to.offset) / to.factor)
    }

    fn definition(self) -> Option<&'static Definition> {
        UNITS.iter().find(|definition| definition.unit == self)
    }
}

/// The spelling without blanks, in lower case, with `u` for micro and plain digits for raised digits.
fn key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for letter in text.chars().filter(|letter| !letter.is_whitespace()) {
        match letter {
            '\u{b5}' | '\u{3bc}' => key.push('u'),
            '³' => key.push('3'),
            '²' => key.push('2'),
            '^' => {}
            _ => key.extend(letter.to_lowercase()),
        }
    }
    key
}

/// Keeps the text for the rest of the process, once.
pub(crate) fn interned(text: &str) -> &'static str {
    static TEXTS: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    let mut texts = TEXTS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(known) = texts.iter().find(|known| **known == text) {
        return known;
    }
    let kept: &'static str = Box::leak(text.to_owned().into_boxed_str());
    texts.push(kept);
    kept
}

/// Parses a usual spelling, in any case: `µg/m³` with either µ, `ug/m3`, `mg/m³`, `ppb`, `°C`, `hPa` and the like.
impl FromStr for Unit {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Unit::lookup(text).ok_or_else(|| ParseError::new(text, "a unit such as µg/m³, mg/m³, ppb or °C"))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.symbol())
    }
}

impl GasConditions {
    /// Litres a mole, as air-quality documents print it. An ideal gas has 24.06 at 20 °C and 101.3 kPa, and 24.45 to 24.47
    /// at 25 °C, by the digits of the pressure and of the gas constant.
    pub const fn molar_volume(self) -> f64 {
        match self {
            GasConditions::Celsius20 => 24.06,
            GasConditions::Celsius25 => 24.45,
        }
    }
}

impl fmt::Display for GasConditions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            GasConditions::Celsius20 => "20 °C, 101.3 kPa",
            GasConditions::Celsius25 => "25 °C, 101.3 kPa",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use GasConditions::{Celsius20, Celsius25};
    use Unit::{MicrogramPerCubicMetre as Micrograms, MilligramPerCubicMetre as Milligrams};
    use Unit::{PartPerBillion as Ppb, PartPerMillion as Ppm};

    fn near(value: Option<f64>, expected: f64) -> bool {
        value.is_some_and(|value| (value / expected - 1.0).abs() < 1e-4)
    }

    #[test]
    fn mass_and_parts_convert_at_the_stated_conditions() {
        assert!(near(Ppb.convert(1.0, Micrograms, Parameter::NO2, Celsius20), 1.9123));
        assert!(near(Ppb.convert(1.0, Micrograms, Parameter::NO2, Celsius25), 1.8818));
        assert!(near(Ppb.convert(1.0, Micrograms, Parameter::O3, Celsius20), 1.9950));
        assert!(near(Ppb.convert(1.0, Micrograms, Parameter::SO2, Celsius25), 2.6204));
        assert!(near(Ppm.convert(1.0, Milligrams, Parameter::CO, Celsius20), 1.1642));
        assert!(near(Milligrams.convert(10.0, Ppm, Parameter::CO, Celsius25), 8.7290));
        assert!(near(Ppm.convert(0.07, Micrograms, Parameter::O3, Celsius20), 139.65));
    }

    #[test]
    fn there_and_back_is_the_same_value() {
        for parameter in Parameter::known().filter(|parameter| parameter.molar_mass().is_some()) {
            for (from, to) in [(Micrograms, Ppb), (Micrograms, Ppm), (Milligrams, Ppb), (Milligrams, Micrograms)] {
                let there = from.convert(40.25, to, parameter, Celsius20).unwrap();
                assert!(near(to.convert(there, from, parameter, Celsius20), 40.25), "{parameter} {from} {to}");
            }
        }
    }

    #[test]
    fn particles_have_mass_only() {
        assert_eq!(Micrograms.convert(1.0, Ppb, Parameter::PM10, Celsius20), None);
        assert_eq!(Milligrams.convert(1.0, Micrograms, Parameter::PM2_5, Celsius20), Some(1000.0));
        assert_eq!(Ppm.convert(1.0, Ppb, Parameter::PM2_5, Celsius20), Some(1000.0));
    }

    #[test]
    fn weather_units_convert_within_their_quantity() {
        let temperature = "temperature".parse::<Parameter>().unwrap();
        let convert = |value, from: Unit, to: Unit| from.convert(value, to, temperature, Celsius20);
        assert!(near(convert(212.0, Unit::Fahrenheit, Unit::Celsius), 100.0));
        assert!(near(convert(25.0, Unit::Celsius, Unit::Kelvin), 298.15));
        assert!(near(convert(101_325.0, Unit::Pascal, Unit::Hectopascal), 1013.25));
        assert!(near(convert(36.0, Unit::KilometrePerHour, Unit::MetrePerSecond), 10.0));
        assert_eq!(convert(1.0, Unit::Celsius, Unit::Hectopascal), None);
        assert_eq!(convert(1.0, Unit::stated("furlong"), Unit::Kilometre), None);
    }

    #[test]
    fn units_are_recognised_in_the_spellings_of_files() {
        for text in ["µg/m³", "μg/m³", "ug/m3", "UG/M3", " ug m-3 ", "µg/m^3", "ugm-3 (Ref.eq)", "ug/m3 (LC)", "GQ"]
        {
            assert_eq!(text.parse::<Unit>().ok(), Some(Micrograms), "{text}");
        }
        assert_eq!("mg/m³".parse::<Unit>().ok(), Some(Milligrams));
        assert_eq!(("PPM".parse::<Unit>().ok(), "ppb".parse::<Unit>().ok()), (Some(Ppm), Some(Ppb)));
        assert_eq!(
            ("PROZ".parse::<Unit>().ok(), "GRADC".parse::<Unit>().ok()),
            (Some(Unit::Percent), Some(Unit::Celsius))
        );
        assert_eq!(("furlong".parse::<Unit>().ok(), "".parse::<Unit>().ok()), (None, None));
        assert_eq!(Unit::stated(" furlong "), Unit::stated("furlong"));
    }
}
