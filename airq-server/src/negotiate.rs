//! Content negotiation: formats, encodings, and entity tags that the client already has.

use airq_core::Format;
use airq_core::internal::stable_hex;

/// Returns the format that `Accept` prefers, or the default format if `Accept` has no known media type.
///
/// Of formats with the same weight, the format with the more specific range wins, then the first of [`Format::ALL`], which starts
/// with the default format.
pub(crate) fn format(accept: Option<&str>) -> Format {
    format_of(accept, Format::ALL.iter().copied())
}

/// Returns the format of these formats that `Accept` prefers, as [`format`] does.
pub(crate) fn format_of(accept: Option<&str>, formats: impl IntoIterator<Item = Format>) -> Format {
    let ranges: Vec<(&str, u32)> = accept.map(weighted).unwrap_or_default();
    let mut best = (Format::default(), (0, 0));
    for format in formats {
        let preference = preference(media_type(format), &ranges);
        if preference > best.1 {
            best = (format, preference);
        }
    }
    best.0
}

fn media_type(format: Format) -> &'static str {
    format.content_type().split(';').next().unwrap_or_default()
}

/// Returns the weight of the most specific range that matches the media type, and the specificity of that range.
fn preference(media_type: &str, ranges: &[(&str, u32)]) -> (u32, u8) {
    let mut best = None;
    for (range, weight) in ranges {
        let Some(specificity) = specificity(range, media_type) else { continue };
        // Of ranges with the same specificity, the last wins.
        match best {
            Some((_, highest)) if specificity < highest => {}
            _ => best = Some((*weight, specificity)),
        }
    }
    best.unwrap_or((0, 0))
}

/// Returns 3 for the media type itself, 2 for a range such as `text/*`, 1 for `*/*`, and `None` if the range does not match.
fn specificity(range: &str, media_type: &str) -> Option<u8> {
    if range.eq_ignore_ascii_case(media_type) {
        return Some(3);
    }
    let kind = media_type.split('/').next().unwrap_or_default();
    match range.strip_suffix("/*") {
        Some("*") => Some(1),
        Some(given) if given.eq_ignore_ascii_case(kind) => Some(2),
        _ => None,
    }
}

/// Returns whether `Accept-Encoding` includes gzip.
pub(crate) fn takes_gzip(accept_encoding: Option<&str>) -> bool {
    let codings = accept_encoding.map(weighted).unwrap_or_default();
    for name in ["gzip", "x-gzip", "*"] {
        if let Some((_, weight)) = codings.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return *weight > 0;
        }
    }
    false
}

/// Returns whether `If-None-Match` has one of the answer's two tags: the tag of the plain form or of the compressed form.
pub(crate) fn has_already(if_none_match: Option<&str>, etag: &str) -> bool {
    let Some(tags) = if_none_match else { return false };
    tags.split(',').map(str::trim).any(|tag| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        match unquoted(tag) {
            Some(named) => named.strip_suffix(GZIP_SUFFIX).unwrap_or(named) == etag,
            None => tag == "*",
        }
    })
}

fn unquoted(tag: &str) -> Option<&str> {
    tag.strip_prefix('"')?.strip_suffix('"')
}

/// Returns the strong entity tag of a text, without quotes. It is the same whatever built the server.
pub(crate) fn etag_of(text: &str) -> String {
    stable_hex(text.as_bytes())
}

/// The suffix of the tag of a compressed form. A strong tag identifies bytes, so the two forms need different tags.
pub(crate) const GZIP_SUFFIX: &str = "-gzip";

/// Parses a list such as `a;q=0.5, b` to names with weights in thousandths. An invalid weight counts as 1, and a weight out of
/// range is clamped.
fn weighted(list: &str) -> Vec<(&str, u32)> {
    const ENOUGH: usize = 32;
    list.split(',').take(ENOUGH).map(weighted_item).collect()
}

fn weighted_item(item: &str) -> (&str, u32) {
    let mut parts = item.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let weight = match weight.unwrap_or_default().parse::<f32>() {
        Ok(weight) if weight.is_finite() => weight,
        _ => 1.0,
    };
    (name, thousandths(weight))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000")]
fn thousandths(weight: f32) -> u32 {
    (weight.clamp(0.0, 1.0) * 1000.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_the_one_liked_best() {
        for (accept, expected) in [
            (None, Format::Json),
            (Some("*/*"), Format::Json),
            (Some("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"), Format::Json),
            (Some("text/csv"), Format::Csv),
            (Some("text/*;q=0.9, application/json;q=0.5"), Format::Csv),
            (Some("application/x-ndjson, */*"), Format::Ndjson),
            (Some("application/geo+json;q=1.0, application/json;q=0.9"), Format::GeoJson),
            (Some("application/ld+json"), Format::NgsiLd),
            (Some("application/vnd.airq.records+json"), Format::Records),
            (Some("application/vnd.airq.columns+json, application/json;q=0.9"), Format::Columns),
            (Some("application/*"), Format::Json),
            (Some("image/png"), Format::Json),
            (Some("text/csv;q=0, application/json"), Format::Json),
            (Some("text/csv;q=NaN"), Format::Csv),
            (Some(""), Format::Json),
            (Some(";;;,,,"), Format::Json),
        ] {
            assert_eq!(format(accept), expected, "{accept:?}");
        }
    }

    #[test]
    fn gzip_is_taken_where_it_is_named_and_not_refused() {
        for taken in ["gzip", "deflate, GZIP;q=0.5", "*", "x-gzip"] {
            assert!(takes_gzip(Some(taken)), "{taken}");
        }
        for refused in ["", "identity", "gzip;q=0", "br", "*;q=0", "gzip;q=0, *"] {
            assert!(!takes_gzip(Some(refused)), "{refused}");
        }
        assert!(!takes_gzip(None));
    }

    #[test]
    fn an_entity_tag_is_the_same_for_every_build() {
        assert_eq!(etag_of(""), "cbf29ce484222325");
        assert_eq!(etag_of("<p>air</p>"), "c6d0697314f61ee8");
    }

    #[test]
    fn a_tag_is_known_again_in_either_form() {
        for same in ["\"ab\"", "W/\"ab\"", "\"x\", \"ab-gzip\"", "*"] {
            assert!(has_already(Some(same), "ab"), "{same}");
        }
        for other in ["", "ab", "\"abc\"", "\"ab-br\"", "\"\""] {
            assert!(!has_already(Some(other), "ab"), "{other}");
        }
        assert!(!has_already(None, "ab"));
    }
}
