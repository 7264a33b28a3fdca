//! Reading back, for the API.
