//! Written examples: the contract's, and one per clause of the question.
