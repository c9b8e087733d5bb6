//! How things look on a terminal. Results go to standard output, everything else to standard error.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};

/// Something good.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Something to look at.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// A heading.
pub const HEADING: Style = Style::new().bold();
/// Less important.
pub const DIM: Style = Style::new().dimmed();

/// Prints an error, one line or one for each mistake.
pub fn error(message: &str) {
    for line in message.lines() {
        anstream::eprintln!("{BAD}error{BAD:#}: {line}");
    }
}

/// A table without borders that fits the terminal.
pub fn table<const N: usize>(headings: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(headings);
    table
}

/// Progress of something that takes longer than a second, on standard error; nothing where that is
/// no terminal.
pub fn progress(steps: u32, units: &str, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(u64::from(steps));
    let template = format!("{{bar:32}} {{pos}}/{{len}} {units}, {{eta}} left: {{msg}}");
    let style = ProgressStyle::with_template(&template);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(what);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
