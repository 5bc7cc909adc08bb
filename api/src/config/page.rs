//! What every setting is: the page of the settings is made of the comments at their fields, of their names
//! and of what holds where nobody says anything.

use serde_json::Value;
use utoipa::PartialSchema;

use super::{
    AnchorSettings, Config, DrawingSettings, EvmSettings, HttpSettings, IdentitySettings,
    RateSettings, RecordsSettings, ShareSettings, TransparencySettings,
};

/// A setting as its page tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingRow {
    /// `identity.session_hours`.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// What holds where nobody says anything, as JSON; none where it is then not set.
    pub default: Option<String>,
    /// What its number counts, by its name.
    pub unit: &'static str,
    /// The version that had it first.
    pub since: &'static str,
}

/// Where nobody says the origin, chance does: what stands in the types counts for folders of before.
const BY_CHANCE: &str = "origin";

/// The version that had every setting first: none was released yet.
const FIRST: &str = "0.1";

/// What the names of settings end in, and what that counts.
const UNITS: [(&str, &str); 12] = [
    ("_millis", "milliseconds"),
    ("_seconds", "seconds"),
    ("_seconds_max", "seconds"),
    ("_minutes", "minutes"),
    ("_hours", "hours"),
    ("_per_minute", "a minute"),
    ("_mib_max", "MiB"),
    ("_mib_per_second", "MiB a second"),
    ("gwei_max", "gwei"),
    ("_fd", "descriptor"),
    ("_file", "path"),
    ("_policy", "path"),
];

/// Every setting, in the order of the file.
pub fn settings_told() -> Vec<SettingRow> {
    let defaults = serde_json::to_value(Config::default()).unwrap_or_default();
    let sections = [
        ("", described::<Config>()),
        ("http", described::<HttpSettings>()),
        ("rates", described::<RateSettings>()),
        ("identity", described::<IdentitySettings>()),
        ("records", described::<RecordsSettings>()),
        ("shares", described::<ShareSettings>()),
        ("drawing", described::<DrawingSettings>()),
        ("transparency", described::<TransparencySettings>()),
        ("anchors", described::<AnchorSettings>()),
        ("anchors.evm", described::<EvmSettings>()),
    ];
    let mut rows = Vec::new();
    for (section, members) in sections {
        let at = format!("/{}", section.replace('.', "/"));
        let dot = if section.is_empty() { "" } else { "." };
        let here = if section.is_empty() { Some(&defaults) } else { defaults.pointer(&at) };
        for (name, meaning) in members {
            let value = here.and_then(|here| here.get(&name)).unwrap_or(&Value::Null);
            if value.is_object() {
                continue;
            }
            let default = (!value.is_null() && name != BY_CHANCE).then(|| value.to_string());
            let unit =
                UNITS.iter().rfind(|(end, _)| name.ends_with(end)).map_or("", |(_, unit)| unit);
            rows.push(SettingRow {
                name: format!("{section}{dot}{name}"),
                meaning,
                default,
                unit,
                since: FIRST,
            });
        }
    }
    rows
}

/// The members of a type of settings, in the order of its fields, with the comments at them.
fn described<T: PartialSchema>() -> Vec<(String, String)> {
    let schema = serde_json::to_value(T::schema()).unwrap_or_default();
    let members = schema["properties"].as_object().into_iter().flatten();
    let told = members.map(|(name, member)| {
        let meaning = member["description"].as_str().unwrap_or_default();
        (name.clone(), meaning.split_whitespace().collect::<Vec<_>>().join(" "))
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The names of all settings, as the types write them.
    fn names(section: &str, value: &Value) -> Vec<String> {
        let members = value.as_object().into_iter().flatten();
        let of = |(name, value): (&String, &Value)| {
            let name = format!("{section}{name}");
            if value.is_object() { names(&format!("{name}."), value) } else { vec![name] }
        };
        members.flat_map(of).collect()
    }

    #[test]
    fn every_setting_is_told_with_what_it_means() {
        let rows = settings_told();
        let told: BTreeSet<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        let all = names("", &serde_json::to_value(Config::default()).unwrap());
        assert_eq!(told, all.iter().map(String::as_str).collect());
        assert_eq!(told.len(), rows.len());
        for row in &rows {
            assert!(row.meaning.len() > 10 && row.meaning.ends_with('.'), "{row:?}");
        }
        let row = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
        let hours = row("identity.session_hours");
        assert_eq!((hours.default.as_deref(), hours.unit), (Some("12"), "hours"));
        assert_eq!(row("records.report_mib_max").unit, "MiB");
        assert_eq!(row("master_key").default, None);
    }
}
