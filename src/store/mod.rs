//! One store: SQLite, migrations, and every query.
