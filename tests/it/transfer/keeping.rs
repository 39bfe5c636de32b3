//! What went in comes out: an edit of the title by JSON touches nothing else.

use serde_json::json;

use super::files::{FILES, folded};
use super::{counts, export, import, lines};
use crate::http::server::on_both;

/// All lines but those that an edit of the title may write anew in the event itself.
fn kept(lines: &[String]) -> Vec<&String> {
    let mut depth = 0;
    let mut kept = Vec::new();
    for line in lines {
        depth += i32::from(line.starts_with("BEGIN:"));
        let is_stamp = ["SUMMARY", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE"].iter().any(|name| line.starts_with(name));
        if depth > 1 || !is_stamp {
            kept.push(line);
        }
        depth -= i32::from(line.starts_with("END:"));
    }
    kept
}

/// The unfolded lines of all events, sorted by event where `by_uid`.
fn events(text: &str) -> Vec<String> {
    let all = lines(text);
    let first = all.iter().position(|line| line == "BEGIN:VEVENT").unwrap();
    all[first..].iter().filter(|line| *line != "END:VCALENDAR").cloned().collect()
}

#[tokio::test]
async fn every_other_line_is_there_byte_for_byte_after_the_title_changed() {
    on_both(async |server| {
        for (name, file) in FILES.iter().filter(|(_, file)| file.contains("BEGIN:VEVENT")) {
            // At each of these widths other characters lie across a fold.
            for width in [75, 20, 21, 22, 23] {
                let ann = server.user(&format!("{}{width}", name.replace('.', "-"))).await;
                // A zone's name in Windows is the one thing that is translated.
                let before = events(&file.replace("\"W. Europe Standard Time\"", "Europe/Berlin"));
                let report = import(&ann, folded(file, width)).await;
                assert_eq!(report["skipped"], 0, "{name}: {report:#}");
                assert_eq!(events(&export(&ann).await), before, "{name} as it came");
                for event in ann.get("/api/events/").await.is(200).as_array().unwrap() {
                    let path = format!("/api/events/{}/", event["id"]);
                    ann.patch(&path, &json!({ "title": "Another" })).await.is(200);
                }
                let after = events(&export(&ann).await);
                assert_eq!(kept(&after), kept(&before), "{name}, folded at {width}");
                assert!(
                    after.contains(&"SUMMARY:Another".to_owned())
                        || after.iter().any(|line| line.starts_with("SUMMARY;LANGUAGE") && line.ends_with(":Another"))
                );
                assert_eq!(counts(&import(&ann, export(&ann).await).await)[..2], [0, 0], "{name}");
            }
        }
    })
    .await;
}
