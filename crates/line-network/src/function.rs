//! Functions of a network, written so that the compiler makes them work on many numbers at once:
//! no branches, no calls, no tables.

use std::f32::consts::LOG2_E;

/// Added to a small number, this leaves it rounded in the lowest bits.
pub(crate) const ROUNDING: f32 = 12_582_912.0;

/// e to this power, for powers from -87 to 87; right to a few of the last digits of an `f32`.
#[inline(always)]
pub(crate) fn exp(power: f32) -> f32 {
    /// The natural logarithm of 2 in two parts, of which the first has few digits, so that its
    /// multiples are exact.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    let rounded = power * LOG2_E + ROUNDING;
    let twos = rounded - ROUNDING;
    let rest = power - twos * LN_2[0] - twos * LN_2[1];
    // The series of e to the rest, which is less than 0.35.
    let series = 1.0 / 720.0;
    let series = series * rest + 1.0 / 120.0;
    let series = series * rest + 1.0 / 24.0;
    let series = series * rest + 1.0 / 6.0;
    let series = series * rest + 0.5;
    let series = series * rest + 1.0;
    let series = series * rest + 1.0;
    // 2 to the whole part, by its exponent.
    let scale = f32::from_bits((rounded.to_bits() << 23).wrapping_add(1.0_f32.to_bits()));
    series * scale
}

#[inline(always)]
pub(crate) fn logistic(value: f32) -> f32 {
    1.0 / (1.0 + exp(-value.clamp(-80.0, 80.0)))
}

#[inline(always)]
pub(crate) fn tanh(value: f32) -> f32 {
    1.0 - 2.0 / (1.0 + exp(2.0 * value.clamp(-40.0, 40.0)))
}

/// Turns what a last layer gives into probabilities.
#[inline(always)]
pub(crate) fn softmax(values: &mut [f32]) {
    let largest = values.iter().copied().fold(f32::MIN, f32::max);
    let mut sum = 0.0;
    for value in values.iter_mut() {
        *value = exp((*value - largest).clamp(-86.0, 0.0));
        sum += *value;
    }
    for value in values {
        *value /= sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f32, other: f32) -> bool {
        (one - other).abs() <= 1e-6 * other.abs().max(1.0)
    }

    #[test]
    fn they_are_what_the_standard_library_says() {
        for step in -8_000..=8_000 {
            let value = step as f32 / 100.0;
            assert!(close(tanh(value), value.tanh()), "tanh of {value}");
            assert!(close(logistic(value), 1.0 / (1.0 + (-value).exp())));
            let ratio = exp(value) / value.exp();
            assert!((ratio - 1.0).abs() < 1e-5, "exp of {value}: {ratio}");
        }
        assert_eq!(tanh(1e9), 1.0);
        assert_eq!(tanh(-1e9), -1.0);
    }

    #[test]
    fn probabilities_add_up_and_keep_their_order() {
        let mut values = [3.0, -200.0, 2.0, 3.5];
        softmax(&mut values);
        assert!(close(values.iter().sum(), 1.0));
        assert!(values[3] > values[0] && values[0] > values[2] && values[2] > values[1]);
        assert!(values[1] > 0.0);
    }
}
