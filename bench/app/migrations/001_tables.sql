CREATE TABLE item (
    id    INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    price INTEGER NOT NULL,
    stock INTEGER NOT NULL
);
CREATE TABLE news (
    id   INTEGER PRIMARY KEY,
    body TEXT NOT NULL
);
CREATE TABLE event (
    id     INTEGER PRIMARY KEY,
    device INTEGER NOT NULL,
    body   TEXT NOT NULL
);

INSERT INTO news VALUES (1, 'nothing yet');

-- the titles, prices and stocks of bench/peers/items.mjs; enough of them that a page of 50 can start anywhere below 10,000
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000),
adjective(k, word) AS (VALUES (0, 'pretty'), (1, 'large'), (2, 'small'), (3, 'tall'), (4, 'plain'), (5, 'quaint'), (6, 'clean')),
colour(k, word) AS (VALUES (0, 'red'), (1, 'yellow'), (2, 'blue'), (3, 'green'), (4, 'black & white')),
noun(k, word) AS (VALUES (0, 'table'), (1, 'chair'), (2, 'lamp'), (3, 'desk'), (4, 'kettle'), (5, 'bench'), (6, 'shelf'), (7, 'stool'), (8, 'mirror'), (9, 'rug'), (10, 'clock'))
INSERT INTO item (id, title, price, stock)
SELECT i, adjective.word || ' ' || colour.word || ' ' || noun.word, (i * 7919) % 100000 + 99, (i * 31) % 97
FROM n
JOIN adjective ON adjective.k = (i * 13) % 7
JOIN colour ON colour.k = (i * 17) % 5
JOIN noun ON noun.k = (i * 19) % 11;
