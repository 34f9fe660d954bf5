//! Options of a feature, as text: `VmafFeatureDictionary`.

/// Options by name, in the order in which they were first set.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Dictionary {
    entries: Vec<(String, String)>,
}

impl Dictionary {
    /// Sets an option. Numbers are rounded to single precision and six digits, as libvmaf does.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let value = match value.trim().parse::<f32>() {
            Ok(number) if number.is_finite() => general(f64::from(number)),
            _ => value.to_owned(),
        };
        match self.entries.iter_mut().find(|(other, _)| other == name) {
            Some(entry) => entry.1 = value,
            None => self.entries.push((name.to_owned(), value)),
        }
    }

    /// The options.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(name, value)| (&name[..], &value[..]))
    }
}

/// Formats a finite number as C's `%g`: six significant digits, without zeros at the end.
fn general(number: f64) -> String {
    const DIGITS: i32 = 6;
    // The exponent after rounding to six digits.
    let scientific = format!("{number:.*e}", DIGITS as usize - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if (-4..DIGITS).contains(&exponent) {
        trimmed(&format!("{number:.*}", (DIGITS - 1 - exponent) as usize))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_six_digits() {
        let cases = [
            (1.0, "1"),
            (0.5, "0.5"),
            (100.0, "100"),
            (-0.25, "-0.25"),
            (0.123_456_789, "0.123457"),
            (1_234_567.0, "1.23457e+06"),
            (999_999.5, "1e+06"),
            (0.000_1, "0.0001"),
            (0.000_012_5, "1.25e-05"),
            (0.0, "0"),
        ];
        for (number, text) in cases {
            assert_eq!(general(number), text);
        }
    }

    #[test]
    fn later_values_replace_earlier_ones() {
        let mut options = Dictionary::default();
        options.set("adm_enhn_gain_limit", "1.2");
        options.set("full_ref", "true");
        options.set("adm_enhn_gain_limit", "1.00");
        let expected = [("adm_enhn_gain_limit", "1"), ("full_ref", "true")];
        assert!(options.iter().eq(expected));
    }
}
