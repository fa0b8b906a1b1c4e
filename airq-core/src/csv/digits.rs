//! Eight digits at once, as the bytes of a word.

/// The values of eight digits.
#[inline]
pub(crate) fn values_of(digits: [u8; 8]) -> u64 {
    u64::from_le_bytes(digits) ^ u64::from_le_bytes([b'0'; 8])
}

/// The position of the first dot among eight bytes, given as [values](values_of); 8 if there is no dot.
#[inline]
pub(crate) fn dot_in(values: u64) -> usize {
    const DOTS: u64 = u64::from_le_bytes([b'.' ^ b'0'; 8]);
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    // A byte that is zero here gets its highest bit, and perhaps bytes after it do.
    let zero_at_dot = values ^ DOTS;
    let dots = zero_at_dot.wrapping_sub(ONES) & !zero_at_dot & (ONES << 7);
    dots.trailing_zeros() as usize / 8
}

/// Returns whether all eight values are below ten: a byte above nine has a bit of its upper half set, itself or with six added.
#[inline]
pub(crate) fn are_digits(values: u64) -> bool {
    (values | values.wrapping_add(0x0606_0606_0606_0606)) & 0xf0f0_f0f0_f0f0_f0f0 == 0
}

/// The number of eight values of digits, computed in pairs, then fours, then all eight at once.
#[inline]
pub(crate) fn number_of(values: u64) -> u64 {
    let pairs = values.wrapping_mul(10).wrapping_add(values >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff
}
