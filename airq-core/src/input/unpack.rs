//! Packed files and streams, unpacked while they are read.

use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, Cursor, Read};

/// The first bytes of a gzip file and of a ZIP archive.
pub(super) const GZIP: &[u8] = &[0x1f, 0x8b];
pub(super) const ZIP: &[u8] = b"PK\x03\x04";
/// The size to which any file may unpack. A larger file is refused if the size is more than `MAX_RATIO` times its packed size.
const UNCHECKED_SIZE: u64 = 64 << 20;
const MAX_RATIO: u64 = 300;

/// A stream, unpacked if it is gzipped.
pub(super) fn unpack<'a>(mut stream: impl Read + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
    let begin = first_bytes(&mut stream)?;
    let is_gzip = begin.starts_with(GZIP);
    if begin.starts_with(ZIP) {
        let why = "a ZIP archive has its contents at its end: give it as a file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    let whole = Cursor::new(begin).chain(stream);
    // The packed size of a stream is unknown, so there is no limit by ratio.
    Ok(if is_gzip { Box::new(Unpacked::new(Gzip::new(whole), u64::MAX)) } else { Box::new(whole) })
}

/// The first four bytes, or fewer if there are no more.
pub(super) fn first_bytes(file: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut begin = Vec::with_capacity(4);
    file.by_ref().take(4).read_to_end(&mut begin)?;
    Ok(begin)
}

/// The members of a gzipped file, one after the other. Zeros after the last member are skipped: some tapes and devices fill blocks with
/// them.
pub(super) struct Gzip<R> {
    /// `None` at the end of the file.
    member: Option<GzDecoder<BufReader<R>>>,
}

impl<R: Read> Gzip<R> {
    pub(super) fn new(file: R) -> Self {
        Gzip { member: Some(GzDecoder::new(BufReader::new(file))) }
    }

    /// Starts the next member, if there is one.
    fn next_member(&mut self) -> io::Result<()> {
        let Some(ended) = self.member.take() else { return Ok(()) };
        let mut rest = ended.into_inner();
        loop {
            let bytes = rest.fill_buf()?;
            if bytes.is_empty() {
                return Ok(());
            }
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            let is_end = zeros < bytes.len();
            rest.consume(zeros);
            if is_end {
                self.member = Some(GzDecoder::new(rest));
                return Ok(());
            }
        }
    }
}

impl<R: Read> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            self.next_member()?;
        }
        Ok(0)
    }
}

/// Returns an error if a packed file of this size must not unpack to `size` bytes.
pub(super) fn may_unpack_to(size: u64, packed: u64) -> io::Result<()> {
    if size <= packed.saturating_mul(MAX_RATIO).max(UNCHECKED_SIZE) {
        return Ok(());
    }
    let why = format!(
        "it unpacks to more than {MAX_RATIO} times its size; if this is correct, unpack it and give the unpacked files"
    );
    Err(io::Error::new(io::ErrorKind::InvalidData, why))
}

/// A reader that fails if a packed file unpacks to more than the limit.
pub(super) struct Unpacked<R> {
    inner: Described<R>,
    packed: u64,
    taken: u64,
}

impl<R> Unpacked<R> {
    pub(super) fn new(inner: R, packed: u64) -> Self {
        Unpacked { inner: Described(inner), packed, taken: 0 }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let taken = self.inner.read(buffer)?;
        self.taken += taken as u64;
        may_unpack_to(self.taken, self.packed)?;
        Ok(taken)
    }
}

/// A reader of packed content with errors that say what is wrong with the file.
pub(super) struct Described<R>(pub(super) R);

impl<R: Read> Read for Described<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "it ends in its middle: it was cut off"),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                io::Error::new(io::ErrorKind::InvalidData, format!("it is damaged: {error}"))
            }
            _ => error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzipped(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(packed: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        unpack(packed)?.read_to_end(&mut content).map(|_| content)
    }

    #[test]
    fn a_stream_is_unpacked_by_how_it_begins() {
        assert_eq!(unpacked(b"a,b\n").unwrap(), b"a,b\n");
        assert_eq!(unpacked(b"").unwrap(), b"");
        assert_eq!(unpacked(&gzipped(b"a,b\n")).unwrap(), b"a,b\n");
        let padded = [gzipped(b"a,b\n"), vec![0; 5000]].concat();
        assert_eq!(unpacked(&padded).unwrap(), b"a,b\n");
        assert!(unpacked(&[gzipped(b"a,b\n"), b"rubbish of some length".to_vec()].concat()).is_err());
        let twice = [gzipped(b"a,b\n"), gzipped(b"1,2\n")].concat();
        assert_eq!(unpacked(&twice).unwrap(), b"a,b\n1,2\n");
        assert!(unpacked(b"PK\x03\x04...").unwrap_err().to_string().contains("give it as a file"));
    }

    #[test]
    fn a_cut_or_damaged_stream_says_so() {
        let whole = gzipped(&b"time,station,no2\n".repeat(1000));
        for end in 3..whole.len() {
            assert!(unpacked(&whole[..end]).unwrap_err().to_string().contains("cut off"), "{end}");
        }
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 0xff;
        damaged[middle + 1] ^= 0xff;
        assert!(unpacked(&damaged).is_err());
    }

    #[test]
    fn what_becomes_hundreds_of_times_as_long_is_refused() {
        let bomb = gzipped(&vec![b'0'; 100 << 20]);
        let packed = bomb.len() as u64;
        let mut reader = Unpacked::new(Gzip::new(bomb.as_slice()), packed);
        let error = io::copy(&mut reader, &mut io::sink()).unwrap_err();
        assert!(error.to_string().contains("300 times"), "{error}");
    }
}
