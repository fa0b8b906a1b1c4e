//! The roles of a table's columns, as given by `--map`: `time=Date,station=Site,no2="NO2 (µg/m3)"`.

use super::description::{ColumnText, FormatDescription, FromText, List, ParameterEntry, Short, TextFrom};
use crate::error::{Error, ErrorKind, Result, cut};
use crate::model::{Parameter, Recognized, Unit};

const KEYS: [&str; 12] = [
    "time",
    "date",
    "station",
    "name",
    "city",
    "country",
    "latitude",
    "longitude",
    "instrument",
    "parameter",
    "value",
    "unit",
];

/// Roles and the columns that play them, in the order they were given.
#[derive(Clone, Debug, Default)]
pub(super) struct Map(Vec<(Role, String)>);

/// The role of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Key(&'static str),
    Parameter(Parameter),
}

impl Map {
    /// Parses `ROLE=COLUMN,…`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if a part is no `ROLE=COLUMN`, or a role is unknown or given twice.
    pub(super) fn parse(text: &str) -> Result<Map> {
        let mut map = Map::default();
        for part in parts(text) {
            let (role, column) = part.split_once('=').ok_or_else(|| fault(&format!("{:?} has no =", cut(&part))))?;
            let role = Role::parse(role).ok_or_else(|| unknown(role))?;
            if map.0.iter().any(|(known, _)| *known == role) {
                return Err(fault(&format!("{:?} gives a role that is given already", cut(&part))));
            }
            map.0.push((role, column.trim().to_owned()));
        }
        Ok(map)
    }

    /// The column of this role.
    pub(super) fn column(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().find(|(role, _)| matches!(role, Role::Key(known) if *known == key));
        found.map(|(_, column)| column.as_str())
    }

    /// Returns whether every column is a number, such as `time=1,station=2,no2=3`.
    pub(super) fn is_of_numbers(&self) -> bool {
        let columns =
            self.0.iter().filter(|(_, column)| !column.starts_with('=')).flat_map(|(_, column)| column.split('+'));
        let mut columns = columns.peekable();
        columns.peek().is_some() && columns.all(|column| column.trim().parse::<u16>().is_ok())
    }

    /// The description that the map is short for: a table with these columns or, over the description of a format, that format with
    /// these columns in place of its own.
    ///
    /// # Errors
    /// If a role is missing, or a column is in a unit that is not known.
    pub(super) fn described(&self, format: Option<FormatDescription>) -> Result<FormatDescription> {
        let mut description =
            format.unwrap_or_else(|| FormatDescription { name: "generic".to_owned(), ..Default::default() });
        let of_time = [self.column("date"), self.column("time")];
        if of_time.iter().any(Option::is_some) {
            let columns = of_time
                .into_iter()
                .flatten()
                .map(|name| Short(ColumnText { column: name.to_owned(), ..ColumnText::default() }));
            description.time.column = List(columns.collect());
        }
        let station = &mut description.station;
        let roles = [
            ("station", &mut station.id),
            ("name", &mut station.name),
            ("city", &mut station.city),
            ("country", &mut station.country),
            ("latitude", &mut station.latitude),
            ("longitude", &mut station.longitude),
            ("parameter", &mut description.parameter.from),
            ("unit", &mut description.value.unit),
        ];
        for (key, source) in roles {
            if let Some(name) = self.column(key) {
                *source = Some(Short(text_from(name)?));
            }
        }
        if let Some(name) = self.column("instrument") {
            station.instrument = Some(name.to_owned());
        }
        if let Some(name) = self.column("value") {
            description.value.column = List(vec![name.to_owned()]);
        }
        for (parameter, column) in self.parameters() {
            let entry = ParameterEntry::new(parameter, Some(unit(column, parameter)?));
            if description.parameter.from.is_none() {
                description.parameter.names.retain(|_, of_format| of_format.parameter != parameter);
            }
            description.parameter.names.insert(column.to_owned(), Short(entry));
        }
        check(&description)?;
        Ok(description)
    }

    /// The columns of parameters.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (Parameter, &str)> {
        self.0.iter().filter_map(|(role, column)| match role {
            Role::Parameter(parameter) => Some((*parameter, column.as_str())),
            Role::Key(_) => None,
        })
    }
}

impl Role {
    fn parse(name: &str) -> Option<Role> {
        let name = name.trim();
        let key = KEYS.into_iter().find(|key| key.eq_ignore_ascii_case(name));
        key.map(Role::Key).or_else(|| Recognized::parse(name).map(|found| Role::Parameter(found.parameter)))
    }
}

/// The parts between commas, those in quotes apart; the quotes are taken off.
fn parts(text: &str) -> Vec<String> {
    let (mut parts, mut quoted) = (vec![String::new()], false);
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => parts.push(String::new()),
            _ => parts.last_mut().into_iter().for_each(|part| part.push(letter)),
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn unknown(role: &str) -> Error {
    let keys = KEYS.join(", ");
    let role = cut(role);
    fault(&format!(
        "{role:?} is no role; a role is one of {keys}, a parameter such as no2 or temperature, or a code and a unit for any other \
         parameter, such as fluff[mg/l]"
    ))
}

pub(super) fn fault(why: &str) -> Error {
    Error::new(ErrorKind::InvalidSetting, format!("map: {why}; write time=COLUMN,station=COLUMN,no2=COLUMN"))
}

/// A column, columns joined by `+` or, after `=`, a constant text.
fn text_from(name: &str) -> Result<TextFrom> {
    match name.strip_prefix('=') {
        Some(text) => Ok(TextFrom::constant(text)),
        None => TextFrom::from_text(name).map_err(|why| fault(&why)),
    }
}

/// Checks that no role is missing.
fn check(description: &FormatDescription) -> Result<()> {
    let FormatDescription { time, station, parameter, value, .. } = description;
    let has_values = !value.column.is_empty() || value.cells.is_some() || value.stations;
    if time.column.is_empty() {
        return Err(fault("no time"));
    }
    if station.id.is_none() && !value.stations {
        return Err(fault("no station; station==NAME names the only one"));
    }
    match (&parameter.from, has_values) {
        (Some(_), false) => Err(fault("parameter needs a value beside it")),
        (None, true) => Err(fault("value needs a parameter beside it; parameter==no2 names the only one")),
        (None, false) if parameter.names.is_empty() && parameter.vocabulary.is_none() => Err(fault("no parameter")),
        _ => description.check_effect().map_err(|why| fault(&why)),
    }
}

/// The unit in a column's name; the parameter's own unit if the name has none, as in `NO2 (hourly)`.
fn unit(name: &str, parameter: Parameter) -> Result<Unit> {
    if let Some(Recognized { unit: Some(unit), .. }) = Recognized::parse(name)
        && unit.is_known()
    {
        return Ok(unit);
    }
    let Some(text) = in_brackets(name) else { return Ok(parameter.unit()) };
    let is_unit = text.contains(['/', '%', '^']) || text.trim_start().to_lowercase().starts_with("pp");
    match Unit::lookup(text) {
        None if is_unit => Err(fault(&format!("{:?} is in no unit that is known", cut(name)))),
        unit => Ok(unit.unwrap_or(parameter.unit())),
    }
}

/// The text in the brackets at the end of a name.
fn in_brackets(name: &str) -> Option<&str> {
    let start = name.rfind(['(', '['])?;
    name[start + 1..].trim_end().strip_suffix([')', ']'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_in_quotes_may_have_a_comma() {
        let map = Map::parse(r#"time=Date, station=Site,no2="NO2, hourly (µg/m3)",pm2.5=PM"#).unwrap();
        assert_eq!((map.column("time"), map.column("city")), (Some("Date"), None));
        let parameters: Vec<_> = map.parameters().collect();
        assert_eq!(parameters, [(Parameter::NO2, "NO2, hourly (µg/m3)"), (Parameter::PM2_5, "PM")]);
    }

    #[test]
    fn an_open_parameter_has_its_unit_in_brackets() {
        let map = Map::parse("time=Date,station=Site,fluff[mg/l]=Fluff").unwrap();
        let parameters: Vec<_> = map.parameters().map(|(parameter, _)| parameter.column_name()).collect();
        assert_eq!(parameters, ["fluff [mg/l]"]);
    }

    #[test]
    fn what_is_no_map_says_how_one_is_written() {
        for (text, told) in [("Date", "has no ="), ("when=Date", "is no role"), ("no2=a,NO2=b", "given already")] {
            let error = Map::parse(text).unwrap_err();
            assert!(error.is_invalid_input() && error.to_string().contains(told), "{error}");
        }
    }
}
