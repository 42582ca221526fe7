CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    message TEXT NOT NULL
);
