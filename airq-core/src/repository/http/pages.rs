//! A selection as consecutive requests: a group of stations at a time, page by page.

use super::sink::Sink;
use super::split;
use super::upstream::{Upstream, VERSION};
use crate::aggregate;
use crate::csv;
use crate::error::{Error, ErrorKind};
use crate::percent::{percent_decoded, percent_encoded};
use crate::query::{Averages, Query, Rows, Selection};
use std::io::{Read, Write};

/// The maximum length of a request line, because proxies commonly refuse lines of more than 8 KiB.
const LONGEST_STATIONS: usize = 6_000;
const CHUNK: usize = 64 * 1024;

/// The reason why there is no answer.
#[derive(Debug)]
pub(super) enum PageError {
    /// The data set changed between two pages, before anything was written.
    MovedOn,
    /// The server does not know a station of the selection; nothing was written yet.
    UnknownStation(Error),
    Failed(Error),
}

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        PageError::Failed(error)
    }
}

/// The requests of a selection.
pub(super) struct Pages<'a> {
    upstream: &'a Upstream,
    selection: &'a Selection,
    averages: Option<&'a Averages>,
    version: Option<String>,
}

impl<'a> Pages<'a> {
    pub(super) fn new(upstream: &'a Upstream, selection: &'a Selection, averages: Option<&'a Averages>) -> Self {
        Pages { upstream, selection, averages, version: None }
    }

    /// Writes the rows of all pages below one header, and returns their common version.
    pub(super) fn write(mut self, out: &mut dyn Write) -> std::result::Result<String, PageError> {
        let mut sink = Sink::new(out);
        for stations in self.station_lists() {
            self.write_stations(&stations, &mut sink)?;
        }
        if self.version.is_none() {
            // Without stations there is no request.
            self.version = Some(super::documents::data_set(&self.upstream.document("/v1/dataset")?)?.version);
            sink.write_header_only(&self.header()?)?;
        }
        sink.finish()?;
        Ok(self.version.unwrap_or_default())
    }

    /// Returns the header of an answer without rows.
    fn header(&self) -> Result<Vec<u8>, Error> {
        let wanted = &self.selection.parameters;
        let mut columns = match wanted.as_slice() {
            [] => super::documents::parameters(&self.upstream.document("/v1/parameters")?)?,
            wanted => wanted.to_vec(),
        };
        let Some(averages) = self.averages else { return Ok(csv::header_of(&columns)) };
        columns.retain(|parameter| parameter.has_mean());
        Ok(aggregate::header(averages.profile(), &columns))
    }

    /// Returns the `station=…` parameters, as many for each request as fit.
    fn station_lists(&self) -> Vec<String> {
        let Some(ids) = &self.selection.stations else { return vec![String::new()] };
        let first = self.selection.after.as_ref().map_or("", |after| after.station.as_str());
        let (mut lists, mut in_last) = (Vec::<String>::new(), 0);
        for id in ids.iter().filter(|id| id.as_str() >= first) {
            let parameter = format!("&station={}", percent_encoded(id));
            match lists.last_mut() {
                Some(last) if in_last < Query::MAX_LIST && last.len() + parameter.len() <= LONGEST_STATIONS => {
                    last.push_str(&parameter);
                    in_last += 1;
                }
                _ => {
                    lists.push(parameter);
                    in_last = 1;
                }
            }
        }
        lists
    }

    fn write_stations(&mut self, stations: &str, sink: &mut Sink<'_>) -> std::result::Result<(), PageError> {
        let mut cursor = self.selection.after.as_ref().map(ToString::to_string);
        loop {
            let left = self.selection.limit.map(|limit| limit.saturating_sub(sink.rows()));
            if self.is_by_rows() && left == Some(0) {
                return Ok(());
            }
            let path = self.path(stations, cursor.as_deref(), left);
            let (before, next) = (sink.rows(), self.write_page(&path, sink)?);
            if next.is_none() {
                return Ok(());
            }
            if next == cursor || sink.rows() == before {
                let what = "the source names a next page behind one that has no end";
                return Err(Error::new(ErrorKind::InvalidData, what).into());
            }
            cursor = next;
        }
    }

    /// Returns whether the rows are all rows of the range. For the newest rows of a range, which no server can select, all rows of the
    /// range are requested.
    fn is_by_rows(&self) -> bool {
        self.selection.rows == Rows::All
    }

    /// Returns whether the server selects the newest rows.
    fn is_of_newest(&self) -> bool {
        !self.is_by_rows() && self.selection.from.is_none() && self.selection.to.is_none()
    }

    fn path(&self, stations: &str, cursor: Option<&str>, left: Option<u64>) -> String {
        let selection = self.selection;
        let mut pairs = vec!["format=csv".to_owned()];
        if !selection.parameters.is_empty() {
            let names: Vec<&str> = selection.parameters.iter().map(|parameter| parameter.code()).collect();
            pairs.push(format!("parameter={}", names.join(",")));
        }
        for (name, values) in self.averages.iter().flat_map(|averages| averages.pairs()) {
            pairs.extend(values.iter().map(|value| format!("{name}={}", percent_encoded(value))));
        }
        if self.is_of_newest() {
            return format!("/v1/latest?{}{stations}", pairs.join("&"));
        }
        for (name, time) in [("from", selection.from), ("to", selection.to)] {
            if let Some(time) = time {
                pairs.push(format!("{name}={}", percent_encoded(&time.to_string())));
            }
        }
        let left = left.filter(|_| self.is_by_rows()).unwrap_or(u64::MAX);
        pairs.push(format!("limit={}", left.min(Query::MAX_LIMIT)));
        pairs.extend(cursor.map(|cursor| format!("cursor={}", percent_encoded(cursor))));
        format!("/v1/air_quality?{}{stations}", pairs.join("&"))
    }

    /// Writes a page and returns the cursor of the next page.
    fn write_page(&mut self, path: &str, sink: &mut Sink<'_>) -> std::result::Result<Option<String>, PageError> {
        let mut answer = match self.upstream.get(path) {
            Err(error) if error.is_not_found() && !sink.has_written() => return Err(PageError::UnknownStation(error)),
            answer => answer?,
        };
        self.check_version(answer.header(VERSION), sink)?;
        let next = answer.header("link").and_then(next_cursor);
        let mut body = answer.body();
        if self.is_of_newest() && self.averages.is_none() {
            // Rows of newest values are few: one for each station.
            let mut csv = Vec::new();
            body.read_to_end(&mut csv).map_err(|error| self.upstream.cut_off(path, error))?;
            sink.write(&split::by_times(&csv)?)?;
            sink.end_page()?;
            return Ok(next);
        }
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = body.read(&mut chunk).map_err(|error| self.upstream.cut_off(path, error))?;
            if read == 0 {
                break;
            }
            sink.write(&chunk[..read])?;
        }
        sink.end_page()?;
        Ok(next)
    }

    fn check_version(&mut self, version: Option<&str>, sink: &Sink<'_>) -> std::result::Result<(), PageError> {
        let version = version.ok_or_else(|| {
            let what = "the source does not say of which data set its answer is: is it an airq server?";
            Error::new(ErrorKind::Unavailable, what)
        })?;
        match &self.version {
            None => self.version = Some(version.to_owned()),
            Some(first) if first == version => {}
            Some(_) if !sink.has_written() => return Err(PageError::MovedOn),
            Some(_) => {
                let what = "the data set of the source changed while an answer was read; ask again";
                return Err(Error::new(ErrorKind::Unavailable, what).into());
            }
        }
        Ok(())
    }
}

/// Returns the cursor in `<…?cursor=…&…>; rel="next"`. The rest of the URL is not used, because it may name the public host.
fn next_cursor(link: &str) -> Option<String> {
    let target = link.split(",<").find(|one| one.contains("rel=\"next\""))?;
    let (url, _) = target.trim_start_matches([' ', '<']).split_once('>')?;
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("cursor=")).map(percent_decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_cursor_is_found_whatever_stands_around_it() {
        let cursor = Some("2016-10-01T00:00:00.000Z,aq_ñ".to_owned());
        for link in [
            "</v1/air_quality?limit=2&cursor=2016-10-01T00%3A00%3A00.000Z%2Caq_%C3%B1&format=csv>; rel=\"next\"",
            "<?limit=2&cursor=2016-10-01T00%3A00%3A00.000Z%2Caq_%C3%B1&format=csv>; rel=\"next\"",
            "<https://elsewhere/x?cursor=2016-10-01T00%3A00%3A00.000Z%2Caq_%C3%B1>; rel=\"next\"",
        ] {
            assert_eq!(next_cursor(link), cursor, "{link}");
        }
        for none in ["", "</>; rel=\"prev\"", "</v1/air_quality>; rel=\"next\"", "rel=\"next\""] {
            assert_eq!(next_cursor(none), None, "{none}");
        }
    }
}
