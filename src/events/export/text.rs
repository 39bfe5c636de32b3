//! The text of an export, made while it is sent: however long it is, little of it is in memory.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::pages::Pages;
use crate::events::EventError;
use crate::ical::{self, CalendarHead, ZoneUses};
use crate::storage::Conn;
use crate::storage::calendars::Calendar;

/// The text of an export, piece by piece.
#[derive(Debug, Default)]
pub struct ExportText(Pieces);

#[derive(Debug, Default)]
enum Pieces {
    Whole(Option<Bytes>),
    Coming {
        pieces: mpsc::Receiver<Piece>,
        length: usize,
    },
    #[default]
    Over,
}

/// What the side that makes the text says. That it falls silent is no end: a calendar that is cut off must not pass for one.
#[derive(Debug)]
enum Piece {
    Text(Bytes),
    End,
    Fault(EventError),
}

impl ExportText {
    /// How many bytes it has. Whoever gets fewer knows that it broke off.
    pub fn length(&self) -> usize {
        match &self.0 {
            Pieces::Whole(text) => text.as_ref().map_or(0, Bytes::len),
            Pieces::Coming { length, .. } => *length,
            Pieces::Over => 0,
        }
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// The rest cannot be had; what came before is no calendar.
    pub async fn next(&mut self) -> Result<Option<Bytes>, EventError> {
        let piece = match &mut self.0 {
            Pieces::Whole(text) => return Ok(text.take()),
            Pieces::Coming { pieces, .. } => pieces.recv().await,
            Pieces::Over => return Ok(None),
        };
        if let Some(Piece::Text(text)) = piece {
            return Ok(Some(text));
        }
        self.0 = Pieces::Over;
        match piece {
            Some(Piece::End) => Ok(None),
            Some(Piece::Fault(error)) => Err(error),
            _ => Err(EventError::Machine("the export broke off".to_owned())),
        }
    }

    fn whole(text: String) -> Self {
        Self(Pieces::Whole(Some(text.into())))
    }
}

/// What an export is made from.
pub(super) struct Making {
    /// The snapshot that all of it is read from.
    pub conn: Conn,
    pub pages: Pages,
    /// The one calendar that is exported, if it is one.
    pub calendar: Option<Calendar>,
    /// A text up to so many bytes is made at once, and the database is left before the first byte is sent.
    pub whole: usize,
    /// How long a piece of a megabyte may wait for a slow reader: the database is not held for longer (see
    /// [`DbOptions::statement_timeout`](crate::storage::DbOptions)).
    pub patience: Duration,
}

/// The beginning of the making: the objects are looked through for the zones that they name.
pub(super) enum Begun {
    /// The text is short, and done.
    Done(ExportText),
    /// The text is to be made while it is sent.
    Long(Box<Long>),
}

/// What is known of a long text before it is made.
pub(super) struct Long {
    making: Making,
    /// What stands before the objects.
    opening: String,
    length: usize,
}

impl Making {
    /// Reads all objects once; as long as they are few their text is made at the same time.
    ///
    /// # Errors
    /// `Storage`, `Damaged`, `Machine`.
    pub async fn begin(mut self) -> Result<Begun, EventError> {
        let (mut zones, mut length, mut body) = (ZoneUses::default(), 0, Some(String::new()));
        while let Some(page) = self.pages.next(&mut self.conn).await? {
            for object in page {
                length += zones.note_stored(&object)?;
                if let Some(body) = &mut body {
                    ical::push_stored(body, &object)?;
                }
            }
            body = body.filter(|body| body.len() <= self.whole);
        }
        let opening = head(self.calendar.as_ref()).opening(&zones);
        let Some(body) = body else {
            self.pages.rewind();
            length += opening.len() + ical::CLOSING.len();
            return Ok(Begun::Long(Box::new(Long { making: self, opening, length })));
        };
        let mut text = opening;
        text.reserve_exact(body.len() + ical::CLOSING.len());
        text.push_str(&body);
        text.push_str(ical::CLOSING);
        Ok(Begun::Done(ExportText::whole(text)))
    }

    async fn pieces(&mut self, opening: String, sender: &mpsc::Sender<Piece>) -> Result<(), EventError> {
        let patience = self.patience;
        let put = |text| put(sender, text, patience);
        put(opening).await?;
        while let Some(page) = self.pages.next(&mut self.conn).await? {
            let mut text = String::with_capacity(page.iter().map(|object| object.len() + object.len() / 16).sum());
            for object in page {
                ical::push_stored(&mut text, &object)?;
            }
            put(text).await?;
        }
        put(ical::CLOSING.to_owned()).await
    }
}

impl Long {
    /// Makes the text on the way, as fast as it is taken.
    pub fn send(self: Box<Self>, turn: OwnedSemaphorePermit) -> ExportText {
        let (sender, pieces) = mpsc::channel(AHEAD);
        let Self { mut making, opening, length } = *self;
        tokio::spawn(async move {
            let last = match making.pieces(opening, &sender).await {
                Ok(()) => Piece::End,
                Err(error) => {
                    tracing::warn!(%error, "an export broke off: {error}");
                    Piece::Fault(error)
                }
            };
            drop((turn, making));
            // Where nobody listens any more, nobody takes what came for a calendar.
            sender.send(last).await.unwrap_or_default();
        });
        ExportText(Pieces::Coming { pieces, length })
    }
}

async fn put(sender: &mpsc::Sender<Piece>, text: String, patience: Duration) -> Result<(), EventError> {
    if text.is_empty() {
        return Ok(());
    }
    match tokio::time::timeout(patience, sender.send(Piece::Text(text.into()))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(EventError::Machine("the reader has gone".to_owned())),
        Err(_) => Err(EventError::Machine("the reader is too slow".to_owned())),
    }
}

fn head(calendar: Option<&Calendar>) -> CalendarHead<'_> {
    CalendarHead {
        name: calendar.map(|calendar| calendar.name.as_str()),
        description: calendar.map(|calendar| calendar.description.as_str()).filter(|text| !text.is_empty()),
        ..CalendarHead::default()
    }
}

/// Pieces that wait to be sent.
const AHEAD: usize = 1;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn only_what_is_said_to_be_the_end_is_one() {
        let text = || Piece::Text(Bytes::from_static(b"BEGIN:VCALENDAR\r\n"));
        let fault = || Piece::Fault(EventError::Damaged("it".to_owned()));
        for (pieces, is_whole) in [
            (vec![text(), text(), Piece::End], true),
            (vec![text()], false),
            (vec![text(), fault()], false),
            (vec![], false),
        ] {
            let (sender, receiver) = mpsc::channel(3);
            let texts = pieces.iter().filter(|piece| matches!(piece, Piece::Text(_))).count();
            for piece in pieces {
                sender.send(piece).await.unwrap();
            }
            drop(sender);
            let mut text = ExportText(Pieces::Coming { pieces: receiver, length: 0 });
            for _ in 0..texts {
                assert!(text.next().await.unwrap().is_some());
            }
            assert_eq!(text.next().await.is_ok_and(|piece| piece.is_none()), is_whole);
        }
    }
}
