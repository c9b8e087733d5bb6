//! When AWS takes a database's automated backups.

use std::fmt;

use jiff::Timestamp;

/// A part of each day, in UTC: `23:30-00:30` goes over midnight. While automated backups are taken in
/// it, a manual snapshot is refused or waits.
/// Source: RDS User Guide, "Backup window"; `PreferredBackupWindow`, RDS API reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupWindow {
    /// Minutes after midnight.
    start_minutes: u32,
    /// Minutes after midnight, no longer part of it.
    end_minutes: u32,
}

impl BackupWindow {
    /// Reads AWS's `hh24:mi-hh24:mi`.
    #[must_use]
    pub fn from_aws(text: &str) -> Option<Self> {
        let minutes = |text: &str| {
            let (hours, minutes) = text.split_once(':')?;
            let (hours, minutes) = (hours.parse().ok()?, minutes.parse().ok()?);
            let is_sound = |hours: u32, minutes: u32| hours < 24 && minutes < 60;
            is_sound(hours, minutes).then_some(hours * 60 + minutes)
        };
        let (start, end) = text.split_once('-')?;
        Some(Self { start_minutes: minutes(start)?, end_minutes: minutes(end)? })
    }

    /// Whether the instant falls into it.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        let minute = at.as_second().rem_euclid(86_400) / 60;
        let minute = u32::try_from(minute).unwrap_or_default();
        let (start, end) = (self.start_minutes, self.end_minutes);
        if start <= end { (start..end).contains(&minute) } else { minute >= start || minute < end }
    }
}

impl fmt::Display for BackupWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [(a, b), (c, d)] = [self.start_minutes, self.end_minutes].map(|m| (m / 60, m % 60));
        write!(f, "{a:02}:{b:02}-{c:02}:{d:02} UTC")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_its_first_minute_and_no_longer_its_last() {
        for (window, time, is_in) in [
            ("02:00-02:30", "01:59:59", false),
            ("02:00-02:30", "02:00:00", true),
            ("02:00-02:30", "02:29:59", true),
            ("02:00-02:30", "02:30:00", false),
            ("23:30-00:30", "23:29:59", false),
            ("23:30-00:30", "23:30:00", true),
            ("23:30-00:30", "00:29:59", true),
            ("23:30-00:30", "00:30:00", false),
        ] {
            let at = format!("2026-03-06T{time}Z").parse().unwrap();
            let window = BackupWindow::from_aws(window).unwrap();
            assert_eq!(window.contains(at), is_in, "{time} in {window}");
        }
    }

    #[test]
    fn a_day_ends_with_its_last_minute() {
        assert!(BackupWindow::from_aws("23:59-00:00").is_some());
        for nonsense in ["24:00-00:30", "23:30-24:00", "23:60-00:30"] {
            assert_eq!(BackupWindow::from_aws(nonsense), None, "{nonsense}");
        }
    }
}
