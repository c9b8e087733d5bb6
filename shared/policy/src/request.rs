//! What a function was asked to do: a schedule's wake-up, an event of AWS's, or a person's request.
