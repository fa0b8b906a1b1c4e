//! The headers of an answer that routes and charts share.

use airq_core::Answer;
use airq_core::cache::CacheStatus;

/// The start of the `Cache-Control` of an answer. The seconds follow.
pub(crate) const MAX_AGE: &str = "public, max-age=";

/// The outcome of the cache lookup, for logs and metrics.
pub(crate) fn outcome(answer: &Answer) -> &'static str {
    match answer.status() {
        CacheStatus::Hit => "hit",
        CacheStatus::Stale => "stale",
        _ => "miss",
    }
}

/// The time the answer may be kept, its age, and the cache that had the answer (RFC 9211).
pub(crate) fn cache_headers(answer: &Answer) -> Vec<(&'static str, String)> {
    let age = answer.age().as_secs();
    let left = answer.remaining().as_secs();
    let tier = answer.tier().unwrap_or("airq");
    let status = match answer.status() {
        CacheStatus::Hit => format!("{tier}; hit; ttl={left}"),
        CacheStatus::Stale => format!("{tier}; hit; stale; ttl=-{}", answer.overdue().as_secs()),
        _ => format!("{tier}; fwd=uri-miss; ttl={left}"),
    };
    vec![("Cache-Control", format!("{MAX_AGE}{left}")), ("Age", age.to_string()), ("Cache-Status", status)]
}

/// The outcome of the cache lookup, and the milliseconds of each step if the answer was loaded for this request.
pub(crate) fn server_timing(answer: &Answer) -> String {
    let mut parts = vec![format!("cache;desc={}", outcome(answer))];
    if let Some(timing) = answer.timing() {
        let times = [("db", timing.repository), ("reshape", timing.reshape), ("gzip", timing.compress)];
        parts.extend(times.map(|(name, time)| format!("{name};dur={:.3}", time.as_secs_f64() * 1e3)));
    }
    parts.join(", ")
}

/// Returns the characters of a text that are valid in a header. The version of a repository may be any text.
pub(crate) fn header_text(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).collect()
}
