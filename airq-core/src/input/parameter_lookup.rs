//! The parameters of the names and codes in a file's rows.

use super::description::{ParameterEntry, ParameterNames, Vocabulary};
use super::measure::ValueRule;
use super::records::RecordError;
use crate::model::{Parameter, Recognized, Unit};
use std::collections::HashMap;

/// The number of names, each with its unit, that are remembered.
const MOST_REMEMBERED: usize = 256;

/// Finds the parameter of a name. Names are remembered as the file spells them.
#[derive(Debug)]
pub(super) struct ParameterLookup {
    names: HashMap<Vec<u8>, ParameterEntry>,
    vocabulary: Vocabulary,
    prefix: String,
    /// True if the file states units.
    has_unit: bool,
    remembered: Vec<LookupEntry>,
}

/// A parameter and its unit in the file's spelling.
#[derive(Clone, Debug)]
struct LookupEntry {
    name: Vec<u8>,
    unit: Vec<u8>,
    /// The rule, or the reason for its absence.
    found: Result<ValueRule, String>,
}

impl ParameterLookup {
    pub(super) fn new(names: &ParameterNames, has_unit: bool) -> Self {
        let by_name = names.names.iter().map(|(name, entry)| (name.as_bytes().to_owned(), entry.0.clone()));
        ParameterLookup {
            names: by_name.collect(),
            vocabulary: names.vocabulary.unwrap_or(Vocabulary::Names),
            prefix: names.prefix.clone(),
            has_unit,
            remembered: Vec::new(),
        }
    }

    /// The rule for values of this name and unit.
    ///
    /// # Errors
    /// The reason, if the name is not one of a parameter.
    fn find(&mut self, name: &[u8], unit: &[u8]) -> Result<&ValueRule, &str> {
        let known = self.remembered.iter().position(|known| known.name == name && known.unit == unit);
        let index = known.unwrap_or_else(|| self.remember(name, unit));
        self.remembered[index].found.as_ref().map_err(String::as_str)
    }

    /// As [`find`](ParameterLookup::find), for a name in these columns of a record.
    ///
    /// # Errors
    /// If the name is not one of a parameter.
    pub(super) fn find_in(&mut self, columns: &[usize], name: &[u8], unit: &[u8]) -> Result<&ValueRule, RecordError> {
        self.find(name, unit).map_err(|why| match columns.first() {
            Some(column) => RecordError::value(*column, name, why),
            None => RecordError::record(format!("{:?} {why}", String::from_utf8_lossy(name))),
        })
    }

    fn remember(&mut self, name: &[u8], unit: &[u8]) -> usize {
        let found = self.look_up(name, unit);
        if self.remembered.len() >= MOST_REMEMBERED {
            // Only a file of many unknown names comes here.
            self.remembered.retain(|known| known.found.is_ok());
            self.remembered.truncate(MOST_REMEMBERED - 1);
        }
        self.remembered.push(LookupEntry { name: name.to_owned(), unit: unit.to_owned(), found });
        self.remembered.len() - 1
    }

    fn look_up(&self, name: &[u8], unit: &[u8]) -> Result<ValueRule, String> {
        let text = String::from_utf8_lossy(name);
        let stated = if self.has_unit { Some(Unit::stated(&String::from_utf8_lossy(unit))) } else { None };
        if let Some(entry) = self.names.get(name) {
            return Ok(rule(entry, stated));
        }
        let known = match self.vocabulary {
            Vocabulary::Names | Vocabulary::Open => Recognized::parse(&text).map(|found| (found.parameter, found.unit)),
            Vocabulary::Madrid => by_code(&text, madrid),
            Vocabulary::Aqs => by_code(&text, aqs),
            Vocabulary::Eea => by_code(&text, eea),
        };
        if let Some((parameter, unit)) = known {
            return Ok(rule(&ParameterEntry::new(parameter, unit), stated));
        }
        let unit = stated.unwrap_or(Unit::Stated(""));
        match self.vocabulary {
            Vocabulary::Names | Vocabulary::Open => self.open(&text, unit),
            Vocabulary::Madrid | Vocabulary::Aqs | Vocabulary::Eea => match code(&text) {
                Some(code) => self.open(&code.to_string(), unit),
                None => Err("is not a code of a parameter".to_owned()),
            },
        }
    }

    /// A parameter that is in no vocabulary, by the code that its name gives.
    fn open(&self, name: &str, unit: Unit) -> Result<ValueRule, String> {
        let code = Parameter::code_for(&format!("{}{name}", self.prefix));
        let Some(parameter) = code.and_then(|code| Parameter::open(&code, unit)) else {
            return Err("is not the name of a parameter".to_owned());
        };
        for earlier in &self.remembered {
            let Ok(earlier) = &earlier.found else { continue };
            if earlier.parameter == parameter && earlier.unit != unit {
                return Err(format!("is in {:?} here and in {:?} before", unit.symbol(), earlier.unit.symbol()));
            }
        }
        Ok(ValueRule::new(parameter, unit))
    }
}

/// The rule of an entry. The unit in the file takes precedence, unless the file has none for the value.
pub(super) fn rule(entry: &ParameterEntry, stated: Option<Unit>) -> ValueRule {
    let unit = match stated {
        Some(unit) if entry.unit.is_none() || !unit.symbol().is_empty() => unit,
        _ => entry.unit.unwrap_or(entry.parameter.unit()),
    };
    ValueRule {
        parameter: entry.parameter,
        unit,
        factor: entry.factor,
        missing: entry.missing.iter().map(|text| text.as_bytes().to_owned()).collect(),
    }
}

/// The parameter of a code. A code states no unit.
fn by_code(text: &str, of: fn(u32) -> Option<Parameter>) -> Option<(Parameter, Option<Unit>)> {
    let parameter = of(code(text)?)?;
    Some((parameter, None))
}

/// The number of a code, which a file may fill with zeros.
fn code(text: &str) -> Option<u32> {
    text.parse().ok()
}

fn madrid(code: u32) -> Option<Parameter> {
    Parameter::known().find(|known| known.madrid_magnitude().is_some_and(|magnitude| u32::from(magnitude) == code))
}

fn eea(code: u32) -> Option<Parameter> {
    Parameter::known().find(|known| known.eea_codes().contains(&code))
}

fn aqs(code: u32) -> Option<Parameter> {
    Parameter::known().find(|known| known.aqs_codes().contains(&code))
}
