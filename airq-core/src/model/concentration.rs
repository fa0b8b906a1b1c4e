//! Concentrations in mass and in parts of the air, and the way between them.

use super::Pollutant;
use std::fmt;

/// A unit that a concentration is published in.
///
/// ```
/// use airq_core::{GasConditions, Pollutant, Unit};
/// let ppb = Unit::MicrogramPerCubicMetre.convert(100.0, Unit::PartPerBillion, Pollutant::O3, GasConditions::Celsius20);
/// assert_eq!(ppb.map(|ppb| ppb.round()), Some(50.0));
/// assert_eq!(Unit::parse("ug/m3"), Some(Unit::MicrogramPerCubicMetre));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// µg/m³.
    MicrogramPerCubicMetre,
    /// mg/m³.
    MilligramPerCubicMetre,
    /// Parts per billion by volume, 10⁻⁹.
    PartPerBillion,
    /// Parts per million by volume, 10⁻⁶.
    PartPerMillion,
}

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
    /// The unit of this spelling, in any case: `µg/m³` with either µ, `ug/m3`, `mg/m³`, `ppb`, `ppm` and the like.
    pub fn parse(text: &str) -> Option<Unit> {
        let plain: String = text.trim().to_lowercase().chars().filter(|c| !matches!(c, ' ' | '^')).collect();
        match plain.replace(['\u{b5}', '\u{3bc}'], "u").replace('³', "3").as_str() {
            "ug/m3" | "ugm-3" | "ug.m-3" => Some(Unit::MicrogramPerCubicMetre),
            "mg/m3" | "mgm-3" | "mg.m-3" => Some(Unit::MilligramPerCubicMetre),
            "ppb" | "ppbv" => Some(Unit::PartPerBillion),
            "ppm" | "ppmv" => Some(Unit::PartPerMillion),
            _ => None,
        }
    }

    /// A column's name and the unit that it has in brackets at its end, as in `NO2 (µg/m3)`, as it is spelled there.
    pub(crate) fn in_brackets(name: &str) -> Option<(&str, &str)> {
        let start = name.rfind(['(', '['])?;
        let unit = name[start + 1..].trim_end().strip_suffix([')', ']'])?;
        Some((name[..start].trim_end(), unit))
    }

    /// The usual spelling.
    pub const fn symbol(self) -> &'static str {
        match self {
            Unit::MicrogramPerCubicMetre => "µg/m³",
            Unit::MilligramPerCubicMetre => "mg/m³",
            Unit::PartPerBillion => "ppb",
            Unit::PartPerMillion => "ppm",
        }
    }

    /// The value in another unit. `None` where mass meets parts and the pollutant is no gas.
    ///
    /// Mass from parts is ppb × M ÷ Vm, with the pollutant's [molar mass](Pollutant::molar_mass) M and the
    /// [molar volume](GasConditions::molar_volume) Vm.
    pub fn convert(self, value: f64, to: Unit, pollutant: Pollutant, at: GasConditions) -> Option<f64> {
        if self == to {
            return Some(value);
        }
        let base = value * self.in_base();
        let base = match (self.is_mass(), to.is_mass()) {
            (true, false) => base * at.molar_volume() / pollutant.molar_mass()?,
            (false, true) => base * pollutant.molar_mass()? / at.molar_volume(),
            _ => base,
        };
        Some(base / to.in_base())
    }

    const fn is_mass(self) -> bool {
        matches!(self, Unit::MicrogramPerCubicMetre | Unit::MilligramPerCubicMetre)
    }

    /// How many µg/m³ or ppb it is.
    const fn in_base(self) -> f64 {
        match self {
            Unit::MicrogramPerCubicMetre | Unit::PartPerBillion => 1.0,
            Unit::MilligramPerCubicMetre | Unit::PartPerMillion => 1000.0,
        }
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

impl Pollutant {
    /// Grams a mole, to two decimals (molecular weights as PubChem lists them; nitrogen oxides count as NO₂). `None` for particles.
    pub const fn molar_mass(self) -> Option<f64> {
        match self {
            Pollutant::So2 => Some(64.07),
            Pollutant::No2 | Pollutant::Nox => Some(46.01),
            Pollutant::Co => Some(28.01),
            Pollutant::O3 => Some(48.00),
            Pollutant::No => Some(30.01),
            Pollutant::Nh3 => Some(17.03),
            Pollutant::C6h6 => Some(78.11),
            Pollutant::Pm10 | Pollutant::Pm2_5 => None,
        }
    }

    /// The unit of its canonical values, the one that [`unit`](Pollutant::unit) spells.
    pub const fn canonical_unit(self) -> Unit {
        match self {
            Pollutant::Co => Unit::MilligramPerCubicMetre,
            _ => Unit::MicrogramPerCubicMetre,
        }
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
    fn mass_and_parts_are_one_at_the_stated_conditions() {
        assert!(near(Ppb.convert(1.0, Micrograms, Pollutant::No2, Celsius20), 1.9123));
        assert!(near(Ppb.convert(1.0, Micrograms, Pollutant::No2, Celsius25), 1.8818));
        assert!(near(Ppb.convert(1.0, Micrograms, Pollutant::O3, Celsius20), 1.9950));
        assert!(near(Ppb.convert(1.0, Micrograms, Pollutant::So2, Celsius25), 2.6204));
        assert!(near(Ppm.convert(1.0, Milligrams, Pollutant::Co, Celsius20), 1.1642));
        assert!(near(Milligrams.convert(10.0, Ppm, Pollutant::Co, Celsius25), 8.7290));
        assert!(near(Ppm.convert(0.07, Micrograms, Pollutant::O3, Celsius20), 139.65));
    }

    #[test]
    fn there_and_back_is_the_same_value() {
        for pollutant in Pollutant::ALL.into_iter().filter(|pollutant| pollutant.molar_mass().is_some()) {
            for (from, to) in [(Micrograms, Ppb), (Micrograms, Ppm), (Milligrams, Ppb), (Milligrams, Micrograms)] {
                let there = from.convert(40.25, to, pollutant, Celsius20).unwrap();
                assert!(near(to.convert(there, from, pollutant, Celsius20), 40.25), "{pollutant} {from} {to}");
            }
        }
    }

    #[test]
    fn particles_have_mass_only() {
        assert_eq!(Micrograms.convert(1.0, Ppb, Pollutant::Pm10, Celsius20), None);
        assert_eq!(Milligrams.convert(1.0, Micrograms, Pollutant::Pm2_5, Celsius20), Some(1000.0));
        assert_eq!(Ppm.convert(1.0, Ppb, Pollutant::Pm2_5, Celsius20), Some(1000.0));
    }

    #[test]
    fn units_are_known_in_the_spellings_of_files() {
        for text in ["µg/m³", "μg/m³", "ug/m3", "UG/M3", " ug m-3 ", "µg/m^3"] {
            assert_eq!(Unit::parse(text), Some(Micrograms), "{text}");
        }
        assert_eq!(Unit::parse("mg/m³"), Some(Milligrams));
        assert_eq!((Unit::parse("PPM"), Unit::parse("ppb")), (Some(Ppm), Some(Ppb)));
        assert_eq!((Unit::parse("percent"), Unit::parse("")), (None, None));
        assert!(Pollutant::ALL.iter().all(|pollutant| pollutant.canonical_unit().symbol() == pollutant.unit()));
    }
}
