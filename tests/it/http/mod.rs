//! The API as a client sees it: the real server, over HTTP, on each database.

mod access;
mod accounts;
mod calendars;
mod client;
mod events;
mod seed;
mod server;
