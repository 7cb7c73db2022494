//! Grouping reports of one event into stories, and stories into threads.
