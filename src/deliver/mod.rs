//! Messages, channels (SMTP, file, memory) and the retry schedule.
