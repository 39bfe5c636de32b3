//! Why there is nothing to show for a fetch. Each is one sentence for the owner of a subscription, who sees neither
//! addresses of the operator's network nor secrets in it.

use jiff::Timestamp;

/// Why a calendar was not fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It must not be asked for.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Its host has no address.
    #[error("the host has no address: check how its name is written")]
    Unresolvable,
    /// No connection.
    #[error("no connection to the server: it may be down, or does not listen on that port")]
    Unreachable,
    /// Something listens there, and does not speak TLS.
    #[error("the server does not speak https there: write http:// if that is meant")]
    NoTls,
    /// Something speaks TLS there, and nothing that both understand.
    #[error("the server and this one could not agree on a secure connection")]
    Handshake,
    /// TLS without a certificate that can be trusted.
    #[error("the server's certificate is not trusted: it has expired, is for another name or of an unknown issuer")]
    Untrusted,
    /// What answers does not speak HTTP, hangs up, or sends a head of enormous size.
    #[error("the server gave no answer that can be understood as HTTP")]
    NotHttp,
    /// No answer, or no end of it, in time.
    #[error("the server is too slow: the calendar did not come in time")]
    TooSlow,
    /// More bytes than the bound, before or after decompression.
    #[error("the calendar is too large: at most {limit} bytes are read")]
    TooLarge {
        /// The bound.
        limit: usize,
    },
    /// More redirects than the bound.
    #[error("the server redirects more than {limit} times")]
    TooManyRedirects {
        /// The bound.
        limit: usize,
    },
    /// A redirect to nowhere.
    #[error("the server redirects to something that is not an address")]
    BadRedirect,
    /// A body that cannot be decompressed.
    #[error("the server sends a body that cannot be decompressed")]
    BadEncoding,
    /// A body that ends before its end.
    #[error("the connection broke before all of the calendar had come")]
    CutOff,
    /// 410: it will not come back.
    #[error("the server says that the calendar is gone for good (410)")]
    Gone,
    /// Any other answer than the calendar.
    #[error("the server answers {code}{}", hint(*code))]
    Status {
        /// The HTTP status.
        code: u16,
        /// When the server wants to be asked again.
        retry_after: Option<Timestamp>,
    },
}

/// Why an address must not be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A redirect to something else than http and https.
    #[error("the server redirects to an address that is neither http nor https")]
    Scheme,
    /// A port that is not among those allowed.
    #[error("port {0} is not allowed: use an address without a port, or ask the operator to allow it")]
    Port(u16),
    /// An address of a network that is not public.
    #[error("the host is not on the public internet: only the operator of this server can allow its address")]
    Address,
    /// A password would go over the line in clear.
    #[error(
        "the user name and password would be sent unencrypted: use an address that is served by https, or write http:// to allow it"
    )]
    Unencrypted,
}

fn hint(code: u16) -> &'static str {
    match code {
        401 | 403 | 407 => ": it wants a user name and password, or others than these",
        404 => ": there is no calendar at this address",
        429 => ": it was asked too often",
        500..=599 => ": it has trouble of its own",
        _ => " where a calendar was expected",
    }
}
