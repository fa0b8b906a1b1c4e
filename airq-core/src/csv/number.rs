//! The grammar of numbers.

/// Returns whether the text is a number by JSON's grammar (RFC 8259, section 6). Such a number is copied to JSON unchanged.
pub(crate) fn is_json_number(text: &[u8]) -> bool {
    is_plain_decimal(text) || is_number_by_grammar(text)
}

/// Returns whether the text is a plain decimal, as nearly all numbers are: digits with at most one dot between them, and no
/// leading zero before another digit. The loops have no branches, so compilers vectorize them.
fn is_plain_decimal(text: &[u8]) -> bool {
    let ([first, second, ..], [.., last]) = (text, text) else { return false };
    let count = |is: fn(u8) -> bool| text.iter().fold(0_u8, |count, byte| count + u8::from(is(*byte)));
    text.len() < 255
        && first.is_ascii_digit()
        && last.is_ascii_digit()
        && (*first != b'0' || *second == b'.')
        && count(|byte| byte == b'.') <= 1
        && usize::from(count(|byte| byte == b'.' || byte.is_ascii_digit())) == text.len()
}

fn is_number_by_grammar(text: &[u8]) -> bool {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, rest) = split_digits(unsigned);
    let whole_is_right = !whole.is_empty() && (whole[0] != b'0' || whole.len() == 1);
    whole_is_right && is_exponent(skip_fraction(rest))
}

/// Returns the text after a fraction. A dot without digits is not skipped, so [`is_exponent`] rejects it.
fn skip_fraction(text: &[u8]) -> &[u8] {
    match text.strip_prefix(b".").map(split_digits) {
        Some((digits, rest)) if !digits.is_empty() => rest,
        _ => text,
    }
}

fn is_exponent(text: &[u8]) -> bool {
    let digits = match text {
        [] => return true,
        [b'e' | b'E', b'+' | b'-', digits @ ..] | [b'e' | b'E', digits @ ..] => digits,
        _ => return false,
    };
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_what_serde_json_takes_for_one_in_every_short_string() {
        let letters = b"09-+.eE a";
        let mut checked = 0;
        for length in 0..=6_u32 {
            for mut code in 0..letters.len().pow(length) {
                let text: Vec<u8> = (0..length)
                    .map(|_| {
                        let letter = letters[code % letters.len()];
                        code /= letters.len();
                        letter
                    })
                    .collect();
                let expected = is_number_to_serde_json(&text);
                assert_eq!(is_json_number(&text), expected, "{:?}", String::from_utf8_lossy(&text));
                checked += 1;
            }
        }
        assert_eq!(checked, (0..=6).map(|n| 9_usize.pow(n)).sum::<usize>());
    }

    fn is_number_to_serde_json(text: &[u8]) -> bool {
        // A raw check by the parser: no blanks around, and huge exponents are numbers although f64 has none such.
        let tame: Vec<u8> = text.iter().map(|b| if *b == b'9' { b'1' } else { *b }).collect();
        let blank = text.contains(&b' ');
        let huge = |error: serde_json::Error| error.to_string().contains("out of range");
        !blank && serde_json::from_slice::<serde_json::Number>(&tame).map_or_else(huge, |_| true)
    }

    #[test]
    fn numbers_at_the_edges_of_the_grammar() {
        for good in ["0", "-0", "0.10", "-12.5e-3", "1E+99999", "123456789012345678901234567890"] {
            assert!(is_json_number(good.as_bytes()), "{good}");
        }
        for bad in ["", "-", ".5", "5.", "2991.", "+1", "01", "1e", "1e+", "NaN", "Infinity", "0x1", "1_0", "1,5", "٣"]
        {
            assert!(!is_json_number(bad.as_bytes()), "{bad}");
        }
    }
}
