//! Askama views: a frozen digest and a subscriber in, subject, text and HTML out.
