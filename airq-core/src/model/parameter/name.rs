//! The names of parameters as publishers write them.

use super::vocabulary::VOCABULARY;
use super::{Parameter, Unit};
#[cfg(feature = "formats")]
use crate::model::GasConditions;
use std::collections::HashMap;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The parameter that a column's name states, and the unit that the name states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Recognized {
    pub(crate) parameter: Parameter,
    /// `None` if the name has no unit.
    pub(crate) unit: Option<Unit>,
}

impl Recognized {
    /// Recognises a column's name: a parameter in any usual spelling, alone or with a unit, as in `NO2 (µg/m³)`, `PM2.5 µg/m3` and
    /// `NO2_ppb`. A name in airq's own form for open parameters, `code [unit]`, is one of an open parameter.
    pub(crate) fn parse(name: &str) -> Option<Recognized> {
        let name = name.trim();
        if let Some(parameter) = lookup(name) {
            return Some(Recognized { parameter, unit: None });
        }
        in_brackets(name).or_else(|| with_suffix(name))
    }

    /// Returns whether values of the column can be converted to the parameter's unit.
    #[cfg(feature = "formats")]
    pub(crate) fn is_convertible(self) -> bool {
        match self.unit {
            Some(unit) => unit.convert(1.0, self.parameter.unit(), self.parameter, GasConditions::default()).is_some(),
            None => true,
        }
    }

    /// Returns whether values of the column need no conversion.
    pub(crate) fn is_canonical(self) -> bool {
        self.unit.is_none_or(|unit| unit == self.parameter.unit())
    }
}

fn in_brackets(name: &str) -> Option<Recognized> {
    let start = name.rfind(['(', '['])?;
    let unit = name[start + 1..].trim_end().strip_suffix([')', ']'])?;
    let before = name[..start].trim_end();
    if let Some(parameter) = lookup(before) {
        return Some(Recognized { parameter, unit: Some(Unit::stated(unit)) });
    }
    // The form that airq writes itself.
    let is_own = name.as_bytes()[start] == b'[' && super::is_code(before);
    let unit = if is_own { Unit::stated(unit) } else { Unit::lookup(unit)? };
    let code = code_for(before)?;
    Parameter::open(&code, unit).map(|parameter| Recognized { parameter, unit: Some(unit) })
}

/// A known parameter with a known unit after a separator.
fn with_suffix(name: &str) -> Option<Recognized> {
    let separators = name.char_indices().filter(|(_, letter)| matches!(letter, ' ' | '_' | ',' | '-' | '.' | '/'));
    for (position, separator) in separators {
        let unit = Unit::lookup(&name[position + separator.len_utf8()..]);
        if let (Some(unit), Some(parameter)) = (unit, lookup(&name[..position])) {
            return Some(Recognized { parameter, unit: Some(unit) });
        }
    }
    None
}

/// The parameter of the vocabulary with this name.
pub(super) fn lookup(name: &str) -> Option<Parameter> {
    static BY_NAME: LazyLock<HashMap<String, Parameter>> = LazyLock::new(|| {
        let mut names = HashMap::new();
        for definition in &VOCABULARY {
            let own = [definition.code, definition.symbol, definition.quantity];
            for name in own.iter().chain(definition.names).filter(|name| !name.is_empty()) {
                names.entry(key(name)).or_insert(Parameter(definition));
            }
        }
        names
    });
    /// Longer than any name of the vocabulary.
    const LONGEST: usize = 200;
    if name.len() > LONGEST {
        return None;
    }
    BY_NAME.get(&key(name)).copied()
}

/// The name without case, accents, blanks and punctuation, and with plain digits. A separator between two digits stays, as a dot:
/// `PM2_5` is `pm2.5`, and `PM1.0` is not `pm10`.
fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    let mut is_separated = false;
    for letter in name.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        if !letter.is_alphanumeric() {
            is_separated = true;
            continue;
        }
        if is_separated && letter.is_ascii_digit() && key.ends_with(|last: char| last.is_ascii_digit()) {
            key.push('.');
        }
        is_separated = false;
        key.push(letter);
    }
    key
}

/// The code for a publisher's name: words of lower-case letters and digits, joined by `_`.
pub(super) fn code_for(name: &str) -> Option<String> {
    let mut code = String::with_capacity(name.len());
    for letter in name.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            code.push(letter);
        } else if !code.is_empty() && !code.ends_with('_') {
            code.push('_');
        }
    }
    let code = code.trim_end_matches('_');
    if code.starts_with(|first: char| first.is_ascii_lowercase()) { Some(code.to_owned()) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_recognised_in_usual_spellings() {
        for (name, code) in [
            ("NO₂", "no2"),
            ("no 2", "no2"),
            ("PM2.5", "pm2_5"),
            ("PM₂.₅", "pm2_5"),
            ("pm25", "pm2_5"),
            ("PM2,5", "pm2_5"),
            ("PM 10", "pm10"),
            ("PM1.0", "pm1"),
            ("Ozone", "o3"),
            ("ozono", "o3"),
            ("benceno", "c6h6"),
            ("Biossido di Azoto", "no2"),
            ("Dióxido de Nitrógeno", "no2"),
            ("relativehumidity", "humidity"),
            ("1,3-butadiene", "butadiene_1_3"),
        ] {
            assert_eq!(lookup(name).map(Parameter::code), Some(code), "{name}");
        }
        for name in ["CO2", "PM100", "NOy", "no2x", "", "PM1", "2"] {
            let found = lookup(name).map(Parameter::code);
            assert!(!matches!(found, Some("co" | "pm10" | "no" | "no2")), "{name}: {found:?}");
        }
    }

    #[test]
    fn a_unit_in_the_name_is_found() {
        let micrograms = Unit::MicrogramPerCubicMetre;
        for (name, code, unit) in [
            ("NO2 (µg/m³)", "no2", Some(micrograms)),
            ("NO2 [ppb]", "no2", Some(Unit::PartPerBillion)),
            ("PM2.5 µg/m3", "pm2_5", Some(micrograms)),
            ("NO2_ppb", "no2", Some(Unit::PartPerBillion)),
            ("pm2_5_ug_m3", "pm2_5", Some(micrograms)),
            ("temperature (°F)", "temperature", Some(Unit::Fahrenheit)),
            ("o3", "o3", None),
            ("fluff [furlong]", "fluff", Some(Unit::stated("furlong"))),
            ("Formaldehyde X (ppb)", "formaldehyde_x", Some(Unit::PartPerBillion)),
        ] {
            let found = Recognized::parse(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!((found.parameter.code(), found.unit), (code, unit), "{name}");
        }
        for name in ["note (free)", "Note [free]", "AQI", "PM2.5_band", "no2_8h", "remark"] {
            assert_eq!(Recognized::parse(name), None, "{name}");
        }
    }

    #[test]
    fn a_code_is_made_of_any_name() {
        assert_eq!(code_for("PT08.S1(CO)").as_deref(), Some("pt08_s1_co"));
        assert_eq!(code_for(" Índice UV "), Some("indice_uv".to_owned()));
        assert_eq!((code_for("2nd"), code_for("雨")), (None, None));
    }
}
