//! The binary form of an entry, which does not depend on the process or the release.
//!
//! ```text
//! "airq" version flags created fresh_for stale_for rows plain_length etag_length next_length etag next body checksum
//! ```
//! Numbers are big-endian. The body is gzip if that is smaller than plain. The checksum covers the key and all bytes before the
//! checksum, so it detects bytes that were cut, changed or stored under another key.

use crate::cache::{Entry, Key};
use crate::error::{Error, ErrorKind, Result};
use crate::hash::StableHasher;
use flate2::Crc;
use std::time::{Duration, UNIX_EPOCH};

const MAGIC: &[u8] = b"airq";
const VERSION: u8 = 2;
const GZIP: u8 = 1;
const NEXT: u8 = 2;

/// Encodes an entry that is stored under this key.
pub(super) fn encode(key: &Key, entry: &Entry) -> Vec<u8> {
    let gzip = entry.gzip();
    let next = entry.next.as_deref();
    let body = gzip.unwrap_or_else(|| entry.body());
    let mut bytes = Vec::with_capacity(128 + body.len());
    bytes.extend_from_slice(MAGIC);
    bytes.push(VERSION);
    bytes.push(if gzip.is_some() { GZIP } else { 0 } | if next.is_some() { NEXT } else { 0 });
    let created = entry.created.duration_since(UNIX_EPOCH).unwrap_or_default();
    for number in [nanoseconds(created), nanoseconds(entry.fresh_for), nanoseconds(entry.stale_for), entry.rows] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    for length in [entry.length(), entry.etag.len(), next.unwrap_or_default().len()] {
        bytes.extend_from_slice(&(length as u64).to_be_bytes());
    }
    bytes.extend_from_slice(entry.etag.as_bytes());
    bytes.extend_from_slice(next.unwrap_or_default().as_bytes());
    bytes.extend_from_slice(body);
    let checksum = checksum(key, &bytes);
    bytes.extend_from_slice(&checksum.to_be_bytes());
    bytes
}

/// Decodes an entry that was stored under this key.
///
/// # Errors
/// [`ErrorKind::InvalidData`] if the bytes are not an entry of this version and key.
pub(super) fn decode(key: &Key, bytes: &[u8]) -> Result<Entry> {
    read(key, bytes).map_err(|why| {
        let what = format!("{} bytes under {key} are no entry of this version: {why}", bytes.len());
        Error::new(ErrorKind::InvalidData, what)
    })
}

fn read(key: &Key, bytes: &[u8]) -> std::result::Result<Entry, String> {
    let (content, sum) = bytes.split_last_chunk::<8>().ok_or("too short")?;
    let mut input = content.strip_prefix(MAGIC).ok_or("not written by airq")?;
    let [version, flags] = take(&mut input)?;
    if version != VERSION {
        return Err("written in another format".into());
    }
    if checksum(key, content) != u64::from_be_bytes(*sum) {
        return Err("cut, changed or of another key".into());
    }
    let created = UNIX_EPOCH.checked_add(duration(&mut input)?).ok_or("made in no time")?;
    let fresh_for = duration(&mut input)?;
    let stale_for = duration(&mut input)?;
    let rows = number(&mut input)?;
    let plain_length = number(&mut input)?;
    let etag_length = number(&mut input)?;
    let next_length = number(&mut input)?;
    let etag = text(&mut input, etag_length)?;
    let next = text(&mut input, next_length)?;
    let length = usize::try_from(plain_length).map_err(|_| "a body that is too long")?;
    let mut entry = if flags & GZIP != 0 {
        Entry::compressed(input, length, etag, fresh_for, stale_for).map_err(|error| error.to_string())?
    } else if input.len() == length {
        Entry::new(input, etag, fresh_for, stale_for)
    } else {
        return Err("a body of another length".into());
    };
    entry.created = created;
    entry.rows = rows;
    entry.next = if flags & NEXT == 0 { None } else { Some(next) };
    Ok(entry)
}

/// Returns a 64-bit hash of the key and of the CRC-32 of the bytes. A CRC-32 is enough for the bytes, and faster.
fn checksum(key: &Key, bytes: &[u8]) -> u64 {
    let mut crc = Crc::new();
    crc.update(bytes);
    StableHasher::default().with(key.as_str().as_bytes()).with(&crc.sum().to_be_bytes()).finish()
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn duration(input: &mut &[u8]) -> std::result::Result<Duration, &'static str> {
    number(input).map(Duration::from_nanos)
}

fn number(input: &mut &[u8]) -> std::result::Result<u64, &'static str> {
    take(input).map(u64::from_be_bytes)
}

fn text(input: &mut &[u8], length: u64) -> std::result::Result<String, &'static str> {
    let length = usize::try_from(length).map_err(|_| "too short")?;
    let (text, rest) = input.split_at_checked(length).ok_or("too short")?;
    *input = rest;
    String::from_utf8(text.to_vec()).map_err(|_| "text that is none")
}

fn take<const N: usize>(input: &mut &[u8]) -> std::result::Result<[u8; N], &'static str> {
    let (taken, rest) = input.split_first_chunk::<N>().ok_or("too short")?;
    *input = rest;
    Ok(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;
    use proptest::prelude::*;

    fn key(query: &str) -> Key {
        Key::new(Format::Json, "v", query)
    }

    fn full() -> Entry {
        followed_by(Some("2016-10-01T00:00:00.000Z,aq_peñón"))
    }

    fn followed_by(next: Option<&str>) -> Entry {
        let body = b"{\"measurements\":[]}".repeat(100);
        let mut entry = Entry::new(body, "tag", Duration::new(3600, 7), Duration::from_secs(86_400));
        entry.next = next.map(str::to_owned);
        entry.rows = 12;
        entry
    }

    /// The clock has nanoseconds; so has an entry.
    fn assert_same(key: &Key, entry: &Entry) {
        assert_eq!(decode(key, &encode(key, entry)).unwrap(), *entry);
    }

    #[test]
    fn an_entry_comes_back_as_it_was() {
        assert_same(&key("full"), &full());
        assert_same(&key("plain"), &followed_by(None));
        assert_same(&key("empty next"), &followed_by(Some("")));
        assert_same(&key("empty"), &Entry::new(*b"", "", Duration::ZERO, Duration::ZERO));
    }

    #[test]
    fn a_compressed_body_is_kept_alone() {
        let entry = full();
        let bytes = encode(&key("a"), &entry);
        assert!(bytes.len() < entry.length());
        assert_eq!(decode(&key("a"), &bytes).unwrap().gzip(), entry.gzip());
    }

    #[test]
    fn bytes_that_were_cut_anywhere_are_no_entry() {
        let (key, entry) = (key("a"), full());
        let bytes = encode(&key, &entry);
        for end in 0..bytes.len() {
            assert!(decode(&key, &bytes[..end]).unwrap_err().is_invalid_data(), "cut at {end}");
        }
        assert!(decode(&key, &[&bytes[..], b"x"].concat()).is_err());
    }

    #[test]
    fn bytes_of_another_key_or_format_are_no_entry() {
        let bytes = encode(&key("a"), &full());
        let message = decode(&key("b"), &bytes).unwrap_err().to_string();
        assert!(message.contains("of another key"), "{message}");
        let mut later = bytes;
        later[MAGIC.len()] = VERSION + 1;
        assert!(decode(&key("a"), &later).unwrap_err().to_string().contains("another format"));
    }

    #[test]
    fn no_memory_is_allocated_for_a_wrong_length() {
        let key = key("a");
        let mut bytes = encode(&key, &full());
        let plain_length = MAGIC.len() + 2 + 4 * 8;
        bytes[plain_length..plain_length + 8].copy_from_slice(&u64::MAX.to_be_bytes());
        let end = bytes.len() - 8;
        let sum = checksum(&key, &bytes[..end]);
        bytes[end..].copy_from_slice(&sum.to_be_bytes());
        assert!(decode(&key, &bytes).unwrap_err().to_string().contains("cannot be so long"));
    }

    proptest! {
        #[test]
        fn no_garbage_is_an_entry(garbage in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(decode(&key("a"), &garbage).is_err());
        }

        #[test]
        fn no_changed_byte_goes_unnoticed(index in any::<prop::sample::Index>(), change in 1..=255_u8) {
            let mut bytes = encode(&key("a"), &full());
            let index = index.index(bytes.len());
            bytes[index] ^= change;
            prop_assert!(decode(&key("a"), &bytes).is_err());
        }
    }
}
