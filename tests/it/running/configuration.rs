//! Every key: its default and meaning in `--help`, and the one sentence that a wrong value ends with.

use std::time::Instant;

use clap::CommandFactory;
use convene::cli::Cli;

use crate::program::{Program, command, run, succeed};

/// Each key by its variable: values that are wrong, and words of what would be right.
const WRONG: &[(&str, &[&str], &str)] = &[
    ("LISTEN", &["", "8000", "localhost", "127.0.0.1", "127.0.0.1:65536"], "127.0.0.1:8000"),
    ("DATABASE_URL", &["", "convene.db", "mysql://x", "postgres:x"], "sqlite://FILE or postgres://"),
    ("PUBLIC_URL", &["", "calendar.example.org", "ftp://x", "https://", "https://a b"], "https://calendar.example.org"),
    ("LOG", &["convene=loud", "a=b=c"], "use info"),
    ("LOG_FORMAT", &["", "xml"], "text, json"),
    ("RATE_LIMIT", &["", "no", "5"], "on, off"),
    ("FETCH_ALLOW", &["x", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0-10.0.0.9", "fd00::/129"], "10.0.0.0/8"),
    ("FETCH_PORTS", &["", "0", "web", "65536", "80,,443"], "80,443,8443"),
    ("SECRET_KEY", &["", "short"], "at least 32 characters"),
    ("TRUSTED_PROXIES", &["-1", "9", "one"], "from 0 to 8"),
];

#[test]
fn every_key_says_what_it_means_and_what_it_is_by_default() {
    let folder = tempfile::tempdir().unwrap();
    let help = succeed(command(folder.path(), &[]).arg("--help"));
    for key in Cli::command().get_arguments().filter(|key| key.get_env().is_some()) {
        let (flag, variable) = (key.get_long().unwrap(), key.get_env().unwrap().to_str().unwrap());
        assert_eq!(variable, format!("CONVENE_{}", flag.to_uppercase().replace('-', "_")));
        let at = help.find(&format!("--{flag} <")).unwrap_or_else(|| panic!("--{flag} is not in --help"));
        let entry = help[at..].split("\n      --").next().unwrap();
        assert!(entry.contains(variable), "{entry}");
        for default in key.get_default_values() {
            assert!(entry.contains(&format!("[default: {}]", default.to_str().unwrap())), "{entry}");
        }
        assert!(key.get_help().is_some(), "--{flag} has no help");
    }
    for command in ["serve", "migrate", "openapi", "user"] {
        assert!(help.contains(command));
    }
}

#[test]
fn a_wrong_value_of_any_key_ends_it_at_once_with_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let mut keys = 0;
    for key in Cli::command().get_arguments().filter(|key| key.get_env().is_some()) {
        let (flag, variable) = (key.get_long().unwrap(), key.get_env().unwrap().to_str().unwrap());
        let listed = WRONG.iter().find(|(name, ..)| format!("CONVENE_{name}") == variable);
        // All others are numbers, and the bounds of what comes in.
        let (values, right) = listed
            .map_or((&["", "x", "-1", "1.5", "1e3", "99999999999999999999"][..], "a whole number from"), |it| {
                (it.1, it.2)
            });
        for value in values {
            let by_variable = run(&mut command(folder.path(), &[(variable, value)]), "");
            check(&by_variable, variable, value, right);
        }
        let by_flag = run(command(folder.path(), &[]).arg(format!("--{flag}={}", values[0])), "");
        check(&by_flag, variable, values[0], right);
        keys += 1;
    }
    assert!(keys > 20);
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "no database was made");
}

#[track_caller]
fn check(output: &std::process::Output, variable: &str, value: &str, right: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{variable}={value:?}: {said}");
    let flag = variable.trim_start_matches("CONVENE_").to_lowercase().replace('_', "-");
    assert!(said.starts_with(&format!("convene: {variable} (--{flag}): ")), "{variable}={value:?}: {said}");
    assert!(said.contains(right) && said.lines().count() == 1, "{variable}={value:?}: {said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn it_says_where_it_listens_where_the_data_is_and_where_the_docs_are() {
    let started = Instant::now();
    let program = Program::start();
    let line = program.log().lines().find(|line| line.contains("listening on")).unwrap().to_owned();
    let base = &program.base;
    let said = format!("listening on {base}, data in sqlite://convene.db, documentation at {base}/docs");
    assert!(line.contains(&said), "{line}");
    assert!(program.folder.path().join("convene.db").exists());
    assert!(started.elapsed().as_secs() < 10);
}

#[test]
fn a_misspelt_variable_is_told_of() {
    let program = Program::start_with(&[("CONVENE_LISTEM", "0.0.0.0:1")]);
    assert!(program.log().contains("CONVENE_LISTEM is no key and does nothing"), "{}", program.log());
    assert!(!Program::start().log().contains("is no key"), "a variable of ours is not known");
}

#[test]
fn the_log_can_be_json_and_the_address_another_one() {
    let program =
        Program::start_with(&[("CONVENE_LOG_FORMAT", "json"), ("CONVENE_PUBLIC_URL", "https://calendar.example.org/")]);
    for line in program.log().lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
    assert!(program.log().contains("documentation at https://calendar.example.org/docs"));
}
