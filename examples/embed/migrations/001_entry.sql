CREATE TABLE entry (
    id      INTEGER PRIMARY KEY,
    number  INTEGER NOT NULL,
    celsius REAL NOT NULL
);
