//! Single stories that random worlds seldom tell.
