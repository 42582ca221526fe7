CREATE TABLE idea_author (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    bed  TEXT NOT NULL
);
CREATE TABLE idea (
    id        INTEGER PRIMARY KEY,
    title     TEXT NOT NULL,
    words     TEXT NOT NULL,
    author_id INTEGER NOT NULL REFERENCES idea_author (id)
);
INSERT INTO idea_author VALUES
    (1, 'Ada Moss', 'the herb bed'),
    (2, 'Ines Reed', 'the pond'),
    (3, 'Tom Thorn', 'the hedge');
INSERT INTO idea VALUES
    (1, 'Collect the rain', 'A barrel under the shed’s gutter fills in one wet night, and waters the beans for a week.', 1),
    (2, 'A wall for the wrens', 'Stones laid dry, with gaps as wide as a thumb, on the side that the wind does not find.', 3),
    (3, 'Seeds in a drawer', 'Sorted by the week in which they are sown, not by name: one looks there once, and sows.', 1),
    (4, 'A plank over the pond', 'What falls in climbs out. What hunts at dusk has a place to wait.', 2),
    (5, 'Mow a path only', 'The rest may stand until the seeds have dropped. One walks, and the grass hums.', 2),
    (6, 'Compost in three boxes', 'One to fill, one to turn, one to take from; a year from the first to the last.', 3),
    (7, 'A bench where it is cold', 'In August everybody wants to sit there.', 1);
