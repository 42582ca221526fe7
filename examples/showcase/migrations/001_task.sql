CREATE TABLE task (
    id       INTEGER PRIMARY KEY,
    board_id TEXT NOT NULL,
    title    TEXT NOT NULL,
    col      TEXT NOT NULL CHECK (col IN ('todo', 'done'))
);
CREATE INDEX task_board ON task (board_id, id);

INSERT INTO task (board_id, title, col) VALUES
    ('b1', 'Sow the beans', 'done'),
    ('b1', 'Water the tomatoes', 'todo'),
    ('b1', 'Mend the gate', 'todo');
