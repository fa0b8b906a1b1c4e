//! The unit of concentrations in an answer.

use crate::error::Issue;
use crate::model::{GasConditions, Parameter, Unit};

/// The units that an answer may have, by their names in queries.
const UNITS: [(&str, Unit); 4] = [
    ("ppb", Unit::PartPerBillion),
    ("ppm", Unit::PartPerMillion),
    ("ug/m3", Unit::MicrogramPerCubicMetre),
    ("mg/m3", Unit::MilligramPerCubicMetre),
];
const RULE: &str = "one of ppb, ppm, ug/m3, mg/m3";

/// The conditions of airq's µg/m³, at which parts of a gas and its mass are converted.
pub(crate) const CONDITIONS: GasConditions = GasConditions::Celsius20;

/// Parses a unit in any spelling.
pub(super) fn parse(text: &str) -> Result<Unit, Issue> {
    let unit = text.parse::<Unit>().ok().filter(|unit| UNITS.iter().any(|(_, known)| known == unit));
    unit.ok_or_else(|| Issue::new("units", text, RULE))
}

/// Returns the name of a unit in queries.
pub(super) fn name(unit: Unit) -> &'static str {
    match UNITS.iter().find(|(_, known)| *known == unit) {
        Some((name, _)) => name,
        None => unit.symbol(),
    }
}

/// Returns the unit of a parameter in an answer with these units: its own unit, if the values cannot be converted.
pub(crate) fn unit_of(parameter: Parameter, units: Option<Unit>) -> Unit {
    let own = parameter.unit();
    units.filter(|unit| own.convert(1.0, *unit, parameter, CONDITIONS).is_some()).unwrap_or(own)
}

/// Returns the issues of a unit for named parameters that cannot have the unit.
pub(super) fn faults(units: Unit, parameters: &[Parameter]) -> Vec<Issue> {
    if !UNITS.iter().any(|(_, known)| *known == units) {
        return vec![Issue::new("units", units.symbol(), RULE)];
    }
    let others = parameters.iter().filter(|parameter| unit_of(**parameter, Some(units)) != units);
    others.map(|parameter| Issue::new("units", name(units), rule_for(*parameter))).collect()
}

fn rule_for(parameter: Parameter) -> String {
    let possible = UNITS.iter().filter(|(_, unit)| unit_of(parameter, Some(*unit)) == *unit);
    let names: Vec<&str> = possible.map(|(name, _)| *name).collect();
    if names.is_empty() {
        return format!("no units for {parameter}, which is in {}", parameter.unit());
    }
    format!("{} for {parameter}, which has no molar mass", names.join(" or "))
}
