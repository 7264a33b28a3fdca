//! What is generated from `proto/`: messages, the gRPC stubs of the services `Fetch` ([`fetch_server`], [`fetch_client`])
//! and `Webhooks` ([`webhooks_server`], [`webhooks_client`]), and their description for reflection.
//!
//! These types stop at the edge of a service: inside we use our own.

// The words are in the proto files; what the generator adds of its own has none.
#![allow(missing_docs, clippy::all, rust_2018_idioms)]

use std::fmt;

tonic::include_proto!("pacer_fetch.v1");

/// The description of all messages and services, encoded, for gRPC reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/pacer_fetch.v1.bin"));

/// Messages that carry a secret show nothing but their name and what cannot be one.
macro_rules! shown_as {
    ($($name:ident { $($field:ident),* }),* $(,)?) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter
                    .debug_struct(stringify!($name))
                    $(.field(stringify!($field), &self.$field))*
                    .finish_non_exhaustive()
            }
        }
    )*};
}

shown_as! {
    SubmitRequest { request_type, court, docket, docket_number, pacer_case_id, recap_document, options, lane, not_before },
    LogInRequest {},
    LoginBox { user_id },
    Credentials {},
    SessionContent { user_id, expires_at_ms },
    OpenLoginContent {},
    Webhook { id, url, enabled },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_signing_secret_is_shown() {
        let webhook = Webhook {
            id: 7,
            secret: "whsec_canary".to_owned(),
            ..Webhook::default()
        };
        let shown = format!("{webhook:?}");
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn no_login_is_shown() {
        let text = || "canary".to_owned();
        let login = LogInRequest {
            pacer_username: text(),
            pacer_password: text(),
            client_code: Some(text()),
            otp_code: Some(text()),
        };
        let request = SubmitRequest {
            pacer_username: text(),
            pacer_password: text(),
            client_code: Some(text()),
            otp_code: Some(text()),
            ..SubmitRequest::default()
        };
        let shown = format!("{login:?} {request:?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}
