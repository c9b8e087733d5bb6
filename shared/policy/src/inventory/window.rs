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
