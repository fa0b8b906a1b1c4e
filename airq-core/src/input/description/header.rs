//! Recognition of a format by the whole header of a table.

use super::{FormatDescription, TextFrom};
use crate::input::columns::{Columns, is_one_of};
use crate::input::file_context::matches;

/// The result of comparing a header with a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::input) enum Fit {
    Whole,
    /// Most of the required columns are there.
    Resembles {
        lacking: Vec<String>,
        more: Vec<String>,
    },
    Other,
}

impl FormatDescription {
    /// Compares a header with the headers of the description. A header fits only as a whole: it has every required column, and no column
    /// that the description does not know.
    pub(in crate::input) fn fit(&self, columns: &Columns) -> Fit {
        let mut best = Fit::Other;
        for header in &self.header {
            match self.fit_of(header, columns) {
                Fit::Whole => return Fit::Whole,
                resembles @ Fit::Resembles { .. } if best == Fit::Other => best = resembles,
                _ => {}
            }
        }
        best
    }

    fn fit_of(&self, header: &[String], columns: &Columns) -> Fit {
        let (patterns, required): (Vec<&String>, Vec<&String>) =
            header.iter().partition(|name| name.contains(['*', '?']));
        let mut lacking: Vec<String> = Vec::new();
        for name in &required {
            if columns.one_of_names(name).is_none() {
                lacking.push((*name).clone());
            }
        }
        let present = required.len() - lacking.len();
        if present == 0 {
            return Fit::Other;
        }
        let is_near = present * 3 >= required.len() * 2 && present > 2;
        if !lacking.is_empty() && !is_near {
            return Fit::Other;
        }
        let known = self.known_columns(header);
        let mut more: Vec<String> = Vec::new();
        for name in &columns.names {
            let is_known = known.iter().any(|known| is_one_of(known, name));
            if !name.is_empty() && !is_known && !patterns.iter().any(|pattern| matches(pattern, name)) {
                more.push(name.clone());
            }
        }
        if lacking.is_empty() && more.is_empty() && columns.names.len() > 1 {
            return Fit::Whole;
        }
        if is_near { Fit::Resembles { lacking, more } } else { Fit::Other }
    }

    /// The columns of a header and the columns that the description names anywhere.
    fn known_columns<'a>(&'a self, header: &'a [String]) -> Vec<&'a str> {
        let mut names: Vec<&str> = header.iter().chain(&self.unread).map(String::as_str).collect();
        let station = &self.station;
        let sources = [
            &station.id,
            &station.name,
            &station.city,
            &station.country,
            &station.latitude,
            &station.longitude,
            &self.parameter.from,
            &self.value.unit,
            &self.time.period_column,
        ];
        for source in sources.into_iter().flatten() {
            let source: &TextFrom = source;
            names.extend(source.columns.iter().map(|column| column.column.as_str()));
        }
        names.extend(self.time.column.iter().map(|column| column.column.as_str()));
        names.extend(self.time.zone_column.as_deref());
        names.extend(station.instrument.as_deref());
        names.extend(self.keep.keys().chain(self.leave_out.keys()).map(String::as_str));
        names.extend(self.value.column.iter().map(String::as_str));
        if let Some(cells) = &self.value.cells {
            names.extend(cells.0.iter().map(String::as_str));
        }
        if let Some(flag) = &self.value.flag {
            names.extend(flag.column.as_deref().into_iter().chain(flag.follows.as_deref()));
            names.extend(flag.cells.iter().flat_map(|cells| cells.0.iter().map(String::as_str)));
        }
        if self.parameter.from.is_none() {
            names.extend(self.parameter.names.keys().map(String::as_str));
        }
        names
    }
}
