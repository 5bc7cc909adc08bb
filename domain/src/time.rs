//! Moments and periods. Time is passed in: nothing here reads a clock.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, microseconds since 1970-01-01T00:00:00Z; years 1970 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(i64);

/// A time that is not RFC 3339, UTC, six fraction digits and `Z`, between 1970 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time of the form 2026-11-23T08:00:00.000000Z")]
pub struct BadMoment;

/// 9999-12-31T23:59:59.999999Z.
const LAST_MICROSECOND: i64 = 253_402_300_799_999_999;

impl Moment {
    /// From microseconds since the epoch; clamped to the years 1970 to 9999.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.clamp(0, LAST_MICROSECOND))
    }
    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }
    /// This moment and `span` more, never past the last.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros(self.0.saturating_add(micros))
    }
    /// Reads any RFC 3339 time, as people's programs write them; what is finer than a microsecond goes.
    pub fn from_rfc3339(text: &str) -> Result<Self, BadMoment> {
        let timestamp: Timestamp = text.parse().map_err(|_| BadMoment)?;
        let micros = timestamp.as_microsecond();
        if (0..=LAST_MICROSECOND).contains(&micros) { Ok(Self(micros)) } else { Err(BadMoment) }
    }
    /// How long ago `earlier` was; zero if it lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }
    /// The calendar date (UTC), `YYYY-MM-DD`.
    pub fn date(self) -> String {
        self.to_string()[..10].to_owned()
    }
    /// The calendar date as people write it, with the zone it is in: `2 May 2026 (UTC)`.
    pub fn day_in_words(self) -> String {
        self.as_people_write("%-d %B %Y (UTC)")
    }
    /// As people write it, with the zone it is in: `2 May 2026, 08:05 UTC`, and seconds where there are any.
    pub fn in_words(self) -> String {
        let whole_minute = self.0 % 60_000_000 == 0;
        let form = if whole_minute { "%-d %B %Y, %H:%M UTC" } else { "%-d %B %Y, %H:%M:%S UTC" };
        self.as_people_write(form)
    }
    fn as_people_write(self, form: &str) -> String {
        let timestamp = Timestamp::from_microsecond(self.0).unwrap_or_default();
        timestamp.strftime(form).to_string()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => write!(f, "{timestamp:.6}"),
            Err(_) => Err(fmt::Error),
        }
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Moment {
    type Err = BadMoment;
    /// Reads the one accepted form. Hand-written because it runs once per event of a verification.
    fn from_str(text: &str) -> Result<Self, BadMoment> {
        let b = text.as_bytes();
        let shape = b.len() == 27
            && b[4] == b'-'
            && b[7] == b'-'
            && b[10] == b'T'
            && b[13] == b':'
            && b[16] == b':'
            && b[19] == b'.'
            && b[26] == b'Z';
        if !shape {
            return Err(BadMoment);
        }
        let number = |range: std::ops::Range<usize>| {
            b[range].iter().try_fold(0_i64, |n, d| {
                d.is_ascii_digit().then(|| n * 10 + i64::from(d - b'0')).ok_or(BadMoment)
            })
        };
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        let micros = number(20..26)?;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return Err(BadMoment),
        };
        if year < 1970 || day < 1 || day > days || hour > 23 || minute > 59 || second > 59 {
            return Err(BadMoment);
        }
        // Days from civil: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
        let y = if month <= 2 { year - 1 } else { year };
        let era = y / 400;
        let yoe = y - era * 400;
        let doy = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
        let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
        let epoch_day = era * 146_097 + doe - 719_468;
        Ok(Self(((epoch_day * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000 + micros))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// From a moment, inclusive, until another, exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// First moment inside.
    pub from: Moment,
    /// First moment outside again.
    pub until: Moment,
}

impl Period {
    /// How long it lasts.
    pub fn length(&self) -> Duration {
        self.until.since(self.from)
    }
}

/// A whole number of minutes, for limits that are written down as constants.
pub const fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_and_a_z_and_nothing_else() {
        let moment: Moment = "2026-11-23T08:15:30.000120Z".parse().unwrap();
        assert_eq!(moment.to_string(), "2026-11-23T08:15:30.000120Z");
        assert_eq!(moment.date(), "2026-11-23");
        assert_eq!(moment.day_in_words(), "23 November 2026 (UTC)");
        assert_eq!(moment.in_words(), "23 November 2026, 08:15:30 UTC");
        let minute: Moment = "2026-05-02T08:05:00.000000Z".parse().unwrap();
        assert_eq!(minute.in_words(), "2 May 2026, 08:05 UTC");
        for wrong in [
            "2026-11-23T08:15:30Z",
            "2026-11-23T08:15:30.1Z",
            "2026-02-30T08:15:30.000000Z",
            "2026-11-23T08:15:60.000000Z",
            "2026-11-23t08:15:30.000000z",
            "1969-11-23T08:15:30.000000Z",
            "2026-11-23T08:15:30.000000+00:00",
            "",
        ] {
            assert_eq!(wrong.parse::<Moment>(), Err(BadMoment), "{wrong}");
        }
    }

    #[test]
    fn our_reader_agrees_with_the_library_on_every_month_of_four_centuries() {
        for month in 0..4_800_i64 {
            let micros = month * 2_629_746_000_000 + 123_456 + month;
            let text = Moment::from_micros(micros).to_string();
            assert_eq!(text.parse::<Moment>().unwrap().micros(), micros, "{text}");
        }
    }
}
