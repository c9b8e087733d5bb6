//! Reading what the arguments name.

use std::io::Read;
use std::path::Path;

use snapkeep_policy::bad_input::{BadInput, NOT_TOML, NOT_UTF8};

/// No input of ours comes near this.
const BYTES_MAX: u64 = 16 * 1024 * 1024;

/// How a file is called in messages.
pub fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// Puts the file's name before each line of what is wrong with it.
pub fn blame(path: &Path, error: &str) -> String {
    let name = name(path);
    error.lines().map(|line| format!("{name}: {line}")).collect::<Vec<_>>().join("\n")
}

/// The text of a file, or of standard input for `-`.
///
/// # Errors
/// One line that names the file.
pub fn read(path: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{}: {error}: check the path", name(path));
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).map_err(failed)?.take(BYTES_MAX + 1).read_to_end(&mut bytes)
    };
    if read.map_err(failed)? as u64 > BYTES_MAX {
        return Err(format!(
            "{}: larger than {BYTES_MAX} bytes: is it the right file?",
            name(path)
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let got = format!("a bad byte at offset {}", error.utf8_error().valid_up_to());
        format!("{}: {}", name(path), BadInput::new(NOT_UTF8, "$", got, "UTF-8"))
    })
}

/// The same, as JSON: a file whose name ends in `.toml` is converted.
///
/// # Errors
/// One line that names the file and, for TOML that can't be read, the place.
pub fn read_json(path: &Path) -> Result<String, String> {
    let text = read(path)?;
    if path.extension().is_none_or(|extension| extension != "toml") {
        return Ok(text);
    }
    let value: serde_json::Value = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
        let got = format!("{} in line {line}", error.message());
        format!("{}: {}", name(path), BadInput::new(NOT_TOML, "$", got, "TOML"))
    })?;
    Ok(value.to_string())
}
