BEGIN TRANSACTION;
CREATE TABLE olo_audit (
	id INTEGER NOT NULL, 
	"key" VARCHAR(32) NOT NULL, 
	at BIGINT NOT NULL, 
	who TEXT NOT NULL, 
	action TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	"before" TEXT, 
	"after" TEXT, 
	outcome TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE ("key")
);
INSERT INTO "olo_audit" VALUES(1,'879ce672da5247c3ae6e192d0a51711e',1795885602093265,'ana','tag','table/dev.gold.delays',NULL,'{"name": "M\u00e4rz"}','done','');
INSERT INTO "olo_audit" VALUES(2,'23830157523a4c26a8effeec51aed0c0',1795885602093294,'bo','deploy','job/daily',NULL,NULL,'failed','no rights');
CREATE TABLE olo_events (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	"key" VARCHAR(32) NOT NULL, 
	at BIGINT NOT NULL, 
	schema_id TEXT NOT NULL, 
	data TEXT NOT NULL, 
	UNIQUE ("key")
);
INSERT INTO "olo_events" VALUES(1,'bd5bcfc373e54d6e988138734857bcfc',1795885602206551,'urn:olo-jupyter:run-changed:v1','{"run": {"id": "r1"}}');
INSERT INTO "olo_events" VALUES(2,'72db842f42d849089417f2397386d224',1795885602206551,'urn:olo-jupyter:run-changed:v1','{"run": {"id": "r2"}}');
CREATE TABLE olo_memory (
	name VARCHAR(64) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "olo_memory" VALUES('poller','7');
CREATE TABLE olo_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT olo_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "olo_version" VALUES('0001');
CREATE INDEX olo_audit_at ON olo_audit (at);
CREATE INDEX olo_audit_subject ON olo_audit (subject, id);
CREATE INDEX olo_events_at ON olo_events (at);
CREATE TRIGGER olo_audit_no_update BEFORE UPDATE ON olo_audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER olo_audit_no_delete BEFORE DELETE ON olo_audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
COMMIT;
