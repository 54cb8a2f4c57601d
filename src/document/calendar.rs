/// A day that exists in the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, when there is one: `None` for 30 February, month 13, year 0.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        (year > 0 && day >= 1 && day <= days_in_month(Some(year), month)?).then_some(Self { year, month, day })
    }

    /// The day of the week, 0 for Sunday to 6 for Saturday, by Sakamoto's
    /// method.
    #[must_use]
    pub fn weekday(self) -> u8 {
        const OFFSETS: [u16; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
        let year = if self.month < 3 { self.year - 1 } else { self.year };
        let sum = year + year / 4 - year / 100 + year / 400 + OFFSETS[usize::from(self.month) - 1] + u16::from(self.day);
        (sum % 7) as u8
    }
}

/// Written as in ISO 8601: `2024-09-02`.
impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Days of a month, 29 for a February whose year is not known; `None` for a
/// month that is not 1..=12.
#[must_use]
pub fn days_in_month(year: Option<u16>, month: u8) -> Option<u8> {
    let leap = year.is_none_or(|year| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => Some(29),
        2 => Some(28),
        4 | 6 | 9 | 11 => Some(30),
        1..=12 => Some(31),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekdays() {
        for (year, month, day, weekday) in
            [(2024, 9, 2, 1), (2000, 2, 29, 2), (1949, 10, 1, 6), (1912, 1, 1, 1), (2023, 12, 31, 0), (1, 1, 1, 1)]
        {
            assert_eq!(Date::new(year, month, day).unwrap().weekday(), weekday, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn days_that_do_not_exist() {
        for (year, month, day) in [(2023, 2, 29), (1900, 2, 29), (2024, 4, 31), (2024, 13, 1), (2024, 0, 1), (2024, 1, 0), (0, 1, 1)] {
            assert_eq!(Date::new(year, month, day), None, "{year}-{month}-{day}");
        }
        assert_eq!(days_in_month(None, 2), Some(29));
    }
}
