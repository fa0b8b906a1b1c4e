//! What a person says a table's columns are: `time=Date,station=Site,no2="NO2 (µg/m3)"`.

use crate::error::{Error, ErrorKind, Result, cut};
use crate::model::Pollutant;

const KEYS: [&str; 11] =
    ["time", "date", "station", "name", "city", "country", "latitude", "longitude", "parameter", "value", "unit"];

/// Roles and the columns that play them, in the order they were given.
#[derive(Clone, Debug, Default)]
pub(super) struct Map(Vec<(Role, String)>);

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Key(&'static str),
    Pollutant(Pollutant),
}

impl Map {
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

    /// The columns of pollutants.
    pub(super) fn pollutants(&self) -> impl Iterator<Item = (Pollutant, &str)> {
        self.0.iter().filter_map(|(role, column)| match role {
            Role::Pollutant(pollutant) => Some((*pollutant, column.as_str())),
            Role::Key(_) => None,
        })
    }
}

impl Role {
    fn parse(name: &str) -> Option<Role> {
        let name = name.trim();
        let key = KEYS.into_iter().find(|key| key.eq_ignore_ascii_case(name));
        key.map(Role::Key).or_else(|| super::names::pollutant(name).map(Role::Pollutant))
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
    let pollutants = Pollutant::ALL.map(Pollutant::name).join(", ");
    fault(&format!("{:?} is no role; known are {} and the pollutants {pollutants}", cut(role), KEYS.join(", ")))
}

pub(super) fn fault(why: &str) -> Error {
    Error::new(ErrorKind::InvalidSetting, format!("map: {why}; write time=COLUMN,station=COLUMN,no2=COLUMN"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_in_quotes_may_have_a_comma() {
        let map = Map::parse(r#"time=Date, station=Site,no2="NO2, hourly (µg/m3)",pm2.5=PM"#).unwrap();
        assert_eq!((map.column("time"), map.column("city")), (Some("Date"), None));
        let pollutants: Vec<_> = map.pollutants().collect();
        assert_eq!(pollutants, [(Pollutant::No2, "NO2, hourly (µg/m3)"), (Pollutant::Pm2_5, "PM")]);
    }

    #[test]
    fn what_is_no_map_says_how_one_is_written() {
        for (text, told) in [("Date", "has no ="), ("when=Date", "is no role"), ("no2=a,NO2=b", "given already")] {
            let error = Map::parse(text).unwrap_err();
            assert!(error.is_invalid_input() && error.to_string().contains(told), "{error}");
        }
    }
}
