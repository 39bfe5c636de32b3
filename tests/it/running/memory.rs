//! What stays in memory when the work is done.

use reqwest::StatusCode;

use crate::program::{Program, http_client};

/// What is resident, in MiB.
fn resident(program: &Program) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// Each hash takes 19 MiB on whatever thread is free, and there may be hundreds of threads.
#[tokio::test(flavor = "multi_thread")]
async fn passwords_leave_no_memory_behind() {
    let program = Program::start();
    let client = http_client();
    let before = resident(&program);
    let calls = (0..64).map(|number| {
        let account = serde_json::json!({
            "username": format!("user{number}"), "password": "securePass123", "email": format!("user{number}@example.com"),
        });
        client.post(format!("{}/api/auth/register/", program.base)).json(&account).send()
    });
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.unwrap().status(), StatusCode::CREATED);
    }
    let after = resident(&program);
    assert!(after < before + 128, "{before} MiB became {after} MiB");
}
