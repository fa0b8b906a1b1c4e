//! The built-in descriptions, one file each.

use super::FormatDescription;
use std::sync::{Arc, OnceLock};

/// The files of the descriptions. Headers are compared with them in this order. Files of one format may have several
/// layouts, each with a description of the same name.
const TEXTS: &[(&str, &str)] = &[
    ("madrid", include_str!("../formats/madrid.toml")),
    ("madrid-daily", include_str!("../formats/madrid-daily.toml")),
    ("openaq", include_str!("../formats/openaq.toml")),
    ("openaq-s3", include_str!("../formats/openaq-s3.toml")),
    ("openaq-headerless", include_str!("../formats/openaq-headerless.toml")),
    ("eea", include_str!("../formats/eea.toml")),
    ("eea-parquet", include_str!("../formats/eea-parquet.toml")),
    ("sensor-community", include_str!("../formats/sensor-community.toml")),
    ("sensor-community-weather", include_str!("../formats/sensor-community-weather.toml")),
    ("cpcb", include_str!("../formats/cpcb.toml")),
    ("cpcb-hourly", include_str!("../formats/cpcb-hourly.toml")),
    ("prsa", include_str!("../formats/prsa.toml")),
    ("uci", include_str!("../formats/uci.toml")),
    ("uk-air", include_str!("../formats/uk-air.toml")),
    ("uk-air-daily", include_str!("../formats/uk-air-daily.toml")),
    ("laqn", include_str!("../formats/laqn.toml")),
    ("epa-airdata-daily", include_str!("../formats/epa-airdata-daily.toml")),
    ("epa-airdata-maximum", include_str!("../formats/epa-airdata-maximum.toml")),
    ("purpleair", include_str!("../formats/purpleair.toml")),
    ("purpleair-export", include_str!("../formats/purpleair-export.toml")),
    ("barcelona", include_str!("../formats/barcelona.toml")),
    ("taiwan", include_str!("../formats/taiwan.toml")),
    ("taiwan-big5", include_str!("../formats/taiwan-big5.toml")),
    ("sinca", include_str!("../formats/sinca.toml")),
    ("saxony", include_str!("../formats/saxony.toml")),
    ("epa-aqs-hourly", include_str!("../formats/epa-aqs-hourly.toml")),
    ("epa-aqs-daily", include_str!("../formats/epa-aqs-daily.toml")),
    ("airnow", include_str!("../formats/airnow.toml")),
    ("airnow-hourly", include_str!("../formats/airnow-hourly.toml")),
    ("airnow-tech", include_str!("../formats/airnow-tech.toml")),
    ("catalonia", include_str!("../formats/catalonia.toml")),
    ("mexico-city", include_str!("../formats/mexico-city.toml")),
    ("seoul", include_str!("../formats/seoul.toml")),
    ("seoul-summary", include_str!("../formats/seoul-summary.toml")),
    ("hong-kong", include_str!("../formats/hong-kong.toml")),
    ("china-sites", include_str!("../formats/china-sites.toml")),
    ("zurich", include_str!("../formats/zurich.toml")),
    ("lombardia", include_str!("../formats/lombardia.toml")),
    ("france", include_str!("../formats/france.toml")),
];

/// Returns the built-in descriptions. Each is parsed when the iterator first reaches it, because all together take about a millisecond.
pub(in crate::input) fn built_in() -> impl Iterator<Item = &'static Arc<FormatDescription>> {
    static PARSED: [OnceLock<Option<Arc<FormatDescription>>>; TEXTS.len()] = [const { OnceLock::new() }; TEXTS.len()];
    // A test parses every description, so that none is missing here.
    TEXTS.iter().zip(&PARSED).filter_map(|((name, text), parsed)| {
        parsed.get_or_init(|| FormatDescription::parse(text, name).ok().map(Arc::new)).as_ref()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_description_is_valid_and_its_file_has_its_name() {
        for (name, text) in TEXTS {
            let description = FormatDescription::parse(text, name).unwrap();
            assert!(name.starts_with(&description.name), "{name}: {}", description.name);
            assert!(!description.title.is_empty(), "{name}");
            let is_recognised = !description.header.is_empty() || !description.table.columns.is_empty();
            assert!(is_recognised, "{name} has neither a header nor columns");
        }
        assert_eq!(built_in().count(), TEXTS.len());
    }
}
