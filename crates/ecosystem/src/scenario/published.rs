//! The JSON Schema of scenario files, for editors and for the reader itself.

use serde_json::{Map, Value as Json, json};

use super::schema::Scenario;

/// The JSON Schema (draft 2020-12) of a scenario file, every key with its description.
pub fn json_schema() -> Json {
    let mut schema = derived();
    tidy(&mut schema);
    schema["title"] = "Echosphere scenario".into();
    allow_like(&mut schema["$defs"]["Population"]);
    schema
}

/// The schema as it follows from the structs, where every population stands for itself.
pub(super) fn derived() -> Json {
    schemars::schema_for!(Scenario).to_value()
}

/// A file may leave out what `like` brings; the structs know nothing of it.
fn allow_like(population: &mut Json) {
    population["properties"]["like"] = json!({
        "description": "Name of another population: every key that is not given here is as there.",
        "type": "string",
    });
    let own = population["required"].take();
    let own = own
        .as_array()
        .into_iter()
        .flatten()
        .filter(|key| *key != "name");
    let own: Vec<Json> = own.cloned().collect();
    population["required"] = json!(["name"]);
    population["anyOf"] = json!([{ "required": ["like"] }, { "required": own }]);
}

fn tidy(schema: &mut Json) {
    match schema {
        Json::Object(object) => {
            unwrap_description(object);
            drop_null(object);
            describe_key(object);
            object.values_mut().for_each(tidy);
        }
        Json::Array(list) => list.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// The lines of a comment are not the lines of a tooltip.
fn unwrap_description(object: &mut Map<String, Json>) {
    if let Some(Json::String(text)) = object.get_mut("description") {
        *text = text.replace('\n', " ");
    }
}

/// TOML has no null: a key is given or it is not.
fn drop_null(object: &mut Map<String, Json>) {
    if let Some(Json::Array(names)) = object.get_mut("type") {
        names.retain(|name| name != "null");
        if let [name] = names.as_slice() {
            object["type"] = name.clone();
        }
    }
    if let Some(Json::Array(branches)) = object.get_mut("anyOf") {
        branches.retain(|branch| branch["type"] != "null");
        if let [Json::Object(branch)] = branches.as_slice() {
            let branch = branch.clone();
            object.remove("anyOf");
            object.extend(branch);
        }
    }
}

/// What is said of an alternative is said of the key that stands for it.
fn describe_key(object: &mut Map<String, Json>) {
    let Some(description) = object.get("description").cloned() else {
        return;
    };
    let Some(Json::Object(keys)) = object.get_mut("properties") else {
        return;
    };
    for key in keys.values_mut().filter_map(Json::as_object_mut) {
        key.entry("description")
            .or_insert_with(|| description.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undescribed(schema: &Json, path: &str, found: &mut Vec<String>) {
        if let Some(keys) = schema["properties"].as_object() {
            let bare = keys
                .iter()
                .filter(|(_, key)| key["description"].as_str().is_none());
            found.extend(bare.map(|(key, _)| format!("{path}/{key}")));
        }
        match schema {
            Json::Object(object) => {
                object
                    .iter()
                    .for_each(|(k, v)| undescribed(v, &format!("{path}/{k}"), found));
            }
            Json::Array(list) => list.iter().for_each(|v| undescribed(v, path, found)),
            _ => {}
        }
    }

    #[test]
    fn every_key_has_a_description() {
        let mut found = Vec::new();
        undescribed(&json_schema(), "", &mut found);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn the_schema_says_what_it_is() {
        let schema = json_schema();
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        assert_eq!(schema["title"], "Echosphere scenario");
        assert!(!schema.to_string().contains("null"), "TOML has no null");
    }

    #[test]
    fn editors_may_write_like() {
        let population = &json_schema()["$defs"]["Population"];
        assert_eq!(population["required"], json!(["name"]));
        assert_eq!(population["anyOf"][1]["required"], json!(["family"]));
    }
}
