//! Laws of the ground floor.
