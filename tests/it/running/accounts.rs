//! Accounts from the command line. Passwords come from standard input, where no list of processes shows them.

use std::process::Command;

use reqwest::StatusCode;

use crate::program::{Program, command, http_client, project, python_tool, run, succeed};

async fn login(program: &Program, name: &str, password: &str) -> StatusCode {
    let call = http_client().post(format!("{}/api/auth/login/", program.base));
    call.json(&serde_json::json!({"username": name, "password": password})).send().await.unwrap().status()
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_added_and_given_new_passwords() {
    let folder = tempfile::tempdir().unwrap();
    assert!(succeed(command(folder.path(), &[]).arg("migrate")).contains("up to date"));
    let user = |args: &[&str], input: &str| {
        let output = run(command(folder.path(), &[]).arg("user").args(args), input);
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        (output.status.code(), said[0].clone(), said[1].clone())
    };
    let add = ["add", "root", "--email", "root@example.com", "--timezone", "Europe/Berlin"];
    assert_eq!(user(&add, "first-Password\n"), (Some(0), "user root has id 1\n".to_owned(), String::new()));
    let refusals: [(&[&str], &str, &str); 5] = [
        (&add, "first-Password\n", "taken"),
        (&["add", "x", "--email", "x@example.com"], "first-Password\n", "username: "),
        (&["add", "xavier", "--email", "nothing"], "first-Password\n", "email: "),
        (&["add", "xavier", "--email", "x@example.com"], "short\n", "password: "),
        (&["passwd", "nobody"], "first-Password\n", "no such user"),
    ];
    for (args, input, words) in refusals {
        let (code, said, complaint) = user(args, input);
        assert_eq!((code, said.as_str()), (Some(1), ""), "{args:?}");
        assert!(complaint.starts_with("convene: ") && complaint.contains(words), "{args:?}: {complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
    }
    let program = Program::start_in(folder, &[]);
    assert_eq!(login(&program, "root", "first-Password").await, StatusCode::OK);
    let mut passwd = command(program.folder.path(), &[]);
    let changed = run(passwd.args(["user", "passwd", "ROOT"]), "second-Password");
    assert!(changed.status.success(), "{changed:?}");
    assert_eq!(login(&program, "root", "first-Password").await, StatusCode::UNAUTHORIZED);
    assert_eq!(login(&program, "root", "second-Password").await, StatusCode::OK);
}

#[test]
fn at_a_terminal_the_password_is_asked_for_twice_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal: Command = python_tool("python");
    terminal.current_dir(folder.path()).env("CONVENE_LOG", "warn").arg(project("tests/programs/terminal.py"));
    terminal.args([
        "typed-Password",
        env!("CARGO_BIN_EXE_convene"),
        "user",
        "add",
        "typist",
        "--email",
        "t@example.com",
    ]);
    let shown = succeed(&mut terminal);
    assert!(shown.contains("Password: ") && shown.contains("Again: ") && shown.contains("has id 1"), "{shown}");
    assert!(!shown.contains("typed-Password"), "{shown}");
}
