//! The README is true: its commands give the answers that it shows, and its table is the configuration.

use std::path::Path;
use std::process::Command;

use clap::CommandFactory;
use convene::cli::Cli;
use serde_json::Value;

use crate::program::{Program, project, succeed};

/// Stands for whatever is different each time; as the name of a field, for all other fields.
const ANYTHING: &str = "…";

#[test]
fn the_tour_gives_the_answers_that_are_shown() {
    let (program, folder) = (Program::start(), tempfile::tempdir().unwrap());
    let text = readme();
    let mut steps = 0;
    for block in text.split("```sh\n").skip(1) {
        let (script, rest) = block.split_once("```\n").unwrap();
        let Some(shown) = rest.strip_prefix("```json\n") else { continue };
        let shown: Value = serde_json::from_str(shown.split("```").next().unwrap()).unwrap();
        let said = shell(script, &program, folder.path());
        let answer: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{script}: {said}"));
        assert!(fits(&shown, &answer), "{script}\nshown: {shown:#}\nanswered: {answer:#}");
        steps += 1;
    }
    assert!(steps >= 10, "{steps} steps");
}

/// What the tour asks and is answered, so that the examples of the document are as true as the tour.
#[test]
fn the_worked_examples_of_the_document_are_those_of_the_tour() {
    let text = readme();
    let mut asked = Vec::new();
    for step in text.split("/api/scheduling/find-slots/ --json '").skip(1) {
        let (question, rest) = step.split_once("'\n```\n```json\n").unwrap();
        let answer = rest.split("```").next().unwrap();
        asked.push([question, answer].map(|json| serde_json::from_str::<Value>(json).unwrap()));
    }
    let document = convene::http::openapi::Document::new();
    let operation = &document.value()["paths"]["/api/scheduling/find-slots/"]["post"];
    let examples = |place: &str| operation.pointer(place).unwrap()["application/json"]["examples"].clone();
    let (questions, answers) = (examples("/requestBody/content"), examples("/responses/200/content"));
    let mut names: Vec<&str> = Vec::new();
    for (name, question) in questions.as_object().unwrap().iter().filter(|(name, _)| *name != "plain") {
        let pair = [question["value"].clone(), answers[name]["value"].clone()];
        assert!(asked.contains(&pair), "{name} is not in the tour");
        names.push(name);
    }
    assert_eq!(names, ["three_zones", "panel", "moving", "nothing_found"]);
}

#[test]
fn the_tour_as_a_script_runs() {
    let program = Program::start();
    for _ in 0..2 {
        let said = succeed(Command::new("bash").arg(project("examples/curl.sh")).arg(&program.base));
        assert!(said.contains("\"total_slots_found\":3") && said.contains("\"relaxations\""), "{said}");
    }
}

#[test]
fn the_table_is_the_configuration() {
    let mut table = String::from("| flag | variable | default | meaning |\n| --- | --- | --- | --- |\n");
    for key in Cli::command().get_arguments().filter(|key| key.get_env().is_some()) {
        let (flag, variable) = (key.get_long().unwrap(), key.get_env().unwrap().to_str().unwrap());
        let default = key.get_default_values().iter().map(|value| format!("`{}`", value.to_str().unwrap()));
        let mut meaning = key.get_help().unwrap().to_string();
        let values: Vec<String> =
            key.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
        if !values.is_empty() {
            meaning = format!("{meaning}: {}", values.join(" or "));
        }
        table += &format!("| `--{flag}` | `{variable}` | {} | {meaning} |\n", default.collect::<String>());
    }
    assert!(readme().contains(&table), "The table of README.md is to be:\n\n{table}");
}

#[test]
fn all_files_that_it_names_are_there() {
    let text = readme();
    for link in text.split("](").skip(1) {
        let path = link.split(')').next().unwrap();
        assert!(project(path).exists(), "{path}");
    }
    let (_, table) = text.split_once("## Where things are").unwrap();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let names = row.split('|').nth(1).unwrap();
        for path in names.split_whitespace().map(|name| name.trim_matches('`')) {
            assert!(project(path).exists(), "{path}");
        }
    }
}

fn readme() -> String {
    std::fs::read_to_string(project("README.md")).unwrap()
}

fn shell(script: &str, program: &Program, folder: &Path) -> String {
    let script = script.replace("http://127.0.0.1:8000", &program.base);
    succeed(Command::new("bash").args(["-euc", &script]).current_dir(folder))
}

fn fits(shown: &Value, answer: &Value) -> bool {
    match (shown, answer) {
        (Value::String(shown), _) if shown == ANYTHING => true,
        (Value::Object(shown), Value::Object(answer)) => {
            let same = |(name, value): (&String, &Value)| answer.get(name).is_some_and(|found| fits(value, found));
            let is_part = shown.contains_key(ANYTHING);
            shown.iter().filter(|(name, _)| *name != ANYTHING).all(same) && (is_part || shown.len() == answer.len())
        }
        (Value::Array(shown), Value::Array(answer)) => {
            shown.len() == answer.len() && shown.iter().zip(answer).all(|(shown, found)| fits(shown, found))
        }
        _ => shown == answer,
    }
}
