//! The instruction sets that tests can compare on this processor.

use super::Instructions;
use std::io::{self, Write};
use std::sync::LazyLock;

static AVAILABLE: LazyLock<Vec<Instructions>> = LazyLock::new(find_available);

/// Returns the vector instruction sets that this processor has, for comparison with [`Instructions::Scalar`].
///
/// The first call in a process writes the compared sets and the skipped sets to stderr, past the capture of a test harness.
pub fn vector_instructions() -> &'static [Instructions] {
    &AVAILABLE
}

fn find_available() -> Vec<Instructions> {
    let mut available = Vec::new();
    let mut stderr = io::stderr().lock();
    for set in [Instructions::Avx512, Instructions::Avx2, Instructions::Portable] {
        if set.is_available() {
            available.push(set);
        } else {
            let _ = writeln!(stderr, "instruction set {set:?}: SKIPPED, this processor does not have it");
        }
    }
    let _ = writeln!(stderr, "instruction sets compared with Scalar: {available:?}");
    available
}

#[cfg(test)]
mod tests {
    use super::super::Dispatch;
    use super::*;

    #[test]
    fn an_available_set_is_dispatched_to_itself() {
        for set in vector_instructions() {
            let is_same = match set.dispatch() {
                #[cfg(target_arch = "x86_64")]
                Dispatch::Avx512(_) => *set == Instructions::Avx512,
                #[cfg(target_arch = "x86_64")]
                Dispatch::Avx2(_) => *set == Instructions::Avx2,
                Dispatch::Portable => *set == Instructions::Portable,
                Dispatch::Scalar => false,
            };
            assert!(is_same, "{set:?} is dispatched to {:?}", set.dispatch());
        }
        let fastest = vector_instructions()[0];
        assert_eq!(format!("{:?}", Instructions::Auto.dispatch()), format!("{:?}", fastest.dispatch()));
    }
}
