//! The API under schemathesis: thousands of calls made from the OpenAPI document, good and bad. Whatever the server answers
//! must be what the document says; nothing may be a server error.

use serde_json::{Value, json};

use crate::program::{Program, command, http_client, python_tool, run, succeed};

const NAME: &str = "fuzz";
/// None that the document has as an example, so that no call changes it or deletes the account.
const PASSWORD: &str = "a-Word-that-is-not-in-the-document";

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_one_that_the_document_describes() {
    let program = Program::start_with(&[("CONVENE_RATE_LIMIT", "off"), ("CONVENE_LOG", "warn,convene::serve=info")]);
    let mut add = command(program.folder.path(), &[]);
    let added = run(add.args(["user", "add", NAME, "--email", "fuzz@example.com"]), PASSWORD);
    assert!(added.status.success(), "{added:?}");
    let token = format!("Authorization: Bearer {}", token(&program).await);
    // The token must outlive the calls that are made with it.
    fuzz(&program, &["--header", &token, "--exclude-operation-id", "deleteToken", "--max-time", "45"]);
    let basic = format!("{NAME}:{PASSWORD}");
    fuzz(&program, &["--auth", &basic, "--include-operation-id", "deleteToken", "--max-time", "5"]);
    assert!(!program.log().contains("ERROR"), "{}", program.log());
}

async fn token(program: &Program) -> String {
    let call = http_client().post(format!("{}/api/auth/tokens/", program.base)).basic_auth(NAME, Some(PASSWORD));
    let made: Value = call.json(&json!({"name": "fuzz", "scope": "write"})).send().await.unwrap().json().await.unwrap();
    made["token"].as_str().unwrap().to_owned()
}

/// `ignored_auth` takes it for a fault that a wrong cookie beside a good token is let in; that wrong input of a right shape is
/// refused is no fault either (`positive_data_acceptance`): no schema says that an event ends after it starts.
const UNFIT_CHECKS: &str = "ignored_auth,positive_data_acceptance";

fn fuzz(program: &Program, how: &[&str]) {
    let mut schemathesis = python_tool("schemathesis");
    schemathesis.current_dir(program.folder.path()).arg("run").arg(format!("{}/openapi.json", program.base));
    // One worker: where two threads parse at once, Python 3.11 loses count of its recursion.
    schemathesis.args([
        "--seed",
        "5545",
        "--workers",
        "1",
        "--continue-on-failure",
        "--no-shrink",
        "--warnings",
        "off",
    ]);
    schemathesis.args(["--exclude-checks", UNFIT_CHECKS]).args(how);
    let said = succeed(&mut schemathesis);
    assert!(said.contains("passed"), "{said}");
}
