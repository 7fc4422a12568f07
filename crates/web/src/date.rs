//! Virtual time as a date: UTC, to the second.

use std::fmt;

use types::time::VirtualTime;

const MICROSECONDS: u64 = 1_000_000;
const DAY_S: i64 = 86_400;
/// The first and the last second of the years that have four digits.
const FIRST_S: i64 = -30_610_224_000;
const LAST_S: i64 = 253_402_300_799;

/// When a run began, as a unix time in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(pub i64);

/// A second of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    year: i64,
    month: i64,
    day: i64,
    second_of_day: i64,
    /// Days since the first of January 1970.
    unix_day: i64,
}

impl Epoch {
    /// The unix time of a virtual time, in whole seconds; `None` outside the years 1000 to 9999.
    pub fn unix(self, time: VirtualTime) -> Option<i64> {
        let elapsed_s = i64::try_from(time.0 / MICROSECONDS).ok()?;
        let unix_s = self.0.checked_add(elapsed_s)?;
        (FIRST_S..=LAST_S).contains(&unix_s).then_some(unix_s)
    }

    /// The midnight at which a day begins, such as `2025-01-01`; `None` if there is no such day in the years 1000 to 9999.
    pub fn at_day(day: &str) -> Option<Self> {
        let mut parts = day.splitn(3, '-').map(|part| part.parse::<i64>().ok());
        let (year, month, day_of_month) = (parts.next()??, parts.next()??, parts.next()??);
        let from_march = (month + 9) % 12;
        let year_from_march = year.checked_sub(i64::from(month <= 2))?;
        let (era, year_of_era) = (
            year_from_march.div_euclid(400),
            year_from_march.rem_euclid(400),
        );
        let day_of_year = (153 * from_march + 2) / 5 + day_of_month.checked_sub(1)?;
        let days = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
        let epoch = Self(
            era.checked_mul(146_097)?
                .checked_add(days)?
                .checked_mul(DAY_S)?,
        );
        // What is no day, such as the 30th of February, comes back as another.
        let date = epoch.date(VirtualTime::START)?.to_string();
        (date.strip_suffix("T00:00:00Z") == Some(day)).then_some(epoch)
    }

    /// The second in which a virtual time lies; `None` outside the years 1000 to 9999.
    pub fn date(self, time: VirtualTime) -> Option<Date> {
        self.unix(time).map(Date::from_unix)
    }
}

impl Date {
    /// Counts in eras of 400 years that begin on the first of March, so that the leap day comes last (Hinnant 2013).
    fn from_unix(unix_s: i64) -> Self {
        let (days, second_of_day) = (unix_s.div_euclid(DAY_S) + 719_468, unix_s.rem_euclid(DAY_S));
        let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = (month_from_march + 2) % 12 + 1;
        Self {
            year: era * 400 + year_of_era + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
            second_of_day,
            unix_day: unix_s.div_euclid(DAY_S),
        }
    }

    /// The fourteen digits of an index.
    pub(crate) fn digits(self) -> u64 {
        let (hour, minute, second) = self.clock();
        let parts = [self.month, self.day, hour, minute, second];
        let number = parts.iter().fold(self.year, |sum, part| sum * 100 + part);
        number.unsigned_abs()
    }

    /// As HTTP has it (RFC 9110, IMF-fixdate), such as `Wed, 01 Jan 2025 00:00:00 GMT`.
    pub fn http(self) -> String {
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let (hour, minute, second) = self.clock();
        let weekday = DAYS[self.unix_day.rem_euclid(7) as usize];
        let (day, month, year) = (self.day, MONTHS[self.month as usize - 1], self.year);
        format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
    }

    fn clock(self) -> (i64, i64, i64) {
        let minutes = self.second_of_day / 60;
        (minutes / 60, minutes % 60, self.second_of_day % 60)
    }
}

impl fmt::Display for Date {
    /// As RFC 3339 has it, such as `2025-01-01T00:00:00Z`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = self.clock();
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)?;
        write!(out, "T{hour:02}:{minute:02}:{second:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(unix_s: i64, expected: &str) {
        let date = Epoch(unix_s).date(VirtualTime(999_999)).unwrap();
        assert_eq!(date.to_string(), expected);
        let digits: String = expected.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(date.digits().to_string(), digits);
    }

    #[test]
    fn known_seconds_have_their_dates() {
        check(0, "1970-01-01T00:00:00Z");
        check(-1, "1969-12-31T23:59:59Z");
        check(951_782_400, "2000-02-29T00:00:00Z");
        check(951_868_800, "2000-03-01T00:00:00Z");
        check(1_700_000_000, "2023-11-14T22:13:20Z");
        check(-2_203_891_201, "1900-02-28T23:59:59Z");
        check(-2_203_891_200, "1900-03-01T00:00:00Z");
        check(4_107_542_400, "2100-03-01T00:00:00Z");
        check(FIRST_S, "1000-01-01T00:00:00Z");
        check(LAST_S, "9999-12-31T23:59:59Z");
    }

    #[test]
    fn every_day_follows_the_day_before() {
        let mut before = Date::from_unix(FIRST_S);
        for unix_s in (FIRST_S + DAY_S..LAST_S).step_by(DAY_S as usize) {
            let date = Date::from_unix(unix_s);
            let same_month =
                (date.year, date.month, date.day) == (before.year, before.month, before.day + 1);
            let next_month = date.day == 1 && before.day == days(before.year, before.month);
            assert!(same_month || next_month, "{before} {date}");
            before = date;
        }
    }

    fn days(year: i64, month: i64) -> i64 {
        let leaps = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        match month {
            2 => 28 + i64::from(leaps),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    #[test]
    fn virtual_time_counts_from_the_epoch() {
        let date = Epoch(1_700_000_000)
            .date(VirtualTime(86_400_000_000))
            .unwrap();
        assert_eq!(date.to_string(), "2023-11-15T22:13:20Z");
    }

    #[test]
    fn days_are_read() {
        for day in [
            "2025-01-01",
            "1970-01-01",
            "2000-02-29",
            "1000-01-01",
            "9999-12-31",
        ] {
            let epoch = Epoch::at_day(day).unwrap();
            let date = epoch.date(VirtualTime::START).unwrap();
            assert_eq!(date.to_string(), format!("{day}T00:00:00Z"));
        }
        for day in [
            "",
            "2025",
            "2025-02-29",
            "2025-13-01",
            "2025-00-10",
            "2025-1-1",
            "0999-12-31",
        ] {
            assert_eq!(Epoch::at_day(day), None, "{day}");
        }
        assert_eq!(Epoch::at_day("9223372036854775807-01-01"), None);
        assert_eq!(Epoch::at_day("2025-01--9223372036854775808"), None);
    }

    /// From RFC 9110, section 5.6.7, and Python's `email.utils.formatdate`.
    #[test]
    fn known_seconds_have_their_dates_in_http() {
        let http = |unix_s| Epoch(unix_s).date(VirtualTime::START).unwrap().http();
        assert_eq!(http(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http(1_735_689_600), "Wed, 01 Jan 2025 00:00:00 GMT");
        assert_eq!(http(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
    }

    #[test]
    fn other_years_have_no_date() {
        for (epoch_s, time) in [
            (LAST_S, MICROSECONDS),
            (FIRST_S - 1, 0),
            (i64::MAX, u64::MAX),
            (i64::MIN, 0),
        ] {
            assert_eq!(Epoch(epoch_s).date(VirtualTime(time)), None);
        }
    }
}
