//! The pages around the API, in a browser.

use std::process::Command;

use crate::program::{Program, command, project, python_tool, run, succeed};

#[test]
fn the_front_page_and_the_documentation_work_in_a_browser() {
    let program = Program::start();
    let mut add = command(program.folder.path(), &[]);
    let added = run(add.args(["user", "add", "reader", "--email", "reader@example.com"]), "a-Rather-long-word\n");
    assert!(added.status.success(), "{added:?}");
    let mut browse = python_tool("python");
    browse.arg(project("tests/programs/swagger_ui.py")).args([&program.base, &chromium()]);
    succeed(browse.args(["reader", "a-Rather-long-word"]));
}

fn chromium() -> String {
    let known = ["chromium", "chromium-browser", "google-chrome"].map(|name| format!("command -v {name}")).join(" || ");
    succeed(Command::new("sh").args(["-c", &known])).trim().to_owned()
}
