//! A day of the calendar.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// A day, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day of that number, if the calendar has it.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let valid = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day);
        valid.then_some(Self { year, month, day })
    }

    /// Reads `2027-01-31`, and nothing looser.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let form = bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, b)| match at {
                4 | 7 => *b == b'-',
                _ => b.is_ascii_digit(),
            });
        if !form {
            return None;
        }
        Self::new(
            text[..4].parse().ok()?,
            text[5..7].parse().ok()?,
            text[8..].parse().ok()?,
        )
    }

    /// The day that it is now. A clock that stands before 1970 counts as 1970.
    pub fn today() -> Self {
        Self::ago(0)
    }

    /// The day that it was so many days ago; at the earliest the first of 1970.
    pub(crate) fn ago(days: u64) -> Self {
        Self::from_days(Self::days_now().saturating_sub(days))
    }

    /// How many days after the first of 1970 it is.
    pub(crate) fn days_now() -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.unwrap_or_default().as_secs() / (24 * 60 * 60)
    }

    /// The day of a second since the first of 1970, in UTC. What lies before counts as that day.
    pub(crate) fn of_time(seconds: i64) -> Self {
        Self::from_days(u64::try_from(seconds).unwrap_or(0) / (24 * 60 * 60))
    }

    /// The day so many days after the first of 1970. What lies beyond the year 9999 is its last
    /// day.
    ///
    /// Years are counted from March, so that the leap day comes last:
    /// <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
    pub(crate) fn from_days(days: u64) -> Self {
        const LAST: Date = Date {
            year: 9999,
            month: 12,
            day: 31,
        };
        const LAST_DAYS: u64 = 2_932_896;
        const ERA: u64 = 146_097;
        if days >= LAST_DAYS {
            return LAST;
        }
        let days = days + 719_468;
        let of_era = days % ERA;
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = days / ERA * 400 + year_of_era + u64::from(month <= 2);
        let small = |number: u64| u16::try_from(number).unwrap_or(u16::MAX);
        Self {
            year: small(year),
            month: small(month) as u8,
            day: small(day) as u8,
        }
    }
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_as_they_are_written() {
        for text in [
            "1970-01-01",
            "2024-02-29",
            "2000-02-29",
            "9999-12-31",
            "0001-01-01",
        ] {
            let date = Date::parse(text).unwrap_or_else(|| panic!("{text} is a day"));
            assert_eq!(date.to_string(), text);
        }
        for text in [
            "",
            "-",
            "2023-02-29",
            "1900-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-04-31",
            "2024-1-1",
            "2024-01-00",
            "0000-01-01",
            "2024/01/01",
            "+024-01-01",
            "2024-01-011",
            "２０24-01-01",
            "12345-01-1",
        ] {
            assert_eq!(Date::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut date = Date::from_days(0);
        assert_eq!(date.to_string(), "1970-01-01");
        for days in 1..=2_932_896 {
            let next = Date::from_days(days);
            let expected = Date::new(date.year, date.month, date.day + 1)
                .or_else(|| Date::new(date.year, date.month + 1, 1))
                .or_else(|| Date::new(date.year + 1, 1, 1));
            assert_eq!(Some(next), expected, "after {date}");
            date = next;
        }
        assert_eq!(date.to_string(), "9999-12-31");
        assert_eq!(Date::from_days(u64::MAX), date);
    }
}
