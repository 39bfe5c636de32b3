//! Programs that subscribe to feeds, for real: `make tools` installs them.

use std::path::Path;
use std::process::Command;

use convene::metrics::FeedAnswer;
use serde_json::json;

use super::{advance, make, publish_full};
use crate::http::server::{TestServer, on_both};
use crate::program::{python_tool, succeed};

/// vdirsyncer, which mirrors a feed into a folder, and khal, which shows that folder.
struct Mirror {
    folder: tempfile::TempDir,
}

impl Mirror {
    fn of(server: &TestServer, path: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().display().to_string();
        let url = format!("http://{}{path}", server.address);
        let vdirsyncer = format!(
            "[general]\nstatus_path = \"{home}/status\"\n\n[pair feed]\na = \"there\"\nb = \"here\"\ncollections = null\n\n\
             [storage there]\ntype = \"http\"\nurl = \"{url}\"\n\n\
             [storage here]\ntype = \"filesystem\"\npath = \"{home}/events\"\nfileext = \".ics\"\n"
        );
        let khal = format!(
            "[calendars]\n[[feed]]\npath = {home}/events\n\n[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\n\
             longdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n\
             default_timezone = Europe/Berlin\nlocal_timezone = Europe/Berlin\n\n[sqlite]\npath = {home}/khal.db\n"
        );
        std::fs::write(folder.path().join("vdirsyncer.conf"), vdirsyncer).unwrap();
        std::fs::write(folder.path().join("khal.conf"), khal).unwrap();
        std::fs::create_dir(folder.path().join("events")).unwrap();
        let mirror = Self { folder };
        succeed(mirror.vdirsyncer().args(["discover", "feed"]));
        mirror
    }

    /// Fetches the feed, and answers what is shown from then on: `start end title` of each occurrence.
    fn shown(&self) -> Vec<String> {
        succeed(self.vdirsyncer().args(["sync", "feed"]));
        let format = ["--format", "{start} {end} {title}", "--day-format", "", "2026-01-01", "60d"];
        let said = succeed(self.run("khal").arg("-c").arg(self.path().join("khal.conf")).arg("list").args(format));
        said.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    fn vdirsyncer(&self) -> Command {
        let mut command = self.run("vdirsyncer");
        command.arg("-c").arg(self.path().join("vdirsyncer.conf"));
        command
    }

    fn run(&self, program: &str) -> Command {
        let mut command = python_tool(program);
        command.env("HOME", self.path()).env("LC_ALL", "C.UTF-8").env("NO_PROXY", "*");
        command
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vdirsyncer_and_khal_show_a_feed_and_what_changes_in_it() {
    on_both(async |server| {
        let alice = server.user_in("alice", "Europe/Berlin").await;
        let weekly = json!({
            "title": "Weekly",
            "start_time": "2026-01-05T09:00:00",
            "end_time": "2026-01-05T10:00:00",
            "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"]
        });
        let weekly = make(&alice, weekly).await;
        let holiday =
            json!({ "title": "Holiday", "all_day": true, "start_date": "2026-01-06", "end_date": "2026-01-07" });
        let holiday = make(&alice, holiday).await;
        let mirror = Mirror::of(server, &publish_full(&alice).await);
        assert_eq!(
            mirror.shown(),
            [
                "2026-01-05 09:00 2026-01-05 10:00 Weekly",
                "2026-01-06 2026-01-06 Holiday",
                "2026-01-12 09:00 2026-01-12 10:00 Weekly",
                "2026-01-19 09:00 2026-01-19 10:00 Weekly",
            ]
        );
        advance(server, 60);
        let series = format!("/api/events/{}/", weekly["id"]);
        let moved = json!({ "title": "Moved", "start_time": "2026-01-12T14:00:00", "end_time": "2026-01-12T15:00:00" });
        alice.patch(&format!("{series}occurrences/20260112T080000Z/"), &moved).await.is(200);
        alice.delete(&format!("{series}occurrences/20260119T080000Z/")).await.is(204);
        alice.patch(&format!("/api/events/{}/", holiday["id"]), &json!({ "title": "Work after all" })).await.is(200);
        assert_eq!(
            mirror.shown(),
            [
                "2026-01-05 09:00 2026-01-05 10:00 Weekly",
                "2026-01-06 2026-01-06 Work after all",
                "2026-01-12 14:00 2026-01-12 15:00 Moved",
            ]
        );
        alice.delete(&series).await.is(204);
        assert_eq!(mirror.shown(), ["2026-01-06 2026-01-06 Work after all"]);
        let seen = alice.get("/api/feeds/").await.is(200)[0]["last_used_by"].clone();
        assert!(seen.as_str().unwrap().contains("vdirsyncer"), "{seen}");
    })
    .await;
}

/// A program with an HTTP cache (RFC 9111): fetches, and says the status that the server gave and how often a title comes.
const CACHING: &str = "
import sys, cachecontrol, cachecontrol.caches.file_cache, requests
url, folder, title = sys.argv[1:]
seen = []
class Adapter(cachecontrol.CacheControlAdapter):
    def build_response(self, request, response, from_cache=False, cacheable_methods=None):
        seen.append('cache' if from_cache else response.status)
        return super().build_response(request, response, from_cache, cacheable_methods)
session = requests.Session()
session.trust_env = False
session.mount('http://', Adapter(cache=cachecontrol.caches.file_cache.FileCache(folder)))
text = session.get(url).text
print(*seen, text.count('SUMMARY:' + title))
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_with_a_cache_polls_an_unchanged_feed_for_nothing() {
    on_both(async |server| {
        let alice = server.user("alice").await;
        let made = make(&alice, super::meeting("Kickoff")).await;
        let url = format!("http://{}{}", server.address, publish_full(&alice).await);
        let folder = tempfile::tempdir().unwrap();
        let poll = |title: &str| {
            let said = succeed(python_tool("python").args(["-c", CACHING, &url]).arg(folder.path()).arg(title));
            said.trim().to_owned()
        };
        let took = |answer| server.app.metrics.feeds(answer);
        assert_eq!(poll("Kickoff"), "200 1");
        for _ in 0..2 {
            assert_eq!(poll("Kickoff"), "304 1");
        }
        assert_eq!((took(FeedAnswer::Made), took(FeedAnswer::Unchanged)), (1, 2), "nothing was read or written again");
        alice.patch(&format!("/api/events/{}/", made["id"]), &json!({ "title": "Changed" })).await.is(200);
        assert_eq!(poll("Changed"), "200 1");
        assert_eq!(poll("Changed"), "304 1");
        assert_eq!((took(FeedAnswer::Made), took(FeedAnswer::Unchanged)), (2, 3));
    })
    .await;
}
