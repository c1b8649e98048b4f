//! The schema of a settings file, for editors.

use serde_json::{Map, Value, json};

use super::setting::{SECTIONS, Setting, Takes};

/// What no row of a setting says: the files that one builds on, the locks, and the words of a rule.
const BASE: &str = include_str!("schema.json");

/// A JSON schema, draft 7: what editors for TOML understand.
///
/// # Errors
/// None, as the tests prove: the part that is written by hand is JSON.
pub(crate) fn schema() -> serde_json::Result<String> {
    let mut schema: Value = serde_json::from_str(BASE)?;
    let keys: Vec<&str> = Setting::ALL.iter().map(|setting| setting.key()).collect();
    schema["properties"]["lock"]["items"]["enum"] = json!(keys);
    let rule = Setting::Rule;
    schema["properties"][rule.key()]["description"] = json!(rule.about());
    for (section, about) in SECTIONS {
        let mut properties = Map::new();
        for &setting in Setting::ALL {
            let (of, name) = setting.path();
            if of == *section {
                properties.insert(name.to_owned(), value_of(setting));
            }
        }
        schema["properties"][*section] = json!({
            "description": about,
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
        });
    }
    // What stands in no table; the words of a rule are written by hand.
    let of_the_file = Setting::ALL
        .iter()
        .filter(|setting| setting.path().0.is_empty());
    for &setting in of_the_file.filter(|setting| setting.takes() != Takes::Rules) {
        schema["properties"][setting.key()] = value_of(setting);
    }
    let text = serde_json::to_string_pretty(&schema)?;
    Ok(text + "\n")
}

/// What a setting takes.
fn value_of(setting: Setting) -> Value {
    let list = |items: Value| json!({ "type": "array", "items": items });
    let mut value = match setting.takes() {
        Takes::Word { words, .. } => json!({ "type": "string", "enum": words }),
        Takes::Flag { .. } => json!({ "type": "boolean" }),
        Takes::Paths | Takes::GuardRules => list(json!({ "type": "string", "minLength": 1 })),
        Takes::Ids => list(json!({ "type": "string", "pattern": "^[A-Za-z0-9_*-]+$" })),
        Takes::Days => {
            list(json!({ "type": "string", "pattern": "^([A-Za-z0-9_*-]+=)?([0-9]{1,4}|never)$" }))
        }
        Takes::Rules => list(json!({ "type": "object" })),
    };
    value["description"] = json!(setting.about());
    value
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::reader::known_tables;
    use super::super::{FILE_NAME, Layer, Origin};
    use super::*;

    fn schema() -> Value {
        let text = super::schema().expect("the part by hand is JSON");
        serde_json::from_str(&text).expect("so is the whole")
    }

    /// What a `$ref` leads to, or the value itself.
    fn resolved<'s>(schema: &'s Value, at: &'s Value) -> &'s Value {
        match at["$ref"].as_str() {
            Some(to) => schema
                .pointer(to.trim_start_matches('#'))
                .expect("a reference leads somewhere"),
            None => at,
        }
    }

    /// The schema of the table that a name of `known_tables` means.
    fn table<'s>(schema: &'s Value, name: &str) -> &'s Value {
        match name {
            "" => schema,
            "extends" => &schema["properties"]["extends"]["items"]["anyOf"][1],
            "rule" => &schema["properties"]["rule"]["items"],
            _ => &schema["properties"][name],
        }
    }

    fn keys(value: &Value) -> BTreeSet<&str> {
        let map = value.as_object().expect("an object");
        map.keys().map(String::as_str).collect()
    }

    #[test]
    fn every_key_of_the_one_is_in_the_other() {
        let schema = schema();
        for (name, known) in known_tables() {
            let table = table(&schema, name);
            assert_eq!(table["additionalProperties"], false, "{name}");
            let known: BTreeSet<&str> = known.into_iter().collect();
            assert_eq!(keys(&table["properties"]), known, "{name}");
        }
        let locks = &schema["properties"]["lock"]["items"]["enum"];
        let all: Vec<&str> = Setting::ALL.iter().map(|setting| setting.key()).collect();
        assert_eq!(*locks, serde_json::json!(all));
    }

    /// A value, in TOML, that the schema takes.
    fn fitting(schema: &Value, key: &str, at: &Value) -> Vec<String> {
        let at = resolved(schema, at);
        if let Some(any) = at["anyOf"].as_array() {
            return any.iter().flat_map(|at| fitting(schema, key, at)).collect();
        }
        if let Some(words) = at["enum"].as_array() {
            return words.iter().map(Value::to_string).collect();
        }
        match at["type"].as_str().expect("every value has a type") {
            "array" => {
                let items = fitting(schema, key, &at["items"]);
                vec![format!("[{}]", items.join(", ")), "[]".to_owned()]
            }
            "boolean" => vec!["true".to_owned(), "false".to_owned()],
            "number" => vec!["2.5".to_owned()],
            "string" if key == "git" => vec!["'https://host.example/a'".to_owned()],
            "string" if key == "checksum" => vec!["'github-crc32'".to_owned()],
            "string" if key == "rotate_after" => vec!["'stripe=30'".to_owned()],
            "string" => vec!["'acme-key'".to_owned()],
            "object" => {
                let properties = at["properties"].as_object().expect("an object");
                let pairs: Vec<String> = properties
                    .iter()
                    .map(|(key, at)| format!("{key} = {}", fitting(schema, key, at)[0]))
                    .collect();
                vec![format!("{{ {} }}", pairs.join(", "))]
            }
            other => panic!("{other}"),
        }
    }

    /// The file in which a key of a table has a value.
    fn file(name: &str, key: &str, value: &str) -> String {
        let other = |pairs: [(&str, &str); 3]| -> String {
            pairs
                .iter()
                .filter(|pair| pair.0 != key && !pair.0.is_empty())
                .map(|(key, value)| format!("{key} = {value}\n"))
                .collect()
        };
        match name {
            "" => format!("{key} = {value}\n"),
            "rule" => format!(
                "[[rule]]\n{}{key} = {value}\n",
                other([("id", "'a-b'"), ("name", "'a'"), ("", "")])
            ),
            "extends" => format!(
                "[[extends]]\n{}{key} = {value}\n",
                other([
                    ("git", "'https://host.example/a'"),
                    ("rev", "'main'"),
                    ("path", "'a'")
                ])
            ),
            _ => format!("[{name}]\n{key} = {value}\n"),
        }
    }

    #[test]
    fn what_the_schema_takes_is_taken_and_what_it_refuses_is_refused() {
        let schema = schema();
        let parse = |text: &str| Layer::parse(Origin::Repository, text.as_bytes(), FILE_NAME);
        let mut tried = 0;
        for (name, known) in known_tables() {
            let properties = &table(&schema, name)["properties"];
            for key in known {
                for value in fitting(&schema, key, &properties[key]) {
                    let text = file(name, key, &value);
                    assert!(parse(&text).is_ok(), "{text}{:?}", parse(&text).err());
                    tried += 1;
                }
                let wrong = match resolved(&schema, &properties[key])["type"].as_str() {
                    Some("string" | "boolean") => vec!["1", "[]", "{ }"],
                    Some("number") => vec!["'1'", "true"],
                    Some("object") => vec!["1", "'x'", "[]"],
                    _ => vec!["1", "true", "[1]", "[[]]"],
                };
                for value in wrong {
                    let text = file(name, key, value);
                    assert!(parse(&text).is_err(), "{text}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 100, "{tried}");
        for name in ["rule", "extends"] {
            let table = table(&schema, name);
            for key in table["required"].as_array().expect("a list") {
                let key = key.as_str().expect("a key");
                let text = file(name, key, "1").replace(&format!("{key} = 1\n"), "");
                assert!(parse(&text).is_err(), "{text}");
            }
        }
    }
}
