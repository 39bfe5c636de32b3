use std::time::Duration;

use tokio::sync::watch;

/// Where word comes from that the server is to stop.
#[derive(Debug)]
pub struct Tell(watch::Sender<bool>);

/// Word that the server is to stop, for any number of listeners. It counts as given when its [`Tell`] is gone.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Tell {
    /// Gives the word.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// The two ends.
    pub fn new() -> (Tell, Self) {
        let (tell, told) = watch::channel(false);
        (Tell(tell), Self(told))
    }

    /// Ends when the word is given, at once where it was.
    pub async fn told(&self) {
        // An error says that nobody is left to give it.
        self.0.clone().wait_for(|is_told| *is_told).await.map(drop).unwrap_or_default();
    }

    /// Ends so long after the word.
    pub(super) async fn patience_over(&self, patience: Duration) {
        self.told().await;
        tokio::time::sleep(patience).await;
    }
}
