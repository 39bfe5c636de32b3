use std::process::Command;

use serde_json::json;

use super::{Server, for_each_server};
use crate::program::{project, python_tool, succeed};

const DAY: &str = "start=2026-01-05T00:00:00Z&end=2026-01-06T00:00:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn a_vfreebusy_says_busy_tentative_and_unavailable_in_utc() {
    for_each_server(async |server| {
        let [ann, bob] = server.people(["ann", "bob"]).await;
        let zone = json!({ "timezone": "Europe/Berlin", "free_busy_visibility": "public" });
        assert_eq!(ann.patch("/auth/profile/", zone).await.status, 200);
        for (start, end, status) in [
            ("10:00", "11:00", "confirmed"),
            ("10:30", "11:30", "confirmed"),
            ("11:15", "12:00", "tentative"),
            ("15:30", "17:00", "confirmed"),
        ] {
            let event = json!({ "title": "secret", "start_time": format!("2026-01-05T{start}:00Z"),
                "end_time": format!("2026-01-05T{end}:00Z"), "status": status });
            assert_eq!(ann.post("/events/", event).await.status, 201);
        }
        let path = format!("/scheduling/free-busy/{}/ics/?{DAY}", ann.id);
        let said = bob.get(&path).await;
        let text = said.body.as_str().unwrap().replace("\r\n ", "");
        let lines: Vec<&str> = text.split("\r\n").collect();
        let expected = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Convene//Convene//EN",
            "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
            "BEGIN:VFREEBUSY",
            &format!("UID:free-busy-{}-1767571200-1767657600", ann.id),
            "DTSTAMP:20260105T060000Z",
            "ORGANIZER;CN=ann:mailto:ann@example.org",
            "DTSTART:20260105T000000Z",
            "DTEND:20260106T000000Z",
            "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260105T000000Z/20260105T080000Z",
            "FREEBUSY;FBTYPE=BUSY:20260105T100000Z/20260105T113000Z",
            "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260105T113000Z/20260105T120000Z",
            "FREEBUSY;FBTYPE=BUSY:20260105T153000Z/20260105T170000Z",
            "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260105T170000Z/20260106T000000Z",
            "END:VFREEBUSY",
            "END:VCALENDAR",
            "",
        ];
        assert_eq!(lines, expected);
        check_readers(said.body.as_str().unwrap(), &expected[11..16]);
        // Without a session no address is told; who is not public is not told of.
        let get = async |path: &str| server.client.get(format!("{}{path}", server.base)).send().await.unwrap();
        let stranger = get(&path).await;
        assert_eq!(stranger.headers()["content-type"], "text/calendar; charset=utf-8");
        let text = stranger.text().await.unwrap();
        assert!(text.contains("FBTYPE=BUSY:") && !text.contains('@') && !text.contains("secret"), "{text}");
        assert_eq!(get(&format!("/scheduling/free-busy/{}/ics/?{DAY}", bob.id)).await.status(), 401);
        assert_eq!(
            ann.get("/scheduling/free-busy/99/ics/?start=2026-01-05T00:00:00Z&end=2026-01-06T00:00:00Z").await.status,
            400
        );
        assert_eq!(ann.get(&format!("/scheduling/free-busy/{}/ics/?start=2026&end=2027", ann.id)).await.status, 400);
        check_cli(server);
    })
    .await;
}

/// Independent programs read the same periods.
fn check_readers(text: &str, lines: &[&str]) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let said = succeed(python_tool("python").arg(project("tests/programs/free_busy.py")).arg(file.path()));
    let read = |name: &str| {
        let line = |line: &&str| line.replace("FREEBUSY;FBTYPE=", &format!("{name} ")).replacen(':', " ", 1) + "\n";
        lines.iter().map(line).collect::<String>()
    };
    assert_eq!(said, read("libical") + &read("icalendar"));
}

fn check_cli(server: &Server) {
    let run = |user: &str| {
        let url = &server.database.as_ref().unwrap().url;
        Command::new(env!("CARGO_BIN_EXE_convene"))
            .args(["free-busy", "--user", user, "--start", "2026-01-05T00:00:00Z", "--end", "2026-01-06T00:00:00Z"])
            .args(["--log", "off", "--database-url", url])
            .output()
            .unwrap()
    };
    let printed = String::from_utf8(run("Ann").stdout).unwrap();
    assert!(printed.contains("FREEBUSY;FBTYPE=BUSY:20260105T100000Z/20260105T113000Z\r\n"), "{printed}");
    let nobody = run("nobody");
    assert!(!nobody.status.success());
    assert_eq!(String::from_utf8(nobody.stderr).unwrap(), "convene: there is no user nobody\n");
}
