//! What is said inside MLS.
