//! The one spelling of a query: for the cache key, the `ETag`, the answer's `query` and the link to the next page.

use super::{Averages, Query, Resolved};
use crate::model::Zone;
use crate::percent::percent_encoded;

impl Query {
    /// The filters that were given, in a fixed order.
    pub(super) fn filters(&self, cities: Vec<String>) -> Vec<(&'static str, Vec<String>)> {
        let parameters = self.parameters.iter().map(ToString::to_string).collect();
        let all = [
            ("city", cities),
            ("station", self.stations.clone()),
            ("bbox", one(self.bbox.map(|bbox| bbox.to_string()))),
            ("near", one(self.near.map(|point| point.to_string()))),
            ("radius", one(self.radius.map(|radius| radius.to_string()))),
            (if self.by_pollutant { "pollutant" } else { "parameter" }, parameters),
            ("from", one(self.from.map(|time| time.to_string()))),
            ("to", one(self.to.map(|time| time.to_string()))),
            ("units", one(self.units.map(|unit| super::units::name(unit).to_owned()))),
            ("order", one(self.is_descending.then(|| "desc".to_owned()))),
            ("limit", one(self.limit.map(|rows| rows.to_string()))),
            ("cursor", one(self.cursor.as_ref().map(ToString::to_string))),
        ];
        let index = self.index.map(|index| ("index", vec![index.id().to_owned()]));
        let averaging = self.averaging.iter().flat_map(Averages::pairs);
        let has_zone = self.averaging.is_none() && self.zone != Zone::default();
        let zone = has_zone.then(|| ("tz", vec![self.zone.to_string()]));
        all.into_iter().filter(|(_, values)| !values.is_empty()).chain(averaging).chain(zone).chain(index).collect()
    }
}

impl Resolved {
    /// Returns the key of the answer in caches, such as `city=Madrid&limit=10`, percent-encoded. Equivalent queries have the same
    /// key. A default limit and the newest rows are part of the key, because they change the answer.
    pub(crate) fn canonical(&self) -> String {
        let mut pairs = encoded(self.filters.iter());
        if self.selection.rows == super::Rows::Latest {
            push_pair(&mut pairs, "rows", "latest");
        }
        let limit_given = self.filters.iter().any(|(name, _)| *name == "limit");
        if let Some(rows) = self.limit.filter(|_| !limit_given) {
            push_pair(&mut pairs, "default-limit", &rows.to_string());
        }
        pairs
    }

    /// Returns the parameters of the query without its cursor, percent-encoded, for the URL of the next page.
    pub(crate) fn without_cursor(&self) -> String {
        encoded(self.filters.iter().filter(|(name, _)| *name != "cursor"))
    }
}

fn encoded<'a>(filters: impl Iterator<Item = &'a (&'static str, Vec<String>)>) -> String {
    // Most keys are shorter.
    const USUAL: usize = 256;
    let mut pairs = String::with_capacity(USUAL);
    for (name, values) in filters {
        for value in values {
            push_pair(&mut pairs, name, value);
        }
    }
    pairs
}

fn push_pair(pairs: &mut String, name: &str, value: &str) {
    if !pairs.is_empty() {
        pairs.push('&');
    }
    pairs.push_str(name);
    pairs.push('=');
    pairs.push_str(&percent_encoded(value));
}

/// Returns a list with the value, if there is one.
fn one(value: Option<String>) -> Vec<String> {
    value.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use crate::model::{Parameter, Station, Stations};
    use crate::query::Query;

    fn stations() -> Stations {
        Stations::from_iter([
            Station { city: Some("Madrid".into()), ..Station::new("aq_b") },
            Station { city: Some("Málaga".into()), ..Station::new("aq_a") },
        ])
    }

    #[test]
    fn queries_that_mean_the_same_have_one_spelling() {
        let one = Query::builder().city("madrid").city("MALAGA").parameter(Parameter::NO2).build().unwrap();
        let pairs = [("parameter", "NO2,no2"), ("city", "Málaga"), ("city", "Madrid"), ("city", "Madrid")];
        let (two, _) = Query::from_pairs(Query::PARAMETERS, pairs).unwrap();
        let canonical = one.resolve(&stations(), &[]).unwrap().canonical();
        assert_eq!(canonical, two.resolve(&stations(), &[]).unwrap().canonical());
        assert_eq!(canonical, "city=Madrid&city=M%C3%A1laga&parameter=no2");
    }

    #[test]
    fn what_changes_the_answer_changes_the_spelling() {
        let of = |query: Query| query.resolve(&stations(), &[]).unwrap().canonical();
        assert_ne!(of(Query::all()), of(Query::all().latest()));
        assert_ne!(of(Query::all()), of(Query::all().or_limit(10)));
    }

    #[test]
    fn an_unknown_city_names_the_nearest() {
        let error = Query::builder().city("Madird").build().unwrap().resolve(&stations(), &[]).unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.to_string(), "no city named \"Madird\"; nearest: Madrid");
    }

    #[test]
    fn a_city_and_a_station_meet() {
        let both = Query::builder().city("Madrid").station("aq_a").build().unwrap();
        assert_eq!(both.resolve(&stations(), &[]).unwrap().selection.stations, Some(vec![]));
    }
}
