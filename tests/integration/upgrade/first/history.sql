BEGIN TRANSACTION;
CREATE TABLE statements (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, user TEXT NOT NULL, workspace TEXT NOT NULL, engine TEXT NOT NULL,
    sql TEXT NOT NULL, parameters TEXT NOT NULL, as_of TEXT NOT NULL, snapshots TEXT NOT NULL DEFAULT '{}',
    written TEXT NOT NULL DEFAULT '{}', rows INTEGER, bytes INTEGER, seconds REAL, state TEXT NOT NULL,
    error TEXT NOT NULL DEFAULT '', query_id TEXT NOT NULL DEFAULT '', notebook TEXT NOT NULL, cell TEXT NOT NULL,
    fingerprint TEXT NOT NULL DEFAULT '', host TEXT NOT NULL, process TEXT NOT NULL
);
INSERT INTO "statements" VALUES(1,'2026-11-28T17:06:15.382+00:00','ana','/home/ana/shop','embedded','CREATE SCHEMA silver','{}','','{}','{}',0,0,7.2027918700041482225e-01,'finished','','20261128_170615_00001_9efb6','','','','laptop','24752/5665343');
INSERT INTO "statements" VALUES(2,'2026-11-28T17:06:16.364+00:00','ana','/home/ana/shop','embedded','CREATE TABLE silver.items AS SELECT * FROM (VALUES (1, ''pen''), (2, ''ink'')) AS t (id, name)','{}','','{}','{"dev.silver.items": 2477829058695660071}',2,0,1.36948095998377539217e-01,'finished','','20261128_170616_00002_9efb6','','','','laptop','24752/5665343');
INSERT INTO "statements" VALUES(3,'2026-11-28T17:06:16.520+00:00','ana','/home/ana/shop','embedded','SELECT name FROM silver.items WHERE id = :id','{"id": 2}','','{"dev.silver.items": 2477829058695660071}','{}',1,893,1.34665329969720914959e-02,'finished','','20261128_170616_00003_9efb6','','','','laptop','24752/5665343');
INSERT INTO "statements" VALUES(4,'2026-11-28T17:06:16.536+00:00','ana','/home/ana/shop','embedded','SELECT nam FROM silver.items','{}','','{}','{}',NULL,NULL,2.31709299987414851784e-03,'failed','column-not-found: Column ''nam'' cannot be resolved','','','','','laptop','24752/5665343');
CREATE TABLE version (number INTEGER NOT NULL);
INSERT INTO "version" VALUES(1);
CREATE INDEX statements_by_start ON statements (started DESC);
COMMIT;
